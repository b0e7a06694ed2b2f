/* sources.c - reading firmware, kernels and what comes with them.
 * Source: QEMU's manual, -L, -bios, -initrd (multiboot's list of modules). */
#include "config.h"

#include "launch/sources.h"

#include "host/file.h"
#include "hw/smbios.h"
#include "launch/option-acpi.h"

#include <string.h>

#include <glib/gi18n.h>

#define MAX_BIOS_BYTES   (16u << 20)
#define MAX_FW_CFG_BYTES (64u << 20)
#define MAX_SMBIOS_BYTES 0x8000u
#define MAX_KERNEL_BYTES ((gsize) 1 << 30)

#define DEFAULT_BIOS "bios-256k.bin"

/* Where Debian and others install SeaBIOS. */
static const char *const firmware_dirs[] = {
  PKGDATADIR, "/usr/share/seabios", "/usr/lib/ipxe/qemu", "/usr/share/qemu", "/usr/share/qemu-kvm", "/usr/local/share/qemu",
};

static void
clear_module (gpointer data)
{
  AsternBootModule *module = data;

  g_bytes_unref (module->data);
  g_free (module->arguments);
}

static void
free_bytes (gpointer data)
{
  g_bytes_unref (data);
}

void
astern_sources_clear (AsternSources *sources)
{
  g_clear_pointer (&sources->bios, g_bytes_unref);
  g_clear_pointer (&sources->vgabios, g_bytes_unref);
  g_clear_pointer (&sources->kernel, g_bytes_unref);
  g_clear_pointer (&sources->kernel_name, g_free);
  g_clear_pointer (&sources->modules, g_array_unref);
  g_clear_pointer (&sources->fw_cfg, g_ptr_array_unref);
  g_clear_pointer (&sources->acpi_tables, g_ptr_array_unref);
  g_clear_pointer (&sources->smbios_files, g_ptr_array_unref);
  g_clear_pointer (&sources->splash, g_bytes_unref);
  g_clear_pointer (&sources->roms, g_hash_table_unref);
}

/* The file @path of the host, or what is in its place. */
static GBytes *
get_file (const AsternLaunchOptions *options, const char *name, const char *path, const char *what, gsize most, GError **error)
{
  GError *failed = NULL;
  GBytes *bytes;

  if (options->source == NULL)
    return astern_file_read (path, what, most, error);
  bytes = options->source (options->source_user, name, &failed);
  if (bytes == NULL && failed == NULL)
    g_set_error (&failed, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE, _("The recording lacks “%s”."), name);
  if (failed != NULL)
    g_propagate_error (error, failed);
  return bytes;
}

/* ---- firmware ---- */

static char *
find_in (const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&path) : NULL;
}

static char *
find_firmware (const AsternLaunchOptions *options, const char *name)
{
  char *path = NULL;

  for (guint i = 0; path == NULL && i < options->firmware_dirs->len; i++)
    path = find_in (g_ptr_array_index (options->firmware_dirs, i), name);
  for (gsize i = 0; path == NULL && i < G_N_ELEMENTS (firmware_dirs); i++)
    path = find_in (firmware_dirs[i], name);
  return path;
}

static gboolean
read_vgabios (AsternSources *sources, const AsternLaunchOptions *options, GError **error)
{
  g_autofree char *path = NULL;
  GError *failed = NULL;

  if (options->source != NULL)
    {
      sources->vgabios = options->source (options->source_user, "vgabios", &failed);
      if (failed != NULL)
        g_propagate_error (error, failed);
      return failed == NULL;
    }
  path = options->vga != NULL ? find_firmware (options, options->vga->rom) : NULL;
  if (path == NULL)
    return TRUE;
  sources->vgabios = astern_file_read (path, _("VGA firmware"), MAX_BIOS_BYTES, error);
  return sources->vgabios != NULL;
}

/* -bios takes a path, or a name to be looked for as -L says. */
static gboolean
read_bios (AsternSources *sources, const AsternLaunchOptions *options, GError **error)
{
  const char *wanted = options->bios != NULL ? options->bios : DEFAULT_BIOS;
  g_autofree char *path = NULL;
  gsize size;

  if (options->source != NULL)
    path = NULL;
  else if (options->bios != NULL && g_file_test (options->bios, G_FILE_TEST_EXISTS))
    path = g_strdup (options->bios);
  else
    path = find_firmware (options, wanted);
  if (path == NULL && options->bios == NULL && options->source == NULL)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE,
                   _("There is nothing to start: SeaBIOS (“%s”) was not found; install the package “seabios”, say where "
                     "it is with -L, or give a -kernel."), wanted);
      return FALSE;
    }
  sources->bios = get_file (options, "bios", path != NULL ? path : wanted, _("firmware"), MAX_BIOS_BYTES, error);
  if (sources->bios == NULL)
    return FALSE;
  size = g_bytes_get_size (sources->bios);
  if (size == 0 || size % 65536 != 0)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE,
                   _("The firmware “%s” is not usable: its size must be a multiple of 64 KiB."), wanted);
      return FALSE;
    }
  return TRUE;
}

/* ---- kernel ---- */

static gboolean
add_module (AsternSources *sources, const AsternLaunchOptions *options, const char *path, const char *arguments, GError **error)
{
  g_autofree char *name = g_strdup_printf ("module%u", sources->modules->len);
  AsternBootModule module = { get_file (options, name, path, _("initrd"), MAX_KERNEL_BYTES, error), NULL };

  if (module.data == NULL)
    return FALSE;
  module.arguments = g_strdup (arguments);
  g_array_append_val (sources->modules, module);
  return TRUE;
}

/* "FILE ARGUMENTS,FILE ARGUMENTS": a module is told its own name and arguments. */
static gboolean
read_multiboot_modules (AsternSources *sources, const AsternLaunchOptions *options, const char *list, GError **error)
{
  g_auto (GStrv) items = g_strsplit (list, ",", -1);

  for (char **item = items; *item != NULL; item++)
    {
      g_autofree char *path = g_strndup (*item, strcspn (*item, " "));

      if (path[0] != '\0' && !add_module (sources, options, path, *item, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_kernel (AsternSources *sources, const AsternLaunchOptions *options, GError **error)
{
  if (options->kernel_bytes != NULL && options->kernel == NULL)
    {
      sources->kernel = g_bytes_ref (options->kernel_bytes);
      sources->kernel_name = g_strdup (options->name != NULL ? options->name : "kernel");
    }
  else
    {
      sources->kernel = get_file (options, "kernel", options->kernel, _("kernel"), MAX_KERNEL_BYTES, error);
      sources->kernel_name = g_strdup (options->kernel);
    }
  if (sources->kernel == NULL)
    return FALSE;
  if (options->initrd == NULL)
    return TRUE;
  if (!astern_is_linux (sources->kernel) && astern_is_multiboot (sources->kernel))
    return read_multiboot_modules (sources, options, options->initrd, error);
  return add_module (sources, options, options->initrd, NULL, error);
}

/* ---- fw_cfg ---- */

static gboolean
read_fw_cfg (AsternSources *sources, const AsternLaunchOptions *options, GError **error)
{
  for (guint i = 0; i < options->fw_cfg->len; i++)
    {
      const AsternFwCfgItem *item = &g_array_index (options->fw_cfg, AsternFwCfgItem, i);
      g_autofree char *name = g_strdup_printf ("fw_cfg%u", i);
      GBytes *data = item->file != NULL ? get_file (options, name, item->file, _("fw_cfg file"), MAX_FW_CFG_BYTES, error)
                                        : g_bytes_new (item->string, strlen (item->string));

      if (data == NULL)
        return FALSE;
      g_ptr_array_add (sources->fw_cfg, data);
    }
  return TRUE;
}

/* ---- tables ---- */

/* “FILE:FILE”, one behind the other. */
static GBytes *
get_files (const AsternLaunchOptions *options, const char *name, const char *paths, GError **error)
{
  g_auto (GStrv) all = g_strsplit (paths, ":", -1);
  g_autoptr (GByteArray) whole = g_byte_array_new ();

  if (options->source != NULL)
    return get_file (options, name, paths, NULL, MAX_FW_CFG_BYTES, error);
  for (char **path = all; *path != NULL; path++)
    {
      g_autoptr (GBytes) bytes = get_file (options, name, *path, _("ACPI table"), MAX_FW_CFG_BYTES, error);

      if (bytes == NULL)
        return NULL;
      g_byte_array_append (whole, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&whole));
}

/* A recording keeps them as they were made. */
static GBytes *
read_acpi_table (const AsternLaunchOptions *options, const AsternAcpiTableItem *item, const char *name, GError **error)
{
  g_autoptr (GBytes) content = get_files (options, name, item->files, error);
  AsternAcpiTableItem made = { .files = item->files, .whole = TRUE };

  return content == NULL ? NULL : astern_acpi_table_make (options->source != NULL ? &made : item, content, error);
}

static gboolean
read_tables (AsternSources *sources, const AsternLaunchOptions *options, GError **error)
{
  for (guint i = 0; i < options->acpi_tables->len; i++)
    {
      g_autofree char *name = g_strdup_printf ("acpitable%u", i);
      GBytes *table = read_acpi_table (options, &g_array_index (options->acpi_tables, AsternAcpiTableItem, i), name, error);

      if (table == NULL)
        return FALSE;
      g_ptr_array_add (sources->acpi_tables, table);
    }
  for (guint i = 0; i < options->smbios_files->len; i++)
    {
      const char *path = g_ptr_array_index (options->smbios_files, i);
      g_autofree char *name = g_strdup_printf ("smbios%u", i);
      GBytes *file = get_file (options, name, path, _("SMBIOS structure"), MAX_SMBIOS_BYTES, error);

      if (file == NULL)
        return FALSE;
      g_ptr_array_add (sources->smbios_files, file);
      if (!smbios_is_structure (file))
        {
          g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE,
                       _("“%s” is no SMBIOS structure: that has a header, whose second byte is its length, and ends with two zeros."), path);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
read_splash (AsternSources *sources, const AsternLaunchOptions *options, GError **error)
{
  if (options->boot_splash == NULL)
    return TRUE;
  sources->splash = get_file (options, "splash", options->boot_splash, _("boot picture"), MAX_FW_CFG_BYTES, error);
  return sources->splash != NULL;
}

/* What the CPU starts with is in flash memory, and no file of its own. */
static gboolean
has_flash (const AsternLaunchOptions *options)
{
  for (guint i = 0; i < options->drives->len; i++)
    if (g_array_index (options->drives, AsternDriveItem, i).interface == ASTERN_IF_PFLASH)
      return TRUE;
  return FALSE;
}

gboolean
astern_sources_read (AsternSources *sources, const AsternLaunchOptions *options, GError **error)
{
  gboolean direct = options->kernel != NULL || options->kernel_bytes != NULL;

  memset (sources, 0, sizeof *sources);
  sources->modules = g_array_new (FALSE, FALSE, sizeof (AsternBootModule));
  g_array_set_clear_func (sources->modules, clear_module);
  sources->fw_cfg = g_ptr_array_new_with_free_func (free_bytes);
  sources->acpi_tables = g_ptr_array_new_with_free_func (free_bytes);
  sources->smbios_files = g_ptr_array_new_with_free_func (free_bytes);
  return (!direct || read_kernel (sources, options, error)) &&
         (((direct || has_flash (options)) && options->bios == NULL) || read_bios (sources, options, error)) &&
         read_vgabios (sources, options, error) && read_splash (sources, options, error) &&
         read_tables (sources, options, error) &&
         read_fw_cfg (sources, options, error);
}

void
astern_sources_each (const AsternSources *sources, void (*visit) (gpointer user, const char *name, GBytes *bytes),
                     gpointer user)
{
  char name[32];

  if (sources->bios != NULL)
    visit (user, "bios", sources->bios);
  if (sources->vgabios != NULL)
    visit (user, "vgabios", sources->vgabios);
  if (sources->splash != NULL)
    visit (user, "splash", sources->splash);
  if (sources->kernel != NULL)
    visit (user, "kernel", sources->kernel);
  for (guint i = 0; i < sources->modules->len; i++)
    {
      g_snprintf (name, sizeof name, "module%u", i);
      visit (user, name, g_array_index (sources->modules, AsternBootModule, i).data);
    }
  for (guint i = 0; i < sources->fw_cfg->len; i++)
    {
      g_snprintf (name, sizeof name, "fw_cfg%u", i);
      visit (user, name, g_ptr_array_index (sources->fw_cfg, i));
    }
  for (guint i = 0; i < sources->acpi_tables->len; i++)
    {
      g_snprintf (name, sizeof name, "acpitable%u", i);
      visit (user, name, g_ptr_array_index (sources->acpi_tables, i));
    }
  for (guint i = 0; i < sources->smbios_files->len; i++)
    {
      g_snprintf (name, sizeof name, "smbios%u", i);
      visit (user, name, g_ptr_array_index (sources->smbios_files, i));
    }
  if (sources->roms != NULL)
    {
      GHashTableIter iter;
      gpointer key, rom;

      g_hash_table_iter_init (&iter, sources->roms);
      while (g_hash_table_iter_next (&iter, &key, &rom))
        visit (user, key, rom);
    }
}

/* ---- of cards ---- */

static GBytes *
read_rom (const AsternLaunchOptions *options, const char *name, gboolean given, GError **error)
{
  g_autofree char *path = given && g_file_test (name, G_FILE_TEST_EXISTS) ? g_strdup (name) : find_firmware (options, name);

  if (path != NULL)
    return astern_file_read (path, _("card's firmware"), MAX_BIOS_BYTES, error);
  if (given)
    g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE,
                 _("The firmware “%s” of a card was not found; give its path, or say where it is with -L."), name);
  return NULL;
}

GBytes *
astern_sources_rom (AsternSources *sources, const AsternLaunchOptions *options, const char *name, gboolean given, GError **error)
{
  g_autofree char *key = g_strdup_printf ("rom:%s", name);
  GBytes *rom;

  if (sources->roms == NULL)
    sources->roms = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_bytes);
  rom = g_hash_table_lookup (sources->roms, key);
  if (rom != NULL)
    return rom;
  rom = options->source != NULL ? options->source (options->source_user, key, error) : read_rom (options, name, given, error);
  if (rom != NULL)
    g_hash_table_insert (sources->roms, g_steal_pointer (&key), rom);
  return rom;
}
