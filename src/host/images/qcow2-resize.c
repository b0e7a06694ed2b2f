/* qcow2-resize.c - a disk of another size in the same image. */
#include "config.h"

#include "host/images/qcow2.h"

#include <glib/gi18n.h>

/* Size of the disk, and the L1 table: all in one write within a sector. */
static gboolean
put_size_and_l1 (Qcow2 *s, guint64 size, guint32 l1_size, guint64 l1_offset, GError **error)
{
  guint8 bytes[24] = { 0 };      /* with crypt_method between them, which is none */

  astern_put_be64 (bytes, size);
  astern_put_be32 (bytes + 12, l1_size);
  astern_put_be64 (bytes + 16, l1_offset);
  return qcow2_put_header (s, QCOW2_HEADER_SIZE, bytes, sizeof bytes, error) && astern_store_flush (s->store, error);
}

static gboolean
grow_l1 (Qcow2 *s, guint64 size, guint32 entries, GError **error)
{
  guint64 clusters = qcow2_clusters (s, 8 * (guint64) entries), old_offset = s->l1_offset, offset;
  guint64 old_clusters = s->l1_size > 0 ? qcow2_clusters (s, 8 * (guint64) s->l1_size) : 0;
  g_autofree guint8 *bytes = g_malloc0 (clusters * s->cluster_size);

  if (!qcow2_allocate (s, clusters, &offset, error) || !qcow2_write_back (s, error))
    return FALSE;
  for (guint32 i = 0; i < s->l1_size; i++)
    astern_put_be64 (bytes + 8 * (gsize) i, s->l1[i]);
  if (!astern_store_write (s->store, offset, bytes, clusters * s->cluster_size, error) ||
      !astern_store_flush (s->store, error) || !put_size_and_l1 (s, size, entries, offset, error))
    return FALSE;
  s->l1 = g_renew (guint64, s->l1, entries + 1);
  memset (s->l1 + s->l1_size, 0, 8 * (gsize) (entries - s->l1_size));
  s->l1_size = entries;
  s->l1_offset = offset;
  qcow2_is_metadata (s, offset, clusters);
  qcow2_free_later (s, old_offset, old_clusters);
  return TRUE;
}

/* What was behind the end, and what a larger image below has there, is not to come to light. */
static gboolean
hide_backing (AsternDiskFile *file, guint64 from, GError **error)
{
  guint64 end = file->backing != NULL ? MIN (file->backing->size, file->size) : file->backing_name != NULL ? file->size : 0;

  return from >= end || qcow2_zero (file, from, end - from, error);
}

static gboolean
shrink (AsternDiskFile *file, guint64 size, GError **error)
{
  Qcow2 *s = file->own;
  guint64 from = qcow2_clusters (s, size) << s->cluster_bits;

  if (s->n_snapshots > 0 && s->version < 3)
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("An image of version 2 with snapshots keeps its size."));
  for (guint64 offset = from; offset < file->size; )
    {
      AsternExtent extent = { .size = file->size - offset };
      Qcow2Table *table;
      guint64 entry;
      guint index;

      if (!qcow2_extent (file, offset, &extent, error))
        return FALSE;
      if (extent.kind == ASTERN_EXTENT_ABSENT)
        {
          offset += extent.size;
          continue;
        }
      if (!qcow2_l2_to_write (s, offset, &table, &index, error))
        return FALSE;
      entry = qcow2_entry (table, index);
      qcow2_set_entry (s, table, index, 0);
      qcow2_free_entry (s, entry);
      offset += s->cluster_size;
    }
  return qcow2_write_back (s, error) && put_size_and_l1 (s, size, s->l1_size, s->l1_offset, error);
}

/* Without a look at what the image is based on. */
gboolean
qcow2_set_size (AsternDiskFile *file, guint64 size, GError **error)
{
  Qcow2 *s = file->own;
  guint64 covers = s->cluster_size << s->l2_bits, old = file->size;
  guint64 entries = size / covers + (size % covers != 0);

  if (8 * entries > QCOW2_MAX_L1_BYTES)
    return astern_image_fail (error, G_IO_ERROR_INVALID_ARGUMENT,
                              _("Clusters of %" PRIu64 " bytes are too small for a disk of that size."), s->cluster_size);
  if (size < old)
    {
      /* Its last cluster has nothing behind the end that would be there again when it grows. */
      guint64 end = MIN (old, qcow2_clusters (s, size) << s->cluster_bits);

      if ((end > size && !qcow2_zero (file, size, end - size, error)) || !shrink (file, size, error))
        return FALSE;
      file->size = size;
      return TRUE;
    }
  if (entries > s->l1_size ? !grow_l1 (s, size, (guint32) entries, error)
                           : !put_size_and_l1 (s, size, s->l1_size, s->l1_offset, error))
    return FALSE;
  file->size = size;
  return TRUE;
}

gboolean
qcow2_resize (AsternDiskFile *file, guint64 size, GError **error)
{
  guint64 old = file->size;

  return qcow2_set_size (file, size, error) && hide_backing (file, old, error);
}
