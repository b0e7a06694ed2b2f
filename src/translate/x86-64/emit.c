/* emit.c - units of host code: entries, bodies, what is out of the way, links. */
#include "config.h"

#include "translate/emit.h"

#include "translate/x86-64/emit-private.h"
#include "translate/x86/host-run.h"

#include <asm/prctl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_SITES (4u << 20)
/* More than any unit's code. */
#define UNIT_ROOM (256u << 10)

gboolean
emitter_available (void)
{
  return TRUE;
}

XlateEmitter *
emitter_new (gsize code_bytes, const char *perf_map, GError **error)
{
  XlateEmitter *x = g_new0 (XlateEmitter, 1);

  if (!code_buffer_init (&x->buffer, code_bytes, error))
    {
      g_free (x);
      return NULL;
    }
  x->max_sites = MAX_SITES;
  x->sites = mmap (NULL, MAX_SITES * sizeof (Site), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
  g_assert (x->sites != MAP_FAILED);
  x->avx = __builtin_cpu_supports ("avx") != 0;
  x->bmi2 = __builtin_cpu_supports ("bmi2") != 0;
  x->emit = g_new0 (Emit, 1);
  x->emit->emitter = x;
  x->emit->delta = x->buffer.run - x->buffer.write;
  thunks_make (x);
  if (perf_map != NULL)
    {
      x->perf = fopen (perf_map, "w");
      if (x->perf == NULL)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Cannot write “%s”: %s.", perf_map,
                       g_strerror (errno));
          emitter_free (x);
          return NULL;
        }
      setvbuf (x->perf, NULL, _IOLBF, 0);
    }
  return x;
}

void
emitter_free (XlateEmitter *x)
{
  if (x->perf != NULL)
    fclose (x->perf);
  munmap (x->sites, MAX_SITES * sizeof (Site));
  code_buffer_clear (&x->buffer);
  g_free (x->emit);
  g_free (x);
}

void
emitter_clear (XlateEmitter *x)
{
  x->buffer.used = x->thunk_bytes;
  x->n_sites = 0;
}

/* --- a unit -------------------------------------------------------------------------------- */

static void
store_rip (Emit *e, guint64 rip)
{
  gsize offset = G_STRUCT_OFFSET (X86State, rip);

  if (rip <= G_MAXINT32 || rip >= (guint64) G_MININT32)
    asm_store_imm (&e->a, 8, CPU_STATE (offset), (gint32) rip);
  else
    {
      asm_mov_imm (&e->a, emit_tmp[0], (gint64) rip);
      asm_plain (&e->a, 8, 0x89, emit_tmp[0], CPU_STATE (offset));
    }
}

static void
check_binding (Emit *e, guint64 linear, guint32 binding)
{
  guint index = x86_tlb_index (e->unit->mode);
  gsize slot = (linear >> ASTERN_PAGE_BITS) & (X86_FETCH_ENTRIES - 1);
  gint32 offset = (gint32) (G_STRUCT_OFFSET (X86TlbSet, fetch) + (index * X86_FETCH_ENTRIES + slot) * sizeof (guint32));
  Cold *cold;

  asm_plain (&e->a, 4, 0x81, 7, asm_mem (TLB_REG, offset));
  asm_imm (&e->a, (gint32) binding, 4);
  cold = emit_cold (e, COLD_OUTER);
  cold->from = asm_jump (&e->a, ASM_JCC (5), NULL, 0);
}

static void
check_loaded (Emit *e, ColdKind kind, AsmOperand flag)
{
  Cold *cold = emit_cold (e, kind);

  asm_general (&e->a, 0, 1, 0x80, 7, flag, TRUE);
  asm_imm (&e->a, 0, 1);
  cold->from = asm_jump (&e->a, ASM_JCC (4), NULL, 0);
  cold->back = e->a.at;
}

/* Whether the block has an instruction that is not part of what the entry charges (REP). */
static gboolean
counts_itself (const IrBlock *block)
{
  for (guint i = 1; i < block->n_ops; i++)
    if (block->ops[i].op == IR_INSN && block->ops[i].aux == 1)
      return TRUE;
  return FALSE;
}

static void
emit_entries (Emit *e)
{
  XlateUnit *unit = e->unit;
  Cold *cold;

  unit->outer = e->a.at + e->delta;
  check_binding (e, unit->linear, unit->binding);
  if (unit->ram2 != XLATE_NO_PAGE)
    {
      guint64 next = (unit->linear & ~ASTERN_PAGE_MASK) + ASTERN_PAGE_SIZE;

      check_binding (e, unit->mode & X86_MODE_CODE64 ? next : next & G_MAXUINT32, unit->binding2);
    }
  unit->inner = e->a.at + e->delta;
  cold = emit_cold (e, COLD_BUDGET);
  if (e->charged > 0)
    {
      asm_alu_imm (&e->a, 8, ASM_SUB, CPU (budget), (gint32) e->charged);
      /* js; but what counts its own retirements retires one at least: it must find one left (jle). */
      cold->from = asm_jump (&e->a, ASM_JCC (counts_itself (e->block) ? 14 : 8), NULL, 0);
      cold->refund = (gint32) e->charged;
    }
  else
    {
      asm_alu_imm (&e->a, 8, ASM_CMP, CPU (budget), 0);
      cold->from = asm_jump (&e->a, ASM_JCC (14), NULL, 0);          /* jle */
    }
  if (e->block->uses_vec)
    check_loaded (e, COLD_LOAD_VEC, CPU (vec_in_host));
  if (e->block->uses_x87)
    check_loaded (e, COLD_LOAD_X87, CPU (x87_in_host));
}

static void
leave_unlinked (Emit *e, guint64 rip)
{
  store_rip (e, rip);
  asm_store_imm (&e->a, 8, CPU (exit_link), 0);
  asm_jump (&e->a, ASM_JMP, e->emitter->leave, e->delta);
}

static void
push_site (Emit *e, guint32 site)
{
  asm_byte (&e->a, 0x68);
  asm_imm (&e->a, (gint32) site, 4);
}

static void
emit_side_exit (Emit *e, Cold *cold)
{
  XlateLink *link = cold->link;

  emit_store_recipe (&e->a, &cold->recipe);
  if (cold->refund != 0)
    asm_alu_imm (&e->a, 8, ASM_ADD, CPU (budget), cold->refund);
  if (link == NULL)
    {
      leave_unlinked (e, cold->rip);
      return;
    }
  if (link->patch == NULL)
    {
      /* The jump that is linked stands after the stores. */
      link->patch = asm_jump (&e->a, ASM_JMP, NULL, 0);
      asm_patch (link->patch, e->a.at, 0);
    }
  link->stub = e->a.at + e->delta;
  store_rip (e, cold->rip);
  asm_mov_imm (&e->a, emit_tmp[0], (gint64) (guintptr) link);
  asm_plain (&e->a, 8, 0x89, emit_tmp[0], CPU (exit_link));
  asm_jump (&e->a, ASM_JMP, e->emitter->leave, e->delta);
}

static void
emit_one_cold (Emit *e, Cold *cold)
{
  XlateEmitter *x = e->emitter;

  asm_patch (cold->from, e->a.at, 0);
  switch (cold->kind)
    {
    case COLD_SLOW:
      asm_plain (&e->a, 8, ASM_ALU (ASM_XOR), emit_tmp[cold->tmp],
                 asm_sib (TLB_REG, emit_tmp[cold->index], 0, cold->tlb_offset));
      push_site (e, cold->site);
      asm_jump (&e->a, ASM_CALL, x->slow[cold->tmp], e->delta);
      asm_jump (&e->a, ASM_JMP, cold->back, 0);
      break;
    case COLD_ABANDON:
      push_site (e, cold->site);
      asm_jump (&e->a, ASM_JMP, x->abandon, e->delta);
      break;
    case COLD_SIDE_EXIT:
      emit_side_exit (e, cold);
      break;
    case COLD_BUDGET:
      if (cold->refund != 0)
        asm_alu_imm (&e->a, 8, ASM_ADD, CPU (budget), cold->refund);
      leave_unlinked (e, e->unit->rip);
      break;
    case COLD_OUTER:
      leave_unlinked (e, e->unit->rip);
      break;
    case COLD_LOAD_VEC:
      asm_jump (&e->a, ASM_CALL, x->load_vec, e->delta);
      asm_jump (&e->a, ASM_JMP, cold->back, 0);
      break;
    case COLD_LOAD_X87:
      asm_store_imm (&e->a, 4, CPU_SCRATCH (SCRATCH_WHAT), WHAT_X87_LOAD);
      asm_jump (&e->a, ASM_CALL, x->call, e->delta);
      asm_jump (&e->a, ASM_JMP, cold->back, 0);
      break;
    case COLD_LEAVE:
      leave_unlinked (e, cold->rip);
      break;
    }
}

static guint
count_links (const IrBlock *block)
{
  guint n = 1;

  for (guint i = 1; i < block->n_ops; i++)
    if (block->ops[i].op == IR_BRANCH || block->ops[i].op == IR_BRANCHNZ)
      n++;
  return n;
}

static void
start (Emit *e, XlateUnit *unit, const IrBlock *block)
{
  CodeBuffer *buffer = &e->emitter->buffer;

  e->a.at = buffer->write + buffer->used;
  e->unit = unit;
  e->block = block;
  e->rip = unit->rip;
  e->retired = 0;
  e->charged = block->n_insns;
  e->counts = 0;
  e->after_helper = 0;
  e->recipe = (FlagRecipe) { .known = 0 };
  e->known = 0;
  e->flags_of = IR_NONE;
  e->n_cold = 0;
  unit->links = g_new0 (XlateLink, count_links (block));
  unit->n_links = 0;
  emit_prepare (e);
}

gboolean
emitter_emit (XlateEmitter *x, XlateUnit *unit, const IrBlock *block)
{
  Emit *e = x->emit;

  if (x->buffer.size - x->buffer.used < UNIT_ROOM || x->n_sites + IR_MAX_OPS > x->max_sites)
    return FALSE;
  start (e, unit, block);
  emit_entries (e);
  for (e->at = 1; e->at < block->n_ops; e->at++)
    emit_op (e, &block->ops[e->at]);
  for (guint i = 0; i < e->n_cold; i++)
    emit_one_cold (e, &e->cold[i]);
  unit->host_bytes = (guint32) (e->a.at - (x->buffer.write + x->buffer.used));
  g_assert (unit->host_bytes <= UNIT_ROOM);
  if (x->perf != NULL)
    fprintf (x->perf, "%lx %x guest_%" G_GINT64_MODIFIER "x\n", (gulong) unit->outer, unit->host_bytes, unit->rip);
  x->buffer.used = ((gsize) (e->a.at - x->buffer.write) + 15) & ~(gsize) 15;
  return TRUE;
}

/* --- running and linking ----------------------------------------------------------------------- */

static void
set_gs (X86Cpu *cpu)
{
  syscall (SYS_arch_prctl, ARCH_SET_GS, (gulong) cpu);
}

XlateLink *
emitter_run (XlateEmitter *x, X86Cpu *cpu, XlateUnit *unit)
{
  XlateLink *(*enter) (guint8 *entry) = (XlateLink *(*) (guint8 *)) x->enter;
  XlateLink *link;

  if (x->gs_owner != cpu)
    {
      set_gs (cpu);
      x->gs_owner = cpu;
    }
  cpu->exit_link = 0;
  link = enter (unit->inner);
  if (cpu->x87_in_host)
    {
      host_x87_save (cpu);
      cpu->x87_in_host = 0;
    }
  return link;
}

void
emitter_thread_changed (XlateEmitter *x)
{
  x->gs_owner = NULL;
}

void
emit_link (XlateLink *link, XlateUnit *to, gboolean same_page)
{
  link->to = to;
  link->next_incoming = to->incoming;
  to->incoming = link;
  asm_patch (link->patch, same_page ? to->inner : to->outer, link->delta);
}

static void
take_out (XlateUnit *of, XlateLink *link)
{
  XlateLink **at = &of->incoming;

  while (*at != link)
    at = &(*at)->next_incoming;
  *at = link->next_incoming;
}

void
emit_unlink (XlateUnit *unit)
{
  for (XlateLink *link = unit->incoming; link != NULL; link = link->next_incoming)
    {
      asm_patch (link->patch, link->stub, link->delta);
      link->to = NULL;
    }
  unit->incoming = NULL;
  for (guint i = 0; i < unit->n_links; i++)
    if (unit->links[i].to != NULL)
      {
        take_out (unit->links[i].to, &unit->links[i]);
        unit->links[i].to = NULL;
        /* The unit may be running still: its ways out lead to the dispatcher now. */
        asm_patch (unit->links[i].patch, unit->links[i].stub, unit->links[i].delta);
      }
}
