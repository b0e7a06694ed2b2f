/* points.c - see points.h. */
#include "config.h"

#include "translate/x86/points.h"

static guint64
linear_rip (const X86Cpu *cpu)
{
  if (cpu->mode & X86_MODE_CODE64)
    return cpu->s.rip;
  return (guint32) (cpu->s.seg[X86_CS].base + cpu->s.rip);
}

/* --- in the middle of an instruction --------------------------------------------------------- */

static void
describe (X86Cpu *cpu, AsternHit *hit)
{
  x86_cpu_publish_icount (cpu);
  hit->cpu = cpu->parent.index;
  hit->origin = ASTERN_ORIGIN_CPU;
  hit->pc = linear_rip (cpu);
  hit->offset = cpu->s.rip;
  hit->before = astern_clock_moment (&cpu->parent.machine->clock);
}

void
x86_points_note (X86Cpu *cpu, AsternHit *hit)
{
  describe (cpu, hit);
  if (astern_points_note (cpu->parent.machine->points, hit))
    cpu->recheck = 1;
}

/* One access within a page. */
static void
note_memory (X86Cpu *cpu, guint64 linear, guint size, AsternAccessKind kind, guint64 old_value, guint64 new_value)
{
  AsternPoints *points = cpu->parent.machine->points;
  AsternHit hit = { .kind = ASTERN_POINT_MEMORY, .linear = linear, .physical = ASTERN_POINT_ANY, .size = (guint8) size,
                    .access = (guint8) kind, .has_old = 1, .has_new = 1, .old_value = old_value, .new_value = new_value };
  gboolean physical = astern_points_next (points, ASTERN_POINT_MEMORY, ASTERN_SPACE_PHYSICAL, 0) != ASTERN_POINT_ANY;

  if (!physical && !astern_points_in_range (points, ASTERN_POINT_MEMORY, ASTERN_SPACE_LINEAR, linear, linear + size))
    return;
  cpu->parent.klass->translate (&cpu->parent, linear, &hit.physical);
  x86_points_note (cpu, &hit);
}

void
x86_points_memory (X86Cpu *cpu, guint64 linear, guint size, AsternAccessKind kind, guint64 old_value, guint64 new_value)
{
  guint in_page = ASTERN_PAGE_SIZE - (guint) (linear & ASTERN_PAGE_MASK);

  if (size <= in_page)
    {
      note_memory (cpu, linear, size, kind, old_value, new_value);
      return;
    }
  note_memory (cpu, linear, in_page, kind, old_value & ((G_GUINT64_CONSTANT (1) << 8 * in_page) - 1),
               new_value & ((G_GUINT64_CONSTANT (1) << 8 * in_page) - 1));
  linear += in_page;
  note_memory (cpu, x86_long_mode (&cpu->s) ? linear : (guint32) linear, size - in_page, kind, old_value >> 8 * in_page,
               new_value >> 8 * in_page);
}

void
x86_points_bus (X86Cpu *cpu, guint64 linear, guint64 physical, guint size, AsternAccessKind kind, guint64 value)
{
  AsternHit hit = { .kind = ASTERN_POINT_MEMORY, .linear = linear, .physical = physical, .size = (guint8) size,
                    .access = (guint8) kind, .has_old = kind == ASTERN_ACCESS_READ, .has_new = 1, .old_value = value,
                    .new_value = value };

  if (!hit.has_old)
    hit.old_value = 0;
  x86_points_note (cpu, &hit);
}

void
x86_points_walk (X86Cpu *cpu, guint64 physical, guint size)
{
  AsternPoints *points = cpu->parent.machine->points;

  x86_cpu_publish_icount (cpu);
  if (astern_points_note_physical (points, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, cpu->parent.index, physical, size))
    cpu->recheck = 1;
}

void
x86_points_register (X86Cpu *cpu, AsternPointKind kind, guint64 number, guint size, AsternAccessKind access,
                     guint64 old_value, guint64 new_value)
{
  AsternHit hit = { .kind = kind, .number = number, .size = (guint8) size, .access = (guint8) access, .has_new = 1,
                    .has_old = access == ASTERN_ACCESS_READ || kind == ASTERN_POINT_CONTROL, .old_value = old_value,
                    .new_value = new_value };

  x86_points_note (cpu, &hit);
}

void
x86_points_syscall (X86Cpu *cpu, gboolean entry)
{
  AsternHit hit = { .kind = ASTERN_POINT_SYSCALL, .number = cpu->s.gpr[X86_RAX],
                    .access = entry ? ASTERN_ACCESS_FETCH : ASTERN_ACCESS_WRITE };

  x86_points_note (cpu, &hit);
}

void
x86_points_interrupt (X86Cpu *cpu, guint vector)
{
  AsternHit hit = { .kind = ASTERN_POINT_INTERRUPT, .number = vector };

  x86_points_note (cpu, &hit);
}

void
x86_points_mode (X86Cpu *cpu)
{
  const char *now = cpu->parent.klass->mode_name (&cpu->parent);
  g_autofree char *text = NULL;
  AsternHit hit = { .kind = ASTERN_POINT_MODE };

  /* Another CPU's reset is told of nowhere. */
  if (now == cpu->mode_name || cpu->parent.index != cpu->parent.machine->running_cpu)
    {
      cpu->mode_name = now;
      return;
    }
  text = g_strdup_printf ("%s -> %s", cpu->mode_name, now);
  hit.detail = g_intern_string (text);
  cpu->mode_name = now;
  x86_points_note (cpu, &hit);
}

/* --- exceptions ---------------------------------------------------------------------------------- */

static AsternHit
exception_hit (X86Cpu *cpu, const X86Exception *exception)
{
  AsternHit hit = { .kind = ASTERN_POINT_EXCEPTION, .number = exception->vector, .error_code = exception->error,
                    .linear = exception->vector == X86_EXC_PF && !exception->software ? exception->address : ASTERN_POINT_ANY };

  return hit;
}

gboolean
x86_points_exception (X86Cpu *cpu, const X86Exception *exception)
{
  AsternHit hit = exception_hit (cpu, exception);

  describe (cpu, &hit);
  hit.after = hit.before;
  return astern_points_happened (cpu->parent.machine->points, &hit);
}

void
x86_points_nested (X86Cpu *cpu, const X86Exception *exception)
{
  AsternHit hit = exception_hit (cpu, exception);

  x86_points_note (cpu, &hit);
}

void
x86_points_triple (X86Cpu *cpu)
{
  AsternHit hit = { .kind = ASTERN_POINT_TRIPLE_FAULT };

  x86_points_note (cpu, &hit);
}
