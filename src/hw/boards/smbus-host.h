/* smbus-host - the SMBus host controller that PIIX4 and the ICHs have: its registers.
 *
 * Where they lie and where the interrupt goes is the chip's.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "core/irq.h"
#include "hw/boards/smbus.h"

#define SMBUS_HOST_PIIX4_PORTS 16
#define SMBUS_HOST_ICH9_PORTS  32

/* Offsets of the registers; the first eight are both chips'. */
enum
{
  SMBUS_HSTSTS  = 0x00,
  SMBUS_HSTCNT  = 0x02,
  SMBUS_HSTCMD  = 0x03,
  SMBUS_HSTADD  = 0x04,
  SMBUS_HSTDAT0 = 0x05,
  SMBUS_HSTDAT1 = 0x06,
  SMBUS_BLKDAT  = 0x07,
  SMBUS_AUX_CTL = 0x0d,
};

enum
{
  SMBUS_STS_BUSY = 1 << 0, SMBUS_STS_INTR = 1 << 1, SMBUS_STS_DEV_ERR = 1 << 2, SMBUS_STS_BUS_ERR = 1 << 3,
  SMBUS_STS_FAILED = 1 << 4, SMBUS_STS_ALERT = 1 << 5, SMBUS_STS_INUSE = 1 << 6, SMBUS_STS_BYTE_DONE = 1 << 7,
};
enum { SMBUS_CNT_INTREN = 1 << 0, SMBUS_CNT_KILL = 1 << 1, SMBUS_CNT_LAST_BYTE = 1 << 5, SMBUS_CNT_START = 1 << 6, SMBUS_CNT_PEC = 1 << 7 };
enum { SMBUS_QUICK, SMBUS_BYTE, SMBUS_BYTE_DATA, SMBUS_WORD_DATA, SMBUS_CALL, SMBUS_BLOCK, SMBUS_I2C_READ, SMBUS_BLOCK_CALL };
enum { SMBUS_AUX_E32B = 1 << 1 };       /* blocks by the 32-byte buffer */

extern const AsternDeviceClass smbus_host_piix4_class, smbus_host_ich9_class;

AsternIrq *smbus_host_irq         (AsternDevice *device);        /* a level */
SmbusBus  *smbus_host_bus         (AsternDevice *device);
/* What the chip's configuration says, now and after a restore; unless told it is on. */
void       smbus_host_set_enabled (AsternDevice *device, gboolean enabled);
