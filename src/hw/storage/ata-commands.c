/* ata-commands.c - what a disk does, and what a CD drive does beside packets.
 * Source: ATA/ATAPI-6 (T13/1410D), chapter 8; ATA8-ACS (T13/1699D) for DATA SET MANAGEMENT and logs. */
#include "config.h"

#include "hw/storage/ata-private.h"

#include "core/disk.h"

#include <string.h>

typedef struct
{
  guint8 opcode, flags;
  void (*run) (Ata *ata);
} Command;

enum { EXT = 1, DMA = 2, MULTIPLE = 4, DISK = 8, CD = 16, BOTH = DISK | CD };

guint64
ata_sectors (const Ata *ata)
{
  return ata->drive != NULL ? drive_size (ata->drive) / ATA_SECTOR_BYTES : 0;
}

guint
ata_default_heads (const Ata *ata)
{
  return 16;
}

/* -- Where a command goes */

static guint64
lba28 (const AtaState *s)
{
  return (guint64) (s->lbal & 0xff) | (guint64) (s->lbam & 0xff) << 8 | (guint64) (s->lbah & 0xff) << 16;
}

static guint64
lba48 (const AtaState *s)
{
  return lba28 (s) | (guint64) (s->lbal >> 8) << 24 | (guint64) (s->lbam >> 8) << 32 | (guint64) (s->lbah >> 8) << 40;
}

/* G_MAXUINT64: a cylinder, head and sector that there are not. */
static guint64
first_sector (const AtaState *s, guint flags)
{
  guint head = s->device & 0x0f, sector = s->lbal & 0xff, cylinder = (s->lbam & 0xff) | (s->lbah & 0xff) << 8;

  if (flags & EXT)
    return lba48 (s);
  if (s->device & ATA_LBA)
    return lba28 (s) | (guint64) head << 24;
  if (sector == 0 || sector > s->sectors || head >= s->heads)
    return G_MAXUINT64;
  return ((guint64) cylinder * s->heads + head) * s->sectors + sector - 1;
}

static void
put_lba (AtaState *s, guint64 lba, guint flags)
{
  s->lbal = (guint16) (lba & 0xff);
  s->lbam = (guint16) (lba >> 8 & 0xff);
  s->lbah = (guint16) (lba >> 16 & 0xff);
  if (flags & EXT)
    {
      s->lbal |= (guint16) ((lba >> 24 & 0xff) << 8);
      s->lbam |= (guint16) ((lba >> 32 & 0xff) << 8);
      s->lbah |= (guint16) ((lba >> 40 & 0xff) << 8);
    }
  else
    s->device = (guint8) ((s->device & 0xf0) | (lba >> 24 & 0x0f));
}

/* Sets the range that the command names.  FALSE: it is not one of the disk; the command has failed. */
static gboolean
range_of (Ata *ata, guint flags, guint64 *first, guint *n)
{
  const AtaState *s = &ata->s;
  guint64 total = ata_sectors (ata);

  *first = first_sector (s, flags);
  *n = (flags & EXT) ? s->count : s->count & 0xff;
  if (*n == 0)
    *n = (flags & EXT) ? 0x10000 : 0x100;
  if (*first < total && *n <= total - *first)
    return TRUE;
  ata_guest_error (ata, "sectors beyond the disk");
  ata_fail (ata, ATA_IDNF);
  return FALSE;
}

/* -- Reading and writing */

static guint flags_of (guint8 opcode);

static void
begin_io (Ata *ata, gboolean out)
{
  AtaState *s = &ata->s;
  guint flags = flags_of (s->command), n;
  guint64 first, bytes, ns;

  if (!range_of (ata, flags, &first, &n))
    return;
  if ((flags & MULTIPLE) && s->multiple == 0)
    {
      ata_fail (ata, ATA_ABRT);
      return;
    }
  if (out && drive_readonly (ata->drive))
    {
      ata_fail (ata, ATA_ABRT);
      return;
    }
  bytes = (guint64) n * ATA_SECTOR_BYTES;
  s->pio_command = !(flags & DMA);
  s->drq_bytes = (flags & MULTIPLE) ? s->multiple * ATA_SECTOR_BYTES : ATA_SECTOR_BYTES;
  if (flags & DMA)
    s->dma = TRUE;
  /* What is written by PIO takes its time when it has come. */
  ns = out && !s->dma ? ATA_COMMAND_NS : astern_disk_latency_ns (bytes);
  if (out)
    ata_begin_out (ata, STREAM_MEDIUM, first * ATA_SECTOR_BYTES, bytes, ns);
  else
    ata_begin_in (ata, STREAM_MEDIUM, first * ATA_SECTOR_BYTES, bytes, ns);
}

static void
run_read (Ata *ata)
{
  begin_io (ata, FALSE);
}

static void
run_write (Ata *ata)
{
  begin_io (ata, TRUE);
}

static void
run_verify (Ata *ata)
{
  guint64 first;
  guint n;

  if (range_of (ata, flags_of (ata->s.command), &first, &n))
    ata_wait (ata, NEXT_DONE, astern_disk_latency_ns ((guint64) n * ATA_SECTOR_BYTES));
}

static void
run_seek (Ata *ata)
{
  if (first_sector (&ata->s, 0) < ata_sectors (ata))
    ata_succeed (ata);
  else
    ata_fail (ata, ATA_IDNF);
}

static void
run_set_multiple (Ata *ata)
{
  guint n = ata->s.count & 0xff;

  if (n > ATA_MAX_MULTIPLE || (n & (n - 1)) != 0)
    {
      ata_fail (ata, ATA_ABRT);
      return;
    }
  ata->s.multiple = (guint8) n;
  ata_succeed (ata);
}

static void
run_flush (Ata *ata)
{
  ata_wait (ata, NEXT_FLUSH, astern_disk_latency_ns (0));
}

/* -- Forgetting */

/* 64 ranges of 48 bits of sector and 16 of how many. */
void
ata_trim_page (Ata *ata, const guint8 *page)
{
  guint64 total = ata_sectors (ata);

  for (guint i = 0; i < ATA_LIST_BYTES; i += 8)
    {
      guint64 entry = 0, first, n;

      for (guint j = 0; j < 8; j++)
        entry |= (guint64) page[i + j] << 8 * j;
      first = entry & G_GUINT64_CONSTANT (0xffffffffffff);
      n = entry >> 48;
      if (n == 0)
        continue;
      if (first >= total || n > total - first)
        {
          ata_guest_error (ata, "forgets sectors beyond the disk");
          ata->s.error = ATA_IDNF;
          ata->s.status |= ATA_ERR;
          return;
        }
      drive_zero (ata->drive, first * ATA_SECTOR_BYTES, n * ATA_SECTOR_BYTES);
    }
}

static void
run_data_set_management (Ata *ata)
{
  enum { TRIM = 1, MOST_PAGES = 8 };
  AtaState *s = &ata->s;

  if (!(s->features & TRIM) || s->count == 0 || s->count > MOST_PAGES || drive_readonly (ata->drive))
    {
      ata_fail (ata, ATA_ABRT);
      return;
    }
  s->dma = TRUE;
  ata_begin_out (ata, STREAM_TRIM, 0, (guint64) s->count * ATA_LIST_BYTES,
                 astern_disk_latency_ns ((guint64) s->count * ATA_LIST_BYTES));
}

/* -- What it says of itself */

static void
answer (Ata *ata, guint bytes)
{
  ata->s.pio_command = !(flags_of (ata->s.command) & DMA);
  if (flags_of (ata->s.command) & DMA)
    ata->s.dma = TRUE;
  ata_begin_in (ata, STREAM_BUFFER, 0, bytes, ATA_COMMAND_NS);
}

static void
run_identify (Ata *ata)
{
  if (ata_is_cd (&ata->parent))
    {
      ata_set_signature (ata);
      ata_fail (ata, ATA_ABRT);
      return;
    }
  ata_identify_disk (ata, ata->s.buffer);
  answer (ata, ATA_SECTOR_BYTES);
}

static void
run_identify_packet (Ata *ata)
{
  ata_identify_cd (ata, ata->s.buffer);
  answer (ata, ATA_SECTOR_BYTES);
}

static void
run_read_native_max (Ata *ata)
{
  AtaState *s = &ata->s;
  guint flags = flags_of (s->command);
  guint64 last = MAX (ata_sectors (ata), 1) - 1;

  put_lba (s, (flags & EXT) ? last : MIN (last, 0x0fffffff), flags);
  ata_succeed (ata);
}

static void
run_read_log (Ata *ata)
{
  AtaState *s = &ata->s;
  guint log = s->lbal & 0xff, first = (s->lbam & 0xff) | (s->lbam & 0xff00), n = s->count;

  if (n == 0 || n > ATA_BUFFER_BYTES / ATA_SECTOR_BYTES)
    {
      ata_fail (ata, ATA_ABRT);
      return;
    }
  for (guint i = 0; i < n; i++)
    if (!ata_log_page (ata, log, first + i, s->buffer + i * ATA_SECTOR_BYTES))
      {
        ata_fail (ata, ATA_ABRT);
        return;
      }
  answer (ata, n * ATA_SECTOR_BYTES);
}

static void
run_smart (Ata *ata)
{
  enum { READ_DATA = 0xd0, READ_THRESHOLDS, AUTOSAVE, SAVE, OFFLINE, READ_LOG, ENABLE = 0xd8, DISABLE, STATUS };
  AtaState *s = &ata->s;
  guint sub = s->features & 0xff;

  if ((s->lbam & 0xff) != 0x4f || (s->lbah & 0xff) != 0xc2 || (!(s->features_on & ON_SMART) && sub != ENABLE))
    {
      ata_fail (ata, ATA_ABRT);
      return;
    }
  memset (s->buffer, 0, ATA_SECTOR_BYTES);
  if (sub == READ_DATA)
    ata_smart_data (ata, s->buffer);
  else if (sub == READ_THRESHOLDS)
    ata_smart_thresholds (ata, s->buffer);
  else if (sub == READ_LOG && !ata_log_page (ata, s->lbal & 0xff, 0, s->buffer))
    {
      ata_fail (ata, ATA_ABRT);
      return;
    }
  if (sub == READ_DATA || sub == READ_THRESHOLDS || sub == READ_LOG)
    answer (ata, ATA_SECTOR_BYTES);
  else if (sub == ENABLE || sub == DISABLE)
    {
      s->features_on = (guint8) (sub == ENABLE ? s->features_on | ON_SMART : s->features_on & ~ON_SMART);
      ata_succeed (ata);
    }
  else if (sub == AUTOSAVE || sub == SAVE || sub == OFFLINE || sub == STATUS)
    ata_succeed (ata);
  else
    ata_fail (ata, ATA_ABRT);
}

/* -- Settings */

static void
run_set_features (Ata *ata)
{
  AtaState *s = &ata->s;

  switch (s->features & 0xff)
    {
    case 0x02: s->features_on |= ON_WRITE_CACHE; break;
    case 0x82: s->features_on &= (guint8) ~ON_WRITE_CACHE; break;
    case 0xaa: s->features_on |= ON_LOOK_AHEAD; break;
    case 0x55: s->features_on &= (guint8) ~ON_LOOK_AHEAD; break;
    case 0xcc: s->features_on |= ON_REVERT; break;
    case 0x66: s->features_on &= (guint8) ~ON_REVERT; break;
    case 0x03: s->transfer_mode = (guint8) s->count; break;
    case 0x05: case 0x85:       /* power management */
    case 0x10: case 0x90:       /* Serial ATA's */
    case 0x42: case 0xc2:       /* acoustics */
      break;
    default:
      ata_fail (ata, ATA_ABRT);
      return;
    }
  ata_succeed (ata);
}

static void
run_initialize_parameters (Ata *ata)
{
  AtaState *s = &ata->s;
  guint sectors = s->count & 0xff;

  if (sectors == 0)
    {
      ata_fail (ata, ATA_ABRT);
      return;
    }
  s->heads = (guint8) ((s->device & 0x0f) + 1);
  s->sectors = (guint8) sectors;
  ata_succeed (ata);
}

static void
run_diagnose (Ata *ata)
{
  guint8 device = ata->s.device & ATA_SECOND;

  ata_set_signature (ata);
  ata->s.device = device;
  ata->s.error = 1;
  ata_succeed (ata);
}

static void
run_check_power (Ata *ata)
{
  ata->s.count = ata->s.standby ? 0x00 : 0xff;
  ata_succeed (ata);
}

static void
run_standby (Ata *ata)
{
  ata->s.standby = TRUE;
  ata_succeed (ata);
}

static void
run_idle (Ata *ata)
{
  ata->s.standby = FALSE;
  ata_succeed (ata);
}

static void
run_nothing (Ata *ata)
{
  ata_succeed (ata);
}

static void
run_abort (Ata *ata)
{
  ata_fail (ata, ATA_ABRT);
}

/* -- Packets */

static void
run_packet (Ata *ata)
{
  enum { BY_DMA = 1, OVERLAPPED = 2 };
  AtaState *s = &ata->s;

  if (s->features & OVERLAPPED)
    {
      ata_fail (ata, ATA_ABRT);
      return;
    }
  s->pio_command = !(s->features & BY_DMA);
  if (s->dma)                           /* the packet came with it */
    {
      s->byte_limit = 0;
      ata_wait (ata, NEXT_PACKET, ATA_COMMAND_NS);
      return;
    }
  s->dma = (s->features & BY_DMA) != 0;
  s->phase = PHASE_PACKET;
  s->status = ATA_DRDY | ATA_DSC | ATA_DRQ;
  s->count = 1;                         /* C/D: a packet is to be written */
  s->buffer_at = 0;
  s->buffer_end = 12;
}

static const Command commands[] = {
  { 0x00, BOTH,                      run_abort },                /* NOP */
  { 0x06, DISK | DMA,                run_data_set_management },
  { 0x20, DISK,                      run_read },                 /* READ SECTOR(S) */
  { 0x21, DISK,                      run_read },
  { 0x24, DISK | EXT,                run_read },
  { 0x25, DISK | EXT | DMA,          run_read },
  { 0x27, DISK | EXT,                run_read_native_max },
  { 0x29, DISK | EXT | MULTIPLE,     run_read },
  { 0x2f, DISK | EXT,                run_read_log },
  { 0x30, DISK,                      run_write },                /* WRITE SECTOR(S) */
  { 0x31, DISK,                      run_write },
  { 0x34, DISK | EXT,                run_write },
  { 0x35, DISK | EXT | DMA,          run_write },
  { 0x39, DISK | EXT | MULTIPLE,     run_write },
  { 0x3d, DISK | EXT | DMA,          run_write },                /* WRITE DMA FUA EXT */
  { 0x40, DISK,                      run_verify },
  { 0x41, DISK,                      run_verify },
  { 0x42, DISK | EXT,                run_verify },
  { 0x47, DISK | EXT | DMA,          run_read_log },             /* READ LOG DMA EXT */
  { 0x70, DISK,                      run_seek },
  { 0x90, BOTH,                      run_diagnose },
  { 0x91, DISK,                      run_initialize_parameters },
  { 0xa0, CD,                        run_packet },
  { 0xa1, CD,                        run_identify_packet },
  { 0xb0, DISK,                      run_smart },
  { 0xc4, DISK | MULTIPLE,           run_read },
  { 0xc5, DISK | MULTIPLE,           run_write },
  { 0xc6, DISK,                      run_set_multiple },
  { 0xc8, DISK | DMA,                run_read },
  { 0xc9, DISK | DMA,                run_read },
  { 0xca, DISK | DMA,                run_write },
  { 0xcb, DISK | DMA,                run_write },
  { 0xce, DISK | EXT | MULTIPLE,     run_write },                /* WRITE MULTIPLE FUA EXT */
  { 0xe0, BOTH,                      run_standby },
  { 0xe1, BOTH,                      run_idle },
  { 0xe2, DISK,                      run_standby },
  { 0xe3, DISK,                      run_idle },
  { 0xe5, BOTH,                      run_check_power },
  { 0xe6, BOTH,                      run_standby },              /* SLEEP */
  { 0xe7, BOTH,                      run_flush },
  { 0xea, DISK | EXT,                run_flush },
  { 0xec, BOTH,                      run_identify },
  { 0xef, BOTH,                      run_set_features },
  { 0xf5, DISK,                      run_nothing },              /* SECURITY FREEZE LOCK */
  { 0xf8, DISK,                      run_read_native_max },
};

static const Command *
find (guint8 opcode)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (commands[i].opcode == opcode)
      return &commands[i];
  return NULL;
}

static guint
flags_of (guint8 opcode)
{
  const Command *command = find (opcode);

  return command != NULL ? command->flags : 0;
}

void
ata_run (Ata *ata)
{
  gboolean cd = ata_is_cd (&ata->parent);
  const Command *command = find (ata->s.command);
  gboolean recalibrate = (ata->s.command & 0xf0) == 0x10;

  if (recalibrate && !cd)
    ata_succeed (ata);
  else if (command == NULL || !(command->flags & (cd ? CD : DISK)) || (!cd && ata->drive == NULL))
    {
      ata_guest_error (ata, "there is no such command");
      ata_fail (ata, ATA_ABRT);
    }
  else
    command->run (ata);
}
