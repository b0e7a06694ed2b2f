/* ir-interp.c - the IR interpreter.
 *
 * One function a kind of operation, in the order of IR_OPS; slow on purpose where
 * that keeps it plain.  HOST operations are the one thing it cannot do by itself:
 * host-run executes them on this host, but for string comparisons. */
#include "config.h"

#include "translate/ir-interp.h"

#include "translate/x86/helpers.h"
#include "translate/x86/host-run.h"

#include <string.h>

static inline guint64
mask_of (guint type)
{
  return type == IR_I64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << IR_BITS (type)) - 1;
}

static inline gint64
sext (guint64 value, guint type)
{
  guint shift = 64 - IR_BITS (type);

  return (gint64) (value << shift) >> shift;
}

static inline guint64
get_slot (const X86State *s, gint64 offset, guint type)
{
  const guint8 *at = (const guint8 *) s + offset;

  switch (type)
    {
    case IR_I8:  return *at;
    case IR_I16: return *(const guint16 *) at;
    case IR_I32: return *(const guint32 *) at;
    default:     return *(const guint64 *) at;
    }
}

static inline void
put_slot (X86State *s, gint64 offset, guint type, guint64 value)
{
  guint8 *at = (guint8 *) s + offset;

  switch (type)
    {
    case IR_I8:  *at = (guint8) value; break;
    case IR_I16: *(guint16 *) at = (guint16) value; break;
    case IR_I32: *(guint32 *) at = (guint32) value; break;
    default:     *(guint64 *) at = value; break;
    }
}

static guint64
shift (guint op, guint type, guint64 a, guint count)
{
  guint bits = IR_BITS (type);

  count &= 63;
  switch (op)
    {
    case IR_SHL: return count >= bits ? 0 : a << count;
    case IR_SHR: return count >= bits ? 0 : (a & mask_of (type)) >> count;
    case IR_SAR: return (guint64) (sext (a, type) >> MIN (count, 63));
    default: break;
    }
  count %= bits;
  a &= mask_of (type);
  if (count == 0)
    return a;
  if (op == IR_ROR)
    count = bits - count;
  return a << count | a >> (bits - count);
}

static guint64
multiply_high (guint op, guint type, guint64 a, guint64 b)
{
  if (op == IR_MULHU)
    return (guint64) (((unsigned __int128) (a & mask_of (type)) * (b & mask_of (type))) >> IR_BITS (type));
  return (guint64) (((__int128) sext (a, type) * sext (b, type)) >> IR_BITS (type));
}

static gboolean
multiply_overflows (guint type, guint64 a, guint64 b)
{
  __int128 product = (__int128) sext (a, type) * sext (b, type);

  return product != sext ((guint64) product, type);
}

/* DIVU, DIVS: SDM vol. 2, DIV and IDIV. */
static void
divide (X86Cpu *cpu, gboolean is_signed, guint type, guint64 d)
{
  X86State *s = &cpu->s;
  guint bits = IR_BITS (type);
  unsigned __int128 n, q, r;

  d &= mask_of (type);
  if (d == 0)
    x86_raise (cpu, X86_EXC_DE);
  if (type == IR_I8)
    n = s->gpr[X86_RAX] & 0xffff;
  else
    n = (unsigned __int128) (s->gpr[X86_RDX] & mask_of (type)) << bits | (s->gpr[X86_RAX] & mask_of (type));
  if (is_signed)
    {
      guint unused = 128 - 2 * bits;
      __int128 sn = unused ? (__int128) (n << unused) >> unused : (__int128) n;
      __int128 sd = sext (d, type), sq;

      /* The most negative dividend by -1 overflows the host's division too. */
      if (sd == -1)
        {
          sq = (__int128) (0 - (unsigned __int128) sn);
          r = 0;
          if (sn < 0 && sq < 0)
            x86_raise (cpu, X86_EXC_DE);
        }
      else
        {
          sq = sn / sd;
          r = (unsigned __int128) (sn % sd);
        }
      if (sq != sext ((guint64) sq, type))
        x86_raise (cpu, X86_EXC_DE);
      q = (unsigned __int128) sq;
    }
  else
    {
      q = n / d;
      r = n % d;
      if (q > mask_of (type))
        x86_raise (cpu, X86_EXC_DE);
    }
  if (type == IR_I8)
    put_slot (s, G_STRUCT_OFFSET (X86State, gpr[X86_RAX]), IR_I16, (guint64) (q & 0xff) | (guint64) (r & 0xff) << 8);
  else if (type == IR_I32)
    {
      s->gpr[X86_RAX] = (guint32) q;
      s->gpr[X86_RDX] = (guint32) r;
    }
  else
    {
      put_slot (s, G_STRUCT_OFFSET (X86State, gpr[X86_RAX]), type, (guint64) q);
      put_slot (s, G_STRUCT_OFFSET (X86State, gpr[X86_RDX]), type, (guint64) r);
    }
}

/* SDM vol. 3, 5.3; the limit is in bytes already. */
static void
segment_check (X86Cpu *cpu, guint seg, gboolean write, guint64 offset, guint bytes)
{
  const X86Segment *d = &cpu->s.seg[seg];
  gboolean code = (d->attr & 8) != 0;
  guint64 last = (offset & G_MAXUINT32) + bytes - 1;
  gboolean ok;

  if (d->attr & X86_ATTR_UNUSABLE)
    ok = FALSE;
  else if (!(cpu->mode & X86_MODE_PE) || (cpu->mode & X86_MODE_VM))
    ok = last <= d->limit;
  else
    {
      ok = code ? !write && ((d->attr & 2) != 0 || seg == X86_CS) : !write || (d->attr & 2) != 0;
      if (!code && (d->attr & 4))
        ok = ok && (offset & G_MAXUINT32) > d->limit
             && last <= ((d->attr & X86_ATTR_DB) ? G_MAXUINT32 : 0xffff);
      else
        ok = ok && last <= d->limit;
    }
  if (!ok)
    x86_raise_error (cpu, seg == X86_SS ? X86_EXC_SS : X86_EXC_GP, 0);
}

static void
set_flags (X86Cpu *cpu, const IrInsn *op, guint64 a, guint64 b, gboolean has_count, guint64 c)
{
  guint cc = op->aux;

  if (cc == CC_ADC)
    cc = c & 1 ? CC_ADC1 : CC_ADD;
  else if (cc == CC_SBB)
    cc = c & 1 ? CC_SBB1 : CC_SUB;
  else if (has_count && (c & 0xff) == 0)
    return;
  cpu->cc_op = cc;
  cpu->cc_type = op->type;
  cpu->cc_res = a;
  cpu->cc_src = b;
  cpu->cc_over_op = CC_OVER_NONE;
}

/* CC_OVER_CF keeps an older rotate's OF: that overlay is then settled first. */
static void
set_overlay (X86Cpu *cpu, const IrInsn *op, guint64 a)
{
  if (op->aux == CC_OVER_CF && cpu->cc_over_op > CC_OVER_CF)
    x86_flags_set (cpu, x86_flags_arith (cpu));
  cpu->cc_over_op = op->aux;
  cpu->cc_over_type = op->type;
  cpu->cc_over = a;
}

/* What alignment checking wants of a vector or x87 operand (SDM vol. 3A, table 6-7). */
static inline guint
alignment_of (guint bytes)
{
  return bytes == 10 ? 8 : MIN (bytes, 16);
}

static guint64
run_host (X86Cpu *cpu, const IrHost *host, guint64 a, guint64 b)
{
  guint8 bounce[64] __attribute__ ((aligned (64)));
  gpointer memory = NULL;
  guint32 flags = 0;
  guint64 result;

  if (host->string)
    return x86_pcmpstr (cpu, host, a);
  if (host->rm_kind == IR_HOST_MEM)
    {
      memory = bounce;
      if ((host->mem & IR_MEM_ALIGN) && (a & (host->mem_bytes - 1)))
        x86_raise_error (cpu, X86_EXC_GP, 0);
      x86_mem_align (cpu, a, alignment_of (host->mem_bytes), host->mem);
      if (host->rm_written)
        x86_mem_probe (cpu, a, host->mem_bytes, host->mem | IR_MEM_WRITE);
      if (host->rm_read || !host->rm_written)
        x86_mem_read_bytes (cpu, a, bounce, host->mem_bytes, host->mem);
    }
  result = host_run (cpu, host, memory, a, b, &flags);
  if (memory != NULL && host->rm_written && !(flags & HOST_RUN_NO_STORE))
    x86_mem_write_bytes (cpu, a, bounce, host->mem_bytes, host->mem);
  if (host->flags_out)
    x86_flags_set (cpu, flags & X86_ARITH);
  return result;
}

void
ir_interp_run (X86Cpu *cpu, const IrBlock *block)
{
  guint64 values[IR_MAX_OPS];
  const IrInsn *const ops = block->ops;
  X86State *const s = &cpu->s;
  gint64 retires = 0;      /* 1 while an instruction that counts is under way */

  for (guint i = 1; i < block->n_ops; i++)
    {
      const IrInsn *op = &ops[i];
      guint64 a = op->a != IR_NONE ? values[op->a] : 0;
      guint64 b = op->b != IR_NONE ? values[op->b] : 0;
      guint64 c = op->c != IR_NONE ? values[op->c] : 0;
      guint64 r = 0;

      switch ((IrOp) op->op)
        {
        case IR_NOP:
          break;
        case IR_INSN:
          cpu->budget -= retires;
          s->rip = (guint64) op->imm;
          if (cpu->recheck && i > 1)
            return;
          retires = op->aux == 0;
          break;
        case IR_IMM: r = (guint64) op->imm; break;
        case IR_GET: r = get_slot (s, op->imm, op->type); break;
        case IR_PUT: put_slot (s, op->imm, op->type, a); break;
        case IR_ADD: r = a + b; break;
        case IR_SUB: r = a - b; break;
        case IR_AND: r = a & b; break;
        case IR_OR:  r = a | b; break;
        case IR_XOR: r = a ^ b; break;
        case IR_NEG: r = -a; break;
        case IR_NOT: r = ~a; break;
        case IR_SHL: case IR_SHR: case IR_SAR: case IR_ROL: case IR_ROR:
          r = shift (op->op, op->type, a, b & 0xff);
          break;
        case IR_MUL: r = a * b; break;
        case IR_MULHU: case IR_MULHS: r = multiply_high (op->op, op->type, a, b); break;
        case IR_MULOVF: r = multiply_overflows (op->type, a, b); break;
        case IR_ZEXT: r = a & mask_of (op->aux); break;
        case IR_SEXT: r = (guint64) sext (a, op->aux); break;
        case IR_EA: r = (a + (b << op->aux) + (guint64) op->imm) & mask_of (op->type); break;
        case IR_EQ:  r = (a & mask_of (op->type)) == (b & mask_of (op->type)); break;
        case IR_LTU: r = (a & mask_of (op->type)) < (b & mask_of (op->type)); break;
        case IR_LTS: r = sext (a, op->type) < sext (b, op->type); break;
        case IR_SELECT: r = (a & 0xff) ? b : c; break;
        case IR_BSWAP: r = op->type == IR_I32 ? GUINT32_SWAP_LE_BE ((guint32) a) : GUINT64_SWAP_LE_BE (a); break;
        case IR_CTZ: r = (a & mask_of (op->type)) ? (guint64) __builtin_ctzll (a) : 0; break;
        case IR_BSR: r = (a & mask_of (op->type)) ? 63 - (guint64) __builtin_clzll (a & mask_of (op->type)) : 0; break;
        case IR_CALL: r = x86_calls[op->imm] (a, b, c); break;
        case IR_LOAD: r = x86_mem_read (cpu, a, IR_BYTES (op->type), op->aux); break;
        case IR_STORE:
          x86_mem_write (cpu, a, IR_BYTES (op->type), b & mask_of (op->type), op->aux);
          break;
        case IR_PROBE: x86_mem_probe (cpu, a, (guint) op->imm, op->aux); break;
        case IR_SEGCHECK: segment_check (cpu, op->aux & 7, (op->aux & 8) != 0, a, (guint) op->imm); break;
        case IR_DIVU: divide (cpu, FALSE, op->type, a); break;
        case IR_DIVS: divide (cpu, TRUE, op->type, a); break;
        case IR_FLAGS: set_flags (cpu, op, a, b, op->c != IR_NONE, c); break;
        case IR_OVERLAY:
          if (op->b == IR_NONE || (b & 0xff) != 0)
            set_overlay (cpu, op, a);
          break;
        case IR_COND: r = x86_flags_cond (cpu, op->aux); break;
        case IR_RDFLAGS: r = x86_flags_arith (cpu); break;
        case IR_HOST: r = run_host (cpu, &block->hosts[op->imm], a, b); break;
        case IR_HELPER: r = x86_helpers[op->imm].run (cpu, a, b, c); break;
        case IR_BRANCH:
          if (x86_flags_cond (cpu, op->aux))
            {
              s->rip = (guint64) op->imm;
              cpu->budget -= retires;
              return;
            }
          break;
        case IR_BRANCHNZ:
          if (a & mask_of (op->type))
            {
              s->rip = (guint64) op->imm;
              cpu->budget -= retires;
              return;
            }
          break;
        case IR_JUMP:
          s->rip = (guint64) op->imm;
          cpu->budget -= retires;
          return;
        case IR_JUMPIND:
          s->rip = a;
          cpu->budget -= retires;
          return;
        case IR_EXIT:
          cpu->budget -= retires;
          return;
        case IR_RAISE:
          if (op->aux)
            x86_raise_error (cpu, op->imm & 0xff, (guint32) (op->imm >> 8));
          x86_raise (cpu, op->imm & 0xff);
        case IR_N_OPS:
          g_assert_not_reached ();
        }
      values[i] = r;
    }
  g_assert_not_reached ();
}
