/* spice-viewer - for tests: a SPICE client, by spice-client-glib. */
#pragma once

#include "session/remote-machine.h"

#include <spice-client.h>

typedef struct _Viewer Viewer;
struct _Viewer
{
  SpiceSession       *session;
  void              (*channel) (Viewer *viewer, SpiceChannel *channel);   /* (nullable) before it is connected */
  gpointer            user;
  SpiceDisplayChannel *display;
  SpiceInputsChannel *inputs;
  SpiceMainChannel   *main;
  SpiceCursorChannel *cursor;
  SpicePortChannel   *port;
  const guint32      *pixels;
  guint               width, height, stride;
  gint                failed;
  gboolean            has_usb;
  guint               n_channels, n_open;
};

static inline void
on_primary (SpiceChannel *channel, gint format, gint width, gint height, gint stride, gint shmid, gpointer data, Viewer *viewer)
{
  viewer->pixels = data;
  viewer->width = (guint) width;
  viewer->height = (guint) height;
  viewer->stride = (guint) stride;
}

static inline void
on_primary_gone (SpiceChannel *channel, Viewer *viewer)
{
  viewer->pixels = NULL;
}

static inline void
on_channel_event (SpiceChannel *channel, SpiceChannelEvent event, Viewer *viewer)
{
  if (event >= SPICE_CHANNEL_ERROR_CONNECT)
    viewer->failed = event;
  if (event == SPICE_CHANNEL_OPENED)
    viewer->n_open++;
  if (event == SPICE_CHANNEL_OPENED && SPICE_IS_USBREDIR_CHANNEL (channel))
    viewer->has_usb = TRUE;
}

static inline void
on_channel (SpiceSession *session, SpiceChannel *channel, Viewer *viewer)
{
  g_signal_connect (channel, "channel-event", G_CALLBACK (on_channel_event), viewer);
  if (SPICE_IS_DISPLAY_CHANNEL (channel))
    {
      viewer->display = SPICE_DISPLAY_CHANNEL (channel);
      g_signal_connect (channel, "display-primary-create", G_CALLBACK (on_primary), viewer);
      g_signal_connect (channel, "display-primary-destroy", G_CALLBACK (on_primary_gone), viewer);
    }
  else if (SPICE_IS_INPUTS_CHANNEL (channel))
    viewer->inputs = SPICE_INPUTS_CHANNEL (channel);
  else if (SPICE_IS_MAIN_CHANNEL (channel))
    viewer->main = SPICE_MAIN_CHANNEL (channel);
  else if (SPICE_IS_CURSOR_CHANNEL (channel))
    viewer->cursor = SPICE_CURSOR_CHANNEL (channel);
  else if (SPICE_IS_PORT_CHANNEL (channel))
    viewer->port = SPICE_PORT_CHANNEL (channel);
  if (viewer->channel != NULL)
    viewer->channel (viewer, channel);
  viewer->n_channels++;
  spice_channel_connect (channel);
}

/* What is set in @viewer before stays. */
static inline void
view_with (Viewer *viewer, SpiceSession *session)
{
  viewer->session = session;
  g_signal_connect (viewer->session, "channel-new", G_CALLBACK (on_channel), viewer);
  g_assert_true (spice_session_connect (viewer->session));
}

static inline void
view (Viewer *viewer, const char *path, const char *password)
{
  *viewer = (Viewer) { 0 };
  view_with (viewer, g_object_new (SPICE_TYPE_SESSION, "unix-path", path, "password", password, NULL));
}

static inline void
watch (guint ms)
{
  gint64 until = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < until)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static inline void
stop_viewing (Viewer *viewer)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  /* A channel that is cut off while it is being opened makes the library warn. */
  while (viewer->failed == 0 && viewer->n_open < viewer->n_channels && g_get_monotonic_time () < until)
    watch (20);
  spice_session_disconnect (viewer->session);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (viewer->session);
}

static inline gboolean
comes_to_view_the_screen (Machine *m, Viewer *viewer)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  while (g_get_monotonic_time () < until)
    {
      watch (200);
      if (is_the_screen (m, viewer->pixels, viewer->width, viewer->height))
        return TRUE;
    }
  return FALSE;
}
