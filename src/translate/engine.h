/* engine - engine `translate`: the guest's code recompiled, exact and deterministic.
 *
 * Runs all CPUs of a machine on one thread, in turns.  At every instruction boundary
 * where something may have changed it looks, in this order, at stops, due timers,
 * inputs, and the CPU's pins; in between it runs units.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "arch/x86/features.h"
#include "core/machine.h"

typedef enum
{
  ASTERN_TIER_AUTO,      /* host code, the interpreter where exactness asks for it */
  ASTERN_TIER_ONE,       /* host code at the first execution */
  ASTERN_TIER_INTERP,    /* the IR interpreter alone: the oracle */
} AsternTier;

typedef struct
{
  AsternTier          tier;
  const X86Features  *features;     /* the CPU model; copied */
  guint               n_cpus;
  guint32             turn_insns;   /* instructions a CPU runs in its turn (SMP); 0: the default */
  const char         *perf_map;     /* (nullable): path for perf's map of units */
} AsternTranslateOptions;

/* Creates the CPUs and the engine, and adds both to @machine.  The memory map may
 * still change; boards come after. */
AsternEngine *astern_translate_engine_new (AsternMachine *machine, const AsternTranslateOptions *options,
                                           GError **error);

/* The CPU's reset, for boards and loaders: boot CPU at the reset vector, others wait. */
void          astern_translate_reset_cpus (AsternMachine *machine);
