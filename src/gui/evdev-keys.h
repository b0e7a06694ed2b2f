/* evdev-keys - which key of the guest's keyboard a key of the host's is, by where it is: not by what is printed on it.
 *
 * Threads: pure functions. */
#pragma once

#include <glib.h>

/* GDK's hardware key code under X11 and Wayland is evdev's and this. */
#define ASTERN_EVDEV_OFFSET 8

/* @code: as in linux/input-event-codes.h.  The number that hw/ps2-keyboard.h has for it; 0: the guest's keyboard has no such key. */
guint16 astern_evdev_key (guint code);
