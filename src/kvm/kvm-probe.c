/* kvm-probe.c - whether debug registers and breakpoint instructions do what they should to a guest.
 *
 * A host that is itself emulated may take them and then never stop at one (QEMU's SVM stops at neither).  So a machine of two pages is
 * made, run over a code breakpoint, a data breakpoint or INT3, and thrown away. */
#include "config.h"

#include "kvm/kvm-private.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define BYTES      0x2000u
#define PAGE       0x1000u      /* where the code is: behind the vectors */
#define DATA       0x1800u
#define BOTH (0x600u | 2u << 0 | 2u << 2 | 1u << 20)     /* the first: code; the second: writes of a byte */

static const guint8 code[] = {
  0xa2, 0x00, 0x18,     /* 1000: mov %al,0x1800 */
  0x90,                 /* 1003: nop */
  0x90,                 /* 1004: nop */
  0xf4,                 /* 1005: hlt */
  0xcc,                 /* 1006: int3 */
};
#define CODE_NOP  (PAGE + 3)
#define CODE_STOP (PAGE + 4)
#define CODE_HLT  (PAGE + 5)     /* where the host does not come back for INT3 */
#define CODE_INT3 (PAGE + 6)

typedef struct
{
  int             vm_fd, cpu_fd;
  gsize           run_bytes;
  struct kvm_run *run;
  guint8         *memory;
} Probe;

static gboolean
make (Probe *probe, int kvm_fd)
{
  struct kvm_userspace_memory_region region = { .memory_size = BYTES };
  const guint16 int3_vector = CODE_HLT;
  int bytes = ioctl (kvm_fd, KVM_GET_VCPU_MMAP_SIZE, NULL);

  probe->run = MAP_FAILED;
  probe->cpu_fd = -1;
  probe->memory = mmap (NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  probe->vm_fd = ioctl (kvm_fd, KVM_CREATE_VM, 0);
  if (probe->memory == MAP_FAILED || probe->vm_fd < 0 || bytes <= 0)
    return FALSE;
  memcpy (probe->memory + PAGE, code, sizeof code);
  memcpy (probe->memory + 4 * X86_EXC_BP, &int3_vector, sizeof int3_vector);
  region.userspace_addr = (guintptr) probe->memory;
  ioctl (probe->vm_fd, KVM_SET_TSS_ADDR, 0xfffbd000ul);
  probe->run_bytes = (gsize) bytes;
  probe->cpu_fd = ioctl (probe->vm_fd, KVM_CREATE_VCPU, 0ul);
  if (probe->cpu_fd >= 0)
    probe->run = mmap (NULL, probe->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, probe->cpu_fd, 0);
  return probe->run != MAP_FAILED && ioctl (probe->vm_fd, KVM_SET_USER_MEMORY_REGION, &region) == 0;
}

static gboolean
begin (Probe *probe, guint32 control, guint64 rip)
{
  struct kvm_regs regs = { .rip = rip, .rflags = 2, .rsp = PAGE + 0xff0 };
  struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE | control };
  struct kvm_sregs sregs;

  if (ioctl (probe->cpu_fd, KVM_GET_SREGS, &sregs) < 0)
    return FALSE;
  sregs.cs.base = 0;
  sregs.cs.selector = 0;
  debug.arch.debugreg[0] = CODE_STOP;
  debug.arch.debugreg[1] = DATA;
  debug.arch.debugreg[7] = BOTH;
  return ioctl (probe->cpu_fd, KVM_SET_SREGS, &sregs) == 0 && ioctl (probe->cpu_fd, KVM_SET_REGS, &regs) == 0 &&
         ioctl (probe->cpu_fd, KVM_SET_GUEST_DEBUG, &debug) == 0;
}

static gboolean
comes_back (Probe *probe)
{
  return ioctl (probe->cpu_fd, KVM_RUN, NULL) == 0 && probe->run->exit_reason == KVM_EXIT_DEBUG;
}

static gboolean
stops (Probe *probe, guint64 bit)
{
  return comes_back (probe) && (probe->run->debug.arch.dr6 & bit) != 0;
}

static void
end (Probe *probe)
{
  if (probe->run != MAP_FAILED)
    munmap (probe->run, probe->run_bytes);
  if (probe->cpu_fd >= 0)
    close (probe->cpu_fd);
  if (probe->vm_fd >= 0)
    close (probe->vm_fd);
  if (probe->memory != MAP_FAILED)
    munmap (probe->memory, BYTES);
}

gboolean
kvm_probe_code (int kvm_fd)
{
  Probe probe;
  gboolean work = make (&probe, kvm_fd) && begin (&probe, KVM_GUESTDBG_USE_HW_BP, CODE_NOP) && stops (&probe, 1);

  end (&probe);
  return work;
}

gboolean
kvm_probe_data (int kvm_fd)
{
  Probe probe;
  gboolean work = make (&probe, kvm_fd) && begin (&probe, KVM_GUESTDBG_USE_HW_BP, PAGE) && stops (&probe, 2);

  end (&probe);
  return work;
}

gboolean
kvm_probe_int3 (int kvm_fd)
{
  Probe probe;
  gboolean works = make (&probe, kvm_fd) && begin (&probe, KVM_GUESTDBG_USE_SW_BP, CODE_INT3) && comes_back (&probe) &&
                   probe.run->debug.arch.exception == X86_EXC_BP;

  end (&probe);
  return works;
}
