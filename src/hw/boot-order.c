/* boot-order.c - see boot-order.h.
 * Source: IEEE 1275 and its PCI bus binding for the paths; what SeaBIOS and OVMF look for, as seen from outside. */
#include "config.h"

#include "hw/boot-order.h"

#include "core/machine.h"
#include "hw/pci.h"
#include "hw/storage/ahci.h"
#include "hw/storage/ata.h"
#include "hw/storage/fdc82078.h"
#include "hw/storage/scsi.h"
#include "hw/usb/hub.h"
#include "hw/usb/usb.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

typedef struct
{
  guint64 index;
  char   *path;
} Entry;

struct _AsternBootOrder
{
  GArray *entries;
};

/* -- Paths */

static guint
class_of (AsternDevice *function)
{
  return astern_pci_get (function, PCI_CLASS, 4) >> 8 & 0xffff;
}

/* What firmware calls functions of this kind; others by their numbers. */
static void
append_function (GString *path, AsternDevice *function)
{
  static const struct { guint16 code; const char *name; } names[] = {
    { 0x0100, "scsi" }, { 0x0101, "ide" }, { 0x0108, "pci8086,5845" }, { 0x0200, "ethernet" }, { 0x0300, "display" },
    { 0x0601, "isa" }, { 0x0604, "pci-bridge" }, { 0x0c03, "usb" },
  };
  guint devfn = ((AsternPciFunction *) function)->devfn;
  const char *name = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].code == class_of (function))
      name = names[i].name;
  if (name != NULL)
    g_string_append_printf (path, "/%s@%x", name, devfn >> 3);
  else
    g_string_append_printf (path, "/pci%x,%x@%x", astern_pci_get (function, PCI_VENDOR_ID, 2), astern_pci_get (function, PCI_DEVICE_ID, 2),
                            devfn >> 3);
  if (devfn & 7)
    g_string_append_printf (path, ",%x", devfn & 7);
}

/* The bridges that lead to it, and itself. */
static void
append_pci (GString *path, AsternDevice *function)
{
  AsternPciBus *bus = ((AsternPciFunction *) function)->bus;

  if (bus == NULL || bus->bridge == NULL)
    g_string_append (path, "/pci@i0cf8");
  else
    append_pci (path, bus->bridge);
  append_function (path, function);
}

/* What a function boots from that is not made of other devices. */
static const char *
own_unit (AsternDevice *function)
{
  switch (class_of (function))
    {
    case 0x0100: return "/disk@0,0";
    case 0x0108: return "/namespace@1,0";
    case 0x0200: return "/ethernet-phy@0";
    default:     return "";
    }
}

static void
append_isa_bridge (GString *path, AsternMachine *machine)
{
  for (guint i = 0; machine != NULL && i < machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (machine->devices, i);

      if (!astern_pci_is_function (device) || class_of (device) != 0x0601)
        continue;
      append_pci (path, device);
      return;
    }
}

static void
append_floppy (GString *path, AsternDevice *floppy, AsternDevice *fdc)
{
  append_isa_bridge (path, floppy->machine);
  for (guint unit = 0; unit < FDC82078_DRIVES; unit++)
    if (fdc82078_drive (fdc, unit) == floppy)
      g_string_append_printf (path, "/fdc@03f0/floppy@%x", unit);
}

static void
append_ata (GString *path, AsternDevice *ata, AsternDevice *host)
{
  guint unit = ata_unit (ata);

  append_pci (path, host);
  if (host->klass == &ahci_class)
    g_string_append_printf (path, "/drive@%x/disk@0", unit);
  else
    g_string_append_printf (path, "/drive@%x/disk@%x", unit >> 1, unit & 1);
}

/* Hubs lead to it. */
static void
append_usb (GString *path, AsternDevice *device)
{
  const UsbPort *port = ((UsbDevice *) device)->port;
  AsternDevice *owner = port != NULL ? port->owner : NULL;

  if (owner == NULL)
    return;
  if (usb_is_device (owner))
    append_usb (path, owner);
  else
    append_pci (path, owner);
  g_string_append_printf (path, "/%s@%x", device->klass == &usb_hub_class ? "hub" : "storage", port->number + 1);
}

char *
astern_boot_path (AsternDevice *device, AsternSlot slot, AsternDevice *host)
{
  g_autoptr (GString) path = g_string_new (NULL);

  if (slot == ASTERN_SLOT_PCI)
    {
      append_pci (path, device);
      g_string_append (path, own_unit (device));
    }
  else if (slot == ASTERN_SLOT_IDE && host != NULL)
    append_ata (path, device, host);
  else if (slot == ASTERN_SLOT_FLOPPY && host != NULL)
    append_floppy (path, device, host);
  else if (slot == ASTERN_SLOT_SCSI && host != NULL)
    {
      const ScsiUnit *unit = scsi_device_unit (device);

      append_pci (path, host);
      g_string_append_printf (path, "/channel@0/disk@%x,%x", unit->target, unit->lun);
    }
  else if (slot == ASTERN_SLOT_USB)
    {
      append_usb (path, device);
      g_string_append (path, "/channel@0/disk@0,0");
    }
  return g_strdup (path->str);
}

/* -- The list */

static void
clear_entry (gpointer data)
{
  g_free (((Entry *) data)->path);
}

AsternBootOrder *
astern_boot_order_new (void)
{
  AsternBootOrder *order = g_new0 (AsternBootOrder, 1);

  order->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (order->entries, clear_entry);
  return order;
}

void
astern_boot_order_free (AsternBootOrder *order)
{
  g_array_unref (order->entries);
  g_free (order);
}

gboolean
astern_boot_order_add (AsternBootOrder *order, guint64 index, AsternDevice *device, AsternSlot slot, AsternDevice *host, GError **error)
{
  Entry entry = { index, NULL };
  guint at = 0;

  while (at < order->entries->len && g_array_index (order->entries, Entry, at).index < index)
    at++;
  if (at < order->entries->len && g_array_index (order->entries, Entry, at).index == index)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("“%s” cannot have bootindex=%" PRIu64 ": “%s” has it already."), device->name, index,
                   g_array_index (order->entries, Entry, at).path);
      return FALSE;
    }
  entry.path = astern_boot_path (device, slot, host);
  g_array_insert_val (order->entries, at, entry);
  return TRUE;
}

/* Lines, the last one ended by a zero. */
GBytes *
astern_boot_order_file (const AsternBootOrder *order, gboolean strict)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  gsize size;

  if (order->entries->len == 0)
    return NULL;
  for (guint i = 0; i < order->entries->len; i++)
    g_string_append_printf (lines, "%s%s", i > 0 ? "\n" : "", g_array_index (order->entries, Entry, i).path);
  if (strict)
    g_string_append (lines, "\nHALT");
  size = lines->len + 1;
  return g_bytes_new_take (g_string_free (g_steal_pointer (&lines), FALSE), size);
}
