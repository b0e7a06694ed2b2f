/* native.c - sequences on the host's CPU.
 *
 * A child process owns the fixed pages.  Each case starts by returning from a signal
 * handler with the case's whole state in the signal frame, and ends with the next
 * signal: its frame holds the state afterwards.
 *
 * Source: Linux, arch/x86/include/uapi/asm/sigcontext.h (the frame). */
#define _GNU_SOURCE
#include "config.h"

#include "native.h"

#include <asm/hwcap2.h>
#include <asm/ldt.h>
#include <asm/prctl.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

/* Linux's selectors for 32-bit programs. */
enum { FLAT_CODE32 = 0x23, FLAT_DATA = 0x2b };

struct _OracleNative
{
  OracleCase *cases;
  pid_t       child;
  int         to, from;        /* pipes */
  guint      *progress;        /* shared: the case that runs */
};

/* The child's own; it has one thread, and a signal handler has no other way. */
static struct
{
  OracleCase *cases;
  guint       n;
  guint      *progress;
  gboolean    running;
  guint       code32;          /* selector of a 32-bit code segment */
  guint       data;            /* selector for DS and ES, 0: leave them */
  gboolean    gs_base;         /* cases may have changed it */
  sigjmp_buf  finished;
} child;

static const int greg_of[16] = {
  REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
  REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

/* --- frames ----------------------------------------------------------------------- */

static void
load_case (ucontext_t *uc, const OracleCase *c)
{
  const OracleState *s = &c->in;
  greg_t *g = uc->uc_mcontext.gregs;
  guint8 *fp = (guint8 *) uc->uc_mcontext.fpregs;
  guint64 xstate_bv;

  for (guint i = 0; i < 16; i++)
    g[greg_of[i]] = (greg_t) s->gpr[i];
  g[REG_RIP] = (greg_t) oracle_case_rip (c);
  g[REG_EFL] = (greg_t) s->rflags;
  g[REG_CSGSFS] = (greg_t) (((guint64) g[REG_CSGSFS] & ~G_GUINT64_CONSTANT (0xffff)) | (c->mode32 ? child.code32 : 0x33));

  memset (fp, 0, 24);
  memcpy (fp, &s->fcw, 2);
  memcpy (fp + 2, &s->fsw, 2);
  fp[4] = s->ftw;
  memcpy (fp + 24, &s->mxcsr, 4);
  memcpy (fp + 32, s->st, sizeof s->st);
  for (guint i = 0; i < 16; i++)
    {
      memcpy (fp + 160 + 16 * i, s->vec[i], 16);
      memcpy (fp + 576 + 16 * i, s->vec[i] + 16, 16);
    }
  memcpy (&xstate_bv, fp + 512, 8);
  xstate_bv |= 7;
  memcpy (fp + 512, &xstate_bv, 8);
}

static void
save_case (const ucontext_t *uc, OracleCase *c, gboolean timeout)
{
  OracleState *s = &c->native;
  const greg_t *g = uc->uc_mcontext.gregs;
  const guint8 *fp = (const guint8 *) uc->uc_mcontext.fpregs;
  guint64 xstate_bv;

  memset (s, 0, sizeof *s);
  for (guint i = 0; i < 16; i++)
    s->gpr[i] = (guint64) g[greg_of[i]];
  s->rip = (guint64) g[REG_RIP];
  s->rflags = (guint64) g[REG_EFL];
  s->vector = timeout ? VECTOR_TIMEOUT : (guint8) g[REG_TRAPNO];
  s->error = (guint32) g[REG_ERR];
  s->cr2 = (guint64) g[REG_CR2];
  memcpy (&xstate_bv, fp + 512, 8);
  s->fcw = 0x37f;
  if (xstate_bv & 1)
    {
      memcpy (&s->fcw, fp, 2);
      memcpy (&s->fsw, fp + 2, 2);
      s->ftw = fp[4];
      memcpy (s->st, fp + 32, sizeof s->st);
      for (guint i = 0; i < 8; i++)
        memset (s->st[i] + 10, 0, 6);
    }
  memcpy (&s->mxcsr, fp + 24, 4);
  for (guint i = 0; i < 16; i++)
    {
      if (xstate_bv & 2)
        memcpy (s->vec[i], fp + 160 + 16 * i, 16);
      if (xstate_bv & 4)
        memcpy (s->vec[i] + 16, fp + 576 + 16 * i, 16);
    }
  memcpy (c->native_data, GSIZE_TO_POINTER (DATA_BASE), DATA_BYTES);
}

gboolean
oracle_native_has_gs_base (void)
{
  return (getauxval (AT_HWCAP2) & HWCAP2_FSGSBASE) != 0;
}

static void
on_signal (int number, siginfo_t *info, void *context)
{
  ucontext_t *uc = context;

  /* The kernel leaves AC as the case had it. */
  __asm__ volatile ("pushfq\n andq $~0x40000, (%%rsp)\n popfq" ::: "memory", "cc");

  if (child.running)
    {
      save_case (uc, &child.cases[*child.progress], number == SIGVTALRM);
      ++*child.progress;
    }
  else if (number == SIGVTALRM)
    return;
  child.running = *child.progress < child.n;
  if (!child.running)
    siglongjmp (child.finished, 1);
  memcpy (GSIZE_TO_POINTER (DATA_BASE), oracle_images[child.cases[*child.progress].image], DATA_BYTES);
  if (child.data)
    __asm__ volatile ("mov %0, %%ds\n mov %0, %%es" :: "r" (child.data));
  if (child.gs_base)
    __asm__ volatile ("mov %0, %%gs\n wrgsbase %1" :: "r" (0), "r" (DATA_BASE + (guint64) GS_OFFSET));
  load_case (uc, &child.cases[*child.progress]);
}

/* --- the child ---------------------------------------------------------------------- */

static gboolean
is_code_segment (guint selector)
{
  guint32 rights = 0;
  gboolean valid;

  __asm__ ("lar %2, %0" : "=r" (rights), "=@ccz" (valid) : "r" (selector) : "cc");
  return valid && (rights & 0x1800) == 0x1800;
}

static gboolean
is_data_segment (guint selector)
{
  gboolean writable;

  __asm__ ("verw %w1" : "=@ccz" (writable) : "r" (selector) : "cc");
  return writable;
}

gboolean
oracle_native_has_code32 (void)
{
  return is_code_segment (FLAT_CODE32) && is_data_segment (FLAT_DATA);
}

static void
set_up_child (void)
{
  static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGUSR1, SIGVTALRM };
  struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };
  struct user_desc code32 = { .limit = 0xfffff, .seg_32bit = 1, .contents = 2, .limit_in_pages = 1, .useable = 1 };
  stack_t stack = { .ss_size = 1 << 16 };
  gpointer code, data;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  stack.ss_sp = mmap (NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  sigaltstack (&stack, NULL);
  sigfillset (&action.sa_mask);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i], &action, NULL);
  code = mmap (GSIZE_TO_POINTER (CODE_BASE), CODE_PAGES * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  data = mmap (GSIZE_TO_POINTER (DATA_BASE), DATA_BYTES, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (code == MAP_FAILED || data == MAP_FAILED)
    g_error ("The oracle's fixed addresses are taken");
  /* 64-bit programs start with null ones; 32-bit code needs the kernel's flat segment. */
  child.data = is_data_segment (FLAT_DATA) ? FLAT_DATA : 0;
  child.gs_base = oracle_native_has_gs_base ();
  child.code32 = FLAT_CODE32;
  if (!is_code_segment (child.code32))
    {
      /* A kernel without 32-bit programs: a segment of our own, where it lets us have one. */
      syscall (SYS_modify_ldt, 1, &code32, sizeof code32);
      child.code32 = 0x07;
    }
  syscall (SYS_arch_prctl, ARCH_SET_GS, (unsigned long) DATA_BASE + GS_OFFSET);
}

static void
child_main (OracleNative *native, int in, int out)
{
  guint n;

  set_up_child ();
  child.cases = native->cases;
  child.progress = native->progress;
  while (read (in, &n, sizeof n) == (ssize_t) sizeof n)
    {
      struct itimerval timer = { .it_value = { .tv_sec = 2 + n / 1000 } }, off = { { 0, 0 }, { 0, 0 } };

      mprotect (GSIZE_TO_POINTER (CODE_BASE), CODE_PAGES * PAGE, PROT_READ | PROT_WRITE);
      for (guint i = 0; i < n; i++)
        memcpy (GSIZE_TO_POINTER (oracle_case_rip (&child.cases[i])), child.cases[i].code, CASE_CODE);
      mprotect (GSIZE_TO_POINTER (CODE_BASE), CODE_PAGES * PAGE, PROT_READ | PROT_EXEC);
      child.n = n;
      *child.progress = 0;
      child.running = FALSE;
      setitimer (ITIMER_VIRTUAL, &timer, NULL);
      if (sigsetjmp (child.finished, 1) == 0)
        raise (SIGUSR1);
      setitimer (ITIMER_VIRTUAL, &off, NULL);
      if (write (out, &n, sizeof n) != (ssize_t) sizeof n)
        break;
    }
  _exit (0);
}

static void
start (OracleNative *native)
{
  int to[2], from[2];

  if (pipe (to) != 0 || pipe (from) != 0)
    g_error ("No pipes for the native child");
  native->child = fork ();
  if (native->child == 0)
    {
      close (to[1]);
      close (from[0]);
      child_main (native, to[0], from[1]);
    }
  close (to[0]);
  close (from[1]);
  native->to = to[1];
  native->from = from[0];
}

static void
stop (OracleNative *native)
{
  close (native->to);
  close (native->from);
  waitpid (native->child, NULL, 0);
}

OracleNative *
oracle_native_new (OracleCase *cases)
{
  OracleNative *native = g_new0 (OracleNative, 1);

  native->cases = cases;
  native->progress = mmap (NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  start (native);
  return native;
}

void
oracle_native_free (OracleNative *native)
{
  stop (native);
  munmap (native->progress, PAGE);
  g_free (native);
}

gboolean
oracle_native_run (OracleNative *native, guint n, guint *at)
{
  guint answer = 0;

  if (write (native->to, &n, sizeof n) == (ssize_t) sizeof n
      && read (native->from, &answer, sizeof answer) == (ssize_t) sizeof answer)
    return TRUE;
  *at = *native->progress;
  stop (native);
  start (native);
  return FALSE;
}
