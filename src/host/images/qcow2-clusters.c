/* qcow2-clusters.c - from the disk's clusters to the file's: finding, writing, zeroing. */
#include "config.h"

#include "host/images/qcow2.h"

#include <glib/gi18n.h>

static guint64
in_cluster (const Qcow2 *s, guint64 offset)
{
  return offset & (s->cluster_size - 1);
}

static guint
l2_index (const Qcow2 *s, guint64 offset)
{
  return (guint) (offset >> s->cluster_bits & ((1u << s->l2_bits) - 1));
}

static guint32
l1_index (const Qcow2 *s, guint64 offset)
{
  return (guint32) MIN (offset >> (s->cluster_bits + s->l2_bits), G_MAXUINT32);
}

static AsternExtentKind
kind_of (const Qcow2 *s, guint64 entry)
{
  if (entry & QCOW2_PACKED)
    return ASTERN_EXTENT_PACKED;
  if (s->version >= 3 && (entry & QCOW2_ZERO))
    return ASTERN_EXTENT_ZERO;
  return (entry & QCOW2_OFFSET) != 0 ? ASTERN_EXTENT_DATA : ASTERN_EXTENT_ABSENT;
}

static gboolean
check_place (Qcow2 *s, guint64 place, GError **error)
{
  return (in_cluster (s, place) == 0) ||
         qcow2_corrupt (s, error, _("data begins at %#" PRIx64 ", where no cluster begins"), place);
}

/* How many of the clusters from @index on go on as @entry begins; looks at no more than cover @want. */
static gboolean
measure_run (Qcow2 *s, const Qcow2Table *table, guint index, guint64 offset, AsternExtent *extent, guint64 want)
{
  guint64 entry = qcow2_entry (table, index);
  guint64 size = s->cluster_size - in_cluster (s, offset);

  while (size < want && ++index < 1u << s->l2_bits)
    {
      guint64 next = qcow2_entry (table, index);

      if (kind_of (s, next) != extent->kind || extent->kind == ASTERN_EXTENT_PACKED ||
          ((extent->kind == ASTERN_EXTENT_DATA || extent->placed) &&
           (next & QCOW2_OFFSET) != (entry & QCOW2_OFFSET) + s->cluster_size) ||
          (extent->kind == ASTERN_EXTENT_ZERO && ((next & QCOW2_OFFSET) != 0) != extent->placed))
        break;
      entry = next;
      size += s->cluster_size;
    }
  extent->size = size;
  return TRUE;
}

gboolean
qcow2_extent (AsternDiskFile *file, guint64 offset, AsternExtent *extent, GError **error)
{
  Qcow2 *s = file->own;
  guint32 i = l1_index (s, offset);
  guint64 table_bytes = s->cluster_size << s->l2_bits, want = extent->size, entry;
  Qcow2Table *table;

  if (!qcow2_trim (s, error))
    return FALSE;
  *extent = (AsternExtent) { .kind = ASTERN_EXTENT_ABSENT, .size = table_bytes - (offset & (table_bytes - 1)) };
  if (i >= s->l1_size || (s->l1[i] & QCOW2_OFFSET) == 0)
    return TRUE;
  table = qcow2_table (s, s->l1[i] & QCOW2_OFFSET, QCOW2_L2_TABLE, error);
  if (table == NULL)
    return FALSE;
  entry = qcow2_entry (table, l2_index (s, offset));
  extent->kind = kind_of (s, entry);
  extent->store = s->store;
  extent->placed = extent->kind == ASTERN_EXTENT_ZERO && (entry & QCOW2_OFFSET) != 0;
  extent->place = (entry & QCOW2_OFFSET) + in_cluster (s, offset);
  if (extent->kind == ASTERN_EXTENT_DATA && !check_place (s, entry & QCOW2_OFFSET, error))
    return FALSE;
  return measure_run (s, table, l2_index (s, offset), offset, extent, want);
}

/* The L2 table of @offset, the only one that refers to it. */
gboolean
qcow2_l2_to_write (Qcow2 *s, guint64 offset, Qcow2Table **table, guint *index, GError **error)
{
  guint32 i = l1_index (s, offset);
  guint64 old, place;
  Qcow2Table *from = NULL;

  g_return_val_if_fail (i < s->l1_size, FALSE);

  *index = l2_index (s, offset);
  old = s->l1[i] & QCOW2_OFFSET;
  if (old != 0)
    {
      *table = from = qcow2_table (s, old, QCOW2_L2_TABLE, error);
      if (from == NULL || (s->l1[i] & QCOW2_COPIED))
        return from != NULL;
    }
  if (!qcow2_allocate (s, 1, &place, error))
    return FALSE;
  *table = qcow2_new_table (s, place, QCOW2_L2_TABLE);
  if (from != NULL)
    {
      memcpy ((*table)->bytes, from->bytes, s->cluster_size);
      qcow2_free_later (s, old, 1);
    }
  qcow2_is_metadata (s, place, 1);
  s->l1[i] = place | QCOW2_COPIED;
  qcow2_l1_changed (s, i);
  return TRUE;
}

void
qcow2_free_entry (Qcow2 *s, guint64 entry)
{
  guint64 offset, bytes;

  if (entry & QCOW2_PACKED)
    {
      qcow2_packed_place (s, entry, &offset, &bytes);
      qcow2_free_later (s, offset, ((offset + bytes - 1) >> s->cluster_bits) - (offset >> s->cluster_bits) + 1);
    }
  else if ((entry & QCOW2_OFFSET) != 0)
    qcow2_free_later (s, entry & QCOW2_OFFSET, 1);
}

/* Whether what the image does not say can be other than zero. */
static gboolean
has_backing (const AsternDiskFile *file, guint64 offset)
{
  return file->backing_name != NULL && (file->backing == NULL || offset < file->backing->size);
}

/* A cluster of its own for what is written, the rest of it as it was. */
static gboolean
write_to_new (AsternDiskFile *file, guint64 offset, gconstpointer data, gsize size, guint64 entry, GError **error)
{
  Qcow2 *s = file->own;
  guint64 begin = in_cluster (s, offset), place, end_of_file = s->store->size;
  gboolean zeros = kind_of (s, entry) == ASTERN_EXTENT_ZERO ||
                   (kind_of (s, entry) == ASTERN_EXTENT_ABSENT && !has_backing (file, offset - begin));
  g_autofree guint8 *whole = NULL;
  Qcow2Table *table;
  guint index;

  if (!qcow2_allocate (s, 1, &place, error))
    return FALSE;
  /* What the file does not have yet is zero without being written. */
  if (size < s->cluster_size && !(zeros && place >= end_of_file && s->store->klass->resize != NULL))
    {
      whole = g_malloc (s->cluster_size);
      if (!astern_disk_file_read (file, offset - begin, whole, s->cluster_size, error))
        return FALSE;
      memcpy (whole + begin, data, size);
      data = whole;
      size = s->cluster_size;
      begin = 0;
    }
  if (!astern_store_write (s->store, place + begin, data, size, error) ||
      !qcow2_l2_to_write (s, offset, &table, &index, error))
    return FALSE;
  qcow2_set_entry (s, table, index, place | QCOW2_COPIED);
  qcow2_free_entry (s, entry);
  return TRUE;
}

/* What is allocated, and not for data yet. */
static gboolean
write_over_zeros (Qcow2 *s, guint64 place, guint64 begin, gconstpointer data, gsize size, GError **error)
{
  g_autofree guint8 *whole = NULL;

  if (size == s->cluster_size)
    return astern_store_write (s->store, place, data, size, error);
  whole = g_malloc0 (s->cluster_size);
  memcpy (whole + begin, data, size);
  return astern_store_write (s->store, place, whole, s->cluster_size, error);
}

/* Within one cluster. */
static gboolean
write_part (AsternDiskFile *file, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  Qcow2 *s = file->own;
  guint64 entry, place;
  Qcow2Table *table;
  guint index;

  if (!qcow2_l2_to_write (s, offset, &table, &index, error))
    return FALSE;
  entry = qcow2_entry (table, index);
  place = entry & QCOW2_OFFSET;
  if ((entry & QCOW2_PACKED) || place == 0 || !(entry & QCOW2_COPIED))
    return write_to_new (file, offset, data, size, entry, error);
  if (!check_place (s, place, error))
    return FALSE;
  if (g_hash_table_contains (s->metadata, GSIZE_TO_POINTER (place >> s->cluster_bits)))
    return qcow2_corrupt (s, error, _("data is in the tables at %#" PRIx64), place);
  if (kind_of (s, entry) != ASTERN_EXTENT_ZERO)
    return astern_store_write (s->store, place + in_cluster (s, offset), data, size, error);
  if (!write_over_zeros (s, place, in_cluster (s, offset), data, size, error))
    return FALSE;
  qcow2_set_entry (s, table, index, place | QCOW2_COPIED);
  return TRUE;
}

gboolean
qcow2_write (AsternDiskFile *file, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  Qcow2 *s = file->own;
  const guint8 *at = data;

  while (size > 0)
    {
      gsize n = (gsize) MIN (size, s->cluster_size - in_cluster (s, offset));

      if (!qcow2_trim (s, error) || !write_part (file, offset, at, n, error))
        return FALSE;
      at += n;
      offset += n;
      size -= n;
    }
  return TRUE;
}

static gboolean
zero_cluster (AsternDiskFile *file, guint64 offset, GError **error)
{
  Qcow2 *s = file->own;
  guint64 entry;
  Qcow2Table *table;
  guint index;

  if (!qcow2_l2_to_write (s, offset, &table, &index, error))
    return FALSE;
  entry = qcow2_entry (table, index);
  qcow2_set_entry (s, table, index, s->version >= 3 ? QCOW2_ZERO : 0);
  qcow2_free_entry (s, entry);
  return TRUE;
}

static gboolean
zero_part (AsternDiskFile *file, guint64 offset, gsize size, GError **error)
{
  g_autofree guint8 *zeros = g_malloc0 (size);

  return write_part (file, offset, zeros, size, error);
}

gboolean
qcow2_zero (AsternDiskFile *file, guint64 offset, guint64 size, GError **error)
{
  Qcow2 *s = file->own;

  while (size > 0)
    {
      AsternExtent extent = { .size = size };
      guint64 n = MIN (size, s->cluster_size - in_cluster (s, offset));
      gboolean whole = n == s->cluster_size || (in_cluster (s, offset) == 0 && offset + n == file->size);

      if (!qcow2_extent (file, offset, &extent, error))
        return FALSE;
      if (extent.kind == ASTERN_EXTENT_ZERO && !extent.placed)
        n = MIN (size, extent.size);
      else if (extent.kind == ASTERN_EXTENT_ABSENT && !has_backing (file, offset))
        n = MIN (size, extent.size);
      else if (extent.kind == ASTERN_EXTENT_ZERO && !whole)
        ;
      else if (!(whole && (s->version >= 3 || !has_backing (file, offset)) ? zero_cluster (file, offset, error)
                                                                          : zero_part (file, offset, (gsize) n, error)))
        return FALSE;
      offset += n;
      size -= n;
    }
  return TRUE;
}

gboolean
qcow2_preallocate (AsternDiskFile *file, gboolean fill, GError **error)
{
  Qcow2 *s = file->own;
  g_autofree guint8 *zeros = g_malloc0 (s->cluster_size);
  guint64 end = 0;

  for (guint64 offset = 0; offset < file->size; offset += s->cluster_size)
    {
      guint64 place;
      Qcow2Table *table;
      guint index;

      if (!qcow2_trim (s, error) || !qcow2_allocate (s, 1, &place, error) ||
          (fill && !astern_store_write (s->store, place, zeros, s->cluster_size, error)) ||
          !qcow2_l2_to_write (s, offset, &table, &index, error))
        return FALSE;
      qcow2_set_entry (s, table, index, place | QCOW2_COPIED);
      end = MAX (end, place + s->cluster_size);
    }
  return s->store->size >= end || astern_store_resize (s->store, end, error);
}
