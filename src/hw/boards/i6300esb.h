/* i6300esb - watchdog timer of the 6300ESB: two stages, an interrupt and a reset.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/card.h"

/* What the second stage does to the machine. */
typedef enum { WATCHDOG_RESET, WATCHDOG_POWER_OFF, WATCHDOG_STOP, WATCHDOG_NOTHING } WatchdogAction;

extern const AsternDeviceClass i6300esb_class;
extern const AsternCard        i6300esb_card;

void i6300esb_set_action (AsternDevice *device, WatchdogAction action);
