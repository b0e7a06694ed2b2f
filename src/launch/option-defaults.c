/* option-defaults.c - what a machine has without being asked for, and where drives are that do not say so.
 * Source: QEMU's manual, "Invocation", -nodefaults, -drive. */
#include "config.h"

#include "launch/option-parsers.h"

#include <glib/gi18n.h>

enum { NO_INDEX = -1, CDROM_INDEX = 2 };

static gboolean
is_ide (const AsternDriveItem *drive)
{
  return drive->interface == ASTERN_IF_DEFAULT || drive->interface == ASTERN_IF_IDE;
}

/* Of the bus of a board's own controller; SATA has a drive a port. */
static gint
units_of (const AsternLaunchOptions *options, const AsternDriveItem *drive)
{
  return is_ide (drive) ? (options->q35 ? 1 : 2) : drive->interface == ASTERN_IF_SCSI ? 7 : G_MAXINT;
}

/* What the board's own controller has; 0: it is not the board's, or there is no end. */
static gint
places_of (const AsternLaunchOptions *options, const AsternDriveItem *drive)
{
  return is_ide (drive) ? (options->q35 ? 6 : 4) : drive->interface == ASTERN_IF_FLOPPY ? 2 : 0;
}

static gint
index_of (const AsternLaunchOptions *options, const AsternDriveItem *drive)
{
  gint units = units_of (options, drive);

  if (drive->index >= 0 || drive->unit < 0)
    return drive->index;
  return MAX (drive->bus, 0) * (units < G_MAXINT ? units : 0) + drive->unit;
}

static gboolean
is_taken (const AsternLaunchOptions *options, const AsternDriveItem *by, gint index)
{
  for (guint i = 0; i < options->drives->len; i++)
    {
      const AsternDriveItem *drive = &g_array_index (options->drives, AsternDriveItem, i);

      if ((drive->interface == by->interface || (is_ide (drive) && is_ide (by))) && index_of (options, drive) == index)
        return TRUE;
    }
  return FALSE;
}

/* Those that say nothing, or the bus alone, go to the first places that the others leave, in their order. */
static void
place_drive (const AsternLaunchOptions *options, AsternDriveItem *drive)
{
  gint most = places_of (options, drive), units = units_of (options, drive), index = index_of (options, drive);

  for (gint at = drive->bus > 0 && units < G_MAXINT ? drive->bus * units : 0; index == NO_INDEX && at < most; at++)
    if (!is_taken (options, drive, at))
      index = at;
  if (index == NO_INDEX)
    return;
  drive->index = index;
  drive->bus = units < G_MAXINT ? index / units : 0;
  drive->unit = units < G_MAXINT ? index % units : index;
}

static void
place_drives (const AsternLaunchOptions *options)
{
  for (guint i = 0; i < options->drives->len; i++)
    place_drive (options, &g_array_index (options->drives, AsternDriveItem, i));
}

/* A device that stands for what there would be by default. */
static gboolean
has_device (const AsternLaunchOptions *options, const char *const *drivers)
{
  for (guint i = 0; i < options->devices->len; i++)
    if (g_strv_contains (drivers, g_array_index (options->devices, AsternDeviceItem, i).driver))
      return TRUE;
  return FALSE;
}

static gboolean
add_empty (AsternLaunchOptions *options, const AsternDriveItem *like, const char *words, const char *const *instead, GError **error)
{
  if (has_device (options, instead) || is_taken (options, like, like->index))
    return TRUE;
  return astern_option_drive (options, "-drive", words, error);
}

/* -machine pflash0=ID is -drive if=pflash,unit=0,id=ID. */
static gboolean
make_flash (AsternLaunchOptions *options, guint unit, GError **error)
{
  const char *id = options->flash[unit];

  for (guint i = 0; id != NULL && i < options->drives->len; i++)
    {
      AsternDriveItem *drive = &g_array_index (options->drives, AsternDriveItem, i);

      if (g_strcmp0 (drive->id, id) != 0)
        continue;
      drive->interface = ASTERN_IF_PFLASH;
      drive->unit = (gint) unit;
      drive->bus = 0;
      return TRUE;
    }
  return id == NULL
         || astern_launch_usage (error, _("-machine pflash%u=%s: there is no drive “%s”; make one with “-drive if=none,id=%s,file=…”."), unit, id, id, id);
}

gboolean
astern_option_drive_defaults (AsternLaunchOptions *options, GError **error)
{
  static const char *const discs[] = { "ide-cd", "ide-hd", "scsi-cd", "scsi-hd", NULL }, *const floppies[] = { "floppy", NULL };
  static const AsternDriveItem cdrom = { .interface = ASTERN_IF_IDE, .index = CDROM_INDEX }, floppy = { .interface = ASTERN_IF_FLOPPY };

  if (!make_flash (options, 0, error) || !make_flash (options, 1, error))
    return FALSE;
  place_drives (options);
  if (options->nodefaults || options->told)
    return TRUE;
  if (!add_empty (options, &cdrom, "if=ide,index=2,media=cdrom", discs, error) ||
      (!options->q35 && !add_empty (options, &floppy, "if=floppy,index=0", floppies, error)))
    return FALSE;
  place_drives (options);
  return TRUE;
}
