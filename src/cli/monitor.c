/* monitor.c - the monitor: a line editor and a table of commands.
 * Source: QEMU's manual, "QEMU Monitor", for the commands' names.
 * Left out: history and completion of lines, everything of the debugger's.
 *
 * The terminal is in raw mode, so the monitor echoes what is typed. */
#include "config.h"

#include "cli/monitor.h"

#include "cli/registers.h"
#include "translate/engine.h"

#include <string.h>

#include <glib/gi18n.h>

#define PROMPT "(astern) "
#define LINE_MAX_BYTES 4096

struct _AsternMonitor
{
  AsternSession *session;
  AsternChardev *out;
  GString       *line;
  gboolean       after_return;   /* the last byte was CR: a LF does not end another line */
};

/* ---- the commands; on the main thread ---- */

typedef struct
{
  const char *name;
  const char *abbreviation;       /* (nullable) */
  const char *argument;           /* NULL: takes none */
  const char *help;
  void      (*run) (AsternSession *session, const char *argument, GString *answer);
} Command;

static void
info_status (AsternSession *session, const char *argument, GString *answer)
{
  char moment[ASTERN_MOMENT_TEXT];
  const AsternClock *clock = &session->launch->machine->clock;

  astern_moment_format (astern_clock_moment (clock), moment);
  g_string_append_printf (answer, _("VM status: %s at %s, %.6f s of guest time\n"),
                          session->paused ? _("paused") : _("running"), moment, (double) astern_clock_now_ns (clock) / 1e9);
}

static void
info_registers (AsternSession *session, const char *argument, GString *answer)
{
  for (guint i = 0; i < session->launch->machine->n_cpus; i++)
    astern_registers_format (session->launch->machine, i, answer);
}

static void
info_hash (AsternSession *session, const char *argument, GString *answer)
{
  AsternMachine *machine = session->launch->machine;

  g_string_append_printf (answer, "state-hash @%" G_GUINT64_FORMAT " %016" G_GINT64_MODIFIER "x\n",
                          machine->clock.s.icount, astern_machine_hash (machine));
}

static void
append_range (guint64 start, guint64 end, const char *name, const AsternTarget *read, const AsternTarget *write,
              gpointer answer)
{
  static const char *const kinds[] = { "-", N_("memory"), N_("device"), "-" };

  g_string_append_printf (answer, "  %016" G_GINT64_MODIFIER "x-%016" G_GINT64_MODIFIER "x %-8s %s\n", start, end - 1,
                          _(kinds[read->kind]), name);
}

static void
info_mtree (AsternSession *session, const char *argument, GString *answer)
{
  g_string_append (answer, _("memory\n"));
  astern_bus_foreach (session->launch->machine->physical, append_range, answer);
  g_string_append (answer, _("ports\n"));
  astern_bus_foreach (session->launch->machine->ports, append_range, answer);
}

static void
info_devices (AsternSession *session, const char *argument, GString *answer)
{
  GPtrArray *devices = session->launch->machine->devices;

  for (guint i = 0; i < devices->len; i++)
    {
      const AsternDevice *device = g_ptr_array_index (devices, i);

      g_string_append_printf (answer, "  %-20s %s\n", device->name, device->klass->summary);
    }
}

static void
info_events (AsternSession *session, const char *argument, GString *answer)
{
  static const char *const names[] = {
#define X(id, name, help) name,
    ASTERN_EVENT_KINDS (X)
#undef X
  };
  const AsternEvents *events = &session->launch->machine->events;

  for (guint i = 0; i < ASTERN_N_EVENT_KINDS; i++)
    g_string_append_printf (answer, "  %-14s %" G_GUINT64_FORMAT "%s\n", names[i], events->counts[i],
                            astern_events_on (events, i) ? _(" (logged)") : "");
}

static void
info_jit (AsternSession *session, const char *argument, GString *answer)
{
  g_autofree char *text = astern_translate_statistics (session->launch->machine->engine);

  g_string_append (answer, text);
}

static void
info_screen (AsternSession *session, const char *argument, GString *answer)
{
  g_autofree char *text = astern_launch_screen_text (session->launch);

  if (text == NULL)
    g_string_append (answer, _("The screen shows no text; “screendump FILE” makes a picture.\n"));
  else
    g_string_append_printf (answer, "%s\n", text);
}

static const Command info_commands[] = {
  { "status",    NULL, NULL, N_("where the machine stands"),     info_status },
  { "registers", NULL, NULL, N_("the CPUs' registers"),          info_registers },
  { "hash",      NULL, NULL, N_("the state hash"),               info_hash },
  { "mtree",     NULL, NULL, N_("the memory and port map"),      info_mtree },
  { "devices",   NULL, NULL, N_("the devices"),                  info_devices },
  { "events",    NULL, NULL, N_("how often what has happened"),  info_events },
  { "jit",       NULL, NULL, N_("what the engine has done"),     info_jit },
  { "screen",    NULL, NULL, N_("the lines of a text screen"),   info_screen },
};

static void
command_info (AsternSession *session, const char *argument, GString *answer)
{
  for (gsize i = 0; i < G_N_ELEMENTS (info_commands); i++)
    if (g_str_equal (argument, info_commands[i].name))
      {
        info_commands[i].run (session, NULL, answer);
        return;
      }
  for (gsize i = 0; i < G_N_ELEMENTS (info_commands); i++)
    g_string_append_printf (answer, "info %-12s %s\n", info_commands[i].name, _(info_commands[i].help));
}

static void
command_quit (AsternSession *session, const char *argument, GString *answer)
{
  session->quit = TRUE;
}

static void
command_stop (AsternSession *session, const char *argument, GString *answer)
{
  session->paused = TRUE;
}

static void
command_cont (AsternSession *session, const char *argument, GString *answer)
{
  session->paused = FALSE;
}

static void
command_reset (AsternSession *session, const char *argument, GString *answer)
{
  astern_launch_reset (session->launch);
}

static void
command_powerdown (AsternSession *session, const char *argument, GString *answer)
{
  astern_launch_press_power_button (session->launch);
}

static void
command_sendkey (AsternSession *session, const char *argument, GString *answer)
{
  g_autoptr (GError) error = NULL;

  if (!astern_launch_send_keys (session->launch, argument, &error))
    g_string_append_printf (answer, "%s\n", error->message);
}

static void
command_screendump (AsternSession *session, const char *argument, GString *answer)
{
  g_autoptr (GError) error = NULL;

  if (!astern_launch_screendump (session->launch, argument, &error))
    g_string_append_printf (answer, "%s\n", error->message);
}

static void
command_log (AsternSession *session, const char *argument, GString *answer)
{
  g_autoptr (GError) error = NULL;
  guint32 mask = 0;

  if (!g_str_equal (argument, "none") && !astern_events_parse (argument, &mask, &error))
    g_string_append_printf (answer, "%s\n", error->message);
  else
    session->launch->machine->events.enabled = mask;
}

static void command_help (AsternSession *session, const char *argument, GString *answer);

static const Command commands[] = {
  { "help",         "?",  NULL,           N_("this list"),                                   command_help },
  { "info",         "i",  N_("[WHAT]"),   N_("show something; alone: what there is"),        command_info },
  { "stop",         "s",  NULL,           N_("stop the machine"),                            command_stop },
  { "cont",         "c",  NULL,           N_("let it go on"),                                command_cont },
  { "system_reset", NULL, NULL,           N_("press the reset button"),                      command_reset },
  { "system_powerdown", NULL, NULL,       N_("press the power button"),                      command_powerdown },
  { "sendkey",      NULL, N_("KEYS"),     N_("press keys, as in “ctrl-alt-delete”"),         command_sendkey },
  { "screendump",   NULL, N_("FILE"),     N_("write the screen as PNG"),                     command_screendump },
  { "log",          NULL, N_("KINDS"),    N_("what to log, as after -d; “none” for nothing"), command_log },
  { "quit",         "q",  NULL,           N_("end the program"),                             command_quit },
};

static void
command_help (AsternSession *session, const char *argument, GString *answer)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (answer, "%-17s %-8s %s\n", commands[i].name,
                            commands[i].argument != NULL ? _(commands[i].argument) : "", _(commands[i].help));
}

static const Command *
find_command (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, name) || g_strcmp0 (commands[i].abbreviation, name) == 0)
      return &commands[i];
  return NULL;
}

char *
astern_monitor_execute (AsternSession *session, const char *line)
{
  GString *answer = g_string_new (NULL);
  g_autofree char *stripped = g_strstrip (g_strdup (line));
  g_auto (GStrv) words = g_strsplit_set (stripped, " \t", 2);
  const Command *command = words[0] != NULL ? find_command (words[0]) : NULL;
  const char *argument = words[0] != NULL && words[1] != NULL ? g_strstrip (words[1]) : "";

  if (words[0] == NULL || words[0][0] == '\0')
    ;   /* an empty line */
  else if (command == NULL)
    g_string_append_printf (answer, _("There is no command “%s”; “help” lists those that there are.\n"), words[0]);
  else if (command->argument != NULL && command->argument[0] != '[' && argument[0] == '\0')
    g_string_append_printf (answer, _("“%s” needs an argument: %s.\n"), command->name, _(command->argument));
  else
    command->run (session, argument, answer);
  return g_string_free (answer, FALSE);
}

/* ---- lines; on the host thread ---- */

typedef struct
{
  AsternMonitor *monitor;
  char          *line;
} Typed;

static void
say (AsternMonitor *monitor, const char *text)
{
  astern_chardev_write (monitor->out, (const guint8 *) text, strlen (text));
}

static void
free_typed (gpointer data)
{
  Typed *typed = data;

  g_free (typed->line);
  g_free (typed);
}

static void
execute_typed (AsternSession *session, gpointer data)
{
  Typed *typed = data;
  g_autofree char *answer = astern_monitor_execute (session, typed->line);

  say (typed->monitor, answer);
  if (!session->quit)
    say (typed->monitor, PROMPT);
}

static void
end_line (AsternMonitor *monitor)
{
  Typed *typed = g_new (Typed, 1);

  say (monitor, "\r\n");
  typed->monitor = monitor;
  typed->line = g_strdup (monitor->line->str);
  g_string_truncate (monitor->line, 0);
  astern_session_request (monitor->session, execute_typed, typed, free_typed);
}

static void
erase (AsternMonitor *monitor, gsize how_many)
{
  for (; how_many > 0 && monitor->line->len > 0; how_many--)
    {
      g_string_truncate (monitor->line, monitor->line->len - 1);
      say (monitor, "\b \b");
    }
}

static void
take_byte (AsternMonitor *monitor, guint8 byte)
{
  gboolean after_return = monitor->after_return;

  monitor->after_return = byte == '\r';
  if (byte == '\r' || (byte == '\n' && !after_return))
    end_line (monitor);
  else if (byte == 0x7f || byte == '\b')
    erase (monitor, 1);
  else if (byte == 0x15)   /* Ctrl-U */
    erase (monitor, G_MAXSIZE);
  else if (byte >= 0x20 && monitor->line->len < LINE_MAX_BYTES)
    {
      g_string_append_c (monitor->line, (char) byte);
      astern_chardev_write (monitor->out, &byte, 1);
    }
}

AsternMonitor *
astern_monitor_new (AsternSession *session, AsternChardev *out)
{
  AsternMonitor *monitor = g_new0 (AsternMonitor, 1);

  monitor->session = session;
  monitor->out = out;
  monitor->line = g_string_new (NULL);
  return monitor;
}

void
astern_monitor_free (AsternMonitor *monitor)
{
  g_string_free (monitor->line, TRUE);
  g_free (monitor);
}

void
astern_monitor_prompt (AsternMonitor *monitor)
{
  say (monitor, PROMPT);
}

void
astern_monitor_feed (AsternMonitor *monitor, const guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    take_byte (monitor, data[i]);
}
