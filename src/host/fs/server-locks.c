/* server-locks.c - locks of byte ranges, of a client's processes among each other.
 *
 * They are the server's own: who works in the directory on the host does not see them.  (The host's locks belong to
 * descriptors or to processes, a guest's process has neither here.) */
#include "config.h"

#include "host/fs/server-private.h"

#include <errno.h>
#include <string.h>

enum { LOCK_READ = 0, LOCK_WRITE = 1, LOCK_UNLOCK = 2 };
enum { SUCCESS = 0, BLOCKED = 1 };

#define MOST_LOCKS 65536u

void
fs_locks_drop (AsternFsServer *server, guint32 number)
{
  for (guint i = server->locks->len; i-- > 0;)
    if (g_array_index (server->locks, AsternFsLock, i).number == number)
      g_array_remove_index_fast (server->locks, i);
}

static gboolean
is_owner (const AsternFsLock *a, const AsternFsLock *b)
{
  return a->process == b->process && g_str_equal (a->client, b->client);
}

static gboolean
meets (const AsternFsLock *a, const AsternFsLock *b)
{
  return a->device == b->device && a->inode == b->inode && a->start < b->end && b->start < a->end;
}

static const AsternFsLock *
find_conflict (AsternFsServer *server, const AsternFsLock *wanted)
{
  for (guint i = 0; i < server->locks->len; i++)
    {
      const AsternFsLock *held = &g_array_index (server->locks, AsternFsLock, i);

      if (meets (held, wanted) && !is_owner (held, wanted) && (held->type == LOCK_WRITE || wanted->type == LOCK_WRITE))
        return held;
    }
  return NULL;
}

/* The owner's own locks in the range end; what of them lies outside stays. */
static void
cut (AsternFsServer *server, const AsternFsLock *range)
{
  for (guint i = server->locks->len; i-- > 0;)
    {
      AsternFsLock held = g_array_index (server->locks, AsternFsLock, i), rest = held;

      if (!meets (&held, range) || !is_owner (&held, range))
        continue;
      if (held.start < range->start)
        {
          rest.end = range->start;
          rest.client = g_strdup (held.client);
          g_array_append_val (server->locks, rest);
        }
      if (held.end > range->end)
        {
          rest = held;
          rest.start = range->end;
          rest.client = g_strdup (held.client);
          g_array_append_val (server->locks, rest);
        }
      g_array_remove_index_fast (server->locks, i);
    }
}

/* What the message says, behind the fid; @flags: whether there are some. */
static int
get_lock (FsRequest *request, gboolean flags, AsternFsLock *lock)
{
  AsternFid *fid = fs_get_fid (request, &lock->number);
  guint64 length;
  struct stat st;
  int failed;

  lock->type = (guint8) p9_get (&request->in, 1);
  if (flags)
    p9_get (&request->in, 4);
  lock->start = p9_get (&request->in, 8);
  length = p9_get (&request->in, 8);
  lock->process = (guint32) p9_get (&request->in, 4);
  lock->client = p9_get_string (&request->in);
  lock->end = length == 0 || length > G_MAXUINT64 - lock->start ? G_MAXUINT64 : lock->start + length;
  if (request->in.bad || lock->type > LOCK_UNLOCK)
    return EINVAL;
  if (fid == NULL || fid->fd < 0)
    return EBADF;
  failed = astern_tree_stat_fd (&request->server->tree, fid->fd, &st);
  lock->device = st.st_dev;
  lock->inode = st.st_ino;
  return failed;
}

int
fs_lock (FsRequest *request)
{
  AsternFsServer *server = request->server;
  AsternFsLock lock = { 0 };
  int failed = get_lock (request, TRUE, &lock);
  guint8 status = SUCCESS;

  if (failed == 0 && lock.type != LOCK_UNLOCK && find_conflict (server, &lock) != NULL)
    status = BLOCKED;
  else if (failed == 0 && lock.type != LOCK_UNLOCK && server->locks->len >= MOST_LOCKS)
    failed = ENOLCK;
  else if (failed == 0)
    {
      cut (server, &lock);
      if (lock.type != LOCK_UNLOCK)
        {
          g_array_append_val (server->locks, lock);
          lock.client = NULL;
        }
    }
  g_free (lock.client);
  p9_put (request->out, 1, status);
  return failed;
}

int
fs_getlock (FsRequest *request)
{
  AsternFsLock lock = { 0 };
  int failed = get_lock (request, FALSE, &lock);
  const AsternFsLock *held = failed == 0 ? find_conflict (request->server, &lock) : NULL;

  if (failed == 0)
    {
      const AsternFsLock *answer = held != NULL ? held : &lock;

      p9_put (request->out, 1, held != NULL ? held->type : LOCK_UNLOCK);
      p9_put (request->out, 8, answer->start);
      p9_put (request->out, 8, answer->end == G_MAXUINT64 ? 0 : answer->end - answer->start);
      p9_put (request->out, 4, answer->process);
      p9_put_string (request->out, answer->client);
    }
  g_free (lock.client);
  return failed;
}
