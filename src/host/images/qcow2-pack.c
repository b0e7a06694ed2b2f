/* qcow2-pack.c - compressed clusters: raw deflate streams with a window of 4 KiB, or zstd frames.
 * Source: qcow2.txt; RFC 1951; RFC 8878. */
#include "config.h"

#include "host/images/qcow2.h"

#include <zlib.h>
#include <zstd.h>

#include <glib/gi18n.h>

#define WINDOW_BITS (-12)      /* negative: no header */

static gboolean
inflate_cluster (const guint8 *from, gsize from_size, guint8 *to, gsize to_size)
{
  z_stream stream = { .next_in = (Bytef *) from, .avail_in = (uInt) from_size, .next_out = to, .avail_out = (uInt) to_size };
  int result;

  if (inflateInit2 (&stream, -15) != Z_OK)
    return FALSE;
  result = inflate (&stream, Z_FINISH);
  inflateEnd (&stream);
  return (result == Z_STREAM_END || result == Z_BUF_ERROR) && stream.avail_out == 0;
}

static gboolean
unzstd_cluster (const guint8 *from, gsize from_size, guint8 *to, gsize to_size)
{
  ZSTD_DCtx *context = ZSTD_createDCtx ();
  ZSTD_inBuffer in = { .src = from, .size = from_size, .pos = 0 };
  ZSTD_outBuffer out = { .dst = to, .size = to_size, .pos = 0 };
  gboolean moving = context != NULL;

  while (moving && out.pos < out.size)
    {
      gsize in_before = in.pos, out_before = out.pos;

      moving = !ZSTD_isError (ZSTD_decompressStream (context, &out, &in)) &&
               (in.pos > in_before || out.pos > out_before);
    }
  ZSTD_freeDCtx (context);
  return out.pos == out.size;
}

static gboolean
unpack (Qcow2 *s, guint64 entry, GError **error)
{
  guint64 offset, bytes;
  g_autofree guint8 *packed = NULL;

  if (s->unpacked_entry == entry)
    return TRUE;
  s->unpacked_entry = 0;
  qcow2_packed_place (s, entry, &offset, &bytes);
  packed = g_malloc (bytes);
  if (s->unpacked == NULL)
    s->unpacked = g_malloc (s->cluster_size);
  if (!astern_store_read (s->store, offset, packed, bytes, error))
    return FALSE;
  if (!(s->zstd ? unzstd_cluster : inflate_cluster) (packed, bytes, s->unpacked, s->cluster_size))
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("The compressed cluster at %#" PRIx64 " is damaged."), offset);
  s->unpacked_entry = entry;
  return TRUE;
}

gboolean
qcow2_read_packed (AsternDiskFile *file, guint64 offset, gpointer data, gsize size, GError **error)
{
  Qcow2 *s = file->own;
  guint64 table_bytes = s->cluster_size << s->l2_bits, begin = offset & (s->cluster_size - 1);
  Qcow2Table *table = qcow2_table (s, s->l1[offset / table_bytes] & QCOW2_OFFSET, QCOW2_L2_TABLE, error);

  if (table == NULL || !unpack (s, qcow2_entry (table, (guint) (offset % table_bytes >> s->cluster_bits)), error))
    return FALSE;
  memcpy (data, s->unpacked + begin, size);
  return TRUE;
}

/* The size; 0: it does not become smaller. */
static gsize
deflate_cluster (const guint8 *from, guint8 *to, gsize size)
{
  z_stream stream = { .next_in = (Bytef *) from, .avail_in = (uInt) size, .next_out = to, .avail_out = (uInt) size - 1 };
  int result;

  if (deflateInit2 (&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW_BITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    return 0;
  result = deflate (&stream, Z_FINISH);
  deflateEnd (&stream);
  return result == Z_STREAM_END ? size - 1 - stream.avail_out : 0;
}

static gsize
zstd_cluster (const guint8 *from, guint8 *to, gsize size)
{
  size_t n = ZSTD_compress (to, size - 1, from, size, ZSTD_CLEVEL_DEFAULT);

  return ZSTD_isError (n) ? 0 : n;
}

/* Compressed clusters lie byte by byte behind each other, as far as the file's clusters are in a row. */
static gboolean
place_packed (Qcow2 *s, gsize size, guint64 *place, GError **error)
{
  guint64 offset, count;

  if (s->packed_next != 0)
    {
      guint64 cluster = (s->packed_next - 1) >> s->cluster_bits;

      if (!qcow2_refcount (s, cluster, &count, error))
        return FALSE;
      if (count >= qcow2_max_refcount (s))
        s->packed_next = 0;
      else if (s->packed_end - s->packed_next >= size)
        {
          *place = s->packed_next;
          s->packed_next += size;
          return qcow2_count_up (s, *place >> s->cluster_bits, error);
        }
    }
  if (!qcow2_allocate (s, 1, &offset, error))
    return FALSE;
  *place = offset;
  if (s->packed_next != 0 && s->packed_next < s->packed_end && offset == s->packed_end)
    {
      *place = s->packed_next;
      if (!qcow2_count_up (s, *place >> s->cluster_bits, error))
        return FALSE;
    }
  s->packed_next = *place + size;
  s->packed_end = offset + s->cluster_size;
  return TRUE;
}

gboolean
qcow2_write_packed (AsternDiskFile *file, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  Qcow2 *s = file->own;
  guint x = 62 - (s->cluster_bits - 8);
  g_autofree guint8 *packed = g_malloc (s->cluster_size), *whole = g_malloc0 (s->cluster_size);
  guint64 place, old, sectors;
  Qcow2Table *table;
  guint index;
  gsize n;

  memcpy (whole, data, size);
  n = (s->zstd ? zstd_cluster : deflate_cluster) (whole, packed, s->cluster_size);
  if (n == 0)
    return qcow2_write (file, offset, data, size, error);
  if (!qcow2_trim (s, error) || !place_packed (s, n, &place, error))
    return FALSE;
  if (place >> MIN (x, 56) != 0)
    return astern_image_fail (error, G_IO_ERROR_NO_SPACE, _("The image is too large for compressed clusters."));
  if (!astern_store_write (s->store, place, packed, n, error) || !qcow2_l2_to_write (s, offset, &table, &index, error))
    return FALSE;
  sectors = (place + n - 1) / 512 - place / 512;
  old = qcow2_entry (table, index);
  s->unpacked_entry = 0;
  qcow2_set_entry (s, table, index, QCOW2_PACKED | sectors << x | place);
  qcow2_free_entry (s, old);
  return TRUE;
}
