/* qcow2.c - the header of qcow2 images: opening, making, what they are based on.
 * Source: "Qcow2 Image File Format" (qcow2.txt), versions 2 and 3.
 * Left out: encryption, external data files, extended L2 entries (subclusters): such images are refused.  Bitmaps
 * are kept as long as nothing is written; lazy refcounts are written at once, which their format allows. */
#include "config.h"

#include "host/images/qcow2.h"

#include <glib/gi18n.h>

#define EXTENSION_END           0x00000000u
#define EXTENSION_BACKING       0xe2792acau
#define EXTENSION_FEATURE_NAMES 0x6803f857u
#define EXTENSION_BITMAPS       0x23852875u
#define MAX_BACKING_NAME        1023
#define FEATURE_NAME_BYTES      48

static const struct { guint8 kind, bit; const char *name; } feature_names[] = {
  { 0, 0, "dirty bit" }, { 0, 1, "corrupt bit" }, { 0, 2, "external data file" }, { 0, 3, "compression type" },
  { 0, 4, "extended L2 entries" }, { 1, 0, "lazy refcounts" }, { 2, 0, "bitmaps" }, { 2, 1, "raw external data" },
};

static int
qcow2_probe (const guint8 *head, AsternStore *store)
{
  return astern_be32 (head) == QCOW2_MAGIC && astern_be32 (head + 4) >= 2 ? 100 : 0;
}

gboolean
qcow2_put_header (Qcow2 *s, guint offset, gconstpointer bytes, gsize size, GError **error)
{
  return astern_store_write (s->store, offset, bytes, size, error);
}

gboolean
qcow2_set_incompatible (Qcow2 *s, guint64 features, GError **error)
{
  guint8 bytes[8];

  if (s->version < 3 || features == s->incompatible)
    return TRUE;
  astern_put_be64 (bytes, features);
  if (!qcow2_put_header (s, QCOW2_HEADER_INCOMPATIBLE, bytes, sizeof bytes, error))
    return FALSE;
  s->incompatible = features;
  return TRUE;
}

gboolean
qcow2_corrupt (Qcow2 *s, GError **error, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  if (!s->store->readonly && !(s->file->flags & ASTERN_DISK_FILE_REPAIR))
    qcow2_set_incompatible (s, s->incompatible | QCOW2_CORRUPT, NULL);
  s->file->corrupt = TRUE;
  return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("The image is corrupt: %s."), what);
}

gboolean
qcow2_load_l1 (Qcow2 *s, guint64 offset, guint32 size, guint64 **l1, GError **error)
{
  g_autofree guint8 *bytes = NULL;

  if (8 * (guint64) size > QCOW2_MAX_L1_BYTES || (offset & (s->cluster_size - 1)) != 0 || offset > G_MAXINT64 ||
      (size > 0 && offset >= s->store->size))
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its L1 table cannot be right"));
  bytes = g_malloc (8 * (gsize) size + 1);
  if (!astern_store_read (s->store, offset, bytes, 8 * (gsize) size, error))
    return FALSE;
  *l1 = g_new (guint64, size + 1);
  for (guint32 i = 0; i < size; i++)
    (*l1)[i] = astern_be64 (bytes + 8 * (gsize) i);
  return TRUE;
}

static gboolean
load_reftable (Qcow2 *s, const guint8 *header, GError **error)
{
  guint64 clusters = astern_be32 (header + QCOW2_HEADER_REFTABLE_CLUSTERS);
  guint64 size = clusters * s->cluster_size;
  g_autofree guint8 *bytes = NULL;

  s->reftable_offset = astern_be64 (header + QCOW2_HEADER_REFTABLE_OFFSET);
  if (clusters == 0 || size > QCOW2_MAX_REFTABLE_BYTES || (s->reftable_offset & (s->cluster_size - 1)) != 0 ||
      s->reftable_offset == 0 || s->reftable_offset > G_MAXINT64)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its refcount table cannot be right"));
  bytes = g_malloc (size);
  if (!astern_store_read (s->store, s->reftable_offset, bytes, size, error))
    return FALSE;
  s->reftable_size = (guint32) (size / 8);
  s->reftable = g_new (guint64, s->reftable_size);
  for (guint32 i = 0; i < s->reftable_size; i++)
    s->reftable[i] = astern_be64 (bytes + 8 * (gsize) i) & ~G_GUINT64_CONSTANT (511);
  return TRUE;
}

static char *
steal_name (const guint8 *bytes, gsize size)
{
  return g_strndup ((const char *) bytes, size);
}

/* From the end of the header to the end of its cluster. */
static gboolean
load_extensions (Qcow2 *s, const guint8 *cluster, guint64 end, GError **error)
{
  guint64 at = s->header_bytes;

  while (at + 8 <= end)
    {
      guint32 type = astern_be32 (cluster + at), size = astern_be32 (cluster + at + 4);
      Qcow2Extension extension = { type, NULL };

      at += 8;
      if (type == EXTENSION_END)
        return TRUE;
      if (size > end - at)
        return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its header does not end"));
      if (type == EXTENSION_BACKING)
        {
          g_free (s->file->backing_format);
          s->file->backing_format = steal_name (cluster + at, MIN (size, 64));
        }
      else
        {
          extension.data = g_bytes_new (cluster + at, size);
          g_array_append_val (s->extensions, extension);
        }
      at += ((guint64) size + 7) & ~G_GUINT64_CONSTANT (7);
    }
  return TRUE;
}

static gboolean
load_backing_name (Qcow2 *s, const guint8 *cluster, GError **error)
{
  guint64 offset = astern_be64 (cluster + QCOW2_HEADER_BACKING_OFFSET);
  guint32 size = astern_be32 (cluster + QCOW2_HEADER_BACKING_OFFSET + 8);

  if (offset == 0 || size == 0)
    return TRUE;
  if (size > MAX_BACKING_NAME || offset > s->cluster_size || size > s->cluster_size - offset)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("the name of what it is based on is too long"));
  s->file->backing_name = steal_name (cluster + offset, size);
  return TRUE;
}

static gboolean
refuse_features (Qcow2 *s, GError **error)
{
  if (s->incompatible & QCOW2_DATA_FILE)
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("its data is in another file, which cannot be read here"));
  if (s->incompatible & QCOW2_EXTENDED_L2)
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("it has extended L2 entries, which cannot be read here"));
  if (s->incompatible & ~(QCOW2_DIRTY | QCOW2_CORRUPT | QCOW2_COMPRESSION))
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("it has features %#" PRIx64 ", which are not known here"),
                              s->incompatible & ~(QCOW2_DIRTY | QCOW2_CORRUPT | QCOW2_COMPRESSION));
  return TRUE;
}

static gboolean
load_v3 (Qcow2 *s, const guint8 *header, GError **error)
{
  s->incompatible = astern_be64 (header + QCOW2_HEADER_INCOMPATIBLE);
  s->compatible = astern_be64 (header + 80);
  s->autoclear = astern_be64 (header + QCOW2_HEADER_AUTOCLEAR);
  s->refcount_order = astern_be32 (header + 96);
  s->header_bytes = astern_be32 (header + 100);
  if (s->refcount_order > 6 || s->header_bytes < QCOW2_HEADER_V3_BYTES || s->header_bytes > s->cluster_size ||
      s->header_bytes % 8 != 0)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its header cannot be right"));
  if (!refuse_features (s, error))
    return FALSE;
  if (s->header_bytes > QCOW2_HEADER_COMPRESSION)
    s->zstd = header[QCOW2_HEADER_COMPRESSION] == 1;
  if (s->header_bytes > QCOW2_HEADER_COMPRESSION && header[QCOW2_HEADER_COMPRESSION] > 1)
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("it is compressed in a way that is not known here"));
  if (s->zstd != ((s->incompatible & QCOW2_COMPRESSION) != 0))
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its header contradicts itself about the compression"));
  return TRUE;
}

static gboolean
load_fields (Qcow2 *s, const guint8 *header, GError **error)
{
  s->version = astern_be32 (header + 4);
  s->cluster_bits = astern_be32 (header + 20);
  if (astern_be32 (header) != QCOW2_MAGIC || (s->version != 2 && s->version != 3))
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("it is no qcow2 of version 2 or 3"));
  if (s->cluster_bits < 9 || s->cluster_bits > 21)
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("its clusters have neither 512 bytes nor up to 2 MiB"));
  if (astern_be32 (header + 32) != 0)
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("it is encrypted, and cannot be read here"));
  s->cluster_size = G_GUINT64_CONSTANT (1) << s->cluster_bits;
  s->l2_bits = s->cluster_bits - 3;
  s->refcount_order = 4;
  s->header_bytes = QCOW2_HEADER_V2_BYTES;
  if (s->version >= 3 && !load_v3 (s, header, error))
    return FALSE;
  s->block_entries = s->cluster_size * 8 >> s->refcount_order;
  s->l1_size = astern_be32 (header + QCOW2_HEADER_L1_SIZE);
  s->l1_offset = astern_be64 (header + QCOW2_HEADER_L1_SIZE + 4);
  s->n_snapshots = astern_be32 (header + QCOW2_HEADER_N_SNAPSHOTS);
  s->snapshots_offset = astern_be64 (header + QCOW2_HEADER_SNAPSHOTS_OFFSET);
  return TRUE;
}

static gboolean
load_header (Qcow2 *s, GError **error)
{
  guint8 header[512];
  g_autofree guint8 *cluster = NULL;
  guint64 covered, name_offset;

  if (!astern_store_read (s->store, 0, header, sizeof header, error) || !load_fields (s, header, error))
    return FALSE;
  s->file->cluster_size = s->cluster_size;
  s->file->size = astern_be64 (header + QCOW2_HEADER_SIZE);
  s->file->dirty = (s->incompatible & QCOW2_DIRTY) != 0;
  s->file->corrupt = (s->incompatible & QCOW2_CORRUPT) != 0;
  covered = s->file->size >> s->cluster_bits >> s->l2_bits;
  if (s->file->size > ASTERN_IMAGE_MAX_SIZE ||
      covered + ((s->file->size & ((s->cluster_size << s->l2_bits) - 1)) != 0) > s->l1_size)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("its L1 table is too small for the disk"));
  if (s->n_snapshots > QCOW2_MAX_SNAPSHOTS)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("it has too many snapshots"));
  cluster = g_malloc (s->cluster_size);
  name_offset = astern_be64 (header + QCOW2_HEADER_BACKING_OFFSET);
  return astern_store_read (s->store, 0, cluster, s->cluster_size, error) &&
         load_extensions (s, cluster, name_offset != 0 ? MIN (name_offset, s->cluster_size) : s->cluster_size, error) &&
         load_backing_name (s, cluster, error) && load_reftable (s, header, error) &&
         qcow2_load_l1 (s, s->l1_offset, s->l1_size, &s->l1, error);
}

/* What was not closed is checked and put right; what others know besides is no longer true once we write. */
static gboolean
prepare_to_write (Qcow2 *s, GError **error)
{
  gboolean repairs = (s->file->flags & ASTERN_DISK_FILE_REPAIR) != 0;
  AsternDiskFileCheck result = { 0 };
  guint8 none[8] = { 0 };

  if (s->file->corrupt && !repairs)
    return astern_image_fail (error, G_IO_ERROR_INVALID_DATA,
                              _("it is marked as corrupt.  “astern img check -r all” may repair it; it can still be read"));
  if (!qcow2_find_metadata (s, error))
    return FALSE;
  if (s->autoclear != 0 && !repairs)
    {
      if (!qcow2_put_header (s, QCOW2_HEADER_AUTOCLEAR, none, sizeof none, error))
        return FALSE;
      s->autoclear = 0;
    }
  if (!s->file->dirty || repairs)
    return TRUE;
  return qcow2_check (s->file, ASTERN_REPAIR_LEAKS | ASTERN_REPAIR_ERRORS, NULL, NULL, &result, error) &&
         (result.corruptions == 0 ||
          astern_image_fail (error, G_IO_ERROR_INVALID_DATA, _("it was not closed, and could not be repaired")));
}

static void
clear_extension (gpointer extension)
{
  g_bytes_unref (((Qcow2Extension *) extension)->data);
}

static gboolean
qcow2_open (AsternDiskFile *file, GError **error)
{
  Qcow2 *s = g_new0 (Qcow2, 1);

  file->own = s;
  s->file = file;
  s->store = file->store;
  s->tables = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, qcow2_free_table);
  s->extensions = g_array_new (FALSE, FALSE, sizeof (Qcow2Extension));
  g_array_set_clear_func (s->extensions, clear_extension);
  s->frees = g_array_new (FALSE, FALSE, sizeof (guint64));
  return load_header (s, error) && (s->store->readonly || prepare_to_write (s, error));
}

static void
qcow2_close (AsternDiskFile *file)
{
  Qcow2 *s = file->own;

  if (s == NULL)
    return;
  qcow2_drop_snapshots (s);
  g_hash_table_unref (s->tables);
  g_clear_pointer (&s->metadata, g_hash_table_unref);
  g_array_unref (s->extensions);
  g_array_unref (s->frees);
  g_free (s->unpacked);
  g_free (s->l1);
  g_free (s->reftable);
  g_free (s);
}

static gboolean
qcow2_flush (AsternDiskFile *file, GError **error)
{
  Qcow2 *s = file->own;

  return file->corrupt || s == NULL || (qcow2_write_back (s, error) && astern_store_flush (s->store, error));
}

static void
append_extension (GByteArray *header, guint32 type, gconstpointer data, gsize size)
{
  guint8 head[8], padding[8] = { 0 };

  astern_put_be32 (head, type);
  astern_put_be32 (head + 4, (guint32) size);
  g_byte_array_append (header, head, sizeof head);
  g_byte_array_append (header, data, (guint) size);
  g_byte_array_append (header, padding, (guint) (-size & 7));
}

static void
append_feature_names (GByteArray *header)
{
  guint8 names[G_N_ELEMENTS (feature_names)][FEATURE_NAME_BYTES] = { { 0 } };

  for (gsize i = 0; i < G_N_ELEMENTS (feature_names); i++)
    {
      names[i][0] = feature_names[i].kind;
      names[i][1] = feature_names[i].bit;
      memcpy (names[i] + 2, feature_names[i].name, strlen (feature_names[i].name));
    }
  append_extension (header, EXTENSION_FEATURE_NAMES, names, sizeof names);
}

/* @header ends with its extensions but for the last: the rest of the cluster. */
static gboolean
end_header (GByteArray *header, guint64 cluster_size, const char *backing, const char *format, GError **error)
{
  gsize n = backing != NULL ? strlen (backing) : 0;

  if (backing != NULL && format != NULL)
    append_extension (header, EXTENSION_BACKING, format, strlen (format));
  append_extension (header, EXTENSION_END, "", 0);
  if (n > MAX_BACKING_NAME || header->len + n > cluster_size)
    return astern_image_fail (error, G_IO_ERROR_INVALID_ARGUMENT, _("The name of what the image is based on is too long."));
  astern_put_be64 (header->data + QCOW2_HEADER_BACKING_OFFSET, n > 0 ? header->len : 0);
  astern_put_be32 (header->data + QCOW2_HEADER_BACKING_OFFSET + 8, (guint32) n);
  if (n > 0)
    g_byte_array_append (header, (const guint8 *) backing, (guint) n);
  return TRUE;
}

static gboolean
qcow2_set_backing (AsternDiskFile *file, const char *name, const char *format, GError **error)
{
  Qcow2 *s = file->own;
  g_autoptr (GByteArray) header = g_byte_array_new ();
  guint old;

  if (!qcow2_flush (file, error))
    return FALSE;
  g_byte_array_set_size (header, s->header_bytes);
  if (!astern_store_read (s->store, 0, header->data, s->header_bytes, error))
    return FALSE;
  for (guint i = 0; i < s->extensions->len; i++)
    {
      const Qcow2Extension *extension = &g_array_index (s->extensions, Qcow2Extension, i);
      gsize size;
      gconstpointer data = g_bytes_get_data (extension->data, &size);

      append_extension (header, extension->type, data, size);
    }
  if (!end_header (header, s->cluster_size, name, format, error))
    return FALSE;
  old = header->len;
  g_byte_array_set_size (header, (guint) s->cluster_size);
  memset (header->data + old, 0, s->cluster_size - old);
  return astern_store_write (s->store, 0, header->data, header->len, error) && astern_store_flush (s->store, error);
}

/* An image of a disk of no size: header, refcount table, one refcount block. */
static gboolean
create_empty (AsternStore *store, const AsternDiskFileOptions *options, guint64 cluster_size, guint cluster_bits,
              guint refcount_order, GError **error)
{
  guint version = options->version != 0 ? options->version : 3;
  g_autoptr (GByteArray) header = g_byte_array_new ();
  g_autofree guint8 *tables = g_malloc0 (2 * cluster_size);

  g_byte_array_set_size (header, version == 2 ? QCOW2_HEADER_V2_BYTES : QCOW2_HEADER_OUR_BYTES);
  memset (header->data, 0, header->len);
  astern_put_be32 (header->data, QCOW2_MAGIC);
  astern_put_be32 (header->data + 4, version);
  astern_put_be32 (header->data + 20, cluster_bits);
  astern_put_be64 (header->data + QCOW2_HEADER_REFTABLE_OFFSET, cluster_size);
  astern_put_be32 (header->data + QCOW2_HEADER_REFTABLE_CLUSTERS, 1);
  if (version >= 3)
    {
      astern_put_be64 (header->data + QCOW2_HEADER_INCOMPATIBLE, options->zstd ? QCOW2_COMPRESSION : 0);
      astern_put_be64 (header->data + 80, options->lazy_refcounts ? QCOW2_LAZY : 0);
      astern_put_be32 (header->data + 96, refcount_order);
      astern_put_be32 (header->data + 100, QCOW2_HEADER_OUR_BYTES);
      header->data[QCOW2_HEADER_COMPRESSION] = options->zstd;
      if (cluster_size >= 2048)
        append_feature_names (header);
    }
  if (!end_header (header, cluster_size, options->backing, options->backing_format, error))
    return FALSE;
  astern_put_be64 (tables, 2 * cluster_size);
  /* The clusters 0, 1 and 2 are in use, once. */
  for (guint i = 0; i < 3; i++)
    if (refcount_order < 3)
      tables[cluster_size] |= (guint8) (1u << (i << refcount_order));
    else
      tables[cluster_size + ((i + 1) << refcount_order) / 8 - 1] = 1;
  if (refcount_order == 2)
    tables[cluster_size + 1] = 1, tables[cluster_size] = 0x11;
  return astern_store_write (store, 0, header->data, header->len, error) &&
         astern_store_write (store, cluster_size, tables, 2 * cluster_size, error);
}

static gboolean
check_options (const AsternDiskFileOptions *options, guint64 cluster_size, guint refcount_bits, GError **error)
{
  if (cluster_size < 512 || cluster_size > 2u << 20 || (cluster_size & (cluster_size - 1)) != 0)
    return astern_image_fail (error, G_IO_ERROR_INVALID_ARGUMENT, _("The size of clusters is a power of two from 512 to 2M."));
  if (options->version != 0 && options->version != 2 && options->version != 3)
    return astern_image_fail (error, G_IO_ERROR_INVALID_ARGUMENT, _("There are the versions 2 and 3 of qcow2."));
  if (refcount_bits == 0 || refcount_bits > 64 || (refcount_bits & (refcount_bits - 1)) != 0)
    return astern_image_fail (error, G_IO_ERROR_INVALID_ARGUMENT, _("Refcounts have 1, 2, 4, 8, 16, 32 or 64 bits."));
  if (options->version == 2 && (refcount_bits != 16 || options->lazy_refcounts || options->zstd))
    return astern_image_fail (error, G_IO_ERROR_INVALID_ARGUMENT,
                              _("Refcounts of another size than 16 bits, lazy refcounts and zstd need version 3 (compat=1.1)."));
  if (options->size > ASTERN_IMAGE_MAX_SIZE)
    return astern_image_fail (error, G_IO_ERROR_INVALID_ARGUMENT, _("The disk is too large."));
  return TRUE;
}

/* Borrows a store, so that a file can be closed without it. */
static gboolean
grow_new (AsternStore *store, const AsternDiskFileOptions *options, GError **error)
{
  AsternDiskFile file = { .format = &astern_qcow2_format, .store = store, .spec = store->name, .flags = ASTERN_DISK_FILE_WRITE };
  gboolean good = qcow2_open (&file, error) && qcow2_set_size (&file, options->size, error) &&
                  (options->preallocate == ASTERN_PREALLOCATE_OFF ||
                   qcow2_preallocate (&file, options->preallocate >= ASTERN_PREALLOCATE_FALLOC, error)) &&
                  qcow2_flush (&file, error);

  qcow2_close (&file);
  g_free (file.backing_name);
  g_free (file.backing_format);
  return good;
}

static gboolean
qcow2_create (AsternStore *store, const AsternDiskFileOptions *options, GError **error)
{
  guint64 cluster_size = options->cluster_size != 0 ? options->cluster_size : 65536;
  guint refcount_bits = options->refcount_bits != 0 ? options->refcount_bits : 16;

  if (!check_options (options, cluster_size, refcount_bits, error))
    return FALSE;
  if (options->preallocate != ASTERN_PREALLOCATE_OFF && options->backing != NULL)
    return astern_image_fail (error, G_IO_ERROR_INVALID_ARGUMENT,
                              _("What is allocated beforehand would hide the image that this one is based on."));
  return create_empty (store, options, cluster_size, (guint) g_bit_nth_lsf ((gulong) cluster_size, -1),
                       (guint) g_bit_nth_lsf (refcount_bits, -1), error) &&
         grow_new (store, options, error);
}

static gboolean
qcow2_empty (AsternDiskFile *file, GError **error)
{
  guint64 size = file->size;

  return qcow2_set_size (file, 0, error) && qcow2_set_size (file, size, error) && qcow2_flush (file, error);
}

static void
qcow2_details (AsternDiskFile *file, GVariantDict *details)
{
  const Qcow2 *s = file->own;

  g_variant_dict_insert (details, "compat", "s", s->version == 2 ? "0.10" : "1.1");
  g_variant_dict_insert (details, "compression-type", "s", s->zstd ? "zstd" : "zlib");
  g_variant_dict_insert (details, "refcount-bits", "t", (guint64) 1 << s->refcount_order);
  if (s->version < 3)
    return;
  g_variant_dict_insert (details, "lazy-refcounts", "b", (s->compatible & QCOW2_LAZY) != 0);
  g_variant_dict_insert (details, "corrupt", "b", file->corrupt);
  g_variant_dict_insert (details, "extended-l2", "b", FALSE);
}

const AsternImageFormat astern_qcow2_format = {
  .name = "qcow2", .probe = qcow2_probe, .open = qcow2_open, .close = qcow2_close, .extent = qcow2_extent,
  .read_packed = qcow2_read_packed, .write = qcow2_write, .zero = qcow2_zero, .flush = qcow2_flush,
  .resize = qcow2_resize, .empty = qcow2_empty, .write_packed = qcow2_write_packed, .create = qcow2_create, .set_backing = qcow2_set_backing,
  .check = qcow2_check, .details = qcow2_details, .snapshots = qcow2_snapshots, .snapshot_create = qcow2_snapshot_create,
  .snapshot_apply = qcow2_snapshot_apply, .snapshot_delete = qcow2_snapshot_delete, .snapshot_show = qcow2_snapshot_show,
};
