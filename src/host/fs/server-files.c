/* server-files.c - files that are opened, read and written, and the names in directories. */
#include "config.h"

#include "host/fs/server-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Of the flags that a guest opens with; the rest are its own business.  Appending is: it says where it writes. */
#define FLAGS (O_ACCMODE | O_TRUNC | O_SYNC | O_DSYNC | O_DIRECTORY)

enum { READDIR_ENTRY = 13 + 8 + 1 + 2 };        /* a qid, where the next one is, a type, a name's length */

static int
put_opened (FsRequest *request, const char *path)
{
  int failed = fs_put_qid (request, path);

  p9_put (request->out, 4, 0);          /* as much at once as a message holds */
  return failed;
}

/* @fid is open from now on; another one in its place, so that one can go back. */
static void
set_open (FsRequest *request, guint32 number, const char *path, int fd, int flags)
{
  AsternFid *open = astern_fid_new (path);

  open->fd = fd;
  open->flags = flags & ~(O_TRUNC | O_CREAT | O_EXCL);
  astern_fids_set (&request->server->fids, number, open);
}

int
fs_lopen (FsRequest *request)
{
  AsternFsServer *server = request->server;
  guint32 number;
  AsternFid *fid = fs_get_fid (request, &number);
  int flags = (int) p9_get (&request->in, 4) & FLAGS, fd, failed;
  g_autofree char *path = NULL;

  if (request->in.bad)
    return EINVAL;
  if (fid == NULL || fid->kind != ASTERN_FID_PLAIN || fid->fd >= 0)
    return EBADF;
  if (server->readonly && ((flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC)))
    return EROFS;
  path = g_strdup (fid->path);
  failed = astern_tree_open (&server->tree, path, flags, &fd);
  if (failed != 0)
    return failed;
  set_open (request, number, path, fd, flags);
  return put_opened (request, path);
}

int
fs_lcreate (FsRequest *request)
{
  AsternFsServer *server = request->server;
  guint32 number;
  AsternFid *fid = fs_get_fid (request, &number);
  g_autofree char *name = p9_get_name (&request->in);
  int flags = (int) p9_get (&request->in, 4), fd, failed;
  AsternTreeOwner owner = { .uid = G_MAXUINT32 };
  g_autofree char *path = NULL;

  owner.mode = (guint32) p9_get (&request->in, 4);
  owner.gid = (guint32) p9_get (&request->in, 4);
  if (request->in.bad || g_str_equal (name, ".") || g_str_equal (name, ".."))
    return EINVAL;
  if (fid == NULL || fid->kind != ASTERN_FID_PLAIN || fid->fd >= 0)
    return EBADF;
  path = astern_tree_join (fid->path, name);
  failed = astern_tree_create (&server->tree, path, flags & (FLAGS | O_EXCL), &owner, &fd);
  if (failed != 0)
    return failed;
  set_open (request, number, path, fd, flags & FLAGS);
  return put_opened (request, path);
}

/* ---- reading and writing ---- */

static int
read_value (FsRequest *request, const AsternFid *fid, guint64 offset, guint32 count)
{
  gsize size = fid->value != NULL ? fid->value->len : 0;
  guint32 got = offset < size ? (guint32) MIN (count, size - offset) : 0;

  p9_put (request->out, 4, got);
  if (got > 0)
    g_byte_array_append (request->out, fid->value->data + offset, got);
  return 0;
}

int
fs_read (FsRequest *request)
{
  AsternFid *fid = fs_get_fid (request, NULL);
  guint64 offset = p9_get (&request->in, 8);
  guint32 count = (guint32) p9_get (&request->in, 4);
  gssize got;

  if (request->in.bad || request->room < 4)
    return EINVAL;
  count = MIN (count, request->room - 4);
  if (fid != NULL && fid->kind == ASTERN_FID_XATTR_READ)
    return read_value (request, fid, offset, count);
  if (fid == NULL || fid->fd < 0)
    return EBADF;
  if (offset > G_MAXINT64)
    return EINVAL;
  g_byte_array_set_size (request->out, P9_HEADER + 4 + count);
  do
    got = pread (fid->fd, request->out->data + P9_HEADER + 4, count, (off_t) offset);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    return errno;
  g_byte_array_set_size (request->out, P9_HEADER + 4 + (guint) got);
  p9_set (request->out, P9_HEADER, 4, (guint64) got);
  return 0;
}

static int
write_value (FsRequest *request, AsternFid *fid, guint64 offset, const guint8 *bytes, guint32 count)
{
  if (offset != fid->value->len || count > fid->xattr_size - fid->value->len)
    return ENOSPC;
  g_byte_array_append (fid->value, bytes, count);
  p9_put (request->out, 4, count);
  return 0;
}

int
fs_write (FsRequest *request)
{
  AsternFid *fid = fs_get_fid (request, NULL);
  guint64 offset = p9_get (&request->in, 8);
  guint32 count = (guint32) p9_get (&request->in, 4);
  const guint8 *bytes = p9_get_bytes (&request->in, count);
  gssize put;

  if (request->in.bad)
    return EINVAL;
  if (fid != NULL && fid->kind == ASTERN_FID_XATTR_WRITE)
    return write_value (request, fid, offset, bytes, count);
  if (fid == NULL || fid->fd < 0)
    return EBADF;
  if (offset > G_MAXINT64)
    return EFBIG;
  do
    put = pwrite (fid->fd, bytes, count, (off_t) offset);
  while (put < 0 && errno == EINTR);
  if (put < 0)
    return errno;
  p9_put (request->out, 4, (guint64) put);
  return 0;
}

int
fs_fsync (FsRequest *request)
{
  AsternFid *fid = fs_get_fid (request, NULL);
  gboolean data_alone = request->in.at < request->in.end && p9_get (&request->in, 4) != 0;

  if (request->in.bad)
    return EINVAL;
  if (fid == NULL || fid->fd < 0)
    return EBADF;
  return (data_alone ? fdatasync (fid->fd) : fsync (fid->fd)) != 0 ? errno : 0;
}

int
fs_clunk (FsRequest *request)
{
  AsternFsServer *server = request->server;
  guint32 number;
  AsternFid *fid = fs_get_fid (request, &number);
  int failed;

  if (request->in.bad)
    return EINVAL;
  if (fid == NULL)
    return EBADF;
  failed = fs_finish_xattr (request, fid);
  fs_locks_drop (server, number);
  astern_fids_set (&server->fids, number, NULL);
  return failed;
}

/* ---- directories ---- */

static void
clear_name (gpointer data)
{
  g_free (*(char **) data);
}

/* All names at once: a place among them is a number then, whatever becomes of the directory. */
static int
read_names (AsternFid *fid)
{
  int fd = openat (fid->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *entry;
  int failed;

  if (directory == NULL)
    {
      failed = errno;
      if (fd >= 0)
        close (fd);
      return failed;
    }
  g_clear_pointer (&fid->names, g_array_unref);
  fid->names = g_array_new (FALSE, FALSE, sizeof (char *));
  g_array_set_clear_func (fid->names, clear_name);
  while ((entry = readdir (directory)) != NULL)
    {
      char *name = g_strdup (entry->d_name);

      g_array_append_val (fid->names, name);
    }
  closedir (directory);
  return 0;
}

/* Of what has gone meanwhile nothing is said. */
static void
put_entry (FsRequest *request, const AsternFid *fid, const char *name, guint64 next)
{
  g_autofree char *path = astern_tree_join (fid->path, name);
  struct stat st;
  P9Qid qid;

  if (astern_tree_stat (&request->server->tree, path, &st) != 0)
    return;
  qid = fs_qid (request->server, &st);
  p9_put_qid (request->out, &qid);
  p9_put (request->out, 8, next);
  p9_put (request->out, 1, st.st_mode >> 12);           /* as DT_DIR and the like */
  p9_put_string (request->out, name);
}

int
fs_readdir (FsRequest *request)
{
  AsternFid *fid = fs_get_fid (request, NULL);
  guint64 at = p9_get (&request->in, 8);
  guint32 count = (guint32) p9_get (&request->in, 4);
  gsize end;
  int failed;

  if (request->in.bad || request->room < 4)
    return EINVAL;
  if (fid == NULL || fid->fd < 0)
    return EBADF;
  if (at == 0 || fid->names == NULL)
    {
      failed = read_names (fid);
      if (failed != 0)
        return failed;
    }
  end = P9_HEADER + 4 + (gsize) MIN (count, request->room - 4);
  p9_put (request->out, 4, 0);
  for (; at < fid->names->len; at++)
    {
      const char *name = g_array_index (fid->names, char *, at);

      if (request->out->len + READDIR_ENTRY + strlen (name) > end)
        break;
      put_entry (request, fid, name, at + 1);
    }
  p9_set (request->out, P9_HEADER, 4, request->out->len - P9_HEADER - 4);
  return 0;
}
