/* test-fs-server.c - a directory by 9P2000.L, as a client finds it. */
#include "config.h"

#include "host/fs/p9.h"
#include "host/fs/server.h"
#include "remove-all.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <glib/gstdio.h>

enum { ROOT = 1, FREE = 10 };

typedef struct
{
  char           *folder, *shared, *outside;   /* outside: a file beside the shared directory */
  AsternFsServer *server;
  guint64         number;
  GByteArray     *answer;
  P9Reader        in;
} Fixture;

/* ---- asking ---- */

static GByteArray *
begin (guint8 type)
{
  GByteArray *message = g_byte_array_new ();

  p9_put (message, 4, 0);
  p9_put (message, 1, type);
  p9_put (message, 2, 7);
  return message;
}

/* Returns the errno of the answer; else the answer is at f->in. */
static int
ask (Fixture *f, GByteArray *message)
{
  guint8 type = message->data[4];

  p9_set (message, 0, 4, message->len);
  g_clear_pointer (&f->answer, g_byte_array_unref);
  f->answer = astern_fs_server_do (f->server, f->number++, message->data, message->len, ASTERN_FS_MOST_MESSAGE);
  g_byte_array_unref (message);
  f->in = (P9Reader) { f->answer->data, f->answer->data + f->answer->len, FALSE };
  g_assert_cmpuint (p9_get (&f->in, 4), ==, f->answer->len);
  if (p9_get (&f->in, 1) == P9_LERROR + 1)
    {
      g_assert_cmpuint (p9_get (&f->in, 2), ==, 7);
      return (int) p9_get (&f->in, 4);
    }
  g_assert_cmpuint (f->answer->data[4], ==, type + 1u);
  g_assert_cmpuint (p9_get (&f->in, 2), ==, 7);
  return 0;
}

/* @path: names by slashes; "": a copy. */
static int
walk (Fixture *f, guint32 fid, guint32 made, const char *path)
{
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  guint n = path[0] != '\0' ? g_strv_length (names) : 0;
  GByteArray *message = begin (P9_WALK);
  int failed;

  p9_put (message, 4, fid);
  p9_put (message, 4, made);
  p9_put (message, 2, n);
  for (guint i = 0; i < n; i++)
    p9_put_string (message, names[i]);
  failed = ask (f, message);
  return failed != 0 ? failed : p9_get (&f->in, 2) == n ? 0 : ENOENT;
}

static int
lopen (Fixture *f, guint32 fid, guint32 flags)
{
  GByteArray *message = begin (P9_LOPEN);

  p9_put (message, 4, fid);
  p9_put (message, 4, flags);
  return ask (f, message);
}

static int
create (Fixture *f, guint32 fid, const char *name, guint32 mode)
{
  GByteArray *message = begin (P9_LCREATE);

  p9_put (message, 4, fid);
  p9_put_string (message, name);
  p9_put (message, 4, O_RDWR | O_CREAT);
  p9_put (message, 4, mode);
  p9_put (message, 4, getgid ());
  return ask (f, message);
}

static int
put (Fixture *f, guint32 fid, guint64 offset, const char *text)
{
  GByteArray *message = begin (P9_WRITE);

  p9_put (message, 4, fid);
  p9_put (message, 8, offset);
  p9_put (message, 4, strlen (text));
  g_byte_array_append (message, (const guint8 *) text, (guint) strlen (text));
  return ask (f, message);
}

static int
get (Fixture *f, guint32 fid, char *text, gsize size)
{
  GByteArray *message = begin (P9_READ);
  guint32 got;
  int failed;

  p9_put (message, 4, fid);
  p9_put (message, 8, 0);
  p9_put (message, 4, size - 1);
  failed = ask (f, message);
  if (failed != 0)
    return failed;
  got = (guint32) p9_get (&f->in, 4);
  memcpy (text, p9_get_bytes (&f->in, got), got);
  text[got] = '\0';
  return 0;
}

static int
with_fid (Fixture *f, guint8 type, guint32 fid)
{
  GByteArray *message = begin (type);

  p9_put (message, 4, fid);
  return ask (f, message);
}

static int
make_dir (Fixture *f, guint32 fid, const char *name)
{
  GByteArray *message = begin (P9_MKDIR);

  p9_put (message, 4, fid);
  p9_put_string (message, name);
  p9_put (message, 4, 0755);
  p9_put (message, 4, getgid ());
  return ask (f, message);
}

static int
symlink_to (Fixture *f, const char *name, const char *target)
{
  GByteArray *message = begin (P9_SYMLINK);

  p9_put (message, 4, ROOT);
  p9_put_string (message, name);
  p9_put_string (message, target);
  p9_put (message, 4, getgid ());
  return ask (f, message);
}

static int
rename_in_root (Fixture *f, const char *old, const char *name)
{
  GByteArray *message = begin (P9_RENAMEAT);

  p9_put (message, 4, ROOT);
  p9_put_string (message, old);
  p9_put (message, 4, ROOT);
  p9_put_string (message, name);
  return ask (f, message);
}

static int
unlink_in_root (Fixture *f, const char *name)
{
  GByteArray *message = begin (P9_UNLINKAT);

  p9_put (message, 4, ROOT);
  p9_put_string (message, name);
  p9_put (message, 4, 0);
  return ask (f, message);
}

static int
get_attributes (Fixture *f, guint32 fid, guint32 *mode, guint32 *uid, guint64 *device, guint64 *size)
{
  GByteArray *message = begin (P9_GETATTR);
  int failed;

  p9_put (message, 4, fid);
  p9_put (message, 8, 0x7ff);
  failed = ask (f, message);
  p9_get_bytes (&f->in, 8 + 13);
  *mode = (guint32) p9_get (&f->in, 4);
  *uid = (guint32) p9_get (&f->in, 4);
  p9_get (&f->in, 4);
  p9_get (&f->in, 8);
  *device = p9_get (&f->in, 8);
  *size = p9_get (&f->in, 8);
  return failed;
}

/* ---- the fixture ---- */

static void
start (Fixture *f, AsternFsSecurity security, gboolean readonly)
{
  const AsternFsSpec spec = { f->shared, security, readonly };
  g_autoptr (GError) error = NULL;
  GByteArray *message = begin (P9_VERSION);

  f->server = astern_fs_server_new (&spec, &error);
  g_assert_no_error (error);
  p9_put (message, 4, 65536);
  p9_put_string (message, "9P2000.L");
  g_assert_cmpint (ask (f, message), ==, 0);
  g_assert_cmpuint (p9_get (&f->in, 4), ==, 65536);
  message = begin (P9_ATTACH);
  p9_put (message, 4, ROOT);
  p9_put (message, 4, P9_NO_FID);
  p9_put_string (message, "root");
  p9_put_string (message, "");
  p9_put (message, 4, 0);
  g_assert_cmpint (ask (f, message), ==, 0);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("astern-XXXXXX", NULL);
  f->shared = g_build_filename (f->folder, "shared", NULL);
  f->outside = g_build_filename (f->folder, "outside", NULL);
  g_assert_cmpint (g_mkdir (f->shared, 0755), ==, 0);
  g_assert_true (g_file_set_contents (f->outside, "secret", -1, NULL));
  start (f, ASTERN_FS_NONE, FALSE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->answer, g_byte_array_unref);
  astern_fs_server_free (f->server);
  remove_all (f->folder);
  g_free (f->folder);
  g_free (f->shared);
  g_free (f->outside);
}

static void
restart (Fixture *f, AsternFsSecurity security, gboolean readonly)
{
  astern_fs_server_free (f->server);
  start (f, security, readonly);
}

static char *
on_host (Fixture *f, const char *name)
{
  return g_build_filename (f->shared, name, NULL);
}

static void
make_file (Fixture *f, const char *name, const char *text)
{
  g_assert_cmpint (walk (f, ROOT, FREE, ""), ==, 0);
  g_assert_cmpint (create (f, FREE, name, 0644), ==, 0);
  g_assert_cmpint (put (f, FREE, 0, text), ==, 0);
  g_assert_cmpint (with_fid (f, P9_CLUNK, FREE), ==, 0);
}

/* ---- what is shown ---- */

static void
what_is_written_is_on_the_host_and_read_back (Fixture *f, gconstpointer data)
{
  g_autofree char *path = on_host (f, "file");
  g_autofree char *text = NULL;
  char back[32];

  make_file (f, "file", "hello");
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "hello");
  g_assert_cmpint (walk (f, ROOT, 2, "file"), ==, 0);
  g_assert_cmpint (lopen (f, 2, O_RDONLY), ==, 0);
  g_assert_cmpint (get (f, 2, back, sizeof back), ==, 0);
  g_assert_cmpstr (back, ==, "hello");
  g_assert_cmpint (put (f, 2, 0, "x"), ==, EBADF);
}

static void
nothing_leads_out_of_the_directory (Fixture *f, gconstpointer data)
{
  GByteArray *message;

  g_assert_cmpint (walk (f, ROOT, 2, "../../.."), ==, 0);       /* the top's “..” is the top */
  g_assert_cmpint (walk (f, 2, 3, "outside"), ==, ENOENT);
  message = begin (P9_WALK);
  p9_put (message, 4, ROOT);
  p9_put (message, 4, 4);
  p9_put (message, 2, 1);
  p9_put_string (message, "../outside");
  g_assert_cmpint (ask (f, message), ==, EINVAL);
  g_assert_cmpint (create (f, 2, "../made", 0644), ==, EINVAL);
  g_assert_cmpint (create (f, 2, "..", 0644), ==, EINVAL);
  g_assert_cmpint (make_dir (f, ROOT, ".."), ==, EEXIST);
  g_assert_cmpint (rename_in_root (f, "..", "mine"), !=, 0);
}

static void
symbolic_links_are_the_guests_business (Fixture *f, gconstpointer data)
{
  guint32 mode, uid;
  guint64 device, size;

  g_assert_cmpint (symlink_to (f, "link", f->outside), ==, 0);
  g_assert_cmpint (symlink_to (f, "up", ".."), ==, 0);
  g_assert_cmpint (walk (f, ROOT, 2, "link"), ==, 0);
  g_assert_cmpint (get_attributes (f, 2, &mode, &uid, &device, &size), ==, 0);
  g_assert_true (S_ISLNK (mode));
  g_assert_cmpint (lopen (f, 2, O_RDONLY), ==, ELOOP);
  g_assert_cmpint (with_fid (f, P9_READLINK, 2), ==, 0);
  {
    g_autofree char *target = p9_get_string (&f->in);

    g_assert_cmpstr (target, ==, f->outside);
  }
  g_assert_cmpint (walk (f, ROOT, 3, "up/outside"), !=, 0);
}

/* Who works on the host may put a link where a directory was, at any moment. */
static void
a_directory_that_becomes_a_link_leads_nowhere (Fixture *f, gconstpointer data)
{
  g_autofree char *path = on_host (f, "dir");

  g_assert_cmpint (make_dir (f, ROOT, "dir"), ==, 0);
  g_assert_cmpint (walk (f, ROOT, 2, "dir"), ==, 0);
  g_assert_cmpint (g_rmdir (path), ==, 0);
  g_assert_cmpint (symlink (f->folder, path), ==, 0);
  g_assert_cmpint (walk (f, 2, 3, "outside"), !=, 0);
  g_assert_cmpint (create (f, 2, "made", 0644), !=, 0);
  g_assert_cmpint (walk (f, ROOT, 4, "dir/outside"), !=, 0);
}

static void
read_only_is_read_only (Fixture *f, gconstpointer data)
{
  GByteArray *message;

  make_file (f, "file", "hello");
  restart (f, ASTERN_FS_NONE, TRUE);
  g_assert_cmpint (walk (f, ROOT, 2, "file"), ==, 0);
  g_assert_cmpint (lopen (f, 2, O_RDWR), ==, EROFS);
  g_assert_cmpint (lopen (f, 2, O_RDONLY | O_TRUNC), ==, EROFS);
  g_assert_cmpint (make_dir (f, ROOT, "dir"), ==, EROFS);
  g_assert_cmpint (symlink_to (f, "link", "x"), ==, EROFS);
  g_assert_cmpint (rename_in_root (f, "file", "other"), ==, EROFS);
  g_assert_cmpint (unlink_in_root (f, "file"), ==, EROFS);
  message = begin (P9_SETATTR);
  p9_put (message, 4, 2);
  p9_put (message, 4, 1);
  for (guint i = 0; i < 12; i++)
    p9_put (message, 4, 0);
  g_assert_cmpint (ask (f, message), ==, EROFS);
  g_assert_cmpint (lopen (f, 2, O_RDONLY), ==, 0);
  g_assert_cmpint (with_fid (f, P9_REMOVE, 2), ==, EROFS);
  g_assert_cmpint (with_fid (f, P9_CLUNK, 2), ==, EBADF);       /* the fid is gone all the same */
}

static void
a_long_directory_is_listed_in_pieces (Fixture *f, gconstpointer data)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint64 at = 0;
  gboolean more = TRUE;

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("file%u", i);
      g_autofree char *path = on_host (f, name);

      g_assert_true (g_file_set_contents (path, "", 0, NULL));
    }
  g_assert_cmpint (walk (f, ROOT, 2, ""), ==, 0);
  g_assert_cmpint (lopen (f, 2, O_RDONLY | O_DIRECTORY), ==, 0);
  while (more)
    {
      GByteArray *message = begin (P9_READDIR);
      guint32 size;

      p9_put (message, 4, 2);
      p9_put (message, 8, at);
      p9_put (message, 4, 256);
      g_assert_cmpint (ask (f, message), ==, 0);
      size = (guint32) p9_get (&f->in, 4);
      g_assert_cmpuint (size, <=, 256);
      more = size > 0;
      while (f->in.at < f->in.end)
        {
          p9_get_bytes (&f->in, 13);
          at = p9_get (&f->in, 8);
          p9_get (&f->in, 1);
          g_assert_true (g_hash_table_add (seen, p9_get_string (&f->in)));
        }
    }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 102);
}

static void
a_file_in_hand_follows_its_directory (Fixture *f, gconstpointer data)
{
  char back[32];

  g_assert_cmpint (make_dir (f, ROOT, "dir"), ==, 0);
  g_assert_cmpint (walk (f, ROOT, 2, "dir"), ==, 0);
  g_assert_cmpint (create (f, 2, "file", 0644), ==, 0);
  g_assert_cmpint (put (f, 2, 0, "moved"), ==, 0);
  g_assert_cmpint (walk (f, ROOT, 3, "dir/file"), ==, 0);
  g_assert_cmpint (rename_in_root (f, "dir", "other"), ==, 0);
  g_assert_cmpint (lopen (f, 3, O_RDONLY), ==, 0);
  g_assert_cmpint (get (f, 3, back, sizeof back), ==, 0);
  g_assert_cmpstr (back, ==, "moved");
}

static void
what_was_removed_stays_as_long_as_it_is_open (Fixture *f, gconstpointer data)
{
  guint32 mode, uid;
  guint64 device, size;
  char back[32];

  make_file (f, "file", "still here");
  g_assert_cmpint (walk (f, ROOT, 2, "file"), ==, 0);
  g_assert_cmpint (lopen (f, 2, O_RDWR), ==, 0);
  g_assert_cmpint (unlink_in_root (f, "file"), ==, 0);
  g_assert_cmpint (get (f, 2, back, sizeof back), ==, 0);
  g_assert_cmpstr (back, ==, "still here");
  g_assert_cmpint (get_attributes (f, 2, &mode, &uid, &device, &size), ==, 0);
  g_assert_cmpuint (size, ==, 10);
}

static int
set_xattr (Fixture *f, const char *file, const char *name, const char *value)
{
  GByteArray *message = begin (P9_XATTRCREATE);
  int failed;

  g_assert_cmpint (walk (f, ROOT, 5, file), ==, 0);
  p9_put (message, 4, 5);
  p9_put_string (message, name);
  p9_put (message, 8, strlen (value));
  p9_put (message, 4, 0);
  failed = ask (f, message);
  if (failed == 0 && value[0] != '\0')
    g_assert_cmpint (put (f, 5, 0, value), ==, 0);
  return failed != 0 ? failed : with_fid (f, P9_CLUNK, 5);
}

static int
get_xattr (Fixture *f, const char *file, const char *name, char *text, gsize size)
{
  GByteArray *message = begin (P9_XATTRWALK);
  int failed;

  g_assert_cmpint (walk (f, ROOT, 5, file), ==, 0);
  p9_put (message, 4, 5);
  p9_put (message, 4, 6);
  p9_put_string (message, name);
  failed = ask (f, message);
  if (failed == 0)
    {
      failed = get (f, 6, text, size);
      g_assert_cmpint (with_fid (f, P9_CLUNK, 6), ==, 0);
    }
  g_assert_cmpint (with_fid (f, P9_CLUNK, 5), ==, 0);
  return failed;
}

static void
attributes_are_set_and_taken_away (Fixture *f, gconstpointer data)
{
  char back[256];
  int failed;

  make_file (f, "file", "x");
  failed = set_xattr (f, "file", "user.colour", "green");
  if (failed == EOPNOTSUPP)
    {
      g_test_skip ("the host's temporary files have no extended attributes");
      return;
    }
  g_assert_cmpint (failed, ==, 0);
  g_assert_cmpint (get_xattr (f, "file", "user.colour", back, sizeof back), ==, 0);
  g_assert_cmpstr (back, ==, "green");
  g_assert_cmpint (set_xattr (f, "file", "user.colour", ""), ==, 0);
  g_assert_cmpint (get_xattr (f, "file", "user.colour", back, sizeof back), ==, ENODATA);
}

static void
owners_and_devices_are_kept_in_attributes (Fixture *f, gconstpointer data)
{
  g_autofree char *path = on_host (f, "tty");
  GByteArray *message = begin (P9_MKNOD);
  guint32 mode, uid;
  guint64 device, size;
  struct stat st;
  char back[256];
  int failed;

  restart (f, ASTERN_FS_MAPPED, FALSE);
  p9_put (message, 4, ROOT);
  p9_put_string (message, "tty");
  p9_put (message, 4, S_IFCHR | 0620);
  p9_put (message, 4, 4);
  p9_put (message, 4, 64);
  p9_put (message, 4, 5);
  failed = ask (f, message);
  if (failed == EOPNOTSUPP)
    {
      g_test_skip ("the host's temporary files have no extended attributes");
      return;
    }
  g_assert_cmpint (failed, ==, 0);
  g_assert_cmpint (lstat (path, &st), ==, 0);
  g_assert_true (S_ISREG (st.st_mode));
  g_assert_cmpint (walk (f, ROOT, 2, "tty"), ==, 0);
  message = begin (P9_SETATTR);
  p9_put (message, 4, 2);
  p9_put (message, 4, 2);
  p9_put (message, 4, 0);
  p9_put (message, 4, 1234);
  for (guint i = 0; i < 11; i++)
    p9_put (message, 4, 0);
  g_assert_cmpint (ask (f, message), ==, 0);
  g_assert_cmpint (get_attributes (f, 2, &mode, &uid, &device, &size), ==, 0);
  g_assert_cmphex (mode, ==, S_IFCHR | 0620);
  g_assert_cmpuint (uid, ==, 1234);
  g_assert_cmphex (device, ==, 0x440);
  g_assert_cmpint (get_xattr (f, "tty", "user.virtfs.uid", back, sizeof back), ==, ENODATA);
  g_assert_cmpint (set_xattr (f, "tty", "user.virtfs.uid", "0"), !=, 0);
  g_assert_cmpint (symlink_to (f, "link", "/anywhere"), ==, 0);
  g_assert_cmpint (walk (f, ROOT, 3, "link"), ==, 0);
  g_assert_cmpint (with_fid (f, P9_READLINK, 3), ==, 0);
}

static int
lock (Fixture *f, guint32 fid, guint8 type, guint64 from, guint64 length, guint32 process, guint8 *status)
{
  GByteArray *message = begin (P9_LOCK);
  int failed;

  p9_put (message, 4, fid);
  p9_put (message, 1, type);
  p9_put (message, 4, 0);
  p9_put (message, 8, from);
  p9_put (message, 8, length);
  p9_put (message, 4, process);
  p9_put_string (message, "guest");
  failed = ask (f, message);
  *status = (guint8) p9_get (&f->in, 1);
  return failed;
}

static void
locks_keep_other_processes_out (Fixture *f, gconstpointer data)
{
  guint8 status;

  make_file (f, "file", "x");
  for (guint32 fid = 2; fid < 4; fid++)
    {
      g_assert_cmpint (walk (f, ROOT, fid, "file"), ==, 0);
      g_assert_cmpint (lopen (f, fid, O_RDWR), ==, 0);
    }
  g_assert_cmpint (lock (f, 2, 1, 0, 100, 1, &status), ==, 0);
  g_assert_cmpuint (status, ==, 0);
  g_assert_cmpint (lock (f, 3, 0, 50, 10, 2, &status), ==, 0);
  g_assert_cmpuint (status, ==, 1);
  g_assert_cmpint (lock (f, 2, 2, 40, 30, 1, &status), ==, 0);          /* a hole */
  g_assert_cmpint (lock (f, 3, 1, 50, 10, 2, &status), ==, 0);
  g_assert_cmpuint (status, ==, 0);
  g_assert_cmpint (lock (f, 3, 1, 50, 0, 2, &status), ==, 0);           /* beyond the hole */
  g_assert_cmpuint (status, ==, 1);
  g_assert_cmpint (with_fid (f, P9_CLUNK, 2), ==, 0);
  g_assert_cmpint (lock (f, 3, 1, 0, 0, 2, &status), ==, 0);
  g_assert_cmpuint (status, ==, 0);
}

/* A run that branches in its past has in hand what it had then. */
static void
going_back_restores_what_was_in_hand (Fixture *f, gconstpointer data)
{
  guint64 then;
  char back[32];

  make_file (f, "a", "first");
  g_assert_cmpint (walk (f, ROOT, 2, "a"), ==, 0);
  g_assert_cmpint (lopen (f, 2, O_RDONLY), ==, 0);
  then = f->number;
  g_assert_cmpint (with_fid (f, P9_CLUNK, 2), ==, 0);
  g_assert_cmpint (walk (f, ROOT, 3, "a"), ==, 0);
  g_assert_cmpint (rename_in_root (f, "a", "b"), ==, 0);
  astern_fs_server_go_back (f->server, then);
  f->number = then;
  g_assert_cmpint (get (f, 2, back, sizeof back), ==, 0);
  g_assert_cmpstr (back, ==, "first");
  g_assert_cmpint (with_fid (f, P9_CLUNK, 3), ==, EBADF);
}

static void
what_is_no_file_is_not_opened (Fixture *f, gconstpointer data)
{
  g_autofree char *path = on_host (f, "pipe");

  g_assert_cmpint (mkfifo (path, 0644), ==, 0);
  g_assert_cmpint (walk (f, ROOT, 2, "pipe"), ==, 0);
  g_assert_cmpint (lopen (f, 2, O_RDONLY), ==, ENXIO);
}

/* Every request of every length gets an answer. */
static void
cut_off_messages_are_errors (Fixture *f, gconstpointer data)
{
  for (guint type = 0; type < 130; type += 2)
    for (guint size = 0; size < 64; size++)
      {
        guint8 message[64] = { (guint8) size, 0, 0, 0, (guint8) type };
        g_autoptr (GByteArray) answer = NULL;

        memset (message + 7, 0xff, sizeof message - 7);
        answer = astern_fs_server_do (f->server, f->number++, message, size, 4096);
        g_assert_cmpuint (answer->len, >=, P9_HEADER);
        g_assert_cmpuint (answer->data[4], ==, P9_LERROR + 1 + (type == P9_FLUSH && size >= 7 ? P9_FLUSH - P9_LERROR : 0));
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/fs-server/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (what_is_written_is_on_the_host_and_read_back);
  ADD (nothing_leads_out_of_the_directory);
  ADD (symbolic_links_are_the_guests_business);
  ADD (a_directory_that_becomes_a_link_leads_nowhere);
  ADD (read_only_is_read_only);
  ADD (a_long_directory_is_listed_in_pieces);
  ADD (a_file_in_hand_follows_its_directory);
  ADD (what_was_removed_stays_as_long_as_it_is_open);
  ADD (attributes_are_set_and_taken_away);
  ADD (owners_and_devices_are_kept_in_attributes);
  ADD (locks_keep_other_processes_out);
  ADD (going_back_restores_what_was_in_hand);
  ADD (what_is_no_file_is_not_opened);
  ADD (cut_off_messages_are_errors);
  return g_test_run ();
}
