/* test-fdc82078.c - the floppy controller with the DMA controllers and two drives, driven as a driver does. */
#include "config.h"

#include "hw/i8237.h"
#include "hw/isa.h"
#include "hw/storage/fdc82078.h"
#include "hw/storage/floppy.h"

#include "storage-fixture.h"

#define FLOPPY_BYTES (1440u << 10)
#define DATA_AT      0x20000
#define MS           1000000u

enum { DOR = 0x3f2, MSR = 0x3f4, FIFO = 0x3f5, DIR_CCR = 0x3f7 };
enum { RQM = 0x80, DIO = 0x40, BUSY = 0x10 };

typedef struct
{
  Storage       storage;
  AsternDevice *fdc, *dma, *floppies[2], *drives[2];
  gboolean      irq;
  guint         rises;
} Fixture;

static void
set_irq (gpointer receiver, guint line, gboolean level)
{
  Fixture *f = receiver;

  g_assert_cmpint (line, ==, 6);
  if (level && !f->irq)
    f->rises++;
  f->irq = level;
}

static guint8
in (Fixture *f, guint port)
{
  const AsternAccess access = { { port }, 1, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  return (guint8) astern_bus_read (f->storage.machine->ports, &access);
}

static void
out (Fixture *f, guint port, guint value)
{
  const AsternAccess access = { { port }, 1, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (f->storage.machine->ports, &access, value);
}

static void
send (Fixture *f, const guint8 *bytes, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmphex (in (f, MSR) & (RQM | DIO), ==, RQM);
      out (f, FIFO, bytes[i]);
    }
}

#define SEND(f, ...) send ((f), (const guint8[]) { __VA_ARGS__ }, sizeof ((const guint8[]) { __VA_ARGS__ }))

static guint
receive (Fixture *f, guint8 *bytes)
{
  guint n = 0;

  while ((in (f, MSR) & (RQM | DIO)) == (RQM | DIO))
    {
      g_assert_cmpint (n, <, 16);
      bytes[n++] = in (f, FIFO);
    }
  return n;
}

/* The result of one byte or more, after @ns. */
static void
assert_result (Fixture *f, guint64 ns, const guint8 *expected, guint n)
{
  guint8 result[16];

  storage_pass (&f->storage, ns);
  g_assert_cmpint (receive (f, result), ==, n);
  g_assert_cmpmem (result, n, expected, n);
}

#define RESULT(f, ns, ...) \
  assert_result ((f), (ns), (const guint8[]) { __VA_ARGS__ }, sizeof ((const guint8[]) { __VA_ARGS__ }))

static AsternDevice *
add (Fixture *f, const AsternDeviceClass *klass, const char *name)
{
  AsternDevice *device = astern_device_new (klass, name, f->storage.machine, &f->storage.machine->clock);

  astern_machine_add_device (f->storage.machine, device);
  return device;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  AsternIsaBus isa;

  memset (f, 0, sizeof *f);
  storage_init (&f->storage);
  f->drives[0] = storage_add_drive (&f->storage, "a", DRIVE_FLOPPY, storage_add_disk (&f->storage, FLOPPY_BYTES, FALSE));
  f->drives[1] = storage_add_drive (&f->storage, "b", DRIVE_FLOPPY, storage_add_disk (&f->storage, 720 << 10, TRUE));
  f->dma = add (f, &i8237_class, "dma");
  i8237_connect (f->dma, f->storage.machine->physical);
  astern_bus_add_device (f->storage.machine->ports, 0x00, f->dma, I8237_LOW_WINDOW, 0);
  astern_bus_add_device (f->storage.machine->ports, 0x80, f->dma, I8237_PAGE_WINDOW, 0);
  astern_bus_add_device (f->storage.machine->ports, 0xc0, f->dma, I8237_HIGH_WINDOW, 0);
  isa = (AsternIsaBus) { f->storage.machine->ports, f->storage.machine->physical, set_irq, f, f->dma };
  f->fdc = add (f, &fdc82078_class, "fdc");
  fdc82078_attach (f->fdc, &isa);
  for (guint unit = 0; unit < 2; unit++)
    {
      f->floppies[unit] = add (f, &floppy_class, unit == 0 ? "floppy0" : "floppy1");
      floppy_set_drive (f->floppies[unit], f->drives[unit]);
      g_assert_true (fdc82078_plug (f->fdc, unit, f->floppies[unit]));
    }
  astern_machine_reset (f->storage.machine);
  out (f, 0xd6, 0xc0);                  /* the cascade */
  out (f, 0xd4, 0x00);
  out (f, DOR, 0x1c);                   /* drive A's motor, DMA and interrupts, no reset */
  storage_pass (&f->storage, MS);
  g_assert_true (f->irq);
  for (guint n = 0; n < 4; n++)
    {
      SEND (f, 0x08);
      RESULT (f, 0, (guint8) (0xc0 | n), 0);
    }
  g_assert_false (f->irq);
  SEND (f, 0x03, 0xdf, 0x02);           /* by DMA */
  out (f, DIR_CCR, 0);                      /* 500 kbit/s */
  f->rises = 0;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  storage_clear (&f->storage);
}

/* Channel 2, @size bytes at DATA_AT + @at. */
static void
set_up_dma (Fixture *f, guint mode, guint at, guint size)
{
  guint32 address = DATA_AT + at;

  out (f, 0x0a, 0x06);
  out (f, 0x0c, 0);
  out (f, 0x0b, mode);
  out (f, 0x04, address & 0xff);
  out (f, 0x04, address >> 8 & 0xff);
  out (f, 0x81, address >> 16);
  out (f, 0x05, (size - 1) & 0xff);
  out (f, 0x05, (size - 1) >> 8);
  out (f, 0x0a, 0x02);
}

static void
seek (Fixture *f, guint drive, guint cylinder)
{
  SEND (f, 0x0f, (guint8) drive, (guint8) cylinder);
  storage_pass (&f->storage, 10 * MS);
  SEND (f, 0x08);
  RESULT (f, 0, (guint8) (0x20 | drive), (guint8) cylinder);
}

static guint64
offset_of (guint cylinder, guint head, guint sector)
{
  return ((guint64) (cylinder * 2 + head) * 18 + sector - 1) * 512;
}

static void
assert_pattern (const guint8 *data, guint64 at, guint size)
{
  for (guint i = 0; i < size; i++)
    g_assert_cmphex (data[i], ==, storage_pattern (at + i));
}

/* Three cylinders and a sector, as GRUB's rescue floppy is shorter than its disk. */
static void
a_short_image_is_the_beginning_of_a_disk (Fixture *f, gconstpointer data)
{
  gsize size = (3 * 36 + 1) * 512;

  floppy_set_drive (f->floppies[0], storage_add_drive (&f->storage, "short", DRIVE_FLOPPY, storage_add_disk (&f->storage, size, FALSE)));
  seek (f, 0, 3);
  set_up_dma (f, 0x46, 0, 2 * 512);
  SEND (f, 0xe6, 0x00, 3, 0, 1, 2, 18, 0x1b, 0xff);
  storage_pass (&f->storage, 10 * MS);
  RESULT (f, 0, 0x00, 0, 0, 3, 0, 3, 2);
  assert_pattern (storage_ram (&f->storage, DATA_AT), size - 512, 512);
  for (guint i = 512; i < 1024; i++)
    g_assert_cmphex (storage_ram (&f->storage, DATA_AT)[i], ==, 0);
}

static void
sectors_are_read_by_dma (Fixture *f, gconstpointer data)
{
  seek (f, 0, 3);
  f->rises = 0;
  set_up_dma (f, 0x46, 0, 2 * 512);
  SEND (f, 0xe6, 0x00, 3, 0, 5, 2, 18, 0x1b, 0xff);
  g_assert_cmphex (in (f, MSR), ==, BUSY);      /* nothing takes no time */
  storage_pass (&f->storage, 10 * MS);
  g_assert_cmpint (f->rises, ==, 1);
  RESULT (f, 0, 0x00, 0, 0, 3, 0, 7, 2);
  g_assert_false (f->irq);
  assert_pattern (storage_ram (&f->storage, DATA_AT), offset_of (3, 0, 5), 1024);
  g_assert_cmphex (in (f, 0x08) & 0x04, ==, 0x04);      /* terminal count */
  g_assert_cmphex (in (f, 0x0f) & 0x04, ==, 0x04);      /* masked again */
}

static void
both_sides_are_read_in_one_go (Fixture *f, gconstpointer data)
{
  set_up_dma (f, 0x46, 0, 36 * 512);
  SEND (f, 0xe6, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
  RESULT (f, 10 * MS, 0x04, 0, 0, 1, 0, 1, 2);
  assert_pattern (storage_ram (&f->storage, DATA_AT), 0, 36 * 512);
}

static void
the_end_of_the_cylinder_without_terminal_count_is_an_error (Fixture *f, gconstpointer data)
{
  set_up_dma (f, 0x46, 0, 4096);
  SEND (f, 0x66, 0x00, 0, 0, 17, 2, 18, 0x1b, 0xff);
  RESULT (f, 10 * MS, 0x40, 0x80, 0, 1, 0, 1, 2);
}

static void
a_masked_channel_is_waited_for (Fixture *f, gconstpointer data)
{
  set_up_dma (f, 0x46, 0, 512);
  out (f, 0x0a, 0x06);
  SEND (f, 0xe6, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
  storage_pass (&f->storage, 10 * MS);
  g_assert_cmphex (in (f, MSR), ==, BUSY);
  g_assert_cmphex (in (f, 0x08) >> 4, ==, 0x04);        /* it asks */
  out (f, 0x0a, 0x02);
  RESULT (f, 10 * MS, 0x00, 0, 0, 0, 0, 2, 2);
  assert_pattern (storage_ram (&f->storage, DATA_AT), 0, 512);
}

static void
what_is_written_is_there (Fixture *f, gconstpointer data)
{
  seek (f, 0, 1);
  memset (storage_ram (&f->storage, DATA_AT), 0x77, 512);
  set_up_dma (f, 0x4a, 0, 512);
  SEND (f, 0xc5, 0x04, 1, 1, 2, 2, 18, 0x1b, 0xff);
  RESULT (f, 10 * MS, 0x04, 0, 0, 1, 1, 3, 2);
  drive_flush (f->drives[0]);
  g_assert_cmphex (f->storage.images[0].bytes[offset_of (1, 1, 2)], ==, 0x77);
  g_assert_cmphex (f->storage.images[0].bytes[offset_of (1, 1, 2) + 511], ==, 0x77);
  g_assert_cmphex (f->storage.images[0].bytes[offset_of (1, 1, 3)], ==, storage_pattern (offset_of (1, 1, 3)));
}

static void
a_write_protected_medium_is_not_written (Fixture *f, gconstpointer data)
{
  out (f, DOR, 0x2d);
  out (f, DIR_CCR, 2);
  set_up_dma (f, 0x4a, 0, 512);
  SEND (f, 0xc5, 0x01, 0, 0, 1, 2, 9, 0x1b, 0xff);
  RESULT (f, 10 * MS, 0x41, 0x02, 0, 0, 0, 1, 2);
  SEND (f, 0x04, 0x01);
  RESULT (f, 0, 0x79);
}

static void
a_medium_of_another_rate_is_not_read (Fixture *f, gconstpointer data)
{
  out (f, DOR, 0x2d);
  set_up_dma (f, 0x46, 0, 512);
  SEND (f, 0xe6, 0x01, 0, 0, 1, 2, 9, 0x1b, 0xff);
  RESULT (f, 10 * MS, 0x41, 0x01, 0, 0, 0, 1, 2);
  out (f, DIR_CCR, 2);                      /* 250 kbit/s */
  SEND (f, 0x4a, 0x01);
  RESULT (f, 10 * MS, 0x01, 0, 0, 0, 0, 1, 2);
}

static void
other_cylinders_and_sectors_are_not_found (Fixture *f, gconstpointer data)
{
  set_up_dma (f, 0x46, 0, 512);
  SEND (f, 0xe6, 0x00, 9, 0, 1, 2, 18, 0x1b, 0xff);
  RESULT (f, 10 * MS, 0x40, 0x04, 0x10, 9, 0, 1, 2);
  SEND (f, 0xe6, 0x00, 0, 0, 19, 2, 19, 0x1b, 0xff);
  RESULT (f, 10 * MS, 0x40, 0x04, 0, 0, 0, 19, 2);
}

static void
the_host_can_take_the_bytes_itself (Fixture *f, gconstpointer data)
{
  g_autoptr (GVariant) saved = NULL;
  guint8 sector[512];

  SEND (f, 0x03, 0xdf, 0x03);
  SEND (f, 0x46, 0x00, 0, 0, 18, 2, 18, 0x1b, 0xff);
  storage_pass (&f->storage, 10 * MS);
  for (guint i = 0; i < 512; i++)
    {
      g_assert_cmphex (in (f, MSR), ==, RQM | DIO | 0x20 | BUSY);
      sector[i] = in (f, FIFO);
    }
  assert_pattern (sector, offset_of (0, 0, 18), 512);
  /* The result is still there in a machine that was put back to before it was read. */
  saved = g_variant_ref_sink (astern_device_save (f->fdc));
  g_assert_true (astern_device_load (f->fdc, saved, NULL));
  RESULT (f, 10 * MS, 0x40, 0x80, 0, 1, 0, 1, 2);
}

static void
a_track_is_formatted (Fixture *f, gconstpointer data)
{
  guint8 *ids = storage_ram (&f->storage, DATA_AT);

  seek (f, 0, 2);
  for (guint i = 0; i < 18; i++)
    memcpy (ids + 4 * i, ((guint8[4]) { 2, 1, (guint8) (i + 1), 2 }), 4);
  set_up_dma (f, 0x4a, 0, 18 * 4);
  SEND (f, 0x4d, 0x04, 2, 18, 0x50, 0xf6);
  storage_pass (&f->storage, 10 * MS);
  RESULT (f, 0, 0x04, 0, 0, 2, 1, 1, 2);
  drive_flush (f->drives[0]);
  for (guint i = 0; i < 18 * 512; i++)
    g_assert_cmphex (f->storage.images[0].bytes[offset_of (2, 1, 1) + i], ==, 0xf6);
  g_assert_cmphex (f->storage.images[0].bytes[offset_of (3, 0, 1)], ==, storage_pattern (offset_of (3, 0, 1)));
}

static void
the_change_line_falls_when_the_arm_moves_over_a_medium (Fixture *f, gconstpointer data)
{
  guint32 none = 0, first = GUINT32_TO_LE (1);

  g_assert_cmphex (in (f, DIR_CCR) & 0x80, ==, 0x80);
  seek (f, 0, 1);
  g_assert_cmphex (in (f, DIR_CCR) & 0x80, ==, 0);
  drive_input (f->drives[0], &none, sizeof none);
  g_assert_cmphex (in (f, DIR_CCR) & 0x80, ==, 0x80);
  seek (f, 0, 0);
  g_assert_cmphex (in (f, DIR_CCR) & 0x80, ==, 0x80);
  drive_input (f->drives[0], &first, sizeof first);
  seek (f, 0, 1);
  g_assert_cmphex (in (f, DIR_CCR) & 0x80, ==, 0);
}

static void
without_a_medium_nothing_is_read (Fixture *f, gconstpointer data)
{
  guint32 none = 0;

  drive_input (f->drives[0], &none, sizeof none);
  set_up_dma (f, 0x46, 0, 512);
  SEND (f, 0xe6, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
  RESULT (f, 10 * MS, 0x40, 0x01, 0, 0, 0, 1, 2);
}

static void
recalibration_finds_track_0_of_a_drive_that_is_there (Fixture *f, gconstpointer data)
{
  seek (f, 0, 40);
  SEND (f, 0x07, 0x00);
  g_assert_cmphex (in (f, MSR), ==, RQM | 0x01);
  storage_pass (&f->storage, 10 * MS);
  SEND (f, 0x08);
  RESULT (f, 0, 0x20, 0);
  SEND (f, 0x07, 0x02);
  storage_pass (&f->storage, 10 * MS);
  SEND (f, 0x08);
  RESULT (f, 0, 0x72, 0);
  SEND (f, 0x08);                       /* nothing to tell of */
  RESULT (f, 0, 0x80);
}

static void
registers_are_told (Fixture *f, gconstpointer data)
{
  SEND (f, 0x10);
  RESULT (f, 0, 0x90);
  SEND (f, 0x18);
  RESULT (f, 0, 0x41);
  SEND (f, 0x94);
  RESULT (f, 0, 0x10);
  SEND (f, 0x12, 0x81 | 0x04);
  SEND (f, 0x13, 0, 0x57, 3);
  SEND (f, 0x0e);
  RESULT (f, 0, 0, 0, 0, 0, 0xdf, 0x02, 0, 0x85, 0x57, 3);
  SEND (f, 0x1f);
  RESULT (f, 0, 0x80);
  SEND (f, 0x14);
  RESULT (f, 0, 0x00);
}

static void
seeks_can_be_implied (Fixture *f, gconstpointer data)
{
  SEND (f, 0x13, 0, 0x40, 0);
  set_up_dma (f, 0x46, 0, 512);
  SEND (f, 0xe6, 0x00, 30, 0, 1, 2, 18, 0x1b, 0xff);
  RESULT (f, 10 * MS, 0x00, 0, 0, 30, 0, 2, 2);
  assert_pattern (storage_ram (&f->storage, DATA_AT), offset_of (30, 0, 1), 512);
}

/* -- The DMA controllers alone */

static void
a_channel_begins_anew_by_itself (Fixture *f, gconstpointer data)
{
  guint8 bytes[6] = { 1, 2, 3, 4, 5, 6 };
  gboolean terminal;

  set_up_dma (f, 0x56, 0x10, 4);
  g_assert_cmpint (i8237_to_memory (f->dma, 2, bytes, 6, &terminal), ==, 4);
  g_assert_true (terminal);
  g_assert_cmpint (i8237_to_memory (f->dma, 2, bytes + 4, 2, &terminal), ==, 2);
  g_assert_false (terminal);
  g_assert_cmpmem (storage_ram (&f->storage, DATA_AT + 0x10), 4, ((guint8[]) { 5, 6, 3, 4 }), 4);
  g_assert_cmpint (i8237_left (f->dma, 2), ==, 2);
}

static void
addresses_count_down_and_stay_in_their_page (Fixture *f, gconstpointer data)
{
  guint8 bytes[4] = { 1, 2, 3, 4 };

  set_up_dma (f, 0x66, 1, 4);
  g_assert_cmpint (i8237_to_memory (f->dma, 2, bytes, 4, NULL), ==, 4);
  g_assert_cmphex (*storage_ram (&f->storage, DATA_AT + 1), ==, 1);
  g_assert_cmphex (*storage_ram (&f->storage, DATA_AT), ==, 2);
  g_assert_cmphex (*storage_ram (&f->storage, DATA_AT + 0xffff), ==, 3);
  g_assert_cmphex (*storage_ram (&f->storage, DATA_AT + 0xfffe), ==, 4);
}

static void
a_direction_that_is_not_set_up_moves_nothing (Fixture *f, gconstpointer data)
{
  guint8 bytes[4] = { 1, 2, 3, 4 };

  set_up_dma (f, 0x46, 0, 4);
  g_assert_cmpint (i8237_from_memory (f->dma, 2, bytes, 4, NULL), ==, 0);
  out (f, 0x08, 0x04);                  /* the controller is off */
  g_assert_cmpint (i8237_to_memory (f->dma, 2, bytes, 4, NULL), ==, 0);
  out (f, 0x08, 0x00);
  out (f, 0xd4, 0x04);                  /* the cascade is masked */
  g_assert_cmpint (i8237_to_memory (f->dma, 2, bytes, 4, NULL), ==, 0);
}

static void
upper_channels_move_words (Fixture *f, gconstpointer data)
{
  guint8 bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
  gboolean terminal;

  out (f, 0xd8, 0);
  out (f, 0xd6, 0x45);                  /* channel 5 to memory */
  out (f, 0xc4, 0x00);
  out (f, 0xc4, 0x08);                  /* 0x0800 words */
  out (f, 0xc6, 0x02);
  out (f, 0xc6, 0x00);
  out (f, 0x8b, 0x03);                  /* bit 0 is not looked at */
  out (f, 0xd4, 0x01);
  g_assert_cmpint (i8237_to_memory (f->dma, 5, bytes, 8, &terminal), ==, 6);
  g_assert_true (terminal);
  g_assert_cmpmem (storage_ram (&f->storage, 0x21000), 6, bytes, 6);
  g_assert_cmphex (*storage_ram (&f->storage, 0x21006), ==, 0);
}

static void
registers_are_read_through_the_flip_flop (Fixture *f, gconstpointer data)
{
  set_up_dma (f, 0x46, 0x1234, 0x200);
  out (f, 0x0c, 0);
  g_assert_cmphex (in (f, 0x04), ==, 0x34);
  g_assert_cmphex (in (f, 0x04), ==, 0x12);
  g_assert_cmphex (in (f, 0x05), ==, 0xff);
  g_assert_cmphex (in (f, 0x05), ==, 0x01);
  g_assert_cmphex (in (f, 0x81), ==, 0x02);
  out (f, 0x0d, 0);
  g_assert_cmphex (in (f, 0x0f), ==, 0x0f);
}

#define ADD(name) g_test_add ("/hw/fdc82078/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_short_image_is_the_beginning_of_a_disk);
  ADD (sectors_are_read_by_dma);
  ADD (both_sides_are_read_in_one_go);
  ADD (the_end_of_the_cylinder_without_terminal_count_is_an_error);
  ADD (a_masked_channel_is_waited_for);
  ADD (what_is_written_is_there);
  ADD (a_write_protected_medium_is_not_written);
  ADD (a_medium_of_another_rate_is_not_read);
  ADD (other_cylinders_and_sectors_are_not_found);
  ADD (the_host_can_take_the_bytes_itself);
  ADD (a_track_is_formatted);
  ADD (the_change_line_falls_when_the_arm_moves_over_a_medium);
  ADD (without_a_medium_nothing_is_read);
  ADD (recalibration_finds_track_0_of_a_drive_that_is_there);
  ADD (registers_are_told);
  ADD (seeks_can_be_implied);
  ADD (a_channel_begins_anew_by_itself);
  ADD (addresses_count_down_and_stay_in_their_page);
  ADD (a_direction_that_is_not_set_up_moves_nothing);
  ADD (upper_channels_move_words);
  ADD (registers_are_read_through_the_flip_flop);
  return g_test_run ();
}
