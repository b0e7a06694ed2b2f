/* virtio-pci.c - see virtio-pci.h.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, section 4.1; the legacy interface: section 4.1.4.8.
 * Left out: shared memory regions, PCI Express.
 *
 * The BAR of memory holds, a page each: the common configuration, the ISR status, the device's configuration, the
 * notification addresses.  They are windows of their own here, which lie nowhere; the BAR's window leads to them. */
#include "config.h"

#include "hw/virtio/virtio-pci.h"

#include "core/machine.h"

#include <string.h>

enum
{
  WINDOW_CONFIG, WINDOW_PORTS, WINDOW_MEMORY, WINDOW_MSIX,
  WINDOW_LEGACY, WINDOW_COMMON, WINDOW_ISR,
};
enum { BAR_PORTS = 0, BAR_MSIX = 1, BAR_MEMORY = 4 };
enum { CAP_COMMON = 1, CAP_NOTIFY, CAP_ISR, CAP_DEVICE, CAP_PCI_CFG };

#define PART_BYTES    0x1000
#define MEMORY_BYTES  (4 * PART_BYTES)
enum { PART_COMMON, PART_ISR, PART_DEVICE, PART_NOTIFY };

#define NOTIFY_STEP   4
#define LEGACY_NOTIFY 0x10
#define MSIX_PBA      0x800
#define NO_VECTOR     0xffff
#define PORTS_BYTES   256
#define LEGACY_CONFIG 20          /* the device's configuration is here, or four bytes further with MSI-X */
#define LEGACY_ALIGN  4096

/* In the capability of the other kind of access (section 4.1.4.9). */
enum { CFG_BAR = 4, CFG_OFFSET = 8, CFG_LENGTH = 12, CFG_DATA = 16, CFG_BYTES = 20 };

static VirtioPci *
self_of (gconstpointer state)
{
  return (VirtioPci *) ((guint8 *) state - G_STRUCT_OFFSET (VirtioPci, s));
}

/* The queue that is chosen; NULL: there is none. */
static VirtioQueue *
chosen (const VirtioPci *self)
{
  if (self->virtio == NULL || self->s.queue_select >= self->virtio->n_queues)
    return NULL;
  return virtio_queue (self->virtio, self->s.queue_select);
}

/* ---- what virtio devices ask for ---- */

static gboolean
dma_read (AsternDevice *device, guint64 address, gpointer data, gsize size)
{
  return astern_pci_dma_read (device, address, data, size);
}

static gboolean
dma_write (AsternDevice *device, guint64 address, gconstpointer data, gsize size)
{
  return astern_pci_dma_write (device, address, data, size);
}

static void
interrupt (AsternDevice *device, gint queue)
{
  VirtioPci *self = (VirtioPci *) device;
  guint vector = queue < 0 ? self->s.config_vector : virtio_queue (self->virtio, (guint) queue)->vector;

  if (astern_pci_msix_enabled (device))
    {
      if (vector < self->n_vectors)
        astern_pci_notify (device, vector);
      return;
    }
  virtio_state (self->virtio)->isr |= queue < 0 ? 3 : 1;
  astern_pci_set_intx (device, 0, TRUE);
}

static const VirtioTransport transport = { dma_read, dma_write, interrupt };

/* ---- registers ---- */

static guint64
device_feature_value (gconstpointer state, guint32 offset)
{
  VirtioPci *self = self_of (state);
  guint half = self->s.device_feature_select;

  if (self->virtio == NULL)
    return 0;
  return virtio_offered (self->virtio, half) & ~(half == 0 ? VIRTIO_F_NOTIFY_ON_EMPTY | VIRTIO_F_ANY_LAYOUT : 0);
}

static guint64
driver_feature_value (gconstpointer state, guint32 offset)
{
  VirtioPci *self = self_of (state);

  if (self->virtio == NULL || self->s.driver_feature_select >= 2)
    return 0;
  return virtio_state (self->virtio)->accepted >> 32 * self->s.driver_feature_select & G_MAXUINT32;
}

static void
driver_feature_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioPci *self = (VirtioPci *) device;

  if (self->virtio != NULL)
    virtio_accept (self->virtio, self->s.driver_feature_select, (guint32) value);
}

static guint64
legacy_features_value (gconstpointer state, guint32 offset)
{
  VirtioPci *self = self_of (state);

  return self->virtio != NULL ? virtio_offered (self->virtio, 0) : 0;
}

static guint64
legacy_accepted_value (gconstpointer state, guint32 offset)
{
  VirtioPci *self = self_of (state);

  return self->virtio != NULL ? virtio_state (self->virtio)->accepted & G_MAXUINT32 : 0;
}

static void
legacy_accepted_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioPci *self = (VirtioPci *) device;

  if (self->virtio != NULL)
    virtio_accept (self->virtio, 0, (guint32) value & virtio_offered (self->virtio, 0));
}

static guint16
good_vector (const VirtioPci *self, guint64 value)
{
  return (guint16) value < self->n_vectors ? (guint16) value : NO_VECTOR;
}

static void
config_vector_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioPci *self = (VirtioPci *) device;

  self->s.config_vector = good_vector (self, value);
}

static guint64
num_queues_value (gconstpointer state, guint32 offset)
{
  VirtioPci *self = self_of (state);

  return self->virtio != NULL ? self->virtio->n_queues : 0;
}

static guint64
status_value (gconstpointer state, guint32 offset)
{
  VirtioPci *self = self_of (state);

  return self->virtio != NULL ? virtio_state (self->virtio)->status : 0;
}

static void
status_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioPci *self = (VirtioPci *) device;

  if (self->virtio == NULL)
    return;
  virtio_set_status (self->virtio, (guint8) value);
  if (value != 0)
    return;
  self->s.config_vector = NO_VECTOR;
  self->s.queue_select = 0;
  self->s.device_feature_select = self->s.driver_feature_select = 0;
  astern_pci_set_intx (device, 0, FALSE);
}

static guint64
generation_value (gconstpointer state, guint32 offset)
{
  VirtioPci *self = self_of (state);

  return self->virtio != NULL ? virtio_state (self->virtio)->generation : 0;
}

static guint64
isr_value (gconstpointer state, guint32 offset)
{
  VirtioPci *self = self_of (state);

  return self->virtio != NULL ? virtio_state (self->virtio)->isr : 0;
}

static void
isr_did_read (AsternDevice *device, guint32 offset)
{
  VirtioPci *self = (VirtioPci *) device;

  if (self->virtio == NULL)
    return;
  virtio_state (self->virtio)->isr = 0;
  astern_pci_set_intx (device, 0, FALSE);
}

/* A member of the chosen queue. */
#define QUEUE_VALUE(what, expression, otherwise)                          \
  static guint64                                                          \
  what##_value (gconstpointer state, guint32 offset)                      \
  {                                                                       \
    const VirtioQueue *q = chosen (self_of (state));                      \
                                                                          \
    return q != NULL ? (expression) : (otherwise);                        \
  }

QUEUE_VALUE (queue_size, q->size, 0)
QUEUE_VALUE (queue_vector, q->vector, NO_VECTOR)
QUEUE_VALUE (queue_enable, q->enabled, 0)
QUEUE_VALUE (queue_desc, q->desc, 0)
QUEUE_VALUE (queue_driver, q->driver, 0)
QUEUE_VALUE (queue_device, q->device, 0)
QUEUE_VALUE (queue_address, q->enabled ? q->desc / LEGACY_ALIGN & G_MAXUINT32 : 0, 0)

static void
queue_size_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioPci *self = (VirtioPci *) device;

  if (self->virtio != NULL)
    virtio_set_size (self->virtio, self->s.queue_select, (guint16) value);
}

static void
queue_vector_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioPci *self = (VirtioPci *) device;
  VirtioQueue *q = chosen (self);

  if (q != NULL)
    q->vector = good_vector (self, value);
}

static void
queue_enable_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioPci *self = (VirtioPci *) device;

  if (self->virtio != NULL && value == 1)
    virtio_enable_queue (self->virtio, self->s.queue_select);
}

static guint64
queue_select_value (gconstpointer state, guint32 offset)
{
  return ((const VirtioPciState *) state)->queue_select;
}

/* One of the three addresses; the halves are written by 4 bytes. */
static void
address_did_write (AsternDevice *device, guint32 offset, guint64 value, guint64 bits)
{
  VirtioPci *self = (VirtioPci *) device;
  VirtioQueue *q = chosen (self);
  guint64 *address;

  if (q == NULL || q->enabled)
    return;
  address = offset < 0x28 ? &q->desc : offset < 0x30 ? &q->driver : &q->device;
  *address = (*address & ~bits) | (value & bits);
}

static void
address_whole_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  address_did_write (device, offset, value, G_MAXUINT64);
}

static void
address_low_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  address_did_write (device, offset, value, G_MAXUINT32);
}

static void
address_high_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  address_did_write (device, offset, value << 32, ~(guint64) G_MAXUINT32);
}

static void
queue_reset_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioPci *self = (VirtioPci *) device;

  if (self->virtio != NULL && value == 1 && virtio_has (self->virtio, VIRTIO_F_RING_RESET))
    virtio_reset_queue (self->virtio, self->s.queue_select);
}

static void
queue_address_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioPci *self = (VirtioPci *) device;

  if (self->virtio != NULL)
    virtio_lay_out (self->virtio, self->s.queue_select, value * LEGACY_ALIGN, LEGACY_ALIGN);
}

static void
queue_notify_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioPci *self = (VirtioPci *) device;

  if (self->virtio != NULL)
    virtio_kick (self->virtio, (guint16) value);
}

static const AsternRegField status_bits[] = {
  { 0, 1, "ACKNOWLEDGE" }, { 1, 1, "DRIVER" }, { 2, 1, "DRIVER_OK" }, { 3, 1, "FEATURES_OK" }, { 6, 1, "DEVICE_NEEDS_RESET" },
  { 7, 1, "FAILED" }, { 0 },
};
static const AsternRegField isr_bits[] = { { 0, 1, "queue" }, { 1, 1, "configuration" }, { 0 } };

#define AT(member) G_STRUCT_OFFSET (VirtioPciState, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK
#define R          ASTERN_REG_R
#define W          ASTERN_REG_W
#define RW         ASTERN_REG_RW
#define ALL        G_MAXUINT64

/* An address of 64 bits that is written by halves is not read first: what is there need not be whole. */
#define ADDRESS(at, label, value)                                                                               \
  { at,     ANY, W,  4, label " low",  NONE, 0, 0,   NULL,  NULL, address_low_did_write,   1, NULL },           \
  { at + 4, ANY, W,  4, label " high", NONE, 0, 0,   NULL,  NULL, address_high_did_write,  1, NULL },           \
  { at,     ANY, RW, 8, label,         NONE, 0, ALL, value, NULL, address_whole_did_write, 1, NULL }

static const AsternReg common[] = {
/* off   bank access w  name                     backing                     reset writable value                 read  did_write                 n  bits */
  { 0x00, ANY, RW, 4, "device_feature_select", AT (device_feature_select), 0, ALL,   NULL,                 NULL, NULL,                     1, NULL },
  { 0x04, ANY, R,  4, "device_feature",        NONE,                       0, 0,     device_feature_value, NULL, NULL,                     1, NULL },
  { 0x08, ANY, RW, 4, "driver_feature_select", AT (driver_feature_select), 0, ALL,   NULL,                 NULL, NULL,                     1, NULL },
  { 0x0c, ANY, RW, 4, "driver_feature",        NONE,                       0, ALL,   driver_feature_value, NULL, driver_feature_did_write, 1, NULL },
  { 0x10, ANY, RW, 2, "config_msix_vector",    AT (config_vector),   NO_VECTOR, ALL, NULL,                 NULL, config_vector_did_write,  1, NULL },
  { 0x12, ANY, R,  2, "num_queues",            NONE,                       0, 0,     num_queues_value,     NULL, NULL,                     1, NULL },
  { 0x14, ANY, RW, 1, "device_status",         NONE,                       0, ALL,   status_value,         NULL, status_did_write,         1, status_bits },
  { 0x15, ANY, R,  1, "config_generation",     NONE,                       0, 0,     generation_value,     NULL, NULL,                     1, NULL },
  { 0x16, ANY, RW, 2, "queue_select",          AT (queue_select),          0, ALL,   NULL,                 NULL, NULL,                     1, NULL },
  { 0x18, ANY, RW, 2, "queue_size",            NONE,                       0, ALL,   queue_size_value,     NULL, queue_size_did_write,     1, NULL },
  { 0x1a, ANY, RW, 2, "queue_msix_vector",     NONE,                       0, ALL,   queue_vector_value,   NULL, queue_vector_did_write,   1, NULL },
  { 0x1c, ANY, RW, 2, "queue_enable",          NONE,                       0, ALL,   queue_enable_value,   NULL, queue_enable_did_write,   1, NULL },
  { 0x1e, ANY, R,  2, "queue_notify_off",      NONE,                       0, 0,     queue_select_value,   NULL, NULL,                     1, NULL },
  ADDRESS (0x20, "queue_desc", queue_desc_value),
  ADDRESS (0x28, "queue_driver", queue_driver_value),
  ADDRESS (0x30, "queue_device", queue_device_value),
  { 0x38, ANY, R,  2, "queue_notify_data",     NONE,                       0, 0,     NULL,                 NULL, NULL,                     1, NULL },
  { 0x3a, ANY, RW, 2, "queue_reset",           NONE,                       0, ALL,   NULL,                 NULL, queue_reset_did_write,    1, NULL },
};

static const AsternReg isr_status[] = {
  { 0x00, ANY, R,  1, "ISR status",            NONE,                       0, 0,     isr_value,            isr_did_read, NULL,             1, isr_bits },
};

static const AsternReg legacy[] = {
  { 0x00, ANY, R,  4, "device features",       NONE,                       0, 0,     legacy_features_value, NULL, NULL,                    1, NULL },
  { 0x04, ANY, RW, 4, "driver features",       NONE,                       0, ALL,   legacy_accepted_value, NULL, legacy_accepted_did_write, 1, NULL },
  { 0x08, ANY, RW, 4, "queue address",         NONE,                       0, ALL,   queue_address_value,  NULL, queue_address_did_write,  1, NULL },
  { 0x0c, ANY, R,  2, "queue size",            NONE,                       0, 0,     queue_size_value,     NULL, NULL,                     1, NULL },
  { 0x0e, ANY, RW, 2, "queue select",          AT (queue_select),          0, ALL,   NULL,                 NULL, NULL,                     1, NULL },
  { 0x10, ANY, W,  2, "queue notify",          NONE,                       0, 0,     NULL,                 NULL, queue_notify_did_write,   1, NULL },
  { 0x12, ANY, RW, 1, "device status",         NONE,                       0, ALL,   status_value,         NULL, status_did_write,         1, status_bits },
  { 0x13, ANY, R,  1, "ISR status",            NONE,                       0, 0,     isr_value,            isr_did_read, NULL,             1, isr_bits },
  { 0x14, ANY, RW, 2, "config MSI-X vector",   AT (config_vector),   NO_VECTOR, ALL, NULL,                 NULL, config_vector_did_write,  1, NULL },
  { 0x16, ANY, RW, 2, "queue MSI-X vector",    NONE,                       0, ALL,   queue_vector_value,   NULL, queue_vector_did_write,   1, NULL },
};

/* ---- windows ---- */

static guint64
inner (AsternDevice *device, guint window, guint64 offset, guint size, const AsternAccess *access)
{
  if (offset + size > device->klass->windows[window].size)
    return G_MAXUINT64;
  return access == NULL || access->origin == ASTERN_ORIGIN_DEBUGGER ? astern_device_peek (device, window, offset, size)
                                                                     : astern_device_read (device, window, offset, size, access);
}

static void
inner_write (AsternDevice *device, guint window, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  if (offset + size <= device->klass->windows[window].size)
    astern_device_write (device, window, offset, size, value, access);
}

static guint64
ports_config (AsternDevice *device)
{
  return astern_pci_msix_enabled (device) ? LEGACY_CONFIG + 4 : LEGACY_CONFIG;
}

static guint64
ports_access (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  VirtioPci *self = (VirtioPci *) device;
  guint64 config = ports_config (device);

  if (offset < config)
    return inner (device, WINDOW_LEGACY, offset, size, access);
  return self->virtio != NULL ? virtio_read_config (self->virtio, offset - config, size) : G_MAXUINT64;
}

static guint64
ports_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return ports_access (device, offset, size, access);
}

static guint64
ports_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return ports_access (device, offset, size, NULL);
}

static void
ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  VirtioPci *self = (VirtioPci *) device;
  guint64 config = ports_config (device);

  if (offset < config)
    inner_write (device, WINDOW_LEGACY, offset, size, value, access);
  else if (self->virtio != NULL)
    virtio_write_config (self->virtio, offset - config, size, value);
}

static guint64
memory_access (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  VirtioPci *self = (VirtioPci *) device;
  guint64 within = offset % PART_BYTES;

  switch (offset / PART_BYTES)
    {
    case PART_COMMON: return inner (device, WINDOW_COMMON, within, size, access);
    case PART_ISR:    return inner (device, WINDOW_ISR, within, size, access);
    case PART_DEVICE: return self->virtio != NULL ? virtio_read_config (self->virtio, within, size) : G_MAXUINT64;
    default:          return 0;
    }
}

static guint64
memory_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return memory_access (device, offset, size, access);
}

static guint64
memory_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return memory_access (device, offset, size, NULL);
}

static void
memory_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  VirtioPci *self = (VirtioPci *) device;
  guint64 within = offset % PART_BYTES;

  switch (offset / PART_BYTES)
    {
    case PART_COMMON:
      inner_write (device, WINDOW_COMMON, within, size, value, access);
      break;
    case PART_DEVICE:
      if (self->virtio != NULL)
        virtio_write_config (self->virtio, within, size, value);
      break;
    case PART_NOTIFY:
      if (self->virtio != NULL)
        virtio_kick (self->virtio, (guint) within / NOTIFY_STEP);
      break;
    default:
      break;
    }
}

static gboolean
memory_doorbell (AsternDevice *device, guint index, AsternDoorbell *doorbell)
{
  const VirtioPci *self = (const VirtioPci *) device;

  if (self->virtio == NULL || index >= self->virtio->n_queues)
    return FALSE;
  *doorbell = (AsternDoorbell) { .offset = PART_NOTIFY * PART_BYTES + index * NOTIFY_STEP };
  return TRUE;
}

static gboolean
ports_doorbell (AsternDevice *device, guint index, AsternDoorbell *doorbell)
{
  const VirtioPci *self = (const VirtioPci *) device;

  if (self->virtio == NULL || index >= self->virtio->n_queues)
    return FALSE;
  *doorbell = (AsternDoorbell) { .offset = LEGACY_NOTIFY, .size = 2, .has_value = TRUE, .value = index };
  return TRUE;
}

static guint64
msix_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  if (((VirtioPci *) device)->n_vectors == 0)
    return 0;
  return offset >= MSIX_PBA ? astern_pci_msix_read (device, TRUE, offset - MSIX_PBA, size)
                            : astern_pci_msix_read (device, FALSE, offset, size);
}

static void
msix_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  if (((VirtioPci *) device)->n_vectors != 0 && offset < MSIX_PBA)
    astern_pci_msix_write (device, offset, size, value);
}

/* The BAR that the capability PCI_CFG names now, for a driver that reaches it through the configuration space
 * (section 4.1.4.9).  FALSE: it names nothing. */
static gboolean
find_through_config (AsternDevice *device, guint *where, guint *length)
{
  guint at = ((VirtioPci *) device)->cfg;

  if (at == 0)
    return FALSE;
  *where = astern_pci_get (device, at + CFG_OFFSET, 4);
  *length = astern_pci_get (device, at + CFG_LENGTH, 4);
  return astern_pci_get (device, at + CFG_BAR, 1) == BAR_MEMORY && (*length == 1 || *length == 2 || *length == 4)
         && *where % *length == 0 && *where < MEMORY_BYTES;
}

static gboolean
touches_data (AsternDevice *device, guint64 offset, guint size)
{
  guint at = ((VirtioPci *) device)->cfg;

  return at != 0 && size <= 4 && offset < at + CFG_BYTES && offset + size > at + CFG_DATA;
}

/* A read of the capability's data reads the BAR. */
static guint64
config_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  guint where, length;

  if (touches_data (device, offset, size) && (access == NULL || access->origin != ASTERN_ORIGIN_DEBUGGER)
      && find_through_config (device, &where, &length))
    virtio_put (((VirtioPci *) device)->s.pci.config + ((VirtioPci *) device)->cfg + CFG_DATA, length,
                astern_device_read (device, WINDOW_MEMORY, where, length, access));
  return astern_pci_config_read (device, offset, size, access);
}

/* ... and a write of it has written it. */
static void
config_changed (AsternDevice *device, guint offset, guint size)
{
  guint where, length;

  if (touches_data (device, offset, size) && find_through_config (device, &where, &length))
    astern_device_write (device, WINDOW_MEMORY, where, length,
                         astern_pci_get (device, ((VirtioPci *) device)->cfg + CFG_DATA, 4), NULL);
}

const AsternWindow virtio_pci_windows[VIRTIO_PCI_WINDOWS] = {
  [WINDOW_CONFIG] = { .name = "config", .size = 256, .min_size = 1, .max_size = 4,
                      .read = config_read, .write = astern_pci_config_write, .peek = astern_pci_config_read },
  [WINDOW_PORTS]  = { .name = "ports", .size = PORTS_BYTES, .min_size = 1, .max_size = 4,
                      .read = ports_read, .write = ports_write, .peek = ports_peek, .doorbell = ports_doorbell },
  [WINDOW_MEMORY] = { .name = "memory", .size = MEMORY_BYTES, .min_size = 1, .max_size = 8,
                      .read = memory_read, .write = memory_write, .peek = memory_peek, .doorbell = memory_doorbell },
  [WINDOW_MSIX]   = { .name = "msix", .size = PART_BYTES, .min_size = 4, .max_size = 8,
                      .read = msix_read, .write = msix_write, .peek = msix_read },
  [WINDOW_LEGACY] = { .name = "legacy", .size = 0x18, .regs = legacy, .n_regs = G_N_ELEMENTS (legacy) },
  [WINDOW_COMMON] = { .name = "common", .size = 0x3c, .regs = common, .n_regs = G_N_ELEMENTS (common) },
  [WINDOW_ISR]    = { .name = "isr", .size = 1, .regs = isr_status, .n_regs = G_N_ELEMENTS (isr_status) },
};

/* ---- the class ---- */

void
virtio_pci_init (AsternDevice *device)
{
  VirtioPci *self = (VirtioPci *) device;

  self->info = (AsternPciInfo) {
    .vendor = 0x1af4, .device = 0x1040, .revision = 1, .class_code = 0x00ff00, .interrupt_pin = 1,
    .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE,
    .config_changed = config_changed,
  };
  astern_pci_init (device, &self->info);
}

void
virtio_pci_reset (AsternDevice *device)
{
  VirtioPci *self = (VirtioPci *) device;

  self->s.device_feature_select = self->s.driver_feature_select = 0;
  self->s.queue_select = 0;
  self->s.config_vector = NO_VECTOR;
  astern_pci_reset (device);
  astern_pci_set_intx (device, 0, FALSE);
}

#define F(member) ASTERN_FIELD (VirtioPciState, member, 1)
const AsternField virtio_pci_fields[VIRTIO_PCI_FIELDS] = {
  ASTERN_PCI_FIELDS (VirtioPciState, 1), ASTERN_PCI_MSIX_FIELDS (VirtioPciState, 1),
  F (device_feature_select), F (driver_feature_select), F (queue_select), F (config_vector), F (reserved),
};

/* ---- making one ---- */

static void
add_capability (AsternDevice *device, guint8 type, guint part, guint32 length)
{
  guint bytes = type == CAP_NOTIFY || type == CAP_PCI_CFG ? 20 : 16;
  guint at = astern_pci_add_capability (device, PCI_CAP_VENDOR, 0, bytes);

  astern_pci_set_reset (device, at + 2, 1, bytes);
  astern_pci_set_reset (device, at + 3, 1, type);
  if (type == CAP_PCI_CFG)
    {
      VirtioPci *self = (VirtioPci *) device;

      self->cfg = (guint8) at;
      self->parent.writable[at + CFG_BAR] = 0xff;
      memset (&self->parent.writable[at + CFG_OFFSET], 0xff, CFG_BYTES - CFG_OFFSET);
      return;
    }
  astern_pci_set_reset (device, at + 4, 1, BAR_MEMORY);
  astern_pci_set_reset (device, at + 8, 4, part * PART_BYTES);
  astern_pci_set_reset (device, at + 12, 4, length);
  if (type == CAP_NOTIFY)
    astern_pci_set_reset (device, at + 16, 4, NOTIFY_STEP);
}

static void
identify (VirtioPci *self, gboolean is_legacy)
{
  const VirtioType *type = self->virtio->type;

  self->info.device = is_legacy ? type->pci_legacy_id : (guint16) (0x1040 + type->id);
  self->info.revision = is_legacy ? 0 : 1;
  self->info.class_code = type->pci_class;
  if (is_legacy)
    astern_pci_set_subsystem (&self->parent.parent, 0x1af4, type->id);
}

void
virtio_pci_connect (AsternDevice *device, VirtioDevice *virtio, gboolean is_legacy, gboolean is_modern, guint vectors)
{
  VirtioPci *self = (VirtioPci *) device;
  guint bytes = 32;

  g_return_if_fail (self->virtio == NULL && (is_legacy || is_modern));

  self->virtio = virtio;
  self->n_vectors = (guint16) MIN (vectors != 0 ? vectors : virtio->n_queues + 1u, ASTERN_PCI_MSIX_VECTORS);
  virtio_connect (&virtio->parent, &transport, device);
  identify (self, is_legacy && virtio->type->pci_legacy_id != 0);
  if (!is_modern)
    virtio->offered &= G_MAXUINT32;
  while (bytes < LEGACY_CONFIG + 4 + virtio->type->config_size)
    bytes *= 2;
  if (is_legacy)
    astern_pci_set_bar (device, BAR_PORTS, ASTERN_PCI_BAR_PORTS, MIN (bytes, PORTS_BYTES), WINDOW_PORTS, NULL);
  astern_pci_set_bar (device, BAR_MSIX, ASTERN_PCI_BAR_MEMORY, PART_BYTES, WINDOW_MSIX, NULL);
  astern_pci_add_msix (device, 0, self->n_vectors, BAR_MSIX, 0, MSIX_PBA, G_STRUCT_OFFSET (VirtioPciState, msix));
  if (is_modern)
    {
      astern_pci_set_bar64 (device, BAR_MEMORY, ASTERN_PCI_BAR_PREFETCH, MEMORY_BYTES, WINDOW_MEMORY, NULL);
      add_capability (device, CAP_COMMON, PART_COMMON, PART_BYTES);
      add_capability (device, CAP_ISR, PART_ISR, PART_BYTES);
      add_capability (device, CAP_DEVICE, PART_DEVICE, PART_BYTES);
      add_capability (device, CAP_NOTIFY, PART_NOTIFY, PART_BYTES);
      add_capability (device, CAP_PCI_CFG, 0, 0);
    }
  astern_device_reset (device);
}

VirtioDevice *
virtio_pci_device (AsternDevice *device)
{
  return ((VirtioPci *) device)->virtio;
}
