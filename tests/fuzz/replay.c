/* replay - a fuzz target's inputs, and variations of them, without libFuzzer: what `make check` runs.
 *
 *     fuzz-NAME [FILE...]      FILEs, or all of tests/corpus/NAME and then variations
 *
 * ASTERN_FUZZ_ROUNDS says how many variations (2000).  The input at which the program dies is left in
 * fuzz-NAME.crash, in the folder in which it was started.  Speaks TAP. */
#include "config.h"

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define MAX_SIZE 4096

/* For the signal handler. */
static const guint8 *current;
static gsize current_size;
static char crash_file[256];

static void
keep_input (int number)
{
  int fd = open (crash_file, O_WRONLY | O_CREAT | O_TRUNC, 0666);

  if (fd >= 0 && write (fd, current, current_size) >= 0)
    close (fd);
  signal (number, SIG_DFL);
  raise (number);
}

static void
run (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);      /* with nothing behind it, for the sanitizers */

  current = data;
  current_size = size;
  LLVMFuzzerTestOneInput (copy, size);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
find_corpus (const char *name)
{
  const char *top = g_getenv ("srcdir");
  g_autofree char *folder = g_build_filename (top != NULL ? top : "tests", "corpus", name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  const char *file;

  if (dir == NULL)
    g_error ("%s", error->message);
  while ((file = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (files, g_build_filename (folder, file, NULL));
  g_ptr_array_sort (files, compare_names);
  return files;
}

static GPtrArray *
load (GPtrArray *files)
{
  GPtrArray *inputs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < files->len; i++)
    {
      g_autoptr (GError) error = NULL;
      char *content;
      gsize size;

      if (!g_file_get_contents (g_ptr_array_index (files, i), &content, &size, &error))
        g_error ("%s", error->message);
      g_ptr_array_add (inputs, g_bytes_new_take (content, size));
    }
  return inputs;
}

/* A piece of another input, a run of one byte, or nothing, in the place of a piece of this one. */
static void
replace_piece (GRand *rand, GByteArray *input, GPtrArray *inputs)
{
  guint at = (guint) g_rand_int_range (rand, 0, (gint) input->len + 1);
  guint removed = (guint) g_rand_int_range (rand, 0, (gint) MIN (input->len - at, 8u) + 1);
  GBytes *other = g_ptr_array_index (inputs, (guint) g_rand_int_range (rand, 0, (gint) inputs->len));
  gsize size;
  const guint8 *bytes = g_bytes_get_data (other, &size);
  g_autoptr (GByteArray) tail = g_byte_array_new ();

  g_byte_array_append (tail, input->data + at + removed, input->len - at - removed);
  g_byte_array_set_size (input, at);
  if (size > 0 && g_rand_boolean (rand))
    {
      guint from = (guint) g_rand_int_range (rand, 0, (gint) size);

      g_byte_array_append (input, bytes + from, (guint) g_rand_int_range (rand, 1, (gint) (size - from) + 1));
    }
  else if (g_rand_boolean (rand))
    {
      g_byte_array_set_size (input, at + (guint) g_rand_int_range (rand, 1, 40));
      memset (input->data + at, g_rand_int_range (rand, 0, 256), input->len - at);
    }
  g_byte_array_append (input, tail->data, tail->len);
}

static void
vary (GRand *rand, GByteArray *input, GPtrArray *inputs)
{
  for (gint n = g_rand_int_range (rand, 1, 5); n > 0; n--)
    {
      if (input->len == 0 || g_rand_int_range (rand, 0, 3) == 0)
        replace_piece (rand, input, inputs);
      else
        input->data[g_rand_int_range (rand, 0, (gint) input->len)] ^= (guint8) (1 << g_rand_int_range (rand, 0, 8));
    }
  g_byte_array_set_size (input, MIN (input->len, MAX_SIZE));
}

static void
run_variations (GPtrArray *inputs, guint rounds)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (GByteArray) input = g_byte_array_new ();
      gsize size;
      const guint8 *bytes = g_bytes_get_data (g_ptr_array_index (inputs, i % inputs->len), &size);

      g_byte_array_append (input, bytes, (guint) size);
      vary (rand, input, inputs);
      run (input->data, input->len);
    }
}

int
main (int argc, char *argv[])
{
  g_autofree char *name = g_path_get_basename (argv[0]);
  const char *rounds_text = g_getenv ("ASTERN_FUZZ_ROUNDS");
  guint rounds = argc > 1 ? 0 : rounds_text != NULL ? (guint) g_ascii_strtoull (rounds_text, NULL, 10) : 2000;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) inputs = NULL;

  g_snprintf (crash_file, sizeof crash_file, "%s.crash", name);
  signal (SIGSEGV, keep_input);
  signal (SIGABRT, keep_input);
  signal (SIGFPE, keep_input);
  signal (SIGTRAP, keep_input);
  if (argc > 1)
    {
      files = g_ptr_array_new_with_free_func (g_free);
      for (gint i = 1; i < argc; i++)
        g_ptr_array_add (files, g_strdup (argv[i]));
    }
  else
    files = find_corpus (g_str_has_prefix (name, "fuzz-") ? name + 5 : name);
  inputs = load (files);

  printf ("1..%u\n", inputs->len + (rounds > 0));
  for (guint i = 0; i < inputs->len; i++)
    {
      g_autofree char *file = g_path_get_basename (g_ptr_array_index (files, i));
      gsize size;
      const guint8 *bytes = g_bytes_get_data (g_ptr_array_index (inputs, i), &size);

      run (bytes, size);
      printf ("ok %u - %s\n", i + 1, file);
      fflush (stdout);
    }
  if (rounds > 0)
    {
      run_variations (inputs, rounds);
      printf ("ok %u - %u variations\n", inputs->len + 1, rounds);
    }
  return 0;
}
