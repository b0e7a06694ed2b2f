/* The consoles: what is kept of a port's output, and what it was at a moment. */
#include "config.h"

#include "gui/console-page.h"
#include "gui/console.h"

#include <string.h>

typedef struct
{
  GMainContext   *context;
  AsternHostLoop *loop;
  AsternChardev  *chardev;
  AsternConsole  *console;
  AsternMoment    now;
  guint           written;       /* signals */
} Fixture;

static AsternMoment
now (gpointer user)
{
  return ((Fixture *) user)->now;
}

static void
count (Fixture *f)
{
  f->written++;
}

static void
set_up (Fixture *f, gconstpointer has_moments)
{
  g_auto (AsternChardevSpec) spec = { 0 };

  f->context = g_main_context_new ();
  f->loop = astern_host_loop_new ();
  g_assert_true (astern_chardev_spec_parse ("vc", &spec, NULL));
  f->chardev = astern_chardev_open (f->loop, &spec, NULL);
  f->console = astern_console_new ("serial0", has_moments != NULL, f->context);
  g_signal_connect_swapped (f->console, "written", G_CALLBACK (count), f);
  astern_console_connect (f->console, f->chardev, now, f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_console_connect (f->console, NULL, NULL, NULL);
  g_object_unref (f->console);
  astern_chardev_close (f->chardev);
  astern_host_loop_free (f->loop);
  g_main_context_unref (f->context);
}

static void
print_at (Fixture *f, guint64 icount, guint32 step, const char *text)
{
  f->now = (AsternMoment) { icount, step };
  astern_chardev_write (f->chardev, (const guint8 *) text, strlen (text));
}

static void
assert_text (Fixture *f, guint64 from, guint64 to, const char *text)
{
  gsize size;
  g_autofree guint8 *bytes = astern_console_read (f->console, from, to, &size);

  g_assert_cmpmem (bytes, size, text, strlen (text));
}

static void
output_is_kept_with_its_moments (Fixture *f, gconstpointer data)
{
  print_at (f, 100, 0, "one ");
  print_at (f, 200, 0, "two ");
  print_at (f, 200, 3, "three");
  g_assert_cmpuint (astern_console_size (f->console, NULL), ==, 13);
  g_assert_cmpuint (astern_console_size (f->console, &(AsternMoment) { 99, 9 }), ==, 0);
  g_assert_cmpuint (astern_console_size (f->console, &(AsternMoment) { 100, 0 }), ==, 4);
  g_assert_cmpuint (astern_console_size (f->console, &(AsternMoment) { 199, 0 }), ==, 4);
  g_assert_cmpuint (astern_console_size (f->console, &(AsternMoment) { 200, 2 }), ==, 8);
  g_assert_cmpuint (astern_console_size (f->console, &(AsternMoment) { G_MAXUINT64, 0 }), ==, 13);
  assert_text (f, 4, 8, "two ");
  assert_text (f, 8, 4, "");
  assert_text (f, 0, 1000, "one two three");
}

static void
a_cut_forgets_what_another_run_printed (Fixture *f, gconstpointer data)
{
  print_at (f, 100, 0, "one ");
  print_at (f, 200, 0, "two ");
  print_at (f, 300, 0, "three");
  astern_console_cut (f->console, (AsternMoment) { 200, 0 });
  assert_text (f, 0, 1000, "one two ");
  print_at (f, 250, 0, "other");
  assert_text (f, 0, 1000, "one two other");
  g_assert_cmpuint (astern_console_size (f->console, &(AsternMoment) { 249, 0 }), ==, 8);
}

static void
without_moments_it_is_always_now (Fixture *f, gconstpointer data)
{
  print_at (f, 100, 0, "help\n");
  g_assert_false (astern_console_has_moments (f->console));
  g_assert_cmpuint (astern_console_size (f->console, &(AsternMoment) { 1, 0 }), ==, 5);
  astern_console_cut (f->console, (AsternMoment) { 1, 0 });
  assert_text (f, 0, 5, "help\n");
}

static void
the_oldest_is_forgotten_and_places_stay (Fixture *f, gconstpointer data)
{
  g_autofree char *block = g_strnfill (1u << 20, 'x');
  guint n = ASTERN_CONSOLE_MAX_BYTES / (1u << 20) + 1;
  guint64 total = (guint64) n << 20;
  gsize size;
  g_autofree guint8 *left = NULL;

  for (guint i = 0; i < n; i++)
    print_at (f, 1000 * (i + 1), 0, block);
  g_assert_cmpuint (astern_console_size (f->console, NULL), ==, total);
  g_assert_cmpuint (astern_console_size (f->console, &(AsternMoment) { 1000 * n - 1, 0 }), ==, total - (1u << 20));
  left = astern_console_read (f->console, 0, total, &size);
  g_assert_cmpuint (size, >=, ASTERN_CONSOLE_MAX_BYTES / 2);
  g_assert_cmpuint (size, <=, ASTERN_CONSOLE_MAX_BYTES);
  /* What is before all that is kept begins where that does. */
  g_assert_cmpuint (astern_console_size (f->console, &(AsternMoment) { 1, 0 }), ==, total - size);
  print_at (f, G_MAXUINT64, 0, "end");
  assert_text (f, total, total + 3, "end");
}

static void
a_storm_of_output_is_one_signal (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 1000; i++)
    print_at (f, i, 0, "x");
  g_assert_cmpuint (f->written, ==, 0);
  while (g_main_context_iteration (f->context, FALSE))
    ;
  g_assert_cmpuint (f->written, ==, 1);
}

static void
the_size_is_told_before_and_after_connecting (Fixture *f, gconstpointer data)
{
  guint columns, rows;

  astern_chardev_get_size (f->chardev, &columns, &rows);
  g_assert_cmpuint (columns, ==, 0);
  astern_console_set_size (f->console, 132, 43);
  astern_chardev_get_size (f->chardev, &columns, &rows);
  g_assert_cmpuint (columns, ==, 132);
  g_assert_cmpuint (rows, ==, 43);
  astern_console_connect (f->console, NULL, NULL, NULL);
  astern_console_set_size (f->console, 40, 10);
  astern_console_connect (f->console, f->chardev, now, f);
  astern_chardev_get_size (f->chardev, &columns, &rows);
  g_assert_cmpuint (columns, ==, 40);
}

static void
titles_are_for_people (void)
{
  static const char *const titles[][2] = {
    { "serial0", "Serial 1" }, { "serial3", "Serial 4" }, { "monitor", "Monitor" }, { "debugcon", "Debug Console" },
    { "other", "other" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    {
      g_autofree char *title = astern_console_title (titles[i][0]);

      g_assert_cmpstr (title, ==, titles[i][1]);
    }
}

static void
a_terminals_answers_are_told_from_keys (void)
{
  static const char *const answers[] = { "\033[24;80R", "\033[?65;1;9c", "\033[0n", "\033[8;24;80t", "\033]11;rgb:0/0/0\033\\",
                                         "\033P1$r0m\033\\", "\033[?1;2$y" };
  static const char *const keys[] = { "a", "\r", "\033", "\033[A", "\033OP", "\033[1;5C", "\033[15~", "\033[H", "hello", "\033b",
                                      "\033[Z" };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    g_assert_true (astern_console_is_reply (answers[i], strlen (answers[i])));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_false (astern_console_is_reply (keys[i], strlen (keys[i])));
}

static void
a_terminal_takes_what_is_typed_and_leaves_moves (void)
{
  static const struct { guint key; GdkModifierType state; gboolean function_keys, monitor, takes; } cases[] = {
    { GDK_KEY_c, GDK_CONTROL_MASK, FALSE, FALSE, TRUE },
    { GDK_KEY_n, GDK_CONTROL_MASK, FALSE, TRUE, TRUE },
    { GDK_KEY_q, GDK_CONTROL_MASK, FALSE, FALSE, TRUE },
    { GDK_KEY_q, GDK_CONTROL_MASK, FALSE, TRUE, FALSE },
    { GDK_KEY_b, GDK_MOD1_MASK, FALSE, TRUE, TRUE },
    { GDK_KEY_C, GDK_CONTROL_MASK | GDK_SHIFT_MASK, FALSE, FALSE, TRUE },
    { GDK_KEY_S, GDK_CONTROL_MASK | GDK_SHIFT_MASK, FALSE, FALSE, FALSE },
    { GDK_KEY_F5, 0, FALSE, FALSE, FALSE },
    { GDK_KEY_F5, GDK_SHIFT_MASK, TRUE, FALSE, TRUE },
    { GDK_KEY_Left, GDK_MOD1_MASK, FALSE, FALSE, FALSE },
    { GDK_KEY_Escape, 0, FALSE, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (astern_console_takes_key (cases[i].key, cases[i].state, cases[i].function_keys, cases[i].monitor), ==,
                     cases[i].takes);
}

#define ADD(name, has_moments) g_test_add ("/gui/console/" #name, Fixture, has_moments ? "" : NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (output_is_kept_with_its_moments, TRUE);
  ADD (a_cut_forgets_what_another_run_printed, TRUE);
  ADD (without_moments_it_is_always_now, FALSE);
  ADD (the_oldest_is_forgotten_and_places_stay, TRUE);
  ADD (a_storm_of_output_is_one_signal, TRUE);
  ADD (the_size_is_told_before_and_after_connecting, TRUE);
  g_test_add_func ("/gui/console/titles_are_for_people", titles_are_for_people);
  g_test_add_func ("/gui/console/a_terminals_answers_are_told_from_keys", a_terminals_answers_are_told_from_keys);
  g_test_add_func ("/gui/console/a_terminal_takes_what_is_typed_and_leaves_moves", a_terminal_takes_what_is_typed_and_leaves_moves);
  return g_test_run ();
}
