/* debug-long.c - debug exceptions of long mode: SYSCALL and SYSRET under TF, eight bytes, HLT, delivery.
 * Source: Intel SDM vol. 3B, chapter 17; vol. 2, SYSCALL and SYSRET. */
#include "guest.h"

#define DR6_RESET 0xffff0ff0u
#define BS (1u << 14)
#define SEL(n) (FREE_SEL + (n) * 8)
enum { EXECUTE, WRITE, PORT, ACCESS };
enum { LEN1, LEN2, LEN8, LEN4 };
#define DR7(n, kind, len) (0x400u | 2u << 2 * (n) | (u32) (kind) << (16 + 4 * (n)) | (u32) (len) << (18 + 4 * (n)))

static struct { u64 vector, ip, dr6, cs, sp; } seen[16];
static u32 n_seen, most;
static u64 cell[16] __attribute__ ((aligned (64)));

static int
record (Frame *frame)
{
  if (frame->vector == LEAVE_VECTOR || n_seen == 16)
    return 0;
  seen[n_seen].vector = frame->vector;
  seen[n_seen].ip = frame->ip;
  seen[n_seen].cs = frame->cs;
  seen[n_seen].sp = frame->sp;
  seen[n_seen++].dr6 = get_dr6 ();
  set_dr6 (DR6_RESET);
  frame->flags |= RF;
  if (n_seen >= most)
    {
      frame->flags &= ~(u64) TF;
      set_dr7 (0x400);
    }
  return 1;
}

static void
begin (u32 n)
{
  set_dr7 (0x400);
  set_dr6 (DR6_RESET);
  n_seen = 0;
  most = n;
  trap_hook = record;
}

static void
check_seen (const char *name, u32 n, const u64 *ips)
{
  int holds = n_seen == n;

  set_dr7 (0x400);
  trap_hook = 0;
  for (u32 i = 0; i < n && holds; i++)
    holds = seen[i].vector == DB && seen[i].ip == ips[i];
  check (name, holds);
  for (u32 i = 0; i < n_seen && !holds; i++)
    {
      note ("vector", seen[i].vector);
      note ("ip", seen[i].ip);
    }
}

__asm__ ("kernel_entry: incq syscalls\n kernel_return: sysretq\n");
u64 syscalls;

static void
stepped_syscall (void *arg)
{
  (void) arg;
  __asm__ volatile ("pushfq\n orq $0x100, (%%rsp)\n popfq\n step1: nop\n step2: syscall\n step3: nop\n step4: nop\n step5:"
                    ::: "rcx", "r11", "memory", "cc");
  leave ();
}

static void
system_calls (void)
{
  u64 masked[] = { ADDRESS (step2), ADDRESS (step3), ADDRESS (step4) };
  u64 open[] = { ADDRESS (step2), ADDRESS (kernel_entry), ADDRESS (kernel_return), ADDRESS (step3) };

  gdt[SEL (17) / 8] = segment (0, 0xfffff, 0xf3, 0xc);
  gdt[SEL (18) / 8] = segment (0, 0xfffff, 0xfb, 0xa);
  wrmsr (0xc0000080, rdmsr (0xc0000080) | 1);
  wrmsr (0xc0000081, (u64) (SEL (16) | 3) << 48 | (u64) KERNEL_CS << 32);
  wrmsr (0xc0000082, ADDRESS (kernel_entry));
  wrmsr (0xc0000084, TF);
  begin (3);
  run_user (stepped_syscall, 0);
  check_seen ("SYSCALL under TF that FMASK clears: the next step is behind SYSRET", 3, masked);
  wrmsr (0xc0000084, 0);
  begin (4);
  run_user (stepped_syscall, 0);
  check_seen ("SYSCALL under TF that FMASK leaves: steps go on in the kernel", 4, open);
}

static void
eight_bytes (void)
{
  u64 at[] = { ADDRESS (wrote8) };

  begin (1);
  set_dr0 ((u64) cell + 8);
  set_dr7 (DR7 (0, WRITE, LEN8));
  cell[0] = 1;
  cell[2] = 1;
  __asm__ volatile ("movb $1, 7(%0)\n wrote8:" :: "r" (cell + 1) : "memory");
  check_seen ("a breakpoint of eight bytes", 1, at);
  begin (1);
  set_dr0 ((u64) cell + 8);
  set_dr7 (DR7 (0, WRITE, LEN8));
  __asm__ volatile ("movups %%xmm0, %0" : "=m" (cell));
  check_equal ("a vector store is an access", n_seen, 1);
  set_dr7 (0x400);
}

static void
halted (void)
{
  u64 behind[] = { ADDRESS (after_hlt) };

  begin (1);
  __asm__ volatile ("pushfq\n orq $0x100, (%%rsp)\n popfq\n hlt\n after_hlt: nop" ::: "memory", "cc");
  check_seen ("a step ends HLT", 1, behind);
}

/* What delivery itself touches: #DB comes before the handler's first instruction. */
static void
delivery (void)
{
  begin (2);
  set_dr1 ((u64) &idt[0x41 * 2]);
  set_dr7 (DR7 (1, ACCESS, LEN8));
  __asm__ volatile ("int $0x41");
  check ("a breakpoint on the gate of INT n comes in its handler",
         n_seen == 2 && seen[0].vector == DB && seen[0].ip == (u64) stub_table + 0x41 * 16
         && seen[0].dr6 == (DR6_RESET | 2) && seen[1].vector == 0x41);
  set_dr7 (0x400);
  trap_hook = 0;
}

static void user_code (void *arg) { (void) arg; __asm__ volatile ("at_user: nop"); leave (); }
static void
user_breakpoint (void)
{
  u64 at[] = { ADDRESS (at_user) };

  begin (1);
  set_dr3 (ADDRESS (at_user));
  set_dr7 (DR7 (3, EXECUTE, LEN1));
  run_user (user_code, 0);
  check_equal ("from ring 3", seen[0].cs, USER_CS);
  check_seen ("a code breakpoint in ring 3", 1, at);
}

void
guest_main (void)
{
  system_calls ();
  eight_bytes ();
  halted ();
  delivery ();
  user_breakpoint ();
}
