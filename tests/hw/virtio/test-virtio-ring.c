/* test-virtio-ring.c - features, status and rings, by the simplest device: the entropy source. */
#include "config.h"

#include "rig.h"

#include "hw/virtio/cards.h"

#include <string.h>

static void
set_up (Rig *rig, gconstpointer data)
{
  rig_set_up (rig, &virtio_rng_class, 0);
  rig->virtio->offered |= VIRTIO_F_RING_PACKED;
  rig_plug (rig, TRUE, TRUE);
}

static void
tear_down (Rig *rig, gconstpointer data)
{
  rig_tear_down (rig);
}

static guint8
status (Rig *rig)
{
  return (guint8) rig_common_read (rig, 0x14, 1);
}

static void
a_buffer_is_filled (Rig *rig, gconstpointer data)
{
  const RigPart part = { RIG_BUFFERS, 64, TRUE };
  static const guint8 zeros[8];
  guint head;

  rig_start (rig, 0, 1);
  rig_add (rig, 0, &part, 1);
  rig_kick (rig, 0);
  g_assert_cmpuint (rig_wait (rig, 0, &head), ==, 64);
  g_assert_cmpint (memcmp (rig_at (rig, RIG_BUFFERS + 56), zeros, 8), !=, 0);
  g_assert_true (rig->intx);
  g_assert_cmpuint (rig_common_read (rig, 0x1000, 1), ==, 1);
  g_assert_false (rig->intx);
  g_assert_cmpuint (rig_common_read (rig, 0x1000, 1), ==, 0);
}

/* As firmware does that cannot reach BARs above 4 GiB: by the capability PCI_CFG. */
static void
registers_are_reached_through_the_configuration_space (Rig *rig, gconstpointer data)
{
  guint cfg = (guint) astern_pci_get (rig->pci, PCI_CAPABILITIES, 1);

  while (cfg != 0 && !(astern_pci_get (rig->pci, cfg, 1) == PCI_CAP_VENDOR && astern_pci_get (rig->pci, cfg + 3, 1) == 5))
    cfg = (guint) astern_pci_get (rig->pci, cfg + 1, 1);
  g_assert_cmpuint (cfg, !=, 0);
  astern_device_write (rig->pci, ASTERN_PCI_CONFIG_WINDOW, cfg + 4, 1, 4, NULL);
  astern_device_write (rig->pci, ASTERN_PCI_CONFIG_WINDOW, cfg + 8, 4, 0x14, NULL);
  astern_device_write (rig->pci, ASTERN_PCI_CONFIG_WINDOW, cfg + 12, 4, 1, NULL);
  astern_device_write (rig->pci, ASTERN_PCI_CONFIG_WINDOW, cfg + 16, 1, VIRTIO_ACKNOWLEDGE, NULL);
  g_assert_cmphex (status (rig), ==, VIRTIO_ACKNOWLEDGE);
  rig_common_write (rig, 0x14, 1, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
  g_assert_cmphex (astern_device_peek (rig->pci, ASTERN_PCI_CONFIG_WINDOW, cfg + 16, 1), ==, VIRTIO_ACKNOWLEDGE);
  g_assert_cmphex (astern_device_read (rig->pci, ASTERN_PCI_CONFIG_WINDOW, cfg + 16, 1, NULL), ==, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
  astern_device_write (rig->pci, ASTERN_PCI_CONFIG_WINDOW, cfg + 8, 4, 0x12, NULL);
  astern_device_write (rig->pci, ASTERN_PCI_CONFIG_WINDOW, cfg + 12, 4, 2, NULL);
  g_assert_cmpuint (astern_device_read (rig->pci, ASTERN_PCI_CONFIG_WINDOW, cfg + 16, 2, NULL), ==, 1);     /* num_queues */
}

static void
features_that_are_not_offered_are_refused (Rig *rig, gconstpointer data)
{
  rig_common_write (rig, 0x14, 1, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
  rig_common_write (rig, 0x08, 4, 1);
  rig_common_write (rig, 0x0c, 4, 1 | 1 << 20);
  rig_common_write (rig, 0x14, 1, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK);
  g_assert_cmphex (status (rig), ==, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
  rig_common_write (rig, 0x0c, 4, 1);
  rig_common_write (rig, 0x14, 1, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK);
  g_assert_cmphex (status (rig), ==, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK);
}

static void
the_ring_goes_round (Rig *rig, gconstpointer features)
{
  rig->indirect = (GPOINTER_TO_UINT (features) & 2) != 0;
  rig_start (rig, (GPOINTER_TO_UINT (features) & 1 ? VIRTIO_F_RING_PACKED : 0) | VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC, 1);
  for (guint i = 0; i < 5000; i++)
    {
      guint n = 1 + i % 5, heads[5], head;
      guint32 written;

      for (guint j = 0; j < n; j++)
        {
          const RigPart parts[] = { { RIG_BUFFERS + j * 64, 10, TRUE }, { RIG_BUFFERS + j * 64 + 20, 3 + j, TRUE },
                                    { RIG_BUFFERS + j * 64 + 32, 1, TRUE } };

          heads[j] = rig_add (rig, 0, parts, 1 + (i + j) % 3);
        }
      rig_kick (rig, 0);
      for (guint j = 0; j < n; j++)
        {
          guint parts = 1 + (i + j) % 3;

          g_assert_true (rig_take (rig, 0, &head, &written));
          g_assert_cmpuint (head, ==, heads[j]);
          g_assert_cmpuint (written, ==, parts == 1 ? 10 : parts == 2 ? 13 + j : 14 + j);
        }
      g_assert_false (rig_take (rig, 0, &head, &written));
    }
}

static void
put64 (Rig *rig, guint64 at, guint64 value)
{
  value = GUINT64_TO_LE (value);
  memcpy (rig_at (rig, at), &value, 8);
}

static void
assert_broken (Rig *rig)
{
  guint head;
  guint32 written;

  g_assert_cmphex (status (rig) & VIRTIO_NEEDS_RESET, ==, VIRTIO_NEEDS_RESET);
  g_assert_cmpuint (rig_common_read (rig, 0x1000, 1) & 2, ==, 2);
  g_assert_false (rig_take (rig, 0, &head, &written));
  g_assert_cmpuint (rig->machine->events.counts[ASTERN_EVENT_GUEST_ERRORS], >, 0);
  /* Reset, it works again. */
  rig->indirect = FALSE;
  a_buffer_is_filled (rig, NULL);
}

static void
a_circle_is_refused (Rig *rig, gconstpointer data)
{
  const RigPart part = { RIG_BUFFERS, 64, TRUE };
  guint head;

  rig_start (rig, 0, 1);
  head = rig_add (rig, 0, &part, 1);
  put64 (rig, RIG_QUEUE (0) + 16 * head + 8, 64 | G_GUINT64_CONSTANT (3) << 32 | (guint64) head << 48);
  rig_kick (rig, 0);
  assert_broken (rig);
}

static void
a_circle_in_a_packed_ring_is_refused (Rig *rig, gconstpointer data)
{
  const RigPart part = { RIG_BUFFERS, 64, TRUE };

  rig_start (rig, VIRTIO_F_RING_PACKED, 1);
  for (guint i = 0; i < rig->queues[0].size; i++)
    {
      rig_add (rig, 0, &part, 1);
      *rig_at (rig, RIG_QUEUE (0) + 16 * i + 14) |= 1;
    }
  rig_kick (rig, 0);
  assert_broken (rig);
}

static void
an_index_beyond_the_ring_is_refused (Rig *rig, gconstpointer data)
{
  const RigPart part = { RIG_BUFFERS, 64, TRUE };

  rig_start (rig, 0, 1);
  rig_add (rig, 0, &part, 1);
  *rig_at (rig, RIG_QUEUE (0) + 0x8004) = 200;
  rig_kick (rig, 0);
  assert_broken (rig);
}

static void
a_table_within_a_table_is_refused (Rig *rig, gconstpointer data)
{
  const RigPart part = { RIG_BUFFERS, 64, TRUE };
  guint64 table;
  guint head;

  rig_start (rig, VIRTIO_F_INDIRECT_DESC, 1);
  rig->indirect = TRUE;
  head = rig_add (rig, 0, &part, 1);
  memcpy (&table, rig_at (rig, RIG_QUEUE (0) + 16 * head), 8);
  *rig_at (rig, GUINT64_FROM_LE (table) + 12) = 4;
  rig_kick (rig, 0);
  assert_broken (rig);
}

static void
an_available_index_too_far_ahead_is_refused (Rig *rig, gconstpointer data)
{
  rig_start (rig, 0, 1);
  *rig_at (rig, RIG_QUEUE (0) + 0x8002) = 0x80;
  rig_kick (rig, 0);
  assert_broken (rig);
}

static void
a_ring_outside_of_memory_is_refused (Rig *rig, gconstpointer data)
{
  const RigPart part = { RIG_BUFFERS, 64, TRUE };

  rig_start (rig, 0, 1);
  rig_add (rig, 0, &part, 1);
  virtio_queue (rig->virtio, 0)->desc = RIG_MODERN;
  rig_kick (rig, 0);
  assert_broken (rig);
}

static void
a_buffer_that_is_no_memory_takes_nothing (Rig *rig, gconstpointer data)
{
  const RigPart part = { RIG_MODERN + 0x3000, 64, TRUE };

  rig_start (rig, 0, 1);
  rig_add (rig, 0, &part, 1);
  rig_kick (rig, 0);
  rig_wait (rig, 0, NULL);
  g_assert_cmpuint (status (rig) & VIRTIO_NEEDS_RESET, ==, 0);
}

static void
interrupts_are_spared_by_the_event_index (Rig *rig, gconstpointer data)
{
  const RigPart part = { RIG_BUFFERS, 64, TRUE };
  guint head;
  guint32 written;

  rig_start (rig, VIRTIO_F_EVENT_IDX, 1);
  *rig_at (rig, RIG_QUEUE (0) + 0x8004 + 2 * rig->queues[0].size) = 2;      /* the third is told of */
  for (guint i = 0; i < 4; i++)
    {
      rig_add (rig, 0, &part, 1);
      rig_kick (rig, 0);
      g_assert_true (rig_take (rig, 0, &head, &written));
      g_assert_cmpint (rig->intx, ==, i == 0 || i == 2);      /* the first one always is */
      rig_common_read (rig, 0x1000, 1);
    }
}

static void
a_queue_is_reset_alone (Rig *rig, gconstpointer data)
{
  rig_start (rig, VIRTIO_F_RING_RESET, 1);
  rig_common_write (rig, 0x16, 2, 0);
  rig_common_write (rig, 0x3a, 2, 1);
  g_assert_cmpuint (rig_common_read (rig, 0x3a, 2), ==, 0);
  g_assert_cmpuint (rig_common_read (rig, 0x1c, 2), ==, 0);
  g_assert_cmpuint (status (rig) & VIRTIO_DRIVER_OK, !=, 0);
}

static void
a_transitional_card_is_told_by_its_numbers (Rig *rig, gconstpointer data)
{
  g_assert_cmphex (astern_pci_get (rig->pci, PCI_VENDOR_ID, 4), ==, 0x10051af4);
  g_assert_cmphex (astern_pci_get (rig->pci, PCI_SUBSYSTEM_ID, 2), ==, 4);
  g_assert_cmphex (astern_pci_get (rig->pci, PCI_REVISION, 1), ==, 0);
}

#define ADD(name) g_test_add ("/hw/virtio-ring/" #name, Rig, NULL, set_up, name, tear_down)

int
main (int argc, char *argv[])
{
  static const char *const kinds[] = { "split", "packed", "split, indirect", "packed, indirect" };

  g_test_init (&argc, &argv, NULL);
  ADD (a_buffer_is_filled);
  ADD (registers_are_reached_through_the_configuration_space);
  ADD (features_that_are_not_offered_are_refused);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/hw/virtio-ring/the_ring_goes_round/%s", kinds[i]);

      g_test_add (path, Rig, GUINT_TO_POINTER (i), set_up, the_ring_goes_round, tear_down);
    }
  ADD (a_circle_is_refused);
  ADD (a_circle_in_a_packed_ring_is_refused);
  ADD (an_index_beyond_the_ring_is_refused);
  ADD (a_table_within_a_table_is_refused);
  ADD (an_available_index_too_far_ahead_is_refused);
  ADD (a_ring_outside_of_memory_is_refused);
  ADD (a_buffer_that_is_no_memory_takes_nothing);
  ADD (interrupts_are_spared_by_the_event_index);
  ADD (a_queue_is_reset_alone);
  ADD (a_transitional_card_is_told_by_its_numbers);
  return g_test_run ();
}
