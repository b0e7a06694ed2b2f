/* main-window-help.c - the overview of shortcuts, and the window's accelerators but those of the moves. */
#include "config.h"

#include "gui/main-window-private.h"

#include <glib/gi18n.h>

static void
add_accels (GtkApplication *application)
{
  static const struct { const char *action, *accels[3]; } table[] = {
    { "win.pause", { "F6" } },
    { "win.cancel", { "Escape" } },
    { "win.add-bookmark", { "<Control>d" } },
    { "win.open", { "<Control>o" } },
    { "win.new-machine", { "<Control>n" } },
    { "win.engine::translate", { "<Control><Shift>t" } },
    { "win.engine::kvm", { "<Control><Shift>k" } },
    { "win.save-recording", { "<Control>s" } },
    { "win.show-help-overlay", { "<Control>question", "<Control>F1" } },
    { "win.close", { "<Control>q" } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    gtk_application_set_accels_for_action (application, table[i].action, table[i].accels);
}

/* The moves as the debugger's table has them; those without a key are in the menu. */
static void
add_moves (GtkContainer *group)
{
  for (guint i = 0; i < ASTERN_N_MOVES; i++)
    {
      const AsternMoveInfo *info = &astern_moves[i];
      g_autofree char *action = g_strdup_printf ("win.%s", info->action);

      if (info->accel != NULL)
        gtk_container_add (group, g_object_new (GTK_TYPE_SHORTCUTS_SHORTCUT, "visible", TRUE, "title", _(info->label),
                                                "action-name", action, NULL));
    }
}

void
astern_main_window_add_help (AsternMainWindow *window, GtkApplication *application)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource ("/org/astern/Astern/help-overlay.ui");
  GObject *overlay = gtk_builder_get_object (builder, "help_overlay");

  add_accels (application);
  add_moves (GTK_CONTAINER (gtk_builder_get_object (builder, "moves")));
  gtk_application_window_set_help_overlay (GTK_APPLICATION_WINDOW (window), GTK_SHORTCUTS_WINDOW (overlay));
}
