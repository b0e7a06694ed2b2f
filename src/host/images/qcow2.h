/* qcow2 - what the parts of the format qcow2 share.  Private to this folder.
 *
 * Order on the disk.  A power cut must leave an image whose tables are right and that holds all that was
 * flushed; clusters that nobody refers to (leaks) are the worst that may be found.  So tables are changed in memory,
 * and qcow2_write_back() writes what has changed in steps with a flush between them:
 *
 *   1  refcount blocks that are new                    (what they count is not referred to yet)
 *   2  the refcount table, refcount blocks, L2 tables that are new; the data was written when it came
 *   3  L2 tables, the L1 table: now the data is referred to
 *   4  refcounts that became smaller: nothing refers to the cluster any more, only now may it be used again
 *
 * A cluster's count is so at any time at least the number of references to it in the file.
 *
 * Source: "Qcow2 Image File Format" (qcow2.txt), versions 2 and 3.
 *
 * Threads: one at a time.
 * Units:   bytes; clusters where it says so. */
#pragma once

#include "host/images/image-format.h"

#define QCOW2_MAGIC        0x514649fbu

#define QCOW2_COPIED       (G_GUINT64_CONSTANT (1) << 63)
#define QCOW2_PACKED       (G_GUINT64_CONSTANT (1) << 62)
#define QCOW2_ZERO         G_GUINT64_CONSTANT (1)
#define QCOW2_OFFSET       G_GUINT64_CONSTANT (0x00fffffffffffe00)

/* incompatible_features */
#define QCOW2_DIRTY        (G_GUINT64_CONSTANT (1) << 0)
#define QCOW2_CORRUPT      (G_GUINT64_CONSTANT (1) << 1)
#define QCOW2_DATA_FILE    (G_GUINT64_CONSTANT (1) << 2)
#define QCOW2_COMPRESSION  (G_GUINT64_CONSTANT (1) << 3)
#define QCOW2_EXTENDED_L2  (G_GUINT64_CONSTANT (1) << 4)
/* compatible_features */
#define QCOW2_LAZY         (G_GUINT64_CONSTANT (1) << 0)
/* autoclear_features */
#define QCOW2_BITMAPS      (G_GUINT64_CONSTANT (1) << 0)

#define QCOW2_MAX_L1_BYTES        (32u << 20)
#define QCOW2_MAX_REFTABLE_BYTES  (8u << 20)
#define QCOW2_MAX_SNAPSHOTS       65536
#define QCOW2_MAX_SNAPSHOTS_BYTES (64u << 20)

/* Offsets in the header. */
enum
{
  QCOW2_HEADER_BACKING_OFFSET     = 8,
  QCOW2_HEADER_SIZE               = 24,
  QCOW2_HEADER_L1_SIZE            = 36,
  QCOW2_HEADER_REFTABLE_OFFSET    = 48,
  QCOW2_HEADER_REFTABLE_CLUSTERS  = 56,
  QCOW2_HEADER_N_SNAPSHOTS        = 60,
  QCOW2_HEADER_SNAPSHOTS_OFFSET   = 64,
  QCOW2_HEADER_V2_BYTES           = 72,
  QCOW2_HEADER_INCOMPATIBLE       = 72,
  QCOW2_HEADER_AUTOCLEAR          = 88,
  QCOW2_HEADER_V3_BYTES           = 104,
  QCOW2_HEADER_COMPRESSION        = 104,
  QCOW2_HEADER_OUR_BYTES          = 112,
};

typedef enum { QCOW2_L2_TABLE, QCOW2_REFCOUNT_BLOCK } Qcow2TableKind;

/* A table of one cluster, as it is in the file. */
typedef struct
{
  guint64         offset;
  guint8         *bytes;
  Qcow2TableKind  kind;
  guint           dirty_from, dirty_to;   /* bytes that are not yet in the file; equal: none */
  gboolean        fresh;                  /* nothing in the file refers to it */
  guint64         used;                   /* when, in uses */
} Qcow2Table;

typedef struct { guint32 type; GBytes *data; } Qcow2Extension;

typedef struct
{
  guint64  l1_offset;
  guint32  l1_size;                       /* entries */
  guint32  vm_state_size_32;
  guint64  disk_size;
  guint32  date_s, date_ns;
  guint64  vm_clock_ns;
  GBytes  *extra;
  char    *id, *name;
} Qcow2Snapshot;

typedef struct
{
  AsternDiskFile *file;
  AsternStore    *store;                  /* the file's */
  guint           version;
  guint           cluster_bits, l2_bits;  /* l2_bits: log2 of a table's entries */
  guint64         cluster_size;
  guint           refcount_order;
  guint64         block_entries;          /* of a refcount block */
  guint64         incompatible, compatible, autoclear;
  guint32         header_bytes;
  gboolean        zstd;
  GArray         *extensions;             /* Qcow2Extension, but for what backing_format says */

  guint64         l1_offset;
  guint32         l1_size;
  guint64        *l1;
  guint32         l1_dirty_from, l1_dirty_to;

  guint64         reftable_offset;
  guint32         reftable_size;          /* entries; whole clusters */
  guint64        *reftable;
  guint32         reftable_dirty_from, reftable_dirty_to;
  gboolean        reftable_moves;         /* its new place is not in the header yet */

  guint32         n_snapshots;
  guint64         snapshots_offset;
  GArray         *snapshots;              /* Qcow2Snapshot; NULL until asked for */
  guint64         snapshots_bytes;        /* of the table in the file */

  GHashTable     *tables;                 /* offset -> Qcow2Table, of which some may go at qcow2_trim() */
  guint64         uses;
  GHashTable     *metadata;               /* cluster numbers, that no guest data may be written to */
  guint64         free_hint;              /* no cluster before it is free */
  GArray         *frees;                  /* guint64: cluster numbers to count down once nothing refers to them */

  guint64         packed_next;            /* where compressed data may go on; 0: nowhere */
  guint64         packed_end;
  guint64         unpacked_entry;         /* whose content is in unpacked; 0: none */
  guint8         *unpacked;
} Qcow2;

static inline guint64 qcow2_clusters (const Qcow2 *s, guint64 bytes)
{
  return (bytes >> s->cluster_bits) + ((bytes & (s->cluster_size - 1)) != 0);
}

/* qcow2.c */
/* FALSE, and the image is marked: it is not written any more. */
gboolean    qcow2_corrupt          (Qcow2 *s, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);
gboolean    qcow2_put_header       (Qcow2 *s, guint offset, gconstpointer bytes, gsize size, GError **error);
gboolean    qcow2_set_incompatible (Qcow2 *s, guint64 features, GError **error);
gboolean    qcow2_load_l1          (Qcow2 *s, guint64 offset, guint32 size, guint64 **l1, GError **error);

/* qcow2-tables.c */
Qcow2Table *qcow2_table            (Qcow2 *s, guint64 offset, Qcow2TableKind kind, GError **error);
/* All zeros, at a cluster that is the caller's. */
Qcow2Table *qcow2_new_table        (Qcow2 *s, guint64 offset, Qcow2TableKind kind);
void        qcow2_table_changed    (Qcow2 *s, Qcow2Table *table, guint from, guint to);
void        qcow2_forget_table     (Qcow2 *s, guint64 offset);
void        qcow2_l1_changed       (Qcow2 *s, guint32 index);
gboolean    qcow2_write_back       (Qcow2 *s, GError **error);
gboolean    qcow2_write_refcounts  (Qcow2 *s, GError **error);
/* No table is held while it is called. */
gboolean    qcow2_trim             (Qcow2 *s, GError **error);
void        qcow2_free_table       (gpointer table);

static inline guint64 qcow2_entry (const Qcow2Table *table, guint index)
{
  return astern_be64 (table->bytes + 8 * index);
}

static inline void qcow2_set_entry (Qcow2 *s, Qcow2Table *table, guint index, guint64 entry)
{
  astern_put_be64 (table->bytes + 8 * index, entry);
  qcow2_table_changed (s, table, 8 * index, 8 * index + 8);
}

/* qcow2-refcounts.c */
guint64     qcow2_max_refcount     (const Qcow2 *s);
gboolean    qcow2_refcount         (Qcow2 *s, guint64 cluster, guint64 *count, GError **error);
gboolean    qcow2_set_refcount     (Qcow2 *s, guint64 cluster, guint64 count, GError **error);
gboolean    qcow2_count_up         (Qcow2 *s, guint64 cluster, GError **error);
/* At once: nothing in the file refers to it any more. */
gboolean    qcow2_count_down       (Qcow2 *s, guint64 cluster, GError **error);
/* After the next write-back. */
void        qcow2_free_later       (Qcow2 *s, guint64 offset, guint64 clusters);
/* Clusters in a row, with a count of one. */
gboolean    qcow2_allocate         (Qcow2 *s, guint64 clusters, guint64 *offset, GError **error);
void        qcow2_is_metadata      (Qcow2 *s, guint64 offset, guint64 clusters);
void        qcow2_is_no_metadata   (Qcow2 *s, guint64 offset, guint64 clusters);
gboolean    qcow2_find_metadata    (Qcow2 *s, GError **error);
void        qcow2_packed_place     (const Qcow2 *s, guint64 entry, guint64 *offset, guint64 *bytes);

/* qcow2-clusters.c */
gboolean    qcow2_extent           (AsternDiskFile *file, guint64 offset, AsternExtent *extent, GError **error);
gboolean    qcow2_write            (AsternDiskFile *file, guint64 offset, gconstpointer data, gsize size, GError **error);
gboolean    qcow2_zero             (AsternDiskFile *file, guint64 offset, guint64 size, GError **error);
gboolean    qcow2_l2_to_write      (Qcow2 *s, guint64 offset, Qcow2Table **table, guint *index, GError **error);
void        qcow2_free_entry       (Qcow2 *s, guint64 entry);
/* Only for new images: room for all of the disk. */
gboolean    qcow2_preallocate      (AsternDiskFile *file, gboolean fill, GError **error);

/* qcow2-pack.c */
gboolean    qcow2_read_packed      (AsternDiskFile *file, guint64 offset, gpointer data, gsize size, GError **error);
gboolean    qcow2_write_packed     (AsternDiskFile *file, guint64 offset, gconstpointer data, gsize size, GError **error);

/* qcow2-resize.c */
gboolean    qcow2_set_size         (AsternDiskFile *file, guint64 size, GError **error);
gboolean    qcow2_resize           (AsternDiskFile *file, guint64 size, GError **error);

/* qcow2-check.c */
gboolean    qcow2_check            (AsternDiskFile *file, AsternRepair repair, void (*say) (gpointer, const char *),
                                    gpointer user, AsternDiskFileCheck *result, GError **error);

/* qcow2-snapshots.c */
gboolean    qcow2_load_snapshots   (Qcow2 *s, GError **error);
void        qcow2_drop_snapshots   (Qcow2 *s);
gboolean    qcow2_snapshots        (AsternDiskFile *file, GPtrArray *snapshots, GError **error);
gboolean    qcow2_snapshot_create  (AsternDiskFile *file, const char *name, guint64 date_s, guint32 date_ns, GError **error);
gboolean    qcow2_snapshot_apply   (AsternDiskFile *file, guint index, GError **error);
gboolean    qcow2_snapshot_delete  (AsternDiskFile *file, guint index, GError **error);
gboolean    qcow2_snapshot_show    (AsternDiskFile *file, guint index, GError **error);
