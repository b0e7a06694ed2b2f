/* small-machine.c - a CPU, some memory and a program. */
#include "config.h"

#include "small-machine.h"

#include "arch/x86/state.h"
#include "translate/engine.h"
#include "translate/x86/cpu.h"

#include <string.h>

static const guint8 program[] = {
  0xb8, 0x05, 0x00, 0x00, 0x00,
  0xa3, 0x00, 0x00, 0x02, 0x00,
  0x40,
  0xa3, 0x00, 0x00, 0x02, 0x00,
  0x8b, 0x1d, 0x00, 0x00, 0x02, 0x00,
  0xeb, 0xf2,
};

static void
make_state (SmallMachine *small, guint cpu, gboolean real_mode)
{
  X86Cpu *x86 = x86_cpu (small->machine->cpus[cpu]);
  X86State *s = &x86->s;
  X86Segment data = { .limit = G_MAXUINT32, .selector = 0x10, .attr = 0xc093 };

  memset (s->gpr, 0, sizeof s->gpr);
  s->cr0 = X86_CR0_PE | X86_CR0_ET | X86_CR0_NE;
  s->seg[X86_CS] = (X86Segment) { .limit = G_MAXUINT32, .selector = 0x08, .attr = 0xc09b };
  s->seg[X86_SS] = s->seg[X86_DS] = s->seg[X86_ES] = s->seg[X86_FS] = s->seg[X86_GS] = data;
  s->gpr[X86_RSP] = STACK;
  s->rip = CODE;
  if (real_mode)   /* 16-bit code at 1000:0000: nop; jmp back */
    {
      static const guint8 code[] = { 0x90, 0x90, 0xeb, 0xfc };

      x86_state_reset (s, TRUE, 0);
      x86_load_segment_real (s, X86_CS, 0x1000);
      x86_load_segment_real (s, X86_SS, 0x2000);
      s->gpr[X86_RSP] = 0x100;
      s->rip = 0;
      astern_memory_write (small->machine->memory, small->ram->start + CODE, code, sizeof code);
    }
  s->rflags = 2;
  s->a20 = 1;
  s->halted = s->wait_for_sipi = 0;
  x86->parent.sync_in (&x86->parent);
}

SmallMachine *
small_machine_new (guint n_cpus, gboolean real_mode)
{
  SmallMachine *small = g_new0 (SmallMachine, 1);
  AsternTranslateOptions options = { .features = &small->features, .n_cpus = n_cpus, .turn_insns = 50 };
  GError *error = NULL;

  small->machine = astern_machine_new (1 << 20, &error);
  g_assert_no_error (error);
  small->ram = astern_memory_add (small->machine->memory, "ram", RAM, FALSE, &error);
  g_assert_no_error (error);
  x86_features_parse (&small->features, "x86-64-v1", n_cpus, &error);
  g_assert_no_error (error);
  astern_bus_add_memory (small->machine->physical, 0, small->ram, 0);
  small->machine->engine = astern_translate_engine_new (small->machine, &options, &error);
  g_assert_no_error (error);
  astern_translate_reset_cpus (small->machine);
  astern_memory_write (small->machine->memory, small->ram->start + CODE, program, sizeof program);
  for (guint i = 0; i < n_cpus; i++)
    make_state (small, i, real_mode);
  return small;
}

void
small_machine_free (SmallMachine *small)
{
  astern_machine_free (small->machine);
  g_free (small);
}
