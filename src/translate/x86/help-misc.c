/* help-misc.c - ENTER, BOUND, decimal adjustment, CMPXCHG8B and 16B, RDRAND.
 * Source: Intel SDM vol. 2 for each.
 * Left out: nothing known.  Flags that the SDM leaves undefined: see doc/undefined.md. */

#include "config.h"

#include "translate/x86/help.h"

/* --- ENTER, BOUND --- */

/* Levels 1 to 31: the frame pointers of the outer procedures are copied. */
guint64
x86_help_enter (X86Cpu *cpu, guint64 allocation, guint64 level, guint64 size)
{
  X86Stack stack = x86_stack_here (cpu);
  guint64 *rbp = &cpu->s.gpr[X86_RBP], mask = x86_operand_mask (size), frame;
  X86Stack outer = stack;

  outer.sp = *rbp;
  x86_stack_push (&stack, size, *rbp & mask);
  frame = stack.sp;
  for (guint i = 1; i < (level & 31); i++)
    {
      outer.sp -= size;
      x86_stack_push (&stack, size, x86_stack_peek (&outer, 0, size));
    }
  if (level & 31)
    x86_stack_push (&stack, size, frame & mask);
  stack.sp -= allocation & 0xffff;
  /* The new top must be writable. */
  x86_mem_probe (cpu, stack.flat ? stack.sp : (guint32) (stack.ss.base + (stack.sp & stack.mask)), size,
                 IR_MEM_STACK | IR_MEM_WRITE);
  if (size == 2)
    *rbp = (*rbp & ~mask) | (frame & mask);
  else
    *rbp = frame & stack.mask & mask;
  x86_stack_commit (&stack);
  return 0;
}

guint64
x86_help_bound (X86Cpu *cpu, guint64 index, guint64 linear, guint64 size)
{
  guint64 low = x86_mem_read (cpu, linear, size, 0), high = x86_mem_read (cpu, linear + size, size, 0);
  gint32 i = size == 2 ? (gint16) index : (gint32) index;
  gint32 from = size == 2 ? (gint16) low : (gint32) low, to = size == 2 ? (gint16) high : (gint32) high;

  if (i < from || i > to)
    x86_raise (cpu, X86_EXC_BR);
  return 0;
}

/* --- decimal adjustment --- */

static guint
al (const X86Cpu *cpu)
{
  return cpu->s.gpr[X86_RAX] & 0xff;
}

static void
set_ax (X86Cpu *cpu, guint value)
{
  cpu->s.gpr[X86_RAX] = (cpu->s.gpr[X86_RAX] & ~G_GUINT64_CONSTANT (0xffff)) | (value & 0xffff);
}

static void
set_al (X86Cpu *cpu, guint value)
{
  cpu->s.gpr[X86_RAX] = (cpu->s.gpr[X86_RAX] & ~G_GUINT64_CONSTANT (0xff)) | (value & 0xff);
}

/* SF, ZF, PF of AL. */
static guint32
flags_of_al (const X86Cpu *cpu)
{
  guint value = al (cpu);

  return (value & 0x80 ? X86_SF : 0) | (value == 0 ? X86_ZF : 0) | (__builtin_parity (value) ? 0 : X86_PF);
}

guint64
x86_help_aam (X86Cpu *cpu, guint64 base, guint64 unused_b, guint64 unused_c)
{
  guint value = al (cpu);

  if ((base & 0xff) == 0)
    x86_raise (cpu, X86_EXC_DE);
  base &= 0xff;
  set_ax (cpu, value / base << 8 | value % base);
  x86_flags_set (cpu, flags_of_al (cpu));
  return 0;
}

/* DAA and DAS: @sign is 1 or -1.  OF is cleared. */
static void
adjust_decimal (X86Cpu *cpu, gint sign)
{
  guint32 flags = x86_flags_arith (cpu), out = 0;
  guint old = al (cpu), value = old;

  if ((old & 15) > 9 || (flags & X86_AF))
    {
      value += sign * 6;
      out |= X86_AF | (sign < 0 && old < 6 ? X86_CF : 0);
    }
  if (old > 0x99 || (flags & X86_CF))
    {
      value += sign * 0x60;
      out |= X86_CF;
    }
  set_al (cpu, value);
  x86_flags_set (cpu, out | flags_of_al (cpu));
}

guint64
x86_help_daa (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  adjust_decimal (cpu, 1);
  return 0;
}

guint64
x86_help_das (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  adjust_decimal (cpu, -1);
  return 0;
}

/* AAA and AAS: AX changes as a whole.  SF, ZF, PF are those of AL, OF is cleared. */
static void
adjust_ascii (X86Cpu *cpu, gint sign)
{
  guint ax = cpu->s.gpr[X86_RAX] & 0xffff;
  guint32 out = 0;

  if ((ax & 15) > 9 || (x86_flags_arith (cpu) & X86_AF))
    {
      ax += sign * 0x106;
      out = X86_AF | X86_CF;
    }
  set_ax (cpu, ax & 0xff0f);
  x86_flags_set (cpu, out | flags_of_al (cpu));
}

guint64
x86_help_aaa (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  adjust_ascii (cpu, 1);
  return 0;
}

guint64
x86_help_aas (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  adjust_ascii (cpu, -1);
  return 0;
}

/* --- compare and exchange --- */

/* Only ZF changes. */
static void
set_zf (X86Cpu *cpu, gboolean zf)
{
  x86_flags_set (cpu, (x86_flags_arith (cpu) & ~X86_ZF) | (zf ? X86_ZF : 0));
}

guint64
x86_help_cmpxchg8b (X86Cpu *cpu, guint64 linear, guint64 flags, guint64 unused_c)
{
  guint64 *gpr = cpu->s.gpr;
  guint64 found = x86_mem_read (cpu, linear, 8, (guint) flags | IR_MEM_WRITE);
  guint64 expected = (guint32) gpr[X86_RAX] | gpr[X86_RDX] << 32;
  gboolean same = found == expected;

  x86_mem_write (cpu, linear, 8, same ? (guint32) gpr[X86_RBX] | gpr[X86_RCX] << 32 : found, (guint) flags);
  if (!same)
    {
      gpr[X86_RAX] = (guint32) found;
      gpr[X86_RDX] = found >> 32;
    }
  set_zf (cpu, same);
  return 0;
}

guint64
x86_help_cmpxchg16b (X86Cpu *cpu, guint64 linear, guint64 flags, guint64 unused_c)
{
  guint64 *gpr = cpu->s.gpr;
  guint64 low, high;
  gboolean same;

  if (linear & 15)
    x86_raise_error (cpu, X86_EXC_GP, 0);
  x86_mem_probe (cpu, linear, 16, (guint) flags | IR_MEM_WRITE);
  low = x86_mem_read (cpu, linear, 8, (guint) flags);
  high = x86_mem_read (cpu, linear + 8, 8, (guint) flags);
  same = low == gpr[X86_RAX] && high == gpr[X86_RDX];
  x86_mem_write (cpu, linear, 8, same ? gpr[X86_RBX] : low, (guint) flags);
  x86_mem_write (cpu, linear + 8, 8, same ? gpr[X86_RCX] : high, (guint) flags);
  gpr[X86_RAX] = low;
  gpr[X86_RDX] = high;
  set_zf (cpu, same);
  return 0;
}

guint64
x86_help_rdrand (X86Cpu *cpu, guint64 size, guint64 unused_b, guint64 unused_c)
{
  return astern_inputs_random (cpu->parent.machine->inputs) & x86_operand_mask (size);
}
