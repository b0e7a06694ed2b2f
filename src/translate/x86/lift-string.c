/* lift-string.c - string instructions.
 *
 * Source: Intel SDM vol. 2; vol. 1, section 7.3.9.
 * Single ones are plain IR; repeated ones and port I/O are helpers that count what
 * they retire and say when there is more to do. */
#include "config.h"

#include "translate/x86/lift-int.h"

gboolean
lift_string_counts (const X86Insn *insn)
{
  if (insn->row->lift != lift_string)
    return FALSE;
  return insn->rep || insn->row->op == LIFT_INS || insn->row->op == LIFT_OUTS;
}

static IrType
element_type (const X86Insn *insn)
{
  guint bytes = insn->op_bytes;

  if (!(insn->opcode & 1))
    bytes = 1;
  else if (insn->row->op == LIFT_INS || insn->row->op == LIFT_OUTS)
    bytes = MIN (bytes, 4);
  return IR_TYPE_OF_BYTES (bytes);
}

static guint
source_segment (const X86Insn *insn)
{
  return insn->seg != X86_SEG_DEFAULT ? insn->seg : X86_DS;
}

static void
lift_repeated (X86Lift *l, const X86Insn *insn)
{
  static const guint8 helpers[] = {
    [LIFT_MOVS] = X86_HELPER_rep_movs, [LIFT_STOS] = X86_HELPER_rep_stos, [LIFT_LODS] = X86_HELPER_rep_lods,
    [LIFT_CMPS] = X86_HELPER_rep_cmps, [LIFT_SCAS] = X86_HELPER_rep_scas, [LIFT_INS] = X86_HELPER_rep_ins,
    [LIFT_OUTS] = X86_HELPER_rep_outs,
  };
  guint op = insn->row->op;
  guint repeat = insn->rep == 0 ? 0 : 1;
  gint64 a = IR_BYTES (element_type (insn)) | insn->addr_bytes << 8;
  IrRef more;

  if ((op == LIFT_CMPS || op == LIFT_SCAS) && insn->rep == 0xf2)
    repeat = 2;
  a |= (gint64) repeat << 16;
  more = lift_helper (l, helpers[op], lift_imm (l, IR_I64, a), lift_imm (l, IR_I64, source_segment (insn)), IR_NONE);
  ir_emit (l->block, IR_BRANCHNZ, IR_I64, more, IR_NONE, IR_NONE, 0, (gint64) insn->rip);
  if (op == LIFT_INS || op == LIFT_OUTS)
    lift_exit_next (l, insn);
}

/* Offset in register @n, as of the address size. */
static IrRef
pointer (X86Lift *l, const X86Insn *insn, guint n)
{
  return lift_get (l, IR_TYPE_OF_BYTES (insn->addr_bytes), SLOT_GPR (n));
}

static IrRef
linear (X86Lift *l, const X86Insn *insn, guint seg, IrRef offset, guint bytes, gboolean write)
{
  return lift_linear (l, seg, lift_zext (l, IR_I64, IR_TYPE_OF_BYTES (insn->addr_bytes), offset), bytes, write);
}

static IrRef
load (X86Lift *l, const X86Insn *insn, guint seg, IrRef offset, IrType type)
{
  return ir_emit (l->block, IR_LOAD, type, linear (l, insn, seg, offset, IR_BYTES (type), FALSE), IR_NONE, IR_NONE,
                  lift_mem_flags (l, seg), 0);
}

/* The element's size, negative when DF is set. */
static IrRef
step (X86Lift *l, IrType width, IrType element)
{
  IrRef flags = lift_get (l, IR_I32, SLOT_RFLAGS);
  IrRef twice = lift_opi (l, IR_SHR, IR_I32, lift_opi (l, IR_AND, IR_I32, flags, X86_DF), 10 - element);
  IrRef bytes = lift_op2 (l, IR_SUB, IR_I32, lift_imm (l, IR_I32, IR_BYTES (element)), twice);

  return lift_sext (l, width, IR_I32, bytes);
}

static void
advance (X86Lift *l, const X86Insn *insn, guint n, IrRef offset, IrRef by)
{
  IrType width = IR_TYPE_OF_BYTES (insn->addr_bytes);

  lift_put_gpr (l, width, n, TRUE, lift_op2 (l, IR_ADD, width, offset, by));
}

static void
lift_single (X86Lift *l, const X86Insn *insn)
{
  IrType type = element_type (insn), width = IR_TYPE_OF_BYTES (insn->addr_bytes);
  guint op = insn->row->op, seg = source_segment (insn);
  IrRef si = IR_NONE, di = IR_NONE, a = IR_NONE, b = IR_NONE, to = IR_NONE, by;

  if (op == LIFT_MOVS || op == LIFT_LODS || op == LIFT_CMPS)
    {
      si = pointer (l, insn, X86_RSI);
      a = load (l, insn, seg, si, type);
    }
  else
    a = lift_get (l, type, SLOT_GPR (X86_RAX));
  if (op != LIFT_LODS)
    di = pointer (l, insn, X86_RDI);
  if (op == LIFT_MOVS || op == LIFT_STOS)
    {
      to = linear (l, insn, X86_ES, di, IR_BYTES (type), TRUE);
      ir_emit (l->block, IR_STORE, type, to, a, IR_NONE, 0, 0);
    }
  else if (op != LIFT_LODS)
    b = load (l, insn, X86_ES, di, type);

  by = step (l, width, type);
  if (op == LIFT_LODS)
    lift_put_gpr (l, type, X86_RAX, TRUE, a);
  if (si != IR_NONE)
    advance (l, insn, X86_RSI, si, by);
  if (di != IR_NONE)
    advance (l, insn, X86_RDI, di, by);
  if (op == LIFT_CMPS || op == LIFT_SCAS)
    lift_flags (l, CC_CMP, type, a, b, IR_NONE);
}

void
lift_string (X86Lift *l, const X86Insn *insn)
{
  if (lift_string_counts (insn))
    lift_repeated (l, insn);
  else
    lift_single (l, insn);
}
