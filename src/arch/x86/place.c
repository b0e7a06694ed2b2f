/* place.c - where a CPU is: its code, its stack, its mode, and what its page tables say.
 * Source: Intel SDM vol. 3A, 3.4 (segments), 4.3-4.5 (paging), 20.1.1 (real mode); vol. 1, 3.3.7 (canonical addresses).
 * Left out: whether the model has 1 GiB pages; they are taken to be there. */

#include "config.h"

#include "arch/x86/registers-private.h"

static guint64
behind_a20 (const X86State *s, guint64 physical)
{
  return s->a20 ? physical : physical & ~(guint64) (1 << 20);
}

static guint64
peek_entry (gpointer owner, guint64 physical, guint size)
{
  AsternCpu *cpu = owner;
  AsternAccess access = { { behind_a20 (cpu->state, physical) }, (guint8) size, ASTERN_ACCESS_READ,
                          ASTERN_ORIGIN_DEBUGGER, (guint8) cpu->index };

  return astern_bus_read (cpu->machine->physical, &access);
}

X86Walker
x86_peek_walker (AsternCpu *cpu)
{
  return (X86Walker) { .owner = cpu, .read = peek_entry, .gigabyte_pages = TRUE };
}

/* Rights do not matter to somebody who looks: a walk that fails for them alone has come to its end. */
static gboolean
is_mapped (const X86Walk *walk)
{
  return !walk->fault || (walk->error & (X86_PF_PRESENT | X86_PF_RESERVED)) == X86_PF_PRESENT;
}

gboolean
x86_translate (AsternCpu *cpu, guint64 linear, guint64 *physical)
{
  const X86State *s = cpu->state;
  X86Walker walker = x86_peek_walker (cpu);
  X86WalkAccess access = { .linear = linear };
  X86Walk walk;

  if (x86_long_mode (s) && !x86_is_canonical (linear))
    return FALSE;
  x86_walk (s, &walker, &access, &walk);
  if (!is_mapped (&walk))
    return FALSE;
  *physical = behind_a20 (s, walk.physical);
  return TRUE;
}

void
x86_code_place (const AsternCpu *cpu, AsternCodePlace *place)
{
  const X86State *s = cpu->state;
  const X86Segment *cs = &s->seg[X86_CS];

  if (x86_code64 (s))
    {
      *place = (AsternCodePlace) { .bits = 64, .base = 0, .pc = s->rip, .linear = s->rip };
      return;
    }
  place->bits = cs->attr & X86_ATTR_DB ? 32 : 16;
  place->base = cs->base;
  place->pc = place->bits == 32 ? (guint32) s->rip : (guint16) s->rip;
  place->linear = (guint32) (place->base + place->pc);
}

guint64
x86_address_space (const AsternCpu *cpu)
{
  return x86_state_of (cpu)->cr3 & ~(guint64) 0xfff;
}

guint64
x86_stack_linear (const AsternCpu *cpu)
{
  const X86State *s = cpu->state;
  const X86Segment *ss = &s->seg[X86_SS];
  guint64 sp = s->gpr[X86_RSP];

  if (x86_code64 (s))
    return sp;
  return (guint32) (ss->base + (ss->attr & X86_ATTR_DB ? (guint32) sp : (guint16) sp));
}

const char *
x86_mode_name (const AsternCpu *cpu)
{
  const X86State *s = cpu->state;
  gboolean wide = (s->seg[X86_CS].attr & X86_ATTR_DB) != 0;

  if (x86_code64 (s))
    return s->in_smm ? "system management 64-bit" : "long 64-bit";
  if (s->in_smm)
    return wide ? "system management 32-bit" : "system management 16-bit";
  if (!(s->cr0 & X86_CR0_PE))
    return "real";
  if (s->rflags & X86_VM)
    return "virtual 8086";
  if (x86_long_mode (s))
    return wide ? "compatibility 32-bit" : "compatibility 16-bit";
  return wide ? "protected 32-bit" : "protected 16-bit";
}
