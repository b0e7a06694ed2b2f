/* gdb-end.c - a chardev joined to the gdb stub. */
#include "config.h"

#include "launch/gdb-end.h"

struct _AsternGdbEnd
{
  AsternDebugger *debugger;
  AsternGdbStub  *stub;
  AsternChardev  *chardev;
  AsternGdbFuncs  funcs;
  gboolean        pipe;
};

static void
send (gpointer user, const guint8 *data, gsize size)
{
  astern_chardev_write (((AsternGdbEnd *) user)->chardev, data, size);
}

/* ---- the host thread ---- */

static void
received (gpointer user, const guint8 *data, gsize size)
{
  astern_gdb_stub_received (((AsternGdbEnd *) user)->stub, data, size);
}

static void
pipe_ended (AsternDebugger *debugger, gpointer user)
{
  AsternGdbEnd *end = user;

  end->funcs.killed (end->funcs.user);
}

static void
left (gpointer user)
{
  AsternGdbEnd *end = user;

  astern_gdb_stub_left (end->stub);
  if (end->pipe)
    astern_debugger_call (end->debugger, pipe_ended, end, NULL);
}

/* ---- the machine's thread ---- */

static char *
monitor (gpointer user, const char *line)
{
  AsternGdbEnd *end = user;

  return end->funcs.monitor (end->funcs.user, line);
}

static void
released (gpointer user)
{
  AsternGdbEnd *end = user;

  if (end->funcs.released != NULL)
    end->funcs.released (end->funcs.user);
}

static void
killed (gpointer user)
{
  AsternGdbEnd *end = user;

  end->funcs.killed (end->funcs.user);
}

AsternGdbEnd *
astern_gdb_end_new (AsternLaunch *launch, AsternDebugger *debugger, const AsternChardevSpec *place,
                    const AsternGdbOptions *options, const AsternGdbFuncs *funcs, GError **error)
{
  AsternGdbEnd *end = g_new0 (AsternGdbEnd, 1);
  AsternGdbOptions whole = *options;
  AsternGdbFuncs own = {
    .send = send, .monitor = funcs->monitor != NULL ? monitor : NULL, .released = released, .killed = killed, .user = end,
  };

  whole.long_mode = launch->long_mode;
  end->debugger = debugger;
  end->funcs = *funcs;
  end->pipe = place->kind == ASTERN_CHARDEV_STDIO;
  end->chardev = astern_chardev_open (launch->loop, place, error);
  if (end->chardev == NULL)
    {
      g_free (end);
      return NULL;
    }
  end->stub = astern_gdb_stub_new (debugger, &whole, &own);
  astern_chardev_set_left (end->chardev, left, end);
  astern_chardev_receive (end->chardev, received, end);
  return end;
}

void
astern_gdb_end_free (AsternGdbEnd *end)
{
  if (end == NULL)
    return;
  astern_chardev_close (end->chardev);
  astern_gdb_stub_free (end->stub);
  g_free (end);
}

AsternGdbStub *
astern_gdb_end_stub (AsternGdbEnd *end)
{
  return end->stub;
}
