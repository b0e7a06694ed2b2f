/* bus-fixture - a machine with a USB controller, and a host that talks to the devices on its bus.
 *
 * Threads: a test program's own. */
#pragma once

#include "core/machine.h"
#include "hw/pci.h"
#include "hw/usb/usb.h"

#include <string.h>

#define RAM_BYTES (4 << 20)

typedef struct
{
  AsternMachine  *machine;
  AsternRamBlock *ram;
  AsternPciBus    pci;
  AsternDevice   *controller;
  gboolean        intx;
  UsbPort         port;          /* a port of nobody, for devices without a controller */
  guint           wakes;
  guint8          woken;         /* the last endpoint's address */
} Bus;

static inline void
bus_intx (gpointer router, guint devfn, guint pin, gboolean level)
{
  ((Bus *) router)->intx = level;
}

static inline void
bus_wake (UsbPort *port, UsbDevice *usb, guint8 address)
{
  Bus *bus = port->owner;

  bus->wakes++;
  bus->woken = address;
}

static inline gboolean
bus_enabled (UsbPort *port)
{
  return TRUE;
}

static const UsbPortOps bus_port_ops = { .wake = bus_wake, .enabled = bus_enabled };

static inline AsternDevice *
bus_add (Bus *bus, const AsternDeviceClass *klass, const char *name)
{
  AsternDevice *device = astern_device_new (klass, name, bus->machine, &bus->machine->clock);

  astern_machine_add_device (bus->machine, device);
  return device;
}

static inline void
bus_set_up (Bus *bus)
{
  bus->machine = astern_machine_new (RAM_BYTES + (4 << 20), NULL);
  bus->ram = astern_memory_add (bus->machine->memory, "ram", RAM_BYTES, FALSE, NULL);
  astern_bus_add_memory (bus->machine->physical, 0, bus->ram, 0);
  bus->pci.memory = bus->machine->physical;
  bus->pci.ports = bus->machine->ports;
  bus->pci.set_intx = bus_intx;
  bus->pci.router = bus;
  bus->port = (UsbPort) { .owner = bus, .ops = &bus_port_ops, .speeds = 0xff };
}

/* The controller, in slot 2, is a bus master. */
static inline void
bus_add_controller (Bus *bus, const AsternDeviceClass *klass)
{
  bus->controller = bus_add (bus, klass, "controller");
  astern_pci_attach (&bus->pci, bus->controller, 2 << 3);
  astern_pci_config_write (bus->controller, PCI_COMMAND, 2, 7, NULL);
}

static inline void
bus_tear_down (Bus *bus)
{
  astern_machine_free (bus->machine);
}

/* A device on the port of nobody. */
static inline UsbDevice *
bus_add_device (Bus *bus, const AsternDeviceClass *klass, const char *name)
{
  UsbDevice *usb = (UsbDevice *) bus_add (bus, klass, name);

  bus->port.device = usb;
  usb->port = &bus->port;
  return usb;
}

static inline void
bus_pass (Bus *bus, guint64 ns)
{
  guint64 end_ns = astern_clock_now_ns (&bus->machine->clock) + ns;

  while (bus->machine->clock.next_ns <= end_ns)
    {
      guint64 now_ns = astern_clock_now_ns (&bus->machine->clock);

      if (bus->machine->clock.next_ns > now_ns)
        astern_clock_skip (&bus->machine->clock, bus->machine->clock.next_ns - now_ns);
      astern_clock_fire_due (&bus->machine->clock);
      astern_clock_retire (&bus->machine->clock, 1);
    }
  if (end_ns > astern_clock_now_ns (&bus->machine->clock))
    astern_clock_skip (&bus->machine->clock, end_ns - astern_clock_now_ns (&bus->machine->clock));
}

/* ---- a host without a controller ---- */

static inline UsbResult
usb_do (UsbDevice *usb, UsbToken token, guint8 endpoint, gpointer data, guint size, guint *done)
{
  UsbPacket packet = { .token = (guint8) token, .endpoint = endpoint, .data = data, .size = size };
  UsbResult result = usb_packet (usb, &packet);

  if (done != NULL)
    *done = packet.done;
  return result;
}

/* A whole control transfer; how many bytes came or went, or -1: it was stalled. */
static inline gint
usb_control (UsbDevice *usb, guint8 type, guint8 request, guint16 value, guint16 index, gpointer data, guint16 length)
{
  guint8 setup[8] = { type, request, (guint8) value, (guint8) (value >> 8), (guint8) index, (guint8) (index >> 8),
                      (guint8) length, (guint8) (length >> 8) };
  guint moved = 0, done = 0;

  g_assert_cmpint (usb_do (usb, USB_SETUP, 0, setup, 8, NULL), ==, USB_ACK);
  if (type & 0x80)
    {
      do
        {
          if (usb_do (usb, USB_IN, 0, (guint8 *) data + moved, MIN (64, length - moved), &done) != USB_ACK)
            return -1;
          moved += done;
        }
      while (done == 64 && moved < length);
      return usb_do (usb, USB_OUT, 0, NULL, 0, NULL) == USB_ACK ? (gint) moved : -1;
    }
  for (; moved < length; moved += done)
    if (usb_do (usb, USB_OUT, 0, (guint8 *) data + moved, MIN (64, length - moved), &done) != USB_ACK)
      return -1;
  return usb_do (usb, USB_IN, 0, data, 0, NULL) == USB_ACK ? (gint) moved : -1;
}

/* As after enumeration. */
static inline void
usb_enumerate (UsbDevice *usb, UsbSpeed speed, guint8 configuration)
{
  usb_bus_reset (usb, speed);
  g_assert_cmpint (usb_control (usb, 0, USB_SET_ADDRESS, 5, 0, NULL, 0), ==, 0);
  g_assert_cmpint (usb_control (usb, 0, USB_SET_CONFIGURATION, configuration, 0, NULL, 0), ==, 0);
}
