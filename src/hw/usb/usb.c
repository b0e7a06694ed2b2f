/* usb.c - control transfers, standard requests, endpoints; see usb.h.
 * Source: Universal Serial Bus Specification 2.0, chapters 8 and 9.
 * Left out: data toggles (the wire loses nothing), suspend, test modes, SET_DESCRIPTOR. */
#include "config.h"

#include "hw/usb/usb.h"

#include "core/machine.h"

#include <string.h>

typedef enum
{
  STAGE_IDLE,
  STAGE_DATA_IN, STAGE_DATA_OUT, STAGE_STATUS,
  STAGE_LATER_IN,           /* the device is not done with the request: its data follow */
  STAGE_LATER_STATUS,       /* ... its status follows */
  STAGE_DONE_STATUS,        /* it is done now, the status was not asked for again */
  STAGE_STALLED,            /* until the next SETUP */
  N_STAGES
} Stage;

void
usb_guest_error (UsbDevice *usb, const char *what)
{
  if (usb->parent.machine != NULL)
    astern_events_log (&usb->parent.machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", usb->parent.name, what);
}

/* ---- what is configured ---- */

const UsbConfiguration *
usb_configuration (UsbDevice *usb, guint8 value)
{
  for (guint i = 0; i < usb->info->n_configurations; i++)
    if (usb->info->configurations[i].value == value)
      return &usb->info->configurations[i];
  return NULL;
}

static const UsbInterface *
find_interface (UsbDevice *usb, guint number, guint alternate)
{
  const UsbConfiguration *configuration = usb_configuration (usb, usb_state (usb)->configuration);

  for (guint i = 0; configuration != NULL && i < configuration->n_interfaces; i++)
    if (configuration->interfaces[i].number == number && configuration->interfaces[i].alternate == alternate)
      return &configuration->interfaces[i];
  return NULL;
}

const UsbEndpoint *
usb_find_endpoint (UsbDevice *usb, guint8 address)
{
  UsbState *s = usb_state (usb);
  const UsbConfiguration *configuration = usb_configuration (usb, s->configuration);

  for (guint i = 0; configuration != NULL && i < configuration->n_interfaces; i++)
    {
      const UsbInterface *interface = &configuration->interfaces[i];

      if (s->alternates[interface->number % USB_MAX_INTERFACES] != interface->alternate)
        continue;
      for (guint e = 0; e < interface->n_endpoints; e++)
        if (interface->endpoints[e].address == address)
          return &interface->endpoints[e];
    }
  return NULL;
}

static guint16 *
halted_of (UsbState *s, guint8 address)
{
  return address & 0x80 ? &s->halted_in : &s->halted_out;
}

static void
configured (UsbDevice *usb)
{
  if (usb->info->configured != NULL)
    usb->info->configured (usb);
}

/* ---- standard requests ---- */

static gint
set_configuration (UsbDevice *usb, guint8 value)
{
  UsbState *s = usb_state (usb);

  if (value != 0 && usb_configuration (usb, value) == NULL)
    return USB_CONTROL_STALL;
  s->configuration = value;
  s->halted_in = s->halted_out = 0;
  memset (s->alternates, 0, sizeof s->alternates);
  configured (usb);
  return 0;
}

static gint
set_interface (UsbDevice *usb, guint number, guint alternate)
{
  UsbState *s = usb_state (usb);
  const UsbInterface *interface = find_interface (usb, number, alternate);

  if (interface == NULL || number >= USB_MAX_INTERFACES)
    return USB_CONTROL_STALL;
  s->alternates[number] = (guint8) alternate;
  for (guint e = 0; e < interface->n_endpoints; e++)
    *halted_of (s, interface->endpoints[e].address) &= (guint16) ~(1u << (interface->endpoints[e].address & 15));
  configured (usb);
  return 0;
}

static gint
get_status (UsbDevice *usb, const UsbSetup *setup, guint8 *data)
{
  UsbState *s = usb_state (usb);
  const UsbConfiguration *configuration = usb_configuration (usb, s->configuration);

  data[0] = data[1] = 0;
  switch (setup->type & USB_TYPE_TO)
    {
    case USB_TYPE_DEVICE:
      if (configuration == NULL)
        configuration = &usb->info->configurations[0];
      data[0] = (guint8) ((configuration->attributes & 0x40 ? 1 : 0) | s->remote_wakeup << 1);
      break;
    case USB_TYPE_ENDPOINT:
      if ((setup->index & 15) != 0 && usb_find_endpoint (usb, (guint8) setup->index) == NULL)
        return USB_CONTROL_STALL;
      data[0] = *halted_of (s, (guint8) setup->index) >> (setup->index & 15) & 1;
      break;
    default:
      break;
    }
  return 2;
}

/* ENDPOINT_HALT is 0, DEVICE_REMOTE_WAKEUP 1; what USB 3 adds for power is taken and does nothing. */
static gint
change_feature (UsbDevice *usb, const UsbSetup *setup, gboolean on)
{
  UsbState *s = usb_state (usb);
  guint16 *halted = halted_of (s, (guint8) setup->index);
  guint16 bit = (guint16) (1u << (setup->index & 15));

  switch (setup->type & USB_TYPE_TO)
    {
    case USB_TYPE_DEVICE:
      if (setup->value == 1)
        s->remote_wakeup = (guint8) on;
      else if (setup->value < 48 || setup->value > 50)
        return USB_CONTROL_STALL;
      return 0;
    case USB_TYPE_INTERFACE:
      return 0;
    case USB_TYPE_ENDPOINT:
      if (setup->value != 0 || ((setup->index & 15) != 0 && usb_find_endpoint (usb, (guint8) setup->index) == NULL))
        return USB_CONTROL_STALL;
      if (on && (setup->index & 15) != 0)
        *halted |= bit;
      else if (!on)
        {
          *halted &= (guint16) ~bit;
          if (usb->info->unhalted != NULL)
            usb->info->unhalted (usb, (guint8) setup->index);
        }
      return 0;
    default:
      return USB_CONTROL_STALL;
    }
}

static gint
other_request (UsbDevice *usb, const UsbSetup *setup, guint8 *data, guint size)
{
  return usb->info->control != NULL ? usb->info->control (usb, setup, data, size) : USB_CONTROL_STALL;
}

static gint
standard_in (UsbDevice *usb, const UsbSetup *setup, guint8 *data, guint size)
{
  UsbState *s = usb_state (usb);
  gint result;

  switch (setup->request)
    {
    case USB_GET_STATUS:
      return get_status (usb, setup, data);
    case USB_GET_DESCRIPTOR:
      result = usb_descriptor (usb, setup, data, size);
      return result == USB_CONTROL_STALL ? other_request (usb, setup, data, size) : result;
    case USB_GET_CONFIGURATION:
      data[0] = s->configuration;
      return 1;
    case USB_GET_INTERFACE:
      if (setup->index >= USB_MAX_INTERFACES || find_interface (usb, setup->index, s->alternates[setup->index]) == NULL)
        return USB_CONTROL_STALL;
      data[0] = s->alternates[setup->index];
      return 1;
    default:
      return other_request (usb, setup, data, size);
    }
}

static gint
standard_out (UsbDevice *usb, const UsbSetup *setup, guint8 *data, guint size)
{
  switch (setup->request)
    {
    case USB_CLEAR_FEATURE:
      return change_feature (usb, setup, FALSE);
    case USB_SET_FEATURE:
      return change_feature (usb, setup, TRUE);
    case USB_SET_CONFIGURATION:
      return set_configuration (usb, (guint8) setup->value);
    case USB_SET_INTERFACE:
      return set_interface (usb, setup->index, setup->value);
    case USB_SET_SEL:
    case USB_SET_ISOCH_DELAY:
      return 0;
    default:
      return other_request (usb, setup, data, size);
    }
}

static gint
execute (UsbDevice *usb)
{
  UsbState *s = usb_state (usb);
  UsbSetup setup = usb_setup_decode (s->setup);
  gboolean in = (setup.type & USB_TYPE_IN) != 0;
  guint size = in ? sizeof s->control : s->control_len;

  if ((setup.type & ~USB_TYPE_IN) == 0 && setup.request == USB_SET_ADDRESS && !in)
    {
      s->address = setup.value & 0x7f;
      return 0;
    }
  if (usb->info->foreign || (setup.type & USB_TYPE_KIND) != USB_TYPE_STANDARD)
    return other_request (usb, &setup, s->control, size);
  return in ? standard_in (usb, &setup, s->control, size) : standard_out (usb, &setup, s->control, size);
}

/* ---- control transfers ---- */

/* The data of an IN request are there. */
static void
begin_data_in (UsbState *s, gint result)
{
  guint wanted = s->setup[6] | s->setup[7] << 8;

  s->control_pos = 0;
  s->control_len = (guint16) MIN (MIN ((guint) result, wanted), sizeof s->control);
  s->stage = STAGE_DATA_IN;
}

static UsbResult
control_setup (UsbDevice *usb, UsbPacket *packet)
{
  UsbState *s = usb_state (usb);
  guint length;

  if (packet->size != 8)
    return USB_NO_ANSWER;
  memcpy (s->setup, packet->data, 8);
  packet->done = 8;
  length = s->setup[6] | s->setup[7] << 8;
  s->control_len = s->control_pos = 0;
  if (length == 0)
    s->stage = STAGE_STATUS;
  else if (s->setup[0] & USB_TYPE_IN)
    {
      gint result = execute (usb);

      if (result >= 0)
        begin_data_in (s, result);
      else
        s->stage = result == USB_CONTROL_LATER ? STAGE_LATER_IN : STAGE_STALLED;
    }
  else
    s->stage = length <= sizeof s->control ? STAGE_DATA_OUT : STAGE_STALLED;
  return USB_ACK;
}

static UsbResult
finish (UsbState *s, gint result)
{
  s->stage = result >= 0 ? STAGE_IDLE : result == USB_CONTROL_LATER ? STAGE_LATER_STATUS : STAGE_STALLED;
  return result >= 0 ? USB_ACK : result == USB_CONTROL_LATER ? USB_NAK : USB_STALL;
}

static UsbResult
control_in (UsbDevice *usb, UsbPacket *packet)
{
  UsbState *s = usb_state (usb);
  guint n;

  switch (s->stage)
    {
    case STAGE_DATA_IN:
      n = MIN (packet->size, (guint) (s->control_len - s->control_pos));
      memcpy (packet->data, s->control + s->control_pos, n);
      s->control_pos = (guint16) (s->control_pos + n);
      packet->done = n;
      return USB_ACK;
    case STAGE_DATA_OUT:
    case STAGE_STATUS:
      return finish (s, execute (usb));
    case STAGE_DONE_STATUS:
      s->stage = STAGE_IDLE;
      return USB_ACK;
    case STAGE_LATER_IN:
    case STAGE_LATER_STATUS:
      return USB_NAK;
    default:
      return USB_STALL;
    }
}

static UsbResult
control_out (UsbDevice *usb, UsbPacket *packet)
{
  UsbState *s = usb_state (usb);
  guint length = s->setup[6] | s->setup[7] << 8;

  switch (s->stage)
    {
    case STAGE_DATA_IN:         /* the status: nothing */
      s->stage = STAGE_IDLE;
      packet->done = packet->size;
      return USB_ACK;
    case STAGE_DATA_OUT:
      if (packet->size > MIN (length, sizeof s->control) - MIN (s->control_len, MIN (length, sizeof s->control)))
        {
          s->stage = STAGE_STALLED;
          return USB_STALL;
        }
      memcpy (s->control + s->control_len, packet->data, packet->size);
      s->control_len = (guint16) (s->control_len + packet->size);
      packet->done = packet->size;
      return USB_ACK;
    case STAGE_LATER_IN:
    case STAGE_LATER_STATUS:
      return USB_NAK;
    default:
      return USB_STALL;
    }
}

void
usb_control_done (UsbDevice *usb, gint result)
{
  UsbState *s = usb_state (usb);

  if (s->stage == STAGE_LATER_IN && result >= 0)
    begin_data_in (s, result);
  else if (s->stage == STAGE_LATER_STATUS && result >= 0)
    s->stage = STAGE_DONE_STATUS;
  else if (s->stage == STAGE_LATER_IN || s->stage == STAGE_LATER_STATUS)
    s->stage = STAGE_STALLED;
  else
    return;
  usb_wake (usb, 0);
}

/* ---- packets ---- */

UsbResult
usb_packet (UsbDevice *usb, UsbPacket *packet)
{
  UsbState *s = usb_state (usb);
  guint8 address = (guint8) (packet->endpoint | (packet->token == USB_IN ? 0x80 : 0));
  UsbResult result;

  packet->done = 0;
  if (packet->endpoint == 0)
    return packet->token == USB_SETUP ? control_setup (usb, packet) : packet->token == USB_IN ? control_in (usb, packet)
           : control_out (usb, packet);
  if (packet->token == USB_SETUP || packet->endpoint > 15)
    return USB_NO_ANSWER;
  if (!usb->info->foreign && usb_find_endpoint (usb, address) == NULL)
    {
      usb_guest_error (usb, "a packet to an endpoint that is not there");
      return USB_NO_ANSWER;
    }
  if (*halted_of (s, address) >> packet->endpoint & 1)
    return USB_STALL;
  result = usb->info->packet != NULL ? usb->info->packet (usb, packet) : USB_NAK;
  if (result == USB_STALL && !usb->info->foreign)
    *halted_of (s, address) |= (guint16) (1u << packet->endpoint);
  if (result != USB_ACK)
    packet->done = 0;
  return result;
}

void
usb_bus_reset (UsbDevice *usb, UsbSpeed speed)
{
  UsbState *s = usb_state (usb);

  s->speed = (guint8) speed;
  s->address = s->configuration = s->remote_wakeup = 0;
  s->halted_in = s->halted_out = 0;
  s->stage = STAGE_IDLE;
  memset (s->alternates, 0, sizeof s->alternates);
  if (usb->info->bus_reset != NULL)
    usb->info->bus_reset (usb);
  configured (usb);
}

/* ---- ports ---- */

void
usb_wake (UsbDevice *usb, guint8 address)
{
  UsbPort *port = usb->port;

  if (port != NULL && port->released)
    port = port->companion;
  if (port != NULL && port->ops->wake != NULL)
    port->ops->wake (port, usb, address);
}

static void
port_changed (UsbPort *port)
{
  if (port->ops->changed != NULL)
    port->ops->changed (port);
}

void
usb_port_changed (UsbDevice *usb)
{
  if (usb->port != NULL)
    port_changed (usb->port->released ? usb->port->companion : usb->port);
}

void
usb_attach (UsbDevice *usb, gboolean attached)
{
  UsbState *s = usb_state (usb);

  if (s->attached == (attached != FALSE))
    return;
  s->attached = attached != FALSE;
  if (!s->absent)
    usb_port_changed (usb);
}

UsbDevice *
usb_port_device (UsbPort *port)
{
  UsbPort *socket = port->master != NULL ? port->master : port;
  UsbDevice *usb = socket->device;

  while (usb != NULL && usb_state (usb)->absent)
    usb = usb->other;
  if (usb == NULL || !usb_state (usb)->attached || (port->master != NULL) != socket->released)
    return NULL;
  return usb;
}

UsbSpeed
usb_port_speed (UsbPort *port)
{
  UsbDevice *usb = usb_port_device (port);
  guint common = usb != NULL ? usb->info->speeds & port->speeds : 0;

  for (guint speed = USB_N_SPEEDS; speed-- > 0;)
    if (common & USB_SPEED_BIT (speed))
      return (UsbSpeed) speed;
  /* On a high-speed port that a companion will take over. */
  return usb != NULL && (usb->info->speeds & USB_SPEED_BIT (USB_FULL)) ? USB_FULL : USB_LOW;
}

/* Hubs hang below hubs five deep at most. */
static UsbDevice *
find_below (UsbPort *ports, guint n_ports, guint8 address, guint depth)
{
  for (guint i = 0; i < n_ports; i++)
    {
      UsbDevice *usb = usb_port_device (&ports[i]), *found;
      UsbPort *below;
      guint n = 0;

      if (usb == NULL || !ports[i].ops->enabled (&ports[i]))
        continue;
      if (usb_state (usb)->address == address)
        return usb;
      if (usb->info->ports == NULL || depth == 0)
        continue;
      below = usb->info->ports (usb, &n);
      found = find_below (below, n, address, depth - 1);
      if (found != NULL)
        return found;
    }
  return NULL;
}

UsbDevice *
usb_find (UsbPort *ports, guint n_ports, guint8 address)
{
  return find_below (ports, n_ports, address, 5);
}

/* ---- the device's life ---- */

void
usb_init (AsternDevice *device, const UsbInfo *info)
{
  UsbDevice *usb = (UsbDevice *) device;

  usb->info = info;
  usb_state (usb)->attached = !info->foreign;
}

void
usb_reset (AsternDevice *device)
{
  UsbDevice *usb = (UsbDevice *) device;
  UsbState *s = usb_state (usb);
  guint8 attached = s->attached, absent = s->absent;

  memset (s, 0, sizeof *s);
  s->attached = attached;
  s->absent = absent;
}

void
usb_restored (AsternDevice *device)
{
  UsbState *s = usb_state ((UsbDevice *) device);

  s->control_len = MIN (s->control_len, sizeof s->control);
  s->control_pos = MIN (s->control_pos, s->control_len);
  if (s->stage >= N_STAGES)
    s->stage = STAGE_IDLE;
  if (s->speed >= USB_N_SPEEDS)
    s->speed = USB_FULL;
  s->attached = s->attached != 0;
  s->absent = s->absent != 0;
  s->remote_wakeup = s->remote_wakeup != 0;
}

void
usb_finalize (AsternDevice *device)
{
  g_clear_pointer (&((UsbDevice *) device)->serial, g_free);
}

gboolean
usb_is_device (const AsternDevice *device)
{
  return device->klass->n_fields > 0 && g_str_equal (device->klass->fields[0].name, "usb.control");
}
