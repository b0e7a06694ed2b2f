/* selfcheck - a Linux program that exercises a CPU and a kernel, and says what came out.
 *
 * It needs no C library, so that one compiler makes it for 64 and for 32 bits.  Every
 * line "CHECK name value" is the same on every correct machine, the host included;
 * "INFO cpus N" and "INFO level N" say what the machine is.  Ends with "CHECKS DONE",
 * or with "CHECK FAILED name" and status 1.
 *
 * Left out: everything that takes a device. */
#include <stddef.h>
#include <stdint.h>

/* --- system calls ------------------------------------------------------------------ */

#ifdef __x86_64__
enum
{
  SYS_READ = 0, SYS_WRITE = 1, SYS_MMAP = 9, SYS_MPROTECT = 10, SYS_SIGACTION = 13, SYS_PIPE = 22,
  SYS_NANOSLEEP = 35, SYS_SETITIMER = 38, SYS_FORK = 57, SYS_EXIT = 60, SYS_WAIT4 = 61, SYS_SIGSUSPEND = 130,
  SYS_SIGPROCMASK = 14, SYS_SETAFFINITY = 203, SYS_GETAFFINITY = 204, SYS_CLOCK_GETTIME = 228,
};

static long
call6 (long n, long a, long b, long c, long d, long e, long f)
{
  register long r10 __asm__ ("r10") = d, r8 __asm__ ("r8") = e, r9 __asm__ ("r9") = f;
  long result;

  __asm__ volatile ("syscall" : "=a" (result) : "a" (n), "D" (a), "S" (b), "d" (c), "r" (r10), "r" (r8), "r" (r9)
                    : "rcx", "r11", "memory");
  return result;
}
#else
enum
{
  SYS_EXIT = 1, SYS_FORK = 2, SYS_READ = 3, SYS_WRITE = 4, SYS_PIPE = 42, SYS_SETITIMER = 104, SYS_WAIT4 = 114,
  SYS_MPROTECT = 125, SYS_NANOSLEEP = 162, SYS_SIGACTION = 174, SYS_SIGPROCMASK = 175, SYS_SIGSUSPEND = 179,
  SYS_MMAP = 192, SYS_SETAFFINITY = 241, SYS_GETAFFINITY = 242, SYS_CLOCK_GETTIME = 265,
};

static long
call6 (long n, long a, long b, long c, long d, long e, long f)
{
  const long args[] = { n, a, b, c, d, e, f };
  long result;

  __asm__ volatile ("push %%ebp\n\t"
                    "push %%ebx\n\t"
                    "mov 24(%%eax), %%ebp\n\t"
                    "mov 20(%%eax), %%edi\n\t"
                    "mov 16(%%eax), %%esi\n\t"
                    "mov 12(%%eax), %%edx\n\t"
                    "mov 8(%%eax), %%ecx\n\t"
                    "mov 4(%%eax), %%ebx\n\t"
                    "mov (%%eax), %%eax\n\t"
                    "int $0x80\n\t"
                    "pop %%ebx\n\t"
                    "pop %%ebp"
                    : "=a" (result) : "a" (args) : "ecx", "edx", "esi", "edi", "memory");
  return result;
}
#endif

#define call0(n)             call6 (n, 0, 0, 0, 0, 0, 0)
#define call1(n, a)          call6 (n, (long) (a), 0, 0, 0, 0, 0)
#define call2(n, a, b)       call6 (n, (long) (a), (long) (b), 0, 0, 0, 0)
#define call3(n, a, b, c)    call6 (n, (long) (a), (long) (b), (long) (c), 0, 0, 0)
#define call4(n, a, b, c, d) call6 (n, (long) (a), (long) (b), (long) (c), (long) (d), 0, 0)

enum { PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4, MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20 };
enum { SIGSEGV = 11, SIGALRM = 14, SA_SIGINFO = 4, SA_RESTORER = 0x04000000 };
#define PAGE 4096

static void *
map (size_t bytes, int prot, int flags)
{
  return (void *) call6 (SYS_MMAP, 0, (long) bytes, prot, flags | MAP_ANONYMOUS, -1, 0);
}

/* --- saying ------------------------------------------------------------------------ */

/* The compiler may ask for it by itself. */
void *
memset (void *to, int value, size_t n)
{
  void *at = to;

  __asm__ volatile ("rep stosb" : "+D" (at), "+c" (n) : "a" (value) : "memory");
  return to;
}

static void
copy (void *to, const void *from, size_t n)
{
  __asm__ volatile ("rep movsb" : "+D" (to), "+S" (from), "+c" (n) :: "memory");
}

static size_t
append (char *line, size_t at, const char *text)
{
  while (*text != '\0')
    line[at++] = *text++;
  return at;
}

static void
say (const char *what, const char *name, uint64_t value, unsigned digits)
{
  char line[128];
  size_t at = append (line, append (line, 0, what), name);

  line[at++] = ' ';
  for (unsigned i = digits; i-- > 0;)
    line[at++] = "0123456789abcdef"[value >> (4 * i) & 15];
  line[at++] = '\n';
  call3 (SYS_WRITE, 1, line, at);
}

static void
fail (const char *name)
{
  char line[128];
  size_t at = append (line, append (line, 0, "CHECK FAILED "), name);

  line[at++] = '\n';
  call3 (SYS_WRITE, 1, line, at);
  call1 (SYS_EXIT, 1);
}

static uint64_t
mix (uint64_t hash, uint64_t value)
{
  hash ^= value;
  return hash * 0x100000001b3u ^ hash >> 29;
}

/* --- computing --------------------------------------------------------------------- */

static uint32_t
next (uint32_t *seed)
{
  *seed ^= *seed << 13;
  *seed ^= *seed >> 17;
  return *seed ^= *seed << 5;
}

static uint64_t
integers (void)
{
  uint64_t hash = 1;
  uint32_t seed = 88172645;

  for (unsigned i = 0; i < 200000; i++)
    {
      uint32_t a = next (&seed), b = next (&seed) >> (a & 15) | 1, low, high;
      uint8_t carry;

      hash = mix (hash, (uint64_t) a * b);
      hash = mix (hash, a / b + a % b);
      hash = mix (hash, (uint32_t) ((int32_t) a / (int32_t) b));
      __asm__ ("mull %3" : "=a" (low), "=d" (high) : "0" (a), "r" (b) : "cc");
      __asm__ ("bsrl %1, %0" : "=r" (a) : "r" (b) : "cc");
      __asm__ ("addl %2, %0; setc %1; rcll $3, %0" : "+r" (low), "=q" (carry) : "r" (high) : "cc");
      hash = mix (hash, (uint64_t) low << 8 ^ a ^ carry);
    }
  return hash;
}

static uint64_t
strings (void)
{
  static uint8_t from[65536], to[65536 + 64];
  uint64_t hash = 2;
  uint32_t seed = 521288629;

  for (unsigned i = 0; i < sizeof from; i++)
    from[i] = (uint8_t) next (&seed);
  for (unsigned i = 0; i < 64; i++)
    {
      const uint8_t *a = from, *b = to + i;
      size_t left = sizeof from;

      memset (to, (int) i, sizeof to);
      copy (to + i, from, sizeof from - i * 7);
      __asm__ volatile ("cld; repe cmpsb" : "+S" (a), "+D" (b), "+c" (left) :: "memory", "cc");
      hash = mix (mix (hash, left), to[sizeof to - 65]);
    }
  return hash;
}

static uint64_t
x87 (void)
{
  long double sum = 0, term;
  double whole;
  union { double d; uint64_t u; } out;

  for (unsigned i = 1; i < 20000; i++)
    {
      long double value = i, root;

      __asm__ ("fsqrt" : "=t" (root) : "0" (value));
      term = (root - 1) / (value + root);
      sum += i & 1 ? term : -term;
    }
  whole = (double) sum;
  out.d = whole;
  return out.u;
}

typedef double   double2 __attribute__ ((vector_size (16)));
typedef uint32_t uint8x4 __attribute__ ((vector_size (32)));
typedef uint32_t uint4x4 __attribute__ ((vector_size (16)));

static __attribute__ ((target ("sse2"))) uint64_t
sse2 (void)
{
  double2 sum = { 0, 1 }, step = { 1, 3 };
  uint4x4 bits = { 1, 2, 3, 4 };
  union { double2 d; uint64_t u[2]; } out;

  for (unsigned i = 0; i < 50000; i++)
    {
      sum += step / (step * step + sum);
      step += (double2) { 2, 0.5 };
      bits = bits * 2654435761u + (bits >> 7);
    }
  out.d = sum;
  return mix (mix (mix (3, out.u[0]), out.u[1]), (uint64_t) bits[0] << 32 | (bits[1] ^ bits[2] ^ bits[3]));
}

#define ROUNDS 50000
static __attribute__ ((target ("avx2"))) uint64_t
wide_avx2 (void)
{
  uint8x4 v = { 1, 2, 3, 4, 5, 6, 7, 8 };
  uint64_t hash = 4;

  for (unsigned i = 0; i < ROUNDS; i++)
    v = (v * 1664525 + 1013904223) ^ v >> 5;
  for (unsigned i = 0; i < 8; i++)
    hash = mix (hash, v[i]);
  return hash;
}

static uint64_t
wide_plain (void)
{
  uint64_t hash = 4;

  for (uint32_t k = 1; k <= 8; k++)
    {
      uint32_t v = k;

      for (unsigned i = 0; i < ROUNDS; i++)
        v = (v * 1664525 + 1013904223) ^ v >> 5;
      hash = mix (hash, v);
    }
  return hash;
}

/* --- what the CPU is ------------------------------------------------------------------ */

static void
cpuid (uint32_t leaf, uint32_t r[4])
{
  __asm__ volatile ("cpuid" : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3]) : "a" (leaf), "c" (0));
}

/* The x86-64 level whose tell-tale features are there: SSE2, CX16 and SSE4.2, then AVX2 and FMA. */
static unsigned
level (void)
{
  uint32_t one[4], seven[4] = { 0 }, top[4];
  const uint32_t v2 = 1u << 13 | 1u << 20 | 1u << 23, v3 = 1u << 12 | 1u << 28;

  cpuid (0, top);
  cpuid (1, one);
  if (top[0] >= 7)
    cpuid (7, seven);
  if (!(one[3] & 1u << 26))
    return 0;
  if ((one[2] & v2) != v2)
    return 1;
  return (one[2] & v3) == v3 && (seven[1] & 1u << 5) ? 3 : 2;
}

static uint64_t
wide (void)
{
  return level () >= 3 ? wide_avx2 () : wide_plain ();
}

/* --- the kernel --------------------------------------------------------------------------- */

static uint64_t
code_that_changes (void)
{
  uint8_t *code = map (PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE);
  uint64_t hash = 5;

  for (uint32_t i = 0; i < 2000; i++)
    {
      code[0] = 0xb8;                          /* mov eax, imm32; ret */
      copy (code + 1, &i, 4);
      code[5] = 0xc3;
      hash = mix (hash, ((uint32_t (*) (void)) (uintptr_t) code) ());
    }
  return hash;
}

/* What rt_sigaction takes, which is not what the C library shows. */
typedef struct
{
  void        (*handler) (int, void *, void *);
  unsigned long flags;
  void        (*restorer) (void);
  uint64_t      mask;
} Action;

void restore (void);
#ifdef __x86_64__
__asm__ (".text; restore: mov $15, %eax; syscall");
#else
__asm__ (".text; restore: mov $173, %eax; int $0x80");
#endif

static volatile unsigned n_signals;

static void
make_writable (int signal, void *info, void *context)
{
  uintptr_t address = *(uintptr_t *) ((char *) info + (sizeof (long) == 8 ? 16 : 12));

  (void) signal;
  (void) context;
  n_signals++;
  call3 (SYS_MPROTECT, address & ~(uintptr_t) (PAGE - 1), PAGE, PROT_READ | PROT_WRITE);
}

static void
count (int signal, void *info, void *context)
{
  (void) signal;
  (void) info;
  (void) context;
  n_signals++;
}

static void
catch (int signal, void (*handler) (int, void *, void *))
{
  const Action action = { handler, SA_SIGINFO | SA_RESTORER, restore, 0 };

  if (call4 (SYS_SIGACTION, signal, &action, 0, 8) != 0)
    fail ("sigaction");
}

static uint64_t
page_faults (void)
{
  enum { PAGES = 600 };
  volatile uint8_t *area = map (PAGES * PAGE, PROT_READ, MAP_PRIVATE);
  uint64_t hash = 6;

  catch (SIGSEGV, make_writable);
  n_signals = 0;
  for (unsigned i = 0; i < PAGES; i++)
    {
      hash = mix (hash, area[i * PAGE]);
      area[i * PAGE + i] = (uint8_t) i;
      hash = mix (hash, area[i * PAGE + i]);
    }
  return mix (hash, n_signals);
}

static uint64_t
timer (void)
{
  const long every[4] = { 0, 5000, 0, 5000 }, never[4] = { 0, 0, 0, 0 };
  const uint64_t blocked = 1u << (SIGALRM - 1), none = 0;
  unsigned seen;
  long before[2], after[2];

  catch (SIGALRM, count);
  call4 (SYS_SIGPROCMASK, 0, &blocked, 0, 8);
  call2 (SYS_CLOCK_GETTIME, 1, before);
  n_signals = 0;
  call3 (SYS_SETITIMER, 0, every, 0);
  while (n_signals < 20)
    call2 (SYS_SIGSUSPEND, &none, 8);
  seen = n_signals;
  call3 (SYS_SETITIMER, 0, never, 0);
  call2 (SYS_CLOCK_GETTIME, 1, after);
  /* Twenty times five milliseconds are a tenth of a second, and no more than a loaded machine's minute. */
  after[0] -= before[0];
  if (after[0] * 1000 + (after[1] - before[1]) / 1000000 < 95 || after[0] > 60)
    fail ("clock");
  return seen;
}

static long
start_child (void)
{
  long pid = call0 (SYS_FORK);

  if (pid < 0)
    fail ("fork");
  return pid;
}

static void
wait_for (long pid)
{
  int status = 1;

  if (call4 (SYS_WAIT4, pid, &status, 0, 0) != pid || status != 0)
    fail ("wait");
}

static uint64_t
pipes (void)
{
  int there[2], back[2];
  uint64_t hash = 7, value = 1;
  long pid;

  if (call1 (SYS_PIPE, there) != 0 || call1 (SYS_PIPE, back) != 0)
    fail ("pipe");
  pid = start_child ();
  for (unsigned i = 0; i < 500; i++)
    {
      if (pid == 0)
        {
          call3 (SYS_READ, there[0], &value, 8);
          value = mix (value, i);
          call3 (SYS_WRITE, back[1], &value, 8);
          continue;
        }
      call3 (SYS_WRITE, there[1], &value, 8);
      call3 (SYS_READ, back[0], &value, 8);
      hash = mix (hash, value);
    }
  if (pid == 0)
    call1 (SYS_EXIT, 0);
  wait_for (pid);
  return hash;
}

static uint64_t
forks (void)
{
  uint64_t *shared = map (PAGE, PROT_READ | PROT_WRITE, MAP_SHARED), *own = map (64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);

  for (unsigned i = 0; i < 60; i++)
    {
      long pid;

      own[i * PAGE / 8] = i;
      pid = start_child ();
      if (pid == 0)
        {
          for (unsigned k = 0; k < 64; k++)
            shared[0] = mix (shared[0], own[k * PAGE / 8]++);
          call1 (SYS_EXIT, 0);
        }
      wait_for (pid);
    }
  return shared[0];
}

#define MOST_CPUS 64
static unsigned
cpus (void)
{
  uint64_t mask[16] = { 0 };
  unsigned n = 0;

  call3 (SYS_GETAFFINITY, 0, sizeof mask, mask);
  for (unsigned i = 0; i < MOST_CPUS; i++)
    n += mask[0] >> i & 1;
  return n;
}

/* A process bound to each CPU, all adding to one counter and passing a token on. */
static uint64_t
all_cpus (void)
{
  enum { ADDS = 20000, ROUNDS_OF_TOKEN = 50 };
  uint64_t mask[16] = { 0 };
  volatile uint32_t *shared = map (PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
  long pids[MOST_CPUS];
  unsigned n = 0, failed;

  call3 (SYS_GETAFFINITY, 0, sizeof mask, mask);
  for (unsigned cpu = 0; cpu < MOST_CPUS; cpu++)
    {
      const uint64_t only[16] = { (uint64_t) 1 << cpu };
      const long moment[2] = { 0, 1000 };

      if (!(mask[0] >> cpu & 1))
        continue;
      pids[n] = start_child ();
      if (pids[n] == 0)
        {
          if (call3 (SYS_SETAFFINITY, 0, sizeof only, only) != 0)
            call1 (SYS_EXIT, 1);
          for (unsigned i = 0; i < ADDS; i++)
            __sync_fetch_and_add (&shared[0], 1);
          for (unsigned i = 0; i < ROUNDS_OF_TOKEN; i++)
            {
              while (shared[1] == 0 || shared[2] % shared[1] != n)
                call2 (SYS_NANOSLEEP, moment, 0);
              shared[2]++;
            }
          call1 (SYS_EXIT, 0);
        }
      n++;
    }
  shared[1] = n;
  for (unsigned i = 0; i < n; i++)
    wait_for (pids[i]);
  failed = shared[0] != n * ADDS || shared[2] != n * ROUNDS_OF_TOKEN;
  return failed;
}

/* --- all of it --------------------------------------------------------------------------- */

static const struct { const char *name; uint64_t (*run) (void); unsigned level; } checks[] = {
  { "integers", integers, 0 }, { "strings", strings, 0 }, { "x87", x87, 0 }, { "sse2", sse2, 1 }, { "wide", wide, 0 },
  { "code_that_changes", code_that_changes, 0 }, { "page_faults", page_faults, 0 }, { "timer", timer, 0 },
  { "pipes", pipes, 0 }, { "forks", forks, 0 }, { "all_cpus", all_cpus, 0 },
};

__attribute__ ((used)) void
begin (void)
{
  static const char done[] = "CHECKS DONE\n";

  if (wide_plain () != wide ())
    fail ("avx2 differs from plain code");
  say ("INFO ", "cpus", cpus (), 1);
  say ("INFO ", "level", level (), 1);
  for (unsigned i = 0; i < sizeof checks / sizeof checks[0]; i++)
    if (checks[i].level <= level ())
      say ("CHECK ", checks[i].name, checks[i].run (), 16);
  call3 (SYS_WRITE, 1, done, sizeof done - 1);
  call1 (SYS_EXIT, 0);
}

#ifdef __x86_64__
__asm__ (".globl _start; _start: and $-16, %rsp; call begin; hlt");
#else
__asm__ (".globl _start; _start: and $-16, %esp; call begin; hlt");
#endif
