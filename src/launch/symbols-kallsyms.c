/* symbols-kallsyms.c - the symbols of the Linux kernel that a machine runs, from its memory.
 *
 * Memory may hold more than one table: what a kernel's decompressor left behind, or the kernel before a kexec.  The
 * one that counts is where the page tables of some CPU have the addresses in it. */
#include "config.h"

#include "launch/symbols-kallsyms.h"

#include "arch/x86/paging.h"
#include "launch/kallsyms.h"

#include <string.h>

#include <glib/gi18n.h>

#define SOURCE "kallsyms"

/* ---- is the kernel there where it says? ---- */

/* As far as a table can lie behind the start of its kernel. */
#define MAX_IMAGE_BYTES (G_GUINT64_CONSTANT (1) << 28)

typedef struct
{
  guint64 text;         /* the kernel's first address; 0: not seen */
  guint64 last;
} Extent;

static gboolean
see_extent (const char *name, char type, guint64 address, gpointer user)
{
  Extent *extent = user;

  if (strcmp (name, "_text") == 0 || (extent->text == 0 && strcmp (name, "_stext") == 0))
    extent->text = address;
  extent->last = address;
  return TRUE;
}

/* Through @cpu's page tables; while it runs a process under page-table isolation, also through the kernel's, which
 * lie in the page before. */
static gboolean
translate (AsternCpu *cpu, guint64 linear, guint64 *physical)
{
  X86State *state = cpu->state;
  guint64 cr3 = state->cr3;
  gboolean found = cpu->klass->translate (cpu, linear, physical);

  if (found || !x86_long_mode (state) || !(cr3 & ASTERN_PAGE_SIZE))
    return found;
  state->cr3 = cr3 & ~(guint64) ASTERN_PAGE_SIZE;
  found = cpu->klass->translate (cpu, linear, physical);
  state->cr3 = cr3;
  return found;
}

/* @table lies in @block, which its own kernel's addresses lead to. */
static gboolean
runs_on (AsternCpu *cpu, const AsternRamBlock *block, const AsternKallsyms *table, const Extent *extent)
{
  AsternRoute route;
  guint64 physical;

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  if (!translate (cpu, extent->text, &physical))
    return FALSE;
  astern_bus_route (cpu->machine->physical, physical, &route);
  return route.read.kind == ASTERN_TARGET_MEMORY && route.read.block == block && route.read.offset <= table->names
         && table->token_index - route.read.offset <= MIN (extent->last - extent->text, MAX_IMAGE_BYTES);
}

static gboolean
runs (AsternMachine *machine, const AsternRamBlock *block, const AsternKallsyms *table)
{
  Extent extent = { 0, 0 };

  astern_kallsyms_each (table, see_extent, &extent);
  for (guint i = 0; extent.text != 0 && i < machine->n_cpus; i++)
    if (runs_on (machine->cpus[i], block, table, &extent))
      return TRUE;
  return FALSE;
}

/* ---- all of it ---- */

static gboolean
add (const char *name, char type, guint64 address, gpointer user)
{
  astern_symbols_add (user, name, address, 0, strchr ("tTwW", type) != NULL);
  return TRUE;
}

/* FALSE: there is none whose kernel runs; *@seen: there was one. */
static gboolean
find_running (AsternMachine *machine, AsternKallsyms *found, gboolean *seen)
{
  GPtrArray *blocks = machine->memory->blocks;

  for (guint i = 0; i < blocks->len; i++)
    {
      const AsternRamBlock *block = g_ptr_array_index (blocks, i);
      const guint8 *bytes = astern_memory_host (machine->memory, block->start);
      gsize from = 0;

      while (!block->readonly && astern_kallsyms_find (bytes, block->size, from, found))
        {
          *seen = TRUE;
          if (runs (machine, block, found))
            return TRUE;
          from = found->token_index;
        }
    }
  return FALSE;
}

gboolean
astern_symbols_find_kallsyms (AsternMachine *machine, AsternSymbols *symbols, GError **error)
{
  AsternKallsyms table;
  gboolean seen = FALSE;

  if (!find_running (machine, &table, &seen))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s",
                   seen ? _("A Linux kernel's symbols are in memory, but no CPU runs that kernel yet; try again later.")
                        : _("There are no symbols of a Linux kernel from 4.6 on in memory; give its vmlinux with -symbols."));
      return FALSE;
    }
  astern_symbols_drop (symbols, SOURCE);
  astern_symbols_begin (symbols, SOURCE, 0);
  astern_kallsyms_each (&table, add, symbols);
  astern_symbols_sort (symbols);
  return TRUE;
}
