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
  char               **words;            /* (nullable) that the present machine was started with, as in command-line.h */
  char                *title;            /* (nullable) its name */
  gboolean             remembered;       /* among the recent ones */
  GtkWidget           *start_page;
  GtkWidget           *new_machine;      /* (nullable) the window in which one is put together; a weak pointer */
  GSettings           *settings;         /* (nullable): not installed */
  gboolean             settings_loaded;
  char                *first_layout;     /* as it is without settings */
  AsternMovesFuncs     moves_funcs;
  GtkWidget           *dock, *timeline;
  GtkWidget           *run_pause;        /* GtkStack of two buttons */
  guint                progress_timer;
  guint                n_cpus;           /* in the list */
  guint                painted;          /* the serial of the stop that was painted last */
  const char          *explained;        /* (nullable) constant: why moves back are grey, as their buttons say */
  gulong               painting;         /* a handler: its frame is under way */

  /* Template children. */
  GtkWidget *moves, *moment, *cpus, *info, *info_text, *branch_bar, *branch_yes, *branch_no, *progress_revealer, *progress,
            *pages, *state, *where, *engine;
  GMenu     *panes_section;
};

/* main-window-actions.c: all actions but the moves. */
void astern_main_window_add_actions    (AsternMainWindow *window, GtkApplication *application);
void astern_main_window_update_actions (AsternMainWindow *window);

/* main-window-engine.c: which engine runs the machine. */
void astern_main_window_add_engine     (AsternMainWindow *window);
void astern_main_window_update_engine  (AsternMainWindow *window);

/* main-window-files.c: opening, saving, starting, and what was opened last. */
void astern_main_window_add_file_actions (AsternMainWindow *window);
void astern_main_window_save_recording   (AsternMainWindow *window, const char *path);
/* @kernel (nullable): proposed for it. */
void astern_main_window_new_machine      (AsternMainWindow *window, const char *kernel);
/* The machine runs: it is one of the recent ones. */
void astern_main_window_remember         (AsternMainWindow *window);
/* It has ended: the recording that it wrote is. */
void astern_main_window_remember_recording (AsternMainWindow *window);
void astern_main_window_remember_file    (const char *path);

/* main-window-help.c: accelerators, and the overview of them. */
void astern_main_window_add_help         (AsternMainWindow *window, GtkApplication *application);

/* main-window-settings.c: the layout, the size, the style. */
void astern_main_window_load_settings    (AsternMainWindow *window);
void astern_main_window_save_settings    (AsternMainWindow *window);
void astern_main_window_save_layout      (AsternMainWindow *window);
