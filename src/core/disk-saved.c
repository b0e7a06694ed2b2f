/* disk-saved.c - what a state in a file has of a disk, see disk.h.
 *
 * An image that is written has all of the content once what is dirty is out.  So the state has no page of it, but a hash of all
 * that the machine has ever looked at there: with another image, or one that was changed since, a guest would find on its disk
 * what does not fit to what it remembers.  Of a disk whose image is never written the state has the pages that were written,
 * and the hash is that of the image below. */
#include "config.h"

#include "core/disk-private.h"

#include "core/machine.h"

#include <inttypes.h>

#include <glib/gi18n.h>

static gboolean
refuse (AsternDisk *disk, GError **error, const char *format)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, format, disk->name);
  return FALSE;
}

/* ---- what was looked at ---- */

/* How many pages from @page on were. */
static guint64
seen_run (const AsternDisk *disk, guint64 page)
{
  guint64 n = 0;

  while (page + n < disk->n_pages && disk_bit (disk->seen, page + n))
    n++;
  return n;
}

/* Adds to @hash what the image has in the pages [first, first + n). */
static gboolean
hash_image (AsternDisk *disk, guint64 first, guint64 n, guint64 *hash, GError **error)
{
  for (guint64 done = 0, some; done < n; done += some)
    {
      some = MIN (n - done, DISK_RUN_PAGES);
      if (!disk_read_image (disk, first + done, some, disk->run))
        return refuse (disk, error, _("The image of the disk “%s” cannot be read; look at the message before this one."));
      for (guint64 i = 0; i < some; i++)
        *hash += disk_page_hash (first + done + i, disk->run + (i << ASTERN_PAGE_BITS));
    }
  return TRUE;
}

/* ---- saving ---- */

static gboolean
is_out (AsternDisk *disk, GError **error)
{
  if (disk->block == NULL || disk->keep)
    return TRUE;
  astern_disk_flush (disk);
  if (disk->dirty_pages->len == 0)
    return TRUE;
  return refuse (disk, error, _("What was written to the disk “%s” cannot be written to its image; look at the message before this one."));
}

GVariant *
astern_disk_save (AsternDisk *disk, GError **error)
{
  GVariantBuilder runs;
  guint64 hash = 0;

  if (!is_out (disk, error))
    return NULL;
  g_variant_builder_init (&runs, G_VARIANT_TYPE ("a(tt)"));
  for (guint64 page = 0, n; page < disk->n_pages; page += MAX (n, 1))
    {
      n = seen_run (disk, page);
      if (n == 0)
        continue;
      if (!hash_image (disk, page, n, &hash, error))
        {
          g_variant_builder_clear (&runs);
          return NULL;
        }
      g_variant_builder_add (&runs, "(tt)", page, n);
    }
  return g_variant_new (ASTERN_DISK_SAVED_TYPE, disk->image.size,
                        disk->block == NULL ? 0 : disk->keep ? disk->before : disk_change (disk), hash, &runs);
}

gboolean
astern_disk_is_ahead (const AsternDisk *disk)
{
  return disk->block != NULL && !disk->keep && disk->machine->muted && disk->origins->len > 0;
}

void
astern_disk_kept (AsternDisk *disk, void (*visit) (gpointer user, guint64 ram), gpointer user)
{
  for (guint64 page = 0; disk->block != NULL && disk->keep && page < disk->n_pages; page++)
    if (disk_bit (disk->present, page))
      visit (user, disk->block->start + (page << ASTERN_PAGE_BITS));
}

/* ---- loading ---- */

static gboolean
look_again (AsternDisk *disk, GVariantIter *runs, guint64 wanted, GError **error)
{
  guint64 first, n, hash = 0, end = 0;

  while (g_variant_iter_next (runs, "(tt)", &first, &n))
    {
      if (first < end || first >= disk->n_pages || n > disk->n_pages - first)
        return refuse (disk, error, _("The state tells of pages that the disk “%s” has not; it is damaged."));
      if (!hash_image (disk, first, n, &hash, error))
        return FALSE;
      for (guint64 page = first; page < first + n; page++)
        disk_set_bit (disk->seen, page);
      end = first + n;
    }
  return hash == wanted ||
         refuse (disk, error, _("The image of the disk “%s” is not as it was when the state was saved, and the guest would find on it "
                                "what it does not know of. Give the image that belongs to the state."));
}

gboolean
astern_disk_load (AsternDisk *disk, GVariant *saved, GError **error)
{
  guint64 size, change, hash;
  g_autoptr (GVariantIter) runs = NULL;

  g_return_val_if_fail (g_variant_is_of_type (saved, G_VARIANT_TYPE (ASTERN_DISK_SAVED_TYPE)), FALSE);

  g_variant_get (saved, ASTERN_DISK_SAVED_TYPE, &size, &change, &hash, &runs);
  if (size != disk->image.size)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _("The disk “%s” has %" PRIu64 " bytes, and had %" PRIu64 " when the state was saved. Give the image that belongs to the state."),
                   disk->name, disk->image.size, size);
      return FALSE;
    }
  disk->before = disk->block != NULL ? change : 0;
  return look_again (disk, runs, hash, error);
}
