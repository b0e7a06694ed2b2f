/* bookmarks-view - the moments that were given a name, with their notes.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_BOOKMARKS_VIEW (astern_bookmarks_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternBookmarksView, astern_bookmarks_view, ASTERN, BOOKMARKS_VIEW, AsternView)

/* Marks the present; what "win.add-bookmark" does. */
void astern_bookmarks_view_add_here (AsternRun *run);
