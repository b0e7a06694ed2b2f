/* console - what a port of the guest's has printed, with the moments, and what is typed into it.
 *
 * Output is kept from power-on, so that a console can be shown as it was at any moment; the oldest
 * goes when there is too much.  The monitor's has no moments: it is always now.
 *
 * Threads: any, unless said otherwise. */
#pragma once

#include <gio/gio.h>

#include "core/moment.h"
#include "host/chardev.h"

#define ASTERN_TYPE_CONSOLE (astern_console_get_type ())
G_DECLARE_FINAL_TYPE (AsternConsole, astern_console, ASTERN, CONSOLE, GObject)

#define ASTERN_CONSOLE_MAX_BYTES (16u << 20)

/* @name: "serial0", "monitor".  @context: where "written" is emitted. */
AsternConsole *astern_console_new      (const char *name, gboolean has_moments, GMainContext *context);

const char    *astern_console_name     (AsternConsole *console);
gboolean       astern_console_has_moments (AsternConsole *console);

/* The machine's thread: where it leads; NULL before it is closed.  @moment (nullable, with @user) tells the present one. */
void           astern_console_connect  (AsternConsole *console, AsternChardev *chardev,
                                        AsternMoment (*moment) (gpointer user), gpointer user);
/* Somebody types. */
void           astern_console_type     (AsternConsole *console, const char *text, gsize size);
/* How large the terminal is that shows it. */
void           astern_console_set_size  (AsternConsole *console, guint columns, guint rows);

/* The run went another way: what was printed after @moment was not. */
void           astern_console_cut      (AsternConsole *console, AsternMoment moment);

/* Bytes printed up to @moment, counted from power-on; NULL: all. */
guint64        astern_console_size     (AsternConsole *console, const AsternMoment *moment);
/* What was printed from @from to @to (as above); less at its begin when that is not kept any more.  Free it. */
guint8        *astern_console_read     (AsternConsole *console, guint64 from, guint64 to, gsize *size);

/* Signal "written": there is more, or less; one pending. */
