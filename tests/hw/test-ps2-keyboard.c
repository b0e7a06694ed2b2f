/* test-ps2-keyboard.c - the keyboard, as its controller sees it. */
#include "config.h"

#include "hw/ps2-keyboard.h"
#include "hw/ps2-keys.h"

#include "device-fixture.h"

typedef struct
{
  AsternClock   clock;
  AsternDevice *keyboard;
  Probe         ready;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  astern_clock_init (&f->clock);
  f->keyboard = astern_device_new (&ps2_keyboard_class, "keyboard", NULL, &f->clock);
  probe_connect (&f->ready, ps2_keyboard_operations.ready (f->keyboard));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_device_free (f->keyboard);
  astern_clock_clear (&f->clock);
}

static void
command (Fixture *f, guint8 byte)
{
  ps2_keyboard_operations.command (f->keyboard, byte);
}

static void
key (Fixture *f, guint16 number, gboolean down)
{
  guint8 packet[PS2_KEYBOARD_PACKET_BYTES] = { number & 0xff, number >> 8, down };

  ps2_keyboard_input (f->keyboard, packet, sizeof packet);
}

/* All that it has to say, as "fa aa". */
static void
assert_says (Fixture *f, const char *expected)
{
  g_autoptr (GString) said = g_string_new (NULL);

  while (f->ready.level)
    g_string_append_printf (said, "%s%02x", said->len ? " " : "", ps2_keyboard_operations.take (f->keyboard));
  g_assert_cmpstr (said->str, ==, expected);
}

static void
set_scan_code_set (Fixture *f, guint8 set)
{
  command (f, 0xf0);
  assert_says (f, "fa");
  command (f, set);
  assert_says (f, "fa");
}

static void
a_key_says_make_and_break (Fixture *f, gconstpointer data)
{
  key (f, 0x1e, TRUE);
  assert_says (f, "1c");
  key (f, 0x1e, FALSE);
  assert_says (f, "f0 1c");
  key (f, 0xe048, TRUE);
  key (f, 0xe048, FALSE);
  assert_says (f, "e0 75 e0 f0 75");
}

static void
keys_with_a_tale_of_their_own_tell_it (Fixture *f, gconstpointer data)
{
  key (f, PS2_KEY_PAUSE, TRUE);
  assert_says (f, "e1 14 77 e1 f0 14 f0 77");
  key (f, PS2_KEY_PAUSE, FALSE);
  assert_says (f, "");
  key (f, PS2_KEY_PRINT_SCREEN, TRUE);
  assert_says (f, "e0 12 e0 7c");
  key (f, PS2_KEY_PRINT_SCREEN, FALSE);
  assert_says (f, "e0 f0 7c e0 f0 12");
}

static void
set_1_marks_a_break_by_bit_7 (Fixture *f, gconstpointer data)
{
  set_scan_code_set (f, 1);
  key (f, 0x1e, TRUE);
  key (f, 0x1e, FALSE);
  key (f, 0xe01d, TRUE);
  key (f, 0xe01d, FALSE);
  assert_says (f, "1e 9e e0 1d e0 9d");
}

static void
set_3_breaks_only_for_keys_that_are_told_to (Fixture *f, gconstpointer data)
{
  set_scan_code_set (f, 3);
  key (f, 0x1e, TRUE);
  key (f, 0x1e, FALSE);
  key (f, 0x1d, TRUE);
  key (f, 0x1d, FALSE);
  assert_says (f, "1c 11 f0 11");
  command (f, 0xfc);
  command (f, 0x1c);
  assert_says (f, "fa");
  key (f, 0x1e, FALSE);
  assert_says (f, "f0 1c");
  command (f, 0xf8);
  assert_says (f, "fa");
  key (f, 0x10, FALSE);
  assert_says (f, "f0 15");
}

static void
it_answers_commands (Fixture *f, gconstpointer data)
{
  command (f, 0xf2);
  assert_says (f, "fa ab 83");
  command (f, 0xee);
  assert_says (f, "ee");
  command (f, 0xfe);
  assert_says (f, "ee");
  command (f, 0xed);
  assert_says (f, "fa");
  command (f, 0x05);
  assert_says (f, "fa");
  g_assert_cmphex (ps2_keyboard_leds (f->keyboard), ==, 5);
  command (f, 0xf0);
  assert_says (f, "fa");
  command (f, 0x00);
  assert_says (f, "fa 02");
  command (f, 0xff);
  assert_says (f, "fa aa");
  g_assert_cmphex (ps2_keyboard_leds (f->keyboard), ==, 0);
  command (f, 0xef);
  assert_says (f, "fe");
}

static void
it_is_silent_while_disabled (Fixture *f, gconstpointer data)
{
  command (f, 0xf5);
  assert_says (f, "fa");
  key (f, 0x1e, TRUE);
  assert_says (f, "");
  command (f, 0xf4);
  assert_says (f, "fa");
  key (f, 0x1e, TRUE);
  assert_says (f, "1c");
}

static void
an_answer_goes_before_waiting_keys (Fixture *f, gconstpointer data)
{
  key (f, 0x1e, TRUE);
  command (f, 0xf2);
  assert_says (f, "fa ab 83 1c");
}

static void
keys_that_are_too_many_leave_a_mark (Fixture *f, gconstpointer data)
{
  guint n = 0;
  guint8 last = 0xff;

  for (guint i = 0; i < 100; i++)
    key (f, 0x1e, TRUE);
  for (; f->ready.level; n++)
    last = ps2_keyboard_operations.take (f->keyboard);
  g_assert_cmpuint (n, ==, PS2_QUEUE_BYTES);
  g_assert_cmphex (last, ==, 0x00);
  key (f, 0x1e, TRUE);
  assert_says (f, "1c");
}

static void
an_unknown_key_says_nothing (Fixture *f, gconstpointer data)
{
  for (guint number = 0; number < 0x10000; number += 3)
    if (ps2_key_find (number) == NULL && number != PS2_KEY_PAUSE && number != PS2_KEY_PRINT_SCREEN)
      {
        key (f, number, TRUE);
        assert_says (f, "");
      }
}

static void
each_key_has_its_own_codes (void)
{
  guint found = 0;

  for (guint a = 0; a < 0x10000; a++)
    {
      const Ps2Key *key_a = ps2_key_find (a);

      if (key_a == NULL)
        continue;
      found++;
      g_assert_cmphex (ps2_key_translate (key_a->set2), ==, key_a->set1);
      for (guint b = 0; b < a; b += b == 0x7f ? 0xdf81 : 1)
        {
          const Ps2Key *key_b = ps2_key_find (b);

          if (key_b == NULL)
            continue;
          g_assert_false (key_a->set2 == key_b->set2 && key_a->prefix == key_b->prefix);
          g_assert_false (key_a->set3 != 0 && key_a->set3 == key_b->set3);
        }
    }
  g_assert_cmpuint (found, >, 100);
}

static void
pause_is_itself_in_every_set (Fixture *f, gconstpointer data)
{
  set_scan_code_set (f, 1);
  key (f, PS2_KEY_PAUSE, TRUE);
  assert_says (f, "e1 1d 45 e1 9d c5");
  set_scan_code_set (f, 3);
  key (f, PS2_KEY_PAUSE, TRUE);
  assert_says (f, "62");
}

static void
defaults_are_set_2_and_scanning_as_told (Fixture *f, gconstpointer data)
{
  set_scan_code_set (f, 1);
  command (f, 0xf6);
  assert_says (f, "fa");
  key (f, 0x1e, FALSE);
  assert_says (f, "f0 1c");
  set_scan_code_set (f, 1);
  command (f, 0xf4);                                /* enabling keeps the set */
  assert_says (f, "fa");
  key (f, 0x1e, FALSE);
  assert_says (f, "9e");
  command (f, 0xf5);
  assert_says (f, "fa");
  command (f, 0xf0);
  assert_says (f, "fa");
  command (f, 0x00);
  assert_says (f, "fa 02");
  set_scan_code_set (f, 3);
  command (f, 0xf8);
  command (f, 0xf6);
  assert_says (f, "fa");
  set_scan_code_set (f, 3);
  key (f, 0x10, FALSE);
  assert_says (f, "");
}

static void
a_loaded_queue_is_heard_of (Fixture *f, gconstpointer data)
{
  g_autoptr (GVariant) saved = NULL;

  key (f, 0x1e, TRUE);
  saved = g_variant_ref_sink (astern_device_save (f->keyboard));
  assert_says (f, "1c");
  g_assert_true (astern_device_load (f->keyboard, saved, NULL));
  assert_says (f, "1c");
}

#define ADD(name) g_test_add ("/hw/ps2-keyboard/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_key_says_make_and_break);
  ADD (keys_with_a_tale_of_their_own_tell_it);
  ADD (set_1_marks_a_break_by_bit_7);
  ADD (set_3_breaks_only_for_keys_that_are_told_to);
  ADD (it_answers_commands);
  ADD (it_is_silent_while_disabled);
  ADD (an_answer_goes_before_waiting_keys);
  ADD (keys_that_are_too_many_leave_a_mark);
  ADD (an_unknown_key_says_nothing);
  g_test_add_func ("/hw/ps2-keys/each_key_has_its_own_codes", each_key_has_its_own_codes);
  ADD (pause_is_itself_in_every_set);
  ADD (defaults_are_set_2_and_scanning_as_told);
  ADD (a_loaded_queue_is_heard_of);
  return g_test_run ();
}
