/* ahci-commands.c - what an AHCI port does with its list of commands.
 * Source: Serial ATA AHCI 1.3.1, chapters 4 to 6; Serial ATA 2.6, chapter 10 (FIS) and section 13.6 (queues).
 *
 * A command that is not queued is the drive's until that says that it is over.  Queued ones are kept here, each
 * with a time at which it is done. */
#include "config.h"

#include "hw/storage/ahci-private.h"

#include "core/disk.h"
#include "hw/drive.h"

#include <string.h>

#define PIECE 4096

enum { FIS_H2D = 0x27, FIS_D2H = 0x34, FIS_SDB = 0xa1, FIS_PIO_SETUP = 0x5f };
enum { AT_PSFIS = 0x20, AT_RFIS = 0x40, AT_SDBFIS = 0x58 };
enum { FIS_INTERRUPT = 0x40, FIS_TO_HOST = 0x20, FIS_COMMAND = 0x80 };
enum { TABLE_PACKET = 0x40, TABLE_RANGES = 0x80 };

/* Of the command list; DW0 and the table's address. */
typedef struct
{
  guint64 table;
  guint   n_ranges;
} Header;

static guint32
get32 (const guint8 *bytes)
{
  return (guint32) bytes[0] | (guint32) bytes[1] << 8 | (guint32) bytes[2] << 16 | (guint32) bytes[3] << 24;
}

static void
put32 (guint8 *bytes, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    bytes[i] = (guint8) (value >> 8 * i);
}

static guint64
header_address (const AhciPort *p, guint slot)
{
  return ((guint64) p->clbu << 32 | p->clb) + slot * 32;
}

static gboolean
read_header (Ahci *self, guint port, guint slot, Header *header)
{
  guint8 bytes[16];

  if (!astern_pci_dma_read (&self->parent.parent, header_address (&self->s.ports[port], slot), bytes, sizeof bytes))
    return FALSE;
  header->n_ranges = get32 (bytes) >> 16;
  header->table = ((guint64) get32 (bytes + 12) << 32 | get32 (bytes + 8)) & ~G_GUINT64_CONSTANT (0x7f);
  return TRUE;
}

/* -- FIS from the drive */

static void
receive (Ahci *self, guint port, guint at, const guint8 *fis, guint size)
{
  const AhciPort *p = &self->s.ports[port];

  if (p->cmd & PXCMD_FRE)
    astern_pci_dma_write (&self->parent.parent, ((guint64) p->fbu << 32 | p->fb) + at, fis, size);
}

static void
put_task (guint8 *fis, const AtaTask *task)
{
  fis[2] = task->status;
  fis[3] = task->error;
  for (guint i = 0; i < 3; i++)
    {
      fis[4 + i] = (guint8) (task->lba >> 8 * i);
      fis[8 + i] = (guint8) (task->lba >> (24 + 8 * i));
    }
  fis[7] = task->device;
  fis[12] = (guint8) task->count;
  fis[13] = (guint8) (task->count >> 8);
}

static void
receive_registers (Ahci *self, guint port, const AtaTask *task, gboolean interrupt)
{
  guint8 fis[20] = { FIS_D2H, interrupt ? FIS_INTERRUPT : 0 };

  put_task (fis, task);
  receive (self, port, AT_RFIS, fis, sizeof fis);
  self->s.ports[port].tfd = task->status | (guint32) task->error << 8;
}

static void
receive_pio_setup (Ahci *self, guint port, const AtaTask *task, guint64 size, gboolean out)
{
  guint8 fis[20] = { FIS_PIO_SETUP, (guint8) (FIS_INTERRUPT | (out ? 0 : FIS_TO_HOST)) };

  put_task (fis, task);
  fis[15] = ATA_DRDY | ATA_DSC;         /* the status when all has come */
  fis[16] = (guint8) size;
  fis[17] = (guint8) (size >> 8);
  receive (self, port, AT_PSFIS, fis, sizeof fis);
}

/* Bits of slots that are done, and how it stands with errors. */
static void
receive_device_bits (Ahci *self, guint port, guint32 done, guint8 status, guint8 error)
{
  guint8 fis[8] = { FIS_SDB, FIS_INTERRUPT, status & 0x77, error };
  AhciPort *p = &self->s.ports[port];

  put32 (fis + 4, done);
  receive (self, port, AT_SDBFIS, fis, sizeof fis);
  p->tfd = (p->tfd & (ATA_BSY | ATA_DRQ)) | (status & 0x77) | (guint32) error << 8;
  p->sact &= ~done;
}

void
ahci_tell_signature (Ahci *self, guint port)
{
  AhciPort *p = &self->s.ports[port];
  AtaTask task;

  if (!p->signature || !(p->cmd & PXCMD_FRE) || !ahci_is_linked (self, port))
    return;
  p->signature = FALSE;
  ata_task (self->drives[port], &task);
  receive_registers (self, port, &task, FALSE);
  p->sig = (guint32) (task.lba << 8 | (task.count & 0xff));
}

/* -- Data */

typedef gboolean (*Mover) (gpointer user, guint8 *data, guint size, gboolean out);

/* Moves up to @total bytes between the ranges of the slot's table and @mover.  FALSE: they could not be. */
static gboolean
move (Ahci *self, guint port, guint slot, guint64 total, gboolean out, Mover mover, gpointer user)
{
  AsternDevice *device = &self->parent.parent;
  guint64 moved = 0;
  guint8 count[4], piece[PIECE];
  gboolean good;
  Header header;

  good = read_header (self, port, slot, &header);
  for (guint n = 0; good && n < header.n_ranges && moved < total; n++)
    {
      guint8 range[16];
      guint64 address;
      guint left;

      good = astern_pci_dma_read (device, header.table + TABLE_RANGES + 16 * n, range, sizeof range);
      address = ((guint64) get32 (range + 4) << 32 | get32 (range)) & ~G_GUINT64_CONSTANT (1);
      left = (get32 (range + 12) & 0x3fffff) + 1;
      while (good && left > 0 && moved < total)
        {
          guint size = (guint) MIN (MIN (left, PIECE), total - moved);

          good = out ? astern_pci_dma_read (device, address, piece, size) && mover (user, piece, size, out)
                     : mover (user, piece, size, out) && astern_pci_dma_write (device, address, piece, size);
          address += size;
          left -= size;
          moved += size;
        }
      if (good && get32 (range + 12) >> 31)
        ahci_interrupt (self, port, PXIS_DPS);
    }
  put32 (count, (guint32) moved);
  astern_pci_dma_write (device, header_address (&self->s.ports[port], slot) + 4, count, sizeof count);
  return good && moved == total;
}

static gboolean
move_ata (gpointer user, guint8 *data, guint size, gboolean out)
{
  return out ? ata_transfer_out (user, data, size) : ata_transfer_in (user, data, size);
}

typedef struct
{
  AsternDevice *drive;
  guint64       offset;
} DriveMove;

static gboolean
move_drive (gpointer user, guint8 *data, guint size, gboolean out)
{
  DriveMove *at = user;

  at->offset += size;
  return out ? drive_write (at->drive, at->offset - size, data, size) : drive_read (at->drive, at->offset - size, data, size);
}

/* -- The drive's commands */

static void
drive_ready (gpointer host, guint port)
{
  Ahci *self = host;
  AhciPort *p = &self->s.ports[port];
  AsternDevice *ata = self->drives[port];
  gboolean out = ata_transfer_is_out (ata);
  guint64 total = ata_transfer_left (ata);
  AtaTask task;

  if (p->slot >= AHCI_SLOTS)
    {
      ata_transfer_end (ata, FALSE);
      return;
    }
  if (ata_transfer_is_pio (ata))
    {
      ata_task (ata, &task);
      receive_pio_setup (self, port, &task, total, out);
    }
  ata_transfer_end (ata, move (self, port, p->slot, total, out, move_ata, ata));
}

static void
drive_completed (gpointer host, guint port)
{
  Ahci *self = host;
  AhciPort *p = &self->s.ports[port];
  AsternDevice *ata = self->drives[port];
  gboolean pio_in = ata_transfer_is_pio (ata) && !ata_transfer_is_out (ata);
  guint slot = p->slot;
  AtaTask task;

  if (slot >= AHCI_SLOTS)
    return;
  ata_task (ata, &task);
  p->slot = AHCI_NO_SLOT;
  receive_registers (self, port, &task, TRUE);
  if (task.status & ATA_ERR)
    {
      p->halted = TRUE;
      ahci_interrupt (self, port, PXIS_DHRS | PXIS_TFES);
      return;
    }
  p->ci &= ~(1u << slot);
  ahci_interrupt (self, port, pio_in ? PXIS_PSS | PXIS_DHRS : PXIS_DHRS);
  ahci_run (self, port);
}

const AtaHost ahci_host = { .ready = drive_ready, .completed = drive_completed };

/* -- The queue */

static void
set_queue_timer (Ahci *self, guint port)
{
  const AhciPort *p = &self->s.ports[port];
  guint64 earliest_ns = ASTERN_CLOCK_NEVER;

  for (guint slot = 0; slot < AHCI_SLOTS; slot++)
    if (p->queued >> slot & 1)
      earliest_ns = MIN (earliest_ns, p->queued_ns[slot]);
  astern_timer_set (&self->timers[port], earliest_ns);
}

static gboolean
do_queued (Ahci *self, guint port, guint slot)
{
  const AhciPort *p = &self->s.ports[port];
  AsternDevice *ata = self->drives[port];
  gboolean out = p->queued_out >> slot & 1;
  DriveMove at = { ata_drive (ata), p->queued_lba[slot] * ATA_SECTOR_BYTES };

  return ata_queued_is_good (ata, p->queued_lba[slot], p->queued_sectors[slot])
         && move (self, port, slot, (guint64) p->queued_sectors[slot] * ATA_SECTOR_BYTES, out, move_drive, &at);
}

/* The whole queue stops; the log says why. */
static void
queued_failed (Ahci *self, guint port, guint slot)
{
  AhciPort *p = &self->s.ports[port];
  AsternDevice *ata = self->drives[port];
  AtaTask task = { .lba = p->queued_lba[slot], .count = (guint16) p->queued_sectors[slot], .status = ATA_DRDY | ATA_DSC | ATA_ERR };

  task.error = ata_queued_is_good (ata, p->queued_lba[slot], p->queued_sectors[slot]) ? ATA_ABRT : ATA_IDNF;
  ata_queued_failed (ata, slot, &task);
  p->queued = 0;
  p->halted = TRUE;
  receive_device_bits (self, port, 0, task.status, task.error);
  ahci_interrupt (self, port, PXIS_SDBS | PXIS_TFES);
}

void
ahci_queue_due (gpointer owner)
{
  const AhciRef *ref = owner;
  Ahci *self = ref->ahci;
  AhciPort *p = &self->s.ports[ref->port];
  guint64 now_ns = astern_clock_now_ns (self->parent.parent.clock);
  guint32 done = 0;

  if (self->drives[ref->port] == NULL)
    return;
  for (guint slot = 0; slot < AHCI_SLOTS; slot++)
    {
      if (!(p->queued >> slot & 1) || p->queued_ns[slot] > now_ns)
        continue;
      if (!do_queued (self, ref->port, slot))
        {
          if (done != 0)
            receive_device_bits (self, ref->port, done, ATA_DRDY | ATA_DSC, 0);
          queued_failed (self, ref->port, slot);
          return;
        }
      p->queued &= ~(1u << slot);
      done |= 1u << slot;
    }
  set_queue_timer (self, ref->port);
  if (done == 0)
    return;
  receive_device_bits (self, ref->port, done, ATA_DRDY | ATA_DSC, 0);
  ahci_interrupt (self, ref->port, PXIS_SDBS);
  ahci_run (self, ref->port);
}

static void
queue (Ahci *self, guint port, guint slot, const AtaTask *task)
{
  AhciPort *p = &self->s.ports[port];
  guint sectors = task->features != 0 ? task->features : 0x10000;
  gboolean out = task->command == ATA_CMD_WRITE_FPDMA;

  p->ci &= ~(1u << slot);
  p->queued |= 1u << slot;
  p->queued_out = (p->queued_out & ~(1u << slot)) | (guint32) out << slot;
  p->queued_lba[slot] = task->lba;
  p->queued_sectors[slot] = sectors;
  p->queued_ns[slot] = astern_clock_now_ns (self->parent.parent.clock)
                       + astern_disk_latency_ns ((guint64) sectors * ATA_SECTOR_BYTES);
  p->tfd = ATA_DRDY | ATA_DSC;
  set_queue_timer (self, port);
}

/* -- Issuing */

static void
parse_fis (const guint8 *fis, AtaTask *task)
{
  *task = (AtaTask) {
    .command = fis[2], .features = (guint16) (fis[3] | fis[11] << 8), .device = fis[7],
    .count = (guint16) (fis[12] | fis[13] << 8),
    .lba = (guint64) fis[4] | (guint64) fis[5] << 8 | (guint64) fis[6] << 16
           | (guint64) fis[8] << 24 | (guint64) fis[9] << 32 | (guint64) fis[10] << 40,
  };
}

/* A FIS that writes the control register: two of them are a reset. */
static void
write_control (Ahci *self, guint port, guint slot, guint8 control)
{
  AhciPort *p = &self->s.ports[port];

  p->ci &= ~(1u << slot);
  if (control & ATA_SRST)
    {
      ata_reset (self->drives[port]);
      p->resetting = TRUE;
    }
  else if (p->resetting)
    {
      p->resetting = FALSE;
      ata_reset (self->drives[port]);
      p->signature = TRUE;
      ahci_tell_signature (self, port);
      ahci_interrupt (self, port, PXIS_DHRS);
    }
}

/* FALSE: memory could not be read. */
static gboolean
issue (Ahci *self, guint port, guint slot)
{
  AhciPort *p = &self->s.ports[port];
  AsternDevice *ata = self->drives[port];
  guint8 table[TABLE_PACKET + ATA_PACKET_BYTES];
  AtaTask task;
  Header header;

  if (!read_header (self, port, slot, &header)
      || !astern_pci_dma_read (&self->parent.parent, header.table, table, sizeof table))
    return FALSE;
  p->last = (guint8) slot;
  if (table[0] != FIS_H2D || (table[1] & 0x0f) != 0)
    {
      ahci_guest_error (self, port, "a command that is none");
      p->ci &= ~(1u << slot);
      return TRUE;
    }
  if (!(table[1] & FIS_COMMAND))
    {
      write_control (self, port, slot, table[15]);
      return TRUE;
    }
  parse_fis (table, &task);
  if ((task.command == ATA_CMD_READ_FPDMA || task.command == ATA_CMD_WRITE_FPDMA) && !ata_is_cd (ata))
    {
      queue (self, port, slot, &task);
      return TRUE;
    }
  p->slot = (guint8) slot;
  p->tfd = ATA_BSY;
  ata_execute (ata, &task, task.command == ATA_CMD_PACKET ? table + TABLE_PACKET : NULL);
  return TRUE;
}

/* Whether the slot's command is one for the queue. */
static gboolean
is_queued (Ahci *self, guint port, guint slot)
{
  return self->s.ports[port].sact >> slot & 1;
}

void
ahci_run (Ahci *self, guint port)
{
  AhciPort *p = &self->s.ports[port];

  for (guint i = 0; i < AHCI_SLOTS; i++)
    {
      guint slot = (p->last + 1u) % AHCI_SLOTS;

      if (!(p->cmd & PXCMD_ST) || p->halted || p->ci == 0 || p->slot != AHCI_NO_SLOT || !ahci_is_linked (self, port)
          || ata_is_busy (self->drives[port]))
        return;
      while (!(p->ci >> slot & 1))
        slot = (slot + 1) % AHCI_SLOTS;
      if (p->queued != 0 && !is_queued (self, port, slot))
        return;                         /* when the queue is empty */
      if (!issue (self, port, slot))
        {
          ahci_guest_error (self, port, "may not read memory");
          p->halted = TRUE;
          ahci_interrupt (self, port, PXIS_HBFS);
          return;
        }
    }
}

void
ahci_abort (Ahci *self, guint port)
{
  AhciPort *p = &self->s.ports[port];
  AsternDevice *ata = self->drives[port];

  p->slot = AHCI_NO_SLOT;
  p->queued = 0;
  astern_timer_cancel (&self->timers[port]);
  if (ata != NULL && ata_is_busy (ata))
    {
      ata_reset (ata);
      p->tfd = ATA_DRDY | ATA_DSC;
    }
}
