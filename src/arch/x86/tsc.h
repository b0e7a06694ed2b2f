/* tsc - the time stamp counter as a function of guest time, and back.
 *
 * A CPU's counter counts `tsc_hz` a second of guest time, from `tsc_offset` on, which is what IA32_TSC_ADJUST holds.
 *
 * Threads: pure.
 * Units:   ns of guest time since power-on. */
#pragma once

#include "arch/x86/features.h"
#include "arch/x86/state.h"

static inline guint64
x86_tsc_at (const X86State *state, guint64 now_ns)
{
  if (state->tsc_hz == 1000000000)
    return now_ns + state->tsc_offset;
  return (guint64) ((unsigned __int128) now_ns * state->tsc_hz / 1000000000) + state->tsc_offset;
}

/* The first moment at which the counter has come to @tsc. */
static inline guint64
x86_tsc_ns (const X86State *state, guint64 tsc)
{
  guint64 counted = tsc - state->tsc_offset;

  if (state->tsc_hz == 1000000000)
    return counted;
  return (guint64) (((unsigned __int128) counted * 1000000000 + state->tsc_hz - 1) / state->tsc_hz);
}
