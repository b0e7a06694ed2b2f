/* monitor - commands typed at a prompt.
 *
 * One table has every command: its words, its arguments, its help, what completes it.  Help, completion
 * and doc/monitor.md come from it.  A monitor is a client of the debugger like gdb and the window; where
 * its lines come from is the business of monitor-line.h.
 *
 * Threads: the machine's. */
#pragma once

#include "session/session.h"

typedef struct _AsternMonitor AsternMonitor;

typedef struct _AsternMonitorNames AsternMonitorNames;   /* monitor-complete.h */

/* Called on the machine's thread. */
typedef struct
{
  void   (*say)  (gpointer user, const char *text);   /* whole lines that nobody asked for: why it stopped */
  void   (*done) (gpointer user);                     /* the move that a command began has ended */
  gpointer user;
} AsternMonitorFuncs;

/* @session has its machine and debugger.  @names (nullable) is kept up to date; @funcs (nullable). */
AsternMonitor *astern_monitor_new     (AsternSession *session, AsternMonitorNames *names, const AsternMonitorFuncs *funcs);
void           astern_monitor_free    (AsternMonitor *monitor);

/* The monitor as a client of the debugger. */
AsternClient  *astern_monitor_client  (AsternMonitor *monitor);

/* Executes one line and returns the answer: whole lines, or nothing.  Free it. */
char          *astern_monitor_execute (AsternMonitor *monitor, const char *line);

/* Whether a command has begun a move that is not done: done() will tell. */
gboolean       astern_monitor_is_moving (const AsternMonitor *monitor);

/* Any thread: stops a machine that runs, gives up a move that takes long. */
void           astern_monitor_interrupt (AsternMonitor *monitor);

/* The commands, by subject, as they stand in doc/monitor.md.  Free it.  Any thread. */
char          *astern_monitor_manual  (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternMonitor, astern_monitor_free)
