/* test-pic8259.c - the interrupt controllers of a PC, alone and in pairs. */
#include "config.h"

#include "hw/pic8259.h"

#include "device-fixture.h"

typedef struct
{
  AsternClock   clock;
  AsternDevice *master, *slave;
  Probe         intr;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  astern_clock_init (&f->clock);
  f->master = astern_device_new (&pic8259_class, "master", NULL, &f->clock);
  f->slave = astern_device_new (&pic8259_class, "slave", NULL, &f->clock);
  pic8259_cascade (f->master, f->slave, 2);
  probe_connect (&f->intr, pic8259_int (f->master));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_device_free (f->master);
  astern_device_free (f->slave);
  astern_clock_clear (&f->clock);
}

static void
initialise (AsternDevice *pic, guint8 base, guint8 icw3, guint8 icw4)
{
  astern_device_write8 (pic, 0, 0x11);
  astern_device_write8 (pic, 1, base);
  astern_device_write8 (pic, 1, icw3);
  astern_device_write8 (pic, 1, icw4);
}

static void
initialise_both (Fixture *f)
{
  initialise (f->master, 0x20, 0x04, 0x01);
  initialise (f->slave, 0x28, 0x02, 0x01);
}

static guint8
isr (AsternDevice *pic)
{
  astern_device_write8 (pic, 0, 0x0b);
  return astern_device_read8 (pic, 0);
}

static guint8
irr (AsternDevice *pic)
{
  astern_device_write8 (pic, 0, 0x0a);
  return astern_device_read8 (pic, 0);
}

static void
end_of_interrupt (AsternDevice *pic)
{
  astern_device_write8 (pic, 0, 0x20);
}

static void
it_is_quiet_before_icw1 (Fixture *f, gconstpointer data)
{
  pic8259_set_irq (f->master, 0, TRUE);
  astern_device_write8 (f->master, 1, 0x00);
  g_assert_cmpuint (f->intr.rises, ==, 0);
  astern_device_write8 (f->master, 0, 0x11);
  astern_device_write8 (f->master, 1, 0x20);
  astern_device_write8 (f->master, 1, 0x04);
  pic8259_set_irq (f->master, 1, TRUE);
  g_assert_cmpuint (f->intr.rises, ==, 0);
  astern_device_write8 (f->master, 1, 0x01);
  g_assert_true (f->intr.level);
}

static void
an_edge_interrupts_once (Fixture *f, gconstpointer data)
{
  initialise_both (f);
  pic8259_set_irq (f->master, 3, TRUE);
  g_assert_true (f->intr.level);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x23);
  g_assert_false (f->intr.level);
  g_assert_cmphex (isr (f->master), ==, 0x08);
  end_of_interrupt (f->master);
  g_assert_cmphex (isr (f->master), ==, 0x00);
  g_assert_false (f->intr.level);
  pic8259_set_irq (f->master, 3, FALSE);
  pic8259_set_irq (f->master, 3, TRUE);
  g_assert_true (f->intr.level);
}

static void
a_level_interrupts_until_it_is_gone (Fixture *f, gconstpointer data)
{
  initialise_both (f);
  astern_device_write (f->master, PIC8259_WINDOW_ELCR, 0, 1, 0x20, NULL);
  pic8259_set_irq (f->master, 5, TRUE);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x25);
  g_assert_false (f->intr.level);
  end_of_interrupt (f->master);
  g_assert_true (f->intr.level);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x25);
  pic8259_set_irq (f->master, 5, FALSE);
  end_of_interrupt (f->master);
  g_assert_false (f->intr.level);
}

static void
lower_lines_come_first_and_nest (Fixture *f, gconstpointer data)
{
  initialise_both (f);
  pic8259_set_irq (f->master, 6, TRUE);
  pic8259_set_irq (f->master, 4, TRUE);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x24);
  g_assert_false (f->intr.level);                       /* 6 waits for 4 */
  pic8259_set_irq (f->master, 1, TRUE);
  g_assert_true (f->intr.level);                        /* 1 does not */
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x21);
  g_assert_cmphex (isr (f->master), ==, 0x12);
  end_of_interrupt (f->master);
  g_assert_cmphex (isr (f->master), ==, 0x10);
  end_of_interrupt (f->master);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x26);
}

static void
a_masked_line_waits (Fixture *f, gconstpointer data)
{
  initialise_both (f);
  astern_device_write8 (f->master, 1, 0x02);
  pic8259_set_irq (f->master, 1, TRUE);
  g_assert_false (f->intr.level);
  g_assert_cmphex (irr (f->master), ==, 0x02);
  g_assert_cmphex (astern_device_read8 (f->master, 1), ==, 0x02);
  astern_device_write8 (f->master, 1, 0x00);
  g_assert_true (f->intr.level);
}

static void
a_request_taken_back_is_spurious (Fixture *f, gconstpointer data)
{
  initialise_both (f);
  pic8259_set_irq (f->master, 4, TRUE);
  pic8259_set_irq (f->master, 4, FALSE);
  g_assert_false (f->intr.level);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x27);
  g_assert_cmphex (isr (f->master), ==, 0x00);
}

static void
the_slave_gives_its_own_vector (Fixture *f, gconstpointer data)
{
  initialise_both (f);
  pic8259_set_irq (f->slave, 4, TRUE);
  g_assert_true (f->intr.level);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x2c);
  g_assert_cmphex (isr (f->master), ==, 0x04);
  g_assert_cmphex (isr (f->slave), ==, 0x10);
}

static void
a_slaves_second_interrupt_follows_its_first (Fixture *f, gconstpointer data)
{
  initialise_both (f);
  pic8259_set_irq (f->slave, 4, TRUE);
  pic8259_set_irq (f->slave, 6, TRUE);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x2c);
  end_of_interrupt (f->slave);
  end_of_interrupt (f->master);
  g_assert_true (f->intr.level);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x2e);
}

static void
a_slaves_spurious_interrupt_is_15 (Fixture *f, gconstpointer data)
{
  initialise_both (f);
  /* The slave's request is gone when it is asked, but the master still sees line 2 up. */
  pic8259_set_irq (f->master, 2, TRUE);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x2f);
  g_assert_cmphex (isr (f->slave), ==, 0x00);
  g_assert_cmphex (isr (f->master), ==, 0x04);
}

static void
automatic_end_leaves_nothing_in_service (Fixture *f, gconstpointer data)
{
  initialise (f->master, 0x40, 0x04, 0x03);
  pic8259_set_irq (f->master, 2, TRUE);
  pic8259_set_irq (f->master, 2, FALSE);
  pic8259_set_irq (f->master, 0, TRUE);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x40);
  g_assert_cmphex (isr (f->master), ==, 0x00);
}

static void
rotation_sends_a_served_line_to_the_end (Fixture *f, gconstpointer data)
{
  initialise_both (f);
  pic8259_set_irq (f->master, 1, TRUE);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x21);
  astern_device_write8 (f->master, 0, 0xa0);           /* rotate on non-specific EOI: 1 is now the lowest */
  pic8259_set_irq (f->master, 1, FALSE);
  pic8259_set_irq (f->master, 1, TRUE);
  pic8259_set_irq (f->master, 0, TRUE);
  pic8259_set_irq (f->master, 6, TRUE);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x26);
  end_of_interrupt (f->master);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x20);
  end_of_interrupt (f->master);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x21);
}

static void
special_mask_mode_lets_lower_lines_through (Fixture *f, gconstpointer data)
{
  initialise_both (f);
  pic8259_set_irq (f->master, 1, TRUE);
  pic8259_acknowledge (f->master);
  pic8259_set_irq (f->master, 5, TRUE);
  g_assert_false (f->intr.level);
  astern_device_write8 (f->master, 0, 0x68);
  astern_device_write8 (f->master, 1, 0x02);
  g_assert_true (f->intr.level);
  g_assert_cmpint (pic8259_acknowledge (f->master), ==, 0x25);
}

static void
a_poll_is_an_acknowledge (Fixture *f, gconstpointer data)
{
  initialise_both (f);
  pic8259_set_irq (f->master, 6, TRUE);
  astern_device_write8 (f->master, 0, 0x0c);
  g_assert_cmphex (astern_device_peek8 (f->master, 0), ==, 0x86);
  g_assert_cmphex (astern_device_read8 (f->master, 0), ==, 0x86);
  g_assert_false (f->intr.level);
  g_assert_cmphex (isr (f->master), ==, 0x40);
}

static void
elcr_keeps_the_fixed_edges (Fixture *f, gconstpointer data)
{
  astern_device_write (f->master, PIC8259_WINDOW_ELCR, 0, 1, 0xff, NULL);
  astern_device_write (f->slave, PIC8259_WINDOW_ELCR, 0, 1, 0xff, NULL);
  g_assert_cmphex (astern_device_read (f->master, PIC8259_WINDOW_ELCR, 0, 1, NULL), ==, 0xf8);
  g_assert_cmphex (astern_device_read (f->slave, PIC8259_WINDOW_ELCR, 0, 1, NULL), ==, 0xde);
}

#define ADD(name) g_test_add ("/hw/pic8259/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (it_is_quiet_before_icw1);
  ADD (an_edge_interrupts_once);
  ADD (a_level_interrupts_until_it_is_gone);
  ADD (lower_lines_come_first_and_nest);
  ADD (a_masked_line_waits);
  ADD (a_request_taken_back_is_spurious);
  ADD (the_slave_gives_its_own_vector);
  ADD (a_slaves_second_interrupt_follows_its_first);
  ADD (a_slaves_spurious_interrupt_is_15);
  ADD (automatic_end_leaves_nothing_in_service);
  ADD (rotation_sends_a_served_line_to_the_end);
  ADD (special_mask_mode_lets_lower_lines_through);
  ADD (a_poll_is_an_acknowledge);
  ADD (elcr_keeps_the_fixed_edges);
  return g_test_run ();
}
