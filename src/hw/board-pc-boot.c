/* board-pc-boot.c - the pc board as firmware would have left it, for kernels started without.
 * Source: what SeaBIOS does, as seen from outside; IBM PC/AT Technical Reference for the BIOS data area;
 * PCI Firmware Specification 3.2.
 * Left out: the BIOS's services themselves. */
#include "config.h"

#include "hw/board-pc-private.h"

#include "hw/lapic-bus.h"
#include "hw/mp-tables.h"
#include "hw/smbios.h"
#include "hw/display/vga-setup.h"

#include <string.h>

#define PCI_MEMORY_END  0xfec00000u
#define PCI_PORTS_START 0xc000u
#define SMBIOS_AT       0xf0000u
#define SMBIOS_TABLES   0x2000u         /* from the end of low RAM */
#define ROOM_LOW        0xf0100u        /* where the RSDP goes */
#define ROOM_LOW_END    0xf8000u
#define MP_TABLES_AT    0xf8000u

guint
astern_board_pc_map (const AsternBoardPc *board, AsternBoardPcRange ranges[ASTERN_BOARD_PC_MAX_RANGES])
{
  enum { RAM = 1, RESERVED = 2 };
  guint64 low = pc_low_ram (board), high = board->options.ram_bytes - low;
  guint n = 0;

  ranges[n++] = (AsternBoardPcRange) { 0, PC_EBDA, RAM };
  ranges[n++] = (AsternBoardPcRange) { PC_EBDA, 0xa0000 - PC_EBDA, RESERVED };
  ranges[n++] = (AsternBoardPcRange) { 0xf0000, 0x10000, RESERVED };
  ranges[n++] = (AsternBoardPcRange) { 0x100000, low - 0x100000 - PC_TABLES_SIZE, RAM };
  ranges[n++] = (AsternBoardPcRange) { low - PC_TABLES_SIZE, PC_TABLES_SIZE, RESERVED };
  if (board->chip_set->reserved_size != 0)
    ranges[n++] = (AsternBoardPcRange) { board->chip_set->reserved_start, board->chip_set->reserved_size, RESERVED };
  ranges[n++] = (AsternBoardPcRange) { PC_4_GIB - 0x40000, 0x40000, RESERVED };
  if (high > 0)
    ranges[n++] = (AsternBoardPcRange) { PC_4_GIB, high, RAM };
  return n;
}

static void
out8 (AsternBoardPc *board, guint16 port, guint8 value)
{
  AsternAccess access = { { port }, 1, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (board->machine->ports, &access, value);
}

static void
write_bytes (AsternBoardPc *board, guint64 address, gconstpointer data, gsize size)
{
  astern_bus_write_bytes (board->machine->physical, (AsternPaddr) { address }, data, size, ASTERN_ORIGIN_DMA);
}

static void
write16 (AsternBoardPc *board, guint64 address, guint16 value)
{
  guint16 little = GUINT16_TO_LE (value);

  write_bytes (board, address, &little, sizeof little);
}

static void
write32 (AsternBoardPc *board, guint64 address, guint32 value)
{
  AsternAccess access = { { address }, 4, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (board->machine->physical, &access, value);
}

/* Every BAR gets its place: memory from the top of the hole down, ports up from PCI_PORTS_START. */
static void
assign_bars (AsternDevice *device, guint32 *memory_end, guint32 *ports)
{
  const AsternPciFunction *function = (const AsternPciFunction *) device;
  guint n;

  for (n = 0; n < ASTERN_PCI_N_BARS; n++)
    {
      const AsternPciBar *bar = &function->bars[n];
      guint offset = n == ASTERN_PCI_BAR_ROM ? PCI_ROM : PCI_BAR0 + 4 * n;

      if (bar->kind == ASTERN_PCI_BAR_NONE)
        continue;
      if (bar->kind == ASTERN_PCI_BAR_PORTS)
        {
          *ports = (*ports + bar->size - 1) & ~(bar->size - 1);
          pc_config_write (device, offset, 4, *ports);
          *ports += bar->size;
        }
      else
        {
          *memory_end = (*memory_end - bar->size) & ~(bar->size - 1);
          pc_config_write (device, offset, 4, *memory_end);
        }
    }
  pc_config_write (device, PCI_COMMAND, 2,
                astern_pci_get (device, PCI_COMMAND, 2) | PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
}

static void
set_up_pci (AsternBoardPc *board)
{
  guint32 memory_end = PCI_MEMORY_END, ports = PCI_PORTS_START;
  guint devfn;

  board->chip_set->start (board);
  pc_open_dma (board);
  for (devfn = 0; devfn < 256; devfn++)
    {
      AsternDevice *device = board->pci->functions[devfn];
      guint pin;

      if (device == NULL)
        continue;
      assign_bars (device, &memory_end, &ports);
      pin = astern_pci_get (device, PCI_INTERRUPT_PIN, 1);
      if (pin != 0)
        pc_config_write (device, PCI_INTERRUPT_LINE, 1, board->chip_set->pin_line (board, devfn, pin - 1));
    }
  out8 (board, 0x4d0, 0x00);            /* ACPI's and PCI's lines are level-triggered */
  out8 (board, 0x4d1, 0x0e);
}

static void
install_mp_tables (AsternBoardPc *board)
{
  MpPciPin pins[256];
  MpTablesOptions options = { .n_cpus = board->options.n_cpus, .pci_pins = pins };
  g_autoptr (GBytes) tables = NULL;

  for (guint devfn = 0; devfn < 256; devfn++)
    {
      guint pin = board->pci->functions[devfn] == NULL ? 0 : astern_pci_get (board->pci->functions[devfn], PCI_INTERRUPT_PIN, 1);

      if (pin != 0)
        pins[options.n_pci_pins++] = (MpPciPin) { (guint8) devfn, (guint8) (pin - 1), (guint8) board->chip_set->pin_gsi (board, devfn, pin - 1) };
    }
  tables = mp_tables_build (&options, MP_TABLES_AT);
  write_bytes (board, MP_TABLES_AT, g_bytes_get_data (tables, NULL), g_bytes_get_size (tables));
}

/* The first CPU takes the 8259s' interrupts at LINT0 and NMIs at LINT1. */
static void
set_up_local_apic (AsternBoardPc *board)
{
  write32 (board, LAPIC_BUS_BASE + 0x0f0, 0x1ff);
  write32 (board, LAPIC_BUS_BASE + 0x350, 0x8700);
  write32 (board, LAPIC_BUS_BASE + 0x360, 0x8400);
}

static void
fill_bios_data_area (AsternBoardPc *board)
{
  static const guint16 com_ports[ASTERN_BOARD_PC_SERIALS] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };
  static const guint8 nothing[0x500];
  static const guint8 ebda_kib = 1;
  guint16 equipment = 1 << 1 | 1 << 2;          /* FPU, PS/2 mouse */

  write_bytes (board, 0, nothing, sizeof nothing);
  for (guint i = 0; i < board->options.n_serial; i++)
    write16 (board, 0x400 + 2 * i, com_ports[i]);
  equipment |= (guint16) (board->options.n_serial << 9);
  write16 (board, 0x40e, PC_EBDA >> 4);
  write16 (board, 0x410, equipment);
  write16 (board, 0x413, PC_EBDA >> 10);
  write_bytes (board, PC_EBDA, &ebda_kib, 1);
  if (astern_vga_find (board->machine) == NULL)
    return;
  write16 (board, 0x449, 80 << 8 | 3);          /* mode 3; columns */
  write16 (board, 0x44c, 0x1000);
  write16 (board, 0x460, 0x0d0e);               /* cursor */
  write16 (board, 0x463, 0x3d4);
  write16 (board, 0x484, 16 << 8 | 24);         /* rows less one; lines a character */
}

/* The firmware of the first card that has some and is a VGA; NULL: there is none. */
static const guint8 *
vga_rom (AsternBoardPc *board, gsize *size)
{
  for (guint devfn = 0; devfn < 256; devfn++)
    {
      AsternDevice *device = board->pci->functions[devfn];
      const AsternRamBlock *rom = device != NULL ? ((AsternPciFunction *) device)->bars[ASTERN_PCI_BAR_ROM].block : NULL;

      if (rom == NULL || astern_pci_get (device, PCI_CLASS + 1, 2) != 0x0300)
        continue;
      *size = rom->size;
      return astern_memory_host (board->machine->memory, rom->start);
    }
  return NULL;
}

static void
show_text_screen (AsternBoardPc *board)
{
  AsternDevice *vga = astern_vga_find (board->machine);
  gsize size = 0;
  const guint8 *rom = vga != NULL ? vga_rom (board, &size) : NULL;

  if (vga == NULL)
    return;
  vga_set_up_text (vga, vga_find_font (rom, size));
  if (size > 0 && size <= 0x20000)
    write_bytes (board, 0xc0000, rom, size);
}

gboolean
astern_board_pc_start_without_firmware (AsternBoardPc *board, guint64 *rsdp, GError **error)
{
  guint64 low = pc_low_ram (board);
  AcpiTablesRoom room = { low - PC_TABLES_SIZE, low - SMBIOS_TABLES, ROOM_LOW, ROOM_LOW_END };

  *rsdp = 0;
  set_up_pci (board);
  set_up_local_apic (board);
  fill_bios_data_area (board);
  show_text_screen (board);
  smbios_install (board->smbios_anchor, board->smbios_tables, board->machine->physical, SMBIOS_AT,
                  (guint32) (low - SMBIOS_TABLES));
  install_mp_tables (board);
  if (!board->options.acpi)
    return TRUE;
  pc_make_tables (board);
  *rsdp = acpi_tables_install (&board->tables, board->machine->physical, &room, error);
  return *rsdp != 0;
}
