/* cirrus.c - Cirrus Logic GD5446: registers, windows, linear modes, the hardware cursor.
 * Source: Cirrus Logic CL-GD5446 Technical Reference Manual; Linux's cirrus driver for what is expected of PCI.
 * Left out: the video window and its keys, DDC, the clocks' frequencies, interlace, reads through write modes 4 and 5's
 * latches of eight bytes. */
#include "config.h"

#include "hw/display/cirrus-state.h"

#include <string.h>

#define BAR_LINEAR 0
#define BAR_MMIO   1
#define MMIO_SIZE  0x1000
#define MMIO_BLT   0x100
#define CURSOR_ROOM 0x4000      /* the last 16 KiB of the memory have cursors */

/* ---- linear modes ---- */

static gboolean
is_linear (const CirrusState *s)
{
  return (s->sr[SR_MODE] & SR_MODE_LINEAR) != 0;
}

static guint
bits_per_pixel (const CirrusState *s)
{
  switch (s->sr[SR_MODE] & 0x0e)
    {
    case 0x00: return 8;
    case 0x04: return 24;
    case 0x08: return 32;
    default:   return s->hidden_dac & 0x80 && (s->hidden_dac & 0x4f) == 0x40 ? 15
                      : (s->hidden_dac & 0xcf) == 0x80 ? 15 : 16;
    }
}

static guint32
pitch (const CirrusState *s)
{
  return (guint32) (s->vga.crtc[CRTC_OFFSET] | (s->cr[CR_1B] & 0x10) << 4) << 3;
}

static guint32
start_address (const CirrusState *s)
{
  return (guint32) (s->vga.crtc[CRTC_START_LOW] | s->vga.crtc[CRTC_START_HIGH] << 8 | (s->cr[CR_1B] & 0x01) << 16
                    | (s->cr[CR_1B] & 0x0c) << 15 | (s->cr[CR_1D] & 0x80) << 12) * 4;
}

static gboolean
linear (const Vga *vga, AsternLinear *l, const AsternRamBlock **block)
{
  const CirrusState *s = (const CirrusState *) vga->s;
  guint lines = (vga->s->crtc[CRTC_MAX_SCAN] & 0x1fu) + 1;

  if (!is_linear (s))
    return FALSE;
  if (vga->s->crtc[CRTC_MAX_SCAN] & 0x80)
    lines *= 2;
  l->width = (vga->s->crtc[CRTC_H_DISPLAY_END] + 1u) * 8;
  l->height = MAX ((vga_last_line (vga->s) + 1) / lines, 1);
  l->bits = bits_per_pixel (s);
  l->pitch = pitch (s);
  l->start = start_address (s);
  /* The card's BIOS leaves "screen off" on in all modes of VBE, and relies on its having no effect in them. */
  l->blank = !(vga->s->attr_index & ATTR_INDEX_ON);
  if (l->bits == 8)
    vga_dac_colors (vga, l->colors);
  return TRUE;
}

/* ---- the window at 0xa0000, and linear ---- */

/* Where the window's @offset leads; G_MAXUINT32: nowhere. */
static guint32
banked (const CirrusState *s, guint32 offset)
{
  guint bank = s->gr[GR_EXTENSIONS] & GR_EXT_TWO_OFFSETS ? offset >> 15 & 1 : 0;
  guint32 base = (guint32) s->gr[GR_OFFSET_0 + bank] << (s->gr[GR_EXTENSIONS] & GR_EXT_16K ? 14 : 12);

  if (offset >= 0x10000)
    return G_MAXUINT32;
  return base + (s->gr[GR_EXTENSIONS] & GR_EXT_TWO_OFFSETS ? offset & 0x7fff : offset);
}

static guint8
vram_read (const Cirrus *cirrus, guint32 at)
{
  return vga_vram (&cirrus->vga)[at & (CIRRUS_VRAM_SIZE - 1)];
}

static void
vram_write (Cirrus *cirrus, guint32 at, guint8 byte)
{
  Vga *vga = &cirrus->vga;

  astern_memory_write (vga->memory, vga->vram->start + (at & (CIRRUS_VRAM_SIZE - 1)), &byte, 1);
}

/* Write modes 4 and 5: each bit of the byte is a pixel of one byte or two. */
static void
write_expanded (Cirrus *cirrus, guint32 at, guint8 bits)
{
  const guint8 *gr = cirrus->s.gr;
  gboolean words = (gr[GR_EXTENSIONS] & (GR_EXT_BY16 | GR_EXT_WRITE_MODES)) == (GR_EXT_BY16 | GR_EXT_WRITE_MODES);

  for (guint i = 0; i < 8; i++)
    {
      gboolean bit = bits >> (7 - i) & 1;

      if (!bit && (gr[GFX_MODE] & 7) == 4)
        continue;
      if (words)
        {
          vram_write (cirrus, at + 2 * i, bit ? gr[1] : gr[0]);
          vram_write (cirrus, at + 2 * i + 1, bit ? gr[0x11] : gr[0x10]);
        }
      else
        vram_write (cirrus, at + i, bit ? gr[1] : gr[0]);
    }
}

/* @at: a byte address before the extensions that multiply it. */
static void
linear_store (Cirrus *cirrus, guint32 at, guint8 byte)
{
  const guint8 *gr = cirrus->s.gr;
  guint mode = gr[GFX_MODE] & 7;

  if ((gr[GR_EXTENSIONS] & (GR_EXT_BY16 | GR_EXT_WRITE_MODES)) == (GR_EXT_BY16 | GR_EXT_WRITE_MODES))
    at <<= 4;
  else if (gr[GR_EXTENSIONS] & GR_EXT_BY8)
    at <<= 3;
  if ((gr[GR_EXTENSIONS] & GR_EXT_WRITE_MODES) && (mode == 4 || mode == 5))
    write_expanded (cirrus, at, byte);
  else
    vram_write (cirrus, at, byte);
}

static guint8
linear_load (const Cirrus *cirrus, guint32 at)
{
  const guint8 *gr = cirrus->s.gr;

  if ((gr[GR_EXTENSIONS] & (GR_EXT_BY16 | GR_EXT_WRITE_MODES)) == (GR_EXT_BY16 | GR_EXT_WRITE_MODES))
    at <<= 4;
  else if (gr[GR_EXTENSIONS] & GR_EXT_BY8)
    at <<= 3;
  return vram_read (cirrus, at);
}

/* BAR 0 and the window lead straight to the memory unless something is between. */
static void
update_windows (Cirrus *cirrus)
{
  CirrusState *s = &cirrus->s;
  AsternRange *range = cirrus->linear;
  AsternPciFunction *function = &cirrus->vga.parent;
  guint64 start;
  gboolean plain;

  vga_update_window (&cirrus->vga);
  if (function->bus == NULL || cirrus->vga.vram == NULL)
    return;
  if (range == NULL)
    {
      AsternRange direct = { .name = "cirrus-direct", .size = CIRRUS_VRAM_SIZE, .shadows = ASTERN_PCI_SHADOWS - 1 };

      direct.read = direct.write = (AsternTarget) { .kind = ASTERN_TARGET_MEMORY, .block = cirrus->vga.vram };
      range = cirrus->linear = astern_bus_add (function->bus->memory, &direct);
    }
  start = astern_pci_bar_address (&function->parent, BAR_LINEAR);
  plain = start != G_MAXUINT64 && s->left == 0 && !(s->gr[GR_EXTENSIONS] & (GR_EXT_BY8 | GR_EXT_WRITE_MODES))
          && (s->sr[SR_CONFIG] & (SR_CONFIG_MMIO | SR_CONFIG_MMIO_LINEAR)) != (SR_CONFIG_MMIO | SR_CONFIG_MMIO_LINEAR);
  if (range->enabled == plain && (!plain || range->start == start))
    return;
  range->enabled = plain;
  if (plain)
    range->start = start;
  astern_bus_changed (function->bus->memory);
}

static void
feed (Cirrus *cirrus, guint8 byte)
{
  cirrus_blit_feed (cirrus, byte);
  if (cirrus->s.left == 0)
    update_windows (cirrus);
}

/* ---- extension registers ---- */

static guint8
gr_read (const CirrusState *s, guint index)
{
  if (index == GR_BLT_STATUS)
    return (guint8) ((s->gr[index] & ~(BLT_BUSY | 0x08)) | (s->left != 0 ? BLT_BUSY | 0x08 : 0));
  return s->gr[index];
}

static void
start_blit (Cirrus *cirrus)
{
  cirrus_blit (cirrus);
  update_windows (cirrus);
}

static void
gr_write (Cirrus *cirrus, guint index, guint8 value)
{
  static const guint8 masks[64] = {
    [GR_WIDTH + 1] = 0xe0, [GR_HEIGHT + 1] = 0xf8, [GR_DST_PITCH + 1] = 0xe0, [GR_SRC_PITCH + 1] = 0xe0,
    [GR_DST + 2] = 0xc0, [GR_SRC + 2] = 0xc0,
  };
  CirrusState *s = &cirrus->s;
  guint8 before = s->gr[index];

  s->gr[index] = (guint8) (value & ~masks[index]);
  switch (index)
    {
    case GR_DST + 2:
      if (s->gr[GR_BLT_STATUS] & BLT_AUTOSTART)
        start_blit (cirrus);
      break;
    case GR_BLT_STATUS:
      s->gr[index] = (guint8) (value & ~(BLT_START | BLT_BUSY));
      if ((before & BLT_RESET) && !(value & BLT_RESET))
        s->left = 0;
      else if (value & BLT_START)
        start_blit (cirrus);
      break;
    }
  update_windows (cirrus);
}

/* The blitter's registers in memory, byte by byte: the number of each in GR; 0xff: there is none. */
static guint
mmio_register (guint at)
{
  static const guint8 numbers[] = {
    0x00, 0x10, 0x12, 0x14, 0x01, 0x11, 0x13, 0x15, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27,
    0x28, 0x29, 0x2a, 0xff, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0xff, 0x32, 0x33, 0x34, 0x35, 0xff, 0xff,
    0x38, 0x39,
  };

  if (at == 0x40)
    return GR_BLT_STATUS;
  return at < sizeof numbers ? numbers[at] : 0xff;
}

static guint8
blt_mmio_read (const Cirrus *cirrus, guint at)
{
  guint number = mmio_register (at & 0xff);

  return number != 0xff ? gr_read (&cirrus->s, number) : 0xff;
}

static void
blt_mmio_write (Cirrus *cirrus, guint at, guint8 value)
{
  guint number = mmio_register (at & 0xff);

  if (number != 0xff)
    gr_write (cirrus, number, value);
}

static guint8
sr_read (const CirrusState *s, guint index)
{
  /* Two of them have three bits of a position in their index. */
  if ((index & 0x1f) == SR_CURSOR_X || (index & 0x1f) == SR_CURSOR_Y)
    return s->sr[index & 0x1f];
  return index < 32 ? s->sr[index] : 0xff;
}

static void
sr_write (Cirrus *cirrus, guint index, guint8 value)
{
  CirrusState *s = &cirrus->s;

  if ((index & 0x1f) == SR_CURSOR_X || (index & 0x1f) == SR_CURSOR_Y)
    {
      s->sr[index & 0x1f] = value;
      s->cursor_low[(index & 0x1f) - SR_CURSOR_X] = (guint8) (index >> 5);
      return;
    }
  if (index >= 32)
    return;
  if (index == SR_UNLOCK)
    value = (value & 0x17) == 0x12 ? 0x12 : 0x0f;
  else if (index == SR_CONFIG)
    value = (guint8) ((s->sr[index] & 0x38) | (value & 0xc7));
  s->sr[index] = value;
  update_windows (cirrus);
}

static guint8
cr_read (const CirrusState *s, guint index)
{
  if (index == CR_ATTR_FLIP)
    return s->vga.attr_is_data ? 0x80 : 0;
  if (index == CR_ATTR_INDEX)
    return s->vga.attr_index & 0x3f;
  return s->cr[index];
}

/* ---- the DAC's hidden register and colours ---- */

static gboolean
dac_read (Cirrus *cirrus, guint port, gboolean peek, guint8 *value)
{
  CirrusState *s = &cirrus->s;

  if (port == 0x3c6)
    {
      *value = s->dac_reads == 4 ? s->hidden_dac : s->vga.dac_mask;
      if (!peek)
        s->dac_reads = (guint8) ((s->dac_reads + 1) % 5);
      return TRUE;
    }
  if (!peek)
    s->dac_reads = 0;
  if (port != 0x3c9 || !(s->sr[SR_CURSOR] & SR_CURSOR_DAC))
    return FALSE;
  *value = s->cursor_colors[(s->vga.dac_read & 15) * 3 + s->vga.dac_part];
  if (!peek && ++s->vga.dac_part == 3)
    {
      s->vga.dac_part = 0;
      s->vga.dac_read++;
    }
  return TRUE;
}

static gboolean
dac_write (Cirrus *cirrus, guint port, guint8 value)
{
  CirrusState *s = &cirrus->s;
  gboolean hidden = port == 0x3c6 && s->dac_reads == 4;

  s->dac_reads = 0;
  if (hidden)
    {
      s->hidden_dac = value;
      return TRUE;
    }
  if (port != 0x3c9 || !(s->sr[SR_CURSOR] & SR_CURSOR_DAC))
    return FALSE;
  s->cursor_colors[(s->vga.dac_write & 15) * 3 + s->vga.dac_part] = value & 0x3f;
  if (++s->vga.dac_part == 3)
    {
      s->vga.dac_part = 0;
      s->vga.dac_write++;
    }
  return TRUE;
}

/* ---- ports ---- */

static guint
crtc_port (const CirrusState *s)
{
  return s->vga.misc & MISC_COLOR ? 0x3d4 : 0x3b4;
}

static gboolean
port_read (Vga *vga, guint port, gboolean peek, guint8 *value)
{
  Cirrus *cirrus = (Cirrus *) vga;
  const CirrusState *s = &cirrus->s;

  if (port >= 0x3c6 && port <= 0x3c9)
    return dac_read (cirrus, port, peek, value);
  if (port == 0x3c4)
    *value = s->sr_index;
  else if (port == 0x3c5 && s->sr_index > SEQ_MEMORY)
    *value = sr_read (s, s->sr_index);
  else if (port == 0x3ce)
    *value = s->gr_index;
  else if (port == 0x3cf)
    *value = s->gr_index < 2 || s->gr_index > 8 || s->gr_index == GFX_MODE ? gr_read (s, s->gr_index) : s->vga.gfx[s->gr_index];
  else if (port == crtc_port (s))
    *value = s->cr_index;
  else if (port == crtc_port (s) + 1 && s->cr_index > CRTC_LINE_COMPARE)
    *value = cr_read (s, s->cr_index);
  else
    return FALSE;
  return TRUE;
}

/* The VGA's own registers are told, too. */
static gboolean
gr_port_write (Cirrus *cirrus, guint8 value)
{
  CirrusState *s = &cirrus->s;

  if (s->gr_index < 2 || s->gr_index == GFX_MODE)
    s->gr[s->gr_index] = value;
  if (s->gr_index <= 8)
    return FALSE;
  gr_write (cirrus, s->gr_index, value);
  return TRUE;
}

static gboolean
port_write (Vga *vga, guint port, guint8 value)
{
  Cirrus *cirrus = (Cirrus *) vga;
  CirrusState *s = &cirrus->s;

  if (port >= 0x3c6 && port <= 0x3c9)
    return dac_write (cirrus, port, value);
  if (port == 0x3c4)
    s->sr_index = value;
  else if (port == 0x3ce)
    s->gr_index = value & 63;
  else if (port == crtc_port (s))
    s->cr_index = value & 63;
  if (port == 0x3c5 && s->sr_index > SEQ_MEMORY)
    return sr_write (cirrus, s->sr_index, value), TRUE;
  if (port == 0x3cf)
    return gr_port_write (cirrus, value);
  if (port != crtc_port (s) + 1 || s->cr_index <= CRTC_LINE_COMPARE)
    return FALSE;
  if (s->cr_index < CR_ATTR_FLIP)
    s->cr[s->cr_index] = value;
  return TRUE;
}

/* ---- windows ---- */

static gboolean
is_blt_mmio (const CirrusState *s, guint32 offset)
{
  return (s->sr[SR_CONFIG] & (SR_CONFIG_MMIO | SR_CONFIG_MMIO_LINEAR)) == SR_CONFIG_MMIO && offset >= 0x18000 && offset < 0x18100;
}

static gboolean
window_read (Vga *vga, guint32 offset, gboolean peek, guint8 *value)
{
  Cirrus *cirrus = (Cirrus *) vga;
  guint32 at;

  if (is_blt_mmio (&cirrus->s, offset))
    *value = blt_mmio_read (cirrus, offset);
  else if (!is_linear (&cirrus->s))
    return FALSE;
  else
    {
      at = banked (&cirrus->s, offset);
      *value = at != G_MAXUINT32 && vga->vram != NULL ? linear_load (cirrus, at) : 0xff;
    }
  return TRUE;
}

static gboolean
window_write (Vga *vga, guint32 offset, guint8 value)
{
  Cirrus *cirrus = (Cirrus *) vga;
  guint32 at;

  if (is_blt_mmio (&cirrus->s, offset))
    {
      blt_mmio_write (cirrus, offset, value);
      return TRUE;
    }
  if (cirrus->s.left > 0)
    {
      feed (cirrus, value);
      return TRUE;
    }
  if (!is_linear (&cirrus->s))
    return FALSE;
  at = banked (&cirrus->s, offset);
  if (at != G_MAXUINT32 && vga->vram != NULL)
    linear_store (cirrus, at, value);
  return TRUE;
}

static gboolean
owns_window (const Vga *vga)
{
  const CirrusState *s = (const CirrusState *) vga->s;

  return is_linear (s) || s->left > 0 || (s->sr[SR_CONFIG] & SR_CONFIG_MMIO) != 0;
}

static gboolean
is_linear_mmio (const CirrusState *s, guint64 offset)
{
  return (s->sr[SR_CONFIG] & (SR_CONFIG_MMIO | SR_CONFIG_MMIO_LINEAR)) == (SR_CONFIG_MMIO | SR_CONFIG_MMIO_LINEAR)
         && offset >= CIRRUS_VRAM_SIZE - 0x100 && offset < CIRRUS_VRAM_SIZE;
}

static guint64
linear_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  const Cirrus *cirrus = (const Cirrus *) device;

  if (is_linear_mmio (&cirrus->s, offset))
    return blt_mmio_read (cirrus, (guint) offset);
  return cirrus->vga.vram != NULL ? linear_load (cirrus, (guint32) offset) : 0xff;
}

static void
linear_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  Cirrus *cirrus = (Cirrus *) device;

  if (is_linear_mmio (&cirrus->s, offset))
    blt_mmio_write (cirrus, (guint) offset, (guint8) value);
  else if (cirrus->s.left > 0)
    feed (cirrus, (guint8) value);
  else if (cirrus->vga.vram != NULL)
    linear_store (cirrus, (guint32) offset, (guint8) value);
}

static guint64
mmio_get (AsternDevice *device, guint64 offset, gboolean peek)
{
  if (offset < 0x20)
    return vga_port_read ((Vga *) device, 0x3c0 + (guint) offset, peek);
  if (offset >= MMIO_BLT && offset < MMIO_BLT + 0x100)
    return blt_mmio_read ((Cirrus *) device, (guint) offset);
  return 0xff;
}

static guint64
mmio_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return mmio_get (device, offset, FALSE);
}

static guint64
mmio_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return mmio_get (device, offset, TRUE);
}

static void
mmio_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  if (offset < 0x20)
    vga_port_write ((Vga *) device, 0x3c0 + (guint) offset, (guint8) value);
  else if (offset >= MMIO_BLT && offset < MMIO_BLT + 0x100)
    blt_mmio_write ((Cirrus *) device, (guint) offset, (guint8) value);
}

/* ---- the cursor ---- */

static guint32
cursor_color (const CirrusState *s, guint index)
{
  guint32 color = 0xff;

  for (guint part = 0; part < 3; part++)
    {
      guint8 level = s->cursor_colors[index * 3 + part];

      color = color << 8 | (guint8) (level << 2 | level >> 4);
    }
  return color;
}

static gboolean
get_cursor (AsternDevice *device, guint head, AsternCursor *cursor)
{
  const Cirrus *cirrus = (const Cirrus *) device;
  const CirrusState *s = &cirrus->s;
  gboolean large = (s->sr[SR_CURSOR] & SR_CURSOR_64) != 0;
  guint size = large ? 64 : 32, row_bytes = large ? 16 : 4, second = large ? 8 : 128;
  guint32 at = CIRRUS_VRAM_SIZE - CURSOR_ROOM + (s->sr[SR_CURSOR_AT] & (large ? 0x3cu : 0x3fu)) * 256;
  /* By the two planes' bits: clear, inverted, the first colour, the last. */
  const guint32 pixels[4] = { 0, 0xffffff, cursor_color (s, 0), cursor_color (s, 15) };

  if (!is_linear (s) || !(s->sr[SR_CURSOR] & SR_CURSOR_ON) || cirrus->vga.vram == NULL)
    return FALSE;
  astern_cursor_resize (cursor, size, size);
  for (guint y = 0; y < size; y++)
    for (guint x = 0; x < size; x++)
      {
        guint32 byte = at + y * row_bytes + x / 8;
        guint one = vram_read (cirrus, byte) >> (7 - (x & 7)) & 1, two = vram_read (cirrus, byte + second) >> (7 - (x & 7)) & 1;

        cursor->pixels[y * size + x] = pixels[one | two << 1];
      }
  cursor->hot_x = cursor->hot_y = 0;
  cursor->x = s->sr[SR_CURSOR_X] << 3 | s->cursor_low[0];
  cursor->y = s->sr[SR_CURSOR_Y] << 3 | s->cursor_low[1];
  return TRUE;
}

/* ---- the device ---- */

static void
config_changed (AsternDevice *device, guint offset, guint size)
{
  update_windows ((Cirrus *) device);
}

static const AsternPciInfo info = {
  .vendor = 0x1013, .device = 0x00b8, .class_code = 0x030000,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
  .config_changed = config_changed,
};

static const VgaHooks hooks = {
  .linear = linear, .port_read = port_read, .port_write = port_write,
  .window_read = window_read, .window_write = window_write, .owns_window = owns_window,
};

static void
cirrus_init (AsternDevice *device)
{
  astern_pci_init (device, &info);
  vga_init (device, &hooks);
  astern_pci_set_bar (device, BAR_LINEAR, ASTERN_PCI_BAR_PREFETCH, CIRRUS_LINEAR_SIZE, CIRRUS_LINEAR_WINDOW, NULL);
  astern_pci_set_bar (device, BAR_MMIO, ASTERN_PCI_BAR_MEMORY, MMIO_SIZE, CIRRUS_MMIO_WINDOW, NULL);
}

static void
cirrus_reset (AsternDevice *device)
{
  Cirrus *cirrus = (Cirrus *) device;
  CirrusState *s = &cirrus->s;

  vga_reset (device);
  memset ((guint8 *) s + sizeof s->vga, 0, sizeof *s - sizeof s->vga);
  s->sr[SR_UNLOCK] = 0x0f;
  s->sr[SR_DRAM] = 0x98;        /* 4 MiB in two banks, 64 bits wide */
  s->sr[0x15] = 0x04;
  s->sr[SR_CONFIG] = 0x20;      /* on PCI */
  s->sr[0x1b] = 0x2d;
  s->sr[0x1f] = 0x22;
  s->cr[CR_ID] = 0xb8;
  astern_pci_reset (device);
  update_windows (cirrus);
}

static void
cirrus_restored (AsternDevice *device)
{
  Cirrus *cirrus = (Cirrus *) device;

  cirrus->s.gr_index &= 63;
  cirrus->s.cr_index &= 63;
  cirrus->s.dac_reads %= 5;
  cirrus->s.cursor_low[0] &= 7;
  cirrus->s.cursor_low[1] &= 7;
  cirrus_blit_fix_up (cirrus);
  astern_pci_restored (device);
  vga_restored (device);
  update_windows (cirrus);
}

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  VGA_WINDOWS,
  { .name = "cirrus-linear", .size = CIRRUS_LINEAR_SIZE, .min_size = 1, .max_size = 1,
    .read = linear_read, .write = linear_write, .peek = linear_read },
  { .name = "cirrus-mmio", .size = MMIO_SIZE, .min_size = 1, .max_size = 1,
    .read = mmio_read, .write = mmio_write, .peek = mmio_peek },
};

#define F(member)     ASTERN_FIELD (CirrusState, member, 1)
#define BYTES(member) ASTERN_FIELD_BYTES (CirrusState, member, 1)
static const AsternField fields[] = {
  VGA_FIELDS, BYTES (sr), BYTES (gr), BYTES (cr), BYTES (cursor_colors), F (sr_index), F (gr_index), F (cr_index),
  F (dac_reads), F (hidden_dac), BYTES (cursor_low), F (reserved), F (left), F (row), F (filled), BYTES (buffer),
};

const AsternDeviceClass cirrus_class = {
  .name = "cirrus-vga", .summary = "Cirrus Logic GD5446", .state_version = VGA_STATE_VERSION,
  .instance_size = sizeof (Cirrus),
  .state_offset = G_STRUCT_OFFSET (Cirrus, s), .state_size = sizeof (CirrusState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = cirrus_init, .reset = cirrus_reset, .restored = cirrus_restored,
};

const AsternDisplayClass cirrus_display = {
  .klass = &cirrus_class, .draw = vga_draw, .update = vga_update, .cursor = get_cursor, .text = vga_text,
};

gboolean
cirrus_plug (AsternDevice *device, AsternRamBlock *rom, const AsternVgaSettings *settings, GError **error)
{
  if (!vga_add_memory ((Vga *) device, CIRRUS_VRAM_SIZE, error))
    return FALSE;
  vga_set_rom (device, rom);
  return TRUE;
}
