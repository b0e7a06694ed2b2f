/* nvme.c - the NVMe controller's registers, its reset and its card.
 * Source: NVM Express 1.4, sections 3.1 and 7.3; NVM Express over PCI: section 2.
 * Left out: controller memory buffer, boot partitions, persistent memory region, NVM subsystem reset, pages other than
 * 4 KiB, several namespaces, SR-IOV. */
#include "config.h"

#include "hw/storage/nvme-private.h"

#include <glib/gi18n.h>
#include <string.h>

#define BAR_BYTES      0x4000
#define DOORBELLS      0x1000
#define MSIX_BYTES     0x1000
#define PBA_OFFSET     0x800

#define CAP (G_GUINT64_CONSTANT (1) << 37 /* NVM commands */ | 15u << 24 /* ready within 7.5 s */ \
             | 1u << 16 /* queues are contiguous */ | (NVME_QUEUE_ENTRIES - 1))
#define VS  0x00010400

enum { CC_EN = 1, CC_CSS = 7 << 4, CC_MPS = 0xf << 7, CC_AMS = 7 << 11, CC_SHN = 3 << 14 };
enum { CSTS_RDY = 1, CSTS_CFS = 2, CSTS_SHST = 3 << 2, CSTS_SHST_COMPLETE = 2 << 2 };

static Nvme *
nvme_of (AsternDevice *device)
{
  return (Nvme *) device;
}

/* -- Configuration and status */

static void
disable (Nvme *nvme)
{
  nvme->s.csts = 0;
  nvme_forget_all (nvme);
  nvme_update_pin (nvme);
}

static void
enable (Nvme *nvme)
{
  NvmeState *s = &nvme->s;
  guint sq = (s->aqa & 0xfff) + 1, cq = (s->aqa >> 16 & 0xfff) + 1;

  if ((s->cc & (CC_CSS | CC_MPS | CC_AMS)) != 0 || sq < 2 || cq < 2 || sq > NVME_QUEUE_ENTRIES || cq > NVME_QUEUE_ENTRIES)
    {
      nvme_guest_error (nvme, "is enabled with a configuration that it does not have");
      s->csts |= CSTS_CFS;
      return;
    }
  nvme_create_cq (nvme, 0, s->acq & ~(guint64) 0xfff, cq, 0, TRUE);
  nvme_create_sq (nvme, 0, s->asq & ~(guint64) 0xfff, sq, 0);
  s->csts |= CSTS_RDY;
}

static void
cc_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Nvme *nvme = nvme_of (device);
  NvmeState *s = &nvme->s;

  if ((value & CC_EN) && !(s->csts & (CSTS_RDY | CSTS_CFS)))
    enable (nvme);
  else if (!(value & CC_EN) && (s->csts & (CSTS_RDY | CSTS_CFS)))
    disable (nvme);
  if ((value & CC_SHN) && !(s->csts & CSTS_SHST))
    {
      if (nvme->drive != NULL)
        drive_flush (nvme->drive);
      s->csts |= CSTS_SHST_COMPLETE;
    }
  else if (!(value & CC_SHN))
    s->csts &= ~(guint32) CSTS_SHST;
}

static guint64
cap_value (gconstpointer state, guint32 offset)
{
  return CAP;
}

static guint64
vs_value (gconstpointer state, guint32 offset)
{
  return VS;
}

static void
intms_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  nvme_of (device)->s.intms |= (guint32) value;
  nvme_update_pin (nvme_of (device));
}

static void
intmc_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  nvme_of (device)->s.intms &= ~(guint32) value;
  nvme_update_pin (nvme_of (device));
}

/* Pairs of doorbells: a queue's tail, then its head. */
static void
doorbell_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  guint n = (offset - DOORBELLS) / 4;

  if (n & 1)
    nvme_ring_cq (nvme_of (device), n / 2, (guint32) value);
  else
    nvme_ring_sq (nvme_of (device), n / 2, (guint32) value);
}

#define AT(member) G_STRUCT_OFFSET (NvmeState, member)
#define NONE       ASTERN_NO_BACKING
#define ANY        ASTERN_ANY_BANK
#define R          ASTERN_REG_R
#define W          ASTERN_REG_W
#define RW         ASTERN_REG_RW

static const AsternRegField cap_bits[] = {
  { 0, 16, "MQES" }, { 16, 1, "CQR" }, { 17, 2, "AMS" }, { 24, 8, "TO" }, { 32, 4, "DSTRD" }, { 36, 1, "NSSRS" }, { 37, 8, "CSS" },
  { 45, 1, "BPS" }, { 48, 4, "MPSMIN" }, { 52, 4, "MPSMAX" }, { 0 },
};
static const AsternRegField cc_bits[] = {
  { 0, 1, "EN" }, { 4, 3, "CSS" }, { 7, 4, "MPS" }, { 11, 3, "AMS" }, { 14, 2, "SHN" }, { 16, 4, "IOSQES" }, { 20, 4, "IOCQES" }, { 0 },
};
static const AsternRegField csts_bits[] = {
  { 0, 1, "RDY" }, { 1, 1, "CFS" }, { 2, 2, "SHST" }, { 4, 1, "NSSRO" }, { 5, 1, "PP" }, { 0 },
};
static const AsternRegField aqa_bits[] = { { 0, 12, "ASQS" }, { 16, 12, "ACQS" }, { 0 } };

static const AsternReg regs[] = {
/* off        bank access w  name        backing     reset writable           value      read  did_write           n               bits */
  { 0x0000,    ANY, R,  8, "CAP",      NONE,       0, 0,                    cap_value, NULL, NULL,               1,              cap_bits },
  { 0x0008,    ANY, R,  4, "VS",       NONE,       0, 0,                    vs_value,  NULL, NULL,               1,              NULL },
  { 0x000c,    ANY, RW, 4, "INTMS",    AT (intms), 0, 0,                    NULL,      NULL, intms_did_write,    1,              NULL },
  { 0x0010,    ANY, RW, 4, "INTMC",    AT (intms), 0, 0,                    NULL,      NULL, intmc_did_write,    1,              NULL },
  { 0x0014,    ANY, RW, 4, "CC",       AT (cc),    0, 0x00fffff1,           NULL,      NULL, cc_did_write,       1,              cc_bits },
  { 0x001c,    ANY, R,  4, "CSTS",     AT (csts),  0, 0,                    NULL,      NULL, NULL,               1,              csts_bits },
  { 0x0020,    ANY, RW, 4, "NSSR",     NONE,       0, 0,                    NULL,      NULL, NULL,               1,              NULL },
  { 0x0024,    ANY, RW, 4, "AQA",      AT (aqa),   0, 0x0fff0fff,           NULL,      NULL, NULL,               1,              aqa_bits },
  { 0x0028,    ANY, RW, 8, "ASQ",      AT (asq),   0, ~(guint64) 0xfff,     NULL,      NULL, NULL,               1,              NULL },
  { 0x0030,    ANY, RW, 8, "ACQ",      AT (acq),   0, ~(guint64) 0xfff,     NULL,      NULL, NULL,               1,              NULL },
  { 0x0038,    ANY, R,  4, "CMBLOC",   NONE,       0, 0,                    NULL,      NULL, NULL,               1,              NULL },
  { 0x003c,    ANY, R,  4, "CMBSZ",    NONE,       0, 0,                    NULL,      NULL, NULL,               1,              NULL },
  { 0x0040,    ANY, R,  4, "BPINFO",   NONE,       0, 0,                    NULL,      NULL, NULL,               1,              NULL },
  { DOORBELLS, ANY, RW, 4, "doorbell", NONE,       0, 0,                    NULL,      NULL, doorbell_did_write, 2 * NVME_QUEUES, NULL },
};

/* -- The MSI-X table */

static guint64
msix_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return offset < PBA_OFFSET ? astern_pci_msix_read (device, FALSE, offset, size)
                             : astern_pci_msix_read (device, TRUE, offset - PBA_OFFSET, size);
}

static void
msix_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  if (offset < PBA_OFFSET)
    astern_pci_msix_write (device, offset, size, value);
}

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "registers", .size = BAR_BYTES, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
  { .name = "msix", .size = MSIX_BYTES, .min_size = 4, .max_size = 8, .read = msix_read, .write = msix_write, .peek = msix_read },
};

#define F(member)     ASTERN_FIELD (NvmeState, member, 1)
#define ARRAY(member) ASTERN_FIELD_ARRAY (NvmeState, member, 1)
static const AsternField fields[] = {
  ASTERN_PCI_FIELDS (NvmeState, 1), ASTERN_PCI_MSIX_FIELDS (NvmeState, 1),
  F (asq), F (acq), F (deadline_ns), F (sequence), F (bytes_read), F (bytes_written), F (reads), F (writes), F (errors),
  F (timestamp_ms), F (timestamp_set_ns),
  ARRAY (sq_base), ARRAY (cq_base), ARRAY (slot_deadline_ns), ARRAY (slot_sequence), ARRAY (slot_sqe), ARRAY (slot_result),
  F (intms), F (cc), F (csts), F (aqa),
  F (arbitration), F (power), F (temperature_over), F (temperature_under), F (recovery), F (write_cache), F (coalescing),
  F (vectors_uncoalesced), F (atomicity), F (event_config), F (event_pending), F (event_masked),
  ARRAY (sq_size), ARRAY (sq_head), ARRAY (sq_tail), ARRAY (sq_cq),
  ARRAY (cq_size), ARRAY (cq_head), ARRAY (cq_tail), ARRAY (cq_vector),
  ARRAY (slot_status), ARRAY (slot_sq), ARRAY (event_cid), ARRAY (cq_phase), ARRAY (cq_interrupts), ARRAY (slot_phase),
  F (n_events), F (next_sq), F (timestamp_origin), ARRAY (reserved),
};

static const AsternPciInfo info = {
  .vendor = 0x1b36, .device = 0x0010, .revision = 2, .class_code = 0x010802, .interrupt_pin = 1,
  .command_writable = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
};

static void
init (AsternDevice *device)
{
  Nvme *nvme = nvme_of (device);

  astern_pci_init (device, &info);
  astern_pci_set_bar64 (device, 0, ASTERN_PCI_BAR_MEMORY, BAR_BYTES, NVME_REGISTERS_WINDOW, NULL);
  astern_pci_set_bar (device, 4, ASTERN_PCI_BAR_MEMORY, MSIX_BYTES, NVME_MSIX_WINDOW, NULL);
  astern_pci_add_msix (device, 0, NVME_QUEUES, 4, 0, PBA_OFFSET, G_STRUCT_OFFSET (NvmeState, msix));
  nvme->block_shift = 9;
  nvme->data = g_malloc (NVME_MOST_BYTES);
  nvme->other = g_malloc (NVME_MOST_BYTES);
  astern_timer_init (&nvme->timer, device->clock, "nvme", &nvme->s.deadline_ns, nvme_expired, nvme);
}

static void
finalize (AsternDevice *device)
{
  g_free (nvme_of (device)->data);
  g_free (nvme_of (device)->other);
}

static void
reset (AsternDevice *device)
{
  Nvme *nvme = nvme_of (device);
  NvmeState *s = &nvme->s;

  astern_pci_reset (device);
  s->asq = s->acq = 0;
  s->sequence = 0;
  s->bytes_read = s->bytes_written = s->reads = s->writes = s->errors = 0;
  s->intms = s->cc = s->aqa = 0;
  memset (s->reserved, 0, sizeof s->reserved);
  nvme_reset_features (nvme);
  disable (nvme);
}

static void
restored (AsternDevice *device)
{
  Nvme *nvme = nvme_of (device);

  nvme_make_sane (nvme);
  astern_pci_restored (device);
  nvme_update_pin (nvme);
}

const AsternDeviceClass nvme_class = {
  .name = "nvme", .summary = "NVM Express controller", .state_version = 1,
  .instance_size = sizeof (Nvme),
  .state_offset = G_STRUCT_OFFSET (Nvme, s), .state_size = sizeof (NvmeState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = init, .reset = reset, .restored = restored, .finalize = finalize,
};

/* -- The card */

void
nvme_set_drive (AsternDevice *device, AsternDevice *drive, const char *serial)
{
  Nvme *nvme = nvme_of (device);

  nvme->drive = drive;
  if (serial == NULL && drive != NULL)
    serial = drive_serial (drive);
  g_strlcpy (nvme->serial, serial != NULL ? serial : "", sizeof nvme->serial);
}

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  guint64 block = astern_settings_number (settings, "logical_block_size");

  if (block != 512 && block != 4096)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("An NVMe disk's blocks have 512 or 4096 bytes"));
      return FALSE;
    }
  nvme_of (device)->block_shift = block == 4096 ? 12 : 9;
  nvme_set_drive (device, astern_settings_drive (settings, "drive"), astern_settings_text (settings, "serial"));
  return TRUE;
}

static const AsternProperty properties[] = {
  { "drive",              ASTERN_PROPERTY_DRIVE,  NULL,  N_("The drive whose disk is the namespace 1") },
  { "serial",             ASTERN_PROPERTY_TEXT,   NULL,  N_("The serial number, of 20 characters; the drive's") },
  { "logical_block_size", ASTERN_PROPERTY_SIZE,   "512", N_("The bytes of a block: 512 or 4096") },
  { "bootindex",          ASTERN_PROPERTY_NUMBER, NULL,  N_("Its place in the order of booting") },
  { NULL, 0, NULL, NULL },
};

const AsternCard nvme_card = {
  .name = "nvme", .summary = N_("NVM Express controller and disk"), .klass = &nvme_class, .kind = ASTERN_CARD_STORAGE,
  .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,
};
