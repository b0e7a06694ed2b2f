/* The host bridge: PCI configuration mechanism 1, PAM, SMRAM. */
#include "config.h"

#include "core/machine.h"
#include "hw/i440fx.h"
#include "hw/piix3.h"

#define RAM_SIZE (2u << 20)

typedef struct
{
  AsternMachine *machine;
  AsternDevice  *bridge, *isa;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  AsternMachine *machine = astern_machine_new (RAM_SIZE + 0x20000, NULL);
  AsternRamBlock *ram = astern_memory_add (machine->memory, "ram", RAM_SIZE, FALSE, NULL);
  AsternRamBlock *bios = astern_memory_add (machine->memory, "bios", 0x20000, TRUE, NULL);
  AsternRange low = { .name = "ram", .size = 0xa0000, .shadows = ASTERN_SHADOW_FIXED, .enabled = TRUE };
  AsternPciBus *pci;

  f->machine = machine;
  low.read = low.write = (AsternTarget) { .kind = ASTERN_TARGET_MEMORY, .block = ram };
  astern_bus_add (machine->physical, &low);
  astern_bus_add_memory (machine->physical, 0xe0000, bios, ASTERN_SHADOW_FIXED);
  *astern_memory_host (machine->memory, bios->start + 0x10000) = 0xb1;

  f->bridge = astern_device_new (&i440fx_class, "i440fx", machine, &machine->clock);
  f->isa = astern_device_new (&piix3_class, "piix3", machine, &machine->clock);
  astern_machine_add_device (machine, f->bridge);
  astern_machine_add_device (machine, f->isa);
  pci = i440fx_bus (f->bridge);
  pci->memory = machine->physical;
  pci->ports = machine->ports;
  astern_pci_attach (pci, f->bridge, 0);
  astern_pci_attach (pci, f->isa, 1 << 3);
  i440fx_map_memory (f->bridge, ram);
  i440fx_pass_on (f->bridge, f->isa, PIIX3_RESET_WINDOW);
  astern_bus_add_device (machine->ports, 0xcf8, f->bridge, I440FX_PORTS_WINDOW, 0);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

static void
outs (Fixture *f, guint port, guint size, guint32 value)
{
  AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (f->machine->ports, &access, value);
}

static guint32
ins (Fixture *f, guint port, guint size)
{
  AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  return (guint32) astern_bus_read (f->machine->ports, &access);
}

static guint8
load (Fixture *f, guint64 address)
{
  guint8 value;

  astern_bus_read_bytes (f->machine->physical, (AsternPaddr) { address }, &value, 1, ASTERN_ORIGIN_CPU);
  return value;
}

static void
store (Fixture *f, guint64 address, guint8 value)
{
  astern_bus_write_bytes (f->machine->physical, (AsternPaddr) { address }, &value, 1, ASTERN_ORIGIN_CPU);
}

static guint8 *
ram (Fixture *f, guint64 offset)
{
  return astern_memory_host (f->machine->memory, offset);
}

static void
configuration_is_read_through_its_two_ports (Fixture *f, gconstpointer data)
{
  outs (f, 0xcf8, 4, 0x80000000);
  g_assert_cmphex (ins (f, 0xcf8, 4), ==, 0x80000000);
  g_assert_cmphex (ins (f, 0xcfc, 4), ==, 0x12378086);
  g_assert_cmphex (ins (f, 0xcfe, 2), ==, 0x1237);
  g_assert_cmphex (ins (f, 0xcff, 1), ==, 0x12);
  outs (f, 0xcf8, 4, 0x8000082c);
  g_assert_cmphex (ins (f, 0xcfc, 4), ==, 0x11001af4);
  outs (f, 0xcf8, 4, 0xffffffff);
  g_assert_cmphex (ins (f, 0xcf8, 4), ==, 0x80fffffc);
}

static void
absent_functions_read_all_ones (Fixture *f, gconstpointer data)
{
  outs (f, 0xcf8, 4, 0x80000000 | 9 << 11);
  g_assert_cmphex (ins (f, 0xcfc, 4), ==, 0xffffffff);
  outs (f, 0xcf8, 4, 0x80010000);               /* another bus */
  g_assert_cmphex (ins (f, 0xcfc, 4), ==, 0xffffffff);
  outs (f, 0xcf8, 4, 0);                        /* not enabled */
  g_assert_cmphex (ins (f, 0xcfc, 4), ==, 0xffffffff);
}

static void
only_dwords_reach_the_address_register (Fixture *f, gconstpointer data)
{
  outs (f, 0xcf8, 4, 0x80000058);
  outs (f, 0xcf9, 1, 0x02);                     /* reset control: the kind of reset */
  g_assert_cmphex (ins (f, 0xcf8, 4), ==, 0x80000058);
  g_assert_cmphex (ins (f, 0xcf9, 1), ==, 0x02);
  g_assert_cmpint (f->machine->stop.reason, ==, ASTERN_STOP_NONE);
  outs (f, 0xcf9, 1, 0x06);
  g_assert_cmpint (f->machine->stop.reason, ==, ASTERN_STOP_RESET);
}

static void
pam_sends_reads_and_writes_to_ram_each_on_its_own (Fixture *f, gconstpointer data)
{
  *ram (f, 0xf0000) = 0x11;
  g_assert_cmphex (load (f, 0xf0000), ==, 0xb1);
  store (f, 0xf0000, 0x22);                     /* ROM */
  g_assert_cmphex (*ram (f, 0xf0000), ==, 0x11);

  astern_device_write (f->bridge, 0, I440FX_PAM0, 1, 0x20, NULL);       /* writes to RAM */
  store (f, 0xf0000, 0x33);
  g_assert_cmphex (*ram (f, 0xf0000), ==, 0x33);
  g_assert_cmphex (load (f, 0xf0000), ==, 0xb1);

  astern_device_write (f->bridge, 0, I440FX_PAM0, 1, 0x10, NULL);       /* reads from RAM */
  store (f, 0xf0000, 0x44);
  g_assert_cmphex (load (f, 0xf0000), ==, 0x33);

  astern_device_write (f->bridge, 0, I440FX_PAM0, 1, 0x30, NULL);       /* both */
  store (f, 0xf0000, 0x44);
  g_assert_cmphex (load (f, 0xf0000), ==, 0x44);
}

static void
each_pam_nibble_rules_16_kib (Fixture *f, gconstpointer data)
{
  for (guint n = 0; n < 12; n++)
    {
      guint64 start = 0xc0000 + n * 0x4000;

      astern_device_write (f->bridge, 0, I440FX_PAM0 + 1 + n / 2, 1, n % 2 ? 0x30 : 0x03, NULL);
      store (f, start, 0x5a);
      store (f, start + 0x3fff, 0xa5);
      g_assert_cmphex (*ram (f, start), ==, 0x5a);
      g_assert_cmphex (*ram (f, start + 0x3fff), ==, 0xa5);
      g_assert_cmphex (load (f, start), ==, 0x5a);
      astern_device_write (f->bridge, 0, I440FX_PAM0 + 1 + n / 2, 1, 0, NULL);
      g_assert_cmphex (load (f, start), ==, start < 0xe0000 ? 0xff : 0x00);
    }
}

static void
smram_is_seen_when_open_or_in_smm (Fixture *f, gconstpointer data)
{
  *ram (f, 0xa0000) = 0x77;
  g_assert_cmphex (load (f, 0xa0000), ==, 0xff);
  i440fx_set_smm (f->bridge, 1, TRUE);          /* not enabled */
  g_assert_cmphex (load (f, 0xa0000), ==, 0xff);
  astern_device_write (f->bridge, 0, I440FX_SMRAM, 1, 0x0a, NULL);
  g_assert_cmphex (load (f, 0xa0000), ==, 0x77);
  i440fx_set_smm (f->bridge, 0, TRUE);
  i440fx_set_smm (f->bridge, 1, FALSE);
  g_assert_cmphex (load (f, 0xa0000), ==, 0x77);
  i440fx_set_smm (f->bridge, 0, FALSE);
  g_assert_cmphex (load (f, 0xa0000), ==, 0xff);
  astern_device_write (f->bridge, 0, I440FX_SMRAM, 1, 0x4a, NULL);
  g_assert_cmphex (load (f, 0xa0000), ==, 0x77);
}

static void
a_restored_state_maps_memory_as_it_was (Fixture *f, gconstpointer data)
{
  g_autoptr (GVariant) saved = NULL;

  astern_device_write (f->bridge, 0, I440FX_PAM0, 1, 0x30, NULL);
  store (f, 0xf0000, 0x66);
  saved = g_variant_ref_sink (astern_device_save (f->bridge));
  astern_device_reset (f->bridge);
  g_assert_cmphex (load (f, 0xf0000), ==, 0xb1);
  g_assert_true (astern_device_load (f->bridge, saved, NULL));
  g_assert_cmphex (load (f, 0xf0000), ==, 0x66);
}

#define ADD(name) g_test_add ("/hw/i440fx/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (configuration_is_read_through_its_two_ports);
  ADD (absent_functions_read_all_ones);
  ADD (only_dwords_reach_the_address_register);
  ADD (pam_sends_reads_and_writes_to_ram_each_on_its_own);
  ADD (each_pam_nibble_rules_16_kib);
  ADD (smram_is_seen_when_open_or_in_smm);
  ADD (a_restored_state_maps_memory_as_it_was);
  return g_test_run ();
}
