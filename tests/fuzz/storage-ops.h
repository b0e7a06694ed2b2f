/* storage-ops - a machine with a storage controller, driven by bytes: eight for each thing that a driver does.
 *
 *     kind  what
 *     0 1   write: place, offset (16 bits), value (32 bits); the size is in the kind's upper half
 *     2     read, likewise
 *     3     memory at place << 16 | offset becomes value
 *     4     time passes: value ns, up to 100 ms
 *     5     another medium comes into drive `place`
 *     6     PCI configuration at offset becomes value
 *     7     the device's state is saved and loaded
 *
 * Threads: a fuzz target's own. */
#pragma once

#include "core/disk.h"
#include "core/machine.h"
#include "hw/drive.h"
#include "hw/pci.h"

#include <string.h>

#define OPS_RAM_BYTES  (2u << 20)
#define OPS_MOST       1500
#define OPS_MOST_SAVES 1                /* each takes longer than all the rest of an input */
#define OPS_DRIVE_BYTES (256u << 10)    /* each step may have every slot read all of it */

typedef struct
{
  gboolean ports;
  guint64  start;
  guint    size;
} OpsPlace;

typedef struct
{
  AsternMachine  *machine;
  const OpsPlace *places;
  guint           n_places;
  AsternDevice   *controller;           /* (nullable) a PCI function */
  AsternDevice   *drives[4];
  AsternDisk     *disks[4];
  guint           n_drives, n_disks;
} Ops;

static inline gboolean
ops_image_read (gpointer user, guint64 offset, gpointer data, gsize size, GError **error)
{
  memset (data, (gint) (offset >> 9), size);
  return TRUE;
}

static inline gboolean
ops_image_write (gpointer user, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  return TRUE;
}

static inline void
ops_init (Ops *ops)
{
  memset (ops, 0, sizeof *ops);
  ops->machine = astern_machine_new (64 << 20, NULL);
  astern_bus_add_memory (ops->machine->physical, 0, astern_memory_add (ops->machine->memory, "ram", OPS_RAM_BYTES, FALSE, NULL), 0);
}

static inline AsternDevice *
ops_add (Ops *ops, const AsternDeviceClass *klass, const char *name)
{
  AsternDevice *device = astern_device_new (klass, name, ops->machine, &ops->machine->clock);

  astern_machine_add_device (ops->machine, device);
  return device;
}

static inline AsternDevice *
ops_add_drive (Ops *ops, DriveKind kind, guint64 size)
{
  const AsternDiskImage image = { .size = size, .read = ops_image_read, .write = ops_image_write };
  g_autofree char *name = g_strdup_printf ("drive%u", ops->n_drives);
  g_autofree char *disk_name = g_strdup_printf ("disk%u", ops->n_disks);
  AsternDevice *drive = ops_add (ops, &drive_class, name);
  AsternDisk *disk = astern_disk_new (ops->machine, disk_name, &image, TRUE, NULL);

  drive_set_kind (drive, kind);
  drive_insert (drive, drive_add_medium (drive, disk));
  ops->drives[ops->n_drives++] = drive;
  ops->disks[ops->n_disks++] = disk;
  return drive;
}

static inline void
ops_clear (Ops *ops)
{
  for (guint i = 0; i < ops->n_disks; i++)
    astern_disk_free (ops->disks[i]);
  astern_machine_free (ops->machine);
}

static inline void
ops_pass (Ops *ops, guint64 ns)
{
  AsternClock *clock = &ops->machine->clock;
  guint64 end_ns = astern_clock_now_ns (clock) + ns;

  for (guint i = 0; i < 200 && clock->next_ns <= end_ns; i++)
    {
      guint64 now_ns = astern_clock_now_ns (clock);

      if (clock->next_ns > now_ns)
        astern_clock_skip (clock, clock->next_ns - now_ns);
      astern_clock_fire_due (clock);
    }
  if (end_ns > astern_clock_now_ns (clock))
    astern_clock_skip (clock, end_ns - astern_clock_now_ns (clock));
}

static inline void
ops_save_and_load (Ops *ops)
{
  for (guint i = 0; i < ops->machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (ops->machine->devices, i);
      g_autoptr (GVariant) saved = g_variant_ref_sink (astern_device_save (device));
      g_autofree gpointer before = g_memdup2 (astern_device_state (device), device->klass->state_size);

      g_assert_true (astern_device_load (device, saved, NULL));
      g_assert_cmpmem (before, device->klass->state_size, astern_device_state (device), device->klass->state_size);
    }
}

static inline void
ops_access (Ops *ops, guint8 kind, guint8 place, guint16 offset, guint32 value)
{
  const OpsPlace *at = &ops->places[place % ops->n_places];
  AsternBus *bus = at->ports ? ops->machine->ports : ops->machine->physical;
  AsternAccess access = { { at->start + offset % at->size }, (guint8) (1u << (kind >> 4) % 3), ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  if ((kind & 7) < 2)
    astern_bus_write (bus, &access, value);
  else
    {
      access.kind = ASTERN_ACCESS_READ;
      astern_bus_read (bus, &access);
    }
}

static inline void
ops_run (Ops *ops, const guint8 *data, gsize size)
{
  guint saves = 0;

  for (guint n = 0; size >= 8 && n < OPS_MOST; n++, data += 8, size -= 8)
    {
      guint16 offset = (guint16) (data[2] | data[3] << 8);
      guint32 value, medium = GUINT32_TO_LE (data[4] & 3u);

      memcpy (&value, data + 4, 4);
      value = GUINT32_FROM_LE (value);
      switch (data[0] & 7)
        {
        case 3:
          astern_memory_write (ops->machine->memory, ((guint64) data[1] << 16 | offset) % (OPS_RAM_BYTES - 4), data + 4, 4);
          break;
        case 4:
          ops_pass (ops, value % 100000000u);
          break;
        case 5:
          if (ops->n_drives > 0)
            drive_input (ops->drives[data[1] % ops->n_drives], &medium, sizeof medium);
          break;
        case 6:
          if (ops->controller != NULL)
            astern_device_write (ops->controller, ASTERN_PCI_CONFIG_WINDOW, offset & 0xff & ~3u, 4, value, NULL);
          break;
        case 7:
          if (saves++ < OPS_MOST_SAVES)
            ops_save_and_load (ops);
          break;
        default:
          ops_access (ops, data[0], data[1], offset, value);
        }
    }
  ops_pass (ops, 100000000);
}
