/* help-vector.c - vector instructions that are computed by us: approximations, masked
 * moves, gathers, string comparisons.
 *
 * Arguments: a = linear address (0: register form), b = what the lifter's describe() and
 * its caller put together (bits 0..3 modrm.reg, 8..11 VEX.vvvv, 16..19 modrm.rm, 24 VEX,
 * 25 L, 27 memory form; from bit 32 on as at each helper), c = IR_MEM_* flags.
 *
 * Source: Intel SDM vol. 2, the instructions' pages; 4.1 for string comparisons.  RCPPS and
 * RSQRTPS are as doc/undefined.md defines them.
 * Left out: a gather that faults has changed nothing; no part of it is kept. */
#include "config.h"

#include "translate/x86/help-fpu.h"
#include "translate/x86/helpers.h"

#include <math.h>

#define REG(b)    ((guint) (b) & 15)
#define VVVV(b)   ((guint) ((b) >> 8) & 15)
#define RM(b)     ((guint) ((b) >> 16) & 15)
#define IS_VEX(b) ((b) >> 24 & 1)
#define L1(b)     ((b) >> 25 & 1)
#define IS_MEM(b) ((b) >> 27 & 1)

/* Writes the low bytes of a vector register; VEX forms clear the rest. */
static void
put_vector (X86State *s, guint n, gconstpointer bytes, guint size, gboolean vex)
{
  memcpy (s->vec[n], bytes, size);
  if (vex)
    memset (s->vec[n] + size, 0, 32 - size);
}

/* --- RCPPS, RCPSS, RSQRTPS, RSQRTSS ------------------------------------------ */

/* 1/x, or 1/sqrt(x) in two roundings to nearest.  Denormal operands count as zero,
 * denormal results become zero; no exception is flagged. */
static guint32
approximate (guint32 bits, gboolean root)
{
  guint32 sign = bits & 0x80000000u, magnitude = bits & 0x7fffffffu;
  float x, r;

  if (magnitude > 0x7f800000u)
    return bits | 0x00400000u;
  if (magnitude < 0x00800000u)
    return sign | 0x7f800000u;
  if (root && sign)
    return 0xffc00000u;
  if (magnitude == 0x7f800000u)
    return sign;
  memcpy (&x, &bits, 4);
  r = root ? 1.0f / sqrtf (x) : 1.0f / x;
  memcpy (&bits, &r, 4);
  return (bits & 0x7f800000u) == 0 ? bits & 0x80000000u : bits;
}

/* b: bit 32 root, 33 scalar. */
guint64
x86_help_rcp_rsqrt (X86Cpu *cpu, guint64 at, guint64 b, guint64 flags)
{
  X86State *s = &cpu->s;
  gboolean scalar = b >> 33 & 1;
  guint size = L1 (b) && !scalar ? 32 : 16;
  guint32 in[8], out[8];

  if (!IS_MEM (b))
    memcpy (in, s->vec[RM (b)], 32);
  else
    {
      if (!scalar && !IS_VEX (b) && (at & 15))
        x86_raise_error (cpu, X86_EXC_GP, 0);
      x86_mem_align (cpu, at, scalar ? 4 : 16, (guint) flags);
      x86_mem_read_bytes (cpu, at, in, scalar ? 4 : size, (guint) flags);
    }
  memcpy (out, s->vec[IS_VEX (b) ? VVVV (b) : REG (b)], 32);
  for (guint i = 0; i < (scalar ? 1 : size / 4); i++)
    out[i] = approximate (in[i], b >> 32 & 1);
  put_vector (s, REG (b), out, size, IS_VEX (b));
  return 0;
}

/* --- masked moves ------------------------------------------------------------ */

static void
masked_load (X86Cpu *cpu, guint64 at, guint64 b, guint element, guint size, guint flags)
{
  const guint8 *mask = cpu->s.vec[VVVV (b)];
  guint8 out[32] = { 0 };

  for (guint i = 0; i < size; i += element)
    if (mask[i + element - 1] & 0x80)
      x86_mem_read_bytes (cpu, at + i, out + i, element, flags);
  put_vector (&cpu->s, REG (b), out, size, TRUE);
}

static void
masked_store (X86Cpu *cpu, guint64 at, const guint8 *data, const guint8 *mask, guint element, guint size, guint flags)
{
  for (guint i = 0; i < size; i += element)
    if (mask[i + element - 1] & 0x80)
      {
        guint64 page = (at + i) & ~ASTERN_PAGE_MASK;

        /* A fault of single bytes shows where the whole operand begins in the page, as CPUs do. */
        if (element == 1 && page <= at)
          x86_mem_probe (cpu, at, 1, flags | IR_MEM_WRITE);
        else
          x86_mem_probe (cpu, element == 1 ? page : at + i, element, flags | IR_MEM_WRITE);
      }
  for (guint i = 0; i < size; i += element)
    if (mask[i + element - 1] & 0x80)
      x86_mem_write_bytes (cpu, at + i, data + i, element, flags);
}

/* b: bits 32..35 bytes of an element, 36 store, 37 MMX, 38 MASKMOVQ or MASKMOVDQU. */
guint64
x86_help_maskmov (X86Cpu *cpu, guint64 at, guint64 b, guint64 flags)
{
  X86State *s = &cpu->s;
  guint element = b >> 32 & 15;
  guint size = L1 (b) ? 32 : 16;

  if (b >> 37 & 1)
    {
      guint top = x87_top (s);

      masked_store (cpu, at, s->st[(REG (b) - top) & 7], s->st[(RM (b) - top) & 7], 1, 8, (guint) flags);
      x87_set_top (s, 0);
      s->ftw = 0xff;
    }
  else if (b >> 38 & 1)
    masked_store (cpu, at, s->vec[REG (b)], s->vec[RM (b)], 1, 16, (guint) flags);
  else if (b >> 36 & 1)
    masked_store (cpu, at, s->vec[REG (b)], s->vec[VVVV (b)], element, size, (guint) flags);
  else
    masked_load (cpu, at, b, element, size, (guint) flags);
  return 0;
}

/* --- gathers ----------------------------------------------------------------- */

/* Linear address of offset @ea for a read of @bytes. */
static guint64
linear_of (X86Cpu *cpu, guint seg, guint64 ea, guint bytes)
{
  const X86Segment *d = &cpu->s.seg[seg];

  if (cpu->mode & X86_MODE_CODE64)
    return seg < X86_FS ? ea : d->base + ea;
  if (ea + bytes - 1 > d->limit || (d->attr & X86_ATTR_UNUSABLE))
    x86_raise_error (cpu, seg == X86_SS ? X86_EXC_SS : X86_EXC_GP, 0);
  return (guint32) (d->base + ea);
}

/* a: offset without the index.  b: bits 32..35 index register, 40..41 scale, 44..47 bytes
 * of an element, 48 indices are quadwords, 52..55 segment, 56..59 bytes of an address. */
guint64
x86_help_gather (X86Cpu *cpu, guint64 base, guint64 b, guint64 flags)
{
  X86State *s = &cpu->s;
  guint element = b >> 44 & 15, scale = b >> 40 & 3, seg = b >> 52 & 15;
  guint index_bytes = b >> 48 & 1 ? 8 : 4;
  guint n = (L1 (b) ? 32 : 16) / MAX (element, index_bytes);
  const guint8 *indices = s->vec[b >> 32 & 15], *mask = s->vec[VVVV (b)];
  guint8 out[32];

  memcpy (out, s->vec[REG (b)], sizeof out);
  for (guint i = 0; i < n; i++)
    {
      gint64 index = 0;
      guint64 ea;

      if (!(mask[(i + 1) * element - 1] & 0x80))
        continue;
      if (index_bytes == 8)
        memcpy (&index, indices + 8 * i, 8);
      else
        {
          gint32 narrow;

          memcpy (&narrow, indices + 4 * i, 4);
          index = narrow;
        }
      ea = base + ((guint64) index << scale);
      if ((b >> 56 & 15) == 4)
        ea = (guint32) ea;
      x86_mem_read_bytes (cpu, linear_of (cpu, seg, ea, element), out + i * element, element, (guint) flags);
    }
  put_vector (s, REG (b), out, n * element, TRUE);
  memset (s->vec[VVVV (b)], 0, 32);
  return 0;
}

/* --- PCMPESTRM, PCMPESTRI, PCMPISTRM, PCMPISTRI ------------------------------- */

typedef struct
{
  gint32 element[16];
  guint  n;           /* valid elements */
} Text;

/* imm bit 0: words, bit 1: signed. */
static void
load_text (Text *text, const guint8 *bytes, guint imm)
{
  guint n = imm & 1 ? 8 : 16;

  text->n = n;
  for (guint i = 0; i < n; i++)
    {
      guint raw = imm & 1 ? bytes[2 * i] | (guint) bytes[2 * i + 1] << 8 : bytes[i];

      text->element[i] = !(imm & 2) ? (gint32) raw : imm & 1 ? (gint16) raw : (gint8) raw;
      if (raw == 0 && text->n == n)
        text->n = i;
    }
}

static guint
explicit_length (guint64 value, gboolean wide, guint n)
{
  gint64 length = wide ? (gint64) value : (gint32) value;

  if (length < -(gint64) n || length > (gint64) n)
    return n;
  return (guint) (length < 0 ? -length : length);
}

/* SDM vol. 2, 4.1.4 and table 4-7: IntRes1. */
static guint
aggregate (const Text *reg, const Text *rm, guint how, guint n)
{
  guint bits = 0;

  for (guint j = 0; j < n; j++)
    {
      gboolean hit = how == 3;

      switch (how)
        {
        case 0:
          for (guint i = 0; i < reg->n && j < rm->n; i++)
            hit |= reg->element[i] == rm->element[j];
          break;
        case 1:
          for (guint i = 0; i + 1 < reg->n && j < rm->n; i += 2)
            hit |= reg->element[i] <= rm->element[j] && rm->element[j] <= reg->element[i + 1];
          break;
        case 2:
          hit = j < reg->n && j < rm->n ? reg->element[j] == rm->element[j] : j >= reg->n && j >= rm->n;
          break;
        default:
          for (guint i = 0; i < reg->n && i + j < n; i++)
            hit &= i + j < rm->n && reg->element[i] == rm->element[i + j];
          break;
        }
      bits |= (guint) hit << j;
    }
  return bits;
}

static void
put_mask (X86State *s, guint bits, guint imm, gboolean vex)
{
  guint8 out[16] = { (guint8) bits, (guint8) (bits >> 8) };

  if (imm & 0x40)
    for (guint i = 0; i < 16; i++)
      out[i] = bits >> (imm & 1 ? i / 2 : i) & 1 ? 0xff : 0;
  put_vector (s, 0, out, 16, vex);
}

guint64
x86_pcmpstr (X86Cpu *cpu, const IrHost *host, guint64 at)
{
  X86State *s = &cpu->s;
  guint imm = host->imm, n = imm & 1 ? 8 : 16, bits;
  guint8 second[16];
  guint32 eflags = 0;
  Text reg, rm;

  if (host->rm_kind == IR_HOST_MEM)
    {
      x86_mem_align (cpu, at, 16, host->mem);
      x86_mem_read_bytes (cpu, at, second, 16, host->mem);
    }
  else
    memcpy (second, s->vec[host->rm], 16);
  load_text (&reg, s->vec[host->reg], imm);
  load_text (&rm, second, imm);
  if (!(host->opcode & 2))
    {
      reg.n = explicit_length (s->gpr[X86_RAX], host->w, n);
      rm.n = explicit_length (s->gpr[X86_RDX], host->w, n);
    }
  bits = aggregate (&reg, &rm, imm >> 2 & 3, n);
  if (imm & 0x10)
    bits ^= imm & 0x20 ? (1u << rm.n) - 1 : (1u << n) - 1;

  if (!(host->opcode & 1))
    put_mask (s, bits, imm, host->encoding == IR_HOST_VEX);
  if (bits)
    eflags |= X86_CF;
  if (rm.n < n)
    eflags |= X86_ZF;
  if (reg.n < n)
    eflags |= X86_SF;
  if (bits & 1)
    eflags |= X86_OF;
  x86_flags_set (cpu, eflags);
  if (bits == 0)
    return n;
  return imm & 0x40 ? 31u - (guint) __builtin_clz (bits) : (guint) __builtin_ctz (bits);
}
