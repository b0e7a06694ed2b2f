/* cpu - what the rest of the machine knows of a CPU: pins and a name.
 *
 * What a CPU is stands in arch/, how it runs in an engine.  Devices see only
 * this: they raise pins, and answer when the CPU acknowledges an interrupt.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/fields.h"
#include "core/moment.h"

typedef struct _AsternCpu          AsternCpu;
typedef struct _AsternCpuClass     AsternCpuClass;
typedef struct _AsternApicInterface AsternApicInterface;
typedef struct _AsternDevice       AsternDevice;
typedef struct _AsternMachine      AsternMachine;

/* Level pins stay until lowered; NMI, SMI, INIT and SIPI are latched by the CPU. */
typedef enum
{
  ASTERN_PIN_INTR,      /* maskable interrupt; level; the vector comes from acknowledge */
  ASTERN_PIN_NMI,       /* edge */
  ASTERN_PIN_SMI,       /* edge */
  ASTERN_PIN_INIT,      /* edge */
  ASTERN_PIN_SIPI,      /* edge; value = vector */
  ASTERN_PIN_A20,       /* level; raised = address line 20 passes */
} AsternPin;

/* What the CPU asks of its interrupt controller (local APIC, or the bare PIC on
 * a board without one).  All may be NULL where a CPU has no local APIC, but acknowledge. */
struct _AsternApicInterface
{
  /* The vector to take now; -1 when there is none after all. */
  int      (*acknowledge)  (AsternDevice *apic);
  guint64  (*read_msr)     (AsternDevice *apic, guint32 msr, gboolean *fault);    /* IA32_APIC_BASE, x2APIC, TSC_DEADLINE */
  void     (*write_msr)    (AsternDevice *apic, guint32 msr, guint64 value, gboolean *fault);
  guint8   (*get_tpr)      (AsternDevice *apic);                                  /* CR8: 0..15 */
  void     (*set_tpr)      (AsternDevice *apic, guint8 tpr);
  /* Another engine's CPU of the same index takes the place of the one that it drives pins of. */
  void     (*set_cpu)      (AsternDevice *apic, AsternCpu *cpu);
};

/* A register as people and gdb know it: a piece of the state, or computed from it. */
typedef struct
{
  const char *name;       /* "rax", "cs", "cs_base", "xmm0", "cr3", "efer", "st0" */
  const char *group;      /* "general", "segment", "control", "debug", "system", "msr", "x87", "sse", "avx" */
  guint16     bits;       /* width; read and written as bits / 8 bytes, little-endian */
  guint16     id;         /* the class's own */
} AsternRegister;

/* Bits of a register that have a name of their own: eflags.zf, cr0.pg. */
typedef struct
{
  const char *reg, *name;
  guint8      low, bits;  /* lowest bit, width */
} AsternRegisterPart;

/* How the CPU reads code now: for disassembly. */
typedef struct
{
  guint    bits;          /* 16, 32, 64 */
  guint64  base;          /* added to the program counter: linear = base + pc */
  guint64  pc;            /* RIP, EIP or IP: the offset */
  guint64  linear;        /* of the next instruction */
} AsternCodePlace;

struct _AsternCpuClass
{
  const char        *name;            /* "x86-64" */
  guint              state_version;
  const AsternField *fields;
  guint              n_fields;
  const AsternRegister *registers;
  guint              n_registers;
  const AsternRegisterPart *parts;    /* (nullable) up to one without a name */
  /* @bytes: registers[index].bits / 8 of them.  Pure.  Call sync_out() first. */
  void     (*read_register)  (const AsternCpu *cpu, guint index, guint8 *bytes);
  /* FALSE when the CPU could never hold this (a reserved bit of a control register).  sync_in() is the caller's. */
  gboolean (*write_register) (AsternCpu *cpu, guint index, const guint8 *bytes);
  void     (*code_place)     (const AsternCpu *cpu, AsternCodePlace *place);
  /* Linear to physical by the page tables, without side effects; A20 included.  FALSE: not mapped. */
  gboolean (*translate)      (AsternCpu *cpu, guint64 linear, guint64 *physical);
  guint64  (*address_space)  (const AsternCpu *cpu);     /* CR3 without its low 12 bits */
  guint64  (*stack_linear)   (const AsternCpu *cpu);     /* SS base + stack pointer */
  const char *(*mode_name)   (const AsternCpu *cpu);     /* "real", "protected 32-bit", "long 64-bit", ... */
};

/* Bytes of a state: it is as large as its table says. */
gsize astern_cpu_state_size (const AsternCpuClass *klass);

/* Index of the register of that name, or -1.  Case does not matter: names are unique without it, too. */
gint astern_cpu_find_register (const AsternCpuClass *klass, const char *name);

/* The engine's CPU struct begins with this. */
struct _AsternCpu
{
  const AsternCpuClass      *klass;
  AsternMachine             *machine;
  guint                      index;
  gpointer                   state;        /* arch state, plain data, of klass->fields */
  const AsternApicInterface *apic_ops;     /* (nullable) */
  AsternDevice              *apic;
  guint64                    interrupts, exceptions;   /* delivered so far, going back counts too: for steps to see */
  guint                      last_exception;          /* the vector of the last of them; not part of the state */
  guint64                    syscalls, mode_changes;   /* likewise, for activity.h */
  guint64                    last_icount;  /* the machine's count after this CPU's last instruction; in snapshots */
  AsternMoment               last_delivery;  /* after the last interrupt or exception, in snapshots; step 0: there was none */
  void (*set_pin)   (AsternCpu *cpu, AsternPin pin, guint value);
  /* Bring `state` up to date with what the engine holds, and take it back after a change. */
  void (*sync_out)  (AsternCpu *cpu);
  void (*sync_in)   (AsternCpu *cpu);
  /* As after power-on: the board's part of a machine reset.  CPU 0 starts, the others wait for SIPI. */
  void (*reset)     (AsternCpu *cpu);
};

static inline void
astern_cpu_set_pin (AsternCpu *cpu, AsternPin pin, guint value)
{
  cpu->set_pin (cpu, pin, value);
}
