/* test-walk - random moves forward and back through a run, and the states they come to.
 *
 * Wherever a move ends, the machine's state is hashed.  A moment has the same hash each time; and at the end a second
 * machine without a history is run straight forward, from one of those moments to the next, and has the same hashes.
 * Where a point was met going forward, going back over it and forward again comes to the same moment.
 *
 * Alone it walks through the demo guest, on one CPU and on three.  By hand:
 *   test-walk --moves 10000 --seed 1 --head 30000000 [OPTION OF astern run...]
 * walks through that run, up to the given moment and a little beyond; without -kernel it is the demo guest.
 *
 * Left out: points at exceptions, where the attempt has been made already (core/points.h); moves out of a function, which
 * take all of the run where there is none. */
#include "config.h"

#include "core/debugger.h"

#include "tests/launch/demo-guest.h"

#include <stdlib.h>
#include <string.h>

#define N_PLACES 512
#define MOST_PARTS 64

typedef struct
{
  AsternMoment moment;
  guint64      hash;
  guint        n_parts;
  guint64      parts[];
} Visit;

typedef struct
{
  guint        moves;
  guint32      seed;
  guint64      head;
  gboolean     verbose;
} Plan;

/* What the next move has to come to. */
typedef enum { WISH_NONE, WISH_BACK, WISH_AGAIN } Wish;

typedef struct
{
  Plan            plan;
  DemoGuest       guest;
  AsternMachine  *machine;
  AsternDebugger *debugger;
  AsternTimeline *timeline;
  AsternClient   *client;
  GRand          *random;
  GHashTable     *visits;            /* Visit by its moment */
  guint64         code[N_PLACES], stack[N_PLACES];   /* linear addresses where it stood */
  guint           n_places;
  guint           done, back, at_points;
  AsternMoment    from;              /* of the move under way */
  AsternMoveRequest request;
  AsternDebuggerStop stop;           /* its end */
  AsternPoint    *point;             /* of the move under way, or NULL */
  AsternPoint     meant;
  Wish            wish;
  AsternMoment    met;               /* for WISH_AGAIN */
  gboolean        bad;
} Walk;

static gboolean
start_guest (DemoGuest *guest, const char *const *args)
{
  g_autoptr (GError) error = NULL;

  if (!demo_guest_launch (guest, args, &error))
    g_printerr ("%s\n", error->message);
  return error == NULL;
}

/* ---- where it was ---- */

static guint
moment_hash (gconstpointer key)
{
  const AsternMoment *moment = key;

  return (guint) (moment->icount * 31 + moment->step);
}

static gboolean
moment_equal (gconstpointer a, gconstpointer b)
{
  return astern_moment_compare (*(const AsternMoment *) a, *(const AsternMoment *) b) == 0;
}

typedef struct { guint64 hashes[MOST_PARTS]; guint n; const Visit *compared; } Parts;

static void
note_part (const char *name, guint64 hash, gpointer data)
{
  Parts *parts = data;

  g_assert_cmpuint (parts->n, <, MOST_PARTS);
  if (parts->compared != NULL && parts->n < parts->compared->n_parts && parts->compared->parts[parts->n] != hash)
    g_print ("#   differs: %s\n", name);
  parts->hashes[parts->n++] = hash;
}

static Visit *
visit_now (AsternMachine *machine)
{
  Parts parts = { .n = 0 };
  Visit *visit;

  astern_machine_hash_parts (machine, note_part, &parts);
  visit = g_malloc (sizeof *visit + parts.n * sizeof (guint64));
  visit->moment = astern_clock_moment (&machine->clock);
  visit->hash = astern_machine_hash (machine);
  visit->n_parts = parts.n;
  memcpy (visit->parts, parts.hashes, parts.n * sizeof (guint64));
  return visit;
}

static const char *
move_text (Walk *walk, char text[256])
{
  char from[ASTERN_MOMENT_TEXT], to[ASTERN_MOMENT_TEXT];

  g_snprintf (text, 256, "move %u: %s x%" G_GUINT64_FORMAT " on CPU %u (point kind %d at %" G_GINT64_MODIFIER "x), from %s to %s, why %d %s",
              walk->done, astern_moves[walk->request.move].command, MAX (walk->request.count, 1), walk->request.cpu,
              walk->point != NULL ? (int) walk->meant.kind : -1, walk->point != NULL ? walk->meant.start : walk->request.address,
              astern_moment_format (walk->from, from), astern_moment_format (walk->stop.moment, to), (int) walk->stop.why,
              walk->stop.message);
  return text;
}

static void G_GNUC_PRINTF (2, 3)
complain (Walk *walk, const char *format, ...)
{
  g_autofree char *text = NULL;
  char move[256];
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  g_print ("# %s\n#   %s\n", text, move_text (walk, move));
  walk->bad = TRUE;
}

static void
look_around (Walk *walk)
{
  AsternCpu *cpu = walk->machine->cpus[MIN (walk->stop.cpu, walk->machine->n_cpus - 1)];
  Visit *visit = visit_now (walk->machine);
  const Visit *known = g_hash_table_lookup (walk->visits, &visit->moment);
  guint place = walk->n_places < N_PLACES ? walk->n_places++ : (guint) g_rand_int_range (walk->random, 0, N_PLACES);
  AsternCodePlace code;

  cpu->klass->code_place (cpu, &code);
  walk->code[place] = code.linear;
  walk->stack[place] = cpu->klass->stack_linear (cpu);
  if (known == NULL)
    g_hash_table_insert (walk->visits, &visit->moment, visit);
  else
    {
      if (known->hash != visit->hash)
        {
          Parts parts = { .compared = known };

          complain (walk, "another state than at the first visit");
          astern_machine_hash_parts (walk->machine, note_part, &parts);
        }
      g_free (visit);
    }
}

/* ---- what a move must come to ---- */

/* Where forward execution was before, and what it met. */
static void
check_wish (Walk *walk)
{
  gboolean met = walk->stop.why == ASTERN_WHY_POINT;

  switch (walk->wish)
    {
    case WISH_BACK:
      if (!met && walk->stop.why != ASTERN_WHY_START_OF_HISTORY)
        complain (walk, "going back over the point met neither it nor the start");
      walk->wish = WISH_AGAIN;
      break;
    case WISH_AGAIN:
      if (!met || astern_moment_compare (walk->stop.moment, walk->met) != 0)
        {
          char there[ASTERN_MOMENT_TEXT];

          complain (walk, "forward again, the point should be met at %s", astern_moment_format (walk->met, there));
        }
      walk->wish = WISH_NONE;
      break;
    default:
      if (met && walk->request.move == ASTERN_MOVE_CONTINUE && g_rand_int_range (walk->random, 0, 3) == 0)
        {
          walk->met = walk->stop.moment;
          walk->wish = WISH_BACK;
        }
      break;
    }
}

static void
check_move (Walk *walk)
{
  int order = astern_moment_compare (walk->stop.moment, walk->from);
  gboolean back = walk->request.move >= ASTERN_MOVE_STEP_BACK && walk->request.move <= ASTERN_MOVE_RUN_BACK_TO;
  AsternCodePlace code;

  if (walk->stop.why >= ASTERN_WHY_CANCELLED)
    complain (walk, "a move failed");
  if (back ? order > 0 || (order == 0 && walk->stop.why != ASTERN_WHY_START_OF_HISTORY)
           : walk->request.move < ASTERN_MOVE_STEP_BACK && order < 0)
    complain (walk, "a move went the wrong way");
  if (walk->stop.why == ASTERN_WHY_POINT && walk->meant.kind == ASTERN_POINT_EXECUTE)
    {
      AsternCpu *cpu = walk->machine->cpus[walk->stop.cpu];

      cpu->klass->code_place (cpu, &code);
      if (code.linear != walk->meant.start)
        complain (walk, "it does not stand at the point, but at %" G_GINT64_MODIFIER "x", code.linear);
    }
  walk->back += order < 0;
  walk->at_points += walk->stop.why == ASTERN_WHY_POINT;
  check_wish (walk);
}

/* ---- choosing ---- */

static guint
draw (Walk *walk, guint n)
{
  return (guint) g_rand_int_range (walk->random, 0, (gint32) n);
}

static guint64
draw_address (Walk *walk, const guint64 *places)
{
  return places[draw (walk, walk->n_places)];
}

static void
add_point (Walk *walk)
{
  static const AsternPointKind kinds[] = {
    ASTERN_POINT_EXECUTE, ASTERN_POINT_EXECUTE, ASTERN_POINT_EXECUTE, ASTERN_POINT_MEMORY, ASTERN_POINT_MEMORY,
    ASTERN_POINT_INTERRUPT, ASTERN_POINT_CONTROL, ASTERN_POINT_SYSCALL, ASTERN_POINT_PORT,
  };
  AsternPoint point = { .kind = kinds[draw (walk, G_N_ELEMENTS (kinds))], .start = ASTERN_POINT_ANY, .size = 1,
                        .address_space = ASTERN_POINT_ANY, .error_code = ASTERN_POINT_ANY, .cpu = ASTERN_POINT_ANY, .enabled = TRUE };

  if (point.kind == ASTERN_POINT_EXECUTE)
    point.start = draw_address (walk, walk->code);
  if (point.kind == ASTERN_POINT_MEMORY)
    {
      point.start = draw_address (walk, walk->stack) - 8 * draw (walk, 4);
      point.size = 8;
      point.access = draw (walk, 2) ? ASTERN_POINT_WRITE : ASTERN_POINT_READ | ASTERN_POINT_WRITE;
      if (astern_debugger_translate (walk->debugger, 0, point.start, &point.start))
        point.space = ASTERN_SPACE_PHYSICAL;
    }
  walk->meant = point;
  walk->point = astern_debugger_add_point (walk->debugger, walk->client, &point, NULL);
}

static AsternMoment
draw_moment (Walk *walk)
{
  guint64 head = astern_timeline_head (walk->timeline).icount, now = walk->machine->clock.s.icount;
  gint64 near = g_rand_int_range (walk->random, -2000, 2000);
  AsternMoment moment = { .step = draw (walk, 3) == 0 ? draw (walk, 3) : 0 };

  if (draw (walk, 2))
    moment.icount = (guint64) (g_rand_double (walk->random) * (double) head);
  else
    moment.icount = (guint64) CLAMP ((gint64) now + near, 0, (gint64) head);
  if (moment.icount == head)
    moment = astern_timeline_head (walk->timeline);
  return moment;
}

/* At the head it may go on, but not too far. */
static AsternMove
draw_move (Walk *walk)
{
  static const struct { AsternMove move; guint weight; } odds[] = {
    { ASTERN_MOVE_STEP, 20 }, { ASTERN_MOVE_STEP_BACK, 20 }, { ASTERN_MOVE_CONTINUE, 20 }, { ASTERN_MOVE_CONTINUE_BACK, 20 },
    { ASTERN_MOVE_GOTO, 15 }, { ASTERN_MOVE_STEP_OVER, 8 }, { ASTERN_MOVE_OVER_BACK, 8 }, { ASTERN_MOVE_RUN_TO, 6 },
    { ASTERN_MOVE_RUN_BACK_TO, 6 }, { ASTERN_MOVE_TO_START, 1 }, { ASTERN_MOVE_TO_END, 2 },
  };
  guint sum = 0, drawn;

  for (guint i = 0; i < G_N_ELEMENTS (odds); i++)
    sum += odds[i].weight;
  drawn = draw (walk, sum);
  for (guint i = 0; i < G_N_ELEMENTS (odds); i++)
    {
      if (drawn < odds[i].weight)
        return odds[i].move == ASTERN_MOVE_RUN_TO && !astern_timeline_in_past (walk->timeline) ? ASTERN_MOVE_STEP_BACK : odds[i].move;
      drawn -= odds[i].weight;
    }
  g_assert_not_reached ();
}

static void next (AsternDebugger *debugger, gpointer data);

static void
begin (Walk *walk)
{
  AsternMoveRequest *request = &walk->request;
  AsternMoment stop_at = { astern_timeline_head (walk->timeline).icount + 1 + draw (walk, 20000), 0 };
  g_autoptr (GError) error = NULL;

  if (walk->wish == WISH_NONE)
    *request = (AsternMoveRequest) { .move = draw_move (walk), .cpu = walk->machine->running_cpu };
  else
    request->move = walk->wish == WISH_BACK ? ASTERN_MOVE_CONTINUE_BACK : ASTERN_MOVE_CONTINUE;
  if (draw (walk, 8) == 0)       /* perhaps one that has not begun to run: to the end of history, or to its start */
    request->cpu = draw (walk, walk->machine->n_cpus);
  request->count = draw (walk, 4) == 0 ? 1 + draw (walk, 20) : 1;
  request->into_interrupts = draw (walk, 4) == 0;
  if (walk->wish == WISH_NONE && (request->move == ASTERN_MOVE_CONTINUE || request->move == ASTERN_MOVE_CONTINUE_BACK))
    add_point (walk);
  if (request->move == ASTERN_MOVE_RUN_TO || request->move == ASTERN_MOVE_RUN_BACK_TO)
    request->address = draw_address (walk, walk->code);
  if (request->move == ASTERN_MOVE_GOTO)
    request->moment = draw_moment (walk);
  astern_debugger_set_stop_at (walk->debugger, stop_at);
  walk->from = astern_timeline_present (walk->timeline);
  if (!astern_debugger_move (walk->debugger, walk->client, request, &error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))      /* the guest has ended: only back */
        complain (walk, "a move was refused: %s", error->message);
      astern_debugger_call (walk->debugger, next, walk, NULL);
    }
}

static void
next (AsternDebugger *debugger, gpointer data)
{
  Walk *walk = data;

  if (walk->point != NULL && walk->wish == WISH_NONE)
    {
      astern_debugger_remove_point (debugger, walk->point);
      walk->point = NULL;
      memset (&walk->meant, 0xff, sizeof walk->meant);
    }
  if (walk->done == walk->plan.moves || walk->bad)
    {
      astern_debugger_quit (debugger);
      return;
    }
  walk->done++;
  begin (walk);
}

static void
on_stopped (gpointer data, const AsternDebuggerStop *stop)
{
  Walk *walk = data;
  char text[256];

  walk->stop = *stop;
  if (walk->plan.verbose)
    g_print ("# %s\n", move_text (walk, text));
  if (walk->done > 0)
    check_move (walk);
  look_around (walk);
  astern_debugger_call (walk->debugger, next, walk, NULL);
}

/* ---- the walk, and the way straight there ---- */

static void
go_to_head (AsternDebugger *debugger, gpointer data)
{
  Walk *walk = data;
  AsternMoveRequest request = { .move = ASTERN_MOVE_CONTINUE };

  astern_debugger_set_stop_at (debugger, (AsternMoment) { walk->plan.head, 0 });
  astern_debugger_move (debugger, walk->client, &request, NULL);
}

static void
walk_about (Walk *walk)
{
  static const AsternClientFuncs funcs = { .name = "walk", .stopped = on_stopped };
  const AsternTimelineOptions history = { .budget_bytes = walk->guest.options->history_bytes };

  walk->machine = walk->guest.launch->machine;
  walk->random = g_rand_new_with_seed (walk->plan.seed);
  walk->visits = g_hash_table_new_full (moment_hash, moment_equal, NULL, g_free);
  walk->debugger = astern_debugger_new (walk->machine, &history, NULL);
  walk->timeline = astern_debugger_timeline (walk->debugger);
  walk->client = astern_debugger_attach (walk->debugger, &funcs, walk);
  astern_debugger_hold (walk->debugger, walk->client);
  astern_debugger_call (walk->debugger, go_to_head, walk, NULL);
  astern_debugger_serve (walk->debugger);
  astern_debugger_detach (walk->debugger, walk->client);
  g_clear_object (&walk->debugger);
  g_rand_free (walk->random);
}

static int
compare_visits (gconstpointer a, gconstpointer b)
{
  return astern_moment_compare ((*(const Visit *const *) a)->moment, (*(const Visit *const *) b)->moment);
}

/* A machine that never goes back comes to each of the moments, and is the same there. */
static gboolean
is_as_going_straight (Walk *walk, AsternMachine *straight)
{
  static const AsternTimelineOptions none = { .budget_bytes = 0 };
  AsternTimeline *timeline = astern_timeline_new (straight, &none);
  g_autoptr (GPtrArray) visits = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer each;
  guint bad = 0;

  g_hash_table_iter_init (&iter, walk->visits);
  while (g_hash_table_iter_next (&iter, NULL, &each))
    g_ptr_array_add (visits, each);
  g_ptr_array_sort (visits, compare_visits);
  for (guint i = 0; i < visits->len && bad < 5; i++)
    {
      const Visit *visit = g_ptr_array_index (visits, i);
      char text[ASTERN_MOMENT_TEXT], there[ASTERN_MOMENT_TEXT];
      AsternMoment now;

      if (i > 0 || visit->moment.icount > 0)
        astern_timeline_run (timeline, visit->moment);
      now = astern_clock_moment (&straight->clock);
      if (astern_moment_compare (now, visit->moment) == 0 && astern_machine_hash (straight) == visit->hash)
        continue;
      bad++;
      g_print ("# %s: going straight there is another state, at %s\n", astern_moment_format (visit->moment, text),
               astern_moment_format (now, there));
      {
        Parts parts = { .compared = visit };

        astern_machine_hash_parts (straight, note_part, &parts);
      }
    }
  g_print ("# %u moves, %u of them back, %u to a point; %u moments\n", walk->done, walk->back, walk->at_points, visits->len);
  astern_timeline_free (timeline);
  return bad == 0;
}

static gboolean
walk_through (const Plan *plan, const char *const *args)
{
  Walk walk = { .plan = *plan };
  DemoGuest straight = { .launch = NULL };
  gboolean good = start_guest (&walk.guest, args);

  if (good)
    {
      walk_about (&walk);
      good = !walk.bad && start_guest (&straight, args) && is_as_going_straight (&walk, straight.launch->machine);
      g_hash_table_unref (walk.visits);
    }
  demo_guest_stop (&straight);
  demo_guest_stop (&walk.guest);
  return good;
}

/* ---- */

static gboolean
walk_through_demo (const Plan *plan, const char *cpus)
{
  const char *args[] = { "-m", "32", "-nographic", "-serial", "null", "-monitor", "none", "-seed", "1",
                         "-rtc", "base=2026-01-01T00:00:00", "-icount", "sleep=off", "-smp", cpus, NULL };

  return walk_through (plan, args);
}

int
main (int argc, char **argv)
{
  Plan plan = { .moves = 300, .seed = 1, .head = 8000000 };
  g_auto (GStrv) rest = NULL;
  gint moves = (gint) plan.moves, seed = 1;
  const GOptionEntry entries[] = {
    { "moves", 0, 0, G_OPTION_ARG_INT, &moves, "how many", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "which", "N" },
    { "head", 0, 0, G_OPTION_ARG_INT64, &plan.head, "run to here first", "ICOUNT" },
    { "verbose", 0, 0, G_OPTION_ARG_NONE, &plan.verbose, "say each move", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &rest, NULL, "-- OPTION OF astern run..." },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  plan.moves = (guint) moves;
  plan.seed = (guint32) seed;
  if (rest != NULL)
    {
      gboolean good = walk_through (&plan, (const char *const *) rest);

      g_print ("1..1\n%s 1 - a walk\n", good ? "ok" : "not ok");
      return !good;
    }
  g_print ("1..2\n");
  for (guint i = 0; i < 2; i++)
    g_print ("%s %u - random moves come to where straight ones come, CPUs: %s\n",
             walk_through_demo (&plan, i == 0 ? "1" : "3") ? "ok" : "not ok", i + 1, i == 0 ? "1" : "3");
  return 0;
}
