/* test-virtio-gpu.c - the GPU: resources with backing pages, what of them is shown, the pointer; and what it refuses. */
#include "config.h"

#include "rig.h"

#include "hw/display/edid.h"
#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-gpu.h"

#include <string.h>

enum { INFO = 0x100, CREATE, UNREF, SCANOUT, FLUSH, TRANSFER, ATTACH, DETACH, EDID = 0x10a, CURSOR = 0x300, MOVE };
enum { OK = 0x1100, OK_INFO, OK_EDID = 0x1104, UNSPEC = 0x1200, NO_MEMORY, NO_SCANOUT, NO_RESOURCE, NO_CONTEXT, NO_PARAMETER };

#define COMMAND RIG_BUFFERS
#define ANSWER  (RIG_BUFFERS + 0x10000)
#define PIXELS  (RIG_BUFFERS + 0x100000)
#define MEMORY  (4u << 20)

static void
set_up (Rig *rig, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  rig_set_up (rig, &virtio_gpu_class, MEMORY);
  g_assert_true (virtio_gpu_set_up (rig->virtio, MEMORY, 640, 480, &error));
  rig_plug (rig, FALSE, TRUE);
  rig_start (rig, data != NULL ? 0 : VIRTIO_GPU_F_EDID, 2);
}

static void
tear_down (Rig *rig, gconstpointer data)
{
  rig_tear_down (rig);
}

/* @words follow the header of type @type; returns the answer's type. */
static guint
run (Rig *rig, guint type, const guint32 *words, guint n)
{
  const RigPart parts[] = { { COMMAND, 24 + 4 * n, FALSE }, { ANSWER, 1056, TRUE } };
  guint queue = type >= CURSOR;

  memset (rig_at (rig, COMMAND), 0, 24);
  virtio_put (rig_at (rig, COMMAND), 4, type);
  virtio_put (rig_at (rig, COMMAND + 4), 4, 1);
  virtio_put (rig_at (rig, COMMAND + 8), 8, 77);
  for (guint i = 0; i < n; i++)
    virtio_put (rig_at (rig, COMMAND + 24 + 4 * i), 4, words[i]);
  rig_add (rig, queue, parts, 2);
  rig_kick (rig, queue);
  rig_wait (rig, queue, NULL);
  g_assert_cmpuint (virtio_get (rig_at (rig, ANSWER + 8), 8), ==, 77);        /* the fence */
  return (guint) virtio_get (rig_at (rig, ANSWER), 4);
}

#define RUN(rig, type, ...) run (rig, type, (const guint32[]) { __VA_ARGS__ }, sizeof ((const guint32[]) { __VA_ARGS__ }) / 4)

/* Resource 5, of 8 x 4 pixels, in two pieces of memory, whose pixel n is n. */
static void
make_resource (Rig *rig)
{
  g_assert_cmphex (RUN (rig, CREATE, 5, 2, 8, 4), ==, OK);
  for (guint i = 0; i < 32; i++)
    virtio_put (rig_at (rig, PIXELS + 4 * i + (i >= 10 ? 0x2000 : 0)), 4, 0xff000000 | i);
  g_assert_cmphex (RUN (rig, ATTACH, 5, 2, PIXELS, 0, 40, 0, PIXELS + 0x2000 + 40, 0, 88, 0), ==, OK);
}

static void
a_resource_is_shown (Rig *rig, gconstpointer data)
{
  g_auto (AsternPicture) picture = { 0 };

  astern_display_draw (&rig->virtio->parent, 0, &picture);
  g_assert_cmpuint (picture.width, ==, 640);
  make_resource (rig);
  g_assert_cmphex (RUN (rig, TRANSFER, 0, 0, 8, 4, 0, 0, 5, 0), ==, OK);
  g_assert_cmphex (RUN (rig, SCANOUT, 2, 1, 6, 3, 0, 5), ==, OK);
  g_assert_cmphex (RUN (rig, FLUSH, 0, 0, 8, 4, 5, 0), ==, OK);
  astern_display_draw (&rig->virtio->parent, 0, &picture);
  g_assert_cmpuint (picture.width, ==, 6);
  g_assert_cmpuint (picture.height, ==, 3);
  for (guint y = 0; y < 3; y++)
    for (guint x = 0; x < 6; x++)
      g_assert_cmphex (astern_picture_row (&picture, y)[x], ==, (y + 1) * 8 + x + 2);
  /* A part is transferred. */
  virtio_put (rig_at (rig, PIXELS + 0x2000 + 4 * 26), 4, 0x123456);
  g_assert_cmphex (RUN (rig, TRANSFER, 2, 3, 1, 1, 26 * 4, 0, 5, 0), ==, OK);
  astern_display_draw (&rig->virtio->parent, 0, &picture);
  g_assert_cmphex (astern_picture_row (&picture, 2)[0], ==, 0x123456);
  g_assert_cmphex (RUN (rig, UNREF, 5, 0), ==, OK);
  astern_display_draw (&rig->virtio->parent, 0, &picture);
  g_assert_cmpuint (picture.width, ==, 640);
}

static void
the_display_is_described (Rig *rig, gconstpointer data)
{
  g_assert_cmpuint (rig_config (rig, 8, 4), ==, 1);
  g_assert_cmphex (run (rig, INFO, NULL, 0), ==, OK_INFO);
  g_assert_cmpuint (virtio_get (rig_at (rig, ANSWER + 24 + 8), 4), ==, 640);
  g_assert_cmpuint (virtio_get (rig_at (rig, ANSWER + 24 + 16), 4), ==, 1);
}

static void
the_monitor_says_what_it_is (Rig *rig, gconstpointer data)
{
  const guint8 *block = rig_at (rig, ANSWER + 32), *timing = block + 54;
  guint8 expected[ASTERN_EDID_BYTES], sum = 0;

  memset (rig_at (rig, ANSWER), 0xee, 1056);
  g_assert_cmphex (RUN (rig, EDID, 0, 0), ==, OK_EDID);
  g_assert_cmpuint (virtio_get (rig_at (rig, ANSWER + 24), 4), ==, 128);
  g_assert_cmpmem (block, 8, "\0\xff\xff\xff\xff\xff\xff\0", 8);
  for (guint i = 0; i < 128; i++)
    sum += block[i];
  g_assert_cmpuint (sum, ==, 0);
  g_assert_cmpuint (timing[2] | (timing[4] >> 4) << 8, ==, 640);
  g_assert_cmpuint (timing[5] | (timing[7] >> 4) << 8, ==, 480);
  astern_edid_fill (&(AsternMonitor) { .width = 640, .height = 480 }, expected);
  g_assert_cmpmem (block, 128, expected, 128);
  for (guint i = 128; i < 1024; i++)
    g_assert_cmphex (block[i], ==, 0);
  g_assert_cmphex (RUN (rig, EDID, 1, 0), ==, NO_SCANOUT);
}

static void
nothing_is_said_to_who_did_not_ask (Rig *rig, gconstpointer data)
{
  g_assert_cmphex (RUN (rig, EDID, 0, 0), ==, UNSPEC);
}

static void
a_size_that_the_block_cannot_say_is_not_told_smaller (Rig *rig, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  rig_set_up (rig, &virtio_gpu_class, MEMORY);
  g_assert_true ((rig->virtio->offered & VIRTIO_GPU_F_EDID) != 0);
  g_assert_true (virtio_gpu_set_up (rig->virtio, MEMORY, 5120, 2880, &error));
  g_assert_true ((rig->virtio->offered & VIRTIO_GPU_F_EDID) == 0);
}

static void
the_pointer_is_a_resource (Rig *rig, gconstpointer data)
{
  const AsternDisplayClass *display = &virtio_gpu_display;
  g_auto (AsternCursor) cursor = { 0 };

  make_resource (rig);
  virtio_put (rig_at (rig, PIXELS + 4 * 3), 4, 0x00123456);    /* is seen through, though the format has no alpha */
  RUN (rig, TRANSFER, 0, 0, 8, 4, 0, 0, 5, 0);
  g_assert_false (display->cursor (&rig->virtio->parent, 0, &cursor));
  RUN (rig, CURSOR, 0, 100, 50, 0, 5, 3, 2, 0);
  g_assert_true (display->cursor (&rig->virtio->parent, 0, &cursor));
  g_assert_cmpint (cursor.x, ==, 103);
  g_assert_cmpuint (cursor.hot_y, ==, 2);
  g_assert_cmphex (cursor.pixels[9], ==, 0xff000009);
  g_assert_cmphex (cursor.pixels[3], ==, 0);
  RUN (rig, MOVE, 0, 10, 20, 0, 0, 0, 0, 0);
  g_assert_true (display->cursor (&rig->virtio->parent, 0, &cursor));
  g_assert_cmpint (cursor.y, ==, 22);
}

static void
what_is_wrong_is_refused (Rig *rig, gconstpointer data)
{
  make_resource (rig);
  g_assert_cmphex (RUN (rig, CREATE, 5, 2, 8, 4), ==, NO_RESOURCE);
  g_assert_cmphex (RUN (rig, CREATE, 6, 99, 8, 4), ==, NO_PARAMETER);
  g_assert_cmphex (RUN (rig, CREATE, 6, 2, 100000, 4), ==, NO_PARAMETER);
  g_assert_cmphex (RUN (rig, CREATE, 6, 2, 4096, 4096), ==, NO_MEMORY);
  g_assert_cmphex (RUN (rig, TRANSFER, 4, 0, 5, 4, 0, 0, 5, 0), ==, NO_PARAMETER);
  g_assert_cmphex (RUN (rig, TRANSFER, 0xffffffff, 0, 2, 4, 0, 0, 5, 0), ==, NO_PARAMETER);
  g_assert_cmphex (RUN (rig, SCANOUT, 0, 0, 9, 4, 0, 5), ==, NO_PARAMETER);
  g_assert_cmphex (RUN (rig, SCANOUT, 0, 0, 8, 4, 1, 5), ==, NO_SCANOUT);
  g_assert_cmphex (RUN (rig, SCANOUT, 0, 0, 8, 4, 0, 9), ==, NO_RESOURCE);
  g_assert_cmphex (RUN (rig, ATTACH, 5, 1, PIXELS, 0, 40, 0), ==, NO_PARAMETER);      /* it has one */
  g_assert_cmphex (RUN (rig, DETACH, 5, 0), ==, OK);
  g_assert_cmphex (RUN (rig, ATTACH, 5, 99, PIXELS, 0, 40, 0), ==, NO_PARAMETER);
  g_assert_cmphex (RUN (rig, TRANSFER, 0, 0, 8, 4, 0, 0, 5, 0), ==, NO_PARAMETER);
  g_assert_cmphex (run (rig, 0x207, NULL, 0), ==, UNSPEC);
}

static void
memory_is_used_again (Rig *rig, gconstpointer data)
{
  for (guint i = 0; i < 200; i++)
    {
      g_assert_cmphex (RUN (rig, CREATE, 100 + i, 1, 512, 512), ==, OK);
      if (i >= 3)
        g_assert_cmphex (RUN (rig, UNREF, 100 + i - 3, 0), ==, OK);
    }
}

#define ADD(name) g_test_add ("/hw/virtio-gpu/" #name, Rig, NULL, set_up, name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_resource_is_shown);
  ADD (the_display_is_described);
  ADD (the_monitor_says_what_it_is);
  g_test_add ("/hw/virtio-gpu/nothing_is_said_to_who_did_not_ask", Rig, "without EDID", set_up, nothing_is_said_to_who_did_not_ask, tear_down);
  g_test_add ("/hw/virtio-gpu/a_size_that_the_block_cannot_say_is_not_told_smaller", Rig, NULL, NULL,
              a_size_that_the_block_cannot_say_is_not_told_smaller, tear_down);
  ADD (the_pointer_is_a_resource);
  ADD (what_is_wrong_is_refused);
  ADD (memory_is_used_again);
  return g_test_run ();
}
