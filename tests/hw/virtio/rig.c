/* rig.c - see rig.h. */
#include "config.h"

#include "rig.h"

#include "../device-fixture.h"

#include "hw/virtio/cards.h"

#include <string.h>

enum { DESC_NEXT = 1, DESC_WRITE = 2, DESC_INDIRECT = 4, DESC_AVAIL = 1 << 7, DESC_USED = 1 << 15 };

#define INDIRECT_TABLES 0x300000u      /* 1 KiB a head */

static guint64
driver_area (guint queue)
{
  return RIG_QUEUE (queue) + 0x8000;
}

static guint64
device_area (guint queue)
{
  return RIG_QUEUE (queue) + 0xa000;
}

guint8 *
rig_at (Rig *rig, guint64 address)
{
  AsternRamBlock *ram = astern_memory_find (rig->machine->memory, "ram");

  g_assert_cmpuint (address, <, RIG_RAM);
  return astern_memory_host (rig->machine->memory, ram->start + address);
}

static guint16
get16 (Rig *rig, guint64 address)
{
  guint16 value;

  memcpy (&value, rig_at (rig, address), 2);
  return GUINT16_FROM_LE (value);
}

static void
put16 (Rig *rig, guint64 address, guint16 value)
{
  value = GUINT16_TO_LE (value);
  memcpy (rig_at (rig, address), &value, 2);
}

static void
put_desc (Rig *rig, guint64 at, guint64 address, guint32 size, guint16 first, guint16 second)
{
  address = GUINT64_TO_LE (address);
  size = GUINT32_TO_LE (size);
  memcpy (rig_at (rig, at), &address, 8);
  memcpy (rig_at (rig, at + 8), &size, 4);
  put16 (rig, at + 12, first);
  put16 (rig, at + 14, second);
}

/* ---- the machine ---- */

static void
intx_changed (gpointer router, guint devfn, guint pin, gboolean level)
{
  Rig *rig = router;

  if (level && !rig->intx)
    rig->interrupts++;
  rig->intx = level;
}

static void
line_changed (gpointer router, guint line, gboolean level)
{
  g_assert_cmpuint (line, ==, 16 + virtio_mmio_line (0));
  intx_changed (router, 0, 0, level);
}

void
rig_set_up (Rig *rig, const AsternDeviceClass *klass, guint64 disk_bytes)
{
  g_autoptr (GError) error = NULL;
  AsternRamBlock *ram;

  memset (rig, 0, sizeof *rig);
  rig->machine = astern_machine_new (RIG_RAM + disk_bytes, &error);
  g_assert_no_error (error);
  ram = astern_memory_add (rig->machine->memory, "ram", RIG_RAM, FALSE, &error);
  g_assert_no_error (error);
  astern_bus_add_memory (rig->machine->physical, 0, ram, 0);
  rig->bus = (AsternPciBus) { .memory = rig->machine->physical, .ports = rig->machine->ports,
                              .set_intx = intx_changed, .router = rig };
  rig->pci = astern_device_new (&virtio_rng_pci_class, "card", rig->machine, &rig->machine->clock);
  astern_machine_add_device (rig->machine, rig->pci);
  rig->virtio = (VirtioDevice *) astern_device_new (klass, "card.virtio", rig->machine, &rig->machine->clock);
  astern_machine_add_device (rig->machine, &rig->virtio->parent);
}

static void
config_write (Rig *rig, guint offset, guint size, guint64 value)
{
  astern_device_write (rig->pci, ASTERN_PCI_CONFIG_WINDOW, offset, size, value, NULL);
}

void
rig_plug (Rig *rig, gboolean legacy, gboolean modern)
{
  virtio_pci_connect (rig->pci, rig->virtio, legacy, modern, 0);
  astern_pci_attach (&rig->bus, rig->pci, 3 << 3);
  config_write (rig, PCI_BAR0, 4, RIG_PORTS);
  config_write (rig, PCI_BAR0 + 4, 4, RIG_MSIX);
  config_write (rig, PCI_BAR0 + 16, 4, RIG_MODERN);
  config_write (rig, PCI_BAR0 + 20, 4, 0);
  config_write (rig, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
  rig->modern = modern;
}

void
rig_plug_mmio (Rig *rig, gboolean legacy)
{
  g_autoptr (GError) error = NULL;

  rig->slots = (VirtioMmioBus) { .memory = rig->machine->physical, .set_irq = line_changed, .router = rig };
  rig->mmio = astern_device_new (&virtio_rng_device_class, "slot", rig->machine, &rig->machine->clock);
  astern_machine_add_device (rig->machine, rig->mmio);
  virtio_mmio_connect (rig->mmio, rig->virtio, legacy);
  virtio_mmio_plug (&rig->slots, rig->mmio, -1, &error);
  g_assert_no_error (error);
  rig->modern = !legacy;
}

void
rig_tear_down (Rig *rig)
{
  astern_machine_free (rig->machine);
}

void
rig_pass (Rig *rig, guint64 ns)
{
  clock_run (&rig->machine->clock, ns);
}

/* ---- registers ---- */

static guint64
bus_read (AsternBus *bus, guint64 address, guint size)
{
  AsternAccess access = { { address }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  return astern_bus_read (bus, &access);
}

static void
bus_write (AsternBus *bus, guint64 address, guint size, guint64 value)
{
  AsternAccess access = { { address }, (guint8) size, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (bus, &access, value);
}

guint64
rig_common_read (Rig *rig, guint offset, guint size)
{
  return bus_read (rig->machine->physical, RIG_MODERN + offset, size);
}

void
rig_common_write (Rig *rig, guint offset, guint size, guint64 value)
{
  bus_write (rig->machine->physical, RIG_MODERN + offset, size, value);
}

guint32
rig_slot_read (Rig *rig, guint offset)
{
  return (guint32) bus_read (rig->machine->physical, VIRTIO_MMIO_BASE + offset, 4);
}

void
rig_slot_write (Rig *rig, guint offset, guint32 value)
{
  bus_write (rig->machine->physical, VIRTIO_MMIO_BASE + offset, 4, value);
}

guint64
rig_config (Rig *rig, guint offset, guint size)
{
  if (rig->mmio != NULL)
    return bus_read (rig->machine->physical, VIRTIO_MMIO_BASE + 0x100 + offset, size);
  return rig->modern ? rig_common_read (rig, 0x2000 + offset, size)
                     : bus_read (rig->machine->ports, RIG_PORTS + 20 + offset, size);
}

static void
start_modern (Rig *rig, guint64 features, guint n_queues)
{
  guint64 offered;

  rig_common_write (rig, 0x14, 1, 0);
  rig_common_write (rig, 0x14, 1, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
  rig_common_write (rig, 0x00, 4, 1);
  offered = rig_common_read (rig, 0x04, 4) << 32;
  rig_common_write (rig, 0x00, 4, 0);
  offered |= rig_common_read (rig, 0x04, 4);
  rig->features = offered & (features | VIRTIO_F_VERSION_1);
  for (guint half = 0; half < 2; half++)
    {
      rig_common_write (rig, 0x08, 4, half);
      rig_common_write (rig, 0x0c, 4, rig->features >> 32 * half & G_MAXUINT32);
    }
  rig_common_write (rig, 0x14, 1, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK);
  g_assert_cmphex (rig_common_read (rig, 0x14, 1) & VIRTIO_FEATURES_OK, !=, 0);
  for (guint i = 0; i < n_queues; i++)
    {
      rig_common_write (rig, 0x16, 2, i);
      rig->queues[i].size = (guint16) rig_common_read (rig, 0x18, 2);
      rig_common_write (rig, 0x20, 4, RIG_QUEUE (i));
      rig_common_write (rig, 0x24, 4, 0);
      rig_common_write (rig, 0x28, 8, driver_area (i));
      rig_common_write (rig, 0x30, 4, device_area (i));
      rig_common_write (rig, 0x1c, 2, 1);
    }
  rig_common_write (rig, 0x14, 1, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK | VIRTIO_DRIVER_OK);
}

static void
start_legacy (Rig *rig, guint64 features, guint n_queues)
{
  AsternBus *ports = rig->machine->ports;

  bus_write (ports, RIG_PORTS + 0x12, 1, 0);
  bus_write (ports, RIG_PORTS + 0x12, 1, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
  rig->features = bus_read (ports, RIG_PORTS, 4) & features & G_MAXUINT32;
  bus_write (ports, RIG_PORTS + 4, 4, rig->features);
  for (guint i = 0; i < n_queues; i++)
    {
      bus_write (ports, RIG_PORTS + 0x0e, 2, i);
      rig->queues[i].size = (guint16) bus_read (ports, RIG_PORTS + 0x0c, 2);
      bus_write (ports, RIG_PORTS + 8, 4, RIG_QUEUE (i) >> 12);
    }
  bus_write (ports, RIG_PORTS + 0x12, 1, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_DRIVER_OK);
}

static void
negotiate_mmio (Rig *rig, guint64 features)
{
  guint64 offered = 0;

  rig_slot_write (rig, 0x70, 0);
  rig_slot_write (rig, 0x70, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
  for (guint half = 2; half-- > 0;)
    {
      rig_slot_write (rig, 0x14, half);
      offered = offered << 32 | rig_slot_read (rig, 0x10);
    }
  rig->features = offered & (features | VIRTIO_F_VERSION_1);
  for (guint half = 0; half < 2; half++)
    {
      rig_slot_write (rig, 0x24, half);
      rig_slot_write (rig, 0x20, (guint32) (rig->features >> 32 * half));
    }
  if (!rig->modern)
    return;
  rig_slot_write (rig, 0x70, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK);
  g_assert_cmphex (rig_slot_read (rig, 0x70) & VIRTIO_FEATURES_OK, !=, 0);
}

static void
start_mmio (Rig *rig, guint64 features, guint n_queues)
{
  if (!rig->modern)
    rig_slot_write (rig, 0x28, 4096);           /* Linux says so once, before its first reset */
  negotiate_mmio (rig, features);
  for (guint i = 0; i < n_queues; i++)
    {
      rig_slot_write (rig, 0x30, i);
      rig->queues[i].size = (guint16) rig_slot_read (rig, 0x34);
      rig_slot_write (rig, 0x38, rig->queues[i].size);
      if (!rig->modern)
        {
          rig_slot_write (rig, 0x3c, 4096);
          rig_slot_write (rig, 0x40, RIG_QUEUE (i) / 4096);
          g_assert_cmpuint (rig_slot_read (rig, 0x40), ==, RIG_QUEUE (i) / 4096);
          continue;
        }
      rig_slot_write (rig, 0x80, RIG_QUEUE (i));
      rig_slot_write (rig, 0x84, 0);
      rig_slot_write (rig, 0x90, (guint32) driver_area (i));
      rig_slot_write (rig, 0xa0, (guint32) device_area (i));
      rig_slot_write (rig, 0x44, 1);
      g_assert_cmpuint (rig_slot_read (rig, 0x44), ==, 1);
    }
  rig_slot_write (rig, 0x70, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_DRIVER_OK | (rig->modern ? VIRTIO_FEATURES_OK : 0));
}

void
rig_start (Rig *rig, guint64 features, guint n_queues)
{
  memset (rig_at (rig, RIG_QUEUE (0)), 0, RIG_QUEUES * 0x10000);
  memset (rig->queues, 0, sizeof rig->queues);
  if (rig->mmio != NULL)
    start_mmio (rig, features, n_queues);
  else if (rig->modern)
    start_modern (rig, features, n_queues);
  else
    start_legacy (rig, features, n_queues);
  for (guint i = 0; i < n_queues; i++)
    {
      RigQueue *q = &rig->queues[i];

      for (guint d = q->size; d-- > 0;)
        q->free[q->n_free++] = (guint16) d;
      q->next_wrap = q->used_wrap = TRUE;
    }
}

/* ---- rings ---- */

static guint64
avail_of (Rig *rig, guint queue)
{
  return rig->modern ? driver_area (queue) : RIG_QUEUE (queue) + 16u * rig->queues[queue].size;
}

static guint64
used_of (Rig *rig, guint queue)
{
  return rig->modern ? device_area (queue)
                     : (RIG_QUEUE (queue) + 18u * rig->queues[queue].size + 6 + 4095) & ~(guint64) 4095;
}

static gboolean
is_packed (Rig *rig)
{
  return (rig->features & VIRTIO_F_RING_PACKED) != 0;
}

/* A table of its own for head @head. */
static guint64
put_table (Rig *rig, guint queue, guint head, const RigPart *parts, guint n)
{
  guint64 table = INDIRECT_TABLES + 1024u * ((queue * 256 + head) % 1024);

  g_assert_cmpuint (n, <=, 64);
  for (guint i = 0; i < n; i++)
    {
      guint16 flags = (parts[i].in ? DESC_WRITE : 0) | (!is_packed (rig) && i + 1 < n ? DESC_NEXT : 0);

      if (is_packed (rig))
        put_desc (rig, table + 16 * i, parts[i].address, parts[i].size, 0, flags);
      else
        put_desc (rig, table + 16 * i, parts[i].address, parts[i].size, flags, (guint16) (i + 1));
    }
  return table;
}

static guint
add_split (Rig *rig, guint queue, const RigPart *parts, guint n)
{
  RigQueue *q = &rig->queues[queue];
  guint64 avail = avail_of (rig, queue), table = RIG_QUEUE (queue);
  guint16 head = q->free[q->n_free - 1];

  if (rig->indirect)
    {
      put_desc (rig, table + 16u * head, put_table (rig, queue, head, parts, n), 16 * n, DESC_INDIRECT, 0);
      q->chain_of[head][0] = head;
      q->n_free--;
      n = 1;
    }
  else
    for (guint i = 0; i < n; i++)
      {
        guint16 index = q->free[--q->n_free];

        q->chain_of[head][i] = index;
        put_desc (rig, table + 16u * index, parts[i].address, parts[i].size,
                  (parts[i].in ? DESC_WRITE : 0) | (i + 1 < n ? DESC_NEXT : 0), i + 1 < n ? q->free[q->n_free - 1] : 0);
      }
  q->length[head] = (guint16) n;
  put16 (rig, avail + 4 + 2u * (q->next % q->size), head);
  put16 (rig, avail + 2, ++q->next);
  return head;
}

static guint
add_packed (Rig *rig, guint queue, const RigPart *parts, guint n)
{
  RigQueue *q = &rig->queues[queue];
  guint16 id = q->free[--q->n_free], first = q->next, first_flags = 0;
  RigPart whole;
  gboolean indirect = rig->indirect;

  if (indirect)
    {
      whole = (RigPart) { put_table (rig, queue, id, parts, n), 16 * n, FALSE };
      parts = &whole;
      n = 1;
    }
  for (guint i = 0; i < n; i++)
    {
      guint16 flags = (parts[i].in ? DESC_WRITE : 0) | (i + 1 < n ? DESC_NEXT : 0) | (indirect ? DESC_INDIRECT : 0)
                      | (q->next_wrap ? DESC_AVAIL : DESC_USED);

      put_desc (rig, RIG_QUEUE (queue) + 16u * q->next, parts[i].address, parts[i].size, id, i == 0 ? flags ^ DESC_AVAIL ^ DESC_USED : flags);
      if (i == 0)
        first_flags = flags;
      if (++q->next == q->size)
        {
          q->next = 0;
          q->next_wrap = !q->next_wrap;
        }
    }
  put16 (rig, RIG_QUEUE (queue) + 16u * first + 14, first_flags);
  q->length[id] = (guint16) n;
  return id;
}

guint
rig_add (Rig *rig, guint queue, const RigPart *parts, guint n)
{
  g_assert_cmpuint (n, <=, 64);
  return is_packed (rig) ? add_packed (rig, queue, parts, n) : add_split (rig, queue, parts, n);
}

void
rig_kick (Rig *rig, guint queue)
{
  if (rig->mmio != NULL)
    rig_slot_write (rig, 0x50, queue);
  else if (rig->modern)
    rig_common_write (rig, 0x3000 + 4 * queue, 2, queue);
  else
    bus_write (rig->machine->ports, RIG_PORTS + 0x10, 2, queue);
}

static gboolean
take_split (Rig *rig, guint queue, guint *head, guint32 *written)
{
  RigQueue *q = &rig->queues[queue];
  guint64 used = used_of (rig, queue);
  guint32 entry[2];

  if (get16 (rig, used + 2) == q->used)
    return FALSE;
  memcpy (entry, rig_at (rig, used + 4 + 8u * (q->used % q->size)), 8);
  q->used++;
  *head = GUINT32_FROM_LE (entry[0]);
  *written = GUINT32_FROM_LE (entry[1]);
  g_assert_cmpuint (*head, <, q->size);
  for (guint i = q->length[*head]; i-- > 0;)
    q->free[q->n_free++] = q->chain_of[*head][i];
  return TRUE;
}

static gboolean
take_packed (Rig *rig, guint queue, guint *head, guint32 *written)
{
  RigQueue *q = &rig->queues[queue];
  guint64 slot = RIG_QUEUE (queue) + 16u * q->used;
  guint16 flags = get16 (rig, slot + 14);

  if (((flags & DESC_AVAIL) != 0) != q->used_wrap || ((flags & DESC_USED) != 0) != q->used_wrap)
    return FALSE;
  memcpy (written, rig_at (rig, slot + 8), 4);
  *written = GUINT32_FROM_LE (*written);
  *head = get16 (rig, slot + 12);
  g_assert_cmpuint (*head, <, q->size);
  q->free[q->n_free++] = (guint16) *head;
  q->used += q->length[*head];
  if (q->used >= q->size)
    {
      q->used -= q->size;
      q->used_wrap = !q->used_wrap;
    }
  return TRUE;
}

gboolean
rig_take (Rig *rig, guint queue, guint *head, guint32 *written)
{
  return is_packed (rig) ? take_packed (rig, queue, head, written) : take_split (rig, queue, head, written);
}

guint32
rig_wait (Rig *rig, guint queue, guint *head)
{
  guint32 written;
  guint any;

  for (guint i = 0; i < 1000; i++)
    {
      if (rig_take (rig, queue, head != NULL ? head : &any, &written))
        return written;
      rig_pass (rig, 100 * 1000);
    }
  g_error ("queue %u gives nothing back", queue);
}
