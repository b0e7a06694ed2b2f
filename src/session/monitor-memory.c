/* monitor-memory.c - looking at memory: values, text, instructions.
 * Source: QEMU's manual for x, xp, print, memsave and pmemsave.
 *
 * An address that is looked at as code is linear; how it is decoded is the CPU's present mode, and in 16-bit code
 * the offset in CS stands beside it. */
#include "config.h"

#include "session/monitor-format.h"
#include "session/monitor-private.h"

#include "host/file.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)
#define BYTES_A_LINE 16
#define MOST_SAVED   (G_GUINT64_CONSTANT (1) << 40)
#define STRING_MAX   4096

/* Peeks; how many bytes could be read from the first on. */
static gsize
read_memory (AsternMonitor *monitor, AsternSpace space, guint64 address, gpointer data, gsize size)
{
  AsternCpu *cpu = astern_monitor_cpu (monitor);
  guint8 *to = data;
  gsize done = 0;

  while (done < size)
    {
      guint64 at = address + done, physical = at;
      gsize n = MIN (size - done, ASTERN_PAGE_SIZE - (at & ASTERN_PAGE_MASK));

      if (space == ASTERN_SPACE_LINEAR && !cpu->klass->translate (cpu, at, &physical))
        break;
      astern_bus_read_bytes (monitor->machine->physical, (AsternPaddr) { physical }, to + done, n, ASTERN_ORIGIN_DEBUGGER);
      done += n;
    }
  return done;
}

/* ---- x: values ---- */

static void
append_values (AsternMonitor *monitor, AsternSpace space, guint64 *address, const AsternMonitorFormat *format, GString *answer)
{
  guint a_line = format->letter == 'c' || format->size == 1 ? 8 : BYTES_A_LINE / format->size;

  for (guint i = 0; i < format->count; i++)
    {
      guint64 value = 0;

      if (read_memory (monitor, space, *address, &value, format->size) < format->size)
        {
          if (i % a_line != 0)
            g_string_append_c (answer, '\n');
          g_string_append_printf (answer, _("Cannot access memory at address 0x%" PRIx64 "\n"), *address);
          return;
        }
      if (i % a_line == 0)
        g_string_append_printf (answer, "%016" G_GINT64_MODIFIER "x:", *address);
      g_string_append_c (answer, ' ');
      astern_monitor_format_value (answer, format->letter, format->size, GUINT64_FROM_LE (value));
      *address += format->size;
      if (i % a_line == a_line - 1 || i == format->count - 1)
        g_string_append_c (answer, '\n');
    }
}

/* ---- x/s ---- */

static void
append_string (AsternMonitor *monitor, AsternSpace space, guint64 *address, GString *answer)
{
  guint8 byte;
  guint n = 0;

  g_string_append_printf (answer, "%016" G_GINT64_MODIFIER "x: \"", *address);
  while (read_memory (monitor, space, *address, &byte, 1) == 1)
    {
      ++*address;
      if (byte == '\0')
        {
          g_string_append (answer, "\"\n");
          return;
        }
      if (++n > STRING_MAX)
        break;
      if (byte == '"' || byte == '\\')
        g_string_append_printf (answer, "\\%c", byte);
      else if (byte >= 0x20 && byte < 0x7f)
        g_string_append_c (answer, (char) byte);
      else
        g_string_append_printf (answer, byte == '\n' ? "\\n" : byte == '\t' ? "\\t" : byte == '\r' ? "\\r" : "\\x%02x", byte);
    }
  g_string_append (answer, n > STRING_MAX ? _("\" and more\n") : _("\" and then nothing that is mapped\n"));
}

/* ---- x/i ---- */

static guint64
register_value (AsternCpu *cpu, const char *name)
{
  gint reg = astern_cpu_find_register (cpu->klass, name);
  guint8 bytes[64] = { 0 };
  guint64 value;

  g_assert (reg >= 0 && cpu->klass->registers[reg].bits <= 8 * sizeof bytes);
  cpu->klass->read_register (cpu, (guint) reg, bytes);
  memcpy (&value, bytes, sizeof value);
  return GUINT64_FROM_LE (value);
}

guint
astern_monitor_append_instruction (AsternMonitor *monitor, AsternSpace space, guint64 address, GString *answer)
{
  AsternCpu *cpu = astern_monitor_cpu (monitor);
  g_autofree char *name = NULL;
  AsternInstruction insn;
  AsternCodePlace place;
  guint8 bytes[ASTERN_INSTRUCTION_BYTES];
  gsize n;

  cpu->klass->code_place (cpu, &place);
  n = read_memory (monitor, space, address, bytes, sizeof bytes);
  astern_disassemble (monitor->disassembler, place.bits, place.base, address - place.base, bytes, n, &insn);
  name = space == ASTERN_SPACE_LINEAR ? astern_symbols_describe (monitor->session->launch->symbols, address) : NULL;
  g_string_append (answer, space == ASTERN_SPACE_LINEAR && address == place.linear ? "=> " : "   ");
  if (place.bits == 16)
    g_string_append_printf (answer, "%04x:%04x ", (guint) register_value (cpu, "cs"), (guint) (address - place.base) & 0xffff);
  g_string_append_printf (answer, "0x%0*" G_GINT64_MODIFIER "x%s%s%s: ", place.bits == 64 ? 16 : 8, address,
                          name != NULL ? " <" : "", name != NULL ? name : "", name != NULL ? ">" : "");
  for (guint i = 0; i < insn.size && i < n; i++)
    g_string_append_printf (answer, " %02x", bytes[i]);
  g_string_append_printf (answer, "%*s  %s\n", 3 * MAX (0, 8 - (int) MIN (insn.size, n)), "", insn.text);
  return n > 0 ? insn.size : 0;
}

static void
append_instructions (AsternMonitor *monitor, AsternSpace space, guint64 *address, guint count, GString *answer)
{
  while (count-- > 0)
    {
      guint size = astern_monitor_append_instruction (monitor, space, *address, answer);

      if (size == 0)
        return;
      *address += size;
    }
}

/* ---- x, xp ---- */

static gboolean
examine (AsternMonitor *monitor, AsternSpace space, const char *argument, GString *answer, GError **error)
{
  AsternMonitorFormat format = monitor->format;
  guint64 address = monitor->next_address;
  gboolean go_on = monitor->has_next_address;
  const char *rest;

  if (!astern_monitor_format_parse (argument, &format, &rest, error))
    return FALSE;
  if (rest[0] == '\0' && !go_on && format.letter == 'i')
    rest = "$pc";
  if (rest[0] == '\0' && !go_on)
    return astern_monitor_fail (error, _("There is no address to go on from; give one, as in “x/4gx $rsp”."));
  if (rest[0] != '\0' && !astern_monitor_evaluate (monitor, rest, &address, error))
    return FALSE;
  if (format.letter == 'i')
    append_instructions (monitor, space, &address, format.count, answer);
  else if (format.letter == 's')
    for (guint i = 0; i < format.count; i++)
      append_string (monitor, space, &address, answer);
  else
    append_values (monitor, space, &address, &format, answer);
  monitor->format = format;
  monitor->next_address = address;
  monitor->has_next_address = TRUE;
  return TRUE;
}

COMMAND (examine_linear)
{
  return examine (monitor, ASTERN_SPACE_LINEAR, argument, answer, error);
}

COMMAND (examine_physical)
{
  return examine (monitor, ASTERN_SPACE_PHYSICAL, argument, answer, error);
}

/* ---- print ---- */

COMMAND (print)
{
  AsternMonitorFormat format = { .size = 8, .letter = 'x' };
  const char *rest;
  guint64 value;

  if (!astern_monitor_format_parse (argument, &format, &rest, error))
    return FALSE;
  if (rest[0] == '\0')
    return astern_monitor_fail (error, _("“print” needs an expression, as in “print/x $rsp + 8”."));
  if (!astern_monitor_evaluate (monitor, rest, &value, error))
    return FALSE;
  if (argument[0] == '/')
    {
      g_autoptr (GString) text = g_string_new (NULL);

      astern_monitor_format_value (text, format.letter, format.size, value);
      g_string_append (answer, g_strchug (text->str));
    }
  else
    {
      g_autofree char *name = astern_symbols_describe (monitor->session->launch->symbols, value);

      g_string_append_printf (answer, "0x%" G_GINT64_MODIFIER "x", value);
      if (name != NULL)
        g_string_append_printf (answer, " <%s>", name);
    }
  g_string_append_c (answer, '\n');
  return TRUE;
}

/* ---- saving ---- */

static gboolean
save (AsternMonitor *monitor, AsternSpace space, const char *argument, GString *answer, GError **error)
{
  const char *rest = argument;
  g_autofree char *where = astern_monitor_word (&rest);
  g_autofree char *how_many = astern_monitor_word (&rest);
  g_autofree char *path = astern_monitor_word (&rest);
  g_autofree guint8 *data = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint64 address, size;
  gsize n;

  if (path == NULL)
    return astern_monitor_fail (error, _("An address, a size in bytes and a file are needed; an expression with spaces goes into parentheses."));
  if (!astern_monitor_evaluate (monitor, where, &address, error) || !astern_monitor_evaluate (monitor, how_many, &size, error))
    return FALSE;
  data = size <= MOST_SAVED ? g_try_malloc (MAX (size, 1)) : NULL;
  if (data == NULL)
    return astern_monitor_fail (error, _("%s bytes are more than can be saved at once."), how_many);
  n = read_memory (monitor, space, address, data, size);
  if (n < size)
    return astern_monitor_fail (error, _("Only %zu bytes are mapped there; nothing was written."), n);
  bytes = g_bytes_new_take (g_steal_pointer (&data), size);
  return astern_file_write (path, _("memory"), bytes, error);
}

COMMAND (memsave)
{
  return save (monitor, ASTERN_SPACE_LINEAR, argument, answer, error);
}

COMMAND (pmemsave)
{
  return save (monitor, ASTERN_SPACE_PHYSICAL, argument, answer, error);
}

#define E ASTERN_COMPLETES_EXPRESSION
#define F ASTERN_COMPLETES_FILE
const AsternMonitorCommand astern_monitor_memory_commands[] = {
  { "x",        NULL, N_("[/FORMAT] [ADDRESS]"), N_("memory at a linear address: “x/10i $pc”, “x/4gx $rsp”, “x/s name”; alone: go on"), E, examine_linear },
  { "xp",       NULL, N_("[/FORMAT] [ADDRESS]"), N_("the same at a physical address"), E, examine_physical },
  { "print",    "p",  N_("[/FORMAT] EXPRESSION"), N_("the value of an expression of registers, memory and symbols"), E, print },
  { "memsave",  NULL, N_("ADDRESS SIZE FILE"),   N_("write linear memory to a file"), F, memsave },
  { "pmemsave", NULL, N_("ADDRESS SIZE FILE"),   N_("write physical memory to a file"), F, pmemsave },
  { .words = NULL },
};
