/* text - reading a packet's arguments, and writing a reply.
 *
 * A cursor never runs past its end; what cannot be read leaves it where it was.
 *
 * Threads: one at a time. */
#pragma once

#include <glib.h>

typedef struct
{
  const char *at, *end;
} AsternGdbCursor;

gboolean astern_gdb_at_end       (const AsternGdbCursor *in);
/* Goes over @c. */
gboolean astern_gdb_take_char    (AsternGdbCursor *in, char c);
/* Goes over @word. */
gboolean astern_gdb_take_word    (AsternGdbCursor *in, const char *word);
/* One to sixteen hexadecimal digits, big end first. */
gboolean astern_gdb_take_hex     (AsternGdbCursor *in, guint64 *value);
/* Two digits for each byte, as many as come. */
GByteArray *astern_gdb_take_bytes (AsternGdbCursor *in);
/* Exactly @size bytes of two digits each. */
gboolean astern_gdb_take_bytes_into (AsternGdbCursor *in, guint8 *data, gsize size);
/* Up to @stop or the end; @stop itself is gone over.  Free it. */
char    *astern_gdb_take_until   (AsternGdbCursor *in, char stop);

void     astern_gdb_say          (GByteArray *out, const char *text);
void     astern_gdb_printf       (GByteArray *out, const char *format, ...) G_GNUC_PRINTF (2, 3);
void     astern_gdb_say_hex      (GByteArray *out, gconstpointer data, gsize size);
/* Text as two digits a byte. */
void     astern_gdb_say_hex_text (GByteArray *out, const char *text);
