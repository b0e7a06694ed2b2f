/* vdi.c - VirtualBox's disk images, to be read.
 * Source: VirtualBox, "VDI image file format" as its users have described it: header version 1.1.
 * Left out: differencing images, which are refused. */
#include "config.h"

#include "host/images/image-format.h"

#include <glib/gi18n.h>

#define SIGNATURE    0xbeda107fu
#define HEADER_BYTES 0x200
#define ABSENT       0xffffffffu
#define DISCARDED    0xfffffffeu
#define MAX_BLOCKS   (64u << 20)

typedef struct
{
  guint64  data;          /* where the blocks begin */
  guint64  block_size;
  guint32  blocks;
  guint8  *map;           /* little-endian: number of the block in the file */
  guint32  kind;
} Vdi;

static int
vdi_probe (const guint8 *head, AsternStore *store)
{
  return astern_le32 (head + 0x40) == SIGNATURE ? 100 : 0;
}

static gboolean
vdi_open (AsternDiskFile *file, GError **error)
{
  Vdi *s = g_new0 (Vdi, 1);
  guint8 header[HEADER_BYTES];
  static const guint8 no_uuid[16];

  file->own = s;
  if (!astern_store_read (file->store, 0, header, sizeof header, error))
    return FALSE;
  s->kind = astern_le32 (header + 0x4c);
  s->data = astern_le32 (header + 0x158);
  s->block_size = astern_le32 (header + 0x178);
  s->blocks = astern_le32 (header + 0x180);
  file->size = (astern_le64 (header + 0x170) + 511) & ~G_GUINT64_CONSTANT (511);
  file->cluster_size = s->block_size;
  if (astern_le32 (header + 0x40) != SIGNATURE || astern_le32 (header + 0x44) >> 16 != 1)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("it is no VDI of version 1"));
  if ((s->kind != 1 && s->kind != 2) || memcmp (header + 0x1a8, no_uuid, 16) != 0 || memcmp (header + 0x1b8, no_uuid, 16) != 0)
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("it is based on another image, which cannot be read here"));
  if (s->block_size < 512 || s->block_size > 256u << 20 || (s->block_size & 511) != 0 || s->blocks > MAX_BLOCKS ||
      astern_le32 (header + 0x168) != 512 || file->size > s->blocks * s->block_size)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its header cannot be right"));
  s->map = g_try_malloc (4 * (gsize) s->blocks + 1);
  if (s->map == NULL)
    return astern_image_fail (error, G_IO_ERROR_NO_SPACE, _("its tables are too large"));
  return astern_store_read (file->store, astern_le32 (header + 0x154), s->map, 4 * (gsize) s->blocks, error);
}

static void
vdi_close (AsternDiskFile *file)
{
  Vdi *s = file->own;

  if (s != NULL)
    g_free (s->map);
  g_free (s);
}

static gboolean
vdi_extent (AsternDiskFile *file, guint64 offset, AsternExtent *extent, GError **error)
{
  const Vdi *s = file->own;
  guint64 begin = offset % s->block_size;
  guint32 block = astern_le32 (s->map + 4 * (offset / s->block_size));

  extent->kind = block >= DISCARDED ? ASTERN_EXTENT_ZERO : ASTERN_EXTENT_DATA;
  extent->size = s->block_size - begin;
  extent->store = file->store;
  extent->place = s->data + block * s->block_size + begin;
  return TRUE;
}

static void
vdi_details (AsternDiskFile *file, GVariantDict *details)
{
  const Vdi *s = file->own;

  g_variant_dict_insert (details, "type", "s", s->kind == 2 ? "static" : "dynamic");
}

const AsternImageFormat astern_vdi_format = {
  .name = "vdi", .probe = vdi_probe, .open = vdi_open, .close = vdi_close, .extent = vdi_extent, .details = vdi_details,
};
