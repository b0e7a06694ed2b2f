/* expression - C-like expressions over a machine: conditions of points, `print`.
 *
 * Operands: numbers (0x1f, 017, 0b1, 10), registers ($rax, rax, $cs.base, $cs.limit, $eflags.zf, $xmm0's low 64
 * bits), $icount, $ns (guest time), $cpu (its index), symbols (their address), and of a hit: $old, $new,
 * $addr, $size, $num (port, MSR, vector, syscall number), $err.
 * Operators: C's, with C's precedence, on 64-bit unsigned numbers; signed comparison and division by a cast,
 * (s64) x; casts (u8) .. (s64); memory by *x, *(u8 *) x, u8[x], u16[x], u32[x], u64[x] (linear), and
 * phys.u8[x] .. (physical); && || ?: as in C.
 * Memory is peeked at: nothing is changed.  Reading what is not there, or dividing by zero, makes the whole a fault.
 *
 * An expression is compiled once, and evaluated without allocation.
 *
 * Threads: compiled ones are constant; evaluate on the thread that runs the machine. */
#pragma once

#include "core/machine.h"
#include "core/points.h"

/* Where names that are not registers are looked up; core/symbols.h has the usual one. */
typedef struct
{
  gboolean (*lookup) (gpointer data, const char *name, guint64 *value);
  gpointer   data;
} AsternNames;

#define ASTERN_EXPRESSION_ERROR (astern_expression_error_quark ())
GQuark astern_expression_error_quark (void);

/* @klass: whose registers; @names (nullable).  The error says what is wrong and at which column. */
AsternExpression *astern_expression_new  (const char *text, const AsternCpuClass *klass, const AsternNames *names,
                                          GError **error);
void              astern_expression_free (AsternExpression *expression);
const char       *astern_expression_text (const AsternExpression *expression);

/* @hit (nullable) gives $old and its kin.  FALSE: a fault, *@value is 0, and @fault (nullable, out) says why. */
gboolean          astern_expression_evaluate (const AsternExpression *expression, AsternCpu *cpu, const AsternHit *hit,
                                              guint64 *value, const char **fault);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternExpression, astern_expression_free)
