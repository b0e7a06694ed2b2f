/* remote.c - see remote.h. */
#include "config.h"

#include "host/remote/remote.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n.h>
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
