/* ata.c - see ata.h: registers and the flow of a command.
 * Source: ATA/ATAPI-6 (T13/1410D), chapters 7 to 9; ATA8-ACS for what is newer.
 * Left out: overlapped and queued commands of the parallel cable, CFA, the passwords (security is frozen).
 *
 * Every command is busy for a while; a timer ends that, and only then are data moved and interrupts
 * raised.  So nothing happens within the host's write of the command, and the host may be anyone. */
#include "config.h"

#include "hw/storage/ata-private.h"

#include "core/disk.h"
#include "core/machine.h"

#include <glib/gi18n.h>
#include <string.h>

#define GOOD (ATA_DRDY | ATA_DSC)

static Ata *
ata_of (AsternDevice *device)
{
  return (Ata *) device;
}

gboolean
ata_is_cd (const AsternDevice *device)
{
  return device->klass == &ata_cd_class;
}

void
ata_guest_error (Ata *ata, const char *what)
{
  AsternMachine *machine = ata->parent.machine;

  if (machine != NULL)
    astern_events_log (&machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: command 0x%02x: %s", ata->parent.name,
                       ata->s.command, what);
}

/* -- Interrupts */

static void
set_intrq (Ata *ata, gboolean level)
{
  if (ata->s.intrq == level && !level)
    return;
  ata->s.intrq = (guint8) level;
  if (ata->host == NULL)
    return;
  if (level && ata->host->interrupt != NULL)
    ata->host->interrupt (ata->self, ata->unit);
  if (ata->host->wires != NULL)
    ata->host->wires (ata->self, ata->unit);
}

gboolean
ata_interrupt (AsternDevice *device)
{
  return ata_of (device)->s.intrq != 0;
}

/* -- The flow of a command */

void
ata_wait (Ata *ata, guint next, guint64 ns)
{
  AtaState *s = &ata->s;

  s->phase = PHASE_WAIT;
  s->next = (guint8) next;
  s->status = ATA_BSY | (s->status & (GOOD | ATA_ERR));
  astern_timer_set (&ata->waiting, astern_clock_now_ns (ata->parent.clock) + ns);
}

void
ata_begin_in (Ata *ata, guint stream, guint64 position, guint64 size, guint64 ns)
{
  AtaState *s = &ata->s;

  s->stream = (guint8) stream;
  s->position = position;
  s->left = size;
  s->out = FALSE;
  ata_wait (ata, size > 0 ? NEXT_TRANSFER : NEXT_DONE, ns);
}

void
ata_begin_out (Ata *ata, guint stream, guint64 position, guint64 size, guint64 ns)
{
  AtaState *s = &ata->s;

  ata_begin_in (ata, stream, position, size, ns);
  s->out = TRUE;
}

void
ata_succeed (Ata *ata)
{
  ata->s.left = 0;
  ata_wait (ata, NEXT_DONE, ATA_COMMAND_NS);
}

void
ata_fail (Ata *ata, guint8 error)
{
  ata->s.error = error;
  ata->s.status |= ATA_ERR;
  ata_succeed (ata);
}

/* The end: the status is what it was, but not busy. */
static void
complete (Ata *ata)
{
  AtaState *s = &ata->s;

  s->phase = PHASE_IDLE;
  s->stream = STREAM_NONE;
  s->left = 0;
  s->dma = 0;
  s->status = GOOD | (s->status & ATA_ERR);
  if (s->command == ATA_CMD_PACKET)
    s->count = 3;                       /* I/O and C/D: the status of a packet */
  if (ata->host != NULL && ata->host->completed != NULL)
    ata->host->completed (ata->self, ata->unit);
  set_intrq (ata, TRUE);
}

static void
medium_failed (Ata *ata)
{
  if (ata->s.command == ATA_CMD_PACKET)
    atapi_medium_error (ata);
  else
    {
      ata->s.error = ata->s.out ? ATA_ABRT : ATA_UNC;
      ata->s.status |= ATA_ERR;
    }
}

/* The stream's next @size bytes. */
static gboolean
fetch (Ata *ata, guint8 *data, guint size)
{
  AtaState *s = &ata->s;
  gboolean good = TRUE;

  if (s->stream == STREAM_MEDIUM)
    good = ata->drive != NULL && drive_read (ata->drive, s->position, data, size);
  else if (s->stream == STREAM_RAW)
    good = atapi_read_raw (ata, s->position, data, size);
  else if (s->stream == STREAM_BUFFER && s->position <= ATA_BUFFER_BYTES && size <= ATA_BUFFER_BYTES - s->position)
    memmove (data, s->buffer + s->position, size);
  else
    memset (data, 0, size);
  if (!good)
    memset (data, 0, size);
  s->position += size;
  s->left -= MIN (size, s->left);
  return good;
}

/* Lists are looked at when a page is full, or when all of it has come. */
static void
store_list (Ata *ata, const guint8 *data, guint size)
{
  AtaState *s = &ata->s;

  while (size > 0)
    {
      guint at = s->position % ATA_LIST_BYTES, n = MIN (size, ATA_LIST_BYTES - at);

      memcpy (s->list + at, data, n);
      s->position += n;
      s->left -= MIN (n, s->left);
      data += n;
      size -= n;
      if (s->stream == STREAM_TRIM && at + n == ATA_LIST_BYTES)
        ata_trim_page (ata, s->list);
    }
}

static gboolean
store (Ata *ata, const guint8 *data, guint size)
{
  AtaState *s = &ata->s;

  if (s->stream == STREAM_TRIM || s->stream == STREAM_LIST)
    {
      store_list (ata, data, size);
      return TRUE;
    }
  s->position += size;
  s->left -= MIN (size, s->left);
  return s->stream == STREAM_MEDIUM && ata->drive != NULL
         && drive_write (ata->drive, s->position - size, data, size);
}

/* All data of an out transfer have come. */
static void
end_of_data (Ata *ata)
{
  AtaState *s = &ata->s;

  if (s->stream == STREAM_LIST && s->out)
    atapi_list_done (ata, (guint) MIN (s->position, ATA_LIST_BYTES));
}

/* A block of PIO, or the whole to be moved by the host. */
static void
begin_transfer (Ata *ata)
{
  AtaState *s = &ata->s;
  guint size = (guint) MIN (s->left, CLAMP (s->drq_bytes, 2, ATA_BUFFER_BYTES));

  if (s->dma)
    {
      s->phase = PHASE_READY;
      s->status = GOOD | ATA_DRQ;
      if (ata->host != NULL && ata->host->ready != NULL)
        ata->host->ready (ata->self, ata->unit);
      return;
    }
  if (!s->out && !fetch (ata, s->buffer, size))
    {
      medium_failed (ata);
      complete (ata);
      return;
    }
  s->buffer_at = 0;
  s->buffer_end = size;
  s->phase = s->out ? PHASE_PIO_OUT : PHASE_PIO_IN;
  s->status = GOOD | ATA_DRQ;
  if (s->command == ATA_CMD_PACKET)
    {
      s->count = s->out ? 0 : 2;
      s->lbam = (guint16) (size & 0xff);
      s->lbah = (guint16) (size >> 8);
    }
  /* The first block that is written is not asked for by an interrupt, but for a packet's. */
  if (!s->out || s->command == ATA_CMD_PACKET)
    set_intrq (ata, TRUE);
}

/* A block of PIO was written by the host. */
static void
store_block (Ata *ata)
{
  AtaState *s = &ata->s;

  if (!store (ata, s->buffer, MIN (s->buffer_end, ATA_BUFFER_BYTES)))
    medium_failed (ata);
  if (s->left > 0 && !(s->status & ATA_ERR))
    {
      begin_transfer (ata);
      if (s->command != ATA_CMD_PACKET)
        set_intrq (ata, TRUE);
      return;
    }
  end_of_data (ata);
  complete (ata);
}

static void
waited (gpointer owner)
{
  Ata *ata = owner;

  ata->s.status &= (guint8) ~ATA_BSY;
  switch (ata->s.next)
    {
    case NEXT_TRANSFER:
      begin_transfer (ata);
      break;
    case NEXT_STORE:
      store_block (ata);
      break;
    case NEXT_PACKET:
      atapi_run (ata);
      break;
    case NEXT_FLUSH:
      if (ata->drive != NULL)
        drive_flush (ata->drive);
      complete (ata);
      break;
    default:
      complete (ata);
    }
}

/* -- The host moves the data */

gboolean
ata_is_ready (AsternDevice *device)
{
  return ata_of (device)->s.phase == PHASE_READY;
}

gboolean
ata_transfer_is_out (AsternDevice *device)
{
  return ata_of (device)->s.out != 0;
}

gboolean
ata_transfer_is_pio (AsternDevice *device)
{
  return ata_of (device)->s.pio_command != 0;
}

guint64
ata_transfer_left (AsternDevice *device)
{
  return ata_of (device)->s.phase == PHASE_READY ? ata_of (device)->s.left : 0;
}

gboolean
ata_transfer_in (AsternDevice *device, gpointer data, guint size)
{
  return fetch (ata_of (device), data, size);
}

gboolean
ata_transfer_out (AsternDevice *device, gconstpointer data, guint size)
{
  return store (ata_of (device), data, size);
}

void
ata_transfer_end (AsternDevice *device, gboolean good)
{
  Ata *ata = ata_of (device);

  if (ata->s.phase != PHASE_READY)
    return;
  if (!good)
    medium_failed (ata);
  end_of_data (ata);
  complete (ata);
}

/* -- Registers */

guint8
ata_register (AsternDevice *device, guint reg)
{
  const AtaState *s = &ata_of (device)->s;
  guint shift = (s->control & ATA_HOB) ? 8 : 0;

  switch (reg)
    {
    case ATA_ERROR:    return s->error;
    case ATA_COUNT:    return (guint8) (s->count >> shift);
    case ATA_LBA_LOW:  return (guint8) (s->lbal >> shift);
    case ATA_LBA_MID:  return (guint8) (s->lbam >> shift);
    case ATA_LBA_HIGH: return (guint8) (s->lbah >> shift);
    case ATA_DEVICE:   return s->device | 0xa0;
    case ATA_STATUS:   return s->status;
    default:           return 0;
    }
}

void
ata_write_register (AsternDevice *device, guint reg, guint8 value)
{
  AtaState *s = &ata_of (device)->s;
  guint16 *wide[] = { NULL, &s->features, &s->count, &s->lbal, &s->lbam, &s->lbah };

  s->control &= (guint8) ~ATA_HOB;
  if (s->status & (ATA_BSY | ATA_DRQ))
    return;
  if (reg == ATA_DEVICE)
    s->device = value;
  else if (reg >= ATA_FEATURES && reg <= ATA_LBA_HIGH)
    *wide[reg] = (guint16) (*wide[reg] << 8 | value);
}

void
ata_status_was_read (AsternDevice *device)
{
  set_intrq (ata_of (device), FALSE);
}

static void
begin_command (Ata *ata, guint8 command)
{
  AtaState *s = &ata->s;

  s->command = command;
  s->error = 0;
  s->status = GOOD;
  s->stream = STREAM_NONE;
  s->left = 0;
  s->out = FALSE;
  s->pio_command = FALSE;
  s->drq_bytes = ATA_SECTOR_BYTES;
  s->buffer_at = s->buffer_end = 0;
  ata_run (ata);
}

void
ata_command (AsternDevice *device, guint8 command)
{
  enum { DEVICE_RESET = 0x08 };
  Ata *ata = ata_of (device);

  set_intrq (ata, FALSE);
  ata->s.control &= (guint8) ~ATA_HOB;
  if (command == DEVICE_RESET && ata_is_cd (device))
    {
      ata_reset (device);
      return;
    }
  if (ata->s.phase == PHASE_RESET || (ata->s.status & (ATA_BSY | ATA_DRQ)))
    {
      ata_guest_error (ata, "written over by another one");
      if (ata->s.phase == PHASE_RESET || (ata->s.status & ATA_BSY))
        return;
    }
  ata->s.dma = FALSE;
  begin_command (ata, command);
}

void
ata_set_signature (Ata *ata)
{
  AtaState *s = &ata->s;
  gboolean cd = ata_is_cd (&ata->parent);

  s->count = s->lbal = 1;
  s->lbam = cd ? 0x14 : 0;
  s->lbah = cd ? 0xeb : 0;
  s->device &= ATA_SECOND;
}

void
ata_reset (AsternDevice *device)
{
  Ata *ata = ata_of (device);
  AtaState *s = &ata->s;

  astern_timer_cancel (&ata->waiting);
  s->phase = PHASE_IDLE;
  s->stream = STREAM_NONE;
  s->left = 0;
  s->dma = s->out = FALSE;
  s->buffer_at = s->buffer_end = 0;
  s->error = 1;                         /* diagnosed: nothing wrong */
  s->status = ata_is_cd (device) ? 0 : GOOD;
  s->queued_tag = 0xff;
  ata_set_signature (ata);
  if (ata_is_cd (device))
    atapi_reset (ata);
  set_intrq (ata, FALSE);
}

void
ata_write_control (AsternDevice *device, guint8 value)
{
  Ata *ata = ata_of (device);
  AtaState *s = &ata->s;
  guint8 old = s->control;

  s->control = value & (ATA_NIEN | ATA_SRST | ATA_HOB);
  if ((value & ATA_SRST) && !(old & ATA_SRST))
    {
      ata_reset (device);
      s->phase = PHASE_RESET;
      s->status = ATA_BSY;
    }
  else if (!(value & ATA_SRST) && (old & ATA_SRST))
    ata_reset (device);
}

/* What of the block the host has not had yet, or not given. */
static guint
block_left (const AtaState *s)
{
  return s->buffer_end <= ATA_BUFFER_BYTES && s->buffer_at < s->buffer_end ? s->buffer_end - s->buffer_at : 0;
}

guint32
ata_data (AsternDevice *device, guint size)
{
  const AtaState *s = &ata_of (device)->s;
  guint n = MIN (size, block_left (s));
  guint32 value = 0;

  if (s->phase != PHASE_PIO_IN)
    return 0;
  for (guint i = 0; i < n; i++)
    value |= (guint32) s->buffer[s->buffer_at + i] << 8 * i;
  return value;
}

void
ata_data_was_read (AsternDevice *device, guint size)
{
  Ata *ata = ata_of (device);
  AtaState *s = &ata->s;

  if (s->phase != PHASE_PIO_IN)
    return;
  s->buffer_at += MIN (size, block_left (s));
  if (block_left (s) > 0)
    return;
  s->status &= (guint8) ~ATA_DRQ;
  if (s->left > 0)
    ata_wait (ata, NEXT_TRANSFER, ATA_COMMAND_NS);
  else if (s->command == ATA_CMD_PACKET)
    ata_wait (ata, NEXT_DONE, ATA_COMMAND_NS);
  else
    {
      /* The last block was all that the host waited for. */
      s->phase = PHASE_IDLE;
      s->stream = STREAM_NONE;
      s->status = GOOD;
    }
}

static void
packet_came (Ata *ata)
{
  AtaState *s = &ata->s;

  memcpy (s->packet, s->buffer, ATA_PACKET_BYTES);
  memset (s->packet + 12, 0, ATA_PACKET_BYTES - 12);
  s->byte_limit = (guint16) ((s->lbam & 0xff) | (s->lbah & 0xff) << 8);
  ata_wait (ata, NEXT_PACKET, ATA_COMMAND_NS);
}

void
ata_write_data (AsternDevice *device, guint32 value, guint size)
{
  Ata *ata = ata_of (device);
  AtaState *s = &ata->s;
  guint n = MIN (size, block_left (s));

  if (s->phase != PHASE_PIO_OUT && s->phase != PHASE_PACKET)
    return;
  for (guint i = 0; i < n; i++)
    s->buffer[s->buffer_at + i] = (guint8) (value >> 8 * i);
  s->buffer_at += n;
  if (block_left (s) > 0)
    return;
  s->status &= (guint8) ~ATA_DRQ;
  if (s->phase == PHASE_PACKET)
    packet_came (ata);
  else
    ata_wait (ata, NEXT_STORE, s->stream == STREAM_MEDIUM ? astern_disk_latency_ns (s->buffer_end) : ATA_COMMAND_NS);
}

/* -- Whole commands */

gboolean
ata_is_busy (AsternDevice *device)
{
  return ata_of (device)->s.phase != PHASE_IDLE;
}

void
ata_execute (AsternDevice *device, const AtaTask *task, const guint8 *packet)
{
  Ata *ata = ata_of (device);
  AtaState *s = &ata->s;

  s->features = task->features;
  s->count = task->count;
  s->lbal = (guint16) ((task->lba & 0xff) | (task->lba >> 24 & 0xff) << 8);
  s->lbam = (guint16) ((task->lba >> 8 & 0xff) | (task->lba >> 32 & 0xff) << 8);
  s->lbah = (guint16) ((task->lba >> 16 & 0xff) | (task->lba >> 40 & 0xff) << 8);
  s->device = task->device;
  s->control &= (guint8) ~ATA_HOB;
  s->dma = TRUE;
  if (packet != NULL)
    memcpy (s->packet, packet, ATA_PACKET_BYTES);
  begin_command (ata, task->command);
}

void
ata_task (AsternDevice *device, AtaTask *task)
{
  const AtaState *s = &ata_of (device)->s;

  *task = (AtaTask) {
    .lba = (guint64) (s->lbal & 0xff) | (guint64) (s->lbam & 0xff) << 8 | (guint64) (s->lbah & 0xff) << 16
           | (guint64) (s->lbal >> 8) << 24 | (guint64) (s->lbam >> 8) << 32 | (guint64) (s->lbah >> 8) << 40,
    .count = s->count, .features = s->features, .device = s->device, .command = s->command,
    .status = s->status, .error = s->error,
  };
}

gboolean
ata_queued_is_good (AsternDevice *device, guint64 lba, guint sectors)
{
  const Ata *ata = ata_of (device);

  return !ata_is_cd (device) && ata->drive != NULL && lba < ata_sectors (ata) && sectors <= ata_sectors (ata) - lba;
}

void
ata_queued_failed (AsternDevice *device, guint tag, const AtaTask *task)
{
  AtaState *s = &ata_of (device)->s;

  s->queued_tag = (guint8) tag;
  s->queued_lba = task->lba;
  s->queued_count = task->count;
  s->queued_status = task->status;
  s->queued_error = task->error;
}

/* -- The device */

void
ata_connect (AsternDevice *device, const AtaHost *host, gpointer self, guint unit, gboolean serial)
{
  Ata *ata = ata_of (device);

  ata->host = host;
  ata->self = self;
  ata->unit = unit;
  ata->serial = serial;
  if (ata->serial_number[0] == '\0')
    g_snprintf (ata->serial_number, sizeof ata->serial_number, "AS%05u", unit + 1);
}

static void
medium_changed (gpointer controller, AsternDevice *drive)
{
  atapi_medium_changed (controller);
}

void
ata_set_drive (AsternDevice *device, AsternDevice *drive)
{
  Ata *ata = ata_of (device);

  ata->drive = drive;
  if (drive != NULL && drive_serial (drive)[0] != '\0')
    g_strlcpy (ata->serial_number, drive_serial (drive), sizeof ata->serial_number);
  if (drive != NULL && ata_is_cd (device))
    drive_connect (drive, medium_changed, ata);
}

AsternDevice *
ata_drive (AsternDevice *device)
{
  return ata_of (device)->drive;
}

guint
ata_unit (AsternDevice *device)
{
  return ata_of (device)->unit;
}

static void
init (AsternDevice *device)
{
  Ata *ata = ata_of (device);

  astern_timer_init (&ata->waiting, device->clock, "ata", &ata->s.wait_ns, waited, ata);
  g_strlcpy (ata->model, ata_is_cd (device) ? "ASTERN CD-ROM" : "ASTERN HARDDISK", sizeof ata->model);
}

static void
reset (AsternDevice *device)
{
  Ata *ata = ata_of (device);

  astern_timer_cancel (&ata->waiting);
  memset (&ata->s, 0, sizeof ata->s);
  ata->s.wait_ns = ASTERN_CLOCK_NEVER;
  ata->s.multiple = ATA_MAX_MULTIPLE;
  ata->s.heads = (guint8) ata_default_heads (ata);
  ata->s.sectors = 63;
  ata->s.features_on = ON_WRITE_CACHE | ON_LOOK_AHEAD | ON_SMART;
  if (ata->drive != NULL)
    ata->s.medium = drive_medium (ata->drive);
  ata_reset (device);
}

/* A state from a file may be anything; what the code takes for granted is made so. */
static void
make_sane (Ata *ata)
{
  AtaState *s = &ata->s;
  gboolean waits = s->phase == PHASE_WAIT;

  if (s->phase >= N_PHASES || s->next >= N_NEXT || s->stream >= N_STREAMS || s->buffer_end > ATA_BUFFER_BYTES
      || s->buffer_at > s->buffer_end || s->left > G_MAXUINT32 || waits != (s->wait_ns != ASTERN_CLOCK_NEVER))
    {
      astern_timer_cancel (&ata->waiting);
      s->phase = PHASE_IDLE;
      s->status = GOOD;
      s->buffer_at = s->buffer_end = 0;
      s->left = 0;
    }
  if (s->heads == 0 || s->sectors == 0)
    {
      s->heads = 16;
      s->sectors = 63;
    }
  if (s->multiple > ATA_MAX_MULTIPLE)
    s->multiple = ATA_MAX_MULTIPLE;
}

static void
restored (AsternDevice *device)
{
  Ata *ata = ata_of (device);

  make_sane (ata);
  if (ata->host != NULL && ata->host->wires != NULL)
    ata->host->wires (ata->self, ata->unit);
}

#define F(member)     ASTERN_FIELD (AtaState, member, 1)
#define BYTES(member) ASTERN_FIELD_BYTES (AtaState, member, 1)
static const AsternField fields[] = {
  F (wait_ns), F (position), F (left), F (queued_lba), F (buffer_at), F (buffer_end), F (drq_bytes), F (medium),
  F (features), F (count), F (lbal), F (lbam), F (lbah), F (byte_limit), F (queued_count),
  F (device), F (status), F (error), F (control), F (command), F (phase), F (next), F (stream), F (out), F (dma),
  F (pio_command), F (intrq), F (multiple), F (heads), F (sectors), F (transfer_mode), F (features_on), F (standby),
  F (queued_tag), F (queued_status), F (queued_error), F (sense_key), F (asc), F (ascq), F (attention), F (event),
  BYTES (packet), BYTES (list), BYTES (buffer),
};

#define CLASS                                                                                             \
  .state_version = 1, .instance_size = sizeof (Ata),                                                      \
  .state_offset = G_STRUCT_OFFSET (Ata, s), .state_size = sizeof (AtaState),                              \
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),                                                    \
  .init = init, .reset = reset, .restored = restored

const AsternDeviceClass ata_disk_class = { .name = "ide-hd", .summary = "ATA disk", CLASS };
const AsternDeviceClass ata_cd_class   = { .name = "ide-cd", .summary = "ATAPI CD-ROM drive", CLASS };

/* -- The cards */

static const AsternProperty properties[] = {
  { "drive",     ASTERN_PROPERTY_DRIVE,  NULL, N_("the drive that it is") },
  { "bus",       ASTERN_PROPERTY_TEXT,   NULL, N_("the channel or port, as in ide.1") },
  { "unit",      ASTERN_PROPERTY_NUMBER, NULL, N_("0: first, 1: second drive of its channel") },
  { "serial",    ASTERN_PROPERTY_TEXT,   NULL, N_("serial number, 20 characters at most") },
  { "model",     ASTERN_PROPERTY_TEXT,   NULL, N_("model's name, 40 characters at most") },
  { "bootindex", ASTERN_PROPERTY_NUMBER, NULL, N_("place in the order in which firmware tries to boot") },
  { 0 }
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  Ata *ata = ata_of (device);
  AsternDevice *drive = astern_settings_drive (settings, "drive");
  const char *serial = astern_settings_text (settings, "serial"), *model = astern_settings_text (settings, "model");

  if (drive == NULL && !ata_is_cd (device))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The device “%s” needs a drive: drive=ID, the id of a -drive."),
                   device->klass->name);
      return FALSE;
    }
  if ((serial != NULL && strlen (serial) > 20) || (model != NULL && strlen (model) > 40))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("A disk’s serial number has 20 characters at most, its model’s name 40."));
      return FALSE;
    }
  ata_set_drive (device, drive);
  if (serial != NULL)
    g_strlcpy (ata->serial_number, serial, sizeof ata->serial_number);
  if (model != NULL)
    g_strlcpy (ata->model, model, sizeof ata->model);
  return TRUE;
}

const AsternCard ata_disk_card = {
  .name = "ide-hd", .summary = N_("ATA disk"), .klass = &ata_disk_class, .kind = ASTERN_CARD_STORAGE,
  .slot = ASTERN_SLOT_IDE, .properties = properties, .configure = configure,
};

const AsternCard ata_cd_card = {
  .name = "ide-cd", .summary = N_("ATAPI CD-ROM drive"), .klass = &ata_cd_class, .kind = ASTERN_CARD_STORAGE,
  .slot = ASTERN_SLOT_IDE, .properties = properties, .configure = configure,
};
