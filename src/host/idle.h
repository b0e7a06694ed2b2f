/* idle - how a guest's idle time passes for the host.
 *
 * While the guest halts, its time must not run ahead of the host's: the pacer
 * sleeps until the guest's target time would have come on the wall, or until it
 * is woken (an input, a stop request).  Woken early it says how much of the time has passed,
 * which the machine journals; else it never changes what the guest sees, only when.
 *
 * A guest that is behind (its code ran slower than its clock says) does not
 * sleep until it has caught up, but forgets all of it above ASTERN_PACER_MAX_LAG_NS,
 * or nearly all while somebody hears it: sound cannot be caught up with.  A guest that is ahead (its code ran faster)
 * waits for the host, but gives back at most ASTERN_PACER_MAX_LEAD_NS: a long
 * computation is not paid for by a long sleep afterwards.
 *
 * Threads: astern_pacer_idle() from the thread that runs the machine;
 * astern_pacer_wake() from any; the rest while the machine is stopped.
 * Units:   ns of guest time; host time is monotonic. */
#pragma once

#include <glib.h>

#define ASTERN_PACER_MAX_LEAD_NS (G_GUINT64_CONSTANT (100) * 1000 * 1000)
#define ASTERN_PACER_MAX_LAG_NS  (G_GUINT64_CONSTANT (10) * 1000 * 1000 * 1000)
#define ASTERN_PACER_HEARD_LAG_NS (G_GUINT64_CONSTANT (20) * 1000 * 1000)

typedef struct _AsternPacer AsternPacer;

/* Without @sleep, idle time that ends by itself takes no time at all.  @interrupted
 * tells, on any thread, whether there is something for the machine to look at: then
 * nothing sleeps. */
AsternPacer *astern_pacer_new      (gboolean sleep, gboolean (*interrupted) (gpointer data), gpointer data);
void         astern_pacer_free     (AsternPacer *pacer);

/* For AsternMachine.idle; @pacer is an AsternPacer.  Without @sleep an idle time that is cut short was none. */
guint64      astern_pacer_idle     (gpointer pacer, guint64 now_ns, guint64 until_ns);

/* After @interrupted became true: ends the sleep.  For AsternMachine.wake. */
void         astern_pacer_wake     (gpointer pacer);

/* Guest and host time are equal from here on: after a stop. */
void         astern_pacer_reanchor (AsternPacer *pacer);

/* Somebody hears, or is heard by, the guest from now on.  Any thread. */
void         astern_pacer_heard    (AsternPacer *pacer, gboolean heard);

/* The rule, apart from the clock, for tests: how long to sleep, given both times
 * since the anchor; moves *@guest_anchor_ns when the lead or lag is too large. */
guint64      astern_pacer_plan     (guint64 host_elapsed_ns, guint64 now_ns, guint64 until_ns,
                                    guint64 max_lag_ns, guint64 *guest_anchor_ns);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternPacer, astern_pacer_free)
