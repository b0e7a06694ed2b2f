/* past.c - see past.h. */
#include "config.h"

#include "gui/past.h"

#include <glib/gi18n.h>

const AsternPastChoice astern_past_choices[] = {
  { "100k",   100000,    FALSE, N_("Last 100,000 instructions") },
  { "1M",     1000000,   FALSE, N_("Last million instructions") },
  { "10M",    10000000,  FALSE, N_("Last 10 million instructions") },
  { "100M",   100000000, FALSE, N_("Last 100 million instructions") },
  { "around", 1000000,   TRUE,  N_("A million instructions on both sides") },
  { NULL, 0, FALSE, NULL },
};

const AsternPastChoice *
astern_past_choice (const char *id)
{
  for (const AsternPastChoice *choice = astern_past_choices; choice->id != NULL; choice++)
    if (g_strcmp0 (choice->id, id) == 0)
      return choice;
  return &astern_past_choices[1];
}

AsternStretch
astern_past_stretch (AsternDebugger *debugger, const AsternPastChoice *choice)
{
  AsternMoment present = astern_timeline_present (astern_debugger_timeline (debugger));

  return choice->around ? astern_stretch_around (debugger, present, choice->insns)
                        : astern_stretch_before (debugger, present, choice->insns);
}

/* ---- asking ---- */

typedef struct
{
  AsternRun     *run;
  AsternPastFunc look;
  gpointer       question;
  GDestroyNotify free_question, free_answer;
  gboolean       looked;
} Asking;

static void
free_asking (gpointer data)
{
  Asking *asking = data;

  if (asking->free_question != NULL)
    asking->free_question (asking->question);
  g_object_unref (asking->run);
  g_free (asking);
}

/* The machine's thread. */
static void
look (AsternSession *session, gpointer data)
{
  GTask *task = data;
  Asking *asking = g_task_get_task_data (task);
  GError *error = NULL;
  gpointer answer;

  asking->looked = TRUE;
  if (g_task_return_error_if_cancelled (task))
    return;
  answer = asking->look (session, astern_run_client (asking->run), asking->question, &error);
  if (answer != NULL)
    g_task_return_pointer (task, answer, asking->free_answer);
  else
    g_task_return_error (task, error);
}

/* Any thread; what was not looked at has found no machine. */
static void
done (gpointer data)
{
  GTask *task = data;

  if (!((Asking *) g_task_get_task_data (task))->looked)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, _("There is no machine."));
  g_object_unref (task);
}

void
astern_past_ask (AsternRun *run, AsternPastFunc func, gpointer question, GDestroyNotify free_question,
                 GDestroyNotify free_answer, GCancellable *cancellable, GAsyncReadyCallback asked, gpointer user)
{
  GTask *task = g_task_new (NULL, cancellable, asked, user);
  Asking *asking = g_new (Asking, 1);

  *asking = (Asking) { g_object_ref (run), func, question, free_question, free_answer, FALSE };
  g_task_set_task_data (task, asking, free_asking);
  astern_run_call (run, look, task, done);
}

gpointer
astern_past_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
