/* main.c - `astern-gtk`. */
#include "config.h"

#include "gui/start.h"
#include "gui/main-window.h"
#include "session/exit.h"

#include <locale.h>
#include <string.h>

#include <glib/gi18n.h>

typedef struct
{
  AsternStart start;
  gboolean    given;      /* there is something to start with */
} Program;

static void
on_activate (GtkApplication *application, gpointer data)
{
  Program *program = data;
  AsternMainWindow *window = astern_main_window_new (application);

  gtk_window_present (GTK_WINDOW (window));
  if (program->given)
    astern_main_window_start (window, &program->start);
  program->given = FALSE;
}

static void
show_help (void)
{
  g_print (_("Usage: astern-gtk [OPTION…]             a machine, with the options of “astern run”\n"
             "       astern-gtk FILE.astern [OPTION…] a recording, with those of “astern replay”\n"
             "       astern-gtk demo [OPTION…]        the guest that comes with Astern\n"
             "       astern-gtk -check-display        whether a window can be opened, as exit status\n"));
}

static gboolean
is_help (const char *word)
{
  return g_str_equal (word + strspn (word, "-"), "help") || g_str_equal (word, "-h");
}

/* A program that runs where it was built has its settings' schema beside it. */
static void
find_own_schema (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : NULL;
  g_autofree char *compiled = folder != NULL ? g_build_filename (folder, "data", "gschemas.compiled", NULL) : NULL;
  g_autofree char *schemas = folder != NULL ? g_build_filename (folder, "data", NULL) : NULL;

  if (folder != NULL && !g_str_equal (folder, BINDIR) && g_file_test (compiled, G_FILE_TEST_IS_REGULAR))
    g_setenv ("GSETTINGS_SCHEMA_DIR", schemas, FALSE);
}

/* Without it GTK would end the program in its own words. */
static gboolean
has_display (void)
{
  if (gtk_init_check (NULL, NULL))
    return TRUE;
  astern_complain (_("There is no display that a window could be on (DISPLAY and WAYLAND_DISPLAY tell which); “astern run” works "
                     "without one."));
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GtkApplication) application = NULL;
  Program program = { .given = argc > 1 };
  g_autoptr (GError) error = NULL;
  int status;

  find_own_schema ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("astern-gtk");

  if (argc > 1 && is_help (argv[1]))
    {
      show_help ();
      return ASTERN_EXIT_OK;
    }
  if (argc == 2 && g_str_equal (argv[1], "-check-display"))
    return has_display () ? ASTERN_EXIT_OK : ASTERN_EXIT_USAGE;
  if (program.given && !astern_start_from_args (&program.start, (const char *const *) argv + 1, &error))
    {
      astern_complain (error->message);
      astern_start_clear (&program.start);
      return ASTERN_EXIT_USAGE;
    }
  if (!has_display ())
    {
      astern_start_clear (&program.start);
      return ASTERN_EXIT_USAGE;
    }
  application = gtk_application_new ("org.astern.Astern", G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), &program);
  status = g_application_run (G_APPLICATION (application), 1, argv);
  astern_start_clear (&program.start);
  return status;
}
