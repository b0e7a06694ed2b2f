/* vga-dispi.c - Bochs' display interface: linear modes of any size.
 * Source: Bochs' VBE DISPI interface, ids 0xb0c0 to 0xb0c5.
 *
 * Turning a mode on sets the VGA registers that such a mode implies, for the video BIOS leaves that
 * to the card. */
#include "config.h"

#include "hw/display/vga-state.h"

#include <string.h>

#define MAX_XRES       16000
#define MAX_YRES       12000
#define MAX_BPP        32

static guint
bits_per_pixel (const VgaState *s)
{
  switch (s->dispi[DISPI_BPP])
    {
    case 15: return 16;
    case 4: case 16: case 24: case 32: return s->dispi[DISPI_BPP];
    default: return 8;
    }
}

static guint32
pitch_of (const VgaState *s, guint width)
{
  /* Four planes lie side by side: 4 bits a pixel are a byte for 8 pixels in each. */
  return width * bits_per_pixel (s) / 8;
}

guint32
vga_dispi_pitch (const Vga *vga)
{
  return pitch_of (vga->s, vga->s->dispi[DISPI_VIRT_WIDTH]);
}

void
vga_dispi_fix_up (Vga *vga)
{
  VgaState *s = vga->s;
  guint32 lines;

  switch (s->dispi[DISPI_BPP])
    {
    case 4: case 8: case 15: case 16: case 24: case 32: break;
    default: s->dispi[DISPI_BPP] = 8; break;
    }
  s->dispi[DISPI_XRES] = CLAMP (s->dispi[DISPI_XRES] & ~7, 8, MAX_XRES);
  s->dispi[DISPI_VIRT_WIDTH] = MIN (s->dispi[DISPI_VIRT_WIDTH] & ~7, MAX_XRES);
  s->dispi[DISPI_VIRT_WIDTH] = MAX (s->dispi[DISPI_VIRT_WIDTH], s->dispi[DISPI_XRES]);
  lines = vga_vram_size (vga) / vga_dispi_pitch (vga);
  s->dispi[DISPI_VIRT_HEIGHT] = (guint16) MIN (lines, G_MAXUINT16);
  s->dispi[DISPI_YRES] = (guint16) CLAMP (s->dispi[DISPI_YRES], 1u, MIN (lines, MAX_YRES));
  /* Sideways the picture may begin anywhere, and go on in the next lines: so drivers put it at any address. */
  s->dispi[DISPI_X_OFFSET] = MIN (s->dispi[DISPI_X_OFFSET], s->dispi[DISPI_VIRT_WIDTH]);
  s->dispi[DISPI_Y_OFFSET] = MIN (s->dispi[DISPI_Y_OFFSET], s->dispi[DISPI_VIRT_HEIGHT] - s->dispi[DISPI_YRES]);
}

static void
set_vga_registers (Vga *vga)
{
  VgaState *s = vga->s;
  guint last = s->dispi[DISPI_YRES] - 1u;

  if (!vga_is_linear (vga))
    return;
  s->gfx[GFX_MISC] = (s->gfx[GFX_MISC] & (guint8) ~0x0c) | 0x04 | GFX_MISC_GRAPHICS;
  s->crtc[CRTC_MODE] |= 3;
  s->crtc[CRTC_OFFSET] = (guint8) (vga_dispi_pitch (vga) >> 3);
  s->crtc[CRTC_H_DISPLAY_END] = (guint8) ((s->dispi[DISPI_XRES] >> 3) - 1);
  s->crtc[CRTC_V_DISPLAY_END] = (guint8) last;
  s->crtc[CRTC_OVERFLOW] = (guint8) ((s->crtc[CRTC_OVERFLOW] & ~0x52) | (last >> 7 & 0x02) | (last >> 3 & 0x40)
                                     | 0x10);
  s->crtc[CRTC_LINE_COMPARE] = 0xff;
  s->crtc[CRTC_MAX_SCAN] = (s->crtc[CRTC_MAX_SCAN] & (guint8) ~0x9f) | 0x40;
  if (s->dispi[DISPI_BPP] == 4)
    {
      s->gfx[GFX_MODE] &= (guint8) ~0x60;
      s->seq[SEQ_MEMORY] &= (guint8) ~SEQ_MEMORY_CHAIN4;
    }
  else
    {
      s->gfx[GFX_MODE] = (s->gfx[GFX_MODE] & (guint8) ~0x60) | 0x40;
      s->seq[SEQ_MEMORY] |= SEQ_MEMORY_CHAIN4;
      s->seq[SEQ_MAP_MASK] |= 0x0f;
    }
}

/* Blank, as a mode set leaves it. */
static void
clear_screen (Vga *vga)
{
  static const guint8 nothing[ASTERN_PAGE_SIZE];
  guint64 size = (guint64) vga_dispi_pitch (vga) * vga->s->dispi[DISPI_YRES], at;

  if (vga->vram == NULL)
    return;
  for (at = 0; at < MIN (size, vga->vram->size); at += sizeof nothing)
    astern_memory_write (vga->memory, vga->vram->start + at, nothing,
                         (gsize) MIN (sizeof nothing, vga->vram->size - at));
}

static void
enable_write (Vga *vga, guint16 value)
{
  VgaState *s = vga->s;
  gboolean was = vga_is_linear (vga);

  s->dispi[DISPI_BANK] = 0;
  s->dispi[DISPI_ENABLE] = value & (DISPI_ENABLED | DISPI_GETCAPS | DISPI_8BIT_DAC | DISPI_LFB | DISPI_NOCLEAR);
  if (!was && vga_is_linear (vga))
    {
      s->dispi[DISPI_VIRT_WIDTH] = s->dispi[DISPI_X_OFFSET] = s->dispi[DISPI_Y_OFFSET] = 0;
      vga_dispi_fix_up (vga);
      if (!(value & DISPI_NOCLEAR))
        clear_screen (vga);
    }
  set_vga_registers (vga);
}

guint16
vga_dispi_read (const VgaState *s, guint index)
{
  if (s->dispi[DISPI_ENABLE] & DISPI_GETCAPS)
    switch (index)
      {
      case DISPI_XRES: return MAX_XRES;
      case DISPI_YRES: return MAX_YRES;
      case DISPI_BPP: return MAX_BPP;
      }
  return index <= DISPI_MEMORY ? s->dispi[index] : 0;
}

static guint64
data_value (gconstpointer state, guint32 offset)
{
  const VgaState *s = state;

  return vga_dispi_read (s, s->dispi_index);
}

static void
data_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Vga *vga = (Vga *) device;

  vga_dispi_write (vga, vga->s->dispi_index, (guint16) value);
}

/* Two words at odd distance: the table, unlike functions, may have registers that overlap. */
const AsternReg vga_dispi_regs[VGA_N_DISPI_REGS] = {
  { .offset = 0, .access = ASTERN_REG_RW, .width = 2, .name = "INDEX", .bank = ASTERN_ANY_BANK,
    .backing = G_STRUCT_OFFSET (VgaState, dispi_index), .writable = 0xffff },
  { .offset = 1, .access = ASTERN_REG_RW, .width = 2, .name = "DATA", .bank = ASTERN_ANY_BANK,
    .backing = ASTERN_NO_BACKING, .value = data_value, .did_write = data_did_write },
};

void
vga_dispi_write (Vga *vga, guint index, guint16 value)
{
  VgaState *s = vga->s;

  switch (index)
    {
    case DISPI_ID:
      if (value >= DISPI_ID_FIRST && value <= DISPI_ID_LAST)
        s->dispi[DISPI_ID] = value;
      return;
    case DISPI_XRES: case DISPI_YRES: case DISPI_BPP: case DISPI_VIRT_WIDTH:
    case DISPI_X_OFFSET: case DISPI_Y_OFFSET:
      s->dispi[index] = value;
      if (vga_is_linear (vga))
        {
          vga_dispi_fix_up (vga);
          set_vga_registers (vga);
        }
      break;
    case DISPI_BANK:
      s->dispi[index] = (guint16) (value & ((vga_vram_size (vga) >> 16) - 1));
      break;
    case DISPI_ENABLE:
      enable_write (vga, value);
      break;
    default:
      return;
    }
  vga_update_window (vga);
}
