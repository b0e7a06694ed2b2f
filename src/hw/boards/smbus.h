/* smbus - the two wires between a host controller and small chips: who answers at which address.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   addresses of 7 bits. */
#pragma once

#include "core/device.h"

/* What a chip does with a message's bytes. */
typedef struct
{
  gboolean (*write) (AsternDevice *device, guint position, guint8 byte);   /* position 0: the first; FALSE: not acknowledged */
  guint8   (*read)  (AsternDevice *device);                                /* the next one */
} SmbusSlaveOps;

typedef struct
{
  AsternDevice        *device;  /* (nullable): nobody is there; borrowed */
  const SmbusSlaveOps *ops;
} SmbusSlave;

typedef struct
{
  SmbusSlave slaves[128];
} SmbusBus;
