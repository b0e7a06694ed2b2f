/* user-clock.c - the time since power-on, in the title bar. */

#include "user.h"

void
clock_main (void)
{
  char line[24], *at;

  for (;;)
    {
      unsigned long ticks = time_ticks ();

      at = put_text (line, "at sea ");
      at = put_number (at, ticks / 6000, 2);
      at = put_number (put_text (at, ":"), ticks / 100 % 60, 2);
      put_number (put_text (at, "."), ticks / 10 % 10, 1);
      write_text (0, 6, line);
      sleep_ticks (10);
    }
}
