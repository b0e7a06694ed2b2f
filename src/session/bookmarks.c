/* bookmarks.c - see bookmarks.h. */
#include "config.h"

#include "session/bookmarks.h"

#include <glib/gi18n.h>

typedef struct
{
  AsternBookmarksFunc changed;
  gpointer            user;
} Listener;

struct _AsternBookmarks
{
  AsternDebugger *debugger;
  AsternClient   *client;        /* hears of branches */
  GPtrArray      *bookmarks;     /* AsternBookmark */
  GArray         *listeners;     /* Listener */
  guint           last_id;
  guint           serial;
};

static void
free_bookmark (gpointer data)
{
  AsternBookmark *bookmark = data;

  g_free (bookmark->name);
  g_free (bookmark->note);
  g_free (bookmark);
}

static AsternBookmark *
bookmark_at (AsternBookmarks *bookmarks, guint index)
{
  return g_ptr_array_index (bookmarks->bookmarks, index);
}

static void
tell (AsternBookmarks *bookmarks, const AsternBookmark *bookmark, gboolean gone)
{
  bookmarks->serial++;
  for (guint i = 0; i < bookmarks->listeners->len; i++)
    {
      const Listener *listener = &g_array_index (bookmarks->listeners, Listener, i);

      listener->changed (listener->user, bookmark, gone);
    }
}

static void
remove_at (AsternBookmarks *bookmarks, guint index)
{
  tell (bookmarks, bookmark_at (bookmarks, index), TRUE);
  g_ptr_array_remove_index (bookmarks->bookmarks, index);
}

/* Moments after @at are no longer. */
static void
branched (gpointer user, AsternMoment at)
{
  AsternBookmarks *bookmarks = user;

  for (guint i = bookmarks->bookmarks->len; i-- > 0;)
    if (astern_moment_compare (bookmark_at (bookmarks, i)->moment, at) > 0)
      remove_at (bookmarks, i);
}

AsternBookmarks *
astern_bookmarks_new (AsternDebugger *debugger)
{
  static const AsternClientFuncs funcs = { .name = "bookmarks", .branched = branched };
  AsternBookmarks *bookmarks = g_new0 (AsternBookmarks, 1);

  bookmarks->debugger = debugger;
  bookmarks->bookmarks = g_ptr_array_new_with_free_func (free_bookmark);
  bookmarks->listeners = g_array_new (FALSE, FALSE, sizeof (Listener));
  bookmarks->client = astern_debugger_attach (debugger, &funcs, bookmarks);
  return bookmarks;
}

void
astern_bookmarks_free (AsternBookmarks *bookmarks)
{
  if (bookmarks == NULL)
    return;
  astern_debugger_detach (bookmarks->debugger, bookmarks->client);
  g_ptr_array_unref (bookmarks->bookmarks);
  g_array_unref (bookmarks->listeners);
  g_free (bookmarks);
}

/* ---- asking ---- */

guint
astern_bookmarks_count (AsternBookmarks *bookmarks)
{
  return bookmarks->bookmarks->len;
}

const AsternBookmark *
astern_bookmarks_at (AsternBookmarks *bookmarks, guint index)
{
  return bookmark_at (bookmarks, index);
}

static AsternBookmark *
find (AsternBookmarks *bookmarks, guint id, guint *index)
{
  for (guint i = 0; i < bookmarks->bookmarks->len; i++)
    if (bookmark_at (bookmarks, i)->id == id)
      {
        *index = i;
        return bookmark_at (bookmarks, i);
      }
  return NULL;
}

const AsternBookmark *
astern_bookmarks_find (AsternBookmarks *bookmarks, guint id)
{
  guint index;

  return find (bookmarks, id, &index);
}

const AsternBookmark *
astern_bookmarks_named (AsternBookmarks *bookmarks, const char *name)
{
  for (guint i = 0; i < bookmarks->bookmarks->len; i++)
    if (g_str_equal (bookmark_at (bookmarks, i)->name, name))
      return bookmark_at (bookmarks, i);
  return NULL;
}

guint
astern_bookmarks_serial (AsternBookmarks *bookmarks)
{
  return bookmarks->serial;
}

/* ---- changing ---- */

static char *
new_name (AsternBookmarks *bookmarks)
{
  for (guint i = 1;; i++)
    {
      g_autofree char *name = g_strdup_printf (_("Bookmark %u"), i);

      if (astern_bookmarks_named (bookmarks, name) == NULL)
        return g_steal_pointer (&name);
    }
}

guint
astern_bookmarks_add (AsternBookmarks *bookmarks, AsternMoment moment, guint64 guest_ns, const char *name, const char *note)
{
  AsternBookmark *bookmark = g_new (AsternBookmark, 1);

  *bookmark = (AsternBookmark) { ++bookmarks->last_id, moment, guest_ns, name != NULL ? g_strdup (name) : new_name (bookmarks),
                                 g_strdup (note != NULL ? note : "") };
  g_ptr_array_add (bookmarks->bookmarks, bookmark);
  tell (bookmarks, bookmark, FALSE);
  return bookmark->id;
}

guint
astern_bookmarks_add_here (AsternBookmarks *bookmarks, const char *name, const char *note)
{
  AsternClock *clock = &astern_debugger_machine (bookmarks->debugger)->clock;

  return astern_bookmarks_add (bookmarks, astern_clock_moment (clock), astern_clock_now_ns (clock), name, note);
}

static void
set_text (char **text, const char *now)
{
  if (now == NULL)
    return;
  g_free (*text);
  *text = g_strdup (now);
}

gboolean
astern_bookmarks_edit (AsternBookmarks *bookmarks, guint id, const char *name, const char *note)
{
  guint index;
  AsternBookmark *bookmark = find (bookmarks, id, &index);

  if (bookmark == NULL)
    return FALSE;
  set_text (&bookmark->name, name);
  set_text (&bookmark->note, note);
  tell (bookmarks, bookmark, FALSE);
  return TRUE;
}

gboolean
astern_bookmarks_remove (AsternBookmarks *bookmarks, guint id)
{
  guint index;

  if (find (bookmarks, id, &index) == NULL)
    return FALSE;
  remove_at (bookmarks, index);
  return TRUE;
}

/* ---- listening ---- */

void
astern_bookmarks_listen (AsternBookmarks *bookmarks, AsternBookmarksFunc changed, gpointer user)
{
  Listener listener = { changed, user };

  g_array_append_val (bookmarks->listeners, listener);
}

void
astern_bookmarks_unlisten (AsternBookmarks *bookmarks, gpointer user)
{
  for (guint i = bookmarks->listeners->len; i-- > 0;)
    if (g_array_index (bookmarks->listeners, Listener, i).user == user)
      g_array_remove_index (bookmarks->listeners, i);
}
