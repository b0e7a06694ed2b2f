/* server-names.c - walking, and what makes, moves and removes files. */
#include "config.h"

#include "host/fs/server-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>

/* ---- walking ---- */

/* One name further; writes the qid of what is there. */
static int
step (FsRequest *request, char **path, const char *name)
{
  g_autofree char *next = astern_tree_join (*path, name);
  struct stat st;
  int failed = astern_tree_stat (&request->server->tree, *path, &st);

  if (failed != 0)
    return failed;
  if (!S_ISDIR (st.st_mode))
    return ENOTDIR;
  failed = fs_put_qid (request, next);
  if (failed != 0)
    return failed;
  g_free (*path);
  *path = g_steal_pointer (&next);
  return 0;
}

int
fs_walk (FsRequest *request)
{
  AsternFsServer *server = request->server;
  guint32 number;
  AsternFid *fid = fs_get_fid (request, &number), *made;
  guint32 wanted = (guint32) p9_get (&request->in, 4);
  guint count = (guint) p9_get (&request->in, 2), done = 0;
  g_autofree char *path = NULL;
  int failed = 0;

  if (request->in.bad || count > P9_MOST_WALK || wanted == P9_NO_FID)
    return EINVAL;
  if (fid == NULL || (wanted != number && astern_fids_find (&server->fids, wanted) != NULL) || (fid->fd >= 0 && count > 0))
    return EBADF;
  path = g_strdup (fid->path);
  p9_put (request->out, 2, 0);
  while (done < count && failed == 0)
    {
      g_autofree char *name = p9_get_name (&request->in);

      failed = request->in.bad ? EINVAL : step (request, &path, name);
      if (failed == 0)
        done++;
    }
  if (done == 0 && failed != 0)
    return failed;
  p9_set (request->out, P9_HEADER, 2, done);
  if (done < count)                     /* some of it was there: no fid is made */
    return 0;
  made = count == 0 ? astern_fid_copy (fid) : astern_fid_new (path);
  astern_fids_set (&server->fids, wanted, made);
  return 0;
}

/* ---- making ---- */

static AsternTreeOwner
get_owner (FsRequest *request, guint32 mode)
{
  return (AsternTreeOwner) { .uid = G_MAXUINT32, .gid = (guint32) p9_get (&request->in, 4), .mode = mode };
}

int
fs_mkdir (FsRequest *request)
{
  g_autofree char *path = NULL;
  int failed = fs_get_place (request, &path);
  guint32 mode = (guint32) p9_get (&request->in, 4);
  AsternTreeOwner owner = get_owner (request, mode);

  if (failed != 0 || request->in.bad)
    return failed != 0 ? failed : EINVAL;
  failed = astern_tree_mkdir (&request->server->tree, path, &owner);
  return failed != 0 ? failed : fs_put_qid (request, path);
}

int
fs_mknod (FsRequest *request)
{
  g_autofree char *path = NULL;
  int failed = fs_get_place (request, &path);
  guint32 mode = (guint32) p9_get (&request->in, 4);
  guint32 first = (guint32) p9_get (&request->in, 4), second = (guint32) p9_get (&request->in, 4);
  AsternTreeOwner owner = get_owner (request, mode);

  if (failed != 0 || request->in.bad)
    return failed != 0 ? failed : EINVAL;
  failed = astern_tree_mknod (&request->server->tree, path, makedev (first, second), &owner);
  return failed != 0 ? failed : fs_put_qid (request, path);
}

int
fs_symlink (FsRequest *request)
{
  g_autofree char *path = NULL;
  int failed = fs_get_place (request, &path);
  g_autofree char *target = p9_get_string (&request->in);
  AsternTreeOwner owner = get_owner (request, 0);

  if (failed != 0 || request->in.bad)
    return failed != 0 ? failed : EINVAL;
  failed = astern_tree_symlink (&request->server->tree, path, target, &owner);
  return failed != 0 ? failed : fs_put_qid (request, path);
}

int
fs_readlink (FsRequest *request)
{
  AsternFid *fid = fs_get_fid (request, NULL);
  g_autofree char *target = NULL;
  int failed;

  if (request->in.bad)
    return EINVAL;
  if (fid == NULL)
    return EBADF;
  failed = astern_tree_readlink (&request->server->tree, fid->path, &target);
  if (failed == 0)
    p9_put_string (request->out, target);
  return failed;
}

int
fs_link (FsRequest *request)
{
  AsternFid *directory = fs_get_fid (request, NULL), *fid = fs_get_fid (request, NULL);
  g_autofree char *name = p9_get_name (&request->in);
  g_autofree char *path = NULL;

  if (request->in.bad)
    return EINVAL;
  if (directory == NULL || fid == NULL)
    return EBADF;
  if (g_str_equal (name, ".") || g_str_equal (name, ".."))
    return EEXIST;
  path = astern_tree_join (directory->path, name);
  return astern_tree_link (&request->server->tree, fid->path, path);
}

/* ---- moving and removing ---- */

static int
rename_to (FsRequest *request, const char *old, const char *path)
{
  g_autofree char *from = g_strdup (old);       /* of a fid, which is given the new one */
  int failed = astern_tree_rename (&request->server->tree, from, path);

  if (failed == 0)
    astern_fids_moved (&request->server->fids, from, path);
  return failed;
}

int
fs_rename (FsRequest *request)
{
  AsternFid *fid = fs_get_fid (request, NULL);
  g_autofree char *path = NULL;
  int failed = fs_get_place (request, &path);

  if (failed != 0)
    return failed;
  return fid == NULL ? EBADF : rename_to (request, fid->path, path);
}

int
fs_renameat (FsRequest *request)
{
  g_autofree char *old = NULL;
  g_autofree char *path = NULL;
  int failed = fs_get_place (request, &old);

  if (failed == 0)
    failed = fs_get_place (request, &path);
  return failed != 0 ? failed : rename_to (request, old, path);
}

int
fs_unlinkat (FsRequest *request)
{
  g_autofree char *path = NULL;
  int failed = fs_get_place (request, &path);
  guint32 flags = (guint32) p9_get (&request->in, 4);

  if (failed != 0 || request->in.bad)
    return failed != 0 ? failed : EINVAL;
  return astern_tree_unlink (&request->server->tree, path, flags & AT_REMOVEDIR);
}

/* The fid is gone whether or not the file is. */
int
fs_remove (FsRequest *request)
{
  AsternFsServer *server = request->server;
  guint32 number;
  AsternFid *fid = fs_get_fid (request, &number);
  struct stat st;
  int failed;

  if (request->in.bad)
    return EINVAL;
  if (fid == NULL)
    return EBADF;
  failed = server->readonly ? EROFS : astern_tree_stat (&server->tree, fid->path, &st);
  if (failed == 0)
    failed = astern_tree_unlink (&server->tree, fid->path, S_ISDIR (st.st_mode) ? AT_REMOVEDIR : 0);
  fs_locks_drop (server, number);
  astern_fids_set (&server->fids, number, NULL);
  return failed;
}
