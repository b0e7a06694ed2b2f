/* inputs.c - the door, see inputs.h.
 *
 * Any thread may queue; the machine's thread looks at one atomic word in
 * passing and takes the whole queue at its next poll point. */
#include "config.h"

#include "core/inputs.h"
#include "core/clock.h"

typedef struct
{
  char            *name;
  AsternInputFunc  deliver;
  gpointer         receiver;
} Port;

typedef struct
{
  guint   port;
  GBytes *data;
} Queued;

struct _AsternInputs
{
  AsternClock       *clock;
  GPtrArray         *ports;
  GMutex             mutex;
  GQueue             queue;          /* Queued; under the mutex */
  void             (*wake) (gpointer);   /* under the mutex */
  gpointer           wake_data;
  gint               pending;        /* atomic: the queue is not empty */
  AsternJournalFunc  append;
  gpointer           recorder;
  guint64            wall_clock_s;
  gboolean           replay, past;
  AsternJournal     *journal;
  AsternJournalPlace cursor;         /* before the next one to deliver */
  guint64            random[2];      /* seed, numbers drawn */
};

static void
free_port (gpointer data)
{
  Port *port = data;

  g_free (port->name);
  g_free (port);
}

static void
free_queued (gpointer data)
{
  Queued *queued = data;

  g_bytes_unref (queued->data);
  g_free (queued);
}

AsternInputs *
astern_inputs_new (AsternClock *clock)
{
  AsternInputs *inputs = g_new0 (AsternInputs, 1);

  inputs->clock = clock;
  inputs->journal = astern_journal_new ();
  inputs->ports = g_ptr_array_new_with_free_func (free_port);
  g_mutex_init (&inputs->mutex);
  g_queue_init (&inputs->queue);
  return inputs;
}

void
astern_inputs_free (AsternInputs *inputs)
{
  astern_journal_unref (inputs->journal);
  g_queue_clear_full (&inputs->queue, free_queued);
  g_mutex_clear (&inputs->mutex);
  g_ptr_array_unref (inputs->ports);
  g_free (inputs);
}

guint
astern_inputs_add_port (AsternInputs *inputs, const char *name, AsternInputFunc deliver, gpointer receiver)
{
  Port *port = g_new (Port, 1);

  *port = (Port) { g_strdup (name), deliver, receiver };
  g_ptr_array_add (inputs->ports, port);
  return inputs->ports->len - 1;
}

const char *
astern_inputs_port_name (AsternInputs *inputs, guint port)
{
  return ((Port *) g_ptr_array_index (inputs->ports, port))->name;
}

gboolean
astern_inputs_find_port (AsternInputs *inputs, const char *name, guint *port)
{
  for (guint i = 0; i < inputs->ports->len; i++)
    if (g_str_equal (astern_inputs_port_name (inputs, i), name))
      {
        *port = i;
        return TRUE;
      }
  return FALSE;
}

void
astern_inputs_queue (AsternInputs *inputs, guint port, GBytes *data)
{
  Queued *queued = g_new (Queued, 1);

  *queued = (Queued) { port, data };
  g_mutex_lock (&inputs->mutex);
  g_queue_push_tail (&inputs->queue, queued);
  g_atomic_int_set (&inputs->pending, 1);
  g_mutex_unlock (&inputs->mutex);
}

void
astern_inputs_wake (AsternInputs *inputs)
{
  void (*wake) (gpointer);
  gpointer wake_data;

  g_mutex_lock (&inputs->mutex);
  wake = inputs->wake;
  wake_data = inputs->wake_data;
  g_mutex_unlock (&inputs->mutex);
  if (wake != NULL)
    wake (wake_data);
}

void
astern_inputs_submit (AsternInputs *inputs, guint port, gconstpointer data, gsize size)
{
  astern_inputs_queue (inputs, port, g_bytes_new (data, size));
  astern_inputs_wake (inputs);
}

void
astern_inputs_set_wake (AsternInputs *inputs, void (*wake) (gpointer), gpointer data)
{
  g_mutex_lock (&inputs->mutex);
  inputs->wake = wake;
  inputs->wake_data = data;
  g_mutex_unlock (&inputs->mutex);
}

void
astern_inputs_journal_append (AsternInputs *inputs, const AsternInputEvent *event)
{
  astern_journal_append (inputs->journal, event);
}

void
astern_inputs_journal_continue (AsternInputs *inputs, const AsternJournalShelf *shelf)
{
  astern_journal_continue (inputs->journal, shelf);
}

void
astern_inputs_set_shelf (AsternInputs *inputs, const AsternJournalShelf *shelf)
{
  astern_journal_set_shelf (inputs->journal, shelf);
}

void
astern_inputs_set_replay (AsternInputs *inputs, gboolean replay)
{
  inputs->replay = replay;
}

gboolean
astern_inputs_is_deaf (AsternInputs *inputs)
{
  return inputs->replay || inputs->past;
}

static const AsternInputEvent *
next_event (AsternInputs *inputs)
{
  return astern_journal_at (inputs->journal, &inputs->cursor);
}

static void
seek_present (AsternInputs *inputs)
{
  inputs->cursor = astern_journal_find (inputs->journal, astern_clock_moment (inputs->clock));
}

void
astern_inputs_set_past (AsternInputs *inputs, gboolean past)
{
  inputs->past = past;
  seek_present (inputs);
}

void
astern_inputs_journal_cut (AsternInputs *inputs)
{
  seek_present (inputs);
  astern_journal_cut (inputs->journal, inputs->cursor);
  inputs->replay = FALSE;
}

AsternJournal *
astern_inputs_journal (AsternInputs *inputs)
{
  return inputs->journal;
}

void
astern_inputs_journal_replace (AsternInputs *inputs, AsternJournal *journal)
{
  astern_journal_ref (journal);
  astern_journal_unref (inputs->journal);
  inputs->journal = journal;
  seek_present (inputs);
}

gboolean
astern_inputs_is_replay (AsternInputs *inputs)
{
  return inputs->replay;
}

guint64
astern_inputs_next_icount (AsternInputs *inputs)
{
  const AsternInputEvent *next = next_event (inputs);

  return next != NULL ? next->moment.icount : G_MAXUINT64;
}

gboolean
astern_inputs_pending (AsternInputs *inputs)
{
  const AsternInputEvent *next = next_event (inputs);

  if (inputs->replay || inputs->past)
    return next != NULL && astern_moment_compare (next->moment, astern_clock_moment (inputs->clock)) <= 0;
  return g_atomic_int_get (&inputs->pending) != 0;
}

static void
deliver (AsternInputs *inputs, const Queued *queued)
{
  Port *port = g_ptr_array_index (inputs->ports, queued->port);
  AsternInputEvent event = { astern_clock_moment (inputs->clock), queued->port, queued->data };
  gsize size;
  gconstpointer data = g_bytes_get_data (queued->data, &size);

  if (!inputs->replay && !inputs->past)
    {
      astern_inputs_journal_append (inputs, &event);
      inputs->cursor = astern_journal_end (inputs->journal);
    }
  inputs->clock->s.step++;
  if (inputs->append != NULL && !inputs->past)
    inputs->append (inputs->recorder, &event);
  port->deliver (port->receiver, data, size);
}

gboolean
astern_inputs_poll (AsternInputs *inputs)
{
  GQueue taken;
  Queued *queued;

  if (!astern_inputs_pending (inputs))
    return FALSE;
  if (inputs->replay || inputs->past)
    {
      const AsternInputEvent *next = next_event (inputs);
      g_autoptr (GBytes) data = g_bytes_ref (next->data);

      inputs->cursor.line++;
      deliver (inputs, &(Queued) { next->port, data });
      return TRUE;
    }
  g_mutex_lock (&inputs->mutex);
  taken = inputs->queue;
  g_queue_init (&inputs->queue);
  g_atomic_int_set (&inputs->pending, 0);
  g_mutex_unlock (&inputs->mutex);
  while ((queued = g_queue_pop_head (&taken)) != NULL)
    {
      deliver (inputs, queued);
      free_queued (queued);
    }
  return TRUE;
}

void
astern_inputs_deliver_now (AsternInputs *inputs, guint port, gconstpointer data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  deliver (inputs, &(Queued) { port, bytes });
}

gboolean
astern_inputs_is_recorded (const AsternInputs *inputs)
{
  return inputs->append != NULL;
}

void
astern_inputs_set_journal (AsternInputs *inputs, AsternJournalFunc append, gpointer recorder)
{
  inputs->append = append;
  inputs->recorder = recorder;
}

guint64
astern_inputs_wall_clock_s (AsternInputs *inputs)
{
  return inputs->wall_clock_s;
}

void
astern_inputs_set_wall_clock (AsternInputs *inputs, guint64 seconds)
{
  inputs->wall_clock_s = seconds;
}

void
astern_inputs_set_seed (AsternInputs *inputs, guint64 seed)
{
  inputs->random[0] = seed;
  inputs->random[1] = 0;
}

/* A counter stepped by an odd constant and scrambled: the number after n draws
 * is known without making the ones before it. */
guint64
astern_inputs_random (AsternInputs *inputs)
{
  guint64 x = inputs->random[0] + ++inputs->random[1] * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  x = (x ^ x >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return x ^ x >> 31;
}

guint64 *
astern_inputs_random_state (AsternInputs *inputs)
{
  return inputs->random;
}
