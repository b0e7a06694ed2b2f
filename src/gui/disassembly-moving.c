/* disassembly-moving.c - the disassembly goes elsewhere: scrolling, addresses, back and forward. */
#include "config.h"

#include "gui/disassembly-private.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#define SPAN 65536.0      /* bytes from the scroll bar's upper end to its lower one; beyond, it is moved along */

/* ---- scrolling ---- */

static void
scroll (AsternDisassemblyView *self, gint by)
{
  if (!self->placed || by == 0)
    return;
  self->scroll += by;
  astern_disassembly_want (self);
}

static gboolean
on_scroll (AsternDisassemblyView *self, GdkEventScroll *event)
{
  double whole;

  if (event->state & gtk_accelerator_get_default_mod_mask ())
    return FALSE;
  if (event->direction == GDK_SCROLL_UP || event->direction == GDK_SCROLL_DOWN)
    self->wheel = event->direction == GDK_SCROLL_UP ? -3 : 3;
  else if (event->direction == GDK_SCROLL_SMOOTH && event->delta_y != 0)
    self->wheel += 3 * event->delta_y;
  else
    return FALSE;
  self->wheel = modf (self->wheel, &whole);
  scroll (self, (gint) whole);
  return TRUE;
}

/* Keys that leave the rows: the code goes on beyond them. */
static gboolean
on_key (AsternDisassemblyView *self, GdkEventKey *event)
{
  gint row = astern_disassembly_cursor_row (self), last = (gint) self->lines->len - 1, page = MAX (1, last - 1);
  gint by = 0;

  if ((event->state & gtk_accelerator_get_default_mod_mask ()) != 0 || last < 0)
    return FALSE;
  if (event->keyval == GDK_KEY_Page_Up || event->keyval == GDK_KEY_KP_Page_Up)
    by = -page;
  else if (event->keyval == GDK_KEY_Page_Down || event->keyval == GDK_KEY_KP_Page_Down)
    by = page;
  else if (event->keyval == GDK_KEY_Up || event->keyval == GDK_KEY_KP_Up)
    by = row == 0 || (row == 1 && astern_disassembly_line (self, 0)->kind == ASTERN_CODE_SYMBOL) ? -1 : 0;
  else if (event->keyval == GDK_KEY_Down || event->keyval == GDK_KEY_KP_Down)
    by = row == last ? 1 : 0;
  if (by == 0)
    return FALSE;
  self->cursor_row = row < 0 ? 0 : row;
  scroll (self, by);
  return TRUE;
}

/* ---- the scroll bar: some code before and behind what is shown ---- */

void
astern_disassembly_update_bar (AsternDisassemblyView *self)
{
  const AsternCodeLine *last = self->lines->len > 0 ? astern_disassembly_line (self, self->lines->len - 1) : NULL;
  double page = last != NULL ? MIN ((double) (last->linear - self->top) + 1, SPAN / 4) : SPAN / 16;
  double offset = (double) (self->top - self->anchor);
  gboolean far = self->top < self->anchor || offset < SPAN / 8 || offset > SPAN - SPAN / 8;

  if (far && !self->dragging)
    self->anchor = self->top < (guint64) SPAN / 2 ? 0 : self->top - (guint64) SPAN / 2;
  offset = self->top < self->anchor ? 0 : (double) (self->top - self->anchor);
  gtk_adjustment_configure (self->adjustment, MIN (offset, SPAN - page), 0, SPAN, 4, page, page);
}

static void
on_bar_moved (AsternDisassemblyView *self)
{
  if (self->showing || !self->placed)
    return;
  self->bar_to = self->anchor + (guint64) gtk_adjustment_get_value (self->adjustment);
  self->aligns = TRUE;
  self->scroll = 0;
  astern_disassembly_want (self);
}

static gboolean
on_bar_button (AsternDisassemblyView *self, GdkEventButton *event)
{
  self->dragging = event->type != GDK_BUTTON_RELEASE;
  return FALSE;
}

/* ---- going ---- */

void
astern_disassembly_go (AsternDisassemblyView *self, guint64 address)
{
  g_clear_pointer (&self->go_text, g_free);
  self->goes = self->remembers = TRUE;
  self->go_to = address;
  astern_disassembly_want (self);
}

static void
on_entry_activate (AsternDisassemblyView *self)
{
  const char *text = gtk_entry_get_text (GTK_ENTRY (self->entry));

  if (text[strspn (text, " ")] == '\0')
    return;
  g_free (self->go_text);
  self->go_text = g_strdup (text);
  self->goes = self->remembers = TRUE;
  astern_disassembly_want (self);
}

/* The place that one comes back to: the cursor's, or the top when that is elsewhere. */
static guint64
here (AsternDisassemblyView *self)
{
  return self->has_cursor ? self->cursor : self->top;
}

/* Before what is shown changes. */
void
astern_disassembly_went (AsternDisassemblyView *self, const AsternCodeQuestion *question)
{
  guint64 place = here (self);
  GtkStyleContext *style = gtk_widget_get_style_context (self->entry);

  if (question->wrong != NULL)
    {
      gtk_style_context_add_class (style, GTK_STYLE_CLASS_ERROR);
      gtk_widget_set_tooltip_text (self->entry, question->wrong);
      astern_run_say (question->run, question->wrong);
      return;
    }
  if (question->remembers && self->placed && place != question->cursor)
    {
      g_array_append_val (self->back, place);
      g_array_set_size (self->forward, 0);
    }
  if (question->go_text != NULL)
    gtk_widget_grab_focus (self->tree);
}

static void
go_along (AsternDisassemblyView *self, GArray *from, GArray *to)
{
  guint64 place = here (self);

  if (from->len == 0)
    return;
  g_array_append_val (to, place);
  astern_disassembly_go (self, g_array_index (from, guint64, from->len - 1));
  self->remembers = FALSE;
  g_array_set_size (from, from->len - 1);
}

void
astern_disassembly_go_back (AsternDisassemblyView *self)
{
  go_along (self, self->back, self->forward);
}

void
astern_disassembly_go_forward (AsternDisassemblyView *self)
{
  go_along (self, self->forward, self->back);
}

void
astern_disassembly_follow (AsternDisassemblyView *self, guint row)
{
  const AsternCodeLine *line = row < self->lines->len ? astern_disassembly_line (self, row) : NULL;

  if (line != NULL && line->has_target)
    astern_disassembly_go (self, line->target);
}

static void
on_row_activated (AsternDisassemblyView *self, GtkTreePath *path)
{
  astern_disassembly_follow (self, (guint) gtk_tree_path_get_indices (path)[0]);
}

/* ---- names ---- */

/* A symbol is completed at the end of what was typed, if that is a name. */
static void
on_entry_changed (AsternDisassemblyView *self)
{
  const char *text = gtk_entry_get_text (GTK_ENTRY (self->entry));

  gtk_style_context_remove_class (gtk_widget_get_style_context (self->entry), GTK_STYLE_CLASS_ERROR);
  gtk_widget_set_tooltip_text (self->entry, NULL);
  if (!g_ascii_isalpha (text[0]) && text[0] != '_')
    return;
  g_free (self->prefix);
  self->prefix = g_strdup (text);
  astern_view_refresh (ASTERN_VIEW (self));
}

/* What is offered was found by the machine's thread. */
static gboolean
match (GtkEntryCompletion *completion, const char *key, GtkTreeIter *iter, gpointer data)
{
  AsternDisassemblyView *self = data;
  g_autofree char *name = NULL;

  gtk_tree_model_get (GTK_TREE_MODEL (self->names), iter, 0, &name, -1);
  return name != NULL && g_ascii_strncasecmp (name, gtk_entry_get_text (GTK_ENTRY (self->entry)),
                                              gtk_entry_get_text_length (GTK_ENTRY (self->entry))) == 0;
}

static gboolean
on_match_selected (AsternDisassemblyView *self, GtkTreeModel *model, GtkTreeIter *iter)
{
  g_autofree char *name = NULL;

  gtk_tree_model_get (model, iter, 0, &name, -1);
  gtk_entry_set_text (GTK_ENTRY (self->entry), name);
  on_entry_activate (self);
  return TRUE;
}

static void
on_cursor_changed (AsternDisassemblyView *self)
{
  g_autoptr (GtkTreePath) path = NULL;
  guint row;

  if (self->showing)
    return;
  gtk_tree_view_get_cursor (GTK_TREE_VIEW (self->tree), &path, NULL);
  row = path != NULL ? (guint) gtk_tree_path_get_indices (path)[0] : G_MAXUINT;
  if (row >= self->lines->len)
    return;
  self->cursor = astern_disassembly_line (self, row)->linear;
  self->has_cursor = TRUE;
  self->gutter.cursor = astern_disassembly_cursor_row (self);
  gtk_widget_queue_draw (self->tree);
  astern_disassembly_update_actions (self);
}

void
astern_disassembly_add_moving (AsternDisassemblyView *self)
{
  const struct { gpointer object; const char *signal; GCallback func; } signals[] = {
    { self->tree, "scroll-event", G_CALLBACK (on_scroll) },
    { self->tree, "key-press-event", G_CALLBACK (on_key) },
    { self->tree, "row-activated", G_CALLBACK (on_row_activated) },
    { self->tree, "cursor-changed", G_CALLBACK (on_cursor_changed) },
    { self->adjustment, "value-changed", G_CALLBACK (on_bar_moved) },
    { self->bar, "button-press-event", G_CALLBACK (on_bar_button) },
    { self->bar, "button-release-event", G_CALLBACK (on_bar_button) },
    { self->entry, "activate", G_CALLBACK (on_entry_activate) },
    { self->entry, "changed", G_CALLBACK (on_entry_changed) },
    { self->completion, "match-selected", G_CALLBACK (on_match_selected) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_object (signals[i].object, signals[i].signal, signals[i].func, self, G_CONNECT_SWAPPED);
  gtk_entry_completion_set_match_func (self->completion, match, self, NULL);
}
