/* The screen's logic: which key is which, where the picture lies, what changed of its text. */
#include "config.h"

#include "gui/evdev-keys.h"
#include "gui/screen-area.h"
#include "gui/screen-text.h"
#include "hw/ps2-keyboard.h"
#include "hw/ps2-keys.h"
#include "launch/keys.h"

#include <linux/input-event-codes.h>

static void
keys_are_where_they_are (void)
{
  static const struct { guint code; const char *name; } keys[] = {
    { KEY_ESC, "esc" }, { KEY_1, "1" }, { KEY_0, "0" }, { KEY_MINUS, "minus" }, { KEY_EQUAL, "equal" },
    { KEY_BACKSPACE, "backspace" },
    { KEY_TAB, "tab" }, { KEY_Q, "q" }, { KEY_P, "p" }, { KEY_LEFTBRACE, "bracket_left" }, { KEY_ENTER, "ret" },
    { KEY_LEFTCTRL, "ctrl" }, { KEY_A, "a" }, { KEY_SEMICOLON, "semicolon" }, { KEY_GRAVE, "grave_accent" },
    { KEY_LEFTSHIFT, "shift" }, { KEY_BACKSLASH, "backslash" }, { KEY_Z, "z" }, { KEY_SLASH, "slash" },
    { KEY_RIGHTSHIFT, "shift_r" }, { KEY_KPASTERISK, "kp_multiply" }, { KEY_LEFTALT, "alt" }, { KEY_SPACE, "spc" },
    { KEY_CAPSLOCK, "caps_lock" }, { KEY_F1, "f1" }, { KEY_F10, "f10" }, { KEY_F11, "f11" }, { KEY_F12, "f12" },
    { KEY_NUMLOCK, "num_lock" }, { KEY_SCROLLLOCK, "scroll_lock" }, { KEY_KP7, "kp_7" }, { KEY_KP0, "kp_0" },
    { KEY_KPDOT, "kp_decimal" }, { KEY_102ND, "less" }, { KEY_KPENTER, "kp_enter" }, { KEY_RIGHTCTRL, "ctrl_r" },
    { KEY_KPSLASH, "kp_divide" }, { KEY_SYSRQ, "print" }, { KEY_RIGHTALT, "alt_r" }, { KEY_HOME, "home" }, { KEY_UP, "up" },
    { KEY_PAGEUP, "pgup" }, { KEY_LEFT, "left" }, { KEY_RIGHT, "right" }, { KEY_END, "end" }, { KEY_DOWN, "down" },
    { KEY_PAGEDOWN, "pgdn" }, { KEY_INSERT, "insert" }, { KEY_DELETE, "delete" }, { KEY_PAUSE, "pause" },
    { KEY_LEFTMETA, "meta_l" }, { KEY_RIGHTMETA, "meta_r" }, { KEY_COMPOSE, "menu" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_cmphex (astern_evdev_key (keys[i].code), ==, astern_key_number (keys[i].name));
}

static void
every_key_that_is_sent_is_one_of_the_keyboards (void)
{
  gboolean used[0x10000] = { FALSE };
  guint n = 0;

  for (guint code = 0; code < 256; code++)
    {
      guint16 number = astern_evdev_key (code);

      if (number == 0)
        continue;
      g_assert_true (ps2_key_find (number) != NULL || number == PS2_KEY_PAUSE || number == PS2_KEY_PRINT_SCREEN);
      g_assert_false (used[number]);
      used[number] = TRUE;
      n++;
    }
  g_assert_cmpuint (n, >, 104);
  g_assert_cmphex (astern_evdev_key (KEY_RESERVED), ==, 0);
  g_assert_cmphex (astern_evdev_key (KEY_F13), ==, 0);
  g_assert_cmphex (astern_evdev_key (0x1000), ==, 0);
}

static void
a_picture_fits_and_is_in_the_middle (void)
{
  AsternFit fit = astern_screen_fit (ASTERN_SCALE_FIT, 640, 480, 1280, 1000);

  g_assert_cmpfloat (fit.scale, ==, 2);
  g_assert_cmpfloat (fit.x, ==, 0);
  g_assert_cmpfloat (fit.y, ==, 20);
  fit = astern_screen_fit (ASTERN_SCALE_FIT, 640, 480, 320, 480);
  g_assert_cmpfloat (fit.scale, ==, 0.5);
  g_assert_cmpfloat (fit.y, ==, 120);
}

static void
whole_steps_are_whole_where_there_is_room (void)
{
  g_assert_cmpfloat (astern_screen_fit (ASTERN_SCALE_STEPS, 320, 200, 1000, 1000).scale, ==, 3);
  g_assert_cmpfloat (astern_screen_fit (ASTERN_SCALE_STEPS, 320, 200, 160, 1000).scale, ==, 0.5);
  g_assert_cmpfloat (astern_screen_fit (ASTERN_SCALE_2, 320, 200, 100, 100).scale, ==, 2);
  g_assert_cmpfloat (astern_screen_fit (ASTERN_SCALE_2, 320, 200, 100, 100).x, ==, 0);
  g_assert_cmpfloat (astern_screen_fit (ASTERN_SCALE_FIT, 0, 0, 100, 100).scale, ==, 1);
}

static void
assert_change (const char *before, const char *after, int start, int removed, int inserted)
{
  AsternTextChange change = astern_text_change (before, after);

  g_assert_cmpint (change.start, ==, start);
  g_assert_cmpint (change.removed, ==, removed);
  g_assert_cmpint (change.inserted, ==, inserted);
}

static void
what_changed_of_a_text_is_found (void)
{
  assert_change (NULL, NULL, 0, 0, 0);
  assert_change (NULL, "one\n", 0, 0, 4);
  assert_change ("one\n", NULL, 0, 4, 0);
  assert_change ("$ \n", "$ l\n", 2, 0, 1);
  assert_change ("aaa", "aaaa", 3, 0, 1);
  assert_change ("aaaa", "aa", 2, 2, 0);
  assert_change ("one two three", "one 2 three", 4, 3, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/gui/screen/" #name, name)
  ADD (keys_are_where_they_are);
  ADD (every_key_that_is_sent_is_one_of_the_keyboards);
  ADD (a_picture_fits_and_is_in_the_middle);
  ADD (whole_steps_are_whole_where_there_is_room);
  ADD (what_changed_of_a_text_is_found);
  return g_test_run ();
}
