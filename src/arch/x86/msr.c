/* msr.c - the table of model-specific registers.
 * Source: Intel SDM vol. 4, chapter 2; vol. 3A, 12.11 (MTRRs), 12.12 (PAT), 16.3 (machine check).
 * Left out: performance counters, branch records, thermal and power control, microcode
 * (a revision is shown, an update is dropped).  Memory types are kept and not acted upon. */

#include "config.h"

#include "arch/x86/msr.h"

#include "arch/x86/paging.h"

#define C(value) G_GUINT64_CONSTANT (value)
#define ALL      G_MAXUINT64
#define NONE     X86_MSR_NO_SLOT
#define AT(member) G_STRUCT_OFFSET (X86State, member)
#define PHYSICAL ((C (1) << X86_PHYSICAL_BITS) - 0x1000)
#define ROW(number, name, slot, rule, feature, writable, value) \
  { number, name, slot, X86_MSR_##rule, X86_FEATURE_##feature, writable, value }

const X86Msr x86_msrs[] = {
  ROW (0x0, "P5_MC_ADDR", NONE, ANY, MCE, 0, 0),
  ROW (0x1, "P5_MC_TYPE", NONE, ANY, MCE, 0, 0),
  ROW (0x17, "IA32_PLATFORM_ID", NONE, READ_ONLY, MSR, ALL, 0),
  ROW (0x2a, "EBL_CR_POWERON", NONE, ANY, MSR, 0, 0),
  ROW (0x3a, "IA32_FEATURE_CONTROL", NONE, READ_ONLY, MSR, ALL, 1),
  ROW (0x79, "IA32_BIOS_UPDT_TRIG", NONE, ANY, MSR, 0, 0),
  ROW (0x8b, "IA32_BIOS_SIGN_ID", NONE, ANY, MSR, 0, C (0x100000000)),
  ROW (0xce, "MSR_PLATFORM_INFO", NONE, READ_ONLY, MSR, ALL, 10 << 8),
  ROW (0xfe, "IA32_MTRRCAP", NONE, READ_ONLY, MTRR, ALL, 0x508),
  ROW (0x174, "IA32_SYSENTER_CS", AT (sysenter_cs), ANY, SEP, 0xffffffff, 0),
  ROW (0x175, "IA32_SYSENTER_ESP", AT (sysenter_esp), CANONICAL, SEP, ALL, 0),
  ROW (0x176, "IA32_SYSENTER_EIP", AT (sysenter_eip), CANONICAL, SEP, ALL, 0),
  ROW (0x179, "IA32_MCG_CAP", NONE, READ_ONLY, MCA, ALL, 0x104),
  ROW (0x17a, "IA32_MCG_STATUS", AT (mcg_status), ANY, MCA, ALL, 0),
  ROW (0x17b, "IA32_MCG_CTL", AT (mcg_ctl), ANY, MCA, ALL, 0),
  ROW (0x198, "IA32_PERF_STATUS", NONE, READ_ONLY, MSR, ALL, 10 << 8),
  ROW (0x1a0, "IA32_MISC_ENABLE", AT (misc_enable), ANY, MSR, 0x440001, 0),
  ROW (0x1d9, "IA32_DEBUGCTL", NONE, ANY, MSR, 0, 0),
  ROW (0x1db, "LASTBRANCHFROMIP", NONE, ANY, MSR, 0, 0),
  ROW (0x1dc, "LASTBRANCHTOIP", NONE, ANY, MSR, 0, 0),
  ROW (0x1dd, "LASTINTFROMIP", NONE, ANY, MSR, 0, 0),
  ROW (0x1de, "LASTINTTOIP", NONE, ANY, MSR, 0, 0),
  ROW (0x200, "IA32_MTRR_PHYSBASE0", AT (mtrr_base[0]), STRICT, MTRR, PHYSICAL | 0xff, 0),
  ROW (0x201, "IA32_MTRR_PHYSMASK0", AT (mtrr_mask[0]), STRICT, MTRR, PHYSICAL | 0x800, 0),
  ROW (0x202, "IA32_MTRR_PHYSBASE1", AT (mtrr_base[1]), STRICT, MTRR, PHYSICAL | 0xff, 0),
  ROW (0x203, "IA32_MTRR_PHYSMASK1", AT (mtrr_mask[1]), STRICT, MTRR, PHYSICAL | 0x800, 0),
  ROW (0x204, "IA32_MTRR_PHYSBASE2", AT (mtrr_base[2]), STRICT, MTRR, PHYSICAL | 0xff, 0),
  ROW (0x205, "IA32_MTRR_PHYSMASK2", AT (mtrr_mask[2]), STRICT, MTRR, PHYSICAL | 0x800, 0),
  ROW (0x206, "IA32_MTRR_PHYSBASE3", AT (mtrr_base[3]), STRICT, MTRR, PHYSICAL | 0xff, 0),
  ROW (0x207, "IA32_MTRR_PHYSMASK3", AT (mtrr_mask[3]), STRICT, MTRR, PHYSICAL | 0x800, 0),
  ROW (0x208, "IA32_MTRR_PHYSBASE4", AT (mtrr_base[4]), STRICT, MTRR, PHYSICAL | 0xff, 0),
  ROW (0x209, "IA32_MTRR_PHYSMASK4", AT (mtrr_mask[4]), STRICT, MTRR, PHYSICAL | 0x800, 0),
  ROW (0x20a, "IA32_MTRR_PHYSBASE5", AT (mtrr_base[5]), STRICT, MTRR, PHYSICAL | 0xff, 0),
  ROW (0x20b, "IA32_MTRR_PHYSMASK5", AT (mtrr_mask[5]), STRICT, MTRR, PHYSICAL | 0x800, 0),
  ROW (0x20c, "IA32_MTRR_PHYSBASE6", AT (mtrr_base[6]), STRICT, MTRR, PHYSICAL | 0xff, 0),
  ROW (0x20d, "IA32_MTRR_PHYSMASK6", AT (mtrr_mask[6]), STRICT, MTRR, PHYSICAL | 0x800, 0),
  ROW (0x20e, "IA32_MTRR_PHYSBASE7", AT (mtrr_base[7]), STRICT, MTRR, PHYSICAL | 0xff, 0),
  ROW (0x20f, "IA32_MTRR_PHYSMASK7", AT (mtrr_mask[7]), STRICT, MTRR, PHYSICAL | 0x800, 0),
  ROW (0x250, "IA32_MTRR_FIX64K_00000", AT (mtrr_fixed[0]), TYPES, MTRR, ALL, 0),
  ROW (0x258, "IA32_MTRR_FIX16K_80000", AT (mtrr_fixed[1]), TYPES, MTRR, ALL, 0),
  ROW (0x259, "IA32_MTRR_FIX16K_A0000", AT (mtrr_fixed[2]), TYPES, MTRR, ALL, 0),
  ROW (0x268, "IA32_MTRR_FIX4K_C0000", AT (mtrr_fixed[3]), TYPES, MTRR, ALL, 0),
  ROW (0x269, "IA32_MTRR_FIX4K_C8000", AT (mtrr_fixed[4]), TYPES, MTRR, ALL, 0),
  ROW (0x26a, "IA32_MTRR_FIX4K_D0000", AT (mtrr_fixed[5]), TYPES, MTRR, ALL, 0),
  ROW (0x26b, "IA32_MTRR_FIX4K_D8000", AT (mtrr_fixed[6]), TYPES, MTRR, ALL, 0),
  ROW (0x26c, "IA32_MTRR_FIX4K_E0000", AT (mtrr_fixed[7]), TYPES, MTRR, ALL, 0),
  ROW (0x26d, "IA32_MTRR_FIX4K_E8000", AT (mtrr_fixed[8]), TYPES, MTRR, ALL, 0),
  ROW (0x26e, "IA32_MTRR_FIX4K_F0000", AT (mtrr_fixed[9]), TYPES, MTRR, ALL, 0),
  ROW (0x26f, "IA32_MTRR_FIX4K_F8000", AT (mtrr_fixed[10]), TYPES, MTRR, ALL, 0),
  ROW (0x277, "IA32_PAT", AT (pat), PAT_TYPES, PAT, ALL, 0),
  ROW (0x2ff, "IA32_MTRR_DEF_TYPE", AT (mtrr_def_type), STRICT, MTRR, 0xcff, 0),
  ROW (0x400, "IA32_MC0_CTL", AT (mc_banks[0]), ANY, MCA, ALL, 0),
  ROW (0x401, "IA32_MC0_STATUS", AT (mc_banks[1]), ANY, MCA, ALL, 0),
  ROW (0x402, "IA32_MC0_ADDR", AT (mc_banks[2]), ANY, MCA, ALL, 0),
  ROW (0x403, "IA32_MC0_MISC", AT (mc_banks[3]), ANY, MCA, ALL, 0),
  ROW (0x404, "IA32_MC1_CTL", AT (mc_banks[4]), ANY, MCA, ALL, 0),
  ROW (0x405, "IA32_MC1_STATUS", AT (mc_banks[5]), ANY, MCA, ALL, 0),
  ROW (0x406, "IA32_MC1_ADDR", AT (mc_banks[6]), ANY, MCA, ALL, 0),
  ROW (0x407, "IA32_MC1_MISC", AT (mc_banks[7]), ANY, MCA, ALL, 0),
  ROW (0x408, "IA32_MC2_CTL", AT (mc_banks[8]), ANY, MCA, ALL, 0),
  ROW (0x409, "IA32_MC2_STATUS", AT (mc_banks[9]), ANY, MCA, ALL, 0),
  ROW (0x40a, "IA32_MC2_ADDR", AT (mc_banks[10]), ANY, MCA, ALL, 0),
  ROW (0x40b, "IA32_MC2_MISC", AT (mc_banks[11]), ANY, MCA, ALL, 0),
  ROW (0x40c, "IA32_MC3_CTL", AT (mc_banks[12]), ANY, MCA, ALL, 0),
  ROW (0x40d, "IA32_MC3_STATUS", AT (mc_banks[13]), ANY, MCA, ALL, 0),
  ROW (0x40e, "IA32_MC3_ADDR", AT (mc_banks[14]), ANY, MCA, ALL, 0),
  ROW (0x40f, "IA32_MC3_MISC", AT (mc_banks[15]), ANY, MCA, ALL, 0),
  ROW (0xc0000081, "IA32_STAR", AT (star), ANY, SYSCALL, ALL, 0),
  ROW (0xc0000082, "IA32_LSTAR", AT (lstar), CANONICAL, SYSCALL, ALL, 0),
  ROW (0xc0000083, "IA32_CSTAR", AT (cstar), CANONICAL, SYSCALL, ALL, 0),
  ROW (0xc0000084, "IA32_FMASK", AT (fmask), ANY, SYSCALL, 0xffffffff, 0),
  ROW (0xc0000103, "IA32_TSC_AUX", AT (tsc_aux), STRICT, RDTSCP, 0xffffffff, 0),
};
const guint x86_n_msrs = G_N_ELEMENTS (x86_msrs);

const X86Msr *
x86_msr_find (const X86Features *features, guint32 number)
{
  guint low = 0, high = x86_n_msrs;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (x86_msrs[middle].number == number)
        return features->has[x86_msrs[middle].feature] ? &x86_msrs[middle] : NULL;
      if (x86_msrs[middle].number < number)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

/* Whether every byte of @value is one of the memory types in the mask @types. */
static gboolean
all_types (guint64 value, guint types)
{
  for (guint i = 0; i < 8; i++)
    {
      guint type = (value >> i * 8) & 0xff;

      if (type > 7 || !(types >> type & 1))
        return FALSE;
    }
  return TRUE;
}

/* UC, WC, WT, WP, WB are 0, 1, 4, 5, 6; UC- is 7. */
#define MTRR_TYPES 0x73
#define PAT_TYPES  0xf3

gboolean
x86_msr_accepts (const X86Msr *msr, guint64 value)
{
  switch ((X86MsrRule) msr->rule)
    {
    case X86_MSR_ANY:       return TRUE;
    case X86_MSR_STRICT:    return (value & ~msr->writable) == 0;
    case X86_MSR_CANONICAL: return x86_is_canonical (value);
    case X86_MSR_TYPES:     return all_types (value, MTRR_TYPES);
    case X86_MSR_PAT_TYPES: return all_types (value, PAT_TYPES);
    case X86_MSR_READ_ONLY: return FALSE;
    }
  return FALSE;
}
