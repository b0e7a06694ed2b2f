/* places - ranges of numbers, found by where they lie: addresses, ports, vectors of points.
 *
 * Filled, then settled, then asked.  Ranges may overlap.
 *
 * Threads: whoever owns it.
 * Cost:    asking is a binary search; and of ranges that reach over others a step each. */
#pragma once

#include <glib.h>

typedef struct
{
  guint64  first, last;     /* both included: a range may end with the last number there is */
  guint64  reach;           /* greatest `last` of this place and those before it: kept by places.c */
  gpointer data;
} AsternPlace;

typedef struct
{
  GArray *list;             /* AsternPlace, by first once settled */
} AsternPlaces;

#define ASTERN_PLACES_NONE G_MAXUINT64

void    astern_places_init   (AsternPlaces *places);
void    astern_places_free   (AsternPlaces *places);    /* what it holds, not itself */
void    astern_places_clear  (AsternPlaces *places);

void    astern_places_add    (AsternPlaces *places, guint64 first, guint64 last, gpointer data);
/* After the last one was added. */
void    astern_places_settle (AsternPlaces *places);

static inline gboolean
astern_places_empty (const AsternPlaces *places)
{
  return places->list->len == 0;
}

/* Whether a place has a number of [first, last]. */
gboolean astern_places_touch (const AsternPlaces *places, guint64 first, guint64 last);

/* The lowest number from @from on that is in a place; ASTERN_PLACES_NONE when there is none. */
guint64  astern_places_next  (const AsternPlaces *places, guint64 from);

/* Appends the data of all places that have a number of [first, last] to @found. */
void     astern_places_find  (const AsternPlaces *places, guint64 first, guint64 last, GPtrArray *found);

/* Hash of where the places are (not of their data), going on from @hash. */
guint64  astern_places_hash  (const AsternPlaces *places, guint64 hash);
