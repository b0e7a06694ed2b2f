/* load-pvh.c - ELF kernels with a PVH entry.
 * Source: Xen, "x86/HVM direct boot ABI"; Xen's public headers elfnote.h
 * (XEN_ELFNOTE_PHYS32_ENTRY) and hvm/start_info.h.
 * Left out: everything else of Xen's. */
#include "config.h"

#include "launch/image.h"

#include "core/bytes.h"
#include "launch/elf.h"
#include "launch/options.h"

#include <glib/gi18n.h>

enum
{
  NOTE_PHYS32_ENTRY = 18,
  START_MAGIC       = 0x336ec578,
  START_VERSION     = 1,
  START_SIZE        = 56,
  MODULE_SIZE       = 32,
  MAP_ENTRY_SIZE    = 24,
};

#define FOUR_GIB (G_GUINT64_CONSTANT (1) << 32)
#define INFO_FROM 0x1000

static gboolean
load_program (AsternImage *image, const AsternBootRequest *request, GError **error)
{
  g_autoptr (AsternElf) elf = astern_elf_parse (request->kernel, request->name, error);
  const guint8 *entry;
  gsize size;

  if (elf == NULL)
    return FALSE;
  if (!astern_elf_find_note (elf, request->kernel, "Xen", NOTE_PHYS32_ENTRY, &entry, &size) || size < 4)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE,
                   _("Cannot boot “%s”: it is an ELF file with neither a PVH entry nor a multiboot header."),
                   request->name);
      return FALSE;
    }
  astern_elf_add_segments (elf, request->kernel, image);
  image->rip = astern_get_le32 (entry);
  return TRUE;
}

static gboolean
add_modules (AsternImage *image, const AsternBootRequest *request, guint64 *addresses, GError **error)
{
  for (guint i = 0; i < request->n_modules; i++)
    {
      gsize size = g_bytes_get_size (request->modules[i].data);

      addresses[i] = astern_image_find_free_high (image, request, 0x100000, FOUR_GIB, MAX (size, 1), 4096);
      if (addresses[i] == G_MAXUINT64)
        {
          g_autofree char *shown = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);

          g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_MEMORY,
                       _("The initrd of %s does not fit into memory beside the kernel “%s”; give the guest more with -m."),
                       shown, request->name);
          return FALSE;
        }
      astern_image_add (image, addresses[i], size, g_bytes_ref (request->modules[i].data), "initrd");
    }
  return TRUE;
}

/* Where the parts of the block lie, from its start. */
typedef struct
{
  guint modules, map, texts, size;
} Layout;

static void
fill_lists (guint8 *block, const Layout *layout, const AsternBootRequest *request, const guint64 *addresses,
            guint64 block_at)
{
  guint text = layout->texts + (guint) strlen (request->append != NULL ? request->append : "") + 1;

  for (guint i = 0; i < request->n_modules; i++)
    {
      guint8 *entry = block + layout->modules + MODULE_SIZE * i;
      const char *arguments = request->modules[i].arguments != NULL ? request->modules[i].arguments : "";

      astern_put_le64 (entry, addresses[i]);
      astern_put_le64 (entry + 8, g_bytes_get_size (request->modules[i].data));
      astern_put_le64 (entry + 16, block_at + text);
      memcpy (block + text, arguments, strlen (arguments) + 1);
      text += (guint) strlen (arguments) + 1;
    }
  for (guint i = 0; i < request->n_map; i++)
    {
      guint8 *entry = block + layout->map + MAP_ENTRY_SIZE * i;

      astern_put_le64 (entry, request->map[i].start);
      astern_put_le64 (entry + 8, request->map[i].size);
      astern_put_le32 (entry + 16, request->map[i].type);
    }
}

static Layout
lay_out (const AsternBootRequest *request)
{
  Layout layout = { .modules = START_SIZE };

  layout.map = layout.modules + MODULE_SIZE * request->n_modules;
  layout.texts = layout.map + MAP_ENTRY_SIZE * request->n_map;
  layout.size = layout.texts + (guint) strlen (request->append != NULL ? request->append : "") + 1;
  for (guint i = 0; i < request->n_modules; i++)
    layout.size += (guint) strlen (request->modules[i].arguments != NULL ? request->modules[i].arguments : "") + 1;
  layout.size = (layout.size + 15) & ~15u;
  return layout;
}

/* hvm_start_info and all that it points to, in one block of low memory. */
static gboolean
add_start_info (AsternImage *image, const AsternBootRequest *request, const guint64 *addresses, GError **error)
{
  Layout layout = lay_out (request);
  guint64 block_at = astern_image_find_free (image, request, INFO_FROM, FOUR_GIB, layout.size + ASTERN_IMAGE_GDT_SIZE, 4096);
  guint8 *block;

  if (block_at == G_MAXUINT64)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_MEMORY,
                   _("There is no memory left for what the kernel “%s” is told."), request->name);
      return FALSE;
    }
  block = g_malloc0 (layout.size);
  astern_put_le32 (block, START_MAGIC);
  astern_put_le32 (block + 4, START_VERSION);
  astern_put_le32 (block + 12, request->n_modules);
  astern_put_le64 (block + 16, request->n_modules > 0 ? block_at + layout.modules : 0);
  astern_put_le64 (block + 24, block_at + layout.texts);
  astern_put_le64 (block + 32, request->rsdp);
  astern_put_le64 (block + 40, block_at + layout.map);
  astern_put_le32 (block + 48, request->n_map);
  if (request->append != NULL)
    memcpy (block + layout.texts, request->append, strlen (request->append));
  fill_lists (block, &layout, request, addresses, block_at);
  image->rbx = block_at;
  astern_image_add (image, block_at, layout.size, g_bytes_new_take (block, layout.size), "start information");
  astern_image_add_gdt (image, block_at + layout.size);
  return TRUE;
}

AsternImage *
astern_load_pvh (const AsternBootRequest *request, GError **error)
{
  g_autoptr (AsternImage) image = astern_image_new ("PVH");
  g_autofree guint64 *addresses = g_new0 (guint64, MAX (request->n_modules, 1));

  image->mode = ASTERN_ENTRY_PROTECTED;
  if (!load_program (image, request, error) || !astern_image_check (image, request, error) ||
      !add_modules (image, request, addresses, error) || !add_start_info (image, request, addresses, error))
    return NULL;
  return astern_image_check (image, request, error) ? g_steal_pointer (&image) : NULL;
}
