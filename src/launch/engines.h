/* engines - which engines run a machine: the first from the options, another one when it is shifted to.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "arch/x86/features.h"
#include "core/machine.h"
#include "launch/options.h"

/* Makes the engine of -accel, and with -shift-at the other one too, before there is a board.  What KVM lacks of the CPU model is
 * taken out of @features and said. */
gboolean      astern_engines_start (AsternMachine *machine, const AsternLaunchOptions *options, X86Features *features, GError **error);
/* What all of them can: AsternCapabilities. */
guint32       astern_engines_can   (const AsternMachine *machine);
/* Another engine for a machine that runs with CPUs of @features. */
AsternEngine *astern_engines_make  (AsternMachine *machine, const AsternLaunchOptions *options, const X86Features *features,
                                    const char *name, GError **error);
/* The engine that -shift-at goes to. */
const char   *astern_engines_other (const AsternMachine *machine);
