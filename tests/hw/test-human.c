/* Who gets the keys and the pointer. */
#include "config.h"

#include "core/machine.h"
#include "hw/human.h"
#include "hw/ps2-keyboard.h"
#include "hw/ps2-mouse.h"

typedef struct
{
  AsternMachine *machine;
  AsternDevice  *first, *second;
} Fixture;

static AsternDevice *
add (Fixture *f, const AsternDeviceClass *klass, const char *name)
{
  AsternDevice *device = astern_device_new (klass, name, f->machine, &f->machine->clock);

  astern_machine_add_device (f->machine, device);
  return device;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->machine = astern_machine_new (1 << 20, NULL);
  f->first = add (f, &ps2_keyboard_class, "first");
  f->second = add (f, &ps2_keyboard_class, "second");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

static void
the_last_one_that_listens_gets_keys (Fixture *f, gconstpointer data)
{
  g_assert_true (human_find (f->machine, HUMAN_KEYS, TRUE) == f->second);
  ps2_keyboard_operations.command (f->second, 0xf5);     /* it is switched off */
  g_assert_true (human_find (f->machine, HUMAN_KEYS, TRUE) == f->first);
}

static void
when_nobody_listens_it_is_the_first (Fixture *f, gconstpointer data)
{
  ps2_keyboard_operations.command (f->first, 0xf5);
  ps2_keyboard_operations.command (f->second, 0xf5);
  g_assert_null (human_find (f->machine, HUMAN_KEYS, TRUE));
  g_assert_true (human_find (f->machine, HUMAN_KEYS, FALSE) == f->first);
}

static void
packets_reach_the_device (Fixture *f, gconstpointer data)
{
  static const guint8 enter[] = { HUMAN_KEYS, 0x1c, 0, 1 };

  human_input (f->machine, enter, sizeof enter);
  g_assert_cmphex (ps2_keyboard_operations.take (f->second), ==, 0x5a);
}

static void
what_nobody_hears_is_dropped (Fixture *f, gconstpointer data)
{
  static const guint8 there[] = { HUMAN_ABSOLUTE, 0, 0, 0, 0, 0, 0 }, strange[] = { HUMAN_N_KINDS, 1 };

  g_assert_null (human_find (f->machine, HUMAN_ABSOLUTE, FALSE));
  human_input (f->machine, there, sizeof there);
  human_input (f->machine, strange, sizeof strange);
  human_input (f->machine, strange, 0);
}

#define ADD(name) g_test_add ("/hw/human/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (the_last_one_that_listens_gets_keys);
  ADD (when_nobody_listens_it_is_the_first);
  ADD (packets_reach_the_device);
  ADD (what_nobody_hears_is_dropped);
  return g_test_run ();
}
