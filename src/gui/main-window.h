/* main-window - the main window: one machine, its panes, its timeline.
 *
 * Threads: the main thread. */
#pragma once

#include <gtk/gtk.h>

#include "gui/run.h"

#define ASTERN_TYPE_MAIN_WINDOW (astern_main_window_get_type ())
G_DECLARE_FINAL_TYPE (AsternMainWindow, astern_main_window, ASTERN, MAIN_WINDOW, GtkApplicationWindow)

AsternMainWindow *astern_main_window_new     (GtkApplication *application);

/* Takes the references: the machine that was there is ended first.  See astern_run_new(). */
void          astern_main_window_start   (AsternMainWindow *window, AsternLaunchOptions *options, const AsternSessionStory *story,
                                     AsternRecording *recording, AsternReplay *replay);
/* A recording, or what a machine can be started with: by what is in the file. */
void          astern_main_window_open    (AsternMainWindow *window, const char *path);
void          astern_main_window_start_demo (AsternMainWindow *window);

/* (nullable) */
AsternRun    *astern_main_window_run     (AsternMainWindow *window);

/* A sentence, until it is closed or another one comes. */
void          astern_main_window_say     (AsternMainWindow *window, GtkMessageType type, const char *text);
