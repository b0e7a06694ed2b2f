/* server.c - a client's packets: from the receiver's thread to the machine's, to their handlers, and back.
 * Source: "Debugging with GDB", appendix "GDB Remote Serial Protocol", Packets.
 * Left out: non-stop mode, tracepoints, files of the target, starting and attaching to programs: there is one
 * program, the machine. */
#include "config.h"

#include "gdbstub/gdbstub-private.h"

#include <string.h>

#include <glib/gi18n.h>

#define MOST_UNSAID 65536     /* bytes */

typedef enum
{
  POSTED_GONE,
  POSTED_PACKET,
  POSTED_TOO_LONG,
  POSTED_NAK,
  POSTED_INTERRUPT,
} PostedKind;

typedef struct
{
  AsternGdbStub *stub;
  PostedKind     kind;
  gint           connection;
  guint          number;
  GByteArray    *data;        /* (nullable); a 0 follows that is not counted */
} Posted;

/* ---- replies ---- */

void
astern_gdb_send (AsternGdbStub *stub, const GByteArray *payload)
{
  g_byte_array_set_size (stub->sent, 0);
  astern_gdb_wire_frame (stub->sent, payload->data, payload->len);
  stub->funcs.send (stub->funcs.user, stub->sent->data, stub->sent->len);
}

void
astern_gdb_print_now (AsternGdbStub *stub, const char *text)
{
  gsize most = ASTERN_GDB_MOST_PACKET / 4;
  gsize size = strlen (text);

  for (gsize at = 0; at < size; at += most)
    {
      g_autoptr (GByteArray) payload = g_byte_array_new ();

      astern_gdb_say (payload, "O");
      astern_gdb_say_hex (payload, text + at, MIN (most, size - at));
      astern_gdb_send (stub, payload);
    }
}

void
astern_gdb_print (AsternGdbStub *stub, const char *text)
{
  if (stub->resumed)
    astern_gdb_print_now (stub, text);
  else if (stub->unsaid->len < MOST_UNSAID)
    g_string_append (stub->unsaid, text);
}

static void
print_unsaid (AsternGdbStub *stub)
{
  if (stub->unsaid->len == 0)
    return;
  astern_gdb_print_now (stub, stub->unsaid->str);
  g_string_truncate (stub->unsaid, 0);
}

AsternGdbOutcome
astern_gdb_ok (AsternGdbStub *stub)
{
  astern_gdb_say (stub->reply, "OK");
  return ASTERN_GDB_REPLY;
}

/* What was said before is taken back.  A text must not look like framing. */
AsternGdbOutcome
astern_gdb_refuse (AsternGdbStub *stub, guint number, const char *why)
{
  g_byte_array_set_size (stub->reply, 0);
  if (stub->session.error_text && why != NULL)
    {
      g_autofree char *text = g_strdup (why);

      astern_gdb_printf (stub->reply, "E.%s", g_strdelimit (text, "$#*}\n", ' '));
    }
  else
    astern_gdb_printf (stub->reply, "E%02x", number);
  return ASTERN_GDB_REPLY;
}

AsternGdbOutcome
astern_gdb_malformed (AsternGdbStub *stub)
{
  return astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, "The packet is malformed.");
}

AsternCpu *
astern_gdb_cpu (AsternGdbStub *stub, guint index)
{
  AsternCpu *cpu = stub->machine->cpus[index];

  cpu->sync_out (cpu);
  return cpu;
}

/* ---- clients come and go ---- */

static AsternGdbTarget *
make_target (const AsternGdbStub *stub)
{
  AsternGdbArch arch = stub->options.arch;

  if (arch == ASTERN_GDB_ARCH_AUTO)
    arch = stub->options.long_mode ? ASTERN_GDB_ARCH_X86_64 : ASTERN_GDB_ARCH_I386;
  return astern_gdb_target_new (stub->machine->cpus[0]->klass, arch == ASTERN_GDB_ARCH_X86_64,
                                arch == ASTERN_GDB_ARCH_X86_64 ? "i386:x86-64"
                                : arch == ASTERN_GDB_ARCH_I8086 ? "i8086" : "i386");
}

/* Its first packet: from now on the machine stands still for it, before the CPU whose turn it is. */
static void
attach (AsternGdbStub *stub)
{
  stub->session = (AsternGdbSession) { .general_cpu = stub->machine->running_cpu, .resume_cpu = stub->machine->running_cpu };
  g_clear_pointer (&stub->target, astern_gdb_target_free);
  stub->target = make_target (stub);
  g_string_truncate (stub->unsaid, 0);
  stub->attached = TRUE;
  stub->resumed = FALSE;
  astern_debugger_hold (stub->debugger, stub->client);
}

void
astern_gdb_forget_client (AsternGdbStub *stub)
{
  if (!stub->attached)
    return;
  stub->attached = FALSE;
  stub->resumed = FALSE;
  g_atomic_int_set (&stub->moving, 0);
  astern_gdb_remove_all (stub);
  if (stub->funcs.released != NULL)
    stub->funcs.released (stub->funcs.user);
  astern_debugger_release (stub->debugger, stub->client);
}

/* ---- which handler ---- */

static AsternGdbOutcome
no_acks (AsternGdbStub *stub, AsternGdbCursor *in)
{
  g_atomic_int_set (&stub->no_acks, stub->connection);
  return astern_gdb_ok (stub);
}

/* gdb asks with this what a stub says to what it does not know. */
static AsternGdbOutcome
unknown (AsternGdbStub *stub, AsternGdbCursor *in)
{
  return ASTERN_GDB_REPLY;
}

static const AsternGdbPacket packets[] = {
  { "?",                 astern_gdb_why, TRUE },
  { "!",                 astern_gdb_extended, TRUE },
  { "g",                 astern_gdb_read_all, FALSE },
  { "G",                 astern_gdb_write_all, FALSE },
  { "p",                 astern_gdb_read_one, FALSE },
  { "P",                 astern_gdb_write_one, FALSE },
  { "m",                 astern_gdb_read_memory, FALSE },
  { "M",                 astern_gdb_write_memory, FALSE },
  { "x",                 astern_gdb_read_binary, FALSE },
  { "X",                 astern_gdb_write_binary, FALSE },
  { "Z",                 astern_gdb_insert, FALSE },
  { "z",                 astern_gdb_remove, FALSE },
  { "c",                 astern_gdb_continue, FALSE },
  { "C",                 astern_gdb_continue_signal, FALSE },
  { "s",                 astern_gdb_step, FALSE },
  { "S",                 astern_gdb_step_signal, FALSE },
  { "bs",                astern_gdb_back_step, TRUE },
  { "bc",                astern_gdb_back_continue, TRUE },
  { "vCont?",            astern_gdb_vcont_query, TRUE },
  { "vCont",             astern_gdb_vcont, TRUE },
  { "vCtrlC",            astern_gdb_ctrl_c, TRUE },
  { "vKill",             astern_gdb_vkill, TRUE },
  { "vMustReplyEmpty",   unknown, TRUE },
  { "k",                 astern_gdb_kill, TRUE },
  { "D",                 astern_gdb_detach, TRUE },
  { "R",                 astern_gdb_restart, FALSE },
  { "H",                 astern_gdb_set_thread, FALSE },
  { "T",                 astern_gdb_thread_alive, FALSE },
  { "QStartNoAckMode",   no_acks, TRUE },
  { .name = NULL }
};

static const AsternGdbPacket *
find_packet (const AsternGdbPacket *table, AsternGdbCursor *in)
{
  for (; table->name != NULL; table++)
    {
      AsternGdbCursor after = *in;

      if (!astern_gdb_take_word (&after, table->name) ||
          (table->whole && !astern_gdb_at_end (&after) && strchr (":;,", *after.at) == NULL))
        continue;
      *in = after;
      return table;
    }
  return NULL;
}

static void
handle_packet (AsternGdbStub *stub, const GByteArray *data)
{
  AsternGdbCursor in = { (const char *) data->data, (const char *) data->data + data->len };
  const AsternGdbPacket *packet = find_packet (packets, &in);
  AsternGdbOutcome outcome = ASTERN_GDB_REPLY;

  if (packet == NULL)
    packet = find_packet (astern_gdb_query_packets, &in);
  if (packet == NULL)
    packet = find_packet (astern_gdb_lldb_packets, &in);
  g_byte_array_set_size (stub->reply, 0);
  if (packet != NULL)
    outcome = packet->handle (stub, &in);
  if (outcome == ASTERN_GDB_LATER)
    {
      stub->resumed = TRUE;
      print_unsaid (stub);
    }
  else if (outcome == ASTERN_GDB_REPLY)
    astern_gdb_send (stub, stub->reply);
}

/* ---- the machine's thread ---- */

static void
handle_interrupt (AsternGdbStub *stub)
{
  gboolean ran = astern_debugger_is_running (stub->debugger);

  if (!stub->resumed || !stub->continuing)   /* other moves end by themselves, or were given up already */
    return;
  astern_debugger_hold (stub->debugger, stub->client);
  if (!ran)   /* another client holds the machine: nothing will stop, so nothing will be told */
    astern_gdb_report_interrupt (stub);
}

gboolean
astern_gdb_is_unwanted (AsternGdbStub *stub)
{
  return g_atomic_int_get (&stub->connections) != stub->connection ||
         (guint) g_atomic_int_get (&stub->interrupted) >= stub->packet;
}

static void
handle_request (AsternGdbStub *stub, const Posted *posted)
{
  if (g_atomic_int_get (&stub->connections) != posted->connection)   /* nobody hears the answer */
    return;
  if (!stub->attached)
    attach (stub);
  stub->packet = posted->number;
  if (posted->kind == POSTED_PACKET)
    handle_packet (stub, posted->data);
  else
    {
      g_byte_array_set_size (stub->reply, 0);
      astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, "The packet is too long.");
      astern_gdb_send (stub, stub->reply);
    }
}

static void
handle (AsternDebugger *debugger, gpointer data)
{
  const Posted *posted = data;
  AsternGdbStub *stub = posted->stub;

  switch (posted->kind)
    {
    case POSTED_GONE:
      astern_gdb_forget_client (stub);
      stub->connection = posted->connection;
      g_byte_array_set_size (stub->sent, 0);
      break;
    case POSTED_PACKET:
    case POSTED_TOO_LONG:
      handle_request (stub, posted);
      break;
    case POSTED_NAK:
      if (stub->sent->len > 0)
        stub->funcs.send (stub->funcs.user, stub->sent->data, stub->sent->len);
      break;
    case POSTED_INTERRUPT:
      handle_interrupt (stub);
      break;
    }
}

/* ---- the receiver's thread ---- */

static void
free_posted (gpointer data)
{
  Posted *posted = data;

  g_clear_pointer (&posted->data, g_byte_array_unref);
  g_free (posted);
}

static void
post (AsternGdbStub *stub, PostedKind kind, const guint8 *data, gsize size)
{
  Posted *posted = g_new0 (Posted, 1);

  *posted = (Posted) { .stub = stub, .kind = kind, .connection = g_atomic_int_get (&stub->connections), .number = stub->received };
  if (data != NULL)
    {
      posted->data = g_byte_array_sized_new ((guint) size + 1);
      g_byte_array_append (posted->data, data, (guint) size);
    }
  astern_debugger_call (stub->debugger, handle, posted, free_posted);
}

static gboolean
trusts_the_wire (AsternGdbStub *stub)
{
  return g_atomic_int_get (&stub->no_acks) == g_atomic_int_get (&stub->connections);
}

static void
acknowledge (AsternGdbStub *stub, gboolean good)
{
  if (!trusts_the_wire (stub))
    stub->funcs.send (stub->funcs.user, (const guint8 *) (good ? "+" : "-"), 1);
}

/* Posted functions end a run, but wait for the end of other moves, which may be long.  An interrupt with nothing
 * under way would end the next move. */
static void
give_up_move (AsternGdbStub *stub)
{
  if (g_atomic_int_get (&stub->moving))
    astern_debugger_interrupt (stub->debugger, stub->client);
}

static void
on_wire (gpointer data, AsternGdbWireEvent event, const guint8 *bytes, gsize size)
{
  AsternGdbStub *stub = data;

  switch (event)
    {
    case ASTERN_GDB_WIRE_PACKET:
    case ASTERN_GDB_WIRE_TOO_LONG:
      acknowledge (stub, TRUE);
      stub->received++;
      post (stub, event == ASTERN_GDB_WIRE_PACKET ? POSTED_PACKET : POSTED_TOO_LONG, bytes, size);
      stub->wire.no_sums = trusts_the_wire (stub);
      break;
    case ASTERN_GDB_WIRE_BROKEN:
      acknowledge (stub, FALSE);
      break;
    case ASTERN_GDB_WIRE_NAK:
      post (stub, POSTED_NAK, NULL, 0);
      break;
    case ASTERN_GDB_WIRE_INTERRUPT:
      /* Packets that are handled later than this, but came before it, are to know. */
      g_atomic_int_set (&stub->interrupted, (gint) stub->received);
      give_up_move (stub);
      post (stub, POSTED_INTERRUPT, NULL, 0);
      break;
    case ASTERN_GDB_WIRE_ACK:
      break;
    }
}

void
astern_gdb_stub_left (AsternGdbStub *stub)
{
  astern_gdb_wire_reset (&stub->wire);
  g_atomic_int_inc (&stub->connections);
  g_atomic_int_set (&stub->interrupted, 0);
  give_up_move (stub);
  post (stub, POSTED_GONE, NULL, 0);
}

void
astern_gdb_stub_received (AsternGdbStub *stub, const guint8 *data, gsize size)
{
  stub->wire.no_sums = trusts_the_wire (stub);
  astern_gdb_wire_feed (&stub->wire, data, size);
}

/* ---- the stub ---- */

static void
on_stopped (gpointer user, const AsternDebuggerStop *stop)
{
  astern_gdb_stopped (user, stop);
}

static void
on_logged (gpointer user, const AsternHit *hit)
{
  astern_gdb_point_logged (user, hit);
}

static void
on_branched (gpointer user, AsternMoment at)
{
  AsternGdbStub *stub = user;
  char moment[ASTERN_MOMENT_TEXT];
  g_autofree char *text = NULL;

  if (!stub->attached)
    return;
  text = g_strdup_printf (_("A new branch of history begins at %s; the old future is kept.\n"),
                          astern_moment_format (at, moment));
  astern_gdb_print (stub, text);
}

AsternGdbStub *
astern_gdb_stub_new (AsternDebugger *debugger, const AsternGdbOptions *options, const AsternGdbFuncs *funcs)
{
  static const AsternClientFuncs client = {
    .name = "gdb", .stopped = on_stopped, .logged = on_logged, .branched = on_branched,
  };
  AsternGdbStub *stub = g_new0 (AsternGdbStub, 1);

  stub->debugger = debugger;
  stub->machine = astern_debugger_machine (debugger);
  stub->funcs = *funcs;
  stub->options = *options;
  stub->connections = stub->connection = 1;   /* whoever speaks first */
  stub->reply = g_byte_array_new ();
  stub->sent = g_byte_array_new ();
  stub->unsaid = g_string_new (NULL);
  stub->points = astern_gdb_points_new ();
  astern_gdb_wire_init (&stub->wire, on_wire, stub);
  stub->client = astern_debugger_attach (debugger, &client, stub);
  return stub;
}

void
astern_gdb_stub_free (AsternGdbStub *stub)
{
  if (stub == NULL)
    return;
  astern_gdb_remove_all (stub);
  astern_debugger_detach (stub->debugger, stub->client);
  astern_gdb_wire_clear (&stub->wire);
  g_clear_pointer (&stub->target, astern_gdb_target_free);
  g_ptr_array_unref (stub->points);
  g_byte_array_unref (stub->reply);
  g_byte_array_unref (stub->sent);
  g_string_free (stub->unsaid, TRUE);
  g_free (stub);
}

gboolean
astern_gdb_stub_has_client (AsternGdbStub *stub)
{
  return stub->attached;
}
