/* past - asking what happened in a stretch of the past, which is executed again for it (core/debugger-trace.h).
 *
 * How far it has come is told by the run's signal "progress"; astern_run_cancel() gives it up.  The machine has to be stopped, and
 * is again as it was when the answer comes.
 *
 * Threads: the main thread, but for the function that looks. */
#pragma once

#include "core/debugger-trace.h"
#include "gui/run.h"

/* The machine's thread: the answer to @question; NULL with an error: none. */
typedef gpointer (*AsternPastFunc) (AsternSession *session, AsternClient *client, gpointer question, GError **error);

/* @question is freed with @free_question, also when nobody looked; an answer that nobody takes with @free_answer. */
void     astern_past_ask    (AsternRun *run, AsternPastFunc look, gpointer question, GDestroyNotify free_question,
                             GDestroyNotify free_answer, GCancellable *cancellable, GAsyncReadyCallback asked, gpointer user);
gpointer astern_past_finish (GAsyncResult *result, GError **error);

/* Which stretch, as a user chooses it: from the present. */
typedef struct
{
  const char *id;           /* "1M" */
  guint64     insns;
  gboolean    around;       /* and as much after it; else before it alone */
  const char *label;        /* untranslated */
} AsternPastChoice;

/* Up to one without an id. */
extern const AsternPastChoice astern_past_choices[];
const AsternPastChoice *astern_past_choice (const char *id);
/* The machine's thread. */
AsternStretch astern_past_stretch (AsternDebugger *debugger, const AsternPastChoice *choice);
