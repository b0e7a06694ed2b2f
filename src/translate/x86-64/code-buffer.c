/* code-buffer.c - two mappings of one memfd. */
#include "config.h"

#include "translate/x86-64/code-buffer.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <sys/mman.h>
#include <unistd.h>

gboolean
code_buffer_init (CodeBuffer *buffer, gsize size, GError **error)
{
  int fd = memfd_create ("astern-code", MFD_CLOEXEC);
  gpointer write = MAP_FAILED, run = MAP_FAILED;
  gboolean ok;

  if (fd >= 0 && ftruncate (fd, (off_t) size) == 0)
    {
      write = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      run = mmap (NULL, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    }
  ok = write != MAP_FAILED && run != MAP_FAILED;
  if (!ok)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                 _("The host does not give memory for translated code: %s. Try “-accel translate,tier=interp”."),
                 g_strerror (errno));
  if (fd >= 0)
    close (fd);
  *buffer = (CodeBuffer) { ok ? write : NULL, ok ? run : NULL, size, 0 };
  return ok;
}

void
code_buffer_clear (CodeBuffer *buffer)
{
  if (buffer->write != NULL)
    {
      munmap (buffer->write, buffer->size);
      munmap (buffer->run, buffer->size);
    }
}
