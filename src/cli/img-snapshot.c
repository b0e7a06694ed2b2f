/* img-snapshot.c - `astern img snapshot`. */
#include "config.h"

#include "cli/img.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#define ENTRY(letter, name, kind, where, text, argument) { name, letter, 0, G_OPTION_ARG_##kind, where, text, argument }
#define END_OF_ENTRIES { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL }

static void
print_snapshots (GPtrArray *snapshots)
{
  if (snapshots->len == 0)
    return;
  g_print ("%-6s %-24s %10s %20s %14s\n", _("ID"), _("Name"), _("VM state"), _("Date"), _("VM clock"));
  for (guint i = 0; i < snapshots->len; i++)
    {
      const AsternDiskSnapshot *s = g_ptr_array_index (snapshots, i);
      g_autoptr (GDateTime) date = g_date_time_new_from_unix_local ((gint64) s->date_s);
      g_autofree char *when = date != NULL ? g_date_time_format (date, "%Y-%m-%d %H:%M:%S") : NULL, *size = img_size (s->vm_state_size);
      guint64 ms = s->vm_clock_ns / 1000000;

      g_print ("%-6s %-24s %10s %20s %02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ".%03" PRIu64 "\n", s->id, s->name, size,
               when != NULL ? when : "", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
    }
}

static gboolean
list (const char *name, const char *format, gboolean shared, GError **error)
{
  g_autoptr (AsternDiskFile) file =
    astern_disk_file_open (name, format, ASTERN_DISK_FILE_NO_BACKING | (shared ? ASTERN_DISK_FILE_SHARED : 0), error);
  g_autoptr (GPtrArray) snapshots = file != NULL ? astern_disk_file_snapshots (file, error) : NULL;

  if (snapshots == NULL)
    return FALSE;
  print_snapshots (snapshots);
  return TRUE;
}

static gboolean
change (const char *name, const char *format, const char *create, const char *apply, const char *delete, GError **error)
{
  AsternDiskFile *file = astern_disk_file_open (name, format, ASTERN_DISK_FILE_WRITE, error);
  gint64 now_us = g_get_real_time ();
  gboolean good;

  if (file == NULL)
    return FALSE;
  if (create != NULL)
    good = astern_disk_file_snapshot_create (file, create, (guint64) (now_us / G_USEC_PER_SEC),
                                             (guint32) (now_us % G_USEC_PER_SEC) * 1000, error);
  else if (apply != NULL)
    good = astern_disk_file_snapshot_apply (file, apply, error);
  else
    good = astern_disk_file_snapshot_delete (file, delete, error);
  return astern_disk_file_close (file, good ? error : NULL) && good;
}

int
img_snapshot (const char *const *args)
{
  g_autofree char *format = NULL, *create = NULL, *apply = NULL, *delete = NULL;
  g_auto (GStrv) words = NULL;
  gboolean lists = FALSE, shared = FALSE, quiet = FALSE;
  const GOptionEntry entries[] = {
    ENTRY ('l', "list", NONE, &lists, N_("List the snapshots (the default)"), NULL),
    ENTRY ('c', "create", STRING, &create, N_("Take one of the disk as it is"), "NAME"),
    ENTRY ('a', "apply", STRING, &apply, N_("Make the disk what it was then; what it is now is lost"), "NAME"),
    ENTRY ('d', "delete", STRING, &delete, N_("Delete one"), "NAME"),
    ENTRY ('f', "format", STRING, &format, N_("The image’s format"), "FORMAT"),
    ENTRY ('U', "force-share", NONE, &shared, N_("Although another program may be writing it"), NULL),
    ENTRY ('q', "quiet", NONE, &quiet, N_("Say nothing but errors"), NULL),
    END_OF_ENTRIES,
  };
  const ImgCommand command = { "snapshot", _("FILE"), _("Snapshots inside a qcow2 image."), entries, 1, 1 };
  g_autoptr (GError) error = NULL;
  int status;

  words = img_parse (&command, args, &status);
  if (words == NULL)
    return status;
  if ((create != NULL) + (apply != NULL) + (delete != NULL) + lists > 1)
    {
      astern_complain (_("One of -l, -c, -a and -d at a time."));
      return IMG_FAILED;
    }
  if (!(create != NULL || apply != NULL || delete != NULL ? change (words[0], format, create, apply, delete, &error)
                                                          : list (words[0], format, shared, &error)))
    return img_fail (error, IMG_FAILED);
  return IMG_OK;
}
