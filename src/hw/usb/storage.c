/* storage.c - USB mass storage.
 * Source: Universal Serial Bus Mass Storage Class, Bulk-Only Transport, revision 1.0.
 * Left out: several units, UAS.  A device that has less to say than it was asked for ends the data with a short
 * packet, and does not halt the endpoint (6.7.2 allows both). */
#include "config.h"

#include "hw/usb/storage.h"

#include "hw/storage/scsi.h"

#include <string.h>

#include <glib/gi18n.h>

enum { CBW_BYTES = 31, CSW_BYTES = 13, CBW_SIGNATURE = 0x43425355, CSW_SIGNATURE = 0x53425355 };
enum { REQUEST_MAX_LUN = 0xfe, REQUEST_RESET = 0xff };
enum { STATUS_GOOD = 0, STATUS_FAILED = 1, STATUS_PHASE_ERROR = 2 };

typedef enum { PHASE_COMMAND, PHASE_DATA_IN, PHASE_DATA_OUT, PHASE_STATUS, N_PHASES } Phase;

typedef struct
{
  UsbState      usb;
  ScsiRequest   request;
  ScsiUnitState unit;
  guint64       done_ns;        /* deadline: the unit has what was asked for */
  guint32       tag;
  guint32       left;           /* bytes that the host still expects, or sends */
  guint8        phase;
  guint8        busy;           /* until done_ns */
  guint8        mismatch;       /* the host and the command disagree on the data's direction */
  guint8        reserved[5];
} StorageState;

typedef struct
{
  UsbDevice    parent;
  StorageState s;
  ScsiUnit     unit;
  ScsiBus      bus;
  AsternTimer  done;
} Storage;

static const UsbEndpoint endpoints[] = {
  { 0x81, USB_ENDPOINT_BULK, 64, 512, 1024, 0 },
  { 0x02, USB_ENDPOINT_BULK, 64, 512, 1024, 0 },
};
/* Mass storage, transparent SCSI commands, bulk only. */
static const UsbInterface interfaces[] = { { 0, 0, 8, 6, 0x50, 0, NULL, 0, endpoints, G_N_ELEMENTS (endpoints) } };
static const UsbConfiguration configuration = { 1, 0xc0, 0, interfaces, 1 };

static guint32
get32 (const guint8 *bytes)
{
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (guint32) bytes[3] << 24;
}

static void
put32 (guint8 *bytes, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    bytes[i] = (guint8) (value >> (8 * i));
}

static void
done_expired (gpointer owner)
{
  Storage *storage = owner;

  storage->s.busy = 0;
  usb_wake (&storage->parent, 0x81);
}

/* ---- the phases ---- */

static UsbResult
command (Storage *storage, const UsbPacket *packet)
{
  StorageState *s = &storage->s;
  const guint8 *cbw = packet->data;
  gboolean in;

  if (packet->size != CBW_BYTES || get32 (cbw) != CBW_SIGNATURE || cbw[14] < 1 || cbw[14] > 16)
    {
      usb_guest_error (&storage->parent, "a command block wrapper that is none");
      return USB_STALL;
    }
  in = (cbw[12] & 0x80) != 0;
  s->tag = get32 (cbw + 4);
  s->left = get32 (cbw + 8);
  scsi_request_begin (&s->request, &storage->bus, 0, cbw[13] & 15, cbw + 15, cbw[14]);
  s->mismatch = s->left == 0 ? 0 : s->request.direction == (in ? SCSI_DATA_OUT : SCSI_DATA_IN);
  s->phase = s->left == 0 ? PHASE_STATUS : in ? PHASE_DATA_IN : PHASE_DATA_OUT;
  s->busy = 1;
  astern_timer_set (&storage->done, astern_clock_now_ns (storage->parent.parent.clock) + s->request.latency_ns);
  return USB_ACK;
}

static guint
moves (const StorageState *s, guint size)
{
  return s->mismatch ? 0 : (guint) MIN (MIN ((guint64) size, s->left), s->request.length - MIN (s->request.done, s->request.length));
}

/* All that there is; a short packet tells the host that it was all. */
static UsbResult
data_in (Storage *storage, UsbPacket *packet)
{
  StorageState *s = &storage->s;
  guint n = moves (s, packet->size);

  if (s->busy)
    return USB_NAK;
  if (n > 0)
    scsi_request_read (&s->request, &storage->bus, packet->data, n);
  s->left -= n;
  packet->done = n;
  if (s->left == 0 || n < packet->size)
    s->phase = PHASE_STATUS;
  return USB_ACK;
}

/* What the command does not want is dropped. */
static UsbResult
data_out (Storage *storage, UsbPacket *packet)
{
  StorageState *s = &storage->s;
  guint n = moves (s, packet->size);

  if (n > 0)
    scsi_request_write (&s->request, &storage->bus, packet->data, n);
  s->left -= MIN (packet->size, s->left);
  packet->done = packet->size;
  if (s->left == 0)
    s->phase = PHASE_STATUS;
  return USB_ACK;
}

static UsbResult
status (Storage *storage, UsbPacket *packet)
{
  StorageState *s = &storage->s;
  guint8 *csw = packet->data;
  guint64 moved = s->request.done;
  gboolean good;

  if (s->busy)
    return USB_NAK;
  if (packet->size < CSW_BYTES)
    return USB_BABBLE;
  good = scsi_request_finish (&s->request, &storage->bus) == SCSI_GOOD;
  put32 (csw, CSW_SIGNATURE);
  put32 (csw + 4, s->tag);
  put32 (csw + 8, s->left);
  csw[12] = s->mismatch ? STATUS_PHASE_ERROR : good ? STATUS_GOOD : STATUS_FAILED;
  if (good && !s->mismatch && moved < s->request.length)
    csw[12] = STATUS_PHASE_ERROR;       /* the host wanted less than the command */
  packet->done = CSW_BYTES;
  s->phase = PHASE_COMMAND;
  return USB_ACK;
}

static UsbResult
storage_packet (UsbDevice *usb, UsbPacket *packet)
{
  Storage *storage = (Storage *) usb;
  UsbResult result;

  if (packet->token == USB_OUT)
    {
      switch (storage->s.phase)
        {
        case PHASE_COMMAND:
          result = command (storage, packet);
          packet->done = packet->size;
          return result;
        case PHASE_DATA_OUT:
          return data_out (storage, packet);
        default:
          usb_guest_error (usb, "data that no command asked for");
          return USB_STALL;
        }
    }
  switch (storage->s.phase)
    {
    case PHASE_DATA_IN:
      return data_in (storage, packet);
    case PHASE_STATUS:
      return status (storage, packet);
    default:
      return USB_NAK;
    }
}

/* ---- requests ---- */

static void
forget (Storage *storage)
{
  StorageState *s = &storage->s;

  memset (&s->request, 0, sizeof s->request);
  s->phase = PHASE_COMMAND;
  s->busy = s->mismatch = 0;
  s->left = s->tag = 0;
  astern_timer_cancel (&storage->done);
}

static gint
storage_control (UsbDevice *usb, const UsbSetup *setup, guint8 *data, guint size)
{
  if ((setup->type & USB_TYPE_KIND) != USB_TYPE_CLASS || (setup->type & USB_TYPE_TO) != USB_TYPE_INTERFACE)
    return USB_CONTROL_STALL;
  switch (setup->request)
    {
    case REQUEST_MAX_LUN:
      data[0] = 0;
      return 1;
    case REQUEST_RESET:
      forget ((Storage *) usb);
      return 0;
    default:
      return USB_CONTROL_STALL;
    }
}

static void
storage_bus_reset (UsbDevice *usb)
{
  forget ((Storage *) usb);
}

static const UsbInfo info = {
  .vendor = 0x46f4, .product = 0x0001, .release = 0x0100,
  .speeds = USB_SPEED_BIT (USB_FULL) | USB_SPEED_BIT (USB_HIGH) | USB_SPEED_BIT (USB_SUPER),
  .manufacturer = "Astern", .product_name = "Astern USB Drive", .serial = "000000000001",
  .configurations = &configuration, .n_configurations = 1,
  .control = storage_control, .packet = storage_packet, .bus_reset = storage_bus_reset,
};

/* ---- the device ---- */

static void
name_unit (ScsiUnit *unit)
{
  g_strlcpy (unit->vendor, "ASTERN", sizeof unit->vendor);
  g_strlcpy (unit->product, unit->type == SCSI_TYPE_CDROM ? "USB CD-ROM" : "USB DISK", sizeof unit->product);
  g_strlcpy (unit->version, "1.0", sizeof unit->version);
}

static void
storage_init (AsternDevice *device)
{
  Storage *storage = (Storage *) device;

  usb_init (device, &info);
  scsi_unit_init (&storage->unit, device, &storage->s.unit, SCSI_TYPE_DISK);
  name_unit (&storage->unit);
  scsi_bus_attach (&storage->bus, &storage->unit, 0, 0, NULL);
  astern_timer_init (&storage->done, device->clock, "usb-storage", &storage->s.done_ns, done_expired, storage);
}

void
usb_storage_set_drive (AsternDevice *device, AsternDevice *drive, gboolean removable)
{
  Storage *storage = (Storage *) device;
  gboolean cd = drive_kind (drive) == DRIVE_CDROM;

  storage->unit.type = cd ? SCSI_TYPE_CDROM : SCSI_TYPE_DISK;
  storage->unit.removable = removable || cd;
  if (cd)
    storage->unit.block_size = storage->unit.physical_block_size = 2048;
  name_unit (&storage->unit);
  scsi_unit_set_drive (&storage->unit, drive);
}

static void
storage_reset (AsternDevice *device)
{
  Storage *storage = (Storage *) device;

  usb_reset (device);
  scsi_unit_reset (&storage->unit);
  forget (storage);
}

static void
storage_restored (AsternDevice *device)
{
  Storage *storage = (Storage *) device;

  usb_restored (device);
  scsi_unit_restored (&storage->unit);
  if (storage->s.phase >= N_PHASES)
    storage->s.phase = PHASE_COMMAND;
}

#define F(member) ASTERN_FIELD (StorageState, member, 1)
static const AsternField fields[] = {
  USB_FIELDS (StorageState, 1), SCSI_REQUEST_FIELDS (StorageState, request, 1), SCSI_UNIT_FIELDS (StorageState, unit, 1),
  F (done_ns), F (tag), F (left), F (phase), F (busy), F (mismatch), ASTERN_FIELD_BYTES (StorageState, reserved, 1),
};

const AsternDeviceClass usb_storage_class = {
  .name = "usb-storage", .summary = "USB drive", .state_version = 1,
  .instance_size = sizeof (Storage),
  .state_offset = G_STRUCT_OFFSET (Storage, s), .state_size = sizeof (StorageState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = storage_init, .reset = storage_reset, .restored = storage_restored, .finalize = usb_finalize,
};

/* ---- the card ---- */

static const AsternProperty properties[] = {
  USB_PROPERTIES,
  { .name = "drive", .kind = ASTERN_PROPERTY_DRIVE, .help = N_("the id of a -drive") },
  { .name = "removable", .kind = ASTERN_PROPERTY_SWITCH, .fallback = "off", .help = N_("whether its medium can be taken out") },
  { .name = "bootindex", .kind = ASTERN_PROPERTY_NUMBER, .help = N_("Its place in the order of booting") },
  { .name = NULL }
};

static gboolean
storage_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  AsternDevice *drive = astern_settings_drive (settings, "drive");

  usb_configure (device, settings);
  if (drive == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("A USB drive needs “drive=” and the id of a -drive."));
      return FALSE;
    }
  usb_storage_set_drive (device, drive, astern_settings_switch (settings, "removable"));
  return TRUE;
}

const AsternCard usb_storage_card = {
  .name = "usb-storage", .summary = N_("USB drive (mass storage)"), .klass = &usb_storage_class, .kind = ASTERN_CARD_STORAGE,
  .slot = ASTERN_SLOT_USB, .properties = properties, .configure = storage_configure,
};
