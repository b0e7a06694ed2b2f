/* test-ps2-mouse.c - the mouse, as its controller sees it. */
#include "config.h"

#include "hw/ps2-mouse.h"

#include "device-fixture.h"

typedef struct
{
  AsternClock   clock;
  AsternDevice *mouse;
  Probe         ready;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  astern_clock_init (&f->clock);
  f->mouse = astern_device_new (&ps2_mouse_class, "mouse", NULL, &f->clock);
  probe_connect (&f->ready, ps2_mouse_operations.ready (f->mouse));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_device_free (f->mouse);
  astern_clock_clear (&f->clock);
}

static void
move (Fixture *f, gint dx, gint dy, gint dz, guint buttons)
{
  guint8 packet[PS2_MOUSE_PACKET_BYTES] = { dx & 0xff, dx >> 8 & 0xff, dy & 0xff, dy >> 8 & 0xff, dz, buttons };

  ps2_mouse_input (f->mouse, packet, sizeof packet);
}

static void
assert_says (Fixture *f, const char *expected)
{
  g_autoptr (GString) said = g_string_new (NULL);

  while (f->ready.level)
    g_string_append_printf (said, "%s%02x", said->len ? " " : "", ps2_mouse_operations.take (f->mouse));
  g_assert_cmpstr (said->str, ==, expected);
}

static void
command (Fixture *f, guint8 byte, const char *answer)
{
  ps2_mouse_operations.command (f->mouse, byte);
  assert_says (f, answer);
}

static void
set_rate (Fixture *f, guint8 rate)
{
  command (f, 0xf3, "fa");
  command (f, rate, "fa");
}

static void
it_says_nothing_before_it_is_asked_to (Fixture *f, gconstpointer data)
{
  move (f, 1, 1, 0, PS2_MOUSE_LEFT);
  assert_says (f, "");
}

static void
movement_and_buttons_are_reported (Fixture *f, gconstpointer data)
{
  command (f, 0xf4, "fa");
  move (f, 5, 3, 0, 0);
  assert_says (f, "28 05 fd");                     /* down is negative */
  move (f, -1, -2, 0, PS2_MOUSE_LEFT | PS2_MOUSE_MIDDLE);
  assert_says (f, "1d ff 02");
  move (f, 0, 0, 0, 0);
  assert_says (f, "08 00 00");
  move (f, 0, 0, 0, 0);
  assert_says (f, "");
}

static void
a_long_way_takes_several_packets (Fixture *f, gconstpointer data)
{
  command (f, 0xf4, "fa");
  move (f, 300, 0, 0, 0);
  assert_says (f, "08 7f 00 08 7f 00 08 2e 00");
}

static void
movement_gathers_while_a_packet_waits (Fixture *f, gconstpointer data)
{
  command (f, 0xf4, "fa");
  move (f, 1, 0, 0, 0);
  move (f, 2, 0, 0, 0);
  move (f, 3, 0, 0, 0);
  assert_says (f, "08 01 00 08 05 00");
}

static void
the_wheel_must_be_knocked_for (Fixture *f, gconstpointer data)
{
  command (f, 0xf2, "fa 00");
  set_rate (f, 200);
  set_rate (f, 100);
  set_rate (f, 80);
  command (f, 0xf2, "fa 03");
  command (f, 0xf4, "fa");
  move (f, 0, 0, 1, 0);
  assert_says (f, "08 00 00 01");
  move (f, 0, 0, -1, 0);
  assert_says (f, "08 00 00 ff");
  set_rate (f, 200);
  set_rate (f, 200);
  set_rate (f, 80);
  command (f, 0xf2, "fa 04");
  move (f, 0, 0, -1, PS2_MOUSE_BACK);
  assert_says (f, "08 00 00 1f");
  command (f, 0xff, "fa aa 00");
  command (f, 0xf2, "fa 00");
}

static void
it_tells_its_status (Fixture *f, gconstpointer data)
{
  command (f, 0xe9, "fa 00 02 64");
  command (f, 0xe8, "fa");
  command (f, 0x03, "fa");
  set_rate (f, 40);
  command (f, 0xe7, "fa");
  command (f, 0xf4, "fa");
  move (f, 0, 0, 0, PS2_MOUSE_RIGHT);
  command (f, 0xe9, "fa 31 03 28");
  command (f, 0xf6, "fa");
  command (f, 0xe9, "fa 01 02 64");
}

static void
in_remote_mode_it_waits_for_the_question (Fixture *f, gconstpointer data)
{
  command (f, 0xf0, "fa");
  move (f, 4, 0, 0, 0);
  move (f, 4, 0, 0, 0);
  assert_says (f, "");
  command (f, 0xeb, "fa 08 08 00");
  command (f, 0xeb, "fa 08 00 00");
}

static void
in_wrap_mode_it_is_an_echo (Fixture *f, gconstpointer data)
{
  command (f, 0xee, "fa");
  command (f, 0x42, "42");
  command (f, 0xf4, "f4");
  command (f, 0xec, "fa");
  command (f, 0x42, "fe");
}

static void
scaling_stretches_fast_movement (Fixture *f, gconstpointer data)
{
  command (f, 0xf4, "fa");
  command (f, 0xe7, "fa");
  move (f, 4, 0, 0, 0);
  assert_says (f, "08 06 00");
  move (f, 10, 0, 0, 0);
  assert_says (f, "08 14 00");
}

static void
a_command_cuts_a_packet_short (Fixture *f, gconstpointer data)
{
  command (f, 0xf4, "fa");
  move (f, 1, 0, 0, 0);
  g_assert_cmphex (ps2_mouse_operations.take (f->mouse), ==, 0x08);
  command (f, 0xf2, "fa 00");
}

static void
only_the_right_knock_opens (Fixture *f, gconstpointer data)
{
  set_rate (f, 200);
  set_rate (f, 60);
  set_rate (f, 80);
  command (f, 0xf2, "fa 00");
  set_rate (f, 60);
  set_rate (f, 200);
  set_rate (f, 80);
  command (f, 0xf2, "fa 00");
  set_rate (f, 200);
  set_rate (f, 200);
  set_rate (f, 100);
  command (f, 0xf2, "fa 00");
}

static void
it_repeats_what_it_said_last (Fixture *f, gconstpointer data)
{
  command (f, 0xf2, "fa 00");
  command (f, 0xe9, "fa 00 02 64");
  command (f, 0xfe, "64");
}

static void
enabling_forgets_old_movement (Fixture *f, gconstpointer data)
{
  command (f, 0xf0, "fa");
  move (f, 9, 9, 0, PS2_MOUSE_LEFT);
  command (f, 0xea, "fa");
  command (f, 0xf4, "fa");
  move (f, 0, 0, 0, PS2_MOUSE_LEFT);
  assert_says (f, "");
  command (f, 0xe7, "fa");
  move (f, 0, -4, 0, PS2_MOUSE_LEFT);
  assert_says (f, "09 00 06");
}

#define ADD(name) g_test_add ("/hw/ps2-mouse/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (it_says_nothing_before_it_is_asked_to);
  ADD (movement_and_buttons_are_reported);
  ADD (a_long_way_takes_several_packets);
  ADD (movement_gathers_while_a_packet_waits);
  ADD (the_wheel_must_be_knocked_for);
  ADD (it_tells_its_status);
  ADD (in_remote_mode_it_waits_for_the_question);
  ADD (in_wrap_mode_it_is_an_echo);
  ADD (scaling_stretches_fast_movement);
  ADD (a_command_cuts_a_packet_short);
  ADD (only_the_right_knock_opens);
  ADD (it_repeats_what_it_said_last);
  ADD (enabling_forgets_old_movement);
  return g_test_run ();
}
