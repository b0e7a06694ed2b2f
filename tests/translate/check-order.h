/* check-order - the rule that keeps faults exact, as a check on a block.
 *
 * Of an instruction's operations none that changes guest state stands before the last
 * one that can fault; a store may be that last one, and stores to addresses that were
 * probed before cannot fault. */
#pragma once

#include "translate/ir.h"

/* NULL when @block keeps it, else a newly allocated sentence. */
char *check_order (const IrBlock *block);
