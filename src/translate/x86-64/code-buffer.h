/* code-buffer - memory for host code: written through one view, run through another.
 *
 * No page is ever writable and executable at one address.
 *
 * Threads: one owner. */
#pragma once

#include <gio/gio.h>

typedef struct
{
  guint8 *write;      /* the writable view */
  guint8 *run;        /* the executable view of the same bytes */
  gsize   size;
  gsize   used;
} CodeBuffer;

gboolean code_buffer_init  (CodeBuffer *buffer, gsize size, GError **error);
void     code_buffer_clear (CodeBuffer *buffer);

static inline guint8 *
code_buffer_run_address (const CodeBuffer *buffer, const guint8 *written)
{
  return buffer->run + (written - buffer->write);
}

static inline guint8 *
code_buffer_write_address (const CodeBuffer *buffer, const guint8 *runnable)
{
  return buffer->write + (runnable - buffer->run);
}
