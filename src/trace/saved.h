/* saved - the whole state of a stopped machine in one file, from which any engine goes on.
 *
 * The file is a recording's (recording.h), without a journal, with one snapshot at its head that has all pages of memory that
 * are not zero, and the hashes of the state there.  Its meta “kind” is “state”.  doc/states.md has more.
 *
 * Threads: while the machine stands between two instructions.
 * Errors:  %ASTERN_RECORDING_ERROR; of disks, %G_IO_ERROR. */
#pragma once

#include "core/machine.h"
#include "trace/recording.h"
#include "trace/writer.h"

#define ASTERN_SAVED_KIND "state"

/* Writes @machine's state; @start: what made the machine, with ASTERN_SAVED_KIND in its meta.  An older recording at @path is
 * replaced when all is there.  What was written to disks is in their images then. */
gboolean astern_saved_write (AsternMachine *machine, const char *path, const AsternRecordingStart *start, GError **error);

/* Whether it is such a file. */
gboolean astern_saved_is    (AsternRecording *recording);

/* Puts the state in place.  @machine is made as that one was, stands at power-on, and has its disks; the file may be anyone's.
 * On failure the machine is only good to be freed. */
gboolean astern_saved_load  (AsternMachine *machine, AsternRecording *recording, GError **error);
