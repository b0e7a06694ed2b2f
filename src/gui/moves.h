/* moves - the debugger's table of moves as actions of the window: "win.step-back" and so on.
 *
 * Threads: the main thread. */
#pragma once

#include <gtk/gtk.h>

#include "gui/run.h"

/* Adds the actions to @map and their accelerators to @application.  @run_of gives the run that they move; NULL: none.
 * Moves that need a place (run-to, run-back-to, goto) are asked for by @place, which returns FALSE when there is none. */
typedef struct
{
  AsternRun *(*run)   (gpointer user);
  gboolean   (*place) (gpointer user, AsternMove move, AsternMoveRequest *request);
  gpointer     user;
} AsternMovesFuncs;

/* @funcs must live as long as @map. */
void astern_moves_add    (GActionMap *map, GtkApplication *application, const AsternMovesFuncs *funcs);
/* Those that can be made are enabled. */
void astern_moves_update (GActionMap *map, AsternRun *run);
