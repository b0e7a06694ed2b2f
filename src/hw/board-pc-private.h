/* board-pc-private - what the files of the board share.  For board-pc*.c alone. */
#pragma once

#include "hw/acpi-tables.h"
#include "hw/board-pc.h"
#include "hw/isa-irqs.h"
#include "hw/isa.h"
#include "hw/pci.h"
#include "hw/virtio/virtio-mmio.h"

#define PC_4_GIB           G_GUINT64_CONSTANT (0x100000000)
#define PC_TABLES_SIZE     0x10000u                     /* at the end of low RAM, for ACPI tables */
#define PC_EBDA            0x9fc00u
#define PC_BIOS_WINDOW     0x20000u                     /* what of the BIOS is seen below 1 MiB */
#define PC_PM_BASE         0x600
#define PC_SMB_BASE        0x700
#define PC_SLP_TYP_S5      0                            /* soft off's sleep type */

/* What differs from one chip set to another.  The board's host, isa and pm are the chip set's own devices. */
typedef struct
{
  const char   *name, *product;         /* as in -machine; as SMBIOS has it */
  guint64     (*low_ram)      (guint64 ram_bytes);              /* of it what lies below 4 GiB */
  void        (*add)          (AsternBoardPc *board);           /* sets host, isa, pm and pci */
  /* The lines go on to @changed; those that the chip set itself raises are connected. */
  void        (*connect)      (AsternBoardPc *board, AsternIrqFunc changed, gpointer receiver);
  AsternIrqFunc set_isa_irq;            /* with isa: ISA line 0..15, a second device's + 16 */
  AsternIrqFunc set_gsi;                /* (nullable) with isa: lines 16..23, which PCI pins are on, too */
  AsternIrq  *(*smi)          (AsternBoardPc *board);
  void        (*set_smm)      (AsternBoardPc *board, guint cpu, gboolean in_smm);
  guint16     (*pm_base)      (AsternBoardPc *board);           /* where firmware has put power management; 0: nowhere */
  void        (*press_button) (AsternDevice *pm);
  void        (*describe)     (AsternBoardPc *board, AcpiTablesOptions *options);
  void        (*start)        (AsternBoardPc *board);           /* what firmware does to it */
  guint       (*pin_line)     (AsternBoardPc *board, guint devfn, guint pin);   /* the ISA line of a PCI pin, after start() */
  guint       (*pin_gsi)      (AsternBoardPc *board, guint devfn, guint pin);   /* ... the I/O APIC's */
  guint32       reserved_start, reserved_size;                  /* of the address space, after start() */
} PcChipSet;

extern const PcChipSet pc_chip_set_i440fx, pc_chip_set_q35;

struct _AsternBoardPc
{
  AsternMachine       *machine;
  AsternBoardPcOptions options;         /* its strings are gone */
  AsternBoardPcInputs  inputs;
  IsaIrqs              irqs;
  const PcChipSet     *chip_set;
  AsternDevice        *host, *isa, *pm, *fw_cfg, *vga, *rtc;
  AsternDevice        *ide;             /* (nullable): the chip set's own */
  AsternDevice        *smb;             /* (nullable): the SMBus's function, where it is one of its own */
  AsternDevice        *smi_features;    /* (nullable): nothing can be agreed on */
  AsternPciBus        *pci;
  AsternIsaBus         isa_bus;
  VirtioMmioBus        virtio_mmio;
  AsternRamBlock      *ram;
  guint64              flash_start;     /* where the lowest begins; 0: there is none */
  AcpiTables           tables;
  AcpiTablesOptions    tables_options;  /* for which they were made */
  GBytes              *smbios_anchor, *smbios_tables;
  guint8               boot_order[3], boot_once[3];     /* as the CMOS memory has them */
};

static inline guint64
pc_low_ram (const AsternBoardPc *board)
{
  return board->chip_set->low_ram (board->options.ram_bytes);
}

/* Where RAM above 4 GiB ends. */
static inline guint64
pc_reserved_end (const AsternBoardPc *board)
{
  return PC_4_GIB + board->options.ram_bytes - pc_low_ram (board);
}

/* A new device of the machine's. */
AsternDevice *pc_add (AsternBoardPc *board, const AsternDeviceClass *klass, const char *name);
void pc_at_port      (AsternBoardPc *board, guint16 port, AsternDevice *device, guint window);
/* The root bus leads to the machine's buses and, with isa, to @set_intx. */
void pc_set_up_bus   (AsternBoardPc *board, AsternPciIntxFunc set_intx);
void pc_config_write (AsternDevice *function, guint offset, guint size, guint32 value);

/* The ACPI tables for what the machine is now. */
void pc_make_tables  (AsternBoardPc *board);

/* board-pc-cmos.c */
void pc_fill_cmos      (AsternBoardPc *board);
void pc_fill_boot_cmos (AsternBoardPc *board);

/* board-pc-storage.c */
void pc_add_isa_bus           (AsternBoardPc *board);
void pc_add_floppy_controller (AsternBoardPc *board);   /* after the ISA bus */
void pc_fill_floppy_cmos      (AsternMachine *machine);
void pc_open_dma              (AsternBoardPc *board);

/* boards/board-smbus.c: the host controller, of class @klass, and what is on its bus. */
AsternDevice *pc_add_smbus (AsternBoardPc *board, const AsternDeviceClass *klass);
