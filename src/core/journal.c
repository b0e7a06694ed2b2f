/* journal.c - see journal.h.
 *
 * Left out: places on a shelf are not given back when blocks are forgotten. */
#include "config.h"

#include "core/journal.h"

/* A block that is full. */
#define BLOCK_BYTES (256u << 10)
#define BLOCK_LINES 4096
/* That may be elsewhere, too, and are in memory. */
#define MOST_LOADED 32

/* What a line costs beside its data. */
#define LINE_BYTES  (sizeof (AsternInputEvent) + 64)

typedef struct
{
  guint              refs;
  guint              n;         /* lines */
  gsize              bytes;     /* of them, in memory */
  AsternMoment       first, last;
  GArray            *events;    /* NULL: only on the shelf */
  AsternJournalShelf shelf;
  guint64            place;     /* 0: only in memory */
} Block;

struct _AsternJournal
{
  guint              refs;
  GPtrArray         *blocks;    /* Block */
  gboolean           open;      /* the last block grows; it is this journal's alone */
  AsternJournalShelf shelf;     /* keep is NULL: none */
  AsternJournalShelf next;      /* more is NULL: nothing follows */
  GQueue             loaded;    /* Block, with a reference: kept, and in memory; the one loaded last is at the tail */
};

/* ---- blocks ---- */

static void
clear_event (gpointer data)
{
  g_bytes_unref (((AsternInputEvent *) data)->data);
}

static GArray *
new_events (void)
{
  GArray *events = g_array_new (FALSE, FALSE, sizeof (AsternInputEvent));

  g_array_set_clear_func (events, clear_event);
  return events;
}

static void
unref_block (gpointer data)
{
  Block *block = data;

  if (--block->refs > 0)
    return;
  g_clear_pointer (&block->events, g_array_unref);
  g_free (block);
}

static Block *
ref_block (Block *block)
{
  block->refs++;
  return block;
}

static void
add_event (Block *block, const AsternInputEvent *event)
{
  AsternInputEvent copy = *event;

  g_bytes_ref (copy.data);
  if (block->n++ == 0)
    block->first = event->moment;
  block->last = event->moment;
  block->bytes += g_bytes_get_size (event->data) + LINE_BYTES;
  g_array_append_val (block->events, copy);
}

static Block *
new_block (void)
{
  Block *block = g_new0 (Block, 1);

  block->refs = 1;
  block->events = new_events ();
  return block;
}

/* The first @n lines of it. */
static Block *
part_of_block (const Block *block, guint n)
{
  Block *part = new_block ();

  for (guint i = 0; i < n; i++)
    add_event (part, &g_array_index (block->events, AsternInputEvent, i));
  return part;
}

static Block *
block_at (AsternJournal *journal, guint index)
{
  return g_ptr_array_index (journal->blocks, index);
}

/* ---- what is in memory ---- */

static void
note_loaded (AsternJournal *journal, Block *block)
{
  g_queue_push_tail (&journal->loaded, ref_block (block));
  while (journal->loaded.length > MOST_LOADED)
    {
      Block *oldest = g_queue_pop_head (&journal->loaded);

      g_clear_pointer (&oldest->events, g_array_unref);
      unref_block (oldest);
    }
}

static void
load (AsternJournal *journal, Block *block)
{
  GError *error = NULL;

  if (block->events != NULL)
    return;
  block->events = new_events ();
  if (!block->shelf.read (block->shelf.user, block->place, block->n, block->events, &error))
    g_error ("what came from outside cannot be read again: %s", error->message);
  if (block->events->len != block->n)
    g_error ("what came from outside is not what was written");
  note_loaded (journal, block);
}

static void
close_block (AsternJournal *journal)
{
  Block *block = block_at (journal, journal->blocks->len - 1);

  journal->open = FALSE;
  if (journal->shelf.keep == NULL)
    return;
  block->shelf = journal->shelf;
  block->place = journal->shelf.keep (journal->shelf.user, (const AsternInputEvent *) block->events->data, block->n);
  if (block->place != 0)
    note_loaded (journal, block);
}

/* FALSE: nothing follows. */
static gboolean
read_more (AsternJournal *journal)
{
  Block *read;
  GArray *events;
  guint64 place;

  if (journal->next.more == NULL)
    return FALSE;
  events = new_events ();
  place = journal->next.more (journal->next.user, events);
  if (place == 0 || events->len == 0)
    {
      journal->next.more = NULL;
      g_array_unref (events);
      return FALSE;
    }
  read = new_block ();
  for (guint i = 0; i < events->len; i++)
    add_event (read, &g_array_index (events, AsternInputEvent, i));
  g_array_unref (events);
  read->shelf = journal->next;
  read->place = place;
  g_ptr_array_add (journal->blocks, read);
  note_loaded (journal, read);
  return TRUE;
}

/* ---- the interface ---- */

AsternJournal *
astern_journal_new (void)
{
  AsternJournal *journal = g_new0 (AsternJournal, 1);

  journal->refs = 1;
  journal->blocks = g_ptr_array_new_with_free_func (unref_block);
  g_queue_init (&journal->loaded);
  return journal;
}

AsternJournal *
astern_journal_ref (AsternJournal *journal)
{
  journal->refs++;
  return journal;
}

void
astern_journal_unref (AsternJournal *journal)
{
  if (--journal->refs > 0)
    return;
  g_queue_clear_full (&journal->loaded, unref_block);
  g_ptr_array_unref (journal->blocks);
  g_free (journal);
}

AsternJournal *
astern_journal_copy (AsternJournal *journal)
{
  AsternJournal *copy = astern_journal_new ();
  guint n = journal->blocks->len - journal->open;

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (copy->blocks, ref_block (block_at (journal, i)));
  if (journal->open)
    g_ptr_array_add (copy->blocks, part_of_block (block_at (journal, n), block_at (journal, n)->n));
  copy->open = journal->open;
  copy->shelf = journal->shelf;
  copy->next = journal->next;
  return copy;
}

void
astern_journal_set_shelf (AsternJournal *journal, const AsternJournalShelf *shelf)
{
  journal->shelf = *shelf;
}

void
astern_journal_continue (AsternJournal *journal, const AsternJournalShelf *shelf)
{
  journal->open = FALSE;
  journal->next = *shelf;
}

void
astern_journal_append (AsternJournal *journal, const AsternInputEvent *event)
{
  Block *block;

  if (!journal->open)
    g_ptr_array_add (journal->blocks, new_block ());
  journal->open = TRUE;
  block = block_at (journal, journal->blocks->len - 1);
  add_event (block, event);
  if (block->bytes >= BLOCK_BYTES || block->n >= BLOCK_LINES)
    close_block (journal);
}

const AsternInputEvent *
astern_journal_at (AsternJournal *journal, AsternJournalPlace *at)
{
  Block *block;

  while (at->block < journal->blocks->len && at->line >= block_at (journal, at->block)->n)
    {
      if (at->block + 1 == journal->blocks->len && journal->open)
        return NULL;                    /* it will grow */
      *at = (AsternJournalPlace) { at->block + 1, 0 };
    }
  if (at->block >= journal->blocks->len && !read_more (journal))
    return NULL;
  block = block_at (journal, at->block);
  load (journal, block);
  return &g_array_index (block->events, AsternInputEvent, at->line);
}

static gboolean
is_before (AsternMoment a, AsternMoment b)
{
  return astern_moment_compare (a, b) < 0;
}

AsternJournalPlace
astern_journal_find (AsternJournal *journal, AsternMoment moment)
{
  guint low = 0, high;
  Block *block;

  while ((journal->blocks->len == 0 || is_before (block_at (journal, journal->blocks->len - 1)->last, moment)) && read_more (journal))
    ;
  for (high = journal->blocks->len; low < high;)
    {
      guint middle = low + (high - low) / 2;

      if (is_before (block_at (journal, middle)->last, moment))
        low = middle + 1;
      else
        high = middle;
    }
  if (low == journal->blocks->len)
    return astern_journal_end (journal);
  block = block_at (journal, low);
  load (journal, block);
  for (guint i = 0;; i++)
    if (!is_before (g_array_index (block->events, AsternInputEvent, i).moment, moment))
      return (AsternJournalPlace) { low, i };
}

AsternJournalPlace
astern_journal_end (AsternJournal *journal)
{
  guint last = journal->blocks->len - 1;

  return journal->open ? (AsternJournalPlace) { last, block_at (journal, last)->n } : (AsternJournalPlace) { last + 1, 0 };
}

void
astern_journal_cut (AsternJournal *journal, AsternJournalPlace at)
{
  Block *block, *kept = NULL;

  journal->next.more = NULL;
  if (at.block >= journal->blocks->len)
    return;
  block = block_at (journal, at.block);
  if (journal->open && at.block + 1 == journal->blocks->len && at.line >= block->n)
    return;
  if (at.line > 0)
    {
      load (journal, block);
      kept = part_of_block (block, MIN (at.line, block->n));
    }
  g_ptr_array_set_size (journal->blocks, (gint) at.block);
  journal->open = kept != NULL;
  if (kept != NULL)
    g_ptr_array_add (journal->blocks, kept);
}

static gboolean
are_same (const AsternInputEvent *a, const AsternInputEvent *b)
{
  return astern_moment_compare (a->moment, b->moment) == 0 && a->port == b->port && g_bytes_equal (a->data, b->data);
}

gboolean
astern_journal_differ (AsternJournal *a, AsternJournal *b, AsternMoment *from)
{
  AsternJournalPlace in_a = { 0, 0 }, in_b = { 0, 0 };

  while (in_a.block < a->blocks->len && in_a.block < b->blocks->len && block_at (a, in_a.block) == block_at (b, in_a.block))
    in_a.block = ++in_b.block;
  for (;; in_a.line++, in_b.line++)
    {
      const AsternInputEvent *one = astern_journal_at (a, &in_a), *other;
      g_autoptr (GBytes) data = one != NULL ? g_bytes_ref (one->data) : NULL;      /* reading on in b may forget it */
      AsternInputEvent held = one != NULL ? (AsternInputEvent) { one->moment, one->port, data } : (AsternInputEvent) { .data = NULL };

      one = one != NULL ? &held : NULL;
      other = astern_journal_at (b, &in_b);
      if (one == NULL && other == NULL)
        return FALSE;
      if (one != NULL && other != NULL && are_same (one, other))
        continue;
      *from = one == NULL || (other != NULL && is_before (other->moment, one->moment)) ? other->moment : one->moment;
      return TRUE;
    }
}

gsize
astern_journal_bytes (AsternJournal *journal)
{
  gsize bytes = 0;

  for (guint i = 0; i < journal->blocks->len; i++)
    bytes += sizeof (Block) + (block_at (journal, i)->events != NULL ? block_at (journal, i)->bytes : 0);
  return bytes;
}

guint64
astern_journal_length (AsternJournal *journal)
{
  guint64 n = 0;

  for (guint i = 0; i < journal->blocks->len; i++)
    n += block_at (journal, i)->n;
  return n;
}
