/* devices-view.c - see devices-view.h. */
#include "config.h"

#include "gui/devices-view.h"

#include "gui/device-rows.h"
#include "session/point-parse.h"

#include <glib/gi18n.h>

struct _AsternDevicesView
{
  AsternView  parent_instance;
  AsternRows *rows;

  GtkWidget *tree, *menu, *break_any, *break_write, *show_memory;
};

G_DEFINE_FINAL_TYPE (AsternDevicesView, astern_devices_view, ASTERN_TYPE_VIEW)

/* ---- looking ---- */

typedef struct
{
  GHashTable    *unfolded;
  AsternRowList *rows;
} Question;

static gpointer
ask (AsternView *view)
{
  Question *question = g_new0 (Question, 1);

  question->unfolded = astern_rows_unfolded (ASTERN_DEVICES_VIEW (view)->rows);
  return question;
}

/* The machine's thread. */
static void
look (AsternSession *session, gpointer data)
{
  Question *question = data;

  question->rows = astern_row_list_new ();
  astern_device_rows_add (question->rows, session->launch->machine, question->unfolded);
}

static void
show (AsternView *view, gpointer data)
{
  Question *question = data;

  if (question->rows != NULL)
    astern_rows_show (ASTERN_DEVICES_VIEW (view)->rows, g_steal_pointer (&question->rows),
                      astern_run_status (astern_view_run (view))->serial);
}

static void
free_question (gpointer data)
{
  Question *question = data;

  g_clear_pointer (&question->rows, astern_row_list_free);
  g_hash_table_unref (question->unfolded);
  g_free (question);
}

static void
run_changed (AsternView *view)
{
  astern_rows_clear (ASTERN_DEVICES_VIEW (view)->rows);
}

/* ---- the menu of a register ---- */

typedef struct
{
  AsternRun  *run;
  AsternPoint point;
} Addition;

static void
free_addition (gpointer data)
{
  Addition *addition = data;

  g_object_unref (addition->run);
  g_free (addition);
}

/* The machine's thread. */
static void
add_point (AsternSession *session, gpointer data)
{
  Addition *addition = data;
  g_autoptr (GError) error = NULL;

  if (astern_debugger_add_point (session->debugger, astern_run_client (addition->run), &addition->point, &error) == NULL)
    astern_run_say (addition->run, error->message);
}

static void
break_at (AsternDevicesView *self, guint8 access)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  Addition *addition;
  guint64 address;
  guint flags;

  if (run == NULL || !astern_rows_selected (self->rows, NULL, &address, &flags) || !(flags & ASTERN_DEVICE_REGISTER))
    return;
  addition = g_new (Addition, 1);
  addition->run = g_object_ref (run);
  addition->point = astern_point_new (flags & ASTERN_DEVICE_PORT ? ASTERN_POINT_PORT : ASTERN_POINT_MEMORY);
  addition->point.space = flags & ASTERN_DEVICE_PORT ? ASTERN_SPACE_LINEAR : ASTERN_SPACE_PHYSICAL;
  addition->point.start = address;
  addition->point.size = flags >> ASTERN_DEVICE_SIZE_SHIFT;
  addition->point.access = access;
  astern_run_call (run, add_point, addition, free_addition);
}

static void
on_break_any (AsternDevicesView *self)
{
  break_at (self, ASTERN_POINT_READ | ASTERN_POINT_WRITE);
}

static void
on_break_write (AsternDevicesView *self)
{
  break_at (self, ASTERN_POINT_WRITE);
}

static void
on_show_memory (AsternDevicesView *self)
{
  guint64 address;

  if (astern_rows_selected (self->rows, NULL, &address, NULL))
    astern_view_request (ASTERN_VIEW (self), ASTERN_SHOW_PHYSICAL, address);
}

/* FALSE: there is nothing to do with the row selected. */
static gboolean
prepare_menu (AsternDevicesView *self)
{
  guint flags = 0;
  gboolean any = astern_rows_selected (self->rows, NULL, NULL, &flags) && (flags & (ASTERN_DEVICE_PORT | ASTERN_DEVICE_MEMORY));
  gboolean reg = any && (flags & ASTERN_DEVICE_REGISTER);

  gtk_widget_set_sensitive (self->break_any, reg);
  gtk_widget_set_sensitive (self->break_write, reg);
  gtk_widget_set_sensitive (self->show_memory, any && (flags & ASTERN_DEVICE_MEMORY));
  return any;
}

static gboolean
on_popup_menu (AsternDevicesView *self)
{
  if (!prepare_menu (self))
    return FALSE;
  gtk_menu_popup_at_widget (GTK_MENU (self->menu), self->tree, GDK_GRAVITY_CENTER, GDK_GRAVITY_NORTH_WEST, NULL);
  return TRUE;
}

static gboolean
on_button (AsternDevicesView *self, GdkEventButton *event)
{
  GtkTreePath *path = NULL;

  if (!gdk_event_triggers_context_menu ((GdkEvent *) event)
      || !gtk_tree_view_get_path_at_pos (GTK_TREE_VIEW (self->tree), (int) event->x, (int) event->y, &path, NULL, NULL, NULL))
    return FALSE;
  gtk_tree_selection_select_path (gtk_tree_view_get_selection (GTK_TREE_VIEW (self->tree)), path);
  gtk_tree_path_free (path);
  if (!prepare_menu (self))
    return FALSE;
  gtk_menu_popup_at_pointer (GTK_MENU (self->menu), (GdkEvent *) event);
  return TRUE;
}

static void
on_row_activated (AsternDevicesView *self, GtkTreePath *path)
{
  GtkTreeView *tree = GTK_TREE_VIEW (self->tree);

  if (gtk_tree_view_row_expanded (tree, path))
    gtk_tree_view_collapse_row (tree, path);
  else
    gtk_tree_view_expand_row (tree, path, FALSE);
}

/* ---- the object ---- */

static void
dispose (GObject *object)
{
  AsternDevicesView *self = ASTERN_DEVICES_VIEW (object);

  g_clear_pointer (&self->menu, gtk_widget_destroy);
  G_OBJECT_CLASS (astern_devices_view_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  astern_rows_free (ASTERN_DEVICES_VIEW (object)->rows);
  G_OBJECT_CLASS (astern_devices_view_parent_class)->finalize (object);
}

static void
astern_devices_view_class_init (AsternDevicesViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  G_OBJECT_CLASS (klass)->finalize = finalize;
  ASTERN_VIEW_CLASS (klass)->ask = ask;
  ASTERN_VIEW_CLASS (klass)->look = look;
  ASTERN_VIEW_CLASS (klass)->show = show;
  ASTERN_VIEW_CLASS (klass)->free_question = free_question;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/devices-view.ui");
  gtk_widget_class_bind_template_child (widget, AsternDevicesView, tree);
  gtk_widget_class_bind_template_callback (widget, on_popup_menu);
  gtk_widget_class_bind_template_callback (widget, on_button);
  gtk_widget_class_bind_template_callback (widget, on_row_activated);
}

static GtkWidget *
add_item (AsternDevicesView *self, const char *label, GCallback activated)
{
  GtkWidget *item = gtk_menu_item_new_with_mnemonic (label);

  g_signal_connect_object (item, "activate", activated, self, G_CONNECT_SWAPPED);
  gtk_menu_shell_append (GTK_MENU_SHELL (self->menu), item);
  return item;
}

static void
astern_devices_view_init (AsternDevicesView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->rows = astern_rows_new (GTK_TREE_VIEW (self->tree), ASTERN_DEVICE_VALUE, (void (*) (gpointer)) astern_view_refresh, self);
  self->menu = gtk_menu_new ();
  gtk_menu_attach_to_widget (GTK_MENU (self->menu), self->tree, NULL);
  self->break_any = add_item (self, _("Break on _Access to This Register"), G_CALLBACK (on_break_any));
  self->break_write = add_item (self, _("Break on a _Write to This Register"), G_CALLBACK (on_break_write));
  self->show_memory = add_item (self, _("Show in Physical _Memory"), G_CALLBACK (on_show_memory));
  gtk_widget_show_all (self->menu);
}
