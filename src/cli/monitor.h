/* monitor - commands typed at a prompt.
 *
 * What is typed comes in on the host thread; a finished line is executed on the
 * main thread, with the machine stopped between two instructions.
 *
 * Threads: new, free: main thread; the rest: the host thread. */
#pragma once

#include "cli/session.h"

typedef struct _AsternMonitor AsternMonitor;

/* @out: where answers go. */
AsternMonitor *astern_monitor_new    (AsternSession *session, AsternChardev *out);
void           astern_monitor_free   (AsternMonitor *monitor);

void           astern_monitor_prompt (AsternMonitor *monitor);
void           astern_monitor_feed   (AsternMonitor *monitor, const guint8 *data, gsize size);

/* Executes one line and returns the answer, for tests too; main thread. */
char          *astern_monitor_execute (AsternSession *session, const char *line);
