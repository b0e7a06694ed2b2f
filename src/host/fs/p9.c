/* p9.c - see p9.h.
 * Source: the protocol 9P2000.L as the diod project's protocol.md describes it; Plan 9's intro(5) for what it builds on. */
#include "config.h"

#include "host/fs/p9.h"

#include <string.h>

guint64
p9_get (P9Reader *reader, guint size)
{
  guint64 value = 0;

  if ((gsize) (reader->end - reader->at) < size)
    {
      reader->bad = TRUE;
      reader->at = reader->end;
      return 0;
    }
  for (guint i = 0; i < size; i++)
    value |= (guint64) reader->at[i] << 8 * i;
  reader->at += size;
  return value;
}

const guint8 *
p9_get_bytes (P9Reader *reader, gsize size)
{
  const guint8 *bytes = reader->at;

  if ((gsize) (reader->end - reader->at) < size)
    {
      reader->bad = TRUE;
      reader->at = reader->end;
    }
  else
    reader->at += size;
  return bytes;
}

char *
p9_get_string (P9Reader *reader)
{
  gsize size = (gsize) p9_get (reader, 2);
  const guint8 *bytes = p9_get_bytes (reader, size);

  if (!reader->bad && memchr (bytes, 0, size) != NULL)
    reader->bad = TRUE;
  return reader->bad ? g_strdup ("") : g_strndup ((const char *) bytes, size);
}

char *
p9_get_name (P9Reader *reader)
{
  char *name = p9_get_string (reader);

  if (name[0] == '\0' || strchr (name, '/') != NULL || strlen (name) > P9_MOST_NAME)
    reader->bad = TRUE;
  return name;
}

void
p9_put (GByteArray *message, guint size, guint64 value)
{
  guint8 bytes[8];

  for (guint i = 0; i < size; i++)
    bytes[i] = (guint8) (value >> 8 * i);
  g_byte_array_append (message, bytes, size);
}

void
p9_put_string (GByteArray *message, const char *text)
{
  gsize size = MIN (strlen (text), G_MAXUINT16);

  p9_put (message, 2, size);
  g_byte_array_append (message, (const guint8 *) text, (guint) size);
}

void
p9_put_qid (GByteArray *message, const P9Qid *qid)
{
  p9_put (message, 1, qid->type);
  p9_put (message, 4, qid->version);
  p9_put (message, 8, qid->path);
}

void
p9_set (GByteArray *message, gsize offset, guint size, guint64 value)
{
  for (guint i = 0; i < size; i++)
    message->data[offset + i] = (guint8) (value >> 8 * i);
}
