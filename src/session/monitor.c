/* monitor.c - the monitor's command table, and finding a line's command in it.
 * Source: QEMU's manual, "QEMU Monitor", for the names of the commands that people know.
 * Left out: QMP; commands for devices that there are not. */
#include "config.h"

#include "session/monitor-complete.h"

#include <string.h>

#include <glib/gi18n.h>

G_DEFINE_QUARK (astern-monitor-error-quark, astern_monitor_error)

const AsternMonitorTable astern_monitor_tables[] = {
  { N_("The monitor itself"), astern_monitor_session_commands, NULL },
  { N_("Moving"), NULL, astern_monitor_move_commands },
  { N_("Breakpoints"), astern_monitor_point_commands, NULL },
  { N_("History"), astern_monitor_history_commands, NULL },
  { N_("Looking"), astern_monitor_info_commands, NULL },
  { N_("Memory"), astern_monitor_memory_commands, NULL },
  { N_("Changing"), astern_monitor_change_commands, NULL },
  { N_("Symbols"), astern_monitor_symbol_commands, NULL },
  { N_("Paging"), astern_monitor_paging_commands, NULL },
  { N_("The board"), astern_monitor_board_commands, NULL },
  { N_("Disks"), astern_monitor_drives_commands, NULL },
  { N_("Memory that the guest has"), astern_monitor_balloon_commands, NULL },
  { N_("Networks"), astern_monitor_network_commands, NULL },
  { N_("Sound"), astern_monitor_sound_commands, NULL },
  { N_("USB devices"), astern_monitor_usb_commands, NULL },
  { N_("The machine"), astern_monitor_machine_commands, NULL },
  { .title = NULL },
};

const AsternMonitorCommand *
astern_monitor_table_commands (const AsternMonitorTable *table)
{
  return table->commands != NULL ? table->commands : table->make ();
}

/* Calls @visit until it returns FALSE. */
static void
foreach_command (gboolean (*visit) (const AsternMonitorCommand *command, gpointer data), gpointer data)
{
  for (const AsternMonitorTable *table = astern_monitor_tables; table->title != NULL; table++)
    for (const AsternMonitorCommand *command = astern_monitor_table_commands (table); command->words != NULL; command++)
      if (!visit (command, data))
        return;
}

/* ---- matching ---- */

/* A word of a line ends where a format begins: "x/4i". */
static gsize
word_length (const char *text)
{
  return strcspn (text, " \t/");
}

/* How many bytes of @line the words of @words take; 0: they are not there.  A word of the line may be the beginning
 * of one; @exact: none is. */
static gsize
match_words (const char *line, const char *words, gboolean *exact)
{
  const char *at = line;

  *exact = TRUE;
  for (;;)
    {
      gsize typed, length = strcspn (words, " ");

      at += strspn (at, " \t");
      typed = word_length (at);
      if (typed == 0 || typed > length || strncmp (at, words, typed) != 0)
        return 0;
      *exact &= typed == length;
      at += typed;
      words += length;
      if (*words == '\0')
        return (gsize) (at - line);
      words++;
    }
}

typedef struct
{
  const char                 *line;
  const AsternMonitorCommand *command;
  gsize                       length;         /* bytes of the line that the command takes */
  guint                       rank;
  gboolean                    ambiguous;
} Search;

/* More words win over fewer, and then whole words over beginnings. */
static guint
rank_of (const char *words, gboolean exact)
{
  guint n = 1;

  for (; *words != '\0'; words++)
    n += *words == ' ';
  return n * 2 + exact;
}

static void
consider (Search *search, const AsternMonitorCommand *command, const char *words)
{
  gboolean exact;
  gsize length = words != NULL ? match_words (search->line, words, &exact) : 0;
  guint rank = length > 0 ? rank_of (words, exact) : 0;

  if (length == 0 || rank < search->rank)
    return;
  search->ambiguous = rank == search->rank && search->command != command;
  search->command = command;
  search->length = length;
  search->rank = rank;
}

static gboolean
consider_command (const AsternMonitorCommand *command, gpointer data)
{
  consider (data, command, command->words);
  consider (data, command, command->short_form);
  return TRUE;
}

const AsternMonitorCommand *
astern_monitor_find (const char *line, const char **argument)
{
  Search search = { .line = line };

  foreach_command (consider_command, &search);
  if (search.command == NULL || search.ambiguous)
    return NULL;
  *argument = line + search.length;
  *argument += strspn (*argument, " \t");
  return search.command;
}

typedef struct
{
  const char *line;
  void      (*visit) (const char *word, gpointer data);
  gpointer    data;
} Next;

static gboolean
visit_next (const AsternMonitorCommand *command, gpointer data)
{
  Next *next = data;
  const char *words = command->words, *at = next->line + strspn (next->line, " \t");

  while (*at != '\0')
    {
      gsize typed = strcspn (at, " \t"), length = strcspn (words, " ");

      if (typed != length || strncmp (at, words, typed) != 0 || words[length] == '\0')
        return TRUE;
      words += length + 1;
      at += typed;
      at += strspn (at, " \t");
    }
  {
    g_autofree char *word = g_strndup (words, strcspn (words, " "));

    next->visit (word, next->data);
  }
  return TRUE;
}

void
astern_monitor_next_words (const char *line, void (*visit) (const char *word, gpointer data), gpointer data)
{
  Next next = { line, visit, data };

  foreach_command (visit_next, &next);
}

/* ---- names, for people and for completion ---- */

static char *
name_address (gpointer data, guint64 linear)
{
  return astern_symbols_describe (((AsternMonitor *) data)->session->launch->symbols, linear);
}

static gboolean
add_symbol (const AsternSymbol *symbol, gpointer words)
{
  g_ptr_array_add (words, g_strdup (symbol->name));
  return TRUE;
}

static void
publish_expressions (AsternMonitor *monitor)
{
  const AsternCpuClass *klass = monitor->machine->cpus[0]->klass;
  AsternSymbols *symbols = monitor->session->launch->symbols;
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < klass->n_registers; i++)
    g_ptr_array_add (words, g_strconcat ("$", klass->registers[i].name, NULL));
  for (const AsternRegisterPart *part = klass->parts; part != NULL && part->name != NULL; part++)
    g_ptr_array_add (words, g_strconcat ("$", part->reg, ".", part->name, NULL));
  g_ptr_array_add (words, g_strdup ("$pc"));
  g_ptr_array_add (words, g_strdup ("$icount"));
  astern_symbols_complete (symbols, "", add_symbol, words);
  astern_monitor_names_set (monitor->names, ASTERN_COMPLETES_EXPRESSION, words);
  monitor->n_symbols = astern_symbols_count (symbols);
}

static void
publish_devices (AsternMonitor *monitor)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < monitor->machine->devices->len; i++)
    g_ptr_array_add (words, g_strdup (((AsternDevice *) g_ptr_array_index (monitor->machine->devices, i))->name));
  astern_monitor_names_set (monitor->names, ASTERN_COMPLETES_DEVICE, words);
}

/* ---- execution ---- */

typedef struct
{
  const char *line;
  GString    *could;       /* be */
} Candidates;

static gboolean
add_candidate (const AsternMonitorCommand *command, gpointer data)
{
  Candidates *candidates = data;
  gboolean exact;

  if (match_words (candidates->line, command->words, &exact) != 0 && !exact)
    g_string_append_printf (candidates->could, "%s%s", candidates->could->len > 0 ? ", " : "", command->words);
  return TRUE;
}

static void
report_unknown (const char *line, GString *answer)
{
  Candidates candidates = { line, g_string_new (NULL) };

  foreach_command (add_candidate, &candidates);
  if (candidates.could->len > 0)
    g_string_append_printf (answer, _("“%s” could be several commands: %s.\n"), line, candidates.could->str);
  else
    g_string_append_printf (answer, _("There is no command “%s”; “help” lists those that there are.\n"), line);
  g_string_free (candidates.could, TRUE);
}

static void
run_command (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer)
{
  g_autoptr (GError) error = NULL;

  if (command->arguments == NULL && argument[0] != '\0' && g_str_equal (command->words, "info"))
    g_string_append_printf (answer, _("There is no “info %s”; “info” alone lists what can be shown.\n"), argument);
  else if (command->arguments == NULL && argument[0] != '\0')
    g_string_append_printf (answer, _("“%s” takes no argument.\n"), command->words);
  else if (command->arguments != NULL && command->arguments[0] != '[' && argument[0] == '\0')
    g_string_append_printf (answer, _("“%s” needs an argument: %s.\n"), command->words, _(command->arguments));
  else if (!command->run (monitor, command, argument, answer, &error))
    g_string_append_printf (answer, "%s\n", error->message);
}

AsternClient *
astern_monitor_client (AsternMonitor *monitor)
{
  return monitor->client;
}

char *
astern_monitor_execute (AsternMonitor *monitor, const char *line)
{
  GString *answer = g_string_new (NULL);
  g_autofree char *stripped = g_strstrip (g_utf8_make_valid (line, -1));
  const AsternMonitorCommand *command;
  const char *argument;

  if (stripped[0] == '\0' || stripped[0] == '#')   /* nothing, or a remark in a script */
    return g_string_free (answer, FALSE);
  monitor->executing = TRUE;
  command = astern_monitor_find (stripped, &argument);
  if (command == NULL)
    report_unknown (stripped, answer);
  else
    run_command (monitor, command, argument, answer);
  monitor->executing = FALSE;
  if (monitor->names != NULL && monitor->n_symbols != astern_symbols_count (monitor->session->launch->symbols))
    publish_expressions (monitor);
  return g_string_free (answer, FALSE);
}

/* ---- the monitor ---- */

static void
say (AsternMonitor *monitor, const char *text)
{
  if (monitor->funcs.say != NULL)
    monitor->funcs.say (monitor->funcs.user, text);
}

/* What another client's steps lead to is its own business; where the guest or a point stopped the machine is everybody's. */
static gboolean
concerns_us (const AsternMonitor *monitor, const AsternDebuggerStop *stop)
{
  return monitor->moving || stop->client == monitor->client || stop->why == ASTERN_WHY_POINT || stop->why == ASTERN_WHY_GUEST
         || stop->why == ASTERN_WHY_DIVERGED;
}

/* Why it stands, and the instruction that comes next. */
static void
say_stop (AsternMonitor *monitor, const AsternDebuggerStop *stop)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *sentence = astern_debugger_stop_text (monitor->debugger, stop);
  AsternCodePlace place;
  AsternCpu *cpu;

  if (stop->cpu < monitor->machine->n_cpus)
    monitor->cpu = stop->cpu;
  cpu = astern_monitor_cpu (monitor);
  cpu->klass->code_place (cpu, &place);
  g_string_append_printf (text, "%s\n", sentence);
  astern_monitor_append_instruction (monitor, ASTERN_SPACE_LINEAR, place.linear, text);
  say (monitor, text->str);
}

static void
on_stopped (gpointer data, const AsternDebuggerStop *stop)
{
  AsternMonitor *monitor = data;
  gboolean waited_for = monitor->moving && !monitor->executing;

  if (astern_monitor_search_on (monitor, stop))
    return;
  monitor->has_next_address = FALSE;      /* x/i alone is at the new place */
  if (concerns_us (monitor, stop))
    say_stop (monitor, stop);
  monitor->moving = FALSE;
  if (waited_for && monitor->funcs.done != NULL)
    monitor->funcs.done (monitor->funcs.user);
}

static void
on_logged (gpointer data, const AsternHit *hit)
{
  AsternMonitor *monitor = data;
  AsternDebuggerStop stop = {
    .why = ASTERN_WHY_POINT, .cpu = hit->cpu, .moment = hit->before, .client = monitor->client, .hit = *hit,
    .point_id = hit->point != NULL ? hit->point->id : 0,
  };
  g_autofree char *sentence = astern_debugger_stop_text (monitor->debugger, &stop);
  g_autofree char *line = g_strconcat (sentence, "\n", NULL);

  say (monitor, line);
}

static void
on_branched (gpointer data, AsternMoment at)
{
  AsternMonitor *monitor = data;
  g_autofree char *line = NULL;
  char moment[ASTERN_MOMENT_TEXT];

  if (monitor->branching)      /* it says so itself */
    return;
  astern_moment_format (at, moment);
  line = g_strdup_printf (_("A new branch begins at %s; what came after is kept (“info futures”).\n"), moment);
  say (monitor, line);
}

AsternMonitor *
astern_monitor_new (AsternSession *session, AsternMonitorNames *names, const AsternMonitorFuncs *funcs)
{
  static const AsternClientFuncs client_funcs = {
    .name = "monitor", .stopped = on_stopped, .logged = on_logged, .branched = on_branched,
  };
  AsternMonitor *monitor = g_new0 (AsternMonitor, 1);

  monitor->session = session;
  monitor->machine = session->launch->machine;
  monitor->debugger = session->debugger;
  monitor->timeline = astern_debugger_timeline (session->debugger);
  monitor->client = astern_debugger_attach (session->debugger, &client_funcs, monitor);
  monitor->names = names;
  if (funcs != NULL)
    monitor->funcs = *funcs;
  monitor->disassembler = astern_disassembler_new (name_address, monitor);
  monitor->bookmarks = session->bookmarks;
  monitor->format = (AsternMonitorFormat) { .size = 4, .letter = 'x' };
  if (names != NULL)
    {
      publish_devices (monitor);
      publish_expressions (monitor);
    }
  return monitor;
}

void
astern_monitor_free (AsternMonitor *monitor)
{
  astern_debugger_detach (monitor->debugger, monitor->client);
  astern_disassembler_free (monitor->disassembler);
  g_free (monitor);
}

gboolean
astern_monitor_is_moving (const AsternMonitor *monitor)
{
  return monitor->moving;
}

void
astern_monitor_interrupt (AsternMonitor *monitor)
{
  astern_debugger_interrupt (monitor->debugger, monitor->client);
}

AsternCpu *
astern_monitor_cpu (AsternMonitor *monitor)
{
  AsternCpu *cpu = monitor->machine->cpus[monitor->cpu];

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  return cpu;
}
