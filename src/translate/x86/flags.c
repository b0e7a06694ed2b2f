/* flags.c - the arithmetic flags from their lazy form, and the CPU's mode.
 *
 * Source: Intel SDM vol. 1, section 3.4.3 and appendix A; what it leaves undefined is
 * defined by CC_OPS in translate/ir.h and listed in doc/undefined.md. */
#include "config.h"

#include "translate/x86/points.h"

static inline guint64
type_mask (guint type)
{
  return type == IR_I64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << IR_BITS (type)) - 1;
}

static inline guint32
szp (guint64 res, guint type)
{
  guint32 flags = 0;

  if (__builtin_parityll (res & 0xff) == 0)
    flags |= X86_PF;
  if (res == 0)
    flags |= X86_ZF;
  if (res >> (IR_BITS (type) - 1) & 1)
    flags |= X86_SF;
  return flags;
}

/* Of a + b + carry_in = res, all cut to the type. */
static inline guint32
flags_add (guint64 a, guint64 b, guint64 res, guint carry_in, guint type)
{
  guint32 flags = szp (res, type);

  if (carry_in ? res <= a : res < a)
    flags |= X86_CF;
  flags |= (a ^ b ^ res) & X86_AF;
  if (((a ^ res) & (b ^ res)) >> (IR_BITS (type) - 1) & 1)
    flags |= X86_OF;
  return flags;
}

/* Of a - b - borrow_in = res. */
static inline guint32
flags_sub (guint64 a, guint64 b, guint64 res, guint borrow_in, guint type)
{
  guint32 flags = szp (res, type);

  if (borrow_in ? a <= b : a < b)
    flags |= X86_CF;
  flags |= (a ^ b ^ res) & X86_AF;
  if (((a ^ b) & (a ^ res)) >> (IR_BITS (type) - 1) & 1)
    flags |= X86_OF;
  return flags;
}

static guint32
flags_base (guint op, guint type, guint64 x, guint64 y)
{
  guint64 mask, msb;
  guint32 flags;

  if (op == CC_IMAGE)
    return x & X86_ARITH;
  mask = type_mask (type);
  msb = G_GUINT64_CONSTANT (1) << (IR_BITS (type) - 1);
  x &= mask;
  switch (op)
    {
    case CC_ADD:
      return flags_add ((x - y) & mask, y & mask, x, 0, type);
    case CC_ADC1:
      return flags_add ((x - y - 1) & mask, y & mask, x, 1, type);
    case CC_SUB:
      return flags_sub ((x + y) & mask, y & mask, x, 0, type);
    case CC_SBB1:
      return flags_sub ((x + y + 1) & mask, y & mask, x, 1, type);
    case CC_CMP:
      return flags_sub (x, y & mask, (x - y) & mask, 0, type);
    case CC_LOGIC:
      return szp (x, type);
    case CC_INC:
      return szp (x, type) | (x == msb ? X86_OF : 0) | ((x & 15) == 0 ? X86_AF : 0);
    case CC_DEC:
      return szp (x, type) | (x == msb - 1 ? X86_OF : 0) | ((x & 15) == 15 ? X86_AF : 0);
    case CC_SHL:
      flags = szp (x, type) | (y & 1 ? X86_CF : 0);
      return flags | (((x & msb) != 0) != (y & 1) ? X86_OF : 0);
    case CC_SHR:
      flags = szp (x, type) | (y & 1 ? X86_CF : 0);
      return flags | (((x & msb) != 0) != ((x & msb >> 1) != 0) ? X86_OF : 0);
    case CC_SAR:
      return szp (x, type) | (y & 1 ? X86_CF : 0);
    case CC_UMUL:
      return szp (x, type) | ((y & mask) != 0 ? X86_CF | X86_OF : 0);
    case CC_SMUL:
      return szp (x, type) | (y & 1 ? X86_CF | X86_OF : 0);
    case CC_BMI:
      return (szp (x, type) & (X86_ZF | X86_SF)) | (y & 1 ? X86_CF : 0);
    default:
      g_assert_not_reached ();
    }
}

guint32
x86_flags_arith (const X86Cpu *cpu)
{
  guint32 flags = flags_base (cpu->cc_op, cpu->cc_type, cpu->cc_res, cpu->cc_src);
  guint64 over = cpu->cc_over;
  guint64 msb;

  switch (cpu->cc_over_op)
    {
    case CC_OVER_NONE:
      break;
    case CC_OVER_CF:
      flags = (flags & ~X86_CF) | (over & 1);
      break;
    case CC_OVER_ROL:
      msb = over >> (IR_BITS (cpu->cc_over_type) - 1) & 1;
      flags = (flags & ~(X86_CF | X86_OF)) | (over & 1) | (msb != (over & 1) ? X86_OF : 0);
      break;
    case CC_OVER_ROR:
      msb = over >> (IR_BITS (cpu->cc_over_type) - 1) & 1;
      flags = (flags & ~(X86_CF | X86_OF)) | msb
              | (msb != (over >> (IR_BITS (cpu->cc_over_type) - 2) & 1) ? X86_OF : 0);
      break;
    default:
      g_assert_not_reached ();
    }
  return flags;
}

void
x86_flags_set (X86Cpu *cpu, guint32 arith)
{
  cpu->cc_op = CC_IMAGE;
  cpu->cc_type = IR_I64;
  cpu->cc_over_op = CC_OVER_NONE;
  cpu->cc_over_type = IR_I64;
  cpu->cc_res = arith & X86_ARITH;
  cpu->cc_src = 0;
  cpu->cc_over = 0;
  cpu->s.rflags = (cpu->s.rflags & ~(guint64) X86_ARITH) | (arith & X86_ARITH);
}

void
x86_flags_sync (X86Cpu *cpu)
{
  x86_flags_set (cpu, x86_flags_arith (cpu));
}

gboolean
x86_flags_cond (const X86Cpu *cpu, guint cc)
{
  guint32 flags = x86_flags_arith (cpu);
  gboolean sf = (flags & X86_SF) != 0, of = (flags & X86_OF) != 0;
  gboolean holds;

  switch (cc >> 1)
    {
    case 0: holds = of; break;
    case 1: holds = (flags & X86_CF) != 0; break;
    case 2: holds = (flags & X86_ZF) != 0; break;
    case 3: holds = (flags & (X86_CF | X86_ZF)) != 0; break;
    case 4: holds = sf; break;
    case 5: holds = (flags & X86_PF) != 0; break;
    case 6: holds = sf != of; break;
    default: holds = sf != of || (flags & X86_ZF) != 0; break;
    }
  return holds != (gboolean) (cc & 1);
}

/* Base 0, limit 4G-1, and data segments writable: what FLAT promises. */
static gboolean
is_flat (const X86State *s)
{
  static const guint8 data[] = { X86_ES, X86_SS, X86_DS };

  if (s->seg[X86_CS].base != 0 || s->seg[X86_CS].limit != G_MAXUINT32
      || (s->seg[X86_CS].attr & X86_ATTR_UNUSABLE))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (data); i++)
    {
      const X86Segment *seg = &s->seg[data[i]];

      if (seg->base != 0 || seg->limit != G_MAXUINT32 || (seg->attr & X86_ATTR_UNUSABLE)
          || (seg->attr & (X86_ATTR_S | 0xe)) != (X86_ATTR_S | 2))    /* data, expand-up, writable */
        return FALSE;
    }
  return TRUE;
}

void
x86_update_mode (X86Cpu *cpu)
{
  X86State *s = &cpu->s;
  guint32 mode = 0;
  guint cpl = x86_cpl (s);

  if (!(s->cr0 & X86_CR0_PE))
    cpl = 0;
  else if (s->rflags & X86_VM)
    cpl = 3;
  mode |= cpl << X86_MODE_CPL_SHIFT;
  if (x86_code64 (s))
    mode |= X86_MODE_CODE64;
  else
    {
      if (s->seg[X86_CS].attr & X86_ATTR_DB)
        mode |= X86_MODE_CODE32;
      if (s->seg[X86_SS].attr & X86_ATTR_DB)
        mode |= X86_MODE_STACK32;
      if (is_flat (s))
        mode |= X86_MODE_FLAT;
    }
  if (s->cr0 & X86_CR0_PE)
    mode |= X86_MODE_PE;
  if (s->rflags & X86_VM)
    mode |= X86_MODE_VM;
  if (x86_long_mode (s))
    mode |= X86_MODE_LMA;
  if (s->cr0 & (X86_CR0_EM | X86_CR0_TS))
    mode |= X86_MODE_NO_FPU | X86_MODE_NO_SSE;
  if (!(s->cr4 & X86_CR4_OSFXSR))
    mode |= X86_MODE_NO_SSE;
  if ((s->cr0 & X86_CR0_TS) || !(s->cr4 & X86_CR4_OSXSAVE) || (s->xcr0 & 6) != 6
      || !(s->cr0 & X86_CR0_PE) || (s->rflags & X86_VM))
    mode |= X86_MODE_NO_AVX;
  if ((~s->mxcsr & 0x1f80) || (~s->fcw & 0x3f) || (s->fsw & 0x80))
    mode |= X86_MODE_FP_TRAPS;
  if (cpl == 3 && (s->cr0 & X86_CR0_AM) && (s->rflags & X86_AC))
    mode |= X86_MODE_ALIGN;
  if (s->rflags & X86_TF)
    mode |= X86_MODE_TF;
  if (s->dr[7] & X86_DR7_ENABLES)
    mode |= X86_MODE_DEBUG;
  if (cpl <= ((s->rflags & X86_IOPL) >> 12))
    mode |= X86_MODE_IO_OK;
  if (cpl < 3 && (s->cr4 & X86_CR4_SMAP) && !(s->rflags & X86_AC))
    mode |= X86_MODE_SMAP;
  if (mode != cpu->mode)
    {
      cpu->recheck = 1;
      cpu->parent.mode_changes += ((mode ^ cpu->mode) & X86_MODE_KINDS) != 0;
    }
  cpu->mode = mode;
  if (x86_points_want (cpu, ASTERN_POINT_MODE))
    x86_points_mode (cpu);
}
