/* msr.c - the table of model-specific registers.
 * Source: Intel SDM vol. 4, chapter 2; vol. 3A, 12.11 (MTRRs), 12.12 (PAT), 16.3 (machine check).
 * Left out: performance counters, branch records, thermal and power control, microcode
 * (a revision is shown, an update is dropped).  Memory types are kept and not acted upon. */

#include "config.h"

#include "arch/x86/msr.h"

#include "arch/x86/msr-list.h"

#define HELD(number, name, member, rule, feature, writable) \
  { number, #name, G_STRUCT_OFFSET (X86State, member), X86_MSR_##rule, X86_FEATURE_##feature, writable, 0 },
#define FIXED(number, name, rule, feature, writable, value) \
  { number, #name, X86_MSR_NO_SLOT, X86_MSR_##rule, X86_FEATURE_##feature, writable, value },

const X86Msr x86_msrs[] = { X86_MSR_LIST (HELD, FIXED) };
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
