/* test-virtio-balloon.c - the balloon: pages go back to the host and come back by the history; wishes, statistics, reports. */
#include "config.h"

#include "rig.h"

#include "core/interval.h"
#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-balloon.h"

#include <sys/mman.h>
#include <string.h>

enum { INFLATE, DEFLATE, STATS, REPORT };

#define LIST  RIG_BUFFERS
#define PAGES (RIG_BUFFERS + 0x100000)

static void
set_up (Rig *rig, gconstpointer data)
{
  rig_set_up (rig, &virtio_balloon_class, 0);
  rig->virtio->offered |= VIRTIO_F_RING_PACKED;
  rig_plug (rig, TRUE, TRUE);
  rig_start (rig, VIRTIO_BIT (0) | VIRTIO_BIT (1) | VIRTIO_BIT (5) | (GPOINTER_TO_UINT (data) ? VIRTIO_F_RING_PACKED : 0), 5);
}

static void
tear_down (Rig *rig, gconstpointer data)
{
  rig_tear_down (rig);
}

static gboolean
is_resident (Rig *rig, guint64 address)
{
  unsigned char there = 0;

  g_assert_cmpint (mincore (rig_at (rig, address), ASTERN_PAGE_SIZE, &there), ==, 0);
  return there & 1;
}

static void
inflate (Rig *rig, const guint32 *pages, guint n)
{
  const RigPart part = { LIST, 4 * n, FALSE };

  for (guint i = 0; i < n; i++)
    virtio_put (rig_at (rig, LIST + 4 * i), 4, pages[i]);
  rig_add (rig, INFLATE, &part, 1);
  rig_kick (rig, INFLATE);
  rig_wait (rig, INFLATE, NULL);
}

static void
a_page_in_the_balloon_is_the_hosts (Rig *rig, gconstpointer data)
{
  const guint32 page = PAGES >> 12;

  memset (rig_at (rig, PAGES), 0x77, 2 * ASTERN_PAGE_SIZE);
  g_assert_true (is_resident (rig, PAGES));
  inflate (rig, &page, 1);
  g_assert_false (is_resident (rig, PAGES));
  g_assert_cmpuint (*rig_at (rig, PAGES), ==, 0);
  g_assert_cmpuint (*rig_at (rig, PAGES + ASTERN_PAGE_SIZE), ==, 0x77);
}

static void
the_history_has_what_was_in_it (Rig *rig, gconstpointer data)
{
  AsternIntervals *intervals = astern_intervals_new (rig->machine->memory);
  const guint32 page = PAGES >> 12;

  memset (rig_at (rig, PAGES), 0x77, ASTERN_PAGE_SIZE);
  astern_intervals_begin (intervals);
  inflate (rig, &page, 1);
  g_assert_cmpuint (*rig_at (rig, PAGES), ==, 0);
  astern_intervals_undo (intervals, 0);
  g_assert_cmpuint (*rig_at (rig, PAGES), ==, 0x77);
  astern_intervals_free (intervals);
}

static void
pages_that_are_none_are_left_alone (Rig *rig, gconstpointer data)
{
  const guint32 pages[] = { RIG_MODERN >> 12, G_MAXUINT32 };

  inflate (rig, pages, 2);
  g_assert_cmpuint (rig->machine->events.counts[ASTERN_EVENT_GUEST_ERRORS], ==, 2);
}

static void
a_wish_is_told (Rig *rig, gconstpointer data)
{
  const guint8 bytes[8] = { 0, 0, 0xc0 };       /* 12 of 16 MiB */
  VirtioBalloonReport report;

  virtio_balloon_input (rig->virtio, bytes, sizeof bytes);
  g_assert_cmpuint (rig_config (rig, 0, 4), ==, (4 << 20) / ASTERN_PAGE_SIZE);
  g_assert_cmpuint (rig_common_read (rig, 0x1000, 1) & 2, ==, 2);
  rig_common_write (rig, 0x2004, 4, 512);
  virtio_balloon_look (rig->virtio, &report);
  g_assert_cmpuint (report.wanted_bytes, ==, 12 << 20);
  g_assert_cmpuint (report.actual_bytes, ==, 14 << 20);
}

static void
statistics_are_asked_for_and_come (Rig *rig, gconstpointer data)
{
  const RigPart part = { LIST, 20, FALSE };
  VirtioBalloonReport report;
  guint32 written;
  guint head;

  virtio_put (rig_at (rig, LIST), 2, VIRTIO_BALLOON_FREE);
  virtio_put (rig_at (rig, LIST + 2), 8, 123456);
  virtio_put (rig_at (rig, LIST + 10), 2, 999);
  rig_add (rig, STATS, &part, 1);
  rig_kick (rig, STATS);
  virtio_balloon_look (rig->virtio, &report);
  g_assert_cmpuint (report.stats[VIRTIO_BALLOON_FREE], ==, 123456);
  g_assert_cmpuint (report.stats[VIRTIO_BALLOON_TOTAL], ==, G_MAXUINT64);
  g_assert_false (rig_take (rig, STATS, &head, &written));
  virtio_balloon_input (rig->virtio, NULL, 0);
  g_assert_true (rig_take (rig, STATS, &head, &written));
}

static void
free_pages_are_reported (Rig *rig, gconstpointer data)
{
  const RigPart parts[] = { { PAGES, 4 * ASTERN_PAGE_SIZE, TRUE }, { PAGES + 0x10000 + 100, 2 * ASTERN_PAGE_SIZE, TRUE } };
  VirtioBalloonReport report;

  memset (rig_at (rig, PAGES), 0x77, 0x20000);
  rig_add (rig, REPORT, parts, 2);
  rig_kick (rig, REPORT);
  rig_wait (rig, REPORT, NULL);
  for (guint i = 0; i < 4; i++)
    g_assert_false (is_resident (rig, PAGES + i * ASTERN_PAGE_SIZE));
  g_assert_cmpuint (*rig_at (rig, PAGES + 0x10000), ==, 0x77);        /* only whole pages */
  g_assert_cmpuint (*rig_at (rig, PAGES + 0x11000), ==, 0);
  virtio_balloon_look (rig->virtio, &report);
  g_assert_cmpuint (report.reported_bytes, ==, 5 * ASTERN_PAGE_SIZE);
}

#define ADD(claim) \
  g_test_add ("/hw/virtio-balloon/" #claim "/split", Rig, GUINT_TO_POINTER (0), set_up, claim, tear_down); \
  g_test_add ("/hw/virtio-balloon/" #claim "/packed", Rig, GUINT_TO_POINTER (1), set_up, claim, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_page_in_the_balloon_is_the_hosts);
  ADD (the_history_has_what_was_in_it);
  ADD (pages_that_are_none_are_left_alone);
  ADD (a_wish_is_told);
  ADD (statistics_are_asked_for_and_come);
  ADD (free_pages_are_reported);
  return g_test_run ();
}
