/* disassembly-sync.c - see disassembly-sync.h. */
#include "config.h"

#include "gui/disassembly-sync.h"

#define KNOWN_VOTES 1000000      /* more than there are ways */

typedef struct
{
  guint8  length;     /* 0: no instruction */
  guint32 votes;      /* beginnings from which one gets here */
} Place;

/* An instruction of @size at @i would reach over a certain beginning: there is none. */
static gboolean
is_cut (const guint8 *known, gsize n, gsize i, guint size)
{
  for (gsize j = i + 1; known != NULL && j < i + size && j <= n; j++)
    if (known[j])
      return TRUE;
  return FALSE;
}

static void
count_votes (Place *places, gsize n, AsternSyncLengthFunc length, gpointer data, const guint8 *bytes, gsize behind,
             const guint8 *known)
{
  for (gsize i = 0; i < n; i++)
    {
      Place *place = &places[i];
      guint size = length (data, bytes + i, MIN (n - i + behind, ASTERN_SYNC_INSTRUCTION));

      if (is_cut (known, n, i, size))
        size = 0;
      place->length = (guint8) size;
      place->votes += known != NULL && known[i] ? KNOWN_VOTES : 1;
      if (size > 0 && i + size < n)
        places[i + size].votes = MIN (places[i + size].votes + place->votes, G_MAXINT32);
    }
}

/* The best-trodden place from which one instruction leads to @at; the nearest of equals. */
static gboolean
predecessor (const Place *places, gsize at, gsize *found)
{
  gboolean any = FALSE;

  for (gsize back = 1; back <= ASTERN_SYNC_INSTRUCTION && back <= at; back++)
    {
      gsize i = at - back;

      if (MAX (places[i].length, 1) == back && (!any || places[i].votes > places[*found].votes))
        {
          *found = i;
          any = TRUE;
        }
    }
  return any;
}

/* Nothing leads to @at: where the best-trodden way comes nearest to it. */
static gsize
nearest (const Place *places, gsize at)
{
  gsize found = at - 1;

  for (gsize back = 2; back <= ASTERN_SYNC_INSTRUCTION && back <= at; back++)
    if (places[at - back].votes > places[found].votes && at - back + MAX (places[at - back].length, 1) > at)
      found = at - back;
  return found;
}

guint
astern_sync_back (AsternSyncLengthFunc length, gpointer data, const guint8 *bytes, gsize n, gsize behind, const guint8 *known,
                  guint *starts, guint max)
{
  g_autofree Place *places = g_new0 (Place, n + 1);
  guint count = 0;
  gsize at = n;

  count_votes (places, n, length, data, bytes, behind, known);
  while (at > 0 && count < max)
    {
      gsize found = 0;

      if (!predecessor (places, at, &found))
        found = nearest (places, at);
      starts[count++] = (guint) found;
      at = found;
    }
  return count;
}
