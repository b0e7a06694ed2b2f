/* evaluate - what a user types where an address or a number is wanted.
 *
 * An expression (core/expression.h) in which $pc and $sp are linear addresses.
 *
 * Threads: the machine's. */
#pragma once

#include "core/expression.h"

/* An expression that is all of @text; @cpu's state is up to date.  @names is nullable.  The error is a sentence for the user. */
gboolean astern_evaluate (AsternCpu *cpu, const AsternNames *names, const char *text, guint64 *value, GError **error);
