/* board-pc-private - what the files of the board share.  For board-pc*.c alone. */
#pragma once

#include "hw/acpi-tables.h"
#include "hw/board-pc.h"
#include "hw/isa-irqs.h"
#include "hw/isa.h"
#include "hw/pci.h"

#define PC_RAM_HOLE_START  0xc0000000u                  /* RAM above goes on at 4 GiB */
#define PC_4_GIB           G_GUINT64_CONSTANT (0x100000000)
#define PC_TABLES_SIZE     0x10000u                     /* at the end of low RAM, for ACPI tables */
#define PC_EBDA            0x9fc00u
#define PC_BIOS_WINDOW     0x20000u                     /* what of the BIOS is seen below 1 MiB */
#define PC_PM_BASE         0x600

struct _AsternBoardPc
{
  AsternMachine       *machine;
  AsternBoardPcOptions options;         /* its strings are gone */
  AsternBoardPcInputs  inputs;
  IsaIrqs              irqs;
  AsternDevice        *i440fx, *piix3, *pm, *fw_cfg, *vga, *rtc, *ide, *fdc;
  AsternPciBus        *pci;
  AsternIsaBus         isa;
  AsternRamBlock      *ram;
  AcpiTables           tables;
  guint16              tables_pm_base;  /* for which they were made */
  GBytes              *smbios_anchor, *smbios_tables;
};

static inline guint64
pc_low_ram (const AsternBoardPc *board)
{
  return MIN (board->options.ram_bytes, PC_RAM_HOLE_START);
}

/* The ACPI tables for what the machine is now. */
void pc_make_tables (AsternBoardPc *board, guint16 pm_base);

/* board-pc-storage.c: in this order; the second one after interrupts are there. */
void pc_add_isa_bus      (AsternBoardPc *board);
void pc_add_storage      (AsternBoardPc *board);
void pc_fill_floppy_cmos (AsternMachine *machine);
void pc_set_up_storage   (AsternBoardPc *board);
