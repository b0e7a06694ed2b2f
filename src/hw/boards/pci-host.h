/* pci-host - the ways by which CPUs reach PCI configuration spaces: ports 0xcf8..0xcff, and bus numbers.
 *
 * No state of its own: the bridge keeps CONFADD.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/pci.h"

typedef struct
{
  AsternPciBus  bus;
  AsternDevice *isa;            /* (nullable) gets what is not ours of 0xcf8..0xcfb, where 0xcf9 is the reset control */
  guint         isa_window;
} PciHost;

/* @offset: from 0xcf8. */
guint64 pci_host_read  (PciHost *host, guint32 confadd, guint64 offset, guint size, const AsternAccess *access, gboolean peek);
void    pci_host_write (PciHost *host, guint32 *confadd, guint64 offset, guint size, guint64 value, const AsternAccess *access);
