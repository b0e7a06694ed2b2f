/* lift-x87.c - x87 instructions into HOST operations and helpers.
 *
 * Source: Intel SDM vol. 1, chapter 8, and vol. 2.  The guest's FCW, FSW and stack are in
 * the host's x87 while translated code runs, its exceptions masked; while one is
 * unmasked (X86_MODE_FP_TRAPS) instructions run one at a time in the interpreter.
 * Left out: FIP, FDP and FOP are 0 wherever they are stored. */
#include "config.h"

#include "translate/x86/lift-host.h"

#include "translate/x86/lift.h"

enum { CHECK_X87 = 0, CHECK_WAIT = 4, CHECK_X87_NO_WAIT = 5 };

/* Whether the instruction looks for pending exceptions first: all but the FN... ones. */
static gboolean
waits (const X86Insn *insn)
{
  const char *name = insn->row->mnemonic;

  return name[0] == 'f' && name[1] == 'n' && g_strcmp0 (name, "fnop") != 0 ? FALSE : TRUE;
}

/* FALSE: the unit ends here. */
static gboolean
check (X86Lift *l, const X86Insn *insn)
{
  guint kind = waits (insn) ? CHECK_X87 : CHECK_X87_NO_WAIT;

  if (l->mode & X86_MODE_NO_FPU)
    {
      lift_helper (l, X86_HELPER_fpu_check, lift_imm (l, IR_I64, kind), IR_NONE, IR_NONE);
      lift_exit_next (l, insn);
      return FALSE;
    }
  if (l->mode & X86_MODE_FP_TRAPS)
    {
      l->block->must_interpret = TRUE;
      if (kind == CHECK_X87)
        lift_helper (l, X86_HELPER_fpu_check, lift_imm (l, IR_I64, kind), IR_NONE, IR_NONE);
    }
  return TRUE;
}

static IrHost
host_of (const X86Insn *insn)
{
  return (IrHost) { .encoding = IR_HOST_X87, .opcode = insn->opcode, .reg_kind = IR_HOST_FIXED, .reg = insn->reg & 7,
                    .rm_kind = IR_HOST_FIXED, .rm = insn->rm & 7 };
}

/* Makes the r/m of @host the instruction's memory operand and returns its address. */
static IrRef
set_memory (X86Lift *l, const X86Insn *insn, IrHost *host, gboolean written)
{
  host->rm_kind = IR_HOST_MEM;
  host->rm = 0;
  host->rm_written = written;
  host->rm_read = !written;
  host->mem_bytes = insn->row->simd_bytes;
  host->mem = (guint8) lift_mem_flags (l, insn->mem_seg);
  return lift_mem (l, insn, host->mem_bytes, written);
}

void
lift_x87 (X86Lift *l, const X86Insn *insn)
{
  IrHost host = host_of (insn);
  IrRef at = IR_NONE;

  if (!check (l, insn))
    return;
  if (insn->mod != 3)
    at = set_memory (l, insn, &host, (insn->row->simd_flags & X86_SIMD_STORE) != 0);
  if (insn->row->simd_flags & X86_SIMD_FLAGS)
    host.flags_out = (guint8) insn->row->op;
  ir_emit_host (l->block, &host, at, IR_NONE);
}

void
lift_x87_compute (X86Lift *l, const X86Insn *insn)
{
  if (!check (l, insn))
    return;
  lift_helper (l, X86_HELPER_x87_compute, lift_imm (l, IR_I64, insn->opcode | insn->modrm << 8), IR_NONE, IR_NONE);
}

void
lift_x87_nop (X86Lift *l, const X86Insn *insn)
{
  check (l, insn);
}

void
lift_x87_wait (X86Lift *l, const X86Insn *insn)
{
  if (!(l->mode & (X86_MODE_NO_FPU | X86_MODE_FP_TRAPS)))
    return;
  lift_helper (l, X86_HELPER_fpu_check, lift_imm (l, IR_I64, CHECK_WAIT), IR_NONE, IR_NONE);
}

void
lift_fldcw (X86Lift *l, const X86Insn *insn)
{
  IrRef value;

  if (!check (l, insn))
    return;
  value = ir_emit (l->block, IR_LOAD, IR_I16, lift_mem (l, insn, 2, FALSE), IR_NONE, IR_NONE,
                   lift_mem_flags (l, insn->mem_seg), 0);
  value = ir_emit (l->block, IR_ZEXT, IR_I64, value, IR_NONE, IR_NONE, IR_I16, 0);
  lift_helper (l, X86_HELPER_fldcw, value, IR_NONE, IR_NONE);
  lift_exit_next (l, insn);
}

/* Only helpers change FCW: its slot is always right. */
void
lift_fnstcw (X86Lift *l, const X86Insn *insn)
{
  IrRef at, value;

  if (!check (l, insn))
    return;
  at = lift_mem (l, insn, 2, TRUE);
  value = ir_emit (l->block, IR_GET, IR_I16, IR_NONE, IR_NONE, IR_NONE, 0, G_STRUCT_OFFSET (X86State, fcw));
  ir_emit (l->block, IR_STORE, IR_I16, at, value, IR_NONE, lift_mem_flags (l, insn->mem_seg), 0);
}

void
lift_fnstsw (X86Lift *l, const X86Insn *insn)
{
  IrHost host = host_of (insn);

  if (!check (l, insn))
    return;
  if (insn->mod != 3)
    {
      IrRef at = set_memory (l, insn, &host, TRUE);

      ir_emit_host (l->block, &host, at, IR_NONE);
      return;
    }
  host.ax_written = 1;
  host.type = IR_I16;
  lift_put_gpr (l, IR_I16, X86_RAX, TRUE, ir_emit_host (l->block, &host, IR_NONE, IR_NONE));
}

void
lift_fninit (X86Lift *l, const X86Insn *insn)
{
  if (!check (l, insn))
    return;
  lift_helper (l, X86_HELPER_fninit, IR_NONE, IR_NONE, IR_NONE);
  lift_exit_next (l, insn);
}

void
lift_fpu_env (X86Lift *l, const X86Insn *insn)
{
  gboolean stores = insn->row->op == X86_HELPER_fnstenv || insn->row->op == X86_HELPER_fnsave;
  gboolean all = insn->row->op == X86_HELPER_fnsave || insn->row->op == X86_HELPER_frstor;
  guint bytes = (insn->op_bytes == 2 ? 14 : 28) + (all ? 80 : 0);
  IrRef at;

  if (!check (l, insn))
    return;
  at = lift_mem (l, insn, bytes, stores);
  lift_helper (l, insn->row->op, at, lift_imm (l, IR_I64, insn->op_bytes == 2 ? 2 : 4), IR_NONE);
  lift_exit_next (l, insn);
}
