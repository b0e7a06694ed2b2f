/* main-window-settings.c - what the window remembers: the layout, its size, the style. */
#include "config.h"

#include "gui/main-window-private.h"
#include "gui/settings.h"

/* ---- size ---- */

static void
load_size (AsternMainWindow *window)
{
  int width, height;

  g_settings_get (window->settings, "window-size", "(ii)", &width, &height);
  if (width > 0 && height > 0)
    gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  if (g_settings_get_boolean (window->settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (window));
}

static void
save_size (AsternMainWindow *window)
{
  gboolean maximized = gtk_window_is_maximized (GTK_WINDOW (window));
  int width, height;

  gtk_window_get_size (GTK_WINDOW (window), &width, &height);
  if (!maximized)
    g_settings_set (window->settings, "window-size", "(ii)", width, height);
  g_settings_set_boolean (window->settings, "window-maximized", maximized);
}

/* ---- borders: the dock's, then the timeline's ---- */

static void
load_positions (AsternMainWindow *window)
{
  g_autoptr (GVariant) saved = g_settings_get_value (window->settings, "positions");
  gsize n;
  const gint32 *positions = g_variant_get_fixed_array (saved, &n, sizeof *positions);
  guint own = MIN ((guint) n, ASTERN_DOCK_BORDERS);

  for (guint i = 0; i < own; i++)
    gtk_paned_set_position (GTK_PANED (astern_dock_border (ASTERN_DOCK (window->dock), i)), positions[i]);
  if (n > ASTERN_DOCK_BORDERS)
    gtk_paned_set_position (GTK_PANED (gtk_widget_get_parent (window->dock)), positions[ASTERN_DOCK_BORDERS]);
}

/* A border that was never shown has no place. */
static void
save_positions (AsternMainWindow *window)
{
  gint32 positions[ASTERN_DOCK_BORDERS + 1];

  if (!gtk_widget_get_mapped (window->dock))
    return;
  for (guint i = 0; i < ASTERN_DOCK_BORDERS; i++)
    positions[i] = gtk_paned_get_position (GTK_PANED (astern_dock_border (ASTERN_DOCK (window->dock), i)));
  positions[ASTERN_DOCK_BORDERS] = gtk_paned_get_position (GTK_PANED (gtk_widget_get_parent (window->dock)));
  g_settings_set_value (window->settings, "positions",
                        g_variant_new_fixed_array (G_VARIANT_TYPE_INT32, positions, G_N_ELEMENTS (positions), sizeof *positions));
}

void
astern_main_window_save_settings (AsternMainWindow *window)
{
  if (window->settings == NULL)
    return;
  save_size (window);
  save_positions (window);
}

/* One that nobody changed is not kept: it may have more panes in a later version. */
void
astern_main_window_save_layout (AsternMainWindow *window)
{
  g_autofree char *layout = astern_dock_layout (ASTERN_DOCK (window->dock));

  if (window->settings == NULL || !window->settings_loaded)
    return;
  if (g_strcmp0 (layout, window->first_layout) == 0)
    g_settings_reset (window->settings, "layout");
  else
    g_settings_set_string (window->settings, "layout", layout);
}

static void
load_layout (AsternMainWindow *window)
{
  g_autofree char *layout = window->settings != NULL ? g_settings_get_string (window->settings, "layout") : g_strdup ("");

  astern_dock_set_layout (ASTERN_DOCK (window->dock), "");
  window->first_layout = astern_dock_layout (ASTERN_DOCK (window->dock));
  if (layout[0] != '\0')
    astern_dock_set_layout (ASTERN_DOCK (window->dock), layout);
}

/* ---- all of it ---- */

void
astern_main_window_load_settings (AsternMainWindow *window)
{
  g_autoptr (GAction) dark = NULL;

  window->settings = astern_window_settings_new ("layout");
  load_layout (window);
  window->settings_loaded = TRUE;
  if (window->settings == NULL)
    return;
  load_size (window);
  load_positions (window);
  dark = g_settings_create_action (window->settings, "dark-style");
  g_action_map_add_action (G_ACTION_MAP (window), dark);
  g_settings_bind (window->settings, "dark-style", gtk_widget_get_settings (GTK_WIDGET (window)),
                   "gtk-application-prefer-dark-theme", G_SETTINGS_BIND_GET);
}
