/* help-exception.c - delivering exceptions and interrupts; INT, INTO.
 * Source: Intel SDM vol. 3A, chapter 6 (6.12 gates, 6.13 error codes, 6.14 64-bit mode,
 * 6.15 with table 6-5 for double faults), 21.1.4 (real mode), 21.3 (V86); vol. 2, INT n.
 * Left out: nothing known. */

#include "config.h"

#include "translate/x86/help.h"
#include "translate/x86/points.h"

/* RF in the pushed image is set for faults. */
#define FAULTS ((1u << X86_EXC_DE) | (1u << X86_EXC_BR) | (1u << X86_EXC_UD) | (1u << X86_EXC_NM) | (1u << X86_EXC_TS) \
                | (1u << X86_EXC_NP) | (1u << X86_EXC_SS) | (1u << X86_EXC_GP) | (1u << X86_EXC_PF) | (1u << X86_EXC_MF) \
                | (1u << X86_EXC_AC) | (1u << X86_EXC_XM))
#define CONTRIBUTORY ((1u << X86_EXC_DE) | (1u << X86_EXC_TS) | (1u << X86_EXC_NP) | (1u << X86_EXC_SS) | (1u << X86_EXC_GP))

static guint64
pushed_flags (X86Cpu *cpu, const X86Exception *e)
{
  guint64 flags = x86_rflags (cpu);

  if (!e->software && !e->external && e->vector < 32 && (FAULTS >> e->vector & 1))
    flags |= X86_RF;
  return flags;
}

/* --- real mode --- */

static void
deliver_real (X86Cpu *cpu, const X86Exception *e)
{
  X86Stack stack = x86_stack_here (cpu);
  guint32 entry;

  if (e->vector * 4u + 3 > cpu->s.idtr_limit)
    x86_raise_error (cpu, X86_EXC_GP, e->vector * 8u + 2);
  entry = x86_mem_read (cpu, cpu->s.idtr_base + e->vector * 4u, 4, IR_MEM_SYSTEM);
  x86_stack_room (&stack, 6);
  x86_stack_push (&stack, 2, x86_rflags (cpu));
  x86_stack_push (&stack, 2, cpu->s.seg[X86_CS].selector);
  x86_stack_push (&stack, 2, cpu->s.rip);
  x86_stack_commit (&stack);
  x86_set_real (cpu, X86_CS, entry >> 16);
  cpu->s.rip = entry & 0xffff;
  cpu->s.rflags &= ~(guint64) (X86_IF | X86_TF | X86_AC | X86_RF);
}

/* --- protected mode --- */

typedef struct
{
  guint64    gate;        /* its first eight bytes */
  guint16    selector;
  X86DescRef code;
  guint64    rip;
  guint      size;        /* of what is pushed: 2, 4, 8 */
  guint      ist;
} IntTarget;

/* Reads and checks the gate. */
static guint64
read_gate (X86Cpu *cpu, const X86Exception *e, IntTarget *t)
{
  gboolean wide = x86_long_mode (&cpu->s);
  guint entry_bytes = wide ? 16 : 8;
  guint32 error = e->vector * 8u + 2;
  guint64 address = cpu->s.idtr_base + e->vector * entry_bytes;
  guint type;

  if (e->vector * entry_bytes + entry_bytes - 1 > cpu->s.idtr_limit)
    x86_raise_error (cpu, X86_EXC_GP, error);
  t->gate = x86_mem_read (cpu, address, 8, IR_MEM_SYSTEM);
  type = x86_desc_type (t->gate);
  if (wide ? type != X86_SYS_INT && type != X86_SYS_TRAP
           : type != X86_SYS_INT && type != X86_SYS_TRAP && type != X86_SYS_INT16 && type != X86_SYS_TRAP16
             && type != X86_SYS_TASK_GATE)
    x86_raise_error (cpu, X86_EXC_GP, error);
  if (e->software && x86_desc_dpl (t->gate) < x86_cpl (&cpu->s))
    x86_raise_error (cpu, X86_EXC_GP, error);
  if (!x86_desc_present (t->gate))
    x86_raise_error (cpu, X86_EXC_NP, error);
  t->selector = x86_gate_selector (t->gate);
  t->rip = x86_gate_offset (t->gate);
  t->size = wide ? 8 : type == X86_SYS_INT16 || type == X86_SYS_TRAP16 ? 2 : 4;
  if (t->size == 2)
    t->rip &= 0xffff;
  if (wide)
    {
      t->rip |= x86_mem_read (cpu, address + 8, 8, IR_MEM_SYSTEM) << 32;
      t->ist = (t->gate >> 32) & 7;
    }
  return type;
}

/* Reads and checks the code segment; whether the handler runs at an inner level. */
static gboolean
read_handler (X86Cpu *cpu, IntTarget *t)
{
  guint cpl = x86_cpl (&cpu->s), dpl;
  gboolean inner;

  if (X86_SEL_NULL (t->selector))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  t->code = x86_desc_fetch (cpu, t->selector, X86_EXC_GP);
  dpl = x86_desc_dpl (t->code.desc);
  if (!x86_is_code (t->code.desc) || dpl > cpl)
    x86_raise_selector (cpu, X86_EXC_GP, t->selector);
  if (!x86_desc_present (t->code.desc))
    x86_raise_selector (cpu, X86_EXC_NP, t->selector);
  if (t->size == 8 && (x86_desc_attr (t->code.desc) & (X86_ATTR_L | X86_ATTR_DB)) != X86_ATTR_L)
    x86_raise_selector (cpu, X86_EXC_GP, t->selector);
  inner = !x86_is_conforming (t->code.desc) && dpl < cpl;
  if ((cpu->s.rflags & X86_VM) && (!inner || dpl != 0))
    x86_raise_selector (cpu, X86_EXC_GP, t->selector);
  return inner;
}

static void
push_frame (X86Cpu *cpu, X86Stack *stack, const X86Exception *e, guint size, guint64 flags)
{
  x86_stack_push (stack, size, flags);
  x86_stack_push (stack, size, cpu->s.seg[X86_CS].selector);
  x86_stack_push (stack, size, cpu->s.rip);
  if (e->has_error)
    x86_stack_push (stack, size, e->error);
}

/* All is checked and pushed. */
static void
enter_handler (X86Cpu *cpu, const IntTarget *t, guint cpl)
{
  guint64 clear = X86_TF | X86_NT | X86_RF | X86_VM;

  if (x86_desc_type (t->gate) == X86_SYS_INT || x86_desc_type (t->gate) == X86_SYS_INT16)
    clear |= X86_IF;
  x86_set_cs (cpu, t->selector, &t->code, cpl);
  cpu->s.rip = t->rip;
  cpu->s.rflags &= ~clear;
}

static void
deliver_64 (X86Cpu *cpu, const X86Exception *e, IntTarget *t, gboolean inner)
{
  guint cpl = inner ? x86_desc_dpl (t->code.desc) : x86_cpl (&cpu->s);
  guint64 flags = pushed_flags (cpu, e), rsp;
  X86Stack stack;

  if (t->ist != 0)
    rsp = x86_tss_stack64 (cpu, 3 + t->ist);
  else if (inner)
    rsp = x86_tss_stack64 (cpu, cpl);
  else
    rsp = cpu->s.gpr[X86_RSP];
  stack = x86_stack_new (cpu, 0, NULL, rsp & ~G_GUINT64_CONSTANT (15), cpl, TRUE);
  x86_check_rip (cpu, t->code.desc, t->rip);
  x86_desc_accessed (cpu, &t->code);
  x86_stack_push (&stack, 8, cpu->s.seg[X86_SS].selector);
  x86_stack_push (&stack, 8, cpu->s.gpr[X86_RSP]);
  push_frame (cpu, &stack, e, 8, flags);

  if (inner)
    x86_set_null (cpu, X86_SS, cpl, cpl);
  enter_handler (cpu, t, cpl);
  cpu->s.gpr[X86_RSP] = stack.sp;
}

/* To an inner level, by way of 16- and 32-bit gates; from V86 mode too. */
static void
deliver_inner (X86Cpu *cpu, const X86Exception *e, IntTarget *t)
{
  static const guint8 v86_order[] = { X86_GS, X86_FS, X86_DS, X86_ES };
  gboolean from_v86 = (cpu->s.rflags & X86_VM) != 0;
  guint cpl = x86_desc_dpl (t->code.desc);
  guint64 flags = pushed_flags (cpu, e);
  guint16 ss;
  guint32 sp;
  X86DescRef ss_ref;
  X86Stack stack;

  x86_tss_stack (cpu, cpl, &ss, &sp);
  ss_ref = x86_check_stack_segment (cpu, ss, cpl, X86_EXC_TS);
  stack = x86_stack_new (cpu, ss, &ss_ref, sp, cpl, FALSE);
  x86_stack_room (&stack, t->size * (5 + (e->has_error ? 1 : 0) + (from_v86 ? 4 : 0)));
  x86_check_rip (cpu, t->code.desc, t->rip);
  x86_desc_accessed (cpu, &t->code);
  x86_desc_accessed (cpu, &ss_ref);
  for (guint i = 0; from_v86 && i < G_N_ELEMENTS (v86_order); i++)
    x86_stack_push (&stack, t->size, cpu->s.seg[v86_order[i]].selector);
  x86_stack_push (&stack, t->size, cpu->s.seg[X86_SS].selector);
  x86_stack_push (&stack, t->size, cpu->s.gpr[X86_RSP]);
  push_frame (cpu, &stack, e, t->size, flags);

  for (guint i = 0; from_v86 && i < G_N_ELEMENTS (v86_order); i++)
    x86_set_null (cpu, v86_order[i], 0, 0);
  x86_set_segment (cpu, X86_SS, ss, &ss_ref);
  x86_stack_commit (&stack);
  enter_handler (cpu, t, cpl);
}

static void
deliver_same (X86Cpu *cpu, const X86Exception *e, IntTarget *t)
{
  X86Stack stack = x86_stack_here (cpu);
  guint64 flags = pushed_flags (cpu, e);

  x86_stack_room (&stack, t->size * (3 + (e->has_error ? 1 : 0)));
  x86_check_rip (cpu, t->code.desc, t->rip);
  x86_desc_accessed (cpu, &t->code);
  push_frame (cpu, &stack, e, t->size, flags);
  x86_stack_commit (&stack);
  enter_handler (cpu, t, x86_cpl (&cpu->s));
}

static void
deliver_protected (X86Cpu *cpu, const X86Exception *e)
{
  IntTarget t = { 0 };
  gboolean inner;

  if (read_gate (cpu, e, &t) == X86_SYS_TASK_GATE)
    {
      cpu->s.rflags = pushed_flags (cpu, e);       /* what the switch saves */
      x86_task_gate (cpu, t.gate, X86_TASK_INT, cpu->s.rip, e->has_error, e->error);
      return;
    }
  inner = read_handler (cpu, &t);
  if (t.size == 8)
    deliver_64 (cpu, e, &t, inner);
  else if (inner)
    deliver_inner (cpu, e, &t);
  else
    deliver_same (cpu, e, &t);
}

/* --- nesting --- */

/* Delivers, or returns FALSE with what was raised meanwhile in cpu->exception. */
static gboolean
try_deliver (X86Cpu *cpu, const X86Exception *e)
{
  const guint64 rf = cpu->s.rflags & X86_RF;
  const guint16 task = cpu->s.seg[X86_TR].selector;

  if (sigsetjmp (cpu->fault_env, 0) != 0)
    {
      /* A switch that did not take place leaves RF as it was. */
      if (cpu->s.seg[X86_TR].selector == task)
        cpu->s.rflags = (cpu->s.rflags & ~(guint64) X86_RF) | rf;
      return FALSE;
    }
  if (cpu->s.cr0 & X86_CR0_PE)
    deliver_protected (cpu, e);
  else
    deliver_real (cpu, e);
  return TRUE;
}

static gboolean
is_class (const X86Exception *e, guint32 vectors)
{
  return !e->software && !e->external && e->vector < 32 && (vectors >> e->vector & 1);
}

/* What comes of @second, raised while @first was delivered. */
static X86Exception
combine (X86Cpu *cpu, const X86Exception *first, const X86Exception *second)
{
  X86Exception result = *second;

  if ((is_class (first, CONTRIBUTORY) && is_class (second, CONTRIBUTORY))
      || (is_class (first, 1u << X86_EXC_PF) && is_class (second, CONTRIBUTORY | 1u << X86_EXC_PF)))
    result = (X86Exception) { .vector = X86_EXC_DF, .has_error = (cpu->s.cr0 & X86_CR0_PE) != 0 };
  /* EXT: the program did not ask for it. */
  else if (result.has_error && !first->software && is_class (second, CONTRIBUTORY))
    result.error |= 1;
  return result;
}

static const char *const names[32] = {
  "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "9", "#TS", "#NP", "#SS", "#GP", "#PF", "15", "#MF", "#AC",
  "#MC", "#XM",
};

static void
triple_fault (X86Cpu *cpu, const X86Exception *cause, const X86Exception *last)
{
  g_autofree char *text = g_strdup_printf ("%s while delivering #DF, which %s led to", names[last->vector & 31],
                                           names[cause->vector & 31]);

  cpu->s.shutdown = 1;
  cpu->recheck = 1;
  astern_events_log (&cpu->parent.machine->events, ASTERN_EVENT_INT, "triple fault: %s", text);
  astern_machine_stop (cpu->parent.machine, ASTERN_STOP_TRIPLE_FAULT, cpu->parent.index, cpu->s.rip,
                       g_intern_string (text));
  if (x86_points_want (cpu, ASTERN_POINT_TRIPLE_FAULT))
    x86_points_triple (cpu);
}

static void
log_delivery (X86Cpu *cpu, const X86Exception *e)
{
  const X86State *s = &cpu->s;
  AsternEvents *events = &cpu->parent.machine->events;

  if (astern_events_on (events, ASTERN_EVENT_INT))
    x86_cpu_publish_icount (cpu);      /* who listens wants to know when it is */
  astern_events_log (events, ASTERN_EVENT_INT,
                     "@%" G_GUINT64_FORMAT " cpu %u: v=%02x e=%04x i=%u cpl=%u IP=%04x:%016" G_GINT64_MODIFIER "x"
                     " SP=%04x:%016" G_GINT64_MODIFIER "x %s=%016" G_GINT64_MODIFIER "x",
                     x86_cpu_icount (cpu), cpu->parent.index, e->vector, e->error, e->software, x86_cpl (s),
                     s->seg[X86_CS].selector, s->rip, s->seg[X86_SS].selector, s->gpr[X86_RSP],
                     e->vector == X86_EXC_PF ? "CR2" : "RAX", e->vector == X86_EXC_PF ? s->cr2 : s->gpr[X86_RAX]);
}

void
x86_deliver (X86Cpu *cpu, const X86Exception *exception)
{
  X86Exception e = *exception, cause = *exception;
  sigjmp_buf outer;

  memcpy (&outer, &cpu->fault_env, sizeof outer);
  x86_flags_sync (cpu);
  cpu->s.shadow = 0;
  cpu->s.halted = 0;
  cpu->s.rep_partial = 0;
  if (e.external && e.vector == X86_EXC_NMI)
    cpu->s.nmi_blocked = 1;
  if (!(cpu->s.cr0 & X86_CR0_PE))
    e.has_error = 0;
  cpu->exception_depth = 1;
  for (;;)
    {
      X86Exception nested;

      if (is_class (&e, 1u << X86_EXC_PF))
        cpu->s.cr2 = e.address;
      log_delivery (cpu, &e);
      cpu->delivering = e.vector;
      cpu->debug_hits = 0;
      if (try_deliver (cpu, &e))
        break;
      cpu->exception_depth++;
      nested = cpu->exception;
      if (is_class (&nested, 1u << X86_EXC_PF))
        cpu->s.cr2 = nested.address;
      if (e.vector == X86_EXC_DF && !e.software && !e.external)
        {
          triple_fault (cpu, &cause, &nested);
          break;
        }
      cause = nested;
      e = combine (cpu, &e, &nested);
      if (!(cpu->s.cr0 & X86_CR0_PE))
        e.has_error = 0;
      if (x86_points_want (cpu, ASTERN_POINT_EXCEPTION))
        x86_points_nested (cpu, &e);
    }
  if (e.vector == X86_EXC_DB && !e.software)
    cpu->s.dr[7] &= ~(guint64) X86_DR7_GD;
  x86_debug_pend (cpu, cpu->debug_hits);
  cpu->debug_hits = 0;
  cpu->exception_depth = 0;
  memcpy (&cpu->fault_env, &outer, sizeof outer);
  x86_mode_changed (cpu);
}

/* --- INT, INTO --- */

/* V86 mode under CR4.VME: whether INT @vector goes to the program's own handler. */
static gboolean
redirected (X86Cpu *cpu, guint vector)
{
  const X86Segment *tr = &cpu->s.seg[X86_TR];
  guint16 io_map;
  guint32 at;

  if (!(cpu->s.cr4 & X86_CR4_VME) || !(tr->attr & 8) || tr->limit < 103)
    return FALSE;
  io_map = x86_mem_read (cpu, tr->base + 102, 2, IR_MEM_SYSTEM);
  at = io_map - 32u + vector / 8;
  if (io_map < 32 || at > tr->limit)
    return FALSE;
  return !(x86_mem_read (cpu, tr->base + at, 1, IR_MEM_SYSTEM) >> vector % 8 & 1);
}

/* As in real mode, but with the virtual IF when IOPL < 3. */
static void
int_redirected (X86Cpu *cpu, guint vector, guint64 next_rip)
{
  X86Stack stack = x86_stack_here (cpu);
  guint32 entry = x86_mem_read (cpu, vector * 4, 4, 0);
  guint64 flags = x86_rflags (cpu), clear = X86_TF | X86_NT;

  if (x86_iopl (cpu) < 3)
    {
      flags = (flags & ~(guint64) X86_IF) | X86_IOPL | (flags & X86_VIF ? X86_IF : 0);
      clear |= X86_VIF;
    }
  else
    clear |= X86_IF;
  x86_stack_room (&stack, 6);
  x86_stack_push (&stack, 2, flags);
  x86_stack_push (&stack, 2, cpu->s.seg[X86_CS].selector);
  x86_stack_push (&stack, 2, next_rip);
  x86_stack_commit (&stack);
  x86_set_real (cpu, X86_CS, entry >> 16);
  cpu->s.rip = entry & 0xffff;
  cpu->s.rflags &= ~clear;
  cpu->stepping = 0;
  x86_mode_changed (cpu);
}

/* INT3, INTO and INT1 are exceptions, before which a point may stop; INT 80h is many a system's entry, too. */
static void
tell_points (X86Cpu *cpu, const X86Exception *e)
{
  gboolean trap = e->external || e->vector == X86_EXC_BP || e->vector == X86_EXC_OF;

  if (!cpu->armed)
    return;
  if (trap && x86_points_want (cpu, ASTERN_POINT_EXCEPTION) && x86_points_exception (cpu, e))
    siglongjmp (cpu->fault_env, X86_CAME_TO_STOP);
  if (x86_points_want (cpu, ASTERN_POINT_SYSCALL) && e->vector == 0x80)
    x86_points_syscall (cpu, TRUE);
  if (x86_points_want (cpu, ASTERN_POINT_INTERRUPT))
    x86_points_interrupt (cpu, e->vector);
}

static void
software_interrupt (X86Cpu *cpu, guint vector, guint64 next_rip, gboolean int1)
{
  /* INT1 counts as an event from outside: no DPL is compared, and what goes wrong has EXT. */
  X86Exception e = { .vector = vector, .software = !int1, .external = int1 };
  guint64 rip = cpu->s.rip;
  guint16 task = cpu->s.seg[X86_TR].selector;
  sigjmp_buf outer;
  gboolean delivered;

  tell_points (cpu, &e);
  cpu->parent.syscalls += vector == 0x80 && !int1;
  log_delivery (cpu, &e);
  memcpy (&outer, &cpu->fault_env, sizeof outer);
  cpu->s.rip = next_rip;
  delivered = try_deliver (cpu, &e);
  memcpy (&cpu->fault_env, &outer, sizeof outer);
  if (delivered)
    {
      cpu->stepping = 0;           /* TF is clear before the handler is entered */
      if (int1)
        cpu->s.dr[7] &= ~(guint64) X86_DR7_GD;
      x86_mode_changed (cpu);
      return;
    }
  /* A fault of INT itself is at INT, but one in a new task is that task's. */
  if (cpu->s.seg[X86_TR].selector == task)
    cpu->s.rip = rip;
  if (int1 && cpu->exception.has_error && is_class (&cpu->exception, CONTRIBUTORY))
    cpu->exception.error |= 1;
  siglongjmp (cpu->fault_env, 1);
}

guint64
x86_help_int_n (X86Cpu *cpu, guint64 packed, guint64 next_rip, guint64 unused)
{
  guint vector = packed & 0xff, which = packed >> 8;

  /* V86 mode does not look at INT3 and INT1. */
  if ((cpu->s.rflags & X86_VM) && which == X86_INT_N)
    {
      if (redirected (cpu, vector))
        {
          if (x86_points_want (cpu, ASTERN_POINT_INTERRUPT))
            x86_points_interrupt (cpu, vector);
          int_redirected (cpu, vector, next_rip);
          return 0;
        }
      if (x86_iopl (cpu) < 3)
        x86_raise_error (cpu, X86_EXC_GP, 0);
    }
  software_interrupt (cpu, vector, next_rip, which == X86_INT_1);
  return 0;
}

guint64
x86_help_into (X86Cpu *cpu, guint64 next_rip, guint64 unused_b, guint64 unused_c)
{
  if (x86_flags_arith (cpu) & X86_OF)
    software_interrupt (cpu, X86_EXC_OF, next_rip, FALSE);
  else
    cpu->s.rip = next_rip;
  return 0;
}
