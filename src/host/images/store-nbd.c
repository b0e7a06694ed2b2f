/* store-nbd.c - an image in an NBD server's export, by libnbd.
 * Source: libnbd(3); the names are those of QEMU: nbd:HOST:PORT[:exportname=NAME], nbd:unix:PATH[:exportname=NAME],
 * and NBD URIs (the NBD project's doc/uri.md). */
#include "config.h"

#include "host/images/store.h"

#include <libnbd.h>
#include <string.h>

#include <glib/gi18n.h>

#define AT_ONCE (8u << 20)        /* servers take 32 MiB at least */

typedef struct
{
  AsternStore        parent;
  struct nbd_handle *nbd;
  gboolean           flushes, zeroes, has_status;
} NbdStore;

static gboolean
nbd_fail (AsternStore *store, const char *format, GError **error)
{
  g_autofree char *shown = g_filename_display_name (store->name);
  g_autofree char *message = NULL;
  const char *reason = nbd_get_error ();

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  message = g_strdup_printf (format, shown, reason != NULL ? reason : "?");
#pragma GCC diagnostic pop
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, message);
  return FALSE;
}

static gboolean
nbd_store_read (AsternStore *store, guint64 offset, gpointer data, gsize size, GError **error)
{
  for (gsize done = 0; done < size; done += MIN (size - done, AT_ONCE))
    if (nbd_pread (((NbdStore *) store)->nbd, (guint8 *) data + done, MIN (size - done, AT_ONCE), offset + done, 0) != 0)
      return nbd_fail (store, _("Cannot read “%s”: %s."), error);
  return TRUE;
}

static gboolean
nbd_store_write (AsternStore *store, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  for (gsize done = 0; done < size; done += MIN (size - done, AT_ONCE))
    if (nbd_pwrite (((NbdStore *) store)->nbd, (const guint8 *) data + done, MIN (size - done, AT_ONCE), offset + done, 0) != 0)
      return nbd_fail (store, _("Cannot write “%s”: %s."), error);
  return TRUE;
}

static gboolean
nbd_store_zero (AsternStore *store, guint64 offset, guint64 size, GError **error)
{
  static const guint8 zeros[65536];
  NbdStore *self = (NbdStore *) store;
  guint64 n;

  for (guint64 done = 0; done < size; done += n)
    {
      n = MIN (size - done, self->zeroes ? AT_ONCE : sizeof zeros);
      if ((self->zeroes ? nbd_zero (self->nbd, n, offset + done, 0) : nbd_pwrite (self->nbd, zeros, n, offset + done, 0)) != 0)
        return nbd_fail (store, _("Cannot write “%s”: %s."), error);
    }
  return TRUE;
}

static gboolean
nbd_store_flush (AsternStore *store, GError **error)
{
  NbdStore *self = (NbdStore *) store;

  return !self->flushes || nbd_flush (self->nbd, 0) == 0 || nbd_fail (store, _("Cannot flush “%s”: %s."), error);
}

typedef struct { guint64 size; gboolean hole, seen; } Status;

/* The first entry says what comes first. */
static int
take_status (void *user, const char *context, uint64_t offset, uint32_t *entries, size_t n, int *error)
{
  Status *status = user;

  if (strcmp (context, LIBNBD_CONTEXT_BASE_ALLOCATION) == 0 && n >= 2 && !status->seen)
    {
      status->seen = TRUE;
      status->size = entries[0];
      status->hole = (entries[1] & LIBNBD_STATE_ZERO) != 0;
    }
  return 0;
}

static void
nbd_store_extent (AsternStore *store, guint64 offset, guint64 *size, gboolean *hole)
{
  NbdStore *self = (NbdStore *) store;
  Status status = { 0 };
  nbd_extent_callback callback = { .callback = take_status, .user_data = &status };

  if (!self->has_status ||
      nbd_block_status (self->nbd, MIN (*size, 1u << 30), offset, callback, LIBNBD_CMD_FLAG_REQ_ONE) != 0 ||
      !status.seen || status.size == 0)
    return;
  *size = MIN (*size, status.size);
  *hole = status.hole;
}

static void
nbd_store_free (AsternStore *store)
{
  NbdStore *self = (NbdStore *) store;

  if (self->nbd != NULL)
    nbd_shutdown (self->nbd, 0);
  nbd_close (self->nbd);
  g_free (self);
}

static const AsternStoreClass nbd_class = {
  .kind = "nbd", .read = nbd_store_read, .write = nbd_store_write, .zero = nbd_store_zero, .flush = nbd_store_flush,
  .extent = nbd_store_extent, .free = nbd_store_free,
};

/* "nbd:…" in QEMU's older words; a URI is one already. */
static char *
to_uri (const char *spec, GError **error)
{
  const char *rest = spec + strlen ("nbd:"), *name = strstr (spec, ":exportname=");
  g_autofree char *where = NULL, *export_name = NULL, *socket = NULL;

  if (!g_str_has_prefix (spec, "nbd:") || g_str_has_prefix (spec, "nbd://"))
    return g_strdup (spec);
  where = name != NULL ? g_strndup (rest, (gsize) (name - rest)) : g_strdup (rest);
  export_name = g_uri_escape_string (name != NULL ? name + strlen (":exportname=") : "", "/", FALSE);
  if (g_str_has_prefix (where, "unix:"))
    {
      socket = g_uri_escape_string (where + strlen ("unix:"), "/", FALSE);
      return g_strdup_printf ("nbd+unix:///%s?socket=%s", export_name, socket);
    }
  if (strrchr (where, ':') == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("“%s” names no NBD server; write nbd:HOST:PORT[:exportname=NAME], nbd:unix:PATH[:exportname=NAME] or an NBD URI."), spec);
      return NULL;
    }
  return g_strdup_printf ("nbd://%s/%s", where, export_name);
}

AsternStore *
astern_store_nbd (const char *spec, AsternStoreFlags flags, GError **error)
{
  g_autofree char *uri = to_uri (spec, error);
  NbdStore *self;
  g_autoptr (AsternStore) store = NULL;
  gint64 size;

  if (uri == NULL)
    return NULL;
  self = g_new0 (NbdStore, 1);
  store = &self->parent;
  self->parent.klass = &nbd_class;
  self->parent.name = g_strdup (spec);
  self->parent.readonly = !(flags & ASTERN_STORE_WRITE);
  self->nbd = nbd_create ();
  if (self->nbd == NULL)
    {
      nbd_fail (store, _("Cannot open “%s”: %s."), error);
      return NULL;
    }
  nbd_add_meta_context (self->nbd, LIBNBD_CONTEXT_BASE_ALLOCATION);
  nbd_set_uri_allow_local_file (self->nbd, true);        /* keys of TLS */
  if (nbd_connect_uri (self->nbd, uri) != 0 || (size = nbd_get_size (self->nbd)) < 0)
    {
      nbd_fail (store, _("Cannot open “%s”: %s."), error);
      return NULL;
    }
  self->parent.size = (guint64) size;
  self->flushes = nbd_can_flush (self->nbd) == 1;
  self->zeroes = nbd_can_zero (self->nbd) == 1;
  self->has_status = nbd_can_meta_context (self->nbd, LIBNBD_CONTEXT_BASE_ALLOCATION) == 1;
  if (!self->parent.readonly && nbd_is_read_only (self->nbd) == 1)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY, _("“%s” can only be read: its server says so."), spec);
      return NULL;
    }
  return g_steal_pointer (&store);
}
