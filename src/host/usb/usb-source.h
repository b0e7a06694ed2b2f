/* usb-source - libusb's events on a loop: a source that waits for what libusb waits for.
 *
 * Threads: the loop's own. */
#pragma once

#include <glib.h>
#include <libusb.h>

/* @handled: after libusb has handled what there was.  Destroy it before the context is left. */
GSource *astern_usb_source_new (libusb_context *context, void (*handled) (gpointer user), gpointer user);
