/* cpu.c - the size of a state, registers by name. */

#include "config.h"

#include "core/cpu.h"

gsize
astern_cpu_state_size (const AsternCpuClass *klass)
{
  gsize size = 0;

  for (guint i = 0; i < klass->n_fields; i++)
    size = MAX (size, klass->fields[i].offset + (gsize) klass->fields[i].count * klass->fields[i].size);
  return size;
}

gint
astern_cpu_find_register (const AsternCpuClass *klass, const char *name)
{
  for (guint i = 0; i < klass->n_registers; i++)
    if (g_ascii_strcasecmp (klass->registers[i].name, name) == 0)
      return (gint) i;
  return -1;
}
