/* Expansion ROMs: whose IDs are in them. */
#include "config.h"

#include "core/bytes.h"
#include "core/machine.h"
#include "hw/net/dp8390.h"

#define SIZE 4096
#define PCIR 0x40

/* An image for a PC's firmware, its bytes' sum 0, and another one behind it. */
static void
fill (guint8 rom[SIZE])
{
  guint8 sum = 0;

  memset (rom, 0, SIZE);
  memcpy (rom, "\x55\xaa\x04\xe9\x22\x11", 6);
  rom[0x18] = PCIR;
  memcpy (rom + PCIR, "PCIR\x34\x12\x78\x56", 8);
  for (guint i = 0; i < 2048; i++)
    sum = (guint8) (sum + rom[i]);
  rom[6] = (guint8) -sum;
  memcpy (rom + 2048, rom, 2048);
}

/* What the function has in the end. */
static void
put_in (const guint8 *rom, gsize size, gboolean ours, guint8 seen[SIZE])
{
  AsternMachine *machine = astern_machine_new (1 << 20, NULL);
  AsternDevice *device = astern_device_new (&ne2k_pci_class, "card", machine, &machine->clock);
  g_autoptr (GBytes) bytes = g_bytes_new (rom, size);
  AsternRamBlock *block;

  astern_machine_add_device (machine, device);
  g_assert_true (astern_pci_set_rom (device, bytes, ours, NULL));
  block = astern_memory_find (machine->memory, "card.rom");
  g_assert_nonnull (block);
  memcpy (seen, astern_memory_host (machine->memory, block->start), SIZE);
  astern_machine_free (machine);
}

static void
one_that_the_user_chose_is_as_it_was (void)
{
  guint8 rom[SIZE], seen[SIZE];

  fill (rom);
  put_in (rom, SIZE, FALSE, seen);
  g_assert_cmpmem (seen, SIZE, rom, SIZE);
}

static void
ours_gets_the_functions_ids_and_its_sum_stays_0 (void)
{
  guint8 rom[SIZE], seen[SIZE], sum = 0;

  fill (rom);
  put_in (rom, SIZE, TRUE, seen);
  g_assert_cmphex (astern_get_le16 (seen + PCIR + 4), ==, 0x10ec);
  g_assert_cmphex (astern_get_le16 (seen + PCIR + 6), ==, 0x8029);
  for (guint i = 0; i < 2048; i++)
    sum = (guint8) (sum + seen[i]);
  g_assert_cmphex (sum, ==, 0);
  g_assert_cmpmem (seen + 2048, 2048, rom + 2048, 2048);
}

static void
what_is_no_image_for_a_pc_is_as_it_was (void)
{
  static const struct { guint16 at; guint8 value; } damages[] = {
    { 0, 0 }, { 2, 200 }, { 2, 0 }, { 0x19, 0x08 }, { 0x19, 0xff }, { PCIR, 0 }, { PCIR + 0x14, 3 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      guint8 rom[SIZE], seen[SIZE];

      fill (rom);
      rom[damages[i].at] = damages[i].value;
      put_in (rom, SIZE, TRUE, seen);
      g_assert_cmpmem (seen, SIZE, rom, SIZE);
    }
}

static void
a_short_file_is_as_it_was (void)
{
  for (gsize size = 0; size < 0x60; size++)
    {
      guint8 rom[SIZE], seen[SIZE];

      fill (rom);
      memset (rom + size, 0, SIZE - size);
      put_in (rom, size, TRUE, seen);
      g_assert_cmpmem (seen, SIZE, rom, SIZE);
    }
}

#define ADD(name) g_test_add_func ("/hw/pci-rom/" #name, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (one_that_the_user_chose_is_as_it_was);
  ADD (ours_gets_the_functions_ids_and_its_sum_stays_0);
  ADD (what_is_no_image_for_a_pc_is_as_it_was);
  ADD (a_short_file_is_as_it_was);
  return g_test_run ();
}
