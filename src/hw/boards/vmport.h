/* vmport - VMware's backdoor port, and the absolute pointer behind it.
 *
 * A guest reads port 0x5658 with a magic number in EAX and a command in CX; answers come in EAX and in other
 * registers, so this device looks at and sets those of the CPU that reads.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/card.h"

#define VMPORT_PORT 0x5658

extern const AsternDeviceClass vmport_class;
extern const AsternCard        vmport_card;

/* For hw/human.c: packets HUMAN_ABSOLUTE. */
void     vmport_input   (gpointer device, gconstpointer data, gsize size);
gboolean vmport_listens (AsternDevice *device);
