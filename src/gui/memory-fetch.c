/* memory-fetch.c - see memory-fetch.h. */
#include "config.h"

#include "gui/memory-fetch.h"

#include "arch/x86/state.h"
#include "core/bus.h"
#include "gui/memory-rows.h"
#include "session/evaluate.h"

#include <string.h>

#include <glib/gi18n.h>

static AsternCpu *
cpu_of (AsternSession *session, guint index)
{
  AsternMachine *machine = session->launch->machine;
  AsternCpu *cpu = machine->cpus[MIN (index, machine->n_cpus - 1)];

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  return cpu;
}

/* ---- addresses ---- */

/* Of a segmented address: hexadecimal, as everybody writes it; "cs" and expressions besides. */
static gboolean
evaluate_half (AsternSession *session, AsternCpu *cpu, const char *text, guint64 *value, GError **error)
{
  gboolean names = astern_cpu_find_register (cpu->klass, text) >= 0;
  gsize n = strspn (text, "0123456789abcdefABCDEF");

  if (names || n == 0 || text[n] != '\0')
    return astern_evaluate (cpu, &session->launch->names, text, value, error);
  *value = g_ascii_strtoull (text, NULL, 16);
  return TRUE;
}

static gboolean
segment_base (AsternCpu *cpu, guint64 selector, guint64 *base, GError **error)
{
  const X86State *state = cpu->state;

  if (!(state->cr0 & X86_CR0_PE) || (state->rflags & X86_VM))
    {
      *base = (selector & 0xffff) << 4;
      return TRUE;
    }
  for (guint i = 0; i < X86_N_SEGS; i++)
    if (state->seg[i].selector == selector)
      {
        *base = state->seg[i].base;
        return TRUE;
      }
  g_set_error (error, ASTERN_MEMORY_ERROR, 0, _("No segment register has the selector %04x now."), (guint) selector);
  return FALSE;
}

gboolean
astern_memory_evaluate (AsternSession *session, guint index, const char *text, guint64 *address, GError **error)
{
  AsternCpu *cpu = cpu_of (session, index);
  g_auto (GStrv) halves = strchr (text, '?') == NULL && strchr (text, '\'') == NULL ? g_strsplit (text, ":", 2) : NULL;
  guint64 selector, offset, base;

  if (halves == NULL || halves[0] == NULL || halves[1] == NULL)
    return astern_evaluate (cpu, &session->launch->names, text, address, error);
  if (!evaluate_half (session, cpu, g_strstrip (halves[0]), &selector, error) ||
      !evaluate_half (session, cpu, g_strstrip (halves[1]), &offset, error) ||
      !segment_base (cpu, selector, &base, error))
    return FALSE;
  *address = base + offset;
  return TRUE;
}

/* ---- bytes ---- */

/* Of what does not cross a page. */
static void
fetch_physical (AsternBus *bus, guint64 physical, guint8 *bytes, guint8 *known, gsize size)
{
  for (gsize done = 0; done < size;)
    {
      AsternRoute route;
      gsize n;

      astern_bus_route (bus, physical + done, &route);
      n = (gsize) MIN ((guint64) (size - done), route.end - (physical + done));
      n = n == 0 ? size - done : n;
      memset (known + done, route.read.kind == ASTERN_TARGET_NONE ? ASTERN_MEMORY_UNMAPPED : ASTERN_MEMORY_THERE, n);
      if (route.read.kind == ASTERN_TARGET_NONE)
        memset (bytes + done, 0, n);
      else
        astern_bus_read_bytes (bus, (AsternPaddr) { physical + done }, bytes + done, n, ASTERN_ORIGIN_DEBUGGER);
      done += n;
    }
}

void
astern_memory_fetch (AsternSession *session, guint index, AsternSpace space, guint64 address, guint8 *bytes, guint8 *known,
                     gsize size)
{
  AsternCpu *cpu = cpu_of (session, index);

  for (gsize done = 0; done < size;)
    {
      guint64 at = address + done, physical = at;
      gsize n = MIN (size - done, ASTERN_PAGE_SIZE - (gsize) (at & ASTERN_PAGE_MASK));

      if (space == ASTERN_SPACE_LINEAR && !cpu->klass->translate (cpu, at, &physical))
        {
          memset (bytes + done, 0, n);
          memset (known + done, ASTERN_MEMORY_UNMAPPED, n);
        }
      else
        fetch_physical (session->launch->machine->physical, physical, bytes + done, known + done, n);
      done += n;
    }
}

gsize
astern_memory_read (AsternSession *session, guint index, AsternSpace space, guint64 address, guint8 *bytes, gsize size)
{
  guint8 known[ASTERN_PAGE_SIZE];
  const guint8 *hole;

  for (gsize done = 0; done < size;)
    {
      gsize n = MIN (size - done, sizeof known);

      astern_memory_fetch (session, index, space, address + done, bytes + done, known, n);
      hole = memchr (known, ASTERN_MEMORY_UNMAPPED, n);
      if (hole != NULL)
        return done + (gsize) (hole - known);
      done += n;
    }
  return size;
}

static void
visit_range (guint64 start, guint64 end, const char *name, const AsternTarget *read, const AsternTarget *write, gpointer data)
{
  guint64 *highest = data;

  if (read->kind != ASTERN_TARGET_NONE && end > 0)
    *highest = MAX (*highest, end - 1);
}

guint64
astern_memory_highest (AsternSession *session, guint index, AsternSpace space)
{
  AsternCpu *cpu = cpu_of (session, index);
  guint64 highest = G_MAXUINT32;

  if (space == ASTERN_SPACE_LINEAR)
    return x86_long_mode (cpu->state) ? G_MAXUINT64 : G_MAXUINT32;
  astern_bus_foreach (session->launch->machine->physical, visit_range, &highest);
  return highest | 0xffff;
}
