/* journal-file - what came from outside, on the host's disk: a shelf for a machine's journal.
 *
 * The file has no name, and is gone with the program.  It lies in $TMPDIR, or in /var/tmp.
 *
 * Threads: one. */
#pragma once

#include "core/journal.h"

typedef struct _AsternJournalFile AsternJournalFile;

/* The file comes into being with the first block. */
AsternJournalFile *astern_journal_file_new   (void);
void               astern_journal_file_free  (AsternJournalFile *file);
AsternJournalShelf astern_journal_file_shelf (AsternJournalFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternJournalFile, astern_journal_file_free)
