/* lldb.c - packets that only lldb sends, as far as it needs them to attach and to show threads, registers and
 * memory.
 * Source: LLVM's documentation, "GDB Remote Protocol Extensions".
 * Left out: what starts, finds and loads programs; compressed packets; JSON for threads: lldb asks for each then. */
#include "config.h"

#include "gdbstub/gdbstub-private.h"

#define PAGE        ASTERN_PAGE_SIZE
#define MOST_PAGES  1024     /* looked at for one answer */

static const char *
triple (const AsternGdbStub *stub)
{
  return stub->target->wide ? "x86_64-unknown-none-elf" : "i386-unknown-none-elf";
}

static void
say_triple (AsternGdbStub *stub)
{
  astern_gdb_say (stub->reply, "triple:");
  astern_gdb_say_hex_text (stub->reply, triple (stub));
  astern_gdb_printf (stub->reply, ";endian:little;ptrsize:%u;", stub->target->wide ? 8 : 4);
}

static AsternGdbOutcome
host_info (AsternGdbStub *stub, AsternGdbCursor *in)
{
  say_triple (stub);
  astern_gdb_say (stub->reply, "vm-page-size:4096;watchpoint_exceptions_received:after;");
  return ASTERN_GDB_REPLY;
}

static AsternGdbOutcome
process_info (AsternGdbStub *stub, AsternGdbCursor *in)
{
  astern_gdb_say (stub->reply, "pid:1;parent-pid:0;ostype:unknown;");
  say_triple (stub);
  return ASTERN_GDB_REPLY;
}

static AsternGdbOutcome
server_version (AsternGdbStub *stub, AsternGdbCursor *in)
{
  astern_gdb_say (stub->reply, "name:" PACKAGE_NAME ";version:" PACKAGE_VERSION ";");
  return ASTERN_GDB_REPLY;
}

static AsternGdbOutcome
thread_suffix (AsternGdbStub *stub, AsternGdbCursor *in)
{
  stub->session.thread_suffix = TRUE;
  return astern_gdb_ok (stub);
}

static AsternGdbOutcome
threads_in_stop (AsternGdbStub *stub, AsternGdbCursor *in)
{
  stub->session.threads_in_stop = TRUE;
  return astern_gdb_ok (stub);
}

/* qThreadStopInfoID */
static AsternGdbOutcome
thread_stop (AsternGdbStub *stub, AsternGdbCursor *in)
{
  gint cpu;

  if (!astern_gdb_take_thread (stub, in, &cpu) || cpu < 0)
    return astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, "There is no such thread.");
  astern_gdb_stop_reply (stub, stub->reply, (guint) cpu,
                         (guint) cpu == stub->session.general_cpu ? ASTERN_GDB_SIGTRAP : ASTERN_GDB_SIGNAL_0, NULL);
  return ASTERN_GDB_REPLY;
}

/* qRegisterInfoN, until one is an error: for those that do not read the target description. */
static AsternGdbOutcome
register_info (AsternGdbStub *stub, AsternGdbCursor *in)
{
  static const char *const generic[] = {
    [ASTERN_GDB_ROLE_PC] = "pc", [ASTERN_GDB_ROLE_SP] = "sp", [ASTERN_GDB_ROLE_FP] = "fp", [ASTERN_GDB_ROLE_FLAGS] = "flags",
  };
  const AsternGdbRegister *reg;
  guint64 number;
  gboolean vector;

  if (!astern_gdb_take_hex (in, &number) || !astern_gdb_at_end (in))
    return astern_gdb_malformed (stub);
  reg = astern_gdb_target_register (stub->target, number);
  if (reg == NULL)
    return astern_gdb_refuse (stub, 0x45, NULL);
  vector = reg->bits > 64;
  astern_gdb_printf (stub->reply, "name:%s;bitsize:%u;offset:%u;encoding:%s;format:%s;set:%s;", reg->name, reg->bits,
                     reg->offset, vector ? "vector" : "uint", vector ? "vector-uint8" : "hex",
                     reg->group == NULL ? "General Purpose Registers" : reg->group);
  if (reg->role != ASTERN_GDB_ROLE_NONE)
    astern_gdb_printf (stub->reply, "generic:%s;", generic[reg->role]);
  return ASTERN_GDB_REPLY;
}

static gboolean
is_mapped (AsternGdbStub *stub, guint64 address)
{
  guint64 physical;

  return stub->session.physical || astern_debugger_translate (stub->debugger, stub->session.general_cpu, address, &physical);
}

/* qMemoryRegionInfo:ADDRESS: pages from there on that are alike mapped or not. */
static AsternGdbOutcome
memory_region (AsternGdbStub *stub, AsternGdbCursor *in)
{
  guint64 address;
  guint pages = 1;
  gboolean mapped;

  if (!astern_gdb_take_char (in, ':') || !astern_gdb_take_hex (in, &address) || !astern_gdb_at_end (in))
    return astern_gdb_malformed (stub);
  address &= ~ASTERN_PAGE_MASK;
  astern_gdb_cpu (stub, stub->session.general_cpu);
  mapped = is_mapped (stub, address);
  while (pages < MOST_PAGES && address + (guint64) pages * PAGE > address &&
         is_mapped (stub, address + (guint64) pages * PAGE) == mapped)
    pages++;
  astern_gdb_printf (stub->reply, "start:%" G_GINT64_MODIFIER "x;size:%x;%s", address, pages * PAGE,
                     mapped ? "permissions:rwx;" : "");
  return ASTERN_GDB_REPLY;
}

/* lldb asks whether watchpoints are without limit. */
static AsternGdbOutcome
watchpoints (AsternGdbStub *stub, AsternGdbCursor *in)
{
  astern_gdb_say (stub->reply, "num:64;");
  return ASTERN_GDB_REPLY;
}

const AsternGdbPacket astern_gdb_lldb_packets[] = {
  { "QThreadSuffixSupported",          thread_suffix, TRUE },
  { "QListThreadsInStopReply",         threads_in_stop, TRUE },
  { "qHostInfo",                       host_info, TRUE },
  { "qProcessInfo",                    process_info, TRUE },
  { "qGDBServerVersion",               server_version, TRUE },
  { "qThreadStopInfo",                 thread_stop, FALSE },
  { "qRegisterInfo",                   register_info, FALSE },
  { "qMemoryRegionInfo",               memory_region, TRUE },
  { "qWatchpointSupportInfo",          watchpoints, TRUE },
  { .name = NULL }
};
