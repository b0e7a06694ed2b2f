/* test-disk.c - a disk is memory that comes from an image piece by piece. */
#include "config.h"

#include "core/disk.h"
#include "core/interval.h"
#include "core/machine.h"

#include <string.h>

#define PAGES 64
#define SIZE  (PAGES * ASTERN_PAGE_SIZE - 512)      /* its last page is not whole */

typedef struct
{
  guint8 bytes[PAGES * ASTERN_PAGE_SIZE];
  guint  reads, writes, zeroes, flushes;
  gboolean broken;
} Image;

typedef struct
{
  AsternMachine *machine;
  AsternDisk    *disk;
  Image          image;
} Fixture;

static gboolean
may (Image *image, GError **error)
{
  if (image->broken)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the host's disk is broken");
  return !image->broken;
}

static gboolean
image_read (gpointer user, guint64 offset, gpointer data, gsize size, GError **error)
{
  Image *image = user;

  g_assert_cmpuint (offset + size, <=, SIZE);
  image->reads++;
  memcpy (data, image->bytes + offset, size);
  return may (image, error);
}

static gboolean
image_write (gpointer user, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  Image *image = user;

  g_assert_cmpuint (offset + size, <=, SIZE);
  image->writes++;
  if (!may (image, error))
    return FALSE;
  memcpy (image->bytes + offset, data, size);
  return TRUE;
}

static gboolean
image_zero (gpointer user, guint64 offset, guint64 size, GError **error)
{
  Image *image = user;

  image->zeroes++;
  memset (image->bytes + offset, 0, size);
  return TRUE;
}

static gboolean
image_flush (gpointer user, GError **error)
{
  ((Image *) user)->flushes++;
  return TRUE;
}

static void
make (Fixture *f, gboolean readonly, gboolean keep)
{
  g_autoptr (GError) error = NULL;
  const AsternDiskImage image = { .size = SIZE, .readonly = readonly, .read = image_read, .write = image_write, .zero = image_zero,
                                  .flush = image_flush, .user = &f->image };

  f->machine = astern_machine_new (4 << 20, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < sizeof f->image.bytes; i++)
    f->image.bytes[i] = (guint8) (i * 7 + i / 4096);
  f->disk = astern_disk_new (f->machine, "disk", &image, keep, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  make (f, FALSE, FALSE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_disk_free (f->disk);
  astern_machine_free (f->machine);
}

static guint64
hash (Fixture *f)
{
  return astern_memory_hash_block (f->machine->memory, astern_memory_find (f->machine->memory, "disk.disk"));
}

static void
what_is_read_is_the_images (Fixture *f, gconstpointer data)
{
  guint8 got[3 * ASTERN_PAGE_SIZE];

  g_assert_true (astern_disk_read (f->disk, 5000, got, sizeof got));
  g_assert_cmpmem (got, sizeof got, f->image.bytes + 5000, sizeof got);
  g_assert_true (astern_disk_read (f->disk, SIZE - 512, got, 512));
  g_assert_cmpmem (got, 512, f->image.bytes + SIZE - 512, 512);
}

static void
beyond_the_end_there_is_nothing (Fixture *f, gconstpointer data)
{
  guint8 got[1024];

  memset (got, 1, sizeof got);
  g_assert_false (astern_disk_read (f->disk, SIZE - 512, got, 1024));
  g_assert_cmpuint (got[0] | got[1023], ==, 0);
  g_assert_false (astern_disk_write (f->disk, SIZE, got, 1));
  g_assert_false (astern_disk_read (f->disk, G_MAXUINT64, got, 1));
  g_assert_false (astern_disk_zero (f->disk, 0, G_MAXUINT64));
  g_assert_cmpuint (f->machine->events.counts[ASTERN_EVENT_GUEST_ERRORS], ==, 4);
}

static void
the_image_is_written_at_a_flush (Fixture *f, gconstpointer data)
{
  guint8 before[sizeof f->image.bytes], got[700];

  memcpy (before, f->image.bytes, sizeof before);
  memset (got, 0xaa, sizeof got);
  g_assert_true (astern_disk_write (f->disk, 4000, got, sizeof got));
  g_assert_cmpmem (f->image.bytes, sizeof before, before, sizeof before);
  astern_disk_flush (f->disk);
  memcpy (before + 4000, got, sizeof got);
  g_assert_cmpmem (f->image.bytes, SIZE, before, SIZE);
  g_assert_cmpuint (f->image.writes, ==, 1);
  g_assert_cmpuint (f->image.flushes, ==, 1);
  memset (got, 0, sizeof got);
  g_assert_true (astern_disk_read (f->disk, 4000, got, sizeof got));
  g_assert_cmpuint (got[0] & got[699], ==, 0xaa);
}

/* As is the discard of a large disk that is empty: it costs reading only. */
static void
what_is_zeros_already_is_left_alone (Fixture *f, gconstpointer data)
{
  const guint8 ones[2] = { 1, 1 };

  memset (f->image.bytes, 0, SIZE);
  f->image.bytes[5 * ASTERN_PAGE_SIZE + 100] = 1;
  g_assert_true (astern_disk_zero (f->disk, 512, SIZE - 512));
  astern_disk_flush (f->disk);
  g_assert_cmpuint (f->image.zeroes + f->image.writes, ==, 1);
  g_assert_cmpuint (f->image.bytes[5 * ASTERN_PAGE_SIZE + 100], ==, 0);
  /* What is written there later goes out */
  g_assert_true (astern_disk_write (f->disk, 9 * ASTERN_PAGE_SIZE - 1, ones, sizeof ones));
  astern_disk_flush (f->disk);
  g_assert_cmpuint (f->image.bytes[9 * ASTERN_PAGE_SIZE - 1] + f->image.bytes[9 * ASTERN_PAGE_SIZE], ==, 2);
}

static void
zeros_are_told_to_the_image_as_such (Fixture *f, gconstpointer data)
{
  g_assert_true (astern_disk_zero (f->disk, 0, 4 * ASTERN_PAGE_SIZE));
  astern_disk_flush (f->disk);
  g_assert_cmpuint (f->image.zeroes, ==, 1);
  g_assert_cmpuint (f->image.writes, ==, 0);
  g_assert_cmpuint (f->image.bytes[0] | f->image.bytes[4 * ASTERN_PAGE_SIZE - 1], ==, 0);
  g_assert_cmpuint (f->image.bytes[4 * ASTERN_PAGE_SIZE + 1], !=, 0);
}

static void
the_past_has_the_old_content_and_the_image_stays (Fixture *f, gconstpointer data)
{
  AsternIntervals *intervals = astern_intervals_new (f->machine->memory);
  guint8 old[16], got[16];
  guint64 at_start;

  memcpy (old, f->image.bytes + 9000, sizeof old);
  astern_intervals_begin (intervals);
  at_start = hash (f);
  g_assert_true (astern_disk_write (f->disk, 9000, "new-new-new-new", 16));
  astern_intervals_begin (intervals);
  g_assert_cmpuint (hash (f), !=, at_start);
  astern_disks_write_out (f->machine);
  f->machine->muted = TRUE;
  astern_intervals_go (intervals, 0);
  g_assert_true (astern_disk_read (f->disk, 9000, got, 16));
  g_assert_cmpmem (got, 16, old, 16);
  g_assert_cmpuint (hash (f), ==, at_start);
  g_assert_true (astern_disk_write (f->disk, 9000, "NEW-NEW-NEW-NEW", 16));
  astern_disk_flush (f->disk);
  g_assert_cmpmem (f->image.bytes + 9000, 16, "new-new-new-new", 16);
  astern_intervals_return (intervals, FALSE);
  f->machine->muted = FALSE;
  g_assert_true (astern_disk_read (f->disk, 9000, got, 16));
  g_assert_cmpmem (got, 16, "new-new-new-new", 16);
  astern_intervals_free (intervals);
}

static void
a_branch_takes_the_image_along (Fixture *f, gconstpointer data)
{
  AsternIntervals *intervals = astern_intervals_new (f->machine->memory);
  guint8 old[16];

  memcpy (old, f->image.bytes + 9000, sizeof old);
  astern_intervals_begin (intervals);
  g_assert_true (astern_disk_write (f->disk, 9000, "new-new-new-new", 16));
  astern_disk_flush (f->disk);
  f->machine->muted = TRUE;
  astern_intervals_go (intervals, 0);
  astern_intervals_cut (intervals, 0);
  f->machine->muted = FALSE;
  astern_disks_branched (f->machine);
  astern_disk_flush (f->disk);
  g_assert_cmpmem (f->image.bytes + 9000, 16, old, 16);
  astern_intervals_free (intervals);
}

static void
add_page (gpointer user, AsternDisk *disk, guint64 page, gconstpointer content)
{
  Fixture *f = user;

  g_assert_cmpuint (((const guint8 *) content)[1], ==, (guint8) ((page * ASTERN_PAGE_SIZE + 1) * 7 + page));
  f->image.reads += 1000;
}

static void
origins_are_known_after_all_was_overwritten (Fixture *f, gconstpointer data)
{
  static guint8 ones[8 * ASTERN_PAGE_SIZE];
  guint8 got;

  memset (ones, 1, sizeof ones);
  astern_disks_observe (f->machine, add_page, f);
  g_assert_true (astern_disk_read (f->disk, 40 * ASTERN_PAGE_SIZE, &got, 1));
  g_assert_true (astern_disk_write (f->disk, 0, ones, sizeof ones));
  g_assert_true (astern_disk_write (f->disk, 0, ones, sizeof ones));
  astern_disk_flush (f->disk);
  g_assert_cmpuint (f->image.reads / 1000, ==, 9);
  f->image.reads = 0;
  g_assert_true (astern_disk_origins (f->disk, add_page, f));
  g_assert_cmpuint (f->image.reads / 1000, ==, 9);
  astern_disks_observe (f->machine, NULL, NULL);
}

static void
what_the_host_does_not_take_stays_dirty_and_the_guest_does_not_hear_of_it (Fixture *f, gconstpointer data)
{
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*is broken*");
  g_assert_true (astern_disk_write (f->disk, 0, "abc", 3));
  f->image.broken = TRUE;
  astern_disk_flush (f->disk);
  g_test_assert_expected_messages ();
  f->image.broken = FALSE;
  astern_disk_flush (f->disk);
  g_assert_cmpmem (f->image.bytes, 3, "abc", 3);
}

static void
a_read_only_disk_is_not_written (void)
{
  g_autofree Fixture *f = g_new0 (Fixture, 1);

  make (f, TRUE, FALSE);
  g_assert_true (astern_disk_readonly (f->disk));
  g_assert_false (astern_disk_write (f->disk, 0, "abc", 3));
  tear_down (f, NULL);
}

static void
a_kept_image_is_not_written_and_the_disk_is (void)
{
  g_autofree Fixture *f = g_new0 (Fixture, 1);
  guint8 got[3];

  make (f, TRUE, TRUE);
  g_assert_true (astern_disk_write (f->disk, 0, "abc", 3));
  astern_disk_flush (f->disk);
  g_assert_true (astern_disk_read (f->disk, 0, got, 3));
  g_assert_cmpmem (got, 3, "abc", 3);
  g_assert_cmpuint (f->image.writes, ==, 0);
  tear_down (f, NULL);
  g_assert_cmpuint (f->image.writes, ==, 0);
}

/* Beside a plain array, whatever is asked. */
static void
random_requests_give_what_an_array_gives (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *model = g_memdup2 (f->image.bytes, SIZE);
  g_autofree guint8 *got = g_malloc (SIZE);

  for (guint i = 0; i < 20000; i++)
    {
      gsize size = (gsize) g_test_rand_int_range (1, 20000);
      gsize at = (gsize) g_test_rand_int_range (0, (gint32) (SIZE - size));

      switch (g_test_rand_int_range (0, 8))
        {
        case 0: case 1: case 2:
          for (gsize k = 0; k < size; k++)
            got[k] = (guint8) (k * 3 + i);
          g_assert_true (astern_disk_write (f->disk, at, got, size));
          memcpy (model + at, got, size);
          break;
        case 3:
          g_assert_true (astern_disk_zero (f->disk, at, size));
          memset (model + at, 0, size);
          break;
        case 4:
          astern_disk_flush (f->disk);
          g_assert_cmpmem (f->image.bytes, SIZE, model, SIZE);
          break;
        default:
          g_assert_true (astern_disk_read (f->disk, at, got, size));
          g_assert_cmpmem (got, size, model + at, size);
          break;
        }
    }
}

#define ADD(claim) g_test_add ("/core/disk/" #claim, Fixture, NULL, set_up, claim, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (what_is_read_is_the_images);
  ADD (beyond_the_end_there_is_nothing);
  ADD (the_image_is_written_at_a_flush);
  ADD (what_is_zeros_already_is_left_alone);
  ADD (zeros_are_told_to_the_image_as_such);
  ADD (the_past_has_the_old_content_and_the_image_stays);
  ADD (a_branch_takes_the_image_along);
  ADD (origins_are_known_after_all_was_overwritten);
  ADD (what_the_host_does_not_take_stays_dirty_and_the_guest_does_not_hear_of_it);
  ADD (random_requests_give_what_an_array_gives);
  g_test_add_func ("/core/disk/a_read_only_disk_is_not_written", a_read_only_disk_is_not_written);
  g_test_add_func ("/core/disk/a_kept_image_is_not_written_and_the_disk_is", a_kept_image_is_not_written_and_the_disk_is);
  return g_test_run ();
}
