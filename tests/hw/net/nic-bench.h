/* nic-bench - a network card under test: on a PCI bus with memory, its cable in the test's hands.
 *
 * Threads: a test program's own. */
#pragma once

#include "core/machine.h"
#include "hw/card.h"
#include "hw/net/checksum.h"
#include "hw/pci.h"

#include "../device-fixture.h"

#include <string.h>

#define BENCH_MEMORY (1u << 20)

typedef struct
{
  AsternMachine *machine;
  AsternPciBus   pci;
  AsternLink    *link;
  AsternDevice  *nic;
  guint8        *memory;      /* guest address 0 */
  GPtrArray     *sent;        /* GBytes */
  Probe          irq;
} Bench;

static inline void
bench_sent (gpointer user, const guint8 *frame, gsize size)
{
  g_ptr_array_add (((Bench *) user)->sent, g_bytes_new (frame, size));
}

static inline void
bench_intx (gpointer router, guint devfn, guint pin, gboolean level)
{
  probe_changed (&((Bench *) router)->irq, pin, level);
}

static inline void
bench_set_up (Bench *b, const AsternCard *card)
{
  g_autoptr (AsternCardSettings) settings = NULL;
  AsternRange range = { .name = "ram", .size = BENCH_MEMORY, .enabled = TRUE, .shadows = ASTERN_PCI_SHADOWS };
  AsternRamBlock *ram;

  b->machine = astern_machine_new (16u << 20, NULL);
  ram = astern_memory_add (b->machine->memory, "ram", BENCH_MEMORY, FALSE, NULL);
  b->memory = astern_memory_host (b->machine->memory, ram->start);
  range.read = range.write = (AsternTarget) { .kind = ASTERN_TARGET_MEMORY, .block = ram };
  astern_bus_add (b->machine->physical, &range);
  b->sent = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  b->link = astern_link_new (b->machine, "net0");
  b->link->send = bench_sent;
  b->link->user = b;
  b->nic = astern_device_new (card->klass, "nic", b->machine, &b->machine->clock);
  astern_machine_add_device (b->machine, b->nic);
  settings = astern_settings_new (card, b->machine);
  astern_settings_set_link (settings, "netdev", b->link);
  g_assert_true (card->configure (b->nic, settings, NULL));
  b->pci = (AsternPciBus) { .memory = b->machine->physical, .ports = b->machine->ports, .set_intx = bench_intx, .router = b };
  astern_pci_attach (&b->pci, b->nic, 8);
  astern_pci_config_write (b->nic, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, NULL);
}

static inline void
bench_tear_down (Bench *b)
{
  astern_machine_free (b->machine);
  astern_link_free (b->link);
  g_ptr_array_unref (b->sent);
}

/* A frame of @size bytes to @to; the rest counts up. */
static inline void
bench_frame (guint8 *frame, const char *to, guint size)
{
  for (guint i = 0; i < size; i++)
    frame[i] = (guint8) i;
  memcpy (frame, to, 6);
  memcpy (frame + 6, "\x02\x00\x00\x00\x00\x01\x88\xb5", 8);
}

static inline void
bench_receive (Bench *b, const guint8 *frame, guint size)
{
  b->link->input (b->link->device, frame, size);
}

static inline void
bench_plug (Bench *b, gboolean up)
{
  const guint8 packet = up != FALSE;

  b->link->input (b->link->device, &packet, 1);
}

static inline void
assert_sent (Bench *b, guint i, const guint8 *frame, guint size)
{
  g_assert_cmpuint (b->sent->len, >, i);
  g_assert_cmpmem (g_bytes_get_data (g_ptr_array_index (b->sent, i), NULL), g_bytes_get_size (g_ptr_array_index (b->sent, i)), frame, size);
}

#define OWN_ADDRESS  "\x52\x54\x00\x12\x34\x56"
#define BROADCAST    "\xff\xff\xff\xff\xff\xff"
