/* chardev-spec.c - parsing of -serial and its like.
 * Source: QEMU's manual, "-serial dev" and "-chardev".
 * Left out: COM ports, parallel ports, telnet, udp, websockets. */
#include "config.h"

#include "host/chardev.h"

#include <string.h>

#include <glib/gi18n.h>

void
astern_chardev_spec_clear (AsternChardevSpec *spec)
{
  g_clear_pointer (&spec->path, g_free);
  g_clear_pointer (&spec->host, g_free);
  g_clear_pointer (&spec->name, g_free);
}

static gboolean
parse_switch (const char *value, gboolean *result)
{
  if (g_str_equal (value, "on") || g_str_equal (value, "yes"))
    *result = TRUE;
  else if (g_str_equal (value, "off") || g_str_equal (value, "no"))
    *result = FALSE;
  else
    return FALSE;
  return TRUE;
}

/* ",server,nowait", ",server=on,wait=off". */
static gboolean
parse_socket_options (const char *whole, char **options, AsternChardevSpec *spec, GError **error)
{
  for (; *options != NULL; options++)
    {
      g_auto (GStrv) pair = g_strsplit (*options, "=", 2);
      const char *value = pair[0] != NULL && pair[1] != NULL ? pair[1] : "on";
      gboolean on, ignored;

      if (g_strcmp0 (pair[0], "nodelay") == 0 && parse_switch (value, &ignored))
        continue;   /* always so */
      if (g_strcmp0 (pair[0], "server") == 0 && parse_switch (value, &on))
        spec->server = on;
      else if (g_strcmp0 (pair[0], "wait") == 0 && parse_switch (value, &on))
        spec->nowait = !on;
      else if (g_strcmp0 (pair[0], "nowait") == 0 && parse_switch (value, &on))
        spec->nowait = on;
      else
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       _("“%s” in “%s” is not known; a socket takes “server”, “nowait” and “nodelay”."),
                       *options, whole);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
parse_tcp (const char *whole, const char *address, AsternChardevSpec *spec, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (address, ",", -1);
  const char *colon = parts[0] != NULL ? strrchr (parts[0], ':') : NULL;
  guint64 port;

  if (colon == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 1, 65535, &port, NULL))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("“%s” needs a host and a port from 1 to 65535, as in “tcp:localhost:4444,server,nowait”."), whole);
      return FALSE;
    }
  spec->kind = ASTERN_CHARDEV_SOCKET;
  if (parts[0][0] == '[' && colon > parts[0] + 1 && colon[-1] == ']')   /* [::1]:4444 */
    spec->host = g_strndup (parts[0] + 1, (gsize) (colon - parts[0]) - 2);
  else
    spec->host = g_strndup (parts[0], (gsize) (colon - parts[0]));
  spec->port = (guint16) port;
  return parse_socket_options (whole, parts + 1, spec, error);
}

static gboolean
parse_unix (const char *whole, const char *address, AsternChardevSpec *spec, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (address, ",", -1);

  if (parts[0] == NULL || parts[0][0] == '\0' || strlen (parts[0]) > 107)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("“%s” needs a path of at most 107 bytes, as in “unix:/tmp/serial,server,nowait”."), whole);
      return FALSE;
    }
  spec->kind = ASTERN_CHARDEV_SOCKET;
  spec->is_unix = TRUE;
  spec->path = g_strdup (parts[0]);
  return parse_socket_options (whole, parts + 1, spec, error);
}

static gboolean
parse_file (const char *whole, const char *path, AsternChardevSpec *spec, GError **error)
{
  if (path[0] == '\0')
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("“%s” needs a path, as in “file:serial.log”."), whole);
      return FALSE;
    }
  spec->kind = ASTERN_CHARDEV_FILE;
  spec->path = g_strdup (path);
  return TRUE;
}

/* "spicevmc,name=vdagent" and the other inner ones.  FALSE without error: it is none of them. */
static gboolean
parse_inner (const char *whole, AsternChardevSpec *spec, GError **error)
{
  static const struct { const char *word; AsternChardevKind kind; const char *names; } kinds[] = {
    { "spicevmc", ASTERN_CHARDEV_SPICEVMC, "vdagent usbredir" },
    { "spiceport", ASTERN_CHARDEV_SPICEPORT, NULL },
    { "qemu-vdagent", ASTERN_CHARDEV_VDAGENT, NULL },
  };
  g_auto (GStrv) items = g_strsplit (whole, ",", -1);
  const char *names = NULL;
  gboolean mouse = FALSE, found = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (items[0], kinds[i].word) == 0)
      {
        spec->kind = kinds[i].kind;
        names = kinds[i].names;
        found = TRUE;
      }
  if (!found)
    return FALSE;
  for (guint i = 1; items[i] != NULL; i++)
    {
      gboolean agent = spec->kind == ASTERN_CHARDEV_VDAGENT;

      if (g_str_has_prefix (items[i], "name=") && !agent)
        {
          g_free (spec->name);
          spec->name = g_strdup (items[i] + 5);
        }
      else if (!(g_str_has_prefix (items[i], "clipboard=") && agent && parse_switch (items[i] + 10, &spec->clipboard)) &&
               !(g_str_has_prefix (items[i], "mouse=") && agent && parse_switch (items[i] + 6, &mouse)) && !g_str_has_prefix (items[i], "debug="))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“%s” in “%s” is not known; spicevmc and spiceport take “name”, "
                       "qemu-vdagent “clipboard” and “mouse”."), items[i], whole);
          return FALSE;
        }
    }
  if (mouse)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“mouse=on” in “%s” is not there: a “-device usb-tablet” hears where a "
                   "VNC client points."), whole);
      return FALSE;
    }
  if (spec->kind != ASTERN_CHARDEV_VDAGENT && (spec->name == NULL || *spec->name == '\0'))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“%s” needs “name=”, as in “spicevmc,id=agent,name=vdagent”."), whole);
      return FALSE;
    }
  if (names != NULL)
    {
      g_auto (GStrv) known = g_strsplit (names, " ", -1);

      if (!g_strv_contains ((const char *const *) known, spec->name))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("A spicevmc is not called “%s”; there are vdagent and usbredir."), spec->name);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
astern_chardev_spec_parse (const char *text, AsternChardevSpec *spec, GError **error)
{
  const char *rest = text;
  GError *failed = NULL;

  memset (spec, 0, sizeof *spec);
  if (parse_inner (text, spec, &failed))
    return TRUE;
  if (failed != NULL)
    {
      g_propagate_error (error, failed);
      astern_chardev_spec_clear (spec);
      return FALSE;
    }
  if (g_str_has_prefix (rest, "mon:"))
    {
      spec->monitor = TRUE;
      rest += strlen ("mon:");
      if (!g_str_equal (rest, "stdio"))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       _("“%s” is not there: only “mon:stdio” can be shared with the monitor."), text);
          return FALSE;
        }
    }
  if (g_str_equal (rest, "null") || g_str_equal (rest, "none"))
    spec->kind = ASTERN_CHARDEV_NULL;
  else if (g_str_equal (rest, "stdio"))
    spec->kind = ASTERN_CHARDEV_STDIO;
  else if (g_str_equal (rest, "pty"))
    spec->kind = ASTERN_CHARDEV_PTY;
  else if (g_str_has_prefix (rest, "file:"))
    return parse_file (text, rest + strlen ("file:"), spec, error);
  else if (g_str_has_prefix (rest, "tcp:"))
    {
      if (parse_tcp (text, rest + strlen ("tcp:"), spec, error))
        return TRUE;
      astern_chardev_spec_clear (spec);
      return FALSE;
    }
  else if (g_str_has_prefix (rest, "unix:"))
    {
      if (parse_unix (text, rest + strlen ("unix:"), spec, error))
        return TRUE;
      astern_chardev_spec_clear (spec);
      return FALSE;
    }
  else if (g_str_equal (rest, "vc") || g_str_has_prefix (rest, "vc:"))   /* the size that may follow is the window's */
    spec->kind = ASTERN_CHARDEV_VC;
  else
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("“%s” is not a place for characters; there are null, stdio, mon:stdio, file:PATH, pty, vc, "
                     "tcp:HOST:PORT[,server][,nowait], unix:PATH[,server][,nowait], spicevmc, spiceport and qemu-vdagent."), text);
      return FALSE;
    }
  return TRUE;
}
