/* classes.c - every device class of the program, in alphabetical order. */
#include "config.h"

#include "core/device.h"

#include "hw/fw-cfg.h"
#include "hw/i440fx.h"
#include "hw/mc146818rtc.h"
#include "hw/pic8259.h"
#include "hw/piix3.h"
#include "hw/piix4-pm.h"
#include "hw/pit8254.h"

const AsternDeviceClass *const astern_device_classes[] = {
  &fw_cfg_class,
  &i440fx_class,
  &mc146818rtc_class,
  &pic8259_class,
  &piix3_class,
  &piix4_pm_class,
  &pit8254_class,
  NULL
};
