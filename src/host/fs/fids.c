/* fids.c - see fids.h. */
#include "config.h"

#include "host/fs/fids.h"

#include <string.h>
#include <unistd.h>

#define MOST_CHANGES 65536      /* that are remembered */

/* What a number meant before a request. */
typedef struct
{
  guint64    request;
  guint32    number;
  AsternFid *was;               /* (nullable) */
} Change;

/* ---- one ---- */

AsternFid *
astern_fid_new (const char *path)
{
  AsternFid *fid = g_new0 (AsternFid, 1);

  fid->path = g_strdup (path);
  fid->fd = -1;
  return fid;
}

AsternFid *
astern_fid_copy (const AsternFid *fid)
{
  AsternFid *copy = astern_fid_new (fid->path);

  copy->kind = fid->kind;
  copy->xattr = g_strdup (fid->xattr);
  copy->xattr_flags = fid->xattr_flags;
  copy->xattr_size = fid->xattr_size;
  return copy;
}

static void
close_fid (AsternFid *fid)
{
  if (fid->fd < 0)
    return;
  close (fid->fd);
  fid->fd = -1;
  fid->was_open = TRUE;
  g_clear_pointer (&fid->names, g_array_unref);
}

static void
fid_free (gpointer data)
{
  AsternFid *fid = data;

  if (fid == NULL)
    return;
  close_fid (fid);
  g_clear_pointer (&fid->value, g_byte_array_unref);
  g_free (fid->xattr);
  g_free (fid->path);
  g_free (fid);
}

static void
change_free (gpointer data)
{
  Change *change = data;

  fid_free (change->was);
  g_free (change);
}

/* ---- all ---- */

void
astern_fids_init (AsternFids *fids)
{
  *fids = (AsternFids) { .table = g_hash_table_new_full (NULL, NULL, NULL, fid_free) };
  g_queue_init (&fids->log);
}

void
astern_fids_clear (AsternFids *fids)
{
  g_clear_pointer (&fids->table, g_hash_table_unref);
  g_queue_clear_full (&fids->log, change_free);
}

AsternFid *
astern_fids_find (AsternFids *fids, guint32 number)
{
  return g_hash_table_lookup (fids->table, GUINT_TO_POINTER (number));
}

static AsternFid *
steal (AsternFids *fids, guint32 number)
{
  AsternFid *fid = astern_fids_find (fids, number);

  if (fid != NULL)
    g_hash_table_steal (fids->table, GUINT_TO_POINTER (number));
  return fid;
}

void
astern_fids_set (AsternFids *fids, guint32 number, AsternFid *fid)
{
  Change *change = g_new0 (Change, 1);

  *change = (Change) { fids->request, number, steal (fids, number) };
  if (change->was != NULL)
    close_fid (change->was);
  g_queue_push_head (&fids->log, change);
  if (fids->log.length > MOST_CHANGES)
    change_free (g_queue_pop_tail (&fids->log));
  if (fid != NULL)
    g_hash_table_insert (fids->table, GUINT_TO_POINTER (number), fid);
}

void
astern_fids_forget_all (AsternFids *fids)
{
  g_autoptr (GList) numbers = g_hash_table_get_keys (fids->table);

  for (GList *item = numbers; item != NULL; item = item->next)
    astern_fids_set (fids, GPOINTER_TO_UINT (item->data), NULL);
}

static void
move (AsternFid *fid, const char *old, const char *path)
{
  gsize size = strlen (old);
  char *moved;

  if (fid == NULL || strncmp (fid->path, old, size) != 0 || (fid->path[size] != '\0' && fid->path[size] != '/'))
    return;
  moved = g_strconcat (path, fid->path + size, NULL);
  g_free (fid->path);
  fid->path = moved;
}

void
astern_fids_moved (AsternFids *fids, const char *old, const char *path)
{
  GHashTableIter iter;
  gpointer fid;

  g_hash_table_iter_init (&iter, fids->table);
  while (g_hash_table_iter_next (&iter, NULL, &fid))
    move (fid, old, path);
  for (GList *item = fids->log.head; item != NULL; item = item->next)
    move (((Change *) item->data)->was, old, path);
}

/* What cannot be opened any more stays closed, and says so to who uses it. */
static void
open_again (AsternFid *fid, AsternTree *tree)
{
  if (!fid->was_open)
    return;
  fid->was_open = FALSE;
  if (astern_tree_open (tree, fid->path, fid->flags, &fid->fd) != 0)
    fid->fd = -1;
}

void
astern_fids_go_back (AsternFids *fids, guint64 request, AsternTree *tree)
{
  GHashTableIter iter;
  gpointer fid;
  Change *change;

  while ((change = g_queue_peek_head (&fids->log)) != NULL && change->request >= request)
    {
      g_queue_pop_head (&fids->log);
      g_hash_table_remove (fids->table, GUINT_TO_POINTER (change->number));
      if (change->was != NULL)
        g_hash_table_insert (fids->table, GUINT_TO_POINTER (change->number), g_steal_pointer (&change->was));
      change_free (change);
    }
  g_hash_table_iter_init (&iter, fids->table);
  while (g_hash_table_iter_next (&iter, NULL, &fid))
    open_again (fid, tree);
}

guint
astern_fids_count (AsternFids *fids)
{
  return g_hash_table_size (fids->table);
}
