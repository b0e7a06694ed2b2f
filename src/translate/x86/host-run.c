/* host-run.c - native execution of one HOST operation.
 *
 * Generated code is the instruction and a RET, in a memory file that is mapped twice:
 * writable and executable.  GPR operands go through fixed registers.
 *
 * Source: Intel SDM vol. 1, 8.1.10 (x87 state in memory), 11.5 (SSE exceptions).
 * Left out: with underflow unmasked in MXCSR, a tiny result that is exact does not trap; PE
 * comes with an overflow that traps;
 * a dot product whose second step traps does not report what its first step flagged. */
#define _GNU_SOURCE
#include "config.h"

#include "translate/x86/host-run.h"

#include "translate/x86/host-encode.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The assembly below knows these offsets. */
typedef struct
{
  guint64      rsi, rdx, rcx, rax;     /* 0, 8, 16, 24: memory or r/m, reg, vvvv, AX */
  guint64      rflags;                 /* 32 */
  guint32      mxcsr, host_mxcsr;      /* 40, 44 */
  const void  *code;                   /* 48 */
  gpointer     vec;                    /* 56 */
} Frame;

enum { GPR_RM = X86_RSI, GPR_REG = X86_RDX, GPR_V = X86_RCX };

void astern_host_run_gpr (Frame *frame);
void astern_host_run_sse (Frame *frame);
void astern_host_run_avx (Frame *frame);

#define ENTER(name) \
  ".globl " name "\n.hidden " name "\n.type " name ",@function\n" \
  name ":\n" \
  "  push %rbx\n" \
  "  push %rbp\n" \
  "  mov %rdi, %rbx\n" \
  "  mov 56(%rbx), %rbp\n"
#define GUEST_MXCSR "  stmxcsr 44(%rbx)\n  ldmxcsr 40(%rbx)\n"
#define HOST_MXCSR  "  stmxcsr 40(%rbx)\n  ldmxcsr 44(%rbx)\n"
#define RUN \
  "  mov 0(%rbx), %rsi\n" \
  "  mov 8(%rbx), %rdx\n" \
  "  mov 16(%rbx), %rcx\n" \
  "  mov 24(%rbx), %rax\n" \
  "  sub $8, %rsp\n" \
  "  push 32(%rbx)\n" \
  "  popf\n" \
  "  call *48(%rbx)\n" \
  "  pushf\n" \
  "  pop 32(%rbx)\n" \
  "  add $8, %rsp\n" \
  "  mov %rsi, 0(%rbx)\n" \
  "  mov %rdx, 8(%rbx)\n" \
  "  mov %rcx, 16(%rbx)\n" \
  "  mov %rax, 24(%rbx)\n"
#define LEAVE(name) \
  "  pop %rbp\n" \
  "  pop %rbx\n" \
  "  ret\n" \
  ".size " name ", . - " name "\n"
#define LOAD_1(op, r, n)  "  " op " 32*" #n "(%rbp), %" r #n "\n"
#define STORE_1(op, r, n) "  " op " %" r #n ", 32*" #n "(%rbp)\n"
#define ALL_16(what, op, r) \
  what (op, r, 0) what (op, r, 1) what (op, r, 2) what (op, r, 3) what (op, r, 4) what (op, r, 5) what (op, r, 6) \
  what (op, r, 7) what (op, r, 8) what (op, r, 9) what (op, r, 10) what (op, r, 11) what (op, r, 12) what (op, r, 13) \
  what (op, r, 14) what (op, r, 15)

__asm__ (
  ".text\n.p2align 4\n"
  ENTER ("astern_host_run_gpr") RUN LEAVE ("astern_host_run_gpr")
  ".p2align 4\n"
  ENTER ("astern_host_run_sse") GUEST_MXCSR ALL_16 (LOAD_1, "movups", "xmm") RUN
  ALL_16 (STORE_1, "movups", "xmm") HOST_MXCSR LEAVE ("astern_host_run_sse")
  ".p2align 4\n"
  ENTER ("astern_host_run_avx") GUEST_MXCSR ALL_16 (LOAD_1, "vmovups", "ymm") RUN
  ALL_16 (STORE_1, "vmovups", "ymm") HOST_MXCSR "  vzeroupper\n" LEAVE ("astern_host_run_avx")
);

/* --- generated code --------------------------------------------------------- */

#define SLOT_BYTES 32
#define N_SLOTS    16384
#define N_BUCKETS  (2 * N_SLOTS)

struct _HostRunner
{
  guint8  *writable, *executable;     /* views of the same memory */
  guint    n_used;                    /* slots */
  IrHost  *keys;                      /* of each slot */
  guint16 *buckets;                   /* slot + 1, open addressing; 0: free */
  void   (*run_vec) (Frame *frame);
};

static void
map_code (HostRunner *runner)
{
  gsize size = (gsize) N_SLOTS * SLOT_BYTES;
  int fd = memfd_create ("astern-host-run", MFD_CLOEXEC);

  if (fd < 0 || ftruncate (fd, (off_t) size) != 0)
    g_error ("No memory for generated code");
  runner->writable = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  runner->executable = mmap (NULL, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
  close (fd);
  if (runner->writable == MAP_FAILED || runner->executable == MAP_FAILED)
    g_error ("No memory for generated code");
}

static void
unmap_code (HostRunner *runner)
{
  gsize size = (gsize) N_SLOTS * SLOT_BYTES;

  munmap (runner->writable, size);
  munmap (runner->executable, size);
}

HostRunner *
host_runner_new (void)
{
  HostRunner *runner = g_new0 (HostRunner, 1);

  map_code (runner);
  runner->keys = g_new (IrHost, N_SLOTS);
  runner->buckets = g_new0 (guint16, N_BUCKETS);
  runner->run_vec = __builtin_cpu_supports ("avx") ? astern_host_run_avx : astern_host_run_sse;
  return runner;
}

void
host_runner_free (HostRunner *runner)
{
  if (runner == NULL)
    return;
  unmap_code (runner);
  g_free (runner->keys);
  g_free (runner->buckets);
  g_free (runner);
}

static guint
hash (const IrHost *host)
{
  const guint8 *bytes = (const guint8 *) host;
  guint32 h = 2166136261u;

  for (guint i = 0; i < sizeof *host; i++)
    h = (h ^ bytes[i]) * 16777619u;
  return (h ^ h >> 15) % N_BUCKETS;
}

/* Code is never changed once written: when all slots are full, new memory is taken. */
static const void *
code_for (HostRunner *runner, const IrHost *host)
{
  guint bucket = hash (host), slot;
  guint length;
  guint8 *out;

  for (; runner->buckets[bucket] != 0; bucket = (bucket + 1) % N_BUCKETS)
    {
      slot = runner->buckets[bucket] - 1u;
      if (memcmp (&runner->keys[slot], host, sizeof *host) == 0)
        return runner->executable + slot * SLOT_BYTES;
    }
  if (runner->n_used == N_SLOTS - 1)
    {
      unmap_code (runner);
      map_code (runner);
      memset (runner->buckets, 0, N_BUCKETS * sizeof runner->buckets[0]);
      runner->n_used = 0;
      bucket = hash (host);
    }
  slot = runner->n_used++;
  runner->keys[slot] = *host;
  runner->buckets[bucket] = (guint16) (slot + 1);
  out = runner->writable + slot * SLOT_BYTES;
  length = host_encode (out, host, GPR_REG, GPR_RM, GPR_V, 0);
  out[length] = 0xc3;
  return runner->executable + slot * SLOT_BYTES;
}

/* --- x87 state -------------------------------------------------------------- */

/* What FRSTOR and FNSAVE move: the 32-bit protected-mode format. */
typedef struct
{
  guint32 fcw, fsw, ftw, fip, fcs, fdp, fds;
  guint8  st[8][10];
} X87Image;

G_STATIC_ASSERT (sizeof (X87Image) == 108);

__attribute__ ((target ("general-regs-only"))) void
host_x87_load (X86Cpu *cpu)
{
  const X86State *s = &cpu->s;
  gboolean traps = (cpu->mode & X86_MODE_FP_TRAPS) && (s->cr0 & X86_CR0_NE);
  X87Image image;
  guint32 tags = 0;

  for (guint i = 0; i < 8; i++)
    {
      const guint64 *from = (const guint64 *) s->st[i];

      __builtin_memcpy (image.st[i], from, 8);
      __builtin_memcpy (image.st[i] + 8, from + 1, 2);
      if (!(s->ftw >> i & 1))
        tags |= 3u << 2 * i;
    }
  image.fcw = s->fcw | (traps ? 0 : 0x3f);
  image.fsw = s->fsw;
  image.ftw = tags;
  image.fip = image.fcs = image.fdp = image.fds = 0;
  __asm__ volatile ("frstor %0" : : "m" (image));
}

__attribute__ ((target ("general-regs-only"))) void
host_x87_save (X86Cpu *cpu)
{
  X86State *s = &cpu->s;
  X87Image image;
  guint ftw = 0;

  __asm__ volatile ("fnsave %0" : "=m" (image));
  for (guint i = 0; i < 8; i++)
    {
      guint64 high = 0;

      __builtin_memcpy (&high, image.st[i] + 8, 2);
      __builtin_memcpy (s->st[i], image.st[i], 8);
      __builtin_memcpy (s->st[i] + 8, &high, 8);
      if ((image.ftw >> 2 * i & 3) != 3)
        ftw |= 1u << i;
    }
  s->fsw = (guint16) image.fsw;
  s->ftw = (guint8) ftw;
}

/* --- running ---------------------------------------------------------------- */

static inline gboolean
uses (const IrHost *host, guint kind)
{
  return host->reg_kind == kind || host->rm_kind == kind || host->v_kind == kind;
}

/* SDM vol. 1, 11.5.1: unmasked invalid, denormal and divide exceptions come before the
 * operation; then those found after it are not reported. */
static void
raise_simd_exceptions (X86Cpu *cpu, guint32 raised)
{
  guint32 unmasked = raised & ~(cpu->s.mxcsr >> 7) & 0x3f;

  if (unmasked == 0)
    return;
  cpu->s.mxcsr |= unmasked & 7 ? raised & 7 : raised;
  x86_raise (cpu, cpu->s.cr4 & X86_CR4_OSXMMEXCPT ? X86_EXC_XM : X86_EXC_UD);
}

static void
run_with_vectors (X86Cpu *cpu, const IrHost *host, Frame *frame)
{
  X86State *s = &cpu->s;
  guint8 copy[sizeof s->vec];

  frame->vec = s->vec;
  frame->mxcsr = s->mxcsr;
  if (!(cpu->mode & X86_MODE_FP_TRAPS) || !host->mxcsr)
    {
      frame->mxcsr |= 0x1f80;
      cpu->host_runner->run_vec (frame);
      s->mxcsr |= frame->mxcsr & 0x3f;
      return;
    }
  memcpy (copy, s->vec, sizeof copy);
  frame->vec = copy;
  frame->mxcsr = (s->mxcsr & ~0x3fu) | 0x1f80;
  cpu->host_runner->run_vec (frame);
  raise_simd_exceptions (cpu, frame->mxcsr & 0x3f);
  s->mxcsr |= frame->mxcsr & 0x3f;
  memcpy (s->vec, copy, sizeof copy);
}

guint64
host_run (X86Cpu *cpu, const IrHost *host, gpointer memory, guint64 a, guint64 b, guint32 *flags_out)
{
  X86State *s = &cpu->s;
  gboolean x87 = host->encoding == IR_HOST_X87 || uses (host, IR_HOST_MMX);
  X86State before;
  Frame frame;

  if (cpu->host_runner == NULL)
    cpu->host_runner = host_runner_new ();
  memset (&frame, 0, sizeof frame);
  frame.code = code_for (cpu->host_runner, host);
  frame.rsi = host->rm_kind == IR_HOST_MEM ? (guintptr) memory : a;
  frame.rdx = host->gpr_b == 1 ? b : 0;
  frame.rcx = host->gpr_b == 2 ? b : 0;
  frame.rflags = 2 | (x86_flags_arith (cpu) & X86_ARITH);

  if (x87)
    {
      /* #XM must leave the x87 state as it was. */
      if ((cpu->mode & X86_MODE_FP_TRAPS) && host->mxcsr)
        before = *s;
      host_x87_load (cpu);
    }
  if (uses (host, IR_HOST_VEC) || host->mxcsr)
    {
      if (x87 && (cpu->mode & X86_MODE_FP_TRAPS) && host->mxcsr)
        {
          guint32 raised;

          frame.vec = s->vec;
          frame.mxcsr = (s->mxcsr & ~0x3fu) | 0x1f80;
          cpu->host_runner->run_vec (&frame);
          host_x87_save (cpu);
          x87 = FALSE;
          raised = frame.mxcsr & 0x3f;
          if (raised & ~(s->mxcsr >> 7) & 0x3f)
            *s = before;
          raise_simd_exceptions (cpu, raised);
          s->mxcsr |= raised;
        }
      else
        run_with_vectors (cpu, host, &frame);
    }
  else
    astern_host_run_gpr (&frame);
  if (x87)
    host_x87_save (cpu);

  *flags_out = (guint32) frame.rflags & X86_ARITH;
  if (host->encoding == IR_HOST_X87 && host->rm_kind == IR_HOST_MEM && host->rm_written
      && !(host->opcode == 0xdd && host->reg == 7)      /* FNSTSW stores always */
      && (cpu->mode & X86_MODE_FP_TRAPS) && (s->fsw & ~s->fcw & 0x1f))
    *flags_out |= HOST_RUN_NO_STORE;
  if (host->ax_written)
    return frame.rax & 0xffff;
  if (host->rm_kind == IR_HOST_GPR && host->rm_written)
    return frame.rsi;
  return frame.rdx;
}
