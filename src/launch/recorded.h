/* recorded - a machine's options and files into a recording, and out of it again.
 *
 * The options are kept as words of a command line, but only those that make the machine, with all that was
 * found out at the start (the CPU's features, the clock, the seed) put in.  What connects the machine with
 * the outside is not among them: a replay has its own.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "launch/launch.h"
#include "trace/recorder.h"
#include "trace/recording.h"

/* What is known of a machine before its run, and what holds it. */
typedef struct
{
  AsternRecordingStart start;
  GPtrArray           *words, *meta;
  GArray              *sources;
} AsternLaunchStart;

/* @more: (nullable) keys and values, NULL-terminated, that are to be among the meta. */
void            astern_launch_start_begin (AsternLaunchStart *self, AsternLaunch *launch, const char *const *more);
void            astern_launch_start_clear (AsternLaunchStart *self);

/* The words for @launch, NULL-terminated. */
GPtrArray      *astern_launch_machine_arguments (AsternLaunch *launch);

/* Begins to record as @launch's options say.  The machine has not run yet.  @failed: see AsternRecorderOptions. */
AsternRecorder *astern_launch_record (AsternLaunch *launch, void (*failed) (gpointer user, const char *message), gpointer user,
                                      GError **error);

/* Writes the run so far, which began at power-on, up to its @head: its start, its journal, and the state's hash if the
 * machine stands there.  @path as in astern_writer_new(). */
gboolean        astern_launch_save (AsternLaunch *launch, const char *path, AsternMoment head, GError **error);

/* Options for a replay: the machine from the recording, the rest from @args, which may have only what is
 * not the machine's.  @recording must outlive @options. */
gboolean        astern_launch_options_replay (AsternLaunchOptions *options, AsternRecording *recording, const char *const *args,
                                              GError **error);

/* The machine has as many serial ports as @recording says; those that @options connect nowhere lead nowhere. */
gboolean        astern_launch_options_set_serials (AsternLaunchOptions *options, AsternRecording *recording, GError **error);
/* AsternSourceFunc of an AsternRecording. */
GBytes         *astern_launch_recorded_source (gpointer recording, const char *name, GError **error);

/* "quit", "power-off", ...: how a run ended, for a recording. */
const char     *astern_launch_ending (const AsternStop *stop);
/* Whether the guest ended it: a replay will end there by itself. */
gboolean        astern_launch_ended_by_guest (const char *ending);
