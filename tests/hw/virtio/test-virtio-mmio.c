/* test-virtio-mmio.c - the transport without a bus, by the entropy source. */
#include "config.h"

#include "rig.h"

#include "hw/virtio/cards.h"

#include <string.h>

enum { MODERN, LEGACY };

static void
set_up (Rig *rig, gconstpointer data)
{
  rig_set_up (rig, &virtio_rng_class, 0);
  rig->virtio->offered |= VIRTIO_F_RING_PACKED;
  rig_plug_mmio (rig, GPOINTER_TO_INT (data) == LEGACY);
}

static void
tear_down (Rig *rig, gconstpointer data)
{
  rig_tear_down (rig);
}

static void
ask_for_bytes (Rig *rig)
{
  const RigPart part = { RIG_BUFFERS, 64, TRUE };

  rig_add (rig, 0, &part, 1);
  rig_kick (rig, 0);
}

static void
the_slot_says_what_is_in_it (Rig *rig, gconstpointer data)
{
  g_assert_cmphex (rig_slot_read (rig, 0x00), ==, 0x74726976);
  g_assert_cmpuint (rig_slot_read (rig, 0x04), ==, GPOINTER_TO_INT (data) == LEGACY ? 1 : 2);
  g_assert_cmpuint (rig_slot_read (rig, 0x08), ==, VIRTIO_ID_ENTROPY);
  rig_slot_write (rig, 0x30, 1);
  g_assert_cmpuint (rig_slot_read (rig, 0x34), ==, 0);      /* there is no queue 1 */
}

static void
a_buffer_is_filled (Rig *rig, gconstpointer data)
{
  static const guint8 zeros[8];
  guint head;

  rig_start (rig, 0, 1);
  ask_for_bytes (rig);
  g_assert_cmpuint (rig_wait (rig, 0, &head), ==, 64);
  g_assert_cmpint (memcmp (rig_at (rig, RIG_BUFFERS + 56), zeros, 8), !=, 0);
  g_assert_cmpuint (rig_slot_read (rig, 0x60), ==, 1);
}

static void
the_line_is_up_until_acknowledged (Rig *rig, gconstpointer data)
{
  rig_start (rig, 0, 1);
  ask_for_bytes (rig);
  g_assert_true (rig->intx);
  g_assert_cmpuint (rig_slot_read (rig, 0x60), ==, 1);
  g_assert_true (rig->intx);
  rig_slot_write (rig, 0x64, 2);
  g_assert_true (rig->intx);
  rig_slot_write (rig, 0x64, 1);
  g_assert_false (rig->intx);
}

static void
what_happens_while_the_line_is_up_is_an_edge (Rig *rig, gconstpointer data)
{
  rig_start (rig, 0, 1);
  ask_for_bytes (rig);
  g_assert_cmpuint (rig->interrupts, ==, 1);
  ask_for_bytes (rig);
  g_assert_cmpuint (rig->interrupts, ==, 2);
}

static void
two_slots_of_a_line_do_not_disturb_each_other (Rig *rig, gconstpointer data)
{
  AsternMachine *machine = rig->machine;
  AsternDevice *other = astern_device_new (&virtio_rng_device_class, "other", machine, &machine->clock);
  AsternDevice *behind = astern_device_new (&virtio_rng_class, "other.virtio", machine, &machine->clock);
  g_autoptr (GError) error = NULL;

  astern_machine_add_device (machine, other);
  astern_machine_add_device (machine, behind);
  virtio_mmio_connect (other, (VirtioDevice *) behind, FALSE);
  g_assert_cmpuint (virtio_mmio_line (4), ==, virtio_mmio_line (0));
  g_assert_true (virtio_mmio_plug (&rig->slots, other, 4, &error));
  g_assert_false (virtio_mmio_plug (&rig->slots, other, 4, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  rig_start (rig, 0, 1);
  ask_for_bytes (rig);
  astern_device_reset (other);
  g_assert_true (rig->intx);
}

static void
a_ring_goes_round_many_times (Rig *rig, gconstpointer data)
{
  const RigPart part = { RIG_BUFFERS, 16, TRUE };
  guint head;

  for (guint way = 0; way < 4; way++)
    {
      rig->indirect = (way & 1) != 0;
      rig_start (rig, VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC | (way & 2 ? VIRTIO_F_RING_PACKED : 0), 1);
      for (guint i = 0; i < 500; i++)
        {
          rig_add (rig, 0, &part, 1);
          rig_kick (rig, 0);
          g_assert_cmpuint (rig_wait (rig, 0, &head), ==, 16);
        }
    }
}

static void
a_stopped_queue_is_as_after_a_reset (Rig *rig, gconstpointer data)
{
  rig_start (rig, 0, 1);
  ask_for_bytes (rig);
  rig_slot_write (rig, 0x30, 0);
  rig_slot_write (rig, 0x44, 0);
  g_assert_cmpuint (rig_slot_read (rig, 0x44), ==, 0);
  rig_slot_write (rig, 0x70, 0);
  g_assert_cmpuint (rig_slot_read (rig, 0x70), ==, 0);
  g_assert_false (rig->intx);
  rig_start (rig, 0, 1);
  ask_for_bytes (rig);
  g_assert_cmpuint (rig_wait (rig, 0, NULL), ==, 64);
}

static void
registers_are_accessed_by_four_bytes (Rig *rig, gconstpointer data)
{
  AsternAccess access = { { VIRTIO_MMIO_BASE }, 1, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  g_assert_cmpuint (astern_bus_read (rig->machine->physical, &access), ==, 0);
  rig_start (rig, 0, 1);
  access = (AsternAccess) { { VIRTIO_MMIO_BASE + 0x70 }, 1, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };
  astern_bus_write (rig->machine->physical, &access, 0);
  g_assert_cmpuint (rig_slot_read (rig, 0x70) & VIRTIO_DRIVER_OK, ==, VIRTIO_DRIVER_OK);
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (Rig *rig, gconstpointer data); gboolean modern_only; } tests[] = {
    { "the-slot-says-what-is-in-it", the_slot_says_what_is_in_it, FALSE },
    { "a-buffer-is-filled", a_buffer_is_filled, FALSE },
    { "the-line-is-up-until-acknowledged", the_line_is_up_until_acknowledged, FALSE },
    { "what-happens-while-the-line-is-up-is-an-edge", what_happens_while_the_line_is_up_is_an_edge, FALSE },
    { "two-slots-of-a-line-do-not-disturb-each-other", two_slots_of_a_line_do_not_disturb_each_other, FALSE },
    { "a-ring-goes-round-many-times", a_ring_goes_round_many_times, FALSE },
    { "registers-are-accessed-by-four-bytes", registers_are_accessed_by_four_bytes, FALSE },
    { "a-stopped-queue-is-as-after-a-reset", a_stopped_queue_is_as_after_a_reset, TRUE },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    for (gint version = MODERN; version <= (tests[i].modern_only ? MODERN : LEGACY); version++)
      {
        g_autofree char *path = g_strdup_printf ("/virtio-mmio/%s/%s", version == LEGACY ? "legacy" : "modern", tests[i].name);

        g_test_add (path, Rig, GINT_TO_POINTER (version), set_up, tests[i].test, tear_down);
      }
  return g_test_run ();
}
