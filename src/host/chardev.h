/* chardev - where a serial port's bytes go to and come from.
 *
 *   null                              nowhere
 *   stdio                             the terminal; Ctrl-C ends the program
 *   mon:stdio                         the terminal, shared with the monitor by Ctrl-A
 *   file:PATH                         output only; an existing file is overwritten
 *   pty                               a new pseudo-terminal, its name said on standard error
 *   tcp:HOST:PORT[,server][,nowait]   a connection; with server, one client at a time
 *   unix:PATH[,server][,nowait]
 *   vc                                a console of the window's
 *   spicevmc,name=KIND                a channel of the SPICE server's: vdagent, usbredir
 *   spiceport,name=NAME               a channel of that name of the SPICE server's
 *   qemu-vdagent[,clipboard=on]       the guest's SPICE agent meets the VNC server's clipboard
 *
 * A server without nowait waits for its first client before the machine starts.
 * `server=on`, `wait=off` and `nodelay` are understood as QEMU's.
 *
 * Writing does not wait for the outside: bytes are queued and the host thread
 * sends them.  The queue is bounded.  When it is full, a back end that loses
 * nothing (stdio, mon:stdio, file: ASTERN_CHARDEV_QUEUE_LOSSLESS) makes the
 * writer wait, in wall time only - the guest cannot tell; one whose far end may
 * stay away (pty, tcp, unix: ASTERN_CHARDEV_QUEUE_LOSSY) drops what does not
 * fit and counts it.  Without a client, output to a socket is dropped.
 *
 * Threads: the receiver is called on the host loop's thread; astern_chardev_write()
 * from any thread; the rest from the thread that made it. */
#pragma once

#include "host/loop.h"

#define ASTERN_CHARDEV_QUEUE_LOSSLESS (16u << 20)
#define ASTERN_CHARDEV_QUEUE_LOSSY    (1u << 20)

typedef struct _AsternChardev AsternChardev;

typedef void (*AsternChardevFunc) (gpointer receiver, const guint8 *data, gsize size);

typedef enum
{
  ASTERN_CHARDEV_NULL,
  ASTERN_CHARDEV_STDIO,
  ASTERN_CHARDEV_FILE,
  ASTERN_CHARDEV_PTY,
  ASTERN_CHARDEV_SOCKET,
  ASTERN_CHARDEV_VC,
  ASTERN_CHARDEV_SPICEVMC,
  ASTERN_CHARDEV_SPICEPORT,
  ASTERN_CHARDEV_VDAGENT,
} AsternChardevKind;

/* A parsed specification. */
typedef struct
{
  AsternChardevKind kind;
  gboolean          monitor;    /* mon: */
  gboolean          server, nowait;
  gboolean          is_unix;
  char             *path;       /* file, unix */
  char             *name;       /* spicevmc, spiceport */
  gboolean          clipboard;  /* qemu-vdagent */
  char             *host;       /* tcp; empty means any */
  guint16           port;
} AsternChardevSpec;

void           astern_chardev_spec_clear (AsternChardevSpec *spec);

/* Opens nothing; so options can be checked before anything is touched. */
gboolean       astern_chardev_spec_parse (const char *text, AsternChardevSpec *spec, GError **error);

/* Whether its far end is a part of this program (but no console), which may come and go. */
gboolean       astern_chardev_is_inner   (AsternChardevKind kind);

/* Opens; for a server without nowait, blocks until a client has come. */
AsternChardev *astern_chardev_open       (AsternHostLoop *loop, const AsternChardevSpec *spec, GError **error);

/* Sends what is queued, waiting at most a second for a far end that does not
 * take it, and closes. */
void           astern_chardev_close      (AsternChardev *chardev);

/* Starts reading.  @receiver must live until close.  What is read is handed over
 * as it comes; see astern_chardev_set_room() for holding it back. */
void           astern_chardev_receive    (AsternChardev *chardev, AsternChardevFunc received, gpointer receiver);

/* @room tells, on the host thread, how many bytes are taken now; while it says 0
 * nothing is read, and the far end waits.  Asked again after
 * astern_chardev_room_changed(), which any thread may call.  Before receive(). */
void           astern_chardev_set_room   (AsternChardev *chardev, gsize (*room) (gpointer user), gpointer user);
void           astern_chardev_room_changed (AsternChardev *chardev);

/* @arrived is called on the host thread when there is somebody: soon, if there is now, and for each next client of
 * a server.  Before receive(). */
void           astern_chardev_set_arrived (AsternChardev *chardev, void (*arrived) (gpointer user), gpointer user);

AsternChardevKind astern_chardev_kind    (const AsternChardev *chardev);
AsternHostLoop *astern_chardev_loop      (const AsternChardev *chardev);

/* @left is called on the host thread when the far end is gone, or its input has ended.  Before receive(). */
void           astern_chardev_set_left   (AsternChardev *chardev, void (*left) (gpointer user), gpointer user);

void           astern_chardev_write      (AsternChardev *chardev, const guint8 *data, gsize size);

/* Of vc and the inner ones: @written takes all that is written from now on, on the writer's thread, which must not wait; before, and with NULL,
 * output is dropped.  Any thread. */
void           astern_chardev_set_sink   (AsternChardev *chardev, AsternChardevFunc written, gpointer user);
/* Of the inner ones: @opened hears, on the writer's thread, which must not wait, that the guest has opened or closed its end. */
void           astern_chardev_set_opened (AsternChardev *chardev, void (*opened) (gpointer user, gboolean open), gpointer user);
void           astern_chardev_tell_open  (AsternChardev *chardev, gboolean open);
/* Of vc: how large the terminal is that shows it; 0, 0: unknown.  Any thread. */
void           astern_chardev_set_size   (AsternChardev *chardev, guint columns, guint rows);
void           astern_chardev_get_size   (AsternChardev *chardev, guint *columns, guint *rows);
/* Of vc and the inner ones: somebody types.  Any thread. */
void           astern_chardev_type       (AsternChardev *chardev, const guint8 *data, gsize size);
/* The same, so that no more than @most bytes wait; returns how many were taken. */
gsize          astern_chardev_type_some  (AsternChardev *chardev, const guint8 *data, gsize size, gsize most);
/* What was typed and waits is forgotten. */
void           astern_chardev_forget_typed (AsternChardev *chardev);

/* Output that was dropped because the queue was full, in bytes. */
guint64        astern_chardev_dropped    (AsternChardev *chardev);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AsternChardevSpec, astern_chardev_spec_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternChardev, astern_chardev_close)
