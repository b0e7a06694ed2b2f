/* test-virtio-blk.c - the block device: what is written is read, in every kind of ring; busy, it is saved. */
#include "config.h"

#include "rig.h"

#include "hw/drive.h"
#include "hw/virtio/cards.h"

#include <string.h>

#define DISK_BYTES (4u << 20)
#define SECTORS    (DISK_BYTES / 512)
#define HEADERS    RIG_BUFFERS
#define DATA       (RIG_BUFFERS + 0x100000)

enum { IN = 0, OUT = 1, FLUSH = 4, GET_ID = 8, DISCARD = 11, WRITE_ZEROES = 13 };

typedef struct
{
  const char *name;
  gboolean    legacy, modern;
  guint64     features;
  gboolean    indirect;
} Mode;

typedef struct
{
  Rig           rig;
  AsternDevice *drive;
  AsternDisk   *disk;
  guint8       *image;
  guint         flushes;
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

static gboolean
image_flush (gpointer user, GError **error)
{
  ((Fixture *) user)->flushes++;
  return TRUE;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  static const Mode modern = { "modern", FALSE, TRUE, 0, FALSE };
  const Mode *mode = data != NULL ? data : &modern;
  const AsternDiskImage image = { .size = DISK_BYTES, .read = image_read, .write = image_write, .flush = image_flush, .user = f };
  g_autoptr (GError) error = NULL;

  memset (f, 0, sizeof *f);
  f->image = g_malloc (DISK_BYTES);
  for (guint i = 0; i < DISK_BYTES; i++)
    f->image[i] = (guint8) (i / 512 + i);
  rig_set_up (&f->rig, &virtio_blk_class, astern_disk_capacity (&image));
  f->disk = astern_disk_new (f->rig.machine, "disk", &image, FALSE, &error);
  g_assert_no_error (error);
  f->drive = astern_device_new (&drive_class, "drive", f->rig.machine, &f->rig.machine->clock);
  astern_machine_add_device (f->rig.machine, f->drive);
  drive_insert (f->drive, drive_add_medium (f->drive, f->disk));
  drive_set_serial (f->drive, "S-1234");
  virtio_blk_set_drive (f->rig.virtio, f->drive, NULL);
  if (mode->features & VIRTIO_F_RING_PACKED)
    f->rig.virtio->offered |= VIRTIO_F_RING_PACKED;
  rig_plug (&f->rig, mode->legacy, mode->modern);
  f->rig.indirect = mode->indirect;
  rig_start (&f->rig, mode->features | VIRTIO_BIT (9) | VIRTIO_BIT (13) | VIRTIO_BIT (14) | VIRTIO_F_INDIRECT_DESC, 1);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_disk_free (f->disk);
  rig_tear_down (&f->rig);
  g_free (f->image);
}

/* Request @slot: its header, data and status have places of their own. */
static guint
submit (Fixture *f, guint slot, guint32 type, guint64 sector, guint32 bytes, guint pieces)
{
  guint64 header = HEADERS + slot * 64, data = DATA + slot * 0x8000;
  RigPart parts[20];
  guint n = 0;
  guint32 size = bytes / pieces & ~0xfu;

  type = GUINT32_TO_LE (type);
  sector = GUINT64_TO_LE (sector);
  memset (rig_at (&f->rig, header), 0, 16);
  memcpy (rig_at (&f->rig, header), &type, 4);
  memcpy (rig_at (&f->rig, header + 8), &sector, 8);
  *rig_at (&f->rig, header + 32) = 0xee;
  parts[n++] = (RigPart) { header, 16, FALSE };
  for (guint i = 0; i < pieces && bytes > 0; i++)
    parts[n++] = (RigPart) { data + i * size, i + 1 < pieces ? size : bytes - i * size, type == IN || type == GET_ID };
  parts[n++] = (RigPart) { header + 32, 1, TRUE };
  return rig_add (&f->rig, 0, parts, n);
}

static guint8
status_of (Fixture *f, guint slot)
{
  return *rig_at (&f->rig, HEADERS + slot * 64 + 32);
}

static guint8 *
data_of (Fixture *f, guint slot)
{
  return rig_at (&f->rig, DATA + slot * 0x8000);
}

static guint8
run (Fixture *f, guint32 type, guint64 sector, guint32 bytes)
{
  submit (f, 0, type, sector, bytes, 1);
  rig_kick (&f->rig, 0);
  rig_wait (&f->rig, 0, NULL);
  return status_of (f, 0);
}

static void
capacity_is_the_disks (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (rig_config (&f->rig, 0, 4), ==, SECTORS);
  g_assert_cmpuint (rig_config (&f->rig, 20, 4), ==, 512);
}

static void
a_sector_is_read (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (run (f, IN, 5, 512), ==, 0);
  g_assert_cmpmem (data_of (f, 0), 512, f->image + 5 * 512, 512);
  g_assert_true (f->rig.intx);
}

static void
a_request_takes_the_disks_time (Fixture *f, gconstpointer data)
{
  guint64 latency_ns = astern_disk_latency_ns (512);
  guint head;
  guint32 written;

  submit (f, 0, IN, 5, 512, 1);
  rig_kick (&f->rig, 0);
  rig_pass (&f->rig, latency_ns - ASTERN_CLOCK_IO_NS - 1);
  g_assert_false (rig_take (&f->rig, 0, &head, &written));
  rig_pass (&f->rig, ASTERN_CLOCK_IO_NS + 2);
  g_assert_true (rig_take (&f->rig, 0, &head, &written));
  g_assert_cmpuint (written, ==, 513);
}

static void
a_flush_writes_to_the_image (Fixture *f, gconstpointer data)
{
  memset (data_of (f, 0), 0xab, 512);
  g_assert_cmpuint (run (f, OUT, 9, 512), ==, 0);
  g_assert_cmpuint (f->image[9 * 512], !=, 0xab);
  g_assert_cmpuint (run (f, FLUSH, 0, 0), ==, 0);
  g_assert_cmpuint (f->image[9 * 512], ==, 0xab);
  g_assert_cmpuint (f->flushes, >, 0);
}

static void
the_serial_number_is_given (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (run (f, GET_ID, 0, 20), ==, 0);
  g_assert_cmpstr ((const char *) data_of (f, 0), ==, "S-1234");
}

static void
ranges_become_zero (Fixture *f, gconstpointer data)
{
  static const guint8 zeros[4 * 512];
  guint8 range[16] = { 8, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0 };

  for (guint type = DISCARD; type <= WRITE_ZEROES; type += 2)
    {
      memcpy (data_of (f, 0), range, sizeof range);
      g_assert_cmpuint (run (f, type, 0, 16), ==, 0);
      g_assert_cmpuint (run (f, IN, range[0], 4 * 512), ==, 0);
      g_assert_cmpmem (data_of (f, 0), sizeof zeros, zeros, sizeof zeros);
      range[0] += 16;
    }
}

static void
what_is_beyond_the_end_is_an_error (Fixture *f, gconstpointer data)
{
  guint8 range[16] = { 0xff, 0x1f, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0 };

  g_assert_cmpuint (run (f, IN, SECTORS - 1, 1024), ==, 1);
  g_assert_cmpuint (run (f, OUT, G_MAXUINT64, 512), ==, 1);
  g_assert_cmpuint (run (f, IN, 0, 100), ==, 1);
  memcpy (data_of (f, 0), range, sizeof range);
  g_assert_cmpuint (run (f, DISCARD, 0, 16), ==, 1);
  g_assert_cmpuint (run (f, 77, 0, 0), ==, 2);
  g_assert_cmpuint (run (f, IN, SECTORS - 1, 512), ==, 0);
}

/* Requests that come back in any number; a model says what they must give. */
static void
random_requests_agree_with_a_model (Fixture *f, gconstpointer data)
{
  enum { SLOTS = 12, REQUESTS = 3000 };
  g_autofree guint8 *model = g_memdup2 (f->image, DISK_BYTES);
  struct { gboolean busy; guint head, type; guint64 sector; guint32 bytes; guint8 *expected; } slots[SLOTS] = { 0 };
  guint busy = 0, done = 0;

  while (done < REQUESTS)
    {
      guint slot = (guint) g_test_rand_int_range (0, SLOTS);
      guint head;
      guint32 written;

      if (!slots[slot].busy && g_test_rand_int_range (0, 3) != 0)
        {
          guint32 sectors = (guint32) g_test_rand_int_range (1, 48);

          slots[slot].busy = TRUE;
          slots[slot].type = g_test_rand_bit () ? IN : OUT;
          slots[slot].sector = (guint64) g_test_rand_int_range (0, SECTORS - 48);
          slots[slot].bytes = sectors * 512;
          g_clear_pointer (&slots[slot].expected, g_free);
          if (slots[slot].type == OUT)
            {
              for (guint i = 0; i < slots[slot].bytes; i += 4)
                *(guint32 *) (gpointer) (data_of (f, slot) + i) = (guint32) g_test_rand_int ();
              memcpy (model + slots[slot].sector * 512, data_of (f, slot), slots[slot].bytes);
            }
          else
            slots[slot].expected = g_memdup2 (model + slots[slot].sector * 512, slots[slot].bytes);
          slots[slot].head = submit (f, slot, slots[slot].type, slots[slot].sector, slots[slot].bytes,
                                     (guint) g_test_rand_int_range (1, 8));
          busy++;
          if (g_test_rand_bit ())
            rig_kick (&f->rig, 0);
          continue;
        }
      if (busy == 0)
        continue;
      rig_kick (&f->rig, 0);
      rig_pass (&f->rig, (guint64) g_test_rand_int_range (1000, 100 * 1000));
      while (rig_take (&f->rig, 0, &head, &written))
        for (guint i = 0; i < SLOTS; i++)
          if (slots[i].busy && slots[i].head == head)
            {
              g_assert_cmpuint (status_of (f, i), ==, 0);
              g_assert_cmpuint (written, ==, slots[i].type == IN ? slots[i].bytes + 1 : 1);
              if (slots[i].type == IN)
                g_assert_cmpmem (data_of (f, i), slots[i].bytes, slots[i].expected, slots[i].bytes);
              slots[i].busy = FALSE;
              busy--;
              done++;
            }
    }
  for (guint i = 0; i < SLOTS; i++)
    g_clear_pointer (&slots[i].expected, g_free);
}

/* State and memory are brought into a second machine while requests are under way; both go on alike. */
static void
busy_it_is_saved_and_goes_on_alike (Fixture *f, gconstpointer data)
{
  g_autoptr (GVariant) card = NULL;
  g_autoptr (GVariant) device = NULL;
  g_autoptr (GError) error = NULL;
  Fixture g;

  for (guint i = 0; i < 20; i++)
    submit (f, i, i % 3 == 0 ? OUT : IN, i * 40, 8 * 512, 3);
  rig_kick (&f->rig, 0);
  rig_pass (&f->rig, astern_disk_latency_ns (4096) - 5 * 1000);
  card = g_variant_ref_sink (astern_device_save (f->rig.pci));
  device = g_variant_ref_sink (astern_device_save (&f->rig.virtio->parent));

  set_up (&g, data);
  g.rig.machine->clock.s = f->rig.machine->clock.s;
  memcpy (rig_at (&g.rig, 0), rig_at (&f->rig, 0), RIG_RAM);
  g_assert_true (astern_device_load (g.rig.pci, card, &error));
  g_assert_true (astern_device_load (&g.rig.virtio->parent, device, &error));
  astern_clock_rebuild (&g.rig.machine->clock);
  for (guint i = 0; i < 10; i++)
    {
      rig_pass (&f->rig, 30 * 1000);
      rig_pass (&g.rig, 30 * 1000);
      g_assert_cmpmem (rig_at (&g.rig, 0), RIG_RAM, rig_at (&f->rig, 0), RIG_RAM);
      g_assert_cmpmem (virtio_state (g.rig.virtio), g.rig.virtio->parent.klass->state_size, virtio_state (f->rig.virtio),
                       f->rig.virtio->parent.klass->state_size);
    }
  for (guint i = 0; i < 20; i++)
    g_assert_cmpuint (status_of (f, i), ==, 0);
  tear_down (&g, data);
}

static void
a_reset_forgets_what_is_under_way (Fixture *f, gconstpointer data)
{
  submit (f, 0, IN, 0, 512, 1);
  rig_kick (&f->rig, 0);
  rig_common_write (&f->rig, 0x14, 1, 0);
  rig_pass (&f->rig, 10 * 1000 * 1000);
  g_assert_cmpuint (status_of (f, 0), ==, 0xee);
  rig_start (&f->rig, 0, 1);
  g_assert_cmpuint (run (f, IN, 3, 512), ==, 0);
  g_assert_cmpmem (data_of (f, 0), 512, f->image + 3 * 512, 512);
}

static const Mode modes[] = {
  { "legacy", TRUE, FALSE, 0, FALSE },
  { "legacy, indirect, event index", TRUE, FALSE, VIRTIO_F_EVENT_IDX, TRUE },
  { "modern", FALSE, TRUE, 0, FALSE },
  { "modern, indirect, event index", TRUE, TRUE, VIRTIO_F_EVENT_IDX, TRUE },
  { "packed", FALSE, TRUE, VIRTIO_F_RING_PACKED, FALSE },
  { "packed, indirect, event index", TRUE, TRUE, VIRTIO_F_RING_PACKED | VIRTIO_F_EVENT_IDX, TRUE },
};

#define ADD(name) g_test_add ("/hw/virtio-blk/" #name, Fixture, NULL, set_up, name, tear_down)
#define ADD_MODES(claim)                                                                         \
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)                                               \
    {                                                                                            \
      g_autofree char *path = g_strdup_printf ("/hw/virtio-blk/" #claim "/%s", modes[i].name);   \
                                                                                                 \
      g_test_add (path, Fixture, &modes[i], set_up, claim, tear_down);                            \
    }

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (capacity_is_the_disks);
  ADD (a_request_takes_the_disks_time);
  ADD (the_serial_number_is_given);
  ADD (ranges_become_zero);
  ADD (what_is_beyond_the_end_is_an_error);
  ADD (a_reset_forgets_what_is_under_way);
  ADD (a_flush_writes_to_the_image);
  ADD_MODES (a_sector_is_read);
  ADD_MODES (random_requests_agree_with_a_model);
  ADD_MODES (busy_it_is_saved_and_goes_on_alike);
  return g_test_run ();
}
