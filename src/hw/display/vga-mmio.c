/* vga-mmio.c - the registers in memory of the standard VGA and its relatives: BAR 2.
 * Source: QEMU's docs/specs/standard-vga for the layout. */
#include "config.h"

#include "hw/display/vga-state.h"

enum
{
  EDID_AT = 0x000, EDID_END = 0x400, PORTS_AT = 0x400, PORTS_END = 0x420,   /* 0x3c0 .. 0x3df */
  DISPI_AT = 0x500, DISPI_END = DISPI_AT + 2 * (DISPI_MEMORY + 1),
  EXTENSION_AT = 0x600, EXTENSION_ORDER = 0x604, EXTENSION_END = 0x608,
};
#define LITTLE_ENDIAN_PIXELS 0x1e1e1e1eu
#define BIG_ENDIAN_PIXELS    0xbebebebeu

/* One byte; reading those of the ports has effects. */
static guint8
get_byte (Vga *vga, guint at, gboolean peek)
{
  if (at < EDID_AT + sizeof vga->edid)
    return vga->edid[at];
  if (at < EDID_END)
    return 0;
  if (at < PORTS_END)
    return vga_is_absent (vga) ? 0xff : vga_port_read (vga, 0x3c0 + at - PORTS_AT, peek);
  if (at >= DISPI_AT && at < DISPI_END)
    return (guint8) (vga_dispi_read (vga->s, (at - DISPI_AT) / 2) >> (8 * (at & 1)));
  if (at >= EXTENSION_ORDER && at < EXTENSION_END)
    return vga->s->big_endian ? BIG_ENDIAN_PIXELS & 0xff : LITTLE_ENDIAN_PIXELS & 0xff;
  if (at >= EXTENSION_AT && at < EXTENSION_ORDER)
    return at == EXTENSION_AT ? EXTENSION_END - EXTENSION_AT : 0;
  return 0xff;
}

static guint64
get (AsternDevice *device, guint64 offset, guint size, gboolean peek)
{
  guint64 value = 0;

  for (guint i = 0; i < size; i++)
    value |= (guint64) get_byte ((Vga *) device, (guint) offset + i, peek) << (8 * i);
  return value;
}

guint64
vga_mmio_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return get (device, offset, size, FALSE);
}

guint64
vga_mmio_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return get (device, offset, size, TRUE);
}

static void
write_order (Vga *vga, guint32 value)
{
  if (value == LITTLE_ENDIAN_PIXELS || value == BIG_ENDIAN_PIXELS)
    vga->s->big_endian = value == BIG_ENDIAN_PIXELS;
}

void
vga_mmio_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  Vga *vga = (Vga *) device;

  if (offset >= DISPI_AT && offset + size <= DISPI_END)
    {
      for (guint i = 0; i < size / 2; i++)      /* words alone */
        vga_dispi_write (vga, (guint) (offset - DISPI_AT) / 2 + i, (guint16) (value >> (16 * i)));
      return;
    }
  if (offset == EXTENSION_ORDER && size == 4)
    write_order (vga, (guint32) value);
  if (offset < PORTS_AT || offset + size > PORTS_END || vga_is_absent (vga))
    return;
  for (guint i = 0; i < size; i++)
    vga_port_write (vga, 0x3c0 + (guint) (offset - PORTS_AT) + i, (guint8) (value >> (8 * i)));
}
