/* ide-piix.c - Intel 82371SB (PIIX3), function 1: IDE.
 * Source: Intel 82371FB/82371SB data sheet 290550, sections 2.3 and 2.6; ATA/ATAPI-6 for the registers;
 * Programming Interface for Bus Master IDE Controller, revision 1.0, for the descriptors.
 * Left out: the timings of IDETIM and SIDETIM, which nothing can see. */
#include "config.h"

#include "hw/storage/ide-piix.h"

#include "core/machine.h"
#include "hw/storage/ata.h"

#include <glib/gi18n.h>
#include <string.h>

#define CHANNELS     IDE_PIIX_CHANNELS
#define CONTROL      IDE_PIIX_CONTROL
#define DECODED      0x80               /* in IDETIM's second byte */
#define PIECE        4096               /* bytes moved at once */
#define MOST_RANGES  8192               /* a table of descriptors has 64 KiB */
#define LAST_RANGE   0x80000000u

enum { BM_START = 0x01, BM_TO_MEMORY = 0x08 };                  /* BMIC */
enum { BM_ACTIVE = 0x01, BM_ERROR = 0x02, BM_INTERRUPT = 0x04, BM_CAPABLE = 0x60 };     /* BMIS */

typedef struct
{
  AsternPciState pci;
  guint32 table[CHANNELS];      /* BMIDTP */
  guint8  bm_command[CHANNELS], bm_status[CHANNELS];
  guint8  selected[CHANNELS];   /* drive 0 or 1 */
  guint8  control[CHANNELS];    /* the device control register as written */
} IdePiixState;

typedef struct
{
  AsternPciFunction parent;
  IdePiixState  s;
  AsternDevice *drives[CHANNELS][2];    /* (nullable) */
  AsternIrq     irq[CHANNELS];
  AsternRange  *ranges[CHANNELS][2];
} IdePiix;

static const IdePiix *
self_of (gconstpointer state)
{
  return (const IdePiix *) ((const guint8 *) state - G_STRUCT_OFFSET (IdePiix, s));
}

/* (nullable) who hears commands. */
static AsternDevice *
selected (const IdePiix *self, guint channel)
{
  return self->drives[channel][self->s.selected[channel] & 1];
}

/* -- Interrupts */

static void
drive_irq (IdePiix *self, guint channel)
{
  AsternDevice *ata = selected (self, channel);

  astern_irq_set (&self->irq[channel],
                  ata != NULL && ata_interrupt (ata) && !(self->s.control[channel] & ATA_NIEN));
}

static void
ata_wires (gpointer host, guint unit)
{
  drive_irq (host, unit >> 1);
}

static void
ata_interrupts (gpointer host, guint unit)
{
  IdePiix *self = host;

  if ((self->s.selected[unit >> 1] & 1) == (unit & 1))
    self->s.bm_status[unit >> 1] |= BM_INTERRUPT;
}

/* -- Bus master */

/* A region of memory that a descriptor names. */
static gboolean
next_range (IdePiix *self, guint channel, guint n, guint32 *address, guint32 *size, gboolean *last)
{
  guint32 range[2];

  if (n >= MOST_RANGES || !astern_pci_dma_read (&self->parent.parent, (self->s.table[channel] & ~3u) + 8 * n, range, sizeof range))
    return FALSE;
  *address = GUINT32_FROM_LE (range[0]) & ~1u;
  *size = GUINT32_FROM_LE (range[1]) & 0xfffe;
  *last = (GUINT32_FROM_LE (range[1]) & LAST_RANGE) != 0;
  if (*size == 0)
    *size = 0x10000;
  return TRUE;
}

static gboolean
move_piece (IdePiix *self, AsternDevice *ata, guint32 address, guint size)
{
  guint8 piece[PIECE];

  if (ata_transfer_is_out (ata))
    return astern_pci_dma_read (&self->parent.parent, address, piece, size) && ata_transfer_out (ata, piece, size);
  return ata_transfer_in (ata, piece, size) && astern_pci_dma_write (&self->parent.parent, address, piece, size);
}

/* Moves all that the drive has ready; the descriptors' memory may be more or less than that. */
static void
run_bus_master (IdePiix *self, guint channel)
{
  IdePiixState *s = &self->s;
  AsternDevice *ata = selected (self, channel);
  gboolean last = FALSE, good = TRUE;
  guint32 address = 0, size = 0;
  guint n = 0;

  if (!(s->bm_status[channel] & BM_ACTIVE) || ata == NULL || !ata_is_ready (ata))
    return;
  if (ata_transfer_is_out (ata) == ((s->bm_command[channel] & BM_TO_MEMORY) != 0))
    {
      s->bm_status[channel] |= BM_ERROR;
      return;
    }
  while (good && ata_transfer_left (ata) > 0)
    {
      guint piece;

      if (size == 0 && (last || !next_range (self, channel, n++, &address, &size, &last)))
        {
          good = FALSE;
          break;
        }
      piece = (guint) MIN (MIN (size, PIECE), ata_transfer_left (ata));
      good = move_piece (self, ata, address, piece);
      address += piece;
      size -= piece;
    }
  if (!good)
    s->bm_status[channel] |= BM_ERROR;
  if (!good || (last && size == 0))     /* else memory is left over, and the engine stays active */
    s->bm_status[channel] &= (guint8) ~BM_ACTIVE;
  ata_transfer_end (ata, good);
}

static void
ata_ready (gpointer host, guint unit)
{
  IdePiix *self = host;

  if ((self->s.selected[unit >> 1] & 1) == (unit & 1))
    run_bus_master (self, unit >> 1);
}

static const AtaHost ata_host = { .ready = ata_ready, .interrupt = ata_interrupts, .wires = ata_wires };

static void
bmic_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  IdePiix *self = (IdePiix *) device;
  guint channel = offset >> 3;
  guint8 old = self->s.bm_command[channel];

  self->s.bm_command[channel] = value & (BM_START | BM_TO_MEMORY);
  if (!(value & BM_START))
    self->s.bm_status[channel] &= (guint8) ~BM_ACTIVE;
  else if (!(old & BM_START))
    {
      self->s.bm_status[channel] |= BM_ACTIVE;
      run_bus_master (self, channel);
    }
}

static guint64
bmic_value (gconstpointer state, guint32 offset)
{
  return ((const IdePiixState *) state)->bm_command[offset >> 3];
}

static guint64
bmis_value (gconstpointer state, guint32 offset)
{
  return ((const IdePiixState *) state)->bm_status[offset >> 3];
}

static void
bmis_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  guint8 *status = &((IdePiix *) device)->s.bm_status[offset >> 3];

  *status = (guint8) ((*status & ~BM_CAPABLE & ~(value & (BM_ERROR | BM_INTERRUPT))) | (value & BM_CAPABLE));
}

/* -- The channels' registers: of the window's ports, 8 are of the first and 8 of the second */

static guint
channel_of (guint32 offset)
{
  return offset >= CONTROL ? offset - CONTROL : offset >> 3;
}

/* A drive that is not there: the other one answers for it, but is not busy; or nobody. */
static guint64
reg_value (gconstpointer state, guint32 offset)
{
  const IdePiix *self = self_of (state);
  guint channel = channel_of (offset), reg = offset >= CONTROL ? ATA_STATUS : offset & 7;
  AsternDevice *ata = selected (self, channel), *other = self->drives[channel][!(self->s.selected[channel] & 1)];

  if (ata != NULL)
    return ata_register (ata, reg);
  if (other == NULL || reg == ATA_STATUS)
    return 0;
  return ata_register (other, reg);
}

static void
status_did_read (AsternDevice *device, guint32 offset)
{
  AsternDevice *ata = selected ((IdePiix *) device, channel_of (offset));

  if (ata != NULL)
    ata_status_was_read (ata);
}

/* Both drives hear every register. */
static void
reg_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  IdePiix *self = (IdePiix *) device;
  guint channel = channel_of (offset), reg = offset & 7;

  for (guint unit = 0; unit < 2; unit++)
    if (self->drives[channel][unit] != NULL)
      ata_write_register (self->drives[channel][unit], reg, (guint8) value);
  if (reg == ATA_DEVICE)
    {
      self->s.selected[channel] = (value & ATA_SECOND) != 0;
      drive_irq (self, channel);
    }
}

static void
command_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  enum { DIAGNOSE = 0x90 };
  IdePiix *self = (IdePiix *) device;
  guint channel = channel_of (offset);

  for (guint unit = 0; unit < 2; unit++)
    {
      AsternDevice *ata = self->drives[channel][unit];

      if (ata != NULL && (ata == selected (self, channel) || value == DIAGNOSE))
        ata_command (ata, (guint8) value);
    }
}

static void
control_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  IdePiix *self = (IdePiix *) device;
  guint channel = channel_of (offset);

  self->s.control[channel] = (guint8) value;
  if (value & ATA_SRST)
    self->s.selected[channel] = 0;
  for (guint unit = 0; unit < 2; unit++)
    if (self->drives[channel][unit] != NULL)
      ata_write_control (self->drives[channel][unit], (guint8) value);
  drive_irq (self, channel);
}

static guint64
data_value (gconstpointer state, guint32 offset, guint size)
{
  AsternDevice *ata = selected (self_of (state), channel_of (offset));

  return ata != NULL ? ata_data (ata, size) : 0;
}

static void
data_did_read (AsternDevice *device, guint32 offset, guint size)
{
  AsternDevice *ata = selected ((IdePiix *) device, channel_of (offset));

  if (ata != NULL)
    ata_data_was_read (ata, size);
}

static void
data_did_write (AsternDevice *device, guint32 offset, guint64 value, guint size)
{
  AsternDevice *ata = selected ((IdePiix *) device, channel_of (offset));

  if (ata != NULL)
    ata_write_data (ata, (guint32) value, size);
}

#define DATA(bits, size) \
  static guint64 data##bits##_value (gconstpointer state, guint32 offset) { return data_value (state, offset, size); } \
  static void data##bits##_did_read (AsternDevice *device, guint32 offset) { data_did_read (device, offset, size); } \
  static void data##bits##_did_write (AsternDevice *device, guint32 offset, guint64 value) \
    { data_did_write (device, offset, value, size); }
DATA (16, 2)
DATA (32, 4)

/* -- The function */

static void
update_ports (IdePiix *self)
{
  const guint8 *config = self->s.pci.config;
  gboolean on = config[PCI_COMMAND] & PCI_COMMAND_IO, changed = FALSE;

  for (guint channel = 0; channel < CHANNELS; channel++)
    for (guint block = 0; block < 2; block++)
      {
        AsternRange *range = self->ranges[channel][block];
        gboolean enabled = on && (config[IDE_PIIX_IDETIM + 2 * channel + 1] & DECODED);

        if (range == NULL || range->enabled == enabled)
          continue;
        range->enabled = enabled;
        changed = TRUE;
      }
  if (changed)
    astern_bus_changed (self->parent.bus->ports);
}

static void
config_changed (AsternDevice *device, guint offset, guint size)
{
  update_ports ((IdePiix *) device);
}

static const AsternPciInfo info = {
  .vendor = 0x8086, .device = 0x7010, .class_code = 0x010180,
  .status = 0x0280, .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MASTER,
  .config_changed = config_changed,
};

static void
init (AsternDevice *device)
{
  IdePiix *self = (IdePiix *) device;

  astern_pci_init (device, &info);
  memset (&self->parent.writable[IDE_PIIX_IDETIM], 0xff, 4);
  self->parent.writable[0x44] = 0xff;           /* SIDETIM */
  /* OVMF, made for chips that need it not, never turns decoding on. */
  astern_pci_set_reset (device, IDE_PIIX_IDETIM, 4, 0x80008000);
  astern_pci_set_bar (device, 4, ASTERN_PCI_BAR_PORTS, 16, IDE_PIIX_BUS_MASTER_WINDOW, NULL);
}

static void
reset (AsternDevice *device)
{
  IdePiix *self = (IdePiix *) device;
  IdePiixState *s = &self->s;

  astern_pci_reset (device);
  memset ((guint8 *) s + sizeof s->pci, 0, sizeof *s - sizeof s->pci);
  for (guint channel = 0; channel < CHANNELS; channel++)
    drive_irq (self, channel);
}

static void
restored (AsternDevice *device)
{
  IdePiix *self = (IdePiix *) device;

  astern_pci_restored (device);
  for (guint channel = 0; channel < CHANNELS; channel++)
    drive_irq (self, channel);
}

static const AsternRegField bmic_bits[] = { { 0, 1, "SSBM" }, { 3, 1, "RWCON" }, { 0 } };
static const AsternRegField bmis_bits[] = {
  { 0, 1, "BMIDEA" }, { 1, 1, "DMAERR" }, { 2, 1, "IDEINTS" }, { 5, 1, "DMA0CAP" }, { 6, 1, "DMA1CAP" }, { 0 },
};
static const AsternRegField status_bits[] = {
  { 0, 1, "ERR" }, { 3, 1, "DRQ" }, { 4, 1, "DSC" }, { 5, 1, "DF" }, { 6, 1, "DRDY" }, { 7, 1, "BSY" }, { 0 },
};
static const AsternRegField error_bits[] = { { 2, 1, "ABRT" }, { 4, 1, "IDNF" }, { 6, 1, "UNC" }, { 0 } };
static const AsternRegField device_bits[] = { { 0, 4, "HEAD" }, { 4, 1, "DEV" }, { 6, 1, "LBA" }, { 0 } };
static const AsternRegField control_bits[] = { { 1, 1, "nIEN" }, { 2, 1, "SRST" }, { 7, 1, "HOB" }, { 0 } };

#define AT(member) G_STRUCT_OFFSET (IdePiixState, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK
#define R          ASTERN_REG_R
#define W          ASTERN_REG_W
#define RW         ASTERN_REG_RW

static const AsternReg bus_master_regs[] = {
/* off  bank access w  name       backing         reset writable     value       read  did_write       n  bits */
  { 0,  ANY, RW, 1, "BMICP",      NONE,           0,    0,           bmic_value, NULL, bmic_did_write, 1, bmic_bits },
  { 2,  ANY, RW, 1, "BMISP",      NONE,           0,    0,           bmis_value, NULL, bmis_did_write, 1, bmis_bits },
  { 4,  ANY, RW, 4, "BMIDTPP",    AT (table[0]),  0,    0xfffffffc,  NULL,       NULL, NULL,           1, NULL },
  { 8,  ANY, RW, 1, "BMICS",      NONE,           0,    0,           bmic_value, NULL, bmic_did_write, 1, bmic_bits },
  { 10, ANY, RW, 1, "BMISS",      NONE,           0,    0,           bmis_value, NULL, bmis_did_write, 1, bmis_bits },
  { 12, ANY, RW, 4, "BMIDTPS",    AT (table[1]),  0,    0xfffffffc,  NULL,       NULL, NULL,           1, NULL },
};

#define CHANNEL(at, letter, other) \
  { at,     ANY, RW, 2, "DATA" letter,   NONE, 0, 0, data16_value, data16_did_read, data16_did_write,  1, NULL }, \
  { at,     ANY, RW, 4, "DATA32" letter, NONE, 0, 0, data32_value, data32_did_read, data32_did_write,  1, NULL }, \
  { at + 1, ANY, R,  1, "ERROR" letter,  NONE, 0, 0, reg_value,    NULL,            NULL,              1, error_bits }, \
  { at + 1, ANY, W,  1, "FEATURES" letter, NONE, 0, 0, NULL,       NULL,            reg_did_write,     1, NULL }, \
  { at + 2, ANY, RW, 1, "COUNT" letter,  NONE, 0, 0, reg_value,    NULL,            reg_did_write,     1, NULL }, \
  { at + 3, ANY, RW, 1, "LBAL" letter,   NONE, 0, 0, reg_value,    NULL,            reg_did_write,     1, NULL }, \
  { at + 4, ANY, RW, 1, "LBAM" letter,   NONE, 0, 0, reg_value,    NULL,            reg_did_write,     1, NULL }, \
  { at + 5, ANY, RW, 1, "LBAH" letter,   NONE, 0, 0, reg_value,    NULL,            reg_did_write,     1, NULL }, \
  { at + 6, ANY, RW, 1, "DEVICE" letter, NONE, 0, 0, reg_value,    NULL,            reg_did_write,     1, device_bits }, \
  { at + 7, ANY, R,  1, "STATUS" letter, NONE, 0, 0, reg_value,    status_did_read, NULL,              1, status_bits }, \
  { at + 7, ANY, W,  1, "COMMAND" letter, NONE, 0, 0, NULL,        NULL,            command_did_write, 1, NULL }, \
  { other,  ANY, R,  1, "ALTSTATUS" letter, NONE, 0, 0, reg_value, NULL,            NULL,              1, status_bits }, \
  { other,  ANY, W,  1, "CONTROL" letter, NONE, 0, 0, NULL,        NULL,            control_did_write, 1, control_bits }

static const AsternReg port_regs[] = { CHANNEL (0, "P", CONTROL), CHANNEL (8, "S", CONTROL + 1) };

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "bus-master", .size = 16, .regs = bus_master_regs, .n_regs = G_N_ELEMENTS (bus_master_regs) },
  { .name = "ports", .size = CONTROL + CHANNELS, .regs = port_regs, .n_regs = G_N_ELEMENTS (port_regs) },
};

#define ARRAY(member) ASTERN_FIELD_ARRAY (IdePiixState, member, 1)
static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (IdePiixState, 1),
  ARRAY (table), ARRAY (bm_command), ARRAY (bm_status), ARRAY (selected), ARRAY (control),
};

const AsternDeviceClass ide_piix_class = {
  .name = "piix3-ide", .summary = "PIIX3 IDE controller", .state_version = 1,
  .instance_size = sizeof (IdePiix),
  .state_offset = G_STRUCT_OFFSET (IdePiix, s), .state_size = sizeof (IdePiixState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = init, .reset = reset, .restored = restored,
};

void
ide_piix_map (AsternDevice *device)
{
  static const struct { guint16 start; guint8 size; } blocks[CHANNELS][2] = {
    { { 0x1f0, 8 }, { 0x3f6, 1 } }, { { 0x170, 8 }, { 0x376, 1 } },
  };
  IdePiix *self = (IdePiix *) device;

  for (guint channel = 0; channel < CHANNELS; channel++)
    for (guint block = 0; block < 2; block++)
      {
        AsternRange range = { .name = "ide", .start = blocks[channel][block].start, .size = blocks[channel][block].size,
                              .shadows = self->parent.devfn * 8 + ASTERN_PCI_N_BARS + 1 };

        range.read = (AsternTarget) { .kind = ASTERN_TARGET_DEVICE, .device = device, .window = IDE_PIIX_PORTS_WINDOW,
                                      .offset = block == 0 ? 8 * channel : CONTROL + channel };
        range.write = range.read;
        self->ranges[channel][block] = astern_bus_add (self->parent.bus->ports, &range);
      }
  update_ports (self);
}

AsternIrq *
ide_piix_irq (AsternDevice *device, guint channel)
{
  return &((IdePiix *) device)->irq[channel];
}

gboolean
ide_piix_plug (AsternDevice *device, guint channel, guint unit, AsternDevice *ata)
{
  IdePiix *self = (IdePiix *) device;

  if (self->drives[channel][unit] != NULL)
    return FALSE;
  self->drives[channel][unit] = ata;
  ata_connect (ata, &ata_host, self, channel * 2 + unit, FALSE);
  return TRUE;
}

AsternDevice *
ide_piix_drive (AsternDevice *device, guint channel, guint unit)
{
  return ((IdePiix *) device)->drives[channel][unit];
}

/* -- The card */

/* Where there is room, unless it is said. */
static gboolean
plug (AsternDevice *device, AsternDevice *child, const AsternCardSettings *settings, GError **error)
{
  gboolean bus_said = astern_settings_given (settings, "bus");
  guint first = astern_settings_bus (settings), last = bus_said ? first : CHANNELS - 1;
  gboolean said = astern_settings_given (settings, "unit");
  guint64 unit = said ? astern_settings_number (settings, "unit") : 0;

  for (guint channel = first; channel <= last && channel < CHANNELS; channel++)
    for (guint u = 0; u < 2; u++)
      if ((!said || u == unit) && ide_piix_plug (device, channel, u, child))
        return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               _("There is no room for “%s” on the IDE controller: channels ide.0 and ide.1 take a drive as unit 0 and one as unit 1."),
               child->name);
  return FALSE;
}

const AsternCard ide_piix_card = {
  .name = "piix3-ide", .summary = N_("PIIX3 IDE controller"), .klass = &ide_piix_class, .kind = ASTERN_CARD_STORAGE,
  .slot = ASTERN_SLOT_PCI, .offers = ASTERN_SLOT_IDE, .plug = plug,
};
