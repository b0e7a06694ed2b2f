/* pci.c - configuration space, base address registers, interrupt pins.
 * Source: PCI Local Bus Specification 3.0, chapter 6.
 * Left out: 64-bit BARs, bridges, capabilities, the Interrupt Disable bit, parity and errors. */
#include "config.h"

#include "hw/pci.h"

#include <string.h>

static AsternPciFunction *
function_of (AsternDevice *device)
{
  return (AsternPciFunction *) device;
}

static guint8 *
config_of (AsternDevice *device)
{
  return ((AsternPciState *) astern_device_state (device))->config;
}

static void
put (guint8 *bytes, guint offset, guint size, guint64 value)
{
  guint i;

  for (i = 0; i < size; i++)
    bytes[offset + i] = (guint8) (value >> (8 * i));
}

static guint64
get (const guint8 *bytes, guint offset, guint size)
{
  guint64 value = 0;
  guint i;

  for (i = 0; i < size; i++)
    value |= (guint64) bytes[offset + i] << (8 * i);
  return value;
}

static guint
bar_offset (guint n)
{
  return n == ASTERN_PCI_BAR_ROM ? PCI_ROM : PCI_BAR0 + 4 * n;
}

guint64
astern_pci_bar_address (AsternDevice *device, guint n)
{
  AsternPciFunction *function = function_of (device);
  const guint8 *config = config_of (device);
  const AsternPciBar *bar = &function->bars[n];
  guint32 value = (guint32) get (config, bar_offset (n), 4);
  guint32 command = (guint32) get (config, PCI_COMMAND, 2);
  guint64 start;

  if (bar->kind == ASTERN_PCI_BAR_NONE)
    return G_MAXUINT64;

  start = value & ~(guint64) (bar->size - 1);
  if (bar->kind == ASTERN_PCI_BAR_PORTS)
    return (command & PCI_COMMAND_IO) && start != 0 && start + bar->size <= 0x10000 ? start : G_MAXUINT64;
  if (!(command & PCI_COMMAND_MEMORY) || (n == ASTERN_PCI_BAR_ROM && !(value & 1)))
    return G_MAXUINT64;
  return start != 0 ? start : G_MAXUINT64;
}

/* Lays the ranges where the BARs say. */
static void
update_ranges (AsternDevice *device)
{
  AsternPciFunction *function = function_of (device);
  gboolean memory_changed = FALSE, ports_changed = FALSE;
  guint n;

  for (n = 0; n < ASTERN_PCI_N_BARS; n++)
    {
      AsternRange *range = function->ranges[n];
      guint64 start;
      gboolean enabled;

      if (range == NULL)
        continue;
      start = astern_pci_bar_address (device, n);
      enabled = start != G_MAXUINT64;
      if (range->enabled == enabled && (!enabled || range->start == start))
        continue;
      range->enabled = enabled;
      if (enabled)
        range->start = start;
      if (function->bars[n].kind == ASTERN_PCI_BAR_PORTS)
        ports_changed = TRUE;
      else
        memory_changed = TRUE;
    }
  if (memory_changed)
    astern_bus_changed (function->bus->memory);
  if (ports_changed)
    astern_bus_changed (function->bus->ports);
}

static void
config_changed (AsternDevice *device, guint offset, guint size)
{
  AsternPciFunction *function = function_of (device);

  update_ranges (device);
  if (function->info->config_changed != NULL)
    function->info->config_changed (device, offset, size);
}

guint64
astern_pci_config_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  if (offset + size > 256)
    return G_MAXUINT64;
  return get (config_of (device), (guint) offset, size);
}

void
astern_pci_config_write (AsternDevice *device, guint64 offset, guint size, guint64 value,
                         const AsternAccess *access)
{
  AsternPciFunction *function = function_of (device);
  guint8 *config = config_of (device);
  guint i;

  if (offset + size > 256)
    return;
  for (i = 0; i < size; i++)
    {
      guint8 byte = (guint8) (value >> (8 * i));
      guint8 writable = function->writable[offset + i];
      guint8 *at = &config[offset + i];

      *at = (guint8) ((*at & ~writable) | (byte & writable));
      *at &= (guint8) ~(byte & function->clears[offset + i]);
    }
  config_changed (device, (guint) offset, size);
}

void
astern_pci_init (AsternDevice *device, const AsternPciInfo *info)
{
  AsternPciFunction *function = function_of (device);

  function->info = info;
  put (function->writable, PCI_COMMAND, 2, info->command_writable);
  put (function->writable, PCI_INTERRUPT_LINE, 1, 0xff);
  put (function->clears, PCI_STATUS, 2, 0xf900);     /* the error bits */
}

void
astern_pci_set_bar (AsternDevice *device, guint n, AsternPciBarKind kind, guint32 size_bytes,
                    guint window, AsternRamBlock *block)
{
  AsternPciFunction *function = function_of (device);

  g_return_if_fail (n < ASTERN_PCI_N_BARS && function->bus == NULL);
  g_return_if_fail (size_bytes >= 16 && (size_bytes & (size_bytes - 1)) == 0);

  function->bars[n] = (AsternPciBar) { .kind = (guint8) kind, .window = (guint8) window,
                                       .size = size_bytes, .block = block };
  put (function->writable, bar_offset (n), 4,
       ~(size_bytes - 1) | (n == ASTERN_PCI_BAR_ROM ? 1 : 0));
  put (config_of (device), bar_offset (n), 4,
       kind == ASTERN_PCI_BAR_PORTS ? 1 : kind == ASTERN_PCI_BAR_PREFETCH ? 8 : 0);
}

void
astern_pci_reset (AsternDevice *device)
{
  AsternPciFunction *function = function_of (device);
  const AsternPciInfo *info = function->info;
  guint8 *config = config_of (device);
  guint n;

  memset (config, 0, 256);
  put (config, PCI_VENDOR_ID, 2, info->vendor);
  put (config, PCI_DEVICE_ID, 2, info->device);
  put (config, PCI_COMMAND, 2, info->command);
  put (config, PCI_STATUS, 2, info->status);
  put (config, PCI_REVISION, 1, info->revision);
  put (config, PCI_CLASS, 3, info->class_code);
  put (config, PCI_HEADER_TYPE, 1, info->multifunction ? 0x80 : 0);
  /* Firmware knows a virtual machine, and thereby fw_cfg, by these two. */
  put (config, PCI_SUBVENDOR_ID, 2, 0x1af4);
  put (config, PCI_SUBSYSTEM_ID, 2, 0x1100);
  put (config, PCI_INTERRUPT_PIN, 1, info->interrupt_pin);
  for (n = 0; n < ASTERN_PCI_N_BARS; n++)
    if (function->bars[n].kind == ASTERN_PCI_BAR_PORTS)
      put (config, bar_offset (n), 4, 1);
    else if (function->bars[n].kind == ASTERN_PCI_BAR_PREFETCH)
      put (config, bar_offset (n), 4, 8);
  config_changed (device, 0, 256);
}

void
astern_pci_restored (AsternDevice *device)
{
  config_changed (device, 0, 256);
}

void
astern_pci_attach (AsternPciBus *bus, AsternDevice *device, guint devfn)
{
  AsternPciFunction *function = function_of (device);
  guint n;

  g_return_if_fail (devfn < 256 && bus->functions[devfn] == NULL);

  bus->functions[devfn] = device;
  function->bus = bus;
  function->devfn = (guint8) devfn;
  for (n = 0; n < ASTERN_PCI_N_BARS; n++)
    {
      const AsternPciBar *bar = &function->bars[n];
      AsternRange range = { .name = device->name, .size = bar->size, .enabled = FALSE };

      if (bar->kind == ASTERN_PCI_BAR_NONE)
        continue;
      range.shadows = (gint) (1 + devfn * 8 + n);
      if (bar->block != NULL)
        {
          range.size = MIN (bar->size, bar->block->size);
          range.read = (AsternTarget) { .kind = ASTERN_TARGET_MEMORY, .block = bar->block };
        }
      else
        range.read = (AsternTarget) { .kind = ASTERN_TARGET_DEVICE, .device = device, .window = bar->window };
      range.write = range.read;
      function->ranges[n] = astern_bus_add (bar->kind == ASTERN_PCI_BAR_PORTS ? bus->ports : bus->memory,
                                            &range);
    }
  update_ranges (device);
}

void
astern_pci_set_intx (AsternDevice *device, guint pin, gboolean level)
{
  AsternPciFunction *function = function_of (device);

  if (function->bus != NULL && function->bus->set_intx != NULL)
    function->bus->set_intx (function->bus->router, function->devfn, pin, level);
}

/* ---- for people ---- */

gboolean
astern_pci_is_function (const AsternDevice *device)
{
  return device->klass->n_windows > 0 && device->klass->windows[0].read == astern_pci_config_read;
}

/* PCI Code and ID Assignment Specification. */
const char *
astern_pci_class_name (guint class_code)
{
  static const struct { guint16 code; const char *name; } names[] = {
    { 0x0100, "SCSI controller" }, { 0x0101, "IDE controller" }, { 0x0106, "SATA controller" }, { 0x0200, "Ethernet controller" },
    { 0x0300, "VGA controller" }, { 0x0380, "Display controller" }, { 0x0401, "Audio controller" }, { 0x0500, "RAM controller" },
    { 0x0600, "Host bridge" }, { 0x0601, "ISA bridge" }, { 0x0604, "PCI bridge" }, { 0x0680, "Bridge" },
    { 0x0c03, "USB controller" }, { 0x0c05, "SMBus" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].code == class_code)
      return names[i].name;
  return NULL;
}
