/* page-store - contents of pages, many of them, in little room.
 *
 * A page is put as it is, in the time of a copy.  When it is settled, a thread of the store
 * packs it (zstd).  Memory for pages as they are is taken from the host in huge pages and
 * used again, because a host's page fault costs more than the copy.  What is packed can be
 * spilled to a disk.
 *
 * Threads: one thread, the owner's.  The packing thread is the store's own affair. */
#pragma once

#include "core/address.h"

typedef struct _AsternPageStore AsternPageStore;

/* Names a content; never 0. */
typedef guint32 AsternPageRef;

AsternPageStore *astern_page_store_new    (void);
void             astern_page_store_free   (AsternPageStore *store);

AsternPageRef    astern_page_store_put    (AsternPageStore *store, gconstpointer page);
void             astern_page_store_get    (AsternPageStore *store, AsternPageRef ref, gpointer page);
void             astern_page_store_drop   (AsternPageStore *store, AsternPageRef ref);

/* They will hardly be asked for soon: they may be packed. */
void             astern_page_store_settle (AsternPageStore *store, const AsternPageRef *refs, guint n);
/* Waits until all that was settled is packed; for tests and figures. */
void             astern_page_store_wait   (AsternPageStore *store);

/* A place on a disk for what is packed. */
typedef struct
{
  /* Takes a copy of @bytes, to be written soon.  Returns its id: 1, 2, ...; 0: no more can be written. */
  guint64  (*write)   (gpointer user, GBytes *bytes);
  guint64  (*written) (gpointer user);      /* all up to this id can be read */
  /* FALSE: the place is broken, with a sentence. */
  gboolean (*read)    (gpointer user, guint64 id, gpointer bytes, gsize size, GError **error);
  void     (*drop)    (gpointer user, guint64 id);
  gpointer user;
} AsternSpill;

/* From now on not much more than @most_bytes of packed pages is held in memory, the latest ones.  @spill is copied; it is not
 * asked any more when the store is freed. */
void             astern_page_store_set_spill (AsternPageStore *store, const AsternSpill *spill, gsize most_bytes);
gsize            astern_page_store_spilled   (AsternPageStore *store);     /* bytes that are there and not in memory */
gsize            astern_page_store_leaving   (AsternPageStore *store);     /* bytes in memory that will soon be there */

/* Host memory in use, of all and of one; a few chunks more may be held. */
gsize            astern_page_store_bytes  (AsternPageStore *store);
gsize            astern_page_store_size   (AsternPageStore *store, AsternPageRef ref);
