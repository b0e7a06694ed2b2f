/* disassembly-sync - where instructions begin before a known one.
 *
 * Code of variable length cannot be read backwards.  But read forwards from wherever, it falls into step with the
 * instructions that were meant within a few of them.  So every byte before the known instruction is taken as a
 * beginning, and of the ways that lead to the known one the best-trodden is followed back.
 *
 * Pure; any thread. */
#pragma once

#include <glib.h>

#define ASTERN_SYNC_INSTRUCTION 15      /* the most bytes of one */
/* What is found in so many bytes at the beginning of those given is not to be trusted, unless a known beginning comes before. */
#define ASTERN_SYNC_WARM_UP     48

/* How many bytes the instruction has that begins at @bytes, of which there are @n; 0: it is none. */
typedef guint (*AsternSyncLengthFunc) (gpointer data, const guint8 *bytes, gsize n);

/* @bytes: the @n before the known instruction.  @behind: how many more there are from it on.  @known (nullable): for each of
 * the @n and the one behind them whether an instruction begins there for certain: none reaches over that.
 * Sets @starts to the offsets of the instructions that lead to the known one, the nearest first, at most @max; returns
 * how many.  What is no instruction counts as one of a byte.
 * The nearest may reach into the known one when nothing leads to it: then that is in the middle of one itself. */
guint astern_sync_back (AsternSyncLengthFunc length, gpointer data, const guint8 *bytes, gsize n, gsize behind, const guint8 *known,
                        guint *starts, guint max);
