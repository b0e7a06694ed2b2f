/* threads.c - CPUs as threads of one process.
 *
 * CPU N is thread N + 1 of process 1. */
#include "config.h"

#include "gdbstub/gdbstub-private.h"

#define PROCESS 1

/* -1, 0, or a number of one thread. */
static gboolean
take_number (AsternGdbCursor *in, gint64 *number)
{
  guint64 value;

  if (astern_gdb_take_word (in, "-1"))
    *number = -1;
  else if (astern_gdb_take_hex (in, &value) && value <= G_MAXINT32)
    *number = (gint64) value;
  else
    return FALSE;
  return TRUE;
}

gboolean
astern_gdb_take_thread (AsternGdbStub *stub, AsternGdbCursor *in, gint *cpu)
{
  gint64 process = PROCESS, thread = -1;

  if (astern_gdb_take_char (in, 'p'))
    {
      if (!take_number (in, &process) || (astern_gdb_take_char (in, '.') && !take_number (in, &thread)))
        return FALSE;
    }
  else if (!take_number (in, &thread))
    return FALSE;
  if (process > 0 && process != PROCESS)
    return FALSE;
  if (thread > (gint64) stub->machine->n_cpus)
    return FALSE;
  *cpu = thread == -1 ? ASTERN_GDB_ALL : thread == 0 ? ASTERN_GDB_ANY : (gint) thread - 1;
  return TRUE;
}

void
astern_gdb_say_thread (AsternGdbStub *stub, GByteArray *out, guint cpu)
{
  if (stub->session.multiprocess)
    astern_gdb_printf (out, "p%x.%x", PROCESS, cpu + 1);
  else
    astern_gdb_printf (out, "%x", cpu + 1);
}

gboolean
astern_gdb_take_suffix (AsternGdbStub *stub, AsternGdbCursor *in, guint *cpu)
{
  gint found;

  if (!stub->session.thread_suffix || !astern_gdb_take_word (in, ";thread:"))
    return TRUE;
  if (!astern_gdb_take_thread (stub, in, &found))
    return FALSE;
  astern_gdb_take_char (in, ';');
  if (found >= 0)
    *cpu = (guint) found;
  return TRUE;
}

char *
astern_gdb_thread_text (AsternGdbStub *stub, guint index)
{
  AsternCpu *cpu = astern_gdb_cpu (stub, index);
  const char *mode = cpu->klass->mode_name != NULL ? cpu->klass->mode_name (cpu) : "";

  return g_strdup_printf ("CPU %u [%s%s]", index, mode, index == stub->machine->running_cpu ? ", its turn" : "");
}

/* Hg THREAD, Hc THREAD */
AsternGdbOutcome
astern_gdb_set_thread (AsternGdbStub *stub, AsternGdbCursor *in)
{
  gboolean resume = astern_gdb_take_char (in, 'c');
  gint cpu;

  if ((!resume && !astern_gdb_take_char (in, 'g')) || !astern_gdb_take_thread (stub, in, &cpu) || !astern_gdb_at_end (in))
    return astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, "There is no such thread.");
  if (cpu >= 0 && resume)
    stub->session.resume_cpu = (guint) cpu;
  else if (cpu >= 0)
    stub->session.general_cpu = (guint) cpu;
  return astern_gdb_ok (stub);
}

/* T THREAD */
AsternGdbOutcome
astern_gdb_thread_alive (AsternGdbStub *stub, AsternGdbCursor *in)
{
  gint cpu;

  if (!astern_gdb_take_thread (stub, in, &cpu) || !astern_gdb_at_end (in))
    return astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, "There is no such thread.");
  return astern_gdb_ok (stub);
}

/* qC */
AsternGdbOutcome
astern_gdb_current_thread (AsternGdbStub *stub, AsternGdbCursor *in)
{
  astern_gdb_say (stub->reply, "QC");
  astern_gdb_say_thread (stub, stub->reply, stub->session.general_cpu);
  return ASTERN_GDB_REPLY;
}

/* qfThreadInfo: all at once ... */
AsternGdbOutcome
astern_gdb_first_threads (AsternGdbStub *stub, AsternGdbCursor *in)
{
  for (guint i = 0; i < stub->machine->n_cpus; i++)
    {
      astern_gdb_say (stub->reply, i == 0 ? "m" : ",");
      astern_gdb_say_thread (stub, stub->reply, i);
    }
  return ASTERN_GDB_REPLY;
}

/* ... and qsThreadInfo no more. */
AsternGdbOutcome
astern_gdb_more_threads (AsternGdbStub *stub, AsternGdbCursor *in)
{
  astern_gdb_say (stub->reply, "l");
  return ASTERN_GDB_REPLY;
}

/* qThreadExtraInfo,THREAD */
AsternGdbOutcome
astern_gdb_thread_extra (AsternGdbStub *stub, AsternGdbCursor *in)
{
  g_autofree char *text = NULL;
  gint cpu;

  if (!astern_gdb_take_char (in, ',') || !astern_gdb_take_thread (stub, in, &cpu) || cpu < 0)
    return astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, "There is no such thread.");
  text = astern_gdb_thread_text (stub, (guint) cpu);
  astern_gdb_say_hex_text (stub->reply, text);
  return ASTERN_GDB_REPLY;
}

/* qXfer:threads:read */
void
astern_gdb_threads_xml (AsternGdbStub *stub, GString *xml)
{
  g_string_append (xml, "<?xml version=\"1.0\"?>\n<threads>\n");
  for (guint i = 0; i < stub->machine->n_cpus; i++)
    {
      g_autoptr (GByteArray) id = g_byte_array_new ();
      g_autofree char *text = astern_gdb_thread_text (stub, i);
      g_autofree char *escaped = g_markup_escape_text (text, -1);

      astern_gdb_say_thread (stub, id, i);
      g_string_append_printf (xml, "<thread id=\"%.*s\" core=\"%u\" name=\"CPU#%u\">%s</thread>\n", (int) id->len,
                              (const char *) id->data, i, i, escaped);
    }
  g_string_append (xml, "</threads>\n");
}
