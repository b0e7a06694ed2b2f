/* hot-plug - USB devices that come and go while the machine runs, at a user's word.
 *
 * Threads: the thread that runs the machine, while it is stopped. */
#pragma once

#include "launch/devices.h"
#include "launch/usb.h"

/* @words: as those of -device.  The guest sees it when the machine runs. */
gboolean astern_hot_plug_add (const AsternDevices *devices, AsternUsb *usb, const char *words, GError **error);
gboolean astern_hot_plug_del (const AsternDevices *devices, AsternUsb *usb, const char *id, GError **error);

/* How the device that a packet of USB_HOT_PORT brings is made at the start of a replay: an argument of -device.  NULL: it
 * brings none that was not there before.  Free it. */
char    *astern_hot_plug_argument (gconstpointer data, gsize size);
