/* points - where the CPU tells the machine's points what it does (translate/points.c).
 *
 * Each place first looks at cpu->armed: one load and a test.  None is on a path that host code
 * takes without leaving for C.
 *
 * All of them want an exact state: s.rip at the instruction, icount as x86_cpu_icount() says; so they are
 * called by helpers and the interpreter.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/points.h"
#include "translate/x86/cpu.h"

static inline gboolean
x86_points_want (const X86Cpu *cpu, AsternPointKind kind)
{
  return G_UNLIKELY (cpu->armed >> kind & 1);
}

/* Looked at when the instruction has retired.  Fills in what all hits have: CPU, place, moment. */
void     x86_points_note      (X86Cpu *cpu, AsternHit *hit);

/* An access of a page that somebody watches, made already.  A read's old and new value are the same. */
void     x86_points_memory    (X86Cpu *cpu, guint64 linear, guint size, AsternAccessKind kind, guint64 old_value,
                               guint64 new_value);
/* Of a device, or of what is not there: writes have no old value. */
void     x86_points_bus       (X86Cpu *cpu, guint64 linear, guint64 physical, guint size, AsternAccessKind kind, guint64 value);
/* A page walk is about to set bits of an entry. */
void     x86_points_walk      (X86Cpu *cpu, guint64 physical, guint size);
/* A port, an MSR or a control register. */
void     x86_points_register  (X86Cpu *cpu, AsternPointKind kind, guint64 number, guint size, AsternAccessKind access,
                               guint64 old_value, guint64 new_value);
/* SYSCALL and its like: @entry, else return. */
void     x86_points_syscall   (X86Cpu *cpu, gboolean entry);
void     x86_points_interrupt (X86Cpu *cpu, guint vector);
/* After x86_update_mode(), or when SMM was entered or left. */
void     x86_points_mode      (X86Cpu *cpu);
/* Before @exception is delivered: whether the run is to stop without that. */
gboolean x86_points_exception (X86Cpu *cpu, const X86Exception *exception);
/* It came of another one while that was being delivered, and is delivered. */
void     x86_points_nested    (X86Cpu *cpu, const X86Exception *exception);
void     x86_points_triple    (X86Cpu *cpu);
