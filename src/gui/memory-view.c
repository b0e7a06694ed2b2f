/* memory-view.c - see memory-view.h: what is shown and where.  Actions are in memory-actions.c, changes in memory-change.c,
 * searching in memory-find.c. */
#include "config.h"

#include "gui/memory-view.h"

#include "gui/memory-fetch.h"
#include "gui/memory-private.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (AsternMemoryView, astern_memory_view, ASTERN_TYPE_VIEW)

/* What is shown at first. */
#define FIRST "$sp"

/* ---- asking ---- */

typedef struct
{
  guint        cpu;
  AsternSpace  space;
  char        *expression;             /* (nullable) */
  gboolean     go;                     /* wherever it leads */
  guint        n_gone;
  gboolean     has_address;
  guint64      address;                /* where it led; answered: where it leads */
  guint        bytes_a_row;
  guint64      shown;                  /* bytes that can be seen */
  guint64      start, symbol_of;
  gsize        size;

  gboolean     moved;                  /* answered, as the rest */
  char        *error;                  /* (nullable) why it leads nowhere */
  guint64      highest;
  guint8      *bytes, *known;
  char        *symbol;                 /* (nullable) */
} Question;

static gpointer
ask (AsternView *view)
{
  AsternMemoryView *self = ASTERN_MEMORY_VIEW (view);
  Question *question = g_new0 (Question, 1);
  guint64 size;

  question->cpu = astern_run_status (astern_view_run (view))->cpu;
  question->space = self->space;
  question->expression = g_strdup (self->expression);
  question->go = self->asked_to_go;
  question->n_gone = self->n_gone;
  question->has_address = self->has_address;
  question->address = self->address;
  question->bytes_a_row = astern_memory_grid_layout (self->grid)->bytes_a_row;
  question->shown = (guint64) astern_memory_grid_n_rows (self->grid) * question->bytes_a_row;
  astern_memory_grid_wanted (self->grid, &question->start, &question->size);
  astern_memory_grid_selection (self->grid, &question->symbol_of, &size);
  return question;
}

/* The machine's thread: where the expression leads, and so where to look. */
static void
follow (AsternSession *session, Question *question)
{
  g_autoptr (GError) error = NULL;
  guint64 address, before, top;

  if (question->expression == NULL)
    return;
  if (!astern_memory_evaluate (session, question->cpu, question->expression, &address, &error))
    {
      question->error = g_strdup (error->message);
      return;
    }
  if (address > question->highest)
    {
      question->error = g_strdup_printf (_("%" PRIx64 " is above the highest address, %" PRIx64 "."),
                                         address, question->highest);
      return;
    }
  question->moved = question->go || !question->has_address || address != question->address;
  question->address = question->symbol_of = address;
  if (!question->moved)
    return;
  top = address - address % question->bytes_a_row;
  before = MIN (top, question->shown);
  question->start = top - before;
  question->size = (gsize) (before + 2 * question->shown);
}

/* The machine's thread. */
static void
look (AsternSession *session, gpointer data)
{
  Question *question = data;

  question->highest = astern_memory_highest (session, question->cpu, question->space);
  follow (session, question);
  question->start = MIN (question->start, question->highest);
  if (question->highest - question->start < question->size - 1)
    question->size = (gsize) (question->highest - question->start) + 1;
  question->bytes = g_malloc0 (question->size);
  question->known = g_malloc0 (question->size);
  astern_memory_fetch (session, question->cpu, question->space, question->start, question->bytes, question->known, question->size);
  if (question->space == ASTERN_SPACE_LINEAR)
    question->symbol = astern_symbols_describe (session->launch->symbols, question->symbol_of);
}

static void
free_question (gpointer data)
{
  Question *question = data;

  g_free (question->expression);
  g_free (question->error);
  g_free (question->bytes);
  g_free (question->known);
  g_free (question->symbol);
  g_free (question);
}

/* ---- showing ---- */

static void
forget_seen (AsternMemorySeen *seen)
{
  g_byte_array_set_size (seen->bytes, 0);
  g_byte_array_set_size (seen->known, 0);
}

static void
keep (AsternMemorySeen *seen, const Question *question)
{
  forget_seen (seen);
  seen->start = question->start;
  g_byte_array_append (seen->bytes, question->bytes, (guint) question->size);
  g_byte_array_append (seen->known, question->known, (guint) question->size);
}

/* Of another space or CPU, or of no stop before: nothing has changed. */
static void
take_seen (AsternMemoryView *self, const Question *question)
{
  const AsternRunStatus *status = astern_run_status (astern_view_run (ASTERN_VIEW (self)));
  AsternMemorySeen old = self->before;

  if (self->cpu != question->cpu)
    {
      forget_seen (&self->before);
      forget_seen (&self->now);
    }
  else if (self->serial != status->serial)
    {
      self->before = self->now;
      self->now = old;
      g_array_set_size (self->typed, 0);
    }
  self->cpu = question->cpu;
  self->serial = status->serial;
  keep (&self->now, question);
}

/* Free it: a byte each. */
static guint8 *
changes (AsternMemoryView *self, const Question *question)
{
  guint8 *changed = g_malloc0 (question->size);

  for (gsize i = 0; i < question->size; i++)
    {
      guint64 at = question->start + i - self->before.start;

      changed[i] = at < self->before.bytes->len && self->before.known->data[at] == ASTERN_MEMORY_THERE &&
                   question->known[i] == ASTERN_MEMORY_THERE && self->before.bytes->data[at] != question->bytes[i];
    }
  return changed;
}

static void
show_error (AsternMemoryView *self, const char *error)
{
  GtkStyleContext *style = gtk_widget_get_style_context (self->address_entry);

  if (error != NULL)
    gtk_style_context_add_class (style, GTK_STYLE_CLASS_ERROR);
  else if (self->said_no)
    gtk_style_context_remove_class (style, GTK_STYLE_CLASS_ERROR);
  if (error != NULL || self->said_no)
    gtk_widget_set_tooltip_text (self->address_entry, error);
  self->said_no = error != NULL;
}

static void
show_place (AsternMemoryView *self, const Question *question)
{
  gboolean said_no = self->said_no;

  if (question->n_gone != self->n_gone || question->expression == NULL)
    return;
  show_error (self, question->error);
  if (question->error != NULL && question->go && !said_no)
    astern_run_say (astern_view_run (ASTERN_VIEW (self)), question->error);
  self->asked_to_go = FALSE;
  if (question->error != NULL)
    return;
  self->address = question->address;
  self->has_address = TRUE;
  if (question->moved)
    astern_memory_grid_go (self->grid, question->address);
  if (!gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->follow)))
    g_clear_pointer (&self->expression, g_free);
}

/* As near as a number of double precision can say. */
static void
show_scrollbar (AsternMemoryView *self, guint64 highest)
{
  GtkAdjustment *adjustment = gtk_range_get_adjustment (GTK_RANGE (self->scrollbar));
  double page = (double) highest / 32;

  gtk_adjustment_configure (adjustment, (double) astern_memory_grid_top (self->grid), 0, (double) highest + page, 1, page, page);
}

static void
show (AsternView *view, gpointer data)
{
  AsternMemoryView *self = ASTERN_MEMORY_VIEW (view);
  Question *question = data;
  g_autofree guint8 *changed = NULL;

  if (question->space != self->space)
    return;
  self->showing = TRUE;
  take_seen (self, question);
  astern_memory_grid_set_highest (self->grid, question->highest);
  show_place (self, question);
  changed = changes (self, question);
  astern_memory_grid_set_bytes (self->grid, question->start, question->size, question->bytes, question->known, changed);
  show_scrollbar (self, question->highest);
  self->symbol_of = question->symbol_of;
  g_free (self->symbol);
  self->symbol = g_steal_pointer (&question->symbol);
  astern_memory_show_selection (self);
  astern_memory_update_actions (self);
  self->showing = FALSE;
}

/* "ffffffff81000000 <main+0x10>, 4 bytes: 0x12345678 = 305419896" */
void
astern_memory_show_selection (AsternMemoryView *self)
{
  const AsternMemoryLayout *layout = astern_memory_grid_layout (self->grid);
  g_autoptr (GString) text = g_string_new (NULL);
  guint64 start, size, value = 0;
  guint8 bytes[8] = { 0 };

  astern_memory_grid_selection (self->grid, &start, &size);
  g_string_append_printf (text, "%0*" G_GINT64_MODIFIER "x", (int) layout->address_digits, start);
  if (self->symbol != NULL && self->symbol_of == start)
    g_string_append_printf (text, " <%s>", self->symbol);
  if (size == 1)
    g_string_append (text, _(", 1 byte"));
  else
    g_string_append_printf (text, _(", %" PRIu64 " bytes"), size);
  if (size <= 8 && (size & (size - 1)) == 0 && astern_memory_grid_get_bytes (self->grid, start, (gsize) size, bytes))
    {
      memcpy (&value, bytes, sizeof value);
      value = GUINT64_FROM_LE (value);
      g_string_append_printf (text, ": 0x%0*" G_GINT64_MODIFIER "x = %" G_GUINT64_FORMAT, (int) (2 * size), value, value);
      if (value >> (8 * size - 1) != 0)
        g_string_append_printf (text, " = %" G_GINT64_FORMAT, (gint64) (value << (64 - 8 * size)) >> (64 - 8 * size));
    }
  gtk_label_set_text (GTK_LABEL (self->selection_label), text->str);
}

/* ---- going places ---- */

static void
set_space (AsternMemoryView *self, AsternSpace space)
{
  if (self->space == space)
    return;
  self->space = space;
  self->has_address = FALSE;
  forget_seen (&self->now);
  forget_seen (&self->before);
  g_array_set_size (self->typed, 0);
  astern_memory_grid_forget (self->grid);
  astern_memory_stop_find (self);
  gtk_combo_box_set_active (GTK_COMBO_BOX (self->space_combo), space == ASTERN_SPACE_PHYSICAL);
}

static void
go_to_expression (AsternMemoryView *self, const char *text)
{
  g_free (self->expression);
  self->expression = text[0] != '\0' ? g_strdup (text) : NULL;
  self->asked_to_go = TRUE;
  self->has_address = FALSE;
  self->n_gone++;
  astern_view_refresh (ASTERN_VIEW (self));
}

void
astern_memory_go (AsternMemoryView *self, AsternSpace space, guint64 address)
{
  g_autofree char *text = g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", address);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->follow), FALSE);
  gtk_entry_set_text (GTK_ENTRY (self->address_entry), text);
  set_space (self, space);
  go_to_expression (self, text);
}

static gboolean
show_address (AsternView *view, AsternShow what, guint64 address)
{
  if (what != ASTERN_SHOW_MEMORY && what != ASTERN_SHOW_PHYSICAL)
    return FALSE;
  astern_memory_go (ASTERN_MEMORY_VIEW (view), what == ASTERN_SHOW_PHYSICAL ? ASTERN_SPACE_PHYSICAL : ASTERN_SPACE_LINEAR, address);
  return TRUE;
}

static void
on_address_activate (AsternMemoryView *self)
{
  go_to_expression (self, gtk_entry_get_text (GTK_ENTRY (self->address_entry)));
  gtk_widget_grab_focus (GTK_WIDGET (self->grid));
}

static void
on_follow (AsternMemoryView *self)
{
  if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->follow)))
    go_to_expression (self, gtk_entry_get_text (GTK_ENTRY (self->address_entry)));
  else if (!self->asked_to_go)
    g_clear_pointer (&self->expression, g_free);
}

static void
on_space (AsternMemoryView *self)
{
  set_space (self, gtk_combo_box_get_active (GTK_COMBO_BOX (self->space_combo)) == 1 ? ASTERN_SPACE_PHYSICAL : ASTERN_SPACE_LINEAR);
  astern_view_refresh (ASTERN_VIEW (self));
}

/* ---- the grid and its scrollbar ---- */

static void
on_scrolled (AsternMemoryView *self)
{
  GtkAdjustment *adjustment = gtk_range_get_adjustment (GTK_RANGE (self->scrollbar));

  gtk_adjustment_set_value (adjustment, (double) astern_memory_grid_top (self->grid));
  if (!self->showing)
    astern_view_refresh (ASTERN_VIEW (self));
}

static void
on_selected (AsternMemoryView *self)
{
  guint64 start, size;

  if (self->showing)
    return;
  astern_memory_show_selection (self);
  astern_memory_grid_selection (self->grid, &start, &size);
  if (start != self->symbol_of)
    astern_view_refresh (ASTERN_VIEW (self));
}

/* Steps and pages are of rows: the adjustment is too coarse for them. */
static gboolean
on_scrollbar (AsternMemoryView *self, GtkScrollType how, double value)
{
  gint64 page = MAX (1, (gint64) astern_memory_grid_n_rows (self->grid) - 1);

  switch (how)
    {
    case GTK_SCROLL_STEP_BACKWARD: case GTK_SCROLL_STEP_UP:
      astern_memory_grid_scroll (self->grid, -1);
      break;
    case GTK_SCROLL_STEP_FORWARD: case GTK_SCROLL_STEP_DOWN:
      astern_memory_grid_scroll (self->grid, 1);
      break;
    case GTK_SCROLL_PAGE_BACKWARD: case GTK_SCROLL_PAGE_UP:
      astern_memory_grid_scroll (self->grid, -page);
      break;
    case GTK_SCROLL_PAGE_FORWARD: case GTK_SCROLL_PAGE_DOWN:
      astern_memory_grid_scroll (self->grid, page);
      break;
    default:
      astern_memory_grid_scroll_to (self->grid, value <= 0 ? 0 : value >= 18446744073709549568.0 ? G_MAXUINT64 : (guint64) value);
      break;
    }
  return TRUE;
}

static void
on_typed (AsternMemoryView *self, guint64 address, guint mask, guint value)
{
  astern_memory_type (self, address, (guint8) mask, (guint8) value);
}

static void
on_edit (AsternMemoryView *self)
{
  astern_memory_ask_value (self, FALSE);
}

static void
run_changed (AsternView *view)
{
  AsternMemoryView *self = ASTERN_MEMORY_VIEW (view);

  astern_memory_stop_find (self);
  if (self->grid == NULL)
    return;
  forget_seen (&self->now);
  forget_seen (&self->before);
  g_array_set_size (self->typed, 0);
  astern_memory_grid_forget (self->grid);
  self->has_address = FALSE;
  if (self->expression == NULL && gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->follow)))
    self->expression = g_strdup (gtk_entry_get_text (GTK_ENTRY (self->address_entry)));
}

/* ---- the object ---- */

static void
dispose (GObject *object)
{
  AsternMemoryView *self = ASTERN_MEMORY_VIEW (object);

  astern_memory_stop_find (self);
  if (self->value_popover != NULL)
    gtk_widget_destroy (g_steal_pointer (&self->value_popover));
  G_OBJECT_CLASS (astern_memory_view_parent_class)->dispose (object);
  self->grid = NULL;
  g_clear_object (&self->actions);
}

static void
finalize (GObject *object)
{
  AsternMemoryView *self = ASTERN_MEMORY_VIEW (object);

  g_byte_array_unref (self->now.bytes);
  g_byte_array_unref (self->now.known);
  g_byte_array_unref (self->before.bytes);
  g_byte_array_unref (self->before.known);
  g_array_unref (self->typed);
  g_free (self->expression);
  g_free (self->symbol);
  G_OBJECT_CLASS (astern_memory_view_parent_class)->finalize (object);
}

static void
astern_memory_view_class_init (AsternMemoryViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  G_OBJECT_CLASS (klass)->finalize = finalize;
  ASTERN_VIEW_CLASS (klass)->ask = ask;
  ASTERN_VIEW_CLASS (klass)->look = look;
  ASTERN_VIEW_CLASS (klass)->show = show;
  ASTERN_VIEW_CLASS (klass)->free_question = free_question;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  ASTERN_VIEW_CLASS (klass)->show_address = show_address;
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/memory-view.ui");
#define CHILD(name) gtk_widget_class_bind_template_child (widget, AsternMemoryView, name)
  CHILD (space_combo);
  CHILD (address_entry);
  CHILD (follow);
  CHILD (grid_box);
  CHILD (selection_label);
  CHILD (find_button);
  CHILD (find_revealer);
  CHILD (find_kind);
  CHILD (find_entry);
  CHILD (find_progress);
  CHILD (find_stop);
  CHILD (value_popover);
  CHILD (value_entry);
  CHILD (value_label);
  CHILD (context_menu);
#undef CHILD
}

static void
add_grid (AsternMemoryView *self)
{
  GtkWidget *grid = g_object_new (ASTERN_TYPE_MEMORY_GRID, "visible", TRUE, "hexpand", TRUE, "vexpand", TRUE, NULL);

  self->grid = ASTERN_MEMORY_GRID (grid);
  self->scrollbar = gtk_scrollbar_new (GTK_ORIENTATION_VERTICAL, NULL);
  gtk_widget_set_size_request (grid, 160, 64);
  atk_object_set_name (gtk_widget_get_accessible (grid), _("Memory Contents"));
  atk_object_set_name (gtk_widget_get_accessible (self->scrollbar), _("Address"));
  gtk_widget_show (self->scrollbar);
  gtk_box_pack_start (GTK_BOX (self->grid_box), grid, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (self->grid_box), self->scrollbar, FALSE, FALSE, 0);
  gtk_popover_set_relative_to (GTK_POPOVER (self->value_popover), grid);
  g_signal_connect_object (grid, "scrolled", G_CALLBACK (on_scrolled), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (grid, "selected", G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (grid, "typed", G_CALLBACK (on_typed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (grid, "edit", G_CALLBACK (on_edit), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->scrollbar, "change-value", G_CALLBACK (on_scrollbar), self, G_CONNECT_SWAPPED);
}

static void
astern_memory_view_init (AsternMemoryView *self)
{
  self->now.bytes = g_byte_array_new ();
  self->now.known = g_byte_array_new ();
  self->before.bytes = g_byte_array_new ();
  self->before.known = g_byte_array_new ();
  self->typed = g_array_new (FALSE, FALSE, sizeof (AsternMemoryTyped));
  self->expression = g_strdup (FIRST);
  gtk_widget_init_template (GTK_WIDGET (self));
  add_grid (self);
  gtk_entry_set_text (GTK_ENTRY (self->address_entry), FIRST);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->follow), TRUE);
  g_signal_connect_object (self->address_entry, "activate", G_CALLBACK (on_address_activate), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->follow, "toggled", G_CALLBACK (on_follow), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->space_combo, "changed", G_CALLBACK (on_space), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->value_entry, "activate", G_CALLBACK (astern_memory_value_given), self, G_CONNECT_SWAPPED);
  astern_memory_add_actions (self);
  astern_memory_add_find (self);
}
