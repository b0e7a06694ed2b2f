/* qcow2-refcounts.c - how often each cluster of the file is referred to, and finding free ones. */
#include "config.h"

#include "host/images/qcow2.h"

#include <glib/gi18n.h>

#define MAX_OFFSET (G_GUINT64_CONSTANT (1) << 56)

guint64
qcow2_max_refcount (const Qcow2 *s)
{
  return s->refcount_order == 6 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << (1u << s->refcount_order)) - 1;
}

static guint64
get_count (const Qcow2 *s, const guint8 *bytes, guint64 i)
{
  switch (s->refcount_order)
    {
    case 0:  return bytes[i / 8] >> (i % 8) & 1;
    case 1:  return bytes[i / 4] >> (2 * (i % 4)) & 3;
    case 2:  return bytes[i / 2] >> (4 * (i % 2)) & 15;
    case 3:  return bytes[i];
    case 4:  return astern_be16 (bytes + 2 * i);
    case 5:  return astern_be32 (bytes + 4 * i);
    default: return astern_be64 (bytes + 8 * i);
    }
}

static void
put_bits (guint8 *byte, guint shift, guint mask, guint64 value)
{
  *byte = (guint8) ((*byte & ~(mask << shift)) | (guint) value << shift);
}

static void
put_count (const Qcow2 *s, guint8 *bytes, guint64 i, guint64 count)
{
  switch (s->refcount_order)
    {
    case 0:  put_bits (&bytes[i / 8], i % 8, 1, count); break;
    case 1:  put_bits (&bytes[i / 4], 2 * (i % 4), 3, count); break;
    case 2:  put_bits (&bytes[i / 2], 4 * (i % 2), 15, count); break;
    case 3:  bytes[i] = (guint8) count; break;
    case 4:  astern_put_be16 (bytes + 2 * i, (guint16) count); break;
    case 5:  astern_put_be32 (bytes + 4 * i, (guint32) count); break;
    default: astern_put_be64 (bytes + 8 * i, count); break;
    }
}

void
qcow2_is_metadata (Qcow2 *s, guint64 offset, guint64 clusters)
{
  for (guint64 i = 0; i < clusters && s->metadata != NULL; i++)
    g_hash_table_add (s->metadata, GSIZE_TO_POINTER ((offset >> s->cluster_bits) + i));
}

void
qcow2_is_no_metadata (Qcow2 *s, guint64 offset, guint64 clusters)
{
  for (guint64 i = 0; i < clusters && s->metadata != NULL; i++)
    g_hash_table_remove (s->metadata, GSIZE_TO_POINTER ((offset >> s->cluster_bits) + i));
}

/* For an image that is to be written. */
gboolean
qcow2_find_metadata (Qcow2 *s, GError **error)
{
  s->metadata = g_hash_table_new (NULL, NULL);
  qcow2_is_metadata (s, 0, 1);
  qcow2_is_metadata (s, s->l1_offset, s->l1_size > 0 ? qcow2_clusters (s, 8 * (guint64) s->l1_size) : 0);
  qcow2_is_metadata (s, s->reftable_offset, qcow2_clusters (s, 8 * (guint64) s->reftable_size));
  for (guint32 i = 0; i < s->reftable_size; i++)
    if (s->reftable[i] != 0)
      qcow2_is_metadata (s, s->reftable[i], 1);
  for (guint32 i = 0; i < s->l1_size; i++)
    if ((s->l1[i] & QCOW2_OFFSET) != 0)
      qcow2_is_metadata (s, s->l1[i] & QCOW2_OFFSET, 1);
  if (!qcow2_load_snapshots (s, error))
    return FALSE;
  qcow2_is_metadata (s, s->snapshots_offset, s->n_snapshots > 0 ? qcow2_clusters (s, s->snapshots_bytes) : 0);
  for (guint i = 0; i < s->snapshots->len; i++)
    {
      const Qcow2Snapshot *snapshot = &g_array_index (s->snapshots, Qcow2Snapshot, i);

      qcow2_is_metadata (s, snapshot->l1_offset, qcow2_clusters (s, 8 * (guint64) snapshot->l1_size));
    }
  return TRUE;
}

static Qcow2Table *
find_block (Qcow2 *s, guint64 cluster, GError **error)
{
  return qcow2_table (s, s->reftable[cluster / s->block_entries], QCOW2_REFCOUNT_BLOCK, error);
}

static gboolean
has_block (const Qcow2 *s, guint64 cluster)
{
  return cluster / s->block_entries < s->reftable_size && s->reftable[cluster / s->block_entries] != 0;
}

gboolean
qcow2_refcount (Qcow2 *s, guint64 cluster, guint64 *count, GError **error)
{
  Qcow2Table *block;

  *count = 0;
  if (!has_block (s, cluster))
    return TRUE;
  block = find_block (s, cluster, error);
  if (block == NULL)
    return FALSE;
  *count = get_count (s, block->bytes, cluster % s->block_entries);
  return TRUE;
}

static void
change_count (Qcow2 *s, Qcow2Table *block, guint64 i, guint64 count)
{
  guint at = (guint) ((i << s->refcount_order) / 8);

  put_count (s, block->bytes, i, count);
  qcow2_table_changed (s, block, at, at + MAX ((1u << s->refcount_order) / 8, 1));
}

static void
reftable_changed (Qcow2 *s, guint32 index)
{
  gboolean clean = s->reftable_dirty_from == s->reftable_dirty_to;

  s->reftable_dirty_from = clean ? index : MIN (s->reftable_dirty_from, index);
  s->reftable_dirty_to = clean ? index + 1 : MAX (s->reftable_dirty_to, index + 1);
}

static gboolean grow_reftable (Qcow2 *s, guint64 entries, GError **error);

/* A block lies in the first of the clusters that it counts: all of them are free, as it is not there yet. */
static gboolean
ensure_block (Qcow2 *s, guint64 cluster, gboolean *made, GError **error)
{
  guint64 index = cluster / s->block_entries;
  guint64 first = index * s->block_entries;

  *made = FALSE;
  if (has_block (s, cluster))
    return TRUE;
  *made = TRUE;
  if (index >= s->reftable_size && !grow_reftable (s, index + 1, error))
    return FALSE;
  if (s->reftable[index] != 0)      /* growing made it */
    return TRUE;
  if (g_hash_table_contains (s->metadata, GSIZE_TO_POINTER (first)))
    return qcow2_corrupt (s, error, _("a refcount block is missing"));
  s->reftable[index] = first << s->cluster_bits;
  reftable_changed (s, (guint32) index);
  change_count (s, qcow2_new_table (s, s->reftable[index], QCOW2_REFCOUNT_BLOCK), 0, 1);
  qcow2_is_metadata (s, s->reftable[index], 1);
  return TRUE;
}

gboolean
qcow2_set_refcount (Qcow2 *s, guint64 cluster, guint64 count, GError **error)
{
  Qcow2Table *block;
  gboolean made;

  if (!has_block (s, cluster) && count == 0)
    return TRUE;
  if (!ensure_block (s, cluster, &made, error))
    return FALSE;
  block = find_block (s, cluster, error);
  if (block == NULL)
    return FALSE;
  change_count (s, block, cluster % s->block_entries, count);
  if (count == 0)
    s->free_hint = MIN (s->free_hint, cluster);
  return TRUE;
}

gboolean
qcow2_count_up (Qcow2 *s, guint64 cluster, GError **error)
{
  guint64 count;

  if (!qcow2_refcount (s, cluster, &count, error))
    return FALSE;
  if (count == qcow2_max_refcount (s))
    return astern_image_fail (error, G_IO_ERROR_NO_SPACE,
                              _("Clusters cannot be referred to more than %" PRIu64 " times in this image."), count);
  return qcow2_set_refcount (s, cluster, count + 1, error);
}

gboolean
qcow2_count_down (Qcow2 *s, guint64 cluster, GError **error)
{
  guint64 offset = cluster << s->cluster_bits;
  guint64 count;

  if (!qcow2_refcount (s, cluster, &count, error))
    return FALSE;
  if (count == 0)
    return qcow2_corrupt (s, error, _("the cluster at %#" PRIx64 " is in use, and counted as free"), offset);
  if (!qcow2_set_refcount (s, cluster, count - 1, error))
    return FALSE;
  if (count > 1)
    return TRUE;
  qcow2_forget_table (s, offset);
  qcow2_is_no_metadata (s, offset, 1);
  s->unpacked_entry = 0;
  if (s->packed_next != 0 && (s->packed_next - 1) >> s->cluster_bits == cluster)
    s->packed_next = 0;
  return astern_store_zero (s->store, offset, s->cluster_size, error);
}

void
qcow2_free_later (Qcow2 *s, guint64 offset, guint64 clusters)
{
  for (guint64 i = 0; i < clusters; i++)
    {
      guint64 cluster = (offset >> s->cluster_bits) + i;

      g_array_append_val (s->frees, cluster);
    }
}

static gboolean
take (Qcow2 *s, guint64 first, guint64 clusters, GError **error)
{
  for (guint64 i = 0; i < clusters; i++)
    {
      if (g_hash_table_contains (s->metadata, GSIZE_TO_POINTER (first + i)))
        return qcow2_corrupt (s, error, _("the tables at %#" PRIx64 " are counted as free"), (first + i) << s->cluster_bits);
      if (!qcow2_set_refcount (s, first + i, 1, error))
        return FALSE;
    }
  return TRUE;
}

/* More than a block counts are in a row nowhere, as each block lies among what it counts.  So all that no block
 * counts yet, at the end of the file, is taken, with its blocks behind it. */
static gboolean
allocate_many (Qcow2 *s, guint64 clusters, guint64 *offset, GError **error)
{
  guint64 blocks = 0, index, first;

  while (blocks * s->block_entries < clusters + blocks)
    blocks++;
  for (;;)
    {
      for (index = s->reftable_size; index > 0 && s->reftable[index - 1] == 0; index--)
        ;
      if (index + blocks <= s->reftable_size)
        break;
      if (!grow_reftable (s, index + blocks, error))
        return FALSE;
    }
  first = index * s->block_entries;
  for (guint64 i = 0; i < blocks; i++)
    {
      s->reftable[index + i] = (first + clusters + i) << s->cluster_bits;
      reftable_changed (s, (guint32) (index + i));
      qcow2_new_table (s, s->reftable[index + i], QCOW2_REFCOUNT_BLOCK);
      qcow2_is_metadata (s, s->reftable[index + i], 1);
    }
  for (guint64 i = 0; i < clusters + blocks; i++)
    if (!qcow2_set_refcount (s, first + i, 1, error))
      return FALSE;
  *offset = first << s->cluster_bits;
  return TRUE;
}

gboolean
qcow2_allocate (Qcow2 *s, guint64 clusters, guint64 *offset, GError **error)
{
  guint64 at = s->free_hint, run = 0;

  if (clusters >= s->block_entries)
    return allocate_many (s, clusters, offset, error);

  while (run < clusters)
    {
      guint64 count;
      gboolean made;

      if (at >= MAX_OFFSET >> s->cluster_bits)
        return astern_image_fail (error, G_IO_ERROR_NO_SPACE, _("The image is full."));
      if (!ensure_block (s, at, &made, error))
        return FALSE;
      if (made)        /* which took clusters */
        {
          at = s->free_hint;
          run = 0;
          continue;
        }
      if (!qcow2_refcount (s, at, &count, error))
        return FALSE;
      run = count == 0 ? run + 1 : 0;
      if (run == 0 && at == s->free_hint)
        s->free_hint++;
      at++;
    }
  if (!take (s, at - clusters, clusters, error))
    return FALSE;
  if (at - clusters == s->free_hint)
    s->free_hint = at;
  *offset = (at - clusters) << s->cluster_bits;
  return TRUE;
}

/* The header takes the new place of the table in one write within a sector. */
static gboolean
move_reftable (Qcow2 *s, guint64 offset, guint64 clusters, GError **error)
{
  g_autofree guint8 *bytes = g_malloc (8 * (gsize) s->reftable_size);
  guint8 place[12];

  for (guint32 i = 0; i < s->reftable_size; i++)
    astern_put_be64 (bytes + 8 * (gsize) i, s->reftable[i]);
  astern_put_be64 (place, offset);
  astern_put_be32 (place + 8, (guint32) clusters);
  if (!qcow2_write_refcounts (s, error) ||
      !astern_store_write (s->store, offset, bytes, 8 * (gsize) s->reftable_size, error) ||
      !astern_store_flush (s->store, error) ||
      !qcow2_put_header (s, QCOW2_HEADER_REFTABLE_OFFSET, place, sizeof place, error) ||
      !astern_store_flush (s->store, error))
    return FALSE;
  s->reftable_offset = offset;
  s->reftable_dirty_from = s->reftable_dirty_to = 0;
  return TRUE;
}

static gboolean
grow_reftable (Qcow2 *s, guint64 entries, GError **error)
{
  guint64 per_cluster = s->cluster_size / 8;
  guint64 old_offset = s->reftable_offset, old_clusters = qcow2_clusters (s, 8 * (guint64) s->reftable_size);
  guint64 clusters, offset;
  gboolean moved;

  /* Some more, and room for what counts the table itself. */
  entries = MAX (entries, s->reftable_size) + s->reftable_size / 2 + 2;
  clusters = (entries + per_cluster - 1) / per_cluster;
  clusters += (clusters / s->block_entries + 2) / per_cluster + 1;
  if (s->reftable_moves || clusters * s->cluster_size > QCOW2_MAX_REFTABLE_BYTES)
    return astern_image_fail (error, G_IO_ERROR_NO_SPACE, _("The image cannot grow any more; larger clusters would allow it."));
  s->reftable = g_renew (guint64, s->reftable, clusters * per_cluster);
  memset (s->reftable + s->reftable_size, 0, (clusters * per_cluster - s->reftable_size) * 8);
  s->reftable_size = (guint32) (clusters * per_cluster);
  s->reftable_moves = TRUE;
  moved = qcow2_allocate (s, clusters, &offset, error) && move_reftable (s, offset, clusters, error);
  s->reftable_moves = FALSE;
  if (!moved)
    {
      /* The old table stays in the file; what the new one has besides cannot be used. */
      s->file->corrupt = TRUE;
      return FALSE;
    }
  qcow2_is_metadata (s, offset, clusters);
  for (guint64 i = 0; i < old_clusters; i++)
    if (!qcow2_count_down (s, (old_offset >> s->cluster_bits) + i, error))
      return FALSE;
  return TRUE;
}

void
qcow2_packed_place (const Qcow2 *s, guint64 entry, guint64 *offset, guint64 *bytes)
{
  guint x = 62 - (s->cluster_bits - 8);
  guint64 sectors = ((entry & ~(QCOW2_COPIED | QCOW2_PACKED)) >> x) + 1;

  *offset = entry & ((G_GUINT64_CONSTANT (1) << x) - 1) & (MAX_OFFSET - 1);
  *bytes = sectors * 512 - (*offset & 511);
}
