/* store.c - what all kinds of stores have in common: bounds, holes, names.
 * Source: the schemes are those of QEMU's file names. */
#include "config.h"

#include "host/images/store.h"

#include <string.h>

#include <glib/gi18n.h>

#define ZEROS_AT_ONCE 65536

typedef struct
{
  const char  *scheme;
  AsternStore *(*open) (const char *spec, AsternStoreFlags flags, GError **error);
  gboolean     whole;        /* takes the scheme as well */
} Scheme;

static const Scheme schemes[] = {
  { "file:",       astern_store_file, FALSE },
  { "fat:",        astern_store_fat,  FALSE },
  { "nbd:",        astern_store_nbd,  TRUE },
  { "nbds:",       astern_store_nbd,  TRUE },
  { "nbd+unix:",   astern_store_nbd,  TRUE },
  { "nbds+unix:",  astern_store_nbd,  TRUE },
  { "nbd+vsock:",  astern_store_nbd,  TRUE },
  { "nbds+vsock:", astern_store_nbd,  TRUE },
};

/* What other programs open by themselves, and we through NBD. */
static const char *const foreign_schemes[] = {
  "http:", "https:", "ftp:", "ftps:", "ssh:", "sftp:", "rbd:", "iscsi:", "gluster:", "gluster+tcp:", "nfs:", "sheepdog:",
  "json:", "blkdebug:", "vxhs:", "fd:", "host_device:", "host_cdrom:",
};

static const Scheme *
find_scheme (const char *spec)
{
  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_str_has_prefix (spec, schemes[i].scheme))
      return &schemes[i];
  return NULL;
}

static const char *
find_foreign_scheme (const char *spec)
{
  for (gsize i = 0; i < G_N_ELEMENTS (foreign_schemes); i++)
    if (g_str_has_prefix (spec, foreign_schemes[i]))
      return foreign_schemes[i];
  return NULL;
}

gboolean
astern_store_has_scheme (const char *spec)
{
  return find_scheme (spec) != NULL || find_foreign_scheme (spec) != NULL;
}

AsternStore *
astern_store_open (const char *spec, AsternStoreFlags flags, GError **error)
{
  const Scheme *scheme = find_scheme (spec);

  if (scheme != NULL)
    return scheme->open (scheme->whole ? spec : spec + strlen (scheme->scheme), flags, error);
  if (find_foreign_scheme (spec) != NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _("There is no “%s” here; a server such as nbdkit or qemu-nbd makes an “nbd:” of it. "
                     "A file of that name is “./%s”."),
                   find_foreign_scheme (spec), spec);
      return NULL;
    }
  return astern_store_file (spec, flags, error);
}

void
astern_store_free (AsternStore *store)
{
  char *name;

  if (store == NULL)
    return;
  name = store->name;
  store->klass->free (store);
  g_free (name);
}

gboolean
astern_store_fail (AsternStore *store, const char *format, int number, GError **error)
{
  g_autofree char *shown = g_filename_display_name (store->name);
  g_autofree char *message = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  message = g_strdup_printf (format, shown, g_strerror (number));
#pragma GCC diagnostic pop
  g_set_error_literal (error, G_IO_ERROR, (int) g_io_error_from_errno (number), message);
  return FALSE;
}

static gboolean
refuse_write (AsternStore *store, GError **error)
{
  g_autofree char *shown = g_filename_display_name (store->name);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY, _("“%s” was opened to be read only."), shown);
  return FALSE;
}

gboolean
astern_store_read (AsternStore *store, guint64 offset, gpointer data, gsize size, GError **error)
{
  gsize inside = offset >= store->size ? 0 : (gsize) MIN (store->size - offset, size);

  memset ((guint8 *) data + inside, 0, size - inside);
  return inside == 0 || store->klass->read (store, offset, data, inside, error);
}

gboolean
astern_store_write (AsternStore *store, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  if (store->readonly)
    return refuse_write (store, error);
  if (offset > G_MAXINT64 || size > G_MAXINT64 - offset ||
      (offset + size > store->size && store->klass->resize == NULL))
    {
      g_autofree char *shown = g_filename_display_name (store->name);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, _("“%s” is full, and cannot grow."), shown);
      return FALSE;
    }
  if (!store->klass->write (store, offset, data, size, error))
    return FALSE;
  store->size = MAX (store->size, offset + size);
  return TRUE;
}

gboolean
astern_store_zero (AsternStore *store, guint64 offset, guint64 size, GError **error)
{
  static const guint8 zeros[ZEROS_AT_ONCE];

  if (store->readonly)
    return refuse_write (store, error);
  if (offset >= store->size)
    return TRUE;
  size = MIN (size, store->size - offset);
  if (store->klass->zero != NULL)
    return store->klass->zero (store, offset, size, error);
  for (guint64 done = 0; done < size; done += ZEROS_AT_ONCE)
    if (!store->klass->write (store, offset + done, zeros, (gsize) MIN (size - done, ZEROS_AT_ONCE), error))
      return FALSE;
  return TRUE;
}

gboolean
astern_store_resize (AsternStore *store, guint64 size, GError **error)
{
  if (store->readonly)
    return refuse_write (store, error);
  if (size == store->size)
    return TRUE;
  if (store->klass->resize == NULL)
    {
      g_autofree char *shown = g_filename_display_name (store->name);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("The size of “%s” cannot be changed."), shown);
      return FALSE;
    }
  if (!store->klass->resize (store, size, error))
    return FALSE;
  store->size = size;
  return TRUE;
}

gboolean
astern_store_flush (AsternStore *store, GError **error)
{
  return store->readonly || store->klass->flush == NULL || store->klass->flush (store, error);
}

void
astern_store_extent (AsternStore *store, guint64 offset, guint64 *size, gboolean *hole)
{
  *hole = offset >= store->size;
  *size = *hole ? G_MAXUINT64 - offset : store->size - offset;
  if (!*hole && store->klass->extent != NULL)
    store->klass->extent (store, offset, size, hole);
}

guint64
astern_store_room (AsternStore *store)
{
  return store->klass->room != NULL ? store->klass->room (store) : store->size;
}
