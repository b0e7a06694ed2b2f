/* softmmu - guest memory as instructions see it: translations cached, and coherent.
 *
 * Two levels.  The first holds, per privilege and per direction, host addresses of
 * pages that need no second look: translated code probes it inline.  The second
 * remembers what walks found.  Both are kept in sets, one for each recent address
 * space, so that a new CR3 is a new pointer.
 *
 * The cache is coherent: a page that was walked as a table carries ASTERN_PAGE_TABLE,
 * and a store to it kills what was derived from the entry it changes.  So a guest
 * can never tell that translations are cached: accessed and dirty bits are set when
 * an uncached machine would set them, INVLPG has nothing to do, and no difference in
 * cache history makes two runs differ.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "translate/x86/cpu.h"

#define X86_TLB_BITS     12
#define X86_TLB_ENTRIES  (1u << X86_TLB_BITS)
#define X86_TLB2_BITS    13
#define X86_TLB2_ENTRIES (1u << X86_TLB2_BITS)
#define X86_FETCH_BITS   10
#define X86_FETCH_ENTRIES (1u << X86_FETCH_BITS)
#define X86_TLB_SETS     8
#define X86_WRITTEN      1024

/* Which tables: the access's rights.  KERNEL_SMAP: user pages are out of bounds. */
enum { X86_TLB_USER, X86_TLB_KERNEL, X86_TLB_KERNEL_SMAP, X86_N_TLBS };

/* tag: the page's linear address; host: where the page is.  An empty entry's tag is a
 * page that belongs into another slot, so that no address of its own slot matches. */
typedef struct { guint64 tag, host; } X86TlbEntry;
#define X86_TLB_EMPTY_TAG(slot) ((guint64) ((slot) ^ 1) << ASTERN_PAGE_BITS)
#define X86_TLB2_EMPTY G_GUINT64_CONSTANT (1)

/* page: ram address (physical when BUS) | X86_TLB2_*; tag as above. */
typedef struct { guint64 tag, page; } X86Tlb2Entry;
enum
{
  X86_TLB2_USER  = 1 << 0,
  X86_TLB2_WRITE = 1 << 1,    /* the tables allow writing */
  X86_TLB2_DIRTY = 1 << 2,    /* D is set: a write needs no walk */
  X86_TLB2_EXEC  = 1 << 3,
  X86_TLB2_BUS   = 1 << 4,    /* not memory: every access goes to the bus */
  X86_TLB2_ROM   = 1 << 5,    /* memory to read, writes go to the bus */
};

struct _X86TlbSet
{
  X86TlbEntry  read[X86_N_TLBS][X86_TLB_ENTRIES];
  X86TlbEntry  write[X86_N_TLBS][X86_TLB_ENTRIES];
  guint32      fetch[X86_N_TLBS][X86_FETCH_ENTRIES];   /* binding of a page to memory, 0: none (engine's numbers) */
  X86Tlb2Entry second[X86_TLB2_ENTRIES];
  guint64      key;            /* CR3 and the control bits that matter; X86_TLB_NO_KEY: free */
  guint64      pdpte[4];
  guint64      used;           /* when it was last chosen */
  guint8       touched[X86_N_TLBS];   /* first-level tables that have entries */
  guint8       empty;                 /* nothing was put into it since it was flushed */
  guint8       reserved[4];
  guint16      n_written[X86_N_TLBS]; /* write entries made since the last x86_mmu_rearm_writes(); more than X86_WRITTEN: not noted */
  guint16      written[X86_N_TLBS][X86_WRITTEN];   /* their slots */
};
#define X86_TLB_NO_KEY G_MAXUINT64

#define X86_SEVERAL G_MAXUINT64

struct _X86Mmu
{
  X86TlbSet *set;              /* the current one */
  X86TlbSet *sets;             /* X86_TLB_SETS of them, one host mapping */
  guint64    uses;
  GHashTable *tables;          /* ram page -> TableInfo; shared by all CPUs of a machine (owned by CPU 0's) */
  guint64    *writers;         /* by ram page: 0, or the one linear page with cached write entries | 1, or X86_SEVERAL; shared likewise */
  struct { guint64 physical, ram; } pages[256];   /* physical page -> ram page, recent ones */
  guint64    walks, misses;    /* statistics */
};

X86Mmu  *x86_mmu_new   (X86Cpu *cpu);
void     x86_mmu_free  (X86Cpu *cpu);

/* After cr0, cr4, efer, a20 or cr3 were changed in `s` from outside: chooses the set again. */
void     x86_mmu_select (X86Cpu *cpu);
/* Forgets everything, on all CPUs of the machine. */
void     x86_mmu_flush_all (AsternEngine *engine);
/* Adds the trackers to the machine's memory and bus; once, before it runs. */
void     x86_mmu_listen (AsternEngine *engine);
/* Empties all write entries that lead to the ram page: its flags were raised. */
void     x86_mmu_protect_page (AsternEngine *engine, guint64 ram);
/* Write tables empty again: the next write to each page is looked at (a new interval began). */
void     x86_mmu_rearm_writes (AsternEngine *engine);

static inline guint
x86_tlb_index (guint32 mode)
{
  return (mode & X86_MODE_CPL) == X86_MODE_CPL ? X86_TLB_USER : mode & X86_MODE_SMAP ? X86_TLB_KERNEL_SMAP : X86_TLB_KERNEL;
}

/* Where code at @linear lies: TRUE and its ram address; FALSE when it is not in
 * memory (then *physical).  Faults as a fetch does. */
gboolean x86_mmu_fetch (X86Cpu *cpu, guint64 linear, guint64 *ram, guint64 *physical);

/* What the fast path's miss found. */
typedef enum
{
  X86_SLOW_DONE,       /* *host is the place; the page may or may not be cached now */
  X86_SLOW_BUS,        /* a device, ROM write, or two pages that are not both plain: go by x86_mem_read/write */
  X86_SLOW_WATCHED,    /* as DONE, but somebody watches the page: only the interpreter makes the access, and tells of it */
  X86_SLOW_FAULT,      /* the fault is in cpu->exception (and CR2); nothing raised */
} X86SlowResult;

/* Whether code at @linear can be fetched, and where that is, by a walk that changes nothing; raises nothing. */
gboolean x86_mmu_peek_fetch (X86Cpu *cpu, guint64 linear, guint64 *physical);

/* For one access of @size bytes, within a page or across two; never raises, never
 * touches a device, changes nothing but A and D bits and the caches.  A write must
 * already be certain to happen: trackers are told.  @second (for accesses across
 * two pages): host address of the second page's part, else NULL.
 * Uses no vector registers. */
X86SlowResult x86_mmu_slow (X86Cpu *cpu, guint64 linear, guint size, guint flags, gboolean write,
                            guint8 **host, guint8 **second);
/* Whether it can be made without a walk. */
gboolean x86_mmu_knows    (X86Cpu *cpu, guint64 linear, guint size, guint flags, gboolean write);
