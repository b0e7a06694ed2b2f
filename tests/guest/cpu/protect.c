/* protect.c - segments, privileges, gates and exceptions of 32-bit protected mode.
 * Source: Intel SDM vol. 3A, chapters 3, 5 and 6; vol. 2 for each instruction. */
#include "guest.h"

#define SEL(n) (FREE_SEL + (n) * 8)
#define BASE 0x100000               /* what 16-bit gates lead to lies less than 64 KiB above */
#define SET(n, descriptor) (gdt[SEL (n) / 8] = (descriptor))

static u32 value;
static u8 area[8192] __attribute__ ((aligned (4096)));

/* --- loads of segment registers --- */

#define LOAD(seg) static void load_##seg (void *arg) { __asm__ volatile ("mov %w0, %%" #seg :: "r" (arg)); }
#define LOAD_USER(seg) \
  static void user_load_##seg (void *arg) { __asm__ volatile ("mov %w0, %%" #seg :: "r" (arg)); leave (); }
LOAD (ds) LOAD (ss) LOAD (fs) LOAD_USER (ds) LOAD_USER (es) LOAD_USER (ss)
static void lldt (void *arg) { __asm__ volatile ("lldt %w0" :: "r" (arg)); }
static void ltr (void *arg) { __asm__ volatile ("ltr %w0" :: "r" (arg)); }
#define ARG(n) ((void *) (uword) (n))

static void
segment_loads (void)
{
  SET (0, segment (0, 0xfffff, D_DATA & ~0x80, 0xc));             /* not present */
  SET (1, segment (0, 0xfffff, 0x91, 0xc));                       /* read-only */
  SET (2, segment (0, 0xfffff, 0x99, 0xc));                       /* execute-only */
  SET (3, segment (0, 0xfffff, 0x9f, 0xc));                       /* conforming, readable, ring 0 */
  SET (4, segment (0, 0xfffff, 0x92, 0xc));                       /* not accessed */
  SET (5, segment (0, 0x67, 0x89, 0));                            /* a TSS */
  SET (6, segment (0, 0xfffff, 0xf3, 0xc));                       /* ring 3's */

  check_trap ("DS takes a null selector", load_ds, ARG (0), NO_TRAP, 0);
  check_trap ("DS: a selector outside the table", load_ds, ARG (0x7f8), GP, 0x7f8);
  check_trap ("DS: a selector of an LDT that is not there", load_ds, ARG (0x0c), GP, 0x0c);
  check_trap ("DS: not present", load_ds, ARG (SEL (0)), NP, SEL (0));
  SET (7, segment (0, 0xfffff, 0x73, 0xc));
  check_trap ("DS: the RPL is not in the error code", load_ds, ARG (SEL (7) | 3), NP, SEL (7));
  check_trap ("DS: read-only data is good", load_ds, ARG (SEL (1)), NO_TRAP, 0);
  check_trap ("DS: code that cannot be read", load_ds, ARG (SEL (2)), GP, SEL (2));
  check_trap ("DS: code that can", load_ds, ARG (KERNEL_CS), NO_TRAP, 0);
  check_trap ("DS: a system descriptor", load_ds, ARG (SEL (5)), GP, SEL (5));
  check_trap ("FS: RPL 3 for ring 0's data", load_fs, ARG (KERNEL_DS | 3), GP, KERNEL_DS);
  check_user_trap ("DS: ring 3 may not have ring 0's data", user_load_ds, ARG (KERNEL_DS), GP, KERNEL_DS);
  check_user_trap ("DS: ring 3 may have ring 0's conforming code", user_load_ds, ARG (SEL (3)), LEAVE_VECTOR, 0);
  check_user_trap ("ES: ring 3's data by RPL 0", user_load_es, ARG (SEL (6)), LEAVE_VECTOR, 0);
  check_trap ("SS: null", load_ss, ARG (0), GP, 0);
  check_trap ("SS: not present", load_ss, ARG (SEL (0)), SS, SEL (0));
  check_trap ("SS: read-only", load_ss, ARG (SEL (1)), GP, SEL (1));
  check_trap ("SS: code", load_ss, ARG (KERNEL_CS), GP, KERNEL_CS);
  check_trap ("SS: RPL is not CPL", load_ss, ARG (KERNEL_DS | 1), GP, KERNEL_DS);
  check_trap ("SS: DPL is not CPL", load_ss, ARG (SEL (6)), GP, SEL (6));
  check_user_trap ("SS: ring 0's in ring 3", user_load_ss, ARG (KERNEL_DS | 3), GP, KERNEL_DS);
  check_trap ("a load", load_ds, ARG (SEL (4)), NO_TRAP, 0);
  check_equal ("sets the accessed bit", gdt[SEL (4) / 8] >> 40 & 0xff, 0x93);

  check_trap ("LLDT: null", lldt, ARG (0), NO_TRAP, 0);
  check_trap ("LLDT: no LDT", lldt, ARG (SEL (5)), GP, SEL (5));
  check_trap ("LLDT: outside the table", lldt, ARG (0x7f8), GP, 0x7f8);
  SET (7, segment (0, 0x67, 0x02, 0));
  check_trap ("LLDT: not present", lldt, ARG (SEL (7)), NP, SEL (7));
  check_trap ("LTR: null", ltr, ARG (0), GP, 0);
  check_trap ("LTR: busy", ltr, ARG (MAIN_TSS), GP, MAIN_TSS);
  SET (7, segment (0, 0x67, 0x09, 0));
  check_trap ("LTR: not present", ltr, ARG (SEL (7)), NP, SEL (7));
}

static void
local_table (void)
{
  static u64 ldt[4];

  ldt[1] = segment ((u32) area, 15, D_DATA, D_BIG);
  ldt[2] = segment ((u32) area, 15, D_DATA & ~0x80, D_BIG);
  SET (0, segment ((u32) ldt, 3 * 8 - 1, 0x82, 0));
  lldt (ARG (SEL (0)));
  check_trap ("a segment of the LDT", load_fs, ARG (8 | 4), NO_TRAP, 0);
  check_trap ("one that is not present", load_fs, ARG (16 | 4), NP, 16 | 4);
  check_trap ("one outside the LDT", load_fs, ARG (24 | 4), GP, 24 | 4);
  __asm__ volatile ("sldt %0" : "=r" (value));
  check_equal ("SLDT", (u16) value, SEL (0));
  lldt (0);
}

/* --- limits and types --- */

#define WITH_FS(name, text) \
  static void name (void *arg) { __asm__ volatile ("mov %w0, %%fs\n" text :: "r" (arg), "a" (0) : "memory", "edx"); }
WITH_FS (fs_read_12, "movl %%fs:12, %%edx")
WITH_FS (fs_read_13, "movl %%fs:13, %%edx")
WITH_FS (fs_read_15b, "movb %%fs:15, %%dl")
WITH_FS (fs_read_16b, "movb %%fs:16, %%dl")
WITH_FS (fs_write_0, "movl %%eax, %%fs:0")
WITH_FS (fs_read_fffd, "movl %%fs:0xfffd, %%edx")
WITH_FS (fs_read_fffc, "movl %%fs:0xfffc, %%edx")
WITH_FS (fs_read_10000, "movb %%fs:0x10000, %%dl")
WITH_FS (fs_push, "pushl %%fs:13")
static void cs_write (void *arg) { (void) arg; __asm__ volatile ("movl %%eax, %%cs:%0" : "=m" (value)); }
static void use_null (void *arg) { (void) arg; __asm__ volatile ("mov %w0, %%fs\n movb %%fs:0, %%al" :: "r" (0) : "eax"); }

static void
limits (void)
{
  SET (0, segment ((u32) area, 15, D_DATA, D_BIG));
  SET (1, segment ((u32) area, 15, 0x97, D_BIG));                  /* expand-down */
  SET (2, segment ((u32) area, 15, 0x97, 0));                      /* expand-down, 64 KiB */
  SET (3, segment ((u32) area, 0, D_DATA, D_BIG | D_PAGES));       /* one page */
  SET (4, segment ((u32) area, 0xfffff, 0x91, 0xc));

  check_trap ("the last four bytes", fs_read_12, ARG (SEL (0)), NO_TRAP, 0);
  check_trap ("one byte too far", fs_read_13, ARG (SEL (0)), GP, 0);
  check_trap ("the last byte", fs_read_15b, ARG (SEL (0)), NO_TRAP, 0);
  check_trap ("the byte behind", fs_read_16b, ARG (SEL (0)), GP, 0);
  check_trap ("expand-down: the limit itself is outside", fs_read_15b, ARG (SEL (1)), GP, 0);
  check_trap ("expand-down: the byte behind the limit is inside", fs_read_16b, ARG (SEL (1)), NO_TRAP, 0);
  check_trap ("expand-down with B: goes on above 64 KiB", fs_read_10000, ARG (SEL (1)), NO_TRAP, 0);
  check_trap ("expand-down without B: up to 64 KiB", fs_read_fffc, ARG (SEL (2)), NO_TRAP, 0);
  check_trap ("expand-down without B: not over it", fs_read_fffd, ARG (SEL (2)), GP, 0);
  check_trap ("expand-down without B: not above it", fs_read_10000, ARG (SEL (2)), GP, 0);
  check_trap ("a limit in pages counts their bytes", fs_read_13, ARG (SEL (3)), NO_TRAP, 0);
  check_trap ("a page and no more", fs_read_10000, ARG (SEL (3)), GP, 0);
  check_trap ("writing what is read-only", fs_write_0, ARG (SEL (4)), GP, 0);
  check_trap ("writing code", cs_write, 0, GP, 0);
  check_trap ("an access by a null selector", use_null, 0, GP, 0);
  check_trap ("PUSH of memory outside", fs_push, ARG (SEL (0)), GP, 0);
}

/* --- far jumps and calls --- */

typedef struct { u32 offset; u16 selector; } __attribute__ ((packed)) Far;
static Far far;

static void far_jump (void *arg) { (void) arg; __asm__ volatile ("ljmp *%0" :: "m" (far)); }
static void far_call (void *arg) { (void) arg; __asm__ volatile ("lcall *%0" :: "m" (far)); }
static void
user_far_call (void *arg)
{
  (void) arg;
  __asm__ volatile ("push $0x1111\n push $0x2222\n lcall *%0\n add $8, %%esp" :: "m" (far) : "memory");
  leave ();
}
static void user_far_jump (void *arg) { (void) arg; __asm__ volatile ("ljmp *%0" :: "m" (far)); }

u32 here_cs, here_ss, here_esp;       /* not static: assembly writes them */
u32 stacked[8];

/* Where far transfers lead; each notes where it is. */
__asm__ (
  "arrive_jump: movw %cs, here_cs\n movl %esp, here_esp\n int $0x41\n"
  "arrive_call: movw %cs, %ss:here_cs\n lret\n"
  /* By way of a 32-bit call gate from ring 3, two parameters: EIP, CS, parameters, ESP, SS. */
  "arrive_inner: mov %cs, %ss:here_cs\n mov %ss, %ss:here_ss\n mov %esp, %ss:here_esp\n"
  "  push %eax\n"
  "  mov 4(%esp), %eax\n mov %eax, %ss:stacked\n mov 8(%esp), %eax\n mov %eax, %ss:stacked+4\n"
  "  mov 12(%esp), %eax\n mov %eax, %ss:stacked+8\n mov 16(%esp), %eax\n mov %eax, %ss:stacked+12\n"
  "  mov 20(%esp), %eax\n mov %eax, %ss:stacked+16\n mov 24(%esp), %eax\n mov %eax, %ss:stacked+20\n"
  "  pop %eax\n lret $8\n"
  /* A 16-bit gate: it could return to the first 64 KiB only. */
  "arrive_inner16: mov %esp, %ss:here_esp\n"
  "  push %eax\n"
  "  mov 4(%esp), %eax\n mov %eax, %ss:stacked\n mov 8(%esp), %eax\n mov %eax, %ss:stacked+4\n"
  "  mov 12(%esp), %eax\n mov %eax, %ss:stacked+8\n"
  "  int $0x41\n");

static Far to (u32 selector, u32 offset) { return (Far) { offset, (u16) selector }; }

static void
code_segments (void)
{
  SET (0, segment (0, 0xfffff, 0x9f, 0xc));                    /* conforming, ring 0 */
  SET (1, segment (0, 0xfffff, 0x1b, 0xc));                    /* not present */
  SET (2, segment (0, 0xfffff, 0xfb, 0xc));                    /* ring 3's */
  SET (3, segment (0, 15, 0x9b, D_BIG));                       /* 16 bytes */

  far = to (KERNEL_CS, ADDRESS (arrive_jump));
  check_trap ("a far jump", far_jump, 0, 0x41, 0);
  far = to (0, 0);
  check_trap ("to a null selector", far_jump, 0, GP, 0);
  far = to (KERNEL_DS, 0);
  check_trap ("to data", far_jump, 0, GP, KERNEL_DS);
  far = to (SEL (1), 0);
  check_trap ("to what is not present", far_jump, 0, NP, SEL (1));
  far = to (SEL (2) | 3, 0);
  check_trap ("outwards", far_jump, 0, GP, SEL (2));
  far = to (SEL (3), 16);
  check_trap ("outside the limit", far_jump, 0, GP, 0);
  check_equal ("that fault is at the jump", *(u16 *) last.ip == 0x2dff, 1);
  far = to (0x7f8, 0);
  check_trap ("outside the table", far_call, 0, GP, 0x7f8);
  far = to (KERNEL_CS, ADDRESS (arrive_call));
  check_trap ("a far call and its return", far_call, 0, NO_TRAP, 0);
  check_user_trap ("ring 3 may not call ring 0's code", user_far_call, 0, GP, KERNEL_CS);
  far = to (SEL (0), ADDRESS (arrive_call));
  check_user_trap ("but conforming code of ring 0", user_far_call, 0, LEAVE_VECTOR, 0);
  check_equal ("which runs in ring 3", here_cs & 0xffff, SEL (0) | 3);
}

static void
call_gates (void)
{
  u32 *esp0 = (u32 *) (main_tss + 4);
  u32 top = *esp0;

  SET (0, gate (KERNEL_CS, ADDRESS (arrive_call), 0x8c, 0));
  SET (1, gate (KERNEL_CS, ADDRESS (arrive_inner), 0xec, 2));
  SET (2, gate (SEL (14), ADDRESS (arrive_inner16) - (u32) BASE, 0xe4, 2));
  SET (14, segment (BASE, 0xfffff, 0x9b, 0xc));
  SET (3, gate (KERNEL_CS, ADDRESS (arrive_inner), 0x6c, 2));       /* not present */
  SET (4, gate (KERNEL_DS, ADDRESS (arrive_inner), 0xec, 2));       /* to data */
  SET (5, gate (SEL (6), ADDRESS (arrive_inner), 0xec, 2));         /* to what is not present */
  SET (6, segment (0, 0xfffff, 0x1b, 0xc));
  SET (7, gate (0, 0, 0xec, 0));
  SET (8, segment ((u32) spare_stack, 15, D_DATA, D_BIG));          /* a small stack */
  SET (9, segment (0, 0xfffff, 0x13, 0xc));                         /* one that is not present */
  SET (10, gate (0x7f8, 0, 0xec, 0));

  far = to (SEL (0), 0xdeadbeef);
  check_trap ("a call gate within ring 0", far_call, 0, NO_TRAP, 0);
  check_user_trap ("ring 3 may not use ring 0's gate", user_far_call, 0, GP, SEL (0));
  far = to (SEL (1) | 3, 0);
  check_user_trap ("a call gate from ring 3", user_far_call, 0, LEAVE_VECTOR, 0);
  check_equal ("leads to ring 0", here_cs & 0xffff, KERNEL_CS);
  check_equal ("on its stack", here_ss & 0xffff, KERNEL_DS);
  check_equal ("with room for the frame", here_esp, top - 24);
  check_equal ("the caller's CS", stacked[1] & 0xffff, USER_CS);
  check_equal ("the last parameter first", stacked[2], 0x2222);
  check_equal ("the other parameter", stacked[3], 0x1111);
  check_equal ("the caller's SS", stacked[5] & 0xffff, USER_DS);
  check ("the return drops them on both stacks", last.sp == stacked[4] + 8 + 8 || last.sp == stacked[4] + 16);
}

/* What 16-bit gates push, and what is wrong with gates. */
static void
bad_gates (void)
{
  u32 *esp0 = (u32 *) (main_tss + 4);
  u32 top = *esp0;

  far = to (SEL (2) | 3, 0);
  run_user (user_far_call, 0);
  check_equal ("a 16-bit gate pushes words", here_esp, top - 12);
  check_equal ("CS and the last parameter's words", stacked[0] >> 16, USER_CS);
  check_equal ("parameters", stacked[1], 0x00002222);

  far = to (SEL (3) | 3, 0);
  check_user_trap ("a gate that is not present", user_far_call, 0, NP, SEL (3));
  far = to (SEL (4) | 3, 0);
  check_user_trap ("a gate to data", user_far_call, 0, GP, KERNEL_DS);
  far = to (SEL (5) | 3, 0);
  check_user_trap ("a gate to what is not present", user_far_call, 0, NP, SEL (6));
  far = to (SEL (7) | 3, 0);
  check_user_trap ("a gate to null", user_far_call, 0, GP, 0);
  far = to (SEL (10) | 3, 0);
  check_user_trap ("a gate to outside the table", user_far_call, 0, GP, 0x7f8);
  far = to (SEL (1) | 3, 0);
  check_user_trap ("JMP cannot go inwards", user_far_jump, 0, GP, KERNEL_CS);

  /* Faults are delivered on ring 0's stack, so it is ring 1's that is broken. */
  SET (11, segment (0, 0xfffff, 0xbb, 0xc));                        /* code of ring 1 */
  SET (12, gate (SEL (11), ADDRESS (arrive_inner), 0xec, 2));
  far = to (SEL (12) | 3, 0);
  *(u32 *) (main_tss + 12) = (u32) spare_stack + 4096;
  *(u16 *) (main_tss + 16) = 0;
  check_user_trap ("the TSS's stack: null", user_far_call, 0, TS, 0);
  *(u16 *) (main_tss + 16) = 0x7f8 | 1;
  check_user_trap ("outside the table", user_far_call, 0, TS, 0x7f8);
  *(u16 *) (main_tss + 16) = KERNEL_DS | 1;
  check_user_trap ("of another ring", user_far_call, 0, TS, KERNEL_DS);
  SET (13, segment (0, 0xfffff, 0x33, 0xc));
  *(u16 *) (main_tss + 16) = SEL (13) | 1;
  check_user_trap ("not present", user_far_call, 0, SS, SEL (13));
  SET (13, segment ((u32) spare_stack, 15, 0xb3, D_BIG));
  *(u32 *) (main_tss + 12) = 16;
  check_user_trap ("too small", user_far_call, 0, SS, SEL (13));
  SET (13, segment (0, 0xfffff, 0xb1, 0xc));
  check_user_trap ("read-only", user_far_call, 0, TS, SEL (13));
}

/* --- returns --- */

static u32 r_eip, r_cs, r_esp, r_ss, r_flags = 2;
static void
far_return (void *arg)
{
  (void) arg;
  __asm__ volatile ("pushl %0\n pushl %1\n pushl %2\n pushl %3\n lret"
                    :: "m" (r_ss), "m" (r_esp), "m" (r_cs), "m" (r_eip) : "memory");
}
static void
iret (void *arg)
{
  (void) arg;
  __asm__ volatile ("pushl %0\n pushl %1\n pushl %2\n pushl %3\n pushl %4\n iret"
                    :: "m" (r_ss), "m" (r_esp), "m" (r_flags), "m" (r_cs), "m" (r_eip) : "memory");
}
static void
user_return (void *arg)
{
  (void) arg;
  __asm__ volatile ("push $0x08\n push $0\n lret" ::: "memory");
}
__asm__ ("user_place: mov %ds, %eax\n mov %es, %ecx\n mov %fs, %edx\n int $0x40\n");

static void
with_segments (void (*fn) (void *), void *arg)
{
  __asm__ volatile ("mov %w0, %%ds\n mov %w1, %%es\n mov %w2, %%fs" :: "r" (KERNEL_DS), "r" (USER_DS), "r" (KERNEL_DS));
  fn (arg);
}
static void return_with_segments (void *arg) { with_segments (far_return, arg); }
static void iret_with_segments (void *arg) { with_segments (iret, arg); }

static void
returns (void)
{
  r_esp = (u32) user_stack + 4096;
  r_ss = USER_DS;
  r_cs = USER_CS;
  r_eip = ADDRESS (user_place);
  check_trap ("RETF to ring 3", return_with_segments, 0, LEAVE_VECTOR, 0);
  check_equal ("takes ring 0's segments away", (u16) last.ax, 0);
  check_equal ("and leaves ring 3's", (u16) last.cx, USER_DS);
  check_equal ("with the popped stack", last.sp, r_esp);
  check_trap ("IRET to ring 3", iret_with_segments, 0, LEAVE_VECTOR, 0);
  check_equal ("takes ring 0's segments away too", (u16) last.dx, 0);
  r_ss = KERNEL_DS;
  check_trap ("RETF with ring 0's stack", far_return, 0, GP, KERNEL_DS);
  check_trap ("IRET with it", iret, 0, GP, KERNEL_DS);
  r_ss = 0;
  check_trap ("with a null stack", iret, 0, GP, 0);
  SET (0, segment (0, 0xfffff, 0x73, 0xc));
  r_ss = SEL (0) | 3;
  check_trap ("with one that is not present", iret, 0, SS, SEL (0));
  r_ss = USER_DS;
  r_cs = 0;
  check_trap ("RETF to null", far_return, 0, GP, 0);
  r_cs = KERNEL_DS;
  check_trap ("RETF to data", far_return, 0, GP, KERNEL_DS);
  r_cs = USER_CS & ~3;
  check_trap ("RETF to ring 3's code with RPL 0", far_return, 0, GP, USER_CS & ~3);
  SET (1, segment (0, 0xfffff, 0x7b, 0xc));
  r_cs = SEL (1) | 3;
  check_trap ("RETF to what is not present", far_return, 0, NP, SEL (1));
  SET (1, segment (0, 15, 0xfb, D_BIG));
  check_trap ("RETF to outside the limit", far_return, 0, GP, 0);
  check_user_trap ("RETF inwards", user_return, 0, GP, 8);

  r_cs = USER_CS;
  r_flags = 2 | 3 << 12 | NT | AC_FLAG | 1;
  check_trap ("IRET", iret, 0, LEAVE_VECTOR, 0);
  check_equal ("loads IOPL, NT and AC", last.flags & 0x7f001, 3 << 12 | NT | AC_FLAG | 1);
  r_flags = 2;
}

/* --- the IDT --- */

static void int_60 (void *arg) { (void) arg; __asm__ volatile ("int $0x60"); }
static void int_ff (void *arg) { (void) arg; __asm__ volatile ("int $0xff"); }
static void divide (void *arg) { (void) arg; __asm__ volatile ("div %b0" :: "a" (0)); }
static void user_int_60 (void *arg) { (void) arg; __asm__ volatile ("int $0x60"); leave (); }
static void undefined (void *arg) { (void) arg; __asm__ volatile ("ud2"); }
static void load_bad (void *arg) { (void) arg; __asm__ volatile ("mov %w0, %%ds" :: "r" (0x7f8)); }

__asm__ ("in_ring_3: mov %cs, %eax\n int $0x40\n"
         "words: mov %esp, %eax\n int $0x41\n");

static void
table_limit (u32 bytes)
{
  struct { u16 limit; u32 base; } __attribute__ ((packed)) table = { (u16) (bytes - 1), (u32) idt };

  __asm__ volatile ("lidt %0" :: "m" (table));
}

static void
interrupts (void)
{
  u64 old_60 = idt[0x60], old_de = idt[DE], old_gp = idt[GP], old_ud = idt[UD];
  uword sp;

  idt[0x60] = gate (KERNEL_CS, (u32) stub_table + 0x60 * 16, 0x0e, 0);
  check_trap ("INT n: gate not present", int_60, 0, NP, 0x60 * 8 + 2);
  idt[0x60] = gate (KERNEL_CS, 0, 0x8c, 0);
  check_trap ("INT n: no interrupt gate", int_60, 0, GP, 0x60 * 8 + 2);
  idt[0x60] = gate (0, 0, 0x8e, 0);
  check_trap ("INT n: handler in a null segment", int_60, 0, GP, 0);
  idt[0x60] = gate (KERNEL_DS, 0, 0x8e, 0);
  check_trap ("INT n: handler in data", int_60, 0, GP, KERNEL_DS);
  idt[0x60] = gate (0x7f8, 0, 0x8e, 0);
  check_trap ("INT n: handler outside the table", int_60, 0, GP, 0x7f8);
  SET (0, segment (0, 0xfffff, 0x1b, 0xc));
  idt[0x60] = gate (SEL (0), 0, 0x8e, 0);
  check_trap ("INT n: handler's segment not present", int_60, 0, NP, SEL (0));
  idt[0x60] = gate (USER_CS, 0, 0x8e, 0);
  check_trap ("INT n: handler in an outer ring", int_60, 0, GP, USER_CS & ~3);
  SET (0, segment (0, 15, 0x9b, D_BIG));
  idt[0x60] = gate (SEL (0), 16, 0x8e, 0);
  check_trap ("INT n: handler outside its segment", int_60, 0, GP, 0);
  table_limit (0xff * 8 + 7);
  check_trap ("INT n: half outside the table", int_ff, 0, GP, 0xff * 8 + 2);
  table_limit (0x800);

  SET (0, segment (0, 0xfffff, 0x9f, 0xc));
  idt[0x60] = gate (SEL (0), ADDRESS (in_ring_3), 0xee, 0);
  check_user_trap ("a handler in conforming code", user_int_60, 0, LEAVE_VECTOR, 0);
  check_equal ("stays in ring 3", last.ax & 0xffff, SEL (0) | 3);
  SET (1, segment (BASE, 0xfffff, 0x9b, 0xc));
  idt[0x60] = gate (SEL (1), ADDRESS (words) - (u32) BASE, 0x86, 0);
  __asm__ volatile ("mov %%esp, %0" : "=r" (sp));
  run (int_60, 0);
  check ("a 16-bit gate pushes three words", ((sp - last.ax) & 3) == 2);
  idt[0x60] = old_60;

  idt[DE] = gate (KERNEL_CS, 0, 0x0e, 0);
  check_trap ("#DE without a gate is #DF: #NP on top of it contributes", divide, 0, DF, 0);
  idt[DE] = old_de;
  idt[UD] = gate (KERNEL_CS, 0, 0x0e, 0);
  check_trap ("#UD without a gate is #NP with EXT", undefined, 0, NP, UD * 8 + 3);
  idt[UD] = gate (0x7f8, 0, 0x8e, 0);
  check_trap ("EXT with a selector", undefined, 0, GP, 0x7f9);
  idt[UD] = old_ud;
  idt[GP] = gate (KERNEL_CS, 0, 0x0e, 0);
  check_trap ("#GP without a gate is #DF", load_bad, 0, DF, 0);
  check ("which happened at the load", last.ip >= (u32) load_bad && last.ip < (u32) load_bad + 16);
  idt[GP] = old_gp;
}

/* --- instructions about descriptors --- */

static u32
zf_of (u32 selector, int what, u32 *result)
{
  u32 r = 0xcccccccc;
  u8 z;

  switch (what)
    {
    case 0: __asm__ volatile ("lar %2, %0\n setz %1" : "+r" (r), "=q" (z) : "r" (selector) : "cc"); break;
    case 1: __asm__ volatile ("lsl %2, %0\n setz %1" : "+r" (r), "=q" (z) : "r" (selector) : "cc"); break;
    case 2: __asm__ volatile ("verr %w1\n setz %0" : "=q" (z) : "r" (selector) : "cc"); break;
    default: __asm__ volatile ("verw %w1\n setz %0" : "=q" (z) : "r" (selector) : "cc"); break;
    }
  *result = r;
  return z;
}

static u32 lar_result, lar_z;
static void user_lar (void *arg) { lar_z = zf_of ((u32) arg, 0, &lar_result); leave (); }

static void
about_descriptors (void)
{
  u32 r;
  u16 dst;
  u8 z;

  SET (0, segment (0, 0x12345, 0x92, D_PAGES));
  SET (1, segment (0, 0x123, 0x98, 0));                  /* execute-only */
  SET (2, gate (KERNEL_CS, 0, 0x8c, 0));
  SET (3, gate (KERNEL_CS, 0, 0x8e, 0));
  SET (4, segment (0, 0xfffff, 0x9f, 0xc));
  SET (5, segment (0, 0x67, 0x02, 0));                   /* an LDT that is not present */
  SET (6, gate (MAIN_TSS, 0, 0x85, 0));
  SET (7, gate (0, 0, 0x80, 0));

  check ("LAR of data", zf_of (SEL (0), 0, &r) && (r & 0xf0ff00) == 0x809200);
  check ("LAR of a call gate", zf_of (SEL (2), 0, &r) && (r & 0xff00) == 0x8c00);
  check ("LAR of a task gate", zf_of (SEL (6), 0, &r) && (r & 0xff00) == 0x8500);
  check ("LAR of a busy TSS", zf_of (MAIN_TSS, 0, &r) && (r & 0xff00) == 0x8b00);
  check ("LAR of what is not present", zf_of (SEL (5), 0, &r) && (r & 0xff00) == 0x0200);
  check ("LAR of an interrupt gate fails", !zf_of (SEL (3), 0, &r));
  check_equal ("and changes nothing", r, 0xcccccccc);
  check ("LAR of type 0 fails", !zf_of (SEL (7), 0, &r));
  check ("LAR of null fails", !zf_of (0, 0, &r));
  check ("LAR of what is outside fails", !zf_of (0x7f8, 0, &r));
  check ("LAR with too high an RPL fails", !zf_of (SEL (0) | 3, 0, &r));
  check ("LAR of conforming code with any RPL", zf_of (SEL (4) | 3, 0, &r));
  run_user (user_lar, ARG (SEL (0)));
  check ("LAR in ring 3 of ring 0's fails", !lar_z);
  check ("LSL in pages", zf_of (SEL (0), 1, &r) && r == 0x12345fff);
  check ("LSL in bytes", zf_of (SEL (1), 1, &r) && r == 0x123);
  check ("LSL of a TSS", zf_of (MAIN_TSS, 1, &r) && r == sizeof main_tss - 1);
  check ("LSL of a call gate fails", !zf_of (SEL (2), 1, &r));
  check ("VERR of data", zf_of (SEL (0), 2, &r));
  check ("VERR of execute-only code fails", !zf_of (SEL (1), 2, &r));
  check ("VERR of a gate fails", !zf_of (SEL (2), 2, &r));
  check ("VERW of data", zf_of (SEL (0), 3, &r));
  check ("VERW of code fails", !zf_of (KERNEL_CS, 3, &r));

  dst = 0x1230;
  __asm__ volatile ("arpl %w2, %0\n setz %1" : "+r" (dst), "=q" (z) : "r" (3) : "cc");
  check ("ARPL raises the RPL", dst == 0x1233 && z);
  __asm__ volatile ("arpl %w2, %0\n setz %1" : "+r" (dst), "=q" (z) : "r" (1) : "cc");
  check ("ARPL leaves a higher one", dst == 0x1233 && !z);
}

/* --- privileged instructions, ports --- */

#define USER(name, text) static void name (void *arg) { (void) arg; __asm__ volatile (text); leave (); }
USER (user_hlt, "hlt")
USER (user_cli, "cli")
USER (user_sti, "sti")
USER (user_clts, "clts")
USER (user_lgdt, "lgdt 0")
USER (user_lidt, "lidt 0")
USER (user_lmsw, "lmsw %ax")
USER (user_smsw, "smsw %ax")
USER (user_sgdt, "sub $16, %esp\n sgdt (%esp)\n add $16, %esp")
USER (user_str, "str %ax")
USER (user_invlpg, "invlpg 0")
USER (user_wbinvd, "wbinvd")
USER (user_mov_cr, "mov %cr0, %eax")
USER (user_rdmsr, "rdmsr")
USER (user_rdtsc, "rdtsc")
USER (user_in_80, "inb $0x80, %al")
USER (user_in_84w, "movw $0x87, %dx\n inw %dx, %ax")
USER (user_in_high, "movw $0xffff, %dx\n inb %dx, %al")
USER (user_popf, "pushl $0x3202\n popf\n pushf\n pop %eax")

static void
privileges (void)
{
  check_user_trap ("HLT", user_hlt, 0, GP, 0);
  check_user_trap ("CLI", user_cli, 0, GP, 0);
  check_user_trap ("STI", user_sti, 0, GP, 0);
  check_user_trap ("CLTS", user_clts, 0, GP, 0);
  check_user_trap ("LGDT", user_lgdt, 0, GP, 0);
  check_user_trap ("LIDT", user_lidt, 0, GP, 0);
  check_user_trap ("LMSW", user_lmsw, 0, GP, 0);
  check_user_trap ("INVLPG", user_invlpg, 0, GP, 0);
  check_user_trap ("WBINVD", user_wbinvd, 0, GP, 0);
  check_user_trap ("MOV from CR0", user_mov_cr, 0, GP, 0);
  check_user_trap ("RDMSR", user_rdmsr, 0, GP, 0);
  check_user_trap ("SMSW is free", user_smsw, 0, LEAVE_VECTOR, 0);
  check_user_trap ("SGDT is free", user_sgdt, 0, LEAVE_VECTOR, 0);
  check_user_trap ("STR is free", user_str, 0, LEAVE_VECTOR, 0);
  set_cr4 (get_cr4 () | 1 << 11);
  check_user_trap ("SMSW under UMIP", user_smsw, 0, GP, 0);
  check_user_trap ("SGDT under UMIP", user_sgdt, 0, GP, 0);
  check_user_trap ("STR under UMIP", user_str, 0, GP, 0);
  set_cr4 (get_cr4 () & ~(1u << 11));
  check_user_trap ("RDTSC is free", user_rdtsc, 0, LEAVE_VECTOR, 0);
  set_cr4 (get_cr4 () | 4);
  check_user_trap ("RDTSC under TSD", user_rdtsc, 0, GP, 0);
  set_cr4 (get_cr4 () & ~4u);
  check_user_trap ("POPF in ring 3", user_popf, 0, LEAVE_VECTOR, 0);
  check_equal ("changes neither IOPL nor IF", last.ax & 0x3200, 0);

  check_user_trap ("IN by a bit that is set", user_in_80, 0, GP, 0);
  main_tss[0x88 + 0x80 / 8] = 0xfe;
  check_user_trap ("IN by a bit that is clear", user_in_80, 0, LEAVE_VECTOR, 0);
  main_tss[0x88 + 0x80 / 8] = 0x7f;
  check_user_trap ("INW over two bits", user_in_84w, 0, GP, 0);
  main_tss[0x88 + 0x88 / 8] = 0xfe;
  check_user_trap ("INW by two clear bits", user_in_84w, 0, LEAVE_VECTOR, 0);
  main_tss[0x88 + 0x1fff] = 0x7f;
  check_user_trap ("the last port", user_in_high, 0, LEAVE_VECTOR, 0);
  *(u16 *) (main_tss + 102) = 0xffff;
  check_user_trap ("no bitmap", user_in_80, 0, GP, 0);
  set_main_tss ();
}

/* --- alignment, other faults --- */

USER (user_unaligned, "pushf\n orl $0x40000, (%esp)\n popf\n mov %esp, %eax\n movl 1(%eax), %edx")
USER (user_unaligned_word, "pushf\n orl $0x40000, (%esp)\n popf\n mov %esp, %eax\n movw 3(%eax), %dx")
USER (user_unaligned_byte, "pushf\n orl $0x40000, (%esp)\n popf\n mov %esp, %eax\n movb 3(%eax), %dl")
USER (user_unaligned_movs, "pushf\n orl $0x40000, (%esp)\n popf\n lea 1(%esp), %esi\n mov %esp, %edi\n movsl")
USER (user_unaligned_rep, "pushf\n orl $0x40000, (%esp)\n popf\n lea 1(%esp), %esi\n mov %esp, %edi\n mov $2, %ecx\n rep movsl")
USER (user_unaligned_push, "pushf\n orl $0x40000, (%esp)\n popf\n sub $2, %esp\n push %eax")
USER (user_aligned, "pushf\n orl $0x40000, (%esp)\n popf\n mov %esp, %eax\n movl 4(%eax), %edx\n andl $~0x40000, (%esp)")
static void kernel_unaligned (void *arg)
{
  (void) arg;
  __asm__ volatile ("pushf\n orl $0x40000, (%%esp)\n popf\n mov %%esp, %%eax\n movl 1(%%eax), %%edx" ::: "eax", "edx", "cc");
}
static void bound_low (void *arg) { static const int pair[2] = { 3, 5 }; __asm__ volatile ("bound %0, %1" :: "r" (arg), "m" (pair)); }
static void div_by_0 (void *arg) { (void) arg; __asm__ volatile ("mov $7, %%eax\n cltd\n divl %0" :: "r" (0) : "eax", "edx"); }
static void idiv_big (void *arg) { (void) arg; __asm__ volatile ("mov $0x80000000, %%eax\n cltd\n idivl %0" :: "r" (-1) : "eax", "edx"); }
static void aam_0 (void *arg) { (void) arg; __asm__ volatile (".byte 0xd4, 0x00" ::: "eax"); }
static void fpu (void *arg) { (void) arg; __asm__ volatile ("fnop"); }
static void wait (void *arg) { (void) arg; __asm__ volatile ("fwait"); }
static void lock_mov (void *arg) { (void) arg; __asm__ volatile (".byte 0xf0, 0x89, 0x00" :: "a" (area)); }
static void lock_reg (void *arg) { (void) arg; __asm__ volatile (".byte 0xf0, 0x01, 0xc0"); }
static void mov_cs (void *arg) { (void) arg; __asm__ volatile (".byte 0x8e, 0xc8"); }
static void too_long (void *arg) { (void) arg; __asm__ volatile (".rept 15\n .byte 0x66\n .endr\n nop"); }
static void cr1 (void *arg) { (void) arg; __asm__ volatile (".byte 0x0f, 0x20, 0xc8" ::: "eax"); }
static void cr4_reserved (void *arg) { (void) arg; set_cr4 (1u << 31); }
static void cr0_pg_pe (void *arg) { (void) arg; set_cr0 ((get_cr0 () | 1u << 31) & ~1u); }
static void cr0_nw (void *arg) { (void) arg; set_cr0 ((get_cr0 () | 1u << 29) & ~(1u << 30)); }
static void bad_msr (void *arg) { (void) arg; (void) rdmsr (0x12345678); }
static void rsm (void *arg) { (void) arg; __asm__ volatile ("rsm"); }

static void
other_faults (void)
{
  set_cr0 (get_cr0 () | 1 << 18);
  check_user_trap ("#AC: a doubleword", user_unaligned, 0, AC, 0);
  check_user_trap ("#AC: a word", user_unaligned_word, 0, AC, 0);
  check_user_trap ("#AC: bytes have none", user_unaligned_byte, 0, LEAVE_VECTOR, 0);
  check_user_trap ("#AC: aligned", user_aligned, 0, LEAVE_VECTOR, 0);
  check_user_trap ("#AC: MOVS", user_unaligned_movs, 0, AC, 0);
  check_user_trap ("#AC: REP MOVS", user_unaligned_rep, 0, AC, 0);
  check_user_trap ("#AC: PUSH", user_unaligned_push, 0, AC, 0);
  check_trap ("#AC: not in ring 0", kernel_unaligned, 0, NO_TRAP, 0);
  set_cr0 (get_cr0 () & ~(1u << 18));
  check_user_trap ("#AC: not without CR0.AM", user_unaligned, 0, LEAVE_VECTOR, 0);

  check_trap ("BOUND below", bound_low, ARG (2), BR, 0);
  check_trap ("BOUND above", bound_low, ARG (6), BR, 0);
  check_trap ("BOUND at the upper bound", bound_low, ARG (5), NO_TRAP, 0);
  check_trap ("DIV by 0", div_by_0, 0, DE, 0);
  check_trap ("IDIV that overflows", idiv_big, 0, DE, 0);
  check_trap ("AAM 0", aam_0, 0, DE, 0);
  set_cr0 (get_cr0 () | 8);
  check_trap ("x87 under TS", fpu, 0, NM, 0);
  check_trap ("WAIT under TS alone", wait, 0, NO_TRAP, 0);
  set_cr0 (get_cr0 () | 2);
  check_trap ("WAIT under TS and MP", wait, 0, NM, 0);
  set_cr0 ((get_cr0 () & ~10u) | 4);
  check_trap ("x87 under EM", fpu, 0, NM, 0);
  set_cr0 (get_cr0 () & ~4u);
  check_trap ("LOCK MOV", lock_mov, 0, UD, 0);
  check_trap ("LOCK with a register", lock_reg, 0, UD, 0);
  check_trap ("MOV to CS", mov_cs, 0, UD, 0);
  check_trap ("16 bytes", too_long, 0, GP, 0);
  check_trap ("CR1", cr1, 0, UD, 0);
  check_trap ("a reserved bit of CR4", cr4_reserved, 0, GP, 0);
  check_trap ("CR0: PG without PE", cr0_pg_pe, 0, GP, 0);
  check_trap ("CR0: NW without CD", cr0_nw, 0, GP, 0);
  check_trap ("an MSR that is not there", bad_msr, 0, GP, 0);
  check_trap ("RSM outside SMM", rsm, 0, UD, 0);
}

void
guest_main (void)
{
  set_cr0 ((get_cr0 () & ~4u) | 0x20);
  segment_loads ();
  local_table ();
  limits ();
  code_segments ();
  call_gates ();
  bad_gates ();
  returns ();
  interrupts ();
  about_descriptors ();
  privileges ();
  other_faults ();
}
