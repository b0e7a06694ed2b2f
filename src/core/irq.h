/* irq - a wire that carries a level from a device to whoever listens.
 *
 * A wire has no state of its own: the sender drives it again after its state
 * was loaded, the receiver keeps the level in its state and does not mind
 * hearing the same level twice.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include <glib.h>

typedef void (*AsternIrqFunc) (gpointer receiver, guint line, gboolean level);

typedef struct
{
  AsternIrqFunc changed;    /* NULL: not connected */
  gpointer      receiver;
  guint         line;       /* the receiver's number for it */
} AsternIrq;

static inline void
astern_irq_connect (AsternIrq *irq, AsternIrqFunc changed, gpointer receiver, guint line)
{
  irq->changed = changed;
  irq->receiver = receiver;
  irq->line = line;
}

static inline void
astern_irq_set (const AsternIrq *irq, gboolean level)
{
  if (irq->changed != NULL)
    irq->changed (irq->receiver, irq->line, level != FALSE);
}
