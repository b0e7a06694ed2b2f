/* journal-file.c - see journal-file.h.
 *
 * A block is its size and its lines: each a head and its data, in this host's byte order.
 * Left out: room is not used again. */
#include "config.h"

#include "host/journal-file.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

typedef struct
{
  guint64 icount;
  guint32 step, port, size, reserved;
} LineHead;

struct _AsternJournalFile
{
  int     fd;        /* -1: there is none yet */
  gboolean broken;   /* no more is written */
  guint64 end;
};

AsternJournalFile *
astern_journal_file_new (void)
{
  AsternJournalFile *file = g_new0 (AsternJournalFile, 1);

  file->fd = -1;
  return file;
}

void
astern_journal_file_free (AsternJournalFile *file)
{
  if (file == NULL)
    return;
  if (file->fd >= 0)
    close (file->fd);
  g_free (file);
}

static gboolean
make_file (AsternJournalFile *file)
{
  const char *folder = g_getenv ("TMPDIR");
  g_autofree char *path = g_build_filename (folder != NULL ? folder : "/var/tmp", "astern-XXXXXX", NULL);

  file->fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
  if (file->fd >= 0)
    unlink (path);
  return file->fd >= 0;
}

static gboolean
write_all (AsternJournalFile *file, const guint8 *data, gsize size)
{
  for (gsize done = 0; done < size;)
    {
      gssize n = pwrite (file->fd, data + done, size - done, (off_t) (file->end + done));

      if (n < 0 && errno != EINTR)
        return FALSE;
      done += n > 0 ? (gsize) n : 0;
    }
  return TRUE;
}

static gboolean
read_all (int fd, gpointer data, gsize size, guint64 offset)
{
  for (gsize done = 0; done < size;)
    {
      gssize n = pread (fd, (guint8 *) data + done, size - done, (off_t) (offset + done));

      if (n == 0 || (n < 0 && errno != EINTR))
        return FALSE;
      done += n > 0 ? (gsize) n : 0;
    }
  return TRUE;
}

/* A full disk is no misfortune: from then on it is memory that is needed. */
static guint64
keep (gpointer user, const AsternInputEvent *events, guint n)
{
  AsternJournalFile *file = user;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint64 size = 0, place = file->end + 1;

  g_byte_array_append (bytes, (const guint8 *) &size, sizeof size);
  for (guint i = 0; i < n; i++)
    {
      gsize length;
      const guint8 *data = g_bytes_get_data (events[i].data, &length);
      const LineHead head = { events[i].moment.icount, events[i].moment.step, events[i].port, (guint32) length, 0 };

      g_byte_array_append (bytes, (const guint8 *) &head, sizeof head);
      g_byte_array_append (bytes, data, (guint) length);
    }
  size = bytes->len - sizeof size;
  memcpy (bytes->data, &size, sizeof size);
  if (file->broken || (file->fd < 0 && !make_file (file)) || !write_all (file, bytes->data, bytes->len))
    {
      file->broken = TRUE;
      return 0;
    }
  file->end += bytes->len;
  return place;
}

static gboolean
parse_block (const guint8 *data, gsize size, guint n, GArray *events)
{
  for (guint i = 0; i < n; i++)
    {
      AsternInputEvent event;
      LineHead head;

      if (size < sizeof head)
        return FALSE;
      memcpy (&head, data, sizeof head);
      data += sizeof head;
      size -= sizeof head;
      if (head.size > size)
        return FALSE;
      event = (AsternInputEvent) { { head.icount, head.step }, head.port, g_bytes_new (data, head.size) };
      g_array_append_val (events, event);
      data += head.size;
      size -= head.size;
    }
  return size == 0;
}

static gboolean
read_block (gpointer user, guint64 place, guint n, GArray *events, GError **error)
{
  AsternJournalFile *file = user;
  g_autofree guint8 *data = NULL;
  guint64 size;

  if (read_all (file->fd, &size, sizeof size, place - 1) && size <= file->end - place
      && read_all (file->fd, data = g_malloc (size), size, place - 1 + sizeof size)
      && parse_block (data, size, n, events))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The temporary file of what came from outside cannot be read: %s."), g_strerror (errno));
  return FALSE;
}

AsternJournalShelf
astern_journal_file_shelf (AsternJournalFile *file)
{
  return (AsternJournalShelf) { .keep = keep, .read = read_block, .user = file };
}
