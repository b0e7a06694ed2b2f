/* test-virtio-scsi.c - the SCSI host adapter: commands reach units, sense comes with the status, tasks are managed. */
#include "config.h"

#include "rig.h"

#include "hw/drive.h"
#include "hw/virtio/cards.h"

#include <string.h>

enum { CONTROL, EVENT, REQUEST };

#define DISK_BYTES (1u << 20)
#define HEADER     RIG_BUFFERS
#define RESPONSE   (RIG_BUFFERS + 0x1000)
#define DATA       (RIG_BUFFERS + 0x2000)

typedef struct
{
  Rig           rig;
  AsternDevice *drive;
  AsternDisk   *disk;
  guint8        image[DISK_BYTES];
} Fixture;

static gboolean
image_read (gpointer user, guint64 offset, gpointer data, gsize size, GError **error)
{
  memcpy (data, ((Fixture *) user)->image + offset, size);
  return TRUE;
}

static gboolean
image_write (gpointer user, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  memcpy (((Fixture *) user)->image + offset, data, size);
  return TRUE;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  const AsternDiskImage image = { .size = DISK_BYTES, .read = image_read, .write = image_write, .user = f };
  g_autoptr (GError) error = NULL;
  AsternDevice *hd;

  memset (f, 0, sizeof *f);
  for (guint i = 0; i < DISK_BYTES; i++)
    f->image[i] = (guint8) (i / 512 + i);
  rig_set_up (&f->rig, &virtio_scsi_class, astern_disk_capacity (&image));
  f->disk = astern_disk_new (f->rig.machine, "disk", &image, FALSE, &error);
  g_assert_no_error (error);
  f->drive = astern_device_new (&drive_class, "drive", f->rig.machine, &f->rig.machine->clock);
  astern_machine_add_device (f->rig.machine, f->drive);
  drive_insert (f->drive, drive_add_medium (f->drive, f->disk));
  hd = astern_device_new (&scsi_hd_class, "hd", f->rig.machine, &f->rig.machine->clock);
  astern_machine_add_device (f->rig.machine, hd);
  scsi_unit_set_drive (scsi_device_unit (hd), f->drive);
  scsi_bus_attach (virtio_scsi_bus (f->rig.virtio), scsi_device_unit (hd), 3, 0, &error);
  g_assert_no_error (error);
  f->rig.virtio->offered |= VIRTIO_F_RING_PACKED;
  rig_plug (&f->rig, TRUE, TRUE);
  rig_start (&f->rig, GPOINTER_TO_UINT (data) ? VIRTIO_F_RING_PACKED : 0, 3);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_disk_free (f->disk);
  rig_tear_down (&f->rig);
}

static void
submit (Fixture *f, guint target, const guint8 *cdb, gsize cdb_size, guint32 bytes, gboolean in)
{
  const RigPart parts_in[] = { { HEADER, 51, FALSE }, { RESPONSE, 108, TRUE }, { DATA, bytes, TRUE } };
  const RigPart parts_out[] = { { HEADER, 51, FALSE }, { DATA, bytes, FALSE }, { RESPONSE, 108, TRUE } };
  guint8 *header = rig_at (&f->rig, HEADER);

  memset (header, 0, 51);
  header[0] = 1;
  header[1] = (guint8) target;
  header[2] = 0x40;
  memcpy (header + 19, cdb, cdb_size);
  memset (rig_at (&f->rig, RESPONSE), 0xee, 108);
  rig_add (&f->rig, REQUEST, in ? parts_in : parts_out, 3);
  rig_kick (&f->rig, REQUEST);
}

/* The response's code; the status is at 10. */
static guint8
run (Fixture *f, guint target, const guint8 *cdb, gsize cdb_size, guint32 bytes, gboolean in)
{
  submit (f, target, cdb, cdb_size, bytes, in);
  rig_wait (&f->rig, REQUEST, NULL);
  return *rig_at (&f->rig, RESPONSE + 11);
}

/* The first command is told of the power-on. */
static void
attend (Fixture *f)
{
  static const guint8 test_unit_ready[6];

  for (guint i = 0; i < 3; i++)
    run (f, 3, test_unit_ready, 6, 0, TRUE);
}

static void
blocks_are_written_and_read (Fixture *f, gconstpointer data)
{
  static const guint8 write10[10] = { 0x2a, 0, 0, 0, 0, 9, 0, 0, 4, 0 }, read10[10] = { 0x28, 0, 0, 0, 0, 8, 0, 0, 2, 0 };

  attend (f);
  memset (rig_at (&f->rig, DATA), 0x5a, 2048);
  g_assert_cmpuint (run (f, 3, write10, 10, 2048, FALSE), ==, 0);
  g_assert_cmpuint (*rig_at (&f->rig, RESPONSE + 10), ==, SCSI_GOOD);
  memset (rig_at (&f->rig, DATA), 0, 2048);
  g_assert_cmpuint (run (f, 3, read10, 10, 2048, TRUE), ==, 0);
  g_assert_cmpuint (*rig_at (&f->rig, RESPONSE + 10), ==, SCSI_GOOD);
  g_assert_cmpuint (virtio_get (rig_at (&f->rig, RESPONSE + 4), 4), ==, 1024);      /* residual */
  g_assert_cmpmem (rig_at (&f->rig, DATA), 512, f->image + 8 * 512, 512);
  g_assert_cmpuint (*rig_at (&f->rig, DATA + 512), ==, 0x5a);
}

static void
nobody_answers_at_other_targets (Fixture *f, gconstpointer data)
{
  static const guint8 test_unit_ready[6];

  g_assert_cmpuint (run (f, 4, test_unit_ready, 6, 0, TRUE), ==, 3);
}

static void
sense_comes_with_the_status (Fixture *f, gconstpointer data)
{
  static const guint8 read10[10] = { 0x28, 0, 0x7f, 0, 0, 9, 0, 0, 4, 0 };

  attend (f);
  g_assert_cmpuint (run (f, 3, read10, 10, 2048, TRUE), ==, 0);
  g_assert_cmpuint (*rig_at (&f->rig, RESPONSE + 10), ==, SCSI_CHECK_CONDITION);
  g_assert_cmpuint (*rig_at (&f->rig, RESPONSE), ==, SCSI_SENSE_BYTES);
  g_assert_cmpuint (*rig_at (&f->rig, RESPONSE + 12 + 2) & 0xf, ==, 5);
}

static void
more_data_than_room_is_an_overrun (Fixture *f, gconstpointer data)
{
  static const guint8 read10[10] = { 0x28, 0, 0, 0, 0, 9, 0, 0, 4, 0 };

  attend (f);
  g_assert_cmpuint (run (f, 3, read10, 10, 512, TRUE), ==, 1);
}

static guint8
manage (Fixture *f, guint32 function, guint target)
{
  const RigPart parts[] = { { HEADER + 256, 24, FALSE }, { HEADER + 300, 1, TRUE } };
  guint8 *at = rig_at (&f->rig, HEADER + 256);

  memset (at, 0, 24);
  at[4] = (guint8) function;
  at[8] = 1;
  at[9] = (guint8) target;
  at[10] = 0x40;
  rig_add (&f->rig, CONTROL, parts, 2);
  rig_kick (&f->rig, CONTROL);
  rig_wait (&f->rig, CONTROL, NULL);
  return at[44];
}

static void
a_reset_is_answered_when_all_is_done (Fixture *f, gconstpointer data)
{
  static const guint8 read10[10] = { 0x28, 0, 0, 0, 0, 9, 0, 0, 4, 0 };
  guint head;
  guint32 written;

  attend (f);
  submit (f, 3, read10, 10, 2048, TRUE);
  g_assert_false (rig_take (&f->rig, REQUEST, &head, &written));
  g_assert_cmpuint (manage (f, 5, 3), ==, 0);
  g_assert_true (rig_take (&f->rig, REQUEST, &head, &written));
  g_assert_cmpuint (*rig_at (&f->rig, RESPONSE + 10), ==, SCSI_GOOD);
  g_assert_cmpuint (run (f, 3, read10, 10, 2048, TRUE), ==, 0);
  g_assert_cmpuint (*rig_at (&f->rig, RESPONSE + 10), ==, SCSI_CHECK_CONDITION);    /* unit attention */
  g_assert_cmpuint (manage (f, 5, 9), ==, 3);
  g_assert_cmpuint (manage (f, 99, 3), ==, 11);
}

#define ADD(claim) \
  g_test_add ("/hw/virtio-scsi/" #claim "/split", Fixture, GUINT_TO_POINTER (0), set_up, claim, tear_down); \
  g_test_add ("/hw/virtio-scsi/" #claim "/packed", Fixture, GUINT_TO_POINTER (1), set_up, claim, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (blocks_are_written_and_read);
  ADD (nobody_answers_at_other_targets);
  ADD (sense_comes_with_the_status);
  ADD (more_data_than_room_is_an_overrun);
  ADD (a_reset_is_answered_when_all_is_done);
  return g_test_run ();
}
