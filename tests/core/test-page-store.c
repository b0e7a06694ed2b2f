/* Tests of core/page-store. */
#include "config.h"

#include "core/page-store.h"

#include <string.h>

#define PAGE ASTERN_PAGE_SIZE

typedef struct { AsternPageStore *store; } Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->store = astern_page_store_new ();
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_page_store_free (f->store);
}

/* Text-like, or noise that cannot be packed. */
static void
make_page (guint8 *page, guint32 seed)
{
  for (guint i = 0; i < PAGE; i++)
    {
      seed = seed * 1664525 + 1013904223;
      page[i] = seed % 3 == 0 || i % 4 != 0 ? (guint8) (i / 64) : (guint8) (seed >> 24);
    }
}

static void
make_noise (guint8 *page, guint32 seed)
{
  for (guint i = 0; i < PAGE; i++)
    {
      seed = seed * 1664525 + 1013904223;
      page[i] = (guint8) (seed >> 24);
    }
}

static AsternPageRef
put (Fixture *f, guint32 seed)
{
  guint8 page[PAGE];

  make_page (page, seed);
  return astern_page_store_put (f->store, page);
}

static void
holds (Fixture *f, AsternPageRef ref, guint32 seed)
{
  guint8 page[PAGE], expected[PAGE];

  make_page (expected, seed);
  astern_page_store_get (f->store, ref, page);
  g_assert_cmpmem (page, PAGE, expected, PAGE);
}

static void
what_was_put_is_got_again_packed_or_not (Fixture *f, gconstpointer data)
{
  AsternPageRef refs[100];

  for (guint i = 0; i < 100; i++)
    refs[i] = put (f, i);
  for (guint i = 0; i < 100; i++)
    holds (f, refs[i], i);
  astern_page_store_settle (f->store, refs, 100);
  for (guint i = 100; i-- > 0;)
    holds (f, refs[i], i);
  astern_page_store_wait (f->store);
  for (guint i = 100; i-- > 0;)
    holds (f, refs[i], i);
}

static void
packing_saves_room (Fixture *f, gconstpointer data)
{
  AsternPageRef refs[64];
  gsize before;

  for (guint i = 0; i < 64; i++)
    refs[i] = put (f, i);
  before = astern_page_store_bytes (f->store);
  g_assert_cmpuint (before, >=, 64 * PAGE);
  g_assert_cmpuint (astern_page_store_size (f->store, refs[5]), ==, PAGE);
  astern_page_store_settle (f->store, refs, 64);
  astern_page_store_wait (f->store);
  g_assert_cmpuint (astern_page_store_bytes (f->store), <, before * 4 / 5);
  g_assert_cmpuint (astern_page_store_size (f->store, refs[5]), <, PAGE * 4 / 5);
}

static void
noise_stays_as_it_is (Fixture *f, gconstpointer data)
{
  AsternPageRef refs[20];
  guint8 page[PAGE], expected[PAGE];

  for (guint i = 0; i < 20; i++)
    {
      make_noise (page, i);
      refs[i] = astern_page_store_put (f->store, page);
    }
  astern_page_store_settle (f->store, refs, 20);
  astern_page_store_wait (f->store);
  for (guint i = 0; i < 20; i++)
    {
      make_noise (expected, i);
      astern_page_store_get (f->store, refs[i], page);
      g_assert_cmpmem (page, PAGE, expected, PAGE);
      g_assert_cmpuint (astern_page_store_size (f->store, refs[i]), ==, PAGE);
    }
}

static void
room_of_dropped_pages_is_used_again (Fixture *f, gconstpointer data)
{
  gsize empty = astern_page_store_bytes (f->store), bytes = 0;

  for (guint round = 0; round < 5; round++)
    {
      AsternPageRef refs[1000];

      for (guint i = 0; i < 1000; i++)
        refs[i] = put (f, i);
      if (round == 0)
        bytes = astern_page_store_bytes (f->store);
      g_assert_cmpuint (astern_page_store_bytes (f->store), ==, bytes);
      if (round % 2)
        {
          astern_page_store_settle (f->store, refs, 1000);
          astern_page_store_wait (f->store);
        }
      for (guint i = 0; i < 1000; i++)
        astern_page_store_drop (f->store, refs[i]);
    }
  g_assert_cmpuint (astern_page_store_bytes (f->store), <, empty + 1001 * 64);
}

/* Pages come and go while the packing thread is at work on them. */
static void
random_use_loses_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GArray) refs = g_array_new (FALSE, FALSE, sizeof (AsternPageRef));
  g_autoptr (GArray) seeds = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint round = 0; round < 20000; round++)
    {
      gint what = g_test_rand_int_range (0, 100);
      guint at = refs->len > 0 ? (guint) g_test_rand_int_range (0, (gint) refs->len) : 0;

      if (what < 50 || refs->len == 0)
        {
          AsternPageRef ref = put (f, round);
          guint32 seed = round;

          g_array_append_val (refs, ref);
          g_array_append_val (seeds, seed);
        }
      else if (what < 90)
        {
          holds (f, g_array_index (refs, AsternPageRef, at), g_array_index (seeds, guint32, at));
          astern_page_store_drop (f->store, g_array_index (refs, AsternPageRef, at));
          g_array_remove_index_fast (refs, at);
          g_array_remove_index_fast (seeds, at);
        }
      else if (what < 92)
        astern_page_store_settle (f->store, &g_array_index (refs, AsternPageRef, at), MIN (refs->len - at, 300));
      else
        holds (f, g_array_index (refs, AsternPageRef, at), g_array_index (seeds, guint32, at));
    }
  astern_page_store_wait (f->store);
  for (guint i = 0; i < refs->len; i++)
    holds (f, g_array_index (refs, AsternPageRef, i), g_array_index (seeds, guint32, i));
}

static void
a_store_can_go_with_work_undone (Fixture *f, gconstpointer data)
{
  for (guint round = 0; round < 50; round++)
    {
      AsternPageRef refs[200];

      for (guint i = 0; i < 200; i++)
        refs[i] = put (f, i);
      astern_page_store_settle (f->store, refs, 200);
      astern_page_store_drop (f->store, refs[7]);
    }
}

/* ---- spilling ---- */

typedef struct
{
  GPtrArray *kept;         /* GBytes by id - 1; NULL: dropped */
  guint64    written;      /* as the store is told */
  guint      reads;
  guint64    full;         /* the last id that it takes */
} Disk;

static void
unref_bytes (gpointer bytes)
{
  if (bytes != NULL)
    g_bytes_unref (bytes);
}

static guint64
disk_write (gpointer user, GBytes *bytes)
{
  Disk *disk = user;

  if (disk->kept->len >= disk->full)
    return 0;
  g_ptr_array_add (disk->kept, g_bytes_ref (bytes));
  return disk->kept->len;
}

static guint64
disk_written (gpointer user)
{
  return ((Disk *) user)->written;
}

static gboolean
disk_read (gpointer user, guint64 id, gpointer bytes, gsize size, GError **error)
{
  Disk *disk = user;
  GBytes *kept = g_ptr_array_index (disk->kept, id - 1);

  disk->reads++;
  g_assert_cmpuint (id, <=, disk->written);
  g_assert_cmpuint (g_bytes_get_size (kept), ==, size);
  memcpy (bytes, g_bytes_get_data (kept, NULL), size);
  return TRUE;
}

static void
disk_drop (gpointer user, guint64 id)
{
  gpointer *kept = &g_ptr_array_index (((Disk *) user)->kept, id - 1);

  g_assert_nonnull (*kept);
  g_bytes_unref (g_steal_pointer (kept));
}

static void
what_is_too_much_is_spilled_and_read_again (Fixture *f, gconstpointer data)
{
  Disk disk = { g_ptr_array_new_with_free_func (unref_bytes), 0, 0, 40 };
  const AsternSpill spill = { disk_write, disk_written, disk_read, disk_drop, &disk };
  AsternPageRef refs[1024];
  gsize before;
  guint kept = 0;

  astern_page_store_set_spill (f->store, &spill, 20000);
  for (guint i = 0; i < 1024; i++)
    refs[i] = put (f, i);
  astern_page_store_settle (f->store, refs, 1024);
  astern_page_store_wait (f->store);
  before = astern_page_store_bytes (f->store);
  g_assert_cmpuint (disk.kept->len, ==, 40);             /* it was full then */
  g_assert_cmpuint (astern_page_store_spilled (f->store), ==, 0);
  holds (f, refs[0], 0);
  g_assert_cmpuint (disk.reads, ==, 0);                  /* not written yet */
  disk.written = 30;
  astern_page_store_wait (f->store);
  g_assert_cmpuint (astern_page_store_spilled (f->store), >, 30000);
  g_assert_cmpuint (astern_page_store_bytes (f->store) + astern_page_store_spilled (f->store), ==, before);
  for (guint i = 0; i < 1024; i++)
    holds (f, refs[i], i);
  g_assert_cmpuint (disk.reads, ==, 29);                 /* one was still unpacked */
  for (guint i = 0; i < 1024; i++)
    if (i % 512 != 7)
      astern_page_store_drop (f->store, refs[i]);
  for (guint i = 0; i < disk.kept->len; i++)
    kept += g_ptr_array_index (disk.kept, i) != NULL;
  g_assert_cmpuint (kept, ==, 2);
  holds (f, refs[7], 7);
  holds (f, refs[519], 519);
  astern_page_store_free (f->store);                     /* asks for nothing */
  g_ptr_array_unref (disk.kept);
  f->store = astern_page_store_new ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/core/page-store/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (what_was_put_is_got_again_packed_or_not);
  ADD (packing_saves_room);
  ADD (noise_stays_as_it_is);
  ADD (room_of_dropped_pages_is_used_again);
  ADD (random_use_loses_nothing);
  ADD (a_store_can_go_with_work_undone);
  ADD (what_is_too_much_is_spilled_and_read_again);
  return g_test_run ();
}
