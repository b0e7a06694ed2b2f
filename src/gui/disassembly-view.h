/* disassembly-view - the guest's code: the pane “Disassembly”.  disassembly-lines.h has what it shows.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_DISASSEMBLY_VIEW (astern_disassembly_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternDisassemblyView, astern_disassembly_view, ASTERN, DISASSEMBLY_VIEW, AsternView)
