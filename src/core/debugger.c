/* debugger.c - the object: clients, votes, the queue, running; see debugger.h. */
#include "config.h"

#include "core/debugger-private.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (AsternDebugger, astern_debugger, G_TYPE_OBJECT)

static guint signals[N_DEBUGGER_SIGNALS];

typedef struct
{
  void         (*func) (AsternDebugger *debugger, gpointer data);
  gpointer       data;
  GDestroyNotify free_data;
} Call;

static void
free_call (gpointer data)
{
  Call *call = data;

  if (call->free_data != NULL)
    call->free_data (call->data);
  g_free (call);
}

static void
finalize (GObject *object)
{
  AsternDebugger *debugger = ASTERN_DEBUGGER (object);

  g_async_queue_unref (debugger->calls);
  g_ptr_array_unref (debugger->clients);
  debugger_shift_free (debugger);
  astern_timeline_free (debugger->timeline);
  g_clear_pointer (&debugger->context, g_main_context_unref);
  g_mutex_clear (&debugger->signals);
  G_OBJECT_CLASS (astern_debugger_parent_class)->finalize (object);
}

static void
astern_debugger_class_init (AsternDebuggerClass *klass)
{
  static const char *const names[N_DEBUGGER_SIGNALS] = { "running", "stopped", "moved", "points-changed" };

  G_OBJECT_CLASS (klass)->finalize = finalize;
  for (guint i = 0; i < N_DEBUGGER_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], ASTERN_TYPE_DEBUGGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
astern_debugger_init (AsternDebugger *debugger)
{
  debugger->calls = g_async_queue_new_full (free_call);
  debugger->clients = g_ptr_array_new_with_free_func (g_free);
  g_mutex_init (&debugger->signals);
}

/* ---- signals: one pending of each kind ---- */

static gboolean
emit_pending (gpointer data)
{
  AsternDebugger *debugger = data;
  guint pending;

  g_mutex_lock (&debugger->signals);
  pending = debugger->pending;
  debugger->pending = 0;
  g_mutex_unlock (&debugger->signals);
  for (guint i = 0; i < N_DEBUGGER_SIGNALS; i++)
    if (pending >> i & 1)
      g_signal_emit (debugger, signals[i], 0);
  return G_SOURCE_REMOVE;
}

void
debugger_signal (AsternDebugger *debugger, guint signal)
{
  gboolean first;
  GSource *source;

  if (debugger->context == NULL)
    return;
  g_mutex_lock (&debugger->signals);
  first = debugger->pending == 0;
  debugger->pending |= 1u << signal;
  g_mutex_unlock (&debugger->signals);
  if (!first)
    return;
  source = g_idle_source_new ();
  g_source_set_callback (source, emit_pending, g_object_ref (debugger), g_object_unref);
  g_source_attach (source, debugger->context);
  g_source_unref (source);
}

/* ---- the object ---- */

static void poke (gpointer receiver, gconstpointer data, gsize size);

AsternDebugger *
astern_debugger_new (AsternMachine *machine, const AsternTimelineOptions *history, GMainContext *context)
{
  AsternDebugger *debugger = g_object_new (ASTERN_TYPE_DEBUGGER, NULL);

  debugger->machine = machine;
  debugger->context = context != NULL ? g_main_context_ref (context) : NULL;
  debugger->poke_port = astern_inputs_add_port (machine->inputs, "debugger", poke, debugger);
  debugger->timeline = astern_timeline_new (machine, history);
  debugger_shift_init (debugger);
  debugger->last = (AsternDebuggerStop) { .why = ASTERN_WHY_START, .moment = astern_clock_moment (&machine->clock) };
  return debugger;
}

AsternMachine *
astern_debugger_machine (AsternDebugger *debugger)
{
  return debugger->machine;
}

AsternTimeline *
astern_debugger_timeline (AsternDebugger *debugger)
{
  return debugger->timeline;
}

AsternPoints *
astern_debugger_points (AsternDebugger *debugger)
{
  return debugger->machine->points;
}

void
astern_debugger_set_stop_at (AsternDebugger *debugger, AsternMoment moment)
{
  debugger->stop_at = moment;
  debugger->stops_at = moment.icount != G_MAXUINT64;
}

void
astern_debugger_set_known (AsternDebugger *debugger, AsternMoment moment, gboolean ends)
{
  debugger->known = moment;
  debugger->known_ends = ends;
  astern_timeline_set_known (debugger->timeline, moment);
}

const AsternDebuggerStop *
astern_debugger_last_stop (AsternDebugger *debugger)
{
  return &debugger->last;
}

/* ---- calls from other threads ---- */

void
astern_debugger_call (AsternDebugger *debugger, void (*func) (AsternDebugger *debugger, gpointer data), gpointer data,
                      GDestroyNotify free_data)
{
  Call *call = g_new (Call, 1);

  *call = (Call) { func, data, free_data };
  g_async_queue_push (debugger->calls, call);
  astern_machine_kick (debugger->machine, TRUE);
}

typedef struct
{
  void   (*func) (AsternDebugger *debugger, gpointer data);
  gpointer data;
  GMutex   mutex;
  GCond    cond;
  gboolean done;
} Waiting;

static void
run_waiting (AsternDebugger *debugger, gpointer data)
{
  Waiting *waiting = data;

  waiting->func (debugger, waiting->data);
}

static void
wake_waiting (gpointer data)
{
  Waiting *waiting = data;

  g_mutex_lock (&waiting->mutex);
  waiting->done = TRUE;
  g_cond_signal (&waiting->cond);
  g_mutex_unlock (&waiting->mutex);
}

void
astern_debugger_call_and_wait (AsternDebugger *debugger, void (*func) (AsternDebugger *debugger, gpointer data), gpointer data)
{
  Waiting waiting = { .func = func, .data = data };

  g_mutex_init (&waiting.mutex);
  g_cond_init (&waiting.cond);
  astern_debugger_call (debugger, run_waiting, &waiting, wake_waiting);
  g_mutex_lock (&waiting.mutex);
  while (!waiting.done)
    g_cond_wait (&waiting.cond, &waiting.mutex);
  g_mutex_unlock (&waiting.mutex);
  g_mutex_clear (&waiting.mutex);
  g_cond_clear (&waiting.cond);
}

static void
do_call (AsternDebugger *debugger, Call *call)
{
  call->func (debugger, call->data);
  free_call (call);
}

static void
do_nothing (AsternDebugger *debugger, gpointer data)
{
}

void
astern_debugger_quit (AsternDebugger *debugger)
{
  g_atomic_int_set (&debugger->quit, 1);
  g_atomic_int_set (&debugger->interrupted, 1);
  astern_debugger_call (debugger, do_nothing, NULL, NULL);
}

/* ---- clients and votes ---- */

AsternClient *
astern_debugger_attach (AsternDebugger *debugger, const AsternClientFuncs *funcs, gpointer user)
{
  AsternClient *client = g_new0 (AsternClient, 1);

  client->funcs = *funcs;
  client->user = user;
  client->person = client;
  g_ptr_array_add (debugger->clients, client);
  return client;
}

void
astern_debugger_share (AsternDebugger *debugger, AsternClient *client, AsternClient *first)
{
  first->person->holds |= client->holds;
  client->holds = FALSE;
  client->person = first->person;
}

void
astern_debugger_detach (AsternDebugger *debugger, AsternClient *client)
{
  for (guint i = astern_points_count (debugger->machine->points); i-- > 0;)
    {
      AsternPoint *point = astern_points_at (debugger->machine->points, i);

      if (point->owner == client)
        astern_debugger_remove_point (debugger, point);
    }
  if (debugger->mover == client)
    {
      debugger->mover = NULL;
      debugger->moving = FALSE;
    }
  if (debugger->last.client == client)
    debugger->last.client = NULL;
  g_atomic_pointer_compare_and_exchange (&debugger->interrupter, client, NULL);
  for (guint i = 0; i < debugger->clients->len; i++)
    {
      AsternClient *other = g_ptr_array_index (debugger->clients, i);

      if (other->person == client)
        other->person = other;
    }
  g_ptr_array_remove (debugger->clients, client);
}

static gboolean
anyone_holds (AsternDebugger *debugger)
{
  for (guint i = 0; i < debugger->clients->len; i++)
    if (((AsternClient *) g_ptr_array_index (debugger->clients, i))->holds)
      return TRUE;
  return FALSE;
}

gboolean
astern_debugger_is_running (AsternDebugger *debugger)
{
  return !debugger->ended && !anyone_holds (debugger);
}

void
astern_debugger_hold (AsternDebugger *debugger, AsternClient *client)
{
  gboolean was_running = astern_debugger_is_running (debugger);
  AsternDebuggerStop stop = { .why = ASTERN_WHY_PAUSED, .client = client };

  client->person->holds = TRUE;
  if (was_running)
    debugger_stopped (debugger, &stop);
}

void
astern_debugger_stay (AsternDebugger *debugger, AsternClient *client)
{
  client->person->holds = TRUE;
}

void
astern_debugger_release (AsternDebugger *debugger, AsternClient *client)
{
  client->person->holds = FALSE;
}

gboolean
astern_debugger_holds (AsternDebugger *debugger, AsternClient *client)
{
  return client->person->holds;
}

void
astern_debugger_interrupt (AsternDebugger *debugger, AsternClient *client)
{
  g_atomic_pointer_set (&debugger->interrupter, client);
  g_atomic_int_set (&debugger->interrupted, 1);
  astern_debugger_call (debugger, do_nothing, NULL, NULL);
}

gboolean
debugger_cancelled (gpointer data)
{
  AsternDebugger *debugger = data;

  return g_atomic_int_get (&debugger->interrupted) != 0;
}

/* ---- stops ---- */

void
debugger_stopped (AsternDebugger *debugger, AsternDebuggerStop *stop)
{
  g_autoptr (GPtrArray) clients = g_ptr_array_copy (debugger->clients, NULL, NULL);

  g_ptr_array_set_free_func (clients, NULL);
  stop->moment = astern_timeline_present (debugger->timeline);
  for (guint i = 0; i < debugger->machine->n_cpus; i++)
    if (debugger->machine->cpus[i]->sync_out != NULL)
      debugger->machine->cpus[i]->sync_out (debugger->machine->cpus[i]);
  debugger->last = *stop;
  for (guint i = 0; i < clients->len; i++)
    {
      AsternClient *client = g_ptr_array_index (clients, i);

      if (g_ptr_array_find (debugger->clients, client, NULL) && client->funcs.stopped != NULL)
        client->funcs.stopped (client->user, &debugger->last);
    }
  debugger_signal (debugger, SIGNAL_STOPPED);
}

static void
tell_running (AsternDebugger *debugger)
{
  for (guint i = 0; i < debugger->clients->len; i++)
    {
      AsternClient *client = g_ptr_array_index (debugger->clients, i);

      if (client->funcs.running != NULL)
        client->funcs.running (client->user);
    }
  debugger_signal (debugger, SIGNAL_RUNNING);
}

static void
hold_for (AsternDebugger *debugger, gpointer client)
{
  if (client != NULL && g_ptr_array_find (debugger->clients, client, NULL))
    ((AsternClient *) client)->person->holds = TRUE;
}

void
debugger_run_ended (AsternDebugger *debugger, const AsternStop *stop)
{
  AsternDebuggerStop why = { .move = debugger->request.move, .cpu = stop->cpu, .client = debugger->mover };

  switch (stop->reason)
    {
    case ASTERN_STOP_NONE:
    case ASTERN_STOP_REQUESTED:
      if (!g_atomic_int_compare_and_exchange (&debugger->interrupted, 1, 0))
        return;
      why.why = ASTERN_WHY_PAUSED;
      why.client = g_atomic_pointer_get (&debugger->interrupter);
      break;
    case ASTERN_STOP_ICOUNT:
      why.why = ASTERN_WHY_ICOUNT;
      debugger->stops_at = FALSE;
      break;
    case ASTERN_STOP_HEAD:
      why.why = ASTERN_WHY_END_OF_HISTORY;
      break;
    case ASTERN_STOP_POINT:
      why.why = ASTERN_WHY_POINT;
      why.hit = *astern_points_last_hit (debugger->machine->points);
      why.cpu = why.hit.cpu;
      if (why.hit.point != NULL)
        {
          why.client = why.hit.point->owner;
          why.point_id = why.hit.point->id;
        }
      break;
    case ASTERN_STOP_POWER_OFF:
    case ASTERN_STOP_RESET:
    case ASTERN_STOP_DEBUG_EXIT:
    case ASTERN_STOP_TRIPLE_FAULT:
    case ASTERN_STOP_PANIC:
    case ASTERN_STOP_DEADLOCK:
      why.why = ASTERN_WHY_GUEST;
      why.guest = *stop;
      debugger->ended = TRUE;
      break;
    }
  hold_for (debugger, why.client);
  debugger->mover = NULL;
  debugger_stopped (debugger, &why);
}

void
astern_debugger_go_on (AsternDebugger *debugger)
{
  debugger->ended = FALSE;
}

/* ---- serving ---- */

void
debugger_log_hit (gpointer data, const AsternHit *hit)
{
  AsternDebugger *debugger = data;
  gpointer owner = hit->point != NULL ? hit->point->owner : NULL;

  if (owner != NULL && g_ptr_array_find (debugger->clients, owner, NULL) && ((AsternClient *) owner)->funcs.logged != NULL)
    ((AsternClient *) owner)->funcs.logged (((AsternClient *) owner)->user, hit);
}

static void
run_free (AsternDebugger *debugger)
{
  AsternMoment until = debugger->stops_at ? debugger->stop_at : (AsternMoment) { G_MAXUINT64, 0 };
  AsternPoints *points = debugger->machine->points;
  const AsternStop *stop;

  astern_points_set_mode (points, ASTERN_POINTS_STOP, debugger_log_hit, debugger);
  astern_points_resume_at (points, astern_timeline_present (debugger->timeline));
  stop = astern_timeline_run (debugger->timeline, until);
  astern_points_set_mode (points, ASTERN_POINTS_OFF, NULL, NULL);
  if (!debugger_shift_came (debugger, stop))
    debugger_run_ended (debugger, stop);
}

void
astern_debugger_serve (AsternDebugger *debugger)
{
  gboolean running = FALSE;
  Call *call;

  while (!g_atomic_int_get (&debugger->quit))
    {
      /* What was asked for after a move finds it made. */
      while (!g_atomic_int_get (&debugger->quit) && !debugger->moving
             && (call = g_async_queue_try_pop (debugger->calls)) != NULL)
        do_call (debugger, call);
      if (g_atomic_int_get (&debugger->quit))
        break;
      if (debugger->moving)
        {
          tell_running (debugger);
          debugger_make_move (debugger);
          running = FALSE;
        }
      else if (!astern_debugger_is_running (debugger))
        {
          running = FALSE;
          do_call (debugger, g_async_queue_pop (debugger->calls));
        }
      else
        {
          if (!running)
            tell_running (debugger);
          running = TRUE;
          run_free (debugger);
        }
    }
}

/* ---- points ---- */

static void
points_changed (AsternDebugger *debugger)
{
  for (guint i = 0; i < debugger->clients->len; i++)
    {
      AsternClient *client = g_ptr_array_index (debugger->clients, i);

      if (client->funcs.points_changed != NULL)
        client->funcs.points_changed (client->user);
    }
  debugger_signal (debugger, SIGNAL_POINTS_CHANGED);
}

AsternPoint *
astern_debugger_add_point (AsternDebugger *debugger, AsternClient *client, const AsternPoint *point, GError **error)
{
  AsternPoint copy = *point;
  AsternPoint *added;

  if (!(debugger->machine->engine->klass->capabilities & ASTERN_CAN_BREAK))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _("The engine “%s” has no breakpoints yet; start with “-accel translate” for them."),
                   debugger->machine->engine->klass->name);
      return NULL;
    }
  copy.owner = client;
  added = astern_points_add (debugger->machine->points, &copy);
  points_changed (debugger);
  return added;
}

void
astern_debugger_remove_point (AsternDebugger *debugger, AsternPoint *point)
{
  if (debugger->last.hit.point == point)
    debugger->last.hit.point = NULL;
  astern_points_remove (debugger->machine->points, point);
  points_changed (debugger);
}

void
astern_debugger_point_changed (AsternDebugger *debugger, AsternPoint *point)
{
  astern_points_changed (debugger->machine->points, point);
  points_changed (debugger);
}

const char *
astern_debugger_client_name (AsternDebugger *debugger, gconstpointer client)
{
  for (guint i = 0; i < debugger->clients->len; i++)
    if (g_ptr_array_index (debugger->clients, i) == client)
      return ((const AsternClient *) client)->funcs.name;
  return NULL;
}

/* ---- changes: through the door ---- */

enum { POKE_MEMORY, POKE_REGISTER, POKE_PORT, POKE_NMI, POKE_RESET };

typedef struct
{
  guint64 address;     /* physical; the register's index; the port */
  guint32 size;
  guint8  kind, cpu, reserved[2];
  guint8  bytes[];
} Poke;

static void
poke_register (AsternMachine *machine, const Poke *what)
{
  AsternCpu *cpu = machine->cpus[what->cpu];

  cpu->sync_out (cpu);
  cpu->klass->write_register (cpu, (guint) what->address, what->bytes);
  cpu->sync_in (cpu);
}

static void
poke_port (AsternMachine *machine, const Poke *what)
{
  AsternAccess access = { { what->address }, (guint8) what->size, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };
  guint64 value = 0;

  memcpy (&value, what->bytes, MIN (what->size, sizeof value));
  astern_bus_write (machine->ports, &access, value);
}

static void
poke (gpointer receiver, gconstpointer data, gsize size)
{
  AsternDebugger *debugger = receiver;
  AsternMachine *machine = debugger->machine;
  g_autofree Poke *what = g_memdup2 (data, size);

  if (size < sizeof *what || what->cpu >= machine->n_cpus || size - sizeof *what < what->size)
    return;                              /* a recording's bytes are foreign */
  switch (what->kind)
    {
    case POKE_MEMORY:
      astern_points_mute (machine->points, TRUE);
      astern_bus_write_bytes (machine->physical, (AsternPaddr) { what->address }, what->bytes, what->size, ASTERN_ORIGIN_DEBUGGER);
      astern_points_mute (machine->points, FALSE);
      break;
    case POKE_REGISTER:
      if (what->address < machine->cpus[what->cpu]->klass->n_registers
          && what->size * 8 >= machine->cpus[what->cpu]->klass->registers[what->address].bits)
        poke_register (machine, what);
      break;
    case POKE_PORT:
      poke_port (machine, what);
      break;
    case POKE_NMI:
      for (guint i = 0; i < machine->n_cpus; i++)
        astern_cpu_set_pin (machine->cpus[i], ASTERN_PIN_NMI, 1);
      break;
    case POKE_RESET:
      if (machine->restart != NULL)
        machine->restart (machine);
      else
        astern_machine_reset (machine);
      break;
    }
}

void
debugger_before_change (AsternDebugger *debugger)
{
  debugger->ended = FALSE;
  astern_debugger_branch (debugger);
}

guint
astern_debugger_branch (AsternDebugger *debugger)
{
  AsternMoment at = astern_timeline_present (debugger->timeline);
  guint id = astern_timeline_branch (debugger->timeline);

  if (id == 0)
    return 0;
  for (guint i = 0; i < debugger->clients->len; i++)
    {
      AsternClient *client = g_ptr_array_index (debugger->clients, i);

      if (client->funcs.branched != NULL)
        client->funcs.branched (client->user, at);
    }
  return id;
}

static void
deliver_poke (AsternDebugger *debugger, guint8 kind, guint cpu, guint64 address, gconstpointer bytes, gsize size)
{
  g_autofree Poke *what = g_malloc0 (sizeof *what + size);

  *what = (Poke) { .address = address, .size = (guint32) size, .kind = kind, .cpu = (guint8) cpu };
  if (size > 0)
    memcpy (what->bytes, bytes, size);
  debugger_before_change (debugger);
  astern_inputs_deliver_now (debugger->machine->inputs, debugger->poke_port, what, sizeof *what + size);
  for (guint i = 0; i < debugger->machine->n_cpus; i++)
    debugger->machine->cpus[i]->sync_out (debugger->machine->cpus[i]);
  debugger_signal (debugger, SIGNAL_MOVED);
}

/* ---- looking ---- */

gboolean
astern_debugger_translate (AsternDebugger *debugger, guint cpu, guint64 linear, guint64 *physical)
{
  AsternCpu *c = debugger->machine->cpus[cpu];

  return c->klass->translate (c, linear, physical);
}

/* Calls @visit for the pieces of [address, address + size), each within a page; returns how far it went. */
static gsize
by_pages (AsternDebugger *debugger, guint cpu, AsternSpace space, guint64 address, gsize size,
          void (*visit) (AsternDebugger *debugger, guint64 physical, gsize at, gsize n, gpointer data), gpointer data)
{
  gsize done = 0;

  while (done < size)
    {
      gsize n = MIN (size - done, ASTERN_PAGE_SIZE - ((address + done) & ASTERN_PAGE_MASK));
      guint64 physical = address + done;

      if (space != ASTERN_SPACE_PHYSICAL && !astern_debugger_translate (debugger, cpu, address + done, &physical))
        break;
      if (visit != NULL)
        visit (debugger, physical, done, n, data);
      done += n;
    }
  return done;
}

static void
read_piece (AsternDebugger *debugger, guint64 physical, gsize at, gsize n, gpointer data)
{
  astern_bus_read_bytes (debugger->machine->physical, (AsternPaddr) { physical }, (guint8 *) data + at, n,
                         ASTERN_ORIGIN_DEBUGGER);
}

gsize
astern_debugger_read_memory (AsternDebugger *debugger, guint cpu, AsternSpace space, guint64 address, gpointer data, gsize size)
{
  return by_pages (debugger, cpu, space, address, size, read_piece, data);
}

static void
write_piece (AsternDebugger *debugger, guint64 physical, gsize at, gsize n, gpointer data)
{
  deliver_poke (debugger, POKE_MEMORY, 0, physical, (const guint8 *) data + at, n);
}

gboolean
astern_debugger_write_memory (AsternDebugger *debugger, guint cpu, AsternSpace space, guint64 address, gconstpointer data,
                              gsize size, GError **error)
{
  if (by_pages (debugger, cpu, space, address, size, NULL, NULL) < size)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("Nothing is mapped at %016" PRIx64 "; nothing was written."), address);
      return FALSE;
    }
  by_pages (debugger, cpu, space, address, size, write_piece, (gpointer) data);
  return TRUE;
}

gboolean
astern_debugger_write_register (AsternDebugger *debugger, guint cpu, guint reg, gconstpointer bytes, GError **error)
{
  AsternCpu *c = debugger->machine->cpus[cpu];
  gsize size = c->klass->registers[reg].bits / 8;
  g_autofree guint8 *before = g_malloc0 (size);
  gboolean possible;

  /* Tried out first, and put back: what the CPU could never hold leaves nothing in the journal. */
  c->sync_out (c);
  c->klass->read_register (c, reg, before);
  possible = c->klass->write_register (c, reg, bytes);
  if (possible)
    c->klass->write_register (c, reg, before);
  c->sync_in (c);
  if (!possible)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The register %s cannot hold that value."),
                   c->klass->registers[reg].name);
      return FALSE;
    }
  deliver_poke (debugger, POKE_REGISTER, cpu, reg, bytes, size);
  return TRUE;
}

guint64
astern_debugger_port_in (AsternDebugger *debugger, guint16 port, guint size)
{
  AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_DEBUGGER, 0 };

  return astern_bus_read (debugger->machine->ports, &access);
}

void
astern_debugger_port_out (AsternDebugger *debugger, guint16 port, guint size, guint64 value)
{
  deliver_poke (debugger, POKE_PORT, 0, port, &value, MIN (size, sizeof value));
}

void
astern_debugger_nmi (AsternDebugger *debugger)
{
  deliver_poke (debugger, POKE_NMI, 0, 0, NULL, 0);
}

void
astern_debugger_reset (AsternDebugger *debugger)
{
  deliver_poke (debugger, POKE_RESET, 0, 0, NULL, 0);
}
