/* classes.c - every device class of the program, in alphabetical order. */
#include "config.h"

#include "core/device.h"

#include "hw/mc146818rtc.h"
#include "hw/pic8259.h"
#include "hw/pit8254.h"

const AsternDeviceClass *const astern_device_classes[] = {
  &mc146818rtc_class,
  &pic8259_class,
  &pit8254_class,
  NULL
};
