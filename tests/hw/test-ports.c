/* test-ports.c - the system control ports and the debug ports. */
#include "config.h"

#include "core/machine.h"

#include "hw/debugcon.h"
#include "hw/isa-debug-exit.h"
#include "hw/pit8254.h"
#include "hw/port61.h"
#include "hw/port92.h"

#include "device-fixture.h"

static AsternMachine *
new_machine (void)
{
  g_autoptr (GError) error = NULL;
  AsternMachine *machine = astern_machine_new (1 << 20, &error);

  g_assert_no_error (error);
  return machine;
}

static AsternDevice *
new_device (AsternMachine *machine, const AsternDeviceClass *klass)
{
  AsternDevice *device = astern_device_new (klass, klass->name, machine, &machine->clock);

  astern_machine_add_device (machine, device);
  return device;
}

static void
whoever_spoke_last_has_set_a20 (void)
{
  AsternMachine *machine = new_machine ();
  AsternDevice *port92 = new_device (machine, &port92_class);
  Probe a20 = { 0 };

  probe_connect (&a20, port92_a20 (port92));
  astern_device_reset (port92);
  g_assert_true (a20.level);
  port92_set_kbd_a20 (port92, 0, TRUE);
  astern_device_write8 (port92, 0, 0x00);
  g_assert_false (a20.level);
  port92_set_kbd_a20 (port92, 0, TRUE);                 /* nothing new */
  g_assert_false (a20.level);
  port92_set_kbd_a20 (port92, 0, FALSE);
  port92_set_kbd_a20 (port92, 0, TRUE);
  g_assert_true (a20.level);
  g_assert_cmphex (astern_device_read8 (port92, 0), ==, 0x02);
  astern_machine_free (machine);
}

static void
port_92_resets_the_machine (void)
{
  AsternMachine *machine = new_machine ();
  AsternDevice *port92 = new_device (machine, &port92_class);

  astern_device_write8 (port92, 0, 0x02);
  g_assert_cmpint (machine->stop.reason, ==, ASTERN_STOP_NONE);
  astern_device_write8 (port92, 0, 0x03);
  g_assert_cmpint (machine->stop.reason, ==, ASTERN_STOP_RESET);
  astern_machine_free (machine);
}

static void
port_61_gates_and_shows_counter_2 (void)
{
  AsternMachine *machine = new_machine ();
  AsternDevice *pit = new_device (machine, &pit8254_class);
  AsternDevice *port61 = new_device (machine, &port61_class);

  port61_connect (port61, pit);
  g_assert_false (pit8254_get_gate (pit, 2));
  astern_device_write8 (port61, 0, 0x01);
  g_assert_true (pit8254_get_gate (pit, 2));
  /* As kernels measure their speed: 50 ms of counter 2 in mode 0. */
  astern_device_write8 (pit, 3, 0xb0);
  astern_device_write8 (pit, 2, 59659 & 0xff);
  astern_device_write8 (pit, 2, 59659 >> 8);
  clock_run (&machine->clock, 49990000);
  g_assert_cmphex (astern_device_read8 (port61, 0) & 0x2f, ==, 0x01);
  clock_run (&machine->clock, 20000);
  g_assert_cmphex (astern_device_read8 (port61, 0) & 0x2f, ==, 0x21);
  astern_machine_free (machine);
}

static void
the_refresh_bit_toggles_every_15_microseconds (void)
{
  AsternMachine *machine = new_machine ();
  AsternDevice *port61 = new_device (machine, &port61_class);
  guint toggles = 0;
  guint8 before = astern_device_read8 (port61, 0);

  for (guint i = 0; i < 1500; i++)
    {
      guint8 now;

      clock_run (&machine->clock, 1000);
      now = astern_device_read8 (port61, 0);
      toggles += now != before;
      before = now;
    }
  g_assert_cmpuint (toggles, ==, 99);
  astern_machine_free (machine);
}

static void
debug_exit_ends_the_run_with_what_was_written (void)
{
  static const guint sizes[] = { 1, 2, 4 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      AsternMachine *machine = new_machine ();
      AsternDevice *device = new_device (machine, &isa_debug_exit_class);

      g_assert_cmphex (astern_device_read (device, 0, 0, sizes[i], NULL), ==, 0);
      astern_device_write (device, 0, 0, sizes[i], 0x31, NULL);
      g_assert_cmpint (machine->stop.reason, ==, ASTERN_STOP_DEBUG_EXIT);
      g_assert_cmphex (machine->stop.value, ==, 0x31);
      astern_machine_free (machine);
    }
}

static void
print (gpointer host, const guint8 *data, gsize size)
{
  g_string_append_len (host, (const char *) data, size);
}

static void
debugcon_prints_and_shows_that_it_is_there (void)
{
  AsternMachine *machine = new_machine ();
  AsternDevice *debugcon = new_device (machine, &debugcon_class);
  g_autoptr (GString) text = g_string_new (NULL);

  debugcon_set_transmit (debugcon, print, text);
  g_assert_cmphex (astern_device_read8 (debugcon, 0), ==, 0xe9);
  for (const char *p = "debug"; *p != '\0'; p++)
    astern_device_write8 (debugcon, 0, *p);
  g_assert_cmpstr (text->str, ==, "debug");
  astern_machine_free (machine);
}

#define ADD(name) g_test_add_func ("/hw/ports/" #name, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (whoever_spoke_last_has_set_a20);
  ADD (port_92_resets_the_machine);
  ADD (port_61_gates_and_shows_counter_2);
  ADD (the_refresh_bit_toggles_every_15_microseconds);
  ADD (debug_exit_ends_the_run_with_what_was_written);
  ADD (debugcon_prints_and_shows_that_it_is_there);
  return g_test_run ();
}
