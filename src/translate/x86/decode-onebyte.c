/* decode-onebyte.c - the one-byte opcode map.
 *
 * Source: Intel SDM vol. 2, tables, and the pages of the instructions.
 * Left out: nothing; D8 to DF are in decode-x87.c. */
#include "config.h"

#include "translate/x86/decode-tables.h"
#include "translate/x86/lift-host.h"

#define R  X86_ROW
#define RM X86_ROW_M
#define G  X86_ROW_GROUP

#define NO64    X86_T_NO64
#define DEF64   X86_T_DEF64
#define FORCE64 X86_T_FORCE64
#define LOCK    X86_T_LOCK
#define MEM     X86_T_MEM_ONLY

/* The eight operations of 00..3F and of 80..83. */
#define ALU(opcode, text, o, lock) \
  [opcode]     = RM (text, Eb, Gb, NONE, alu, o, lock), [opcode + 1] = RM (text, Ev, Gv, NONE, alu, o, lock), \
  [opcode + 2] = RM (text, Gb, Eb, NONE, alu, o, 0),    [opcode + 3] = RM (text, Gv, Ev, NONE, alu, o, 0), \
  [opcode + 4] = R (text, AL, Ib, NONE, alu, o, 0),    [opcode + 5] = R (text, rAX, Iz, NONE, alu, o, 0)

#define ALU_GROUP(dst, src, extra) { \
  RM ("add", dst, src, NONE, alu, LIFT_ADD, LOCK | extra), RM ("or",  dst, src, NONE, alu, LIFT_OR,  LOCK | extra), \
  RM ("adc", dst, src, NONE, alu, LIFT_ADC, LOCK | extra), RM ("sbb", dst, src, NONE, alu, LIFT_SBB, LOCK | extra), \
  RM ("and", dst, src, NONE, alu, LIFT_AND, LOCK | extra), RM ("sub", dst, src, NONE, alu, LIFT_SUB, LOCK | extra), \
  RM ("xor", dst, src, NONE, alu, LIFT_XOR, LOCK | extra), RM ("cmp", dst, src, NONE, alu, LIFT_CMP, extra) }

static const X86Row group_80[8] = ALU_GROUP (Eb, Ib, 0);
static const X86Row group_81[8] = ALU_GROUP (Ev, Iz, 0);
static const X86Row group_82[8] = ALU_GROUP (Eb, Ib, NO64);
static const X86Row group_83[8] = ALU_GROUP (Ev, IbS, 0);

#define FROM_SEG RM ("mov", Ev, Sw, NONE, mov_from_seg, 0, 0)
#define TO_SEG   RM ("mov", Sw, Ew, NONE, mov_to_seg, 0, 0)

static const X86Row group_8c[8] = { FROM_SEG, FROM_SEG, FROM_SEG, FROM_SEG, FROM_SEG, FROM_SEG };
static const X86Row group_8e[8] = { TO_SEG, [2] = TO_SEG, TO_SEG, TO_SEG, TO_SEG };    /* not CS */

static const X86Row group_8f[8] = { RM ("pop", Ev, NONE, NONE, pop_operand, 0, DEF64) };

#define SHIFT_GROUP(dst, count) { \
  RM ("rol", dst, count, NONE, shift, LIFT_ROL, 0), RM ("ror", dst, count, NONE, shift, LIFT_ROR, 0), \
  RM ("rcl", dst, count, NONE, shift, LIFT_RCL, 0), RM ("rcr", dst, count, NONE, shift, LIFT_RCR, 0), \
  RM ("shl", dst, count, NONE, shift, LIFT_SHL, 0), RM ("shr", dst, count, NONE, shift, LIFT_SHR, 0), \
  RM ("shl", dst, count, NONE, shift, LIFT_SHL, 0), RM ("sar", dst, count, NONE, shift, LIFT_SAR, 0) }

static const X86Row group_c0[8] = SHIFT_GROUP (Eb, Ib);
static const X86Row group_c1[8] = SHIFT_GROUP (Ev, Ib);
static const X86Row group_d0[8] = SHIFT_GROUP (Eb, 1);
static const X86Row group_d1[8] = SHIFT_GROUP (Ev, 1);
static const X86Row group_d2[8] = SHIFT_GROUP (Eb, CL);
static const X86Row group_d3[8] = SHIFT_GROUP (Ev, CL);

static const X86Row group_c6[8] = { RM ("mov", Eb, Ib, NONE, mov, 0, 0) };
static const X86Row group_c7[8] = { RM ("mov", Ev, Iz, NONE, mov, 0, 0) };

#define UNARY_GROUP(e, i) { \
  RM ("test", e, i, NONE, alu, LIFT_TEST, 0),      RM ("test", e, i, NONE, alu, LIFT_TEST, 0), \
  RM ("not", e, NONE, NONE, not, 0, LOCK),         RM ("neg", e, NONE, NONE, neg, 0, LOCK), \
  RM ("mul", e, NONE, NONE, muldiv, LIFT_MUL, 0),  RM ("imul", e, NONE, NONE, muldiv, LIFT_IMUL, 0), \
  RM ("div", e, NONE, NONE, muldiv, LIFT_DIV, 0),  RM ("idiv", e, NONE, NONE, muldiv, LIFT_IDIV, 0) }

static const X86Row group_f6[8] = UNARY_GROUP (Eb, Ib);
static const X86Row group_f7[8] = UNARY_GROUP (Ev, Iz);

static const X86Row group_fe[8] = {
  RM ("inc", Eb, NONE, NONE, incdec, 0, LOCK), RM ("dec", Eb, NONE, NONE, incdec, 1, LOCK),
};

static const X86Row group_ff[8] = {
  RM ("inc", Ev, NONE, NONE, incdec, 0, LOCK),
  RM ("dec", Ev, NONE, NONE, incdec, 1, LOCK),
  RM ("call", Ev, NONE, NONE, call_indirect, 0, FORCE64),
  RM ("lcall", Mp, NONE, NONE, far_indirect, X86_HELPER_far_call, MEM),
  RM ("jmp", Ev, NONE, NONE, jmp_indirect, 0, FORCE64),
  RM ("ljmp", Mp, NONE, NONE, far_indirect, X86_HELPER_far_jump, MEM),
  RM ("push", Ev, NONE, NONE, push_operand, 0, DEF64),
};

static const X86Row prefix_90[4] = {
  R ("nop", Zv, rAX, NONE, xchg, 0, 0), R ("nop", Zv, rAX, NONE, xchg, 0, 0),
  R ("pause", NONE, NONE, NONE, helper_exit, X86_HELPER_pause, 0), R ("nop", Zv, rAX, NONE, xchg, 0, 0),
};

#define SEVEN(opcode, text, a, b, function, o, t) \
  [opcode]     = R (text, a, b, NONE, function, o, t), [opcode + 1] = R (text, a, b, NONE, function, o, t), \
  [opcode + 2] = R (text, a, b, NONE, function, o, t), [opcode + 3] = R (text, a, b, NONE, function, o, t), \
  [opcode + 4] = R (text, a, b, NONE, function, o, t), [opcode + 5] = R (text, a, b, NONE, function, o, t), \
  [opcode + 6] = R (text, a, b, NONE, function, o, t)
#define EIGHT(opcode, text, a, b, function, o, t) \
  SEVEN (opcode, text, a, b, function, o, t), [opcode + 7] = R (text, a, b, NONE, function, o, t)

#define JCC(cc, text) [0x70 + cc] = R (text, Jb, NONE, NONE, jcc, cc, FORCE64)

const X86Row x86_one_byte_map[256] = {
  ALU (0x00, "add", LIFT_ADD, LOCK),
  [0x06] = R ("push", ES, NONE, NONE, push_seg, X86_ES, NO64),
  [0x07] = R ("pop", ES, NONE, NONE, pop_seg, X86_ES, NO64),
  ALU (0x08, "or", LIFT_OR, LOCK),
  [0x0e] = R ("push", CS, NONE, NONE, push_seg, X86_CS, NO64),
  ALU (0x10, "adc", LIFT_ADC, LOCK),
  [0x16] = R ("push", SS, NONE, NONE, push_seg, X86_SS, NO64),
  [0x17] = R ("pop", SS, NONE, NONE, pop_seg, X86_SS, NO64),
  ALU (0x18, "sbb", LIFT_SBB, LOCK),
  [0x1e] = R ("push", DS, NONE, NONE, push_seg, X86_DS, NO64),
  [0x1f] = R ("pop", DS, NONE, NONE, pop_seg, X86_DS, NO64),
  ALU (0x20, "and", LIFT_AND, LOCK),
  [0x27] = R ("daa", NONE, NONE, NONE, decimal, X86_HELPER_daa, NO64),
  ALU (0x28, "sub", LIFT_SUB, LOCK),
  [0x2f] = R ("das", NONE, NONE, NONE, decimal, X86_HELPER_das, NO64),
  ALU (0x30, "xor", LIFT_XOR, LOCK),
  [0x37] = R ("aaa", NONE, NONE, NONE, decimal, X86_HELPER_aaa, NO64),
  ALU (0x38, "cmp", LIFT_CMP, 0),
  [0x3f] = R ("aas", NONE, NONE, NONE, decimal, X86_HELPER_aas, NO64),
  EIGHT (0x40, "inc", Zv, NONE, incdec, 0, NO64),
  EIGHT (0x48, "dec", Zv, NONE, incdec, 1, NO64),
  EIGHT (0x50, "push", Zq, NONE, push_operand, 0, DEF64),
  EIGHT (0x58, "pop", Zq, NONE, pop_operand, 0, DEF64),
  [0x60] = R ("pushaw/pushal", NONE, NONE, NONE, pusha, 0, NO64),
  [0x61] = R ("popaw/popal", NONE, NONE, NONE, popa, 0, NO64),
  [0x62] = RM ("bound", Gv, Ma, NONE, bound, 0, NO64 | MEM),
  [0x63] = RM ("arpl", Ew, Gw, NONE, arpl, 0, NO64 | X86_T_NO_REAL),
  [0x68] = R ("push", Iz, NONE, NONE, push_operand, 0, DEF64),
  [0x69] = RM ("imul", Gv, Ev, Iz, imul, 0, 0),
  [0x6a] = R ("push", IbS, NONE, NONE, push_operand, 0, DEF64),
  [0x6b] = RM ("imul", Gv, Ev, IbS, imul, 0, 0),
  [0x6c] = R ("insb", Yb, DX, NONE, string, LIFT_INS, 0),
  [0x6d] = R ("insw/insd/insd", Yv, DX, NONE, string, LIFT_INS, 0),
  [0x6e] = R ("outsb", DX, Xb, NONE, string, LIFT_OUTS, 0),
  [0x6f] = R ("outsw/outsd/outsd", DX, Xv, NONE, string, LIFT_OUTS, 0),
  JCC (0x0, "jo"), JCC (0x1, "jno"), JCC (0x2, "jb"), JCC (0x3, "jae"), JCC (0x4, "je"), JCC (0x5, "jne"),
  JCC (0x6, "jbe"), JCC (0x7, "ja"), JCC (0x8, "js"), JCC (0x9, "jns"), JCC (0xa, "jp"), JCC (0xb, "jnp"),
  JCC (0xc, "jl"), JCC (0xd, "jge"), JCC (0xe, "jle"), JCC (0xf, "jg"),
  [0x80] = G (REG, group_80), [0x81] = G (REG, group_81), [0x82] = G (REG, group_82), [0x83] = G (REG, group_83),
  [0x84] = RM ("test", Eb, Gb, NONE, alu, LIFT_TEST, 0),
  [0x85] = RM ("test", Ev, Gv, NONE, alu, LIFT_TEST, 0),
  [0x86] = RM ("xchg", Eb, Gb, NONE, xchg, 0, LOCK),
  [0x87] = RM ("xchg", Ev, Gv, NONE, xchg, 0, LOCK),
  [0x88] = RM ("mov", Eb, Gb, NONE, mov, 0, 0),
  [0x89] = RM ("mov", Ev, Gv, NONE, mov, 0, 0),
  [0x8a] = RM ("mov", Gb, Eb, NONE, mov, 0, 0),
  [0x8b] = RM ("mov", Gv, Ev, NONE, mov, 0, 0),
  [0x8c] = G (REG, group_8c),
  [0x8d] = RM ("lea", Gv, M, NONE, lea, 0, MEM),
  [0x8e] = G (REG, group_8e),
  [0x8f] = G (REG, group_8f),
  [0x90] = { .op = X86_GROUP_PREFIX, .group = prefix_90 },
  SEVEN (0x91, "xchg", Zv, rAX, xchg, 0, 0),
  [0x98] = R ("cbw/cwde/cdqe", NONE, NONE, NONE, cbw, 0, 0),
  [0x99] = R ("cwd/cdq/cqo", NONE, NONE, NONE, cwd, 0, 0),
  [0x9a] = R ("lcall", Ap, NONE, NONE, far_direct, X86_HELPER_far_call, NO64),
  [0x9b] = { .mnemonic = "wait", .lift = lift_x87_wait },
  [0x9c] = R ("pushf/pushfd/pushfq", NONE, NONE, NONE, pushf, 0, DEF64),
  [0x9d] = R ("popf/popfd/popfq", NONE, NONE, NONE, popf, 0, DEF64),
  [0x9e] = R ("sahf", NONE, NONE, NONE, sahf, 0, 0),
  [0x9f] = R ("lahf", NONE, NONE, NONE, lahf, 0, 0),
  [0xa0] = R ("mov", AL, Ob, NONE, mov, 0, 0),
  [0xa1] = R ("mov", rAX, Ov, NONE, mov, 0, 0),
  [0xa2] = R ("mov", Ob, AL, NONE, mov, 0, 0),
  [0xa3] = R ("mov", Ov, rAX, NONE, mov, 0, 0),
  [0xa4] = R ("movsb", Yb, Xb, NONE, string, LIFT_MOVS, 0),
  [0xa5] = R ("movsw/movsd/movsq", Yv, Xv, NONE, string, LIFT_MOVS, 0),
  [0xa6] = R ("cmpsb", Xb, Yb, NONE, string, LIFT_CMPS, 0),
  [0xa7] = R ("cmpsw/cmpsd/cmpsq", Xv, Yv, NONE, string, LIFT_CMPS, 0),
  [0xa8] = R ("test", AL, Ib, NONE, alu, LIFT_TEST, 0),
  [0xa9] = R ("test", rAX, Iz, NONE, alu, LIFT_TEST, 0),
  [0xaa] = R ("stosb", Yb, AL, NONE, string, LIFT_STOS, 0),
  [0xab] = R ("stosw/stosd/stosq", Yv, rAX, NONE, string, LIFT_STOS, 0),
  [0xac] = R ("lodsb", AL, Xb, NONE, string, LIFT_LODS, 0),
  [0xad] = R ("lodsw/lodsd/lodsq", rAX, Xv, NONE, string, LIFT_LODS, 0),
  [0xae] = R ("scasb", AL, Yb, NONE, string, LIFT_SCAS, 0),
  [0xaf] = R ("scasw/scasd/scasq", rAX, Yv, NONE, string, LIFT_SCAS, 0),
  EIGHT (0xb0, "mov", Zb, Ib, mov, 0, 0),
  EIGHT (0xb8, "mov/mov/movabs", Zv, Iv, mov, 0, 0),
  [0xc0] = G (REG, group_c0), [0xc1] = G (REG, group_c1),
  [0xc2] = R ("ret", Iw, NONE, NONE, ret, 0, FORCE64),
  [0xc3] = R ("ret", NONE, NONE, NONE, ret, 0, FORCE64),
  [0xc4] = RM ("les", Gv, Mp, NONE, load_far_pointer, X86_ES, NO64 | MEM),
  [0xc5] = RM ("lds", Gv, Mp, NONE, load_far_pointer, X86_DS, NO64 | MEM),
  [0xc6] = G (REG, group_c6), [0xc7] = G (REG, group_c7),
  [0xc8] = R ("enter", Iw, Ib, NONE, enter, 0, DEF64),
  [0xc9] = R ("leave", NONE, NONE, NONE, leave, 0, DEF64),
  [0xca] = R ("retf/retf/retfq", Iw, NONE, NONE, far_ret, 0, 0),
  [0xcb] = R ("retf/retf/retfq", NONE, NONE, NONE, far_ret, 0, 0),
  [0xcc] = R ("int3", NONE, NONE, NONE, int, 3, 0),
  [0xcd] = R ("int", Ib, NONE, NONE, int, 0, 0),
  [0xce] = R ("into", NONE, NONE, NONE, into, 0, NO64),
  [0xcf] = R ("iret/iretd/iretq", NONE, NONE, NONE, iret, 0, 0),
  [0xd0] = G (REG, group_d0), [0xd1] = G (REG, group_d1), [0xd2] = G (REG, group_d2), [0xd3] = G (REG, group_d3),
  [0xd4] = R ("aam", Ib, NONE, NONE, aam, 0, NO64),
  [0xd5] = R ("aad", Ib, NONE, NONE, aad, 0, NO64),
  [0xd6] = R ("salc", NONE, NONE, NONE, salc, 0, NO64),
  [0xd7] = R ("xlatb", NONE, NONE, NONE, xlat, 0, 0),
  [0xe0] = R ("loopne", Jb, NONE, NONE, loop, LIFT_LOOPNE, FORCE64),
  [0xe1] = R ("loope", Jb, NONE, NONE, loop, LIFT_LOOPE, FORCE64),
  [0xe2] = R ("loop", Jb, NONE, NONE, loop, LIFT_LOOP, FORCE64),
  [0xe3] = R ("jcxz", Jb, NONE, NONE, loop, LIFT_JCXZ, FORCE64),
  [0xe4] = R ("in", AL, Ib, NONE, in, 0, 0),
  [0xe5] = R ("in", rAX, Ib, NONE, in, 0, 0),
  [0xe6] = R ("out", Ib, AL, NONE, out, 0, 0),
  [0xe7] = R ("out", Ib, rAX, NONE, out, 0, 0),
  [0xe8] = R ("call", Jz, NONE, NONE, call, 0, FORCE64),
  [0xe9] = R ("jmp", Jz, NONE, NONE, jmp, 0, FORCE64),
  [0xea] = R ("ljmp", Ap, NONE, NONE, far_direct, X86_HELPER_far_jump, NO64),
  [0xeb] = R ("jmp", Jb, NONE, NONE, jmp, 0, FORCE64),
  [0xec] = R ("in", AL, DX, NONE, in, 0, 0),
  [0xed] = R ("in", rAX, DX, NONE, in, 0, 0),
  [0xee] = R ("out", DX, AL, NONE, out, 0, 0),
  [0xef] = R ("out", DX, rAX, NONE, out, 0, 0),
  [0xf1] = R ("int1", NONE, NONE, NONE, int, 1, 0),
  [0xf4] = R ("hlt", NONE, NONE, NONE, helper_exit, X86_HELPER_hlt, 0),
  [0xf5] = R ("cmc", NONE, NONE, NONE, carry, 2, 0),
  [0xf6] = G (REG, group_f6), [0xf7] = G (REG, group_f7),
  [0xf8] = R ("clc", NONE, NONE, NONE, carry, 0, 0),
  [0xf9] = R ("stc", NONE, NONE, NONE, carry, 1, 0),
  [0xfa] = R ("cli", NONE, NONE, NONE, cli, 0, 0),
  [0xfb] = R ("sti", NONE, NONE, NONE, sti, 0, 0),
  [0xfc] = R ("cld", NONE, NONE, NONE, direction, 0, 0),
  [0xfd] = R ("std", NONE, NONE, NONE, direction, 1, 0),
  [0xfe] = G (REG, group_fe), [0xff] = G (REG, group_ff),
};
