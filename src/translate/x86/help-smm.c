/* help-smm.c - system management mode: entry and RSM.
 * Source: Intel SDM vol. 3C, chapter 32; AMD APM vol. 2, 10.2, for the save areas: with long mode
 * AMD's 64-bit map, else the 32-bit map of the Pentium.  Firmware tells them apart by the
 * revision.
 * Left out: restart of an I/O instruction; HLT goes on after it, with no restart either; SMM's own
 * protection (the board opens SMRAM). */

#include "config.h"

#include "translate/x86/help.h"
#include "translate/x86/points.h"

#include <string.h>

#define REVISION_32 0x00020000     /* SMBASE can be moved */
#define REVISION_64 0x00020064
#define AREA        0x8000         /* from SMBASE to where the offsets count */
#define DATA_ATTR   (X86_ATTR_G | X86_ATTR_P | X86_ATTR_S | X86_TYPE_WRITE_READ | X86_TYPE_ACCESSED)

/* One saved register. */
typedef struct
{
  guint16 at;         /* offset in the save area */
  guint8  size;
  guint32 slot;       /* offset in X86State */
  guint8  slot_size;
} SavedReg;

#define ROW(at, size, member) { at, size, G_STRUCT_OFFSET (X86State, member), sizeof (((X86State *) NULL)->member) }
#define GPR64(n) ROW (0x7ff8 - (n) * 8, 8, gpr[n])
static const SavedReg map64[] = {
  GPR64 (0), GPR64 (1), GPR64 (2), GPR64 (3), GPR64 (4), GPR64 (5), GPR64 (6), GPR64 (7), GPR64 (8), GPR64 (9), GPR64 (10),
  GPR64 (11), GPR64 (12), GPR64 (13), GPR64 (14), GPR64 (15),
  ROW (0x7f78, 8, rip), ROW (0x7f70, 8, rflags), ROW (0x7f68, 8, dr[6]), ROW (0x7f60, 8, dr[7]),
  ROW (0x7f58, 8, cr0), ROW (0x7f50, 8, cr3), ROW (0x7f48, 8, cr4), ROW (0x7f00, 4, smbase), ROW (0x7ed0, 8, efer),
  ROW (0x7e68, 8, gdtr_base), ROW (0x7e64, 4, gdtr_limit), ROW (0x7e88, 8, idtr_base), ROW (0x7e84, 4, idtr_limit),
};
#define GPR32(n) ROW (0x7fd0 + (n) * 4, 4, gpr[n])
static const SavedReg map32[] = {
  GPR32 (0), GPR32 (1), GPR32 (2), GPR32 (3), GPR32 (4), GPR32 (5), GPR32 (6), GPR32 (7),
  ROW (0x7ff0, 4, rip), ROW (0x7ff4, 4, rflags), ROW (0x7fcc, 4, dr[6]), ROW (0x7fc8, 4, dr[7]),
  ROW (0x7ffc, 4, cr0), ROW (0x7ff8, 4, cr3), ROW (0x7f14, 4, cr4), ROW (0x7ef8, 4, smbase),
  ROW (0x7f74, 4, gdtr_base), ROW (0x7f70, 4, gdtr_limit), ROW (0x7f58, 4, idtr_base), ROW (0x7f54, 4, idtr_limit),
};

/* Where a segment register's parts are. */
typedef struct { guint16 selector, attr, limit, base; } SavedSeg;
#define SEG64(at) { at, (at) + 2, (at) + 4, (at) + 8 }
static const SavedSeg segs64[X86_N_SEGS] = {
  SEG64 (0x7e00), SEG64 (0x7e10), SEG64 (0x7e20), SEG64 (0x7e30), SEG64 (0x7e40), SEG64 (0x7e50), SEG64 (0x7e70), SEG64 (0x7e90),
};
#define SEG32(selector, at) { selector, at, (at) + 4, (at) + 8 }
static const SavedSeg segs32[X86_N_SEGS] = {
  SEG32 (0x7fa8, 0x7f84), SEG32 (0x7fac, 0x7f90), SEG32 (0x7fb0, 0x7f9c), SEG32 (0x7fb4, 0x7f2c), SEG32 (0x7fb8, 0x7f38),
  SEG32 (0x7fbc, 0x7f44), SEG32 (0x7fc0, 0x7f78), SEG32 (0x7fc4, 0x7f5c),
};

static gboolean
is_wide (const X86Cpu *cpu)
{
  return cpu->features->has[X86_FEATURE_LM];
}

static AsternAccess
area_access (X86Cpu *cpu, guint64 smbase, guint at, guint size, AsternAccessKind kind)
{
  return (AsternAccess) { .address.p = smbase + AREA + at, .size = size, .kind = kind,
                          .origin = ASTERN_ORIGIN_CPU, .cpu = cpu->parent.index };
}

static void
put (X86Cpu *cpu, guint at, guint size, guint64 value)
{
  AsternAccess access = area_access (cpu, cpu->s.smbase, at, size, ASTERN_ACCESS_WRITE);

  astern_bus_write (cpu->parent.machine->physical, &access, value);
}

static guint64
get (X86Cpu *cpu, guint64 smbase, guint at, guint size)
{
  AsternAccess access = area_access (cpu, smbase, at, size, ASTERN_ACCESS_READ);

  return astern_bus_read (cpu->parent.machine->physical, &access);
}

static void
tell_board (X86Cpu *cpu)
{
  AsternMachine *machine = cpu->parent.machine;

  if (machine->smm_changed != NULL)
    machine->smm_changed (machine, cpu->parent.index, cpu->s.in_smm);
}

static void
save (X86Cpu *cpu)
{
  gboolean wide = is_wide (cpu);
  const SavedReg *map = wide ? map64 : map32;
  const SavedSeg *segs = wide ? segs64 : segs32;

  for (guint i = 0; i < (wide ? G_N_ELEMENTS (map64) : G_N_ELEMENTS (map32)); i++)
    {
      guint64 value = 0;

      memcpy (&value, (guint8 *) &cpu->s + map[i].slot, map[i].slot_size);
      put (cpu, map[i].at, map[i].size, value);
    }
  for (guint i = 0; i < X86_N_SEGS; i++)
    {
      const X86Segment *seg = &cpu->s.seg[i];

      put (cpu, segs[i].selector, wide ? 2 : 4, seg->selector);
      put (cpu, segs[i].attr, wide ? 2 : 4, seg->attr & 0xf0ff);
      put (cpu, segs[i].limit, 4, seg->limit);
      put (cpu, segs[i].base, wide ? 8 : 4, seg->base);
    }
  put (cpu, 0x7efc, 4, wide ? REVISION_64 : REVISION_32);
}

static void
restore (X86Cpu *cpu)
{
  gboolean wide = is_wide (cpu);
  const SavedReg *map = wide ? map64 : map32;
  const SavedSeg *segs = wide ? segs64 : segs32;
  guint64 smbase = cpu->s.smbase;

  for (guint i = 0; i < (wide ? G_N_ELEMENTS (map64) : G_N_ELEMENTS (map32)); i++)
    {
      guint64 value = get (cpu, smbase, map[i].at, map[i].size);

      memcpy ((guint8 *) &cpu->s + map[i].slot, &value, map[i].slot_size);
    }
  for (guint i = 0; i < X86_N_SEGS; i++)
    {
      X86Segment *seg = &cpu->s.seg[i];

      seg->selector = get (cpu, smbase, segs[i].selector, 2);
      seg->attr = get (cpu, smbase, segs[i].attr, 2) & 0xf0ff;
      seg->limit = get (cpu, smbase, segs[i].limit, 4);
      seg->base = get (cpu, smbase, segs[i].base, wide ? 8 : 4);
      if (!(seg->attr & X86_ATTR_P))
        seg->attr |= X86_ATTR_UNUSABLE;
    }
}

void
x86_smm_enter (X86Cpu *cpu)
{
  X86State *s = &cpu->s;

  x86_cpu_publish_icount (cpu);
  x86_flags_sync (cpu);
  s->in_smm = 1;
  tell_board (cpu);
  save (cpu);
  s->smm_revision = is_wide (cpu) ? REVISION_64 : REVISION_32;

  s->cr0 &= ~(guint64) (X86_CR0_PE | X86_CR0_EM | X86_CR0_TS | X86_CR0_PG);
  s->cr4 = 0;
  s->efer = 0;
  s->dr[7] = 0x400;
  s->shadow = 0;
  s->rep_partial = 0;
  for (guint i = X86_ES; i <= X86_GS; i++)
    s->seg[i] = (X86Segment) { .limit = 0xffffffff, .attr = DATA_ATTR };
  s->seg[X86_CS].selector = s->smbase >> 4;
  s->seg[X86_CS].base = s->smbase;
  s->rip = 0x8000;
  s->rflags = 2;
  x86_flags_set (cpu, 0);
  x86_mmu_changed (cpu);
  x86_mode_changed (cpu);
}

guint64
x86_help_rsm (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  X86State *s = &cpu->s;

  if (!s->in_smm)
    x86_raise (cpu, X86_EXC_UD);
  x86_cpu_publish_icount (cpu);
  restore (cpu);
  s->smbase = (guint32) s->smbase;
  s->rflags |= 2;
  x86_flags_set (cpu, s->rflags & X86_ARITH);
  s->in_smm = 0;
  tell_board (cpu);
  x86_mmu_set_cr3 (cpu, s->cr3);
  x86_mmu_changed (cpu);
  x86_mode_changed (cpu);
  cpu->recheck = 1;
  return 0;
}
