/* emit-values.c - where the values of a unit are, and the scratch registers.
 *
 * A read of a pinned guest register costs nothing: the value is that register for as
 * long as nobody changes it.  Whoever is about to change it moves such values away
 * first (emit_clobber_gpr). */
#include "config.h"

#include "translate/x86-64/emit-private.h"

const guint8 emit_tmp[N_TMP] = { 10, 11, 13 };

/* What can be the same stays the same: CL, RAX:RDX and AH..BH are then at hand. */
const guint8 emit_pinned[16] = {
  [X86_RAX] = 0, [X86_RCX] = 1, [X86_RDX] = 2, [X86_RBX] = 3, [X86_RSP] = 14, [X86_RBP] = 5, [X86_RSI] = 6, [X86_RDI] = 7,
  [X86_R8] = 8, [X86_R9] = 9, [X86_R10] = NOT_PINNED, [X86_R11] = NOT_PINNED, [X86_R12] = 12, [X86_R13] = NOT_PINNED,
  [X86_R14] = NOT_PINNED, [X86_R15] = NOT_PINNED,
};

#define GPR_START ((gint64) G_STRUCT_OFFSET (X86State, gpr))

/* The guest register that a slot lies in, or -1. */
static gint
slot_gpr (gint64 offset)
{
  return offset >= GPR_START && offset < GPR_START + 16 * 8 ? (gint) ((offset - GPR_START) / 8) : -1;
}

/* --- before the walk ---------------------------------------------------------------- */

/* Whether an operation makes host code that can compute into any register. */
static gboolean
takes_hint (const IrInsn *op)
{
  switch (op->op)
    {
    case IR_ADD: case IR_SUB: case IR_AND: case IR_OR: case IR_XOR: case IR_NEG: case IR_NOT: case IR_SHL: case IR_SHR:
    case IR_SAR: case IR_ROL: case IR_ROR: case IR_MUL: case IR_EA: case IR_LOAD: case IR_ZEXT: case IR_SEXT:
    case IR_SELECT: case IR_BSWAP: case IR_CTZ: case IR_BSR:
      return TRUE;
    default:
      return FALSE;
    }
}

/* Nothing between @from and @to can leave the unit or looks at guest register @gpr. */
static gboolean
quiet_between (const IrBlock *block, guint from, guint to, gint gpr)
{
  for (guint i = from + 1; i < to; i++)
    {
      const IrInsn *op = &block->ops[i];

      if (op->op == IR_INSN || (ir_op_info[op->op].traits & (IR_FAULTS | IR_SIDE_EXIT | IR_ALL_STATE)))
        return FALSE;
      if ((op->op == IR_GET || op->op == IR_PUT) && slot_gpr (op->imm) == gpr)
        return FALSE;
    }
  return TRUE;
}

static void
hint_at_put (Emit *e, guint put)
{
  const IrBlock *block = e->block;
  const IrInsn *op = &block->ops[put];
  gint gpr = slot_gpr (op->imm);
  const IrInsn *made = &block->ops[op->a];

  if (gpr < 0 || emit_pinned[gpr] == NOT_PINNED || (op->imm & 7) != 0 || op->a == IR_NONE || op->type == IR_I32)
    return;
  if (!takes_hint (made) || made->type != op->type || !quiet_between (block, op->a, put, gpr))
    return;
  e->values[op->a].hint = (gint8) gpr;
  /* A 32-bit result that is zero-extended as it is made. */
  if (made->op == IR_ZEXT && made->type == IR_I64 && block->ops[made->a].uses >= 1
      && takes_hint (&block->ops[made->a])
      && (made->aux == IR_I32 || (block->ops[made->a].op == IR_LOAD && block->ops[made->a].type == made->aux))
      && block->ops[made->a].type == made->aux && block->ops[made->a].op != IR_ZEXT
      && quiet_between (block, made->a, put, gpr))
    e->values[made->a].hint = (gint8) gpr;
}

void
emit_prepare (Emit *e)
{
  for (guint i = 0; i < e->block->n_ops; i++)
    {
      e->values[i].loc = L_NONE;
      e->values[i].pointer = 0;
      e->values[i].zx = 0;
      e->values[i].hint = -1;
      e->values[i].left = e->block->ops[i].uses;
    }
  for (guint i = 1; i < e->block->n_ops; i++)
    if (e->block->ops[i].op == IR_PUT)
      hint_at_put (e, i);
  for (guint i = 0; i < N_TMP; i++)
    {
      e->owner[i] = IR_NONE;
      e->cached[i] = -1;
    }
  e->locked = 0;
  e->spills = 0;
  e->n_conds = 0;
}

/* --- scratch registers ---------------------------------------------------------------- */

static void
spill (Emit *e, guint tmp)
{
  Value *value = &e->values[e->owner[tmp]];
  guint place = 0;

  while (e->spills >> place & 1)
    place++;
  g_assert (place < N_SPILLS);
  e->spills |= 1 << place;
  asm_plain (&e->a, 8, 0x89, emit_tmp[tmp], CPU_SCRATCH (SCRATCH_SPILL + place));
  value->loc = L_SPILL;
  value->reg = (guint8) place;
  e->owner[tmp] = IR_NONE;
}

guint
emit_alloc (Emit *e)
{
  guint victim = N_TMP;

  /* Free ones first, then those that only remember something. */
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < N_TMP; i++)
      if (!(e->locked >> i & 1) && e->owner[i] == IR_NONE && (pass == 1 || e->cached[i] < 0))
        {
          e->locked |= 1 << i;
          e->cached[i] = -1;
          return i;
        }
  for (guint i = 0; i < N_TMP; i++)
    if (!(e->locked >> i & 1))
      {
        /* The one that was made first is most likely wanted last. */
        if (victim == N_TMP || e->owner[i] < e->owner[victim])
          victim = i;
      }
  g_assert (victim < N_TMP);
  spill (e, victim);
  e->locked |= 1 << victim;
  e->cached[victim] = -1;
  return victim;
}

void
emit_end_op (Emit *e)
{
  e->locked = 0;
}

static void
release (Emit *e, IrRef ref)
{
  Value *value = &e->values[ref];

  if (value->loc == L_TMP && e->owner[value->reg] == ref)
    e->owner[value->reg] = IR_NONE;
  else if (value->loc == L_SPILL)
    e->spills &= ~(1 << value->reg);
  else if (value->loc == L_COND)
    e->n_conds--;
  value->loc = L_NONE;
}

void
emit_used (Emit *e, IrRef ref)
{
  Value *value = &e->values[ref];

  if (ref == IR_NONE)
    return;
  g_assert (value->left > 0);
  if (--value->left == 0 && value->loc != L_IMM)
    release (e, ref);
}

void
emit_define_tmp (Emit *e, IrRef ref, guint tmp, gboolean zx)
{
  Value *value = &e->values[ref];

  if (value->left == 0)
    return;
  value->loc = L_TMP;
  value->reg = (guint8) tmp;
  value->zx = zx != FALSE;
  value->pointer = 0;
  e->owner[tmp] = ref;
}

void
emit_define_gpr (Emit *e, IrRef ref, guint gpr, gboolean zx)
{
  Value *value = &e->values[ref];

  if (value->left == 0)
    return;
  value->loc = L_GPR;
  value->reg = (guint8) gpr;
  value->zx = zx != FALSE;
}

/* --- guest registers that are not pinned, remembered ------------------------------------ */

void
emit_remember (Emit *e, guint tmp, guint gpr)
{
  emit_forget (e, (gint) gpr);
  e->cached[tmp] = (gint8) gpr;
}

gint
emit_recall (Emit *e, guint gpr)
{
  for (guint i = 0; i < N_TMP; i++)
    if (e->cached[i] == (gint) gpr && e->owner[i] == IR_NONE && !(e->locked >> i & 1))
      return (gint) i;
  return -1;
}

void
emit_forget (Emit *e, gint gpr)
{
  for (guint i = 0; i < N_TMP; i++)
    if (gpr < 0 || e->cached[i] == gpr)
      e->cached[i] = -1;
}

/* --- reading -------------------------------------------------------------------------- */

void
emit_load_into (Emit *e, guint host, IrRef ref)
{
  const Value *value = &e->values[ref];
  const IrInsn *op = &e->block->ops[ref];
  guint bytes = op->type == IR_I64 || value->pointer ? 8 : 4;

  switch (value->loc)
    {
    case L_IMM:
      asm_mov_imm (&e->a, host, op->imm);
      break;
    case L_GPR:
      if (emit_pinned[value->reg] != host)
        asm_plain (&e->a, bytes, 0x8b, host, asm_reg (emit_pinned[value->reg]));
      break;
    case L_TMP:
      /* All of it: what is above the type may be known to be zero. */
      if (emit_tmp[value->reg] != host)
        asm_plain (&e->a, 8, 0x8b, host, asm_reg (emit_tmp[value->reg]));
      break;
    case L_SPILL:
      asm_plain (&e->a, 8, 0x8b, host, CPU_SCRATCH (SCRATCH_SPILL + value->reg));
      break;
    case L_STATE:
      if (op->type == IR_I8)
        asm_plain (&e->a, 4, 0x0fb6, host, CPU_STATE (value->offset));
      else if (op->type == IR_I16)
        asm_plain (&e->a, 4, 0x0fb7, host, CPU_STATE (value->offset));
      else
        asm_plain (&e->a, bytes, 0x8b, host, CPU_STATE (value->offset));
      break;
    case L_COND:
      emit_need_cond (e, value->reg);
      asm_general (&e->a, 0, 1, 0x0f90 | value->reg, 0, asm_reg (host), TRUE);
      asm_general (&e->a, 0, 4, 0x0fb6, host, asm_reg (host), TRUE);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* Whether a load of the value into a register clears what is above its type. */
static gboolean
load_zero_extends (const Emit *e, IrRef ref)
{
  const Value *value = &e->values[ref];

  switch (value->loc)
    {
    case L_GPR: return value->zx || e->block->ops[ref].type == IR_I32;
    case L_STATE: case L_COND: return TRUE;
    default: return value->zx;
    }
}

guint
emit_reg (Emit *e, IrRef ref)
{
  Value *value = &e->values[ref];
  guint tmp;
  gboolean zx, pointer;

  if (value->loc == L_GPR)
    return emit_pinned[value->reg];
  if (value->loc == L_TMP)
    {
      e->locked |= 1 << value->reg;
      return emit_tmp[value->reg];
    }
  tmp = emit_alloc (e);
  zx = load_zero_extends (e, ref);
  pointer = value->pointer;
  emit_load_into (e, emit_tmp[tmp], ref);
  if (value->loc == L_IMM)
    return emit_tmp[tmp];      /* a constant stays one */
  if (value->loc == L_SPILL)
    e->spills &= ~(1 << value->reg);
  else if (value->loc == L_COND)
    e->n_conds--;
  value->loc = L_TMP;
  value->reg = (guint8) tmp;
  value->zx = zx != FALSE;
  value->pointer = pointer != FALSE;
  e->owner[tmp] = ref;
  return emit_tmp[tmp];
}

AsmOperand
emit_operand (Emit *e, IrRef ref)
{
  const Value *value = &e->values[ref];

  if (value->loc == L_STATE)
    return CPU_STATE (value->offset);
  if (value->loc == L_SPILL)
    return CPU_SCRATCH (SCRATCH_SPILL + value->reg);
  return asm_reg (emit_reg (e, ref));
}

gboolean
emit_imm (Emit *e, IrRef ref, gint32 *imm, guint bytes)
{
  gint64 value = e->block->ops[ref].imm;

  if (e->values[ref].loc != L_IMM)
    return FALSE;
  if (bytes == 4)
    value = (gint32) value;
  else if (bytes == 2)
    value = (gint16) value;
  else if (bytes == 1)
    value = (gint8) value;
  *imm = (gint32) value;
  return value == *imm;
}

guint
emit_take (Emit *e, IrRef ref)
{
  Value *value = &e->values[ref];
  guint8 locked;
  guint tmp;

  if (value->loc == L_TMP && value->left == 1)
    {
      tmp = value->reg;
      e->owner[tmp] = IR_NONE;
      e->cached[tmp] = -1;
      e->locked |= 1 << tmp;
      value->loc = L_NONE;
      return tmp;
    }
  locked = e->locked;
  if (value->loc == L_TMP)
    e->locked |= 1 << value->reg;
  tmp = emit_alloc (e);
  emit_load_into (e, emit_tmp[tmp], ref);
  e->locked = (guint8) (locked | 1 << tmp);
  return tmp;
}

/* --- changing guest registers ----------------------------------------------------------- */

static void
place_to_slot (Emit *e, Place *place, guint gpr, gsize offset)
{
  if (place->kind != PLACE_GPR || place->gpr != gpr)
    return;
  asm_plain (&e->a, 8, 0x89, emit_pinned[gpr], asm_cpu (offset));
  place->kind = PLACE_SLOT;
}

void
emit_clobber_gpr (Emit *e, guint gpr, IrRef a, IrRef b)
{
  if (e->recipe.known)
    {
      place_to_slot (e, &e->recipe.res, gpr, G_STRUCT_OFFSET (X86Cpu, cc_res));
      place_to_slot (e, &e->recipe.src, gpr, G_STRUCT_OFFSET (X86Cpu, cc_src));
      place_to_slot (e, &e->recipe.over, gpr, G_STRUCT_OFFSET (X86Cpu, cc_over));
    }
  for (guint i = 1; i < e->at; i++)
    {
      Value *value = &e->values[i];
      guint tmp, uses_now = (i == a) + (i == b);

      if (value->loc != L_GPR || value->reg != gpr || value->left <= uses_now)
        continue;
      tmp = emit_alloc (e);
      asm_plain (&e->a, 8, 0x8b, emit_tmp[tmp], asm_reg (emit_pinned[gpr]));
      e->locked &= ~(1 << tmp);
      value->loc = L_TMP;
      value->reg = (guint8) tmp;
      e->owner[tmp] = (IrRef) i;
      if (uses_now)
        e->locked |= 1 << tmp;
    }
}

void
emit_clobber_state (Emit *e, gint64 offset, guint bytes)
{
  for (guint i = 1; i < e->at; i++)
    {
      const Value *value = &e->values[i];

      if (value->loc == L_STATE && value->left > 0 && value->offset < offset + (gint64) bytes
          && offset < value->offset + (gint64) IR_BYTES (e->block->ops[i].type))
        emit_reg (e, (IrRef) i);
    }
}

gint
emit_direct (Emit *e, IrRef ref, IrRef a, IrRef b)
{
  gint gpr = e->values[ref].hint;
  const Value *vb = &e->values[b];

  if (gpr < 0)
    return -1;
  /* The second argument would be overwritten by the first one's move. */
  if (b != IR_NONE && vb->loc == L_GPR && vb->reg == gpr
      && !(a != IR_NONE && e->values[a].loc == L_GPR && e->values[a].reg == gpr))
    return -1;
  emit_clobber_gpr (e, (guint) gpr, a, b);
  return gpr;
}

void
emit_flags_lost (Emit *e)
{
  e->known = 0;
  e->flags_of = IR_NONE;
}
