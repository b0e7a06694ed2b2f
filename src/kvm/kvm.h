/* kvm - engine `kvm`: the guest's code on the host's CPU, by /dev/kvm.
 *
 * One thread a CPU, named “CPU n/KVM”.  The kernel runs the guest; devices and interrupt controllers are the machine's own, so
 * that every access to one of them is an exit.  CPUs run the guest side by side; who uses the machine - an exit, a timer, an input
 * - holds the engine's lock.  Guest time is the host's while the machine runs, and stands still while it does not.
 *
 * Not deterministic, not exact: nothing can be gone back to, instructions are not counted.
 * Source: Linux, Documentation/virt/kvm/api.rst.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "arch/x86/features.h"
#include "core/machine.h"

/* kernel_irqchip=: whose the interrupt controllers are while the machine runs. */
typedef enum
{
  ASTERN_KVM_IRQCHIP_OFF,       /* the machine's */
  ASTERN_KVM_IRQCHIP_ON,        /* the kernel's */
  ASTERN_KVM_IRQCHIP_SPLIT,     /* the local APICs the kernel's, PICs and I/O APIC the machine's */
  ASTERN_KVM_IRQCHIP_AUTO,      /* on where breakpoints need no HLT that comes out, else off */
} AsternKvmIrqchip;

typedef struct
{
  const X86Features *features;     /* the CPU model; copied */
  gboolean           fixed;        /* a guest has seen it: what this host's KVM lacks of it is an error.  Else it is left out */
  guint              n_cpus;
  AsternKvmIrqchip   irqchip;
} AsternKvmOptions;

/* Creates the CPUs and the engine, and adds both to @machine.  The memory map may still change.
 * What is missing - device, permission, a capability - is said in @error, and what can be done about it. */
AsternEngine *astern_kvm_engine_new (AsternMachine *machine, const AsternKvmOptions *options, GError **error);

/* The CPU model without what is left out, and with the frequency that the time stamp counter has here. */
const X86Features *astern_kvm_features (AsternEngine *engine);

/* Names of features that the model has and this host's KVM has not, with spaces between them; "" where it has all.  Free it. */
char         *astern_kvm_lacks      (AsternEngine *engine);
