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

/* A browser's port: by its number, or 5700 and the display's. */
#define WEBSOCKET_FIRST_PORT 5700

static gboolean
set_websocket (AsternVncSpec *spec, const char *name, const AsternSuboption *item, GError **error)
{
  guint64 port = 0;
  gboolean on;

  if (g_ascii_isdigit (item->value[0]))
    {
      if (!astern_suboption_number (item, name, 1, 65535, &port, error))
        return FALSE;
    }
  else if (!astern_suboption_switch (item, name, &on, error))
    return FALSE;
  else if (on && spec->place.path != NULL)
    return usage (error, name, _("with “unix:”, websocket= needs a port's number."));
  else if (on)
    port = WEBSOCKET_FIRST_PORT + spec->place.port - VNC_FIRST_PORT;
  spec->websocket = (guint16) port;
  return TRUE;
}

static gboolean
set_share (AsternVncSpec *spec, const char *name, const AsternSuboption *item, GError **error)
{
  static const char *const policies[] = {
    [ASTERN_VNC_ALLOW_EXCLUSIVE] = "allow-exclusive", [ASTERN_VNC_FORCE_SHARED] = "force-shared", [ASTERN_VNC_IGNORE] = "ignore",
  };

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    if (g_str_equal (item->value, policies[i]))
      {
        spec->share = (AsternVncShare) i;
        return TRUE;
      }
  return usage (error, name, _("share= is “allow-exclusive”, “force-shared” or “ignore”."));
}

static gboolean
set_vnc (AsternVncSpec *spec, const char *name, const AsternSuboption *item, GError **error)
{
  static const char *const accepted[] = { "non-adaptive", "key-delay-ms", "connections", NULL };
  static const char *const absent[] = { "tls-creds", "tls", "x509", "x509verify", "sasl", "tls-authz", "sasl-authz", NULL };
  guint64 last;

  if (g_str_equal (item->key, "password"))
    return astern_suboption_switch (item, name, &spec->place.password, error);
  if (g_str_equal (item->key, "lossy"))
    return astern_suboption_switch (item, name, &spec->lossy, error);
  if (g_str_equal (item->key, "share"))
    return set_share (spec, name, item, error);
  if (g_str_equal (item->key, "websocket"))
    return set_websocket (spec, name, item, error);
  if (g_str_equal (item->key, "password-file"))
    return read_secret (&spec->place, item->value, error);
  if (g_str_equal (item->key, "to"))
    {
      if (!astern_suboption_number (item, name, 0, 65535 - VNC_FIRST_PORT, &last, error))
        return FALSE;
      spec->place.last_port = (guint16) (VNC_FIRST_PORT + last);
      return TRUE;
    }
  if (is_one_of (item->key, absent))
    return astern_launch_unavailable (error, _("%s: “%s” is not there, since VNC goes without encryption here; listen at “unix:PATH” or at "
                                               "“localhost:N” and let ssh forward it, or use “-spice tls-port=N”."), name, item->key);
  if (g_str_equal (item->key, "power-control"))
    return astern_launch_unavailable (error, _("%s: “%s” is not there; the monitor has “system_powerdown” and “system_reset”."), name, item->key);
  if (is_one_of (item->key, accepted))
    return TRUE;
  return astern_suboption_unknown (item, name, "to, password, password-file, share, lossy, websocket", error), FALSE;
}

gboolean
astern_option_vnc (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  AsternVncSpec *spec = &options->vnc;
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "vnc");

  astern_remote_spec_clear (&spec->place);
  *spec = (AsternVncSpec) { 0 };
  if (items->len == 0 || g_str_equal (g_array_index (items, AsternSuboption, 0).value, "none"))
    return TRUE;
  if (!parse_vnc_place (&spec->place, name, g_array_index (items, AsternSuboption, 0).value, error))
    return FALSE;
  for (guint i = 1; i < items->len; i++)
    if (!set_vnc (spec, name, &g_array_index (items, AsternSuboption, i), error))
      return FALSE;
  spec->place.given = TRUE;
  return TRUE;
}

/* ---- -spice ---- */

typedef struct
{
  gboolean is_unix, open;
} SpiceSwitches;

static gboolean
set_port (guint16 *port, const char *name, const AsternSuboption *item, GError **error)
{
  guint64 number;

  if (!astern_suboption_number (item, name, 1, 65535, &number, error))
    return FALSE;
  *port = (guint16) number;
  return TRUE;
}

/* A text of the specification's; FALSE: it has none of that name. */
static gboolean
set_spice_text (AsternSpiceSpec *spec, const AsternSuboption *item)
{
  const struct { const char *key; char **slot; gboolean adds; } texts[] = {
    { "addr", &spec->place.host, FALSE }, { "password", &spec->place.secret, FALSE },
    { "x509-dir", &spec->x509_dir, FALSE }, { "x509-key-file", &spec->x509_key_file, FALSE },
    { "x509-key-password", &spec->x509_key_password, FALSE }, { "x509-cert-file", &spec->x509_cert_file, FALSE },
    { "x509-cacert-file", &spec->x509_cacert_file, FALSE }, { "x509-dh-key-file", &spec->x509_dh_key_file, FALSE },
    { "tls-ciphers", &spec->tls_ciphers, FALSE }, { "tls-channel", &spec->secured, TRUE }, { "plaintext-channel", &spec->plain, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_str_equal (item->key, texts[i].key))
      {
        g_autofree char *before = g_steal_pointer (texts[i].slot);

        *texts[i].slot = texts[i].adds && before != NULL ? g_strjoin (",", before, item->value, NULL) : g_strdup (item->value);
        return TRUE;
      }
  return FALSE;
}

static gboolean
tune_spice (AsternSpiceSpec *spec, const char *name, const AsternSuboption *item, GError **error)
{
  g_autofree char *values = NULL;

  if (astern_spice_spec_tune (spec, item->key, item->value, &values))
    return TRUE;
  return astern_launch_usage (error, _("%s: “%s=%s” is not there; it is one of %s."), name, item->key, item->value, values);
}

static gboolean
set_spice (AsternSpiceSpec *spec, SpiceSwitches *switches, const char *name, const AsternSuboption *item, GError **error)
{
  static const char *const accepted[] = { "ipv4", "ipv6", NULL };
  static const char *const absent[] = { "sasl", "gl", "rendernode", "password-secret", "video-codecs", NULL };
  gboolean on;

  if (g_str_equal (item->key, "port"))
    {
      if (!set_port (&spec->place.port, name, item, error))
        return FALSE;
      spec->place.last_port = spec->place.port;
      return TRUE;
    }
  if (g_str_equal (item->key, "tls-port"))
    return set_port (&spec->tls_port, name, item, error);
  if (g_str_equal (item->key, "unix"))
    return astern_suboption_switch (item, name, &switches->is_unix, error);
  if (g_str_equal (item->key, "disable-ticketing"))
    return astern_suboption_switch (item, name, &switches->open, error);
  if (g_str_equal (item->key, "password-file"))
    return read_secret (&spec->place, item->value, error);
  if (set_spice_text (spec, item))
    return TRUE;
  if (astern_spice_spec_tunes (item->key))
    return tune_spice (spec, name, item, error);
  if (g_str_equal (item->key, "seamless-migration"))
    {
      if (!astern_suboption_switch (item, name, &on, error))
        return FALSE;
      return !on || astern_launch_unavailable (error, _("%s: “%s” is not there: a machine does not move to another host."), name, item->key);
    }
  if (is_one_of (item->key, absent))
    return astern_launch_unavailable (error, _("%s: “%s” is not there; clients come by “password=” and “tls-port=”."), name, item->key);
  if (is_one_of (item->key, accepted))
    return TRUE;
  return astern_suboption_unknown (item, name, "port, tls-port, x509-dir, addr, unix, disable-ticketing, password, password-file, "
                                   "image-compression, streaming-video", error), FALSE;
}

gboolean
astern_option_spice (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  AsternSpiceSpec *spec = &options->spice;
  g_autoptr (GArray) items = astern_suboptions_parse (argument, NULL);
  SpiceSwitches switches = { FALSE, FALSE };

  astern_spice_spec_clear (spec);
  for (guint i = 0; i < items->len; i++)
    if (!set_spice (spec, &switches, name, &g_array_index (items, AsternSuboption, i), error))
      return FALSE;
  if (switches.is_unix)
    spec->place.path = g_steal_pointer (&spec->place.host);
  if (switches.is_unix ? spec->place.path == NULL : spec->place.port == 0 && spec->tls_port == 0)
    return usage (error, name, _("give port=N or tls-port=N, or unix=on with addr=PATH."));
  spec->place.password = !switches.open;
  spec->place.given = TRUE;
  return TRUE;
}
