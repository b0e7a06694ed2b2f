/* server.c - see server.h.
 * Source: as p9.c.
 * Left out: authentication (a client has what the directory's owner lets it have), several users in one client. */
#include "config.h"

#include "host/fs/server-private.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <glib/gi18n.h>

#define LEAST_MESSAGE 4096u
#define VERSION       "9P2000.L"
#define MOST_FIDS     65536u

void
astern_fs_spec_clear (AsternFsSpec *spec)
{
  g_clear_pointer (&spec->path, g_free);
}

static void
clear_lock (gpointer data)
{
  g_free (((AsternFsLock *) data)->client);
}

AsternFsServer *
astern_fs_server_new (const AsternFsSpec *spec, GError **error)
{
  g_autoptr (AsternFsServer) server = g_new0 (AsternFsServer, 1);
  struct stat st;
  int failed = astern_tree_init (&server->tree, spec->path, spec->security);

  server->readonly = spec->readonly;
  server->most = ASTERN_FS_MOST_MESSAGE;
  server->locks = g_array_new (FALSE, FALSE, sizeof (AsternFsLock));
  g_array_set_clear_func (server->locks, clear_lock);
  astern_fids_init (&server->fids);
  if (failed == 0)
    failed = astern_tree_stat (&server->tree, "", &st);
  if (failed != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (failed), _("The directory “%s” cannot be shared: %s."), spec->path,
                   g_strerror (failed));
      return NULL;
    }
  server->device = st.st_dev;
  return g_steal_pointer (&server);
}

void
astern_fs_server_free (AsternFsServer *server)
{
  if (server == NULL)
    return;
  astern_fids_clear (&server->fids);
  g_array_unref (server->locks);
  astern_tree_clear (&server->tree);
  g_free (server);
}

void
astern_fs_server_go_back (AsternFsServer *server, guint64 request)
{
  astern_fids_go_back (&server->fids, request, &server->tree);
}

/* ---- for the handlers ---- */

/* Files of another file system below the directory are told apart by their device. */
P9Qid
fs_qid (AsternFsServer *server, const struct stat *st)
{
  guint64 other = st->st_dev == server->device ? 0 : (guint64) (major (st->st_dev) << 8 ^ minor (st->st_dev)) & 0xffff;

  return (P9Qid) {
    .type = S_ISDIR (st->st_mode) ? P9_QID_DIRECTORY : S_ISLNK (st->st_mode) ? P9_QID_SYMLINK : P9_QID_FILE,
    .version = (guint32) st->st_mtim.tv_sec ^ (guint32) st->st_mtim.tv_nsec ^ (guint32) st->st_size << 8,
    .path = (guint64) st->st_ino ^ other << 48,
  };
}

int
fs_put_qid (FsRequest *request, const char *path)
{
  struct stat st;
  int failed = astern_tree_stat (&request->server->tree, path, &st);
  P9Qid qid;

  if (failed != 0)
    return failed;
  qid = fs_qid (request->server, &st);
  p9_put_qid (request->out, &qid);
  return 0;
}

AsternFid *
fs_get_fid (FsRequest *request, guint32 *number)
{
  guint32 value = (guint32) p9_get (&request->in, 4);

  if (number != NULL)
    *number = value;
  return astern_fids_find (&request->server->fids, value);
}

int
fs_get_place (FsRequest *request, char **path)
{
  AsternFid *directory = fs_get_fid (request, NULL);
  g_autofree char *name = p9_get_name (&request->in);

  if (request->in.bad)
    return EINVAL;
  if (directory == NULL || directory->kind != ASTERN_FID_PLAIN)
    return EBADF;
  if (g_str_equal (name, ".") || g_str_equal (name, ".."))
    return EEXIST;
  *path = astern_tree_join (directory->path, name);
  return 0;
}

/* ---- beginning ---- */

static int
version (FsRequest *request)
{
  guint32 most = (guint32) p9_get (&request->in, 4);
  g_autofree char *theirs = p9_get_string (&request->in);
  AsternFsServer *server = request->server;

  if (request->in.bad || most < LEAST_MESSAGE)
    return EINVAL;
  astern_fids_forget_all (&server->fids);
  g_array_set_size (server->locks, 0);
  server->most = MIN (most, ASTERN_FS_MOST_MESSAGE);
  p9_put (request->out, 4, server->most);
  p9_put_string (request->out, g_str_equal (theirs, VERSION) ? VERSION : "unknown");
  return 0;
}

static int
auth (FsRequest *request)
{
  return EOPNOTSUPP;            /* none is needed */
}

static int
attach (FsRequest *request)
{
  guint32 number = (guint32) p9_get (&request->in, 4);

  p9_get (&request->in, 4);     /* of an authentication */
  if (request->in.bad)
    return EINVAL;
  if (astern_fids_find (&request->server->fids, number) != NULL || number == P9_NO_FID)
    return EBADF;
  astern_fids_set (&request->server->fids, number, astern_fid_new (""));
  return fs_put_qid (request, "");
}

/* Requests are done one after the other: what was to be flushed is done. */
static int
flush (FsRequest *request)
{
  return 0;
}

/* ---- what there is ---- */

enum { CHANGES = 1, MAKES_FID = 2 };

static const struct { guint8 type, traits; FsHandler handle; } handlers[] = {
  { P9_STATFS,      0,         fs_statfs },
  { P9_LOPEN,       0,         fs_lopen },          /* looks at the flags itself */
  { P9_LCREATE,     CHANGES,   fs_lcreate },
  { P9_SYMLINK,     CHANGES,   fs_symlink },
  { P9_MKNOD,       CHANGES,   fs_mknod },
  { P9_RENAME,      CHANGES,   fs_rename },
  { P9_READLINK,    0,         fs_readlink },
  { P9_GETATTR,     0,         fs_getattr },
  { P9_SETATTR,     CHANGES,   fs_setattr },
  { P9_XATTRWALK,   MAKES_FID, fs_xattrwalk },
  { P9_XATTRCREATE, CHANGES,   fs_xattrcreate },
  { P9_READDIR,     0,         fs_readdir },
  { P9_FSYNC,       0,         fs_fsync },
  { P9_LOCK,        0,         fs_lock },
  { P9_GETLOCK,     0,         fs_getlock },
  { P9_LINK,        CHANGES,   fs_link },
  { P9_MKDIR,       CHANGES,   fs_mkdir },
  { P9_RENAMEAT,    CHANGES,   fs_renameat },
  { P9_UNLINKAT,    CHANGES,   fs_unlinkat },
  { P9_VERSION,     0,         version },
  { P9_AUTH,        0,         auth },
  { P9_ATTACH,      MAKES_FID, attach },
  { P9_FLUSH,       0,         flush },
  { P9_WALK,        MAKES_FID, fs_walk },
  { P9_READ,        0,         fs_read },
  { P9_WRITE,       CHANGES,   fs_write },
  { P9_CLUNK,       0,         fs_clunk },
  { P9_REMOVE,      0,         fs_remove },         /* is a clunk whatever happens */
};

static int
handle (FsRequest *request, guint8 type)
{
  AsternFsServer *server = request->server;

  for (gsize i = 0; i < G_N_ELEMENTS (handlers); i++)
    if (handlers[i].type == type)
      {
        if ((handlers[i].traits & CHANGES) && server->readonly)
          return EROFS;
        if ((handlers[i].traits & MAKES_FID) && astern_fids_count (&server->fids) >= MOST_FIDS)
          return EMFILE;
        return handlers[i].handle (request);
      }
  return EOPNOTSUPP;
}

GByteArray *
astern_fs_server_do (AsternFsServer *server, guint64 number, const guint8 *message, gsize size, guint32 most)
{
  FsRequest request = { .server = server, .in = { message, size > 0 ? message + size : message, FALSE }, .out = g_byte_array_new () };
  guint32 announced = (guint32) p9_get (&request.in, 4);
  guint8 type = (guint8) p9_get (&request.in, 1);
  guint16 tag = (guint16) p9_get (&request.in, 2);
  int failed;

  server->fids.request = number;
  most = MIN (most, server->most);
  request.room = most > P9_HEADER ? most - P9_HEADER : 0;
  p9_put (request.out, P9_HEADER, 0);
  if (request.in.bad || announced < P9_HEADER || announced > size)
    failed = EINVAL;
  else
    {
      request.in.end = message + announced;
      failed = handle (&request, type);
    }
  if (failed == 0 && request.out->len > P9_HEADER + request.room)
    failed = ERANGE;
  if (failed != 0)
    {
      type = P9_LERROR;
      g_byte_array_set_size (request.out, P9_HEADER);
      p9_put (request.out, 4, (guint) failed);
    }
  p9_set (request.out, 0, 4, request.out->len);
  p9_set (request.out, 4, 1, type + 1u);
  p9_set (request.out, 5, 2, tag);
  return request.out;
}
