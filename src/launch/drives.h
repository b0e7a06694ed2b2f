/* drives - disk drives and their media, from options.
 *
 * Each -drive is a device “drive” (hw/drive.h) of its id, whose media are disks over images of the host, or, for a replay,
 * over what the recording kept of them.
 *
 * Threads: the thread that runs the machine, while it is stopped. */
#pragma once

#include "launch/options.h"

#include "core/machine.h"

typedef struct _AsternDrives AsternDrives;

/* Opens the images.  No machine is needed yet. */
AsternDrives *astern_drives_open    (const AsternLaunchOptions *options, GError **error);
/* Before the machine is freed: what is dirty goes out. */
void          astern_drives_free    (AsternDrives *drives);

/* For astern_machine_new(): room for the disks, and for media that are put in later. */
guint64       astern_drives_capacity (const AsternDrives *drives);

gboolean      astern_drives_make    (AsternDrives *drives, AsternMachine *machine, GError **error);

/* In the order of the options; names are ids. */
guint         astern_drives_count   (const AsternDrives *drives);
AsternDevice *astern_drives_at      (const AsternDrives *drives, guint n);
AsternDevice *astern_drives_find    (const AsternDrives *drives, const char *id);   /* (nullable) */
const AsternDriveItem *astern_drives_item (const AsternDrives *drives, guint n);
/* (nullable): the image that is in, for people. */
const char   *astern_drives_file    (const AsternDrives *drives, guint n);

/* (nullable) The first medium's image, by a name that is good in any folder. */
char         *astern_drives_first   (const AsternDrives *drives, guint n);
/* Media that were put in since power-on, as words for astern_drives_restore(), in the order in which they came. */
GPtrArray    *astern_drives_later   (const AsternDrives *drives);
/* They are there again, so that a saved state has them; before the machine runs. */
gboolean      astern_drives_restore (AsternDrives *drives, const char *words, GError **error);

/* Puts another medium in, or takes it out (@file NULL): through the door, so that it happens when the machine runs.
 * @force: even when the guest has locked it in. */
gboolean      astern_drives_change  (AsternDrives *drives, const char *id, const char *file, const char *format, gboolean readonly,
                                     gboolean force, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternDrives, astern_drives_free)
