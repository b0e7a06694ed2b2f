/* dirty.c - see dirty.h.
 *
 * A page whose flag CLEAN is down has no one told of further writes to it.  Such a page stays in the set when the
 * set is taken: what is in an interval already open may be written again. */
#include "config.h"

#include "trace/dirty.h"

struct _AsternDirty
{
  AsternMemory *memory;
  guint8       *written;     /* a byte a page: since the last time (1), ever (2) */
};

enum { SINCE = 1, EVER = 2 };

/* Media may have been put in since. */
static guint64
n_pages (const AsternDirty *dirty)
{
  return dirty->memory->size >> ASTERN_PAGE_BITS;
}

static void
before_write (gpointer listener, guint64 ram, guint32 size, guint8 flags)
{
  AsternDirty *dirty = listener;

  dirty->written[ram >> ASTERN_PAGE_BITS] = SINCE | EVER;
}

AsternDirty *
astern_dirty_new (AsternMemory *memory)
{
  AsternDirty *dirty = g_new0 (AsternDirty, 1);

  dirty->memory = memory;
  dirty->written = g_malloc0 (memory->capacity >> ASTERN_PAGE_BITS);
  astern_memory_add_write_listener (memory, ASTERN_PAGE_CLEAN, before_write, dirty);
  return dirty;
}

void
astern_dirty_free (AsternDirty *dirty)
{
  astern_memory_remove_listener (dirty->memory, dirty);
  g_free (dirty->written);
  g_free (dirty);
}

static gboolean
is_open (const AsternDirty *dirty, guint64 page)
{
  return !(dirty->memory->flags[page] & ASTERN_PAGE_CLEAN);
}

gboolean
astern_dirty_is_told (AsternDirty *dirty)
{
  for (guint64 page = 0; page < n_pages (dirty); page++)
    if (!is_open (dirty, page))
      return TRUE;
  return FALSE;
}

guint64
astern_dirty_count (AsternDirty *dirty)
{
  guint64 n = 0;

  for (guint64 page = 0; page < n_pages (dirty); page++)
    n += (dirty->written[page] & SINCE) != 0 || is_open (dirty, page);
  return n;
}

void
astern_dirty_take (AsternDirty *dirty, void (*visit) (gpointer user, guint32 page), gpointer user)
{
  for (guint64 page = 0; page < n_pages (dirty); page++)
    {
      gboolean open = is_open (dirty, page);

      if (!open && !(dirty->written[page] & SINCE))
        continue;
      dirty->written[page] = open ? SINCE | EVER : EVER;
      visit (user, (guint32) page);
    }
}

void
astern_dirty_undone (AsternDirty *dirty)
{
  for (guint64 page = 0; page < n_pages (dirty); page++)
    if (dirty->written[page] & EVER)
      dirty->written[page] |= SINCE;
}
