/* help-fpu - the x87 state's own rules, for helpers that change it.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "translate/x86/cpu.h"

#include <string.h>

#define X87_IE 0x0001
#define X87_DE 0x0002
#define X87_ZE 0x0004
#define X87_OE 0x0008
#define X87_UE 0x0010
#define X87_PE 0x0020
#define X87_SF 0x0040
#define X87_ES 0x0080
#define X87_C0 0x0100
#define X87_C1 0x0200
#define X87_C2 0x0400
#define X87_C3 0x4000
#define X87_B  0x8000

static inline guint
x87_top (const X86State *s)
{
  return s->fsw >> 11 & 7;
}

/* ES and B follow from the exceptions that are set and not masked. */
static inline void
x87_update_es (X86State *s)
{
  if (s->fsw & ~s->fcw & 0x3f)
    s->fsw |= X87_ES | X87_B;
  else
    s->fsw &= (guint16) ~(X87_ES | X87_B);
}

/* Gives FSW a new value; the physical registers stay, so that their stack order turns. */
static inline void
x87_set_fsw (X86State *s, guint fsw)
{
  guint turn = ((fsw >> 11 & 7) - x87_top (s)) & 7;
  guint8 old[8][16];

  memcpy (old, s->st, sizeof old);
  for (guint i = 0; i < 8; i++)
    memcpy (s->st[i], old[(i + turn) & 7], 16);
  s->fsw = (guint16) fsw;
}

static inline void
x87_set_top (X86State *s, guint top)
{
  x87_set_fsw (s, (s->fsw & ~0x3800u) | (top & 7) << 11);
}

/* ST(i)'s tag. */
static inline gboolean
x87_is_empty (const X86State *s, guint i)
{
  return !(s->ftw >> ((x87_top (s) + i) & 7) & 1);
}

static inline void
x87_set_empty (X86State *s, guint i, gboolean empty)
{
  guint8 bit = (guint8) (1u << ((x87_top (s) + i) & 7));

  s->ftw = empty ? s->ftw & (guint8) ~bit : s->ftw | bit;
}
