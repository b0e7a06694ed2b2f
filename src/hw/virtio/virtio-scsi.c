/* virtio-scsi.c - SCSI host adapter.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, section 5.6.
 * Left out: several request queues, events (hotplug, parameter changes), bidirectional requests, protection information.
 *
 * All of a request happens at its end, so that nothing of it is kept but its ticket; what a task management function
 * concerns is done before it is answered. */
#include "config.h"

#include "hw/storage/scsi.h"
#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-delay.h"
#include "hw/virtio/virtio-transport.h"

#include <string.h>

#include <glib/gi18n.h>

enum { QUEUE_CONTROL, QUEUE_EVENT, QUEUE_REQUEST, N_QUEUES };
enum { REQUEST_LUN = 0, REQUEST_CDB = 19 };                                       /* in what the driver sends */
enum { RESPONSE_SENSE_LEN = 0, RESPONSE_RESIDUAL = 4, RESPONSE_STATUS = 10, RESPONSE_CODE = 11, RESPONSE_SENSE = 12 };
enum { S_OK = 0, S_OVERRUN = 1, S_BAD_TARGET = 3, S_FAILURE = 9, S_FUNCTION_SUCCEEDED = 10, S_FUNCTION_REJECTED = 11, S_INCORRECT_LUN = 12 };
enum { CONTROL_TMF = 0, CONTROL_AN_QUERY = 1, CONTROL_AN_SUBSCRIBE = 2 };
enum { TMF_ABORT_TASK, TMF_ABORT_TASK_SET, TMF_CLEAR_ACA, TMF_CLEAR_TASK_SET, TMF_NEXUS_RESET, TMF_UNIT_RESET, TMF_QUERY_TASK,
       TMF_QUERY_TASK_SET };
enum { CONFIG_SENSE = 20, CONFIG_CDB = 24, CONFIG_BYTES = 36 };

#define SENSE_BYTES  96               /* as long as the driver does not say otherwise */
#define CDB_BYTES    32
#define MOST_SENSE   256
#define MOST_BYTES   (64u << 20)      /* that one request moves */
#define TARGETS      256
#define LUNS         256

typedef struct
{
  VirtioState      virtio;
  VirtioQueue      queues[N_QUEUES];
  VirtioDelayState delay;
  guint32          sense_size, cdb_size;
} VirtioScsiState;

typedef struct
{
  VirtioDevice    parent;
  VirtioScsiState s;
  VirtioDelay     delay;
  ScsiBus         bus;
  ScsiRequest     request;            /* one at a time, and done with when it is left */
  guint8          bounce[64 << 10];
} VirtioScsi;

/* FALSE: not one of the two forms of section 5.6.6.1. */
static gboolean
parse_lun (const guint8 lun[8], guint *target, guint *number)
{
  if (lun[0] != 1 || lun[4] != 0 || lun[5] != 0 || lun[6] != 0 || lun[7] != 0 || (lun[2] != 0 && (lun[2] & 0xc0) != 0x40))
    return FALSE;
  *target = lun[1];
  *number = (guint) (lun[2] & 0x3f) << 8 | lun[3];
  return TRUE;
}

/* ---- requests ---- */

static guint64
most (guint64 whole, guint64 header)
{
  return whole > header ? MIN (whole - header, MOST_BYTES) : 0;
}

/* Moves the data and says how much. */
static guint64
move_data (VirtioScsi *self, const VirtioChain *chain, gboolean in, guint64 at, guint64 size)
{
  guint64 done = 0;

  while (done < size)
    {
      gsize chunk = (gsize) MIN (size - done, sizeof self->bounce);
      gboolean good;

      if (!in)
        virtio_read (&self->parent, chain, at + done, self->bounce, chunk);
      good = in ? scsi_request_read (&self->request, &self->bus, self->bounce, chunk)
                : scsi_request_write (&self->request, &self->bus, self->bounce, chunk);
      if (!good)
        break;
      if (in)
        virtio_write (&self->parent, chain, at + done, self->bounce, chunk);
      done += chunk;
    }
  return done;
}

/* Fills @response in; returns how many bytes of data came in. */
static guint64
run_request (VirtioScsi *self, const VirtioChain *chain, const guint8 *header, guint8 *response)
{
  ScsiRequest *request = &self->request;
  guint64 data_at = REQUEST_CDB + self->s.cdb_size, in_at = RESPONSE_SENSE + self->s.sense_size, room, moved = 0;
  guint target, lun;

  if (!parse_lun (header + REQUEST_LUN, &target, &lun) || !scsi_bus_has_target (&self->bus, target))
    {
      response[RESPONSE_CODE] = S_BAD_TARGET;
      return 0;
    }
  scsi_request_begin (request, &self->bus, target, lun, header + REQUEST_CDB, MIN (self->s.cdb_size, SCSI_CDB_BYTES));
  room = request->direction == SCSI_DATA_IN ? most (chain->in_size, in_at) : most (chain->out_size, data_at);
  if (request->length > room && request->direction != SCSI_DATA_NONE)
    {
      response[RESPONSE_CODE] = S_OVERRUN;
      return 0;
    }
  if (request->direction == SCSI_DATA_IN)
    moved = move_data (self, chain, TRUE, in_at, request->length);
  else if (request->direction == SCSI_DATA_OUT)
    moved = move_data (self, chain, FALSE, data_at, request->length);
  response[RESPONSE_STATUS] = (guint8) scsi_request_finish (request, &self->bus);
  virtio_put (response + RESPONSE_RESIDUAL, 4,
              request->direction == SCSI_DATA_NONE ? most (chain->in_size, in_at) + most (chain->out_size, data_at) : room - moved);
  if (response[RESPONSE_STATUS] == SCSI_CHECK_CONDITION)
    {
      virtio_put (response + RESPONSE_SENSE_LEN, 4, MIN (SCSI_SENSE_BYTES, self->s.sense_size));
      memcpy (response + RESPONSE_SENSE, request->sense, SCSI_SENSE_BYTES);
    }
  return request->direction == SCSI_DATA_IN ? moved : 0;
}

static void
perform (VirtioDevice *device, const VirtioChain *chain)
{
  VirtioScsi *self = (VirtioScsi *) device;
  guint8 header[REQUEST_CDB + SCSI_CDB_BYTES], response[RESPONSE_SENSE + MOST_SENSE] = { 0 };
  gsize response_size = RESPONSE_SENSE + MIN (self->s.sense_size, MOST_SENSE);
  guint64 came;

  if (chain->out_size < REQUEST_CDB + (guint64) self->s.cdb_size || chain->in_size < response_size)
    {
      virtio_fail (device, "a request of %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " bytes", chain->out_size, chain->in_size);
      return;
    }
  virtio_read (device, chain, 0, header, sizeof header);
  came = run_request (self, chain, header, response);
  virtio_write (device, chain, 0, response, response_size);
  virtio_push (device, &chain->ticket, (guint32) (response_size + came));
}

static guint64
duration_ns (VirtioDevice *device, const VirtioChain *chain)
{
  const VirtioScsiState *s = &((VirtioScsi *) device)->s;
  guint64 out = most (chain->out_size, REQUEST_CDB + (guint64) s->cdb_size);
  guint64 in = most (chain->in_size, RESPONSE_SENSE + (guint64) s->sense_size);

  return astern_disk_latency_ns (MAX (in, out));
}

/* ---- the control queue ---- */

static guint8
manage (VirtioScsi *self, guint function, const guint8 lun_bytes[8])
{
  guint target, lun;
  ScsiUnit *unit;

  if (!parse_lun (lun_bytes, &target, &lun) || !scsi_bus_has_target (&self->bus, target))
    return S_BAD_TARGET;
  unit = scsi_bus_unit (&self->bus, target, lun);
  if (unit == NULL && function != TMF_NEXUS_RESET)
    return S_INCORRECT_LUN;
  switch (function)
    {
    case TMF_NEXUS_RESET:
      virtio_delay_hurry (&self->delay);
      for (guint i = 0; i < self->bus.n_units; i++)
        if (self->bus.units[i]->target == target)
          scsi_unit_reset (self->bus.units[i]);
      return S_OK;
    case TMF_UNIT_RESET:
      virtio_delay_hurry (&self->delay);
      scsi_unit_reset (unit);
      return S_OK;
    case TMF_ABORT_TASK: case TMF_ABORT_TASK_SET: case TMF_CLEAR_ACA: case TMF_CLEAR_TASK_SET:
      virtio_delay_hurry (&self->delay);
      return S_OK;
    case TMF_QUERY_TASK: case TMF_QUERY_TASK_SET:
      return self->s.delay.n > 0 ? S_FUNCTION_SUCCEEDED : S_OK;
    default:
      return S_FUNCTION_REJECTED;
    }
}

static void
control (VirtioScsi *self)
{
  VirtioDevice *device = &self->parent;
  VirtioChain chain;

  while (virtio_pop (device, QUEUE_CONTROL, &chain))
    {
      guint8 bytes[16], answer[5] = { 0 };
      guint size = 1;

      virtio_read (device, &chain, 0, bytes, sizeof bytes);
      switch (virtio_get (bytes, 4))
        {
        case CONTROL_TMF:
          answer[0] = manage (self, (guint) virtio_get (bytes + 4, 4), bytes + 8);
          break;
        case CONTROL_AN_QUERY: case CONTROL_AN_SUBSCRIBE:      /* of no event there is news */
          size = 5;
          break;
        default:
          answer[0] = S_FAILURE;
        }
      virtio_push (device, &chain.ticket, (guint32) virtio_write (device, &chain, 0, answer, size));
    }
  virtio_notify (device, QUEUE_CONTROL);
}

/* ---- the device ---- */

static void
notified (VirtioDevice *device, guint queue)
{
  VirtioScsi *self = (VirtioScsi *) device;

  if (queue == QUEUE_CONTROL)
    control (self);
  else if (queue == QUEUE_REQUEST)
    virtio_delay_take (&self->delay);
}

static void
scsi_reset (VirtioDevice *device)
{
  VirtioScsi *self = (VirtioScsi *) device;

  virtio_delay_forget (&self->delay);
  self->s.sense_size = SENSE_BYTES;
  self->s.cdb_size = CDB_BYTES;
}

static void
queue_reset (VirtioDevice *device, guint queue)
{
  if (queue == QUEUE_REQUEST)
    virtio_delay_forget (&((VirtioScsi *) device)->delay);
}

static void
read_config (VirtioDevice *device, guint8 *config)
{
  const VirtioScsiState *s = &((VirtioScsi *) device)->s;

  virtio_put (config + 0, 4, 1);                          /* request queues */
  virtio_put (config + 4, 4, device->queue_size - 2u);    /* seg_max */
  virtio_put (config + 8, 4, MOST_BYTES / 512 - 1);       /* max_sectors */
  virtio_put (config + 12, 4, VIRTIO_UNDER_WAY);          /* cmd_per_lun */
  virtio_put (config + 16, 4, 16);                        /* event_info_size */
  virtio_put (config + CONFIG_SENSE, 4, s->sense_size);
  virtio_put (config + CONFIG_CDB, 4, s->cdb_size);
  virtio_put (config + 30, 2, TARGETS - 1);
  virtio_put (config + 32, 4, LUNS - 1);
}

static void
config_written (VirtioDevice *device, guint offset, guint size, const guint8 *config)
{
  VirtioScsiState *s = &((VirtioScsi *) device)->s;
  guint64 sense = virtio_get (config + CONFIG_SENSE, 4), cdb = virtio_get (config + CONFIG_CDB, 4);

  if (sense > MOST_SENSE - SCSI_SENSE_BYTES || cdb > 256)
    {
      virtio_complain (device, "%u bytes of sense and %u of commands", (guint) sense, (guint) cdb);
      return;
    }
  s->sense_size = (guint32) sense;
  s->cdb_size = (guint32) cdb;
}

static const VirtioType type = {
  .name = "virtio-scsi", .id = VIRTIO_ID_SCSI, .pci_legacy_id = 0x1004, .pci_class = 0x010000,
  .n_queues = N_QUEUES, .queue_size = 256, .config_size = CONFIG_BYTES,
  .read_config = read_config, .config_written = config_written, .notified = notified, .reset = scsi_reset,
  .queue_reset = queue_reset,
};

static void
init (AsternDevice *device)
{
  VirtioScsi *self = (VirtioScsi *) device;

  virtio_init (device, &type);
  self->delay = (VirtioDelay) { .s = &self->s.delay, .device = &self->parent, .queue = QUEUE_REQUEST, .duration_ns = duration_ns,
                                .perform = perform };
  virtio_delay_init (&self->delay);
  self->bus = (ScsiBus) { .n_targets = TARGETS, .n_luns = LUNS, .autosense = TRUE, .initiator = self };
}

#define F(member) ASTERN_FIELD (VirtioScsiState, member, 1)
static const AsternField fields[] = {
  VIRTIO_FIELDS (VirtioScsiState, 1), VIRTIO_QUEUE_FIELDS (VirtioScsiState, 0, 1), VIRTIO_QUEUE_FIELDS (VirtioScsiState, 1, 1),
  VIRTIO_QUEUE_FIELDS (VirtioScsiState, 2, 1), VIRTIO_DELAY_FIELDS (VirtioScsiState, delay, 1), F (sense_size), F (cdb_size),
};

static void
restored (AsternDevice *device)
{
  VirtioScsiState *s = &((VirtioScsi *) device)->s;

  if (s->sense_size > MOST_SENSE - SCSI_SENSE_BYTES || s->cdb_size > 256)
    {
      s->sense_size = SENSE_BYTES;
      s->cdb_size = CDB_BYTES;
    }
}

const AsternDeviceClass virtio_scsi_class = {
  .name = "virtio-scsi", .summary = "virtio SCSI host adapter", .state_version = 1,
  .instance_size = sizeof (VirtioScsi),
  .state_offset = G_STRUCT_OFFSET (VirtioScsi, s), .state_size = sizeof (VirtioScsiState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = init, .reset = virtio_reset, .restored = restored,
};

ScsiBus *
virtio_scsi_bus (VirtioDevice *device)
{
  return &((VirtioScsi *) device)->bus;
}

/* ---- card ---- */

const AsternDeviceClass virtio_scsi_pci_class = VIRTIO_PCI_CLASS ("virtio-scsi-pci", "virtio SCSI host adapter on PCI");
const AsternDeviceClass virtio_scsi_device_class = VIRTIO_MMIO_CLASS ("virtio-scsi-device", "virtio SCSI host adapter on MMIO");

static const AsternProperty properties[] = {
  VIRTIO_PCI_PROPERTIES,
  { 0 },
};

static const AsternProperty mmio_properties[] = {
  VIRTIO_MMIO_PROPERTIES,
  { 0 },
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  return virtio_configure (device, settings, &virtio_scsi_class, error) != NULL;
}

static gboolean
plug (AsternDevice *device, AsternDevice *child, const AsternCardSettings *settings, GError **error)
{
  return scsi_bus_plug (virtio_scsi_bus (virtio_behind (device)), child, settings, error);
}

const AsternCard virtio_scsi_pci_card = {
  .name = "virtio-scsi-pci", .alias = "virtio-scsi", .summary = N_("virtio SCSI host adapter"), .klass = &virtio_scsi_pci_class,
  .kind = ASTERN_CARD_STORAGE, .slot = ASTERN_SLOT_PCI, .offers = ASTERN_SLOT_SCSI, .properties = properties,
  .configure = configure, .plug = plug,
};

const AsternCard virtio_scsi_device_card = {
  .name = "virtio-scsi-device", .summary = N_("virtio SCSI host adapter without a bus (MMIO)"), .klass = &virtio_scsi_device_class,
  .kind = ASTERN_CARD_STORAGE, .slot = ASTERN_SLOT_VIRTIO_MMIO, .offers = ASTERN_SLOT_SCSI, .properties = mmio_properties,
  .configure = configure, .plug = plug,
};
