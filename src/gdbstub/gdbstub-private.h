/* gdbstub-private - what the stub's files share.
 *
 * Threads: the machine's, but for what is said to be the receiver's. */
#pragma once

#include "gdbstub/agent.h"
#include "gdbstub/gdbstub.h"
#include "gdbstub/target.h"
#include "gdbstub/text.h"
#include "gdbstub/wire.h"

/* Errors as gdb knows them (its File-I/O numbers). */
enum { ASTERN_GDB_EPERM = 1, ASTERN_GDB_ENOENT = 2, ASTERN_GDB_EFAULT = 14, ASTERN_GDB_EBUSY = 16, ASTERN_GDB_EINVAL = 22 };

/* gdb's numbers of signals. */
enum { ASTERN_GDB_SIGNAL_0 = 0, ASTERN_GDB_SIGINT = 2, ASTERN_GDB_SIGTRAP = 5, ASTERN_GDB_SIGSEGV = 11, ASTERN_GDB_SIGTERM = 15 };

/* What was agreed on with the present client. */
typedef struct
{
  gboolean multiprocess, error_text;
  gboolean swbreak, hwbreak;
  gboolean extended;
  gboolean thread_suffix;         /* lldb: `;thread:ID;` behind register packets */
  gboolean threads_in_stop;       /* lldb: stop replies list all threads */
  gboolean bare_binary_reads;     /* lldb: `x` answers without a letter in front */
  gboolean physical;              /* addresses of m, M, x, X and searches are physical */
  gboolean into_interrupts;       /* a step may end in a handler */
  guint    general_cpu;           /* of g, m and their kin: H g */
  guint    resume_cpu;            /* of c and s: H c */
} AsternGdbSession;

struct _AsternGdbStub
{
  AsternDebugger   *debugger;
  AsternMachine    *machine;
  AsternClient     *client;
  AsternGdbFuncs    funcs;
  AsternGdbOptions  options;

  /* The receiver's thread. */
  AsternGdbWire     wire;
  guint             received;         /* packets so far */
  /* Any thread: see `moving` too. */
  gint              connections;      /* atomic: clients come and gone so far; 1 and more */
  gint              no_acks;          /* atomic: the value of `connections` for which it was agreed on */
  gint              interrupted;      /* atomic: value of `received` when the last interrupt came; 0: none */

  AsternGdbSession  session;
  AsternGdbTarget  *target;           /* of the present client */
  gboolean          attached;         /* a client has said something, and is not gone */
  gint              connection;       /* as `connections`, of what is being handled */
  gboolean          resumed;          /* it waits for a stop reply ... */
  gboolean          continuing;       /* ... to a forward continue */
  gint              moving;           /* atomic: ... to another move, which posted functions have to wait for */
  guint             packet;           /* the number of the one being handled */
  GByteArray       *reply;            /* of the packet being handled */
  GString          *unsaid;           /* text for the console that waits */
  GByteArray       *sent;             /* the last frame, for a client that asks again */
  GPtrArray        *points;           /* AsternGdbPoint, owned */
};

/* ---- server.c ---- */

/* What a handler did. */
typedef enum
{
  ASTERN_GDB_REPLY,       /* stub->reply is the answer; empty: not supported */
  ASTERN_GDB_LATER,       /* a stop reply follows */
  ASTERN_GDB_SILENT,      /* there is none */
} AsternGdbOutcome;

typedef AsternGdbOutcome (*AsternGdbHandler) (AsternGdbStub *stub, AsternGdbCursor *in);

/* One kind of packet.  Where several names fit, the first row counts. */
typedef struct
{
  const char      *name;
  AsternGdbHandler handle;
  gboolean         whole;      /* nothing may follow the name but `:`, `;`, `,` or the end */
} AsternGdbPacket;

/* Sends @payload as a packet. */
void             astern_gdb_send    (AsternGdbStub *stub, const GByteArray *payload);
/* Text on the client's console: at once while it waits for the machine, and else when it next does, for it expects
 * none before. */
void             astern_gdb_print   (AsternGdbStub *stub, const char *text);
void             astern_gdb_print_now (AsternGdbStub *stub, const char *text);    /* in a command of the monitor's */
AsternGdbOutcome astern_gdb_ok      (AsternGdbStub *stub);
AsternGdbOutcome astern_gdb_refuse  (AsternGdbStub *stub, guint number, const char *why);
AsternGdbOutcome astern_gdb_malformed (AsternGdbStub *stub);
/* The client whose packet is being handled has interrupted since, or is gone. */
gboolean         astern_gdb_is_unwanted (AsternGdbStub *stub);
AsternCpu       *astern_gdb_cpu     (AsternGdbStub *stub, guint index);    /* its state is brought up to date */
void             astern_gdb_forget_client (AsternGdbStub *stub);

/* ---- registers.c ---- */
AsternGdbOutcome astern_gdb_read_all       (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_write_all      (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_read_one       (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_write_one      (AsternGdbStub *stub, AsternGdbCursor *in);
void             astern_gdb_say_register   (AsternGdbStub *stub, GByteArray *out, guint cpu, guint number);
/* FALSE: there is none, or it has more than 64 bits.  The CPU's state is up to date already. */
gboolean         astern_gdb_register_value (AsternGdbStub *stub, guint cpu, guint number, guint64 *value);
/* The program counter as gdb sees it. */
guint64          astern_gdb_pc             (AsternGdbStub *stub, guint cpu);
/* What is added to it to make a linear address. */
guint64          astern_gdb_pc_base        (AsternGdbStub *stub, guint cpu);

/* ---- memory.c ---- */
AsternGdbOutcome astern_gdb_read_memory    (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_read_binary    (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_write_memory   (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_write_binary   (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_search         (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_crc            (AsternGdbStub *stub, AsternGdbCursor *in);

/* ---- points.c ---- */

/* A breakpoint or watchpoint of the client's. */
typedef struct
{
  AsternGdbStub *stub;
  AsternPoint   *point;
  guint          kind;              /* the digit of Z */
  guint64        address, size;
  GPtrArray     *conditions;        /* AsternAgentProgram; empty: none */
  GPtrArray     *commands;          /* the same; when there are any it does not stop */
} AsternGdbPoint;

GPtrArray       *astern_gdb_points_new     (void);
AsternGdbOutcome astern_gdb_insert         (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_remove         (AsternGdbStub *stub, AsternGdbCursor *in);
void             astern_gdb_remove_all     (AsternGdbStub *stub);
/* (nullable) the one that was hit */
AsternGdbPoint  *astern_gdb_point_by_id    (AsternGdbStub *stub, guint id);
void             astern_gdb_point_logged   (AsternGdbStub *stub, const AsternHit *hit);

/* ---- moves.c ---- */
AsternGdbOutcome astern_gdb_vcont_query    (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_vcont          (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_continue       (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_continue_signal (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_step           (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_step_signal    (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_back_step      (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_back_continue  (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_ctrl_c         (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_why            (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_detach         (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_kill           (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_vkill          (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_extended       (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_restart        (AsternGdbStub *stub, AsternGdbCursor *in);
void             astern_gdb_stopped        (AsternGdbStub *stub, const AsternDebuggerStop *stop);
void             astern_gdb_report_interrupt (AsternGdbStub *stub);
/* A stop reply for @cpu; @signal: one of gdb's numbers; @reason (nullable): "swbreak:;". */
void             astern_gdb_stop_reply     (AsternGdbStub *stub, GByteArray *out, guint cpu, guint signal, const char *reason);

/* ---- threads.c ---- */

/* A thread as packets name it: p1.2, 2, -1 (all), 0 (any). */
#define ASTERN_GDB_ALL (-1)
#define ASTERN_GDB_ANY (-2)
/* FALSE: malformed, or no such thread.  *@cpu: an index, ASTERN_GDB_ALL or ASTERN_GDB_ANY. */
gboolean         astern_gdb_take_thread    (AsternGdbStub *stub, AsternGdbCursor *in, gint *cpu);
void             astern_gdb_say_thread     (AsternGdbStub *stub, GByteArray *out, guint cpu);
/* Takes `;thread:ID;` from behind, where lldb sends it; *@cpu is left alone where it does not. */
gboolean         astern_gdb_take_suffix    (AsternGdbStub *stub, AsternGdbCursor *in, guint *cpu);
char            *astern_gdb_thread_text    (AsternGdbStub *stub, guint cpu);
AsternGdbOutcome astern_gdb_set_thread     (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_thread_alive   (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_current_thread (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_first_threads  (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_more_threads   (AsternGdbStub *stub, AsternGdbCursor *in);
AsternGdbOutcome astern_gdb_thread_extra   (AsternGdbStub *stub, AsternGdbCursor *in);
void             astern_gdb_threads_xml    (AsternGdbStub *stub, GString *xml);

/* ---- queries.c, lldb.c ---- */
extern const AsternGdbPacket astern_gdb_query_packets[];     /* the last one has no name */
extern const AsternGdbPacket astern_gdb_lldb_packets[];
