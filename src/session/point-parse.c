/* point-parse.c - see point-parse.h. */
#include "config.h"

#include "session/point-parse.h"

#include "session/evaluate.h"
#include "session/monitor-private.h"
#include "session/point-text.h"

#include <string.h>

#include <glib/gi18n.h>

typedef struct
{
  AsternCpu         *cpu;
  const AsternNames *names;
} Names;

AsternPoint
astern_point_new (AsternPointKind kind)
{
  return (AsternPoint) {
    .kind = kind, .size = 1, .address_space = ASTERN_POINT_ANY, .error_code = ASTERN_POINT_ANY, .cpu = ASTERN_POINT_ANY,
    .enabled = TRUE,
  };
}

void
astern_point_clear (AsternPoint *point)
{
  g_clear_pointer (&point->condition, astern_expression_free);
  g_clear_pointer (&point->text, g_free);
}

gboolean
astern_point_takes_range (AsternPointKind kind)
{
  return kind != ASTERN_POINT_MODE && kind != ASTERN_POINT_TRIPLE_FAULT && kind != ASTERN_POINT_MAGIC;
}

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
      if (depth == 0 && (at == text || at[-1] == ' ') && strncmp (at, word, length) == 0
          && (at[length] == ' ' || at[length] == '\0'))
        return at;
    }
  return NULL;
}

/* Takes "if CONDITION" and "cpu N" off; what is left is the place.  Free it. */
static char *
take_ends (const Names *in, const char *argument, AsternPoint *point, GError **error)
{
  const char *condition = find_word (argument, "if");
  g_autofree char *place = condition != NULL ? g_strndup (argument, (gsize) (condition - argument)) : g_strdup (argument);
  const char *cpu = find_word (place, "cpu");

  if (condition != NULL)
    {
      point->condition = astern_expression_new (condition + strlen ("if"), in->cpu->klass, in->names, error);
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

/* "ADDRESS" or "ADDRESS,LENGTH". */
static gboolean
parse_place (const Names *in, const char *text, AsternPoint *point, GError **error)
{
  const char *comma = strrchr (text, ',');
  g_autofree char *where = g_strndup (text, comma != NULL ? (gsize) (comma - text) : strlen (text));

  return astern_evaluate (in->cpu, in->names, where, &point->start, error)
         && (comma == NULL || astern_evaluate (in->cpu, in->names, comma + 1, &point->size, error));
}

/* ---- break ---- */

static gboolean
parse_break (const Names *in, char *text, AsternPoint *point, GError **error)
{
  const char *place = text;

  for (gboolean more = TRUE; more; )
    {
      more = TRUE;
      if (take_option (&place, "-p") || take_option (&place, "phys"))
        point->space = ASTERN_SPACE_PHYSICAL;
      else if (take_option (&place, "-v"))
        point->space = ASTERN_SPACE_VIRTUAL;
      else if (take_option (&place, "-a"))
        point->address_space = in->cpu->klass->address_space (in->cpu);
      else if (take_option (&place, "-log"))
        point->log_only = TRUE;
      else
        more = FALSE;
    }
  if (place[0] == '*')   /* as gdb has it */
    place++;
  return (place[0] != '\0' || astern_monitor_fail (error, _("An address is needed, as in “break main”.")))
         && parse_place (in, place, point, error);
}

/* ---- watch ---- */

static gboolean
parse_watch (const Names *in, char *text, AsternPoint *point, GError **error)
{
  const char *place = text;

  point->access = ASTERN_POINT_WRITE;
  point->size = 8;
  for (gboolean more = TRUE; more; )
    {
      more = TRUE;
      if (take_option (&place, "-r"))
        point->access = ASTERN_POINT_READ;
      else if (take_option (&place, "-a"))
        point->access = ASTERN_POINT_READ | ASTERN_POINT_WRITE;
      else if (take_option (&place, "-p"))
        point->space = ASTERN_SPACE_PHYSICAL;
      else if (take_option (&place, "-change"))
        point->changes_only = TRUE;
      else if (take_option (&place, "-log"))
        point->log_only = TRUE;
      else
        more = FALSE;
    }
  return (place[0] != '\0' || astern_monitor_fail (error, _("An address is needed, as in “watch counter,4”.")))
         && parse_place (in, place, point, error);
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

/* "14 error 2": of exceptions. */
static gboolean
take_error_code (const Names *in, char *text, AsternPoint *point, GError **error)
{
  const char *word = point->kind == ASTERN_POINT_EXCEPTION ? find_word (text, "error") : NULL;

  if (word == NULL)
    return TRUE;
  if (!astern_evaluate (in->cpu, in->names, word + strlen ("error"), &point->error_code, error))
    return FALSE;
  text[word - text] = '\0';
  g_strchomp (text);
  return TRUE;
}

static gboolean
parse_catch (const Names *in, const Catch *catch, char *text, AsternPoint *point, GError **error)
{
  const char *place = text;

  if (!take_error_code (in, text, point, error))
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
  if (place[0] != '\0' && astern_point_takes_range (catch->kind))
    return astern_point_number_of (catch->kind, place, &point->start) || parse_place (in, place, point, error);
  if (place[0] != '\0')
    return astern_monitor_fail (error, _("“catch %s” takes no number."), catch->name);
  if (catch->needs_number)
    return astern_monitor_fail (error, _("“catch %s” needs a number."), catch->name);
  point->start = ASTERN_POINT_ANY;
  return TRUE;
}

/* ---- any of them ---- */

static gboolean
parse_rest (const Names *in, const Catch *catch, const char *argument, AsternPoint *point, GError **error)
{
  g_autofree char *text = take_ends (in, argument, point, error);

  if (text == NULL)
    return FALSE;
  if (catch != NULL)
    return parse_catch (in, catch, text, point, error);
  return point->kind == ASTERN_POINT_MEMORY ? parse_watch (in, text, point, error) : parse_break (in, text, point, error);
}

static const Catch *
find_catch (const char *command)
{
  if (g_str_has_prefix (command, "catch "))
    for (guint i = 0; i < G_N_ELEMENTS (catches); i++)
      if (g_str_equal (command + strlen ("catch "), catches[i].name))
        return &catches[i];
  return NULL;
}

gboolean
astern_point_parse (AsternCpu *cpu, const AsternNames *names, const char *command, const char *argument, AsternPoint *point,
                    GError **error)
{
  const Names in = { cpu, names };
  const Catch *catch = find_catch (command);

  *point = astern_point_new (catch != NULL ? catch->kind
                             : g_str_equal (command, "watch") ? ASTERN_POINT_MEMORY : ASTERN_POINT_EXECUTE);
  point->temporary = g_str_equal (command, "tbreak");
  if (!parse_rest (&in, catch, argument, point, error))
    {
      astern_point_clear (point);
      return FALSE;
    }
  point->text = catch == NULL ? g_strdup (argument) : g_strconcat (catch->name, argument[0] != '\0' ? " " : NULL, argument, NULL);
  return TRUE;
}

static gboolean
is_command (const char *command)
{
  return g_str_equal (command, "break") || g_str_equal (command, "tbreak") || g_str_equal (command, "hbreak")
         || g_str_equal (command, "watch") || find_catch (command) != NULL;
}

gboolean
astern_point_parse_line (AsternCpu *cpu, const AsternNames *names, const char *line, AsternPoint *point, GError **error)
{
  const char *rest = line;
  g_autofree char *word = astern_monitor_word (&rest);
  g_autofree char *command = NULL;

  if (g_strcmp0 (word, "catch") == 0)
    {
      g_autofree char *what = astern_monitor_word (&rest);

      command = g_strdup_printf ("catch %s", what != NULL ? what : "");
    }
  else
    command = g_strdup (g_strcmp0 (word, "b") == 0 ? "break" : word != NULL ? word : "");
  if (!is_command (command))
    return astern_monitor_fail (error,
                                _("A breakpoint begins with “break”, “tbreak”, “watch” or “catch”, as in “catch exception 14”."));
  {
    g_autofree char *argument = g_strchomp (g_strdup (rest));

    return astern_point_parse (cpu, names, command, argument, point, error);
  }
}
