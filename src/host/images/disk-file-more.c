/* disk-file-more.c - what only tools ask of an image: making it, its details, check, snapshots, what it is based on. */
#include "config.h"

#include "host/images/image-format.h"

#include <glib/gi18n.h>

static gboolean
unsupported (AsternDiskFile *self, GError **error)
{
  return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("The format %s has no such thing; qcow2 has."), self->format->name);
}

gboolean
astern_image_create (AsternStore *store, const char *format, const AsternDiskFileOptions *options, GError **error)
{
  const AsternImageFormat *const makers[] = { &astern_raw_format, &astern_qcow2_format };

  for (gsize i = 0; i < G_N_ELEMENTS (makers); i++)
    if (g_str_equal (makers[i]->name, format))
      return makers[i]->create (store, options, error);
  return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("Images are made in the formats raw and qcow2, not in “%s”."), format);
}

gboolean
astern_disk_file_create (const char *spec, const char *format, const AsternDiskFileOptions *options, GError **error)
{
  g_autoptr (AsternStore) store = NULL;

  if (!g_str_equal (format, "raw") && !g_str_equal (format, "qcow2"))
    return astern_image_create (NULL, format, options, error);
  store = astern_store_create (spec, error);
  return store != NULL && astern_image_create (store, format, options, error) && astern_store_flush (store, error);
}

GVariant *
astern_disk_file_details (AsternDiskFile *self)
{
  g_auto (GVariantDict) details = G_VARIANT_DICT_INIT (NULL);

  if (self->format->details != NULL)
    self->format->details (self, &details);
  return g_variant_ref_sink (g_variant_dict_end (&details));
}

gboolean
astern_disk_file_check (AsternDiskFile *self, AsternRepair repair, void (*say) (gpointer user, const char *finding),
                        gpointer user, AsternDiskFileCheck *result, GError **error)
{
  *result = (AsternDiskFileCheck) { 0 };
  if (self->format->check == NULL)
    return astern_image_fail (error, G_IO_ERROR_NOT_SUPPORTED, _("There is nothing to check in a %s image."), self->format->name);
  return self->format->check (self, repair, say, user, result, error);
}

void
astern_disk_snapshot_free (AsternDiskSnapshot *snapshot)
{
  g_free (snapshot->id);
  g_free (snapshot->name);
  g_free (snapshot);
}

GPtrArray *
astern_disk_file_snapshots (AsternDiskFile *self, GError **error)
{
  g_autoptr (GPtrArray) snapshots = g_ptr_array_new_with_free_func ((GDestroyNotify) astern_disk_snapshot_free);

  if (self->format->snapshots != NULL && !self->format->snapshots (self, snapshots, error))
    return NULL;
  return g_steal_pointer (&snapshots);
}

/* An id wins over a name. */
static gboolean
find_snapshot (AsternDiskFile *self, const char *name, guint *index, GError **error)
{
  g_autoptr (GPtrArray) snapshots = astern_disk_file_snapshots (self, error);
  g_autofree char *shown = NULL;

  if (snapshots == NULL)
    return FALSE;
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < snapshots->len; i++)
      {
        const AsternDiskSnapshot *snapshot = g_ptr_array_index (snapshots, i);

        if (g_str_equal (pass == 0 ? snapshot->id : snapshot->name, name))
          {
            *index = i;
            return TRUE;
          }
      }
  shown = g_filename_display_name (self->spec);
  return astern_image_fail (error, G_IO_ERROR_NOT_FOUND, _("There is no snapshot “%s” in “%s”; “astern img snapshot -l” lists them."),
                            name, shown);
}

gboolean
astern_disk_file_snapshot_create (AsternDiskFile *self, const char *name, guint64 date_s, guint32 date_ns, GError **error)
{
  if (self->format->snapshot_create == NULL)
    return unsupported (self, error);
  return self->format->snapshot_create (self, name, date_s, date_ns, error);
}

gboolean
astern_disk_file_snapshot_apply (AsternDiskFile *self, const char *name, GError **error)
{
  guint index;

  if (self->format->snapshot_apply == NULL)
    return unsupported (self, error);
  return find_snapshot (self, name, &index, error) && self->format->snapshot_apply (self, index, error);
}

gboolean
astern_disk_file_snapshot_delete (AsternDiskFile *self, const char *name, GError **error)
{
  guint index;

  if (self->format->snapshot_delete == NULL)
    return unsupported (self, error);
  return find_snapshot (self, name, &index, error) && self->format->snapshot_delete (self, index, error);
}

gboolean
astern_disk_file_snapshot_show (AsternDiskFile *self, const char *name, GError **error)
{
  guint index;

  if (self->format->snapshot_show == NULL)
    return unsupported (self, error);
  g_return_val_if_fail (self->store->readonly, FALSE);
  return find_snapshot (self, name, &index, error) && self->format->snapshot_show (self, index, error);
}

gboolean
astern_disk_file_set_backing (AsternDiskFile *self, const char *name, const char *format, GError **error)
{
  if (self->format->set_backing == NULL)
    return unsupported (self, error);
  if (!self->format->set_backing (self, name, format, error))
    return FALSE;
  g_free (self->backing_name);
  g_free (self->backing_format);
  self->backing_name = g_strdup (name);
  self->backing_format = g_strdup (name != NULL ? format : NULL);
  return TRUE;
}

gboolean
astern_disk_file_empty (AsternDiskFile *self, GError **error)
{
  if (self->format->empty == NULL)
    return unsupported (self, error);
  return self->format->empty (self, error);
}

gboolean
astern_disk_file_open_backing (AsternDiskFile *self, const char *spec, const char *format, AsternDiskFileFlags flags,
                               GError **error)
{
  AsternDiskFile *backing = NULL;

  if (spec != NULL)
    {
      backing = astern_disk_file_open (spec, format, flags, error);
      if (backing == NULL)
        return FALSE;
    }
  if (self->backing != NULL)
    astern_disk_file_free (self->backing);
  self->backing = backing;
  return TRUE;
}

gboolean
astern_disk_file_write_compressed (AsternDiskFile *self, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  if (self->format->write_packed == NULL)
    return unsupported (self, error);
  g_return_val_if_fail (offset % self->cluster_size == 0 && size <= self->cluster_size, FALSE);
  return self->format->write_packed (self, offset, data, size, error);
}
