/* img-create.c - `astern img create` and `resize`. */
#include "config.h"

#include "cli/img.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#define ENTRY(letter, name, kind, where, text, argument) { name, letter, 0, G_OPTION_ARG_##kind, where, text, argument }
#define END_OF_ENTRIES { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL }

/* The size and the format of what the new image is based on.  A format that is only guessed may not be right when
 * the guest has written to it. */
static gboolean
look_at_backing (const char *file, AsternDiskFileOptions *options, char **format, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (file);
  g_autofree char *spec = g_path_is_absolute (options->backing) || strchr (options->backing, ':') != NULL
                            ? g_strdup (options->backing) : g_build_filename (folder, options->backing, NULL);
  g_autoptr (AsternDiskFile) backing = astern_disk_file_open (spec, options->backing_format, 0, error);

  if (backing == NULL)
    return FALSE;
  if (options->size == G_MAXUINT64)
    options->size = astern_disk_file_size (backing);
  if (options->backing_format == NULL && g_str_equal (astern_disk_file_format (backing), "raw"))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("“%s” looks like a raw disk.  Say with “-F raw” that it is one."), options->backing);
      return FALSE;
    }
  if (options->backing_format == NULL)
    options->backing_format = *format = g_strdup (astern_disk_file_format (backing));
  return TRUE;
}

static gboolean
create (const char *file, const char *format, AsternDiskFileOptions *options, gboolean unsafe, gboolean quiet, GError **error)
{
  g_autofree char *backing_format = NULL, *size = NULL;

  if (options->backing != NULL && !unsafe && !look_at_backing (file, options, &backing_format, error))
    return FALSE;
  if (options->size == G_MAXUINT64)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("How large?  Write the size behind the file’s name, as in “20G”."));
      return FALSE;
    }
  options->size = (options->size + 511) & ~G_GUINT64_CONSTANT (511);
  if (!astern_disk_file_create (file, format, options, error))
    return FALSE;
  size = img_size (options->size);
  if (!quiet && options->backing != NULL)
    g_print (_("“%s” is made: %s, %s (%" PRIu64 " bytes), based on “%s” (%s)\n"), file, format, size, options->size,
             options->backing, options->backing_format != NULL ? options->backing_format : "?");
  else if (!quiet)
    g_print (_("“%s” is made: %s, %s (%" PRIu64 " bytes)\n"), file, format, size, options->size);
  return TRUE;
}

int
img_create (const char *const *args)
{
  g_autofree char *format = NULL, *backing = NULL, *backing_format = NULL;
  g_auto (GStrv) lists = NULL, words = NULL;
  gboolean quiet = FALSE, unsafe = FALSE;
  const GOptionEntry entries[] = {
    ENTRY ('f', "format", STRING, &format, N_("The format: raw (the default) or qcow2"), "FORMAT"),
    ENTRY ('b', "backing", STRING, &backing, N_("Based on this image: only what is different is kept"), "FILE"),
    ENTRY ('F', "backing-format", STRING, &backing_format, N_("The format of that image"), "FORMAT"),
    ENTRY ('o', "options", STRING_ARRAY, &lists, N_("cluster_size, compat, refcount_bits, lazy_refcounts, compression_type, preallocation, …"), "KEY=VALUE,…"),
    ENTRY ('u', "unsafe", NONE, &unsafe, N_("Do not look at what it is based on"), NULL),
    ENTRY ('q', "quiet", NONE, &quiet, N_("Say nothing but errors"), NULL),
    END_OF_ENTRIES,
  };
  const ImgCommand command = { "create", _("FILE [SIZE]"), _("Makes an image."), entries, 1, 2 };
  AsternDiskFileOptions options = { .size = G_MAXUINT64 };
  g_autoptr (GHashTable) strings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GError) error = NULL;
  int status;

  words = img_parse (&command, args, &status);
  if (words == NULL)
    return status;
  if (!img_parse_options (lists, &options, strings, &error) ||
      (words[1] != NULL && !img_parse_size (words[1], &options.size, &error)))
    return img_fail (error, IMG_FAILED);
  options.backing = backing != NULL ? backing : g_hash_table_lookup (strings, "backing_file");
  options.backing_format = backing_format != NULL ? backing_format : g_hash_table_lookup (strings, "backing_fmt");
  if (!create (words[0], format != NULL ? format : "raw", &options, unsafe, quiet, &error))
    return img_fail (error, IMG_FAILED);
  return IMG_OK;
}

/* "+1G", "-512M" or "20G". */
static gboolean
new_size (const char *text, guint64 old, guint64 *size, GError **error)
{
  guint64 number;

  if (!img_parse_size (text[0] == '+' || text[0] == '-' ? text + 1 : text, &number, error))
    return FALSE;
  if (text[0] == '-' && number >= old)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The disk has only %" PRIu64 " bytes."), old);
      return FALSE;
    }
  *size = text[0] == '+' ? old + number : text[0] == '-' ? old - number : number;
  *size = (*size + 511) & ~G_GUINT64_CONSTANT (511);
  return TRUE;
}

static gboolean
resize (const char *name, const char *format, const char *text, gboolean shrinks, gboolean quiet, GError **error)
{
  AsternDiskFile *file = astern_disk_file_open (name, format, ASTERN_DISK_FILE_WRITE, error);
  gboolean good;
  guint64 size = 0;

  if (file == NULL)
    return FALSE;
  if (astern_disk_file_warning (file) != NULL)
    astern_complain (astern_disk_file_warning (file));
  good = new_size (text, astern_disk_file_size (file), &size, error);
  if (good && size < astern_disk_file_size (file) && !shrinks)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("That would make the disk smaller, and what is at its end would be lost.  “--shrink” allows it."));
      good = FALSE;
    }
  good = good && astern_disk_file_resize (file, size, error);
  if (!astern_disk_file_close (file, good ? error : NULL) || !good)
    return FALSE;
  if (!quiet)
    g_print (_("The disk has %" PRIu64 " bytes now.\n"), size);
  return TRUE;
}

int
img_resize (const char *const *args)
{
  g_autofree char *format = NULL;
  g_auto (GStrv) words = NULL;
  gboolean quiet = FALSE, shrinks = FALSE;
  const GOptionEntry entries[] = {
    ENTRY ('f', "format", STRING, &format, N_("The image’s format"), "FORMAT"),
    ENTRY (0, "shrink", NONE, &shrinks, N_("The disk may become smaller"), NULL),
    ENTRY ('q', "quiet", NONE, &quiet, N_("Say nothing but errors"), NULL),
    END_OF_ENTRIES,
  };
  const ImgCommand command = { "resize", _("FILE [+|-]SIZE"), _("Makes the disk in an image larger or smaller."), entries, 2, 2 };
  g_autoptr (GPtrArray) guarded = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  int status;

  /* "-512M" is no option. */
  for (; *args != NULL; args++)
    g_ptr_array_add (guarded, (*args)[0] == '-' && g_ascii_isdigit ((*args)[1]) ? g_strdup_printf ("\001%s", *args) : g_strdup (*args));
  g_ptr_array_add (guarded, NULL);
  words = img_parse (&command, (const char *const *) guarded->pdata, &status);
  if (words == NULL)
    return status;
  if (!resize (words[0], format, words[1] + (words[1][0] == '\001'), shrinks, quiet, &error))
    return img_fail (error, IMG_FAILED);
  return IMG_OK;
}
