/* find-unit.c - from a CPU's RIP to a unit: fetching, lifting, host code. */
#include "config.h"

#include "translate/engine-private.h"
#include "translate/ir-interp.h"
#include "translate/x86/lift.h"
#include "translate/x86/points.h"

#include <capstone/capstone.h>
#include <string.h>

#define MAX_UNIT_INSNS 48
#define MAX_INSN_BYTES 15

static inline guint64
linear_rip (const X86Cpu *cpu)
{
  if (cpu->mode & X86_MODE_CODE64)
    return cpu->s.rip;
  return (cpu->s.seg[X86_CS].base + cpu->s.rip) & G_MAXUINT32;
}

/* Ram address of code at @linear, through the fetch table.  FALSE: not in memory. */
static inline gboolean
fetch (XlateEngine *engine, X86Cpu *cpu, guint64 linear, guint64 *ram, guint32 *number)
{
  guint32 *slot = &cpu->tlb->fetch[x86_tlb_index (cpu->mode)][(linear >> ASTERN_PAGE_BITS) & (X86_FETCH_ENTRIES - 1)];
  const XlateBinding *binding = &g_array_index (engine->units->bindings, XlateBinding, *slot);
  guint64 physical;

  if (*slot == 0 || binding->linear != (linear & ~ASTERN_PAGE_MASK))
    {
      if (!x86_mmu_fetch (cpu, linear, ram, &physical))
        return FALSE;
      /* The walk may have chosen another place for the table, never another set. */
      *slot = units_binding (engine->units, linear, *ram);
      binding = &g_array_index (engine->units->bindings, XlateBinding, *slot);
    }
  *number = *slot;
  *ram = binding->ram | (linear & ASTERN_PAGE_MASK);
  return TRUE;
}

static void
log_code (XlateEngine *engine, AsternEventKind kind, cs_mode mode, const guint8 *bytes, guint n, guint64 at)
{
  csh handle;
  cs_insn *insns;
  gsize count;

  if (cs_open (CS_ARCH_X86, mode, &handle) != CS_ERR_OK)
    return;
  count = cs_disasm (handle, bytes, n, at, 0, &insns);
  for (gsize i = 0; i < count; i++)
    astern_events_log (&engine->parent.machine->events, kind, "0x%08" G_GINT64_MODIFIER "x:  %s %s",
                       insns[i].address, insns[i].mnemonic, insns[i].op_str);
  astern_events_log (&engine->parent.machine->events, kind, "----");
  if (count > 0)
    cs_free (insns, count);
  cs_close (&handle);
}

static cs_mode
guest_mode (const X86Cpu *cpu)
{
  return cpu->mode & X86_MODE_CODE64 ? CS_MODE_64 : cpu->mode & X86_MODE_CODE32 ? CS_MODE_32 : CS_MODE_16;
}

static void
log_block (XlateEngine *engine, X86Cpu *cpu, const guint8 *bytes, const X86LiftResult *result)
{
  AsternEvents *events = &engine->parent.machine->events;

  if (astern_events_on (events, ASTERN_EVENT_IN_ASM))
    log_code (engine, ASTERN_EVENT_IN_ASM, guest_mode (cpu), bytes, result->n_bytes, cpu->s.rip);
  if (astern_events_on (events, ASTERN_EVENT_OP))
    ir_dump (engine->block, events->file);
}

/* Lifts at RIP from @bytes into engine->block, passes included. */
static void
lift (XlateEngine *engine, X86Cpu *cpu, const guint8 *bytes, guint n_bytes, guint max_insns, guint64 cut, X86LiftResult *result)
{
  X86LiftInput input = {
    .mode = cpu->mode, .rip = cpu->s.rip, .bytes = bytes, .n_bytes = n_bytes, .max_insns = max_insns,
    .features = &engine->features, .cut = cut, .magic = engine->magic,
  };

  x86_lift_unit (engine->block, &input, result);
  if (result->truncated)
    return;
#ifdef ASTERN_VERIFY
  {
    g_autofree char *wrong = ir_verify (engine->block);

    if (wrong != NULL)
      {
        ir_dump (engine->block, stderr);
        g_error ("lifted IR: %s", wrong);
      }
  }
#endif
  ir_fold (engine->block);
  ir_drop_dead (engine->block);
  log_block (engine, cpu, bytes, result);
}

/* The bytes of an instruction that goes on in the next page. */
static guint64
read_straddling (XlateEngine *engine, X86Cpu *cpu, guint64 linear, guint64 ram, guint8 *bytes, guint *n, guint32 *binding2)
{
  AsternMemory *memory = engine->parent.machine->memory;
  guint first = ASTERN_PAGE_SIZE - (guint) (linear & ASTERN_PAGE_MASK);
  guint64 next = linear + first, ram2;

  if (!(cpu->mode & X86_MODE_CODE64))
    next &= G_MAXUINT32;
  if (!fetch (engine, cpu, next, &ram2, binding2))
    return XLATE_NO_PAGE;
  memcpy (bytes, astern_memory_host (memory, ram), first);
  memcpy (bytes + first, astern_memory_host (memory, ram2), MAX_INSN_BYTES);
  *n = first + MAX_INSN_BYTES;
  return ram2;
}

static XlateUnit *
make_unit (XlateEngine *engine, X86Cpu *cpu, guint64 linear, guint64 ram, guint32 binding, gboolean single)
{
  guint in_page = ASTERN_PAGE_SIZE - (guint) (linear & ASTERN_PAGE_MASK);
  guint max_insns = single || (cpu->mode & (X86_MODE_TF | X86_MODE_DEBUG)) ? 1 : MAX_UNIT_INSNS;
  guint8 straddling[2 * MAX_INSN_BYTES];
  X86LiftResult result;
  XlateUnit *unit;
  guint64 ram2 = XLATE_NO_PAGE, cut = 0;
  guint32 binding2 = 0;
  gboolean point = FALSE;

  if (engine->cuts && !single)
    engine_points_cut (engine, linear, cpu->s.rip, ram, &point, &cut);
  if (point)
    max_insns = 1;
  lift (engine, cpu, astern_memory_host (engine->parent.machine->memory, ram), in_page, max_insns, cut, &result);
  if (result.truncated)
    {
      guint n;

      ram2 = read_straddling (engine, cpu, linear, ram, straddling, &n, &binding2);
      if (ram2 == XLATE_NO_PAGE)
        return NULL;
      lift (engine, cpu, straddling, n, 1, cut, &result);
      g_assert (!result.truncated);
    }
  unit = g_new0 (XlateUnit, 1);
  unit->rip = cpu->s.rip;
  unit->linear = linear;
  unit->ram = ram;
  unit->ram2 = ram2;
  unit->mode = cpu->mode;
  unit->binding = binding;
  unit->binding2 = binding2;
  unit->n_bytes = result.n_bytes;
  unit->n_insns = result.n_insns;
  unit->single = single;
  unit->point = point;
  unit->cut = result.cut;
  unit->magic = result.magic;
  if (single || point || result.magic || engine->emitter == NULL || engine->block->must_interpret || (cpu->mode & X86_MODE_ALIGN))
    unit->ir = ir_block_copy (engine->block);
  else if (!emitter_emit (engine->emitter, unit, engine->block))
    {
      /* The code space is full: all units go, this one is made again. */
      g_free (unit);
      engine_forget_code (engine);
      return make_unit (engine, cpu, linear, ram, binding, single);
    }
  if (unit->outer != NULL && astern_events_on (&engine->parent.machine->events, ASTERN_EVENT_OUT_ASM))
    log_code (engine, ASTERN_EVENT_OUT_ASM, CS_MODE_64, unit->outer, unit->host_bytes, (guintptr) unit->outer);
  units_add (engine->units, unit);
  return unit;
}

/* Whether the second page of a unit still is where it was. */
static gboolean
second_page_holds (XlateEngine *engine, X86Cpu *cpu, const XlateUnit *unit)
{
  guint64 next = (unit->linear & ~ASTERN_PAGE_MASK) + ASTERN_PAGE_SIZE, ram2;
  guint32 number;

  if (!(cpu->mode & X86_MODE_CODE64))
    next &= G_MAXUINT32;
  return fetch (engine, cpu, next, &ram2, &number) && number == unit->binding2;
}

XlateUnit *
engine_find_unit (XlateEngine *engine, X86Cpu *cpu, gboolean single)
{
  guint64 linear = linear_rip (cpu), ram;
  guint32 binding;
  XlateUnit *unit;

  if (!fetch (engine, cpu, linear, &ram, &binding))
    return NULL;
  unit = units_find (engine->units, ram, cpu->s.rip, cpu->mode, single);
  if (unit != NULL && unit->linear == linear
      && (unit->ram2 == XLATE_NO_PAGE || second_page_holds (engine, cpu, unit)))
    return unit;
  if (unit != NULL)
    units_drop (engine->units, unit);
  return make_unit (engine, cpu, linear, ram, binding, single);
}

/* Code outside memory: read through the bus, byte by byte, and not kept. */
static void
step_outside_memory (XlateEngine *engine, X86Cpu *cpu)
{
  AsternAccess access = { .size = 1, .kind = ASTERN_ACCESS_FETCH, .origin = ASTERN_ORIGIN_CPU, .cpu = cpu->parent.index };
  guint8 bytes[MAX_INSN_BYTES];
  X86LiftResult result;

  for (guint i = 0; i < MAX_INSN_BYTES; i++)
    {
      guint64 linear = linear_rip (cpu) + i, ram, physical;

      if (x86_mmu_fetch (cpu, linear, &ram, &physical))
        bytes[i] = *astern_memory_host (engine->parent.machine->memory, ram);
      else
        {
          access.address.p = physical;
          bytes[i] = (guint8) astern_bus_read (engine->parent.machine->physical, &access);
        }
      lift (engine, cpu, bytes, i + 1, 1, 0, &result);
      if (!result.truncated)
        break;
    }
  ir_interp_run (cpu, engine->block);
}

void
engine_interpret (X86Cpu *cpu, const XlateUnit *unit)
{
  if (unit->magic && x86_points_want (cpu, ASTERN_POINT_MAGIC))
    engine_points_magic (cpu);
  ir_interp_run (cpu, unit->ir);
}

void
engine_step (XlateEngine *engine, X86Cpu *cpu)
{
  XlateUnit *unit = engine_find_unit (engine, cpu, TRUE);

  engine->n_single++;
  if (unit != NULL)
    engine_interpret (cpu, unit);
  else
    step_outside_memory (engine, cpu);
}
