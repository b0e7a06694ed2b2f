/* debugger-shift.c - another engine takes the machine over: now, at an address, at a time. */
#include "config.h"

#include "core/debugger-private.h"

#include <glib/gi18n.h>

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, text);
  return FALSE;
}

/* Whether this run may go on otherwise than it would by itself. */
static gboolean
may_shift (AsternDebugger *debugger, GError **error)
{
  const AsternInputs *inputs = debugger->machine->inputs;

  if (astern_inputs_is_recorded (inputs))
    return refuse (error, _("This run is recorded, and has to stay one that can be repeated; shift in one without “-record”."));
  if (astern_inputs_is_replay ((AsternInputs *) inputs) && !astern_timeline_in_past (debugger->timeline))
    return refuse (error, _("This is a replay, which has to go as it went; go back a little, and “branch” first."));
  if (debugger->moving)
    return refuse (error, _("Another move is under way; wait for its end, or interrupt it."));
  return TRUE;
}

static AsternEngine *
engine_by_name (AsternMachine *machine, const char *name, GError **error)
{
  AsternEngine *engine = astern_machine_find_engine (machine, name);

  if (engine != NULL)
    return engine;
  if (machine->make_engine != NULL)
    return machine->make_engine (machine, name, error);
  refuse (error, _("This machine has one engine only."));
  return NULL;
}

gboolean
astern_debugger_shift (AsternDebugger *debugger, const char *name, GError **error)
{
  AsternMachine *machine = debugger->machine;
  AsternEngine *engine;

  if (!may_shift (debugger, error))
    return FALSE;
  engine = engine_by_name (machine, name, error);
  if (engine == NULL)
    return FALSE;
  if (engine == machine->engine)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _("The engine “%s” runs the machine already."), name);
      return FALSE;
    }
  if (engine->klass->can_take != NULL && !engine->klass->can_take (engine, error))
    return FALSE;
  astern_debugger_branch (debugger);
  astern_machine_shift (machine, engine);
  astern_timeline_restart (debugger->timeline);
  for (guint i = 0; i < debugger->clients->len; i++)
    {
      AsternClient *client = g_ptr_array_index (debugger->clients, i);

      if (client->funcs.shifted != NULL)
        client->funcs.shifted (client->user);
    }
  debugger_signal (debugger, SIGNAL_MOVED);
  debugger_signal (debugger, SIGNAL_POINTS_CHANGED);
  return TRUE;
}

/* ---- later ---- */

static void
time_has_come (gpointer data)
{
  AsternDebugger *debugger = data;

  debugger->shift_due = TRUE;
  astern_machine_stop (debugger->machine, ASTERN_STOP_REQUESTED, debugger->machine->running_cpu, 0, NULL);
}

void
debugger_shift_init (AsternDebugger *debugger)
{
  astern_timer_init (&debugger->shift_timer, &debugger->machine->clock, "shift", &debugger->shift_ns, time_has_come, debugger);
}

void
debugger_shift_free (AsternDebugger *debugger)
{
  g_ptr_array_remove (debugger->machine->clock.timers, &debugger->shift_timer);
  astern_clock_rebuild (&debugger->machine->clock);
  g_free (debugger->shift_name);
}

gboolean
astern_debugger_shift_at (AsternDebugger *debugger, const char *name, guint64 address, guint64 ns, GError **error)
{
  AsternPoint point = {
    .kind = ASTERN_POINT_EXECUTE, .space = ASTERN_SPACE_LINEAR, .start = address, .size = 1, .address_space = ASTERN_POINT_ANY,
    .cpu = ASTERN_POINT_ANY, .error_code = ASTERN_POINT_ANY, .enabled = TRUE,
  };

  if (!may_shift (debugger, error) || engine_by_name (debugger->machine, name, error) == NULL)
    return FALSE;
  if (address != ASTERN_POINT_ANY)
    debugger->shift_point = astern_debugger_add_point (debugger, NULL, &point, error);
  if (address != ASTERN_POINT_ANY && debugger->shift_point == NULL)
    return FALSE;
  g_free (debugger->shift_name);
  debugger->shift_name = g_strdup (name);
  astern_timer_set (&debugger->shift_timer, ns);
  return TRUE;
}

static gboolean
is_for_shift (AsternDebugger *debugger, const AsternStop *stop)
{
  gboolean due = debugger->shift_due;

  if (debugger->shift_name == NULL)
    return FALSE;
  if (due && (stop->reason == ASTERN_STOP_NONE || stop->reason == ASTERN_STOP_REQUESTED))
    return TRUE;
  return debugger->shift_point != NULL && stop->reason == ASTERN_STOP_POINT &&
         astern_points_last_hit (debugger->machine->points)->point == debugger->shift_point;
}

gboolean
debugger_shift_came (AsternDebugger *debugger, const AsternStop *stop)
{
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;
  AsternDebuggerStop why = { .why = ASTERN_WHY_FAILED, .cpu = stop->cpu };

  if (!is_for_shift (debugger, stop))
    return FALSE;
  name = g_steal_pointer (&debugger->shift_name);
  debugger->shift_due = FALSE;
  astern_timer_cancel (&debugger->shift_timer);
  if (debugger->shift_point != NULL)
    astern_debugger_remove_point (debugger, g_steal_pointer (&debugger->shift_point));
  if (astern_debugger_shift (debugger, name, &error))
    return TRUE;
  g_strlcpy (why.message, error->message, sizeof why.message);
  for (guint i = 0; i < debugger->clients->len && why.client == NULL; i++)
    {
      why.client = g_ptr_array_index (debugger->clients, i);
      why.client->person->holds = TRUE;
    }
  debugger_stopped (debugger, &why);
  return TRUE;
}
