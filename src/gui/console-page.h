/* console-page - one console as a terminal: live, or as it was at the moment that the machine stands at.
 *
 * Threads: the main thread. */
#pragma once

#include <gtk/gtk.h>

#include "gui/run.h"

#define ASTERN_TYPE_CONSOLE_PAGE (astern_console_page_get_type ())
G_DECLARE_FINAL_TYPE (AsternConsolePage, astern_console_page, ASTERN, CONSOLE_PAGE, GtkBox)

GtkWidget     *astern_console_page_new       (AsternConsole *console, AsternRun *run);
AsternConsole *astern_console_page_console   (AsternConsolePage *page);
/* "Serial 1"; for people. */
char          *astern_console_title          (const char *name);

/* The machine stands somewhere else now, or there is more. */
void           astern_console_page_update    (AsternConsolePage *page);
GtkWidget     *astern_console_page_terminal  (AsternConsolePage *page);
void           astern_console_page_set_scale (AsternConsolePage *page, double scale);
void           astern_console_page_search    (AsternConsolePage *page);

/* Whether a terminal that has the focus gets that key before the window's shortcuts do: what is typed with Ctrl or Alt is for the
 * program behind it, function keys are moves, unless @function_keys says that they are not. */
gboolean       astern_console_takes_key      (guint keyval, GdkModifierType state, gboolean function_keys, gboolean monitor);

/* Whether @text, of @size bytes, is what a terminal answers when it is asked what it is and where its cursor stands. */
gboolean       astern_console_is_reply       (const char *text, gsize size);

/* Signal "news": something was printed that is not seen. */
