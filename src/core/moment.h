/* moment - a point between two guest instructions.
 *
 * The machine has one clock: instructions retired since power-on, over all its
 * CPUs in the order in which they ran.  Moments are totally ordered.
 *
 * Threads: plain values, any thread.
 * Units:   icount = guest instructions retired since power-on. */
#pragma once

#include <glib.h>

/* Ordered by icount, then by step: step counts the asynchronous events (interrupt,
 * DMA, input) that were delivered at that icount. */
typedef struct
{
  guint64 icount;
  guint32 step;
} AsternMoment;

/* Room for any formatted moment, terminator included. */
#define ASTERN_MOMENT_TEXT 36

int         astern_moment_compare (AsternMoment a, AsternMoment b);

/* "@1234567" or "@1234567+2"; returns @text. */
const char *astern_moment_format  (AsternMoment moment, char text[ASTERN_MOMENT_TEXT]);

/* Accepts what astern_moment_format() writes, the '@' being optional. */
gboolean    astern_moment_parse   (const char *text, AsternMoment *moment);
