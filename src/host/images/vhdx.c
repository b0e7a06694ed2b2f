/* vhdx.c - VHDX, Hyper-V's disk images, to be read.
 * Source: Microsoft, [MS-VHDX]: Virtual Hard Disk v2 (VHDX) File Format.
 * Left out: differencing images and logs that are to be replayed: both are refused; checksums are not looked at. */
#include "config.h"

#include "host/images/image-format.h"

#include <glib/gi18n.h>

#define HEADER_BYTES     4096
#define REGIONS_AT       (192u << 10)
#define TABLE_BYTES      (64u << 10)
#define MAX_REGIONS      2047
#define MAX_MAP_BYTES    (512u << 20)
#define ONE_MIB          (1u << 20)

/* GUIDs as they lie in the file. */
static const guint8 map_region[16] = {
  0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42, 0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08 };
static const guint8 metadata_region[16] = {
  0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b, 0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e };
static const guint8 file_parameters[16] = {
  0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d, 0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b };
static const guint8 virtual_disk_size[16] = {
  0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48, 0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8 };
static const guint8 logical_sector_size[16] = {
  0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9, 0x09, 0x47, 0xba, 0x47, 0xf2, 0x33, 0xa8, 0xfa, 0xab, 0x5f };

enum { BLOCK_FULL = 6, BLOCK_PARTIAL = 7 };

typedef struct
{
  guint64  block_size;
  guint64  per_bitmap;    /* blocks between two entries for bitmaps */
  guint8  *map;           /* little-endian entries */
} Vhdx;

static int
vhdx_probe (const guint8 *head, AsternStore *store)
{
  return memcmp (head, "vhdxfile", 8) == 0 ? 100 : 0;
}

/* Of the two headers, the newer one counts. */
static gboolean
check_log (AsternDiskFile *file, GError **error)
{
  static const guint8 no_log[16];
  guint8 header[HEADER_BYTES], newest[HEADER_BYTES] = { 0 };

  for (guint i = 1; i <= 2; i++)
    {
      if (!astern_store_read (file->store, i * (64u << 10), header, sizeof header, error))
        return FALSE;
      if (memcmp (header, "head", 4) == 0 &&
          (newest[0] == 0 || astern_le64 (header + 8) > astern_le64 (newest + 8)))
        memcpy (newest, header, sizeof newest);
    }
  if (newest[0] == 0 || astern_le16 (newest + 66) != 1)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("it is no VHDX of version 1"));
  if (memcmp (newest + 48, no_log, 16) != 0)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA,
                              _("it was not closed, and its log is to be applied first; “qemu-img check -r all” does that"));
  return TRUE;
}

/* An entry of 32 bytes that begins with @guid. */
static const guint8 *
find_entry (const guint8 *entries, guint n, const guint8 *guid)
{
  for (guint i = 0; i < n; i++)
    if (memcmp (entries + 32 * i, guid, 16) == 0)
      return entries + 32 * i;
  return NULL;
}

static gboolean
find_regions (AsternDiskFile *file, guint64 *map, guint64 *map_bytes, guint64 *metadata, GError **error)
{
  g_autofree guint8 *table = g_malloc (TABLE_BYTES);
  const guint8 *map_entry, *metadata_entry;
  guint n;

  if (!astern_store_read (file->store, REGIONS_AT, table, TABLE_BYTES, error))
    return FALSE;
  n = MIN (astern_le32 (table + 8), MAX_REGIONS);
  map_entry = find_entry (table + 16, n, map_region);
  metadata_entry = find_entry (table + 16, n, metadata_region);
  if (memcmp (table, "regi", 4) != 0 || map_entry == NULL || metadata_entry == NULL)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its header cannot be right"));
  *map = astern_le64 (map_entry + 16);
  *map_bytes = astern_le32 (map_entry + 24);
  *metadata = astern_le64 (metadata_entry + 16);
  return TRUE;
}

static gboolean
load_item (AsternDiskFile *file, guint64 metadata, const guint8 *table, const guint8 *guid, guint8 *item, GError **error)
{
  const guint8 *entry = find_entry (table + 32, MIN (astern_le16 (table + 10), MAX_REGIONS), guid);

  if (entry == NULL)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its header cannot be right"));
  return astern_store_read (file->store, metadata + astern_le32 (entry + 16), item, 8, error);
}

static gboolean
load_metadata (AsternDiskFile *file, guint64 metadata, GError **error)
{
  Vhdx *s = file->own;
  g_autofree guint8 *table = g_malloc (TABLE_BYTES);
  guint8 parameters[8], size[8], sector[8];
  guint64 sector_size;

  if (metadata > G_MAXINT64 || !astern_store_read (file->store, metadata, table, TABLE_BYTES, error))
    return metadata <= G_MAXINT64 ? FALSE : astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its header cannot be right"));
  if (memcmp (table, "metadata", 8) != 0)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its header cannot be right"));
  if (!load_item (file, metadata, table, file_parameters, parameters, error) ||
      !load_item (file, metadata, table, virtual_disk_size, size, error) ||
      !load_item (file, metadata, table, logical_sector_size, sector, error))
    return FALSE;
  s->block_size = astern_le32 (parameters);
  sector_size = astern_le32 (sector);
  file->size = astern_le64 (size);
  file->cluster_size = s->block_size;
  if (astern_le32 (parameters + 4) & 2)
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("it is based on another image, which cannot be read here"));
  if (s->block_size < ONE_MIB || s->block_size > 256 * ONE_MIB || (s->block_size & (s->block_size - 1)) != 0 ||
      (sector_size != 512 && sector_size != 4096) || file->size > G_GUINT64_CONSTANT (1) << 46)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its header cannot be right"));
  s->per_bitmap = (sector_size << 23) / s->block_size;
  return TRUE;
}

static gboolean
vhdx_open (AsternDiskFile *file, GError **error)
{
  Vhdx *s = g_new0 (Vhdx, 1);
  guint64 map = 0, map_bytes = 0, metadata = 0, blocks, needed;

  file->own = s;
  if (!check_log (file, error) || !find_regions (file, &map, &map_bytes, &metadata, error) ||
      !load_metadata (file, metadata, error))
    return FALSE;
  blocks = (file->size + s->block_size - 1) / s->block_size;
  needed = 8 * (blocks + blocks / s->per_bitmap);
  if (needed > map_bytes || needed > MAX_MAP_BYTES || map > G_MAXINT64 || (s->map = g_try_malloc (needed + 1)) == NULL)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its tables cannot be right"));
  return astern_store_read (file->store, map, s->map, needed, error);
}

static void
vhdx_close (AsternDiskFile *file)
{
  Vhdx *s = file->own;

  if (s != NULL)
    g_free (s->map);
  g_free (s);
}

static gboolean
vhdx_extent (AsternDiskFile *file, guint64 offset, AsternExtent *extent, GError **error)
{
  const Vhdx *s = file->own;
  guint64 block = offset / s->block_size, begin = offset % s->block_size;
  guint64 entry = astern_le64 (s->map + 8 * (block + block / s->per_bitmap));

  if ((entry & 7) == BLOCK_PARTIAL)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("A block at %#" PRIx64 " is only in part in the image."), offset);
  extent->kind = (entry & 7) == BLOCK_FULL ? ASTERN_EXTENT_DATA : ASTERN_EXTENT_ZERO;
  extent->size = s->block_size - begin;
  extent->store = file->store;
  extent->place = (entry & ~G_GUINT64_CONSTANT (0xfffff)) + begin;
  if (extent->place > G_MAXINT64)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("A block at %#" PRIx64 " is nowhere in the file."), offset);
  return TRUE;
}

const AsternImageFormat astern_vhdx_format = {
  .name = "vhdx", .probe = vhdx_probe, .open = vhdx_open, .close = vhdx_close, .extent = vhdx_extent,
};
