/* test-virtio-input.c - keyboard, mouse, tablet: what they say they have, and what a person does. */
#include "config.h"

#include "rig.h"

#include "hw/human.h"
#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-input.h"

#include <string.h>

#define EVENTS RIG_BUFFERS

enum { EV_SYN = 0, EV_KEY = 1, EV_REL = 2, EV_ABS = 3 };

static void
set_up (Rig *rig, gconstpointer data)
{
  rig_set_up (rig, data, 0);
  rig_plug (rig, FALSE, TRUE);
  rig_start (rig, VIRTIO_F_EVENT_IDX, 2);
}

static void
tear_down (Rig *rig, gconstpointer data)
{
  rig_tear_down (rig);
}

static void
add_buffers (Rig *rig, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      const RigPart part = { EVENTS + 8 * i, 8, TRUE };

      rig_add (rig, 0, &part, 1);
    }
  rig_kick (rig, 0);
}

static void
assert_event (Rig *rig, guint n, guint type, guint code, gint32 value)
{
  guint32 written;
  guint head;

  g_assert_true (rig_take (rig, 0, &head, &written));
  g_assert_cmpuint (written, ==, 8);
  g_assert_cmpuint (virtio_get (rig_at (rig, EVENTS + 8 * n), 2), ==, type);
  g_assert_cmpuint (virtio_get (rig_at (rig, EVENTS + 8 * n + 2), 2), ==, code);
  g_assert_cmpint ((gint32) virtio_get (rig_at (rig, EVENTS + 8 * n + 4), 4), ==, value);
}

/* Selects a part of the configuration; returns its size. */
static guint
ask (Rig *rig, guint what, guint which)
{
  rig_common_write (rig, 0x2000, 1, what);
  rig_common_write (rig, 0x2001, 1, which);
  return (guint) rig_config (rig, 2, 1);
}

static void
it_says_what_it_has (Rig *rig, gconstpointer data)
{
  gboolean keyboard = data == &virtio_keyboard_class, tablet = data == &virtio_tablet_class;

  g_assert_cmpuint (ask (rig, 1, 0), >, 10);
  g_assert_cmpuint (rig_config (rig, 8, 1), ==, 'V');
  g_assert_cmpuint (ask (rig, 3, 0), ==, 8);
  g_assert_cmpuint (ask (rig, 0x11, EV_KEY), !=, 0);
  g_assert_cmpuint (rig_config (rig, 8 + 30 / 8, 1) >> 30 % 8 & 1, ==, keyboard);       /* A */
  g_assert_cmpuint (ask (rig, 0x11, EV_ABS) != 0, ==, tablet);
  g_assert_cmpuint (ask (rig, 0x12, 1), ==, tablet ? 20 : 0);
  if (tablet)
    g_assert_cmpuint (rig_config (rig, 12, 4), ==, HUMAN_POINTER_MAX);
  g_assert_cmpuint (ask (rig, 0x77, 1), ==, 0);
}

static void
keys_come (Rig *rig, gconstpointer data)
{
  static const guint8 keys[] = { 0x1e, 0, 1, 0x1e, 0, 0, 0x48, 0xe0, 1, 0xff, 0xff, 1 };

  g_assert_true (virtio_input_listens (&rig->virtio->parent));
  virtio_keyboard_input (rig->virtio, keys, 3);               /* waits */
  add_buffers (rig, 10);
  virtio_keyboard_input (rig->virtio, keys + 3, sizeof keys - 3);
  assert_event (rig, 0, EV_KEY, 30, 1);
  assert_event (rig, 1, EV_SYN, 0, 0);
  assert_event (rig, 2, EV_KEY, 30, 0);
  assert_event (rig, 3, EV_SYN, 0, 0);
  assert_event (rig, 4, EV_KEY, 103, 1);
  assert_event (rig, 5, EV_SYN, 0, 0);
}

static void
what_does_not_fit_is_lost (Rig *rig, gconstpointer data)
{
  static const guint8 key[] = { 0x1e, 0, 1 };
  guint32 written;
  guint head, n = 0;

  for (guint i = 0; i < 1000; i++)
    virtio_keyboard_input (rig->virtio, key, 3);
  add_buffers (rig, 64);
  while (rig_take (rig, 0, &head, &written))
    n++;
  g_assert_cmpuint (n, >, 40);
  g_assert_cmpuint (n % 2, ==, 0);
}

static void
the_mouse_moves (Rig *rig, gconstpointer data)
{
  static const guint8 moves[] = { 5, 0, 0xfe, 0xff, 1, 1, 0, 0, 0, 0, 0, 0 };

  add_buffers (rig, 10);
  virtio_mouse_input (rig->virtio, moves, sizeof moves);
  assert_event (rig, 0, EV_REL, 0, 5);
  assert_event (rig, 1, EV_REL, 1, -2);
  assert_event (rig, 2, EV_REL, 8, -1);
  assert_event (rig, 3, EV_KEY, 0x110, 1);
  assert_event (rig, 4, EV_SYN, 0, 0);
  assert_event (rig, 5, EV_KEY, 0x110, 0);
  assert_event (rig, 6, EV_SYN, 0, 0);
}

static void
the_tablet_points (Rig *rig, gconstpointer data)
{
  static const guint8 points[] = { 0x34, 0x12, 0xff, 0xff, 0, 2 };

  add_buffers (rig, 10);
  virtio_tablet_input (rig->virtio, points, sizeof points);
  assert_event (rig, 0, EV_ABS, 0, 0x1234);
  assert_event (rig, 1, EV_ABS, 1, HUMAN_POINTER_MAX);
  assert_event (rig, 2, EV_KEY, 0x111, 1);
  assert_event (rig, 3, EV_SYN, 0, 0);
}

#define ADD(name, klass) g_test_add ("/hw/" #klass "/" #name, Rig, &klass, set_up, name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (it_says_what_it_has, virtio_keyboard_class);
  ADD (it_says_what_it_has, virtio_mouse_class);
  ADD (it_says_what_it_has, virtio_tablet_class);
  ADD (keys_come, virtio_keyboard_class);
  ADD (what_does_not_fit_is_lost, virtio_keyboard_class);
  ADD (the_mouse_moves, virtio_mouse_class);
  ADD (the_tablet_points, virtio_tablet_class);
  return g_test_run ();
}
