/* isa-debug-exit - a port by which a guest ends the run with a value.
 *
 * Window 0 is four ports; a write of value v (1, 2 or 4 bytes) stops the machine
 * with ASTERN_STOP_DEBUG_EXIT and v.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/device.h"

extern const AsternDeviceClass isa_debug_exit_class;
