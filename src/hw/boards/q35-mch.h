/* q35-mch - host bridge of the q35 board: PCI configuration by ports and by memory, PAM, SMRAM, TSEG.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/boards/shadow-ram.h"

enum
{
  Q35_MCH_CONFIG_WINDOW = ASTERN_PCI_CONFIG_WINDOW,
  Q35_MCH_PORTS_WINDOW,         /* 0xcf8..0xcff */
  Q35_MCH_ECAM_WINDOW,          /* where PCIEXBAR says: 4 KiB a function, 1 MiB a bus */
};

/* Configuration registers. */
enum
{
  Q35_MCH_EXT_TSEG = 0x50,      /* MiB that TSEG has with size 3; not of the chip: virtual machines' firmware asks for it */
  Q35_MCH_PCIEXBAR = 0x60,
  Q35_MCH_PAM0     = 0x90,      /* .. 0x96 */
  Q35_MCH_SMRAM    = 0x9d,
  Q35_MCH_ESMRAMC  = 0x9e,
};

extern const AsternDeviceClass q35_mch_class;

/* The root bus.  The board fills in its buses and its router. */
AsternPciBus *q35_mch_bus        (AsternDevice *device);

/* As i440fx_pass_on(). */
void          q35_mch_pass_on    (AsternDevice *device, AsternDevice *isa_bridge, guint window);

/* After attach: adds the ECAM window, PAM, SMRAM and TSEG to the memory bus.  @low_ram: where RAM below 4 GiB ends. */
void          q35_mch_map_memory (AsternDevice *device, AsternRamBlock *ram, guint64 low_ram);

/* Machines whose CPUs have no system management mode: SMRAM cannot be opened. */
void          q35_mch_without_smm (AsternDevice *device);

/* CPU @cpu entered or left system management mode. */
void          q35_mch_set_smm    (AsternDevice *device, guint cpu, gboolean in_smm);

/* Where the ECAM window is, and its size; 0: it is off. */
guint64       q35_mch_ecam       (AsternDevice *device, guint64 *size);
