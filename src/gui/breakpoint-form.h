/* breakpoint-form - where a new breakpoint is described: a widget around point-form.h.
 *
 * Signals: "changed" (it says something else), "submitted" (Enter, or the button).
 *
 * Threads: the main thread. */
#pragma once

#include <gtk/gtk.h>

#include "gui/point-form.h"

#define ASTERN_TYPE_BREAKPOINT_FORM (astern_breakpoint_form_get_type ())
G_DECLARE_FINAL_TYPE (AsternBreakpointForm, astern_breakpoint_form, ASTERN, BREAKPOINT_FORM, GtkGrid)

/* What it says now.  Free it. */
AsternPointForm *astern_breakpoint_form_get   (AsternBreakpointForm *form);
/* What is wrong with it; NULL: nothing, and it can be submitted. */
void             astern_breakpoint_form_judge (AsternBreakpointForm *form, AsternPointPart wrong, const char *message);
/* All parts but the kind are emptied. */
void             astern_breakpoint_form_clear (AsternBreakpointForm *form);
/* The user can type: the place, if there is one, has the focus. */
void             astern_breakpoint_form_begin (AsternBreakpointForm *form);
