/* spice-loop.c - the main loop that libspice-server wants: timers and watches on the server's own context.
 * Source: spice-server's spice-core.h. */
#include "config.h"

#include "host/remote/spice-private.h"

#include <glib-unix.h>

/* The library calls back without saying whom it means. */
static GMainContext *the_context;

struct SpiceTimer
{
  SpiceTimerFunc func;
  void          *opaque;
  GSource       *source;            /* (nullable) it runs */
};

static SpiceTimer *
timer_add (SpiceTimerFunc func, void *opaque)
{
  SpiceTimer *timer = g_new0 (SpiceTimer, 1);

  timer->func = func;
  timer->opaque = opaque;
  return timer;
}

static void
timer_cancel (SpiceTimer *timer)
{
  if (timer->source == NULL)
    return;
  g_source_destroy (timer->source);
  g_clear_pointer (&timer->source, g_source_unref);
}

static gboolean
timer_expired (gpointer data)
{
  SpiceTimer *timer = data;

  timer_cancel (timer);
  timer->func (timer->opaque);
  return G_SOURCE_REMOVE;
}

static void
timer_start (SpiceTimer *timer, uint32_t ms)
{
  timer_cancel (timer);
  timer->source = g_timeout_source_new (ms);
  g_source_set_callback (timer->source, timer_expired, timer, NULL);
  g_source_attach (timer->source, the_context);
}

static void
timer_remove (SpiceTimer *timer)
{
  timer_cancel (timer);
  g_free (timer);
}

struct SpiceWatch
{
  int            fd;
  SpiceWatchFunc func;
  void          *opaque;
  GSource       *source;            /* (nullable) nothing is waited for */
};

static gboolean
watch_ready (gint fd, GIOCondition condition, gpointer data)
{
  SpiceWatch *watch = data;
  int events = (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR) ? SPICE_WATCH_EVENT_READ : 0)
               | (condition & G_IO_OUT ? SPICE_WATCH_EVENT_WRITE : 0);

  watch->func (fd, events, watch->opaque);      /* may remove the watch */
  return G_SOURCE_CONTINUE;
}

static void
watch_update_mask (SpiceWatch *watch, int mask)
{
  GIOCondition condition = (mask & SPICE_WATCH_EVENT_READ ? G_IO_IN | G_IO_HUP | G_IO_ERR : 0)
                           | (mask & SPICE_WATCH_EVENT_WRITE ? G_IO_OUT : 0);

  if (watch->source != NULL)
    {
      g_source_destroy (watch->source);
      g_clear_pointer (&watch->source, g_source_unref);
    }
  if (mask == 0)
    return;
  watch->source = g_unix_fd_source_new (watch->fd, condition);
  g_source_set_callback (watch->source, G_SOURCE_FUNC (watch_ready), watch, NULL);
  g_source_attach (watch->source, the_context);
}

static SpiceWatch *
watch_add (int fd, int mask, SpiceWatchFunc func, void *opaque)
{
  SpiceWatch *watch = g_new0 (SpiceWatch, 1);

  watch->fd = fd;
  watch->func = func;
  watch->opaque = opaque;
  watch_update_mask (watch, mask);
  return watch;
}

static void
watch_remove (SpiceWatch *watch)
{
  watch_update_mask (watch, 0);
  g_free (watch);
}

void
spice_loop_fill (SpiceCoreInterface *core, GMainContext *context)
{
  the_context = context;
  *core = (SpiceCoreInterface) {
    .base = { .type = SPICE_INTERFACE_CORE, .description = "main loop",
              .major_version = SPICE_INTERFACE_CORE_MAJOR, .minor_version = SPICE_INTERFACE_CORE_MINOR },
    .timer_add = timer_add, .timer_start = timer_start, .timer_cancel = timer_cancel, .timer_remove = timer_remove,
    .watch_add = watch_add, .watch_update_mask = watch_update_mask, .watch_remove = watch_remove,
  };
}
