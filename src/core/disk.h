/* disk - the content of a disk, of the machine's and not of the host's.
 *
 * A disk is memory that comes from an image piece by piece.  Its content lies in a block of the
 * machine's memory (memory.h) as large as the disk, of which only the *present* pages hold it: a page
 * becomes present, read from the image, when it is first written.  What is not present is as it was at
 * the start, and is read from the image.  So a disk goes back with the machine, is saved, recorded and
 * hashed as RAM is, and nothing of that is written here or in a controller.
 *
 * The image is written at the head of the run only: at a flush, and when the disk is freed, all that is
 * dirty goes out.  It is never written to look at the past.  When the run branches in the past, all
 * present pages are dirty.
 *
 * What was written stays in memory as long as there is room (astern_disks_set_cache()).  Then pages that are in the image as well go
 * from memory, those first that were not used lately, and come again when they are asked for.  Nobody sees the difference.
 *
 * Reads and writes take no guest time; a controller completes a request at a guest time that is a
 * function of the request (astern_disk_latency_ns()), and moves the data then.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   bytes. */
#pragma once

#include "core/memory.h"

#include <gio/gio.h>

typedef struct _AsternDisk    AsternDisk;
typedef struct _AsternMachine AsternMachine;

/* What the outside gives: an image.  The functions are called on the machine's thread and may block it, in wall time. */
typedef struct
{
  guint64    size;               /* of the content */
  gboolean   readonly;
  /* [offset, offset + size) is inside.  FALSE: the host could not, with a sentence. */
  gboolean (*read)    (gpointer user, guint64 offset, gpointer data, gsize size, GError **error);
  gboolean (*write)   (gpointer user, guint64 offset, gconstpointer data, gsize size, GError **error);
  /* (nullable) reads as zeros from now on; the host may give the room back. */
  gboolean (*zero)    (gpointer user, guint64 offset, guint64 size, GError **error);
  /* (nullable) all that was written is on stable storage. */
  gboolean (*flush)   (gpointer user, GError **error);
  /* (nullable) Whether what is at @offset is known, without looking at it, to be zeros; @size, of how much it was asked, becomes
   * how much is alike. */
  gboolean (*zeros)   (gpointer user, guint64 offset, guint64 *size);
  void     (*free)    (gpointer user);   /* (nullable) */
  gpointer   user;
} AsternDiskImage;

/* Its block of memory is “NAME.disk”.  The machine must have room for it: astern_disk_capacity() of its memory's capacity.  @image is copied, and owned:
 * freed on failure, too.  @keep: what the guest writes is never written to the image (-snapshot). */
AsternDisk *astern_disk_new        (AsternMachine *machine, const char *name, const AsternDiskImage *image,
                                    gboolean keep, GError **error);
guint64     astern_disk_capacity   (const AsternDiskImage *image);
/* Writes out what is dirty; before the machine is freed. */
void        astern_disk_free       (AsternDisk *disk);

const char *astern_disk_name       (const AsternDisk *disk);
guint64     astern_disk_size       (const AsternDisk *disk);
gboolean    astern_disk_readonly   (const AsternDisk *disk);

/* FALSE: outside of the disk, read-only, or the host could not read (which is an event, too).  Then @data is zeroed by a read. */
gboolean    astern_disk_read       (AsternDisk *disk, guint64 offset, gpointer data, gsize size);
gboolean    astern_disk_write      (AsternDisk *disk, guint64 offset, gconstpointer data, gsize size);
/* Reads as zeros from now on: TRIM, WRITE ZEROES. */
gboolean    astern_disk_zero       (AsternDisk *disk, guint64 offset, guint64 size);
/* At the head, all that was written is in the image when it returns; what the host did not take, which the user is told,
 * is tried again at the next one. */
void        astern_disk_flush      (AsternDisk *disk);

/* ---- for recorders, histories and tests ---- */

/* Told of a page's content as it was at the start, when it is first looked at at the head, and by astern_disk_origins(). */
typedef void (*AsternDiskPageFunc) (gpointer user, AsternDisk *disk, guint64 page, gconstpointer content);

/* One observer for all disks of the machine, those that come later too; NULL: nobody.  It is told at once of what was
 * looked at before. */
void        astern_disks_observe   (AsternMachine *machine, AsternDiskPageFunc seen, gpointer user);
/* All pages that were ever looked at, as they were at the start, in any order. */
gboolean    astern_disk_origins    (AsternDisk *disk, AsternDiskPageFunc visit, gpointer user);
/* The page of memory at @ram is about to be loaded from elsewhere: if it is a disk's, it becomes present, and goes to the image
 * as what a guest writes does. */
void        astern_disks_prepare   (AsternMachine *machine, guint64 ram);
/* Of all disks: what is dirty goes out, before the machine leaves its head. */
void        astern_disks_write_out (AsternMachine *machine);
/* Of all disks: the present is another than what was written out; all that was ever written will be again. */
void        astern_disks_branched  (AsternMachine *machine);

/* From now on all disks of the machine together hold not much more than that in memory, as far as it is in their images;
 * 0: any amount. */
void        astern_disks_set_cache  (AsternMachine *machine, guint64 most_bytes);
guint64     astern_disks_in_memory  (const AsternMachine *machine);

/* ---- for states in files ---- */

#define ASTERN_DISK_SAVED_TYPE "(ttta(tt))"

/* What is dirty goes out.  What is in the state beside the disk's kept pages: a floating reference of ASTERN_DISK_SAVED_TYPE,
 * in which are the size, by what its hash has changed, and of the pages that were ever looked at their hash in the image, and
 * which they are: first and how many.  NULL: the host could not read or write. */
GVariant   *astern_disk_save       (AsternDisk *disk, GError **error);
/* Whether its image has more than the disk has now: behind the head. */
gboolean    astern_disk_is_ahead   (const AsternDisk *disk);
/* Calls @visit for each page that was written and is not in the image, with its place in memory; after astern_disk_save(). */
void        astern_disk_kept       (AsternDisk *disk, void (*visit) (gpointer user, guint64 ram), gpointer user);
/* Before the machine runs, and before its kept pages are put in.  FALSE: its image is not the one that was there, as it was. */
gboolean    astern_disk_load       (AsternDisk *disk, GVariant *saved, GError **error);

/* Guest time that a request of @size bytes takes on a good disk of today. */
guint64     astern_disk_latency_ns (guint64 size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternDisk, astern_disk_free)
