/* monitor-manual.c - doc/monitor.md's list of commands, made from the table. */
#include "config.h"

#include "session/monitor-private.h"

/* Untranslated: the file is the same in all languages. */
char *
astern_monitor_manual (void)
{
  GString *text = g_string_new (NULL);

  for (const AsternMonitorTable *table = astern_monitor_tables; table->title != NULL; table++)
    {
      g_string_append_printf (text, "### %s\n\n| command | |\n|---|---|\n", table->title);
      for (const AsternMonitorCommand *command = astern_monitor_table_commands (table); command->words != NULL; command++)
        {
          g_auto (GStrv) parts = g_strsplit (command->arguments != NULL ? command->arguments : "", "|", -1);
          g_autofree char *arguments = g_strjoinv ("\\|", parts);

          g_string_append_printf (text, "| `%s%s%s`", command->words, arguments[0] != '\0' ? " " : "", arguments);
          if (command->short_form != NULL)
            g_string_append_printf (text, ", `%s`", command->short_form);
          g_string_append_printf (text, " | %s |\n", command->help);
        }
      g_string_append_c (text, '\n');
    }
  g_string_truncate (text, text->len - 1);   /* the last empty line */
  return g_string_free (text, FALSE);
}
