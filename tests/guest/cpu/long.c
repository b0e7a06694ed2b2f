/* long.c - long mode: gates, SYSCALL and SYSENTER, FS and GS base, XSAVE, canonical addresses.
 * Source: Intel SDM vol. 2 for each instruction; vol. 3A, 5.8 and 6.14; AMD APM vol. 2. */
#include "guest.h"

#define SEL(n) (FREE_SEL + (n) * 8)
#define SET(n, descriptor) (gdt[SEL (n) / 8] = (descriptor))
#define ARG(n) ((void *) (uword) (n))
#define EFER 0xc0000080u
#define STAR 0xc0000081u
#define LSTAR 0xc0000082u
#define FMASK 0xc0000084u
#define FS_BASE 0xc0000100u
#define GS_BASE 0xc0000101u
#define KERNEL_GS 0xc0000102u
#define BAD 0x800000000000ull          /* not canonical */
#define STEP_SELECTORS SEL (16)        /* SYSRET: 32-bit code, data, 64-bit code */

u64 seen[16];

/* --- SYSCALL, SYSRET --- */

__asm__ (
  "on_syscall: mov %cs, seen\n mov %ss, seen+8\n mov %rcx, seen+16\n mov %r11, seen+24\n mov %rsp, seen+32\n"
  "  pushfq\n popq seen+40\n int $0x41\n"
  "on_syscall_back: sysretq\n"
  "on_sysenter: mov %cs, seen\n mov %ss, seen+8\n mov %rsp, seen+32\n pushfq\n popq seen+40\n int $0x41\n"
  "user_there: mov %cs, %eax\n mov %ss, %ecx\n int $0x40\n"
  ".code32\n"
  "user_there_32: mov %cs, %eax\n mov %ss, %ecx\n mov $0x12345678, %edx\n int $0x40\n"
  ".code64\n");

static void user_syscall (void *arg) { (void) arg; __asm__ volatile ("std\n stc\n syscall\n after_syscall:" ::: "rcx", "r11", "memory"); leave (); }
static void user_syscall_back (void *arg)
{
  (void) arg;
  __asm__ volatile ("stc\n syscall\n mov %%cs, %%eax\n mov %%ss, %%ecx" ::: "rax", "rcx", "r11", "memory", "cc");
  leave ();
}
static u64 ret_flags = 2;
static void sysret (void *arg) { __asm__ volatile ("mov %0, %%rcx\n mov %1, %%r11\n sysretq" :: "r" (arg), "m" (ret_flags) : "rcx", "r11"); }
static void sysret32 (void *arg) { __asm__ volatile ("mov %0, %%rcx\n mov %1, %%r11\n sysretl" :: "r" (arg), "m" (ret_flags) : "rcx", "r11"); }
static void user_sysret (void *arg) { (void) arg; __asm__ volatile ("sysretq"); }

static void
syscalls (void)
{
  SET (16, segment (0, 0xfffff, 0xfb, 0xc));
  SET (17, segment (0, 0xfffff, 0xf3, 0xc));
  SET (18, segment (0, 0xfffff, 0xfb, 0xa));
  wrmsr (STAR, (u64) (STEP_SELECTORS | 3) << 48 | (u64) KERNEL_CS << 32);
  wrmsr (LSTAR, ADDRESS (on_syscall));
  wrmsr (FMASK, 0x400 | 1);
  check_user_trap ("SYSCALL without EFER.SCE", user_syscall, 0, UD, 0);
  wrmsr (EFER, rdmsr (EFER) | 1);
  check_user_trap ("SYSCALL", user_syscall, 0, 0x41, 0);
  check_equal ("its CS", (u16) seen[0], KERNEL_CS);
  check_equal ("its SS", (u16) seen[1], KERNEL_CS + 8);
  check_equal ("RCX has the return address", seen[2], ADDRESS (after_syscall));
  check_equal ("R11 has the flags", seen[3] & 0x403, 0x403);
  check ("the stack is the user's", seen[4] > (u64) user_stack && seen[4] <= (u64) user_stack + 8192);
  check_equal ("FMASK clears flags", seen[5] & 0x401, 0);
  wrmsr (LSTAR, ADDRESS (on_syscall_back));
  check_user_trap ("SYSCALL and SYSRET", user_syscall_back, 0, LEAVE_VECTOR, 0);
  check_equal ("CS after it", (u16) last.ax, SEL (18) | 3);
  check_equal ("SS after it", (u16) last.cx, SEL (17) | 3);
  check_equal ("CF came back", last.flags & 1, 1);
  ret_flags = 2 | 1 | RF | VM | 0x3000;
  check_trap ("SYSRET", sysret, ARG (ADDRESS (user_there)), LEAVE_VECTOR, 0);
  check_equal ("takes flags but RF and VM", last.flags & (RF | VM | 0x3001), 0x3001);
  ret_flags = 2;
  check_trap ("SYSRET to compatibility mode", sysret32, ARG (ADDRESS (user_there_32) | 0x100000000ull), LEAVE_VECTOR, 0);
  check_equal ("its CS", (u16) last.ax, SEL (16) | 3);
  check_equal ("32-bit code ran", last.dx, 0x12345678);
  check_trap ("SYSRET to no canonical address", sysret, ARG (BAD), GP, 0);
  check_equal ("faults in ring 0", last.cs & 3, 0);
  check_user_trap ("SYSRET in ring 3", user_sysret, 0, GP, 0);
}

/* --- SYSENTER, SYSEXIT --- */

static void user_sysenter (void *arg) { (void) arg; __asm__ volatile ("sysenter"); }
static void user_sysexit (void *arg) { (void) arg; __asm__ volatile ("sysexitl"); }
static void sysexit64 (void *arg) { __asm__ volatile ("mov %0, %%rdx\n lea user_stack+4096, %%rcx\n .byte 0x48, 0x0f, 0x35" :: "r" (arg) : "rcx", "rdx"); }
static void sysexit32 (void *arg) { __asm__ volatile ("mov %0, %%rdx\n lea user_stack+4096, %%rcx\n sysexitl" :: "r" (arg) : "rcx", "rdx"); }

static void
sysenters (void)
{
  wrmsr (0x174, 0);
  check_user_trap ("SYSENTER without a CS", user_sysenter, 0, GP, 0);
  check_trap ("SYSEXIT without a CS", sysexit64, 0, GP, 0);
  SET (20, segment (0, 0xfffff, 0x9b, 0xa));
  SET (21, segment (0, 0xfffff, 0x93, 0xc));
  SET (22, segment (0, 0xfffff, 0xfb, 0xc));
  SET (23, segment (0, 0xfffff, 0xf3, 0xc));
  SET (24, segment (0, 0xfffff, 0xfb, 0xa));
  SET (25, segment (0, 0xfffff, 0xf3, 0xc));
  wrmsr (0x174, SEL (20));
  wrmsr (0x175, (u64) spare_stack + 4096);
  wrmsr (0x176, ADDRESS (on_sysenter));
  check_user_trap ("SYSENTER", user_sysenter, 0, 0x41, 0);
  check_equal ("its CS", (u16) seen[0], SEL (20));
  check_equal ("its SS", (u16) seen[1], SEL (21));
  check_equal ("its stack", seen[4], (u64) spare_stack + 4096);
  check_equal ("IF is clear", seen[5] & IF, 0);
  check_trap ("SYSEXIT to 64-bit code", sysexit64, ARG (ADDRESS (user_there)), LEAVE_VECTOR, 0);
  check_equal ("its CS", (u16) last.ax, SEL (24) | 3);
  check_equal ("its SS", (u16) last.cx, SEL (25) | 3);
  check_trap ("SYSEXIT to 32-bit code", sysexit32, ARG (ADDRESS (user_there_32)), LEAVE_VECTOR, 0);
  check_equal ("its CS", (u16) last.ax, SEL (22) | 3);
  check_equal ("its SS", (u16) last.cx, SEL (23) | 3);
  check_trap ("SYSEXIT to no canonical address", sysexit64, ARG (BAD), GP, 0);
  check_user_trap ("SYSEXIT in ring 3", user_sysexit, 0, GP, 0);
}

/* --- gates --- */

typedef struct { u32 offset; u16 selector; } __attribute__ ((packed)) Far;
static Far far;
static void far_call (void *arg) { (void) arg; __asm__ volatile ("lcall *%0" :: "m" (far) : "memory"); }
static void user_far_call (void *arg) { (void) arg; __asm__ volatile ("lcall *%0" :: "m" (far) : "memory"); leave (); }
static void user_far_jump (void *arg) { (void) arg; __asm__ volatile ("ljmp *%0" :: "m" (far) : "memory"); leave (); }
__asm__ ("gate_target: mov %cs, seen\n mov %ss, seen+8\n mov %rsp, seen+16\n mov (%rsp), %rax\n mov %rax, seen+24\n"
         "  mov 8(%rsp), %rax\n mov %rax, seen+32\n mov 16(%rsp), %rax\n mov %rax, seen+40\n lretq\n");

static void
set_gate64 (u32 n, u32 selector, u64 offset, u32 access)
{
  SET (n, gate (selector, (u32) offset, access, 0));
  SET (n + 1, offset >> 32);
}

static void
call_gates (void)
{
  u64 top = *(u64 *) (main_tss + 4);

  set_gate64 (0, KERNEL_CS, ADDRESS (gate_target), 0xec);
  far.selector = SEL (0) | 3;
  check_user_trap ("a 64-bit call gate", user_far_call, 0, LEAVE_VECTOR, 0);
  check_equal ("leads to ring 0", (u16) seen[0], KERNEL_CS);
  check_equal ("with a null SS", (u16) seen[1], 0);
  check_equal ("on the TSS's stack", seen[2], top - 32);
  check_equal ("the return address's CS", (u16) seen[4], USER_CS);
  check ("the user's stack", seen[5] > (u64) user_stack && seen[5] <= (u64) user_stack + 8192);
  far.selector = SEL (0);
  check_trap ("the same within ring 0", far_call, 0, NO_TRAP, 0);
  far.selector = SEL (0) | 3;
  check_user_trap ("JMP by it cannot go inwards", user_far_jump, 0, GP, KERNEL_CS);
  SET (1, 0x1full << 40);
  check_user_trap ("a type in its upper half", user_far_call, 0, GP, SEL (0));
  set_gate64 (0, KERNEL_CS, BAD, 0xec);
  check_user_trap ("no canonical target", user_far_call, 0, GP, 0);
  set_gate64 (0, SEL (16), ADDRESS (gate_target), 0xec);
  check_user_trap ("to 32-bit code", user_far_call, 0, GP, SEL (16));
  set_gate64 (0, KERNEL_CS, 0, 0x6c);
  check_user_trap ("not present", user_far_call, 0, NP, SEL (0));
  set_gate64 (0, KERNEL_CS, ADDRESS (gate_target), 0xec);
  *(u64 *) (main_tss + 4) = BAD;
  set_idt (SS, gate (KERNEL_CS, (u32) (uword) stub_table + SS * 16, 0x8e, 1), 0);
  *(u64 *) (main_tss + 36) = top;
  check_user_trap ("with no canonical stack", user_far_call, 0, SS, 0);
  set_idt (SS, gate (KERNEL_CS, (u32) (uword) stub_table + SS * 16, 0x8e, 0), 0);
  set_main_tss ();
  far.selector = MAIN_TSS;
  check_trap ("there are no task switches", far_call, 0, GP, MAIN_TSS);
}

/* --- interrupts --- */

static void int_60 (void *arg) { (void) arg; __asm__ volatile ("int $0x60"); }
static void misaligned (void *arg) { (void) arg; __asm__ volatile ("sub $5, %%rsp\n int $0x60" ::: "memory"); }
static void iret_nt (void *arg)
{
  (void) arg;
  __asm__ volatile ("pushfq\n orq $0x4000, (%%rsp)\n popfq\n iretq" ::: "memory", "cc");
}
static u64 i_rip, i_cs, i_flags = 2, i_rsp, i_ss;
static void
iret (void *arg)
{
  (void) arg;
  __asm__ volatile ("pushq %0\n pushq %1\n pushq %2\n pushq %3\n pushq %4\n iretq"
                    :: "m" (i_ss), "m" (i_rsp), "m" (i_flags), "m" (i_cs), "m" (i_rip) : "memory");
}

static void
interrupts (void)
{
  set_idt (0x60, gate (KERNEL_CS, (u32) (uword) stub_table + 0x60 * 16, 0x8e, 1), 0);
  *(u64 *) (main_tss + 36) = (u64) spare_stack + 4099;
  check_trap ("a gate with an IST", int_60, 0, 0x60, 0);
  check ("SS is pushed too", last.ss == KERNEL_DS);
  set_idt (0x60, gate (SEL (16), 0, 0x8e, 0), 0);
  check_trap ("a handler in 32-bit code", int_60, 0, GP, SEL (16));
  set_idt (0x60, gate (KERNEL_CS, (u32) (uword) stub_table, 0x86, 0), 0);
  check_trap ("a 16-bit gate", int_60, 0, GP, 0x60 * 8 + 2);
  set_idt (0x60, gate (KERNEL_CS, 0, 0x85, 0), 0);
  check_trap ("a task gate", int_60, 0, GP, 0x60 * 8 + 2);
  set_idt (0x60, gate (KERNEL_CS, 0, 0x8e, 0), 0x8000);
  check_trap ("no canonical handler", int_60, 0, GP, 0);
  set_idt (0x60, gate (KERNEL_CS, (u32) (uword) stub_table + 0x60 * 16, 0x8e, 0), 0);
  check_trap ("a stack that is not aligned", misaligned, 0, 0x60, 0);
  check_equal ("is pushed as it was", last.sp & 7, 3);
  check_trap ("IRET with NT", iret_nt, 0, GP, 0);
  set_main_tss ();

  i_rip = ADDRESS (user_there);
  i_cs = USER_CS;
  i_ss = USER_DS;
  i_rsp = (u64) user_stack + 4096;
  check_trap ("IRET to ring 3", iret, 0, LEAVE_VECTOR, 0);
  i_ss = 0;
  check_trap ("IRET to ring 3 with a null SS", iret, 0, GP, 0);
  i_ss = KERNEL_DS;
  check_trap ("IRET to ring 3 with ring 0's SS", iret, 0, GP, KERNEL_DS);
  i_ss = USER_DS;
  i_rip = BAD;
  check_trap ("IRET to no canonical address", iret, 0, GP, 0);
  i_rip = ADDRESS (user_there_32);
  i_cs = SEL (16) | 3;
  check_trap ("IRET to compatibility mode", iret, 0, LEAVE_VECTOR, 0);
  check_equal ("32-bit code ran", last.dx, 0x12345678);
  SET (30, segment (0, 0xfffff, 0xfb, 0xe));
  i_cs = SEL (30) | 3;
  check_trap ("IRET to code with L and D", iret, 0, GP, SEL (30));
}

/* --- addresses --- */

static void read_at (void *arg) { __asm__ volatile ("movb (%0), %%al" :: "r" (arg) : "rax"); }
static void read_by_rbp (void *arg) { __asm__ volatile ("push %%rbp\n mov %0, %%rbp\n movb (%%rbp), %%al\n pop %%rbp" :: "r" (arg) : "rax"); }
static void push_at (void *arg) { __asm__ volatile ("mov %0, %%rsp\n push %%rax" :: "r" (arg)); }
static void jump_to (void *arg) { __asm__ volatile ("jmp *%0" :: "r" (arg)); }
static void wrbase (void *arg) { wrmsr (FS_BASE, (u64) arg); }
static void lstar (void *arg) { wrmsr (LSTAR, (u64) arg); }

static void
addresses (void)
{
  check_trap ("a read at no canonical address", read_at, ARG (BAD), GP, 0);
  check_trap ("by RBP", read_by_rbp, ARG (BAD), SS, 0);
  set_idt (SS, gate (KERNEL_CS, (u32) (uword) stub_table + SS * 16, 0x8e, 1), 0);
  *(u64 *) (main_tss + 36) = (u64) spare_stack + 4096;
  check_trap ("PUSH there", push_at, ARG (BAD + 8), SS, 0);
  set_idt (SS, gate (KERNEL_CS, (u32) (uword) stub_table + SS * 16, 0x8e, 0), 0);
  set_main_tss ();
  check_trap ("a jump there", jump_to, ARG (BAD), GP, 0);
  check_trap ("FS base", wrbase, ARG (BAD), GP, 0);
  check_trap ("LSTAR", lstar, ARG (BAD), GP, 0);
  check_trap ("the last canonical address", read_at, ARG (0x7fffffffffffull), PF, 0);
  check_equal ("CR2 has it", get_cr2 (), 0x7fffffffffffull);
}

/* --- FS and GS --- */

static void rdfsbase (void *arg) { (void) arg; __asm__ volatile ("rdfsbase %%rax" ::: "rax"); }
static void wrgsbase (void *arg) { __asm__ volatile ("wrgsbase %0" :: "r" (arg)); }
static void user_swapgs (void *arg) { (void) arg; __asm__ volatile ("swapgs"); leave (); }
static void user_wrfs (void *arg) { __asm__ volatile ("wrfsbase %0\n mov %%fs:0, %%rax" :: "r" (arg) : "rax"); leave (); }

static void
bases (void)
{
  u64 value = 0x1122334455667788ull, read;

  check_trap ("RDFSBASE without FSGSBASE", rdfsbase, 0, UD, 0);
  set_cr4 (get_cr4 () | 1 << 16);
  check_trap ("RDFSBASE with it", rdfsbase, 0, NO_TRAP, 0);
  check_trap ("WRGSBASE: no canonical address", wrgsbase, ARG (BAD), GP, 0);
  check_user_trap ("WRFSBASE in ring 3", user_wrfs, &value, LEAVE_VECTOR, 0);
  check_equal ("FS is there", last.ax, value);
  __asm__ volatile ("mov $0x89abcdef01234567, %%rax\n wrfsbase %%eax\n rdfsbase %0" : "=r" (read) :: "rax");
  check_equal ("WRFSBASE of 32 bits", read, 0x01234567);
  wrmsr (GS_BASE, 0x1000);
  wrmsr (KERNEL_GS, 0xffff800000001000ull);
  __asm__ volatile ("swapgs");
  check_equal ("SWAPGS", rdmsr (GS_BASE), 0xffff800000001000ull);
  check_equal ("and the other one", rdmsr (KERNEL_GS), 0x1000);
  __asm__ volatile ("swapgs");
  check_user_trap ("SWAPGS in ring 3", user_swapgs, 0, GP, 0);
  __asm__ volatile ("mov %w0, %%gs" :: "r" (KERNEL_DS));
  check_equal ("a selector's base", rdmsr (GS_BASE), 0);
  set_cr4 (get_cr4 () & ~(1ul << 16));
}

/* --- time stamps, UMIP, undefined in 64-bit mode --- */

static void user_rdtscp (void *arg) { (void) arg; __asm__ volatile ("rdtscp" ::: "rax", "rcx", "rdx"); leave (); }
static void user_sidt (void *arg) { (void) arg; __asm__ volatile ("sub $16, %%rsp\n sidt (%%rsp)\n add $16, %%rsp" ::: "memory"); leave (); }
#define UNDEFINED(name, bytes) static void name (void *arg) { (void) arg; __asm__ volatile (".byte " bytes); }
UNDEFINED (push_es, "0x06")
UNDEFINED (daa, "0x27")
UNDEFINED (pusha, "0x60")
UNDEFINED (far_ptr, "0x9a, 0, 0, 0, 0, 0, 0")
UNDEFINED (aam, "0xd4, 0x0a")
UNDEFINED (into, "0xce")
UNDEFINED (salc, "0xd6")

static void
others (void)
{
  wrmsr (0xc0000103, 0x5a);
  check_user_trap ("RDTSCP", user_rdtscp, 0, LEAVE_VECTOR, 0);
  {
    u32 aux;

    __asm__ volatile ("rdtscp" : "=c" (aux) :: "rax", "rdx");
    check_equal ("gives TSC_AUX", aux, 0x5a);
  }
  set_cr4 (get_cr4 () | 4);
  check_user_trap ("RDTSCP under TSD", user_rdtscp, 0, GP, 0);
  set_cr4 (get_cr4 () & ~4ul);
  check_user_trap ("SIDT", user_sidt, 0, LEAVE_VECTOR, 0);
  set_cr4 (get_cr4 () | 1 << 11);
  check_user_trap ("SIDT under UMIP", user_sidt, 0, GP, 0);
  set_cr4 (get_cr4 () & ~(1ul << 11));
  check_trap ("PUSH ES", push_es, 0, UD, 0);
  check_trap ("DAA", daa, 0, UD, 0);
  check_trap ("PUSHA", pusha, 0, UD, 0);
  check_trap ("CALL with a far pointer in it", far_ptr, 0, UD, 0);
  check_trap ("AAM", aam, 0, UD, 0);
  check_trap ("INTO", into, 0, UD, 0);
  check_trap ("SALC", salc, 0, UD, 0);
}

/* --- XSAVE --- */

static u8 area[4096] __attribute__ ((aligned (64)));
static u32 mask_low, mask_high;
static void xsave (void *arg) { __asm__ volatile ("xsave (%0)" :: "r" (arg), "a" (mask_low), "d" (mask_high) : "memory"); }
static void xrstor (void *arg) { __asm__ volatile ("xrstor (%0)" :: "r" (arg), "a" (mask_low), "d" (mask_high) : "memory"); }
static void xsetbv (void *arg) { __asm__ volatile ("xsetbv" :: "c" (0), "a" ((u32) (u64) arg), "d" (0)); }
static void xsetbv1 (void *arg) { __asm__ volatile ("xsetbv" :: "c" (1), "a" ((u32) (u64) arg), "d" (0)); }
static void xgetbv (void *arg) { (void) arg; __asm__ volatile ("xgetbv" :: "c" (0) : "rax", "rdx"); }
static void user_xsetbv (void *arg) { (void) arg; __asm__ volatile ("xsetbv" :: "c" (0), "a" (1), "d" (0)); }
#define header ((u64 *) (area + 512))

static void
states (void)
{
  u32 r[4];

  check_trap ("XGETBV without OSXSAVE", xgetbv, 0, UD, 0);
  check_trap ("XSAVE without OSXSAVE", xsave, area, UD, 0);
  set_cr4 (get_cr4 () | 1 << 18);
  cpuid (1, 0, r);
  check ("CPUID shows OSXSAVE", (r[2] >> 27 & 1) != 0);
  check_trap ("XCR0 without x87", xsetbv, ARG (2), GP, 0);
  check_trap ("XCR0: AVX without SSE", xsetbv, ARG (5), GP, 0);
  check_trap ("XCR0: unknown bits", xsetbv, ARG (1u << 31), GP, 0);
  check_trap ("XCR1", xsetbv1, ARG (1), GP, 0);
  check_user_trap ("XSETBV in ring 3", user_xsetbv, 0, GP, 0);
  check_trap ("XCR0", xsetbv, ARG (7), NO_TRAP, 0);
  mask_low = 7;
  mask_high = 0;
  check_trap ("XSAVE", xsave, area, NO_TRAP, 0);
  check_trap ("XSAVE that is not aligned", xsave, area + 32, GP, 0);
  check_equal ("XSTATE_BV has bits of the mask only", header[0] & ~7ull, 0);
  check_trap ("XRSTOR", xrstor, area, NO_TRAP, 0);
  header[0] |= 8;
  check_trap ("XRSTOR: a bit that XCR0 lacks", xrstor, area, GP, 0);
  header[0] = 0;
  header[1] = 1;
  check_trap ("XRSTOR: XCOMP_BV", xrstor, area, GP, 0);
  header[1] = 0;
  header[2] = 1;
  check_trap ("XRSTOR: the reserved word behind it", xrstor, area, GP, 0);
  header[2] = 0;
  *(u32 *) (area + 24) = 0xffff0000;
  header[0] = 2;
  check_trap ("XRSTOR: reserved bits of MXCSR", xrstor, area, GP, 0);
  *(u32 *) (area + 24) = 0x1f80;
  __asm__ volatile ("mov $-1, %%rax\n movq %%rax, %%xmm3" ::: "rax");
  header[0] = 0;
  check_trap ("XRSTOR with nothing in use", xrstor, area, NO_TRAP, 0);
  {
    u64 x;

    __asm__ volatile ("movq %%xmm3, %0" : "=r" (x));
    check_equal ("makes registers as at the start", x, 0);
  }
  set_cr0 (get_cr0 () | 8);
  check_trap ("XSAVE under TS", xsave, area, NM, 0);
  set_cr0 (get_cr0 () & ~8ul);
  set_cr4 (get_cr4 () & ~(1ul << 18));
}

void
guest_main (void)
{
  syscalls ();
  sysenters ();
  call_gates ();
  interrupts ();
  addresses ();
  bases ();
  others ();
  states ();
}
