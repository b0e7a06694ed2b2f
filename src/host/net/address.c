/* address.c - socket addresses as network back ends are given them.
 * Source: QEMU's manual, "-netdev stream" and "-netdev dgram".
 * Left out: addr.type=fd and vsock. */
#include "config.h"

#include "host/net/address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include <glib/gi18n.h>

gboolean
astern_net_address_split (const char *text, char **host, guint16 *port)
{
  const char *colon = strrchr (text, ':');
  guint64 number;

  if (colon == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT16, &number, NULL))
    return FALSE;
  *port = (guint16) number;
  *host = text[0] == '[' && colon > text + 1 && colon[-1] == ']' ? g_strndup (text + 1, (gsize) (colon - text - 2))
                                                                   : g_strndup (text, (gsize) (colon - text));
  return TRUE;
}

gboolean
astern_net_address_lookup (const char *host, guint16 port, gboolean datagram, gboolean passive, AsternNetAddress *address,
                           GError **error)
{
  struct addrinfo hints = { .ai_socktype = datagram ? SOCK_DGRAM : SOCK_STREAM, .ai_flags = passive ? AI_PASSIVE : 0,
                            .ai_family = host[0] == '\0' ? AF_INET : AF_UNSPEC };
  struct addrinfo *found = NULL;
  g_autofree char *service = g_strdup_printf ("%u", port);
  int failed = getaddrinfo (host[0] != '\0' ? host : NULL, service, &hints, &found);

  if (failed != 0)
    return astern_net_fail (error, ASTERN_NET_ERROR_HOST, _("The address “%s:%u” cannot be found: %s."), host, port, gai_strerror (failed));
  memcpy (&address->address, found->ai_addr, found->ai_addrlen);
  address->length = found->ai_addrlen;
  address->text = g_strdup_printf ("%s:%u", host, port);
  freeaddrinfo (found);
  return TRUE;
}

static const char *
part (const AsternNetSpec *spec, const char *prefix, const char *name)
{
  g_autofree char *whole = g_strconcat (prefix, name, NULL);

  return astern_net_spec_get (spec, whole);
}

gboolean
astern_net_address_check (const AsternNetSpec *spec, const char *prefix, GError **error)
{
  const char *type = part (spec, prefix, "type"), *host = part (spec, prefix, "host"), *port = part (spec, prefix, "port");
  const char *path = part (spec, prefix, "path");
  guint64 number;

  if (g_strcmp0 (type, "inet") == 0)
    {
      if (host != NULL && port != NULL && g_ascii_string_to_unsigned (port, 10, 0, G_MAXUINT16, &number, NULL))
        return TRUE;
      return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("An address of the type “inet” needs %shost and %sport, a number."), prefix, prefix);
    }
  if (g_strcmp0 (type, "unix") == 0)
    {
      if (path != NULL && path[0] != '\0' && strlen (path) < sizeof ((struct sockaddr_un *) NULL)->sun_path)
        return TRUE;
      return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("An address of the type “unix” needs %spath, of at most 107 bytes."), prefix);
    }
  if (g_strcmp0 (type, "fd") == 0 || g_strcmp0 (type, "vsock") == 0)
    return astern_net_fail (error, ASTERN_NET_ERROR_UNAVAILABLE, _("Addresses of the type “%s” are not there; there are inet and unix."), type);
  return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("“%stype” is inet or unix."), prefix);
}

gboolean
astern_net_address_of_spec (const AsternNetSpec *spec, const char *prefix, gboolean datagram, gboolean passive,
                            AsternNetAddress *address, GError **error)
{
  const char *path = part (spec, prefix, "path");
  struct sockaddr_un un = { .sun_family = AF_UNIX };
  gsize length;

  if (!astern_net_address_check (spec, prefix, error))
    return FALSE;
  if (g_str_equal (part (spec, prefix, "type"), "inet"))
    return astern_net_address_lookup (part (spec, prefix, "host"), (guint16) g_ascii_strtoull (part (spec, prefix, "port"), NULL, 10),
                                      datagram, passive, address, error);
  length = strlen (path);
  if (g_strcmp0 (part (spec, prefix, "abstract"), "on") == 0)
    {
      memcpy (un.sun_path + 1, path, MIN (length, sizeof un.sun_path - 1));
      address->length = (socklen_t) (G_STRUCT_OFFSET (struct sockaddr_un, sun_path) + 1 + MIN (length, sizeof un.sun_path - 1));
    }
  else
    {
      memcpy (un.sun_path, path, length);
      address->length = sizeof un;
    }
  memcpy (&address->address, &un, sizeof un);
  address->text = g_strdup_printf ("unix:%s", path);
  return TRUE;
}

void
astern_net_address_clear (AsternNetAddress *address)
{
  g_free (address->text);
  memset (address, 0, sizeof *address);
}
