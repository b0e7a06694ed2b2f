/* state - CPUs, devices and clock of a machine in the form of a file; memory is not in it.
 *
 * A GVariant a{sv}:
 *   "clock"    (ttu)     icount, skipped ns, step
 *   "inputs"   (tt)      the generator's seed, numbers drawn
 *   "turn"     (ut)      whose turn it is, and until when
 *   "cpus"     a(uta{sv})  each one's version of state, its last icount, its fields
 *   "delivered" a(tu)    the moment after each CPU's last interrupt or exception; may be missing
 *   "devices"  a{sa{sv}}   by name; version and fields as astern_device_save() makes them
 *
 * Threads: while the machine stands between two instructions. */
#pragma once

#include "core/machine.h"
#include "trace/recording.h"

#define ASTERN_STATE_TYPE G_VARIANT_TYPE_VARDICT

/* A floating reference. */
GVariant *astern_state_save (AsternMachine *machine);

/* @saved may be anyone's: what does not fit this machine is an error, and then the machine is only good to be freed.
 * Memory must be in place before. */
gboolean  astern_state_load (AsternMachine *machine, GVariant *saved, GError **error);

/* What @recording's snapshot @id has of memory is put in place; other pages stay as they are. */
gboolean  astern_state_load_memory (AsternMachine *machine, AsternRecording *recording, guint64 id, GError **error);
