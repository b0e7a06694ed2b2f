/* drive - where a disk is put in: fixed, a CD or a floppy.  It has no windows; controllers look into it.
 *
 * A drive knows the media that were ever given to it, in order; which of them is in is state, so that it goes
 * back with the machine.  Media are changed through the door: a packet of DRIVE_PACKET_BYTES at the port of the
 * drive's name with the number of the medium, little-endian; 0: taken out.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   bytes. */
#pragma once

#include "core/device.h"
#include "core/disk.h"

#define DRIVE_PACKET_BYTES 4

extern const AsternDeviceClass drive_class;

typedef enum { DRIVE_DISK, DRIVE_CDROM, DRIVE_FLOPPY } DriveKind;

/* Before power-on. */
void        drive_set_kind    (AsternDevice *drive, DriveKind kind);
DriveKind   drive_kind        (AsternDevice *drive);
void        drive_set_serial  (AsternDevice *drive, const char *serial);
const char *drive_serial      (AsternDevice *drive);     /* never NULL; at most 20 characters */

/* A medium joins the list (borrowed) and gets the number that is returned: 1, 2, ... */
guint       drive_add_medium  (AsternDevice *drive, AsternDisk *disk);
/* Before power-on: it is in from the start. */
void        drive_insert      (AsternDevice *drive, guint medium);
guint       drive_medium      (AsternDevice *drive);     /* which is in; 0: none */
guint       drive_media       (AsternDevice *drive);     /* how many it knows */
/* AsternInputFunc, for the door. */
void        drive_input       (gpointer drive, gconstpointer data, gsize size);

/* The controller's ways.  @changed: a medium was put in or taken out, or asked to be taken out while it is locked. */
void        drive_connect     (AsternDevice *drive, void (*changed) (gpointer controller, AsternDevice *drive), gpointer controller);
void        drive_lock        (AsternDevice *drive, gboolean locked);
gboolean    drive_is_locked   (AsternDevice *drive);
void        drive_eject       (AsternDevice *drive, gboolean open);   /* the guest opens or closes the tray; closed again, the medium is in again */
gboolean    drive_is_open     (AsternDevice *drive);

/* (nullable): nothing in it. */
AsternDisk *drive_disk        (AsternDevice *drive);
/* Of what is in; 0: nothing. */
guint64     drive_size        (AsternDevice *drive);
gboolean    drive_readonly    (AsternDevice *drive);     /* also for CDs */
/* For people, since power-on. */
typedef struct { guint64 reads, writes, bytes_read, bytes_written; } DriveCounts;
DriveCounts drive_counts      (AsternDevice *drive);

gboolean    drive_read        (AsternDevice *drive, guint64 offset, gpointer data, gsize size);
gboolean    drive_write       (AsternDevice *drive, guint64 offset, gconstpointer data, gsize size);
gboolean    drive_zero        (AsternDevice *drive, guint64 offset, guint64 size);
void        drive_flush       (AsternDevice *drive);
