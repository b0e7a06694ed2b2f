/* fs.c - see fs.h. */
#include "config.h"

#include "host/fs/fs.h"

#include "core/machine.h"

#include <string.h>

#define MOST_KEPT       128u               /* answers, in case that a request is sent again */
#define MOST_KEPT_BYTES (16u << 20)
#define PATIENCE_US     (200 * 1000)

/* As virtio-9p.h has it. */
enum { OUT_NUMBER = 0, OUT_AGAIN = 8, OUT_MOST = 12, OUT_HEADER = 16, IN_HEADER = 8 };

typedef struct
{
  guint64     number;
  GByteArray *packet;
} Kept;

struct _AsternFs
{
  AsternLink     *link;
  AsternFsServer *server;
  GThread        *thread;
  GAsyncQueue    *requests;     /* GBytes; an empty one: the end */
  GMutex          mutex;
  GCond           served;
  guint           waiting;      /* requests; under the mutex */
  /* The thread's. */
  guint64         next;         /* the number that comes next, if the guest's past is what it was */
  GQueue          kept;         /* Kept, the latest first */
  gsize           kept_bytes;
};

static guint64
get (const guint8 *bytes, guint size)
{
  guint64 value = 0;

  for (guint i = 0; i < size; i++)
    value |= (guint64) bytes[i] << 8 * i;
  return value;
}

/* ---- answers that are kept ---- */

static void
kept_free (gpointer data)
{
  Kept *kept = data;

  g_byte_array_unref (kept->packet);
  g_free (kept);
}

static void
drop (AsternFs *fs, gboolean latest)
{
  Kept *kept = latest ? g_queue_pop_head (&fs->kept) : g_queue_pop_tail (&fs->kept);

  fs->kept_bytes -= kept->packet->len;
  kept_free (kept);
}

static void
keep (AsternFs *fs, guint64 number, GByteArray *packet)
{
  Kept *kept = g_new (Kept, 1);

  *kept = (Kept) { number, packet };
  g_queue_push_head (&fs->kept, kept);
  fs->kept_bytes += packet->len;
  while (fs->kept.length > MOST_KEPT || (fs->kept_bytes > MOST_KEPT_BYTES && fs->kept.length > 1))
    drop (fs, FALSE);
}

static const GByteArray *
find_kept (AsternFs *fs, guint64 number)
{
  for (GList *item = fs->kept.head; item != NULL; item = item->next)
    if (((Kept *) item->data)->number == number)
      return ((Kept *) item->data)->packet;
  return NULL;
}

/* ---- the thread ---- */

static void
answer (AsternFs *fs, const GByteArray *packet)
{
  astern_inputs_submit (fs->link->machine->inputs, fs->link->port, packet->data, packet->len);
}

/* The guest is in another future of its past. */
static void
go_back (AsternFs *fs, guint64 number)
{
  while (fs->kept.length > 0 && ((Kept *) fs->kept.head->data)->number >= number)
    drop (fs, TRUE);
  astern_fs_server_go_back (fs->server, number);
  fs->next = number;
}

static void
serve (AsternFs *fs, const guint8 *packet, gsize size)
{
  guint64 number = get (packet + OUT_NUMBER, 8);
  gboolean again = packet[OUT_AGAIN] != 0;
  guint8 header[IN_HEADER];
  GByteArray *done;

  if (again && number < fs->next)
    {
      const GByteArray *was = find_kept (fs, number);

      if (was != NULL)
        {
          answer (fs, was);
          return;
        }
    }
  else if (number < fs->next)
    go_back (fs, number);
  memcpy (header, packet, IN_HEADER);
  done = astern_fs_server_do (fs->server, number, packet + OUT_HEADER, size - OUT_HEADER, (guint32) get (packet + OUT_MOST, 4));
  g_byte_array_prepend (done, header, IN_HEADER);
  fs->next = MAX (fs->next, number + 1);
  keep (fs, number, done);
  answer (fs, done);
}

static gpointer
run (gpointer data)
{
  AsternFs *fs = data;

  for (;;)
    {
      g_autoptr (GBytes) packet = g_async_queue_pop (fs->requests);
      gsize size;
      const guint8 *bytes = g_bytes_get_data (packet, &size);

      if (size == 0)
        return NULL;
      serve (fs, bytes, size);
      g_mutex_lock (&fs->mutex);
      fs->waiting--;
      g_cond_signal (&fs->served);
      g_mutex_unlock (&fs->mutex);
    }
}

/* ---- the machine's thread ---- */

/* The machine waits a while for the host, in wall time: so a guest that has nothing else to do does not run ahead, and its
 * idle time need not end by the answer. */
static void
sent (gpointer user, const guint8 *data, gsize size)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;
  AsternFs *fs = user;

  if (size <= OUT_HEADER)
    return;
  g_mutex_lock (&fs->mutex);
  fs->waiting++;
  g_async_queue_push (fs->requests, g_bytes_new (data, size));
  while (fs->waiting > 0 && g_cond_wait_until (&fs->served, &fs->mutex, end_us))
    ;
  g_mutex_unlock (&fs->mutex);
}

static void
free_bytes (gpointer bytes)
{
  g_bytes_unref (bytes);
}

AsternFs *
astern_fs_new (AsternLink *link, const AsternFsSpec *spec, GError **error)
{
  AsternFsServer *server = astern_fs_server_new (spec, error);
  AsternFs *fs;

  if (server == NULL)
    return NULL;
  fs = g_new0 (AsternFs, 1);
  fs->link = link;
  fs->server = server;
  fs->requests = g_async_queue_new_full (free_bytes);
  g_queue_init (&fs->kept);
  g_mutex_init (&fs->mutex);
  g_cond_init (&fs->served);
  link->user = fs;
  link->send = sent;
  fs->thread = g_thread_new ("fs", run, fs);
  return fs;
}

/* What was asked for is done first: the guest may have been told to write, and be gone. */
void
astern_fs_free (AsternFs *fs)
{
  if (fs == NULL)
    return;
  fs->link->send = NULL;
  g_async_queue_push (fs->requests, g_bytes_new (NULL, 0));
  g_thread_join (fs->thread);
  g_async_queue_unref (fs->requests);
  g_mutex_clear (&fs->mutex);
  g_cond_clear (&fs->served);
  g_queue_clear_full (&fs->kept, kept_free);
  astern_fs_server_free (fs->server);
  g_free (fs);
}
