/* emit-mem.c - guest memory in host code: the TLB probe, loads, stores, and host
 * instructions with a memory operand.
 *
 * The probe: with t = linear address and i = its slot,
 *   t ^= entry.tag; t >= 4096 - size + 1 ? slow; t += entry.host
 * one compare for the page, the slot and a crossing of the page's end. */
#include "config.h"

#include "translate/x86-64/emit-private.h"
#include "translate/x86/host-encode.h"

Cold *
emit_cold (Emit *e, ColdKind kind)
{
  Cold *cold = &e->cold[e->n_cold++];

  g_assert (e->n_cold <= MAX_COLD);
  memset (cold, 0, sizeof *cold);
  cold->kind = kind;
  return cold;
}

guint32
emit_site (Emit *e, guint size, guint flags, gboolean write)
{
  Site *site = &e->emitter->sites[e->emitter->n_sites];

  *site = (Site) {
    .unit = e->unit, .rip = e->rip, .retired = (guint16) e->retired, .charged = (guint16) e->charged,
    .size = (guint16) size, .flags = (guint8) flags, .write = write != FALSE, .recipe = e->recipe,
  };
  return e->emitter->n_sites++;
}

void
emit_abandon (Emit *e, guint jcc)
{
  Cold *cold = emit_cold (e, COLD_ABANDON);

  cold->site = emit_site (e, 0, 0, FALSE);
  cold->from = asm_jump (&e->a, jcc == 0 ? ASM_JMP : jcc, NULL, 0);
}

guint
emit_probe (Emit *e, IrRef address, guint size, guint flags, gboolean write, gboolean check_only)
{
  guint t = emit_take (e, address), i = emit_alloc (e);
  guint rt = emit_tmp[t], ri = emit_tmp[i];
  guint index = x86_tlb_index (e->unit->mode);
  gint32 offset = (gint32) (write ? G_STRUCT_OFFSET (X86TlbSet, write[0]) : G_STRUCT_OFFSET (X86TlbSet, read[0]))
                  + (gint32) (index * sizeof (X86TlbEntry) * X86_TLB_ENTRIES);
  Cold *cold;

  emit_flags_lost (e);
  if (flags & IR_MEM_ALIGN)
    {
      asm_general (&e->a, 0, 1, 0xf6, 0, asm_reg (rt), TRUE);      /* test t, size - 1 */
      asm_imm (&e->a, size - 1, 1);
      emit_abandon (e, ASM_JCC (5));
    }
  asm_plain (&e->a, 4, 0x8b, ri, asm_reg (rt));
  asm_plain (&e->a, 4, 0xc1, ASM_SHR, asm_reg (ri));
  asm_imm (&e->a, ASTERN_PAGE_BITS - 4, 1);
  asm_alu_imm (&e->a, 4, ASM_AND, asm_reg (ri), (X86_TLB_ENTRIES - 1) << 4);
  asm_plain (&e->a, 8, ASM_ALU (ASM_XOR), rt, asm_sib (TLB_REG, ri, 0, offset));
  asm_alu_imm (&e->a, 8, ASM_CMP, asm_reg (rt), (gint32) (ASTERN_PAGE_SIZE - size + 1));
  cold = emit_cold (e, COLD_SLOW);
  cold->from = asm_jump (&e->a, ASM_JCC (3), NULL, 0);              /* jae */
  cold->tmp = (guint8) t;
  cold->index = (guint8) i;
  cold->tlb_offset = offset;
  cold->site = emit_site (e, size, flags, write);
  e->emitter->sites[cold->site].probe = check_only != FALSE;
  asm_plain (&e->a, 8, ASM_ALU (ASM_ADD), rt, asm_sib (TLB_REG, ri, 0, offset + 8));
  cold->back = e->a.at;
  e->locked &= ~(1 << i);
  return t;
}

/* The host address of a read-modify-write's memory stays with the address value. */
static void
keep_pointer (Emit *e, IrRef address, guint tmp)
{
  emit_define_tmp (e, address, tmp, TRUE);
  e->values[address].pointer = 1;
}

void
emit_load (Emit *e, const IrInsn *op)
{
  IrRef ref = (IrRef) (op - e->block->ops);
  guint bytes = IR_BYTES (op->type);
  gboolean write = (op->aux & IR_MEM_WRITE) != 0;
  gboolean keep = write && e->values[op->a].left > 1;
  gint gpr;
  guint to, t;

  if (e->values[op->a].pointer)
    t = emit_take (e, op->a);
  else
    {
      /* Who uses the address after this wants the pointer: it may take its place. */
      if (keep && e->values[op->a].loc == L_TMP)
        {
          e->values[op->a].left--;
          t = emit_probe (e, op->a, bytes, op->aux, write, FALSE);
          e->values[op->a].left++;
        }
      else
        t = emit_probe (e, op->a, bytes, op->aux, write, FALSE);
    }
  emit_used (e, op->a);
  gpr = emit_direct (e, ref, IR_NONE, IR_NONE);
  if (gpr >= 0 && bytes <= 2)
    {
      /* Made in place only when it is zero-extended there. */
      const IrInsn *next = &e->block->ops[ref + 1];

      if (!(next->op == IR_ZEXT && next->a == ref && e->values[ref + 1].hint == gpr))
        gpr = -1;
    }
  to = gpr >= 0 ? emit_pinned[gpr] : keep ? emit_tmp[emit_alloc (e)] : emit_tmp[t];
  if (bytes == 1)
    asm_plain (&e->a, 4, 0x0fb6, to, asm_mem (emit_tmp[t], 0));
  else if (bytes == 2)
    asm_plain (&e->a, 4, 0x0fb7, to, asm_mem (emit_tmp[t], 0));
  else
    asm_plain (&e->a, bytes, 0x8b, to, asm_mem (emit_tmp[t], 0));
  if (gpr >= 0)
    emit_define_gpr (e, ref, (guint) gpr, TRUE);
  else
    for (guint i = 0; i < N_TMP; i++)
      if (emit_tmp[i] == to)
        emit_define_tmp (e, ref, i, TRUE);
  if (keep)
    keep_pointer (e, op->a, t);
}

void
emit_store (Emit *e, const IrInsn *op)
{
  guint bytes = IR_BYTES (op->type);
  gint32 imm;
  gboolean constant = emit_imm (e, op->b, &imm, bytes);
  guint value = constant ? 0 : emit_reg (e, op->b);
  guint pointer;

  if (e->values[op->a].pointer)
    pointer = emit_reg (e, op->a);
  else
    pointer = emit_tmp[emit_probe (e, op->a, bytes, op->aux, TRUE, FALSE)];
  if (constant)
    asm_store_imm (&e->a, bytes, asm_mem (pointer, 0), imm);
  else
    asm_op (&e->a, bytes, 0x89, value, asm_mem (pointer, 0));
  emit_used (e, op->a);
  emit_used (e, op->b);
}

/* The segment's rights and limit, as ir-interp's segment_check: what is not plain goes there. */
void
emit_segcheck (Emit *e, const IrInsn *op)
{
  guint seg = op->aux & 7;
  gsize at = G_STRUCT_OFFSET (X86State, seg) + seg * sizeof (X86Segment);
  gboolean write = (op->aux & 8) != 0;
  guint tmp, other;

  if (e->values[op->a].loc == L_IMM)
    {
      tmp = emit_alloc (e);
      asm_mov_imm (&e->a, emit_tmp[tmp], (guint32) e->block->ops[op->a].imm);
    }
  else
    {
      guint from = emit_reg (e, op->a);

      tmp = emit_alloc (e);
      asm_plain (&e->a, 4, 0x8b, emit_tmp[tmp], asm_reg (from));
    }
  /* One for rights and limit: the address may hold the third. */
  other = emit_alloc (e);
  emit_flags_lost (e);
  if (e->unit->mode & X86_MODE_PE && !(e->unit->mode & X86_MODE_VM))
    {
      gint32 mask = X86_ATTR_UNUSABLE | X86_ATTR_S | 8 | 4 | (write ? 2 : 0);
      gint32 want = X86_ATTR_S | (write ? 2 : 0);

      if (seg == X86_CS)
        {
          /* Code: readable by fetch, never writable. */
          mask = X86_ATTR_UNUSABLE | X86_ATTR_S | 8;
          want = write ? -1 : X86_ATTR_S | 8;
        }
      asm_plain (&e->a, 4, 0x0fb7, emit_tmp[other], CPU_STATE (at + G_STRUCT_OFFSET (X86Segment, attr)));
      asm_alu_imm (&e->a, 4, ASM_AND, asm_reg (emit_tmp[other]), mask);
      asm_alu_imm (&e->a, 4, ASM_CMP, asm_reg (emit_tmp[other]), want);
      emit_abandon (e, ASM_JCC (5));
    }
  if (op->imm > 1)
    asm_alu_imm (&e->a, 8, ASM_ADD, asm_reg (emit_tmp[tmp]), (gint32) op->imm - 1);
  asm_plain (&e->a, 4, 0x8b, emit_tmp[other], CPU_STATE (at + G_STRUCT_OFFSET (X86Segment, limit)));
  asm_plain (&e->a, 8, ASM_ALU (ASM_CMP), emit_tmp[tmp], asm_reg (emit_tmp[other]));
  emit_abandon (e, ASM_JCC (7));
  emit_used (e, op->a);
}

void
emit_host (Emit *e, const IrInsn *op)
{
  IrRef ref = (IrRef) (op - e->block->ops);
  const IrHost *host = &e->block->hosts[op->imm];
  gboolean memory = host->rm_kind == IR_HOST_MEM;
  gboolean result = (host->reg_kind == IR_HOST_GPR && host->reg_written) || (host->rm_kind == IR_HOST_GPR && host->rm_written);
  guint b = 0, rm = 0, to = 0, tmp = 0;

  if (host->flags_out)
    emit_settle_conds (e);
  if (op->b != IR_NONE)
    b = emit_reg (e, op->b);
  if (memory)
    rm = emit_tmp[emit_probe (e, op->a, host->mem_bytes, host->mem, host->rm_written, FALSE)];
  else if (op->a != IR_NONE)
    rm = emit_reg (e, op->a);
  emit_used (e, op->a);
  emit_used (e, op->b);
  if (host->ax_written)
    emit_clobber_gpr (e, X86_RAX, IR_NONE, IR_NONE);
  if (host->cx_written)
    emit_clobber_gpr (e, X86_RCX, IR_NONE, IR_NONE);
  if (result)
    {
      tmp = emit_alloc (e);
      to = emit_tmp[tmp];
      if (host->rm_kind == IR_HOST_GPR && host->rm_written)
        rm = to;
    }
  e->a.at += host_encode (e->a.at, host, result && host->reg_written ? to : b, rm, b, 0);
  e->locked = (guint8) (result ? 1 << tmp : 0);
  if (host->flags_out)
    /* Comparisons and tests of vectors clear the flags that they do not set. */
    emit_host_flags (e, host->flags_out, host->reg_kind == IR_HOST_VEC);
  else if (host->encoding != IR_HOST_X87)
    emit_flags_lost (e);
  if (result)
    emit_define_tmp (e, ref, tmp, TRUE);
  else if (host->ax_written)
    emit_define_gpr (e, ref, X86_RAX, FALSE);      /* the host's AX is the guest's */
  else if (host->cx_written)
    emit_define_gpr (e, ref, X86_RCX, TRUE);
}
