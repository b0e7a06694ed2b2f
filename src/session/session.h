/* session - one run of one machine, from power-on to the exit status.
 *
 * The main thread runs the machine.  Whoever else wants something of it - the
 * monitor, a signal - queues a request; the machine is stopped between two
 * instructions, the request is served, and the machine goes on.
 *
 * Threads: as said at each function. */
#pragma once

#include "core/debugger.h"
#include "launch/gdb-end.h"

typedef struct _AsternSession AsternSession;

/* Called on the main thread while the machine is stopped. */
typedef void (*AsternSessionFunc) (AsternSession *session, gpointer data);

struct _AsternSession
{
  AsternLaunch *launch;
  AsternDebugger *debugger;
  struct _AsternMonitor *monitor;   /* (nullable) who executes gdb's `monitor` */
  struct _AsternBookmarks *bookmarks;
  AsternGdbEnd *gdb;           /* (nullable) where gdb is waited for */
  struct _AsternRemote *remote; /* (nullable) people who see the screen from elsewhere */
  struct _AsternRecorder *recorder; /* (nullable) who records the run */
  const char   *replayed;      /* (nullable) the recording's file, of a replay */
  AsternClient *starter;       /* (nullable) holds the machine until somebody lets it go: -S */
  gboolean      quit;          /* main thread: leave */
  int           exit_status;
};

/* Who takes part in a run besides: a recorder, a replay.  Main thread.  Any may be NULL. */
typedef struct
{
  /* The machine is wired and has not run.  On failure session->exit_status may be set. */
  gboolean (*started) (gpointer user, AsternSession *session, GError **error);
  /* There is a debugger now, and the machine has not run yet. */
  gboolean (*serving) (gpointer user, AsternSession *session, GError **error);
  /* It stands for the last time, whole; returns the exit status. */
  int      (*ended)   (gpointer user, AsternSession *session, int status);
  gpointer   user;
} AsternSessionCompanion;

/* A guest whose end is known. */
typedef struct
{
  const char *ending;     /* said when it halts for good, which is then not an error */
  const char *command;    /* typed at the monitor before it runs, if somebody is there */
  const char *lesson;     /* said when it first stops at what @command made */
} AsternSessionStory;

#define ASTERN_SESSION_COMPANIONS 4

typedef enum
{
  ASTERN_SAID_ERROR,      /* why there is no session, or none any more */
  ASTERN_SAID_END,        /* what became of the guest */
} AsternSaid;

/* What differs between a session in a terminal, which is all zeros, and one in a window. */
typedef struct
{
  const AsternSessionStory     *story;                                  /* (nullable) */
  const AsternSessionCompanion *companions[ASTERN_SESSION_COMPANIONS];  /* up to a NULL; who records is not among them */
  gboolean      window;    /* somebody looks: the machine stays when the guest has ended, and so does the session */
  void        (*console) (gpointer user, const char *name, AsternChardev *chardev);   /* as AsternLaunchFront's */
  void        (*said) (gpointer user, AsternSaid kind, const char *text);   /* NULL: on standard error */
  gpointer      user;
} AsternSessionHow;

/* Starts the machine that @options describes and runs it to its end; returns the
 * exit status.  The calling thread is the machine's, and is called the main thread here. */
int  astern_session_run     (const AsternLaunchOptions *options, const AsternSessionHow *how);

/* Main thread: a machine that was started stopped may run, as far as it is for @session. */
void astern_session_let_go  (AsternSession *session);

/* session-gdb.c; main thread.  Waits for gdb where @options say, if they do; no longer; whether one is connected. */
gboolean astern_session_open_gdb  (AsternSession *session, const AsternLaunchOptions *options, GError **error);
void     astern_session_close_gdb (AsternSession *session);
gboolean astern_session_has_gdb   (AsternSession *session);
/* The run has ended with @status. */
void     astern_session_tell_gdb  (AsternSession *session, int status);
/* The monitor's commands `gdbserver` and `gdb`.  @place: as after -gdb, in place of the one before; “none”: nowhere. */
gboolean astern_session_gdbserver (AsternSession *session, const char *place, GError **error);
char    *astern_session_gdb_command (AsternSession *session, const char *line);      /* free it */

/* Main thread: ends the session. */
void astern_session_quit    (AsternSession *session);

/* Any thread.  @data is freed with @free_data (nullable) afterwards. */
void astern_session_request (AsternSession *session, AsternSessionFunc func, gpointer data, GDestroyNotify free_data);
