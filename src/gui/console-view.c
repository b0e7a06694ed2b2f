/* console-view.c - see console-view.h. */
#include "config.h"

#include "gui/console-view.h"

#include "gui/console-page.h"
#include "gui/notebook.h"
#include "gui/settings.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>
#include <vte/vte.h>

#define SCALE_STEP  1.1
#define SCALE_STEPS 12      /* either way */

struct _AsternConsoleView
{
  AsternView          parent_instance;
  AsternRun          *run;          /* owned, (nullable) */
  GSimpleActionGroup *actions;
  GSettings          *settings;     /* (nullable) */
  int                 larger;       /* steps of the font's size */
  gboolean            all_keys;     /* function keys go to the console */
  GtkWidget          *notebook, *none, *pages;
  GMenu              *menu;
};

G_DEFINE_FINAL_TYPE (AsternConsoleView, astern_console_view, ASTERN_TYPE_VIEW)

/* (nullable) */
static AsternConsolePage *
current (AsternConsoleView *self)
{
  GtkNotebook *notebook = GTK_NOTEBOOK (self->notebook);
  GtkWidget *page = gtk_notebook_get_nth_page (notebook, gtk_notebook_get_current_page (notebook));

  return page != NULL ? ASTERN_CONSOLE_PAGE (page) : NULL;
}

static VteTerminal *
terminal_of (AsternConsoleView *self)
{
  AsternConsolePage *page = current (self);

  return page != NULL ? VTE_TERMINAL (astern_console_page_terminal (page)) : NULL;
}

/* ---- pages ---- */

static void
update_page (GtkWidget *page, gpointer data)
{
  astern_console_page_update (ASTERN_CONSOLE_PAGE (page));
}

static void
on_run_changed (AsternConsoleView *self)
{
  gtk_container_foreach (GTK_CONTAINER (self->notebook), update_page, NULL);
}

static void
scale_page (GtkWidget *page, gpointer data)
{
  astern_console_page_set_scale (ASTERN_CONSOLE_PAGE (page), pow (SCALE_STEP, ((AsternConsoleView *) data)->larger));
}

static void
on_news (AsternConsoleView *self, AsternConsolePage *page)
{
  GtkWidget *label = gtk_notebook_get_tab_label (GTK_NOTEBOOK (self->notebook), GTK_WIDGET (page));

  if (page != current (self))
    gtk_style_context_add_class (gtk_widget_get_style_context (label), "astern-news");
}

static void
on_switch_page (AsternConsoleView *self, GtkWidget *page)
{
  GtkWidget *label = gtk_notebook_get_tab_label (GTK_NOTEBOOK (self->notebook), page);

  if (label != NULL)
    gtk_style_context_remove_class (gtk_widget_get_style_context (label), "astern-news");
}

static void show_menu (AsternConsoleView *self, const GdkEvent *event);

static gboolean
on_button (AsternConsoleView *self, GdkEventButton *event)
{
  if (!gdk_event_triggers_context_menu ((GdkEvent *) event))
    return GDK_EVENT_PROPAGATE;
  show_menu (self, (GdkEvent *) event);
  return GDK_EVENT_STOP;
}

static gboolean
on_popup_menu (AsternConsoleView *self)
{
  show_menu (self, NULL);
  return TRUE;
}

static void
add_page (AsternConsoleView *self, AsternConsole *console)
{
  GtkWidget *page = astern_console_page_new (console, self->run);
  GtkWidget *terminal = astern_console_page_terminal (ASTERN_CONSOLE_PAGE (page));
  g_autofree char *title = astern_console_title (astern_console_name (console));
  GtkWidget *label = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_show (page);
  gtk_notebook_append_page (GTK_NOTEBOOK (self->notebook), page, label);
  atk_object_set_name (gtk_widget_get_accessible (page), title);
  scale_page (page, self);
  g_signal_connect_object (page, "news", G_CALLBACK (on_news), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (terminal, "button-press-event", G_CALLBACK (on_button), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (terminal, "popup-menu", G_CALLBACK (on_popup_menu), self, G_CONNECT_SWAPPED);
}

static void
on_consoles_changed (AsternConsoleView *self, guint position, guint removed, guint added)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (AsternConsole) console = g_list_model_get_item (astern_run_consoles (self->run), i);

      add_page (self, console);
    }
  gtk_stack_set_visible_child (GTK_STACK (self->pages),
                               gtk_notebook_get_n_pages (GTK_NOTEBOOK (self->notebook)) > 0 ? self->notebook : self->none);
}

static void
forget_run (AsternConsoleView *self)
{
  if (self->run == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->run, self);
  g_signal_handlers_disconnect_by_data (astern_run_consoles (self->run), self);
  g_clear_object (&self->run);
}

static void
run_changed (AsternView *view)
{
  AsternConsoleView *self = ASTERN_CONSOLE_VIEW (view);
  AsternRun *run = astern_view_run (view);
  GListModel *consoles;

  forget_run (self);
  if (self->notebook == NULL)      /* being destroyed */
    return;
  for (int n = gtk_notebook_get_n_pages (GTK_NOTEBOOK (self->notebook)); n > 0; n--)
    gtk_notebook_remove_page (GTK_NOTEBOOK (self->notebook), n - 1);
  gtk_stack_set_visible_child (GTK_STACK (self->pages), self->none);
  if (run == NULL)
    return;
  self->run = g_object_ref (run);
  consoles = astern_run_consoles (run);
  g_signal_connect_object (run, "changed", G_CALLBACK (on_run_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (consoles, "items-changed", G_CALLBACK (on_consoles_changed), self, G_CONNECT_SWAPPED);
  on_consoles_changed (self, 0, 0, g_list_model_get_n_items (consoles));
}

/* ---- keys ---- */

static gboolean
takes_key (AsternView *view, const GdkEventKey *event)
{
  AsternConsoleView *self = ASTERN_CONSOLE_VIEW (view);
  VteTerminal *terminal = terminal_of (self);

  return terminal != NULL && gtk_widget_has_focus (GTK_WIDGET (terminal)) &&
         astern_console_takes_key (event->keyval, event->state, self->all_keys,
                                   !astern_console_has_moments (astern_console_page_console (current (self))));
}

/* ---- saving ---- */

typedef struct
{
  AsternRun *run;
  char      *name;      /* of the file */
} Saved;

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  Saved *saved = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    {
      text = g_strdup_printf (_("The console’s output could not be written to “%s”: %s"), saved->name, error->message);
      astern_run_say (saved->run, text);
    }
  g_object_unref (saved->run);
  g_free (saved->name);
  g_free (saved);
}

static void
save_to (AsternConsoleView *self, AsternConsole *console, GFile *file)
{
  const AsternRunStatus *status = astern_run_status (self->run);
  guint64 end = astern_console_size (console, status->in_past ? &status->present : NULL);
  gsize size;
  guint8 *bytes = astern_console_read (console, 0, end, &size);
  g_autoptr (GBytes) contents = g_bytes_new_take (bytes, size);
  Saved *saved = g_new (Saved, 1);

  *saved = (Saved) { g_object_ref (self->run), g_file_get_parse_name (file) };
  g_file_replace_contents_bytes_async (file, contents, NULL, FALSE, G_FILE_CREATE_NONE, NULL, on_saved, saved);
}

static void
on_save_response (GtkNativeDialog *dialog, int response, gpointer data)
{
  AsternConsoleView *self = data;
  AsternConsolePage *page = current (self);
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file != NULL && page != NULL && self->run != NULL)
    save_to (self, astern_console_page_console (page), file);
  g_object_unref (self);
  g_object_unref (dialog);
}

static void
save (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AsternConsoleView *self = data;
  GtkWidget *window = gtk_widget_get_toplevel (data);
  GtkFileChooserNative *dialog;
  g_autofree char *name = NULL;

  if (current (self) == NULL)
    return;
  dialog = gtk_file_chooser_native_new (_("Save the Console’s Output"), GTK_WINDOW (window),
                                        GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  name = g_strdup_printf ("%s.txt", astern_console_name (astern_console_page_console (current (self))));
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (dialog), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (on_save_response), g_object_ref (self));
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* ---- actions ---- */

static void
copy (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  if (terminal_of (data) != NULL)
    vte_terminal_copy_clipboard_format (terminal_of (data), VTE_FORMAT_TEXT);
}

static void
paste (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  if (terminal_of (data) != NULL)
    vte_terminal_paste_clipboard (terminal_of (data));
}

static void
select_all (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  if (terminal_of (data) != NULL)
    vte_terminal_select_all (terminal_of (data));
}

static void
find (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  if (current (data) != NULL)
    astern_console_page_search (current (data));
}

static void
set_larger (AsternConsoleView *self, int larger)
{
  self->larger = CLAMP (larger, -SCALE_STEPS, SCALE_STEPS);
  if (self->settings != NULL)
    g_settings_set_int (self->settings, "console-text-size", self->larger);
  gtk_container_foreach (GTK_CONTAINER (self->notebook), scale_page, self);
}

static void
larger (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  set_larger (data, ((AsternConsoleView *) data)->larger + 1);
}

static void
smaller (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  set_larger (data, ((AsternConsoleView *) data)->larger - 1);
}

static void
normal_size (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  set_larger (data, 0);
}

static void
set_all_keys (GSimpleAction *action, GVariant *state, gpointer data)
{
  ((AsternConsoleView *) data)->all_keys = g_variant_get_boolean (state);
  g_simple_action_set_state (action, state);
}

static const GActionEntry entries[] = {
  { .name = "copy", .activate = copy },
  { .name = "paste", .activate = paste },
  { .name = "select-all", .activate = select_all },
  { .name = "find", .activate = find },
  { .name = "save", .activate = save },
  { .name = "larger", .activate = larger },
  { .name = "smaller", .activate = smaller },
  { .name = "normal-size", .activate = normal_size },
  { .name = "all-keys", .state = "false", .change_state = set_all_keys },
};

static GMenu *
new_menu (void)
{
  static const struct { const char *label, *action; } rows[] = {
    { N_("_Copy (Ctrl+Shift+C)"), "console.copy" },
    { N_("_Paste (Ctrl+Shift+V)"), "console.paste" },
    { N_("Select _All (Ctrl+Shift+A)"), "console.select-all" },
    { NULL, NULL },
    { N_("_Find… (Ctrl+Shift+F)"), "console.find" },
    { N_("_Save Output As…"), "console.save" },
    { NULL, NULL },
    { N_("_Larger Text (Ctrl++)"), "console.larger" },
    { N_("S_maller Text (Ctrl+-)"), "console.smaller" },
    { N_("_Normal Size (Ctrl+0)"), "console.normal-size" },
    { NULL, NULL },
    { N_("F_unction Keys Go to the Console"), "console.all-keys" },
  };
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) section = g_menu_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].label != NULL)
      g_menu_append (section, _(rows[i].label), rows[i].action);
    else
      {
        g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
        g_object_unref (section);
        section = g_menu_new ();
      }
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
  return menu;
}

static void
show_menu (AsternConsoleView *self, const GdkEvent *event)
{
  GtkWidget *menu = gtk_menu_new_from_model (G_MENU_MODEL (self->menu));

  gtk_menu_attach_to_widget (GTK_MENU (menu), GTK_WIDGET (self), NULL);
  g_signal_connect (menu, "selection-done", G_CALLBACK (gtk_widget_destroy), NULL);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), "copy")),
                               terminal_of (self) != NULL && vte_terminal_get_has_selection (terminal_of (self)));
  if (event != NULL)
    gtk_menu_popup_at_pointer (GTK_MENU (menu), event);
  else if (terminal_of (self) != NULL)
    gtk_menu_popup_at_widget (GTK_MENU (menu), GTK_WIDGET (terminal_of (self)), GDK_GRAVITY_CENTER, GDK_GRAVITY_NORTH_WEST, NULL);
}

/* ---- the object ---- */

static void
dispose (GObject *object)
{
  AsternConsoleView *self = ASTERN_CONSOLE_VIEW (object);

  forget_run (self);
  self->notebook = NULL;
  g_clear_object (&self->actions);
  g_clear_object (&self->settings);
  g_clear_object (&self->menu);
  G_OBJECT_CLASS (astern_console_view_parent_class)->dispose (object);
}

static void
astern_console_view_class_init (AsternConsoleViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = dispose;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  ASTERN_VIEW_CLASS (klass)->takes_key = takes_key;
}

static void
astern_console_view_init (AsternConsoleView *self)
{
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "console", G_ACTION_GROUP (self->actions));
  self->menu = new_menu ();
  self->settings = astern_window_settings_new ("console-text-size");
  self->larger = self->settings != NULL ? g_settings_get_int (self->settings, "console-text-size") : 0;
  self->pages = gtk_stack_new ();
  self->none = gtk_label_new (_("No port of this machine leads to a console of the window’s; -serial vc and -monitor vc do."));
  gtk_label_set_line_wrap (GTK_LABEL (self->none), TRUE);
  gtk_style_context_add_class (gtk_widget_get_style_context (self->none), "dim-label");
  self->notebook = gtk_notebook_new ();
  astern_notebook_guard_removal (GTK_NOTEBOOK (self->notebook));
  gtk_notebook_set_tab_pos (GTK_NOTEBOOK (self->notebook), GTK_POS_LEFT);
  gtk_notebook_set_show_border (GTK_NOTEBOOK (self->notebook), FALSE);
  atk_object_set_name (gtk_widget_get_accessible (self->notebook), _("Consoles"));
  g_signal_connect_object (self->notebook, "switch-page", G_CALLBACK (on_switch_page), self, G_CONNECT_SWAPPED);
  gtk_container_add (GTK_CONTAINER (self->pages), self->notebook);
  gtk_container_add (GTK_CONTAINER (self->pages), self->none);
  gtk_box_pack_start (GTK_BOX (self), self->pages, TRUE, TRUE, 0);
  gtk_widget_show_all (self->pages);
}
