/* vga-state - what the files of the VGA share, and what a card that has a VGA in it is made of.
 *
 * Such a card's struct begins with Vga, its state with VgaState; its class's init calls vga_init(), its reset
 * vga_reset(), its restored vga_restored(), and its field table begins with VGA_FIELDS.  What it does otherwise
 * than a standard VGA is in its VgaHooks. */
#pragma once

#include "hw/display/edid.h"
#include "hw/display/linear.h"
#include "hw/display/vga.h"

/* Registers by the names of the IBM manual. */
enum { SEQ_RESET, SEQ_CLOCKING, SEQ_MAP_MASK, SEQ_CHAR_MAP, SEQ_MEMORY, N_SEQ = 8 };
enum
{
  GFX_SET_RESET, GFX_ENABLE_SET_RESET, GFX_COMPARE, GFX_ROTATE, GFX_READ_MAP, GFX_MODE, GFX_MISC,
  GFX_DONT_CARE, GFX_BIT_MASK, N_GFX = 16
};
enum
{
  CRTC_H_TOTAL = 0x00, CRTC_H_DISPLAY_END = 0x01, CRTC_V_TOTAL = 0x06, CRTC_OVERFLOW = 0x07,
  CRTC_PRESET_ROW = 0x08, CRTC_MAX_SCAN = 0x09, CRTC_CURSOR_START = 0x0a, CRTC_CURSOR_END = 0x0b,
  CRTC_START_HIGH = 0x0c, CRTC_START_LOW = 0x0d, CRTC_CURSOR_HIGH = 0x0e, CRTC_CURSOR_LOW = 0x0f,
  CRTC_V_RETRACE_START = 0x10, CRTC_V_RETRACE_END = 0x11, CRTC_V_DISPLAY_END = 0x12, CRTC_OFFSET = 0x13,
  CRTC_UNDERLINE = 0x14, CRTC_MODE = 0x17, CRTC_LINE_COMPARE = 0x18, N_CRTC = 32
};
enum { ATTR_MODE = 0x10, ATTR_OVERSCAN, ATTR_PLANES, ATTR_PANNING, ATTR_COLOR_SELECT, N_ATTR = 32 };

enum { MISC_COLOR = 1 << 0, MISC_RAM = 1 << 1 };
enum { SEQ_CLOCKING_8DOTS = 1 << 0, SEQ_CLOCKING_HALF = 1 << 3, SEQ_CLOCKING_OFF = 1 << 5 };
enum { SEQ_MEMORY_NO_ODD_EVEN = 1 << 2, SEQ_MEMORY_CHAIN4 = 1 << 3 };
enum { GFX_MODE_WRITE = 3, GFX_MODE_COMPARE = 1 << 3, GFX_MODE_ODD_EVEN = 1 << 4 };
enum { GFX_MISC_GRAPHICS = 1 << 0, GFX_MISC_CHAIN = 1 << 1 };
enum { ATTR_MODE_GRAPHICS = 1 << 0, ATTR_MODE_MONO = 1 << 1, ATTR_MODE_LINE_GRAPHICS = 1 << 2, ATTR_MODE_BLINK = 1 << 3,
       ATTR_MODE_SPLIT_PANNING = 1 << 5, ATTR_MODE_COLOR_SELECT = 1 << 7 };
#define ATTR_INDEX_ON 0x20      /* the palette drives the screen */

/* Bochs' display interface. */
#define DISPI_ID_FIRST 0xb0c0
#define DISPI_ID_LAST  0xb0c5
enum
{
  DISPI_ID, DISPI_XRES, DISPI_YRES, DISPI_BPP, DISPI_ENABLE, DISPI_BANK, DISPI_VIRT_WIDTH, DISPI_VIRT_HEIGHT,
  DISPI_X_OFFSET, DISPI_Y_OFFSET, DISPI_MEMORY, N_DISPI = 12
};
enum { DISPI_ENABLED = 1 << 0, DISPI_GETCAPS = 1 << 1, DISPI_8BIT_DAC = 1 << 5, DISPI_LFB = 1 << 6,
       DISPI_NOCLEAR = 1 << 7 };

typedef struct
{
  AsternPciState pci;
  guint32 latch;                /* a byte a plane, plane 0 lowest */
  guint16 dispi[N_DISPI];
  guint16 dispi_index;
  guint8  misc, feature;
  guint8  seq_index, gfx_index, crtc_index, attr_index;
  guint8  attr_is_data;         /* the flip-flop at 0x3c0 */
  guint8  dac_mask, dac_read, dac_write;
  guint8  dac_part;             /* red, green or blue comes next */
  guint8  dac_reading;
  guint8  dac_written[2];       /* red and green, until blue comes */
  guint8  seq[N_SEQ], gfx[N_GFX], crtc[N_CRTC], attr[N_ATTR];
  guint8  palette[768];
  guint32 big_endian;           /* pixels of 16 and 32 bits are */
  guint32 order_reserved;
} VgaState;

/* Of every class whose fields begin with VGA_FIELDS: 2 added the byte order. */
#define VGA_STATE_VERSION 2

#define VGA_FIELDS                                                                                                      \
  ASTERN_PCI_FIELDS (VgaState, 1),                                                                                      \
  ASTERN_FIELD (VgaState, latch, 1), ASTERN_FIELD_ARRAY (VgaState, dispi, 1), ASTERN_FIELD (VgaState, dispi_index, 1),  \
  ASTERN_FIELD (VgaState, misc, 1), ASTERN_FIELD (VgaState, feature, 1), ASTERN_FIELD (VgaState, seq_index, 1),         \
  ASTERN_FIELD (VgaState, gfx_index, 1), ASTERN_FIELD (VgaState, crtc_index, 1), ASTERN_FIELD (VgaState, attr_index, 1), \
  ASTERN_FIELD (VgaState, attr_is_data, 1), ASTERN_FIELD (VgaState, dac_mask, 1), ASTERN_FIELD (VgaState, dac_read, 1), \
  ASTERN_FIELD (VgaState, dac_write, 1), ASTERN_FIELD (VgaState, dac_part, 1), ASTERN_FIELD (VgaState, dac_reading, 1), \
  ASTERN_FIELD_BYTES (VgaState, dac_written, 1), ASTERN_FIELD_BYTES (VgaState, seq, 1),                                 \
  ASTERN_FIELD_BYTES (VgaState, gfx, 1), ASTERN_FIELD_BYTES (VgaState, crtc, 1), ASTERN_FIELD_BYTES (VgaState, attr, 1), \
  ASTERN_FIELD_BYTES (VgaState, palette, 1), ASTERN_FIELD (VgaState, big_endian, 2), \
  ASTERN_FIELD (VgaState, order_reserved, 2)

typedef struct _Vga Vga;

/* Any may be NULL: as a standard VGA. */
typedef struct
{
  /* Whether a mode of the card's own is on, and which: fills @linear, which is zeroed, its colours included.
   * @block: where the picture lies, if not in the video memory. */
  gboolean (*linear)     (const Vga *vga, AsternLinear *linear, const AsternRamBlock **block);
  /* TRUE: the port was the card's. */
  gboolean (*port_read)  (Vga *vga, guint port, gboolean peek, guint8 *value);
  gboolean (*port_write) (Vga *vga, guint port, guint8 value);
  /* The window at 0xa0000.  TRUE: the access was the card's. */
  gboolean (*window_read)  (Vga *vga, guint32 offset, gboolean peek, guint8 *value);
  gboolean (*window_write) (Vga *vga, guint32 offset, guint8 value);
  /* The window is not plain memory, whatever the VGA's registers say. */
  gboolean (*owns_window)  (const Vga *vga);
  /* It has no VGA but its state: linear modes, no ports, and nothing to show without a mode of its own. */
  gboolean no_vga;
} VgaHooks;

struct _Vga
{
  AsternPciFunction parent;
  VgaState        *s;           /* the device's state begins with it */
  const VgaHooks  *hooks;       /* (nullable) */
  AsternRamBlock  *vram;        /* NULL in tests without a machine */
  AsternMemory    *memory;
  AsternBus       *bus;
  AsternRange     *direct;      /* the window at 0xa0000 where it is plain memory */
  guint8           edid[ASTERN_EDID_BYTES];   /* what its monitor says; zeros: nothing */
};

/* How every such card's struct begins. */
typedef struct
{
  Vga      vga;
  VgaState s;
} VgaCard;

#define VGA_ASSERT_CARD(Struct) G_STATIC_ASSERT (G_STRUCT_OFFSET (Struct, s) == G_STRUCT_OFFSET (VgaCard, s))

/* For classes' functions.  The PCI side is the card's: astern_pci_init() before, _reset() and _restored() after. */
void    vga_init     (AsternDevice *device, const VgaHooks *hooks);
void    vga_reset    (AsternDevice *device);
void    vga_restored (AsternDevice *device);
/* The same of a PCI card that is nothing else. */
void    vga_card_reset    (AsternDevice *device);
void    vga_card_restored (AsternDevice *device);

/* For cards' plug(), before the rest: adds the block that vga->vram is. */
gboolean vga_add_memory (Vga *vga, guint64 size_bytes, GError **error);
/* What its monitor says; @settings: (nullable). */
void    vga_set_monitor (Vga *vga, const AsternVgaSettings *settings);
void    vga_set_rom  (AsternDevice *device, AsternRamBlock *rom);
void    vga_connect  (Vga *vga, AsternBus *ports, AsternBus *memory, gint shadows);

/* Windows of every such card, by VGA_PORTS_WINDOW and VGA_MEMORY_WINDOW. */
#define VGA_WINDOWS                                                                     \
  { .name = "vga-ports", .size = 0x30, .min_size = 1, .max_size = 1,                    \
    .read = vga_ports_read, .write = vga_ports_write, .peek = vga_ports_peek,           \
    .regs = vga_ports_regs, .n_regs = VGA_N_PORTS_REGS, .bank = vga_ports_bank },       \
  { .name = "vga-memory", .size = 0x20000, .min_size = 1, .max_size = 1,                \
    .read = vga_memory_read, .write = vga_memory_write, .peek = vga_memory_peek }
guint64 vga_ports_read  (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
guint64 vga_ports_peek  (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
void    vga_ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access);

/* vga-mmio.c: the window VGA_MMIO_WINDOW. */
#define VGA_MMIO                                                                        \
  { .name = "vga-mmio", .size = VGA_MMIO_SIZE, .min_size = 1, .max_size = 4,            \
    .read = vga_mmio_read, .write = vga_mmio_write, .peek = vga_mmio_peek }
guint64 vga_mmio_read   (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
guint64 vga_mmio_peek   (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
void    vga_mmio_write  (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access);

/* vga-ports.c */
#define VGA_PORTS_FIRST  0x3b0
#define VGA_N_PORTS_REGS 131
extern const AsternReg vga_ports_regs[VGA_N_PORTS_REGS];
guint8  vga_ports_bank  (gconstpointer state, guint32 offset);
guint8  vga_port_read   (Vga *vga, guint port, gboolean peek);
void    vga_port_write  (Vga *vga, guint port, guint8 value);

/* vga-memory.c */
guint64 vga_memory_read  (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
guint64 vga_memory_peek  (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
void    vga_memory_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access);
/* After any register that rules the window at 0xa0000 changed. */
void    vga_update_window (Vga *vga);

/* vga-draw.c */
/* Whether a linear mode is on: fills it, and @block, where it lies. */
gboolean vga_linear     (const Vga *vga, AsternLinear *linear, const AsternRamBlock **block);
/* The DAC's 256 colours. */
void    vga_dac_colors  (const Vga *vga, guint32 colors[256]);

/* vga-dispi.c */
#define VGA_N_DISPI_REGS 2
extern const AsternReg vga_dispi_regs[VGA_N_DISPI_REGS];

/* The window VGA_DISPI_WINDOW of cards that have Bochs' interface. */
#define VGA_DISPI { .name = "vga-dispi", .size = 3, .regs = vga_dispi_regs, .n_regs = VGA_N_DISPI_REGS }

guint16 vga_dispi_read   (const VgaState *s, guint index);
void    vga_dispi_write  (Vga *vga, guint index, guint16 value);
/* Makes the size that the guest wrote, or a file held, one that fits into the memory. */
void    vga_dispi_fix_up (Vga *vga);
/* Bytes from line to line of the linear picture. */
guint32 vga_dispi_pitch  (const Vga *vga);

/* Bochs' interface has a mode on. */
static inline gboolean
vga_is_linear (const Vga *vga)
{
  return (vga->s->dispi[DISPI_ENABLE] & DISPI_ENABLED) != 0;
}

static inline gboolean
vga_is_absent (const Vga *vga)
{
  return vga->hooks != NULL && vga->hooks->no_vga;
}

static inline guint32
vga_vram_size (const Vga *vga)
{
  return vga->vram != NULL ? (guint32) vga->vram->size : VGA_VRAM_SIZE;
}

static inline guint8 *
vga_vram (const Vga *vga)
{
  return astern_memory_host (vga->memory, vga->vram->start);
}

/* Vertical display end: the number of scan lines less one. */
static inline guint
vga_last_line (const VgaState *s)
{
  return s->crtc[CRTC_V_DISPLAY_END] | (s->crtc[CRTC_OVERFLOW] & 0x02) << 7
         | (s->crtc[CRTC_OVERFLOW] & 0x40) << 3;
}
