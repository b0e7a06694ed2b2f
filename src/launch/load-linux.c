/* load-linux.c - the Linux/x86 boot protocol, without the kernel's real-mode code.
 * Source: Linux, Documentation/arch/x86/boot.rst (setup header, 32-bit and 64-bit
 * boot protocol) and zero-page.rst (boot_params).
 * Left out: protocols before 2.02 (kernels before 2.4), zImages, kernels and
 * RAM disks above 4 GiB, EFI.
 *
 * The setup code that we skip would have asked the BIOS for what stands in
 * boot_params: the memory map, the screen, the ACPI tables. */
#include "config.h"

#include "launch/image.h"

#include "core/bytes.h"
#include "launch/options.h"

#include <inttypes.h>

#include <glib/gi18n.h>

/* In the file and in boot_params alike. */
enum
{
  SETUP_SECTS      = 0x1f1,
  BOOT_FLAG        = 0x1fe,
  HEADER_LENGTH    = 0x201,   /* the header ends this many bytes behind 0x202 */
  HEADER_MAGIC     = 0x202,
  VERSION          = 0x206,
  TYPE_OF_LOADER   = 0x210,
  LOADFLAGS        = 0x211,
  CODE32_START     = 0x214,
  RAMDISK_IMAGE    = 0x218,
  RAMDISK_SIZE     = 0x21c,
  HEAP_END_PTR     = 0x224,
  CMD_LINE_PTR     = 0x228,
  INITRD_ADDR_MAX  = 0x22c,
  KERNEL_ALIGNMENT = 0x230,
  RELOCATABLE      = 0x234,
  XLOADFLAGS       = 0x236,
  CMDLINE_SIZE     = 0x238,
  SETUP_DATA       = 0x250,
  PREF_ADDRESS     = 0x258,
  INIT_SIZE        = 0x260,
  HEADER_MAX_END   = 0x290,   /* where boot_params has other things */
};

/* In boot_params alone. */
enum
{
  SCREEN_ORIG_ROW     = 0x01,
  SCREEN_EXT_MEM_K    = 0x02,
  SCREEN_MODE         = 0x06,
  SCREEN_COLS         = 0x07,
  SCREEN_LINES        = 0x0e,
  SCREEN_IS_VGA       = 0x0f,
  SCREEN_POINTS       = 0x10,
  ACPI_RSDP           = 0x70,
  ALT_MEM_K           = 0x1e0,
  E820_ENTRIES        = 0x1e8,
  E820_TABLE          = 0x2d0,
  E820_MAX            = 128,
  BOOT_PARAMS_SIZE    = 4096,
};

/* One entry of the list at SETUP_DATA: next, type, size, contents. */
enum { SETUP_DATA_TYPE = 8, SETUP_DATA_LENGTH = 12, SETUP_DATA_CONTENTS = 16, SETUP_RNG_SEED = 9 };

enum { LOADED_HIGH = 0x01, CAN_USE_HEAP = 0x80, XLF_KERNEL_64 = 0x01 };

/* Low memory, below everything that such a kernel loads itself to. */
enum
{
  BOOT_PARAMS_AT = 0x10000,
  GDT_AT         = 0x11000,
  PAGE_TABLES_AT = 0x12000,
  STACK_TOP      = 0x1eff0,
  SETUP_DATA_AT  = 0x1f000,
  CMDLINE_AT     = 0x20000,
  CMDLINE_MAX    = 0xffff,
  PROTECTED_AT   = 0x100000,
};

/* The header's numbers, checked. */
typedef struct
{
  guint16 version;
  guint   header_end;        /* offset in the file */
  gsize   payload_at;        /* offset of the protected-mode kernel in the file */
  gsize   payload_size;
  guint64 initrd_max;        /* highest address that the initrd may have */
  guint64 cmdline_max;       /* bytes, without terminator */
  gboolean relocatable, kernel_64;
  guint64 alignment;
  guint64 pref_address;
  guint64 init_size;         /* memory it needs from its load address on, before it looks at the map */
} Header;

gboolean
astern_is_linux (GBytes *kernel)
{
  gsize size;
  const guint8 *file = g_bytes_get_data (kernel, &size);

  return size > 0x250 && memcmp (file + HEADER_MAGIC, "HdrS", 4) == 0 && astern_get_le16 (file + BOOT_FLAG) == 0xaa55;
}

static gboolean
bad (const AsternBootRequest *request, const char *reason, GError **error)
{
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE,
               /* Translators: a file's name, and what is wrong with it */
               _("Cannot boot “%s”: %s."), request->name, reason);
  return FALSE;
}

static gboolean
parse_header (const AsternBootRequest *request, Header *header, GError **error)
{
  gsize size;
  const guint8 *file = g_bytes_get_data (request->kernel, &size);
  guint sectors = file[SETUP_SECTS] != 0 ? file[SETUP_SECTS] : 4;

  memset (header, 0, sizeof *header);
  header->version = astern_get_le16 (file + VERSION);
  header->header_end = MIN (HEADER_MAGIC + file[HEADER_LENGTH], HEADER_MAX_END);
  header->payload_at = (sectors + 1) * 512;
  if (header->version < 0x0202)
    return bad (request, _("its boot protocol is older than 2.02 (Linux 2.4)"), error);
  if (!(file[LOADFLAGS] & LOADED_HIGH))
    return bad (request, _("it is a zImage; make a bzImage"), error);
  if (header->payload_at >= size || header->header_end > size)
    return bad (request, _("the file is cut short"), error);
  header->payload_size = size - header->payload_at;

  header->initrd_max = header->version >= 0x0203 ? astern_get_le32 (file + INITRD_ADDR_MAX) : 0x37ffffff;
  header->cmdline_max = header->version >= 0x0206 ? astern_get_le32 (file + CMDLINE_SIZE) : 255;
  header->init_size = header->payload_size;
  if (header->version >= 0x0205)
    {
      header->relocatable = file[RELOCATABLE] != 0;
      header->alignment = astern_get_le32 (file + KERNEL_ALIGNMENT);
    }
  if (header->version >= 0x020a && header->header_end >= INIT_SIZE + 4)
    {
      header->pref_address = astern_get_le64 (file + PREF_ADDRESS);
      header->init_size = MAX (header->init_size, astern_get_le32 (file + INIT_SIZE));
    }
  if (header->version >= 0x020c)
    header->kernel_64 = (astern_get_le16 (file + XLOADFLAGS) & XLF_KERNEL_64) != 0;
  if (header->relocatable && (header->alignment == 0 || (header->alignment & (header->alignment - 1)) != 0))
    return bad (request, _("its alignment is not a power of two"), error);
  return TRUE;
}

/* Where the kernel goes: where it prefers to, or as low as its alignment allows. */
static guint64
choose_address (const AsternImage *image, const AsternBootRequest *request, const Header *header)
{
  const guint64 limit = G_GUINT64_CONSTANT (1) << 32;
  guint64 wanted = header->relocatable && header->pref_address != 0 ? header->pref_address : PROTECTED_AT;
  guint64 at = astern_image_find_free (image, request, wanted, limit, header->init_size, 1);

  if (at == wanted)
    return at;
  if (header->relocatable)
    return astern_image_find_free (image, request, PROTECTED_AT, limit, header->init_size, header->alignment);
  return G_MAXUINT64;
}

static gboolean
add_kernel (AsternImage *image, const AsternBootRequest *request, const Header *header, guint64 *end, GError **error)
{
  guint64 at = choose_address (image, request, header);

  if (at == G_MAXUINT64)
    {
      g_autofree char *needed = g_format_size_full (header->init_size, G_FORMAT_SIZE_IEC_UNITS);

      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_MEMORY,
                   _("The kernel “%s” needs %s of memory from where it is loaded on, which the guest does not have; "
                     "give it more with -m."), request->name, needed);
      return FALSE;
    }
  astern_image_add (image, at, header->payload_size,
                    g_bytes_new_from_bytes (request->kernel, header->payload_at, header->payload_size), "kernel");
  *end = at + header->init_size;
  image->mode = header->kernel_64 && request->long_mode ? ASTERN_ENTRY_LONG : ASTERN_ENTRY_PROTECTED;
  image->rip = at + (image->mode == ASTERN_ENTRY_LONG ? 0x200 : 0);
  return TRUE;
}

/* As high as the kernel can reach, so that it has room to unpack itself. */
static gboolean
add_initrd (AsternImage *image, const AsternBootRequest *request, const Header *header, guint64 kernel_end,
            guint8 *params, GError **error)
{
  gsize size;
  guint64 at;

  if (request->n_modules == 0)
    return TRUE;
  size = g_bytes_get_size (request->modules[0].data);
  if (size == 0)
    return TRUE;
  at = size > G_MAXUINT32 ? G_MAXUINT64
       : astern_image_find_free_high (image, request, kernel_end, header->initrd_max + 1, size, 4096);
  if (at == G_MAXUINT64)
    {
      g_autofree char *shown = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);

      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_MEMORY,
                   _("The initrd of %s does not fit into memory beside the kernel “%s”; give the guest more with -m."),
                   shown, request->name);
      return FALSE;
    }
  astern_image_add (image, at, size, g_bytes_ref (request->modules[0].data), "initrd");
  astern_put_le32 (params + RAMDISK_IMAGE, (guint32) at);
  astern_put_le32 (params + RAMDISK_SIZE, (guint32) size);
  return TRUE;
}

static gboolean
add_command_line (AsternImage *image, const AsternBootRequest *request, const Header *header, guint8 *params,
                  GError **error)
{
  const char *text = request->append != NULL ? request->append : "";
  gsize length = strlen (text);
  guint64 most = MIN (header->cmdline_max, CMDLINE_MAX);

  if (length > most)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
                   _("The command line after -append has %zu bytes; “%s” takes %" PRIu64 "."),
                   length, request->name, most);
      return FALSE;
    }
  astern_image_add (image, CMDLINE_AT, length + 1, g_bytes_new (text, length + 1), "command line");
  astern_put_le32 (params + CMD_LINE_PTR, CMDLINE_AT);
  return TRUE;
}

/* Kernels before 6.0 pass over it. */
static void
add_seed (AsternImage *image, const AsternBootRequest *request, const Header *header, guint8 *params)
{
  guint8 entry[SETUP_DATA_CONTENTS + ASTERN_BOOT_SEED_SIZE] = { 0 };

  if (header->version < 0x0209)
    return;
  astern_put_le64 (params + SETUP_DATA, 0);
  if (request->seed == NULL)
    return;
  astern_put_le32 (entry + SETUP_DATA_TYPE, SETUP_RNG_SEED);
  astern_put_le32 (entry + SETUP_DATA_LENGTH, ASTERN_BOOT_SEED_SIZE);
  memcpy (entry + SETUP_DATA_CONTENTS, request->seed, ASTERN_BOOT_SEED_SIZE);
  astern_put_le64 (params + SETUP_DATA, SETUP_DATA_AT);
  astern_image_add (image, SETUP_DATA_AT, sizeof entry, g_bytes_new (entry, sizeof entry), "random seed");
}

static void
fill_memory_map (const AsternBootRequest *request, guint8 *params)
{
  guint n = MIN (request->n_map, E820_MAX);
  guint64 extended_kib = 0;

  for (guint i = 0; i < n; i++)
    {
      guint8 *entry = params + E820_TABLE + 20 * i;

      astern_put_le64 (entry, request->map[i].start);
      astern_put_le64 (entry + 8, request->map[i].size);
      astern_put_le32 (entry + 16, request->map[i].type);
      if (request->map[i].type == ASTERN_E820_RAM && request->map[i].start == 0x100000)
        extended_kib = request->map[i].size >> 10;
    }
  params[E820_ENTRIES] = (guint8) n;
  astern_put_le16 (params + SCREEN_EXT_MEM_K, (guint16) MIN (extended_kib, 0xfc00));
  astern_put_le32 (params + ALT_MEM_K, (guint32) MIN (extended_kib, G_MAXUINT32));
}

/* The board's VGA stands in mode 3. */
static void
fill_screen (guint8 *params)
{
  params[SCREEN_ORIG_ROW] = 0;
  params[SCREEN_MODE] = 3;
  params[SCREEN_COLS] = 80;
  params[SCREEN_LINES] = 25;
  params[SCREEN_IS_VGA] = 1;
  astern_put_le16 (params + SCREEN_POINTS, 16);
}

static void
fill_params (const AsternBootRequest *request, const Header *header, guint8 *params)
{
  const guint8 *file = g_bytes_get_data (request->kernel, NULL);

  memcpy (params + SETUP_SECTS, file + SETUP_SECTS, header->header_end - SETUP_SECTS);
  params[TYPE_OF_LOADER] = 0xff;   /* no number assigned */
  params[LOADFLAGS] |= CAN_USE_HEAP;
  astern_put_le16 (params + HEAP_END_PTR, 0xfe00);
  fill_memory_map (request, params);
  fill_screen (params);
  astern_put_le64 (params + ACPI_RSDP, request->rsdp);
}

AsternImage *
astern_load_linux (const AsternBootRequest *request, GError **error)
{
  g_autoptr (AsternImage) image = astern_image_new ("Linux");
  g_autofree guint8 *params = g_malloc0 (BOOT_PARAMS_SIZE);
  Header header;
  guint64 kernel_end = 0;

  if (request->n_modules > 1)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
                   _("The Linux kernel “%s” takes one initrd; join them with cat."), request->name);
      return NULL;
    }
  if (!parse_header (request, &header, error))
    return NULL;
  fill_params (request, &header, params);
  if (!add_kernel (image, request, &header, &kernel_end, error) ||
      !add_initrd (image, request, &header, kernel_end, params, error) ||
      !add_command_line (image, request, &header, params, error))
    return NULL;
  add_seed (image, request, &header, params);
  astern_put_le32 (params + CODE32_START, (guint32) (image->mode == ASTERN_ENTRY_LONG ? image->rip - 0x200 : image->rip));
  astern_image_add_gdt (image, GDT_AT);
  if (image->mode == ASTERN_ENTRY_LONG)
    astern_image_add_page_tables (image, PAGE_TABLES_AT);
  astern_image_add (image, BOOT_PARAMS_AT, BOOT_PARAMS_SIZE,
                    g_bytes_new_take (g_steal_pointer (&params), BOOT_PARAMS_SIZE), "boot parameters");
  image->rsi = BOOT_PARAMS_AT;
  image->rsp = STACK_TOP;
  return astern_image_check (image, request, error) ? g_steal_pointer (&image) : NULL;
}
