/* traps.c - interrupts, exceptions, the timer, and the end.
 *
 * Exceptions have a stack of their own (IST 1), so that a kernel whose stack
 * pointer has gone can still say so. */

#include "tern.h"

enum { VECTOR_PAGE_FAULT = 14, VECTOR_TIMER = 32 };
enum { PIC1 = 0x20, PIC2 = 0xa0, PIC_EOI = 0x20, PIT = 0x40, PIT_HZ = 1193182 };

struct gate
{
  u16 offset_low, selector;
  u8  ist, type;
  u16 offset_middle;
  u32 offset_high, reserved;
};

struct tss
{
  u32 reserved0;
  u64 rsp[3];
  u64 reserved1;
  u64 ist[7];
  u64 reserved2;
  u16 reserved3, io_map;
} __attribute__ ((packed));

static struct gate idt[48];
static struct tss  tss;
static u8          exception_stack[4096] __attribute__ ((aligned (16)));

static const char *const exception_names[32] = {
  "division error", "debug exception", "non-maskable interrupt", "breakpoint", "overflow",
  "bound exceeded", "invalid opcode", "no coprocessor", "double fault", "coprocessor overrun",
  "invalid TSS", "segment not present", "stack fault", "general protection fault", "page fault",
  "exception 15", "x87 error", "alignment check", "machine check", "vector exception",
};

void
set_kernel_stack (u64 top)
{
  kernel_stack = top;
  tss.rsp[0] = top;
}

static void
pic_init (void)
{
  static const u8 words[][2] = {
    { PIC1, 0x11 }, { PIC2, 0x11 },                          /* ICW1: cascade, ICW4 follows */
    { PIC1 + 1, VECTOR_TIMER }, { PIC2 + 1, VECTOR_TIMER + 8 },
    { PIC1 + 1, 0x04 }, { PIC2 + 1, 0x02 },                  /* ICW3: the slave is on line 2 */
    { PIC1 + 1, 0x01 }, { PIC2 + 1, 0x01 },                  /* ICW4: 8086 mode */
    { PIC1 + 1, 0xfe }, { PIC2 + 1, 0xff },                  /* all masked but the timer */
  };

  for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
    outb (words[i][0], words[i][1]);
}

static void
pit_init (void)
{
  u32 divisor = (PIT_HZ + TICKS_PER_SECOND / 2) / TICKS_PER_SECOND;

  outb (PIT + 3, 0x34);                                      /* counter 0, two bytes, mode 2 */
  outb (PIT, (u8) divisor);
  outb (PIT, (u8) (divisor >> 8));
}

static void
tss_init (void)
{
  u64 base = (u64) &tss, limit = sizeof tss - 1;

  tss.ist[0] = (u64) exception_stack + sizeof exception_stack;
  tss.io_map = sizeof tss;
  gdt[TSS / 8] = limit | (base & 0xffffff) << 16 | 0x89ul << 40 | (base >> 24 & 0xff) << 56;
  gdt[TSS / 8 + 1] = base >> 32;
  __asm__ volatile ("ltr %0" :: "r" ((u16) TSS));
}

void
traps_init (void)
{
  struct { u16 limit; u64 base; } __attribute__ ((packed)) pointer = { sizeof idt - 1, (u64) idt };

  for (int i = 0; i < 48; i++)
    {
      struct gate *gate = &idt[i];

      gate->offset_low = (u16) trap_vectors[i];
      gate->offset_middle = (u16) (trap_vectors[i] >> 16);
      gate->offset_high = (u32) (trap_vectors[i] >> 32);
      gate->selector = KERNEL_CODE;
      gate->ist = i < VECTOR_TIMER ? 1 : 0;
      gate->type = 0x8e;                                     /* interrupt gate, ring 0 */
    }
  __asm__ volatile ("lidt %0" :: "m" (pointer));
  tss_init ();
  pic_init ();
  pit_init ();
  log_line ("timer: %d interrupts a second", TICKS_PER_SECOND);
}

static void __attribute__ ((noreturn))
panic (const struct trap_frame *f)
{
  const char *what = exception_names[f->vector] ? exception_names[f->vector] : "exception";
  int in_user = (f->cs & 3) != 0;

  panic_screen ();
  panic_line ("PANIC at %t: %s in %s", kernel.ticks, what, in_user ? "a task" : "the kernel");
  panic_line ("");
  if (f->vector == VECTOR_PAGE_FAULT)
    panic_line ("cannot %s address %016lx: %s", f->error & 2 ? "write" : f->error & 16 ? "run" : "read",
                read_cr2 (), f->error & 1 ? "it is protected" : "nothing is there");
  panic_line ("task %s, vector %lu, error code %lx", kernel.current->name, f->vector, f->error);
  panic_line ("rip %016lx  cs %04lx  rflags %08lx", f->rip, f->cs, f->rflags);
  panic_line ("rsp %016lx  ss %04lx  cr2 %016lx  cr3 %08lx", f->rsp, f->ss, read_cr2 (), read_cr3 ());
  panic_line ("rax %016lx  rbx %016lx  rcx %016lx", f->rax, f->rbx, f->rcx);
  panic_line ("rdx %016lx  rsi %016lx  rdi %016lx", f->rdx, f->rsi, f->rdi);
  panic_line ("rbp %016lx  r8  %016lx  r9  %016lx", f->rbp, f->r8, f->r9);
  panic_line ("r10 %016lx  r11 %016lx  r12 %016lx", f->r10, f->r11, f->r12);
  panic_line ("r13 %016lx  r14 %016lx  r15 %016lx", f->r13, f->r14, f->r15);
  panic_line ("");
  panic_line ("The ship is lost.  Whoever could go astern from here ...");
  for (;;)
    __asm__ volatile ("cli; hlt");
}

void trap (const struct trap_frame *frame);

void
trap (const struct trap_frame *frame)
{
  if (frame->vector < VECTOR_TIMER)
    panic (frame);
  if (frame->vector >= VECTOR_TIMER + 8)
    outb (PIC2, PIC_EOI);
  outb (PIC1, PIC_EOI);
  if (frame->vector == VECTOR_TIMER)
    {
      kernel.ticks++;
      schedule ();
    }
}
