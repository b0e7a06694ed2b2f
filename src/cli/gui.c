/* gui.c - `astern gui …`: becomes `astern-gtk …`. */
#include "config.h"

#include "cli/commands.h"

#include <errno.h>
#include <unistd.h>

#include <glib/gi18n.h>

#define PROGRAM "astern-gtk"

/* The one beside this program is of the same build; else what the PATH has.  NULL: there is none. */
static char *
find_program (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;
  g_autofree char *beside = folder != NULL ? g_build_filename (folder, PROGRAM, NULL) : NULL;

  if (beside != NULL && g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE) && !g_file_test (beside, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&beside);
  return g_find_program_in_path (PROGRAM);
}

int
astern_command_gui (const char *const *args)
{
  g_autofree char *program = find_program ();
  g_autofree char *message = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  if (program == NULL)
    {
      astern_complain (_("The window, “astern-gtk”, is neither beside this program nor in the PATH; install it, or use “astern run” "
                         "in a terminal."));
      return ASTERN_EXIT_USAGE;
    }
  g_ptr_array_add (argv, (gpointer) PROGRAM);
  for (; *args != NULL; args++)
    g_ptr_array_add (argv, (gpointer) *args);
  g_ptr_array_add (argv, NULL);
  execv (program, (char *const *) argv->pdata);
  message = g_strdup_printf (_("Cannot start “%s”: %s."), program, g_strerror (errno));
  astern_complain (message);
  return ASTERN_EXIT_USAGE;
}
