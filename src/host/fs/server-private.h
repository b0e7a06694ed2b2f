/* server-private - what the files of the server share.  For server*.c alone. */
#pragma once

#include "host/fs/fids.h"
#include "host/fs/p9.h"
#include "host/fs/server.h"

/* A lock that a client holds. */
typedef struct
{
  guint64 device, inode;
  guint64 start, end;           /* half open; G_MAXUINT64: to the end of the file */
  guint32 number;               /* of the fid by which it was taken */
  guint32 process;
  char   *client;
  guint8  type;
} AsternFsLock;

struct _AsternFsServer
{
  AsternTree tree;
  gboolean   readonly;
  AsternFids fids;
  GArray    *locks;             /* AsternFsLock */
  guint32    most;              /* bytes of a message, as agreed upon */
  dev_t      device;            /* of the top */
};

/* One request on its way.  A handler returns 0, or an errno, which is positive; then what it wrote is void. */
typedef struct
{
  AsternFsServer *server;
  P9Reader        in;
  GByteArray     *out;          /* behind the header */
  guint32         room;         /* bytes that may follow the header */
} FsRequest;

typedef int (*FsHandler) (FsRequest *request);

P9Qid      fs_qid       (AsternFsServer *server, const struct stat *st);
/* Of the file at a path: looked up, and written. */
int        fs_put_qid   (FsRequest *request, const char *path);
/* The fid that comes next in the message; NULL: there is none. */
AsternFid *fs_get_fid   (FsRequest *request, guint32 *number);
/* The fid of a directory and a name in it that come next, joined; “.” and “..” are refused.  0, or an errno. */
int        fs_get_place (FsRequest *request, char **path);
void       fs_locks_drop (AsternFsServer *server, guint32 number);

/* server-files.c: what is open, and directories' names. */
int fs_lopen (FsRequest *request), fs_lcreate (FsRequest *request), fs_read (FsRequest *request), fs_write (FsRequest *request),
    fs_readdir (FsRequest *request), fs_fsync (FsRequest *request), fs_clunk (FsRequest *request);
/* server-names.c: what makes, moves and removes. */
int fs_walk (FsRequest *request), fs_symlink (FsRequest *request), fs_mknod (FsRequest *request), fs_rename (FsRequest *request),
    fs_renameat (FsRequest *request), fs_readlink (FsRequest *request), fs_link (FsRequest *request), fs_mkdir (FsRequest *request),
    fs_unlinkat (FsRequest *request), fs_remove (FsRequest *request);
/* server-attributes.c */
int fs_statfs (FsRequest *request), fs_getattr (FsRequest *request), fs_setattr (FsRequest *request),
    fs_xattrwalk (FsRequest *request), fs_xattrcreate (FsRequest *request);
/* What was written to a fid of an attribute is set, when it is clunked. */
int fs_finish_xattr (FsRequest *request, AsternFid *fid);
/* server-locks.c */
int fs_lock (FsRequest *request), fs_getlock (FsRequest *request);
