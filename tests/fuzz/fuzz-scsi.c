/* fuzz-scsi - any commands, with any data, at a SCSI disk and a CD drive.
 *
 * Each command: a byte (bits 0-1: the LUN; bit 6: another medium first; bit 7: the data is cut short), 16 of the CDB,
 * one that says how many bytes of data follow (times 16), the data.  Whatever they are, each ends with a status, and
 * a request never moves more than it said. */
#include "config.h"

#include "hw/storage/scsi.h"

#include "../hw/storage/storage-fixture.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define DISK_BYTES  (32u << 10)
#define MOST_PIECES 64

typedef struct
{
  Storage       storage;
  AsternDevice *units[2], *drives[2];
  ScsiBus       bus;
  ScsiRequest   request;
} Target;

static void
start (Target *t)
{
  storage_init (&t->storage);
  t->bus = (ScsiBus) { .n_luns = 4 };
  for (guint i = 0; i < 2; i++)
    {
      t->drives[i] = storage_add_drive (&t->storage, i == 0 ? "drive0" : "drive1", i == 0 ? DRIVE_DISK : DRIVE_CDROM,
                                        storage_add_disk (&t->storage, DISK_BYTES, i == 1));
      t->units[i] = astern_device_new (i == 0 ? &scsi_hd_class : &scsi_cd_class, i == 0 ? "hd" : "cd", t->storage.machine,
                                       &t->storage.machine->clock);
      astern_machine_add_device (t->storage.machine, t->units[i]);
      scsi_unit_set_drive (scsi_device_unit (t->units[i]), t->drives[i]);
      scsi_bus_attach (&t->bus, scsi_device_unit (t->units[i]), 0, i, NULL);
    }
}

static void
move (Target *t, const guint8 *list, gsize size, gboolean cut)
{
  ScsiRequest *r = &t->request;
  guint8 piece[1024];

  for (guint n = 0; n < MOST_PIECES && r->done < r->length; n++)
    {
      gsize chunk = (gsize) MIN (r->length - r->done, 1 + (n * 331) % sizeof piece);

      if (cut && n == 1)
        break;
      if (r->direction == SCSI_DATA_IN)
        scsi_request_read (r, &t->bus, piece, chunk);
      else
        {
          for (gsize i = 0; i < chunk; i++)
            piece[i] = size != 0 ? list[(r->done + i) % size] : 0;
          scsi_request_write (r, &t->bus, piece, chunk);
        }
      g_assert (r->done <= r->length);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Target *t = g_new0 (Target, 1);

  start (t);
  while (size >= 18)
    {
      guint8 how = data[0];
      gsize list = MIN ((gsize) data[17] * 16, size - 18);

      if (how & 0x40)
        {
          guint32 medium = GUINT32_TO_LE (how >> 2 & 1);

          drive_input (t->drives[1], &medium, sizeof medium);
        }
      scsi_request_begin (&t->request, &t->bus, 0, how & 3, data + 1, 16);
      g_assert ((t->request.length != 0) == (t->request.direction != SCSI_DATA_NONE));
      move (t, data + 18, list, how & 0x80);
      if (scsi_request_finish (&t->request, &t->bus) == SCSI_CHECK_CONDITION)
        g_assert ((t->request.sense[0] & 0x7f) == 0x70);
      data += 18 + list;
      size -= 18 + list;
    }
  storage_clear (&t->storage);
  g_free (t);
  return 0;
}
