/* board-pc.c - see board-pc.h.
 * Source: the chip sets' data sheets (boards/board-*.c) for the address map; the IBM PC/AT for ports and lines.
 * Left out: the FERR# wire (IRQ 13). */
#include "config.h"

#include "hw/board-pc-private.h"

#include "hw/boards/pflash.h"
#include "hw/boards/pvpanic.h"
#include "hw/boards/shadow-ram.h"
#include "hw/boards/smi-features.h"
#include "hw/debugcon.h"
#include "hw/fw-cfg.h"
#include "hw/hpet.h"
#include "hw/human.h"
#include "hw/i8042.h"
#include "hw/ioapic.h"
#include "hw/isa-debug-exit.h"
#include "hw/lapic-bus.h"
#include "hw/lapic.h"
#include "hw/mc146818rtc.h"
#include "hw/pic8259.h"
#include "hw/pit8254.h"
#include "hw/port61.h"
#include "hw/port92.h"
#include "hw/ps2-keyboard.h"
#include "hw/ps2-mouse.h"
#include "hw/smbios.h"
#include "hw/uart16550.h"
#include "hw/usb/usb.h"

#include <inttypes.h>

#include <glib/gi18n.h>
#include <string.h>

enum { SECOND_DEVICE = 16, DEVFN_VGA_I440FX = 2 << 3, DEVFN_VGA_Q35 = 1 << 3 };

AsternDevice *
pc_add (AsternBoardPc *board, const AsternDeviceClass *klass, const char *name)
{
  AsternDevice *device = astern_device_new (klass, name, board->machine, &board->machine->clock);

  astern_machine_add_device (board->machine, device);
  return device;
}

void
pc_at_port (AsternBoardPc *board, guint16 port, AsternDevice *device, guint window)
{
  astern_bus_add_device (board->machine->ports, port, device, window, 0);
}

/* --- memory --------------------------------------------------------------------- */

static gsize
size_of (GBytes *bytes)
{
  return bytes != NULL ? g_bytes_get_size (bytes) : 0;
}

guint64
astern_board_pc_capacity (const AsternBoardPcOptions *options)
{
  return options->ram_bytes + (options->vga != NULL ? options->vga->memory_bytes : 0) + size_of (options->bios)
         + size_of (options->vga_bios) + 4 * ASTERN_PAGE_SIZE;
}

/* A read-only block with these contents. */
static AsternRamBlock *
add_rom (AsternBoardPc *board, const char *name, GBytes *contents, GError **error)
{
  AsternMemory *memory = board->machine->memory;
  AsternRamBlock *block = astern_memory_add (memory, name, size_of (contents), TRUE, error);

  if (block != NULL)
    memcpy (astern_memory_host (memory, block->start), g_bytes_get_data (contents, NULL), size_of (contents));
  return block;
}

/* @size bytes at @start show @block from @offset on, whatever BARs the guest lays over them. */
static void
map (AsternBoardPc *board, const char *name, guint64 start, guint64 size, AsternRamBlock *block, guint64 offset)
{
  AsternRange range = { .name = name, .start = start, .size = size, .shadows = ASTERN_SHADOW_FIXED, .enabled = TRUE };

  range.read = range.write = (AsternTarget) { .kind = ASTERN_TARGET_MEMORY, .block = block, .offset = offset };
  astern_bus_add (board->machine->physical, &range);
}

static gboolean
add_ram (AsternBoardPc *board, GError **error)
{
  guint64 size = board->options.ram_bytes, low = pc_low_ram (board);

  board->ram = astern_memory_add (board->machine->memory, "ram", size, FALSE, error);
  if (board->ram == NULL)
    return FALSE;
  map (board, "ram", 0, 0xa0000, board->ram, 0);
  map (board, "ram", 0x100000, low - 0x100000, board->ram, 0x100000);
  if (size > low)
    map (board, "ram-above-4g", PC_4_GIB, size - low, board->ram, low);
  return TRUE;
}

static gboolean
add_bios (AsternBoardPc *board, GError **error)
{
  guint64 size = size_of (board->options.bios), window = MIN (size, PC_BIOS_WINDOW);
  AsternRamBlock *block;

  if (size == 0)
    return TRUE;
  if (size % ASTERN_PAGE_SIZE != 0 || size > 16 << 20)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _("The BIOS has %" PRIu64 " bytes; it must have whole pages of 4096, up to 16 MiB."), size);
      return FALSE;
    }
  block = add_rom (board, "bios", board->options.bios, error);
  if (block == NULL)
    return FALSE;
  map (board, "bios", PC_4_GIB - size, size, block, 0);
  map (board, "isa-bios", 0x100000 - window, window, block, size - window);
  return TRUE;
}

gboolean
astern_board_pc_add_flash (AsternBoardPc *board, guint unit, AsternDevice *drive, GError **error)
{
  g_autofree char *name = g_strdup_printf ("flash%u", unit);
  guint64 end = board->flash_start != 0 ? board->flash_start : PC_4_GIB, window;
  AsternDevice *flash;

  if (unit >= ASTERN_BOARD_PC_FLASHES || (unit == 0) != (board->flash_start == 0) || size_of (board->options.bios) > 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("The board has flash memory as units 0 and 1, in this order, and in place of a -bios."));
      return FALSE;
    }
  flash = pc_add (board, &pflash_class, name);
  if (!pflash_set_drive (flash, drive, error))
    return FALSE;
  board->flash_start = end - pflash_size (flash);
  pflash_map (flash, board->machine->physical, board->flash_start, ASTERN_SHADOW_FIXED);
  window = MIN (pflash_size (flash), PC_BIOS_WINDOW);
  if (unit == 0)
    map (board, "isa-bios", 0x100000 - window, window, pflash_block (flash), pflash_size (flash) - window);
  return TRUE;
}

/* --- chip set -------------------------------------------------------------------- */

void
pc_set_up_bus (AsternBoardPc *board, AsternPciIntxFunc set_intx)
{
  board->pci->memory = board->machine->physical;
  board->pci->ports = board->machine->ports;
  board->pci->set_intx = set_intx;
  board->pci->router = board->isa;
  board->isa_bus = (AsternIsaBus) { .ports = board->machine->ports, .memory = board->machine->physical,
                                    .set_irq = board->chip_set->set_isa_irq, .router = board->isa };
  board->virtio_mmio = (VirtioMmioBus) { .memory = board->machine->physical, .set_irq = board->chip_set->set_isa_irq,
                                         .router = board->isa };
}

void
pc_config_write (AsternDevice *function, guint offset, guint size, guint32 value)
{
  astern_device_write (function, ASTERN_PCI_CONFIG_WINDOW, offset, size, value, NULL);
}

/* To the CPU that asks for it, or, where firmware wants it so, to all. */
static void
smi_changed (gpointer receiver, guint line, gboolean level)
{
  AsternBoardPc *board = receiver;
  AsternMachine *machine = board->machine;
  gboolean all = board->smi_features != NULL && smi_features_has (board->smi_features, SMI_FEATURE_BROADCAST);

  for (guint i = 0; level && i < machine->n_cpus; i++)
    if (all || i == machine->running_cpu)
      astern_cpu_set_pin (machine->cpus[i], ASTERN_PIN_SMI, 1);
}

static void
a20_changed (gpointer receiver, guint line, gboolean level)
{
  AsternMachine *machine = receiver;

  for (guint i = 0; i < machine->n_cpus; i++)
    astern_cpu_set_pin (machine->cpus[i], ASTERN_PIN_A20, level);
}

/* 8259s, I/O APIC and local APICs, behind the chip set's lines. */
static void
add_interrupts (AsternBoardPc *board)
{
  AsternMachine *machine = board->machine;
  AsternDevice *master = pc_add (board, &pic8259_class, "pic-master");
  AsternDevice *slave = pc_add (board, &pic8259_class, "pic-slave");
  AsternDevice *ioapic = pc_add (board, &ioapic_class, "ioapic");
  AsternDevice *lapics = pc_add (board, &lapic_bus_class, "lapic-bus");

  pc_at_port (board, 0x20, master, PIC8259_WINDOW_CHIP);
  pc_at_port (board, 0xa0, slave, PIC8259_WINDOW_CHIP);
  pc_at_port (board, 0x4d0, master, PIC8259_WINDOW_ELCR);
  pc_at_port (board, 0x4d1, slave, PIC8259_WINDOW_ELCR);
  pic8259_cascade (master, slave, 2);
  astern_irq_connect (pic8259_int (master), lapic_bus_set_lint, lapics, LAPIC_LINT0);

  astern_bus_add_device (machine->physical, IOAPIC_BASE, ioapic, 0, ASTERN_SHADOW_FIXED);
  astern_bus_add_device (machine->physical, LAPIC_BUS_BASE, lapics, 0, ASTERN_SHADOW_FIXED);
  ioapic_connect (ioapic, lapic_bus_deliver, lapics);
  lapic_bus_set_pic (lapics, master);
  lapic_bus_set_eoi (lapics, ioapic_eoi, ioapic);
  for (guint i = 0; i < machine->n_cpus; i++)
    {
      g_autofree char *name = g_strdup_printf ("lapic%u", i);

      lapic_connect (pc_add (board, &lapic_class, name), lapics, machine->cpus[i]);
    }

  board->irqs = (IsaIrqs) { .master = master, .slave = slave, .ioapic = ioapic, .lapics = lapics, .machine = machine };
  machine->irqchip.devices = &isa_irqs_devices;
  machine->irqchip.board = &board->irqs;
  board->chip_set->connect (board, isa_irqs_set, &board->irqs);
  astern_irq_connect (board->chip_set->smi (board), smi_changed, board, 0);
}

/* --- ISA devices ------------------------------------------------------------------ */

static void
add_timers (AsternBoardPc *board)
{
  AsternDevice *pit = pc_add (board, &pit8254_class, "pit");
  AsternDevice *port61 = pc_add (board, &port61_class, "port61");

  board->rtc = pc_add (board, &mc146818rtc_class, "rtc");
  pc_at_port (board, 0x40, pit, 0);
  pc_at_port (board, 0x61, port61, 0);
  pc_at_port (board, 0x70, board->rtc, 0);
  port61_connect (port61, pit);
  mc146818rtc_set_time (board->rtc, astern_inputs_wall_clock_s (board->machine->inputs));
  if (board->options.hpet)
    {
      AsternDevice *hpet = pc_add (board, &hpet_class, "hpet");

      astern_bus_add_device (board->machine->physical, HPET_BASE, hpet, 0, ASTERN_SHADOW_FIXED);
      for (guint line = 16; line < ISA_IRQS_LINES; line++)
        if (board->chip_set->set_gsi != NULL)
          astern_irq_connect (hpet_irq (hpet, line), board->chip_set->set_gsi, board->isa, line);
        else
          astern_irq_connect (hpet_irq (hpet, line), isa_irqs_set, &board->irqs, line);
      astern_irq_connect (hpet_irq (hpet, 0), board->chip_set->set_isa_irq, board->isa, 0);
      astern_irq_connect (hpet_irq (hpet, 8), board->chip_set->set_isa_irq, board->isa, 8);
      astern_irq_connect (pit8254_out_wire (pit, 0), hpet_set_legacy_input, hpet, HPET_INPUT_PIT);
      astern_irq_connect (mc146818rtc_irq (board->rtc), hpet_set_legacy_input, hpet, HPET_INPUT_RTC);
    }
  else
    {
      astern_irq_connect (pit8254_out_wire (pit, 0), board->chip_set->set_isa_irq, board->isa, 0);
      astern_irq_connect (mc146818rtc_irq (board->rtc), board->chip_set->set_isa_irq, board->isa, 8);
    }
}

static void
add_keyboard_and_mouse (AsternBoardPc *board)
{
  AsternInputs *inputs = board->machine->inputs;
  AsternDevice *i8042 = pc_add (board, &i8042_class, "i8042");
  AsternDevice *keyboard = pc_add (board, &ps2_keyboard_class, "ps2-keyboard");
  AsternDevice *mouse = pc_add (board, &ps2_mouse_class, "ps2-mouse");
  AsternDevice *port92 = pc_add (board, &port92_class, "port92");

  pc_at_port (board, 0x60, i8042, I8042_WINDOW_DATA);
  pc_at_port (board, 0x64, i8042, I8042_WINDOW_COMMAND);
  pc_at_port (board, 0x92, port92, 0);
  i8042_connect (i8042, I8042_KEYBOARD, keyboard, &ps2_keyboard_operations);
  i8042_connect (i8042, I8042_MOUSE, mouse, &ps2_mouse_operations);
  astern_irq_connect (i8042_irq (i8042, I8042_KEYBOARD), board->chip_set->set_isa_irq, board->isa, 1);
  astern_irq_connect (i8042_irq (i8042, I8042_MOUSE), board->chip_set->set_isa_irq, board->isa, 12);
  astern_irq_connect (i8042_a20 (i8042), port92_set_kbd_a20, port92, 0);
  astern_irq_connect (port92_a20 (port92), a20_changed, board->machine, 0);
  board->inputs.keyboard = astern_inputs_add_port (inputs, "ps2-keyboard", ps2_keyboard_input, keyboard);
  board->inputs.mouse = astern_inputs_add_port (inputs, "ps2-mouse", ps2_mouse_input, mouse);
  board->inputs.human = astern_inputs_add_port (inputs, HUMAN_PORT, human_input, board->machine);
  astern_inputs_add_port (inputs, USB_HOT_PORT, usb_hot_input, board->machine);
}

static void
add_serial_ports (AsternBoardPc *board)
{
  static const struct { guint16 port; guint8 line; } places[ASTERN_BOARD_PC_SERIALS] = {
    { 0x3f8, 4 }, { 0x2f8, 3 }, { 0x3e8, SECOND_DEVICE + 4 }, { 0x2e8, SECOND_DEVICE + 3 },
  };

  for (guint i = 0; i < board->options.n_serial; i++)
    {
      g_autofree char *name = g_strdup_printf ("serial%u", i);
      AsternDevice *uart = pc_add (board, &uart16550_class, name);

      pc_at_port (board, places[i].port, uart, 0);
      astern_irq_connect (uart16550_irq (uart), board->chip_set->set_isa_irq, board->isa, places[i].line);
      board->inputs.serial[i] = astern_inputs_add_port (board->machine->inputs, name, uart16550_input, uart);
    }
}

static void
add_debug_ports (AsternBoardPc *board)
{
  pc_at_port (board, 0xe9, pc_add (board, &debugcon_class, "debugcon"), 0);
  if (board->options.bios_debugcon)
    pc_at_port (board, 0x402, pc_add (board, &debugcon_class, "debugcon-bios"), 0);
  if (board->options.debug_exit)
    pc_at_port (board, board->options.debug_exit_port, pc_add (board, &isa_debug_exit_class, "isa-debug-exit"), 0);
}

static void
power_button_pressed (gpointer receiver, gconstpointer data, gsize size)
{
  AsternBoardPc *board = receiver;

  board->chip_set->press_button (board->pm);
}

static gboolean
add_vga (AsternBoardPc *board, GError **error)
{
  AsternMachine *machine = board->machine;
  const AsternVgaCard *card = board->options.vga;
  AsternRamBlock *rom = NULL;

  if (card == NULL)
    return TRUE;
  if (size_of (board->options.vga_bios) > 0
      && (rom = add_rom (board, "vga-bios", board->options.vga_bios, error)) == NULL)
    return FALSE;
  board->vga = pc_add (board, card->klass, "vga");
  if (!card->plug (board->vga, rom, NULL, error))
    return FALSE;
  astern_vga_card_connect (board->vga, machine->ports, machine->physical, ASTERN_SHADOW_VGA_DIRECT);
  astern_pci_attach (board->pci, board->vga, board->options.kind == ASTERN_BOARD_PC_Q35 ? DEVFN_VGA_Q35 : DEVFN_VGA_I440FX);
  return TRUE;
}

/* --- what firmware reads ----------------------------------------------------------- */

static void
add_file (AsternBoardPc *board, const char *name, gconstpointer data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  fw_cfg_add_file (board->fw_cfg, name, bytes);
}

/* The RAM that there is; firmware adds what it reserves. */
static void
add_e820 (AsternBoardPc *board)
{
  enum { ENTRY = 20 };          /* start and size of 8 bytes, type of 4 */
  guint64 low = pc_low_ram (board), high = board->options.ram_bytes - low;
  guint64 words[2][2] = { { 0, low }, { PC_4_GIB, high } };
  guint32 type = GUINT32_TO_LE (1);
  guint8 entries[2 * ENTRY];

  for (guint i = 0; i < 2; i++)
    {
      guint64 start = GUINT64_TO_LE (words[i][0]), size = GUINT64_TO_LE (words[i][1]);

      memcpy (entries + i * ENTRY, &start, 8);
      memcpy (entries + i * ENTRY + 8, &size, 8);
      memcpy (entries + i * ENTRY + 16, &type, 4);
    }
  add_file (board, "etc/e820", entries, high > 0 ? 2 * ENTRY : ENTRY);
}

#define GIB              (G_GUINT64_CONSTANT (1) << 30)
#define HOLE64_BYTES     (32 * GIB)

typedef struct { guint64 start, end; } Window;

static void
widen (Window *window, guint64 start, guint64 end)
{
  if (start < PC_4_GIB || start >= end)
    return;
  window->start = MIN (window->start, start);
  window->end = MAX (window->end, end);
}

/* What firmware has put above 4 GiB on a bus and those behind it: BARs, and what bridges let through. */
static void
see_wide_bars (const AsternPciBus *bus, Window *window)
{
  for (guint devfn = 0; devfn < 256; devfn++)
    {
      AsternDevice *device = bus->functions[devfn];
      const AsternPciFunction *function = (const AsternPciFunction *) device;

      for (guint n = 0; device != NULL && n < ASTERN_PCI_N_BARS; n++)
        if (function->bars[n].kind != ASTERN_PCI_BAR_NONE && astern_pci_bar_address (device, n) != G_MAXUINT64)
          widen (window, astern_pci_bar_address (device, n), astern_pci_bar_address (device, n) + function->bars[n].size);
      if (device == NULL || function->behind == NULL)
        continue;
      widen (window, (guint64) astern_pci_get (device, 0x28, 4) << 32 | (astern_pci_get (device, 0x24, 2) & 0xfff0) << 16,
             ((guint64) astern_pci_get (device, 0x2c, 4) << 32 | (astern_pci_get (device, 0x26, 2) & 0xfff0) << 16) + 0x100000);
      see_wide_bars (function->behind, window);
    }
}

/* PCI's addresses above RAM: as far as firmware went, and never less than what is left to the system. */
static void
describe_wide_hole (AsternBoardPc *board, AcpiTablesOptions *options)
{
  guint64 end = (pc_reserved_end (board) + GIB - 1) & ~(GIB - 1);
  Window window = { G_MAXUINT64, 0 };

  see_wide_bars (board->pci, &window);
  if (window.end == 0)
    window = (Window) { end, end };
  options->pci_hole64_start = window.start & ~(GIB - 1);
  options->pci_hole64_size = MAX (((window.end + GIB - 1) & ~(GIB - 1)) - options->pci_hole64_start, HOLE64_BYTES);
}

static gboolean
has_device (AsternBoardPc *board, const AsternDeviceClass *klass)
{
  for (guint i = 0; i < board->machine->devices->len; i++)
    if (((AsternDevice *) g_ptr_array_index (board->machine->devices, i))->klass == klass)
      return TRUE;
  return FALSE;
}

void
pc_make_tables (AsternBoardPc *board)
{
  guint16 pm_base = board->chip_set->pm_base (board);
  AcpiTablesOptions options;

  memset (&options, 0, sizeof options);         /* compared as bytes */
  options.n_cpus = board->options.n_cpus;
  options.pm_base = pm_base != 0 ? pm_base : PC_PM_BASE;
  options.n_serial = board->options.n_serial;
  options.i8042 = TRUE;
  options.hpet = board->options.hpet;
  for (guint slot = 0; slot < VIRTIO_MMIO_SLOTS; slot++)
    options.virtio_mmio |= (guint8) (board->virtio_mmio.slots[slot] != NULL ? 1 << slot : 0);
  options.extra = board->options.acpi_tables;
  options.pvpanic_port = has_device (board, &pvpanic_class) ? PVPANIC_PORT : 0;
  board->chip_set->describe (board, &options);
  describe_wide_hole (board, &options);
  if (board->tables.tables != NULL && memcmp (&board->tables_options, &options, sizeof options) == 0)
    return;
  acpi_tables_clear (&board->tables);
  acpi_tables_build (&options, &board->tables);
  board->tables_options = options;
}

/* The tables name what firmware has put somewhere by the time it reads them. */
static void
prepare_files (gpointer data)
{
  AsternBoardPc *board = data;

  pc_make_tables (board);
  fw_cfg_add_file (board->fw_cfg, ACPI_TABLES_FILE, board->tables.tables);
  fw_cfg_add_file (board->fw_cfg, ACPI_RSDP_FILE, board->tables.rsdp);
  fw_cfg_add_file (board->fw_cfg, ACPI_LOADER_FILE, board->tables.loader);
}

static void
add_smbios (AsternBoardPc *board)
{
  SmbiosOptions options = { .files = board->options.smbios_files, .fields = board->options.smbios, .n_fields = board->options.n_smbios, .uuid = board->options.uuid,
                            .product = board->chip_set->product, .version = board->chip_set->name, .n_cpus = board->options.n_cpus, .ram_bytes = board->options.ram_bytes };

  smbios_build (&options, &board->smbios_anchor, &board->smbios_tables);
  fw_cfg_add_file (board->fw_cfg, SMBIOS_ANCHOR_FILE, board->smbios_anchor);
  fw_cfg_add_file (board->fw_cfg, SMBIOS_TABLES_FILE, board->smbios_tables);
}

/* Firmware puts wide BARs above. */
static void
add_reserved_end (AsternBoardPc *board)
{
  guint64 end = GUINT64_TO_LE ((pc_reserved_end (board) + GIB - 1) & ~(GIB - 1));

  add_file (board, "etc/reserved-memory-end", &end, sizeof end);
}

static void
add_fw_cfg (AsternBoardPc *board)
{
  /* Which of S0..S5 there are: bit 7; soft off's sleep type in S5's lower bits. */
  static const guint8 system_states[6] = { 0x80, 0, 0, 0, 0, 0x80 | PC_SLP_TYP_S5 };
  g_autoptr (GBytes) uuid = NULL;
  guint8 uuid_bytes[16];
  AsternDevice *fw_cfg = pc_add (board, &fw_cfg_class, "fw-cfg");

  board->fw_cfg = fw_cfg;
  pc_at_port (board, 0x510, fw_cfg, FW_CFG_PORTS_WINDOW);
  pc_at_port (board, 0x514, fw_cfg, FW_CFG_DMA_WINDOW);
  smbios_parse_uuid (board->options.uuid, uuid_bytes);
  uuid = g_bytes_new (uuid_bytes, sizeof uuid_bytes);
  fw_cfg_set (fw_cfg, FW_CFG_UUID, uuid);
  fw_cfg_set_number (fw_cfg, FW_CFG_RAM_SIZE, board->options.ram_bytes, 8);
  fw_cfg_set_number (fw_cfg, FW_CFG_NOGRAPHIC, board->options.vga == NULL, 2);
  fw_cfg_set_number (fw_cfg, FW_CFG_NB_CPUS, board->options.n_cpus, 2);
  fw_cfg_set_number (fw_cfg, FW_CFG_MAX_CPUS, board->options.n_cpus, 2);
  fw_cfg_set_number (fw_cfg, FW_CFG_NUMA, 0, 8);
  fw_cfg_set_number (fw_cfg, FW_CFG_BOOT_MENU, board->options.boot_menu, 2);
  fw_cfg_set_number (fw_cfg, FW_CFG_IRQ0_OVERRIDE, 1, 1);
  if (board->smi_features != NULL)
    smi_features_add_files (board->smi_features, fw_cfg);
  add_e820 (board);
  add_smbios (board);
  add_file (board, "etc/system-states", system_states, sizeof system_states);
  add_reserved_end (board);
  if (board->options.acpi)
    {
      prepare_files (board);
      fw_cfg_set_prepare (fw_cfg, prepare_files, board);
    }
}

/* --- the whole ------------------------------------------------------------------------ */

/* CPUs first: the devices' reset drives their pins. */
static void
reset (AsternMachine *machine)
{
  for (guint i = 0; i < machine->n_cpus; i++)
    if (machine->cpus[i]->reset != NULL)
      machine->cpus[i]->reset (machine->cpus[i]);
  for (guint i = 0; i < machine->devices->len; i++)
    astern_device_reset (g_ptr_array_index (machine->devices, i));
  pc_fill_floppy_cmos (machine);
  pc_fill_boot_cmos (machine->board);
}

static void
smm_changed (AsternMachine *machine, guint cpu, gboolean in_smm)
{
  AsternBoardPc *board = machine->board;

  board->chip_set->set_smm (board, cpu, in_smm);
}

AsternBoardPc *
astern_board_pc_new (AsternMachine *machine, const AsternBoardPcOptions *options, GError **error)
{
  g_autoptr (AsternBoardPc) board = g_new0 (AsternBoardPc, 1);

  g_return_val_if_fail (machine->n_cpus == options->n_cpus && options->n_cpus > 0, NULL);
  g_return_val_if_fail (options->n_serial <= ASTERN_BOARD_PC_SERIALS, NULL);

  board->machine = machine;
  board->options = *options;
  board->chip_set = options->kind == ASTERN_BOARD_PC_Q35 ? &pc_chip_set_q35 : &pc_chip_set_i440fx;
  if (options->vga_bios != NULL)
    g_bytes_ref (options->vga_bios);
  if (options->acpi_tables != NULL)
    g_ptr_array_ref (options->acpi_tables);
  if (options->ram_bytes < 2 << 20 || options->ram_bytes % ASTERN_PAGE_SIZE != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("The board “pc” needs 2 MiB of memory or more, in whole pages of 4096 bytes."));
      return NULL;
    }
  if (!add_ram (board, error) || !add_bios (board, error))
    return NULL;
  board->chip_set->add (board);
  pc_add_isa_bus (board);
  add_interrupts (board);
  add_timers (board);
  add_keyboard_and_mouse (board);
  add_serial_ports (board);
  add_debug_ports (board);
  board->inputs.power_button = astern_inputs_add_port (machine->inputs, "power-button", power_button_pressed,
                                                       board);
  if (!add_vga (board, error))
    return NULL;
  pc_fill_cmos (board);
  add_fw_cfg (board);
  board->options.boot_order = board->options.boot_once = NULL;
  board->options.uuid = NULL;
  board->options.smbios = NULL;
  board->options.smbios_files = NULL;
  board->options.n_smbios = 0;
  board->options.bios = NULL;
  machine->power_on_reset = reset;
  machine->smm_changed = smm_changed;
  machine->board = board;
  return g_steal_pointer (&board);
}

void
astern_board_pc_free (AsternBoardPc *board)
{
  g_clear_pointer (&board->options.vga_bios, g_bytes_unref);
  g_clear_pointer (&board->options.acpi_tables, g_ptr_array_unref);
  g_clear_pointer (&board->smbios_anchor, g_bytes_unref);
  g_clear_pointer (&board->smbios_tables, g_bytes_unref);
  acpi_tables_clear (&board->tables);
  g_free (board);
}

const AsternBoardPcInputs *
astern_board_pc_inputs (const AsternBoardPc *board)
{
  return &board->inputs;
}

AsternPciBus *
astern_board_pc_pci (AsternBoardPc *board)
{
  return board->pci;
}

const AsternIsaBus *
astern_board_pc_isa (AsternBoardPc *board)
{
  return &board->isa_bus;
}

VirtioMmioBus *
astern_board_pc_virtio_mmio (AsternBoardPc *board)
{
  return &board->virtio_mmio;
}
