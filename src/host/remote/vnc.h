/* vnc - a server of the screen for VNC clients (RFC 6143).
 *
 * The server has a thread of its own, where its functions are called.
 *
 * Threads: those of this header: any, one at a time. */
#pragma once

#include "host/remote/remote.h"

typedef struct _AsternVnc AsternVnc;

/* Who asks to be alone ... */
typedef enum
{
  ASTERN_VNC_ALLOW_EXCLUSIVE,   /* sends the others away */
  ASTERN_VNC_FORCE_SHARED,      /* is sent away when there are others */
  ASTERN_VNC_IGNORE,            /* is not heard */
} AsternVncShare;

/* -vnc.  Zeroed: as without an option. */
typedef struct
{
  AsternRemoteSpec place;
  guint16          websocket;   /* a port for browsers besides; 0: none */
  AsternVncShare   share;
  gboolean         lossy;       /* JPEG, when the client wants it */
} AsternVncSpec;

/* Listens and serves from now on.  @name: of the desktop. */
AsternVnc *astern_vnc_new          (const AsternVncSpec *spec, const char *name, const AsternRemoteFuncs *funcs, GError **error);
/* Sends everybody away. */
void       astern_vnc_free         (AsternVnc *vnc);

/* Rows [first, end) have changed; all of them when the size has. */
void       astern_vnc_show         (AsternVnc *vnc, const AsternPicture *picture, guint first_row, guint end_row);
/* The card's cursor, which is not in the picture then: clients that can draw it themselves do, for others the server does.
 * It has no pixels that are XORed. */
void       astern_vnc_show_cursor  (AsternVnc *vnc, const AsternCursor *cursor);
/* The guest takes the place of the pointer: so clients are not told where its cursor is. */
void       astern_vnc_set_absolute (AsternVnc *vnc, gboolean absolute);
/* The guest has cut or copied text (UTF-8). */
void       astern_vnc_cut          (AsternVnc *vnc, const char *text);

/* For those who come from now on; needs AsternRemoteSpec.password.  FALSE: somebody is there, and that was to make it fail. */
gboolean   astern_vnc_set_password (AsternVnc *vnc, const char *password, AsternRemoteConnected connected);
/* When the password ends, in seconds since 1970; 0: never. */
void       astern_vnc_set_expiry   (AsternVnc *vnc, gint64 when_s);

/* Lines about where it listens and who is there. */
void       astern_vnc_describe     (AsternVnc *vnc, GString *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternVnc, astern_vnc_free)
