/* stopwatch.c - see stopwatch.h. */
#include "config.h"

#include "host/stopwatch.h"

#include <time.h>

guint64
astern_thread_time_us (void)
{
  struct timespec time = { 0, 0 };

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (guint64) time.tv_sec * G_USEC_PER_SEC + (guint64) time.tv_nsec / 1000;
}
