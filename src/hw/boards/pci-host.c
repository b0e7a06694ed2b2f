/* pci-host.c - see pci-host.h.
 * Source: PCI Local Bus Specification 3.0, section 3.2.2.3.2 (configuration mechanism 1). */
#include "config.h"

#include "hw/boards/pci-host.h"

#define ADDRESS_BITS 0x80fffffcu

/* The function that CONFADD points at, or NULL. */
static AsternDevice *
addressed (PciHost *host, guint32 confadd)
{
  if (!(confadd & 0x80000000u))
    return NULL;
  return astern_pci_find (&host->bus, confadd >> 16 & 0xff, confadd >> 8 & 0xff);
}

guint64
pci_host_read (PciHost *host, guint32 confadd, guint64 offset, guint size, const AsternAccess *access, gboolean peek)
{
  AsternDevice *target = offset < 4 ? host->isa : addressed (host, confadd);
  guint window = offset < 4 ? host->isa_window : ASTERN_PCI_CONFIG_WINDOW;
  guint64 at = offset < 4 ? offset : (confadd & 0xfc) + (offset - 4);

  if (offset == 0 && size == 4)
    return confadd;
  if (target == NULL)
    return G_MAXUINT64;
  return peek ? astern_device_peek (target, window, at, size) : astern_device_read (target, window, at, size, access);
}

void
pci_host_write (PciHost *host, guint32 *confadd, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  AsternDevice *target = offset < 4 ? host->isa : addressed (host, *confadd);

  if (offset == 0 && size == 4)
    *confadd = (guint32) value & ADDRESS_BITS;
  else if (target != NULL && offset < 4)
    astern_device_write (target, host->isa_window, offset, size, value, access);
  else if (target != NULL)
    astern_device_write (target, ASTERN_PCI_CONFIG_WINDOW, (*confadd & 0xfc) + (offset - 4), size, value, access);
}
