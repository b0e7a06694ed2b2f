/* virtio-blk.c - block device.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, section 5.2.
 * Left out: several queues, lifetime, secure erase, zones, the legacy SCSI commands and barriers.
 *
 * A request is taken at once and done when the disk would have done it: what is under way waits in a queue of its own,
 * first in, first out, and data move at its end. */
#include "config.h"

#include "hw/drive.h"
#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-pci.h"

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
#define UNDER_WAY       128
#define NEVER           ASTERN_CLOCK_NEVER

enum { CONFIG_WRITEBACK = 32, CONFIG_BYTES = 60 };

typedef struct
{
  VirtioState  virtio;
  VirtioQueue  queues[1];
  guint64      due_ns;                         /* the timer's: the first one's */
  guint64      done_ns[UNDER_WAY];
  VirtioTicket tickets[UNDER_WAY];             /* a ring: from `first` on, `n` of them */
  guint16      first, n;
  guint8       writeback;
  guint8       reserved[3];
} VirtioBlkState;

typedef struct
{
  VirtioDevice   parent;
  VirtioBlkState s;
  AsternTimer    timer;
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
    return drive_flush (self->drive) ? S_OK : S_IOERR;
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
    case T_FLUSH:        return drive_flush (self->drive) ? S_OK : S_IOERR;
    case T_GET_ID:       return give_id (self, chain, written);
    case T_DISCARD:      return zero_ranges (self, chain, TRUE);
    case T_WRITE_ZEROES: return zero_ranges (self, chain, FALSE);
    default:             return S_UNSUPP;
    }
}

static void
complete (VirtioBlk *self, const VirtioTicket *ticket)
{
  VirtioChain chain;
  guint32 written = 0;
  guint8 status;

  if (!virtio_resume (&self->parent, ticket, &chain))
    return;
  if (chain.out_size < HEADER_BYTES || chain.in_size < 1)
    {
      virtio_fail (&self->parent, "a request of %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " bytes", chain.out_size,
                   chain.in_size);
      return;
    }
  status = perform (self, &chain, &written);
  virtio_write (&self->parent, &chain, chain.in_size - 1, &status, 1);
  virtio_push (&self->parent, ticket, written + 1);
}

/* ---- what is under way ---- */

static guint64
duration_ns (VirtioBlk *self, const VirtioChain *chain)
{
  guint64 moved = chain->in_size > 1 ? chain->in_size - 1 : chain->out_size > HEADER_BYTES ? chain->out_size - HEADER_BYTES : 0;

  return astern_disk_latency_ns (MIN (moved, MOST_BYTES), chain->in_size <= 1);
}

static void
take (VirtioBlk *self)
{
  VirtioBlkState *s = &self->s;
  guint64 now_ns = astern_clock_now_ns (self->parent.parent.clock);
  VirtioChain chain;

  while (s->n < UNDER_WAY && virtio_pop (&self->parent, 0, &chain))
    {
      guint at = (s->first + s->n) % UNDER_WAY;
      guint64 done_ns = now_ns + duration_ns (self, &chain);

      if (s->n > 0)
        done_ns = MAX (done_ns, s->done_ns[(at + UNDER_WAY - 1) % UNDER_WAY]);
      s->done_ns[at] = done_ns;
      s->tickets[at] = chain.ticket;
      s->n++;
    }
  if (s->n > 0 && s->due_ns == NEVER)
    astern_timer_set (&self->timer, s->done_ns[s->first % UNDER_WAY]);
}

static void
expired (gpointer owner)
{
  VirtioBlk *self = owner;
  VirtioBlkState *s = &self->s;
  guint64 now_ns = astern_clock_now_ns (self->parent.parent.clock);

  s->first %= UNDER_WAY;
  s->n = MIN (s->n, UNDER_WAY);
  while (s->n > 0 && s->done_ns[s->first] <= now_ns)
    {
      VirtioTicket ticket = s->tickets[s->first];

      s->first = (s->first + 1) % UNDER_WAY;
      s->n--;
      complete (self, &ticket);
    }
  virtio_notify (&self->parent, 0);
  take (self);
}

static void
notified (VirtioDevice *device, guint queue)
{
  take ((VirtioBlk *) device);
}

static void
forget (VirtioBlk *self)
{
  VirtioBlkState *s = &self->s;

  astern_timer_cancel (&self->timer);
  memset (s->done_ns, 0, sizeof s->done_ns);
  memset (s->tickets, 0, sizeof s->tickets);
  s->first = s->n = 0;
}

static void
blk_reset (VirtioDevice *device)
{
  VirtioBlk *self = (VirtioBlk *) device;

  forget (self);
  self->s.writeback = 1;
  memset (self->s.reserved, 0, sizeof self->s.reserved);
}

static void
queue_reset (VirtioDevice *device, guint queue)
{
  forget ((VirtioBlk *) device);
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
  .id = VIRTIO_ID_BLOCK, .pci_legacy_id = 0x1001, .pci_class = 0x010000,
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
  astern_timer_init (&self->timer, device->clock, "virtio-blk", &self->s.due_ns, expired, self);
}

#define F(member) ASTERN_FIELD (VirtioBlkState, member, 1)
static const AsternField fields[] = {
  VIRTIO_FIELDS (VirtioBlkState, 1), VIRTIO_QUEUE_FIELDS (VirtioBlkState, 0, 1),
  F (due_ns), ASTERN_FIELD_ARRAY (VirtioBlkState, done_ns, 1), ASTERN_FIELD_BYTES (VirtioBlkState, tickets, 1),
  F (first), F (n), F (writeback), ASTERN_FIELD_BYTES (VirtioBlkState, reserved, 1),
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

static const AsternProperty properties[] = {
  VIRTIO_PCI_PROPERTIES,
  { "drive",     ASTERN_PROPERTY_DRIVE,  NULL, N_("the id of a -drive") },
  { "serial",    ASTERN_PROPERTY_TEXT,   NULL, N_("the serial number that the guest reads, of up to 20 characters") },
  { "bootindex", ASTERN_PROPERTY_NUMBER, NULL, N_("its place in the order in which firmware boots; the smallest first") },
  { 0 },
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  VirtioDevice *virtio = virtio_pci_configure (device, settings, &virtio_blk_class, error);

  if (virtio == NULL)
    return FALSE;
  virtio_blk_set_drive (virtio, astern_settings_drive (settings, "drive"), astern_settings_text (settings, "serial"));
  return TRUE;
}

const AsternCard virtio_blk_pci_card = {
  .name = "virtio-blk-pci", .alias = "virtio-blk", .summary = N_("virtio block device"), .klass = &virtio_blk_pci_class,
  .kind = ASTERN_CARD_STORAGE, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,
};
