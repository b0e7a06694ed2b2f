/* writer - a recording as it is written: a thread of its own takes what the machine's thread hands over.
 *
 * What is handed over is written in batches; a batch is committed a tenth of a second after its first piece at the
 * latest, so that a program that is killed loses no more than that and what was not handed over yet.
 * A host that cannot write (a full disk) is told of once, and the run goes on.
 *
 * Threads: one thread hands over; astern_writer_new() and _finish() are for it too.
 * Cost:    handing over: an allocation and a lock that is seldom contended. */
#pragma once

#include <gio/gio.h>

#include "core/moment.h"

typedef struct _AsternWriter AsternWriter;

/* A file that the machine was made of. */
typedef struct
{
  const char *name;
  GBytes     *bytes;
} AsternRecordingSource;

/* What is known before the run: written at once. */
typedef struct
{
  const char *const           *arguments;     /* NULL-terminated */
  const char *const           *meta;          /* key, value, key, value, ..., NULL */
  const AsternRecordingSource *sources;
  guint                        n_sources;
} AsternRecordingStart;

typedef struct
{
  /* Now and then (four times a second), on the writer's thread. */
  void   (*beat)   (gpointer user);
  /* Writing failed, for good; on the writer's thread. */
  void   (*failed) (gpointer user, const char *message);
  gpointer user;
} AsternWriterFuncs;

/* Makes the file.  An earlier recording of that name is replaced, other files are not. */
AsternWriter *astern_writer_new        (const char *path, const AsternRecordingStart *start, const AsternWriterFuncs *funcs,
                                        GError **error);

/* Writes what is still queued, and how the run ended (NULL: as if it were cut off), and closes the file. */
gboolean      astern_writer_finish     (AsternWriter *writer, AsternMoment moment, guint64 guest_ns, const char *ending,
                                        GError **error);

/* Waits until what was handed over is committed; FALSE: writing has failed.  Some ms. */
gboolean      astern_writer_sync       (AsternWriter *writer);

/* @port: lives as long as the writer. */
void          astern_writer_input      (AsternWriter *writer, AsternMoment moment, guint64 guest_ns, const char *port, GBytes *data);

/* One part of a state hash. */
typedef struct
{
  char    part[48];
  guint64 hash;
} AsternHashPart;

/* Takes @parts, of AsternHashPart. */
void          astern_writer_checkpoint (AsternWriter *writer, AsternMoment moment, guint64 guest_ns, gboolean full, GArray *parts);

/* The run branched at @moment: what comes now is on a new branch. */
void          astern_writer_branch     (AsternWriter *writer, AsternMoment moment);

void          astern_writer_event      (AsternWriter *writer, AsternMoment moment, guint cpu, const char *kind, const char *text);

/* What people marked: new, or changed.  @id is the caller's, for each bookmark another one. */
void          astern_writer_bookmark   (AsternWriter *writer, guint64 id, AsternMoment moment, const char *name, const char *note);
void          astern_writer_unbookmark (AsternWriter *writer, guint64 id);

/* Takes @state and @pages.  Refused, with both freed, while the last one is still being written. */
typedef struct
{
  guint32 page;            /* number in RAM space */
  guint8 *content;         /* of ASTERN_PAGE_SIZE; NULL: zeros; freed with g_free() */
} AsternWriterPage;
gboolean      astern_writer_snapshot   (AsternWriter *writer, AsternMoment moment, guint64 guest_ns, GVariant *state, GArray *pages);
/* Takes @pages, which are of the snapshot that comes next: for one of so many pages that they are not to be there twice at once.
 * No snapshot is being written. */
void          astern_writer_pages      (AsternWriter *writer, GArray *pages);
/* Whether a snapshot would be refused. */
gboolean      astern_writer_is_busy    (AsternWriter *writer);

/* A disk of the machine, by the caller's number for it, and its pages as they were at the start: each once.  @content: of
 * ASTERN_PAGE_SIZE, copied; NULL: zeros. */
void          astern_writer_disk       (AsternWriter *writer, guint64 id, const char *name, guint64 size_bytes, gboolean readonly);
void          astern_writer_disk_page  (AsternWriter *writer, guint64 id, guint64 page, gconstpointer content);

/* History for which there is no room in memory.  Returns its id: 1, 2, ...; 0: writing has failed. */
guint64       astern_writer_spill      (AsternWriter *writer, GBytes *bytes);
void          astern_writer_unspill    (AsternWriter *writer, guint64 id);
/* All up to this id is committed.  Any thread. */
guint64       astern_writer_spilled    (AsternWriter *writer);

/* Whether writing has failed: what is handed over is dropped. */
gboolean      astern_writer_has_failed (AsternWriter *writer);
