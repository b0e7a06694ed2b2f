/* events-view - what happened in a stretch of the past: interrupts, exceptions, system calls, accesses to devices; found by executing it
 * again when the user asks for it.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_EVENTS_VIEW (astern_events_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternEventsView, astern_events_view, ASTERN, EVENTS_VIEW, AsternView)
