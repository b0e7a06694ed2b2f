/* PNG files, read back by the rules of the standard alone. */
#include "config.h"

#include "host/png.h"

#include <string.h>

static guint32
be32 (const guint8 *at)
{
  return (guint32) at[0] << 24 | (guint32) at[1] << 16 | (guint32) at[2] << 8 | at[3];
}

static GByteArray *
inflate (const guint8 *data, gsize size)
{
  g_autoptr (GZlibDecompressor) zlib = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  g_autoptr (GInputStream) packed = g_memory_input_stream_new_from_data (data, (gssize) size, NULL);
  g_autoptr (GInputStream) plain = g_converter_input_stream_new (packed, G_CONVERTER (zlib));
  GByteArray *out = g_byte_array_new ();
  guint8 part[4096];
  gssize n;

  while ((n = g_input_stream_read (plain, part, sizeof part, NULL, NULL)) > 0)
    g_byte_array_append (out, part, (guint) n);
  g_assert_cmpint (n, ==, 0);
  return out;
}

static void
a_picture_comes_back_as_it_went_in (void)
{
  static guint32 pixels[] = { 0xff0000, 0x00ff00, 0x0000ff, 0, 0x123456, 0xffffff, 0x800000, 0 };
  g_autoptr (GBytes) png = astern_png_encode (&(AsternPicture) { 3, 2, 4, pixels });
  gsize size;
  const guint8 *file = g_bytes_get_data (png, &size);
  g_autoptr (GByteArray) rows = NULL;

  g_assert_cmpint (memcmp (file, "\x89PNG\r\n\x1a\n", 8), ==, 0);
  g_assert_cmpint (be32 (file + 8), ==, 13);
  g_assert_cmpint (memcmp (file + 12, "IHDR", 4), ==, 0);
  g_assert_cmpint (be32 (file + 16), ==, 3);
  g_assert_cmpint (be32 (file + 20), ==, 2);
  g_assert_cmpint (memcmp (file + 37, "IDAT", 4), ==, 0);
  rows = inflate (file + 41, be32 (file + 33));
  g_assert_cmpint (rows->len, ==, 20);
  g_assert_cmpmem (rows->data, 10, "\0\xff\0\0\0\xff\0\0\0\xff", 10);
  for (guint i = 1; i < 10; i++)   /* filter 2: add what stands above */
    rows->data[10 + i] = (guint8) (rows->data[10 + i] + rows->data[i]);
  g_assert_cmpmem (rows->data + 10, 10, "\2\x12\x34\x56\xff\xff\xff\x80\0\0", 10);
}

/* The CRC of an empty IEND chunk is in every PNG file. */
static void
the_last_chunk_has_its_well_known_crc (void)
{
  static guint32 pixel = 0;
  g_autoptr (GBytes) png = astern_png_encode (&(AsternPicture) { 1, 1, 1, &pixel });
  gsize size;
  const guint8 *file = g_bytes_get_data (png, &size);

  g_assert_cmpmem (file + size - 12, 12, "\0\0\0\0IEND\xae\x42\x60\x82", 12);
}

#define ADD(name) g_test_add_func ("/host/png/" #name, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_picture_comes_back_as_it_went_in);
  ADD (the_last_chunk_has_its_well_known_crc);
  return g_test_run ();
}
