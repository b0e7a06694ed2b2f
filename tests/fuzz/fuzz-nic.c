/* fuzz-nic.c - network cards against a guest and a network of any kind: registers, rings in memory, frames.
 *
 * The first byte chooses the card.  Then a byte an operation: its upper three bits say what is done, the lower ones
 * where.  The guest's memory repeats the rest of the input, so that rings and descriptors are of it, too. */
#include "config.h"

#include "core/machine.h"
#include "hw/net/dp8390.h"
#include "hw/net/e1000.h"
#include "hw/net/pcnet.h"
#include "hw/net/rtl8139.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define MEMORY_BYTES (1u << 20)
#define OPERATIONS   512

typedef struct
{
  const guint8 *at, *end;
} Input;

typedef struct
{
  AsternMachine *machine;
  AsternPciBus   pci;
  AsternLink    *link;
  AsternDevice  *device;
  guint          window;
  guint64        frames;      /* that went out */
} Bench;

static const struct { const AsternCard *card; guint window; } cards[] = {
  { &e1000_card, E1000_WINDOW_REGISTERS }, { &e1000e_card, E1000_WINDOW_REGISTERS }, { &rtl8139_card, RTL8139_WINDOW_REGISTERS },
  { &pcnet_card, PCNET_WINDOW_PORTS }, { &ne2k_pci_card, NE2K_PCI_WINDOW_PORTS }, { &ne2k_isa_card, NE2K_ISA_WINDOW_PORTS },
};

static guint32
take (Input *input, guint bytes)
{
  guint32 value = 0;

  while (bytes-- > 0 && input->at < input->end)
    value = value << 8 | *input->at++;
  return value;
}

static void
sent (gpointer user, const guint8 *frame, gsize size)
{
  Bench *bench = user;

  g_assert_cmpuint (size, >=, 14);
  g_assert_cmpuint (size, <=, 68 * 1024);
  bench->frames += frame[0] + frame[size - 1] + 1u;
}

static void
fill_memory (Bench *bench, const guint8 *data, gsize size)
{
  AsternRamBlock *ram = astern_memory_add (bench->machine->memory, "ram", MEMORY_BYTES, FALSE, NULL);
  guint8 *host = astern_memory_host (bench->machine->memory, ram->start);
  AsternRange range = { .name = "ram", .size = MEMORY_BYTES, .enabled = TRUE, .shadows = ASTERN_PCI_SHADOWS };

  range.read = range.write = (AsternTarget) { .kind = ASTERN_TARGET_MEMORY, .block = ram };
  astern_bus_add (bench->machine->physical, &range);
  for (guint at = 0; size > 0 && at < 65536; at += (guint) size)
    memcpy (host + at, data, MIN (size, 65536 - at));
}

static void
set_up (Bench *bench, guint which)
{
  const AsternCard *card = cards[which].card;
  g_autoptr (AsternCardSettings) settings = NULL;

  bench->window = cards[which].window;
  bench->link = astern_link_new (bench->machine, "net0");
  bench->link->send = sent;
  bench->link->user = bench;
  bench->device = astern_device_new (card->klass, "nic", bench->machine, &bench->machine->clock);
  astern_machine_add_device (bench->machine, bench->device);
  settings = astern_settings_new (card, bench->machine);
  astern_settings_set_link (settings, "netdev", bench->link);
  g_assert_true (card->slot == ASTERN_SLOT_ISA || card->configure (bench->device, settings, NULL));
  if (card->slot != ASTERN_SLOT_PCI)
    return;
  bench->pci = (AsternPciBus) { .memory = bench->machine->physical, .ports = bench->machine->ports };
  astern_pci_attach (&bench->pci, bench->device, 8);
  astern_pci_config_write (bench->device, PCI_COMMAND, 2, 7, NULL);
}

static void
receive (Bench *bench, Input *input, guint kind)
{
  guint8 frame[9000] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
  guint size = kind == 0 ? 1 : 14 + take (input, 2) % (sizeof frame - 14), given = MIN (size, (guint) (input->end - input->at));

  if (given > 0)
    memcpy (frame + (kind & 1 ? 6 : 0), input->at, MIN (given, 64));
  input->at += MIN (given, 64);
  if (bench->link->device != NULL)
    bench->link->input (bench->link->device, frame, size);
}

/* Offsets near each other matter more than distant ones. */
static guint64
offset_of (const Bench *bench, Input *input, guint low)
{
  const AsternWindow *window = &bench->device->klass->windows[bench->window];

  if (window->n_regs > 0)
    {
      const AsternReg *reg = &window->regs[(low & 16 ? take (input, 1) : low) % window->n_regs];

      return reg->offset + (reg->count > 1 ? take (input, 1) % reg->count * reg->width : 0);
    }
  return low % window->size;
}

static void
operate (Bench *bench, Input *input)
{
  guint code = take (input, 1), low = code & 31;
  guint size = low & 8 ? 1 : low & 4 ? 2 : 4;

  switch (code >> 5)
    {
    case 0: case 1: case 2:
      {
        guint64 offset = offset_of (bench, input, low);
        const AsternWindow *window = &bench->device->klass->windows[bench->window];

        astern_device_write (bench->device, bench->window, offset, window->n_regs > 0 ? 4 : size, take (input, code & 32 ? 4 : 2), NULL);
        break;
      }
    case 3:
      astern_device_read (bench->device, bench->window, offset_of (bench, input, low), size, NULL);
      break;
    case 4: case 5:
      receive (bench, input, low);
      break;
    case 6:
      astern_clock_skip (&bench->machine->clock, (guint64) take (input, 2) * 1000);
      astern_clock_fire_due (&bench->machine->clock);
      break;
    default:
      astern_device_peek (bench->device, bench->window, offset_of (bench, input, low), size);
      if (bench->device->klass->n_windows > 4)
        astern_device_write (bench->device, 4, take (input, 1) * 4, 4, take (input, 2), NULL);
      if (low == 31)
        astern_device_reset (bench->device);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Input input = { data, data + size };
  Bench bench = { .machine = astern_machine_new (4u << 20, NULL) };
  guint which = take (&input, 1) % G_N_ELEMENTS (cards);

  fill_memory (&bench, input.at, (gsize) (input.end - input.at));
  set_up (&bench, which);
  for (guint i = 0; i < OPERATIONS && input.at < input.end; i++)
    operate (&bench, &input);
  astern_machine_free (bench.machine);
  astern_link_free (bench.link);
  return 0;
}
