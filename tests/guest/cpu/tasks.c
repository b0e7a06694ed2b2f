/* tasks.c - task switches through 16- and 32-bit TSSs and task gates; double faults.
 * Source: Intel SDM vol. 3A, chapter 8; 6.12.2 and 6.15. */
#include "guest.h"

#define SEL(n) (FREE_SEL + (n) * 8)
#define SET(n, descriptor) (gdt[SEL (n) / 8] = (descriptor))
#define TYPE(selector) ((u32) (gdt[(selector) / 8] >> 40) & 0x1f)
#define ARG(n) ((void *) (uword) (n))

typedef struct
{
  u16 link, r0;
  u32 esp0, ss0, esp1, ss1, esp2, ss2;
  u32 cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
  u32 es, cs, ss, ds, fs, gs, ldt;
  u16 trap, map;
} Tss;

typedef struct
{
  u16 link, sp0, ss0, sp1, ss1, sp2, ss2;
  u16 ip, flags, ax, cx, dx, bx, sp, bp, si, di;
  u16 es, cs, ss, ds, ldt;
} Tss16;

static Tss other __attribute__ ((aligned (128)));
static Tss16 small __attribute__ ((aligned (64)));
#define mine ((Tss *) main_tss)
enum { OTHER, SMALL, GATE, BASED, BASED_STACK, SHORT };

u32 arrivals, seen_flags, seen_error, seen_link, seen_tr, seen_cr0, seen_eax, seen_esp;

typedef struct { u32 offset; u16 selector; } __attribute__ ((packed)) Far;
static Far far;

static void jump (void *arg) { far.selector = (u16) (u32) arg; __asm__ volatile ("clts\n ljmp *%0" :: "m" (far) : "memory"); }
static void call (void *arg) { far.selector = (u16) (u32) arg; __asm__ volatile ("clts\n lcall *%0" :: "m" (far) : "memory"); }
static void user_jump (void *arg) { far.selector = (u16) (u32) arg; __asm__ volatile ("ljmp *%0" :: "m" (far)); leave (); }
static void int_61 (void *arg) { (void) arg; __asm__ volatile ("int $0x61\n after_61:" ::: "memory"); }

/* What the other task does: notes what it sees, then goes back as it was told. */
__asm__ (
  "note_all:\n"
  "  movl %eax, seen_eax\n movl %esp, seen_esp\n incl arrivals\n pushf\n popl seen_flags\n"
  "  strw seen_tr\n movl %cr0, %eax\n movl %eax, seen_cr0\n ret\n"
  "by_iret: call note_all\n after_by_iret: iret\n jmp by_iret\n"
  "by_jump: call note_all\n ljmp $0x28, $0\n jmp by_jump\n"
  "with_error: popl seen_error\n call note_all\n iret\n jmp with_error\n"
  ".code16\n"
  "by_iret16: pushf\n popw %bx\n movl $arrivals, %edi\n incl (%edi)\n movl $seen_flags, %edi\n movw %bx, (%edi)\n"
  "  movl $seen_eax, %edi\n movw %ax, (%edi)\n movl $seen_esp, %edi\n movl %esp, (%edi)\n"
  "  movl $seen_tr, %edi\n strw (%edi)\n iret\n jmp by_iret16\n"
  ".code32\n");

static void
make_tss (uword eip)
{
  u32 *words = (u32 *) &other;

  for (u32 i = 0; i < sizeof other / 4; i++)
    words[i] = 0;
  other.eip = eip;
  other.eflags = 2;
  other.esp = other.esp0 = (u32) spare_stack + 4096;
  other.cs = KERNEL_CS;
  other.es = other.ss = other.ds = other.fs = other.gs = other.ss0 = KERNEL_DS;
  other.eax = 0x12345678;
  other.map = 0xffff;
  SET (OTHER, segment ((u32) &other, sizeof other - 1, 0x89, 0));
  SET (GATE, gate (SEL (OTHER), 0, 0xe5, 0));
  arrivals = 0;
}

static void
make_small (void)
{
  u16 *words = (u16 *) &small;

  for (u32 i = 0; i < sizeof small / 2; i++)
    words[i] = 0;
  SET (BASED, segment (0x100000, 0xffff, D_CODE, 0));
  SET (BASED_STACK, segment (0x100000, 0xffff, D_DATA, 0));
  small.ip = (u16) (ADDRESS (by_iret16) - 0x100000);
  small.flags = 2;
  small.sp = (u16) ((u32) spare_stack + 4096 - 0x100000);
  small.cs = SEL (BASED);
  small.ss = SEL (BASED_STACK);
  small.es = small.ds = KERNEL_DS;
  small.ax = 0x4321;
  SET (SMALL, segment ((u32) &small, sizeof small - 1, 0x81, 0));
  arrivals = 0;
}

static void
check_switched (const char *name, u32 wanted_link, u32 flags)
{
  int holds = arrivals == 1 && (u16) seen_tr == SEL (OTHER) && seen_eax == 0x12345678
              && (seen_flags & (NT | TF | IF)) == flags && (u16) other.link == wanted_link;

  check (name, holds);
  if (holds)
    return;
  note ("arrivals", arrivals);
  note ("tr", seen_tr);
  note ("eax", seen_eax);
  note ("flags", seen_flags);
  note ("link", other.link);
}

static void
switches (void)
{
  u16 tr = 0;

  make_tss (ADDRESS (by_iret));
  check_trap ("CALL to a TSS and IRET back", call, ARG (SEL (OTHER)), NO_TRAP, 0);
  check_switched ("the called task is nested", MAIN_TSS, NT);
  check ("a switch sets CR0.TS", (seen_cr0 & 8) != 0);
  check_equal ("after the return the called task is not busy", TYPE (SEL (OTHER)), 9);
  check_equal ("and the caller is", TYPE (MAIN_TSS), 11);
  check_equal ("what it left: EIP", other.eip, ADDRESS (after_by_iret) + 1);
  check_equal ("and NT clear", other.eflags & NT, 0);
  __asm__ volatile ("str %0" : "=r" (tr));
  check_equal ("TR is the first one's again", tr, MAIN_TSS);

  make_tss (ADDRESS (by_jump));
  check_trap ("JMP to a TSS and JMP back", jump, ARG (SEL (OTHER)), NO_TRAP, 0);
  check_switched ("the task is not nested", 0, 0);
  check_equal ("it is not busy when it has gone", TYPE (SEL (OTHER)), 9);

  make_tss (ADDRESS (by_iret));
  check_trap ("CALL to a task gate", call, ARG (SEL (GATE)), NO_TRAP, 0);
  check_switched ("is a call of its task", MAIN_TSS, NT);

  make_tss (ADDRESS (by_iret));
  set_idt (0x61, gate (SEL (OTHER), 0, 0x85, 0), 0);
  check_trap ("INT to a task gate", int_61, 0, NO_TRAP, 0);
  check_switched ("is a call too", MAIN_TSS, NT);
  check_equal ("the caller goes on behind it", mine->eip, ADDRESS (after_61));
  check_equal ("its EFLAGS were saved without NT", mine->eflags & (NT | VM), 0);

  make_tss (ADDRESS (by_iret));
  other.eflags = 2 | 1 | 0x3000;
  call (ARG (SEL (OTHER)));
  check_equal ("EFLAGS come from the TSS", seen_flags & 0x3001, 0x3001);
  check_equal ("the stack too", seen_esp, other.esp0 - 4);
}

static void
small_tasks (void)
{
  make_small ();
  seen_esp = seen_eax = 0;
  check_trap ("CALL to a 16-bit TSS and IRET back", call, ARG (SEL (SMALL)), NO_TRAP, 0);
  check ("it ran", arrivals == 1 && (u16) seen_tr == SEL (SMALL));
  check_equal ("with its AX", (u16) seen_eax, 0x4321);
  check_equal ("its stack", (u16) seen_esp, (u16) ((u32) spare_stack + 4096 - 0x100000));
  check ("nested", (seen_flags & NT) != 0);
  check_equal ("its link is a word", small.link, MAIN_TSS);
  check_equal ("and it is free again", TYPE (SEL (SMALL)), 1);
}

static void
bad_targets (void)
{
  make_tss (ADDRESS (by_iret));
  SET (OTHER, segment ((u32) &other, sizeof other - 1, 0x8b, 0));
  check_trap ("a busy TSS", call, ARG (SEL (OTHER)), GP, SEL (OTHER));
  check_trap ("a gate to it", call, ARG (SEL (GATE)), GP, SEL (OTHER));
  SET (OTHER, segment ((u32) &other, sizeof other - 1, 0x09, 0));
  check_trap ("a TSS that is not present", call, ARG (SEL (OTHER)), NP, SEL (OTHER));
  SET (OTHER, segment ((u32) &other, 102, 0x89, 0));
  check_trap ("a TSS that is too small", call, ARG (SEL (OTHER)), TS, SEL (OTHER));
  SET (GATE, gate (SEL (OTHER), 0, 0x65, 0));
  check_trap ("a task gate that is not present", call, ARG (SEL (GATE)), NP, SEL (GATE));
  SET (GATE, gate (SEL (OTHER) | 4, 0, 0xe5, 0));
  check_trap ("a task gate to the LDT", call, ARG (SEL (GATE)), GP, SEL (OTHER) | 4);
  SET (GATE, gate (0, 0, 0xe5, 0));
  check_trap ("a task gate to null", call, ARG (SEL (GATE)), GP, 0);
  SET (GATE, gate (KERNEL_DS, 0, 0xe5, 0));
  check_trap ("a task gate to data", call, ARG (SEL (GATE)), GP, KERNEL_DS);
  make_tss (ADDRESS (by_iret));
  check_user_trap ("ring 3 may not use ring 0's TSS", user_jump, ARG (SEL (OTHER)), GP, SEL (OTHER));
}

/* IRET with NT to what is no good. */
static void
nested_return (void *arg)
{
  mine->link = (u16) (u32) arg;
  __asm__ volatile ("pushf\n orl $0x4000, (%%esp)\n popf\n iret" ::: "cc", "memory");
}

static void
bad_links (void)
{
  make_tss (ADDRESS (by_iret));
  check_trap ("IRET with NT: the link is null", nested_return, ARG (0), TS, 0);
  check_trap ("the link is in the LDT", nested_return, ARG (SEL (OTHER) | 4), TS, SEL (OTHER) | 4);
  check_trap ("the link is not busy", nested_return, ARG (SEL (OTHER)), TS, SEL (OTHER));
  check_trap ("the link is no TSS", nested_return, ARG (KERNEL_DS), TS, KERNEL_DS);
  mine->link = 0;
}

/* Faults of the new task come in it: run() gets TR back by itself. */
static void
check_bad_state (const char *name, int vector, u32 error)
{
  u16 tr;
  int got = run (call, ARG (SEL (OTHER)));
  u32 got_error = (u32) last.error;

  __asm__ volatile ("str %0" : "=r" (tr));
  check (name, got == vector && got_error == error && tr == SEL (OTHER) && last.ip == ADDRESS (by_iret));
  if (got != vector || got_error != error || tr != SEL (OTHER) || last.ip != ADDRESS (by_iret))
    {
      note ("vector", (u32) got);
      note ("error", got_error);
      note ("tr", tr);
      note ("ip", last.ip);
    }
  set_main_tss ();
}

static void
bad_states (void)
{
  /* #TS for CS, SS and the LDT comes with no stack segment of its own: their handler must be a
     task or a gate that loads one; ring 3 has one in the TSS. */
  make_tss (ADDRESS (by_iret));
  SET (SHORT, segment (0, 0xfffff, 0x13, 0xc));
  other.ds = SEL (SHORT);
  check_bad_state ("DS is not present", NP, SEL (SHORT));
  make_tss (ADDRESS (by_iret));
  other.es = 0x7f8;
  check_bad_state ("ES is outside the table", TS, 0x7f8);
  make_tss (ADDRESS (by_iret));
  other.fs = MAIN_TSS;
  check_bad_state ("FS is no segment", TS, MAIN_TSS);
  make_tss (ADDRESS (by_iret));
  other.cs = USER_CS;
  other.ss = USER_DS;
  other.ds = other.es = other.fs = other.gs = USER_DS;
  other.gs = KERNEL_DS;
  check_bad_state ("GS is ring 0's in ring 3", TS, KERNEL_DS);
}

static int
note_trap (Frame *frame)
{
  static u32 n;

  seen_error = (u32) frame->vector << 16 | (get_dr6 () & 0xe00f);
  seen_eax = frame->ip;
  return ++n < 8 && frame->vector == DB;
}

static void
trap_bit (void)
{
  make_tss (ADDRESS (by_iret));
  other.trap = 1;
  set_dr6 (0);
  seen_error = 0;
  trap_hook = note_trap;
  check_trap ("a task with the T bit", call, ARG (SEL (OTHER)), NO_TRAP, 0);
  trap_hook = 0;
  check_equal ("begins with #DB, and BT tells why", seen_error, DB << 16 | 0x8000);

  make_tss (ADDRESS (by_iret));
  trap_hook = note_trap;
  set_dr6 (0);
  set_dr0 ((u32) &arrivals);
  set_dr7 (0x3 | 0xd0000);
  seen_error = 0;
  call (ARG (SEL (OTHER)));
  trap_hook = 0;
  check_equal ("a switch clears the local breakpoints", get_dr7 () & 0xff, 2);
  check_equal ("and leaves the global ones", seen_error, DB << 16 | 1);
  set_dr7 (0x400);
  set_dr6 (0);
}

/* --- #DF --- */

static void load_bad (void *arg) { (void) arg; __asm__ volatile ("mov %w0, %%ds" :: "r" (0x7f8)); }
static void
no_stack (void *arg)
{
  (void) arg;
  SET (SHORT, segment ((u32) spare_stack, 31, D_DATA, D_BIG));
  __asm__ volatile ("mov %w0, %%ss\n mov $4, %%esp\n push %%eax\n push %%eax" :: "r" (SEL (SHORT)));
}
static void undefined (void *arg) { (void) arg; __asm__ volatile ("ud2"); }

__asm__ ("double_fault: popl seen_error\n movl %esp, seen_esp\n strw seen_tr\n incl arrivals\n"
         "  movw 0x0, %ax\n pushl $0x77\n call recover\n");

static void
double_faults (void)
{
  u64 old = idt[DF], old_gp = idt[GP], old_ud = idt[UD];

  make_tss (ADDRESS (double_fault));
  idt[DF] = gate (SEL (OTHER), 0, 0x85, 0);
  idt[GP] = 0;
  seen_error = 1;
  check_equal ("#GP without a handler is #DF, here a task", (u32) run (load_bad, 0), 0x77);
  check_equal ("with error code 0", seen_error, 0);
  check_equal ("the old task's EIP is at the fault", *(u8 *) mine->eip, 0x8e);
  check_equal ("and its RF is as it was", mine->eflags & RF, 0);
  set_main_tss ();
  idt[GP] = old_gp;

  make_tss (ADDRESS (double_fault));
  check_equal ("#SS with no room for its frame is #DF", (u32) run (no_stack, 0), 0x77);
  check_equal ("in the task", (u16) seen_tr, SEL (OTHER));
  set_main_tss ();

  make_tss (ADDRESS (double_fault));
  idt[UD] = 0;
  idt[NP] = 0;
  idt[GP] = 0;
  check_equal ("#UD, #GP for its gate, and #NP or #GP for that one's", (u32) run (undefined, 0), 0x77);
  set_main_tss ();
  idt[UD] = old_ud;
  idt[NP] = gate (KERNEL_CS, (u32) stub_table + NP * 16, 0x8e, 0);
  idt[GP] = old_gp;
  idt[DF] = old;

  /* A fault with an error code by a task gate. */
  make_tss (ADDRESS (with_error));
  idt[UD] = gate (SEL (OTHER), 0, 0x85, 0);
  idt[GP] = gate (SEL (OTHER), 0, 0x85, 0);
  other.eip = ADDRESS (double_fault);
  check_equal ("#GP by a task gate", (u32) run (load_bad, 0), 0x77);
  check_equal ("has its error code on the new stack", seen_error, 0x7f8);
  check_equal ("which it has taken off", seen_esp, other.esp0);
  check_equal ("the faulting task's RF is set", mine->eflags & RF, RF);
  check_equal ("and EIP is at the fault", *(u8 *) mine->eip, 0x8e);
  idt[UD] = old_ud;
  idt[GP] = old_gp;
  set_main_tss ();
}

void
guest_main (void)
{
  switches ();
  small_tasks ();
  bad_targets ();
  bad_links ();
  bad_states ();
  trap_bit ();
  double_faults ();
}
