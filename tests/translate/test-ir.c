/* test-ir - blocks of IR: what the verifier refuses, and what the passes keep. */
#include "config.h"

#include "translate/ir-interp.h"

#include <string.h>

#define GPR(number) ((gint64) G_STRUCT_OFFSET (X86State, gpr[number]))
#define NONE IR_NONE

typedef struct
{
  IrBlock *block;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->block = ir_block_new ();
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->block, ir_block_free);
}

static IrRef
imm (Fixture *f, IrType type, gint64 value)
{
  return ir_emit (f->block, IR_IMM, type, NONE, NONE, NONE, 0, value);
}

static IrRef
get (Fixture *f, guint number)
{
  return ir_emit (f->block, IR_GET, IR_I64, NONE, NONE, NONE, 0, GPR (number));
}

static IrRef
put (Fixture *f, IrType type, IrRef value, guint number)
{
  return ir_emit (f->block, IR_PUT, type, value, NONE, NONE, 0, GPR (number));
}

static IrRef
flags (Fixture *f, CcOp cc, IrRef a, IrRef b, IrRef c)
{
  return ir_emit (f->block, IR_FLAGS, IR_I64, a, b, c, cc, 0);
}

static IrRef
op (Fixture *f, IrOp number, IrRef a, IrRef b)
{
  return ir_emit (f->block, number, IR_I64, a, b, NONE, 0, 0);
}

static void
insn (Fixture *f, gint64 rip)
{
  ir_emit (f->block, IR_INSN, IR_VOID, NONE, NONE, NONE, 0, rip);
}

static void
jump (Fixture *f)
{
  ir_emit (f->block, IR_JUMP, IR_VOID, NONE, NONE, NONE, 0, 0x2000);
}

static IrInsn *
at (Fixture *f, IrRef ref)
{
  return &f->block->ops[ref];
}

/* Whether a pass left the operation standing. */
static gboolean
stands (Fixture *f, IrRef ref)
{
  return at (f, ref)->op != IR_NOP;
}

/* --- the verifier ------------------------------------------------------------------------- */

static void
assert_refused (Fixture *f, const char *part)
{
  g_autofree char *wrong = ir_verify (f->block);

  g_assert_nonnull (wrong);
  if (strstr (wrong, part) == NULL)
    g_error ("\"%s\" does not say \"%s\"", wrong, part);
}

static void
assert_well_formed (Fixture *f)
{
  g_autofree char *wrong = ir_verify (f->block);

  g_assert_cmpstr (wrong, ==, NULL);
}

/* INSN; v2 = GET; v3 = ADD v2 v2; PUT v3; JUMP. */
enum { THE_GET = 2, THE_ADD, THE_PUT, THE_JUMP };

static void
make_good (Fixture *f)
{
  ir_block_clear (f->block);
  insn (f, 0x1000);
  get (f, X86_RAX);
  op (f, IR_ADD, THE_GET, THE_GET);
  put (f, IR_I64, THE_ADD, X86_RAX);
  jump (f);
  assert_well_formed (f);
}

static void
each_malformed_block_is_refused_with_its_reason (Fixture *f, gconstpointer data)
{
  assert_refused (f, "empty");
  make_good (f);
  at (f, THE_ADD)->op = IR_N_OPS;
  assert_refused (f, "unknown");
  make_good (f);
  at (f, THE_ADD)->b = THE_ADD;
  assert_refused (f, "argument 1 is not defined earlier");
  make_good (f);
  at (f, THE_ADD)->a = THE_PUT;
  assert_refused (f, "argument 0 is not defined earlier");
  make_good (f);
  at (f, THE_ADD)->c = THE_GET;
  assert_refused (f, "too many arguments");
  make_good (f);
  at (f, THE_PUT)->a = 1;
  assert_refused (f, "(insn) is no value");
  make_good (f);
  at (f, THE_ADD)->type = IR_I64 + 1;
  assert_refused (f, "bad type");
  make_good (f);
  at (f, THE_GET)->op = IR_HOST;
  assert_refused (f, "no such host instruction");
  make_good (f);
  at (f, THE_GET)->op = IR_EXIT;
  at (f, THE_ADD)->a = at (f, THE_ADD)->b = NONE;
  assert_refused (f, "not the last");
  make_good (f);
  f->block->n_ops--;
  assert_refused (f, "does not end the unit");
  make_good (f);
  f->block->n_insns++;
  assert_refused (f, "count of instructions");
}

static void
an_argument_that_is_not_there_yet_cannot_be_emitted (Fixture *f, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      op (f, IR_NEG, 1, NONE);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*a < block->n_ops*");
}

static void
only_instructions_that_retire_once_are_counted (Fixture *f, gconstpointer data)
{
  insn (f, 0x1000);
  ir_emit (f->block, IR_INSN, IR_VOID, NONE, NONE, NONE, 1, 0x1001);
  insn (f, 0x1003);
  jump (f);
  g_assert_cmpuint (f->block->n_insns, ==, 2);
  assert_well_formed (f);
}

static void
a_copy_is_a_block_of_its_own (Fixture *f, gconstpointer data)
{
  IrBlock *copy;

  make_good (f);
  copy = ir_block_copy (f->block);
  at (f, THE_ADD)->op = IR_SUB;
  g_assert_cmpuint (copy->ops[THE_ADD].op, ==, IR_ADD);
  g_assert_cmpuint (copy->n_ops, ==, f->block->n_ops);
  ir_block_free (copy);
}

/* --- folding ------------------------------------------------------------------------------ */

static void
constants_are_worked_out_at_their_type (Fixture *f, gconstpointer data)
{
  static const struct
  {
    IrOp    op;
    IrType  type;
    gint64  a, b;
    guint   aux;
    guint64 result;
  } cases[] = {
    { IR_ADD, IR_I8, 0xff, 2, 0, 1 },
    { IR_SUB, IR_I16, 0, 1, 0, 0xffff },
    { IR_XOR, IR_I32, 0xf0f0f0f0, -1, 0, 0x0f0f0f0f },
    { IR_MUL, IR_I64, -1, 3, 0, (guint64) -3 },
    { IR_SHL, IR_I32, 1, 32, 0, 0 },
    { IR_SHL, IR_I32, 1, 31, 0, 0x80000000 },
    { IR_SHR, IR_I8, 0x180, 7, 0, 1 },
    { IR_ZEXT, IR_I64, -1, NONE, IR_I16, 0xffff },
    { IR_SEXT, IR_I32, 0x80, NONE, IR_I8, 0xffffff80 },
    { IR_NOT, IR_I8, 0x0f, NONE, 0, 0xf0 },
    { IR_NEG, IR_I16, 1, NONE, 0, 0xffff },
    { IR_EA, IR_I32, 0xffffffff, 2, 3, 0x0f },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      IrRef a, b, r;

      ir_block_clear (f->block);
      a = imm (f, IR_I64, cases[i].a);
      b = ir_op_info[cases[i].op].n_args > 1 ? imm (f, IR_I64, cases[i].b) : NONE;
      r = ir_emit (f->block, cases[i].op, cases[i].type, a, b, NONE, cases[i].aux, 0);
      ir_fold (f->block);
      g_assert_cmpuint (at (f, r)->op, ==, IR_IMM);
      g_assert_cmphex ((guint64) at (f, r)->imm, ==, cases[i].result);
    }
}

static void
a_register_against_itself_is_zero_unless_it_changed_between (Fixture *f, gconstpointer data)
{
  IrRef a = get (f, X86_RAX), b = get (f, X86_RAX), zero = op (f, IR_XOR, a, b);
  IrRef c, d, e, sum, other;

  c = get (f, X86_RAX);
  put (f, IR_I64, imm (f, IR_I64, 5), X86_RAX);
  d = get (f, X86_RAX);
  e = get (f, X86_RCX);
  sum = op (f, IR_SUB, c, d);
  other = op (f, IR_SUB, d, e);
  ir_fold (f->block);
  g_assert_cmpuint (at (f, zero)->op, ==, IR_IMM);
  g_assert_cmphex (at (f, zero)->imm, ==, 0);
  g_assert_cmpuint (at (f, sum)->op, ==, IR_SUB);
  g_assert_cmpuint (at (f, other)->op, ==, IR_SUB);
}

static void
constant_parts_of_an_address_move_into_it (Fixture *f, gconstpointer data)
{
  IrRef base = get (f, X86_RBX), index = imm (f, IR_I64, 3);
  IrRef ea = ir_emit (f->block, IR_EA, IR_I64, base, index, NONE, 2, 0x10);

  ir_fold (f->block);
  g_assert_cmpuint (at (f, ea)->op, ==, IR_EA);
  g_assert_cmpuint (at (f, ea)->a, ==, base);
  g_assert_cmpuint (at (f, ea)->b, ==, NONE);
  g_assert_cmphex (at (f, ea)->imm, ==, 0x1c);
}

static guint64
random64 (void)
{
  guint64 high = (guint32) g_test_rand_int ();

  return high << 32 | (guint32) g_test_rand_int ();
}

/* Random arithmetic on constants and one register; results go to the other registers. */
static void
make_random (Fixture *f)
{
  static const IrOp two[] = {
    IR_ADD, IR_SUB, IR_AND, IR_OR, IR_XOR, IR_MUL, IR_MULHU, IR_MULHS, IR_EQ, IR_LTU, IR_LTS,
    IR_SHL, IR_SHR, IR_SAR, IR_ROL, IR_ROR,
  };
  static const IrOp one[] = { IR_NEG, IR_NOT, IR_ZEXT, IR_SEXT };
  IrRef values[24];
  guint n = 0;

  ir_block_clear (f->block);
  insn (f, 0x1000);
  values[n++] = get (f, X86_RAX);
  while (n < 6)
    values[n++] = imm (f, IR_I64, (gint64) random64 ());
  while (n < G_N_ELEMENTS (values))
    {
      IrRef a = values[g_test_rand_int_range (0, n)], b = values[g_test_rand_int_range (0, n)];
      guint which = g_test_rand_int_range (0, G_N_ELEMENTS (two) + G_N_ELEMENTS (one) + 1);
      IrOp number;

      if (which == G_N_ELEMENTS (two) + G_N_ELEMENTS (one))
        values[n] = ir_emit (f->block, IR_EA, IR_I64, a, b, NONE, g_test_rand_int_range (0, 4),
                             g_test_rand_int ());
      else if (which >= G_N_ELEMENTS (two))
        {
          guint from = g_test_rand_int_range (IR_I8, IR_I64);

          number = one[which - G_N_ELEMENTS (two)];
          values[n] = ir_emit (f->block, number, IR_I64, a, NONE, NONE,
                               number == IR_ZEXT || number == IR_SEXT ? from : 0, 0);
        }
      else
        {
          number = two[which];
          if (number >= IR_SHL && number <= IR_ROR)
            b = imm (f, IR_I8, g_test_rand_int_range (0, 64));
          values[n] = op (f, number, a, b);
        }
      n++;
    }
  for (guint i = 1; i < 16; i++)
    put (f, g_test_rand_int_range (IR_I8, IR_I64 + 1), values[n - i], i);
  jump (f);
}

static void
the_passes_change_no_result (Fixture *f, gconstpointer data)
{
  X86Cpu *before = g_new0 (X86Cpu, 1), *after = g_new0 (X86Cpu, 1);

  for (guint round = 0; round < 3000; round++)
    {
      make_random (f);
      memset (&before->s, 0, sizeof before->s);
      before->s.gpr[X86_RAX] = random64 ();
      after->s = before->s;
      assert_well_formed (f);
      ir_interp_run (before, f->block);
      ir_fold (f->block);
      ir_drop_dead (f->block);
      assert_well_formed (f);
      ir_interp_run (after, f->block);
      g_assert_cmpmem (&before->s, sizeof before->s, &after->s, sizeof after->s);
      g_assert_cmpint (before->budget, ==, after->budget);
    }
  g_free (before);
  g_free (after);
}

/* --- what is dropped ------------------------------------------------------------------------ */

static void
values_nobody_reads_go_with_what_made_them (Fixture *f, gconstpointer data)
{
  IrRef a, b, unused, load, kept, stored;

  insn (f, 0x1000);
  a = get (f, X86_RAX);
  b = get (f, X86_RBX);
  unused = op (f, IR_MUL, a, b);
  kept = op (f, IR_ADD, b, b);
  load = op (f, IR_LOAD, kept, NONE);
  stored = put (f, IR_I64, kept, X86_RCX);
  jump (f);
  ir_drop_dead (f->block);
  g_assert_false (stands (f, unused));
  g_assert_false (stands (f, a));
  g_assert_true (stands (f, b));
  g_assert_true (stands (f, stored));
  /* Nobody reads it, but it may fault. */
  g_assert_true (stands (f, load));
  g_assert_cmpuint (at (f, b)->uses, ==, 2);
  g_assert_cmpuint (at (f, kept)->uses, ==, 2);
  g_assert_cmpuint (at (f, load)->uses, ==, 0);
  assert_well_formed (f);
}

static void
flags_that_are_replaced_unseen_go (Fixture *f, gconstpointer data)
{
  IrRef a, first, second;

  insn (f, 0x1000);
  a = get (f, X86_RAX);
  first = flags (f, CC_ADD, a, a, NONE);
  insn (f, 0x1003);
  second = flags (f, CC_LOGIC, a, NONE, NONE);
  jump (f);
  ir_drop_dead (f->block);
  g_assert_false (stands (f, first));
  g_assert_true (stands (f, second));
}

/* What stands between two settings of the flags keeps the first or does not. */
static void
assert_keeps_flags (Fixture *f, IrOp between, gboolean keeps)
{
  IrRef a, first, second;
  guint aux = between == IR_OVERLAY ? CC_OVER_CF : 0;

  ir_block_clear (f->block);
  insn (f, 0x1000);
  a = get (f, X86_RAX);
  first = flags (f, CC_ADD, a, a, NONE);
  insn (f, 0x1003);
  if (between == IR_COND || between == IR_RDFLAGS)
    put (f, IR_I8, op (f, between, NONE, NONE), X86_RCX);
  else
    ir_emit (f->block, between, IR_I64, ir_op_info[between].n_args > 0 ? a : NONE,
             between == IR_STORE || between == IR_ADD ? a : NONE, NONE, aux, 0x3000);
  second = flags (f, CC_LOGIC, a, NONE, NONE);
  jump (f);
  ir_drop_dead (f->block);
  g_assert_true (stands (f, second));
  if (stands (f, first) != keeps)
    g_error ("%s: the flags before it %s", ir_op_info[between].text,
             keeps ? "are gone" : "are kept");
}

static void
flags_are_kept_where_a_fault_an_exit_or_a_reader_may_show_them (Fixture *f, gconstpointer data)
{
  static const IrOp keeping[] = {
    IR_LOAD, IR_STORE, IR_PROBE, IR_SEGCHECK, IR_DIVU, IR_DIVS, IR_HELPER, IR_BRANCH, IR_BRANCHNZ,
    IR_COND, IR_RDFLAGS,
  };
  /* An overlay that is itself replaced reads nothing. */
  static const IrOp others[] = { IR_NOP, IR_PUT, IR_ADD, IR_OVERLAY };

  for (guint i = 0; i < G_N_ELEMENTS (keeping); i++)
    assert_keeps_flags (f, keeping[i], TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    assert_keeps_flags (f, others[i], FALSE);
}

static void
flags_under_a_count_or_an_overlay_stay (Fixture *f, gconstpointer data)
{
  IrRef a, first, shift, before_adc, adc, over, overlay;

  insn (f, 0x1000);
  a = get (f, X86_RAX);
  first = flags (f, CC_ADD, a, a, NONE);
  shift = flags (f, CC_SHL, a, a, a);
  jump (f);
  ir_drop_dead (f->block);
  g_assert_true (stands (f, first));
  g_assert_true (stands (f, shift));
  /* The third argument of ADC is no count. */
  ir_block_clear (f->block);
  insn (f, 0x1000);
  a = get (f, X86_RAX);
  before_adc = flags (f, CC_ADD, a, a, NONE);
  adc = flags (f, CC_ADC, a, a, a);
  jump (f);
  ir_drop_dead (f->block);
  g_assert_false (stands (f, before_adc));
  g_assert_true (stands (f, adc));
  ir_block_clear (f->block);
  insn (f, 0x1000);
  a = get (f, X86_RAX);
  over = flags (f, CC_INC, a, NONE, NONE);
  overlay = ir_emit (f->block, IR_OVERLAY, IR_I64, a, NONE, NONE, CC_OVER_CF, 0);
  jump (f);
  ir_drop_dead (f->block);
  g_assert_true (stands (f, over));
  g_assert_true (stands (f, overlay));
}

static void
a_host_instruction_keeps_flags_only_when_it_may_fault (Fixture *f, gconstpointer data)
{
  const struct { guint8 rm_kind, mxcsr; gboolean must_interpret, keeps; } cases[] = {
    { IR_HOST_VEC, 0, FALSE, FALSE },
    { IR_HOST_MEM, 0, FALSE, TRUE },
    { IR_HOST_VEC, 1, FALSE, FALSE },
    { IR_HOST_VEC, 1, TRUE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      IrHost host = {
        .encoding = IR_HOST_LEGACY, .map = 1, .prefix = 0x66, .opcode = 0x2e,
        .reg_kind = IR_HOST_VEC, .rm_kind = cases[i].rm_kind, .mxcsr = cases[i].mxcsr, .flags_out = IR_HF_C | IR_HF_Z,
      };
      IrRef a, first;

      ir_block_clear (f->block);
      insn (f, 0x1000);
      a = get (f, X86_RAX);
      first = flags (f, CC_ADD, a, a, NONE);
      ir_emit_host (f->block, &host, host.rm_kind == IR_HOST_MEM ? a : NONE, NONE);
      f->block->must_interpret = cases[i].must_interpret;
      jump (f);
      ir_drop_dead (f->block);
      g_assert_cmpint (stands (f, first), ==, cases[i].keeps);
      g_assert_cmpuint (f->block->hosts[0].flags_out, ==, IR_HF_C | IR_HF_Z);
      /* Replaced at once, it need not bring its flags over. */
      f->block->n_ops--;
      flags (f, CC_LOGIC, a, NONE, NONE);
      jump (f);
      ir_drop_dead (f->block);
      g_assert_cmpuint (f->block->hosts[0].flags_out, ==, 0);
    }
}

#define ADD(name) g_test_add ("/translate/ir/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (each_malformed_block_is_refused_with_its_reason);
  ADD (an_argument_that_is_not_there_yet_cannot_be_emitted);
  ADD (only_instructions_that_retire_once_are_counted);
  ADD (a_copy_is_a_block_of_its_own);
  ADD (constants_are_worked_out_at_their_type);
  ADD (a_register_against_itself_is_zero_unless_it_changed_between);
  ADD (constant_parts_of_an_address_move_into_it);
  ADD (the_passes_change_no_result);
  ADD (values_nobody_reads_go_with_what_made_them);
  ADD (flags_that_are_replaced_unseen_go);
  ADD (flags_are_kept_where_a_fault_an_exit_or_a_reader_may_show_them);
  ADD (flags_under_a_count_or_an_overlay_stay);
  ADD (a_host_instruction_keeps_flags_only_when_it_may_fault);
  return g_test_run ();
}
