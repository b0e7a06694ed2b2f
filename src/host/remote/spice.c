/* spice.c - see spice.h; the protocol is libspice-server's.
 * Left out: SASL, migration, more than one screen.
 *
 * The library wants a main loop, which is a thread of ours.  Others leave what they want under the mutex and kick it. */
#include "config.h"

#include "host/remote/spice-private.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURN_MS 15      /* looks for what could not be done when it was kicked */

/* The library calls back without saying whom it means. */
static AsternSpice *the_server;

/* ---- who is there ---- */

static void
clear_peer (gpointer data)
{
  g_free (((SpicePeer *) data)->from);
}

static void
note_peer (AsternSpice *spice, int event, const SpiceChannelEventInfo *channel)
{
  SpicePeer peer = { .connection = channel->connection_id, .type = channel->type, .id = channel->id,
                     .tls = (channel->flags & SPICE_CHANNEL_EVENT_FLAG_TLS) != 0 };

  g_mutex_lock (&spice->mutex);
  if (event == SPICE_CHANNEL_EVENT_INITIALIZED)
    {
      peer.from = channel->flags & SPICE_CHANNEL_EVENT_FLAG_ADDR_EXT ? astern_remote_address (&channel->paddr_ext, channel->plen_ext)
                                                                     : g_strdup ("unix");
      g_array_append_val (spice->peers, peer);
    }
  else
    for (guint i = spice->peers->len; i-- > 0;)
      {
        const SpicePeer *other = &g_array_index (spice->peers, SpicePeer, i);

        if (other->connection == peer.connection && other->type == peer.type && other->id == peer.id)
          {
            g_array_remove_index (spice->peers, i);
            break;
          }
      }
  g_mutex_unlock (&spice->mutex);
}

/* Who looks has a channel of the display's. */
static void
channel_event (int event, SpiceChannelEventInfo *channel)
{
  AsternSpice *spice = the_server;

  if (event == SPICE_CHANNEL_EVENT_CONNECTED)
    return;
  note_peer (spice, event, channel);
  if (channel->type != SPICE_CHANNEL_DISPLAY)
    return;
  if (event == SPICE_CHANNEL_EVENT_INITIALIZED)
    spice->n_people++;
  else if (spice->n_people > 0)
    spice->n_people--;
  if (spice->funcs.people != NULL)
    spice->funcs.people (spice->funcs.user, spice->n_people);
}

/* In the library's words. */
static const char *
channel_name (int type)
{
  static const char *const names[] = {
    [SPICE_CHANNEL_MAIN] = "main", [SPICE_CHANNEL_DISPLAY] = "display", [SPICE_CHANNEL_INPUTS] = "inputs",
    [SPICE_CHANNEL_CURSOR] = "cursor", [SPICE_CHANNEL_PLAYBACK] = "playback", [SPICE_CHANNEL_RECORD] = "record",
    [SPICE_CHANNEL_SMARTCARD] = "smartcard", [SPICE_CHANNEL_USBREDIR] = "usbredir", [SPICE_CHANNEL_PORT] = "port",
    [SPICE_CHANNEL_WEBDAV] = "webdav",
  };

  return type >= 0 && type < (int) G_N_ELEMENTS (names) && names[type] != NULL ? names[type] : "other";
}

void
astern_spice_describe (AsternSpice *spice, GString *text)
{
  g_mutex_lock (&spice->mutex);
  if (spice->listening != NULL)
    {
      AsternRemoteSpec place = { .path = spice->path, .host = spice->spec.place.host };

      g_string_append (text, "spice: ");
      astern_remote_append_place (text, &place, spice->port);
      g_string_append_c (text, '\n');
    }
  if (spice->tls_port != 0)
    g_string_append_printf (text, "spice: %s:%u [tls]\n", spice->spec.place.host != NULL && *spice->spec.place.host != '\0' ?
                            spice->spec.place.host : "*", spice->tls_port);
  g_string_append_printf (text, "  %s: %s\n", _("authentication"), spice->password ? "spice" : "none");
  for (guint i = 0; i < spice->peers->len; i++)
    {
      const SpicePeer *peer = &g_array_index (spice->peers, SpicePeer, i);

      g_string_append_printf (text, "  %s: %s%s, %s:%d\n", _("client"), peer->from, peer->tls ? " [tls]" : "", channel_name (peer->type), peer->id);
    }
  g_mutex_unlock (&spice->mutex);
}

/* ---- what was asked for meanwhile ---- */

static void
take_password (AsternSpice *spice)
{
  g_autofree char *secret = NULL;
  gboolean changed, fail, disconnect;
  gint lifetime_s;

  g_mutex_lock (&spice->mutex);
  changed = spice->new_secret;
  spice->new_secret = FALSE;
  secret = g_strdup (spice->secret);
  lifetime_s = spice->lifetime_s;
  fail = spice->fail_if_connected;
  disconnect = spice->disconnect_if_connected;
  spice->fail_if_connected = spice->disconnect_if_connected = FALSE;
  g_mutex_unlock (&spice->mutex);
  /* The library has no ticket at first, and lets nobody in. */
  if (changed && spice->password && secret != NULL)
    spice_server_set_ticket (spice->server, secret, lifetime_s, fail, disconnect);
}

static void
take_what_there_is (AsternSpice *spice)
{
  gboolean absolute;

  take_password (spice);
  g_mutex_lock (&spice->mutex);
  absolute = spice->absolute;
  g_mutex_unlock (&spice->mutex);
  spice_inputs_set_absolute (spice, absolute);
  spice_screen_take (spice);
  spice_lines_take (spice);
  spice_sounds_take (spice);
}

static gboolean
turn (gpointer data)
{
  take_what_there_is (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
kick_dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  g_source_set_ready_time (source, -1);
  return func (data);
}

static GSourceFuncs kick_funcs = { .dispatch = kick_dispatch };

void
astern_spice_set_absolute (AsternSpice *spice, gboolean absolute)
{
  g_mutex_lock (&spice->mutex);
  spice->absolute = absolute;
  g_mutex_unlock (&spice->mutex);
}

void
astern_spice_set_password (AsternSpice *spice, const char *password, AsternRemoteConnected connected)
{
  g_mutex_lock (&spice->mutex);
  g_free (spice->secret);
  spice->secret = g_strdup (password);
  spice->fail_if_connected = connected == ASTERN_REMOTE_FAIL;
  spice->disconnect_if_connected = connected == ASTERN_REMOTE_DISCONNECT;
  spice->lifetime_s = 0;
  spice->new_secret = TRUE;
  g_mutex_unlock (&spice->mutex);
  spice_kick (spice);
}

void
astern_spice_set_expiry (AsternSpice *spice, gint64 when_s)
{
  gint64 left_s = when_s - g_get_real_time () / G_USEC_PER_SEC;

  g_mutex_lock (&spice->mutex);
  spice->lifetime_s = when_s == 0 ? 0 : (gint) CLAMP (left_s, -1, G_MAXINT);
  /* The library has no lifetime that is over: a password that nobody can know is as good. */
  if (spice->lifetime_s < 0)
    {
      g_free (spice->secret);
      spice->secret = g_uuid_string_random ();
      spice->lifetime_s = 1;
    }
  spice->new_secret = TRUE;
  g_mutex_unlock (&spice->mutex);
  spice_kick (spice);
}

/* ---- settings ---- */

static void
secure_channels (AsternSpice *spice, const char *names, int security)
{
  g_auto (GStrv) each = g_strsplit (names != NULL ? names : "", ",", -1);

  for (guint i = 0; each[i] != NULL; i++)
    spice_server_set_channel_security (spice->server, g_str_equal (each[i], "default") ? NULL : each[i], security);
}

/* @given, or the file that has that name in the folder of -spice x509-dir=. */
static char *
x509_file (const AsternSpiceSpec *spec, const char *given, const char *name)
{
  return given != NULL ? g_strdup (given) : g_build_filename (spec->x509_dir != NULL ? spec->x509_dir : ".", name, NULL);
}

static gboolean
set_tls (AsternSpice *spice, const AsternSpiceSpec *spec)
{
  g_autofree char *ca = x509_file (spec, spec->x509_cacert_file, "ca-cert.pem");
  g_autofree char *cert = x509_file (spec, spec->x509_cert_file, "server-cert.pem");
  g_autofree char *key = x509_file (spec, spec->x509_key_file, "server-key.pem");

  if (spec->tls_port == 0)
    return TRUE;
  /* By this port it listens itself. */
  if (spec->place.host != NULL && *spec->place.host != '\0')
    spice_server_set_addr (spice->server, spec->place.host, 0);
  return spice_server_set_tls (spice->server, spec->tls_port, ca, cert, key, spec->x509_key_password, spec->x509_dh_key_file,
                               spec->tls_ciphers) == 0;
}

static gboolean
check_tls (const AsternSpiceSpec *spec, GError **error)
{
  g_autofree char *ca = x509_file (spec, spec->x509_cacert_file, "ca-cert.pem");
  g_autofree char *cert = x509_file (spec, spec->x509_cert_file, "server-cert.pem");
  g_autofree char *key = x509_file (spec, spec->x509_key_file, "server-key.pem");
  const char *files[] = { ca, cert, key, spec->x509_dh_key_file };

  for (gsize i = 0; spec->tls_port != 0 && i < G_N_ELEMENTS (files); i++)
    if (files[i] != NULL && access (files[i], R_OK) != 0)
      {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("“%s” cannot be read, which “tls-port” needs; “x509-dir=” names the folder of "
                     "ca-cert.pem, server-cert.pem and server-key.pem"), files[i]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
start_server (AsternSpice *spice)
{
  const AsternSpiceSpec *spec = &spice->spec;

  spice->server = spice_server_new ();
  spice_server_set_name (spice->server, spice->name);
  if (!spice->password)
    spice_server_set_noauth (spice->server);
  spice_server_set_image_compression (spice->server, spec->image_compression != 0 ? spec->image_compression : SPICE_IMAGE_COMPRESSION_AUTO_LZ);
  spice_server_set_streaming_video (spice->server, spec->streaming != 0 ? (int) spec->streaming : SPICE_STREAM_VIDEO_OFF);
  spice_server_set_jpeg_compression (spice->server, spec->jpeg != 0 ? spec->jpeg : SPICE_WAN_COMPRESSION_AUTO);
  spice_server_set_zlib_glz_compression (spice->server, spec->zlib_glz != 0 ? spec->zlib_glz : SPICE_WAN_COMPRESSION_AUTO);
  spice_server_set_playback_compression (spice->server, !spec->no_playback_compression);
  spice_server_set_agent_mouse (spice->server, !spec->no_agent_mouse);
  spice_server_set_agent_copypaste (spice->server, !spec->no_copy_paste);
  spice_server_set_agent_file_xfer (spice->server, !spec->no_file_xfer);
  secure_channels (spice, spec->secured, SPICE_CHANNEL_SECURITY_SSL);
  secure_channels (spice, spec->plain, SPICE_CHANNEL_SECURITY_NONE);
  spice_loop_fill (&spice->core, spice->context);
  spice->core.channel_event = channel_event;
  if (!set_tls (spice, spec) || spice_server_init (spice->server, &spice->core) != 0)
    return FALSE;
  spice_screen_add (spice);
  spice_inputs_add (spice);
  spice_sounds_add (spice);
  spice_server_vm_start (spice->server);
  return TRUE;
}

/* ---- the thread ---- */

static gboolean
client_comes (gint listening, GIOCondition condition, gpointer data)
{
  AsternSpice *spice = data;
  int fd = accept (listening, NULL, NULL);

  if (fd >= 0 && spice_server_add_client (spice->server, fd, FALSE) != 0)
    close (fd);
  return G_SOURCE_CONTINUE;
}

static void
attach (AsternSpice *spice, GSource *source, GSourceFunc func)
{
  g_source_set_callback (source, func, spice, NULL);
  g_source_attach (source, spice->context);
  g_source_unref (source);
}

static void
tell_state (AsternSpice *spice, gboolean serves)
{
  g_mutex_lock (&spice->mutex);
  spice->state = serves ? 1 : -1;
  g_cond_broadcast (&spice->started);
  g_mutex_unlock (&spice->mutex);
}

static gpointer
serve (gpointer data)
{
  AsternSpice *spice = data;
  gboolean serves;

  g_main_context_push_thread_default (spice->context);
  serves = start_server (spice);
  take_password (spice);
  tell_state (spice, serves);
  if (serves)
    {
      attach (spice, g_timeout_source_new (TURN_MS), turn);
      if (spice->listening != NULL)
        attach (spice, g_unix_fd_source_new (g_socket_get_fd (spice->listening), G_IO_IN), G_SOURCE_FUNC (client_comes));
      g_main_loop_run (spice->loop);
      spice_sounds_end (spice);
      spice_server_vm_stop (spice->server);
    }
  spice_server_destroy (spice->server);
  g_main_context_pop_thread_default (spice->context);
  return NULL;
}

/* ---- the interface ---- */

static AsternSpice *
make (const AsternSpiceSpec *spec, const char *name, const AsternRemoteFuncs *funcs)
{
  AsternSpice *spice = the_server = g_new0 (AsternSpice, 1);

  spice->spec = *spec;
  spice->funcs = *funcs;
  spice->path = g_strdup (spec->place.path);
  spice->tls_port = spec->tls_port;
  spice->password = spec->place.password;
  spice->secret = g_strdup (spec->place.secret);
  spice->new_secret = spice->secret != NULL;
  g_mutex_init (&spice->mutex);
  g_cond_init (&spice->started);
  g_queue_init (&spice->waiting);
  g_queue_init (&spice->cursors);
  spice->lines = g_ptr_array_new_with_free_func (spice_line_free);
  spice->peers = g_array_new (FALSE, TRUE, sizeof (SpicePeer));
  g_array_set_clear_func (spice->peers, clear_peer);
  spice->context = g_main_context_new ();
  spice->loop = g_main_loop_new (spice->context, FALSE);
  spice->kick = g_source_new (&kick_funcs, sizeof (GSource));
  g_source_set_callback (spice->kick, turn, spice, NULL);
  g_source_attach (spice->kick, spice->context);
  spice->name = g_strdup (name);
  return spice;
}

AsternSpice *
astern_spice_new (const AsternSpiceSpec *spec, const char *name, const AsternRemoteFuncs *funcs, GError **error)
{
  g_autoptr (AsternSpice) spice = NULL;
  g_autoptr (GSocket) listening = NULL;
  guint16 port = 0;
  gboolean serves;

  g_return_val_if_fail (the_server == NULL, NULL);
  if (!check_tls (spec, error))
    return NULL;
  if (spec->place.path != NULL || spec->place.port != 0)
    {
      listening = astern_remote_listen (&spec->place, &port, error);
      if (listening == NULL)
        return NULL;
    }
  spice = make (spec, name, funcs);
  spice->listening = g_steal_pointer (&listening);
  spice->port = port;
  spice->thread = g_thread_new ("spice", serve, spice);
  g_mutex_lock (&spice->mutex);
  while (spice->state == 0)
    g_cond_wait (&spice->started, &spice->mutex);
  serves = spice->state > 0;
  g_mutex_unlock (&spice->mutex);
  if (serves)
    return g_steal_pointer (&spice);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("the port %u is taken, or the SPICE library does not like the certificates"), spec->tls_port);
  return NULL;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
astern_spice_free (AsternSpice *spice)
{
  GSource *source;

  if (spice == NULL)
    return;
  spice_lines_detach (spice);
  source = g_idle_source_new ();
  g_source_set_callback (source, quit, spice->loop, NULL);
  g_source_attach (source, spice->context);
  g_source_unref (source);
  g_thread_join (spice->thread);
  g_source_destroy (spice->kick);
  g_source_unref (spice->kick);
  g_main_loop_unref (spice->loop);
  g_main_context_unref (spice->context);
  spice_screen_clear (spice);
  g_ptr_array_unref (spice->lines);
  g_array_unref (spice->peers);
  g_clear_object (&spice->listening);
  if (spice->path != NULL)
    unlink (spice->path);
  g_free (spice->name);
  g_free (spice->path);
  g_free (spice->secret);
  g_mutex_clear (&spice->mutex);
  g_cond_clear (&spice->started);
  the_server = NULL;
  g_free (spice);
}
