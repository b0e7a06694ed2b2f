/* fuzz-sound.c - any registers, buffers and lists of them at a sound card, and any sound from outside.
 *
 * The first byte says which card; then a byte says how much of the input is what the microphone hears; the rest is done
 * as fuzz-controller.h says. */
#include "config.h"

#include "core/sound.h"
#include "hw/sound/ac97.h"
#include "hw/sound/hda.h"

#include "fuzz-controller.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Whoever listens finds whole packets. */
static void
heard (gpointer user, const guint8 *data, gsize size)
{
  const AsternSoundPacket *packet = (gconstpointer) data;

  g_assert_cmpuint (size, >=, sizeof packet->header);
  g_assert_cmpuint (size, <=, sizeof *packet);
  g_assert_cmpuint (packet->header.voice, <, ASTERN_SOUND_VOICES);
  if (packet->header.kind == ASTERN_SOUND_PLAY || packet->header.kind == ASTERN_SOUND_LISTEN)
    g_assert_cmpuint (packet->header.rate_hz, >, 0);
}

static AsternDevice *
make_card (AsternMachine *machine, AsternLink *link, gboolean hda)
{
  AsternDevice *card = astern_device_new (hda ? &intel_hda_class : &ac97_class, "card", machine, &machine->clock);

  astern_machine_add_device (machine, card);
  if (hda)
    {
      AsternDevice *codec = astern_device_new (&hda_duplex_class, "codec", machine, &machine->clock);

      astern_machine_add_device (machine, codec);
      hda_codec_connect (codec, link);
      hda_plug (card, codec, 0);
    }
  else
    ac97_connect (card, link);
  return card;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  guint8 which = (guint8) fuzz_take (&input, 1) % 3;
  gsize said = fuzz_take (&input, 1);
  AsternPciBus bus;
  AsternLink *link = astern_link_new (NULL, "sound");
  AsternDevice *card;
  Storage storage;

  said = MIN (said, input.size);
  storage_init (&storage);
  bus = (AsternPciBus) { .memory = storage.machine->physical, .ports = storage.machine->ports };
  link->send = heard;
  card = make_card (storage.machine, link, which == 2);
  astern_pci_attach (&bus, card, 8);
  astern_device_write (card, 0, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, NULL);
  link->input (link->device, input.data, said);
  input.data += said;
  input.size -= said;
  if (which == 2)
    fuzz_steps (card, HDA_WINDOW, 0x200, &input);
  else if (which == 1)
    fuzz_steps (card, AC97_MIXER_WINDOW, 0x80, &input);
  else
    fuzz_steps (card, AC97_MASTER_WINDOW, 0x38, &input);
  storage_clear (&storage);
  astern_link_free (link);
  return 0;
}
