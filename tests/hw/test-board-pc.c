/* The pc board as a whole: its map, its wires, and what it leaves for a kernel without firmware. */
#include "config.h"

#include "core/machine.h"
#include "hw/board-pc.h"
#include "hw/fw-cfg.h"
#include "hw/pci.h"
#include "hw/uart16550.h"
#include "hw/display/vga.h"

#include <string.h>

#define N_CPUS 2
#define MIB    G_GUINT64_CONSTANT (0x100000)

typedef struct
{
  AsternCpu parent;
  guint64   state;
  guint     pins[ASTERN_PIN_A20 + 1];
  guint     resets;
} FakeCpu;

typedef struct
{
  AsternMachine *machine;
  AsternBoardPc *board;
  FakeCpu        cpus[N_CPUS];
  GBytes        *bios, *vga_bios;
  GError        *error;
} Fixture;

static const AsternField fake_fields[] = { { "state", 0, 1, 8, 1 } };
static const AsternCpuClass fake_class = {
  .name = "fake", .state_version = 1, .fields = fake_fields, .n_fields = G_N_ELEMENTS (fake_fields),
};

static void
fake_set_pin (AsternCpu *cpu, AsternPin pin, guint value)
{
  ((FakeCpu *) cpu)->pins[pin] = value;
}

static void
fake_reset (AsternCpu *cpu)
{
  ((FakeCpu *) cpu)->resets++;
}

/* 256 KiB whose first byte of each 4 KiB is its number. */
static GBytes *
make_bios (void)
{
  guint8 *bytes = g_malloc0 (0x40000);

  for (guint i = 0; i < 64; i++)
    bytes[i * 0x1000] = (guint8) (i + 1);
  return g_bytes_new_take (bytes, 0x40000);
}

/* A video BIOS with a font in it. */
static GBytes *
make_vga_bios (void)
{
  guint8 *rom = g_malloc0 (0x9000), *font = rom + 0x5000;

  rom[0] = 0x55;
  rom[1] = 0xaa;
  memset (font + 'A' * 16, 0x18, 16);
  memset (font + 0xdb * 16, 0xff, 16);
  memset (font + 0xdd * 16, 0xf0, 16);
  memset (font + 0xde * 16, 0x0f, 16);
  memset (font + 0xdf * 16, 0xff, 8);
  memset (font + 0xdc * 16 + 8, 0xff, 8);
  return g_bytes_new_take (rom, 0x9000);
}

static void
build (Fixture *f, guint64 ram_bytes)
{
  AsternBoardPcOptions options = {
    .ram_bytes = ram_bytes, .n_cpus = N_CPUS, .smm = TRUE, .vga = astern_vga_card_find ("std"), .hpet = TRUE, .acpi = TRUE,
    .n_serial = 4, .bios_debugcon = TRUE, .debug_exit = TRUE, .debug_exit_port = 0x501,
  };

  f->bios = make_bios ();
  f->vga_bios = make_vga_bios ();
  options.bios = f->bios;
  options.vga_bios = f->vga_bios;
  f->machine = astern_machine_new (astern_board_pc_capacity (&options), NULL);
  astern_inputs_set_wall_clock (f->machine->inputs, 1767225600);
  for (guint i = 0; i < N_CPUS; i++)
    {
      f->cpus[i].parent = (AsternCpu) { .klass = &fake_class, .state = &f->cpus[i].state,
                                        .set_pin = fake_set_pin, .reset = fake_reset };
      astern_machine_add_cpu (f->machine, &f->cpus[i].parent);
    }
  f->board = astern_board_pc_new (f->machine, &options, &f->error);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  build (f, 64 * MIB);
  g_assert_no_error (f->error);
  astern_machine_reset (f->machine);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
  g_clear_pointer (&f->board, astern_board_pc_free);
  g_bytes_unref (f->bios);
  g_bytes_unref (f->vga_bios);
  g_clear_error (&f->error);
}

static guint64
load (Fixture *f, guint64 address, guint size)
{
  AsternAccess access = { { address }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  return astern_bus_read (f->machine->physical, &access);
}

static void
store (Fixture *f, guint64 address, guint size, guint64 value)
{
  AsternAccess access = { { address }, (guint8) size, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (f->machine->physical, &access, value);
}

static void
outs (Fixture *f, guint port, guint size, guint32 value)
{
  AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (f->machine->ports, &access, value);
}

static guint32
ins (Fixture *f, guint port, guint size)
{
  AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  return (guint32) astern_bus_read (f->machine->ports, &access);
}

static void
bios_is_seen_at_both_its_places (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (load (f, 0xfffff000, 1), ==, 64);
  g_assert_cmphex (load (f, 0xfffc0000, 1), ==, 1);
  g_assert_cmphex (load (f, 0xff000, 1), ==, 64);
  g_assert_cmphex (load (f, 0xe0000, 1), ==, 33);
  store (f, 0xfffff000, 1, 0);
  g_assert_cmphex (load (f, 0xfffff000, 1), ==, 64);
}

static void
ram_ends_where_the_options_say (Fixture *f, gconstpointer data)
{
  store (f, 64 * MIB - 4, 4, 0x12345678);
  g_assert_cmphex (load (f, 64 * MIB - 4, 4), ==, 0x12345678);
  g_assert_cmphex (load (f, 64 * MIB, 4), ==, 0xffffffff);
  g_assert_cmphex (load (f, 0x9fffc, 4), ==, 0);
}

static void
reset_reaches_cpus_and_devices (Fixture *f, gconstpointer data)
{
  outs (f, 0x80, 1, 0x55);
  g_assert_cmphex (ins (f, 0x80, 1), ==, 0x55);
  outs (f, 0x3f8 + 7, 1, 0x99);
  f->cpus[1].pins[ASTERN_PIN_A20] = 0;
  astern_machine_reset (f->machine);
  g_assert_cmphex (ins (f, 0x80, 1), ==, 0);
  g_assert_cmpint (f->cpus[1].resets, ==, 2);
  g_assert_cmpint (f->cpus[1].pins[ASTERN_PIN_A20], ==, 1);
}

static void
clock_starts_at_the_wall_clocks_time (Fixture *f, gconstpointer data)
{
  outs (f, 0x70, 1, 0x09);
  g_assert_cmphex (ins (f, 0x71, 1), ==, 0x26);
  outs (f, 0x70, 1, 0x08);
  g_assert_cmphex (ins (f, 0x71, 1), ==, 0x01);
  outs (f, 0x70, 1, 0x5f);
  g_assert_cmphex (ins (f, 0x71, 1), ==, N_CPUS - 1);
  outs (f, 0x70, 1, 0x34);
  g_assert_cmphex (ins (f, 0x71, 1), ==, (48 * MIB >> 16 & 0xff));
  outs (f, 0x70, 1, 0x35);
  g_assert_cmphex (ins (f, 0x71, 1), ==, 48 * MIB >> 24);
}

/* As QEMU's machines do; firmware finds the first two in one byte, the third in another. */
static void
without_boot_disks_are_asked_before_floppies_and_those_before_cds (Fixture *f, gconstpointer data)
{
  outs (f, 0x70, 1, 0x3d);
  g_assert_cmphex (ins (f, 0x71, 1), ==, 0x12);
  outs (f, 0x70, 1, 0x38);
  g_assert_cmphex (ins (f, 0x71, 1) >> 4, ==, 3);
}

/* The 8259s as SeaBIOS programs them. */
static void
program_pics (Fixture *f)
{
  outs (f, 0x20, 1, 0x11);
  outs (f, 0xa0, 1, 0x11);
  outs (f, 0x21, 1, 0x08);
  outs (f, 0xa1, 1, 0x70);
  outs (f, 0x21, 1, 0x04);
  outs (f, 0xa1, 1, 0x02);
  outs (f, 0x21, 1, 0x01);
  outs (f, 0xa1, 1, 0x01);
  outs (f, 0x21, 1, 0x00);
  outs (f, 0xa1, 1, 0x00);
}

/* Gives the pending vector to the first CPU. */
static int
acknowledge (Fixture *f)
{
  AsternCpu *cpu = &f->cpus[0].parent;

  return f->cpus[0].pins[ASTERN_PIN_INTR] ? cpu->apic_ops->acknowledge (cpu->apic) : -1;
}

static void
a_serial_byte_interrupts_the_first_cpu (Fixture *f, gconstpointer data)
{
  const AsternBoardPcInputs *inputs = astern_board_pc_inputs (f->board);

  store (f, 0xfee000f0, 4, 0x1ff);      /* the local APIC passes the 8259s' interrupts on */
  store (f, 0xfee00350, 4, 0x700);
  program_pics (f);
  outs (f, 0x2f8 + 1, 1, 1);
  outs (f, 0x2f8 + 4, 1, 0x08);
  astern_inputs_submit (f->machine->inputs, inputs->serial[1], "x", 1);
  astern_inputs_poll (f->machine->inputs);
  g_assert_cmphex (acknowledge (f), ==, 0x08 + 3);
  g_assert_cmphex (ins (f, 0x2f8, 1), ==, 'x');
}

static void
com1_and_com3_share_their_line (Fixture *f, gconstpointer data)
{
  static const guint ports[] = { 0x3f8, 0x3e8 };
  const AsternBoardPcInputs *inputs = astern_board_pc_inputs (f->board);

  store (f, 0xfee000f0, 4, 0x1ff);
  store (f, 0xfee00350, 4, 0x700);
  program_pics (f);
  outs (f, 0x4d0, 1, 0x10);             /* by level */
  for (guint i = 0; i < 2; i++)
    {
      outs (f, ports[i] + 1, 1, 1);
      outs (f, ports[i] + 4, 1, 0x08);
      astern_inputs_submit (f->machine->inputs, inputs->serial[2 * i], "y", 1);
    }
  astern_inputs_poll (f->machine->inputs);
  ins (f, 0x3e8, 1);
  g_assert_cmphex (acknowledge (f), ==, 0x08 + 4);
}

static void
the_power_button_comes_through_the_door (Fixture *f, gconstpointer data)
{
  AsternDevice *pm = astern_machine_find_device (f->machine, "piix4-pm");

  astern_inputs_submit (f->machine->inputs, astern_board_pc_inputs (f->board)->power_button, "", 1);
  astern_inputs_poll (f->machine->inputs);
  g_assert_cmphex (astern_device_peek (pm, 1, 0, 2), ==, 0x100);
}

static void
smi_and_a20_reach_the_cpus (Fixture *f, gconstpointer data)
{
  outs (f, 0xcf8, 4, 0x80000b58);
  outs (f, 0xcfc, 4, 1 << 25);
  outs (f, 0xb2, 1, 0x12);
  g_assert_cmpint (f->cpus[0].pins[ASTERN_PIN_SMI], ==, 1);
  g_assert_cmpint (f->cpus[1].pins[ASTERN_PIN_SMI], ==, 0);
  outs (f, 0x92, 1, 0x00);
  g_assert_cmpint (f->cpus[1].pins[ASTERN_PIN_A20], ==, 0);
  outs (f, 0x92, 1, 0x02);
  g_assert_cmpint (f->cpus[1].pins[ASTERN_PIN_A20], ==, 1);
}

static void
smm_shows_its_memory (Fixture *f, gconstpointer data)
{
  outs (f, 0xcf8, 4, 0x80000070);
  outs (f, 0xcfe, 1, 0x4a);             /* open: fill it */
  store (f, 0xa8000, 4, 0xfeedface);
  outs (f, 0xcfe, 1, 0x0a);
  g_assert_cmphex (load (f, 0xa8000, 4), !=, 0xfeedface);
  f->machine->smm_changed (f->machine, 1, TRUE);
  g_assert_cmphex (load (f, 0xa8000, 4), ==, 0xfeedface);
  f->machine->smm_changed (f->machine, 1, FALSE);
  g_assert_cmphex (load (f, 0xa8000, 4), !=, 0xfeedface);
}

static void
a_bar_does_not_hide_ram_or_apics (Fixture *f, gconstpointer data)
{
  AsternDevice *vga = astern_machine_find_device (f->machine, "vga");

  store (f, 0x1000000, 4, 0x11223344);
  astern_device_write (vga, 0, PCI_COMMAND, 2, PCI_COMMAND_MEMORY, NULL);
  astern_device_write (vga, 0, PCI_BAR0, 4, 0x01000000, NULL);
  g_assert_cmphex (load (f, 0x1000000, 4), ==, 0x11223344);
  astern_device_write (vga, 0, PCI_BAR0, 4, 0xfe000000, NULL);
  g_assert_cmphex (load (f, 0xfee00030, 4) & 0xff, ==, 0x14);
  g_assert_cmphex (load (f, 0xfe000000, 4), ==, 0);
}

static void
the_option_rom_is_behind_its_bar (Fixture *f, gconstpointer data)
{
  AsternDevice *vga = astern_machine_find_device (f->machine, "vga");

  astern_device_write (vga, 0, PCI_ROM, 4, 0xfffffffe, NULL);
  g_assert_cmphex (astern_device_read (vga, 0, PCI_ROM, 4, NULL), ==, 0xffff0000);
  astern_device_write (vga, 0, PCI_ROM, 4, 0xe0000001, NULL);
  astern_device_write (vga, 0, PCI_COMMAND, 2, PCI_COMMAND_MEMORY, NULL);
  g_assert_cmphex (load (f, 0xe0000000, 2), ==, 0xaa55);
}

static void
firmware_finds_its_files (Fixture *f, gconstpointer data)
{
  static const char *const names[] = {
    "etc/acpi/rsdp", "etc/acpi/tables", "etc/e820", "etc/system-states", "etc/table-loader",
  };
  AsternDevice *fw = astern_machine_find_device (f->machine, "fw-cfg");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_nonnull (fw_cfg_find_file (fw, names[i]));
  g_assert_cmpint (g_bytes_get_size (fw_cfg_find_file (fw, "etc/e820")), ==, 20);
}

/* The FADT's PM1 event port, in the file as it is. */
static guint32
pm_port_of_tables (Fixture *f)
{
  GBytes *file = fw_cfg_find_file (astern_machine_find_device (f->machine, "fw-cfg"), "etc/acpi/tables");
  gsize size;
  const guint8 *bytes = g_bytes_get_data (file, &size);

  for (gsize at = 0; at + 60 < size; at++)
    if (memcmp (bytes + at, "FACP", 4) == 0)
      return bytes[at + 56] | bytes[at + 57] << 8;
  return 0;
}

static void
tables_name_the_ports_that_firmware_chose (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (pm_port_of_tables (f), ==, 0x600);
  outs (f, 0xcf8, 4, 0x80000b40);
  outs (f, 0xcfc, 4, 0xb001);
  outs (f, 0x510, 2, FW_CFG_FILE_DIR);
  g_assert_cmphex (pm_port_of_tables (f), ==, 0xb000);
}

static void
a_start_without_firmware_leaves_a_ready_machine (Fixture *f, gconstpointer data)
{
  g_auto (AsternPicture) picture = { 0 };
  AsternDevice *vga = astern_machine_find_device (f->machine, "vga");
  guint64 rsdp = 0, bar;

  g_assert_true (astern_board_pc_start_without_firmware (f->board, &rsdp, &f->error));
  g_assert_cmphex (rsdp, >=, 0xf0000);
  g_assert_cmphex (rsdp, <, 0x100000);
  g_assert_cmphex (load (f, rsdp, 8), ==, G_GUINT64_CONSTANT (0x2052545020445352));
  g_assert_cmphex (load (f, load (f, rsdp + 16, 4), 4), ==, 0x54445352);        /* "RSDT" */
  g_assert_cmphex (load (f, 0xf8000, 4), ==, 0x5f504d5f);                       /* "_MP_" */

  g_assert_cmphex (load (f, 0x413, 2), ==, 639);
  g_assert_cmphex (load (f, 0x400, 8), ==, G_GUINT64_CONSTANT (0x02e803e802f803f8));
  store (f, 0xe8000, 4, 0xabcd1234);
  g_assert_cmphex (load (f, 0xe8000, 4), ==, 0xabcd1234);
  g_assert_cmphex (ins (f, 0x608, 4), ==, 0);
  g_assert_cmphex (ins (f, 0x4d1, 1), ==, 0x0e);
  bar = astern_pci_bar_address (vga, VGA_BAR_VRAM);
  g_assert_cmphex (bar, >=, 0xf0000000);
  g_assert_cmphex (bar, <, 0xfec00000);
  g_assert_cmphex (astern_pci_bar_address (vga, ASTERN_PCI_BAR_ROM), ==, G_MAXUINT64);

  store (f, 0xb8000, 2, 0x0741);
  astern_display_draw (vga, 0, &picture);
  g_assert_cmpint (picture.width, ==, 720);
  g_assert_cmphex (astern_picture_row (&picture, 0)[3], ==, 0xaaaaaa);
  g_assert_cmphex (astern_picture_row (&picture, 0)[5], ==, 0);
}

static void
map_has_the_tables_reserved (Fixture *f, gconstpointer data)
{
  AsternBoardPcRange ranges[ASTERN_BOARD_PC_MAX_RANGES];
  guint n = astern_board_pc_map (f->board, ranges);
  guint64 ram = 0, rsdp = 0, rsdt, end = 0;
  guint type_of_rsdt = 0;

  g_assert_true (astern_board_pc_start_without_firmware (f->board, &rsdp, NULL));
  rsdt = load (f, rsdp + 16, 4);
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmphex (ranges[i].start, >=, end);
      end = ranges[i].start + ranges[i].size;
      ram += ranges[i].type == 1 ? ranges[i].size : 0;
      if (rsdt >= ranges[i].start && rsdt < end)
        type_of_rsdt = ranges[i].type;
    }
  g_assert_cmpint (type_of_rsdt, ==, 2);
  g_assert_cmphex (ram, >, 63 * MIB);
  g_assert_cmphex (ram, <, 64 * MIB);
}

static void
memory_beyond_3_gib_goes_above_4_gib (void)
{
  Fixture f = { 0 };
  AsternBoardPcRange ranges[ASTERN_BOARD_PC_MAX_RANGES];
  guint n;

  build (&f, 5120 * MIB);
  g_assert_no_error (f.error);
  n = astern_board_pc_map (f.board, ranges);
  g_assert_cmphex (ranges[n - 1].start, ==, 4096 * MIB);
  g_assert_cmphex (ranges[n - 1].size, ==, 2048 * MIB);
  store (&f, 4096 * MIB, 4, 0x600d);
  g_assert_cmphex (*(guint32 *) astern_memory_host (f.machine->memory, 3072 * MIB), ==, 0x600d);
  g_assert_cmphex (load (&f, 3072 * MIB, 4), ==, 0xffffffff);
  g_assert_cmpint (g_bytes_get_size (fw_cfg_find_file (astern_machine_find_device (f.machine, "fw-cfg"), "etc/e820")),
                   ==, 40);
  tear_down (&f, NULL);
}

static void
too_little_memory_is_an_error (void)
{
  Fixture f = { 0 };

  build (&f, 1 * MIB);
  g_assert_null (f.board);
  g_assert_error (f.error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  tear_down (&f, NULL);
}

#define ADD(name) g_test_add ("/hw/board-pc/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (bios_is_seen_at_both_its_places);
  ADD (ram_ends_where_the_options_say);
  ADD (reset_reaches_cpus_and_devices);
  ADD (clock_starts_at_the_wall_clocks_time);
  ADD (without_boot_disks_are_asked_before_floppies_and_those_before_cds);
  ADD (a_serial_byte_interrupts_the_first_cpu);
  ADD (com1_and_com3_share_their_line);
  ADD (the_power_button_comes_through_the_door);
  ADD (smi_and_a20_reach_the_cpus);
  ADD (smm_shows_its_memory);
  ADD (a_bar_does_not_hide_ram_or_apics);
  ADD (the_option_rom_is_behind_its_bar);
  ADD (firmware_finds_its_files);
  ADD (tables_name_the_ports_that_firmware_chose);
  ADD (a_start_without_firmware_leaves_a_ready_machine);
  ADD (map_has_the_tables_reserved);
  g_test_add_func ("/hw/board-pc/memory_beyond_3_gib_goes_above_4_gib", memory_beyond_3_gib_goes_above_4_gib);
  g_test_add_func ("/hw/board-pc/too_little_memory_is_an_error", too_little_memory_is_an_error);
  return g_test_run ();
}
