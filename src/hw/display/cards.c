/* cards.c - see cards.h. */
#include "config.h"

#include "hw/display/cards.h"

#include "hw/display/cirrus.h"
#include "hw/display/qxl.h"
#include "hw/display/svga.h"
#include "hw/display/vga-state.h"

#include <glib/gi18n.h>

const AsternVgaCard astern_vga_cards[] = {
  { "std", N_("standard VGA with Bochs’ display interface"), "vgabios-stdvga.bin", &vga_class, VGA_VRAM_SIZE, vga_plug },
  { "cirrus", N_("Cirrus Logic GD5446"), "vgabios-cirrus.bin", &cirrus_class, CIRRUS_VRAM_SIZE, cirrus_plug },
  { "vmware", N_("VMware SVGA II"), "vgabios-vmware.bin", &svga_class, SVGA_MEMORY_SIZE, svga_plug },
  { "qxl", N_("QXL"), "vgabios-qxl.bin", &qxl_class, QXL_MEMORY_SIZE, qxl_plug },
  { NULL, NULL, NULL, NULL, 0, NULL },
};

const AsternVgaCard *
astern_vga_card_find (const char *name)
{
  for (const AsternVgaCard *card = astern_vga_cards; card->name != NULL; card++)
    if (g_str_equal (card->name, name))
      return card;
  return NULL;
}

void
astern_vga_card_connect (AsternDevice *device, AsternBus *ports, AsternBus *memory, gint shadows)
{
  vga_connect ((Vga *) device, ports, memory, shadows);
}
