/* remote.c - see remote.h. */
#include "config.h"

#include "host/remote/remote.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
astern_remote_spec_clear (AsternRemoteSpec *spec)
{
  g_free (spec->host);
  g_free (spec->path);
  g_free (spec->secret);
  *spec = (AsternRemoteSpec) { 0 };
}

static GSocket *
try_to_listen (GSocketAddress *address, GSocketFamily family, GError **error)
{
  g_autoptr (GSocket) listening = g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);

  if (listening == NULL || !g_socket_bind (listening, address, TRUE, error) || !g_socket_listen (listening, error))
    return NULL;
  return g_steal_pointer (&listening);
}

/* A socket that nobody listens at any more is in the way. */
static GSocket *
listen_at_path (const char *path, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  struct stat status;

  if (lstat (path, &status) == 0 && S_ISSOCK (status.st_mode))
    unlink (path);
  return try_to_listen (address, G_SOCKET_FAMILY_UNIX, error);
}

/* By number, by name, or with none all of this host's. */
static GInetAddress *
resolve (const char *host, GError **error)
{
  GInetAddress *address = NULL;
  g_autoptr (GResolver) resolver = NULL;
  GList *found;

  if (host == NULL || *host == '\0')
    return g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  address = g_inet_address_new_from_string (host);
  if (address != NULL)
    return address;
  resolver = g_resolver_get_default ();
  found = g_resolver_lookup_by_name (resolver, host, NULL, error);
  if (found == NULL)
    return NULL;
  address = g_object_ref (found->data);
  g_resolver_free_addresses (found);
  return address;
}

GSocket *
astern_remote_listen (const AsternRemoteSpec *spec, guint16 *port, GError **error)
{
  g_autoptr (GInetAddress) host = NULL;
  GSocket *listening = NULL;

  *port = 0;
  if (spec->path != NULL)
    return listen_at_path (spec->path, error);
  host = resolve (spec->host, error);
  if (host == NULL)
    return NULL;
  for (guint n = spec->port; listening == NULL && n <= MAX (spec->port, spec->last_port); n++)
    {
      g_autoptr (GSocketAddress) address = g_inet_socket_address_new (host, (guint16) n);

      g_clear_error (error);
      listening = try_to_listen (address, g_inet_address_get_family (host), error);
      *port = (guint16) n;
    }
  return listening;
}

gboolean
astern_remote_keep (AsternPicture *kept, const AsternPicture *picture, guint first, guint end, guint *changed_first, guint *changed_end)
{
  if (picture->width == 0 || picture->height == 0)
    return FALSE;
  if (kept->width != picture->width || kept->height != picture->height || kept->pixels == NULL)
    {
      astern_picture_clear (kept);
      astern_picture_resize (kept, picture->width, picture->height);
      first = *changed_first = 0;
      end = *changed_end = picture->height;
    }
  if (first >= end)
    return FALSE;
  for (guint y = first; y < end; y++)
    memcpy (astern_picture_row (kept, y), astern_picture_row (picture, y), picture->width * sizeof (guint32));
  *changed_first = *changed_first == *changed_end ? first : MIN (*changed_first, first);
  *changed_end = MAX (*changed_end, end);
  return TRUE;
}

char *
astern_remote_address (gconstpointer sockaddr, gsize size)
{
  g_autoptr (GSocketAddress) address = g_socket_address_new_from_native ((gpointer) sockaddr, size);
  g_autofree char *host = NULL;

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return g_strdup ("unix");
  host = g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host,
                          g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
}

void
astern_remote_append_place (GString *text, const AsternRemoteSpec *spec, guint16 port)
{
  if (spec->path != NULL)
    g_string_append_printf (text, "unix:%s", spec->path);
  else
    g_string_append_printf (text, "%s:%u", spec->host != NULL && *spec->host != '\0' ? spec->host : "*", port);
}
