/* drives.c - see drives.h. */
#include "config.h"

#include "launch/drives.h"

#include "host/images/disk-file.h"
#include "host/images/store.h"
#include "hw/drive.h"
#include "launch/suboptions.h"

#include <glib/gi18n.h>

#define SPARE_BYTES (G_GUINT64_CONSTANT (16) << 30)     /* of address space, for media that are put in later */

typedef struct
{
  const AsternDriveItem *item;
  char                  *id;
  AsternDevice          *device;      /* the machine's */
  gboolean               has_image;   /* the first medium's: owned until there is a disk */
  AsternDiskImage        image;
  GPtrArray             *disks;       /* AsternDisk, one a medium */
  GPtrArray             *files;       /* char *, likewise */
  guint                  port;
} Drive;

struct _AsternDrives
{
  const AsternLaunchOptions *options;
  AsternMachine             *machine;
  GPtrArray                 *list;    /* Drive */
};

static void
free_drive (gpointer data)
{
  Drive *drive = data;

  if (drive->has_image && drive->image.free != NULL)
    drive->image.free (drive->image.user);
  for (guint i = 0; i < drive->disks->len; i++)
    astern_disk_free (g_ptr_array_index (drive->disks, i));
  g_ptr_array_unref (drive->disks);
  g_ptr_array_unref (drive->files);
  g_free (drive->id);
  g_free (drive);
}

static Drive *
drive_at (const AsternDrives *drives, guint n)
{
  return g_ptr_array_index (drives->list, n);
}

static Drive *
find (const AsternDrives *drives, const char *id)
{
  for (guint i = 0; i < drives->list->len; i++)
    if (g_str_equal (drive_at (drives, i)->id, id))
      return drive_at (drives, i);
  return NULL;
}

/* ---- opening ---- */

/* What is not to be written is opened to be read, so that nobody else is kept from it. */
static gboolean
open_file (const char *spec, const char *format, gboolean readonly, AsternDiskImage *image, GError **error)
{
  AsternDiskFile *file = astern_disk_file_open (spec, format, readonly ? 0 : ASTERN_DISK_FILE_WRITE, error);

  if (file == NULL)
    return FALSE;
  if (astern_disk_file_warning (file) != NULL)
    g_printerr ("astern: %s\n", astern_disk_file_warning (file));
  astern_disk_file_to_image (file, image);
  return TRUE;
}

static gboolean
open_image (const AsternDrives *drives, const Drive *drive, guint number, const char *file, const char *format, gboolean readonly,
            AsternDiskImage *image, GError **error)
{
  if (drives->options->disk != NULL)
    return drives->options->disk (drives->options->disk_user, drive->id, number, image, error);
  return open_file (file, format, readonly, image, error);
}

/* QEMU's names of drives that have no id. */
static char *
make_id (const AsternDrives *drives, const AsternDriveItem *item)
{
  static const char *const names[] = {
    [ASTERN_IF_DEFAULT] = "ide", [ASTERN_IF_IDE] = "ide", [ASTERN_IF_FLOPPY] = "floppy", [ASTERN_IF_VIRTIO] = "virtio",
    [ASTERN_IF_SCSI] = "scsi", [ASTERN_IF_PFLASH] = "pflash", [ASTERN_IF_NONE] = "none",
  };
  gboolean buses = item->interface <= ASTERN_IF_IDE || item->interface == ASTERN_IF_SCSI;
  char *id;

  if (item->id != NULL)
    return g_strdup (item->id);
  id = buses ? g_strdup_printf ("%s%d-%s%d", names[item->interface], MAX (item->bus, 0), item->cdrom ? "cd" : "hd", MAX (item->unit, 0))
             : g_strdup_printf ("%s%d", names[item->interface], MAX (item->unit, 0));
  for (guint i = 2; find (drives, id) != NULL; i++)
    {
      g_free (id);
      id = g_strdup_printf ("%s%u", names[item->interface], i);
    }
  return id;
}

/* Floppies, CDs and what is read-only stay so. */
static gboolean
open_first (AsternDrives *drives, Drive *drive, GError **error)
{
  const AsternDriveItem *item = drive->item;
  gboolean keep = item->snapshot || drives->options->snapshot;

  if (item->file == NULL || item->file[0] == '\0')
    return TRUE;
  drive->has_image = open_image (drives, drive, 1, item->file, item->format, item->cdrom || item->readonly || keep, &drive->image, error);
  return drive->has_image;
}

AsternDrives *
astern_drives_open (const AsternLaunchOptions *options, GError **error)
{
  g_autoptr (AsternDrives) drives = g_new0 (AsternDrives, 1);

  drives->options = options;
  drives->list = g_ptr_array_new_with_free_func (free_drive);
  for (guint i = 0; i < options->drives->len; i++)
    {
      const AsternDriveItem *item = &g_array_index (options->drives, AsternDriveItem, i);
      g_autofree char *id = make_id (drives, item);
      Drive *drive;

      if (find (drives, id) != NULL)
        {
          g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, _("There are two drives “%s”; give each its own id=."), id);
          return NULL;
        }
      drive = g_new0 (Drive, 1);
      drive->item = item;
      drive->id = g_steal_pointer (&id);
      drive->disks = g_ptr_array_new ();
      drive->files = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (drives->list, drive);
      if (!open_first (drives, drive, error))
        return NULL;
    }
  return g_steal_pointer (&drives);
}

void
astern_drives_free (AsternDrives *drives)
{
  if (drives == NULL)
    return;
  g_ptr_array_unref (drives->list);
  g_free (drives);
}

guint64
astern_drives_capacity (const AsternDrives *drives)
{
  guint64 bytes = 0;

  for (guint i = 0; i < drives->list->len; i++)
    if (drive_at (drives, i)->has_image)
      bytes += astern_disk_capacity (&drive_at (drives, i)->image);
  return bytes + (drives->list->len > 0 ? SPARE_BYTES : 0);
}

/* ---- devices ---- */

static char *
disk_name (const Drive *drive, guint number)
{
  return number == 1 ? g_strdup (drive->id) : g_strdup_printf ("%s#%u", drive->id, number);
}

/* A medium of @drive; @image is taken. */
static gboolean
add_medium (AsternDrives *drives, Drive *drive, const AsternDiskImage *image, const char *file, gboolean keep, GError **error)
{
  g_autofree char *name = disk_name (drive, drive->disks->len + 1);
  AsternDisk *disk = astern_disk_new (drives->machine, name, image, keep, error);

  if (disk == NULL)
    return FALSE;
  g_ptr_array_add (drive->disks, disk);
  g_ptr_array_add (drive->files, g_strdup (file));
  drive_add_medium (drive->device, disk);
  return TRUE;
}

/* What a recording has beyond the first. */
static gboolean
add_recorded_media (AsternDrives *drives, Drive *drive, GError **error)
{
  AsternDiskImage image;

  if (drives->options->disk == NULL)
    return TRUE;
  for (guint number = drive->disks->len + 1; drives->options->disk (drives->options->disk_user, drive->id, number, &image, NULL); number++)
    if (!add_medium (drives, drive, &image, "", !image.readonly, error))
      return FALSE;
  return TRUE;
}

static gboolean
make_drive (AsternDrives *drives, Drive *drive, GError **error)
{
  const AsternDriveItem *item = drive->item;
  AsternMachine *machine = drives->machine;
  gboolean keep = item->snapshot || drives->options->snapshot || drives->options->disk != NULL;

  drive->device = astern_device_new (&drive_class, drive->id, machine, &machine->clock);
  astern_machine_add_device (machine, drive->device);
  drive_set_kind (drive->device, item->interface == ASTERN_IF_FLOPPY ? DRIVE_FLOPPY : item->cdrom ? DRIVE_CDROM : DRIVE_DISK);
  if (item->serial != NULL)
    drive_set_serial (drive->device, item->serial);
  drive->port = astern_inputs_add_port (machine->inputs, drive->id, drive_input, drive->device);
  if (!drive->has_image)
    return add_recorded_media (drives, drive, error);
  drive->has_image = FALSE;
  if (!add_medium (drives, drive, &drive->image, item->file, keep && !item->cdrom && !item->readonly, error))
    return FALSE;
  drive_insert (drive->device, 1);
  return add_recorded_media (drives, drive, error);
}

gboolean
astern_drives_make (AsternDrives *drives, AsternMachine *machine, GError **error)
{
  drives->machine = machine;
  astern_disks_set_cache (machine, drives->options->disk_cache_bytes);
  for (guint i = 0; i < drives->list->len; i++)
    if (!make_drive (drives, drive_at (drives, i), error))
      return FALSE;
  return TRUE;
}

guint
astern_drives_count (const AsternDrives *drives)
{
  return drives->list->len;
}

AsternDevice *
astern_drives_at (const AsternDrives *drives, guint n)
{
  return drive_at (drives, n)->device;
}

AsternDevice *
astern_drives_find (const AsternDrives *drives, const char *id)
{
  Drive *drive = find (drives, id);

  return drive != NULL ? drive->device : NULL;
}

const AsternDriveItem *
astern_drives_item (const AsternDrives *drives, guint n)
{
  return drive_at (drives, n)->item;
}

const char *
astern_drives_file (const AsternDrives *drives, guint n)
{
  const Drive *drive = drive_at (drives, n);
  guint medium = drive_medium (drive->device);

  return medium >= 1 && medium <= drive->files->len ? g_ptr_array_index (drive->files, medium - 1) : NULL;
}

/* ---- other media ---- */

static gboolean
refuse (GError **error, const char *format, const char *id)
{
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, format, id);
  return FALSE;
}

gboolean
astern_drives_change (AsternDrives *drives, const char *id, const char *file, const char *format, gboolean readonly, gboolean force,
                      GError **error)
{
  Drive *drive = find (drives, id);
  AsternDiskImage image;
  guint32 packet = 0;

  if (drive == NULL)
    return refuse (error, _("There is no drive “%s”; “info block” lists them."), id);
  if (drive_kind (drive->device) == DRIVE_DISK)
    return refuse (error, _("The medium of “%s” cannot be changed: it is a fixed disk."), id);
  if (drive_is_locked (drive->device) && !force)
    return refuse (error, _("The guest has locked the medium in “%s”; “eject -f” takes it out nevertheless."), id);
  if (drives->options->disk != NULL)
    return refuse (error, _("The medium of “%s” cannot be changed in a replay."), id);
  if (file != NULL)
    {
      guint number = drive->disks->len + 1;
      gboolean cdrom = drive_kind (drive->device) == DRIVE_CDROM;

      if (!open_image (drives, drive, number, file, format, readonly || cdrom, &image, error)
          || !add_medium (drives, drive, &image, file, drives->options->snapshot && !cdrom && !readonly, error))
        return FALSE;
      packet = GUINT32_TO_LE (number);
    }
  astern_inputs_submit (drives->machine->inputs, drive->port, &packet, sizeof packet);
  return TRUE;
}

/* ---- for a saved state ---- */

char *
astern_drives_first (const AsternDrives *drives, guint n)
{
  const char *file = drive_at (drives, n)->item->file;

  return file == NULL || file[0] == '\0' || astern_store_has_scheme (file) ? g_strdup (file) : g_canonicalize_filename (file, NULL);
}

static char *
words_of (const Drive *drive, guint number, gboolean readonly)
{
  const char *given = g_ptr_array_index (drive->files, number);
  g_autofree char *absolute = astern_store_has_scheme (given) ? g_strdup (given) : g_canonicalize_filename (given, NULL);
  g_autofree char *id = astern_suboption_quoted (drive->id);
  g_autofree char *file = astern_suboption_quoted (absolute);

  return g_strdup_printf ("drive=%s,readonly=%s,file=%s", id, readonly ? "on" : "off", file);
}

/* NULL: it was there from the start. */
static char *
words_for (const AsternDrives *drives, const AsternDisk *disk)
{
  for (guint i = 0; i < drives->list->len; i++)
    {
      const Drive *drive = drive_at (drives, i);
      gboolean has_first = drive->item->file != NULL && drive->item->file[0] != '\0';
      guint number;

      if (g_ptr_array_find (drive->disks, disk, &number) && number >= (guint) has_first)
        return words_of (drive, number, astern_disk_readonly (disk));
    }
  return NULL;
}

GPtrArray *
astern_drives_later (const AsternDrives *drives)
{
  GPtrArray *later = g_ptr_array_new_with_free_func (g_free);
  const GPtrArray *disks = drives->machine->disks;

  for (guint i = 0; i < disks->len; i++)
    {
      char *words = words_for (drives, g_ptr_array_index (disks, i));

      if (words != NULL)
        g_ptr_array_add (later, words);
    }
  return later;
}

static const char *
value_of (const GArray *items, const char *key)
{
  for (guint i = 0; i < items->len; i++)
    if (g_str_equal (g_array_index (items, AsternSuboption, i).key, key))
      return g_array_index (items, AsternSuboption, i).value;
  return NULL;
}

gboolean
astern_drives_restore (AsternDrives *drives, const char *words, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (words, "drive");
  const char *id = value_of (items, "drive"), *file = value_of (items, "file");
  Drive *drive = id != NULL ? find (drives, id) : NULL;
  gboolean snapshot = drives->options->snapshot, readonly;
  AsternDiskImage image;

  if (drive == NULL || file == NULL || drive_kind (drive->device) == DRIVE_DISK)
    return refuse (error, _("The state tells of a medium for a drive that the machine has not: “%s”; it is damaged."), words);
  readonly = g_strcmp0 (value_of (items, "readonly"), "on") == 0 || drive_kind (drive->device) == DRIVE_CDROM;
  return open_image (drives, drive, drive->disks->len + 1, file, NULL, readonly || snapshot, &image, error) &&
         add_medium (drives, drive, &image, file, snapshot && !readonly, error);
}
