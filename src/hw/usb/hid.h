/* hid - USB keyboard, mouse and tablet.
 *
 * They take a person's packets as human.h has them.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/usb/usb.h"

extern const AsternDeviceClass usb_kbd_class, usb_mouse_class, usb_tablet_class;
extern const AsternCard        usb_kbd_card, usb_mouse_card, usb_tablet_card;

/* AsternInputFuncs. */
void     usb_kbd_input    (gpointer device, gconstpointer data, gsize size);
void     usb_mouse_input  (gpointer device, gconstpointer data, gsize size);
void     usb_tablet_input (gpointer device, gconstpointer data, gsize size);
/* Its driver has set it up. */
gboolean usb_hid_listens  (AsternDevice *device);

/* The usage of a key (page 7), numbered as in hw/ps2-keyboard.h; 0: none. */
guint8   usb_hid_usage    (guint16 number);
