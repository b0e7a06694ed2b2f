/* vnc - a server of the screen for VNC clients (RFC 6143).
 *
 * The card's cursor is part of the picture.  The server has a thread of its own, where its functions are called.
 *
 * Threads: those of this header: any, one at a time. */
#pragma once

#include "host/remote/remote.h"

typedef struct _AsternVnc AsternVnc;

/* Listens and serves from now on.  @name: of the desktop. */
AsternVnc *astern_vnc_new          (const AsternRemoteSpec *spec, const char *name, const AsternRemoteFuncs *funcs, GError **error);
/* Sends everybody away. */
void       astern_vnc_free         (AsternVnc *vnc);

/* Rows [first, end) have changed; all of them when the size has. */
void       astern_vnc_show         (AsternVnc *vnc, const AsternPicture *picture, guint first_row, guint end_row);
/* For those who come from now on; needs AsternRemoteSpec.password. */
void       astern_vnc_set_password (AsternVnc *vnc, const char *password);
/* The TCP port; 0: a Unix socket. */
guint16    astern_vnc_port         (const AsternVnc *vnc);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternVnc, astern_vnc_free)
