/* disk-file.c - opening images, and their content through the chain of what they are based on.
 * Left out: encryption, throttling, image options of QEMU's that are not in an image's file name. */
#include "config.h"

#include "host/images/image-format.h"

#include <string.h>

#include <glib/gi18n.h>

#define MAX_CHAIN  200
#define PROBE_SURE 1

static const AsternImageFormat *const formats[] = {
  &astern_raw_format, &astern_qcow2_format, &astern_vmdk_format, &astern_vdi_format, &astern_vpc_format, &astern_vhdx_format,
};

gboolean
astern_image_fail (GError **error, int code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, G_IO_ERROR, code, message);
  return FALSE;
}

gboolean
astern_image_is_zero (gconstpointer data, gsize size)
{
  const guint8 *bytes = data;

  return size == 0 || (bytes[0] == 0 && memcmp (bytes, bytes + 1, size - 1) == 0);
}

const char *const *
astern_disk_file_formats (void)
{
  static const char *names[G_N_ELEMENTS (formats) + 1];

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    names[i] = formats[i]->name;
  return names;
}

static const AsternImageFormat *
find_format (const char *name, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (g_str_equal (formats[i]->name, name))
      return formats[i];
  astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("There is no image format “%s”; there are raw, qcow2, vmdk, vdi, vpc and vhdx."),
                     name);
  return NULL;
}

/* The surest of them; raw when none is. */
static const AsternImageFormat *
probe (const guint8 *head, AsternStore *store)
{
  const AsternImageFormat *best = &astern_raw_format;
  int best_score = PROBE_SURE - 1;

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      int score = formats[i]->probe != NULL ? formats[i]->probe (head, store) : 0;

      if (score > best_score)
        {
          best = formats[i];
          best_score = score;
        }
    }
  return best;
}

static gboolean
choose_format (AsternDiskFile *self, const char *name, GError **error)
{
  guint8 head[ASTERN_IMAGE_HEAD_BYTES];
  g_autofree char *shown = NULL;

  if (name != NULL)
    {
      self->format = find_format (name, error);
      return self->format != NULL;
    }
  if (!astern_store_read (self->store, 0, head, sizeof head, error))
    return FALSE;
  self->format = probe (head, self->store);
  self->guessed = self->format == &astern_raw_format;
  if (!self->guessed || !(self->flags & ASTERN_DISK_FILE_WRITE))
    return TRUE;
  shown = g_filename_display_name (self->spec);
  self->warning = g_strdup_printf (_("The format of “%s” was not given, and its content looks like that of a raw disk. "
                                     "The guest must not make another format of it, so that what would look like one is not written; "
                                     "“format=raw” says that it is raw."), shown);
  return TRUE;
}

char *
astern_image_relative (const char *base, const char *name)
{
  g_autofree char *folder = NULL;

  if (astern_store_has_scheme (name) || g_path_is_absolute (name) || astern_store_has_scheme (base))
    return g_strdup (name);
  folder = g_path_get_dirname (base);
  return g_str_equal (folder, ".") && base[0] != '.' ? g_strdup (name) : g_build_filename (folder, name, NULL);
}

static AsternDiskFile *open_at_depth (AsternStore *store, const char *spec, const char *format, AsternDiskFileFlags flags,
                                      guint depth, GError **error);

static AsternStore *
open_store (const char *spec, AsternDiskFileFlags flags, GError **error)
{
  return astern_store_open (spec, (flags & ASTERN_DISK_FILE_WRITE ? ASTERN_STORE_WRITE : 0) |
                                  (flags & ASTERN_DISK_FILE_SHARED ? ASTERN_STORE_SHARED : 0), error);
}

static gboolean
open_backing (AsternDiskFile *self, guint depth, GError **error)
{
  AsternDiskFileFlags flags = self->flags & ASTERN_DISK_FILE_SHARED;
  g_autofree char *spec = NULL;
  AsternStore *store;

  if (self->backing_name == NULL || (self->flags & ASTERN_DISK_FILE_NO_BACKING))
    return TRUE;
  if (depth >= MAX_CHAIN)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA,
                              _("More than %d images are based on each other; is one of them based on itself?"), MAX_CHAIN);
  spec = astern_disk_file_backing_spec (self);
  store = open_store (spec, flags, error);
  if (store != NULL)
    self->backing = open_at_depth (store, spec, self->backing_format, flags, depth + 1, error);
  return self->backing != NULL;
}

static AsternDiskFile *
open_at_depth (AsternStore *store, const char *spec, const char *format, AsternDiskFileFlags flags, guint depth,
               GError **error)
{
  AsternDiskFile *self = g_new0 (AsternDiskFile, 1);
  g_autofree char *shown = g_filename_display_name (spec);
  GError *failed = NULL;

  if (store->readonly)          /* whatever was wished */
    flags &= ~(guint) ASTERN_DISK_FILE_WRITE;
  self->store = store;
  self->spec = g_strdup (spec);
  self->flags = flags;
  if (choose_format (self, format, &failed) && self->format->write == NULL && (flags & ASTERN_DISK_FILE_WRITE))
    astern_image_fail (&failed, G_IO_ERROR_NOT_SUPPORTED,
                       _("“%s” is in the format %s, which is only read; give “snapshot=on” or “readonly=on”, or convert it to qcow2."),
                       shown, self->format->name);
  if (failed == NULL && !self->format->open (self, &failed))
    g_prefix_error (&failed, _("“%s” is not a good %s image: "), shown, self->format->name);
  if (failed == NULL && self->size > ASTERN_IMAGE_MAX_SIZE)
    astern_image_fail (&failed, G_IO_ERROR_NOT_SUPPORTED, _("The disk in “%s” is too large."), shown);
  if (failed == NULL && !open_backing (self, depth, &failed))
    g_prefix_error (&failed, _("“%s” is based on another image: "), shown);
  if (failed == NULL)
    return self;
  g_propagate_error (error, failed);
  /* Nothing of it is written back. */
  self->store->readonly = TRUE;
  astern_disk_file_free (self);
  return NULL;
}

AsternDiskFile *
astern_disk_file_new (AsternStore *store, const char *spec, const char *format, AsternDiskFileFlags flags, GError **error)
{
  return open_at_depth (store, spec, format, flags, 0, error);
}

AsternDiskFile *
astern_disk_file_open (const char *spec, const char *format, AsternDiskFileFlags flags, GError **error)
{
  AsternStore *store = open_store (spec, flags, error);

  return store != NULL ? open_at_depth (store, spec, format, flags, 0, error) : NULL;
}

gboolean
astern_disk_file_close (AsternDiskFile *self, GError **error)
{
  gboolean good = self->store->readonly || astern_disk_file_flush (self, error);

  if (self->format != NULL && self->format->close != NULL)
    self->format->close (self);
  if (self->backing != NULL)
    astern_disk_file_free (self->backing);
  astern_store_free (self->store);
  g_free (self->backing_name);
  g_free (self->backing_format);
  g_free (self->warning);
  g_free (self->spec);
  g_free (self);
  return good;
}

void
astern_disk_file_free (AsternDiskFile *self)
{
  g_autoptr (GError) error = NULL;

  if (self != NULL && !astern_disk_file_close (self, &error))
    g_info ("%s", error->message);
}

const char *
astern_disk_file_spec (const AsternDiskFile *self)
{
  return self->spec;
}

const char *
astern_disk_file_format (const AsternDiskFile *self)
{
  return self->format->name;
}

guint64
astern_disk_file_size (const AsternDiskFile *self)
{
  return self->size;
}

gboolean
astern_disk_file_readonly (const AsternDiskFile *self)
{
  return self->store->readonly;
}

const char *
astern_disk_file_warning (const AsternDiskFile *self)
{
  return self->warning;
}

AsternDiskFile *
astern_disk_file_backing (const AsternDiskFile *self)
{
  return self->backing;
}

const char *
astern_disk_file_backing_name (const AsternDiskFile *self)
{
  return self->backing_name;
}

const char *
astern_disk_file_backing_format (const AsternDiskFile *self)
{
  return self->backing_format;
}

char *
astern_disk_file_backing_spec (const AsternDiskFile *self)
{
  return self->backing_name != NULL ? astern_image_relative (self->spec, self->backing_name) : NULL;
}

guint64
astern_disk_file_room (const AsternDiskFile *self)
{
  return self->format->room != NULL ? self->format->room ((AsternDiskFile *) self) : astern_store_room (self->store);
}

gboolean
astern_disk_file_is_dirty (const AsternDiskFile *self)
{
  return self->dirty;
}

gboolean
astern_disk_file_is_corrupt (const AsternDiskFile *self)
{
  return self->corrupt;
}

guint64
astern_disk_file_cluster_size (AsternDiskFile *self)
{
  return self->cluster_size;
}

/* Of [offset, …) inside of @self, the part that is alike. */
static gboolean
find_extent (AsternDiskFile *self, guint64 offset, guint64 want, AsternExtent *extent, GError **error)
{
  *extent = (AsternExtent) { .kind = ASTERN_EXTENT_ABSENT, .size = want };
  if (!self->format->extent (self, offset, extent, error))
    return FALSE;
  extent->size = CLAMP (extent->size, 1, self->size - offset);
  return TRUE;
}

static gboolean
read_extent (AsternDiskFile *self, const AsternExtent *extent, guint64 offset, gpointer data, gsize size, GError **error)
{
  switch (extent->kind)
    {
    case ASTERN_EXTENT_DATA:
      return astern_store_read (extent->store, extent->place, data, size, error);
    case ASTERN_EXTENT_PACKED:
      return self->format->read_packed (self, offset, data, size, error);
    case ASTERN_EXTENT_ABSENT:
      if (self->backing != NULL)
        return astern_disk_file_read (self->backing, offset, data, size, error);
      G_GNUC_FALLTHROUGH;
    default:
      memset (data, 0, size);
      return TRUE;
    }
}

gboolean
astern_disk_file_read (AsternDiskFile *self, guint64 offset, gpointer data, gsize size, GError **error)
{
  guint8 *at = data;

  while (size > 0 && offset < self->size)
    {
      AsternExtent extent;
      gsize n;

      if (!find_extent (self, offset, size, &extent, error))
        return FALSE;
      n = (gsize) MIN (extent.size, size);
      if (!read_extent (self, &extent, offset, at, n, error))
        return FALSE;
      at += n;
      offset += n;
      size -= n;
    }
  memset (at, 0, size);
  return TRUE;
}

static gboolean
may_write (AsternDiskFile *self, guint64 offset, guint64 size, GError **error)
{
  g_autofree char *shown = NULL;

  if (!self->store->readonly && (self->flags & ASTERN_DISK_FILE_WRITE) && self->format->write != NULL && !self->corrupt &&
      offset <= self->size && size <= self->size - offset)
    return TRUE;
  shown = g_filename_display_name (self->spec);
  if (self->corrupt)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA,
                              _("“%s” is corrupt, and is not written any more; “astern img check -r all” may repair it."), shown);
  if (offset > self->size || size > self->size - offset)
    return astern_image_fail (error, G_IO_ERROR_INVALID_ARGUMENT, _("“%s” ends before what was to be written."), shown);
  return astern_image_fail (error, G_IO_ERROR_READ_ONLY, _("“%s” was opened to be read only."), shown);
}

/* A disk that was taken for raw must not become, by what its guest writes, an image that says which files to open. */
static gboolean
stays_raw (AsternDiskFile *self, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  guint8 head[ASTERN_IMAGE_HEAD_BYTES];
  g_autofree char *shown = NULL;

  if (!self->guessed || offset >= sizeof head)
    return TRUE;
  if (!astern_store_read (self->store, 0, head, sizeof head, error))
    return FALSE;
  memcpy (head + offset, data, MIN (size, sizeof head - (gsize) offset));
  if (probe (head, self->store) == &astern_raw_format)
    return TRUE;
  shown = g_filename_display_name (self->spec);
  return astern_image_fail (error, G_IO_ERROR_PERMISSION_DENIED,
                            _("The guest wrote the beginning of another format into “%s”, whose format was not given. "
                              "That is not written; “format=raw” allows it."), shown);
}

gboolean
astern_disk_file_write (AsternDiskFile *self, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  return may_write (self, offset, size, error) &&
         (size == 0 || (stays_raw (self, offset, data, size, error) && self->format->write (self, offset, data, size, error)));
}

gboolean
astern_disk_file_zero (AsternDiskFile *self, guint64 offset, guint64 size, GError **error)
{
  return may_write (self, offset, size, error) && (size == 0 || self->format->zero (self, offset, size, error));
}

gboolean
astern_disk_file_flush (AsternDiskFile *self, GError **error)
{
  if (self->store->readonly || self->format == NULL || self->format->flush == NULL)
    return TRUE;
  return self->format->flush (self, error);
}

gboolean
astern_disk_file_resize (AsternDiskFile *self, guint64 size, GError **error)
{
  if (!may_write (self, 0, 0, error))
    return FALSE;
  if (self->format->resize == NULL || size > ASTERN_IMAGE_MAX_SIZE)
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("A %s image cannot be given that size."), self->format->name);
  return size == self->size || self->format->resize (self, size, error);
}

static void
describe_extent (const AsternExtent *found, guint depth, gboolean hole, AsternDiskFileExtent *extent)
{
  *extent = (AsternDiskFileExtent) {
    .length = found->size, .depth = depth, .present = found->kind != ASTERN_EXTENT_ABSENT,
    .zero = found->kind == ASTERN_EXTENT_ZERO || found->kind == ASTERN_EXTENT_ABSENT,
    .data = found->kind == ASTERN_EXTENT_DATA || found->kind == ASTERN_EXTENT_PACKED || hole,
    .compressed = found->kind == ASTERN_EXTENT_PACKED,
    .placed = found->kind == ASTERN_EXTENT_DATA || (found->kind == ASTERN_EXTENT_ZERO && found->placed),
    .offset = found->place,
    .file_name = found->store != NULL ? found->store->name : NULL,
  };
}

/* What is allocated in the image, and a hole in the file that it lies in, reads as zeros. */
static gboolean
look_for_hole (AsternExtent *found)
{
  guint64 size;
  gboolean hole;

  if (found->kind != ASTERN_EXTENT_DATA)
    return FALSE;
  astern_store_extent (found->store, found->place, &size, &hole);
  found->size = MIN (found->size, size);
  if (hole)
    {
      found->kind = ASTERN_EXTENT_ZERO;
      found->placed = TRUE;
    }
  return hole;
}

gboolean
astern_disk_file_map (AsternDiskFile *self, guint64 offset, guint64 length, guint depth_limit, AsternDiskFileExtent *extent,
                      GError **error)
{
  AsternExtent found;
  gboolean hole = FALSE;
  guint depth = 0;

  g_return_val_if_fail (length > 0 && offset < self->size, FALSE);

  length = MIN (length, self->size - offset);
  for (;; depth++, self = self->backing)
    {
      if (offset >= self->size)      /* what it is based on is shorter */
        {
          hole = FALSE;
          found = (AsternExtent) { .kind = ASTERN_EXTENT_ABSENT, .size = length };
          break;
        }
      if (!find_extent (self, offset, length, &found, error))
        return FALSE;
      hole = look_for_hole (&found) && self->format != &astern_raw_format;
      length = MIN (length, found.size);
      if (found.kind != ASTERN_EXTENT_ABSENT || self->backing == NULL || depth + 1 == depth_limit)
        break;
    }
  describe_extent (&found, depth, hole, extent);
  extent->length = length;
  return TRUE;
}

/* As an AsternDiskImage: whole sectors, the last one filled up with zeros. */

static gboolean
image_read (gpointer user, guint64 offset, gpointer data, gsize size, GError **error)
{
  return astern_disk_file_read (user, offset, data, size, error);
}

static gboolean
image_write (gpointer user, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  AsternDiskFile *self = user;
  gsize inside = offset >= self->size ? 0 : (gsize) MIN (self->size - offset, size);

  return astern_disk_file_write (self, MIN (offset, self->size), data, inside, error);
}

static gboolean
image_zero (gpointer user, guint64 offset, guint64 size, GError **error)
{
  AsternDiskFile *self = user;
  guint64 inside = offset >= self->size ? 0 : MIN (self->size - offset, size);

  return astern_disk_file_zero (self, MIN (offset, self->size), inside, error);
}

static gboolean
image_flush (gpointer user, GError **error)
{
  return astern_disk_file_flush (user, error);
}

/* What another image is based on counts, too; in other formats than raw what is allocated was written. */
static gboolean
image_zeros (gpointer user, guint64 offset, guint64 *size)
{
  for (const AsternDiskFile *self = user; self != NULL && offset < self->size; self = self->backing)
    {
      AsternExtent found;
      gboolean hole;

      if (!find_extent ((AsternDiskFile *) self, offset, *size, &found, NULL))
        return FALSE;
      hole = found.kind == ASTERN_EXTENT_DATA && self->format == &astern_raw_format && look_for_hole (&found);
      *size = MIN (*size, found.size);
      if (found.kind != ASTERN_EXTENT_ABSENT)
        return hole || found.kind == ASTERN_EXTENT_ZERO;
    }
  return TRUE;
}

static void
image_free (gpointer user)
{
  astern_disk_file_free (user);
}

void
astern_disk_file_to_image (AsternDiskFile *self, AsternDiskImage *image)
{
  *image = (AsternDiskImage) {
    .size = (self->size + 511) & ~G_GUINT64_CONSTANT (511), .readonly = self->store->readonly,
    .read = image_read, .write = image_write, .zero = image_zero, .flush = image_flush, .zeros = image_zeros, .free = image_free,
    .user = self,
  };
}
