/* test-ide-piix.c - PIIX3's IDE function with a disk and a CD drive, driven as a driver does. */
#include "config.h"

#include "hw/pci.h"
#include "hw/storage/ata.h"
#include "hw/storage/ide-piix.h"

#include "storage-fixture.h"

#define DISK_BYTES (4u << 20)
#define CD_BYTES   (300u * 2048)
#define BMIBA      0xc000
#define PRD        0x10000
#define DATA_AT    0x20000
#define MS         1000000u

typedef struct
{
  Storage       storage;
  AsternPciBus  bus;
  AsternDevice *ide, *hd, *cd, *hd_drive, *cd_drive;
  gboolean      irq[2];
  guint         rises[2];
} Fixture;

static void
irq_changed (gpointer receiver, guint line, gboolean level)
{
  Fixture *f = receiver;

  if (level && !f->irq[line])
    f->rises[line]++;
  f->irq[line] = level;
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
  astern_device_write (f->ide, ASTERN_PCI_CONFIG_WINDOW, offset, size, value, NULL);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  memset (f, 0, sizeof *f);
  storage_init (&f->storage);
  f->bus.memory = f->storage.machine->physical;
  f->bus.ports = f->storage.machine->ports;
  f->hd_drive = storage_add_drive (&f->storage, "hd", DRIVE_DISK, storage_add_disk (&f->storage, DISK_BYTES, FALSE));
  f->cd_drive = storage_add_drive (&f->storage, "cd", DRIVE_CDROM, storage_add_disk (&f->storage, CD_BYTES, TRUE));
  drive_set_serial (f->hd_drive, "SERIAL-1");
  f->ide = add (f, &ide_piix_class, "ide");
  f->hd = add (f, &ata_disk_class, "ata0");
  f->cd = add (f, &ata_cd_class, "ata1");
  ata_set_drive (f->hd, f->hd_drive);
  ata_set_drive (f->cd, f->cd_drive);
  g_assert_true (ide_piix_plug (f->ide, 0, 0, f->hd));
  g_assert_true (ide_piix_plug (f->ide, 1, 0, f->cd));
  g_assert_false (ide_piix_plug (f->ide, 1, 0, f->hd));
  astern_pci_attach (&f->bus, f->ide, 1 << 3 | 1);
  ide_piix_map (f->ide);
  for (guint channel = 0; channel < 2; channel++)
    {
      astern_irq_connect (ide_piix_irq (f->ide, channel), irq_changed, f, channel);
      config (f, IDE_PIIX_IDETIM + 2 * channel, 2, 0x8000);
    }
  astern_machine_reset (f->storage.machine);
  for (guint channel = 0; channel < 2; channel++)
    config (f, IDE_PIIX_IDETIM + 2 * channel, 2, 0x8000);
  config (f, PCI_BAR0 + 16, 4, BMIBA);
  config (f, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  storage_clear (&f->storage);
}

static guint32
in (Fixture *f, guint port, guint size)
{
  const AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  return (guint32) astern_bus_read (f->storage.machine->ports, &access);
}

static void
out (Fixture *f, guint port, guint size, guint32 value)
{
  const AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (f->storage.machine->ports, &access, value);
}

static guint
base_of (guint channel)
{
  return channel == 0 ? 0x1f0 : 0x170;
}

/* Writes the registers and the command. */
static void
begin28 (Fixture *f, guint channel, guint8 command, guint32 lba, guint8 count)
{
  guint base = base_of (channel);

  out (f, base + ATA_DEVICE, 1, 0xe0 | (lba >> 24));
  out (f, base + ATA_COUNT, 1, count);
  out (f, base + ATA_LBA_LOW, 1, lba & 0xff);
  out (f, base + ATA_LBA_MID, 1, lba >> 8 & 0xff);
  out (f, base + ATA_LBA_HIGH, 1, lba >> 16 & 0xff);
  out (f, base + ATA_COMMAND, 1, command);
}

static guint8
wait_over (Fixture *f, guint channel)
{
  g_assert_cmphex (in (f, base_of (channel) + 0x206, 1) & ATA_BSY, ==, ATA_BSY);        /* nothing takes no time */
  storage_pass (&f->storage, 100 * MS);
  g_assert_cmphex (in (f, base_of (channel) + 0x206, 1) & ATA_BSY, ==, 0);
  return (guint8) in (f, base_of (channel) + ATA_STATUS, 1);
}

static void
read_data (Fixture *f, guint channel, guint8 *data, guint size)
{
  for (guint i = 0; i < size; i += 2)
    {
      guint16 word = (guint16) in (f, base_of (channel), 2);

      data[i] = (guint8) word;
      data[i + 1] = (guint8) (word >> 8);
    }
}

static void
assert_pattern (const guint8 *data, guint64 at, guint size)
{
  for (guint i = 0; i < size; i++)
    g_assert_cmphex (data[i], ==, storage_pattern (at + i));
}

static guint16
word_of (const guint8 *page, guint word)
{
  return (guint16) (page[2 * word] | page[2 * word + 1] << 8);
}

/* -- Disks */

static void
a_disk_identifies_itself (Fixture *f, gconstpointer data)
{
  guint8 page[512], sum = 0;

  begin28 (f, 0, 0xec, 0, 0);
  g_assert_cmphex (wait_over (f, 0), ==, ATA_DRDY | ATA_DSC | ATA_DRQ);
  g_assert_cmpint (f->rises[0], ==, 1);
  read_data (f, 0, page, 512);
  g_assert_cmphex (in (f, 0x1f7, 1), ==, ATA_DRDY | ATA_DSC);
  g_assert_cmpint (word_of (page, 60) | word_of (page, 61) << 16, ==, DISK_BYTES / 512);
  g_assert_cmpint (word_of (page, 100), ==, DISK_BYTES / 512);
  g_assert_cmpmem (page + 20, 8, "ESIRLA1-", 8);
  for (guint i = 0; i < 512; i++)
    sum = (guint8) (sum + page[i]);
  g_assert_cmphex (sum, ==, 0);
}

static void
sectors_are_read_one_block_an_interrupt (Fixture *f, gconstpointer data)
{
  guint8 sector[512];

  begin28 (f, 0, 0x20, 5, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmphex (wait_over (f, 0) & ATA_DRQ, ==, ATA_DRQ);
      g_assert_cmpint (f->rises[0], ==, i + 1);
      g_assert_false (f->irq[0]);               /* the status was read */
      read_data (f, 0, sector, 512);
      assert_pattern (sector, (5 + i) * 512, 512);
    }
  g_assert_cmphex (in (f, 0x1f7, 1), ==, ATA_DRDY | ATA_DSC);
}

static void
data_are_read_as_double_words_too (Fixture *f, gconstpointer data)
{
  begin28 (f, 0, 0x20, 1, 1);
  wait_over (f, 0);
  for (guint i = 0; i < 512; i += 4)
    {
      guint32 word = in (f, 0x1f0, 4);

      for (guint j = 0; j < 4; j++)
        g_assert_cmphex (word >> 8 * j & 0xff, ==, storage_pattern (512 + i + j));
    }
  g_assert_cmphex (in (f, 0x1f7, 1), ==, ATA_DRDY | ATA_DSC);
}

static void
cylinders_heads_and_sectors_are_translated (Fixture *f, gconstpointer data)
{
  guint8 sector[512];

  out (f, 0x1f6, 1, 0xa0 | 3);                  /* head 3 of cylinder 2 */
  out (f, 0x1f2, 1, 1);
  out (f, 0x1f3, 1, 7);
  out (f, 0x1f4, 1, 2);
  out (f, 0x1f5, 1, 0);
  out (f, 0x1f7, 1, 0x20);
  wait_over (f, 0);
  read_data (f, 0, sector, 512);
  assert_pattern (sector, ((2 * 16 + 3) * 63 + 6) * 512, 512);
}

static void
multiple_sectors_come_in_one_block (Fixture *f, gconstpointer data)
{
  guint8 block[8 * 512];

  begin28 (f, 0, 0xc6, 0, 8);
  g_assert_cmphex (wait_over (f, 0), ==, ATA_DRDY | ATA_DSC);
  begin28 (f, 0, 0xc4, 16, 12);
  wait_over (f, 0);
  read_data (f, 0, block, sizeof block);
  assert_pattern (block, 16 * 512, sizeof block);
  g_assert_cmphex (wait_over (f, 0) & ATA_DRQ, ==, ATA_DRQ);
  read_data (f, 0, block, 4 * 512);
  assert_pattern (block, 24 * 512, 4 * 512);
  g_assert_cmphex (in (f, 0x1f7, 1) & ATA_DRQ, ==, 0);
  begin28 (f, 0, 0xc6, 0, 3);                   /* no power of two */
  g_assert_cmphex (wait_over (f, 0) & ATA_ERR, ==, ATA_ERR);
}

static void
what_is_written_is_read_and_flushed_to_the_image (Fixture *f, gconstpointer data)
{
  begin28 (f, 0, 0x30, 100, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmphex (wait_over (f, 0) & ATA_DRQ, ==, ATA_DRQ);
      for (guint j = 0; j < 512; j += 2)
        out (f, 0x1f0, 2, 0x5a00 | (i << 8) | (j & 0xff));
    }
  g_assert_cmphex (wait_over (f, 0), ==, ATA_DRDY | ATA_DSC);
  g_assert_cmpint (f->rises[0], ==, 2);
  g_assert_cmphex (f->storage.images[0].bytes[100 * 512 + 1], ==, storage_pattern (100 * 512 + 1));
  begin28 (f, 0, 0xe7, 0, 0);
  wait_over (f, 0);
  g_assert_cmphex (f->storage.images[0].bytes[100 * 512 + 1], ==, 0x5a);
  g_assert_cmphex (f->storage.images[0].bytes[101 * 512 + 3], ==, 0x5b);
  g_assert_cmpint (f->storage.images[0].flushes, >=, 1);
}

static void
sectors_beyond_the_disk_are_not_found (Fixture *f, gconstpointer data)
{
  begin28 (f, 0, 0x20, DISK_BYTES / 512 - 1, 2);
  g_assert_cmphex (wait_over (f, 0) & (ATA_ERR | ATA_DRQ), ==, ATA_ERR);
  g_assert_cmphex (in (f, 0x1f1, 1), ==, ATA_IDNF);
  begin28 (f, 0, 0x99, 0, 0);
  wait_over (f, 0);
  g_assert_cmphex (in (f, 0x1f1, 1), ==, ATA_ABRT);
}

/* A descriptor at PRD + 8 * n. */
static void
put_range (Fixture *f, guint n, guint32 address, guint32 size)
{
  guint32 range[2] = { GUINT32_TO_LE (address), GUINT32_TO_LE (size) };

  memcpy (storage_ram (&f->storage, PRD + 8 * n), range, 8);
}

static void
begin48 (Fixture *f, guint8 command, guint64 lba, guint count)
{
  out (f, 0x1f6, 1, 0xe0);
  out (f, 0x1f2, 1, count >> 8);
  out (f, 0x1f2, 1, count & 0xff);
  for (guint i = 0; i < 3; i++)
    {
      out (f, 0x1f3 + i, 1, (guint32) (lba >> (24 + 8 * i)) & 0xff);
      out (f, 0x1f3 + i, 1, (guint32) (lba >> 8 * i) & 0xff);
    }
  out (f, 0x1f7, 1, command);
}

static void
dma_goes_by_descriptors (Fixture *f, gconstpointer data)
{
  put_range (f, 0, DATA_AT, 1000);
  put_range (f, 1, DATA_AT + 0x1000, 48 | 0x80000000u);
  out (f, BMIBA + 4, 4, PRD);
  out (f, BMIBA, 1, 0x08);
  begin48 (f, 0x25, 40, 2);                     /* READ DMA EXT: 24 bytes of memory are left over */
  out (f, BMIBA, 1, 0x09);
  g_assert_cmphex (in (f, BMIBA + 2, 1), ==, 0x01);
  storage_pass (&f->storage, 100 * MS);
  g_assert_true (f->irq[0]);
  g_assert_cmphex (in (f, BMIBA + 2, 1), ==, 0x05);
  assert_pattern (storage_ram (&f->storage, DATA_AT), 40 * 512, 1000);
  assert_pattern (storage_ram (&f->storage, DATA_AT + 0x1000), 40 * 512 + 1000, 24);
  out (f, BMIBA, 1, 0);
  out (f, BMIBA + 2, 1, 0x64);
  g_assert_cmphex (in (f, BMIBA + 2, 1), ==, 0x60);
  g_assert_cmphex (in (f, 0x1f7, 1), ==, ATA_DRDY | ATA_DSC);
  g_assert_false (f->irq[0]);

  memset (storage_ram (&f->storage, DATA_AT), 0xc3, 1024);
  put_range (f, 0, DATA_AT, 1024 | 0x80000000u);
  out (f, BMIBA, 1, 0x01);                      /* started before the command */
  begin28 (f, 0, 0xca, 60, 2);
  storage_pass (&f->storage, 100 * MS);
  g_assert_cmphex (in (f, BMIBA + 2, 1), ==, 0x64);
  g_assert_cmphex (in (f, 0x1f7, 1), ==, ATA_DRDY | ATA_DSC);
  begin28 (f, 0, 0x20, 61, 1);
  wait_over (f, 0);
  g_assert_cmphex (in (f, 0x1f0, 2), ==, 0xc3c3);
}

static void
too_little_memory_ends_dma_with_an_error (Fixture *f, gconstpointer data)
{
  put_range (f, 0, DATA_AT, 512 | 0x80000000u);
  out (f, BMIBA + 4, 4, PRD);
  begin28 (f, 0, 0xc8, 0, 2);
  out (f, BMIBA, 1, 0x09);
  storage_pass (&f->storage, 100 * MS);
  g_assert_cmphex (in (f, BMIBA + 2, 1), ==, 0x06);
  g_assert_cmphex (in (f, 0x1f7, 1) & ATA_ERR, ==, ATA_ERR);
}

static void
without_bus_mastering_nothing_is_moved (Fixture *f, gconstpointer data)
{
  config (f, PCI_COMMAND, 2, PCI_COMMAND_IO);
  put_range (f, 0, DATA_AT, 512 | 0x80000000u);
  out (f, BMIBA + 4, 4, PRD);
  begin28 (f, 0, 0xc8, 0, 1);
  out (f, BMIBA, 1, 0x09);
  storage_pass (&f->storage, 100 * MS);
  g_assert_cmphex (*storage_ram (&f->storage, DATA_AT + 1), ==, 0);
  g_assert_cmphex (in (f, BMIBA + 2, 1) & 0x02, ==, 0x02);
}

static void
what_is_forgotten_reads_as_zeros (Fixture *f, gconstpointer data)
{
  guint64 entry = GUINT64_TO_LE (G_GUINT64_CONSTANT (8) << 48 | 200);
  guint8 sector[512];

  memset (storage_ram (&f->storage, DATA_AT), 0, 512);
  memcpy (storage_ram (&f->storage, DATA_AT), &entry, 8);
  put_range (f, 0, DATA_AT, 512 | 0x80000000u);
  out (f, BMIBA + 4, 4, PRD);
  out (f, BMIBA, 1, 0x01);
  out (f, 0x1f1, 1, 1);
  begin48 (f, 0x06, 0, 1);
  storage_pass (&f->storage, 100 * MS);
  g_assert_cmphex (in (f, 0x1f7, 1), ==, ATA_DRDY | ATA_DSC);
  begin28 (f, 0, 0x20, 207, 2);
  wait_over (f, 0);
  read_data (f, 0, sector, 512);
  for (guint i = 0; i < 512; i++)
    g_assert_cmphex (sector[i], ==, 0);
  wait_over (f, 0);
  read_data (f, 0, sector, 512);
  assert_pattern (sector, 208 * 512, 512);
}

static void
health_is_good (Fixture *f, gconstpointer data)
{
  guint8 page[512], sum = 0;

  out (f, 0x1f1, 1, 0xda);
  begin28 (f, 0, 0xb0, 0xc24f00, 0);
  g_assert_cmphex (wait_over (f, 0) & ATA_ERR, ==, 0);
  g_assert_cmphex (in (f, 0x1f4, 1), ==, 0x4f);
  g_assert_cmphex (in (f, 0x1f5, 1), ==, 0xc2);
  out (f, 0x1f1, 1, 0xd0);
  begin28 (f, 0, 0xb0, 0xc24f00, 1);
  g_assert_cmphex (wait_over (f, 0) & ATA_DRQ, ==, ATA_DRQ);
  read_data (f, 0, page, 512);
  for (guint i = 0; i < 512; i++)
    sum = (guint8) (sum + page[i]);
  g_assert_cmphex (sum, ==, 0);
}

static void
interrupts_can_be_switched_off (Fixture *f, gconstpointer data)
{
  out (f, 0x3f6, 1, ATA_NIEN);
  begin28 (f, 0, 0xe5, 0, 0);
  storage_pass (&f->storage, MS);
  g_assert_cmpint (f->rises[0], ==, 0);
  g_assert_cmphex (in (f, 0x1f2, 1), ==, 0xff);         /* awake */
  out (f, 0x3f6, 1, 0);
  g_assert_true (f->irq[0]);
}

static void
a_reset_shows_signatures (Fixture *f, gconstpointer data)
{
  begin28 (f, 0, 0x20, 0, 1);
  for (guint channel = 0; channel < 2; channel++)
    {
      out (f, base_of (channel) + 0x206, 1, ATA_SRST);
      g_assert_cmphex (in (f, base_of (channel) + 0x206, 1), ==, ATA_BSY);
      out (f, base_of (channel) + 0x206, 1, 0);
      storage_pass (&f->storage, MS);
      g_assert_cmphex (in (f, base_of (channel) + ATA_ERROR, 1), ==, 1);
      g_assert_cmphex (in (f, base_of (channel) + ATA_COUNT, 1), ==, 1);
      g_assert_cmphex (in (f, base_of (channel) + ATA_LBA_MID, 1), ==, channel == 0 ? 0 : 0x14);
      g_assert_cmphex (in (f, base_of (channel) + ATA_LBA_HIGH, 1), ==, channel == 0 ? 0 : 0xeb);
    }
  g_assert_cmphex (in (f, 0x1f7, 1), ==, ATA_DRDY | ATA_DSC);
}

static void
a_drive_that_is_not_there_answers_nothing (Fixture *f, gconstpointer data)
{
  out (f, 0x1f6, 1, 0xf0);
  g_assert_cmphex (in (f, 0x1f7, 1), ==, 0);
  out (f, 0x1f7, 1, 0xec);
  storage_pass (&f->storage, MS);
  g_assert_cmphex (in (f, 0x1f7, 1), ==, 0);
  g_assert_cmpint (f->rises[0], ==, 0);
}

static void
ports_are_decoded_when_the_function_says_so (Fixture *f, gconstpointer data)
{
  AsternRoute route;

  config (f, IDE_PIIX_IDETIM, 2, 0);
  astern_bus_route (f->storage.machine->ports, 0x1f0, &route);
  g_assert_cmpint (route.read.kind, ==, ASTERN_TARGET_NONE);
  astern_bus_route (f->storage.machine->ports, 0x170, &route);
  g_assert_true (route.read.device == f->ide);
  config (f, PCI_COMMAND, 2, 0);
  astern_bus_route (f->storage.machine->ports, 0x170, &route);
  g_assert_cmpint (route.read.kind, ==, ASTERN_TARGET_NONE);
}

/* A command on its way is saved, and goes on from where it was. */
static void
a_command_in_flight_is_restored (Fixture *f, gconstpointer data)
{
  AsternDevice *devices[] = { f->ide, f->hd };
  GVariant *saved[2];
  AsternClockState clock;

  put_range (f, 0, DATA_AT, 512 | 0x80000000u);
  out (f, BMIBA + 4, 4, PRD);
  out (f, BMIBA, 1, 0x09);
  begin28 (f, 0, 0xc8, 9, 1);
  clock = f->storage.machine->clock.s;
  for (guint i = 0; i < 2; i++)
    saved[i] = g_variant_ref_sink (astern_device_save (devices[i]));
  for (guint round = 0; round < 2; round++)
    {
      storage_pass (&f->storage, 100 * MS);
      g_assert_true (f->irq[0]);
      assert_pattern (storage_ram (&f->storage, DATA_AT), 9 * 512, 512);
      memset (storage_ram (&f->storage, DATA_AT), 0, 512);
      f->storage.machine->clock.s = clock;
      for (guint i = 0; i < 2; i++)
        g_assert_true (astern_device_load (devices[i], saved[i], NULL));
      astern_clock_rebuild (&f->storage.machine->clock);
      g_assert_false (f->irq[0]);
    }
  for (guint i = 0; i < 2; i++)
    g_variant_unref (saved[i]);
}

/* -- Packets */

static guint8
begin_packet (Fixture *f, const guint8 packet[12], guint limit, guint features)
{
  out (f, 0x176, 1, 0xa0);
  out (f, 0x171, 1, features);
  out (f, 0x174, 1, limit & 0xff);
  out (f, 0x175, 1, limit >> 8);
  out (f, 0x177, 1, 0xa0);
  g_assert_cmphex (in (f, 0x177, 1) & ATA_DRQ, ==, ATA_DRQ);
  g_assert_cmphex (in (f, 0x172, 1), ==, 1);
  for (guint i = 0; i < 12; i += 2)
    out (f, 0x170, 2, packet[i] | packet[i + 1] << 8);
  return wait_over (f, 1);
}

#define PACKET(f, limit, ...) begin_packet ((f), (const guint8[12]) { __VA_ARGS__ }, (limit), 0)

/* All of an answer, block by block; returns its size. */
static guint
read_answer (Fixture *f, guint8 *data, guint room)
{
  guint size = 0;

  while (in (f, 0x376, 1) & ATA_DRQ)
    {
      guint n = in (f, 0x174, 1) | in (f, 0x175, 1) << 8;

      g_assert_cmpint (size + n, <=, room);
      g_assert_cmphex (in (f, 0x172, 1), ==, 2);
      read_data (f, 1, data + size, n);
      size += n;
      wait_over (f, 1);
    }
  g_assert_cmphex (in (f, 0x172, 1), ==, 3);
  return size;
}

static void
assert_sense (Fixture *f, guint key, guint asc)
{
  guint8 sense[18];

  PACKET (f, 18, 0x03, 0, 0, 0, 18);
  g_assert_cmpint (read_answer (f, sense, sizeof sense), ==, 18);
  g_assert_cmphex (sense[2], ==, key);
  g_assert_cmphex (sense[12] << 8 | sense[13], ==, asc);
}

static void
a_cd_drive_identifies_itself (Fixture *f, gconstpointer data)
{
  guint8 page[512];

  begin28 (f, 1, 0xec, 0, 0);
  g_assert_cmphex (wait_over (f, 1) & ATA_ERR, ==, ATA_ERR);
  g_assert_cmphex (in (f, 0x175, 1), ==, 0xeb);
  begin28 (f, 1, 0xa1, 0, 0);
  g_assert_cmphex (wait_over (f, 1) & ATA_DRQ, ==, ATA_DRQ);
  read_data (f, 1, page, 512);
  g_assert_cmphex (word_of (page, 0), ==, 0x85c0);
  PACKET (f, 96, 0x12, 0, 0, 0, 96);
  g_assert_cmpint (read_answer (f, page, 96), ==, 36);
  g_assert_cmphex (page[0], ==, 0x05);
  g_assert_cmphex (page[1], ==, 0x80);
}

static void
blocks_are_read_within_the_byte_limit (Fixture *f, gconstpointer data)
{
  guint8 blocks[3 * 2048];

  PACKET (f, 1000, 0x28, 0, 0, 0, 0, 10, 0, 0, 3);
  g_assert_cmpint (in (f, 0x174, 1) | in (f, 0x175, 1) << 8, ==, 1000);
  g_assert_cmpint (read_answer (f, blocks, sizeof blocks), ==, sizeof blocks);
  assert_pattern (blocks, 10 * 2048, sizeof blocks);
}

static void
blocks_are_read_by_dma (Fixture *f, gconstpointer data)
{
  static const guint8 read12[12] = { 0xa8, 0, 0, 0, 0, 20, 0, 0, 0, 2 };

  put_range (f, 0, DATA_AT, 4096 | 0x80000000u);
  out (f, BMIBA + 12, 4, PRD);
  out (f, BMIBA + 8, 1, 0x09);
  g_assert_cmphex (begin_packet (f, read12, 0, 1) & (ATA_ERR | ATA_DRQ), ==, 0);
  assert_pattern (storage_ram (&f->storage, DATA_AT), 20 * 2048, 4096);
  g_assert_cmphex (in (f, BMIBA + 10, 1), ==, 0x04);
}

static void
raw_sectors_have_headers (Fixture *f, gconstpointer data)
{
  guint8 sector[2352];

  PACKET (f, 0xfffe, 0xbe, 0, 0, 0, 0, 75, 0, 0, 1, 0xf8);
  g_assert_cmpint (read_answer (f, sector, sizeof sector), ==, 2352);
  g_assert_cmphex (sector[0], ==, 0);
  g_assert_cmphex (sector[1], ==, 0xff);
  g_assert_cmphex (sector[13], ==, 0x03);       /* 150 + 75 frames are three seconds */
  g_assert_cmphex (sector[14], ==, 0x00);
  g_assert_cmphex (sector[15], ==, 1);
  assert_pattern (sector + 16, 75 * 2048, 2048);
}

static void
capacity_and_contents_are_those_of_the_medium (Fixture *f, gconstpointer data)
{
  guint8 answer[64];

  PACKET (f, 8, 0x25);
  g_assert_cmpint (read_answer (f, answer, sizeof answer), ==, 8);
  g_assert_cmpint (answer[2] << 8 | answer[3], ==, CD_BYTES / 2048 - 1);
  g_assert_cmpint (answer[6] << 8 | answer[7], ==, 2048);
  PACKET (f, 64, 0x43, 0, 0, 0, 0, 0, 0, 0, 64);
  g_assert_cmpint (read_answer (f, answer, sizeof answer), ==, 20);
  g_assert_cmphex (answer[14], ==, 0xaa);
  g_assert_cmpint (answer[18] << 8 | answer[19], ==, CD_BYTES / 2048);
  PACKET (f, 64, 0x46, 0, 0, 0, 0, 0, 0, 0, 64);
  g_assert_cmpint (read_answer (f, answer, sizeof answer), >, 8);
  g_assert_cmphex (answer[7], ==, 0x08);        /* a CD */
  PACKET (f, 64, 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 64);
  g_assert_cmpint (read_answer (f, answer, sizeof answer), ==, 28);
  g_assert_cmphex (answer[8], ==, 0x2a);
}

static void
blocks_beyond_the_medium_are_refused (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (PACKET (f, 2048, 0x28, 0, 0, 0, 1, 44, 0, 0, 1) & ATA_ERR, ==, ATA_ERR);
  g_assert_cmphex (in (f, 0x171, 1), ==, 0x54);
  assert_sense (f, 5, 0x2100);
  PACKET (f, 2048, 0xff);
  assert_sense (f, 5, 0x2000);
}

static void
change_medium (Fixture *f, guint32 medium)
{
  guint32 packet = GUINT32_TO_LE (medium);

  drive_input (f->cd_drive, &packet, sizeof packet);
}

static void
a_change_of_the_medium_is_told (Fixture *f, gconstpointer data)
{
  guint other = drive_add_medium (f->cd_drive, storage_add_disk (&f->storage, 100 * 2048, TRUE));
  guint8 answer[8];

  change_medium (f, 0);
  g_assert_cmphex (PACKET (f, 8, 0) & ATA_ERR, ==, ATA_ERR);
  assert_sense (f, 2, 0x3a01);
  PACKET (f, 8, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
  read_answer (f, answer, 8);
  g_assert_cmphex (answer[4], ==, 3);           /* removed */
  change_medium (f, other);
  PACKET (f, 8, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
  read_answer (f, answer, 8);
  g_assert_cmphex (answer[4], ==, 2);           /* new */
  g_assert_cmphex (answer[5], ==, 2);
  g_assert_cmphex (PACKET (f, 8, 0) & ATA_ERR, ==, ATA_ERR);
  g_assert_cmphex (in (f, 0x171, 1) >> 4, ==, 6);
  g_assert_cmphex (PACKET (f, 8, 0) & ATA_ERR, ==, 0);
  PACKET (f, 8, 0x25);
  read_answer (f, answer, 8);
  g_assert_cmpint (answer[3], ==, 99);
}

static void
the_tray_is_locked_opened_and_closed (Fixture *f, gconstpointer data)
{
  PACKET (f, 8, 0x1e, 0, 0, 0, 1);
  g_assert_true (drive_is_locked (f->cd_drive));
  g_assert_cmphex (PACKET (f, 8, 0x1b, 0, 0, 0, 2) & ATA_ERR, ==, ATA_ERR);
  assert_sense (f, 5, 0x5302);
  PACKET (f, 8, 0x1e, 0, 0, 0, 0);
  g_assert_cmphex (PACKET (f, 8, 0x1b, 0, 0, 0, 2) & ATA_ERR, ==, 0);
  g_assert_true (drive_is_open (f->cd_drive));
  PACKET (f, 8, 0);
  assert_sense (f, 2, 0x3a02);
  PACKET (f, 8, 0x1b, 0, 0, 0, 3);
  g_assert_false (drive_is_open (f->cd_drive));
  PACKET (f, 8, 0);
  assert_sense (f, 6, 0x2800);
}

#define ADD(name) g_test_add ("/hw/ide-piix/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_disk_identifies_itself);
  ADD (sectors_are_read_one_block_an_interrupt);
  ADD (data_are_read_as_double_words_too);
  ADD (cylinders_heads_and_sectors_are_translated);
  ADD (multiple_sectors_come_in_one_block);
  ADD (what_is_written_is_read_and_flushed_to_the_image);
  ADD (sectors_beyond_the_disk_are_not_found);
  ADD (dma_goes_by_descriptors);
  ADD (too_little_memory_ends_dma_with_an_error);
  ADD (without_bus_mastering_nothing_is_moved);
  ADD (what_is_forgotten_reads_as_zeros);
  ADD (health_is_good);
  ADD (interrupts_can_be_switched_off);
  ADD (a_reset_shows_signatures);
  ADD (a_drive_that_is_not_there_answers_nothing);
  ADD (ports_are_decoded_when_the_function_says_so);
  ADD (a_command_in_flight_is_restored);
  ADD (a_cd_drive_identifies_itself);
  ADD (blocks_are_read_within_the_byte_limit);
  ADD (blocks_are_read_by_dma);
  ADD (raw_sectors_have_headers);
  ADD (capacity_and_contents_are_those_of_the_medium);
  ADD (blocks_beyond_the_medium_are_refused);
  ADD (a_change_of_the_medium_is_told);
  ADD (the_tray_is_locked_opened_and_closed);
  return g_test_run ();
}
