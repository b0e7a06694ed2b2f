/* points.c - the machine's points, as the engine sees them.
 *
 * EXECUTE: no unit has a place inside it, and a unit that begins at one has no host code, so
 * that the dispatcher is asked at each place, every time.  It asks before anything of the
 * instruction is done.  Points that are not armed cut units all the same, or each change of
 * mode would have them made again.
 *
 * MEMORY: a page with a place has no first-level entry, so that each access takes the slow path; host
 * code then leaves the instruction to the interpreter, which notes the access.
 *
 * Whatever is found in the middle of an instruction sets cpu->recheck: the run comes back to the
 * dispatcher when the instruction has retired. */
#include "config.h"

#include "translate/engine-private.h"
#include "translate/x86/points.h"

static AsternPoints *
points_of (const XlateEngine *engine)
{
  return engine->parent.machine->points;
}

static guint64
linear_rip (const X86Cpu *cpu)
{
  if (cpu->mode & X86_MODE_CODE64)
    return cpu->s.rip;
  return (guint32) (cpu->s.seg[X86_CS].base + cpu->s.rip);
}

/* --- what changed ------------------------------------------------------------------- */

static void
points_changed (gpointer data)
{
  XlateEngine *engine = data;
  AsternMachine *machine = engine->parent.machine;

  engine->points_changed = TRUE;
  x86_cpu (engine->parent.cpus[machine->running_cpu])->recheck = 1;
}

void
engine_points_init (XlateEngine *engine)
{
  astern_places_init (&engine->code_places);
  engine->points_changed = TRUE;
}

void
engine_points_listen (XlateEngine *engine, gboolean listens)
{
  astern_points_set_changed (points_of (engine), listens ? points_changed : NULL, engine);
  engine->points_changed = TRUE;
}

void
engine_points_free (XlateEngine *engine)
{
  astern_places_free (&engine->code_places);
}

/* Where physical [first, last] is read from memory, as ram addresses. */
static void
add_code_places (XlateEngine *engine, guint64 first, guint64 last)
{
  for (guint64 at = first;;)
    {
      AsternRoute route;
      guint64 end;

      astern_bus_route (engine->parent.machine->physical, at, &route);
      end = MIN (route.end - 1, last);
      if (route.read.kind == ASTERN_TARGET_MEMORY)
        {
          guint64 ram = route.read.block->start + route.read.offset;

          astern_places_add (&engine->code_places, ram, ram + (end - at), NULL);
        }
      if (end >= last)
        return;
      at = end + 1;
    }
}

/* Physical places of code become ram addresses, which units are known by. */
static void
find_code_places (XlateEngine *engine)
{
  AsternPoints *points = points_of (engine);

  astern_places_clear (&engine->code_places);
  for (guint i = 0; i < astern_points_count (points); i++)
    {
      const AsternPoint *point = astern_points_at (points, i);
      guint64 last = point->start + MAX (point->size, 1) - 1;

      if (point->enabled && point->kind == ASTERN_POINT_EXECUTE && point->space == ASTERN_SPACE_PHYSICAL)
        add_code_places (engine, point->start, MAX (last, point->start));
    }
  astern_places_settle (&engine->code_places);
}

static gboolean
has_place (XlateEngine *engine, const XlateUnit *unit)
{
  AsternPoints *points = points_of (engine);
  guint first = MIN (unit->n_bytes, ASTERN_PAGE_SIZE - (guint) (unit->ram & ASTERN_PAGE_MASK));

  return astern_points_in_range (points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_LINEAR, unit->linear, unit->linear + unit->n_bytes)
         || astern_points_in_range (points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_VIRTUAL, unit->rip, unit->rip + unit->n_bytes)
         || astern_places_touch (&engine->code_places, unit->ram, unit->ram + first - 1);
}

/* Units that were cut at places of before, and those that have one now. */
static void
drop_units (XlateEngine *engine)
{
  XlateUnits *units = engine->units;

  for (guint h = 0; h < 1u << units->hash_bits; h++)
    for (XlateUnit *unit = units->hash[h], *next; unit != NULL; unit = next)
      {
        next = unit->hash_next;
        if (!unit->single && (unit->point || unit->cut || has_place (engine, unit)))
          units_drop (units, unit);
      }
}

void
engine_points_apply (XlateEngine *engine)
{
  AsternPoints *points = points_of (engine);
  guint32 armed = astern_points_armed (points);
  guint64 memory = armed >> ASTERN_POINT_MEMORY & 1 ? astern_points_generation (points, ASTERN_POINT_MEMORY) : 0;
  guint64 magic = astern_points_generation (points, ASTERN_POINT_MAGIC);
  guint64 execute;

  engine->points_changed = FALSE;
  for (guint i = 0; i < engine->parent.n_cpus; i++)
    x86_cpu (engine->parent.cpus[i])->armed = armed;
  if (memory != engine->memory_generation)
    x86_mmu_flush_all (&engine->parent);
  engine->memory_generation = memory;
  find_code_places (engine);
  execute = astern_places_hash (&engine->code_places, astern_points_generation (points, ASTERN_POINT_EXECUTE));
  engine->cuts = astern_points_next (points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_LINEAR, 0) != ASTERN_POINT_ANY
                 || astern_points_next (points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_VIRTUAL, 0) != ASTERN_POINT_ANY
                 || !astern_places_empty (&engine->code_places);
  engine->magic = astern_points_next (points, ASTERN_POINT_MAGIC, 0, 0) != ASTERN_POINT_ANY;
  if (magic != engine->magic_generation)
    engine_forget_code (engine);
  else if (execute != engine->execute_generation)
    drop_units (engine);
  engine->magic_generation = magic;
  engine->execute_generation = execute;
}

void
engine_points_enter (XlateEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;

  astern_points_enter (machine->points);
  engine_points_apply (engine);
  for (guint i = 0; i < engine->parent.n_cpus; i++)
    {
      X86Cpu *cpu = x86_cpu (engine->parent.cpus[i]);

      cpu->mode_name = cpu->parent.klass->mode_name (&cpu->parent);
    }
}

/* Between runs nothing is looked for: states are loaded, and the clock is not the CPUs'. */
void
engine_points_leave (XlateEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;

  astern_points_leave (machine->points);
  for (guint i = 0; i < engine->parent.n_cpus; i++)
    x86_cpu (engine->parent.cpus[i])->armed = 0;
}

/* --- code ------------------------------------------------------------------------------ */

void
engine_points_cut (XlateEngine *engine, guint64 linear, guint64 rip, guint64 ram, gboolean *at, guint64 *bytes)
{
  AsternPoints *points = points_of (engine);
  guint64 lin = astern_points_next (points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_LINEAR, linear + 1) - linear;
  guint64 off = astern_points_next (points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_VIRTUAL, rip + 1) - rip;
  guint64 mem = astern_places_next (&engine->code_places, ram + 1) - ram;

  *bytes = MIN (MIN (lin, off), mem);
  *at = astern_points_in_range (points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_LINEAR, linear, linear + 1)
        || astern_points_in_range (points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_VIRTUAL, rip, rip + 1)
        || astern_places_touch (&engine->code_places, ram, ram);
}

/* A repetition that goes on is no new execution. */
gboolean
engine_points_execute (XlateEngine *engine, X86Cpu *cpu)
{
  AsternPoints *points = points_of (engine);
  guint64 linear = linear_rip (cpu), physical;
  AsternHit hit;

  if (!astern_points_in_range (points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_LINEAR, linear, linear + 1)
      && !astern_points_in_range (points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_VIRTUAL, cpu->s.rip, cpu->s.rip + 1)
      && astern_points_next (points, ASTERN_POINT_EXECUTE, ASTERN_SPACE_PHYSICAL, 0) == ASTERN_POINT_ANY)
    return FALSE;
  if (cpu->s.rep_partial || !x86_mmu_peek_fetch (cpu, linear, &physical))
    return FALSE;
  x86_cpu_publish_icount (cpu);
  hit = (AsternHit) {
    .kind = ASTERN_POINT_EXECUTE, .cpu = cpu->parent.index, .pc = linear, .offset = cpu->s.rip,
    .physical = physical, .access = ASTERN_ACCESS_FETCH, .before = astern_clock_moment (&engine->parent.machine->clock),
  };
  hit.after = hit.before;
  return astern_points_happened (points, &hit);
}

void
engine_points_magic (X86Cpu *cpu)
{
  AsternHit hit = { .kind = ASTERN_POINT_MAGIC };

  x86_points_note (cpu, &hit);
}
