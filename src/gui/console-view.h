/* console-view - the guest's serial ports, its debug console and the monitor, each a terminal. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_CONSOLE_VIEW (astern_console_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternConsoleView, astern_console_view, ASTERN, CONSOLE_VIEW, AsternView)
