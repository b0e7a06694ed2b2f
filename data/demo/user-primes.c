/* user-primes.c - looks for prime numbers, so that there is work to interrupt. */

#include "user.h"

static int
is_prime (unsigned n)
{
  if (n % 2 == 0)
    return n == 2;
  for (unsigned d = 3; d * d <= n; d += 2)
    if (n % d == 0)
      return 0;
  return n > 1;
}

void
primes_main (void)
{
  unsigned n = 1000000, found = 0, latest = 0;
  char line[64], *at;

  for (;;)
    {
      for (int i = 0; i < 4000; i++, n++)
        if (is_prime (n))
          {
            found++;
            latest = n;
          }
      at = put_number (put_text (line, "primes above a million: "), found, 1);
      put_number (put_text (at, ", the latest "), latest, 1);
      write_text (0, 0, line);
      sleep_ticks (50);
    }
}
