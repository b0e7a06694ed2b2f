/* tern.h - what the parts of the kernel share.
 *
 * Tern is a small kernel for one 64-bit processor: tasks in ring 3, each in an
 * address space of its own, taking turns at the beat of a 100 Hz timer.  It never
 * takes an interrupt while it is inside itself, except in the idle task. */
#pragma once

typedef unsigned char  u8;
typedef unsigned short u16;
typedef unsigned int   u32;
typedef unsigned long  u64;

enum
{
  PAGE_SIZE        = 4096,
  TICKS_PER_SECOND = 100,

  KERNEL_CODE = 0x08,
  KERNEL_DATA = 0x10,
  USER_DATA   = 0x1b,
  USER_CODE   = 0x23,
  TSS         = 0x28,

  CHART_COLUMNS = 64,
  CHART_ROWS    = 9,
};

/* ---- A rectangle of the screen that a task may write to. ---- */

struct window
{
  u8 row, column, rows, columns;
  u8 colour;
};

/* ---- Tasks. ---- */

enum task_id { TASK_BEACON, TASK_TIDE, TASK_CLOCK, TASK_PRIMES, TASK_IDLE, N_TASKS };

struct task
{
  u64           rsp;           /* where its kernel stack was left by switch_to() */
  u64           wake_tick;     /* sleeps until then */
  u64           page_table;    /* for CR3 */
  u64           stack_top;     /* of its kernel stack */
  u64           turns;         /* how often it was chosen */
  const char   *name;
  struct window window;
};

/* Heights of the tide in millimetres, the oldest and the newest beside each other. */
struct chart
{
  u64 height_mm[CHART_COLUMNS];
};

/* All that the kernel knows. */
struct kernel
{
  u64          ticks;          /* since power-on */
  struct chart chart;
  struct task  tasks[N_TASKS];
  struct task *current;
};

extern struct kernel kernel;

void tasks_init      (void);
void tasks_start     (void) __attribute__ ((noreturn));
void schedule        (void);
int  is_user_range   (u64 address, u64 size);

/* entry.S */
extern u64       kernel_stack;
extern const u64 trap_vectors[48];
void switch_to       (u64 *saved_rsp, u64 rsp);
void enter_user      (void);
void syscall_entry   (void);

/* boot.S */
extern u64 gdt[7];
extern u64 boot_pml4[512];
extern u64 kernel_pd[512];

/* tern.ld */
extern u8 kernel_end[], image_end[];
extern u8 user_text_load[], user_text_size[], user_data_load[], user_data_size[];

/* ---- traps.c ---- */

struct trap_frame
{
  u64 r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
  u64 vector, error;
  u64 rip, cs, rflags, rsp, ss;
};

void traps_init      (void);
void set_kernel_stack (u64 top);

/* ---- syscalls.c ---- */

void syscalls_init   (void);

/* ---- console.c: the screen, and a line for line log on the screen and COM1. ---- */

enum { COLOUR_TITLE = 0x1f, COLOUR_FRAME = 0x08, COLOUR_LOG = 0x07, COLOUR_PANIC = 0x4f };

void console_init    (void);
void screen_put      (int row, int column, u8 colour, u8 character);
void screen_text     (int row, int column, u8 colour, const char *text);
void screen_box      (int row, int column, int rows, int columns, u8 colour, const char *title);
void window_text     (const struct window *window, int row, int column, const char *text, u64 length);
void chart_column    (const struct window *window, u64 column, u64 height_mm);

/* %s, %d, %u, %x with a width, 0 and l; and %t for a time in ticks. */
void log_line        (const char *format, ...);
void panic_line      (const char *format, ...);
void panic_screen    (void);

/* ---- The processor. ---- */

static inline void
outb (u16 port, u8 value)
{
  __asm__ volatile ("outb %0, %1" :: "a" (value), "Nd" (port));
}

static inline u8
inb (u16 port)
{
  u8 value;
  __asm__ volatile ("inb %1, %0" : "=a" (value) : "Nd" (port));
  return value;
}

static inline void
wrmsr (u32 msr, u64 value)
{
  __asm__ volatile ("wrmsr" :: "c" (msr), "a" ((u32) value), "d" ((u32) (value >> 32)));
}

static inline u64
read_cr2 (void)
{
  u64 value;
  __asm__ volatile ("movq %%cr2, %0" : "=r" (value));
  return value;
}

static inline u64
read_cr3 (void)
{
  u64 value;
  __asm__ volatile ("movq %%cr3, %0" : "=r" (value));
  return value;
}

static inline void
write_cr3 (u64 value)
{
  __asm__ volatile ("movq %0, %%cr3" :: "r" (value) : "memory");
}
