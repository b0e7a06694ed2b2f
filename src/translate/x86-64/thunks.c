/* thunks.c - the fixed pieces of host code: into units, out of them, and from them to C.
 *
 * Units run with rsp a multiple of 16. */
#include "config.h"

#include "translate/x86-64/emit-private.h"

typedef struct { Asm a; gssize delta; } Maker;

static guint8 *
here (const Maker *m)
{
  return m->a.at + m->delta;
}

static void
push (Maker *m, guint reg)
{
  if (reg >= 8)
    asm_byte (&m->a, 0x41);
  asm_byte (&m->a, 0x50 | (reg & 7));
}

static void
pop (Maker *m, guint reg)
{
  if (reg >= 8)
    asm_byte (&m->a, 0x41);
  asm_byte (&m->a, 0x58 | (reg & 7));
}

static void
store_guest (Maker *m)
{
  for (guint i = 0; i < 16; i++)
    if (emit_pinned[i] != NOT_PINNED)
      asm_plain (&m->a, 8, 0x89, emit_pinned[i], CPU_GPR (i));
}

static void
load_guest (Maker *m)
{
  for (guint i = 0; i < 16; i++)
    if (emit_pinned[i] != NOT_PINNED)
      asm_plain (&m->a, 8, 0x8b, emit_pinned[i], CPU_GPR (i));
}

static void
keep_scratch (Maker *m, gboolean restore)
{
  for (guint i = 0; i < N_TMP; i++)
    asm_plain (&m->a, 8, restore ? 0x8b : 0x89, emit_tmp[i], CPU_SCRATCH (SCRATCH_TMP + i));
}

/* Moves xmm or ymm register n between the host and the CPU's struct. */
static void
move_vec (Maker *m, gboolean avx, guint n, gboolean store)
{
  AsmOperand at = CPU_STATE (G_STRUCT_OFFSET (X86State, vec) + 32 * n);

  if (!avx)
    {
      asm_plain (&m->a, 4, store ? 0x0f11 : 0x0f10, n, at);          /* movups */
      return;
    }
  asm_byte (&m->a, 0x65);
  asm_byte (&m->a, 0xc5);                                            /* vmovups ymm: VEX.256.0F */
  asm_byte (&m->a, (n >= 8 ? 0x7c : 0xfc));
  asm_byte (&m->a, store ? 0x11 : 0x10);
  asm_modrm (&m->a, n, at);
}

/* Stores the vector registers, if they are the guest's, and MXCSR; @keep: they stay. */
static void
store_vec (Maker *m, gboolean avx, gboolean keep)
{
  guint8 *skip;

  asm_general (&m->a, 0, 1, 0x80, 7, CPU (vec_in_host), TRUE);
  asm_imm (&m->a, 0, 1);
  skip = asm_jump (&m->a, ASM_JCC (4), NULL, 0);
  for (guint n = 0; n < 16; n++)
    move_vec (m, avx, n, TRUE);
  asm_plain (&m->a, 4, 0x0fae, 3, CPU_STATE (G_STRUCT_OFFSET (X86State, mxcsr)));     /* stmxcsr */
  asm_plain (&m->a, 4, 0x0fae, 2, CPU (host_mxcsr));                                   /* ldmxcsr */
  if (!keep)
    asm_store_imm (&m->a, 1, CPU (vec_in_host), 0);
  if (avx)
    {
      asm_byte (&m->a, 0xc5);                                        /* vzeroupper */
      asm_byte (&m->a, 0xf8);
      asm_byte (&m->a, 0x77);
    }
  asm_patch (skip, m->a.at, 0);
}

static void
load_vec (Maker *m, gboolean avx)
{
  for (guint n = 0; n < 16; n++)
    move_vec (m, avx, n, FALSE);
  asm_plain (&m->a, 4, 0x0fae, 2, CPU_STATE (G_STRUCT_OFFSET (X86State, mxcsr)));
}

static void
reload_vec_if_kept (Maker *m, gboolean avx)
{
  guint8 *skip;

  asm_general (&m->a, 0, 1, 0x80, 7, CPU (vec_in_host), TRUE);
  asm_imm (&m->a, 0, 1);
  skip = asm_jump (&m->a, ASM_JCC (4), NULL, 0);
  load_vec (m, avx);
  asm_patch (skip, m->a.at, 0);
}

static void
call_c (Maker *m, gconstpointer function)
{
  asm_mov_imm (&m->a, 0, (gint64) (guintptr) function);
  asm_plain (&m->a, 4, 0xff, 2, asm_reg (0));
}

static void
load_cpu_argument (Maker *m)
{
  asm_plain (&m->a, 8, 0x8b, 7, CPU (self));
}

static const guint8 callee_saved[] = { 5, 3, 12, 13, 14, 15 };

static void
make_enter (Maker *m, XlateEmitter *x)
{
  /* XlateLink *enter (entry) */
  x->enter = here (m);
  for (guint i = 0; i < G_N_ELEMENTS (callee_saved); i++)
    push (m, callee_saved[i]);
  asm_alu_imm (&m->a, 8, ASM_SUB, asm_reg (4), 8);
  asm_plain (&m->a, 8, 0x89, 4, CPU (host_stack));
  asm_plain (&m->a, 8, 0x8b, emit_tmp[0], asm_reg (7));
  asm_plain (&m->a, 8, 0x8b, TLB_REG, CPU (tlb));
  load_guest (m);
  asm_plain (&m->a, 4, 0xff, 4, asm_reg (emit_tmp[0]));

  x->leave = here (m);
  store_guest (m);
  store_vec (m, x->avx, FALSE);
  asm_plain (&m->a, 8, 0x8b, 4, CPU (host_stack));
  asm_plain (&m->a, 8, 0x8b, 0, CPU (exit_link));
  asm_alu_imm (&m->a, 8, ASM_ADD, asm_reg (4), 8);
  for (guint i = G_N_ELEMENTS (callee_saved); i-- > 0;)
    pop (m, callee_saved[i]);
  asm_byte (&m->a, 0xc3);
}

/* push site; call slow[k]: scratch register k holds the linear address, and then the host's. */
static void
make_slow (Maker *m, XlateEmitter *x, guint k)
{
  x->slow[k] = here (m);
  store_guest (m);
  keep_scratch (m, FALSE);
  store_vec (m, x->avx, TRUE);
  load_cpu_argument (m);
  asm_plain (&m->a, 8, 0x8b, 6, asm_reg (emit_tmp[k]));
  asm_plain (&m->a, 8, 0x8b, 2, asm_mem (4, 8));
  call_c (m, emit_slow_access);
  asm_plain (&m->a, 8, 0x89, 0, CPU_SCRATCH (SCRATCH_TMP + k));
  reload_vec_if_kept (m, x->avx);
  load_guest (m);
  keep_scratch (m, TRUE);
  asm_byte (&m->a, 0xc2);                                            /* ret 8 */
  asm_imm (&m->a, 8, 2);
}

static void
make_abandon (Maker *m, XlateEmitter *x)
{
  /* push site; jmp abandon */
  x->abandon = here (m);
  store_guest (m);
  store_vec (m, x->avx, TRUE);
  load_cpu_argument (m);
  asm_plain (&m->a, 8, 0x8b, 6, asm_mem (4, 0));
  asm_plain (&m->a, 8, 0x8b, 4, CPU (host_stack));
  call_c (m, emit_step);
}

static void
make_helper (Maker *m, XlateEmitter *x)
{
  /* r10 = the helper, arguments in scratch; result in r10 */
  x->helper = here (m);
  asm_alu_imm (&m->a, 8, ASM_SUB, asm_reg (4), 8);
  store_guest (m);
  store_vec (m, x->avx, FALSE);
  load_cpu_argument (m);
  asm_plain (&m->a, 8, 0x8b, 6, asm_reg (emit_tmp[0]));
  call_c (m, emit_run_helper);
  asm_plain (&m->a, 8, 0x8b, emit_tmp[0], asm_reg (0));
  asm_plain (&m->a, 8, 0x8b, TLB_REG, CPU (tlb));
  load_guest (m);
  asm_alu_imm (&m->a, 8, ASM_ADD, asm_reg (4), 8);
  asm_byte (&m->a, 0xc3);
}

static void
make_call (Maker *m, XlateEmitter *x)
{
  /* SCRATCH_WHAT and arguments in scratch; result in scratch; all registers stay */
  x->call = here (m);
  asm_alu_imm (&m->a, 8, ASM_SUB, asm_reg (4), 8);
  store_guest (m);
  keep_scratch (m, FALSE);
  store_vec (m, x->avx, TRUE);
  load_cpu_argument (m);
  call_c (m, emit_run_call);
  reload_vec_if_kept (m, x->avx);
  load_guest (m);
  keep_scratch (m, TRUE);
  asm_alu_imm (&m->a, 8, ASM_ADD, asm_reg (4), 8);
  asm_byte (&m->a, 0xc3);
}

static void
make_load_vec (Maker *m, XlateEmitter *x)
{
  x->load_vec = here (m);
  load_vec (m, x->avx);
  asm_store_imm (&m->a, 1, CPU (vec_in_host), 1);
  asm_byte (&m->a, 0xc3);
}

gboolean
thunks_make (XlateEmitter *x)
{
  Maker m = { { x->buffer.write }, x->buffer.run - x->buffer.write };

  make_enter (&m, x);
  for (guint k = 0; k < N_TMP; k++)
    make_slow (&m, x, k);
  make_abandon (&m, x);
  make_helper (&m, x);
  make_call (&m, x);
  make_load_vec (&m, x);
  x->thunk_bytes = x->buffer.used = ((gsize) (m.a.at - x->buffer.write) + 63) & ~(gsize) 63;
  return TRUE;
}
