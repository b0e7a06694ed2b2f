/* help-x87.c - the x87's and SSE's state in memory, and whether they may be used.
 *
 * Source: Intel SDM vol. 1, 8.1 (x87 environment), 10.5 (FXSAVE), 13.4 to 13.10 (XSAVE);
 * vol. 3, 2.5 (CR0.EM, MP, NE, TS).
 * Left out: FIP, FDP and FOP are stored as 0 and not kept.  With CR0.NE = 0 a pending x87
 * exception is ignored: no FERR# and IRQ 13.  Segment limits are checked by the lifter. */
#include "config.h"

#include "translate/x86/help-fpu.h"
#include "translate/x86/helpers.h"

#include <string.h>

#define MXCSR_MASK 0xffffu      /* bits that exist */
#define MXCSR_INIT 0x1f80u
#define FCW_INIT   0x037f

enum { XSTATE_X87 = 1, XSTATE_SSE = 2, XSTATE_AVX = 4 };
#define XSAVE_AVX_OFFSET 576
#define XCOMP_COMPACT    (G_GUINT64_CONSTANT (1) << 63)

static void
set_fcw (X86State *s, guint fcw)
{
  s->fcw = (guint16) ((fcw & 0x1f3f) | 0x40);
}

static void
check_pending (X86Cpu *cpu)
{
  if ((cpu->s.fsw & X87_ES) && (cpu->s.cr0 & X86_CR0_NE))
    x86_raise (cpu, X86_EXC_MF);
}

guint64
x86_help_fpu_check (X86Cpu *cpu, guint64 kind, guint64 b, guint64 c)
{
  const X86State *s = &cpu->s;
  guint64 cr0 = s->cr0;

  switch (kind)
    {
    case 0: case 5:
      if (cr0 & (X86_CR0_EM | X86_CR0_TS))
        x86_raise (cpu, X86_EXC_NM);
      if (kind == 0)
        check_pending (cpu);
      break;
    case 1: case 2: case 3:
      if (kind == 3 ? !(s->cr4 & X86_CR4_OSXSAVE) || (s->xcr0 & 6) != 6 : (cr0 & X86_CR0_EM) != 0)
        x86_raise (cpu, X86_EXC_UD);
      if (kind == 2 && !(s->cr4 & X86_CR4_OSFXSR))
        x86_raise (cpu, X86_EXC_UD);
      if (cr0 & X86_CR0_TS)
        x86_raise (cpu, X86_EXC_NM);
      if (kind == 1)
        check_pending (cpu);
      break;
    default:
      if ((cr0 & X86_CR0_MP) && (cr0 & X86_CR0_TS))
        x86_raise (cpu, X86_EXC_NM);
      check_pending (cpu);
      break;
    }
  return 0;
}

/* --- FLDCW, FNINIT, environment --------------------------------------------- */

guint64
x86_help_fldcw (X86Cpu *cpu, guint64 fcw, guint64 b, guint64 c)
{
  set_fcw (&cpu->s, (guint) fcw);
  x87_update_es (&cpu->s);
  x86_update_mode (cpu);
  return 0;
}

guint64
x86_help_fninit (X86Cpu *cpu, guint64 a, guint64 b, guint64 c)
{
  cpu->s.fcw = FCW_INIT;
  x87_set_fsw (&cpu->s, 0);
  cpu->s.ftw = 0;
  x86_update_mode (cpu);
  return 0;
}

/* Tag of physical register @i: 0 valid, 1 zero, 2 special, 3 empty. */
static guint
full_tag (const X86State *s, guint i)
{
  const guint8 *st = s->st[(i - x87_top (s)) & 7];
  guint64 mantissa;
  guint exponent = (st[8] | st[9] << 8) & 0x7fff;

  memcpy (&mantissa, st, 8);
  if (!(s->ftw >> i & 1))
    return 3;
  if (exponent == 0)
    return mantissa == 0 ? 1 : 2;
  if (exponent == 0x7fff || !(mantissa >> 63))
    return 2;
  return 0;
}

/* The environment's bytes: 14 or 28.  Unused halves of the 32-bit form read as ones. */
static guint
put_environment (const X86State *s, guint size, guint8 *out)
{
  guint16 words[3] = { s->fcw, s->fsw, 0 };

  for (guint i = 0; i < 8; i++)
    words[2] |= (guint16) (full_tag (s, i) << 2 * i);
  memset (out, 0, 28);
  if (size == 2)
    {
      memcpy (out, words, 6);
      return 14;
    }
  for (guint i = 0; i < 3; i++)
    {
      guint32 value = 0xffff0000u | words[i];

      memcpy (out + 4 * i, &value, 4);
    }
  memset (out + 26, 0xff, 2);
  return 28;
}

static guint
get_environment (X86State *s, guint size, const guint8 *from)
{
  guint step = size == 2 ? 2 : 4;
  guint16 words[3];

  for (guint i = 0; i < 3; i++)
    memcpy (&words[i], from + step * i, 2);
  set_fcw (s, words[0]);
  x87_set_fsw (s, words[1]);
  s->ftw = 0;
  for (guint i = 0; i < 8; i++)
    if ((words[2] >> 2 * i & 3) != 3)
      s->ftw |= (guint8) (1u << i);
  x87_update_es (s);
  return size == 2 ? 14 : 28;
}

guint64
x86_help_fnstenv (X86Cpu *cpu, guint64 at, guint64 size, guint64 c)
{
  guint8 image[28];
  guint n = put_environment (&cpu->s, (guint) size, image);

  x86_mem_write_bytes (cpu, at, image, n, 0);
  cpu->s.fcw |= 0x3f;
  x87_update_es (&cpu->s);
  x86_update_mode (cpu);
  return 0;
}

guint64
x86_help_fldenv (X86Cpu *cpu, guint64 at, guint64 size, guint64 c)
{
  guint8 image[28];

  x86_mem_read_bytes (cpu, at, image, size == 2 ? 14 : 28, 0);
  get_environment (&cpu->s, (guint) size, image);
  x86_update_mode (cpu);
  return 0;
}

guint64
x86_help_fnsave (X86Cpu *cpu, guint64 at, guint64 size, guint64 c)
{
  guint8 image[108];
  guint n = put_environment (&cpu->s, (guint) size, image);

  for (guint i = 0; i < 8; i++)
    memcpy (image + n + 10 * i, cpu->s.st[i], 10);
  x86_mem_write_bytes (cpu, at, image, n + 80, 0);
  return x86_help_fninit (cpu, 0, 0, 0);
}

guint64
x86_help_frstor (X86Cpu *cpu, guint64 at, guint64 size, guint64 c)
{
  guint8 image[108];
  guint n = size == 2 ? 14 : 28;

  x86_mem_read_bytes (cpu, at, image, n + 80, 0);
  get_environment (&cpu->s, (guint) size, image);
  for (guint i = 0; i < 8; i++)
    memcpy (cpu->s.st[i], image + n + 10 * i, 10);
  x86_update_mode (cpu);
  return 0;
}

guint64
x86_help_ldmxcsr (X86Cpu *cpu, guint64 value, guint64 b, guint64 c)
{
  if (value & ~(guint64) MXCSR_MASK)
    x86_raise_error (cpu, X86_EXC_GP, 0);
  cpu->s.mxcsr = (guint32) value;
  x86_update_mode (cpu);
  return 0;
}

/* --- FXSAVE area ------------------------------------------------------------ */

/* XMM registers that an instruction can name now. */
static guint
n_vectors (const X86Cpu *cpu)
{
  return cpu->mode & X86_MODE_CODE64 ? 16 : 8;
}

static void
put_x87 (const X86State *s, guint8 *area)
{
  memset (area, 0, 24);
  memcpy (area, &s->fcw, 2);
  memcpy (area + 2, &s->fsw, 2);
  area[4] = s->ftw;
  memcpy (area + 32, s->st, sizeof s->st);
}

static void
get_x87 (X86State *s, const guint8 *area)
{
  guint16 fcw, fsw;

  memcpy (&fcw, area, 2);
  memcpy (&fsw, area + 2, 2);
  set_fcw (s, fcw);
  s->fsw = fsw;
  s->ftw = area[4];
  memcpy (s->st, area + 32, sizeof s->st);
  for (guint i = 0; i < 8; i++)
    memset (s->st[i] + 10, 0, 6);
  x87_update_es (s);
}

static void
put_mxcsr (const X86State *s, guint8 *area)
{
  guint32 mask = MXCSR_MASK;

  memcpy (area + 24, &s->mxcsr, 4);
  memcpy (area + 28, &mask, 4);
}

static guint32
mxcsr_in (X86Cpu *cpu, const guint8 *area)
{
  guint32 mxcsr;

  memcpy (&mxcsr, area + 24, 4);
  if (mxcsr & ~MXCSR_MASK)
    x86_raise_error (cpu, X86_EXC_GP, 0);
  return mxcsr;
}

static void
check_fxsave (X86Cpu *cpu, guint64 at)
{
  if (cpu->s.cr0 & (X86_CR0_EM | X86_CR0_TS))
    x86_raise (cpu, X86_EXC_NM);
  if (at & 15)
    x86_raise_error (cpu, X86_EXC_GP, 0);
}

/* Bytes 464 to 511 are the program's; registers that cannot be named are left out. */
guint64
x86_help_fxsave (X86Cpu *cpu, guint64 at, guint64 is_64, guint64 c)
{
  guint8 area[416];
  guint n = n_vectors (cpu);

  check_fxsave (cpu, at);
  x86_mem_probe (cpu, at, 512, IR_MEM_WRITE);
  put_x87 (&cpu->s, area);
  put_mxcsr (&cpu->s, area);
  for (guint i = 0; i < n; i++)
    memcpy (area + 160 + 16 * i, cpu->s.vec[i], 16);
  x86_mem_write_bytes (cpu, at, area, 160 + 16 * n, 0);
  return 0;
}

guint64
x86_help_fxrstor (X86Cpu *cpu, guint64 at, guint64 is_64, guint64 c)
{
  guint8 area[512];
  guint n = n_vectors (cpu);
  guint32 mxcsr;

  check_fxsave (cpu, at);
  x86_mem_read_bytes (cpu, at, area, sizeof area, 0);
  mxcsr = mxcsr_in (cpu, area);
  get_x87 (&cpu->s, area);
  cpu->s.mxcsr = mxcsr;
  for (guint i = 0; i < n; i++)
    memcpy (cpu->s.vec[i], area + 160 + 16 * i, 16);
  x86_update_mode (cpu);
  return 0;
}

/* --- XSAVE area ------------------------------------------------------------- */

static gboolean
is_zero (const guint8 *bytes, guint n)
{
  for (guint i = 0; i < n; i++)
    if (bytes[i] != 0)
      return FALSE;
  return TRUE;
}

/* XINUSE: a component is in use when it is not in its initial state, exactly. */
static guint64
in_use (const X86State *s, gboolean with_mxcsr)
{
  guint64 bits = 0;

  if (s->fcw != FCW_INIT || s->fsw != 0 || s->ftw != 0 || !is_zero ((const guint8 *) s->st, sizeof s->st))
    bits |= XSTATE_X87;
  if (with_mxcsr && s->mxcsr != MXCSR_INIT)
    bits |= XSTATE_SSE;
  for (guint i = 0; i < 16; i++)
    {
      if (!is_zero (s->vec[i], 16))
        bits |= XSTATE_SSE;
      if (!is_zero (s->vec[i] + 16, 16))
        bits |= XSTATE_AVX;
    }
  return bits;
}

static guint64
requested (X86Cpu *cpu, guint64 at)
{
  X86State *s = &cpu->s;

  if (!(s->cr4 & X86_CR4_OSXSAVE))
    x86_raise (cpu, X86_EXC_UD);
  if (s->cr0 & X86_CR0_TS)
    x86_raise (cpu, X86_EXC_NM);
  if (at & 63)
    x86_raise_error (cpu, X86_EXC_GP, 0);
  return ((s->gpr[X86_RDX] << 32) | (guint32) s->gpr[X86_RAX]) & s->xcr0;
}

guint64
x86_help_xsave (X86Cpu *cpu, guint64 at, guint64 variant, guint64 is_64)
{
  const X86State *s = &cpu->s;
  guint64 wanted = requested (cpu, at);
  gboolean compact = variant == 2;
  guint64 used = in_use (s, compact), writes = variant == 0 ? wanted : wanted & used;
  guint n = n_vectors (cpu), size = 576 + (wanted & XSTATE_AVX ? 256 : 0);
  guint8 area[576 + 256];
  guint64 header[8] = { 0 };

  x86_mem_probe (cpu, at, size, IR_MEM_WRITE);
  if (writes & XSTATE_X87)
    {
      put_x87 (s, area);
      x86_mem_write_bytes (cpu, at, area, 24, 0);
      x86_mem_write_bytes (cpu, at + 32, area + 32, 128, 0);
    }
  if (compact ? (writes & XSTATE_SSE) != 0 : (wanted & (XSTATE_SSE | XSTATE_AVX)) != 0)
    {
      put_mxcsr (s, area);
      x86_mem_write_bytes (cpu, at + 24, area + 24, 8, 0);
    }
  for (guint i = 0; i < n; i++)
    {
      memcpy (area + 16 * i, s->vec[i], 16);
      memcpy (area + 256 + 16 * i, s->vec[i] + 16, 16);
    }
  if (writes & XSTATE_SSE)
    x86_mem_write_bytes (cpu, at + 160, area, 16 * n, 0);
  if (writes & XSTATE_AVX)
    x86_mem_write_bytes (cpu, at + XSAVE_AVX_OFFSET, area + 256, 16 * n, 0);
  if (compact)
    {
      header[0] = wanted & used;
      header[1] = wanted | XCOMP_COMPACT;
      x86_mem_write_bytes (cpu, at + 512, header, 16, 0);
    }
  else
    {
      x86_mem_read_bytes (cpu, at + 512, header, 8, 0);
      header[0] = (header[0] & ~wanted) | (wanted & used);
      x86_mem_write_bytes (cpu, at + 512, header, 8, 0);
    }
  return 0;
}

/* SDM vol. 1, 13.8: what a header may say. */
static gboolean
header_is_good (const X86Cpu *cpu, const guint64 *header)
{
  guint64 bv = header[0], comp = header[1];

  if (bv & ~cpu->s.xcr0)
    return FALSE;
  if (!(comp & XCOMP_COMPACT))
    return comp == 0 && header[2] == 0;
  if (!cpu->features->has[X86_FEATURE_XSAVEC])
    return FALSE;
  comp &= ~XCOMP_COMPACT;
  return !(comp & ~cpu->s.xcr0) && !(bv & ~comp) && is_zero ((const guint8 *) &header[2], 48);
}

static void
init_x87 (X86State *s)
{
  s->fcw = FCW_INIT;
  s->fsw = 0;
  s->ftw = 0;
  memset (s->st, 0, sizeof s->st);
}

guint64
x86_help_xrstor (X86Cpu *cpu, guint64 at, guint64 is_64, guint64 c)
{
  X86State *s = &cpu->s;
  guint64 wanted = requested (cpu, at);
  guint n = n_vectors (cpu);
  guint8 area[576 + 256] = { 0 };
  guint64 header[8];
  guint32 mxcsr = s->mxcsr;
  gboolean compact;

  x86_mem_read_bytes (cpu, at, area, 576, 0);
  memcpy (header, area + 512, sizeof header);
  if (!header_is_good (cpu, header))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  compact = (header[1] & XCOMP_COMPACT) != 0;
  if (wanted & header[0] & XSTATE_AVX)
    x86_mem_read_bytes (cpu, at + XSAVE_AVX_OFFSET, area + XSAVE_AVX_OFFSET, 16 * n, 0);
  if (compact ? (wanted & header[0] & XSTATE_SSE) != 0 : (wanted & (XSTATE_SSE | XSTATE_AVX)) != 0)
    mxcsr = mxcsr_in (cpu, area);
  else if (compact && (wanted & XSTATE_SSE))
    mxcsr = MXCSR_INIT;

  if (wanted & header[0] & XSTATE_X87)
    get_x87 (s, area);
  else if (wanted & XSTATE_X87)
    init_x87 (s);
  s->mxcsr = mxcsr;
  for (guint i = 0; i < n; i++)
    {
      if (wanted & XSTATE_SSE)
        {
          if (header[0] & XSTATE_SSE)
            memcpy (s->vec[i], area + 160 + 16 * i, 16);
          else
            memset (s->vec[i], 0, 16);
        }
      if (wanted & XSTATE_AVX)
        memcpy (s->vec[i] + 16, area + XSAVE_AVX_OFFSET + 16 * i, 16);
    }
  x86_update_mode (cpu);
  return 0;
}
