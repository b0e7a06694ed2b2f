/* witness - a Linux program that keeps every part of a machine busy, and notices when something goes wrong behind its back.
 *
 *   witness                runs until it reads "end" from standard input, or something went wrong
 *   witness -sum           prints the sum that each round has to give, on whatever machine
 *   witness -disk FILE     writes the disk that it reads (8 MiB)
 *
 * On each CPU there are threads that sum (integers, SSE, AVX2 where there is, x87, each with its rounding), read the clock,
 * sleep for a known time, and map pages anew; besides them one that passes a token around the CPUs, one that reads and writes
 * /dev/vda and one that answers to "ping N" with "PONG N".  Each second it says "TICK N".  It ends with one line:
 *   WITNESS DONE sum=... rounds=... clocks=... sleeps=... maps=... tokens=... blocks=... pongs=... gap_us=... late_us=... rtc_off=...
 *   WITNESS FAILED what went wrong
 *
 * It knows Linux's interface only; links statically. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <linux/rtc.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum
{
  MOST_CPUS   = 8,
  BLOCK_BYTES = 4096,
  N_BLOCKS    = 2048,                 /* the first half is read only, the other one is written, too */
  SLEEP_NS    = 10 * 1000 * 1000,
  STALL_TICKS = 30,                   /* seconds after which a counter that stands is a failure */
};

/* What threads count; each on its own. */
enum { ROUNDS, CLOCKS, SLEEPS, MAPS, TOKENS, BLOCKS, PONGS, N_COUNTS };
static const char *const count_names[N_COUNTS] = { "rounds", "clocks", "sleeps", "maps", "tokens", "blocks", "pongs" };

static atomic_ullong counts[MOST_CPUS][N_COUNTS];
static atomic_ullong longest_gap_ns, latest_ns;
static atomic_bool   ended;
static int           n_cpus;
static uint64_t      right_sum;

static void
failed (const char *format, ...)
{
  static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
  va_list arguments;

  pthread_mutex_lock (&once);         /* and never let go: the first one speaks */
  printf ("WITNESS FAILED ");
  va_start (arguments, format);
  vprintf (format, arguments);
  va_end (arguments);
  printf ("\n");
  fflush (stdout);
  _exit (1);
}

static void
keep_most (atomic_ullong *most, unsigned long long value)
{
  unsigned long long before = atomic_load (most);

  while (value > before && !atomic_compare_exchange_weak (most, &before, value))
    ;
}

static uint64_t
now_ns (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

/* --- sums -------------------------------------------------------------------------- */

static uint64_t
mix (uint64_t h, uint64_t v)
{
  return (h ^ v) * 0x9e3779b97f4a7c15u + (h >> 29);
}

static uint64_t
bits_of (double value)
{
  uint64_t bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

static uint64_t
sum_integers (void)
{
  uint64_t h = 1, x = 88172645463325252u;

  for (int i = 0; i < 40000; i++)
    {
      x ^= x << 13;
      x ^= x >> 7;
      x ^= x << 17;
      h = mix (h, x / ((x >> 40) + 1) + (uint64_t) __builtin_popcountll (x));
    }
  return h;
}

/* Four sums at once, so that registers are full whenever somebody looks. */
static uint64_t
sum_doubles (int rounding)
{
  double a = 1.1, b = 2.3, c = 3.7, d = 5.9;

  fesetround (rounding);
  for (int i = 1; i < 20000; i++)
    {
      a = a * 1.0000001 + 1.0 / i;
      b = b + a / (i + 0.3);
      c = c * 0.9999 + b;
      d = d + __builtin_sqrt (c) / 7.0;
    }
  fesetround (FE_TONEAREST);
  return mix (mix (bits_of (a), bits_of (b)), mix (bits_of (c), bits_of (d)));
}

static uint64_t
sum_x87 (void)
{
  long double a = 1.1L, b = 2.3L, c = 3.7L, d = 0.1L;

  for (int i = 1; i < 10000; i++)
    {
      a += 1.0L / i;
      b = b * 0.99L + a;
      c = c - b / (i + 1);
      d = d * 0.5L + c;
    }
  return mix (mix (bits_of ((double) a), bits_of ((double) b)), mix (bits_of ((double) c), bits_of ((double) d)));
}

typedef uint64_t Vector __attribute__ ((vector_size (32)));

/* The same sum by whatever registers the CPU has. */
#define SUM_OF_VECTORS                                                                                 \
  Vector a = { 1, 2, 3, 4 }, b = { 5, 6, 7, 8 }, c = { 9, 10, 11, 12 }, d = { 13, 14, 15, 16 };        \
  for (int i = 0; i < 20000; i++)                                                                      \
    {                                                                                                  \
      a += b ^ (c << 7);                                                                               \
      b ^= d + (a >> 9);                                                                               \
      c += a ^ (d << 3);                                                                               \
      d ^= b + (c >> 5);                                                                               \
    }                                                                                                  \
  a ^= b + c + d;                                                                                      \
  return mix (mix (a[0], a[1]), mix (a[2], a[3]))

static uint64_t __attribute__ ((target ("avx2"))) sum_avx2 (void) { SUM_OF_VECTORS; }
static uint64_t sum_vectors (void) { SUM_OF_VECTORS; }

static uint64_t
sum_copies (void)
{
  static const char text[] = "what is written has to be there when it is read";
  char from[4096], to[4096];
  uint64_t h = 7;

  for (size_t i = 0; i < sizeof from; i++)
    from[i] = (char) (text[i % sizeof text] + (char) i);
  for (size_t i = 0; i < 64; i++)
    {
      memcpy (to + i, from + i / 2, sizeof to - 64);
      memmove (from + 1, to, sizeof from - 65);
      h = mix (h, (unsigned char) from[i * 61] + (uint64_t) to[4000 - i] * 256);
    }
  return h;
}

static uint64_t
sum_all (void)
{
  static const int roundings[] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO };
  uint64_t h = sum_integers ();

  for (size_t i = 0; i < sizeof roundings / sizeof roundings[0]; i++)
    h = mix (h, sum_doubles (roundings[i]));
  h = mix (h, sum_x87 ());
  h = mix (h, __builtin_cpu_supports ("avx2") ? sum_avx2 () : sum_vectors ());
  return mix (h, sum_copies ());
}

/* --- threads of each CPU ------------------------------------------------------------- */

static void
sum_on (int cpu)
{
  uint64_t sum = sum_all ();

  if (sum != right_sum)
    failed ("CPU %d: the sum was %016llx and not %016llx", cpu, (unsigned long long) sum, (unsigned long long) right_sum);
  counts[cpu][ROUNDS]++;
}

/* No CPU's clock is behind what another one has read before. */
static void
read_clock_on (int cpu)
{
  static atomic_ullong seen_ns;
  static _Thread_local uint64_t mine_ns;

  for (int i = 0; i < 200; i++)
    {
      uint64_t others_ns = atomic_load (&seen_ns), read_ns = now_ns (CLOCK_MONOTONIC);

      if (read_ns < others_ns || read_ns < mine_ns)
        failed ("CPU %d: the clock went back from %llu to %llu ns", cpu,
                (unsigned long long) (others_ns > mine_ns ? others_ns : mine_ns), (unsigned long long) read_ns);
      if (mine_ns != 0 && i > 0)
        keep_most (&longest_gap_ns, read_ns - mine_ns);
      mine_ns = read_ns;
      keep_most (&seen_ns, read_ns);
    }
  counts[cpu][CLOCKS] += 200;
  usleep (1000);
}

static void
sleep_on (int cpu)
{
  const struct timespec length = { 0, SLEEP_NS };
  uint64_t before = now_ns (CLOCK_MONOTONIC), real = now_ns (CLOCK_REALTIME), slept;
  int64_t apart;

  nanosleep (&length, NULL);
  slept = now_ns (CLOCK_MONOTONIC) - before;
  apart = (int64_t) (now_ns (CLOCK_REALTIME) - real - slept);
  if (slept < SLEEP_NS)
    failed ("CPU %d: a sleep of %d ns was over after %llu", cpu, SLEEP_NS, (unsigned long long) slept);
  if (llabs (apart) > 1000000000)
    failed ("CPU %d: the time of day went %lld ns another way than the clock", cpu, (long long) apart);
  keep_most (&latest_ns, slept - SLEEP_NS);
  counts[cpu][SLEEPS]++;
}

/* A page that is mapped anew is the new one on all CPUs, not what they remember. */
static void
map_on (int cpu)
{
  static volatile uint64_t *shared;
  static atomic_ullong told;
  static const size_t length = 4096;

  if (cpu == 0)
    {
      uint64_t next = atomic_load (&told) + 1;
      void *fresh = mmap (NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

      if (shared == NULL)
        shared = mmap (NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      *(volatile uint64_t *) fresh = next;
      if (mremap (fresh, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, (void *) shared) == MAP_FAILED)
        failed ("mremap: %s", strerror (errno));
      atomic_store (&told, next);
      usleep (500);
    }
  for (int i = 0; i < 200; i++)
    {
      uint64_t least = atomic_load (&told), read = least == 0 ? 0 : *shared;

      if (read < least)
        failed ("CPU %d: a page was mapped anew %llu times, and %llu of them are seen", cpu, (unsigned long long) least,
                (unsigned long long) read);
    }
  counts[cpu][MAPS]++;
  usleep (1000);
}

/* Each CPU wakes the next one. */
static int token_pipes[MOST_CPUS][2];

static void
pass_token_on (int cpu)
{
  char token;

  if (read (token_pipes[cpu][0], &token, 1) != 1 || write (token_pipes[(cpu + 1) % n_cpus][1], &token, 1) != 1)
    failed ("CPU %d lost the token: %s", cpu, strerror (errno));
  counts[cpu][TOKENS]++;
}

/* --- devices ------------------------------------------------------------------------- */

static void
fill_block (uint64_t *block, uint64_t number, uint64_t generation)
{
  for (unsigned i = 0; i < BLOCK_BYTES / sizeof *block; i++)
    block[i] = mix (number * 4096 + i, generation);
}

static void
use_disk (int cpu)
{
  static uint64_t block[BLOCK_BYTES / 8] __attribute__ ((aligned (BLOCK_BYTES))), wanted[BLOCK_BYTES / 8], generations[N_BLOCKS];
  static uint64_t chosen = 1;
  static int disk = -1;
  uint64_t at;

  if (disk < 0 && (disk = open ("/dev/vda", O_RDWR | O_DIRECT)) < 0)
    failed ("there is no /dev/vda: %s", strerror (errno));
  chosen = mix (chosen, 77);
  at = (chosen >> 20) % N_BLOCKS;
  if (at >= N_BLOCKS / 2 && (chosen & 1))
    {
      fill_block (block, at, ++generations[at]);
      if (pwrite (disk, block, BLOCK_BYTES, (off_t) at * BLOCK_BYTES) != BLOCK_BYTES)
        failed ("block %llu cannot be written: %s", (unsigned long long) at, strerror (errno));
    }
  if (pread (disk, block, BLOCK_BYTES, (off_t) at * BLOCK_BYTES) != BLOCK_BYTES)
    failed ("block %llu cannot be read: %s", (unsigned long long) at, strerror (errno));
  fill_block (wanted, at, generations[at]);
  if (memcmp (block, wanted, BLOCK_BYTES) != 0)
    failed ("block %llu of the disk is wrong", (unsigned long long) at);
  counts[cpu][BLOCKS]++;
  usleep (1000);
}

/* 1 when it was told to end. */
static int
answer (void)
{
  char line[100];
  unsigned number;

  if (fgets (line, sizeof line, stdin) == NULL)
    failed ("standard input ended");
  if (strncmp (line, "end", 3) == 0)
    return 1;
  if (sscanf (line, "ping %u", &number) != 1)
    failed ("these are not the bytes that were sent: %s", line);
  printf ("PONG %u\n", number);
  fflush (stdout);
  counts[0][PONGS]++;
  return 0;
}

/* --- threads ------------------------------------------------------------------------- */

typedef struct
{
  void (*work) (int cpu);
  int    count;                       /* what it counts */
  int    cpu;
} Thread;

static void *
run_thread (void *data)
{
  const Thread *thread = data;
  cpu_set_t set;

  CPU_ZERO (&set);
  CPU_SET (thread->cpu, &set);
  if (sched_setaffinity (0, sizeof set, &set) != 0)
    failed ("no thread on CPU %d: %s", thread->cpu, strerror (errno));
  while (!ended)
    thread->work (thread->cpu);
  return NULL;
}

static void
start (void (*work) (int cpu), int count, int cpu)
{
  Thread *thread = malloc (sizeof *thread);
  pthread_t id;

  *thread = (Thread) { work, count, cpu };
  if (pthread_create (&id, NULL, run_thread, thread) != 0)
    failed ("no thread");
}

/* Says each second that it is alive, and fails when one of its counters is not. */
static void *
watch (void *unused)
{
  static unsigned long long before[MOST_CPUS][N_COUNTS];
  static unsigned stands[MOST_CPUS][N_COUNTS];

  for (unsigned tick = 1;; tick++)
    {
      sleep (1);
      printf ("TICK %u\n", tick);
      fflush (stdout);
      for (int cpu = 0; cpu < n_cpus; cpu++)
        for (int i = 0; i < N_COUNTS; i++)
          {
            unsigned long long count = counts[cpu][i];

            stands[cpu][i] = count != before[cpu][i] ? 0 : stands[cpu][i] + 1;
            before[cpu][i] = count;
            if (stands[cpu][i] > STALL_TICKS && i != PONGS && (i != BLOCKS || cpu == 0))
              failed ("CPU %d: %s stand at %llu", cpu, count_names[i], count);
          }
    }
  return unused;
}

static time_t
device_seconds (void)
{
  struct rtc_time now;
  struct tm when = { 0 };
  int clock = open ("/dev/rtc0", O_RDONLY);

  if (clock < 0 || ioctl (clock, RTC_RD_TIME, &now) != 0)
    failed ("/dev/rtc0: %s", strerror (errno));
  close (clock);
  memcpy (&when, &now, sizeof now);   /* linux/rtc.h: the same members */
  return timegm (&when);
}

static int
say_results (long rtc_off)
{
  printf ("WITNESS DONE sum=%016llx", (unsigned long long) right_sum);
  for (int i = 0; i < N_COUNTS; i++)
    {
      unsigned long long all = 0;

      for (int cpu = 0; cpu < n_cpus; cpu++)
        all += counts[cpu][i];
      printf (" %s=%llu", count_names[i], all);
    }
  printf (" gap_us=%llu late_us=%llu rtc_off=%ld\n", longest_gap_ns / 1000, latest_ns / 1000, rtc_off);
  return 0;
}

static int
write_disk (const char *path)
{
  uint64_t block[BLOCK_BYTES / 8];
  FILE *file = fopen (path, "w");

  for (unsigned i = 0; i < N_BLOCKS && file != NULL; i++)
    {
      fill_block (block, i, 0);
      if (fwrite (block, BLOCK_BYTES, 1, file) != 1)
        return 1;
    }
  return file == NULL || fclose (file) != 0;
}

int
main (int argc, char **argv)
{
  static void (*const works[]) (int cpu) = { sum_on, read_clock_on, sleep_on, map_on, pass_token_on };
  pthread_t watcher;
  uint64_t begun_ns;
  time_t begun;

  if (argc == 3 && strcmp (argv[1], "-disk") == 0)
    return write_disk (argv[2]);
  right_sum = sum_all ();
  if (argc == 2 && strcmp (argv[1], "-sum") == 0)
    return printf ("%016llx\n", (unsigned long long) right_sum) < 0;
  n_cpus = (int) sysconf (_SC_NPROCESSORS_ONLN);
  if (n_cpus > MOST_CPUS)
    failed ("there are %d CPUs, and %d can be watched", n_cpus, MOST_CPUS);
  for (int cpu = 0; cpu < n_cpus; cpu++)
    if (pipe (token_pipes[cpu]) != 0)
      failed ("no pipe");
  begun = device_seconds ();
  begun_ns = now_ns (CLOCK_MONOTONIC);
  for (int cpu = 0; cpu < n_cpus; cpu++)
    for (int i = 0; i < (int) (sizeof works / sizeof works[0]); i++)
      start (works[i], i, cpu);
  start (use_disk, BLOCKS, 0);
  if (write (token_pipes[0][1], "", 1) != 1 || pthread_create (&watcher, NULL, watch, NULL) != 0)
    failed ("cannot begin");
  printf ("WITNESS BEGINS cpus=%d\n", n_cpus);
  fflush (stdout);
  while (!answer ())
    ;
  return say_results ((long) (device_seconds () - begun) - (long) ((now_ns (CLOCK_MONOTONIC) - begun_ns) / 1000000000u));
}
