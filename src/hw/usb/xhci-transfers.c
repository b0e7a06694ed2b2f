/* xhci-transfers.c - transfer rings.
 * Source: Intel, eXtensible Host Controller Interface for USB 1.1, sections 4.8 to 4.11 and 6.4.1.
 * Left out: streams; the pace of isochronous and interrupt endpoints (a device's NAK and wake make it). */
#include "config.h"

#include "hw/usb/xhci-private.h"

#include <string.h>

#define TD_BLOCKS      256           /* of one transfer descriptor, at most */
#define CHUNK          32768         /* bytes that are handed to a device at once; a multiple of every packet */
#define RUN_TRANSFERS  16            /* descriptors of one endpoint, before others have their turn */
#define RUN_BYTES      (1 << 20)

typedef struct
{
  Trb   blocks[TD_BLOCKS];
  guint n;
  guint size;                   /* bytes */
  guint64 next;                 /* what follows it */
  guint8  next_cycle;
} Td;

static guint
type_of (const Trb *trb)
{
  return trb->control >> 10 & 0x3f;
}

static guint
length_of (const Trb *trb)
{
  switch (type_of (trb))
    {
    case TRB_NORMAL:
    case TRB_DATA:
    case TRB_ISOCH:
    case TRB_SETUP:
      return trb->status & 0x1ffff;
    default:
      return 0;
    }
}

void
xhci_show_endpoint (Xhci *xhci, XhciSlot *slot, guint index)
{
  XhciEndpoint *endpoint = &slot->endpoints[index];
  guint64 at = slot->context + index * XHCI_CONTEXT_BYTES;
  guint32 words[4];

  if (slot->context == 0 || !xhci_read_words (xhci, at, words, 4))
    return;
  words[0] = (words[0] & ~7u) | endpoint->state;
  words[2] = (guint32) endpoint->dequeue | (endpoint->cycle & 1);
  words[3] = (guint32) (endpoint->dequeue >> 32);
  xhci_write_words (xhci, at, words, 4);
}

/* Takes the next descriptor together; FALSE: it is not all there. */
static gboolean
gather (Xhci *xhci, const XhciEndpoint *endpoint, Td *td)
{
  td->n = td->size = 0;
  td->next = endpoint->dequeue;
  td->next_cycle = endpoint->cycle;
  while (td->n < TD_BLOCKS)
    {
      Trb *trb = &td->blocks[td->n];

      if (!xhci_fetch (xhci, &td->next, &td->next_cycle, trb))
        return FALSE;
      td->n++;
      td->size += length_of (trb);
      if (!(trb->control & TRB_CHAIN))
        return TRUE;
    }
  xhci_guest_error (xhci, "a transfer of more than 256 blocks");
  return TRUE;
}

/* Moves @n bytes from @start of the descriptor on. */
static void
move_data (Xhci *xhci, const Td *td, guint start, guint8 *data, guint n, gboolean to_memory)
{
  guint at = 0;

  for (guint i = 0; i < td->n && n > 0; i++)
    {
      const Trb *trb = &td->blocks[i];
      guint length = length_of (trb), offset, part;

      if (start >= at + length)
        {
          at += length;
          continue;
        }
      offset = start - at;
      part = MIN (length - offset, n);
      if (trb->control & TRB_IMMEDIATE)
        {
          guint8 bytes[8];

          for (guint b = 0; b < 8; b++)
            bytes[b] = (guint8) (trb->parameter >> (8 * b));
          for (guint b = 0; b < part && !to_memory; b++)
            data[b] = offset + b < 8 ? bytes[offset + b] : 0;
        }
      else if (to_memory)
        astern_pci_dma_write (&xhci->parent.parent, trb->parameter + offset, data, part);
      else
        astern_pci_dma_read (&xhci->parent.parent, trb->parameter + offset, data, part);
      data += part;
      start += part;
      n -= part;
      at += length;
    }
}

/* Whether bytes come from the device. */
static gboolean
is_in (const XhciEndpoint *endpoint, const Td *td)
{
  if (endpoint->type == 4)
    return (td->blocks[0].control & TRB_DIRECTION_IN) != 0;
  return endpoint->type > 4;
}

/* Tells of each block that wants it; of one that was cut short or failed, and of no more. */
static void
report (Xhci *xhci, guint slot, guint index, const Td *td, guint done, guint code)
{
  guint left = done, moved = 0;
  guint32 who = slot << 24 | index << 16;

  for (guint i = 0; i < td->n; i++)
    {
      const Trb *trb = &td->blocks[i];
      guint length = length_of (trb), part = MIN (length, left), interrupter = trb->status >> 22;
      gboolean here = code != CODE_SUCCESS && (part < length || i + 1 == td->n);
      gboolean wanted = (trb->control & TRB_IOC) || (here && (code != CODE_SHORT_PACKET || (trb->control & TRB_ISP)));

      left -= part;
      moved += part;
      if (!wanted)
        continue;
      if (type_of (trb) == TRB_EVENT_DATA)
        {
          xhci_event (xhci, interrupter, TRB_TRANSFER_EVENT, trb->parameter, code << 24 | (moved & 0xffffff), who | TRB_EVENT_IS_DATA);
          moved = 0;
        }
      else
        xhci_event (xhci, interrupter, TRB_TRANSFER_EVENT, trb->address, (here || code == CODE_SUCCESS ? code : CODE_SUCCESS) << 24 | (length - part), who);
      if (here)
        return;
    }
}

static void
halt (Xhci *xhci, guint slot_number, guint index, const Td *td, guint code)
{
  XhciSlot *slot = &xhci->s.slots[slot_number - 1];
  XhciEndpoint *endpoint = &slot->endpoints[index];

  endpoint->state = ENDPOINT_HALTED;
  report (xhci, slot_number, index, td, endpoint->done, code);
  endpoint->done = 0;
  xhci_show_endpoint (xhci, slot, index);
}

typedef enum { TRANSFER_WAITS, TRANSFER_DONE, TRANSFER_HALTED, TRANSFER_LATER } Outcome;

static guint
code_of (UsbResult result)
{
  return result == USB_STALL ? CODE_STALL : result == USB_BABBLE ? CODE_BABBLE : CODE_TRANSACTION_ERROR;
}

/* One packet, or one stretch of them; *@ended: nothing more of the descriptor is to be moved. */
static UsbResult
move_chunk (Xhci *xhci, UsbDevice *usb, guint index, XhciEndpoint *endpoint, const Td *td, gboolean *ended)
{
  guint8 data[CHUNK];
  guint left = td->size - endpoint->done;
  gboolean in = is_in (endpoint, td);
  UsbPacket packet = { .endpoint = (guint8) (index / 2), .data = data, .size = MIN (left, CHUNK), .token = in ? USB_IN : USB_OUT };
  UsbResult result;

  if (endpoint->type == 4 && type_of (&td->blocks[0]) == TRB_SETUP)
    packet.token = USB_SETUP;
  if (packet.token != USB_IN)
    move_data (xhci, td, endpoint->done, data, packet.size, FALSE);
  result = usb_packet (usb, &packet);
  if (result != USB_ACK)
    return result;
  if (packet.token == USB_IN)
    move_data (xhci, td, endpoint->done, data, packet.done, TRUE);
  endpoint->done += packet.done;
  *ended = endpoint->done >= td->size || (packet.token == USB_IN && packet.done < packet.size);
  return result;
}

static Outcome
transfer (Xhci *xhci, guint slot_number, guint index, const Td *td, guint *bytes)
{
  XhciSlot *slot = &xhci->s.slots[slot_number - 1];
  XhciEndpoint *endpoint = &slot->endpoints[index];
  UsbDevice *usb = xhci_slot_device (xhci, slot);
  guint type = type_of (&td->blocks[0]);
  gboolean ended = FALSE, isochronous = endpoint->type == 1 || endpoint->type == 5;

  if (type == TRB_NOOP || (td->n == 1 && type == TRB_EVENT_DATA))
    {
      report (xhci, slot_number, index, td, 0, CODE_SUCCESS);
      return TRANSFER_DONE;
    }
  if (endpoint->done > td->size)
    endpoint->done = td->size;
  while (!ended)
    {
      guint before = endpoint->done;
      UsbResult result = usb != NULL ? move_chunk (xhci, usb, index, endpoint, td, &ended) : USB_NO_ANSWER;

      *bytes += endpoint->done - before;
      if (result == USB_NAK && !isochronous)
        return TRANSFER_WAITS;
      if (result != USB_ACK && !isochronous)
        {
          halt (xhci, slot_number, index, td, code_of (result));
          return TRANSFER_HALTED;
        }
      if (isochronous)
        break;
      if (!ended && endpoint->done == before)
        return TRANSFER_WAITS;
      if (!ended && *bytes >= RUN_BYTES)
        return TRANSFER_LATER;
    }
  report (xhci, slot_number, index, td, endpoint->done, endpoint->done < td->size ? CODE_SHORT_PACKET : CODE_SUCCESS);
  return TRANSFER_DONE;
}

gboolean
xhci_run_endpoint (Xhci *xhci, guint slot_number, guint index)
{
  XhciSlot *slot = &xhci->s.slots[slot_number - 1];
  XhciEndpoint *endpoint = &slot->endpoints[index];
  guint bytes = 0;
  Outcome outcome;
  Td td;

  for (guint i = 0; i < RUN_TRANSFERS && bytes < RUN_BYTES; i++)
    {
      if (endpoint->state != ENDPOINT_RUNNING || (xhci->s.sts & STS_HALTED) || !gather (xhci, endpoint, &td))
        return TRUE;
      outcome = transfer (xhci, slot_number, index, &td, &bytes);
      if (outcome != TRANSFER_DONE)
        return outcome != TRANSFER_LATER;
      endpoint->done = 0;
      endpoint->dequeue = td.next;
      endpoint->cycle = td.next_cycle;
    }
  return FALSE;
}
