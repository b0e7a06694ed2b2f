/* guest.h - what the guests that test the CPU share: a machine that is set up, a table of
 * traps that comes back to the test, and results as TAP on the first serial port.
 *
 * The same files are compiled for 32-bit protected mode and for long mode. */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned long uword;        /* as wide as a register */

#define KERNEL_CS 0x08
#define KERNEL_DS 0x10
#define USER_CS   0x1b
#define USER_DS   0x23
#define MAIN_TSS  0x28              /* two entries in long mode */
#define FREE_SEL  0x40              /* from here on the GDT is the tests' own */
#define GDT_ENTRIES 64

/* Access bytes and flags of descriptors. */
#define D_CODE   0x9b
#define D_DATA   0x93
#define D_DPL(n) ((n) << 5)
#define D_BIG    0x4                /* flags nibble: D/B */
#define D_PAGES  0x8
#define D_LONG   0x2

enum { DE, DB, NMI, BP, OF, BR, UD, NM, DF, TS = 10, NP, SS, GP, PF, MF = 16, AC, MC, XM };
#define NO_TRAP   (-1)
#define LEAVE_VECTOR 0x40           /* INT 0x40: a program of ring 3 is done */

#define TF (1u << 8)
#define IF (1u << 9)
#define NT (1u << 14)
#define RF (1u << 16)
#define VM (1u << 17)
#define AC_FLAG (1u << 18)
#define VIF (1u << 19)
#define VIP (1u << 20)

/* As the stubs leave it on the stack. */
typedef struct
{
#ifdef __x86_64__
  u64 r15, r14, r13, r12, r11, r10, r9, r8, di, si, bp, bx, dx, cx, ax;
#else
  u32 gs, fs, es, ds, di, si, bp, unused_sp, bx, dx, cx, ax;
#endif
  uword vector, error, ip, cs, flags, sp, ss;      /* sp, ss: in long mode or from another ring */
#ifndef __x86_64__
  u32 v86_es, v86_ds, v86_fs, v86_gs;
#endif
} Frame;

extern Frame last;                  /* the last trap that ended a run */
extern u64   gdt[GDT_ENTRIES];
extern u64   idt[512];              /* two words an entry in long mode */
extern u8    main_tss[0x68 + 0x20 + 0x2000 + 1];
extern u8    stub_table[];          /* 16 bytes a vector */
extern u8    user_stack[8192], trap_stack[8192], spare_stack[8192];

/* (nullable): sees each trap first; non-zero: go on where it came from. */
extern int (*trap_hook) (Frame *frame);

/* Calls @fn; the vector of the trap that ended it, or NO_TRAP. */
int run (void (*fn) (void *), void *arg);
/* The same in ring 3; @fn must end by leave (). */
int run_user (void (*fn) (void *), void *arg);
/* Back to run() at once; from hooks and handlers, in ring 0. */
void recover (int result) __attribute__ ((noreturn));
#define leave() __asm__ volatile ("int $0x40")

u64  segment (u32 base, u32 limit, u32 access, u32 flags);
u64  gate (u32 selector, u32 offset, u32 access, u32 params);
void set_idt (u32 vector, u64 low, u64 high);
void set_main_tss (void);           /* as it was at the start, and in TR */

/* TAP. */
void check (const char *name, int holds);
void check_equal (const char *name, u64 got, u64 wanted);
/* @fn ends by the trap with this error code (0 for vectors without one). */
void check_trap (const char *name, void (*fn) (void *), void *arg, int vector, u32 error);
void check_user_trap (const char *name, void (*fn) (void *), void *arg, int vector, u32 error);
void note (const char *text, u64 value);
void skip (const char *name, const char *why);

void guest_main (void);             /* the tests */
void *memcpy (void *to, const void *from, uword n);

static inline void outb (u16 port, u8 value) { __asm__ volatile ("outb %0, %1" :: "a" (value), "Nd" (port)); }
static inline void outl (u16 port, u32 value) { __asm__ volatile ("outl %0, %1" :: "a" (value), "Nd" (port)); }
static inline u8 inb (u16 port) { u8 v; __asm__ volatile ("inb %1, %0" : "=a" (v) : "Nd" (port)); return v; }
static inline u32 inl (u16 port) { u32 v; __asm__ volatile ("inl %1, %0" : "=a" (v) : "Nd" (port)); return v; }

#define CONTROL_REGISTER(name, what)                                                                          \
  static inline uword get_##name (void) { uword v; __asm__ volatile ("mov %%" what ", %0" : "=r" (v)); return v; } \
  static inline void set_##name (uword v) { __asm__ volatile ("mov %0, %%" what :: "r" (v) : "memory"); }
CONTROL_REGISTER (cr0, "cr0")
CONTROL_REGISTER (cr2, "cr2")
CONTROL_REGISTER (cr3, "cr3")
CONTROL_REGISTER (cr4, "cr4")
CONTROL_REGISTER (dr0, "db0")
CONTROL_REGISTER (dr1, "db1")
CONTROL_REGISTER (dr2, "db2")
CONTROL_REGISTER (dr3, "db3")
CONTROL_REGISTER (dr6, "db6")
CONTROL_REGISTER (dr7, "db7")

static inline u64
rdmsr (u32 n)
{
  u32 low, high;

  __asm__ volatile ("rdmsr" : "=a" (low), "=d" (high) : "c" (n));
  return (u64) high << 32 | low;
}

static inline void
wrmsr (u32 n, u64 value)
{
  __asm__ volatile ("wrmsr" :: "a" ((u32) value), "d" ((u32) (value >> 32)), "c" (n) : "memory");
}

static inline void
cpuid (u32 leaf, u32 sub, u32 *r)
{
  __asm__ volatile ("cpuid" : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3]) : "a" (leaf), "c" (sub));
}

/* Where a label of inline assembly is. */
#define ADDRESS(symbol) ({ extern u8 symbol[]; (uword) symbol; })
