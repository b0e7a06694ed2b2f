/* vm86.c - virtual-8086 mode, with and without its extensions, and protected-mode virtual interrupts.
 * Source: Intel SDM vol. 3B, chapters 20 (virtual-8086 mode: 20.2 and 20.3) and 20.4; vol. 2. */
#include "guest.h"

#define CODE_SEG  0x0700
#define DATA_SEG  0x0900
#define STACK_SEG 0x0a00
#define STACK_TOP 0x0800
#define data ((volatile u16 *) (DATA_SEG << 4))
#define stack ((volatile u16 *) ((STACK_SEG << 4) + STACK_TOP))
#define ivt ((volatile u32 *) 0)
#define VME 1u
#define PVI 2u
#define IOPL3 0x3000u

static u32 enter_flags;

/* Programs: position-independent, with DS and SS as above.  HLT ends one by #GP. */
#define PROGRAM(name, text) __asm__ (".code16\n" #name ": " text "\n" #name "_end:\n.code32\n");
PROGRAM (p_hlt, "hlt")
PROGRAM (p_cli, "cli\n hlt")
PROGRAM (p_sti, "sti\n hlt")
PROGRAM (p_pushf, "pushf\n hlt")
PROGRAM (p_pushfd, "pushfl\n hlt")
PROGRAM (p_popf_if, "pushw $0x0202\n popf\n hlt")
PROGRAM (p_popf_0, "pushw $0x0002\n popf\n hlt")
PROGRAM (p_popf_tf, "pushw $0x0102\n popf\n hlt")
PROGRAM (p_popf_all, "pushw $0x7e02\n popf\n hlt")
PROGRAM (p_popfd, "pushl $0x0202\n popfl\n hlt")
PROGRAM (p_iret, "pushw $0x0202\n pushw %cs\n pushw $7\n iret\n hlt")
PROGRAM (p_iretd, "pushl $0x0202\n pushl %cs\n pushl $13\n iretl\n hlt")
PROGRAM (p_int, "movw $0x1234, %ax\n int $0x60\n hlt")
PROGRAM (p_int3, "int3\n hlt")
PROGRAM (p_into, "movb $0x7f, %al\n incb %al\n into\n hlt")
PROGRAM (p_in, "inb $0x80, %al\n hlt")
PROGRAM (p_mov_cr, "movl %cr0, %eax\n hlt")
PROGRAM (p_lar, "larw %ax, %ax\n hlt")
PROGRAM (p_arpl, "arpl %ax, %ax\n hlt")
PROGRAM (p_sldt, "sldt %ax\n hlt")
PROGRAM (p_verr, "verr %ax\n hlt")
PROGRAM (p_lldt, "lldt %ax\n hlt")
PROGRAM (p_smsw, "smsw %ax\n hlt")
PROGRAM (p_over, "movw 0xffff, %ax\n hlt")
PROGRAM (p_over_ss, "movw %ss:0xffff, %ax\n hlt")
PROGRAM (p_far, "lcall $0x0700, $6\n hlt\n movw %cs, 0\n movw %ax, %es\n lret")
PROGRAM (p_segs, "movw $0x1111, %ax\n movw %ax, %es\n movw $0x2222, %ax\n movw %ax, %fs\n movw $0x3333, %ax\n movw %ax, %gs\n hlt")
PROGRAM (p_lds, "movw $0x5555, 0\n movw $0x0901, 2\n ldsw 0, %bx\n movw $0x7777, 0x10\n hlt")
PROGRAM (p_handler, "popw 0\n popw 2\n popw 4\n movw %ax, 6\n pushf\n popw 8\n hlt")

static void
enter (void *arg)
{
  __asm__ volatile ("pushl %4\n pushl %4\n pushl %1\n pushl %4\n pushl %2\n pushl %3\n pushl %0\n pushl %5\n pushl $0\n iret"
                    :: "r" (enter_flags), "i" (DATA_SEG), "i" (STACK_SEG), "i" (STACK_TOP), "i" (0), "i" (CODE_SEG), "a" (arg)
                    : "memory");
}

static void
copy (u32 to, u32 from, u32 end)
{
  volatile u8 *d = (volatile u8 *) to;

  for (const u8 *s = (const u8 *) from; s < (const u8 *) end; s++)
    *d++ = *s;
}

static int
run_program (u32 from, u32 end, u32 flags)
{
  copy (CODE_SEG << 4, from, end);
  enter_flags = 2 | VM | flags;
  return run (enter, 0);
}

/* The program ends by @vector at offset @ip. */
static void
check_program (const char *name, u32 from, u32 end, u32 flags, int vector, u32 error, u32 ip)
{
  int got = run_program (from, end, flags);
  int has_error = vector == GP || vector == SS;
  int holds = got == vector && (!has_error || last.error == error) && last.ip == ip && (last.flags & VM)
              && (last.cs & 0xffff) == CODE_SEG;

  check (name, holds);
  if (holds)
    return;
  note ("vector", (u32) got);
  note ("error", last.error);
  note ("ip", last.ip);
  note ("flags", last.flags);
}
#define TRY(name, program, flags, vector, error, ip) \
  check_program (name, ADDRESS (program), ADDRESS (program##_end), flags, vector, error, ip)

static void
flags_are (const char *name, u32 mask, u32 wanted)
{
  check_equal (name, last.flags & mask, wanted);
}

static void
plain (void)
{
  TRY ("HLT", p_hlt, IOPL3, GP, 0, 0);
  TRY ("CLI with IOPL 3", p_cli, IOPL3 | IF, GP, 0, 1);
  flags_are ("clears IF", IF, 0);
  TRY ("CLI with IOPL 0", p_cli, IF, GP, 0, 0);
  TRY ("STI with IOPL 0", p_sti, 0, GP, 0, 0);
  TRY ("PUSHF with IOPL 3", p_pushf, IOPL3, GP, 0, 1);
  check_equal ("pushes IOPL and no IF", stack[-1], IOPL3 | 2);
  TRY ("PUSHF with IOPL 0", p_pushf, 0, GP, 0, 0);
  TRY ("POPF with IOPL 3", p_popf_all, IOPL3, GP, 0, 4);
  flags_are ("loads all but IOPL", 0x7e00, 0x7600 | 0x0800 | IOPL3);
  TRY ("POPF with IOPL 0", p_popf_if, 0, GP, 0, 3);
  TRY ("IRET with IOPL 3", p_iret, IOPL3, GP, 0, 7);
  flags_are ("loads IF", IF, IF);
  TRY ("IRET with IOPL 0", p_iret, 0, GP, 0, 6);
  TRY ("IRETD with IOPL 3", p_iretd, IOPL3, GP, 0, 13);
  flags_are ("and VM stays", VM | IOPL3, VM | IOPL3);

  TRY ("INT n with IOPL 0", p_int, 0, GP, 0, 3);
  TRY ("INT n with IOPL 3 by a gate of ring 0", p_int, IOPL3, GP, 0x60 * 8 + 2, 3);
  set_idt (0x60, gate (KERNEL_CS, (u32) stub_table + 0x60 * 16, 0xee, 0), 0);
  TRY ("INT n with IOPL 3 by a gate of ring 3", p_int, IOPL3, 0x60, 0, 5);
  check_equal ("the frame has DS", last.v86_ds, DATA_SEG);
  check_equal ("SS and SP", last.ss << 16 | last.sp, STACK_SEG << 16 | STACK_TOP);
  check_equal ("the handler has null segments", last.ds | last.es | last.fs | last.gs, 0);
  check_equal ("and runs in ring 0 without VM", (u32) last.cs, CODE_SEG);
  TRY ("INT3 with IOPL 0", p_int3, 0, BP, 0, 1);
  TRY ("INTO with IOPL 0", p_into, 0, OF, 0, 5);
  set_idt (0x60, gate (USER_CS, (u32) stub_table + 0x60 * 16, 0xee, 0), 0);
  TRY ("a handler that is not of ring 0", p_int, IOPL3, GP, USER_CS & ~3, 3);
  set_idt (0x60, gate (KERNEL_CS, (u32) stub_table + 0x60 * 16, 0xee, 0), 0);
}

static void
privileges (void)
{
  TRY ("IN looks at the bitmap, whatever IOPL is", p_in, IOPL3, GP, 0, 0);
  main_tss[0x88 + 0x80 / 8] = 0xfe;
  TRY ("IN by a clear bit", p_in, 0, GP, 0, 2);
  main_tss[0x88 + 0x80 / 8] = 0xff;
  TRY ("MOV from CR0", p_mov_cr, IOPL3, GP, 0, 0);
  TRY ("LAR", p_lar, IOPL3, UD, 0, 0);
  TRY ("ARPL", p_arpl, IOPL3, UD, 0, 0);
  TRY ("SLDT", p_sldt, IOPL3, UD, 0, 0);
  TRY ("VERR", p_verr, IOPL3, UD, 0, 0);
  TRY ("LLDT", p_lldt, IOPL3, UD, 0, 0);
  TRY ("SMSW is free", p_smsw, 0, GP, 0, 3);
  TRY ("a word over the limit", p_over, 0, GP, 0, 0);
  TRY ("by SS", p_over_ss, 0, SS, 0, 0);
  TRY ("a far call and its return", p_far, 0, GP, 0, 5);
  check_equal ("CS there", data[0], CODE_SEG);
  TRY ("segments load", p_segs, 0, GP, 0, 15);
  check ("as they are", last.v86_es == 0x1111 && last.v86_fs == 0x2222 && last.v86_gs == 0x3333);
  TRY ("LDS", p_lds, 0, GP, 0, 22);
  check_equal ("has the new base", data[0x20 / 2], 0x7777);
}

static void
extended (void)
{
  set_cr4 (get_cr4 () | VME);
  TRY ("VME: CLI", p_cli, IF | VIF, GP, 0, 1);
  flags_are ("clears VIF, not IF", IF | VIF, IF);
  TRY ("VME: STI", p_sti, 0, GP, 0, 1);
  flags_are ("sets VIF, not IF", IF | VIF, VIF);
  TRY ("VME: STI with VIP", p_sti, VIP, GP, 0, 0);
  flags_are ("sets nothing", IF | VIF, 0);
  TRY ("VME: CLI with VIP", p_cli, VIP | VIF, GP, 0, 1);
  flags_are ("clears VIF", VIF | VIP, VIP);
  TRY ("VME: PUSHF", p_pushf, VIF, GP, 0, 1);
  check_equal ("shows VIF as IF and IOPL 3", stack[-1], IOPL3 | IF | 2);
  TRY ("VME: PUSHF with IF", p_pushf, IF, GP, 0, 1);
  check_equal ("does not show it", stack[-1], IOPL3 | 2);
  TRY ("VME: PUSHFD", p_pushfd, 0, GP, 0, 0);
  TRY ("VME: POPF with IF", p_popf_if, 0, GP, 0, 4);
  flags_are ("sets VIF", IF | VIF, VIF);
  TRY ("VME: POPF without IF", p_popf_0, IF | VIF, GP, 0, 3);
  flags_are ("clears VIF", IF | VIF, IF);
  TRY ("VME: POPF with IF under VIP", p_popf_if, VIP, GP, 0, 3);
  TRY ("VME: POPF without IF under VIP", p_popf_0, VIP, GP, 0, 3);
  TRY ("VME: POPF with TF", p_popf_tf, 0, GP, 0, 3);
  TRY ("VME: POPFD", p_popfd, 0, GP, 0, 6);
  TRY ("VME: IRET", p_iret, 0, GP, 0, 7);
  flags_are ("sets VIF", IF | VIF, VIF);
  TRY ("VME: IRET under VIP", p_iret, VIP, GP, 0, 6);
  TRY ("VME: IRETD", p_iretd, 0, GP, 0, 11);
  TRY ("VME with IOPL 3: CLI", p_cli, IOPL3 | IF | VIF, GP, 0, 1);
  flags_are ("is as without", IF | VIF, VIF);
}

static void
redirection (void)
{
  const u32 handler = 0x0720;             /* segment */
  u8 *bits = main_tss + 0x68;

  copy (handler << 4, ADDRESS (p_handler), ADDRESS (p_handler_end));
  ivt[0x60] = handler << 16;
  TRY ("VME: INT n that is not redirected, IOPL 0", p_int, 0, GP, 0, 3);
  TRY ("VME: INT n that is not redirected, IOPL 3", p_int, IOPL3, 0x60, 0, 5);
  bits[0x60 / 8] = 0xfe;

  run_program (ADDRESS (p_int), ADDRESS (p_int_end), VIF | 1);
  check_equal ("VME: INT n redirected: the handler runs", last.cs & 0xffff, handler);
  check_equal ("with the return address", (u32) data[1] << 16 | data[0], CODE_SEG << 16 | 5);
  check_equal ("FLAGS with VIF as IF, IOPL 3", data[2], IOPL3 | IF | 3);
  check_equal ("registers as they were", data[3], 0x1234);
  flags_are ("VIF is clear then", VIF | VM, VM);
  run_program (ADDRESS (p_int), ADDRESS (p_int_end), IF);
  check_equal ("IF is not what is pushed", data[2] & IF, 0);
  flags_are ("and stays", IF, IF);
  run_program (ADDRESS (p_int), ADDRESS (p_int_end), IOPL3 | IF);
  check_equal ("with IOPL 3 it is", data[2], IOPL3 | IF | 2);
  flags_are ("and cleared", IF, 0);
  TRY ("INT3 is never redirected", p_int3, 0, BP, 0, 1);
  bits[0x60 / 8] = 0xff;
  set_cr4 (get_cr4 () & ~VME);
}

static void user_cli (void *arg) { (void) arg; __asm__ volatile ("cli\n pushf\n pop %%eax" ::: "eax"); leave (); }
static void user_sti (void *arg) { (void) arg; __asm__ volatile ("sti\n pushf\n pop %%eax" ::: "eax"); leave (); }
static u32 to_flags;
static void
to_user (void *arg)
{
  __asm__ volatile ("pushl %0\n pushl %1\n pushl %2\n pushl %3\n pushl %4\n iret"
                    :: "i" (USER_DS), "r" (user_stack + 4096), "m" (to_flags), "i" (USER_CS), "r" (arg) : "memory");
}

static void
protected_virtual (void)
{
  to_flags = 2 | VIF;
  check_trap ("without PVI: CLI in ring 3", to_user, (void *) user_cli, GP, 0);
  set_cr4 (get_cr4 () | PVI);
  check_trap ("PVI: CLI", to_user, (void *) user_cli, LEAVE_VECTOR, 0);
  flags_are ("clears VIF", VIF | IF, 0);
  to_flags = 2;
  check_trap ("PVI: STI", to_user, (void *) user_sti, LEAVE_VECTOR, 0);
  flags_are ("sets VIF", VIF | IF, VIF);
  to_flags = 2 | VIP;
  check_trap ("PVI: STI with VIP", to_user, (void *) user_sti, GP, 0);
  set_cr4 (get_cr4 () & ~PVI);
}

void
guest_main (void)
{
  plain ();
  privileges ();
  extended ();
  redirection ();
  protected_virtual ();
}
