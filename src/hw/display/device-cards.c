/* device-cards.c - see device-cards.h.
 *
 * The first card with a VGA answers at the old ports; one more is a screen besides, by its BARs. */
#include "config.h"

#include "hw/display/device-cards.h"

#include "hw/display/bochs.h"
#include "hw/display/cards.h"
#include "hw/display/cirrus.h"
#include "hw/display/edid.h"
#include "hw/display/qxl.h"
#include "hw/display/svga.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#define MIB (G_GUINT64_CONSTANT (1) << 20)

/* A property that is a memory's size, in bytes or MiB; memories are powers of two.  0: it has none of that name. */
static gboolean
get_size (AsternDevice *device, const AsternCardSettings *settings, const char *name, guint64 unit, guint64 least, guint64 most,
          guint64 *bytes, GError **error)
{
  guint64 given = astern_settings_number (settings, name), size = least;

  if (given > most / unit || given * unit < least)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("The device “%s” cannot have “%s=%" PRIu64 "”; it takes %" PRIu64 " to %" PRIu64 "."),
                   device->name, name, given, least / unit, most / unit);
      return FALSE;
    }
  while (size < given * unit)
    size *= 2;
  *bytes = size;
  return TRUE;
}

/* ---- properties ---- */

#define MONITOR                                                                                               \
  { "edid", ASTERN_PROPERTY_SWITCH, "on", N_("The monitor says what it is") },                                \
  { "xres", ASTERN_PROPERTY_NUMBER, NULL, N_("The width that the screen proposes; 0: 1280") },                \
  { "yres", ASTERN_PROPERTY_NUMBER, NULL, N_("The height that the screen proposes; 0: 800") }
#define ROM(file)       { "romfile", ASTERN_PROPERTY_ROM, file, N_("The firmware in its expansion ROM") }
#define VGAMEM_MB(size) { "vgamem_mb", ASTERN_PROPERTY_NUMBER, size, N_("The video memory, in MiB") }

static void
get_monitor (const AsternCardSettings *settings, AsternVgaSettings *vga)
{
  vga->no_edid = !astern_settings_switch (settings, "edid");
  vga->width = (guint) MIN (astern_settings_number (settings, "xres"), ASTERN_EDID_MOST);
  vga->height = (guint) MIN (astern_settings_number (settings, "yres"), ASTERN_EDID_MOST);
}

/* ---- standard VGA and its relatives ---- */

static const AsternProperty vga_properties[] = { VGAMEM_MB ("16"), MONITOR, ROM ("vgabios-stdvga.bin"), { 0 } };

static gboolean
vga_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  AsternVgaSettings vga = { 0 };

  get_monitor (settings, &vga);
  return get_size (device, settings, "vgamem_mb", MIB, MIB, 512 * MIB, &vga.vram_bytes, error) && vga_plug (device, NULL, &vga, error)
         && astern_vga_card_connect_first (device);
}

static const AsternProperty secondary_properties[] = { VGAMEM_MB ("16"), MONITOR, { 0 } };

static gboolean
secondary_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  AsternVgaSettings vga = { 0 };

  get_monitor (settings, &vga);
  return get_size (device, settings, "vgamem_mb", MIB, MIB, 512 * MIB, &vga.vram_bytes, error) && vga_plug (device, NULL, &vga, error);
}

static const AsternProperty bochs_properties[] = {
  { "vgamem", ASTERN_PROPERTY_SIZE, "16M", N_("The video memory") }, MONITOR, { 0 }
};

static gboolean
bochs_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  AsternVgaSettings vga = { 0 };

  get_monitor (settings, &vga);
  return get_size (device, settings, "vgamem", 1, 4 * MIB, 256 * MIB, &vga.vram_bytes, error) && vga_plug (device, NULL, &vga, error);
}

/* ---- cards with a VGA in them ---- */

static const AsternProperty cirrus_properties[] = { VGAMEM_MB ("4"), ROM ("vgabios-cirrus.bin"), { 0 } };

static gboolean
cirrus_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  AsternVgaSettings vga = { 0 };

  /* The chip can address no more. */
  return get_size (device, settings, "vgamem_mb", MIB, CIRRUS_VRAM_SIZE, CIRRUS_VRAM_SIZE, &vga.vram_bytes, error)
         && cirrus_plug (device, NULL, &vga, error) && astern_vga_card_connect_first (device);
}

static const AsternProperty svga_properties[] = { VGAMEM_MB ("32"), ROM ("vgabios-vmware.bin"), { 0 } };

static gboolean
svga_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  AsternVgaSettings vga = { 0 };

  return get_size (device, settings, "vgamem_mb", MIB, 4 * MIB, 512 * MIB, &vga.vram_bytes, error)
         && svga_plug (device, NULL, &vga, error) && astern_vga_card_connect_first (device);
}

#define QXL_PROPERTIES                                                                                        \
  VGAMEM_MB ("16"),                                                                                           \
  { "ram_size_mb",  ASTERN_PROPERTY_NUMBER, "64", N_("The memory of pictures and commands, in MiB") },        \
  { "vram_size_mb", ASTERN_PROPERTY_NUMBER, "32", N_("The memory of surfaces, in MiB") },                     \
  { "ram_size",     ASTERN_PROPERTY_SIZE,   NULL, N_("The memory of pictures and commands; 0: as ram_size_mb says") },  \
  { "vram_size",    ASTERN_PROPERTY_SIZE,   NULL, N_("The memory of surfaces; 0: as vram_size_mb says") }

static const AsternProperty qxl_properties[] = { QXL_PROPERTIES, ROM ("vgabios-qxl.bin"), { 0 } };
static const AsternProperty qxl_second_properties[] = { QXL_PROPERTIES, { 0 } };

/* A size that has two names, the one in bytes going before. */
static gboolean
get_either (AsternDevice *device, const AsternCardSettings *settings, const char *in_bytes, const char *in_mib, guint64 least,
            guint64 *bytes, GError **error)
{
  if (astern_settings_number (settings, in_bytes) != 0)
    return get_size (device, settings, in_bytes, 1, least, 512 * MIB, bytes, error);
  return get_size (device, settings, in_mib, MIB, least, 512 * MIB, bytes, error);
}

static gboolean
qxl_second_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  AsternVgaSettings vga = { 0 };

  return get_size (device, settings, "vgamem_mb", MIB, 8 * MIB, 256 * MIB, &vga.vram_bytes, error)
         && get_either (device, settings, "ram_size", "ram_size_mb", 16 * MIB, &vga.ram_bytes, error)
         && get_either (device, settings, "vram_size", "vram_size_mb", MIB, &vga.surfaces_bytes, error)
         && qxl_plug (device, NULL, &vga, error);
}

static gboolean
qxl_configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  return qxl_second_configure (device, settings, error) && astern_vga_card_connect_first (device);
}

/* ---- the table's rows ---- */

#define CARD(card, text, card_class, list, function)                                                          \
  {                                                                                                           \
    .name = card, .summary = text, .klass = card_class, .kind = ASTERN_CARD_DISPLAY, .slot = ASTERN_SLOT_PCI, \
    .properties = list, .configure = function,                                                                \
  }

const AsternCard bochs_display_card = CARD ("bochs-display", N_("Bochs’ display interface without VGA"), &bochs_display_class, bochs_properties, bochs_configure);
const AsternCard cirrus_card = CARD ("cirrus-vga", N_("Cirrus Logic GD5446"), &cirrus_class, cirrus_properties, cirrus_configure);
const AsternCard qxl_card = CARD ("qxl-vga", N_("QXL"), &qxl_class, qxl_properties, qxl_configure);
const AsternCard qxl_second_card = CARD ("qxl", N_("QXL without VGA, for one more screen"), &qxl_second_class, qxl_second_properties, qxl_second_configure);
const AsternCard secondary_vga_card = CARD ("secondary-vga", N_("standard VGA without its ports, for one more screen"), &secondary_vga_class, secondary_properties, secondary_configure);
const AsternCard svga_card = CARD ("vmware-svga", N_("VMware SVGA II"), &svga_class, svga_properties, svga_configure);
const AsternCard vga_card = CARD ("VGA", N_("standard VGA with Bochs’ display interface"), &vga_class, vga_properties, vga_configure);
