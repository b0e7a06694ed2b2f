/* cards - the display cards that a PC can start with: -vga.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "core/bus.h"

typedef struct
{
  const char              *name;          /* as -vga has it: "std" */
  const char              *summary;       /* N_() */
  const char              *rom;           /* its firmware's file */
  const AsternDeviceClass *klass;         /* its struct begins with Vga */
  guint64                  memory_bytes;  /* that plug() adds to the machine's */
  /* Before astern_pci_attach(): adds its memory, sets its BARs.  @rom: (nullable) its firmware, for its ROM BAR. */
  gboolean               (*plug) (AsternDevice *device, AsternRamBlock *rom, GError **error);
} AsternVgaCard;

/* Ended by a NULL name. */
extern const AsternVgaCard astern_vga_cards[];

/* NULL: there is none of that name. */
const AsternVgaCard *astern_vga_card_find (const char *name);

/* After plug(): the card answers at the old ports and in the window at 0xa0000.  @shadows: for where that leads straight
 * to its memory. */
void astern_vga_card_connect (AsternDevice *device, AsternBus *ports, AsternBus *memory, gint shadows);
