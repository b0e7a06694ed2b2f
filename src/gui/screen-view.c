/* screen-view.c - see screen-view.h.
 * Left out: where a picture has no square pixels, as the old VGA modes on their monitors, it is shown as if it had. */
#include "config.h"

#include "gui/screen-view.h"

#include "gui/screen-area.h"
#include "gui/screen-input.h"
#include "gui/screen-picture.h"
#include "gui/settings.h"
#include "hw/display/display.h"

#include <glib/gi18n.h>

#define HINT_SECONDS 4      /* how to leave the full screen */

struct _AsternScreenView
{
  AsternView         parent_instance;
  AsternRun         *run;             /* owned, (nullable): whose signals are listened to */
  gulong             run_handler;
  AsternScreen          screen;          /* as last seen; lent to the question */
  AsternScreenInput *input;
  GSimpleActionGroup *actions;
  GSettings         *settings;        /* (nullable) */
  GtkWidget         *full;            /* (nullable) the window that fills the monitor */
  guint              full_timer;

  GtkWidget *hint, *keys_button, *pages, *home, *scroller, *area;
};

G_DEFINE_FINAL_TYPE (AsternScreenView, astern_screen_view, ASTERN_TYPE_VIEW)

typedef struct
{
  AsternScreen screen;
  gboolean  there, changed;
  char     *text;             /* (nullable) */
} Question;

/* ---- the picture ---- */

static gpointer
ask (AsternView *view)
{
  AsternScreenView *self = ASTERN_SCREEN_VIEW (view);
  Question *question = g_new0 (Question, 1);

  question->screen = self->screen;
  self->screen = (AsternScreen) { 0 };
  return question;
}

/* The machine's thread. */
static void
look (AsternSession *session, gpointer data)
{
  Question *question = data;
  AsternDevice *display = astern_display_find (session->launch->machine, 0);

  question->there = display != NULL;
  if (display == NULL)
    return;
  question->changed = astern_display_update (display, 0, &question->screen);
  if (question->changed)
    question->text = astern_display_text (display);
}

static void
free_question (gpointer data)
{
  Question *question = data;

  astern_screen_clear (&question->screen);
  g_free (question->text);
  g_free (question);
}

static void
show (AsternView *view, gpointer data)
{
  AsternScreenView *self = ASTERN_SCREEN_VIEW (view);
  Question *question = data;

  gtk_stack_set_visible_child_name (GTK_STACK (self->pages), question->there ? "screen" : "none");
  if (question->changed)
    {
      astern_screen_area_set_picture (ASTERN_SCREEN_AREA (self->area), &question->screen.picture, question->screen.first_row,
                                      question->screen.end_row);
      astern_screen_area_set_text (ASTERN_SCREEN_AREA (self->area), question->text);
    }
  astern_screen_clear (&self->screen);
  self->screen = question->screen;
  question->screen = (AsternScreen) { 0 };
}

/* ---- what is said above it ---- */

static const char *
hint_text (AsternScreenView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  const AsternRunStatus *status = run != NULL ? astern_run_status (run) : NULL;

  if (status == NULL)
    return "";
  if (astern_screen_input_grabbed (self->input))
    return _("Keyboard and pointer are the guest’s; Ctrl+Alt+G lets go of them");
  if (status->replay)
    return _("A replay: the guest gets the keys that were recorded");
  if (status->in_past)
    return _("The past: a key would be a change, and begin another branch");
  if (!gtk_widget_has_focus (self->area))
    return _("Click to type and point in the guest");
  if (status->state == ASTERN_RUN_STOPPED)
    return _("The machine stands still: keys wait until it runs");
  return _("Keys go to the guest; with a click or Ctrl+Alt+G all of them, and the pointer");
}

static void
update_hint (AsternScreenView *self)
{
  GtkStyleContext *style = gtk_widget_get_style_context (self->hint);
  const char *text = hint_text (self);

  if (!g_str_equal (text, gtk_label_get_text (GTK_LABEL (self->hint))))
    gtk_label_set_text (GTK_LABEL (self->hint), text);
  if (astern_screen_input_grabbed (self->input))
    gtk_style_context_remove_class (style, "dim-label");
  else
    gtk_style_context_add_class (style, "dim-label");
}

static void
on_focus (AsternScreenView *self)
{
  update_hint (self);
}

static gboolean
takes_key (AsternView *view, const GdkEventKey *event)
{
  AsternScreenView *self = ASTERN_SCREEN_VIEW (view);

  return astern_screen_input_grabbed (self->input) && gtk_widget_has_focus (self->area);
}


/* ---- full screen ---- */

static void
leave_full_screen (AsternScreenView *self)
{
  GtkWidget *window = g_steal_pointer (&self->full);

  if (window == NULL)
    return;
  g_clear_handle_id (&self->full_timer, g_source_remove);
  astern_screen_input_let_go (self->input);
  g_object_ref (self->scroller);
  gtk_container_remove (GTK_CONTAINER (gtk_widget_get_parent (self->scroller)), self->scroller);
  gtk_box_pack_start (GTK_BOX (self->home), self->scroller, TRUE, TRUE, 0);
  g_object_unref (self->scroller);
  gtk_widget_destroy (window);
  gtk_widget_grab_focus (self->area);
}

static gboolean
on_full_delete (AsternScreenView *self)
{
  leave_full_screen (self);
  return TRUE;
}

static gboolean
on_full_key (GtkWidget *window, GdkEventKey *event, AsternScreenView *self)
{
  return takes_key (ASTERN_VIEW (self), event) && gtk_window_propagate_key_event (GTK_WINDOW (window), event);
}

static gboolean
hide_full_hint (gpointer data)
{
  AsternScreenView *self = data;
  GtkWidget *hint = g_object_get_data (G_OBJECT (self->full), "hint");

  self->full_timer = 0;
  gtk_revealer_set_reveal_child (GTK_REVEALER (hint), FALSE);
  return G_SOURCE_REMOVE;
}

static GtkWidget *
new_full_hint (void)
{
  GtkWidget *revealer = gtk_revealer_new ();
  GtkWidget *label = gtk_label_new (_("Ctrl+Alt+F leaves the full screen"));

  gtk_style_context_add_class (gtk_widget_get_style_context (label), "app-notification");
  gtk_container_add (GTK_CONTAINER (revealer), label);
  gtk_widget_set_halign (revealer, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (revealer, GTK_ALIGN_START);
  gtk_revealer_set_reveal_child (GTK_REVEALER (revealer), TRUE);
  return revealer;
}

/* The window's shortcuts work there as well. */
static void
lend_actions (AsternScreenView *self, GtkWidget *full)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (self));

  gtk_widget_insert_action_group (full, "screen", G_ACTION_GROUP (self->actions));
  if (!GTK_IS_APPLICATION_WINDOW (window))
    return;
  gtk_widget_insert_action_group (full, "win", G_ACTION_GROUP (window));
  gtk_window_set_application (GTK_WINDOW (full), gtk_window_get_application (GTK_WINDOW (window)));
  gtk_window_set_transient_for (GTK_WINDOW (full), GTK_WINDOW (window));
}

/* On the monitor where the pane is, and as large, where no window manager sees to it. */
static void
fill_monitor (AsternScreenView *self)
{
  GdkDisplay *display = gtk_widget_get_display (GTK_WIDGET (self));
  GdkWindow *window = gtk_widget_get_window (gtk_widget_get_toplevel (GTK_WIDGET (self)));
  GdkMonitor *monitor = gdk_display_get_monitor_at_window (display, window);
  GdkRectangle all;

  gdk_monitor_get_geometry (monitor, &all);
  gtk_window_set_default_size (GTK_WINDOW (self->full), all.width, all.height);
  gtk_window_move (GTK_WINDOW (self->full), all.x, all.y);
  gtk_window_fullscreen (GTK_WINDOW (self->full));
}

static void
enter_full_screen (AsternScreenView *self)
{
  GtkWidget *overlay = gtk_overlay_new (), *hint = new_full_hint ();

  self->full = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  gtk_window_set_title (GTK_WINDOW (self->full), _("Screen"));
  lend_actions (self, self->full);
  g_object_ref (self->scroller);
  gtk_container_remove (GTK_CONTAINER (self->home), self->scroller);
  gtk_container_add (GTK_CONTAINER (overlay), self->scroller);
  g_object_unref (self->scroller);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), hint);
  gtk_overlay_set_overlay_pass_through (GTK_OVERLAY (overlay), hint, TRUE);
  gtk_container_add (GTK_CONTAINER (self->full), overlay);
  g_object_set_data (G_OBJECT (self->full), "hint", hint);
  g_signal_connect_object (self->full, "delete-event", G_CALLBACK (on_full_delete), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->full, "key-press-event", G_CALLBACK (on_full_key), self, 0);
  fill_monitor (self);
  gtk_widget_show_all (self->full);
  gtk_widget_grab_focus (self->area);
  self->full_timer = g_timeout_add_seconds (HINT_SECONDS, hide_full_hint, self);
}

static void
toggle_full_screen (AsternScreenView *self)
{
  if (self->full != NULL)
    leave_full_screen (self);
  else
    enter_full_screen (self);
}

/* ---- the run ---- */

static void
run_changed (AsternView *view)
{
  AsternScreenView *self = ASTERN_SCREEN_VIEW (view);
  AsternRun *run = astern_view_run (view);

  astern_screen_clear (&self->screen);
  if (self->input == NULL)      /* being destroyed */
    return;
  if (self->run_handler != 0)
    g_signal_handler_disconnect (self->run, self->run_handler);
  self->run_handler = 0;
  g_set_object (&self->run, run);
  if (run == NULL)
    leave_full_screen (self);
  else
    self->run_handler = g_signal_connect_object (run, "changed", G_CALLBACK (update_hint), self, G_CONNECT_SWAPPED);
  astern_screen_input_set_run (self->input, run);
  astern_screen_area_clear (ASTERN_SCREEN_AREA (self->area));
  update_hint (self);
}

/* ---- actions ---- */

static void
set_scale (GSimpleAction *action, GVariant *state, gpointer data)
{
  static const char *const names[] = { "fit", "steps", "1", "2", "3" };
  AsternScreenView *self = data;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i], g_variant_get_string (state, NULL)))
      {
        astern_screen_area_set_scale (ASTERN_SCREEN_AREA (self->area), i);
        g_simple_action_set_state (action, state);
        if (self->settings != NULL)
          g_settings_set_value (self->settings, "screen-scale", state);
      }
}

static void
set_smooth (GSimpleAction *action, GVariant *state, gpointer data)
{
  AsternScreenView *self = data;

  astern_screen_area_set_smooth (ASTERN_SCREEN_AREA (self->area), g_variant_get_boolean (state));
  g_simple_action_set_state (action, state);
  if (self->settings != NULL)
    g_settings_set_value (self->settings, "screen-smooth", state);
}

static void
full_screen (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  toggle_full_screen (data);
}

static void
send_keys (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  astern_screen_input_chord (((AsternScreenView *) data)->input, g_variant_get_string (parameter, NULL));
}

static void
save (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AsternScreenView *self = data;

  if (astern_view_run (data) != NULL)
    astern_screen_save (ASTERN_SCREEN_AREA (self->area), astern_view_run (data));
}

static void
save_as (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AsternScreenView *self = data;

  if (astern_view_run (data) != NULL)
    astern_screen_save_as (ASTERN_SCREEN_AREA (self->area), astern_view_run (data));
}

static void
copy (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  astern_screen_copy (ASTERN_SCREEN_AREA (((AsternScreenView *) data)->area));
}

static void
copy_text (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  astern_screen_copy_text (ASTERN_SCREEN_AREA (((AsternScreenView *) data)->area));
}

static const GActionEntry entries[] = {
  { .name = "scale", .parameter_type = "s", .state = "'fit'", .change_state = set_scale },
  { .name = "smooth", .state = "true", .change_state = set_smooth },
  { .name = "full-screen", .activate = full_screen },
  { .name = "send-keys", .parameter_type = "s", .activate = send_keys },
  { .name = "save", .activate = save },
  { .name = "save-as", .activate = save_as },
  { .name = "copy", .activate = copy },
  { .name = "copy-text", .activate = copy_text },
};

/* Keys that the host's desktop would take, or that few keyboards have. */
static void
fill_keys_menu (AsternScreenView *self)
{
  static const struct { const char *label, *chord; } keys[] = {
    { "Ctrl+Alt+Del", "ctrl-alt-delete" }, { "Alt+Tab", "alt-tab" }, { "Alt+F4", "alt-f4" }, { "Ctrl+Esc", "ctrl-esc" },
    { "Print Screen", "print" }, { "SysRq", "alt-sysrq" }, { "Pause", "pause" }, { "Windows", "meta_l" }, { "Menu", "menu" },
  };
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) consoles = g_menu_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *action = g_strdup_printf ("screen.send-keys::%s", keys[i].chord);

      g_menu_append (menu, keys[i].label, action);
    }
  for (guint i = 1; i <= 12; i++)
    {
      g_autofree char *label = g_strdup_printf ("Ctrl+Alt+F%u", i);
      g_autofree char *action = g_strdup_printf ("screen.send-keys::ctrl-alt-f%u", i);

      g_menu_append (consoles, label, action);
    }
  g_menu_append_submenu (menu, _("Ctrl+Alt+_Function Key"), G_MENU_MODEL (consoles));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->keys_button), G_MENU_MODEL (menu));
}

/* ---- the object ---- */

static void
dispose (GObject *object)
{
  AsternScreenView *self = ASTERN_SCREEN_VIEW (object);

  g_clear_handle_id (&self->full_timer, g_source_remove);
  if (self->input != NULL)
    {
      leave_full_screen (self);
      astern_screen_input_set_run (self->input, NULL);
      if (self->run_handler != 0)
        g_signal_handler_disconnect (self->run, self->run_handler);
      self->run_handler = 0;
    }
  g_clear_object (&self->run);
  g_clear_object (&self->input);
  g_clear_object (&self->actions);
  g_clear_object (&self->settings);
  astern_screen_clear (&self->screen);
  G_OBJECT_CLASS (astern_screen_view_parent_class)->dispose (object);
}

static void
astern_screen_view_class_init (AsternScreenViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);
  AsternViewClass *view = ASTERN_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  view->ask = ask;
  view->look = look;
  view->show = show;
  view->free_question = free_question;
  view->run_changed = run_changed;
  view->takes_key = takes_key;
  view->while_running = TRUE;
  g_type_ensure (ASTERN_TYPE_SCREEN_AREA);
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/screen-view.ui");
  gtk_widget_class_bind_template_child (widget, AsternScreenView, hint);
  gtk_widget_class_bind_template_child (widget, AsternScreenView, keys_button);
  gtk_widget_class_bind_template_child (widget, AsternScreenView, pages);
  gtk_widget_class_bind_template_child (widget, AsternScreenView, home);
  gtk_widget_class_bind_template_child (widget, AsternScreenView, scroller);
  gtk_widget_class_bind_template_child (widget, AsternScreenView, area);
}

static void
load_settings (AsternScreenView *self)
{
  GSettings *settings = astern_window_settings_new ("screen-scale");
  g_autoptr (GVariant) scale = settings != NULL ? g_settings_get_value (settings, "screen-scale") : NULL;
  g_autoptr (GVariant) smooth = settings != NULL ? g_settings_get_value (settings, "screen-smooth") : NULL;

  if (settings == NULL)
    return;
  g_action_group_change_action_state (G_ACTION_GROUP (self->actions), "scale", scale);
  g_action_group_change_action_state (G_ACTION_GROUP (self->actions), "smooth", smooth);
  self->settings = settings;      /* from now on changes are remembered */
}

static void
astern_screen_view_init (AsternScreenView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->input = astern_screen_input_new (self->area);
  g_signal_connect_object (self->input, "grabbed", G_CALLBACK (update_hint), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->input, "full-screen", G_CALLBACK (toggle_full_screen), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->area, "notify::has-focus", G_CALLBACK (on_focus), self, G_CONNECT_SWAPPED);
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "screen", G_ACTION_GROUP (self->actions));
  fill_keys_menu (self);
  load_settings (self);
  update_hint (self);
}
