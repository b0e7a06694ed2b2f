/* expression - C-like expressions over a machine: conditions of points, `print`.
 *
 * Operands:
 *   0x1f 0b101 017 10          numbers
 *   $rax rax                   registers of the CPU; of those wider than 64 bits the low 64
 *   $cs.base $eflags.zf        parts: a register REG_PART, or bits that the CPU's class names
 *   $pc $icount $ns $cpu       program counter (the offset: RIP), instructions retired, guest time, the CPU's index
 *   name &name 'odd name'      symbols: their address.  A register's name without & is the register
 *   $old $new                  of a hit: the bytes accessed, before and after
 *   $addr $phys $size          its linear address (DMA: physical), physical address, bytes
 *   $num $err                  its port, MSR, vector or syscall number; its error code
 * $icount of a hit is that of its `before`.
 *
 * Operators: C's with C's precedence, but for assignments, ++ --, the comma and sizeof.  && || ?: evaluate what C does.
 *   (u8) x ... (s64) x         cuts x to so many bits, then widens it with zeros, or (s) with its sign
 *   *x  *(u8 *) x              memory at linear address x: 8 bytes, or of that type
 *   u8[x] ... s64[x]           the same
 *   phys.u8[x] ... phys.s64[x] memory at physical address x
 *
 * Arithmetic is on 64 bits and wraps.  Each value is unsigned or signed, known before anything is evaluated: the
 * results of casts to s8 ... s64 and memory of those types are signed, everything else that is an operand is unsigned:
 * -1 is 2^64 - 1.  + - * & | ^ and the two arms of ?: give a signed result when either side is signed, - ~ + keep
 * their operand's kind, << and >> that of their left side.  / % < <= > >= are done signed when either side is signed;
 * >> is arithmetic when its left side is.  == != < <= > >= ! && || give 0 or 1, unsigned.  Shifting by 64 or more
 * shifts everything out.  The lowest signed number divided by -1 is itself, remainder 0.
 *
 * Memory is peeked at: nothing is changed.  Reading what is not there, dividing by zero, or asking for what the hit
 * does not have, makes the whole a fault.
 *
 * An expression is compiled once, and evaluated without allocation.  Length, nesting and code are limited; what is
 * beyond is an error.
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

typedef enum
{
  ASTERN_EXPRESSION_ERROR_SYNTAX,
  ASTERN_EXPRESSION_ERROR_NAME,      /* neither a register nor a symbol */
  ASTERN_EXPRESSION_ERROR_LIMIT,     /* too long, or too deeply nested */
} AsternExpressionError;

GQuark astern_expression_error_quark (void);

/* Most bytes of an expression's text. */
#define ASTERN_EXPRESSION_LENGTH 4096

/* @klass: whose registers; @names (nullable).  The error says what is wrong and at which column. */
AsternExpression *astern_expression_new  (const char *text, const AsternCpuClass *klass, const AsternNames *names,
                                          GError **error);
void              astern_expression_free (AsternExpression *expression);
const char       *astern_expression_text (const AsternExpression *expression);
/* Whether the result is a signed number: for whoever shows it. */
gboolean          astern_expression_is_signed (const AsternExpression *expression);

/* @cpu is of the class that the expression was made for; its state is brought up to date first.  @hit (nullable)
 * gives $old and its kin.  FALSE: a fault, *@value is 0, and @fault (nullable, out) says why. */
gboolean          astern_expression_evaluate (const AsternExpression *expression, AsternCpu *cpu, const AsternHit *hit,
                                              guint64 *value, const char **fault);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternExpression, astern_expression_free)
