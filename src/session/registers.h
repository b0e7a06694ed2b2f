/* registers - a CPU's registers as text for people.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "core/machine.h"

/* Appends several lines. */
void astern_registers_format (AsternMachine *machine, guint cpu, GString *text);
