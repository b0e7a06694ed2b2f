/* disk.c - making, reading and writing a disk, see disk.h. */
#include "config.h"

#include "core/disk-private.h"

#include "core/machine.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

/* ---- making and freeing ---- */

static guint64
pages_of (guint64 size)
{
  return (size + ASTERN_PAGE_MASK) >> ASTERN_PAGE_BITS;
}

guint64
astern_disk_capacity (const AsternDiskImage *image)
{
  return (pages_of (image->size) + 1) << ASTERN_PAGE_BITS;
}

/* Of most disks only a small part is written. */
static guint32 *
reserve (const AsternDisk *disk)
{
  gpointer begun = mmap (NULL, disk->n_pages * sizeof (guint32), PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (begun == MAP_FAILED)
    g_error ("no memory to keep account of the disk “%s”", disk->name);
  return begun;
}

AsternDisk *
astern_disk_new (AsternMachine *machine, const char *name, const AsternDiskImage *image, gboolean keep, GError **error)
{
  AsternDisk *disk = g_new0 (AsternDisk, 1);
  gsize words;

  disk->machine = machine;
  disk->name = g_strdup (name);
  disk->image = *image;
  disk->keep = keep;
  disk->n_pages = pages_of (image->size);
  words = disk->n_pages / 64 + 1;
  disk->seen = g_new0 (guint64, words);
  disk->run = g_malloc (DISK_RUN_PAGES << ASTERN_PAGE_BITS);
  if ((!image->readonly || keep) && image->size > 0)
    {
      g_autofree char *block = g_strdup_printf ("%s.disk", name);

      disk->block = astern_memory_add (machine->memory, block, image->size, FALSE, error);
      if (disk->block == NULL)
        {
          astern_disk_free (disk);
          return NULL;
        }
      disk->block->hash = disk_hash;
      disk->block->bring = disk_bring;
      disk->block->user = disk;
      disk->present = g_new0 (guint64, words);
      disk->dirty = g_new0 (guint64, words);
      disk->out = g_new0 (guint64, words);
      disk->recent = g_new0 (guint64, words);
      disk->begun = reserve (disk);
      disk->origins = g_array_new (FALSE, FALSE, sizeof (DiskOrigin));
      disk->dirty_pages = g_array_new (FALSE, FALSE, sizeof (guint64));
      disk->store = astern_page_store_new ();
    }
  g_ptr_array_add (machine->disks, disk);
  return disk;
}

void
astern_disk_free (AsternDisk *disk)
{
  if (disk == NULL)
    return;
  if (disk->block != NULL)
    {
      if (!disk->machine->muted)
        astern_disk_flush (disk);
      disk->block->hash = NULL;
      disk->block->bring = NULL;
      for (gsize word = 0; word <= disk->n_pages / 64; word++)
        disk->machine->disk_pages -= (guint) __builtin_popcountll (disk->present[word]);
      munmap (disk->begun, disk->n_pages * sizeof (guint32));
      astern_page_store_free (disk->store);
      g_array_unref (disk->origins);
      g_array_unref (disk->dirty_pages);
    }
  g_ptr_array_remove (disk->machine->disks, disk);
  if (disk->image.free != NULL)
    disk->image.free (disk->image.user);
  g_free (disk->present);
  g_free (disk->dirty);
  g_free (disk->out);
  g_free (disk->recent);
  g_free (disk->seen);
  g_free (disk->run);
  g_free (disk->name);
  g_free (disk);
}

const char *
astern_disk_name (const AsternDisk *disk)
{
  return disk->name;
}

guint64
astern_disk_size (const AsternDisk *disk)
{
  return disk->image.size;
}

gboolean
astern_disk_readonly (const AsternDisk *disk)
{
  return disk->block == NULL;
}

/* ---- reading and writing ---- */

static gboolean
is_inside (AsternDisk *disk, guint64 offset, guint64 size, const char *what)
{
  if (offset <= disk->image.size && size <= disk->image.size - offset)
    return TRUE;
  astern_events_log (&disk->machine->events, ASTERN_EVENT_GUEST_ERRORS,
                     "%s: %s of %" PRIu64 " bytes at %" PRIu64 ", beyond its end", disk->name, what, size, offset);
  return FALSE;
}

static void
read_present (AsternDisk *disk, guint64 page, guint64 n, guint64 from, guint8 *to, gsize size)
{
  memcpy (to, disk_host_page (disk, page) + from, size);
  for (guint64 i = page; i < page + n; i++)
    disk_set_bit (disk->recent, i);
}

gboolean
astern_disk_read (AsternDisk *disk, guint64 offset, gpointer data, gsize size)
{
  guint8 *to = data;

  if (!is_inside (disk, offset, size, "read"))
    {
      memset (data, 0, size);
      return FALSE;
    }
  while (size > 0)
    {
      guint64 page = offset >> ASTERN_PAGE_BITS, from = offset & ASTERN_PAGE_MASK;
      guint64 n = disk_run_of (disk, page, (offset + size + ASTERN_PAGE_MASK) >> ASTERN_PAGE_BITS);
      gsize chunk = (gsize) MIN (size, (n << ASTERN_PAGE_BITS) - from);

      if (disk_is_present (disk, page))
        read_present (disk, page, n, from, to, chunk);
      else if (!disk_read_absent (disk, offset, to, chunk))
        {
          memset (to, 0, size);
          return FALSE;
        }
      to += chunk;
      offset += chunk;
      size -= chunk;
    }
  return TRUE;
}

static gboolean
may_write (AsternDisk *disk, guint64 offset, guint64 size)
{
  if (disk->block != NULL)
    return is_inside (disk, offset, size, "write");
  astern_events_log (&disk->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: a write, but it is read-only", disk->name);
  return FALSE;
}

gboolean
astern_disk_write (AsternDisk *disk, guint64 offset, gconstpointer data, gsize size)
{
  guint64 first = offset >> ASTERN_PAGE_BITS, end = (offset + size + ASTERN_PAGE_MASK) >> ASTERN_PAGE_BITS;

  if (!may_write (disk, offset, size))
    return FALSE;
  if (size == 0)
    return TRUE;
  if (!disk_fetch (disk, first, end))
    return FALSE;
  astern_memory_write (disk->machine->memory, disk->block->start + offset, data, size);
  disk_written (disk, first, end);
  return TRUE;
}

/* Of the page of @offset, the bytes from there on, @size at most. */
static gsize
in_page (guint64 offset, guint64 size)
{
  return (gsize) MIN (size, ASTERN_PAGE_SIZE - (offset & ASTERN_PAGE_MASK));
}

static gboolean
zero_in_page (AsternDisk *disk, guint64 offset, gsize size)
{
  static const guint8 zeros[ASTERN_PAGE_SIZE];
  guint64 page = offset >> ASTERN_PAGE_BITS;

  if (!disk_fetch (disk, page, page + 1))
    return FALSE;
  if (memcmp (disk_host_page (disk, page) + (offset & ASTERN_PAGE_MASK), zeros, size) == 0)
    return TRUE;
  astern_memory_write (disk->machine->memory, disk->block->start + offset, zeros, size);
  disk_written (disk, page, page + 1);
  return TRUE;
}

/* @zero: a disk_bit for each of the run's pages, from that of @offset on, whether what is asked for is zeros already. */
static gboolean
look_for_zeros (AsternDisk *disk, guint64 offset, guint64 size, guint64 n, guint64 zero[DISK_RUN_PAGES / 64])
{
  static const guint8 zeros[ASTERN_PAGE_SIZE];
  guint64 page = offset >> ASTERN_PAGE_BITS;

  if (!disk_read_image (disk, page, n, disk->run))
    return FALSE;
  memset (zero, 0, DISK_RUN_PAGES / 8);
  for (guint64 i = 0; i < n; i++)
    {
      const guint8 *content = disk->run + (i << ASTERN_PAGE_BITS);
      gsize chunk = in_page (offset, size);

      disk_tell (disk, page + i, content);
      if (memcmp (content + (offset & ASTERN_PAGE_MASK), zeros, chunk) == 0)
        disk_set_bit (zero, i);
      offset += chunk;
      size -= chunk;
    }
  return TRUE;
}

/* A guest may discard all of a large disk: pages that are absent and zeros as they are stay absent. */
gboolean
astern_disk_zero (AsternDisk *disk, guint64 offset, guint64 size)
{
  guint64 zero[DISK_RUN_PAGES / 64];

  if (!may_write (disk, offset, size))
    return FALSE;
  while (size > 0)
    {
      guint64 page = offset >> ASTERN_PAGE_BITS;
      guint64 n = disk_run_of (disk, page, (offset + size + ASTERN_PAGE_MASK) >> ASTERN_PAGE_BITS);
      gboolean absent = !disk_bit (disk->present, page);

      if (absent && !look_for_zeros (disk, offset, size, n, zero))
        return FALSE;
      for (guint64 i = 0; i < n; i++)
        {
          gsize chunk = in_page (offset, size);

          if (!(absent && disk_bit (zero, i)) && !zero_in_page (disk, offset, chunk))
            return FALSE;
          offset += chunk;
          size -= chunk;
        }
    }
  return TRUE;
}

/* 20 us, and 1 GB a second. */
guint64
astern_disk_latency_ns (guint64 size)
{
  return 20000 + MIN (size, G_GUINT64_CONSTANT (1) << 40);
}
