/* xhci-events.c - interrupters: event rings and what they raise.
 * Source: Intel, eXtensible Host Controller Interface for USB 1.1, sections 4.9.4, 4.17 and 5.5.2.
 * Left out: event rings of several segments (HCSPARAMS2 says one), interrupt moderation. */
#include "config.h"

#include "hw/usb/xhci-private.h"

#define MAX_RING 4096           /* blocks */

/* Without messages the pin is up while any interrupter is pending. */
void
xhci_update_irq (Xhci *xhci, guint interrupter, gboolean restored)
{
  AsternDevice *device = &xhci->parent.parent;
  XhciState *s = &xhci->s;
  gboolean level = FALSE;

  if (astern_pci_msix_enabled (device) || astern_pci_msi_enabled (device))
    {
      XhciInterrupter *it = &s->interrupters[interrupter];

      if (restored || !(s->cmd & CMD_INTE) || (it->iman & (IMAN_PENDING | IMAN_ENABLE)) != (IMAN_PENDING | IMAN_ENABLE))
        return;
      it->iman &= ~(guint32) IMAN_PENDING;
      astern_pci_notify (device, astern_pci_msix_enabled (device) ? interrupter : 0);
      return;
    }
  for (guint i = 0; i < XHCI_N_INTERRUPTERS; i++)
    level |= (s->interrupters[i].iman & (IMAN_PENDING | IMAN_ENABLE)) == (IMAN_PENDING | IMAN_ENABLE);
  astern_pci_set_intx (device, 0, level && (s->cmd & CMD_INTE));
}

static void
write_event (Xhci *xhci, XhciInterrupter *it, guint64 parameter, guint32 status, guint32 control)
{
  guint32 words[4] = { (guint32) parameter, (guint32) (parameter >> 32), status,
                       (control & ~(guint32) TRB_CYCLE) | (it->cycle & 1) };

  if (!xhci_write_words (xhci, it->base + it->position * 16u, words, 4))
    {
      xhci_host_error (xhci);
      return;
    }
  if (++it->position >= it->size)
    {
      it->position = 0;
      it->cycle ^= 1;
    }
}

void
xhci_event (Xhci *xhci, guint interrupter, guint type, guint64 parameter, guint32 status, guint32 control)
{
  XhciInterrupter *it = &xhci->s.interrupters[interrupter % XHCI_N_INTERRUPTERS];
  guint64 dequeue = (it->erdp & ~(guint64) 15) - it->base;
  guint taken;

  if (it->size == 0)
    {
      xhci_guest_error (xhci, "an event, and no event ring");
      return;
    }
  /* One block is left for the event that says so, and one so that full is not empty. */
  taken = dequeue / 16 < it->size ? (it->position + it->size - (guint) (dequeue / 16)) % it->size : 0;
  if (taken + 1 >= it->size)
    {
      xhci_guest_error (xhci, "the event ring is full: an event is lost");
      return;
    }
  if (taken + 2 == it->size)
    write_event (xhci, it, 0, (guint32) CODE_EVENT_RING_FULL << 24, TRB_HOST_EVENT << 10);
  else
    write_event (xhci, it, parameter, status, control | type << 10);
  xhci->s.sts |= STS_EINT;
  if (!(it->erdp & ERDP_BUSY))
    {
      it->erdp |= ERDP_BUSY;
      it->iman |= IMAN_PENDING;
      xhci_update_irq (xhci, (guint) (it - xhci->s.interrupters), FALSE);
    }
}

/* ---- registers: eight words each ---- */

enum { REG_IMAN, REG_IMOD, REG_ERSTSZ, REG_RESERVED, REG_ERSTBA_LOW, REG_ERSTBA_HIGH, REG_ERDP_LOW, REG_ERDP_HIGH };

guint64
xhci_interrupter_value (gconstpointer state, guint32 offset)
{
  guint n = (offset - XHCI_INTERRUPTERS) / 32;
  const XhciInterrupter *it = &((const XhciState *) state)->interrupters[n % XHCI_N_INTERRUPTERS];

  switch (offset / 4 % 8)
    {
    case REG_IMAN:
      return it->iman;
    case REG_IMOD:
      return it->imod;
    case REG_ERSTSZ:
      return it->erstsz;
    case REG_ERSTBA_LOW:
      return (guint32) it->erstba;
    case REG_ERSTBA_HIGH:
      return it->erstba >> 32;
    case REG_ERDP_LOW:
      return (guint32) it->erdp;
    case REG_ERDP_HIGH:
      return it->erdp >> 32;
    default:
      return 0;
    }
}

/* The table's only entry is read when its address is written. */
static void
read_table (Xhci *xhci, XhciInterrupter *it)
{
  guint32 words[4];

  it->position = 0;
  it->cycle = 1;
  it->size = 0;
  if (it->erstsz == 0 || it->erstba == 0)
    return;
  if (!xhci_read_words (xhci, it->erstba, words, 4))
    {
      xhci_host_error (xhci);
      return;
    }
  it->base = ((guint64) words[1] << 32 | words[0]) & ~(guint64) 63;
  it->size = words[2] & 0xffff;
  if (it->size < 16 || it->size > MAX_RING)
    {
      xhci_guest_error (xhci, "an event ring of less than 16 blocks or more than 4096");
      it->size = it->size < 16 ? 0 : MAX_RING;
    }
}

static guint64
set_low (guint64 value, guint64 low)
{
  return (value & ~(guint64) 0xffffffff) | (guint32) low;
}

static guint64
set_high (guint64 value, guint64 high)
{
  return (guint32) value | high << 32;
}

/* Both halves change the address: it is taken when the low one was written alone, as long as the high one is 0. */
void
xhci_interrupter_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Xhci *xhci = (Xhci *) device;
  guint n = (offset - XHCI_INTERRUPTERS) / 32 % XHCI_N_INTERRUPTERS;
  XhciInterrupter *it = &xhci->s.interrupters[n];
  guint64 busy = it->erdp & ERDP_BUSY;

  switch (offset / 4 % 8)
    {
    case REG_IMAN:
      it->iman &= ~((guint32) value & IMAN_PENDING);
      it->iman = (it->iman & IMAN_PENDING) | ((guint32) value & IMAN_ENABLE);
      xhci_update_irq (xhci, n, FALSE);
      break;
    case REG_IMOD:
      it->imod = (guint32) value;
      break;
    case REG_ERSTSZ:
      it->erstsz = value & 0xffff;
      break;
    case REG_ERSTBA_LOW:
      it->erstba = set_low (it->erstba, value & ~(guint64) 63);
      read_table (xhci, it);
      break;
    case REG_ERSTBA_HIGH:
      it->erstba = set_high (it->erstba, value);
      read_table (xhci, it);
      break;
    case REG_ERDP_LOW:
      it->erdp = set_low (it->erdp, value & ~(guint64) ERDP_BUSY) | (value & ERDP_BUSY ? 0 : busy);
      /* What came meanwhile interrupts again. */
      if ((value & ERDP_BUSY) && it->size > 0 && ((it->erdp & ~(guint64) 15) - it->base) / 16 != it->position)
        {
          it->erdp |= ERDP_BUSY;
          it->iman |= IMAN_PENDING;
          xhci_update_irq (xhci, n, FALSE);
        }
      break;
    case REG_ERDP_HIGH:
      it->erdp = set_high (it->erdp, value);
      break;
    default:
      break;
    }
}
