/* calls.c - pure functions of integers that IR calls.
 *
 * Source: Intel SDM vol. 2: RCL, RCR, PDEP, PEXT, CRC32. */
#include "config.h"

#include "translate/x86/helpers.h"

const X86CallFunc x86_calls[X86_N_CALLS] = {
#define X(name, meaning) [X86_CALL_##name] = x86_call_##name,
  X86_CALLS (X)
#undef X
};

typedef struct { guint64 value; guint carry; } Rotated;

/* @b: count | bits << 8. */
static Rotated
rotate_left (guint64 a, guint64 b, guint64 carry)
{
  guint bits = (guint) (b >> 8);
  guint count = (guint) (b & 0xff) % (bits + 1);
  unsigned __int128 mask = ((unsigned __int128) 1 << (bits + 1)) - 1;
  unsigned __int128 all = (unsigned __int128) (carry & 1) << bits | a;

  all = (all << count | all >> (bits + 1 - count)) & mask;
  return (Rotated) { (guint64) (all & (mask >> 1)), (guint) (all >> bits) & 1 };
}

static Rotated
rotate_right (guint64 a, guint64 b, guint64 carry)
{
  guint bits = (guint) (b >> 8);
  guint count = (guint) (b & 0xff) % (bits + 1);

  return rotate_left (a, (guint64) bits << 8 | (bits + 1 - count), carry);
}

static guint
bit (guint64 value, guint n)
{
  return (guint) (value >> n) & 1;
}

static guint64
carry_and_overflow (guint carry, guint overflow)
{
  return carry | (guint64) (carry ^ overflow) << 7;
}

guint64
x86_call_rcl (guint64 a, guint64 b, guint64 c)
{
  return rotate_left (a, b, c).value;
}

guint64
x86_call_rcr (guint64 a, guint64 b, guint64 c)
{
  return rotate_right (a, b, c).value;
}

guint64
x86_call_rcl_flags (guint64 a, guint64 b, guint64 c)
{
  Rotated r = rotate_left (a, b, c);

  return carry_and_overflow (r.carry, bit (r.value, (guint) (b >> 8) - 1) ^ r.carry);
}

guint64
x86_call_rcr_flags (guint64 a, guint64 b, guint64 c)
{
  guint top = (guint) (b >> 8) - 1;
  Rotated r = rotate_right (a, b, c);

  return carry_and_overflow (r.carry, bit (r.value, top) ^ bit (r.value, top - 1));
}

guint64
x86_call_pdep (guint64 a, guint64 b, guint64 c)
{
  guint64 result = 0;

  for (; b != 0; b &= b - 1, a >>= 1)
    if (a & 1)
      result |= b & -b;
  return result;
}

guint64
x86_call_pext (guint64 a, guint64 b, guint64 c)
{
  guint64 result = 0;

  for (guint n = 0; b != 0; b &= b - 1, n++)
    if (a & (b & -b))
      result |= G_GUINT64_CONSTANT (1) << n;
  return result;
}

/* Polynomial 11EDC6F41, bits reflected. */
guint64
x86_call_crc32 (guint64 a, guint64 b, guint64 c)
{
  guint32 crc = (guint32) a;

  for (guint i = 0; i < c; i++)
    {
      crc ^= (guint8) (b >> (8 * i));
      for (guint k = 0; k < 8; k++)
        crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    }
  return crc;
}
