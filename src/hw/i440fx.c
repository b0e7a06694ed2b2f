/* i440fx.c - Intel 82441FX PCI and memory controller (PMC).
 * Source: Intel 440FX PCIset data sheet 290549, sections 3.2 (registers) and 4.1 (address map).
 * Left out: DRAM rows and timing, error reporting, SMRAM's D_CLS and D_LCK, and the fine print
 * of SMRAM: while one CPU is in SMM, all CPUs and DMA see it. */
#include "config.h"

#include "hw/i440fx.h"

#include <string.h>

#define N_PAM        13
#define ADDRESS_BITS 0x80fffffcu

enum { SMRAM_G_SMRAME = 1 << 3, SMRAM_D_OPEN = 1 << 6 };
enum { PAM_READ = 1, PAM_WRITE = 2 };

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
  AsternPciBus   bus;
  AsternDevice  *isa;           /* (nullable) gets what is not ours of 0xcf8..0xcfb */
  guint          isa_window;
  AsternRamBlock *ram;
  AsternRange   *pam[N_PAM];
  AsternRange   *smram;
} I440fx;

/* The low and high nibble of PAM1..PAM6 rule 16 KiB each from 0xc0000 on, PAM0's high one the last 64 KiB. */
static void
pam_place (guint n, guint64 *start, guint64 *size)
{
  *start = 0xc0000 + n * 0x4000;
  *size = n == N_PAM - 1 ? 0x10000 : 0x4000;
}

static guint
pam_bits (const guint8 *config, guint n)
{
  if (n == N_PAM - 1)
    return config[I440FX_PAM0] >> 4 & 3;
  return config[I440FX_PAM0 + 1 + n / 2] >> (n % 2 * 4) & 3;
}

static gboolean
set_target (AsternTarget *target, const I440fx *self, gboolean to_ram, guint64 start)
{
  AsternTargetKind kind = to_ram ? ASTERN_TARGET_MEMORY : ASTERN_TARGET_BELOW;
  gboolean changed = target->kind != kind;

  target->kind = kind;
  target->block = self->ram;
  target->offset = start;
  return changed;
}

static void
update_map (I440fx *self)
{
  const guint8 *config = self->s.pci.config;
  guint8 smram = config[I440FX_SMRAM];
  gboolean open = (smram & SMRAM_G_SMRAME) && ((smram & SMRAM_D_OPEN) || self->s.in_smm != 0);
  gboolean changed = FALSE;
  guint n;

  if (self->ram == NULL)
    return;
  for (n = 0; n < N_PAM; n++)
    {
      AsternRange *range = self->pam[n];
      guint bits = pam_bits (config, n);

      changed |= set_target (&range->read, self, bits & PAM_READ, range->start);
      changed |= set_target (&range->write, self, bits & PAM_WRITE, range->start);
    }
  if (self->smram->enabled != open)
    {
      self->smram->enabled = open;
      changed = TRUE;
    }
  if (changed)
    astern_bus_changed (self->bus.memory);
}

static void
i440fx_config_changed (AsternDevice *device, guint offset, guint size)
{
  if (offset <= I440FX_SMRAM && offset + size > I440FX_PAM0)
    update_map ((I440fx *) device);
}

/* The function that CONFADD points at, or NULL. */
static AsternDevice *
addressed (I440fx *self)
{
  guint32 address = self->s.address;

  if (!(address & 0x80000000u) || (address >> 16 & 0xff) != 0)
    return NULL;
  return self->bus.functions[address >> 8 & 0xff];
}

/* Reads for the guest and for people alike. */
static guint64
ports_get (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access, gboolean peek)
{
  I440fx *self = (I440fx *) device;
  AsternDevice *target;
  guint64 reg;

  if (offset == 0 && size == 4)
    return self->s.address;
  if (offset < 4)
    {
      if (self->isa == NULL)
        return G_MAXUINT64;
      return peek ? astern_device_peek (self->isa, self->isa_window, offset, size)
                  : astern_device_read (self->isa, self->isa_window, offset, size, access);
    }
  target = addressed (self);
  if (target == NULL)
    return G_MAXUINT64;
  reg = (self->s.address & 0xfc) + (offset - 4);
  return peek ? astern_device_peek (target, ASTERN_PCI_CONFIG_WINDOW, reg, size)
              : astern_device_read (target, ASTERN_PCI_CONFIG_WINDOW, reg, size, access);
}

static guint64
ports_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return ports_get (device, offset, size, access, FALSE);
}

static guint64
ports_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return ports_get (device, offset, size, access, TRUE);
}

static void
ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  I440fx *self = (I440fx *) device;

  if (offset == 0 && size == 4)
    self->s.address = (guint32) value & ADDRESS_BITS;
  else if (offset < 4)
    {
      if (self->isa != NULL)
        astern_device_write (self->isa, self->isa_window, offset, size, value, access);
    }
  else
    {
      AsternDevice *target = addressed (self);

      if (target != NULL)
        astern_device_write (target, ASTERN_PCI_CONFIG_WINDOW, (self->s.address & 0xfc) + (offset - 4),
                             size, value, access);
    }
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
  return &((I440fx *) device)->bus;
}

void
i440fx_pass_on (AsternDevice *device, AsternDevice *isa_bridge, guint window)
{
  I440fx *self = (I440fx *) device;

  self->isa = isa_bridge;
  self->isa_window = window;
}

void
i440fx_map_memory (AsternDevice *device, AsternRamBlock *ram)
{
  I440fx *self = (I440fx *) device;
  AsternRange smram = { .name = "smram", .start = 0xa0000, .size = 0x20000, .shadows = ASTERN_SHADOW_SMRAM };
  guint n;

  self->ram = ram;
  for (n = 0; n < N_PAM; n++)
    {
      AsternRange range = { .name = "pam", .shadows = ASTERN_SHADOW_PAM, .enabled = TRUE,
                            .read = { .kind = ASTERN_TARGET_BELOW }, .write = { .kind = ASTERN_TARGET_BELOW } };

      pam_place (n, &range.start, &range.size);
      self->pam[n] = astern_bus_add (self->bus.memory, &range);
    }
  smram.read = smram.write = (AsternTarget) { .kind = ASTERN_TARGET_MEMORY, .block = ram, .offset = 0xa0000 };
  self->smram = astern_bus_add (self->bus.memory, &smram);
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
