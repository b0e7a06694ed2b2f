/* main-window-actions.c - the window's actions, but the moves (moves.c); the layout and the settings. */
#include "config.h"

#include "gui/bookmarks-view.h"
#include "gui/main-window-private.h"

#include <glib/gi18n.h>

/* ---- the machine ---- */

static void
pause_run (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AsternMainWindow *window = data;

  if (window->run != NULL)
    astern_run_pause (window->run);
}

static void
cancel (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AsternMainWindow *window = data;

  if (window->run != NULL)
    astern_run_cancel (window->run);
}

static void
do_reset (AsternSession *session, gpointer data)
{
  astern_debugger_reset (session->debugger);
}

static void
reset (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  astern_run_change (((AsternMainWindow *) data)->run, do_reset, NULL, NULL);
}

static void
do_nmi (AsternSession *session, gpointer data)
{
  astern_debugger_nmi (session->debugger);
}

static void
nmi (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  astern_run_change (((AsternMainWindow *) data)->run, do_nmi, NULL, NULL);
}

static void
do_power_button (AsternSession *session, gpointer data)
{
  astern_launch_press_power_button (session->launch);
}

static void
power_button (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  astern_run_change (((AsternMainWindow *) data)->run, do_power_button, NULL, NULL);
}

static void
add_bookmark (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  astern_bookmarks_view_add_here (((AsternMainWindow *) data)->run);
}

static void
end_machine (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  astern_run_quit (((AsternMainWindow *) data)->run);
}

/* ---- the window ---- */

static void
close_window (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_close (data);
}

/* ---- about ---- */

static void
about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_show_about_dialog (GTK_WINDOW (data),
                         "program-name", "Astern",
                         "version", PACKAGE_VERSION,
                         "comments", _("An emulator workstation for people who debug whole machines"),
                         "license-type", GTK_LICENSE_GPL_3_0,
                         "copyright", "© 2026 The Astern authors",
                         "logo-icon-name", "org.astern.Astern",
                         NULL);
}

/* ---- panes ---- */

static void
on_layout_changed (AsternMainWindow *window)
{
  for (const AsternPaneInfo *pane = astern_panes; pane->name != NULL; pane++)
    {
      g_autofree char *name = g_strdup_printf ("pane-%s", pane->name);
      GAction *action = g_action_map_lookup_action (G_ACTION_MAP (window), name);

      g_simple_action_set_state (G_SIMPLE_ACTION (action),
                                 g_variant_new_boolean (astern_dock_has (ASTERN_DOCK (window->dock), pane->name)));
    }
  astern_main_window_save_layout (window);
}

static void
on_pane_state (GSimpleAction *action, GVariant *state, gpointer data)
{
  AsternMainWindow *window = data;
  const char *name = g_action_get_name (G_ACTION (action)) + sizeof "pane-" - 1;

  if (g_variant_get_boolean (state))
    astern_dock_show (ASTERN_DOCK (window->dock), name);
  else if (astern_dock_find (ASTERN_DOCK (window->dock), name) != NULL)
    astern_dock_hide (ASTERN_DOCK (window->dock), astern_dock_find (ASTERN_DOCK (window->dock), name));
}

static void
on_add_pane (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  astern_dock_add (ASTERN_DOCK (((AsternMainWindow *) data)->dock), g_variant_get_string (parameter, NULL));
}

static void
default_layout (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  astern_dock_set_layout (ASTERN_DOCK (((AsternMainWindow *) data)->dock), "");
}

static void
add_panes (AsternMainWindow *window)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) more = g_menu_new ();

  for (const AsternPaneInfo *pane = astern_panes; pane->name != NULL; pane++)
    {
      g_autofree char *name = g_strdup_printf ("pane-%s", pane->name);
      g_autofree char *detailed = g_strdup_printf ("win.%s", name);
      g_autoptr (GSimpleAction) action = g_simple_action_new_stateful (name, NULL, g_variant_new_boolean (FALSE));

      g_signal_connect (action, "change-state", G_CALLBACK (on_pane_state), window);
      g_action_map_add_action (G_ACTION_MAP (window), G_ACTION (action));
      g_menu_append (menu, _(pane->title), detailed);
      if (pane->several)
        {
          g_autofree char *label = g_strdup_printf (_("Another %s"), _(pane->title));
          g_autofree char *adds = g_strdup_printf ("win.add-pane::%s", pane->name);

          g_menu_append (more, label, adds);
        }
    }
  g_menu_append_section (menu, NULL, G_MENU_MODEL (more));
  g_menu_append (menu, _("_Default Layout"), "win.default-layout");
  g_menu_append_submenu (window->panes_section, _("_Panes"), G_MENU_MODEL (menu));
  g_signal_connect_object (window->dock, "layout-changed", G_CALLBACK (on_layout_changed), window, G_CONNECT_SWAPPED);
}

/* ---- all of them ---- */

static const GActionEntry entries[] = {
  { .name = "pause", .activate = pause_run },
  { .name = "cancel", .activate = cancel },
  { .name = "reset", .activate = reset },
  { .name = "nmi", .activate = nmi },
  { .name = "power-button", .activate = power_button },
  { .name = "end-machine", .activate = end_machine },
  { .name = "add-bookmark", .activate = add_bookmark },
  { .name = "about", .activate = about },
  { .name = "close", .activate = close_window },
  { .name = "default-layout", .activate = default_layout },
  { .name = "add-pane", .activate = on_add_pane, .parameter_type = "s" },
};

void
astern_main_window_add_actions (AsternMainWindow *window, GtkApplication *application)
{
  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
  astern_main_window_add_help (window, application);
  add_panes (window);
  astern_main_window_add_engine (window);
  astern_main_window_add_file_actions (window);
  astern_main_window_load_settings (window);
}

/* Those that need a machine. */
void
astern_main_window_update_actions (AsternMainWindow *window)
{
  static const char *const need_machine[] = { "pause", "reset", "nmi", "power-button", "end-machine", "add-bookmark",
                                              "save-recording",
                                              "copy-command-line" };
  static const struct { const char *action; AsternCapabilities what; } need_more[] = {
    { "save-recording", ASTERN_CAN_DETERMINISTIC }, { "add-bookmark", ASTERN_CAN_REVERSE },
  };
  AsternRunState state = window->run != NULL ? astern_run_status (window->run)->state : ASTERN_RUN_ENDED;

  /* Elsewhere Escape is a key like others. */
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (window), "cancel")),
                               state == ASTERN_RUN_MOVING);
  for (gsize i = 0; i < G_N_ELEMENTS (need_machine); i++)
    {
      GAction *action = g_action_map_lookup_action (G_ACTION_MAP (window), need_machine[i]);

      if (action != NULL)
        g_simple_action_set_enabled (G_SIMPLE_ACTION (action), state != ASTERN_RUN_ENDED && state != ASTERN_RUN_STARTING);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (need_more); i++)
    {
      GAction *action = g_action_map_lookup_action (G_ACTION_MAP (window), need_more[i].action);

      if (action != NULL && window->run != NULL && !astern_run_can (window->run, need_more[i].what))
        g_simple_action_set_enabled (G_SIMPLE_ACTION (action), FALSE);
    }
  astern_main_window_update_engine (window);
}
