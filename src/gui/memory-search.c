/* memory-search.c - see memory-search.h.
 *
 * Two passes: first where there is anything, then the bytes there.  Each is done in pieces of PIECE_US, between which the machine
 * goes on; a search is the machine's thread's while it works, and the main thread's between. */
#include "config.h"

#include "gui/memory-search.h"

#include "arch/x86/features.h"
#include "arch/x86/page-tables.h"
#include "core/bus.h"
#include "gui/memory-fetch.h"

#include <string.h>

#define PIECE_US   8000
#define BLOCK      (256 * 1024)
/* Walks at once, and all together: tables that lead in circles map without end. */
#define WALKS      2000
#define MOST_WALKS (G_GUINT64_CONSTANT (1) << 24)

typedef struct
{
  guint64 start, last;        /* both included */
} Range;

struct _AsternMemorySearch
{
  AsternRun               *run;
  AsternMemorySearchWhat   what;
  AsternMemorySearchFuncs  funcs;
  gpointer                 user;
  gint                     cancelled;      /* atomic */

  GArray                  *ranges;         /* Range, ascending */
  gboolean                 listed;         /* they are complete */
  guint64                  next;           /* to be listed next */
  guint64                  walks;
  guint                    range;          /* the one that is searched, counted in the direction of the search */
  guint64                  at;             /* forward: the next start of a match; backward: the one after it */
  gboolean                 begun;          /* ... in this range */
  double                   total, done;    /* bytes */
  gboolean                 finished, found;
  guint64                  address;
  guint8                  *block;
};

static void
free_search (gpointer data)
{
  AsternMemorySearch *search = data;

  g_array_unref (search->ranges);
  g_free (search->block);
  g_object_unref (search->run);
}

static void
unref (gpointer search)
{
  g_atomic_rc_box_release_full (search, free_search);
}

/* ---- where there is anything ---- */

/* Of [start, last], what lies in the direction of the search. */
static void
add_range (AsternMemorySearch *search, guint64 start, guint64 last)
{
  Range *before = search->ranges->len > 0 ? &g_array_index (search->ranges, Range, search->ranges->len - 1) : NULL;
  Range range = { start, last };

  if (!search->what.backward)
    range.start = MAX (start, search->what.from);
  if (range.start > range.last)
    return;
  search->total += (double) (range.last - range.start) + 1;
  if (before != NULL && before->last + 1 == range.start)
    before->last = range.last;
  else
    g_array_append_val (search->ranges, range);
}

static guint64
read_entry (gpointer owner, guint64 physical, guint size)
{
  const AsternCpu *cpu = owner;
  const X86State *state = cpu->state;
  AsternAccess access = {
    .address = { state->a20 ? physical : physical & ~(G_GUINT64_CONSTANT (1) << 20) },
    .size = (guint8) size, .kind = ASTERN_ACCESS_READ, .origin = ASTERN_ORIGIN_DEBUGGER,
  };

  return astern_bus_read (cpu->machine->physical, &access);
}

typedef struct
{
  AsternMemorySearch *search;
  AsternBus          *bus;
} Listing;

/* Of large pages only what has memory behind it: many a system maps all of 4 GiB. */
static gboolean
visit_page (const X86Mapping *mapping, gpointer data)
{
  const Listing *listing = data;
  guint64 size = G_GUINT64_CONSTANT (1) << mapping->page_bits, n;

  for (guint64 at = 0; at < size; at += n)
    {
      AsternRoute route;

      astern_bus_route (listing->bus, mapping->physical + at, &route);
      n = MIN (size - at, route.end - (mapping->physical + at));
      n = n == 0 ? size - at : n;
      if (route.read.kind == ASTERN_TARGET_MEMORY)
        add_range (listing->search, mapping->linear + at, mapping->linear + at + (n - 1));
    }
  return TRUE;
}

static void
list_linear (AsternMemorySearch *search, AsternSession *session, AsternCpu *cpu)
{
  const X86State *state = cpu->state;
  X86Walker walker = {
    .owner = cpu, .read = read_entry,
    .gigabyte_pages = astern_launch_features (session->launch)->has[X86_FEATURE_PDPE1GB],
  };
  Listing listing = { search, cpu->machine->physical };
  guint64 to = search->what.backward && search->what.from > 0 ? search->what.from - 1 : G_MAXUINT64, reached = 0;

  if (x86_long_mode (state) && !x86_is_canonical (search->next))
    search->next = G_MAXUINT64 << (X86_LINEAR_BITS - 1);
  search->walks += WALKS;
  search->listed = x86_page_tables_foreach (state, &walker, search->next, to, WALKS, visit_page, &listing, &reached) ||
                   reached <= search->next || search->walks > MOST_WALKS;
  search->next = reached;
}

static void
visit_memory (guint64 start, guint64 end, const char *name, const AsternTarget *read, const AsternTarget *write, gpointer data)
{
  AsternMemorySearch *search = data;

  if (read->kind == ASTERN_TARGET_MEMORY && (end > start || end == 0) && (!search->what.backward || start < search->what.from))
    add_range (search, start, end - 1);
}

static void
list (AsternMemorySearch *search, AsternSession *session)
{
  AsternMachine *machine = session->launch->machine;
  AsternCpu *cpu = machine->cpus[MIN (search->what.cpu, machine->n_cpus - 1)];

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  if (search->what.space == ASTERN_SPACE_LINEAR && (((const X86State *) cpu->state)->cr0 & X86_CR0_PG))
    list_linear (search, session, cpu);
  else
    {
      astern_bus_foreach (machine->physical, visit_memory, search);
      search->listed = TRUE;
    }
}

/* ---- the bytes ---- */

static void
finish (AsternMemorySearch *search, gboolean found, guint64 address)
{
  search->finished = TRUE;
  search->found = found;
  search->address = address;
}

static void
next_range (AsternMemorySearch *search)
{
  search->range++;
  search->begun = FALSE;
}

static void
look_forward (AsternMemorySearch *search, AsternSession *session, const Range *range)
{
  gsize want, got, size = search->what.pattern.size;
  gssize found;

  if (!search->begun)
    search->at = range->start;
  search->begun = TRUE;
  want = range->last - search->at < BLOCK - 1 ? (gsize) (range->last - search->at) + 1 : BLOCK;
  got = astern_memory_read (session, search->what.cpu, search->what.space, search->at, search->block, want);
  found = astern_memory_pattern_find (&search->what.pattern, search->block, got, FALSE);
  if (found >= 0)
    {
      finish (search, TRUE, search->at + (gsize) found);
      return;
    }
  /* Behind a hole, on with the next page; else with what may be the beginning of a match. */
  want = got < want ? got + ASTERN_PAGE_SIZE - (gsize) ((search->at + got) & ASTERN_PAGE_MASK) : got >= size ? got - (size - 1) : got;
  search->done += (double) want;
  if (range->last - search->at < want || (got < BLOCK && range->last - search->at == got - 1))
    next_range (search);
  else
    search->at += want;
}

/* Matches that begin in [from, at); their ends may lie behind. */
static void
look_back (AsternMemorySearch *search, AsternSession *session, const Range *range)
{
  gsize got, size = search->what.pattern.size, starts, want;
  guint64 from;
  gssize found;

  if (!search->begun)
    search->at = range->last < search->what.from ? range->last + 1 : search->what.from;
  search->begun = TRUE;
  starts = search->at - range->start < BLOCK - size ? (gsize) (search->at - range->start) : BLOCK - size;
  from = search->at - starts;
  want = range->last - from < starts + size - 2 ? (gsize) (range->last - from) + 1 : starts + size - 1;
  for (gsize done = 0; done < want;)
    {
      got = astern_memory_read (session, search->what.cpu, search->what.space, from + done, search->block, want - done);
      found = astern_memory_pattern_find (&search->what.pattern, search->block, got, TRUE);
      if (found >= 0 && (!search->found || from + done + (gsize) found > search->address))
        {
          search->found = TRUE;
          search->address = from + done + (gsize) found;
        }
      done += got < want - done ? got + ASTERN_PAGE_SIZE - (gsize) ((from + done + got) & ASTERN_PAGE_MASK) : got;
    }
  if (search->found)
    finish (search, TRUE, search->address);
  search->done += (double) starts;
  search->at = from;
  if (from == range->start)
    next_range (search);
}

static gboolean
in_reach (AsternMemorySearch *search, const Range *range)
{
  return search->what.backward ? range->start < search->what.from : TRUE;
}

static void
look (AsternMemorySearch *search, AsternSession *session)
{
  guint n = search->ranges->len;
  const Range *range;

  if (search->range >= n)
    {
      finish (search, FALSE, 0);
      return;
    }
  range = &g_array_index (search->ranges, Range, search->what.backward ? n - 1 - search->range : search->range);
  if (!in_reach (search, range))
    next_range (search);
  else if (search->what.backward)
    look_back (search, session, range);
  else
    look_forward (search, session, range);
}

/* ---- back and forth between the threads ---- */

static void post (AsternMemorySearch *search);

static gboolean
report (gpointer data)
{
  AsternMemorySearch *search = data;

  if (g_atomic_int_get (&search->cancelled))
    return G_SOURCE_REMOVE;
  if (!search->finished)
    {
      search->funcs.progress (search->user, search->listed && search->total > 0 ? MIN (1, search->done / search->total) : 0);
      post (search);
      return G_SOURCE_REMOVE;
    }
  search->funcs.done (search->user, search->found, search->address);
  unref (search);
  return G_SOURCE_REMOVE;
}

/* The machine's thread. */
static void
work (AsternSession *session, gpointer data)
{
  AsternMemorySearch *search = data;
  gint64 until_us = g_get_monotonic_time () + PIECE_US;

  do
    if (!search->listed)
      list (search, session);
    else
      look (search, session);
  while (!search->finished && !g_atomic_int_get (&search->cancelled) && g_get_monotonic_time () < until_us);
  g_idle_add_full (G_PRIORITY_DEFAULT, report, g_atomic_rc_box_acquire (search), unref);
}

static void
post (AsternMemorySearch *search)
{
  astern_run_call (search->run, work, g_atomic_rc_box_acquire (search), unref);
}

AsternMemorySearch *
astern_memory_search_begin (AsternRun *run, const AsternMemorySearchWhat *what, const AsternMemorySearchFuncs *funcs, gpointer user)
{
  AsternMemorySearch *search = g_atomic_rc_box_new0 (AsternMemorySearch);

  search->run = g_object_ref (run);
  search->what = *what;
  search->funcs = *funcs;
  search->user = user;
  search->ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  search->next = what->backward ? 0 : what->from;
  search->block = g_malloc (BLOCK);
  post (search);
  return search;
}

void
astern_memory_search_cancel (AsternMemorySearch *search)
{
  g_atomic_int_set (&search->cancelled, 1);
  unref (search);
}
