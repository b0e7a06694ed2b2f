/* verifier.c - see verifier.h. */
#include "config.h"

#include "trace/verifier.h"

#include "trace/journal-reader.h"
#include "trace/recorder.h"
#include "trace/state.h"

#include <glib/gi18n.h>

struct _AsternVerifier
{
  AsternMachine     *machine;
  AsternRecording   *recording;
  AsternDivergedFunc diverged;
  gpointer           user;
  AsternMoment       same;         /* the last moment that was compared */
  guint64            n_same;
  char              *message;      /* (nullable) it differs */
  AsternJournalReader *reader;     /* (nullable) */
  AsternMoment       from;         /* it is read from here on */
  GError            *failed;       /* (nullable) to read it */
  gboolean           loading;      /* who asked hears of it */
};

static gboolean
has_memory (AsternMachine *machine, GHashTable *wanted)
{
  for (guint i = 0; i < machine->memory->blocks->len; i++)
    {
      const AsternRamBlock *block = g_ptr_array_index (machine->memory->blocks, i);

      if (g_hash_table_contains (wanted, block->name))
        return TRUE;
    }
  return FALSE;
}

char *
astern_verifier_differing (AsternMachine *machine, GHashTable *wanted)
{
  g_autoptr (GArray) parts = astern_recorder_hash (machine, has_memory (machine, wanted));
  g_autoptr (GString) names = g_string_new (NULL);
  guint found = 0;

  for (guint i = 0; i < parts->len; i++)
    {
      const AsternHashPart *part = &g_array_index (parts, AsternHashPart, i);
      const guint64 *hash = g_hash_table_lookup (wanted, part->part);

      found += hash != NULL;
      if (hash == NULL || *hash != part->hash)
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", part->part);
    }
  if (found < g_hash_table_size (wanted))
    g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", _("parts that this machine has not"));
  return names->len > 0 ? g_string_free (g_steal_pointer (&names), FALSE) : NULL;
}

gboolean
astern_verifier_check (AsternVerifier *verifier, GError **error)
{
  AsternMoment now = astern_clock_moment (&verifier->machine->clock);
  GError *failed = NULL;
  g_autoptr (GHashTable) wanted = astern_recording_hashes (verifier->recording, now, &failed);
  char here[ASTERN_MOMENT_TEXT], before[ASTERN_MOMENT_TEXT];
  g_autofree char *parts = NULL;

  if (failed != NULL)
    {
      g_propagate_error (error, failed);
      return FALSE;
    }
  if (wanted == NULL)
    return TRUE;
  parts = astern_verifier_differing (verifier->machine, wanted);
  if (parts == NULL)
    {
      verifier->same = now;
      verifier->n_same++;
      return TRUE;
    }
  g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_MACHINE,
               verifier->n_same == 0
               ? _("This machine is not the one that was recorded: at %s these parts differ: %s.")
               : _("The replay went another way than the run: at %s these parts differ: %s; at %s all was the same."),
               astern_moment_format (now, here), parts, astern_moment_format (verifier->same, before));
  return FALSE;
}

/* Also called while the past of the replay is executed again: that was compared. */
static void
delivered (gpointer receiver, gconstpointer data, gsize size)
{
  AsternVerifier *verifier = receiver;
  AsternMoment now = astern_clock_moment (&verifier->machine->clock);
  gboolean known = verifier->n_same > 0 && astern_moment_compare (now, verifier->same) <= 0;
  g_autoptr (GError) error = NULL;

  if (known || verifier->message != NULL || astern_verifier_check (verifier, &error))
    return;
  verifier->message = g_strdup (error->message);
  verifier->diverged (verifier->user, verifier->message);
}

AsternVerifier *
astern_verifier_new (AsternMachine *machine, AsternRecording *recording, AsternDivergedFunc diverged, gpointer user)
{
  AsternVerifier *verifier = g_new0 (AsternVerifier, 1);

  verifier->machine = machine;
  verifier->recording = recording;
  verifier->diverged = diverged;
  verifier->user = user;
  astern_inputs_add_port (machine->inputs, ASTERN_CHECKPOINT_PORT, delivered, verifier);
  return verifier;
}

void
astern_verifier_free (AsternVerifier *verifier)
{
  if (verifier == NULL)
    return;
  astern_journal_reader_free (verifier->reader);
  g_clear_error (&verifier->failed);
  g_free (verifier->message);
  g_free (verifier);
}

gboolean
astern_verifier_start_at (AsternVerifier *verifier, AsternMoment moment, GError **error)
{
  AsternRecordingSnapshot snapshot;
  g_autoptr (GVariant) state = NULL;
  GError *failed = NULL;

  if (!astern_recording_find_snapshot (verifier->recording, moment, &snapshot, &failed))
    {
      if (failed != NULL)
        g_propagate_error (error, failed);
      return failed == NULL;
    }
  state = astern_recording_snapshot_state (verifier->recording, snapshot.id, error);
  return state != NULL &&
         astern_state_load_memory (verifier->machine, verifier->recording, snapshot.id, error) &&
         astern_state_load (verifier->machine, state, error) && astern_verifier_check (verifier, error);
}

/* ---- the journal ---- */

typedef struct
{
  AsternVerifier *verifier;
  GArray         *events;
} Loading;

static gboolean
load_input (gpointer user, AsternMoment moment, const char *port, GBytes *data, GError **error)
{
  Loading *loading = user;
  AsternInputEvent event = { .moment = moment, .data = data };

  if (!astern_inputs_find_port (loading->verifier->machine->inputs, port, &event.port))
    {
      g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_MACHINE,
                   _("The recording has an input for “%s”, which this machine has not."), port);
      return FALSE;
    }
  g_bytes_ref (data);
  g_array_append_val (loading->events, event);
  return TRUE;
}

/* A recording that cannot be read on is as one that differs: the machine is stopped there. */
static guint64
load_more (gpointer user, GArray *events)
{
  AsternVerifier *verifier = user;
  Loading loading = { verifier, events };
  guint64 place;

  if (astern_journal_reader_next (verifier->reader, verifier->from, load_input, &loading, &place, &verifier->failed))
    return place;
  if (!verifier->loading && verifier->message == NULL)
    {
      verifier->message = g_strdup (verifier->failed->message);
      verifier->diverged (verifier->user, verifier->message);
    }
  return 0;
}

static gboolean
load_again (gpointer user, guint64 place, guint n, GArray *events, GError **error)
{
  AsternVerifier *verifier = user;
  Loading loading = { verifier, events };

  return astern_journal_reader_again (verifier->reader, place, n, load_input, &loading, error);
}

gboolean
astern_verifier_load_journal (AsternVerifier *verifier, GError **error)
{
  AsternInputs *inputs = verifier->machine->inputs;
  const AsternJournalShelf shelf = { .read = load_again, .more = load_more, .user = verifier };

  verifier->reader = astern_journal_reader_new (verifier->recording);
  verifier->from = astern_clock_moment (&verifier->machine->clock);
  astern_inputs_journal_continue (inputs, &shelf);
  astern_inputs_set_replay (inputs, TRUE);
  verifier->loading = TRUE;
  astern_inputs_next_icount (inputs);      /* reads the first piece */
  verifier->loading = FALSE;
  if (verifier->failed == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&verifier->failed));
  return FALSE;
}

guint64
astern_verifier_count (AsternVerifier *verifier)
{
  return verifier->n_same;
}

const char *
astern_verifier_message (AsternVerifier *verifier)
{
  return verifier->message;
}
