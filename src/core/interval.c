/* interval.c - saved pages, see interval.h.
 *
 * Left out: compression.  Pages of zeros, which most pages are when first written, are
 * noted but take no room. */
#include "config.h"

#include "core/interval.h"

#include <string.h>

#define CHUNK_PAGES 16
#define NO_SLOT     G_MAXUINT32

typedef struct
{
  guint32 page;      /* number in RAM space */
  guint32 slot;      /* where its content is; NO_SLOT: it was zero */
} SavedPage;

typedef struct
{
  GArray    *pages;      /* SavedPage, in the order of their first writes */
  GPtrArray *chunks;     /* content, CHUNK_PAGES pages each */
  guint32    n_slots;
} Interval;

struct _AsternIntervals
{
  AsternMemory *memory;
  GPtrArray    *list;     /* Interval; the last one is open */
  Interval     *head;     /* away from the head: content there of all pages that were put back; else NULL */
  GHashTable   *in_head;  /* the numbers of its pages; NULL likewise */
  guint         position, reached;   /* away: memory is of `position`'s begin, or was executed on from there */
};

static void
free_interval (gpointer data)
{
  Interval *interval = data;

  g_array_unref (interval->pages);
  g_ptr_array_unref (interval->chunks);
  g_free (interval);
}

static Interval *
interval_at (AsternIntervals *intervals, guint number)
{
  return g_ptr_array_index (intervals->list, number);
}

static guint8 *
slot_content (Interval *interval, guint32 slot)
{
  guint8 *chunk = g_ptr_array_index (interval->chunks, slot / CHUNK_PAGES);

  return chunk + (gsize) (slot % CHUNK_PAGES) * ASTERN_PAGE_SIZE;
}

static Interval *
interval_new (void)
{
  Interval *interval = g_new0 (Interval, 1);

  interval->pages = g_array_new (FALSE, FALSE, sizeof (SavedPage));
  interval->chunks = g_ptr_array_new_with_free_func (g_free);
  return interval;
}

static void
add_content (Interval *interval, guint32 page, const guint8 *content, gboolean zero)
{
  SavedPage saved = { page, NO_SLOT };

  if (!zero)
    {
      saved.slot = interval->n_slots++;
      if (saved.slot % CHUNK_PAGES == 0)
        g_ptr_array_add (interval->chunks, g_malloc (CHUNK_PAGES * ASTERN_PAGE_SIZE));
      memcpy (slot_content (interval, saved.slot), content, ASTERN_PAGE_SIZE);
    }
  g_array_append_val (interval->pages, saved);
}

static void
save_page (gpointer data, guint64 ram, guint32 size, guint8 flags)
{
  AsternIntervals *intervals = data;
  guint8 *host = astern_memory_host (intervals->memory, ram & ~ASTERN_PAGE_MASK);

  if (intervals->head != NULL)       /* away: whoever marked it clean saves it */
    return;
  /* The page is about to be written.  Reading it first would have the host map
   * its page of zeros and then, at the write, another: so come as a writer. */
  __atomic_fetch_or (host, 0, __ATOMIC_RELAXED);
  add_content (interval_at (intervals, intervals->list->len - 1), (guint32) (ram >> ASTERN_PAGE_BITS), host,
               astern_memory_page_is_zero (intervals->memory, ram));
  *astern_memory_flags (intervals->memory, ram) &= (guint8) ~ASTERN_PAGE_CLEAN;
}

AsternIntervals *
astern_intervals_new (AsternMemory *memory)
{
  AsternIntervals *intervals = g_new0 (AsternIntervals, 1);

  intervals->memory = memory;
  intervals->list = g_ptr_array_new_with_free_func (free_interval);
  astern_memory_add_write_listener (memory, ASTERN_PAGE_CLEAN, save_page, intervals);
  return intervals;
}

static void
mark_all (AsternMemory *memory, gboolean clean)
{
  for (guint64 page = 0; page < memory->size >> ASTERN_PAGE_BITS; page++)
    if (clean)
      memory->flags[page] |= ASTERN_PAGE_CLEAN;
    else
      memory->flags[page] &= (guint8) ~ASTERN_PAGE_CLEAN;
}

/* All other pages are clean already. */
static void
mark_written_pages_clean (AsternIntervals *intervals, const Interval *interval)
{
  for (guint i = 0; i < interval->pages->len; i++)
    intervals->memory->flags[g_array_index (interval->pages, SavedPage, i).page] |= ASTERN_PAGE_CLEAN;
}

static void
forget_head (AsternIntervals *intervals)
{
  g_clear_pointer (&intervals->head, free_interval);
  g_clear_pointer (&intervals->in_head, g_hash_table_unref);
}

void
astern_intervals_free (AsternIntervals *intervals)
{
  astern_memory_remove_listener (intervals->memory, intervals);
  mark_all (intervals->memory, FALSE);
  forget_head (intervals);
  g_ptr_array_unref (intervals->list);
  g_free (intervals);
}

guint
astern_intervals_begin (AsternIntervals *intervals)
{
  guint number = intervals->list->len;

  if (number == 0)
    mark_all (intervals->memory, TRUE);
  else
    mark_written_pages_clean (intervals, interval_at (intervals, number - 1));
  g_ptr_array_add (intervals->list, interval_new ());
  astern_memory_flags_raised (intervals->memory);
  return number;
}

guint
astern_intervals_count (AsternIntervals *intervals)
{
  return intervals->list->len;
}

/* Writes the saved pages back.  The listeners are told: code and page tables may be
 * among them.  Those of the open interval are not clean, so that nothing is saved. */
static void
put_back (AsternIntervals *intervals, Interval *interval)
{
  static const guint8 zeros[ASTERN_PAGE_SIZE];

  for (guint i = 0; i < interval->pages->len; i++)
    {
      const SavedPage *saved = &g_array_index (interval->pages, SavedPage, i);
      const guint8 *content = saved->slot != NO_SLOT ? slot_content (interval, saved->slot) : zeros;
      const guint8 *host = astern_memory_host (intervals->memory, (guint64) saved->page << ASTERN_PAGE_BITS);

      astern_memory_flags (intervals->memory, 0)[saved->page] &= (guint8) ~ASTERN_PAGE_CLEAN;
      /* What is the same already keeps its translated code. */
      if (memcmp (host, content, ASTERN_PAGE_SIZE) != 0)
        astern_memory_write (intervals->memory, (guint64) saved->page << ASTERN_PAGE_BITS, content, ASTERN_PAGE_SIZE);
    }
}

void
astern_intervals_undo (AsternIntervals *intervals, guint number)
{
  Interval *interval;

  g_return_if_fail (number < intervals->list->len);

  for (guint i = intervals->list->len; i-- > number;)
    {
      interval = interval_at (intervals, i);
      put_back (intervals, interval);
      mark_written_pages_clean (intervals, interval);
    }
  g_ptr_array_set_size (intervals->list, (gint) number + 1);
  interval = interval_at (intervals, number);
  g_array_set_size (interval->pages, 0);
  g_ptr_array_set_size (interval->chunks, 0);
  interval->n_slots = 0;
  astern_memory_flags_raised (intervals->memory);
}

/* ---- away from the head and back ---- */

/* What the pages of intervals [from, end) hold at the head.  Those that are not known yet
 * were not written since, so they hold it now. */
static void
keep_head (AsternIntervals *intervals, guint from, guint end)
{
  for (guint i = from; i < end; i++)
    {
      const GArray *pages = interval_at (intervals, i)->pages;

      for (guint k = 0; k < pages->len; k++)
        {
          guint32 page = g_array_index (pages, SavedPage, k).page;
          guint64 ram = (guint64) page << ASTERN_PAGE_BITS;

          if (g_hash_table_add (intervals->in_head, GUINT_TO_POINTER (page)))
            add_content (intervals->head, page, astern_memory_host (intervals->memory, ram),
                         astern_memory_page_is_zero (intervals->memory, ram));
        }
    }
}

void
astern_intervals_go (AsternIntervals *intervals, guint number)
{
  guint last = intervals->list->len - 1;

  g_return_if_fail (number <= last);

  if (intervals->head == NULL)
    {
      intervals->head = interval_new ();
      intervals->in_head = g_hash_table_new (g_direct_hash, g_direct_equal);
      keep_head (intervals, number, last + 1);
      mark_all (intervals->memory, FALSE);
      intervals->reached = last;
    }
  else if (number < intervals->position)
    keep_head (intervals, number, intervals->position);
  else if (number > intervals->position)
    {
      /* Forward: by way of the head. */
      put_back (intervals, intervals->head);
      intervals->reached = last;
    }
  for (guint i = intervals->reached + 1; i-- > number;)
    put_back (intervals, interval_at (intervals, i));
  intervals->position = intervals->reached = number;
}

void
astern_intervals_reached (AsternIntervals *intervals, guint number)
{
  intervals->reached = MAX (intervals->reached, number);
}

gboolean
astern_intervals_away (AsternIntervals *intervals)
{
  return intervals->head != NULL;
}

/* Clean is what the open interval has not written. */
static void
track_again (AsternIntervals *intervals)
{
  const GArray *pages = interval_at (intervals, intervals->list->len - 1)->pages;

  forget_head (intervals);
  mark_all (intervals->memory, TRUE);
  for (guint i = 0; i < pages->len; i++)
    intervals->memory->flags[g_array_index (pages, SavedPage, i).page] &= (guint8) ~ASTERN_PAGE_CLEAN;
  astern_memory_flags_raised (intervals->memory);
}

void
astern_intervals_return (AsternIntervals *intervals, gboolean executed)
{
  if (intervals->head == NULL)
    return;
  if (!executed)
    put_back (intervals, intervals->head);
  track_again (intervals);
}

void
astern_intervals_cut (AsternIntervals *intervals, guint number)
{
  g_return_if_fail (intervals->head != NULL && number < intervals->list->len);

  g_ptr_array_set_size (intervals->list, (gint) number + 1);
  track_again (intervals);
}

void
astern_intervals_merge (AsternIntervals *intervals, guint number)
{
  Interval *first = interval_at (intervals, number), *second = interval_at (intervals, number + 1);
  g_autoptr (GHashTable) there = g_hash_table_new (g_direct_hash, g_direct_equal);

  g_return_if_fail (intervals->head == NULL && number + 2 < intervals->list->len);

  for (guint i = 0; i < first->pages->len; i++)
    g_hash_table_add (there, GUINT_TO_POINTER (g_array_index (first->pages, SavedPage, i).page));
  for (guint i = 0; i < second->pages->len; i++)
    {
      const SavedPage *saved = &g_array_index (second->pages, SavedPage, i);

      if (!g_hash_table_contains (there, GUINT_TO_POINTER (saved->page)))
        add_content (first, saved->page, saved->slot != NO_SLOT ? slot_content (second, saved->slot) : NULL,
                     saved->slot == NO_SLOT);
    }
  g_ptr_array_remove_index (intervals->list, number + 1);
}

gsize
astern_intervals_size (AsternIntervals *intervals, guint number)
{
  const Interval *interval = interval_at (intervals, number);

  return interval->chunks->len * (gsize) CHUNK_PAGES * ASTERN_PAGE_SIZE + interval->pages->len * sizeof (SavedPage);
}

gboolean
astern_intervals_wrote (AsternIntervals *intervals, guint number, guint64 ram)
{
  const Interval *interval = interval_at (intervals, number);

  for (guint i = 0; i < interval->pages->len; i++)
    if (g_array_index (interval->pages, SavedPage, i).page == ram >> ASTERN_PAGE_BITS)
      return TRUE;
  return FALSE;
}

guint
astern_intervals_pages (AsternIntervals *intervals, guint number)
{
  return interval_at (intervals, number)->pages->len;
}

gsize
astern_intervals_bytes (AsternIntervals *intervals)
{
  gsize bytes = 0;

  for (guint i = 0; i < intervals->list->len; i++)
    bytes += astern_intervals_size (intervals, i);
  return bytes;
}
