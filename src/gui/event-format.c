/* event-format.c - see event-format.h. */
#include "config.h"

#include "gui/event-format.h"

#include "session/point-text.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#define HEX64 "%016" G_GINT64_MODIFIER "x"
#define HEX   "0x%" G_GINT64_MODIFIER "x"

static const struct
{
  const char     *title, *name;
  AsternPointKind point;
} kinds[ASTERN_N_HAPPENED] = {
  [ASTERN_HAPPENED_INTERRUPT] = { N_("Interrupts"), N_("interrupt"), ASTERN_POINT_INTERRUPT },
  [ASTERN_HAPPENED_EXCEPTION] = { N_("Exceptions"), N_("exception"), ASTERN_POINT_EXCEPTION },
  [ASTERN_HAPPENED_SYSCALL]   = { N_("System Calls"), N_("system call"), ASTERN_POINT_SYSCALL },
  [ASTERN_HAPPENED_MODE]      = { N_("Modes"), N_("mode"), ASTERN_POINT_MODE },
  [ASTERN_HAPPENED_CONTROL]   = { N_("Control Registers"), N_("control register"), ASTERN_POINT_CONTROL },
  [ASTERN_HAPPENED_MSR]       = { N_("MSRs"), N_("MSR"), ASTERN_POINT_MSR },
  [ASTERN_HAPPENED_PORT]      = { N_("Ports"), N_("port"), ASTERN_POINT_PORT },
  [ASTERN_HAPPENED_DEVICE]    = { N_("Device Memory"), N_("device"), ASTERN_POINT_MEMORY },
  [ASTERN_HAPPENED_WATCHED]   = { N_("Watched Memory"), N_("memory"), ASTERN_POINT_MEMORY },
  [ASTERN_HAPPENED_LOGGED]    = { N_("Guest Errors"), N_("guest error"), ASTERN_N_POINT_KINDS },
};

const char *
astern_happened_title (AsternHappened kind)
{
  return kinds[kind].title;
}

const char *
astern_happened_name (AsternHappened kind)
{
  return _(kinds[kind].name);
}

/* ---- points ---- */

static void
add_devices (AsternMachine *machine, GArray *points)
{
  AsternRoute route;

  for (guint64 at = 0;; at = route.end)
    {
      AsternPoint point = astern_trace_point (ASTERN_POINT_MEMORY);

      astern_bus_route (machine->physical, at, &route);
      if (route.read.kind == ASTERN_TARGET_DEVICE || route.write.kind == ASTERN_TARGET_DEVICE)
        {
          point.space = ASTERN_SPACE_PHYSICAL;
          point.start = at;
          point.size = route.end - at;
          point.user = GUINT_TO_POINTER (ASTERN_HAPPENED_DEVICE);
          g_array_append_val (points, point);
        }
      if (route.end <= at || route.end == G_MAXUINT64)
        return;
    }
}

GArray *
astern_happened_points (AsternMachine *machine, guint wanted, AsternSpace space, guint64 watch, guint64 size)
{
  GArray *points = g_array_new (FALSE, FALSE, sizeof (AsternPoint));

  for (guint kind = 0; kind < ASTERN_N_HAPPENED; kind++)
    {
      AsternPoint point = astern_trace_point (kinds[kind].point);

      if (!(wanted >> kind & 1) || kind == ASTERN_HAPPENED_LOGGED)
        continue;
      if (kind == ASTERN_HAPPENED_DEVICE)
        {
          add_devices (machine, points);
          continue;
        }
      point.user = GUINT_TO_POINTER (kind);
      if (kind == ASTERN_HAPPENED_WATCHED)
        {
          point.space = space;
          point.start = watch;
          point.size = size;
        }
      g_array_append_val (points, point);
    }
  return points;
}

AsternHappened
astern_happened_of (const AsternHit *hit)
{
  if (hit->point != NULL && hit->kind == ASTERN_POINT_MEMORY)
    return GPOINTER_TO_UINT (hit->point->user);
  for (guint kind = 0; kind < ASTERN_N_HAPPENED; kind++)
    if (kinds[kind].point == hit->kind)
      return kind;
  return ASTERN_HAPPENED_WATCHED;
}

/* ---- details ---- */

static void
append_exception (GString *text, const AsternHit *hit)
{
  const char *name = astern_point_number_name (ASTERN_POINT_EXCEPTION, hit->number);

  if (name != NULL)
    g_string_append (text, name);
  else
    g_string_append_printf (text, "%" G_GUINT64_FORMAT, hit->number);
  if (hit->number == 14)
    {
      g_string_append_printf (text, _(" at %016" PRIx64), hit->linear);
      g_string_append_printf (text, ": %s, %s, %s",
                              hit->error_code & 16 ? _("fetch") : hit->error_code & 2 ? _("write") : _("read"),
                              hit->error_code & 4 ? _("user") : _("supervisor"),
                              hit->error_code & 8 ? _("reserved bit set") : hit->error_code & 1 ? _("not allowed") : _("not mapped"));
    }
  else if ((hit->number >= 10 && hit->number <= 13) || hit->number == 17 || hit->number == 8)
    g_string_append_printf (text, _(", error code 0x%" PRIx64), hit->error_code);
}

static void
append_value (GString *text, const AsternHit *hit)
{
  if (hit->access == ASTERN_ACCESS_WRITE && hit->has_old && hit->has_new)
    g_string_append_printf (text, ": " HEX " → " HEX, hit->old_value, hit->new_value);
  else if (hit->has_new)
    g_string_append_printf (text, ": " HEX, hit->new_value);
  else if (hit->has_old)
    g_string_append_printf (text, ": " HEX, hit->old_value);
}

static void
append_access (GString *text, const AsternHit *hit)
{
  gboolean write = hit->access == ASTERN_ACCESS_WRITE;

  if (hit->kind == ASTERN_POINT_PORT)
    g_string_append_printf (text, write ? _("out %03x, %u bits") : _("in %03x, %u bits"), (guint) hit->number, hit->size * 8u);
  else
    g_string_append_printf (text, write ? _("%u bytes written at %016" PRIx64) : _("%u bytes read at %016" PRIx64), hit->size,
                            hit->physical != ASTERN_POINT_ANY ? hit->physical : hit->linear);
  append_value (text, hit);
  if (hit->origin == ASTERN_ORIGIN_DMA)
    g_string_append (text, _(", by DMA"));
}

static void
append_register (GString *text, const AsternHit *hit)
{
  const char *name = astern_point_number_name (hit->kind, hit->number);

  if (hit->kind == ASTERN_POINT_MSR)
    g_string_append (text, hit->access == ASTERN_ACCESS_WRITE ? _("write ") : _("read "));
  if (name != NULL)
    g_string_append (text, name);
  else
    g_string_append_printf (text, HEX, hit->number);
  append_value (text, hit);
}

char *
astern_happened_details (const AsternHit *hit)
{
  GString *text = g_string_new (NULL);

  switch (hit->kind)
    {
    case ASTERN_POINT_EXCEPTION:
      append_exception (text, hit);
      break;
    case ASTERN_POINT_INTERRUPT:
      g_string_append_printf (text, _("vector %02x"), (guint) hit->number);
      break;
    case ASTERN_POINT_SYSCALL:
      if (hit->access == ASTERN_ACCESS_WRITE)
        g_string_append_printf (text, _("returns %" PRIi64), (gint64) hit->number);
      else
        g_string_append_printf (text, _("number %" PRIu64), hit->number);
      break;
    case ASTERN_POINT_CONTROL:
    case ASTERN_POINT_MSR:
      append_register (text, hit);
      break;
    case ASTERN_POINT_PORT:
    case ASTERN_POINT_MEMORY:
      append_access (text, hit);
      break;
    default:
      break;
    }
  if (hit->detail != NULL && text->len == 0)
    g_string_append (text, hit->detail);
  else if (hit->detail != NULL)
    g_string_append_printf (text, " (%s)", hit->detail);
  return g_string_free (text, FALSE);
}

/* ---- rows ---- */

AsternHappening *
astern_happening_new (const AsternHit *hit, guint64 guest_ns)
{
  AsternHappening *happening = g_new (AsternHappening, 1);

  *happening = (AsternHappening) { astern_happened_of (hit), hit->cpu, hit->before, guest_ns, hit->pc,
                                   astern_happened_details (hit), NULL };
  return happening;
}

AsternHappening *
astern_happening_logged (const char *text, guint cpu, AsternMoment moment, guint64 guest_ns)
{
  AsternHappening *happening = g_new (AsternHappening, 1);

  *happening = (AsternHappening) { ASTERN_HAPPENED_LOGGED, cpu, moment, guest_ns, 0, g_utf8_make_valid (text, -1), NULL };
  return happening;
}

void
astern_happening_free (AsternHappening *happening)
{
  g_free (happening->details);
  g_free (happening->place);
  g_free (happening);
}

void
astern_happening_name_place (AsternHappening *happening, AsternSymbols *symbols)
{
  g_free (happening->place);
  happening->place = happening->kind == ASTERN_HAPPENED_LOGGED ? g_strdup ("") : symbols != NULL ? astern_symbols_describe (symbols, happening->pc) : NULL;
  if (happening->place == NULL)
    happening->place = g_strdup_printf (HEX64, happening->pc);
}

char *
astern_happening_time (const AsternHappening *happening)
{
  return g_strdup_printf (_("%" PRIu64 ".%09u s"), happening->guest_ns / 1000000000, (guint) (happening->guest_ns % 1000000000));
}

static gboolean
has_word (const AsternHappening *happening, const char *word)
{
  char moment[ASTERN_MOMENT_TEXT], cpu[16];
  const char *texts[] = { astern_happened_name (happening->kind), happening->details, happening->place != NULL ? happening->place : "",
                          astern_moment_format (happening->before, moment), cpu };

  g_snprintf (cpu, sizeof cpu, "cpu%u", happening->cpu);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *folded = g_utf8_casefold (texts[i], -1);

      if (strstr (folded, word) != NULL)
        return TRUE;
    }
  return FALSE;
}

gboolean
astern_happening_matches (const AsternHappening *happening, const char *filter)
{
  g_autofree char *folded = g_utf8_casefold (filter, -1);
  g_auto (GStrv) words = g_strsplit (folded, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0' && !has_word (happening, words[i]))
      return FALSE;
  return TRUE;
}
