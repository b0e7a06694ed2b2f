/* case - one run that the host's CPU and the engine must agree on: code, the state
 * before, and the state after from either side. */
#pragma once

#include <glib.h>

#include "arch/x86/state.h"

/* Where things lie, for both.  Below 2 GiB, so that 32-bit code can have them too. */
#define CODE_BASE   0x10000000u
#define CODE_PAGES  16u
#define DATA_BASE   0x20000000u
#define DATA_BYTES  0x2000u
#define PAGE        4096u
#define GS_OFFSET   0x40u            /* GS base = DATA_BASE + this */

#define CASE_CODE   256u             /* bytes of code, INT3 behind them */
#define CASE_INSNS  12u
#define N_SLOTS     (CODE_PAGES * PAGE / CASE_CODE)

/* What a program can see.  st in stack order, as X86State has it. */
typedef struct
{
  guint64 gpr[16];
  guint64 rip, rflags;
  guint8  vec[16][32];
  guint8  st[8][16];
  guint32 mxcsr;
  guint16 fcw, fsw;
  guint8  ftw;
  guint8  vector;       /* exception that ended it: 3, INT3, when all went through */
  guint16 reserved;
  guint32 error;        /* its error code */
  guint64 cr2;          /* #PF: the address */
} OracleState;

#define VECTOR_TIMEOUT 255

typedef struct
{
  guint8      start, length;       /* in code */
  guint8      unsafe_vectors;      /* a gather: when it faults, vector registers may differ */
  guint8      unsafe_x87;          /* an instruction that mixes MMX and more: when it faults, x87 state may differ */
  guint8      may_misalign;        /* SHA: AMD lets its operand lie anywhere, Intel and we do not */
  guint8      may_fault;           /* a masked move: elements that are not moved may fault on the host */
  guint8      several_steps;       /* a dot product: #XM may come at its second step, after flags of the first */
  guint8      compares;            /* REP CMPS, SCAS: when it faults, flags are of the last comparison here */
  guint8      reads_two;           /* CMPS: either operand may fault first */
  guint32     undefined_flags;     /* before it */
} OracleInsn;

typedef struct
{
  guint64     seed;
  guint       slot;                /* code lies at CODE_BASE + slot * CASE_CODE */
  guint       n_insns, n_code;
  gboolean    mode32;
  guint8      code[CASE_CODE];
  OracleInsn  insns[CASE_INSNS + 1];   /* the last is the end: flags undefined there */
  guint8      image;               /* which data image it starts with */
  OracleState in, native, guest;
  guint8      native_data[DATA_BYTES], guest_data[DATA_BYTES];
} OracleCase;

#define N_IMAGES 16
extern guint8 oracle_images[N_IMAGES][DATA_BYTES];

static inline guint64
oracle_case_rip (const OracleCase *c)
{
  return CODE_BASE + (guint64) c->slot * CASE_CODE;
}

/* A small generator of our own: the same sequences everywhere. */
typedef struct { guint64 s; } OracleRandom;

static inline guint64
oracle_random (OracleRandom *r)
{
  r->s ^= r->s >> 12;
  r->s ^= r->s << 25;
  r->s ^= r->s >> 27;
  return r->s * G_GUINT64_CONSTANT (2685821657736338717);
}

static inline guint
oracle_below (OracleRandom *r, guint n)
{
  return (guint) ((oracle_random (r) >> 33) % n);
}

static inline gboolean
oracle_percent (OracleRandom *r, guint percent)
{
  return oracle_below (r, 100) < percent;
}
