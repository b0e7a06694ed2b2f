/* remote - people who see and use the screen from somewhere else: what every server of screens is told and tells.
 *
 * A server has threads of its own.  It is shown the picture by the machine's thread, which it never makes wait,
 * and passes on what people do there.
 *
 * Units: pixels. */
#pragma once

#include "core/cursor.h"

#include <gio/gio.h>

typedef enum
{
  ASTERN_REMOTE_LEFT   = 1 << 0,
  ASTERN_REMOTE_RIGHT  = 1 << 1,
  ASTERN_REMOTE_MIDDLE = 1 << 2,
} AsternRemoteButtons;

/* Called on the server's threads.  Any may be NULL. */
typedef struct
{
  /* @number: the make code in scan code set 1, with 0xe000 added where it has the prefix e0. */
  void (*key)     (gpointer user, guint16 number, gboolean down);
  /* Where the pointer is, in a picture of that size; @dz: steps of the wheel, down; @buttons that are down. */
  void (*pointer) (gpointer user, guint x, guint y, guint width, guint height, gint dz, guint8 buttons);
  /* How far it was moved. */
  void (*motion)  (gpointer user, gint dx, gint dy, gint dz, guint8 buttons);
  /* Somebody has come, who is to be shown the picture, or has gone. */
  void (*people)  (gpointer user, guint n);
  /* Somebody has cut or copied text. */
  void (*cut)     (gpointer user, const char *text);
  gpointer user;
} AsternRemoteFuncs;

/* Where a server listens. */
typedef struct
{
  gboolean given;
  char    *host;         /* (nullable): any */
  guint16  port, last_port;   /* the first one that is free of these; 0: none */
  char    *path;         /* (nullable) a Unix socket's, instead */
  gboolean password;     /* clients must know one: until it is set nobody comes in */
  char    *secret;       /* (nullable) what it is */
} AsternRemoteSpec;

/* What becomes of those who are there when the password changes. */
typedef enum
{
  ASTERN_REMOTE_KEEP,
  ASTERN_REMOTE_FAIL,
  ASTERN_REMOTE_DISCONNECT,
} AsternRemoteConnected;

void     astern_remote_spec_clear (AsternRemoteSpec *spec);

/* For the servers: listens; @port: (out) the one found. */
GSocket *astern_remote_listen  (const AsternRemoteSpec *spec, guint16 *port, GError **error);

/* For the servers: takes rows [first, end) of @picture, all when the size is another one, over into @kept, and adds them to
 * [*changed_first, *changed_end).  FALSE: there was nothing. */
gboolean astern_remote_keep    (AsternPicture *kept, const AsternPicture *picture, guint first, guint end, guint *changed_first,
                                guint *changed_end);

/* For the servers: "127.0.0.1:1234", "[::1]:1234"; of a Unix socket "unix".  Free it. */
char    *astern_remote_address (gconstpointer sockaddr, gsize size);

/* For the servers: "unix:PATH" or "HOST:PORT". */
void     astern_remote_append_place (GString *text, const AsternRemoteSpec *spec, guint16 port);
