/* store - where the bytes of an image lie: a file, a block device of the host, an NBD export, a folder
 * that looks like a FAT disk, memory.
 *
 * Threads: one at a time.
 * Units:   bytes. */
#pragma once

#include <gio/gio.h>

typedef struct _AsternStore AsternStore;

/* Offsets and sizes are inside of the store, but for a write or a resize that makes it grow. */
typedef struct
{
  const char *kind;                                     /* "file", "host_device", "nbd", "fat", "memory" */
  gboolean (*read)   (AsternStore *store, guint64 offset, gpointer data, gsize size, GError **error);
  gboolean (*write)  (AsternStore *store, guint64 offset, gconstpointer data, gsize size, GError **error);
  gboolean (*zero)   (AsternStore *store, guint64 offset, guint64 size, GError **error);   /* (nullable) */
  gboolean (*resize) (AsternStore *store, guint64 size, GError **error);                   /* (nullable): it cannot grow */
  gboolean (*flush)  (AsternStore *store, GError **error);                                 /* (nullable) */
  /* (nullable) Of the bytes from @offset on, how many are alike: a hole, or data. */
  void     (*extent) (AsternStore *store, guint64 offset, guint64 *size, gboolean *hole);
  guint64  (*room)   (AsternStore *store);              /* (nullable) what it takes up on the host */
  void     (*free)   (AsternStore *store);
} AsternStoreClass;

struct _AsternStore
{
  const AsternStoreClass *klass;
  char                   *name;        /* as it was asked for */
  guint64                 size;
  gboolean                readonly;
};

typedef enum
{
  ASTERN_STORE_WRITE  = 1 << 0,
  ASTERN_STORE_SHARED = 1 << 1,        /* others may be writing it: no locks */
} AsternStoreFlags;

/* @spec: a file's name, "file:NAME", "fat:…", "nbd:…" or an NBD URI. */
AsternStore *astern_store_open   (const char *spec, AsternStoreFlags flags, GError **error);
/* Of the kinds: what stands behind the scheme. */
AsternStore *astern_store_file   (const char *path, AsternStoreFlags flags, GError **error);
AsternStore *astern_store_fat    (const char *spec, AsternStoreFlags flags, GError **error);
AsternStore *astern_store_nbd    (const char *spec, AsternStoreFlags flags, GError **error);
/* @bytes are copied. */
AsternStore *astern_store_memory (gconstpointer bytes, gsize size);
/* An empty file: a new one, or an old one emptied once nobody else has it. */
AsternStore *astern_store_create (const char *spec, GError **error);
/* Whether @spec begins with a scheme, so that it is not relative to a folder. */
gboolean     astern_store_has_scheme (const char *spec);
void         astern_store_free   (AsternStore *store);

/* What is behind the end reads as zeros. */
gboolean     astern_store_read   (AsternStore *store, guint64 offset, gpointer data, gsize size, GError **error);
gboolean     astern_store_write  (AsternStore *store, guint64 offset, gconstpointer data, gsize size, GError **error);
/* Reads as zeros from now on.  A part behind the end stays there. */
gboolean     astern_store_zero   (AsternStore *store, guint64 offset, guint64 size, GError **error);
gboolean     astern_store_resize (AsternStore *store, guint64 size, GError **error);
gboolean     astern_store_flush  (AsternStore *store, GError **error);
void         astern_store_extent (AsternStore *store, guint64 offset, guint64 *size, gboolean *hole);
guint64      astern_store_room   (AsternStore *store);

/* For the kinds: sets @error, and is FALSE.  @format: “Cannot read “%s”: %s.”, translated, with the name and what the host says. */
gboolean     astern_store_fail   (AsternStore *store, const char *format, int number, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternStore, astern_store_free)
