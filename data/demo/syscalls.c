/* syscalls.c - what a task can ask for. */

#include "tern.h"
#include "user.h"

enum { MSR_STAR = 0xc0000081, MSR_LSTAR = 0xc0000082, MSR_FMASK = 0xc0000084 };

typedef u64 (*Call) (u64 a, u64 b, u64 c, u64 d);

static u64
sys_sleep (u64 ticks, u64 b, u64 c, u64 d)
{
  (void) b, (void) c, (void) d;
  kernel.current->wake_tick = kernel.ticks + ticks;
  schedule ();
  return 0;
}

static u64
sys_time (u64 a, u64 b, u64 c, u64 d)
{
  (void) a, (void) b, (void) c, (void) d;
  return kernel.ticks;
}

/* Text into the task's window. */
static u64
sys_write (u64 row, u64 column, u64 text, u64 length)
{
  if (row > 24 || column > 79 || !is_user_range (text, length))
    return -1ul;
  window_text (&kernel.current->window, (int) row, (int) column, (const char *) text, length);
  return length;
}

/* A line for the log. */
static u64
sys_log (u64 text, u64 length, u64 c, u64 d)
{
  char line[72];

  (void) c, (void) d;
  if (length >= sizeof line || !is_user_range (text, length))
    return -1ul;
  for (u64 i = 0; i < length; i++)
    ((volatile char *) line)[i] = ((const char *) text)[i];
  line[length] = 0;
  log_line ("%s: %s", kernel.current->name, line);
  return length;
}

/* Remembers a height of the tide, and draws it. */
static u64
sys_chart (u64 column, u64 height_mm, u64 c, u64 d)
{
  (void) c, (void) d;
  kernel.chart.height_mm[column] = height_mm;
  chart_column (&kernel.current->window, column, height_mm);
  return 0;
}

static const Call calls[] = {
  [CALL_SLEEP] = sys_sleep,
  [CALL_TIME]  = sys_time,
  [CALL_WRITE] = sys_write,
  [CALL_LOG]   = sys_log,
  [CALL_CHART] = sys_chart,
};

u64 syscall (u64 number, u64 a, u64 b, u64 c, u64 d);

u64
syscall (u64 number, u64 a, u64 b, u64 c, u64 d)
{
  if (number >= sizeof calls / sizeof calls[0] || !calls[number])
    return -1ul;
  return calls[number] (a, b, c, d);
}

void
syscalls_init (void)
{
  wrmsr (MSR_STAR, (u64) KERNEL_CODE << 32 | (u64) (USER_DATA - 8) << 48);
  wrmsr (MSR_LSTAR, (u64) syscall_entry);
  wrmsr (MSR_FMASK, 0x200 | 0x400 | 0x100);                  /* interrupts off, DF and TF clear */
}
