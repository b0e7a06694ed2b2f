/* qxl-memory.c - the card's memories, and the guest's addresses in them.
 * Source: spice-protocol, spice/qxl_dev.h.
 *
 * An address has the number of a slot in its highest byte and the offset in the slot in its lower 48 bits. */
#include "config.h"

#include "core/machine.h"
#include "hw/display/qxl-state.h"

#include <string.h>

static AsternRamBlock *
block_of (const Qxl *qxl, guint32 number)
{
  return number == 0 ? qxl->vga.vram : number == 1 ? qxl->surfaces : NULL;
}

gboolean
qxl_find (const Qxl *qxl, guint64 address, guint64 size, QxlPlace *place)
{
  guint64 offset = address & ((G_GUINT64_CONSTANT (1) << 48) - 1);
  const QxlSlot *slot;

  if (address >> 56 >= QXL_N_SLOTS)
    return FALSE;
  slot = &qxl->s.slots[address >> 56];
  if (!slot->active || offset > slot->size || size > slot->size - offset || block_of (qxl, slot->block) == NULL)
    return FALSE;
  *place = (QxlPlace) { slot->block, (guint32) (slot->start + offset), (guint32) (slot->size - offset) };
  return TRUE;
}

const guint8 *
qxl_bytes (const Qxl *qxl, const QxlPlace *place)
{
  return astern_memory_host (qxl->vga.memory, block_of (qxl, place->block)->start + place->start);
}

gboolean
qxl_read (const Qxl *qxl, guint64 address, gpointer data, gsize size)
{
  QxlPlace place;

  if (qxl_find (qxl, address, size, &place))
    {
      memcpy (data, qxl_bytes (qxl, &place), size);
      return TRUE;
    }
  memset (data, 0, size);
  return FALSE;
}

void
qxl_store (Qxl *qxl, guint32 block, guint64 offset, gconstpointer data, gsize size)
{
  AsternRamBlock *ram = block_of (qxl, block);

  if (ram != NULL && offset <= ram->size && size <= ram->size - offset)
    astern_memory_write (qxl->vga.memory, ram->start + offset, data, size);
}

guint32
qxl_header_get (const Qxl *qxl, guint offset)
{
  return qxl->vga.vram != NULL ? qxl_get32 (vga_vram (&qxl->vga) + qxl_header (qxl) + offset) : 0;
}

void
qxl_header_put (Qxl *qxl, guint offset, guint32 value)
{
  value = GUINT32_TO_LE (value);
  qxl_store (qxl, 0, qxl_header (qxl) + offset, &value, sizeof value);
}

void
qxl_error (Qxl *qxl, const char *what, guint64 value)
{
  AsternMachine *machine = qxl->vga.parent.parent.machine;

  if (machine != NULL)
    astern_events_log (&machine->events, ASTERN_EVENT_GUEST_ERRORS, "qxl: %s (%" G_GINT64_MODIFIER "x)", what, value);
}

gboolean
qxl_surface_fits (const Qxl *qxl, const QxlSurface *s)
{
  guint64 size = s->block == 0 ? qxl_ram_size (qxl) : s->block == 1 ? qxl_surfaces_size (qxl) : 0;
  guint64 row = (guint64) s->width * qxl_bytes_per_pixel (s->format);
  gint64 last = (gint64) s->start + (gint64) s->stride * ((gint64) s->height - 1);

  switch (s->format)
    {
    case QXL_FORMAT_8: case QXL_FORMAT_555: case QXL_FORMAT_565: case QXL_FORMAT_XRGB: case QXL_FORMAT_ARGB: break;
    default: return FALSE;
    }
  return s->width > 0 && s->width <= QXL_MAX_SIZE && s->height > 0 && s->height <= QXL_MAX_SIZE
         && ABS ((gint64) s->stride) >= (gint64) row && last >= 0 && s->start + row <= size && (guint64) last + row <= size;
}

gboolean
qxl_surface_make (Qxl *qxl, QxlSurface *surface, guint64 address)
{
  guint64 stride = (guint64) ABS ((gint64) surface->stride);
  QxlPlace place;

  if (surface->height > 0 && surface->height <= QXL_MAX_SIZE && qxl_find (qxl, address, stride * surface->height, &place))
    {
      surface->block = place.block;
      surface->start = place.start + (surface->stride < 0 ? (guint32) stride * (surface->height - 1) : 0);
      if (qxl_surface_fits (qxl, surface))
        return TRUE;
    }
  qxl_error (qxl, "a surface outside of the memory", address);
  surface->format = QXL_FORMAT_NONE;
  return FALSE;
}
