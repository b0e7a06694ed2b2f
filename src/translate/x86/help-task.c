/* help-task.c - switching tasks by TSS.
 * Source: Intel SDM vol. 3A, 8.2 (task-state segments), 8.3 (what a switch does, in this order, with
 * table 8-1: which exceptions belong to which task), 8.6 (16-bit).
 * Left out: nothing known. */

#include "config.h"

#include "translate/x86/help.h"

/* Where things are in a 16- and in a 32-bit TSS. */
typedef struct
{
  guint8 size;              /* of EIP, EFLAGS, general registers */
  guint8 seg_step;          /* from one selector to the next */
  guint8 n_segs;            /* ES, CS, SS, DS (, FS, GS) */
  guint8 rip, flags, gpr, seg, ldt;
  guint8 limit;             /* least that is allowed */
} TssLayout;

static const TssLayout tss16 = { 2, 2, 4, 14, 16, 18, 34, 42, 43 };
static const TssLayout tss32 = { 4, 4, 6, 32, 36, 40, 72, 96, 103 };
#define TSS32_CR3  28
#define TSS32_TRAP 100

typedef struct
{
  guint64 cr3;
  guint64 rip, flags;
  guint64 gpr[8];
  guint16 seg[6];           /* by X86_ES .. X86_GS */
  guint16 ldt;
  gboolean trap;
} Task;

static const TssLayout *
layout_of (guint attr)      /* type bits of descriptor or segment */
{
  return (attr & 8) ? &tss32 : &tss16;
}

static Task
read_task (X86Cpu *cpu, guint64 base, const TssLayout *l)
{
  Task t = { 0 };

  x86_mem_probe (cpu, base, l->limit + 1, IR_MEM_SYSTEM);
  t.rip = x86_mem_read (cpu, base + l->rip, l->size, IR_MEM_SYSTEM);
  t.flags = x86_mem_read (cpu, base + l->flags, l->size, IR_MEM_SYSTEM);
  for (guint i = 0; i < 8; i++)
    t.gpr[i] = x86_mem_read (cpu, base + l->gpr + i * l->size, l->size, IR_MEM_SYSTEM);
  for (guint i = 0; i < l->n_segs; i++)
    t.seg[i] = x86_mem_read (cpu, base + l->seg + i * l->seg_step, 2, IR_MEM_SYSTEM);
  t.ldt = x86_mem_read (cpu, base + l->ldt, 2, IR_MEM_SYSTEM);
  if (l == &tss32)
    {
      t.cr3 = x86_mem_read (cpu, base + TSS32_CR3, 4, IR_MEM_SYSTEM);
      t.trap = x86_mem_read (cpu, base + TSS32_TRAP, 2, IR_MEM_SYSTEM) & 1;
    }
  return t;
}

static void
save_task (X86Cpu *cpu, guint64 base, const TssLayout *l, guint64 rip, guint64 flags)
{
  x86_mem_write (cpu, base + l->rip, l->size, rip, IR_MEM_SYSTEM);
  x86_mem_write (cpu, base + l->flags, l->size, flags, IR_MEM_SYSTEM);
  for (guint i = 0; i < 8; i++)
    x86_mem_write (cpu, base + l->gpr + i * l->size, l->size, cpu->s.gpr[i], IR_MEM_SYSTEM);
  for (guint i = 0; i < l->n_segs; i++)
    x86_mem_write (cpu, base + l->seg + i * l->seg_step, 2, cpu->s.seg[i].selector, IR_MEM_SYSTEM);
}

static void
write_busy (X86Cpu *cpu, guint64 descriptor, gboolean busy)
{
  guint64 type = x86_mem_read (cpu, descriptor + 5, 1, IR_MEM_SYSTEM);

  type = busy ? type | X86_SYS_BUSY : type & ~(guint64) X86_SYS_BUSY;
  x86_mem_write (cpu, descriptor + 5, 1, type, IR_MEM_SYSTEM);
}

/* --- the new task's segments: faults from here on are its own --- */

static void
load_ldt (X86Cpu *cpu, guint16 selector)
{
  X86DescRef ref;

  if (X86_SEL_NULL (selector))
    return;
  if (X86_SEL_LDT (selector))
    x86_raise_selector (cpu, X86_EXC_TS, selector);
  ref = x86_desc_fetch (cpu, selector, X86_EXC_TS);
  if (x86_desc_type (ref.desc) != X86_SYS_LDT || !x86_desc_present (ref.desc))
    x86_raise_selector (cpu, X86_EXC_TS, selector);
  x86_set_segment (cpu, X86_LDTR, selector, &ref);
}

static void
load_cs (X86Cpu *cpu, guint16 selector)
{
  guint rpl = X86_SEL_RPL (selector);
  X86DescRef ref;

  if (X86_SEL_NULL (selector))
    x86_raise_error (cpu, X86_EXC_TS, 0);
  ref = x86_desc_fetch (cpu, selector, X86_EXC_TS);
  if (!x86_is_code (ref.desc)
      || (x86_is_conforming (ref.desc) ? x86_desc_dpl (ref.desc) > rpl : x86_desc_dpl (ref.desc) != rpl))
    x86_raise_selector (cpu, X86_EXC_TS, selector);
  if (!x86_desc_present (ref.desc))
    x86_raise_selector (cpu, X86_EXC_NP, selector);
  x86_desc_accessed (cpu, &ref);
  x86_set_cs (cpu, selector, &ref, rpl);
}

static void
load_segments (X86Cpu *cpu, const Task *t)
{
  static const guint8 order[] = { X86_SS, X86_DS, X86_ES, X86_FS, X86_GS };

  load_ldt (cpu, t->ldt);
  if (cpu->s.rflags & X86_VM)
    {
      for (guint i = 0; i < G_N_ELEMENTS (t->seg); i++)
        x86_set_real (cpu, i, t->seg[i]);
      return;
    }
  load_cs (cpu, t->seg[X86_CS]);
  x86_update_mode (cpu);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    x86_load_protected (cpu, order[i], t->seg[order[i]], X86_EXC_TS);
}

/* Selectors, with nothing behind them yet, so that CPL is the new task's. */
static void
set_selectors (X86Cpu *cpu, const Task *t)
{
  for (guint i = 0; i < G_N_ELEMENTS (t->seg); i++)
    x86_set_null (cpu, i, t->seg[i], X86_SEL_RPL (t->seg[X86_CS]));
  x86_set_null (cpu, X86_LDTR, t->ldt, 0);
}

/* --- the switch --- */

static void
check_tss (X86Cpu *cpu, guint16 selector, const X86DescRef *ref, X86TaskReason reason)
{
  guint vector = reason == X86_TASK_IRET ? X86_EXC_TS : X86_EXC_GP;
  guint type = x86_desc_type (ref->desc), wanted = reason == X86_TASK_IRET ? X86_SYS_BUSY : 0;

  if ((type & ~(8 | X86_SYS_BUSY)) != X86_SYS_TSS16 || (type & X86_SYS_BUSY) != wanted)
    x86_raise_selector (cpu, vector, selector);
  if (!x86_desc_present (ref->desc))
    x86_raise_selector (cpu, X86_EXC_NP, selector);
  if (x86_desc_limit (ref->desc) < layout_of (type)->limit)
    x86_raise_selector (cpu, X86_EXC_TS, selector);
}

void
x86_task_switch (X86Cpu *cpu, guint16 selector, X86DescRef ref, X86TaskReason reason, guint64 next_rip,
                 gboolean has_error, guint32 error)
{
  X86Segment *tr = &cpu->s.seg[X86_TR];
  const TssLayout *old_layout = layout_of (tr->attr), *layout = layout_of (x86_desc_type (ref.desc));
  guint64 base = x86_desc_base (ref.desc), flags = x86_rflags (cpu);
  gboolean nested = reason == X86_TASK_CALL || reason == X86_TASK_INT;
  Task t;

  check_tss (cpu, selector, &ref, reason);
  t = read_task (cpu, base, layout);
  x86_mem_probe (cpu, tr->base, old_layout->limit + 1, IR_MEM_SYSTEM | IR_MEM_WRITE);
  if (nested)
    x86_mem_probe (cpu, base, 2, IR_MEM_SYSTEM | IR_MEM_WRITE);

  if (!nested)
    write_busy (cpu, cpu->s.gdtr_base + X86_SEL_INDEX (tr->selector), FALSE);
  if (reason == X86_TASK_IRET)
    flags &= ~(guint64) X86_NT;
  save_task (cpu, tr->base, old_layout, next_rip, flags);
  if (nested)
    {
      x86_mem_write (cpu, base, 2, tr->selector, IR_MEM_SYSTEM);
      t.flags |= X86_NT;
    }
  if (reason != X86_TASK_IRET)
    write_busy (cpu, ref.address, TRUE);
  ref.desc |= X86_DESC_BUSY;
  x86_set_segment (cpu, X86_TR, selector, &ref);
  cpu->s.cr0 |= X86_CR0_TS;
  cpu->s.dr[7] &= ~(guint64) 0x155;            /* local breakpoints */

  cpu->s.rip = t.rip;
  for (guint i = 0; i < 8; i++)
    cpu->s.gpr[i] = t.gpr[i];
  set_selectors (cpu, &t);
  x86_write_flags (cpu, t.flags, X86_FLAGS_POPPED | X86_IF | X86_IOPL | X86_VM | (layout == &tss32 ? X86_RF | X86_AC | X86_VIF
                                                                             | X86_VIP | X86_ID : 0));
  if (layout == &tss32 && (cpu->s.cr0 & X86_CR0_PG))
    x86_mmu_set_cr3 (cpu, t.cr3);
  load_segments (cpu, &t);
  x86_mode_changed (cpu);
  x86_check_rip_here (cpu, t.rip);
  if (has_error)
    {
      X86Stack stack = x86_stack_here (cpu);

      x86_stack_push (&stack, layout->size, error);
      x86_stack_commit (&stack);
    }
  if (t.trap)
    x86_debug_pend (cpu, X86_DR6_BT);
}

void
x86_task_gate (X86Cpu *cpu, guint64 gate, X86TaskReason reason, guint64 next_rip, gboolean has_error, guint32 error)
{
  guint16 selector = x86_gate_selector (gate);

  if (X86_SEL_LDT (selector) || X86_SEL_NULL (selector))
    x86_raise_selector (cpu, X86_EXC_GP, selector);
  x86_task_switch (cpu, selector, x86_desc_fetch (cpu, selector, X86_EXC_GP), reason, next_rip, has_error, error);
}

void
x86_task_return (X86Cpu *cpu, guint64 next_rip)
{
  guint16 selector = x86_mem_read (cpu, cpu->s.seg[X86_TR].base, 2, IR_MEM_SYSTEM);

  if (X86_SEL_LDT (selector) || X86_SEL_NULL (selector))
    x86_raise_selector (cpu, X86_EXC_TS, selector);
  x86_task_switch (cpu, selector, x86_desc_fetch (cpu, selector, X86_EXC_TS), X86_TASK_IRET, next_rip, FALSE, 0);
}
