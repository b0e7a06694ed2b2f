/* remove-all - a test's folder and all that is in it. */
#pragma once

#include <glib/gstdio.h>

/* Links are removed, not followed. */
static inline void
remove_all (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_SYMLINK) || !g_file_test (child, G_FILE_TEST_IS_DIR))
        g_unlink (child);
      else
        remove_all (child);
    }
  if (dir != NULL)
    g_dir_close (dir);
  g_rmdir (path);
}
