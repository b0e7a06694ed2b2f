/* qcow2-snapshots.c - snapshots inside an image: L1 tables that share clusters with the active one.
 *
 * While counts and flags of many clusters change, the image is marked dirty: should the power go, who opens it next
 * to write it counts again.  A cluster whose flag says that only one refers to it has one reference at any time. */
#include "config.h"

#include "host/images/qcow2.h"

#include <glib/gi18n.h>

#define HEAD_BYTES      40
#define MAX_EXTRA       1024
#define V3_EXTRA        16
#define ICOUNT_EXTRA    24      /* QEMU adds the guest's count of instructions */

static void
clear_snapshot (gpointer data)
{
  Qcow2Snapshot *snapshot = data;

  g_bytes_unref (snapshot->extra);
  g_free (snapshot->id);
  g_free (snapshot->name);
}

void
qcow2_drop_snapshots (Qcow2 *s)
{
  g_clear_pointer (&s->snapshots, g_array_unref);
}

static gboolean
load_snapshot (Qcow2 *s, guint64 *offset, Qcow2Snapshot *snapshot, GError **error)
{
  guint8 head[HEAD_BYTES], extra[MAX_EXTRA] = { 0 };
  guint id_size, name_size, extra_size;
  g_autofree char *names = NULL;

  if (!astern_store_read (s->store, *offset, head, sizeof head, error))
    return FALSE;
  id_size = astern_be16 (head + 12);
  name_size = astern_be16 (head + 14);
  extra_size = astern_be32 (head + 36);
  if (extra_size > MAX_EXTRA || *offset - s->snapshots_offset > QCOW2_MAX_SNAPSHOTS_BYTES || *offset >= s->store->size)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its table of snapshots cannot be right"));
  names = g_malloc0 (id_size + name_size + 1);
  if (!astern_store_read (s->store, *offset + HEAD_BYTES, extra, extra_size, error) ||
      !astern_store_read (s->store, *offset + HEAD_BYTES + extra_size, names, id_size + name_size, error))
    return FALSE;
  *snapshot = (Qcow2Snapshot) {
    .l1_offset = astern_be64 (head), .l1_size = astern_be32 (head + 8), .date_s = astern_be32 (head + 16),
    .date_ns = astern_be32 (head + 20), .vm_clock_ns = astern_be64 (head + 24), .vm_state_size_32 = astern_be32 (head + 32),
    .disk_size = extra_size >= V3_EXTRA ? astern_be64 (extra + 8) : s->file->size,
    .extra = g_bytes_new (extra, extra_size),
    .id = g_strndup (names, id_size), .name = g_strndup (names + id_size, name_size),
  };
  *offset = (*offset + HEAD_BYTES + extra_size + id_size + name_size + 7) & ~G_GUINT64_CONSTANT (7);
  return TRUE;
}

gboolean
qcow2_load_snapshots (Qcow2 *s, GError **error)
{
  guint64 offset = s->snapshots_offset, l1_clusters = 0;

  if (s->snapshots != NULL)
    return TRUE;
  if (s->n_snapshots > 0 && ((offset & (s->cluster_size - 1)) != 0 || offset == 0 || offset > G_MAXINT64))
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its table of snapshots cannot be right"));
  s->snapshots = g_array_new (FALSE, TRUE, sizeof (Qcow2Snapshot));
  g_array_set_clear_func (s->snapshots, clear_snapshot);
  for (guint32 i = 0; i < s->n_snapshots; i++)
    {
      Qcow2Snapshot snapshot;

      if (!load_snapshot (s, &offset, &snapshot, error))
        {
          qcow2_drop_snapshots (s);
          return FALSE;
        }
      g_array_append_val (s->snapshots, snapshot);
      /* Their L1 tables lie beside each other in the file. */
      l1_clusters += qcow2_clusters (s, 8 * (guint64) snapshot.l1_size);
      if (8 * (guint64) snapshot.l1_size > QCOW2_MAX_L1_BYTES || l1_clusters > qcow2_clusters (s, s->store->size) || (snapshot.l1_offset & (s->cluster_size - 1)) != 0 ||
          snapshot.l1_offset > G_MAXINT64)
        {
          qcow2_drop_snapshots (s);
          return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its table of snapshots cannot be right"));
        }
    }
  s->snapshots_bytes = offset - s->snapshots_offset;
  return TRUE;
}

gboolean
qcow2_snapshots (AsternDiskFile *file, GPtrArray *snapshots, GError **error)
{
  Qcow2 *s = file->own;

  if (!qcow2_load_snapshots (s, error))
    return FALSE;
  for (guint i = 0; i < s->snapshots->len; i++)
    {
      const Qcow2Snapshot *from = &g_array_index (s->snapshots, Qcow2Snapshot, i);
      AsternDiskSnapshot *to = g_new0 (AsternDiskSnapshot, 1);
      gsize size;
      const guint8 *extra = g_bytes_get_data (from->extra, &size);

      *to = (AsternDiskSnapshot) {
        .id = g_strdup (from->id), .name = g_strdup (from->name), .disk_size = from->disk_size, .date_s = from->date_s,
        .date_ns = from->date_ns, .vm_clock_ns = from->vm_clock_ns,
        .vm_state_size = size >= 8 ? astern_be64 (extra) : from->vm_state_size_32,
        .icount = size >= ICOUNT_EXTRA ? astern_be64 (extra + 16) : G_MAXUINT64,
      };
      g_ptr_array_add (snapshots, to);
    }
  return TRUE;
}

static GByteArray *
snapshot_table (Qcow2 *s)
{
  GByteArray *table = g_byte_array_new ();

  for (guint i = 0; i < s->snapshots->len; i++)
    {
      const Qcow2Snapshot *snapshot = &g_array_index (s->snapshots, Qcow2Snapshot, i);
      guint8 head[HEAD_BYTES] = { 0 }, padding[8] = { 0 };
      gsize size;
      gconstpointer extra = g_bytes_get_data (snapshot->extra, &size);

      astern_put_be64 (head, snapshot->l1_offset);
      astern_put_be32 (head + 8, snapshot->l1_size);
      astern_put_be16 (head + 12, (guint16) strlen (snapshot->id));
      astern_put_be16 (head + 14, (guint16) strlen (snapshot->name));
      astern_put_be32 (head + 16, snapshot->date_s);
      astern_put_be32 (head + 20, snapshot->date_ns);
      astern_put_be64 (head + 24, snapshot->vm_clock_ns);
      astern_put_be32 (head + 32, snapshot->vm_state_size_32);
      astern_put_be32 (head + 36, (guint32) size);
      g_byte_array_append (table, head, sizeof head);
      if (size > 0)
        g_byte_array_append (table, extra, (guint) size);
      g_byte_array_append (table, (const guint8 *) snapshot->id, (guint) strlen (snapshot->id));
      g_byte_array_append (table, (const guint8 *) snapshot->name, (guint) strlen (snapshot->name));
      g_byte_array_append (table, padding, -table->len & 7);
    }
  return table;
}

/* The table as it is in memory goes into the file, at another place, and the header says so. */
static gboolean
put_snapshots (Qcow2 *s, GError **error)
{
  g_autoptr (GByteArray) table = snapshot_table (s);
  guint64 clusters = qcow2_clusters (s, table->len), offset = 0, old = s->snapshots_offset;
  guint64 old_clusters = s->n_snapshots > 0 ? qcow2_clusters (s, s->snapshots_bytes) : 0;
  guint8 place[12];

  if (clusters > 0 && (!qcow2_allocate (s, clusters, &offset, error) ||
                       !astern_store_write (s->store, offset, table->data, table->len, error)))
    return FALSE;
  astern_put_be32 (place, s->snapshots->len);
  astern_put_be64 (place + 4, offset);
  if (!qcow2_write_back (s, error) || !astern_store_flush (s->store, error) ||
      !qcow2_put_header (s, QCOW2_HEADER_N_SNAPSHOTS, place, sizeof place, error) || !astern_store_flush (s->store, error))
    return FALSE;
  s->n_snapshots = s->snapshots->len;
  s->snapshots_offset = offset;
  s->snapshots_bytes = table->len;
  qcow2_is_metadata (s, offset, clusters);
  qcow2_free_later (s, old, old_clusters);
  return TRUE;
}

typedef gboolean (*ClusterFunc) (Qcow2 *s, guint64 offset, guint64 clusters, GError **error);

static gboolean
count_up (Qcow2 *s, guint64 offset, guint64 clusters, GError **error)
{
  for (guint64 i = 0; i < clusters; i++)
    if (!qcow2_count_up (s, (offset >> s->cluster_bits) + i, error))
      return FALSE;
  return TRUE;
}

/* Before anything is changed: that count_up() will not fail.  No more than all that refer to a cluster do so again. */
static gboolean
can_count_up (Qcow2 *s, guint64 offset, guint64 clusters, GError **error)
{
  for (guint64 i = 0; i < clusters; i++)
    {
      guint64 count;

      if (!qcow2_refcount (s, (offset >> s->cluster_bits) + i, &count, error))
        return FALSE;
      if (count > qcow2_max_refcount (s) / 2)
        return astern_image_fail (error, G_IO_ERROR_NO_SPACE,
                                  _("The refcounts of this image are too small for a snapshot; more refcount_bits would allow it."));
    }
  return TRUE;
}

static gboolean
count_down (Qcow2 *s, guint64 offset, guint64 clusters, GError **error)
{
  for (guint64 i = 0; i < clusters; i++)
    if (!qcow2_count_down (s, (offset >> s->cluster_bits) + i, error))
      return FALSE;
  return TRUE;
}

static gboolean
for_each_entry (Qcow2 *s, guint64 l2_offset, ClusterFunc func, GError **error)
{
  for (guint i = 0; i < 1u << s->l2_bits; i++)
    {
      Qcow2Table *table = qcow2_table (s, l2_offset, QCOW2_L2_TABLE, error);
      guint64 entry, offset, bytes;

      if (table == NULL)
        return FALSE;
      entry = qcow2_entry (table, i);
      if (entry & QCOW2_PACKED)
        {
          qcow2_packed_place (s, entry, &offset, &bytes);
          if (!func (s, offset, ((offset + bytes - 1) >> s->cluster_bits) - (offset >> s->cluster_bits) + 1, error))
            return FALSE;
        }
      else if ((entry & QCOW2_OFFSET) != 0 && !func (s, entry & QCOW2_OFFSET, 1, error))
        return FALSE;
    }
  return TRUE;
}

/* All that an L1 table refers to, the L2 tables last. */
static gboolean
for_each_cluster (Qcow2 *s, const guint64 *l1, guint32 l1_size, ClusterFunc func, GError **error)
{
  for (guint32 i = 0; i < l1_size; i++)
    {
      guint64 l2 = l1[i] & QCOW2_OFFSET;

      if (l2 != 0 && (!qcow2_trim (s, error) || !for_each_entry (s, l2, func, error) || !func (s, l2, 1, error)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_single (Qcow2 *s, guint64 offset, gboolean *single, GError **error)
{
  guint64 count;

  if (!qcow2_refcount (s, offset >> s->cluster_bits, &count, error))
    return FALSE;
  *single = count == 1;
  return TRUE;
}

static gboolean
fix_l2_flags (Qcow2 *s, guint64 l2, gboolean never, GError **error)
{
  Qcow2Table *table = qcow2_table (s, l2, QCOW2_L2_TABLE, error);

  if (table == NULL)
    return FALSE;
  for (guint i = 0; i < 1u << s->l2_bits; i++)
    {
      guint64 entry = qcow2_entry (table, i), right;
      gboolean single = FALSE;

      if (!(entry & QCOW2_PACKED) && (entry & QCOW2_OFFSET) != 0 && !never &&
          !is_single (s, entry & QCOW2_OFFSET, &single, error))
        return FALSE;
      right = (entry & ~QCOW2_COPIED) | (single ? QCOW2_COPIED : 0);
      if (right != entry)
        qcow2_set_entry (s, table, i, right);
    }
  return TRUE;
}

/* The flags of the active tables are as the counts are; @never: none is set. */
static gboolean
fix_flags (Qcow2 *s, gboolean never, GError **error)
{
  for (guint32 i = 0; i < s->l1_size; i++)
    {
      guint64 l2 = s->l1[i] & QCOW2_OFFSET, right;
      gboolean single = FALSE;

      if (l2 == 0)
        continue;
      if (!qcow2_trim (s, error) || !fix_l2_flags (s, l2, never, error) ||
          (!never && !is_single (s, l2, &single, error)))
        return FALSE;
      right = l2 | (single ? QCOW2_COPIED : 0);
      if (right != s->l1[i])
        {
          s->l1[i] = right;
          qcow2_l1_changed (s, i);
        }
    }
  return TRUE;
}

static gboolean
set_dirty (Qcow2 *s, gboolean dirty, GError **error)
{
  guint64 features = (s->incompatible & ~QCOW2_DIRTY) | (dirty ? QCOW2_DIRTY : 0);

  return qcow2_write_back (s, error) && astern_store_flush (s->store, error) &&
         qcow2_set_incompatible (s, features, error) && astern_store_flush (s->store, error);
}

static gboolean
put_l1_copy (Qcow2 *s, const guint64 *l1, guint32 size, guint32 filled, guint64 *offset, GError **error)
{
  guint64 clusters = MAX (qcow2_clusters (s, 8 * (guint64) size), 1);
  g_autofree guint8 *bytes = g_malloc0 (clusters * s->cluster_size);

  for (guint32 i = 0; i < filled; i++)
    astern_put_be64 (bytes + 8 * (gsize) i, l1[i] & ~QCOW2_COPIED);
  if (!qcow2_allocate (s, clusters, offset, error) ||
      !astern_store_write (s->store, *offset, bytes, clusters * s->cluster_size, error))
    return FALSE;
  qcow2_is_metadata (s, *offset, clusters);
  return TRUE;
}

static char *
next_id (Qcow2 *s)
{
  guint64 last = 0;

  for (guint i = 0; i < s->snapshots->len; i++)
    last = MAX (last, g_ascii_strtoull (g_array_index (s->snapshots, Qcow2Snapshot, i).id, NULL, 10));
  return g_strdup_printf ("%" PRIu64, last + 1);
}

gboolean
qcow2_snapshot_create (AsternDiskFile *file, const char *name, guint64 date_s, guint32 date_ns, GError **error)
{
  Qcow2 *s = file->own;
  guint8 extra[ICOUNT_EXTRA] = { 0 };
  Qcow2Snapshot snapshot = { .l1_size = s->l1_size, .disk_size = file->size, .date_s = (guint32) date_s, .date_ns = date_ns };

  if (!qcow2_load_snapshots (s, error))
    return FALSE;
  if (s->n_snapshots >= QCOW2_MAX_SNAPSHOTS || strlen (name) > G_MAXUINT16)
    return astern_image_fail (error, G_IO_ERROR_INVALID_ARGUMENT, _("There are too many snapshots, or the name is too long."));
  for (guint i = 0; i < s->snapshots->len; i++)
    if (g_str_equal (g_array_index (s->snapshots, Qcow2Snapshot, i).name, name))
      return astern_image_fail (error, G_IO_ERROR_EXISTS, _("There is a snapshot “%s” already."), name);
  if (!for_each_cluster (s, s->l1, s->l1_size, can_count_up, error) || !set_dirty (s, TRUE, error) ||
      !for_each_cluster (s, s->l1, s->l1_size, count_up, error) || !fix_flags (s, TRUE, error) ||
      !put_l1_copy (s, s->l1, s->l1_size, s->l1_size, &snapshot.l1_offset, error))
    return FALSE;
  astern_put_be64 (extra + 8, file->size);
  astern_put_be64 (extra + 16, G_MAXUINT64);      /* not counted */
  snapshot.extra = g_bytes_new (extra, sizeof extra);
  snapshot.id = next_id (s);
  snapshot.name = g_strdup (name);
  g_array_append_val (s->snapshots, snapshot);
  return put_snapshots (s, error) && set_dirty (s, FALSE, error);
}

gboolean
qcow2_snapshot_delete (AsternDiskFile *file, guint index, GError **error)
{
  Qcow2 *s = file->own;
  g_autofree guint64 *l1 = NULL;
  guint64 l1_offset, l1_clusters;
  guint32 l1_size;

  if (!qcow2_load_snapshots (s, error))
    return FALSE;
  l1_offset = g_array_index (s->snapshots, Qcow2Snapshot, index).l1_offset;
  l1_size = g_array_index (s->snapshots, Qcow2Snapshot, index).l1_size;
  l1_clusters = qcow2_clusters (s, 8 * (guint64) l1_size);
  if (!qcow2_load_l1 (s, l1_offset, l1_size, &l1, error) || !set_dirty (s, TRUE, error))
    return FALSE;
  g_array_remove_index (s->snapshots, index);
  return put_snapshots (s, error) &&
         for_each_cluster (s, l1, l1_size, count_down, error) &&
         count_down (s, l1_offset, l1_clusters, error) &&
         fix_flags (s, FALSE, error) && set_dirty (s, FALSE, error);
}

static gboolean
switch_l1 (Qcow2 *s, guint64 size, guint32 l1_size, guint64 l1_offset, GError **error)
{
  guint8 bytes[24] = { 0 };

  astern_put_be64 (bytes, size);
  astern_put_be32 (bytes + 12, l1_size);
  astern_put_be64 (bytes + 16, l1_offset);
  return qcow2_write_back (s, error) && astern_store_flush (s->store, error) &&
         qcow2_put_header (s, QCOW2_HEADER_SIZE, bytes, sizeof bytes, error) && astern_store_flush (s->store, error);
}

gboolean
qcow2_snapshot_apply (AsternDiskFile *file, guint index, GError **error)
{
  Qcow2 *s = file->own;
  g_autofree guint64 *l1 = NULL, *old_l1 = NULL;
  guint64 covers = s->cluster_size << s->l2_bits, disk_size, old_offset = s->l1_offset, offset, needed;
  guint32 size, old_size = s->l1_size, filled;

  if (!qcow2_load_snapshots (s, error))
    return FALSE;
  disk_size = g_array_index (s->snapshots, Qcow2Snapshot, index).disk_size;
  filled = g_array_index (s->snapshots, Qcow2Snapshot, index).l1_size;
  needed = disk_size / covers + (disk_size % covers != 0);
  if (8 * needed > QCOW2_MAX_L1_BYTES)
    return qcow2_corrupt (s, error, _("the snapshot's disk is too large"));
  size = (guint32) MAX (needed, filled);
  if (!qcow2_load_l1 (s, g_array_index (s->snapshots, Qcow2Snapshot, index).l1_offset, filled, &l1, error) ||
      !set_dirty (s, TRUE, error) || !for_each_cluster (s, l1, filled, count_up, error) ||
      !put_l1_copy (s, l1, size, filled, &offset, error) || !switch_l1 (s, disk_size, size, offset, error))
    return FALSE;
  old_l1 = g_steal_pointer (&s->l1);
  s->l1 = g_new0 (guint64, size + 1);
  for (guint32 i = 0; i < filled; i++)
    s->l1[i] = l1[i] & ~QCOW2_COPIED;
  s->l1_size = size;
  s->l1_offset = offset;
  file->size = disk_size;
  return for_each_cluster (s, old_l1, old_size, count_down, error) &&
         count_down (s, old_offset, old_size > 0 ? qcow2_clusters (s, 8 * (guint64) old_size) : 0, error) &&
         fix_flags (s, FALSE, error) && set_dirty (s, FALSE, error);
}

gboolean
qcow2_snapshot_show (AsternDiskFile *file, guint index, GError **error)
{
  Qcow2 *s = file->own;
  const Qcow2Snapshot *snapshot = &g_array_index (s->snapshots, Qcow2Snapshot, index);
  guint64 *l1;

  if (!qcow2_load_l1 (s, snapshot->l1_offset, snapshot->l1_size, &l1, error))
    return FALSE;
  if (snapshot->disk_size > ASTERN_IMAGE_MAX_SIZE)
    {
      g_free (l1);
      return qcow2_corrupt (s, error, _("the snapshot's disk is too large"));
    }
  g_free (s->l1);
  s->l1 = l1;
  s->l1_size = snapshot->l1_size;
  file->size = snapshot->disk_size;
  return TRUE;
}
