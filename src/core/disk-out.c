/* disk-out.c - what is dirty goes to the image, see disk-private.h. */
#include "config.h"

#include "core/disk-private.h"

#include "core/machine.h"

#define WRITE_OUT_PAGES (64u << 8)      /* dirty ones, before some go out without a flush: 64 MiB */

gboolean
disk_goes_out (const AsternDisk *disk)
{
  return !disk->keep && !disk->machine->muted;
}

void
disk_make_dirty (AsternDisk *disk, guint64 first, guint64 end)
{
  if (disk->keep)
    return;
  for (guint64 page = first; page < end; page++)
    {
      disk_clear_bit (disk->out, page);
      if (disk_bit (disk->dirty, page))
        continue;
      disk_set_bit (disk->dirty, page);
      g_array_append_val (disk->dirty_pages, page);
    }
}

void
disk_written (AsternDisk *disk, guint64 first, guint64 end)
{
  if (!disk_goes_out (disk))
    return;
  disk_make_dirty (disk, first, end);
  if (disk->dirty_pages->len >= WRITE_OUT_PAGES)
    disk_write_out (disk);
  disk_make_room (disk->machine);
}

static gint
compare_pages (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return x < y ? -1 : x > y;
}

static gboolean
write_run (AsternDisk *disk, guint64 page, guint64 n)
{
  guint64 offset = page << ASTERN_PAGE_BITS, size = MIN (n << ASTERN_PAGE_BITS, disk->image.size - offset);
  gboolean zero = disk->image.zero != NULL;
  GError *error = NULL;

  disk->alike.end = disk->alike.from = 0;
  for (guint64 i = page; zero && i < page + n; i++)
    zero = disk_is_zero (disk_host_page (disk, i));
  if (zero ? disk->image.zero (disk->image.user, offset, size, &error)
           : disk->image.write (disk->image.user, offset, disk_host_page (disk, page), size, &error))
    return TRUE;
  return disk_host_failed (disk, error);
}

gboolean
disk_write_out (AsternDisk *disk)
{
  const guint64 *pages = (const guint64 *) (gpointer) disk->dirty_pages->data;
  guint n = disk->dirty_pages->len, done = 0;

  g_array_sort (disk->dirty_pages, compare_pages);
  while (done < n)
    {
      guint run = 1;

      while (done + run < n && run < DISK_RUN_PAGES && pages[done + run] == pages[done] + run)
        run++;
      if (!write_run (disk, pages[done], run))
        break;
      for (guint i = done; i < done + run; i++)
        {
          disk_clear_bit (disk->dirty, pages[i]);
          disk_set_bit (disk->out, pages[i]);
        }
      done += run;
    }
  g_array_remove_range (disk->dirty_pages, 0, done);
  return done == n;
}

void
astern_disk_flush (AsternDisk *disk)
{
  GError *error = NULL;

  if (disk->block == NULL || !disk_goes_out (disk) || !disk_write_out (disk))
    return;
  if (disk->image.flush != NULL && !disk->image.flush (disk->image.user, &error))
    disk_host_failed (disk, error);
}

/* ---- of all disks ---- */

void
astern_disks_write_out (AsternMachine *machine)
{
  for (guint i = 0; i < machine->disks->len; i++)
    {
      AsternDisk *disk = g_ptr_array_index (machine->disks, i);

      if (disk->block != NULL && disk_goes_out (disk))
        disk_write_out (disk);
    }
}

/* What is away was not written since, or it would have been brought: the image has it as it is. */
void
astern_disks_branched (AsternMachine *machine)
{
  for (guint i = 0; i < machine->disks->len; i++)
    {
      AsternDisk *disk = g_ptr_array_index (machine->disks, i);

      for (guint k = 0; disk->origins != NULL && k < disk->origins->len; k++)
        {
          guint64 page = g_array_index (disk->origins, DiskOrigin, k).page;

          if (disk_is_present (disk, page))
            disk_make_dirty (disk, page, page + 1);
        }
    }
}
