/* monitor - commands typed at a prompt.
 *
 * One table has every command: its words, its arguments, its help, what completes it.  Help, completion
 * and doc/monitor.md come from it.  A monitor is a client of the debugger like gdb and the window; where
 * its lines come from is the business of monitor-line.h.
 *
 * Threads: the machine's. */
#pragma once

#include "cli/session.h"

typedef struct _AsternMonitor AsternMonitor;

typedef struct _AsternMonitorNames AsternMonitorNames;   /* monitor-complete.h */

/* @session has its machine.  @names (nullable) is kept up to date. */
AsternMonitor *astern_monitor_new     (AsternSession *session, AsternMonitorNames *names);
void           astern_monitor_free    (AsternMonitor *monitor);

/* Executes one line and returns the answer: whole lines, or nothing.  Free it. */
char          *astern_monitor_execute (AsternMonitor *monitor, const char *line);

/* The commands, by subject, as they stand in doc/monitor.md.  Free it.  Any thread. */
char          *astern_monitor_manual  (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternMonitor, astern_monitor_free)
