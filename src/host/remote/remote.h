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
  gpointer user;
} AsternRemoteFuncs;

/* Where a server listens. */
typedef struct
{
  gboolean given;
  char    *host;         /* (nullable): any */
  guint16  port, last_port;   /* the first one that is free of these */
  char    *path;         /* (nullable) a Unix socket's, instead */
  gboolean password;     /* clients must know one: until it is set nobody comes in */
  char    *secret;       /* (nullable) what it is */
} AsternRemoteSpec;

void astern_remote_spec_clear (AsternRemoteSpec *spec);

/* Listens; for vnc.c.  @port: (out) the one found. */
GSocket *astern_remote_listen (const AsternRemoteSpec *spec, guint16 *port, GError **error);
