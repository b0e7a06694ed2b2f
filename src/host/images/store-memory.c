/* store-memory.c - an image in memory: for what is made on the way, and for tests. */
#include "config.h"

#include "host/images/store.h"

#include <errno.h>
#include <string.h>

#define MAX_BYTES (256u << 20)

typedef struct
{
  AsternStore  parent;
  GByteArray  *bytes;
} MemoryStore;

static gboolean
memory_read (AsternStore *store, guint64 offset, gpointer data, gsize size, GError **error)
{
  memcpy (data, ((MemoryStore *) store)->bytes->data + offset, size);
  return TRUE;
}

static gboolean
memory_resize (AsternStore *store, guint64 size, GError **error)
{
  GByteArray *bytes = ((MemoryStore *) store)->bytes;
  guint old = bytes->len;

  if (size > MAX_BYTES)
    return astern_store_fail (store, "Cannot resize “%s”: %s.", ENOMEM, error);
  g_byte_array_set_size (bytes, (guint) size);
  if (size > old)
    memset (bytes->data + old, 0, (gsize) size - old);
  return TRUE;
}

static gboolean
memory_write (AsternStore *store, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  if (offset + size > store->size && !memory_resize (store, offset + size, error))
    return FALSE;
  memcpy (((MemoryStore *) store)->bytes->data + offset, data, size);
  return TRUE;
}

static void
memory_free (AsternStore *store)
{
  g_byte_array_unref (((MemoryStore *) store)->bytes);
  g_free (store);
}

static const AsternStoreClass memory_class = {
  .kind = "memory", .read = memory_read, .write = memory_write, .resize = memory_resize, .free = memory_free,
};

AsternStore *
astern_store_memory (gconstpointer bytes, gsize size)
{
  MemoryStore *self = g_new0 (MemoryStore, 1);

  self->parent.klass = &memory_class;
  self->parent.name = g_strdup ("memory");
  self->parent.size = size;
  self->bytes = g_byte_array_sized_new ((guint) size);
  if (size > 0)
    g_byte_array_append (self->bytes, bytes, (guint) size);
  return &self->parent;
}
