/* recent.c - see recent.h. */
#include "config.h"

#include "gui/recent.h"

#include "gui/command-line.h"

#include <errno.h>

#include <glib/gstdio.h>

char *
astern_recent_file (void)
{
  return g_build_filename (g_get_user_data_dir (), "astern", "recent.ini", NULL);
}

void
astern_recent_free (AsternRecent *recent)
{
  g_free (recent->title);
  g_strfreev (recent->words);
  g_free (recent);
}

static AsternRecent *
new_recent (const char *title, const char *const *words, gint64 when_s)
{
  AsternRecent *recent = g_new (AsternRecent, 1);

  *recent = (AsternRecent) { g_strdup (title), g_strdupv ((char **) words), when_s };
  return recent;
}

/* ---- reading ---- */

static gboolean
is_there (const char *path)
{
  return path == NULL || g_file_test (path, G_FILE_TEST_EXISTS);
}

/* An image need be no file (nbd:, fat:); those that were have an absolute name. */
static gboolean
is_there_as_image (const char *image)
{
  return image == NULL || !g_path_is_absolute (image) || is_there (image);
}

/* What it was made of is still there.  A name of several files is not looked into. */
static gboolean
can_be_run (const AsternRecent *recent)
{
  const char *const *words = (const char *const *) recent->words;

  return is_there (astern_command_line_recording (words)) && is_there (astern_command_line_find (words, "kernel")) &&
         is_there (astern_command_line_find (words, "bios")) && is_there_as_image (astern_command_line_find (words, "hda")) &&
         is_there_as_image (astern_command_line_find (words, "cdrom"));
}

static AsternRecent *
read_one (GKeyFile *keys, const char *group)
{
  g_autofree char *title = g_key_file_get_string (keys, group, "title", NULL);
  g_auto (GStrv) words = g_key_file_get_string_list (keys, group, "words", NULL, NULL);

  if (title == NULL || words == NULL)
    return NULL;
  return new_recent (title, (const char *const *) words, g_key_file_get_int64 (keys, group, "when", NULL));
}

GPtrArray *
astern_recent_load (const char *file)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) astern_recent_free);
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_auto (GStrv) groups = NULL;

  g_key_file_load_from_file (keys, file, G_KEY_FILE_NONE, NULL);
  groups = g_key_file_get_groups (keys, NULL);
  for (char **group = groups; *group != NULL && list->len < ASTERN_RECENT_MOST; group++)
    {
      AsternRecent *recent = read_one (keys, *group);

      if (recent != NULL && can_be_run (recent))
        g_ptr_array_add (list, recent);
      else if (recent != NULL)
        astern_recent_free (recent);
    }
  return list;
}

/* ---- writing ---- */

static void
save (GPtrArray *list, const char *file)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *dir = g_path_get_dirname (file);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < MIN (list->len, ASTERN_RECENT_MOST); i++)
    {
      const AsternRecent *recent = g_ptr_array_index (list, i);
      g_autofree char *group = g_strdup_printf ("%u", i + 1);

      g_key_file_set_string (keys, group, "title", recent->title);
      g_key_file_set_string_list (keys, group, "words", (const char *const *) recent->words, g_strv_length (recent->words));
      g_key_file_set_int64 (keys, group, "when", recent->when_s);
    }
  if (g_mkdir_with_parents (dir, 0700) != 0)
    g_message ("Cannot make the folder “%s”: %s", dir, g_strerror (errno));
  else if (!g_key_file_save_to_file (keys, file, &error))
    g_message ("%s", error->message);
}

void
astern_recent_add (const char *file, const char *title, const char *const *words, gint64 when_s)
{
  g_autoptr (GPtrArray) list = astern_recent_load (file);

  for (guint i = 0; i < list->len; i++)
    if (g_strv_equal ((const char *const *) ((AsternRecent *) g_ptr_array_index (list, i))->words, words))
      {
        g_ptr_array_remove_index (list, i);
        break;
      }
  g_ptr_array_insert (list, 0, new_recent (title, words, when_s));
  save (list, file);
}
