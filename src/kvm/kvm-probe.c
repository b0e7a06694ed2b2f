/* kvm-probe.c - whether debug registers do what they should to a guest.
 *
 * A host that is itself emulated may take them and then never stop at one (QEMU's SVM does).  So a machine of one page is made, run
 * over a data and a code breakpoint, and thrown away. */
#include "config.h"

#include "kvm/kvm-private.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE       0x1000u      /* where the page is */
#define DATA       0x1800u
#define NUMBER_DR7 (0x600u | 2u << 0 | 2u << 2 | 1u << 20)     /* the first: code; the second: writes of a byte */

static const guint8 code[] = {
  0xa2, 0x00, 0x18,     /* 1000: mov %al,0x1800 */
  0x90,                 /* 1003: nop */
  0x90,                 /* 1004: nop */
  0xf4,                 /* 1005: hlt */
};
#define CODE_STOP (PAGE + 4)

typedef struct
{
  int             vm_fd, cpu_fd;
  gsize           run_bytes;
  struct kvm_run *run;
  guint8         *page;
} Probe;

static gboolean
make (Probe *probe, int kvm_fd)
{
  struct kvm_userspace_memory_region region = { .guest_phys_addr = PAGE, .memory_size = PAGE };
  int bytes = ioctl (kvm_fd, KVM_GET_VCPU_MMAP_SIZE, NULL);

  probe->run = MAP_FAILED;
  probe->cpu_fd = -1;
  probe->page = mmap (NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  probe->vm_fd = ioctl (kvm_fd, KVM_CREATE_VM, 0);
  if (probe->page == MAP_FAILED || probe->vm_fd < 0 || bytes <= 0)
    return FALSE;
  memcpy (probe->page, code, sizeof code);
  region.userspace_addr = (guintptr) probe->page;
  ioctl (probe->vm_fd, KVM_SET_TSS_ADDR, 0xfffbd000ul);
  probe->run_bytes = (gsize) bytes;
  probe->cpu_fd = ioctl (probe->vm_fd, KVM_CREATE_VCPU, 0ul);
  if (probe->cpu_fd >= 0)
    probe->run = mmap (NULL, probe->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, probe->cpu_fd, 0);
  return probe->run != MAP_FAILED && ioctl (probe->vm_fd, KVM_SET_USER_MEMORY_REGION, &region) == 0;
}

static gboolean
begin (Probe *probe)
{
  struct kvm_regs regs = { .rip = PAGE, .rflags = 2, .rsp = PAGE + 0xff0 };
  struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP };
  struct kvm_sregs sregs;

  if (ioctl (probe->cpu_fd, KVM_GET_SREGS, &sregs) < 0)
    return FALSE;
  sregs.cs.base = 0;
  sregs.cs.selector = 0;
  debug.arch.debugreg[0] = CODE_STOP;
  debug.arch.debugreg[1] = DATA;
  debug.arch.debugreg[7] = NUMBER_DR7;
  return ioctl (probe->cpu_fd, KVM_SET_SREGS, &sregs) == 0 && ioctl (probe->cpu_fd, KVM_SET_REGS, &regs) == 0 &&
         ioctl (probe->cpu_fd, KVM_SET_GUEST_DEBUG, &debug) == 0;
}

static gboolean
stops (Probe *probe, guint64 bit)
{
  return ioctl (probe->cpu_fd, KVM_RUN, NULL) == 0 && probe->run->exit_reason == KVM_EXIT_DEBUG && (probe->run->debug.arch.dr6 & bit) != 0;
}

gboolean
kvm_probe_registers (int kvm_fd)
{
  Probe probe;
  gboolean work = make (&probe, kvm_fd) && begin (&probe) && stops (&probe, 2) && stops (&probe, 1);

  if (probe.run != MAP_FAILED)
    munmap (probe.run, probe.run_bytes);
  if (probe.cpu_fd >= 0)
    close (probe.cpu_fd);
  if (probe.vm_fd >= 0)
    close (probe.vm_fd);
  if (probe.page != MAP_FAILED)
    munmap (probe.page, PAGE);
  return work;
}
