/* main.c - `astern`: picks the subcommand. */
#include "config.h"

#include "cli/commands.h"

#include <locale.h>
#include <string.h>

#include <glib/gi18n.h>

typedef struct
{
  const char *name;
  const char *help;
  int       (*run) (const char *const *args);
} Command;

static const Command commands[] = {
  { "run",     N_("run a machine; takes QEMU's options (“astern run -help”)"), astern_command_run },
  { "demo",    N_("run the guest that comes with Astern"),                     astern_command_demo },
  { "gui",     N_("open the window, with the arguments of “astern-gtk”"),      astern_command_gui },
  { "replay",  N_("run a recording again, exactly (“astern replay FILE”)"),      astern_command_replay },
  { "info",    N_("say what is in a recording"),                               astern_command_info },
  { "query",   N_("ask a recording in SQL (“astern query FILE 'SELECT …'”)"),  astern_command_query },
  { "bookmark", N_("mark a moment of a recording (“astern bookmark FILE @N NAME”)"), astern_command_bookmark },
  { "img",     N_("make, look into and change disk images (“astern img help”)"), astern_command_img },
  { "version", N_("say which version this is"),                                astern_command_version },
  { "help",    N_("this help"),                                                astern_command_help },
};

int
astern_command_version (const char *const *args)
{
  g_print ("Astern %s\n", PACKAGE_VERSION);
  return ASTERN_EXIT_OK;
}

int
astern_command_help (const char *const *args)
{
  g_print (_("Usage: astern COMMAND [ARGUMENT…]\n\nA PC that can be looked into.\n\n"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-10s%s\n", commands[i].name, _(commands[i].help));
  return ASTERN_EXIT_OK;
}

static const Command *
find_command (const char *name)
{
  const char *bare = name;

  while (*bare == '-')   /* --help, --version */
    bare++;
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, name) ||
        (bare != name && g_str_equal (commands[i].name, bare) && commands[i].run != astern_command_run))
      return &commands[i];
  return NULL;
}

int
main (int argc, char **argv)
{
  const Command *command;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("astern");

  if (argc < 2)
    {
      astern_complain (_("There must be a command; “astern help” lists them."));
      return ASTERN_EXIT_USAGE;
    }
  command = find_command (argv[1]);
  if (command == NULL)
    {
      g_autofree char *message =
        g_strdup_printf (argv[1][0] == '-' ? _("There is no command “%s”; options go after “run”, as in “astern run %s”.")
                                           : _("There is no command “%s”; “astern help” lists those that there are."),
                         argv[1], argv[1]);

      astern_complain (message);
      return ASTERN_EXIT_USAGE;
    }
  return command->run ((const char *const *) argv + 2);
}
