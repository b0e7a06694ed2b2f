/* sound - a machine's audiodevs, and the devices that play and record by them.
 *
 * Each device that names an audiodev has a link of its own, made when the device is; audiodevs are opened last.
 *
 * Threads: the thread that runs the machine, or any while it is stopped. */
#pragma once

#include "core/link.h"
#include "core/machine.h"
#include "host/idle.h"
#include "launch/launch.h"

AsternSound *astern_sound_new      (AsternMachine *machine, const AsternLaunchOptions *options);
/* After the machine. */
void         astern_sound_free     (AsternSound *sound);

/* For one more device; (nullable): there is no -audiodev of that id. */
AsternLink  *astern_sound_link     (AsternSound *sound, const char *id);

/* @pacer is told when the machine is heard; borrowed. */
gboolean     astern_sound_open     (AsternSound *sound, AsternPacer *pacer, GError **error);
void         astern_sound_close    (AsternSound *sound);

/* For people: each audiodev, who plays by it, how much was heard.  Free it. */
char        *astern_sound_describe (AsternSound *sound);

/* What is heard of the audiodev @id (nullable: the first) is written to a WAV file, too. */
gboolean     astern_sound_capture  (AsternSound *sound, const char *path, const char *id, const AsternWavFormat *format, GError **error);
/* The capture number @n is over. */
gboolean     astern_sound_stop_capture (AsternSound *sound, guint n, GError **error);
/* A line each; free it. */
char        *astern_sound_captures (AsternSound *sound);
