/* lift-operand.c - operands by their codes.
 *
 * Source: Intel SDM vol. 2, appendix A.2. */
#include "config.h"

#include "translate/x86/lift-int.h"

enum { NOWHERE, RM, REG, LOW, VVVV, ACC, CL, DX, IMM, ONE, MOFFS };
enum { SIZE_V = 16, SIZE_Y, SIZE_Z };   /* else bytes */

/* Where an operand is and how large. */
static const struct { guint8 where, size; } codes[] = {
  [X86_O_Eb] = { RM, 1 }, [X86_O_Ew] = { RM, 2 }, [X86_O_Ed] = { RM, 4 }, [X86_O_Eq] = { RM, 8 },
  [X86_O_Ev] = { RM, SIZE_V }, [X86_O_Ey] = { RM, SIZE_Y },
  [X86_O_Gb] = { REG, 1 }, [X86_O_Gw] = { REG, 2 }, [X86_O_Gd] = { REG, 4 }, [X86_O_Gv] = { REG, SIZE_V },
  [X86_O_Gy] = { REG, SIZE_Y }, [X86_O_By] = { VVVV, SIZE_Y },
  [X86_O_Ib] = { IMM, 1 }, [X86_O_Iw] = { IMM, 2 }, [X86_O_Iz] = { IMM, SIZE_V }, [X86_O_Iv] = { IMM, SIZE_V },
  [X86_O_IbS] = { IMM, SIZE_V }, [X86_O_Ob] = { MOFFS, 1 }, [X86_O_Ov] = { MOFFS, SIZE_V },
  [X86_O_M] = { RM, SIZE_V }, [X86_O_Mw] = { RM, 2 }, [X86_O_Md] = { RM, 4 }, [X86_O_Mq] = { RM, 8 },
  [X86_O_Rv] = { RM, SIZE_V }, [X86_O_Zb] = { LOW, 1 }, [X86_O_Zv] = { LOW, SIZE_V }, [X86_O_Zq] = { LOW, SIZE_V },
  [X86_O_AL] = { ACC, 1 }, [X86_O_CL] = { CL, 1 }, [X86_O_DX] = { DX, 2 }, [X86_O_rAX] = { ACC, SIZE_V },
  [X86_O_1] = { ONE, 1 },
};

IrType
lift_operand_type (const X86Insn *insn, guint n)
{
  guint size = codes[insn->row->operands[n]].size;

  if (size == SIZE_V)
    size = insn->op_bytes;
  else if (size == SIZE_Y)
    size = MAX (insn->op_bytes, 4);
  return IR_TYPE_OF_BYTES (size);
}

gboolean
lift_operand_in_memory (const X86Insn *insn, guint n)
{
  guint where = codes[insn->row->operands[n]].where;

  return where == MOFFS || (where == RM && insn->mod != 3);
}

static guint
register_of (const X86Insn *insn, guint n)
{
  switch (codes[insn->row->operands[n]].where)
    {
    case RM: case LOW: return insn->rm;
    case REG: return insn->reg;
    case VVVV: return insn->vex_v;
    case ACC: return X86_RAX;
    case CL: return X86_RCX;
    case DX: return X86_RDX;
    default: g_assert_not_reached ();
    }
}

IrRef
lift_read (X86Lift *l, const X86Insn *insn, guint n)
{
  IrType type = lift_operand_type (insn, n);
  guint where = codes[insn->row->operands[n]].where;

  if (where == IMM)
    return lift_imm (l, type, insn->imm);
  if (where == ONE)
    return lift_imm (l, type, 1);
  if (lift_operand_in_memory (insn, n))
    return ir_emit (l->block, IR_LOAD, type, lift_mem (l, insn, IR_BYTES (type), FALSE), IR_NONE, IR_NONE,
                    lift_mem_flags (l, insn->mem_seg), 0);
  return lift_get_gpr (l, type, register_of (insn, n), insn->rex != 0 || codes[insn->row->operands[n]].where == ACC);
}

IrRef
lift_write_address (X86Lift *l, const X86Insn *insn, guint n)
{
  if (!lift_operand_in_memory (insn, n))
    return IR_NONE;
  return lift_mem (l, insn, IR_BYTES (lift_operand_type (insn, n)), TRUE);
}

IrRef
lift_read_rmw (X86Lift *l, const X86Insn *insn, guint n, IrRef *address)
{
  *address = lift_write_address (l, insn, n);
  if (*address == IR_NONE)
    return lift_read (l, insn, n);
  return ir_emit (l->block, IR_LOAD, lift_operand_type (insn, n), *address, IR_NONE, IR_NONE,
                  lift_mem_flags (l, insn->mem_seg) | IR_MEM_WRITE, 0);
}

void
lift_write (X86Lift *l, const X86Insn *insn, guint n, IrRef address, IrRef value)
{
  IrType type = lift_operand_type (insn, n);

  if (address != IR_NONE)
    ir_emit (l->block, IR_STORE, type, address, value, IR_NONE, lift_mem_flags (l, insn->mem_seg), 0);
  else
    lift_put_gpr (l, type, register_of (insn, n), insn->rex != 0, value);
}
