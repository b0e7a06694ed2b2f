/* board-pc - the PC, with i440FX and PIIX or with Q35 and ICH9: what is where, and which wire leads whom to.
 *
 * Devices are found by name (astern_machine_find_device()): "i440fx", "piix3", "piix4-pm" or "q35-mch", "ich9-lpc"; "vga",
 * "fw-cfg", "pic-master", "pic-slave", "pit", "rtc", "hpet", "ioapic", "lapic-bus", "lapic0" ..,
 * "i8042", "ps2-keyboard", "ps2-mouse", "port61", "port92", "dma", "piix3-ide", "fdc", "serial0" .. "serial3",
 * "debugcon", "debugcon-bios", "isa-debug-exit".
 *
 * Inputs' ports (core/inputs.h) have the names of their devices: "serial0" .., "ps2-keyboard",
 * "ps2-mouse"; "human", who passes on to whom hw/human.h says; and "power-button", which takes anything.
 *
 * Threads: while the machine is stopped.
 * Units:   bytes. */
#pragma once

#include "core/machine.h"
#include "hw/display/cards.h"

#include "hw/isa.h"
#include "hw/pci.h"
#include "hw/smbios.h"
#include "hw/virtio/virtio-mmio.h"

#include <glib.h>

#define ASTERN_BOARD_PC_SERIALS 4
#define ASTERN_BOARD_PC_FLASHES 2

typedef enum { ASTERN_BOARD_PC_I440FX, ASTERN_BOARD_PC_Q35 } AsternBoardPcKind;

typedef struct
{
  AsternBoardPcKind kind;
  guint64     ram_bytes;
  guint       n_cpus;             /* those that the machine has */
  gboolean    smm;                /* the CPUs know system management mode */
  gboolean    hpet, acpi;
  const AsternVgaCard *vga;       /* (nullable) its device is named "vga" */
  guint       n_serial;           /* 0..4: COM1 .. */
  gboolean    bios_debugcon;      /* port 0x402, where firmware prints */
  gboolean    debug_exit;         /* isa-debug-exit at debug_exit_port */
  guint16     debug_exit_port;
  gboolean    boot_menu;
  const char *uuid;               /* (nullable) */
  const SmbiosField *smbios;      /* (nullable) what a user said */
  guint       n_smbios;
  GPtrArray  *smbios_files;       /* (nullable) GBytes: structures of his own */
  GPtrArray  *acpi_tables;        /* (nullable) GBytes: whole tables, likewise */
  const char *boot_order;         /* (nullable) letters as in -boot: a, c, d, n */
  const char *boot_once;          /* (nullable) the same, in its place until the first reset */
  GBytes     *bios;               /* (nullable) whole pages; its last byte lies at 4 GiB - 1 */
  GBytes     *vga_bios;           /* (nullable) */
} AsternBoardPcOptions;

typedef struct _AsternBoardPc AsternBoardPc;

/* The numbers of the inputs' ports. */
typedef struct
{
  guint serial[ASTERN_BOARD_PC_SERIALS], keyboard, mouse, human, power_button;
} AsternBoardPcInputs;

/* A stretch of the physical address space, as the BIOS's E820 call tells it. */
typedef struct
{
  guint64 start, size;
  guint32 type;                   /* 1: RAM, 2: reserved */
} AsternBoardPcRange;

#define ASTERN_BOARD_PC_MAX_RANGES 8

/* For astern_machine_new(): what the board will add to the machine's memory. */
guint64        astern_board_pc_capacity (const AsternBoardPcOptions *options);

/* Adds memory and devices and wires them, the machine's CPUs included, which must be there already.
 * The wall clock must be set.  Only @options' bytes are kept.  On failure the machine is only good to be freed. */
AsternBoardPc *astern_board_pc_new      (AsternMachine *machine, const AsternBoardPcOptions *options, GError **error);
/* After its machine was freed. */
void           astern_board_pc_free     (AsternBoardPc *board);

const AsternBoardPcInputs *astern_board_pc_inputs (const AsternBoardPc *board);

/* Where cards are plugged in, after astern_board_pc_new() and before power-on. */
AsternPciBus  *astern_board_pc_pci      (AsternBoardPc *board);
const AsternIsaBus *astern_board_pc_isa (AsternBoardPc *board);
VirtioMmioBus *astern_board_pc_virtio_mmio (AsternBoardPc *board);

/* Flash memory in place of a BIOS, unit 0 with its end at 4 GiB, unit 1 below; in this order, after astern_board_pc_new()
 * and before power-on.  Its content is the drive's medium. */
gboolean       astern_board_pc_add_flash (AsternBoardPc *board, guint unit, AsternDevice *drive, GError **error);

/* The memory map for a kernel that is started without firmware; returns how many ranges. */
guint          astern_board_pc_map      (const AsternBoardPc *board, AsternBoardPcRange ranges[ASTERN_BOARD_PC_MAX_RANGES]);

/* After a reset: does what firmware would have done before it started a kernel.  PCI is set up, RAM is
 * everywhere below 1 MiB, the BIOS data area and the ACPI tables are in memory, the screen shows text.
 * @rsdp: (out) the address of the ACPI tables' root, 0 without ACPI. */
gboolean       astern_board_pc_start_without_firmware (AsternBoardPc *board, guint64 *rsdp, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternBoardPc, astern_board_pc_free)
