/* fat-layout - where the files of a folder would lie on a disk with a FAT file system.
 *
 * Threads: one at a time.
 * Units:   bytes. */
#pragma once

#include <gio/gio.h>

typedef struct _AsternFat AsternFat;

/* A stretch: of memory, of a file, or, with neither, of zeros. */
typedef struct
{
  const guint8 *bytes;
  const char   *path;
  guint64       offset;      /* in the file */
  guint64       size;
} AsternFatPart;

/* @floppy: 2.88 MB at most, without a partition table.  @bits: 12, 16 or 32; 0: as fits. */
AsternFat    *astern_fat_new  (const char *folder, gboolean floppy, guint bits, GError **error);
void          astern_fat_free (AsternFat *fat);
guint64       astern_fat_size (const AsternFat *fat);
/* What begins at @offset, which is inside. */
AsternFatPart astern_fat_part (const AsternFat *fat, guint64 offset);
