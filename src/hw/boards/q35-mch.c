/* q35-mch.c - Intel 82Q35 memory controller hub (MCH), device 0.
 * Source: Intel 3 Series Express Chipset Family data sheet 316966, sections 3 (address map) and 5.1
 * (registers).
 * Left out: DRAM registers, the MCHBAR, DMIBAR and EPBAR windows, the graphics port, SMRAM's D_CLS and its
 * fine print: while one CPU is in SMM, all CPUs and DMA see it. */
#include "config.h"

#include "hw/boards/q35-mch.h"

#include "hw/boards/pci-host.h"

#include <string.h>

#define ECAM_MOST   0x10000000u
#define MIB         (1u << 20)
#define EXT_TSEG_MIB 16
#define EXT_TSEG_ASK 0xffff

/* Where firmware notes its map of memory: TOM, TOUUD, GBSM, BGSM, TSEGMB, TOLUD.  They rule nothing here: TSEG lies at
 * the end of low RAM. */
enum { TOM = 0xa0, TOLUD_END = 0xb2 };

enum { SMRAM_C_BASE = 0x02, SMRAM_G_SMRAME = 1 << 3, SMRAM_D_LCK = 1 << 4, SMRAM_D_CLS = 1 << 5, SMRAM_D_OPEN = 1 << 6 };
enum { ESMRAMC_T_EN = 1 << 0, ESMRAMC_TSEG_SZ = 3 << 1, ESMRAMC_CACHE = 7 << 3, ESMRAMC_E_SMERR = 1 << 6, ESMRAMC_H_SMRAME = 1 << 7 };

typedef struct
{
  AsternPciState pci;
  guint32 address;      /* CONFADD */
  guint8  in_smm;       /* a bit a CPU */
  guint8  reserved[3];
} MchState;

typedef struct
{
  AsternPciFunction parent;
  MchState     s;
  PciHost      host;
  ShadowRam    shadow;
  guint64      low_ram;
  AsternRange *ecam;
  AsternRange *tseg;            /* hides it while nobody is in SMM */
  AsternRange *high_smram;      /* 0xa0000 once more, at 0xfeda0000 */
  gboolean     without_smm;
} Mch;

static guint
config16 (const guint8 *config, guint offset)
{
  return config[offset] | (guint) config[offset + 1] << 8;
}

static guint64
ecam_place (const guint8 *config, guint64 *size)
{
  static const guint32 sizes[4] = { 256 * MIB, 128 * MIB, 64 * MIB, 0 };
  guint low = config[Q35_MCH_PCIEXBAR];
  guint64 base = 0;

  *size = low & 1 ? sizes[low >> 1 & 3] : 0;
  if (*size == 0)
    return 0;
  for (guint i = 8; i-- > 0; )
    base = base << 8 | config[Q35_MCH_PCIEXBAR + i];
  return base & G_GUINT64_CONSTANT (0xfffffffff) & ~(*size - 1);
}

static guint64
tseg_size (const guint8 *config)
{
  guint n = (config[Q35_MCH_ESMRAMC] & ESMRAMC_TSEG_SZ) >> 1;

  return n == 3 ? (guint64) (config16 (config, Q35_MCH_EXT_TSEG) & 0xff) * MIB : n == 0 ? MIB : n == 1 ? 2 * MIB : 8 * MIB;
}

/* Changes a range's place; returns whether the map is another one. */
static gboolean
move (AsternRange *range, gboolean enabled, guint64 start, guint64 size)
{
  if (range->enabled == enabled && (!enabled || (range->start == start && range->size == size)))
    return FALSE;
  range->enabled = enabled;
  if (enabled)
    {
      range->start = start;
      range->size = size;
    }
  return TRUE;
}

static gboolean
update_smram (Mch *self)
{
  const guint8 *config = self->s.pci.config;
  guint8 smram = config[Q35_MCH_SMRAM], esmramc = config[Q35_MCH_ESMRAMC];
  gboolean on = (smram & SMRAM_G_SMRAME) && !self->without_smm;
  gboolean open = on && ((smram & SMRAM_D_OPEN) || self->s.in_smm != 0);
  gboolean high = (esmramc & ESMRAMC_H_SMRAME) != 0;
  guint64 size = tseg_size (config);
  gboolean tseg = on && !open && (esmramc & ESMRAMC_T_EN) && size != 0 && size < self->low_ram;
  gboolean changed;

  changed = shadow_ram_update (&self->shadow, config + Q35_MCH_PAM0, open && !high);
  changed |= move (self->tseg, tseg, self->low_ram - size, size);
  changed |= move (self->high_smram, open && high, 0xfeda0000, 0x20000);
  return changed;
}

static void
update_map (Mch *self)
{
  guint64 size, start = ecam_place (self->s.pci.config, &size);
  gboolean changed;

  if (self->shadow.memory == NULL)
    return;
  changed = update_smram (self);
  changed |= move (self->ecam, start != 0, start, size);
  if (changed)
    astern_bus_changed (self->shadow.memory);
}

/* Once D_LCK is set, SMRAM's bits stay as they are, closed. */
static void
lock (Mch *self)
{
  guint8 *config = self->s.pci.config, *writable = self->parent.writable;
  gboolean locked = (config[Q35_MCH_SMRAM] & SMRAM_D_LCK) != 0;

  if (locked)
    config[Q35_MCH_SMRAM] &= (guint8) ~SMRAM_D_OPEN;
  writable[Q35_MCH_SMRAM] = locked ? SMRAM_D_CLS : SMRAM_D_OPEN | SMRAM_D_CLS | SMRAM_D_LCK | SMRAM_G_SMRAME;
  writable[Q35_MCH_ESMRAMC] = locked ? 0 : ESMRAMC_H_SMRAME | ESMRAMC_TSEG_SZ | ESMRAMC_T_EN;
  writable[Q35_MCH_EXT_TSEG] = writable[Q35_MCH_EXT_TSEG + 1] = locked ? 0 : 0xff;
  memset (&writable[TOM], locked ? 0 : 0xff, TOLUD_END - TOM);
}

static void
mch_config_changed (AsternDevice *device, guint offset, guint size)
{
  Mch *self = (Mch *) device;
  guint8 *config = self->s.pci.config;

  if (self->without_smm)
    memset (&self->parent.writable[Q35_MCH_SMRAM], 0, 2);
  else
    lock (self);
  if (config16 (config, Q35_MCH_EXT_TSEG) == EXT_TSEG_ASK)
    {
      config[Q35_MCH_EXT_TSEG] = EXT_TSEG_MIB;
      config[Q35_MCH_EXT_TSEG + 1] = 0;
    }
  update_map (self);
}

/* ---- windows ---- */

static guint64
ports_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return pci_host_read (&((Mch *) device)->host, ((Mch *) device)->s.address, offset, size, access, FALSE);
}

static guint64
ports_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return pci_host_read (&((Mch *) device)->host, ((Mch *) device)->s.address, offset, size, access, TRUE);
}

static void
ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  pci_host_write (&((Mch *) device)->host, &((Mch *) device)->s.address, offset, size, value, access);
}

static AsternDevice *
at_ecam (AsternDevice *device, guint64 offset)
{
  return astern_pci_find (&((Mch *) device)->host.bus, offset >> 20 & 0xff, offset >> 12 & 0xff);
}

static guint64
ecam_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  AsternDevice *target = at_ecam (device, offset);

  return target == NULL ? G_MAXUINT64 : astern_pci_express_read (target, offset & 0xfff, size, access);
}

static guint64
ecam_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  AsternDevice *target = at_ecam (device, offset);

  return target == NULL ? G_MAXUINT64 : astern_pci_express_peek (target, offset & 0xfff, size);
}

static void
ecam_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  AsternDevice *target = at_ecam (device, offset);

  if (target != NULL)
    astern_pci_express_write (target, offset & 0xfff, size, value, access);
}

/* ---- the device ---- */

static const AsternPciInfo info = {
  .vendor = 0x8086, .device = 0x29c0, .revision = 2, .class_code = 0x060000,
  .command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, .status = 0x0090,
  .command_writable = 0x0100,
  .config_changed = mch_config_changed,
};

static void
mch_init (AsternDevice *device)
{
  guint8 *writable = ((Mch *) device)->parent.writable;

  astern_pci_init (device, &info);
  writable[Q35_MCH_PCIEXBAR] = 0x07;
  writable[Q35_MCH_PCIEXBAR + 3] = 0xfc;
  writable[Q35_MCH_PCIEXBAR + 4] = 0x0f;
  writable[Q35_MCH_PAM0] = 0x30;
  memset (&writable[Q35_MCH_PAM0 + 1], 0x33, 6);
}

static void
mch_reset (AsternDevice *device)
{
  Mch *self = (Mch *) device;
  guint8 *config = self->s.pci.config;

  self->s.address = 0;
  self->s.in_smm = 0;
  config[Q35_MCH_SMRAM] = 0;            /* not locked any more */
  astern_pci_reset (device);
  config[Q35_MCH_SMRAM] = SMRAM_C_BASE;
  config[Q35_MCH_ESMRAMC] = ESMRAMC_CACHE;
  config[Q35_MCH_PCIEXBAR + 3] = 0xe0;
  mch_config_changed (device, 0, 256);
}

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "ports", .size = 8, .min_size = 1, .max_size = 4,
    .read = ports_read, .write = ports_write, .peek = ports_peek },
  { .name = "ecam", .size = ECAM_MOST, .min_size = 1, .max_size = 4,
    .read = ecam_read, .write = ecam_write, .peek = ecam_peek },
};

static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (MchState, 1),
  ASTERN_FIELD (MchState, address, 1),
  ASTERN_FIELD (MchState, in_smm, 1),
  ASTERN_FIELD_BYTES (MchState, reserved, 1),
};

const AsternDeviceClass q35_mch_class = {
  .name = "q35-mch", .summary = "82Q35 host bridge", .state_version = 1,
  .instance_size = sizeof (Mch),
  .state_offset = G_STRUCT_OFFSET (Mch, s), .state_size = sizeof (MchState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = mch_init, .reset = mch_reset, .restored = astern_pci_restored,
};

AsternPciBus *
q35_mch_bus (AsternDevice *device)
{
  return &((Mch *) device)->host.bus;
}

void
q35_mch_pass_on (AsternDevice *device, AsternDevice *isa_bridge, guint window)
{
  Mch *self = (Mch *) device;

  self->host.isa = isa_bridge;
  self->host.isa_window = window;
}

void
q35_mch_map_memory (AsternDevice *device, AsternRamBlock *ram, guint64 low_ram)
{
  Mch *self = (Mch *) device;
  AsternBus *memory = self->host.bus.memory;
  AsternRange ecam = { .name = "pcie-ecam", .size = ECAM_MOST, .shadows = ASTERN_PCI_SHADOWS - 1 };
  AsternRange tseg = { .name = "tseg-closed", .size = MIB, .shadows = ASTERN_SHADOW_SMRAM };
  AsternRange high = { .name = "high-smram", .start = 0xfeda0000, .size = 0x20000, .shadows = ASTERN_SHADOW_SMRAM };

  self->low_ram = low_ram;
  ecam.read = (AsternTarget) { .kind = ASTERN_TARGET_DEVICE, .device = device, .window = Q35_MCH_ECAM_WINDOW };
  ecam.write = ecam.read;
  self->ecam = astern_bus_add (memory, &ecam);
  self->tseg = astern_bus_add (memory, &tseg);
  high.read = high.write = (AsternTarget) { .kind = ASTERN_TARGET_MEMORY, .block = ram, .offset = 0xa0000 };
  self->high_smram = astern_bus_add (memory, &high);
  shadow_ram_map (&self->shadow, memory, ram);
  update_map (self);
}

void
q35_mch_without_smm (AsternDevice *device)
{
  ((Mch *) device)->without_smm = TRUE;
  mch_config_changed (device, 0, 256);
}

void
q35_mch_set_smm (AsternDevice *device, guint cpu, gboolean in_smm)
{
  Mch *self = (Mch *) device;
  guint8 bit = (guint8) (1u << (cpu & 7));

  self->s.in_smm = (guint8) (in_smm ? self->s.in_smm | bit : self->s.in_smm & ~bit);
  update_map (self);
}

guint64
q35_mch_ecam (AsternDevice *device, guint64 *size)
{
  return ecam_place (((Mch *) device)->s.pci.config, size);
}
