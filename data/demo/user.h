/* user.h - the tasks' side: system calls, and the little that programs share.
 *
 * Ring 3 cannot see the kernel's code, so all of this is inline. */
#pragma once

enum { CALL_SLEEP, CALL_TIME, CALL_WRITE, CALL_LOG, CALL_CHART };

void beacon_main (void) __attribute__ ((noreturn));
void tide_main   (void) __attribute__ ((noreturn));
void clock_main  (void) __attribute__ ((noreturn));
void primes_main (void) __attribute__ ((noreturn));

static inline long
call (long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
  register unsigned long r10 __asm__ ("r10") = d;
  long result;

  __asm__ volatile ("syscall"
                    : "=a" (result)
                    : "0" (number), "D" (a), "S" (b), "d" (c), "r" (r10)
                    : "rcx", "r11", "memory");
  return result;
}

static inline void
sleep_ticks (unsigned long ticks)          /* of 10 ms */
{
  call (CALL_SLEEP, ticks, 0, 0, 0);
}

static inline unsigned long
time_ticks (void)
{
  return (unsigned long) call (CALL_TIME, 0, 0, 0, 0);
}

static inline unsigned long
text_length (const char *text)
{
  unsigned long n = 0;

  while (((const volatile char *) text)[n])
    n++;
  return n;
}

static inline void
write_text (int row, int column, const char *text)
{
  call (CALL_WRITE, (unsigned long) row, (unsigned long) column, (unsigned long) text, text_length (text));
}

static inline void
log_text (const char *text)
{
  call (CALL_LOG, (unsigned long) text, text_length (text), 0, 0);
}

/* Puts text, or a number of at least @width digits, at @at; returns where it ends. */
static inline char *
put_text (char *at, const char *text)
{
  while (*text)
    *at++ = *text++;
  *at = 0;
  return at;
}

static inline char *
put_number (char *at, unsigned long value, int width)
{
  char digits[20];
  int n = 0;

  do
    digits[n++] = (char) ('0' + value % 10);
  while ((value /= 10) != 0 || n < width);
  while (n > 0)
    *at++ = digits[--n];
  *at = 0;
  return at;
}
