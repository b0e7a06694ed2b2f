/* support.c - what units call, and how the guest's state is made again where one leaves. */
#include "config.h"

#include "translate/engine-private.h"
#include "translate/x86-64/emit-private.h"
#include "translate/x86/helpers.h"
#include "translate/x86/host-run.h"
#include "translate/x86/points.h"

static void
restore_place (const X86Cpu *cpu, const Place *place, guint64 *word)
{
  if (place->kind == PLACE_GPR)
    *word = cpu->s.gpr[place->gpr];
  else if (place->kind == PLACE_IMM)
    *word = (guint64) (gint64) place->imm;
}

/* All guest state as before the site's instruction.  The registers are in the struct. */
static void
recover (X86Cpu *cpu, const Site *site)
{
  const FlagRecipe *recipe = &site->recipe;

  cpu->s.rip = site->rip;
  cpu->budget += site->charged - site->retired;
  if (recipe->known)
    {
      restore_place (cpu, &recipe->res, &cpu->cc_res);
      restore_place (cpu, &recipe->src, &cpu->cc_src);
      restore_place (cpu, &recipe->over, &cpu->cc_over);
      if (!recipe->stored)
        {
          cpu->cc_op = recipe->op;
          cpu->cc_type = recipe->type;
          cpu->cc_over_op = recipe->over_op;
          cpu->cc_over_type = recipe->over_type;
        }
    }
  cpu->vec_in_host = 0;
  if (cpu->x87_in_host)
    {
      host_x87_save (cpu);
      cpu->x87_in_host = 0;
    }
}

static G_GNUC_NORETURN void
leave (X86Cpu *cpu, const Site *site, int why)
{
  recover (cpu, site);
  siglongjmp (cpu->fault_env, why);
}

guint8 *
emit_slow_access (X86Cpu *cpu, guint64 linear, guint64 number)
{
  const Site *site = &cpu->engine->emitter->sites[number];
  guint8 *host, *second;

  /* A walk may set bits that somebody watches: that is told with an exact icount. */
  if (x86_points_want (cpu, ASTERN_POINT_MEMORY)
      && !x86_mmu_knows (cpu, linear, site->size, site->flags & ~IR_MEM_WRITE, site->write))
    leave (cpu, site, X86_CAME_STEP);
  switch (x86_mmu_slow (cpu, linear, site->size, site->flags & ~IR_MEM_WRITE, site->write, &host, &second))
    {
    case X86_SLOW_FAULT:
      leave (cpu, site, X86_CAME_EXCEPTION);
    case X86_SLOW_BUS:
    case X86_SLOW_WATCHED:
      leave (cpu, site, X86_CAME_STEP);
    case X86_SLOW_DONE:
      break;
    }
  /* A write to the running unit's own code: by the interpreter, which looks up the next
   * instruction again. */
  if (site->unit->dead)
    leave (cpu, site, X86_CAME_STEP);
  if (second == NULL || site->probe)
    return host;
  if (site->write || site->size > sizeof cpu->bounce)
    leave (cpu, site, X86_CAME_STEP);
  {
    guint first = ASTERN_PAGE_SIZE - (guint) (linear & ASTERN_PAGE_MASK);

    memcpy (cpu->bounce, host, first);
    memcpy (cpu->bounce + first, second, site->size - first);
  }
  return cpu->bounce;
}

void
emit_step (X86Cpu *cpu, guint64 number)
{
  leave (cpu, &cpu->engine->emitter->sites[number], X86_CAME_STEP);
}

guint64
emit_run_helper (X86Cpu *cpu, X86HelperFunc run)
{
  if (cpu->x87_in_host)
    {
      host_x87_save (cpu);
      cpu->x87_in_host = 0;
    }
  return run (cpu, cpu->scratch[SCRATCH_ARG], cpu->scratch[SCRATCH_ARG + 1], cpu->scratch[SCRATCH_ARG + 2]);
}

void
emit_run_call (X86Cpu *cpu)
{
  guint what = (guint32) cpu->scratch[SCRATCH_WHAT];
  const guint64 *arguments = &cpu->scratch[SCRATCH_ARG];

  switch (what)
    {
    case WHAT_FLAGS_IMAGE:
      cpu->scratch[SCRATCH_RESULT] = x86_flags_arith (cpu);
      break;
    case WHAT_FLAGS_SETTLE:
      x86_flags_sync (cpu);
      break;
    case WHAT_X87_LOAD:
      host_x87_load (cpu);
      cpu->x87_in_host = 1;
      break;
    default:
      cpu->scratch[SCRATCH_RESULT] = x86_calls[what - WHAT_CALL] (arguments[0], arguments[1], arguments[2]);
      break;
    }
}
