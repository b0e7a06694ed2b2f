/* test-monitor-console - the monitor's line in a console of the window's: what readline makes of keys there. */
#include "config.h"

#include "session/monitor-line.h"

#include <string.h>

#include <glib/gstdio.h>

#define PATIENCE_US (60 * G_USEC_PER_SEC)      /* a loaded host is slow */
#define UP    "\033[A"
#define LEFT  "\033[D"

typedef struct
{
  AsternHostLoop        *loop;
  AsternChardev         *chardev;
  AsternMonitorNames    *names;
  AsternMonitorLineFuncs funcs;
  AsternMonitorLine     *line;
  GMutex                 mutex;
  GCond                  cond;
  GString               *seen;        /* guarded */
  GPtrArray             *entered;     /* guarded */
  guint                  interrupted; /* guarded */
} Fixture;

static void
on_written (gpointer data, const guint8 *bytes, gsize size)
{
  Fixture *f = data;

  g_mutex_lock (&f->mutex);
  g_string_append_len (f->seen, (const char *) bytes, (gssize) size);
  g_cond_broadcast (&f->cond);
  g_mutex_unlock (&f->mutex);
}

static void
on_entered (gpointer data, AsternMonitorLine *line, const char *text)
{
  Fixture *f = data;

  g_mutex_lock (&f->mutex);
  g_ptr_array_add (f->entered, g_strdup (text));
  g_cond_broadcast (&f->cond);
  g_mutex_unlock (&f->mutex);
  astern_monitor_line_ready (line);
}

static void
on_interrupted (gpointer data)
{
  Fixture *f = data;

  g_mutex_lock (&f->mutex);
  f->interrupted++;
  g_cond_broadcast (&f->cond);
  g_mutex_unlock (&f->mutex);
}

static void
on_ended (gpointer data)
{
}

static void
on_typed (gpointer data, const guint8 *bytes, gsize size)
{
  astern_monitor_line_feed (((Fixture *) data)->line, bytes, size);
}

static void
begin (gpointer data)
{
  Fixture *f = data;

  f->line = astern_monitor_line_new (f->chardev, &f->funcs, f->names);
  astern_monitor_line_show (f->line, TRUE);
}

static void
end (gpointer data)
{
  astern_monitor_line_free (((Fixture *) data)->line);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_auto (AsternChardevSpec) spec = { 0 };

  f->loop = astern_host_loop_new ();
  g_assert_true (astern_chardev_spec_parse ("vc", &spec, NULL));
  f->chardev = astern_chardev_open (f->loop, &spec, NULL);
  f->names = astern_monitor_names_new ();
  f->funcs = (AsternMonitorLineFuncs) { on_entered, on_ended, on_interrupted, f };
  f->seen = g_string_new (NULL);
  f->entered = g_ptr_array_new_with_free_func (g_free);
  g_mutex_init (&f->mutex);
  g_cond_init (&f->cond);
  astern_chardev_set_sink (f->chardev, on_written, f);
  astern_chardev_set_size (f->chardev, 60, 20);
  astern_host_loop_call_and_wait (f->loop, begin, f);
  astern_chardev_receive (f->chardev, on_typed, f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_monitor_line_finish (f->line);
  astern_host_loop_call_and_wait (f->loop, end, f);
  astern_chardev_close (f->chardev);
  astern_host_loop_free (f->loop);
  astern_monitor_names_free (f->names);
  g_string_free (f->seen, TRUE);
  g_ptr_array_unref (f->entered);
  g_cond_clear (&f->cond);
  g_mutex_clear (&f->mutex);
}

static void
type (Fixture *f, const char *text)
{
  astern_chardev_type (f->chardev, (const guint8 *) text, strlen (text));
}

static void
wait_for_line (Fixture *f, guint index, const char *text)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  g_mutex_lock (&f->mutex);
  while (f->entered->len <= index)
    if (!g_cond_wait_until (&f->cond, &f->mutex, until))
      g_error ("“%s” was not entered; seen: “%s”", text, f->seen->str);
  g_assert_cmpstr (g_ptr_array_index (f->entered, index), ==, text);
  g_mutex_unlock (&f->mutex);
}

static void
wait_to_see (Fixture *f, const char *text)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  g_mutex_lock (&f->mutex);
  while (strstr (f->seen->str, text) == NULL)
    if (!g_cond_wait_until (&f->cond, &f->mutex, until))
      g_error ("“%s” was not seen; seen: “%s”", text, f->seen->str);
  g_string_truncate (f->seen, 0);
  g_mutex_unlock (&f->mutex);
}

static void
a_line_is_edited_with_the_keys_of_a_terminal (Fixture *f, gconstpointer data)
{
  wait_to_see (f, "(astern) ");
  type (f, "info regsters" LEFT LEFT LEFT LEFT LEFT "i");
  wait_to_see (f, "i");
  type (f, "\001\013info cpus\r");               /* Ctrl-A, Ctrl-K */
  wait_for_line (f, 0, "info cpus");
  type (f, "abc\177\177de\r");                    /* what the console's Backspace sends */
  wait_for_line (f, 1, "ade");
}

static void
what_was_entered_comes_back (Fixture *f, gconstpointer data)
{
  type (f, "x /4 0x1000\r");
  wait_for_line (f, 0, "x /4 0x1000");
  type (f, UP "0\r");
  wait_for_line (f, 1, "x /4 0x10000");
}

static void
words_are_completed_and_listed_within_the_width (Fixture *f, gconstpointer data)
{
  const char *listed;
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  type (f, "info regi\t");
  wait_to_see (f, "info registers");
  type (f, "\025info \t\t");
  g_mutex_lock (&f->mutex);
  while (strstr (f->seen->str, "registers") == NULL)
    if (!g_cond_wait_until (&f->cond, &f->mutex, until))
      g_error ("no list; seen: “%s”", f->seen->str);
  listed = strchr (f->seen->str, '\n');
  for (const char *line = listed + 1; strchr (line, '\n') != NULL; line = strchr (line, '\n') + 1)
    g_assert_cmpint (strchr (line, '\n') - line, <=, 60);
  g_mutex_unlock (&f->mutex);
}

/* From the end of a line that fills two rows, its begin is a row up. */
static void
a_long_line_turns_where_the_terminal_does (Fixture *f, gconstpointer data)
{
  static const struct { guint columns; gboolean turns; } cases[] = { { 60, TRUE }, { 100, FALSE } };
  g_autofree char *text = g_strnfill (70, 'w');

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      astern_chardev_set_size (f->chardev, cases[i].columns, 20);
      type (f, text);
      type (f, "\001!\r");                        /* Ctrl-A: up one row, or only to the left */
      wait_for_line (f, i, "!wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww");
      g_mutex_lock (&f->mutex);
      g_assert_cmpint (strstr (f->seen->str, "\033[A") != NULL, ==, cases[i].turns);
      g_string_truncate (f->seen, 0);
      g_mutex_unlock (&f->mutex);
    }
}

static void
ctrl_c_forgets_the_line_and_then_interrupts (Fixture *f, gconstpointer data)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  type (f, "half a line\003");
  wait_to_see (f, "^C");
  type (f, "quit?\r");
  wait_for_line (f, 0, "quit?");
  type (f, "\003");
  g_mutex_lock (&f->mutex);
  while (f->interrupted == 0)
    g_assert_true (g_cond_wait_until (&f->cond, &f->mutex, until));
  g_mutex_unlock (&f->mutex);
}

static void
others_words_stand_above_what_is_typed (Fixture *f, gconstpointer data)
{
  type (f, "half");
  wait_to_see (f, "half");
  astern_monitor_line_say (f->line, "news\n");
  wait_to_see (f, "(astern) half");
  type (f, " done\r");
  wait_for_line (f, 0, "half done");
}

#define ADD(name) g_test_add ("/session/monitor-console/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("astern-XXXXXX", NULL);
  int status;

  g_setenv ("XDG_STATE_HOME", folder, TRUE);     /* the history's */
  g_setenv ("INPUTRC", "/dev/null", TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD (a_line_is_edited_with_the_keys_of_a_terminal);
  ADD (what_was_entered_comes_back);
  ADD (words_are_completed_and_listed_within_the_width);
  ADD (a_long_line_turns_where_the_terminal_does);
  ADD (ctrl_c_forgets_the_line_and_then_interrupts);
  ADD (others_words_stand_above_what_is_typed);
  status = g_test_run ();
  {
    g_autofree char *inner = g_build_filename (folder, "astern", NULL);
    g_autofree char *history = g_build_filename (inner, "monitor-history", NULL);

    g_unlink (history);
    g_rmdir (inner);
    g_rmdir (folder);
  }
  return status;
}
