/* shadow-ram - what host bridges do below 1 MiB: PAM's thirteen segments and SMRAM at 0xa0000.
 *
 * No state of its own: the bridge keeps the registers and tells what they say.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/pci.h"

/* What lies over what on the memory bus. */
enum
{
  ASTERN_SHADOW_FIXED = ASTERN_PCI_SHADOWS,     /* RAM, ROM, APICs: over any BAR */
  ASTERN_SHADOW_VGA_DIRECT,                     /* video memory mapped straight into its window */
  ASTERN_SHADOW_PAM,
  ASTERN_SHADOW_SMRAM,
};

#define SHADOW_RAM_SEGMENTS 13

typedef struct
{
  AsternBus      *memory;                       /* NULL: not mapped yet */
  AsternRamBlock *ram;
  AsternRange    *pam[SHADOW_RAM_SEGMENTS], *smram;
} ShadowRam;

/* Adds the ranges, made of @ram, which holds its own first MiB at 0. */
void     shadow_ram_map    (ShadowRam *self, AsternBus *memory, AsternRamBlock *ram);

/* @pam: the seven registers.  Returns whether the map is another one now: astern_bus_changed() is the caller's. */
gboolean shadow_ram_update (ShadowRam *self, const guint8 *pam, gboolean smram_open);
