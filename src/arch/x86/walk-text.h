/* walk-text - walks through page tables in words: which level does what, and why an access faults.
 *
 * Pure; nothing is changed, not even accessed bits.  Texts are translated; free them.
 *
 * Threads: works on the caller's memory. */
#pragma once

#include "arch/x86/paging.h"

/* "four levels", "no paging"; constant. */
const char *x86_walk_kind_text     (const X86State *state);
/* "PDE": of the @n-th entry that a walk has read, from 0. */
const char *x86_walk_level_name    (const X86State *state, guint n);
/* A line for each entry read, every bit by its name. */
void        x86_walk_append_levels (GString *text, const X86State *state, const X86Walk *walk);

/* Of a walk that faulted: "the PTE is read-only, and CR0.WP is set". */
char       *x86_walk_why           (const X86State *state, const X86WalkAccess *access, const X86Walk *walk);
/* ... and the entry that it is about, as an index into @walk's; -1: a PDPTE that the CPU has latched. */
int         x86_walk_culprit       (const X86WalkAccess *access, const X86Walk *walk);

/* Makes the walk, and says in sentences what becomes of the access. */
char       *x86_walk_explain       (const X86State *state, const X86Walker *walker, const X86WalkAccess *access);
