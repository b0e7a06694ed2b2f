/* virtio-balloon.c - traditional memory balloon device.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, section 5.5.
 * Left out: free page hints (for migration), page poisoning.
 *
 * Pages that the guest gives become zero, and the host has them back; the history has what was in them.  The
 * wish for another size comes through the door, as eight bytes, little-endian: how much memory the guest is to have.
 *
 * Drivers number the queues that there are, or leave a gap for the one of hints: the last two are the same here. */
#include "config.h"

#include "hw/virtio/virtio-balloon.h"

#include "core/machine.h"
#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-transport.h"

#include <string.h>

#include <glib/gi18n.h>

#define F_MUST_TELL_HOST VIRTIO_BIT (0)
#define F_STATS_VQ       VIRTIO_BIT (1)
#define F_DEFLATE_ON_OOM VIRTIO_BIT (2)
#define F_REPORTING      VIRTIO_BIT (5)

enum { QUEUE_INFLATE, QUEUE_DEFLATE, QUEUE_STATS, QUEUE_REPORT, QUEUE_REPORT_TOO, N_QUEUES };
enum { CONFIG_NUM_PAGES = 0, CONFIG_ACTUAL = 4, CONFIG_BYTES = 8 };

#define STAT_BYTES 10            /* a tag and a value */
#define NO_STAT    G_MAXUINT64

typedef struct
{
  VirtioState  virtio;
  VirtioQueue  queues[N_QUEUES];
  guint64      stats[VIRTIO_BALLOON_STATS];
  guint64      stats_ns;         /* guest time at which they were told; 0: not yet */
  guint64      reported;         /* pages that came back by reports */
  guint32      wanted, actual;   /* pages in the balloon */
  VirtioTicket stats_ticket;     /* the driver's buffer, which is given back to ask for news */
  guint8       has_ticket;
  guint8       reserved[7];
} VirtioBalloonState;

typedef struct
{
  VirtioDevice       parent;
  VirtioBalloonState s;
} VirtioBalloon;

/* ---- pages ---- */

/* Gives the whole pages of [address, address + size) back that are RAM; returns how many. */
static guint64
discard (VirtioDevice *device, guint64 address, guint64 size)
{
  AsternMachine *machine = device->parent.machine;
  guint64 end, n = 0;

  if (address > G_MAXUINT64 - size - ASTERN_PAGE_SIZE)
    return 0;
  end = (address + size) & ~ASTERN_PAGE_MASK;
  address = (address + ASTERN_PAGE_MASK) & ~ASTERN_PAGE_MASK;
  while (address < end)
    {
      AsternRoute route;
      guint64 stretch;

      astern_bus_route (machine->physical, address, &route);
      stretch = (MIN (route.end, end) - address) & ~ASTERN_PAGE_MASK;
      if (route.write.kind != ASTERN_TARGET_MEMORY || route.write.block->readonly || stretch == 0
          || ((route.write.block->start + route.write.offset) & ASTERN_PAGE_MASK) != 0)
        stretch = MAX (stretch, ASTERN_PAGE_SIZE);
      else
        {
          astern_memory_discard (machine->memory, route.write.block->start + route.write.offset, stretch);
          n += stretch >> ASTERN_PAGE_BITS;
        }
      address += stretch;
    }
  return n;
}

/* Numbers of pages of 4 KiB. */
static void
inflate (VirtioBalloon *self, const VirtioChain *chain)
{
  guint8 bytes[256 * 4];
  guint64 most = MIN (chain->out_size, 1u << 20);

  for (guint64 at = 0; at < most; at += sizeof bytes)
    {
      gsize got = virtio_read (&self->parent, chain, at, bytes, (gsize) MIN (most - at, sizeof bytes));

      for (gsize i = 0; i + 4 <= got; i += 4)
        if (discard (&self->parent, virtio_get (bytes + i, 4) << ASTERN_PAGE_BITS, ASTERN_PAGE_SIZE) == 0)
          virtio_complain (&self->parent, "page %#x is no memory", (guint) virtio_get (bytes + i, 4));
    }
}

/* The pages are the buffers themselves. */
static void
report (VirtioBalloon *self, const VirtioChain *chain)
{
  for (guint i = 0; i < chain->n_in; i++)
    self->s.reported += discard (&self->parent, chain->parts[chain->n_out + i].address, chain->parts[chain->n_out + i].size);
}

/* ---- statistics ---- */

static void
forget_stats (VirtioBalloonState *s)
{
  for (guint i = 0; i < VIRTIO_BALLOON_STATS; i++)
    s->stats[i] = NO_STAT;
  s->stats_ns = 0;
}

static void
take_stats (VirtioBalloon *self)
{
  VirtioBalloonState *s = &self->s;
  VirtioChain chain;

  while (virtio_pop (&self->parent, QUEUE_STATS, &chain))
    {
      guint8 bytes[STAT_BYTES];

      if (s->has_ticket)
        virtio_push (&self->parent, &s->stats_ticket, 0);
      for (guint i = 0; i < 32 && virtio_read (&self->parent, &chain, i * STAT_BYTES, bytes, sizeof bytes) == sizeof bytes; i++)
        if (virtio_get (bytes, 2) < VIRTIO_BALLOON_STATS)
          s->stats[virtio_get (bytes, 2)] = virtio_get (bytes + 2, 8);
      s->stats_ns = astern_clock_now_ns (self->parent.parent.clock);
      s->stats_ticket = chain.ticket;
      s->has_ticket = 1;
    }
}

static void
ask_for_stats (VirtioBalloon *self)
{
  if (!self->s.has_ticket || !virtio_is_live (&self->parent))
    return;
  self->s.has_ticket = 0;
  virtio_push (&self->parent, &self->s.stats_ticket, 0);
  virtio_notify (&self->parent, QUEUE_STATS);
}

/* ---- the device ---- */

static void
notified (VirtioDevice *device, guint queue)
{
  VirtioBalloon *self = (VirtioBalloon *) device;
  VirtioChain chain;

  if (queue == QUEUE_STATS)
    {
      take_stats (self);
      return;
    }
  while (virtio_pop (device, queue, &chain))
    {
      if (queue == QUEUE_INFLATE)
        inflate (self, &chain);
      else if (queue >= QUEUE_REPORT)
        report (self, &chain);
      virtio_push (device, &chain.ticket, 0);
    }
  virtio_notify (device, queue);
}

/* What a person wished for outlives a reset. */
static void
balloon_reset (VirtioDevice *device)
{
  VirtioBalloonState *s = &((VirtioBalloon *) device)->s;

  forget_stats (s);
  s->actual = 0;
  s->reported = 0;
  s->stats_ticket = (VirtioTicket) { 0, 0, 0, 0 };
  s->has_ticket = 0;
  memset (s->reserved, 0, sizeof s->reserved);
}

static void
queue_reset (VirtioDevice *device, guint queue)
{
  if (queue == QUEUE_STATS)
    ((VirtioBalloon *) device)->s.has_ticket = 0;
}

static void
read_config (VirtioDevice *device, guint8 *config)
{
  const VirtioBalloonState *s = &((VirtioBalloon *) device)->s;

  virtio_put (config + CONFIG_NUM_PAGES, 4, s->wanted);
  virtio_put (config + CONFIG_ACTUAL, 4, s->actual);
}

static void
config_written (VirtioDevice *device, guint offset, guint size, const guint8 *config)
{
  ((VirtioBalloon *) device)->s.actual = (guint32) virtio_get (config + CONFIG_ACTUAL, 4);
}

static const VirtioType type = {
  .name = "virtio-balloon", .id = VIRTIO_ID_BALLOON, .pci_legacy_id = 0x1002, .pci_class = 0x00ff00,
  .n_queues = N_QUEUES, .queue_size = 128, .config_size = CONFIG_BYTES,
  .features = F_MUST_TELL_HOST | F_STATS_VQ | F_DEFLATE_ON_OOM | F_REPORTING,
  .read_config = read_config, .config_written = config_written, .notified = notified, .reset = balloon_reset,
  .queue_reset = queue_reset,
};

static void
init (AsternDevice *device)
{
  virtio_init (device, &type);
}

#define F(member) ASTERN_FIELD (VirtioBalloonState, member, 1)
static const AsternField fields[] = {
  VIRTIO_FIELDS (VirtioBalloonState, 1), VIRTIO_QUEUE_FIELDS (VirtioBalloonState, 0, 1),
  VIRTIO_QUEUE_FIELDS (VirtioBalloonState, 1, 1), VIRTIO_QUEUE_FIELDS (VirtioBalloonState, 2, 1),
  VIRTIO_QUEUE_FIELDS (VirtioBalloonState, 3, 1), VIRTIO_QUEUE_FIELDS (VirtioBalloonState, 4, 1),
  ASTERN_FIELD_ARRAY (VirtioBalloonState, stats, 1), F (stats_ns), F (reported), F (wanted), F (actual),
  ASTERN_FIELD_BYTES (VirtioBalloonState, stats_ticket, 1), F (has_ticket), ASTERN_FIELD_BYTES (VirtioBalloonState, reserved, 1),
};

const AsternDeviceClass virtio_balloon_class = {
  .name = "virtio-balloon", .summary = "virtio memory balloon", .state_version = 1,
  .instance_size = sizeof (VirtioBalloon),
  .state_offset = G_STRUCT_OFFSET (VirtioBalloon, s), .state_size = sizeof (VirtioBalloonState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = init, .reset = virtio_reset,
};

/* ---- for people ---- */

static guint64
ram_bytes (VirtioDevice *device)
{
  AsternRamBlock *ram = device->parent.machine != NULL ? astern_memory_find (device->parent.machine->memory, "ram") : NULL;

  return ram != NULL ? ram->size : 0;
}

void
virtio_balloon_input (gpointer receiver, gconstpointer data, gsize size)
{
  VirtioBalloon *self = receiver;
  guint64 ram = ram_bytes (&self->parent), bytes;

  if (size == 0)
    {
      ask_for_stats (self);
      return;
    }
  if (size != VIRTIO_BALLOON_PACKET_BYTES)
    return;
  bytes = MIN (virtio_get (data, 8), ram);
  self->s.wanted = (guint32) MIN ((ram - bytes) >> ASTERN_PAGE_BITS, G_MAXUINT32);
  virtio_config_changed (&self->parent);
}

void
virtio_balloon_look (VirtioDevice *device, VirtioBalloonReport *report_out)
{
  const VirtioBalloonState *s = &((VirtioBalloon *) device)->s;
  guint64 ram = ram_bytes (device), gone = (guint64) s->actual << ASTERN_PAGE_BITS;

  *report_out = (VirtioBalloonReport) { .ram_bytes = ram, .actual_bytes = ram - MIN (gone, ram),
                                        .wanted_bytes = ram - MIN ((guint64) s->wanted << ASTERN_PAGE_BITS, ram),
                                        .reported_bytes = s->reported << ASTERN_PAGE_BITS, .stats_ns = s->stats_ns };
  memcpy (report_out->stats, s->stats, sizeof report_out->stats);
}

/* ---- card ---- */

const AsternDeviceClass virtio_balloon_pci_class = VIRTIO_PCI_CLASS ("virtio-balloon-pci", "virtio memory balloon on PCI");
const AsternDeviceClass virtio_balloon_device_class = VIRTIO_MMIO_CLASS ("virtio-balloon-device", "virtio memory balloon on MMIO");

/* On every transport. */
#define BALLOON_PROPERTIES                                                                                                         \
  { "deflate-on-oom",      ASTERN_PROPERTY_SWITCH, "on", N_("Whether the guest may take pages back when it runs out of memory") }, \
  { "free-page-reporting", ASTERN_PROPERTY_SWITCH, "on", N_("Whether the guest gives free pages to the host by itself") }

static const AsternProperty properties[] = {
  VIRTIO_PCI_PROPERTIES,
  BALLOON_PROPERTIES,
  { 0 },
};

static const AsternProperty mmio_properties[] = {
  VIRTIO_MMIO_PROPERTIES,
  BALLOON_PROPERTIES,
  { 0 },
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  VirtioDevice *virtio = virtio_configure (device, settings, &virtio_balloon_class, error);

  if (virtio == NULL)
    return FALSE;
  if (!astern_settings_switch (settings, "deflate-on-oom"))
    virtio->offered &= ~F_DEFLATE_ON_OOM;
  if (!astern_settings_switch (settings, "free-page-reporting"))
    virtio->offered &= ~F_REPORTING;
  astern_inputs_add_port (astern_settings_machine (settings)->inputs, virtio->parent.name, virtio_balloon_input, virtio);
  return TRUE;
}

const AsternCard virtio_balloon_pci_card = {
  .name = "virtio-balloon-pci", .alias = "virtio-balloon", .summary = N_("virtio memory balloon"), .klass = &virtio_balloon_pci_class,
  .kind = ASTERN_CARD_OTHER, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,
};

const AsternCard virtio_balloon_device_card = {
  .name = "virtio-balloon-device", .summary = N_("virtio memory balloon without a bus (MMIO)"), .klass = &virtio_balloon_device_class,
  .kind = ASTERN_CARD_OTHER, .slot = ASTERN_SLOT_VIRTIO_MMIO, .properties = mmio_properties,
  .configure = configure,
};
