/* test-lift - whatever is lifted is well formed and keeps faults exact, in every
 * mode; and how units end. */
#include "config.h"

#include <string.h>

#include "check-order.h"
#include "translate/x86/lift.h"

typedef struct
{
  const char *name;
  guint32     mode;
} Mode;

#define CPL3 (3 << X86_MODE_CPL_SHIFT)

static const Mode modes[] = {
  { "real",            X86_MODE_IO_OK },
  { "unreal",          X86_MODE_IO_OK | X86_MODE_STACK32 },
  { "protected-16",    X86_MODE_PE | X86_MODE_IO_OK },
  { "protected-32",    X86_MODE_PE | X86_MODE_CODE32 | X86_MODE_STACK32 | X86_MODE_IO_OK },
  { "flat-32",         X86_MODE_PE | X86_MODE_CODE32 | X86_MODE_STACK32 | X86_MODE_FLAT | CPL3 },
  { "flat-32-on-16",   X86_MODE_PE | X86_MODE_CODE32 | X86_MODE_FLAT },
  { "v86",             X86_MODE_PE | X86_MODE_VM | CPL3 },
  { "long-user",       X86_MODE_PE | X86_MODE_CODE64 | X86_MODE_LMA | CPL3 },
  { "long-kernel",     X86_MODE_PE | X86_MODE_CODE64 | X86_MODE_LMA | X86_MODE_IO_OK },
  { "long-no-fpu",     X86_MODE_PE | X86_MODE_CODE64 | X86_MODE_LMA | X86_MODE_NO_FPU | X86_MODE_NO_SSE | X86_MODE_NO_AVX },
  { "long-fp-traps",   X86_MODE_PE | X86_MODE_CODE64 | X86_MODE_LMA | X86_MODE_FP_TRAPS },
  { "compatibility",   X86_MODE_PE | X86_MODE_CODE32 | X86_MODE_STACK32 | X86_MODE_FLAT | X86_MODE_LMA | CPL3 | X86_MODE_ALIGN },
};

typedef struct
{
  IrBlock    *block;
  X86Features features;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->block = ir_block_new ();
  memset (f->features.has, 1, sizeof f->features.has);
  f->features.level = 6;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ir_block_free (f->block);
}

static X86LiftResult
lift (Fixture *f, guint32 mode, const guint8 *bytes, guint n_bytes, guint max_insns)
{
  X86LiftInput input = {
    .mode = mode, .rip = 0x1000, .bytes = bytes, .n_bytes = n_bytes, .max_insns = max_insns, .features = &f->features,
  };
  X86LiftResult result;

  x86_lift_unit (f->block, &input, &result);
  return result;
}

static void
check (Fixture *f, const Mode *mode, const guint8 *bytes, guint n_bytes, guint max_insns)
{
  X86LiftResult result = lift (f, mode->mode, bytes, n_bytes, max_insns);
  g_autofree char *wrong = NULL;

  if (result.truncated)
    return;
  wrong = ir_verify (f->block);
  if (wrong == NULL)
    wrong = check_order (f->block);
  if (wrong == NULL)
    {
      ir_fold (f->block);
      ir_drop_dead (f->block);
      wrong = ir_verify (f->block);
    }
  if (wrong == NULL)
    return;
  g_test_message ("%s: %02x %02x %02x %02x %02x %02x %02x %02x: %s", mode->name, bytes[0], bytes[1], bytes[2], bytes[3],
                  bytes[4], bytes[5], bytes[6], bytes[7], wrong);
  g_test_fail ();
}

static void
every_opcode_is_well_formed_and_ordered (Fixture *f, gconstpointer data)
{
  static const guint8 prefix[4] = { 0, 0x66, 0xf3, 0xf2 };
  static const guint8 modrms[] = { 0x00, 0x05, 0x06, 0x44, 0x85, 0xc0, 0xc9 };

  for (guint map = 0; map < 4; map++)
    for (guint which = 0; which < 8; which++)
      for (guint opcode = 0; opcode < 256; opcode++)
        for (guint reg = 0; reg < 8; reg++)
          for (guint m = 0; m < G_N_ELEMENTS (modrms); m++)
            {
              guint8 bytes[20] = { 0 };
              guint k = 0;

              if (prefix[which & 3])
                bytes[k++] = prefix[which & 3];
              if (which & 4)
                bytes[k++] = 0x48;
              if (map >= 1)
                bytes[k++] = 0x0f;
              if (map >= 2)
                bytes[k++] = map == 2 ? 0x38 : 0x3a;
              bytes[k++] = (guint8) opcode;
              bytes[k++] = (guint8) (modrms[m] | reg << 3);
              bytes[k++] = 0x25;
              check (f, data, bytes, sizeof bytes, 1);
            }
}

static void
every_vex_opcode_is_well_formed_and_ordered (Fixture *f, gconstpointer data)
{
  static const guint8 modrms[] = { 0x00, 0x45, 0xc1 };

  for (guint map = 1; map < 4; map++)
    for (guint wlp = 0; wlp < 16; wlp++)
      for (guint opcode = 0; opcode < 256; opcode++)
        for (guint reg = 0; reg < 8; reg++)
          for (guint m = 0; m < G_N_ELEMENTS (modrms); m++)
            for (guint v = 0; v < 2; v++)
              {
                guint8 bytes[20] = { 0xc4, (guint8) (0xe0 | map), (guint8) ((wlp & 8) << 4 | (v ? 0x78 : 0x50) | (wlp & 7)),
                                     (guint8) opcode, (guint8) (modrms[m] | reg << 3), 0x25 };

                check (f, data, bytes, sizeof bytes, 1);
              }
}

static void
random_units_are_well_formed_and_ordered (Fixture *f, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < 20000; i++)
    {
      guint8 bytes[64];

      for (guint k = 0; k < sizeof bytes; k++)
        bytes[k] = (guint8) g_rand_int_range (rand, 0, 256);
      check (f, data, bytes, sizeof bytes, 32);
    }
}

/* --- units ---------------------------------------------------------------------------- */

static const IrInsn *
last (Fixture *f)
{
  return &f->block->ops[f->block->n_ops - 1];
}

static const guint32 long_mode = X86_MODE_PE | X86_MODE_CODE64 | X86_MODE_LMA;

static void
a_unit_ends_at_max_insns (Fixture *f, gconstpointer data)
{
  const guint8 nops[8] = { 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90 };
  X86LiftResult result = lift (f, long_mode, nops, sizeof nops, 3);

  g_assert_cmpuint (result.n_insns, ==, 3);
  g_assert_cmpuint (result.n_bytes, ==, 3);
  g_assert_cmpuint (f->block->n_insns, ==, 3);
  g_assert_cmpint (last (f)->op, ==, IR_JUMP);
  g_assert_cmphex ((guint64) last (f)->imm, ==, 0x1003);
}

static void
a_unit_ends_before_an_instruction_that_the_bytes_cut (Fixture *f, gconstpointer data)
{
  const guint8 bytes[] = { 0x90, 0xe9, 0, 0 };
  X86LiftResult result = lift (f, long_mode, bytes, sizeof bytes, 10);

  g_assert_false (result.truncated);
  g_assert_cmpuint (result.n_insns, ==, 1);
  g_assert_cmphex ((guint64) last (f)->imm, ==, 0x1001);
  result = lift (f, long_mode, bytes + 1, 3, 10);
  g_assert_true (result.truncated);
  g_assert_cmpuint (result.n_insns, ==, 0);
}

static void
a_unit_goes_on_past_forward_branches (Fixture *f, gconstpointer data)
{
  const guint8 forward[] = { 0x74, 0x10, 0x75, 0x10, 0x90, 0x72, 0x10, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90 };
  const guint8 backward[] = { 0x90, 0x74, 0xfd, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90 };
  X86LiftResult result = lift (f, long_mode, forward, sizeof forward, 10);

  g_assert_cmpuint (result.n_insns, ==, 4);
  g_assert_cmphex ((guint64) last (f)->imm, ==, 0x1007);
  result = lift (f, long_mode, backward, sizeof backward, 10);
  g_assert_cmpuint (result.n_insns, ==, 2);
  g_assert_cmphex ((guint64) last (f)->imm, ==, 0x1003);
}

static void
a_unit_ends_behind_a_helper (Fixture *f, gconstpointer data)
{
  const guint8 cpuid[] = { 0x0f, 0xa2, 0x90, 0x90 };
  const guint8 sti[] = { 0xfb, 0x90, 0x90, 0x90 };

  g_assert_cmpuint (lift (f, long_mode, cpuid, sizeof cpuid, 10).n_insns, ==, 1);
  g_assert_cmpint (last (f)->op, ==, IR_JUMP);
  g_assert_cmphex ((guint64) last (f)->imm, ==, 0x1002);
  g_assert_cmpuint (lift (f, long_mode, sti, sizeof sti, 10).n_insns, ==, 1);
  g_assert_cmpint (last (f)->op, ==, IR_EXIT);
}

static void
a_repeated_string_counts_its_own_retirements (Fixture *f, gconstpointer data)
{
  const guint8 stos[] = { 0xf3, 0xaa, 0x90 }, single[] = { 0xaa, 0x90 };

  lift (f, long_mode, stos, sizeof stos, 10);
  g_assert_cmpuint (f->block->n_insns, ==, 0);
  g_assert_cmpint (f->block->ops[f->block->n_ops - 2].op, ==, IR_BRANCHNZ);
  g_assert_cmphex ((guint64) f->block->ops[f->block->n_ops - 2].imm, ==, 0x1000);
  lift (f, long_mode, single, sizeof single, 10);
  g_assert_cmpuint (f->block->n_insns, ==, 2);
}

static void
a_missing_feature_is_undefined (Fixture *f, gconstpointer data)
{
  const guint8 popcnt[] = { 0xf3, 0x0f, 0xb8, 0xc1, 0x90 };

  lift (f, long_mode, popcnt, sizeof popcnt, 1);
  g_assert_cmpint (last (f)->op, ==, IR_JUMP);
  f->features.has[X86_FEATURE_POPCNT] = 0;
  lift (f, long_mode, popcnt, sizeof popcnt, 1);
  g_assert_cmpint (last (f)->op, ==, IR_RAISE);
  g_assert_cmpint (last (f)->imm, ==, X86_EXC_UD);
}

static void
sixteen_bytes_are_a_protection_fault (Fixture *f, gconstpointer data)
{
  guint8 bytes[32];

  memset (bytes, 0x66, sizeof bytes);
  g_assert_cmpuint (lift (f, long_mode, bytes, sizeof bytes, 5).n_insns, ==, 1);
  g_assert_cmpint (last (f)->op, ==, IR_RAISE);
  g_assert_cmpint (last (f)->imm, ==, X86_EXC_GP);
  g_assert_cmpint (last (f)->aux, ==, 1);
}

#define ADD_MODES(test) \
  for (guint m = 0; m < G_N_ELEMENTS (modes); m++) \
    { \
      g_autofree char *path = g_strdup_printf ("/translate/lift/%s/" #test, modes[m].name); \
      g_test_add (path, Fixture, &modes[m], set_up, test, tear_down); \
    }
#define ADD(test) g_test_add ("/translate/lift/" #test, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD_MODES (every_opcode_is_well_formed_and_ordered)
  ADD_MODES (every_vex_opcode_is_well_formed_and_ordered)
  ADD_MODES (random_units_are_well_formed_and_ordered)
  ADD (a_unit_ends_at_max_insns);
  ADD (a_unit_ends_before_an_instruction_that_the_bytes_cut);
  ADD (a_unit_goes_on_past_forward_branches);
  ADD (a_unit_ends_behind_a_helper);
  ADD (a_repeated_string_counts_its_own_retirements);
  ADD (a_missing_feature_is_undefined);
  ADD (sixteen_bytes_are_a_protection_fault);
  return g_test_run ();
}
