/* smm.c - system management mode by the chipset's APM port: entry, save area, SMRAM, RSM.
 * Source: Intel SDM vol. 3C, chapter 31; AMD APM vol. 2, 10.2 (save area); Intel 82441FX data sheet
 * (SMRAM control), 82371AB (APM control and status, DEVACTB). */
#include "guest.h"

#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define SMRAM_OPEN 0x4a             /* D_OPEN, G_SMRAME, C_BASE_SEG */
#define SMRAM_CLOSED 0x0a
#define SMBASE 0x30000u
#define NEW_SMBASE 0xa0000u
#define AREA 0x8000u

static u32
pci_read (u32 device, u32 function, u32 at)
{
  outl (PCI_ADDRESS, 0x80000000u | device << 11 | function << 8 | (at & ~3u));
  return inl (PCI_DATA);
}

static void
pci_write (u32 device, u32 function, u32 at, u32 value)
{
  outl (PCI_ADDRESS, 0x80000000u | device << 11 | function << 8 | (at & ~3u));
  outl (PCI_DATA, value);
}

static void
set_smram (u8 value)
{
  pci_write (0, 0, 0x70, (pci_read (0, 0, 0x70) & ~0xff0000u) | (u32) value << 16);
}

/* What the handler notes, and the handler.  It runs at SMBASE:8000 with all segments of 4 GiB. */
u32 smi_count, smi_cr0, smi_cr4, smi_flags, smi_cs, smi_ds, smi_dr7, smi_a0000, smi_eip, smi_rax, smi_change;
__asm__ (
  ".code16\n"
  "smi_handler:\n"
  "  movl $smi_count, %edi\n incl (%edi)\n"
  "  movl %cr0, %eax\n movl $smi_cr0, %edi\n movl %eax, (%edi)\n"
  "  movl %cr4, %eax\n movl $smi_cr4, %edi\n movl %eax, (%edi)\n"
  "  movl %db7, %eax\n movl $smi_dr7, %edi\n movl %eax, (%edi)\n"
  "  pushfl\n popl %eax\n movl $smi_flags, %edi\n movl %eax, (%edi)\n"
  "  movw %cs, %ax\n movzwl %ax, %eax\n movl $smi_cs, %edi\n movl %eax, (%edi)\n"
  "  movw %ds, %ax\n movzwl %ax, %eax\n movl $smi_ds, %edi\n movl %eax, (%edi)\n"
  "  movl $0xa0000, %esi\n movl (%esi), %eax\n movl $smi_a0000, %edi\n movl %eax, (%edi)\n"
  /* The save area: EIP and RAX as they were; SMBASE and RAX as they shall be. */
  "  movw $0xff78, %si\n movl %cs:(%si), %eax\n movl $smi_eip, %edi\n movl %eax, (%edi)\n"
  "  movw $0xfff8, %si\n movl %cs:(%si), %eax\n movl $smi_rax, %edi\n movl %eax, (%edi)\n"
  "  movl $smi_change, %edi\n movl (%edi), %ebx\n testl %ebx, %ebx\n je 1f\n"
  "  movl $0x5aa55aa5, %eax\n movl %eax, %cs:(%si)\n"
  "  movw $0xff00, %si\n movl %ebx, %cs:(%si)\n"
  "1: rsm\n"
  "smi_handler_end:\n"
#ifdef __x86_64__
  ".code64\n"
#else
  ".code32\n"
#endif
);

static void
copy (uword to, uword from, uword end)
{
  while (from < end)
    *(volatile u8 *) to++ = *(const u8 *) from++;
}

static __attribute__ ((noinline)) u32
smi (u8 command, u32 ax)
{
  u32 result;

  __asm__ volatile ("movb %1, %%al\n outb %%al, $0xb2\n after_smi: nop" : "=a" (result) : "q" (command), "0" (ax) : "memory");
  return result;
}

static volatile u32 *const screen = (volatile u32 *) 0xa0000;

static void
first (void)
{
  uword cr0 = get_cr0 (), cr3 = get_cr3 (), cr4 = get_cr4 ();

  copy (SMBASE + AREA, ADDRESS (smi_handler), ADDRESS (smi_handler_end));
  set_dr7 (0x700);
  pci_write (1, 3, 0x58, pci_read (1, 3, 0x58) & ~(1u << 25));
  smi (0x11, 0);
  check_equal ("no SMI without APMC_EN", smi_count, 0);
  pci_write (1, 3, 0x58, pci_read (1, 3, 0x58) | 1u << 25);
  smi (0x11, 0x77777700);
  check_equal ("an SMI by the APM port", smi_count, 1);
  check_equal ("CR0 has neither PE nor PG", smi_cr0 & 0x80000001, 0);
  check_equal ("CR4 is 0", smi_cr4, 0);
  check_equal ("EFLAGS are clear", smi_flags & 0x3f7fd5 & ~0x44u, 0);
  check_equal ("CS is SMBASE / 16", smi_cs, SMBASE >> 4);
  check_equal ("DS is 0", smi_ds, 0);
  check_equal ("DR7 is as after reset", smi_dr7, 0x400);
  check_equal ("the save area has RIP", smi_eip, ADDRESS (after_smi));
  check_equal ("and RAX", smi_rax, 0x77777711);
  check ("RSM brings control registers back", get_cr0 () == cr0 && get_cr3 () == cr3 && get_cr4 () == cr4);
  set_dr7 (0x400);
  check_equal ("the APM port keeps the command", inb (0xb2), 0x11);
}

static void
smram (void)
{
  *screen = 0x11111111;
  smi_count = 0;
  set_smram (SMRAM_OPEN);
  *screen = 0x22222222;
  copy (NEW_SMBASE + AREA, ADDRESS (smi_handler), ADDRESS (smi_handler_end));
  check_equal ("SMRAM is open", *screen, 0x22222222);
  set_smram (SMRAM_CLOSED);
  check ("SMRAM is closed", *screen != 0x22222222);
  smi_change = NEW_SMBASE;
  check_equal ("the handler changes EAX", smi (0x12, 0), 0x5aa55aa5);
  check_equal ("at the old SMBASE", smi_cs, SMBASE >> 4);
  smi_change = 0;
  smi (0x13, 0);
  check_equal ("the next one runs in SMRAM", smi_count, 2);
  check_equal ("at the new SMBASE", smi_cs, NEW_SMBASE >> 4);
  check_equal ("which it sees though it is closed", smi_a0000, 0x22222222);
  check ("and nobody behind RSM", *screen != 0x22222222);
}

/* All registers come back, segments with their hidden parts too. */
static void
registers (void)
{
  u32 wrong = 0;

  gdt[FREE_SEL / 8] = segment ((u32) (uword) &smi_count, 3, D_DATA, D_BIG);
  __asm__ volatile ("mov %w0, %%fs" :: "r" (FREE_SEL) : "memory");
  gdt[FREE_SEL / 8] = 0;
  __asm__ volatile ("mov $0x11111111, %%ebx\n mov $0x22222222, %%ecx\n mov $0x33333333, %%edx\n"
                    "mov $0x44444444, %%esi\n mov $0x55555555, %%edi\n movb $0x14, %%al\n outb %%al, $0xb2\n nop\n"
                    "cmp $0x11111111, %%ebx\n jne 1f\n cmp $0x22222222, %%ecx\n jne 1f\n cmp $0x33333333, %%edx\n jne 1f\n"
                    "cmp $0x44444444, %%esi\n jne 1f\n cmp $0x55555555, %%edi\n je 2f\n 1: incl %0\n 2:"
                    : "+m" (wrong) :: "eax", "ebx", "ecx", "edx", "esi", "edi", "cc", "memory");
  check_equal ("general registers", wrong, 0);
  check_equal ("it ran", smi_count, 3);
#ifndef __x86_64__
  {
    u32 seen;

    __asm__ volatile ("mov %%fs:0, %0" : "=r" (seen));
    check_equal ("a segment's base, though its descriptor is gone", seen, 3);
  }
#endif
}

void
guest_main (void)
{
  first ();
  smram ();
  registers ();
}
