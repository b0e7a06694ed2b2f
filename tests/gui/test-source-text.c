/* Tests of src/gui/source-text.c and stack-words.c: sources found, and what is written in them. */
#include "config.h"

#include "gui/source-text.h"
#include "gui/stack-words.h"

#include <string.h>

#include <glib/gstdio.h>

static void
is_path (const char *line, const char *pointed_at, const char *expected)
{
  g_autofree char *path = astern_source_path_at (line, strstr (line, pointed_at) - line);

  g_assert_cmpstr (path, ==, expected);
}

static void
a_variable_is_read_up_to_the_part_that_is_pointed_at (void)
{
  const char *line = "  next->turns += kernel.tasks[3].window.rows + table[i].size;";

  is_path (line, "next", "next");
  is_path (line, "turns", "next->turns");
  is_path (line, "urns", "next->turns");
  is_path (line, "kernel", "kernel");
  is_path (line, "window", "kernel.tasks[3].window");
  is_path (line, "rows", "kernel.tasks[3].window.rows");
  is_path (line, "table", "table");
  is_path (line, "size", NULL);           /* what i is, is not known here */
  is_path (line, "+=", NULL);
  is_path ("x = 12ul;", "2ul", NULL);
  is_path (".word", "word", NULL);
  is_path ("f (a).b", "b", NULL);
  g_assert_null (astern_source_path_at ("abc", 3));
  g_assert_null (astern_source_path_at ("", 0));
}

typedef struct
{
  char *folder, *file;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *below = NULL;

  f->folder = g_dir_make_tmp ("astern-source-XXXXXX", &error);
  g_assert_no_error (error);
  below = g_build_filename (f->folder, "kernel", NULL);
  g_assert_cmpint (g_mkdir (below, 0700), ==, 0);
  f->file = g_build_filename (below, "main.c", NULL);
  g_file_set_contents (f->file, "one\r\ntwo \344\n", -1, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_autofree char *below = g_path_get_dirname (f->file);

  g_unlink (f->file);
  g_rmdir (below);
  g_rmdir (f->folder);
  g_free (f->file);
  g_free (f->folder);
}

static void
a_folder_that_was_chosen_is_found_again (Fixture *f, gconstpointer unused)
{
  const char *name = "/build/far/away/kernel/main.c", *other = "/build/far/away/kernel/other.c";
  g_autoptr (GVariant) map = astern_source_map_add (NULL, name, f->folder);
  g_autofree char *text = astern_source_read (name, map, NULL);
  g_autoptr (GPtrArray) looked = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *expected = g_build_filename (f->folder, "kernel/other.c", NULL);

  g_assert_nonnull (map);
  g_assert_cmpstr (text, ==, "one\ntwo ä\n");
  g_assert_null (astern_source_read (other, map, looked));
  g_assert_cmpuint (looked->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (looked, 0), ==, expected);
  g_assert_cmpstr (g_ptr_array_index (looked, 1), ==, other);
}

static void
the_very_folder_of_a_file_will_do (Fixture *f, gconstpointer unused)
{
  g_autofree char *below = g_path_get_dirname (f->file);
  g_autoptr (GVariant) map = astern_source_map_add (NULL, "/elsewhere/main.c", below);
  g_autoptr (GVariant) relative = astern_source_map_add (map, "kernel/main.c", f->folder);
  g_autofree char *text = astern_source_read ("/elsewhere/main.c", relative, NULL);
  g_autofree char *other = astern_source_read ("kernel/main.c", relative, NULL);

  g_assert_cmpuint (g_variant_n_children (relative), ==, 2);
  g_assert_nonnull (text);
  g_assert_nonnull (other);
}

static void
a_folder_without_the_file_changes_nothing (Fixture *f, gconstpointer unused)
{
  g_assert_null (astern_source_map_add (NULL, "/build/nothing.c", f->folder));
  g_assert_null (astern_source_map_add (NULL, "/build/kernel/", f->folder));
  g_assert_null (astern_source_map_add (NULL, "", f->folder));
  g_assert_null (astern_source_read ("/build/kernelx/main.c", NULL, NULL));
}

static void
text_on_the_stack_is_told_from_numbers (void)
{
  static const struct { const char *bytes; gsize n; const char *text; } cases[] = {
    { "sail\0\xff", 6, "“sail”" }, { "ab\n\tc\0", 6, "“ab\\n\\tc”" }, { "abc\0", 4, NULL }, { "abcd\x80\0", 6, NULL },
    { "abcdef", 6, "“abcdef…”" }, { "", 0, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = astern_stack_text ((const guint8 *) cases[i].bytes, cases[i].n);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

#define ADD(name) g_test_add ("/gui/source-text/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gui/source-text/a_variable_is_read_up_to_the_part_that_is_pointed_at",
                   a_variable_is_read_up_to_the_part_that_is_pointed_at);
  ADD (a_folder_that_was_chosen_is_found_again);
  ADD (the_very_folder_of_a_file_will_do);
  ADD (a_folder_without_the_file_changes_nothing);
  g_test_add_func ("/gui/source-text/text_on_the_stack_is_told_from_numbers", text_on_the_stack_is_told_from_numbers);
  return g_test_run ();
}
