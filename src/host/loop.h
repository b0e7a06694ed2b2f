/* loop - the thread that waits for the outside: terminals, sockets, signals.
 *
 * One helper thread runs one GMainContext.  Back ends attach their sources to
 * it, read there, and hand what they read to the machine's door; nothing on this
 * thread touches the machine in any other way.
 *
 * Threads: any, unless said otherwise. */
#pragma once

#include <gio/gio.h>

typedef struct _AsternHostLoop AsternHostLoop;

/* Starts the thread. */
AsternHostLoop *astern_host_loop_new     (void);

/* Stops the thread and waits for it; sources still attached are destroyed.  Not
 * from the loop's own thread. */
void            astern_host_loop_free    (AsternHostLoop *loop);

GMainContext   *astern_host_loop_context (AsternHostLoop *loop);

/* Whoever waits for the outside should give up: a quit was asked for. */
void            astern_host_loop_quit    (AsternHostLoop *loop);
gboolean        astern_host_loop_quitting (AsternHostLoop *loop);

/* Calls @func on the loop's thread, soon; never in the caller's. */
void            astern_host_loop_call    (AsternHostLoop *loop, void (*func) (gpointer data), gpointer data);

/* The same, and waits until it has returned.  Not from the loop's own thread. */
void            astern_host_loop_call_and_wait (AsternHostLoop *loop, void (*func) (gpointer data), gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternHostLoop, astern_host_loop_free)
