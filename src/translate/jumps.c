/* jumps.c - see jumps.h. */
#include "config.h"

#include "translate/jumps.h"

#include "translate/x86/softmmu.h"

#include <string.h>

static void
empty_jumps (X86Cpu *cpu, guint index)
{
  for (guint i = 0; i < X86_JUMP_ENTRIES; i++)
    cpu->jumps[index][i].key = X86_JUMP_EMPTY;
}

void
jumps_forget (X86Cpu *cpu)
{
  for (guint i = 0; i < G_N_ELEMENTS (cpu->jumps); i++)
    {
      empty_jumps (cpu, i);
      cpu->jumps_mode[i] = G_MAXUINT32;
    }
  memset (cpu->jump_spaces, 0, sizeof cpu->jump_spaces);
  cpu->jump_spaces_used = 0;
  cpu->jump_mode = G_MAXUINT32;
}

/* The number of the CPU's mode and CS base.  Those that share a place in the table have a new one each time they come back. */
static guint32
number_space (X86Cpu *cpu)
{
  guint64 base = cpu->s.seg[X86_CS].base;
  guint64 hash = (base + cpu->mode) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  guint i = (guint) (hash >> 32) % X86_JUMP_SPACES;

  if (cpu->jump_spaces[i].number != 0 && cpu->jump_spaces[i].mode == cpu->mode && cpu->jump_spaces[i].base == base)
    return cpu->jump_spaces[i].number;
  if (cpu->jump_spaces_used == X86_JUMP_MOST)
    jumps_forget (cpu);
  cpu->jump_spaces[i].mode = cpu->mode;
  cpu->jump_spaces[i].base = base;
  return cpu->jump_spaces[i].number = ++cpu->jump_spaces_used;
}

void
jumps_prepare (X86Cpu *cpu)
{
  guint index = x86_tlb_index (cpu->mode);

  if (cpu->mode & X86_MODE_CODE64)
    {
      if (cpu->jumps_mode[index] != cpu->mode)
        empty_jumps (cpu, index);
      cpu->jumps_mode[index] = cpu->mode;
      cpu->jump_mode = cpu->mode;
      cpu->jump_tag = 0;
      return;
    }
  if (cpu->jump_mode == cpu->mode && cpu->jump_base == cpu->s.seg[X86_CS].base)
    return;
  cpu->jump_tag = (guint64) number_space (cpu) << X86_JUMP_SHIFT;
  cpu->jump_mode = cpu->mode;
  cpu->jump_base = cpu->s.seg[X86_CS].base;
}

void
jumps_remember (X86Cpu *cpu, const XlateUnit *unit)
{
  guint index = x86_tlb_index (cpu->mode);

  cpu->jumps[index][unit->rip & (X86_JUMP_ENTRIES - 1)].key = unit->rip ^ cpu->jump_tag;
  cpu->jumps[index][unit->rip & (X86_JUMP_ENTRIES - 1)].host = unit->outer;
}

void
jumps_drop (X86Cpu *cpu, const XlateUnit *unit)
{
  for (guint i = 0; i < G_N_ELEMENTS (cpu->jumps); i++)
    if (cpu->jumps[i][unit->rip & (X86_JUMP_ENTRIES - 1)].host == unit->outer)
      cpu->jumps[i][unit->rip & (X86_JUMP_ENTRIES - 1)].key = X86_JUMP_EMPTY;
}
