/* store-fat.c - a folder of the host as a disk with a FAT file system, to be read: fat:[floppy:][12:|16:|32:]FOLDER.
 *
 * Folders and the FAT are laid out at once, from names and sizes; a file's bytes are read from it when a cluster of it
 * is.  A file that becomes shorter later reads as zeros behind its end.
 *
 * Source: Microsoft, "FAT: General Overview of On-Disk Format", version 1.03; ECMA-107; for the partition table, the
 * PC's master boot record.
 * Left out: writing; links that lead out are followed, and other special files left out; times are UTC. */
#include "config.h"

#include "host/images/fat-layout.h"
#include "host/images/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

typedef struct
{
  AsternStore    parent;
  AsternFat     *fat;
  const char    *open_path;      /* of fd; the layout's */
  int            fd;
} FatStore;

static gboolean
read_file (FatStore *self, const char *path, guint64 offset, guint8 *data, gsize size, GError **error)
{
  if (self->open_path != path)
    {
      if (self->fd >= 0)
        close (self->fd);
      self->open_path = NULL;
      self->fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
      if (self->fd < 0)
        return astern_store_fail (&self->parent, _("Cannot read a file of “%s”: %s."), errno, error);
      self->open_path = path;
    }
  while (size > 0)
    {
      gssize n = pread (self->fd, data, size, (off_t) offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return astern_store_fail (&self->parent, _("Cannot read a file of “%s”: %s."), errno, error);
      if (n == 0)
        {
          memset (data, 0, size);
          return TRUE;
        }
      data += n;
      offset += (guint64) n;
      size -= (gsize) n;
    }
  return TRUE;
}

static gboolean
fat_read (AsternStore *store, guint64 offset, gpointer data, gsize size, GError **error)
{
  FatStore *self = (FatStore *) store;
  guint8 *at = data;

  while (size > 0)
    {
      AsternFatPart part = astern_fat_part (self->fat, offset);
      gsize n = (gsize) MIN (size, part.size);

      if (part.bytes != NULL)
        memcpy (at, part.bytes, n);
      else if (part.path == NULL)
        memset (at, 0, n);
      else if (!read_file (self, part.path, part.offset, at, n, error))
        return FALSE;
      at += n;
      offset += n;
      size -= n;
    }
  return TRUE;
}

static void
fat_extent (AsternStore *store, guint64 offset, guint64 *size, gboolean *hole)
{
  AsternFatPart part = astern_fat_part (((FatStore *) store)->fat, offset);

  *hole = part.bytes == NULL && part.path == NULL;
  *size = MIN (*size, part.size);
}

static void
fat_free (AsternStore *store)
{
  FatStore *self = (FatStore *) store;

  if (self->fd >= 0)
    close (self->fd);
  astern_fat_free (self->fat);
  g_free (self);
}

static const AsternStoreClass fat_class = { .kind = "fat", .read = fat_read, .extent = fat_extent, .free = fat_free };

static gboolean
take_word (const char **spec, const char *word)
{
  if (!g_str_has_prefix (*spec, word))
    return FALSE;
  *spec += strlen (word);
  return TRUE;
}

AsternStore *
astern_store_fat (const char *spec, AsternStoreFlags flags, GError **error)
{
  const char *folder = spec;
  gboolean floppy = FALSE, writes = FALSE;
  guint bits = 0;
  AsternFat *fat;
  FatStore *self;

  for (;;)
    if (take_word (&folder, "floppy:"))
      floppy = TRUE;
    else if (take_word (&folder, "rw:"))
      writes = TRUE;
    else if (take_word (&folder, "12:"))
      bits = 12;
    else if (take_word (&folder, "16:"))
      bits = 16;
    else if (take_word (&folder, "32:"))
      bits = 32;
    else
      break;
  if (writes && (flags & ASTERN_STORE_WRITE))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY,
                   _("A folder as a disk is only read: leave “rw:” out, or give “snapshot=on”, and what the guest writes is there as long "
                     "as it runs."));
      return NULL;
    }
  fat = astern_fat_new (folder, floppy, bits, error);
  if (fat == NULL)
    return NULL;
  self = g_new0 (FatStore, 1);
  self->parent.klass = &fat_class;
  self->parent.name = g_strdup_printf ("fat:%s", spec);
  self->parent.readonly = TRUE;
  self->parent.size = astern_fat_size (fat);
  self->fat = fat;
  self->fd = -1;
  return &self->parent;
}
