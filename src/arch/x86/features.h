/* features - what a CPU model can do: CPUID, `-cpu NAME,+feature,-feature`.
 *
 * One list gives the enum, the names, and the CPUID bits; models are rows of it.
 *
 * Threads: tables are constant; a model is set up once at start. */
#pragma once

#include <glib.h>

/*  id           name           leaf  subleaf register(0 a,1 b,2 c,3 d) bit */
#define X86_FEATURES(X) \
  X (FPU,        "fpu",         1, 0, 3, 0)   X (VME,      "vme",       1, 0, 3, 1) \
  X (DE,         "de",          1, 0, 3, 2)   X (PSE,      "pse",       1, 0, 3, 3) \
  X (TSC,        "tsc",         1, 0, 3, 4)   X (MSR,      "msr",       1, 0, 3, 5) \
  X (PAE,        "pae",         1, 0, 3, 6)   X (MCE,      "mce",       1, 0, 3, 7) \
  X (CX8,        "cx8",         1, 0, 3, 8)   X (APIC,     "apic",      1, 0, 3, 9) \
  X (SEP,        "sep",         1, 0, 3, 11)  X (MTRR,     "mtrr",      1, 0, 3, 12) \
  X (PGE,        "pge",         1, 0, 3, 13)  X (MCA,      "mca",       1, 0, 3, 14) \
  X (CMOV,       "cmov",        1, 0, 3, 15)  X (PAT,      "pat",       1, 0, 3, 16) \
  X (PSE36,      "pse36",       1, 0, 3, 17)  X (CLFLUSH,  "clflush",   1, 0, 3, 19) \
  X (MMX,        "mmx",         1, 0, 3, 23)  X (FXSR,     "fxsr",      1, 0, 3, 24) \
  X (SSE,        "sse",         1, 0, 3, 25)  X (SSE2,     "sse2",      1, 0, 3, 26) \
  X (SSE3,       "sse3",        1, 0, 2, 0)   X (PCLMUL,   "pclmulqdq", 1, 0, 2, 1) \
  X (MONITOR,    "monitor",     1, 0, 2, 3)   X (SSSE3,    "ssse3",     1, 0, 2, 9) \
  X (FMA,        "fma",         1, 0, 2, 12)  X (CX16,     "cx16",      1, 0, 2, 13) \
  X (PCID,       "pcid",        1, 0, 2, 17)  X (SSE41,    "sse4.1",    1, 0, 2, 19) \
  X (SSE42,      "sse4.2",      1, 0, 2, 20)  X (X2APIC,   "x2apic",    1, 0, 2, 21) \
  X (MOVBE,      "movbe",       1, 0, 2, 22)  X (POPCNT,   "popcnt",    1, 0, 2, 23) \
  X (TSC_DEADLINE, "tsc-deadline", 1, 0, 2, 24) X (AES,    "aes",       1, 0, 2, 25) \
  X (XSAVE,      "xsave",       1, 0, 2, 26)  X (AVX,      "avx",       1, 0, 2, 28) \
  X (F16C,       "f16c",        1, 0, 2, 29)  X (RDRAND,   "rdrand",    1, 0, 2, 30) \
  X (HYPERVISOR, "hypervisor",  1, 0, 2, 31) \
  X (ARAT,       "arat",        6, 0, 0, 2) \
  X (FSGSBASE,   "fsgsbase",    7, 0, 1, 0)   X (TSC_ADJUST, "tsc-adjust", 7, 0, 1, 1) \
  X (BMI1,       "bmi1",        7, 0, 1, 3)   X (AVX2,     "avx2",      7, 0, 1, 5) \
  X (SMEP,       "smep",        7, 0, 1, 7)   X (BMI2,     "bmi2",      7, 0, 1, 8) \
  X (ERMS,       "erms",        7, 0, 1, 9)   X (INVPCID,  "invpcid",   7, 0, 1, 10) \
  X (RDSEED,     "rdseed",      7, 0, 1, 18)  X (ADX,      "adx",       7, 0, 1, 19) \
  X (SMAP,       "smap",        7, 0, 1, 20)  X (CLFLUSHOPT, "clflushopt", 7, 0, 1, 23) \
  X (CLWB,       "clwb",        7, 0, 1, 24)  X (SHA,      "sha-ni",    7, 0, 1, 29) \
  X (UMIP,       "umip",        7, 0, 2, 2)   X (RDPID,    "rdpid",     7, 0, 2, 22) \
  X (FSRM,       "fsrm",        7, 0, 3, 4) \
  X (XSAVEOPT,   "xsaveopt",    0xd, 1, 0, 0) X (XSAVEC,   "xsavec",    0xd, 1, 0, 1) \
  X (XGETBV1,    "xgetbv1",     0xd, 1, 0, 2) \
  X (LAHF,       "lahf_lm",     0x80000001, 0, 2, 0)  X (ABM, "abm",    0x80000001, 0, 2, 5) \
  X (PREFETCHW,  "3dnowprefetch", 0x80000001, 0, 2, 8) \
  X (SYSCALL,    "syscall",     0x80000001, 0, 3, 11) X (NX,  "nx",     0x80000001, 0, 3, 20) \
  X (PDPE1GB,    "pdpe1gb",     0x80000001, 0, 3, 26) X (RDTSCP, "rdtscp", 0x80000001, 0, 3, 27) \
  X (LM,         "lm",          0x80000001, 0, 3, 29) \
  X (TSC_INVARIANT, "invtsc",   0x80000007, 0, 3, 8) \
  X (KVM_NOPIODELAY, "kvm-nopiodelay", 0x40000001, 0, 0, 1) X (KVMCLOCK, "kvmclock", 0x40000001, 0, 0, 3) \
  X (KVM_PV_EOI, "kvm-pv-eoi",  0x40000001, 0, 0, 6) X (KVMCLOCK_STABLE, "kvmclock-stable-bit", 0x40000001, 0, 0, 24)

typedef enum
{
  X86_FEATURE_NONE,
#define X(id, name, leaf, sub, reg, bit) X86_FEATURE_##id,
  X86_FEATURES (X)
#undef X
  X86_N_FEATURES
} X86Feature;

/* The time stamp counter counts guest nanoseconds if nothing else is asked for, and so does the local APIC's timer always, whose
 * clock the crystal's is (CPUID 15h tells the guest both). */
#define X86_TSC_HZ     1000000000u
#define X86_CRYSTAL_HZ 1000000000u

typedef struct _X86Features X86Features;

/* A CPU as the guest is told. */
struct _X86Features
{
  guint8      has[X86_N_FEATURES];   /* [0] is always 1 */
  const char *model;                 /* name in the list of models */
  char        vendor[13];
  char        brand[49];
  guint32     signature;             /* family, model, stepping: CPUID.1:EAX, and EDX at reset */
  guint32     max_leaf, max_extended;
  guint8      level;                 /* 0: 8086/80286-like, 3: 386, 4: 486, 5: Pentium, 6: P6 and later */
  guint       n_cpus;                /* for topology leaves */
  guint64     tsc_hz;                /* of the time stamp counter */
};

/* "max", "x86-64-v3,+sse4.2,-avx", "max,tsc-frequency=2400000000": an unknown model or feature is an error that names the nearest known.
 * Features that this host cannot run are refused with a sentence, or left out of the default and of "max". */
gboolean x86_features_parse (X86Features *features, const char *text, guint n_cpus, GError **error);
/* The whole of it as a text that x86_features_parse() makes the same of on any host that can run it: the model, and all
 * features one by one.  Free it. */
char    *x86_features_format (const X86Features *features);
/* The highest level that the host runs at full speed. */
const char *x86_features_default_model (void);
/* Newline-separated "name  description" for -cpu help. */
char    *x86_features_list_models (void);

/* Bits that XCR0 may have. */
guint64  x86_features_xcr0 (const X86Features *features);

/* CPUID for CPU number @index; dynamic parts (OSXSAVE, APIC id, XSAVE sizes for @xcr0) filled in. */
typedef struct { guint32 eax, ebx, ecx, edx; } X86Cpuid;
struct _X86CpuidContext { guint index; guint32 apic_id; guint64 cr4, xcr0; };
/* Whether the guest is told that it runs under KVM, and what KVM does for it. */
gboolean x86_features_like_kvm (const X86Features *features);
X86Cpuid x86_features_cpuid (const X86Features *features, guint32 leaf, guint32 subleaf,
                             const struct _X86CpuidContext *context);
