/* elf - the program headers of an ELF kernel, checked.
 *
 * Little-endian files of 32 and 64 bits.  No number is trusted: a segment that
 * is given out has its bytes inside the file and does not wrap around.
 *
 * Threads: any. */
#pragma once

#include "launch/image.h"

typedef struct
{
  guint64 virtual_address, physical_address;
  guint64 memory_size;
  gsize   file_offset, file_size;
} AsternElfSegment;

typedef struct
{
  gboolean is_64;
  guint16  machine;        /* 3: i386, 62: x86-64 */
  guint64  entry;
  GArray  *loads, *notes;  /* AsternElfSegment */
} AsternElf;

gboolean   astern_is_elf    (GBytes *file);
AsternElf *astern_elf_parse (GBytes *file, const char *name, GError **error);
void       astern_elf_free  (AsternElf *elf);

/* Adds the loaded segments to @image. */
void       astern_elf_add_segments (const AsternElf *elf, GBytes *file, AsternImage *image);

/* The physical address of the entry, which may be given as a virtual one. */
guint64    astern_elf_physical_entry (const AsternElf *elf);

/* Looks for a note; its contents in *@at, *@size. */
gboolean   astern_elf_find_note (const AsternElf *elf, GBytes *file, const char *owner, guint32 type,
                                 const guint8 **at, gsize *size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternElf, astern_elf_free)
