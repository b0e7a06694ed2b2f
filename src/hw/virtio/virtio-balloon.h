/* virtio-balloon - how much memory the guest has, and is to have.
 *
 * A wish goes through the door, to the port of the virtio device's name ("balloon0.virtio"): a packet of
 * VIRTIO_BALLOON_PACKET_BYTES with the bytes that the guest is to have, little-endian; an empty one asks the guest
 * for statistics.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/virtio/virtio.h"

#define VIRTIO_BALLOON_PACKET_BYTES 8

/* In this order (section 5.5.6.3); G_MAXUINT64: the guest did not tell. */
enum
{
  VIRTIO_BALLOON_SWAP_IN, VIRTIO_BALLOON_SWAP_OUT, VIRTIO_BALLOON_MAJOR_FAULTS, VIRTIO_BALLOON_MINOR_FAULTS,
  VIRTIO_BALLOON_FREE, VIRTIO_BALLOON_TOTAL, VIRTIO_BALLOON_AVAILABLE, VIRTIO_BALLOON_CACHES,
  VIRTIO_BALLOON_HUGE_PAGES, VIRTIO_BALLOON_HUGE_PAGE_FAILURES, VIRTIO_BALLOON_STATS,
};

typedef struct
{
  guint64 ram_bytes, actual_bytes, wanted_bytes;
  guint64 reported_bytes;                  /* given back by reports so far */
  guint64 stats_ns;                        /* guest time of the statistics; 0: there are none */
  guint64 stats[VIRTIO_BALLOON_STATS];
} VirtioBalloonReport;

/* AsternInputFunc. */
void virtio_balloon_input (gpointer receiver, gconstpointer data, gsize size);
void virtio_balloon_look  (VirtioDevice *device, VirtioBalloonReport *report_out);
