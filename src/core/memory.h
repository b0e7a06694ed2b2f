/* memory - RAM, ROM and video memory, as blocks of pages.
 *
 * All blocks lie one behind the other in one host mapping and one space of RAM
 * addresses ("ram address" = offset in that mapping), which names a byte of
 * memory whatever physical addresses it is seen at (A20, PAM shadows).  Each
 * page has a byte of flags, looked at when a translation is cached, never on a
 * hit: so a page with no flags costs nothing.
 *
 * Every write to memory that is not translated code's own fast path goes
 * through astern_memory_before_write(): that is how code, page tables, watched
 * pages and history's first-write pages stay right, whoever writes.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "core/address.h"

typedef struct _AsternMemory   AsternMemory;
typedef struct _AsternRamBlock AsternRamBlock;

typedef enum
{
  ASTERN_PAGE_CODE    = 1 << 0,   /* translated code was made from it: writes are looked at */
  ASTERN_PAGE_TABLE   = 1 << 1,   /* walked as a page table: writes kill translations */
  ASTERN_PAGE_WATCHED = 1 << 2,   /* a debugger watches it: every access is looked at */
  ASTERN_PAGE_CLEAN   = 1 << 3,   /* not written in this interval: history saves it first */
  ASTERN_PAGE_DISPLAY = 1 << 4,   /* written since the display was last drawn (never slows anything) */
  ASTERN_PAGE_AWAY    = 1 << 5,   /* its content is elsewhere: astern_memory_bring(); never one that a CPU sees */
} AsternPageFlags;

/* A write to a page with any of these takes the slow path. */
#define ASTERN_PAGE_SLOW_WRITE (ASTERN_PAGE_CODE | ASTERN_PAGE_TABLE | ASTERN_PAGE_WATCHED | ASTERN_PAGE_CLEAN)
#define ASTERN_PAGE_SLOW_READ  (ASTERN_PAGE_WATCHED)

struct _AsternRamBlock
{
  char    *name;         /* "ram", "bios", "vram" */
  guint64  start;        /* ram address of its first byte; page-aligned */
  guint64  size;         /* bytes; whole pages */
  gboolean readonly;     /* ROM: the guest's writes are dropped */
  /* (nullable) hashes the content, where the pages alone do not say it (disk.h). */
  guint64 (*hash) (const AsternRamBlock *block, gpointer user);
  /* (nullable) brings the page at @ram, which is away. */
  void    (*bring) (const AsternRamBlock *block, guint64 ram, gpointer user);
  gpointer user;
};

/* Told before [start, start+size) of the RAM space changes; a range never
 * crosses a page.  @flags: those of the page.  Called only for the flags asked for. */
typedef void (*AsternMemoryWriteFunc) (gpointer listener, guint64 ram, guint32 size, guint8 flags);

/* Told when the meaning of physical addresses changed: drop cached translations. */
typedef void (*AsternMemoryMapFunc) (gpointer listener);

/* Told when pages were given flags other than by the listener itself (an interval
 * began): drop what was cached for writing. */
typedef void (*AsternMemoryFlagsFunc) (gpointer listener);

struct _AsternMemory
{
  guint8    *host;          /* base of the one mapping */
  guint8    *flags;         /* AsternPageFlags a page */
  guint64    size;          /* bytes in use */
  guint64    capacity;      /* bytes reserved */
  guint8     new_flags;     /* of pages that are added */
  GPtrArray *blocks;        /* AsternRamBlock, by start */
  GArray    *write_listeners;
  GArray    *flags_listeners;
};

/* @capacity_bytes: most memory that will ever be added; only reserved. */
AsternMemory   *astern_memory_new        (guint64 capacity_bytes, GError **error);
void            astern_memory_free       (AsternMemory *memory);

/* Adds zeroed memory.  @size is rounded up to pages. */
AsternRamBlock *astern_memory_add        (AsternMemory *memory, const char *name, guint64 size_bytes,
                                          gboolean readonly, GError **error);
AsternRamBlock *astern_memory_find       (AsternMemory *memory, const char *name);

static inline guint8 *
astern_memory_host (const AsternMemory *memory, guint64 ram)
{
  return memory->host + ram;
}

static inline guint8 *
astern_memory_flags (const AsternMemory *memory, guint64 ram)
{
  return &memory->flags[ram >> ASTERN_PAGE_BITS];
}

/* To be called before the page at @ram is looked at by who does not own its block.  What writes as below need not. */
void            astern_memory_bring_now  (AsternMemory *memory, guint64 ram);

static inline void
astern_memory_bring (AsternMemory *memory, guint64 ram)
{
  if (*astern_memory_flags (memory, ram) & ASTERN_PAGE_AWAY)
    astern_memory_bring_now (memory, ram);
}

/* Calls @before for writes to pages that have a flag of @interest. */
void            astern_memory_add_write_listener (AsternMemory *memory, guint8 interest,
                                                  AsternMemoryWriteFunc before, gpointer listener);

void            astern_memory_add_flags_listener (AsternMemory *memory, AsternMemoryFlagsFunc raised,
                                                  gpointer listener);
/* Forgets all that @listener was added for. */
void            astern_memory_remove_listener    (AsternMemory *memory, gpointer listener);

/* To be called after flags of ASTERN_PAGE_SLOW_WRITE were set. */
void            astern_memory_flags_raised       (AsternMemory *memory);

/* To be called before bytes of one page change other than by translated code's
 * fast path; tells the listeners.  Flags may be gone afterwards. */
void            astern_memory_before_write (AsternMemory *memory, guint64 ram, guint32 size);

/* Copies into memory, telling the listeners: DMA, loaders, the debugger. */
void            astern_memory_write      (AsternMemory *memory, guint64 ram, gconstpointer data, gsize size);

/* Whole pages become zero, and the host has them back; the listeners are told, as of a write.  @ram and @size are
 * multiples of a page. */
void            astern_memory_discard    (AsternMemory *memory, guint64 ram, guint64 size);

/* Whole pages' content is kept elsewhere by their block's owner, and the host has their memory back; nobody is told, because
 * nothing changes.  FALSE: the host does not take it. */
gboolean        astern_memory_put_away   (AsternMemory *memory, guint64 ram, guint64 size);

/* Reads the page; a page that was never touched comes into being on the host. */
gboolean        astern_memory_page_is_zero (AsternMemory *memory, guint64 ram);

/* Calls @visit for each page of the block that is not zero, in their order; not for one whose pages are a disk's.  Pages that
 * nobody touched are not touched by it. */
void            astern_memory_each_page  (AsternMemory *memory, const AsternRamBlock *block,
                                          void (*visit) (gpointer user, guint64 ram), gpointer user);

/* Hash of a block's content and size.  Pages that nobody touched are not touched by it. */
guint64         astern_memory_hash_block (AsternMemory *memory, const AsternRamBlock *block);
/* Hash of all blocks' names and contents. */
guint64         astern_memory_hash       (AsternMemory *memory, guint64 hash);
