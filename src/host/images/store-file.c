/* store-file.c - an image in a file, or on a block device of the host.
 *
 * Locks are open file description locks on single bytes far from any meaning, laid out as QEMU does, so that the
 * programs keep each other out: byte 100 + p is locked by who makes use of permission p, byte 200 + p by who
 * does not share it.
 *
 * Source: Linux fcntl(2), fallocate(2), lseek(2), BLKGETSIZE64 of linux/fs.h. */
#include "config.h"

#include "host/images/store.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n.h>

#define USED_BASE   100
#define KEPT_BASE   200

/* Permissions. */
#define READS       (1u << 0)
#define WRITES      (1u << 1)
#define RESIZES     (1u << 3)
#define PERMISSIONS 4

typedef struct
{
  AsternStore parent;
  int         fd;
  gboolean    punches;      /* FALSE: the file system cannot make holes */
} FileStore;

static gboolean
file_read (AsternStore *store, guint64 offset, gpointer data, gsize size, GError **error)
{
  FileStore *self = (FileStore *) store;
  guint8 *at = data;

  while (size > 0)
    {
      gssize n = pread (self->fd, at, size, (off_t) offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return astern_store_fail (store, _("Cannot read “%s”: %s."), errno, error);
      if (n == 0)           /* it has become shorter */
        return astern_store_fail (store, _("Cannot read “%s”: %s."), EIO, error);
      at += n;
      offset += (guint64) n;
      size -= (gsize) n;
    }
  return TRUE;
}

static gboolean
file_write (AsternStore *store, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  FileStore *self = (FileStore *) store;
  const guint8 *at = data;

  while (size > 0)
    {
      gssize n = pwrite (self->fd, at, size, (off_t) offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return astern_store_fail (store, _("Cannot write “%s”: %s."), n < 0 ? errno : ENOSPC, error);
      at += n;
      offset += (guint64) n;
      size -= (gsize) n;
    }
  return TRUE;
}

static gboolean
write_zeros (AsternStore *store, guint64 offset, guint64 size, GError **error)
{
  static const guint8 zeros[65536];

  for (guint64 done = 0; done < size; done += sizeof zeros)
    if (!file_write (store, offset + done, zeros, (gsize) MIN (size - done, sizeof zeros), error))
      return FALSE;
  return TRUE;
}

static gboolean
file_zero (AsternStore *store, guint64 offset, guint64 size, GError **error)
{
  FileStore *self = (FileStore *) store;

  if (self->punches &&
      fallocate (self->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t) offset, (off_t) size) == 0)
    return TRUE;
  if (self->punches && (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL))
    self->punches = errno == EINVAL;      /* a device wants whole blocks; the next one may be */
  return write_zeros (store, offset, size, error);
}

static gboolean
file_resize (AsternStore *store, guint64 size, GError **error)
{
  FileStore *self = (FileStore *) store;

  return ftruncate (self->fd, (off_t) size) == 0 || astern_store_fail (store, _("Cannot resize “%s”: %s."), errno, error);
}

static gboolean
file_flush (AsternStore *store, GError **error)
{
  FileStore *self = (FileStore *) store;

  return fdatasync (self->fd) == 0 || astern_store_fail (store, _("Cannot flush “%s”: %s."), errno, error);
}

static void
file_extent (AsternStore *store, guint64 offset, guint64 *size, gboolean *hole)
{
  FileStore *self = (FileStore *) store;
  off_t data = lseek (self->fd, (off_t) offset, SEEK_DATA);
  off_t end;

  if (data < 0)
    {
      *hole = errno == ENXIO;      /* nothing but a hole up to the end */
      return;
    }
  *hole = data > (off_t) offset;
  end = *hole ? data : lseek (self->fd, (off_t) offset, SEEK_HOLE);
  if (end > (off_t) offset)
    *size = MIN (*size, (guint64) end - offset);
}

static guint64
file_room (AsternStore *store)
{
  FileStore *self = (FileStore *) store;
  struct stat status;

  return fstat (self->fd, &status) == 0 ? (guint64) status.st_blocks * 512 : 0;
}

static void
file_free (AsternStore *store)
{
  close (((FileStore *) store)->fd);
  g_free (store);
}

static const AsternStoreClass file_class = {
  .kind = "file", .read = file_read, .write = file_write, .zero = file_zero, .resize = file_resize,
  .flush = file_flush, .extent = file_extent, .room = file_room, .free = file_free,
};

static const AsternStoreClass device_class = {
  .kind = "host_device", .read = file_read, .write = file_write, .zero = file_zero,
  .flush = file_flush, .free = file_free,
};

/* FALSE: someone else's lock is in the way. */
static gboolean
lock_byte (int fd, int byte, gboolean only_look)
{
  struct flock lock = { .l_type = only_look ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

  if (fcntl (fd, only_look ? F_OFD_GETLK : F_OFD_SETLK, &lock) != 0)
    return errno != EAGAIN && errno != EACCES;      /* a file system without locks has none in the way */
  return !only_look || lock.l_type == F_UNLCK;
}

static gboolean
lock_bytes (int fd, guint used, guint kept)
{
  for (int p = 0; p < PERMISSIONS; p++)
    if (((used >> p & 1) && !lock_byte (fd, USED_BASE + p, FALSE)) ||
        ((kept >> p & 1) && !lock_byte (fd, KEPT_BASE + p, FALSE)))
      return FALSE;
  for (int p = 0; p < PERMISSIONS; p++)
    if (((used >> p & 1) && !lock_byte (fd, KEPT_BASE + p, TRUE)) ||
        ((kept >> p & 1) && !lock_byte (fd, USED_BASE + p, TRUE)))
      return FALSE;
  return TRUE;
}

static gboolean
lock (FileStore *self, gboolean writes, GError **error)
{
  g_autofree char *shown = NULL;

  if (lock_bytes (self->fd, writes ? READS | WRITES | RESIZES : READS, WRITES | RESIZES))
    return TRUE;
  shown = g_filename_display_name (self->parent.name);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
               writes ? _("“%s” is in use: another program, or another disk of this machine, has it open. "
                          "To write it, close it there.")
                      : _("“%s” is being written by another program, or as another disk of this machine. "
                          "To read it, close it there."),
               shown);
  return FALSE;
}

static gboolean
measure (FileStore *self, GError **error)
{
  struct stat status;
  g_autofree char *shown = NULL;
  guint64 size;

  if (fstat (self->fd, &status) != 0)
    return astern_store_fail (&self->parent, _("Cannot open “%s”: %s."), errno, error);
  if (S_ISREG (status.st_mode))
    {
      self->parent.klass = &file_class;
      self->parent.size = (guint64) status.st_size;
      return TRUE;
    }
  if (S_ISBLK (status.st_mode))
    {
      self->parent.klass = &device_class;
      if (ioctl (self->fd, BLKGETSIZE64, &size) != 0)
        return astern_store_fail (&self->parent, _("Cannot open “%s”: %s."), errno, error);
      self->parent.size = size;
      return TRUE;
    }
  shown = g_filename_display_name (self->parent.name);
  if (S_ISDIR (status.st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                 _("“%s” is a folder; “fat:%s” is a disk with what is in it."), shown, shown);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                 _("“%s” is neither a file nor a block device."), shown);
  return FALSE;
}

static AsternStore *
open_file (const char *path, int mode, AsternStoreFlags flags, GError **error)
{
  FileStore *self = g_new0 (FileStore, 1);
  g_autoptr (AsternStore) store = &self->parent;

  self->parent.klass = &file_class;
  self->parent.name = g_strdup (path);
  self->parent.readonly = !(flags & ASTERN_STORE_WRITE);
  self->punches = TRUE;
  /* A FIFO must not make us wait for its other end. */
  self->fd = open (path, mode | O_CLOEXEC | O_NONBLOCK, 0666);
  if (self->fd < 0)
    {
      /* A folder opened for writing is told by its errno only; measure() has better words. */
      int number = errno;

      self->fd = number == EISDIR ? open (path, O_RDONLY | O_CLOEXEC) : -1;
      if (self->fd < 0)
        {
          astern_store_fail (store, mode & O_CREAT ? _("Cannot create “%s”: %s.") : _("Cannot open “%s”: %s."), number, error);
          return NULL;
        }
    }
  if (!measure (self, error) ||
      (!(flags & ASTERN_STORE_SHARED) && !lock (self, !self->parent.readonly, error)))
    return NULL;
  return g_steal_pointer (&store);
}

AsternStore *
astern_store_file (const char *path, AsternStoreFlags flags, GError **error)
{
  return open_file (path, flags & ASTERN_STORE_WRITE ? O_RDWR : O_RDONLY, flags, error);
}

AsternStore *
astern_store_create (const char *spec, GError **error)
{
  g_autoptr (AsternStore) store = NULL;

  if (g_str_has_prefix (spec, "file:"))
    spec += strlen ("file:");
  if (astern_store_has_scheme (spec))
    store = astern_store_open (spec, ASTERN_STORE_WRITE, error);
  else
    store = open_file (spec, O_RDWR | O_CREAT, ASTERN_STORE_WRITE, error);
  if (store == NULL || (store->klass->resize != NULL && !astern_store_resize (store, 0, error)))
    return NULL;
  return g_steal_pointer (&store);
}
