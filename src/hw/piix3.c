/* piix3.c - Intel 82371SB (PIIX3), function 0: PCI-to-ISA bridge.
 * Source: Intel 82371FB/82371SB data sheet 290550, sections 2.2 and 2.5.8 (reset control).
 * Left out: ISA timing, chip selects and positive decode, which nothing can see; DMA and
 * the IDE and USB functions are devices of their own. */
#include "config.h"

#include "hw/piix3.h"

#include "core/machine.h"

#include <string.h>

#define N_LINES      16
#define ROUTE_OFF    0x80       /* PIRQRC: not routed */

enum { RC_SYSTEM_RESET = 1 << 1, RC_RESET_CPU = 1 << 2 };

typedef struct
{
  AsternPciState pci;
  guint8  intx[256];    /* levels of pins A..D, a bit each, by devfn */
  guint16 isa[2];       /* levels of the ISA lines' first and second device, a bit each */
  guint8  rc;           /* reset control register */
  guint8  reserved[3];
} Piix3State;

typedef struct
{
  AsternPciFunction parent;
  Piix3State s;
  AsternIrq  lines[N_LINES];
  guint16    from_pci;          /* lines that PCI pins raise; follows from the state */
  guint16    driven;            /* what the wires were last told */
} Piix3;

/* The ISA line that a PIRQ goes to, or -1. */
static gint
route_of (const Piix3State *s, guint pirq)
{
  guint8 route = s->pci.config[PIIX3_PIRQRC + pirq];

  return route & ROUTE_OFF ? -1 : route & 0x0f;
}

static guint16
pci_levels (const Piix3State *s)
{
  guint16 level = 0;
  guint devfn, pin;

  for (devfn = 0; devfn < 256; devfn++)
    if (s->intx[devfn] != 0)
      for (pin = 0; pin < 4; pin++)
        if (s->intx[devfn] >> pin & 1)
          {
            gint line = route_of (s, piix3_pirq (devfn, pin));

            if (line >= 0)
              level |= (guint16) (1u << line);
          }
  return level;
}

static void
drive (Piix3 *self, gboolean all)
{
  guint16 now = self->s.isa[0] | self->s.isa[1] | self->from_pci;
  guint16 changed = all ? 0xffff : now ^ self->driven;
  guint line;

  self->driven = now;
  for (line = 0; line < N_LINES; line++)
    if (changed >> line & 1)
      astern_irq_set (&self->lines[line], now >> line & 1);
}

void
piix3_set_isa_irq (gpointer device, guint line, gboolean level)
{
  Piix3 *self = device;
  guint16 bit = (guint16) (1u << (line & 15));
  guint16 *lines = &self->s.isa[line >> 4 & 1];

  *lines = (guint16) (level ? *lines | bit : *lines & ~bit);
  drive (self, FALSE);
}

void
piix3_set_intx (gpointer device, guint devfn, guint pin, gboolean level)
{
  Piix3 *self = device;
  guint8 bit = (guint8) (1u << (pin & 3));
  guint8 *pins = &self->s.intx[devfn & 0xff];

  *pins = (guint8) (level ? *pins | bit : *pins & ~bit);
  self->from_pci = pci_levels (&self->s);
  drive (self, FALSE);
}

void
piix3_connect (AsternDevice *device, guint line, AsternIrqFunc changed, gpointer receiver,
                      guint receiver_line)
{
  Piix3 *self = (Piix3 *) device;

  g_return_if_fail (line < N_LINES);
  astern_irq_connect (&self->lines[line], changed, receiver, receiver_line);
}

static void
rc_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  if ((value & RC_RESET_CPU) && device->machine != NULL)
    astern_machine_stop (device->machine, ASTERN_STOP_RESET, device->machine->running_cpu, value,
                         "the reset control register (port 0xcf9) was written");
}

static void
piix3_config_changed (AsternDevice *device, guint offset, guint size)
{
  Piix3 *self = (Piix3 *) device;

  if (offset >= PIIX3_PIRQRC + 4 || offset + size <= PIIX3_PIRQRC)
    return;
  self->from_pci = pci_levels (&self->s);
  drive (self, FALSE);
}

static const AsternPciInfo info = {
  .vendor = 0x8086, .device = 0x7000, .class_code = 0x060100, .multifunction = TRUE,
  .command = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, .status = 0x0280,
  .command_writable = 0x0008,
  .config_changed = piix3_config_changed,
};

static void
piix3_init (AsternDevice *device)
{
  Piix3 *self = (Piix3 *) device;

  astern_pci_init (device, &info);
  memset (&self->parent.writable[PIIX3_PIRQRC], 0x8f, 4);
  self->parent.writable[0x4c] = 0x7f;           /* IORT */
  self->parent.writable[0x4e] = 0xff;           /* XBCS */
  self->parent.writable[0x4f] = 0x01;
  self->parent.writable[0x69] = 0xfe;           /* TOM */
  self->parent.writable[0x6a] = 0x97;           /* MSTAT */
  self->parent.writable[0x82] = 0x0f;           /* delayed transactions */
}

static void
piix3_reset (AsternDevice *device)
{
  Piix3 *self = (Piix3 *) device;

  astern_pci_reset (device);
  memset (&self->s.pci.config[PIIX3_PIRQRC], ROUTE_OFF, 4);
  self->s.pci.config[0x4c] = 0x4d;
  self->s.pci.config[0x4e] = 0x03;
  self->s.pci.config[0x69] = 0x02;
  memset (self->s.intx, 0, sizeof self->s.intx);
  self->s.isa[0] = self->s.isa[1] = 0;
  self->from_pci = 0;
  drive (self, FALSE);
}

static void
piix3_restored (AsternDevice *device)
{
  astern_pci_restored (device);
  drive ((Piix3 *) device, TRUE);
}

static const AsternReg reset_regs[] = {
  { .offset = 1, .access = ASTERN_REG_RW, .width = 1, .name = "RC",
    .backing = G_STRUCT_OFFSET (Piix3State, rc), .writable = RC_SYSTEM_RESET, .did_write = rc_did_write },
};

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "reset", .size = 4, .regs = reset_regs, .n_regs = G_N_ELEMENTS (reset_regs),
    .min_size = 1, .max_size = 1 },
};

static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (Piix3State, 1),
  ASTERN_FIELD_BYTES (Piix3State, intx, 1),
  ASTERN_FIELD_ARRAY (Piix3State, isa, 1),
  ASTERN_FIELD (Piix3State, rc, 1),
  ASTERN_FIELD_BYTES (Piix3State, reserved, 1),
};

const AsternDeviceClass piix3_class = {
  .name = "piix3", .summary = "PIIX3 PCI-to-ISA bridge", .state_version = 1,
  .instance_size = sizeof (Piix3),
  .state_offset = G_STRUCT_OFFSET (Piix3, s), .state_size = sizeof (Piix3State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = piix3_init, .reset = piix3_reset, .restored = piix3_restored,
};
