/* places.c - see places.h. */
#include "config.h"

#include "core/places.h"

#include "core/fields.h"

void
astern_places_init (AsternPlaces *places)
{
  places->list = g_array_new (FALSE, FALSE, sizeof (AsternPlace));
}

void
astern_places_free (AsternPlaces *places)
{
  g_clear_pointer (&places->list, g_array_unref);
}

void
astern_places_clear (AsternPlaces *places)
{
  g_array_set_size (places->list, 0);
}

static inline const AsternPlace *
place_at (const AsternPlaces *places, guint index)
{
  return &g_array_index (places->list, AsternPlace, index);
}

void
astern_places_add (AsternPlaces *places, guint64 first, guint64 last, gpointer data)
{
  AsternPlace place = { first, last, 0, data };

  g_array_append_val (places->list, place);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const AsternPlace *x = a, *y = b;

  if (x->first != y->first)
    return x->first < y->first ? -1 : 1;
  return (x->last > y->last) - (x->last < y->last);
}

void
astern_places_settle (AsternPlaces *places)
{
  guint64 reach = 0;

  g_array_sort (places->list, compare);
  for (guint i = 0; i < places->list->len; i++)
    {
      AsternPlace *place = &g_array_index (places->list, AsternPlace, i);

      reach = MAX (reach, place->last);
      place->reach = reach;
    }
}

/* How many places begin at or before @number. */
static guint
beginning_by (const AsternPlaces *places, guint64 number)
{
  guint low = 0, high = places->list->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (place_at (places, middle)->first <= number)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

gboolean
astern_places_touch (const AsternPlaces *places, guint64 first, guint64 last)
{
  guint n = beginning_by (places, last);

  return n > 0 && place_at (places, n - 1)->reach >= first;
}

guint64
astern_places_next (const AsternPlaces *places, guint64 from)
{
  guint n = beginning_by (places, from);

  if (n > 0 && place_at (places, n - 1)->reach >= from)
    return from;
  return n < places->list->len ? place_at (places, n)->first : ASTERN_PLACES_NONE;
}

void
astern_places_find (const AsternPlaces *places, guint64 first, guint64 last, GPtrArray *found)
{
  for (guint i = beginning_by (places, last); i-- > 0 && place_at (places, i)->reach >= first;)
    if (place_at (places, i)->last >= first)
      g_ptr_array_add (found, place_at (places, i)->data);
}

guint64
astern_places_hash (const AsternPlaces *places, guint64 hash)
{
  for (guint i = 0; i < places->list->len; i++)
    {
      guint64 words[2] = { place_at (places, i)->first, place_at (places, i)->last };

      hash = astern_hash_bytes (hash, words, sizeof words);
    }
  return hash;
}
