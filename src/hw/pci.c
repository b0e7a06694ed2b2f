/* pci.c - configuration space, base address registers, interrupt pins.
 * Source: PCI Local Bus Specification 3.0, chapter 6.
 * Left out: parity and errors. */
#include "config.h"

#include "hw/pci.h"

#include "core/machine.h"

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
  guint64 value = get (config, bar_offset (n), bar->wide ? 8 : 4);
  guint32 command = (guint32) get (config, PCI_COMMAND, 2);
  guint64 start;

  if (bar->kind == ASTERN_PCI_BAR_NONE)
    return G_MAXUINT64;

  start = value & ~(guint64) (bar->size - 1);
  if (bar->kind == ASTERN_PCI_BAR_PORTS)
    return (command & PCI_COMMAND_IO) && start != 0 && start + bar->size <= 0x10000 ? start : G_MAXUINT64;
  if (!(command & PCI_COMMAND_MEMORY) || (n == ASTERN_PCI_BAR_ROM && !(value & 1)))
    return G_MAXUINT64;
  return start != 0 && start <= G_MAXUINT64 - bar->size ? start : G_MAXUINT64;
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

/* The pin follows Interrupt Status, unless messages are sent in its place or it is disabled. */
static void
drive_pin (AsternDevice *device)
{
  AsternPciFunction *function = function_of (device);
  const guint8 *config = config_of (device);
  guint pin = config[PCI_INTERRUPT_PIN];
  gboolean level = (config[PCI_STATUS] & PCI_STATUS_INTERRUPT) != 0
                   && !(get (config, PCI_COMMAND, 2) & PCI_COMMAND_INTX_DISABLE)
                   && !astern_pci_msi_enabled (device) && !astern_pci_msix_enabled (device);

  if (pin >= 1 && pin <= 4 && function->bus != NULL && function->bus->set_intx != NULL)
    function->bus->set_intx (function->bus->router, function->devfn, pin - 1, level);
}

static void
config_changed (AsternDevice *device, guint offset, guint size)
{
  AsternPciFunction *function = function_of (device);

  if (function->bus != NULL)
    update_ranges (device);
  drive_pin (device);
  astern_pci_messages_changed (device, offset, size);
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

/* ---- buses and bridges ---- */

#define MOST_BRIDGES 8          /* one behind the other */

/* The bridge on @bus that leads to bus number @number, or NULL. */
static AsternPciFunction *
bridge_to (AsternPciBus *bus, guint number)
{
  for (guint devfn = 0; devfn < 256; devfn++)
    {
      AsternDevice *device = bus->functions[devfn];

      if (device != NULL && function_of (device)->behind != NULL && config_of (device)[PCI_SECONDARY_BUS] != 0
          && config_of (device)[PCI_SECONDARY_BUS] <= number && number <= config_of (device)[PCI_SUBORDINATE_BUS])
        return function_of (device);
    }
  return NULL;
}

AsternDevice *
astern_pci_find (AsternPciBus *root, guint bus, guint devfn)
{
  guint here = 0;

  for (guint i = 0; root != NULL && here != bus && i < MOST_BRIDGES; i++)
    {
      AsternPciFunction *bridge = bridge_to (root, bus);

      root = bridge != NULL ? bridge->behind : NULL;
      here = bridge != NULL ? config_of (&bridge->parent)[PCI_SECONDARY_BUS] : 0;
    }
  return root != NULL && here == bus && devfn < 256 ? root->functions[devfn] : NULL;
}

static guint64
read_extended (AsternDevice *device, guint64 offset, guint size)
{
  const guint8 *extended = function_of (device)->extended;

  return extended != NULL && offset + size <= 4096 ? get (extended, (guint) offset - 256, size) : G_MAXUINT64;
}

guint64
astern_pci_express_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return offset < 256 ? astern_device_read (device, ASTERN_PCI_CONFIG_WINDOW, offset, size, access)
                      : read_extended (device, offset, size);
}

guint64
astern_pci_express_peek (AsternDevice *device, guint64 offset, guint size)
{
  return offset < 256 ? astern_device_peek (device, ASTERN_PCI_CONFIG_WINDOW, offset, size)
                      : read_extended (device, offset, size);
}

void
astern_pci_express_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  if (offset < 256)
    astern_device_write (device, ASTERN_PCI_CONFIG_WINDOW, offset, size, value, access);
}

/* ---- a class's ---- */

void
astern_pci_init (AsternDevice *device, const AsternPciInfo *info)
{
  AsternPciFunction *function = function_of (device);

  function->info = info;
  /* Firmware knows a virtual machine, and thereby fw_cfg, by these two. */
  put (function->at_reset, PCI_SUBVENDOR_ID, 2, 0x1af4);
  put (function->at_reset, PCI_SUBSYSTEM_ID, 2, 0x1100);
  put (function->writable, PCI_COMMAND, 2, info->command_writable);
  put (function->writable, PCI_INTERRUPT_LINE, 1, 0xff);
  put (function->clears, PCI_STATUS, 2, 0xf900);     /* the error bits */
}

guint
astern_pci_add_capability (AsternDevice *device, guint8 id, guint offset, guint size)
{
  AsternPciFunction *function = function_of (device);
  guint at = offset != 0 ? offset : MAX (function->next_capability, 0x40);

  g_return_val_if_fail (at % 4 == 0 && at >= 0x40 && at + size <= 256, 0);

  put (function->at_reset, at, 1, id);
  if (function->last_capability != 0)
    put (function->at_reset, function->last_capability + 1u, 1, at);
  else
    put (function->at_reset, PCI_CAPABILITIES, 1, at);
  function->last_capability = (guint8) at;
  function->next_capability = (guint8) MAX (function->next_capability, MIN ((at + size + 3) & ~3u, 0xfc));
  return at;
}

void
astern_pci_set_reset (AsternDevice *device, guint offset, guint size, guint64 value)
{
  g_return_if_fail (offset + size <= 256);

  put (function_of (device)->at_reset, offset, size, value);
}

/* Bits of a BAR that say what it is. */
static guint32
bar_bits (const AsternPciBar *bar)
{
  switch (bar->kind)
    {
    case ASTERN_PCI_BAR_PORTS:    return 1;
    case ASTERN_PCI_BAR_PREFETCH: return 8 | (bar->wide ? 4 : 0);
    case ASTERN_PCI_BAR_MEMORY:   return bar->wide ? 4 : 0;
    default:                      return 0;
    }
}

static void
set_bar (AsternDevice *device, guint n, const AsternPciBar *bar)
{
  AsternPciFunction *function = function_of (device);

  g_return_if_fail (function->bus == NULL && bar->size >= 4 && (bar->size & (bar->size - 1)) == 0);

  function->bars[n] = *bar;
  put (function->writable, bar_offset (n), bar->wide ? 8 : 4, ~(bar->size - 1) | (n == ASTERN_PCI_BAR_ROM ? 1 : 0));
  put (config_of (device), bar_offset (n), 4, bar_bits (bar));
}

void
astern_pci_set_bar (AsternDevice *device, guint n, AsternPciBarKind kind, guint64 size_bytes,
                    guint window, AsternRamBlock *block)
{
  const AsternPciBar bar = { .kind = (guint8) kind, .window = (guint8) window, .size = size_bytes, .block = block };

  g_return_if_fail (n < ASTERN_PCI_N_BARS && size_bytes <= G_GUINT64_CONSTANT (1) << 31);
  set_bar (device, n, &bar);
}

void
astern_pci_set_bar64 (AsternDevice *device, guint n, AsternPciBarKind kind, guint64 size_bytes,
                      guint window, AsternRamBlock *block)
{
  const AsternPciBar bar = { .kind = (guint8) kind, .window = (guint8) window, .wide = 1, .size = size_bytes, .block = block };

  g_return_if_fail (n < 5 && (kind == ASTERN_PCI_BAR_MEMORY || kind == ASTERN_PCI_BAR_PREFETCH));
  set_bar (device, n, &bar);
}

void
astern_pci_set_subsystem (AsternDevice *device, guint16 vendor, guint16 id)
{
  astern_pci_set_reset (device, PCI_SUBVENDOR_ID, 2, vendor);
  astern_pci_set_reset (device, PCI_SUBSYSTEM_ID, 2, id);
  put (config_of (device), PCI_SUBVENDOR_ID, 2, vendor);
  put (config_of (device), PCI_SUBSYSTEM_ID, 2, id);
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
  put (config, PCI_STATUS, 2, info->status | (function->last_capability != 0 ? PCI_STATUS_CAPABILITIES : 0));
  put (config, PCI_REVISION, 1, info->revision);
  put (config, PCI_CLASS, 3, info->class_code);
  put (config, PCI_HEADER_TYPE, 1, info->multifunction ? 0x80 : 0);
  put (config, PCI_INTERRUPT_PIN, 1, info->interrupt_pin);
  for (n = 0; n < 256; n++)
    if (function->at_reset[n] != 0)
      config[n] = function->at_reset[n];
  for (n = 0; n < ASTERN_PCI_N_BARS; n++)
    config[bar_offset (n)] |= (guint8) bar_bits (&function->bars[n]);
  astern_pci_messages_reset (device);
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
  if (function->behind != NULL)
    {
      function->behind->memory = bus->memory;
      function->behind->ports = bus->ports;
    }
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

/* ---- interrupts and DMA ---- */

void
astern_pci_set_intx (AsternDevice *device, guint pin, gboolean level)
{
  AsternPciFunction *function = function_of (device);
  guint8 *config = config_of (device);

  if (pin + 1 == config[PCI_INTERRUPT_PIN])
    {
      config[PCI_STATUS] = (guint8) (level ? config[PCI_STATUS] | PCI_STATUS_INTERRUPT : config[PCI_STATUS] & ~PCI_STATUS_INTERRUPT);
      drive_pin (device);
    }
  else if (function->bus != NULL && function->bus->set_intx != NULL)
    function->bus->set_intx (function->bus->router, function->devfn, pin, level);
}

void
astern_pci_interrupt (AsternDevice *device, gboolean level)
{
  guint8 *config = config_of (device);
  gboolean was = (config[PCI_STATUS] & PCI_STATUS_INTERRUPT) != 0;

  config[PCI_STATUS] = (guint8) (level ? config[PCI_STATUS] | PCI_STATUS_INTERRUPT : config[PCI_STATUS] & ~PCI_STATUS_INTERRUPT);
  if (level && !was && astern_pci_notify (device, 0))
    return;
  drive_pin (device);
}

static gboolean
may_master (AsternDevice *device)
{
  return function_of (device)->bus != NULL && (config_of (device)[PCI_COMMAND] & PCI_COMMAND_MASTER) != 0;
}

gboolean
astern_pci_dma_read (AsternDevice *device, guint64 address, gpointer data, gsize size)
{
  if (!may_master (device))
    {
      memset (data, 0, size);
      return FALSE;
    }
  astern_bus_read_bytes (function_of (device)->bus->memory, (AsternPaddr) { address }, data, size, ASTERN_ORIGIN_DMA);
  return TRUE;
}

gboolean
astern_pci_dma_write (AsternDevice *device, guint64 address, gconstpointer data, gsize size)
{
  if (!may_master (device))
    return FALSE;
  astern_bus_write_bytes (function_of (device)->bus->memory, (AsternPaddr) { address }, data, size, ASTERN_ORIGIN_DMA);
  return TRUE;
}

/* ---- for people ---- */

gboolean
astern_pci_is_function (const AsternDevice *device)
{
  return device->klass->n_windows > 0 && device->klass->windows[0].peek == astern_pci_config_read;
}

/* PCI Code and ID Assignment Specification. */
const char *
astern_pci_class_name (guint class_code)
{
  static const struct { guint16 code; const char *name; } names[] = {
    { 0x0100, "SCSI controller" }, { 0x0101, "IDE controller" }, { 0x0106, "SATA controller" }, { 0x0108, "NVMe controller" }, { 0x0200, "Ethernet controller" },
    { 0x0300, "VGA controller" }, { 0x0380, "Display controller" }, { 0x0401, "Audio controller" }, { 0x0500, "RAM controller" },
    { 0x0600, "Host bridge" }, { 0x0601, "ISA bridge" }, { 0x0604, "PCI bridge" }, { 0x0680, "Bridge" },
    { 0x0c03, "USB controller" }, { 0x0c05, "SMBus" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].code == class_code)
      return names[i].name;
  return NULL;
}
