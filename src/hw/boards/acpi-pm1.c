/* acpi-pm1.c - see acpi-pm1.h.
 * Source: ACPI 6.4, section 4.8.3. */
#include "config.h"

#include "hw/boards/acpi-pm1.h"

#include "hw/rate.h"

#define HALF_BITS 23            /* TMROF: bit 23 of the timer changed */

static guint64
ticks (const AsternClock *clock)
{
  return hw_rate_ticks (astern_clock_now_ns (clock), ACPI_PM1_HZ);
}

guint32
acpi_pm1_timer (const AcpiPm1State *s, const AsternClock *clock)
{
  return ticks (clock) & 0xffffff;
}

guint16
acpi_pm1_sts (const AcpiPm1State *s, const AsternClock *clock)
{
  return s->sts | (ticks (clock) >> HALF_BITS != s->half_seen ? ACPI_PM1_TMROF : 0);
}

void
acpi_pm1_clear_sts (AcpiPm1State *s, const AsternClock *clock, guint16 ones)
{
  s->sts &= (guint16) ~ones;
  if (ones & ACPI_PM1_TMROF)
    s->half_seen = ticks (clock) >> HALF_BITS;
}

void
acpi_pm1_reset (AcpiPm1State *s, const AsternClock *clock)
{
  s->sts = s->en = 0;
  s->cnt = 0;
  s->half_seen = ticks (clock) >> HALF_BITS;
}

gboolean
acpi_pm1_update (AcpiPm1State *s, AsternTimer *timer, gboolean others)
{
  guint16 sts = acpi_pm1_sts (s, timer->clock);

  if ((s->en & ACPI_PM1_TMROF) && !(sts & ACPI_PM1_TMROF))
    astern_timer_set (timer, hw_rate_ns ((s->half_seen + 1) << HALF_BITS, ACPI_PM1_HZ));
  else
    astern_timer_cancel (timer);
  return (s->cnt & ACPI_PM1_SCI_EN) && ((sts & s->en & ACPI_PM1_EVENTS) != 0 || others);
}
