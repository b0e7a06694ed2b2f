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
  AsternStart *start = &program->start;

  gtk_window_present (GTK_WINDOW (window));
  if (program->given)
    astern_main_window_start (window, g_steal_pointer (&start->options), start->story, g_steal_pointer (&start->recording),
                         g_steal_pointer (&start->replay));
  program->given = FALSE;
}

static void
show_help (void)
{
  g_print (_("Usage: astern-gtk [OPTION…]             a machine, with the options of “astern run”\n"
             "       astern-gtk FILE.astern [OPTION…] a recording, with those of “astern replay”\n"
             "       astern-gtk demo [OPTION…]        the guest that comes with Astern\n"));
}

static gboolean
is_help (const char *word)
{
  return g_str_equal (word + strspn (word, "-"), "help") || g_str_equal (word, "-h");
}

int
main (int argc, char **argv)
{
  g_autoptr (GtkApplication) application = NULL;
  Program program = { .given = argc > 1 };
  g_autoptr (GError) error = NULL;
  int status;

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
  if (program.given && !astern_start_from_args (&program.start, (const char *const *) argv + 1, &error))
    {
      astern_complain (error->message);
      astern_start_clear (&program.start);
      return ASTERN_EXIT_USAGE;
    }
  application = gtk_application_new ("org.astern.Astern", G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), &program);
  status = g_application_run (G_APPLICATION (application), 1, argv);
  astern_start_clear (&program.start);
  return status;
}
