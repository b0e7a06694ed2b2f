/* journal-reader - a recording's journal, piece by piece.
 *
 * Threads: that of the recording. */
#pragma once

#include "trace/recording.h"

typedef struct _AsternJournalReader AsternJournalReader;

/* @recording must outlive it. */
AsternJournalReader *astern_journal_reader_new  (AsternRecording *recording);
void                 astern_journal_reader_free (AsternJournalReader *reader);

/* The next some hundred KiB of what came from outside at or after @from, for the branch at whose head the recording ends, in order.
 * *@place: where they can be read again; 0: there were no more. */
gboolean             astern_journal_reader_next (AsternJournalReader *reader, AsternMoment from, AsternRecordingInputFunc visit, gpointer user,
                                                 guint64 *place, GError **error);
/* The @n that lie at @place. */
gboolean             astern_journal_reader_again (AsternJournalReader *reader, guint64 place, guint n, AsternRecordingInputFunc visit,
                                                  gpointer user, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternJournalReader, astern_journal_reader_free)
