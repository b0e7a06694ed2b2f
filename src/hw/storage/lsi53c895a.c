/* lsi53c895a.c - LSI53C895A: registers, interrupts, memory, and the card.
 * Source: LSI53C895A PCI to Ultra2 SCSI Controller Technical Manual, version 2.2, chapters 3 and 4.
 * Left out: the target role, low-level control of the SCSI signals, handshake timer, serial EPROM, parity, FIFOs (they
 * are always empty), power management. */
#include "config.h"

#include "hw/storage/lsi53c895a-private.h"

#include "core/machine.h"

#include <glib/gi18n.h>
#include <string.h>

#define COMMAND_INVALIDATE (1 << 4)    /* Memory Write and Invalidate Enable; drivers insist */
#define COMMAND_ERRORS   (1 << 6 | 1 << 8)
#define CACHE_LINE_SIZE  0x0c          /* in configuration space, and the latency timer behind it */
#define REGISTER_BYTES   256
#define N_TARGETS        16
#define N_LUNS           8
#define GENERAL_TIMER_NS 108500        /* of STIME1 0; each step doubles it */

static Lsi *
lsi_of (AsternDevice *device)
{
  return (Lsi *) device;
}

void
lsi_guest_error (Lsi *lsi, const char *what)
{
  AsternDevice *device = &lsi->parent.parent;

  if (device->machine != NULL)
    astern_events_log (&device->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", device->name, what);
}

/* -- Interrupts */

void
lsi_update_irq (Lsi *lsi)
{
  const guint8 *r = lsi->s.r;
  gboolean level = (r[LSI_ISTAT0] & ISTAT0_INTF) || (r[LSI_DSTAT] & r[LSI_DIEN] & ~DSTAT_DFE)
                   || (r[LSI_SIST0] & r[LSI_SIEN0]) || (r[LSI_SIST1] & r[LSI_SIEN1]);

  if ((r[LSI_ISTAT1] & 1) || (r[LSI_DCNTL] & DCNTL_IRQD))
    level = FALSE;
  astern_pci_set_intx (&lsi->parent.parent, 0, level);
}

void
lsi_dma_interrupt (Lsi *lsi, guint8 dstat)
{
  lsi->s.r[LSI_DSTAT] |= dstat;
  lsi_script_stop (lsi);
  if (dstat & DSTAT_IID)
    lsi_guest_error (lsi, "an instruction of SCRIPTS that there is not");
  lsi_update_irq (lsi);
}

void
lsi_scsi_interrupt (Lsi *lsi, guint8 sist0, guint8 sist1)
{
  lsi->s.r[LSI_SIST0] |= sist0;
  lsi->s.r[LSI_SIST1] |= sist1;
  if (sist0 != 0 || (sist1 & ~SIST1_GEN))
    lsi_script_stop (lsi);
  lsi_update_irq (lsi);
}

static void
general_timer_expired (gpointer owner)
{
  lsi_scsi_interrupt (owner, 0, SIST1_GEN);
}

/* -- Memory */

/* SCRIPTS memory is on the chip: its own accesses do not go over the bus. */
static guint8 *
own_memory (Lsi *lsi, guint64 address, gsize size)
{
  guint64 start = lsi->parent.bus != NULL ? astern_pci_bar_address (&lsi->parent.parent, 2) : G_MAXUINT64;

  if (start == G_MAXUINT64 || address < start || address - start > LSI_RAM_BYTES || size > LSI_RAM_BYTES - (address - start))
    return NULL;
  return &lsi->s.ram[address - start];
}

gboolean
lsi_read_memory (Lsi *lsi, guint64 address, gpointer data, gsize size)
{
  const guint8 *own = own_memory (lsi, address, size);

  if (own == NULL)
    return astern_pci_dma_read (&lsi->parent.parent, address, data, size);
  memcpy (data, own, size);
  return TRUE;
}

gboolean
lsi_write_memory (Lsi *lsi, guint64 address, gconstpointer data, gsize size)
{
  guint8 *own = own_memory (lsi, address, size);

  if (own == NULL)
    return astern_pci_dma_write (&lsi->parent.parent, address, data, size);
  memmove (own, data, size);
  return TRUE;
}

static guint64
ram_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  guint64 value = 0;

  memcpy (&value, &lsi_of (device)->s.ram[offset], size);
  return GUINT64_FROM_LE (value);
}

static void
ram_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  value = GUINT64_TO_LE (value);
  memcpy (&lsi_of (device)->s.ram[offset], &value, size);
}

/* -- Reset */

static void
reset_registers (Lsi *lsi)
{
  guint8 *r = lsi->s.r;

  memset (r, 0, REGISTER_BYTES);
  r[LSI_SCNTL0] = 0xc0;
  r[LSI_DSTAT] = DSTAT_DFE;
  r[LSI_CTEST3] = 0x20;                /* the chip's revision, in its upper half */
  r[0x46] = 0xd0;                      /* MACNTL: type */
  r[0x47] = 0x0f;                      /* GPCNTL: inputs */
  r[0x07] = 0x0f;                      /* GPREG: pulled up */
}

/* What ISTAT's SRST does, and what a reset of the machine does, too. */
static void
reset_chip (Lsi *lsi)
{
  lsi_script_stop (lsi);
  lsi_target_reset (lsi);
  astern_timer_cancel (&lsi->general_timer);
  reset_registers (lsi);
  lsi->s.carry = lsi->s.move = lsi->s.again = 0;
  lsi->s.phase = lsi->s.next_phase = lsi->s.message = 0;
  lsi_update_irq (lsi);
}

/* -- Registers with effects */

static guint64
scntl1_value (gconstpointer state, guint32 offset)
{
  const LsiState *s = state;

  return (s->r[LSI_SCNTL1] & ~SCNTL1_CON) | (s->link == LINK_CONNECTED ? SCNTL1_CON : 0);
}

static void
scntl1_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Lsi *lsi = lsi_of (device);
  gboolean was = (lsi->s.r[LSI_SSTAT0] & 2) != 0;

  lsi->s.r[LSI_SSTAT0] = (guint8) ((lsi->s.r[LSI_SSTAT0] & ~2) | (value & SCNTL1_RST ? 2 : 0));
  if (!(value & SCNTL1_RST) || was)
    return;
  lsi_target_reset (lsi);
  lsi_scsi_interrupt (lsi, SIST0_RST, 0);
}

static guint64
sbcl_value (gconstpointer state, guint32 offset)
{
  const LsiState *s = state;

  if (s->link != LINK_CONNECTED)
    return 0;
  return (s->req ? 0x80 : 0) | (s->ack ? 0x40 : 0) | 0x20 | (s->attention ? 0x08 : 0) | (s->phase & 7);
}

static guint64
sstat1_value (gconstpointer state, guint32 offset)
{
  return ((const LsiState *) state)->phase & 7;
}

/* LDSC: the bus is free. */
static guint64
sstat2_value (gconstpointer state, guint32 offset)
{
  return ((const LsiState *) state)->link == LINK_FREE ? 0x02 : 0;
}

static guint64
dstat_value (gconstpointer state, guint32 offset)
{
  return ((const LsiState *) state)->r[LSI_DSTAT] | DSTAT_DFE;
}

static void
dstat_did_read (AsternDevice *device, guint32 offset)
{
  lsi_of (device)->s.r[LSI_DSTAT] = DSTAT_DFE;
  lsi_update_irq (lsi_of (device));
}

static void
sist_did_read (AsternDevice *device, guint32 offset)
{
  lsi_of (device)->s.r[offset] = 0;
  lsi_update_irq (lsi_of (device));
}

static void
enable_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  lsi_update_irq (lsi_of (device));
}

static guint64
istat0_value (gconstpointer state, guint32 offset)
{
  const LsiState *s = state;
  guint8 value = s->r[LSI_ISTAT0] & (ISTAT0_SEM | ISTAT0_SIGP | ISTAT0_INTF);

  if (s->link == LINK_CONNECTED)
    value |= ISTAT0_CON;
  if (s->r[LSI_SIST0] != 0 || s->r[LSI_SIST1] != 0)
    value |= ISTAT0_SIP;
  if ((s->r[LSI_DSTAT] & ~DSTAT_DFE) != 0)
    value |= ISTAT0_DIP;
  return value;
}

static void
istat0_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Lsi *lsi = lsi_of (device);
  guint8 *istat = &lsi->s.r[LSI_ISTAT0];

  if (value & ISTAT0_SRST)
    {
      reset_chip (lsi);
      return;
    }
  *istat = (guint8) ((*istat & (ISTAT0_INTF | ISTAT0_SIGP) & ~(value & ISTAT0_INTF)) | (value & (ISTAT0_SEM | ISTAT0_SIGP)));
  if (value & ISTAT0_ABRT)
    lsi_dma_interrupt (lsi, DSTAT_ABRT);
  if (value & ISTAT0_SIGP)
    lsi_script_signal (lsi);
  lsi_update_irq (lsi);
}

static guint64
istat1_value (gconstpointer state, guint32 offset)
{
  const LsiState *s = state;

  return (s->r[LSI_ISTAT1] & 1) | (s->script != SCRIPT_STOPPED ? 2 : 0);
}

static guint64
ctest2_value (gconstpointer state, guint32 offset)
{
  return 0x01 | (((const LsiState *) state)->r[LSI_ISTAT0] & ISTAT0_SIGP ? 0x40 : 0);
}

static void
ctest2_did_read (AsternDevice *device, guint32 offset)
{
  lsi_of (device)->s.r[LSI_ISTAT0] &= (guint8) ~ISTAT0_SIGP;
}

/* Byte by byte; the last one starts SCRIPTS. */
static void
dsp_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Lsi *lsi = lsi_of (device);

  if (offset == LSI_DSP + 3 && !(lsi->s.r[LSI_DMODE] & DMODE_MAN))
    lsi_script_start (lsi);
}

static void
dcntl_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Lsi *lsi = lsi_of (device);

  if ((value & DCNTL_STD) && lsi->s.script == SCRIPT_STOPPED)
    lsi_script_start (lsi);
  lsi_update_irq (lsi);
}

static void
stime1_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Lsi *lsi = lsi_of (device);
  guint step = value & 0xf;

  if (step == 0)
    astern_timer_cancel (&lsi->general_timer);
  else
    astern_timer_set (&lsi->general_timer,
                      astern_clock_now_ns (device->clock) + ((guint64) GENERAL_TIMER_NS << step));
}

/* The frequency is locked; low voltage differential. */
static guint64
stest4_value (gconstpointer state, guint32 offset)
{
  return 0xe0;
}

static guint64
fifo_empty_value (gconstpointer state, guint32 offset)
{
  return 0xf0;
}

#define AT(offset) (G_STRUCT_OFFSET (LsiState, r) + (offset))
#define ANY        ASTERN_ANY_BANK
#define R          ASTERN_REG_R
#define RW         ASTERN_REG_RW

/* Registers are bytes, so that an access of any size does what its bytes do.  Resets are reset_registers()'s. */
#define REG(at, access, name, writable, value, did_read, did_write, count) \
  { at, ANY, access, 1, name, AT (at), 0, writable, value, did_read, did_write, count, NULL }
#define PLAIN(at, name, count) REG (at, RW, name, 0xff, NULL, NULL, NULL, count)

static const AsternReg regs[] = {
  PLAIN (0x00, "SCNTL0", 1),
  REG (0x01, RW, "SCNTL1", 0xef, scntl1_value, NULL, scntl1_did_write, 1),
  PLAIN (0x02, "SCNTL2", 1), PLAIN (0x03, "SCNTL3", 1), PLAIN (0x04, "SCID", 1), PLAIN (0x05, "SXFER", 1),
  PLAIN (0x06, "SDID", 1), PLAIN (0x07, "GPREG", 1), PLAIN (0x08, "SFBR", 1), PLAIN (0x09, "SOCL", 1),
  REG (0x0a, R, "SSID", 0, NULL, NULL, NULL, 1),
  REG (0x0b, RW, "SBCL", 0, sbcl_value, NULL, NULL, 1),
  REG (0x0c, R, "DSTAT", 0, dstat_value, dstat_did_read, NULL, 1),
  REG (0x0d, R, "SSTAT0", 0, NULL, NULL, NULL, 1),
  REG (0x0e, R, "SSTAT1", 0, sstat1_value, NULL, NULL, 1),
  REG (0x0f, R, "SSTAT2", 0, sstat2_value, NULL, NULL, 1),
  PLAIN (0x10, "DSA", 4),
  REG (0x14, RW, "ISTAT0", 0, istat0_value, NULL, istat0_did_write, 1),
  REG (0x15, RW, "ISTAT1", 0x01, istat1_value, NULL, enable_did_write, 1),
  PLAIN (0x16, "MBOX0", 1), PLAIN (0x17, "MBOX1", 1), PLAIN (0x18, "CTEST0", 1),
  REG (0x19, R, "CTEST1", 0, fifo_empty_value, NULL, NULL, 1),
  REG (0x1a, RW, "CTEST2", 0, ctest2_value, ctest2_did_read, NULL, 1),
  REG (0x1b, RW, "CTEST3", 0x03, NULL, NULL, NULL, 1),
  PLAIN (0x1c, "TEMP", 4), PLAIN (0x20, "DFIFO", 1), PLAIN (0x21, "CTEST4", 1), PLAIN (0x22, "CTEST5", 1),
  PLAIN (0x23, "CTEST6", 1), PLAIN (0x24, "DBC", 3), PLAIN (0x27, "DCMD", 1), PLAIN (0x28, "DNAD", 4),
  REG (0x2c, RW, "DSP", 0xff, NULL, NULL, dsp_did_write, 4),
  PLAIN (0x30, "DSPS", 4), PLAIN (0x34, "SCRATCHA", 4), PLAIN (0x38, "DMODE", 1),
  REG (0x39, RW, "DIEN", 0x7d, NULL, NULL, enable_did_write, 1),
  PLAIN (0x3a, "SBR", 1),
  REG (0x3b, RW, "DCNTL", 0xbb, NULL, NULL, dcntl_did_write, 1),
  REG (0x3c, R, "ADDER", 0, NULL, NULL, NULL, 4),
  REG (0x40, RW, "SIEN0", 0xff, NULL, NULL, enable_did_write, 1),
  REG (0x41, RW, "SIEN1", 0x17, NULL, NULL, enable_did_write, 1),
  REG (0x42, R, "SIST0", 0, NULL, sist_did_read, NULL, 1),
  REG (0x43, R, "SIST1", 0, NULL, sist_did_read, NULL, 1),
  PLAIN (0x44, "SLPAR", 1), PLAIN (0x45, "SWIDE", 1),
  REG (0x46, RW, "MACNTL", 0x0f, NULL, NULL, NULL, 1),
  PLAIN (0x47, "GPCNTL", 1), PLAIN (0x48, "STIME0", 1),
  REG (0x49, RW, "STIME1", 0x7f, NULL, NULL, stime1_did_write, 1),
  PLAIN (0x4a, "RESPID", 2),
  REG (0x4c, R, "STEST0", 0, NULL, NULL, NULL, 1),
  PLAIN (0x4d, "STEST1", 1), PLAIN (0x4e, "STEST2", 1), PLAIN (0x4f, "STEST3", 1),
  REG (0x50, R, "SIDL", 0, NULL, NULL, NULL, 2),
  REG (0x52, R, "STEST4", 0, stest4_value, NULL, NULL, 1),
  REG (0x53, R, "reserved", 0, NULL, NULL, NULL, 1),
  PLAIN (0x54, "SODL", 2), PLAIN (0x56, "CCNTL0", 1), PLAIN (0x57, "CCNTL1", 1),
  REG (0x58, R, "SBDL", 0, NULL, NULL, NULL, 2),
  REG (0x5a, R, "reserved", 0, NULL, NULL, NULL, 2),
  PLAIN (0x5c, "SCRATCHB", 4), PLAIN (0x60, "SCRATCHC-R", 64), PLAIN (0xa0, "MMRS", 4), PLAIN (0xa4, "MMWS", 4),
  PLAIN (0xa8, "SFS", 4), PLAIN (0xac, "DRS", 4), PLAIN (0xb0, "SBMS", 4), PLAIN (0xb4, "DBMS", 4), PLAIN (0xb8, "DNAD64", 4),
  REG (0xbc, RW, "reserved", 0, NULL, NULL, NULL, 4),
  PLAIN (0xc0, "PMJAD1", 4), PLAIN (0xc4, "PMJAD2", 4), PLAIN (0xc8, "RBC", 4), PLAIN (0xcc, "UA", 4), PLAIN (0xd0, "ESA", 4),
  PLAIN (0xd4, "IA", 4),
  REG (0xd8, R, "SBC", 0, NULL, NULL, NULL, 4),
  PLAIN (0xdc, "CSBC", 4),
  REG (0xe0, RW, "reserved", 0, NULL, NULL, NULL, 32),
};

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "registers", .size = REGISTER_BYTES, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
  { .name = "scripts", .size = LSI_RAM_BYTES, .min_size = 1, .max_size = 8, .read = ram_read, .write = ram_write, .peek = ram_read },
};

#define F(member)     ASTERN_FIELD (LsiState, member, 1)
#define ARRAY(member) ASTERN_FIELD_ARRAY (LsiState, member, 1)
static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (LsiState, 1), F (script_ns), F (target_ns), F (general_ns), SCSI_REQUEST_FIELDS (LsiState, request, 1),
  ARRAY (r), ARRAY (ram), F (script), F (carry), F (move), F (link), F (phase), F (req), F (attention), F (ack),
  F (without_attention), F (target), F (lun), F (target_does), F (message), F (next_phase), F (free_next), F (again),
};

static const AsternPciInfo info = {
  .vendor = 0x1000, .device = 0x0012, .revision = 0, .class_code = 0x010000, .interrupt_pin = 1, .status = 0x0200,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | COMMAND_INVALIDATE | COMMAND_ERRORS,
};

static void
init (AsternDevice *device)
{
  Lsi *lsi = lsi_of (device);

  astern_pci_init (device, &info);
  lsi->parent.writable[CACHE_LINE_SIZE] = lsi->parent.writable[CACHE_LINE_SIZE + 1] = 0xff;
  astern_pci_set_bar (device, 0, ASTERN_PCI_BAR_PORTS, REGISTER_BYTES, LSI_REGISTERS_WINDOW, NULL);
  astern_pci_set_bar (device, 1, ASTERN_PCI_BAR_MEMORY, REGISTER_BYTES, LSI_REGISTERS_WINDOW, NULL);
  astern_pci_set_bar (device, 2, ASTERN_PCI_BAR_MEMORY, LSI_RAM_BYTES, LSI_RAM_WINDOW, NULL);
  astern_pci_set_reset (device, PCI_SUBVENDOR_ID, 2, 0x1000);
  astern_pci_set_reset (device, PCI_SUBSYSTEM_ID, 2, 0x1000);
  lsi->bus = (ScsiBus) { .n_targets = N_TARGETS, .n_luns = N_LUNS, .initiator = lsi };
  astern_timer_init (&lsi->script_timer, device->clock, "lsi-scripts", &lsi->s.script_ns, lsi_script_expired, lsi);
  astern_timer_init (&lsi->target_timer, device->clock, "lsi-target", &lsi->s.target_ns, lsi_target_expired, lsi);
  astern_timer_init (&lsi->general_timer, device->clock, "lsi-general", &lsi->s.general_ns, general_timer_expired, lsi);
}

static void
reset (AsternDevice *device)
{
  Lsi *lsi = lsi_of (device);

  astern_pci_reset (device);
  memset (&lsi->s.request, 0, sizeof lsi->s.request);
  memset (lsi->s.ram, 0, sizeof lsi->s.ram);
  lsi->s.target = lsi->s.lun = 0;
  reset_chip (lsi);
}

static void
restored (AsternDevice *device)
{
  Lsi *lsi = lsi_of (device);

  lsi_target_make_sane (lsi);
  astern_pci_restored (device);
  lsi_update_irq (lsi);
}

const AsternDeviceClass lsi53c895a_class = {
  .name = "lsi53c895a", .summary = "LSI 53C895A SCSI host adapter", .state_version = 1,
  .instance_size = sizeof (Lsi),
  .state_offset = G_STRUCT_OFFSET (Lsi, s), .state_size = sizeof (LsiState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = init, .reset = reset, .restored = restored,
};

ScsiBus *
lsi53c895a_bus (AsternDevice *device)
{
  return &lsi_of (device)->bus;
}

/* -- The card */

static gboolean
plug (AsternDevice *device, AsternDevice *child, const AsternCardSettings *settings, GError **error)
{
  return scsi_bus_plug (lsi53c895a_bus (device), child, settings, error);
}

const AsternCard lsi53c895a_card = {
  .name = "lsi53c895a", .alias = "lsi", .summary = N_("LSI 53C895A SCSI host adapter"), .klass = &lsi53c895a_class,
  .kind = ASTERN_CARD_STORAGE, .slot = ASTERN_SLOT_PCI, .offers = ASTERN_SLOT_SCSI, .plug = plug,
};
