/* storage-fixture - a machine with memory and drives whose images are bytes of the test's.
 *
 * Threads: a test program's own. */
#pragma once

#include "core/disk.h"
#include "core/machine.h"
#include "hw/drive.h"

#include <string.h>

#define STORAGE_RAM_BYTES  (8u << 20)
#define STORAGE_MOST_DISKS 4

typedef struct
{
  guint8  *bytes;
  guint64  size;
  guint    flushes;
} StorageImage;

typedef struct
{
  AsternMachine *machine;
  StorageImage   images[STORAGE_MOST_DISKS];
  AsternDisk    *disks[STORAGE_MOST_DISKS];
  guint          n;
} Storage;

static inline gboolean
storage_image_read (gpointer user, guint64 offset, gpointer data, gsize size, GError **error)
{
  memcpy (data, ((StorageImage *) user)->bytes + offset, size);
  return TRUE;
}

static inline gboolean
storage_image_write (gpointer user, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  memcpy (((StorageImage *) user)->bytes + offset, data, size);
  return TRUE;
}

static inline gboolean
storage_image_flush (gpointer user, GError **error)
{
  ((StorageImage *) user)->flushes++;
  return TRUE;
}

/* A byte that says which block it is in. */
static inline guint8
storage_pattern (guint64 offset)
{
  return (guint8) ((offset >> 9) * 7 + (offset & 511) + (offset >> 17));
}

static inline void
storage_init (Storage *storage)
{
  g_autoptr (GError) error = NULL;

  memset (storage, 0, sizeof *storage);
  storage->machine = astern_machine_new (STORAGE_RAM_BYTES + (256 << 20), &error);
  g_assert_no_error (error);
  astern_bus_add_memory (storage->machine->physical, 0,
                         astern_memory_add (storage->machine->memory, "ram", STORAGE_RAM_BYTES, FALSE, &error), 0);
  g_assert_no_error (error);
}

/* A disk of @size bytes, filled with storage_pattern(). */
static inline AsternDisk *
storage_add_disk (Storage *storage, guint64 size, gboolean readonly)
{
  StorageImage *image = &storage->images[storage->n];
  AsternDiskImage it = { .size = size, .readonly = readonly, .read = storage_image_read, .write = storage_image_write,
                         .flush = storage_image_flush, .user = image };
  g_autofree char *name = g_strdup_printf ("disk%u", storage->n);
  g_autoptr (GError) error = NULL;
  AsternDisk *disk;

  image->size = size;
  image->bytes = g_malloc (size);
  for (guint64 i = 0; i < size; i++)
    image->bytes[i] = storage_pattern (i);
  disk = astern_disk_new (storage->machine, name, &it, FALSE, &error);
  g_assert_no_error (error);
  storage->disks[storage->n++] = disk;
  return disk;
}

/* A drive with that disk in it, or with none. */
static inline AsternDevice *
storage_add_drive (Storage *storage, const char *name, DriveKind kind, AsternDisk *disk)
{
  AsternDevice *drive = astern_device_new (&drive_class, name, storage->machine, &storage->machine->clock);

  astern_machine_add_device (storage->machine, drive);
  drive_set_kind (drive, kind);
  if (disk != NULL)
    drive_insert (drive, drive_add_medium (drive, disk));
  return drive;
}

static inline void
storage_clear (Storage *storage)
{
  for (guint i = 0; i < storage->n; i++)
    {
      astern_disk_free (storage->disks[i]);
      g_free (storage->images[i].bytes);
    }
  astern_machine_free (storage->machine);
}

/* Lets guest time pass, timer by timer. */
static inline void
storage_pass (Storage *storage, guint64 ns)
{
  AsternClock *clock = &storage->machine->clock;
  guint64 end_ns = astern_clock_now_ns (clock) + ns;

  while (clock->next_ns <= end_ns)
    {
      guint64 now_ns = astern_clock_now_ns (clock);

      if (clock->next_ns > now_ns)
        astern_clock_skip (clock, clock->next_ns - now_ns);
      astern_clock_fire_due (clock);
    }
  astern_clock_skip (clock, end_ns - astern_clock_now_ns (clock));
}

static inline guint8 *
storage_ram (Storage *storage, guint64 address)
{
  return astern_memory_host (storage->machine->memory, address);
}
