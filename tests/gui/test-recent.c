/* What was run last, in its file; and command lines: absolute, as text. */
#include "config.h"

#include "gui/command-line.h"
#include "gui/recent.h"
#include "gui/start.h"
#include "launch/demo-image.h"

#include <string.h>

#include <glib/gstdio.h>

#define WORDS(...) ((const char *const[]) { __VA_ARGS__, NULL })

typedef struct
{
  char *dir, *file, *kernel;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->dir = g_dir_make_tmp ("astern-XXXXXX", NULL);
  f->file = g_build_filename (f->dir, "sub", "recent.ini", NULL);
  f->kernel = g_build_filename (f->dir, "a kernel", NULL);
  g_assert_true (g_file_set_contents (f->kernel, "x", 1, NULL));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *sub = g_path_get_dirname (f->file);

  g_unlink (f->file);
  g_rmdir (sub);
  g_unlink (f->kernel);
  g_rmdir (f->dir);
  g_free (f->file);
  g_free (f->kernel);
  g_free (f->dir);
}

static const AsternRecent *
at (GPtrArray *list, guint index)
{
  return g_ptr_array_index (list, index);
}

static void
what_was_run_is_there_again_word_by_word (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;

  astern_recent_add (f->file, "first; \\ one", WORDS ("-kernel", f->kernel, "-append", "a; b\\ \"c\" ü\n"), 5);
  list = astern_recent_load (f->file);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpstr (at (list, 0)->title, ==, "first; \\ one");
  g_assert_cmpint (at (list, 0)->when_s, ==, 5);
  g_assert_cmpuint (g_strv_length (at (list, 0)->words), ==, 4);
  g_assert_cmpstr (at (list, 0)->words[3], ==, "a; b\\ \"c\" ü\n");
}

static void
a_machine_without_options_is_there_again (Fixture *f, gconstpointer data)
{
  static const char *const none[] = { NULL };
  g_autoptr (GPtrArray) list = NULL;

  astern_recent_add (f->file, "PC", none, 1);
  list = astern_recent_load (f->file);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpuint (g_strv_length (at (list, 0)->words), ==, 0);
}

static void
the_latest_is_first_and_none_is_there_twice (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;

  astern_recent_add (f->file, "a", WORDS ("-m", "1"), 1);
  astern_recent_add (f->file, "b", WORDS ("-m", "2"), 2);
  astern_recent_add (f->file, "a again", WORDS ("-m", "1"), 3);
  list = astern_recent_load (f->file);
  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpstr (at (list, 0)->title, ==, "a again");
  g_assert_cmpstr (at (list, 1)->title, ==, "b");
}

static void
only_the_last_twenty_are_kept (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;

  for (guint i = 0; i < 25; i++)
    {
      g_autofree char *size = g_strdup_printf ("%u", 64 + i);

      astern_recent_add (f->file, size, WORDS ("-m", size), i);
    }
  list = astern_recent_load (f->file);
  g_assert_cmpuint (list->len, ==, ASTERN_RECENT_MOST);
  g_assert_cmpstr (at (list, 0)->title, ==, "88");
  g_assert_cmpstr (at (list, 19)->title, ==, "69");
}

static void
what_has_vanished_is_not_listed (Fixture *f, gconstpointer data)
{
  g_autofree char *gone = g_build_filename (f->dir, "gone", NULL);
  g_autoptr (GPtrArray) list = NULL;

  astern_recent_add (f->file, "recording", WORDS (gone, "-S"), 1);
  astern_recent_add (f->file, "kernel", WORDS ("-kernel", gone), 2);
  astern_recent_add (f->file, "bios", WORDS ("-bios", gone), 3);
  astern_recent_add (f->file, "there", WORDS (f->kernel), 4);
  astern_recent_add (f->file, "disk", WORDS ("-hda", gone), 5);
  astern_recent_add (f->file, "cdrom", WORDS ("-hda", f->kernel, "-cdrom", gone), 6);
  astern_recent_add (f->file, "no file", WORDS ("-hda", "nbd:localhost:10809", "-cdrom", f->kernel), 7);
  list = astern_recent_load (f->file);
  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpstr (at (list, 0)->title, ==, "no file");
  g_assert_cmpstr (at (list, 1)->title, ==, "there");
}

static void
a_file_of_nonsense_is_as_an_empty_one (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) list = astern_recent_load (f->kernel);
  g_autoptr (GPtrArray) none = astern_recent_load (f->file);

  g_assert_cmpuint (list->len, ==, 0);
  g_assert_cmpuint (none->len, ==, 0);
}

/* ---- command lines ---- */

static void
shows (const char *const *words, const char *expected)
{
  g_autofree char *text = astern_command_line_text (words);

  g_assert_cmpstr (text, ==, expected);
}

static void
a_line_names_the_command_that_does_the_same (void)
{
  static const char *const none[] = { NULL };

  shows (none, "astern run");
  shows (WORDS ("-m", "64"), "astern run -m 64");
  shows (WORDS ("demo"), "astern demo");
  shows (WORDS ("/tmp/run.astern", "-S"), "astern replay /tmp/run.astern -S");
  shows (WORDS ("-serial", "vc"), "astern gui -serial vc");
  shows (WORDS ("demo", "-debugcon", "vc:80Cx24C"), "astern gui demo -debugcon vc:80Cx24C");
  shows (WORDS ("-append", "vc"), "astern run -append vc");
}

static void
a_line_can_be_given_to_a_shell (void)
{
  const char *const *words = WORDS ("-append", "it's “quoted” $HOME; `x` \\ \"y\"", "-name", "");
  g_autofree char *text = astern_command_line_text (words);
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_shell_parse_argv (text, NULL, &argv, &error));
  g_assert_no_error (error);
  g_assert_true (g_strv_equal (words, (const char *const *) argv + 2));
}

static void
files_are_named_from_the_root_and_other_words_are_not_touched (Fixture *f, gconstpointer data)
{
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *cwd = NULL;
  g_auto (GStrv) words = NULL;
  g_autofree char *record = NULL, *log = NULL;

  g_assert_cmpint (g_chdir (f->dir), ==, 0);
  cwd = g_get_current_dir ();
  words = astern_command_line_absolute (WORDS ("-kernel", "a kernel", "--record", "r.astern", "-serial", "file:log", "-append", "a kernel",
                                               "-initrd", "m1 arg,m2", "-S", "-hda", "a kernel", "-cdrom", "fat:a"));
  g_assert_cmpint (g_chdir (here), ==, 0);
  record = g_build_filename (cwd, "r.astern", NULL);
  log = g_strdup_printf ("file:%s/log", cwd);
  g_assert_cmpstr (words[1], ==, f->kernel);
  g_assert_cmpstr (words[3], ==, record);
  g_assert_cmpstr (words[5], ==, log);
  g_assert_cmpstr (words[7], ==, "a kernel");
  g_assert_cmpstr (words[9], ==, "m1 arg,m2");
  g_assert_cmpstr (words[10], ==, "-S");
  g_assert_cmpstr (words[12], ==, f->kernel);
  g_assert_cmpstr (words[14], ==, "fat:a");
}

static void
an_argument_is_not_taken_for_an_option (void)
{
  g_assert_cmpstr (astern_command_line_find (WORDS ("-append", "-kernel", "-kernel", "x"), "kernel"), ==, "x");
  g_assert_null (astern_command_line_find (WORDS ("-append", "-kernel"), "kernel"));
  g_assert_cmpstr (astern_command_line_find (WORDS ("--kernel", "a", "-kernel", "b"), "kernel"), ==, "b");
}

/* ---- files ---- */

static AsternFileKind
kind_of (Fixture *f, gconstpointer bytes, gsize size)
{
  g_autoptr (GError) error = NULL;
  AsternFileKind kind = G_MAXINT;

  g_assert_true (g_file_set_contents (f->kernel, bytes, (gssize) size, NULL));
  g_assert_true (astern_start_file_kind (f->kernel, &kind, &error));
  g_assert_no_error (error);
  return kind;
}

static void
a_file_is_known_by_what_is_in_it (Fixture *f, gconstpointer data)
{
  guint8 recording[100] = "SQLite format 3", other[100] = "SQLite format 3";
  g_autofree char *gone = g_build_filename (f->dir, "gone", NULL);
  g_autoptr (GError) error = NULL;
  AsternFileKind kind;

  memcpy (recording + 68, "Astn", 4);
  g_assert_cmpint (kind_of (f, recording, sizeof recording), ==, ASTERN_FILE_RECORDING);
  g_assert_cmpint (kind_of (f, recording, 71), ==, ASTERN_FILE_OTHER);
  g_assert_cmpint (kind_of (f, other, sizeof other), ==, ASTERN_FILE_OTHER);
  g_assert_cmpint (kind_of (f, astern_demo_image, astern_demo_image_size), ==, ASTERN_FILE_KERNEL);
  g_assert_cmpint (kind_of (f, "", 0), ==, ASTERN_FILE_OTHER);
  g_assert_false (astern_start_file_kind (gone, &kind, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/gui/recent/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (what_was_run_is_there_again_word_by_word);
  ADD (a_machine_without_options_is_there_again);
  ADD (the_latest_is_first_and_none_is_there_twice);
  ADD (only_the_last_twenty_are_kept);
  ADD (what_has_vanished_is_not_listed);
  ADD (a_file_of_nonsense_is_as_an_empty_one);
  ADD (files_are_named_from_the_root_and_other_words_are_not_touched);
  ADD (a_file_is_known_by_what_is_in_it);
  g_test_add_func ("/gui/command-line/a_line_names_the_command_that_does_the_same", a_line_names_the_command_that_does_the_same);
  g_test_add_func ("/gui/command-line/a_line_can_be_given_to_a_shell", a_line_can_be_given_to_a_shell);
  g_test_add_func ("/gui/command-line/an_argument_is_not_taken_for_an_option", an_argument_is_not_taken_for_an_option);
  return g_test_run ();
}
