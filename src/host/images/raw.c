/* raw.c - a disk's bytes as they are. */
#include "config.h"

#include "host/images/image-format.h"

#include <glib/gi18n.h>

static gboolean
raw_open (AsternDiskFile *file, GError **error)
{
  file->size = file->store->size;
  return TRUE;
}

/* Holes are found only by who asks for a map: reading looks at no bytes twice. */
static gboolean
raw_extent (AsternDiskFile *file, guint64 offset, AsternExtent *extent, GError **error)
{
  *extent = (AsternExtent) {
    .kind = ASTERN_EXTENT_DATA, .size = file->size - offset, .store = file->store, .place = offset,
  };
  return TRUE;
}

static gboolean
raw_write (AsternDiskFile *file, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  return astern_store_write (file->store, offset, data, size, error);
}

static gboolean
raw_zero (AsternDiskFile *file, guint64 offset, guint64 size, GError **error)
{
  return astern_store_zero (file->store, offset, size, error);
}

static gboolean
raw_flush (AsternDiskFile *file, GError **error)
{
  return astern_store_flush (file->store, error);
}

static gboolean
raw_resize (AsternDiskFile *file, guint64 size, GError **error)
{
  if (!astern_store_resize (file->store, size, error))
    return FALSE;
  file->size = size;
  return TRUE;
}

static gboolean
fill (AsternStore *store, guint64 size, GError **error)
{
  static const guint8 zeros[65536];

  for (guint64 done = 0; done < size; done += sizeof zeros)
    if (!astern_store_write (store, done, zeros, (gsize) MIN (size - done, sizeof zeros), error))
      return FALSE;
  return TRUE;
}

static gboolean
raw_create (AsternStore *store, const AsternDiskFileOptions *options, GError **error)
{
  if (options->backing != NULL)
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED,
                              _("A raw image cannot be based on another one; a qcow2 image can."));
  if (options->size > G_MAXINT64)
    return astern_image_fail (error, G_IO_ERROR_INVALID_ARGUMENT, _("The disk is too large."));
  if (store->klass->resize == NULL && store->size >= options->size)      /* a device */
    return TRUE;
  if (options->preallocate >= ASTERN_PREALLOCATE_FALLOC && !fill (store, options->size, error))
    return FALSE;
  return astern_store_resize (store, options->size, error);
}

const AsternImageFormat astern_raw_format = {
  .name = "raw", .open = raw_open, .extent = raw_extent, .write = raw_write, .zero = raw_zero, .flush = raw_flush,
  .resize = raw_resize, .create = raw_create,
};
