/* image - a kernel ready to be put into a guest's memory, and how it is entered.
 *
 * Loaders are pure: they look at the bytes of the files and at a memory map, and
 * give a list of pieces and an entry state, or an error.  They trust no number
 * in a file.  Only then is anything placed.
 *
 * Threads: any; placing and entering: while the machine is stopped.
 * Units:   bytes, guest physical addresses. */
#pragma once

#include <gio/gio.h>

#include "core/machine.h"

/* Types as in the BIOS's E820 call. */
enum { ASTERN_E820_RAM = 1, ASTERN_E820_RESERVED = 2, ASTERN_E820_ACPI = 3, ASTERN_E820_NVS = 4 };

typedef struct
{
  guint64 start, size;
  guint32 type;
} AsternE820;

typedef struct
{
  GBytes *data;
  char   *arguments;         /* (nullable) */
} AsternBootModule;

#define ASTERN_BOOT_SEED_SIZE 32

/* What a loader is given. */
typedef struct
{
  const char       *name;          /* of the kernel, for messages and for multiboot's command line */
  GBytes           *kernel;
  const char       *append;        /* (nullable) */
  const AsternBootModule *modules; /* the initrd; several only for multiboot and PVH */
  guint             n_modules;
  const AsternE820 *map;           /* sorted, not overlapping */
  guint             n_map;
  guint64           rsdp;          /* where the ACPI tables begin; 0: none */
  gboolean          long_mode;     /* the CPU has it */
  const guint8     *seed;          /* (nullable) ASTERN_BOOT_SEED_SIZE random bytes, for kernels that take them */
} AsternBootRequest;

typedef struct
{
  guint64     address;
  guint64     size;          /* at least that of @data; the rest is zero */
  GBytes     *data;          /* (nullable) */
  const char *what;          /* "kernel", for messages and maps */
} AsternImagePiece;

/* Flat segments: 0x10 code, 0x18 data.  Interrupts off. */
typedef enum
{
  ASTERN_ENTRY_PROTECTED,    /* 32 bits, no paging */
  ASTERN_ENTRY_LONG,         /* 64 bits, the first 4 GiB mapped as they are */
} AsternEntryMode;

typedef struct
{
  const char     *format;    /* "Linux", "multiboot", "PVH" */
  GArray         *pieces;    /* AsternImagePiece, by address */
  AsternEntryMode mode;
  guint64         rip, rsp, rax, rbx, rsi;
  guint64         gdt;       /* ASTERN_IMAGE_GDT_SIZE bytes */
  guint64         page_tables;
} AsternImage;

#define ASTERN_IMAGE_GDT_SIZE         40
#define ASTERN_IMAGE_PAGE_TABLES_SIZE (6 * 4096)

AsternImage *astern_image_new    (const char *format);
void         astern_image_free   (AsternImage *image);

/* Takes @data (nullable).  @what must be static. */
void         astern_image_add    (AsternImage *image, guint64 address, guint64 size, GBytes *data, const char *what);
/* The descriptor table at @address that every entry uses, and for ENTRY_LONG the page tables. */
void         astern_image_add_gdt (AsternImage *image, guint64 address);
void         astern_image_add_page_tables (AsternImage *image, guint64 address);

/* First address from @from on, aligned, where @size bytes of RAM below @limit are
 * free of pieces; G_MAXUINT64 when there is none. */
guint64      astern_image_find_free (const AsternImage *image, const AsternBootRequest *request, guint64 from,
                                     guint64 limit, guint64 size, guint64 alignment);
/* The same from above: the highest such address. */
guint64      astern_image_find_free_high (const AsternImage *image, const AsternBootRequest *request, guint64 from,
                                          guint64 limit, guint64 size, guint64 alignment);

/* Whether every piece lies in RAM and no two overlap, and the entry lies in one. */
gboolean     astern_image_check  (AsternImage *image, const AsternBootRequest *request, GError **error);

/* Recognises the format and loads: Linux, multiboot 1, PVH. */
AsternImage *astern_load_kernel  (const AsternBootRequest *request, GError **error);

gboolean     astern_is_linux     (GBytes *kernel);
gboolean     astern_is_multiboot (GBytes *kernel);
AsternImage *astern_load_linux     (const AsternBootRequest *request, GError **error);
AsternImage *astern_load_multiboot (const AsternBootRequest *request, GError **error);
AsternImage *astern_load_pvh       (const AsternBootRequest *request, GError **error);

/* Copies the pieces into memory. */
void         astern_image_place  (const AsternImage *image, AsternMachine *machine);
/* Sets up the first CPU; the others stay as reset left them. */
void         astern_image_enter  (const AsternImage *image, AsternMachine *machine);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternImage, astern_image_free)
