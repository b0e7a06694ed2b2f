/* heat.c - see heat.h. */
#include "config.h"

#include "gui/heat.h"

typedef struct
{
  const AsternPastChoice *choice;
  guint64                 start, end;
} Question;

typedef struct
{
  GArray       *counts;
  AsternStretch stretch;
} Answer;

static void
free_answer (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->counts, g_array_unref);
  g_free (answer);
}

/* The machine's thread. */
static gpointer
look (AsternSession *session, AsternClient *client, gpointer data, GError **error)
{
  const Question *question = data;
  AsternStretch stretch = astern_past_stretch (session->debugger, question->choice);
  AsternTraceResult result;
  GArray *counts = astern_debugger_count_executions (session->debugger, client, stretch, question->start, question->end, &result,
                                                     error);
  Answer *answer;

  if (counts == NULL)
    return NULL;
  answer = g_new (Answer, 1);
  *answer = (Answer) { counts, result.stretch };
  return answer;
}

void
astern_heat_count (AsternRun *run, const AsternPastChoice *choice, guint64 start, guint64 end, GCancellable *cancellable,
                   GAsyncReadyCallback counted, gpointer user)
{
  Question *question = g_new (Question, 1);

  *question = (Question) { choice, start, end };
  astern_past_ask (run, look, question, g_free, free_answer, cancellable, counted, user);
}

GArray *
astern_heat_finish (GAsyncResult *result, AsternStretch *stretch, GError **error)
{
  Answer *answer = astern_past_finish (result, error);
  GArray *counts;

  if (answer == NULL)
    return NULL;
  if (stretch != NULL)
    *stretch = answer->stretch;
  counts = g_steal_pointer (&answer->counts);
  free_answer (answer);
  return counts;
}

guint64
astern_heat_at (const GArray *counts, guint64 address)
{
  guint low = 0, high = counts->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const AsternExecutionCount *count = &g_array_index (counts, AsternExecutionCount, middle);

      if (count->address == address)
        return count->count;
      if (count->address < address)
        low = middle + 1;
      else
        high = middle;
    }
  return 0;
}
