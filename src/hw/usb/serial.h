/* serial - a USB serial adapter with FTDI's FT232BM, whose line is a link.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/usb/usb.h"

extern const AsternDeviceClass usb_serial_class;
extern const AsternCard        usb_serial_card;

/* Before power-on; once. */
void usb_serial_connect (AsternDevice *device, AsternLink *link);
