/* pci-express.c - see pci-express.h.
 * Source: PCI-to-PCI Bridge Architecture Specification 1.2, chapter 3; PCI Express Base Specification 3.0,
 * section 7.8.
 * Left out: hot plug, power management events, errors; the address windows of a bridge, which are kept but
 * close nothing. */
#include "config.h"

#include "hw/boards/pci-express.h"

#include "hw/card.h"

#include <glib/gi18n.h>
#include <string.h>

/* Configuration registers of a bridge. */
enum
{
  BRIDGE_SECONDARY = 0x19, BRIDGE_SUBORDINATE = 0x1a, BRIDGE_IO = 0x1c, BRIDGE_STATUS = 0x1e, BRIDGE_MEMORY = 0x20,
  BRIDGE_PREFETCH = 0x24, BRIDGE_PREFETCH_UPPER = 0x28, BRIDGE_SUBSYSTEM_END = 0x30, BRIDGE_CONTROL = 0x3e,
};
enum { CONTROL_RESET = 1 << 6 };
enum { LINK_2_5_GT = 1, LINK_X1 = 1 << 4, LINK_ACTIVE_CAPABLE = 1 << 20, LINK_ACTIVE = 1 << 13, ROLE_BASED_ERRORS = 1 << 15 };

typedef struct
{
  AsternPciState pci;
  guint8 intx[256];     /* levels of pins A..D on the bus behind, a bit each, by devfn */
  guint8 driven;        /* levels of its own pins, before the bridge's own wish */
  guint8 in_reset;
  guint8 reserved[6];
} BridgeState;

typedef struct
{
  AsternPciFunction parent;
  BridgeState  s;
  AsternPciBus behind;
  guint        next_device;     /* where a card goes that does not say where */
} Bridge;

guint
pci_express_add_capability (AsternDevice *device, guint offset, PciExpressType type)
{
  AsternPciFunction *function = (AsternPciFunction *) device;
  guint at = astern_pci_add_capability (device, PCI_CAP_EXPRESS, offset, 0x3c);
  gboolean link = type != PCI_EXPRESS_INTEGRATED_ENDPOINT;

  astern_pci_set_reset (device, at + 2, 2, 2 | type << 4);
  astern_pci_set_reset (device, at + 4, 4, ROLE_BASED_ERRORS);
  function->writable[at + 8] = 0xff;            /* device control */
  function->writable[at + 9] = 0x7f;
  if (link)
    {
      astern_pci_set_reset (device, at + 0x0c, 4, LINK_2_5_GT | LINK_X1 | (type == PCI_EXPRESS_ROOT_PORT ? LINK_ACTIVE_CAPABLE : 0));
      astern_pci_set_reset (device, at + 0x12, 2, LINK_2_5_GT | LINK_X1 | (type == PCI_EXPRESS_ROOT_PORT ? LINK_ACTIVE : 0));
      astern_pci_set_reset (device, at + 0x2c, 4, 1 << 1);
      astern_pci_set_reset (device, at + 0x30, 2, LINK_2_5_GT);
      function->writable[at + 0x10] = 0xc3;     /* link control */
    }
  if (type == PCI_EXPRESS_ROOT_PORT)
    function->writable[at + 0x1c] = 0x1f;       /* root control */
  return at;
}

/* ---- the bus behind ---- */

/* Pin @pin of a device behind becomes the bridge's, one further a device number. */
static void
bridge_set_intx (gpointer router, guint devfn, guint pin, gboolean level)
{
  Bridge *self = router;
  AsternPciBus *above = self->parent.bus;
  guint8 *pins = &self->s.intx[devfn & 0xff];
  guint8 bit = (guint8) (1u << (pin & 3)), now = 0;

  *pins = (guint8) (level ? *pins | bit : *pins & ~bit);
  for (guint i = 0; i < 256; i++)
    for (guint n = 0; self->s.intx[i] != 0 && n < 4; n++)
      if (self->s.intx[i] >> n & 1)
        now |= (guint8) (1u << ((n + (i >> 3)) & 3));
  for (guint n = 0; n < 4; n++)
    if (((now ^ self->s.driven) >> n & 1) && above != NULL && above->set_intx != NULL)
      above->set_intx (above->router, self->parent.devfn, n, now >> n & 1);
  self->s.driven = now;
}

static void
reset_behind (Bridge *self)
{
  for (guint devfn = 0; devfn < 256; devfn++)
    if (self->behind.functions[devfn] != NULL)
      astern_device_reset (self->behind.functions[devfn]);
}

/* The secondary bus's reset bit: what is behind is reset when it is set. */
static void
bridge_config_changed (AsternDevice *device, guint offset, guint size)
{
  Bridge *self = (Bridge *) device;
  gboolean in_reset = (self->s.pci.config[BRIDGE_CONTROL] & CONTROL_RESET) != 0;

  if (size == 256 || in_reset == self->s.in_reset)
    return;
  self->s.in_reset = in_reset;
  if (in_reset)
    reset_behind (self);
}

/* ---- the classes ---- */

static const AsternPciInfo bridge_info = {
  .vendor = 0x1b36, .device = 0x0001, .class_code = 0x060400, .interrupt_pin = 1,
  .status = 0x00a0, .command_writable = 0x0507, .config_changed = bridge_config_changed,
};

static const AsternPciInfo root_port_info = {
  .vendor = 0x1b36, .device = 0x000c, .class_code = 0x060400, .interrupt_pin = 1, .multifunction = TRUE,
  .command_writable = 0x0507, .config_changed = bridge_config_changed,
};

static const AsternPciInfo ioh3420_info = {
  .vendor = 0x8086, .device = 0x3420, .revision = 2, .class_code = 0x060400, .interrupt_pin = 1, .multifunction = TRUE,
  .command_writable = 0x0507, .config_changed = bridge_config_changed,
};

static void
init_bridge (AsternDevice *device, const AsternPciInfo *info)
{
  Bridge *self = (Bridge *) device;
  guint8 *writable = self->parent.writable;

  astern_pci_init (device, info);
  astern_pci_set_reset (device, PCI_HEADER_TYPE, 1, info->multifunction ? 0x81 : 0x01);
  astern_pci_set_reset (device, BRIDGE_IO, 2, 0x0101);                  /* 32-bit ports, 64-bit prefetchable memory */
  astern_pci_set_reset (device, BRIDGE_PREFETCH, 2, 0x0001);
  astern_pci_set_reset (device, BRIDGE_PREFETCH + 2, 2, 0x0001);
  memset (&writable[0x18], 0xff, 4);                                    /* bus numbers, latency */
  writable[BRIDGE_IO] = writable[BRIDGE_IO + 1] = 0xf0;
  for (guint i = 0; i < 8; i += 2)
    {
      writable[BRIDGE_MEMORY + i] = 0xf0;
      writable[BRIDGE_MEMORY + i + 1] = 0xff;
    }
  memset (&writable[BRIDGE_PREFETCH_UPPER], 0xff, 12);
  writable[BRIDGE_CONTROL] = 0x7f;
  memset (&self->parent.clears[BRIDGE_STATUS + 1], 0xf9, 1);
  self->behind.bridge = device;
  self->behind.set_intx = bridge_set_intx;
  self->behind.router = self;
  self->parent.behind = &self->behind;
}

static void
pci_bridge_init (AsternDevice *device)
{
  init_bridge (device, &bridge_info);
  ((Bridge *) device)->next_device = 1;
}

static void
init_root_port (AsternDevice *device, const AsternPciInfo *info)
{
  static const guint8 no_extended[4096 - 256];

  init_bridge (device, info);
  pci_express_add_capability (device, 0, PCI_EXPRESS_ROOT_PORT);
  astern_pci_add_msi (device, 0, 1);
  ((AsternPciFunction *) device)->extended = no_extended;
}

static void
root_port_init (AsternDevice *device)
{
  init_root_port (device, &root_port_info);
}

static void
ioh3420_init (AsternDevice *device)
{
  init_root_port (device, &ioh3420_info);
}

static void
bridge_reset (AsternDevice *device)
{
  Bridge *self = (Bridge *) device;

  memset (self->s.intx, 0, sizeof self->s.intx);
  self->s.driven = 0;
  self->s.in_reset = 0;
  astern_pci_reset (device);
  /* A bridge has other registers where functions have their subsystem. */
  memset (&self->s.pci.config[BRIDGE_PREFETCH_UPPER], 0, BRIDGE_SUBSYSTEM_END - BRIDGE_PREFETCH_UPPER);
}

static const AsternWindow windows[] = { ASTERN_PCI_CONFIG };

static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (BridgeState, 1),
  ASTERN_FIELD_BYTES (BridgeState, intx, 1),
  ASTERN_FIELD (BridgeState, driven, 1),
  ASTERN_FIELD (BridgeState, in_reset, 1),
  ASTERN_FIELD_BYTES (BridgeState, reserved, 1),
};

#define BRIDGE_CLASS                                                                      \
  .state_version = 1, .instance_size = sizeof (Bridge),                                   \
  .state_offset = G_STRUCT_OFFSET (Bridge, s), .state_size = sizeof (BridgeState),        \
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),                                    \
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),                                \
  .reset = bridge_reset, .restored = astern_pci_restored

const AsternDeviceClass pci_bridge_class = {
  .name = "pci-bridge", .summary = "PCI-to-PCI bridge", .init = pci_bridge_init, BRIDGE_CLASS,
};
const AsternDeviceClass pcie_root_port_class = {
  .name = "pcie-root-port", .summary = "PCI Express root port", .init = root_port_init, BRIDGE_CLASS,
};
const AsternDeviceClass ioh3420_class = {
  .name = "ioh3420", .summary = "Intel IOH root port", .init = ioh3420_init, BRIDGE_CLASS,
};

AsternPciBus *
pci_bridge_bus (AsternDevice *device)
{
  return &((Bridge *) device)->behind;
}

/* ---- the cards ---- */

static const AsternProperty bridge_properties[] = {
  { "chassis", ASTERN_PROPERTY_NUMBER, NULL, N_("its chassis number, for people") },
  { "slot", ASTERN_PROPERTY_NUMBER, NULL, N_("its slot number, for people") },
  { "port", ASTERN_PROPERTY_NUMBER, NULL, N_("its port number, for people") },
  { "chassis_nr", ASTERN_PROPERTY_NUMBER, NULL, N_("the same as chassis") },
  { NULL, 0, NULL, NULL },
};

const AsternCard pci_bridge_card = {
  .name = "pci-bridge", .summary = N_("PCI-to-PCI bridge"), .klass = &pci_bridge_class, .kind = ASTERN_CARD_OTHER,
  .slot = ASTERN_SLOT_PCI, .offers = ASTERN_SLOT_PCI, .properties = bridge_properties,
};
const AsternCard pcie_root_port_card = {
  .name = "pcie-root-port", .summary = N_("PCI Express root port"), .klass = &pcie_root_port_class, .kind = ASTERN_CARD_OTHER,
  .slot = ASTERN_SLOT_PCI, .offers = ASTERN_SLOT_PCI, .properties = bridge_properties,
};
const AsternCard ioh3420_card = {
  .name = "ioh3420", .summary = N_("PCI Express root port"), .klass = &ioh3420_class, .kind = ASTERN_CARD_OTHER,
  .slot = ASTERN_SLOT_PCI, .offers = ASTERN_SLOT_PCI, .properties = bridge_properties,
};
