/* test-ahci.c - the SATA controller with a disk and a CD drive, driven as a driver does. */
#include "config.h"

#include "hw/pci.h"
#include "hw/storage/ahci.h"
#include "hw/storage/ata.h"

#include "storage-fixture.h"

#define DISK_BYTES (4u << 20)
#define CD_BYTES   (300u * 2048)
#define ABAR       G_GUINT64_CONSTANT (0xe0000000)
#define MSI_SINK   0x700000
#define MS         1000000u

enum { LIST = 0x10000, FIS = 0x20000, TABLES = 0x30000, DATA_AT = 0x100000 };      /* guest memory; of port 1 + 0x400 or so */
enum { GHC = 0x04, HBA_IS = 0x08 };
enum { CLB = 0x00, FB = 0x08, IS = 0x10, IE = 0x14, CMD = 0x18, TFD = 0x20, SIG = 0x24, SSTS = 0x28, SCTL = 0x2c, SERR = 0x30, SACT = 0x34, CI = 0x38 };

typedef struct
{
  Storage       storage;
  AsternPciBus  bus;
  AsternDevice *ahci, *hd, *cd, *hd_drive, *cd_drive;
  gboolean      pin;
} Fixture;

static void
set_intx (gpointer router, guint devfn, guint pin, gboolean level)
{
  ((Fixture *) router)->pin = level;
}

static guint32
get (Fixture *f, guint offset)
{
  const AsternAccess access = { { ABAR + offset }, 4, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  return (guint32) astern_bus_read (f->storage.machine->physical, &access);
}

static void
put (Fixture *f, guint offset, guint32 value)
{
  const AsternAccess access = { { ABAR + offset }, 4, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (f->storage.machine->physical, &access, value);
}

static guint
px (guint port, guint offset)
{
  return 0x100 + 0x80 * port + offset;
}

static AsternDevice *
add (Fixture *f, const AsternDeviceClass *klass, const char *name)
{
  AsternDevice *device = astern_device_new (klass, name, f->storage.machine, &f->storage.machine->clock);

  astern_machine_add_device (f->storage.machine, device);
  return device;
}

static void
config (Fixture *f, guint offset, guint size, guint32 value)
{
  astern_device_write (f->ahci, ASTERN_PCI_CONFIG_WINDOW, offset, size, value, NULL);
}

static void
start_port (Fixture *f, guint port)
{
  put (f, px (port, CLB), LIST + 0x400 * port);
  put (f, px (port, FB), FIS + 0x100 * port);
  put (f, px (port, CMD), 0x10);
  put (f, px (port, SERR), G_MAXUINT32);
  put (f, px (port, IS), G_MAXUINT32);
  put (f, px (port, IE), 0x7dc0007f);
  put (f, px (port, CMD), 0x11);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  memset (f, 0, sizeof *f);
  storage_init (&f->storage);
  f->bus.memory = f->storage.machine->physical;
  f->bus.ports = f->storage.machine->ports;
  f->bus.set_intx = set_intx;
  f->bus.router = f;
  f->hd_drive = storage_add_drive (&f->storage, "hd", DRIVE_DISK, storage_add_disk (&f->storage, DISK_BYTES, FALSE));
  f->cd_drive = storage_add_drive (&f->storage, "cd", DRIVE_CDROM, storage_add_disk (&f->storage, CD_BYTES, TRUE));
  f->ahci = add (f, &ahci_class, "ahci");
  f->hd = add (f, &ata_disk_class, "ata0");
  f->cd = add (f, &ata_cd_class, "ata1");
  ata_set_drive (f->hd, f->hd_drive);
  ata_set_drive (f->cd, f->cd_drive);
  g_assert_true (ahci_plug (f->ahci, 0, f->hd));
  g_assert_true (ahci_plug (f->ahci, 1, f->cd));
  g_assert_false (ahci_plug (f->ahci, 6, f->cd));
  astern_pci_attach (&f->bus, f->ahci, 3 << 3);
  astern_machine_reset (f->storage.machine);
  config (f, PCI_BAR0 + 20, 4, ABAR);
  config (f, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
  put (f, GHC, 0x80000002);
  start_port (f, 0);
  start_port (f, 1);
  put (f, HBA_IS, G_MAXUINT32);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  storage_clear (&f->storage);
}

static void
put32 (Fixture *f, guint64 address, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (storage_ram (&f->storage, address), &value, 4);
}

static guint64
table_of (guint port, guint slot)
{
  return TABLES + 0x8000 * port + 0x200 * slot;
}

/* A slot's header, FIS and one range of @size bytes at @data. */
static void
prepare (Fixture *f, guint port, guint slot, guint8 command, guint64 lba, guint count, guint features, guint64 data, guint size)
{
  guint64 header = LIST + 0x400 * port + 32 * slot, table = table_of (port, slot);
  const guint8 fis[20] = {
    0x27, 0x80, command, (guint8) features, (guint8) lba, (guint8) (lba >> 8), (guint8) (lba >> 16), 0x40,
    (guint8) (lba >> 24), (guint8) (lba >> 32), (guint8) (lba >> 40), (guint8) (features >> 8),
    (guint8) count, (guint8) (count >> 8),
  };

  put32 (f, header, (size > 0 ? 1 << 16 : 0) | 5);
  put32 (f, header + 4, 0);
  put32 (f, header + 8, (guint32) table);
  put32 (f, header + 12, 0);
  memset (storage_ram (&f->storage, table), 0, 0x80);
  memcpy (storage_ram (&f->storage, table), fis, sizeof fis);
  if (size > 0)
    {
      put32 (f, table + 0x80, (guint32) data);
      put32 (f, table + 0x84, 0);
      put32 (f, table + 0x8c, size - 1);
    }
}

static void
issue (Fixture *f, guint port, guint slot)
{
  put (f, px (port, CI), 1u << slot);
  g_assert_cmphex (get (f, px (port, CI)), ==, 1u << slot);     /* nothing takes no time */
  storage_pass (&f->storage, 100 * MS);
}

static void
assert_pattern (const guint8 *data, guint64 at, guint size)
{
  for (guint i = 0; i < size; i++)
    g_assert_cmphex (data[i], ==, storage_pattern (at + i));
}

/* -- */

static void
ports_show_what_is_there (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (get (f, 0x0c), ==, 0x3f);
  g_assert_cmphex (get (f, px (0, SSTS)), ==, 0x123);
  g_assert_cmphex (get (f, px (0, SIG)), ==, 0x00000101);
  g_assert_cmphex (get (f, px (1, SIG)), ==, 0xeb140101);
  g_assert_cmphex (get (f, px (0, TFD)) & 0xff, ==, 0x50);
  g_assert_cmphex (get (f, px (2, SSTS)), ==, 0);
  g_assert_cmphex (get (f, px (2, TFD)), ==, 0x7f);
  g_assert_cmphex (*storage_ram (&f->storage, FIS + 0x40), ==, 0x34);
}

static void
a_disk_identifies_itself (Fixture *f, gconstpointer data)
{
  prepare (f, 0, 3, 0xec, 0, 0, 0, DATA_AT, 512);
  issue (f, 0, 3);
  g_assert_cmphex (get (f, px (0, CI)), ==, 0);
  g_assert_cmphex (get (f, px (0, IS)) & 2, ==, 2);             /* PIO setup */
  g_assert_cmphex (*storage_ram (&f->storage, FIS + 0x20), ==, 0x5f);
  g_assert_cmpint (storage_ram (&f->storage, DATA_AT)[2 * 75], ==, 31);           /* the queue's depth */
  g_assert_cmpint (*(guint32 *) storage_ram (&f->storage, LIST + 32 * 3 + 4), ==, 512);
  g_assert_true (f->pin);
  put (f, px (0, IS), G_MAXUINT32);
  put (f, HBA_IS, 1);
  g_assert_false (f->pin);
}

static void
data_go_by_the_ranges_of_the_table (Fixture *f, gconstpointer data)
{
  guint64 table = table_of (0, 0);

  prepare (f, 0, 0, 0x25, 1000, 4, 0, DATA_AT, 700);
  put32 (f, LIST, 2 << 16 | 5);
  put32 (f, table + 0x90, DATA_AT + 0x2000);
  put32 (f, table + 0x9c, 0x80000000u | 1999);
  issue (f, 0, 0);
  g_assert_cmphex (get (f, px (0, IS)), ==, 0x21);              /* registers came; a range that says so */
  assert_pattern (storage_ram (&f->storage, DATA_AT), 1000 * 512, 700);
  assert_pattern (storage_ram (&f->storage, DATA_AT + 0x2000), 1000 * 512 + 700, 2048 - 700);
  g_assert_cmphex (*storage_ram (&f->storage, DATA_AT + 0x2000 + 2048 - 700), ==, 0);

  memset (storage_ram (&f->storage, DATA_AT), 0x42, 1024);
  prepare (f, 0, 1, 0x35, 50, 2, 0, DATA_AT, 1024);
  issue (f, 0, 1);
  prepare (f, 0, 2, 0xea, 0, 0, 0, 0, 0);
  issue (f, 0, 2);
  g_assert_cmphex (f->storage.images[0].bytes[50 * 512], ==, 0x42);
  g_assert_cmphex (f->storage.images[0].bytes[51 * 512 + 511], ==, 0x42);
  g_assert_cmphex (f->storage.images[0].bytes[52 * 512], ==, storage_pattern (52 * 512));
}

static void
queued_commands_are_done_together (Fixture *f, gconstpointer data)
{
  for (guint slot = 0; slot < 32; slot++)
    prepare (f, 0, slot, 0x60, slot * 10, slot << 3, 2, DATA_AT + 0x1000 * slot, 1024);
  put (f, px (0, SACT), G_MAXUINT32);
  put (f, px (0, CI), G_MAXUINT32);
  g_assert_cmphex (get (f, px (0, CI)), ==, 0);                 /* the drive has them all */
  g_assert_cmphex (get (f, px (0, SACT)), ==, G_MAXUINT32);
  storage_pass (&f->storage, 100 * MS);
  g_assert_cmphex (get (f, px (0, SACT)), ==, 0);
  g_assert_cmphex (get (f, px (0, IS)), ==, 0x08);
  g_assert_cmphex (*storage_ram (&f->storage, FIS + 0x58), ==, 0xa1);
  for (guint slot = 0; slot < 32; slot++)
    assert_pattern (storage_ram (&f->storage, DATA_AT + 0x1000 * slot), slot * 10 * 512, 1024);
}

static void
a_queued_command_that_fails_stops_the_queue_and_is_logged (Fixture *f, gconstpointer data)
{
  prepare (f, 0, 5, 0x61, DISK_BYTES / 512, 5 << 3, 1, DATA_AT, 512);
  put (f, px (0, SACT), 1 << 5);
  put (f, px (0, CI), 1 << 5);
  storage_pass (&f->storage, 100 * MS);
  g_assert_cmphex (get (f, px (0, IS)) & 0x40000008, ==, 0x40000008);
  g_assert_cmphex (get (f, px (0, SACT)), ==, 1 << 5);
  g_assert_cmphex (get (f, px (0, TFD)), ==, 0x1051);
  put (f, px (0, CMD), 0x10);
  g_assert_cmphex (get (f, px (0, SACT)), ==, 0);
  put (f, px (0, IS), G_MAXUINT32);
  put (f, px (0, CMD), 0x11);
  prepare (f, 0, 0, 0x2f, 0x10, 1, 0, DATA_AT, 512);
  issue (f, 0, 0);
  g_assert_cmphex (storage_ram (&f->storage, DATA_AT)[0], ==, 5);
  g_assert_cmphex (storage_ram (&f->storage, DATA_AT)[3], ==, ATA_IDNF);
}

static void
a_command_that_fails_halts_the_port (Fixture *f, gconstpointer data)
{
  prepare (f, 0, 0, 0x25, DISK_BYTES / 512, 1, 0, DATA_AT, 512);
  issue (f, 0, 0);
  g_assert_cmphex (get (f, px (0, IS)), ==, 0x40000001);
  g_assert_cmphex (get (f, px (0, TFD)), ==, 0x1051);
  prepare (f, 0, 1, 0xe7, 0, 0, 0, 0, 0);
  put (f, px (0, CI), 2);
  storage_pass (&f->storage, 100 * MS);
  g_assert_cmphex (get (f, px (0, CI)), ==, 3);
  put (f, px (0, CMD), 0x10);
  g_assert_cmphex (get (f, px (0, CI)), ==, 0);
}

static void
too_little_memory_is_an_error (Fixture *f, gconstpointer data)
{
  prepare (f, 0, 0, 0x25, 0, 4, 0, DATA_AT, 512);
  issue (f, 0, 0);
  g_assert_cmphex (get (f, px (0, IS)) & 0x40000000, ==, 0x40000000);
}

static void
a_link_that_is_reset_tells_the_signature_again (Fixture *f, gconstpointer data)
{
  put (f, px (0, CMD), 0x10);
  put (f, px (0, SCTL), 0x301);
  g_assert_cmphex (get (f, px (0, SSTS)), ==, 0);
  g_assert_cmphex (get (f, px (0, TFD)), ==, 0x7f);
  put (f, px (0, SCTL), 0x300);
  g_assert_cmphex (get (f, px (0, SSTS)), ==, 0x123);
  g_assert_cmphex (get (f, px (0, SERR)) & 0x04000000, ==, 0x04000000);
  g_assert_cmphex (get (f, px (0, IS)) & 0x40, ==, 0x40);
  g_assert_cmphex (get (f, px (0, SIG)), ==, 0x00000101);
  g_assert_cmphex (get (f, px (0, TFD)), ==, 0x0150);
}

static void
a_soft_reset_is_two_commands (Fixture *f, gconstpointer data)
{
  put (f, px (1, SIG), 0);
  memset (storage_ram (&f->storage, FIS + 0x100 + 0x40), 0, 20);
  for (guint slot = 0; slot < 2; slot++)
    {
      prepare (f, 1, slot, 0, 0, 0, 0, 0, 0);
      storage_ram (&f->storage, table_of (1, slot))[1] = 0;
      storage_ram (&f->storage, table_of (1, slot))[15] = slot == 0 ? 4 : 0;
      put (f, px (1, CI), 1u << slot);
      storage_pass (&f->storage, 100 * MS);
      g_assert_cmphex (get (f, px (1, CI)), ==, 0);
    }
  g_assert_cmphex (*storage_ram (&f->storage, FIS + 0x100 + 0x40), ==, 0x34);
  g_assert_cmphex (storage_ram (&f->storage, FIS + 0x100 + 0x40)[5], ==, 0x14);
}

static void
packets_come_with_the_command (Fixture *f, gconstpointer data)
{
  static const guint8 read10[12] = { 0x28, 0, 0, 0, 0, 7, 0, 0, 2 };

  prepare (f, 1, 0, 0xa0, 0, 0, 1, DATA_AT, 4096);
  memcpy (storage_ram (&f->storage, table_of (1, 0) + 0x40), read10, 12);
  issue (f, 1, 0);
  g_assert_cmphex (get (f, px (1, IS)), ==, 1);
  assert_pattern (storage_ram (&f->storage, DATA_AT), 7 * 2048, 4096);

  prepare (f, 1, 0, 0xa0, 0, 0, 0, DATA_AT, 8);
  memset (storage_ram (&f->storage, table_of (1, 0) + 0x40), 0xff, 12);
  issue (f, 1, 0);
  g_assert_cmphex (get (f, px (1, TFD)), ==, 0x5451);
}

static void
interrupts_can_be_messages (Fixture *f, gconstpointer data)
{
  config (f, 0x84, 4, MSI_SINK);
  config (f, 0x8c, 2, 0x4321);
  config (f, 0x82, 2, 1);
  for (guint round = 0; round < 2; round++)
    {
      memset (storage_ram (&f->storage, MSI_SINK), 0, 4);
      prepare (f, 0, 0, 0xe7, 0, 0, 0, 0, 0);
      issue (f, 0, 0);
      g_assert_cmphex (*(guint16 *) storage_ram (&f->storage, MSI_SINK), ==, 0x4321);
      g_assert_false (f->pin);
      put (f, px (0, IS), G_MAXUINT32);
      put (f, HBA_IS, 1);
    }
}

static void
a_queue_in_flight_is_restored (Fixture *f, gconstpointer data)
{
  AsternDevice *devices[] = { f->ahci, f->hd };
  AsternClockState clock;
  GVariant *saved[2];

  for (guint slot = 0; slot < 4; slot++)
    prepare (f, 0, slot, 0x60, slot * 10, slot << 3, 2 << slot, DATA_AT + 0x8000 * slot, 1024 << slot);
  put (f, px (0, SACT), 0x0f);
  put (f, px (0, CI), 0x0f);
  clock = f->storage.machine->clock.s;
  for (guint i = 0; i < 2; i++)
    saved[i] = g_variant_ref_sink (astern_device_save (devices[i]));
  for (guint round = 0; round < 2; round++)
    {
      storage_pass (&f->storage, 100 * MS);
      g_assert_cmphex (get (f, px (0, SACT)), ==, 0);
      for (guint slot = 0; slot < 4; slot++)
        {
          assert_pattern (storage_ram (&f->storage, DATA_AT + 0x8000 * slot), slot * 10 * 512, 1024 << slot);
          memset (storage_ram (&f->storage, DATA_AT + 0x8000 * slot), 0, 1024 << slot);
        }
      f->storage.machine->clock.s = clock;
      for (guint i = 0; i < 2; i++)
        g_assert_true (astern_device_load (devices[i], saved[i], NULL));
      astern_clock_rebuild (&f->storage.machine->clock);
      g_assert_cmphex (get (f, px (0, SACT)), ==, 0x0f);
    }
  for (guint i = 0; i < 2; i++)
    g_variant_unref (saved[i]);
}

#define ADD(name) g_test_add ("/hw/ahci/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (ports_show_what_is_there);
  ADD (a_disk_identifies_itself);
  ADD (data_go_by_the_ranges_of_the_table);
  ADD (queued_commands_are_done_together);
  ADD (a_queued_command_that_fails_stops_the_queue_and_is_logged);
  ADD (a_command_that_fails_halts_the_port);
  ADD (too_little_memory_is_an_error);
  ADD (a_link_that_is_reset_tells_the_signature_again);
  ADD (a_soft_reset_is_two_commands);
  ADD (packets_come_with_the_command);
  ADD (interrupts_can_be_messages);
  ADD (a_queue_in_flight_is_restored);
  return g_test_run ();
}
