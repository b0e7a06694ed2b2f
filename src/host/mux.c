/* mux.c - the Ctrl-A commands of a terminal that the guest and the monitor share.
 * Source: QEMU's manual, "Keys in the character backend multiplexer".
 * Left out: Ctrl-A b (break), s (write disks), t (timestamps). */
#include "config.h"

#include "host/mux.h"

#include <glib/gi18n.h>

static void
pass (AsternMux *mux, const guint8 *data, gsize size)
{
  if (size > 0)
    mux->happened (mux->user, mux->monitor ? ASTERN_MUX_MONITOR : ASTERN_MUX_GUEST, data, size);
}

static void
escape (AsternMux *mux, guint8 key)
{
  static const guint8 escape_byte = ASTERN_MUX_ESCAPE;

  switch (key)
    {
    case 'h':
    case '?':
      mux->happened (mux->user, ASTERN_MUX_HELP, NULL, 0);
      break;
    case 'x':
      mux->happened (mux->user, ASTERN_MUX_QUIT, NULL, 0);
      break;
    case 'c':
      mux->monitor = !mux->monitor;
      mux->happened (mux->user, ASTERN_MUX_SWITCH, NULL, 0);
      break;
    case ASTERN_MUX_ESCAPE:
      pass (mux, &escape_byte, 1);
      break;
    default:   /* not a command: nothing, as in QEMU */
      break;
    }
}

void
astern_mux_feed (AsternMux *mux, const guint8 *data, gsize size)
{
  gsize start = 0;

  for (gsize i = 0; i < size; i++)
    if (mux->escaped)
      {
        mux->escaped = FALSE;
        start = i + 1;
        escape (mux, data[i]);
      }
    else if (data[i] == ASTERN_MUX_ESCAPE)
      {
        pass (mux, data + start, i - start);
        mux->escaped = TRUE;
        start = i + 1;
      }
  if (start < size)
    pass (mux, data + start, size - start);
}

const char *
astern_mux_help (void)
{
  return _("Ctrl-A h       this help\n"
           "Ctrl-A x       quit\n"
           "Ctrl-A c       switch between the guest and the monitor\n"
           "Ctrl-A Ctrl-A  send Ctrl-A\n");
}
