/* remote - a session's screen for people who are somewhere else: VNC, SPICE.
 *
 * They see what the window would show: the moment at which the machine is, replays and the past included.  What they
 * type and point in the past, or in a replay, is not heard.
 *
 * Threads: the main thread. */
#pragma once

#include "session/session.h"

typedef struct _AsternRemote AsternRemote;

/* Serves what the options say; NULL without error: nothing. */
AsternRemote *astern_remote_new  (AsternSession *session, GError **error);
void          astern_remote_free (AsternRemote *remote);

/* @server: "vnc", "spice".  FALSE: it does not run, or asks for no password. */
gboolean      astern_remote_set_password (AsternRemote *remote, const char *server, const char *password, GError **error);
/* A line for each server and where it listens. */
void          astern_remote_describe (AsternRemote *remote, GString *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternRemote, astern_remote_free)
