/* pci-msi.c - interrupts as messages: MSI and MSI-X; see pci.h.
 * Source: PCI Local Bus Specification 3.0, section 6.8.
 * Left out: MSI's mask bits, which are an option. */
#include "config.h"

#include "hw/pci.h"

#include <string.h>

enum
{
  CONTROL = 2,                                  /* in both capabilities */
  MSI_ADDRESS = 4, MSI_UPPER = 8, MSI_DATA = 12, MSI_BYTES = 14,
  MSI_ENABLE = 1 << 0, MSI_64_BIT = 1 << 7,
  MSIX_TABLE = 4, MSIX_PBA = 8, MSIX_BYTES = 12,
  MSIX_FUNCTION_MASK = 1 << 14, MSIX_ENABLE = 1 << 15,
};

enum { ENTRY_ADDRESS, ENTRY_UPPER, ENTRY_DATA, ENTRY_CONTROL, ENTRY_WORDS };
enum { ENTRY_MASKED = 1 };

static AsternPciMessages *
messages_of (AsternDevice *device)
{
  return &((AsternPciFunction *) device)->messages;
}

static AsternPciMsixState *
msix_of (AsternDevice *device)
{
  return (AsternPciMsixState *) ((guint8 *) astern_device_state (device) + messages_of (device)->msix_state);
}

static guint
control_of (AsternDevice *device, guint capability)
{
  return capability != 0 ? astern_pci_get (device, capability + CONTROL, 2) : 0;
}

void
astern_pci_add_msi (AsternDevice *device, guint offset, guint n_vectors)
{
  AsternPciFunction *function = (AsternPciFunction *) device;
  guint log = 0;
  guint at;

  g_return_if_fail (n_vectors >= 1 && n_vectors <= 32 && (n_vectors & (n_vectors - 1)) == 0);

  while (1u << log < n_vectors)
    log++;
  at = astern_pci_add_capability (device, PCI_CAP_MSI, offset, MSI_BYTES);
  astern_pci_set_reset (device, at + CONTROL, 2, MSI_64_BIT | log << 1);
  function->writable[at + CONTROL] = 0x71;                      /* enable, how many */
  memset (&function->writable[at + MSI_ADDRESS], 0xff, 10);
  function->writable[at + MSI_ADDRESS] = 0xfc;
  function->writable[PCI_COMMAND + 1] |= PCI_COMMAND_INTX_DISABLE >> 8;
  function->messages.msi = (guint8) at;
}

void
astern_pci_add_msix (AsternDevice *device, guint offset, guint n_vectors, guint bar, guint32 table_offset,
                     guint32 pba_offset, gsize state_offset)
{
  AsternPciFunction *function = (AsternPciFunction *) device;
  guint at;

  g_return_if_fail (n_vectors >= 1 && n_vectors <= ASTERN_PCI_MSIX_VECTORS && bar < 6);

  at = astern_pci_add_capability (device, PCI_CAP_MSIX, offset, MSIX_BYTES);
  astern_pci_set_reset (device, at + CONTROL, 2, n_vectors - 1);
  astern_pci_set_reset (device, at + MSIX_TABLE, 4, table_offset | bar);
  astern_pci_set_reset (device, at + MSIX_PBA, 4, pba_offset | bar);
  function->writable[at + CONTROL + 1] = (MSIX_ENABLE | MSIX_FUNCTION_MASK) >> 8;
  function->writable[PCI_COMMAND + 1] |= PCI_COMMAND_INTX_DISABLE >> 8;
  function->messages.msix = (guint8) at;
  function->messages.n_msix = (guint8) n_vectors;
  function->messages.msix_state = state_offset;
}

gboolean
astern_pci_msi_enabled (AsternDevice *device)
{
  return (control_of (device, messages_of (device)->msi) & MSI_ENABLE) != 0;
}

gboolean
astern_pci_msix_enabled (AsternDevice *device)
{
  return (control_of (device, messages_of (device)->msix) & MSIX_ENABLE) != 0;
}

/* A message is a write of a bus master. */
static void
send_message (AsternDevice *device, guint64 address, guint32 data)
{
  AsternPciFunction *function = (AsternPciFunction *) device;
  const AsternAccess access = {
    .address = { address & ~(guint64) 3 }, .size = 4, .kind = ASTERN_ACCESS_WRITE, .origin = ASTERN_ORIGIN_DMA,
  };

  if (function->bus != NULL && (astern_pci_get (device, PCI_COMMAND, 2) & PCI_COMMAND_MASTER))
    astern_bus_write (function->bus->memory, &access, data);
}

static void
send_msi (AsternDevice *device, guint vector)
{
  guint at = messages_of (device)->msi;
  guint log = control_of (device, at) >> 4 & 7;
  guint32 among = (1u << MIN (log, 5)) - 1;
  guint64 address = (guint64) astern_pci_get (device, at + MSI_UPPER, 4) << 32 | astern_pci_get (device, at + MSI_ADDRESS, 4);

  send_message (device, address, (astern_pci_get (device, at + MSI_DATA, 2) & ~among) | (vector & among));
}

/* Sends it, or notes that it is to be sent when the mask is taken away. */
static void
send_msix (AsternDevice *device, guint vector)
{
  AsternPciMsixState *state = msix_of (device);
  const guint32 *entry = &state->table[vector * ENTRY_WORDS];
  guint64 bit = G_GUINT64_CONSTANT (1) << vector;

  if ((control_of (device, messages_of (device)->msix) & MSIX_FUNCTION_MASK) || (entry[ENTRY_CONTROL] & ENTRY_MASKED))
    {
      state->pending |= bit;
      return;
    }
  state->pending &= ~bit;
  send_message (device, (guint64) entry[ENTRY_UPPER] << 32 | entry[ENTRY_ADDRESS], entry[ENTRY_DATA]);
}

gboolean
astern_pci_notify (AsternDevice *device, guint vector)
{
  if (astern_pci_msix_enabled (device))
    {
      if (vector < messages_of (device)->n_msix)
        send_msix (device, vector);
      return TRUE;
    }
  if (!astern_pci_msi_enabled (device))
    return FALSE;
  send_msi (device, vector);
  return TRUE;
}

static void
send_pending (AsternDevice *device)
{
  if (!astern_pci_msix_enabled (device))
    return;
  for (guint vector = 0; vector < messages_of (device)->n_msix; vector++)
    if (msix_of (device)->pending >> vector & 1)
      send_msix (device, vector);
}

void
astern_pci_messages_changed (AsternDevice *device, guint offset, guint size)
{
  guint at = messages_of (device)->msix;

  /* The whole is told of at a reset and after a restore, when nothing may be sent. */
  if (at != 0 && size < 256 && offset < at + 4 && offset + size > at + CONTROL)
    send_pending (device);
}

void
astern_pci_messages_reset (AsternDevice *device)
{
  AsternPciMsixState *state;

  if (messages_of (device)->msix == 0)
    return;
  state = msix_of (device);
  memset (state, 0, sizeof *state);
  for (guint vector = 0; vector < messages_of (device)->n_msix; vector++)
    state->table[vector * ENTRY_WORDS + ENTRY_CONTROL] = ENTRY_MASKED;
}

guint64
astern_pci_msix_read (AsternDevice *device, gboolean pba, guint64 offset, guint size)
{
  const AsternPciMsixState *state = msix_of (device);
  const guint8 *bytes = pba ? (const guint8 *) &state->pending : (const guint8 *) state->table;
  guint64 there = pba ? sizeof state->pending : messages_of (device)->n_msix * 16u;
  guint64 value = 0;

  if (offset >= there || size > there - offset)
    return 0;
  memcpy (&value, bytes + offset, size);
  return value;
}

void
astern_pci_msix_write (AsternDevice *device, guint64 offset, guint size, guint64 value)
{
  AsternPciMsixState *state = msix_of (device);

  if (offset >= messages_of (device)->n_msix * 16u || size > messages_of (device)->n_msix * 16u - offset)
    return;
  memcpy ((guint8 *) state->table + offset, &value, size);
  if (state->pending >> (offset / 16) & 1)
    send_pending (device);
}
