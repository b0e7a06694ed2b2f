/* i440fx.c - Intel 82441FX PCI and memory controller (PMC).
 * Source: Intel 440FX PCIset data sheet 290549, sections 3.2 (registers) and 4.1 (address map).
 * Left out: DRAM rows and timing, error reporting, SMRAM's D_CLS and D_LCK, and the fine print
 * of SMRAM: while one CPU is in SMM, all CPUs and DMA see it. */
#include "config.h"

#include "hw/i440fx.h"

#include "hw/boards/pci-host.h"

#include <string.h>

enum { SMRAM_G_SMRAME = 1 << 3, SMRAM_D_OPEN = 1 << 6 };

typedef struct
{
  AsternPciState pci;
  guint32 address;      /* CONFADD */
  guint8  in_smm;       /* a bit a CPU */
  guint8  reserved[3];
} I440fxState;

typedef struct
{
  AsternPciFunction parent;
  I440fxState    s;
  PciHost        host;
  ShadowRam      shadow;
} I440fx;

static void
update_map (I440fx *self)
{
  const guint8 *config = self->s.pci.config;
  guint8 smram = config[I440FX_SMRAM];
  gboolean open = (smram & SMRAM_G_SMRAME) && ((smram & SMRAM_D_OPEN) || self->s.in_smm != 0);

  if (shadow_ram_update (&self->shadow, config + I440FX_PAM0, open))
    astern_bus_changed (self->shadow.memory);
}

static void
i440fx_config_changed (AsternDevice *device, guint offset, guint size)
{
  if (offset <= I440FX_SMRAM && offset + size > I440FX_PAM0)
    update_map ((I440fx *) device);
}

static guint64
ports_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return pci_host_read (&((I440fx *) device)->host, ((I440fx *) device)->s.address, offset, size, access, FALSE);
}

static guint64
ports_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return pci_host_read (&((I440fx *) device)->host, ((I440fx *) device)->s.address, offset, size, access, TRUE);
}

static void
ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  pci_host_write (&((I440fx *) device)->host, &((I440fx *) device)->s.address, offset, size, value, access);
}

static const AsternPciInfo info = {
  .vendor = 0x8086, .device = 0x1237, .revision = 2, .class_code = 0x060000,
  .command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, .status = 0x0280,
  .command_writable = 0x0100,
  .config_changed = i440fx_config_changed,
};

static void
i440fx_init (AsternDevice *device)
{
  I440fx *self = (I440fx *) device;

  astern_pci_init (device, &info);
  memset (&self->parent.writable[I440FX_PAM0], 0x77, 7);
  self->parent.writable[I440FX_PAM0] = 0x70;
  self->parent.writable[I440FX_SMRAM] = 0x48;
}

static void
i440fx_reset (AsternDevice *device)
{
  I440fx *self = (I440fx *) device;

  self->s.address = 0;
  self->s.in_smm = 0;
  astern_pci_reset (device);
  self->s.pci.config[I440FX_SMRAM] = 0x02;      /* C_BASE_SEG: 0xa0000, as it must be */
}

static void
i440fx_restored (AsternDevice *device)
{
  astern_pci_restored (device);
}

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "ports", .size = 8, .min_size = 1, .max_size = 4,
    .read = ports_read, .write = ports_write, .peek = ports_peek },
};

static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (I440fxState, 1),
  ASTERN_FIELD (I440fxState, address, 1),
  ASTERN_FIELD (I440fxState, in_smm, 1),
  ASTERN_FIELD_BYTES (I440fxState, reserved, 1),
};

const AsternDeviceClass i440fx_class = {
  .name = "i440fx", .summary = "82441FX host bridge", .state_version = 1,
  .instance_size = sizeof (I440fx),
  .state_offset = G_STRUCT_OFFSET (I440fx, s), .state_size = sizeof (I440fxState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = i440fx_init, .reset = i440fx_reset, .restored = i440fx_restored,
};

AsternPciBus *
i440fx_bus (AsternDevice *device)
{
  return &((I440fx *) device)->host.bus;
}

void
i440fx_pass_on (AsternDevice *device, AsternDevice *isa_bridge, guint window)
{
  I440fx *self = (I440fx *) device;

  self->host.isa = isa_bridge;
  self->host.isa_window = window;
}

void
i440fx_map_memory (AsternDevice *device, AsternRamBlock *ram)
{
  I440fx *self = (I440fx *) device;

  shadow_ram_map (&self->shadow, self->host.bus.memory, ram);
  update_map (self);
}

void
i440fx_set_smm (AsternDevice *device, guint cpu, gboolean in_smm)
{
  I440fx *self = (I440fx *) device;
  guint8 bit = (guint8) (1u << (cpu & 7));

  self->s.in_smm = (guint8) (in_smm ? self->s.in_smm | bit : self->s.in_smm & ~bit);
  update_map (self);
}
