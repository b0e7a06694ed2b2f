/* snapshot - a machine's state at a moment, all but its memory.
 *
 * Holds the clock, the generator, whose turn it is and until when, CPUs and devices, copied
 * whole: some tens of kilobytes.  Memory as it was comes from interval.h, which
 * is to begin at the same moment.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "core/machine.h"

typedef struct _AsternSnapshot AsternSnapshot;

AsternSnapshot *astern_snapshot_take    (AsternMachine *machine);
void            astern_snapshot_free    (AsternSnapshot *snapshot);

/* @machine: the one that the snapshot was taken of.  Memory must be that of the moment
 * already, because devices read it when they are told that their state was restored. */
void            astern_snapshot_restore (AsternSnapshot *snapshot, AsternMachine *machine);

AsternMoment    astern_snapshot_moment  (AsternSnapshot *snapshot);
guint64         astern_snapshot_guest_ns (AsternSnapshot *snapshot);
gsize           astern_snapshot_bytes   (AsternSnapshot *snapshot);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternSnapshot, astern_snapshot_free)
