/* user-beacon.c - a lighthouse.  Lights up every five seconds, sleeps in between. */

#include "user.h"

static const char *const dark[] = {
  "", "    /^\\", "    |_|", "    | |", "    | |", "   /   \\", "   |   |", "  _|___|_", "~~~~~~~~~~~~",
};
static const char *const lit[] = { "\\   /^\\   /", "----|*|-----", "/   | |   \\" };
static const char *const sky[] = { "    /^\\    ", "    |_|     ", "    | |    " };

static unsigned long flashes;

void
beacon_main (void)
{
  char line[40];

  for (int row = 0; row < 9; row++)
    write_text (row, 0, dark[row]);
  for (;;)
    {
      for (int row = 0; row < 3; row++)
        write_text (row + 1, 0, lit[row]);
      put_number (put_text (line, "flash "), ++flashes, 1);
      log_text (line);
      sleep_ticks (40);
      for (int row = 0; row < 3; row++)
        write_text (row + 1, 0, sky[row]);
      sleep_ticks (460);
    }
}
