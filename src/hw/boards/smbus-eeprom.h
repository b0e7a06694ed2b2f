/* smbus-eeprom - the 256-byte EEPROM of a memory module, which says what the module is.
 *
 * Threads: while the machine is stopped; what the bus does: the thread that runs it.
 * Units:   sizes in bytes. */
#pragma once

#include "hw/boards/smbus.h"

#define SMBUS_EEPROM_BYTES   256
#define SMBUS_EEPROM_ADDRESS 0x50       /* of the first; there may be eight */
#define SMBUS_EEPROMS        8
#define SMBUS_MODULE_MOST    (G_GUINT64_CONSTANT (32) << 30)    /* bytes */

extern const AsternDeviceClass smbus_eeprom_class;

void smbus_eeprom_attach   (AsternDevice *device, SmbusBus *bus, guint address);
/* Before the machine starts: what a module of @size_bytes, a power of two, has. */
void smbus_eeprom_describe (AsternDevice *device, guint64 size_bytes);
