/* emit-ops.c - the other operations of IR as host code. */
#include "config.h"

#include "translate/x86-64/emit-private.h"

#define SLOT_OF_RIP G_STRUCT_OFFSET (X86State, rip)

/* --- results ------------------------------------------------------------------------------ */

/* A place for an operation's result: the guest register it is for, or scratch. */
typedef struct { guint host; gint gpr; guint tmp; } Target;

static void
define (Emit *e, IrRef ref, const Target *to, gboolean zx)
{
  if (to->gpr >= 0)
    emit_define_gpr (e, ref, (guint) to->gpr, zx);
  else
    emit_define_tmp (e, ref, to->tmp, zx);
}

/* A target that holds value @a already and may be changed; @b is still to be read. */
static Target
target_with (Emit *e, IrRef ref, IrType type, IrRef a, IrRef b)
{
  const Value *va = &e->values[a];
  gboolean in_place = va->loc == L_GPR && va->reg == e->values[ref].hint;
  Target to = { .gpr = -1 };

  /* Bytes and words are merged into the register: only where it is their own. */
  if (type >= IR_I32 || in_place)
    to.gpr = emit_direct (e, ref, a, b);
  if (to.gpr >= 0)
    {
      to.host = emit_pinned[to.gpr];
      /* After emit_direct the value may have moved to scratch, with the register still holding it. */
      if (!in_place)
        emit_load_into (e, to.host, a);
    }
  else
    {
      to.tmp = emit_take (e, a);
      to.host = emit_tmp[to.tmp];
    }
  return to;
}

static Target
target_new (Emit *e, IrRef ref, IrType type, IrRef a, IrRef b)
{
  Target to = { .gpr = -1 };

  if (type >= IR_I32)
    to.gpr = emit_direct (e, ref, a, b);
  if (to.gpr >= 0)
    to.host = emit_pinned[to.gpr];
  else
    {
      to.tmp = emit_alloc (e);
      to.host = emit_tmp[to.tmp];
    }
  return to;
}

static IrRef
ref_of (const Emit *e, const IrInsn *op)
{
  return (IrRef) (op - e->block->ops);
}

/* --- arithmetic ------------------------------------------------------------------------------ */

static gint
alu_of (guint op)
{
  switch (op)
    {
    case IR_ADD: return ASM_ADD;
    case IR_SUB: return ASM_SUB;
    case IR_AND: return ASM_AND;
    case IR_OR:  return ASM_OR;
    case IR_XOR: return ASM_XOR;
    default: return -1;
    }
}

/* A value that has to be brought into scratch before the target is made ready. */
static gboolean
in_scratch (const Emit *e, IrRef ref)
{
  return e->values[ref].loc != L_STATE && e->values[ref].loc != L_SPILL && e->values[ref].loc != L_GPR;
}

static void
emit_alu (Emit *e, const IrInsn *op)
{
  IrRef ref = ref_of (e, op), a = op->a, b = op->b;
  guint bytes = IR_BYTES (op->type);
  gint32 imm;
  gboolean constant, early;
  AsmOperand from = { 0 };
  Target to;

  /* a op a, for one value: the ones that do nothing but set flags. */
  if ((op->op == IR_AND || op->op == IR_OR) && e->values[a].loc == L_GPR && e->values[b].loc == L_GPR
      && e->values[a].reg == e->values[b].reg && (e->values[ref].hint < 0 || e->values[ref].hint == e->values[a].reg))
    {
      guint gpr = e->values[a].reg;
      gboolean zx = e->values[a].zx;

      emit_used (e, a);
      emit_used (e, b);
      emit_define_gpr (e, ref, gpr, zx);
      return;
    }
  if (e->values[a].loc == L_IMM && (ir_op_info[op->op].traits & IR_COMMUTES))
    {
      a = op->b;
      b = op->a;
    }
  if ((ir_op_info[op->op].traits & IR_COMMUTES) && e->values[ref].hint >= 0 && e->values[b].loc == L_GPR
      && e->values[b].reg == e->values[ref].hint)
    {
      IrRef t = a;

      a = b;
      b = t;
    }
  constant = emit_imm (e, b, &imm, bytes);
  early = !constant && in_scratch (e, b);
  if (early)
    from = asm_reg (emit_reg (e, b));
  to = target_with (e, ref, op->type, a, b);
  emit_flags_lost (e);
  if (constant)
    asm_alu_imm (&e->a, bytes, (guint) alu_of (op->op), asm_reg (to.host), imm);
  else if (a == b)
    asm_op (&e->a, bytes, ASM_ALU (alu_of (op->op)), to.host, asm_reg (to.host));
  else
    asm_op (&e->a, bytes, ASM_ALU (alu_of (op->op)), to.host, early ? from : emit_operand (e, b));
  emit_used (e, op->a);
  emit_used (e, op->b);
  define (e, ref, &to, bytes == 4);
  e->flags_of = ref;
}

static void
emit_unary (Emit *e, const IrInsn *op)
{
  IrRef ref = ref_of (e, op);
  Target to = target_with (e, ref, op->type, op->a, IR_NONE);
  guint bytes = IR_BYTES (op->type);

  emit_used (e, op->a);
  if (op->op == IR_BSWAP)
    {
      asm_byte (&e->a, (bytes == 8 ? 0x48 : 0x40) | (to.host >= 8));
      asm_byte (&e->a, 0x0f);
      asm_byte (&e->a, 0xc8 | (to.host & 7));
    }
  else
    {
      if (op->op == IR_NEG)
        emit_flags_lost (e);
      asm_op (&e->a, bytes, 0xf7, op->op == IR_NEG ? 3 : 2, asm_reg (to.host));
      if (op->op == IR_NEG)
        e->flags_of = ref;
    }
  define (e, ref, &to, bytes == 4);
}

static guint
shift_of (guint op)
{
  switch (op)
    {
    case IR_SHL: return ASM_SHL;
    case IR_SHR: return ASM_SHR;
    case IR_SAR: return ASM_SAR;
    case IR_ROL: return ASM_ROL;
    default: return ASM_ROR;
    }
}

/* Shifts by the value in host register @count, which is not one of CL's bearers: through
 * RCX, put aside. */
static void
shift_through_cl (Emit *e, guint n, guint bytes, guint host, guint count)
{
  asm_plain (&e->a, 8, 0x89, 1, CPU_SCRATCH (SCRATCH_RCX));
  asm_plain (&e->a, 4, 0x8b, 1, asm_reg (count));
  asm_op (&e->a, bytes, 0xd3, n, asm_reg (host));
  asm_plain (&e->a, 8, 0x8b, 1, CPU_SCRATCH (SCRATCH_RCX));
}

static void
emit_shift (Emit *e, const IrInsn *op)
{
  IrRef ref = ref_of (e, op);
  guint bytes = IR_BYTES (op->type), n = shift_of (op->op);
  const IrInsn *by = &e->block->ops[op->b];
  Target to;

  if (e->values[op->b].loc == L_IMM)
    {
      guint count = (guint) by->imm & 63;
      gboolean rotate = op->op == IR_ROL || op->op == IR_ROR;

      if (rotate)
        count %= bytes * 8;
      to = target_with (e, ref, op->type, op->a, op->b);
      emit_flags_lost (e);
      if (count >= bytes * 8)
        {
          /* Hosts mask the count: a long shift is two. */
          asm_op (&e->a, bytes, 0xc1, n, asm_reg (to.host));
          asm_imm (&e->a, bytes * 8 - 1, 1);
          asm_op (&e->a, bytes, 0xc1, n, asm_reg (to.host));
          asm_imm (&e->a, 1, 1);
        }
      else if (count != 0)
        {
          asm_op (&e->a, bytes, 0xc1, n, asm_reg (to.host));
          asm_imm (&e->a, count, 1);
          if (!rotate)
            e->flags_of = ref;
        }
      else if (bytes == 4)
        asm_plain (&e->a, 4, 0x8b, to.host, asm_reg (to.host));     /* the upper half is promised to be 0 */
    }
  else
    {
      guint count = emit_reg (e, op->b);

      to = target_with (e, ref, op->type, op->a, op->b);
      emit_flags_lost (e);
      if (bytes >= 4 && e->emitter->bmi2 && (op->op == IR_SHL || op->op == IR_SHR || op->op == IR_SAR))
        {
          /* SHLX, SHRX, SARX to.host, to.host, count: VEX.0F38 F7. */
          guint pp = op->op == IR_SHL ? 1 : op->op == IR_SHR ? 3 : 2;

          asm_byte (&e->a, 0xc4);
          asm_byte (&e->a, to.host >= 8 ? 0x42 : 0xe2);
          asm_byte (&e->a, (bytes == 8 ? 0x80 : 0) | (~count & 15) << 3 | pp);
          asm_byte (&e->a, 0xf7);
          asm_byte (&e->a, 0xc0 | (to.host & 7) << 3 | (to.host & 7));
        }
      else if (to.host == 1)
        {
          /* RCX itself is shifted: in scratch. */
          guint tmp = emit_alloc (e);

          asm_plain (&e->a, 8, 0x8b, emit_tmp[tmp], asm_reg (1));
          asm_plain (&e->a, 4, 0x8b, 1, asm_reg (count));
          asm_op (&e->a, bytes, 0xd3, n, asm_reg (emit_tmp[tmp]));
          asm_plain (&e->a, 8, 0x8b, 1, asm_reg (emit_tmp[tmp]));
        }
      else
        shift_through_cl (e, n, bytes, to.host, count);
    }
  emit_used (e, op->a);
  emit_used (e, op->b);
  define (e, ref, &to, bytes == 4);
}

static void
emit_mul (Emit *e, const IrInsn *op)
{
  IrRef ref = ref_of (e, op);
  guint bytes = IR_BYTES (op->type);
  IrRef a = op->a, b = op->b;
  gint32 imm;
  Target to;

  if (e->values[a].loc == L_IMM)
    {
      a = op->b;
      b = op->a;
    }
  if (bytes >= 4 && emit_imm (e, b, &imm, bytes))
    {
      AsmOperand from = emit_operand (e, a);

      to = target_new (e, ref, op->type, a, IR_NONE);
      emit_flags_lost (e);
      asm_plain (&e->a, bytes, 0x69, to.host, from);
      asm_imm (&e->a, imm, 4);
    }
  else
    {
      gboolean early = in_scratch (e, b) || bytes == 1;
      AsmOperand from = { 0 };

      if (early)
        from = asm_reg (emit_reg (e, b));
      if (bytes == 1)
        {
          to = (Target) { .gpr = -1, .tmp = emit_take (e, a) };
          to.host = emit_tmp[to.tmp];
        }
      else
        to = target_with (e, ref, op->type, a, b);
      emit_flags_lost (e);
      /* The low half of a byte product is that of the words. */
      if (a == b)
        asm_plain (&e->a, bytes == 1 ? 4 : bytes, 0x0faf, to.host, asm_reg (to.host));
      else
        asm_plain (&e->a, bytes == 1 ? 4 : bytes, 0x0faf, to.host, early ? from : emit_operand (e, b));
    }
  emit_used (e, op->a);
  emit_used (e, op->b);
  define (e, ref, &to, bytes == 4);
  if (bytes > 1)
    e->flags_of = ref;
}

/* A register that holds the value extended to 32 bits or more, for narrow multiplies. */
static guint
extended (Emit *e, IrRef ref, IrType type, gboolean sign)
{
  guint from = emit_reg (e, ref), tmp = emit_alloc (e);

  if (type == IR_I8)
    asm_general (&e->a, 0, 4, sign ? 0x0fbe : 0x0fb6, emit_tmp[tmp], asm_reg (from), TRUE);
  else
    asm_plain (&e->a, 4, sign ? 0x0fbf : 0x0fb7, emit_tmp[tmp], asm_reg (from));
  return tmp;
}

static void
emit_mulhigh (Emit *e, const IrInsn *op)
{
  IrRef ref = ref_of (e, op);
  guint bytes = IR_BYTES (op->type);
  gboolean sign = op->op == IR_MULHS;
  guint tmp;

  if (bytes <= 2)
    {
      guint x = extended (e, op->a, op->type, sign), y;

      e->locked = (guint8) (1 << x);
      y = extended (e, op->b, op->type, sign);
      emit_flags_lost (e);
      asm_plain (&e->a, 4, 0x0faf, emit_tmp[x], asm_reg (emit_tmp[y]));
      asm_plain (&e->a, 4, 0xc1, ASM_SHR, asm_reg (emit_tmp[x]));
      asm_imm (&e->a, bytes * 8, 1);
      tmp = x;
    }
  else
    {
      /* MUL and IMUL use RAX and RDX, which are the guest's: put aside. */
      guint x = emit_take (e, op->a);
      guint y = emit_reg (e, op->b);

      emit_flags_lost (e);
      asm_plain (&e->a, 8, 0x89, 0, CPU_SCRATCH (SCRATCH_RAX));
      asm_plain (&e->a, 8, 0x89, 2, CPU_SCRATCH (SCRATCH_RDX));
      if (y == 0 || y == 2)
        {
          /* b is one of them: a goes to RAX by exchange of roles. */
          asm_plain (&e->a, 8, 0x89, emit_tmp[x], CPU_SCRATCH (SCRATCH_TMP));
          if (y == 2)
            asm_plain (&e->a, 8, 0x8b, 0, asm_reg (2));
          asm_general (&e->a, 0, bytes, 0xf7, sign ? 5 : 4, CPU_SCRATCH (SCRATCH_TMP), FALSE);
        }
      else
        {
          asm_plain (&e->a, 8, 0x8b, 0, asm_reg (emit_tmp[x]));
          asm_plain (&e->a, bytes, 0xf7, sign ? 5 : 4, asm_reg (y));
        }
      asm_plain (&e->a, 8, 0x8b, emit_tmp[x], asm_reg (2));
      asm_plain (&e->a, 8, 0x8b, 0, CPU_SCRATCH (SCRATCH_RAX));
      asm_plain (&e->a, 8, 0x8b, 2, CPU_SCRATCH (SCRATCH_RDX));
      tmp = x;
    }
  emit_used (e, op->a);
  emit_used (e, op->b);
  emit_define_tmp (e, ref, tmp, bytes == 4);
}

static void
emit_mulovf (Emit *e, const IrInsn *op)
{
  IrRef ref = ref_of (e, op);
  guint bytes = IR_BYTES (op->type), tmp;
  const IrInsn *of = &e->block->ops[e->flags_of];

  if (e->flags_of != IR_NONE && of->op == IR_MUL && of->a == op->a && of->b == op->b && of->type == op->type)
    tmp = emit_alloc (e);
  else if (bytes == 1)
    {
      guint x = extended (e, op->a, IR_I8, TRUE), y;

      e->locked = (guint8) (1 << x);
      y = extended (e, op->b, IR_I8, TRUE);
      emit_flags_lost (e);
      asm_plain (&e->a, 4, 0x0faf, emit_tmp[x], asm_reg (emit_tmp[y]));
      /* It fits when the word is its own low byte, extended: compare in 32 bits. */
      asm_general (&e->a, 0, 4, 0x0fbe, emit_tmp[y], asm_reg (emit_tmp[x]), TRUE);
      asm_plain (&e->a, 4, ASM_ALU (ASM_CMP), emit_tmp[y], asm_reg (emit_tmp[x]));
      asm_general (&e->a, 0, 1, 0x0f95, 0, asm_reg (emit_tmp[x]), TRUE);
      asm_general (&e->a, 0, 4, 0x0fb6, emit_tmp[x], asm_reg (emit_tmp[x]), TRUE);
      emit_used (e, op->a);
      emit_used (e, op->b);
      emit_define_tmp (e, ref, x, TRUE);
      return;
    }
  else
    {
      guint y = emit_reg (e, op->b);

      tmp = emit_alloc (e);
      emit_load_into (e, emit_tmp[tmp], op->a);
      emit_flags_lost (e);
      asm_plain (&e->a, bytes, 0x0faf, emit_tmp[tmp], asm_reg (y));
    }
  asm_general (&e->a, 0, 1, 0x0f90, 0, asm_reg (emit_tmp[tmp]), TRUE);
  asm_general (&e->a, 0, 4, 0x0fb6, emit_tmp[tmp], asm_reg (emit_tmp[tmp]), TRUE);
  emit_used (e, op->a);
  emit_used (e, op->b);
  emit_define_tmp (e, ref, tmp, TRUE);
}

/* DIV with RAX and RDX where the host wants them; whatever would fault, and what is rare,
 * is the interpreter's. */
static void
emit_divide (Emit *e, const IrInsn *op)
{
  guint bytes = IR_BYTES (op->type), by, tmp;

  if (bytes < 4)
    {
      emit_abandon (e, 0);
      emit_used (e, op->a);
      return;
    }
  by = emit_reg (e, op->a);
  if (by == 0 || by == 2)
    {
      tmp = emit_alloc (e);
      asm_plain (&e->a, 8, 0x8b, emit_tmp[tmp], asm_reg (by));
      by = emit_tmp[tmp];
    }
  emit_flags_lost (e);
  if (op->op == IR_DIVU)
    {
      asm_plain (&e->a, bytes, ASM_ALU (ASM_CMP), 2, asm_reg (by));
      emit_abandon (e, ASM_JCC (3));
    }
  else
    {
      tmp = emit_alloc (e);
      asm_plain (&e->a, bytes, 0x8d, emit_tmp[tmp], asm_mem (by, 1));
      asm_alu_imm (&e->a, bytes, ASM_CMP, asm_reg (emit_tmp[tmp]), 1);      /* by is 0 or -1 */
      emit_abandon (e, ASM_JCC (6));
      asm_plain (&e->a, 8, 0x8b, emit_tmp[tmp], asm_reg (0));
      asm_plain (&e->a, bytes, 0xc1, ASM_SAR, asm_reg (emit_tmp[tmp]));
      asm_imm (&e->a, bytes * 8 - 1, 1);
      asm_plain (&e->a, bytes, ASM_ALU (ASM_CMP), emit_tmp[tmp], asm_reg (2));
      emit_abandon (e, ASM_JCC (5));
      e->locked &= ~(1 << tmp);
    }
  emit_clobber_gpr (e, X86_RAX, op->a, IR_NONE);
  emit_clobber_gpr (e, X86_RDX, op->a, IR_NONE);
  asm_plain (&e->a, bytes, 0xf7, op->op == IR_DIVU ? 6 : 7, asm_reg (by));
  emit_used (e, op->a);
}

/* --- moving ------------------------------------------------------------------------------------ */

static void
emit_extend (Emit *e, const IrInsn *op)
{
  IrRef ref = ref_of (e, op);
  Value *va = &e->values[op->a];
  guint from_bytes = IR_BYTES (op->aux), to_bytes = IR_BYTES (op->type);
  AsmOperand from;
  Target to;

  if (op->op == IR_ZEXT && (va->loc == L_GPR || va->loc == L_TMP) && va->zx && e->block->ops[op->a].type <= op->aux)
    {
      /* It is so already: another name for the same register. */
      if (va->loc == L_GPR)
        {
          guint gpr = va->reg;

          if (e->values[ref].hint < 0 || e->values[ref].hint == (gint) gpr)
            {
              emit_used (e, op->a);
              emit_define_gpr (e, ref, gpr, TRUE);
              return;
            }
        }
      else if (va->left == 1)
        {
          guint tmp = va->reg;

          emit_used (e, op->a);
          emit_define_tmp (e, ref, tmp, TRUE);
          return;
        }
    }
  from = va->loc == L_STATE ? CPU_STATE (va->offset) : asm_reg (emit_reg (e, op->a));
  to = target_new (e, ref, op->type, op->a, IR_NONE);
  if (from_bytes == 4)
    {
      if (op->op == IR_SEXT && to_bytes == 8)
        asm_plain (&e->a, 8, 0x63, to.host, from);
      else
        asm_plain (&e->a, 4, 0x8b, to.host, from);
    }
  else
    asm_general (&e->a, 0, op->op == IR_SEXT && to_bytes == 8 ? 8 : 4,
                 (from_bytes == 1 ? 0x0fb6u : 0x0fb7u) | (op->op == IR_SEXT ? 8 : 0), to.host, from, from_bytes == 1);
  emit_used (e, op->a);
  define (e, ref, &to, op->op == IR_ZEXT || to_bytes == 4);
}

static void
emit_ea (Emit *e, const IrInsn *op)
{
  IrRef ref = ref_of (e, op);
  guint bytes = op->type == IR_I64 ? 8 : 4;
  guint base = op->a != IR_NONE ? emit_reg (e, op->a) : ASM_NO_REG;
  guint index = op->b != IR_NONE ? emit_reg (e, op->b) : ASM_NO_REG;
  gboolean large = op->imm != (gint32) op->imm && (op->type == IR_I64 || (guint64) op->imm > G_MAXUINT32);
  Target to;

  g_assert (!large || op->type == IR_I64);
  /* LEA reads before it writes: the registers may be the same. */
  to = target_new (e, ref, op->type, op->a, op->b);
  if (large)
    {
      /* Both registers are read before the constant comes. */
      asm_plain (&e->a, 8, 0x8d, to.host, asm_sib (base, index, op->aux, 0));
      e->locked = (guint8) (to.gpr >= 0 ? 0 : 1 << to.tmp);
      {
        guint tmp = emit_alloc (e);

        asm_mov_imm (&e->a, emit_tmp[tmp], op->imm);
        asm_plain (&e->a, 8, 0x8d, to.host, asm_sib (to.host, emit_tmp[tmp], 0, 0));
      }
    }
  else if (base != ASM_NO_REG && index == ASM_NO_REG && op->imm == 0)
    {
      if (to.host != base || bytes == 4)
        asm_plain (&e->a, bytes, 0x8b, to.host, asm_reg (base));
    }
  else
    asm_plain (&e->a, bytes, 0x8d, to.host,
               index == ASM_NO_REG ? asm_mem (base, (gint32) op->imm) : asm_sib (base, index, op->aux, (gint32) op->imm));
  if (op->type == IR_I16)
    asm_plain (&e->a, 4, 0x0fb7, to.host, asm_reg (to.host));
  else if (op->type == IR_I8)
    asm_general (&e->a, 0, 4, 0x0fb6, to.host, asm_reg (to.host), TRUE);
  emit_used (e, op->a);
  emit_used (e, op->b);
  define (e, ref, &to, TRUE);
}

static gint
gpr_of (gint64 offset)
{
  gint64 start = G_STRUCT_OFFSET (X86State, gpr);

  return offset >= start && offset < start + 128 ? (gint) ((offset - start) / 8) : -1;
}

/* While the vector registers are the guest's, so is the host's MXCSR, and the struct's is old. */
static void
refresh_mxcsr (Emit *e)
{
  guint8 *skip;

  emit_flags_lost (e);
  asm_general (&e->a, 0, 1, 0x80, 7, CPU (vec_in_host), TRUE);
  asm_imm (&e->a, 0, 1);
  skip = asm_jump (&e->a, ASM_JCC (4), NULL, 0);
  asm_plain (&e->a, 4, 0x0fae, 3, CPU_STATE (G_STRUCT_OFFSET (X86State, mxcsr)));
  asm_patch (skip, e->a.at, 0);
}

static void
emit_get (Emit *e, const IrInsn *op)
{
  IrRef ref = ref_of (e, op);
  gint gpr = gpr_of (op->imm);

  if (e->values[ref].left == 0)
    return;
  if (op->imm == G_STRUCT_OFFSET (X86State, mxcsr))
    refresh_mxcsr (e);
  if (gpr < 0 || emit_pinned[gpr] == NOT_PINNED)
    {
      gint tmp = gpr >= 0 && (op->imm & 7) == 0 ? emit_recall (e, (guint) gpr) : -1;

      if (tmp >= 0)
        emit_define_tmp (e, ref, (guint) tmp, op->type == IR_I64);
      else
        {
          e->values[ref].loc = L_STATE;
          e->values[ref].offset = (gint32) op->imm;
        }
    }
  else if ((op->imm & 7) == 0)
    emit_define_gpr (e, ref, (guint) gpr, op->type == IR_I64);
  else
    {
      guint tmp = emit_alloc (e);

      g_assert ((op->imm & 7) == 1 && op->type == IR_I8);
      emit_flags_lost (e);
      asm_plain (&e->a, 4, 0x8b, emit_tmp[tmp], asm_reg (emit_pinned[gpr]));
      asm_plain (&e->a, 4, 0xc1, ASM_SHR, asm_reg (emit_tmp[tmp]));
      asm_imm (&e->a, 8, 1);
      asm_general (&e->a, 0, 4, 0x0fb6, emit_tmp[tmp], asm_reg (emit_tmp[tmp]), TRUE);
      emit_define_tmp (e, ref, tmp, TRUE);
    }
}

static void
put_state (Emit *e, const IrInsn *op)
{
  guint bytes = IR_BYTES (op->type);
  gint32 imm;

  emit_clobber_state (e, op->imm, bytes);
  if (emit_imm (e, op->a, &imm, bytes))
    asm_store_imm (&e->a, bytes, CPU_STATE (op->imm), imm);
  else
    asm_op (&e->a, bytes, 0x89, emit_reg (e, op->a), CPU_STATE (op->imm));
}

static void
emit_put (Emit *e, const IrInsn *op)
{
  gint gpr = gpr_of (op->imm);
  guint bytes = IR_BYTES (op->type), host;
  Value *value = &e->values[op->a];
  gint32 imm;

  if (gpr < 0 || emit_pinned[gpr] == NOT_PINNED)
    {
      gboolean last = value->left == 1;

      put_state (e, op);
      if (gpr >= 0)
        {
          if (bytes == 8 && last && value->loc == L_TMP && !value->pointer)
            emit_remember (e, value->reg, (guint) gpr);
          else
            emit_forget (e, gpr);
        }
      emit_used (e, op->a);
      return;
    }
  host = emit_pinned[gpr];
  if (value->loc == L_GPR && value->reg == gpr && (op->imm & 7) == 0)
    {
      emit_used (e, op->a);
      return;      /* it was made there */
    }
  emit_clobber_gpr (e, (guint) gpr, IR_NONE, IR_NONE);
  if ((op->imm & 7) == 1)
    {
      guint from = emit_reg (e, op->a);

      emit_flags_lost (e);
      asm_plain (&e->a, 8, 0xc1, ASM_ROR, asm_reg (host));
      asm_imm (&e->a, 8, 1);
      asm_op (&e->a, 1, 0x8b, host, asm_reg (from));
      asm_plain (&e->a, 8, 0xc1, ASM_ROL, asm_reg (host));
      asm_imm (&e->a, 8, 1);
    }
  else if (bytes == 8)
    {
      emit_load_into (e, host, op->a);
      /* From now on the register is the value, and scratch is free. */
      if (value->left > 1 && value->loc == L_TMP && !value->pointer)
        {
          e->owner[value->reg] = IR_NONE;
          value->loc = L_GPR;
          value->reg = (guint8) gpr;
        }
    }
  else if (bytes == 4)
    g_assert_not_reached ();      /* the lifter extends such results */
  else if (emit_imm (e, op->a, &imm, bytes))
    asm_store_imm (&e->a, bytes, asm_reg (host), imm);
  else
    asm_op (&e->a, bytes, 0x8b, host, emit_operand (e, op->a));
  emit_used (e, op->a);
}

static void
emit_compare (Emit *e, const IrInsn *op)
{
  IrRef ref = ref_of (e, op);
  guint bytes = IR_BYTES (op->type), a = emit_reg (e, op->a), tmp;
  gint32 imm;
  AsmOperand b = { 0 };
  gboolean constant = emit_imm (e, op->b, &imm, bytes);

  if (!constant)
    b = emit_operand (e, op->b);
  tmp = emit_alloc (e);
  emit_flags_lost (e);
  if (constant)
    asm_alu_imm (&e->a, bytes, ASM_CMP, asm_reg (a), imm);
  else
    asm_op (&e->a, bytes, ASM_ALU (ASM_CMP), a, b);
  asm_general (&e->a, 0, 1, 0x0f90u | (op->op == IR_EQ ? 4 : op->op == IR_LTU ? 2 : 12), 0, asm_reg (emit_tmp[tmp]), TRUE);
  asm_general (&e->a, 0, 4, 0x0fb6, emit_tmp[tmp], asm_reg (emit_tmp[tmp]), TRUE);
  emit_used (e, op->a);
  emit_used (e, op->b);
  emit_define_tmp (e, ref, tmp, TRUE);
}

static void
emit_select (Emit *e, const IrInsn *op)
{
  IrRef ref = ref_of (e, op);
  guint bytes = MAX (IR_BYTES (op->type), 4);
  Target to = { .gpr = -1 };
  guint cc, yes;
  const Value *vc;

  if (e->values[op->a].loc == L_COND && (op->a == op->b || op->a == op->c))
    emit_reg (e, op->a);
  yes = emit_reg (e, op->b);
  vc = &e->values[op->c];
  if (op->type >= IR_I32 && e->values[ref].hint >= 0 && vc->loc == L_GPR && vc->reg == e->values[ref].hint
      && !(e->values[op->b].loc == L_GPR && e->values[op->b].reg == vc->reg))
    to.gpr = emit_direct (e, ref, op->c, IR_NONE);
  if (to.gpr >= 0)
    to.host = emit_pinned[to.gpr];
  else
    {
      to.tmp = emit_take (e, op->c);
      to.host = emit_tmp[to.tmp];
    }
  /* The condition last: nothing above may change the host's flags after it. */
  if (e->values[op->a].loc == L_COND)
    {
      cc = e->values[op->a].reg;
      emit_need_cond (e, cc);
    }
  else
    {
      guint a = emit_reg (e, op->a);

      emit_flags_lost (e);
      asm_op (&e->a, 1, 0x85, a, asm_reg (a));
      cc = 5;
    }
  asm_plain (&e->a, bytes, 0x0f40 | cc, to.host, asm_reg (yes));
  emit_used (e, op->a);
  emit_used (e, op->b);
  emit_used (e, op->c);
  define (e, ref, &to, bytes == 4);
}

static void
emit_bitscan (Emit *e, const IrInsn *op)
{
  IrRef ref = ref_of (e, op);
  guint bytes = IR_BYTES (op->type);
  AsmOperand from;
  Target to;

  if (bytes < 4)
    from = asm_reg (emit_tmp[extended (e, op->a, op->type, FALSE)]);
  else
    from = emit_operand (e, op->a);
  to = target_new (e, ref, op->type, op->a, IR_NONE);
  emit_flags_lost (e);
  asm_plain (&e->a, MAX (bytes, 4), op->op == IR_CTZ ? 0x0fbc : 0x0fbd, to.host, from);
  emit_used (e, op->a);
  define (e, ref, &to, FALSE);
}

/* --- calls ------------------------------------------------------------------------------------- */

static void
store_argument (Emit *e, IrRef ref, guint n)
{
  gint32 imm;

  if (ref == IR_NONE)
    return;
  if (emit_imm (e, ref, &imm, 8))
    asm_store_imm (&e->a, 8, CPU_SCRATCH (SCRATCH_ARG + n), imm);
  else
    asm_plain (&e->a, 8, 0x89, emit_reg (e, ref), CPU_SCRATCH (SCRATCH_ARG + n));
  emit_end_op (e);
}

static void
emit_call (Emit *e, const IrInsn *op)
{
  IrRef ref = ref_of (e, op);
  guint tmp;

  store_argument (e, op->a, 0);
  store_argument (e, op->b, 1);
  store_argument (e, op->c, 2);
  emit_what (e, WHAT_CALL + (guint) op->imm);
  emit_used (e, op->a);
  emit_used (e, op->b);
  emit_used (e, op->c);
  tmp = emit_alloc (e);
  asm_plain (&e->a, 8, 0x8b, emit_tmp[tmp], CPU_SCRATCH (SCRATCH_RESULT));
  emit_define_tmp (e, ref, tmp, FALSE);
}

/* Values in guest registers or state may change under a helper: into scratch. */
static void
save_values (Emit *e)
{
  for (guint i = 1; i < e->at; i++)
    if (e->values[i].left > 0 && (e->values[i].loc == L_GPR || e->values[i].loc == L_STATE))
      {
        if (e->values[i].loc == L_GPR)
          {
            guint tmp = emit_alloc (e);

            asm_plain (&e->a, 8, 0x8b, emit_tmp[tmp], asm_reg (emit_pinned[e->values[i].reg]));
            e->values[i].loc = L_TMP;
            e->values[i].reg = (guint8) tmp;
            e->owner[tmp] = (IrRef) i;
          }
        else
          emit_reg (e, (IrRef) i);
        emit_end_op (e);
      }
}

static void
emit_helper (Emit *e, const IrInsn *op)
{
  IrRef ref = ref_of (e, op);
  gboolean counted = e->counts;

  store_argument (e, op->a, 0);
  store_argument (e, op->b, 1);
  store_argument (e, op->c, 2);
  emit_used (e, op->a);
  emit_used (e, op->b);
  emit_used (e, op->c);
  emit_settle_conds (e);
  save_values (e);
  emit_flush_flags (e);
  /* Scratch registers do not outlive the call. */
  for (guint i = 0; i < N_TMP; i++)
    if (e->owner[i] != IR_NONE)
      {
        e->locked = (guint8) (((1 << N_TMP) - 1) & ~(1 << i));
        emit_alloc (e);
        emit_end_op (e);
      }
  if (e->rip <= G_MAXINT32)
    asm_store_imm (&e->a, 8, CPU_STATE (SLOT_OF_RIP), (gint32) e->rip);
  else
    {
      asm_mov_imm (&e->a, emit_tmp[0], (gint64) e->rip);
      asm_plain (&e->a, 8, 0x89, emit_tmp[0], CPU_STATE (SLOT_OF_RIP));
    }
  if (counted)
    asm_alu_imm (&e->a, 8, ASM_ADD, CPU (budget), (gint32) (e->charged - e->retired));
  asm_mov_imm (&e->a, emit_tmp[0], (gint64) (guintptr) x86_helpers[op->imm].run);
  asm_jump (&e->a, ASM_CALL, e->emitter->helper, e->delta);
  if (counted)
    asm_alu_imm (&e->a, 8, ASM_SUB, CPU (budget), (gint32) (e->charged - e->retired));
  e->recipe = (FlagRecipe) { .known = 0 };
  emit_flags_lost (e);
  emit_forget (e, -1);
  e->after_helper = 1;
  emit_define_tmp (e, ref, 0, FALSE);
}

/* --- leaving ------------------------------------------------------------------------------------ */

static XlateLink *
new_link (Emit *e, guint64 rip, guint8 *patch)
{
  XlateLink *link = &e->unit->links[e->unit->n_links++];

  link->from = e->unit;
  link->to = NULL;
  link->rip = rip;
  link->patch = patch;
  link->delta = e->delta;
  return link;
}

/* The way out at the end of an instruction: taken over the jump at @from. */
static void
side_exit (Emit *e, guint jcc, guint64 rip)
{
  Cold *cold = emit_cold (e, COLD_SIDE_EXIT);

  cold->from = asm_jump (&e->a, jcc, NULL, 0);
  cold->recipe = e->recipe;
  cold->rip = rip;
  cold->refund = (gint32) (e->charged - e->retired - e->counts);
  cold->link = e->after_helper ? NULL : new_link (e, rip, NULL);
}

static void
emit_jump (Emit *e, const IrInsn *op)
{
  Cold *cold;

  emit_flush_flags (e);
  if (e->after_helper)
    {
      asm_general (&e->a, 0, 1, 0x80, 7, CPU (recheck), TRUE);
      asm_imm (&e->a, 0, 1);
      cold = emit_cold (e, COLD_LEAVE);
      cold->from = asm_jump (&e->a, ASM_JCC (5), NULL, 0);
      cold->rip = (guint64) op->imm;
    }
  cold = emit_cold (e, COLD_SIDE_EXIT);
  cold->recipe.known = 0;
  cold->rip = (guint64) op->imm;
  cold->link = new_link (e, (guint64) op->imm, NULL);
  cold->from = asm_jump (&e->a, ASM_JMP, NULL, 0);
  /* Nothing to do on the way: the jump itself is what is linked. */
  cold->link->patch = cold->from;
}

/* RIP to the key of the jump table, and back. */
static void
tag_jump (Emit *e, guint t)
{
  if (!(e->unit->mode & X86_MODE_CODE64))
    asm_plain (&e->a, 8, ASM_ALU (ASM_XOR), emit_tmp[t], CPU (jump_tag));
}

/* To where the jump table says code at t is, when it does. */
static void
jump_by_table (Emit *e, guint t, guint i)
{
  guint index = x86_tlb_index (e->unit->mode);
  gint32 table = (gint32) (G_STRUCT_OFFSET (X86Cpu, jumps) + index * sizeof (((X86Cpu *) NULL)->jumps[0]));
  guint8 *miss;

  asm_plain (&e->a, 4, 0x8b, emit_tmp[i], asm_reg (emit_tmp[t]));
  asm_alu_imm (&e->a, 4, ASM_AND, asm_reg (emit_tmp[i]), X86_JUMP_ENTRIES - 1);
  asm_plain (&e->a, 4, 0xc1, ASM_SHL, asm_reg (emit_tmp[i]));
  asm_imm (&e->a, 4, 1);
  tag_jump (e, t);
  asm_byte (&e->a, 0x65);
  asm_plain (&e->a, 8, ASM_ALU (ASM_CMP), emit_tmp[t], asm_mem (emit_tmp[i], table));
  miss = asm_jump (&e->a, ASM_JCC (5), NULL, 0);
  asm_byte (&e->a, 0x65);
  asm_plain (&e->a, 4, 0xff, 4, asm_mem (emit_tmp[i], table + 8));
  asm_patch (miss, e->a.at, 0);
  tag_jump (e, t);
}

static void
emit_jumpind (Emit *e, const IrInsn *op)
{
  guint t = emit_take (e, op->a), i = emit_alloc (e);

  emit_used (e, op->a);
  emit_flush_flags (e);
  if (!e->after_helper)
    jump_by_table (e, t, i);
  asm_plain (&e->a, 8, 0x89, emit_tmp[t], CPU_STATE (SLOT_OF_RIP));
  asm_store_imm (&e->a, 8, CPU (exit_link), 0);
  asm_jump (&e->a, ASM_JMP, e->emitter->leave, e->delta);
}

static void
emit_exit (Emit *e)
{
  emit_flush_flags (e);
  asm_store_imm (&e->a, 8, CPU (exit_link), 0);
  asm_jump (&e->a, ASM_JMP, e->emitter->leave, e->delta);
}

static void
emit_branchnz (Emit *e, const IrInsn *op)
{
  guint bytes = IR_BYTES (op->type), a = emit_reg (e, op->a);

  emit_flags_lost (e);
  asm_op (&e->a, bytes, 0x85, a, asm_reg (a));
  emit_used (e, op->a);
  side_exit (e, ASM_JCC (5), (guint64) op->imm);
}

void
emit_op (Emit *e, const IrInsn *op)
{
  switch ((IrOp) op->op)
    {
    case IR_NOP:
      return;
    case IR_INSN:
      e->retired += e->counts;
      e->counts = op->aux == 0;
      e->rip = (guint64) op->imm;
      return;
    case IR_IMM:
      e->values[ref_of (e, op)].loc = L_IMM;
      return;
    case IR_GET: emit_get (e, op); break;
    case IR_PUT: emit_put (e, op); break;
    case IR_ADD: case IR_SUB: case IR_AND: case IR_OR: case IR_XOR: emit_alu (e, op); break;
    case IR_NEG: case IR_NOT: case IR_BSWAP: emit_unary (e, op); break;
    case IR_SHL: case IR_SHR: case IR_SAR: case IR_ROL: case IR_ROR: emit_shift (e, op); break;
    case IR_MUL: emit_mul (e, op); break;
    case IR_MULHU: case IR_MULHS: emit_mulhigh (e, op); break;
    case IR_MULOVF: emit_mulovf (e, op); break;
    case IR_ZEXT: case IR_SEXT: emit_extend (e, op); break;
    case IR_EA: emit_ea (e, op); break;
    case IR_EQ: case IR_LTU: case IR_LTS: emit_compare (e, op); break;
    case IR_SELECT: emit_select (e, op); break;
    case IR_CTZ: case IR_BSR: emit_bitscan (e, op); break;
    case IR_CALL: emit_call (e, op); break;
    case IR_LOAD: emit_load (e, op); break;
    case IR_STORE: emit_store (e, op); break;
    case IR_PROBE:
      emit_probe (e, op->a, (guint) op->imm, op->aux, (op->aux & IR_MEM_WRITE) != 0, TRUE);
      emit_used (e, op->a);
      break;
    case IR_SEGCHECK: emit_segcheck (e, op); break;
    case IR_DIVU: case IR_DIVS: emit_divide (e, op); break;
    case IR_FLAGS: emit_flags (e, op); break;
    case IR_OVERLAY: emit_overlay (e, op); break;
    case IR_COND: emit_cond (e, ref_of (e, op)); break;
    case IR_RDFLAGS:
      {
        guint tmp;

        emit_flush_flags (e);
        emit_what (e, WHAT_FLAGS_IMAGE);
        tmp = emit_alloc (e);
        asm_plain (&e->a, 8, 0x8b, emit_tmp[tmp], CPU_SCRATCH (SCRATCH_RESULT));
        emit_define_tmp (e, ref_of (e, op), tmp, TRUE);
        break;
      }
    case IR_HOST: emit_host (e, op); break;
    case IR_HELPER: emit_helper (e, op); break;
    case IR_BRANCH:
      emit_need_cond (e, op->aux & 15);
      side_exit (e, ASM_JCC (op->aux & 15), (guint64) op->imm);
      break;
    case IR_BRANCHNZ: emit_branchnz (e, op); break;
    case IR_JUMP: emit_jump (e, op); break;
    case IR_JUMPIND: emit_jumpind (e, op); break;
    case IR_EXIT: emit_exit (e); break;
    case IR_RAISE: emit_abandon (e, 0); break;
    case IR_N_OPS: g_assert_not_reached ();
    }
  emit_end_op (e);
}
