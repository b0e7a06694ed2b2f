/* registers-view.c - see registers-view.h: the rows and what they show; what can be done with them is in registers-actions.c.
 *
 * Only rows that can be seen are formatted: those of expanded groups.  What a row shows is set when it changes. */
#include "config.h"

#include "gui/registers-view.h"

#include "arch/x86/state.h"
#include "gui/registers-private.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

enum { COLUMN_NAME, COLUMN_VALUE, COLUMN_NOTE, COLUMN_CHANGED, COLUMN_EDITABLE, COLUMN_INDEX, COLUMN_WEIGHT };

G_DEFINE_FINAL_TYPE (AsternRegistersView, astern_registers_view, ASTERN_TYPE_VIEW)

/* In the application's data: which groups are open is remembered beyond the pane. */
#define EXPANDED_KEY "astern-registers-expanded"

static const struct { const char *name, *title; gboolean expanded; } groups_info[] = {
  { "general", N_("General"), TRUE },
  { "segment", N_("Segments"), FALSE },
  { "control", N_("Control"), TRUE },
  { "debug", N_("Debug"), FALSE },
  { "system", N_("Descriptor Tables"), FALSE },
  { "x87", N_("x87"), FALSE },
  { "sse", N_("SSE"), FALSE },
  { "avx", N_("AVX, Upper Halves"), FALSE },
  { "msr", N_("Model-Specific"), FALSE },
  { "alias", N_("Parts of Registers"), FALSE },
};

typedef struct
{
  guint                 cpu;
  const AsternCpuClass *klass;       /* answered, as the rest */
  guint8               *values;      /* n_registers * ASTERN_REGISTER_BYTES */
  guint8               *names_of;    /* asked: (nullable) registers whose symbols are wanted, a byte each */
  guint                 n_names_of;
  char                **names;       /* n_registers */
  gboolean              long_mode, real_mode;
} Question;

static AsternRegistersRow *
row_of (AsternRegistersView *self, guint index)
{
  return &g_array_index (self->rows, AsternRegistersRow, index);
}

/* It can be seen, as far as groups go. */
static gboolean
is_open (AsternRegistersView *self, const AsternRegistersRow *row)
{
  for (gint parent = row->parent; parent >= 0; parent = row_of (self, (guint) parent)->parent)
    if (!row_of (self, (guint) parent)->expanded)
      return FALSE;
  return TRUE;
}

/* ---- asking ---- */

static gpointer
ask (AsternView *view)
{
  AsternRegistersView *self = ASTERN_REGISTERS_VIEW (view);
  Question *question = g_new0 (Question, 1);

  question->cpu = astern_run_status (astern_view_run (view))->cpu;
  if (self->klass == NULL)
    return question;
  question->n_names_of = self->klass->n_registers;
  question->names_of = g_malloc0 (question->n_names_of);
  for (guint i = 0; i < self->rows->len; i++)
    {
      AsternRegistersRow *row = row_of (self, i);

      if (row->reg >= 0 && row->part == NULL && self->klass->registers[row->reg].bits == 64 && is_open (self, row))
        question->names_of[row->reg] = 1;
    }
  return question;
}

/* The machine's thread. */
static void
look (AsternSession *session, gpointer data)
{
  Question *question = data;
  AsternMachine *machine = session->launch->machine;
  AsternCpu *cpu = machine->cpus[MIN (question->cpu, machine->n_cpus - 1)];
  const X86State *state = cpu->state;
  guint n = cpu->klass->n_registers;

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  question->klass = cpu->klass;
  question->long_mode = x86_long_mode (state);
  question->real_mode = !(state->cr0 & X86_CR0_PE) || (state->rflags & X86_VM);
  question->values = g_malloc0 ((gsize) n * ASTERN_REGISTER_BYTES);
  question->names = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    {
      guint8 *bytes = question->values + (gsize) i * ASTERN_REGISTER_BYTES;
      guint64 value;

      cpu->klass->read_register (cpu, i, bytes);
      if (i >= question->n_names_of || !question->names_of[i])
        continue;
      memcpy (&value, bytes, sizeof value);
      if (value != 0)
        question->names[i] = astern_symbols_describe (session->launch->symbols, GUINT64_FROM_LE (value));
    }
}

static void
free_names (char **names, guint n)
{
  for (guint i = 0; names != NULL && i < n; i++)
    g_free (names[i]);
  g_free (names);
}

static void
free_question (gpointer data)
{
  Question *question = data;

  if (question->names != NULL)
    free_names (question->names, question->klass->n_registers);
  g_free (question->names_of);
  g_free (question->values);
  g_free (question);
}

/* ---- rows ---- */

/* Group names, to whether they are open. */
static GHashTable *
remembered (void)
{
  GApplication *app = g_application_get_default ();
  GHashTable *table = app != NULL ? g_object_get_data (G_OBJECT (app), EXPANDED_KEY) : NULL;

  if (app != NULL && table == NULL)
    {
      table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_object_set_data_full (G_OBJECT (app), EXPANDED_KEY, table, (GDestroyNotify) g_hash_table_unref);
    }
  return table;
}

static gboolean
opens (const char *group)
{
  GHashTable *table = remembered ();
  gpointer expanded;

  if (table != NULL && g_hash_table_lookup_extended (table, group, NULL, &expanded))
    return GPOINTER_TO_INT (expanded);
  for (gsize i = 0; i < G_N_ELEMENTS (groups_info); i++)
    if (g_str_equal (groups_info[i].name, group))
      return groups_info[i].expanded;
  return FALSE;
}

static const char *
group_title (const char *group)
{
  for (gsize i = 0; i < G_N_ELEMENTS (groups_info); i++)
    if (g_str_equal (groups_info[i].name, group))
      return _(groups_info[i].title);
  return group;
}

static guint
add_row (AsternRegistersView *self, gint parent, guint group, gint reg, const AsternRegisterPart *part, const char *name)
{
  AsternRegistersRow row = { .parent = parent, .group = group, .reg = reg, .part = part };

  gtk_tree_store_insert_with_values (self->store, &row.iter, parent >= 0 ? &row_of (self, (guint) parent)->iter : NULL, -1,
                                     COLUMN_NAME, name, COLUMN_EDITABLE, reg >= 0, COLUMN_INDEX, (int) self->rows->len,
                                     COLUMN_WEIGHT, (int) PANGO_WEIGHT_NORMAL, -1);
  g_array_append_val (self->rows, row);
  return self->rows->len - 1;
}

static guint
add_group (AsternRegistersView *self, const char *name)
{
  AsternRegistersGroup group = { name, g_str_equal (name, "x87") ? ASTERN_REGISTER_EXTENDED : ASTERN_REGISTER_HEX };

  g_array_append_val (self->groups, group);
  return add_row (self, -1, self->groups->len - 1, -1, NULL, group_title (name));
}

/* The row of the group of that name, which is made when there is none. */
static guint
group_row (AsternRegistersView *self, const char *name)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (row_of (self, i)->reg < 0 && g_str_equal (g_array_index (self->groups, AsternRegistersGroup, row_of (self, i)->group).name, name))
      return i;
  return add_group (self, name);
}

/* "cs_base" stands below "cs", and so do the parts of "cs". */
static void
make_rows (AsternRegistersView *self, const AsternCpuClass *klass)
{
  gint top = -1;

  self->klass = klass;
  gtk_tree_store_clear (self->store);
  g_array_set_size (self->rows, 0);
  g_array_set_size (self->groups, 0);
  for (guint i = 0; i < klass->n_registers; i++)
    {
      const AsternRegister *reg = &klass->registers[i];
      guint group = group_row (self, reg->group);
      const char *above = top >= 0 ? klass->registers[row_of (self, (guint) top)->reg].name : NULL;
      gboolean below = above != NULL && g_str_has_prefix (reg->name, above) && reg->name[strlen (above)] == '_';
      guint row = add_row (self, below ? top : (gint) group, row_of (self, group)->group, (gint) i, NULL, reg->name);

      if (!below)
        top = (gint) row;
      for (const AsternRegisterPart *part = klass->parts; part != NULL && part->name != NULL; part++)
        if (g_str_equal (part->reg, reg->name))
          add_row (self, (gint) row, row_of (self, group)->group, (gint) i, part, part->name);
    }
}

static void
open_groups (AsternRegistersView *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (row_of (self, i)->reg < 0 && opens (g_array_index (self->groups, AsternRegistersGroup, row_of (self, i)->group).name))
      {
        g_autoptr (GtkTreePath) path = gtk_tree_model_get_path (GTK_TREE_MODEL (self->store), &row_of (self, i)->iter);

        gtk_tree_view_expand_row (GTK_TREE_VIEW (self->tree), path, FALSE);
      }
}

/* ---- what rows show ---- */

const guint8 *
astern_registers_value (AsternRegistersView *self, const AsternRegistersRow *row)
{
  return self->values + (gsize) row->reg * ASTERN_REGISTER_BYTES;
}

static guint64
number_of (const guint8 *bytes, const AsternRegisterPart *part)
{
  guint64 value;

  memcpy (&value, bytes, sizeof value);
  value = GUINT64_FROM_LE (value);
  return part != NULL ? value >> part->low & ((G_GUINT64_CONSTANT (1) << part->bits) - 1) : value;
}

char *
astern_registers_value_text (AsternRegistersView *self, const AsternRegistersRow *row, const guint8 *bytes)
{
  const AsternRegister *reg = &self->klass->registers[row->reg];

  if (row->part != NULL)
    return g_strdup_printf ("%" G_GUINT64_FORMAT, number_of (bytes, row->part));
  return astern_register_format (g_array_index (self->groups, AsternRegistersGroup, row->group).format, bytes, reg->bits / 8);
}

static guint64
named_value (AsternRegistersView *self, const char *name, const char *suffix)
{
  g_autofree char *whole = g_strconcat (name, suffix, NULL);
  gint reg = astern_cpu_find_register (self->klass, whole);

  return reg >= 0 ? number_of (self->values + (gsize) reg * ASTERN_REGISTER_BYTES, NULL) : 0;
}

/* Beside the value; NULL: nothing. */
static char *
note_of (AsternRegistersView *self, const AsternRegistersRow *row)
{
  const AsternRegister *reg = &self->klass->registers[row->reg];
  const guint8 *bytes = astern_registers_value (self, row);

  if (row->part != NULL)
    return NULL;
  if (g_str_equal (reg->group, "segment") && reg->bits == 16 && !g_str_has_suffix (reg->name, "_attr"))
    return self->real_mode
           ? g_strdup_printf (_("base %" PRIx64 ", limit %" PRIx64), named_value (self, reg->name, "_base"),
                              named_value (self, reg->name, "_limit"))
           : astern_register_describe_segment (named_value (self, reg->name, "_base"), named_value (self, reg->name, "_limit"),
                                               (guint16) named_value (self, reg->name, "_attr"), self->long_mode);
  if (reg->bits == 80)
    return astern_register_format (g_array_index (self->groups, AsternRegistersGroup, row->group).format == ASTERN_REGISTER_HEX
                                   ? ASTERN_REGISTER_EXTENDED : ASTERN_REGISTER_HEX, bytes, reg->bits / 8);
  if (self->names != NULL && self->names[row->reg] != NULL)
    return g_strdup (self->names[row->reg]);
  return reg->bits <= 64 ? astern_register_describe_parts (self->klass->parts, reg->name, number_of (bytes, NULL)) : NULL;
}

static gboolean
has_changed (AsternRegistersView *self, const AsternRegistersRow *row)
{
  const guint8 *now = astern_registers_value (self, row), *then = self->before + (gsize) row->reg * ASTERN_REGISTER_BYTES;

  return row->part != NULL ? number_of (now, row->part) != number_of (then, row->part)
                           : memcmp (now, then, ASTERN_REGISTER_BYTES) != 0;
}

static void
show_row (AsternRegistersView *self, AsternRegistersRow *row)
{
  g_autofree char *text = astern_registers_value_text (self, row, astern_registers_value (self, row));
  g_autofree char *note = note_of (self, row);
  gboolean changed = has_changed (self, row), was;
  g_autofree char *old_text = NULL, *old_note = NULL;

  gtk_tree_model_get (GTK_TREE_MODEL (self->store), &row->iter, COLUMN_VALUE, &old_text, COLUMN_NOTE, &old_note,
                      COLUMN_CHANGED, &was, -1);
  if (was != changed || g_strcmp0 (text, old_text) != 0 || g_strcmp0 (note, old_note) != 0)
    gtk_tree_store_set (self->store, &row->iter, COLUMN_VALUE, text, COLUMN_NOTE, note, COLUMN_CHANGED, changed,
                        COLUMN_WEIGHT, (int) (changed ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL), -1);
}

void
astern_registers_show_rows (AsternRegistersView *self)
{
  if (self->values == NULL)
    return;
  for (guint i = 0; i < self->rows->len; i++)
    if (row_of (self, i)->reg >= 0 && is_open (self, row_of (self, i)))
      show_row (self, row_of (self, i));
}

/* The values of the stop before are those that were there when it was left. */
static void
keep_values (AsternRegistersView *self, Question *question)
{
  const AsternRunStatus *status = astern_run_status (astern_view_run (ASTERN_VIEW (self)));
  gsize size = (gsize) question->klass->n_registers * ASTERN_REGISTER_BYTES;

  if (self->values == NULL || self->cpu != question->cpu)
    {
      g_free (self->before);
      self->before = g_memdup2 (question->values, size);
    }
  else if (self->serial != status->serial)
    {
      g_free (self->before);
      self->before = g_steal_pointer (&self->values);
    }
  self->serial = status->serial;
  self->cpu = question->cpu;
  g_free (self->values);
  self->values = g_steal_pointer (&question->values);
  free_names (self->names, question->klass->n_registers);
  self->names = g_steal_pointer (&question->names);
  self->long_mode = question->long_mode;
  self->real_mode = question->real_mode;
}

static void
forget_values (AsternRegistersView *self)
{
  g_clear_pointer (&self->values, g_free);
  g_clear_pointer (&self->before, g_free);
  if (self->klass != NULL)
    free_names (g_steal_pointer (&self->names), self->klass->n_registers);
}

static void
show (AsternView *view, gpointer data)
{
  AsternRegistersView *self = ASTERN_REGISTERS_VIEW (view);
  Question *question = data;
  gboolean first = question->klass != self->klass;

  if (first)
    {
      forget_values (self);
      make_rows (self, question->klass);
    }
  keep_values (self, question);
  if (first)
    open_groups (self);
  astern_registers_show_rows (self);
  astern_registers_update_actions (self);
  if (first)
    astern_view_refresh (view);       /* now that it is known whose symbols are wanted */
}

static void
run_changed (AsternView *view)
{
  AsternRegistersView *self = ASTERN_REGISTERS_VIEW (view);

  forget_values (self);
  if (astern_view_run (view) == NULL && self->store != NULL)
    {
      gtk_tree_store_clear (self->store);
      g_array_set_size (self->rows, 0);
      self->klass = NULL;
    }
}

/* ---- the tree ---- */

AsternRegistersRow *
astern_registers_row_at (AsternRegistersView *self, GtkTreePath *path)
{
  GtkTreeIter iter;
  int index;

  if (path == NULL || !gtk_tree_model_get_iter (GTK_TREE_MODEL (self->store), &iter, path))
    return NULL;
  gtk_tree_model_get (GTK_TREE_MODEL (self->store), &iter, COLUMN_INDEX, &index, -1);
  return row_of (self, (guint) index);
}

AsternRegistersRow *
astern_registers_selected (AsternRegistersView *self)
{
  GtkTreeSelection *selection = gtk_tree_view_get_selection (GTK_TREE_VIEW (self->tree));
  g_autoptr (GtkTreePath) path = NULL;
  GtkTreeIter iter;

  if (!gtk_tree_selection_get_selected (selection, NULL, &iter))
    return NULL;
  path = gtk_tree_model_get_path (GTK_TREE_MODEL (self->store), &iter);
  return astern_registers_row_at (self, path);
}

static void
set_expanded (AsternRegistersView *self, GtkTreePath *path, gboolean expanded)
{
  AsternRegistersRow *row = astern_registers_row_at (self, path);
  GHashTable *table = remembered ();

  row->expanded = expanded;
  if (row->reg < 0 && table != NULL)
    g_hash_table_replace (table, g_strdup (g_array_index (self->groups, AsternRegistersGroup, row->group).name),
                          GINT_TO_POINTER (expanded));
}

static void
on_expanded (AsternRegistersView *self, GtkTreeIter *iter, GtkTreePath *path)
{
  set_expanded (self, path, TRUE);
  astern_registers_show_rows (self);
  astern_view_refresh (ASTERN_VIEW (self));
}

static void
on_collapsed (AsternRegistersView *self, GtkTreeIter *iter, GtkTreePath *path)
{
  set_expanded (self, path, FALSE);
}

static void
on_activated (AsternRegistersView *self, GtkTreePath *path)
{
  AsternRegistersRow *row = astern_registers_row_at (self, path);

  if (row != NULL && row->reg >= 0)
    gtk_tree_view_set_cursor (GTK_TREE_VIEW (self->tree), path, self->value_column, TRUE);
  else if (row != NULL && row->expanded)
    gtk_tree_view_collapse_row (GTK_TREE_VIEW (self->tree), path);
  else
    gtk_tree_view_expand_row (GTK_TREE_VIEW (self->tree), path, FALSE);
}

static void
on_edited (AsternRegistersView *self, const char *path_text, const char *text)
{
  g_autoptr (GtkTreePath) path = gtk_tree_path_new_from_string (path_text);
  AsternRegistersRow *row = astern_registers_row_at (self, path);
  g_autofree char *now = NULL;

  if (row == NULL || row->reg < 0 || self->values == NULL)
    return;
  now = astern_registers_value_text (self, row, astern_registers_value (self, row));
  if (!g_str_equal (now, text))
    astern_registers_edit (self, row, text);
}

static gboolean
on_query_tooltip (AsternRegistersView *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  g_autoptr (GtkTreePath) path = NULL;
  g_autofree char *then = NULL, *text = NULL;
  AsternRegistersRow *row;

  if (self->values == NULL || !gtk_tree_view_get_tooltip_context (GTK_TREE_VIEW (self->tree), &x, &y, keyboard, NULL, &path, NULL))
    return FALSE;
  row = astern_registers_row_at (self, path);
  if (row == NULL || row->reg < 0 || !has_changed (self, row))
    return FALSE;
  then = astern_registers_value_text (self, row, self->before + (gsize) row->reg * ASTERN_REGISTER_BYTES);
  text = g_strdup_printf (_("Before: %s"), then);
  gtk_tooltip_set_text (tooltip, text);
  gtk_tree_view_set_tooltip_row (GTK_TREE_VIEW (self->tree), tooltip, path);
  return TRUE;
}

/* ---- the object ---- */

/* The colour of what has changed is the style's. */
static void
style_updated (GtkWidget *widget)
{
  AsternRegistersView *self = ASTERN_REGISTERS_VIEW (widget);
  GdkRGBA colour;

  GTK_WIDGET_CLASS (astern_registers_view_parent_class)->style_updated (widget);
  if (self->value_cell != NULL && gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), "astern_changed", &colour))
    g_object_set (self->value_cell, "foreground-rgba", &colour, "foreground-set", FALSE, NULL);
}

static void
dispose (GObject *object)
{
  AsternRegistersView *self = ASTERN_REGISTERS_VIEW (object);

  G_OBJECT_CLASS (astern_registers_view_parent_class)->dispose (object);
  self->store = NULL;
  g_clear_object (&self->actions);
}

static void
finalize (GObject *object)
{
  AsternRegistersView *self = ASTERN_REGISTERS_VIEW (object);

  forget_values (self);
  g_array_unref (self->groups);
  g_array_unref (self->rows);
  G_OBJECT_CLASS (astern_registers_view_parent_class)->finalize (object);
}

static void
astern_registers_view_class_init (AsternRegistersViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  G_OBJECT_CLASS (klass)->finalize = finalize;
  widget->style_updated = style_updated;
  ASTERN_VIEW_CLASS (klass)->ask = ask;
  ASTERN_VIEW_CLASS (klass)->look = look;
  ASTERN_VIEW_CLASS (klass)->show = show;
  ASTERN_VIEW_CLASS (klass)->free_question = free_question;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/registers-view.ui");
  gtk_widget_class_bind_template_child (widget, AsternRegistersView, store);
  gtk_widget_class_bind_template_child (widget, AsternRegistersView, tree);
  gtk_widget_class_bind_template_child (widget, AsternRegistersView, value_column);
  gtk_widget_class_bind_template_child (widget, AsternRegistersView, value_cell);
  gtk_widget_class_bind_template_child (widget, AsternRegistersView, context_menu);
}

static void
astern_registers_view_init (AsternRegistersView *self)
{
  self->groups = g_array_new (FALSE, TRUE, sizeof (AsternRegistersGroup));
  self->rows = g_array_new (FALSE, TRUE, sizeof (AsternRegistersRow));
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->tree, "row-expanded", G_CALLBACK (on_expanded), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tree, "row-collapsed", G_CALLBACK (on_collapsed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tree, "row-activated", G_CALLBACK (on_activated), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tree, "query-tooltip", G_CALLBACK (on_query_tooltip), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->value_cell, "edited", G_CALLBACK (on_edited), self, G_CONNECT_SWAPPED);
  astern_registers_add_actions (self);
}
