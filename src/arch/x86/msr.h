/* msr - the model-specific registers that hold a value or are constants.
 *
 * One table for RDMSR, WRMSR and whoever shows or saves them by name.  Those
 * that act (EFER, the time stamp, segment bases, the APIC's) are the engine's.
 *
 * Threads: tables are constant. */
#pragma once

#include "arch/x86/features.h"
#include "arch/x86/state.h"

enum
{
  X86_MSR_TSC = 0x10, X86_MSR_APIC_BASE = 0x1b, X86_MSR_TSC_ADJUST = 0x3b, X86_MSR_CORE_THREAD_COUNT = 0x35,
  X86_MSR_SMBASE = 0x9e, X86_MSR_MTRR_CAP = 0xfe, X86_MSR_MCG_CAP = 0x179, X86_MSR_PAT = 0x277, X86_MSR_TSC_DEADLINE = 0x6e0,
  X86_MSR_X2APIC_FIRST = 0x800, X86_MSR_X2APIC_LAST = 0x8ff,
};
#define X86_MSR_EFER           0xc0000080u
#define X86_MSR_FS_BASE        0xc0000100u
#define X86_MSR_GS_BASE        0xc0000101u
#define X86_MSR_KERNEL_GS_BASE 0xc0000102u

/* What values a WRMSR may bring. */
typedef enum
{
  X86_MSR_ANY,            /* bits outside `writable` are dropped */
  X86_MSR_STRICT,         /* bits outside `writable` are #GP */
  X86_MSR_CANONICAL,      /* a canonical address */
  X86_MSR_TYPES,          /* every byte a memory type (PAT, fixed MTRRs) */
  X86_MSR_PAT_TYPES,      /* likewise, UC- too */
  X86_MSR_READ_ONLY,
} X86MsrRule;

#define X86_MSR_NO_SLOT G_MAXUINT32

typedef struct
{
  guint32     number;
  const char *name;
  guint32     slot;       /* offset of its guint64 in X86State, or X86_MSR_NO_SLOT: reads `value` */
  guint8      rule;
  guint8      feature;    /* X86Feature that it needs */
  guint64     writable;
  guint64     value;
} X86Msr;

extern const X86Msr x86_msrs[];      /* by number */
extern const guint  x86_n_msrs;

/* NULL: there is no such register on this CPU, or it is not of the table. */
const X86Msr *x86_msr_find     (const X86Features *features, guint32 number);
/* FALSE: #GP. */
gboolean      x86_msr_accepts  (const X86Msr *msr, guint64 value);
