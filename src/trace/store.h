/* store - the SQLite file under a recording: statements, and errors in our words.
 *
 * Threads: one at a time for each store.
 * Errors:  %ASTERN_RECORDING_ERROR. */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

#define ASTERN_RECORDING_APPLICATION_ID 0x4173746e   /* "Astn" */
#define ASTERN_RECORDING_FORMAT         2            /* PRAGMA user_version */

typedef struct
{
  sqlite3 *db;
  char    *name;       /* for messages */
} AsternTraceStore;

/* The schema, as in schema.sql. */
extern const char astern_trace_store_schema[];

/* What SQLite says is wrong, as a GError; returns FALSE. */
gboolean      astern_trace_store_fail    (AsternTraceStore *store, GError **error);

/* What is in the file makes no sense: "... is damaged: %s"; returns FALSE. */
gboolean      astern_trace_store_damaged (AsternTraceStore *store, const char *what, GError **error);

gboolean      astern_trace_store_exec    (AsternTraceStore *store, const char *sql, GError **error);
sqlite3_stmt *astern_trace_store_prepare (AsternTraceStore *store, const char *sql, GError **error);

/* TRUE: *@row tells whether there is one.  FALSE: an error. */
gboolean      astern_trace_store_step    (AsternTraceStore *store, sqlite3_stmt *statement, gboolean *row, GError **error);

/* Runs a bound statement that gives no rows, and resets it. */
gboolean      astern_trace_store_run     (AsternTraceStore *store, sqlite3_stmt *statement, GError **error);

/* There is no file of that name, or an empty one, or a recording; else an error. */
gboolean      astern_trace_store_may_replace (const char *path, GError **error);

/* Creates a new file with an empty schema; whatever recording was there is gone.  What is written until
 * astern_trace_store_begin_log() goes to the file straight, and is there as a whole or not at all. */
gboolean      astern_trace_store_create  (AsternTraceStore *store, const char *path, GError **error);
/* From now on what is committed stays, whatever happens to the program. */
gboolean      astern_trace_store_begin_log (AsternTraceStore *store, GError **error);

/* Opens a file that exists; checks that it is a recording of a format that we read. */
gboolean      astern_trace_store_open    (AsternTraceStore *store, const char *path, GError **error);
/* The same for a file in memory, which is copied. */
gboolean      astern_trace_store_open_bytes (AsternTraceStore *store, GBytes *bytes, GError **error);

/* Once written as a whole, it is one file again, without the write-ahead log beside it. */
gboolean      astern_trace_store_settle  (AsternTraceStore *store, GError **error);
void          astern_trace_store_close   (AsternTraceStore *store);

/* A chunk's name: the SHA-256 of what is in it. */
#define ASTERN_TRACE_STORE_NAME_SIZE 32
void          astern_trace_store_name    (gconstpointer data, gsize size, guint8 name[ASTERN_TRACE_STORE_NAME_SIZE]);

/* A zstd frame. */
GBytes       *astern_trace_store_pack    (gconstpointer data, gsize size, int level);
/* NULL when it is no frame of exactly @size bytes. */
GBytes       *astern_trace_store_unpack  (gconstpointer data, gsize packed, gsize size);
