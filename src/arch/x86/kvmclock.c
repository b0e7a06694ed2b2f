/* kvmclock.c - see kvmclock.h. */
#include "config.h"

#include "arch/x86/kvmclock.h"

#include <string.h>

#define NS_PER_S G_GUINT64_CONSTANT (1000000000)

enum { VERSION = 2 };           /* even: it is whole */
enum { TSC_STABLE = 1 };        /* all CPUs' counters are the same */

/* As the guest sees it: little-endian, without holes. */
typedef struct
{
  guint32 version, nothing;
  guint64 tsc, ns;
  guint32 multiplier;           /* of a counter that was shifted, 32 bits after the point */
  gint8   shift;                /* to the left */
  guint8  flags, padding[2];
} Page;

G_STATIC_ASSERT (sizeof (Page) == X86_KVMCLOCK_BYTES);

void
x86_kvmclock_page (guint64 now_ns, guint64 tsc, guint64 tsc_hz, guint8 bytes[X86_KVMCLOCK_BYTES])
{
  gint8 shift = 0;

  /* The multiplier is less than 1 and not less than a half: all of its bits count. */
  while (tsc_hz > 2 * NS_PER_S)
    {
      tsc_hz >>= 1;
      shift--;
    }
  while (tsc_hz <= NS_PER_S)
    {
      tsc_hz <<= 1;
      shift++;
    }
  {
    const Page page = {
      .version = GUINT32_TO_LE (VERSION), .tsc = GUINT64_TO_LE (tsc), .ns = GUINT64_TO_LE (now_ns),
      .multiplier = GUINT32_TO_LE ((guint32) ((NS_PER_S << 32) / tsc_hz)), .shift = shift, .flags = TSC_STABLE,
    };

    memcpy (bytes, &page, sizeof page);
  }
}

void
x86_kvmclock_wall (guint64 power_on_s, guint8 wall[X86_KVMCLOCK_WALL_BYTES])
{
  const guint32 words[3] = { GUINT32_TO_LE (VERSION), GUINT32_TO_LE ((guint32) power_on_s), 0 };

  memcpy (wall, words, sizeof words);
}
