/* moves.c - see moves.h. */
#include "config.h"

#include "gui/moves.h"

typedef struct
{
  const AsternMovesFuncs *funcs;
  AsternMove              move;
} Bound;

static gboolean
needs_place (AsternMove move)
{
  return move == ASTERN_MOVE_RUN_TO || move == ASTERN_MOVE_RUN_BACK_TO || move == ASTERN_MOVE_GOTO;
}

static void
on_activate (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Bound *bound = data;
  AsternRun *run = bound->funcs->run (bound->funcs->user);
  AsternMoveRequest request = { .move = bound->move };

  if (run == NULL)
    return;
  request.cpu = astern_run_status (run)->cpu;
  if (!needs_place (bound->move) || bound->funcs->place (bound->funcs->user, bound->move, &request))
    astern_run_move (run, &request);
}

/* Taking a future up needs one: that is the history's business, not a menu's. */
static gboolean
is_action (AsternMove move)
{
  return move != ASTERN_MOVE_TAKE_UP;
}

void
astern_moves_add (GActionMap *map, GtkApplication *application, const AsternMovesFuncs *funcs)
{
  for (guint i = 0; i < ASTERN_N_MOVES; i++)
    {
      const AsternMoveInfo *info = &astern_moves[i];
      g_autoptr (GSimpleAction) action = g_simple_action_new (info->action, NULL);
      g_autofree char *detailed = g_strdup_printf ("win.%s", info->action);
      const char *const accels[] = { info->accel, NULL };
      Bound *bound = g_new (Bound, 1);

      *bound = (Bound) { funcs, i };
      g_object_set_data_full (G_OBJECT (action), "bound", bound, g_free);
      if (!is_action (i))
        continue;
      g_signal_connect (action, "activate", G_CALLBACK (on_activate), bound);
      g_simple_action_set_enabled (action, FALSE);
      g_action_map_add_action (map, G_ACTION (action));
      if (info->accel != NULL)
        gtk_application_set_accels_for_action (application, detailed, accels);
    }
}

void
astern_moves_update (GActionMap *map, AsternRun *run)
{
  for (guint i = 0; i < ASTERN_N_MOVES; i++)
    {
      GAction *action = is_action (i) ? g_action_map_lookup_action (map, astern_moves[i].action) : NULL;

      if (action == NULL)
        continue;
      g_simple_action_set_enabled (G_SIMPLE_ACTION (action), run != NULL && astern_run_lacks (run, i) == 0);
    }
}
