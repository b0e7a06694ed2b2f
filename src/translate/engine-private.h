/* engine-private - what the engine's own files share. */
#pragma once

#include "core/places.h"
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
  gboolean       points_changed;  /* engine_points_apply() has to be called */
  gboolean       cuts, magic;     /* units have to be cut at places, at `xchg %bx,%bx` */
  AsternPlaces   code_places;     /* ram addresses of EXECUTE points at physical ones */
  guint64        memory_generation, magic_generation, execute_generation;
  guint64        n_interpreted, n_single, n_runs, n_links, n_exceptions, n_interrupts, n_flushes;
};

/* The unit at the CPU's RIP, made if need be.  NULL when code there lies outside
 * memory.  Faults as the fetch does. */
XlateUnit *engine_find_unit   (XlateEngine *engine, X86Cpu *cpu, gboolean single);
/* Runs a unit in the interpreter. */
void       engine_interpret   (X86Cpu *cpu, const XlateUnit *unit);
/* Executes the one instruction at RIP in the interpreter. */
void       engine_step        (XlateEngine *engine, X86Cpu *cpu);
/* Looks at the CPU's pins at an instruction boundary; returns whether it can run.  Takes one event at
 * most and then sets *@delivered: the next may be due before an instruction runs. */
gboolean   engine_take_events (XlateEngine *engine, X86Cpu *cpu, gboolean *delivered);
/* Drops every unit, and all that was cached. */
void       engine_forget_code (XlateEngine *engine);

/* --- points.c --- */

void       engine_points_init    (XlateEngine *engine);
void       engine_points_free    (XlateEngine *engine);
/* Whether changes of points are told to this engine: one that runs the machine hears them. */
void       engine_points_listen  (XlateEngine *engine, gboolean listens);
/* Before the machine runs. */
void       engine_points_enter   (XlateEngine *engine);
void       engine_points_leave   (XlateEngine *engine);
/* After points changed, between units: code and translations become what the points want. */
void       engine_points_apply   (XlateEngine *engine);
/* Whether code at an address is a place of EXECUTE points (@at), and after how many bytes the next place comes. */
void       engine_points_cut     (XlateEngine *engine, guint64 linear, guint64 rip, guint64 ram, gboolean *at, guint64 *bytes);
/* Before the instruction at RIP, of which nothing was done yet: whether the run must stop. */
gboolean   engine_points_execute (XlateEngine *engine, X86Cpu *cpu);
/* `xchg %bx,%bx` is being executed. */
void       engine_points_magic   (X86Cpu *cpu);
