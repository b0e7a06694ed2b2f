/* test-kvmclock - the page of KVM's clock says what the time is, whatever the counter's frequency. */
#include "config.h"

#include "arch/x86/features.h"
#include "arch/x86/kvmclock.h"

#include <string.h>

/* As a guest computes it. */
static guint64
time_of (const guint8 *page, guint64 tsc)
{
  guint64 at, ns, delta;
  guint32 multiplier;
  gint8 shift = (gint8) page[28];

  memcpy (&at, page + 8, 8);
  memcpy (&ns, page + 16, 8);
  memcpy (&multiplier, page + 24, 4);
  delta = tsc - at;
  delta = shift < 0 ? delta >> -shift : delta << shift;
  return ns + (guint64) ((unsigned __int128) delta * multiplier >> 32);
}

static void
the_page_tells_the_time (void)
{
  static const guint64 frequencies[] = { 1000000, 999999999, 1000000000, 1000000001, 2000000000, 2400000000, 5000000000, 60000000000 };

  for (guint i = 0; i < G_N_ELEMENTS (frequencies); i++)
    {
      guint64 hz = frequencies[i];
      guint8 page[X86_KVMCLOCK_BYTES];

      x86_kvmclock_page (7777, 123456789, hz, page);
      g_assert_cmpuint (page[0] & 1, ==, 0);
      g_assert_cmpuint (time_of (page, 123456789), ==, 7777);
      for (guint64 seconds = 1; seconds <= 1000; seconds *= 10)
        {
          gint64 off = (gint64) (time_of (page, 123456789 + seconds * hz) - (7777 + seconds * 1000000000));

          /* A part in two thousand millions. */
          g_assert_cmpint (ABS (off), <=, (gint64) seconds + 64);
        }
    }
}

static void
the_wall_clock_is_when_it_was_switched_on (void)
{
  guint8 wall[X86_KVMCLOCK_WALL_BYTES];
  guint32 words[3];

  x86_kvmclock_wall (1700000000, wall);
  memcpy (words, wall, sizeof words);
  g_assert_cmpuint (words[0] & 1, ==, 0);
  g_assert_cmpuint (words[1], ==, 1700000000);
  g_assert_cmpuint (words[2], ==, 0);
}

static void
guests_are_told_of_kvm_only_where_it_is_asked_for (void)
{
  const struct _X86CpuidContext context = { 0 };
  X86Features features;
  X86Cpuid r;

  g_assert_true (x86_features_parse (&features, "x86-64-v1", 1, NULL));
  g_assert_false (x86_features_like_kvm (&features));
  r = x86_features_cpuid (&features, 0x40000000, 0, &context);
  g_assert_cmpmem (&r.ebx, 4, "Aste", 4);
  g_assert_true (x86_features_parse (&features, "x86-64-v1,+kvmclock,+kvm-pv-eoi", 1, NULL));
  r = x86_features_cpuid (&features, 0x40000000, 0, &context);
  g_assert_cmphex (r.eax, ==, 0x40000001);
  g_assert_cmpmem (&r.ebx, 4, "KVMK", 4);
  g_assert_cmpmem (&r.ecx, 4, "VMKV", 4);
  g_assert_cmpmem (&r.edx, 4, "M\0\0\0", 4);
  r = x86_features_cpuid (&features, 0x40000001, 0, &context);
  g_assert_cmphex (r.eax, ==, 1 << 3 | 1 << 6);
  g_assert_false (x86_features_parse (&features, "x86-64-v1,-hypervisor,+kvmclock", 1, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/kvmclock/" #name, name)
  ADD (the_page_tells_the_time);
  ADD (the_wall_clock_is_when_it_was_switched_on);
  ADD (guests_are_told_of_kvm_only_where_it_is_asked_for);
#undef ADD
  return g_test_run ();
}
