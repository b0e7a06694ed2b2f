/* copy.c - astern_recording_copy(), see recording.h.
 * Source: SQLite's documentation, "SQLite Backup API".
 *
 * The backup reads one state of the file, though the writer goes on.  It is made beside its place and put there by one
 * rename, so that a copy that fails leaves what was there. */
#include "config.h"

#include "trace/recording.h"
#include "trace/store.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

static gboolean
is_same_file (const char *a, const char *b)
{
  struct stat one, other;

  return stat (a, &one) == 0 && stat (b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* Of the history of a run that is still there nothing is in the copy. */
static gboolean
tidy (AsternTraceStore *copy, GError **error)
{
  return astern_trace_store_exec (copy, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = NORMAL", error) &&
         astern_trace_store_exec (copy, "DELETE FROM spill", error) && astern_trace_store_exec (copy, "VACUUM", error);
}

static gboolean
back_up (AsternTraceStore *from, AsternTraceStore *copy, GError **error)
{
  sqlite3_backup *backup;
  int code, tries = 200;

  if (sqlite3_open_v2 (copy->name, &copy->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
    return astern_trace_store_fail (copy, error);
  backup = sqlite3_backup_init (copy->db, "main", from->db, "main");
  if (backup == NULL)
    return astern_trace_store_fail (copy, error);
  while (tries-- > 0 && ((code = sqlite3_backup_step (backup, -1)) == SQLITE_BUSY || code == SQLITE_LOCKED))
    sqlite3_sleep (10);
  if (sqlite3_backup_finish (backup) != SQLITE_OK || code != SQLITE_DONE)
    return astern_trace_store_fail (copy, error);
  return tidy (copy, error);
}

static gboolean
put_in_place (const char *made, const char *to, GError **error)
{
  if (g_rename (made, to) == 0)
    return TRUE;
  g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_FILE, _("Cannot write the recording “%s”: %s."), to,
               g_strerror (errno));
  return FALSE;
}

static gboolean
copy_beside (const char *from, const char *made, GError **error)
{
  AsternTraceStore source = { NULL, NULL }, copy = { NULL, g_strdup (made) };
  gboolean good = astern_trace_store_open (&source, from, error) && back_up (&source, &copy, error);

  astern_trace_store_close (&source);
  astern_trace_store_close (&copy);
  return good;
}

gboolean
astern_recording_copy (const char *from, const char *to, GError **error)
{
  g_autofree char *made = g_strconcat (to, ".part", NULL);

  if (is_same_file (from, to))
    {
      g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_FILE,
                   _("“%s” is the recording itself; give the copy another name."), to);
      return FALSE;
    }
  if (!astern_trace_store_may_replace (to, error) || !astern_trace_store_may_replace (made, error))
    return FALSE;
  g_unlink (made);
  if (copy_beside (from, made, error) && put_in_place (made, to, error))
    return TRUE;
  g_unlink (made);
  return FALSE;
}
