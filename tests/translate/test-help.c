/* test-help - exceptions, far transfers, tasks and strings as helpers do them, on flat
 * memory of the test's own instead of softmmu.c. */
#include "config.h"

#include <string.h>

#include "translate/x86/help.h"

#define MEMORY 0x20000
#define GDT 0x1000
#define IDT 0x2000
#define TSS 0x3000
#define STACK0 0x8000
#define STACK3 0x9000

static guint8 *memory;

/* --- memory ------------------------------------------------------------------------ */

/* What lies outside is a page that is not there. */
static guint8 *
at (X86Cpu *cpu, guint64 linear, guint size)
{
  if (linear + size > MEMORY)
    x86_raise_error (cpu, X86_EXC_PF, 0);
  return memory + linear;
}

guint64
x86_mem_read (X86Cpu *cpu, guint64 linear, guint size, guint flags)
{
  guint64 value = 0;

  memcpy (&value, at (cpu, linear, size), size);
  return value;
}

void
x86_mem_write (X86Cpu *cpu, guint64 linear, guint size, guint64 value, guint flags)
{
  memcpy (at (cpu, linear, size), &value, size);
}

void
x86_mem_align (X86Cpu *cpu, guint64 linear, guint bytes, guint flags)
{
}

void
x86_mem_probe (X86Cpu *cpu, guint64 linear, guint size, guint flags)
{
  at (cpu, linear, size);
}

void
x86_mem_read_bytes (X86Cpu *cpu, guint64 linear, gpointer data, guint size, guint flags)
{
  memcpy (data, at (cpu, linear, size), size);
}

void
x86_mem_write_bytes (X86Cpu *cpu, guint64 linear, gconstpointer data, guint size, guint flags)
{
  memcpy (at (cpu, linear, size), data, size);
}

guint8 *
x86_mem_host (X86Cpu *cpu, guint64 linear, guint *n, guint flags)
{
  *n = MIN (*n, 0x1000 - (linear & 0xfff));
  return at (cpu, linear, 1);
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

void x86_mmu_changed (X86Cpu *cpu) {}
void x86_mmu_set_cr3 (X86Cpu *cpu, guint64 cr3) {}
void x86_mmu_invlpg (X86Cpu *cpu, guint64 linear) {}
void x86_mmu_invpcid (X86Cpu *cpu, guint type, guint pcid, guint64 linear) {}

/* --- a CPU in protected mode at CPL 3 -------------------------------------------------- */

/* Selectors: 8 code, 10 data of ring 0; 1b code, 23 data of ring 3; 28 TSS. */
typedef struct
{
  X86Cpu        cpu;
  X86Features   features;
  AsternMachine machine;
} Fixture;

static guint64
descriptor (guint64 base, guint64 limit, guint64 attr)
{
  return (limit & 0xffff) | (base & 0xffffff) << 16 | attr << 40 | (limit >> 16 & 15) << 48 | (base >> 24) << 56;
}

static void
put8 (guint64 where, guint64 value)
{
  memcpy (memory + where, &value, 8);
}

static guint32
get4 (guint64 where)
{
  guint32 value;

  memcpy (&value, memory + where, 4);
  return value;
}

static void
put4 (guint64 where, guint32 value)
{
  memcpy (memory + where, &value, 4);
}

static void
set_gate (guint vector, guint selector, guint32 offset, guint type_and_dpl)
{
  put8 (IDT + vector * 8, (offset & 0xffff) | (guint64) selector << 16 | (guint64) type_and_dpl << 40
                          | (guint64) (offset >> 16) << 48);
}

static void
load (Fixture *f, guint seg, guint16 selector)
{
  X86DescRef ref;

  g_assert_true (x86_desc_find (&f->cpu, selector, &ref));
  x86_set_segment (&f->cpu, seg, selector, &ref);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  X86State *s = &f->cpu.s;

  memory = g_malloc0 (MEMORY);
  g_assert_true (x86_features_parse (&f->features, "x86-64-v1", 1, NULL));
  f->cpu.features = &f->features;
  f->cpu.parent.machine = &f->machine;
  f->cpu.budget = f->cpu.turn_budget = 1000;
  x86_state_reset (s, TRUE, 0);
  put8 (GDT + 0x08, descriptor (0, 0xfffff, 0xc09b));
  put8 (GDT + 0x10, descriptor (0, 0xfffff, 0xc093));
  put8 (GDT + 0x18, descriptor (0, 0xfffff, 0xc0fb));
  put8 (GDT + 0x20, descriptor (0, 0xfffff, 0xc0f3));
  put8 (GDT + 0x28, descriptor (TSS, 103, 0x008b));
  s->gdtr_base = GDT;
  s->gdtr_limit = 0x7f;
  s->idtr_base = IDT;
  s->idtr_limit = 0x7ff;
  put4 (TSS + 4, STACK0);
  put4 (TSS + 8, 0x10);
  s->cr0 = X86_CR0_PE;
  load (f, X86_CS, 0x1b);
  load (f, X86_SS, 0x23);
  load (f, X86_DS, 0x23);
  load (f, X86_ES, 0x23);
  load (f, X86_TR, 0x28);
  s->gpr[X86_RSP] = STACK3;
  s->rip = 0x4444;
  s->rflags = 2 | X86_IF | X86_CF;
  x86_flags_set (&f->cpu, s->rflags);
  x86_update_mode (&f->cpu);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&memory, g_free);
}

static void
deliver (Fixture *f, guint vector, gint error)
{
  X86Exception e = { .vector = vector, .has_error = error >= 0, .error = MAX (error, 0) };

  x86_deliver (&f->cpu, &e);
}

/* --- exceptions ------------------------------------------------------------------------ */

static void
an_inner_handler_gets_the_stack_of_the_tss (Fixture *f, gconstpointer data)
{
  set_gate (13, 8, 0x5000, 0x8e);
  deliver (f, 13, 0x18);
  g_assert_cmphex (f->cpu.s.rip, ==, 0x5000);
  g_assert_cmpuint (x86_cpl (&f->cpu.s), ==, 0);
  g_assert_cmphex (f->cpu.s.gpr[X86_RSP], ==, STACK0 - 24);
  g_assert_cmphex (get4 (STACK0 - 24), ==, 0x18);
  g_assert_cmphex (get4 (STACK0 - 20), ==, 0x4444);
  g_assert_cmphex (get4 (STACK0 - 16), ==, 0x1b);
  g_assert_cmphex (get4 (STACK0 - 12), ==, 2 | X86_IF | X86_CF | X86_RF);
  g_assert_cmphex (get4 (STACK0 - 8), ==, STACK3);
  g_assert_cmphex (get4 (STACK0 - 4), ==, 0x23);
  g_assert_false (f->cpu.s.rflags & X86_IF);
}

static void
iret_goes_back_out (Fixture *f, gconstpointer data)
{
  set_gate (14, 8, 0x5000, 0x8f);
  deliver (f, 14, -1);
  x86_help_iret (&f->cpu, 4, 0, 0);
  g_assert_cmphex (f->cpu.s.rip, ==, 0x4444);
  g_assert_cmpuint (x86_cpl (&f->cpu.s), ==, 3);
  g_assert_cmphex (f->cpu.s.gpr[X86_RSP], ==, STACK3);
  g_assert_cmphex (x86_flags_arith (&f->cpu), ==, X86_CF);
  g_assert_true (f->cpu.s.rflags & X86_IF);
}

static void
a_missing_gate_becomes_np_with_its_number (Fixture *f, gconstpointer data)
{
  set_gate (3, 8, 0x5000, 0x0e);
  set_gate (11, 8, 0x6000, 0x8e);
  deliver (f, 3, -1);
  g_assert_cmphex (f->cpu.s.rip, ==, 0x6000);
  g_assert_cmphex (get4 (f->cpu.s.gpr[X86_RSP]), ==, 3 * 8 + 2 + 1);
}

static void
two_contributory_faults_are_a_double_fault (Fixture *f, gconstpointer data)
{
  set_gate (8, 8, 0x7000, 0x8e);
  deliver (f, 13, 0);
  g_assert_cmphex (f->cpu.s.rip, ==, 0x7000);
  g_assert_cmphex (get4 (f->cpu.s.gpr[X86_RSP]), ==, 0);
}

static void
a_triple_fault_stops_the_machine_as_it_was (Fixture *f, gconstpointer data)
{
  deliver (f, 14, 2);
  g_assert_cmpint (f->machine.stop.reason, ==, ASTERN_STOP_TRIPLE_FAULT);
  g_assert_nonnull (strstr (f->machine.stop.detail, "#DF"));
  g_assert_cmphex (f->cpu.s.rip, ==, 0x4444);
  g_assert_cmpuint (f->cpu.s.shutdown, ==, 1);
}

static void
int_n_needs_the_gates_dpl (Fixture *f, gconstpointer data)
{
  set_gate (0x80, 8, 0x5000, 0x8e);
  if (sigsetjmp (f->cpu.fault_env, 0) == 0)
    {
      x86_help_int_n (&f->cpu, 0x80, 0x4446, 0);
      g_assert_not_reached ();
    }
  g_assert_cmpuint (f->cpu.exception.vector, ==, X86_EXC_GP);
  g_assert_cmphex (f->cpu.exception.error, ==, 0x80 * 8 + 2);
  g_assert_cmphex (f->cpu.s.rip, ==, 0x4444);
  set_gate (0x80, 8, 0x5000, 0xee);
  x86_help_int_n (&f->cpu, 0x80, 0x4446, 0);
  g_assert_cmphex (get4 (STACK0 - 20), ==, 0x4446);
}

static void
real_mode_goes_by_the_vector_table (Fixture *f, gconstpointer data)
{
  x86_state_reset (&f->cpu.s, TRUE, 0);
  x86_update_mode (&f->cpu);
  f->cpu.s.gpr[X86_RSP] = 0x800;
  put4 (6 * 4, 0x12345678);
  deliver (f, 6, -1);
  g_assert_cmphex (f->cpu.s.seg[X86_CS].selector, ==, 0x1234);
  g_assert_cmphex (f->cpu.s.rip, ==, 0x5678);
  g_assert_cmphex (f->cpu.s.gpr[X86_RSP], ==, 0x7fa);
}

/* --- tasks ------------------------------------------------------------------------------ */

static void
a_call_to_a_tss_saves_one_task_and_starts_another (Fixture *f, gconstpointer data)
{
  put8 (GDT + 0x30, descriptor (0x4000, 103, 0x00e9));
  put4 (0x4000 + 32, 0x6666);
  put4 (0x4000 + 36, 2);
  put4 (0x4000 + 40 + 4 * X86_RSP, 0xa000);
  put4 (0x4000 + 72 + 4 * X86_CS, 8);
  put4 (0x4000 + 72 + 4 * X86_SS, 0x10);
  x86_help_far_call (&f->cpu, 0x30, 0, 4 | 0x444b << 8);
  g_assert_cmphex (f->cpu.s.rip, ==, 0x6666);
  g_assert_cmpuint (x86_cpl (&f->cpu.s), ==, 0);
  g_assert_true (f->cpu.s.rflags & X86_NT);
  g_assert_cmphex (get4 (TSS + 32), ==, 0x444b);
  g_assert_cmphex (get4 (0x4000) & 0xffff, ==, 0x28);
  memory[0x6666] = 0xcf;
  x86_help_iret (&f->cpu, 4, 0, 0);
  g_assert_cmphex (f->cpu.s.rip, ==, 0x444b);
  g_assert_cmpuint (x86_cpl (&f->cpu.s), ==, 3);
  g_assert_false (f->cpu.s.rflags & X86_NT);
}

/* --- strings ------------------------------------------------------------------------------ */

#define BYTES (1 | 4 << 8 | 1 << 16)

static void
an_overlapping_copy_repeats_its_start (Fixture *f, gconstpointer data)
{
  memory[0xb000] = 0x5a;
  f->cpu.s.gpr[X86_RSI] = 0xb000;
  f->cpu.s.gpr[X86_RDI] = 0xb001;
  f->cpu.s.gpr[X86_RCX] = 100;
  g_assert_cmpuint (x86_help_rep_movs (&f->cpu, BYTES, X86_DS, 0), ==, 0);
  g_assert_cmphex (memory[0xb064], ==, 0x5a);
  g_assert_cmphex (memory[0xb065], ==, 0);
  g_assert_cmpint (f->cpu.budget, ==, 900);
}

static void
iterations_end_with_the_budget (Fixture *f, gconstpointer data)
{
  f->cpu.budget = 7;
  f->cpu.s.gpr[X86_RAX] = 0x11;
  f->cpu.s.gpr[X86_RDI] = 0xb000;
  f->cpu.s.gpr[X86_RCX] = 100;
  g_assert_cmpuint (x86_help_rep_stos (&f->cpu, BYTES, X86_DS, 0), !=, 0);
  g_assert_cmpuint (f->cpu.s.gpr[X86_RCX], ==, 93);
  g_assert_cmphex (f->cpu.s.gpr[X86_RDI], ==, 0xb007);
  g_assert_cmpint (f->cpu.budget, ==, 0);
  g_assert_cmphex (memory[0xb007], ==, 0);
}

static void
a_fault_midway_leaves_what_is_done (Fixture *f, gconstpointer data)
{
  f->cpu.s.gpr[X86_RSI] = 0xb000;
  f->cpu.s.gpr[X86_RDI] = MEMORY - 4;
  f->cpu.recheck = 0;
  f->cpu.s.gpr[X86_RCX] = 100;
  if (sigsetjmp (f->cpu.fault_env, 0) == 0)
    {
      x86_help_rep_movs (&f->cpu, BYTES, X86_DS, 0);
      g_assert_not_reached ();
    }
  g_assert_cmpuint (f->cpu.exception.vector, ==, X86_EXC_PF);
  g_assert_cmpuint (f->cpu.s.gpr[X86_RCX], ==, 96);
  g_assert_cmphex (f->cpu.s.gpr[X86_RDI], ==, MEMORY);
  g_assert_cmpint (f->cpu.budget, ==, 996);
}

static void
scanning_stops_behind_what_it_finds (Fixture *f, gconstpointer data)
{
  memory[0xb010] = 0x77;
  f->cpu.s.gpr[X86_RAX] = 0x77;
  f->cpu.s.gpr[X86_RDI] = 0xb000;
  f->cpu.s.gpr[X86_RCX] = 100;
  g_assert_cmpuint (x86_help_rep_scas (&f->cpu, 1 | 4 << 8 | 2 << 16, X86_DS, 0), ==, 0);
  g_assert_cmphex (f->cpu.s.gpr[X86_RDI], ==, 0xb011);
  g_assert_cmpuint (f->cpu.s.gpr[X86_RCX], ==, 83);
  g_assert_true (x86_flags_arith (&f->cpu) & X86_ZF);
}

#define ADD(name) g_test_add ("/translate/help/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (an_inner_handler_gets_the_stack_of_the_tss);
  ADD (iret_goes_back_out);
  ADD (a_missing_gate_becomes_np_with_its_number);
  ADD (two_contributory_faults_are_a_double_fault);
  ADD (a_triple_fault_stops_the_machine_as_it_was);
  ADD (int_n_needs_the_gates_dpl);
  ADD (real_mode_goes_by_the_vector_table);
  ADD (a_call_to_a_tss_saves_one_task_and_starts_another);
  ADD (an_overlapping_copy_repeats_its_start);
  ADD (iterations_end_with_the_budget);
  ADD (a_fault_midway_leaves_what_is_done);
  ADD (scanning_stops_behind_what_it_finds);
  return g_test_run ();
}
