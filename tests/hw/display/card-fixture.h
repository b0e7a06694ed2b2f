/* card-fixture - a machine that has one display card, with its BARs where BAR() says, for tests of cards. */
#pragma once

#include "core/machine.h"
#include "hw/display/cards.h"
#include "hw/display/display.h"
#include "hw/pci.h"

#include <string.h>

#define BAR(n) (0xd0000000u + 0x08000000u * (n))

typedef struct
{
  AsternMachine *machine;
  AsternPciBus   pci;
  AsternDevice  *card;
  AsternPicture  picture;
} Fixture;

static inline void
set_up (Fixture *f, gconstpointer name)
{
  const AsternVgaCard *card = astern_vga_card_find (name);
  g_autoptr (GError) error = NULL;

  f->machine = astern_machine_new (card->memory_bytes + (1 << 20), &error);
  g_assert_no_error (error);
  f->card = astern_device_new (card->klass, "vga", f->machine, &f->machine->clock);
  astern_machine_add_device (f->machine, f->card);
  g_assert_true (card->plug (f->card, NULL, NULL, &error));
  astern_vga_card_connect (f->card, f->machine->ports, f->machine->physical, ASTERN_PCI_SHADOWS);
  f->pci.memory = f->machine->physical;
  f->pci.ports = f->machine->ports;
  astern_pci_attach (&f->pci, f->card, 2 << 3);
  astern_device_reset (f->card);
  for (guint n = 0; n < 6; n++)
    if (((AsternPciFunction *) f->card)->bars[n].kind == ASTERN_PCI_BAR_PORTS)
      astern_pci_config_write (f->card, PCI_BAR0 + 4 * n, 4, 0xc000, NULL);
    else
      astern_pci_config_write (f->card, PCI_BAR0 + 4 * n, 4, BAR (n), NULL);
  astern_pci_config_write (f->card, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, NULL);
}

static inline void
tear_down (Fixture *f, gconstpointer name)
{
  astern_picture_clear (&f->picture);
  astern_machine_free (f->machine);
}

static inline void
outs (Fixture *f, guint port, guint size, guint32 value)
{
  AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (f->machine->ports, &access, value);
}

static inline guint32
ins (Fixture *f, guint port, guint size)
{
  AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  return (guint32) astern_bus_read (f->machine->ports, &access);
}

static inline void
put (Fixture *f, guint64 address, gconstpointer data, gsize size)
{
  astern_bus_write_bytes (f->machine->physical, (AsternPaddr) { address }, data, size, ASTERN_ORIGIN_CPU);
}

static inline void
put32 (Fixture *f, guint64 address, guint32 value)
{
  value = GUINT32_TO_LE (value);
  put (f, address, &value, 4);
}

static inline guint32
get32 (Fixture *f, guint64 address)
{
  guint32 value;

  astern_bus_read_bytes (f->machine->physical, (AsternPaddr) { address }, &value, 4, ASTERN_ORIGIN_CPU);
  return GUINT32_FROM_LE (value);
}

static inline guint8
get8 (Fixture *f, guint64 address)
{
  guint8 value;

  astern_bus_read_bytes (f->machine->physical, (AsternPaddr) { address }, &value, 1, ASTERN_ORIGIN_CPU);
  return value;
}

static inline guint32
pixel (Fixture *f, guint x, guint y)
{
  astern_display_draw (f->card, 0, &f->picture);
  g_assert_cmpuint (x, <, f->picture.width);
  g_assert_cmpuint (y, <, f->picture.height);
  return astern_picture_row (&f->picture, y)[x];
}
