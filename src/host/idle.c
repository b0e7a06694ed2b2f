/* idle.c - sleeping while the guest idles.
 * Source: DESIGN, "Time: moments". */
#include "config.h"

#include "host/idle.h"

struct _AsternPacer
{
  gboolean sleep;
  GMutex   mutex;
  GCond    cond;
  gboolean (*interrupted) (gpointer data);
  gpointer data;
  gint     asleep;         /* atomic: somebody is to be woken */
  gboolean anchored;
  gint64   host_anchor_us;
  guint64  guest_anchor_ns;
  guint64  max_lag_ns;
};

AsternPacer *
astern_pacer_new (gboolean sleep, gboolean (*interrupted) (gpointer data), gpointer data)
{
  AsternPacer *pacer = g_new0 (AsternPacer, 1);

  pacer->sleep = sleep;
  pacer->interrupted = interrupted;
  pacer->data = data;
  pacer->max_lag_ns = ASTERN_PACER_MAX_LAG_NS;
  g_mutex_init (&pacer->mutex);
  g_cond_init (&pacer->cond);
  return pacer;
}

void
astern_pacer_free (AsternPacer *pacer)
{
  if (pacer == NULL)
    return;
  g_cond_clear (&pacer->cond);
  g_mutex_clear (&pacer->mutex);
  g_free (pacer);
}

guint64
astern_pacer_plan (guint64 host_elapsed_ns, guint64 now_ns, guint64 until_ns, guint64 max_lag_ns, guint64 *guest_anchor_ns)
{
  guint64 host_in_guest_ns = *guest_anchor_ns + host_elapsed_ns;

  /* The anchor moves, not the guest. */
  if (now_ns > host_in_guest_ns + ASTERN_PACER_MAX_LEAD_NS)
    *guest_anchor_ns += now_ns - host_in_guest_ns - ASTERN_PACER_MAX_LEAD_NS;
  else if (host_in_guest_ns > now_ns + max_lag_ns)
    *guest_anchor_ns -= host_in_guest_ns - now_ns - max_lag_ns;
  host_in_guest_ns = *guest_anchor_ns + host_elapsed_ns;

  if (until_ns == G_MAXUINT64)
    return G_MAXUINT64;
  return until_ns > host_in_guest_ns ? until_ns - host_in_guest_ns : 0;
}

static guint64
how_long (AsternPacer *pacer, guint64 now_ns, guint64 until_ns)
{
  gint64 now_us = g_get_monotonic_time ();

  if (!pacer->sleep)
    return until_ns == G_MAXUINT64 ? G_MAXUINT64 : 0;
  if (!pacer->anchored)
    {
      pacer->anchored = TRUE;
      pacer->host_anchor_us = now_us;
      pacer->guest_anchor_ns = now_ns;
    }
  return astern_pacer_plan ((guint64) (now_us - pacer->host_anchor_us) * 1000, now_ns, until_ns,
                            pacer->max_lag_ns, &pacer->guest_anchor_ns);
}

/* Guest time by the host's clock. */
static guint64
time_come (AsternPacer *pacer, guint64 now_ns, guint64 until_ns)
{
  guint64 elapsed_ns;

  if (!pacer->sleep)
    return now_ns;
  elapsed_ns = (guint64) (g_get_monotonic_time () - pacer->host_anchor_us) * 1000;
  return CLAMP (pacer->guest_anchor_ns + elapsed_ns, now_ns, until_ns);
}

guint64
astern_pacer_idle (gpointer data, guint64 now_ns, guint64 until_ns)
{
  AsternPacer *pacer = data;
  guint64 sleep_ns, ended_ns = until_ns;
  gboolean woken = FALSE;

  g_mutex_lock (&pacer->mutex);
  sleep_ns = how_long (pacer, now_ns, until_ns);
  g_atomic_int_set (&pacer->asleep, 1);   /* first this, then a look whether anybody interrupted */
  if (sleep_ns >= (guint64) G_MAXINT64)   /* for an input alone */
    {
      while (!pacer->interrupted (pacer->data))
        g_cond_wait (&pacer->cond, &pacer->mutex);
      woken = TRUE;
    }
  else if (sleep_ns >= 1000)
    {
      gint64 end_us = g_get_monotonic_time () + (gint64) (sleep_ns / 1000);

      while (!(woken = pacer->interrupted (pacer->data)))
        if (!g_cond_wait_until (&pacer->cond, &pacer->mutex, end_us))
          break;
    }
  g_atomic_int_set (&pacer->asleep, 0);
  if (woken)
    ended_ns = time_come (pacer, now_ns, until_ns);
  g_mutex_unlock (&pacer->mutex);
  return ended_ns;
}

void
astern_pacer_wake (gpointer data)
{
  AsternPacer *pacer = data;

  if (!g_atomic_int_get (&pacer->asleep))
    return;
  g_mutex_lock (&pacer->mutex);
  g_cond_signal (&pacer->cond);
  g_mutex_unlock (&pacer->mutex);
}

void
astern_pacer_heard (AsternPacer *pacer, gboolean heard)
{
  g_mutex_lock (&pacer->mutex);
  pacer->max_lag_ns = heard ? ASTERN_PACER_HEARD_LAG_NS : ASTERN_PACER_MAX_LAG_NS;
  g_mutex_unlock (&pacer->mutex);
}

void
astern_pacer_reanchor (AsternPacer *pacer)
{
  g_mutex_lock (&pacer->mutex);
  pacer->anchored = FALSE;
  g_mutex_unlock (&pacer->mutex);
}
