/* fids - what a client of 9P has in hand: its numbers for files, some of them open.
 *
 * All changes are remembered with the number of the request that made them, so that the table can go back to how it was
 * before one: when a run of the guest branches in its past.  A file that was open is opened again then.
 *
 * Threads: one at a time. */
#pragma once

#include "host/fs/tree.h"

typedef enum { ASTERN_FID_PLAIN, ASTERN_FID_XATTR_READ, ASTERN_FID_XATTR_WRITE } AsternFidKind;

typedef struct
{
  AsternFidKind kind;
  char         *path;
  gint          fd;             /* -1: not open */
  gint          flags;          /* with which it was opened */
  gboolean      was_open;       /* its fd is closed, it is to be opened again */
  GArray       *names;          /* (nullable) of a directory that is read: char *, NULL-free */
  char         *xattr;          /* (nullable) its name */
  GByteArray   *value;          /* (nullable) of the attribute */
  guint32       xattr_flags;
  gsize         xattr_size;     /* what was announced */
} AsternFid;

typedef struct
{
  GHashTable *table;            /* guint32 -> AsternFid */
  GQueue      log;              /* what was before, the latest first */
  guint64     request;          /* that is being done */
} AsternFids;

AsternFid *astern_fid_new     (const char *path);
AsternFid *astern_fid_copy    (const AsternFid *fid);       /* without what is open */

void       astern_fids_init   (AsternFids *fids);
void       astern_fids_clear  (AsternFids *fids);
AsternFid *astern_fids_find   (AsternFids *fids, guint32 number);            /* (nullable) */
/* @fid is taken over; NULL: the number is free again. */
void       astern_fids_set    (AsternFids *fids, guint32 number, AsternFid *fid);
void       astern_fids_forget_all (AsternFids *fids);
/* A file or directory has got another name: that of all fids there, also of those that were. */
void       astern_fids_moved  (AsternFids *fids, const char *old, const char *path);
/* As before request @request. */
void       astern_fids_go_back (AsternFids *fids, guint64 request, AsternTree *tree);
guint      astern_fids_count  (AsternFids *fids);
