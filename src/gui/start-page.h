/* start-page - what a window shows while it has no machine: what was run last, and how to begin.
 *
 * It names actions of its window only: win.demo, win.open, win.new-machine, win.start (the words of a recent one).
 *
 * Threads: the main thread. */
#pragma once

#include <gtk/gtk.h>

#define ASTERN_TYPE_START_PAGE (astern_start_page_get_type ())
G_DECLARE_FINAL_TYPE (AsternStartPage, astern_start_page, ASTERN, START_PAGE, GtkBox)

GtkWidget *astern_start_page_new     (void);
/* Reads again what was run last. */
void       astern_start_page_refresh (AsternStartPage *page);
