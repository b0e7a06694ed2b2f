/* lift-host.c - vector and MMX instructions into HOST operations, and those that are
 * computed by us into helpers.
 *
 * Source: Intel SDM vol. 2, the instructions' pages; vol. 1, 14.9 (alignment).
 * Left out: masked moves check a segment's limit for their whole operand, also for
 * elements that are not moved. */
#include "config.h"

#include "translate/x86/lift-host.h"

#include "translate/x86/lift.h"

#include <string.h>

enum { CHECK_MMX = 1, CHECK_SSE, CHECK_AVX };

static gboolean
has_operand (const X86Insn *insn, guint code)
{
  return memchr (insn->row->operands, (int) code, sizeof insn->row->operands) != NULL;
}

/* #UD, #NM and, while exceptions are unmasked, pending #MF.  FALSE: nothing more is to be lifted. */
static gboolean
check (X86Lift *l, const X86Insn *insn)
{
  gboolean mmx = insn->row->lift == lift_vzero && !insn->vex, vector = insn->vex;    /* EMMS has no operand */

  for (guint i = 0; i < G_N_ELEMENTS (insn->row->operands); i++)
    switch (insn->row->operands[i])
      {
      case X86_O_P: case X86_O_Q: case X86_O_N: mmx = TRUE; break;
      case X86_O_V: case X86_O_W: case X86_O_U: vector = TRUE; break;
      default: break;
      }
  /* CVTPI2PS, CVTPI2PD of memory: no MMX register, no switch to MMX (AMD; SDM for the latter). */
  if (vector && insn->mod != 3 && has_operand (insn, X86_O_Q))
    mmx = FALSE;
  if (vector || !mmx)
    lift_fpu_check (l, insn->vex ? CHECK_AVX : CHECK_SSE);
  if (mmx)
    lift_fpu_check (l, CHECK_MMX);
  /* Without traps a check that is needed always raises. */
  if (l->helped && !(l->mode & X86_MODE_FP_TRAPS))
    lift_exit_next (l, insn);
  return !l->ended;
}

/* VEX rules that depend on the form. */
static gboolean
is_defined (const X86Lift *l, const X86Insn *insn)
{
  guint flags = insn->row->simd_flags;

  if (!insn->vex)
    return TRUE;
  if ((flags & X86_SIMD_AVX2_L1) && insn->vex_l && !l->features->has[X86_FEATURE_AVX2])
    return FALSE;
  if ((flags & X86_SIMD_AVX2_REG) && insn->mod == 3 && !l->features->has[X86_FEATURE_AVX2])
    return FALSE;
  return !((flags & X86_SIMD_NO_V_MEM) && insn->mod != 3 && insn->vex_v != 0);
}

/* A GPR of 32 or 64 bits: W chooses, in 64-bit mode. */
static gboolean
has_wide_operand (const X86Insn *insn)
{
  return has_operand (insn, X86_O_Ey) || has_operand (insn, X86_O_Gy);
}

static guint
memory_bytes (const X86Lift *l, const X86Insn *insn)
{
  const X86Row *row = insn->row;

  if (has_operand (insn, X86_O_Ey))
    return insn->w && lift_64 (l) ? 8 : 4;
  if (row->simd_scales == X86_SIMD_BY_W)
    return row->simd_bytes << insn->w;
  return row->simd_bytes << (insn->vex && insn->vex_l ? row->simd_scales : 0);
}

static void
set_memory (X86Lift *l, const X86Insn *insn, IrHost *host, gboolean written)
{
  guint flags = insn->row->simd_flags;

  host->rm_kind = IR_HOST_MEM;
  host->rm_written = written;
  host->rm_read = !written;
  host->mem_bytes = (guint8) memory_bytes (l, insn);
  host->mem = (guint8) lift_mem_flags (l, insn->mem_seg);
  if (insn->vex ? (flags & X86_SIMD_ALIGNED) != 0 : host->mem_bytes == 16 && !(flags & X86_SIMD_UNALIGNED))
    host->mem |= IR_MEM_ALIGN;
}

/* One operand of the row into the host's instruction. */
static void
set_operand (X86Lift *l, const X86Insn *insn, IrHost *host, guint i)
{
  guint code = insn->row->operands[i];
  gboolean written = i == 0;

  switch (code)
    {
    case X86_O_V:
      host->reg_kind = IR_HOST_VEC;
      host->reg = insn->reg;
      break;
    case X86_O_P:
      host->reg_kind = IR_HOST_MMX;
      host->reg = insn->reg & 7;
      break;
    case X86_O_Gd: case X86_O_Gy:
      host->reg_kind = IR_HOST_GPR;
      host->reg_written = written;
      host->type = host->w ? IR_I64 : IR_I32;
      break;
    case X86_O_H:
      if ((insn->row->simd_flags & X86_SIMD_NO_V_MEM) && insn->mod != 3)
        break;
      host->v_kind = IR_HOST_VEC;
      host->v = insn->vex_v;
      break;
    case X86_O_W: case X86_O_U: case X86_O_Q: case X86_O_N:
      if (insn->mod != 3)
        set_memory (l, insn, host, written);
      else if (code == X86_O_W || code == X86_O_U)
        {
          host->rm_kind = IR_HOST_VEC;
          host->rm = insn->rm;
        }
      else
        {
          host->rm_kind = IR_HOST_MMX;
          host->rm = insn->rm & 7;
        }
      break;
    case X86_O_Ed: case X86_O_Ey:
      if (insn->mod != 3)
        set_memory (l, insn, host, written);
      else
        {
          host->rm_kind = IR_HOST_GPR;
          host->rm_written = written;
          if (written)
            host->type = host->w ? IR_I64 : IR_I32;
        }
      break;
    case X86_O_M: case X86_O_Mq: case X86_O_Mdq: case X86_O_Mx: case X86_O_Md: case X86_O_Mw:
      set_memory (l, insn, host, written);
      break;
    case X86_O_Ib:
      host->has_imm = 1;
      host->imm = (guint8) insn->imm;
      break;
    case X86_O_L:
      host->has_imm = 1;
      host->imm = (guint8) insn->imm & (lift_64 (l) ? 0xff : 0x7f);
      break;
    default:
      break;
    }
}

void
lift_host (X86Lift *l, const X86Insn *insn)
{
  static const guint8 prefixes[4] = { 0, 0x66, 0xf3, 0xf2 };
  const X86Row *row = insn->row;
  IrHost host = { .encoding = insn->vex ? IR_HOST_VEX : IR_HOST_LEGACY, .map = insn->map, .opcode = insn->opcode };
  IrRef a = IR_NONE, result;

  if (!is_defined (l, insn))
    {
      lift_raise (l, X86_EXC_UD);
      return;
    }
  if (!check (l, insn))
    return;
  if (insn->vex)
    host.prefix = prefixes[insn->vex_pp];
  else
    host.prefix = insn->rep ? insn->rep : insn->osize_prefix ? 0x66 : 0;
  host.l = insn->vex && insn->vex_l;
  if (has_wide_operand (insn))
    host.w = insn->w && lift_64 (l);
  else
    host.w = insn->vex && insn->w && !has_operand (insn, X86_O_Ed);
  host.mxcsr = (row->simd_flags & X86_SIMD_MXCSR) != 0;
  if (row->simd_flags & X86_SIMD_FLAGS)
    host.flags_out = (guint8) row->op;
  if (row->operands[0] == X86_O_N || row->operands[0] == X86_O_U || row->operands[0] == X86_O_H)
    {
      /* Shifts by an immediate: ModRM.reg is part of the opcode. */
      if (row->operands[1] != X86_O_V && row->operands[1] != X86_O_P)
        {
          host.reg_kind = IR_HOST_FIXED;
          host.reg = insn->reg & 7;
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (row->operands); i++)
    set_operand (l, insn, &host, i);

  if (host.rm_kind == IR_HOST_MEM)
    a = lift_mem (l, insn, host.mem_bytes, host.rm_written);
  else if (host.rm_kind == IR_HOST_GPR && !host.rm_written)
    a = lift_get_gpr (l, host.w ? IR_I64 : IR_I32, insn->rm, TRUE);
  if (l->mode & X86_MODE_FP_TRAPS)
    l->block->must_interpret = TRUE;
  result = ir_emit_host (l->block, &host, a, IR_NONE);
  if (host.rm_kind == IR_HOST_GPR && host.rm_written)
    lift_put_gpr (l, host.type, insn->rm, TRUE, result);
  else if (host.reg_kind == IR_HOST_GPR && host.reg_written)
    lift_put_gpr (l, host.type, insn->reg, TRUE, result);
}

/* Runs as it is; its other operands are registers that it does not name. */
void
lift_pcmpstr (X86Lift *l, const X86Insn *insn)
{
  gboolean index = insn->opcode & 1, implicit = (insn->opcode & 2) != 0;
  IrHost host = { .encoding = insn->vex ? IR_HOST_VEX : IR_HOST_LEGACY, .map = 3, .prefix = 0x66, .opcode = insn->opcode,
                  .string = 1, .flags_out = IR_HF_C | IR_HF_Z | IR_HF_S | IR_HF_O };
  IrRef at = IR_NONE, result;

  if (!check (l, insn))
    return;
  /* W: the lengths are all of RAX and RDX. */
  host.w = !implicit && insn->w && lift_64 (l);
  host.cx_written = index;
  host.type = index ? IR_I32 : IR_VOID;
  for (guint i = 0; i < G_N_ELEMENTS (insn->row->operands); i++)
    set_operand (l, insn, &host, i);
  host.mem &= (guint8) ~IR_MEM_ALIGN;
  if (host.rm_kind == IR_HOST_MEM)
    at = lift_mem (l, insn, 16, FALSE);
  if (l->mode & X86_MODE_FP_TRAPS)
    l->block->must_interpret = TRUE;
  result = ir_emit_host (l->block, &host, at, IR_NONE);
  if (index)
    lift_put_gpr (l, IR_I32, X86_RCX, TRUE, result);
}

void
lift_vzero (X86Lift *l, const X86Insn *insn)
{
  IrHost host = { .encoding = insn->vex ? IR_HOST_VEX : IR_HOST_LEGACY, .map = 1, .opcode = 0x77,
                  .l = insn->vex && insn->vex_l, .reg_kind = insn->vex ? IR_HOST_VEC : IR_HOST_MMX };

  if (!check (l, insn))
    return;
  if (l->mode & X86_MODE_FP_TRAPS)
    l->block->must_interpret = TRUE;
  ir_emit_host (l->block, &host, IR_NONE, IR_NONE);
}

void
lift_movnti (X86Lift *l, const X86Insn *insn)
{
  IrType type = insn->w && lift_64 (l) ? IR_I64 : IR_I32;
  IrRef value = lift_get_gpr (l, type, insn->reg, TRUE);
  IrRef at = lift_mem (l, insn, IR_BYTES (type), TRUE);

  ir_emit (l->block, IR_STORE, type, at, value, IR_NONE, lift_mem_flags (l, insn->mem_seg), 0);
}

/* Memory is always in order here. */
void
lift_fence (X86Lift *l, const X86Insn *insn)
{
}

/* There are no caches: only the address is checked, as for a read of a byte. */
void
lift_clflush (X86Lift *l, const X86Insn *insn)
{
  IrRef at = lift_mem (l, insn, 1, FALSE);

  ir_emit (l->block, IR_PROBE, IR_VOID, at, IR_NONE, IR_NONE, lift_mem_flags (l, insn->mem_seg), 1);
}

void
lift_ldmxcsr (X86Lift *l, const X86Insn *insn)
{
  IrRef at, value;

  if (!check (l, insn))
    return;
  at = lift_mem (l, insn, 4, FALSE);
  value = ir_emit (l->block, IR_LOAD, IR_I32, at, IR_NONE, IR_NONE, lift_mem_flags (l, insn->mem_seg), 0);
  value = ir_emit (l->block, IR_ZEXT, IR_I64, value, IR_NONE, IR_NONE, IR_I32, 0);
  lift_helper (l, X86_HELPER_ldmxcsr, value, IR_NONE, IR_NONE);
  lift_exit_next (l, insn);
}

/* The guest's MXCSR is in the host's while translated code runs. */
void
lift_stmxcsr (X86Lift *l, const X86Insn *insn)
{
  IrHost host = { .encoding = IR_HOST_LEGACY, .map = 1, .opcode = 0xae, .reg_kind = IR_HOST_FIXED, .reg = 3,
                  .v_kind = IR_HOST_VEC };
  IrRef at;

  if (!check (l, insn))
    return;
  at = lift_mem (l, insn, 4, TRUE);
  if (l->mode & X86_MODE_FP_TRAPS)
    {
      IrRef value = ir_emit (l->block, IR_GET, IR_I32, IR_NONE, IR_NONE, IR_NONE, 0,
                             G_STRUCT_OFFSET (X86State, mxcsr));

      l->block->must_interpret = TRUE;
      ir_emit (l->block, IR_STORE, IR_I32, at, value, IR_NONE, lift_mem_flags (l, insn->mem_seg), 0);
      return;
    }
  host.rm_kind = IR_HOST_MEM;
  host.rm_written = 1;
  host.mem_bytes = 4;
  host.mem = (guint8) lift_mem_flags (l, insn->mem_seg);
  ir_emit_host (l->block, &host, at, IR_NONE);
}

void
lift_fsgsbase (X86Lift *l, const X86Insn *insn)
{
  IrType type = insn->w ? IR_I64 : IR_I32;
  IrRef seg = lift_imm (l, IR_I64, insn->row->op & 7);

  if (insn->row->op & 8)
    {
      IrRef value = lift_get_gpr (l, type, insn->rm, TRUE);

      if (type == IR_I32)
        value = ir_emit (l->block, IR_ZEXT, IR_I64, value, IR_NONE, IR_NONE, IR_I32, 0);
      lift_helper (l, X86_HELPER_wrfsgs, seg, value, IR_NONE);
    }
  else
    lift_put_gpr (l, type, insn->rm, TRUE, lift_helper (l, X86_HELPER_rdfsgs, seg, IR_NONE, IR_NONE));
}

/* FXSAVE, FXRSTOR, XSAVE, XRSTOR: the helper knows the size, the lifter's segment check covers the least. */
void
lift_fxsave (X86Lift *l, const X86Insn *insn)
{
  gboolean restores = insn->row->op == X86_HELPER_fxrstor;
  IrRef at = lift_mem (l, insn, 512, !restores);

  lift_helper (l, insn->row->op, at, lift_imm (l, IR_I64, lift_64 (l) && insn->w), IR_NONE);
  lift_exit_next (l, insn);
}

void
lift_xsave (X86Lift *l, const X86Insn *insn)
{
  IrRef at = lift_mem (l, insn, 576, TRUE);

  lift_helper (l, X86_HELPER_xsave, at, lift_imm (l, IR_I64, insn->row->op), lift_imm (l, IR_I64, lift_64 (l) && insn->w));
}

void
lift_xrstor (X86Lift *l, const X86Insn *insn)
{
  IrRef at = lift_mem (l, insn, 576, FALSE);

  lift_helper (l, X86_HELPER_xrstor, at, lift_imm (l, IR_I64, lift_64 (l) && insn->w), IR_NONE);
  lift_exit_next (l, insn);
}

/* --- vector instructions computed by us: see help-vector.c for the arguments --- */

static guint64
describe (const X86Insn *insn)
{
  return (guint64) insn->reg | (guint64) insn->vex_v << 8 | (guint64) insn->rm << 16
         | (guint64) insn->vex << 24 | (guint64) insn->vex_l << 25
         | (guint64) (insn->mod != 3) << 27;
}

void
lift_rcp_rsqrt (X86Lift *l, const X86Insn *insn)
{
  IrRef at = IR_NONE;

  if (!check (l, insn))
    return;
  if (insn->mod != 3)
    at = lift_mem (l, insn, memory_bytes (l, insn), FALSE);
  else
    at = lift_imm (l, IR_I64, 0);
  lift_helper (l, X86_HELPER_rcp_rsqrt, at,
               lift_imm (l, IR_I64, (gint64) (describe (insn) | (guint64) insn->row->op << 32)),
               lift_imm (l, IR_I64, lift_mem_flags (l, insn->mem_seg)));
}

void
lift_maskmov (X86Lift *l, const X86Insn *insn)
{
  guint bytes = memory_bytes (l, insn);
  guint element = insn->row->op & 15, seg = insn->mem_seg;
  gboolean store = TRUE;
  IrRef at;

  if (!check (l, insn))
    return;
  if (insn->map == 1)
    {
      /* MASKMOVQ, MASKMOVDQU: bytes, to DS:rDI. */
      IrType type = IR_TYPE_OF_BYTES (insn->addr_bytes);
      IrRef offset = lift_get_gpr (l, type, X86_RDI, TRUE);

      if (type != IR_I64)
        offset = ir_emit (l->block, IR_ZEXT, IR_I64, offset, IR_NONE, IR_NONE, type, 0);
      seg = insn->seg != X86_SEG_DEFAULT ? insn->seg : X86_DS;
      at = lift_linear (l, seg, offset, bytes, TRUE);
      element = 1;
    }
  else
    {
      store = (insn->row->op & 16) != 0;
      if (element == 0)
        element = insn->w ? 8 : 4;
      at = lift_mem (l, insn, bytes, store);
    }
  lift_helper (l, X86_HELPER_maskmov, at,
               lift_imm (l, IR_I64, (gint64) (describe (insn) | (guint64) element << 32 | (guint64) store << 36
                                              | (guint64) (insn->map == 1 && bytes == 8) << 37
                                              | (guint64) (insn->map == 1) << 38)),
               lift_imm (l, IR_I64, lift_mem_flags (l, seg)));
}

/* VSIB: the index is a vector register, so that SIB's 100 is number 4 (or 12). */
void
lift_gather (X86Lift *l, const X86Insn *insn)
{
  guint index = insn->index == 0xff ? 4 : insn->index;
  guint data_bytes = insn->w ? 8 : 4;
  gboolean quad_index = insn->opcode & 1;
  IrType type = IR_TYPE_OF_BYTES (insn->addr_bytes);
  IrRef base;

  /* No SIB byte, or registers that coincide: SDM vol. 2, VPGATHERDD. */
  if ((insn->modrm & 7) != 4 || insn->addr_bytes == 2 || insn->reg == index || insn->reg == insn->vex_v
      || index == insn->vex_v)
    {
      lift_raise (l, X86_EXC_UD);
      return;
    }
  if (!check (l, insn))
    return;
  if (insn->base != 0xff)
    base = ir_emit (l->block, IR_EA, type, lift_get_gpr (l, type, insn->base, TRUE), IR_NONE, IR_NONE, 0, insn->disp);
  else
    base = lift_imm (l, type, insn->disp);
  if (type != IR_I64)
    base = ir_emit (l->block, IR_ZEXT, IR_I64, base, IR_NONE, IR_NONE, type, 0);
  lift_helper (l, X86_HELPER_gather, base,
               lift_imm (l, IR_I64, (gint64) (describe (insn) | (guint64) index << 32 | (guint64) insn->scale << 40
                                              | (guint64) data_bytes << 44 | (guint64) quad_index << 48
                                              | (guint64) insn->mem_seg << 52 | (guint64) insn->addr_bytes << 56)),
               lift_imm (l, IR_I64, lift_mem_flags (l, insn->mem_seg)));
}
