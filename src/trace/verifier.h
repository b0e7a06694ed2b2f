/* verifier - a replay held against its recording.
 *
 * The recording's checkpoints are inputs on the port "checkpoint", which the verifier gives the machine.  When one is
 * delivered, the hashes that were stored there are compared with the state's; the first difference names
 * the parts that differ and where the run was still the same.
 *
 * Threads: the machine's.
 * Cost:    as recording: a hash of the small parts for each checkpoint, of memory where it was hashed. */
#pragma once

#include "core/machine.h"
#include "trace/recording.h"

typedef struct _AsternVerifier AsternVerifier;

/* Called once, within the delivery: stop the machine from there. */
typedef void (*AsternDivergedFunc) (gpointer user, const char *message);

/* The machine is wired and reset and has not run yet.  @recording must outlive the verifier, which must outlive the machine's
 * last run. */
AsternVerifier *astern_verifier_new     (AsternMachine *machine, AsternRecording *recording, AsternDivergedFunc diverged,
                                         gpointer user);
void            astern_verifier_free    (AsternVerifier *verifier);

/* Compares the state as it is with what is stored for this moment.  TRUE: it is the same, or nothing is stored.
 * FALSE: %ASTERN_RECORDING_ERROR_MACHINE, or the file cannot be read. */
gboolean        astern_verifier_check   (AsternVerifier *verifier, GError **error);

/* Puts the machine, which stands at power-on, into the last state that was kept at or before @moment; at power-on it
 * stays when there is none.  On failure the machine is only good to be freed. */
gboolean        astern_verifier_start_at (AsternVerifier *verifier, AsternMoment moment, GError **error);

/* Gives the door all inputs of the recording from the present on; the outside is mute from here.  Fails when
 * the recording has an input for a port that the machine has not. */
gboolean        astern_verifier_load_journal (AsternVerifier *verifier, GError **error);

/* The names of the machine's parts whose hashes are not those in @wanted (astern_recording_hashes()), separated by commas; NULL:
 * all are the same. */
char           *astern_verifier_differing (AsternMachine *machine, GHashTable *wanted);

/* How many checkpoints were the same. */
guint64         astern_verifier_count   (AsternVerifier *verifier);
/* (nullable) how the replay differs, if it does. */
const char     *astern_verifier_message (AsternVerifier *verifier);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternVerifier, astern_verifier_free)
