/* point-text.c - see point-text.h.
 * Source of the names of exceptions: Intel SDM vol. 3A, table 6-1. */
#include "config.h"

#include "session/point-text.h"

#include "arch/x86/msr.h"
#include "core/expression.h"
#include "session/point-parse.h"

#include <string.h>

#include <glib/gi18n.h>

const char *
astern_point_kind_text (AsternPointKind kind)
{
  static const char *const kinds[ASTERN_N_POINT_KINDS] = {
    N_("execution"), N_("memory"), N_("port"), N_("MSR"), N_("control register"), N_("exception"), N_("interrupt"),
    N_("change of mode"),
    N_("system call"), N_("triple fault"), N_("magic instruction"),
  };

  return _(kinds[kind]);
}

char *
astern_point_what_text (const AsternPoint *point)
{
  static const char *const names[] = { N_("access"), N_("read"), N_("write"), N_("read or write") };

  if (point->kind != ASTERN_POINT_MEMORY && point->kind != ASTERN_POINT_PORT && point->kind != ASTERN_POINT_MSR)
    return g_strdup (astern_point_kind_text (point->kind));
  return g_strconcat (astern_point_kind_text (point->kind), " ", point->changes_only ? _("change") : _(names[point->access & 3]),
                      NULL);
}

/* ---- names of numbers ---- */

static const struct { guint8 vector; const char *name; } exceptions[] = {
  { 0, "#DE" }, { 1, "#DB" }, { 2, "NMI" }, { 3, "#BP" }, { 4, "#OF" }, { 5, "#BR" }, { 6, "#UD" }, { 7, "#NM" }, { 8, "#DF" },
  { 10, "#TS" }, { 11, "#NP" }, { 12, "#SS" }, { 13, "#GP" }, { 14, "#PF" }, { 16, "#MF" }, { 17, "#AC" }, { 18, "#MC" },
  { 19, "#XM" },
};
static const char *const controls[] = { "CR0", "CR1", "CR2", "CR3", "CR4", "CR5", "CR6", "CR7", "CR8" };

const char *
astern_point_number_name (AsternPointKind kind, guint64 number)
{
  for (guint i = 0; kind == ASTERN_POINT_EXCEPTION && i < G_N_ELEMENTS (exceptions); i++)
    if (exceptions[i].vector == number)
      return exceptions[i].name;
  for (guint i = 0; kind == ASTERN_POINT_MSR && i < x86_n_msrs; i++)
    if (x86_msrs[i].number == number)
      return x86_msrs[i].name;
  return kind == ASTERN_POINT_CONTROL && number < G_N_ELEMENTS (controls) ? controls[number] : NULL;
}

gboolean
astern_point_number_of (AsternPointKind kind, const char *text, guint64 *number)
{
  g_autofree char *name = g_strstrip (g_strdup (text));

  for (guint i = 0; kind == ASTERN_POINT_EXCEPTION && i < G_N_ELEMENTS (exceptions); i++)
    if (g_ascii_strcasecmp (name, exceptions[i].name) == 0)
      {
        *number = exceptions[i].vector;
        return TRUE;
      }
  for (guint i = 0; kind == ASTERN_POINT_MSR && i < x86_n_msrs; i++)
    if (g_ascii_strcasecmp (name, x86_msrs[i].name) == 0)
      {
        *number = x86_msrs[i].number;
        return TRUE;
      }
  for (guint i = 0; kind == ASTERN_POINT_CONTROL && i < G_N_ELEMENTS (controls); i++)
    if (g_ascii_strcasecmp (name, controls[i]) == 0)
      {
        *number = i;
        return TRUE;
      }
  return FALSE;
}

/* ---- points ---- */

static void
append_address (GString *text, const AsternPoint *point, AsternSymbols *symbols)
{
  static const char *const spaces[] = { "", N_("offset "), N_("physical ") };
  gboolean named = point->space != ASTERN_SPACE_PHYSICAL && symbols != NULL;
  g_autofree char *name = named ? astern_symbols_describe (symbols, point->start) : NULL;

  g_string_append_printf (text, "%s0x%" G_GINT64_MODIFIER "x", point->space == ASTERN_SPACE_LINEAR ? "" : _(spaces[point->space]),
                          point->start);
  if (point->size > 1)
    g_string_append_printf (text, ",%" G_GUINT64_FORMAT, point->size);
  if (name != NULL)
    g_string_append_printf (text, " <%s>", name);
}

char *
astern_point_place_text (const AsternPoint *point, AsternSymbols *symbols)
{
  GString *text = g_string_new (NULL);

  if (point->kind <= ASTERN_POINT_MEMORY)
    append_address (text, point, symbols);
  else if (astern_point_takes_range (point->kind) && point->start != ASTERN_POINT_ANY)
    {
      const char *name = point->size <= 1 ? astern_point_number_name (point->kind, point->start) : NULL;

      g_string_append_printf (text, point->size > 1 ? "0x%" G_GINT64_MODIFIER "x,%" G_GUINT64_FORMAT : "0x%" G_GINT64_MODIFIER "x",
                              point->start, point->size);
      if (name != NULL)
        g_string_append_printf (text, " <%s>", name);
    }
  return g_string_free (text, FALSE);
}

/* What formats 64 bits differs among hosts, and a message must not: it has the number as %s. */
static void
append_number (GString *text, guint64 number, const char *format)
{
  g_autofree char *digits = g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", number);
  g_auto (GStrv) parts = g_strsplit (format, "%s", 2);

  if (number != ASTERN_POINT_ANY)
    g_string_append_printf (text, "%s%s%s", parts[0], digits, parts[0] != NULL && parts[1] != NULL ? parts[1] : "");
}

char *
astern_point_limit_text (const AsternPoint *point)
{
  GString *text = g_string_new (NULL);

  append_number (text, point->error_code, _(", error code %s"));
  append_number (text, point->address_space, _(", address space %s"));
  if (point->cpu != ASTERN_POINT_ANY)
    g_string_append_printf (text, _(", CPU %u"), (guint) point->cpu);
  return g_string_free (text, FALSE);
}

char *
astern_point_text (const AsternPoint *point, AsternSymbols *symbols)
{
  g_autofree char *what = astern_point_what_text (point), *place = astern_point_place_text (point, symbols);
  g_autofree char *limits = astern_point_limit_text (point);
  GString *text = g_string_new (what);

  if (place[0] != '\0')
    g_string_append_printf (text, " %s", place);
  g_string_append (text, limits);
  if (point->condition != NULL)
    {
      g_autofree char *condition = g_strstrip (g_strdup (astern_expression_text (point->condition)));

      g_string_append_printf (text, _(", if %s"), condition);
    }
  return g_string_free (text, FALSE);
}
