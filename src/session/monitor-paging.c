/* monitor-paging.c - linear addresses: a walk told level by level, all that is mapped.
 * Source: Intel SDM vol. 3A, sections 4.3 to 4.7; `info mem`, `info tlb` and `gva2gpa` are laid out as QEMU's. */
#include "config.h"

#include "session/monitor-private.h"

#include "arch/x86/page-tables.h"
#include "arch/x86/walk-text.h"
#include "session/walker.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)
#define X16 "%016" G_GINT64_MODIFIER "x"

/* Enough for all that an operating system maps by pages of 4 KiB in some GiB. */
#define MOST_WALKS (G_GUINT64_CONSTANT (1) << 22)
#define MOST_LINES (1u << 16)

/* ---- one walk ---- */

static void
append_verdicts (GString *answer, const X86State *s, const X86Walker *walker, guint64 linear)
{
  static const struct { const char *name; X86WalkAccess access; } asked[] = {
    { N_("supervisor reads"),    { 0 } },
    { N_("supervisor writes"),   { .write = 1 } },
    { N_("supervisor executes"), { .fetch = 1 } },
    { N_("user reads"),          { .user = 1 } },
    { N_("user writes"),         { .user = 1, .write = 1 } },
    { N_("user executes"),       { .user = 1, .fetch = 1 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (asked); i++)
    {
      X86WalkAccess access = asked[i].access;
      X86Walk walk;

      access.linear = linear;
      g_string_append_printf (answer, "  %-20s ", _(asked[i].name));
      if (x86_walk (s, walker, &access, &walk))
        g_string_append (answer, _("allowed\n"));
      else
        {
          g_autofree char *why = x86_walk_why (s, &access, &walk);

          g_string_append_printf (answer, _("#PF, error code %04x: %s\n"), walk.error, why);
        }
    }
}

static void
append_heading (GString *answer, const AsternMonitor *monitor, const X86State *s, guint64 linear)
{
  g_string_append_printf (answer, _("CPU %u, linear %016" PRIx64 ": %s, CR3=%016" PRIx64 "\n"), monitor->cpu, linear, x86_walk_kind_text (s), s->cr3);
  if (x86_paging_is_pae (s))
    g_string_append_printf (answer, "  PDPTE %3u %s: " X16 "  %s\n", (guint) (linear >> 30 & 3), _("in the CPU"),
                            s->pdpte[linear >> 30 & 3], s->pdpte[linear >> 30 & 3] & X86_PTE_P ? "present" : "not present");
}

COMMAND (walk_address)
{
  AsternCpu *cpu = astern_monitor_cpu (monitor);
  const X86State *s = cpu->state;
  X86Walker walker = astern_walker (cpu);
  X86WalkAccess access = { 0 };
  X86Walk walk;

  if (!astern_monitor_evaluate (monitor, argument, &access.linear, error))
    return FALSE;
  if (!x86_long_mode (s))
    access.linear = (guint32) access.linear;
  append_heading (answer, monitor, s, access.linear);
  if (x86_long_mode (s) && !x86_is_canonical (access.linear))
    {
      g_string_append (answer, _("  The address is not canonical: an access is #GP, or #SS by the stack.\n"));
      return TRUE;
    }
  x86_walk (s, &walker, &access, &walk);
  x86_walk_append_levels (answer, s, &walk);
  if (!walk.fault || (walk.error & (X86_PF_PRESENT | X86_PF_RESERVED)) == X86_PF_PRESENT)
    g_string_append_printf (answer, _("  physical %016" PRIx64 ", in a page of %u KiB\n"), walk.physical,
                            1u << MAX (0, walk.page_bits - 10));
  append_verdicts (answer, s, &walker, access.linear);
  return TRUE;
}

COMMAND (gva2gpa)
{
  AsternCpu *cpu = astern_monitor_cpu (monitor);
  const X86State *s = cpu->state;
  X86State reader = *s;
  X86Walker walker = astern_walker (cpu);
  X86WalkAccess access = { 0 };
  X86Walk walk;

  reader.cr4 &= ~(guint64) X86_CR4_SMAP;
  if (!astern_monitor_evaluate (monitor, argument, &access.linear, error))
    return FALSE;
  if ((!x86_long_mode (s) || x86_is_canonical (access.linear)) && x86_walk (&reader, &walker, &access, &walk))
    g_string_append_printf (answer, "gpa: 0x%" G_GINT64_MODIFIER "x\n", walk.physical);
  else
    g_string_append (answer, _("Unmapped\n"));
  return TRUE;
}

/* ---- all that is mapped ---- */

typedef struct
{
  GString *answer;
  guint    n_lines;
  gboolean full;           /* more lines than anybody reads */
  gboolean wide;           /* entries of eight bytes */
  /* The range that is being gathered. */
  guint64  start, end;
  guint    rights;         /* 0: none is */
} Listing;

static gboolean
append_line_of_tlb (const X86Mapping *m, gpointer data)
{
  Listing *listing = data;
  static const struct { guint8 bit; char letter; } bits[] = {
    { 8, 'G' }, { 7, 'P' }, { 6, 'D' }, { 5, 'A' }, { 4, 'C' }, { 3, 'T' }, { 2, 'U' }, { 1, 'W' },
  };
  char flags[10] = "---------";

  if (++listing->n_lines > MOST_LINES)
    {
      listing->full = TRUE;
      return FALSE;
    }
  if (listing->wide && m->entry & X86_PTE_NX)
    flags[0] = 'X';
  for (guint i = 0; i < G_N_ELEMENTS (bits); i++)
    if (m->entry >> bits[i].bit & 1 && (bits[i].bit != 7 || m->page_bits > 12))   /* in a small page bit 7 is PAT */
      flags[i + 1] = bits[i].letter;
  g_string_append_printf (listing->answer, X16 ": " X16 " %s\n", m->linear, m->physical, flags);
  return TRUE;
}

static void
end_range (Listing *listing)
{
  if (listing->rights != 0)
    g_string_append_printf (listing->answer, X16 "-" X16 " " X16 " %c%c%c\n", listing->start, listing->end,
                            listing->end - listing->start, listing->rights & X86_PTE_U ? 'u' : '-', 'r',
                            listing->rights & X86_PTE_W ? 'w' : '-');
  listing->rights = 0;
}

static gboolean
gather_range (const X86Mapping *m, gpointer data)
{
  Listing *listing = data;
  guint rights = X86_PTE_P | (m->user ? X86_PTE_U : 0) | (m->writable ? X86_PTE_W : 0);

  if (listing->rights != rights || listing->end != m->linear)
    {
      end_range (listing);
      if (++listing->n_lines > MOST_LINES)
        {
          listing->full = TRUE;
          return FALSE;
        }
      listing->start = m->linear;
      listing->rights = rights;
    }
  listing->end = m->linear + (G_GUINT64_CONSTANT (1) << m->page_bits);
  return TRUE;
}

static void
list_pages (AsternMonitor *monitor, gboolean (*visit) (const X86Mapping *, gpointer), GString *answer)
{
  AsternCpu *cpu = astern_monitor_cpu (monitor);
  const X86State *s = cpu->state;
  X86Walker walker = astern_walker (cpu);
  Listing listing = { .answer = answer, .wide = (s->cr4 & X86_CR4_PAE) != 0 };
  guint64 reached;

  if (!(s->cr0 & X86_CR0_PG))
    {
      g_string_append (answer, _("PG disabled\n"));
      return;
    }
  if (!x86_page_tables_foreach (s, &walker, 0, G_MAXUINT64, MOST_WALKS, visit, &listing, &reached))
    {
      end_range (&listing);
      g_string_append_printf (answer, _("The tables map more than is shown; this is up to %016" PRIx64 ".\n"), reached);
    }
  end_range (&listing);
  if (listing.full)
    g_string_append_printf (answer, _("There is more; these were the first %u lines.\n"), MOST_LINES);
}

COMMAND (info_tlb)
{
  list_pages (monitor, append_line_of_tlb, answer);
  return TRUE;
}

COMMAND (info_mem)
{
  list_pages (monitor, gather_range, answer);
  return TRUE;
}

const AsternMonitorCommand astern_monitor_paging_commands[] = {
  { "walk",     NULL, N_("ADDRESS"), N_("how a linear address is translated: each level with every bit, and what each access would do"),
    ASTERN_COMPLETES_EXPRESSION, walk_address },
  { "gva2gpa",  NULL, N_("ADDRESS"), N_("the physical address of a linear one"), ASTERN_COMPLETES_EXPRESSION, gva2gpa },
  { "info mem", NULL, NULL,          N_("which ranges of linear addresses are mapped, with their rights"), ASTERN_COMPLETES_NOTHING, info_mem },
  { "info tlb", NULL, NULL,          N_("every page that is mapped"), ASTERN_COMPLETES_NOTHING, info_tlb },
  { .words = NULL },
};
