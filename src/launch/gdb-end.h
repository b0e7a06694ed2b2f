/* gdb-end - the gdb stub and the place where gdb finds it.
 *
 * What gdb says is heard on the host thread and handled on the machine's (gdbstub/gdbstub.h).
 *
 * Threads: new, free: the machine's thread. */
#pragma once

#include "launch/launch.h"

typedef struct _AsternGdbEnd AsternGdbEnd;

/* Opens @place.  @options: but long_mode, which @launch knows.  @funcs: all but `send`, which is the end's own; when the
 * input of a pipe (`stdio`) has ended, nobody can come any more, and `killed` is called. */
AsternGdbEnd  *astern_gdb_end_new  (AsternLaunch *launch, AsternDebugger *debugger, const AsternChardevSpec *place,
                                    const AsternGdbOptions *options, const AsternGdbFuncs *funcs, GError **error);
/* When the debugger serves no more. */
void           astern_gdb_end_free (AsternGdbEnd *end);

AsternGdbStub *astern_gdb_end_stub (AsternGdbEnd *end);
