/* img-convert.c - `astern img convert` and `compare`: the content of images. */
#include "config.h"

#include "cli/img.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#define ENTRY(letter, name, kind, where, text, argument) { name, letter, 0, G_OPTION_ARG_##kind, where, text, argument }
#define END_OF_ENTRIES { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL }
#define PART_BYTES (2u << 20)

typedef struct
{
  AsternDiskFile *to;
  guint64         offset;         /* in @to, of the image that is read */
  guint64         total;
  gsize           sparse;         /* zeros of so many bytes in a row are not written; 0: all is */
  gboolean        compress, progress;
  gboolean        fresh;          /* what is not written reads as zeros */
  guint8         *part, *below;
} Copy;

static gboolean
is_zero (const guint8 *bytes, gsize size)
{
  return size == 0 || (bytes[0] == 0 && memcmp (bytes, bytes + 1, size - 1) == 0);
}

/* Compressed clusters are whole. */
static gboolean
write_compressed (Copy *copy, guint64 offset, gsize size, GError **error)
{
  gsize cluster = (gsize) astern_disk_file_cluster_size (copy->to);

  for (gsize at = 0; at < size; at += cluster)
    {
      gsize n = MIN (cluster, size - at);

      if (!is_zero (copy->part + at, n) && !astern_disk_file_write_compressed (copy->to, offset + at, copy->part + at, n, error))
        return FALSE;
    }
  return TRUE;
}

/* What the target shows already needs no writing. */
static gboolean
write_different (Copy *copy, guint64 offset, gsize size, GError **error)
{
  gsize step = copy->sparse != 0 ? copy->sparse : 4096;

  if (!astern_disk_file_read (copy->to, offset, copy->below, size, error))
    return FALSE;
  for (gsize at = 0, n; at < size; at += n)
    {
      gsize end;

      n = MIN (step, size - at);
      if (memcmp (copy->part + at, copy->below + at, n) == 0)
        continue;
      for (end = at + n; end < size && memcmp (copy->part + end, copy->below + end, MIN (step, size - end)) != 0; )
        end += MIN (step, size - end);
      n = end - at;
      if (!astern_disk_file_write (copy->to, offset + at, copy->part + at, n, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_sparse (Copy *copy, guint64 offset, gsize size, GError **error)
{
  gsize step = copy->sparse;

  if (step == 0)
    return astern_disk_file_write (copy->to, offset, copy->part, size, error);
  for (gsize at = 0, n; at < size; at += n)
    {
      gboolean zero = is_zero (copy->part + at, MIN (step, size - at));

      for (n = MIN (step, size - at); at + n < size && is_zero (copy->part + at + n, MIN (step, size - at - n)) == zero; )
        n += MIN (step, size - at - n);
      if (!zero && !astern_disk_file_write (copy->to, offset + at, copy->part + at, n, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
copy_part (Copy *copy, AsternDiskFile *from, guint64 at, gsize size, gboolean zero, GError **error)
{
  guint64 offset = copy->offset + at;
  gboolean based = astern_disk_file_backing_name (copy->to) != NULL;

  if (zero && !based && copy->sparse != 0)
    return astern_disk_file_zero (copy->to, offset, size, error);
  if (!astern_disk_file_read (from, at, copy->part, size, error))
    return FALSE;
  if (based || !copy->fresh)
    return write_different (copy, offset, size, error);
  if (copy->compress)
    return write_compressed (copy, offset, size, error);
  return write_sparse (copy, offset, size, error);
}

static gboolean
copy_image (Copy *copy, AsternDiskFile *from, GError **error)
{
  guint64 size = astern_disk_file_size (from);
  gboolean skips = copy->fresh && copy->sparse != 0 && astern_disk_file_backing_name (copy->to) == NULL;

  for (guint64 at = 0, n; at < size; at += n)
    {
      AsternDiskFileExtent extent;

      img_progress (copy->progress, copy->offset + at, copy->total);
      if (!astern_disk_file_map (from, at, size - at, 0, &extent, error))
        return FALSE;
      /* Parts lie at multiples of their size, and so of clusters. */
      n = MIN (size - at, PART_BYTES - (copy->offset + at) % PART_BYTES);
      if (extent.zero && skips && extent.length >= n)
        n = extent.length > n ? n + (extent.length - n) / PART_BYTES * PART_BYTES : n;
      else if (!copy_part (copy, from, at, (gsize) n, extent.zero && extent.length >= n, error))
        return FALSE;
    }
  copy->offset += size;
  return TRUE;
}

typedef struct
{
  char     *format, *target_format, *backing, *backing_format, *sparse, *snapshot;
  char    **options;
  gboolean  compress, progress, keep, shared, quiet;
} Convert;

static void
clear_convert (Convert *c)
{
  g_free (c->format);
  g_free (c->target_format);
  g_free (c->backing);
  g_free (c->backing_format);
  g_free (c->sparse);
  g_free (c->snapshot);
  g_strfreev (c->options);
}

static gboolean
open_sources (const Convert *c, char **words, guint n, GPtrArray *sources, guint64 *total, GError **error)
{
  for (guint i = 0; i < n; i++)
    {
      AsternDiskFile *file = astern_disk_file_open (words[i], c->format, c->shared ? ASTERN_DISK_FILE_SHARED : 0, error);

      if (file == NULL)
        return FALSE;
      g_ptr_array_add (sources, file);
      if (c->snapshot != NULL && !astern_disk_file_snapshot_show (file, c->snapshot, error))
        return FALSE;
      *total += astern_disk_file_size (file);
    }
  return TRUE;
}

static gboolean
make_target (const Convert *c, const char *name, guint64 total, GError **error)
{
  g_autoptr (GHashTable) strings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  AsternDiskFileOptions options = { .size = total };

  if (!img_parse_options (c->options, &options, strings, error))
    return FALSE;
  options.backing = c->backing != NULL ? c->backing : g_hash_table_lookup (strings, "backing_file");
  options.backing_format = c->backing_format != NULL ? c->backing_format : g_hash_table_lookup (strings, "backing_fmt");
  if (options.backing != NULL && options.backing_format == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("Say with -F which format “%s” has."), options.backing);
      return FALSE;
    }
  if (options.size < total)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The disk has %" PRIu64 " bytes, and would not fit."), total);
      return FALSE;
    }
  return astern_disk_file_create (name, c->target_format != NULL ? c->target_format : "raw", &options, error);
}

static gboolean
convert (const Convert *c, char **words, guint n, GError **error)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new_with_free_func ((GDestroyNotify) astern_disk_file_free);
  const char *target = words[n];
  guint64 total = 0, sparse = 4096;
  Copy copy = { .compress = c->compress, .progress = c->progress && !c->quiet, .fresh = !c->keep };
  gboolean good = TRUE;

  if ((c->sparse != NULL && !img_parse_size (c->sparse, &sparse, error)) || !open_sources (c, words, n, sources, &total, error) ||
      (!c->keep && !make_target (c, target, total, error)))
    return FALSE;
  copy.to = astern_disk_file_open (target, c->target_format != NULL ? c->target_format : "raw", ASTERN_DISK_FILE_WRITE, error);
  if (copy.to == NULL)
    return FALSE;
  copy.total = total;
  copy.sparse = (gsize) MIN (sparse, PART_BYTES);
  copy.part = g_malloc (PART_BYTES);
  copy.below = g_malloc (PART_BYTES);
  if (total > astern_disk_file_size (copy.to))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The disk has %" PRIu64 " bytes, and would not fit."), total);
      good = FALSE;
    }
  for (guint i = 0; i < n && good; i++)
    good = copy_image (&copy, g_ptr_array_index (sources, i), error);
  if (good)
    img_progress (copy.progress, total, total);
  g_free (copy.part);
  g_free (copy.below);
  return astern_disk_file_close (copy.to, good ? error : NULL) && good;
}

int
img_convert (const char *const *args)
{
  g_auto (GStrv) words = NULL;
  g_autofree char *ignored = NULL;
  gboolean ignored_too = FALSE;
  Convert c = { 0 };
  const GOptionEntry entries[] = {
    ENTRY ('f', "format", STRING, &c.format, N_("The format that is read"), "FORMAT"),
    ENTRY ('O', "target-format", STRING, &c.target_format, N_("The format that is written: raw (the default) or qcow2"), "FORMAT"),
    ENTRY ('o', "options", STRING_ARRAY, &c.options, N_("Options for what is written, as of “create”"), "KEY=VALUE,…"),
    ENTRY ('c', "compress", NONE, &c.compress, N_("Compress (qcow2)"), NULL),
    ENTRY ('B', "backing", STRING, &c.backing, N_("Based on this image: only what is different is written"), "FILE"),
    ENTRY ('F', "backing-format", STRING, &c.backing_format, N_("The format of that image"), "FORMAT"),
    ENTRY ('S', "sparse", STRING, &c.sparse, N_("So many zeros in a row are not written (4k); 0: all are"), "SIZE"),
    ENTRY ('l', "snapshot", STRING, &c.snapshot, N_("The disk as it was then"), "NAME"),
    ENTRY ('n', "no-create", NONE, &c.keep, N_("Write into an image that is there"), NULL),
    ENTRY ('p', "progress", NONE, &c.progress, N_("Say how far it is"), NULL),
    ENTRY ('U', "force-share", NONE, &c.shared, N_("Although another program may be writing it"), NULL),
    ENTRY ('q', "quiet", NONE, &c.quiet, N_("Say nothing but errors"), NULL),
    ENTRY ('t', "cache", STRING, &ignored, N_("Taken, and of no effect; as are -T, -m and -W"), "MODE"),
    ENTRY ('T', "source-cache", STRING, &ignored, "", "MODE"),
    ENTRY ('m', "parallel", STRING, &ignored, "", "N"),
    ENTRY ('W', "out-of-order", NONE, &ignored_too, "", NULL),
    END_OF_ENTRIES,
  };
  const ImgCommand command = { "convert", _("FILE… NEW-FILE"), _("Copies the content of images, one behind the other, into another one."),
                               entries, 2, 1000 };
  g_autoptr (GError) error = NULL;
  int status;

  words = img_parse (&command, args, &status);
  if (words != NULL)
    status = convert (&c, words, g_strv_length (words) - 1, &error) ? IMG_OK : img_fail (error, IMG_FAILED);
  clear_convert (&c);
  return status;
}

/* IMG_OK, IMG_DIFFERENT, IMG_COMPARE_ERROR; zeros behind the shorter one count as the same. */
static int
compare (AsternDiskFile *a, AsternDiskFile *b, gboolean progress, guint64 *where, GError **error)
{
  guint64 size = MAX (astern_disk_file_size (a), astern_disk_file_size (b));
  g_autofree guint8 *x = g_malloc (PART_BYTES), *y = g_malloc (PART_BYTES);

  for (guint64 at = 0, n; at < size; at += n)
    {
      AsternDiskFileExtent p = { .zero = TRUE, .length = size - at }, q = p;

      img_progress (progress, at, size);
      if ((at < astern_disk_file_size (a) && !astern_disk_file_map (a, at, size - at, 0, &p, error)) ||
          (at < astern_disk_file_size (b) && !astern_disk_file_map (b, at, size - at, 0, &q, error)))
        return IMG_COMPARE_ERROR;
      n = MIN (p.length, q.length);
      if (p.zero && q.zero)
        continue;
      n = MIN (n, PART_BYTES);
      if (!astern_disk_file_read (a, at, x, n, error) || !astern_disk_file_read (b, at, y, n, error))
        return IMG_COMPARE_ERROR;
      for (guint64 i = 0; memcmp (x, y, n) != 0 && i < n; i++)
        if (x[i] != y[i])
          {
            *where = at + i;
            return IMG_DIFFERENT;
          }
    }
  img_progress (progress, size, size);
  return IMG_OK;
}

int
img_compare (const char *const *args)
{
  g_autofree char *format = NULL, *second_format = NULL;
  g_auto (GStrv) words = NULL;
  gboolean quiet = FALSE, progress = FALSE, strict = FALSE, shared = FALSE;
  const GOptionEntry entries[] = {
    ENTRY ('f', "format", STRING, &format, N_("The first image’s format"), "FORMAT"),
    ENTRY ('F', "second-format", STRING, &second_format, N_("The second image’s format"), "FORMAT"),
    ENTRY ('s', "strict", NONE, &strict, N_("Disks of different sizes are different"), NULL),
    ENTRY ('p', "progress", NONE, &progress, N_("Say how far it is"), NULL),
    ENTRY ('U', "force-share", NONE, &shared, N_("Although another program may be writing it"), NULL),
    ENTRY ('q', "quiet", NONE, &quiet, N_("Say nothing but errors"), NULL),
    END_OF_ENTRIES,
  };
  const ImgCommand command = { "compare", _("FILE FILE"),
    _("Compares the disks in two images.  Exit status: 0 they are the same, 1 they are different, 2 they could not be read."), entries, 2, 2 };
  g_autoptr (AsternDiskFile) a = NULL, b = NULL;
  g_autoptr (GError) error = NULL;
  AsternDiskFileFlags flags;
  guint64 where = 0;
  int status;

  words = img_parse (&command, args, &status);
  if (words == NULL)
    return status == IMG_OK ? IMG_OK : IMG_COMPARE_ERROR;
  flags = shared ? ASTERN_DISK_FILE_SHARED : 0;
  if ((a = astern_disk_file_open (words[0], format, flags, &error)) == NULL ||
      (b = astern_disk_file_open (words[1], second_format, flags, &error)) == NULL)
    return img_fail (error, IMG_COMPARE_ERROR);
  if (strict && astern_disk_file_size (a) != astern_disk_file_size (b))
    {
      if (!quiet)
        g_print (_("The disks are of different sizes: %" PRIu64 " and %" PRIu64 " bytes.\n"), astern_disk_file_size (a), astern_disk_file_size (b));
      return IMG_DIFFERENT;
    }
  status = compare (a, b, progress && !quiet, &where, &error);
  if (error != NULL)
    return img_fail (error, IMG_COMPARE_ERROR);
  if (!quiet && status == IMG_OK)
    g_print (_("The disks are the same.\n"));
  else if (!quiet)
    g_print (_("The disks are different at offset %" PRIu64 ".\n"), where);
  return status;
}
