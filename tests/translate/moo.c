/* moo.c - see moo.h. */
#include "config.h"

#include "moo.h"

#include <string.h>

typedef struct { const guint8 *at, *end; } Reader;

static guint
u8 (Reader *r)
{
  return r->at < r->end ? *r->at++ : 0;
}

static guint
u16 (Reader *r)
{
  guint low = u8 (r);

  return low | u8 (r) << 8;
}

static guint32
u32 (Reader *r)
{
  guint32 low = u16 (r);

  return low | (guint32) u16 (r) << 16;
}

/* The next chunk's payload; its tag, 4 characters, in @tag. */
static gboolean
next_chunk (Reader *r, char tag[5], Reader *payload)
{
  guint32 length;

  if (r->end - r->at < 8)
    return FALSE;
  memcpy (tag, r->at, 4);
  tag[4] = '\0';
  r->at += 4;
  length = u32 (r);
  payload->at = r->at;
  payload->end = r->at + MIN (length, (guint32) (r->end - r->at));
  r->at = payload->end;
  return TRUE;
}

static void
read_registers (Reader *r, guint16 *present, guint16 *registers)
{
  *present = (guint16) u16 (r);
  for (guint i = 0; i < MOO_N_REGISTERS; i++)
    if (*present >> i & 1)
      registers[i] = (guint16) u16 (r);
}

static void
read_state (Reader *r, MooState *state, MooTest *test)
{
  char tag[5];
  Reader payload;

  while (next_chunk (r, tag, &payload))
    if (strcmp (tag, "REGS") == 0)
      read_registers (&payload, &state->present, state->registers);
    else if (strcmp (tag, "RMSK") == 0)
      read_registers (&payload, &test->mask_present, test->masks);
    else if (strcmp (tag, "RAM ") == 0)
      for (guint32 n = u32 (&payload); n > 0; n--)
        {
          MooByte byte;

          byte.address = u32 (&payload);
          byte.value = (guint8) u8 (&payload);
          g_array_append_val (state->ram, byte);
        }
}

static MooTest *
read_test (Reader *r)
{
  MooTest *test = g_new0 (MooTest, 1);
  char tag[5];
  Reader payload;

  test->exception = -1;
  test->before.ram = g_array_new (FALSE, FALSE, sizeof (MooByte));
  test->after.ram = g_array_new (FALSE, FALSE, sizeof (MooByte));
  u32 (r);
  while (next_chunk (r, tag, &payload))
    if (strcmp (tag, "NAME") == 0)
      {
        guint32 n = u32 (&payload);

        test->name = g_strndup ((const char *) payload.at, MIN (n, (guint32) (payload.end - payload.at)));
      }
    else if (strcmp (tag, "BYTS") == 0)
      {
        guint32 n = u32 (&payload);

        test->bytes = g_bytes_new (payload.at, MIN (n, (guint32) (payload.end - payload.at)));
      }
    else if (strcmp (tag, "INIT") == 0)
      read_state (&payload, &test->before, test);
    else if (strcmp (tag, "FINA") == 0)
      read_state (&payload, &test->after, test);
    else if (strcmp (tag, "EXCP") == 0)
      {
        test->exception = (gint) u8 (&payload);
        test->exception_flags = u32 (&payload);
      }
  return test;
}

static void
free_test (gpointer data)
{
  MooTest *test = data;

  g_free (test->name);
  g_clear_pointer (&test->bytes, g_bytes_unref);
  g_array_unref (test->before.ram);
  g_array_unref (test->after.ram);
  g_free (test);
}

static GBytes *
unzip (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) zipped = g_file_read (file, NULL, error);
  g_autoptr (GConverter) gzip = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr (GInputStream) plain = NULL;
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();

  if (zipped == NULL)
    return NULL;
  plain = g_converter_input_stream_new (G_INPUT_STREAM (zipped), gzip);
  if (g_output_stream_splice (memory, plain, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, error) < 0)
    return NULL;
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

MooFile *
moo_file_load (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = unzip (path, error);
  MooFile *file;
  Reader r, payload;
  char tag[5];
  gsize size;

  if (bytes == NULL)
    return NULL;
  r.at = g_bytes_get_data (bytes, &size);
  r.end = r.at + size;
  file = g_new0 (MooFile, 1);
  file->tests = g_ptr_array_new_with_free_func (free_test);
  while (next_chunk (&r, tag, &payload))
    if (strcmp (tag, "RMSK") == 0)
      read_registers (&payload, &file->mask_present, file->masks);
    else if (strcmp (tag, "TEST") == 0)
      g_ptr_array_add (file->tests, read_test (&payload));
  return file;
}

void
moo_file_free (MooFile *file)
{
  g_ptr_array_unref (file->tests);
  g_free (file);
}
