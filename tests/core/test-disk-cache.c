/* test-disk-cache.c - what is in a disk's image goes from memory when there is too much of it, and nobody sees it. */
#include "config.h"

#include "core/disk.h"
#include "core/interval.h"
#include "core/machine.h"

#include <string.h>

#define PAGES 96
#define SIZE  (PAGES * ASTERN_PAGE_SIZE - 1024)      /* its last page is not whole */
#define ROOM  16                                     /* pages, of a disk that has little */

typedef struct
{
  guint8   bytes[PAGES * ASTERN_PAGE_SIZE];
  gboolean broken;
} Image;

typedef struct
{
  AsternMachine   *machine;
  AsternDisk      *disk;
  AsternIntervals *intervals;
  Image            image;
} Side;

typedef struct
{
  Side little, much;
} Fixture;

static gboolean
image_read (gpointer user, guint64 offset, gpointer data, gsize size, GError **error)
{
  memcpy (data, ((Image *) user)->bytes + offset, size);
  return TRUE;
}

static gboolean
image_write (gpointer user, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  Image *image = user;

  if (image->broken)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the host's disk is broken");
      return FALSE;
    }
  memcpy (image->bytes + offset, data, size);
  return TRUE;
}

static gboolean
image_zeros (gpointer user, guint64 offset, guint64 *size)
{
  const guint8 *bytes = ((Image *) user)->bytes + offset;
  guint64 n = 1;

  while (n < *size && (bytes[n] == 0) == (bytes[0] == 0))
    n++;
  *size = n;
  return bytes[0] == 0;
}

static void
make (Side *side, guint pages, gboolean keep)
{
  g_autoptr (GError) error = NULL;
  const AsternDiskImage image = { .size = SIZE, .read = image_read, .write = image_write, .zeros = image_zeros, .user = &side->image };

  side->machine = astern_machine_new (4 << 20, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < sizeof side->image.bytes; i++)
    side->image.bytes[i] = i >> 14 & 1 ? 0 : (guint8) (i * 7 + i / 4096);
  side->disk = astern_disk_new (side->machine, "disk", &image, keep, &error);
  g_assert_no_error (error);
  astern_disks_set_cache (side->machine, pages * ASTERN_PAGE_SIZE);
  side->intervals = astern_intervals_new (side->machine->memory);
  astern_intervals_begin (side->intervals);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  make (&f->little, ROOM, FALSE);
  make (&f->much, 0, FALSE);
}

static void
clear (Side *side)
{
  astern_intervals_free (side->intervals);
  astern_disk_free (side->disk);
  astern_machine_free (side->machine);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  clear (&f->little);
  clear (&f->much);
  g_assert_cmpmem (f->little.image.bytes, SIZE, f->much.image.bytes, SIZE);
}

static guint64
hash (const Side *side)
{
  return astern_memory_hash (side->machine->memory, 0);
}

static void
assert_same (Fixture *f)
{
  static guint8 little[SIZE], much[SIZE];

  g_assert_true (astern_disk_read (f->little.disk, 0, little, SIZE) && astern_disk_read (f->much.disk, 0, much, SIZE));
  g_assert_cmpmem (little, SIZE, much, SIZE);
  g_assert_cmphex (hash (&f->little), ==, hash (&f->much));
}

static void
write_both (Fixture *f, guint64 offset, const guint8 *data, gsize size)
{
  g_assert_true (astern_disk_write (f->little.disk, offset, data, size));
  g_assert_true (astern_disk_write (f->much.disk, offset, data, size));
}

static void
write_random (Fixture *f)
{
  guint8 data[3 * ASTERN_PAGE_SIZE];
  gsize size = (gsize) g_test_rand_int_range (1, sizeof data);
  guint64 offset = (guint64) g_test_rand_int_range (0, (gint32) (SIZE - size));

  memset (data, g_test_rand_int_range (0, 4), size);
  write_both (f, offset, data, size);
}

static void
read_random (Fixture *f)
{
  guint8 little[5000], much[5000];
  guint64 offset = (guint64) g_test_rand_int_range (0, SIZE - 5000);

  g_assert_true (astern_disk_read (f->little.disk, offset, little, sizeof little));
  g_assert_true (astern_disk_read (f->much.disk, offset, much, sizeof much));
  g_assert_cmpmem (little, sizeof little, much, sizeof much);
}

static void
zero_random (Fixture *f)
{
  guint64 offset = (guint64) g_test_rand_int_range (0, SIZE - 9000);
  guint64 size = (guint64) g_test_rand_int_range (1, 9000);

  g_assert_true (astern_disk_zero (f->little.disk, offset, size) && astern_disk_zero (f->much.disk, offset, size));
}

static void
go (Side *side, guint number)
{
  astern_disks_write_out (side->machine);
  side->machine->muted = TRUE;
  astern_intervals_go (side->intervals, number);
}

static void
come_back (Side *side)
{
  astern_intervals_return (side->intervals, FALSE);
  side->machine->muted = FALSE;
}

static void
branch (Side *side, guint number)
{
  astern_intervals_cut (side->intervals, number);
  side->machine->muted = FALSE;
  astern_disks_branched (side->machine);
}

/* Back for good, at the head: what the guest wrote since was never there. */
static void
undo (Side *side, guint number)
{
  astern_intervals_undo (side->intervals, number);
  astern_disks_branched (side->machine);
}

static void
look_at_the_past (Fixture *f)
{
  guint number = (guint) g_test_rand_int_range (0, (gint32) astern_intervals_count (f->little.intervals));

  go (&f->little, number);
  go (&f->much, number);
  assert_same (f);
  if (g_test_rand_int_range (0, 4) == 0)
    {
      branch (&f->little, number);
      branch (&f->much, number);
    }
  else
    {
      come_back (&f->little);
      come_back (&f->much);
    }
  assert_same (f);
}

static void
only_as_much_is_in_memory_as_may_be (Fixture *f, gconstpointer data)
{
  guint8 page[ASTERN_PAGE_SIZE];

  memset (page, 5, sizeof page);
  for (guint round = 0; round < 3; round++)
    for (guint i = 0; i < PAGES - 1; i++)
      {
        write_both (f, i * ASTERN_PAGE_SIZE, page, sizeof page);
        g_assert_cmpuint (astern_disks_in_memory (f->little.machine), <=, ROOM * ASTERN_PAGE_SIZE);
      }
  g_assert_cmpuint (astern_disks_in_memory (f->much.machine), ==, (PAGES - 1) * ASTERN_PAGE_SIZE);
  assert_same (f);
}

static void
it_goes_unseen_whatever_is_done (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 3000; i++)
    switch (g_test_rand_int_range (0, 16))
      {
      case 0: zero_random (f); break;
      case 1: astern_disk_flush (f->little.disk); astern_disk_flush (f->much.disk); break;
      case 2: astern_intervals_begin (f->little.intervals); astern_intervals_begin (f->much.intervals); break;
      case 3:
        if (i % 4 == 0)
          look_at_the_past (f);
        else if (i % 16 == 1)
          {
            guint number = (guint) g_test_rand_int_range (0, (gint32) astern_intervals_count (f->little.intervals));

            undo (&f->little, number);
            undo (&f->much, number);
            assert_same (f);
          }
        break;
      case 4: case 5: case 6: case 7: read_random (f); break;
      default: write_random (f);
      }
  assert_same (f);
}

static void
what_the_host_does_not_take_stays (Fixture *f, gconstpointer data)
{
  guint8 page[ASTERN_PAGE_SIZE];

  f->little.image.broken = TRUE;
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*broken*");
  memset (page, 5, sizeof page);
  for (guint i = 0; i < ROOM + 1; i++)
    write_both (f, i * ASTERN_PAGE_SIZE, page, sizeof page);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (astern_disks_in_memory (f->little.machine), ==, (ROOM + 1) * ASTERN_PAGE_SIZE);
  f->little.image.broken = FALSE;
  assert_same (f);
}

/* -snapshot: there is no place where it could go. */
static void
what_is_never_written_out_stays (void)
{
  g_autofree Side *side = g_new0 (Side, 1);
  guint8 page[ASTERN_PAGE_SIZE] = { 1 }, got[ASTERN_PAGE_SIZE];

  make (side, ROOM, TRUE);
  for (guint i = 0; i < PAGES - 1; i++)
    g_assert_true (astern_disk_write (side->disk, i * ASTERN_PAGE_SIZE, page, sizeof page));
  g_assert_cmpuint (astern_disks_in_memory (side->machine), ==, (PAGES - 1) * ASTERN_PAGE_SIZE);
  for (guint i = 0; i < PAGES - 1; i++)
    {
      g_assert_true (astern_disk_read (side->disk, i * ASTERN_PAGE_SIZE, got, sizeof got));
      g_assert_cmpmem (got, sizeof got, page, sizeof page);
    }
  clear (side);
}

static void
add_origin (gpointer user, AsternDisk *disk, guint64 page, gconstpointer content)
{
  memcpy ((guint8 *) user + page * ASTERN_PAGE_SIZE, content, ASTERN_PAGE_SIZE);
}

/* A recording that begins later has the disk of the start. */
static void
what_it_was_at_the_start_is_still_known (Fixture *f, gconstpointer data)
{
  static guint8 start[PAGES * ASTERN_PAGE_SIZE], told[PAGES * ASTERN_PAGE_SIZE];

  memcpy (start, f->little.image.bytes, SIZE);
  for (guint i = 0; i < 1000; i++)
    write_random (f);
  astern_disk_flush (f->little.disk);
  g_assert_true (astern_disk_origins (f->little.disk, add_origin, told));
  g_assert_cmpmem (told, SIZE, start, SIZE);
}

#define ADD(claim) g_test_add ("/core/disk-cache/" #claim, Fixture, NULL, set_up, claim, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (only_as_much_is_in_memory_as_may_be);
  ADD (it_goes_unseen_whatever_is_done);
  ADD (what_the_host_does_not_take_stays);
  ADD (what_it_was_at_the_start_is_still_known);
  g_test_add_func ("/core/disk-cache/what_is_never_written_out_stays", what_is_never_written_out_stays);
  return g_test_run ();
}
