/* The ISA bridge: PCI pins and ISA lines meet. */
#include "config.h"

#include "core/machine.h"
#include "hw/piix3.h"

typedef struct
{
  AsternClock   clock;
  AsternDevice *piix3;
  gint          level[16];
  guint         changes;
} Fixture;

static void
line_changed (gpointer receiver, guint line, gboolean level)
{
  Fixture *f = receiver;

  f->level[line] = level;
  f->changes++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  astern_clock_init (&f->clock);
  f->piix3 = astern_device_new (&piix3_class, "piix3", NULL, &f->clock);
  for (guint i = 0; i < 16; i++)
    piix3_connect (f->piix3, i, line_changed, f, i);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_device_free (f->piix3);
  astern_clock_clear (&f->clock);
}

static void
route (Fixture *f, guint pirq, guint8 line)
{
  astern_device_write (f->piix3, 0, PIIX3_PIRQRC + pirq, 1, line, NULL);
}

static void
pins_are_swizzled_over_the_pirqs (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (piix3_pirq (1 << 3, 0), ==, 0);
  g_assert_cmpint (piix3_pirq (2 << 3, 0), ==, 1);
  g_assert_cmpint (piix3_pirq (2 << 3, 3), ==, 0);
  g_assert_cmpint (piix3_pirq (4 << 3 | 7, 1), ==, 0);
}

static void
a_pirq_goes_nowhere_until_it_is_routed (Fixture *f, gconstpointer data)
{
  piix3_set_intx (f->piix3, 2 << 3, 0, TRUE);
  g_assert_cmpint (f->changes, ==, 0);
  route (f, 1, 11);
  g_assert_cmpint (f->level[11], ==, 1);
  route (f, 1, 10);
  g_assert_cmpint (f->level[11], ==, 0);
  g_assert_cmpint (f->level[10], ==, 1);
  route (f, 1, 0x80);
  g_assert_cmpint (f->level[10], ==, 0);
}

static void
a_shared_line_stays_up_until_all_let_go (Fixture *f, gconstpointer data)
{
  route (f, 0, 10);
  route (f, 1, 10);
  piix3_set_intx (f->piix3, 1 << 3, 0, TRUE);
  piix3_set_intx (f->piix3, 2 << 3, 0, TRUE);
  piix3_set_isa_irq (f->piix3, 10, TRUE);
  piix3_set_isa_irq (f->piix3, 16 + 10, TRUE);
  g_assert_cmpint (f->changes, ==, 1);
  piix3_set_intx (f->piix3, 1 << 3, 0, FALSE);
  piix3_set_isa_irq (f->piix3, 10, FALSE);
  piix3_set_intx (f->piix3, 2 << 3, 0, FALSE);
  g_assert_cmpint (f->level[10], ==, 1);
  piix3_set_isa_irq (f->piix3, 16 + 10, FALSE);
  g_assert_cmpint (f->level[10], ==, 0);
}

static void
a_restored_state_drives_its_lines_again (Fixture *f, gconstpointer data)
{
  g_autoptr (GVariant) saved = NULL;

  route (f, 2, 5);
  piix3_set_intx (f->piix3, 3 << 3, 0, TRUE);
  saved = g_variant_ref_sink (astern_device_save (f->piix3));
  astern_device_reset (f->piix3);
  g_assert_cmpint (f->level[5], ==, 0);
  g_assert_true (astern_device_load (f->piix3, saved, NULL));
  g_assert_cmpint (f->level[5], ==, 1);
}

#define ADD(name) g_test_add ("/hw/piix3/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (pins_are_swizzled_over_the_pirqs);
  ADD (a_pirq_goes_nowhere_until_it_is_routed);
  ADD (a_shared_line_stays_up_until_all_let_go);
  ADD (a_restored_state_drives_its_lines_again);
  return g_test_run ();
}
