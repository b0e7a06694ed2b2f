/* serial-cards.c - see serial-cards.h.
 * Source: QEMU's docs/specs/pci-serial (the PCI function's numbers); IBM PC/AT for the ISA ports and lines. */
#include "config.h"

#include "hw/boards/serial-cards.h"

#include "core/machine.h"
#include "hw/debugcon.h"
#include "hw/pci.h"
#include "hw/uart16550.h"

#include <glib/gi18n.h>

static void
transmit (gpointer link, const guint8 *data, gsize size)
{
  astern_link_send (link, data, size);
}

static guint
room (gpointer uart)
{
  return uart16550_can_receive (uart);
}

static void
connect_link (AsternDevice *uart, AsternLink *link)
{
  if (link == NULL)
    return;
  astern_link_attach (link, uart, uart16550_input, room);
  uart16550_set_transmit (uart, transmit, link);
}

/* ---- isa-serial ---- */

static gboolean
isa_serial_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  static const struct { guint16 port; guint8 line; } places[] = { { 0x3f8, 4 }, { 0x2f8, 3 }, { 0x3e8, 4 }, { 0x2e8, 3 } };
  const AsternIsaBus *isa = astern_settings_isa (settings);
  guint index = (guint) MIN (astern_settings_number (settings, "index"), G_N_ELEMENTS (places) - 1);
  guint64 port = astern_settings_given (settings, "iobase") ? astern_settings_number (settings, "iobase") : places[index].port;
  guint64 line = astern_settings_given (settings, "irq") ? astern_settings_number (settings, "irq") : places[index].line;

  connect_link (device, astern_settings_link (settings, "chardev"));
  astern_irq_connect (uart16550_irq (device), isa->set_irq, isa->router, (guint) (line & 15) + 16);
  astern_bus_add_device (isa->ports, port & 0xfff8, device, 0, 1);
  return TRUE;
}

static const AsternProperty isa_serial_properties[] = {
  { "chardev", ASTERN_PROPERTY_CHARDEV, NULL, N_("the line's other end") },
  { "index", ASTERN_PROPERTY_NUMBER, NULL, N_("0: COM1, 1: COM2, 2: COM3, 3: COM4") },
  { "iobase", ASTERN_PROPERTY_NUMBER, NULL, N_("its first port") },
  { "irq", ASTERN_PROPERTY_NUMBER, NULL, N_("its interrupt line") },
  { NULL, 0, NULL, NULL },
};

const AsternCard isa_serial_card = {
  .name = "isa-serial", .summary = N_("16550A serial port"), .klass = &uart16550_class, .kind = ASTERN_CARD_CHARACTER,
  .slot = ASTERN_SLOT_ISA, .properties = isa_serial_properties, .configure = isa_serial_configure,
};

/* ---- isa-debugcon ---- */

static gboolean
debugcon_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  AsternLink *link = astern_settings_link (settings, "chardev");

  if (link != NULL)
    debugcon_set_transmit (device, transmit, link);
  astern_bus_add_device (astern_settings_isa (settings)->ports, astern_settings_number (settings, "iobase") & 0xffff, device, 0, 1);
  return TRUE;
}

static const AsternProperty debugcon_properties[] = {
  { "chardev", ASTERN_PROPERTY_CHARDEV, NULL, N_("where what is written goes") },
  { "iobase", ASTERN_PROPERTY_NUMBER, "0xe9", N_("its port") },
  { NULL, 0, NULL, NULL },
};

const AsternCard isa_debugcon_card = {
  .name = "isa-debugcon", .summary = N_("a port for debug output"), .klass = &debugcon_class, .kind = ASTERN_CARD_CHARACTER,
  .slot = ASTERN_SLOT_ISA, .properties = debugcon_properties, .configure = debugcon_configure,
};

/* ---- pci-serial: a function in front of a 16550A, which is a device of its own ---- */

#define PORTS 8

typedef struct
{
  AsternPciState pci;
} PciSerialState;

typedef struct
{
  AsternPciFunction parent;
  PciSerialState    s;
  AsternDevice     *uart;       /* (nullable) */
} PciSerial;

static const AsternPciInfo info = {
  .vendor = 0x1b36, .device = 0x0002, .revision = 1, .class_code = 0x070002, .interrupt_pin = 1,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_INTX_DISABLE,
};

static guint64
ports_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  AsternDevice *uart = ((PciSerial *) device)->uart;

  return uart != NULL ? astern_device_read (uart, 0, offset, size, access) : G_MAXUINT64;
}

static guint64
ports_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  AsternDevice *uart = ((PciSerial *) device)->uart;

  return uart != NULL ? astern_device_peek (uart, 0, offset, size) : G_MAXUINT64;
}

static void
ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  AsternDevice *uart = ((PciSerial *) device)->uart;

  if (uart != NULL)
    astern_device_write (uart, 0, offset, size, value, access);
}

static void
uart_interrupts (gpointer receiver, guint line, gboolean level)
{
  astern_pci_interrupt (receiver, level);
}

static void
pci_serial_init (AsternDevice *device)
{
  astern_pci_init (device, &info);
  astern_pci_set_bar (device, 0, ASTERN_PCI_BAR_PORTS, PORTS, 1, NULL);
}

static gboolean
pci_serial_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  PciSerial *self = (PciSerial *) device;
  g_autofree char *name = g_strconcat (device->name, ".uart", NULL);

  self->uart = astern_device_new (&uart16550_class, name, device->machine, device->clock);
  astern_machine_add_device (device->machine, self->uart);
  astern_irq_connect (uart16550_irq (self->uart), uart_interrupts, device, 0);
  connect_link (self->uart, astern_settings_link (settings, "chardev"));
  return TRUE;
}

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "ports", .size = PORTS, .min_size = 1, .max_size = 1, .read = ports_read, .write = ports_write, .peek = ports_peek },
};

static const AsternField fields[] = { ASTERN_PCI_FIELDS (PciSerialState, 1) };

const AsternDeviceClass pci_serial_class = {
  .name = "pci-serial", .summary = "16550A serial port on PCI", .state_version = 1,
  .instance_size = sizeof (PciSerial),
  .state_offset = G_STRUCT_OFFSET (PciSerial, s), .state_size = sizeof (PciSerialState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = pci_serial_init, .reset = astern_pci_reset, .restored = astern_pci_restored,
};

static const AsternProperty pci_serial_properties[] = {
  { "chardev", ASTERN_PROPERTY_CHARDEV, NULL, N_("the line's other end") },
  { NULL, 0, NULL, NULL },
};

const AsternCard pci_serial_card = {
  .name = "pci-serial", .summary = N_("16550A serial port on PCI"), .klass = &pci_serial_class, .kind = ASTERN_CARD_CHARACTER,
  .slot = ASTERN_SLOT_PCI, .properties = pci_serial_properties, .configure = pci_serial_configure,
};
