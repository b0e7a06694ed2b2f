/* debugger-trace - what happened in a stretch of the past: it is executed again, and what is asked for is recorded.
 *
 * Nothing changes by it.  The machine stands afterwards exactly where it stood, at the head or in the past, also when it was
 * given up; history gets no branch and no longer head; clients hear of no move and no stop.  Only the client that asks
 * hears how far it has come (`progress`, 1 at the end), and astern_debugger_interrupt() cuts it short.
 *
 * Threads: the machine's (from a posted function, as in debugger.h); callbacks come there, too.
 * Units:   moments as in moment.h.
 * Errors:  G_IO_ERROR_CANCELLED; G_IO_ERROR_BUSY: it runs, or a move waits; G_IO_ERROR_INVALID_ARGUMENT; ASTERN_TIMELINE_ERROR.
 *          What was recorded until then was told. */
#pragma once

#include "core/debugger.h"

/* A stretch: [from, to), cut to what lies between the start and the head. */
typedef struct { AsternMoment from, to; } AsternStretch;

/* The @insns instructions before @moment, as far as history reaches. */
AsternStretch astern_stretch_before (AsternDebugger *debugger, AsternMoment moment, guint64 insns);
/* As many on both sides. */
AsternStretch astern_stretch_around (AsternDebugger *debugger, AsternMoment moment, guint64 insns);

typedef struct
{
  AsternStretch      stretch;
  const AsternPoint *points;        /* what is recorded; their conditions and texts stay the caller's */
  guint              n_points;
  guint64            limit;         /* of hits, when it is full; 0: none */
  /* A hit, in the order of moments.  hit->point is a copy of one of @points, with its `user`, and gone afterwards.
   * FALSE: enough. */
  gboolean         (*hit) (gpointer user, const AsternHit *hit);
  gpointer           user;
  /* (nullable) What is logged meanwhile (core/events.h) of the kinds in @events, a mask; nobody else hears of it. */
  void             (*logged) (gpointer user, AsternEventKind kind, const char *text);
  guint32            events;
} AsternTraceRequest;

typedef struct
{
  guint64       n_hits;             /* told */
  AsternStretch stretch;            /* as it was cut; ends where it was full, or given up */
  gboolean      whole;              /* not full, nor given up */
  gint64        took_us;            /* by the host's clock */
} AsternTraceResult;

/* Every event of a kind; not for EXECUTE and MEMORY, which need a place. */
AsternPoint astern_trace_point (AsternPointKind kind);

/* @result (nullable) is filled also when it fails on the way. */
gboolean astern_debugger_trace (AsternDebugger *debugger, AsternClient *client, const AsternTraceRequest *request,
                                AsternTraceResult *result, GError **error);

/* ---- counts ----
 *
 * Each instruction, or each access, of the range is a hit, so this is far slower than to execute: measured on a host of 2020
 * some 2 million hits a
 * second; a trace of interrupts alone takes some 300 million instructions a second.  Stretches of 2 to 20 million instructions are
 * what a user waits for. */

typedef struct { guint64 address, count; } AsternExecutionCount;

/* How often each instruction that begins in linear [start, end), at most ASTERN_MAX_COUNTED_BYTES, was begun: AsternExecutionCount by
 * address, those that never were left out.  All CPUs and address spaces; a repeated string instruction counts once. */
#define ASTERN_MAX_COUNTED_BYTES (1 << 20)
GArray  *astern_debugger_count_executions (AsternDebugger *debugger, AsternClient *client, AsternStretch stretch,
                                           guint64 start, guint64 end, AsternTraceResult *result, GError **error);

typedef struct { guint64 page; guint64 reads, writes, executions; } AsternPageHeat;

/* How often each physical page of memory was read, written (by CPUs and DMA) and executed from: AsternPageHeat by address of the
 * page, those where nothing was left out.  An access counts for the page in which it begins. */
GArray  *astern_debugger_page_heat        (AsternDebugger *debugger, AsternClient *client, AsternStretch stretch,
                                           AsternTraceResult *result, GError **error);
