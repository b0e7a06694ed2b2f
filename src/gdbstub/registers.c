/* registers.c - g, G, p, P: registers by gdb's numbers. */
#include "config.h"

#include "gdbstub/gdbstub-private.h"

#include <string.h>

#define MOST_BYTES 64    /* of a register */

/* ---- values ---- */

static gboolean
is_linear (AsternGdbStub *stub, const AsternCodePlace *place)
{
  return stub->options.linear_pc && place->bits == 16;
}

static guint64
stack_base (AsternCpu *cpu, guint64 sp)
{
  return cpu->klass->stack_linear (cpu) - sp;
}

/* What is added to a register so that it is a linear address: only where the user wants that. */
static guint64
base_of (AsternGdbStub *stub, AsternCpu *cpu, const AsternGdbRegister *reg, guint64 value)
{
  AsternCodePlace place;

  if (reg->role != ASTERN_GDB_ROLE_PC && reg->role != ASTERN_GDB_ROLE_SP)
    return 0;
  cpu->klass->code_place (cpu, &place);
  if (!is_linear (stub, &place))
    return 0;
  return reg->role == ASTERN_GDB_ROLE_PC ? place.base : stack_base (cpu, value);
}

static guint64
get_number (const guint8 *bytes, guint size)
{
  guint64 value = 0;

  memcpy (&value, bytes, MIN (size, sizeof value));
  return GUINT64_FROM_LE (value);
}

static void
set_number (guint8 *bytes, guint size, guint64 value)
{
  value = GUINT64_TO_LE (value);
  memcpy (bytes, &value, MIN (size, sizeof value));
}

/* @bytes: as the CPU has it; what is wider for gdb gets zeros. */
static void
read_cpu (AsternCpu *cpu, const AsternGdbRegister *reg, guint8 bytes[MOST_BYTES])
{
  memset (bytes, 0, MOST_BYTES);
  if (reg->index >= 0)
    cpu->klass->read_register (cpu, (guint) reg->index, bytes);
}

static void
read_register (AsternGdbStub *stub, AsternCpu *cpu, const AsternGdbRegister *reg, guint8 bytes[MOST_BYTES])
{
  guint64 value, base;

  read_cpu (cpu, reg, bytes);
  value = get_number (bytes, 8);
  base = base_of (stub, cpu, reg, value);
  if (base != 0)
    set_number (bytes, 8, value + base);
}

guint64
astern_gdb_pc (AsternGdbStub *stub, guint index)
{
  AsternCpu *cpu = astern_gdb_cpu (stub, index);
  AsternCodePlace place;

  cpu->klass->code_place (cpu, &place);
  return is_linear (stub, &place) ? place.linear : place.pc;
}

guint64
astern_gdb_pc_base (AsternGdbStub *stub, guint index)
{
  AsternCpu *cpu = astern_gdb_cpu (stub, index);
  AsternCodePlace place;

  cpu->klass->code_place (cpu, &place);
  return is_linear (stub, &place) ? 0 : place.base;
}

gboolean
astern_gdb_register_value (AsternGdbStub *stub, guint cpu, guint number, guint64 *value)
{
  const AsternGdbRegister *reg = astern_gdb_target_register (stub->target, number);
  guint8 bytes[MOST_BYTES];

  if (reg == NULL || reg->bits > 64)
    return FALSE;
  read_register (stub, stub->machine->cpus[cpu], reg, bytes);
  *value = get_number (bytes, reg->bits / 8);
  return TRUE;
}

void
astern_gdb_say_register (AsternGdbStub *stub, GByteArray *out, guint cpu, guint number)
{
  const AsternGdbRegister *reg = astern_gdb_target_register (stub->target, number);
  guint8 bytes[MOST_BYTES];

  read_register (stub, astern_gdb_cpu (stub, cpu), reg, bytes);
  astern_gdb_say_hex (out, bytes, reg->bits / 8);
}

/* ---- changing ---- */

/* The value as the CPU takes it; FALSE: it cannot hold it. */
static gboolean
to_cpu (AsternGdbStub *stub, AsternCpu *cpu, const AsternGdbRegister *reg, guint8 bytes[MOST_BYTES])
{
  guint8 now[MOST_BYTES];
  guint64 base;

  read_cpu (cpu, reg, now);
  base = base_of (stub, cpu, reg, get_number (now, 8));
  if (base != 0)
    {
      guint64 offset = get_number (bytes, reg->bits / 8) - base;

      if (offset > G_MAXUINT16)
        return FALSE;
      set_number (bytes, 8, offset);
    }
  return TRUE;
}

/* A value that is there already is not written: it would begin a branch of history for nothing. */
static gboolean
write_register (AsternGdbStub *stub, guint index, const AsternGdbRegister *reg, const guint8 *value, GError **error)
{
  AsternCpu *cpu = astern_gdb_cpu (stub, index);
  guint8 bytes[MOST_BYTES] = { 0 };
  guint8 now[MOST_BYTES];

  read_register (stub, cpu, reg, now);
  if (memcmp (now, value, reg->bits / 8) == 0)
    return TRUE;
  memcpy (bytes, value, reg->bits / 8);
  if (reg->index < 0 || !to_cpu (stub, cpu, reg, bytes))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "The register %s cannot hold that.", reg->name);
      return FALSE;
    }
  return astern_debugger_write_register (stub->debugger, index, (guint) reg->index, bytes, error);
}

static AsternGdbOutcome
refuse_write (AsternGdbStub *stub, const GError *error)
{
  return astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, error != NULL ? error->message : NULL);
}

/* ---- packets ---- */

/* g */
AsternGdbOutcome
astern_gdb_read_all (AsternGdbStub *stub, AsternGdbCursor *in)
{
  guint cpu = stub->session.general_cpu;

  if (!astern_gdb_take_suffix (stub, in, &cpu) || !astern_gdb_at_end (in))
    return astern_gdb_malformed (stub);
  for (guint i = 0; i < stub->target->n_in_g; i++)
    astern_gdb_say_register (stub, stub->reply, cpu, i);
  return ASTERN_GDB_REPLY;
}

/* G XX…: all of `g`, or the first so many. */
AsternGdbOutcome
astern_gdb_write_all (AsternGdbStub *stub, AsternGdbCursor *in)
{
  g_autoptr (GByteArray) bytes = astern_gdb_take_bytes (in);
  guint cpu = stub->session.general_cpu;

  if (!astern_gdb_take_suffix (stub, in, &cpu) || !astern_gdb_at_end (in) || bytes->len == 0)
    return astern_gdb_malformed (stub);
  for (guint i = 0; i < stub->target->n_in_g; i++)
    {
      const AsternGdbRegister *reg = astern_gdb_target_register (stub->target, i);
      g_autoptr (GError) error = NULL;

      if (reg->offset + reg->bits / 8 > bytes->len)
        break;
      if (!write_register (stub, cpu, reg, bytes->data + reg->offset, &error))
        return refuse_write (stub, error);
    }
  return astern_gdb_ok (stub);
}

/* p N */
AsternGdbOutcome
astern_gdb_read_one (AsternGdbStub *stub, AsternGdbCursor *in)
{
  guint cpu = stub->session.general_cpu;
  guint64 number;

  if (!astern_gdb_take_hex (in, &number) || !astern_gdb_take_suffix (stub, in, &cpu) || !astern_gdb_at_end (in))
    return astern_gdb_malformed (stub);
  if (astern_gdb_target_register (stub->target, number) == NULL)
    return astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, "There is no register of that number.");
  astern_gdb_say_register (stub, stub->reply, cpu, (guint) number);
  return ASTERN_GDB_REPLY;
}

/* P N=XX… */
AsternGdbOutcome
astern_gdb_write_one (AsternGdbStub *stub, AsternGdbCursor *in)
{
  guint cpu = stub->session.general_cpu;
  guint64 number;
  guint8 value[MOST_BYTES];
  const AsternGdbRegister *reg;
  g_autoptr (GError) error = NULL;

  if (!astern_gdb_take_hex (in, &number) || !astern_gdb_take_char (in, '='))
    return astern_gdb_malformed (stub);
  reg = astern_gdb_target_register (stub->target, number);
  if (reg == NULL)
    return astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, "There is no register of that number.");
  if (!astern_gdb_take_bytes_into (in, value, reg->bits / 8) || !astern_gdb_take_suffix (stub, in, &cpu) ||
      !astern_gdb_at_end (in))
    return astern_gdb_malformed (stub);
  if (!write_register (stub, cpu, reg, value, &error))
    return refuse_write (stub, error);
  return astern_gdb_ok (stub);
}
