/* A small machine that is recorded, run again, and held against its recording; and what the recorder stands on:
 * the set of written pages, and states in the form of a file. */
#include "config.h"

#include "core/interval.h"
#include "trace/dirty.h"
#include "trace/recorder.h"
#include "trace/state.h"
#include "trace/verifier.h"

#include "recording-fixture.h"

#define PAGES 64

/* ---- a machine that puts what is typed into memory ---- */

typedef struct
{
  AsternMachine *machine;
  guint          port;
} Typist;

static void
type (gpointer receiver, gconstpointer data, gsize size)
{
  AsternMachine *machine = receiver;
  guint64 at = machine->clock.s.icount * 97 % (PAGES * ASTERN_PAGE_SIZE - size);

  astern_memory_write (machine->memory, at, data, size);
}

static void
typist_init (Typist *typist)
{
  g_autoptr (GError) error = NULL;

  typist->machine = astern_machine_new (PAGES * ASTERN_PAGE_SIZE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (astern_memory_add (typist->machine->memory, "ram", PAGES * ASTERN_PAGE_SIZE, FALSE, &error));
  typist->port = astern_inputs_add_port (typist->machine->inputs, "keys", type, typist->machine);
  astern_inputs_set_seed (typist->machine->inputs, 42);
}

/* Runs to @icount, with whatever the journal has until there. */
static void
run_to (Typist *typist, guint64 icount)
{
  AsternClock *clock = &typist->machine->clock;

  while (clock->s.icount < icount)
    {
      guint64 next = astern_inputs_next_icount (typist->machine->inputs);

      while (astern_inputs_poll (typist->machine->inputs))
        continue;
      next = next > clock->s.icount ? MIN (next, icount) : clock->s.icount + 1;
      astern_clock_retire (clock, next - clock->s.icount);
    }
  while (astern_inputs_poll (typist->machine->inputs))
    continue;
}

static void
press (Typist *typist, const char *text)
{
  astern_inputs_submit (typist->machine->inputs, typist->port, text, strlen (text));
  astern_inputs_poll (typist->machine->inputs);
}

static void
ask_for_checkpoint (Typist *typist)
{
  guint port;

  g_assert_true (astern_inputs_find_port (typist->machine->inputs, ASTERN_CHECKPOINT_PORT, &port));
  astern_inputs_submit (typist->machine->inputs, port, "", 0);
  astern_inputs_poll (typist->machine->inputs);
}

static AsternRecorder *
record (Fixture *f, Typist *typist)
{
  const AsternRecordingStart start = { fixture_words, fixture_meta, NULL, 0 };
  const AsternRecorderOptions options = { .keep_every_us = 1, .events = 1u << ASTERN_EVENT_GUEST_ERRORS };
  g_autoptr (GError) error = NULL;
  AsternRecorder *recorder = astern_recorder_new (typist->machine, f->path, &start, &options, &error);

  g_assert_no_error (error);
  return recorder;
}

/* A run with two inputs and checkpoints after them; returns the hash at its end. */
static guint64
record_a_run (Fixture *f)
{
  Typist typist;
  AsternRecorder *recorder;
  g_autoptr (GError) error = NULL;
  guint64 hash;

  typist_init (&typist);
  recorder = record (f, &typist);
  run_to (&typist, 1000);
  press (&typist, "hello");
  ask_for_checkpoint (&typist);
  run_to (&typist, 5000);
  press (&typist, "world");
  ask_for_checkpoint (&typist);
  astern_events_log (&typist.machine->events, ASTERN_EVENT_GUEST_ERRORS, "a mistake at %d\n", 5000);
  run_to (&typist, 6000);
  hash = astern_machine_hash (typist.machine);
  g_assert_true (astern_recorder_finish (recorder, "quit", &error));
  g_assert_no_error (error);
  astern_machine_free (typist.machine);
  return hash;
}

typedef struct
{
  char *message;
} Divergence;

static void
diverged (gpointer user, const char *message)
{
  Divergence *divergence = user;

  g_assert_null (divergence->message);
  divergence->message = g_strdup (message);
}

static void
a_replay_ends_in_the_same_state (Fixture *f, gconstpointer data)
{
  guint64 hash = record_a_run (f);
  g_autoptr (AsternRecording) recording = open_recording (f);
  g_autoptr (AsternVerifier) verifier = NULL;
  g_autoptr (GError) error = NULL;
  Divergence divergence = { NULL };
  Typist typist;

  typist_init (&typist);
  verifier = astern_verifier_new (typist.machine, recording, diverged, &divergence);
  g_assert_true (astern_verifier_check (verifier, &error));
  g_assert_true (astern_verifier_load_journal (verifier, &error));
  run_to (&typist, astern_recording_head (recording)->moment.icount);
  g_assert_true (astern_verifier_check (verifier, &error));
  g_assert_no_error (error);
  g_assert_null (divergence.message);
  g_assert_cmphex (astern_machine_hash (typist.machine), ==, hash);
  g_assert_cmpuint (astern_verifier_count (verifier), >=, 4);   /* start, two, end; more if the host was slow */
  astern_machine_free (typist.machine);
}

static void
what_is_typed_during_a_replay_is_not_heard (Fixture *f, gconstpointer data)
{
  guint64 hash = record_a_run (f);
  g_autoptr (AsternRecording) recording = open_recording (f);
  g_autoptr (AsternVerifier) verifier = NULL;
  g_autoptr (GError) error = NULL;
  Divergence divergence = { NULL };
  Typist typist;

  typist_init (&typist);
  verifier = astern_verifier_new (typist.machine, recording, diverged, &divergence);
  g_assert_true (astern_verifier_load_journal (verifier, &error));
  run_to (&typist, 3000);
  press (&typist, "noise");
  run_to (&typist, 6000);
  g_assert_null (divergence.message);
  g_assert_cmphex (astern_machine_hash (typist.machine), ==, hash);
  astern_machine_free (typist.machine);
}

/* The generator's state is another from the 2,000th instruction on: the checkpoint after that tells. */
static void
a_divergence_names_the_part_and_the_place (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (AsternVerifier) verifier = NULL;
  g_autoptr (GError) error = NULL;
  Divergence divergence = { NULL };
  Typist typist;

  record_a_run (f);
  recording = open_recording (f);
  typist_init (&typist);
  verifier = astern_verifier_new (typist.machine, recording, diverged, &divergence);
  g_assert_true (astern_verifier_check (verifier, &error));
  g_assert_true (astern_verifier_load_journal (verifier, &error));
  run_to (&typist, 2000);
  g_assert_null (divergence.message);
  astern_inputs_random (typist.machine->inputs);
  run_to (&typist, 6000);
  g_assert_nonnull (divergence.message);
  g_assert_nonnull (strstr (divergence.message, "at @5000+2 these parts differ: inputs;"));
  g_assert_nonnull (strstr (divergence.message, "at @1000+2 all was the same"));
  g_free (divergence.message);
  astern_machine_free (typist.machine);
}

/* As when one goes back in a replay and on again. */
static void
what_was_compared_is_not_compared_again (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (AsternVerifier) verifier = NULL;
  Divergence divergence = { NULL };
  Typist typist;

  record_a_run (f);
  recording = open_recording (f);
  typist_init (&typist);
  verifier = astern_verifier_new (typist.machine, recording, diverged, &divergence);
  run_to (&typist, 1000);
  press (&typist, "hello");
  ask_for_checkpoint (&typist);
  g_assert_cmpuint (astern_verifier_count (verifier), ==, 1);
  typist.machine->clock.s.step = 1;
  ask_for_checkpoint (&typist);
  g_assert_cmpuint (astern_verifier_count (verifier), ==, 1);
  g_assert_null (divergence.message);
  astern_machine_free (typist.machine);
}

static void
another_machine_is_known_at_the_start (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (AsternVerifier) verifier = NULL;
  g_autoptr (GError) error = NULL;
  Typist typist;

  record_a_run (f);
  recording = open_recording (f);
  typist_init (&typist);
  astern_memory_write (typist.machine->memory, 5, "x", 1);
  verifier = astern_verifier_new (typist.machine, recording, diverged, NULL);
  g_assert_false (astern_verifier_check (verifier, &error));
  g_assert_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_MACHINE);
  g_assert_nonnull (strstr (error->message, "these parts differ: ram"));
  astern_machine_free (typist.machine);
}

static void
an_input_for_a_port_that_is_not_there_is_an_error (Fixture *f, gconstpointer data)
{
  AsternWriter *writer = begin_recording (f, NULL, 0);
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (AsternVerifier) verifier = NULL;
  g_autoptr (GError) error = NULL;
  Typist typist;

  write_input (writer, 5, 0, "modem", "ATDT");
  end_recording (writer, 10, "quit");
  recording = open_recording (f);
  typist_init (&typist);
  verifier = astern_verifier_new (typist.machine, recording, diverged, NULL);
  g_assert_false (astern_verifier_load_journal (verifier, &error));
  g_assert_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_MACHINE);
  astern_machine_free (typist.machine);
}

static void
events_are_written_when_asked_for (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  record_a_run (f);
  recording = open_recording (f);
  g_assert_true (astern_recording_query (recording, "SELECT icount, kind, text FROM event", FALSE, text, &error));
  g_assert_cmpstr (text->str, ==, "icount\tkind\ttext\n5000\tguest_errors\ta mistake at 5000\n");
}

/* The first press is before the state that is kept, the second after it, both in one interval. */
static void
a_replay_can_start_with_a_state_that_was_kept (Fixture *f, gconstpointer data)
{
  Typist run, replay;
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (AsternVerifier) verifier = NULL;
  g_autoptr (GError) error = NULL;
  AsternIntervals *intervals;
  AsternRecorder *recorder;
  guint64 hash;

  typist_init (&run);
  recorder = record (f, &run);
  intervals = astern_intervals_new (run.machine->memory);
  astern_intervals_begin (intervals);
  run_to (&run, 1000);
  press (&run, "hello");
  ask_for_checkpoint (&run);
  run_to (&run, 5000);
  press (&run, "world");
  run_to (&run, 6000);
  hash = astern_machine_hash (run.machine);
  g_assert_true (astern_recorder_finish (recorder, "quit", &error));
  astern_intervals_free (intervals);
  astern_machine_free (run.machine);

  recording = open_recording (f);
  typist_init (&replay);
  verifier = astern_verifier_new (replay.machine, recording, diverged, NULL);
  g_assert_true (astern_verifier_start_at (verifier, moment (4000, 0), &error));
  g_assert_no_error (error);
  g_assert_cmpuint (replay.machine->clock.s.icount, >=, 1000);
  g_assert_cmpuint (replay.machine->clock.s.icount, <, 4000);
  g_assert_true (astern_verifier_load_journal (verifier, &error));
  run_to (&replay, 6000);
  g_assert_cmphex (astern_machine_hash (replay.machine), ==, hash);
  astern_machine_free (replay.machine);
}

static void
without_a_state_a_replay_starts_at_power_on (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (AsternVerifier) verifier = NULL;
  g_autoptr (GError) error = NULL;
  Typist typist;

  record_a_run (f);
  recording = open_recording (f);
  typist_init (&typist);
  verifier = astern_verifier_new (typist.machine, recording, diverged, NULL);
  g_assert_true (astern_verifier_start_at (verifier, moment (4000, 0), &error));
  g_assert_cmpuint (typist.machine->clock.s.icount, ==, 0);
  astern_machine_free (typist.machine);
}

static void
a_stop_is_the_head_and_a_branch_forgets_what_came_after (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternRecording) recording = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  AsternRecorder *recorder;
  AsternMoment back;
  Typist typist;

  typist_init (&typist);
  recorder = record (f, &typist);
  run_to (&typist, 1000);
  press (&typist, "kept");
  run_to (&typist, 2000);
  back = astern_clock_moment (&typist.machine->clock);
  press (&typist, "dropped");
  run_to (&typist, 3000);
  astern_recorder_stopped (recorder);
  typist.machine->clock.s.icount = back.icount;
  typist.machine->clock.s.step = back.step;
  astern_recorder_branched (recorder, back);
  run_to (&typist, 2500);
  astern_recorder_stopped (recorder);
  g_assert_true (astern_recorder_finish (recorder, "quit", &error));
  astern_machine_free (typist.machine);

  recording = open_recording (f);
  g_assert_cmpuint (astern_recording_head (recording)->moment.icount, ==, 2500);
  g_assert_cmpuint (astern_recording_head (recording)->branch, ==, 1);
  g_assert_true (astern_recording_query (recording, "SELECT branch, icount FROM checkpoint WHERE icount IN (2500, 3000) "
                                                    "GROUP BY 1, 2", FALSE, text, &error));
  g_assert_cmpstr (text->str, ==, "branch\ticount\n0\t3000\n1\t2500\n");
}

/* ---- written pages ---- */

static void
append_number (gpointer user, guint32 page)
{
  g_string_append_printf (user, "%u ", page);
}

static void
assert_taken (AsternDirty *dirty, const char *expected)
{
  g_autoptr (GString) pages = g_string_new (NULL);

  astern_dirty_take (dirty, append_number, pages);
  g_assert_cmpstr (pages->str, ==, expected);
}

static void
write_page (AsternMemory *memory, guint64 page)
{
  astern_memory_write (memory, page << ASTERN_PAGE_BITS, "!", 1);
}

static void
written_pages_are_told_once (Fixture *f, gconstpointer data)
{
  Typist typist;
  AsternIntervals *intervals;
  AsternDirty *dirty;

  typist_init (&typist);
  intervals = astern_intervals_new (typist.machine->memory);
  dirty = astern_dirty_new (typist.machine->memory);
  astern_intervals_begin (intervals);
  g_assert_true (astern_dirty_is_told (dirty));
  write_page (typist.machine->memory, 7);
  write_page (typist.machine->memory, 9);
  astern_intervals_begin (intervals);
  assert_taken (dirty, "7 9 ");
  assert_taken (dirty, "");
  astern_dirty_free (dirty);
  astern_intervals_free (intervals);
  astern_machine_free (typist.machine);
}

/* No one is told of the second write within an interval. */
static void
a_page_of_the_open_interval_stays_in_the_set (Fixture *f, gconstpointer data)
{
  Typist typist;
  AsternIntervals *intervals;
  AsternDirty *dirty;

  typist_init (&typist);
  intervals = astern_intervals_new (typist.machine->memory);
  dirty = astern_dirty_new (typist.machine->memory);
  astern_intervals_begin (intervals);
  write_page (typist.machine->memory, 7);
  assert_taken (dirty, "7 ");
  write_page (typist.machine->memory, 7);
  astern_intervals_begin (intervals);
  assert_taken (dirty, "7 ");
  assert_taken (dirty, "");
  astern_dirty_free (dirty);
  astern_intervals_free (intervals);
  astern_machine_free (typist.machine);
}

static void
pages_that_were_put_back_count_as_written (Fixture *f, gconstpointer data)
{
  Typist typist;
  AsternIntervals *intervals;
  AsternDirty *dirty;

  typist_init (&typist);
  intervals = astern_intervals_new (typist.machine->memory);
  dirty = astern_dirty_new (typist.machine->memory);
  astern_intervals_begin (intervals);
  write_page (typist.machine->memory, 7);
  astern_intervals_begin (intervals);
  assert_taken (dirty, "7 ");
  astern_intervals_undo (intervals, 0);
  astern_dirty_undone (dirty);
  assert_taken (dirty, "7 ");
  astern_dirty_free (dirty);
  astern_intervals_free (intervals);
  astern_machine_free (typist.machine);
}

static void
without_a_history_nobody_tells (Fixture *f, gconstpointer data)
{
  Typist typist;
  AsternDirty *dirty;

  typist_init (&typist);
  dirty = astern_dirty_new (typist.machine->memory);
  g_assert_false (astern_dirty_is_told (dirty));
  g_assert_cmpuint (astern_dirty_count (dirty), ==, PAGES);
  astern_dirty_free (dirty);
  astern_machine_free (typist.machine);
}

/* ---- states ---- */

static void
a_state_comes_back (Fixture *f, gconstpointer data)
{
  Typist one, other;
  g_autoptr (GVariant) state = NULL;
  g_autoptr (GError) error = NULL;

  typist_init (&one);
  typist_init (&other);
  run_to (&one, 777);
  astern_inputs_random (one.machine->inputs);
  g_assert_cmphex (astern_machine_hash (one.machine), !=, astern_machine_hash (other.machine));
  state = g_variant_ref_sink (astern_state_save (one.machine));
  g_assert_true (astern_state_load (other.machine, state, &error));
  g_assert_no_error (error);
  g_assert_cmphex (astern_machine_hash (one.machine), ==, astern_machine_hash (other.machine));
  astern_machine_free (one.machine);
  astern_machine_free (other.machine);
}

static void
a_state_that_lacks_something_is_refused (Fixture *f, gconstpointer data)
{
  static const char *const keys[] = { "clock", "inputs", "turn", "cpus", "devices" };
  Typist typist;
  g_autoptr (GVariant) state = NULL;

  typist_init (&typist);
  state = g_variant_ref_sink (astern_state_save (typist.machine));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (GVariantDict) dict = g_variant_dict_new (state);
      g_autoptr (GVariant) less = NULL;
      g_autoptr (GError) error = NULL;

      g_variant_dict_remove (dict, keys[i]);
      less = g_variant_ref_sink (g_variant_dict_end (dict));
      g_assert_false (astern_state_load (typist.machine, less, &error));
      g_assert_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_MACHINE);
    }
  astern_machine_free (typist.machine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/trace/recorder/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (a_replay_ends_in_the_same_state);
  ADD (what_is_typed_during_a_replay_is_not_heard);
  ADD (a_divergence_names_the_part_and_the_place);
  ADD (what_was_compared_is_not_compared_again);
  ADD (another_machine_is_known_at_the_start);
  ADD (an_input_for_a_port_that_is_not_there_is_an_error);
  ADD (events_are_written_when_asked_for);
  ADD (a_replay_can_start_with_a_state_that_was_kept);
  ADD (without_a_state_a_replay_starts_at_power_on);
  ADD (a_stop_is_the_head_and_a_branch_forgets_what_came_after);
  ADD (written_pages_are_told_once);
  ADD (a_page_of_the_open_interval_stays_in_the_set);
  ADD (pages_that_were_put_back_count_as_written);
  ADD (without_a_history_nobody_tells);
  ADD (a_state_comes_back);
  ADD (a_state_that_lacks_something_is_refused);
  return g_test_run ();
}
