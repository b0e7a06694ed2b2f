/* xhci-commands.c - the command ring: slots, addresses, endpoints.
 * Source: Intel, eXtensible Host Controller Interface for USB 1.1, sections 4.6 and 6.2.
 * Left out: bandwidth, virtualisation, debugging, 64-byte contexts. */
#include "config.h"

#include "hw/usb/xhci-private.h"

#include <string.h>

#define RUN_COMMANDS 64

/* ---- contexts: eight words each ---- */

enum { CONTEXT_WORDS = XHCI_CONTEXT_BYTES / 4 };

static gboolean
read_context (Xhci *xhci, guint64 base, guint n, guint32 words[CONTEXT_WORDS])
{
  return xhci_read_words (xhci, base + n * XHCI_CONTEXT_BYTES, words, CONTEXT_WORDS);
}

static void
write_context (Xhci *xhci, guint64 base, guint n, const guint32 words[CONTEXT_WORDS])
{
  xhci_write_words (xhci, base + n * XHCI_CONTEXT_BYTES, words, CONTEXT_WORDS);
}

/* A slot's state, into its context. */
static void
show_slot (Xhci *xhci, XhciSlot *slot, gboolean entries, guint n_entries)
{
  guint32 words[CONTEXT_WORDS];

  if (slot->context == 0 || !read_context (xhci, slot->context, 0, words))
    return;
  words[3] = (words[3] & ~(31u << 27)) | (guint32) slot->state << 27;
  if (entries)
    words[0] = (words[0] & ~(31u << 27)) | n_entries << 27;
  write_context (xhci, slot->context, 0, words);
}

/* ---- endpoints ---- */

static void
disable_endpoint (Xhci *xhci, XhciSlot *slot, guint index)
{
  slot->endpoints[index] = (XhciEndpoint) { .state = ENDPOINT_DISABLED };
  slot->kicked &= ~(1u << index);
  xhci_show_endpoint (xhci, slot, index);
}

static guint
enable_endpoint (Xhci *xhci, XhciSlot *slot, guint index, guint64 input)
{
  XhciEndpoint *endpoint = &slot->endpoints[index];
  guint32 words[CONTEXT_WORDS];

  if (!read_context (xhci, input, index + 1, words))
    return CODE_TRB_ERROR;
  if ((words[1] >> 3 & 7) == 0 || (index == 1) != ((words[1] >> 3 & 7) == 4))
    {
      xhci_guest_error (xhci, "an endpoint whose type is not one");
      return CODE_TRB_ERROR;
    }
  *endpoint = (XhciEndpoint) {
    .dequeue = ((guint64) words[3] << 32 | words[2]) & ~(guint64) 15,
    .type = words[1] >> 3 & 7, .state = ENDPOINT_RUNNING, .cycle = words[2] & 1,
  };
  words[0] = (words[0] & ~7u) | ENDPOINT_RUNNING;
  write_context (xhci, slot->context, index, words);
  return CODE_SUCCESS;
}

/* ---- the commands ---- */

static guint
enable_slot (Xhci *xhci, guint *number)
{
  for (guint i = 0; i < MIN (xhci->s.config & 0xff, XHCI_N_SLOTS); i++)
    if (!xhci->s.slots[i].enabled)
      {
        xhci->s.slots[i] = (XhciSlot) { .enabled = 1 };
        *number = i + 1;
        return CODE_SUCCESS;
      }
  return CODE_NO_SLOTS;
}

static guint
disable_slot (Xhci *xhci, XhciSlot *slot)
{
  for (guint i = 1; i < XHCI_N_ENDPOINTS; i++)
    if (slot->endpoints[i].state != ENDPOINT_DISABLED)
      disable_endpoint (xhci, slot, i);
  slot->state = SLOT_DISABLED;
  show_slot (xhci, slot, FALSE, 0);
  *slot = (XhciSlot) { .enabled = 0 };
  return CODE_SUCCESS;
}

static guint64
output_context (Xhci *xhci, guint number)
{
  guint32 words[2];

  return xhci_read_words (xhci, xhci->s.dcbaap + number * 8, words, 2) ? ((guint64) words[1] << 32 | words[0]) & ~(guint64) 63 : 0;
}

static void
set_address (UsbDevice *usb, guint8 address, UsbSpeed speed)
{
  /* Firmware takes a port of USB 3 that is up as it is, without a reset. */
  if (usb_state (usb)->speed != speed || usb_state (usb)->configuration != 0)
    usb_bus_reset (usb, speed);
  usb_state (usb)->address = address;
}

static guint
address_device (Xhci *xhci, guint number, XhciSlot *slot, const Trb *trb)
{
  guint64 input = trb->parameter & ~(guint64) 15;
  guint32 control[CONTEXT_WORDS], words[CONTEXT_WORDS];
  gboolean blocked = (trb->control & TRB_BLOCK_SET_ADDRESS) != 0;
  UsbDevice *usb;
  guint code;

  slot->context = output_context (xhci, number);
  if (slot->context == 0 || !read_context (xhci, input, 0, control) || !read_context (xhci, input, 1, words))
    return CODE_TRB_ERROR;
  if ((control[1] & 3) != 3 || control[0] != 0)
    return CODE_TRB_ERROR;
  slot->port = (guint8) (words[1] >> 16);
  slot->route = words[0] & 0xfffff;
  usb = xhci_slot_device (xhci, slot);
  if (usb == NULL)
    return CODE_TRANSACTION_ERROR;
  code = enable_endpoint (xhci, slot, 1, input);
  if (code != CODE_SUCCESS)
    return code;
  if (!blocked)
    set_address (usb, (guint8) number, slot->route == 0 ? usb_port_speed (usb->port) : (UsbSpeed) usb_state (usb)->speed);
  slot->state = blocked ? SLOT_DEFAULT : SLOT_ADDRESSED;
  words[3] = (guint32) slot->state << 27 | (blocked ? 0 : number);
  write_context (xhci, slot->context, 0, words);
  return CODE_SUCCESS;
}

static guint
last_endpoint (const XhciSlot *slot)
{
  guint last = 1;

  for (guint i = 2; i < XHCI_N_ENDPOINTS; i++)
    if (slot->endpoints[i].state != ENDPOINT_DISABLED)
      last = i;
  return last;
}

static guint
configure_endpoints (Xhci *xhci, XhciSlot *slot, const Trb *trb)
{
  guint64 input = trb->parameter & ~(guint64) 15;
  guint32 control[CONTEXT_WORDS], from[CONTEXT_WORDS], to[CONTEXT_WORDS];

  if (slot->state < SLOT_ADDRESSED)
    return CODE_CONTEXT_STATE_ERROR;
  if (trb->control & TRB_DECONFIGURE)
    {
      for (guint i = 2; i < XHCI_N_ENDPOINTS; i++)
        disable_endpoint (xhci, slot, i);
      slot->state = SLOT_ADDRESSED;
      show_slot (xhci, slot, TRUE, 1);
      return CODE_SUCCESS;
    }
  if (!read_context (xhci, input, 0, control) || !read_context (xhci, input, 1, from) || !read_context (xhci, slot->context, 0, to))
    return CODE_TRB_ERROR;
  if ((control[0] & 3) != 0)
    return CODE_TRB_ERROR;
  for (guint i = 2; i < XHCI_N_ENDPOINTS; i++)
    {
      guint code;

      if (control[0] >> i & 1)
        disable_endpoint (xhci, slot, i);
      if (!(control[1] >> i & 1))
        continue;
      code = enable_endpoint (xhci, slot, i, input);
      if (code != CODE_SUCCESS)
        return code;
    }
  slot->state = last_endpoint (slot) > 1 ? SLOT_CONFIGURED : SLOT_ADDRESSED;
  /* What a hub is; the rest stays. */
  if (control[1] & 1)
    {
      to[0] = (to[0] & ~(3u << 25)) | (from[0] & 3u << 25);
      to[1] = (to[1] & ~(255u << 24)) | (from[1] & 255u << 24);
      to[2] = from[2];
      write_context (xhci, slot->context, 0, to);
    }
  show_slot (xhci, slot, TRUE, last_endpoint (slot));
  return CODE_SUCCESS;
}

/* The exit latency and interrupter of a slot, the largest packet of endpoint 0. */
static guint
evaluate_context (Xhci *xhci, XhciSlot *slot, const Trb *trb)
{
  guint64 input = trb->parameter & ~(guint64) 15;
  guint32 control[CONTEXT_WORDS], from[CONTEXT_WORDS], to[CONTEXT_WORDS];

  if (slot->state < SLOT_DEFAULT)
    return CODE_CONTEXT_STATE_ERROR;
  if (!read_context (xhci, input, 0, control))
    return CODE_TRB_ERROR;
  if ((control[1] & 1) && read_context (xhci, input, 1, from) && read_context (xhci, slot->context, 0, to))
    {
      to[1] = (to[1] & ~0xffffu) | (from[1] & 0xffff);
      to[2] = (to[2] & ~(0x3ffu << 22)) | (from[2] & 0x3ffu << 22);
      write_context (xhci, slot->context, 0, to);
    }
  if ((control[1] & 2) && read_context (xhci, input, 2, from) && read_context (xhci, slot->context, 1, to))
    {
      to[1] = (to[1] & ~(0xffffu << 16)) | (from[1] & 0xffffu << 16);
      write_context (xhci, slot->context, 1, to);
    }
  return CODE_SUCCESS;
}

static guint
on_endpoint (Xhci *xhci, XhciSlot *slot, const Trb *trb)
{
  guint index = trb->control >> 16 & 31;
  XhciEndpoint *endpoint = &slot->endpoints[index];

  if (index == 0)
    return CODE_TRB_ERROR;
  switch (trb->control >> 10 & 0x3f)
    {
    case TRB_STOP_ENDPOINT:
      if (endpoint->state != ENDPOINT_RUNNING)
        return CODE_CONTEXT_STATE_ERROR;
      endpoint->state = ENDPOINT_STOPPED;
      break;
    case TRB_RESET_ENDPOINT:
      if (endpoint->state != ENDPOINT_HALTED)
        return CODE_CONTEXT_STATE_ERROR;
      endpoint->state = ENDPOINT_STOPPED;
      break;
    default:
      if (endpoint->state != ENDPOINT_STOPPED && endpoint->state != ENDPOINT_ERROR)
        return CODE_CONTEXT_STATE_ERROR;
      endpoint->dequeue = trb->parameter & ~(guint64) 15;
      endpoint->cycle = trb->parameter & 1;
      endpoint->done = 0;
      break;
    }
  slot->kicked &= ~(1u << index);
  xhci_show_endpoint (xhci, slot, index);
  return CODE_SUCCESS;
}

static guint
reset_device (Xhci *xhci, XhciSlot *slot)
{
  UsbDevice *usb = xhci_slot_device (xhci, slot);

  if (slot->state < SLOT_ADDRESSED)
    return CODE_CONTEXT_STATE_ERROR;
  for (guint i = 2; i < XHCI_N_ENDPOINTS; i++)
    disable_endpoint (xhci, slot, i);
  if (usb != NULL)
    usb_state (usb)->address = 0;
  slot->state = SLOT_DEFAULT;
  show_slot (xhci, slot, TRUE, 1);
  return CODE_SUCCESS;
}

static guint
execute (Xhci *xhci, const Trb *trb, guint *number)
{
  guint type = trb->control >> 10 & 0x3f;
  XhciSlot *slot;

  *number = 0;
  if (type == TRB_NOOP_COMMAND)
    return CODE_SUCCESS;
  if (type == TRB_ENABLE_SLOT)
    return enable_slot (xhci, number);
  *number = trb->control >> 24;
  slot = xhci_slot (xhci, *number);
  if (type < TRB_DISABLE_SLOT || type > TRB_RESET_DEVICE)
    {
      xhci_guest_error (xhci, "a command that is not known");
      return CODE_TRB_ERROR;
    }
  if (slot == NULL)
    return CODE_SLOT_NOT_ENABLED;
  switch (type)
    {
    case TRB_DISABLE_SLOT:
      return disable_slot (xhci, slot);
    case TRB_ADDRESS_DEVICE:
      return address_device (xhci, *number, slot, trb);
    case TRB_CONFIGURE_ENDPOINT:
      return configure_endpoints (xhci, slot, trb);
    case TRB_EVALUATE_CONTEXT:
      return evaluate_context (xhci, slot, trb);
    case TRB_RESET_DEVICE:
      return reset_device (xhci, slot);
    default:
      return on_endpoint (xhci, slot, trb);
    }
}

void
xhci_run_commands (Xhci *xhci)
{
  XhciState *s = &xhci->s;
  Trb trb;

  s->command_kicked = 0;
  for (guint i = 0; s->command_running && !(s->sts & STS_HALTED); i++)
    {
      guint code, number;

      if (i == RUN_COMMANDS)
        {
          s->command_kicked = 1;
          xhci_run_later (xhci, 1000);
          return;
        }
      if (!xhci_fetch (xhci, &s->command, &s->command_cycle, &trb))
        return;
      code = execute (xhci, &trb, &number);
      xhci_event (xhci, 0, TRB_COMMAND_EVENT, trb.address, code << 24, number << 24);
    }
}
