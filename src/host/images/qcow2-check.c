/* qcow2-check.c - counts who refers to each cluster, compares that with the refcounts, and puts them right. */
#include "config.h"

#include "host/images/qcow2.h"

#include <glib/gi18n.h>

#define MAX_CLUSTERS        (G_GUINT64_CONSTANT (1) << 31)
#define EXTENSION_BITMAPS   0x23852875u
#define MAX_BITMAP_BYTES    (64u << 20)

typedef struct
{
  Qcow2               *s;
  AsternRepair         repair;
  void               (*say) (gpointer user, const char *finding);
  gpointer             user;
  AsternDiskFileCheck *result;
  guint64              clusters;        /* of the file */
  guint32             *references;      /* of each */
  gboolean             rebuild;         /* the refcount blocks themselves are not right */
} Check;

static void
say (Check *check, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
say (Check *check, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  if (check->say == NULL)
    return;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  check->say (check->user, text);
}

/* FALSE: it is not all in the file. */
static gboolean
refer (Check *check, guint64 offset, guint64 bytes, const char *what)
{
  const Qcow2 *s = check->s;
  guint64 first = offset >> s->cluster_bits, last = (offset + bytes - 1) >> s->cluster_bits;

  if (bytes == 0)
    return TRUE;
  if (offset + bytes < offset || last >= check->clusters)
    {
      /* Translators: %s is “L2 table”, “data”, … */
      say (check, _("%s at %#" PRIx64 " is behind the end of the file"), what, offset);
      check->result->corruptions++;
      return FALSE;
    }
  for (guint64 i = first; i <= last; i++)
    check->references[i] += check->references[i] < G_MAXUINT32;
  return TRUE;
}

static gboolean
refer_table (Check *check, guint64 offset, guint64 bytes, const char *what)
{
  if (bytes > 0 && (offset & (check->s->cluster_size - 1)) != 0)
    {
      say (check, _("%s at %#" PRIx64 " does not begin where a cluster begins"), what, offset);
      check->result->corruptions++;
      return FALSE;
    }
  return refer (check, offset, bytes, what);
}

static void
refer_entry (Check *check, guint64 entry, gboolean active, guint64 *expected)
{
  guint64 offset, bytes;

  if (entry & QCOW2_PACKED)
    {
      qcow2_packed_place (check->s, entry, &offset, &bytes);
      refer (check, offset & ~G_GUINT64_CONSTANT (511), bytes + (offset & 511), _("compressed data"));
    }
  else if ((entry & QCOW2_OFFSET) != 0)
    refer_table (check, entry & QCOW2_OFFSET, check->s->cluster_size, _("data"));
  if (!active || (!(entry & QCOW2_PACKED) && (entry & QCOW2_OFFSET) == 0))
    return;
  check->result->allocated++;
  if (entry & QCOW2_PACKED)
    {
      /* Compressed clusters are in pieces as a matter of course. */
      check->result->compressed++;
      check->result->fragmented++;
    }
  else
    {
      check->result->fragmented += *expected != 0 && *expected != (entry & QCOW2_OFFSET);
      *expected = (entry & QCOW2_OFFSET) + check->s->cluster_size;
    }
}

static gboolean
refer_l1 (Check *check, const guint64 *l1, guint32 size, guint64 offset, gboolean active, GError **error)
{
  Qcow2 *s = check->s;
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint64 expected = 0;

  if (!refer_table (check, offset, 8 * (guint64) size, _("L1 table")))
    return TRUE;
  for (guint32 i = 0; i < size; i++)
    {
      guint64 l2 = l1[i] & QCOW2_OFFSET;
      Qcow2Table *table;

      if (l2 == 0 || !refer_table (check, l2, s->cluster_size, _("L2 table")))
        continue;
      if (!g_hash_table_add (seen, GSIZE_TO_POINTER (l2 >> s->cluster_bits)))
        {
          say (check, _("L2 table at %#" PRIx64 " is another table, too"), l2);
          check->result->corruptions++;
          continue;
        }
      if (!qcow2_trim (s, error))
        return FALSE;
      /* Something else may be in memory for it, when the tables overlap. */
      table = qcow2_table (s, l2, QCOW2_L2_TABLE, NULL);
      if (table == NULL)
        {
          say (check, _("L2 table at %#" PRIx64 " is another table, too"), l2);
          check->result->corruptions++;
          continue;
        }
      for (guint j = 0; j < 1u << s->l2_bits; j++)
        refer_entry (check, qcow2_entry (table, j), active, &expected);
    }
  return TRUE;
}

static gboolean
refer_snapshots (Check *check, GError **error)
{
  Qcow2 *s = check->s;

  if (!qcow2_load_snapshots (s, error))
    return FALSE;
  if (s->n_snapshots > 0)
    refer_table (check, s->snapshots_offset, s->snapshots_bytes, _("table of snapshots"));
  for (guint i = 0; i < s->snapshots->len; i++)
    {
      const Qcow2Snapshot *snapshot = &g_array_index (s->snapshots, Qcow2Snapshot, i);
      g_autofree guint64 *l1 = NULL;

      if (snapshot->l1_size > 0 && snapshot->l1_offset >= s->store->size)
        refer_table (check, snapshot->l1_offset, 8 * (guint64) snapshot->l1_size, _("L1 table"));
      else if (!qcow2_load_l1 (s, snapshot->l1_offset, snapshot->l1_size, &l1, error) ||
               !refer_l1 (check, l1, snapshot->l1_size, snapshot->l1_offset, FALSE, error))
        return FALSE;
    }
  return TRUE;
}

/* One bitmap's table: entries like those of an L2 table. */
static gboolean
refer_bitmap (Check *check, guint64 offset, guint64 entries, GError **error)
{
  g_autofree guint8 *table = NULL;

  if (entries * 8 > MAX_BITMAP_BYTES || !refer_table (check, offset, 8 * entries, _("bitmap table")))
    return TRUE;
  table = g_malloc (8 * entries + 1);
  if (!astern_store_read (check->s->store, offset, table, 8 * entries, error))
    return FALSE;
  for (guint64 i = 0; i < entries; i++)
    if ((astern_be64 (table + 8 * i) & QCOW2_OFFSET) != 0)
      refer_table (check, astern_be64 (table + 8 * i) & QCOW2_OFFSET, check->s->cluster_size, _("bitmap"));
  return TRUE;
}

static gboolean
refer_bitmaps (Check *check, GError **error)
{
  Qcow2 *s = check->s;

  for (guint i = 0; i < s->extensions->len; i++)
    {
      const Qcow2Extension *extension = &g_array_index (s->extensions, Qcow2Extension, i);
      gsize size;
      const guint8 *data = g_bytes_get_data (extension->data, &size);
      guint64 bytes, offset;
      g_autofree guint8 *directory = NULL;

      if (extension->type != EXTENSION_BITMAPS || size < 24)
        continue;
      bytes = astern_be64 (data + 8);
      offset = astern_be64 (data + 16);
      if (bytes > MAX_BITMAP_BYTES || !refer_table (check, offset, bytes, _("directory of bitmaps")))
        continue;
      directory = g_malloc (bytes + 1);
      if (!astern_store_read (s->store, offset, directory, bytes, error))
        return FALSE;
      for (guint64 at = 0; at + 24 <= bytes; )
        {
          const guint8 *entry = directory + at;

          if (!refer_bitmap (check, astern_be64 (entry), astern_be32 (entry + 8), error))
            return FALSE;
          at += (24 + (guint64) astern_be16 (entry + 18) + astern_be32 (entry + 20) + 7) & ~G_GUINT64_CONSTANT (7);
        }
    }
  return TRUE;
}

static void
refer_refcounts (Check *check)
{
  Qcow2 *s = check->s;

  refer_table (check, s->reftable_offset, 8 * (guint64) s->reftable_size, _("refcount table"));
  for (guint32 i = 0; i < s->reftable_size; i++)
    if (s->reftable[i] != 0 && !refer_table (check, s->reftable[i], s->cluster_size, _("refcount block")))
      {
        s->reftable[i] = 0;
        check->rebuild = TRUE;
      }
  for (guint32 i = 0; i < s->reftable_size; i++)
    if (s->reftable[i] != 0 && check->references[s->reftable[i] >> s->cluster_bits] > 1)
      {
        say (check, _("refcount block at %#" PRIx64 " is something else, too"), s->reftable[i]);
        check->result->corruptions++;
        check->rebuild = TRUE;
      }
}

static gboolean
compare_count (Check *check, guint64 cluster, GError **error)
{
  guint64 wanted = cluster < check->clusters ? check->references[cluster] : 0, count;
  gboolean leak, repairs;

  if (!qcow2_refcount (check->s, cluster, &count, NULL))
    {
      check->rebuild = TRUE;
      count = 0;
    }
  if (count == wanted)
    return TRUE;
  /* Where a block would lie, something else may be. */
  if (count == 0 && (cluster / check->s->block_entries >= check->s->reftable_size ||
                     check->s->reftable[cluster / check->s->block_entries] == 0))
    check->rebuild = TRUE;
  leak = count > wanted;
  repairs = (check->repair & (leak ? ASTERN_REPAIR_LEAKS : ASTERN_REPAIR_ERRORS)) != 0 && !check->rebuild;
  say (check, leak ? _("cluster %" PRIu64 " is leaked: counted %" PRIu64 " times, referred to %" PRIu64 " times")
                   : _("cluster %" PRIu64 " is wrong: counted %" PRIu64 " times, referred to %" PRIu64 " times"),
       cluster, count, wanted);
  if (repairs && wanted <= qcow2_max_refcount (check->s))
    {
      if (!qcow2_set_refcount (check->s, cluster, wanted, error))
        return FALSE;
      *(leak ? &check->result->leaks_fixed : &check->result->corruptions_fixed) += 1;
    }
  else
    *(leak ? &check->result->leaks : &check->result->corruptions) += 1;
  return TRUE;
}

static gboolean
compare_counts (Check *check, GError **error)
{
  Qcow2 *s = check->s;

  for (guint64 i = 0; i < check->clusters; i++)
    {
      /* A block that is not there counts nothing, many clusters at once. */
      if ((i & 0xffff) == 0 && !qcow2_trim (s, error))
        return FALSE;
      if (!compare_count (check, i, error))
        return FALSE;
      if (check->references[i] > 0)
        check->result->image_end = (i + 1) << s->cluster_bits;
    }
  /* What several entries share has been found wrong already, and would be looked at once for each. */
  for (guint32 i = 0; i < s->reftable_size; i++)
    for (guint64 j = 0; s->reftable[i] != 0 && check->references[s->reftable[i] >> s->cluster_bits] == 1 && j < s->block_entries; j++)
      if (i * s->block_entries + j >= check->clusters && !compare_count (check, i * s->block_entries + j, error))
        return FALSE;
  return TRUE;
}

/* A flag says that the count is one, whether that is right or not. */
static guint64
right_flag (Check *check, guint64 entry)
{
  guint64 cluster = (entry & QCOW2_OFFSET) >> check->s->cluster_bits, count = 0;
  gboolean counted = cluster != 0 && cluster < check->clusters && !(entry & QCOW2_PACKED);

  if (counted && !qcow2_refcount (check->s, cluster, &count, NULL))
    count = check->references[cluster];
  return (entry & ~QCOW2_COPIED) | (counted && count == 1 ? QCOW2_COPIED : 0);
}

static gboolean
flag_is_wrong (Check *check, guint64 entry, const char *what)
{
  gboolean repairs = (check->repair & ASTERN_REPAIR_ERRORS) != 0;

  if (right_flag (check, entry) == entry)
    return FALSE;
  say (check, _("%s at %#" PRIx64 " has the wrong flag for being referred to once"), what, entry & QCOW2_OFFSET);
  *(repairs ? &check->result->corruptions_fixed : &check->result->corruptions) += 1;
  return repairs;
}

static gboolean
check_flags (Check *check, GError **error)
{
  Qcow2 *s = check->s;

  for (guint32 i = 0; i < s->l1_size; i++)
    {
      Qcow2Table *table;

      if ((s->l1[i] & QCOW2_OFFSET) == 0)
        continue;
      if (!qcow2_trim (s, error))
        return FALSE;
      if (flag_is_wrong (check, s->l1[i], _("L2 table")))
        {
          s->l1[i] = right_flag (check, s->l1[i]);
          qcow2_l1_changed (s, i);
        }
      table = qcow2_table (s, s->l1[i] & QCOW2_OFFSET, QCOW2_L2_TABLE, NULL);
      for (guint j = 0; table != NULL && j < 1u << s->l2_bits; j++)
        if (flag_is_wrong (check, qcow2_entry (table, j), _("data")))
          qcow2_set_entry (s, table, j, right_flag (check, qcow2_entry (table, j)));
    }
  return TRUE;
}

/* All refcounts anew, behind the end of the file.  What counted before is free then. */
static gboolean
rebuild (Check *check, GError **error)
{
  Qcow2 *s = check->s;
  guint64 n = check->clusters, blocks = 0, table_clusters = 0, total;

  do
    {
      total = n + blocks + table_clusters;
      blocks = total / s->block_entries + 1;
      table_clusters = qcow2_clusters (s, 8 * blocks);
    }
  while (n + blocks + table_clusters > total);
  if (table_clusters * s->cluster_size > QCOW2_MAX_REFTABLE_BYTES)
    return astern_image_fail (error, G_IO_ERROR_NO_SPACE, _("The image is too large to be repaired."));
  check->references = g_renew (guint32, check->references, total);
  for (guint64 i = n; i < total; i++)
    check->references[i] = 1;
  check->clusters = total;
  g_hash_table_remove_all (s->tables);
  g_free (s->reftable);
  s->reftable_size = (guint32) (table_clusters * s->cluster_size / 8);
  s->reftable = g_new0 (guint64, s->reftable_size);
  s->reftable_dirty_from = s->reftable_dirty_to = 0;
  s->reftable_moves = TRUE;
  for (guint64 i = 0; i < blocks; i++)
    {
      s->reftable[i] = (n + i) << s->cluster_bits;
      qcow2_new_table (s, s->reftable[i], QCOW2_REFCOUNT_BLOCK);
    }
  for (guint64 i = 0; i < total; i++)
    if (check->references[i] > 0 && !qcow2_set_refcount (s, i, MIN (check->references[i], qcow2_max_refcount (s)), error))
      return FALSE;
  return TRUE;
}

static gboolean
put_rebuilt (Check *check, GError **error)
{
  Qcow2 *s = check->s;
  guint64 table_clusters = qcow2_clusters (s, 8 * (guint64) s->reftable_size);
  guint64 offset = (check->clusters - table_clusters) << s->cluster_bits;
  g_autofree guint8 *bytes = g_malloc (8 * (gsize) s->reftable_size);
  guint8 place[12];

  for (guint32 i = 0; i < s->reftable_size; i++)
    astern_put_be64 (bytes + 8 * (gsize) i, s->reftable[i]);
  astern_put_be64 (place, offset);
  astern_put_be32 (place + 8, (guint32) table_clusters);
  if (!qcow2_write_refcounts (s, error) ||
      !astern_store_write (s->store, offset, bytes, 8 * (gsize) s->reftable_size, error) ||
      !astern_store_flush (s->store, error) ||
      !qcow2_put_header (s, QCOW2_HEADER_REFTABLE_OFFSET, place, sizeof place, error) || !astern_store_flush (s->store, error))
    return FALSE;
  s->reftable_offset = offset;
  s->reftable_moves = FALSE;
  return TRUE;
}

/* Everyone who refers, but the refcounts themselves. */
static gboolean
refer_all (Check *check, GError **error)
{
  Qcow2 *s = check->s;

  return refer (check, 0, s->cluster_size, _("header")) &&
         refer_l1 (check, s->l1, s->l1_size, s->l1_offset, TRUE, error) &&
         refer_snapshots (check, error) && refer_bitmaps (check, error);
}

static gboolean
finish (Check *check, GError **error)
{
  Qcow2 *s = check->s;

  if (check->repair == 0 || s->store->readonly)
    return TRUE;
  s->file->corrupt = FALSE;
  if (!qcow2_write_back (s, error) || !astern_store_flush (s->store, error))
    return FALSE;
  if (check->result->corruptions == 0 && (check->repair & ASTERN_REPAIR_ERRORS))
    {
      s->file->dirty = FALSE;
      return qcow2_set_incompatible (s, s->incompatible & ~(QCOW2_DIRTY | QCOW2_CORRUPT), error) &&
             astern_store_flush (s->store, error);
    }
  s->file->corrupt = (s->incompatible & QCOW2_CORRUPT) != 0;
  return TRUE;
}

/* The mapping is counted again without the blocks that were not right; what is wrong with it stays wrong. */
static gboolean
count_anew (Check *check, GError **error)
{
  AsternDiskFileCheck *result = check->result;
  guint64 found = result->corruptions + result->leaks;

  memset (check->references, 0, check->clusters * sizeof (guint32));
  *result = (AsternDiskFileCheck) { .clusters = result->clusters, .image_end = result->image_end };
  check->say = NULL;
  if (!refer_all (check, error) || !rebuild (check, error) || !put_rebuilt (check, error))
    return FALSE;
  result->corruptions_fixed = found - MIN (found, result->corruptions);
  return TRUE;
}

static gboolean
run (Check *check, GError **error)
{
  if (!refer_all (check, error))
    return FALSE;
  refer_refcounts (check);
  if (!compare_counts (check, error))
    return FALSE;
  if (check->rebuild && (check->repair & ASTERN_REPAIR_ERRORS) && !count_anew (check, error))
    return FALSE;
  return check_flags (check, error) && finish (check, error);
}

gboolean
qcow2_check (AsternDiskFile *file, AsternRepair repair, void (*say_finding) (gpointer, const char *), gpointer user,
             AsternDiskFileCheck *result, GError **error)
{
  Qcow2 *s = file->own;
  Check check = { .s = s, .repair = repair, .say = say_finding, .user = user, .result = result };
  gboolean good;

  check.clusters = qcow2_clusters (s, s->store->size);
  if (check.clusters > MAX_CLUSTERS || (check.references = g_try_new0 (guint32, check.clusters + 1)) == NULL)
    return astern_image_fail (error, G_IO_ERROR_NO_SPACE, _("The file is too large to be checked."));
  result->clusters = qcow2_clusters (s, file->size);
  good = run (&check, error);
  g_free (check.references);
  return good;
}
