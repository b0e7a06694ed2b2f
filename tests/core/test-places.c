/* test-places - ranges found by where they lie, against looking at all of them. */
#include "config.h"

#include "core/places.h"

#define N_PLACES 200
#define SPAN     4000

static void
an_empty_set_has_nothing (void)
{
  AsternPlaces places;

  astern_places_init (&places);
  astern_places_settle (&places);
  g_assert_true (astern_places_empty (&places));
  g_assert_false (astern_places_touch (&places, 0, G_MAXUINT64));
  g_assert_cmphex (astern_places_next (&places, 0), ==, ASTERN_PLACES_NONE);
  astern_places_free (&places);
}

static void
the_last_number_there_is_can_be_in_one (void)
{
  AsternPlaces places;

  astern_places_init (&places);
  astern_places_add (&places, G_MAXUINT64 - 1, G_MAXUINT64, NULL);
  astern_places_settle (&places);
  g_assert_true (astern_places_touch (&places, G_MAXUINT64, G_MAXUINT64));
  g_assert_false (astern_places_touch (&places, 0, G_MAXUINT64 - 2));
  g_assert_cmphex (astern_places_next (&places, 5), ==, G_MAXUINT64 - 1);
  astern_places_free (&places);
}

typedef struct { guint64 first, last; } Range;

static guint64
next_by_looking (const Range *ranges, guint64 from)
{
  guint64 next = ASTERN_PLACES_NONE;

  for (guint i = 0; i < N_PLACES; i++)
    if (ranges[i].last >= from)
      next = MIN (next, MAX (ranges[i].first, from));
  return next;
}

static void
random_ranges_are_found_as_by_looking_at_all (void)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  Range ranges[N_PLACES];
  AsternPlaces places;

  astern_places_init (&places);
  for (guint i = 0; i < N_PLACES; i++)
    {
      ranges[i].first = (guint64) g_test_rand_int_range (0, SPAN);
      ranges[i].last = ranges[i].first + (guint64) g_test_rand_int_range (0, i % 10 == 0 ? 500 : 5);
      astern_places_add (&places, ranges[i].first, ranges[i].last, &ranges[i]);
    }
  astern_places_settle (&places);
  for (guint64 at = 0; at < SPAN + 600; at += 1)
    {
      guint64 last = at + (guint64) g_test_rand_int_range (0, 20);
      guint n = 0;

      g_ptr_array_set_size (found, 0);
      astern_places_find (&places, at, last, found);
      for (guint i = 0; i < N_PLACES; i++)
        if (ranges[i].first <= last && at <= ranges[i].last)
          {
            n++;
            g_assert_true (g_ptr_array_find (found, &ranges[i], NULL));
          }
      g_assert_cmpuint (found->len, ==, n);
      g_assert_cmpint (astern_places_touch (&places, at, last), ==, n > 0);
      g_assert_cmphex (astern_places_next (&places, at), ==, next_by_looking (ranges, at));
    }
  astern_places_free (&places);
}

static void
the_hash_tells_where_places_are_whatever_their_order (void)
{
  AsternPlaces a, b;

  astern_places_init (&a);
  astern_places_init (&b);
  astern_places_add (&a, 1, 2, NULL);
  astern_places_add (&a, 5, 5, NULL);
  astern_places_add (&b, 5, 5, &a);
  astern_places_add (&b, 1, 2, &b);
  astern_places_settle (&a);
  astern_places_settle (&b);
  g_assert_cmphex (astern_places_hash (&a, 0), ==, astern_places_hash (&b, 0));
  astern_places_add (&b, 5, 6, NULL);
  astern_places_settle (&b);
  g_assert_cmphex (astern_places_hash (&a, 0), !=, astern_places_hash (&b, 0));
  astern_places_free (&a);
  astern_places_free (&b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/core/places/" #name, name)
  ADD (an_empty_set_has_nothing);
  ADD (the_last_number_there_is_can_be_in_one);
  ADD (random_ranges_are_found_as_by_looking_at_all);
  ADD (the_hash_tells_where_places_are_whatever_their_order);
  return g_test_run ();
}
