/* recording - one run of one machine in one file, as it is read.
 *
 * The file may come from anyone: nothing in it is trusted, and what does not fit
 * together is an error that says so.  doc/recording.md has the format.
 *
 * Threads: one at a time for each recording.
 * Units:   moments as in core/moment.h; guest ns since power-on; bytes.
 * Errors:  %ASTERN_RECORDING_ERROR. */
#pragma once

#include <gio/gio.h>

#include "core/moment.h"

#define ASTERN_RECORDING_ERROR (astern_recording_error_quark ())

typedef enum
{
  ASTERN_RECORDING_ERROR_FILE,       /* the host does not let us read or write it */
  ASTERN_RECORDING_ERROR_FORMAT,     /* it is no recording */
  ASTERN_RECORDING_ERROR_TOO_NEW,    /* made by a newer version */
  ASTERN_RECORDING_ERROR_DAMAGED,    /* it is one, but cut off or changed */
  ASTERN_RECORDING_ERROR_MACHINE,    /* the machine that replays it is not the one that was recorded */
  ASTERN_RECORDING_ERROR_QUERY,      /* the user's SQL is wrong */
} AsternRecordingError;

GQuark astern_recording_error_quark (void);

typedef struct _AsternRecording AsternRecording;

/* How far the run went. */
typedef struct
{
  AsternMoment moment;
  guint64      guest_ns;
  guint64      branch;
  const char  *ending;       /* (nullable): it was cut off; "quit", "power-off", ... */
} AsternRecordingHead;

/* Whether a file begins as a recording does. */
gboolean         astern_recording_recognise  (GBytes *bytes);

AsternRecording *astern_recording_open       (const char *path, GError **error);
/* A file in memory. */
AsternRecording *astern_recording_open_bytes (GBytes *bytes, GError **error);
void             astern_recording_free       (AsternRecording *recording);

/* (nullable): it was opened in memory. */
const char      *astern_recording_path       (AsternRecording *recording);

const AsternRecordingHead *astern_recording_head (AsternRecording *recording);

/* The machine's options, NULL-terminated, for the options' parser. */
const char *const *astern_recording_arguments (AsternRecording *recording);

/* (nullable): "program-version", "cpu-features", "wall-clock", "seed", ... */
const char      *astern_recording_meta       (AsternRecording *recording, const char *key);

/* A file that the machine was made of.  NULL without error: there was none of that name. */
GBytes          *astern_recording_source     (AsternRecording *recording, const char *name, GError **error);

/* What came from outside, for the branch at whose head the recording ends; in order.  @visit may
 * refuse with an error. */
typedef gboolean (*AsternRecordingInputFunc) (gpointer user, AsternMoment moment, const char *port, GBytes *data, GError **error);
gboolean         astern_recording_journal    (AsternRecording *recording, AsternRecordingInputFunc visit, gpointer user, GError **error);

/* Hashes that were stored at @moment, on the branch at whose head the recording ends: part -> hash, as
 * (char *, guint64 *).  NULL without error: there are none. */
GHashTable      *astern_recording_hashes     (AsternRecording *recording, AsternMoment moment, GError **error);

/* The last snapshot at or before @moment.  FALSE without error: there is none. */
typedef struct
{
  guint64      id;
  AsternMoment moment;
  guint64      guest_ns;
} AsternRecordingSnapshot;
gboolean         astern_recording_find_snapshot (AsternRecording *recording, AsternMoment moment,
                                                 AsternRecordingSnapshot *snapshot, GError **error);
/* CPUs and devices, see state.h. */
GVariant        *astern_recording_snapshot_state (AsternRecording *recording, guint64 id, GError **error);
/* All pages that differ from power-on, in any order; @content is NULL for zeros. */
typedef gboolean (*AsternRecordingPageFunc) (gpointer user, guint64 page, gconstpointer content, GError **error);
gboolean         astern_recording_snapshot_pages (AsternRecording *recording, guint64 id, AsternRecordingPageFunc visit,
                                                  gpointer user, GError **error);

/* A disk that the run had, by its name.  FALSE without error: it had none of that name. */
typedef struct
{
  gint64   id;
  guint64  size;
  gboolean readonly;
} AsternRecordingDisk;
gboolean         astern_recording_disk       (AsternRecording *recording, const char *name, AsternRecordingDisk *disk, GError **error);
/* A page of it, as it was at the start, of ASTERN_PAGE_SIZE.  One that the run did not look at is an error. */
gboolean         astern_recording_disk_page  (AsternRecording *recording, const AsternRecordingDisk *disk, guint64 page, gpointer content,
                                              GError **error);

/* Writes what is committed in the recording @from into the file @to, which is then complete in itself.  @from may be written
 * meanwhile; @to may be an older recording, and is replaced when all is there.  Any thread. */
gboolean         astern_recording_copy       (const char *from, const char *to, GError **error);

/* One number of the file, for `astern info`: "SELECT count(*) FROM journal". */
gboolean         astern_recording_number     (AsternRecording *recording, const char *sql, gint64 *number, GError **error);

/* Bookmarks, in the order of their moments. */
typedef void (*AsternRecordingBookmarkFunc) (gpointer user, AsternMoment moment, const char *name, const char *note);
gboolean         astern_recording_bookmarks  (AsternRecording *recording, AsternRecordingBookmarkFunc visit, gpointer user,
                                              GError **error);

/* Marks @moment with @name, and @note for what more there is to say; in the file, which must be writable. */
gboolean         astern_recording_add_bookmark (AsternRecording *recording, AsternMoment moment, const char *name, const char *note,
                                                GError **error);

/* Text out of a file, for a terminal: tabs, newlines and backslashes as \t, \n, \\, other control characters as \xNN. */
void             astern_recording_append_printable (GString *text, const char *value);

/* Runs @sql, read-only, and gives its rows as text: with columns that line up for people, or separated by
 * tabs with \t, \n and \\ in values written so.  Blobs are shown as x'…'. */
gboolean         astern_recording_query      (AsternRecording *recording, const char *sql, gboolean aligned,
                                              GString *text, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternRecording, astern_recording_free)
