/* Tests of core/inputs. */
#include "config.h"

#include "core/clock.h"
#include "core/inputs.h"

#include <string.h>

typedef struct
{
  AsternClock   clock;
  AsternInputs *inputs;
  GString      *delivered;    /* what receivers got */
  GString      *journal;      /* what the recorder got */
  gint          wakes;
} Fixture;

static void
receive (gpointer data, gconstpointer bytes, gsize size)
{
  g_string_append_len (((Fixture *) data)->delivered, bytes, (gssize) size);
}

static void
record (gpointer data, const AsternInputEvent *event)
{
  Fixture *f = data;
  char text[ASTERN_MOMENT_TEXT];
  gsize size;
  const char *bytes = g_bytes_get_data (event->data, &size);

  g_string_append_printf (f->journal, "%s:%s:%.*s ", astern_moment_format (event->moment, text),
                          astern_inputs_port_name (f->inputs, event->port), (int) size, bytes);
}

static void
wake (gpointer data)
{
  g_atomic_int_inc (&((Fixture *) data)->wakes);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  astern_clock_init (&f->clock);
  f->inputs = astern_inputs_new (&f->clock);
  f->delivered = g_string_new (NULL);
  f->journal = g_string_new (NULL);
  astern_inputs_add_port (f->inputs, "serial0", receive, f);
  astern_inputs_add_port (f->inputs, "keyboard", receive, f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_inputs_free (f->inputs);
  astern_clock_clear (&f->clock);
  g_string_free (f->delivered, TRUE);
  g_string_free (f->journal, TRUE);
}

static void
an_input_waits_for_the_poll (Fixture *f, gconstpointer data)
{
  astern_inputs_submit (f->inputs, 0, "x", 1);
  g_assert_true (astern_inputs_pending (f->inputs));
  g_assert_cmpstr (f->delivered->str, ==, "");
  g_assert_true (astern_inputs_poll (f->inputs));
  g_assert_cmpstr (f->delivered->str, ==, "x");
  g_assert_false (astern_inputs_pending (f->inputs));
  g_assert_false (astern_inputs_poll (f->inputs));
}

static void
each_input_has_a_moment_of_its_own_in_the_journal (Fixture *f, gconstpointer data)
{
  astern_inputs_set_journal (f->inputs, record, f);
  astern_clock_retire (&f->clock, 100);
  astern_inputs_submit (f->inputs, 0, "ab", 2);
  astern_inputs_submit (f->inputs, 1, "c", 1);
  astern_inputs_poll (f->inputs);
  astern_clock_retire (&f->clock, 5);
  astern_inputs_submit (f->inputs, 0, "", 0);
  astern_inputs_poll (f->inputs);
  g_assert_cmpstr (f->journal->str, ==, "@100:serial0:ab @100+1:keyboard:c @105:serial0: ");
  g_assert_cmpstr (f->delivered->str, ==, "abc");
  g_assert_cmpuint (astern_clock_moment (&f->clock).step, ==, 1);
}

static void
the_door_keeps_its_own_copy (Fixture *f, gconstpointer data)
{
  char text[] = "key";

  astern_inputs_submit (f->inputs, 0, text, 3);
  memset (text, 'x', 3);
  astern_inputs_poll (f->inputs);
  g_assert_cmpstr (f->delivered->str, ==, "key");
}

static void
submitting_wakes_the_machine (Fixture *f, gconstpointer data)
{
  astern_inputs_submit (f->inputs, 0, "x", 1);
  astern_inputs_set_wake (f->inputs, wake, f);
  astern_inputs_submit (f->inputs, 0, "x", 1);
  astern_inputs_submit (f->inputs, 0, "x", 1);
  g_assert_cmpint (f->wakes, ==, 2);
}

#define PER_THREAD 2000

static gpointer
submit_many (gpointer data)
{
  Fixture *f = data;

  for (guint i = 0; i < PER_THREAD; i++)
    astern_inputs_submit (f->inputs, i & 1, "z", 1);
  return NULL;
}

static void
threads_lose_no_input (Fixture *f, gconstpointer data)
{
  GThread *threads[3];

  astern_inputs_set_wake (f->inputs, wake, f);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("submit", submit_many, f);
  while (f->delivered->len < G_N_ELEMENTS (threads) * PER_THREAD)
    if (!astern_inputs_poll (f->inputs))
      g_thread_yield ();
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_false (astern_inputs_pending (f->inputs));
  g_assert_cmpint (f->wakes, ==, G_N_ELEMENTS (threads) * PER_THREAD);
}

static void
what_was_not_delivered_is_freed (Fixture *f, gconstpointer data)
{
  astern_inputs_submit (f->inputs, 0, "left behind", 11);
}

static void
the_generator_is_a_function_of_seed_and_count (Fixture *f, gconstpointer data)
{
  guint64 first[5], state[2];

  astern_inputs_set_seed (f->inputs, 42);
  for (guint i = 0; i < 5; i++)
    {
      if (i == 3)
        memcpy (state, astern_inputs_random_state (f->inputs), sizeof state);
      first[i] = astern_inputs_random (f->inputs);
      for (guint j = 0; j < i; j++)
        g_assert_cmphex (first[i], !=, first[j]);
    }
  memcpy (astern_inputs_random_state (f->inputs), state, sizeof state);
  g_assert_cmphex (astern_inputs_random (f->inputs), ==, first[3]);
  g_assert_cmphex (astern_inputs_random (f->inputs), ==, first[4]);
  astern_inputs_set_seed (f->inputs, 42);
  g_assert_cmphex (astern_inputs_random (f->inputs), ==, first[0]);
  astern_inputs_set_seed (f->inputs, 43);
  g_assert_cmphex (astern_inputs_random (f->inputs), !=, first[0]);
}

static void
the_generator_is_even (Fixture *f, gconstpointer data)
{
  guint ones[64] = { 0 };

  astern_inputs_set_seed (f->inputs, 1);
  for (guint i = 0; i < 4096; i++)
    {
      guint64 x = astern_inputs_random (f->inputs);

      for (guint bit = 0; bit < 64; bit++)
        ones[bit] += x >> bit & 1;
    }
  for (guint bit = 0; bit < 64; bit++)
    {
      g_assert_cmpuint (ones[bit], >, 1848);     /* 2048 and some six deviations of 32 */
      g_assert_cmpuint (ones[bit], <, 2248);
    }
}

static void
the_wall_clock_is_what_it_was_set_to (Fixture *f, gconstpointer data)
{
  astern_inputs_set_wall_clock (f->inputs, 1767225600);
  g_assert_cmpuint (astern_inputs_wall_clock_s (f->inputs), ==, 1767225600);
  astern_clock_skip (&f->clock, 5 * G_GUINT64_CONSTANT (1000000000));
  g_assert_cmpuint (astern_inputs_wall_clock_s (f->inputs), ==, 1767225600);
}

static void
what_nobody_can_go_back_to_is_not_kept (Fixture *f, gconstpointer data)
{
  astern_inputs_set_forgets (f->inputs, TRUE);
  astern_inputs_submit (f->inputs, 0, "x", 1);
  g_assert_true (astern_inputs_poll (f->inputs));
  g_assert_cmpuint (astern_journal_length (astern_inputs_journal (f->inputs)), ==, 0);
  astern_inputs_set_forgets (f->inputs, FALSE);
  astern_inputs_submit (f->inputs, 0, "y", 1);
  g_assert_true (astern_inputs_poll (f->inputs));
  g_assert_cmpuint (astern_journal_length (astern_inputs_journal (f->inputs)), ==, 1);
  g_assert_cmpstr (f->delivered->str, ==, "xy");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/core/inputs/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (an_input_waits_for_the_poll);
  ADD (each_input_has_a_moment_of_its_own_in_the_journal);
  ADD (the_door_keeps_its_own_copy);
  ADD (submitting_wakes_the_machine);
  ADD (threads_lose_no_input);
  ADD (what_was_not_delivered_is_freed);
  ADD (the_generator_is_a_function_of_seed_and_count);
  ADD (the_generator_is_even);
  ADD (the_wall_clock_is_what_it_was_set_to);
  ADD (what_nobody_can_go_back_to_is_not_kept);
  return g_test_run ();
}
