/* tasks.c - address spaces and taking turns.
 *
 * A task has the kernel's first GiB (not for ring 3) and, from 1 GiB on, its own:
 *
 *   0x40000000  the programs of all tasks, shared and read-only
 *   0x40100000  its own copy of their data
 *   0x401fe000  its stack, up to 0x40200000 */

#include "tern.h"
#include "user.h"

enum { PAGE_PRESENT = 1, PAGE_WRITABLE = 2, PAGE_USER = 4 };

#define USER_TEXT      0x40000000ul
#define USER_DATA_AT   0x40100000ul
#define USER_STACK_TOP 0x40200000ul
#define STACK_PAGES    2

struct program
{
  const char   *name;
  void        (*entry) (void);
  struct window window;
};

/* In the order of enum task_id. */
static const struct program programs[] = {
  { "beacon", beacon_main, { 2, 67, 9, 12, 0x0e } },
  { "tide",   tide_main,   { 2, 1, CHART_ROWS, CHART_COLUMNS, 0x0b } },
  { "clock",  clock_main,  { 0, 60, 1, 20, COLOUR_TITLE } },
  { "primes", primes_main, { 24, 1, 1, 78, 0x1f } },
};

static u64 next_free_page;

/* Zeroed; never given back.  The kernel reaches it at its physical address. */
static u64 *
new_page (void)
{
  u64 *page = (u64 *) next_free_page;

  next_free_page += PAGE_SIZE;
  for (unsigned i = 0; i < PAGE_SIZE / sizeof (u64); i++)
    ((volatile u64 *) page)[i] = 0;
  return page;
}

static void
map (u64 *table, u64 address, u64 page, u64 flags)
{
  table[(address - USER_TEXT) / PAGE_SIZE] = page | flags | PAGE_USER | PAGE_PRESENT;
}

static u64
new_address_space (void)
{
  u64 *pml4 = new_page (), *pdpt = new_page (), *pd = new_page (), *table = new_page ();

  pml4[0] = (u64) pdpt | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER;
  pdpt[0] = (u64) kernel_pd | PAGE_PRESENT | PAGE_WRITABLE;
  pdpt[1] = (u64) pd | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER;
  pd[0] = (u64) table | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER;

  for (u64 at = 0; at < (u64) user_text_size; at += PAGE_SIZE)
    map (table, USER_TEXT + at, (u64) user_text_load + at, 0);
  for (u64 at = 0; at < (u64) user_data_size; at += PAGE_SIZE)
    {
      u64 *copy = new_page ();
      const u64 *from = (const u64 *) ((u64) user_data_load + at);

      for (unsigned i = 0; i < PAGE_SIZE / sizeof (u64); i++)
        ((volatile u64 *) copy)[i] = from[i];
      map (table, USER_DATA_AT + at, (u64) copy, PAGE_WRITABLE);
    }
  for (u64 at = 1; at <= STACK_PAGES; at++)
    map (table, USER_STACK_TOP - at * PAGE_SIZE, (u64) new_page (), PAGE_WRITABLE);
  return (u64) pml4;
}

/* Whether ring 3 may read all of it. */
int
is_user_range (u64 address, u64 size)
{
  u64 end = address + size;

  return end >= address &&
         ((address >= USER_TEXT && end <= USER_TEXT + (u64) user_text_size) ||
          (address >= USER_DATA_AT && end <= USER_DATA_AT + (u64) user_data_size) ||
          (address >= USER_STACK_TOP - STACK_PAGES * PAGE_SIZE && end <= USER_STACK_TOP));
}

/* What switch_to() pops: six registers, its return address, and the frame that
 * enter_user() leaves for ring 3 with. */
static void
prepare_stack (struct task *task, void (*entry) (void))
{
  u64 *sp = (u64 *) task->stack_top;

  *--sp = USER_DATA;
  *--sp = USER_STACK_TOP - 8;
  *--sp = 0x202;                           /* RFLAGS: interrupts on */
  *--sp = USER_CODE;
  *--sp = (u64) entry;
  *--sp = (u64) enter_user;
  for (int i = 0; i < 6; i++)
    *--sp = 0;
  task->rsp = (u64) sp;
}

void
tasks_init (void)
{
  struct task *idle = &kernel.tasks[TASK_IDLE];

  next_free_page = ((u64) image_end + PAGE_SIZE - 1) & -(u64) PAGE_SIZE;
  for (int i = 0; i < TASK_IDLE; i++)
    {
      struct task *task = &kernel.tasks[i];

      task->name = programs[i].name;
      task->window = programs[i].window;
      task->page_table = new_address_space ();
      task->stack_top = (u64) new_page () + PAGE_SIZE;
      prepare_stack (task, programs[i].entry);
      log_line ("task %d: %s, entry %lx, page table %lx", i, task->name, (u64) programs[i].entry,
                task->page_table);
    }
  idle->name = "idle";
  idle->page_table = read_cr3 ();
  idle->stack_top = (u64) new_page () + PAGE_SIZE;
  kernel.current = idle;
}

/* The boot stack becomes the idle task. */
void
tasks_start (void)
{
  set_kernel_stack (kernel.current->stack_top);
  schedule ();
  for (;;)
    __asm__ volatile ("sti; hlt; cli");
}

/* Round and round, whoever need not sleep any longer; idle when nobody is. */
static struct task *
choose (void)
{
  int last = (int) (kernel.current - kernel.tasks);

  for (int i = 1; i <= N_TASKS; i++)
    {
      struct task *task = &kernel.tasks[(last + i) % N_TASKS];

      if (task != &kernel.tasks[TASK_IDLE] && task->wake_tick <= kernel.ticks)
        return task;
    }
  return &kernel.tasks[TASK_IDLE];
}

void
schedule (void)
{
  struct task *previous = kernel.current;
  struct task *next = choose ();

  if (next == previous)
    return;
  next->turns++;
  kernel.current = next;
  set_kernel_stack (next->stack_top);
  write_cr3 (next->page_table);
  switch_to (&previous->rsp, next->rsp);
}
