/* helpers.c - the table of helpers, from the list in helpers.h. */

#include "config.h"

#include "translate/x86/helpers.h"

const X86HelperInfo x86_helpers[X86_N_HELPERS] = {
#define X(name, n_args, meaning) { #name, x86_help_##name, n_args, meaning },
  X86_HELPERS (X)
#undef X
};
