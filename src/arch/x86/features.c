/* features.c - CPU models and what CPUID says of them.
 * Source: Intel SDM vol. 2A, CPUID; x86-64 psABI 1.0, table 3.1 (levels v1 to v3);
 * AMD APM vol. 3, appendix E (extended leaves).
 * Left out: the 386 and what came before it; AVX-512, 3DNow!, performance counters.
 *
 * Vendor and signature are chosen for what Linux makes of them:
 *
 * - GenuineIntel, because Linux then takes the frequencies of the time stamp counter and of the
 *   local APIC's timer from leaves 15h and 16h and calibrates nothing.  Both are exact: guest time
 *   is nanoseconds, the counter counts them (X86_TSC_HZ).
 * - Family 6, model 36h ("Saltwell"), because that is a core without speculative execution, and so
 *   is this one.  Linux then leaves out page-table isolation, return thunks and the like, which
 *   guard against what a translated program cannot do.
 *
 * MONITOR is in no model: MWAIT here waits for interrupts only, and Linux would use it to
 * wait for a store by another CPU.  SMAP, PCID, UMIP and ERMS are in `max` alone: they cost the
 * guest instructions and give this CPU nothing. */

#include "config.h"

#include "arch/x86/features.h"

#include <cpuid.h>
#include <glib/gi18n.h>
#include <string.h>

#include "arch/x86/paging.h"

typedef struct
{
  const char *name;
  guint32     leaf;
  guint8      subleaf, reg, bit;
} FeatureInfo;

static const FeatureInfo feature_info[X86_N_FEATURES] = {
#define X(id, name, leaf, sub, reg, bit) [X86_FEATURE_##id] = { name, leaf, sub, reg, bit },
  X86_FEATURES (X)
#undef X
};

#define F(id) X86_FEATURE_##id
#define END   X86_FEATURE_NONE

static const guint8 set_486[]      = { F (FPU), F (VME), F (APIC), END };
static const guint8 set_pentium[]  = { F (DE), F (PSE), F (TSC), F (MSR), F (MCE), F (CX8), END };
static const guint8 set_pentium2[] = { F (PAE), F (SEP), F (MTRR), F (PGE), F (MCA), F (CMOV), F (PAT), F (PSE36), F (MMX),
                                       F (FXSR), END };
static const guint8 set_pentium3[] = { F (SSE), END };
/* What a platform of today has besides the CPU's instructions. */
static const guint8 set_platform[] = { F (SSE2), F (CLFLUSH), F (X2APIC), F (TSC_DEADLINE), F (ARAT), F (TSC_ADJUST),
                                       F (TSC_INVARIANT), F (HYPERVISOR), F (NX), F (RDTSCP), F (RDRAND), F (RDSEED), END };
static const guint8 set_v1[]       = { F (LM), F (SYSCALL), F (SMEP), F (PDPE1GB), F (FSGSBASE), F (RDPID), F (CLFLUSHOPT),
                                       F (CLWB), F (PREFETCHW), END };
static const guint8 set_v2[]       = { F (CX16), F (LAHF), F (POPCNT), F (SSE3), F (SSSE3), F (SSE41), F (SSE42), END };
static const guint8 set_v3[]       = { F (XSAVE), F (XSAVEOPT), F (XSAVEC), F (XGETBV1), F (AVX), F (AVX2), F (BMI1), F (BMI2),
                                       F (F16C), F (FMA), F (ABM), F (MOVBE), END };
static const guint8 set_max[]      = { F (PCLMUL), F (AES), F (SHA), F (ADX), F (PCID), F (INVPCID), F (SMAP), F (UMIP),
                                       F (ERMS), F (FSRM), END };

typedef struct
{
  const char   *name, *summary, *brand;
  guint32       signature, max_leaf, max_extended;
  guint8        level;
  gboolean      fits_host;        /* what the host lacks is left out, not refused */
  const guint8 *sets[9];          /* lists of features, NULL at the end */
} Model;

#define SALTWELL 0x00030661

static const Model models[] = {
  { "486", N_("i486 DX4, with CPUID"), "", 0x480, 1, 0, 4, FALSE, { set_486 } },
  { "pentium", N_("Pentium"), "", 0x52c, 1, 0, 5, FALSE, { set_486, set_pentium } },
  { "pentium2", N_("Pentium II: PAE, MMX"), "", 0x652, 2, 0, 6, FALSE, { set_486, set_pentium, set_pentium2 } },
  { "pentium3", N_("Pentium III: SSE"), "", 0x68a, 2, 0, 6, FALSE, { set_486, set_pentium, set_pentium2, set_pentium3 } },
  { "i686", N_("32 bits with SSE2 and a modern platform"), "Astern i686", SALTWELL, 0x16, 0x80000008, 6, FALSE,
    { set_486, set_pentium, set_pentium2, set_pentium3, set_platform } },
  { "x86-64-v1", N_("64 bits, as the first"), "Astern x86-64-v1", SALTWELL, 0x16, 0x80000008, 6, FALSE,
    { set_486, set_pentium, set_pentium2, set_pentium3, set_platform, set_v1 } },
  { "x86-64-v2", N_("to SSE4.2 and POPCNT"), "Astern x86-64-v2", SALTWELL, 0x16, 0x80000008, 6, FALSE,
    { set_486, set_pentium, set_pentium2, set_pentium3, set_platform, set_v1, set_v2 } },
  { "x86-64-v3", N_("to AVX2, BMI2 and FMA"), "Astern x86-64-v3", SALTWELL, 0x16, 0x80000008, 6, FALSE,
    { set_486, set_pentium, set_pentium2, set_pentium3, set_platform, set_v1, set_v2, set_v3 } },
  { "max", N_("all that there is and that this host can run"), "Astern max", SALTWELL, 0x16, 0x80000008, 6, TRUE,
    { set_486, set_pentium, set_pentium2, set_pentium3, set_platform, set_v1, set_v2, set_v3, set_max } },
};

static const struct { const char *alias, *name; } aliases[] = {
  { "x86-64", "x86-64-v1" }, { "qemu64", "x86-64-v2" }, { "qemu32", "i686" },
};

/* The second is of no use, or not defined, without the first. */
static const guint8 needs[][2] = {
  { F (SSE2), F (SSE) }, { F (SSE), F (FXSR) }, { F (SSE3), F (SSE2) }, { F (SSSE3), F (SSE3) }, { F (SSE41), F (SSSE3) },
  { F (SSE42), F (SSE41) }, { F (PCLMUL), F (SSE2) }, { F (AES), F (SSE2) }, { F (SHA), F (SSSE3) },
  { F (AVX), F (XSAVE) }, { F (AVX), F (SSE42) }, { F (AVX2), F (AVX) }, { F (FMA), F (AVX) }, { F (F16C), F (AVX) },
  { F (XSAVE), F (FXSR) }, { F (XSAVEOPT), F (XSAVE) }, { F (XSAVEC), F (XSAVE) }, { F (XGETBV1), F (XSAVE) },
  { F (MMX), F (FPU) }, { F (FXSR), F (FPU) }, { F (X2APIC), F (APIC) }, { F (TSC_DEADLINE), F (APIC) },
  { F (TSC_DEADLINE), F (TSC) }, { F (TSC_ADJUST), F (TSC) }, { F (TSC_INVARIANT), F (TSC) }, { F (RDTSCP), F (TSC) },
  { F (PCID), F (LM) }, { F (LM), F (PAE) }, { F (LM), F (MSR) }, { F (LM), F (SSE2) }, { F (NX), F (PAE) },
  { F (SYSCALL), F (MSR) }, { F (SEP), F (MSR) }, { F (PDPE1GB), F (LM) }, { F (FSGSBASE), F (LM) }, { F (CX16), F (LM) },
  { F (KVMCLOCK), F (HYPERVISOR) }, { F (KVMCLOCK), F (TSC) }, { F (KVMCLOCK), F (MSR) }, { F (KVMCLOCK_STABLE), F (KVMCLOCK) },
  { F (KVM_PV_EOI), F (HYPERVISOR) }, { F (KVM_PV_EOI), F (APIC) }, { F (KVM_PV_EOI), F (MSR) }, { F (KVM_NOPIODELAY), F (HYPERVISOR) },
};

/* Run by the host's own instructions. */
static const guint8 host_features[] = {
  F (FPU), F (MMX), F (SSE), F (SSE2), F (SSE3), F (PCLMUL), F (SSSE3), F (FMA), F (SSE41), F (SSE42), F (POPCNT), F (AES),
  F (AVX), F (F16C), F (BMI1), F (AVX2), F (BMI2), F (ADX), F (SHA), F (ABM), END
};

static guint32
cpuid_reg (guint32 eax, guint32 ebx, guint32 ecx, guint32 edx, guint reg)
{
  return reg == 0 ? eax : reg == 1 ? ebx : reg == 2 ? ecx : edx;
}

/* Whether the host's kernel saves the YMM registers. */
static gboolean
host_saves_ymm (void)
{
  guint32 eax, ebx, ecx, edx;

  if (!__get_cpuid (1, &eax, &ebx, &ecx, &edx) || !(ecx & (1u << 27)))
    return FALSE;
  __asm__ volatile ("xgetbv" : "=a" (eax), "=d" (edx) : "c" (0));
  return (eax & 6) == 6;
}

static gboolean
host_can (X86Feature feature)
{
  const FeatureInfo *info = &feature_info[feature];
  guint32 eax, ebx, ecx, edx;

  if (memchr (host_features, feature, sizeof host_features - 1) == NULL)
    return TRUE;
  if (!__get_cpuid_count (info->leaf, info->subleaf, &eax, &ebx, &ecx, &edx) ||
      !((cpuid_reg (eax, ebx, ecx, edx, info->reg) >> info->bit) & 1))
    return FALSE;
  return (feature != F (AVX) && feature != F (AVX2) && feature != F (FMA) && feature != F (F16C)) || host_saves_ymm ();
}

static void
add_sets (X86Features *features, const Model *model)
{
  for (guint i = 0; i < G_N_ELEMENTS (model->sets) && model->sets[i] != NULL; i++)
    for (const guint8 *id = model->sets[i]; *id != END; id++)
      features->has[*id] = 1;
}

/* The first feature of the model that the host lacks, or X86_FEATURE_NONE. */
static X86Feature
host_lacks (const X86Features *features)
{
  for (guint i = 1; i < X86_N_FEATURES; i++)
    if (features->has[i] && !host_can (i))
      return i;
  return X86_FEATURE_NONE;
}

const char *
x86_features_default_model (void)
{
  static const char *const best_first[] = { "x86-64-v3", "x86-64-v2" };

  for (guint i = 0; i < G_N_ELEMENTS (best_first); i++)
    for (guint m = 0; m < G_N_ELEMENTS (models); m++)
      if (strcmp (models[m].name, best_first[i]) == 0)
        {
          X86Features features = { 0 };

          add_sets (&features, &models[m]);
          if (host_lacks (&features) == X86_FEATURE_NONE)
            return models[m].name;
        }
  return "x86-64-v1";
}

char *
x86_features_list_models (void)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    g_string_append_printf (text, "%-12s  %s%s\n", models[i].name, _(models[i].summary),
                            strcmp (models[i].name, x86_features_default_model ()) == 0 ? _(" (default)") : "");
  g_string_append (text, _("Features, to be added with + or taken away with -:\n "));
  for (guint i = 1; i < X86_N_FEATURES; i++)
    g_string_append_printf (text, " %s", feature_info[i].name);
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

/* Edit distance, for short words. */
static guint
distance (const char *a, const char *b)
{
  guint row[32], n = MIN (strlen (b), G_N_ELEMENTS (row) - 1);

  for (guint j = 0; j <= n; j++)
    row[j] = j;
  for (guint i = 0; a[i] != '\0'; i++)
    {
      guint diagonal = row[0];

      row[0] = i + 1;
      for (guint j = 1; j <= n; j++)
        {
          guint changed = diagonal + (g_ascii_tolower (a[i]) != g_ascii_tolower (b[j - 1]));

          diagonal = row[j];
          row[j] = MIN (changed, 1 + MIN (row[j], row[j - 1]));
        }
    }
  return row[n];
}

static const Model *
find_model (const char *name, GError **error)
{
  const char *nearest = models[0].name;

  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    if (strcmp (name, aliases[i].alias) == 0)
      name = aliases[i].name;
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      if (strcmp (name, models[i].name) == 0)
        return &models[i];
      if (distance (name, models[i].name) < distance (name, nearest))
        nearest = models[i].name;
    }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _("There is no CPU model “%s”. The nearest is “%s”; “-cpu help” lists all."), name, nearest);
  return NULL;
}

static X86Feature
find_feature (const char *name, GError **error)
{
  guint nearest = 1;

  for (guint i = 1; i < X86_N_FEATURES; i++)
    {
      if (strcmp (name, feature_info[i].name) == 0)
        return i;
      if (distance (name, feature_info[i].name) < distance (name, feature_info[nearest].name))
        nearest = i;
    }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _("There is no CPU feature “%s”. The nearest is “%s”; “-cpu help” lists all."),
               name, feature_info[nearest].name);
  return X86_FEATURE_NONE;
}

#define TSC_WORD   "tsc-frequency="
#define LEAST_TSC  1000000u            /* 1 MHz; CPUID 15h and 16h tell of up to 4 THz and 65 GHz */
#define MOST_TSC   60000000000u

static gboolean
apply_tsc (X86Features *features, const char *text, GError **error)
{
  if (g_ascii_string_to_unsigned (text, 10, LEAST_TSC, MOST_TSC, &features->tsc_hz, NULL))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _("“%s” is no frequency of a time stamp counter: write it in Hz, from 1000000 to 60000000000."), text);
  return FALSE;
}

/* "+name", "-name", "name=on", "name=off", "tsc-frequency=Hz". */
static gboolean
apply_word (X86Features *features, guint8 *wanted, const char *word, GError **error)
{
  g_autofree char *name = NULL;
  gboolean on = word[0] != '-';
  X86Feature feature;

  if (g_str_has_prefix (word, TSC_WORD))
    return apply_tsc (features, word + strlen (TSC_WORD), error);
  if (word[0] == '+' || word[0] == '-')
    name = g_strdup (word + 1);
  else if (g_str_has_suffix (word, "=on") || g_str_has_suffix (word, "=off"))
    {
      on = g_str_has_suffix (word, "=on");
      name = g_strndup (word, strlen (word) - (on ? 3 : 4));
    }
  else
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _("“%s” is no change to a CPU model: write “+%s” or “-%s”."), word, word, word);
      return FALSE;
    }
  feature = find_feature (name, error);
  if (feature == X86_FEATURE_NONE)
    return FALSE;
  if (on && !host_can (feature))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("This host cannot run the CPU feature “%s”."), name);
      return FALSE;
    }
  features->has[feature] = wanted[feature] = on;
  return TRUE;
}

/* Takes away what stands on something that is not there; an error if it was asked for. */
static gboolean
settle_needs (X86Features *features, const guint8 *wanted, GError **error)
{
  gboolean again = TRUE;

  while (again)
    {
      again = FALSE;
      for (guint i = 0; i < G_N_ELEMENTS (needs); i++)
        {
          guint user = needs[i][0], base = needs[i][1];

          if (!features->has[user] || features->has[base])
            continue;
          if (wanted[user])
            {
              g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _("The CPU feature “%s” needs “%s”."), feature_info[user].name, feature_info[base].name);
              return FALSE;
            }
          features->has[user] = 0;
          again = TRUE;
        }
    }
  return TRUE;
}

gboolean
x86_features_parse (X86Features *features, const char *text, guint n_cpus, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);
  guint8 wanted[X86_N_FEATURES] = { 0 };
  const Model *model = find_model (words[0] != NULL ? words[0] : "", error);
  X86Features result = { .n_cpus = n_cpus, .tsc_hz = X86_TSC_HZ };
  X86Feature lacking;

  if (model == NULL)
    return FALSE;
  add_sets (&result, model);
  result.has[X86_FEATURE_NONE] = 1;
  result.model = model->name;
  result.signature = model->signature;
  result.max_leaf = model->max_leaf;
  result.max_extended = model->max_extended;
  result.level = model->level;
  g_strlcpy (result.vendor, "GenuineIntel", sizeof result.vendor);
  g_strlcpy (result.brand, model->brand, sizeof result.brand);
  if (model->fits_host)
    while ((lacking = host_lacks (&result)) != X86_FEATURE_NONE)
      result.has[lacking] = 0;
  for (guint i = 1; words[0] != NULL && words[i] != NULL; i++)
    if (!apply_word (&result, wanted, words[i], error))
      return FALSE;
  if (!settle_needs (&result, wanted, error))
    return FALSE;
  lacking = host_lacks (&result);
  if (lacking != X86_FEATURE_NONE)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _("The CPU model “%s” has “%s”, which this host cannot run. Take it away with “%s,-%s”, or use “-cpu %s”."),
                   model->name, feature_info[lacking].name, model->name, feature_info[lacking].name,
                   x86_features_default_model ());
      return FALSE;
    }
  *features = result;
  return TRUE;
}

char *
x86_features_format (const X86Features *features)
{
  GString *text = g_string_new (features->model);

  for (guint i = 1; i < X86_N_FEATURES; i++)
    g_string_append_printf (text, ",%c%s", features->has[i] ? '+' : '-', feature_info[i].name);
  if (features->tsc_hz != X86_TSC_HZ)
    g_string_append_printf (text, "," TSC_WORD "%" G_GUINT64_FORMAT, features->tsc_hz);
  return g_string_free (text, FALSE);
}

/* --- CPUID --- */

static void
add_feature_bits (const X86Features *features, guint32 leaf, guint32 subleaf, X86Cpuid *r)
{
  for (guint i = 1; i < X86_N_FEATURES; i++)
    {
      const FeatureInfo *info = &feature_info[i];

      if (features->has[i] && info->leaf == leaf && info->subleaf == subleaf)
        {
          guint32 *reg = info->reg == 0 ? &r->eax : info->reg == 1 ? &r->ebx : info->reg == 2 ? &r->ecx : &r->edx;

          *reg |= 1u << info->bit;
        }
    }
}

static void
put_text (X86Cpuid *r, const char *text)   /* 16 bytes */
{
  memcpy (&r->eax, text, 4);
  memcpy (&r->ebx, text + 4, 4);
  memcpy (&r->ecx, text + 8, 4);
  memcpy (&r->edx, text + 12, 4);
}

/* Bits of an APIC id that tell the CPUs of a package apart. */
static guint
apic_id_bits (const X86Features *features)
{
  return features->n_cpus > 1 ? g_bit_storage (features->n_cpus - 1) : 0;
}

static void
leaf_1 (const X86Features *features, const struct _X86CpuidContext *context, X86Cpuid *r)
{
  r->eax = features->signature;
  r->ebx = (context->apic_id & 0xff) << 24 | features->n_cpus << 16
           | (features->has[F (CLFLUSH)] ? 8 << 8 : 0);      /* lines of 8 x 8 bytes */
  if (features->n_cpus > 1)
    r->edx |= 1u << 28;                                       /* HTT: EBX's count of CPUs holds */
  if (context->cr4 & (1u << 18))
    r->ecx |= 1u << 27;                                       /* OSXSAVE */
}

/* Descriptors.  A CPU without leaf 4 may not refer to it: who counts its subleaves would
 * be answered by this leaf, which has no last one. */
static void
leaf_2 (const X86Features *features, X86Cpuid *r)
{
  enum { ASK_LEAF_4 = 0xff, L1_DATA_16K = 0x0c, L1_CODE_16K = 0x08, DATA_TLB_4M = 0x04, L2_256K = 0x82, L2_512K = 0x43 };
  enum { CODE_TLB_4K = 0x01, CODE_TLB_4M = 0x02, DATA_TLB_4K = 0x03, COPPERMINE = 0x680 };

  r->eax = 1;                  /* asking once is enough */
  if (features->max_leaf >= 4)
    {
      r->eax |= ASK_LEAF_4 << 8;
      return;
    }
  r->eax |= CODE_TLB_4K << 8 | CODE_TLB_4M << 16 | DATA_TLB_4K << 24;
  r->edx = L1_DATA_16K << 24 | DATA_TLB_4M << 16 | L1_CODE_16K << 8
           | (features->signature >= COPPERMINE ? L2_256K : L2_512K);
}

static void
leaf_4 (const X86Features *features, guint32 subleaf, X86Cpuid *r)
{
  /* type: 1 data, 2 instructions, 3 both; lines of 64 bytes */
  static const struct { guint8 type, level, ways, shared; guint32 sets; } caches[] = {
    { 1, 1, 8, 0, 64 }, { 2, 1, 8, 0, 64 }, { 3, 2, 16, 0, 1024 }, { 3, 3, 16, 1, 16384 },
  };
  guint package = (1u << apic_id_bits (features)) - 1;

  if (subleaf >= G_N_ELEMENTS (caches))
    return;
  r->eax = caches[subleaf].type | caches[subleaf].level << 5 | 1u << 8 | (caches[subleaf].shared ? package : 0) << 14
           | package << 26;
  r->ebx = 63 | (caches[subleaf].ways - 1u) << 22;
  r->ecx = caches[subleaf].sets - 1;
}

static void
leaf_b (const X86Features *features, guint32 subleaf, const struct _X86CpuidContext *context, X86Cpuid *r)
{
  r->ecx = subleaf & 0xff;
  r->edx = context->apic_id;
  if (subleaf == 0)            /* threads of a core */
    {
      r->ebx = 1;
      r->ecx |= 1 << 8;
    }
  else if (subleaf == 1)       /* cores of the package */
    {
      r->eax = apic_id_bits (features);
      r->ebx = features->n_cpus;
      r->ecx |= 2 << 8;
    }
}

#define XSAVE_LEGACY 576   /* FXSAVE's image and the header */
#define XSAVE_AVX    256

static void
leaf_d (const X86Features *features, guint32 subleaf, const struct _X86CpuidContext *context, X86Cpuid *r)
{
  if (!features->has[F (XSAVE)])
    *r = (X86Cpuid) { 0 };
  else if (subleaf == 0)
    {
      r->eax = x86_features_xcr0 (features);
      r->ebx = XSAVE_LEGACY + ((context->xcr0 & 4) ? XSAVE_AVX : 0);
      r->ecx = XSAVE_LEGACY + (features->has[F (AVX)] ? XSAVE_AVX : 0);
    }
  else if (subleaf == 1)
    r->ebx = features->has[F (XSAVEC)] ? XSAVE_LEGACY + ((context->xcr0 & 4) ? XSAVE_AVX : 0) : 0;
  else if (subleaf == 2 && features->has[F (AVX)])
    {
      r->eax = XSAVE_AVX;
      r->ebx = XSAVE_LEGACY;
    }
}

guint64
x86_features_xcr0 (const X86Features *features)
{
  return 3 | (features->has[F (AVX)] ? 4 : 0);
}

#define HYPERVISOR_LEAF 0x40000000
#define EXTENDED_LEAF   0x80000000

/* What guests know as KVM's. */
gboolean
x86_features_like_kvm (const X86Features *features)
{
  return features->has[F (KVMCLOCK)] || features->has[F (KVM_PV_EOI)] || features->has[F (KVM_NOPIODELAY)];
}

/* A leaf that is not there is answered by the last basic one, as Intel's CPUs do. */
static guint32
existing_leaf (const X86Features *features, guint32 leaf)
{
  if (leaf >= HYPERVISOR_LEAF && leaf <= HYPERVISOR_LEAF + 0xff && features->has[F (HYPERVISOR)])
    return leaf == HYPERVISOR_LEAF + 1 && x86_features_like_kvm (features) ? leaf : HYPERVISOR_LEAF;
  if (leaf >= EXTENDED_LEAF ? leaf <= features->max_extended : leaf <= features->max_leaf)
    return leaf;
  return features->max_leaf;
}

X86Cpuid
x86_features_cpuid (const X86Features *features, guint32 leaf, guint32 subleaf, const struct _X86CpuidContext *context)
{
  X86Cpuid r = { 0 };
  char text[49] = "";

  leaf = existing_leaf (features, leaf);
  add_feature_bits (features, leaf, leaf == 7 || leaf == 0xd ? subleaf : 0, &r);
  switch (leaf)
    {
    case 0:
      r.eax = features->max_leaf;
      memcpy (&r.ebx, features->vendor, 4);
      memcpy (&r.edx, features->vendor + 4, 4);
      memcpy (&r.ecx, features->vendor + 8, 4);
      break;
    case 1:
      leaf_1 (features, context, &r);
      break;
    case 2:
      leaf_2 (features, &r);
      break;
    case 4:
      leaf_4 (features, subleaf, &r);
      break;
    case 0xb:
      if (features->has[F (APIC)])
        leaf_b (features, subleaf, context, &r);
      break;
    case 0xd:
      leaf_d (features, subleaf, context, &r);
      break;
    /* Both are told where the ratio is a small number: kernels multiply in 32 bits.  Elsewhere they measure. */
    case 0x15:                 /* TSC = crystal * EBX / EAX */
      if (features->has[F (TSC)] && features->tsc_hz % X86_CRYSTAL_HZ == 0)
        r = (X86Cpuid) { 1, (guint32) (features->tsc_hz / X86_CRYSTAL_HZ), X86_CRYSTAL_HZ, 0 };
      break;
    case 0x16:                 /* MHz: base, highest, bus */
      if (features->tsc_hz % X86_CRYSTAL_HZ == 0)
        r = (X86Cpuid) { (guint32) (features->tsc_hz / 1000000), (guint32) (features->tsc_hz / 1000000), 100, 0 };
      break;
    case HYPERVISOR_LEAF:
      put_text (&r, x86_features_like_kvm (features) ? "\1\0\0@KVMKVMKVM\0\0\0" : "\0\0\0@AsternAstern");
      break;
    case EXTENDED_LEAF:
      r.eax = features->max_extended;
      break;
    case 0x80000002: case 0x80000003: case 0x80000004:
      g_strlcpy (text, features->brand, sizeof text);
      put_text (&r, text + (leaf - 0x80000002) * 16);
      break;
    case 0x80000006:
      r.ecx = 1024u << 16 | 8 << 12 | 64;      /* L2: 1 MiB, 16 ways, 64-byte lines */
      break;
    case 0x80000008:
      r.eax = (features->has[F (LM)] ? X86_LINEAR_BITS : 32) << 8
              | (features->has[F (PAE)] || features->has[F (PSE36)] ? X86_PHYSICAL_BITS : 32);
      break;
    default:
      break;
    }
  return r;
}
