/* Tests of core/debugger-trace.h and of who-set, with the demo guest in a whole PC. */
#include "config.h"

#include "core/debugger-private.h"
#include "core/debugger-trace.h"

#include "tests/launch/demo-guest.h"

#include <string.h>

#define LENGTH 6000000      /* instructions that the guest has run */

typedef struct
{
  DemoGuest       guest;
  AsternMachine  *machine;
  AsternDebugger *debugger;
  AsternClient   *client;
  GArray         *lived;       /* AsternHit: what was delivered when it ran the first time */
  GArray         *told;        /* AsternHit: by the trace */
  guint           n_progress, n_stopped, n_running;
  double          progress;
  gint64          give_up_at;  /* hits */
} Fixture;

static void
on_stopped (gpointer user, const AsternDebuggerStop *stop)
{
  ((Fixture *) user)->n_stopped++;
}

static void
on_running (gpointer user)
{
  ((Fixture *) user)->n_running++;
}

static void
on_progress (gpointer user, double fraction)
{
  Fixture *f = user;

  f->n_progress++;
  f->progress = fraction;
}

static void
note_lived (gpointer data, const AsternHit *hit)
{
  g_array_append_vals (((Fixture *) data)->lived, hit, 1);
}

static gboolean
note_told (gpointer user, const AsternHit *hit)
{
  Fixture *f = user;

  g_array_append_vals (f->told, hit, 1);
  if (f->give_up_at != 0 && f->told->len == f->give_up_at)
    astern_debugger_interrupt (f->debugger, f->client);
  return TRUE;
}

static void
set_up (Fixture *f, gconstpointer smp)
{
  static const AsternClientFuncs funcs = { .name = "test", .stopped = on_stopped, .running = on_running, .progress = on_progress };
  const AsternTimelineOptions history = { .budget_bytes = 1 << 30, .interval_insns = 500000 };
  AsternPoint kinds[] = { astern_trace_point (ASTERN_POINT_INTERRUPT), astern_trace_point (ASTERN_POINT_EXCEPTION) };
  AsternPoint *points[G_N_ELEMENTS (kinds)];

  f->machine = demo_guest_start_without_sleep (&f->guest, smp);
  f->debugger = astern_debugger_new (f->machine, &history, NULL);
  f->client = astern_debugger_attach (f->debugger, &funcs, f);
  astern_debugger_hold (f->debugger, f->client);
  f->lived = g_array_new (FALSE, FALSE, sizeof (AsternHit));
  f->told = g_array_new (FALSE, FALSE, sizeof (AsternHit));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    points[i] = astern_points_add (f->machine->points, &kinds[i]);
  astern_points_set_mode (f->machine->points, ASTERN_POINTS_RECORD, note_lived, f);
  while (f->machine->clock.s.icount < LENGTH)
    astern_timeline_run (f->debugger->timeline, (AsternMoment) { f->machine->clock.s.icount + 300000, 0 });
  astern_points_set_mode (f->machine->points, ASTERN_POINTS_OFF, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    astern_points_remove (f->machine->points, points[i]);
  f->n_stopped = f->n_running = 0;
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_array_unref (f->lived);
  g_array_unref (f->told);
  g_object_unref (f->debugger);
  demo_guest_stop (&f->guest);
}

static AsternMoment
present (Fixture *f)
{
  return astern_timeline_present (f->debugger->timeline);
}

static void
go_to (Fixture *f, AsternMoment moment)
{
  g_autoptr (GError) error = NULL;

  astern_timeline_seek (f->debugger->timeline, moment, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* Interrupts and exceptions from @from to @to. */
static gboolean
trace (Fixture *f, AsternMoment from, AsternMoment to, guint64 limit, AsternTraceResult *result, GError **error)
{
  AsternPoint points[] = { astern_trace_point (ASTERN_POINT_INTERRUPT), astern_trace_point (ASTERN_POINT_EXCEPTION) };
  AsternTraceRequest request = { .stretch = { from, to }, .points = points, .n_points = G_N_ELEMENTS (points), .limit = limit,
                                 .hit = note_told, .user = f };

  g_array_set_size (f->told, 0);
  return astern_debugger_trace (f->debugger, f->client, &request, result, error);
}

/* Those that were lived through from @from to before @to are those that were told, but for what comes after the told ones. */
static void
told_is_lived (Fixture *f, AsternMoment from, AsternMoment to)
{
  guint n = 0;

  for (guint i = 0; i < f->lived->len; i++)
    {
      const AsternHit *lived = &g_array_index (f->lived, AsternHit, i), *told = &g_array_index (f->told, AsternHit, n);

      if (astern_moment_compare (lived->before, from) < 0 || astern_moment_compare (lived->before, to) >= 0)
        continue;
      g_assert_cmpuint (n++, <, f->told->len);
      g_assert_cmpint (told->kind, ==, lived->kind);
      g_assert_cmpuint (told->cpu, ==, lived->cpu);
      g_assert_cmpuint (told->number, ==, lived->number);
      g_assert_cmphex (told->pc, ==, lived->pc);
      g_assert_cmpint (astern_moment_compare (told->before, lived->before), ==, 0);
      g_assert_cmpint (astern_moment_compare (told->after, lived->after), ==, 0);
    }
  g_assert_cmpuint (n, ==, f->told->len);
}

static void
a_trace_tells_exactly_what_was_lived_through (Fixture *f, gconstpointer unused)
{
  AsternMoment start = astern_timeline_start (f->debugger->timeline), head = present (f);
  AsternMoment from = { LENGTH / 3, 0 }, to = { LENGTH / 2, 0 };
  AsternTraceResult result;

  g_assert_cmpuint (f->lived->len, >, 20);
  g_assert_true (trace (f, start, head, 0, &result, NULL));
  told_is_lived (f, start, head);
  g_assert_true (result.whole);
  g_assert_cmpuint (result.n_hits, ==, f->lived->len);
  g_test_message ("%u instructions in %" G_GINT64_FORMAT " us", LENGTH, result.took_us);
  g_assert_true (trace (f, from, to, 0, &result, NULL));
  told_is_lived (f, from, to);
  g_assert_cmpuint (f->told->len, >, 2);
  g_assert_cmpuint (f->told->len, <, f->lived->len);
  g_test_message ("%u hits of %u", f->told->len, f->lived->len);
}

static void
the_head_stays_the_same (Fixture *f, gconstpointer unused)
{
  AsternMoment head = present (f);
  guint64 hash = astern_machine_hash (f->machine);
  guint marks = astern_timeline_marks (f->debugger->timeline);

  g_assert_true (trace (f, (AsternMoment) { 1000, 0 }, head, 0, NULL, NULL));
  g_assert_cmpint (astern_moment_compare (present (f), head), ==, 0);
  g_assert_false (astern_timeline_in_past (f->debugger->timeline));
  g_assert_cmphex (astern_machine_hash (f->machine), ==, hash);
  g_assert_cmpuint (astern_timeline_marks (f->debugger->timeline), ==, marks);
  g_assert_false (f->machine->muted);
  /* And so does what comes after it. */
  astern_timeline_run (f->debugger->timeline, (AsternMoment) { LENGTH + 500000, 0 });
  hash = astern_machine_hash (f->machine);
  go_to (f, head);
  go_to (f, (AsternMoment) { LENGTH + 500000, 0 });
  g_assert_cmphex (astern_machine_hash (f->machine), ==, hash);
}

static void
the_past_stays_the_same_and_nobody_hears_of_a_move (Fixture *f, gconstpointer unused)
{
  AsternMoment head = present (f), here = { LENGTH / 2 + 17, 0 };
  guint64 hash;

  go_to (f, here);
  hash = astern_machine_hash (f->machine);
  g_assert_true (trace (f, (AsternMoment) { 1000, 0 }, head, 0, NULL, NULL));
  g_assert_cmpint (astern_moment_compare (present (f), here), ==, 0);
  g_assert_cmphex (astern_machine_hash (f->machine), ==, hash);
  g_assert_cmpint (astern_moment_compare (astern_timeline_head (f->debugger->timeline), head), ==, 0);
  g_assert_cmpuint (astern_futures_count (astern_timeline_futures (f->debugger->timeline)), ==, 0);
  g_assert_cmpuint (f->n_stopped + f->n_running, ==, 0);
  g_assert_cmpuint (f->n_progress, >=, 2);
  g_assert_cmpfloat (f->progress, ==, 1);
}

static void
a_full_trace_ends (Fixture *f, gconstpointer unused)
{
  AsternMoment start = astern_timeline_start (f->debugger->timeline), head = present (f);
  guint64 hash = astern_machine_hash (f->machine);
  AsternTraceResult result;

  g_assert_true (trace (f, start, head, 7, &result, NULL));
  g_assert_cmpuint (f->told->len, ==, 7);
  g_assert_cmpuint (result.n_hits, ==, 7);
  g_assert_false (result.whole);
  told_is_lived (f, start, result.stretch.to);
  g_assert_cmphex (astern_machine_hash (f->machine), ==, hash);
}

static void
a_trace_that_is_given_up_leaves_the_present (Fixture *f, gconstpointer unused)
{
  AsternMoment start = astern_timeline_start (f->debugger->timeline), head = present (f);
  guint64 hash = astern_machine_hash (f->machine);
  AsternTraceResult result;
  g_autoptr (GError) error = NULL;

  f->give_up_at = 3;
  g_assert_false (trace (f, start, head, 0, &result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (result.whole);
  g_assert_cmpuint (f->told->len, >=, 3);
  g_assert_cmpuint (f->told->len, <, f->lived->len);
  g_assert_cmphex (astern_machine_hash (f->machine), ==, hash);
  /* The next one is not. */
  f->give_up_at = 0;
  g_assert_true (trace (f, start, head, 0, &result, NULL));
  told_is_lived (f, start, head);
}

static void
points_of_clients_are_left_alone (Fixture *f, gconstpointer unused)
{
  AsternPoint any = astern_trace_point (ASTERN_POINT_INTERRUPT);
  AsternPoint *point = astern_debugger_add_point (f->debugger, f->client, &any, NULL);

  g_assert_true (trace (f, astern_timeline_start (f->debugger->timeline), present (f), 0, NULL, NULL));
  g_assert_cmpuint (f->told->len, ==, f->lived->len);
  g_assert_cmpuint (point->hits, ==, 0);
  g_assert_true (point->enabled);
  g_assert_cmpuint (astern_points_count (f->machine->points), ==, 1);
  g_assert_cmpint (astern_points_mode (f->machine->points), ==, ASTERN_POINTS_OFF);
}

/* ---- the log ---- */

static void
count_logged (gpointer user, AsternEventKind kind, const char *text)
{
  ((guint *) user)[0]++;
}

static void
fail_logged (gpointer user, AsternEventKind kind, const char *text)
{
  g_assert_not_reached ();
}

static void
what_is_logged_is_the_traces_alone (Fixture *f, gconstpointer unused)
{
  AsternStretch stretch = { astern_timeline_start (f->debugger->timeline), present (f) };
  guint n = 0;
  AsternTraceRequest request = { .stretch = stretch, .hit = note_told, .user = &n, .logged = count_logged,
                                 .events = 1u << ASTERN_EVENT_INT };
  guint64 count;

  go_to (f, stretch.from);      /* so that going there logs nothing */
  astern_events_listen (&f->machine->events, 1u << ASTERN_EVENT_INT, fail_logged, NULL);
  count = f->machine->events.counts[ASTERN_EVENT_INT];
  g_assert_true (astern_debugger_trace (f->debugger, f->client, &request, NULL, NULL));
  g_test_message ("%u logged", n);
  g_assert_cmpuint (n, >, 20);
  g_assert_cmpuint (f->machine->events.counts[ASTERN_EVENT_INT], ==, count);
  g_assert_true (f->machine->events.listener == fail_logged);
  astern_events_listen (&f->machine->events, 0, NULL, NULL);
}

/* ---- counts ---- */

static gboolean
sum_it (gpointer user, const AsternHit *hit)
{
  ++*(guint64 *) user;
  return TRUE;
}

static void
executions_are_counted_by_address (Fixture *f, gconstpointer unused)
{
  AsternStretch stretch = { { LENGTH - 300000, 0 }, present (f) };
  AsternPoint page = astern_trace_point (ASTERN_POINT_EXECUTE);
  guint64 total = 0, one = 0, sum = 0;
  AsternTraceRequest request = { .stretch = stretch, .points = &page, .n_points = 1, .hit = sum_it, .user = &total };
  AsternExecutionCount most = { 0, 0 };
  AsternCodePlace code;
  g_autoptr (GArray) counts = NULL;
  g_autoptr (GError) error = NULL;
  AsternTraceResult result;

  f->machine->cpus[0]->klass->code_place (f->machine->cpus[0], &code);
  page.start = code.linear & ~(guint64) 0xffff;
  page.size = 0x10000;
  counts = astern_debugger_count_executions (f->debugger, f->client, stretch, page.start, page.start + page.size, &result, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < counts->len; i++)
    {
      AsternExecutionCount count = g_array_index (counts, AsternExecutionCount, i);

      sum += count.count;
      if (count.count > most.count)
        most = count;
    }
  g_test_message ("%" G_GUINT64_FORMAT " executions of %u instructions in %" G_GINT64_FORMAT " us", sum, counts->len, result.took_us);
  g_assert_true (astern_debugger_trace (f->debugger, f->client, &request, NULL, NULL));
  g_assert_cmpuint (sum, ==, total);
  g_assert_cmpuint (sum, >, 1000);
  page.start = most.address;
  page.size = 1;
  request.user = &one;
  g_assert_true (astern_debugger_trace (f->debugger, f->client, &request, NULL, NULL));
  g_assert_cmpuint (one, ==, most.count);
}

static void
pages_are_counted (Fixture *f, gconstpointer unused)
{
  AsternStretch stretch = { { 1000, 0 }, { LENGTH / 4, 0 } };
  guint64 hash = astern_machine_hash (f->machine), executions = 0, reads = 0, writes = 0;
  g_autoptr (GArray) heat = NULL;
  g_autoptr (GError) error = NULL;
  AsternTraceResult result;

  heat = astern_debugger_page_heat (f->debugger, f->client, stretch, &result, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < heat->len; i++)
    {
      AsternPageHeat *page = &g_array_index (heat, AsternPageHeat, i);

      g_assert_cmpuint (page->page & ASTERN_PAGE_MASK, ==, 0);
      g_assert_true (i == 0 || page->page > g_array_index (heat, AsternPageHeat, i - 1).page);
      executions += page->executions;
      reads += page->reads;
      writes += page->writes;
    }
  g_test_message ("%u pages, %" G_GUINT64_FORMAT " executions, %" G_GUINT64_FORMAT " reads, %" G_GUINT64_FORMAT " writes in %"
                  G_GINT64_FORMAT " us", heat->len, executions, reads, writes, result.took_us);
  /* Each instruction is one, but what repeats itself, and what faults, is not. */
  g_assert_cmpuint (executions, >, 500000);
  g_assert_cmpuint (executions, <, LENGTH + 10000);
  g_assert_cmpuint (reads, >, 1000);
  g_assert_cmpuint (writes, >, 1000);
  g_assert_cmphex (astern_machine_hash (f->machine), ==, hash);
}

/* ---- who set ---- */

static void
read_register (Fixture *f, guint cpu, guint reg, guint8 bytes[64])
{
  AsternCpu *c = f->machine->cpus[cpu];

  memset (bytes, 0, 64);
  c->sync_out (c);
  c->klass->read_register (c, reg, bytes);
}

/* One thing done: an instruction, or a delivery. */
static void
step_once (Fixture *f, AsternMoment from)
{
  AsternMoment next = { from.icount, from.step + 1 };

  go_to (f, next);      /* there may be none: then it is the next instruction's */
}

static void
who_set_stands_before_the_change (Fixture *f, gconstpointer unused)
{
  static const char *const names[] = { "rax", "rbx", "rcx", "rsp", "rip", "eflags", "cr2", "cr3", "cs" };
  const AsternCpuClass *klass = f->machine->cpus[0]->klass;
  guint n_found = 0, n_deliveries = 0;

  for (guint place = 0; place < 12; place += f->machine->n_cpus * 2 - 1)
    for (guint i = 0; i < G_N_ELEMENTS (names); i++)
      /* What hardly changes, and a CPU that sleeps, are looked for long. */
      for (guint cpu = 0; cpu < (i > 5 && place > 0 ? 0 : place == 0 && i >= 3 && i <= 4 ? f->machine->n_cpus : 1); cpu++)
        {
          gint reg = astern_cpu_find_register (klass, names[i]);
          const AsternHit *lived = &g_array_index (f->lived, AsternHit, f->lived->len - 1 - place);
          AsternMoment here = place % 2 ? lived->after : (AsternMoment) { lived->before.icount + place * 3, 0 }, there;
          guint8 now[64], before[64], after[64];
          g_autoptr (GError) error = NULL;

          g_assert_cmpint (reg, >=, 0);
          go_to (f, here);
          read_register (f, cpu, (guint) reg, now);
          g_assert_true (astern_debugger_who_set (f->debugger, f->client, cpu, (guint) reg, &error));
          g_assert_no_error (error);
          if (astern_debugger_last_stop (f->debugger)->why == ASTERN_WHY_START_OF_HISTORY)
            continue;
          g_assert_cmpint (astern_debugger_last_stop (f->debugger)->why, ==, ASTERN_WHY_MOVED);
          there = present (f);
          g_assert_cmpint (astern_moment_compare (there, here), <, 0);
          read_register (f, cpu, (guint) reg, before);
          g_assert_true (memcmp (before, now, klass->registers[reg].bits / 8) != 0);
          step_once (f, there);
          n_deliveries += present (f).icount == there.icount;
          read_register (f, cpu, (guint) reg, after);
          g_assert_cmpmem (after, klass->registers[reg].bits / 8, now, klass->registers[reg].bits / 8);
          n_found++;
        }
  g_assert_cmpuint (n_found, >, 20);
  g_test_message ("%u found, %u of them deliveries", n_found, n_deliveries);
  g_assert_cmpuint (n_deliveries, >, 0);
}

static void
who_set_comes_to_the_last_change (Fixture *f, gconstpointer unused)
{
  gint reg = astern_cpu_find_register (f->machine->cpus[0]->klass, "rax");
  AsternMoment here, there;
  guint8 now[64], then[64];

  go_to (f, (AsternMoment) { LENGTH / 2, 0 });
  here = present (f);
  read_register (f, 0, (guint) reg, now);
  g_assert_true (astern_debugger_who_set (f->debugger, f->client, 0, (guint) reg, NULL));
  there = present (f);
  /* From there on it has not changed. */
  for (guint64 at = there.icount + 1; at <= here.icount; at++)
    {
      go_to (f, (AsternMoment) { at, 0 });
      read_register (f, 0, (guint) reg, then);
      g_assert_cmpmem (then, 8, now, 8);
    }
}

static void
who_set_finds_what_a_user_has_set (Fixture *f, gconstpointer unused)
{
  gint reg = astern_cpu_find_register (f->machine->cpus[0]->klass, "r15");
  guint64 value = 0x123456789abcdef0;
  AsternMoment before = present (f);
  guint8 then[64];

  g_assert_true (astern_debugger_write_register (f->debugger, 0, (guint) reg, &value, NULL));
  g_assert_true (astern_debugger_who_set (f->debugger, f->client, 0, (guint) reg, NULL));
  g_assert_cmpint (astern_debugger_last_stop (f->debugger)->why, ==, ASTERN_WHY_MOVED);
  read_register (f, 0, (guint) reg, then);
  g_assert_true (memcmp (then, &value, 8) != 0);
  g_assert_cmpuint (present (f).icount, ==, before.icount);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(smp, name, test) g_test_add ("/trace/" smp "/" name, Fixture, smp, set_up, test, tear_down)
  ADD ("1", "a-trace-tells-exactly-what-was-lived-through", a_trace_tells_exactly_what_was_lived_through);
  ADD ("2", "a-trace-tells-exactly-what-was-lived-through", a_trace_tells_exactly_what_was_lived_through);
  ADD ("1", "the-head-stays-the-same", the_head_stays_the_same);
  ADD ("2", "the-head-stays-the-same", the_head_stays_the_same);
  ADD ("1", "the-past-stays-the-same-and-nobody-hears-of-a-move", the_past_stays_the_same_and_nobody_hears_of_a_move);
  ADD ("1", "a-full-trace-ends", a_full_trace_ends);
  ADD ("1", "a-trace-that-is-given-up-leaves-the-present", a_trace_that_is_given_up_leaves_the_present);
  ADD ("1", "points-of-clients-are-left-alone", points_of_clients_are_left_alone);
  ADD ("1", "what-is-logged-is-the-traces-alone", what_is_logged_is_the_traces_alone);
  ADD ("1", "executions-are-counted-by-address", executions_are_counted_by_address);
  ADD ("1", "pages-are-counted", pages_are_counted);
  ADD ("1", "who-set-stands-before-the-change", who_set_stands_before_the_change);
  ADD ("2", "who-set-stands-before-the-change", who_set_stands_before_the_change);
  ADD ("1", "who-set-comes-to-the-last-change", who_set_comes_to_the_last_change);
  ADD ("1", "who-set-finds-what-a-user-has-set", who_set_finds_what_a_user_has_set);
  return g_test_run ();
}
