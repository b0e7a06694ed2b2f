/* test-nvme.c - the NVMe controller, driven as a driver does. */
#include "config.h"

#include "hw/pci.h"
#include "hw/storage/nvme.h"

#include "storage-fixture.h"

#define DISK_BYTES (8u << 20)
#define BAR        G_GUINT64_CONSTANT (0xe0000000)
#define MSIX_BAR   G_GUINT64_CONSTANT (0xe0100000)
#define ENTRIES    8
#define MSI_SINK   0x700000

/* Guest memory */
enum { ASQ = 0x10000, ACQ = 0x20000, SQ = 0x30000, CQ = 0x40000, DATA = 0x100000, LIST = 0x300000 };
enum { CAP = 0x00, VS = 0x08, INTMS = 0x0c, INTMC = 0x10, CC = 0x14, CSTS = 0x1c, AQA = 0x24, ASQ_REG = 0x28, ACQ_REG = 0x30 };
enum { ADMIN = 0, IO = 1 };

typedef struct
{
  guint64 sq, cq;
  guint   tail, head, phase;
} Queue;

typedef struct
{
  Storage       storage;
  AsternPciBus  bus;
  AsternDevice *nvme, *drive;
  Queue         queues[2];
  gboolean      pin;
  guint16       cid;
  guint32       result;
  guint         sq_head;
} Fixture;

static void
set_intx (gpointer router, guint devfn, guint pin, gboolean level)
{
  ((Fixture *) router)->pin = level;
}

static guint64
get (Fixture *f, guint offset, guint size)
{
  const AsternAccess access = { { BAR + offset }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  return astern_bus_read (f->storage.machine->physical, &access);
}

static void
put (Fixture *f, guint offset, guint size, guint64 value)
{
  const AsternAccess access = { { BAR + offset }, (guint8) size, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (f->storage.machine->physical, &access, value);
}

static void
submit (Fixture *f, guint queue, const guint32 words[16])
{
  Queue *q = &f->queues[queue];
  guint32 entry[16];

  memcpy (entry, words, sizeof entry);
  entry[0] |= (guint32) ++f->cid << 16;
  memcpy (storage_ram (&f->storage, q->sq + 64 * q->tail), entry, 64);
  q->tail = (q->tail + 1) % ENTRIES;
  put (f, 0x1000 + 8 * queue, 4, q->tail);
}

/* The status of the completion that has come; -1: none has. */
static gint
reap (Fixture *f, guint queue)
{
  Queue *q = &f->queues[queue];
  guint32 entry[4];

  memcpy (entry, storage_ram (&f->storage, q->cq + 16 * q->head), 16);
  if ((entry[3] >> 16 & 1) != q->phase)
    return -1;
  f->result = entry[0];
  f->sq_head = entry[2] & 0xffff;
  q->head = (q->head + 1) % ENTRIES;
  if (q->head == 0)
    q->phase ^= 1;
  put (f, 0x1000 + 8 * queue + 4, 4, q->head);
  return (gint) (entry[3] >> 17 & 0x3fff);
}

static gint
command (Fixture *f, guint queue, const guint32 words[16])
{
  gint status;

  submit (f, queue, words);
  status = reap (f, queue);
  g_assert_cmpint (status, ==, -1);      /* nothing takes no time */
  storage_pass (&f->storage, 10 * 1000 * 1000);
  status = reap (f, queue);
  g_assert_cmpint (status, !=, -1);
  return status;
}

#define COMMAND(f, queue, ...) command ((f), (queue), (const guint32[16]) { __VA_ARGS__ })

static void
enable (Fixture *f)
{
  put (f, AQA, 4, (ENTRIES - 1) << 16 | (ENTRIES - 1));
  put (f, ASQ_REG, 8, ASQ);
  put (f, ACQ_REG, 4, ACQ);
  put (f, ACQ_REG + 4, 4, 0);
  put (f, CC, 4, 4 << 20 | 6 << 16 | 1);
  f->queues[ADMIN] = (Queue) { ASQ, ACQ, 0, 0, 1 };
  f->queues[IO] = (Queue) { SQ, CQ, 0, 0, 1 };
  memset (storage_ram (&f->storage, ACQ), 0, 16 * ENTRIES);
  memset (storage_ram (&f->storage, CQ), 0, 16 * ENTRIES);
}

static void
create_io_queues (Fixture *f, guint vector)
{
  g_assert_cmphex (COMMAND (f, ADMIN, 0x05, [6] = CQ, [10] = (ENTRIES - 1) << 16 | IO, [11] = vector << 16 | 3), ==, 0);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x01, [6] = SQ, [10] = (ENTRIES - 1) << 16 | IO, [11] = IO << 16 | 1), ==, 0);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  storage_init (&f->storage);
  f->drive = storage_add_drive (&f->storage, "drive0", DRIVE_DISK, storage_add_disk (&f->storage, DISK_BYTES, FALSE));
  f->nvme = astern_device_new (&nvme_class, "nvme0", f->storage.machine, &f->storage.machine->clock);
  astern_machine_add_device (f->storage.machine, f->nvme);
  nvme_set_drive (f->nvme, f->drive, "SN-1");
  f->bus = (AsternPciBus) { .memory = f->storage.machine->physical, .ports = f->storage.machine->ports,
                            .set_intx = set_intx, .router = f };
  f->pin = FALSE;
  f->cid = 0;
  astern_pci_attach (&f->bus, f->nvme, 4 << 3);
  astern_device_write (f->nvme, 0, PCI_BAR0, 4, BAR, NULL);
  astern_device_write (f->nvme, 0, PCI_BAR0 + 4, 4, BAR >> 32, NULL);
  astern_device_write (f->nvme, 0, PCI_BAR0 + 16, 4, MSIX_BAR, NULL);
  astern_device_write (f->nvme, 0, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, NULL);
  enable (f);
  if (data == NULL)
    create_io_queues (f, 0);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  storage_clear (&f->storage);
}

static void
fill (Fixture *f, guint64 address, guint64 offset, gsize size)
{
  for (gsize i = 0; i < size; i++)
    storage_ram (&f->storage, address)[i] = storage_pattern (offset + i);
}

static void
assert_pattern (Fixture *f, guint64 address, guint64 offset, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (storage_ram (&f->storage, address)[i] != storage_pattern (offset + i))
      g_error ("byte %" G_GSIZE_FORMAT " is 0x%02x, not 0x%02x", i, storage_ram (&f->storage, address)[i], storage_pattern (offset + i));
}

static guint64
word (Fixture *f, guint64 address, guint size)
{
  guint64 value = 0;

  memcpy (&value, storage_ram (&f->storage, address), size);
  return GUINT64_FROM_LE (value);
}

/* -- The claims */

static void
it_is_ready_when_enabled_and_forgets_when_not (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (get (f, VS, 4), ==, 0x00010400);
  g_assert_cmphex (get (f, CAP, 4) & 0xffff, ==, 1023);
  g_assert_cmphex (get (f, CSTS, 4), ==, 1);
  put (f, CC, 4, 0);
  g_assert_cmphex (get (f, CSTS, 4), ==, 0);
  g_assert_cmphex (get (f, ASQ_REG, 8), ==, ASQ);
  put (f, AQA, 4, 0);
  put (f, CC, 4, 4 << 20 | 6 << 16 | 1);
  g_assert_cmphex (get (f, CSTS, 4), ==, 2);          /* queues of one entry */
}

static void
identify_says_what_is_there (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (COMMAND (f, ADMIN, 0x06, [6] = DATA, [10] = 1), ==, 0);
  g_assert_cmpmem (storage_ram (&f->storage, DATA + 4), 20, "SN-1                ", 20);
  g_assert_cmpuint (storage_ram (&f->storage, DATA)[77], ==, 7);
  g_assert_cmpuint (word (f, DATA + 516, 4), ==, 1);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x06, 1, [6] = DATA), ==, 0);
  g_assert_cmpuint (word (f, DATA, 8), ==, DISK_BYTES / 512);
  g_assert_cmpuint (storage_ram (&f->storage, DATA)[130], ==, 9);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x06, 2, [6] = DATA), ==, 0x00b);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x06, 0, [6] = DATA, [10] = 2), ==, 0);
  g_assert_cmpuint (word (f, DATA, 8), ==, 1);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x06, 1, [6] = DATA, [10] = 3), ==, 0);
  g_assert_cmpuint (word (f, DATA, 2), ==, 0x0801);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x06, 0, [6] = DATA, [10] = 0x77), ==, 0x002);
}

static void
blocks_are_read_and_written_through_pages (Fixture *f, gconstpointer data)
{
  /* Within a page, over two, and by a list of which one entry leads to the next page. */
  g_assert_cmphex (COMMAND (f, IO, 0x02, 1, [6] = DATA + 0x200, [10] = 5, [12] = 1), ==, 0);
  assert_pattern (f, DATA + 0x200, 5 * 512, 1024);
  g_assert_cmphex (COMMAND (f, IO, 0x02, 1, [6] = DATA + 0xe00, [8] = DATA + 0x9000, [10] = 7, [12] = 3), ==, 0);
  assert_pattern (f, DATA + 0xe00, 7 * 512, 512);
  assert_pattern (f, DATA + 0x9000, 8 * 512, 1536);

  for (guint i = 0; i < 3; i++)
    {
      guint64 entry = GUINT64_TO_LE (DATA + 0x20000 + (2 - i) * 0x1000);

      memcpy (storage_ram (&f->storage, i == 0 ? LIST + 0xff0 : LIST + 0x1000 + 8 * (i - 1)), &entry, 8);
    }
  {
    guint64 next = GUINT64_TO_LE (LIST + 0x1000);

    memcpy (storage_ram (&f->storage, LIST + 0xff8), &next, 8);
  }
  fill (f, DATA, 1000, 4096);
  fill (f, DATA + 0x22000, 5096, 4096);
  fill (f, DATA + 0x21000, 9192, 4096);
  fill (f, DATA + 0x20000, 13288, 4096);
  g_assert_cmphex (COMMAND (f, IO, 0x01, 1, [6] = DATA, [8] = LIST + 0xff0, [10] = 64, [12] = 31), ==, 0);
  for (guint i = 0; i < 4; i++)
    {
      g_assert_cmphex (COMMAND (f, IO, 0x02, 1, [6] = DATA + 0x40000, [10] = 64 + 8 * i, [12] = 7), ==, 0);
      assert_pattern (f, DATA + 0x40000, 1000 + 4096 * i, 4096);
    }
  g_assert_cmphex (COMMAND (f, IO, 0x02, 1, [6] = DATA, [8] = LIST + 4, [10] = 64, [12] = 31), ==, 0x013);
}

static void
put_descriptor (Fixture *f, guint64 at, guint64 address, guint32 size, guint8 type)
{
  memset (storage_ram (&f->storage, at), 0, 16);
  address = GUINT64_TO_LE (address);
  size = GUINT32_TO_LE (size);
  memcpy (storage_ram (&f->storage, at), &address, 8);
  memcpy (storage_ram (&f->storage, at + 8), &size, 4);
  storage_ram (&f->storage, at)[15] = (guint8) (type << 4);
}

static void
scatter_gather_lists_lead_to_the_pieces (Fixture *f, gconstpointer data)
{
  /* One piece in the command itself */
  g_assert_cmphex (COMMAND (f, IO, 0x4002, 1, [6] = DATA + 3, [8] = 1024, [10] = 9, [12] = 1), ==, 0);
  assert_pattern (f, DATA + 3, 9 * 512, 1024);
  /* Two segments: a piece, a hole, and a piece */
  put_descriptor (f, LIST, DATA + 0x1000, 100, 0);
  put_descriptor (f, LIST + 16, LIST + 0x100, 32, 3);
  put_descriptor (f, LIST + 0x100, 0, 412, 1);
  put_descriptor (f, LIST + 0x110, DATA + 0x3000, 512, 0);
  g_assert_cmphex (COMMAND (f, IO, 0x4002, 1, [6] = LIST, [8] = 32, [9] = 2u << 28, [10] = 9, [12] = 1), ==, 0);
  assert_pattern (f, DATA + 0x1000, 9 * 512, 100);
  assert_pattern (f, DATA + 0x3000, 10 * 512, 512);
  /* What is wrong */
  g_assert_cmphex (COMMAND (f, IO, 0x4001, 1, [6] = LIST, [8] = 32, [9] = 2u << 28, [10] = 9, [12] = 1), ==, 0x011);
  g_assert_cmphex (COMMAND (f, IO, 0x4002, 1, [6] = LIST, [8] = 31, [9] = 2u << 28, [10] = 9, [12] = 1), ==, 0x00d);
  g_assert_cmphex (COMMAND (f, IO, 0x4002, 1, [6] = DATA, [8] = 1023, [10] = 9, [12] = 1), ==, 0x00f);
  g_assert_cmphex (COMMAND (f, IO, 0x4002, 1, [6] = DATA, [8] = 1025, [10] = 9, [12] = 1), ==, 0x00f);
  /* A list that leads to itself ends */
  put_descriptor (f, LIST, LIST, 16, 2);
  g_assert_cmphex (COMMAND (f, IO, 0x4002, 1, [6] = LIST, [8] = 16, [9] = 2u << 28, [10] = 9, [12] = 1), ==, 0x00e);
}

static void
what_cannot_be_done_says_why (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (COMMAND (f, IO, 0x02, 1, [6] = DATA, [10] = DISK_BYTES / 512 - 1, [12] = 0), ==, 0);
  g_assert_cmphex (COMMAND (f, IO, 0x02, 1, [6] = DATA, [10] = DISK_BYTES / 512 - 1, [12] = 1), ==, 0x080);
  g_assert_cmphex (COMMAND (f, IO, 0x02, 1, [6] = DATA, [10] = ~0u, [11] = ~0u, [12] = 0), ==, 0x080);
  g_assert_cmphex (COMMAND (f, IO, 0x02, 7, [6] = DATA), ==, 0x00b);
  g_assert_cmphex (COMMAND (f, IO, 0x7f, 1, [6] = DATA), ==, 0x001);
  g_assert_cmphex (COMMAND (f, IO, 0x02, 1, [6] = DATA, [12] = 1024), ==, 0x002);       /* beyond MDTS */
  g_assert_cmphex (COMMAND (f, ADMIN, 0x05, [6] = CQ, [10] = 7 << 16 | IO, [11] = 3), ==, 0x101);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x05, [6] = CQ, [10] = 7 << 16 | 99, [11] = 3), ==, 0x101);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x05, [6] = CQ, [10] = 2047 << 16 | 2, [11] = 3), ==, 0x102);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x05, [6] = CQ, [10] = 7 << 16 | 2, [11] = 99 << 16 | 3), ==, 0x108);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x01, [6] = SQ, [10] = 7 << 16 | 2, [11] = 5 << 16 | 1), ==, 0x100);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x04, [10] = IO), ==, 0x10c);
}

static void
zeroes_compare_and_deallocation (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (COMMAND (f, IO, 0x02, 1, [6] = DATA, [10] = 20, [12] = 7), ==, 0);
  g_assert_cmphex (COMMAND (f, IO, 0x05, 1, [6] = DATA, [10] = 20, [12] = 7), ==, 0);
  storage_ram (&f->storage, DATA)[77] ^= 4;
  g_assert_cmphex (COMMAND (f, IO, 0x05, 1, [6] = DATA, [10] = 20, [12] = 7), ==, 0x285);
  g_assert_cmphex (COMMAND (f, IO, 0x08, 1, [10] = 21, [12] = 1), ==, 0);
  memset (storage_ram (&f->storage, LIST), 0, 32);
  storage_ram (&f->storage, LIST)[4] = 2;
  storage_ram (&f->storage, LIST)[8] = 24;
  storage_ram (&f->storage, LIST)[20] = 1;
  storage_ram (&f->storage, LIST)[24] = 27;
  g_assert_cmphex (COMMAND (f, IO, 0x09, 1, [6] = LIST, [10] = 1, [11] = 4), ==, 0);
  g_assert_cmphex (COMMAND (f, IO, 0x02, 1, [6] = DATA, [10] = 20, [12] = 7), ==, 0);
  for (guint block = 20; block < 28; block++)
    if (block == 21 || block == 22 || block == 24 || block == 25 || block == 27)
      for (guint i = 0; i < 512; i++)
        g_assert_cmphex (storage_ram (&f->storage, DATA + 512 * (block - 20))[i], ==, 0);
    else
      assert_pattern (f, DATA + 512 * (block - 20), 512 * block, 512);
  storage_ram (&f->storage, LIST)[31] = 0xff;
  g_assert_cmphex (COMMAND (f, IO, 0x09, 1, [6] = LIST, [10] = 1, [11] = 4), ==, 0x080);
  g_assert_cmphex (COMMAND (f, IO, 0x0c, 1, [10] = 20, [12] = 7), ==, 0);
}

static void
a_flush_reaches_the_image (Fixture *f, gconstpointer data)
{
  fill (f, DATA, 9, 512);
  g_assert_cmphex (COMMAND (f, IO, 0x01, 1, [6] = DATA, [10] = 0), ==, 0);
  g_assert_cmpuint (f->storage.images[0].flushes, ==, 0);
  g_assert_cmphex (COMMAND (f, IO, 0x00, 1), ==, 0);
  g_assert_cmpuint (f->storage.images[0].flushes, ==, 1);
  g_assert_cmphex (f->storage.images[0].bytes[0], ==, storage_pattern (9));
  g_assert_cmphex (COMMAND (f, IO, 0x01, 1, [6] = DATA, [10] = 0, [12] = 1u << 30), ==, 0);
  g_assert_cmpuint (f->storage.images[0].flushes, ==, 2);
  put (f, CC, 4, 4 << 20 | 6 << 16 | 1 << 14 | 1);     /* shutdown */
  g_assert_cmphex (get (f, CSTS, 4), ==, 1 | 2 << 2);
  g_assert_cmpuint (f->storage.images[0].flushes, ==, 3);
}

static void
the_pin_is_up_while_completions_wait (Fixture *f, gconstpointer data)
{
  g_assert_false (f->pin);
  submit (f, IO, (const guint32[16]) { 0x02, 1, [6] = DATA });
  g_assert_false (f->pin);
  storage_pass (&f->storage, 1000000);
  g_assert_true (f->pin);
  put (f, INTMS, 4, 1);
  g_assert_false (f->pin);
  put (f, INTMC, 4, 1);
  g_assert_true (f->pin);
  g_assert_cmpint (reap (f, IO), ==, 0);
  g_assert_false (f->pin);
}

static void
messages_are_sent_by_queue (Fixture *f, gconstpointer data)
{
  for (guint vector = 0; vector < 2; vector++)
    {
      astern_device_write (f->nvme, NVME_MSIX_WINDOW, 16 * vector, 8, MSI_SINK + 0x100 * vector, NULL);
      astern_device_write (f->nvme, NVME_MSIX_WINDOW, 16 * vector + 8, 4, 0x41 + vector, NULL);
      astern_device_write (f->nvme, NVME_MSIX_WINDOW, 16 * vector + 12, 4, 0, NULL);
    }
  astern_device_write (f->nvme, 0, 0x42, 2, 0x8000, NULL);
  create_io_queues (f, 1);
  g_assert_cmphex (word (f, MSI_SINK, 4), ==, 0x41);
  g_assert_cmphex (word (f, MSI_SINK + 0x100, 4), ==, 0);
  g_assert_cmphex (COMMAND (f, IO, 0x00, 1), ==, 0);
  g_assert_cmphex (word (f, MSI_SINK + 0x100, 4), ==, 0x42);
  g_assert_false (f->pin);
}

static void
a_full_completion_queue_waits_for_its_host (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < ENTRIES - 1; i++)
    submit (f, IO, (const guint32[16]) { 0x02, 1, [6] = DATA + 0x1000 * i, [10] = i });
  storage_pass (&f->storage, 1000000);
  g_assert_cmpuint (get (f, CSTS, 4), ==, 1);
  /* ENTRIES - 1 lie there; two more have no room */
  submit (f, IO, (const guint32[16]) { 0x02, 1, [6] = DATA + 0x7000, [10] = 7 });
  submit (f, IO, (const guint32[16]) { 0x02, 1, [6] = DATA + 0x8000, [10] = 8 });
  storage_pass (&f->storage, 1000000);
  for (guint i = 0; i < ENTRIES + 1; i++)
    {
      g_assert_cmpint (reap (f, IO), ==, 0);
      assert_pattern (f, DATA + 0x1000 * i, 512 * i, 512);
    }
  g_assert_cmpint (reap (f, IO), ==, -1);
}

static void
commands_take_the_time_of_their_size (Fixture *f, gconstpointer data)
{
  submit (f, IO, (const guint32[16]) { 0x02, 1, [6] = DATA, [8] = DATA + 0x1000, [12] = 15 });
  submit (f, IO, (const guint32[16]) { 0x02, 1, [6] = DATA + 0x4000, [12] = 0 });
  storage_pass (&f->storage, astern_disk_latency_ns (512) - 1);
  g_assert_cmpint (reap (f, IO), ==, -1);
  storage_pass (&f->storage, 1);
  g_assert_cmpint (reap (f, IO), ==, 0);               /* the small one is first */
  g_assert_cmpint (reap (f, IO), ==, -1);
  storage_pass (&f->storage, astern_disk_latency_ns (8192));
  g_assert_cmpint (reap (f, IO), ==, 0);
}

static void
a_bad_doorbell_is_an_event (Fixture *f, gconstpointer data)
{
  guint64 before = f->storage.machine->events.counts[ASTERN_EVENT_GUEST_ERRORS];

  submit (f, ADMIN, (const guint32[16]) { 0x0c });
  storage_pass (&f->storage, 1000000);
  g_assert_cmpint (reap (f, ADMIN), ==, -1);
  put (f, 0x1000 + 8 * 5, 4, 1);
  g_assert_cmpuint (f->storage.machine->events.counts[ASTERN_EVENT_GUEST_ERRORS], ==, before + 1);
  g_assert_cmpint (reap (f, ADMIN), ==, 0);
  g_assert_cmphex (f->result, ==, 0x010000);
  /* It is masked until its log is read; four requests may wait */
  for (guint i = 0; i < 4; i++)
    submit (f, ADMIN, (const guint32[16]) { 0x0c });
  g_assert_cmphex (COMMAND (f, ADMIN, 0x02, ~0u, [6] = DATA, [10] = 15 << 16 | 1), ==, 0);
  put (f, 0x1000 + 8, 4, ENTRIES);
  g_assert_cmpint (reap (f, ADMIN), ==, 0);
  g_assert_cmphex (f->result, ==, 0x010100);
}

static void
too_many_event_requests_are_refused (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 4; i++)
    submit (f, ADMIN, (const guint32[16]) { 0x0c });
  storage_pass (&f->storage, 1000000);
  g_assert_cmpint (reap (f, ADMIN), ==, -1);
  submit (f, ADMIN, (const guint32[16]) { 0x0c });
  g_assert_cmphex (reap (f, ADMIN), ==, 0x105);
}

static void
features_are_got_and_set (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (COMMAND (f, ADMIN, 0x09, [10] = 7, [11] = 3 << 16 | 3), ==, 0);
  g_assert_cmphex (f->result, ==, 15 << 16 | 15);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x0a, [10] = 6), ==, 0);
  g_assert_cmphex (f->result, ==, 1);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x09, [10] = 6, [11] = 0), ==, 0);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x0a, [10] = 6), ==, 0);
  g_assert_cmphex (f->result, ==, 0);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x0a, [10] = 0x77), ==, 0x002);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x09, [10] = 1u << 31 | 6, [11] = 1), ==, 0x10d);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x02, ~0u, [6] = DATA, [10] = 127 << 16 | 2), ==, 0);
  g_assert_cmphex (word (f, DATA + 1, 2), ==, 0x143);
  g_assert_cmphex (COMMAND (f, ADMIN, 0x02, ~0u, [6] = DATA, [10] = 127 << 16 | 0x77), ==, 0x109);
}

static void
deleting_a_queue_aborts_what_is_under_way (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 4; i++)
    submit (f, IO, (const guint32[16]) { 0x02, 1, [6] = DATA, [8] = LIST, [12] = 1023 });
  g_assert_cmphex (COMMAND (f, ADMIN, 0x00, [10] = IO), ==, 0);
  for (guint i = 0; i < 4; i++)
    {
      gint status = reap (f, IO);

      g_assert_true (status == 0x008 || status == 0x000 || status == 0x013);
    }
  g_assert_cmphex (COMMAND (f, ADMIN, 0x04, [10] = IO), ==, 0);
  create_io_queues (f, 0);
}

/* Saved in the middle of commands, a controller goes on as if nothing had been. */
static void
a_busy_controller_is_saved_and_goes_on (Fixture *f, gconstpointer data)
{
  g_autoptr (GVariant) saved = NULL;
  g_autoptr (GError) error = NULL;
  guint64 end, again;

  for (guint i = 0; i < 5; i++)
    submit (f, IO, (const guint32[16]) { 0x02, 1, [6] = DATA + 0x1000 * i, [10] = 3 * i, [12] = 7 });
  saved = g_variant_ref_sink (astern_device_save (f->nvme));
  {
    AsternClockState clock = f->storage.machine->clock.s;

    storage_pass (&f->storage, 1000000);
    end = astern_device_hash (f->nvme, 0);
    g_assert_true (astern_device_load (f->nvme, saved, &error));
    f->storage.machine->clock.s = clock;
    astern_clock_rebuild (&f->storage.machine->clock);
  }
  memset (storage_ram (&f->storage, DATA), 0, 0x5000);
  storage_pass (&f->storage, 1000000);
  again = astern_device_hash (f->nvme, 0);
  g_assert_cmphex (again, ==, end);
  for (guint i = 0; i < 5; i++)
    assert_pattern (f, DATA + 0x1000 * i, 512 * 3 * i, 4096);
}

#define ADD(name)       g_test_add ("/hw/storage/nvme/" #name, Fixture, NULL, set_up, name, tear_down)
#define ADD_ADMIN(name) g_test_add ("/hw/storage/nvme/" #name, Fixture, "admin", set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (it_is_ready_when_enabled_and_forgets_when_not);
  ADD (identify_says_what_is_there);
  ADD (blocks_are_read_and_written_through_pages);
  ADD (scatter_gather_lists_lead_to_the_pieces);
  ADD (what_cannot_be_done_says_why);
  ADD (zeroes_compare_and_deallocation);
  ADD (a_flush_reaches_the_image);
  ADD (the_pin_is_up_while_completions_wait);
  ADD_ADMIN (messages_are_sent_by_queue);
  ADD (a_full_completion_queue_waits_for_its_host);
  ADD (commands_take_the_time_of_their_size);
  ADD (a_bad_doorbell_is_an_event);
  ADD (too_many_event_requests_are_refused);
  ADD (features_are_got_and_set);
  ADD (deleting_a_queue_aborts_what_is_under_way);
  ADD (a_busy_controller_is_saved_and_goes_on);
  return g_test_run ();
}
