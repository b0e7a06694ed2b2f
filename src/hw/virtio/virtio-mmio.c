/* virtio-mmio.c - see virtio-mmio.h.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, section 4.2; the legacy interface: section 4.2.4.
 * Left out: shared memory regions (there are none: their length reads as all ones).
 *
 * The registers are windows of their own here, one for each version, which lie nowhere; the slot's window leads to them, and to the
 * device's configuration behind them. */
#include "config.h"

#include "hw/virtio/virtio-mmio.h"

#include "core/machine.h"
#include "hw/boards/shadow-ram.h"

#include <string.h>

#include <glib/gi18n.h>

enum { WINDOW_SLOT, WINDOW_REGISTERS, WINDOW_LEGACY };
enum { ISR_RING = 1, ISR_CONFIG = 2 };

#define MAGIC        0x74726976u         /* "virt" */
#define VENDOR       0x1af4u
#define CONFIG       0x100u              /* the device's configuration is here */
#define LEGACY_ALIGN 4096u

/* Of each slot; a line has two. */
static const guint8 lines[VIRTIO_MMIO_SLOTS] = { 5, 7, 10, 11, 5, 7, 10, 11 };

/* Others than these may be on the line, too: the board's second input of it is ours. */
#define SECOND_INPUT 16

static VirtioMmio *
self_of (gconstpointer state)
{
  return (VirtioMmio *) ((guint8 *) state - G_STRUCT_OFFSET (VirtioMmio, s));
}

/* The queue that is chosen; NULL: there is none. */
static VirtioQueue *
chosen (const VirtioMmio *self)
{
  if (self->virtio == NULL || self->s.queue_select >= self->virtio->n_queues)
    return NULL;
  return virtio_queue (self->virtio, self->s.queue_select);
}

/* ---- the line ---- */

static gboolean
wants_line (const AsternDevice *device)
{
  const VirtioMmio *self = (const VirtioMmio *) device;

  return device != NULL && self->virtio != NULL && virtio_state (self->virtio)->isr != 0;
}

/* After a state was loaded nothing is driven: whoever the line leads to has its level in his own state, and what is
 * behind the other slot may not be loaded yet.
 * @edge: something new has happened.  A system that was not told by ACPI takes the line by its edges, and two may be on
 * it; so one that is up already goes down for a moment. */
static void
drive_line (VirtioMmio *self, gboolean edge)
{
  VirtioMmioBus *bus = self->bus;
  gboolean level = FALSE;
  guint line;

  if (bus == NULL)
    return;
  line = lines[self->slot];
  for (guint slot = 0; slot < VIRTIO_MMIO_SLOTS; slot++)
    level = level || (lines[slot] == line && wants_line (bus->slots[slot]));
  if (level && edge)
    bus->set_irq (bus->router, line + SECOND_INPUT, FALSE);
  bus->set_irq (bus->router, line + SECOND_INPUT, level);
}

/* ---- what virtio devices ask for ---- */

static gboolean
dma_read (AsternDevice *device, guint64 address, gpointer data, gsize size)
{
  astern_bus_read_bytes (device->machine->physical, (AsternPaddr) { address }, data, size, ASTERN_ORIGIN_DMA);
  return TRUE;
}

static gboolean
dma_write (AsternDevice *device, guint64 address, gconstpointer data, gsize size)
{
  astern_bus_write_bytes (device->machine->physical, (AsternPaddr) { address }, data, size, ASTERN_ORIGIN_DMA);
  return TRUE;
}

static void
interrupt (AsternDevice *device, gint queue)
{
  VirtioMmio *self = (VirtioMmio *) device;

  virtio_state (self->virtio)->isr |= queue < 0 ? ISR_CONFIG : ISR_RING;
  drive_line (self, TRUE);
}

static const VirtioTransport transport = { dma_read, dma_write, interrupt };

/* ---- registers ---- */

static guint64
magic_value (gconstpointer state, guint32 offset)
{
  return MAGIC;
}

static guint64
version_value (gconstpointer state, guint32 offset)
{
  return self_of (state)->legacy ? 1 : 2;
}

static guint64
device_id_value (gconstpointer state, guint32 offset)
{
  VirtioMmio *self = self_of (state);

  return self->virtio != NULL ? self->virtio->type->id : 0;
}

static guint64
vendor_value (gconstpointer state, guint32 offset)
{
  return VENDOR;
}

static guint64
device_features_value (gconstpointer state, guint32 offset)
{
  VirtioMmio *self = self_of (state);
  guint half = self->s.device_feature_select;

  if (self->virtio == NULL)
    return 0;
  return virtio_offered (self->virtio, half)
         & ~(half == 0 && !self->legacy ? VIRTIO_F_NOTIFY_ON_EMPTY | VIRTIO_F_ANY_LAYOUT : 0);
}

static void
driver_features_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioMmio *self = (VirtioMmio *) device;
  guint half = self->s.driver_feature_select;

  if (self->virtio == NULL)
    return;
  virtio_accept (self->virtio, half, (guint32) value & (self->legacy ? virtio_offered (self->virtio, half) : G_MAXUINT32));
}

static void
page_size_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioMmio *self = (VirtioMmio *) device;

  if (value != 0 && (value & (value - 1)) == 0)
    return;
  self->s.page_size = 0;
  if (self->virtio != NULL)
    virtio_complain (self->virtio, "pages of %u bytes", (guint) value);
}

static guint64
queue_num_max_value (gconstpointer state, guint32 offset)
{
  VirtioMmio *self = self_of (state);

  return chosen (self) != NULL ? self->virtio->queue_size : 0;
}

static void
queue_num_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioMmio *self = (VirtioMmio *) device;

  if (self->virtio != NULL)
    virtio_set_size (self->virtio, self->s.queue_select, (guint16) MIN (value, G_MAXUINT16));
}

static guint64
queue_pfn_value (gconstpointer state, guint32 offset)
{
  VirtioMmio *self = self_of (state);
  const VirtioQueue *q = chosen (self);

  return q != NULL && q->enabled && self->s.page_size != 0 ? q->desc / self->s.page_size & G_MAXUINT32 : 0;
}

static void
queue_pfn_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioMmio *self = (VirtioMmio *) device;

  if (self->virtio == NULL)
    return;
  if (self->s.page_size == 0 && value != 0)
    virtio_complain (self->virtio, "a queue before the size of pages");
  else
    virtio_lay_out (self->virtio, self->s.queue_select, value * self->s.page_size, self->s.align);
}

static guint64
queue_ready_value (gconstpointer state, guint32 offset)
{
  const VirtioQueue *q = chosen (self_of (state));

  return q != NULL ? q->enabled : 0;
}

static void
queue_ready_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioMmio *self = (VirtioMmio *) device;

  if (self->virtio == NULL)
    return;
  if (value == 1)
    virtio_enable_queue (self->virtio, self->s.queue_select);
  else if (value == 0)
    virtio_reset_queue (self->virtio, self->s.queue_select);
}

static void
queue_reset_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioMmio *self = (VirtioMmio *) device;

  if (self->virtio != NULL && value == 1 && virtio_has (self->virtio, VIRTIO_F_RING_RESET))
    virtio_reset_queue (self->virtio, self->s.queue_select);
}

static void
queue_notify_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioMmio *self = (VirtioMmio *) device;

  if (self->virtio != NULL)
    virtio_kick (self->virtio, (guint) value);
}

static guint64
interrupt_status_value (gconstpointer state, guint32 offset)
{
  VirtioMmio *self = self_of (state);

  return self->virtio != NULL ? virtio_state (self->virtio)->isr : 0;
}

static void
interrupt_ack_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioMmio *self = (VirtioMmio *) device;

  if (self->virtio == NULL)
    return;
  virtio_state (self->virtio)->isr &= (guint8) ~value;
  drive_line (self, FALSE);
}

static guint64
status_value (gconstpointer state, guint32 offset)
{
  VirtioMmio *self = self_of (state);

  return self->virtio != NULL ? virtio_state (self->virtio)->status : 0;
}

static void
status_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioMmio *self = (VirtioMmio *) device;
  guint32 page_size = self->s.page_size;

  if (self->virtio == NULL)
    return;
  virtio_set_status (self->virtio, (guint8) value);
  if (value != 0)
    return;
  virtio_mmio_reset (device);
  self->s.page_size = page_size;        /* a driver says it once, before its first reset */
}

/* One of the three addresses, by halves. */
static void
address_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VirtioQueue *q = chosen ((VirtioMmio *) device);
  guint shift = offset & 4 ? 32 : 0;
  guint64 *address;

  if (q == NULL || q->enabled)
    return;
  address = offset < 0x90 ? &q->desc : offset < 0xa0 ? &q->driver : &q->device;
  *address = (*address & ~((guint64) G_MAXUINT32 << shift)) | (value & G_MAXUINT32) << shift;
}

static guint64
ones_value (gconstpointer state, guint32 offset)
{
  return G_MAXUINT32;
}

static guint64
generation_value (gconstpointer state, guint32 offset)
{
  VirtioMmio *self = self_of (state);

  return self->virtio != NULL ? virtio_state (self->virtio)->generation : 0;
}

static const AsternRegField status_bits[] = {
  { 0, 1, "ACKNOWLEDGE" }, { 1, 1, "DRIVER" }, { 2, 1, "DRIVER_OK" }, { 3, 1, "FEATURES_OK" }, { 6, 1, "DEVICE_NEEDS_RESET" },
  { 7, 1, "FAILED" }, { 0 },
};
static const AsternRegField isr_bits[] = { { 0, 1, "queue" }, { 1, 1, "configuration" }, { 0 } };

#define AT(member) G_STRUCT_OFFSET (VirtioMmioState, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK
#define R          ASTERN_REG_R
#define W          ASTERN_REG_W
#define RW         ASTERN_REG_RW
#define ALL        G_MAXUINT64

/* off   bank access w  name               backing                     reset writable value                  read  did_write                  n  bits */
/* Of both versions of the interface. */
#define COMMON_REGISTERS                                                                                                                                     \
  { 0x00, ANY, R,  4, "MagicValue",        NONE,                       0,    0,   magic_value,            NULL, NULL,                      1, NULL },        \
  { 0x04, ANY, R,  4, "Version",           NONE,                       0,    0,   version_value,          NULL, NULL,                      1, NULL },        \
  { 0x08, ANY, R,  4, "DeviceID",          NONE,                       0,    0,   device_id_value,        NULL, NULL,                      1, NULL },        \
  { 0x0c, ANY, R,  4, "VendorID",          NONE,                       0,    0,   vendor_value,           NULL, NULL,                      1, NULL },        \
  { 0x10, ANY, R,  4, "DeviceFeatures",    NONE,                       0,    0,   device_features_value,  NULL, NULL,                      1, NULL },        \
  { 0x14, ANY, W,  4, "DeviceFeaturesSel", AT (device_feature_select), 0,    ALL, NULL,                   NULL, NULL,                      1, NULL },        \
  { 0x20, ANY, W,  4, "DriverFeatures",    NONE,                       0,    ALL, NULL,                   NULL, driver_features_did_write, 1, NULL },        \
  { 0x24, ANY, W,  4, "DriverFeaturesSel", AT (driver_feature_select), 0,    ALL, NULL,                   NULL, NULL,                      1, NULL },        \
  { 0x30, ANY, W,  4, "QueueSel",          AT (queue_select),          0,    ALL, NULL,                   NULL, NULL,                      1, NULL },        \
  { 0x34, ANY, R,  4, "QueueNumMax",       NONE,                       0,    0,   queue_num_max_value,    NULL, NULL,                      1, NULL },        \
  { 0x38, ANY, W,  4, "QueueNum",          NONE,                       0,    ALL, NULL,                   NULL, queue_num_did_write,       1, NULL },        \
  { 0x50, ANY, W,  4, "QueueNotify",       NONE,                       0,    ALL, NULL,                   NULL, queue_notify_did_write,    1, NULL },        \
  { 0x60, ANY, R,  4, "InterruptStatus",   NONE,                       0,    0,   interrupt_status_value, NULL, NULL,                      1, isr_bits },    \
  { 0x64, ANY, W,  4, "InterruptACK",      NONE,                       0,    ALL, NULL,                   NULL, interrupt_ack_did_write,   1, isr_bits },    \
  { 0x70, ANY, RW, 4, "Status",            NONE,                       0,    ALL, status_value,           NULL, status_did_write,          1, status_bits }

static const AsternReg modern_regs[] = {
  COMMON_REGISTERS,
  { 0x44, ANY, RW, 4, "QueueReady",        NONE,                       0,    ALL, queue_ready_value,      NULL, queue_ready_did_write,     1, NULL },
  { 0x80, ANY, W,  4, "QueueDesc",         NONE,                       0,    ALL, NULL,                   NULL, address_did_write,         2, NULL },
  { 0x90, ANY, W,  4, "QueueDriver",       NONE,                       0,    ALL, NULL,                   NULL, address_did_write,         2, NULL },
  { 0xa0, ANY, W,  4, "QueueDevice",       NONE,                       0,    ALL, NULL,                   NULL, address_did_write,         2, NULL },
  { 0xac, ANY, W,  4, "SHMSel",            AT (shm_select),            0,    ALL, NULL,                   NULL, NULL,                      1, NULL },
  { 0xb0, ANY, R,  4, "SHMLen",            NONE,                       0,    0,   ones_value,             NULL, NULL,                      2, NULL },
  { 0xb8, ANY, R,  4, "SHMBase",           NONE,                       0,    0,   ones_value,             NULL, NULL,                      2, NULL },
  { 0xc0, ANY, RW, 4, "QueueReset",        NONE,                       0,    ALL, NULL,                   NULL, queue_reset_did_write,     1, NULL },
  { 0xfc, ANY, R,  4, "ConfigGeneration",  NONE,                       0,    0,   generation_value,       NULL, NULL,                      1, NULL },
};

static const AsternReg legacy_regs[] = {
  COMMON_REGISTERS,
  { 0x28, ANY, W,  4, "GuestPageSize",     AT (page_size),             0,    ALL, NULL,                   NULL, page_size_did_write,       1, NULL },
  { 0x3c, ANY, W,  4, "QueueAlign",        AT (align),                 LEGACY_ALIGN, ALL, NULL,           NULL, NULL,                      1, NULL },
  { 0x40, ANY, RW, 4, "QueuePFN",          NONE,                       0,    ALL, queue_pfn_value,        NULL, queue_pfn_did_write,       1, NULL },
};

/* ---- windows ---- */

/* Registers are read and written by four bytes alone (section 4.2.2.2). */
static guint64
slot_access (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  VirtioMmio *self = (VirtioMmio *) device;
  guint window = self->legacy ? WINDOW_LEGACY : WINDOW_REGISTERS;

  if (offset >= CONFIG)
    return self->virtio != NULL ? virtio_read_config (self->virtio, offset - CONFIG, size) : G_MAXUINT64;
  if (size != 4)
    {
      if (access != NULL && self->virtio != NULL)
        virtio_complain (self->virtio, "register %#x is read by %u bytes", (guint) offset, size);
      return 0;
    }
  return access == NULL || access->origin == ASTERN_ORIGIN_DEBUGGER ? astern_device_peek (device, window, offset, size)
                                                                     : astern_device_read (device, window, offset, size, access);
}

static guint64
slot_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return slot_access (device, offset, size, access);
}

static guint64
slot_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return slot_access (device, offset, size, NULL);
}

static void
slot_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  VirtioMmio *self = (VirtioMmio *) device;

  if (offset < CONFIG && size == 4)
    astern_device_write (device, self->legacy ? WINDOW_LEGACY : WINDOW_REGISTERS, offset, size, value, access);
  else if (self->virtio == NULL)
    return;
  else if (offset < CONFIG)
    virtio_complain (self->virtio, "register %#x is written by %u bytes", (guint) offset, size);
  else
    virtio_write_config (self->virtio, offset - CONFIG, size, value);
}

const AsternWindow virtio_mmio_windows[VIRTIO_MMIO_WINDOWS] = {
  [WINDOW_SLOT]      = { .name = "slot", .size = VIRTIO_MMIO_BYTES, .min_size = 1, .max_size = 8,
                         .read = slot_read, .write = slot_write, .peek = slot_peek },
  [WINDOW_REGISTERS] = { .name = "registers", .size = CONFIG, .regs = modern_regs, .n_regs = G_N_ELEMENTS (modern_regs) },
  [WINDOW_LEGACY]    = { .name = "legacy", .size = CONFIG, .regs = legacy_regs, .n_regs = G_N_ELEMENTS (legacy_regs) },
};

/* ---- the class ---- */

void
virtio_mmio_reset (AsternDevice *device)
{
  VirtioMmio *self = (VirtioMmio *) device;

  self->s = (VirtioMmioState) { .align = LEGACY_ALIGN };
  drive_line (self, FALSE);
}

#define F(member) ASTERN_FIELD (VirtioMmioState, member, 1)
const AsternField virtio_mmio_fields[VIRTIO_MMIO_FIELDS] = {
  F (device_feature_select), F (driver_feature_select), F (queue_select), F (shm_select), F (page_size), F (align),
};

/* ---- making one ---- */

gboolean
virtio_mmio_is (const AsternDevice *device)
{
  return device->klass->windows == virtio_mmio_windows;
}

VirtioDevice *
virtio_mmio_device (AsternDevice *device)
{
  return ((VirtioMmio *) device)->virtio;
}

void
virtio_mmio_connect (AsternDevice *device, VirtioDevice *virtio, gboolean legacy)
{
  VirtioMmio *self = (VirtioMmio *) device;

  g_return_if_fail (self->virtio == NULL);

  self->virtio = virtio;
  self->legacy = legacy;
  virtio_connect (&virtio->parent, &transport, device);
  if (legacy)
    virtio->offered &= G_MAXUINT32;
}

gboolean
virtio_mmio_plug (VirtioMmioBus *bus, AsternDevice *device, gint slot, GError **error)
{
  VirtioMmio *self = (VirtioMmio *) device;

  for (gint i = 0; slot < 0 && i < VIRTIO_MMIO_SLOTS; i++)
    if (bus->slots[i] == NULL)
      slot = i;
  if (slot < 0 || slot >= VIRTIO_MMIO_SLOTS || bus->slots[slot] != NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("There is no room for the device “%s”: the board has eight places for such, virtio-mmio-bus.0 to .7, of one device each."),
                   device->name);
      return FALSE;
    }
  bus->slots[slot] = device;
  self->bus = bus;
  self->slot = (guint) slot;
  astern_bus_add_device (bus->memory, virtio_mmio_address (self->slot), device, WINDOW_SLOT, ASTERN_SHADOW_FIXED);
  return TRUE;
}

guint32
virtio_mmio_address (guint slot)
{
  return VIRTIO_MMIO_BASE + slot * VIRTIO_MMIO_BYTES;
}

guint
virtio_mmio_line (guint slot)
{
  return lines[slot];
}
