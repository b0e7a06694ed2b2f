/* memory-fetch - memory, for people who look at it: addresses as they write them, and bytes of which some may not be there.
 *
 * Nothing is changed: devices are peeked at.
 *
 * Threads: the machine's. */
#pragma once

#include "core/points.h"
#include "session/session.h"

/* An address as the monitor's x takes it: an expression, in which $pc and $sp are linear; "cs:ip", "f000:fff0": segment (or the
 * selector that a segment register now has) and offset, hexadecimal numbers with or without 0x. */
gboolean astern_memory_evaluate (AsternSession *session, guint cpu, const char *text, guint64 *address, GError **error);

/* @known: a byte each, as in memory-rows.h.  What the bus has nothing at is not there, either. */
void     astern_memory_fetch    (AsternSession *session, guint cpu, AsternSpace space, guint64 address, guint8 *bytes, guint8 *known,
                                 gsize size);
/* Likewise, up to the first byte that is not there: how many were. */
gsize    astern_memory_read     (AsternSession *session, guint cpu, AsternSpace space, guint64 address, guint8 *bytes, gsize size);

/* The highest address that there is: linear, of the CPU's present mode; physical, of what the bus has, but not below 4 GiB. */
guint64  astern_memory_highest  (AsternSession *session, guint cpu, AsternSpace space);
