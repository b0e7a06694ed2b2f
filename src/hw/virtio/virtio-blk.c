/* virtio-blk.c - block device.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, section 5.2.
 * Left out: several queues, lifetime, secure erase, zones, the legacy SCSI commands and barriers.
 *
 * A request is taken at once and done when the disk would have done it; data move then. */
#include "config.h"

#include "hw/drive.h"
#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-delay.h"
#include "hw/virtio/virtio-transport.h"

#include <string.h>

#include <glib/gi18n.h>

#define F_SEG_MAX      VIRTIO_BIT (2)
#define F_GEOMETRY     VIRTIO_BIT (4)
#define F_RO           VIRTIO_BIT (5)
#define F_BLK_SIZE     VIRTIO_BIT (6)
#define F_FLUSH        VIRTIO_BIT (9)
#define F_TOPOLOGY     VIRTIO_BIT (10)
#define F_CONFIG_WCE   VIRTIO_BIT (11)
#define F_DISCARD      VIRTIO_BIT (13)
#define F_WRITE_ZEROES VIRTIO_BIT (14)

enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8, T_DISCARD = 11, T_WRITE_ZEROES = 13 };
enum { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2 };

#define SECTOR          512
#define HEADER_BYTES    16
#define ID_BYTES        20
#define MOST_BYTES      (64u << 20)            /* that one request moves */
#define MOST_ZEROED     (32u << 20)            /* ... or a range of DISCARD, WRITE ZEROES */
#define MOST_RANGES     16

enum { CONFIG_WRITEBACK = 32, CONFIG_BYTES = 60 };

typedef struct
{
  VirtioState      virtio;
  VirtioQueue      queues[1];
  VirtioDelayState delay;
  guint8           writeback;
  guint8           reserved[7];
} VirtioBlkState;

typedef struct
{
  VirtioDevice   parent;
  VirtioBlkState s;
  VirtioDelay    delay;
  AsternDevice  *drive;                        /* borrowed; NULL: none */
  char           serial[ID_BYTES + 1];
  guint8         bounce[64 << 10];
} VirtioBlk;

static guint64
capacity (const VirtioBlk *self)
{
  return self->drive != NULL ? drive_size (self->drive) / SECTOR : 0;
}

/* ---- one request ---- */

static gboolean
is_inside (const VirtioBlk *self, guint64 sector, guint64 size)
{
  return size % SECTOR == 0 && sector <= capacity (self) && size / SECTOR <= capacity (self) - sector;
}

static guint8
read_or_write (VirtioBlk *self, const VirtioChain *chain, guint64 sector, gboolean is_write, guint32 *written)
{
  guint64 size = is_write ? chain->out_size - HEADER_BYTES : chain->in_size - 1;
  guint64 done = 0;

  if (!is_inside (self, sector, size) || size > MOST_BYTES)
    {
      virtio_complain (&self->parent, "%" G_GUINT64_FORMAT " bytes at sector %" G_GUINT64_FORMAT, size, sector);
      return S_IOERR;
    }
  while (done < size)
    {
      gsize chunk = (gsize) MIN (size - done, sizeof self->bounce);

      if (is_write)
        virtio_read (&self->parent, chain, HEADER_BYTES + done, self->bounce, chunk);
      if (is_write ? !drive_write (self->drive, sector * SECTOR + done, self->bounce, chunk)
                   : !drive_read (self->drive, sector * SECTOR + done, self->bounce, chunk))
        return S_IOERR;
      if (!is_write)
        *written += (guint32) virtio_write (&self->parent, chain, done, self->bounce, chunk);
      done += chunk;
    }
  if (is_write && (!self->s.writeback || !virtio_has (&self->parent, F_FLUSH)))
    drive_flush (self->drive);
  return S_OK;
}

static guint8
zero_ranges (VirtioBlk *self, const VirtioChain *chain, gboolean discard)
{
  guint64 size = chain->out_size - HEADER_BYTES;
  guint8 range[16];

  if (size == 0 || size % sizeof range != 0 || size / sizeof range > MOST_RANGES)
    return S_IOERR;
  for (guint64 at = 0; at < size; at += sizeof range)
    {
      guint64 sector, bytes;
      guint32 flags;

      virtio_read (&self->parent, chain, HEADER_BYTES + at, range, sizeof range);
      sector = virtio_get (range, 8);
      bytes = virtio_get (range + 8, 4) * SECTOR;
      flags = (guint32) virtio_get (range + 12, 4);
      if (flags & (discard ? ~0u : ~1u))
        return S_UNSUPP;
      if (!is_inside (self, sector, bytes) || bytes > MOST_ZEROED || drive_readonly (self->drive))
        return S_IOERR;
      if (!drive_zero (self->drive, sector * SECTOR, bytes))
        return S_IOERR;
    }
  return S_OK;
}

static guint8
give_id (VirtioBlk *self, const VirtioChain *chain, guint32 *written)
{
  char id[ID_BYTES] = { 0 };
  const char *serial = self->serial[0] != '\0' || self->drive == NULL ? self->serial : drive_serial (self->drive);

  memcpy (id, serial, MIN (strlen (serial), sizeof id));
  *written = (guint32) virtio_write (&self->parent, chain, 0, id, MIN (sizeof id, chain->in_size - 1));
  return S_OK;
}

static guint8
perform (VirtioBlk *self, const VirtioChain *chain, guint32 *written)
{
  guint8 header[HEADER_BYTES];
  guint64 sector;

  virtio_read (&self->parent, chain, 0, header, sizeof header);
  sector = virtio_get (header + 8, 8);
  if (self->drive == NULL || drive_disk (self->drive) == NULL)
    return S_IOERR;
  switch (virtio_get (header, 4))
    {
    case T_IN:           return read_or_write (self, chain, sector, FALSE, written);
    case T_OUT:          return drive_readonly (self->drive) ? S_IOERR : read_or_write (self, chain, sector, TRUE, written);
    case T_FLUSH:        drive_flush (self->drive); return S_OK;
    case T_GET_ID:       return give_id (self, chain, written);
    case T_DISCARD:      return zero_ranges (self, chain, TRUE);
    case T_WRITE_ZEROES: return zero_ranges (self, chain, FALSE);
    default:             return S_UNSUPP;
    }
}

static void
complete (VirtioDevice *device, const VirtioChain *chain)
{
  VirtioBlk *self = (VirtioBlk *) device;
  guint32 written = 0;
  guint8 status;

  if (chain->out_size < HEADER_BYTES || chain->in_size < 1)
    {
      virtio_fail (device, "a request of %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " bytes", chain->out_size, chain->in_size);
      return;
    }
  status = perform (self, chain, &written);
  virtio_write (device, chain, chain->in_size - 1, &status, 1);
  virtio_push (device, &chain->ticket, written + 1);
}

static guint64
duration_ns (VirtioDevice *device, const VirtioChain *chain)
{
  guint64 moved = chain->in_size > 1 ? chain->in_size - 1 : chain->out_size > HEADER_BYTES ? chain->out_size - HEADER_BYTES : 0;

  return astern_disk_latency_ns (MIN (moved, MOST_BYTES));
}

/* ---- the device ---- */

static void
notified (VirtioDevice *device, guint queue)
{
  virtio_delay_take (&((VirtioBlk *) device)->delay);
}

static void
blk_reset (VirtioDevice *device)
{
  VirtioBlk *self = (VirtioBlk *) device;

  virtio_delay_forget (&self->delay);
  self->s.writeback = 1;
  memset (self->s.reserved, 0, sizeof self->s.reserved);
}

static void
queue_reset (VirtioDevice *device, guint queue)
{
  virtio_delay_forget (&((VirtioBlk *) device)->delay);
}

/* ---- configuration ---- */

static void
read_config (VirtioDevice *device, guint8 *config)
{
  VirtioBlk *self = (VirtioBlk *) device;
  guint64 sectors = capacity (self);
  guint64 cylinders = sectors / (16 * 63);

  virtio_put (config + 0, 8, sectors);
  virtio_put (config + 12, 4, device->queue_size - 2u);          /* seg_max: a header and a status are descriptors, too */
  virtio_put (config + 16, 2, MIN (cylinders, 16383));
  virtio_put (config + 18, 1, 16);
  virtio_put (config + 19, 1, 63);
  virtio_put (config + 20, 4, SECTOR);
  virtio_put (config + 24, 1, 0);                                /* log2 of a physical block's sectors */
  virtio_put (config + 26, 2, 1);                                /* min_io_size */
  virtio_put (config + CONFIG_WRITEBACK, 1, self->s.writeback);
  virtio_put (config + 34, 2, 1);                                /* num_queues */
  virtio_put (config + 36, 4, MOST_ZEROED / SECTOR);             /* discard: sectors, ranges, alignment */
  virtio_put (config + 40, 4, MOST_RANGES);
  virtio_put (config + 44, 4, 8);
  virtio_put (config + 48, 4, MOST_ZEROED / SECTOR);             /* write zeroes: sectors, ranges, may unmap */
  virtio_put (config + 52, 4, MOST_RANGES);
  virtio_put (config + 56, 1, 1);
}

static void
config_written (VirtioDevice *device, guint offset, guint size, const guint8 *config)
{
  VirtioBlk *self = (VirtioBlk *) device;

  if (offset <= CONFIG_WRITEBACK && CONFIG_WRITEBACK < offset + size && virtio_has (device, F_CONFIG_WCE))
    self->s.writeback = config[CONFIG_WRITEBACK] & 1;
}

static const VirtioType type = {
  .name = "virtio-blk", .id = VIRTIO_ID_BLOCK, .pci_legacy_id = 0x1001, .pci_class = 0x010000,
  .n_queues = 1, .queue_size = 256, .config_size = CONFIG_BYTES,
  .features = F_SEG_MAX | F_GEOMETRY | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY | F_CONFIG_WCE | F_DISCARD | F_WRITE_ZEROES,
  .read_config = read_config, .config_written = config_written, .notified = notified, .reset = blk_reset,
  .queue_reset = queue_reset,
};

static void
init (AsternDevice *device)
{
  VirtioBlk *self = (VirtioBlk *) device;

  virtio_init (device, &type);
  self->delay = (VirtioDelay) { .s = &self->s.delay, .device = &self->parent, .duration_ns = duration_ns, .perform = complete };
  virtio_delay_init (&self->delay);
}

#define F(member) ASTERN_FIELD (VirtioBlkState, member, 1)
static const AsternField fields[] = {
  VIRTIO_FIELDS (VirtioBlkState, 1), VIRTIO_QUEUE_FIELDS (VirtioBlkState, 0, 1),
  VIRTIO_DELAY_FIELDS (VirtioBlkState, delay, 1), F (writeback), ASTERN_FIELD_BYTES (VirtioBlkState, reserved, 1),
};

const AsternDeviceClass virtio_blk_class = {
  .name = "virtio-blk", .summary = "virtio block device", .state_version = 1,
  .instance_size = sizeof (VirtioBlk),
  .state_offset = G_STRUCT_OFFSET (VirtioBlk, s), .state_size = sizeof (VirtioBlkState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = init, .reset = virtio_reset,
};

/* ---- card ---- */

const AsternDeviceClass virtio_blk_pci_class = VIRTIO_PCI_CLASS ("virtio-blk-pci", "virtio block device on PCI");
const AsternDeviceClass virtio_blk_device_class = VIRTIO_MMIO_CLASS ("virtio-blk-device", "virtio block device on MMIO");

static void
drive_changed (gpointer controller, AsternDevice *drive)
{
  virtio_config_changed (controller);
}

void
virtio_blk_set_drive (VirtioDevice *device, AsternDevice *drive, const char *serial)
{
  VirtioBlk *self = (VirtioBlk *) device;

  self->drive = drive;
  g_strlcpy (self->serial, serial != NULL ? serial : "", sizeof self->serial);
  if (drive == NULL)
    return;
  drive_connect (drive, drive_changed, self);
  if (drive_disk (drive) != NULL && drive_readonly (drive))
    {
      device->offered |= F_RO;
      device->offered &= ~(F_DISCARD | F_WRITE_ZEROES);
    }
}

/* On every transport. */
#define BLK_PROPERTIES                                                                \
  { "drive",     ASTERN_PROPERTY_DRIVE,  NULL, N_("The drive whose disk it is") },    \
  { "serial",    ASTERN_PROPERTY_TEXT,   NULL, N_("The serial number; the drive's") }

static const AsternProperty properties[] = {
  VIRTIO_PCI_PROPERTIES,
  BLK_PROPERTIES,
  { "bootindex", ASTERN_PROPERTY_NUMBER, NULL, N_("Its place in the order of booting") },
  { 0 },
};

static const AsternProperty mmio_properties[] = {
  VIRTIO_MMIO_PROPERTIES,
  BLK_PROPERTIES,
  { 0 },
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  VirtioDevice *virtio = virtio_configure (device, settings, &virtio_blk_class, error);

  if (virtio == NULL)
    return FALSE;
  virtio_blk_set_drive (virtio, astern_settings_drive (settings, "drive"), astern_settings_text (settings, "serial"));
  return TRUE;
}

const AsternCard virtio_blk_pci_card = {
  .name = "virtio-blk-pci", .alias = "virtio-blk", .summary = N_("virtio block device"), .klass = &virtio_blk_pci_class,
  .kind = ASTERN_CARD_STORAGE, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,
};

const AsternCard virtio_blk_device_card = {
  .name = "virtio-blk-device", .summary = N_("virtio block device without a bus (MMIO)"), .klass = &virtio_blk_device_class,
  .kind = ASTERN_CARD_STORAGE, .slot = ASTERN_SLOT_VIRTIO_MMIO, .properties = mmio_properties,
  .configure = configure,
};
