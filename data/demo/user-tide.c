/* user-tide.c - measures the tide ten times a second and charts it. */

#include "user.h"

#define COLUMNS 64

static int height_mm = 2000, speed = 300;
static int was_rising = 1;

/* A body on a spring around 2 m: a sine wave without a table. */
static void
measure (void)
{
  speed -= (height_mm - 2000) / 32;
  height_mm += speed;
}

static void
log_turn (const char *what, unsigned long column)
{
  char line[64], *at = line;

  at = put_number (put_text (at, what), (unsigned long) height_mm, 1);
  put_number (put_text (at, " mm in column "), column, 1);
  log_text (line);
}

void
tide_main (void)
{
  unsigned long column = 0;

  for (;;)
    {
      int is_rising;

      measure ();
      is_rising = speed > 0;
      call (CALL_CHART, column, (unsigned long) height_mm, 0, 0);
      if (is_rising != was_rising)
        log_turn (is_rising ? "low water, " : "high water, ", column);
      was_rising = is_rising;

      if (column++ == COLUMNS)
        column = 0;
      sleep_ticks (10);
    }
}
