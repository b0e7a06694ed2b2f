/* registers-view - a CPU's registers in groups.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_REGISTERS_VIEW (astern_registers_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternRegistersView, astern_registers_view, ASTERN, REGISTERS_VIEW, AsternView)
