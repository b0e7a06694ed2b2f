/* kvm-exits.c - why CPUs came out of the guest to user space, counted by cause.
 *
 * Threads: counting, the engine's lock; telling, any: a count may be a moment old. */
#include "config.h"

#include "kvm/kvm-private.h"

#include <string.h>

#include <glib/gi18n.h>

#define MOST_SHOWN 12

static const char *const causes[KVM_EXIT_CAUSES] = {
  [KVM_EXIT_IO] = N_("ports"), [KVM_EXIT_MMIO] = N_("memory-mapped registers"), [KVM_EXIT_HLT] = N_("HLT"),
  [KVM_EXIT_DEBUG] = N_("debugging"), [KVM_EXIT_IRQ_WINDOW_OPEN] = N_("interrupts can be taken"), [KVM_EXIT_SET_TPR] = N_("TPR"),
  [KVM_EXIT_SHUTDOWN] = N_("shutdown"), [KVM_EXIT_FAIL_ENTRY] = N_("failed entries"), [KVM_EXIT_INTERNAL_ERROR] = N_("internal errors"),
  [KVM_EXIT_IOAPIC_EOI] = N_("interrupts of the I/O APIC that ended"), [KVM_EXIT_X86_RDMSR] = N_("RDMSR"), [KVM_EXIT_X86_WRMSR] = N_("WRMSR"),
};

/* Those that have the place already, or a free one; the last place is for all that find none. */
static void
count_page (KvmEngine *engine, guint64 page)
{
  guint i = 0;

  while (i < KVM_COUNTED_PAGES - 1 && engine->pages[i].n != 0 && engine->pages[i].page != page)
    i++;
  engine->pages[i].page = page;
  engine->pages[i].n++;
}

void
kvm_exits_count (KvmCpu *cpu, gboolean kicked)
{
  KvmEngine *engine = cpu->engine;
  const struct kvm_run *run = cpu->run;

  if (kicked)
    {
      cpu->kicks++;
      return;
    }
  engine->n_exits++;
  cpu->exits[MIN (run->exit_reason, KVM_EXIT_CAUSES - 1)]++;
  if (run->exit_reason == KVM_EXIT_IO)
    engine->port_exits[run->io.port] += run->io.count;
  else if (run->exit_reason == KVM_EXIT_MMIO)
    count_page (engine, run->mmio.phys_addr >> ASTERN_PAGE_BITS);
}

/* ---- for people ---- */

typedef struct
{
  guint64 place, n;
} Line;

static gint
by_number (gconstpointer a, gconstpointer b)
{
  guint64 x = ((const Line *) a)->n, y = ((const Line *) b)->n;

  return x < y ? 1 : x > y ? -1 : 0;
}

static const char *
owner_of (AsternBus *bus, guint64 address)
{
  AsternRoute route;

  astern_bus_route (bus, address, &route);
  if (route.read.kind == ASTERN_TARGET_DEVICE)
    return route.read.device->name;
  return route.write.kind == ASTERN_TARGET_DEVICE ? route.write.device->name : "";
}

static void
add_lines (GString *text, GArray *lines, AsternBus *bus, guint shift)
{
  g_array_sort (lines, by_number);
  for (guint i = 0; i < MIN (lines->len, MOST_SHOWN); i++)
    {
      const Line *line = &g_array_index (lines, Line, i);

      g_string_append_printf (text, "  %12" G_GINT64_MODIFIER "x  %12" G_GUINT64_FORMAT "  %s\n", line->place << shift, line->n,
                              owner_of (bus, line->place << shift));
    }
}

static void
add_ports (GString *text, const KvmEngine *engine)
{
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (Line));

  for (guint port = 0; port < KVM_PORTS; port++)
    {
      const Line line = { port, engine->port_exits[port] };

      if (line.n != 0)
        g_array_append_val (lines, line);
    }
  if (lines->len > 0)
    g_string_append (text, _("ports, most used first:\n"));
  add_lines (text, lines, engine->parent.machine->ports, 0);
}

static void
add_pages (GString *text, const KvmEngine *engine)
{
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (Line));

  for (guint i = 0; i < KVM_COUNTED_PAGES; i++)
    {
      const Line line = { engine->pages[i].page, engine->pages[i].n };

      if (line.n != 0)
        g_array_append_val (lines, line);
    }
  if (lines->len > 0)
    g_string_append (text, _("pages of registers, most used first:\n"));
  add_lines (text, lines, engine->parent.machine->physical, ASTERN_PAGE_BITS);
}

static void
add_cause (GString *text, const char *name, guint64 n)
{
  if (n != 0)
    g_string_append_printf (text, "  %-40s %12" G_GUINT64_FORMAT "\n", name, n);
}

char *
kvm_exits_tell (KvmEngine *engine)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < engine->n_cpus; i++)
    {
      const KvmCpu *cpu = engine->cpus[i];

      g_string_append_printf (text, _("CPU %u came out of the guest for:\n"), i);
      for (guint k = 0; k < KVM_EXIT_CAUSES; k++)
        add_cause (text, causes[k] != NULL ? _(causes[k]) : _("other causes"), cpu->exits[k]);
      add_cause (text, _("being called"), cpu->kicks);
    }
  add_cause (text, _("doorbells that were answered"), engine->answered);
  add_ports (text, engine);
  add_pages (text, engine);
  return g_string_free (text, FALSE);
}
