/* help - what the helpers (help-*.c) share: segments, stacks, RIP and flags.
 *
 * As everywhere in helpers: whatever raises an exception comes before the first
 * change of the CPU's state.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "arch/x86/paging.h"
#include "arch/x86/segments.h"
#include "translate/x86/helpers.h"

/* Flags that popping EFLAGS may change besides the arithmetic ones, before privilege is looked at. */
#define X86_FLAGS_POPPED (X86_ARITH | X86_TF | X86_DF | X86_NT)

/* --- descriptors (help-segment.c) --- */

typedef struct
{
  guint64 desc;       /* its eight bytes */
  guint64 address;    /* linear */
} X86DescRef;

/* FALSE when the selector lies outside its table. */
gboolean   x86_desc_find       (X86Cpu *cpu, guint16 selector, X86DescRef *ref);
/* As x86_desc_find(); a selector outside raises @vector (selector). */
X86DescRef x86_desc_fetch      (X86Cpu *cpu, guint16 selector, guint vector);
/* Sets the accessed bit in memory. */
void       x86_desc_accessed   (X86Cpu *cpu, X86DescRef *ref);
/* Bytes 8..15 of a system descriptor in long mode. */
guint64    x86_desc_upper      (X86Cpu *cpu, const X86DescRef *ref);

G_GNUC_NORETURN void x86_raise_selector (X86Cpu *cpu, guint vector, guint16 selector);

/* Checks a new SS for privilege @cpl and returns its descriptor; wrong ones raise @vector
 * (selector), one that is not present #SS. */
X86DescRef x86_check_stack_segment (X86Cpu *cpu, guint16 selector, guint cpl, guint vector);
/* Puts a checked descriptor into a segment register. */
void       x86_set_segment     (X86Cpu *cpu, guint seg, guint16 selector, const X86DescRef *ref);
/* CS, with the RPL that is to be CPL. */
void       x86_set_cs          (X86Cpu *cpu, guint16 selector, const X86DescRef *ref, guint cpl);
/* The null selector; SS keeps @cpl as its DPL. */
void       x86_set_null        (X86Cpu *cpu, guint seg, guint16 selector, guint cpl);
/* CS or any register as V86 and real mode load them. */
void       x86_set_real        (X86Cpu *cpu, guint seg, guint16 selector);
/* Loads ES, SS, DS, FS, GS in protected mode, with all checks.  @vector: what wrong
 * selectors raise (#GP, or #TS in a task switch). */
void       x86_load_protected  (X86Cpu *cpu, guint seg, guint16 selector, guint vector);
/* After a return to an outer level: data segments that it may not have become null. */
void       x86_drop_inner_segments (X86Cpu *cpu);

/* Checks a code descriptor as jumps and calls without a gate do: raises #GP, #NP. */
void       x86_check_code      (X86Cpu *cpu, guint16 selector, const X86DescRef *ref);

static inline gboolean
x86_protected (const X86Cpu *cpu)    /* and not V86 */
{
  return (cpu->s.cr0 & X86_CR0_PE) != 0 && !(cpu->s.rflags & X86_VM);
}

static inline gboolean
x86_is_code (guint64 desc)
{
  return (x86_desc_type (desc) & (X86_DESC_S | X86_TYPE_CODE)) == (X86_DESC_S | X86_TYPE_CODE);
}

static inline gboolean
x86_is_conforming (guint64 desc)     /* a code segment's */
{
  return (x86_desc_type (desc) & X86_TYPE_CONFORMING_DOWN) != 0;
}

static inline gboolean
x86_is_code64 (const X86Cpu *cpu, guint64 desc)
{
  return x86_long_mode (&cpu->s) && (x86_desc_attr (desc) & X86_ATTR_L) != 0;
}

/* #GP unless @rip can be executed in the code segment of @desc (which may become CS). */
void       x86_check_rip       (X86Cpu *cpu, guint64 desc, guint64 rip);
/* The same in the present CS. */
void       x86_check_rip_here  (X86Cpu *cpu, guint64 rip);

/* --- stacks (help-stack.c) --- */

/* A stack that is being pushed to or popped from; nothing in the CPU changes before
 * x86_stack_commit(). */
typedef struct
{
  X86Cpu    *cpu;
  X86Segment ss;
  guint64    sp;
  guint64    mask;
  guint      flags;       /* IR_MEM_* */
  guint16    error;       /* of a #SS for room: 0, or the new SS */
  gboolean   flat;        /* 64-bit: no segment */
} X86Stack;

/* The present one. */
X86Stack   x86_stack_here      (X86Cpu *cpu);
/* Another one, entered at privilege @cpl.  @wide: 64-bit stack, @ref is then not looked at. */
X86Stack   x86_stack_new       (X86Cpu *cpu, guint16 selector, const X86DescRef *ref, guint64 sp, guint cpl, gboolean wide);
/* #SS unless @bytes can be pushed. */
void       x86_stack_room      (const X86Stack *stack, guint bytes);
void       x86_stack_push      (X86Stack *stack, guint size, guint64 value);
guint64    x86_stack_pop       (X86Stack *stack, guint size);
/* What lies @offset bytes above the top. */
guint64    x86_stack_peek      (const X86Stack *stack, guint offset, guint size);
/* RSP takes the stack pointer. */
void       x86_stack_commit    (const X86Stack *stack);

/* --- the rest --- */

static inline guint64
x86_operand_mask (guint size)
{
  return size == 8 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << size * 8) - 1;
}

static inline void
x86_require_cpl0 (X86Cpu *cpu)
{
  if ((cpu->s.cr0 & X86_CR0_PE) && x86_cpl (&cpu->s) != 0)
    x86_raise_error (cpu, X86_EXC_GP, 0);
}

static inline guint
x86_iopl (const X86Cpu *cpu)
{
  return (cpu->s.rflags >> 12) & 3;
}

/* EFLAGS with the arithmetic flags in it. */
static inline guint64
x86_rflags (X86Cpu *cpu)
{
  x86_flags_sync (cpu);
  return cpu->s.rflags;
}

/* Replaces the flags in @mask by those of @value; mode and dispatcher are told.  (help-flags.c) */
void       x86_write_flags     (X86Cpu *cpu, guint64 value, guint64 mask);

/* #GP unless the TSS's bitmap permits the ports (V86, or CPL > IOPL).  (help-io.c) */
void       x86_check_io        (X86Cpu *cpu, guint16 port, guint size);
/* Access the port bus, permission being checked already. */
guint64    x86_port_read       (X86Cpu *cpu, guint16 port, guint size);
void       x86_port_write      (X86Cpu *cpu, guint16 port, guint size, guint64 value);

/* --- debug exceptions (help-debug.c) --- */

/* In X86_MODE_DEBUG: notes which breakpoints an access meets. */
void       x86_debug_access    (X86Cpu *cpu, guint64 linear, guint size, gboolean write);
void       x86_debug_port      (X86Cpu *cpu, guint16 port, guint size);
/* Before an instruction: delivers #DB if a code breakpoint is at it (and not RF), and tells so; then the instruction is not
 * executed now. */
gboolean   x86_debug_execute   (X86Cpu *cpu);
/* #DB with these DR6 bits is due at the next boundary. */
void       x86_debug_pend      (X86Cpu *cpu, guint bits);
/* FALSE: a point stops the run before it. */
gboolean   x86_debug_deliver_pending (X86Cpu *cpu);

/* Why a task is switched. */
typedef enum { X86_TASK_JUMP, X86_TASK_CALL, X86_TASK_IRET, X86_TASK_INT } X86TaskReason;
/* To the TSS of @selector, whose descriptor is @ref and was checked for the reason.  With
 * @has_error an error code goes on the new task's stack.  (help-task.c) */
void       x86_task_switch     (X86Cpu *cpu, guint16 selector, X86DescRef ref, X86TaskReason reason, guint64 next_rip,
                                gboolean has_error, guint32 error);
/* Through a task gate. */
void       x86_task_gate       (X86Cpu *cpu, guint64 gate, X86TaskReason reason, guint64 next_rip,
                                gboolean has_error, guint32 error);
/* IRET with NT. */
void       x86_task_return     (X86Cpu *cpu, guint64 next_rip);

/* SS and SP for privilege @cpl in the present 16- or 32-bit TSS; RSP of slot @n (0..2: RSPn, 3 + k: ISTk)
 * in the 64-bit one. */
void       x86_tss_stack       (X86Cpu *cpu, guint cpl, guint16 *ss, guint32 *sp);
guint64    x86_tss_stack64     (X86Cpu *cpu, guint n);

/* CR0 and friends, with their checks.  (help-system.c) */
void       x86_set_cr0         (X86Cpu *cpu, guint64 value);
/* Something that waited may happen now: the dispatcher is to look. */
static inline void
x86_look_for_events (X86Cpu *cpu)
{
  const X86State *s = &cpu->s;

  if ((s->intr && (s->rflags & X86_IF)) || s->nmi_pending || s->smi_pending || s->shadow || s->debug_pending
      || (s->rflags & (X86_TF | X86_RF)))
    cpu->recheck = 1;
}

/* After CS, SS, CPL, flags or control registers changed. */
static inline void
x86_mode_changed (X86Cpu *cpu)
{
  x86_update_mode (cpu);
  x86_look_for_events (cpu);
}

/* Holds interrupts for one instruction (X86_SHADOW_*): not if none can come anyway, because the
 * turn goes on for longer and none is pending.  Where a point may stop the run, it must be seen at that moment. */
static inline void
x86_set_shadow (X86Cpu *cpu, guint8 shadow)
{
  const X86State *s = &cpu->s;

  if (cpu->budget > 1 && !cpu->armed && !cpu->recheck && !s->intr && !s->nmi_pending && !s->smi_pending && !(s->rflags & (X86_TF | X86_RF))
      && !(cpu->mode & X86_MODE_DEBUG))
    return;
  cpu->s.shadow = shadow;
  cpu->recheck = 1;
}

/* Time stamp: guest nanoseconds and the offset.  (help-msr.c) */
guint64    x86_time_stamp      (X86Cpu *cpu);

/* System management mode.  (help-smm.c) */
void       x86_smm_enter       (X86Cpu *cpu);
