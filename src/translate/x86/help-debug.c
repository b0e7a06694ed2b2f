/* help-debug.c - the breakpoints of DR0 to DR3, and debug exceptions between instructions.
 * Source: Intel SDM vol. 3B, chapter 17 (17.2 registers, 17.3 exceptions); vol. 3A, 6.8.3 (loads of SS)
 * and 6.9 (priorities).
 * Left out: nothing known.  A code breakpoint looks at the first byte whatever its LEN says, which
 * the SDM leaves undefined; accesses of page walks are physical and break nowhere.
 *
 * While DR7 enables anything the CPU is in X86_MODE_DEBUG: every instruction is run by itself in the
 * interpreter, so that code breakpoints are compared before it and accesses while it runs.  What
 * its accesses met is collected in cpu->debug_hits and becomes pending when it ends; an instruction
 * that faults has met nothing.  What is pending is delivered at the next instruction boundary. */

#include "config.h"

#include "translate/x86/help.h"
#include "translate/x86/points.h"

enum { ON_EXECUTION, ON_WRITE, ON_PORT, ON_ACCESS };

static inline gboolean
is_enabled (const X86State *s, guint n)
{
  return (s->dr[7] >> 2 * n & 3) != 0;
}

static inline guint
kind_of (const X86State *s, guint n)
{
  return s->dr[7] >> (16 + 4 * n) & 3;
}

/* Bytes that a data or port breakpoint covers. */
static inline guint
length_of (const X86State *s, guint n)
{
  static const guint8 lengths[] = { 1, 2, 8, 4 };

  return lengths[s->dr[7] >> (18 + 4 * n) & 3];
}

/* An address of the breakpoint is aligned to its length. */
static gboolean
overlaps (const X86State *s, guint n, guint64 address, guint size)
{
  guint64 first = s->dr[n] & ~(guint64) (length_of (s, n) - 1);

  return address < first + length_of (s, n) && first < address + size;
}

void
x86_debug_access (X86Cpu *cpu, guint64 linear, guint size, gboolean write)
{
  const X86State *s = &cpu->s;

  for (guint n = 0; n < 4; n++)
    if (is_enabled (s, n) && (kind_of (s, n) == ON_ACCESS || (write && kind_of (s, n) == ON_WRITE))
        && overlaps (s, n, linear, size))
      cpu->debug_hits |= 1 << n;
}

void
x86_debug_port (X86Cpu *cpu, guint16 port, guint size)
{
  const X86State *s = &cpu->s;

  for (guint n = 0; (s->cr4 & X86_CR4_DE) && n < 4; n++)
    if (is_enabled (s, n) && kind_of (s, n) == ON_PORT && overlaps (s, n, port, size))
      cpu->debug_hits |= 1 << n;
}

/* #DB with @bits of DR6, which replace the breakpoints of an earlier one; not if a point stops the run before it. */
static gboolean
deliver (X86Cpu *cpu, guint64 bits)
{
  X86Exception exception = { .vector = X86_EXC_DB };

  if (x86_points_want (cpu, ASTERN_POINT_EXCEPTION) && x86_points_exception (cpu, &exception))
    return FALSE;
  if (x86_points_want (cpu, ASTERN_POINT_INTERRUPT))
    x86_points_interrupt (cpu, X86_EXC_DB);
  cpu->s.dr[6] = (cpu->s.dr[6] & ~(guint64) 15) | bits;
  cpu->parent.exceptions++;
  cpu->parent.last_exception = X86_EXC_DB;
  x86_deliver (cpu, &exception);
  cpu->recheck = 1;
  return TRUE;
}

gboolean
x86_debug_execute (X86Cpu *cpu)
{
  const X86State *s = &cpu->s;
  guint64 linear = x86_code64 (s) ? s->rip : (guint32) (s->seg[X86_CS].base + s->rip);
  guint64 hits = 0;

  if (s->rflags & X86_RF)
    return FALSE;
  for (guint n = 0; n < 4; n++)
    if (is_enabled (s, n) && kind_of (s, n) == ON_EXECUTION && s->dr[n] == linear)
      hits |= 1 << n;
  if (hits == 0)
    return FALSE;
  deliver (cpu, hits);
  return TRUE;
}

void
x86_debug_pend (X86Cpu *cpu, guint bits)
{
  cpu->s.debug_pending |= bits >> 8 | (bits & 15);
  cpu->recheck |= bits != 0;
}

gboolean
x86_debug_deliver_pending (X86Cpu *cpu)
{
  guint64 pending = cpu->s.debug_pending;

  /* Delivery may make new ones pending. */
  cpu->s.debug_pending = 0;
  if (deliver (cpu, (pending & 15) | (pending & 0xf0) << 8))
    return TRUE;
  cpu->s.debug_pending = (guint8) pending;
  return FALSE;
}
