/* Flash memory: commands, programming, what is kept. */
#include "config.h"

#include "core/machine.h"
#include "hw/boards/pflash.h"
#include "hw/drive.h"
#include "tests/hw/device-fixture.h"

#include <string.h>

#define SIZE 0x4000u
#define AT   0xffffc000u

typedef struct
{
  AsternMachine *machine;
  AsternDevice  *drive, *flash;
  AsternDisk    *disk;
  guint8         image[SIZE];
  guint          flushes;
} Fixture;

static gboolean
image_read (gpointer user, guint64 offset, gpointer data, gsize size, GError **error)
{
  memcpy (data, ((Fixture *) user)->image + offset, size);
  return TRUE;
}

static gboolean
image_write (gpointer user, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  memcpy (((Fixture *) user)->image + offset, data, size);
  return TRUE;
}

static gboolean
image_flush (gpointer user, GError **error)
{
  ((Fixture *) user)->flushes++;
  return TRUE;
}

static void
set_up (Fixture *f, gconstpointer readonly)
{
  AsternDiskImage image = {
    .size = SIZE, .readonly = readonly != NULL, .read = image_read, .write = image_write, .flush = image_flush, .user = f,
  };
  g_autoptr (GError) error = NULL;

  memset (f->image, 0xff, SIZE);
  f->image[0x123] = 0x5a;
  f->machine = astern_machine_new ((1 << 20) + astern_disk_capacity (&image), &error);
  g_assert_no_error (error);
  f->disk = astern_disk_new (f->machine, "flash0", &image, FALSE, &error);
  g_assert_no_error (error);
  f->drive = astern_device_new (&drive_class, "drive", f->machine, &f->machine->clock);
  astern_machine_add_device (f->machine, f->drive);
  drive_insert (f->drive, drive_add_medium (f->drive, f->disk));
  f->flash = astern_device_new (&pflash_class, "pflash0", f->machine, &f->machine->clock);
  astern_machine_add_device (f->machine, f->flash);
  g_assert_true (pflash_set_drive (f->flash, f->drive, &error));
  pflash_map (f->flash, f->machine->physical, AT, 1);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_disk_free (f->disk);
  astern_machine_free (f->machine);
}

static guint64
load (Fixture *f, guint64 address, guint size)
{
  AsternAccess access = { { address }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  return astern_bus_read (f->machine->physical, &access);
}

static void
store (Fixture *f, guint64 address, guint8 value)
{
  AsternAccess access = { { address }, 1, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (f->machine->physical, &access, value);
}

static void
it_is_read_as_memory_until_it_is_told_otherwise (Fixture *f, gconstpointer data)
{
  AsternRoute route;

  g_assert_cmphex (load (f, AT + 0x123, 1), ==, 0x5a);
  astern_bus_route (f->machine->physical, AT, &route);
  g_assert_cmpint (route.read.kind, ==, ASTERN_TARGET_MEMORY);
  store (f, AT, 0x70);
  g_assert_cmphex (load (f, AT + 0x123, 1), ==, 0x80);
  store (f, AT, 0x90);
  g_assert_cmphex (load (f, AT, 2), ==, 0x1889);
  store (f, AT, 0x98);
  g_assert_cmphex (load (f, AT + 0x10, 1), ==, 'Q');
  g_assert_cmpint (load (f, AT + 0x27, 1), ==, 14);
  store (f, AT, 0xff);
  g_assert_cmphex (load (f, AT + 0x123, 1), ==, 0x5a);
}

static void
programming_clears_bits_and_erasing_sets_them (Fixture *f, gconstpointer data)
{
  store (f, AT + 0x123, 0x40);
  store (f, AT + 0x123, 0x0f);
  g_assert_cmphex (load (f, AT, 1), ==, 0x80);
  store (f, AT, 0xff);
  g_assert_cmphex (load (f, AT + 0x123, 1), ==, 0x0a);
  store (f, AT + 0x100, 0x20);
  store (f, AT + 0x100, 0xd0);
  store (f, AT, 0xff);
  g_assert_cmphex (load (f, AT + 0x123, 1), ==, 0xff);
}

static void
a_buffer_is_programmed_when_it_is_confirmed (Fixture *f, gconstpointer data)
{
  store (f, AT + 0x1000, 0xe8);
  store (f, AT + 0x1000, 2);
  store (f, AT + 0x1001, 0x11);
  store (f, AT + 0x1002, 0x22);
  store (f, AT + 0x1003, 0x33);
  store (f, AT + 0x1000, 0xd0);
  store (f, AT, 0xff);
  g_assert_cmphex (load (f, AT + 0x1000, 4), ==, 0x332211ff);
}

static void
what_was_programmed_reaches_the_image (Fixture *f, gconstpointer data)
{
  store (f, AT + 0x2000, 0x10);
  store (f, AT + 0x2000, 0x77);
  g_assert_cmpint (f->flushes, ==, 0);
  clock_run (&f->machine->clock, 30 * 1000 * 1000);
  g_assert_cmpint (f->flushes, ==, 1);
  g_assert_cmphex (f->image[0x2000], ==, 0x77);
}

static void
a_read_only_one_refuses (Fixture *f, gconstpointer data)
{
  store (f, AT + 0x2000, 0x10);
  store (f, AT + 0x2000, 0x77);
  g_assert_cmphex (load (f, AT, 1), ==, 0x90);
  store (f, AT, 0x50);
  g_assert_cmphex (load (f, AT + 0x2000, 1), ==, 0xff);
}

#define ADD(name) g_test_add ("/hw/boards/pflash/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (it_is_read_as_memory_until_it_is_told_otherwise);
  ADD (programming_clears_bits_and_erasing_sets_them);
  ADD (a_buffer_is_programmed_when_it_is_confirmed);
  ADD (what_was_programmed_reaches_the_image);
  g_test_add ("/hw/boards/pflash/a_read_only_one_refuses", Fixture, "readonly", set_up, a_read_only_one_refuses, tear_down);
  return g_test_run ();
}
