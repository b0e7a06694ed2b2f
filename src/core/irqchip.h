/* irqchip - a PC's interrupt controllers and interval timer as plain values, and who has them.
 *
 * They are devices of the machine.  An engine whose kernel has such controllers of its own may take them over while it
 * runs: it asks for what they hold, gives that to the kernel, and gives back what the kernel made of it before the run
 * ends.  In between lines, messages and pins go to the engine, and the devices' timers are off: outside of a run the
 * devices hold the truth.
 *
 * Threads: the thread that runs the machine, or who holds the engine's lock.
 * Units:   lines are global system interrupts: 0..15 ISA's, 16..23 the I/O APIC's own. */
#pragma once

#include <glib.h>

#define ASTERN_IRQCHIP_CPUS 8
#define ASTERN_IRQCHIP_LINES 24

/* A local APIC: its registers at offset / 16, as software reads them; the timer's count is as of now. */
typedef struct
{
  guint32  regs[64];
  guint64  base;              /* IA32_APIC_BASE */
  guint64  deadline_ns;       /* guest time at which TSC_DEADLINE comes; 0: it is not armed */
  gboolean expired;           /* the one-shot timer has told already that it came to 0 */
  gboolean nothing;           /* no such CPU */
} AsternLapicValues;

#define ASTERN_PIC_NEW 4        /* was never initialised, and interrupts nobody */

typedef struct
{
  guint8 lines, irr, imr, isr, elcr;
  guint8 icw2, icw4;
  guint8 needs_icw4;          /* ICW1 said that one comes */
  guint8 step;                /* 0: ready; 1, 2, 3: ICW2, 3, 4 comes next; ASTERN_PIC_NEW */
  guint8 lowest;              /* the line of the lowest priority */
  guint8 read_isr, poll, special_mask, rotate_aeoi;
  guint8 elcr_mask;
} AsternPicValues;

typedef struct
{
  guint64 redirection[ASTERN_IRQCHIP_LINES];
  guint32 select, id, pins;
} AsternIoapicValues;

typedef struct
{
  AsternLapicValues  lapics[ASTERN_IRQCHIP_CPUS];
  AsternPicValues    pics[2];               /* master, slave */
  AsternIoapicValues ioapic;
} AsternIrqchipValues;

/* Which of them somebody has: the local APICs alone, or all. */
typedef enum { ASTERN_IRQCHIP_LAPICS, ASTERN_IRQCHIP_ALL } AsternIrqchipPart;

/* The devices, by a board. */
typedef struct
{
  /* What they hold, and their timers go off. */
  void (*take) (gpointer board, AsternIrqchipPart part, AsternIrqchipValues *values);
  /* What they hold from now on, and their timers go on. */
  void (*give) (gpointer board, AsternIrqchipPart part, const AsternIrqchipValues *values);
  /* A level-triggered interrupt ended at a local APIC. */
  void (*eoi)  (gpointer board, guint vector);
  /* The PICs' vector for a CPU that takes an external interrupt; -1: there is none. */
  int  (*acknowledge) (gpointer board);
  gboolean (*get_int) (gpointer board);     /* whether there is one */
  /* The I/O APIC's entries. */
  void (*redirections) (gpointer board, guint64 entries[ASTERN_IRQCHIP_LINES]);
} AsternIrqchipDevices;

/* Who has taken them. */
typedef struct
{
  AsternIrqchipPart part;
  void (*set_line) (gpointer holder, guint line, gboolean level);         /* ASTERN_IRQCHIP_ALL */
  void (*message)  (gpointer holder, guint64 address, guint32 data);      /* an interrupt message (MSI) */
  /* ASTERN_IRQCHIP_LAPICS: the PIC's INT; a redirection entry was written. */
  void (*set_int)  (gpointer holder, gboolean level);
  void (*redirected) (gpointer holder);
} AsternIrqchipHolder;

/* A machine's. */
typedef struct
{
  const AsternIrqchipDevices *devices;      /* NULL: the board has none of them */
  gpointer                    board;
  const AsternIrqchipHolder  *holder;       /* NULL: nobody has them but the machine */
  gpointer                    user;
} AsternIrqchip;
