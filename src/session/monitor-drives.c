/* monitor-drives.c - disks: what is in which drive, and changing it.
 * Source: `info block`, `info blockstats`, `change` and `eject` are asked as QEMU's are. */
#include "config.h"

#include "session/monitor-private.h"

#include "hw/drive.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)

static const char *
kind_name (AsternDevice *drive)
{
  switch (drive_kind (drive))
    {
    case DRIVE_CDROM:  return _("CD drive");
    case DRIVE_FLOPPY: return _("floppy drive");
    default:           return _("disk");
    }
}

static void
append_drive (GString *answer, const AsternDrives *drives, guint n)
{
  AsternDevice *drive = astern_drives_at (drives, n);
  const char *file = astern_drives_file (drives, n);
  g_autofree char *size = g_format_size_full (drive_size (drive), G_FORMAT_SIZE_IEC_UNITS);

  g_string_append_printf (answer, "%s: %s, ", drive->name, kind_name (drive));
  if (drive_is_open (drive))
    g_string_append (answer, _("the tray is open"));
  else if (drive_disk (drive) == NULL)
    g_string_append (answer, _("empty"));
  else
    g_string_append_printf (answer, "%s, %s%s", file != NULL && file[0] != '\0' ? file : astern_disk_name (drive_disk (drive)), size,
                            drive_readonly (drive) ? _(", read-only") : "");
  if (drive_is_locked (drive))
    g_string_append (answer, _(", locked by the guest"));
  g_string_append_c (answer, '\n');
}

COMMAND (info_block)
{
  const AsternDrives *drives = monitor->session->launch->drives;

  for (guint i = 0; i < astern_drives_count (drives); i++)
    append_drive (answer, drives, i);
  return TRUE;
}

COMMAND (info_blockstats)
{
  const AsternDrives *drives = monitor->session->launch->drives;

  for (guint i = 0; i < astern_drives_count (drives); i++)
    {
      DriveCounts counts = drive_counts (astern_drives_at (drives, i));

      g_string_append_printf (answer, "%s: rd_bytes=%" PRIu64 " wr_bytes=%" PRIu64 " rd_operations=%" PRIu64 " wr_operations=%" PRIu64 "\n",
                              astern_drives_at (drives, i)->name, counts.bytes_read, counts.bytes_written, counts.reads, counts.writes);
    }
  return TRUE;
}

COMMAND (change)
{
  const char *rest = argument;
  g_autofree char *id = astern_monitor_word (&rest);
  g_autofree char *file = astern_monitor_word (&rest);
  g_autofree char *format = astern_monitor_word (&rest);

  if (!astern_monitor_may_change (monitor, error))
    return FALSE;
  if (id == NULL || file == NULL)
    return astern_monitor_fail (error, _("Which drive, and which file?  As in “change ide1-cd0 disc.iso”."));
  return astern_drives_change (monitor->session->launch->drives, id, file, format, FALSE, FALSE, error);
}

COMMAND (eject)
{
  const char *rest = argument;
  g_autofree char *id = astern_monitor_word (&rest);
  gboolean force = g_strcmp0 (id, "-f") == 0;

  if (!astern_monitor_may_change (monitor, error))
    return FALSE;
  if (force)
    {
      g_free (id);
      id = astern_monitor_word (&rest);
    }
  if (id == NULL)
    return astern_monitor_fail (error, _("Which drive?  “info block” lists them."));
  return astern_drives_change (monitor->session->launch->drives, id, NULL, NULL, FALSE, force, error);
}

#define N ASTERN_COMPLETES_NOTHING
const AsternMonitorCommand astern_monitor_drives_commands[] = {
  { "info block",      NULL, NULL,                    N_("the drives, and what is in them"), N, info_block },
  { "info blockstats", NULL, NULL,                    N_("what the guest read and wrote on each"), N, info_blockstats },
  { "change",          NULL, N_("DRIVE FILE [FORMAT]"), N_("put a CD or a floppy disk in"), N, change },
  { "eject",           NULL, N_("[-f] DRIVE"),        N_("take it out; -f: even when the guest has locked it"), N, eject },
  { .words = NULL },
};
