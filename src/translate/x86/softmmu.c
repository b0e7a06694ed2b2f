/* softmmu.c - see softmmu.h.
 *
 * Source: Intel SDM vol. 3, chapter 4; the walk itself is arch/x86/paging.
 * Left out: memory types (PAT, MTRRs are kept, not acted upon). */
#include "config.h"

#include "translate/x86/softmmu.h"

#include "arch/x86/paging.h"
#include "translate/x86/help.h"
#include "translate/x86/points.h"

#include <string.h>
#include <sys/mman.h>

/* What a page is as a table, to find what its entries led to. */
typedef struct
{
  guint64  base;            /* linear address that entry 0 maps */
  guint8   shift;           /* log2 of what one entry maps */
  guint8   entry_bytes;
  guint8   several;         /* it serves several places: no single base */
  guint8   sets[ASTERN_MAX_CPUS];   /* bit per set that walked it */
  guint32  writes;          /* stores since it was last walked */
} TableInfo;

/* So many stores without a walk: the page is no table any more. */
#define TABLE_FORGET_AFTER 192

/* The CPUs that share tables and writers with this one. */
static inline AsternEngine *
engine_of (const X86Cpu *cpu)
{
  return (AsternEngine *) cpu->engine;
}

/* --- sets --------------------------------------------------------------------- */

static inline void
clear_entry (X86TlbEntry *entries, gsize slot)
{
  entries[slot].tag = X86_TLB_EMPTY_TAG (slot);
  entries[slot].host = 0;
}

static void
clear_tags (X86TlbEntry *entries, gsize n)
{
  for (gsize i = 0; i < n; i++)
    clear_entry (entries, i);
}

static void
flush_set (X86TlbSet *set)
{
  if (set->key == X86_TLB_NO_KEY || set->empty)
    return;
  set->empty = 1;
  for (guint i = 0; i < X86_N_TLBS; i++)
    if (set->touched[i])
      {
        clear_tags (set->read[i], X86_TLB_ENTRIES);
        clear_tags (set->write[i], X86_TLB_ENTRIES);
        set->touched[i] = 0;
        set->n_written[i] = 0;
      }
  memset (set->fetch, 0, sizeof set->fetch);
  for (guint i = 0; i < X86_TLB2_ENTRIES; i++)
    set->second[i].tag = X86_TLB2_EMPTY;
}

static void
drop_table_info (gpointer data)
{
  g_slice_free (TableInfo, data);
}

static gpointer
map_zeroed (gsize size)
{
  gpointer at = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (at == MAP_FAILED)
    g_error ("no address space for %" G_GSIZE_FORMAT " bytes of translation tables", size);
  return at;
}

static gsize
writers_size (X86Cpu *cpu)
{
  return (cpu->parent.machine->memory->capacity >> ASTERN_PAGE_BITS) * sizeof (guint64);
}

X86Mmu *
x86_mmu_new (X86Cpu *cpu)
{
  X86Mmu *mmu = g_new0 (X86Mmu, 1);

  mmu->sets = map_zeroed (X86_TLB_SETS * sizeof (X86TlbSet));
  for (guint i = 0; i < X86_TLB_SETS; i++)
    mmu->sets[i].key = X86_TLB_NO_KEY;
  cpu->mmu = mmu;
  if (cpu->parent.index == 0)
    {
      mmu->tables = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, drop_table_info);
      mmu->writers = map_zeroed (writers_size (cpu));
    }
  else
    {
      mmu->tables = x86_cpu (engine_of (cpu)->cpus[0])->mmu->tables;
      mmu->writers = x86_cpu (engine_of (cpu)->cpus[0])->mmu->writers;
    }
  for (guint i = 0; i < G_N_ELEMENTS (mmu->pages); i++)
    mmu->pages[i].physical = G_MAXUINT64;
  x86_mmu_select (cpu);
  return mmu;
}

void
x86_mmu_free (X86Cpu *cpu)
{
  if (cpu->parent.index == 0)
    {
      g_hash_table_unref (cpu->mmu->tables);
      munmap (cpu->mmu->writers, writers_size (cpu));
    }
  munmap (cpu->mmu->sets, X86_TLB_SETS * sizeof (X86TlbSet));
  g_free (cpu->mmu);
  cpu->mmu = NULL;
}

/* CR3's table address, with all else that decides how it is read in the low bits. */
static guint64
set_key (const X86State *s)
{
  guint64 key;

  if (!(s->cr0 & X86_CR0_PG))
    return 1 << 1 | s->a20;
  key = s->cr3 & G_GUINT64_CONSTANT (0x000ffffffffff000);
  if (x86_paging_is_pae (s))
    key |= s->cr3 & 0xfe0;     /* its four entries may lie anywhere; bits 5..11 are free of the ones below */
  key |= s->a20;
  if (s->cr0 & X86_CR0_WP)
    key |= G_GUINT64_CONSTANT (1) << 52;
  if (s->cr4 & X86_CR4_PSE)
    key |= G_GUINT64_CONSTANT (1) << 53;
  if (s->cr4 & X86_CR4_PAE)
    key |= G_GUINT64_CONSTANT (1) << 54;
  if (s->cr4 & X86_CR4_SMEP)
    key |= G_GUINT64_CONSTANT (1) << 55;
  if (s->cr4 & X86_CR4_SMAP)
    key |= G_GUINT64_CONSTANT (1) << 56;
  if (s->efer & X86_EFER_NXE)
    key |= G_GUINT64_CONSTANT (1) << 57;
  if (s->efer & X86_EFER_LMA)
    key |= G_GUINT64_CONSTANT (1) << 58;
  return key;
}

void
x86_mmu_select (X86Cpu *cpu)
{
  X86Mmu *mmu = cpu->mmu;
  guint64 key = set_key (&cpu->s);
  X86TlbSet *oldest = &mmu->sets[0];
  X86TlbSet *found = NULL;

  for (guint i = 0; i < X86_TLB_SETS && found == NULL; i++)
    {
      X86TlbSet *set = &mmu->sets[i];

      if (set->key == key)
        found = set;
      else if (set->key == X86_TLB_NO_KEY || (oldest->key != X86_TLB_NO_KEY && set->used < oldest->used))
        oldest = set;
    }
  if (found != NULL && x86_paging_is_pae (&cpu->s) && memcmp (found->pdpte, cpu->s.pdpte, sizeof found->pdpte) != 0)
    flush_set (found);
  if (found == NULL)
    {
      found = oldest;
      /* A set that was never used is zero, and zero is a page's tag. */
      if (found->used == 0)
        memset (found->touched, 1, sizeof found->touched);
      found->key = key;
      flush_set (found);
    }
  memcpy (found->pdpte, cpu->s.pdpte, sizeof found->pdpte);
  found->used = ++mmu->uses;
  mmu->set = found;
  cpu->tlb = found;
}

void
x86_mmu_flush_all (AsternEngine *engine)
{
  for (guint i = 0; i < engine->n_cpus; i++)
    {
      X86Cpu *cpu = x86_cpu (engine->cpus[i]);
      X86Mmu *mmu = cpu->mmu;

      if (mmu == NULL)
        continue;
      for (guint k = 0; k < X86_TLB_SETS; k++)
        {
          flush_set (&mmu->sets[k]);
          mmu->sets[k].key = X86_TLB_NO_KEY;
        }
      for (guint k = 0; k < G_N_ELEMENTS (mmu->pages); k++)
        mmu->pages[k].physical = G_MAXUINT64;
      x86_mmu_select (cpu);
    }
}

static void
note_written (X86TlbSet *set, guint tlb, gsize slot)
{
  if (set->n_written[tlb] < X86_WRITTEN)
    set->written[tlb][set->n_written[tlb]] = (guint16) slot;
  if (set->n_written[tlb] <= X86_WRITTEN)
    set->n_written[tlb]++;
}

static void
clear_written (X86TlbSet *set, guint tlb)
{
  if (set->n_written[tlb] > X86_WRITTEN)
    clear_tags (set->write[tlb], X86_TLB_ENTRIES);
  else
    for (guint i = 0; i < set->n_written[tlb]; i++)
      clear_entry (set->write[tlb], set->written[tlb][i]);
  set->n_written[tlb] = 0;
}

void
x86_mmu_rearm_writes (AsternEngine *engine)
{
  for (guint i = 0; i < engine->n_cpus; i++)
    for (guint k = 0; k < X86_TLB_SETS; k++)
      {
        X86TlbSet *set = &x86_cpu (engine->cpus[i])->mmu->sets[k];

        for (guint t = 0; t < X86_N_TLBS && set->key != X86_TLB_NO_KEY; t++)
          clear_written (set, t);
      }
}

void
x86_mmu_changed (X86Cpu *cpu)
{
  x86_mmu_select (cpu);
  cpu->recheck = 1;
}

/* --- killing ------------------------------------------------------------------ */

static void
kill_page (X86TlbSet *set, guint64 linear)
{
  guint64 page = linear & ~ASTERN_PAGE_MASK;
  guint64 number = linear >> ASTERN_PAGE_BITS;

  for (guint i = 0; i < X86_N_TLBS; i++)
    {
      clear_entry (set->read[i], number & (X86_TLB_ENTRIES - 1));
      clear_entry (set->write[i], number & (X86_TLB_ENTRIES - 1));
      set->fetch[i][number & (X86_FETCH_ENTRIES - 1)] = 0;
    }
  if (set->second[number & (X86_TLB2_ENTRIES - 1)].tag == page)
    set->second[number & (X86_TLB2_ENTRIES - 1)].tag = X86_TLB2_EMPTY;
}

static void
kill_entry (AsternEngine *engine, const TableInfo *info, guint index)
{
  guint64 linear = info->base + ((guint64) index << info->shift);

  linear = (guint64) ((gint64) (linear << 16) >> 16);
  for (guint i = 0; i < engine->n_cpus; i++)
    for (guint k = 0; k < X86_TLB_SETS; k++)
      {
        X86TlbSet *set = &x86_cpu (engine->cpus[i])->mmu->sets[k];

        if (!(info->sets[i] >> k & 1) || set->key == X86_TLB_NO_KEY)
          continue;
        if (info->shift == ASTERN_PAGE_BITS && !info->several)
          {
            kill_page (set, linear);
            if (info->entry_bytes == 4)
              kill_page (set, linear & G_MAXUINT32);
          }
        else
          flush_set (set);
      }
}

static guint64
old_entry (const AsternMemory *memory, guint64 ram, guint bytes)
{
  return bytes == 4 ? *(const guint32 *) astern_memory_host (memory, ram)
                    : *(const guint64 *) astern_memory_host (memory, ram);
}

static void
forget_table (AsternEngine *engine, guint64 ram, const TableInfo *info)
{
  for (guint i = 0; i < engine->n_cpus; i++)
    for (guint k = 0; k < X86_TLB_SETS; k++)
      if (info->sets[i] >> k & 1)
        flush_set (&x86_cpu (engine->cpus[i])->mmu->sets[k]);
  *astern_memory_flags (engine->machine->memory, ram) &= ~ASTERN_PAGE_TABLE;
  g_hash_table_remove (x86_cpu (engine->cpus[0])->mmu->tables, GSIZE_TO_POINTER (ram >> ASTERN_PAGE_BITS));
}

/* A write listener: bytes of a table are about to change.  An entry that no walk
 * went through (not present or not accessed) led to nothing. */
static void
table_written (gpointer listener, guint64 ram, guint32 size, guint8 flags)
{
  AsternEngine *engine = listener;
  GHashTable *tables = x86_cpu (engine->cpus[0])->mmu->tables;
  TableInfo *info = g_hash_table_lookup (tables, GSIZE_TO_POINTER (ram >> ASTERN_PAGE_BITS));
  guint64 first, end;

  g_assert (info != NULL);
  info->writes += 1 + size / 8;
  if (info->writes > TABLE_FORGET_AFTER)
    {
      forget_table (engine, ram, info);
      return;
    }
  first = ram & ~(guint64) (info->entry_bytes - 1);
  end = ram + size;
  for (guint64 at = first; at < end; at += info->entry_bytes)
    if ((old_entry (engine->machine->memory, at, info->entry_bytes) & (X86_PTE_P | X86_PTE_A)) == (X86_PTE_P | X86_PTE_A))
      kill_entry (engine, info, (at & ASTERN_PAGE_MASK) / info->entry_bytes);
}

static void
map_changed (gpointer listener)
{
  x86_mmu_flush_all (listener);
}

static void
flags_raised (gpointer listener)
{
  x86_mmu_rearm_writes (listener);
}

void
x86_mmu_listen (AsternEngine *engine)
{
  AsternMachine *machine = engine->machine;

  astern_memory_add_flags_listener (machine->memory, flags_raised, engine);
  astern_memory_add_write_listener (machine->memory, ASTERN_PAGE_TABLE, table_written, engine);
  astern_bus_add_map_listener (machine->physical, map_changed, engine);
}

/* --- walking ------------------------------------------------------------------ */

static inline guint64
apply_a20 (const X86Cpu *cpu, guint64 physical)
{
  return cpu->s.a20 ? physical : physical & ~(guint64) (1 << 20);
}

#define NO_RAM G_MAXUINT64

/* Ram address of a physical one that is read and written as plain memory, or NO_RAM. */
static guint64
plain_ram (X86Cpu *cpu, guint64 physical)
{
  guint slot = (physical >> ASTERN_PAGE_BITS) & 255;
  guint64 page = physical & ~ASTERN_PAGE_MASK;
  X86Mmu *mmu = cpu->mmu;

  if (mmu->pages[slot].physical != page)
    {
      AsternRoute route;
      guint64 ram = NO_RAM;

      astern_bus_route (cpu->parent.machine->physical, page, &route);
      if (route.read.kind == ASTERN_TARGET_MEMORY && route.write.kind == ASTERN_TARGET_MEMORY
          && route.read.block == route.write.block && route.read.offset == route.write.offset
          && !route.read.block->readonly && route.end - page >= ASTERN_PAGE_SIZE)
        ram = route.read.block->start + route.read.offset;
      if (ram != NO_RAM && (ram & ASTERN_PAGE_MASK))
        ram = NO_RAM;
      mmu->pages[slot].physical = page;
      mmu->pages[slot].ram = ram;
    }
  return mmu->pages[slot].ram == NO_RAM ? NO_RAM : mmu->pages[slot].ram | (physical & ASTERN_PAGE_MASK);
}

static guint64
read_entry (gpointer owner, guint64 physical, guint size)
{
  X86Cpu *cpu = owner;
  guint64 ram = plain_ram (cpu, apply_a20 (cpu, physical));
  AsternAccess access = { { apply_a20 (cpu, physical) }, size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_DEBUGGER, cpu->parent.index };

  if (ram != NO_RAM)
    return old_entry (cpu->parent.machine->memory, ram, size);
  /* Tables in ROM or in a device: read without side effects. */
  return astern_bus_read (cpu->parent.machine->physical, &access);
}

static gboolean
set_entry_bits (gpointer owner, guint64 physical, guint size, guint64 expected, guint64 bits)
{
  X86Cpu *cpu = owner;
  guint64 ram = plain_ram (cpu, apply_a20 (cpu, physical));
  guint64 value = expected | bits;

  if (ram == NO_RAM)
    return TRUE;      /* ROM keeps its bits */
  if (old_entry (cpu->parent.machine->memory, ram, size) != expected)
    return FALSE;
  if (x86_points_want (cpu, ASTERN_POINT_MEMORY))
    x86_points_walk (cpu, apply_a20 (cpu, physical), size);
  astern_memory_before_write (cpu->parent.machine->memory, ram, size);
  memcpy (astern_memory_host (cpu->parent.machine->memory, ram), &value, size);
  return TRUE;
}

static void
note_tables (X86Cpu *cpu, const X86Walk *walk, guint64 linear)
{
  AsternMachine *machine = cpu->parent.machine;
  guint index_bits = walk->entry_bytes == 8 ? 9 : 10;
  guint shift = walk->page_bits == 30 ? 30 : walk->page_bits >= 21 ? (walk->entry_bytes == 8 ? 21 : 22) : 12;
  guint set = (guint) (cpu->mmu->set - cpu->mmu->sets);

  for (guint i = walk->n_entries; i-- > 0; shift += index_bits)
    {
      guint64 ram = plain_ram (cpu, apply_a20 (cpu, walk->address[i]));
      guint64 base = linear & ~((G_GUINT64_CONSTANT (1) << (shift + index_bits)) - 1)
                     & G_GUINT64_CONSTANT (0x0000ffffffffffff);
      TableInfo *info;

      if (ram == NO_RAM)
        continue;
      info = g_hash_table_lookup (cpu->mmu->tables, GSIZE_TO_POINTER (ram >> ASTERN_PAGE_BITS));
      if (info == NULL)
        {
          info = g_slice_new0 (TableInfo);
          info->base = base;
          info->shift = shift;
          info->entry_bytes = walk->entry_bytes;
          g_hash_table_insert (cpu->mmu->tables, GSIZE_TO_POINTER (ram >> ASTERN_PAGE_BITS), info);
        }
      else if (info->base != base || info->shift != shift || info->entry_bytes != walk->entry_bytes)
        {
          info->several = 1;
          info->entry_bytes = MIN (info->entry_bytes, walk->entry_bytes);
        }
      info->writes = 0;
      info->sets[cpu->parent.index] |= 1 << set;
      if (!(*astern_memory_flags (machine->memory, ram) & ASTERN_PAGE_TABLE))
        {
          /* Writable translations of it that are cached would pass by the tracker. */
          *astern_memory_flags (machine->memory, ram) |= ASTERN_PAGE_TABLE;
          x86_mmu_protect_page (engine_of (cpu), ram);
        }
    }
}

/* Where several linear pages lead to the ram page: all entries are looked at. */
static void
protect_aliases (X86TlbSet *set, guint64 host)
{
  for (guint t = 0; t < X86_N_TLBS; t++)
    for (guint e = 0; set->touched[t] && e < X86_TLB_ENTRIES; e++)
      {
        if (set->write[t][e].host == host)
          clear_entry (set->write[t], e);
      }
}

void
x86_mmu_protect_page (AsternEngine *engine, guint64 ram)
{
  guint64 *writer = &x86_cpu (engine->cpus[0])->mmu->writers[ram >> ASTERN_PAGE_BITS];
  guint64 host = (guint64) (guintptr) astern_memory_host (engine->machine->memory, ram & ~ASTERN_PAGE_MASK);
  guint slot = (*writer >> ASTERN_PAGE_BITS) & (X86_TLB_ENTRIES - 1);

  if (*writer == 0)
    return;
  for (guint i = 0; i < engine->n_cpus; i++)
    for (guint k = 0; k < X86_TLB_SETS; k++)
      {
        X86TlbSet *set = &x86_cpu (engine->cpus[i])->mmu->sets[k];

        if (set->key == X86_TLB_NO_KEY)
          continue;
        if (*writer == X86_SEVERAL)
          protect_aliases (set, host);
        else
          for (guint t = 0; t < X86_N_TLBS; t++)
            clear_entry (set->write[t], slot);
      }
  *writer = 0;
}

static X86SlowResult
fault (X86Cpu *cpu, guint vector, guint32 error, guint64 address)
{
  cpu->exception = (X86Exception) { .vector = vector, .has_error = 1, .error = error, .address = address };
  return X86_SLOW_FAULT;
}

static void
describe (X86Cpu *cpu, const X86Walk *walk, guint64 linear, X86Tlb2Entry *entry)
{
  guint64 physical = apply_a20 (cpu, walk->physical) & ~ASTERN_PAGE_MASK;
  guint64 ram = plain_ram (cpu, physical);

  cpu->mmu->set->empty = 0;
  entry->tag = linear & ~ASTERN_PAGE_MASK;
  entry->page = (walk->user ? X86_TLB2_USER : 0) | (walk->writable ? X86_TLB2_WRITE : 0)
                | (walk->dirty ? X86_TLB2_DIRTY : 0) | (walk->executable ? X86_TLB2_EXEC : 0);
  if (ram == NO_RAM)
    {
      AsternRoute route;

      astern_bus_route (cpu->parent.machine->physical, physical, &route);
      if (route.read.kind == ASTERN_TARGET_MEMORY && route.end - physical >= ASTERN_PAGE_SIZE
          && ((route.read.block->start + route.read.offset) & ASTERN_PAGE_MASK) == 0)
        {
          ram = route.read.block->start + route.read.offset;
          entry->page |= X86_TLB2_ROM;
        }
      else
        {
          ram = physical;
          entry->page |= X86_TLB2_BUS;
        }
    }
  entry->page |= ram;
}

/* Whether what the second level knows is enough for the access. */
static inline gboolean
entry_allows (const X86Cpu *cpu, const X86Tlb2Entry *entry, guint tlb, guint kind)
{
  guint64 page = entry->page;

  if (tlb == X86_TLB_USER ? !(page & X86_TLB2_USER) : tlb == X86_TLB_KERNEL_SMAP && (page & X86_TLB2_USER) && kind != ASTERN_ACCESS_FETCH)
    return FALSE;
  if (kind == ASTERN_ACCESS_WRITE)
    return (page & X86_TLB2_DIRTY) != 0
           && ((page & X86_TLB2_WRITE) != 0 || (tlb != X86_TLB_USER && !(cpu->s.cr0 & X86_CR0_WP)));
  if (kind == ASTERN_ACCESS_FETCH)
    return (page & X86_TLB2_EXEC) != 0
           && !(tlb != X86_TLB_USER && (page & X86_TLB2_USER) && (cpu->s.cr4 & X86_CR4_SMEP));
  return TRUE;
}

/* The translation of one page for one kind of access, or a fault in cpu->exception. */
static X86SlowResult
translate (X86Cpu *cpu, guint64 linear, guint tlb, guint flags, guint kind, X86Tlb2Entry *found)
{
  X86Tlb2Entry *entry;
  X86WalkAccess access;
  X86Walker walker;
  X86Walk walk;

  if (x86_long_mode (&cpu->s))
    {
      if (G_UNLIKELY (!x86_is_canonical (linear)))
        return fault (cpu, flags & IR_MEM_STACK ? X86_EXC_SS : X86_EXC_GP, 0, 0);
    }
  else
    linear &= G_MAXUINT32;
  entry = &cpu->mmu->set->second[(linear >> ASTERN_PAGE_BITS) & (X86_TLB2_ENTRIES - 1)];
  if (entry->tag == (linear & ~ASTERN_PAGE_MASK) && entry_allows (cpu, entry, tlb, kind))
    {
      *found = *entry;
      return X86_SLOW_DONE;
    }
  cpu->mmu->walks++;
  access = (X86WalkAccess) {
    .linear = linear, .write = kind == ASTERN_ACCESS_WRITE, .fetch = kind == ASTERN_ACCESS_FETCH,
    .user = tlb == X86_TLB_USER, .implicit = (flags & IR_MEM_SYSTEM) != 0,
  };
  walker = (X86Walker) { cpu, read_entry, set_entry_bits, cpu->features->has[X86_FEATURE_PDPE1GB] };
  if (!x86_walk (&cpu->s, &walker, &access, &walk))
    return fault (cpu, X86_EXC_PF, walk.error, linear);
  note_tables (cpu, &walk, linear);
  describe (cpu, &walk, linear, entry);
  *found = *entry;
  return X86_SLOW_DONE;
}

static inline guint
tlb_of (const X86Cpu *cpu, guint flags)
{
  if (G_UNLIKELY (flags & IR_MEM_SYSTEM))
    return cpu->s.cr4 & X86_CR4_SMAP ? X86_TLB_KERNEL_SMAP : X86_TLB_KERNEL;
  return x86_tlb_index (cpu->mode);
}

/* One access within a page. */
static X86SlowResult
slow_page (X86Cpu *cpu, guint64 linear, guint size, guint flags, gboolean write, guint8 **host)
{
  AsternMemory *memory = cpu->parent.machine->memory;
  guint tlb = tlb_of (cpu, flags);
  guint64 page = linear & ~ASTERN_PAGE_MASK;
  X86Tlb2Entry entry;
  X86TlbEntry *first;
  X86SlowResult result;
  gboolean watched = FALSE;
  guint64 ram;
  guint8 slow;

  cpu->mmu->misses++;
  result = translate (cpu, linear, tlb, flags, write ? ASTERN_ACCESS_WRITE : ASTERN_ACCESS_READ, &entry);
  if (result != X86_SLOW_DONE)
    return result;
  if ((entry.page & X86_TLB2_BUS) || (write && (entry.page & X86_TLB2_ROM)))
    return X86_SLOW_BUS;
  ram = (entry.page & ~ASTERN_PAGE_MASK) | (linear & ASTERN_PAGE_MASK);
  *host = astern_memory_host (memory, ram);
  slow = *astern_memory_flags (memory, ram) & (write ? ASTERN_PAGE_SLOW_WRITE : ASTERN_PAGE_SLOW_READ);
  if (x86_points_want (cpu, ASTERN_POINT_MEMORY))
    watched = (slow & ASTERN_PAGE_WATCHED)
              || astern_points_in_range (cpu->parent.machine->points, ASTERN_POINT_MEMORY, ASTERN_SPACE_LINEAR, page,
                                         page + ASTERN_PAGE_SIZE);
  if (write)
    {
      astern_memory_before_write (memory, ram, size);
      slow = *astern_memory_flags (memory, ram) & ASTERN_PAGE_SLOW_WRITE;
    }
  if (watched)
    return X86_SLOW_WATCHED;
  if (slow == 0)
    {
      first = (write ? cpu->mmu->set->write : cpu->mmu->set->read)[tlb]
              + ((linear >> ASTERN_PAGE_BITS) & (X86_TLB_ENTRIES - 1));
      if (write)
        {
          guint64 *writer = &cpu->mmu->writers[ram >> ASTERN_PAGE_BITS];

          if (*writer != (page | 1))
            *writer = *writer == 0 ? page | 1 : X86_SEVERAL;
          note_written (cpu->mmu->set, tlb, (linear >> ASTERN_PAGE_BITS) & (X86_TLB_ENTRIES - 1));
        }
      cpu->mmu->set->touched[tlb] = 1;
      cpu->mmu->set->empty = 0;      /* the write may have been to its own table */
      first->tag = page;
      first->host = (guint64) (guintptr) *host - (linear & ASTERN_PAGE_MASK);
    }
  return X86_SLOW_DONE;
}

X86SlowResult
x86_mmu_slow (X86Cpu *cpu, guint64 linear, guint size, guint flags, gboolean write, guint8 **host, guint8 **second)
{
  guint in_page = ASTERN_PAGE_SIZE - (guint) (linear & ASTERN_PAGE_MASK);
  guint64 next = linear + in_page;
  X86Tlb2Entry entry;
  X86SlowResult result;
  gboolean watched;

  *second = NULL;
  if (G_LIKELY (size <= in_page))
    return slow_page (cpu, linear, size, flags, write, host);
  if (!x86_long_mode (&cpu->s))
    next &= G_MAXUINT32;
  else if (!x86_is_canonical (next))      /* before any page is looked at */
    return fault (cpu, flags & IR_MEM_STACK ? X86_EXC_SS : X86_EXC_GP, 0, 0);
  /* Both pages must allow it before the first is told of a write. */
  result = translate (cpu, linear, tlb_of (cpu, flags), flags, write ? ASTERN_ACCESS_WRITE : ASTERN_ACCESS_READ, &entry);
  if (result != X86_SLOW_DONE)
    return result;
  if ((entry.page & X86_TLB2_BUS) || (write && (entry.page & X86_TLB2_ROM)))
    return X86_SLOW_BUS;
  result = slow_page (cpu, next, size - in_page, flags, write, second);
  if (result != X86_SLOW_DONE && result != X86_SLOW_WATCHED)
    return result;
  watched = result == X86_SLOW_WATCHED;
  result = slow_page (cpu, linear, in_page, flags, write, host);
  return result == X86_SLOW_DONE && watched ? X86_SLOW_WATCHED : result;
}

gboolean
x86_mmu_knows (X86Cpu *cpu, guint64 linear, guint size, guint flags, gboolean write)
{
  guint64 last = linear + size - 1;
  guint tlb = tlb_of (cpu, flags);

  for (guint64 page = linear & ~ASTERN_PAGE_MASK;; page += ASTERN_PAGE_SIZE)
    {
      const X86Tlb2Entry *entry;

      if (!x86_long_mode (&cpu->s))
        {
          page &= G_MAXUINT32;
          last &= G_MAXUINT32;
        }
      entry = &cpu->mmu->set->second[(page >> ASTERN_PAGE_BITS) & (X86_TLB2_ENTRIES - 1)];
      if (entry->tag != page || !entry_allows (cpu, entry, tlb, write ? ASTERN_ACCESS_WRITE : ASTERN_ACCESS_READ))
        return FALSE;
      if (page == (last & ~ASTERN_PAGE_MASK))
        return TRUE;
    }
}

/* --- what the interpreter and helpers use --------------------------------------- */

G_NORETURN void
x86_raise (X86Cpu *cpu, guint vector)
{
  cpu->exception = (X86Exception) { .vector = vector };
  siglongjmp (cpu->fault_env, 1);
}

G_NORETURN void
x86_raise_error (X86Cpu *cpu, guint vector, guint32 error)
{
  cpu->exception = (X86Exception) { .vector = vector, .has_error = 1, .error = error };
  siglongjmp (cpu->fault_env, 1);
}

/* Host address of an access that the first level knows, or NULL. */
static inline guint8 *
probe_first (X86Cpu *cpu, guint64 linear, guint size, guint flags, gboolean write)
{
  const X86TlbEntry *entry = (write ? cpu->mmu->set->write : cpu->mmu->set->read)[tlb_of (cpu, flags)]
                             + ((linear >> ASTERN_PAGE_BITS) & (X86_TLB_ENTRIES - 1));

  if (entry->tag != ((linear + size - 1) & ~ASTERN_PAGE_MASK) || entry->tag != (linear & ~ASTERN_PAGE_MASK))
    return NULL;
  return (guint8 *) (guintptr) (entry->host + (linear & ASTERN_PAGE_MASK));
}

static guint64
load (const guint8 *at, guint size)
{
  guint64 value = 0;

  memcpy (&value, at, size);
  return value;
}

/* Physical address of @linear for an access that is known to be allowed. */
static guint64
bus_address (X86Cpu *cpu, guint64 linear, guint flags, gboolean write)
{
  X86Tlb2Entry entry;

  if (translate (cpu, linear, tlb_of (cpu, flags), flags, write ? ASTERN_ACCESS_WRITE : ASTERN_ACCESS_READ, &entry)
      != X86_SLOW_DONE)
    siglongjmp (cpu->fault_env, 1);
  if (entry.page & X86_TLB2_BUS)
    return (entry.page & ~ASTERN_PAGE_MASK) | (linear & ASTERN_PAGE_MASK);
  /* Memory to read only: the bus needs the physical address again. */
  return G_MAXUINT64;
}

/* Physical address by a walk that changes nothing. */
static guint64
physical_of (X86Cpu *cpu, guint64 linear)
{
  X86Walker walker = { cpu, read_entry, NULL, cpu->features->has[X86_FEATURE_PDPE1GB] };
  X86WalkAccess access = { .linear = linear };
  X86Walk walk;

  x86_walk (&cpu->s, &walker, &access, &walk);
  return apply_a20 (cpu, walk.physical);
}

static guint64
bus_access (X86Cpu *cpu, guint64 linear, guint size, guint flags, gboolean write, guint64 value)
{
  AsternMachine *machine = cpu->parent.machine;
  guint64 physical = bus_address (cpu, linear, flags, write);
  AsternAccess access = { .size = size, .kind = write ? ASTERN_ACCESS_WRITE : ASTERN_ACCESS_READ,
                          .origin = ASTERN_ORIGIN_CPU, .cpu = cpu->parent.index };

  if (physical == G_MAXUINT64)
    physical = physical_of (cpu, linear);
  access.address.p = physical;
  x86_cpu_publish_icount (cpu);
  astern_clock_skip (&machine->clock, ASTERN_CLOCK_IO_NS);
  cpu->recheck = 1;
  if (write)
    astern_bus_write (machine->physical, &access, value);
  else
    value = astern_bus_read (machine->physical, &access);
  if (x86_points_want (cpu, ASTERN_POINT_MEMORY))
    x86_points_bus (cpu, linear, physical, size, access.kind, value);
  return value;
}

/* Where an access is; the bytes behind @in_page are at @second, if that is not NULL. */
static guint64
load_parts (const guint8 *host, const guint8 *second, guint in_page, guint size)
{
  guint8 bytes[8];

  if (second == NULL)
    return load (host, size);
  memcpy (bytes, host, in_page);
  memcpy (bytes + in_page, second, size - in_page);
  return load (bytes, size);
}

static void
store_parts (guint8 *host, guint8 *second, guint in_page, guint size, guint64 value)
{
  if (second == NULL)
    {
      memcpy (host, &value, size);
      return;
    }
  memcpy (host, &value, in_page);
  memcpy (second, (guint8 *) &value + in_page, size - in_page);
}

static guint64
mem_read (X86Cpu *cpu, guint64 linear, guint size, guint flags)
{
  guint8 *host, *second;
  guint8 bytes[8];
  guint in_page;
  guint64 value;
  X86SlowResult result;

  if (flags & IR_MEM_WRITE)
    x86_mem_probe (cpu, linear, size, flags);
  if (G_UNLIKELY (cpu->mode & X86_MODE_DEBUG))
    x86_debug_access (cpu, linear, size, FALSE);
  host = probe_first (cpu, linear, size, flags, FALSE);
  if (host != NULL)
    return load (host, size);
  in_page = ASTERN_PAGE_SIZE - (guint) (linear & ASTERN_PAGE_MASK);
  result = x86_mmu_slow (cpu, linear, size, flags & ~IR_MEM_WRITE, FALSE, &host, &second);
  if (result == X86_SLOW_FAULT)
    siglongjmp (cpu->fault_env, X86_CAME_EXCEPTION);
  if (result != X86_SLOW_BUS)
    {
      value = load_parts (host, second, in_page, size);
      if (result == X86_SLOW_WATCHED)
        x86_points_memory (cpu, linear, size, ASTERN_ACCESS_READ, value, value);
      return value;
    }
  if (size <= in_page)
    return bus_access (cpu, linear, size, flags, FALSE, 0);
  x86_mem_probe (cpu, linear, size, flags);
  memset (bytes, 0, sizeof bytes);
  for (guint i = 0; i < size; i++)
    bytes[i] = (guint8) mem_read (cpu, linear + i, 1, flags & ~IR_MEM_WRITE);
  return load (bytes, size);
}

static void
mem_write (X86Cpu *cpu, guint64 linear, guint size, guint64 value, guint flags)
{
  guint8 *host = probe_first (cpu, linear, size, flags, TRUE), *second;
  guint in_page;
  guint64 old;
  X86SlowResult result;

  if (G_UNLIKELY (cpu->mode & X86_MODE_DEBUG))
    x86_debug_access (cpu, linear, size, TRUE);
  if (host != NULL)
    {
      memcpy (host, &value, size);
      return;
    }
  in_page = ASTERN_PAGE_SIZE - (guint) (linear & ASTERN_PAGE_MASK);
  result = x86_mmu_slow (cpu, linear, size, flags, TRUE, &host, &second);
  if (result == X86_SLOW_FAULT)
    siglongjmp (cpu->fault_env, X86_CAME_EXCEPTION);
  if (result == X86_SLOW_DONE)
    {
      store_parts (host, second, in_page, size, value);
      return;
    }
  if (result == X86_SLOW_WATCHED)
    {
      old = load_parts (host, second, in_page, size);
      store_parts (host, second, in_page, size, value);
      x86_points_memory (cpu, linear, size, ASTERN_ACCESS_WRITE, old, load_parts (host, second, in_page, size));
      return;
    }
  if (size <= in_page)
    {
      bus_access (cpu, linear, size, flags, TRUE, value);
      return;
    }
  x86_mem_probe (cpu, linear, size, flags | IR_MEM_WRITE);
  for (guint i = 0; i < size; i++)
    mem_write (cpu, linear + i, 1, value >> (8 * i) & 0xff, flags);
}

/* An address that is not canonical faults for that. */
static inline void
check_alignment (X86Cpu *cpu, guint64 linear, guint size, guint flags)
{
  if (G_UNLIKELY (cpu->mode & X86_MODE_ALIGN) && !(flags & IR_MEM_SYSTEM) && (linear & (size - 1))
      && (!x86_long_mode (&cpu->s) || x86_is_canonical (linear)))
    x86_raise_error (cpu, X86_EXC_AC, 0);
}

void
x86_mem_align (X86Cpu *cpu, guint64 linear, guint bytes, guint flags)
{
  check_alignment (cpu, linear, bytes, flags);
}

guint64
x86_mem_read (X86Cpu *cpu, guint64 linear, guint size, guint flags)
{
  check_alignment (cpu, linear, size, flags);
  return mem_read (cpu, linear, size, flags);
}

void
x86_mem_write (X86Cpu *cpu, guint64 linear, guint size, guint64 value, guint flags)
{
  check_alignment (cpu, linear, size, flags);
  mem_write (cpu, linear, size, value, flags);
}

void
x86_mem_probe (X86Cpu *cpu, guint64 linear, guint size, guint flags)
{
  guint64 last = linear + MAX (size, 1) - 1;
  guint kind = flags & IR_MEM_WRITE ? ASTERN_ACCESS_WRITE : ASTERN_ACCESS_READ;
  X86Tlb2Entry entry;

  if (!x86_long_mode (&cpu->s))
    last &= G_MAXUINT32;
  for (guint64 page = linear & ~ASTERN_PAGE_MASK;; page += ASTERN_PAGE_SIZE)
    {
      if (!x86_long_mode (&cpu->s))
        page &= G_MAXUINT32;
      if (translate (cpu, MAX (page, linear) == linear || page == (linear & ~ASTERN_PAGE_MASK) ? linear : page,
                     tlb_of (cpu, flags), flags, kind, &entry) != X86_SLOW_DONE)
        siglongjmp (cpu->fault_env, 1);
      if (page == (last & ~ASTERN_PAGE_MASK))
        break;
    }
}

void
x86_mem_read_bytes (X86Cpu *cpu, guint64 linear, gpointer data, guint size, guint flags)
{
  guint8 *to = data;

  if (size > 8)
    x86_mem_probe (cpu, linear, size, flags & ~IR_MEM_WRITE);
  while (size > 0)
    {
      guint n = size >= 8 ? 8 : size >= 4 ? 4 : size >= 2 ? 2 : 1;
      guint64 value = mem_read (cpu, linear, n, flags & ~IR_MEM_WRITE);

      memcpy (to, &value, n);
      to += n;
      linear += n;
      size -= n;
    }
}

void
x86_mem_write_bytes (X86Cpu *cpu, guint64 linear, gconstpointer data, guint size, guint flags)
{
  const guint8 *from = data;

  if (size > 8)
    x86_mem_probe (cpu, linear, size, flags | IR_MEM_WRITE);
  while (size > 0)
    {
      guint n = size >= 8 ? 8 : size >= 4 ? 4 : size >= 2 ? 2 : 1;

      mem_write (cpu, linear, n, load (from, n), flags);
      from += n;
      linear += n;
      size -= n;
    }
}

guint8 *
x86_mem_host (X86Cpu *cpu, guint64 linear, guint *n, guint flags)
{
  gboolean write = (flags & IR_MEM_WRITE) != 0;
  guint in_page = ASTERN_PAGE_SIZE - (guint) (linear & ASTERN_PAGE_MASK);
  guint8 *host = probe_first (cpu, linear, 1, flags, write), *second;

  *n = MIN (*n, in_page);
  if (host != NULL)
    return host;
  switch (x86_mmu_slow (cpu, linear, write ? *n : 1, flags, write, &host, &second))
    {
    case X86_SLOW_FAULT:
      siglongjmp (cpu->fault_env, X86_CAME_EXCEPTION);
    case X86_SLOW_BUS:
    case X86_SLOW_WATCHED:
      return NULL;
    default:
      return host;
    }
}

gboolean
x86_mmu_fetch (X86Cpu *cpu, guint64 linear, guint64 *ram, guint64 *physical)
{
  X86Tlb2Entry entry;

  if (translate (cpu, linear, x86_tlb_index (cpu->mode), 0, ASTERN_ACCESS_FETCH, &entry) != X86_SLOW_DONE)
    siglongjmp (cpu->fault_env, 1);
  *ram = *physical = (entry.page & ~ASTERN_PAGE_MASK) | (linear & ASTERN_PAGE_MASK);
  return (entry.page & X86_TLB2_BUS) == 0;
}

gboolean
x86_mmu_peek_fetch (X86Cpu *cpu, guint64 linear, guint64 *physical)
{
  X86Walker walker = { cpu, read_entry, NULL, cpu->features->has[X86_FEATURE_PDPE1GB] };
  X86WalkAccess access = { .linear = linear, .fetch = 1, .user = x86_tlb_index (cpu->mode) == X86_TLB_USER };
  X86Walk walk;

  if (x86_long_mode (&cpu->s) && !x86_is_canonical (linear))
    return FALSE;
  if (!x86_walk (&cpu->s, &walker, &access, &walk))
    return FALSE;
  *physical = apply_a20 (cpu, walk.physical);
  return TRUE;
}

/* --- control registers ------------------------------------------------------------ */

void
x86_mmu_set_cr3 (X86Cpu *cpu, guint64 cr3)
{
  if (x86_paging_is_pae (&cpu->s))
    {
      X86Walker walker = { cpu, read_entry, NULL, FALSE };

      if (!x86_walk_load_pdptes (&walker, cr3, cpu->s.pdpte))
        x86_raise_error (cpu, X86_EXC_GP, 0);
    }
  cpu->s.cr3 = cr3;
  x86_mmu_select (cpu);
}

/* Nothing is ever stale here: see softmmu.h. */
void
x86_mmu_invlpg (X86Cpu *cpu G_GNUC_UNUSED, guint64 linear G_GNUC_UNUSED)
{
}

void
x86_mmu_invpcid (X86Cpu *cpu G_GNUC_UNUSED, guint type G_GNUC_UNUSED, guint pcid G_GNUC_UNUSED,
                 guint64 linear G_GNUC_UNUSED)
{
}
