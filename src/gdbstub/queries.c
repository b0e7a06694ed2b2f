/* queries.c - what is agreed on at the start, documents in XML, and the monitor.
 * Source: "Debugging with GDB", appendix "GDB Remote Serial Protocol", General Query Packets; QEMU's manual, "GDB usage",
 * for physical memory mode. */
#include "config.h"

#include "gdbstub/gdbstub-private.h"

#include <string.h>

#include <glib/gi18n.h>

/* QEMU's bits; that time stands still during a step is not there: time is instructions. */
enum { STEP_ENABLE = 1, STEP_NO_INTERRUPTS = 2 };

/* ---- what both sides can do ---- */

static void
note_feature (AsternGdbSession *session, const char *feature)
{
  const struct { const char *name; gboolean *flag; } known[] = {
    { "multiprocess+", &session->multiprocess }, { "swbreak+", &session->swbreak }, { "hwbreak+", &session->hwbreak },
    { "error-message+", &session->error_text },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (feature, known[i].name))
      *known[i].flag = TRUE;
}

/* qSupported:FEATURE;… */
static AsternGdbOutcome
supported (AsternGdbStub *stub, AsternGdbCursor *in)
{
  /* gdb asks once: it may be another engine by the time that it goes back. */
  gboolean past = astern_timeline_wanted (astern_debugger_timeline (stub->debugger));

  astern_gdb_take_char (in, ':');
  while (!astern_gdb_at_end (in))
    {
      g_autofree char *feature = astern_gdb_take_until (in, ';');

      note_feature (&stub->session, feature);
    }
  astern_gdb_printf (stub->reply, "PacketSize=%x;QStartNoAckMode+;vContSupported+;multiprocess+;swbreak+;hwbreak+;"
                     "qXfer:features:read+;qXfer:memory-map:read+;qXfer:threads:read+;ConditionalBreakpoints+;"
                     "BreakpointCommands+;binary-upload+;error-message+;QThreadSuffixSupported+;QListThreadsInStopReply+",
                     ASTERN_GDB_MOST_PACKET);
  if (past)
    astern_gdb_say (stub->reply, ";ReverseStep+;ReverseContinue+");
  return ASTERN_GDB_REPLY;
}

/* ---- documents ---- */

/* All addresses that there are, as memory that can be written: what `m` takes are linear addresses, and
 * what is behind each is a matter of page tables, which change.  gdb takes what is in no region to be
 * not there, and would not write to regions of ROM. */
static void
memory_map_xml (AsternGdbStub *stub, GString *xml)
{
  g_string_append (xml, "<?xml version=\"1.0\"?>\n<!DOCTYPE memory-map SYSTEM \"gdb-memory-map.dtd\">\n<memory-map>\n");
  if (stub->target->wide)
    g_string_append (xml, "<memory type=\"ram\" start=\"0x0\" length=\"0x8000000000000000\"/>\n"
                     "<memory type=\"ram\" start=\"0x8000000000000000\" length=\"0x8000000000000000\"/>\n");
  else
    g_string_append (xml, "<memory type=\"ram\" start=\"0x0\" length=\"0x100000000\"/>\n");
  g_string_append (xml, "</memory-map>\n");
}

static void
features_xml (AsternGdbStub *stub, GString *xml)
{
  g_string_append (xml, stub->target->xml);
}

static const struct
{
  const char *prefix;      /* object, `read` and annex */
  void      (*write) (AsternGdbStub *stub, GString *xml);
} documents[] = {
  { "features:read:target.xml:", features_xml },
  { "memory-map:read::", memory_map_xml },
  { "threads:read::", astern_gdb_threads_xml },
};

/* The piece of @text that was asked for: `m` when more follows, `l` when it is the last. */
static AsternGdbOutcome
say_piece (AsternGdbStub *stub, const GString *text, guint64 offset, guint64 size)
{
  guint64 rest = offset < text->len ? text->len - offset : 0;

  size = MIN (size, ASTERN_GDB_MOST_PACKET / 2);
  if (offset > text->len)
    return astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, "That is beyond the end.");
  astern_gdb_say (stub->reply, rest > size ? "m" : "l");
  g_byte_array_append (stub->reply, (const guint8 *) text->str + offset, (guint) MIN (rest, size));
  return ASTERN_GDB_REPLY;
}

/* qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH */
static AsternGdbOutcome
transfer (AsternGdbStub *stub, AsternGdbCursor *in)
{
  guint64 offset, size;

  for (gsize i = 0; i < G_N_ELEMENTS (documents); i++)
    {
      g_autoptr (GString) xml = NULL;

      if (!astern_gdb_take_word (in, documents[i].prefix))
        continue;
      if (!astern_gdb_take_hex (in, &offset) || !astern_gdb_take_char (in, ',') || !astern_gdb_take_hex (in, &size) ||
          !astern_gdb_at_end (in))
        return astern_gdb_malformed (stub);
      xml = g_string_new (NULL);
      documents[i].write (stub, xml);
      return say_piece (stub, xml, offset, size);
    }
  if (astern_gdb_take_word (in, "features:read:"))   /* the object is there, that annex is not */
    return astern_gdb_refuse (stub, 0, NULL);
  return ASTERN_GDB_REPLY;
}

/* ---- the monitor ---- */

static const char *const arch_names[] = {
#define X(id, name) [ASTERN_GDB_ARCH_##id] = name,
  ASTERN_GDB_ARCHS (X)
#undef X
};

static AsternGdbArch
find_arch (const char *name)
{
  for (guint i = 0; i < ASTERN_N_GDB_ARCHS; i++)
    if (g_strcmp0 (name, arch_names[i]) == 0)
      return i;
  return ASTERN_N_GDB_ARCHS;
}

char *
astern_gdb_stub_command (AsternGdbStub *stub, const char *line)
{
  g_auto (GStrv) words = g_strsplit_set (line, " \t", -1);
  guint n = g_strv_length (words);

  if (n == 0)
    return g_strdup_printf (_("gdb: %s; linear-pc %s; arch %s\n"), stub->attached ? _("connected") : _("no client"),
                            stub->options.linear_pc ? "on" : "off", arch_names[stub->options.arch]);
  if (n == 2 && g_str_equal (words[0], "linear-pc") && (g_str_equal (words[1], "on") || g_str_equal (words[1], "off")))
    {
      stub->options.linear_pc = g_str_equal (words[1], "on");
      return g_strdup (stub->attached ? _("In gdb, “maintenance flush register-cache” shows it.\n") : "");
    }
  if (n == 2 && g_str_equal (words[0], "arch") && find_arch (words[1]) != ASTERN_N_GDB_ARCHS)
    {
      stub->options.arch = find_arch (words[1]);
      return g_strdup (stub->attached ? _("The next client will see it.\n") : "");
    }
  return g_strdup (_("Give “gdb”, “gdb linear-pc on|off” or “gdb arch auto|x86-64|i386|i8086”.\n"));
}

static char *
execute (AsternGdbStub *stub, char *line)
{
  g_strstrip (line);
  if (g_str_equal (line, "gdb") || g_str_has_prefix (line, "gdb "))
    return astern_gdb_stub_command (stub, g_strchug (line + strlen ("gdb")));
  if (stub->funcs.monitor == NULL)
    return g_strdup (_("There is no monitor.\n"));
  return stub->funcs.monitor (stub->funcs.user, line);
}

/* qRcmd,LINE in digits */
static AsternGdbOutcome
command (AsternGdbStub *stub, AsternGdbCursor *in)
{
  g_autoptr (GByteArray) bytes = NULL;
  g_autofree char *line = NULL;
  g_autofree char *answer = NULL;

  if (!astern_gdb_take_char (in, ','))
    return astern_gdb_malformed (stub);
  bytes = astern_gdb_take_bytes (in);
  if (!astern_gdb_at_end (in))
    return astern_gdb_malformed (stub);
  g_byte_array_append (bytes, (const guint8 *) "", 1);
  line = g_strdup ((const char *) bytes->data);
  answer = execute (stub, line);
  astern_gdb_print_now (stub, answer != NULL ? answer : "");
  return astern_gdb_ok (stub);
}

/* ---- small ones ---- */

/* qAttached: the machine was there before the client, so leaving it detaches. */
static AsternGdbOutcome
attached (AsternGdbStub *stub, AsternGdbCursor *in)
{
  astern_gdb_say (stub->reply, "1");
  return ASTERN_GDB_REPLY;
}

/* qOffsets: files are where they were linked. */
static AsternGdbOutcome
offsets (AsternGdbStub *stub, AsternGdbCursor *in)
{
  astern_gdb_say (stub->reply, "Text=0;Data=0;Bss=0");
  return ASTERN_GDB_REPLY;
}

/* qSymbol: no symbol is wanted of the client. */
static AsternGdbOutcome
symbol (AsternGdbStub *stub, AsternGdbCursor *in)
{
  return astern_gdb_ok (stub);
}

/* Qqemu.PhyMemMode:0 or 1 */
static AsternGdbOutcome
set_physical (AsternGdbStub *stub, AsternGdbCursor *in)
{
  guint64 on;

  if (!astern_gdb_take_char (in, ':') || !astern_gdb_take_hex (in, &on) || on > 1 || !astern_gdb_at_end (in))
    return astern_gdb_malformed (stub);
  stub->session.physical = on == 1;
  return astern_gdb_ok (stub);
}

static AsternGdbOutcome
get_physical (AsternGdbStub *stub, AsternGdbCursor *in)
{
  astern_gdb_say (stub->reply, stub->session.physical ? "1" : "0");
  return ASTERN_GDB_REPLY;
}

/* qqemu.sstepbits, qqemu.sstep, Qqemu.sstep=BITS: whether steps may end in the handler of an interrupt. */
static AsternGdbOutcome
step_bits (AsternGdbStub *stub, AsternGdbCursor *in)
{
  astern_gdb_printf (stub->reply, "ENABLE=%x,NOIRQ=%x", STEP_ENABLE, STEP_NO_INTERRUPTS);
  return ASTERN_GDB_REPLY;
}

static AsternGdbOutcome
get_step (AsternGdbStub *stub, AsternGdbCursor *in)
{
  astern_gdb_printf (stub->reply, "0x%x", STEP_ENABLE | (stub->session.into_interrupts ? 0 : STEP_NO_INTERRUPTS));
  return ASTERN_GDB_REPLY;
}

static AsternGdbOutcome
set_step (AsternGdbStub *stub, AsternGdbCursor *in)
{
  guint64 bits;

  if (!astern_gdb_take_char (in, '='))
    return astern_gdb_malformed (stub);
  astern_gdb_take_word (in, "0x");
  if (!astern_gdb_take_hex (in, &bits) || !astern_gdb_at_end (in))
    return astern_gdb_malformed (stub);
  stub->session.into_interrupts = (bits & STEP_NO_INTERRUPTS) == 0;
  return astern_gdb_ok (stub);
}

const AsternGdbPacket astern_gdb_query_packets[] = {
  { "qSupported",         supported, TRUE },
  { "qXfer:",             transfer, FALSE },
  { "qRcmd",              command, TRUE },
  { "qSearch:memory",     astern_gdb_search, TRUE },
  { "qCRC",               astern_gdb_crc, TRUE },
  { "qC",                 astern_gdb_current_thread, TRUE },
  { "qfThreadInfo",       astern_gdb_first_threads, TRUE },
  { "qsThreadInfo",       astern_gdb_more_threads, TRUE },
  { "qThreadExtraInfo",   astern_gdb_thread_extra, TRUE },
  { "qAttached",          attached, TRUE },
  { "qOffsets",           offsets, TRUE },
  { "qSymbol",            symbol, TRUE },
  { "Qqemu.PhyMemMode",   set_physical, TRUE },
  { "qqemu.PhyMemMode",   get_physical, TRUE },
  { "qqemu.sstepbits",    step_bits, TRUE },
  { "qqemu.sstep",        get_step, TRUE },
  { "Qqemu.sstep",        set_step, FALSE },
  { .name = NULL }
};
