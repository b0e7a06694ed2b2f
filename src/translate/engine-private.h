/* engine-private - what the engine's own files share. */
#pragma once

#include "translate/emit.h"
#include "translate/engine.h"
#include "translate/units.h"

struct _XlateEngine
{
  AsternEngine   parent;
  AsternTier     tier;
  X86Features    features;
  guint32        turn_insns;
  XlateUnits    *units;
  XlateEmitter  *emitter;         /* NULL for the interpreter tier */
  IrBlock       *block;           /* the one being lifted */
  guint64        n_interpreted, n_single, n_runs, n_links, n_exceptions, n_interrupts, n_flushes;
};

/* The unit at the CPU's RIP, made if need be.  NULL when code there lies outside
 * memory.  Faults as the fetch does. */
XlateUnit *engine_find_unit   (XlateEngine *engine, X86Cpu *cpu, gboolean single);
/* Executes the one instruction at RIP in the interpreter. */
void       engine_step        (XlateEngine *engine, X86Cpu *cpu);
/* Looks at the CPU's pins at an instruction boundary; returns whether it can run.  Takes one event at
 * most and then sets *@delivered: the next may be due before an instruction runs. */
gboolean   engine_take_events (XlateEngine *engine, X86Cpu *cpu, gboolean *delivered);
