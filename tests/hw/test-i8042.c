/* test-i8042.c - the keyboard controller, with a keyboard and a mouse plugged in. */
#include "config.h"

#include "core/machine.h"

#include "hw/i8042.h"
#include "hw/ps2-keyboard.h"
#include "hw/ps2-mouse.h"

#include "device-fixture.h"

#define LONG_ENOUGH_NS 10000000

typedef struct
{
  AsternMachine *machine;
  AsternDevice  *i8042, *keyboard, *mouse;
  Probe          irq1, irq12, a20;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  AsternClock *clock;

  f->machine = astern_machine_new (1 << 20, &error);
  g_assert_no_error (error);
  clock = &f->machine->clock;
  f->i8042 = astern_device_new (&i8042_class, "i8042", f->machine, clock);
  f->keyboard = astern_device_new (&ps2_keyboard_class, "keyboard", f->machine, clock);
  f->mouse = astern_device_new (&ps2_mouse_class, "mouse", f->machine, clock);
  astern_machine_add_device (f->machine, f->i8042);
  astern_machine_add_device (f->machine, f->keyboard);
  astern_machine_add_device (f->machine, f->mouse);
  i8042_connect (f->i8042, I8042_KEYBOARD, f->keyboard, &ps2_keyboard_operations);
  i8042_connect (f->i8042, I8042_MOUSE, f->mouse, &ps2_mouse_operations);
  probe_connect (&f->irq1, i8042_irq (f->i8042, I8042_KEYBOARD));
  probe_connect (&f->irq12, i8042_irq (f->i8042, I8042_MOUSE));
  probe_connect (&f->a20, i8042_a20 (f->i8042));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

static guint8
status (Fixture *f)
{
  return astern_device_read (f->i8042, I8042_WINDOW_COMMAND, 0, 1, NULL);
}

static void
command (Fixture *f, guint8 byte)
{
  astern_device_write (f->i8042, I8042_WINDOW_COMMAND, 0, 1, byte, NULL);
}

static void
put (Fixture *f, guint8 byte)
{
  astern_device_write (f->i8042, I8042_WINDOW_DATA, 0, 1, byte, NULL);
}

/* The next byte, as soon as it is there. */
static guint8
get (Fixture *f)
{
  for (guint ns = 0; ns < LONG_ENOUGH_NS && !(status (f) & 0x01); ns += 1000)
    clock_run (&f->machine->clock, 1000);
  g_assert_cmphex (status (f) & 0x01, ==, 0x01);
  return astern_device_read (f->i8042, I8042_WINDOW_DATA, 0, 1, NULL);
}

static void
assert_nothing_more (Fixture *f)
{
  clock_run (&f->machine->clock, LONG_ENOUGH_NS);
  g_assert_cmphex (status (f) & 0x01, ==, 0);
}

static void
key (Fixture *f, guint16 number, gboolean down)
{
  guint8 packet[PS2_KEYBOARD_PACKET_BYTES] = { number & 0xff, number >> 8, down };

  ps2_keyboard_input (f->keyboard, packet, sizeof packet);
}

static void
keys_arrive_translated_with_irq_1 (Fixture *f, gconstpointer data)
{
  key (f, 0x1e, TRUE);
  key (f, 0x1e, FALSE);
  g_assert_false (f->irq1.level);
  clock_run (&f->machine->clock, LONG_ENOUGH_NS);
  g_assert_true (f->irq1.level);
  g_assert_cmphex (get (f), ==, 0x1e);
  g_assert_false (f->irq1.level);
  g_assert_cmphex (get (f), ==, 0x9e);
  g_assert_cmpuint (f->irq1.rises, ==, 2);
  assert_nothing_more (f);
}

static void
without_translation_they_arrive_as_they_are (Fixture *f, gconstpointer data)
{
  command (f, 0x60);
  put (f, 0x05);
  key (f, 0xe048, TRUE);
  key (f, 0xe048, FALSE);
  g_assert_cmphex (get (f), ==, 0xe0);
  g_assert_cmphex (get (f), ==, 0x75);
  g_assert_cmphex (get (f), ==, 0xe0);
  g_assert_cmphex (get (f), ==, 0xf0);
  g_assert_cmphex (get (f), ==, 0x75);
}

static void
a_byte_that_was_read_is_still_there (Fixture *f, gconstpointer data)
{
  key (f, 0x1e, TRUE);
  key (f, 0x1f, TRUE);
  g_assert_cmphex (get (f), ==, 0x1e);
  g_assert_cmphex (astern_device_read (f->i8042, I8042_WINDOW_DATA, 0, 1, NULL), ==, 0x1e);
  g_assert_cmphex (get (f), ==, 0x1f);
}

static void
the_controller_tests_itself_and_the_ports (Fixture *f, gconstpointer data)
{
  command (f, 0xaa);
  g_assert_cmphex (get (f), ==, 0x55);
  command (f, 0xab);
  g_assert_cmphex (get (f), ==, 0x00);
  command (f, 0xa9);
  g_assert_cmphex (get (f), ==, 0x00);
  command (f, 0xd3);
  put (f, 0x5a);
  g_assert_cmphex (status (f) & 0x21, ==, 0x21);
  g_assert_cmphex (get (f), ==, 0x5a);
}

static void
its_memory_can_be_read_back (Fixture *f, gconstpointer data)
{
  command (f, 0x60);
  put (f, 0x74);
  command (f, 0x20);
  g_assert_cmphex (get (f), ==, 0x74);
  command (f, 0x6a);
  put (f, 0xa5);
  command (f, 0x2a);
  g_assert_cmphex (get (f), ==, 0xa5);
  command (f, 0xae);
  command (f, 0x20);
  g_assert_cmphex (get (f), ==, 0x64);
}

static void
the_keyboard_answers_through_it (Fixture *f, gconstpointer data)
{
  put (f, 0xf2);
  g_assert_cmphex (get (f), ==, 0xfa);
  g_assert_cmphex (get (f), ==, 0xab);
  g_assert_cmphex (get (f), ==, 0x41);              /* 83, translated */
  put (f, 0xff);
  g_assert_cmphex (get (f), ==, 0xfa);
  g_assert_cmphex (get (f), ==, 0xaa);
  assert_nothing_more (f);
}

static void
the_mouse_answers_with_irq_12 (Fixture *f, gconstpointer data)
{
  const guint8 packet[PS2_MOUSE_PACKET_BYTES] = { 3, 0, 0, 0, 0, 0 };

  command (f, 0x60);
  put (f, 0x47);
  command (f, 0xd4);
  put (f, 0xf4);
  clock_run (&f->machine->clock, LONG_ENOUGH_NS);
  g_assert_true (f->irq12.level);
  g_assert_cmphex (status (f) & 0x21, ==, 0x21);
  g_assert_cmphex (get (f), ==, 0xfa);
  ps2_mouse_input (f->mouse, packet, sizeof packet);
  g_assert_cmphex (get (f), ==, 0x08);
  g_assert_cmphex (get (f), ==, 0x03);
  g_assert_cmphex (get (f), ==, 0x00);
  g_assert_cmpuint (f->irq12.rises, ==, 4);
  g_assert_cmpuint (f->irq1.rises, ==, 0);
}

static void
a_port_that_is_off_holds_its_bytes (Fixture *f, gconstpointer data)
{
  command (f, 0xad);
  key (f, 0x1e, TRUE);
  assert_nothing_more (f);
  command (f, 0xae);
  g_assert_cmphex (get (f), ==, 0x1e);
}

static void
an_answer_waits_for_the_output_buffer (Fixture *f, gconstpointer data)
{
  key (f, 0x1e, TRUE);
  clock_run (&f->machine->clock, LONG_ENOUGH_NS);
  command (f, 0xaa);
  g_assert_cmphex (get (f), ==, 0x1e);
  g_assert_cmphex (get (f), ==, 0x55);
}

static void
the_a20_gate_is_a_bit_of_the_output_port (Fixture *f, gconstpointer data)
{
  command (f, 0xd0);
  g_assert_cmphex (get (f) & 0x03, ==, 0x03);
  command (f, 0xd1);
  put (f, 0xdd);
  g_assert_false (f->a20.level);
  command (f, 0xdf);
  g_assert_true (f->a20.level);
  command (f, 0xdd);
  g_assert_false (f->a20.level);
  command (f, 0xd1);
  put (f, 0xdf);
  g_assert_true (f->a20.level);
}

static void
a_pulse_resets_the_machine (Fixture *f, gconstpointer data)
{
  command (f, 0xff);
  g_assert_cmpint (f->machine->stop.reason, ==, ASTERN_STOP_NONE);
  command (f, 0xfe);
  g_assert_cmpint (f->machine->stop.reason, ==, ASTERN_STOP_RESET);
}

static void
the_mouse_port_has_its_own_switch (Fixture *f, gconstpointer data)
{
  const guint8 packet[PS2_MOUSE_PACKET_BYTES] = { 3, 0, 0, 0, 0, 0 };

  command (f, 0xd4);                                /* a byte for it switches it on */
  put (f, 0xf4);
  g_assert_cmphex (get (f), ==, 0xfa);
  command (f, 0x20);
  g_assert_cmphex (get (f) & 0x20, ==, 0);
  command (f, 0xa7);
  command (f, 0x20);
  g_assert_cmphex (get (f) & 0x20, ==, 0x20);
  ps2_mouse_input (f->mouse, packet, sizeof packet);
  assert_nothing_more (f);
  key (f, 0x1e, TRUE);
  g_assert_cmphex (get (f), ==, 0x1e);
  command (f, 0xa8);
  g_assert_cmphex (get (f), ==, 0x08);
}

static void
the_system_flag_follows_the_command_byte (Fixture *f, gconstpointer data)
{
  command (f, 0x60);
  put (f, 0x61);
  g_assert_cmphex (status (f) & 0x0c, ==, 0x00);
  command (f, 0xaa);
  g_assert_cmphex (status (f) & 0x0c, ==, 0x0c);
}

static void
a_byte_for_the_keyboard_wakes_it (Fixture *f, gconstpointer data)
{
  command (f, 0xad);
  put (f, 0xee);
  g_assert_cmphex (get (f), ==, 0xee);
  command (f, 0x20);
  g_assert_cmphex (get (f) & 0x30, ==, 0x20);
}

#define ADD(name) g_test_add ("/hw/i8042/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (keys_arrive_translated_with_irq_1);
  ADD (without_translation_they_arrive_as_they_are);
  ADD (a_byte_that_was_read_is_still_there);
  ADD (the_controller_tests_itself_and_the_ports);
  ADD (its_memory_can_be_read_back);
  ADD (the_keyboard_answers_through_it);
  ADD (the_mouse_answers_with_irq_12);
  ADD (a_port_that_is_off_holds_its_bytes);
  ADD (an_answer_waits_for_the_output_buffer);
  ADD (the_a20_gate_is_a_bit_of_the_output_port);
  ADD (a_pulse_resets_the_machine);
  ADD (the_mouse_port_has_its_own_switch);
  ADD (the_system_flag_follows_the_command_byte);
  ADD (a_byte_for_the_keyboard_wakes_it);
  return g_test_run ();
}
