/* recorder - a running machine into a recording.
 *
 * It takes part in the run by one thing: four times a second (of the host) it has an input delivered on a port of
 * its own, "checkpoint", that does nothing in the machine.  So each checkpoint has an exact moment, is in the
 * journal, and is met again by each replay, however that is driven.  There the state is hashed - CPUs, clock and
 * devices each time, memory as often as it costs less than a hundredth of the time - and now and then
 * the whole state is kept, from which a replay can start.
 *
 * Threads: the machine's.
 * Cost:    a hash of the small parts (some 10 us) four times a second; memory's hash and snapshots by what they cost. */
#pragma once

#include "core/machine.h"
#include "core/page-store.h"
#include "trace/writer.h"

#define ASTERN_CHECKPOINT_PORT "checkpoint"

typedef struct _AsternRecorder AsternRecorder;

typedef struct
{
  gint64   keep_every_us;             /* keep whole states, at most so often by the host's clock; 0: never */
  guint32  events;                    /* kinds of core/events.h that are written into the table `event` */
  /* Writing failed; on the writer's thread. */
  void   (*failed) (gpointer user, const char *message);
  gpointer user;
} AsternRecorderOptions;

/* The machine is wired and reset and has not run yet. */
AsternRecorder *astern_recorder_new      (AsternMachine *machine, const char *path, const AsternRecordingStart *start,
                                          const AsternRecorderOptions *options, GError **error);

/* The run goes another way from @moment on; memory was put back to what it was there. */
void            astern_recorder_branched (AsternRecorder *recorder, AsternMoment moment);

/* What people marked is new, or changed; @name NULL: it is gone.  @id: for each bookmark another one. */
void            astern_recorder_bookmark (AsternRecorder *recorder, guint64 id, AsternMoment moment, const char *name, const char *note);

/* The machine has stopped: where it stands is the head, if it is not in the past. */
void            astern_recorder_stopped  (AsternRecorder *recorder);

/* All up to where the machine stands is in the file when it returns; FALSE: writing has failed. */
gboolean        astern_recorder_sync     (AsternRecorder *recorder);

/* The recording as a place for history, until astern_recorder_finish(). */
AsternSpill     astern_recorder_spill    (AsternRecorder *recorder);

/* The machine stands at the end of the run.  @ending: "quit", "power-off", ...  The last state is hashed as a whole. */
gboolean        astern_recorder_finish   (AsternRecorder *recorder, const char *ending, GError **error);

/* The state's hashes now; an array of AsternHashPart.  @full: memory's too. */
GArray         *astern_recorder_hash     (AsternMachine *machine, gboolean full);
