/* cirrus-state - what the files of the Cirrus card share.  For cirrus*.c alone. */
#pragma once

#include "hw/display/cirrus.h"
#include "hw/display/vga-state.h"

#define CIRRUS_ROW_MAX 8192     /* bytes of a row of a blit */

/* Registers by the numbers of the reference manual, "Extension Registers". */
enum
{
  SR_UNLOCK = 0x06, SR_MODE = 0x07, SR_DRAM = 0x0f, SR_CURSOR_X = 0x10, SR_CURSOR_Y = 0x11, SR_CURSOR = 0x12,
  SR_CURSOR_AT = 0x13, SR_CONFIG = 0x17,
};
enum { SR_MODE_LINEAR = 1 << 0 };
enum { SR_CURSOR_ON = 1 << 0, SR_CURSOR_DAC = 1 << 1, SR_CURSOR_64 = 1 << 2 };
enum { SR_CONFIG_MMIO = 1 << 2, SR_CONFIG_MMIO_LINEAR = 1 << 6 };
enum
{
  GR_OFFSET_0 = 0x09, GR_OFFSET_1 = 0x0a, GR_EXTENSIONS = 0x0b,
  GR_WIDTH = 0x20, GR_HEIGHT = 0x22, GR_DST_PITCH = 0x24, GR_SRC_PITCH = 0x26, GR_DST = 0x28, GR_SRC = 0x2c,
  GR_SKIP = 0x2f, GR_BLT_MODE = 0x30, GR_BLT_STATUS = 0x31, GR_ROP = 0x32, GR_BLT_EXTENSIONS = 0x33,
  GR_KEY = 0x34, GR_KEY_MASK = 0x38,
};
enum { GR_EXT_TWO_OFFSETS = 1 << 0, GR_EXT_BY8 = 1 << 1, GR_EXT_WRITE_MODES = 1 << 2, GR_EXT_BY16 = 1 << 4, GR_EXT_16K = 1 << 5 };
enum
{
  BLT_BACKWARDS = 1 << 0, BLT_TO_SYSTEM = 1 << 1, BLT_FROM_SYSTEM = 1 << 2, BLT_TRANSPARENT = 1 << 3,
  BLT_PATTERN = 1 << 6, BLT_EXPAND = 1 << 7,
};
enum { BLT_BUSY = 1 << 0, BLT_START = 1 << 1, BLT_RESET = 1 << 2, BLT_FIFO = 1 << 4, BLT_AUTOSTART = 1 << 7 };
enum { BLT_EXT_DWORDS = 1 << 0, BLT_EXT_INVERT = 1 << 1, BLT_EXT_SOLID = 1 << 2 };
enum { CR_1A = 0x1a, CR_1B = 0x1b, CR_1D = 0x1d, CR_ATTR_FLIP = 0x24, CR_ATTR_INDEX = 0x26, CR_ID = 0x27 };

typedef struct
{
  VgaState vga;
  guint8   sr[32], gr[64], cr[64];      /* the extensions; those of the VGA's that have more bits here, in full */
  guint8   cursor_colors[48];           /* the DAC's hidden sixteen */
  guint8   sr_index, gr_index, cr_index;
  guint8   dac_reads;                   /* of 3c6 in a row */
  guint8   hidden_dac;
  guint8   cursor_low[2];               /* the lowest three bits of the cursor's x and y */
  guint8   reserved;
  guint32  left;                        /* bytes that a blit from system memory still takes, padding included */
  guint32  row;                         /* of that blit */
  guint32  filled;                      /* bytes in the buffer */
  guint8   buffer[CIRRUS_ROW_MAX];
} CirrusState;

typedef struct
{
  Vga          vga;
  CirrusState  s;
  AsternRange *linear;                  /* BAR 0 where it is plain memory */
} Cirrus;
VGA_ASSERT_CARD (Cirrus);

/* cirrus-blit.c */
/* Starts what the registers say; without a source in system memory it is done at once. */
void cirrus_blit       (Cirrus *cirrus);
/* The next byte of a blit from system memory. */
void cirrus_blit_feed  (Cirrus *cirrus, guint8 byte);
/* Makes the counters of a state from a file fit. */
void cirrus_blit_fix_up (Cirrus *cirrus);
