/* page-store - contents of pages, many of them, in little room.
 *
 * A page is put as it is, in the time of a copy.  When it is settled, a thread of the store
 * packs it (zstd).  Memory for pages as they are is taken from the host in huge pages and
 * used again, because a host's page fault costs more than the copy.
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

/* Host memory in use, of all and of one; a few chunks more may be held. */
gsize            astern_page_store_bytes  (AsternPageStore *store);
gsize            astern_page_store_size   (AsternPageStore *store, AsternPageRef ref);
