/* disassembly-heat.c - how often the instructions shown were executed in a stretch of the past, beside and behind them.
 *
 * Counting executes the stretch again; so it waits until the machine has stood still for a moment, and counts for far
 * more code than is shown, that scrolling need not count again. */
#include "config.h"

#include "gui/disassembly-private.h"
#include "gui/heat.h"

#include <math.h>

#include <glib/gi18n.h>

#define REST_MS 400

static gboolean
is_on (AsternDisassemblyView *self)
{
  g_autoptr (GVariant) on = g_action_group_get_action_state (G_ACTION_GROUP (self->actions), "heat");

  return g_variant_get_boolean (on);
}

static void
forget (AsternDisassemblyView *self)
{
  g_clear_handle_id (&self->heat_timer, g_source_remove);
  if (self->heat_cancel != NULL)
    g_cancellable_cancel (self->heat_cancel);
  g_clear_object (&self->heat_cancel);
  g_clear_pointer (&self->heat, g_array_unref);
  self->heat_most = 0;
}

void
astern_disassembly_forget_heat (AsternDisassemblyView *self)
{
  forget (self);
}

/* All rows' tints and counts are others. */
static void
redraw (AsternDisassemblyView *self)
{
  if (self->store != NULL)
    for (guint i = 0; i < self->lines->len; i++)
      astern_disassembly_tell_row (self, i);
}

static void
counted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AsternDisassemblyView) self = data;
  g_autoptr (GError) error = NULL;
  GArray *counts = astern_heat_finish (result, NULL, &error);
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));

  if (self->heat_cancel == NULL || g_task_get_cancellable (G_TASK (result)) != self->heat_cancel)
    {
      g_clear_pointer (&counts, g_array_unref);      /* nobody wants it any more */
      return;
    }
  g_clear_object (&self->heat_cancel);
  if (counts == NULL)      /* it is not tried again by itself */
    {
      counts = g_array_new (FALSE, FALSE, sizeof (AsternExecutionCount));
      if (run != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        astern_run_say (run, error->message);
    }
  g_clear_pointer (&self->heat, g_array_unref);
  self->heat = counts;
  self->heat_most = 0;
  for (guint i = 0; i < counts->len; i++)
    self->heat_most = MAX (self->heat_most, g_array_index (counts, AsternExecutionCount, i).count);
  redraw (self);
}

static gboolean
count_now (gpointer data)
{
  AsternDisassemblyView *self = data;
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  g_autoptr (GVariant) stretch = g_action_group_get_action_state (G_ACTION_GROUP (self->actions), "heat-stretch");

  self->heat_timer = 0;
  if (run == NULL || self->running)
    return G_SOURCE_REMOVE;
  self->heat_cancel = g_cancellable_new ();
  self->heat_moment = self->moment;
  self->heat_start = self->top < ASTERN_MAX_COUNTED_BYTES / 2 ? 0 : self->top - ASTERN_MAX_COUNTED_BYTES / 2;
  self->heat_end = self->heat_start + MIN (ASTERN_MAX_COUNTED_BYTES, G_MAXUINT64 - self->heat_start);
  astern_heat_count (run, astern_past_choice (g_variant_get_string (stretch, NULL)), self->heat_start, self->heat_end,
                     self->heat_cancel, counted, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
count_soon (AsternDisassemblyView *self)
{
  g_clear_handle_id (&self->heat_timer, g_source_remove);
  self->heat_timer = g_timeout_add (REST_MS, count_now, self);
}

/* What was asked for last is of another moment, or of other code. */
static gboolean
is_stale (AsternDisassemblyView *self)
{
  const AsternCodeLine *last = self->lines->len > 0 ? astern_disassembly_line (self, self->lines->len - 1) : NULL;

  return self->heat == NULL || astern_moment_compare (self->heat_moment, self->moment) != 0 || self->top < self->heat_start
         || (last != NULL && last->linear >= self->heat_end && self->heat_end != G_MAXUINT64);
}

void
astern_disassembly_update_heat (AsternDisassemblyView *self)
{
  if (self->placed && !self->running && is_on (self) && self->heat_cancel == NULL && is_stale (self))
    count_soon (self);
}

gboolean
astern_disassembly_heat (AsternDisassemblyView *self, const AsternCodeLine *line, guint64 *count, GdkRGBA *tint)
{
  *count = self->heat != NULL && line->size > 0 ? astern_heat_at (self->heat, line->linear) : 0;
  if (*count == 0)
    return FALSE;
  *tint = self->gutter.colours[ASTERN_CODE_COLOUR_HEAT];
  tint->alpha = 0.08 + 0.5 * log1p ((double) *count) / log1p ((double) self->heat_most);
  return TRUE;
}

static void
on_state (GSimpleAction *action, GVariant *state, gpointer user)
{
  AsternDisassemblyView *self = user;

  g_simple_action_set_state (action, state);
  forget (self);
  gtk_tree_view_column_set_visible (self->heat_column, is_on (self));
  redraw (self);
  if (is_on (self) && self->placed)
    count_now (self);
}

void
astern_disassembly_add_heat (AsternDisassemblyView *self)
{
  static const GActionEntry entries[] = {
    { .name = "heat", .state = "false", .change_state = on_state },
    { .name = "heat-stretch", .parameter_type = "s", .state = "'100k'", .change_state = on_state },
  };
  g_autoptr (GMenu) choices = g_menu_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  for (const AsternPastChoice *choice = astern_past_choices; choice->id != NULL; choice++)
    {
      g_autofree char *action = g_strdup_printf ("code.heat-stretch::%s", choice->id);

      g_menu_append (choices, _(choice->label), action);
    }
  g_menu_append_submenu (self->view_menu, _("_Heat of the"), G_MENU_MODEL (choices));
}
