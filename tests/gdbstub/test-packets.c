/* test-packets - a whole client's conversation with a small machine: bytes in, bytes out. */
#include "config.h"

#include "gdbstub/gdbstub.h"
#include "gdbstub/wire.h"

#include "small-machine.h"
#include "translate/engine.h"

#include <string.h>

typedef struct
{
  SmallMachine   *small;
  AsternDebugger *debugger;
  AsternGdbStub  *stub;
  AsternClient   *starter;     /* holds the machine until gdb lets it go, as -S does */
  GThread        *thread;
  AsternEngineClass forgetful; /* of another engine, where there is one */

  GMutex          mutex;
  GCond           cond;
  AsternGdbWire   wire;        /* what the stub says */
  GQueue          packets;     /* GString */
  guint           acks, naks, killed, released;
} Fixture;

/* ---- the client ---- */

static void
on_wire (gpointer user, AsternGdbWireEvent event, const guint8 *data, gsize size)
{
  Fixture *f = user;

  g_assert_true (event == ASTERN_GDB_WIRE_PACKET || event == ASTERN_GDB_WIRE_ACK || event == ASTERN_GDB_WIRE_NAK);
  f->acks += event == ASTERN_GDB_WIRE_ACK;
  f->naks += event == ASTERN_GDB_WIRE_NAK;
  if (event == ASTERN_GDB_WIRE_PACKET)
    g_queue_push_tail (&f->packets, g_string_new_len ((const char *) data, (gssize) size));
}

static void
hear (gpointer user, const guint8 *data, gsize size)
{
  Fixture *f = user;

  g_mutex_lock (&f->mutex);
  astern_gdb_wire_feed (&f->wire, data, size);
  g_cond_signal (&f->cond);
  g_mutex_unlock (&f->mutex);
}

static char *
monitor (gpointer user, const char *line)
{
  return g_strdup_printf ("you said %s\n", line);
}

static void
note_released (gpointer user)
{
  Fixture *f = user;

  f->released++;
  astern_debugger_release (f->debugger, f->starter);
}

static void
note_killed (gpointer user)
{
  Fixture *f = user;

  g_mutex_lock (&f->mutex);
  f->killed++;
  g_cond_signal (&f->cond);
  g_mutex_unlock (&f->mutex);
}

static gpointer
serve (gpointer data)
{
  Fixture *f = data;

  astern_debugger_serve (f->debugger);
  return NULL;
}

typedef struct
{
  guint            n_cpus;
  gboolean         real_mode;
  AsternGdbOptions options;
} Setup;

static const Setup plain = { 1, FALSE, { .arch = ASTERN_GDB_ARCH_AUTO, .long_mode = TRUE } };
static const Setup two_cpus = { 2, FALSE, { .arch = ASTERN_GDB_ARCH_AUTO, .long_mode = TRUE } };
static const Setup narrow = { 1, FALSE, { .arch = ASTERN_GDB_ARCH_I386, .long_mode = TRUE } };
static const Setup segmented = { 1, TRUE, { .arch = ASTERN_GDB_ARCH_I8086, .linear_pc = TRUE } };
static const Setup offsets = { 1, TRUE, { .arch = ASTERN_GDB_ARCH_AUTO, .long_mode = TRUE } };

static void
set_up (Fixture *f, gconstpointer data)
{
  const Setup *setup = data;
  static const AsternClientFuncs starter = { .name = "starter" };
  AsternTimelineOptions history = { .budget_bytes = 64 << 20 };
  AsternGdbFuncs funcs = { hear, monitor, note_released, note_killed, f };

  g_mutex_init (&f->mutex);
  g_cond_init (&f->cond);
  g_queue_init (&f->packets);
  astern_gdb_wire_init (&f->wire, on_wire, f);
  f->small = small_machine_new (setup->n_cpus, setup->real_mode);
  f->debugger = astern_debugger_new (f->small->machine, &history, NULL);
  f->starter = astern_debugger_attach (f->debugger, &starter, NULL);
  astern_debugger_hold (f->debugger, f->starter);
  f->stub = astern_gdb_stub_new (f->debugger, &setup->options, &funcs);
  f->thread = g_thread_new ("machine", serve, f);
}

static void
free_packet (gpointer packet)
{
  g_string_free (packet, TRUE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_debugger_quit (f->debugger);
  g_thread_join (f->thread);
  astern_gdb_stub_free (f->stub);
  g_object_unref (f->debugger);
  small_machine_free (f->small);
  astern_gdb_wire_clear (&f->wire);
  g_queue_clear_full (&f->packets, free_packet);
  g_cond_clear (&f->cond);
  g_mutex_clear (&f->mutex);
}

static void
say (Fixture *f, const char *packet, gsize size)
{
  g_autoptr (GByteArray) frame = g_byte_array_new ();

  astern_gdb_wire_frame (frame, (const guint8 *) packet, size);
  astern_gdb_stub_received (f->stub, frame->data, frame->len);
}

/* The next packet; free it. */
static GString *
await (Fixture *f)
{
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  GString *packet;

  g_mutex_lock (&f->mutex);
  while ((packet = g_queue_pop_head (&f->packets)) == NULL)
    if (!g_cond_wait_until (&f->cond, &f->mutex, end))
      g_error ("the stub says nothing");
  g_mutex_unlock (&f->mutex);
  return packet;
}

static char *
answer (Fixture *f)
{
  return g_string_free (await (f), FALSE);
}

/* Free it. */
static char *
ask (Fixture *f, const char *packet)
{
  say (f, packet, strlen (packet));
  return answer (f);
}

#define SAYS(f, packet, wanted) \
  G_STMT_START { g_autofree char *_text = ask (f, packet); g_assert_cmpstr (_text, ==, wanted); } G_STMT_END
#define BEGINS(f, packet, wanted) \
  G_STMT_START { \
    g_autofree char *_text = ask (f, packet); \
    if (!g_str_has_prefix (_text, wanted)) g_error ("%s: “%s” does not begin with “%s”", packet, _text, wanted); \
  } G_STMT_END
#define HEARS(f, wanted) \
  G_STMT_START { \
    g_autofree char *_text = answer (f); \
    if (!g_str_has_prefix (_text, wanted)) g_error ("“%s” does not begin with “%s”", _text, wanted); \
  } G_STMT_END

/* A register by its number, 64 bits. */
static guint64
reg (Fixture *f, guint number)
{
  g_autofree char *packet = g_strdup_printf ("p%x", number);
  g_autofree char *text = ask (f, packet);
  guint64 value = 0;

  g_assert_cmpuint (strlen (text), >=, 8);
  for (guint i = 0; text[2 * i] != '\0' && i < 8; i++)
    value |= (guint64) (g_ascii_xdigit_value (text[2 * i]) << 4 | g_ascii_xdigit_value (text[2 * i + 1])) << 8 * i;
  return value;
}

enum { RAX = 0, RBX = 1, RSP = 7, RIP = 16 };    /* gdb's numbers */

static void
greet (Fixture *f)
{
  BEGINS (f, "qSupported:multiprocess+;swbreak+;hwbreak+;error-message+", "PacketSize=10000;");
  BEGINS (f, "?", "T05thread:p1.1;");
}

/* ---- tests ---- */

static void
a_client_is_told_what_there_is (Fixture *f, gconstpointer unused)
{
  g_autofree char *supported = ask (f, "qSupported:swbreak+");
  g_autofree char *xml = ask (f, "qXfer:features:read:target.xml:0,ffff");
  static const char *const wanted[] = {
    "QStartNoAckMode+", "ReverseStep+", "ReverseContinue+", "ConditionalBreakpoints+", "BreakpointCommands+", "swbreak+",
    "qXfer:memory-map:read+",
  };
  static const char *const described[] = {
    "<architecture>i386:x86-64</architecture>", "org.gnu.gdb.i386.core", "org.gnu.gdb.i386.sse", "org.gnu.gdb.i386.avx",
    "org.gnu.gdb.i386.segments", "name=\"cs_base\"", "name=\"tr_limit\"", "name=\"cr3\"", "name=\"dr7\"",
    "name=\"gdtr_base\"", "name=\"efer\"", "name=\"rip\" bitsize=\"64\" type=\"code_ptr\" regnum=\"16\"",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wanted); i++)
    g_assert_nonnull (strstr (supported, wanted[i]));
  g_assert_cmpint (xml[0], ==, 'l');
  for (gsize i = 0; i < G_N_ELEMENTS (described); i++)
    if (strstr (xml, described[i]) == NULL)
      g_error ("not described: %s", described[i]);
  SAYS (f, "qXfer:features:read:other.xml:0,ffff", "E00");
  SAYS (f, "vMustReplyEmpty", "");
  SAYS (f, "qAttached", "1");
  BEGINS (f, "vCont?", "vCont;c");
  g_assert_cmpuint (f->acks, >, 3);
}

static void
a_document_comes_in_pieces (Fixture *f, gconstpointer unused)
{
  g_autofree char *whole = ask (f, "qXfer:threads:read::0,1000");
  g_autoptr (GString) pieces = g_string_new (NULL);

  for (guint at = 0;; at += 10)
    {
      g_autofree char *packet = g_strdup_printf ("qXfer:threads:read::%x,a", at);
      g_autofree char *piece = ask (f, packet);

      g_string_append (pieces, piece + 1);
      if (piece[0] == 'l')
        break;
      g_assert_cmpuint (strlen (piece), ==, 11);
    }
  g_assert_cmpstr (pieces->str, ==, whole + 1);
  SAYS (f, "qXfer:threads:read::ffff,10", "E16");
}

static void
without_acknowledgments_none_are_sent (Fixture *f, gconstpointer unused)
{
  guint before;

  SAYS (f, "QStartNoAckMode", "OK");
  before = f->acks;
  SAYS (f, "qAttached", "1");
  astern_gdb_stub_received (f->stub, (const guint8 *) "$qAttached#00", 13);   /* nor are sums looked at */
  HEARS (f, "1");
  g_assert_cmpuint (f->acks, ==, before);
}

static void
what_was_not_understood_is_said_again (Fixture *f, gconstpointer unused)
{
  SAYS (f, "qAttached", "1");
  astern_gdb_stub_received (f->stub, (const guint8 *) "-", 1);
  HEARS (f, "1");
  astern_gdb_stub_received (f->stub, (const guint8 *) "$qAttached#00", 13);
  g_assert_cmpuint (f->naks, ==, 1);
}

static void
registers_are_read_and_written (Fixture *f, gconstpointer unused)
{
  g_autofree char *all = NULL;
  g_autofree char *back = NULL;
  g_autofree char *again = NULL;

  greet (f);
  g_assert_cmphex (reg (f, RIP), ==, CODE);
  g_assert_cmphex (reg (f, RSP), ==, STACK);
  SAYS (f, "P0=8877665544332211", "OK");
  g_assert_cmphex (reg (f, RAX), ==, G_GUINT64_CONSTANT (0x1122334455667788));
  all = ask (f, "g");
  g_assert_true (g_str_has_prefix (all, "8877665544332211"));
  memcpy (all, "0100000000000000", 16);
  back = g_strconcat ("G", all, NULL);
  SAYS (f, back, "OK");
  again = ask (f, "g");
  g_assert_cmpstr (again, ==, all);
  BEGINS (f, "p9999", "E");
  BEGINS (f, "P0=11", "E");
  BEGINS (f, "P9999=1122", "E");
}

static void
memory_is_read_and_written (Fixture *f, gconstpointer unused)
{
  greet (f);
  SAYS (f, "m10000,5", "b805000000");
  SAYS (f, "M20010,4:01020304", "OK");
  SAYS (f, "m20010,4", "01020304");
  say (f, "X20014,4:\x7d\x23\x24\x2a", 13);
  HEARS (f, "OK");
  SAYS (f, "m20010,8", "010203047d23242a");
  SAYS (f, "x20014,4", "b\x7d\x23\x24\x2a");
  SAYS (f, "m20014,0", "");
  SAYS (f, "X0,0:", "OK");
  BEGINS (f, "M20010,4:0102", "E");
  SAYS (f, "qSearch:memory:20000;100;\x03\x04", "1,20012");
  SAYS (f, "qSearch:memory:20000;100;tide", "0");
  SAYS (f, "M20030,9:313233343536373839", "OK");
  SAYS (f, "qCRC:20030,9", "C376e6e7");   /* of "123456789" */
  BEGINS (f, "qCRC:0,fffffffff", "E");          /* nobody waits for that */
  BEGINS (f, "qSearch:memory:0;fffffffff;x", "E");
}

static void
lldb_reads_bytes_without_a_letter (Fixture *f, gconstpointer unused)
{
  SAYS (f, "x0,0", "OK");
  SAYS (f, "x10000,1", "\xb8");
}

static void
a_step_is_one_instruction (Fixture *f, gconstpointer unused)
{
  greet (f);
  BEGINS (f, "vCont;s:p1.1;c", "T05thread:p1.1;");
  g_assert_cmphex (reg (f, RIP), ==, CODE + 5);
  g_assert_cmphex (reg (f, RAX), ==, 5);
  BEGINS (f, "s", "T05");
  g_assert_cmphex (reg (f, RIP), ==, COUNT);
  BEGINS (f, "s10000", "T05");
  g_assert_cmphex (reg (f, RIP), ==, CODE + 5);
  BEGINS (f, "vCont;S05:1", "T05");
  g_assert_cmphex (reg (f, RIP), ==, COUNT);
}

static void
a_range_is_stepped_through_whole (Fixture *f, gconstpointer unused)
{
  greet (f);
  BEGINS (f, "vCont;r10000,10010:p1.1;c", "T05");
  g_assert_cmphex (reg (f, RIP), ==, LOAD);
}

static void
what_is_watched_and_breakpoints_stop_a_range (Fixture *f, gconstpointer unused)
{
  greet (f);
  SAYS (f, "Z2,20000,4", "OK");
  BEGINS (f, "vCont;r10000,10010:p1.1;c", "T05watch:20000;");
  g_assert_cmphex (reg (f, RIP), ==, COUNT);
  SAYS (f, "z2,20000,4", "OK");
  SAYS (f, "Z0,1000b,1", "OK");
  BEGINS (f, "vCont;r10000,10010:p1.1;c", "T05swbreak:;");
  g_assert_cmphex (reg (f, RIP), ==, STORE);
  BEGINS (f, "vCont;r10000,10010:p1.1;c", "T05thread:p1.1;");   /* not at the one where it stands */
  g_assert_cmphex (reg (f, RIP), ==, LOAD);
}

static void
a_breakpoint_stops_before_its_instruction (Fixture *f, gconstpointer unused)
{
  greet (f);
  SAYS (f, "Z0,1000b,1", "OK");
  BEGINS (f, "vCont;c", "T05swbreak:;thread:p1.1;");
  g_assert_cmphex (reg (f, RIP), ==, STORE);
  g_assert_cmphex (reg (f, RAX), ==, 6);
  BEGINS (f, "vCont;c", "T05swbreak:;");
  g_assert_cmphex (reg (f, RAX), ==, 7);
  SAYS (f, "z0,1000b,1", "OK");
  SAYS (f, "z0,1000b,1", "OK");
  SAYS (f, "Z1,10010,1", "OK");
  BEGINS (f, "c", "T05hwbreak:;");
  g_assert_cmphex (reg (f, RIP), ==, LOAD);
  SAYS (f, "m1000b,1", "a3");    /* the guest's memory is as it was */
}

static void
a_condition_is_evaluated_in_the_machine (Fixture *f, gconstpointer unused)
{
  greet (f);
  SAYS (f, "Z0,1000b,1;X8,2600002164\x7d", "E.The packet is malformed.");
  SAYS (f, "Z0,1000b,1;X8,26000023012c1327", "OK");            /* rax == 300 */
  BEGINS (f, "vCont;c", "T05swbreak:;");
  g_assert_cmphex (reg (f, RAX), ==, 300);
  SAYS (f, "Z0,1000b,1;X7,26000022051327X8,2600002301901327", "OK");   /* or: rax == 5, rax == 400; in place of the other */
  BEGINS (f, "vCont;c", "T05swbreak:;");
  g_assert_cmphex (reg (f, RAX), ==, 400);
  BEGINS (f, "Z0,1000b,1;X1,ff", "E.");
  SAYS (f, "Z0,1000b,1;X6,220021000127", "E.a jump in it goes nowhere");
}

static void
commands_print_and_do_not_stop (Fixture *f, gconstpointer unused)
{
  greet (f);
  /* printf ("n=%d", rax) */
  SAYS (f, "Z0,1000b,1;cmds:0,X11,26000022002200340100056e3d25640027", "OK");
  SAYS (f, "Z0,10010,1;X7,26000022081327", "OK");
  say (f, "vCont;c", 7);
  HEARS (f, "O6e3d36");
  HEARS (f, "O6e3d37");
  HEARS (f, "O6e3d38");
  HEARS (f, "T05swbreak:;");
}

static void
watchpoints_stop_after_the_access (Fixture *f, gconstpointer unused)
{
  greet (f);
  SAYS (f, "Z2,20000,4", "OK");
  BEGINS (f, "vCont;c", "T05watch:20000;");
  g_assert_cmphex (reg (f, RIP), ==, COUNT);
  BEGINS (f, "vCont;c", "T05watch:20000;");
  g_assert_cmphex (reg (f, RIP), ==, LOAD);
  SAYS (f, "z2,20000,4", "OK");
  SAYS (f, "Z3,20002,1", "OK");
  BEGINS (f, "vCont;c", "T05rwatch:20002;");
  g_assert_cmphex (reg (f, RIP), ==, LOAD + 6);
  SAYS (f, "z3,20002,1", "OK");
  SAYS (f, "Z4,20000,8", "OK");
  BEGINS (f, "vCont;c", "T05awatch:20000;");
  g_assert_cmphex (reg (f, RIP), ==, LOAD);
}

static void
steps_and_breakpoints_go_backwards (Fixture *f, gconstpointer unused)
{
  greet (f);
  SAYS (f, "Z0,10010,1", "OK");
  for (guint i = 0; i < 3; i++)
    BEGINS (f, "vCont;c", "T05swbreak:;");
  g_assert_cmphex (reg (f, RAX), ==, 8);
  BEGINS (f, "bs", "T05thread:p1.1;");
  g_assert_cmphex (reg (f, RIP), ==, STORE);
  SAYS (f, "m20000,1", "07");
  BEGINS (f, "bc", "T05swbreak:;");
  g_assert_cmphex (reg (f, RIP), ==, LOAD);
  g_assert_cmphex (reg (f, RAX), ==, 7);
  BEGINS (f, "bc", "T05swbreak:;");
  BEGINS (f, "bc", "T05replaylog:begin;");
  g_assert_cmphex (reg (f, RIP), ==, CODE);
  BEGINS (f, "bs", "T05replaylog:begin;");
  SAYS (f, "z0,10010,1", "OK");
  BEGINS (f, "vCont;c", "T05replaylog:end;");
  g_assert_cmphex (reg (f, RIP), ==, LOAD);
  g_assert_cmphex (reg (f, RAX), ==, 8);
}

/* ---- an engine whose runs cannot be repeated ---- */

/* The translator again, by another name and with less that it says it can. */
static void
add_forgetful (AsternMachine *machine, const X86Features *features, AsternEngineClass *klass)
{
  AsternTranslateOptions options = { .features = features, .n_cpus = machine->n_cpus };
  g_autoptr (GError) error = NULL;
  AsternEngine *engine = astern_translate_engine_new (machine, &options, &error);

  g_assert_no_error (error);
  *klass = *engine->klass;
  klass->name = "forgetful";
  klass->capabilities &= ~(guint32) (ASTERN_CAN_REVERSE | ASTERN_CAN_DETERMINISTIC);
  engine->klass = klass;
}

static void
shift (AsternDebugger *debugger, gpointer name)
{
  g_autoptr (GError) error = NULL;

  astern_debugger_shift (debugger, name, &error);
  g_assert_no_error (error);
}

static void
an_engine_that_cannot_go_back_refuses_until_another_takes_over (Fixture *f, gconstpointer unused)
{
  g_autofree char *supported = NULL;

  add_forgetful (f->small->machine, &f->small->features, &f->forgetful);
  astern_debugger_call_and_wait (f->debugger, shift, "forgetful");
  supported = ask (f, "qSupported:error-message+");
  g_assert_nonnull (strstr (supported, ";ReverseStep+;ReverseContinue+"));
  BEGINS (f, "?", "T05");
  BEGINS (f, "s", "T05");
  SAYS (f, "bs", "E.What the engine “forgetful” runs cannot be gone back in; “monitor shift translate” begins a history here.");
  SAYS (f, "bc", "E.What the engine “forgetful” runs cannot be gone back in; “monitor shift translate” begins a history here.");
  astern_debugger_call_and_wait (f->debugger, shift, "translate");
  BEGINS (f, "s", "T05");
  g_assert_cmphex (reg (f, RIP), ==, COUNT);
  BEGINS (f, "bs", "T05");
  g_assert_cmphex (reg (f, RIP), ==, CODE + 5);
  BEGINS (f, "bs", "T05replaylog:begin;");
}

static void
a_watchpoint_is_found_backwards_before_the_write (Fixture *f, gconstpointer unused)
{
  greet (f);
  SAYS (f, "Z0,10016,1;X7,26000022081327", "OK");
  BEGINS (f, "vCont;c", "T05swbreak:;");
  SAYS (f, "Z2,20000,4", "OK");
  BEGINS (f, "bc", "T05watch:20000;");
  g_assert_cmphex (reg (f, RIP), ==, STORE);
  g_assert_cmphex (reg (f, RAX), ==, 8);
  SAYS (f, "m20000,1", "07");
}

static void
changing_the_past_is_told_when_the_machine_next_moves (Fixture *f, gconstpointer unused)
{
  greet (f);
  SAYS (f, "Z0,10010,1", "OK");
  BEGINS (f, "vCont;c", "T05swbreak:;");
  BEGINS (f, "vCont;c", "T05swbreak:;");
  BEGINS (f, "bc", "T05swbreak:;");
  SAYS (f, "P0=2a00000000000000", "OK");
  say (f, "vCont;c", 7);
  HEARS (f, "O");
  HEARS (f, "T05swbreak:;");
  g_assert_cmphex (reg (f, RAX), ==, 43);
}

static void
an_interrupt_stops_a_machine_that_runs (Fixture *f, gconstpointer unused)
{
  greet (f);
  say (f, "vCont;c", 7);
  g_usleep (20000);
  astern_gdb_stub_received (f->stub, (const guint8 *) "\x03", 1);
  HEARS (f, "T02thread:p1.1;");
  say (f, "vCont;c", 7);
  astern_gdb_stub_received (f->stub, (const guint8 *) "\x03", 1);   /* perhaps before it runs */
  HEARS (f, "T02thread:p1.1;");
  BEGINS (f, "vCont;s", "T05");
}

static void
detaching_takes_breakpoints_away_and_the_next_client_begins_anew (Fixture *f, gconstpointer unused)
{
  greet (f);
  SAYS (f, "Z0,10010,1", "OK");
  SAYS (f, "QStartNoAckMode", "OK");
  SAYS (f, "D;1", "OK");
  g_usleep (20000);
  astern_gdb_stub_left (f->stub);
  f->acks = 0;
  BEGINS (f, "qSupported:", "PacketSize");      /* no texts for errors, no p1. */
  g_assert_cmpuint (f->acks, ==, 1);
  g_assert_cmpuint (f->released, >=, 1);
  BEGINS (f, "?", "T05thread:1;");
  g_assert_cmphex (reg (f, RAX), >, 100);       /* it went on, past the breakpoint */
  BEGINS (f, "p9999", "E16");
  say (f, "c", 1);
  astern_gdb_stub_left (f->stub);               /* one that vanishes */
  BEGINS (f, "?", "T05");
}

static void
cpus_are_threads (Fixture *f, gconstpointer unused)
{
  greet (f);
  SAYS (f, "qfThreadInfo", "mp1.1,p1.2");
  SAYS (f, "qsThreadInfo", "l");
  SAYS (f, "Tp1.2", "OK");
  BEGINS (f, "Tp1.3", "E");
  BEGINS (f, "Hgp1.3", "E");
  SAYS (f, "Hgp1.2", "OK");
  SAYS (f, "P1=2a00000000000000", "OK");
  SAYS (f, "Hgp1.1", "OK");
  g_assert_cmphex (reg (f, RBX), ==, 0);
  BEGINS (f, "vCont;s:p1.2;c:p1.-1", "T05thread:p1.2;");
  SAYS (f, "Hgp1.2", "OK");
  g_assert_cmphex (reg (f, RIP), ==, CODE + 5);
  BEGINS (f, "qThreadExtraInfo,p1.2", "");
}

static void
thirty_two_bit_registers_are_described_as_such (Fixture *f, gconstpointer unused)
{
  g_autofree char *xml = ask (f, "qXfer:features:read:target.xml:0,ffff");

  g_assert_nonnull (strstr (xml, "<architecture>i386</architecture>"));
  SAYS (f, "p8", "00000100");         /* eip */
  SAYS (f, "P0=78563412", "OK");
  SAYS (f, "p0", "78563412");
}

static void
linear_pc_is_where_the_code_is (Fixture *f, gconstpointer unused)
{
  SAYS (f, "p8", "00000100");         /* 1000:0000 */
  SAYS (f, "p4", "00010200");         /* 2000:0100 */
  BEGINS (f, "qSupported:hwbreak+", "PacketSize");
  BEGINS (f, "s", "T05");
  SAYS (f, "p8", "01000100");
  SAYS (f, "Z1,10002,1", "OK");
  BEGINS (f, "c", "T05hwbreak:;");
  SAYS (f, "P8=00000100", "OK");
  SAYS (f, "p8", "00000100");
  BEGINS (f, "P8=00000300", "E");     /* CS does not reach it */
  BEGINS (f, "s", "T05");
  SAYS (f, "p8", "01000100");
}

static void
without_it_pc_is_the_offset_and_breakpoints_are_linear (Fixture *f, gconstpointer unused)
{
  greet (f);
  g_assert_cmphex (reg (f, RIP), ==, 0);
  SAYS (f, "Z0,10002,1", "OK");
  BEGINS (f, "vCont;c", "T05thread:p1.1;");   /* gdb would take swbreak for one that it has removed */
  g_assert_cmphex (reg (f, RIP), ==, 2);
}

static void
the_monitor_answers (Fixture *f, gconstpointer unused)
{
  greet (f);
  say (f, "qRcmd,68656c6c6f", 16);
  HEARS (f, "O796f7520736169642068656c6c6f0a");
  HEARS (f, "OK");
  say (f, "qRcmd,676462206c696e6561722d7063206f6e", 38);   /* gdb linear-pc on */
  HEARS (f, "O");
  HEARS (f, "OK");
  BEGINS (f, "qRcmd,6", "E");
}

static void
qemu_s_ways_to_step_are_known (Fixture *f, gconstpointer unused)
{
  SAYS (f, "qqemu.sstepbits", "ENABLE=1,NOIRQ=2");
  SAYS (f, "qqemu.sstep", "0x3");
  SAYS (f, "Qqemu.sstep=0x1", "OK");
  SAYS (f, "qqemu.sstep", "0x1");
  SAYS (f, "qqemu.PhyMemMode", "0");
  SAYS (f, "Qqemu.PhyMemMode:1", "OK");
  SAYS (f, "qqemu.PhyMemMode", "1");
  SAYS (f, "m10000,1", "b8");
}

static void
killing_is_told (Fixture *f, gconstpointer unused)
{
  greet (f);
  SAYS (f, "vKill;2", "E.There is no such process.");
  SAYS (f, "vKill;1", "OK");
  g_mutex_lock (&f->mutex);
  while (f->killed == 0)
    g_cond_wait (&f->cond, &f->mutex);
  g_mutex_unlock (&f->mutex);
}

static void
malformed_packets_are_errors (Fixture *f, gconstpointer unused)
{
  static const char *const packets[] = {
    "m", "m,", "m1", "m1,", "mx,4", "m11111111111111111,4", "M1", "M1,1", "M1,1:", "M1,1:0", "M1,1:0102", "X1,5:a", "x", "x1",
    "p", "px", "P", "P1", "P1=", "P1=0", "G", "Gx", "g1", "Z", "Z0", "Z0,", "Z0,1", "Z9,1,1", "Z0,1,1;Y", "Z0,1,1;X", "Z0,1,1;X5,1",
    "z", "z0,", "H", "Hx1", "Hg", "Hgp1", "Hgp2.1", "T", "Tx", "vCont;", "vCont;x", "vCont;r1", "vCont;r1,2:9", "vCont;C", "vCont;t",
    "vCont;c:7", "C", "Cx", "cx", "sx", "S", "vKill", "vKill;x", "qXfer:features:read:target.xml:", "qXfer:threads:read::1",
    "qRcmd", "qRcmd,6", "qRcmd,zz", "qSearch:memory", "qSearch:memory:1;1;", "qCRC", "qCRC:1", "qThreadExtraInfo",
    "Qqemu.PhyMemMode", "Qqemu.PhyMemMode:2", "Qqemu.sstep", "Qqemu.sstep=x", "qRegisterInfo", "qMemoryRegionInfo", "qThreadStopInfo",
  };

  greet (f);
  for (gsize i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      g_autofree char *text = ask (f, packets[i]);

      if (text[0] != 'E' && !g_str_equal (packets[i], "Hgp1"))
        g_error ("“%s” is answered “%s”", packets[i], text);
    }
  g_assert_cmphex (reg (f, RIP), ==, CODE);
}

static void
random_packets_never_crash (Fixture *f, gconstpointer unused)
{
  static const char *const heads[] = { "m", "M", "x", "X", "p", "P", "g", "G", "Z0,", "Z2,", "z1,", "H", "T", "qXfer:", "qSearch:memory:",
                                       "qCRC:", "qRcmd,", "q", "Q", "v", "Z0,1,1;X", "Z0,1,1;cmds:0,X" };
  static const char alphabet[] = "0123456789abcdef,;:=X.p-xqs?";

  greet (f);
  for (guint round = 0; round < 2000; round++)
    {
      g_autoptr (GString) packet = g_string_new (heads[g_test_rand_int_range (0, G_N_ELEMENTS (heads))]);
      g_autofree char *text = NULL;

      for (gint n = g_test_rand_int_range (0, 20); n > 0; n--)
        g_string_append_c (packet, alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)]);
      if (g_str_has_prefix (packet->str, "vC") || g_str_has_prefix (packet->str, "vK"))
        continue;
      text = ask (f, packet->str);
      while (text[0] == 'O' && !g_str_equal (text, "OK"))   /* the monitor's words come before its OK */
        {
          g_free (text);
          text = answer (f);
        }
    }
  SAYS (f, "qAttached", "1");
}

#define ADD(name, setup) g_test_add ("/gdbstub/packets/" #name, Fixture, &setup, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_client_is_told_what_there_is, plain);
  ADD (a_document_comes_in_pieces, two_cpus);
  ADD (without_acknowledgments_none_are_sent, plain);
  ADD (what_was_not_understood_is_said_again, plain);
  ADD (registers_are_read_and_written, plain);
  ADD (memory_is_read_and_written, plain);
  ADD (lldb_reads_bytes_without_a_letter, plain);
  ADD (a_step_is_one_instruction, plain);
  ADD (a_range_is_stepped_through_whole, plain);
  ADD (what_is_watched_and_breakpoints_stop_a_range, plain);
  ADD (a_breakpoint_stops_before_its_instruction, plain);
  ADD (a_condition_is_evaluated_in_the_machine, plain);
  ADD (commands_print_and_do_not_stop, plain);
  ADD (watchpoints_stop_after_the_access, plain);
  ADD (steps_and_breakpoints_go_backwards, plain);
  ADD (an_engine_that_cannot_go_back_refuses_until_another_takes_over, plain);
  ADD (a_watchpoint_is_found_backwards_before_the_write, plain);
  ADD (changing_the_past_is_told_when_the_machine_next_moves, plain);
  ADD (an_interrupt_stops_a_machine_that_runs, plain);
  ADD (detaching_takes_breakpoints_away_and_the_next_client_begins_anew, plain);
  ADD (cpus_are_threads, two_cpus);
  ADD (thirty_two_bit_registers_are_described_as_such, narrow);
  ADD (linear_pc_is_where_the_code_is, segmented);
  ADD (without_it_pc_is_the_offset_and_breakpoints_are_linear, offsets);
  ADD (the_monitor_answers, plain);
  ADD (qemu_s_ways_to_step_are_known, plain);
  ADD (killing_is_told, plain);
  ADD (malformed_packets_are_errors, plain);
  ADD (random_packets_never_crash, plain);
  return g_test_run ();
}
