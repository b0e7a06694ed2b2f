/* state - everything an x86 CPU holds that a program can observe.
 *
 * Plain data, no padding, one struct: snapshots copy it, the state hash reads it
 * through x86_state_fields.  Names are those of the Intel SDM.
 *
 * Threads: plain data; whoever owns the machine. */
#pragma once

#include "core/cpu.h"

/* Numbers as in instruction encodings. */
enum { X86_RAX, X86_RCX, X86_RDX, X86_RBX, X86_RSP, X86_RBP, X86_RSI, X86_RDI,
       X86_R8, X86_R9, X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15 };
enum { X86_ES, X86_CS, X86_SS, X86_DS, X86_FS, X86_GS, X86_LDTR, X86_TR, X86_N_SEGS };

/* A segment register with its hidden part. */
typedef struct
{
  guint64 base;
  guint32 limit;      /* in bytes: granularity already applied; last valid offset (expand-up) */
  guint16 selector;
  guint16 attr;       /* descriptor bits 40..47 in 0..7 and 52..55 in 12..15, as VMX stores them; bit 8: unusable */
} X86Segment;

enum
{
  X86_ATTR_TYPE     = 0x000f,   /* S=1: 8 code, 4 expand-down/conforming, 2 write/read, 1 accessed */
  X86_ATTR_S        = 0x0010,
  X86_ATTR_DPL      = 0x0060,
  X86_ATTR_P        = 0x0080,
  X86_ATTR_UNUSABLE = 0x0100,
  X86_ATTR_AVL      = 0x1000,
  X86_ATTR_L        = 0x2000,
  X86_ATTR_DB       = 0x4000,
  X86_ATTR_G        = 0x8000,
};
#define X86_ATTR_DPL_OF(attr) (((attr) >> 5) & 3)

typedef struct
{
  guint64    gpr[16];
  guint64    rip;
  guint64    rflags;
  X86Segment seg[X86_N_SEGS];
  guint64    gdtr_base, idtr_base;
  guint32    gdtr_limit, idtr_limit;
  guint64    cr0, cr2, cr3, cr4, xcr0;
  guint64    dr[8];               /* 0-3, 6, 7 */
  guint64    pdpte[4];            /* PAE: latched when CR3 is loaded */

  guint64    efer, star, lstar, cstar, fmask, kernel_gs_base;
  guint64    sysenter_cs, sysenter_esp, sysenter_eip;
  guint64    pat, misc_enable, tsc_offset, tsc_aux, mtrr_def_type, mcg_status, mcg_ctl;
  guint64    mtrr_fixed[11], mtrr_base[8], mtrr_mask[8];
  guint64    mc_banks[4 * 4];     /* CTL, STATUS, ADDR, MISC of four machine-check banks */

  guint8     vec[16][32];         /* XMM/YMM; the low 16 bytes are XMM */
  guint8     st[8][16];           /* physical x87 registers in STACK order (ST0 first), 10 bytes used, 6 zero */
  guint32    mxcsr;
  guint16    fcw, fsw;            /* FSW holds TOP */
  guint8     ftw;                 /* abridged tag by PHYSICAL register as FXSAVE has it: bit set = not empty */

  guint8     halted;              /* HLT: waits for an interrupt */
  guint8     wait_for_sipi;       /* after INIT, all but the first CPU */
  guint8     shadow;              /* X86_SHADOW_*: interrupts held for one instruction */
  guint8     nmi_blocked;         /* until IRET */
  guint8     nmi_pending, smi_pending, init_pending, sipi_pending, sipi_vector;
  guint8     intr;                /* the INTR pin's level */
  guint8     a20;                 /* 1: address line 20 passes */
  guint8     in_smm;
  guint8     shutdown;            /* after a triple fault */
  guint8     debug_pending;       /* #DB due at the next boundary: DR6 bits 0..3 in 0..3, 12..15 in 4..7 */
  guint8     rep_partial;         /* this CPU last retired an iteration of a string instruction that has more of them to do,
                                     and no interrupt or exception came since: RIP is still at it */
  guint64    smbase;
  guint64    smm_revision;
  guint64    tsc_hz;              /* of the time stamp counter: tsc.h */
  guint8     intr_accepted;       /* an interrupt was taken from its controller and is delivered before anything else happens */
  guint8     intr_vector;         /* that one's */
  guint8     reserved[6];
  guint64    kvm_wall_clock, kvm_system_time, kvm_pv_eoi;      /* as the guest wrote them: kvmclock.h */
} X86State;

enum { X86_SHADOW_STI = 1, X86_SHADOW_MOV_SS = 2 };

enum
{
  X86_CF = 1 << 0, X86_PF = 1 << 2, X86_AF = 1 << 4, X86_ZF = 1 << 6, X86_SF = 1 << 7,
  X86_TF = 1 << 8, X86_IF = 1 << 9, X86_DF = 1 << 10, X86_OF = 1 << 11,
  X86_IOPL = 3 << 12, X86_NT = 1 << 14, X86_RF = 1 << 16, X86_VM = 1 << 17, X86_AC = 1 << 18,
  X86_VIF = 1 << 19, X86_VIP = 1 << 20, X86_ID = 1 << 21,
  X86_ARITH = X86_CF | X86_PF | X86_AF | X86_ZF | X86_SF | X86_OF,
};

#define X86_CR0_PE (1u << 0)
#define X86_CR0_MP (1u << 1)
#define X86_CR0_EM (1u << 2)
#define X86_CR0_TS (1u << 3)
#define X86_CR0_ET (1u << 4)
#define X86_CR0_NE (1u << 5)
#define X86_CR0_WP (1u << 16)
#define X86_CR0_AM (1u << 18)
#define X86_CR0_NW (1u << 29)
#define X86_CR0_CD (1u << 30)
#define X86_CR0_PG (1u << 31)

#define X86_CR4_VME        (1u << 0)
#define X86_CR4_PVI        (1u << 1)
#define X86_CR4_TSD        (1u << 2)
#define X86_CR4_DE         (1u << 3)
#define X86_CR4_PSE        (1u << 4)
#define X86_CR4_PAE        (1u << 5)
#define X86_CR4_MCE        (1u << 6)
#define X86_CR4_PGE        (1u << 7)
#define X86_CR4_PCE        (1u << 8)
#define X86_CR4_OSFXSR     (1u << 9)
#define X86_CR4_OSXMMEXCPT (1u << 10)
#define X86_CR4_UMIP       (1u << 11)
#define X86_CR4_FSGSBASE   (1u << 16)
#define X86_CR4_PCIDE      (1u << 17)
#define X86_CR4_OSXSAVE    (1u << 18)
#define X86_CR4_SMEP       (1u << 20)
#define X86_CR4_SMAP       (1u << 21)

#define X86_EFER_SCE (1u << 0)
#define X86_EFER_LME (1u << 8)
#define X86_EFER_LMA (1u << 10)
#define X86_EFER_NXE (1u << 11)

#define X86_DR6_BD (1u << 13)
#define X86_DR6_BS (1u << 14)
#define X86_DR6_BT (1u << 15)
#define X86_DR7_GD (1u << 13)
#define X86_DR7_ENABLES 0xffu

enum
{
  X86_EXC_DE = 0, X86_EXC_DB = 1, X86_EXC_NMI = 2, X86_EXC_BP = 3, X86_EXC_OF = 4, X86_EXC_BR = 5, X86_EXC_UD = 6,
  X86_EXC_NM = 7, X86_EXC_DF = 8, X86_EXC_TS = 10, X86_EXC_NP = 11, X86_EXC_SS = 12, X86_EXC_GP = 13,
  X86_EXC_PF = 14, X86_EXC_MF = 16, X86_EXC_AC = 17, X86_EXC_MC = 18, X86_EXC_XM = 19,
};

extern const AsternField x86_state_fields[];
extern const guint       x86_n_state_fields;
extern const AsternCpuClass x86_cpu_class;
#define X86_STATE_VERSION 2

/* What a pin does to the state: INTR and A20 are levels, the others stay pending until they are taken. */
void     x86_state_set_pin    (X86State *state, AsternPin pin, guint value);

/* As after RESET (SDM vol. 3, table 10-1): real mode at f000:fff0, base ffff0000. */
void     x86_state_reset      (X86State *state, gboolean boot_cpu, guint32 signature);
/* As after INIT: like reset, but x87, SSE, MTRRs, caches and SMBASE stay. */
void     x86_state_init       (X86State *state, gboolean boot_cpu, guint32 signature);

static inline guint
x86_cpl (const X86State *state)
{
  return X86_ATTR_DPL_OF (state->seg[X86_SS].attr);
}

static inline gboolean
x86_long_mode (const X86State *state)
{
  return (state->efer & X86_EFER_LMA) != 0;
}

static inline gboolean
x86_code64 (const X86State *state)
{
  return x86_long_mode (state) && (state->seg[X86_CS].attr & X86_ATTR_L) != 0;
}

/* Loads a segment register as real mode and V86 mode do. */
void     x86_load_segment_real (X86State *state, guint seg, guint16 selector);
