/* vnc-private - what the files of the VNC server know of each other.
 *
 * Threads: the server's own, where nothing else is said. */
#pragma once

#include "host/remote/vnc.h"

#include <rfb/rfb.h>

struct _AsternVnc
{
  AsternRemoteFuncs funcs;
  GSocket         *listening;
  GSocket         *browsers;      /* (nullable): listening for websockets */
  char            *path;          /* (nullable) of the socket */
  char            *host;          /* (nullable) */
  guint16          port, websocket;
  gboolean         asks;          /* for a password */
  gboolean         lossy;
  GThread         *thread;
  gint             ending;        /* atomic */

  GMutex           mutex;         /* guards what follows */
  AsternPicture    shown;         /* by the machine's thread, not yet taken */
  guint            first_row, end_row;
  AsternCursor     wanted;        /* the cursor, likewise */
  gboolean         cursor_changed;
  gboolean         absolute;
  char            *cut;           /* (nullable) text to be told */
  char            *password;      /* (nullable) */
  gint64           expires_s;     /* 0: never */
  gboolean         disconnect;    /* everybody */
  GPtrArray       *people;        /* char *: their addresses */

  /* The server's thread. */
  rfbScreenInfoPtr screen;
  AsternPicture    picture;       /* the screen's */
  AsternCursor     cursor;        /* likewise */
  guint            n_clients;
  gint             buttons;       /* as VNC numbers them */
};

/* vnc-screen.c: what was shown becomes the screen's. */
void vnc_screen_take (AsternVnc *vnc);
