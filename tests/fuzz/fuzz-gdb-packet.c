/* fuzz-gdb-packet - what a client of the gdb stub may say, as bytes of the stream.
 *
 * The machine and the stub live as long as the program; each input is a client that comes, speaks, and leaves. */
#include "config.h"

#include "gdbstub/gdbstub.h"

#include "../gdbstub/small-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static SmallMachine *small __attribute__ ((used));      /* where a leak checker finds it */
static AsternDebugger *debugger;
static AsternGdbStub *stub;

static void
drop (gpointer user, const guint8 *data, gsize size)
{
}

static char *
monitor (gpointer user, const char *line)
{
  return g_strdup (line);
}

static void
killed (gpointer user)
{
}

static gpointer
serve (gpointer data)
{
  astern_debugger_serve (debugger);
  return NULL;
}

static void
nothing (AsternDebugger *unused, gpointer data)
{
}

static void
start (void)
{
  AsternTimelineOptions history = { .budget_bytes = 16 << 20 };
  AsternGdbOptions options = { .long_mode = TRUE };
  AsternGdbFuncs funcs = { .send = drop, .monitor = monitor, .killed = killed };

  small = small_machine_new (2, FALSE);
  debugger = astern_debugger_new (small->machine, &history, NULL);
  stub = astern_gdb_stub_new (debugger, &options, &funcs);
  g_thread_unref (g_thread_new ("machine", serve, NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  if (stub == NULL)
    start ();
  astern_gdb_stub_received (stub, (const guint8 *) "$QStartNoAckMode#b0", 19);   /* then sums need not be right */
  astern_debugger_call_and_wait (debugger, nothing, NULL);
  astern_gdb_stub_received (stub, data, size);
  astern_gdb_stub_received (stub, (const guint8 *) "\x03", 1);
  astern_gdb_stub_left (stub);
  astern_debugger_call_and_wait (debugger, nothing, NULL);
  return 0;
}
