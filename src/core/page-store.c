/* page-store.c - see page-store.h.
 *
 * An entry's content is in a slot of a chunk, or packed in a block together with those that were settled next to
 * it: they are mostly asked for together, and are packed faster and smaller so.  All of that is the owner's: the
 * packing thread is given batches, with the addresses of slots that stay as they are until the batch has
 * come back, and the owner then puts the blocks in place.  So there is one lock, taken once a batch: a
 * machine that waited for it at each page would pay more than the copy. */
#include "config.h"

#include "core/page-store.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <zstd.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define SLOTS        512                                    /* a chunk's: 2 MiB, a huge page */
#define CHUNK_SIZE   ((gsize) SLOTS * ASTERN_PAGE_SIZE)
#define SPARE_CHUNKS 2                                      /* empty ones that are kept */
#define IN_BLOCK     16                                     /* pages packed together */
#define LEVEL        -5                                     /* of zstd: some 7 us a page, two fifths less than 1; a third larger */

typedef struct
{
  guint8  *base;
  guint    n_free;
  guint16  free[SLOTS];
} Chunk;

typedef enum
{
  ENTRY_FREE,
  ENTRY_RAW,
  ENTRY_IN_BATCH,      /* raw, and the packing thread reads it */
  ENTRY_DROPPED,       /* the same, and nobody wants it any more */
  ENTRY_PACKED,
} EntryState;

/* Pages packed together. */
typedef struct
{
  GBytes *bytes;       /* NULL: spilled */
  guint64 spill_id;    /* 0: was not given to the spill */
  GList   link;        /* in `in_memory` or `in_writing`; of a spilled one in neither */
  guint32 size;        /* as large as its pages: they are not packed, for nothing would be won */
  guint16 n_pages;     /* in it */
  guint16 n_entries;   /* that are still there */
} Block;

typedef struct
{
  union
  {
    guint8 *slot;
    Block  *block;
    guint32 next;    /* of a free one: the next free one */
  };
  guint8  state;
  guint8  place;     /* in the block */
} Entry;

typedef struct
{
  AsternPageRef ref;
  const guint8 *slot;
  Block        *block;     /* from the packing thread */
} Item;

typedef struct
{
  guint n;
  Item  items[];
} Batch;

struct _AsternPageStore
{
  GArray    *entries;       /* Entry; number 0 is none */
  guint32    first_free;    /* 0: none */
  GPtrArray *chunks;        /* Chunk */
  Chunk     *current;       /* has a free slot, or NULL */
  guint      n_empty;       /* chunks without a slot in use */
  gsize      n_raw;         /* slots in use */
  gsize      packed_bytes;      /* in memory */
  GQueue     in_memory;         /* Block, oldest first */
  GQueue     in_writing;        /* the same, given to the spill and still in memory */
  gsize      writing_bytes;
  gsize      n_in_batches;      /* pages with the packing thread */
  AsternSpill spill;            /* write is NULL: none */
  gsize      most_bytes, spilled_bytes;
  ZSTD_DCtx *inflater;
  Block     *unpacked;      /* whose content `pages` is; NULL: of none */
  guint8    *pages;

  GThread   *packer;        /* NULL until something is settled */
  GMutex     mutex;         /* guards what follows */
  GCond      work, done;
  GQueue     to_pack, packed;      /* Batch */
  gboolean   packing, quit;
};

/* ---- slots ---- */

static void
free_chunk (gpointer data)
{
  Chunk *chunk = data;

  munmap (chunk->base, CHUNK_SIZE);
  g_free (chunk);
}

/* Twice as much is asked for, and what does not lie on the huge page's boundaries is given back. */
static guint8 *
map_chunk (void)
{
  guint8 *wide = mmap (NULL, 2 * CHUNK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  guint8 *base;

  if (wide == MAP_FAILED)
    g_error ("no memory for %" G_GSIZE_FORMAT " bytes of history: %s", CHUNK_SIZE, g_strerror (errno));
  base = (guint8 *) (((guintptr) wide + CHUNK_SIZE - 1) & ~(guintptr) (CHUNK_SIZE - 1));
  if (base > wide)
    munmap (wide, (gsize) (base - wide));
  munmap (base + CHUNK_SIZE, (gsize) (wide + CHUNK_SIZE - base));
  madvise (base, CHUNK_SIZE, MADV_HUGEPAGE);      /* or small ones */
  return base;
}

static Chunk *
chunk_with_room (AsternPageStore *store)
{
  Chunk *chunk;

  for (guint i = 0; i < store->chunks->len; i++)
    {
      chunk = g_ptr_array_index (store->chunks, i);
      if (chunk->n_free > 0)
        return chunk;
    }
  chunk = g_new (Chunk, 1);
  chunk->base = map_chunk ();
  chunk->n_free = SLOTS;
  for (guint i = 0; i < SLOTS; i++)
    chunk->free[i] = (guint16) (SLOTS - 1 - i);
  g_ptr_array_add (store->chunks, chunk);
  store->n_empty++;
  return chunk;
}

static guint8 *
take_slot (AsternPageStore *store)
{
  Chunk *chunk = store->current;

  if (chunk == NULL || chunk->n_free == 0)
    chunk = store->current = chunk_with_room (store);
  if (chunk->n_free == SLOTS)
    store->n_empty--;
  store->n_raw++;
  return chunk->base + (gsize) chunk->free[--chunk->n_free] * ASTERN_PAGE_SIZE;
}

static guint
chunk_of (AsternPageStore *store, const guint8 *slot)
{
  const guint8 *base = (const guint8 *) ((guintptr) slot & ~(guintptr) (CHUNK_SIZE - 1));

  for (guint i = 0;; i++)
    if (((Chunk *) g_ptr_array_index (store->chunks, i))->base == base)
      return i;
}

static void
give_slot (AsternPageStore *store, guint8 *slot)
{
  guint number = chunk_of (store, slot);
  Chunk *chunk = g_ptr_array_index (store->chunks, number);

  store->n_raw--;
  chunk->free[chunk->n_free++] = (guint16) ((slot - chunk->base) / ASTERN_PAGE_SIZE);
  if (chunk->n_free < SLOTS)
    return;
  if (store->n_empty < SPARE_CHUNKS || chunk == store->current)
    store->n_empty++;
  else
    g_ptr_array_remove_index (store->chunks, number);
}

/* ---- entries ---- */

static Entry *
entry_at (AsternPageStore *store, AsternPageRef ref)
{
  return &g_array_index (store->entries, Entry, ref);
}

static Entry *
live_entry (AsternPageStore *store, AsternPageRef ref)
{
  Entry *entry = entry_at (store, ref);

  g_assert (ref != 0 && entry->state != ENTRY_FREE && entry->state != ENTRY_DROPPED);
  return entry;
}

static void
leave_block (AsternPageStore *store, Block *block)
{
  if (--block->n_entries > 0)
    return;
  if (store->unpacked == block)
    store->unpacked = NULL;
  if (block->bytes == NULL)
    store->spilled_bytes -= block->size;
  else
    {
      store->packed_bytes -= block->size;
      store->writing_bytes -= block->spill_id != 0 ? block->size : 0;
      g_queue_unlink (block->spill_id != 0 ? &store->in_writing : &store->in_memory, &block->link);
      g_bytes_unref (block->bytes);
    }
  if (block->spill_id != 0 && store->spill.drop != NULL)
    store->spill.drop (store->spill.user, block->spill_id);
  g_free (block);
}

static void
free_entry (AsternPageStore *store, AsternPageRef ref)
{
  Entry *entry = entry_at (store, ref);

  if (entry->state == ENTRY_PACKED)
    leave_block (store, entry->block);
  else
    give_slot (store, entry->slot);
  entry->state = ENTRY_FREE;
  entry->next = store->first_free;
  store->first_free = ref;
}

/* Past the caches: the machine needs its own pages there, not copies that hardly anybody reads again. */
static void
copy_out (guint8 *to, const guint8 *from)
{
#ifdef __SSE2__
  for (guint i = 0; i < ASTERN_PAGE_SIZE; i += 64)
    for (guint k = i; k < i + 64; k += 16)
      _mm_stream_si128 ((__m128i *) (gpointer) (to + k), _mm_loadu_si128 ((const __m128i *) (gconstpointer) (from + k)));
  _mm_sfence ();
#else
  memcpy (to, from, ASTERN_PAGE_SIZE);
#endif
}

AsternPageRef
astern_page_store_put (AsternPageStore *store, gconstpointer page)
{
  Entry entry = { .slot = take_slot (store), .state = ENTRY_RAW };
  AsternPageRef ref = store->first_free;

  copy_out (entry.slot, page);
  if (ref == 0)
    {
      ref = store->entries->len;
      g_array_append_val (store->entries, entry);
      return ref;
    }
  store->first_free = entry_at (store, ref)->next;
  *entry_at (store, ref) = entry;
  return ref;
}

static void
unpack (AsternPageStore *store, Block *block)
{
  gsize whole = (gsize) block->n_pages * ASTERN_PAGE_SIZE;
  g_autofree guint8 *read = NULL;
  g_autoptr (GError) error = NULL;
  gconstpointer bytes;

  if (block->bytes != NULL)
    bytes = g_bytes_get_data (block->bytes, NULL);
  else
    {
      bytes = read = g_malloc (block->size);
      if (!store->spill.read (store->spill.user, block->spill_id, read, block->size, &error))
        g_error ("history that was spilled cannot be read: %s", error->message);
    }
  if (block->size == whole)
    memcpy (store->pages, bytes, whole);
  else if (ZSTD_decompressDCtx (store->inflater, store->pages, whole, bytes, block->size) != whole)
    g_error ("history that was spilled is not what was written");
  store->unpacked = block;
}

void
astern_page_store_get (AsternPageStore *store, AsternPageRef ref, gpointer page)
{
  const Entry *entry = live_entry (store, ref);

  if (entry->state != ENTRY_PACKED)
    {
      memcpy (page, entry->slot, ASTERN_PAGE_SIZE);
      return;
    }
  if (store->unpacked != entry->block)
    unpack (store, entry->block);
  memcpy (page, store->pages + (gsize) entry->place * ASTERN_PAGE_SIZE, ASTERN_PAGE_SIZE);
}

void
astern_page_store_drop (AsternPageStore *store, AsternPageRef ref)
{
  Entry *entry = live_entry (store, ref);

  if (entry->state == ENTRY_IN_BATCH)
    entry->state = ENTRY_DROPPED;
  else
    free_entry (store, ref);
}

/* ---- packing ---- */

typedef struct
{
  ZSTD_CCtx *deflater;
  gsize      room;
  guint8    *packed;     /* `room` bytes */
  guint8     pages[IN_BLOCK * ASTERN_PAGE_SIZE];
} Press;

static Block *
pack_block (Press *press, const Item *items, guint n)
{
  gsize whole = (gsize) n * ASTERN_PAGE_SIZE, size;
  gboolean worth_it;
  Block *block;

  for (guint i = 0; i < n; i++)
    memcpy (press->pages + (gsize) i * ASTERN_PAGE_SIZE, items[i].slot, ASTERN_PAGE_SIZE);
  size = ZSTD_compressCCtx (press->deflater, press->packed, press->room, press->pages, whole, LEVEL);
  worth_it = !ZSTD_isError (size) && size <= whole / 8 * 7;
  if (!worth_it)
    size = whole;      /* it can be spilled all the same */
  block = g_new (Block, 1);
  *block = (Block) { .bytes = g_bytes_new (worth_it ? press->packed : press->pages, size), .size = (guint32) size,
                     .n_pages = (guint16) n, .n_entries = (guint16) n };
  return block;
}

static void
pack_batch (Press *press, Batch *batch)
{
  for (guint i = 0; i < batch->n; i += IN_BLOCK)
    {
      guint n = MIN (IN_BLOCK, batch->n - i);
      Block *block = pack_block (press, batch->items + i, n);

      for (guint k = 0; k < n; k++)
        batch->items[i + k].block = block;
    }
}

static gpointer
pack (gpointer data)
{
  AsternPageStore *store = data;
  g_autofree Press *press = g_new (Press, 1);

  press->deflater = ZSTD_createCCtx ();
  press->room = ZSTD_compressBound (sizeof press->pages);
  press->packed = g_malloc (press->room);
  g_mutex_lock (&store->mutex);
  while (!store->quit)
    {
      Batch *batch = g_queue_pop_head (&store->to_pack);

      if (batch != NULL)
        {
          g_mutex_unlock (&store->mutex);
          pack_batch (press, batch);
          g_mutex_lock (&store->mutex);
          g_queue_push_tail (&store->packed, batch);
          continue;
        }
      store->packing = FALSE;
      g_cond_broadcast (&store->done);
      g_cond_wait (&store->work, &store->mutex);
    }
  g_mutex_unlock (&store->mutex);
  ZSTD_freeCCtx (press->deflater);
  g_free (press->packed);
  return NULL;
}

static void
put_in_place (AsternPageStore *store, const Batch *batch)
{
  store->n_in_batches -= batch->n;
  for (guint i = 0; i < batch->n; i++)
    {
      const Item *item = &batch->items[i];
      Entry *entry = entry_at (store, item->ref);
      gboolean dropped = entry->state == ENTRY_DROPPED;

      give_slot (store, entry->slot);
      if (i % IN_BLOCK == 0)
        {
          store->packed_bytes += item->block->size;
          item->block->link.data = item->block;
          g_queue_push_tail_link (&store->in_memory, &item->block->link);
        }
      *entry = (Entry) { .block = item->block, .state = ENTRY_PACKED, .place = i % IN_BLOCK };
      if (dropped)
        free_entry (store, item->ref);
    }
}

/* ---- spilling ---- */

static void
spill_some (AsternPageStore *store)
{
  guint64 written = store->spill.written (store->spill.user);
  GList *link;

  while ((link = store->in_writing.head) != NULL && ((Block *) link->data)->spill_id <= written)
    {
      Block *block = link->data;

      g_queue_unlink (&store->in_writing, link);
      g_clear_pointer (&block->bytes, g_bytes_unref);
      store->writing_bytes -= block->size;
      store->packed_bytes -= block->size;
      store->spilled_bytes += block->size;
    }
  while ((link = store->in_memory.head) != NULL && store->packed_bytes - store->writing_bytes > store->most_bytes)
    {
      Block *block = link->data;

      block->spill_id = store->spill.write (store->spill.user, block->bytes);
      if (block->spill_id == 0)
        break;
      g_queue_unlink (&store->in_memory, link);
      g_queue_push_tail_link (&store->in_writing, link);
      store->writing_bytes += block->size;
    }
}

void
astern_page_store_set_spill (AsternPageStore *store, const AsternSpill *spill, gsize most_bytes)
{
  store->spill = *spill;
  store->most_bytes = most_bytes;
}

gsize
astern_page_store_spilled (AsternPageStore *store)
{
  return store->spilled_bytes;
}

/* ---- what the packing thread has done ---- */

static void
collect (AsternPageStore *store)
{
  Batch *batch;

  do
    {
      g_mutex_lock (&store->mutex);
      batch = g_queue_pop_head (&store->packed);
      g_mutex_unlock (&store->mutex);
      if (batch != NULL)
        put_in_place (store, batch);
      g_free (batch);
    }
  while (batch != NULL);
  if (store->spill.write != NULL)
    spill_some (store);
}

void
astern_page_store_settle (AsternPageStore *store, const AsternPageRef *refs, guint n)
{
  Batch *batch = g_malloc (sizeof *batch + n * sizeof *batch->items);

  batch->n = 0;
  for (guint i = 0; i < n; i++)
    {
      Entry *entry = live_entry (store, refs[i]);

      if (entry->state != ENTRY_RAW)
        continue;
      entry->state = ENTRY_IN_BATCH;
      batch->items[batch->n++] = (Item) { .ref = refs[i], .slot = entry->slot };
    }
  store->n_in_batches += batch->n;
  g_mutex_lock (&store->mutex);
  if (store->packer == NULL)
    store->packer = g_thread_new ("history", pack, store);
  g_queue_push_tail (&store->to_pack, batch);
  store->packing = TRUE;
  g_cond_signal (&store->work);
  g_mutex_unlock (&store->mutex);
  collect (store);
}

void
astern_page_store_wait (AsternPageStore *store)
{
  g_mutex_lock (&store->mutex);
  while (store->packing)
    g_cond_wait (&store->done, &store->mutex);
  g_mutex_unlock (&store->mutex);
  collect (store);
}

/* ---- the store ---- */

AsternPageStore *
astern_page_store_new (void)
{
  AsternPageStore *store = g_new0 (AsternPageStore, 1);
  Entry none = { .state = ENTRY_FREE };

  g_mutex_init (&store->mutex);
  g_cond_init (&store->work);
  g_cond_init (&store->done);
  g_queue_init (&store->to_pack);
  g_queue_init (&store->packed);
  g_queue_init (&store->in_memory);
  g_queue_init (&store->in_writing);
  store->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_append_val (store->entries, none);
  store->chunks = g_ptr_array_new_with_free_func (free_chunk);
  store->inflater = ZSTD_createDCtx ();
  store->pages = g_malloc (IN_BLOCK * ASTERN_PAGE_SIZE);
  return store;
}

void
astern_page_store_free (AsternPageStore *store)
{
  g_mutex_lock (&store->mutex);
  store->quit = TRUE;
  g_cond_signal (&store->work);
  g_mutex_unlock (&store->mutex);
  if (store->packer != NULL)
    g_thread_join (store->packer);
  memset (&store->spill, 0, sizeof store->spill);
  collect (store);
  g_queue_clear_full (&store->to_pack, g_free);
  for (AsternPageRef ref = 1; ref < store->entries->len; ref++)
    if (entry_at (store, ref)->state == ENTRY_PACKED)
      leave_block (store, entry_at (store, ref)->block);
  g_array_unref (store->entries);
  g_ptr_array_unref (store->chunks);
  ZSTD_freeDCtx (store->inflater);
  g_free (store->pages);
  g_cond_clear (&store->work);
  g_cond_clear (&store->done);
  g_mutex_clear (&store->mutex);
  g_free (store);
}

gsize
astern_page_store_bytes (AsternPageStore *store)
{
  return store->n_raw * ASTERN_PAGE_SIZE + store->packed_bytes + store->entries->len * sizeof (Entry);
}

gsize
astern_page_store_leaving (AsternPageStore *store)
{
  return store->spill.write != NULL ? store->writing_bytes + store->n_in_batches * ASTERN_PAGE_SIZE : 0;
}

gsize
astern_page_store_size (AsternPageStore *store, AsternPageRef ref)
{
  const Entry *entry = live_entry (store, ref);

  return entry->state == ENTRY_PACKED ? entry->block->size / entry->block->n_entries : ASTERN_PAGE_SIZE;
}
