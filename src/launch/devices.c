/* devices.c - see devices.h. */
#include "config.h"

#include "launch/devices.h"

#include "hw/boards/pci-express.h"
#include "hw/drive.h"
#include "hw/fw-cfg.h"
#include "launch/suboptions.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n.h>

/* Kinds of buses by the names that QEMU has for them. */
static const struct { const char *name; AsternSlot slot; } bus_names[] = {
  { "pci", ASTERN_SLOT_PCI }, { "pcie", ASTERN_SLOT_PCI }, { "isa", ASTERN_SLOT_ISA }, { "ide", ASTERN_SLOT_IDE },
  { "scsi", ASTERN_SLOT_SCSI }, { "usb", ASTERN_SLOT_USB }, { "usb-bus", ASTERN_SLOT_USB },
  { "virtio-serial", ASTERN_SLOT_VIRTIO_SERIAL }, { "virtio-serial-bus", ASTERN_SLOT_VIRTIO_SERIAL },
  { "virtio-mmio-bus", ASTERN_SLOT_VIRTIO_MMIO },
  { "floppy", ASTERN_SLOT_FLOPPY }, { "floppy-bus", ASTERN_SLOT_FLOPPY },
  { "hda", ASTERN_SLOT_HDA },
};

/* One card on its way in. */
typedef struct
{
  const AsternDevices *devices;
  const AsternCard    *card;
  AsternCardSettings  *settings;
  const char          *bus, *address;     /* (nullable) */
  char                *name;
} Plug;

/* ---- properties ---- */

static gboolean
set_property (Plug *plug, const char *name, const char *value, GError **error)
{
  const AsternProperty *property = astern_card_find_property (plug->card, name);
  AsternDevice *drive;
  AsternLink *link;

  if (g_str_equal (name, "bus"))
    plug->bus = value;
  else if (g_str_equal (name, "addr") && plug->card->slot == ASTERN_SLOT_PCI)
    plug->address = value;
  else if (g_str_equal (name, "multifunction") && plug->card->slot == ASTERN_SLOT_PCI)
    return TRUE;
  if (property == NULL && (plug->bus == value || plug->address == value))
    return TRUE;
  if (!astern_settings_set (plug->settings, name, value, error))
    return FALSE;
  switch (property->kind)
    {
    case ASTERN_PROPERTY_DRIVE:
      drive = astern_drives_find (plug->devices->drives, value);
      if (drive == NULL)
        return astern_launch_usage (error, _("-device %s: there is no drive “%s”; make one with “-drive if=none,id=%s,file=…”."), plug->card->name, value,
                                    value);
      astern_settings_set_drive (plug->settings, name, drive);
      return TRUE;
    case ASTERN_PROPERTY_NETDEV:
    case ASTERN_PROPERTY_CHARDEV:
    case ASTERN_PROPERTY_AUDIODEV:
    case ASTERN_PROPERTY_FSDEV:
      link = plug->devices->link (plug->devices->user, property->kind, value);
      if (link != NULL && link->device != NULL && property->kind == ASTERN_PROPERTY_CHARDEV)
        return astern_launch_usage (error, _("-device %s: “%s=%s” is another device's already."), plug->card->name, name, value);
      if (link == NULL)
        return astern_launch_usage (error, _("-device %s: “%s=%s” names nothing; make it with an option of its own, with “id=%s”."), plug->card->name,
                                    name, value, value);
      astern_settings_set_link (plug->settings, name, link);
      return TRUE;
    default:
      return TRUE;
    }
}

/* Those that were not given, too: they have names by default. */
static gboolean
read_roms (Plug *plug, GError **error)
{
  for (const AsternProperty *property = plug->card->properties; property != NULL && property->name != NULL; property++)
    {
      const char *file = property->kind == ASTERN_PROPERTY_ROM ? astern_settings_text (plug->settings, property->name) : NULL;
      g_autoptr (GBytes) rom = NULL;
      GError *failed = NULL;

      if (file == NULL || file[0] == '\0')
        continue;
      rom = plug->devices->rom (plug->devices->user, file, astern_settings_given (plug->settings, property->name), &failed);
      if (failed != NULL)
        {
          g_propagate_error (error, failed);
          return FALSE;
        }
      astern_settings_set_rom (plug->settings, property->name, rom);
    }
  return TRUE;
}

/* @given: by the user. */
static GBytes *
first_rom (const Plug *plug, gboolean *given)
{
  for (const AsternProperty *property = plug->card->properties; property != NULL && property->name != NULL; property++)
    if (property->kind == ASTERN_PROPERTY_ROM)
      {
        *given = astern_settings_given (plug->settings, property->name);
        return astern_settings_rom (plug->settings, property->name);
      }
  return NULL;
}

/* ---- where it goes ---- */

static const AsternCard *
card_of (const AsternDevice *device)
{
  for (guint i = 0; astern_cards[i] != NULL; i++)
    if (astern_cards[i]->klass == device->klass && g_str_equal (astern_cards[i]->name, device->klass->name))
      return astern_cards[i];
  for (guint i = 0; astern_cards[i] != NULL; i++)
    if (astern_cards[i]->klass == device->klass)
      return astern_cards[i];
  return NULL;
}

static gboolean
offers (const AsternDevice *device, AsternSlot slot)
{
  const AsternCard *card = card_of (device);

  return card != NULL && card->offers == slot && card->plug != NULL;
}

/* “NAME.N” apart. */
static char *
split_bus (const char *bus, guint *number)
{
  const char *dot = strrchr (bus, '.');

  *number = dot != NULL ? (guint) strtoul (dot + 1, NULL, 10) : 0;
  return dot != NULL ? g_strndup (bus, (gsize) (dot - bus)) : g_strdup (bus);
}

static gboolean
is_kind (const char *name, AsternSlot slot)
{
  for (guint i = 0; i < G_N_ELEMENTS (bus_names); i++)
    if (bus_names[i].slot == slot && g_str_equal (bus_names[i].name, name))
      return TRUE;
  return FALSE;
}

/* The next device from *@at on that offers the bus, *@at being moved behind it; NULL: there is none. */
static AsternDevice *
next_host (Plug *plug, guint *at)
{
  GPtrArray *all = plug->devices->machine->devices;
  g_autofree char *name = NULL;
  guint number = 0;

  if (plug->bus != NULL)
    name = split_bus (plug->bus, &number);
  while (*at < all->len)
    {
      AsternDevice *device = g_ptr_array_index (all, (*at)++);

      if (!offers (device, plug->card->slot))
        continue;
      if (name != NULL && !g_str_equal (device->name, name) && !is_kind (name, plug->card->slot))
        continue;
      astern_settings_set_bus (plug->settings, number);
      return device;
    }
  return NULL;
}

/* “bootindex=”: firmware is told of it. */
static gboolean
order_boot (Plug *plug, AsternDevice *device, AsternDevice *host, GError **error)
{
  if (astern_card_find_property (plug->card, "bootindex") == NULL || !astern_settings_given (plug->settings, "bootindex"))
    return TRUE;
  return astern_boot_order_add (plug->devices->boot_order, astern_settings_number (plug->settings, "bootindex"), device,
                                plug->card->slot, host, error);
}

/* Without “bus=” it is the first bus that takes it: one may be full. */
static gboolean
plug_into_device (Plug *plug, AsternDevice *device, GError **error)
{
  guint at = 0;
  AsternDevice *host = next_host (plug, &at);
  GError *refused = NULL;

  if (host == NULL && plug->bus != NULL)
    return astern_launch_usage (error, _("-device %s: there is no bus “%s” for it."), plug->card->name, plug->bus);
  if (host == NULL)
    return astern_launch_usage (error, _("-device %s: the machine has no bus for it; add a controller with another -device before it."), plug->card->name);
  for (; host != NULL; host = plug->bus == NULL ? next_host (plug, &at) : NULL)
    {
      if (card_of (host)->plug (host, device, plug->settings, refused == NULL ? &refused : NULL))
        {
          g_clear_error (&refused);
          return order_boot (plug, device, host, error);
        }
    }
  g_propagate_error (error, refused);
  return FALSE;
}

/* “5” or “5.1”, hexadecimal. */
static gboolean
parse_address (const Plug *plug, guint *devfn, GError **error)
{
  char *end;
  gulong slot = strtoul (plug->address, &end, 16), function = 0;

  if (*end == '.')
    function = strtoul (end + 1, &end, 16);
  if (end == plug->address || *end != '\0' || slot > 31 || function > 7)
    return astern_launch_usage (error, _("-device %s: “addr=%s” is no place on the PCI bus; it is a slot of 1 to 1f, as in “addr=5” or “addr=5.0”."),
                                plug->card->name, plug->address);
  *devfn = (guint) (slot << 3 | function);
  return TRUE;
}

/* The root bus (“pci.0”, “pcie.0”), or the one behind a bridge that -device added. */
static AsternPciBus *
find_pci_bus (const Plug *plug, GError **error)
{
  g_autofree char *name = NULL;
  guint number;
  AsternDevice *bridge;

  if (plug->bus == NULL)
    return plug->devices->pci;
  name = split_bus (plug->bus, &number);
  bridge = astern_machine_find_device (plug->devices->machine, name);
  if (bridge != NULL && astern_pci_is_function (bridge) && ((AsternPciFunction *) bridge)->behind != NULL)
    return ((AsternPciFunction *) bridge)->behind;
  if (is_kind (name, ASTERN_SLOT_PCI) && number == 0)
    return plug->devices->pci;
  astern_launch_usage (error, _("-device %s: there is no bus “%s” for it."), plug->card->name, plug->bus);
  return NULL;
}

static gboolean
plug_into_pci (Plug *plug, AsternDevice *device, GError **error)
{
  AsternPciBus *pci = find_pci_bus (plug, error);
  gboolean given = FALSE;
  GBytes *rom = first_rom (plug, &given);
  guint devfn = pci == plug->devices->pci ? 8 : 0;      /* behind a root port there is device 0 alone */

  if (pci == NULL)
    return FALSE;

  if (plug->address != NULL && !parse_address (plug, &devfn, error))
    return FALSE;
  if (pci->bridge != NULL && plug->address == NULL && pci->bridge->klass == &pci_bridge_class)
    devfn = 8;
  while (plug->address == NULL && devfn < 256 && pci->functions[devfn] != NULL)
    devfn += 8;
  if (devfn >= 256)
    return astern_launch_usage (error, _("-device %s: the PCI bus is full."), plug->card->name);
  if (pci->functions[devfn] != NULL)
    return astern_launch_usage (error, _("-device %s: at “addr=%s” is “%s” already."), plug->card->name, plug->address, pci->functions[devfn]->name);
  if (rom != NULL && !astern_pci_set_rom (device, rom, !given, error))
    return FALSE;
  astern_pci_attach (pci, device, devfn);
  return order_boot (plug, device, NULL, error);
}

/* “bus=virtio-mmio-bus.N”, or the first place that is free. */
static gboolean
plug_into_mmio (Plug *plug, AsternDevice *device, GError **error)
{
  g_autofree char *name = NULL;
  guint number = 0;

  if (plug->bus != NULL)
    {
      name = split_bus (plug->bus, &number);
      if (!is_kind (name, ASTERN_SLOT_VIRTIO_MMIO) || number >= VIRTIO_MMIO_SLOTS)
        return astern_launch_usage (error, _("-device %s: there is no bus “%s” for it."), plug->card->name, plug->bus);
    }
  return virtio_mmio_plug (plug->devices->virtio_mmio, device, plug->bus != NULL ? (gint) number : -1, error);
}

/* ---- one card ---- */

static char *
make_name (const AsternDevices *devices, const AsternCard *card, const char *id)
{
  g_autofree char *name = NULL;

  if (id != NULL)
    return g_strdup (id);
  for (guint i = 0;; i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s%s%u", card->name, g_ascii_isdigit (card->name[strlen (card->name) - 1]) ? "-" : "", i);
      if (astern_machine_find_device (devices->machine, name) == NULL)
        return g_steal_pointer (&name);
    }
}

static gboolean
put_in (Plug *plug, const GArray *properties, GError **error)
{
  AsternMachine *machine = plug->devices->machine;
  AsternDevice *device;

  for (guint i = 0; i < properties->len; i++)
    {
      const AsternSuboption *item = &g_array_index (properties, AsternSuboption, i);

      if (!set_property (plug, item->key, item->value, error))
        return FALSE;
    }
  if (!read_roms (plug, error))
    return FALSE;
  if (astern_machine_find_device (machine, plug->name) != NULL)
    return astern_launch_usage (error, _("-device %s: there is a device “%s” already; give it another id=."), plug->card->name, plug->name);
  if (plug->card->slot == ASTERN_SLOT_ISA)
    astern_settings_set_isa (plug->settings, plug->devices->isa);
  device = astern_device_new (plug->card->klass, plug->name, machine, &machine->clock);
  astern_machine_add_device (machine, device);
  if (plug->card->configure != NULL && !plug->card->configure (device, plug->settings, error))
    return FALSE;
  switch (plug->card->slot)
    {
    case ASTERN_SLOT_BOARD:
    case ASTERN_SLOT_ISA:
      return TRUE;
    case ASTERN_SLOT_PCI:
      return plug_into_pci (plug, device, error);
    case ASTERN_SLOT_VIRTIO_MMIO:
      return plug_into_mmio (plug, device, error);
    default:
      break;
    }
  if (!plug_into_device (plug, device, error))
    return FALSE;
  if (plug->card->slot == ASTERN_SLOT_USB && !astern_settings_switch (plug->settings, "attached"))
    astern_device_comes_later (device);
  return TRUE;
}

static gboolean
plug_card (const AsternDevices *devices, const AsternCard *card, const char *id, const GArray *properties, GError **error)
{
  Plug plug = { devices, card, astern_settings_new (card, devices->machine), NULL, NULL, make_name (devices, card, id) };
  gboolean done = put_in (&plug, properties, error);

  astern_settings_free (plug.settings);
  g_free (plug.name);
  return done;
}

/* ---- drives that say where they belong ---- */

static void
add_property (GArray *properties, const char *key, const char *value)
{
  AsternSuboption item = { g_strdup (key), g_strdup (value) };

  g_array_append_val (properties, item);
}

static void
clear_property (gpointer data)
{
  AsternSuboption *item = data;

  g_free (item->key);
  g_free (item->value);
}

static const char *
card_for (const AsternDriveItem *item)
{
  switch (item->interface)
    {
    case ASTERN_IF_DEFAULT:
    case ASTERN_IF_IDE:    return item->cdrom ? "ide-cd" : "ide-hd";
    case ASTERN_IF_FLOPPY: return "floppy";
    case ASTERN_IF_VIRTIO: return "virtio-blk-pci";
    case ASTERN_IF_SCSI:   return item->cdrom ? "scsi-cd" : "scsi-hd";
    default:               return NULL;
    }
}

static gboolean
is_on_scsi (const AsternDriveItem *item)
{
  return item->interface == ASTERN_IF_SCSI;
}

/* -drive if=scsi brings its controller along. */
static gboolean
need_scsi (const AsternDevices *devices, GError **error)
{
  const AsternCard *card = astern_card_find ("lsi53c895a");
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (AsternSuboption));

  for (guint i = 0; i < devices->machine->devices->len; i++)
    if (offers (g_ptr_array_index (devices->machine->devices, i), ASTERN_SLOT_SCSI))
      return TRUE;
  return card == NULL || plug_card (devices, card, NULL, none, error);
}

static gboolean
plug_drive (const AsternDevices *devices, guint n, GError **error)
{
  const AsternDriveItem *item = astern_drives_item (devices->drives, n);
  const char *name = card_for (item);
  const AsternCard *card = name != NULL ? astern_card_find (name) : NULL;
  g_autoptr (GArray) properties = g_array_new (FALSE, FALSE, sizeof (AsternSuboption));
  g_autofree char *unit = g_strdup_printf ("%d", item->unit);

  if (name == NULL)
    return TRUE;
  if (card == NULL)
    return astern_launch_usage (error, _("-drive: there is no device “%s” for it."), name);
  if (is_on_scsi (item) && !need_scsi (devices, error))
    return FALSE;
  g_array_set_clear_func (properties, clear_property);
  add_property (properties, "drive", astern_drives_at (devices->drives, n)->name);
  if (item->bus >= 0 && card->slot == ASTERN_SLOT_IDE)
    {
      g_autofree char *full = g_strdup_printf ("ide.%d", item->bus);

      add_property (properties, "bus", full);
    }
  if (item->unit >= 0 && (card->slot == ASTERN_SLOT_IDE || card->slot == ASTERN_SLOT_FLOPPY))
    add_property (properties, "unit", unit);
  if (item->unit >= 0 && is_on_scsi (item))
    add_property (properties, "scsi-id", unit);
  return plug_card (devices, card, NULL, properties, error);
}

AsternDevice *
astern_devices_add (const AsternDevices *devices, const AsternDeviceItem *item, GError **error)
{
  GPtrArray *all = devices->machine->devices;
  guint before = all->len;

  if (plug_card (devices, astern_card_find (item->driver), item->id, item->properties, error))
    return g_ptr_array_index (all, before);
  if (all->len > before)        /* no port was found for it: it never comes */
    astern_device_comes_later (g_ptr_array_index (all, before));
  return NULL;
}

static gboolean
plug_all (const AsternDevices *devices, GError **error)
{
  for (guint i = 0; i < astern_drives_count (devices->drives); i++)
    if (!plug_drive (devices, i, error))
      return FALSE;
  for (guint i = 0; i < devices->options->devices->len; i++)
    {
      const AsternDeviceItem *item = &g_array_index (devices->options->devices, AsternDeviceItem, i);

      if (!plug_card (devices, astern_card_find (item->driver), item->id, item->properties, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
astern_devices_plug (const AsternDevices *devices, GError **error)
{
  g_autoptr (AsternBootOrder) order = astern_boot_order_new ();
  AsternDevices ordered = *devices;
  g_autoptr (GBytes) file = NULL;

  ordered.boot_order = order;
  if (!plug_all (&ordered, error))
    return FALSE;
  file = astern_boot_order_file (order, devices->options->boot_strict);
  if (file != NULL)
    fw_cfg_add_file (astern_machine_find_device (devices->machine, "fw-cfg"), BOOT_ORDER_FILE, file);
  return TRUE;
}
