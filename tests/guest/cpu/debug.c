/* debug.c - breakpoints of the debug registers, single steps, INT1, INT3, INTO.
 * Source: Intel SDM vol. 3B, chapter 17. */
#include "guest.h"

#define DR6_RESET 0xffff0ff0u
#define BS (1u << 14)
#define BD (1u << 13)

enum { EXECUTE, WRITE, PORT, ACCESS };
enum { LEN1, LEN2, LEN8, LEN4 };
#define DR7(n, kind, len) (0x400u | 2u << 2 * (n) | (u32) (kind) << (16 + 4 * (n)) | (u32) (len) << (18 + 4 * (n)))

/* Every trap that comes, in order. */
static struct { u32 vector, flags, dr6; uword ip; } seen[64];
static u32 n_seen;
static int set_rf;              /* the hook sets RF, so that a code breakpoint is passed */
static u32 clear_tf_at;         /* how many traps are let through with TF */

static volatile u8 cell[8192] __attribute__ ((aligned (4096)));

static int
record (Frame *frame)
{
  if (n_seen < 64)
    {
      seen[n_seen].vector = (u32) frame->vector;
      seen[n_seen].flags = (u32) frame->flags;
      seen[n_seen].dr6 = (u32) get_dr6 ();
      seen[n_seen].ip = frame->ip;
    }
  n_seen++;
  set_dr6 (DR6_RESET);
  if (frame->vector != DB && frame->vector != BP && frame->vector != OF && frame->vector != 0x41)
    return 0;
  if (set_rf)
    frame->flags |= RF;
  if (clear_tf_at && n_seen >= clear_tf_at)
    frame->flags &= ~(uword) TF;
  return n_seen < 60;
}

static void
begin (void)
{
  set_dr7 (0x400);
  set_dr6 (DR6_RESET);
  n_seen = 0;
  set_rf = 0;
  clear_tf_at = 0;
  trap_hook = record;
}

static void
end (void)
{
  set_dr7 (0x400);
  set_dr6 (DR6_RESET);
  trap_hook = 0;
}

/* One trap came, at @ip, with these bits of DR6. */
static void
check_one (const char *name, uword ip, u32 bits)
{
  int holds = n_seen == 1 && seen[0].vector == DB && seen[0].ip == ip && seen[0].dr6 == (DR6_RESET | bits);

  end ();
  check (name, holds);
  if (holds)
    return;
  note ("traps", n_seen);
  for (u32 i = 0; i < n_seen && i < 6; i++)
    {
      note ("  vector", seen[i].vector);
      note ("  ip", seen[i].ip);
      note ("  dr6", seen[i].dr6);
    }
  note ("wanted ip", ip);
  note ("wanted dr6", DR6_RESET | bits);
}

static void
check_none (const char *name)
{
  u32 n = n_seen;

  end ();
  check_equal (name, n, 0);
}

/* --- code --- */

static u32 counted;

static void
execution (void)
{
  begin ();
  set_rf = 1;
  set_dr0 (ADDRESS (at_code));
  set_dr7 (DR7 (0, EXECUTE, LEN1));
  __asm__ volatile ("nop\n at_code: incl %0\n nop" : "+m" (counted));
  check_one ("a code breakpoint comes before its instruction", ADDRESS (at_code), 1);
  check_equal ("RF lets the instruction pass, once", counted, 1);

  begin ();
  set_rf = 1;
  set_dr1 (ADDRESS (at_loop));
  set_dr7 (DR7 (1, EXECUTE, LEN1));
  __asm__ volatile ("mov $3, %%ecx\n at_loop: dec %%ecx\n jnz at_loop" ::: "ecx", "cc");
  check_equal ("it comes each time round a loop", n_seen, 3);
  check ("the pushed RF is clear", !(seen[0].flags & RF));
  end ();

  begin ();
  set_rf = 1;
  set_dr2 (ADDRESS (at_rep));
  set_dr7 (DR7 (2, EXECUTE, LEN1));
  __asm__ volatile ("mov $5, %%ecx\n mov %0, %%edi\n at_rep: rep stosb" :: "i" (cell) : "ecx", "edi", "memory");
  check_one ("it comes once for a REP instruction", ADDRESS (at_rep), 4);

  begin ();
  set_dr0 (ADDRESS (never));
  set_dr7 (DR7 (0, EXECUTE, LEN1) & ~3u);
  __asm__ volatile ("never: nop");
  check_none ("one that is not enabled does not come");

  begin ();
  set_rf = 1;
  set_dr3 (ADDRESS (at_ss));
  set_dr7 (DR7 (3, EXECUTE, LEN1));
  __asm__ volatile ("mov %%ss, %%eax\n mov %%eax, %%ss\n at_ss: nop\n nop" ::: "eax");
  check_none ("it does not come right behind MOV SS");

  begin ();
  set_rf = 1;
  set_dr0 (ADDRESS (at_two));
  set_dr1 (ADDRESS (at_two));
  set_dr7 (DR7 (0, EXECUTE, LEN1) | DR7 (1, EXECUTE, LEN1));
  __asm__ volatile ("at_two: nop");
  check_one ("two at one place are one exception", ADDRESS (at_two), 3);
}

/* A program of ring 3 meets a breakpoint at an instruction that faults. */
static void
faulting (void *arg)
{
  (void) arg;
  __asm__ volatile ("at_fault: hlt");
}

static void
before_faults (void)
{
  begin ();
  set_rf = 1;
  set_dr0 (ADDRESS (at_fault));
  set_dr7 (DR7 (0, EXECUTE, LEN1));
  run_user (faulting, 0);
  check ("a code breakpoint comes before the instruction's own fault",
         n_seen == 2 && seen[0].vector == DB && seen[1].vector == GP && seen[1].ip == ADDRESS (at_fault));
  check ("a fault pushes RF", (seen[1].flags & RF) != 0);
  end ();
}

/* --- data --- */

#define ACCESS_TEST(label, text) __asm__ volatile (text "\n" #label ":" :: "b" (cell), "a" (0x12345678) : "ecx", "edx", "esi", "edi", "memory", "cc")

static void
data (void)
{
  u32 dr0 = (u32) (uword) cell + 64;

#define TRY(name, dr7, label, text, bits)                                 \
  begin ();                                                               \
  set_dr0 (dr0);                                                          \
  set_dr7 (dr7);                                                          \
  ACCESS_TEST (label, text);                                              \
  if (bits) check_one (name, ADDRESS (label), bits); else check_none (name)

  TRY ("a write breakpoint comes behind the write", DR7 (0, WRITE, LEN4), w1, "movl %%eax, 64(%%ebx)", 1);
  TRY ("a write breakpoint lets reads pass", DR7 (0, WRITE, LEN4), w2, "movl 64(%%ebx), %%ecx", 0);
  TRY ("an access breakpoint comes for a read", DR7 (0, ACCESS, LEN4), w3, "movl 64(%%ebx), %%ecx", 1);
  TRY ("an access breakpoint comes for a write", DR7 (0, ACCESS, LEN4), w4, "movl %%eax, 64(%%ebx)", 1);
  TRY ("a read-modify-write hits a write breakpoint once", DR7 (0, WRITE, LEN4), w5, "addl %%eax, 64(%%ebx)", 1);
  TRY ("the last byte counts", DR7 (0, WRITE, LEN4), w6, "movb %%al, 67(%%ebx)", 1);
  TRY ("the byte behind does not", DR7 (0, WRITE, LEN4), w7, "movb %%al, 68(%%ebx)", 0);
  TRY ("nor the byte in front", DR7 (0, WRITE, LEN4), w8, "movb %%al, 63(%%ebx)", 0);
  TRY ("an access that only overlaps counts", DR7 (0, WRITE, LEN1), w9, "movl %%eax, 61(%%ebx)", 1);
  TRY ("two bytes are two", DR7 (0, WRITE, LEN2), w10, "movb %%al, 66(%%ebx)", 0);
  TRY ("code is not data", DR7 (0, ACCESS, LEN4), w11, "nop", 0);
#undef TRY

  begin ();
  set_dr0 (dr0 + 4096);
  set_dr7 (DR7 (0, WRITE, LEN4));
  __asm__ volatile ("mov %%esp, %%esi\n lea 4164(%%ebx), %%esp\n push %%eax\n push1: mov %%esi, %%esp"
                    :: "b" (cell) : "esi", "memory");
  check_one ("PUSH is a write", ADDRESS (push1), 1);

  begin ();
  set_dr0 (dr0 + 3);
  set_dr7 (DR7 (0, WRITE, LEN4));
  ACCESS_TEST (a1, "movb %%al, 64(%%ebx)");
  check_one ("the address is aligned to its length", ADDRESS (a1), 1);

  begin ();
  set_dr2 ((u32) (uword) cell + 4096);
  set_dr7 (DR7 (2, WRITE, LEN1));
  ACCESS_TEST (c1, "movl %%eax, 4094(%%ebx)");
  check_one ("an access over the end of a page is seen whole", ADDRESS (c1), 4);

  begin ();
  set_dr0 (dr0);
  set_dr3 (dr0 + 128);
  set_dr7 (DR7 (0, ACCESS, LEN4) | DR7 (3, WRITE, LEN4));
  ACCESS_TEST (m1, "lea 64(%%ebx), %%esi\n lea 192(%%ebx), %%edi\n cld\n movsl");
  check_one ("MOVS can hit two", ADDRESS (m1), 9);
}

static void
strings (void)
{
  begin ();
  set_dr0 ((u32) (uword) cell + 66);
  set_dr7 (DR7 (0, WRITE, LEN1));
  __asm__ volatile ("cld\n mov $8, %%ecx\n lea 64(%%ebx), %%edi\n rep_data: rep stosb\n behind_rep:"
                    :: "b" (cell), "a" (0) : "ecx", "edi", "memory");
  check_one ("REP STOS stops in the middle, where the byte was written", ADDRESS (rep_data), 1);

  begin ();
  set_dr0 ((u32) (uword) cell + 71);
  set_dr7 (DR7 (0, WRITE, LEN1));
  __asm__ volatile ("cld\n mov $8, %%ecx\n lea 64(%%ebx), %%edi\n rep stosb\n behind_last:"
                    :: "b" (cell), "a" (0) : "ecx", "edi", "memory");
  check_one ("and behind it, for the last byte", ADDRESS (behind_last), 1);
}

/* --- ports --- */

static void
ports (void)
{
  begin ();
  set_cr4 (get_cr4 () | 8);
  set_dr0 (0x80);
  set_dr7 (DR7 (0, PORT, LEN1));
  __asm__ volatile ("outb %%al, $0x80\n p1:" :: "a" (0));
  check_one ("a port breakpoint comes behind OUT", ADDRESS (p1), 1);

  begin ();
  set_dr0 (0x80);
  set_dr7 (DR7 (0, PORT, LEN1));
  __asm__ volatile ("inb $0x80, %%al\n p2:" ::: "eax");
  check_one ("and behind IN", ADDRESS (p2), 1);

  begin ();
  set_dr0 (0x80);
  set_dr7 (DR7 (0, PORT, LEN1));
  outb (0x84, 0);
  check_none ("another port does not break");

  begin ();
  set_dr0 (0x80);
  set_dr7 (DR7 (0, PORT, LEN1));
  __asm__ volatile ("movb %%al, 0x80" :: "a" (0) : "memory");
  check_none ("nor does memory of that address");
  set_cr4 (get_cr4 () & ~8u);
}

/* --- GD, DR4 and DR5 --- */

static void read_dr0 (void *arg) { (void) arg; (void) get_dr0 (); }
static void read_dr4 (void *arg) { (void) arg; u32 v; __asm__ volatile (".byte 0x0f, 0x21, 0xe0" : "=a" (v)); }

static void
general_detect (void)
{
  begin ();
  set_dr7 (0x2400);
  __asm__ volatile ("gd1: mov %%db0, %%eax" ::: "eax");
  check_one ("GD: touching a debug register traps before it", ADDRESS (gd1), BD);
  check_equal ("and the handler's entry clears GD", get_dr7 (), 0x400);

  set_dr6 (0);
  check_equal ("DR6's fixed bits", get_dr6 (), DR6_RESET);
  set_dr7 (0);
  check_equal ("DR7's fixed bit", get_dr7 (), 0x400);
  check_trap ("DR4 is DR6 without CR4.DE", read_dr4, 0, NO_TRAP, 0);
  set_cr4 (get_cr4 () | 8);
  check_trap ("and undefined with it", read_dr4, 0, UD, 0);
  set_cr4 (get_cr4 () & ~8u);
  check_user_trap ("ring 3 may not touch debug registers", read_dr0, 0, GP, 0);
}

/* --- single steps --- */

static void
steps (void)
{
  begin ();
  clear_tf_at = 2;
  __asm__ volatile ("pushf\n orl $0x100, (%%esp)\n popf\n nop\n s1: nop\n s2:" ::: "cc", "memory");
  check ("TF traps behind the instruction after POPF, and behind each",
         n_seen == 2 && seen[0].ip == ADDRESS (s1) && seen[1].ip == ADDRESS (s2) && seen[0].dr6 == (DR6_RESET | BS));
  end ();

  begin ();
  clear_tf_at = 2;
  __asm__ volatile ("mov %%ss, %%eax\n pushf\n orl $0x100, (%%esp)\n popf\n mov %%eax, %%ss\n nop\n s3: nop\n s4:"
                    ::: "eax", "cc", "memory");
  check ("not behind MOV SS, but behind the instruction after it",
         n_seen == 2 && seen[0].ip == ADDRESS (s3) && seen[1].ip == ADDRESS (s4));
  end ();

  begin ();
  clear_tf_at = 5;
  __asm__ volatile ("cld\n mov $3, %%ecx\n mov %0, %%edi\n pushf\n orl $0x100, (%%esp)\n popf\n"
                    "s5: rep stosb\n s6: nop\n s7: nop" :: "i" (cell) : "ecx", "edi", "cc", "memory");
  check ("behind each iteration of REP", n_seen == 5 && seen[0].ip == ADDRESS (s5) && seen[1].ip == ADDRESS (s5)
                                             && seen[2].ip == ADDRESS (s6) && seen[3].ip == ADDRESS (s7));
  end ();

  begin ();
  clear_tf_at = 1;
  __asm__ volatile ("pushf\n orl $0x100, (%%esp)\n popf\n jmp s9\n nop\n s9:" ::: "cc", "memory");
  check ("behind a jump, at its target", n_seen == 1 && seen[0].ip == ADDRESS (s9));
  end ();

  begin ();
  clear_tf_at = 2;
  __asm__ volatile ("pushf\n orl $0x100, (%%esp)\n popf\n int3\n t1: nop\n t2:" ::: "cc", "memory");
  check ("not behind INT3, whose handler runs without TF",
         n_seen == 2 && seen[0].vector == BP && seen[0].ip == ADDRESS (t1) && (seen[0].flags & TF)
         && seen[1].vector == DB && seen[1].ip == ADDRESS (t2));
  end ();

  begin ();
  clear_tf_at = 1;
  set_dr0 ((u32) (uword) cell);
  set_dr7 (DR7 (0, WRITE, LEN1));
  __asm__ volatile ("pushf\n orl $0x100, (%%esp)\n popf\n movb $1, %0\n u1:" : "=m" (cell[0]) :: "cc", "memory");
  check ("a step and a data breakpoint are one exception",
         n_seen == 1 && seen[0].ip == ADDRESS (u1) && seen[0].dr6 == (DR6_RESET | BS | 1));
  end ();

  begin ();
  clear_tf_at = 1;
  *(volatile u32 *) cell = KERNEL_DS;
  set_dr0 ((u32) (uword) cell);
  set_dr7 (DR7 (0, ACCESS, LEN4));
  __asm__ volatile ("movw %0, %%ss\n v1: nop\n v2:" :: "m" (cell[0]) : "memory");
  check ("a data breakpoint met by MOV SS waits for the next instruction",
         n_seen == 1 && seen[0].ip == ADDRESS (v2) && seen[0].dr6 == (DR6_RESET | 1));
  end ();
}

/* --- INT1, INT3, INTO --- */

static void do_int1 (void *arg) { (void) arg; __asm__ volatile (".byte 0xf1\n int1_end:"); leave (); }
static void do_int_1 (void *arg) { (void) arg; __asm__ volatile ("int $1"); }
static void do_int3 (void *arg) { (void) arg; __asm__ volatile ("int3"); }
static void do_int_gate (void *arg) { (void) arg; __asm__ volatile ("int $0x55"); }
static void do_into (void *arg) { (void) arg; __asm__ volatile ("mov $0x7f, %%al\n inc %%al\n into\n into_end:" ::: "eax"); leave (); }

static void
software (void)
{
  set_dr6 (DR6_RESET);
  check_user_trap ("INT1 needs no gate of ring 3", do_int1, 0, DB, 0);
  check_equal ("it returns behind itself", last.ip, ADDRESS (int1_end));
  check_equal ("and leaves DR6 alone", get_dr6 (), DR6_RESET);
  check_user_trap ("INT 1 does need one", do_int_1, 0, GP, 1 * 8 + 2);
  check_user_trap ("INT3 through a gate of ring 3", do_int3, 0, BP, 0);
  check_user_trap ("INTO on overflow", do_into, 0, OF, 0);
  check_equal ("it returns behind itself too", last.ip, ADDRESS (into_end));
  check_user_trap ("a gate of ring 0 is not for INT n", do_int_gate, 0, GP, 0x55 * 8 + 2);
}

void
guest_main (void)
{
  execution ();
  before_faults ();
  data ();
  strings ();
  ports ();
  general_detect ();
  steps ();
  software ();
}
