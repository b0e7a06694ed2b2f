/* gdbstub - a machine as a target of gdb and lldb: the GDB remote serial protocol.
 *
 * A client of the debugger like the others (core/debugger.h).  Bytes come in by received(), on any one thread;
 * there packets are put together and acknowledged.  A whole packet is posted to the debugger's thread, where
 * it finds the machine stopped between two instructions; the answer leaves by `send`.
 *
 * A client that asks something first stops the machine, and holds it until it lets it go on, detaches or leaves.
 * There is one client at a time; when it is gone its breakpoints are, too.
 *
 * Threads: said at each function. */
#pragma once

#include "core/debugger.h"

typedef struct _AsternGdbStub AsternGdbStub;

/* What gdb is told that it debugs; fixed while a client is connected.  AUTO: x86-64 when the CPU has long mode, else i386. */
#define ASTERN_GDB_ARCHS(X) \
  X (AUTO,   "auto") \
  X (X86_64, "x86-64") \
  X (I386,   "i386") \
  X (I8086,  "i8086")

typedef enum
{
#define X(id, name) ASTERN_GDB_ARCH_##id,
  ASTERN_GDB_ARCHS (X)
#undef X
  ASTERN_N_GDB_ARCHS
} AsternGdbArch;

typedef struct
{
  AsternGdbArch arch;
  gboolean      long_mode;    /* the CPU has it */
  gboolean      linear_pc;    /* in 16-bit code the program counter and the stack pointer are linear addresses */
} AsternGdbOptions;

typedef struct
{
  /* Any thread.  Must not wait for the client. */
  void   (*send)     (gpointer user, const guint8 *data, gsize size);
  /* The machine's thread.  (nullable) A line for the monitor; the answer is freed with g_free(). */
  char  *(*monitor)  (gpointer user, const char *line);
  /* The machine's thread.  (nullable) The client lets the machine go on for the first time, or is gone: whoever
   * holds it for the client's sake lets go of it. */
  void   (*released) (gpointer user);
  /* The machine's thread.  (nullable) The client killed the machine. */
  void   (*killed)   (gpointer user);
  gpointer user;
} AsternGdbFuncs;

/* The machine's thread, or before it serves.  The debugger must outlive the stub. */
AsternGdbStub *astern_gdb_stub_new  (AsternDebugger *debugger, const AsternGdbOptions *options, const AsternGdbFuncs *funcs);
/* When nothing is posted any more. */
void           astern_gdb_stub_free (AsternGdbStub *stub);

/* One thread at a time.  What the client says; that it is gone: whoever speaks next is a new one. */
void           astern_gdb_stub_received  (AsternGdbStub *stub, const guint8 *data, gsize size);
void           astern_gdb_stub_left      (AsternGdbStub *stub);

/* The machine's thread.  The machine has ended for good: a client that waits is told @status. */
void           astern_gdb_stub_ended     (AsternGdbStub *stub, int status);

/* The machine's thread: the monitor's command `gdb`; @line is what follows the word.  What it says, to be freed. */
char          *astern_gdb_stub_command   (AsternGdbStub *stub, const char *line);
/* The machine's thread.  Whether a client has said something and is not gone. */
gboolean       astern_gdb_stub_has_client (AsternGdbStub *stub);
