/* lift-system.c - system instructions and port I/O: mostly calls of helpers.
 *
 * Source: Intel SDM vol. 2; vol. 3, chapters 2 and 5. */
#include "config.h"

#include "translate/x86/lift-int.h"

static IrRef
imm64 (X86Lift *l, gint64 value)
{
  return lift_imm (l, IR_I64, value);
}

static void
leave (X86Lift *l)
{
  ir_emit (l->block, IR_EXIT, IR_VOID, IR_NONE, IR_NONE, IR_NONE, 0, 0);
  l->ended = TRUE;
}

/* --- helpers without operands (row's op) ---------------------------------------------- */

/* ... then the next instruction. */
void
lift_helper_next (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, insn->row->op, IR_NONE, IR_NONE, IR_NONE);
}

/* ... then the dispatcher. */
void
lift_helper_exit (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, insn->row->op, IR_NONE, IR_NONE, IR_NONE);
  lift_exit_next (l, insn);
}

/* ... which sets RIP. */
void
lift_helper_rip (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, insn->row->op, IR_NONE, IR_NONE, IR_NONE);
  leave (l);
}

void
lift_syscall (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, X86_HELPER_syscall, imm64 (l, (gint64) insn->next_rip), IR_NONE, IR_NONE);
  leave (l);
}

/* SYSRET, SYSEXIT. */
void
lift_sysret (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, insn->row->op, imm64 (l, insn->op_bytes), IR_NONE, IR_NONE);
  leave (l);
}

void
lift_rdtsc (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, X86_HELPER_rdtsc, imm64 (l, insn->row->op), IR_NONE, IR_NONE);
}

void
lift_clac_stac (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, X86_HELPER_clac_stac, imm64 (l, insn->row->op), IR_NONE, IR_NONE);
  lift_exit_next (l, insn);
}

/* --- interrupt flag, ports --------------------------------------------------------------- */

void
lift_cli (X86Lift *l, const X86Insn *insn)
{
  if (l->mode & X86_MODE_IO_OK)
    lift_put (l, IR_I64, SLOT_RFLAGS,
              lift_opi (l, IR_AND, IR_I64, lift_get (l, IR_I64, SLOT_RFLAGS), ~(gint64) X86_IF));
  else
    lift_helper (l, X86_HELPER_cli, IR_NONE, IR_NONE, IR_NONE);
}

void
lift_sti (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, X86_HELPER_sti, IR_NONE, IR_NONE, IR_NONE);
  lift_exit_next (l, insn);
}

static IrRef
port (X86Lift *l, const X86Insn *insn, guint n)
{
  if (insn->row->operands[n] == X86_O_DX)
    return lift_zext (l, IR_I64, IR_I16, lift_get (l, IR_I16, SLOT_GPR (X86_RDX)));
  return imm64 (l, insn->imm);
}

static IrType
port_type (const X86Insn *insn)
{
  return insn->opcode & 1 ? IR_TYPE_OF_BYTES (MIN (insn->op_bytes, 4)) : IR_I8;
}

void
lift_in (X86Lift *l, const X86Insn *insn)
{
  IrType type = port_type (insn);
  IrRef value = lift_helper (l, X86_HELPER_in, port (l, insn, 1), imm64 (l, IR_BYTES (type)), IR_NONE);

  lift_put_gpr (l, type, X86_RAX, TRUE, value);
  lift_exit_next (l, insn);
}

void
lift_out (X86Lift *l, const X86Insn *insn)
{
  IrType type = port_type (insn);
  IrRef to = port (l, insn, 0);
  IrRef value = lift_zext (l, IR_I64, type, lift_get (l, type, SLOT_GPR (X86_RAX)));

  lift_helper (l, X86_HELPER_out, to, imm64 (l, IR_BYTES (type)), value);
  lift_exit_next (l, insn);
}

/* --- control and debug registers ------------------------------------------------------------ */

/* To a general register (row's op 0) or from it (1). */
static void
move_special (X86Lift *l, const X86Insn *insn, X86HelperId read, X86HelperId write)
{
  IrType type = lift_64 (l) ? IR_I64 : IR_I32;
  IrRef n = imm64 (l, insn->reg);

  if (insn->row->op)
    {
      lift_helper (l, write, n, lift_zext (l, IR_I64, type, lift_get (l, type, SLOT_GPR (insn->rm))), IR_NONE);
      lift_exit_next (l, insn);
    }
  else
    lift_put_gpr (l, type, insn->rm, TRUE, lift_helper (l, read, n, IR_NONE, IR_NONE));
}

void
lift_mov_cr (X86Lift *l, const X86Insn *insn)
{
  move_special (l, insn, X86_HELPER_read_cr, X86_HELPER_write_cr);
}

void
lift_mov_dr (X86Lift *l, const X86Insn *insn)
{
  move_special (l, insn, X86_HELPER_read_dr, X86_HELPER_write_dr);
}

/* A selector or status word: a register gets it at its operand size, memory 16 bits. */
static void
store_word (X86Lift *l, const X86Insn *insn, X86HelperId id)
{
  IrRef address, value;

  if (insn->mod == 3)
    {
      value = lift_helper (l, id, IR_NONE, IR_NONE, IR_NONE);
      lift_put_gpr (l, IR_TYPE_OF_BYTES (insn->op_bytes), insn->rm, TRUE, value);
      return;
    }
  address = lift_mem (l, insn, 2, TRUE);
  value = lift_helper (l, id, IR_NONE, IR_NONE, IR_NONE);
  ir_emit (l->block, IR_STORE, IR_I16, address, value, IR_NONE, lift_mem_flags (l, insn->mem_seg), 0);
}

void
lift_smsw (X86Lift *l, const X86Insn *insn)
{
  store_word (l, insn, X86_HELPER_smsw);
}

void
lift_store_selector (X86Lift *l, const X86Insn *insn)
{
  store_word (l, insn, insn->row->op);
}

static IrRef
read_selector (X86Lift *l, const X86Insn *insn, guint n)
{
  return lift_zext (l, IR_I64, IR_I16, lift_read (l, insn, n));
}

void
lift_lmsw (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, X86_HELPER_lmsw, read_selector (l, insn, 0), IR_NONE, IR_NONE);
  lift_exit_next (l, insn);
}

void
lift_load_selector (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, insn->row->op, read_selector (l, insn, 0), IR_NONE, IR_NONE);
}

/* --- descriptors ------------------------------------------------------------------------------- */

/* SGDT, SIDT, LGDT, LIDT. */
void
lift_descriptor_table (X86Lift *l, const X86Insn *insn)
{
  gboolean store = insn->row->op == X86_HELPER_store_gdt || insn->row->op == X86_HELPER_store_idt;
  guint op_bytes = lift_64 (l) ? 8 : insn->op_bytes;
  IrRef linear = lift_mem (l, insn, op_bytes == 8 ? 10 : 6, store);

  lift_helper (l, insn->row->op, linear, imm64 (l, op_bytes), IR_NONE);
}

void
lift_verify_selector (X86Lift *l, const X86Insn *insn)
{
  lift_set_zf (l, lift_helper (l, insn->row->op, read_selector (l, insn, 0), IR_NONE, IR_NONE));
}

void
lift_lar_lsl (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0), wide = type == IR_I32 ? IR_I64 : type;
  IrRef r = lift_helper (l, insn->row->op, read_selector (l, insn, 1), imm64 (l, insn->op_bytes), IR_NONE);
  IrRef valid = lift_opi (l, IR_SHR, IR_I64, r, 63);
  IrRef value = lift_zext (l, IR_I64, IR_I32, r);

  lift_put (l, wide, SLOT_GPR (insn->reg), lift_select (l, wide, valid, value, lift_get (l, wide, SLOT_GPR (insn->reg))));
  lift_set_zf (l, valid);
}

void
lift_arpl (X86Lift *l, const X86Insn *insn)
{
  IrRef address, dst = lift_read_rmw (l, insn, 0, &address);
  IrRef rpl = lift_opi (l, IR_AND, IR_I16, lift_read (l, insn, 1), 3);
  IrRef lower = lift_op2 (l, IR_LTU, IR_I16, lift_opi (l, IR_AND, IR_I16, dst, 3), rpl);
  IrRef raised = lift_op2 (l, IR_OR, IR_I16, lift_opi (l, IR_AND, IR_I16, dst, ~3), rpl);

  lift_write (l, insn, 0, address, lift_select (l, IR_I16, lower, raised, dst));
  lift_set_zf (l, lower);
}

void
lift_bound (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_operand_type (insn, 0);
  IrRef index = lift_sext (l, IR_I64, type, lift_read (l, insn, 0));
  IrRef linear = lift_mem (l, insn, 2 * IR_BYTES (type), FALSE);

  lift_helper (l, X86_HELPER_bound, index, linear, imm64 (l, insn->op_bytes));
}

/* --- memory ------------------------------------------------------------------------------------- */

/* The address is not accessed: no limit is checked. */
void
lift_invlpg (X86Lift *l, const X86Insn *insn)
{
  lift_helper (l, X86_HELPER_invlpg, lift_mem (l, insn, 0, FALSE), IR_NONE, IR_NONE);
  lift_exit_next (l, insn);
}

void
lift_invpcid (X86Lift *l, const X86Insn *insn)
{
  IrType type = lift_64 (l) ? IR_I64 : IR_I32;
  IrRef kind = lift_zext (l, IR_I64, type, lift_get (l, type, SLOT_GPR (insn->reg)));

  lift_helper (l, X86_HELPER_invpcid, kind, lift_mem (l, insn, 16, FALSE), IR_NONE);
  lift_exit_next (l, insn);
}

/* CMPXCHG8B, and with REX.W CMPXCHG16B. */
void
lift_cmpxchg8b (X86Lift *l, const X86Insn *insn)
{
  gboolean large = insn->op_bytes == 8;

  if (large && !l->features->has[X86_FEATURE_CX16])
    {
      lift_raise (l, X86_EXC_UD);
      return;
    }
  lift_helper (l, large ? X86_HELPER_cmpxchg16b : X86_HELPER_cmpxchg8b, lift_mem (l, insn, large ? 16 : 8, TRUE),
               lift_imm (l, IR_I64, lift_mem_flags (l, insn->mem_seg)), IR_NONE);
}

/* --- random numbers, identity, bases -------------------------------------------------------------- */

/* RDRAND, RDSEED. */
void
lift_rdrand (X86Lift *l, const X86Insn *insn)
{
  IrRef value = lift_helper (l, X86_HELPER_rdrand, imm64 (l, insn->op_bytes), IR_NONE, IR_NONE);

  lift_put_gpr (l, IR_TYPE_OF_BYTES (insn->op_bytes), insn->rm, TRUE, value);
  lift_flags (l, CC_IMAGE, IR_I64, imm64 (l, X86_CF), IR_NONE, IR_NONE);
}

void
lift_rdpid (X86Lift *l, const X86Insn *insn)
{
  lift_put_gpr (l, lift_64 (l) ? IR_I64 : IR_I32, insn->rm, TRUE,
                lift_helper (l, X86_HELPER_rdpid, IR_NONE, IR_NONE, IR_NONE));
}

void
lift_swapgs (X86Lift *l, const X86Insn *insn)
{
  const gint64 kernel = G_STRUCT_OFFSET (X86State, kernel_gs_base);
  IrRef base, other;

  if (l->mode & X86_MODE_CPL)
    {
      lift_raise_error (l, X86_EXC_GP, 0);
      return;
    }
  base = lift_get (l, IR_I64, SLOT_SEG_BASE (X86_GS));
  other = lift_get (l, IR_I64, kernel);
  lift_put (l, IR_I64, SLOT_SEG_BASE (X86_GS), other);
  lift_put (l, IR_I64, kernel, base);
}
