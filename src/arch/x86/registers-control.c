/* registers-control.c - what values flags, control, debug and segment registers could hold.
 * Source: Intel SDM vol. 3A, 2.3 (EFLAGS), 2.5 (control registers), 2.6 (XCR0), 3.4.5 (descriptors),
 * 4.1 (paging modes), 17.2 (debug registers); vol. 3C, 26.3.1.2 (consistent segments).
 * Left out: which of the bits this CPU's model has; a feature that it lacks can be turned on from here. */

#include "config.h"

#include "arch/x86/registers-private.h"

#include <string.h>

#define EFLAGS_BITS (X86_ARITH | X86_TF | X86_IF | X86_DF | X86_IOPL | X86_NT | X86_RF | X86_VM | X86_AC | X86_VIF | X86_VIP | X86_ID)
#define CR0_BITS ((guint64) (X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP \
                             | X86_CR0_AM | X86_CR0_NW | X86_CR0_CD | X86_CR0_PG))
#define CR4_BITS ((guint64) (X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE | X86_CR4_PSE | X86_CR4_PAE \
                             | X86_CR4_MCE | X86_CR4_PGE | X86_CR4_PCE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT         \
                             | X86_CR4_UMIP | X86_CR4_FSGSBASE | X86_CR4_PCIDE | X86_CR4_OSXSAVE | X86_CR4_SMEP      \
                             | X86_CR4_SMAP))
#define DR6_ONES 0xffff0ff0u
#define DR6_BITS (DR6_ONES | 0xe00f)
#define DR7_ONES 0x400u
#define DR7_BITS (DR7_ONES | 0xffff23ff)

/* VM is not set or cleared by itself: V86 mode is entered and left with all segment registers at once. */
gboolean
x86_poke_rflags (X86State *s, guint64 value)
{
  value |= 2;
  if ((value & ~(guint64) (EFLAGS_BITS | 2)) || ((value ^ s->rflags) & X86_VM))
    return FALSE;
  s->rflags = value;
  return TRUE;
}

/* After CR0, CR3, CR4 were changed from what they are in @before: PAE's PDPTEs are latched again.  FALSE: they
 * have reserved bits set, and all is as before. */
static gboolean
latch_pdptes (AsternCpu *cpu, const X86State *before)
{
  X86State *s = cpu->state;
  X86Walker walker;

  if (!x86_paging_is_pae (s) || (x86_paging_is_pae (before) && s->cr3 == before->cr3))
    return TRUE;
  walker = x86_peek_walker (cpu);
  if (x86_walk_load_pdptes (&walker, s->cr3, s->pdpte))
    return TRUE;
  *s = *before;
  return FALSE;
}

gboolean
x86_poke_cr0 (AsternCpu *cpu, guint64 value)
{
  X86State *s = cpu->state;
  X86State before = *s;
  gboolean paging, was_paging = (s->cr0 & X86_CR0_PG) != 0;

  value |= X86_CR0_ET;
  paging = (value & X86_CR0_PG) != 0;
  if ((value & ~CR0_BITS) || (paging && !(value & X86_CR0_PE)) || ((value & X86_CR0_NW) && !(value & X86_CR0_CD)))
    return FALSE;
  if ((s->rflags & X86_VM) && !(value & X86_CR0_PE))
    return FALSE;
  if (paging && !was_paging && (s->efer & X86_EFER_LME) && (!(s->cr4 & X86_CR4_PAE) || (s->seg[X86_CS].attr & X86_ATTR_L)))
    return FALSE;
  if (!paging && was_paging && (x86_code64 (s) || (s->cr4 & X86_CR4_PCIDE)))
    return FALSE;
  s->cr0 = value;
  if (paging && (s->efer & X86_EFER_LME))
    s->efer |= X86_EFER_LMA;
  else if (!paging)
    s->efer &= ~(guint64) X86_EFER_LMA;
  return latch_pdptes (cpu, &before);
}

gboolean
x86_poke_cr3 (AsternCpu *cpu, guint64 value)
{
  X86State *s = cpu->state;
  X86State before = *s;

  if (value >> (x86_long_mode (s) ? X86_PHYSICAL_BITS : 32))
    return FALSE;
  s->cr3 = value;
  return latch_pdptes (cpu, &before);
}

gboolean
x86_poke_cr4 (AsternCpu *cpu, guint64 value)
{
  X86State *s = cpu->state;
  X86State before = *s;

  if ((value & ~CR4_BITS) || (x86_long_mode (s) && !(value & X86_CR4_PAE)))
    return FALSE;
  if ((value & X86_CR4_PCIDE) && !(s->cr4 & X86_CR4_PCIDE) && (!x86_long_mode (s) || (s->cr3 & 0xfff)))
    return FALSE;
  s->cr4 = value;
  return latch_pdptes (cpu, &before);
}

/* LMA is not the writer's: it is there while LME and paging are. */
gboolean
x86_poke_efer (X86State *s, guint64 value)
{
  gboolean active = (value & X86_EFER_LME) && (s->cr0 & X86_CR0_PG);

  if (value & ~(guint64) (X86_EFER_SCE | X86_EFER_LME | X86_EFER_LMA | X86_EFER_NXE))
    return FALSE;
  if (((value ^ s->efer) & X86_EFER_LME) && (s->cr0 & X86_CR0_PG))
    return FALSE;
  if (((value & X86_EFER_LMA) != 0) != active)
    return FALSE;
  s->efer = value;
  return TRUE;
}

/* x87 always, SSE, AVX; AVX only with SSE. */
gboolean
x86_poke_xcr0 (X86State *s, guint64 value)
{
  if (!(value & 1) || (value & ~(guint64) 7) || (value & 6) == 4)
    return FALSE;
  s->xcr0 = value;
  return TRUE;
}

gboolean
x86_poke_dr (X86State *s, guint number, guint64 value)
{
  guint64 ones = number == 6 ? DR6_ONES : number == 7 ? DR7_ONES : 0;
  guint64 bits = number == 6 ? DR6_BITS : number == 7 ? DR7_BITS : G_MAXUINT64;

  value |= ones;
  if (value & ~bits)
    return FALSE;
  s->dr[number] = value;
  return TRUE;
}

/* --- segments --- */

gboolean
x86_poke_base (X86State *s, guint seg, guint64 value)
{
  gboolean wide = seg == X86_FS || seg == X86_GS || seg == X86_LDTR || seg == X86_TR;

  if (wide ? !x86_is_canonical (value) : value >> 32 != 0)
    return FALSE;
  s->seg[seg].base = value;
  return TRUE;
}

/* A limit in pages ends with a page; one in bytes has 20 bits. */
static gboolean
limit_fits (guint32 limit, guint attr)
{
  return attr & X86_ATTR_G ? (limit & 0xfff) == 0xfff : limit >> 20 == 0;
}

gboolean
x86_poke_limit (X86State *s, guint seg, guint64 value)
{
  X86Segment *r = &s->seg[seg];

  if (!limit_fits ((guint32) value, r->attr))
    return FALSE;
  r->limit = (guint32) value;
  return TRUE;
}

gboolean
x86_poke_attr (X86State *s, guint seg, guint64 value)
{
  X86Segment *r = &s->seg[seg];

  if ((value & 0x0e00) || ((value ^ r->attr) & X86_ATTR_G && !limit_fits (r->limit, (guint) value)))
    return FALSE;
  if (seg == X86_CS && x86_long_mode (s) && (value & X86_ATTR_L) && (value & X86_ATTR_DB))
    return FALSE;
  r->attr = (guint16) value;
  return TRUE;
}
