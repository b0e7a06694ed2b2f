/* loop.c - one helper thread around one GMainContext.
 * Source: GLib reference, "The Main Event Loop". */
#include "config.h"

#include "host/loop.h"

struct _AsternHostLoop
{
  GMainContext *context;
  GMainLoop    *loop;
  GThread      *thread;
  gint          quitting;   /* atomic */
};

typedef struct
{
  void   (*func) (gpointer data);
  gpointer data;
  GMutex   mutex;
  GCond    cond;
  gboolean waited_for;
  gboolean done;
} Call;

static gpointer
run (gpointer data)
{
  AsternHostLoop *loop = data;

  g_main_context_push_thread_default (loop->context);
  g_main_loop_run (loop->loop);
  g_main_context_pop_thread_default (loop->context);
  return NULL;
}

AsternHostLoop *
astern_host_loop_new (void)
{
  AsternHostLoop *loop = g_new0 (AsternHostLoop, 1);

  loop->context = g_main_context_new ();
  loop->loop = g_main_loop_new (loop->context, FALSE);
  loop->thread = g_thread_new ("host", run, loop);
  return loop;
}

static void
stop_running (gpointer data)
{
  g_main_loop_quit (data);
}

void
astern_host_loop_free (AsternHostLoop *loop)
{
  if (loop == NULL)
    return;
  astern_host_loop_quit (loop);
  astern_host_loop_call (loop, stop_running, loop->loop);
  g_thread_join (loop->thread);
  g_main_loop_unref (loop->loop);
  g_main_context_unref (loop->context);
  g_free (loop);
}

GMainContext *
astern_host_loop_context (AsternHostLoop *loop)
{
  return loop->context;
}

void
astern_host_loop_quit (AsternHostLoop *loop)
{
  g_atomic_int_set (&loop->quitting, 1);
}

gboolean
astern_host_loop_quitting (AsternHostLoop *loop)
{
  return g_atomic_int_get (&loop->quitting);
}

static gboolean
dispatch_call (gpointer data)
{
  Call *call = data;

  call->func (call->data);
  if (call->waited_for)
    {
      g_mutex_lock (&call->mutex);
      call->done = TRUE;
      g_cond_signal (&call->cond);
      g_mutex_unlock (&call->mutex);
    }
  else
    g_free (call);
  return G_SOURCE_REMOVE;
}

/* Not g_main_context_invoke(): that may call in the caller's thread. */
static void
attach_call (AsternHostLoop *loop, Call *call)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, dispatch_call, call, NULL);
  g_source_attach (source, loop->context);
  g_source_unref (source);
}

void
astern_host_loop_call (AsternHostLoop *loop, void (*func) (gpointer data), gpointer data)
{
  Call *call = g_new0 (Call, 1);

  call->func = func;
  call->data = data;
  attach_call (loop, call);
}

void
astern_host_loop_call_and_wait (AsternHostLoop *loop, void (*func) (gpointer data), gpointer data)
{
  Call call = { .func = func, .data = data, .waited_for = TRUE };

  g_mutex_init (&call.mutex);
  g_cond_init (&call.cond);
  attach_call (loop, &call);
  g_mutex_lock (&call.mutex);
  while (!call.done)
    g_cond_wait (&call.cond, &call.mutex);
  g_mutex_unlock (&call.mutex);
  g_cond_clear (&call.cond);
  g_mutex_clear (&call.mutex);
}
