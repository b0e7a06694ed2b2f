/* disassembly-arrows.c - see disassembly-arrows.h. */
#include "config.h"

#include "gui/disassembly-arrows.h"

static guint
low (const AsternArrow *arrow)
{
  return MIN (arrow->from, arrow->to);
}

static guint
high (const AsternArrow *arrow)
{
  return MAX (arrow->from, arrow->to);
}

static int
by_length (gconstpointer a, gconstpointer b)
{
  const AsternArrow *x = a, *y = b;
  guint length_x = high (x) - low (x), length_y = high (y) - low (y);

  if (length_x != length_y)
    return length_x < length_y ? -1 : 1;
  return x->from < y->from ? -1 : x->from > y->from;
}

/* Those that lead to one row from one side run together to their point. */
static gboolean
meet (const AsternArrow *a, const AsternArrow *b)
{
  if (a->to == b->to && (a->from < a->to) == (b->from < b->to))
    return FALSE;
  return low (a) <= high (b) && low (b) <= high (a);
}

static gboolean
lane_is_free (const GArray *arrows, guint n, const AsternArrow *arrow, guint lane)
{
  for (guint i = 0; i < n; i++)
    {
      const AsternArrow *other = &g_array_index (arrows, AsternArrow, i);

      if (other->lane == lane && meet (other, arrow))
        return FALSE;
    }
  return TRUE;
}

guint
astern_arrows_layout (GArray *arrows)
{
  guint placed = 0, lanes = 0;

  g_array_sort (arrows, by_length);
  for (guint i = 0; i < arrows->len; i++)
    {
      AsternArrow arrow = g_array_index (arrows, AsternArrow, i);

      arrow.lane = 0;
      while (arrow.lane < ASTERN_ARROW_LANES && !lane_is_free (arrows, placed, &arrow, arrow.lane))
        arrow.lane++;
      if (arrow.lane == ASTERN_ARROW_LANES)
        continue;
      lanes = MAX (lanes, arrow.lane + 1);
      g_array_index (arrows, AsternArrow, placed++) = arrow;
    }
  g_array_set_size (arrows, placed);
  return lanes;
}
