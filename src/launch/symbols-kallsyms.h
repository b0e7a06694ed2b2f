/* symbols-kallsyms - the symbols of the Linux kernel that a machine runs, from its memory.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "core/machine.h"
#include "core/symbols.h"

/* Makes the table "kallsyms", in the place of one that is there already.  Its addresses are those at which the kernel
 * runs, wherever KASLR put it; its slide is 0.  Modules are not in it.
 * Errors, with @symbols as before: there is no kernel, it does not run yet, or its table is of a kind not known. */
gboolean astern_symbols_find_kallsyms (AsternMachine *machine, AsternSymbols *symbols, GError **error);
