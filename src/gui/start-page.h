/* start-page - what a window shows while it has no machine.
 *
 * Threads: the main thread. */
#pragma once

#include <gtk/gtk.h>

#define ASTERN_TYPE_START_PAGE (astern_start_page_get_type ())
G_DECLARE_FINAL_TYPE (AsternStartPage, astern_start_page, ASTERN, START_PAGE, GtkBox)

GtkWidget *astern_start_page_new (void);
