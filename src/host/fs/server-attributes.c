/* server-attributes.c - what files are: sizes, modes, times, extended attributes. */
#include "config.h"

#include "host/fs/server-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define FS_MAGIC      0x01021997u       /* V9FS_MAGIC */
#define BASIC         0x7ffu            /* all that stat() has */
#define MOST_XATTR    65536u

enum
{
  SET_MODE = 1, SET_UID = 2, SET_GID = 4, SET_SIZE = 8, SET_ATIME = 16, SET_MTIME = 32, SET_CTIME = 64,
  SET_ATIME_TO = 128, SET_MTIME_TO = 256,
};

int
fs_statfs (FsRequest *request)
{
  AsternFid *fid = fs_get_fid (request, NULL);
  struct statvfs st;
  int failed;

  if (request->in.bad)
    return EINVAL;
  if (fid == NULL)
    return EBADF;
  failed = astern_tree_statfs (&request->server->tree, &st);
  if (failed != 0)
    return failed;
  p9_put (request->out, 4, FS_MAGIC);
  p9_put (request->out, 4, st.f_bsize);
  p9_put (request->out, 8, st.f_blocks);
  p9_put (request->out, 8, st.f_bfree);
  p9_put (request->out, 8, st.f_bavail);
  p9_put (request->out, 8, st.f_files);
  p9_put (request->out, 8, st.f_ffree);
  p9_put (request->out, 8, st.f_fsid);
  p9_put (request->out, 4, st.f_namemax);
  return 0;
}

static int
stat_fid (AsternFsServer *server, const AsternFid *fid, struct stat *st)
{
  return fid->fd >= 0 ? astern_tree_stat_fd (&server->tree, fid->fd, st) : astern_tree_stat (&server->tree, fid->path, st);
}

int
fs_getattr (FsRequest *request)
{
  AsternFid *fid = fs_get_fid (request, NULL);
  struct stat st;
  int failed;
  P9Qid qid;

  p9_get (&request->in, 8);             /* what is wanted: all is given */
  if (request->in.bad)
    return EINVAL;
  if (fid == NULL)
    return EBADF;
  failed = stat_fid (request->server, fid, &st);
  if (failed != 0)
    return failed;
  qid = fs_qid (request->server, &st);
  p9_put (request->out, 8, BASIC);
  p9_put_qid (request->out, &qid);
  p9_put (request->out, 4, st.st_mode);
  p9_put (request->out, 4, st.st_uid);
  p9_put (request->out, 4, st.st_gid);
  p9_put (request->out, 8, st.st_nlink);
  p9_put (request->out, 8, st.st_rdev);
  p9_put (request->out, 8, (guint64) st.st_size);
  p9_put (request->out, 8, (guint64) st.st_blksize);
  p9_put (request->out, 8, (guint64) st.st_blocks);
  p9_put (request->out, 8, (guint64) st.st_atim.tv_sec);
  p9_put (request->out, 8, (guint64) st.st_atim.tv_nsec);
  p9_put (request->out, 8, (guint64) st.st_mtim.tv_sec);
  p9_put (request->out, 8, (guint64) st.st_mtim.tv_nsec);
  p9_put (request->out, 8, (guint64) st.st_ctim.tv_sec);
  p9_put (request->out, 8, (guint64) st.st_ctim.tv_nsec);
  for (guint i = 0; i < 4; i++)         /* when it was born, its generation, its data's version: unknown */
    p9_put (request->out, 8, 0);
  return 0;
}

static struct timespec
time_of (guint32 valid, guint32 set, guint32 set_to, guint64 seconds, guint64 ns)
{
  if (!(valid & set))
    return (struct timespec) { .tv_nsec = UTIME_OMIT };
  if (!(valid & set_to))
    return (struct timespec) { .tv_nsec = UTIME_NOW };
  return (struct timespec) { (time_t) seconds, (long) MIN (ns, 999999999) };
}

/* In the order in which one does not take away what another needs: a change of owner takes mode bits away. */
static int
set_attributes (AsternTree *tree, const char *path, guint32 valid, guint32 mode, guint32 uid, guint32 gid, guint64 size,
                const struct timespec times[2])
{
  int failed = 0;

  if (valid & (SET_UID | SET_GID))
    failed = astern_tree_chown (tree, path, valid & SET_UID ? uid : G_MAXUINT32, valid & SET_GID ? gid : G_MAXUINT32);
  if (failed == 0 && (valid & SET_MODE))
    failed = astern_tree_chmod (tree, path, mode);
  if (failed == 0 && (valid & SET_SIZE))
    failed = astern_tree_truncate (tree, path, size);
  if (failed == 0 && (valid & (SET_ATIME | SET_MTIME)))
    failed = astern_tree_utimes (tree, path, times);
  return failed;
}

int
fs_setattr (FsRequest *request)
{
  AsternFid *fid = fs_get_fid (request, NULL);
  guint32 valid = (guint32) p9_get (&request->in, 4), mode = (guint32) p9_get (&request->in, 4);
  guint32 uid = (guint32) p9_get (&request->in, 4), gid = (guint32) p9_get (&request->in, 4);
  guint64 size = p9_get (&request->in, 8), words[4];
  struct timespec times[2];

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    words[i] = p9_get (&request->in, 8);
  if (request->in.bad)
    return EINVAL;
  if (fid == NULL || fid->kind != ASTERN_FID_PLAIN)
    return EBADF;
  times[0] = time_of (valid, SET_ATIME, SET_ATIME_TO, words[0], words[1]);
  times[1] = time_of (valid, SET_MTIME, SET_MTIME_TO, words[2], words[3]);
  if (fid->fd >= 0 && (valid & SET_SIZE) && (fid->flags & O_ACCMODE) != O_RDONLY && size <= G_MAXINT64)
    {
      if (ftruncate (fid->fd, (off_t) size) != 0)       /* it may have no name any more */
        return errno;
      valid &= ~(guint32) SET_SIZE;
    }
  return set_attributes (&request->server->tree, fid->path, valid, mode, uid, gid, size, times);
}

/* ---- extended attributes ---- */

int
fs_xattrwalk (FsRequest *request)
{
  AsternFsServer *server = request->server;
  AsternFid *fid = fs_get_fid (request, NULL), *made;
  guint32 wanted = (guint32) p9_get (&request->in, 4);
  g_autofree char *name = p9_get_string (&request->in);
  g_autofree guint8 *value = NULL;
  gsize size = 0;
  int failed;

  if (request->in.bad || wanted == P9_NO_FID)
    return EINVAL;
  if (fid == NULL || astern_fids_find (&server->fids, wanted) != NULL)
    return EBADF;
  failed = astern_tree_get_xattr (&server->tree, fid->path, name[0] != '\0' ? name : NULL, &value, &size);
  if (failed != 0)
    return failed;
  made = astern_fid_new (fid->path);
  made->kind = ASTERN_FID_XATTR_READ;
  made->value = g_byte_array_new_take (g_steal_pointer (&value), size);
  astern_fids_set (&server->fids, wanted, made);
  p9_put (request->out, 8, size);
  return 0;
}

/* The fid of the file becomes one of the attribute. */
int
fs_xattrcreate (FsRequest *request)
{
  guint32 number;
  AsternFid *fid = fs_get_fid (request, &number), *made;
  g_autofree char *name = p9_get_string (&request->in);
  guint64 size = p9_get (&request->in, 8);
  guint32 flags = (guint32) p9_get (&request->in, 4);

  if (request->in.bad || name[0] == '\0')
    return EINVAL;
  if (fid == NULL || fid->kind != ASTERN_FID_PLAIN || fid->fd >= 0)
    return EBADF;
  if (size > MOST_XATTR)
    return ENOSPC;
  made = astern_fid_new (fid->path);
  made->kind = ASTERN_FID_XATTR_WRITE;
  made->xattr = g_steal_pointer (&name);
  made->xattr_flags = flags;
  made->xattr_size = (gsize) size;
  made->value = g_byte_array_new ();
  astern_fids_set (&request->server->fids, number, made);
  return 0;
}

/* An empty one that was announced as such is taken away, as Linux means it. */
int
fs_finish_xattr (FsRequest *request, AsternFid *fid)
{
  if (fid->kind != ASTERN_FID_XATTR_WRITE || fid->value == NULL)
    return 0;
  if (fid->value->len != fid->xattr_size)
    return EIO;
  return astern_tree_set_xattr (&request->server->tree, fid->path, fid->xattr, fid->xattr_size > 0 ? fid->value->data : NULL,
                                fid->value->len, (int) fid->xattr_flags & (XATTR_CREATE | XATTR_REPLACE));
}
