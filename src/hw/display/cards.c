/* cards.c - see cards.h. */
#include "config.h"

#include "hw/display/cards.h"

#include "core/machine.h"
#include "hw/boards/shadow-ram.h"
#include "hw/display/cirrus.h"
#include "hw/display/qxl.h"
#include "hw/display/svga.h"
#include "hw/display/vga-state.h"
#include "hw/display/virtio-vga.h"

#include <glib/gi18n.h>

const AsternVgaCard astern_vga_cards[] = {
  { "std", "VGA", N_("standard VGA with Bochs’ display interface"), "vgabios-stdvga.bin", &vga_class, VGA_VRAM_SIZE, vga_plug },
  { "cirrus", "cirrus-vga", N_("Cirrus Logic GD5446"), "vgabios-cirrus.bin", &cirrus_class, CIRRUS_VRAM_SIZE, cirrus_plug },
  { "vmware", "vmware-svga", N_("VMware SVGA II"), "vgabios-vmware.bin", &svga_class, SVGA_MEMORY_SIZE, svga_plug },
  { "qxl", "qxl-vga", N_("QXL"), "vgabios-qxl.bin", &qxl_class, QXL_MEMORY_SIZE, qxl_plug },
  { "virtio", "virtio-vga", N_("virtio GPU with VGA"), "vgabios-virtio.bin", &virtio_vga_class, VIRTIO_VGA_MEMORY_SIZE, virtio_vga_plug },
  { NULL, NULL, NULL, NULL, NULL, 0, NULL },
};

const AsternVgaCard *
astern_vga_card_find (const char *name)
{
  for (const AsternVgaCard *card = astern_vga_cards; card->name != NULL; card++)
    if (g_str_equal (card->name, name))
      return card;
  return NULL;
}

gboolean
astern_is_vga_card (const char *device)
{
  for (const AsternVgaCard *card = astern_vga_cards; card->name != NULL; card++)
    if (g_str_equal (card->device, device))
      return TRUE;
  return FALSE;
}

/* The device that has the ports: the card, or what is in it; NULL: it has none. */
static AsternDevice *
vga_of (AsternDevice *device)
{
  if (device->klass == &virtio_vga_class)
    return virtio_vga_vga (device);
  for (const AsternVgaCard *card = astern_vga_cards; card->name != NULL; card++)
    if (card->klass == device->klass)
      return device;
  return NULL;
}

void
astern_vga_card_connect (AsternDevice *device, AsternBus *ports, AsternBus *memory, gint shadows)
{
  vga_connect ((Vga *) vga_of (device), ports, memory, shadows);
}

gboolean
astern_vga_card_connect_first (AsternDevice *device)
{
  AsternMachine *machine = device->machine;

  if (astern_vga_find (machine) == NULL)
    astern_vga_card_connect (device, machine->ports, machine->physical, ASTERN_SHADOW_VGA_DIRECT);
  return TRUE;
}

AsternDevice *
astern_vga_find (AsternMachine *machine)
{
  for (guint i = 0; i < machine->devices->len; i++)
    {
      AsternDevice *vga = vga_of (g_ptr_array_index (machine->devices, i));

      if (vga != NULL && ((Vga *) vga)->bus != NULL)
        return vga;
    }
  return NULL;
}
