/* main-window - the main window: one machine, its panes, its timeline.
 *
 * Threads: the main thread. */
#pragma once

#include <gtk/gtk.h>

#include "gui/run.h"
#include "gui/start.h"

#define ASTERN_TYPE_MAIN_WINDOW (astern_main_window_get_type ())
G_DECLARE_FINAL_TYPE (AsternMainWindow, astern_main_window, ASTERN, MAIN_WINDOW, GtkApplicationWindow)

AsternMainWindow *astern_main_window_new     (GtkApplication *application);

/* Takes what is in @start: the machine that was there is ended first. */
void          astern_main_window_start   (AsternMainWindow *window, AsternStart *start);
/* The words of command-line.h; FALSE: what is wrong was said in the window. */
gboolean      astern_main_window_start_words (AsternMainWindow *window, const char *const *words);
/* A recording is opened; a kernel is proposed for a new machine: by what is in the file. */
void          astern_main_window_open    (AsternMainWindow *window, const char *path);

/* (nullable) */
AsternRun    *astern_main_window_run     (AsternMainWindow *window);

/* A sentence, until it is closed or another one comes. */
void          astern_main_window_say     (AsternMainWindow *window, GtkMessageType type, const char *text);
