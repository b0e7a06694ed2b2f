/* cards - the display cards that a PC can start with: -vga, and by -device those that have a VGA in them.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "core/bus.h"
#include "hw/display/vga.h"

typedef struct
{
  const char              *name;          /* as -vga has it: "std" */
  const char              *device;        /* as -device has it: "VGA" */
  const char              *summary;       /* N_() */
  const char              *rom;           /* its firmware's file */
  const AsternDeviceClass *klass;
  guint64                  memory_bytes;  /* that plug() adds to the machine's, without settings */
  /* Before astern_pci_attach(): adds its memory, sets its BARs.  @rom: (nullable) its firmware, for its ROM BAR.
   * @settings: (nullable). */
  gboolean               (*plug) (AsternDevice *device, AsternRamBlock *rom, const AsternVgaSettings *settings, GError **error);
} AsternVgaCard;

/* Ended by a NULL name. */
extern const AsternVgaCard astern_vga_cards[];

/* NULL: there is none of that name. */
const AsternVgaCard *astern_vga_card_find (const char *name);
/* Whether -device @device is such a card. */
gboolean             astern_is_vga_card   (const char *device);

/* After plug(): the card answers at the old ports and in the window at 0xa0000.  @shadows: for where that leads straight
 * to its memory. */
void astern_vga_card_connect (AsternDevice *device, AsternBus *ports, AsternBus *memory, gint shadows);
/* The same in the machine's address spaces, unless another card answers there already.  TRUE, for the end of a configure(). */
gboolean astern_vga_card_connect_first (AsternDevice *device);

/* The VGA that answers at the old ports; NULL: there is none. */
AsternDevice *astern_vga_find (AsternMachine *machine);
