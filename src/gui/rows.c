/* rows.c - see rows.h. */
#include "config.h"

#include "gui/rows.h"

/* ---- lists ---- */

AsternRowList *
astern_row_list_new (void)
{
  AsternRowList *list = g_new (AsternRowList, 1);

  list->rows = g_array_new (FALSE, TRUE, sizeof (AsternRow));
  list->strings = g_string_chunk_new (4096);
  return list;
}

void
astern_row_list_free (AsternRowList *list)
{
  g_array_unref (list->rows);
  g_string_chunk_free (list->strings);
  g_free (list);
}

AsternRow *
astern_row_list_add (AsternRowList *list, guint depth, guint64 key)
{
  g_array_set_size (list->rows, list->rows->len + 1);
  {
    AsternRow *row = &g_array_index (list->rows, AsternRow, list->rows->len - 1);

    row->depth = depth;
    row->key = key;
    return row;
  }
}

void
astern_row_list_set (AsternRowList *list, guint column, const char *text)
{
  g_array_index (list->rows, AsternRow, list->rows->len - 1).texts[column] = g_string_chunk_insert (list->strings, text);
}

void
astern_row_list_printf (AsternRowList *list, guint column, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  astern_row_list_set (list, column, text);
}

/* ---- showing ---- */

struct _AsternRows
{
  GtkTreeView   *tree;
  GtkTreeStore  *store;
  AsternRowList *shown;         /* what the store holds */
  GHashTable    *unfolded;      /* guint64 keys */
  GHashTable    *before;        /* key to the text compared, as of the last stop; owned */
  GHashTable    *now;           /* the same of this stop */
  int            compared;
  guint          serial;
  gboolean       showing, again;   /* again: what was unfolded meanwhile has not been looked at */
  void         (*changed) (gpointer user);
  gpointer       user;
};

static GHashTable *
new_set (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

static GHashTable *
new_texts (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
}

static const AsternRow *
at (const AsternRowList *list, guint i)
{
  return &g_array_index (list->rows, AsternRow, i);
}

/* The end of row @i and all below it. */
static guint
after (const AsternRowList *list, guint i, guint end)
{
  guint depth = at (list, i)->depth;

  for (i++; i < end && at (list, i)->depth > depth; i++)
    ;
  return i;
}

static int
weight_of (AsternRows *rows, const AsternRow *row)
{
  const char *old = rows->compared < 0 ? NULL : g_hash_table_lookup (rows->before, &row->key);

  if (row->flags & ASTERN_ROW_STRONG)
    return PANGO_WEIGHT_BOLD;
  return old != NULL && g_strcmp0 (old, row->texts[rows->compared]) != 0 ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL;
}

static void
update_row (AsternRows *rows, GtkTreeIter *iter, const AsternRow *old, const AsternRow *row)
{
  int weight = weight_of (rows, row), present;

  for (int i = 0; i < ASTERN_ROW_TEXTS; i++)
    if (old == NULL ? row->texts[i] != NULL : g_strcmp0 (old->texts[i], row->texts[i]) != 0)
      gtk_tree_store_set (rows->store, iter, i, row->texts[i], -1);
  if (old == NULL || old->address != row->address || old->flags != row->flags)
    gtk_tree_store_set (rows->store, iter, ASTERN_ROWS_KEY, row->key, ASTERN_ROWS_ADDRESS, row->address, ASTERN_ROWS_FLAGS,
                        row->flags, -1);
  gtk_tree_model_get (GTK_TREE_MODEL (rows->store), iter, ASTERN_ROWS_WEIGHT, &present, -1);
  if (present != weight)
    gtk_tree_store_set (rows->store, iter, ASTERN_ROWS_WEIGHT, weight, -1);
}

static void
unfold (AsternRows *rows, GtkTreeIter *iter, const AsternRow *row, gboolean fresh)
{
  GtkTreePath *path;

  if (!(fresh && (row->flags & ASTERN_ROW_OPEN)) && !g_hash_table_contains (rows->unfolded, &row->key))
    return;
  path = gtk_tree_model_get_path (GTK_TREE_MODEL (rows->store), iter);
  if (!gtk_tree_view_row_expanded (rows->tree, path))
    gtk_tree_view_expand_row (rows->tree, path, FALSE);
  gtk_tree_path_free (path);
}

static void show_children (AsternRows *rows, GtkTreeIter *parent, const AsternRowList *was, guint i, guint i_end,
                           const AsternRowList *list, guint k, guint k_end);

/* A row's children: those of the list, or one that says that there are some.  What is new comes before what is taken away: a
 * row whose last child is taken folds up. */
static void
show_below (AsternRows *rows, GtkTreeIter *iter, const AsternRowList *was, guint i, guint i_end, const AsternRowList *list, guint k,
            guint k_end)
{
  const AsternRow *row = at (list, k);
  gboolean had_hint = i < i_end && (at (was, i)->flags & ASTERN_ROW_LAZY) && i + 1 == i_end;
  gboolean hint = (row->flags & ASTERN_ROW_LAZY) && k + 1 == k_end;
  GtkTreeIter child;

  if (hint && !had_hint)
    gtk_tree_store_insert_with_values (rows->store, &child, iter, -1, 0, "…", ASTERN_ROWS_WEIGHT, PANGO_WEIGHT_NORMAL, -1);
  show_children (rows, iter, was, MIN (i + 1, i_end), i_end, list, k + 1, k_end);
  if (had_hint && !hint && gtk_tree_model_iter_children (GTK_TREE_MODEL (rows->store), &child, iter))
    gtk_tree_store_remove (rows->store, &child);
  if (k + 1 < k_end || hint)
    unfold (rows, iter, row, i == i_end);
}

/* The keys of the children in [k, k_end). */
static GHashTable *
keys_of (const AsternRowList *list, guint k, guint k_end)
{
  GHashTable *keys = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (; k < k_end; k = after (list, k, k_end))
    g_hash_table_add (keys, (gpointer) &at (list, k)->key);
  return keys;
}

/* Makes the children of @parent, which are rows [i, i_end) of @was, be rows [k, k_end) of @list. */
static void
show_children (AsternRows *rows, GtkTreeIter *parent, const AsternRowList *was, guint i, guint i_end, const AsternRowList *list,
               guint k, guint k_end)
{
  g_autoptr (GHashTable) kept = NULL, had = NULL;
  g_autoptr (GArray) gone = NULL;
  GtkTreeIter iter, added;
  gboolean there = i < i_end && gtk_tree_model_iter_children (GTK_TREE_MODEL (rows->store), &iter, parent);

  while (i < i_end || k < k_end)
    {
      guint i_next = i < i_end ? after (was, i, i_end) : i, k_next = k < k_end ? after (list, k, k_end) : k;

      if (there && i < i_end && k < k_end && at (was, i)->key == at (list, k)->key)
        {
          update_row (rows, &iter, at (was, i), at (list, k));
          show_below (rows, &iter, was, i, i_next, list, k, k_next);
          there = gtk_tree_model_iter_next (GTK_TREE_MODEL (rows->store), &iter);
          i = i_next;
          k = k_next;
          continue;
        }
      if (kept == NULL)
        {
          kept = keys_of (list, k, k_end);
          had = keys_of (was, i, i_end);
          gone = g_array_new (FALSE, FALSE, sizeof (GtkTreeIter));
        }
      if (there && i < i_end && (k == k_end || !g_hash_table_contains (kept, &at (was, i)->key)
                                 || g_hash_table_contains (had, &at (list, k)->key)))
        {
          g_array_append_val (gone, iter);       /* not there any more, or at another place: it comes anew */
          g_hash_table_remove (had, &at (was, i)->key);
          there = gtk_tree_model_iter_next (GTK_TREE_MODEL (rows->store), &iter);
          i = i_next;
        }
      else if (k < k_end)
        {
          gtk_tree_store_insert_before (rows->store, &added, parent, there ? &iter : NULL);
          update_row (rows, &added, NULL, at (list, k));
          show_below (rows, &added, NULL, 0, 0, list, k, k_next);
          k = k_next;
        }
      else
        break;
    }
  for (guint n = 0; gone != NULL && n < gone->len; n++)
    gtk_tree_store_remove (rows->store, &g_array_index (gone, GtkTreeIter, n));
}

static void
remember (AsternRows *rows, guint serial)
{
  if (rows->compared < 0)
    return;
  if (serial != rows->serial)
    {
      GHashTable *spare = rows->before;

      rows->before = rows->now;
      rows->now = spare;
    }
  rows->serial = serial;
  g_hash_table_remove_all (rows->now);
}

void
astern_rows_show (AsternRows *rows, AsternRowList *list, guint serial)
{
  remember (rows, serial);
  rows->showing = TRUE;
  rows->again = FALSE;
  show_children (rows, NULL, rows->shown, 0, rows->shown->rows->len, list, 0, list->rows->len);
  rows->showing = FALSE;
  for (guint i = 0; rows->compared >= 0 && i < list->rows->len; i++)
    {
      const AsternRow *row = at (list, i);

      g_hash_table_insert (rows->now, g_memdup2 (&row->key, sizeof row->key), g_strdup (row->texts[rows->compared]));
    }
  astern_row_list_free (rows->shown);
  rows->shown = list;
  if (rows->again)
    rows->changed (rows->user);
}

void
astern_rows_clear (AsternRows *rows)
{
  astern_rows_show (rows, astern_row_list_new (), rows->serial);
  if (rows->compared >= 0)
    g_hash_table_remove_all (rows->before);
  g_hash_table_remove_all (rows->unfolded);
}

/* ---- unfolding ---- */

static void
mark (AsternRows *rows, GtkTreeIter *iter, gboolean unfolded)
{
  guint64 key;

  gtk_tree_model_get (GTK_TREE_MODEL (rows->store), iter, ASTERN_ROWS_KEY, &key, -1);
  if (key == 0)
    return;
  if (unfolded)
    rows->again |= g_hash_table_add (rows->unfolded, g_memdup2 (&key, sizeof key));
  else if (!rows->showing)
    g_hash_table_remove (rows->unfolded, &key);
  if (!rows->showing)
    rows->changed (rows->user);
}

static void
on_expanded (GtkTreeView *tree, GtkTreeIter *iter, GtkTreePath *path, gpointer data)
{
  mark (data, iter, TRUE);
}

static void
on_collapsed (GtkTreeView *tree, GtkTreeIter *iter, GtkTreePath *path, gpointer data)
{
  mark (data, iter, FALSE);
}

GHashTable *
astern_rows_unfolded (AsternRows *rows)
{
  GHashTable *copy = new_set ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, rows->unfolded);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_hash_table_add (copy, g_memdup2 (key, sizeof (guint64)));
  return copy;
}

gboolean
astern_rows_is_in (GHashTable *keys, guint64 key)
{
  return g_hash_table_contains (keys, &key);
}

gboolean
astern_rows_selected (AsternRows *rows, guint64 *key, guint64 *address, guint *flags)
{
  GtkTreeIter iter;
  guint64 k, a;
  guint f;

  if (rows == NULL || !gtk_tree_selection_get_selected (gtk_tree_view_get_selection (rows->tree), NULL, &iter))
    return FALSE;
  gtk_tree_model_get (GTK_TREE_MODEL (rows->store), &iter, ASTERN_ROWS_KEY, &k, ASTERN_ROWS_ADDRESS, &a, ASTERN_ROWS_FLAGS, &f, -1);
  if (key != NULL)
    *key = k;
  if (address != NULL)
    *address = a;
  if (flags != NULL)
    *flags = f;
  return k != 0;
}

/* ---- the object ---- */

GtkTreeStore *
astern_rows_store_new (void)
{
  GType types[ASTERN_ROWS_N_COLUMNS];

  for (guint i = 0; i < ASTERN_ROW_TEXTS; i++)
    types[i] = G_TYPE_STRING;
  types[ASTERN_ROWS_KEY] = types[ASTERN_ROWS_ADDRESS] = G_TYPE_UINT64;
  types[ASTERN_ROWS_FLAGS] = G_TYPE_UINT;
  types[ASTERN_ROWS_WEIGHT] = G_TYPE_INT;
  return gtk_tree_store_newv (ASTERN_ROWS_N_COLUMNS, types);
}

AsternRows *
astern_rows_new (GtkTreeView *tree, int compared, void (*changed) (gpointer user), gpointer user)
{
  AsternRows *rows = g_new0 (AsternRows, 1);

  rows->tree = tree;
  rows->store = astern_rows_store_new ();
  rows->shown = astern_row_list_new ();
  rows->unfolded = new_set ();
  rows->before = new_texts ();
  rows->now = new_texts ();
  rows->compared = compared;
  rows->changed = changed;
  rows->user = user;
  gtk_tree_view_set_model (tree, GTK_TREE_MODEL (rows->store));
  gtk_tree_view_set_search_column (tree, 0);
  g_signal_connect (tree, "row-expanded", G_CALLBACK (on_expanded), rows);
  g_signal_connect (tree, "row-collapsed", G_CALLBACK (on_collapsed), rows);
  return rows;
}

/* The tree may be gone already. */
void
astern_rows_free (AsternRows *rows)
{
  g_object_unref (rows->store);
  astern_row_list_free (rows->shown);
  g_hash_table_unref (rows->unfolded);
  g_hash_table_unref (rows->before);
  g_hash_table_unref (rows->now);
  g_free (rows);
}
