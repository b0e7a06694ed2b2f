/* fake-libusb - libusb with one device, which is a drive: its functions, in place of the library's.
 *
 * Linked into a test, or preloaded: then the device is there from the start, and its disk is a copy of the file that
 * FAKE_USB_DISK names.
 *
 * The device, 1209:0001, is on bus 3 at port 1.4 and talks at high speed.  It has a drive's endpoints (bulk only) and,
 * beyond these, an interrupt endpoint 0x83.
 *
 * Threads: any. */
#pragma once

#include <glib.h>

#define FAKE_USB_VENDOR  0x1209
#define FAKE_USB_PRODUCT 0x0001
#define FAKE_USB_SECTORS 512u      /* without FAKE_USB_DISK */

void     fake_usb_plug    (gboolean in);
/* libusb_open() fails so; LIBUSB_SUCCESS: it does not. */
void     fake_usb_refuse  (int error);
/* Comes from the interrupt endpoint, when it is asked. */
void     fake_usb_press   (guint8 byte);
/* Has it been taken away from the host's driver? */
gboolean fake_usb_claimed (void);
guint8  *fake_usb_disk    (void);
