/* walker.c - see walker.h. */
#include "config.h"

#include "session/walker.h"

#include "core/machine.h"
#include "translate/x86/cpu.h"

static guint64
read_entry (gpointer owner, guint64 physical, guint size)
{
  const AsternCpu *cpu = owner;
  const X86State *s = cpu->state;
  AsternAccess access = {
    .address = { s->a20 ? physical : physical & ~(G_GUINT64_CONSTANT (1) << 20) },
    .size = (guint8) size, .kind = ASTERN_ACCESS_READ, .origin = ASTERN_ORIGIN_DEBUGGER,
  };

  return astern_bus_read (cpu->machine->physical, &access);
}

X86Walker
astern_walker (AsternCpu *cpu)
{
  return (X86Walker) {
    .owner = cpu, .read = read_entry,
    .gigabyte_pages = ((const X86Cpu *) cpu)->features->has[X86_FEATURE_PDPE1GB],
  };
}
