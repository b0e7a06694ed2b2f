/* load-multiboot.c - Multiboot 1 kernels.
 * Source: Multiboot Specification version 0.6.96, chapter 3.
 * Left out: graphics modes asked for in the header (the text mode that is there
 * is described instead), drives, the APM and configuration tables, symbols.
 *
 * Unlike the specification's examples, ELF files of 64 bits are taken too, as
 * GRUB does; they are entered in 32-bit mode like all others. */
#include "config.h"

#include "launch/image.h"

#include "core/bytes.h"
#include "launch/elf.h"
#include "launch/options.h"

#include <glib/gi18n.h>

enum
{
  SEARCH_BYTES   = 8192,
  HEADER_MAGIC   = 0x1badb002,
  LOADER_MAGIC   = 0x2badb002,
  WANTS_UNKNOWN  = 0xfff8,      /* bits that a loader must know, and we do not */
  HAS_ADDRESSES  = 1 << 16,
};

/* Offsets in the information structure, and its flags. */
enum
{
  INFO_FLAGS = 0, INFO_MEM_LOWER = 4, INFO_MEM_UPPER = 8, INFO_CMDLINE = 16, INFO_MODS_COUNT = 20, INFO_MODS_ADDR = 24,
  INFO_MMAP_LENGTH = 44, INFO_MMAP_ADDR = 48, INFO_LOADER_NAME = 64, INFO_FB_ADDR = 88, INFO_FB_PITCH = 96,
  INFO_FB_WIDTH = 100, INFO_FB_HEIGHT = 104, INFO_FB_BPP = 108, INFO_FB_TYPE = 109, INFO_SIZE = 116,
  HAS_MEMORY = 1 << 0, HAS_CMDLINE = 1 << 2, HAS_MODULES = 1 << 3, HAS_MAP = 1 << 6, HAS_LOADER_NAME = 1 << 9,
  HAS_FRAMEBUFFER = 1 << 12,
  FB_EGA_TEXT = 2,
};

#define FOUR_GIB (G_GUINT64_CONSTANT (1) << 32)
#define INFO_FROM 0x9000

/* Offset of the header, or -1. */
static gssize
find_header (GBytes *kernel)
{
  gsize size;
  const guint8 *file = g_bytes_get_data (kernel, &size);

  for (gsize at = 0; at + 12 <= MIN (size, SEARCH_BYTES); at += 4)
    if (astern_get_le32 (file + at) == HEADER_MAGIC &&
        astern_get_le32 (file + at) + astern_get_le32 (file + at + 4) + astern_get_le32 (file + at + 8) == 0)
      return (gssize) at;
  return -1;
}

gboolean
astern_is_multiboot (GBytes *kernel)
{
  return find_header (kernel) >= 0;
}

static gboolean
bad (const AsternBootRequest *request, const char *reason, GError **error)
{
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE, _("Cannot boot “%s”: %s."), request->name, reason);
  return FALSE;
}

/* The header itself says where the file's bytes go ("a.out kludge"). */
static gboolean
load_by_addresses (AsternImage *image, const AsternBootRequest *request, gsize header_at, GError **error)
{
  gsize size;
  const guint8 *file = g_bytes_get_data (request->kernel, &size);
  guint64 header_address, load_address, load_end, bss_end;
  gsize start, length;

  if (header_at + 32 > size)
    return bad (request, _("the file is cut short"), error);
  header_address = astern_get_le32 (file + header_at + 12);
  load_address = astern_get_le32 (file + header_at + 16);
  load_end = astern_get_le32 (file + header_at + 20);
  bss_end = astern_get_le32 (file + header_at + 24);
  if (load_address > header_address || header_address - load_address > header_at)
    return bad (request, _("its multiboot addresses make no sense"), error);
  start = header_at - (gsize) (header_address - load_address);
  length = load_end != 0 ? (gsize) (load_end - load_address) : size - start;
  if ((load_end != 0 && load_end < load_address) || length > size - start ||
      (bss_end != 0 && bss_end < load_address + length))
    return bad (request, _("its multiboot addresses make no sense"), error);
  astern_image_add (image, load_address, bss_end != 0 ? bss_end - load_address : length,
                    g_bytes_new_from_bytes (request->kernel, start, length), "program");
  image->rip = astern_get_le32 (file + header_at + 28);
  return TRUE;
}

static gboolean
load_program (AsternImage *image, const AsternBootRequest *request, GError **error)
{
  gssize header_at = find_header (request->kernel);
  const guint8 *file = g_bytes_get_data (request->kernel, NULL);
  g_autoptr (AsternElf) elf = NULL;
  guint32 flags;

  if (header_at < 0)
    return bad (request, _("it has no multiboot header"), error);
  flags = astern_get_le32 (file + header_at + 4);
  if (flags & WANTS_UNKNOWN)
    return bad (request, _("its multiboot header asks for features that are not there"), error);
  if (flags & HAS_ADDRESSES)
    return load_by_addresses (image, request, (gsize) header_at, error);
  if (!astern_is_elf (request->kernel))
    return bad (request, _("it is neither ELF nor says in its multiboot header where it goes"), error);
  elf = astern_elf_parse (request->kernel, request->name, error);
  if (elf == NULL)
    return FALSE;
  astern_elf_add_segments (elf, request->kernel, image);
  image->rip = astern_elf_physical_entry (elf);
  return TRUE;
}

static guint64
program_end (const AsternImage *image)
{
  guint64 end = 0;

  for (guint i = 0; i < image->pieces->len; i++)
    {
      const AsternImagePiece *piece = &g_array_index (image->pieces, AsternImagePiece, i);

      end = MAX (end, piece->address + piece->size);
    }
  return end;
}

/* Behind the program, each on a page of its own. */
static gboolean
add_modules (AsternImage *image, const AsternBootRequest *request, guint64 *addresses, GError **error)
{
  for (guint i = 0; i < request->n_modules; i++)
    {
      gsize size = g_bytes_get_size (request->modules[i].data);
      guint64 at = astern_image_find_free (image, request, program_end (image), FOUR_GIB, MAX (size, 1), 4096);

      if (at == G_MAXUINT64)
        {
          g_autofree char *shown = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);

          g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_MEMORY,
                       _("A module of %s does not fit into memory behind the kernel “%s”; give the guest more with -m."),
                       shown, request->name);
          return FALSE;
        }
      addresses[i] = at;
      astern_image_add (image, at, size, g_bytes_ref (request->modules[i].data), "module");
    }
  return TRUE;
}

/* A block that grows; offsets in it become addresses when its own is known. */
static guint
append (GByteArray *block, gconstpointer data, gsize size)
{
  guint at = block->len;
  static const guint8 zeros[8];

  g_byte_array_append (block, data, (guint) size);
  g_byte_array_append (block, zeros, (8 - block->len % 8) % 8);
  return at;
}

static guint
append_text (GByteArray *block, const char *text)
{
  return append (block, text, strlen (text) + 1);
}

static guint
append_map (GByteArray *block, const AsternBootRequest *request)
{
  guint at = block->len;

  for (guint i = 0; i < request->n_map; i++)
    {
      guint8 entry[24];

      astern_put_le32 (entry, 20);   /* the size of what follows */
      astern_put_le64 (entry + 4, request->map[i].start);
      astern_put_le64 (entry + 12, request->map[i].size);
      astern_put_le32 (entry + 20, request->map[i].type);
      g_byte_array_append (block, entry, sizeof entry);
    }
  return at;
}

static void
fill_memory (guint8 *info, const AsternBootRequest *request)
{
  for (guint i = 0; i < request->n_map; i++)
    if (request->map[i].type == ASTERN_E820_RAM && request->map[i].start == 0)
      astern_put_le32 (info + INFO_MEM_LOWER, (guint32) (MIN (request->map[i].size, 640 << 10) >> 10));
    else if (request->map[i].type == ASTERN_E820_RAM && request->map[i].start == 0x100000)
      astern_put_le32 (info + INFO_MEM_UPPER, (guint32) MIN (request->map[i].size >> 10, G_MAXUINT32));
}

static void
fill_framebuffer (guint8 *info)
{
  astern_put_le64 (info + INFO_FB_ADDR, 0xb8000);
  astern_put_le32 (info + INFO_FB_PITCH, 160);
  astern_put_le32 (info + INFO_FB_WIDTH, 80);
  astern_put_le32 (info + INFO_FB_HEIGHT, 25);
  info[INFO_FB_BPP] = 16;
  info[INFO_FB_TYPE] = FB_EGA_TEXT;
}

static void
fill_modules (GByteArray *block, guint list_at, const guint *texts_at, const AsternBootRequest *request,
              const guint64 *addresses, guint64 block_at)
{
  for (guint i = 0; i < request->n_modules; i++)
    {
      guint8 *entry = block->data + list_at + 16 * i;

      astern_put_le32 (entry, (guint32) addresses[i]);
      astern_put_le32 (entry + 4, (guint32) (addresses[i] + g_bytes_get_size (request->modules[i].data)));
      astern_put_le32 (entry + 8, (guint32) (block_at + texts_at[i]));
    }
}

/* The information structure and all that it points to, in one block of low memory. */
static gboolean
add_info (AsternImage *image, const AsternBootRequest *request, const guint64 *addresses, GError **error)
{
  static const guint8 empty_info[INFO_SIZE];
  g_autoptr (GByteArray) block = g_byte_array_new ();
  g_autofree guint8 *empty_list = g_malloc0 (16 * MAX (request->n_modules, 1));
  g_autofree guint *texts_at = g_new0 (guint, MAX (request->n_modules, 1));
  g_autofree char *command_line = g_strjoin (request->append != NULL ? " " : "", request->name,
                                             request->append != NULL ? request->append : "", NULL);
  guint command_at, name_at, map_at, map_size, list_at;
  guint64 block_at;
  guint8 *info;

  append (block, empty_info, sizeof empty_info);
  command_at = append_text (block, command_line);
  name_at = append_text (block, "Astern");
  map_at = append_map (block, request);
  map_size = block->len - map_at;
  list_at = append (block, empty_list, 16 * request->n_modules);
  for (guint i = 0; i < request->n_modules; i++)
    texts_at[i] = append_text (block, request->modules[i].arguments != NULL ? request->modules[i].arguments : "");

  block_at = astern_image_find_free (image, request, INFO_FROM, FOUR_GIB, block->len + ASTERN_IMAGE_GDT_SIZE, 4096);
  if (block_at == G_MAXUINT64)
    return bad (request, _("there is no memory left for what a multiboot kernel is told"), error);
  info = block->data;
  astern_put_le32 (info + INFO_FLAGS, HAS_MEMORY | HAS_CMDLINE | HAS_MODULES | HAS_MAP | HAS_LOADER_NAME | HAS_FRAMEBUFFER);
  fill_memory (info, request);
  fill_framebuffer (info);
  astern_put_le32 (info + INFO_CMDLINE, (guint32) (block_at + command_at));
  astern_put_le32 (info + INFO_MODS_COUNT, request->n_modules);
  astern_put_le32 (info + INFO_MODS_ADDR, (guint32) (block_at + list_at));
  astern_put_le32 (info + INFO_MMAP_LENGTH, map_size);
  astern_put_le32 (info + INFO_MMAP_ADDR, (guint32) (block_at + map_at));
  astern_put_le32 (info + INFO_LOADER_NAME, (guint32) (block_at + name_at));
  fill_modules (block, list_at, texts_at, request, addresses, block_at);

  image->rbx = block_at;
  astern_image_add_gdt (image, block_at + block->len);
  astern_image_add (image, block_at, block->len, g_bytes_new (block->data, block->len), "multiboot information");
  return TRUE;
}

AsternImage *
astern_load_multiboot (const AsternBootRequest *request, GError **error)
{
  g_autoptr (AsternImage) image = astern_image_new ("multiboot");
  g_autofree guint64 *addresses = g_new0 (guint64, MAX (request->n_modules, 1));

  image->mode = ASTERN_ENTRY_PROTECTED;
  image->rax = LOADER_MAGIC;
  if (!load_program (image, request, error) || !astern_image_check (image, request, error) ||
      !add_modules (image, request, addresses, error) || !add_info (image, request, addresses, error))
    return NULL;
  return astern_image_check (image, request, error) ? g_steal_pointer (&image) : NULL;
}
