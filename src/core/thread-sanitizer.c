/* thread-sanitizer.c - what ThreadSanitizer has to know of GLib's locks, whose code it does not see.
 *
 * Part of builds with --enable-tsan only.  These functions take the places of GLib's, in this program and whatever it is linked
 * with: each calls the one of its name behind it, and says what has been handed from thread to thread.  Threads, pipes and
 * event file descriptors are those of the C library, which ThreadSanitizer knows.
 *
 * Left out: recursive locks and read-write locks, which nothing here uses; what threads are handed by GLib's own pools.
 *
 * Threads: any. */
#include "config.h"

#include <dlfcn.h>

#include <glib.h>
#include <sanitizer/tsan_interface.h>

/* GLib's function of this name; it may be looked for more than once, and is the same each time. */
#define BEHIND(function)                                                        \
  ({                                                                            \
    static gpointer found_##function;                                           \
    if (__atomic_load_n (&found_##function, __ATOMIC_RELAXED) == NULL)          \
      __atomic_store_n (&found_##function, dlsym (RTLD_NEXT, #function), __ATOMIC_RELAXED); \
    (__typeof__ (&function)) __atomic_load_n (&found_##function, __ATOMIC_RELAXED); \
  })

/* ---- locks ---- */

void
g_mutex_lock (GMutex *mutex)
{
  BEHIND (g_mutex_lock) (mutex);
  __tsan_acquire (mutex);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  gboolean locked = BEHIND (g_mutex_trylock) (mutex);

  if (locked)
    __tsan_acquire (mutex);
  return locked;
}

void
g_mutex_unlock (GMutex *mutex)
{
  __tsan_release (mutex);
  BEHIND (g_mutex_unlock) (mutex);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  __tsan_release (mutex);
  BEHIND (g_cond_wait) (cond, mutex);
  __tsan_acquire (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;

  __tsan_release (mutex);
  signalled = BEHIND (g_cond_wait_until) (cond, mutex, end_time);
  __tsan_acquire (mutex);
  return signalled;
}

/* ---- queues ---- */

void
g_async_queue_push (GAsyncQueue *queue, gpointer data)
{
  __tsan_release (queue);
  BEHIND (g_async_queue_push) (queue, data);
}

gpointer
g_async_queue_pop (GAsyncQueue *queue)
{
  gpointer data = BEHIND (g_async_queue_pop) (queue);

  __tsan_acquire (queue);
  return data;
}

gpointer
g_async_queue_try_pop (GAsyncQueue *queue)
{
  gpointer data = BEHIND (g_async_queue_try_pop) (queue);

  __tsan_acquire (queue);
  return data;
}

gpointer
g_async_queue_timeout_pop (GAsyncQueue *queue, guint64 timeout)
{
  gpointer data = BEHIND (g_async_queue_timeout_pop) (queue, timeout);

  __tsan_acquire (queue);
  return data;
}

/* ---- main loops ---- */

guint
g_source_attach (GSource *source, GMainContext *context)
{
  __tsan_release (source);
  return BEHIND (g_source_attach) (source, context);
}

/* ---- references: the last one sees what all others did ---- */

void
g_bytes_unref (GBytes *bytes)
{
  if (bytes != NULL)
    {
      __tsan_acquire (bytes);
      __tsan_release (bytes);
    }
  BEHIND (g_bytes_unref) (bytes);
}
