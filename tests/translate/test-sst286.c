/* test-sst286 - real-mode instructions against what an 80286 did.
 *
 * The data (SingleStepTests/80286) is not part of the project: ASTERN_SST286 names its
 * folder, else it is looked for beside the checkout, else the test is skipped.
 * Decoder, lifter, interpreter and helpers run it on 16 MiB of flat memory of the
 * test's own; port I/O and HLT are left out.
 *
 * A CPU of ours is a 386 at least.  What it does differently is in differences[]; and an
 * overrun of the stack segment is exception 12 there, 13 here. */
#include "config.h"

#include <fnmatch.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "moo.h"
#include "translate/ir-interp.h"
#include "translate/x86/host-run.h"
#include "translate/x86/lift.h"
#include "translate/x86/softmmu.h"

#define MEMORY (16u << 20)
#define FLAGS_COMPARED 0x0fd5

static guint8   *memory;
static gboolean  wild;       /* an access left the memory */

/* --- memory instead of softmmu.c -------------------------------------------------- */

static guint8 *
at (guint64 linear)
{
  if (linear >= MEMORY)
    wild = TRUE;
  return memory + (linear & (MEMORY - 1));
}

guint64
x86_mem_read (X86Cpu *cpu, guint64 linear, guint size, guint flags)
{
  guint64 value = 0;

  for (guint i = 0; i < size; i++)
    value |= (guint64) *at (linear + i) << (8 * i);
  return value;
}

void
x86_mem_write (X86Cpu *cpu, guint64 linear, guint size, guint64 value, guint flags)
{
  for (guint i = 0; i < size; i++)
    *at (linear + i) = (guint8) (value >> (8 * i));
}

void
x86_mem_align (X86Cpu *cpu, guint64 linear, guint bytes, guint flags)
{
}

void
x86_mem_probe (X86Cpu *cpu, guint64 linear, guint size, guint flags)
{
}

void
x86_mem_read_bytes (X86Cpu *cpu, guint64 linear, gpointer data, guint size, guint flags)
{
  for (guint i = 0; i < size; i++)
    ((guint8 *) data)[i] = *at (linear + i);
}

void
x86_mem_write_bytes (X86Cpu *cpu, guint64 linear, gconstpointer data, guint size, guint flags)
{
  for (guint i = 0; i < size; i++)
    *at (linear + i) = ((const guint8 *) data)[i];
}

guint8 *
x86_mem_host (X86Cpu *cpu, guint64 linear, guint *n, guint flags)
{
  return NULL;
}

G_GNUC_NORETURN void
x86_raise (X86Cpu *cpu, guint vector)
{
  cpu->exception = (X86Exception) { .vector = (guint8) vector };
  siglongjmp (cpu->fault_env, 1);
}

G_GNUC_NORETURN void
x86_raise_error (X86Cpu *cpu, guint vector, guint32 error)
{
  cpu->exception = (X86Exception) { .vector = (guint8) vector, .has_error = 1, .error = error };
  siglongjmp (cpu->fault_env, 1);
}

void
x86_mmu_changed (X86Cpu *cpu)
{
}

void
x86_mmu_set_cr3 (X86Cpu *cpu, guint64 cr3)
{
}

void
x86_mmu_invlpg (X86Cpu *cpu, guint64 linear)
{
}

void
x86_mmu_invpcid (X86Cpu *cpu, guint type, guint pcid, guint64 linear)
{
}

/* --- one test ---------------------------------------------------------------------- */

typedef struct
{
  X86Cpu       cpu;
  IrBlock     *block;
  X86Features  features;
  AsternMachine machine;     /* all zeros: it only has an event log that is off */
} Rig;

static const gint segment_of[] = { [MOO_CS] = X86_CS, [MOO_SS] = X86_SS, [MOO_DS] = X86_DS, [MOO_ES] = X86_ES };
static const gint gpr_of[] = {
  [MOO_AX] = X86_RAX, [MOO_BX] = X86_RBX, [MOO_CX] = X86_RCX, [MOO_DX] = X86_RDX,
  [MOO_SP] = X86_RSP, [MOO_BP] = X86_RBP, [MOO_SI] = X86_RSI, [MOO_DI] = X86_RDI,
};

static gboolean
is_segment (guint n)
{
  return n >= MOO_CS && n <= MOO_ES;
}

static guint16
get_register (const X86Cpu *cpu, guint n)
{
  if (is_segment (n))
    return cpu->s.seg[segment_of[n]].selector;
  if (n == MOO_IP)
    return (guint16) cpu->s.rip;
  if (n == MOO_FLAGS)
    return (guint16) ((cpu->s.rflags & ~(guint64) X86_ARITH) | x86_flags_arith (cpu));
  return (guint16) cpu->s.gpr[gpr_of[n]];
}

static void
set_up_state (Rig *rig, const MooTest *test)
{
  X86Cpu *cpu = &rig->cpu;

  memset (&cpu->s, 0, sizeof cpu->s);
  x86_state_reset (&cpu->s, TRUE, rig->features.signature);
  for (guint n = 0; n < MOO_N_REGISTERS; n++)
    {
      guint16 value = test->before.registers[n];

      if (is_segment (n))
        x86_load_segment_real (&cpu->s, (guint) segment_of[n], value);
      else if (n == MOO_IP)
        cpu->s.rip = value;
      else if (n != MOO_FLAGS)
        cpu->s.gpr[gpr_of[n]] = value;
    }
  cpu->s.rflags = (test->before.registers[MOO_FLAGS] & 0x0fd5) | 2;
  x86_flags_set (cpu, test->before.registers[MOO_FLAGS] & X86_ARITH);
  x86_update_mode (cpu);
  cpu->budget = cpu->turn_budget = 1 << 20;
  for (guint i = 0; i < test->before.ram->len; i++)
    {
      const MooByte *byte = &g_array_index (test->before.ram, MooByte, i);

      memory[byte->address & (MEMORY - 1)] = byte->value;
    }
}

/* Until IP leaves the instruction, or an exception is delivered: a REP instruction
 * comes again and again. */
static void
run (Rig *rig)
{
  X86Cpu *cpu = &rig->cpu;
  guint64 start = cpu->s.rip;

  for (guint rounds = 0; rounds < 70000; rounds++)
    {
      guint8 bytes[16];
      X86LiftInput input = {
        .mode = cpu->mode, .rip = cpu->s.rip, .bytes = bytes, .n_bytes = sizeof bytes, .max_insns = 1,
        .features = &rig->features,
      };
      X86LiftResult result;

      for (guint i = 0; i < sizeof bytes; i++)
        bytes[i] = *at (cpu->s.seg[X86_CS].base + ((cpu->s.rip + i) & 0xffff));
      x86_lift_unit (rig->block, &input, &result);
      if (sigsetjmp (cpu->fault_env, 0) == 0)
        ir_interp_run (cpu, rig->block);
      else
        {
          X86Exception exception = cpu->exception;

          /* A 386 tells where an overrun was through SS, a 286 does not. */
          if (exception.vector == X86_EXC_SS)
            exception.vector = X86_EXC_GP;
          cpu->s.rip = start;
          x86_deliver (cpu, &exception);
          return;
        }
      if (cpu->s.rip != start)
        return;
    }
}

static const char *const register_names[] = {
  "ax", "bx", "cx", "dx", "cs", "ss", "ds", "es", "sp", "bp", "si", "di", "ip", "flags",
};

/* What differs from the chip, or NULL. */
static char *
compare (Rig *rig, const MooFile *file, const MooTest *test, guint16 flags_mask)
{
  GString *wrong = g_string_new (NULL);
  guint32 pushed = get_register (&rig->cpu, MOO_SS) * 16u + (guint16) (get_register (&rig->cpu, MOO_SP) + 4);

  for (guint n = 0; n < MOO_N_REGISTERS; n++)
    {
      guint16 ours = get_register (&rig->cpu, n), theirs = test->before.registers[n], mask = 0xffff;

      if (test->after.present >> n & 1)
        theirs = test->after.registers[n];
      if (file->mask_present >> n & 1)
        mask &= file->masks[n];
      if (test->mask_present >> n & 1)
        mask &= test->masks[n];
      if (n == MOO_FLAGS)
        mask &= FLAGS_COMPARED & flags_mask;
      if (n == MOO_IP && (ours == theirs || (guint16) (ours + 1) == theirs))
        continue;
      if ((ours ^ theirs) & mask)
        g_string_append_printf (wrong, " %s %04x, not %04x", register_names[n], ours & mask, theirs & mask);
    }
  for (guint i = 0; i < test->after.ram->len; i++)
    {
      const MooByte *byte = &g_array_index (test->after.ram, MooByte, i);
      guint8 ours = memory[byte->address & (MEMORY - 1)], mask = 0xff;

      /* Flags that an exception pushed: under the same mask.  (The data's own address of them is one too low
       * when SP is odd.) */
      if (test->exception >= 0 && byte->address - pushed < 2)
        mask = (guint8) ((FLAGS_COMPARED & flags_mask) >> (8 * (byte->address - pushed)));
      if ((ours ^ byte->value) & mask)
        g_string_append_printf (wrong, " [%06x] %02x, not %02x", byte->address, ours, byte->value);
    }
  return g_string_free (wrong, wrong->len == 0);
}

/* --- all of them -------------------------------------------------------------------- */

/* Port I/O and HLT. */
static gboolean
is_left_out (const char *form)
{
  static const char *const forms[] = { "6C", "6D", "6E", "6F", "E4", "E5", "E6", "E7", "EC", "ED", "EE", "EF", "F4", NULL };

  return g_strv_contains (forms, form);
}

/* Where a CPU of ours is right to be another than an 80286. */
static const struct { const char *form, *name; gint exception; const char *reason; } differences[] = {
  { "81.*", "*", X86_EXC_GP, "an 80286 takes 10 bytes at most, we 15" },
  { "8[CE]", "*[fg]s*", X86_EXC_UD, "FS and GS are there" },
  { "F[67].7", "*", X86_EXC_DE, "the most negative quotient is one" },
};

static gboolean
is_known_difference (const char *form, const MooTest *test)
{
  for (guint i = 0; i < G_N_ELEMENTS (differences); i++)
    if (differences[i].exception == test->exception && fnmatch (differences[i].form, form, 0) == 0
        && fnmatch (differences[i].name, test->name, 0) == 0)
      return TRUE;
  return FALSE;
}

/* "flags-mask" of @form in metadata.json. */
static guint16
flags_mask_of (const char *metadata, const char *form)
{
  g_autofree char *key = NULL;
  g_auto (GStrv) parts = g_strsplit (form, ".", 2);
  const char *found, *end, *mask;

  key = g_strdup_printf ("\"%s\"", parts[0]);
  found = strstr (metadata, key);
  if (found != NULL && parts[1] != NULL)
    {
      g_free (key);
      key = g_strdup_printf ("\"%s\"", parts[1]);
      found = strstr (found, key);
    }
  if (found == NULL)
    return 0xffff;
  end = strchr (found, '}');
  mask = strstr (found, "\"flags-mask\":");
  if (mask == NULL || end == NULL || mask > end)
    return 0xffff;
  return (guint16) strtoul (mask + strlen ("\"flags-mask\":"), NULL, 10);
}

static void
run_file (Rig *rig, const char *path, const char *form, guint16 flags_mask, guint *n_run, guint *n_passed,
          guint *n_known)
{
  g_autoptr (GError) error = NULL;
  MooFile *file = moo_file_load (path, &error);
  guint n_wrong = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < file->tests->len; i++)
    {
      const MooTest *test = g_ptr_array_index (file->tests, i);
      g_autofree char *wrong = NULL;

      wild = FALSE;
      set_up_state (rig, test);
      run (rig);
      wrong = compare (rig, file, test, flags_mask);
      if (wrong == NULL || !is_known_difference (form, test))
        (*n_run)++;
      else
        (*n_known)++;
      if (wrong == NULL)
        (*n_passed)++;
      else if (n_wrong++ < (g_test_verbose () ? 1000u : 2u))
        g_test_message ("%s %s (exception %d):%s", form, test->name, test->exception, wrong);
      /* As it was. */
      for (guint k = 0; k < test->before.ram->len; k++)
        memory[g_array_index (test->before.ram, MooByte, k).address & (MEMORY - 1)] = 0;
      for (guint k = 0; k < test->after.ram->len; k++)
        memory[g_array_index (test->after.ram, MooByte, k).address & (MEMORY - 1)] = 0;
    }
  if (n_wrong != 0)
    g_test_message ("%s: %u of %u differ", form, n_wrong, file->tests->len);
  moo_file_free (file);
}

static void
real_mode_is_as_on_hardware (void)
{
  const char *folder = g_getenv ("ASTERN_SST286"), *name;
  const char *only = g_getenv ("ASTERN_SST286_FORM");
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;
  g_autofree char *metadata_path = NULL;
  g_autofree char *metadata = NULL;
  Rig *rig;
  guint n_run = 0, n_passed = 0, n_known = 0;

  if (folder == NULL)
    folder = SST286_FOLDER;
  dir = g_dir_open (folder, 0, NULL);
  if (dir == NULL)
    {
      g_test_skip ("there are no SingleStepTests/80286 in ../shared/data/sst286, and ASTERN_SST286 names no folder of theirs");
      return;
    }
  metadata_path = g_build_filename (folder, "metadata.json", NULL);
  g_file_get_contents (metadata_path, &metadata, NULL, &error);
  g_assert_no_error (error);

  memory = g_malloc0 (MEMORY);
  rig = g_new0 (Rig, 1);
  rig->block = ir_block_new ();
  x86_features_parse (&rig->features, "486", 1, &error);
  g_assert_no_error (error);
  rig->features.level = 2;      /* no 386: LOCK is ignored where it makes no sense */
  rig->cpu.features = &rig->features;
  rig->cpu.parent.machine = &rig->machine;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *form = NULL;

      if (!g_str_has_suffix (name, ".MOO.gz"))
        continue;
      form = g_strndup (name, strlen (name) - strlen (".MOO.gz"));
      if (is_left_out (form) || (only != NULL && strcmp (only, form) != 0))
        continue;
      run_file (rig, path, form, flags_mask_of (metadata, form), &n_run, &n_passed, &n_known);
    }
  g_test_message ("%u of %u pass, %u differ for a reason", n_passed, n_run, n_known);
  g_assert_cmpuint (n_run, >, 0);
  g_assert_cmpuint (n_passed * 100, >=, n_run * 99);
  ir_block_free (rig->block);
  g_clear_pointer (&rig->cpu.host_runner, host_runner_free);
  g_free (rig);
  g_free (memory);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/translate/sst286/real_mode_is_as_on_hardware", real_mode_is_as_on_hardware);
  return g_test_run ();
}
