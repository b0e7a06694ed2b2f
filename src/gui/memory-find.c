/* memory-find.c - the bar that searches: see memory-view.h. */
#include "config.h"

#include "gui/memory-private.h"

#include <glib/gi18n.h>

static void
show_busy (AsternMemoryView *self, gboolean busy)
{
  gtk_widget_set_sensitive (self->find_stop, busy);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->find_progress), 0);
}

void
astern_memory_stop_find (AsternMemoryView *self)
{
  if (self->search == NULL)
    return;
  astern_memory_search_cancel (g_steal_pointer (&self->search));
  show_busy (self, FALSE);
}

static void
on_progress (gpointer user, double fraction)
{
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (((AsternMemoryView *) user)->find_progress), fraction);
}

static guint
pattern_size (AsternMemoryView *self)
{
  AsternMemoryPattern pattern;

  if (!astern_memory_pattern_parse ((AsternPatternKind) gtk_combo_box_get_active (GTK_COMBO_BOX (self->find_kind)),
                                    gtk_entry_get_text (GTK_ENTRY (self->find_entry)),
                                    astern_memory_grid_layout (self->grid)->unit, &pattern, NULL))
    return 1;
  return pattern.size;
}

static void
on_done (gpointer user, gboolean found, guint64 address)
{
  AsternMemoryView *self = user;

  self->search = NULL;
  show_busy (self, FALSE);
  if (found)
    astern_memory_grid_select (self->grid, address, pattern_size (self));
  else
    astern_run_say (astern_view_run (ASTERN_VIEW (self)), _("It was not found from here on."));
}

static void
find (AsternMemoryView *self, gboolean backward)
{
  static const AsternMemorySearchFuncs funcs = { on_progress, on_done };
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  AsternMemorySearchWhat what = { .cpu = self->cpu, .space = self->space, .backward = backward };
  g_autoptr (GError) error = NULL;
  guint64 start, size;

  if (run == NULL)
    return;
  if (!astern_memory_pattern_parse ((AsternPatternKind) gtk_combo_box_get_active (GTK_COMBO_BOX (self->find_kind)),
                                    gtk_entry_get_text (GTK_ENTRY (self->find_entry)),
                                    astern_memory_grid_layout (self->grid)->unit, &what.pattern, &error))
    {
      astern_run_say (run, error->message);
      return;
    }
  astern_memory_stop_find (self);
  astern_memory_grid_selection (self->grid, &start, &size);
  what.from = backward || start == G_MAXUINT64 ? start : start + 1;
  show_busy (self, TRUE);
  self->search = astern_memory_search_begin (run, &what, &funcs, self);
}

static void
on_next (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  find (user, FALSE);
}

static void
on_previous (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  find (user, TRUE);
}

static void
on_find_activate (AsternMemoryView *self)
{
  find (self, FALSE);
}

static void
on_find_toggled (AsternMemoryView *self)
{
  gboolean shown = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->find_button));

  gtk_revealer_set_reveal_child (GTK_REVEALER (self->find_revealer), shown);
  if (shown)
    gtk_widget_grab_focus (self->find_entry);
  else
    astern_memory_stop_find (self);
}

static void
on_stop_search (AsternMemoryView *self)
{
  if (self->search != NULL)
    astern_memory_stop_find (self);
  else
    {
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->find_button), FALSE);
      gtk_widget_grab_focus (GTK_WIDGET (self->grid));
    }
}

void
astern_memory_add_find (AsternMemoryView *self)
{
  static const GActionEntry entries[] = {
    { .name = "find-next", .activate = on_next },
    { .name = "find-previous", .activate = on_previous },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect_object (self->find_entry, "activate", G_CALLBACK (on_find_activate), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->find_entry, "stop-search", G_CALLBACK (on_stop_search), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->find_stop, "clicked", G_CALLBACK (astern_memory_stop_find), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->find_button, "toggled", G_CALLBACK (on_find_toggled), self, G_CONNECT_SWAPPED);
  show_busy (self, FALSE);
}
