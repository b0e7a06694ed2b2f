/* help-stack.c - pushes and pops of helpers, and the stacks that a TSS names.
 * Source: Intel SDM vol. 1, 6.2; vol. 3A, 8.2 and 8.7.
 * Left out: nothing known. */

#include "config.h"

#include "translate/x86/help.h"

X86Stack
x86_stack_here (X86Cpu *cpu)
{
  const X86Segment *ss = &cpu->s.seg[X86_SS];
  gboolean flat = x86_code64 (&cpu->s);

  return (X86Stack) { .cpu = cpu, .ss = *ss, .sp = cpu->s.gpr[X86_RSP], .flat = flat, .flags = IR_MEM_STACK,
                      .mask = flat ? G_MAXUINT64 : (ss->attr & X86_ATTR_DB) ? 0xffffffff : 0xffff };
}

X86Stack
x86_stack_new (X86Cpu *cpu, guint16 selector, const X86DescRef *ref, guint64 sp, guint cpl, gboolean wide)
{
  X86Stack stack = { .cpu = cpu, .sp = sp, .flags = IR_MEM_STACK | (cpl < 3 ? IR_MEM_SYSTEM : 0),
                     .mask = G_MAXUINT64, .flat = wide, .error = selector & 0xfffc };

  if (!wide)
    {
      stack.ss = x86_desc_segment (ref->desc, selector);
      stack.mask = (stack.ss.attr & X86_ATTR_DB) ? 0xffffffff : 0xffff;
    }
  return stack;
}

static void
check_range (const X86Stack *stack, guint64 offset, guint bytes)
{
  if (!stack->flat && ((stack->ss.attr & X86_ATTR_UNUSABLE) || !x86_segment_contains (&stack->ss, offset, bytes)))
    x86_raise_error (stack->cpu, X86_EXC_SS, stack->error);
}

void
x86_stack_room (const X86Stack *stack, guint bytes)
{
  guint64 top = stack->sp & stack->mask, bottom = (stack->sp - bytes) & stack->mask;

  /* A stack that wraps is looked at push by push. */
  if (bottom < top)
    check_range (stack, bottom, bytes);
}

static guint64
linear (const X86Stack *stack, guint64 sp)
{
  guint64 offset = sp & stack->mask;

  return stack->flat ? offset : (guint32) (stack->ss.base + offset);
}

void
x86_stack_push (X86Stack *stack, guint size, guint64 value)
{
  guint64 sp = stack->sp - size;

  check_range (stack, sp & stack->mask, size);
  x86_mem_write (stack->cpu, linear (stack, sp), size, value, stack->flags);
  stack->sp = sp;
}

guint64
x86_stack_peek (const X86Stack *stack, guint offset, guint size)
{
  check_range (stack, (stack->sp + offset) & stack->mask, size);
  return x86_mem_read (stack->cpu, linear (stack, stack->sp + offset), size, stack->flags);
}

guint64
x86_stack_pop (X86Stack *stack, guint size)
{
  guint64 value = x86_stack_peek (stack, 0, size);

  stack->sp += size;
  return value;
}

void
x86_stack_commit (const X86Stack *stack)
{
  guint64 *rsp = &stack->cpu->s.gpr[X86_RSP];

  if (stack->mask == 0xffff)
    *rsp = (*rsp & ~G_GUINT64_CONSTANT (0xffff)) | (stack->sp & 0xffff);
  else
    *rsp = stack->sp & stack->mask;
}

/* Reads a field of the TSS; one outside it raises #TS (TR). */
static guint64
tss_field (X86Cpu *cpu, guint offset, guint size)
{
  const X86Segment *tr = &cpu->s.seg[X86_TR];

  if (offset + size - 1 > tr->limit)
    x86_raise_selector (cpu, X86_EXC_TS, tr->selector);
  return x86_mem_read (cpu, tr->base + offset, size, IR_MEM_SYSTEM);
}

void
x86_tss_stack (X86Cpu *cpu, guint cpl, guint16 *ss, guint32 *sp)
{
  if (cpu->s.seg[X86_TR].attr & 8)     /* 32-bit */
    {
      *sp = tss_field (cpu, 4 + cpl * 8, 4);
      *ss = tss_field (cpu, 8 + cpl * 8, 2);
    }
  else
    {
      *sp = tss_field (cpu, 2 + cpl * 4, 2);
      *ss = tss_field (cpu, 4 + cpl * 4, 2);
    }
}

guint64
x86_tss_stack64 (X86Cpu *cpu, guint n)
{
  guint64 rsp = tss_field (cpu, n < 3 ? 4 + n * 8 : 36 + (n - 4) * 8, 8);

  if (!x86_is_canonical (rsp))
    x86_raise_error (cpu, X86_EXC_SS, 0);
  return rsp;
}
