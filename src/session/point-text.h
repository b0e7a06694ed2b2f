/* point-text - breakpoints in words, for the monitor and for the window.
 *
 * Threads: the machine's, where @symbols is given; else any.  All strings are translated; free them. */
#pragma once

#include "core/points.h"
#include "core/symbols.h"

/* "#PF" of vector 14, "IA32_EFER", "CR3"; NULL: it has no name.  Constant, not translated. */
const char *astern_point_number_name (AsternPointKind kind, guint64 number);
/* The other way, whatever the case. */
gboolean    astern_point_number_of  (AsternPointKind kind, const char *text, guint64 *number);

/* "execution", "memory"; constant. */
const char *astern_point_kind_text  (AsternPointKind kind);
/* "memory write", "port read": the kind, and which accesses. */
char       *astern_point_what_text  (const AsternPoint *point);
/* "0x1000 <main>", "0xc0000080"; empty where there is no place, or any.  @symbols is nullable. */
char       *astern_point_place_text (const AsternPoint *point, AsternSymbols *symbols);
/* ", error code 0x2, CPU 1": what else it is limited to, but for the condition; empty: nothing. */
char       *astern_point_limit_text (const AsternPoint *point);
/* "execution at 0x1000 <main>, if $rax == 1". */
char       *astern_point_text       (const AsternPoint *point, AsternSymbols *symbols);
