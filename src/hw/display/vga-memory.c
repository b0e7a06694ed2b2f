/* vga-memory.c - the window at 0xa0000: planes, latches, write modes.
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem", Graphics Controller.
 *
 * Byte n of plane p is byte 4n + p of the video memory.  Chain-4 address a is byte a, so that
 * it can be mapped as it is; a real VGA leaves three of four bytes of each plane unused there.  Who writes
 * in chain-4 and looks at the same bytes through the planes sees the difference, nobody else.
 *
 * Left out: the odd/even page select of the miscellaneous output register. */
#include "config.h"

#include "hw/display/vga-state.h"

#include <string.h>

/* A bit for each plane to a byte of ones for each. */
static guint32
spread (guint bits)
{
  guint32 bytes = 0;
  guint plane;

  for (plane = 0; plane < 4; plane++)
    if (bits >> plane & 1)
      bytes |= 0xffu << (8 * plane);
  return bytes;
}

/* The same byte in each plane. */
static guint32
repeat (guint8 byte)
{
  return byte * 0x01010101u;
}

/* Where an address of the window leads. */
typedef struct
{
  guint32 at;           /* byte of the video memory: the address in all planes, times four */
  guint   plane;        /* that reads see; writes in chain-4 */
  guint   planes;       /* that may be written */
} Place;

static gboolean
find_place (const Vga *vga, guint64 offset, gboolean write, Place *place)
{
  static const struct { guint32 start, size; } maps[] = {
    { 0x00000, 0x20000 }, { 0x00000, 0x10000 }, { 0x10000, 0x8000 }, { 0x18000, 0x8000 },
  };
  const VgaState *s = vga->s;
  guint map = s->gfx[GFX_MISC] >> 2 & 3;
  gboolean odd_even = write ? !(s->seq[SEQ_MEMORY] & SEQ_MEMORY_NO_ODD_EVEN)
                            : (s->gfx[GFX_MODE] & GFX_MODE_ODD_EVEN) != 0;
  guint32 address;

  if (vga->vram == NULL || !(s->misc & MISC_RAM) || offset < maps[map].start
      || offset >= maps[map].start + maps[map].size)
    return FALSE;
  address = (guint32) offset - maps[map].start;
  if (vga_is_linear (vga))
    address += (guint32) s->dispi[DISPI_BANK] << 16;
  place->plane = s->gfx[GFX_READ_MAP];
  place->planes = s->seq[SEQ_MAP_MASK];
  if (s->seq[SEQ_MEMORY] & SEQ_MEMORY_CHAIN4)
    {
      place->plane = address & 3;
      place->planes &= 1u << place->plane;
      address >>= 2;
    }
  else if (odd_even)
    {
      place->plane = (place->plane & 2) | (address & 1);
      place->planes &= address & 1 ? 0xa : 0x5;
      if (s->gfx[GFX_MISC] & GFX_MISC_CHAIN)
        address &= ~1u;
    }
  if (!vga_is_linear (vga))
    address &= 0xffff;
  place->at = address * 4;
  return address < vga->vram->size / 4;
}

static guint32
load (const Vga *vga, guint32 at)
{
  guint32 bytes;

  memcpy (&bytes, vga_vram (vga) + at, 4);
  return GUINT32_FROM_LE (bytes);
}

static void
store (Vga *vga, guint32 at, guint32 bytes)
{
  astern_memory_before_write (vga->memory, vga->vram->start + at, 4);
  bytes = GUINT32_TO_LE (bytes);
  memcpy (vga_vram (vga) + at, &bytes, 4);
}

static guint8
read_byte (Vga *vga, guint64 offset, gboolean peek)
{
  const VgaState *s = vga->s;
  guint32 bytes, differs;
  Place place;

  if (!find_place (vga, offset, FALSE, &place))
    return 0xff;
  bytes = load (vga, place.at);
  if (!peek)
    vga->s->latch = bytes;
  if (!(s->gfx[GFX_MODE] & GFX_MODE_COMPARE))
    return (guint8) (bytes >> (8 * place.plane));
  differs = (bytes ^ spread (s->gfx[GFX_COMPARE])) & spread (s->gfx[GFX_DONT_CARE]);
  differs |= differs >> 16;
  differs |= differs >> 8;
  return (guint8) ~differs;
}

/* The function select, between what the CPU brings and the latches. */
static guint32
combine (const VgaState *s, guint32 bytes)
{
  switch (s->gfx[GFX_ROTATE] >> 3 & 3)
    {
    case 1: return bytes & s->latch;
    case 2: return bytes | s->latch;
    case 3: return bytes ^ s->latch;
    }
  return bytes;
}

static guint32
write_value (const VgaState *s, guint8 value)
{
  guint rotate = s->gfx[GFX_ROTATE] & 7;
  guint8 rotated = (guint8) (value >> rotate | value << (8 - rotate));
  guint32 mask = repeat (s->gfx[GFX_BIT_MASK]);
  guint32 set = spread (s->gfx[GFX_SET_RESET]);
  guint32 enable = spread (s->gfx[GFX_ENABLE_SET_RESET]);
  guint32 bytes;

  switch (s->gfx[GFX_MODE] & GFX_MODE_WRITE)
    {
    case 1:
      return s->latch;
    case 2:
      bytes = combine (s, spread (value));
      break;
    case 3:
      mask &= repeat (rotated);
      bytes = combine (s, set);
      break;
    default:
      bytes = combine (s, (repeat (rotated) & ~enable) | (set & enable));
      break;
    }
  return (bytes & mask) | (s->latch & ~mask);
}

static void
write_byte (Vga *vga, guint64 offset, guint8 value)
{
  Place place;
  guint32 planes;

  if (!find_place (vga, offset, TRUE, &place) || (place.planes & 0x0f) == 0)
    return;
  planes = spread (place.planes);
  store (vga, place.at, (load (vga, place.at) & ~planes) | (write_value (vga->s, value) & planes));
}

static guint8
window_read (Vga *vga, guint64 offset, gboolean peek)
{
  guint8 value;

  if (vga->hooks != NULL && vga->hooks->window_read != NULL && vga->hooks->window_read (vga, (guint32) offset, peek, &value))
    return value;
  return read_byte (vga, offset, peek);
}

guint64
vga_memory_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return window_read ((Vga *) device, offset, FALSE);
}

guint64
vga_memory_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return window_read ((Vga *) device, offset, TRUE);
}

void
vga_memory_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  Vga *vga = (Vga *) device;

  if (vga->hooks != NULL && vga->hooks->window_write != NULL && vga->hooks->window_write (vga, (guint32) offset, (guint8) value))
    return;
  write_byte (vga, offset, (guint8) value);
}

/* Whether reads and writes of the window do nothing but read and write bytes. */
static gboolean
is_plain (const VgaState *s)
{
  return (s->misc & MISC_RAM) && (s->seq[SEQ_MEMORY] & SEQ_MEMORY_CHAIN4)
         && (s->seq[SEQ_MAP_MASK] & 0x0f) == 0x0f
         && (s->gfx[GFX_MODE] & (GFX_MODE_WRITE | GFX_MODE_COMPARE)) == 0
         && s->gfx[GFX_ROTATE] == 0 && s->gfx[GFX_ENABLE_SET_RESET] == 0 && s->gfx[GFX_BIT_MASK] == 0xff
         && (s->gfx[GFX_MISC] & 0x08) == 0;
}

void
vga_update_window (Vga *vga)
{
  const VgaState *s = vga->s;
  AsternRange *direct = vga->direct;
  guint64 size = s->gfx[GFX_MISC] & 0x04 ? 0x10000 : 0x20000;
  guint64 offset = vga_is_linear (vga) ? (guint64) s->dispi[DISPI_BANK] << 16 : 0;
  gboolean plain;

  if (direct == NULL)
    return;
  plain = is_plain (s) && offset + size <= vga->vram->size;
  if (vga->hooks != NULL && vga->hooks->owns_window != NULL && vga->hooks->owns_window (vga))
    plain = FALSE;
  if (plain == direct->enabled && (!plain || (direct->size == size && direct->read.offset == offset)))
    return;
  direct->enabled = plain;
  direct->size = size;
  direct->read.offset = direct->write.offset = offset;
  astern_bus_changed (vga->bus);
}
