/* help-x87-math.c - x87 transcendentals, computed by us so that they are the same on any
 * host: in 113 bits by libquadmath, then rounded once to 64.  And FCMOVcc.
 *
 * Source: Intel SDM vol. 2, the instructions' tables; vol. 1, 4.9 and 8.4 (exceptions),
 * table 4-7 (which NaN).
 * Left out: operands outside an instruction's documented range give what the function
 * is there; with overflow or underflow unmasked the result is not scaled. */
#include "config.h"

#include "translate/x86/help-fpu.h"
#include "translate/x86/helpers.h"
#include "translate/x86/host-run.h"

typedef __float128 Quad;

/* libquadmath, whose header clang does not have. */
extern Quad sinq (Quad), cosq (Quad), tanq (Quad), atan2q (Quad, Quad), expm1q (Quad), log2q (Quad), log1pq (Quad);

/* ln 2 and log2 e: more digits than 113 bits hold. */
#define LN_2   0.693147180559945309417232121458176568075500134360255254Q
#define LOG2_E 1.442695040888963407359924681001892137426645954152985934Q

#define BIG_EXPONENT 0x7fff
#define BIAS         16383

typedef enum { ZERO, DENORMAL, NORMAL, INFINITE, QUIET, SIGNALLING, UNSUPPORTED } Class;

typedef struct
{
  guint64 mantissa;
  guint16 sign_exponent;
} F80;

static const F80 default_nan = { G_GUINT64_CONSTANT (0xc000000000000000), 0xffff };
static const F80 one = { G_GUINT64_CONSTANT (1) << 63, BIAS };

static F80
get_st (const X86State *s, guint i)
{
  F80 v;

  memcpy (&v.mantissa, s->st[i], 8);
  memcpy (&v.sign_exponent, s->st[i] + 8, 2);
  return v;
}

static void
put_st (X86State *s, guint i, F80 v)
{
  memset (s->st[i], 0, 16);
  memcpy (s->st[i], &v.mantissa, 8);
  memcpy (s->st[i] + 8, &v.sign_exponent, 2);
  x87_set_empty (s, i, FALSE);
}

static Class
class_of (F80 v)
{
  guint exponent = v.sign_exponent & 0x7fff;

  if (exponent == 0)
    return v.mantissa == 0 ? ZERO : DENORMAL;
  if (!(v.mantissa >> 63))
    return UNSUPPORTED;
  if (exponent != BIG_EXPONENT)
    return NORMAL;
  if (v.mantissa << 1 == 0)
    return INFINITE;
  return v.mantissa >> 62 & 1 ? QUIET : SIGNALLING;
}

static gboolean
is_nan (Class c)
{
  return c >= QUIET;
}

/* --- to and from 113 bits ---------------------------------------------------- */

typedef unsigned __int128 Bits;

static Quad
quad_of_bits (Bits bits)
{
  Quad q;

  memcpy (&q, &bits, sizeof q);
  return q;
}

static Bits
bits_of_quad (Quad q)
{
  Bits bits;

  memcpy (&bits, &q, sizeof bits);
  return bits;
}

static Quad
to_quad (F80 v)
{
  guint exponent = v.sign_exponent & 0x7fff;
  Bits bits = (Bits) v.mantissa << 49;

  if (exponent == 0 && v.mantissa >> 63)      /* pseudo-denormal */
    exponent = 1;
  bits = (bits & (((Bits) 1 << 112) - 1)) | (Bits) exponent << 112 | (Bits) (v.sign_exponent >> 15) << 127;
  return quad_of_bits (bits);
}

/* Rounds as FCW says; adds PE, UE, OE and C1 to *@status.  @inexact: the true value is not exactly @q. */
static F80
round_to_f80 (Quad q, guint rc, gboolean inexact, guint *status)
{
  Bits bits = bits_of_quad (q);
  guint negative = (guint) (bits >> 127) & 1;
  guint exponent = (guint) (bits >> 112) & 0x7fff;
  Bits significand = bits & (((Bits) 1 << 112) - 1);
  const Bits half = (Bits) 1 << 48;
  guint64 mantissa;
  Bits rest;
  gboolean up;

  if (exponent == BIG_EXPONENT)
    {
      /* The functions are finite where they are called: it was too large. */
      *status |= X87_OE | X87_PE;
      up = rc == 0 || rc == (negative ? 1u : 2u);
      if (up)
        *status |= X87_C1;
      return up ? (F80) { G_GUINT64_CONSTANT (1) << 63, (guint16) (negative << 15 | BIG_EXPONENT) }
                : (F80) { G_MAXUINT64, (guint16) (negative << 15 | (BIG_EXPONENT - 1)) };
    }
  if (exponent != 0)
    significand |= (Bits) 1 << 112;
  mantissa = (guint64) (significand >> 49);
  rest = significand & (((Bits) 1 << 49) - 1);
  if (rest == 0 && !inexact)
    return (F80) { mantissa, (guint16) (negative << 15 | exponent) };

  *status |= X87_PE;
  if (exponent == 0)
    *status |= X87_UE;
  switch (rc)
    {
    case 0: up = rest > half || (rest == half && (inexact || (mantissa & 1))); break;
    case 1: up = negative; break;
    case 2: up = !negative; break;
    default: up = FALSE; break;
    }
  if (up)
    {
      *status |= X87_C1;
      mantissa++;
      if (mantissa == 0)
        {
          mantissa = G_GUINT64_CONSTANT (1) << 63;
          exponent++;
        }
      else if (exponent == 0 && mantissa >> 63)
        exponent = 1;
      if (exponent == BIG_EXPONENT)
        *status |= X87_OE;
    }
  return (F80) { mantissa, (guint16) (negative << 15 | exponent) };
}

/* --- exceptions -------------------------------------------------------------- */

/* Sets flags; TRUE when an unmasked one forbids the operation. */
static gboolean
flag (X86State *s, guint status)
{
  s->fsw = (guint16) ((s->fsw & ~X87_C1) | status);
  x87_update_es (s);
  return (status & ~s->fcw & (X87_IE | X87_DE | X87_ZE)) != 0;
}

/* Both NaNs or one: the larger significand, made quiet. */
static F80
choose_nan (F80 a, F80 b)
{
  F80 r;

  if (!is_nan (class_of (a)))
    r = b;
  else if (!is_nan (class_of (b)))
    r = a;
  else if (class_of (a) == SIGNALLING && class_of (b) == QUIET)
    r = b;
  else if (class_of (a) == QUIET && class_of (b) == SIGNALLING)
    r = a;
  else if (a.mantissa != b.mantissa)
    r = a.mantissa > b.mantissa ? a : b;
  else
    r = a.sign_exponent < b.sign_exponent ? a : b;
  r.mantissa |= G_GUINT64_CONSTANT (1) << 62;
  return r;
}

/* What operands alone decide: empty registers, unsupported formats, NaNs.  TRUE: *@result
 * is it (with @status set), whatever the function is. */
static gboolean
operands_decide (const X86State *s, guint n, F80 *result, guint *status)
{
  F80 a = get_st (s, 0), b = n > 1 ? get_st (s, 1) : a;
  Class ca = class_of (a), cb = class_of (b);

  if (x87_is_empty (s, 0) || (n > 1 && x87_is_empty (s, 1)))
    {
      *status = X87_IE | X87_SF;
      *result = default_nan;
      return TRUE;
    }
  if (ca == UNSUPPORTED || cb == UNSUPPORTED)
    {
      *status = X87_IE;
      *result = default_nan;
      return TRUE;
    }
  if (is_nan (ca) || is_nan (cb))
    {
      if (ca == SIGNALLING || cb == SIGNALLING)
        *status = X87_IE;
      *result = choose_nan (a, b);
      return TRUE;
    }
  if (ca == DENORMAL || cb == DENORMAL)
    *status = X87_DE;
  return FALSE;
}

static void
push (X86State *s, F80 v)
{
  x87_set_top (s, x87_top (s) - 1);
  put_st (s, 0, v);
}

static void
pop (X86State *s)
{
  x87_set_empty (s, 0, TRUE);
  x87_set_top (s, x87_top (s) + 1);
}

static guint
rounding (const X86State *s)
{
  return s->fcw >> 10 & 3;
}

/* --- FSIN, FCOS, FSINCOS, FPTAN ------------------------------------------------ */

enum { SIN, COS, SINCOS, TAN };

/* The one result of FSIN, FCOS, FPTAN, or of FSINCOS's sine or cosine. */
static F80
circular (F80 x, guint what, guint rc, guint *status)
{
  Class c = class_of (x);
  Quad q = to_quad (x);

  if (c == ZERO)
    return what == COS ? one : x;
  return round_to_f80 (what == SIN ? sinq (q) : what == COS ? cosq (q) : tanq (q), rc, TRUE, status);
}

static void
trigonometric (X86State *s, guint what)
{
  gboolean pushes = what == SINCOS || what == TAN;
  F80 x = get_st (s, 0), r, second;
  guint status = 0, second_status = 0;
  gboolean decided;

  s->fsw &= (guint16) ~X87_C2;
  if (pushes && !x87_is_empty (s, 7) && !x87_is_empty (s, 0))
    {
      if (flag (s, X87_IE | X87_SF | X87_C1))
        return;
      put_st (s, 0, default_nan);
      push (s, default_nan);
      return;
    }
  decided = operands_decide (s, 1, &r, &status);
  second = r;
  if (!decided && class_of (x) == INFINITE)
    {
      status |= X87_IE;
      r = second = default_nan;
    }
  else if (!decided && (x.sign_exponent & 0x7fff) >= BIAS + 63)
    {
      s->fsw = (guint16) ((s->fsw & ~X87_C1) | X87_C2);
      return;
    }
  else if (!decided)
    {
      r = circular (x, what == SINCOS ? SIN : what, rounding (s), &status);
      second = what == TAN ? one : circular (x, COS, rounding (s), &second_status);
      if (what == SINCOS)
        status = (status & ~(guint) X87_C1) | second_status;
    }
  if (flag (s, status))
    return;
  put_st (s, 0, r);
  if (pushes)
    push (s, second);
}

/* --- F2XM1 --------------------------------------------------------------------- */

static void
power_of_two_minus_one (X86State *s)
{
  F80 x = get_st (s, 0), r;
  guint status = 0;

  if (!operands_decide (s, 1, &r, &status))
    {
      Class c = class_of (x);
      gboolean negative = x.sign_exponent >> 15;

      if (c == ZERO || (c == INFINITE && !negative))
        r = x;
      else if (c == INFINITE)
        r = (F80) { one.mantissa, BIAS | 0x8000 };
      else if (x.mantissa == one.mantissa && (x.sign_exponent & 0x7fff) == BIAS)
        r = negative ? (F80) { one.mantissa, (BIAS - 1) | 0x8000 } : one;
      else
        r = round_to_f80 (expm1q (to_quad (x) * LN_2), rounding (s), TRUE, &status);
    }
  if (!flag (s, status))
    put_st (s, 0, r);
}

/* --- FYL2X, FYL2XP1, FPATAN: ST(1) = f (ST(1), ST(0)), pop ------------------------ */

/* @log: sign of the logarithm's value, and whether it is infinite or zero. */
static F80
product_special (F80 y, gboolean log_negative, gboolean log_zero, guint *status)
{
  guint sign = (y.sign_exponent >> 15) ^ (log_negative ? 1u : 0u);
  Class cy = class_of (y);

  if (log_zero ? cy == INFINITE : cy == ZERO)
    {
      *status |= X87_IE;
      return default_nan;
    }
  if (log_zero)
    return (F80) { 0, (guint16) (sign << 15) };
  return (F80) { one.mantissa, (guint16) (sign << 15 | BIG_EXPONENT) };
}

static gboolean
is_power_of_two (F80 x)
{
  return class_of (x) == NORMAL && x.mantissa == one.mantissa;
}

static F80
y_log2_x (F80 y, F80 x, guint rc, guint *status)
{
  Class cx = class_of (x), cy = class_of (y);
  gboolean negative = x.sign_exponent >> 15;

  if (cx == ZERO)
    {
      if (cy != ZERO && cy != INFINITE)
        *status |= X87_ZE;
      return product_special (y, TRUE, FALSE, status);
    }
  if (negative)
    {
      *status |= X87_IE;
      return default_nan;
    }
  if (cx == INFINITE)
    return product_special (y, FALSE, FALSE, status);
  if (x.sign_exponent == BIAS && x.mantissa == one.mantissa)
    return product_special (y, FALSE, TRUE, status);
  if (cy == INFINITE || cy == ZERO)
    {
      gboolean below_one = x.sign_exponent < BIAS;

      return (F80) { y.mantissa, (guint16) (y.sign_exponent ^ (below_one ? 0x8000 : 0)) };
    }
  if (is_power_of_two (x))
    return round_to_f80 (to_quad (y) * (Quad) (x.sign_exponent - BIAS), rc, FALSE, status);
  return round_to_f80 (to_quad (y) * log2q (to_quad (x)), rc, TRUE, status);
}

static F80
y_log2_x_plus_1 (F80 y, F80 x, guint rc, guint *status)
{
  Class cx = class_of (x), cy = class_of (y);
  gboolean negative = x.sign_exponent >> 15;
  Quad q = to_quad (x);

  if (cx == ZERO)
    return product_special (y, negative, TRUE, status);
  if (cx == INFINITE && !negative)
    return product_special (y, FALSE, FALSE, status);
  if (q <= -1)
    {
      *status |= X87_IE;
      return default_nan;
    }
  if (cy == INFINITE || cy == ZERO)
    return (F80) { y.mantissa, (guint16) (y.sign_exponent ^ (negative ? 0x8000 : 0)) };
  return round_to_f80 (to_quad (y) * (log1pq (q) * LOG2_E), rc, TRUE, status);
}

static F80
arctangent (F80 y, F80 x, guint rc, guint *status)
{
  Quad q = atan2q (to_quad (y), to_quad (x));
  gboolean exact = class_of (y) == ZERO && !(x.sign_exponent >> 15);

  if (class_of (y) != INFINITE && class_of (x) == INFINITE && !(x.sign_exponent >> 15))
    exact = TRUE;
  return round_to_f80 (q, rc, !exact, status);
}

static void
binary (X86State *s, F80 (*f) (F80 y, F80 x, guint rc, guint *status))
{
  guint status = 0;
  F80 r;

  if (!operands_decide (s, 2, &r, &status))
    r = f (get_st (s, 1), get_st (s, 0), rounding (s), &status);
  if (status & (X87_IE | X87_ZE))      /* come before it */
    status &= ~(guint) X87_DE;
  if (flag (s, status))
    return;
  put_st (s, 1, r);
  pop (s);
}

/* --- all of them ------------------------------------------------------------------ */

/* a: the opcode, and its ModRM byte in bits 8..15. */
guint64
x86_help_x87_compute (X86Cpu *cpu, guint64 a, guint64 b, guint64 c)
{
  X86State *s = &cpu->s;
  guint opcode = a & 0xff, modrm = a >> 8 & 0xff;

  if (opcode != 0xd9)
    {
      /* FCMOVcc: as it is, with the guest's flags. */
      IrHost host = { .encoding = IR_HOST_X87, .opcode = (guint8) opcode, .reg_kind = IR_HOST_FIXED,
                      .reg = modrm >> 3 & 7, .rm_kind = IR_HOST_FIXED, .rm = modrm & 7 };
      guint32 flags;

      host_run (cpu, &host, NULL, 0, 0, &flags);
      return 0;
    }
  switch (modrm)
    {
    case 0xf0: power_of_two_minus_one (s); break;
    case 0xf1: binary (s, y_log2_x); break;
    case 0xf2: trigonometric (s, TAN); break;
    case 0xf3: binary (s, arctangent); break;
    case 0xf9: binary (s, y_log2_x_plus_1); break;
    case 0xfb: trigonometric (s, SINCOS); break;
    case 0xfe: trigonometric (s, SIN); break;
    case 0xff: trigonometric (s, COS); break;
    default: g_assert_not_reached ();
    }
  return 0;
}
