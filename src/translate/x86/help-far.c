/* help-far.c - far jumps, calls and returns, IRET.
 * Source: Intel SDM vol. 2, JMP, CALL, RET, IRET; vol. 3A, 5.8 and 6.12; 21.2 and 21.3 (V86).
 * Left out: nothing known. */

#include "config.h"

#include "translate/x86/help.h"

/* --- gates and tasks --- */

typedef struct
{
  guint16    selector;
  X86DescRef code;
  guint64    offset;
  guint      size;        /* of what a call pushes: 2, 4, 8 */
  guint      params;
} GateTarget;

/* Reads a call gate and the code segment behind it, all checks but those of JMP and CALL made. */
static GateTarget
read_call_gate (X86Cpu *cpu, guint16 selector, const X86DescRef *gate)
{
  gboolean wide = x86_long_mode (&cpu->s);
  GateTarget t = { .selector = x86_gate_selector (gate->desc), .offset = x86_gate_offset (gate->desc),
                   .size = x86_desc_type (gate->desc) == X86_SYS_CALL16 ? 2 : wide ? 8 : 4,
                   .params = (gate->desc >> 32) & 0x1f };

  if (!x86_desc_present (gate->desc))
    x86_raise_selector (cpu, X86_EXC_NP, selector);
  if (wide)
    {
      guint64 upper = x86_desc_upper (cpu, gate);

      if ((upper >> 40 & 0x1f) != 0)
        x86_raise_selector (cpu, X86_EXC_GP, selector);
      t.offset |= upper << 32;
      t.params = 0;
    }
  else if (t.size == 2)
    t.offset &= 0xffff;
  if (X86_SEL_NULL (t.selector))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  t.code = x86_desc_fetch (cpu, t.selector, X86_EXC_GP);
  if (!x86_is_code (t.code.desc) || x86_desc_dpl (t.code.desc) > x86_cpl (&cpu->s)
      || (wide && (x86_desc_attr (t.code.desc) & (X86_ATTR_L | X86_ATTR_DB)) != X86_ATTR_L))
    x86_raise_selector (cpu, X86_EXC_GP, t.selector);
  return t;
}

/* A system descriptor may be used at this privilege. */
static void
check_gate_rights (X86Cpu *cpu, guint16 selector, const X86DescRef *ref)
{
  if (x86_desc_dpl (ref->desc) < MAX (x86_cpl (&cpu->s), X86_SEL_RPL (selector)))
    x86_raise_selector (cpu, X86_EXC_GP, selector);
}

/* JMP and CALL to a task gate or TSS. */
static void
go_task (X86Cpu *cpu, guint16 selector, const X86DescRef *ref, X86TaskReason reason, guint64 next_rip)
{
  check_gate_rights (cpu, selector, ref);
  if (!x86_desc_present (ref->desc))
    x86_raise_selector (cpu, X86_EXC_NP, selector);
  if (x86_desc_type (ref->desc) == X86_SYS_TASK_GATE)
    x86_task_gate (cpu, ref->desc, reason, next_rip, FALSE, 0);
  else
    x86_task_switch (cpu, selector, *ref, reason, next_rip, FALSE, 0);
}

static gboolean
is_task (X86Cpu *cpu, guint64 desc)
{
  guint type = x86_desc_type (desc);

  return !x86_long_mode (&cpu->s) && (type == X86_SYS_TASK_GATE || type == X86_SYS_TSS || type == X86_SYS_TSS16);
}

static gboolean
is_call_gate (X86Cpu *cpu, guint64 desc)
{
  guint type = x86_desc_type (desc);

  return type == X86_SYS_CALL || (type == X86_SYS_CALL16 && !x86_long_mode (&cpu->s));
}

/* --- JMP --- */

static void
finish_code (X86Cpu *cpu, guint16 selector, X86DescRef *ref, guint64 rip, guint cpl)
{
  x86_set_cs (cpu, selector, ref, cpl);
  cpu->s.rip = rip;
  x86_mode_changed (cpu);
}

/* The third argument of far jumps and calls is operand size | RIP after << 8. */
static guint64
next_rip_of (guint64 packed)
{
  return (guint64) ((gint64) packed >> 8);
}

guint64
x86_help_far_jump (X86Cpu *cpu, guint64 selector, guint64 offset, guint64 packed)
{
  guint cpl = x86_cpl (&cpu->s);
  X86DescRef ref;

  selector &= 0xffff;
  offset &= x86_operand_mask (packed & 0xff);
  if (!x86_protected (cpu))
    {
      if (offset > cpu->s.seg[X86_CS].limit)
        x86_raise_error (cpu, X86_EXC_GP, 0);
      x86_set_real (cpu, X86_CS, selector);
      cpu->s.rip = offset;
      x86_mode_changed (cpu);
      return 0;
    }
  if (X86_SEL_NULL (selector))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  ref = x86_desc_fetch (cpu, selector, X86_EXC_GP);
  if (x86_is_code (ref.desc))
    {
      x86_check_code (cpu, selector, &ref);
      x86_check_rip (cpu, ref.desc, offset);
      x86_desc_accessed (cpu, &ref);
      finish_code (cpu, selector, &ref, offset, cpl);
    }
  else if (is_call_gate (cpu, ref.desc))
    {
      GateTarget t;

      check_gate_rights (cpu, selector, &ref);
      t = read_call_gate (cpu, selector, &ref);
      if (!x86_is_conforming (t.code.desc) && x86_desc_dpl (t.code.desc) != cpl)
        x86_raise_selector (cpu, X86_EXC_GP, t.selector);
      if (!x86_desc_present (t.code.desc))
        x86_raise_selector (cpu, X86_EXC_NP, t.selector);
      x86_check_rip (cpu, t.code.desc, t.offset);
      x86_desc_accessed (cpu, &t.code);
      finish_code (cpu, t.selector, &t.code, t.offset, cpl);
    }
  else if (is_task (cpu, ref.desc))
    go_task (cpu, selector, &ref, X86_TASK_JUMP, next_rip_of (packed));
  else
    x86_raise_selector (cpu, X86_EXC_GP, selector);
  return 0;
}

/* --- CALL --- */

static void
push_return (X86Cpu *cpu, X86Stack *stack, guint size, guint64 next_rip)
{
  x86_stack_room (stack, size * 2);
  x86_stack_push (stack, size, cpu->s.seg[X86_CS].selector);
  x86_stack_push (stack, size, next_rip);
}

/* Through a gate to an inner level. */
static void
call_inner (X86Cpu *cpu, GateTarget *t, guint64 next_rip)
{
  guint cpl = x86_desc_dpl (t->code.desc);
  gboolean wide = t->size == 8;
  X86Stack old = x86_stack_here (cpu), stack;
  X86DescRef ss_ref = { 0 };
  guint16 ss = cpl;                    /* 64-bit: null */

  if (wide)
    stack = x86_stack_new (cpu, 0, NULL, x86_tss_stack64 (cpu, cpl), cpl, TRUE);
  else
    {
      guint32 sp;

      x86_tss_stack (cpu, cpl, &ss, &sp);
      ss_ref = x86_check_stack_segment (cpu, ss, cpl, X86_EXC_TS);
      stack = x86_stack_new (cpu, ss, &ss_ref, sp, cpl, FALSE);
    }
  x86_check_rip (cpu, t->code.desc, t->offset);
  x86_stack_room (&stack, t->size * (4 + t->params));
  x86_desc_accessed (cpu, &t->code);
  if (!wide)
    x86_desc_accessed (cpu, &ss_ref);
  x86_stack_push (&stack, t->size, cpu->s.seg[X86_SS].selector);
  x86_stack_push (&stack, t->size, cpu->s.gpr[X86_RSP]);
  for (guint i = t->params; i > 0; i--)
    x86_stack_push (&stack, t->size, x86_stack_peek (&old, (i - 1) * t->size, t->size));
  push_return (cpu, &stack, t->size, next_rip);

  if (wide)
    x86_set_null (cpu, X86_SS, ss, cpl);
  else
    x86_set_segment (cpu, X86_SS, ss, &ss_ref);
  x86_stack_commit (&stack);
  finish_code (cpu, t->selector, &t->code, t->offset, cpl);
}

static void
call_gate (X86Cpu *cpu, guint16 selector, const X86DescRef *ref, guint64 next_rip)
{
  GateTarget t;

  check_gate_rights (cpu, selector, ref);
  t = read_call_gate (cpu, selector, ref);
  if (!x86_desc_present (t.code.desc))
    x86_raise_selector (cpu, X86_EXC_NP, t.selector);
  if (!x86_is_conforming (t.code.desc) && x86_desc_dpl (t.code.desc) < x86_cpl (&cpu->s))
    call_inner (cpu, &t, next_rip);
  else
    {
      X86Stack stack = x86_stack_here (cpu);

      if (t.size == 8)     /* compatibility mode calls 64-bit code: the stack is 64 bits wide already */
        {
          stack.flat = TRUE;
          stack.mask = G_MAXUINT64;
        }
      x86_check_rip (cpu, t.code.desc, t.offset);
      x86_desc_accessed (cpu, &t.code);
      push_return (cpu, &stack, t.size, next_rip);
      x86_stack_commit (&stack);
      finish_code (cpu, t.selector, &t.code, t.offset, x86_cpl (&cpu->s));
    }
}

guint64
x86_help_far_call (X86Cpu *cpu, guint64 selector, guint64 offset, guint64 packed)
{
  guint size = packed & 0xff;
  guint64 next_rip = next_rip_of (packed);
  X86Stack stack = x86_stack_here (cpu);
  X86DescRef ref;

  selector &= 0xffff;
  offset &= x86_operand_mask (size);
  if (!x86_protected (cpu))
    {
      if (offset > cpu->s.seg[X86_CS].limit)
        x86_raise_error (cpu, X86_EXC_GP, 0);
      push_return (cpu, &stack, size, next_rip);
      x86_stack_commit (&stack);
      x86_set_real (cpu, X86_CS, selector);
      cpu->s.rip = offset;
      x86_mode_changed (cpu);
      return 0;
    }
  if (X86_SEL_NULL (selector))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  ref = x86_desc_fetch (cpu, selector, X86_EXC_GP);
  if (x86_is_code (ref.desc))
    {
      x86_check_code (cpu, selector, &ref);
      x86_check_rip (cpu, ref.desc, offset);
      x86_desc_accessed (cpu, &ref);
      push_return (cpu, &stack, size, next_rip);
      x86_stack_commit (&stack);
      finish_code (cpu, selector, &ref, offset, x86_cpl (&cpu->s));
    }
  else if (is_call_gate (cpu, ref.desc))
    call_gate (cpu, selector, &ref, next_rip);
  else if (is_task (cpu, ref.desc))
    go_task (cpu, selector, &ref, X86_TASK_CALL, next_rip);
  else
    x86_raise_selector (cpu, X86_EXC_GP, selector);
  return 0;
}

/* --- returns --- */

/* The code segment that a RETF or IRET goes to. */
static X86DescRef
check_return_code (X86Cpu *cpu, guint16 selector, guint64 rip)
{
  guint rpl = X86_SEL_RPL (selector);
  X86DescRef ref;

  if (X86_SEL_NULL (selector))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  ref = x86_desc_fetch (cpu, selector, X86_EXC_GP);
  if (!x86_is_code (ref.desc) || rpl < x86_cpl (&cpu->s)
      || (x86_is_conforming (ref.desc) ? x86_desc_dpl (ref.desc) > rpl : x86_desc_dpl (ref.desc) != rpl)
      || (x86_is_code64 (cpu, ref.desc) && (x86_desc_attr (ref.desc) & X86_ATTR_DB)))
    x86_raise_selector (cpu, X86_EXC_GP, selector);
  if (!x86_desc_present (ref.desc))
    x86_raise_selector (cpu, X86_EXC_NP, selector);
  x86_check_rip (cpu, ref.desc, rip);
  return ref;
}

/* The stack segment for a return to @rpl; sets *null for a null selector, which 64-bit code may have. */
static X86DescRef
check_return_stack (X86Cpu *cpu, guint16 selector, guint rpl, const X86DescRef *code, gboolean *null)
{
  X86DescRef ref = { 0 };

  *null = X86_SEL_NULL (selector) && x86_is_code64 (cpu, code->desc) && rpl < 3 && X86_SEL_RPL (selector) == rpl;
  if (!*null)
    {
      ref = x86_check_stack_segment (cpu, selector, rpl, X86_EXC_GP);
      x86_desc_accessed (cpu, &ref);
    }
  return ref;
}

/* RSP after a return to another stack: only the new stack's width changes. */
static void
set_outer_rsp (X86Cpu *cpu, guint64 sp)
{
  X86Stack stack = x86_stack_here (cpu);     /* by the new CS and SS */

  stack.sp = sp;
  x86_stack_commit (&stack);
}

static void
set_return_stack (X86Cpu *cpu, guint16 ss, const X86DescRef *ref, gboolean null, guint cpl)
{
  if (null)
    x86_set_null (cpu, X86_SS, ss, cpl);
  else
    x86_set_segment (cpu, X86_SS, ss, ref);
}

guint64
x86_help_far_ret (X86Cpu *cpu, guint64 size, guint64 drop, guint64 unused)
{
  X86Stack stack = x86_stack_here (cpu);
  guint64 rip = x86_stack_pop (&stack, size);
  guint16 cs = x86_stack_pop (&stack, size);
  guint cpl = x86_cpl (&cpu->s), rpl = X86_SEL_RPL (cs);
  X86DescRef code;

  stack.sp += drop;
  if (!x86_protected (cpu))
    {
      if (rip > cpu->s.seg[X86_CS].limit)
        x86_raise_error (cpu, X86_EXC_GP, 0);
      x86_stack_commit (&stack);
      x86_set_real (cpu, X86_CS, cs);
      cpu->s.rip = rip;
      x86_mode_changed (cpu);
      return 0;
    }
  code = check_return_code (cpu, cs, rip);
  if (rpl == cpl)
    {
      x86_desc_accessed (cpu, &code);
      x86_stack_commit (&stack);
    }
  else
    {
      guint64 sp = x86_stack_pop (&stack, size);
      guint16 ss = x86_stack_pop (&stack, size);
      gboolean null;
      X86DescRef ss_ref = check_return_stack (cpu, ss, rpl, &code, &null);

      x86_desc_accessed (cpu, &code);
      set_return_stack (cpu, ss, &ss_ref, null, rpl);
      x86_set_cs (cpu, cs, &code, rpl);
      set_outer_rsp (cpu, sp + drop);
      x86_drop_inner_segments (cpu);
    }
  finish_code (cpu, cs, &code, rip, rpl);
  return 0;
}

/* --- IRET --- */

/* Flags that IRET may change at CPL @cpl in protected and real mode. */
static guint64
iret_flags (X86Cpu *cpu, guint cpl, guint size)
{
  guint64 mask = X86_FLAGS_POPPED;

  if (size > 2)
    mask |= X86_RF | X86_AC | X86_ID;
  if (cpl <= x86_iopl (cpu))
    mask |= X86_IF;
  if (cpl == 0)
    mask |= X86_IOPL | (size > 2 ? X86_VIF | X86_VIP : 0);
  return mask;
}

static void
iret_real (X86Cpu *cpu, guint size)
{
  X86Stack stack = x86_stack_here (cpu);
  guint64 rip = x86_stack_pop (&stack, size);
  guint16 cs = x86_stack_pop (&stack, size);
  guint64 flags = x86_stack_pop (&stack, size);
  guint64 mask = X86_FLAGS_POPPED | X86_IF | (size > 2 ? X86_RF | X86_AC | X86_ID : 0);

  if (rip > cpu->s.seg[X86_CS].limit)
    x86_raise_error (cpu, X86_EXC_GP, 0);
  if (!(cpu->s.rflags & X86_VM))
    mask |= X86_IOPL;
  else if (x86_iopl (cpu) < 3)
    {
      if (!(cpu->s.cr4 & X86_CR4_VME) || size > 2 || (flags & X86_TF)
          || ((flags & X86_IF) && (cpu->s.rflags & X86_VIP)))
        x86_raise_error (cpu, X86_EXC_GP, 0);
      flags = (flags & ~X86_VIF) | (flags & X86_IF ? X86_VIF : 0);
      mask = (mask & ~X86_IF) | X86_VIF;
    }
  x86_stack_commit (&stack);
  x86_set_real (cpu, X86_CS, cs);
  cpu->s.rip = rip;
  x86_write_flags (cpu, flags, mask);
}

/* To V86 mode, from CPL 0; IP, CS and EFLAGS are popped. */
static void
iret_to_v86 (X86Cpu *cpu, X86Stack *stack, guint64 rip, guint16 cs, guint64 flags)
{
  static const guint8 order[] = { X86_SS, X86_ES, X86_DS, X86_FS, X86_GS };
  guint64 sp = x86_stack_pop (stack, 4);
  guint16 selectors[G_N_ELEMENTS (order)];

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    selectors[i] = x86_stack_pop (stack, 4);
  x86_write_flags (cpu, flags, iret_flags (cpu, 0, 4) | X86_VM);
  x86_set_real (cpu, X86_CS, cs);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    x86_set_real (cpu, order[i], selectors[i]);
  cpu->s.gpr[X86_RSP] = (guint32) sp;
  cpu->s.rip = rip & 0xffff;
}

static void
iret_protected (X86Cpu *cpu, guint size)
{
  X86Stack stack = x86_stack_here (cpu);
  guint64 rip = x86_stack_pop (&stack, size);
  guint16 cs = x86_stack_pop (&stack, size);
  guint64 flags = x86_stack_pop (&stack, size);
  guint cpl = x86_cpl (&cpu->s), rpl = X86_SEL_RPL (cs);
  guint64 mask = iret_flags (cpu, cpl, size);
  X86DescRef code;

  if (size == 4 && (flags & X86_VM) && cpl == 0 && !x86_long_mode (&cpu->s))
    {
      iret_to_v86 (cpu, &stack, rip, cs, flags);
      return;
    }
  code = check_return_code (cpu, cs, rip);
  if (rpl == cpl && !x86_code64 (&cpu->s))
    {
      x86_desc_accessed (cpu, &code);
      x86_stack_commit (&stack);
      x86_set_cs (cpu, cs, &code, rpl);
    }
  else
    {
      guint64 sp = x86_stack_pop (&stack, size);
      guint16 ss = x86_stack_pop (&stack, size);
      gboolean null;
      X86DescRef ss_ref = check_return_stack (cpu, ss, rpl, &code, &null);

      x86_desc_accessed (cpu, &code);
      set_return_stack (cpu, ss, &ss_ref, null, rpl);
      x86_set_cs (cpu, cs, &code, rpl);
      set_outer_rsp (cpu, sp);
      if (rpl > cpl)
        x86_drop_inner_segments (cpu);
    }
  cpu->s.rip = rip;
  x86_write_flags (cpu, flags, mask);
}

/* RIP after the IRET at RIP, which may have prefixes. */
static guint64
after_iret (X86Cpu *cpu)
{
  guint64 rip = cpu->s.rip;

  while (x86_mem_read (cpu, (guint32) (cpu->s.seg[X86_CS].base + rip), 1, IR_MEM_SYSTEM) != 0xcf)
    rip++;
  return rip + 1;
}

guint64
x86_help_iret (X86Cpu *cpu, guint64 size, guint64 unused_b, guint64 unused_c)
{
  if (!x86_protected (cpu))
    iret_real (cpu, size);
  else if (!(cpu->s.rflags & X86_NT))
    iret_protected (cpu, size);
  else if (x86_long_mode (&cpu->s))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  else
    x86_task_return (cpu, after_iret (cpu));
  cpu->s.nmi_blocked = 0;
  x86_mode_changed (cpu);
  return 0;
}
