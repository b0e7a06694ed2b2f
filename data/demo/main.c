/* main.c - Tern's start. */

#include "tern.h"

/* The front of the multiboot information, as far as it is looked at. */
struct multiboot_info
{
  u32 flags;
  u32 lower_kib, upper_kib;
};

struct kernel kernel;

static void
cpu_name (char name[13])
{
  u32 eax = 0, words[3];

  __asm__ volatile ("cpuid" : "+a" (eax), "=b" (words[0]), "=d" (words[1]), "=c" (words[2]));
  for (int i = 0; i < 12; i++)
    name[i] = (char) (words[i / 4] >> (i % 4 * 8));
  name[12] = 0;
}

void kernel_main (const struct multiboot_info *info);

void
kernel_main (const struct multiboot_info *info)
{
  char cpu[13];

  console_init ();
  cpu_name (cpu);
  log_line ("Tern 1.0, a small kernel that puts to sea");
  log_line ("cpu: %s, long mode", cpu);
  if (info->flags & 1)
    log_line ("memory: %u KiB below 1 MiB, %u KiB above", info->lower_kib, info->upper_kib);
  traps_init ();
  syscalls_init ();
  tasks_init ();
  tasks_start ();
}
