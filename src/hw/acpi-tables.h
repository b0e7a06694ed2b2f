/* acpi-tables - the ACPI tables of the pc board, and the script that puts them into memory.
 *
 * Firmware gets three files by fw_cfg: the tables, the RSDP, and a script
 * ("table-loader") that says where to allocate them, which of their words point
 * into one another and where their checksums are.  A machine that starts without
 * firmware runs the same script with acpi_tables_install().
 *
 * Threads: any while the machine is stopped; the thread that runs it otherwise. */
#pragma once

#include "core/bus.h"

#include <glib.h>

#define ACPI_TABLES_FILE "etc/acpi/tables"
#define ACPI_RSDP_FILE   "etc/acpi/rsdp"
#define ACPI_LOADER_FILE "etc/table-loader"

typedef struct
{
  guint    n_cpus;              /* local APIC ids 0 .. n_cpus - 1 */
  gboolean q35;                 /* ICH9's power management and PCI Express, in place of PIIX4's */
  guint16  pm_base;             /* first port of power management */
  guint32  pci_hole_start;      /* PCI memory below the I/O APIC */
  guint32  ecam_size;           /* of memory-mapped configuration at ecam; 0: there is none */
  guint64  ecam;
  guint64  pci_hole64_start;    /* PCI memory above 4 GiB; 0: there is none */
  guint64  pci_hole64_size;
  guint    n_serial;            /* 0..4: COM1.. at the usual ports */
  guint16  pvpanic_port;        /* 0: there is none */
  guint8   virtio_mmio;         /* a bit for each slot in use */
  gboolean i8042;               /* PS/2 keyboard and mouse are there */
  gboolean hpet;
  const GPtrArray *extra;       /* (nullable) GBytes: whole tables that a user adds */
} AcpiTablesOptions;

typedef struct
{
  GBytes *tables, *rsdp, *loader;
} AcpiTables;

void acpi_tables_build   (const AcpiTablesOptions *options, AcpiTables *tables);
void acpi_tables_clear   (AcpiTables *tables);

/* The DSDT's terms, without its header. */
GByteArray *acpi_dsdt_terms (const AcpiTablesOptions *options);

/* Where a file that says "high" or "low memory" may go. */
typedef struct
{
  guint64 high, high_end;       /* room for tables; advanced */
  guint64 low, low_end;         /* room in 0xe0000..0xfffff, where systems look for the RSDP; advanced */
} AcpiTablesRoom;

/* Runs the script.  Returns the address of the RSDP, or 0 with @error. */
guint64 acpi_tables_install (const AcpiTables *tables, AsternBus *memory, AcpiTablesRoom *room, GError **error);
