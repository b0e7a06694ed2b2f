/* test-ioapic.c - the I/O APIC and the lines that lead to it. */
#include "config.h"

#include "hw/ioapic.h"
#include "hw/isa-irqs.h"
#include "hw/pic8259.h"

#include "device-fixture.h"

#define LEVEL  0x8000
#define MASKED 0x10000

typedef struct
{
  AsternClock   clock;
  AsternDevice *ioapic;
  ApicMessage   last;
  guint         messages;
} Fixture;

static void
deliver (gpointer bus, const ApicMessage *message)
{
  Fixture *f = bus;

  f->last = *message;
  f->messages++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  astern_clock_init (&f->clock);
  f->ioapic = astern_device_new (&ioapic_class, "ioapic", NULL, &f->clock);
  ioapic_connect (f->ioapic, deliver, f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_device_free (f->ioapic);
  astern_clock_clear (&f->clock);
}

static guint32
get (Fixture *f, guint8 reg)
{
  astern_device_write (f->ioapic, 0, 0x00, 4, reg, NULL);
  return astern_device_read (f->ioapic, 0, 0x10, 4, NULL);
}

static void
put (Fixture *f, guint8 reg, guint32 value)
{
  astern_device_write (f->ioapic, 0, 0x00, 4, reg, NULL);
  astern_device_write (f->ioapic, 0, 0x10, 4, value, NULL);
}

static void
redirect (Fixture *f, guint pin, guint8 destination, guint32 low)
{
  put (f, 0x11 + 2 * pin, (guint32) destination << 24);
  put (f, 0x10 + 2 * pin, low);
}

static void
it_has_24_masked_pins_at_reset (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (get (f, 1), ==, 0x170020);
  for (guint pin = 0; pin < IOAPIC_PINS; pin++)
    g_assert_cmphex (get (f, 0x10 + 2 * pin), ==, MASKED);
  put (f, 0, 0x05000000);
  g_assert_cmphex (get (f, 0), ==, 0x05000000);
}

static void
an_edge_sends_one_message (Fixture *f, gconstpointer data)
{
  redirect (f, 4, 3, 0x34);
  ioapic_set_irq (f->ioapic, 4, TRUE);
  ioapic_set_irq (f->ioapic, 4, TRUE);
  g_assert_cmpuint (f->messages, ==, 1);
  g_assert_cmpuint (f->last.destination, ==, 3);
  g_assert_cmphex (f->last.vector, ==, 0x34);
  g_assert_cmpuint (f->last.delivery, ==, APIC_FIXED);
  g_assert_false (f->last.logical || f->last.level);
  ioapic_set_irq (f->ioapic, 4, FALSE);
  ioapic_set_irq (f->ioapic, 4, TRUE);
  g_assert_cmpuint (f->messages, ==, 2);
}

static void
a_masked_edge_is_lost_but_a_masked_level_is_not (Fixture *f, gconstpointer data)
{
  redirect (f, 4, 0, MASKED | 0x34);
  redirect (f, 5, 0, MASKED | LEVEL | 0x35);
  ioapic_set_irq (f->ioapic, 4, TRUE);
  ioapic_set_irq (f->ioapic, 5, TRUE);
  redirect (f, 4, 0, 0x34);
  g_assert_cmpuint (f->messages, ==, 0);
  redirect (f, 5, 0, LEVEL | 0x35);
  g_assert_cmpuint (f->messages, ==, 1);
}

static void
a_level_waits_for_its_eoi (Fixture *f, gconstpointer data)
{
  redirect (f, 9, 0xff, 0x0900 | LEVEL | 0x39);
  ioapic_set_irq (f->ioapic, 9, TRUE);
  g_assert_cmpuint (f->messages, ==, 1);
  g_assert_true (f->last.logical);
  g_assert_true (f->last.level);
  g_assert_cmphex (f->last.destination, ==, 0xff);
  g_assert_cmpuint (f->last.delivery, ==, APIC_LOWEST_PRIORITY);
  g_assert_cmphex (get (f, 0x10 + 2 * 9), ==, 0x4900 | LEVEL | 0x39);
  ioapic_set_irq (f->ioapic, 9, FALSE);
  ioapic_set_irq (f->ioapic, 9, TRUE);
  g_assert_cmpuint (f->messages, ==, 1);
  ioapic_eoi (f->ioapic, 0x38);
  g_assert_cmpuint (f->messages, ==, 1);
  ioapic_eoi (f->ioapic, 0x39);
  g_assert_cmpuint (f->messages, ==, 2);
  ioapic_set_irq (f->ioapic, 9, FALSE);
  astern_device_write (f->ioapic, 0, 0x40, 4, 0x39, NULL);
  g_assert_cmpuint (f->messages, ==, 2);
  g_assert_cmphex (get (f, 0x10 + 2 * 9), ==, 0x0900 | LEVEL | 0x39);
}

static void
a_change_to_edge_forgets_remote_irr (Fixture *f, gconstpointer data)
{
  redirect (f, 9, 0, LEVEL | 0x39);
  ioapic_set_irq (f->ioapic, 9, TRUE);
  g_assert_cmphex (get (f, 0x10 + 2 * 9) & 0x4000, ==, 0x4000);
  redirect (f, 9, 0, MASKED | 0x39);
  g_assert_cmphex (get (f, 0x10 + 2 * 9) & 0x4000, ==, 0);
}

static void
physical_ff_means_everyone (Fixture *f, gconstpointer data)
{
  redirect (f, 1, 0xff, 0x31);
  ioapic_set_irq (f->ioapic, 1, TRUE);
  g_assert_cmphex (f->last.destination, ==, APIC_BROADCAST);
}

static void
isa_lines_reach_both_controllers (Fixture *f, gconstpointer data)
{
  AsternDevice *master = astern_device_new (&pic8259_class, "master", NULL, &f->clock);
  AsternDevice *slave = astern_device_new (&pic8259_class, "slave", NULL, &f->clock);
  IsaIrqs irqs = { .master = master, .slave = slave, .ioapic = f->ioapic };

  for (guint pin = 0; pin < IOAPIC_PINS; pin++)
    redirect (f, pin, 0, 0x40 + pin);
  isa_irqs_set (&irqs, 0, TRUE);
  g_assert_cmphex (f->last.vector, ==, 0x42);
  g_assert_cmphex (astern_device_read8 (master, 0), ==, 0x01);
  isa_irqs_set (&irqs, 12, TRUE);
  g_assert_cmphex (f->last.vector, ==, 0x4c);
  g_assert_cmphex (astern_device_read8 (slave, 0), ==, 0x10);
  isa_irqs_set (&irqs, 20, TRUE);
  g_assert_cmphex (f->last.vector, ==, 0x54);
  isa_irqs_set (&irqs, 23, TRUE);
  g_assert_cmphex (f->last.vector, ==, 0x57);
  g_assert_cmphex (astern_device_read8 (slave, 0), ==, 0x10);
  g_assert_cmpuint (f->messages, ==, 4);
  isa_irqs_set (&irqs, 2, TRUE);
  isa_irqs_set (&irqs, 24, TRUE);
  g_assert_cmpuint (f->messages, ==, 4);
  g_assert_cmphex (astern_device_read8 (master, 0), ==, 0x01);
  astern_device_free (master);
  astern_device_free (slave);
}

#define ADD(name) g_test_add ("/hw/ioapic/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (it_has_24_masked_pins_at_reset);
  ADD (an_edge_sends_one_message);
  ADD (a_masked_edge_is_lost_but_a_masked_level_is_not);
  ADD (a_level_waits_for_its_eoi);
  ADD (a_change_to_edge_forgets_remote_irr);
  ADD (physical_ff_means_everyone);
  ADD (isa_lines_reach_both_controllers);
  return g_test_run ();
}
