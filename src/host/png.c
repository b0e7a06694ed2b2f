/* png.c - writing PNG.
 * Source: W3C Recommendation "Portable Network Graphics (PNG) Specification
 * (Second Edition)", sections 5 (chunks), 7.2 (scanlines), 9 (filtering), D (CRC).
 * Left out: all but 8-bit truecolour, filter types other than 0 and 2 (Up). */
#include "config.h"

#include "host/png.h"

#include <libdeflate.h>
#include <string.h>

static void
append_be32 (GByteArray *out, guint32 value)
{
  guint32 big = GUINT32_TO_BE (value);

  g_byte_array_append (out, (const guint8 *) &big, 4);
}

static void
append_chunk (GByteArray *out, const char type[4], const guint8 *data, gsize size)
{
  guint start = out->len + 4;

  append_be32 (out, (guint32) size);
  g_byte_array_append (out, (const guint8 *) type, 4);
  if (size > 0)
    g_byte_array_append (out, data, (guint) size);
  append_be32 (out, libdeflate_crc32 (0, out->data + start, out->len - start));
}

/* Every row but the first is stored as the difference to the one above: text
 * screens shrink to little. */
static GByteArray *
filter_rows (const AsternPicture *picture)
{
  GByteArray *rows = g_byte_array_sized_new (picture->height * (1 + 3 * picture->width));

  for (guint y = 0; y < picture->height; y++)
    {
      const guint32 *row = astern_picture_row (picture, y);
      const guint32 *above = y > 0 ? astern_picture_row (picture, y - 1) : NULL;
      guint8 filter = above != NULL ? 2 : 0;

      g_byte_array_append (rows, &filter, 1);
      for (guint x = 0; x < picture->width; x++)
        {
          guint32 up = above != NULL ? above[x] : 0;
          guint8 rgb[3] = {
            (guint8) ((row[x] >> 16) - (up >> 16)),
            (guint8) ((row[x] >> 8) - (up >> 8)),
            (guint8) (row[x] - up),
          };

          g_byte_array_append (rows, rgb, 3);
        }
    }
  return rows;
}

static GByteArray *
deflate_all (const GByteArray *in)
{
  g_autoptr (GZlibCompressor) zlib = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 6);
  GByteArray *out = g_byte_array_new ();
  gsize done = 0;
  GConverterResult result = G_CONVERTER_CONVERTED;

  while (result != G_CONVERTER_FINISHED)
    {
      guint8 part[16384];
      gsize took = 0, gave = 0;

      result = g_converter_convert (G_CONVERTER (zlib), in->data + done, in->len - done, part, sizeof part,
                                    G_CONVERTER_INPUT_AT_END, &took, &gave, NULL);
      g_assert (result != G_CONVERTER_ERROR);
      done += took;
      g_byte_array_append (out, part, (guint) gave);
    }
  return out;
}

GBytes *
astern_png_encode (const AsternPicture *picture)
{
  static const guint8 signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  g_autoptr (GByteArray) rows = NULL;
  g_autoptr (GByteArray) packed = NULL;
  GByteArray *png = g_byte_array_new ();
  guint32 size[2] = { GUINT32_TO_BE (picture->width), GUINT32_TO_BE (picture->height) };
  guint8 header[13] = { 0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0 };   /* 8 bits, truecolour */

  g_return_val_if_fail (picture->width > 0 && picture->width <= 16384, NULL);
  g_return_val_if_fail (picture->height > 0 && picture->height <= 16384, NULL);

  memcpy (header, size, sizeof size);
  rows = filter_rows (picture);
  packed = deflate_all (rows);
  g_byte_array_append (png, signature, sizeof signature);
  append_chunk (png, "IHDR", header, sizeof header);
  append_chunk (png, "IDAT", packed->data, packed->len);
  append_chunk (png, "IEND", NULL, 0);
  return g_byte_array_free_to_bytes (png);
}
