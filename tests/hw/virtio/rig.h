/* rig - a machine with one virtio device on PCI or MMIO, and a driver for it: what a guest would do.
 *
 * The driver's memory is the first 16 MiB.  Each queue has its areas at RIG_QUEUE (n); buffers are the test's.
 *
 * Threads: a test program's own. */
#pragma once

#include "core/machine.h"
#include "hw/virtio/virtio-mmio.h"
#include "hw/virtio/virtio-pci.h"

#define RIG_RAM        (16u << 20)
#define RIG_QUEUE(n)   (0x10000u + (n) * 0x10000u)
#define RIG_BUFFERS    0x400000u
#define RIG_QUEUES     8
#define RIG_MODERN     0xe0000000u       /* where the BARs are */
#define RIG_MSIX       0xe0010000u
#define RIG_PORTS      0xc000u

/* The driver's side of a ring. */
typedef struct
{
  guint16  size;
  guint16  free[VIRTIO_MAX_QUEUE_SIZE], n_free;      /* descriptors, or ids */
  guint16  length[VIRTIO_MAX_QUEUE_SIZE];            /* of the chain with this head */
  guint16  next, used;                               /* where it adds, and takes back */
  gboolean next_wrap, used_wrap;
  guint16  chain_of[VIRTIO_MAX_QUEUE_SIZE][64];      /* split: descriptors of a chain, by head */
} RigQueue;

typedef struct
{
  AsternMachine *machine;
  AsternPciBus   bus;
  AsternDevice  *pci;
  VirtioMmioBus  slots;
  AsternDevice  *mmio;                               /* NULL: it is on PCI */
  VirtioDevice  *virtio;
  guint64        features;
  gboolean       modern;
  gboolean       intx;
  guint          interrupts;                         /* rises of INTA, or of the slot's line */
  gboolean       indirect;                           /* chains are put into tables of their own */
  RigQueue       queues[RIG_QUEUES];
} Rig;

typedef struct
{
  guint64  address;
  guint32  size;
  gboolean in;
} RigPart;

/* @klass behind PCI; @disk_bytes: room for disks' blocks. */
void     rig_set_up      (Rig *rig, const AsternDeviceClass *klass, guint64 disk_bytes);
/* After the test changed what the device offers. */
void     rig_plug        (Rig *rig, gboolean legacy, gboolean modern);
/* ... on MMIO, in slot 0. */
void     rig_plug_mmio   (Rig *rig, gboolean legacy);
void     rig_tear_down   (Rig *rig);

/* The driver starts: takes those of @features that are offered, sets the queues up. */
void     rig_start       (Rig *rig, guint64 features, guint n_queues);
/* Adds a chain and returns its head, or id.  The device is not told. */
guint    rig_add         (Rig *rig, guint queue, const RigPart *parts, guint n);
void     rig_kick        (Rig *rig, guint queue);
/* Takes one back; FALSE: there is none. */
gboolean rig_take        (Rig *rig, guint queue, guint *head, guint32 *written);
/* Until something comes back. */
guint32  rig_wait        (Rig *rig, guint queue, guint *head);
void     rig_pass        (Rig *rig, guint64 ns);
/* Of the memory: a place to read from and to write to. */
guint8  *rig_at          (Rig *rig, guint64 address);

guint64  rig_common_read  (Rig *rig, guint offset, guint size);
void     rig_common_write (Rig *rig, guint offset, guint size, guint64 value);
guint32  rig_slot_read    (Rig *rig, guint offset);
void     rig_slot_write   (Rig *rig, guint offset, guint32 value);
/* Of the device's configuration. */
guint64  rig_config       (Rig *rig, guint offset, guint size);
