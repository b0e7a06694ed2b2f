/* test-scsi.c - SCSI units, commands and requests. */
#include "config.h"

#include "hw/storage/scsi.h"

#include "storage-fixture.h"

#define DISK_BYTES (4u << 20)
#define CD_BYTES   (1u << 20)

enum { DISK_LUN = 0, CD_LUN = 1 };
enum { NOT_READY = 2, ILLEGAL_REQUEST = 5, UNIT_ATTENTION = 6, DATA_PROTECT = 7, MISCOMPARE = 14 };

typedef struct
{
  Storage       storage;
  ScsiBus       bus;
  AsternDevice *hd, *cd, *hd_drive, *cd_drive;
  guint         second_medium;
  ScsiRequest   r;
  guint8        data[65536];
} Fixture;

static ScsiStatus
command (Fixture *f, guint lun, const guint8 *cdb)
{
  scsi_request_begin (&f->r, &f->bus, 3, lun, cdb, scsi_cdb_length (cdb[0]));
  g_assert_cmpuint (f->r.length, <=, sizeof f->data);
  if (f->r.direction == SCSI_DATA_IN)
    scsi_request_read (&f->r, &f->bus, f->data, f->r.length);
  if (f->r.direction == SCSI_DATA_OUT)
    scsi_request_write (&f->r, &f->bus, f->data, f->r.length);
  return scsi_request_finish (&f->r, &f->bus);
}

#define COMMAND(f, lun, ...) command ((f), (lun), (const guint8[SCSI_CDB_BYTES]) { __VA_ARGS__ })
#define assert_good(f, lun, ...) g_assert_cmphex (COMMAND (f, lun, __VA_ARGS__), ==, SCSI_GOOD)
#define assert_check(f, key, code, lun, ...) G_STMT_START {                                          \
    g_assert_cmphex (COMMAND (f, lun, __VA_ARGS__), ==, SCSI_CHECK_CONDITION);                       \
    g_assert_cmphex ((f)->r.sense[2], ==, (key));                                                    \
    g_assert_cmphex ((f)->r.sense[12] << 8 | (f)->r.sense[13], ==, (code));                          \
  } G_STMT_END

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  storage_init (&f->storage);
  f->hd_drive = storage_add_drive (&f->storage, "drive-hd", DRIVE_DISK, storage_add_disk (&f->storage, DISK_BYTES, FALSE));
  f->cd_drive = storage_add_drive (&f->storage, "drive-cd", DRIVE_CDROM, storage_add_disk (&f->storage, CD_BYTES, TRUE));
  f->second_medium = drive_add_medium (f->cd_drive, storage_add_disk (&f->storage, CD_BYTES / 2, TRUE));
  drive_set_serial (f->hd_drive, "S123");
  f->hd = astern_device_new (&scsi_hd_class, "hd", f->storage.machine, &f->storage.machine->clock);
  f->cd = astern_device_new (&scsi_cd_class, "cd", f->storage.machine, &f->storage.machine->clock);
  astern_machine_add_device (f->storage.machine, f->hd);
  astern_machine_add_device (f->storage.machine, f->cd);
  scsi_unit_set_drive (scsi_device_unit (f->hd), f->hd_drive);
  scsi_unit_set_drive (scsi_device_unit (f->cd), f->cd_drive);
  f->bus = (ScsiBus) { .n_targets = 8, .n_luns = 4 };
  g_assert_true (scsi_bus_attach (&f->bus, scsi_device_unit (f->hd), 3, DISK_LUN, &error));
  g_assert_true (scsi_bus_attach (&f->bus, scsi_device_unit (f->cd), 3, CD_LUN, &error));
  if (data == NULL)                /* unit attentions out of the way */
    for (guint lun = 0; lun < 2; lun++)
      assert_check (f, UNIT_ATTENTION, 0x2900, lun, 0x00);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  storage_clear (&f->storage);
}

static void
put_pattern (guint8 *to, guint64 offset, gsize size)
{
  for (gsize i = 0; i < size; i++)
    to[i] = storage_pattern (offset + i);
}

static void
assert_pattern (const guint8 *data, guint64 offset, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (data[i] != storage_pattern (offset + i))
      g_error ("byte %" G_GSIZE_FORMAT " is 0x%02x, not 0x%02x", i, data[i], storage_pattern (offset + i));
}

static guint
be16 (const guint8 *p)
{
  return p[0] << 8 | p[1];
}

static guint32
be32 (const guint8 *p)
{
  return (guint32) be16 (p) << 16 | be16 (p + 2);
}

/* -- The claims */

static void
power_on_is_told_once_but_inquiry_does_not_mind (Fixture *f, gconstpointer data)
{
  assert_good (f, DISK_LUN, 0x12, 0, 0, 0, 36);
  assert_good (f, DISK_LUN, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 64);
  assert_check (f, UNIT_ATTENTION, 0x2900, DISK_LUN, 0x28, 0, 0, 0, 0, 0, 0, 0, 1);
  assert_good (f, DISK_LUN, 0x28, 0, 0, 0, 0, 0, 0, 0, 1);
}

static void
sense_is_kept_for_request_sense_until_another_command (Fixture *f, gconstpointer data)
{
  assert_check (f, ILLEGAL_REQUEST, 0x2000, DISK_LUN, 0xff);
  assert_good (f, DISK_LUN, 0x03, 0, 0, 0, 18);
  g_assert_cmphex (f->data[0], ==, 0x70);
  g_assert_cmphex (f->data[2], ==, ILLEGAL_REQUEST);
  g_assert_cmphex (be16 (&f->data[12]), ==, 0x2000);
  assert_good (f, DISK_LUN, 0x03, 0, 0, 0, 18);
  g_assert_cmphex (f->data[2], ==, 0);

  assert_check (f, ILLEGAL_REQUEST, 0x2000, DISK_LUN, 0xff);
  assert_good (f, DISK_LUN, 0x00);
  assert_good (f, DISK_LUN, 0x03, 0, 0, 0, 18);
  g_assert_cmphex (f->data[2], ==, 0);
}

static void
with_autosense_nothing_is_kept (Fixture *f, gconstpointer data)
{
  f->bus.autosense = TRUE;
  assert_check (f, ILLEGAL_REQUEST, 0x2000, DISK_LUN, 0xff);
  assert_good (f, DISK_LUN, 0x03, 0, 0, 0, 18);
  g_assert_cmphex (f->data[2], ==, 0);
}

static void
inquiry_says_what_it_is_and_is_cut_to_the_allocation (Fixture *f, gconstpointer data)
{
  assert_good (f, DISK_LUN, 0x12, 0, 0, 0, 255);
  g_assert_cmpuint (f->r.length, ==, 36);
  g_assert_cmphex (f->data[0], ==, 0);
  g_assert_cmpmem (&f->data[8], 24, "ASTERN  HARDDISK        ", 24);
  assert_good (f, CD_LUN, 0x12, 0, 0, 0, 5);
  g_assert_cmpuint (f->r.length, ==, 5);
  g_assert_cmphex (f->data[0], ==, 5);
  g_assert_cmphex (f->data[1], ==, 0x80);
  assert_check (f, ILLEGAL_REQUEST, 0x2400, DISK_LUN, 0x12, 0, 1, 0, 255);
}

static void
every_vpd_page_of_the_list_is_there (Fixture *f, gconstpointer data)
{
  guint8 pages[16];
  guint n;

  assert_good (f, DISK_LUN, 0x12, 1, 0, 0, 255);
  n = f->data[3];
  g_assert_cmpuint (n, ==, 6);
  memcpy (pages, f->data + 4, n);
  for (guint i = 0; i < n; i++)
    {
      assert_good (f, DISK_LUN, 0x12, 1, pages[i], 0, 255);
      g_assert_cmphex (f->data[1], ==, pages[i]);
      g_assert_cmpuint (f->r.length, ==, 4 + be16 (&f->data[2]));
    }
  assert_good (f, DISK_LUN, 0x12, 1, 0x80, 0, 255);
  g_assert_cmpmem (&f->data[4], f->data[3], "S123", 4);
  assert_check (f, ILLEGAL_REQUEST, 0x2400, CD_LUN, 0x12, 1, 0xb0, 0, 255);
}

static void
luns_are_reported_and_absent_ones_refused (Fixture *f, gconstpointer data)
{
  assert_good (f, DISK_LUN, 0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0);
  g_assert_cmpuint (be32 (f->data), ==, 16);
  g_assert_cmphex (f->data[17], ==, 1);
  assert_good (f, 2, 0x12, 0, 0, 0, 36);
  g_assert_cmphex (f->data[0], ==, 0x7f);
  assert_check (f, ILLEGAL_REQUEST, 0x2500, 2, 0x00);
  assert_good (f, 2, 0x03, 0, 0, 0, 18);
  g_assert_cmphex (be16 (&f->data[12]), ==, 0x2500);
}

static void
capacity_is_the_last_block (Fixture *f, gconstpointer data)
{
  assert_good (f, DISK_LUN, 0x25);
  g_assert_cmpuint (be32 (f->data), ==, DISK_BYTES / 512 - 1);
  g_assert_cmpuint (be32 (f->data + 4), ==, 512);
  assert_good (f, DISK_LUN, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32);
  g_assert_cmpuint (be32 (f->data + 4), ==, DISK_BYTES / 512 - 1);
  g_assert_cmphex (f->data[14] & 0xc0, ==, 0xc0);
  assert_good (f, CD_LUN, 0x25);
  g_assert_cmpuint (be32 (f->data), ==, CD_BYTES / 2048 - 1);
  g_assert_cmpuint (be32 (f->data + 4), ==, 2048);
}

static void
each_length_of_cdb_reads_and_writes (Fixture *f, gconstpointer data)
{
  static const guint8 reads[][SCSI_CDB_BYTES] = {
    { 0x08, 0, 1, 2, 3 }, { 0x28, 0, 0, 0, 1, 2, 0, 0, 3 }, { 0xa8, 0, 0, 0, 1, 2, 0, 0, 0, 3 },
    { 0x88, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3 },
  };
  static const guint8 writes[] = { 0x0a, 0x2a, 0xaa, 0x8a };

  for (guint i = 0; i < G_N_ELEMENTS (reads); i++)
    {
      guint8 cdb[SCSI_CDB_BYTES];

      memset (f->data, 0, sizeof f->data);
      g_assert_cmphex (command (f, DISK_LUN, reads[i]), ==, SCSI_GOOD);
      g_assert_cmpuint (f->r.length, ==, 3 * 512);
      assert_pattern (f->data, 0x102 * 512, 3 * 512);
      g_assert_cmpuint (f->r.latency_ns, ==, astern_disk_latency_ns (3 * 512));
      memcpy (cdb, reads[i], sizeof cdb);
      cdb[0] = writes[i];
      put_pattern (f->data, i * 1000, 3 * 512);
      g_assert_cmphex (command (f, DISK_LUN, cdb), ==, SCSI_GOOD);
      memset (f->data, 0, sizeof f->data);
      g_assert_cmphex (command (f, DISK_LUN, reads[i]), ==, SCSI_GOOD);
      assert_pattern (f->data, i * 1000, 3 * 512);
      put_pattern (f->data, 0x102 * 512, 3 * 512);
      g_assert_cmphex (command (f, DISK_LUN, cdb), ==, SCSI_GOOD);
    }
}

static void
pieces_of_any_size_are_the_whole (Fixture *f, gconstpointer data)
{
  const guint8 write[] = { 0x2a, 0, 0, 0, 0, 9, 0, 0, 16, 0 }, read[] = { 0x28, 0, 0, 0, 0, 9, 0, 0, 16, 0 };
  gsize at;

  put_pattern (f->data, 77, 8192);
  scsi_request_begin (&f->r, &f->bus, 3, DISK_LUN, write, sizeof write);
  for (at = 0; at < 8192; )
    {
      gsize n = MIN (1 + (gsize) g_test_rand_int_range (0, 700), 8192 - at);

      g_assert_true (scsi_request_write (&f->r, &f->bus, f->data + at, n));
      at += n;
    }
  g_assert_cmphex (scsi_request_finish (&f->r, &f->bus), ==, SCSI_GOOD);
  memset (f->data, 0, sizeof f->data);
  scsi_request_begin (&f->r, &f->bus, 3, DISK_LUN, read, sizeof read);
  for (at = 0; at < 8192; )
    {
      gsize n = MIN (1 + (gsize) g_test_rand_int_range (0, 700), 8192 - at);

      g_assert_true (scsi_request_read (&f->r, &f->bus, f->data + at, n));
      at += n;
    }
  g_assert_cmphex (scsi_request_finish (&f->r, &f->bus), ==, SCSI_GOOD);
  assert_pattern (f->data, 77, 8192);
}

static void
blocks_beyond_the_end_are_refused (Fixture *f, gconstpointer data)
{
  assert_good (f, DISK_LUN, 0x28, 0, 0, 0, 0x1f, 0xff, 0, 0, 1);
  assert_check (f, ILLEGAL_REQUEST, 0x2100, DISK_LUN, 0x28, 0, 0, 0, 0x1f, 0xff, 0, 0, 2);
  assert_check (f, ILLEGAL_REQUEST, 0x2100, DISK_LUN, 0x88, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255);
  assert_check (f, ILLEGAL_REQUEST, 0x2100, DISK_LUN, 0x93, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0);
  assert_check (f, ILLEGAL_REQUEST, 0x2100, CD_LUN, 0xbe, 0, 0, 0, 2, 0, 0, 0, 1, 0x10);
}

static void
flushes_reach_the_image (Fixture *f, gconstpointer data)
{
  guint before = f->storage.images[0].flushes;

  put_pattern (f->data, 5, 512);
  assert_good (f, DISK_LUN, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1);
  g_assert_cmpuint (f->storage.images[0].flushes, ==, before);
  assert_good (f, DISK_LUN, 0x35);
  g_assert_cmpuint (f->storage.images[0].flushes, ==, before + 1);
  assert_pattern (f->storage.images[0].bytes, 5, 512);
  put_pattern (f->data, 6, 512);
  assert_good (f, DISK_LUN, 0x2a, 0x08, 0, 0, 0, 0, 0, 0, 1);        /* FUA */
  assert_pattern (f->storage.images[0].bytes, 6, 512);
}

static void
unmap_and_write_same_leave_zeros (Fixture *f, gconstpointer data)
{
  const guint8 list[24] = { 0, 22, 0, 16, [15] = 4, [19] = 2 };

  memcpy (f->data, list, sizeof list);
  assert_good (f, DISK_LUN, 0x42, 0, 0, 0, 0, 0, 0, 0, 24);
  assert_good (f, DISK_LUN, 0x28, 0, 0, 0, 0, 3, 0, 0, 4);
  assert_pattern (f->data, 3 * 512, 512);
  for (guint i = 512; i < 3 * 512; i++)
    g_assert_cmphex (f->data[i], ==, 0);
  assert_pattern (f->data + 3 * 512, 6 * 512, 512);

  put_pattern (f->data, 0, 512);
  assert_good (f, DISK_LUN, 0x93, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 3);
  assert_good (f, DISK_LUN, 0x28, 0, 0, 0, 0, 4, 0, 0, 4);
  for (guint i = 0; i < 3; i++)
    assert_pattern (f->data + 512 * i, 0, 512);
  assert_pattern (f->data + 3 * 512, 7 * 512, 512);
  memset (f->data, 0, 512);
  assert_good (f, DISK_LUN, 0x41, 0x08, 0, 0, 0, 4, 0, 0, 3);
  assert_good (f, DISK_LUN, 0x28, 0, 0, 0, 0, 4, 0, 0, 3);
  for (guint i = 0; i < 3 * 512; i++)
    g_assert_cmphex (f->data[i], ==, 0);
}

static void
compare_and_write_writes_only_over_what_was_told (Fixture *f, gconstpointer data)
{
  put_pattern (f->data, 7 * 512, 1024);
  memset (f->data + 1024, 0x77, 1024);
  f->data[1000] ^= 1;
  assert_check (f, MISCOMPARE, 0x1d00, DISK_LUN, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 2);
  g_assert_cmphex (f->r.sense[0], ==, 0xf0);
  g_assert_cmpuint (be32 (&f->r.sense[3]), ==, 1000);
  assert_good (f, DISK_LUN, 0x28, 0, 0, 0, 0, 7, 0, 0, 2);
  assert_pattern (f->data, 7 * 512, 1024);

  memset (f->data + 1024, 0x77, 1024);
  assert_good (f, DISK_LUN, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 2);
  assert_good (f, DISK_LUN, 0x28, 0, 0, 0, 0, 6, 0, 0, 4);
  assert_pattern (f->data, 6 * 512, 512);
  for (guint i = 512; i < 3 * 512; i++)
    g_assert_cmphex (f->data[i], ==, 0x77);
  assert_pattern (f->data + 3 * 512, 9 * 512, 512);

  assert_check (f, ILLEGAL_REQUEST, 0x2400, DISK_LUN, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 5);
  assert_good (f, DISK_LUN, 0x12, 1, 0xb0, 0, 64);
  g_assert_cmpuint (f->data[5], ==, 4);
}

static void
an_unmap_outside_does_nothing (Fixture *f, gconstpointer data)
{
  guint8 list[40] = { 0, 38, 0, 32, [15] = 4, [19] = 2, [28] = 0xff, [35] = 1 };

  memcpy (f->data, list, sizeof list);
  assert_check (f, ILLEGAL_REQUEST, 0x2100, DISK_LUN, 0x42, 0, 0, 0, 0, 0, 0, 0, 40);
  assert_good (f, DISK_LUN, 0x28, 0, 0, 0, 0, 4, 0, 0, 2);
  assert_pattern (f->data, 4 * 512, 1024);
  assert_check (f, ILLEGAL_REQUEST, 0x1a00, DISK_LUN, 0x42, 0, 0, 0, 0, 0, 0, 0, 4);
}

static void
verify_compares_when_asked (Fixture *f, gconstpointer data)
{
  put_pattern (f->data, 20 * 512, 1024);
  assert_good (f, DISK_LUN, 0x2f, 0x02, 0, 0, 0, 20, 0, 0, 2);
  f->data[1000] ^= 1;
  assert_check (f, MISCOMPARE, 0x1d00, DISK_LUN, 0x2f, 0x02, 0, 0, 0, 20, 0, 0, 2);
  assert_good (f, DISK_LUN, 0x2f, 0x00, 0, 0, 0, 20, 0, 0, 2);
}

static void
mode_select_turns_the_cache_off_and_refuses_the_rest (Fixture *f, gconstpointer data)
{
  guint8 list[64];

  assert_good (f, DISK_LUN, 0x1a, 0, 0x08, 0, 255);
  g_assert_cmphex (f->data[2], ==, 0x10);
  g_assert_cmphex (f->data[3], ==, 8);
  g_assert_cmphex (f->data[12], ==, 0x08);
  g_assert_cmphex (f->data[14], ==, 0x04);
  f->data[0] = 0;
  f->data[14] = 0;
  assert_good (f, DISK_LUN, 0x15, 0x10, 0, 0, 32);
  assert_good (f, DISK_LUN, 0x5a, 0x08, 0x08, 0, 0, 0, 0, 0, 255);
  g_assert_cmpuint (be16 (f->data), ==, 8 + 20 - 2);
  g_assert_cmphex (f->data[10], ==, 0);
  memcpy (list, f->data, 28);
  list[0] = list[1] = 0;
  list[11] ^= 1;
  memcpy (f->data, list, 28);
  assert_check (f, ILLEGAL_REQUEST, 0x2600, DISK_LUN, 0x55, 0x10, 0, 0, 0, 0, 0, 0, 28);
  assert_check (f, ILLEGAL_REQUEST, 0x1a00, DISK_LUN, 0x55, 0x10, 0, 0, 0, 0, 0, 0, 5);
  /* Without a cache each write is on stable storage. */
  put_pattern (f->data, 9, 512);
  assert_good (f, DISK_LUN, 0x0a, 0, 0, 1, 1);
  assert_pattern (f->storage.images[0].bytes + 512, 9, 512);
  assert_check (f, ILLEGAL_REQUEST, 0x3900, DISK_LUN, 0x1a, 0, 0xc8, 0, 255);
  assert_good (f, DISK_LUN, 0x1a, 0, 0x3f, 0, 255);
  assert_good (f, CD_LUN, 0x5a, 0, 0x3f, 0, 0, 0, 0, 0, 255);
  assert_check (f, ILLEGAL_REQUEST, 0x2400, DISK_LUN, 0x1a, 0, 0x2a, 0, 255);
}

static void
a_stopped_disk_wants_a_start (Fixture *f, gconstpointer data)
{
  assert_good (f, DISK_LUN, 0x1b, 0, 0, 0, 0);
  assert_check (f, NOT_READY, 0x0402, DISK_LUN, 0x00);
  assert_good (f, DISK_LUN, 0x1b, 0, 0, 0, 1);
  assert_good (f, DISK_LUN, 0x00);
}

static void
a_cd_is_read_and_not_written (Fixture *f, gconstpointer data)
{
  assert_good (f, CD_LUN, 0x28, 0, 0, 0, 0, 5, 0, 0, 2);
  assert_pattern (f->data, 5 * 2048, 4096);
  assert_good (f, CD_LUN, 0xbe, 0, 0, 0, 0, 7, 0, 0, 1, 0x10);
  assert_pattern (f->data, 7 * 2048, 2048);
  assert_check (f, ILLEGAL_REQUEST, 0x2000, CD_LUN, 0x2a, 0, 0, 0, 0, 5, 0, 0, 2);
}

static void
the_toc_has_one_data_track_and_the_end (Fixture *f, gconstpointer data)
{
  assert_good (f, CD_LUN, 0x43, 0, 0, 0, 0, 0, 0, 1, 0);
  g_assert_cmpuint (be16 (f->data), ==, 18);
  g_assert_cmphex (f->data[5], ==, 0x14);
  g_assert_cmphex (f->data[6], ==, 1);
  g_assert_cmphex (f->data[14], ==, 0xaa);
  g_assert_cmpuint (be32 (f->data + 16), ==, CD_BYTES / 2048);
  assert_good (f, CD_LUN, 0x43, 2, 0, 0, 0, 0, 0xaa, 1, 0);          /* 512 blocks and 150 frames: 0:08:62 */
  g_assert_cmpmem (f->data + 8, 4, "\0\0\010\076", 4);
  assert_good (f, CD_LUN, 0x43, 0, 2, 0, 0, 0, 0, 1, 0);
  g_assert_cmpuint (f->r.length, ==, 4 + 4 * 11);
  assert_good (f, CD_LUN, 0x51, 0, 0, 0, 0, 0, 0, 1, 0);
  assert_good (f, CD_LUN, 0x52, 1, 0, 0, 0, 1, 0, 1, 0);
  assert_good (f, CD_LUN, 0x46, 0, 0, 0, 0, 0, 0, 1, 0);
  g_assert_cmphex (be16 (f->data + 6), ==, 0x0008);
  g_assert_cmpuint (be32 (f->data), ==, f->r.length - 4);
}

static void
put_medium (Fixture *f, guint medium)
{
  guint32 packet = GUINT32_TO_LE (medium);

  drive_input (f->cd_drive, &packet, sizeof packet);
}

static void
another_medium_is_an_attention_and_an_event (Fixture *f, gconstpointer data)
{
  put_medium (f, f->second_medium);
  assert_good (f, CD_LUN, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
  g_assert_cmphex (f->data[4], ==, 2);
  g_assert_cmphex (f->data[5], ==, 2);
  assert_check (f, UNIT_ATTENTION, 0x2800, CD_LUN, 0x00);
  assert_good (f, CD_LUN, 0x25);
  g_assert_cmpuint (be32 (f->data), ==, CD_BYTES / 2 / 2048 - 1);
  put_medium (f, 0);
  assert_check (f, NOT_READY, 0x3a01, CD_LUN, 0x00);
  assert_good (f, CD_LUN, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
  g_assert_cmphex (f->data[4], ==, 3);
  assert_good (f, CD_LUN, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
  g_assert_cmphex (f->data[4], ==, 0);
}

static void
the_guest_ejects_unless_it_locked_the_door (Fixture *f, gconstpointer data)
{
  assert_good (f, CD_LUN, 0x1e, 0, 0, 0, 1);
  g_assert_true (drive_is_locked (f->cd_drive));
  assert_check (f, ILLEGAL_REQUEST, 0x5302, CD_LUN, 0x1b, 0, 0, 0, 2);
  assert_good (f, CD_LUN, 0x1e, 0, 0, 0, 0);
  assert_good (f, CD_LUN, 0x1b, 0, 0, 0, 2);
  assert_check (f, NOT_READY, 0x3a02, CD_LUN, 0x00);
  assert_good (f, CD_LUN, 0x1b, 0, 0, 0, 3);
  assert_check (f, UNIT_ATTENTION, 0x2800, CD_LUN, 0x00);
  assert_good (f, CD_LUN, 0x00);
}

static void
commands_that_are_there_are_reported (Fixture *f, gconstpointer data)
{
  for (guint lun = 0; lun < 2; lun++)
    {
      assert_good (f, lun, 0xa3, 0x0c, 0, 0, 0, 0, 0, 0, 0x10, 0);
      g_assert_cmpuint (be32 (f->data) + 4, ==, f->r.length);
      g_assert_cmpuint (f->r.length, >, 30 * 8);
    }
  assert_good (f, DISK_LUN, 0xa3, 0x0c, 1, 0x42, 0, 0, 0, 0, 1, 0);
  g_assert_cmphex (f->data[1], ==, 3);
  assert_good (f, CD_LUN, 0xa3, 0x0c, 1, 0x42, 0, 0, 0, 0, 1, 0);
  g_assert_cmphex (f->data[1], ==, 3);
  assert_good (f, CD_LUN, 0xa3, 0x0c, 1, 0x93, 0, 0, 0, 0, 1, 0);
  g_assert_cmphex (f->data[1], ==, 1);
}

static void
a_taken_place_is_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (scsi_bus_attach (&f->bus, scsi_device_unit (f->hd), 3, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_false (scsi_bus_attach (&f->bus, scsi_device_unit (f->hd), 8, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

/* Whatever comes, a request ends with a status and keeps inside its bounds. */
static void
any_cdb_is_answered (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 200000; i++)
    {
      guint8 cdb[SCSI_CDB_BYTES], piece[97];
      guint lun = (guint) g_test_rand_int_range (0, 3);

      for (guint b = 0; b < sizeof cdb; b++)
        cdb[b] = (guint8) (g_test_rand_int_range (0, 3) == 0 ? 0 : g_test_rand_int ());
      scsi_request_begin (&f->r, &f->bus, 3, lun, cdb, sizeof cdb);
      g_assert_true ((f->r.length != 0) == (f->r.direction != SCSI_DATA_NONE));
      for (guint n = 0; n < 100 && f->r.done < f->r.length; n++)
        {
          gsize size = MIN (sizeof piece, f->r.length - f->r.done);

          for (guint b = 0; b < sizeof piece; b++)
            piece[b] = (guint8) (cdb[b % 16] * b);
          if (f->r.direction == SCSI_DATA_IN)
            scsi_request_read (&f->r, &f->bus, piece, size);
          else
            scsi_request_write (&f->r, &f->bus, piece, size);
        }
      if (scsi_request_finish (&f->r, &f->bus) != SCSI_GOOD)
        g_assert_cmphex (f->r.sense[0] & 0x7f, ==, 0x70);
    }
}

#define ADD(name) g_test_add ("/hw/storage/scsi/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/hw/storage/scsi/power_on_is_told_once_but_inquiry_does_not_mind", Fixture, "fresh", set_up,
              power_on_is_told_once_but_inquiry_does_not_mind, tear_down);
  ADD (sense_is_kept_for_request_sense_until_another_command);
  ADD (with_autosense_nothing_is_kept);
  ADD (inquiry_says_what_it_is_and_is_cut_to_the_allocation);
  ADD (every_vpd_page_of_the_list_is_there);
  ADD (luns_are_reported_and_absent_ones_refused);
  ADD (capacity_is_the_last_block);
  ADD (each_length_of_cdb_reads_and_writes);
  ADD (pieces_of_any_size_are_the_whole);
  ADD (blocks_beyond_the_end_are_refused);
  ADD (flushes_reach_the_image);
  ADD (unmap_and_write_same_leave_zeros);
  ADD (compare_and_write_writes_only_over_what_was_told);
  ADD (an_unmap_outside_does_nothing);
  ADD (verify_compares_when_asked);
  ADD (mode_select_turns_the_cache_off_and_refuses_the_rest);
  ADD (a_stopped_disk_wants_a_start);
  ADD (a_cd_is_read_and_not_written);
  ADD (the_toc_has_one_data_track_and_the_end);
  ADD (another_medium_is_an_attention_and_an_event);
  ADD (the_guest_ejects_unless_it_locked_the_door);
  ADD (commands_that_are_there_are_reported);
  ADD (a_taken_place_is_refused);
  ADD (any_cdb_is_answered);
  return g_test_run ();
}
