/* moves.c - continuing and stepping, forward and back; why the machine stopped.
 *
 * The CPUs take turns; one alone cannot be made to run.  So the actions of vCont come to this: if some thread
 * is to be stepped, that one's next instruction ends the move, and the others run as their turns come. */
#include "config.h"

#include "gdbstub/gdbstub-private.h"

#include <string.h>

/* ---- stop replies ---- */

static void
say_all_threads (AsternGdbStub *stub, GByteArray *out)
{
  astern_gdb_say (out, "threads:");
  for (guint i = 0; i < stub->machine->n_cpus; i++)
    astern_gdb_printf (out, "%s%x", i > 0 ? "," : "", i + 1);
  astern_gdb_say (out, ";thread-pcs:");
  for (guint i = 0; i < stub->machine->n_cpus; i++)
    astern_gdb_printf (out, "%s%" G_GINT64_MODIFIER "x", i > 0 ? "," : "", astern_gdb_pc (stub, i));
  astern_gdb_say (out, ";");
}

void
astern_gdb_stop_reply (AsternGdbStub *stub, GByteArray *out, guint cpu, guint signal, const char *reason)
{
  static const AsternGdbRole roles[] = { ASTERN_GDB_ROLE_FP, ASTERN_GDB_ROLE_SP, ASTERN_GDB_ROLE_PC };

  astern_gdb_printf (out, "T%02x%s", signal, reason != NULL ? reason : "");
  astern_gdb_say (out, "thread:");
  astern_gdb_say_thread (stub, out, cpu);
  astern_gdb_printf (out, ";core:%x;", cpu);
  for (gsize i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      guint number = astern_gdb_target_role (stub->target, roles[i]);

      astern_gdb_printf (out, "%02x:", number);
      astern_gdb_say_register (stub, out, cpu, number);
      astern_gdb_say (out, ";");
    }
  if (stub->session.threads_in_stop)
    say_all_threads (stub, out);
}

/* A breakpoint is named only where the program counter is its address: gdb takes it for one that
 * was removed meanwhile, and goes on, when there is none there. */
static char *
point_reason (AsternGdbStub *stub, const AsternDebuggerStop *stop)
{
  static const char *const watch_names[] = { [2] = "watch", [3] = "rwatch", [4] = "awatch" };
  const AsternGdbPoint *point = astern_gdb_point_by_id (stub, stop->point_id);
  gboolean told;

  if (point == NULL)
    return NULL;
  if (point->kind >= 2)
    {
      guint64 address = stop->hit.linear;

      if (address < point->address || address - point->address >= MAX (point->size, 1))   /* DMA; or it begins before */
        address = point->address;
      return g_strdup_printf ("%s:%" G_GINT64_MODIFIER "x;", watch_names[point->kind], address);
    }
  told = point->kind == 0 ? stub->session.swbreak : stub->session.hwbreak;
  if (!told || astern_gdb_pc (stub, stop->cpu) != point->address)
    return NULL;
  return g_strdup (point->kind == 0 ? "swbreak:;" : "hwbreak:;");
}

static guint
signal_of (const AsternDebuggerStop *stop)
{
  if (stop->why == ASTERN_WHY_PAUSED || stop->why == ASTERN_WHY_CANCELLED)
    return ASTERN_GDB_SIGINT;
  if (stop->why != ASTERN_WHY_GUEST)
    return ASTERN_GDB_SIGTRAP;
  return stop->guest.reason == ASTERN_STOP_TRIPLE_FAULT ? ASTERN_GDB_SIGSEGV
         : stop->guest.reason == ASTERN_STOP_POWER_OFF ? ASTERN_GDB_SIGTERM : ASTERN_GDB_SIGINT;
}

static char *
reason_of (AsternGdbStub *stub, const AsternDebuggerStop *stop)
{
  switch (stop->why)
    {
    case ASTERN_WHY_POINT:
      return point_reason (stub, stop);
    case ASTERN_WHY_START_OF_HISTORY:
      return g_strdup ("replaylog:begin;");
    case ASTERN_WHY_END_OF_HISTORY:
      return g_strdup ("replaylog:end;");
    default:
      return NULL;
    }
}

/* A sentence for the console, where the reply cannot say it. */
static void
explain (AsternGdbStub *stub, const AsternDebuggerStop *stop)
{
  gboolean silent = stop->why == ASTERN_WHY_MOVED || stop->why == ASTERN_WHY_PAUSED || stop->why == ASTERN_WHY_START ||
                    stop->why == ASTERN_WHY_START_OF_HISTORY || stop->why == ASTERN_WHY_END_OF_HISTORY ||
                    (stop->why == ASTERN_WHY_POINT && astern_gdb_point_by_id (stub, stop->point_id) != NULL);
  g_autofree char *sentence = silent ? NULL : astern_debugger_stop_text (stub->debugger, stop);
  g_autofree char *line = NULL;

  if (sentence == NULL)
    return;
  line = g_strconcat (sentence, "\n", NULL);
  astern_gdb_print (stub, line);
}

/* A guest that resets itself goes on. */
static gboolean
is_reset (AsternGdbStub *stub, const AsternDebuggerStop *stop)
{
  return stop->why == ASTERN_WHY_GUEST && stop->guest.reason == ASTERN_STOP_RESET && stub->continuing;
}

static gboolean
is_for_client (AsternGdbStub *stub, const AsternDebuggerStop *stop)
{
  return stop->client == stub->client || stop->why == ASTERN_WHY_GUEST || !stub->continuing;
}

void
astern_gdb_stopped (AsternGdbStub *stub, const AsternDebuggerStop *stop)
{
  g_autoptr (GByteArray) reply = NULL;
  g_autofree char *reason = NULL;

  gboolean goes_on = !stub->attached || (stub->resumed && is_reset (stub, stop));

  if (goes_on)   /* a stop holds for who asked for the move: a client that is gone, or that is not told of this */
    astern_debugger_release (stub->debugger, stub->client);
  if (goes_on || !stub->resumed || !is_for_client (stub, stop))
    return;
  g_atomic_int_set (&stub->moving, 0);
  astern_debugger_hold (stub->debugger, stub->client);
  explain (stub, stop);
  reply = g_byte_array_new ();
  reason = reason_of (stub, stop);
  stub->session.general_cpu = stub->session.resume_cpu = stop->cpu;
  astern_gdb_stop_reply (stub, reply, stop->cpu, signal_of (stop), reason);
  stub->resumed = FALSE;
  astern_gdb_send (stub, reply);
}

void
astern_gdb_report_interrupt (AsternGdbStub *stub)
{
  g_autoptr (GByteArray) reply = g_byte_array_new ();

  astern_gdb_stop_reply (stub, reply, stub->machine->running_cpu, ASTERN_GDB_SIGINT, NULL);
  stub->resumed = FALSE;
  astern_gdb_send (stub, reply);
}

void
astern_gdb_stub_ended (AsternGdbStub *stub, int status)
{
  g_autoptr (GByteArray) reply = g_byte_array_new ();

  if (!stub->attached || !stub->resumed)
    return;
  astern_gdb_printf (reply, "W%02x", (guint) status & 0xff);
  if (stub->session.multiprocess)
    astern_gdb_say (reply, ";process:1");
  stub->resumed = FALSE;
  astern_gdb_send (stub, reply);
}

/* ? */
AsternGdbOutcome
astern_gdb_why (AsternGdbStub *stub, AsternGdbCursor *in)
{
  astern_gdb_stop_reply (stub, stub->reply, stub->session.general_cpu, ASTERN_GDB_SIGTRAP, NULL);
  return ASTERN_GDB_REPLY;
}

/* ---- moves ---- */

static AsternGdbOutcome
begin (AsternGdbStub *stub, const AsternMoveRequest *request)
{
  g_autoptr (GError) error = NULL;

  if (astern_gdb_is_unwanted (stub))   /* the user was quicker than the machine */
    {
      astern_gdb_stop_reply (stub, stub->reply, request->cpu, ASTERN_GDB_SIGINT, NULL);
      return ASTERN_GDB_REPLY;
    }
  if (stub->resumed)
    return astern_gdb_refuse (stub, ASTERN_GDB_EBUSY, "The machine is running.");
  if (stub->funcs.released != NULL)
    stub->funcs.released (stub->funcs.user);
  stub->continuing = request->move == ASTERN_MOVE_CONTINUE;
  g_atomic_int_set (&stub->moving, !stub->continuing);
  if (!astern_debugger_move (stub->debugger, stub->client, request, &error))
    {
      g_atomic_int_set (&stub->moving, 0);
      return astern_gdb_refuse (stub, ASTERN_GDB_EPERM, error != NULL ? error->message : NULL);
    }
  /* Who looked at `moving` before it was set has left a sign before that. */
  if (!stub->continuing && astern_gdb_is_unwanted (stub))
    astern_debugger_interrupt (stub->debugger, stub->client);
  return ASTERN_GDB_LATER;
}

static AsternGdbOutcome
begin_move (AsternGdbStub *stub, AsternMove move, guint cpu)
{
  AsternMoveRequest request = { .move = move, .cpu = cpu, .into_interrupts = stub->session.into_interrupts };

  return begin (stub, &request);
}

/* vCont? */
AsternGdbOutcome
astern_gdb_vcont_query (AsternGdbStub *stub, AsternGdbCursor *in)
{
  astern_gdb_say (stub->reply, "vCont;c;C;s;S;t;r");
  return ASTERN_GDB_REPLY;
}

/* One action of vCont: [cCsStr][signal or range][:thread]. */
typedef struct
{
  char    what;
  guint64 start, end;     /* of r */
  gint    cpu;            /* or ASTERN_GDB_ALL */
} Action;

static gboolean
take_action (AsternGdbStub *stub, AsternGdbCursor *in, Action *action)
{
  guint64 signal;

  *action = (Action) { .cpu = ASTERN_GDB_ALL };
  if (astern_gdb_at_end (in))
    return FALSE;
  action->what = *in->at++;
  if (action->what == 'r' && (!astern_gdb_take_hex (in, &action->start) || !astern_gdb_take_char (in, ',') ||
                              !astern_gdb_take_hex (in, &action->end)))
    return FALSE;
  if ((action->what == 'C' || action->what == 'S') && !astern_gdb_take_hex (in, &signal))   /* machines know none */
    return FALSE;
  if (action->what == '\0' || strchr ("cCsStr", action->what) == NULL)
    return FALSE;
  return !astern_gdb_take_char (in, ':') || astern_gdb_take_thread (stub, in, &action->cpu);
}

/* For each CPU the first action that names it counts. */
static void
apply_action (AsternGdbStub *stub, const Action *action, Action *of_cpu)
{
  for (guint i = 0; i < stub->machine->n_cpus; i++)
    if (of_cpu[i].what == 0 && (action->cpu < 0 || (guint) action->cpu == i))
      of_cpu[i] = *action;
}

/* The CPU to be stepped, the one that gdb looks at before others; -1: none. */
static gint
stepped_cpu (AsternGdbStub *stub, const Action *of_cpu)
{
  guint n = stub->machine->n_cpus;

  for (guint i = 0; i < n; i++)
    {
      guint cpu = (stub->session.general_cpu + i) % n;

      if (of_cpu[cpu].what != 0 && strchr ("sSr", of_cpu[cpu].what) != NULL)
        return (gint) cpu;
    }
  return -1;
}

AsternGdbOutcome
astern_gdb_vcont (AsternGdbStub *stub, AsternGdbCursor *in)
{
  Action of_cpu[ASTERN_MAX_CPUS] = { { 0 } };
  Action action;
  gint cpu;
  AsternMoveRequest request = { .move = ASTERN_MOVE_STEP, .into_interrupts = stub->session.into_interrupts };

  while (astern_gdb_take_char (in, ';'))
    {
      if (!take_action (stub, in, &action))
        return astern_gdb_malformed (stub);
      apply_action (stub, &action, of_cpu);
    }
  if (!astern_gdb_at_end (in))
    return astern_gdb_malformed (stub);
  cpu = stepped_cpu (stub, of_cpu);
  if (cpu < 0)
    {
      for (guint i = 0; i < stub->machine->n_cpus; i++)
        if (of_cpu[i].what == 'c' || of_cpu[i].what == 'C')
          return begin_move (stub, ASTERN_MOVE_CONTINUE, i);
      return astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, "No thread is to go on.");
    }
  request.cpu = (guint) cpu;
  if (of_cpu[cpu].what == 'r' && of_cpu[cpu].start != of_cpu[cpu].end)
    {
      guint64 base = astern_gdb_pc_base (stub, request.cpu);

      request.range_start = of_cpu[cpu].start + base;
      request.range_end = of_cpu[cpu].end + base;
    }
  return begin (stub, &request);
}

/* ---- the older packets ---- */

/* An address: that is where it goes on. */
static gboolean
take_new_pc (AsternGdbStub *stub, AsternGdbCursor *in, AsternGdbOutcome *refused)
{
  guint64 address;
  guint number = astern_gdb_target_role (stub->target, ASTERN_GDB_ROLE_PC);
  guint bytes = astern_gdb_target_register (stub->target, number)->bits / 8;
  g_autoptr (GByteArray) text = g_byte_array_new ();
  AsternGdbCursor write;
  guint general = stub->session.general_cpu;

  if (astern_gdb_at_end (in))
    return TRUE;
  if (!astern_gdb_take_hex (in, &address) || !astern_gdb_at_end (in))
    {
      *refused = astern_gdb_malformed (stub);
      return FALSE;
    }
  address = GUINT64_TO_LE (address);
  astern_gdb_printf (text, "%x=", number);
  astern_gdb_say_hex (text, &address, bytes);
  write = (AsternGdbCursor) { (const char *) text->data, (const char *) text->data + text->len };
  stub->session.general_cpu = stub->session.resume_cpu;
  *refused = astern_gdb_write_one (stub, &write);
  stub->session.general_cpu = general;
  if (stub->reply->len > 0 && stub->reply->data[0] == 'E')
    return FALSE;
  g_byte_array_set_size (stub->reply, 0);
  return TRUE;
}

static AsternGdbOutcome
old_move (AsternGdbStub *stub, AsternGdbCursor *in, AsternMove move, gboolean with_signal)
{
  AsternGdbOutcome refused;
  guint64 signal;

  if (with_signal && !astern_gdb_take_hex (in, &signal))
    return astern_gdb_malformed (stub);
  if (with_signal)
    astern_gdb_take_char (in, ';');
  if (!take_new_pc (stub, in, &refused))
    return refused;
  return begin_move (stub, move, stub->session.resume_cpu);
}

/* c [ADDRESS] */
AsternGdbOutcome
astern_gdb_continue (AsternGdbStub *stub, AsternGdbCursor *in)
{
  return old_move (stub, in, ASTERN_MOVE_CONTINUE, FALSE);
}

/* C SIGNAL[;ADDRESS] */
AsternGdbOutcome
astern_gdb_continue_signal (AsternGdbStub *stub, AsternGdbCursor *in)
{
  return old_move (stub, in, ASTERN_MOVE_CONTINUE, TRUE);
}

/* s [ADDRESS] */
AsternGdbOutcome
astern_gdb_step (AsternGdbStub *stub, AsternGdbCursor *in)
{
  return old_move (stub, in, ASTERN_MOVE_STEP, FALSE);
}

/* S SIGNAL[;ADDRESS] */
AsternGdbOutcome
astern_gdb_step_signal (AsternGdbStub *stub, AsternGdbCursor *in)
{
  return old_move (stub, in, ASTERN_MOVE_STEP, TRUE);
}

static AsternGdbOutcome
move_back (AsternGdbStub *stub, AsternMove move)
{
  gboolean none = (astern_debugger_lacks (stub->debugger, move) & ASTERN_NEEDS_HISTORY) != 0;

  if (none && astern_timeline_wanted (astern_debugger_timeline (stub->debugger)))
    {
      g_autofree char *why = g_strdup_printf ("What the engine “%s” runs cannot be gone back in; “monitor shift translate” begins "
                                              "a history here.", astern_debugger_machine (stub->debugger)->engine->klass->name);

      return astern_gdb_refuse (stub, ASTERN_GDB_EPERM, why);
    }
  if (none)
    return astern_gdb_refuse (stub, ASTERN_GDB_EPERM, "There is no history; start without “-history off”.");
  return begin_move (stub, move, stub->session.resume_cpu);
}

/* bs */
AsternGdbOutcome
astern_gdb_back_step (AsternGdbStub *stub, AsternGdbCursor *in)
{
  return move_back (stub, ASTERN_MOVE_STEP_BACK);
}

/* bc */
AsternGdbOutcome
astern_gdb_back_continue (AsternGdbStub *stub, AsternGdbCursor *in)
{
  return move_back (stub, ASTERN_MOVE_CONTINUE_BACK);
}

/* vCtrlC */
AsternGdbOutcome
astern_gdb_ctrl_c (AsternGdbStub *stub, AsternGdbCursor *in)
{
  astern_debugger_hold (stub->debugger, stub->client);
  return astern_gdb_ok (stub);
}

/* ---- the ends ---- */

/* D, D;PROCESS */
AsternGdbOutcome
astern_gdb_detach (AsternGdbStub *stub, AsternGdbCursor *in)
{
  astern_gdb_ok (stub);
  astern_gdb_send (stub, stub->reply);
  astern_gdb_forget_client (stub);
  return ASTERN_GDB_SILENT;
}

static void
end_machine (AsternGdbStub *stub)
{
  stub->resumed = FALSE;
  if (stub->funcs.killed != NULL)
    stub->funcs.killed (stub->funcs.user);
  else
    astern_debugger_quit (stub->debugger);
}

/* k */
AsternGdbOutcome
astern_gdb_kill (AsternGdbStub *stub, AsternGdbCursor *in)
{
  end_machine (stub);
  return ASTERN_GDB_SILENT;
}

/* vKill;PROCESS */
AsternGdbOutcome
astern_gdb_vkill (AsternGdbStub *stub, AsternGdbCursor *in)
{
  guint64 process;

  if (!astern_gdb_take_char (in, ';') || !astern_gdb_take_hex (in, &process) || process != 1)
    return astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, "There is no such process.");
  astern_gdb_ok (stub);
  astern_gdb_send (stub, stub->reply);
  end_machine (stub);
  return ASTERN_GDB_SILENT;
}

/* ! */
AsternGdbOutcome
astern_gdb_extended (AsternGdbStub *stub, AsternGdbCursor *in)
{
  stub->session.extended = TRUE;
  return astern_gdb_ok (stub);
}

/* R: from the reset vector again. */
AsternGdbOutcome
astern_gdb_restart (AsternGdbStub *stub, AsternGdbCursor *in)
{
  if (stub->session.extended)
    astern_debugger_reset (stub->debugger);
  return ASTERN_GDB_SILENT;
}
