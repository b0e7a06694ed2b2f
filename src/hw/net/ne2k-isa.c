/* ne2k-isa.c - an NE2000 on ISA.
 * Source: National Semiconductor, application note 729 (the board's address PROM and ports).
 * Left out: plug and play. */
#include "config.h"

#include "hw/net/dp8390-private.h"

#include <string.h>

#include <glib/gi18n.h>

typedef struct
{
  Dp8390 chip;
} State;

typedef struct
{
  AsternDevice parent;
  AsternIrq    irq;
  Dp8390Board  board;
  State        s;
} Ne2kIsa;

DP8390_ASSERT_BOARD (Ne2kIsa);

static void
set_irq (AsternDevice *device, gboolean level)
{
  astern_irq_set (&((Ne2kIsa *) device)->irq, level);
}

static void
ne2k_isa_init (AsternDevice *device)
{
  static const guint8 mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };
  Ne2kIsa *self = (Ne2kIsa *) device;

  self->board = (Dp8390Board) { .device = device, .chip = &self->s.chip, .set_irq = set_irq };
  memcpy (self->board.mac, mac, 6);
}

static void
ne2k_isa_reset (AsternDevice *device)
{
  Ne2kIsa *self = (Ne2kIsa *) device;

  memset (&self->s.chip, 0, sizeof self->s.chip);
  dp8390_reset (&self->board);
}

static void
ne2k_isa_restored (AsternDevice *device)
{
  dp8390_update (&((Ne2kIsa *) device)->board);
}

static void
input (gpointer device, gconstpointer data, gsize size)
{
  dp8390_input (&((Ne2kIsa *) device)->board, data, size);
}

static guint
room (gpointer device)
{
  return dp8390_room (&((Ne2kIsa *) device)->board);
}

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  Ne2kIsa *self = (Ne2kIsa *) device;
  const AsternIsaBus *isa = astern_settings_isa (settings);
  guint64 start = astern_settings_number (settings, "iobase"), line = astern_settings_number (settings, "irq");
  AsternRange range = { .name = device->name, .start = start, .size = NE2K_PORTS, .enabled = TRUE };

  AsternRoute route = { 0 };

  if (start + NE2K_PORTS > 0x10000 || line > 15)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The card “%s” has its 32 ports below 0x10000, and an irq of 0 to 15."), device->name);
      return FALSE;
    }
  astern_settings_mac (settings, "mac", self->board.mac);
  dp8390_reset (&self->board);
  self->board.link = astern_settings_link (settings, "netdev");
  if (self->board.link != NULL)
    astern_link_attach (self->board.link, device, input, room);
  if (isa == NULL)
    return TRUE;
  for (guint i = 0; i < NE2K_PORTS; i++)
    {
      astern_bus_route (isa->ports, start + i, &route);
      if (route.read.kind == ASTERN_TARGET_NONE)
        continue;
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The card “%s” cannot have the port 0x%x: another device has it.  Give it another iobase."),
                   device->name, (guint) start + i);
      return FALSE;
    }
  range.read = range.write = (AsternTarget) { .kind = ASTERN_TARGET_DEVICE, .device = device, .window = NE2K_ISA_WINDOW_PORTS };
  astern_bus_add (isa->ports, &range);
  astern_irq_connect (&self->irq, isa->set_irq, isa->router, (guint) line);
  return TRUE;
}

/* Page 3 is the chip's maker's. */
static const AsternReg regs[] = {
  DP8390_REGS (State, chip),
  { 0xa, 0, ASTERN_REG_R, 1, "reserved", ASTERN_NO_BACKING, 0, 0, NULL, NULL, NULL, 2, NULL },
  { 0x1, 3, ASTERN_REG_RW, 1, "reserved", ASTERN_NO_BACKING, 0, 0, NULL, NULL, NULL, 15, NULL },
};

static const AsternWindow windows[] = {
  { .name = "ports", .size = NE2K_PORTS, .regs = regs, .n_regs = G_N_ELEMENTS (regs), .bank = dp8390_bank },
};

static const AsternField fields[] = { DP8390_FIELDS (State, chip) };

const AsternDeviceClass ne2k_isa_class = {
  .name = "ne2k_isa", .summary = "NE2000 on ISA", .state_version = 1,
  .instance_size = sizeof (Ne2kIsa), .state_offset = G_STRUCT_OFFSET (Ne2kIsa, s), .state_size = sizeof (State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = ne2k_isa_init, .reset = ne2k_isa_reset, .restored = ne2k_isa_restored,
};

static const AsternProperty properties[] = {
  { "iobase", ASTERN_PROPERTY_NUMBER, "0x300", N_("the first of its 32 ports") },
  { "irq", ASTERN_PROPERTY_NUMBER, "9", N_("the card's interrupt line") },
  { "mac", ASTERN_PROPERTY_MAC, "52:54:00:12:34:56", N_("the card's address") },
  { "netdev", ASTERN_PROPERTY_NETDEV, NULL, N_("the network that it is plugged into") },
  { NULL, 0, NULL, NULL },
};

const AsternCard ne2k_isa_card = {
  .name = "ne2k_isa", .summary = N_("NE2000 on ISA"), .klass = &ne2k_isa_class,
  .kind = ASTERN_CARD_NETWORK, .slot = ASTERN_SLOT_ISA, .properties = properties, .configure = configure,
};
