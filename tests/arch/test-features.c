/* test-features - CPU models, their options, CPUID. */
#include "config.h"

#include <string.h>

#include "arch/x86/features.h"
#include "arch/x86/msr.h"

static const struct _X86CpuidContext first_cpu = { 0, 0, 0, 1 };

static X86Features
model (const char *text)
{
  X86Features features;
  g_autoptr (GError) error = NULL;

  if (!x86_features_parse (&features, text, 1, &error))
    g_error ("%s: %s", text, error->message);
  return features;
}

static void
assert_refused (const char *text, const char *because)
{
  X86Features features;
  g_autoptr (GError) error = NULL;

  g_assert_false (x86_features_parse (&features, text, 1, &error));
  g_assert_nonnull (strstr (error->message, because));
}

static void
every_model_and_the_default_can_be_had (void)
{
  static const char *const names[] = { "486", "pentium", "pentium2", "pentium3", "i686", "x86-64-v1", "max" };
  X86Features features = model (x86_features_default_model ());

  g_assert_true (features.has[X86_FEATURE_LM]);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_cmpstr (model (names[i]).model, ==, names[i]);
}

static void
models_have_what_their_names_say (void)
{
  g_assert_false (model ("486").has[X86_FEATURE_TSC]);
  g_assert_false (model ("pentium").has[X86_FEATURE_CMOV]);
  g_assert_true (model ("pentium3").has[X86_FEATURE_SSE]);
  g_assert_false (model ("pentium3").has[X86_FEATURE_SSE2]);
  g_assert_false (model ("i686").has[X86_FEATURE_LM]);
  g_assert_true (model ("x86-64-v1").has[X86_FEATURE_SYSCALL]);
  g_assert_false (model ("x86-64-v1").has[X86_FEATURE_SSSE3]);
}

static void
features_can_be_added_and_taken_away (void)
{
  g_assert_true (model ("x86-64-v1,+smap").has[X86_FEATURE_SMAP]);
  g_assert_true (model ("x86-64-v1,umip=on").has[X86_FEATURE_UMIP]);
  g_assert_false (model ("x86-64-v1,-nx").has[X86_FEATURE_NX]);
}

static void
what_stands_on_a_missing_feature_goes_too (void)
{
  X86Features features = model ("max,-xsave");

  g_assert_false (features.has[X86_FEATURE_AVX]);
  g_assert_false (features.has[X86_FEATURE_AVX2]);
  assert_refused ("x86-64-v1,-apic,+x2apic", "needs");
}

static void
an_unknown_name_names_the_nearest (void)
{
  assert_refused ("x86-64-v9", "x86-64-v");
  assert_refused ("pentum", "pentium");
  assert_refused ("max,+smaap", "smap");
  assert_refused ("max,sse", "+sse");
}

static void
cpuid_names_vendor_and_leaves (void)
{
  X86Features features = model ("x86-64-v1");
  X86Cpuid r = x86_features_cpuid (&features, 0, 0, &first_cpu);
  char vendor[13] = "";

  memcpy (vendor, &r.ebx, 4);
  memcpy (vendor + 4, &r.edx, 4);
  memcpy (vendor + 8, &r.ecx, 4);
  g_assert_cmpstr (vendor, ==, "GenuineIntel");
  g_assert_cmpuint (r.eax, >=, 0x16);
}

static void
cpuid_shows_the_features (void)
{
  X86Features features = model ("x86-64-v1,-sep");
  X86Cpuid r = x86_features_cpuid (&features, 1, 0, &first_cpu);

  g_assert_true (r.edx & (1u << 26));      /* SSE2 */
  g_assert_false (r.edx & (1u << 11));     /* SEP */
  g_assert_true (x86_features_cpuid (&features, 0x80000001, 0, &first_cpu).edx & (1u << 29));
}

/* The C library counts leaf 4's subleaves until there are no more. */
static void
cpuid_refers_to_leaf_4_only_where_it_ends (void)
{
  static const char *const names[] = { "pentium2", "pentium3", "i686", "x86-64-v3" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      X86Features features = model (names[i]);
      X86Cpuid r = x86_features_cpuid (&features, 2, 0, &first_cpu);
      const guint32 words[] = { r.eax >> 8, r.ebx, r.ecx, r.edx };
      gboolean refers = FALSE;

      g_assert_cmpuint (r.eax & 0xff, ==, 1);
      for (guint word = 0; word < G_N_ELEMENTS (words); word++)
        for (guint byte = 0; byte < 4; byte++)
          refers |= (words[word] >> (8 * byte) & 0xff) == 0xff;
      g_assert_cmpint (refers, ==, features.max_leaf >= 4);
      if (refers)
        g_assert_cmphex (x86_features_cpuid (&features, 4, 9, &first_cpu).eax & 0x1f, ==, 0);
    }
}

static void
cpuid_tells_the_clock_that_is (void)
{
  X86Features features = model ("x86-64-v1");
  X86Cpuid r = x86_features_cpuid (&features, 0x15, 0, &first_cpu);

  g_assert_cmpuint ((guint64) r.ecx * r.ebx / r.eax, ==, X86_TSC_HZ);
  g_assert_cmpuint (r.ecx, ==, X86_CRYSTAL_HZ);
}

/* Kernels multiply what leaf 15h says in 32 bits: a ratio of large numbers would tell them of some other clock. */
static void
a_clock_of_no_whole_ghz_is_left_to_be_measured (void)
{
  X86Features features = model ("x86-64-v1,tsc-frequency=2595123000");
  X86Cpuid r = x86_features_cpuid (&features, 0x15, 0, &first_cpu);
  g_autofree char *text = x86_features_format (&features);
  g_autoptr (GError) error = NULL;
  X86Features again;

  g_assert_cmpuint (features.tsc_hz, ==, 2595123000u);
  g_assert_cmpuint (r.eax | r.ebx | r.ecx, ==, 0);
  g_assert_true (x86_features_parse (&again, text, 1, NULL));
  g_assert_cmpuint (again.tsc_hz, ==, features.tsc_hz);
  g_assert_false (x86_features_parse (&again, "x86-64-v1,tsc-frequency=slow", 1, &error));
  g_assert_nonnull (strstr (error->message, "slow"));
}

static void
a_leaf_too_high_is_answered_by_the_last (void)
{
  X86Features features = model ("x86-64-v1");
  X86Cpuid last = x86_features_cpuid (&features, features.max_leaf, 0, &first_cpu);
  X86Cpuid beyond = x86_features_cpuid (&features, 0x2000, 0, &first_cpu);

  g_assert_cmpmem (&last, sizeof last, &beyond, sizeof beyond);
}

static void
several_cpus_are_told_apart (void)
{
  X86Features features;
  struct _X86CpuidContext third = { 2, 2, 0, 1 };

  g_assert_true (x86_features_parse (&features, "x86-64-v1", 4, NULL));
  g_assert_cmphex (x86_features_cpuid (&features, 1, 0, &third).ebx >> 16, ==, 0x0204);
  g_assert_cmpuint (x86_features_cpuid (&features, 0xb, 0, &third).edx, ==, 2);
  g_assert_cmpuint (x86_features_cpuid (&features, 0xb, 1, &third).eax, ==, 2);
}

static void
msrs_are_in_order_and_known_by_feature (void)
{
  X86Features old = model ("486"), now = model ("x86-64-v1");

  for (guint i = 1; i < x86_n_msrs; i++)
    g_assert_cmpuint (x86_msrs[i - 1].number, <, x86_msrs[i].number);
  g_assert_null (x86_msr_find (&old, 0xc0000082));
  g_assert_nonnull (x86_msr_find (&now, 0xc0000082));
  g_assert_null (x86_msr_find (&now, 0x12345));
}

static void
msrs_refuse_what_hardware_refuses (void)
{
  X86Features now = model ("x86-64-v1");

  g_assert_false (x86_msr_accepts (x86_msr_find (&now, 0xc0000082), G_GUINT64_CONSTANT (0x8000000000000000)));
  g_assert_false (x86_msr_accepts (x86_msr_find (&now, 0x277), 2));
  g_assert_true (x86_msr_accepts (x86_msr_find (&now, 0x277), G_GUINT64_CONSTANT (0x0007040600070406)));
  g_assert_false (x86_msr_accepts (x86_msr_find (&now, 0x250), 7));
  g_assert_false (x86_msr_accepts (x86_msr_find (&now, 0xfe), 0));
}

#define ADD(name) g_test_add_func ("/arch/x86/features/" #name, name)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (every_model_and_the_default_can_be_had);
  ADD (models_have_what_their_names_say);
  ADD (features_can_be_added_and_taken_away);
  ADD (what_stands_on_a_missing_feature_goes_too);
  ADD (an_unknown_name_names_the_nearest);
  ADD (cpuid_names_vendor_and_leaves);
  ADD (cpuid_shows_the_features);
  ADD (cpuid_refers_to_leaf_4_only_where_it_ends);
  ADD (cpuid_tells_the_clock_that_is);
  ADD (a_clock_of_no_whole_ghz_is_left_to_be_measured);
  ADD (a_leaf_too_high_is_answered_by_the_last);
  ADD (several_cpus_are_told_apart);
  ADD (msrs_are_in_order_and_known_by_feature);
  ADD (msrs_refuse_what_hardware_refuses);
  return g_test_run ();
}
