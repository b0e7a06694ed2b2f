/* server - serves a directory of the host by 9P2000.L.
 *
 * A request of any bytes gets an answer.  This is the protocol alone: who asks, and when, is fs.h's.
 *
 * Threads: one at a time. */
#pragma once

#include "host/fs/tree.h"

#include <gio/gio.h>

#define ASTERN_FS_MOST_MESSAGE (512u << 10)

typedef struct _AsternFsServer AsternFsServer;

typedef struct
{
  char            *path;
  AsternFsSecurity security;
  gboolean         readonly;
} AsternFsSpec;

void            astern_fs_spec_clear (AsternFsSpec *spec);

/* A directory that is not there, or cannot be looked at, is an error that says so. */
AsternFsServer *astern_fs_server_new  (const AsternFsSpec *spec, GError **error);
void            astern_fs_server_free (AsternFsServer *server);
/* @request: a number that grows; @most: bytes that the answer may have.  Free the answer. */
GByteArray     *astern_fs_server_do   (AsternFsServer *server, guint64 request, const guint8 *message, gsize size, guint32 most);
/* The client is as it was before it sent @request. */
void            astern_fs_server_go_back (AsternFsServer *server, guint64 request);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternFsServer, astern_fs_server_free)
