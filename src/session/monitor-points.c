/* monitor-points.c - breakpoints of every kind, as a user types them. */
#include "config.h"

#include "session/monitor-private.h"

#include "core/expression.h"

#include <string.h>

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)

/* ---- the parts that all have: options before the place, "cpu N" and "if CONDITION" behind it ---- */

/* Where the word @word stands in @text, outside parentheses; NULL: nowhere. */
static const char *
find_word (const char *text, const char *word)
{
  gsize length = strlen (word);
  guint depth = 0;

  for (const char *at = text; *at != '\0'; at++)
    {
      if (*at == '(' || *at == '[')
        depth++;
      else if ((*at == ')' || *at == ']') && depth > 0)
        depth--;
      if (depth == 0 && (at == text || at[-1] == ' ') && strncmp (at, word, length) == 0 && (at[length] == ' ' || at[length] == '\0'))
        return at;
    }
  return NULL;
}

/* Takes "if CONDITION" and "cpu N" off; what is left is the place.  Free it. */
static char *
take_ends (AsternMonitor *monitor, const char *argument, AsternPoint *point, GError **error)
{
  const char *condition = find_word (argument, "if");
  g_autofree char *place = condition != NULL ? g_strndup (argument, (gsize) (condition - argument)) : g_strdup (argument);
  const char *cpu = find_word (place, "cpu");

  if (condition != NULL)
    {
      point->condition = astern_expression_new (condition + strlen ("if"), monitor->machine->cpus[0]->klass, &monitor->session->launch->names, error);
      if (point->condition == NULL)
        return NULL;
    }
  if (cpu != NULL)
    {
      if (!astern_monitor_number (cpu + strlen ("cpu") + strspn (cpu + strlen ("cpu"), " "), &point->cpu, error))
        return NULL;
      place[cpu - place] = '\0';
    }
  return g_strdup (g_strstrip (place));
}

/* An option at the start, which is then passed over. */
static gboolean
take_option (const char **place, const char *option)
{
  gsize length = strlen (option);

  if (strncmp (*place, option, length) != 0 || ((*place)[length] != ' ' && (*place)[length] != '\0'))
    return FALSE;
  *place += length;
  *place += strspn (*place, " ");
  return TRUE;
}

static void
say_added (AsternMonitor *monitor, const AsternPoint *point, GString *answer)
{
  g_autofree char *text = astern_monitor_point_text (monitor, point);

  g_string_append_printf (answer, "%u: %s\n", point->id, text);
}

/* Adds it; takes what @point owns, also when it fails. */
static gboolean
add (AsternMonitor *monitor, AsternPoint *point, const char *typed, GString *answer, GError **error)
{
  AsternPoint *added;

  point->text = g_strdup (typed);
  added = astern_debugger_add_point (monitor->debugger, monitor->client, point, error);
  if (added != NULL)
    say_added (monitor, added, answer);
  return added != NULL;
}

static void
drop (AsternPoint *point)
{
  g_clear_pointer (&point->condition, astern_expression_free);
  g_clear_pointer (&point->text, g_free);
}

static AsternPoint
new_point (AsternPointKind kind)
{
  return (AsternPoint) {
    .kind = kind, .size = 1, .address_space = ASTERN_POINT_ANY, .error_code = ASTERN_POINT_ANY, .cpu = ASTERN_POINT_ANY, .enabled = TRUE,
  };
}

/* "ADDRESS" or "ADDRESS,LENGTH". */
static gboolean
parse_place (AsternMonitor *monitor, const char *text, AsternPoint *point, GError **error)
{
  const char *comma = strrchr (text, ',');
  g_autofree char *where = g_strndup (text, comma != NULL ? (gsize) (comma - text) : strlen (text));

  return astern_monitor_evaluate (monitor, where, &point->start, error)
         && (comma == NULL || astern_monitor_evaluate (monitor, comma + 1, &point->size, error));
}

/* ---- break ---- */

static gboolean
add_break (AsternMonitor *monitor, const char *argument, gboolean temporary, GString *answer, GError **error)
{
  AsternPoint point = new_point (ASTERN_POINT_EXECUTE);
  g_autofree char *text = NULL;
  const char *place;
  gboolean added;

  point.temporary = temporary;
  text = take_ends (monitor, argument, &point, error);
  place = text;
  for (gboolean more = place != NULL; more; )
    {
      more = TRUE;
      if (take_option (&place, "-p") || take_option (&place, "phys"))
        point.space = ASTERN_SPACE_PHYSICAL;
      else if (take_option (&place, "-v"))
        point.space = ASTERN_SPACE_VIRTUAL;
      else if (take_option (&place, "-a"))
        {
          AsternCpu *cpu = astern_monitor_cpu (monitor);

          point.address_space = cpu->klass->address_space (cpu);
        }
      else if (take_option (&place, "-log"))
        point.log_only = TRUE;
      else
        more = FALSE;
    }
  if (place != NULL && place[0] == '*')   /* as gdb has it */
    place++;
  added = place != NULL && (place[0] != '\0' || astern_monitor_fail (error, _("An address is needed, as in “break main”.")))
          && parse_place (monitor, place, &point, error) && add (monitor, &point, argument, answer, error);
  if (!added)
    drop (&point);
  return added;
}

COMMAND (break_at)
{
  return add_break (monitor, argument, FALSE, answer, error);
}

COMMAND (break_once)
{
  return add_break (monitor, argument, TRUE, answer, error);
}

/* ---- watch ---- */

COMMAND (watch)
{
  AsternPoint point = new_point (ASTERN_POINT_MEMORY);
  g_autofree char *text = take_ends (monitor, argument, &point, error);
  const char *place = text;
  gboolean added;

  point.access = ASTERN_POINT_WRITE;
  point.size = 8;
  for (gboolean more = place != NULL; more; )
    {
      more = TRUE;
      if (take_option (&place, "-r"))
        point.access = ASTERN_POINT_READ;
      else if (take_option (&place, "-a"))
        point.access = ASTERN_POINT_READ | ASTERN_POINT_WRITE;
      else if (take_option (&place, "-p"))
        point.space = ASTERN_SPACE_PHYSICAL;
      else if (take_option (&place, "-change"))
        point.changes_only = TRUE;
      else if (take_option (&place, "-log"))
        point.log_only = TRUE;
      else
        more = FALSE;
    }
  added = place != NULL && (place[0] != '\0' || astern_monitor_fail (error, _("An address is needed, as in “watch counter,4”.")))
          && parse_place (monitor, place, &point, error) && add (monitor, &point, argument, answer, error);
  if (!added)
    drop (&point);
  return added;
}

/* ---- catch ---- */

typedef struct
{
  const char      *name;
  AsternPointKind  kind;
  gboolean         needs_number, takes_access;
} Catch;

static const Catch catches[] = {
  { "port",      ASTERN_POINT_PORT,         TRUE,  TRUE },
  { "msr",       ASTERN_POINT_MSR,          TRUE,  TRUE },
  { "cr",        ASTERN_POINT_CONTROL,      TRUE,  FALSE },
  { "exception", ASTERN_POINT_EXCEPTION,    FALSE, FALSE },
  { "interrupt", ASTERN_POINT_INTERRUPT,    FALSE, FALSE },
  { "mode",      ASTERN_POINT_MODE,         FALSE, FALSE },
  { "syscall",   ASTERN_POINT_SYSCALL,      FALSE, FALSE },
  { "triple",    ASTERN_POINT_TRIPLE_FAULT, FALSE, FALSE },
  { "magic",     ASTERN_POINT_MAGIC,        FALSE, FALSE },
};

static const Catch *
find_catch (const AsternMonitorCommand *command)
{
  for (guint i = 0; i < G_N_ELEMENTS (catches); i++)
    if (g_str_equal (command->words + strlen ("catch "), catches[i].name))
      return &catches[i];
  g_assert_not_reached ();
}

static gboolean
takes_range (AsternPointKind kind)
{
  return kind != ASTERN_POINT_MODE && kind != ASTERN_POINT_TRIPLE_FAULT && kind != ASTERN_POINT_MAGIC;
}

/* "14 error 2": of exceptions. */
static gboolean
take_error_code (AsternMonitor *monitor, char *text, AsternPoint *point, GError **error)
{
  const char *word = point->kind == ASTERN_POINT_EXCEPTION ? find_word (text, "error") : NULL;

  if (word == NULL)
    return TRUE;
  if (!astern_monitor_evaluate (monitor, word + strlen ("error"), &point->error_code, error))
    return FALSE;
  text[word - text] = '\0';
  g_strchomp (text);
  return TRUE;
}

static gboolean
parse_catch (AsternMonitor *monitor, const Catch *catch, char *text, AsternPoint *point, GError **error)
{
  const char *place = text;

  if (!take_error_code (monitor, text, point, error))
    return FALSE;
  for (gboolean more = TRUE; more; )
    {
      more = TRUE;
      if (catch->takes_access && take_option (&place, "-r"))
        point->access = ASTERN_POINT_READ;
      else if (catch->takes_access && take_option (&place, "-w"))
        point->access = ASTERN_POINT_WRITE;
      else if (take_option (&place, "-log"))
        point->log_only = TRUE;
      else
        more = FALSE;
    }
  if (place[0] != '\0' && takes_range (catch->kind))
    return parse_place (monitor, place, point, error);
  if (place[0] != '\0')
    return astern_monitor_fail (error, _("“catch %s” takes no number."), catch->name);
  if (catch->needs_number)
    return astern_monitor_fail (error, _("“catch %s” needs a number."), catch->name);
  point->start = ASTERN_POINT_ANY;
  return TRUE;
}

COMMAND (catch_event)
{
  const Catch *catch = find_catch (command);
  AsternPoint point = new_point (catch->kind);
  g_autofree char *text = take_ends (monitor, argument, &point, error);
  g_autofree char *typed = g_strconcat (catch->name, argument[0] != '\0' ? " " : NULL, argument, NULL);
  gboolean added = text != NULL && parse_catch (monitor, catch, text, &point, error) && add (monitor, &point, typed, answer, error);

  if (!added)
    drop (&point);
  return added;
}

/* ---- those that there are ---- */

static AsternPoint *
find_point (AsternMonitor *monitor, const char *text, GError **error)
{
  AsternPoints *points = astern_debugger_points (monitor->debugger);
  AsternPoint *point;
  guint64 id;

  if (!astern_monitor_number (text, &id, error))
    return NULL;
  point = id <= G_MAXUINT ? astern_points_find (points, (guint) id) : NULL;
  if (point == NULL)
    astern_monitor_fail (error, _("There is no breakpoint %s; “info breakpoints” lists those that there are."), text);
  else if (point->owner != monitor->client)
    {
      astern_monitor_fail (error, _("Breakpoint %s is another client's; it is changed where it was made."), text);
      point = NULL;
    }
  return point;
}

/* Each of the numbers in @argument, or all of the monitor's points when there is none. */
static gboolean
for_points (AsternMonitor *monitor, const char *argument, void (*change) (AsternMonitor *, AsternPoint *), GError **error)
{
  AsternPoints *points = astern_debugger_points (monitor->debugger);
  const char *rest = argument;
  char *word;

  if (argument[0] == '\0')
    for (guint i = astern_points_count (points); i-- > 0; )
      if (astern_points_at (points, i)->owner == monitor->client)
        change (monitor, astern_points_at (points, i));
  while ((word = astern_monitor_word (&rest)) != NULL)
    {
      AsternPoint *point = find_point (monitor, word, error);

      g_free (word);
      if (point == NULL)
        return FALSE;
      change (monitor, point);
    }
  return TRUE;
}

static void
remove_point (AsternMonitor *monitor, AsternPoint *point)
{
  astern_debugger_remove_point (monitor->debugger, point);
}

static void
switch_point (AsternMonitor *monitor, AsternPoint *point, gboolean on)
{
  point->enabled = on;
  astern_points_changed (astern_debugger_points (monitor->debugger), point);
}

static void
enable_point (AsternMonitor *monitor, AsternPoint *point)
{
  switch_point (monitor, point, TRUE);
}

static void
disable_point (AsternMonitor *monitor, AsternPoint *point)
{
  switch_point (monitor, point, FALSE);
}

COMMAND (delete_points)
{
  return for_points (monitor, argument, remove_point, error);
}

COMMAND (enable_points)
{
  return for_points (monitor, argument, enable_point, error);
}

COMMAND (disable_points)
{
  return for_points (monitor, argument, disable_point, error);
}

COMMAND (ignore)
{
  const char *rest = argument;
  g_autofree char *id = astern_monitor_word (&rest);
  AsternPoint *point = find_point (monitor, id, error);
  guint64 count;

  if (point == NULL)
    return FALSE;
  if (rest[0] == '\0')
    return astern_monitor_fail (error, _("How many hits are to be passed over, as in “ignore 1 99”?"));
  if (!astern_monitor_evaluate (monitor, rest, &count, error))
    return FALSE;
  point->ignore = count;
  astern_points_changed (astern_debugger_points (monitor->debugger), point);
  return TRUE;
}

/* ---- as text ---- */

static void
append_access (GString *text, guint access, gboolean changes_only)
{
  static const char *const names[] = { N_("access"), N_("read"), N_("write"), N_("read or write") };

  g_string_append (text, changes_only ? _("change") : _(names[access & 3]));
}

static void
append_address (AsternMonitor *monitor, GString *text, const AsternPoint *point)
{
  static const char *const spaces[] = { "", N_("offset "), N_("physical ") };
  g_autofree char *name = point->space == ASTERN_SPACE_PHYSICAL ? NULL : astern_symbols_describe (monitor->session->launch->symbols, point->start);

  g_string_append_printf (text, "%s0x%" G_GINT64_MODIFIER "x", point->space == ASTERN_SPACE_LINEAR ? "" : _(spaces[point->space]), point->start);
  if (point->size > 1)
    g_string_append_printf (text, ",%" G_GUINT64_FORMAT, point->size);
  if (name != NULL)
    g_string_append_printf (text, " <%s>", name);
}

char *
astern_monitor_point_text (AsternMonitor *monitor, const AsternPoint *point)
{
  static const char *const kinds[ASTERN_N_POINT_KINDS] = {
    N_("execution"), N_("memory"), N_("port"), N_("MSR"), N_("control register"), N_("exception"), N_("interrupt"), N_("change of mode"),
    N_("system call"), N_("triple fault"), N_("magic instruction"),
  };
  GString *text = g_string_new (_(kinds[point->kind]));

  if (point->kind == ASTERN_POINT_MEMORY || point->kind == ASTERN_POINT_PORT || point->kind == ASTERN_POINT_MSR)
    {
      g_string_append_c (text, ' ');
      append_access (text, point->access, point->changes_only);
    }
  if (point->kind <= ASTERN_POINT_MEMORY)
    {
      g_string_append_c (text, ' ');
      append_address (monitor, text, point);
    }
  else if (takes_range (point->kind) && point->start != ASTERN_POINT_ANY)
    g_string_append_printf (text, point->size > 1 ? " 0x%" G_GINT64_MODIFIER "x,%" G_GUINT64_FORMAT : " 0x%" G_GINT64_MODIFIER "x",
                            point->start, point->size);
  if (point->error_code != ASTERN_POINT_ANY)
    g_string_append_printf (text, _(", error code 0x%" G_GINT64_MODIFIER "x"), point->error_code);
  if (point->address_space != ASTERN_POINT_ANY)
    g_string_append_printf (text, _(", address space 0x%" G_GINT64_MODIFIER "x"), point->address_space);
  if (point->cpu != ASTERN_POINT_ANY)
    g_string_append_printf (text, _(", CPU %u"), (guint) point->cpu);
  if (point->condition != NULL)
    g_string_append_printf (text, _(", if %s"), g_strstrip ((char *) astern_expression_text (point->condition)));
  return g_string_free (text, FALSE);
}

COMMAND (info_breakpoints)
{
  AsternPoints *points = astern_debugger_points (monitor->debugger);

  for (guint i = 0; i < astern_points_count (points); i++)
    {
      const AsternPoint *point = astern_points_at (points, i);
      g_autofree char *text = astern_monitor_point_text (monitor, point);

      g_string_append_printf (answer, "%-4u %s", point->id, text);
      if (point->owner != monitor->client)
        g_string_append (answer, _(" (another client's)"));
      if (!point->enabled)
        g_string_append (answer, _(" (disabled)"));
      if (point->temporary)
        g_string_append (answer, _(" (once)"));
      if (point->log_only)
        g_string_append (answer, _(" (log only)"));
      g_string_append_printf (answer, ngettext (", %" G_GUINT64_FORMAT " hit", ", %" G_GUINT64_FORMAT " hits", point->hits), point->hits);
      if (point->ignore > 0)
        g_string_append_printf (answer, _(", the next %" G_GUINT64_FORMAT " are passed over"), point->ignore);
      g_string_append_c (answer, '\n');
    }
  if (astern_points_count (points) == 0)
    g_string_append (answer, _("There are no breakpoints.\n"));
  return TRUE;
}

#define E ASTERN_COMPLETES_EXPRESSION
#define N ASTERN_COMPLETES_NOTHING
const AsternMonitorCommand astern_monitor_point_commands[] = {
  { "break",  "b",  N_("[-p|-v] [-a] [-log] ADDRESS[,LENGTH] [cpu N] [if CONDITION]"),
    N_("stop before an instruction is executed at a linear address; -p: physical; -v: at that RIP, whatever CS' base; -a: only in the present address space; -log: say so and go on"), E, break_at },
  { "tbreak", NULL, N_("[OPTIONS] ADDRESS [cpu N] [if CONDITION]"), N_("the same, once"), E, break_once },
  { "hbreak", NULL, N_("[OPTIONS] ADDRESS [cpu N] [if CONDITION]"), N_("the same as break: all are like the hardware's, and there is no limit"), E, break_at },
  { "watch",  NULL, N_("[-r|-a] [-p] [-change] [-log] ADDRESS[,LENGTH] [cpu N] [if CONDITION]"),
    N_("stop after memory was written, by a CPU or by DMA (8 bytes unless told); -r: read; -a: either; -p: physical; -change: only when a value changes"), E, watch },
  { "catch port",      NULL, N_("[-r|-w] PORT[,LENGTH] [if CONDITION]"), N_("stop after an access to a port"), E, catch_event },
  { "catch msr",       NULL, N_("[-r|-w] NUMBER [if CONDITION]"), N_("stop after an access to a model-specific register"), E, catch_event },
  { "catch cr",        NULL, N_("NUMBER [if CONDITION]"), N_("stop after a control register was written"), E, catch_event },
  { "catch exception", NULL, N_("[VECTOR] [error CODE] [if CONDITION]"), N_("stop where an exception is raised, before its handler"), E, catch_event },
  { "catch interrupt", NULL, N_("[VECTOR] [if CONDITION]"), N_("stop at the first instruction of an interrupt's handler"), E, catch_event },
  { "catch mode",      NULL, N_("[if CONDITION]"), N_("stop when the CPU's mode changes"), E, catch_event },
  { "catch syscall",   NULL, N_("[NUMBER] [if CONDITION]"), N_("stop after a system call was entered or left"), E, catch_event },
  { "catch triple",    NULL, N_("[if CONDITION]"), N_("stop at a triple fault; the machine does so anyway"), E, catch_event },
  { "catch magic",     NULL, N_("[if CONDITION]"), N_("stop after “xchg %bx,%bx”"), E, catch_event },
  { "delete",  "d",  N_("[NUMBER…]"), N_("remove breakpoints; alone: all that were made here"), N, delete_points },
  { "enable",  NULL, N_("[NUMBER…]"), N_("let breakpoints stop the machine again"), N, enable_points },
  { "disable", NULL, N_("[NUMBER…]"), N_("keep breakpoints, but do not stop at them"), N, disable_points },
  { "ignore",  NULL, N_("NUMBER COUNT"), N_("pass over the next hits of a breakpoint"), N, ignore },
  { "info breakpoints", NULL, NULL, N_("the breakpoints of all clients"), N, info_breakpoints },
  { .words = NULL },
};
