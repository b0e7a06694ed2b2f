/* smbus-eeprom.c - serial EEPROM with a memory module's description.
 * Source: Atmel AT24C02 data sheet 0180; JEDEC 21-C, section 4.1.2.10 (SPD of DDR2 modules).
 * Left out: the time that the chip takes to write, write protection, pages (an address goes on from 255 to 0). */
#include "config.h"

#include "hw/boards/smbus-eeprom.h"

#include <string.h>

typedef struct
{
  guint8 content[SMBUS_EEPROM_BYTES];
  guint8 address;               /* of the next byte */
} SmbusEepromState;

typedef struct
{
  AsternDevice     parent;
  SmbusEepromState s;
} SmbusEeprom;

static gboolean
eeprom_write (AsternDevice *device, guint position, guint8 byte)
{
  SmbusEepromState *s = astern_device_state (device);

  if (position == 0)
    s->address = byte;
  else
    s->content[s->address++] = byte;
  return TRUE;
}

static guint8
eeprom_read (AsternDevice *device)
{
  SmbusEepromState *s = astern_device_state (device);

  return s->content[s->address++];
}

static const SmbusSlaveOps ops = { eeprom_write, eeprom_read };

/* ---- what a module says of itself ---- */

enum { SPD_ROWS = 3, SPD_RANKS = 5, SPD_BANKS = 17, SPD_RANK_SIZE = 31, SPD_CHECKSUM = 63, SPD_PART = 73, SPD_PART_BYTES = 18 };

/* Of an unbuffered DDR2-667 module, times in the specification's own encodings, but for its size. */
static const guint8 spd[SPD_CHECKSUM] = {
  [0] = 128,            /* bytes used */
  [1] = 8,              /* of 2 to the 8 */
  [2] = 8,              /* DDR2 */
  [4] = 10,             /* columns */
  [6] = 64,             /* bits wide */
  [8] = 0x05,           /* SSTL 1.8 V */
  [9] = 0x30,           /* cycle at CL 5: 3 ns */
  [10] = 0x45,          /* access */
  [12] = 0x82,          /* refresh every 7.8 us, by itself */
  [13] = 8,             /* bits a chip */
  [16] = 0x0c,          /* bursts of 4 and 8 */
  [18] = 0x38,          /* CL 3, 4, 5 */
  [19] = 0x01,
  [20] = 0x02,          /* unbuffered DIMM */
  [22] = 0x01,
  [23] = 0x3d, [24] = 0x50,             /* cycle and access at CL 4 */
  [25] = 0x50, [26] = 0x60,             /* ... at CL 3 */
  [27] = 0x3c,          /* tRP 15 ns */
  [28] = 0x1e,          /* tRRD 7.5 ns */
  [29] = 0x3c,          /* tRCD 15 ns */
  [30] = 45,            /* tRAS */
  [32] = 0x20, [33] = 0x27, [34] = 0x10, [35] = 0x17,   /* set-up and hold */
  [36] = 0x3c,          /* tWR 15 ns */
  [37] = 0x1e, [38] = 0x1e,
  [41] = 60,            /* tRC */
  [42] = 105,           /* tRFC */
  [43] = 0x80,          /* longest cycle: 8 ns */
  [44] = 0x18, [45] = 0x22,
  [62] = 0x12,          /* revision 1.2 */
};

/* A rank's size as byte 31 has it: bit 0 is 1 GiB, bit 4 16 GiB; 128, 256 and 512 MiB follow; less has no code. */
static guint8
rank_code (guint log2_bytes)
{
  if (log2_bytes >= 30)
    return (guint8) (1 << (log2_bytes - 30));
  return log2_bytes >= 27 ? (guint8) (0x20 << (log2_bytes - 27)) : 0;
}

void
smbus_eeprom_describe (AsternDevice *device, guint64 size_bytes)
{
  guint8 *content = ((SmbusEeprom *) device)->s.content;
  guint rank = (guint) g_bit_storage (size_bytes) - 1, ranks = 1, banks = 2;
  guint sum = 0;

  g_assert ((size_bytes & (size_bytes - 1)) == 0 && size_bytes <= SMBUS_MODULE_MOST && size_bytes >= 1 << 20);
  if (size_bytes > G_GUINT64_CONSTANT (1) << 30)        /* more chips on the other side */
    {
      rank--;
      ranks = 2;
    }
  if (rank >= 30)
    banks = 3;
  memset (content, 0, SMBUS_EEPROM_BYTES);
  memcpy (content, spd, sizeof spd);
  content[SPD_ROWS] = (guint8) (rank - spd[4] - banks - 3);     /* columns, banks, eight bytes wide */
  content[SPD_RANKS] = (guint8) (0x60 | (ranks - 1));           /* 30 mm high */
  content[SPD_BANKS] = (guint8) (1 << banks);
  content[SPD_RANK_SIZE] = rank_code (rank);
  for (guint i = 0; i < SPD_CHECKSUM; i++)
    sum += content[i];
  content[SPD_CHECKSUM] = (guint8) sum;
  memset (content + SPD_PART, ' ', SPD_PART_BYTES);
  memcpy (content + SPD_PART, "ASTERN", strlen ("ASTERN"));
}

/* ---- the device ---- */

static void
eeprom_reset (AsternDevice *device)
{
  ((SmbusEeprom *) device)->s.address = 0;
}

static const AsternField fields[] = {
  ASTERN_FIELD_BYTES (SmbusEepromState, content, 1), ASTERN_FIELD (SmbusEepromState, address, 1),
};

const AsternDeviceClass smbus_eeprom_class = {
  .name = "smbus-eeprom", .summary = "memory module's EEPROM", .state_version = 1, .instance_size = sizeof (SmbusEeprom),
  .state_offset = G_STRUCT_OFFSET (SmbusEeprom, s), .state_size = sizeof (SmbusEepromState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields), .reset = eeprom_reset,
};

void
smbus_eeprom_attach (AsternDevice *device, SmbusBus *bus, guint address)
{
  bus->slaves[address] = (SmbusSlave) { device, &ops };
}
