/* fuzz-virtio.c - virtio devices against a driver that does anything: registers, rings of both kinds, requests.
 *
 * The first two bytes choose the device and what is negotiated; then come operations (see run()).  The queues are set
 * up, so that what is in memory is looked at from the first notification on. */
#include "config.h"

#include "../hw/virtio/rig.h"

#include "hw/drive.h"
#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-9p.h"
#include "hw/virtio/virtio-serial.h"
#include "hw/virtio/virtio-vsock.h"

#include <string.h>

#define DISK_BYTES (1u << 20)

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

typedef struct
{
  const guint8 *at, *end;
} Input;

typedef struct
{
  Rig         rig;
  AsternLink *link, *borrowed;          /* (nullable); borrowed: the device's own */
  AsternDisk *disk;
} Target;

static guint
take (Input *input, guint bytes)
{
  guint value = 0;

  for (guint i = 0; i < bytes; i++)
    value |= (guint) (input->at < input->end ? *input->at++ : 0) << 8 * i;
  return value;
}

static gboolean
image_read (gpointer user, guint64 offset, gpointer data, gsize size, GError **error)
{
  memset (data, (gint) (offset >> 9), size);
  return TRUE;
}

static gboolean
image_write (gpointer user, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  return TRUE;
}

/* ---- devices ---- */

static AsternDevice *
add_drive (Target *target)
{
  const AsternDiskImage image = { .size = DISK_BYTES, .read = image_read, .write = image_write };
  AsternMachine *machine = target->rig.machine;
  AsternDevice *drive = astern_device_new (&drive_class, "drive", machine, &machine->clock);

  target->disk = astern_disk_new (machine, "disk", &image, FALSE, NULL);
  astern_machine_add_device (machine, drive);
  drive_insert (drive, drive_add_medium (drive, target->disk));
  return drive;
}

static void
set_up_blk (Target *target)
{
  virtio_blk_set_drive (target->rig.virtio, add_drive (target), "serial");
}

static void
set_up_scsi (Target *target)
{
  AsternMachine *machine = target->rig.machine;
  AsternDevice *hd = astern_device_new (&scsi_hd_class, "hd", machine, &machine->clock);

  astern_machine_add_device (machine, hd);
  scsi_unit_set_drive (scsi_device_unit (hd), add_drive (target));
  scsi_bus_attach (virtio_scsi_bus (target->rig.virtio), scsi_device_unit (hd), 0, 0, NULL);
}

static void
set_up_net (Target *target)
{
  target->link = astern_link_new (NULL, "net0");
  virtio_net_connect (target->rig.virtio, target->link, (const guint8 *) "\x52\x54\0\1\2\3");
}

static void
set_up_serial (Target *target)
{
  AsternMachine *machine = target->rig.machine;
  AsternDevice *port = astern_device_new (&virtserialport_class, "port", machine, &machine->clock);

  astern_machine_add_device (machine, port);
  target->link = astern_link_new (NULL, "port");
  virtio_port_connect (port, target->link, "org.example");
  virtio_serial_plug (target->rig.virtio, port, 1, NULL);
}

static void
set_up_9p (Target *target)
{
  target->link = astern_link_new (NULL, "fs");
  virtio_9p_connect (target->rig.virtio, target->link, "tag");
}

/* The device owns its link. */
static void
set_up_vsock (Target *target)
{
  target->borrowed = astern_link_new (NULL, "vsock");
  virtio_vsock_connect (target->rig.virtio, target->borrowed, 3, NULL);
}

static const struct
{
  const AsternDeviceClass *klass;
  void (*set_up) (Target *target);      /* (nullable) */
} kinds[] = {
  { &virtio_blk_class, set_up_blk }, { &virtio_net_class, set_up_net }, { &virtio_scsi_class, set_up_scsi },
  { &virtio_serial_class, set_up_serial }, { &virtio_balloon_class, NULL }, { &virtio_rng_class, NULL },
  { &virtio_9p_class, set_up_9p }, { &virtio_vsock_class, set_up_vsock },
};

/* ---- what the driver does ---- */

static void
write_memory (Target *target, Input *input, guint64 address)
{
  guint n = take (input, 1);

  for (guint i = 0; i < n && input->at < input->end; i++)
    *rig_at (&target->rig, address + i) = (guint8) take (input, 1);
}

/* A chain that is well-formed, but for what is in it. */
static void
add_chain (Target *target, Input *input, guint queue)
{
  guint n = 1 + take (input, 1) % 4;
  gboolean in = FALSE;
  RigPart parts[4];

  for (guint i = 0; i < n; i++)
    {
      guint offset = take (input, 2), word = take (input, 2);

      in = in || (word & 0x8000);
      parts[i] = (RigPart) { RIG_BUFFERS + offset, word & 0x7fff, in };
    }
  if (target->rig.queues[queue].n_free >= n)
    rig_add (&target->rig, queue, parts, n);
}

static void
access_window (Target *target, Input *input, guint window, guint64 window_size)
{
  guint64 offset = take (input, 2) % window_size;
  guint size = 1u << (take (input, 1) & 3);

  if (take (input, 1) & 1)
    astern_device_read (target->rig.pci, window, offset, size, NULL);
  else
    astern_device_write (target->rig.pci, window, offset, size, take (input, 4), NULL);
}

static void
run (Target *target, Input *input, guint n_queues)
{
  AsternLink *link = target->link != NULL ? target->link : target->borrowed;
  guint operations = 0;

  while (input->at < input->end && operations++ < 200)
    {
      guint operation = take (input, 1), queue = (operation >> 4) % n_queues;

      switch (operation % 8)
        {
        case 0: write_memory (target, input, RIG_QUEUE (queue) + take (input, 2) % 0xfe00); break;
        case 1: rig_kick (&target->rig, queue); break;
        case 2: access_window (target, input, 2, virtio_pci_windows[2].size); break;
        case 3: access_window (target, input, 1, virtio_pci_windows[1].size); break;
        case 4: rig_pass (&target->rig, take (input, 1) * 10000u); break;
        case 5: add_chain (target, input, queue); break;
        case 6: write_memory (target, input, RIG_BUFFERS + take (input, 2)); break;
        case 7:
          if (link != NULL && link->input != NULL)
            {
              gsize wanted = take (input, 1), size = MIN (wanted, (gsize) (input->end - input->at));

              link->input (link->device, input->at, size);
              input->at += size;
            }
          break;
        }
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Input input = { data, data + size };
  Target *target;
  guint kind, mode, n_queues;

  if (size < 2)
    return 0;
  target = g_new0 (Target, 1);
  kind = take (&input, 1) % G_N_ELEMENTS (kinds);
  mode = take (&input, 1);
  rig_set_up (&target->rig, kinds[kind].klass, DISK_BYTES + 2 * ASTERN_PAGE_SIZE);
  if (kinds[kind].set_up != NULL)
    kinds[kind].set_up (target);
  target->rig.virtio->offered |= VIRTIO_F_RING_PACKED;
  rig_plug (&target->rig, TRUE, (mode & 1) == 0);
  target->rig.indirect = (mode & 2) != 0;
  n_queues = MIN (target->rig.virtio->n_queues, RIG_QUEUES);
  rig_start (&target->rig, (mode & 4 ? VIRTIO_F_RING_PACKED : 0) | (mode & 8 ? 0 : ~VIRTIO_F_RING_PACKED), n_queues);
  run (target, &input, n_queues);
  rig_pass (&target->rig, 10 * 1000 * 1000);
  if (target->disk != NULL)
    astern_disk_free (target->disk);
  rig_tear_down (&target->rig);
  astern_link_free (target->link);
  g_free (target);
  return 0;
}
