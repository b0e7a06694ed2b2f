/* vpc.c - VHD, the disk images of Virtual PC and Hyper-V's first generation, to be read.
 * Source: Microsoft, "Virtual Hard Disk Image Format Specification", version 1.0, October 2006.
 * Left out: differencing images, which are refused; the bitmaps of a block's sectors, as what was not written is zero. */
#include "config.h"

#include "host/images/image-format.h"

#include <glib/gi18n.h>

#define FOOTER_BYTES 512
#define HEADER_BYTES 1024
#define ABSENT       0xffffffffu
#define MAX_BLOCKS   (64u << 20)

enum { VPC_FIXED = 2, VPC_DYNAMIC = 3, VPC_DIFFERENCING = 4 };

typedef struct
{
  guint32  kind;
  guint64  block_size, bitmap_bytes;
  guint32  blocks;
  guint8  *map;           /* big-endian: the block's sector in the file */
  char     creator[5];
} Vpc;

static int
vpc_probe (const guint8 *head, AsternStore *store)
{
  return memcmp (head, "conectix", 8) == 0 ? 100 : 0;
}

/* Programs that say the size in cylinders, heads and sectors only, and round the other one. */
static guint64
disk_size (const guint8 *footer)
{
  static const char *const by_geometry[] = { "vpc ", "vs  ", "qemu" };
  guint64 sectors = (guint64) astern_be16 (footer + 56) * footer[58] * footer[59];

  for (gsize i = 0; i < G_N_ELEMENTS (by_geometry); i++)
    if (memcmp (footer + 28, by_geometry[i], 4) == 0 && sectors != G_GUINT64_CONSTANT (65535) * 16 * 255)
      return sectors * 512;
  return astern_be64 (footer + 48);
}

static gboolean
load_map (AsternDiskFile *file, guint64 header_offset, GError **error)
{
  Vpc *s = file->own;
  guint8 header[HEADER_BYTES];

  if (!astern_store_read (file->store, header_offset, header, sizeof header, error))
    return FALSE;
  s->blocks = astern_be32 (header + 28);
  s->block_size = astern_be32 (header + 32);
  if (memcmp (header, "cxsparse", 8) != 0 || s->block_size < 512 || (s->block_size & (s->block_size - 1)) != 0 ||
      s->blocks > MAX_BLOCKS || file->size > s->blocks * s->block_size || astern_be64 (header + 16) > G_MAXINT64)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its header cannot be right"));
  s->bitmap_bytes = (s->block_size / 512 / 8 + 511) & ~G_GUINT64_CONSTANT (511);
  file->cluster_size = s->block_size;
  s->map = g_try_malloc (4 * (gsize) s->blocks + 1);
  if (s->map == NULL)
    return astern_image_fail (error, G_IO_ERROR_NO_SPACE, _("its tables are too large"));
  return astern_store_read (file->store, astern_be64 (header + 16), s->map, 4 * (gsize) s->blocks, error);
}

/* The footer is the file's last sector; of what grows, the first as well. */
static gboolean
load_footer (AsternDiskFile *file, guint8 *footer, GError **error)
{
  if (!astern_store_read (file->store, 0, footer, FOOTER_BYTES, error))
    return FALSE;
  if (memcmp (footer, "conectix", 8) == 0)
    return TRUE;
  if (file->store->size < FOOTER_BYTES ||
      !astern_store_read (file->store, file->store->size - FOOTER_BYTES, footer, FOOTER_BYTES, error))
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("it is no VHD"));
  return memcmp (footer, "conectix", 8) == 0 || astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("it is no VHD"));
}

static gboolean
vpc_open (AsternDiskFile *file, GError **error)
{
  Vpc *s = g_new0 (Vpc, 1);
  guint8 footer[FOOTER_BYTES];

  file->own = s;
  if (!load_footer (file, footer, error))
    return FALSE;
  s->kind = astern_be32 (footer + 60);
  file->size = disk_size (footer);
  for (guint i = 0; i < 4; i++)
    s->creator[i] = g_ascii_isprint (footer[28 + i]) ? (char) footer[28 + i] : '?';
  if (s->kind == VPC_FIXED && file->size <= file->store->size)
    return TRUE;
  if (s->kind == VPC_DYNAMIC && astern_be64 (footer + 16) <= G_MAXINT64)
    return load_map (file, astern_be64 (footer + 16), error);
  if (s->kind == VPC_DIFFERENCING)
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("it is based on another image, which cannot be read here"));
  return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its header cannot be right"));
}

static void
vpc_close (AsternDiskFile *file)
{
  Vpc *s = file->own;

  if (s != NULL)
    g_free (s->map);
  g_free (s);
}

static gboolean
vpc_extent (AsternDiskFile *file, guint64 offset, AsternExtent *extent, GError **error)
{
  const Vpc *s = file->own;
  guint64 begin;
  guint32 sector;

  extent->kind = ASTERN_EXTENT_DATA;
  extent->store = file->store;
  extent->place = offset;
  extent->size = file->size - offset;
  if (s->kind == VPC_FIXED)
    return TRUE;
  begin = offset % s->block_size;
  sector = astern_be32 (s->map + 4 * (offset / s->block_size));
  extent->size = s->block_size - begin;
  extent->place = (guint64) sector * 512 + s->bitmap_bytes + begin;
  if (sector == ABSENT)
    extent->kind = ASTERN_EXTENT_ZERO;
  return TRUE;
}

static void
vpc_details (AsternDiskFile *file, GVariantDict *details)
{
  const Vpc *s = file->own;

  g_variant_dict_insert (details, "type", "s", s->kind == VPC_FIXED ? "fixed" : "dynamic");
  g_variant_dict_insert (details, "creator", "s", s->creator);
}

const AsternImageFormat astern_vpc_format = {
  .name = "vpc", .probe = vpc_probe, .open = vpc_open, .close = vpc_close, .extent = vpc_extent, .details = vpc_details,
};
