/* disk-file - a disk's content in an image of any format, with the images that it is based on.
 *
 *     AsternDiskFile *file = astern_disk_file_open ("disk.qcow2", NULL, ASTERN_DISK_FILE_WRITE, &error);
 *
 *     if (file != NULL)
 *       astern_disk_file_to_image (file, &image);           and astern_disk_new (machine, name, &image, …)
 *
 * Threads: one at a time for each chain of images.
 * Units:   bytes. */
#pragma once

#include "core/disk.h"

typedef struct _AsternDiskFile AsternDiskFile;

typedef enum
{
  ASTERN_DISK_FILE_WRITE      = 1 << 0,
  ASTERN_DISK_FILE_SHARED     = 1 << 1,   /* takes no locks: what is read may be changing */
  ASTERN_DISK_FILE_NO_BACKING = 1 << 2,   /* what it is based on is not opened, and reads as zeros */
  ASTERN_DISK_FILE_REPAIR     = 1 << 3,   /* to be checked: a dirty or corrupt one may be opened, too */
} AsternDiskFileFlags;

/* @spec: as astern_store_open() has it.  @format: (nullable) told from the content. */
AsternDiskFile *astern_disk_file_open     (const char *spec, const char *format, AsternDiskFileFlags flags,
                                           GError **error);
/* Frees @file in either case; FALSE: not all that was written is in the image. */
gboolean        astern_disk_file_close    (AsternDiskFile *file, GError **error);
void            astern_disk_file_free     (AsternDiskFile *file);      /* the same, for who cannot do anything about it */

/* For core's disks.  @image owns @file then. */
void            astern_disk_file_to_image (AsternDiskFile *file, AsternDiskImage *image);

const char     *astern_disk_file_spec     (const AsternDiskFile *file);
const char     *astern_disk_file_format   (const AsternDiskFile *file);   /* "raw", "qcow2", … */
guint64         astern_disk_file_size     (const AsternDiskFile *file);
gboolean        astern_disk_file_readonly (const AsternDiskFile *file);
/* (nullable) Something to tell the user once: a format that was guessed. */
const char     *astern_disk_file_warning  (const AsternDiskFile *file);
/* (nullable) What it is based on; NULL as well when that was not opened. */
AsternDiskFile *astern_disk_file_backing  (const AsternDiskFile *file);
/* (nullable) As the image names it, and how it is to be opened. */
const char     *astern_disk_file_backing_name   (const AsternDiskFile *file);
const char     *astern_disk_file_backing_format (const AsternDiskFile *file);
/* (nullable) @name from the sight of @file's folder. */
char           *astern_disk_file_backing_spec   (const AsternDiskFile *file);
/* What the file takes up on the host. */
guint64         astern_disk_file_room     (const AsternDiskFile *file);
/* Of a dirty or corrupt image opened with REPAIR. */
gboolean        astern_disk_file_is_dirty   (const AsternDiskFile *file);
gboolean        astern_disk_file_is_corrupt (const AsternDiskFile *file);

/* [offset, offset + size) is inside, but for a read's end, which gives zeros. */
gboolean        astern_disk_file_read     (AsternDiskFile *file, guint64 offset, gpointer data, gsize size,
                                           GError **error);
gboolean        astern_disk_file_write    (AsternDiskFile *file, guint64 offset, gconstpointer data, gsize size,
                                           GError **error);
/* Reads as zeros from now on; the host gets room back where it can be. */
gboolean        astern_disk_file_zero     (AsternDiskFile *file, guint64 offset, guint64 size, GError **error);
/* All that was written before is in the image, whatever happens to the host. */
gboolean        astern_disk_file_flush    (AsternDiskFile *file, GError **error);
gboolean        astern_disk_file_resize   (AsternDiskFile *file, guint64 size, GError **error);

/* A stretch of the disk that is alike. */
typedef struct
{
  guint64     length;
  guint       depth;          /* 0: in the image itself, 1: in what it is based on, … */
  gboolean    present;        /* some image of the chain says what is there */
  gboolean    zero;           /* reads as zeros */
  gboolean    data;           /* has bytes in a file */
  gboolean    compressed;
  gboolean    placed;         /* @offset of @file_name has them as they are */
  guint64     offset;
  const char *file_name;      /* borrowed */
} AsternDiskFileExtent;

/* @depth_limit: how many images of the chain are looked at; 0: all. */
gboolean        astern_disk_file_map      (AsternDiskFile *file, guint64 offset, guint64 length, guint depth_limit,
                                           AsternDiskFileExtent *extent, GError **error);

/* What is particular to the format, for people and programs: "cluster-size" (t), …; a{sv}. */
GVariant       *astern_disk_file_details  (AsternDiskFile *file);
guint64         astern_disk_file_cluster_size (AsternDiskFile *file);     /* 0: no clusters */

typedef struct
{
  guint64  corruptions, leaks, errors;            /* found, and still there */
  guint64  corruptions_fixed, leaks_fixed;
  guint64  clusters, allocated, compressed, fragmented, image_end;
} AsternDiskFileCheck;

typedef enum
{
  ASTERN_REPAIR_LEAKS  = 1 << 0,
  ASTERN_REPAIR_ERRORS = 1 << 1,
} AsternRepair;

/* @say: (nullable) told each finding.  FALSE: it could not be checked. */
gboolean        astern_disk_file_check    (AsternDiskFile *file, AsternRepair repair,
                                           void (*say) (gpointer user, const char *finding), gpointer user,
                                           AsternDiskFileCheck *result, GError **error);

/* Snapshots inside the image. */
typedef struct
{
  char    *id, *name;
  guint64  vm_state_size, disk_size, date_s, vm_clock_ns, icount;
  guint32  date_ns;
} AsternDiskSnapshot;

void            astern_disk_snapshot_free        (AsternDiskSnapshot *snapshot);
/* AsternDiskSnapshot, in order; empty for formats without. */
GPtrArray      *astern_disk_file_snapshots       (AsternDiskFile *file, GError **error);
/* @date_s: the host's time. */
gboolean        astern_disk_file_snapshot_create (AsternDiskFile *file, const char *name, guint64 date_s, guint32 date_ns,
                                                  GError **error);
/* @name: a name, or an id.  Apply: the disk is as it was then. */
gboolean        astern_disk_file_snapshot_apply  (AsternDiskFile *file, const char *name, GError **error);
gboolean        astern_disk_file_snapshot_delete (AsternDiskFile *file, const char *name, GError **error);
/* Of a file that is open to be read: from now on the disk as it was then is read. */
gboolean        astern_disk_file_snapshot_show   (AsternDiskFile *file, const char *name, GError **error);

/* Writes another name of what the image is based on into it, no more; (nullable) @name: it is based on nothing. */
gboolean        astern_disk_file_set_backing     (AsternDiskFile *file, const char *name, const char *format, GError **error);
/* The image has nothing to say any more: what it is based on shows through everywhere. */
gboolean        astern_disk_file_empty           (AsternDiskFile *file, GError **error);
/* Opens @spec as what the image is based on, in place of what it was based on. */
gboolean        astern_disk_file_open_backing    (AsternDiskFile *file, const char *spec, const char *format,
                                                  AsternDiskFileFlags flags, GError **error);

/* A whole cluster at @offset, compressed if that is shorter. */
gboolean        astern_disk_file_write_compressed (AsternDiskFile *file, guint64 offset, gconstpointer data, gsize size,
                                                   GError **error);

typedef struct
{
  guint64     size;
  const char *backing;            /* (nullable) */
  const char *backing_format;     /* (nullable) */
  guint64     cluster_size;       /* 0: 64 KiB */
  guint       version;            /* qcow2: 2 or 3; 0: 3 */
  guint       refcount_bits;      /* 0: 16 */
  gboolean    lazy_refcounts;
  gboolean    zstd;
  enum { ASTERN_PREALLOCATE_OFF, ASTERN_PREALLOCATE_METADATA, ASTERN_PREALLOCATE_FALLOC, ASTERN_PREALLOCATE_FULL } preallocate;
} AsternDiskFileOptions;

/* "raw" and "qcow2"; the file is emptied first.  A @backing is not looked at. */
gboolean        astern_disk_file_create   (const char *spec, const char *format, const AsternDiskFileOptions *options,
                                           GError **error);

/* Of the formats, NULL-terminated. */
const char *const *astern_disk_file_formats (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternDiskFile, astern_disk_file_free)
