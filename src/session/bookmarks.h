/* bookmarks - moments of a run that have a name, and perhaps a note.
 *
 * One store for all who mark: the monitor (savevm), the window, a recording that is replayed; who records hears of each change.
 * When the run branches, those after the branch's moment go: they are no moments of this run.
 *
 * Threads: the machine's.
 * Units:   moments as in core/moment.h; guest ns. */
#pragma once

#include "core/debugger.h"

#define ASTERN_BOOKMARK_NS_UNKNOWN G_MAXUINT64

typedef struct
{
  guint        id;          /* 1, 2, ...; never used again */
  AsternMoment moment;
  guint64      guest_ns;    /* or ASTERN_BOOKMARK_NS_UNKNOWN */
  char        *name;
  char        *note;        /* "": none */
} AsternBookmark;

typedef struct _AsternBookmarks AsternBookmarks;

AsternBookmarks *astern_bookmarks_new  (AsternDebugger *debugger);
/* Before the debugger. */
void             astern_bookmarks_free (AsternBookmarks *bookmarks);

guint                 astern_bookmarks_count (AsternBookmarks *bookmarks);
const AsternBookmark *astern_bookmarks_at    (AsternBookmarks *bookmarks, guint index);     /* in the order in which they were made */
/* NULL: there is none. */
const AsternBookmark *astern_bookmarks_find  (AsternBookmarks *bookmarks, guint id);
const AsternBookmark *astern_bookmarks_named (AsternBookmarks *bookmarks, const char *name);
/* Differs when anything about them does. */
guint                 astern_bookmarks_serial (AsternBookmarks *bookmarks);

/* @name NULL: "Bookmark 3".  Returns the id. */
guint            astern_bookmarks_add    (AsternBookmarks *bookmarks, AsternMoment moment, guint64 guest_ns, const char *name,
                                          const char *note);
/* At the present. */
guint            astern_bookmarks_add_here (AsternBookmarks *bookmarks, const char *name, const char *note);
/* NULL: as it was.  FALSE: there is no such bookmark. */
gboolean         astern_bookmarks_edit   (AsternBookmarks *bookmarks, guint id, const char *name, const char *note);
gboolean         astern_bookmarks_remove (AsternBookmarks *bookmarks, guint id);

/* @gone: it is being removed; else it is new or was edited. */
typedef void (*AsternBookmarksFunc) (gpointer user, const AsternBookmark *bookmark, gboolean gone);
void             astern_bookmarks_listen   (AsternBookmarks *bookmarks, AsternBookmarksFunc changed, gpointer user);
void             astern_bookmarks_unlisten (AsternBookmarks *bookmarks, gpointer user);
