/* fat-layout.c - a FAT file system around a folder: boot sector, FATs, folders, and where each file lies.
 * Source: Microsoft, "FAT: General Overview of On-Disk Format", version 1.03. */
#include "config.h"

#include "host/images/fat-layout.h"
#include "host/images/fat-names.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define SECTOR          512
#define MAX_DEPTH       32
#define MAX_FILES       65536
#define MAX_FILE_BYTES  G_GUINT64_CONSTANT (0xffffffff)
#define HEADS           16
#define TRACK           63           /* sectors; a disk's first partition begins behind the first */
#define ATTR_LABEL      0x08
#define ATTR_FOLDER     0x10
#define ATTR_ARCHIVE    0x20
#define VOLUME_ID       0x41535452u

typedef struct _Node Node;
struct _Node
{
  char       *path;
  gboolean    folder;
  guint64     size;
  gint64      changed_s;
  guint32     cluster, n_clusters;
  Node       *parent;           /* NULL: the root */
  guint       entry;            /* of it, in its parent's entries */
  GByteArray *entries;          /* of a folder */
  GPtrArray  *children;
};

typedef struct { guint64 offset; AsternFatPart part; } Placed;

typedef struct
{
  guint   bits, sectors_per_cluster, reserved, fats, root_entries, media;
  guint32 hidden, sectors, fat_sectors, clusters;      /* hidden: before the partition */
  guint   heads, track;
} Geometry;

struct _AsternFat
{
  Node      *root;
  GPtrArray *nodes;             /* all of them */
  GPtrArray *buffers;
  GArray    *placed;            /* Placed, in order */
  Geometry   g;
  guint64    size;
};

static void
free_node (gpointer data)
{
  Node *node = data;

  g_free (node->path);
  if (node->folder)
    {
      g_byte_array_unref (node->entries);
      g_ptr_array_unref (node->children);
    }
  g_free (node);
}

void
astern_fat_free (AsternFat *fat)
{
  if (fat == NULL)
    return;
  g_ptr_array_unref (fat->nodes);
  g_ptr_array_unref (fat->buffers);
  g_array_unref (fat->placed);
  g_free (fat);
}

static void
put16 (guint8 *p, guint v)
{
  p[0] = (guint8) v;
  p[1] = (guint8) (v >> 8);
}

static void
put32 (guint8 *p, guint32 v)
{
  put16 (p, v & 0xffff);
  put16 (p + 2, v >> 16);
}

static void
put_times (guint8 *entry, gint64 changed_s)
{
  time_t when = (time_t) changed_s;
  struct tm tm = { 0 };
  guint date, hour;

  gmtime_r (&when, &tm);
  date = tm.tm_year < 80 ? 1u << 5 | 1 : (guint) MIN (tm.tm_year - 80, 127) << 9 | (guint) (tm.tm_mon + 1) << 5 | (guint) tm.tm_mday;
  hour = (guint) tm.tm_hour << 11 | (guint) tm.tm_min << 5 | (guint) tm.tm_sec / 2;
  put16 (entry + 14, hour);
  put16 (entry + 16, date);
  put16 (entry + 18, date);
  put16 (entry + 22, hour);
  put16 (entry + 24, date);
}

static guint
append_entry (Node *folder, const guint8 *short_name, guint attributes, gint64 changed_s)
{
  guint8 entry[FAT_ENTRY_BYTES] = { 0 };
  guint at = folder->entries->len;

  memcpy (entry, short_name, FAT_SHORT_BYTES);
  entry[11] = (guint8) attributes;
  put_times (entry, changed_s);
  g_byte_array_append (folder->entries, entry, sizeof entry);
  return at;
}

static Node *
add_node (AsternFat *fat, Node *parent, const char *path, const struct stat *status)
{
  Node *node = g_new0 (Node, 1);

  node->path = g_strdup (path);
  node->folder = S_ISDIR (status->st_mode);
  node->size = node->folder ? 0 : (guint64) status->st_size;
  node->changed_s = status->st_mtime;
  node->parent = parent;
  if (node->folder)
    {
      node->entries = g_byte_array_new ();
      node->children = g_ptr_array_new ();
    }
  g_ptr_array_add (fat->nodes, node);
  return node;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
list_folder (const char *path, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, error);
  GPtrArray *names;
  const char *name;

  if (dir == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

static gboolean scan (AsternFat *fat, Node *folder, guint depth, GError **error);

static gboolean
scan_child (AsternFat *fat, Node *folder, const char *name, GHashTable *taken, guint depth, GError **error)
{
  g_autofree char *path = g_build_filename (folder->path, name, NULL);
  guint8 short_name[FAT_SHORT_BYTES];
  struct stat status;
  Node *node;

  if (stat (path, &status) != 0 || (!S_ISREG (status.st_mode) && !S_ISDIR (status.st_mode)))
    return TRUE;
  if (fat->nodes->len > MAX_FILES || depth > MAX_DEPTH || (S_ISREG (status.st_mode) && (guint64) status.st_size > MAX_FILE_BYTES))
    {
      g_autofree char *shown = g_filename_display_name (path);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _("“%s” does not go onto a FAT disk: a file is too large, or there are too many."), shown);
      return FALSE;
    }
  if (!astern_fat_add_name (name, taken, folder->entries, short_name))
    {
      g_autofree char *shown = g_filename_display_name (path);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME, _("The name of “%s” cannot be one on a FAT disk."), shown);
      return FALSE;
    }
  node = add_node (fat, folder, path, &status);
  node->entry = append_entry (folder, short_name, node->folder ? ATTR_FOLDER : ATTR_ARCHIVE, node->changed_s);
  g_ptr_array_add (folder->children, node);
  return !node->folder || scan (fat, node, depth + 1, error);
}

static gboolean
scan (AsternFat *fat, Node *folder, guint depth, GError **error)
{
  g_autoptr (GPtrArray) names = list_folder (folder->path, error);
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (names == NULL)
    return FALSE;
  if (folder->parent == NULL)
    append_entry (folder, (const guint8 *) "ASTERN     ", ATTR_LABEL, folder->changed_s);
  else
    {
      append_entry (folder, (const guint8 *) ".          ", ATTR_FOLDER, folder->changed_s);
      append_entry (folder, (const guint8 *) "..         ", ATTR_FOLDER, folder->parent->changed_s);
    }
  for (guint i = 0; i < names->len; i++)
    if (!scan_child (fat, folder, g_ptr_array_index (names, i), taken, depth, error))
      return FALSE;
  return TRUE;
}

static guint64
clusters_for (const Geometry *g, guint64 bytes)
{
  guint64 cluster = (guint64) g->sectors_per_cluster * SECTOR;

  return (bytes + cluster - 1) / cluster;
}

/* Of the folder without its root, which FAT12 and FAT16 have elsewhere. */
static guint64
needed_clusters (const AsternFat *fat, const Geometry *g)
{
  guint64 n = 0;

  for (guint i = 0; i < fat->nodes->len; i++)
    {
      const Node *node = g_ptr_array_index (fat->nodes, i);

      if (node->parent != NULL || g->bits == 32)
        n += clusters_for (g, node->folder ? MAX (node->entries->len, 1) : node->size);
    }
  return n;
}

static guint32
root_sectors (const Geometry *g)
{
  return (g->root_entries * FAT_ENTRY_BYTES + SECTOR - 1) / SECTOR;
}

/* A FAT is as long as its clusters need, and takes sectors from them. */
static void
size_fats (Geometry *g)
{
  g->fat_sectors = 1;
  for (guint i = 0; i < 64; i++)
    {
      guint32 used = g->hidden + g->reserved + g->fats * g->fat_sectors + root_sectors (g);
      guint32 needed;

      g->clusters = (g->sectors - MIN (used, g->sectors)) / g->sectors_per_cluster;
      needed = (guint32) ((((guint64) g->clusters + 2) * g->bits + 8 * SECTOR - 1) / (8 * SECTOR));
      if (needed <= g->fat_sectors)
        break;
      g->fat_sectors = needed;
    }
}

/* Tries, from small to large. */
static const struct { guint bits; guint32 cylinders; guint sectors_per_cluster; } disks[] = {
  { 12, 64, 16 },         /* 31.5 MiB */
  { 16, 1024, 16 },       /* 504 MiB */
  { 16, 4161, 64 },       /* just under 2 GiB */
};

static const struct { guint32 sectors; guint track, sectors_per_cluster, root_entries; } floppies[] = {
  { 2880, 18, 1, 224 },
  { 5760, 36, 2, 240 },
};

static gboolean
fits (AsternFat *fat, Geometry *g)
{
  guint entries = fat->root->entries->len / FAT_ENTRY_BYTES;

  if (g->bits != 32 && entries > g->root_entries)
    {
      if (entries > 65000 || g->hidden == 0)
        return FALSE;
      g->root_entries = (entries + 15) & ~15u;
    }
  size_fats (g);
  return needed_clusters (fat, g) <= g->clusters && (g->bits != 12 || g->clusters < 4085) && (g->bits != 16 || g->clusters < 65525);
}

static gboolean
choose_fat32 (AsternFat *fat, Geometry *g)
{
  g->bits = 32;
  g->reserved = 32;
  g->root_entries = 0;
  for (g->sectors_per_cluster = 8; g->sectors_per_cluster <= 64; g->sectors_per_cluster *= 2)
    {
      guint64 bytes = needed_clusters (fat, g) * g->sectors_per_cluster * SECTOR;
      guint64 cylinder = HEADS * TRACK * SECTOR, size = MAX (bytes + bytes / 4, 512u << 20) / cylinder * cylinder + cylinder;

      if (size / SECTOR > G_MAXUINT32 || size / SECTOR / g->sectors_per_cluster > 1u << 22)
        continue;
      g->sectors = (guint32) (size / SECTOR);
      if (fits (fat, g))
        return TRUE;
    }
  return FALSE;
}

static gboolean
choose_floppy (AsternFat *fat, guint bits, Geometry *g)
{
  if (bits != 0 && bits != 12)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (floppies); i++)
    {
      *g = (Geometry) { .bits = 12, .sectors_per_cluster = floppies[i].sectors_per_cluster, .reserved = 1, .fats = 2,
                        .root_entries = floppies[i].root_entries, .media = 0xf0, .sectors = floppies[i].sectors,
                        .heads = 2, .track = floppies[i].track };
      if (fits (fat, g))
        return TRUE;
    }
  return FALSE;
}

static gboolean
choose_disk (AsternFat *fat, guint bits, Geometry *g)
{
  Geometry base = { .reserved = 1, .fats = 2, .root_entries = 512, .media = 0xf8, .hidden = TRACK, .heads = HEADS, .track = TRACK };

  for (gsize i = 0; i < G_N_ELEMENTS (disks); i++)
    {
      *g = base;
      g->bits = disks[i].bits;
      g->sectors_per_cluster = disks[i].sectors_per_cluster;
      g->sectors = disks[i].cylinders * HEADS * TRACK;
      /* 12 bits only for who asks. */
      if ((bits == 0 ? g->bits == 16 : g->bits == bits) && fits (fat, g))
        return TRUE;
    }
  *g = base;
  return (bits == 0 || bits == 32) && choose_fat32 (fat, g);
}

static guint64
data_offset (const Geometry *g)
{
  return ((guint64) g->hidden + g->reserved + g->fats * g->fat_sectors + root_sectors (g)) * SECTOR;
}

static guint64
cluster_offset (const Geometry *g, guint32 cluster)
{
  return data_offset (g) + (guint64) (cluster - 2) * g->sectors_per_cluster * SECTOR;
}

/* All that a node has is in a row. */
static guint32
place_clusters (AsternFat *fat)
{
  const Geometry *g = &fat->g;
  guint32 next = 2;

  for (guint i = 0; i < fat->nodes->len; i++)
    {
      Node *node = g_ptr_array_index (fat->nodes, i);

      if (node->parent == NULL && g->bits != 32)
        continue;
      node->n_clusters = (guint32) clusters_for (g, node->folder ? MAX (node->entries->len, 1) : node->size);
      node->cluster = node->n_clusters > 0 ? next : 0;
      next += node->n_clusters;
    }
  return next;
}

static void
put_cluster (guint8 *entry, guint32 cluster)
{
  put16 (entry + 20, cluster >> 16);
  put16 (entry + 26, cluster & 0xffff);
}

static void
fill_entries (AsternFat *fat)
{
  for (guint i = 0; i < fat->nodes->len; i++)
    {
      const Node *node = g_ptr_array_index (fat->nodes, i);
      guint8 *entry;

      if (node->parent == NULL)
        continue;
      entry = node->parent->entries->data + node->entry;
      put_cluster (entry, node->cluster);
      put32 (entry + 28, (guint32) node->size);
      if (!node->folder)
        continue;
      put_cluster (node->entries->data, node->cluster);
      /* The root is cluster 0 here, wherever it is. */
      put_cluster (node->entries->data + FAT_ENTRY_BYTES, node->parent->parent == NULL ? 0 : node->parent->cluster);
    }
}

static void
put_fat (GByteArray *table, guint bits, guint32 index, guint32 value)
{
  guint at = index * bits / 8;

  if (table->len < at + 4)
    {
      guint old = table->len;

      g_byte_array_set_size (table, (at + 4 + 511) & ~511u);
      memset (table->data + old, 0, table->len - old);
    }
  if (bits == 32)
    put32 (table->data + at, value & 0x0fffffff);
  else if (bits == 16)
    put16 (table->data + at, value & 0xffff);
  else if (index & 1)
    {
      table->data[at] = (guint8) ((table->data[at] & 0x0f) | (value & 0x0f) << 4);
      table->data[at + 1] = (guint8) (value >> 4);
    }
  else
    {
      table->data[at] = (guint8) value;
      table->data[at + 1] = (guint8) ((table->data[at + 1] & 0xf0) | (value >> 8 & 0x0f));
    }
}

static GByteArray *
make_fat (const AsternFat *fat)
{
  const Geometry *g = &fat->g;
  GByteArray *table = g_byte_array_new ();

  put_fat (table, g->bits, 0, 0x0fffff00 | g->media);
  put_fat (table, g->bits, 1, 0x0fffffff);
  for (guint i = 0; i < fat->nodes->len; i++)
    {
      const Node *node = g_ptr_array_index (fat->nodes, i);

      for (guint32 k = 0; k < node->n_clusters; k++)
        put_fat (table, g->bits, node->cluster + k, k + 1 < node->n_clusters ? node->cluster + k + 1 : 0x0fffffff);
    }
  return table;
}

static guint8 *
add_buffer (AsternFat *fat, gsize size)
{
  guint8 *buffer = g_malloc0 (size);

  g_ptr_array_add (fat->buffers, buffer);
  return buffer;
}

static void
place (AsternFat *fat, guint64 offset, const guint8 *bytes, const char *path, guint64 size)
{
  Placed placed = { offset, { .bytes = bytes, .path = path, .size = size } };

  if (size > 0)
    g_array_append_val (fat->placed, placed);
}

static void
put_chs (guint8 *p, guint32 sector)
{
  guint32 cylinder = MIN (sector / TRACK / HEADS, 1023);

  p[0] = (guint8) (sector / TRACK % HEADS);
  p[1] = (guint8) ((sector % TRACK + 1) | cylinder >> 8 << 6);
  p[2] = (guint8) cylinder;
}

static void
place_partition_table (AsternFat *fat)
{
  const Geometry *g = &fat->g;
  guint8 *sector = add_buffer (fat, SECTOR), *entry = sector + 446;

  memcpy (sector, "\xcd\x18\xeb\xfe", 4);        /* int 18h: nothing to boot from */
  put32 (sector + 440, VOLUME_ID);
  entry[0] = 0x80;
  put_chs (entry + 1, g->hidden);
  entry[4] = g->bits == 32 ? 0x0c : g->bits == 16 ? 0x06 : 0x01;
  put_chs (entry + 5, g->sectors - 1);
  put32 (entry + 8, g->hidden);
  put32 (entry + 12, g->sectors - g->hidden);
  put16 (sector + 510, 0xaa55);
  place (fat, 0, sector, NULL, SECTOR);
}

static guint8 *
make_boot_sector (AsternFat *fat)
{
  const Geometry *g = &fat->g;
  guint8 *b = add_buffer (fat, SECTOR);
  guint32 sectors = g->sectors - g->hidden;
  guint8 *tail = b + (g->bits == 32 ? 64 : 36);

  memcpy (b, g->bits == 32 ? "\xeb\x58\x90" "ASTERN  " : "\xeb\x3c\x90" "ASTERN  ", 11);
  put16 (b + 11, SECTOR);
  b[13] = (guint8) g->sectors_per_cluster;
  put16 (b + 14, g->reserved);
  b[16] = (guint8) g->fats;
  put16 (b + 17, g->root_entries);
  put16 (b + 19, sectors < 65536 && g->bits != 32 ? sectors : 0);
  b[21] = (guint8) g->media;
  put16 (b + 22, g->bits != 32 ? g->fat_sectors : 0);
  put16 (b + 24, g->track);
  put16 (b + 26, g->heads);
  put32 (b + 28, g->hidden);
  put32 (b + 32, sectors < 65536 && g->bits != 32 ? 0 : sectors);
  if (g->bits == 32)
    {
      put32 (b + 36, g->fat_sectors);
      put32 (b + 44, fat->root->cluster);
      put16 (b + 48, 1);       /* FSInfo */
      put16 (b + 50, 6);       /* the backup */
    }
  tail[0] = g->hidden > 0 ? 0x80 : 0;
  tail[2] = 0x29;
  put32 (tail + 3, VOLUME_ID);
  memcpy (tail + 7, "ASTERN     ", 11);
  memcpy (tail + 18, g->bits == 32 ? "FAT32   " : g->bits == 16 ? "FAT16   " : "FAT12   ", 8);
  memcpy (tail + 26, "\xcd\x18\xeb\xfe", 4);
  put16 (b + 510, 0xaa55);
  return b;
}

static void
place_boot_sectors (AsternFat *fat, guint32 next_cluster)
{
  const Geometry *g = &fat->g;
  guint64 begin = (guint64) g->hidden * SECTOR;
  guint8 *boot = make_boot_sector (fat), *info;

  place (fat, begin, boot, NULL, SECTOR);
  if (g->bits != 32)
    return;
  info = add_buffer (fat, SECTOR);
  put32 (info, 0x41615252);
  put32 (info + 484, 0x61417272);
  put32 (info + 488, g->clusters - (next_cluster - 2));
  put32 (info + 492, next_cluster);
  put16 (info + 510, 0xaa55);
  place (fat, begin + SECTOR, info, NULL, SECTOR);
  place (fat, begin + 6 * SECTOR, boot, NULL, SECTOR);
  place (fat, begin + 7 * SECTOR, info, NULL, SECTOR);
}

static void
place_all (AsternFat *fat)
{
  const Geometry *g = &fat->g;
  guint64 tables = ((guint64) g->hidden + g->reserved) * SECTOR, fat_bytes = (guint64) g->fat_sectors * SECTOR;
  guint32 next_cluster = place_clusters (fat);
  g_autoptr (GByteArray) table = NULL;
  guint8 *copy;

  fill_entries (fat);
  table = make_fat (fat);
  copy = add_buffer (fat, table->len);
  memcpy (copy, table->data, table->len);
  if (g->hidden > 0)
    place_partition_table (fat);
  place_boot_sectors (fat, next_cluster);
  for (guint i = 0; i < g->fats; i++)
    place (fat, tables + i * fat_bytes, copy, NULL, MIN (table->len, fat_bytes));
  if (g->bits != 32)
    place (fat, tables + g->fats * fat_bytes, fat->root->entries->data, NULL, fat->root->entries->len);
  for (guint i = 0; i < fat->nodes->len; i++)
    {
      const Node *node = g_ptr_array_index (fat->nodes, i);

      if (node->n_clusters > 0)
        place (fat, cluster_offset (g, node->cluster), node->folder ? node->entries->data : NULL,
               node->folder ? NULL : node->path, node->folder ? node->entries->len : node->size);
    }
}

AsternFat *
astern_fat_new (const char *folder, gboolean floppy, guint bits, GError **error)
{
  AsternFat *fat = g_new0 (AsternFat, 1);
  g_autofree char *shown = g_filename_display_name (folder);
  struct stat status;

  fat->nodes = g_ptr_array_new_with_free_func (free_node);
  fat->buffers = g_ptr_array_new_with_free_func (g_free);
  fat->placed = g_array_new (FALSE, FALSE, sizeof (Placed));
  if (stat (folder, &status) != 0 || !S_ISDIR (status.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY, _("“%s” is not a folder."), shown);
      astern_fat_free (fat);
      return NULL;
    }
  fat->root = add_node (fat, NULL, folder, &status);
  if (!scan (fat, fat->root, 0, error))
    {
      astern_fat_free (fat);
      return NULL;
    }
  if (!(floppy ? choose_floppy (fat, bits, &fat->g) : choose_disk (fat, bits, &fat->g)))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                   floppy ? _("What is in “%s” does not fit onto a floppy disk of 2.88 MB with 12 bits.")
                          : _("What is in “%s” does not fit onto such a FAT disk; FAT32 has the most room (fat:32:…)."), shown);
      astern_fat_free (fat);
      return NULL;
    }
  place_all (fat);
  fat->size = (guint64) fat->g.sectors * SECTOR;
  return fat;
}

guint64
astern_fat_size (const AsternFat *fat)
{
  return fat->size;
}

AsternFatPart
astern_fat_part (const AsternFat *fat, guint64 offset)
{
  guint low = 0, high = fat->placed->len;
  AsternFatPart part = { 0 };
  const Placed *placed;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (g_array_index (fat->placed, Placed, middle).offset <= offset)
        low = middle + 1;
      else
        high = middle;
    }
  placed = low > 0 ? &g_array_index (fat->placed, Placed, low - 1) : NULL;
  if (placed != NULL && offset - placed->offset < placed->part.size)
    {
      guint64 inside = offset - placed->offset;

      part = placed->part;
      part.size -= inside;
      part.offset = inside;
      part.bytes = part.bytes != NULL ? part.bytes + inside : NULL;
      return part;
    }
  part.size = (low < fat->placed->len ? g_array_index (fat->placed, Placed, low).offset : fat->size) - offset;
  return part;
}
