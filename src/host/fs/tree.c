/* tree.c - see tree.h.
 * Source: openat2(2), path_resolution(7); QEMU's manual, “-fsdev”, for the security models.
 *
 * Paths are resolved by openat2() with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS; where the host has none, part by part,
 * which is as safe and slower. */
#include "config.h"

#include "host/fs/tree-private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- paths ---- */

char *
astern_tree_join (const char *path, const char *name)
{
  const char *slash;

  if (g_str_equal (name, "."))
    return g_strdup (path);
  if (!g_str_equal (name, ".."))
    return path[0] != '\0' ? g_strconcat (path, "/", name, NULL) : g_strdup (name);
  slash = strrchr (path, '/');
  return slash != NULL ? g_strndup (path, (gsize) (slash - path)) : g_strdup ("");
}

/* Part by part.  @flags are those of the last one; the rest are directories. */
static int
open_by_walking (int root, const char *path, int flags, mode_t mode)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  int at = dup (root);

  for (guint i = 0; at >= 0 && parts[i] != NULL; i++)
    {
      gboolean last = parts[i + 1] == NULL;
      int next = openat (at, parts[i], last ? flags | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, mode);
      int failed = errno;

      close (at);
      errno = failed;
      at = next;
    }
  return at;
}

int
tree_open_at (AsternTree *tree, const char *path, int flags, mode_t mode)
{
  /* With O_PATH openat2() takes no flag that means nothing. */
  struct open_how how = {
    .flags = (guint64) (flags | O_CLOEXEC | O_NOFOLLOW | (flags & O_PATH ? 0 : O_NOCTTY)),
    .mode = flags & O_CREAT ? mode & 07777 : 0,
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
  };

  flags |= O_CLOEXEC | O_NOCTTY;
  if (path[0] == '\0')
    return openat (tree->root, ".", flags, mode);
  if (!tree->walks)
    return (int) syscall (SYS_openat2, tree->root, path, &how, sizeof how);
  return open_by_walking (tree->root, path, flags, mode);
}

/* The directory that @path is in, and its name there. */
int
tree_open_parent (AsternTree *tree, const char *path, const char **name)
{
  const char *slash = strrchr (path, '/');
  g_autofree char *directory = slash != NULL ? g_strndup (path, (gsize) (slash - path)) : g_strdup ("");

  *name = slash != NULL ? slash + 1 : path[0] != '\0' ? path : ".";
  return tree_open_at (tree, directory, O_PATH | O_DIRECTORY, 0);
}

/* What is done in the parent, by name. */
#define IN_PARENT(tree, path, expression)                            \
  const char *name;                                                  \
  int parent = tree_open_parent (tree, path, &name), result;         \
                                                                     \
  if (parent < 0)                                                    \
    return errno;                                                    \
  result = (expression) != 0 ? errno : 0;                            \
  close (parent);                                                    \
  return result

int
astern_tree_init (AsternTree *tree, const char *path, AsternFsSecurity security)
{
  struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
  int probe;

  *tree = (AsternTree) { .root = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC), .security = security };
  if (tree->root < 0)
    return errno;
  probe = (int) syscall (SYS_openat2, tree->root, ".", &how, sizeof how);
  tree->walks = probe < 0;
  if (probe >= 0)
    close (probe);
  return 0;
}

void
astern_tree_clear (AsternTree *tree)
{
  if (tree->root >= 0)
    close (tree->root);
  tree->root = -1;
}

/* ---- looking ---- */

static int
stat_in_parent (AsternTree *tree, const char *path, struct stat *st)
{
  IN_PARENT (tree, path, fstatat (parent, name, st, AT_SYMLINK_NOFOLLOW));
}

int
astern_tree_stat (AsternTree *tree, const char *path, struct stat *st)
{
  int failed = stat_in_parent (tree, path, st);

  if (failed == 0 && tree->security == ASTERN_FS_MAPPED)
    tree_map_stat (tree, path, -1, st);
  return failed;
}

int
astern_tree_stat_fd (AsternTree *tree, int fd, struct stat *st)
{
  if (fstat (fd, st) != 0)
    return errno;
  if (tree->security == ASTERN_FS_MAPPED)
    tree_map_stat (tree, NULL, fd, st);
  return 0;
}

int
astern_tree_readlink (AsternTree *tree, const char *path, char **target)
{
  char text[PATH_MAX];
  const char *name;
  int parent;
  gssize size;

  if (tree->security == ASTERN_FS_MAPPED)
    return tree_map_readlink (tree, path, target);
  parent = tree_open_parent (tree, path, &name);
  if (parent < 0)
    return errno;
  size = readlinkat (parent, name, text, sizeof text);
  if (size < 0)
    {
      int failed = errno;

      close (parent);
      return failed;
    }
  close (parent);
  *target = g_strndup (text, (gsize) size);
  return 0;
}

int
astern_tree_statfs (AsternTree *tree, struct statvfs *st)
{
  return fstatvfs (tree->root, st) == 0 ? 0 : errno;
}

/* ---- opening ---- */

int
astern_tree_open (AsternTree *tree, const char *path, int flags, int *fd)
{
  struct stat st;

  *fd = tree_open_at (tree, path, (flags & ~(O_CREAT | O_EXCL)) | O_NONBLOCK, 0);
  if (*fd < 0)
    return errno;
  if (fstat (*fd, &st) == 0 && (S_ISREG (st.st_mode) || S_ISDIR (st.st_mode)))
    return 0;
  close (*fd);
  *fd = -1;
  return ENXIO;
}

/* ---- creating ---- */

/* What was made gets its owner; on failure it is taken away again. */
static int
give_away (AsternTree *tree, const char *path, const AsternTreeOwner *owner, gboolean is_link)
{
  const char *name;
  int parent, failed = 0;

  if (tree->security == ASTERN_FS_MAPPED)
    failed = tree_map_owner (tree, path, owner);
  else
    {
      parent = tree_open_parent (tree, path, &name);
      if (parent < 0)
        return errno;
      if (fchownat (parent, name, owner->uid, owner->gid, AT_SYMLINK_NOFOLLOW) != 0 && tree->security == ASTERN_FS_PASSTHROUGH)
        failed = errno;
      close (parent);
      /* The host's umask and chown() have taken bits away. */
      if (failed == 0 && !is_link)
        failed = astern_tree_chmod (tree, path, owner->mode);
    }
  return failed;
}

int
astern_tree_create (AsternTree *tree, const char *path, int flags, const AsternTreeOwner *owner, int *fd)
{
  gboolean mapped = tree->security == ASTERN_FS_MAPPED;
  struct stat st;
  gboolean was_there = astern_tree_stat (tree, path, &st) == 0;
  AsternTreeOwner whole = *owner;
  int failed;

  if (was_there)
    return flags & O_EXCL ? EEXIST : astern_tree_open (tree, path, flags, fd);
  *fd = tree_open_at (tree, path, flags | O_CREAT | O_EXCL | O_NONBLOCK, mapped ? 0600 : owner->mode & 07777);
  if (*fd < 0)
    return errno;
  whole.mode = (owner->mode & 07777) | S_IFREG;
  failed = give_away (tree, path, &whole, FALSE);
  if (failed == 0)
    return 0;
  close (*fd);
  *fd = -1;
  astern_tree_unlink (tree, path, 0);
  return failed;
}

static int
mkdir_in_parent (AsternTree *tree, const char *path, mode_t mode)
{
  IN_PARENT (tree, path, mkdirat (parent, name, mode));
}

int
astern_tree_mkdir (AsternTree *tree, const char *path, const AsternTreeOwner *owner)
{
  AsternTreeOwner whole = *owner;
  int failed = mkdir_in_parent (tree, path, tree->security == ASTERN_FS_MAPPED ? 0700 : owner->mode & 07777);

  if (failed != 0)
    return failed;
  whole.mode = (owner->mode & 07777) | S_IFDIR;
  failed = give_away (tree, path, &whole, FALSE);
  if (failed != 0)
    astern_tree_unlink (tree, path, AT_REMOVEDIR);
  return failed;
}

static int
mknod_in_parent (AsternTree *tree, const char *path, mode_t mode, dev_t device)
{
  IN_PARENT (tree, path, mknodat (parent, name, mode, device));
}

int
astern_tree_mknod (AsternTree *tree, const char *path, dev_t device, const AsternTreeOwner *owner)
{
  gboolean mapped = tree->security == ASTERN_FS_MAPPED;
  int failed = mknod_in_parent (tree, path, mapped ? S_IFREG | 0600 : owner->mode, mapped ? 0 : device);

  if (failed != 0)
    return failed;
  failed = give_away (tree, path, owner, FALSE);
  if (failed == 0 && mapped && (S_ISCHR (owner->mode) || S_ISBLK (owner->mode)))
    failed = tree_map_device (tree, path, device);
  if (failed != 0)
    astern_tree_unlink (tree, path, 0);
  return failed;
}

static int
symlink_in_parent (AsternTree *tree, const char *path, const char *target)
{
  IN_PARENT (tree, path, symlinkat (target, parent, name));
}

int
astern_tree_symlink (AsternTree *tree, const char *path, const char *target, const AsternTreeOwner *owner)
{
  AsternTreeOwner whole = *owner;
  gboolean mapped = tree->security == ASTERN_FS_MAPPED;
  int failed = mapped ? tree_map_symlink (tree, path, target) : symlink_in_parent (tree, path, target);

  if (failed != 0)
    return failed;
  whole.mode = S_IFLNK | 0777;
  failed = give_away (tree, path, &whole, TRUE);
  if (failed != 0)
    astern_tree_unlink (tree, path, 0);
  return failed;
}

/* ---- names ---- */

static int
in_two_parents (AsternTree *tree, const char *old, const char *path, gboolean rename)
{
  const char *old_name, *name;
  int from = tree_open_parent (tree, old, &old_name), to, failed;

  if (from < 0)
    return errno;
  to = tree_open_parent (tree, path, &name);
  if (to < 0)
    {
      failed = errno;
      close (from);
      return failed;
    }
  failed = (rename ? renameat (from, old_name, to, name) : linkat (from, old_name, to, name, 0)) != 0 ? errno : 0;
  close (from);
  close (to);
  return failed;
}

int
astern_tree_link (AsternTree *tree, const char *old, const char *path)
{
  return in_two_parents (tree, old, path, FALSE);
}

int
astern_tree_rename (AsternTree *tree, const char *old, const char *path)
{
  return in_two_parents (tree, old, path, TRUE);
}

int
astern_tree_unlink (AsternTree *tree, const char *path, int flags)
{
  IN_PARENT (tree, path, unlinkat (parent, name, flags));
}

/* ---- attributes ---- */

/* The file itself, whatever it is, by a name that calls without an “at” form take; never a symbolic link's target. */
int
tree_open_handle (AsternTree *tree, const char *path, char handle[TREE_HANDLE])
{
  int fd = tree_open_at (tree, path, O_PATH | O_NOFOLLOW, 0);

  if (fd >= 0)
    g_snprintf (handle, TREE_HANDLE, "/proc/self/fd/%d", fd);
  return fd;
}

int
astern_tree_chmod (AsternTree *tree, const char *path, guint32 mode)
{
  char handle[TREE_HANDLE];
  struct stat st;
  int fd, failed;

  if (tree->security == ASTERN_FS_MAPPED)
    return tree_map_chmod (tree, path, mode);
  fd = tree_open_handle (tree, path, handle);
  if (fd < 0)
    return errno;
  failed = fstat (fd, &st) != 0 ? errno : S_ISLNK (st.st_mode) ? EOPNOTSUPP : chmod (handle, mode & 07777) != 0 ? errno : 0;
  close (fd);
  return failed;
}

static int
chown_in_parent (AsternTree *tree, const char *path, guint32 uid, guint32 gid)
{
  IN_PARENT (tree, path, fchownat (parent, name, uid, gid, AT_SYMLINK_NOFOLLOW));
}

int
astern_tree_chown (AsternTree *tree, const char *path, guint32 uid, guint32 gid)
{
  return tree->security == ASTERN_FS_MAPPED ? tree_map_chown (tree, path, uid, gid) : chown_in_parent (tree, path, uid, gid);
}

int
astern_tree_truncate (AsternTree *tree, const char *path, guint64 size)
{
  int fd, failed = astern_tree_open (tree, path, O_WRONLY, &fd);

  if (failed != 0)
    return failed;
  failed = size > G_MAXINT64 ? EFBIG : ftruncate (fd, (off_t) size) != 0 ? errno : 0;
  close (fd);
  return failed;
}

int
astern_tree_utimes (AsternTree *tree, const char *path, const struct timespec times[2])
{
  IN_PARENT (tree, path, utimensat (parent, name, times, AT_SYMLINK_NOFOLLOW));
}
