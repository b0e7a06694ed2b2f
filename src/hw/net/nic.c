/* nic.c - what network cards have in common.
 * Source: National Semiconductor DP8390D data sheet, "Multicast address registers"; AMD Am79C970A data sheet, "LADRF". */
#include "config.h"

#include "hw/net/nic.h"

#include "hw/pci.h"

/* The register of the CRC after the address, before it is inverted; bit 0 is the first that would be sent. */
static guint32
crc_register (const guint8 *address)
{
  return ~net_crc32 (address, 6);
}

static guint32
mirrored (guint32 value)
{
  guint32 result = 0;

  for (guint i = 0; i < 32; i++)
    result |= (value >> i & 1) << (31 - i);
  return result;
}

guint
nic_hash_high (const guint8 *address)
{
  return mirrored (crc_register (address)) >> 26;
}

guint
nic_hash_low (const guint8 *address)
{
  return crc_register (address) >> 26;
}

void
nic_init_pci (AsternDevice *device)
{
  AsternPciFunction *function = (AsternPciFunction *) device;

  function->writable[PCI_COMMAND] |= 0x58;
  function->writable[PCI_COMMAND + 1] |= 0x01;
  function->writable[0x0c] = 0xff;
  function->writable[0x0d] = 0xff;
}
