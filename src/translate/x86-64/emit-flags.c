/* emit-flags.c - the guest's arithmetic flags in host code.
 *
 * Three places, the nearest first: the host's flags (Emit.known says which are the
 * guest's), a recipe of one operation and its operands (Emit.recipe), the CPU's struct.
 * A recipe costs nothing until an operand is about to be lost or the unit is left. */
#include "config.h"

#include "translate/x86-64/emit-private.h"

#define HF_ALL (IR_HF_C | IR_HF_P | IR_HF_A | IR_HF_Z | IR_HF_S | IR_HF_O)
#define OFFSET_RES  G_STRUCT_OFFSET (X86Cpu, cc_res)
#define OFFSET_SRC  G_STRUCT_OFFSET (X86Cpu, cc_src)
#define OFFSET_OVER G_STRUCT_OFFSET (X86Cpu, cc_over)

G_STATIC_ASSERT (G_STRUCT_OFFSET (X86Cpu, cc_type) == G_STRUCT_OFFSET (X86Cpu, cc_op) + 1);
G_STATIC_ASSERT (G_STRUCT_OFFSET (X86Cpu, cc_over_op) == G_STRUCT_OFFSET (X86Cpu, cc_op) + 2);
G_STATIC_ASSERT (G_STRUCT_OFFSET (X86Cpu, cc_over_type) == G_STRUCT_OFFSET (X86Cpu, cc_op) + 3);
G_STATIC_ASSERT ((guint) CC_ADC1 == (guint) CC_ADD + 1 && (guint) CC_SBB1 == (guint) CC_SUB + 1);

/* Flags that a condition reads. */
static guint
cond_needs (guint cc)
{
  static const guint8 needs[8] = {
    IR_HF_O, IR_HF_C, IR_HF_Z, IR_HF_C | IR_HF_Z, IR_HF_S, IR_HF_P, IR_HF_S | IR_HF_O, IR_HF_S | IR_HF_O | IR_HF_Z,
  };

  return needs[cc >> 1];
}

/* --- the recipe ------------------------------------------------------------------------- */

static void
store_place (Asm *a, const Place *place, gsize offset)
{
  if (place->kind == PLACE_GPR)
    asm_plain (a, 8, 0x89, emit_pinned[place->gpr], asm_cpu (offset));
  else if (place->kind == PLACE_IMM)
    asm_store_imm (a, 8, asm_cpu (offset), place->imm);
}

void
emit_store_recipe (Asm *a, const FlagRecipe *recipe)
{
  if (!recipe->known)
    return;
  store_place (a, &recipe->res, OFFSET_RES);
  store_place (a, &recipe->src, OFFSET_SRC);
  store_place (a, &recipe->over, OFFSET_OVER);
  if (!recipe->stored)
    asm_store_imm (a, 4, CPU (cc_op), (gint32) (recipe->op | (guint) recipe->type << 8 | (guint) recipe->over_op << 16
                                                | (guint) recipe->over_type << 24));
}

void
emit_flush_flags (Emit *e)
{
  emit_store_recipe (&e->a, &e->recipe);
  if (!e->recipe.known)
    return;
  e->recipe.res.kind = e->recipe.src.kind = e->recipe.over.kind = PLACE_SLOT;
  e->recipe.stored = 1;
}

/* Where a value of the recipe can be found later; into its word when it would go away. */
static Place
place_of (Emit *e, IrRef ref, gsize offset)
{
  const Value *value = &e->values[ref];
  gint32 imm;

  if (ref == IR_NONE)
    return (Place) { .kind = PLACE_IMM, .imm = 0 };
  if (value->loc == L_GPR)
    return (Place) { .kind = PLACE_GPR, .gpr = value->reg };
  if (value->loc == L_IMM && emit_imm (e, ref, &imm, IR_BYTES (e->block->ops[ref].type)))
    return (Place) { .kind = PLACE_IMM, .imm = imm };
  asm_plain (&e->a, 8, 0x89, emit_reg (e, ref), asm_cpu (offset));
  return (Place) { .kind = PLACE_SLOT };
}

/* Values that are conditions of the flags as they are: into registers, before the flags change. */
void
emit_settle_conds (Emit *e)
{
  for (guint i = 1; e->n_conds > 0 && i < e->at; i++)
    if (e->values[i].loc == L_COND)
      {
        guint8 locked = e->locked;

        emit_reg (e, (IrRef) i);
        e->locked = locked;
      }
}

/* What the host's flags are worth for the recipe when they describe its result. */
static guint
native_flags (const Emit *e, const IrInsn *op)
{
  const IrInsn *made = &e->block->ops[op->a];

  if (e->flags_of != op->a || op->a == IR_NONE || made->type != op->type)
    return 0;
  switch (op->aux)
    {
    case CC_ADD: return made->op == IR_ADD ? HF_ALL : 0;
    case CC_SUB: return made->op == IR_SUB || made->op == IR_NEG ? HF_ALL : 0;
    case CC_LOGIC:
      return made->op == IR_AND || made->op == IR_OR || made->op == IR_XOR
             ? IR_HF_C | IR_HF_P | IR_HF_Z | IR_HF_S | IR_HF_O : 0;
    case CC_INC: return made->op == IR_ADD ? IR_HF_P | IR_HF_A | IR_HF_Z | IR_HF_S | IR_HF_O : 0;
    case CC_DEC: return made->op == IR_ADD || made->op == IR_SUB ? IR_HF_P | IR_HF_Z | IR_HF_S : 0;
    case CC_SHL: case CC_SHR: case CC_SAR:
      return made->op == IR_SHL || made->op == IR_SHR || made->op == IR_SAR
             ? IR_HF_C | IR_HF_P | IR_HF_Z | IR_HF_S : 0;
    case CC_SMUL: return made->op == IR_MUL ? IR_HF_C | IR_HF_O : 0;
    default: return 0;
    }
}

/* A shift by a count that may be 0: the struct holds the old flags; they are replaced
 * there when the count is not 0. */
static void
flags_if_count (Emit *e, const IrInsn *op)
{
  guint8 *skip;
  guint res, src, count;

  emit_flush_flags (e);
  res = emit_reg (e, op->a);
  src = emit_reg (e, op->b);
  count = emit_reg (e, op->c);
  emit_flags_lost (e);
  asm_general (&e->a, 0, 1, 0x84, count, asm_reg (count), TRUE);
  skip = asm_jump (&e->a, ASM_JCC (4), NULL, 0);
  asm_plain (&e->a, 8, 0x89, res, asm_cpu (OFFSET_RES));
  asm_plain (&e->a, 8, 0x89, src, asm_cpu (OFFSET_SRC));
  asm_store_imm (&e->a, 4, CPU (cc_op), (gint32) (op->aux | (guint) op->type << 8 | (guint) IR_I64 << 24));
  asm_patch (skip, e->a.at, 0);
  e->recipe = (FlagRecipe) { .known = 0 };
}

static void
flags_with_carry (Emit *e, const IrInsn *op)
{
  guint tmp;

  asm_plain (&e->a, 8, 0x89, emit_reg (e, op->a), asm_cpu (OFFSET_RES));
  emit_end_op (e);
  asm_plain (&e->a, 8, 0x89, emit_reg (e, op->b), asm_cpu (OFFSET_SRC));
  emit_end_op (e);
  /* The form's number is that without carry, plus the carry. */
  tmp = emit_alloc (e);
  {
    guint carry = emit_reg (e, op->c);

    asm_general (&e->a, 0, 4, 0x0fb6, emit_tmp[tmp], asm_reg (carry), TRUE);
  }
  asm_plain (&e->a, 8, 0x8d, emit_tmp[tmp],
             asm_mem (emit_tmp[tmp], (gint32) ((op->aux == CC_ADC ? CC_ADD : CC_SUB) | (guint) op->type << 8)));
  asm_plain (&e->a, 4, 0x89, emit_tmp[tmp], CPU (cc_op));
  e->recipe = (FlagRecipe) { .known = 0 };
  e->known = 0;
}

void
emit_flags (Emit *e, const IrInsn *op)
{
  guint native = native_flags (e, op);
  IrRef of = e->flags_of;

  if (e->n_conds > 0)
    {
      emit_settle_conds (e);
      if (e->flags_of != of)
        native = 0;
    }
  if (op->aux == CC_ADC || op->aux == CC_SBB)
    flags_with_carry (e, op);
  else if (op->c != IR_NONE)
    flags_if_count (e, op);
  else
    {
      FlagRecipe recipe = { .known = 1, .op = (guint8) op->aux, .type = op->type, .over_op = CC_OVER_NONE, .over_type = IR_I64,
                            .over = { .kind = PLACE_SLOT } };

      recipe.res = place_of (e, op->a, OFFSET_RES);
      recipe.src = op->b != IR_NONE ? place_of (e, op->b, OFFSET_SRC) : (Place) { .kind = PLACE_SLOT };
      e->recipe = recipe;
      e->known = (guint8) (e->flags_of == of ? native : 0);
    }
  emit_used (e, op->a);
  emit_used (e, op->b);
  emit_used (e, op->c);
}

/* CF over a rotate's flags would lose its OF: such an overlay is settled first. */
static void
settle_rotate (Emit *e)
{
  if (e->recipe.known)
    {
      if (e->recipe.over_op <= CC_OVER_CF)
        return;
      emit_flush_flags (e);
      emit_what (e, WHAT_FLAGS_SETTLE);
      e->recipe = (FlagRecipe) { .known = 0 };
      return;
    }
  {
    guint8 *skip;

    asm_general (&e->a, 0, 1, 0x80, 7, CPU (cc_over_op), TRUE);
    asm_imm (&e->a, CC_OVER_CF, 1);
    skip = asm_jump (&e->a, ASM_JCC (6), NULL, 0);
    emit_what (e, WHAT_FLAGS_SETTLE);
    asm_patch (skip, e->a.at, 0);
  }
}

/* In the struct: the base stays as it is there. */
static void
overlay_in_struct (Emit *e, const IrInsn *op)
{
  guint8 *skip = NULL;
  guint value;

  if (op->aux == CC_OVER_CF)
    settle_rotate (e);
  emit_flush_flags (e);
  value = emit_reg (e, op->a);
  if (op->b != IR_NONE)
    {
      guint count = emit_reg (e, op->b);

      asm_general (&e->a, 0, 1, 0x84, count, asm_reg (count), TRUE);
      skip = asm_jump (&e->a, ASM_JCC (4), NULL, 0);
    }
  asm_plain (&e->a, 8, 0x89, value, asm_cpu (OFFSET_OVER));
  asm_store_imm (&e->a, 2, CPU (cc_over_op), (gint16) (op->aux | (guint) op->type << 8));
  if (skip != NULL)
    asm_patch (skip, e->a.at, 0);
  e->recipe = (FlagRecipe) { .known = 0 };
}

void
emit_overlay (Emit *e, const IrInsn *op)
{
  guint kept = op->aux == CC_OVER_CF ? e->known & ~IR_HF_C : e->known & ~(IR_HF_C | IR_HF_O);
  IrRef of = e->flags_of;

  if (e->n_conds > 0)
    {
      emit_settle_conds (e);
      if (e->flags_of != of)
        kept = 0;
    }
  if (!e->recipe.known || op->b != IR_NONE || (op->aux == CC_OVER_CF && e->recipe.over_op > CC_OVER_CF))
    {
      overlay_in_struct (e, op);
      emit_flags_lost (e);
      kept = 0;
    }
  else
    {
      e->recipe.over = place_of (e, op->a, OFFSET_OVER);
      e->recipe.over_op = (guint8) op->aux;
      e->recipe.over_type = op->type;
      e->recipe.stored = 0;
    }
  e->known = (guint8) kept;
  emit_used (e, op->a);
  emit_used (e, op->b);
}

/* The host's flags just became the guest's, as far as @valid; the others are 0, with
 * @exact in the host too: then they stay, for a jump is likely to come. */
void
emit_host_flags (Emit *e, guint valid, gboolean exact)
{
  static const struct { guint8 hf; guint16 flag; } bits[] = {
    { IR_HF_C, X86_CF }, { IR_HF_P, X86_PF }, { IR_HF_A, X86_AF }, { IR_HF_Z, X86_ZF }, { IR_HF_S, X86_SF }, { IR_HF_O, X86_OF },
  };
  guint mask = 0, tmp = emit_alloc (e);

  for (guint i = 0; i < G_N_ELEMENTS (bits); i++)
    if (valid & bits[i].hf)
      mask |= bits[i].flag;
  asm_byte (&e->a, 0x9c);                                           /* pushfq */
  asm_byte (&e->a, 0x41);                                           /* pop tmp */
  asm_byte (&e->a, 0x58 | (emit_tmp[tmp] & 7));
  if (exact)
    {
      /* Bit 1 is always set; MOVZX, SETcc and LEA change no flags. */
      asm_general (&e->a, 0, 4, 0x0fb6, emit_tmp[tmp], asm_reg (emit_tmp[tmp]), TRUE);
      if (mask & X86_OF)
        {
          guint over = emit_alloc (e), host = emit_tmp[over];

          asm_general (&e->a, 0, 1, 0x0f90, 0, asm_reg (host), TRUE);           /* seto */
          asm_general (&e->a, 0, 4, 0x0fb6, host, asm_reg (host), TRUE);
          for (guint i = 0; i < 3; i++)
            asm_plain (&e->a, 4, 0x8d, host, asm_sib (ASM_NO_REG, host, 3, 0));
          asm_plain (&e->a, 4, 0x8d, emit_tmp[tmp], asm_sib (emit_tmp[tmp], host, 2, -2));
        }
      else
        asm_plain (&e->a, 4, 0x8d, emit_tmp[tmp], asm_mem (emit_tmp[tmp], -2));
    }
  else
    asm_alu_imm (&e->a, 4, ASM_AND, asm_reg (emit_tmp[tmp]), (gint32) mask);
  asm_plain (&e->a, 8, 0x89, emit_tmp[tmp], asm_cpu (OFFSET_RES));
  e->recipe = (FlagRecipe) { .known = 1, .op = CC_IMAGE, .type = IR_I64, .over_type = IR_I64,
                             .res = { .kind = PLACE_SLOT }, .src = { .kind = PLACE_SLOT }, .over = { .kind = PLACE_SLOT } };
  emit_flags_lost (e);
  if (exact)
    e->known = HF_ALL;
}

/* --- reading ------------------------------------------------------------------------------ */

void
emit_what (Emit *e, guint what)
{
  asm_store_imm (&e->a, 4, CPU_SCRATCH (SCRATCH_WHAT), (gint32) what);
  asm_jump (&e->a, ASM_CALL, e->emitter->call, e->delta);
  emit_flags_lost (e);
}

/* An operand of the recipe as an instruction's operand; constants have none. */
static AsmOperand
place_operand (const Place *place, gsize offset)
{
  return place->kind == PLACE_GPR ? asm_reg (emit_pinned[place->gpr]) : asm_cpu (offset);
}

/* dst = place, all bits. */
static void
load_place (Emit *e, guint host, const Place *place, gsize offset)
{
  if (place->kind == PLACE_IMM)
    asm_mov_imm (&e->a, host, place->imm);
  else
    asm_plain (&e->a, 8, 0x8b, host, place_operand (place, offset));
}

/* op place, place of the recipe's type: CMP res, src. */
static void
compare_places (Emit *e)
{
  const FlagRecipe *r = &e->recipe;
  guint bytes = IR_BYTES (r->type);

  if (r->src.kind == PLACE_IMM && r->res.kind != PLACE_IMM)
    {
      if (r->src.imm == 0 && r->res.kind == PLACE_GPR)
        asm_op (&e->a, bytes, 0x85, emit_pinned[r->res.gpr], asm_reg (emit_pinned[r->res.gpr]));
      else
        asm_alu_imm (&e->a, bytes, ASM_CMP, place_operand (&r->res, OFFSET_RES), r->src.imm);
    }
  else if (r->res.kind == PLACE_GPR)
    asm_op (&e->a, bytes, ASM_ALU (ASM_CMP), emit_pinned[r->res.gpr], place_operand (&r->src, OFFSET_SRC));
  else if (r->src.kind == PLACE_GPR && r->res.kind == PLACE_SLOT)
    asm_op (&e->a, bytes, ASM_ALU (ASM_CMP) - 2, emit_pinned[r->src.gpr], place_operand (&r->res, OFFSET_RES));
  else
    {
      guint8 locked = e->locked;
      guint tmp = emit_alloc (e);

      load_place (e, emit_tmp[tmp], &r->res, OFFSET_RES);
      if (r->src.kind == PLACE_IMM)
        asm_alu_imm (&e->a, bytes, ASM_CMP, asm_reg (emit_tmp[tmp]), r->src.imm);
      else
        asm_op (&e->a, bytes, ASM_ALU (ASM_CMP), emit_tmp[tmp], place_operand (&r->src, OFFSET_SRC));
      e->locked = locked;
    }
}

/* TEST res, res: SF, ZF and PF of every form but CMP and IMAGE. */
static void
test_result (Emit *e)
{
  const Place *res = &e->recipe.res;
  guint bytes = IR_BYTES (e->recipe.type);

  if (res->kind == PLACE_GPR)
    asm_op (&e->a, bytes, 0x85, emit_pinned[res->gpr], asm_reg (emit_pinned[res->gpr]));
  else if (res->kind == PLACE_SLOT)
    asm_alu_imm (&e->a, bytes, ASM_CMP, asm_cpu (OFFSET_RES), 0);
  else
    {
      guint8 locked = e->locked;
      guint tmp = emit_alloc (e);

      asm_mov_imm (&e->a, emit_tmp[tmp], res->imm);
      asm_op (&e->a, bytes, 0x85, emit_tmp[tmp], asm_reg (emit_tmp[tmp]));
      e->locked = locked;
    }
}

/* res -+ src, then back: the operation once more. */
static void
redo (Emit *e, guint undo, guint again)
{
  const FlagRecipe *r = &e->recipe;
  guint bytes = IR_BYTES (r->type);
  guint8 locked = e->locked;
  guint tmp = emit_alloc (e);

  load_place (e, emit_tmp[tmp], &r->res, OFFSET_RES);
  for (guint i = 0; i < 2; i++)
    {
      guint op = i == 0 ? undo : again;

      if (r->src.kind == PLACE_IMM)
        asm_alu_imm (&e->a, bytes, op, asm_reg (emit_tmp[tmp]), r->src.imm);
      else
        asm_op (&e->a, bytes, ASM_ALU (op), emit_tmp[tmp], place_operand (&r->src, OFFSET_SRC));
    }
  e->locked = locked;
}

static gboolean
rebuild_from_recipe (Emit *e, guint needs)
{
  const FlagRecipe *r = &e->recipe;

  if (!r->known)
    return FALSE;
  if (r->over_op == CC_OVER_CF && needs == IR_HF_C)
    {
      if (r->over.kind == PLACE_IMM)
        asm_byte (&e->a, r->over.imm & 1 ? 0xf9 : 0xf8);           /* stc, clc */
      else
        {
          asm_plain (&e->a, 4, 0x0fba, 4, place_operand (&r->over, OFFSET_OVER));
          asm_imm (&e->a, 0, 1);
        }
      e->known = IR_HF_C;
      return TRUE;
    }
  if (r->over_op != CC_OVER_NONE && (needs & (IR_HF_C | (r->over_op == CC_OVER_CF ? 0 : IR_HF_O))))
    return FALSE;
  switch (r->op)
    {
    case CC_IMAGE:
      return FALSE;
    case CC_CMP:
      compare_places (e);
      e->known = HF_ALL;
      break;
    case CC_LOGIC:
      test_result (e);
      e->known = HF_ALL & ~IR_HF_A;
      break;
    case CC_ADD: case CC_SUB:
      if (!(needs & (IR_HF_C | IR_HF_O)))
        {
          test_result (e);
          e->known = IR_HF_Z | IR_HF_S | IR_HF_P;
        }
      else
        {
          redo (e, r->op == CC_ADD ? ASM_SUB : ASM_ADD, r->op == CC_ADD ? ASM_ADD : ASM_SUB);
          e->known = HF_ALL;
        }
      break;
    case CC_BMI:
      if (needs & ~(IR_HF_Z | IR_HF_S))
        return FALSE;
      test_result (e);
      e->known = IR_HF_Z | IR_HF_S;
      break;
    default:
      if (needs & (IR_HF_C | IR_HF_O))
        return FALSE;
      test_result (e);
      e->known = IR_HF_Z | IR_HF_S | IR_HF_P;
      break;
    }
  if (r->over_op == CC_OVER_CF)
    e->known &= ~IR_HF_C;
  else if (r->over_op != CC_OVER_NONE)
    e->known &= ~(IR_HF_C | IR_HF_O);
  return TRUE;
}

void
emit_need_cond (Emit *e, guint cc)
{
  guint needs = cond_needs (cc);
  guint8 locked;
  guint tmp;

  if ((e->known & needs) == needs)
    return;
  emit_flags_lost (e);
  if (rebuild_from_recipe (e, needs))
    {
      g_assert ((e->known & needs) == needs);
      return;
    }
  emit_flush_flags (e);
  emit_what (e, WHAT_FLAGS_IMAGE);
  locked = e->locked;
  tmp = emit_alloc (e);
  asm_plain (&e->a, 8, 0x8b, emit_tmp[tmp], CPU_SCRATCH (SCRATCH_RESULT));
  asm_byte (&e->a, 0x41);
  asm_byte (&e->a, 0x50 | (emit_tmp[tmp] & 7));                     /* push tmp; popfq */
  asm_byte (&e->a, 0x9d);
  e->locked = locked;
  e->known = HF_ALL;
}

/* A condition stays one while all its uses can take it as such. */
void
emit_cond (Emit *e, IrRef ref)
{
  const IrInsn *op = &e->block->ops[ref];
  Value *value = &e->values[ref];
  gboolean selects = TRUE;

  if (value->left == 0)
    return;
  for (guint i = ref + 1; i < e->block->n_ops && i < ref + 8u && selects; i++)
    {
      const IrInsn *user = &e->block->ops[i];

      if (user->op == IR_INSN)
        break;
      if ((user->a == ref && user->op != IR_SELECT) || user->b == ref || user->c == ref)
        selects = FALSE;
    }
  value->loc = L_COND;
  value->reg = (guint8) (op->aux & 15);
  value->zx = 1;
  e->n_conds++;
  if (!selects)
    emit_reg (e, ref);
}
