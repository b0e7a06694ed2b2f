/* qcow2-tables.c - L2 tables and refcount blocks in memory, and the order in which they are written. */
#include "config.h"

#include "host/images/qcow2.h"

#include <glib/gi18n.h>

#define CACHE_BYTES (32u << 20)
#define CACHE_MIN   64
#define SECTOR      512

void
qcow2_free_table (gpointer data)
{
  Qcow2Table *table = data;

  g_free (table->bytes);
  g_free (table);
}

static Qcow2Table *
add_table (Qcow2 *s, guint64 offset, Qcow2TableKind kind, guint8 *bytes)
{
  Qcow2Table *table = g_new0 (Qcow2Table, 1);

  table->offset = offset;
  table->kind = kind;
  table->bytes = bytes;
  table->used = ++s->uses;
  g_hash_table_replace (s->tables, &table->offset, table);
  return table;
}

Qcow2Table *
qcow2_table (Qcow2 *s, guint64 offset, Qcow2TableKind kind, GError **error)
{
  Qcow2Table *table = g_hash_table_lookup (s->tables, &offset);
  g_autofree guint8 *bytes = NULL;

  if (table != NULL && table->kind == kind)
    {
      table->used = ++s->uses;
      return table;
    }
  if (table != NULL || offset == 0 || (offset & (s->cluster_size - 1)) != 0 || offset >= s->store->size)
    {
      qcow2_corrupt (s, error, kind == QCOW2_L2_TABLE ? _("there is no L2 table at %#" PRIx64)
                                                      : _("there is no refcount block at %#" PRIx64), offset);
      return NULL;
    }
  bytes = g_malloc (s->cluster_size);
  if (!astern_store_read (s->store, offset, bytes, s->cluster_size, error))
    return NULL;
  return add_table (s, offset, kind, g_steal_pointer (&bytes));
}

Qcow2Table *
qcow2_new_table (Qcow2 *s, guint64 offset, Qcow2TableKind kind)
{
  Qcow2Table *table = add_table (s, offset, kind, g_malloc0 (s->cluster_size));

  table->fresh = TRUE;
  table->dirty_to = (guint) s->cluster_size;
  return table;
}

void
qcow2_table_changed (Qcow2 *s, Qcow2Table *table, guint from, guint to)
{
  if (table->dirty_from == table->dirty_to)
    {
      table->dirty_from = from;
      table->dirty_to = to;
      return;
    }
  table->dirty_from = MIN (table->dirty_from, from);
  table->dirty_to = MAX (table->dirty_to, to);
}

void
qcow2_forget_table (Qcow2 *s, guint64 offset)
{
  g_hash_table_remove (s->tables, &offset);
}

void
qcow2_l1_changed (Qcow2 *s, guint32 index)
{
  gboolean clean = s->l1_dirty_from == s->l1_dirty_to;

  s->l1_dirty_from = clean ? index : MIN (s->l1_dirty_from, index);
  s->l1_dirty_to = clean ? index + 1 : MAX (s->l1_dirty_to, index + 1);
}

static gboolean
write_table (Qcow2 *s, Qcow2Table *table, GError **error)
{
  guint from = table->dirty_from & ~(SECTOR - 1u), to = (table->dirty_to + SECTOR - 1) & ~(SECTOR - 1u);

  if (!astern_store_write (s->store, table->offset + from, table->bytes + from, to - from, error))
    return FALSE;
  table->dirty_from = table->dirty_to = 0;
  table->fresh = FALSE;
  return TRUE;
}

static gint
compare_offsets (gconstpointer a, gconstpointer b)
{
  const Qcow2Table *x = *(Qcow2Table *const *) a, *y = *(Qcow2Table *const *) b;

  return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Tables of a kind that have changed, in the order of the file. */
static GPtrArray *
find_dirty (Qcow2 *s, Qcow2TableKind kind, gboolean only_fresh)
{
  GPtrArray *found = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer table;

  g_hash_table_iter_init (&iter, s->tables);
  while (g_hash_table_iter_next (&iter, NULL, &table))
    {
      const Qcow2Table *t = table;

      if (t->kind == kind && t->dirty_from != t->dirty_to && (t->fresh || !only_fresh))
        g_ptr_array_add (found, table);
    }
  g_ptr_array_sort (found, compare_offsets);
  return found;
}

static gboolean
write_tables (Qcow2 *s, Qcow2TableKind kind, gboolean only_fresh, guint *written, GError **error)
{
  g_autoptr (GPtrArray) tables = find_dirty (s, kind, only_fresh);

  for (guint i = 0; i < tables->len; i++)
    if (!write_table (s, g_ptr_array_index (tables, i), error))
      return FALSE;
  if (written != NULL)
    *written = tables->len;
  return TRUE;
}

static gboolean
write_entries (Qcow2 *s, guint64 offset, const guint64 *entries, guint32 *from, guint32 *to, GError **error)
{
  g_autofree guint8 *bytes = NULL;
  guint32 n = *to - *from;

  if (n == 0)
    return TRUE;
  bytes = g_malloc (8 * (gsize) n);
  for (guint32 i = 0; i < n; i++)
    astern_put_be64 (bytes + 8 * (gsize) i, entries[*from + i]);
  if (!astern_store_write (s->store, offset + 8 * (guint64) *from, bytes, 8 * (gsize) n, error))
    return FALSE;
  *from = *to = 0;
  return TRUE;
}

/* Steps 1 and 2 but for the L2 tables. */
gboolean
qcow2_write_refcounts (Qcow2 *s, GError **error)
{
  guint fresh;

  if (!write_tables (s, QCOW2_REFCOUNT_BLOCK, TRUE, &fresh, error) ||
      (fresh > 0 && !astern_store_flush (s->store, error)))
    return FALSE;
  return write_tables (s, QCOW2_REFCOUNT_BLOCK, FALSE, NULL, error) &&
         (s->reftable_moves ||
          write_entries (s, s->reftable_offset, s->reftable, &s->reftable_dirty_from, &s->reftable_dirty_to, error));
}

static gboolean
has_dirty_mapping (Qcow2 *s)
{
  g_autoptr (GPtrArray) tables = find_dirty (s, QCOW2_L2_TABLE, FALSE);

  return tables->len > 0 || s->l1_dirty_from != s->l1_dirty_to;
}

/* Step 4.  Counting down may fail half-way; what was not counted is leaked. */
static gboolean
apply_frees (Qcow2 *s, GError **error)
{
  g_autoptr (GArray) frees = g_steal_pointer (&s->frees);

  s->frees = g_array_new (FALSE, FALSE, sizeof (guint64));
  if (frees->len == 0)
    return TRUE;
  if (!astern_store_flush (s->store, error))
    return FALSE;
  for (guint i = 0; i < frees->len; i++)
    if (!qcow2_count_down (s, g_array_index (frees, guint64, i), error))
      return FALSE;
  return qcow2_write_refcounts (s, error);
}

gboolean
qcow2_write_back (Qcow2 *s, GError **error)
{
  if (!has_dirty_mapping (s))
    return qcow2_write_refcounts (s, error) && apply_frees (s, error);
  return qcow2_write_refcounts (s, error) &&
         write_tables (s, QCOW2_L2_TABLE, TRUE, NULL, error) &&
         astern_store_flush (s->store, error) &&
         write_tables (s, QCOW2_L2_TABLE, FALSE, NULL, error) &&
         write_entries (s, s->l1_offset, s->l1, &s->l1_dirty_from, &s->l1_dirty_to, error) &&
         apply_frees (s, error);
}

static gboolean
is_old_and_clean (gpointer key, gpointer value, gpointer limit)
{
  const Qcow2Table *table = value;

  return table->dirty_from == table->dirty_to && table->used < *(const guint64 *) limit;
}

gboolean
qcow2_trim (Qcow2 *s, GError **error)
{
  guint limit = MAX (CACHE_BYTES >> s->cluster_bits, CACHE_MIN);
  guint64 before;

  if (s->frees->len > 65536 && !qcow2_write_back (s, error))
    return FALSE;
  if (g_hash_table_size (s->tables) <= limit)
    return TRUE;
  if (!s->store->readonly && !s->file->corrupt && !qcow2_write_back (s, error))
    return FALSE;
  /* Each use of a table has a number, so that at most limit / 2 of them stay. */
  before = s->uses - limit / 2;
  g_hash_table_foreach_remove (s->tables, is_old_and_clean, &before);
  return TRUE;
}
