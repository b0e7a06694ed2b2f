/* text.c - hexadecimal in and out. */
#include "config.h"

#include "gdbstub/text.h"

#include <stdarg.h>
#include <string.h>

gboolean
astern_gdb_at_end (const AsternGdbCursor *in)
{
  return in->at == in->end;
}

gboolean
astern_gdb_take_char (AsternGdbCursor *in, char c)
{
  if (in->at == in->end || *in->at != c)
    return FALSE;
  in->at++;
  return TRUE;
}

gboolean
astern_gdb_take_word (AsternGdbCursor *in, const char *word)
{
  gsize size = strlen (word);

  if ((gsize) (in->end - in->at) < size || memcmp (in->at, word, size) != 0)
    return FALSE;
  in->at += size;
  return TRUE;
}

gboolean
astern_gdb_take_hex (AsternGdbCursor *in, guint64 *value)
{
  const char *at = in->at;
  guint64 sum = 0;

  while (at < in->end && g_ascii_isxdigit (*at))
    {
      if (at - in->at == 16)
        return FALSE;
      sum = sum << 4 | (guint64) g_ascii_xdigit_value (*at++);
    }
  if (at == in->at)
    return FALSE;
  in->at = at;
  *value = sum;
  return TRUE;
}

static gboolean
take_byte (AsternGdbCursor *in, guint8 *byte)
{
  if (in->end - in->at < 2 || !g_ascii_isxdigit (in->at[0]) || !g_ascii_isxdigit (in->at[1]))
    return FALSE;
  *byte = (guint8) (g_ascii_xdigit_value (in->at[0]) << 4 | g_ascii_xdigit_value (in->at[1]));
  in->at += 2;
  return TRUE;
}

GByteArray *
astern_gdb_take_bytes (AsternGdbCursor *in)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8 byte;

  while (take_byte (in, &byte))
    g_byte_array_append (bytes, &byte, 1);
  return bytes;
}

gboolean
astern_gdb_take_bytes_into (AsternGdbCursor *in, guint8 *data, gsize size)
{
  const char *start = in->at;

  for (gsize i = 0; i < size; i++)
    if (!take_byte (in, &data[i]))
      {
        in->at = start;
        return FALSE;
      }
  return TRUE;
}

char *
astern_gdb_take_until (AsternGdbCursor *in, char stop)
{
  const char *start = in->at;
  const char *found = in->at < in->end ? memchr (in->at, stop, (gsize) (in->end - in->at)) : NULL;

  in->at = found != NULL ? found + 1 : in->end;
  return g_strndup (start, (gsize) ((found != NULL ? found : in->end) - start));
}

void
astern_gdb_say (GByteArray *out, const char *text)
{
  g_byte_array_append (out, (const guint8 *) text, (guint) strlen (text));
}

void
astern_gdb_printf (GByteArray *out, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  astern_gdb_say (out, text);
}

void
astern_gdb_say_hex (GByteArray *out, gconstpointer data, gsize size)
{
  static const char digits[] = "0123456789abcdef";
  const guint8 *bytes = data;
  guint at = out->len;

  g_byte_array_set_size (out, at + (guint) size * 2);
  for (gsize i = 0; i < size; i++)
    {
      out->data[at + 2 * i] = (guint8) digits[bytes[i] >> 4];
      out->data[at + 2 * i + 1] = (guint8) digits[bytes[i] & 0xf];
    }
}

void
astern_gdb_say_hex_text (GByteArray *out, const char *text)
{
  astern_gdb_say_hex (out, text, strlen (text));
}
