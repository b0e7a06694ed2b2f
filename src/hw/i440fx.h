/* i440fx - host bridge of the pc board: PCI configuration, PAM, SMRAM.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/boards/shadow-ram.h"

enum
{
  I440FX_CONFIG_WINDOW = ASTERN_PCI_CONFIG_WINDOW,
  I440FX_PORTS_WINDOW,          /* 0xcf8..0xcff */
};

/* Configuration registers. */
enum
{
  I440FX_PAM0  = 0x59,          /* .. 0x5f */
  I440FX_SMRAM = 0x72,
};

extern const AsternDeviceClass i440fx_class;

/* The PCI bus below the bridge.  The board fills in its buses and its router. */
AsternPciBus *i440fx_bus        (AsternDevice *device);

/* Accesses to 0xcf8..0xcfb that are no dwords go on to the ISA side, where
 * 0xcf9 is the reset control register. */
void          i440fx_pass_on    (AsternDevice *device, AsternDevice *isa_bridge, guint window);

/* Adds PAM's 13 segments and SMRAM, made of @ram (which holds its own first MiB at 0), to the memory bus. */
void          i440fx_map_memory (AsternDevice *device, AsternRamBlock *ram);

/* CPU @cpu entered or left system management mode. */
void          i440fx_set_smm    (AsternDevice *device, guint cpu, gboolean in_smm);
