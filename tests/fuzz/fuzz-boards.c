/* The q35 board's chips, flash memory, and the small devices: any accesses, in any order, at any times.
 *
 * An input is a list of orders of ten bytes: device and what to do, window, offset (4), value (4). */
#include "config.h"

#include "core/machine.h"
#include "hw/boards/i6300esb.h"
#include "hw/boards/ich9-lpc.h"
#include "hw/boards/parallel.h"
#include "hw/boards/pci-express.h"
#include "hw/boards/pflash.h"
#include "hw/boards/pvpanic.h"
#include "hw/boards/q35-mch.h"
#include "hw/boards/vmport.h"
#include "hw/drive.h"

#include <string.h>

#define RAM_BYTES   (4u << 20)
#define FLASH_BYTES 0x4000u
#define FLASH_AT    0xffffc000u
#define ORDER       10
#define MOST_ORDERS 2000

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

enum { MCH, LPC, PORT, BRIDGE, END, DOG, PANIC, PRINTER, BACKDOOR, FLASH, N_DEVICES };

typedef struct
{
  AsternMachine *machine;
  AsternPciBus  *pci;
  AsternDevice  *devices[N_DEVICES];
  AsternDisk    *disk;
} Board;

static gboolean
image_read (gpointer user, guint64 offset, gpointer data, gsize size, GError **error)
{
  memset (data, 0x5a, size);
  return TRUE;
}

static gboolean
image_write (gpointer user, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  return TRUE;
}

static AsternDevice *
add (Board *board, guint n, const AsternDeviceClass *klass, const char *name)
{
  board->devices[n] = astern_device_new (klass, name, board->machine, &board->machine->clock);
  astern_machine_add_device (board->machine, board->devices[n]);
  return board->devices[n];
}

static void
add_flash (Board *board)
{
  AsternDiskImage image = { .size = FLASH_BYTES, .read = image_read, .write = image_write };
  AsternDevice *drive = astern_device_new (&drive_class, "drive", board->machine, &board->machine->clock);

  board->disk = astern_disk_new (board->machine, "image", &image, FALSE, NULL);
  astern_machine_add_device (board->machine, drive);
  drive_insert (drive, drive_add_medium (drive, board->disk));
  g_assert_true (pflash_set_drive (add (board, FLASH, &pflash_class, "flash"), drive, NULL));
  pflash_map (board->devices[FLASH], board->machine->physical, FLASH_AT, ASTERN_SHADOW_FIXED);
}

static void
add_chips (Board *board)
{
  AsternMachine *machine = board->machine;
  AsternRamBlock *ram = astern_memory_add (machine->memory, "ram", RAM_BYTES, FALSE, NULL);

  astern_bus_add_memory (machine->physical, 0, ram, ASTERN_SHADOW_FIXED);
  board->pci = q35_mch_bus (add (board, MCH, &q35_mch_class, "mch"));
  *board->pci = (AsternPciBus) { .memory = machine->physical, .ports = machine->ports, .set_intx = ich9_lpc_set_intx,
                                 .router = add (board, LPC, &ich9_lpc_class, "lpc") };
  q35_mch_pass_on (board->devices[MCH], board->devices[LPC], ICH9_LPC_RESET_WINDOW);
  astern_pci_attach (board->pci, board->devices[MCH], 0);
  astern_pci_attach (board->pci, board->devices[LPC], 31 << 3);
  q35_mch_map_memory (board->devices[MCH], ram, RAM_BYTES);
  ich9_lpc_map (board->devices[LPC]);
  astern_bus_add_device (machine->ports, 0xcf8, board->devices[MCH], Q35_MCH_PORTS_WINDOW, 0);
  astern_bus_add_device (machine->ports, 0xb2, board->devices[LPC], ICH9_LPC_APM_WINDOW, 0);
  astern_pci_attach (board->pci, add (board, PORT, &pcie_root_port_class, "port"), 1 << 3);
  astern_pci_attach (pci_bridge_bus (board->devices[PORT]), add (board, BRIDGE, &pci_bridge_class, "bridge"), 0);
  astern_pci_attach (pci_bridge_bus (board->devices[BRIDGE]), add (board, END, &pci_bridge_class, "end"), 3 << 3);
  astern_pci_attach (pci_bridge_bus (board->devices[BRIDGE]), add (board, DOG, &i6300esb_class, "dog"), 4 << 3);
  astern_pci_attach (board->pci, add (board, PANIC, &pvpanic_pci_class, "panic"), 2 << 3);
  add (board, PRINTER, &parallel_class, "printer");
  add (board, BACKDOOR, &vmport_class, "backdoor");
}

static guint32
get32 (const guint8 *at)
{
  return at[0] | (guint32) at[1] << 8 | (guint32) at[2] << 16 | (guint32) at[3] << 24;
}

static void
on_bus (AsternBus *bus, guint32 address, guint size, gboolean write, guint32 value)
{
  AsternAccess access = { { address }, (guint8) size, write ? ASTERN_ACCESS_WRITE : ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  if (write)
    astern_bus_write (bus, &access, value);
  else
    astern_bus_read (bus, &access);
}

static void
pass_time (Board *board, guint32 ns)
{
  astern_clock_retire (&board->machine->clock, 1);
  astern_clock_skip (&board->machine->clock, (guint64) ns * 8);
  astern_clock_fire_due (&board->machine->clock);
}

static void
take_order (Board *board, const guint8 *order)
{
  guint what = order[0] & 7, which = order[0] >> 3, size = 1u << (order[1] >> 6 & 3);
  guint32 offset = get32 (order + 2), value = get32 (order + 6);
  AsternDevice *device = board->devices[which % N_DEVICES];
  guint window = device->klass->n_windows > 0 ? (order[1] & 63) % device->klass->n_windows : 0;

  switch (what)
    {
    case 0:
    case 1:
      astern_device_write (device, window, offset % device->klass->windows[window].size, size, value, NULL);
      break;
    case 2:
      astern_device_read (device, window, offset % device->klass->windows[window].size, size, NULL);
      break;
    case 3:
      on_bus (board->machine->ports, offset & 0xffff, MIN (size, 4), order[1] & 1, value);
      break;
    case 4:
      on_bus (board->machine->physical, order[1] & 2 ? FLASH_AT + offset % FLASH_BYTES : offset, size, order[1] & 1, value);
      break;
    case 5:
      q35_mch_set_smm (board->devices[MCH], which, value & 1);
      ich9_lpc_set_intx (board->devices[LPC], offset & 0xff, value >> 1, value & 1);
      break;
    case 6:
      pass_time (board, value);
      break;
    default:
      if (value & 1)
        astern_device_reset (device);
      else
        astern_device_restored (device);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Board board = { .machine = astern_machine_new (RAM_BYTES + (1 << 20), NULL) };

  add_chips (&board);
  add_flash (&board);
  for (gsize i = 0; i + ORDER <= size && i < MOST_ORDERS * ORDER; i += ORDER)
    take_order (&board, data + i);
  astern_disk_free (board.disk);
  astern_machine_free (board.machine);
  return 0;
}
