/* futures.c - see futures.h. */
#include "config.h"

#include "core/futures.h"

struct _AsternFutures
{
  GPtrArray *list;      /* AsternFuture */
  guint      last_id;
};

static void
free_future (gpointer data)
{
  AsternFuture *future = data;

  astern_journal_unref (future->journal);
  g_free (future);
}

AsternFutures *
astern_futures_new (void)
{
  AsternFutures *futures = g_new0 (AsternFutures, 1);

  futures->list = g_ptr_array_new_with_free_func (free_future);
  return futures;
}

void
astern_futures_free (AsternFutures *futures)
{
  g_ptr_array_unref (futures->list);
  g_free (futures);
}

guint
astern_futures_keep (AsternFutures *futures, AsternMoment head, AsternJournal *journal, gboolean replay)
{
  AsternFuture *future = g_new (AsternFuture, 1);

  *future = (AsternFuture) { ++futures->last_id, head, journal, replay };
  g_ptr_array_add (futures->list, future);
  return future->id;
}

void
astern_futures_drop (AsternFutures *futures, AsternFuture *future)
{
  g_ptr_array_remove (futures->list, future);
}

guint
astern_futures_count (AsternFutures *futures)
{
  return futures->list->len;
}

AsternFuture *
astern_futures_at (AsternFutures *futures, guint index)
{
  return g_ptr_array_index (futures->list, index);
}

AsternFuture *
astern_futures_find (AsternFutures *futures, guint id)
{
  for (guint i = 0; i < futures->list->len; i++)
    if (astern_futures_at (futures, i)->id == id)
      return astern_futures_at (futures, i);
  return NULL;
}

static AsternMoment
earlier (AsternMoment a, AsternMoment b)
{
  return astern_moment_compare (a, b) < 0 ? a : b;
}

AsternMoment
astern_future_parting (const AsternFuture *future, AsternJournal *journal, AsternMoment head)
{
  AsternMoment parting = earlier (future->head, head), from;

  return astern_journal_differ (future->journal, journal, &from) ? earlier (parting, from) : parting;
}
