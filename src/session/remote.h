/* remote - a session's screen for people who are somewhere else: VNC, SPICE.
 *
 * They see what the window would show: the moment at which the machine is, replays and the past included.  What they
 * type and point in the past, or in a replay, is not heard.
 *
 * Threads: the main thread. */
#pragma once

#include "host/remote/remote.h"
#include "session/session.h"

typedef struct _AsternRemote AsternRemote;

/* Serves what the options say; NULL without error: nothing. */
AsternRemote *astern_remote_new  (AsternSession *session, GError **error);
void          astern_remote_free (AsternRemote *remote);

/* @server: "vnc", "spice".  FALSE: it does not run, or asks for no password. */
gboolean      astern_remote_set_password (AsternRemote *remote, const char *server, const char *password,
                                          AsternRemoteConnected connected, GError **error);
/* When it ends, in seconds since 1970; 0: never. */
gboolean      astern_remote_set_expiry   (AsternRemote *remote, const char *server, gint64 when_s, GError **error);
/* Where it listens and who is there.  @remote: (nullable) */
void          astern_remote_describe     (AsternRemote *remote, const char *server, GString *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternRemote, astern_remote_free)
