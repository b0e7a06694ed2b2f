/* ich9-lpc - the q35 board's bridge to what is left of ISA: interrupt routing, power management, TCO timer, reset.
 *
 * Every ISA interrupt wire and every PCI pin ends here and goes on, level by level, to lines 0..23 of whatever
 * the board connects: 0..15 are the ISA lines, 16..23 PIRQA..PIRQH, which only the I/O APIC knows.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/pci.h"

enum
{
  ICH9_LPC_CONFIG_WINDOW = ASTERN_PCI_CONFIG_WINDOW,
  ICH9_LPC_RESET_WINDOW,        /* 0xcf8..0xcfb as bytes and words; only 0xcf9 answers */
  ICH9_LPC_PM_WINDOW,           /* where PMBASE says, 128 ports */
  ICH9_LPC_APM_WINDOW,          /* 0xb2, 0xb3 */
  ICH9_LPC_CHIP_WINDOW,         /* where RCBA says, 16 KiB of memory */
};

/* Configuration registers. */
enum
{
  ICH9_PMBASE     = 0x40,
  ICH9_ACPI_CNTL  = 0x44,       /* bit 7: the ports answer; bits 0..2: the SCI's line */
  ICH9_PIRQA_ROUT = 0x60,       /* .. 0x63 */
  ICH9_PIRQE_ROUT = 0x68,       /* .. 0x6b */
  ICH9_GEN_PMCON_1 = 0xa0,      /* bit 4: SMI_EN's global bit is locked */
  ICH9_RCBA       = 0xf0,
};

/* Offsets from PMBASE. */
enum
{
  ICH9_PM1_STS = 0x00, ICH9_PM1_EN = 0x02, ICH9_PM1_CNT = 0x04, ICH9_PM1_TMR = 0x08,
  ICH9_GPE0_STS = 0x20, ICH9_GPE0_EN = 0x28, ICH9_SMI_EN = 0x30, ICH9_SMI_STS = 0x34,
  ICH9_TCO_RLD = 0x60, ICH9_TCO1_STS = 0x64, ICH9_TCO2_STS = 0x66, ICH9_TCO1_CNT = 0x68, ICH9_TCO2_CNT = 0x6a,
  ICH9_TCO_TMR = 0x72,
};

/* In the memory at RCBA. */
enum
{
  ICH9_D31IR = 0x3140,          /* down to device 25's at 0x3150 */
  ICH9_GCS   = 0x3410,          /* bit 5: the TCO timer does not reset */
};

extern const AsternDeviceClass ich9_lpc_class;

#define ICH9_LPC_LINES 24

/* An AsternIrqFunc: ISA line 0..15; for a second device on line n, 16 + n. */
void       ich9_lpc_set_isa_irq (gpointer device, guint line, gboolean level);
/* An AsternIrqFunc: line 16..23, for what is wired to the I/O APIC beside the PIRQs (HPET). */
void       ich9_lpc_set_gsi     (gpointer device, guint line, gboolean level);
/* An AsternPciIntxFunc. */
void       ich9_lpc_set_intx    (gpointer device, guint devfn, guint pin, gboolean level);
void       ich9_lpc_connect     (AsternDevice *device, guint line, AsternIrqFunc changed, gpointer receiver,
                                 guint receiver_line);
/* The SMI (raised and lowered at once). */
AsternIrq *ich9_lpc_smi         (AsternDevice *device);

/* After astern_pci_attach(): ports and memory follow PMBASE and RCBA from now on. */
void       ich9_lpc_map         (AsternDevice *device);
/* On a machine whose CPUs have no SMM, firmware finds SMIs already set up and leaves them alone. */
void       ich9_lpc_without_smm (AsternDevice *device);
void       ich9_lpc_press_button (AsternDevice *device);

/* Which of PIRQA..PIRQH (0..7) a pin of the root bus is wired to, as the chip is now set up. */
guint      ich9_lpc_pirq        (AsternDevice *device, guint devfn, guint pin);
