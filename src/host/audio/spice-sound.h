/* spice-sound - between -audiodev spice, which plays and listens for the machine, and the SPICE server, whose clients hear and
 * speak: frames that wait for the other one.
 *
 * There is one, as there is one SPICE server.  Neither waits: with nobody there what is played is silence's, and who is slower
 * than half a second loses the rest, which is counted.
 *
 * Threads: the server's. */
#pragma once

#include <glib.h>

/* Frames a second; 0: there is no -audiodev spice. */
guint    astern_spice_sound_rate    (void);
/* The server is there, or gone: without it nothing is kept. */
void     astern_spice_sound_attend  (gboolean there);

/* Whether something is played, or waits; ... */
gboolean astern_spice_sound_plays   (void);
guint    astern_spice_sound_waiting (void);
/* ... of which this takes the first @n_frames. */
void     astern_spice_sound_take    (gint16 *samples, guint n_frames);

/* Frames a second at which the guest listens; 0: it does not. */
guint    astern_spice_sound_listens (void);
void     astern_spice_sound_heard   (const gint16 *samples, guint n_frames);
