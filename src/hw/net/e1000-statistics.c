/* e1000-statistics.c - what a direction counts of each frame.
 * Source: Intel 8254x software developer's manual, section 13.7. */
#include "config.h"

#include "hw/net/e1000-private.h"

static void
add_octets (E1000State *s, guint low, guint size)
{
  s->stats[low] += size;
  s->stats[low + 1] += s->stats[low] < size;
}

void
e1000_count (E1000State *s, const E1000Counters *counters, const guint8 *frame, guint size)
{
  static const guint16 limits[] = { 64, 127, 255, 511, 1023 };
  guint class = 0;

  while (class < G_N_ELEMENTS (limits) && size > limits[class])
    class++;
  s->stats[counters->size_64 + class]++;
  s->stats[counters->good]++;
  s->stats[counters->total]++;
  if (nic_is_broadcast (frame))
    s->stats[counters->broadcast]++;
  else if (frame[0] & 1)
    s->stats[counters->multicast]++;
  add_octets (s, counters->good_octets, size);
  add_octets (s, counters->total_octets, size);
}
