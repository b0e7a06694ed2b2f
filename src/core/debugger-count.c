/* debugger-count.c - how often instructions were executed and pages used in a stretch of the past; see debugger-trace.h. */
#include "config.h"

#include "core/debugger-trace.h"

#include "core/debugger-private.h"

#include <glib/gi18n.h>

/* ---- executions ---- */

typedef struct
{
  guint64  start, size;
  guint64 *counts;         /* of each byte */
} Executions;

static gboolean
count_execution (gpointer user, const AsternHit *hit)
{
  Executions *executions = user;

  if (hit->pc - executions->start < executions->size)
    executions->counts[hit->pc - executions->start]++;
  return TRUE;
}

GArray *
astern_debugger_count_executions (AsternDebugger *debugger, AsternClient *client, AsternStretch stretch, guint64 start,
                                  guint64 end, AsternTraceResult *result, GError **error)
{
  AsternPoint place = astern_trace_point (ASTERN_POINT_EXECUTE);
  g_autofree guint64 *counts = NULL;
  Executions executions = { .start = start, .size = end - start };
  AsternTraceRequest request = { .stretch = stretch, .points = &place, .n_points = 1, .hit = count_execution, .user = &executions };
  GArray *found;

  if (end <= start || end - start > ASTERN_MAX_COUNTED_BYTES)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("Executions are counted in one mebibyte of code at most."));
      return NULL;
    }
  place.space = ASTERN_SPACE_LINEAR;
  place.start = start;
  place.size = end - start;
  executions.counts = counts = g_new0 (guint64, end - start);
  if (!astern_debugger_trace (debugger, client, &request, result, error))
    return NULL;
  found = g_array_new (FALSE, FALSE, sizeof (AsternExecutionCount));
  for (guint64 i = 0; i < executions.size; i++)
    {
      AsternExecutionCount count = { start + i, counts[i] };

      if (count.count != 0)
        g_array_append_val (found, count);
    }
  return found;
}

/* ---- pages ---- */

typedef struct
{
  GHashTable     *pages;   /* by number; AsternPageHeat */
  AsternPageHeat *last;    /* (nullable) accesses mostly stay in a page */
} Heat;

static AsternPageHeat *
heat_of (Heat *heat, guint64 physical)
{
  guint64 page = physical & ~ASTERN_PAGE_MASK;

  if (heat->last != NULL && heat->last->page == page)
    return heat->last;
  heat->last = g_hash_table_lookup (heat->pages, &page);
  if (heat->last == NULL)
    {
      heat->last = g_new0 (AsternPageHeat, 1);
      heat->last->page = page;
      g_hash_table_add (heat->pages, heat->last);       /* the address is its first member */
    }
  return heat->last;
}

static gboolean
count_access (gpointer user, const AsternHit *hit)
{
  AsternPageHeat *page;

  if (hit->physical == ASTERN_POINT_ANY)
    return TRUE;
  page = heat_of (user, hit->physical);
  if (hit->kind == ASTERN_POINT_EXECUTE)
    page->executions++;
  else if (hit->access == ASTERN_ACCESS_WRITE)
    page->writes++;
  else
    page->reads++;
  return TRUE;
}

/* MEMORY and EXECUTE points for all that is memory. */
static GArray *
memory_points (AsternMachine *machine)
{
  GArray *points = g_array_new (FALSE, FALSE, sizeof (AsternPoint));
  AsternRoute route;

  for (guint64 at = 0;; at = route.end)
    {
      AsternPoint point = astern_trace_point (ASTERN_POINT_MEMORY);

      astern_bus_route (machine->physical, at, &route);
      if (route.read.kind == ASTERN_TARGET_MEMORY || route.write.kind == ASTERN_TARGET_MEMORY)
        {
          point.space = ASTERN_SPACE_PHYSICAL;
          point.start = at;
          point.size = route.end - at;
          g_array_append_val (points, point);
          point.kind = ASTERN_POINT_EXECUTE;
          g_array_append_val (points, point);
        }
      if (route.end <= at || route.end == G_MAXUINT64)
        return points;
    }
}

static gint
by_page (gconstpointer a, gconstpointer b)
{
  const AsternPageHeat *x = a, *y = b;

  return (x->page > y->page) - (x->page < y->page);
}

GArray *
astern_debugger_page_heat (AsternDebugger *debugger, AsternClient *client, AsternStretch stretch, AsternTraceResult *result,
                           GError **error)
{
  g_autoptr (GHashTable) pages = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GArray) points = memory_points (debugger->machine);
  Heat heat = { pages, NULL };
  AsternTraceRequest request = { .stretch = stretch, .points = (const AsternPoint *) points->data, .n_points = points->len,
                                 .hit = count_access, .user = &heat };
  GHashTableIter iter;
  gpointer page;
  GArray *found;

  if (!astern_debugger_trace (debugger, client, &request, result, error))
    return NULL;
  found = g_array_new (FALSE, FALSE, sizeof (AsternPageHeat));
  g_hash_table_iter_init (&iter, pages);
  while (g_hash_table_iter_next (&iter, &page, NULL))
    g_array_append_vals (found, page, 1);
  g_array_sort (found, by_page);
  return found;
}
