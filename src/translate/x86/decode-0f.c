/* decode-0f.c - the integer and system rows of the two-byte opcode map; the vector
 * rows are in decode-simd.c and group 15 (0F AE) is there too.
 *
 * Source: Intel SDM vol. 2, tables, and the pages of the instructions.
 * Left out (undefined): VMX, SVM, SMX, TSX, MPX (its opcodes are no-operations),
 * CET (likewise), test registers. */
#include "config.h"

#include "translate/x86/decode-tables.h"
#include "translate/x86/lift-host.h"

#define R   X86_ROW
#define RM  X86_ROW_M
#define RF  X86_ROW_F
#define MF  X86_ROW_MF
#define G   X86_ROW_GROUP

#define NO64    X86_T_NO64
#define ONLY64  X86_T_ONLY64
#define NO_REAL X86_T_NO_REAL
#define DEF64   X86_T_DEF64
#define FORCE64 X86_T_FORCE64
#define LOCK    X86_T_LOCK
#define MEM     X86_T_MEM_ONLY
#define REG     X86_T_REG_ONLY

static const X86Row group_00[8] = {
  RM ("sldt", Ev, NONE, NONE, store_selector, X86_HELPER_sldt, NO_REAL),
  RM ("str", Ev, NONE, NONE, store_selector, X86_HELPER_str, NO_REAL),
  RM ("lldt", Ew, NONE, NONE, load_selector, X86_HELPER_load_ldt, NO_REAL),
  RM ("ltr", Ew, NONE, NONE, load_selector, X86_HELPER_load_tr, NO_REAL),
  RM ("verr", Ew, NONE, NONE, verify_selector, X86_HELPER_verr, NO_REAL),
  RM ("verw", Ew, NONE, NONE, verify_selector, X86_HELPER_verw, NO_REAL),
};

#define SMSW RM ("smsw", Ev, NONE, NONE, smsw, 0, 0)
#define LMSW RM ("lmsw", Ew, NONE, NONE, lmsw, 0, 0)

static const X86Row group_01[72] = {
  RM ("sgdt", Ms, NONE, NONE, descriptor_table, X86_HELPER_store_gdt, 0),
  RM ("sidt", Ms, NONE, NONE, descriptor_table, X86_HELPER_store_idt, 0),
  RM ("lgdt", Ms, NONE, NONE, descriptor_table, X86_HELPER_load_gdt, 0),
  RM ("lidt", Ms, NONE, NONE, descriptor_table, X86_HELPER_load_idt, 0),
  SMSW,
  [6] = LMSW,
  [7] = RM ("invlpg", M, NONE, NONE, invlpg, 0, 0),
  [8 + 010] = MF ("monitor", NONE, NONE, NONE, helper_next, X86_HELPER_monitor, 0, MONITOR),
  [8 + 011] = MF ("mwait", NONE, NONE, NONE, helper_exit, X86_HELPER_mwait, 0, MONITOR),
  [8 + 012] = MF ("clac", NONE, NONE, NONE, clac_stac, 0, 0, SMAP),
  [8 + 013] = MF ("stac", NONE, NONE, NONE, clac_stac, 1, 0, SMAP),
  [8 + 020] = MF ("xgetbv", NONE, NONE, NONE, helper_next, X86_HELPER_xgetbv, 0, XSAVE),
  [8 + 021] = MF ("xsetbv", NONE, NONE, NONE, helper_exit, X86_HELPER_xsetbv, 0, XSAVE),
  [8 + 040] = SMSW, SMSW, SMSW, SMSW, SMSW, SMSW, SMSW, SMSW,
  [8 + 060] = LMSW, LMSW, LMSW, LMSW, LMSW, LMSW, LMSW, LMSW,
  [8 + 070] = MF ("swapgs", NONE, NONE, NONE, swapgs, 0, ONLY64, LM),
  [8 + 071] = MF ("rdtscp", NONE, NONE, NONE, rdtsc, 1, 0, RDTSCP),
};

static const X86Row group_ba[8] = {
  [4] = RM ("bt", Ev, Ib, NONE, bt, LIFT_BT, 0),
  [5] = RM ("bts", Ev, Ib, NONE, bt, LIFT_BTS, LOCK),
  [6] = RM ("btr", Ev, Ib, NONE, bt, LIFT_BTR, LOCK),
  [7] = RM ("btc", Ev, Ib, NONE, bt, LIFT_BTC, LOCK),
};

/* Group 9. */
#define CMPXCHG8B MF ("cmpxchg8b/cmpxchg8b/cmpxchg16b", Mq, NONE, NONE, cmpxchg8b, 0, LOCK, CX8)
static const X86Row group_c7_memory[8] = {
  [1] = CMPXCHG8B,
  [4] = { .mnemonic = "xsavec/xsavec/xsavec64", .operands = { X86_O_M }, .lift = lift_xsave, .op = 2, .traits = X86_T_MODRM,
          .feature = X86_FEATURE_XSAVEC },
};
static const X86Row group_c7_memory_prefix[8] = { [1] = CMPXCHG8B };
static const X86Row group_c7_register[8] = {
  [6] = MF ("rdrand", Rv, NONE, NONE, rdrand, 0, 0, RDRAND),
  [7] = MF ("rdseed", Rv, NONE, NONE, rdrand, 0, 0, RDSEED),
};
static const X86Row group_c7_register_f3[8] = { [7] = MF ("rdpid", Rv, NONE, NONE, rdpid, 0, 0, RDPID) };
static const X86Row group_c7_none[8] = { { .op = 0 } };
static const X86Row mod_c7[2] = { G (REG, group_c7_memory), G (REG, group_c7_register) };
static const X86Row mod_c7_66[2] = { G (REG, group_c7_memory_prefix), G (REG, group_c7_register) };
static const X86Row mod_c7_f3[2] = { G (REG, group_c7_memory_prefix), G (REG, group_c7_register_f3) };
static const X86Row mod_c7_f2[2] = { G (REG, group_c7_memory_prefix), G (REG, group_c7_none) };
static const X86Row prefix_c7[4] = { G (MOD, mod_c7), G (MOD, mod_c7_66), G (MOD, mod_c7_f3), G (MOD, mod_c7_f2) };

/* Opcodes that are something else with F3, where the CPU has it. */
static const X86Row prefix_b8[4] = { [2] = MF ("popcnt", Gv, Ev, NONE, popcnt, 0, 0, POPCNT) };

#define BSF RM ("bsf", Gv, Ev, NONE, bsf, 0, 0)
#define BSR RM ("bsr", Gv, Ev, NONE, bsr, 0, 0)
static const X86Row prefix_bc[4] = { BSF, BSF, RM ("tzcnt", Gv, Ev, NONE, tzcnt, 0, 0), BSF };
static const X86Row prefix_bd[4] = { BSR, BSR, RM ("lzcnt", Gv, Ev, NONE, lzcnt, 0, 0), BSR };

#define NOP_EV(text) MF (text, Ev, NONE, NONE, nop, 0, 0, CMOV)
static const X86Row group_0d[8] = {
  NOP_EV ("prefetch"), NOP_EV ("prefetchw"), NOP_EV ("prefetchwt1"), NOP_EV ("prefetch"),
  NOP_EV ("prefetch"), NOP_EV ("prefetch"), NOP_EV ("prefetch"), NOP_EV ("prefetch"),
};
static const X86Row group_18[8] = {
  NOP_EV ("prefetchnta"), NOP_EV ("prefetcht0"), NOP_EV ("prefetcht1"), NOP_EV ("prefetcht2"),
  NOP_EV ("nop"), NOP_EV ("nop"), NOP_EV ("nop"), NOP_EV ("nop"),
};

#define CMOV(cc, text) [0x40 + cc] = MF (text, Gv, Ev, NONE, cmov, cc, 0, CMOV)
#define JCC(cc, text)  [0x80 + cc] = R (text, Jz, NONE, NONE, jcc, cc, FORCE64)
#define SET(cc, text)  [0x90 + cc] = RM (text, Eb, NONE, NONE, setcc, cc, 0)
#define SWAP(n)        [0xc8 + n]  = R ("bswap", Zv, NONE, NONE, bswap, 0, 0)

const X86Row x86_0f_map[256] = {
  [0x00] = G (REG, group_00),
  [0x01] = G (REG_RM, group_01),
  [0x02] = RM ("lar", Gv, Ew, NONE, lar_lsl, X86_HELPER_lar, NO_REAL),
  [0x03] = RM ("lsl", Gv, Ew, NONE, lar_lsl, X86_HELPER_lsl, NO_REAL),
  [0x05] = RF ("syscall", NONE, NONE, NONE, syscall, 0, ONLY64, SYSCALL),
  [0x06] = R ("clts", NONE, NONE, NONE, helper_exit, X86_HELPER_clts, 0),
  [0x07] = RF ("sysret", NONE, NONE, NONE, sysret, X86_HELPER_sysret, ONLY64, SYSCALL),
  [0x08] = R ("invd", NONE, NONE, NONE, helper_next, X86_HELPER_wbinvd, 0),
  [0x09] = R ("wbinvd", NONE, NONE, NONE, helper_next, X86_HELPER_wbinvd, 0),
  [0x0b] = R ("ud2", NONE, NONE, NONE, undefined, 0, 0),
  [0x0d] = G (REG, group_0d),
  [0x18] = G (REG, group_18),
  [0x19] = NOP_EV ("nop"), [0x1a] = NOP_EV ("nop"), [0x1b] = NOP_EV ("nop"), [0x1c] = NOP_EV ("nop"),
  [0x1d] = NOP_EV ("nop"), [0x1e] = NOP_EV ("nop"), [0x1f] = NOP_EV ("nop"),
  [0x20] = RM ("mov", Rd, Cd, NONE, mov_cr, 0, 0),
  [0x21] = RM ("mov", Rd, Dd, NONE, mov_dr, 0, 0),
  [0x22] = RM ("mov", Cd, Rd, NONE, mov_cr, 1, 0),
  [0x23] = RM ("mov", Dd, Rd, NONE, mov_dr, 1, 0),
  [0x30] = RF ("wrmsr", NONE, NONE, NONE, helper_exit, X86_HELPER_wrmsr, 0, MSR),
  [0x31] = RF ("rdtsc", NONE, NONE, NONE, rdtsc, 0, 0, TSC),
  [0x32] = RF ("rdmsr", NONE, NONE, NONE, helper_next, X86_HELPER_rdmsr, 0, MSR),
  [0x33] = RF ("rdpmc", NONE, NONE, NONE, helper_next, X86_HELPER_rdpmc, 0, MMX),
  [0x34] = RF ("sysenter", NONE, NONE, NONE, helper_rip, X86_HELPER_sysenter, 0, SEP),
  [0x35] = RF ("sysexit", NONE, NONE, NONE, sysret, X86_HELPER_sysexit, 0, SEP),
  CMOV (0x0, "cmovo"), CMOV (0x1, "cmovno"), CMOV (0x2, "cmovb"), CMOV (0x3, "cmovae"),
  CMOV (0x4, "cmove"), CMOV (0x5, "cmovne"), CMOV (0x6, "cmovbe"), CMOV (0x7, "cmova"),
  CMOV (0x8, "cmovs"), CMOV (0x9, "cmovns"), CMOV (0xa, "cmovp"), CMOV (0xb, "cmovnp"),
  CMOV (0xc, "cmovl"), CMOV (0xd, "cmovge"), CMOV (0xe, "cmovle"), CMOV (0xf, "cmovg"),
  JCC (0x0, "jo"), JCC (0x1, "jno"), JCC (0x2, "jb"), JCC (0x3, "jae"), JCC (0x4, "je"), JCC (0x5, "jne"),
  JCC (0x6, "jbe"), JCC (0x7, "ja"), JCC (0x8, "js"), JCC (0x9, "jns"), JCC (0xa, "jp"), JCC (0xb, "jnp"),
  JCC (0xc, "jl"), JCC (0xd, "jge"), JCC (0xe, "jle"), JCC (0xf, "jg"),
  SET (0x0, "seto"), SET (0x1, "setno"), SET (0x2, "setb"), SET (0x3, "setae"), SET (0x4, "sete"), SET (0x5, "setne"),
  SET (0x6, "setbe"), SET (0x7, "seta"), SET (0x8, "sets"), SET (0x9, "setns"), SET (0xa, "setp"), SET (0xb, "setnp"),
  SET (0xc, "setl"), SET (0xd, "setge"), SET (0xe, "setle"), SET (0xf, "setg"),
  [0xa0] = R ("push", FS, NONE, NONE, push_seg, X86_FS, DEF64),
  [0xa1] = R ("pop", FS, NONE, NONE, pop_seg, X86_FS, DEF64),
  [0xa2] = R ("cpuid", NONE, NONE, NONE, helper_next, X86_HELPER_cpuid, 0),
  [0xa3] = RM ("bt", Ev, Gv, NONE, bt, LIFT_BT, 0),
  [0xa4] = RM ("shld", Ev, Gv, Ib, shift_double, LIFT_SHL, 0),
  [0xa5] = RM ("shld", Ev, Gv, CL, shift_double, LIFT_SHL, 0),
  [0xa8] = R ("push", GS, NONE, NONE, push_seg, X86_GS, DEF64),
  [0xa9] = R ("pop", GS, NONE, NONE, pop_seg, X86_GS, DEF64),
  [0xaa] = R ("rsm", NONE, NONE, NONE, helper_rip, X86_HELPER_rsm, 0),
  [0xab] = RM ("bts", Ev, Gv, NONE, bt, LIFT_BTS, LOCK),
  [0xac] = RM ("shrd", Ev, Gv, Ib, shift_double, LIFT_SHR, 0),
  [0xad] = RM ("shrd", Ev, Gv, CL, shift_double, LIFT_SHR, 0),
  [0xaf] = RM ("imul", Gv, Ev, NONE, imul, 0, 0),
  [0xb0] = RM ("cmpxchg", Eb, Gb, NONE, cmpxchg, 0, LOCK),
  [0xb1] = RM ("cmpxchg", Ev, Gv, NONE, cmpxchg, 0, LOCK),
  [0xb2] = RM ("lss", Gv, Mp, NONE, load_far_pointer, X86_SS, MEM),
  [0xb3] = RM ("btr", Ev, Gv, NONE, bt, LIFT_BTR, LOCK),
  [0xb4] = RM ("lfs", Gv, Mp, NONE, load_far_pointer, X86_FS, MEM),
  [0xb5] = RM ("lgs", Gv, Mp, NONE, load_far_pointer, X86_GS, MEM),
  [0xb6] = RM ("movzx", Gv, Eb, NONE, movzx, 0, 0),
  [0xb7] = RM ("movzx", Gv, Ew, NONE, movzx, 0, 0),
  [0xb8] = G (PREFIX, prefix_b8),
  [0xb9] = RM ("ud1", Gv, Ev, NONE, undefined, 0, 0),
  [0xba] = G (REG, group_ba),
  [0xbb] = RM ("btc", Ev, Gv, NONE, bt, LIFT_BTC, LOCK),
  [0xbc] = G (PREFIX, prefix_bc),
  [0xbd] = G (PREFIX, prefix_bd),
  [0xbe] = RM ("movsx", Gv, Eb, NONE, movsx, 0, 0),
  [0xbf] = RM ("movsx", Gv, Ew, NONE, movsx, 0, 0),
  [0xc0] = RM ("xadd", Eb, Gb, NONE, xadd, 0, LOCK),
  [0xc1] = RM ("xadd", Ev, Gv, NONE, xadd, 0, LOCK),
  [0xc7] = G (PREFIX, prefix_c7),
  SWAP (0), SWAP (1), SWAP (2), SWAP (3), SWAP (4), SWAP (5), SWAP (6), SWAP (7),
  [0xff] = RM ("ud0", Gv, Ev, NONE, undefined, 0, 0),
};
