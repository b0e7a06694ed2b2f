/* emit - host code from IR: tier one.
 *
 * One pass over the list.  Guest registers live in the same host registers in every
 * unit; guest flags are left in the host's, and a recipe says how to make them again.
 * Units of any host architecture look like this from outside.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "translate/units.h"

typedef struct _XlateEmitter XlateEmitter;

/* Whether there is a back end for this host; without one everything is interpreted. */
gboolean      emitter_available (void);

XlateEmitter *emitter_new    (gsize code_bytes, const char *perf_map, GError **error);
void          emitter_free   (XlateEmitter *emitter);
/* Forgets all code. */
void          emitter_clear  (XlateEmitter *emitter);

/* Makes host code for @unit from @block (passes done); FALSE when the code space is full. */
gboolean      emitter_emit   (XlateEmitter *emitter, XlateUnit *unit, const IrBlock *block);

/* Runs units beginning with @unit, whose binding holds, until one
 * leaves.  Returns the link over which it left when that could be linked, else NULL. */
XlateLink    *emitter_run    (XlateEmitter *emitter, X86Cpu *cpu, XlateUnit *unit);

/* Another thread runs the machine from now on. */
void          emitter_thread_changed (XlateEmitter *emitter);
/* Lets @link jump to its target's host code from now on. */
void          emit_link      (XlateLink *link, XlateUnit *to, gboolean same_page);
/* Takes @unit out of all links, both ways. */
void          emit_unlink    (XlateUnit *unit);
