/* helpers - C functions that translated code and the interpreter call for
 * instructions that are too large for IR: system instructions, far transfers,
 * strings, and floating point that is computed by us.
 *
 * When a helper runs, all guest state is in cpu->s (s.rip at the instruction, lazy
 * flags in cpu->cc_*), icount is exact.  It may raise exceptions; it must do so
 * before it changes anything.  An instruction that uses a helper is the last of its
 * unit.  Where a row says "sets RIP; EXIT" the helper leaves the new RIP in s.rip;
 * where it says "then EXIT to the next" the lifter emits PUT of the next RIP and EXIT
 * after the helper; otherwise the unit ends with JUMP to the next instruction.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "translate/x86/cpu.h"

/* Which instruction interrupts. */
enum { X86_INT_N, X86_INT_3, X86_INT_1 };

#define X86_HELPERS(X) \
  /* name               args  meaning */ \
  X (int_n,              2, "INT a = vector | X86_INT_* << 8, b = RIP after the instruction; EXIT") \
  X (into,               1, "INTO when OF: as INT 4 with a = RIP after; sets RIP; EXIT") \
  X (iret,               1, "IRET, a = operand size in bytes; sets RIP; EXIT") \
  X (far_jump,           3, "JMP selector a : offset b, c = operand size | RIP after << 8; sets RIP; EXIT") \
  X (far_call,           3, "CALL likewise") \
  X (far_ret,            2, "RETF, a = operand size, b = bytes to drop; sets RIP; EXIT") \
  X (load_seg,           2, "MOV/POP to segment register a (not CS) of selector b; then EXIT to the next") \
  X (load_ldt,           1, "LLDT a") \
  X (load_tr,            1, "LTR a") \
  X (load_gdt,           2, "LGDT from linear address a, b = operand size") \
  X (load_idt,           2, "LIDT, likewise") \
  X (store_gdt,          2, "SGDT to linear address a, b = operand size (UMIP checked)") \
  X (store_idt,          2, "SIDT, likewise") \
  X (sldt,               0, "r = LDTR selector (UMIP checked)") \
  X (str,                0, "r = TR selector (UMIP checked)") \
  X (smsw,               0, "r = CR0 (UMIP checked)") \
  X (lmsw,               1, "LMSW a; then EXIT to the next") \
  X (clts,               0, "CLTS; then EXIT to the next") \
  X (lar,                2, "LAR of selector a, b = operand size: r = rights, bit 63 set when valid (ZF)") \
  X (lsl,                2, "LSL, likewise: r = limit, bit 63 when valid") \
  X (verr,               1, "r = 1 when selector a is readable") \
  X (verw,               1, "r = 1 when selector a is writable") \
  X (arpl_check,         0, "#UD in real and V86 mode") \
  X (read_cr,            1, "r = CRa (#GP, #UD checked)") \
  X (write_cr,           2, "CRa = b; then EXIT to the next") \
  X (read_dr,            1, "r = DRa") \
  X (write_dr,           2, "DRa = b; then EXIT to the next") \
  X (rdmsr,              0, "EDX:EAX = MSR ECX") \
  X (wrmsr,              0, "MSR ECX = EDX:EAX; then EXIT to the next") \
  X (rdpmc,              0, "RDPMC") \
  X (rdtsc,              1, "EDX:EAX = time stamp; a = 1: ECX = TSC_AUX too (RDTSCP)") \
  X (rdpid,              0, "r = TSC_AUX") \
  X (cpuid,              0, "CPUID") \
  X (xgetbv,             0, "XGETBV") \
  X (xsetbv,             0, "XSETBV; then EXIT to the next") \
  X (syscall,            1, "SYSCALL, a = RIP after; EXIT") \
  X (sysret,             1, "SYSRET, a = operand size; EXIT") \
  X (sysenter,           0, "SYSENTER; EXIT") \
  X (sysexit,            1, "SYSEXIT, a = operand size; EXIT") \
  X (swapgs,             0, "SWAPGS") \
  X (rdfsgs,             1, "r = base of segment a (#UD without CR4.FSGSBASE)") \
  X (wrfsgs,             2, "base of segment a = b (canonical, else #GP)") \
  X (hlt,                0, "HLT: halts; EXIT") \
  X (mwait,              0, "MWAIT likewise") \
  X (monitor,            0, "MONITOR: checks only") \
  X (pause,              0, "PAUSE: may end the CPU's turn; then EXIT to the next") \
  X (cli,                0, "CLI with all checks (IOPL, VME, PVI)") \
  X (sti,                0, "STI with all checks; sets the shadow; then EXIT to the next") \
  X (clac_stac,          1, "AC = a (#UD at CPL > 0 or without SMAP)") \
  X (pushf_value,        1, "r = what PUSHF of a bytes stores (V86 IOPL checks; VM and RF clear)") \
  X (popf,               2, "EFLAGS = a as POPF of b bytes may change it; then EXIT to the next") \
  X (in,                 2, "r = port a, b = size; permission checked; unit ends with EXIT") \
  X (out,                3, "port a of size b = c; likewise") \
  X (io_check,           2, "#GP unless port a .. of size b is permitted") \
  X (invlpg,             1, "INVLPG of linear address a") \
  X (invpcid,            2, "INVPCID type a, descriptor at linear address b") \
  X (wbinvd,             0, "INVD, WBINVD: privilege check only") \
  X (rsm,                0, "RSM; sets RIP; EXIT") \
  X (vmcall,             0, "#UD") \
  X (enter,              3, "ENTER: a = allocation, b = level (1..31), c = operand size (level 0 is IR)") \
  X (bound,              3, "BOUND: #BR unless a lies within the pair at linear address b; c = operand size") \
  X (aam,                1, "AAM base a: AX, flags; #DE for 0") \
  X (daa,                0, "DAA: AL, flags") \
  X (das,                0, "DAS") \
  X (aaa,                0, "AAA") \
  X (aas,                0, "AAS") \
  X (rep_movs,           3, "MOVS: a = operand size | address size << 8 | repeat << 16 (0 none, 1 REP), b = source segment; " \
                            "counts its own retirements (INSN aux 1); r = 0 when finished, else more to do: unit branches to itself") \
  X (rep_stos,           3, "STOS likewise") \
  X (rep_lods,           3, "LODS likewise") \
  X (rep_cmps,           3, "CMPS: repeat 1 REPE, 2 REPNE; sets flags") \
  X (rep_scas,           3, "SCAS likewise") \
  X (rep_ins,            3, "INS; EXIT when finished") \
  X (rep_outs,           3, "OUTS likewise") \
  X (cmpxchg16b,         2, "CMPXCHG16B at linear address a (alignment checked), b = IR_MEM_*") \
  X (cmpxchg8b,          2, "CMPXCHG8B at linear address a, b = IR_MEM_*") \
  X (rdrand,             1, "r = random number through the door, a = operand size; CF = 1, other flags 0") \
  X (fpu_check,          1, "a = 0: x87 instruction, 1: MMX, 2: SSE, 3: AVX, 4: WAIT, 5: x87 instruction that does not wait: #UD or #NM as CR0, CR4 and XCR0 say; pending x87 errors (#MF)") \
  X (fxsave,             2, "FXSAVE to linear address a, b = 1: 64-bit form") \
  X (fxrstor,            2, "FXRSTOR likewise") \
  X (xsave,              3, "XSAVE at linear address a, b = 0 XSAVE, 1 XSAVEOPT, 2 XSAVEC; c = 1: 64-bit form") \
  X (xrstor,             2, "XRSTOR at linear address a, b = 1: 64-bit form; then EXIT to the next") \
  X (fnstenv,            2, "FNSTENV to linear address a, b = operand size") \
  X (fldenv,             2, "FLDENV likewise; then EXIT to the next") \
  X (fnsave,             2, "FNSAVE likewise") \
  X (frstor,             2, "FRSTOR likewise; then EXIT to the next") \
  X (fldcw,              1, "FCW = a; then EXIT to the next") \
  X (fninit,             0, "FNINIT; then EXIT to the next") \
  X (ldmxcsr,            1, "MXCSR = a (#GP for reserved bits); then EXIT to the next") \
  X (x87_compute,        1, "an x87 instruction that is computed by us (transcendentals): a = its two opcode bytes") \
  X (rcp_rsqrt,          3, "RCPPS, RSQRTPS and scalar forms, legacy and VEX: see help-vector.c") \
  X (maskmov,            3, "MASKMOVDQU, MASKMOVQ, VMASKMOVPS/PD, VPMASKMOVD/Q: see help-vector.c") \
  X (gather,             3, "AVX2 gathers: see help-vector.c")

typedef enum
{
#define X(name, n_args, meaning) X86_HELPER_##name,
  X86_HELPERS (X)
#undef X
  X86_N_HELPERS
} X86HelperId;

typedef guint64 (*X86HelperFunc) (X86Cpu *cpu, guint64 a, guint64 b, guint64 c);

#define X(name, n_args, meaning) guint64 x86_help_##name (X86Cpu *cpu, guint64 a, guint64 b, guint64 c);
X86_HELPERS (X)
#undef X

/**
 * x86_pcmpstr:
 * @host: a HOST operation of a string comparison
 * @at: the memory operand's linear address, when it has one
 *
 * Computes PCMPESTRM, PCMPESTRI, PCMPISTRM or PCMPISTRI: flags, and XMM0 in the M forms.
 *
 * Returns: the index, what the I forms put in ECX */
guint64 x86_pcmpstr (X86Cpu *cpu, const IrHost *host, guint64 at);

typedef struct { const char *name; X86HelperFunc run; guint8 n_args; const char *meaning; } X86HelperInfo;
extern const X86HelperInfo x86_helpers[X86_N_HELPERS];   /* helpers.c */

/* IR_CALL: pure functions of integers. */
#define X86_CALLS(X) \
  X (rcl,          "a rotated left through carry: a, b = count | bits << 8, c = carry in") \
  X (rcr,          "likewise right") \
  X (rcl_flags,    "CF after it in bit 0, CF ^ OF in bit 7: as an OVERLAY ROL of I8 wants it") \
  X (rcr_flags,    "likewise") \
  X (pdep,         "PDEP a by mask b") \
  X (pext,         "PEXT a by mask b") \
  X (crc32,        "CRC32C of a with b, c = bytes of b")
typedef enum
{
#define X(name, meaning) X86_CALL_##name,
  X86_CALLS (X)
#undef X
  X86_N_CALLS
} X86CallId;
typedef guint64 (*X86CallFunc) (guint64 a, guint64 b, guint64 c);
#define X(name, meaning) guint64 x86_call_##name (guint64 a, guint64 b, guint64 c);
X86_CALLS (X)
#undef X
extern const X86CallFunc x86_calls[X86_N_CALLS];   /* calls.c */
