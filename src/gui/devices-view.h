/* devices-view - the board's devices: where they answer, their registers with every bit, their state.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_DEVICES_VIEW (astern_devices_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternDevicesView, astern_devices_view, ASTERN, DEVICES_VIEW, AsternView)
