/* monitor-line - a terminal at which commands are typed: editing, history and completion by readline.
 *
 * Readline has one state a process, so the first terminal that can be edited on gets it; on others lines
 * are edited with backspace and Ctrl-U alone.  What is no terminal (a pipe) is not echoed.
 * While a command is executed nothing is echoed; what is typed meanwhile waits, but Ctrl-C does not.
 *
 * Threads: what is typed comes in on the host loop's thread, and only there readline is called; say() and
 * ready() are for any thread. */
#pragma once

#include "session/monitor-complete.h"
#include "host/chardev.h"

typedef struct _AsternMonitorLine AsternMonitorLine;

typedef struct
{
  /* A line was entered; astern_monitor_line_ready() when it is done.  Host thread. */
  void   (*entered)     (gpointer user, AsternMonitorLine *line, const char *text);
  /* Nothing more will be typed, and all that was is done.  Host thread. */
  void   (*ended)       (gpointer user);
  /* Ctrl-C.  Host thread. */
  void   (*interrupted) (gpointer user);
  gpointer user;
} AsternMonitorLineFuncs;

/* On the host thread.  @funcs and @names, what words complete to, must live longer. */
AsternMonitorLine *astern_monitor_line_new    (AsternChardev *out, const AsternMonitorLineFuncs *funcs,
                                                AsternMonitorNames *names);
/* When the host loop has ended, or on its thread. */
void               astern_monitor_line_free   (AsternMonitorLine *line);

gboolean           astern_monitor_line_is_on  (const AsternMonitorLine *line, const AsternChardev *out);

/* Host thread: what was typed. */
void               astern_monitor_line_feed   (AsternMonitorLine *line, const guint8 *data, gsize size);
/* Host thread: that was all; a socket's or a pseudo-terminal's next client begins anew. */
void               astern_monitor_line_end    (AsternMonitorLine *line);
/* Host thread: the prompt is to be seen now, or not: the guest has the terminal. */
void               astern_monitor_line_show   (AsternMonitorLine *line, gboolean visible);

/* Writes whole lines; what is being typed then stands below them. */
void               astern_monitor_line_say    (AsternMonitorLine *line, const char *text);
/* Not on the host thread: all that was said is on its way. */
void               astern_monitor_line_finish (AsternMonitorLine *line);
/* The command that was entered is done: the next can come. */
void               astern_monitor_line_ready  (AsternMonitorLine *line);
