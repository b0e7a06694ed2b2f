/* tree-xattr.c - extended attributes of files, and the security model “mapped-xattr” that keeps owners in them.
 * Source: xattr(7); QEMU's manual, “-fsdev”: user.virtfs.uid, .gid, .mode of four bytes, .rdev of eight, little-endian. */
#include "config.h"

#include "host/fs/tree-private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MAPPED      "user.virtfs."
#define MAPPED_UID  MAPPED "uid"
#define MAPPED_GID  MAPPED "gid"
#define MAPPED_MODE MAPPED "mode"
#define MAPPED_RDEV MAPPED "rdev"

#define MOST_BYTES  (64u << 10)         /* the kernel's own limit, of a value and of the list of names */

gboolean
tree_map_hides (AsternTree *tree, const char *name)
{
  return tree->security == ASTERN_FS_MAPPED && g_str_has_prefix (name, MAPPED);
}

/* ---- any attribute ---- */

/* Names that are hidden are taken out. */
static gsize
filter (AsternTree *tree, guint8 *names, gsize size)
{
  gsize kept = 0;

  for (gsize at = 0; at < size;)
    {
      gsize length = strnlen ((const char *) names + at, size - at);

      if (at + length < size && !tree_map_hides (tree, (const char *) names + at))
        {
          memmove (names + kept, names + at, length + 1);
          kept += length + 1;
        }
      at += length + 1;
    }
  return kept;
}

int
astern_tree_get_xattr (AsternTree *tree, const char *path, const char *name, guint8 **value, gsize *size)
{
  g_autofree guint8 *bytes = g_malloc (MOST_BYTES);
  char handle[TREE_HANDLE];
  gssize got;
  int fd, failed;

  if (name != NULL && tree_map_hides (tree, name))
    return ENODATA;
  fd = tree_open_handle (tree, path, handle);
  if (fd < 0)
    return errno;
  got = name != NULL ? getxattr (handle, name, bytes, MOST_BYTES) : listxattr (handle, (char *) bytes, MOST_BYTES);
  failed = got < 0 ? errno : 0;
  close (fd);
  if (failed != 0)
    return failed;
  *size = name == NULL ? filter (tree, bytes, (gsize) got) : (gsize) got;
  *value = g_steal_pointer (&bytes);
  return 0;
}

static int
set_xattr (AsternTree *tree, const char *path, const char *name, const guint8 *value, gsize size, int flags)
{
  char handle[TREE_HANDLE];
  int fd = tree_open_handle (tree, path, handle), failed;

  if (fd < 0)
    return errno;
  failed = (value != NULL ? setxattr (handle, name, value, size, flags) : removexattr (handle, name)) != 0 ? errno : 0;
  close (fd);
  return failed;
}

int
astern_tree_set_xattr (AsternTree *tree, const char *path, const char *name, const guint8 *value, gsize size, int flags)
{
  return tree_map_hides (tree, name) ? EACCES : set_xattr (tree, path, name, value, size, flags);
}

/* ---- owners and modes in attributes ---- */

static int
put_number (AsternTree *tree, const char *path, const char *name, guint size, guint64 value)
{
  guint8 bytes[8];

  for (guint i = 0; i < size; i++)
    bytes[i] = (guint8) (value >> 8 * i);
  return set_xattr (tree, path, name, bytes, size, 0);
}

/* By the path's handle, or of what is open. */
static gboolean
get_number (const char *handle, int fd, const char *name, guint size, guint64 *value)
{
  guint8 bytes[8];
  gssize got = handle != NULL ? getxattr (handle, name, bytes, size) : fgetxattr (fd, name, bytes, size);

  if (got != (gssize) size)
    return FALSE;
  *value = 0;
  for (guint i = 0; i < size; i++)
    *value |= (guint64) bytes[i] << 8 * i;
  return TRUE;
}

void
tree_map_stat (AsternTree *tree, const char *path, int fd, struct stat *st)
{
  char handle[TREE_HANDLE];
  int opened = path != NULL ? tree_open_handle (tree, path, handle) : -1;
  const char *by_path = path != NULL ? handle : NULL;
  guint64 value;

  if (path != NULL && opened < 0)
    return;
  if (get_number (by_path, fd, MAPPED_UID, 4, &value))
    st->st_uid = (uid_t) value;
  if (get_number (by_path, fd, MAPPED_GID, 4, &value))
    st->st_gid = (gid_t) value;
  if (get_number (by_path, fd, MAPPED_MODE, 4, &value) && S_ISDIR (st->st_mode) == S_ISDIR ((mode_t) value))
    st->st_mode = (mode_t) value;
  if (get_number (by_path, fd, MAPPED_RDEV, 8, &value))
    st->st_rdev = (dev_t) value;
  if (opened >= 0)
    close (opened);
}

int
tree_map_chown (AsternTree *tree, const char *path, guint32 uid, guint32 gid)
{
  int failed = uid != G_MAXUINT32 ? put_number (tree, path, MAPPED_UID, 4, uid) : 0;

  return failed == 0 && gid != G_MAXUINT32 ? put_number (tree, path, MAPPED_GID, 4, gid) : failed;
}

int
tree_map_chmod (AsternTree *tree, const char *path, guint32 mode)
{
  struct stat st;
  int failed = astern_tree_stat (tree, path, &st);

  return failed != 0 ? failed : put_number (tree, path, MAPPED_MODE, 4, (st.st_mode & S_IFMT) | (mode & 07777));
}

int
tree_map_owner (AsternTree *tree, const char *path, const AsternTreeOwner *owner)
{
  int failed = tree_map_chown (tree, path, owner->uid, owner->gid);

  return failed != 0 ? failed : put_number (tree, path, MAPPED_MODE, 4, owner->mode);
}

int
tree_map_device (AsternTree *tree, const char *path, dev_t device)
{
  return put_number (tree, path, MAPPED_RDEV, 8, device);
}

/* ---- symbolic links that are plain files ---- */

int
tree_map_symlink (AsternTree *tree, const char *path, const char *target)
{
  int fd = tree_open_at (tree, path, O_WRONLY | O_CREAT | O_EXCL, 0600), failed = 0;
  gsize size = strlen (target);

  if (fd < 0)
    return errno;
  if (write (fd, target, size) != (gssize) size)
    failed = errno != 0 ? errno : EIO;
  close (fd);
  if (failed != 0)
    astern_tree_unlink (tree, path, 0);
  return failed;
}

int
tree_map_readlink (AsternTree *tree, const char *path, char **target)
{
  char text[PATH_MAX];
  struct stat st;
  int fd, failed = astern_tree_stat (tree, path, &st);
  gssize size;

  if (failed != 0)
    return failed;
  if (!S_ISLNK (st.st_mode))
    return EINVAL;
  failed = astern_tree_open (tree, path, O_RDONLY, &fd);
  if (failed != 0)
    return failed;
  size = read (fd, text, sizeof text);
  failed = size < 0 ? errno : 0;
  close (fd);
  if (failed == 0)
    *target = g_strndup (text, (gsize) size);
  return failed;
}
