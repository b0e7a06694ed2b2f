/* directed - what random sequences leave out, against the host's CPU: x87 and SSE state
 * in memory (but for the pointers, which are 0 here), and instructions that are computed
 * by us, within the error that their makers allow.  Speaks TAP. */
#include "config.h"

#include "generate.h"
#include "guest.h"
#include "native.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define AT      0x800u        /* RBX points there, in the data pages */
#define ROUNDS  300

typedef struct { guint16 offset, bytes; } Range;

typedef struct
{
  const char *name;
  const char *code;
  guint       n_code;
  Range       open[3];        /* bytes from RBX on that may differ */
} Image;

#define CODE(bytes) bytes, sizeof bytes - 1
#define CLEAR_HEADER "\x48\x8d\xbb\x00\x02\x00\x00\x31\xc0\xb9\x08\x00\x00\x00\xfc\xf3\x48\xab"   /* 64 zeros at RBX + 512 */
#define ALL_STATE    "\xb8\x07\x00\x00\x00\x31\xd2"                                              /* EDX:EAX = 7 */
#define WIPE         "\xdb\xe3\xc5\xfc\x77"                                                      /* FNINIT, VZEROALL */

static const Image images[] = {
  { "fnstenv", CODE ("\xd9\x33"), { { 12, 16 } } },
  { "fnstenv-16", CODE ("\x66\xd9\x33"), { { 6, 8 } } },
  { "fldenv", CODE ("\xd9\x33\xdb\xe3\xd9\x23"), { { 12, 16 } } },
  { "fnsave", CODE ("\xdd\x33"), { { 12, 16 } } },
  { "frstor", CODE ("\xdd\x33\xdb\xe3\xdd\x23"), { { 12, 16 } } },
  { "frstor-16", CODE ("\x66\xdd\x33\xdb\xe3\x66\xdd\x23"), { { 6, 8 } } },
  { "fxsave", CODE ("\x0f\xae\x03"), { { 6, 18 }, { 28, 4 } } },
  { "fxsave64", CODE ("\x48\x0f\xae\x03"), { { 6, 18 }, { 28, 4 } } },
  { "fxrstor", CODE ("\x0f\xae\x03\xdb\xe3\x66\x0f\xef\xdb\x0f\xae\x0b"), { { 6, 18 }, { 28, 4 } } },
  { "xsave", CODE (CLEAR_HEADER ALL_STATE "\x0f\xae\x23"), { { 6, 18 }, { 28, 4 } } },
  { "xrstor", CODE (CLEAR_HEADER ALL_STATE "\x0f\xae\x23" WIPE "\x0f\xae\x2b"), { { 6, 18 }, { 28, 4 } } },
  { "xsavec", CODE (ALL_STATE "\x0f\xc7\x23"), { { 6, 18 }, { 28, 4 } } },
  { "xrstor-compact", CODE (ALL_STATE "\x0f\xc7\x23" WIPE "\x0f\xae\x2b"), { { 6, 18 }, { 28, 4 } } },
  { "xrstor-of-nothing", CODE (CLEAR_HEADER ALL_STATE "\x0f\xae\x2b"), { { 0, 0 } } },
  { "stmxcsr", CODE ("\x0f\xae\x1b"), { { 0, 0 } } },
  { "ldmxcsr", CODE ("\xc7\x03\xbf\x7f\x00\x00\x0f\xae\x13\x0f\x58\xc1"), { { 0, 0 } } },
  { "ldmxcsr-reserved", CODE ("\xc7\x03\x00\x00\x01\x00\x0f\xae\x13"), { { 0, 0 } } },
  { "fldcw", CODE ("\x66\xc7\x03\x7f\x0c\xd9\x2b\xd9\x7b\x08\xd9\xfc"), { { 0, 0 } } },
  { "fldcw-all-bits", CODE ("\x66\xc7\x03\xff\xff\xd9\x2b\xd9\x7b\x08"), { { 0, 0 } } },
};

static const struct { const char *name; guint8 modrm; } functions[] = {
  { "f2xm1", 0xf0 }, { "fyl2x", 0xf1 }, { "fptan", 0xf2 }, { "fpatan", 0xf3 },
  { "fyl2xp1", 0xf9 }, { "fsincos", 0xfb }, { "fsin", 0xfe }, { "fcos", 0xff },
};

typedef struct
{
  OracleCase      *c;
  OracleNative    *native;
  OracleGuest     *guest;
  OracleGenerator *generator;
} Fixture;

static void
prepare (Fixture *f, guint64 seed, gconstpointer code, guint n_code)
{
  OracleCase *c = f->c;

  oracle_generate (f->generator, seed, 0, c);
  memset (c->code, 0xcc, sizeof c->code);
  memcpy (c->code, code, n_code);
  c->in.gpr[X86_RBX] = DATA_BASE + AT;
  c->in.rflags &= ~(guint64) X86_DF;
  c->in.mxcsr |= 0x1f80;
  c->in.fcw |= 0x3f;
}

static void
run (Fixture *f)
{
  guint at;

  g_assert_true (oracle_native_run (f->native, 1, &at));
  oracle_guest_prepare (f->guest, f->c, 1);
  oracle_guest_run (f->guest, f->c);
}

/* --- images -------------------------------------------------------------------------- */

static void
close_ranges (const Image *image, guint8 *data)
{
  for (guint i = 0; i < G_N_ELEMENTS (image->open); i++)
    memset (data + AT + image->open[i].offset, 0, image->open[i].bytes);
}

static void
state_in_memory_is_as_on_the_host (Fixture *f, gconstpointer data)
{
  const Image *image = data;

  for (guint seed = 1; seed <= ROUNDS; seed++)
    {
      OracleCase *c = f->c;

      prepare (f, seed, image->code, image->n_code);
      run (f);
      g_assert_cmpint (c->native.vector, ==, c->guest.vector);
      close_ranges (image, c->native_data);
      close_ranges (image, c->guest_data);
      for (guint i = 0; i < DATA_BYTES; i++)
        if (c->native_data[i] != c->guest_data[i])
          g_test_message ("seed %u, byte %d: native %02x, ours %02x", seed, (gint) i - (gint) AT, c->native_data[i],
                          c->guest_data[i]);
      g_assert_cmpmem (c->native_data, DATA_BYTES, c->guest_data, DATA_BYTES);
      g_assert_cmpmem (c->native.vec, sizeof c->native.vec, c->guest.vec, sizeof c->guest.vec);
      g_assert_cmpmem (c->native.st, sizeof c->native.st, c->guest.st, sizeof c->guest.st);
      g_assert_cmphex (c->native.fcw, ==, c->guest.fcw);
      g_assert_cmphex (c->native.fsw, ==, c->guest.fsw);
      g_assert_cmphex (c->native.ftw, ==, c->guest.ftw);
      g_assert_cmphex (c->native.mxcsr, ==, c->guest.mxcsr);
    }
}

/* C1, PE and UE tell of bits behind the last one, also where the host's are none; C0 and C3 mean nothing. */
#define OPEN_BITS 0x4330

/* --- x87 functions -------------------------------------------------------------------- */

/* Distance in units of the last place; huge when the two are of different kinds. */
static guint64
distance (const guint8 *a, const guint8 *b)
{
  unsigned __int128 x = 0, y = 0;

  memcpy (&x, a, 10);
  memcpy (&y, b, 10);
  if ((a[9] ^ b[9]) & 0x80)
    return x << 49 == 0 && y << 49 == 0 ? 0 : G_MAXUINT64;
  /* The explicit leading bit goes, so that numbers are one behind the other. */
  x = (x >> 64 & 0x7fff) << 63 | (x & G_MAXINT64);
  y = (y >> 64 & 0x7fff) << 63 | (y & G_MAXINT64);
  x = x > y ? x - y : y - x;
  return x > G_MAXUINT64 ? G_MAXUINT64 : (guint64) x;
}

static gboolean
is_circular (guint modrm)
{
  return modrm == 0xf2 || modrm >= 0xfb;
}

/* Numbers that the function is made for: of moderate size in ST(0) and ST(1). */
static void
put_operands (OracleCase *c, guint64 seed, guint modrm)
{
  OracleRandom r = { seed * 77777 + 3 };

  for (guint i = 0; i < 2; i++)
    {
      guint64 mantissa = oracle_random (&r) | G_GUINT64_CONSTANT (1) << 63;
      guint16 exponent = (guint16) (16383 - 20 + oracle_below (&r, 24));
      guint16 sign = (guint16) (oracle_random (&r) & 0x8000);

      /* Makers take their own number of bits of pi: where it matters the results part. */
      if (is_circular (modrm))
        exponent = (guint16) (16383 - 1 - oracle_below (&r, 30));
      if (modrm == 0xf0)
        exponent = (guint16) (16383 - 1 - oracle_below (&r, 30));
      if (modrm == 0xf9 && i == 0)
        exponent = (guint16) (16383 - 3 - oracle_below (&r, 30));
      if (modrm == 0xf1 && i == 0)
        sign = 0;
      exponent |= sign;
      memcpy (c->in.st[i], &mantissa, 8);
      memcpy (c->in.st[i] + 8, &exponent, 2);
    }
  c->in.ftw = 0;
  for (guint i = 0; i < 2; i++)
    c->in.ftw |= (guint8) (1u << (((c->in.fsw >> 11) + i) & 7));
}

static void
function_is_close_to_the_hosts (Fixture *f, gconstpointer data)
{
  guint modrm = GPOINTER_TO_UINT (data);
  const guint8 code[2] = { 0xd9, (guint8) modrm };

  for (guint64 seed = 1; seed <= ROUNDS; seed++)
    {
      OracleCase *c = f->c;

      prepare (f, seed, code, sizeof code);
      put_operands (c, seed, modrm);
      run (f);
      g_assert_cmpint (c->guest.vector, ==, 3);
      g_assert_cmphex (c->native.ftw, ==, c->guest.ftw);
      g_assert_cmphex (c->native.fsw & ~OPEN_BITS, ==, c->guest.fsw & ~OPEN_BITS);
      for (guint i = 0; i < 2; i++)
        g_assert_cmpuint (distance (c->native.st[i], c->guest.st[i]), <=, 2);
    }
}

/* Zeros, infinities, NaNs, denormals, empty registers: random registers of every kind. */
static void
function_treats_special_operands_as_the_host (Fixture *f, gconstpointer data)
{
  guint modrm = GPOINTER_TO_UINT (data);
  const guint8 code[2] = { 0xd9, (guint8) modrm };

  for (guint64 seed = 1; seed <= 10 * ROUNDS; seed++)
    {
      OracleCase *c = f->c;
      guint exponent;

      prepare (f, seed, code, sizeof code);
      exponent = (c->in.st[0][8] | c->in.st[0][9] << 8) & 0x7fff;
      /* F2XM1 and FYL2XP1 are defined near zero alone; the others: see put_operands(). */
      if ((modrm == 0xf0 || modrm == 0xf9 || (is_circular (modrm) && exponent < 16383 + 63)) && exponent >= 16383 - 2 && exponent < 0x7fff)
        continue;
      run (f);
      g_assert_cmphex (c->native.ftw, ==, c->guest.ftw);
      if ((c->native.fsw ^ c->guest.fsw) & ~OPEN_BITS)
        for (guint i = 0; i < 2; i++)
          g_test_message ("seed %u: ST%u %02x%02x %016" G_GINT64_MODIFIER "x", (guint) seed, i, c->in.st[i][9], c->in.st[i][8],
                          *(guint64 *) c->in.st[i]);
      g_assert_cmphex (c->native.fsw & ~OPEN_BITS, ==, c->guest.fsw & ~OPEN_BITS);
      for (guint i = 0; i < 8; i++)
        {
          if (distance (c->native.st[i], c->guest.st[i]) > 2)
            g_test_message ("seed %u, register %u", (guint) seed, i);
          g_assert_cmpuint (distance (c->native.st[i], c->guest.st[i]), <=, 2);
        }
    }
}

/* --- RCPPS, RSQRTPS -------------------------------------------------------------------- */

static void
approximation_is_within_its_error (Fixture *f, gconstpointer data)
{
  const guint8 opcode = GPOINTER_TO_UINT (data);
  const guint8 code[4] = { 0xc5, 0xfc, opcode, 0xca };     /* ymm1 = f (ymm2) */

  for (guint64 seed = 1; seed <= ROUNDS; seed++)
    {
      OracleCase *c = f->c;

      prepare (f, seed, code, sizeof code);
      run (f);
      g_assert_cmphex (c->native.mxcsr, ==, c->guest.mxcsr);
      for (guint i = 0; i < 32; i += 4)
        {
          float native, ours;

          memcpy (&native, &c->native.vec[1][i], 4);
          memcpy (&ours, &c->guest.vec[1][i], 4);
          if (memcmp (&native, &ours, 4) == 0)
            continue;
          /* Makers differ in where they flush results near the least number. */
          if (ABS (ours) < 2.4e-38f && ABS (native) < 2.4e-38f)
            continue;
          g_assert_cmpfloat (ABS (native - ours), <=, ABS (ours) * 3.1 / 4096);
        }
    }
}

static void
set_up (Fixture *f, gconstpointer data)
{
  oracle_make_images ();
  f->c = mmap (NULL, sizeof *f->c, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  f->native = oracle_native_new (f->c);
  f->guest = oracle_guest_new (ASTERN_TIER_INTERP);
  f->generator = oracle_generator_new (oracle_guest_features (f->guest), FALSE, NULL, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  oracle_generator_free (f->generator);
  oracle_guest_free (f->guest);
  oracle_native_free (f->native);
  munmap (f->c, sizeof *f->c);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#ifdef __SANITIZE_ADDRESS__
  g_print ("1..0 # SKIP with AddressSanitizer a machine for each case takes minutes\n");
  return 0;
#endif
  if (!__builtin_cpu_supports ("avx"))
    {
      g_print ("1..0 # SKIP the host has no AVX\n");
      return 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (images); i++)
    {
      g_autofree char *path = g_strdup_printf ("/oracle/state_in_memory_is_as_on_the_host/%s", images[i].name);

      g_test_add (path, Fixture, &images[i], set_up, state_in_memory_is_as_on_the_host, tear_down);
    }
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      g_autofree char *near = g_strdup_printf ("/oracle/function_is_close_to_the_hosts/%s", functions[i].name);
      g_autofree char *special = g_strdup_printf ("/oracle/function_treats_special_operands_as_the_host/%s", functions[i].name);
      gpointer modrm = GUINT_TO_POINTER (functions[i].modrm);

      g_test_add (near, Fixture, modrm, set_up, function_is_close_to_the_hosts, tear_down);
      g_test_add (special, Fixture, modrm, set_up, function_treats_special_operands_as_the_host, tear_down);
    }
  g_test_add ("/oracle/approximation_is_within_its_error/vrcpps", Fixture, GUINT_TO_POINTER (0x53), set_up,
              approximation_is_within_its_error, tear_down);
  g_test_add ("/oracle/approximation_is_within_its_error/vrsqrtps", Fixture, GUINT_TO_POINTER (0x52), set_up,
              approximation_is_within_its_error, tear_down);
  return g_test_run ();
}
