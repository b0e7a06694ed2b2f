/* paging - how a linear address becomes a physical one, by the tables in memory.
 *
 * A walk is a pure function of a CPU's state and of table entries that it reads
 * through the caller's function.  It caches nothing.  The memory path fills its
 * translations from it, the debugger looks through it without leaving a trace.
 *
 * Not looked at here: canonical addresses and segments (they come before), the
 * A20 gate (the caller's functions apply it), memory types.
 *
 * Threads: works on the caller's memory. */
#pragma once

#include "arch/x86/state.h"

#define X86_PHYSICAL_BITS 40
#define X86_LINEAR_BITS   48
#define X86_MAX_WALK      4

/* Bits of a page fault's error code. */
enum
{
  X86_PF_PRESENT  = 1 << 0,    /* the page is there, the rights or the entry are wrong */
  X86_PF_WRITE    = 1 << 1,
  X86_PF_USER     = 1 << 2,
  X86_PF_RESERVED = 1 << 3,
  X86_PF_FETCH    = 1 << 4,    /* only with NX or SMEP enabled */
};

/* Bits of a table entry. */
enum
{
  X86_PTE_P = 1 << 0, X86_PTE_W = 1 << 1, X86_PTE_U = 1 << 2, X86_PTE_A = 1 << 5, X86_PTE_D = 1 << 6,
  X86_PTE_PS = 1 << 7, X86_PTE_G = 1 << 8,
};
#define X86_PTE_NX (G_GUINT64_CONSTANT (1) << 63)

typedef struct
{
  gpointer  owner;
  /* An entry of @size bytes (4 or 8) at a physical address, which is a multiple of @size. */
  guint64 (*read)     (gpointer owner, guint64 physical, guint size);
  /* Sets @bits in an entry if it still reads @expected, else returns FALSE, and the
   * walk starts again.  NULL: A and D bits are left alone. */
  gboolean (*set_bits) (gpointer owner, guint64 physical, guint size, guint64 expected, guint64 bits);
  gboolean  gigabyte_pages;    /* feature pdpe1gb */
} X86Walker;

typedef struct
{
  guint64 linear;     /* only its low 32 bits count outside long mode */
  guint8  write;
  guint8  fetch;
  guint8  user;       /* made at CPL 3, and not implicit */
  guint8  implicit;   /* to a descriptor table or a TSS: supervisor, and EFLAGS.AC does not help against SMAP */
} X86WalkAccess;

typedef struct
{
  guint64 physical;                   /* of access.linear */
  guint32 error;                      /* of the page fault */
  guint8  fault;                      /* 1: `error` counts; else the rest does */
  guint8  page_bits;                  /* log2 of the page's size: 12, 21, 22, 30 */
  /* Rights, of all levels together. */
  guint8  writable, user, executable;
  guint8  global;                     /* CR4.PGE applied */
  guint8  dirty;                      /* the leaf's D bit, as it is after this access */
  guint8  n_entries;                  /* entries read, faulting ones too; PAE's latched PDPTEs are none */
  guint8  entry_bytes;                /* 4 or 8 */
  guint64 address[X86_MAX_WALK];      /* where they are, from the root down */
  guint64 entry[X86_MAX_WALK];        /* as they were read */
} X86Walk;

/* TRUE when the access is allowed.  A and D bits are set only then. */
gboolean x86_walk             (const X86State *state, const X86Walker *walker, const X86WalkAccess *access, X86Walk *walk);

/* PAE paging: the four PDPTEs that @cr3 leads to.  FALSE, for #GP(0), when one has
 * reserved bits set; @pdpte is then unchanged. */
gboolean x86_walk_load_pdptes (const X86Walker *walker, guint64 cr3, guint64 pdpte[4]);

/* Whether CR0, CR4 and EFER ask for PAE paging, the one kind with latched PDPTEs. */
static inline gboolean
x86_paging_is_pae (const X86State *state)
{
  return (state->cr0 & X86_CR0_PG) != 0 && (state->cr4 & X86_CR4_PAE) != 0 && !x86_long_mode (state);
}

static inline gboolean
x86_is_canonical (guint64 linear)
{
  return (guint64) ((gint64) (linear << 16) >> 16) == linear;
}
