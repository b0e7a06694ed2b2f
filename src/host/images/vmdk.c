/* vmdk.c - VMware's disk images, to be read: sparse, stream-optimised, flat, in one file or in several.
 * Source: VMware, "Virtual Disk Format 5.0"; for ESX's sparse extents ("COWD"), the same, section "ESX Server Sparse Extents".
 * Left out: physical devices; SESPARSE. */
#include "config.h"

#include "host/images/image-format.h"

#include <stdio.h>

#include <zlib.h>

#include <glib/gi18n.h>

#define SECTOR           512
#define MAX_EXTENTS      4096
#define MAX_DESCRIPTOR   (1u << 20)
#define MAX_TABLE_BYTES  (256u << 20)
#define MAX_GRAIN        (64u << 10)       /* sectors: 32 MiB */

#define FLAG_ZERO_GRAINS (1u << 2)
#define FLAG_COMPRESSED  (1u << 16)
#define FLAG_MARKERS     (1u << 17)
#define AT_END           G_MAXUINT64

typedef enum { VMDK_FLAT, VMDK_SPARSE, VMDK_ZERO } VmdkKind;

typedef struct
{
  VmdkKind     kind;
  guint64      begin, size;           /* of the disk; bytes */
  AsternStore *store;                 /* NULL: zeros */
  gboolean     owned;
  guint64      flat_offset;
  guint64      grain_size;            /* bytes */
  guint32      table_entries;
  guint32      n_tables;
  guint8      *directory;             /* little-endian: sectors of the tables */
  gboolean     zero_grains, compressed;
  gint64       table_index;           /* which one is in table; -1: none */
  guint8      *table;
} VmdkExtent;

typedef struct
{
  GArray  *extents;
  char    *create_type;
  guint8  *grain;                     /* what was unpacked last */
  gsize    grain_size;
  guint64  grain_place;               /* of which sector; 0: none */
  const VmdkExtent *grain_extent;
} Vmdk;

static int
vmdk_probe (const guint8 *head, AsternStore *store)
{
  static const char descriptor[] = "# Disk DescriptorFile";

  return memcmp (head, "KDMV", 4) == 0 || memcmp (head, "COWD", 4) == 0 || memcmp (head, descriptor, strlen (descriptor)) == 0 ? 100 : 0;
}

static gboolean
bad (GError **error)
{
  return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its header cannot be right"));
}

static gboolean
load_directory (VmdkExtent *extent, guint64 capacity, guint64 grain, guint64 entries, guint64 directory, GError **error)
{
  guint64 covers = grain * entries;

  if (grain == 0 || grain > MAX_GRAIN || (grain & (grain - 1)) != 0 || entries == 0 || entries > 65536 ||
      capacity > G_MAXINT64 / SECTOR || directory > G_MAXINT64 / SECTOR)
    return bad (error);
  extent->kind = VMDK_SPARSE;
  extent->grain_size = grain * SECTOR;
  extent->table_entries = (guint32) entries;
  extent->table_index = -1;
  if (capacity / covers >= MAX_TABLE_BYTES / 4)
    return bad (error);
  extent->n_tables = (guint32) (capacity / covers + (capacity % covers != 0));
  extent->directory = g_try_malloc (4 * (gsize) extent->n_tables + 1);
  if (extent->directory == NULL)
    return bad (error);
  return astern_store_read (extent->store, directory * SECTOR, extent->directory, 4 * (gsize) extent->n_tables, error);
}

/* @header gets what is at the end of a stream, if that is where the directory is said to be. */
static gboolean
load_sparse_header (AsternStore *store, guint8 *header, GError **error)
{
  if (!astern_store_read (store, 0, header, SECTOR, error))
    return FALSE;
  if (memcmp (header, "KDMV", 4) != 0 || astern_le64 (header + 56) != AT_END)
    return TRUE;
  return store->size > 3 * SECTOR ? astern_store_read (store, store->size - 2 * SECTOR, header, SECTOR, error) : bad (error);
}

static gboolean
open_sparse (VmdkExtent *extent, guint64 *capacity, GError **error)
{
  guint8 header[SECTOR];
  guint32 flags;

  if (!load_sparse_header (extent->store, header, error))
    return FALSE;
  if (memcmp (header, "COWD", 4) == 0)
    {
      *capacity = astern_le32 (header + 12);
      return load_directory (extent, *capacity, astern_le32 (header + 16), 4096, astern_le32 (header + 20), error);
    }
  if (memcmp (header, "KDMV", 4) != 0 || astern_le32 (header + 4) > 3)
    return bad (error);
  flags = astern_le32 (header + 8);
  extent->zero_grains = (flags & FLAG_ZERO_GRAINS) != 0;
  extent->compressed = (flags & FLAG_COMPRESSED) != 0;
  if (extent->compressed && (!(flags & FLAG_MARKERS) || astern_le16 (header + 77) != 1))
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("it is compressed in a way that is not known here"));
  *capacity = astern_le64 (header + 12);
  return load_directory (extent, *capacity, astern_le64 (header + 20), astern_le32 (header + 44), astern_le64 (header + 56), error);
}

static void
clear_extent (gpointer data)
{
  VmdkExtent *extent = data;

  if (extent->owned)
    astern_store_free (extent->store);
  g_free (extent->directory);
  g_free (extent->table);
}

/* Value of KEY="value" or KEY=value. */
static char *
find_value (const char *descriptor, const char *key)
{
  g_auto (GStrv) lines = g_strsplit (descriptor, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      char *text = g_strstrip (*line), *equals = strchr (text, '=');

      if (equals == NULL)
        continue;
      *equals = '\0';
      if (g_ascii_strcasecmp (g_strchomp (text), key) == 0)
        {
          char *value = g_strstrip (equals + 1);
          gsize n = strlen (value);

          if (n >= 2 && value[0] == '"' && value[n - 1] == '"')
            return g_strndup (value + 1, n - 2);
          return g_strdup (value);
        }
    }
  return NULL;
}

static gboolean
add_extent (AsternDiskFile *file, VmdkExtent *extent)
{
  Vmdk *s = file->own;

  extent->begin = file->size;
  file->size += extent->size;
  g_array_append_val (s->extents, *extent);
  return TRUE;
}

/* ACCESS SECTORS KIND "FILE" [OFFSET] */
static gboolean
open_extent_line (AsternDiskFile *file, const char *line, GError **error)
{
  VmdkExtent extent = { .kind = VMDK_FLAT, .table_index = -1 };
  char access[16], kind[16], name[1024] = "";
  guint64 sectors = 0, offset = 0, capacity = 0;
  int n = sscanf (line, "%15s %" SCNu64 " %15s \"%1023[^\"]\" %" SCNu64, access, &sectors, kind, name, &offset);
  gboolean sparse = g_ascii_strcasecmp (n >= 3 ? kind : "", "SPARSE") == 0 || g_ascii_strcasecmp (n >= 3 ? kind : "", "VMFSSPARSE") == 0;
  g_autofree char *spec = NULL;

  if (n < 3 || sectors > G_MAXINT64 / SECTOR / 2 || offset > G_MAXINT64 / SECTOR / 2)
    return bad (error);
  extent.size = sectors * SECTOR;
  extent.flat_offset = offset * SECTOR;
  extent.kind = g_ascii_strcasecmp (kind, "ZERO") == 0 || g_ascii_strcasecmp (access, "NOACCESS") == 0 ? VMDK_ZERO : VMDK_FLAT;
  if (extent.kind == VMDK_ZERO)
    return add_extent (file, &extent);
  if (n < 4 || (!sparse && g_ascii_strcasecmp (kind, "FLAT") != 0 && g_ascii_strcasecmp (kind, "VMFS") != 0))
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("a part of it is of a kind that cannot be read here"));
  /* Only files beside it, or where it says: nothing that is fetched. */
  if (astern_store_has_scheme (name))
    return bad (error);
  spec = astern_image_relative (file->spec, name);
  extent.store = astern_store_open (spec, file->flags & ASTERN_DISK_FILE_SHARED ? ASTERN_STORE_SHARED : 0, error);
  extent.owned = TRUE;
  if (extent.store == NULL)
    return FALSE;
  if (sparse && (!open_sparse (&extent, &capacity, error) || (capacity < sectors && !bad (error))))
    {
      clear_extent (&extent);
      return FALSE;
    }
  return add_extent (file, &extent);
}

static gboolean
is_extent_line (const char *line)
{
  return g_str_has_prefix (line, "RW ") || g_str_has_prefix (line, "RDONLY ") || g_str_has_prefix (line, "NOACCESS ");
}

static void
take_parent (AsternDiskFile *file, const char *descriptor)
{
  g_autofree char *parent = find_value (descriptor, "parentCID");

  if (parent != NULL && g_ascii_strtoull (parent, NULL, 16) != 0xffffffff)
    file->backing_name = find_value (descriptor, "parentFileNameHint");
}

static gboolean
open_descriptor (AsternDiskFile *file, GError **error)
{
  Vmdk *s = file->own;
  gsize size = (gsize) MIN (file->store->size, MAX_DESCRIPTOR);
  g_autofree char *text = g_malloc0 (size + 1);
  g_auto (GStrv) lines = NULL;

  if (!astern_store_read (file->store, 0, text, size, error))
    return FALSE;
  s->create_type = find_value (text, "createType");
  take_parent (file, text);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (is_extent_line (g_strstrip (*line)) && (s->extents->len >= MAX_EXTENTS ? !bad (error) : !open_extent_line (file, *line, error)))
      return FALSE;
  return s->extents->len > 0 || bad (error);
}

static gboolean
open_single (AsternDiskFile *file, const guint8 *header, GError **error)
{
  Vmdk *s = file->own;
  VmdkExtent extent = { .store = file->store, .table_index = -1 };
  guint64 capacity, at = astern_le64 (header + 28), size = astern_le64 (header + 36);
  gboolean embedded = memcmp (header, "KDMV", 4) == 0 && at > 0 && at <= G_MAXINT64 / SECTOR && size <= MAX_DESCRIPTOR / SECTOR;

  if (embedded)
    {
      g_autofree char *text = g_malloc0 (size * SECTOR + 1);

      if (!astern_store_read (file->store, at * SECTOR, text, size * SECTOR, error))
        return FALSE;
      s->create_type = find_value (text, "createType");
      take_parent (file, text);
    }
  if (!open_sparse (&extent, &capacity, error))
    {
      clear_extent (&extent);
      return FALSE;
    }
  extent.size = capacity * SECTOR;
  file->cluster_size = extent.grain_size;
  return add_extent (file, &extent);
}

static gboolean
vmdk_open (AsternDiskFile *file, GError **error)
{
  Vmdk *s = g_new0 (Vmdk, 1);
  guint8 header[SECTOR];

  file->own = s;
  s->extents = g_array_new (FALSE, TRUE, sizeof (VmdkExtent));
  g_array_set_clear_func (s->extents, clear_extent);
  if (!astern_store_read (file->store, 0, header, sizeof header, error))
    return FALSE;
  if (header[0] == '#')
    return open_descriptor (file, error);
  return open_single (file, header, error);
}

static void
vmdk_close (AsternDiskFile *file)
{
  Vmdk *s = file->own;

  if (s == NULL)
    return;
  g_array_unref (s->extents);
  g_free (s->create_type);
  g_free (s->grain);
  g_free (s);
}

static VmdkExtent *
find_part (Vmdk *s, guint64 offset)
{
  guint low = 0, high = s->extents->len;

  while (high - low > 1)
    {
      guint middle = (low + high) / 2;

      if (g_array_index (s->extents, VmdkExtent, middle).begin <= offset)
        low = middle;
      else
        high = middle;
    }
  return &g_array_index (s->extents, VmdkExtent, low);
}

/* The sector of the grain; 0: none, 1: perhaps one of zeros. */
static gboolean
find_grain (VmdkExtent *part, guint64 offset, guint32 *sector, GError **error)
{
  guint64 grain = offset / part->grain_size;
  guint64 index = grain / part->table_entries;
  guint32 table;

  *sector = 0;
  if (index >= part->n_tables)
    return TRUE;
  table = astern_le32 (part->directory + 4 * index);
  if (table == 0)
    return TRUE;
  if (part->table_index != (gint64) index)
    {
      part->table_index = -1;
      if (part->table == NULL)
        part->table = g_malloc (4 * (gsize) part->table_entries);
      if (!astern_store_read (part->store, (guint64) table * SECTOR, part->table, 4 * (gsize) part->table_entries, error))
        return FALSE;
      part->table_index = (gint64) index;
    }
  *sector = astern_le32 (part->table + 4 * (grain % part->table_entries));
  return TRUE;
}

static gboolean
vmdk_extent (AsternDiskFile *file, guint64 offset, AsternExtent *extent, GError **error)
{
  VmdkExtent *part = find_part (file->own, offset);
  guint64 at = offset - part->begin;
  guint32 sector;

  extent->size = part->size - at;
  extent->store = part->store;
  if (part->kind != VMDK_SPARSE)
    {
      extent->kind = part->kind == VMDK_ZERO ? ASTERN_EXTENT_ZERO : ASTERN_EXTENT_DATA;
      extent->place = part->flat_offset + at;
      return TRUE;
    }
  if (!find_grain (part, at, &sector, error))
    return FALSE;
  extent->size = MIN (extent->size, part->grain_size - at % part->grain_size);
  extent->place = (guint64) sector * SECTOR + at % part->grain_size;
  if (sector == 0)
    extent->kind = ASTERN_EXTENT_ABSENT;
  else if (sector == 1 && part->zero_grains)
    extent->kind = ASTERN_EXTENT_ZERO;
  else
    extent->kind = part->compressed ? ASTERN_EXTENT_PACKED : ASTERN_EXTENT_DATA;
  return TRUE;
}

static gboolean
unpack (Vmdk *s, VmdkExtent *part, guint64 place, GError **error)
{
  guint8 marker[12];
  uLongf size = part->grain_size;
  g_autofree guint8 *packed = NULL;
  guint32 packed_size;

  if (s->grain_place == place && s->grain_extent == part)
    return TRUE;
  s->grain_place = 0;
  if (s->grain_size < part->grain_size)
    {
      s->grain = g_realloc (s->grain, part->grain_size);
      s->grain_size = part->grain_size;
    }
  if (!astern_store_read (part->store, place, marker, sizeof marker, error))
    return FALSE;
  packed_size = astern_le32 (marker + 8);
  if (packed_size == 0 || packed_size > 2 * part->grain_size)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("The compressed grain at %#" PRIx64 " is damaged."), place);
  packed = g_malloc (packed_size);
  memset (s->grain, 0, part->grain_size);
  if (!astern_store_read (part->store, place + sizeof marker, packed, packed_size, error))
    return FALSE;
  if (uncompress (s->grain, &size, packed, packed_size) != Z_OK)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("The compressed grain at %#" PRIx64 " is damaged."), place);
  s->grain_place = place;
  s->grain_extent = part;
  return TRUE;
}

static gboolean
vmdk_read_packed (AsternDiskFile *file, guint64 offset, gpointer data, gsize size, GError **error)
{
  Vmdk *s = file->own;
  VmdkExtent *part = find_part (s, offset);
  guint32 sector;

  if (!find_grain (part, offset - part->begin, &sector, error) || !unpack (s, part, (guint64) sector * SECTOR, error))
    return FALSE;
  memcpy (data, s->grain + (offset - part->begin) % part->grain_size, size);
  return TRUE;
}

static guint64
vmdk_room (AsternDiskFile *file)
{
  const Vmdk *s = file->own;
  guint64 room = astern_store_room (file->store);

  for (guint i = 0; i < s->extents->len; i++)
    if (g_array_index (s->extents, VmdkExtent, i).owned)
      room += astern_store_room (g_array_index (s->extents, VmdkExtent, i).store);
  return room;
}

static void
vmdk_details (AsternDiskFile *file, GVariantDict *details)
{
  const Vmdk *s = file->own;

  if (s->create_type != NULL && g_utf8_validate (s->create_type, -1, NULL))
    g_variant_dict_insert (details, "create-type", "s", s->create_type);
  g_variant_dict_insert (details, "extents", "t", (guint64) s->extents->len);
}

const AsternImageFormat astern_vmdk_format = {
  .name = "vmdk", .probe = vmdk_probe, .open = vmdk_open, .close = vmdk_close, .extent = vmdk_extent,
  .read_packed = vmdk_read_packed, .details = vmdk_details, .room = vmdk_room,
};
