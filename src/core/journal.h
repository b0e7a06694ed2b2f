/* journal - all that came through the door, by moment, in little memory.
 *
 * Events are kept in blocks.  The latest one grows; the others never change, may belong to several journals, and once they
 * lie on a shelf - a file - only those that were loaded last are in memory.  A replay's journal is read from its recording
 * block by block, as it is needed.
 *
 * Threads: the thread that runs the machine.
 * Units:   bytes of host memory. */
#pragma once

#include "core/moment.h"

typedef struct _AsternJournal AsternJournal;

/* One line. */
typedef struct
{
  AsternMoment  moment;
  guint         port;
  GBytes       *data;
} AsternInputEvent;

/* A place outside of memory. */
typedef struct
{
  /* Puts them there.  Returns where, never 0; 0: it cannot, and they stay in memory. */
  guint64  (*keep) (gpointer user, const AsternInputEvent *events, guint n);
  /* Appends what keep() was given, or what more() gave, to @events. */
  gboolean (*read) (gpointer user, guint64 place, guint n, GArray *events, GError **error);
  /* (nullable) The next lines of a journal that is there already: appends them to @events, which is empty.  Returns where they are;
   * 0: there are no more.  How it fails is the shelf's affair. */
  guint64  (*more) (gpointer user, GArray *events);
  gpointer user;
} AsternJournalShelf;

/* Between two lines. */
typedef struct { guint block, line; } AsternJournalPlace;

AsternJournal *astern_journal_new       (void);
AsternJournal *astern_journal_ref       (AsternJournal *journal);
void           astern_journal_unref     (AsternJournal *journal);
/* Shares the blocks. */
AsternJournal *astern_journal_copy      (AsternJournal *journal);

/* For what is appended from now on; copied.  It outlives the journal. */
void           astern_journal_set_shelf (AsternJournal *journal, const AsternJournalShelf *shelf);
/* What follows is read from there.  The journal is not appended to before it was cut. */
void           astern_journal_continue  (AsternJournal *journal, const AsternJournalShelf *shelf);

/* @event->moment is not before the last one's. */
void           astern_journal_append    (AsternJournal *journal, const AsternInputEvent *event);
/* The line behind @at, which is moved to the next block when it stands at a block's end; NULL: there is none.  Valid until
 * the journal is used again. */
const AsternInputEvent *astern_journal_at (AsternJournal *journal, AsternJournalPlace *at);
/* Before the first line at or after @moment. */
AsternJournalPlace astern_journal_find  (AsternJournal *journal, AsternMoment moment);
/* Behind the last line that was appended or read so far. */
AsternJournalPlace astern_journal_end   (AsternJournal *journal);
/* What is behind @at is forgotten, and what could be read. */
void           astern_journal_cut       (AsternJournal *journal, AsternJournalPlace at);

/* Looks for the first line in which they differ: TRUE, and the lines' moments (of one that ended: the other's). */
gboolean       astern_journal_differ    (AsternJournal *a, AsternJournal *b, AsternMoment *from);

gsize          astern_journal_bytes     (AsternJournal *journal);    /* in memory */
guint64        astern_journal_length    (AsternJournal *journal);    /* lines so far */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternJournal, astern_journal_unref)
