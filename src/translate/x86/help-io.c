/* help-io.c - ports.
 * Source: Intel SDM vol. 1, chapter 18 (permission: 18.5); vol. 2, IN, OUT.
 * Left out: nothing known. */

#include "config.h"

#include "translate/x86/help.h"
#include "translate/x86/points.h"

void
x86_check_io (X86Cpu *cpu, guint16 port, guint size)
{
  const X86Segment *tr = &cpu->s.seg[X86_TR];
  guint32 map, at, bits;

  if (!(cpu->s.cr0 & X86_CR0_PE) || (!(cpu->s.rflags & X86_VM) && x86_cpl (&cpu->s) <= x86_iopl (cpu)))
    return;
  if ((tr->attr & X86_ATTR_UNUSABLE) || !(tr->attr & 8) || tr->limit < 103)
    x86_raise_error (cpu, X86_EXC_GP, 0);
  map = x86_mem_read (cpu, tr->base + 102, 2, IR_MEM_SYSTEM);
  at = map + port / 8;
  if (at + 1 > tr->limit)
    x86_raise_error (cpu, X86_EXC_GP, 0);
  bits = x86_mem_read (cpu, tr->base + at, 2, IR_MEM_SYSTEM) >> port % 8;
  if (bits & ((1u << size) - 1))
    x86_raise_error (cpu, X86_EXC_GP, 0);
}

static AsternMachine *
start_access (X86Cpu *cpu, AsternAccess *access, guint16 port, guint size, AsternAccessKind kind)
{
  AsternMachine *machine = cpu->parent.machine;

  *access = (AsternAccess) { .address.p = port, .size = size, .kind = kind, .origin = ASTERN_ORIGIN_CPU,
                             .cpu = cpu->parent.index };
  if (G_UNLIKELY (cpu->mode & X86_MODE_DEBUG))
    x86_debug_port (cpu, port, size);
  x86_cpu_publish_icount (cpu);
  astern_clock_skip (&machine->clock, ASTERN_CLOCK_IO_NS);
  cpu->recheck = 1;
  return machine;
}

guint64
x86_port_read (X86Cpu *cpu, guint16 port, guint size)
{
  AsternAccess access;
  AsternMachine *machine = start_access (cpu, &access, port, size, ASTERN_ACCESS_READ);
  guint64 value = astern_bus_read (machine->ports, &access);

  if (x86_points_want (cpu, ASTERN_POINT_PORT))
    x86_points_register (cpu, ASTERN_POINT_PORT, port, size, ASTERN_ACCESS_READ, value, value);
  return value;
}

void
x86_port_write (X86Cpu *cpu, guint16 port, guint size, guint64 value)
{
  AsternAccess access;
  AsternMachine *machine = start_access (cpu, &access, port, size, ASTERN_ACCESS_WRITE);

  astern_bus_write (machine->ports, &access, value);
  if (x86_points_want (cpu, ASTERN_POINT_PORT))
    x86_points_register (cpu, ASTERN_POINT_PORT, port, size, ASTERN_ACCESS_WRITE, 0, value & x86_operand_mask (size));
}

guint64
x86_help_in (X86Cpu *cpu, guint64 port, guint64 size, guint64 unused)
{
  x86_check_io (cpu, port, size);
  return x86_port_read (cpu, port, size);
}

guint64
x86_help_out (X86Cpu *cpu, guint64 port, guint64 size, guint64 value)
{
  x86_check_io (cpu, port, size);
  x86_port_write (cpu, port, size, value);
  return 0;
}

guint64
x86_help_io_check (X86Cpu *cpu, guint64 port, guint64 size, guint64 unused)
{
  x86_check_io (cpu, port, size);
  return 0;
}
