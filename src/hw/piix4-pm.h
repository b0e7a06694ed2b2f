/* piix4-pm - ACPI power management: PM timer, events, soft off, SMI command port.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "hw/pci.h"

enum
{
  PIIX4_PM_CONFIG_WINDOW = ASTERN_PCI_CONFIG_WINDOW,
  PIIX4_PM_PORTS_WINDOW,        /* where PMBASE says, 64 ports */
  PIIX4_PM_APM_WINDOW,          /* 0xb2, 0xb3 */
};

/* Offsets from PMBASE. */
enum
{
  PIIX4_PMSTS   = 0x00,
  PIIX4_PMEN    = 0x02,
  PIIX4_PMCNTRL = 0x04,
  PIIX4_PMTMR   = 0x08,
  PIIX4_GPSTS   = 0x0c,
  PIIX4_GPEN    = 0x0e,
  PIIX4_GLBCTL  = 0x28,
};

/* Configuration registers. */
enum
{
  PIIX4_PMBASE    = 0x40,
  PIIX4_DEVACTB   = 0x58,       /* bit 25: writes to 0xb2 raise an SMI */
  PIIX4_PMREGMISC = 0x80,       /* bit 0: the ports answer */
  PIIX4_SMBBA     = 0x90,
  PIIX4_SMBHSTCFG = 0xd2,
};

enum { PIIX4_SMB_HST_EN = 1 << 0, PIIX4_SMB_INT_IRQ9 = 4 << 1, PIIX4_SMB_INT = 7 << 1 };     /* in SMBHSTCFG; SMI: 0 */

/* What to write to 0xb2 to turn ACPI mode on and off, for the FADT. */
#define PIIX4_ACPI_ENABLE  0xf1
#define PIIX4_ACPI_DISABLE 0xf0

#define PIIX4_SLP_TYP_S5   0

extern const AsternDeviceClass piix4_pm_class;

/* The SCI (a level) and the SMI (raised and lowered at once). */
AsternIrq *piix4_pm_sci          (AsternDevice *device);
AsternIrq *piix4_pm_smi          (AsternDevice *device);

/* After astern_pci_attach(): the ports follow PMBASE from now on. */
void       piix4_pm_map          (AsternDevice *device);

/* After it: so do those of @host, a smbus_host_piix4_class, SMBBA. */
void       piix4_pm_map_smbus    (AsternDevice *device, AsternDevice *host);

/* On a machine whose CPUs have no SMM, firmware finds SMIs already set up and leaves them alone. */
void       piix4_pm_without_smm  (AsternDevice *device);

/* Somebody pressed the power button. */
void       piix4_pm_press_button (AsternDevice *device);
