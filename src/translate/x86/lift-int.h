/* lift-int - lift functions of the integer, control-flow, string and system rows,
 * and how they reach their operands.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "translate/x86/lift.h"

/* Operand n of the row: its type, and its value.  Reading a memory operand loads it. */
IrType lift_operand_type (const X86Insn *insn, guint n);
IrRef  lift_read         (X86Lift *l, const X86Insn *insn, guint n);
/* An operand that will be written next: @address is for lift_write (IR_NONE: a register). */
IrRef  lift_read_rmw     (X86Lift *l, const X86Insn *insn, guint n, IrRef *address);
/* Address to write operand n to, without reading it. */
IrRef  lift_write_address (X86Lift *l, const X86Insn *insn, guint n);
void   lift_write        (X86Lift *l, const X86Insn *insn, guint n, IrRef address, IrRef value);
gboolean lift_operand_in_memory (const X86Insn *insn, guint n);

IrRef  lift_op1          (X86Lift *l, IrOp op, IrType type, IrRef a);
IrRef  lift_op2          (X86Lift *l, IrOp op, IrType type, IrRef a, IrRef b);
/* a op constant. */
IrRef  lift_opi          (X86Lift *l, IrOp op, IrType type, IrRef a, gint64 value);
IrRef  lift_select       (X86Lift *l, IrType type, IrRef condition, IrRef yes, IrRef no);
/* Defines the bits above @from; the value itself when nothing is to do. */
IrRef  lift_zext         (X86Lift *l, IrType to, IrType from, IrRef value);
IrRef  lift_sext         (X86Lift *l, IrType to, IrType from, IrRef value);
IrRef  lift_get          (X86Lift *l, IrType type, gint64 slot);
void   lift_put          (X86Lift *l, IrType type, gint64 slot, IrRef value);
IrRef  lift_cond         (X86Lift *l, guint cc);
void   lift_flags        (X86Lift *l, CcOp cc, IrType type, IrRef a, IrRef b, IrRef c);
/* CF = bit 0 of @value; the other flags stay. */
void   lift_set_cf       (X86Lift *l, IrRef value);
/* ZF = bit 0 of @value; the other flags stay. */
void   lift_set_zf       (X86Lift *l, IrRef value);

/* The stack, in the mode's width. */
IrType lift_stack_type   (const X86Lift *l);
/* Linear address of @sp (of the stack's type) for an access of @bytes. */
IrRef  lift_stack_linear (X86Lift *l, IrRef sp, guint bytes, gboolean write);
void   lift_push         (X86Lift *l, IrType type, IrRef value);
/* The value at the top, and the stack pointer above it, for lift_put_sp. */
IrRef  lift_pop          (X86Lift *l, IrType type, IrRef *new_sp);
void   lift_put_sp       (X86Lift *l, IrRef sp);

/* Ends the unit at @target (wrapped as the operand size does). */
void   lift_jump         (X86Lift *l, const X86Insn *insn, guint64 target);
/* A string instruction that goes through a helper, which counts what it retires. */
gboolean lift_string_counts (const X86Insn *insn);

enum { LIFT_ADD, LIFT_OR, LIFT_ADC, LIFT_SBB, LIFT_AND, LIFT_SUB, LIFT_XOR, LIFT_CMP, LIFT_TEST };
enum { LIFT_ROL, LIFT_ROR, LIFT_RCL, LIFT_RCR, LIFT_SHL, LIFT_SHR, LIFT_SHL2, LIFT_SAR };
enum { LIFT_BT, LIFT_BTS, LIFT_BTR, LIFT_BTC };
enum { LIFT_MUL, LIFT_IMUL, LIFT_DIV, LIFT_IDIV };
enum { LIFT_LOOPNE, LIFT_LOOPE, LIFT_LOOP, LIFT_JCXZ };
enum { LIFT_MOVS, LIFT_STOS, LIFT_LODS, LIFT_CMPS, LIFT_SCAS, LIFT_INS, LIFT_OUTS };

#define LIFT_FUNCTIONS(X) \
  X (undefined) X (nop) \
  /* lift-alu.c */ \
  X (alu) X (incdec) X (not) X (neg) X (shift) X (shift_double) X (muldiv) X (imul) X (xadd) X (cmpxchg) X (adx) \
  X (decimal) X (aam) X (aad) \
  /* lift-bits.c */ \
  X (bt) X (bsf) X (bsr) X (tzcnt) X (lzcnt) X (popcnt) X (bswap) X (crc32) X (andn) X (bls) X (bextr) X (bzhi) \
  X (pdep_pext) X (mulx) X (rorx) X (shiftx) \
  /* lift-move.c */ \
  X (mov) X (movzx) X (movsx) X (movsxd) X (movbe) X (xchg) X (lea) X (cmov) X (setcc) X (cbw) X (cwd) X (xlat) \
  X (salc) X (lahf) X (sahf) X (carry) X (direction) X (mov_to_seg) X (mov_from_seg) X (load_far_pointer) \
  /* lift-stack.c */ \
  X (push_operand) X (pop_operand) X (push_seg) X (pop_seg) X (pusha) X (popa) X (pushf) X (popf) X (enter) X (leave) \
  /* lift-branch.c */ \
  X (jcc) X (loop) X (jmp) X (jmp_indirect) X (call) X (call_indirect) X (ret) X (far_direct) X (far_indirect) \
  X (far_ret) X (iret) X (int) X (into) \
  /* lift-string.c */ \
  X (string) \
  /* lift-system.c */ \
  X (in) X (out) X (cli) X (sti) X (helper_next) X (helper_exit) X (helper_rip) X (mov_cr) X (mov_dr) X (descriptor_table) \
  X (store_selector) X (load_selector) X (verify_selector) X (lar_lsl) X (arpl) X (smsw) X (lmsw) X (invlpg) X (invpcid) \
  X (bound) X (cmpxchg8b) X (rdrand) X (rdpid) X (rdtsc) X (swapgs) X (clac_stac) X (syscall) X (sysret)

#define X(name) void lift_##name (X86Lift *l, const X86Insn *insn);
LIFT_FUNCTIONS (X)
#undef X
