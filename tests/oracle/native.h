/* native - cases run by the host's CPU, in a child process.
 *
 * Threads: the main thread. */
#pragma once

#include "case.h"

typedef struct _OracleNative OracleNative;

/* @cases: shared memory, filled before each run. */
OracleNative *oracle_native_new  (OracleCase *cases);
void          oracle_native_free (OracleNative *native);
/* Runs cases[0, n): fills their `native`.  FALSE: the child died (it is started anew);
 * *@at is the case that it was running. */
gboolean      oracle_native_run  (OracleNative *native, guint n, guint *at);
/* Whether the host's kernel lets programs use RDGSBASE and WRGSBASE. */
gboolean      oracle_native_has_gs_base (void);
/* Whether 32-bit code can run. */
gboolean      oracle_native_has_code32  (void);
