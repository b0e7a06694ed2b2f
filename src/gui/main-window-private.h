/* main-window-private - what the window's files share. */
#pragma once

#include "gui/dock.h"
#include "gui/moves.h"
#include "gui/start.h"
#include "gui/main-window.h"

struct _AsternMainWindow
{
  GtkApplicationWindow parent_instance;
  AsternRun           *run;              /* owned, (nullable) */
  AsternStart          next;             /* to be started when the present machine has ended; options NULL: none */
  gboolean             closing;
  GSettings           *settings;         /* (nullable): not installed */
  AsternMovesFuncs     moves_funcs;
  GtkWidget           *dock, *timeline;
  GtkWidget           *run_pause;        /* GtkStack of two buttons */
  guint                progress_timer;
  guint                n_cpus;           /* in the list */

  /* Template children. */
  GtkWidget *moves, *moment, *cpus, *info, *info_text, *branch_bar, *branch_yes, *branch_no, *progress_revealer, *progress,
            *pages, *state, *where;
  GMenu     *panes_section;
};

/* window-actions.c: all actions but the moves. */
void astern_main_window_add_actions    (AsternMainWindow *window, GtkApplication *application);
void astern_main_window_update_actions (AsternMainWindow *window);
