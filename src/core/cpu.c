/* cpu.c - registers by name. */

#include "config.h"

#include "core/cpu.h"

gint
astern_cpu_find_register (const AsternCpuClass *klass, const char *name)
{
  for (guint i = 0; i < klass->n_registers; i++)
    if (g_ascii_strcasecmp (klass->registers[i].name, name) == 0)
      return (gint) i;
  return -1;
}
