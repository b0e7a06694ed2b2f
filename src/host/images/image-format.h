/* image-format - what disk-file.c asks of a format.  Private to this folder.
 *
 * A format that is only read has open(), close() and extent(), and read_packed() when it compresses.
 *
 * Threads: one at a time for each chain of images.
 * Units:   bytes. */
#pragma once

#include "host/images/disk-file.h"
#include "host/images/store.h"

#include <inttypes.h>
#include <string.h>

#define ASTERN_IMAGE_HEAD_BYTES 4096       /* what a probe sees; zeros behind the end */
#define ASTERN_IMAGE_MAX_SIZE   (G_GUINT64_CONSTANT (1) << 61)

typedef enum
{
  ASTERN_EXTENT_ABSENT,      /* the image has nothing to say: what it is based on does */
  ASTERN_EXTENT_ZERO,
  ASTERN_EXTENT_DATA,        /* at @place of @store */
  ASTERN_EXTENT_PACKED,      /* read_packed() gets it */
} AsternExtentKind;

typedef struct
{
  AsternExtentKind  kind;
  guint64           size;    /* from the offset on; at least 1 */
  AsternStore      *store;   /* borrowed */
  guint64           place;
  gboolean          placed;  /* of ZERO: there is room for it at @place */
} AsternExtent;

typedef struct
{
  const char *name;                 /* as after -f */
  /* (nullable) @head is of ASTERN_IMAGE_HEAD_BYTES.  How sure it is, 0..100. */
  int      (*probe)        (const guint8 *head, AsternStore *store);
  gboolean (*open)         (AsternDiskFile *file, GError **error);   /* sets size, own, …; close() also after a failure */
  void     (*close)        (AsternDiskFile *file);                   /* (nullable) frees own, which may be NULL */
  /* @offset < file->size.  Of @extent, size is what is asked for: no more needs to be looked at. */
  gboolean (*extent)       (AsternDiskFile *file, guint64 offset, AsternExtent *extent, GError **error);
  gboolean (*read_packed)  (AsternDiskFile *file, guint64 offset, gpointer data, gsize size, GError **error);

  /* (nullable) all of them: it is only read */
  gboolean (*write)        (AsternDiskFile *file, guint64 offset, gconstpointer data, gsize size, GError **error);
  gboolean (*zero)         (AsternDiskFile *file, guint64 offset, guint64 size, GError **error);
  gboolean (*flush)        (AsternDiskFile *file, GError **error);
  gboolean (*resize)       (AsternDiskFile *file, guint64 size, GError **error);
  gboolean (*empty)        (AsternDiskFile *file, GError **error);
  gboolean (*write_packed) (AsternDiskFile *file, guint64 offset, gconstpointer data, gsize size, GError **error);
  gboolean (*create)       (AsternStore *store, const AsternDiskFileOptions *options, GError **error);
  gboolean (*set_backing)  (AsternDiskFile *file, const char *name, const char *format, GError **error);
  gboolean (*check)        (AsternDiskFile *file, AsternRepair repair, void (*say) (gpointer, const char *), gpointer user,
                            AsternDiskFileCheck *result, GError **error);
  void     (*details)      (AsternDiskFile *file, GVariantDict *details);
  guint64  (*room)         (AsternDiskFile *file);

  gboolean (*snapshots)       (AsternDiskFile *file, GPtrArray *snapshots, GError **error);
  gboolean (*snapshot_create) (AsternDiskFile *file, const char *name, guint64 date_s, guint32 date_ns, GError **error);
  gboolean (*snapshot_apply)  (AsternDiskFile *file, guint index, GError **error);
  gboolean (*snapshot_delete) (AsternDiskFile *file, guint index, GError **error);
  gboolean (*snapshot_show)   (AsternDiskFile *file, guint index, GError **error);
} AsternImageFormat;

struct _AsternDiskFile
{
  const AsternImageFormat *format;
  AsternStore             *store;            /* owned */
  AsternDiskFile          *backing;          /* owned, or NULL */
  char                    *spec;
  char                    *backing_name;     /* as the image has it */
  char                    *backing_format;
  char                    *warning;
  guint64                  size;
  guint64                  cluster_size;     /* 0: none */
  AsternDiskFileFlags      flags;
  gboolean                 dirty, corrupt;
  gboolean                 guessed;          /* raw because it looked like nothing else */
  gpointer                 own;              /* the format's */
};

extern const AsternImageFormat astern_raw_format;
extern const AsternImageFormat astern_qcow2_format;
extern const AsternImageFormat astern_vmdk_format;
extern const AsternImageFormat astern_vdi_format;
extern const AsternImageFormat astern_vpc_format;
extern const AsternImageFormat astern_vhdx_format;

/* Takes @store, also on failure.  @spec is what relative names are seen from. */
AsternDiskFile *astern_disk_file_new  (AsternStore *store, const char *spec, const char *format, AsternDiskFileFlags flags,
                                       GError **error);
gboolean        astern_image_create   (AsternStore *store, const char *format, const AsternDiskFileOptions *options,
                                       GError **error);
/* @name from the sight of @base's folder. */
char           *astern_image_relative (const char *base, const char *name);
/* FALSE, with the sentence. */
gboolean        astern_image_fail     (GError **error, int code, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* TRUE if all of it is zero. */
gboolean        astern_image_is_zero  (gconstpointer data, gsize size);

static inline guint16 astern_be16 (gconstpointer p) { guint16 v; memcpy (&v, p, 2); return GUINT16_FROM_BE (v); }
static inline guint32 astern_be32 (gconstpointer p) { guint32 v; memcpy (&v, p, 4); return GUINT32_FROM_BE (v); }
static inline guint64 astern_be64 (gconstpointer p) { guint64 v; memcpy (&v, p, 8); return GUINT64_FROM_BE (v); }
static inline guint16 astern_le16 (gconstpointer p) { guint16 v; memcpy (&v, p, 2); return GUINT16_FROM_LE (v); }
static inline guint32 astern_le32 (gconstpointer p) { guint32 v; memcpy (&v, p, 4); return GUINT32_FROM_LE (v); }
static inline guint64 astern_le64 (gconstpointer p) { guint64 v; memcpy (&v, p, 8); return GUINT64_FROM_LE (v); }
static inline void    astern_put_be16 (gpointer p, guint16 v) { v = GUINT16_TO_BE (v); memcpy (p, &v, 2); }
static inline void    astern_put_be32 (gpointer p, guint32 v) { v = GUINT32_TO_BE (v); memcpy (p, &v, 4); }
static inline void    astern_put_be64 (gpointer p, guint64 v) { v = GUINT64_TO_BE (v); memcpy (p, &v, 8); }
