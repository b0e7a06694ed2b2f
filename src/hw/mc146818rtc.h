/* mc146818rtc - real-time clock, alarm and 128 bytes of CMOS memory.
 *
 * Window 0 is the index and the data port.
 *
 * Threads: the thread that runs the machine, or any while it is stopped. */
#pragma once

#include "core/device.h"

#define MC146818RTC_NVRAM_BYTES 128

extern const AsternDeviceClass mc146818rtc_class;

/* The interrupt wire (IRQ 8). */
AsternIrq *mc146818rtc_irq       (AsternDevice *rtc);

/* Sets the date and time: seconds since 1970-01-01 00:00 of the clock's own calendar (UTC on a
 * PC unless its user wants local time).  From then on the clock runs on guest time. */
void       mc146818rtc_set_time  (AsternDevice *rtc, guint64 seconds);

/* What firmware and boards keep in the CMOS memory; @index 0x0e..0x7f. */
void       mc146818rtc_set_nvram (AsternDevice *rtc, guint index, guint8 value);
guint8     mc146818rtc_get_nvram (const AsternDevice *rtc, guint index);
