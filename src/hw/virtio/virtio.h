/* virtio - what all virtio devices have: features, status, configuration, rings.
 *
 * A virtio device is two devices of the machine.  The *transport* (virtio-pci.h, virtio-mmio.h) has the registers;
 * the *virtio device* behind it ("net0.virtio") has rings and does the work, and knows no register.  So a kind of
 * device is a small file that works on each transport: a VirtioType, a state that begins with VirtioState and its
 * queues, and functions that take chains of buffers from rings and give them back.
 *
 *     virtio_pop()      takes the next chain that the driver has made available
 *     virtio_read()     copies out of its readable part, virtio_write() into its writable part
 *     virtio_push()     gives it back, virtio_notify() interrupts if the driver wants that
 *
 * What takes guest time keeps the chain's ticket in its state, and walks the chain again when the time has come
 * (virtio_resume()).  Tickets of one queue must be given back in the order in which they were taken: a packed ring
 * overwrites descriptors as it goes.
 *
 * A driver's mistake (a loop, an index that is not there) is a guest event: the device asks to be reset, and does
 * nothing until it is.  Rings and buffers are RAM: an address that is not is such a mistake for a ring, while a
 * buffer there reads as zeros and takes nothing.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   bytes. */
#pragma once

#include "core/device.h"

/* Device IDs (virtio 1.2, section 5). */
enum
{
  VIRTIO_ID_NET = 1, VIRTIO_ID_BLOCK = 2, VIRTIO_ID_CONSOLE = 3, VIRTIO_ID_ENTROPY = 4, VIRTIO_ID_BALLOON = 5,
  VIRTIO_ID_SCSI = 8, VIRTIO_ID_9P = 9, VIRTIO_ID_GPU = 16, VIRTIO_ID_INPUT = 18, VIRTIO_ID_SOCKET = 19,
};

/* Little-endian, wherever it lies. */
static inline guint64
virtio_get (const guint8 *bytes, guint size)
{
  guint64 value = 0;

  for (guint i = 0; i < size; i++)
    value |= (guint64) bytes[i] << 8 * i;
  return value;
}

static inline void
virtio_put (guint8 *bytes, guint size, guint64 value)
{
  for (guint i = 0; i < size; i++)
    bytes[i] = (guint8) (value >> 8 * i);
}

#define VIRTIO_BIT(n) (G_GUINT64_CONSTANT (1) << (n))

/* Features that belong to rings and transports (section 6). */
#define VIRTIO_F_NOTIFY_ON_EMPTY   VIRTIO_BIT (24)
#define VIRTIO_F_ANY_LAYOUT        VIRTIO_BIT (27)
#define VIRTIO_F_INDIRECT_DESC     VIRTIO_BIT (28)
#define VIRTIO_F_EVENT_IDX         VIRTIO_BIT (29)
#define VIRTIO_F_VERSION_1         VIRTIO_BIT (32)
#define VIRTIO_F_RING_PACKED       VIRTIO_BIT (34)
#define VIRTIO_F_RING_RESET        VIRTIO_BIT (40)

enum
{
  VIRTIO_ACKNOWLEDGE = 1, VIRTIO_DRIVER = 2, VIRTIO_DRIVER_OK = 4, VIRTIO_FEATURES_OK = 8,
  VIRTIO_NEEDS_RESET = 64, VIRTIO_FAILED = 128,
};

#define VIRTIO_MAX_QUEUE_SIZE 1024
#define VIRTIO_MAX_PARTS      (VIRTIO_MAX_QUEUE_SIZE + 2)
#define VIRTIO_MAX_CONFIG     256

typedef struct _VirtioDevice VirtioDevice;

/* First in a virtio device's state, as member `virtio`. */
typedef struct
{
  guint64 accepted;           /* features that the driver took */
  guint8  status;
  guint8  isr;                /* 1: a ring, 2: the configuration */
  guint8  generation;         /* of the configuration */
  guint8  reserved[5];
} VirtioState;

/* One ring; right behind VirtioState, as member `queues`, an array of the type's n_queues. */
typedef struct
{
  guint64 desc, driver, device;    /* where its three areas lie */
  guint16 size;                    /* entries, chosen by the driver */
  guint16 vector;                  /* MSI-X vector; 0xffff: none */
  guint16 next_avail;              /* what is taken next */
  guint16 used;                    /* where is given back next */
  guint16 signalled;               /* `used` at the last interrupt */
  guint16 in_flight;               /* taken and not given back */
  guint8  enabled;
  guint8  avail_wrap, used_wrap;   /* packed: the wrap counters */
  guint8  signalled_valid;         /* there was an interrupt */
} VirtioQueue;

/* In the state of who keeps a chain. */
typedef struct
{
  guint16 queue;
  guint16 head;               /* split: its first descriptor; packed: its id */
  guint16 slot, count;        /* packed: its first slot, and how many */
} VirtioTicket;

typedef struct
{
  guint64 address;
  guint32 size;
} VirtioPart;

/* A chain of buffers: parts to read come first. */
typedef struct
{
  VirtioTicket ticket;
  guint        n_out, n_in;
  guint64      out_size, in_size;
  VirtioPart   parts[VIRTIO_MAX_PARTS];
} VirtioChain;

/* What a kind of device is.  Functions may be NULL, but notified. */
typedef struct
{
  const char *name;           /* "virtio-blk" */
  guint16  id;                /* VIRTIO_ID_ */
  guint16  pci_legacy_id;     /* 0x1000 + n of the transitional device; 0: there is none */
  guint32  pci_class;         /* as AsternPciInfo's class_code */
  guint16  n_queues, queue_size;
  guint64  features;          /* the kind's own */
  guint    config_size;
  /* Pure: writes config_size bytes, little-endian. */
  void   (*read_config)    (VirtioDevice *self, guint8 *config);
  /* The driver wrote [offset, offset + size), which is inside; @config: the whole as it would be now. */
  void   (*config_written) (VirtioDevice *self, guint offset, guint size, const guint8 *config);
  /* The driver says that there is something in a queue; it is enabled, the device is well. */
  void   (*notified)       (VirtioDevice *self, guint queue);
  /* After VirtioState and queues were reset: all else that a driver made.  Also for the class's reset. */
  void   (*reset)          (VirtioDevice *self);
  /* A queue is reset: tickets of it are void. */
  void   (*queue_reset)    (VirtioDevice *self, guint queue);
  /* The status changed: VIRTIO_DRIVER_OK came, say. */
  void   (*status_changed) (VirtioDevice *self);
} VirtioType;

/* What a transport does. */
typedef struct
{
  gboolean (*read)   (AsternDevice *transport, guint64 address, gpointer data, gsize size);
  gboolean (*write)  (AsternDevice *transport, guint64 address, gconstpointer data, gsize size);
  /* A queue has something for the driver; @queue -1: the configuration changed. */
  void     (*interrupt) (AsternDevice *transport, gint queue);
} VirtioTransport;

/* A virtio device's struct begins with this. */
struct _VirtioDevice
{
  AsternDevice           parent;
  const VirtioType      *type;
  const VirtioTransport *transport;      /* NULL in the tests of classes: no ring works */
  AsternDevice          *transport_device;
  guint64                offered;        /* features; before power-on */
  guint16                n_queues;       /* those that there are; before power-on */
  guint16                queue_size;     /* most entries; before power-on */
};

#define VIRTIO_FIELDS(Struct, since)                                                                  \
  ASTERN_FIELD (Struct, virtio.accepted, since), ASTERN_FIELD (Struct, virtio.status, since),         \
  ASTERN_FIELD (Struct, virtio.isr, since), ASTERN_FIELD (Struct, virtio.generation, since),          \
  ASTERN_FIELD_BYTES (Struct, virtio.reserved, since)
/* @i: a plain number, which becomes part of the names. */
#define VIRTIO_QUEUE_FIELDS(Struct, i, since)                                                         \
  ASTERN_FIELD (Struct, queues[i].desc, since), ASTERN_FIELD (Struct, queues[i].driver, since),       \
  ASTERN_FIELD (Struct, queues[i].device, since), ASTERN_FIELD (Struct, queues[i].size, since),       \
  ASTERN_FIELD (Struct, queues[i].vector, since), ASTERN_FIELD (Struct, queues[i].next_avail, since), \
  ASTERN_FIELD (Struct, queues[i].used, since), ASTERN_FIELD (Struct, queues[i].signalled, since),    \
  ASTERN_FIELD (Struct, queues[i].in_flight, since), ASTERN_FIELD (Struct, queues[i].enabled, since), \
  ASTERN_FIELD (Struct, queues[i].avail_wrap, since), ASTERN_FIELD (Struct, queues[i].used_wrap, since), \
  ASTERN_FIELD (Struct, queues[i].signalled_valid, since)

/* ---- for kinds of devices ---- */

/* For a class's init. */
void         virtio_init         (AsternDevice *device, const VirtioType *type);
/* For a class's reset: rings and features, then the type's reset. */
void         virtio_reset        (AsternDevice *device);

static inline VirtioState *
virtio_state (VirtioDevice *self)
{
  return astern_device_state (&self->parent);
}

static inline VirtioQueue *
virtio_queue (VirtioDevice *self, guint queue)
{
  return (VirtioQueue *) (virtio_state (self) + 1) + queue;
}

static inline gboolean
virtio_has (VirtioDevice *self, guint64 feature)
{
  return (virtio_state (self)->accepted & feature) != 0;
}

/* FALSE: there is none, or the device needs a reset. */
gboolean     virtio_pop          (VirtioDevice *self, guint queue, VirtioChain *chain);
/* Whether virtio_pop() would find something; no chain is taken, no mistake looked for. */
gboolean     virtio_pending      (VirtioDevice *self, guint queue);
/* How many chains wait; of a packed ring, no more than @most are counted. */
guint        virtio_waiting      (VirtioDevice *self, guint queue, guint most);
/* The driver is to notify with the next chain that it adds, though the queue was not found empty. */
void         virtio_listen       (VirtioDevice *self, guint queue);
/* The last chain that was taken is put back, as if it had not been. */
void         virtio_unpop        (VirtioDevice *self, const VirtioTicket *ticket);
/* The chain of a ticket from this device's state, which may be anything. */
gboolean     virtio_resume       (VirtioDevice *self, const VirtioTicket *ticket, VirtioChain *chain);
/* Gives it back, with @written bytes in its writable part. */
void         virtio_push         (VirtioDevice *self, const VirtioTicket *ticket, guint32 written);
/* After some were given back. */
void         virtio_notify       (VirtioDevice *self, guint queue);

/* From @offset of the readable, or the writable, part.  Returns how many bytes there were. */
gsize        virtio_read         (VirtioDevice *self, const VirtioChain *chain, guint64 offset, gpointer data, gsize size);
gsize        virtio_write        (VirtioDevice *self, const VirtioChain *chain, guint64 offset, gconstpointer data, gsize size);
/* In guest memory.  FALSE: not all of it is RAM; what is not reads as zeros, and takes nothing. */
gboolean     virtio_dma_read     (VirtioDevice *self, guint64 address, gpointer data, gsize size);
gboolean     virtio_dma_write    (VirtioDevice *self, guint64 address, gconstpointer data, gsize size);

/* The device's configuration changed by itself: the driver is told. */
void         virtio_config_changed (VirtioDevice *self);
/* The driver made a mistake: a guest event; the device works no more until it is reset. */
void         virtio_fail         (VirtioDevice *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* A smaller one: only the event. */
void         virtio_complain     (VirtioDevice *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The driver said DRIVER_OK, and made no mistake. */
gboolean     virtio_is_live      (VirtioDevice *self);

/* ---- for transports ---- */

/* Before power-on. */
void         virtio_connect      (AsternDevice *device, const VirtioTransport *transport, AsternDevice *transport_device);
void         virtio_set_status   (VirtioDevice *self, guint8 status);
/* One half, 0 or 1, of the features. */
guint32      virtio_offered      (VirtioDevice *self, guint half);
void         virtio_accept       (VirtioDevice *self, guint half, guint32 features);
void         virtio_set_size     (VirtioDevice *self, guint queue, guint16 size);
void         virtio_enable_queue (VirtioDevice *self, guint queue);
void         virtio_reset_queue  (VirtioDevice *self, guint queue);
/* The legacy interfaces: the three areas lie behind each other, at multiples of @align. */
void         virtio_lay_out      (VirtioDevice *self, guint queue, guint64 address, guint32 align);
void         virtio_kick         (VirtioDevice *self, guint queue);
/* Of 1, 2, 4 or 8 bytes; all ones outside. */
guint64      virtio_read_config  (VirtioDevice *self, guint64 offset, guint size);
void         virtio_write_config (VirtioDevice *self, guint64 offset, guint size, guint64 value);
