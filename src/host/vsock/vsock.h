/* vsock - the host's end of a guest's sockets (AF_VSOCK).
 *
 * What the guest connects to at the host's address, 2, port P, is
 *   - with a path: the UNIX socket PATH_P; and who connects to PATH and says “CONNECT P” and a newline is led to the
 *     guest's port P, and told “OK” and its own port once the guest has accepted;
 *   - else the host's own AF_VSOCK port P, if the host has such sockets.
 *
 * All that comes enters by the door; nothing is opened for a replay.  When a run branches in its past, the connections of
 * its other future end, and the guest is told that all are gone.
 *
 * Threads: made and freed while the machine is stopped. */
#pragma once

#include "core/link.h"
#include "host/loop.h"

typedef struct _AsternVsock AsternVsock;

/* @path: (nullable).  An address that cannot be taken, or a host without AF_VSOCK, is an error that says so. */
AsternVsock *astern_vsock_new  (AsternHostLoop *loop, AsternLink *link, guint64 cid, const char *path, GError **error);
void         astern_vsock_free (AsternVsock *vsock);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternVsock, astern_vsock_free)
