/* ich9-smb.c - Intel ICH9, device 31, function 3: SMBus.
 * Source: Intel ICH9 data sheet 316972, section 19.1.
 * Left out: the registers in memory (BAR 0), SMI instead of the interrupt, the host's reset by HOSTC. */
#include "config.h"

#include "hw/boards/ich9-smb.h"

#include "hw/boards/smbus-host.h"

#define BAR 4

typedef struct
{
  AsternPciState pci;
} Ich9SmbState;

typedef struct
{
  AsternPciFunction parent;
  Ich9SmbState      s;
  AsternDevice     *host;       /* (nullable) in tests of the function alone; borrowed */
} Ich9Smb;

static void
config_changed (AsternDevice *device, guint offset, guint size)
{
  Ich9Smb *self = (Ich9Smb *) device;

  if (self->host != NULL)
    smbus_host_set_enabled (self->host, (self->s.pci.config[ICH9_SMB_HOSTC] & ICH9_SMB_HST_EN) != 0);
}

static guint64
ports_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  AsternDevice *host = ((Ich9Smb *) device)->host;

  return host != NULL ? astern_device_read (host, 0, offset, size, access) : G_MAXUINT64;
}

static guint64
ports_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  AsternDevice *host = ((Ich9Smb *) device)->host;

  return host != NULL ? astern_device_peek (host, 0, offset, size) : G_MAXUINT64;
}

static void
ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  AsternDevice *host = ((Ich9Smb *) device)->host;

  if (host != NULL)
    astern_device_write (host, 0, offset, size, value, access);
}

static void
host_interrupts (gpointer receiver, guint line, gboolean level)
{
  astern_pci_interrupt (receiver, level);
}

static const AsternPciInfo info = {
  .vendor = 0x8086, .device = 0x2930, .revision = 2, .class_code = 0x0c0500, .interrupt_pin = 1, .status = 0x0280,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_INTX_DISABLE, .config_changed = config_changed,
};

static void
smb_init (AsternDevice *device)
{
  astern_pci_init (device, &info);
  astern_pci_set_bar (device, BAR, ASTERN_PCI_BAR_PORTS, SMBUS_HOST_ICH9_PORTS, ICH9_SMB_PORTS_WINDOW, NULL);
  ((Ich9Smb *) device)->parent.writable[ICH9_SMB_HOSTC] = 0x07;
}

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  { .name = "ports", .size = SMBUS_HOST_ICH9_PORTS, .min_size = 1, .max_size = 4,
    .read = ports_read, .write = ports_write, .peek = ports_peek },
};

static const AsternField fields[] = { ASTERN_PCI_FIELDS (Ich9SmbState, 1) };

const AsternDeviceClass ich9_smb_class = {
  .name = "ich9-smb", .summary = "ICH9 SMBus", .state_version = 1, .instance_size = sizeof (Ich9Smb),
  .state_offset = G_STRUCT_OFFSET (Ich9Smb, s), .state_size = sizeof (Ich9SmbState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields), .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = smb_init, .reset = astern_pci_reset, .restored = astern_pci_restored,
};

void
ich9_smb_set_host (AsternDevice *device, AsternDevice *host)
{
  Ich9Smb *self = (Ich9Smb *) device;

  self->host = host;
  astern_irq_connect (smbus_host_irq (host), host_interrupts, device, 0);
  config_changed (device, 0, 256);
}
