/* memory.c - blocks of guest memory, see memory.h.
 *
 * The host mapping is reserved whole and opened a block at a time, so that a
 * block never moves and memory that the guest does not use costs nothing.  For
 * the same reason the hash does not touch pages that were never written: a page
 * of zeros adds nothing to it, and the host's page map says which pages exist.
 * A host without one has all of them read, with the same result.
 *
 * Huge pages are not asked for: they would make a page that the guest touched
 * once 512 pages large.  An engine may do so, for which the mapping begins where
 * one may. */
#include "config.h"

#include "core/memory.h"
#include "core/fields.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE_PAGE ((gsize) 2 << 20)

typedef struct
{
  AsternMemoryWriteFunc before;
  gpointer              listener;
  guint8                interest;
} WriteListener;

typedef struct
{
  AsternMemoryFlagsFunc raised;
  gpointer              listener;
} FlagsListener;

static void
free_block (gpointer data)
{
  AsternRamBlock *block = data;

  g_free (block->name);
  g_free (block);
}

static gpointer
reserve (gsize size, int protection)
{
  gpointer base = mmap (NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  return base != MAP_FAILED ? base : NULL;
}

/* Likewise, and it begins where a huge page may begin. */
static guint8 *
reserve_aligned (gsize size)
{
  guint8 *base = reserve (size + HUGE_PAGE, PROT_NONE);
  gsize skipped;

  if (base == NULL)
    return NULL;
  skipped = -(guintptr) base & (HUGE_PAGE - 1);
  if (skipped > 0)
    munmap (base, skipped);
  munmap (base + skipped + size, HUGE_PAGE - skipped);
  return base + skipped;
}

AsternMemory *
astern_memory_new (guint64 capacity_bytes, GError **error)
{
  AsternMemory *memory = g_new0 (AsternMemory, 1);

  memory->capacity = (MAX (capacity_bytes, 1) + ASTERN_PAGE_MASK) & ~ASTERN_PAGE_MASK;
  memory->blocks = g_ptr_array_new_with_free_func (free_block);
  memory->write_listeners = g_array_new (FALSE, FALSE, sizeof (WriteListener));
  memory->flags_listeners = g_array_new (FALSE, FALSE, sizeof (FlagsListener));
  memory->host = reserve_aligned (memory->capacity);
  memory->flags = reserve (memory->capacity >> ASTERN_PAGE_BITS, PROT_READ | PROT_WRITE);
  if (memory->host == NULL || memory->flags == NULL)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   _("Cannot reserve %" PRIu64 " MiB for the guest's memory: %s."),
                   memory->capacity >> 20, g_strerror (errno));
      astern_memory_free (memory);
      return NULL;
    }
  return memory;
}

void
astern_memory_free (AsternMemory *memory)
{
  if (memory->host != NULL)
    munmap (memory->host, memory->capacity);
  if (memory->flags != NULL)
    munmap (memory->flags, memory->capacity >> ASTERN_PAGE_BITS);
  g_ptr_array_unref (memory->blocks);
  g_array_unref (memory->write_listeners);
  g_array_unref (memory->flags_listeners);
  g_free (memory);
}

AsternRamBlock *
astern_memory_add (AsternMemory *memory, const char *name, guint64 size_bytes, gboolean readonly, GError **error)
{
  guint64 size = (size_bytes + ASTERN_PAGE_MASK) & ~ASTERN_PAGE_MASK;
  AsternRamBlock *block;

  g_return_val_if_fail (size_bytes != 0 && astern_memory_find (memory, name) == NULL, NULL);

  if (size < size_bytes || size > memory->capacity - memory->size)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                   _("The memory “%s” of %" PRIu64 " KiB does not fit into the %" PRIu64
                     " MiB that the machine reserved."),
                   name, size_bytes >> 10, memory->capacity >> 20);
      return NULL;
    }
  if (mprotect (memory->host + memory->size, size, PROT_READ | PROT_WRITE) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   _("The host does not give %" PRIu64 " KiB for the memory “%s”: %s."),
                   size >> 10, name, g_strerror (errno));
      return NULL;
    }
  block = g_new0 (AsternRamBlock, 1);
  block->name = g_strdup (name);
  block->start = memory->size;
  block->size = size;
  block->readonly = readonly;
  if (memory->new_flags != 0)
    memset (astern_memory_flags (memory, memory->size), memory->new_flags, size >> ASTERN_PAGE_BITS);
  memory->size += size;
  g_ptr_array_add (memory->blocks, block);
  return block;
}

AsternRamBlock *
astern_memory_find (AsternMemory *memory, const char *name)
{
  for (guint i = 0; i < memory->blocks->len; i++)
    {
      AsternRamBlock *block = g_ptr_array_index (memory->blocks, i);

      if (strcmp (block->name, name) == 0)
        return block;
    }
  return NULL;
}

void
astern_memory_bring_now (AsternMemory *memory, guint64 ram)
{
  for (guint i = 0; i < memory->blocks->len; i++)
    {
      const AsternRamBlock *block = g_ptr_array_index (memory->blocks, i);

      if (ram >= block->start && ram - block->start < block->size && block->bring != NULL)
        block->bring (block, ram & ~ASTERN_PAGE_MASK, block->user);
    }
}

void
astern_memory_add_write_listener (AsternMemory *memory, guint8 interest, AsternMemoryWriteFunc before,
                                  gpointer listener)
{
  WriteListener added = { before, listener, interest };

  g_array_append_val (memory->write_listeners, added);
}

void
astern_memory_add_flags_listener (AsternMemory *memory, AsternMemoryFlagsFunc raised, gpointer listener)
{
  FlagsListener added = { raised, listener };

  g_array_append_val (memory->flags_listeners, added);
}

void
astern_memory_remove_listener (AsternMemory *memory, gpointer listener)
{
  for (guint i = memory->write_listeners->len; i-- > 0;)
    if (g_array_index (memory->write_listeners, WriteListener, i).listener == listener)
      g_array_remove_index (memory->write_listeners, i);
  for (guint i = memory->flags_listeners->len; i-- > 0;)
    if (g_array_index (memory->flags_listeners, FlagsListener, i).listener == listener)
      g_array_remove_index (memory->flags_listeners, i);
}

void
astern_memory_flags_raised (AsternMemory *memory)
{
  for (guint i = 0; i < memory->flags_listeners->len; i++)
    {
      const FlagsListener *listener = &g_array_index (memory->flags_listeners, FlagsListener, i);

      listener->raised (listener->listener);
    }
}

void
astern_memory_before_write (AsternMemory *memory, guint64 ram, guint32 size)
{
  guint8 *flags = astern_memory_flags (memory, ram);
  guint8 had;

  astern_memory_bring (memory, ram);
  had = *flags;      /* a listener may take its flag down: others that have it hear of it, too */
  if (had & ASTERN_PAGE_SLOW_WRITE)
    for (guint i = 0; i < memory->write_listeners->len; i++)
      {
        const WriteListener *listener = &g_array_index (memory->write_listeners, WriteListener, i);

        if (had & listener->interest)
          listener->before (listener->listener, ram, size, *flags);
      }
  *flags |= ASTERN_PAGE_DISPLAY;
}

void
astern_memory_write (AsternMemory *memory, guint64 ram, gconstpointer data, gsize size)
{
  const guint8 *from = data;

  g_return_if_fail (ram <= memory->size && size <= memory->size - ram);

  while (size > 0)
    {
      guint32 chunk = (guint32) MIN (size, ASTERN_PAGE_SIZE - (ram & ASTERN_PAGE_MASK));

      astern_memory_before_write (memory, ram, chunk);
      memcpy (memory->host + ram, from, chunk);
      ram += chunk;
      from += chunk;
      size -= chunk;
    }
}

void
astern_memory_discard (AsternMemory *memory, guint64 ram, guint64 size)
{
  g_return_if_fail (((ram | size) & ASTERN_PAGE_MASK) == 0 && ram <= memory->size && size <= memory->size - ram);

  for (guint64 at = ram; at < ram + size; at += ASTERN_PAGE_SIZE)
    astern_memory_before_write (memory, at, ASTERN_PAGE_SIZE);
  if (size != 0 && madvise (memory->host + ram, size, MADV_DONTNEED) != 0)
    memset (memory->host + ram, 0, size);
}

gboolean
astern_memory_put_away (AsternMemory *memory, guint64 ram, guint64 size)
{
  g_return_val_if_fail (((ram | size) & ASTERN_PAGE_MASK) == 0 && ram <= memory->size && size <= memory->size - ram, FALSE);

  if (size == 0 || madvise (memory->host + ram, size, MADV_DONTNEED) != 0)
    return FALSE;
  for (guint64 at = ram; at < ram + size; at += ASTERN_PAGE_SIZE)
    *astern_memory_flags (memory, at) |= ASTERN_PAGE_AWAY;
  return TRUE;
}

/* The host's page map: an entry of 8 bytes a page, whose top bits say that the
 * page is in memory or swapped out. */
#define PAGE_EXISTS (G_GUINT64_CONSTANT (3) << 62)

typedef struct
{
  int      file;             /* -1: there is none, every page may exist */
  gsize    host_page;
  guint64  first, n;         /* host pages that `entries` tells of */
  guint64  entries[512];
} PageMap;

static void
page_map_open (PageMap *map)
{
  map->file = open ("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  map->host_page = (gsize) sysconf (_SC_PAGESIZE);
  map->first = map->n = 0;
}

static void
page_map_close (PageMap *map)
{
  if (map->file >= 0)
    close (map->file);
}

static gboolean
page_map_exists (PageMap *map, const guint8 *host)
{
  guint64 page = (guint64) (guintptr) host / map->host_page;

  if (map->file < 0)
    return TRUE;
  if (page < map->first || page >= map->first + map->n)
    {
      gssize got = pread (map->file, map->entries, sizeof map->entries, (off_t) (page * 8));

      if (got < 8)
        {
          close (map->file);
          map->file = -1;
          return TRUE;
        }
      map->first = page;
      map->n = (guint64) got / 8;
    }
  return (map->entries[page - map->first] & PAGE_EXISTS) != 0;
}

gboolean
astern_memory_page_is_zero (AsternMemory *memory, guint64 ram)
{
  static const guint8 zeros[ASTERN_PAGE_SIZE];

  astern_memory_bring (memory, ram);
  return memcmp (astern_memory_host (memory, ram & ~ASTERN_PAGE_MASK), zeros, sizeof zeros) == 0;
}

guint64
astern_memory_hash_block (AsternMemory *memory, const AsternRamBlock *block)
{
  PageMap map;
  guint64 words[2] = { GUINT64_TO_LE (block->size), 0 }, sum = 0;

  if (block->hash != NULL)
    return block->hash (block, block->user);
  page_map_open (&map);
  for (guint64 at = 0; at < block->size; at += ASTERN_PAGE_SIZE)
    {
      const guint8 *host = astern_memory_host (memory, block->start + at);

      if (page_map_exists (&map, host) && !astern_memory_page_is_zero (memory, block->start + at))
        sum += astern_hash_bytes (at, host, ASTERN_PAGE_SIZE);
    }
  page_map_close (&map);
  words[1] = GUINT64_TO_LE (sum);
  return astern_hash_bytes (0, words, sizeof words);
}

guint64
astern_memory_hash (AsternMemory *memory, guint64 hash)
{
  for (guint i = 0; i < memory->blocks->len; i++)
    {
      const AsternRamBlock *block = g_ptr_array_index (memory->blocks, i);
      guint64 content = GUINT64_TO_LE (astern_memory_hash_block (memory, block));

      hash = astern_hash_bytes (hash, block->name, strlen (block->name));
      hash = astern_hash_bytes (hash, &content, sizeof content);
    }
  return hash;
}
