/* notebook - tabs that can be taken away while a screen reader listens.
 *
 * Threads: the main thread. */
#pragma once

#include <gtk/gtk.h>

/* For a notebook that is new.  When a page is removed while somebody listens to the accessibility bus, GTK 3 (3.24.38) asks
 * for the page's state, and there for the label of its tab, which is gone: that is a critical warning.  A notebook without tabs
 * is not asked, so meanwhile it has none. */
void astern_notebook_guard_removal (GtkNotebook *notebook);
