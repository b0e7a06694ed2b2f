/* boot-order - which devices firmware is to try, in which order: what “bootindex=” says.
 *
 * Firmware reads a list of paths, as Open Firmware writes them, from fw_cfg's file “bootorder”.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "core/device.h"
#include "hw/card.h"

#define BOOT_ORDER_FILE "bootorder"

typedef struct _AsternBootOrder AsternBootOrder;

AsternBootOrder *astern_boot_order_new  (void);
void             astern_boot_order_free (AsternBootOrder *order);

/* @device was plugged in: into @host, or, with NULL, into a PCI bus.  FALSE: another one has this index. */
gboolean         astern_boot_order_add  (AsternBootOrder *order, guint64 index, AsternDevice *device, AsternSlot slot, AsternDevice *host,
                                         GError **error);
/* (nullable): nobody was added.  @strict: nothing else is tried. */
GBytes          *astern_boot_order_file (const AsternBootOrder *order, gboolean strict);

/* Where firmware finds it: "/pci@i0cf8/ide@1,1/drive@0/disk@1". */
char            *astern_boot_path       (AsternDevice *device, AsternSlot slot, AsternDevice *host);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternBootOrder, astern_boot_order_free)
