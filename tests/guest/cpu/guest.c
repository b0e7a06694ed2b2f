/* guest.c - see guest.h. */
#include "guest.h"

#define SERIAL     0x3f8
#define DEBUG_EXIT 0xf4

Frame last;
u64 gdt[GDT_ENTRIES] __attribute__ ((aligned (16)));
u64 idt[512] __attribute__ ((aligned (16)));
u8 main_tss[0x68 + 0x20 + 0x2000 + 1] __attribute__ ((aligned (4096)));
u8 user_stack[8192] __attribute__ ((aligned (4096)));
u8 trap_stack[8192] __attribute__ ((aligned (4096)));
u8 spare_stack[8192] __attribute__ ((aligned (4096)));
int (*trap_hook) (Frame *frame);

static u32 n_checks, n_failed;

/* --- results --- */

static void
put (const char *text)
{
  for (; *text; text++)
    outb (SERIAL, (u8) *text);
}

static void
put_hex (u64 value)
{
  char digits[17], *at = digits + 16;

  *at = 0;
  do
    *--at = "0123456789abcdef"[value & 15];
  while ((value >>= 4) != 0);
  put (at);
}

static void
put_decimal (u32 value)
{
  char digits[11], *at = digits + 10;

  *at = 0;
  do
    *--at = (char) ('0' + value % 10);
  while ((value /= 10) != 0);
  put (at);
}

static void
put_point (int holds, const char *name)
{
  n_checks++;
  n_failed += !holds;
  put (holds ? "ok " : "not ok ");
  put_decimal (n_checks);
  put (" - ");
  put (name);
}

void
check (const char *name, int holds)
{
  put_point (holds, name);
  put ("\n");
}

void
skip (const char *name, const char *why)
{
  put_point (1, name);
  put (" # SKIP ");
  put (why);
  put ("\n");
}

void
note (const char *text, u64 value)
{
  put ("# ");
  put (text);
  put (" ");
  put_hex (value);
  put ("\n");
}

void
check_equal (const char *name, u64 got, u64 wanted)
{
  check (name, got == wanted);
  if (got == wanted)
    return;
  note ("got", got);
  note ("wanted", wanted);
}

static void
check_result (const char *name, int got, int vector, u32 error)
{
  int has_error = vector == DF || (vector >= TS && vector <= PF) || vector == AC;
  int same = got == vector && (!has_error || (u32) last.error == error);

  check (name, same);
  if (same)
    return;
  note ("vector", (u32) got);
  note ("error", last.error);
  note ("at", last.ip);
  note ("wanted vector", (u32) vector);
  note ("wanted error", error);
}

void
check_trap (const char *name, void (*fn) (void *), void *arg, int vector, u32 error)
{
  check_result (name, run (fn, arg), vector, error);
}

void
check_user_trap (const char *name, void (*fn) (void *), void *arg, int vector, u32 error)
{
  check_result (name, run_user (fn, arg), vector, error);
}

/* --- tables --- */

u64
segment (u32 base, u32 limit, u32 access, u32 flags)
{
  return (limit & 0xffff) | (u64) (base & 0xffffff) << 16 | (u64) access << 40 | (u64) (limit >> 16 & 15) << 48
         | (u64) flags << 52 | (u64) (base >> 24) << 56;
}

u64
gate (u32 selector, u32 offset, u32 access, u32 params)
{
  return (offset & 0xffff) | (u64) (selector & 0xffff) << 16 | (u64) params << 32 | (u64) access << 40
         | (u64) (offset >> 16) << 48;
}

void
set_idt (u32 vector, u64 low, u64 high)
{
#ifdef __x86_64__
  idt[vector * 2] = low;
  idt[vector * 2 + 1] = high;
#else
  idt[vector] = low;
  (void) high;
#endif
}

void
set_main_tss (void)
{
  const u32 size = sizeof main_tss;
  uword top = (uword) trap_stack + sizeof trap_stack;

  for (u32 i = 0; i < size; i++)
    main_tss[i] = i < 0x68 ? 0 : 0xff;
  *(uword *) (main_tss + 4) = top;
#ifdef __x86_64__
  gdt[MAIN_TSS / 8 + 1] = (uword) main_tss >> 32;
#else
  *(u32 *) (main_tss + 8) = KERNEL_DS;
#endif
  *(u16 *) (main_tss + 102) = 0x68 + 0x20;
  gdt[MAIN_TSS / 8] = segment ((u32) (uword) main_tss, size - 1, 0x89, 0);
  __asm__ volatile ("ltr %w0" :: "r" (MAIN_TSS));
}

static void
set_tables (void)
{
  struct { u16 limit; uword base; } __attribute__ ((packed)) table;

  for (u32 i = 0; i < 256; i++)
    set_idt (i, gate (KERNEL_CS, (u32) (uword) stub_table + i * 16, i == LEAVE_VECTOR || i == BP || i == OF ? 0xee : 0x8e, 0), 0);
#ifdef __x86_64__
  table.limit = 256 * 16 - 1;
#else
  table.limit = 256 * 8 - 1;
#endif
  table.base = (uword) idt;
  __asm__ volatile ("lidt %0" :: "m" (table));
  set_main_tss ();
}

/* --- traps --- */

/* Compilers call it for the copy of a struct. */
void *
memcpy (void *to, const void *from, uword n)
{
  void *at = to;

  __asm__ volatile ("rep movsb" : "+D" (at), "+S" (from), "+c" (n) :: "memory");
  return to;
}

/* From the stubs.  Returns to them to go on. */
void
trap (Frame *frame)
{
  if (trap_hook && trap_hook (frame))
    return;
  last = *frame;
  recover ((int) frame->vector);
}

void
guest_start (void)
{
  set_tables ();
  guest_main ();
  put ("1..");
  put_decimal (n_checks);
  put ("\n");
  outb (DEBUG_EXIT, n_failed != 0);
  for (;;)
    __asm__ volatile ("hlt");
}
