/* interval.c - saved pages, see interval.h.
 *
 * Left out: redoing what was undone, merging and dropping old intervals,
 * compression.  Pages of zeros, which most pages are when first written, are
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

static void
save_page (gpointer data, guint64 ram, guint32 size, guint8 flags)
{
  AsternIntervals *intervals = data;
  Interval *open = interval_at (intervals, intervals->list->len - 1);
  guint8 *host = astern_memory_host (intervals->memory, ram & ~ASTERN_PAGE_MASK);
  SavedPage saved = { (guint32) (ram >> ASTERN_PAGE_BITS), NO_SLOT };

  /* The page is about to be written.  Reading it first would have the host map
   * its page of zeros and then, at the write, another: so come as a writer. */
  __atomic_fetch_or (host, 0, __ATOMIC_RELAXED);
  if (!astern_memory_page_is_zero (intervals->memory, ram))
    {
      saved.slot = open->n_slots++;
      if (saved.slot % CHUNK_PAGES == 0)
        g_ptr_array_add (open->chunks, g_malloc (CHUNK_PAGES * ASTERN_PAGE_SIZE));
      memcpy (slot_content (open, saved.slot), host, ASTERN_PAGE_SIZE);
    }
  g_array_append_val (open->pages, saved);
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

void
astern_intervals_free (AsternIntervals *intervals)
{
  astern_memory_remove_listener (intervals->memory, intervals);
  mark_all (intervals->memory, FALSE);
  g_ptr_array_unref (intervals->list);
  g_free (intervals);
}

guint
astern_intervals_begin (AsternIntervals *intervals)
{
  guint number = intervals->list->len;
  Interval *begun = g_new0 (Interval, 1);

  if (number == 0)
    mark_all (intervals->memory, TRUE);
  else
    mark_written_pages_clean (intervals, interval_at (intervals, number - 1));
  begun->pages = g_array_new (FALSE, FALSE, sizeof (SavedPage));
  begun->chunks = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (intervals->list, begun);
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

      astern_memory_flags (intervals->memory, 0)[saved->page] &= (guint8) ~ASTERN_PAGE_CLEAN;
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
    {
      const Interval *interval = interval_at (intervals, i);

      bytes += interval->chunks->len * (gsize) CHUNK_PAGES * ASTERN_PAGE_SIZE + interval->pages->len * sizeof (SavedPage);
    }
  return bytes;
}
