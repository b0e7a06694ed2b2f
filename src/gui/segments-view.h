/* segments-view - the GDT, the LDT, the IDT (or real mode's vectors) and the TSS that the present CPU uses.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_SEGMENTS_VIEW (astern_segments_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternSegmentsView, astern_segments_view, ASTERN, SEGMENTS_VIEW, AsternView)
