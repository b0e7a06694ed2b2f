/* test-rows - a tree that is made to hold other rows keeps what is the same. */
#include "config.h"

#include "gui/rows.h"

#include <stdio.h>

typedef struct
{
  GtkWidget  *tree;
  AsternRows *rows;
  guint       n_changed, n_inserted, n_deleted, n_touched;
} Fixture;

static void
on_changed (gpointer data)
{
  ((Fixture *) data)->n_changed++;
}

static void
count (guint *counter)
{
  ++*counter;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  GtkTreeModel *model;

  f->tree = g_object_ref_sink (gtk_tree_view_new ());
  gtk_tree_view_append_column (GTK_TREE_VIEW (f->tree),
                               gtk_tree_view_column_new_with_attributes ("Name", gtk_cell_renderer_text_new (), "text", 0, NULL));
  f->rows = astern_rows_new (GTK_TREE_VIEW (f->tree), 1, on_changed, f);
  model = gtk_tree_view_get_model (GTK_TREE_VIEW (f->tree));
  g_signal_connect_swapped (model, "row-inserted", G_CALLBACK (count), &f->n_inserted);
  g_signal_connect_swapped (model, "row-deleted", G_CALLBACK (count), &f->n_deleted);
  g_signal_connect_swapped (model, "row-changed", G_CALLBACK (count), &f->n_touched);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_object_unref (f->tree);
  astern_rows_free (f->rows);
}

/* "a b(c d) e*": each letter a row, with its children; * is lazy; "a=x" has a value. */
static void
show (Fixture *f, const char *text, guint serial)
{
  AsternRowList *list = astern_row_list_new ();
  guint depth = 0;

  for (; *text != '\0'; text++)
    if (*text == '(' || *text == ')')
      depth += *text == '(' ? 1 : -1;
    else if (*text == '*')
      g_array_index (list->rows, AsternRow, list->rows->len - 1).flags |= ASTERN_ROW_LAZY;
    else if (*text == '=')
      astern_row_list_printf (list, 1, "%c", *++text);
    else if (*text != ' ')
      {
        astern_row_list_add (list, depth, (guint64) *text);
        astern_row_list_printf (list, 0, "%c", *text);
      }
  f->n_inserted = f->n_deleted = f->n_touched = 0;
  astern_rows_show (f->rows, list, serial);
}

static void
append_level (GtkTreeModel *model, GtkTreeIter *parent, GString *text)
{
  GtkTreeIter iter;

  for (gboolean more = gtk_tree_model_iter_children (model, &iter, parent); more; more = gtk_tree_model_iter_next (model, &iter))
    {
      g_autofree char *name = NULL;
      int weight;

      gtk_tree_model_get (model, &iter, 0, &name, ASTERN_ROWS_WEIGHT, &weight, -1);
      g_string_append (text, name);
      if (weight == PANGO_WEIGHT_BOLD)
        g_string_append_c (text, '!');
      if (gtk_tree_model_iter_has_child (model, &iter))
        {
          g_string_append_c (text, '(');
          append_level (model, &iter, text);
          g_string_append_c (text, ')');
        }
    }
}

static void
holds (Fixture *f, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  append_level (gtk_tree_view_get_model (GTK_TREE_VIEW (f->tree)), NULL, text);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
rows_come_and_go_where_they_belong (Fixture *f, gconstpointer data)
{
  static const char *const steps[][2] = {
    { "a b(c d) e", "ab(cd)e" }, { "a x b(c d) e", "axb(cd)e" }, { "b(d) e", "b(d)e" }, { "e b(d)", "eb(d)" }, { "b(c d e) f", "b(cde)f" },
    { "", "" }, { "a(b(c(d)))", "a(b(c(d)))" }, { "d(c(b(a)))", "d(c(b(a)))" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      show (f, steps[i][0], 1);
      holds (f, steps[i][1]);
    }
}

static void
what_is_the_same_is_not_touched (Fixture *f, gconstpointer data)
{
  show (f, "a b(c=1 d=2) e", 1);
  show (f, "a b(c=1 d=2) e", 2);
  g_assert_cmpuint (f->n_inserted + f->n_deleted + f->n_touched, ==, 0);
  show (f, "a b(c=1 d=3) e", 2);
  g_assert_cmpuint (f->n_inserted + f->n_deleted, ==, 0);
  g_assert_cmpuint (f->n_touched, ==, 2);       /* the value, and its weight */
  show (f, "a b(c=1 x d=3) e", 2);
  g_assert_cmpuint (f->n_inserted, ==, 1);
  g_assert_cmpuint (f->n_deleted, ==, 0);
  show (f, "b(c=1 x d=3) a e", 2);              /* one has moved */
  g_assert_cmpuint (f->n_inserted, ==, 1);
  g_assert_cmpuint (f->n_deleted, ==, 1);
}

static void
what_changed_since_the_last_stop_is_bold (Fixture *f, gconstpointer data)
{
  show (f, "a=1 b=1", 1);
  holds (f, "ab");
  show (f, "a=2 b=1", 2);
  holds (f, "a!b");
  show (f, "a=2 b=1", 2);                       /* looked at again */
  holds (f, "a!b");
  show (f, "a=2 b=1 c=1", 3);                   /* a new row did not change */
  holds (f, "abc");
}

static void
unfolded_rows_are_asked_for_and_stay_unfolded (Fixture *f, gconstpointer data)
{
  g_autoptr (GHashTable) keys = NULL;
  g_autoptr (GtkTreePath) path = gtk_tree_path_new_from_string ("1");

  show (f, "a b* c", 1);
  holds (f, "ab(…)c");
  gtk_tree_view_expand_row (GTK_TREE_VIEW (f->tree), path, FALSE);
  g_assert_cmpuint (f->n_changed, ==, 1);
  keys = astern_rows_unfolded (f->rows);
  g_assert_true (astern_rows_is_in (keys, 'b'));
  show (f, "a b*(x y) c", 1);
  holds (f, "ab(xy)c");
  g_assert_true (gtk_tree_view_row_expanded (GTK_TREE_VIEW (f->tree), path));
  show (f, "a b*(z) c", 1);                     /* all children are others */
  g_assert_true (gtk_tree_view_row_expanded (GTK_TREE_VIEW (f->tree), path));
  gtk_tree_view_collapse_row (GTK_TREE_VIEW (f->tree), path);
  g_assert_cmpuint (f->n_changed, ==, 2);
  show (f, "a b* c", 1);
  holds (f, "ab(…)c");
  g_assert_false (gtk_tree_view_row_expanded (GTK_TREE_VIEW (f->tree), path));
}

static void
the_selection_stays_with_its_row (Fixture *f, gconstpointer data)
{
  g_autoptr (GtkTreePath) path = gtk_tree_path_new_from_string ("1");
  guint64 key = 0;

  show (f, "a b c", 1);
  g_assert_false (astern_rows_selected (f->rows, &key, NULL, NULL));
  gtk_tree_selection_select_path (gtk_tree_view_get_selection (GTK_TREE_VIEW (f->tree)), path);
  show (f, "x y b=1 c", 1);
  g_assert_true (astern_rows_selected (f->rows, &key, NULL, NULL));
  g_assert_cmpuint (key, ==, 'b');
}

#define ADD(name) g_test_add ("/gui/rows/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  if (!gtk_init_check (&argc, &argv))
    {
      puts ("1..0 # SKIP there is no display");
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  ADD (rows_come_and_go_where_they_belong);
  ADD (what_is_the_same_is_not_touched);
  ADD (what_changed_since_the_last_stop_is_bold);
  ADD (unfolded_rows_are_asked_for_and_stay_unfolded);
  ADD (the_selection_stays_with_its_row);
  return g_test_run ();
}
