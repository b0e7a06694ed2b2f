/* fs - a directory of the host in a guest: the server (server.h) at the other end of a link.
 *
 * Each packet over the link is a number and a request, or a number and its answer (see virtio-9p.h).  The server works on a
 * thread of its own.  Answers enter by the door, so that a replay needs no directory; while the past is executed again
 * nothing is asked.
 *
 * Where a run branches in its past, requests come with numbers that were there before: the server puts what the guest has
 * in hand back to how it was then.  (The directory itself stays as it is: it is the host's.)
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "core/link.h"
#include "host/fs/server.h"

typedef struct _AsternFs AsternFs;

AsternFs *astern_fs_new  (AsternLink *link, const AsternFsSpec *spec, GError **error);
void      astern_fs_free (AsternFs *fs);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternFs, astern_fs_free)
