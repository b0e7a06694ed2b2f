/* pci-rom.c - expansion ROMs.
 * Source: PCI Firmware Specification 3.0, chapter 5 (images, the structure “PCIR”). */
#include "config.h"

#include "hw/pci.h"

#include "core/bytes.h"
#include "core/machine.h"

#include <string.h>

#define ROM_SIGNATURE   0xaa55u
#define ROM_LENGTH      0x02            /* in units of 512 bytes */
#define ROM_CHECKSUM    0x06            /* where iPXE keeps the byte that makes the sum of an image 0 */
#define ROM_PCIR        0x18
#define PCIR_VENDOR_ID  0x04
#define PCIR_DEVICE_ID  0x06
#define PCIR_CODE_TYPE  0x14
#define PCIR_SIZE       0x18
#define CODE_TYPE_PC    0

static void
adapt (guint8 *image, gsize size, guint16 vendor, guint16 id)
{
  guint8 sum = 0;
  gsize length, pcir;

  if (size < ROM_PCIR + 2 || astern_get_le16 (image) != ROM_SIGNATURE)
    return;
  length = image[ROM_LENGTH] * 512u;
  pcir = astern_get_le16 (image + ROM_PCIR);
  if (length > size || pcir + PCIR_SIZE > length || memcmp (image + pcir, "PCIR", 4) != 0 || image[pcir + PCIR_CODE_TYPE] != CODE_TYPE_PC)
    return;
  if (astern_get_le16 (image + pcir + PCIR_VENDOR_ID) == vendor && astern_get_le16 (image + pcir + PCIR_DEVICE_ID) == id)
    return;
  astern_put_le16 (image + pcir + PCIR_VENDOR_ID, vendor);
  astern_put_le16 (image + pcir + PCIR_DEVICE_ID, id);
  for (gsize i = 0; i < length; i++)
    sum = (guint8) (sum + image[i]);
  image[ROM_CHECKSUM] = (guint8) (image[ROM_CHECKSUM] - sum);
}

gboolean
astern_pci_set_rom (AsternDevice *device, GBytes *rom, gboolean ours, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (rom, &size);
  g_autofree char *name = g_strdup_printf ("%s.rom", device->name);
  AsternMemory *memory = device->machine->memory;
  AsternRamBlock *block;
  guint64 room = ASTERN_PAGE_SIZE;
  guint8 *image;

  while (room < size)
    room *= 2;
  block = astern_memory_add (memory, name, room, TRUE, error);
  if (block == NULL)
    return FALSE;
  image = astern_memory_host (memory, block->start);
  if (size > 0)
    memcpy (image, data, size);
  if (ours)
    adapt (image, size, (guint16) astern_pci_get (device, PCI_VENDOR_ID, 2), (guint16) astern_pci_get (device, PCI_DEVICE_ID, 2));
  astern_pci_set_bar (device, ASTERN_PCI_BAR_ROM, ASTERN_PCI_BAR_MEMORY, room, 0, block);
  return TRUE;
}
