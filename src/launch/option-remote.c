/* option-remote.c - -vnc and -spice: where the screen is seen from elsewhere.
 * Source: QEMU's manual, "Display options". */
#include "config.h"

#include "launch/option-parsers.h"

#include <string.h>

#include "host/file.h"
#include "launch/suboptions.h"

#include <glib/gi18n.h>

#define VNC_FIRST_PORT 5900
#define MAX_SECRET     256

static gboolean
usage (GError **error, const char *name, const char *message)
{
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, "%s: %s", name, message);
  return FALSE;
}

/* The first line of a file, so that a password need not stand on a command line. */
static gboolean
read_secret (AsternRemoteSpec *spec, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = astern_file_read (path, _("password"), MAX_SECRET, error);
  gsize size;
  const char *text;

  if (bytes == NULL)
    return FALSE;
  text = g_bytes_get_data (bytes, &size);
  g_free (spec->secret);
  spec->secret = g_strndup (text, size);
  spec->secret[strcspn (spec->secret, "\r\n")] = '\0';
  spec->password = TRUE;
  return TRUE;
}

static gboolean
is_one_of (const char *word, const char *const *words)
{
  return g_strv_contains (words, word);
}

/* ---- -vnc ---- */

/* "unix:PATH", ":N", "HOST:N" */
static gboolean
parse_vnc_place (AsternRemoteSpec *spec, const char *name, const char *place, GError **error)
{
  const char *colon = strrchr (place, ':');
  guint64 display;

  if (g_str_has_prefix (place, "unix:"))
    {
      spec->path = g_strdup (place + 5);
      return *spec->path != '\0' || usage (error, name, _("“unix:” is followed by the path of a socket."));
    }
  if (colon == NULL)
    return usage (error, name, _("a display is “:N”, “HOST:N”, “unix:PATH” or “none”."));
  if (!astern_parse_number (colon + 1, name, 0, 65535 - VNC_FIRST_PORT, &display, error))
    return FALSE;
  spec->host = place[0] == '[' && colon > place && colon[-1] == ']' ? g_strndup (place + 1, (gsize) (colon - place) - 2)
                                                                    : g_strndup (place, (gsize) (colon - place));
  spec->port = spec->last_port = (guint16) (VNC_FIRST_PORT + display);
  return TRUE;
}

static gboolean
set_vnc (AsternRemoteSpec *spec, const char *name, const AsternSuboption *item, GError **error)
{
  static const char *const accepted[] = { "share", "lossy", "non-adaptive", "key-delay-ms", "power-control", "connections", NULL };
  guint64 last;

  if (g_str_equal (item->key, "password"))
    return astern_suboption_switch (item, name, &spec->password, error);
  if (g_str_equal (item->key, "password-file"))
    return read_secret (spec, item->value, error);
  if (g_str_equal (item->key, "to"))
    {
      if (!astern_suboption_number (item, name, 0, 65535 - VNC_FIRST_PORT, &last, error))
        return FALSE;
      spec->last_port = (guint16) (VNC_FIRST_PORT + last);
      return TRUE;
    }
  if (is_one_of (item->key, accepted))
    return TRUE;
  return astern_suboption_unknown (item, name, "to, password, password-file, share", error), FALSE;
}

gboolean
astern_option_vnc (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  AsternRemoteSpec *spec = &options->vnc;
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "vnc");

  astern_remote_spec_clear (spec);
  if (items->len == 0 || g_str_equal (g_array_index (items, AsternSuboption, 0).value, "none"))
    return TRUE;
  if (!parse_vnc_place (spec, name, g_array_index (items, AsternSuboption, 0).value, error))
    return FALSE;
  for (guint i = 1; i < items->len; i++)
    if (!set_vnc (spec, name, &g_array_index (items, AsternSuboption, i), error))
      return FALSE;
  spec->given = TRUE;
  return TRUE;
}

/* ---- -spice ---- */

typedef struct
{
  gboolean is_unix, open;
} SpiceSwitches;

static gboolean
set_spice (AsternRemoteSpec *spec, SpiceSwitches *switches, const char *name, const AsternSuboption *item, GError **error)
{
  static const char *const accepted[] = {
    "ipv4", "ipv6", "image-compression", "jpeg-wan-compression", "zlib-glz-wan-compression", "streaming-video", "agent-mouse",
    "playback-compression", "seamless-migration", "disable-copy-paste", "disable-agent-file-xfer", NULL
  };
  guint64 port;

  if (g_str_equal (item->key, "port"))
    {
      if (!astern_suboption_number (item, name, 1, 65535, &port, error))
        return FALSE;
      spec->port = spec->last_port = (guint16) port;
      return TRUE;
    }
  if (g_str_equal (item->key, "unix"))
    return astern_suboption_switch (item, name, &switches->is_unix, error);
  if (g_str_equal (item->key, "disable-ticketing"))
    return astern_suboption_switch (item, name, &switches->open, error);
  if (g_str_equal (item->key, "password-file"))
    return read_secret (spec, item->value, error);
  if (g_str_equal (item->key, "addr") || g_str_equal (item->key, "password"))
    {
      char **slot = g_str_equal (item->key, "addr") ? &spec->host : &spec->secret;

      g_free (*slot);
      *slot = g_strdup (item->value);
      return TRUE;
    }
  if (is_one_of (item->key, accepted))
    return TRUE;
  return astern_suboption_unknown (item, name, "port, addr, unix, disable-ticketing, password, password-file", error), FALSE;
}

gboolean
astern_option_spice (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  AsternRemoteSpec *spec = &options->spice;
  g_autoptr (GArray) items = astern_suboptions_parse (argument, NULL);
  SpiceSwitches switches = { FALSE, FALSE };

  astern_remote_spec_clear (spec);
  for (guint i = 0; i < items->len; i++)
    if (!set_spice (spec, &switches, name, &g_array_index (items, AsternSuboption, i), error))
      return FALSE;
  if (switches.is_unix)
    spec->path = g_steal_pointer (&spec->host);
  if ((switches.is_unix ? spec->path == NULL : spec->port == 0))
    return usage (error, name, _("give port=N, or unix=on with addr=PATH."));
  spec->password = !switches.open;
  spec->given = TRUE;
  return TRUE;
}
