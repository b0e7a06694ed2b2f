/* interval.c - saved pages, see interval.h.
 *
 * Contents are in a page store (page-store.h); those of closed intervals are packed.  Pages of
 * zeros, which most pages are when first written, are noted but take no room. */
#include "config.h"

#include "core/interval.h"

#include <string.h>

typedef struct
{
  guint32       page;        /* number in RAM space */
  AsternPageRef content;     /* 0: zeros */
} SavedPage;

/* In the order of the pages' first writes. */
typedef GArray Interval;

struct _AsternIntervals
{
  AsternMemory    *memory;
  AsternPageStore *store;
  GPtrArray       *list;     /* Interval; the last one is open */
  Interval        *head;     /* away from the head: content there of all pages that were put back; else NULL */
  guint64         *in_head;  /* a bit a page: the pages of `head`; else all are 0 */
  guint64         *scratch;  /* likewise, all 0 between calls */
  guint            position, reached;   /* away: memory is of `position`'s begin, or was executed on from there */
};

static inline gboolean
test_and_set (guint64 *bits, guint32 page)
{
  guint64 bit = G_GUINT64_CONSTANT (1) << (page & 63);
  gboolean was = (bits[page >> 6] & bit) != 0;

  bits[page >> 6] |= bit;
  return was;
}

static void
clear_bits (guint64 *bits, const Interval *interval)
{
  for (guint i = 0; i < interval->len; i++)
    bits[g_array_index (interval, SavedPage, i).page >> 6] = 0;
}

static void
empty_interval (AsternIntervals *intervals, Interval *interval)
{
  for (guint i = 0; i < interval->len; i++)
    if (g_array_index (interval, SavedPage, i).content != 0)
      astern_page_store_drop (intervals->store, g_array_index (interval, SavedPage, i).content);
  g_array_set_size (interval, 0);
}

static Interval *
interval_at (AsternIntervals *intervals, guint number)
{
  return g_ptr_array_index (intervals->list, number);
}

static Interval *
interval_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (SavedPage));
}

/* Those from @number on. */
static void
forget_intervals (AsternIntervals *intervals, guint number)
{
  for (guint i = number; i < intervals->list->len; i++)
    empty_interval (intervals, interval_at (intervals, i));
  g_ptr_array_set_size (intervals->list, (gint) number);
}

static void
add_content (AsternIntervals *intervals, Interval *interval, guint32 page, const guint8 *content, gboolean zero)
{
  SavedPage saved = { page, zero ? 0 : astern_page_store_put (intervals->store, content) };

  g_array_append_val (interval, saved);
}

/* Its contents will not be asked for soon. */
static void
settle (AsternIntervals *intervals, Interval *interval)
{
  g_autoptr (GArray) refs = g_array_sized_new (FALSE, FALSE, sizeof (AsternPageRef), interval->len);

  for (guint i = 0; i < interval->len; i++)
    if (g_array_index (interval, SavedPage, i).content != 0)
      g_array_append_val (refs, g_array_index (interval, SavedPage, i).content);
  astern_page_store_settle (intervals->store, (const AsternPageRef *) (gpointer) refs->data, refs->len);
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
  add_content (intervals, interval_at (intervals, intervals->list->len - 1), (guint32) (ram >> ASTERN_PAGE_BITS), host,
               astern_memory_page_is_zero (intervals->memory, ram));
  *astern_memory_flags (intervals->memory, ram) &= (guint8) ~ASTERN_PAGE_CLEAN;
}

AsternIntervals *
astern_intervals_new (AsternMemory *memory)
{
  AsternIntervals *intervals = g_new0 (AsternIntervals, 1);
  gsize words = (memory->capacity >> ASTERN_PAGE_BITS) / 64 + 1;      /* media may be put in later */

  intervals->memory = memory;
  intervals->store = astern_page_store_new ();
  intervals->list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  intervals->in_head = g_new0 (guint64, words);
  intervals->scratch = g_new0 (guint64, words);
  astern_memory_add_write_listener (memory, ASTERN_PAGE_CLEAN, save_page, intervals);
  return intervals;
}

static void
mark_all (AsternMemory *memory, gboolean clean)
{
  memory->new_flags = clean ? ASTERN_PAGE_CLEAN : 0;
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
  for (guint i = 0; i < interval->len; i++)
    intervals->memory->flags[g_array_index (interval, SavedPage, i).page] |= ASTERN_PAGE_CLEAN;
}

static void
forget_head (AsternIntervals *intervals)
{
  if (intervals->head == NULL)
    return;
  clear_bits (intervals->in_head, intervals->head);
  empty_interval (intervals, intervals->head);
  g_clear_pointer (&intervals->head, g_array_unref);
}

void
astern_intervals_free (AsternIntervals *intervals)
{
  astern_memory_remove_listener (intervals->memory, intervals);
  mark_all (intervals->memory, FALSE);
  forget_head (intervals);
  g_ptr_array_unref (intervals->list);
  astern_page_store_free (intervals->store);
  g_free (intervals->in_head);
  g_free (intervals->scratch);
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
  if (number > 1)
    settle (intervals, interval_at (intervals, number - 2));
  g_ptr_array_add (intervals->list, interval_new ());
  astern_memory_flags_raised (intervals->memory);
  return number;
}

guint
astern_intervals_count (AsternIntervals *intervals)
{
  return intervals->list->len;
}

/* Writes a saved page back.  The listeners are told: code and page tables may be in it.  Those of the open
 * interval are not clean, so that nothing is saved. */
static void
put_page_back (AsternIntervals *intervals, const SavedPage *saved)
{
  static const guint8 zeros[ASTERN_PAGE_SIZE];
  const guint8 *host = astern_memory_host (intervals->memory, (guint64) saved->page << ASTERN_PAGE_BITS);
  guint8 room[ASTERN_PAGE_SIZE];
  const guint8 *content = saved->content != 0 ? room : zeros;

  astern_memory_bring (intervals->memory, (guint64) saved->page << ASTERN_PAGE_BITS);
  intervals->memory->flags[saved->page] &= (guint8) ~ASTERN_PAGE_CLEAN;
  if (saved->content != 0)
    astern_page_store_get (intervals->store, saved->content, room);
  /* What is the same already keeps its translated code. */
  if (memcmp (host, content, ASTERN_PAGE_SIZE) != 0)
    astern_memory_write (intervals->memory, (guint64) saved->page << ASTERN_PAGE_BITS, content, ASTERN_PAGE_SIZE);
}

static void
put_back (AsternIntervals *intervals, const Interval *interval)
{
  for (guint i = 0; i < interval->len; i++)
    put_page_back (intervals, &g_array_index (interval, SavedPage, i));
}

/* The same, only of pages in @wanted, which are taken out of it.  Returns how many. */
static guint
put_wanted_back (AsternIntervals *intervals, const Interval *interval, guint64 *wanted)
{
  guint n = 0;

  for (guint i = 0; i < interval->len; i++)
    {
      const SavedPage *saved = &g_array_index (interval, SavedPage, i);
      guint64 bit = G_GUINT64_CONSTANT (1) << (saved->page & 63);

      if (!(wanted[saved->page >> 6] & bit))
        continue;
      wanted[saved->page >> 6] &= ~bit;
      put_page_back (intervals, saved);
      n++;
    }
  return n;
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
  forget_intervals (intervals, number + 1);
  empty_interval (intervals, interval_at (intervals, number));
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
      const Interval *interval = interval_at (intervals, i);

      for (guint k = 0; k < interval->len; k++)
        {
          guint32 page = g_array_index (interval, SavedPage, k).page;
          guint64 ram = (guint64) page << ASTERN_PAGE_BITS;

          if (!test_and_set (intervals->in_head, page))
            add_content (intervals, intervals->head, page, astern_memory_host (intervals->memory, ram),
                         astern_memory_page_is_zero (intervals->memory, ram));
        }
    }
  settle (intervals, intervals->head);
}

/* Pages that [from, end) wrote are wanted; returns how many. */
static guint
want_written (AsternIntervals *intervals, guint from, guint end, guint64 *wanted)
{
  guint n = 0;

  for (guint i = from; i < end; i++)
    {
      const Interval *interval = interval_at (intervals, i);

      for (guint k = 0; k < interval->len; k++)
        n += !test_and_set (wanted, g_array_index (interval, SavedPage, k).page);
    }
  return n;
}

/* A page is then what the first interval from @number on that wrote it had saved of it, or what it is at the
 * head.  So each page is written once, however far the way is. */
void
astern_intervals_go (AsternIntervals *intervals, guint number)
{
  guint last = intervals->list->len - 1;
  guint n;

  g_return_if_fail (number <= last);

  if (intervals->head == NULL)
    {
      intervals->head = interval_new ();
      keep_head (intervals, number, last + 1);
      mark_all (intervals->memory, FALSE);
      intervals->position = intervals->reached = last;
    }
  else if (number < intervals->position)
    keep_head (intervals, number, intervals->position);
  n = want_written (intervals, MIN (number, intervals->position), MAX (intervals->reached + 1, number), intervals->scratch);
  for (guint i = number; n > 0 && i <= last; i++)
    n -= put_wanted_back (intervals, interval_at (intervals, i), intervals->scratch);
  if (n > 0)
    n -= put_wanted_back (intervals, intervals->head, intervals->scratch);
  g_assert (n == 0);
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
  const Interval *open = interval_at (intervals, intervals->list->len - 1);

  forget_head (intervals);
  mark_all (intervals->memory, TRUE);
  for (guint i = 0; i < open->len; i++)
    intervals->memory->flags[g_array_index (open, SavedPage, i).page] &= (guint8) ~ASTERN_PAGE_CLEAN;
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

  forget_intervals (intervals, number + 1);
  track_again (intervals);
}

void
astern_intervals_merge (AsternIntervals *intervals, guint number)
{
  Interval *first = interval_at (intervals, number), *second = interval_at (intervals, number + 1);

  g_return_if_fail (intervals->head == NULL && number + 2 < intervals->list->len);

  for (guint i = 0; i < first->len; i++)
    test_and_set (intervals->scratch, g_array_index (first, SavedPage, i).page);
  for (guint i = 0; i < second->len; i++)
    {
      SavedPage saved = g_array_index (second, SavedPage, i);

      if (!test_and_set (intervals->scratch, saved.page))
        g_array_append_val (first, saved);
      else if (saved.content != 0)
        astern_page_store_drop (intervals->store, saved.content);
    }
  clear_bits (intervals->scratch, first);
  g_ptr_array_remove_index (intervals->list, number + 1);
}

gsize
astern_intervals_size (AsternIntervals *intervals, guint number)
{
  const Interval *interval = interval_at (intervals, number);
  gsize size = interval->len * sizeof (SavedPage);

  for (guint i = 0; i < interval->len; i++)
    if (g_array_index (interval, SavedPage, i).content != 0)
      size += astern_page_store_size (intervals->store, g_array_index (interval, SavedPage, i).content);
  return size;
}

gboolean
astern_intervals_wrote (AsternIntervals *intervals, guint number, guint64 ram)
{
  const Interval *interval = interval_at (intervals, number);

  for (guint i = 0; i < interval->len; i++)
    if (g_array_index (interval, SavedPage, i).page == ram >> ASTERN_PAGE_BITS)
      return TRUE;
  return FALSE;
}

guint
astern_intervals_pages (AsternIntervals *intervals, guint number)
{
  return interval_at (intervals, number)->len;
}

void
astern_intervals_set_spill (AsternIntervals *intervals, const AsternSpill *spill, gsize most_bytes)
{
  astern_page_store_set_spill (intervals->store, spill, most_bytes);
}

gsize
astern_intervals_spilled (AsternIntervals *intervals)
{
  return astern_page_store_spilled (intervals->store);
}

gsize
astern_intervals_leaving (AsternIntervals *intervals)
{
  return astern_page_store_leaving (intervals->store);
}

gsize
astern_intervals_bytes (AsternIntervals *intervals)
{
  gsize bytes = astern_page_store_bytes (intervals->store);

  for (guint i = 0; i < intervals->list->len; i++)
    bytes += interval_at (intervals, i)->len * sizeof (SavedPage);
  return bytes;
}
