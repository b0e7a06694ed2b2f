/* disassembly-view.c - see disassembly-view.h: the rows, what is asked and what is shown.  Its other files are listed in
 * disassembly-private.h.
 *
 * The tree has as many rows as there is room for; scrolling changes what they show.  The store has nothing but the rows'
 * numbers: cells are filled from the lines. */
#include "config.h"

#include "gui/disassembly-private.h"
#include "gui/settings.h"

#include <string.h>

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (AsternDisassemblyView, astern_disassembly_view, ASTERN_TYPE_VIEW)

#define MOST_ROWS 500

const AsternCodeLine *
astern_disassembly_line (AsternDisassemblyView *self, guint row)
{
  return &g_array_index (self->lines, AsternCodeLine, row);
}

gint
astern_disassembly_cursor_row (AsternDisassemblyView *self)
{
  return self->has_cursor ? astern_code_row_of (self->lines, self->cursor) : -1;
}

/* ---- room ---- */

static GtkCellRenderer *
cell_of (GtkTreeViewColumn *column)
{
  g_autoptr (GList) cells = gtk_cell_layout_get_cells (GTK_CELL_LAYOUT (column));

  return cells->data;
}

static int
row_height (AsternDisassemblyView *self)
{
  g_autoptr (GtkTreePath) first = gtk_tree_path_new_first ();
  GdkRectangle area = { 0 };
  int height, separator;

  if (gtk_widget_get_realized (self->tree) && self->lines->len > 0)
    gtk_tree_view_get_background_area (GTK_TREE_VIEW (self->tree), first, NULL, &area);
  if (area.height > 0)
    return area.height;
  gtk_cell_renderer_get_preferred_height (cell_of (self->text_column), self->tree, NULL, &height);
  gtk_widget_style_get (self->tree, "vertical-separator", &separator, NULL);
  return height + separator;
}

guint
astern_disassembly_rows (AsternDisassemblyView *self)
{
  GdkRectangle room;

  gtk_tree_view_get_visible_rect (GTK_TREE_VIEW (self->tree), &room);
  return (guint) CLAMP (room.height / MAX (1, row_height (self)), 1, MOST_ROWS);
}

void
astern_disassembly_want (AsternDisassemblyView *self)
{
  self->reads = TRUE;
  astern_view_refresh (ASTERN_VIEW (self));
}

static void
on_size_allocate (AsternDisassemblyView *self)
{
  if (self->placed && astern_disassembly_rows (self) != self->lines->len)
    astern_disassembly_want (self);
}

/* Columns as wide as the longest text of theirs. */
static void
set_widths (AsternDisassemblyView *self)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (self->tree, "00000000000000000000");
  guint digits = self->bits == 64 ? 16 : 8;
  const struct { GtkTreeViewColumn *column; guint chars; } widths[] = {
    { self->place_column, 5 + self->bits / 4 }, { self->linear_column, digits }, { self->physical_column, digits == 16 ? 10 : 8 },
    { self->bytes_column, 20 }, { self->heat_column, 9 },
  };
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (widths); i++)
    gtk_tree_view_column_set_fixed_width (widths[i].column, (int) widths[i].chars * width / 20 + 12);
  gtk_tree_view_column_set_fixed_width (self->text_column, 30 * width / 20);
}

/* In 64-bit code it would say what the linear address does. */
void
astern_disassembly_show_place_column (AsternDisassemblyView *self)
{
  g_autoptr (GVariant) wanted = g_action_group_get_action_state (G_ACTION_GROUP (self->actions), "disassembly-place");

  gtk_tree_view_column_set_visible (self->place_column, g_variant_get_boolean (wanted) && self->bits != 64);
}

/* ---- asking ---- */

static gpointer
ask (AsternView *view)
{
  AsternDisassemblyView *self = ASTERN_DISASSEMBLY_VIEW (view);
  AsternCodeQuestion *question = g_new0 (AsternCodeQuestion, 1);
  g_autoptr (GVariant) follow = g_action_group_get_action_state (G_ACTION_GROUP (self->actions), "follow");
  g_autoptr (GVariant) syntax = g_action_group_get_action_state (G_ACTION_GROUP (self->actions), "disassembly-syntax");

  question->run = g_object_ref (astern_view_run (view));
  question->rows = astern_disassembly_rows (self);
  question->follows = g_variant_get_boolean (follow);
  question->syntax = g_str_equal (g_variant_get_string (syntax, NULL), "intel") ? ASTERN_SYNTAX_INTEL : ASTERN_SYNTAX_ATT;
  question->cpu = astern_run_status (question->run)->cpu;
  question->moment = self->moment;
  question->shown_pc = self->pc;
  question->shown_cpu = self->cpu;
  question->placed = self->placed;
  question->reads = self->reads || !self->placed || question->rows != self->lines->len;
  question->top = self->aligns ? self->bar_to : self->top;
  question->cursor = self->cursor;
  question->has_cursor = self->has_cursor;
  question->cursor_row = self->cursor_row;
  question->scroll = self->scroll;
  question->aligns = self->aligns;
  question->goes = self->goes;
  question->go_to = self->go_to;
  question->remembers = self->remembers;
  question->go_text = g_steal_pointer (&self->go_text);
  question->prefix = g_steal_pointer (&self->prefix);
  self->scroll = 0;
  self->cursor_row = -1;
  self->reads = self->aligns = self->goes = FALSE;
  return question;
}

/* ---- showing ---- */

static void
fit_store (AsternDisassemblyView *self, guint n)
{
  GtkTreeIter iter;
  guint have = (guint) gtk_tree_model_iter_n_children (GTK_TREE_MODEL (self->store), NULL);

  for (guint i = have; i < n; i++)
    gtk_list_store_insert_with_values (self->store, &iter, -1, 0, i, -1);
  while (have > n && gtk_tree_model_iter_nth_child (GTK_TREE_MODEL (self->store), &iter, NULL, (int) --have))
    gtk_list_store_remove (self->store, &iter);
}

void
astern_disassembly_tell_row (AsternDisassemblyView *self, guint row)
{
  g_autoptr (GtkTreePath) path = gtk_tree_path_new_from_indices ((int) row, -1);
  GtkTreeIter iter;

  if (gtk_tree_model_get_iter (GTK_TREE_MODEL (self->store), &iter, path))
    gtk_tree_model_row_changed (GTK_TREE_MODEL (self->store), path, &iter);
}

/* The rows that show something else than @old. */
static void
tell_rows (AsternDisassemblyView *self, const GArray *old, gint old_present)
{
  fit_store (self, self->lines->len);
  for (guint i = 0; i < self->lines->len; i++)
    if (i >= old->len || (gint) i == old_present || (gint) i == self->gutter.present ||
        memcmp (&g_array_index (old, AsternCodeLine, i), astern_disassembly_line (self, i), sizeof (AsternCodeLine)) != 0)
      astern_disassembly_tell_row (self, i);
}

/* The cursor stays at its address while that can be seen. */
static void
show_cursor (AsternDisassemblyView *self)
{
  GtkTreeView *tree = GTK_TREE_VIEW (self->tree);
  gint row = astern_disassembly_cursor_row (self);

  self->gutter.cursor = row;
  if (row >= 0)
    {
      g_autoptr (GtkTreePath) path = gtk_tree_path_new_from_indices (row, -1), now = NULL;

      gtk_tree_view_get_cursor (tree, &now, NULL);
      if (now == NULL || gtk_tree_path_compare (now, path) != 0 ||
          !gtk_tree_selection_path_is_selected (gtk_tree_view_get_selection (tree), path))
        gtk_tree_view_set_cursor (tree, path, NULL, FALSE);
    }
  else
    gtk_tree_selection_unselect_all (gtk_tree_view_get_selection (tree));
}

static void
take_lines (AsternDisassemblyView *self, AsternCodeQuestion *question)
{
  gboolean other_size = self->bits != question->bits;
  guint lanes;

  self->bits = question->bits;
  self->base = question->base;
  self->selector = question->selector;
  self->pc = question->pc;
  self->rflags = question->rflags;
  self->moment = question->moment;
  self->cpu = question->cpu;
  self->top = question->top;
  self->placed = question->placed;
  if (question->moves_cursor)
    self->cursor = question->cursor;
  self->has_cursor |= question->has_cursor;
  self->lines = g_steal_pointer (&question->lines);
  lanes = astern_code_arrows (self->lines, self->arrows);
  if (gtk_tree_view_column_get_fixed_width (self->gutter_column) != astern_gutter_width (lanes))
    gtk_tree_view_column_set_fixed_width (self->gutter_column, astern_gutter_width (lanes));
  if (other_size)
    {
      set_widths (self);
      astern_disassembly_show_place_column (self);
    }
}

static gint
present_row (AsternDisassemblyView *self)
{
  gint row = self->running ? -1 : astern_code_row_of (self->lines, self->pc);

  return row >= 0 && astern_disassembly_line (self, (guint) row)->linear == self->pc ? row : -1;
}

/* Rows that are there are changed: the list is open, perhaps. */
static void
show_names (AsternDisassemblyView *self, char **names)
{
  GtkTreeModel *model = GTK_TREE_MODEL (self->names);
  GtkTreeIter iter;
  gboolean any = gtk_tree_model_get_iter_first (model, &iter);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *old = NULL;

      if (!any)
        gtk_list_store_append (self->names, &iter);
      gtk_tree_model_get (model, &iter, 0, &old, -1);
      if (g_strcmp0 (old, names[i]) != 0)
        gtk_list_store_set (self->names, &iter, 0, names[i], -1);
      any = any && gtk_tree_model_iter_next (model, &iter);
    }
  while (any)
    any = gtk_list_store_remove (self->names, &iter);
}

static void
show (AsternView *view, gpointer data)
{
  AsternDisassemblyView *self = ASTERN_DISASSEMBLY_VIEW (view);
  AsternCodeQuestion *question = data;
  g_autoptr (GArray) old = NULL;
  gint old_present = self->gutter.present;

  if (question->lines == NULL)
    return;
  self->showing = TRUE;
  self->running = question->running;
  g_array_unref (self->points);
  self->points = g_steal_pointer (&question->points);
  if (question->went || question->wrong != NULL)
    astern_disassembly_went (self, question);
  old = question->reads ? g_array_ref (self->lines) : g_array_copy (self->lines);
  if (question->reads)
    {
      g_array_unref (self->lines);
      take_lines (self, question);
    }
  astern_code_mark (self->lines, self->points, self->base);
  self->gutter.lines = self->lines;
  self->gutter.present = present_row (self);
  self->gutter.in_past = astern_run_status (astern_view_run (view))->in_past;
  tell_rows (self, old, old_present);
  show_cursor (self);
  if (question->names != NULL)
    show_names (self, question->names);
  astern_disassembly_update_bar (self);
  astern_disassembly_update_actions (self);
  astern_disassembly_update_heat (self);
  gtk_widget_queue_draw (self->tree);
  self->showing = FALSE;
  if (astern_disassembly_rows (self) != self->lines->len && old->len == 0)
    astern_disassembly_want (self);      /* now that a row's height is known */
}

static void
run_changed (AsternView *view)
{
  AsternDisassemblyView *self = ASTERN_DISASSEMBLY_VIEW (view);

  if (self->store == NULL)
    return;
  self->showing = TRUE;
  gtk_list_store_clear (self->store);
  g_array_set_size (self->lines, 0);
  g_array_set_size (self->points, 0);
  g_array_set_size (self->arrows, 0);
  g_array_set_size (self->back, 0);
  g_array_set_size (self->forward, 0);
  self->gutter.present = self->gutter.cursor = -1;
  astern_disassembly_forget_heat (self);
  self->placed = self->has_cursor = self->goes = self->aligns = FALSE;
  self->scroll = 0;
  self->showing = FALSE;
  astern_disassembly_update_actions (self);
}

static gboolean
code_cursor (AsternView *view, guint64 *address)
{
  AsternDisassemblyView *self = ASTERN_DISASSEMBLY_VIEW (view);

  *address = self->cursor;
  return self->has_cursor;
}

static gboolean
show_address (AsternView *view, AsternShow what, guint64 address)
{
  if (what != ASTERN_SHOW_CODE)
    return FALSE;
  astern_disassembly_go (ASTERN_DISASSEMBLY_VIEW (view), address);
  return TRUE;
}

/* ---- cells ---- */

/* The row's line; its colours are the same in all columns. */
static const AsternCodeLine *
line_of (AsternDisassemblyView *self, GtkCellRenderer *cell, GtkTreeModel *model, GtkTreeIter *iter, guint *row)
{
  const AsternCodeLine *line;
  const GdkRGBA *ink = NULL, *ground = NULL;
  GdkRGBA tint;
  guint64 count;

  gtk_tree_model_get (model, iter, 0, row, -1);
  if (*row >= self->lines->len)
    {
      g_object_set (cell, "text", "", NULL);
      return NULL;
    }
  line = astern_disassembly_line (self, *row);
  if (line->kind == ASTERN_CODE_SYMBOL)
    ink = &self->gutter.colours[ASTERN_CODE_COLOUR_SYMBOL];
  else if (line->kind != ASTERN_CODE_INSTRUCTION)
    ink = &self->gutter.colours[ASTERN_CODE_COLOUR_ABSENT];
  if ((gint) *row == self->gutter.present)
    ground = &self->gutter.colours[self->gutter.in_past ? ASTERN_CODE_COLOUR_PAST : ASTERN_CODE_COLOUR_PRESENT];
  else if (astern_disassembly_heat (self, line, &count, &tint))
    ground = &tint;
  g_object_set (cell, "foreground-rgba", ink, "cell-background-rgba", ground, NULL);
  return line;
}

static void
show_gutter (GtkTreeViewColumn *column, GtkCellRenderer *cell, GtkTreeModel *model, GtkTreeIter *iter, gpointer data)
{
  AsternDisassemblyView *self = data;
  g_autofree char *text = NULL;
  guint row;

  if (line_of (self, cell, model, iter, &row) == NULL)
    return;
  text = astern_gutter_text (&self->gutter, row);
  astern_gutter_cell_set_row (ASTERN_GUTTER_CELL (cell), row);
  g_object_set (cell, "text", text, NULL);
}

static void
show_place (GtkTreeViewColumn *column, GtkCellRenderer *cell, GtkTreeModel *model, GtkTreeIter *iter, gpointer data)
{
  AsternDisassemblyView *self = data;
  g_autofree char *text = NULL;
  const AsternCodeLine *line;
  guint row;

  line = line_of (self, cell, model, iter, &row);
  if (line != NULL && line->kind != ASTERN_CODE_SYMBOL)
    text = astern_code_place_text (self->bits, self->selector, self->base, line->linear);
  g_object_set (cell, "text", text != NULL ? text : "", NULL);
}

static void
show_linear (GtkTreeViewColumn *column, GtkCellRenderer *cell, GtkTreeModel *model, GtkTreeIter *iter, gpointer data)
{
  AsternDisassemblyView *self = data;
  char text[32] = "";
  const AsternCodeLine *line;
  guint row;

  line = line_of (self, cell, model, iter, &row);
  if (line != NULL && line->kind != ASTERN_CODE_SYMBOL)
    g_snprintf (text, sizeof text, "%0*" G_GINT64_MODIFIER "x", self->bits == 64 ? 16 : 8, line->linear);
  g_object_set (cell, "text", text, NULL);
}

static void
show_physical (GtkTreeViewColumn *column, GtkCellRenderer *cell, GtkTreeModel *model, GtkTreeIter *iter, gpointer data)
{
  char text[32] = "";
  const AsternCodeLine *line;
  guint row;

  line = line_of (data, cell, model, iter, &row);
  if (line != NULL && line->physical != ASTERN_CODE_NOWHERE)
    g_snprintf (text, sizeof text, "%08" G_GINT64_MODIFIER "x", line->physical);
  g_object_set (cell, "text", text, NULL);
}

static void
show_bytes (GtkTreeViewColumn *column, GtkCellRenderer *cell, GtkTreeModel *model, GtkTreeIter *iter, gpointer data)
{
  g_autofree char *text = NULL;
  const AsternCodeLine *line;
  guint row;

  line = line_of (data, cell, model, iter, &row);
  if (line != NULL)
    text = astern_code_bytes_text (line);
  g_object_set (cell, "text", text != NULL ? text : "", NULL);
}

static void
show_heat (GtkTreeViewColumn *column, GtkCellRenderer *cell, GtkTreeModel *model, GtkTreeIter *iter, gpointer data)
{
  char text[32] = "";
  const AsternCodeLine *line;
  guint64 count;
  GdkRGBA tint;
  guint row;

  line = line_of (data, cell, model, iter, &row);
  if (line != NULL && astern_disassembly_heat (data, line, &count, &tint))
    g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT, count);
  g_object_set (cell, "text", text, NULL);
}

static void
show_text (GtkTreeViewColumn *column, GtkCellRenderer *cell, GtkTreeModel *model, GtkTreeIter *iter, gpointer data)
{
  AsternDisassemblyView *self = data;
  const AsternCodeLine *line;
  guint row;

  line = line_of (self, cell, model, iter, &row);
  if (line != NULL && (gint) row == self->gutter.present && line->flow == ASTERN_FLOW_BRANCH && line->condition >= 0)
    {
      g_autofree char *text = g_strdup_printf ("%s   %s", line->text,
                                               astern_code_condition_holds ((guint) line->condition, self->rflags)
                                               ? _("(taken)") : _("(not taken)"));

      g_object_set (cell, "text", text, NULL);
    }
  else
    g_object_set (cell, "text", line != NULL ? line->text : "", NULL);
}

/* ---- the object ---- */

static void
style_updated (GtkWidget *widget)
{
  static const char *const names[ASTERN_N_CODE_COLOURS] = {
    "astern_code_present", "astern_code_past", "astern_code_point", "astern_code_others", "astern_code_arrow",
    "astern_code_arrow_now", "astern_code_symbol", "astern_code_absent", "astern_code_heat",
  };
  AsternDisassemblyView *self = ASTERN_DISASSEMBLY_VIEW (widget);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);

  GTK_WIDGET_CLASS (astern_disassembly_view_parent_class)->style_updated (widget);
  for (guint i = 0; i < ASTERN_N_CODE_COLOURS; i++)
    if (!gtk_style_context_lookup_color (style, names[i], &self->gutter.colours[i]))
      self->gutter.colours[i] = (GdkRGBA) { 0.5, 0.5, 0.5, 1 };
  if (self->tree != NULL)
    set_widths (self);
}

static void
dispose (GObject *object)
{
  AsternDisassemblyView *self = ASTERN_DISASSEMBLY_VIEW (object);

  self->showing = TRUE;
  astern_disassembly_forget_heat (self);
  G_OBJECT_CLASS (astern_disassembly_view_parent_class)->dispose (object);
  self->store = NULL;
  g_clear_object (&self->actions);
  g_clear_object (&self->settings);
}

static void
finalize (GObject *object)
{
  AsternDisassemblyView *self = ASTERN_DISASSEMBLY_VIEW (object);

  g_array_unref (self->lines);
  g_array_unref (self->points);
  g_array_unref (self->arrows);
  g_array_unref (self->back);
  g_array_unref (self->forward);
  g_free (self->go_text);
  g_free (self->prefix);
  g_free (self->condition_at);
  G_OBJECT_CLASS (astern_disassembly_view_parent_class)->finalize (object);
}

static void
bind_widgets (GtkWidgetClass *widget)
{
#define CHILD(name) gtk_widget_class_bind_template_child (widget, AsternDisassemblyView, name)
  CHILD (store);
  CHILD (tree);
  CHILD (scrolled);
  CHILD (bar);
  CHILD (adjustment);
  CHILD (entry);
  CHILD (completion);
  CHILD (names);
  CHILD (context_menu);
  CHILD (condition_popover);
  CHILD (condition);
  CHILD (gutter_column);
  CHILD (place_column);
  CHILD (linear_column);
  CHILD (physical_column);
  CHILD (bytes_column);
  CHILD (heat_column);
  CHILD (view_menu);
  CHILD (text_column);
#undef CHILD
}

static void
astern_disassembly_view_class_init (AsternDisassemblyViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  G_OBJECT_CLASS (klass)->finalize = finalize;
  widget->style_updated = style_updated;
  ASTERN_VIEW_CLASS (klass)->ask = ask;
  ASTERN_VIEW_CLASS (klass)->look = astern_disassembly_look;
  ASTERN_VIEW_CLASS (klass)->show = show;
  ASTERN_VIEW_CLASS (klass)->free_question = astern_disassembly_free_question;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  ASTERN_VIEW_CLASS (klass)->code_cursor = code_cursor;
  ASTERN_VIEW_CLASS (klass)->show_address = show_address;
  ASTERN_VIEW_CLASS (klass)->takes_key = astern_disassembly_takes_key;
  ASTERN_VIEW_CLASS (klass)->while_running = TRUE;      /* breakpoints, and scrolling; lines are not read by themselves */
  g_type_ensure (ASTERN_TYPE_GUTTER_CELL);
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/disassembly-view.ui");
  bind_widgets (widget);
}

static void
add_columns (AsternDisassemblyView *self)
{
  const struct { GtkTreeViewColumn *column; GtkTreeCellDataFunc show; const char *key; } columns[] = {
    { self->gutter_column, show_gutter, NULL }, { self->place_column, show_place, NULL },
    { self->linear_column, show_linear, "disassembly-linear" }, { self->physical_column, show_physical, "disassembly-physical" },
    { self->bytes_column, show_bytes, "disassembly-bytes" }, { self->heat_column, show_heat, NULL },
    { self->text_column, show_text, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      gtk_tree_view_column_set_cell_data_func (columns[i].column, cell_of (columns[i].column), columns[i].show, self, NULL);
      if (columns[i].key != NULL && self->settings != NULL)
        g_settings_bind (self->settings, columns[i].key, columns[i].column, "visible", G_SETTINGS_BIND_DEFAULT);
    }
  astern_gutter_cell_set_gutter (ASTERN_GUTTER_CELL (cell_of (self->gutter_column)), &self->gutter);
}

static void
astern_disassembly_view_init (AsternDisassemblyView *self)
{
  self->lines = g_array_new (FALSE, TRUE, sizeof (AsternCodeLine));
  self->points = g_array_new (FALSE, TRUE, sizeof (AsternCodePoint));
  self->arrows = g_array_new (FALSE, TRUE, sizeof (AsternArrow));
  self->back = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->forward = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->gutter = (AsternGutter) { .lines = self->lines, .arrows = self->arrows, .present = -1, .cursor = -1 };
  self->cursor_row = -1;
  self->bits = 64;
  self->settings = astern_window_settings_new ("disassembly-syntax");
  gtk_widget_init_template (GTK_WIDGET (self));
  add_columns (self);
  astern_disassembly_add_moving (self);
  astern_disassembly_add_actions (self);
  g_signal_connect_object (self->scrolled, "size-allocate", G_CALLBACK (on_size_allocate), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}
