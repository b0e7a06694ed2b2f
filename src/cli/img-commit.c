/* img-commit.c - `astern img commit` and `rebase`: images and what they are based on. */
#include "config.h"

#include "cli/img.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#define ENTRY(letter, name, kind, where, text, argument) { name, letter, 0, G_OPTION_ARG_##kind, where, text, argument }
#define END_OF_ENTRIES { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL }
#define PART_BYTES (2u << 20)

static gboolean
commit_into (AsternDiskFile *top, AsternDiskFile *base, gboolean progress, GError **error)
{
  guint64 size = astern_disk_file_size (top);
  g_autofree guint8 *part = g_malloc (PART_BYTES);

  if (size > astern_disk_file_size (base) && !astern_disk_file_resize (base, size, error))
    return FALSE;
  for (guint64 at = 0, n; at < size; at += n)
    {
      AsternDiskFileExtent extent;

      img_progress (progress, at, size);
      if (!astern_disk_file_map (top, at, size - at, 1, &extent, error))
        return FALSE;
      n = extent.length;
      if (!extent.present)
        continue;
      if (extent.zero)
        {
          if (!astern_disk_file_zero (base, at, n, error))
            return FALSE;
          continue;
        }
      n = MIN (n, PART_BYTES);
      if (!astern_disk_file_read (top, at, part, n, error) || !astern_disk_file_write (base, at, part, n, error))
        return FALSE;
    }
  img_progress (progress, size, size);
  return astern_disk_file_flush (base, error);
}

/* The upper one is opened without what it is based on, for that is to be written. */
static gboolean
commit (const char *name, const char *format, const char *base_name, gboolean keep, gboolean progress, GError **error)
{
  AsternDiskFile *top = astern_disk_file_open (name, format, ASTERN_DISK_FILE_WRITE | ASTERN_DISK_FILE_NO_BACKING, error), *base = NULL;
  g_autofree char *spec = top != NULL ? astern_disk_file_backing_spec (top) : NULL;
  gboolean good = top != NULL;

  if (good && spec == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“%s” is based on no other image."), name);
      good = FALSE;
    }
  if (good && base_name != NULL && !g_str_equal (base_name, spec) && !g_str_equal (base_name, astern_disk_file_backing_name (top)))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _("“%s” is based on “%s”; commit it there first, and that one into “%s” then."), name, spec, base_name);
      good = FALSE;
    }
  if (good)
    base = astern_disk_file_open (spec, astern_disk_file_backing_format (top), ASTERN_DISK_FILE_WRITE, error);
  good = good && base != NULL && commit_into (top, base, progress, error);
  /* Only when it is all in the lower one for good. */
  if (base != NULL)
    good = astern_disk_file_close (base, good ? error : NULL) && good;
  good = good && (keep || astern_disk_file_empty (top, error));
  if (top != NULL)
    good = astern_disk_file_close (top, good ? error : NULL) && good;
  return good;
}

int
img_commit (const char *const *args)
{
  g_autofree char *format = NULL, *base = NULL;
  g_auto (GStrv) words = NULL;
  gboolean keep = FALSE, progress = FALSE, quiet = FALSE;
  const GOptionEntry entries[] = {
    ENTRY ('f', "format", STRING, &format, N_("The image’s format"), "FORMAT"),
    ENTRY ('b', "base", STRING, &base, N_("What it is based on (to make sure)"), "FILE"),
    ENTRY ('d', "keep", NONE, &keep, N_("Leave the image as it is, not empty"), NULL),
    ENTRY ('p', "progress", NONE, &progress, N_("Say how far it is"), NULL),
    ENTRY ('q', "quiet", NONE, &quiet, N_("Say nothing but errors"), NULL),
    END_OF_ENTRIES,
  };
  const ImgCommand command = { "commit", _("FILE"), _("Writes what an image has into the image that it is based on, and empties it."),
                               entries, 1, 1 };
  g_autoptr (GError) error = NULL;
  int status;

  words = img_parse (&command, args, &status);
  if (words == NULL)
    return status;
  if (!commit (words[0], format, base, keep, progress && !quiet, &error))
    return img_fail (error, IMG_FAILED);
  if (!quiet)
    g_print (_("The image is committed.\n"));
  return IMG_OK;
}

/* Where the image says nothing, it will show what is new below: what was there before and is different is kept in it. */
static gboolean
keep_content (AsternDiskFile *file, AsternDiskFile *backing, gboolean progress, GError **error)
{
  guint64 size = astern_disk_file_size (file);
  g_autofree guint8 *before = g_malloc (PART_BYTES), *after = g_malloc (PART_BYTES);

  for (guint64 at = 0, n; at < size; at += n)
    {
      AsternDiskFileExtent extent;
      gsize step = (gsize) MIN (astern_disk_file_cluster_size (file), PART_BYTES);

      img_progress (progress, at, size);
      if (!astern_disk_file_map (file, at, size - at, 1, &extent, error))
        return FALSE;
      n = extent.length;
      if (extent.present)
        continue;
      n = MIN (n, PART_BYTES);
      if (!astern_disk_file_read (file, at, before, n, error))
        return FALSE;
      memset (after, 0, n);
      if (backing != NULL && !astern_disk_file_read (backing, at, after, n, error))
        return FALSE;
      for (gsize i = 0; i < n; i += step)
        if (memcmp (before + i, after + i, MIN (step, n - i)) != 0 &&
            !astern_disk_file_write (file, at + i, before + i, MIN (step, n - i), error))
          return FALSE;
    }
  img_progress (progress, size, size);
  return TRUE;
}

static gboolean
rebase (const char *name, const char *format, const char *backing, const char *backing_format, gboolean unsafe, gboolean progress,
        GError **error)
{
  AsternDiskFile *file = astern_disk_file_open (name, format, ASTERN_DISK_FILE_WRITE | (unsafe ? ASTERN_DISK_FILE_NO_BACKING : 0), error);
  AsternDiskFile *below = NULL;
  g_autofree char *folder = g_path_get_dirname (name), *spec = NULL;
  gboolean good = file != NULL;

  if (good && !unsafe && backing != NULL)
    {
      spec = g_path_is_absolute (backing) || strchr (backing, ':') != NULL ? g_strdup (backing) : g_build_filename (folder, backing, NULL);
      below = astern_disk_file_open (spec, backing_format, 0, error);
      good = below != NULL;
    }
  good = good && (unsafe || keep_content (file, below, progress, error)) &&
         astern_disk_file_flush (file, error) && astern_disk_file_set_backing (file, backing, backing_format, error);
  if (below != NULL)
    astern_disk_file_free (below);
  if (file != NULL)
    good = astern_disk_file_close (file, good ? error : NULL) && good;
  return good;
}

int
img_rebase (const char *const *args)
{
  g_autofree char *format = NULL, *backing = NULL, *backing_format = NULL;
  g_auto (GStrv) words = NULL;
  gboolean unsafe = FALSE, progress = FALSE, quiet = FALSE;
  const GOptionEntry entries[] = {
    ENTRY ('f', "format", STRING, &format, N_("The image’s format"), "FORMAT"),
    ENTRY ('b', "backing", STRING, &backing, N_("What it is to be based on; empty: nothing"), "FILE"),
    ENTRY ('F', "backing-format", STRING, &backing_format, N_("The format of that image"), "FORMAT"),
    ENTRY ('u', "unsafe", NONE, &unsafe, N_("Only write the name: the disk’s content may become another one"), NULL),
    ENTRY ('p', "progress", NONE, &progress, N_("Say how far it is"), NULL),
    ENTRY ('q', "quiet", NONE, &quiet, N_("Say nothing but errors"), NULL),
    END_OF_ENTRIES,
  };
  const ImgCommand command = { "rebase", _("FILE"), _("Bases an image on another one; the content of the disk stays the same."), entries, 1, 1 };
  g_autoptr (GError) error = NULL;
  int status;

  words = img_parse (&command, args, &status);
  if (words == NULL)
    return status;
  if (backing == NULL || (backing[0] != '\0' && backing_format == NULL))
    {
      astern_complain (_("Say with -b FILE what the image is to be based on, and with -F its format; -b '' for nothing."));
      return IMG_FAILED;
    }
  if (!rebase (words[0], format, backing[0] != '\0' ? backing : NULL, backing_format, unsafe, progress && !quiet, &error))
    return img_fail (error, IMG_FAILED);
  return IMG_OK;
}
