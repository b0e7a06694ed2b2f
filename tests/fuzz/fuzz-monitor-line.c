/* fuzz-monitor-line - any lines, typed at the monitor of the demo guest.
 *
 * Each is answered with whole lines of valid text, and completing any beginning of it gives words that begin so.
 * Commands that take a file name are looked up and not executed: they would write where the input says. */
#include "config.h"

#include "session/bookmarks.h"
#include "session/monitor-complete.h"
#include "launch/demo-image.h"

#include <string.h>

/* Where each way forward ends, for lines are tried, not the guest. */
#define LAST_ICOUNT 1200000

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

typedef struct
{
  AsternLaunchOptions *options;
  AsternLaunchFront    front;
  AsternSession        session;
  AsternMonitorNames  *names;
  AsternMonitor       *monitor;
} Target;

/* Made once: what a line does to the machine, the next may meet. */
static Target *
target (void)
{
  static const char *const args[] = { "-m", "16", "-display", "none", "-serial", "none", "-seed", "1",
                                      "-rtc", "base=2026-01-01T00:00:00", "-icount", "sleep=off", NULL };
  static const AsternTimelineOptions history = { .budget_bytes = 64 << 20 };
  static Target t;

  if (t.monitor != NULL)
    return &t;
  t.options = astern_launch_options_new ();
  t.options->kernel_bytes = g_bytes_new_static (astern_demo_image, astern_demo_image_size);
  g_assert_true (astern_launch_options_parse (t.options, args, NULL));
  t.session.launch = astern_launch (t.options, &t.front, NULL);
  g_assert_nonnull (t.session.launch);
  t.names = astern_monitor_names_new ();
  t.session.debugger = astern_debugger_new (t.session.launch->machine, &history, NULL);
  t.session.bookmarks = astern_bookmarks_new (t.session.debugger);
  t.monitor = astern_monitor_new (&t.session, t.names, NULL);
  astern_machine_run (t.session.launch->machine, 1000000);
  return &t;
}

static void
complete (Target *t, const char *line)
{
  const char *word = strrchr (line, ' ');
  g_autofree char *head = g_strndup (line, word != NULL ? (gsize) (word + 1 - line) : 0);
  const char *text = line + strlen (head);
  g_autoptr (GPtrArray) found = astern_monitor_completions (head, text, t->names);

  for (guint i = 0; i < found->len; i++)
    g_assert_true (g_str_has_prefix (g_ptr_array_index (found, i), text));
}

static void
execute (Target *t, const char *line)
{
  g_autofree char *valid = g_strstrip (g_utf8_make_valid (line, -1));
  g_autofree char *answer = NULL;
  const char *argument;
  const AsternMonitorCommand *command = astern_monitor_find (valid, &argument);

  if (command != NULL && command->completes == ASTERN_COMPLETES_FILE)
    return;
  astern_debugger_set_stop_at (t->session.debugger, (AsternMoment) { LAST_ICOUNT, 0 });
  answer = astern_monitor_execute (t->monitor, line);
  g_assert_true (g_utf8_validate (answer, -1, NULL));
  g_assert_true (answer[0] == '\0' || g_str_has_suffix (answer, "\n"));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Target *t = target ();
  g_autofree char *text = g_strndup ((const char *) data, MIN (size, 4096));
  g_auto (GStrv) lines = g_strsplit (text, "\n", 16);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      complete (t, lines[i]);
      execute (t, lines[i]);
    }
  return 0;
}
