/* dock.c - see dock.h. */
#include "config.h"

#include "gui/dock.h"

#include "gui/notebook.h"

#include <string.h>

#include <glib/gi18n.h>

#define GROUP "astern-panes"      /* tabs can be dragged within it */

static const char *const place_names[ASTERN_N_PLACES] = { "left", "centre", "right", "bottom" };

struct _AsternDock
{
  GtkBin     parent_instance;
  GtkWidget *places[ASTERN_N_PLACES];     /* GtkNotebook */
  GtkWidget *paned[ASTERN_DOCK_BORDERS];  /* left | rest; centre / bottom; centre | right */
  AsternRun *run;                         /* owned, (nullable) */
  gboolean   changing;                    /* the layout as a whole: not each step is told */
};

G_DEFINE_FINAL_TYPE (AsternDock, astern_dock, GTK_TYPE_BIN)

enum { LAYOUT_CHANGED, SHOW_ADDRESS, N_SIGNALS };
static guint signals[N_SIGNALS];

const AsternPaneInfo *
astern_pane_find (const char *name)
{
  for (const AsternPaneInfo *pane = astern_panes; pane->name != NULL; pane++)
    if (g_str_equal (pane->name, name))
      return pane;
  return NULL;
}

/* ---- tabs ---- */

static void
changed (AsternDock *dock)
{
  if (dock->changing)
    return;
  for (guint i = 0; i < ASTERN_N_PLACES; i++)
    {
      gboolean any = gtk_notebook_get_n_pages (GTK_NOTEBOOK (dock->places[i])) > 0;

      gtk_widget_set_visible (dock->places[i], any);
    }
  g_signal_emit (dock, signals[LAYOUT_CHANGED], 0);
}

static void
on_show_address (AsternDock *dock, guint what, guint64 address, AsternView *view)
{
  g_signal_emit (dock, signals[SHOW_ADDRESS], 0, what, address);
}

static void
on_close_clicked (GtkButton *button, gpointer data)
{
  AsternView *view = data;
  GtkWidget *dock = gtk_widget_get_ancestor (GTK_WIDGET (view), ASTERN_TYPE_DOCK);

  if (dock != NULL)
    astern_dock_hide (ASTERN_DOCK (dock), view);
}

static GtkWidget *
new_tab (AsternView *view, const AsternPaneInfo *pane)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *label = gtk_label_new (_(pane->title));
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic", GTK_ICON_SIZE_MENU);
  g_autofree char *name = g_strdup_printf (_("Hide %s"), _(pane->title));

  gtk_button_set_relief (GTK_BUTTON (close), GTK_RELIEF_NONE);
  gtk_widget_set_focus_on_click (close, FALSE);
  gtk_widget_set_tooltip_text (close, name);
  atk_object_set_name (gtk_widget_get_accessible (close), name);
  gtk_style_context_add_class (gtk_widget_get_style_context (close), "astern-tab-close");
  g_signal_connect (close, "clicked", G_CALLBACK (on_close_clicked), view);
  gtk_container_add (GTK_CONTAINER (box), label);
  gtk_container_add (GTK_CONTAINER (box), close);
  gtk_widget_show_all (box);
  return box;
}

static AsternView *
insert (AsternDock *dock, const AsternPaneInfo *pane, AsternPlace place)
{
  AsternView *view = g_object_new (pane->type (), "name", pane->name, NULL);
  GtkNotebook *notebook = GTK_NOTEBOOK (dock->places[place]);

  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (view)), _(pane->title));
  g_signal_connect_object (view, "show-address", G_CALLBACK (on_show_address), dock, G_CONNECT_SWAPPED);
  gtk_widget_show (GTK_WIDGET (view));
  gtk_notebook_append_page (notebook, GTK_WIDGET (view), new_tab (view, pane));
  gtk_notebook_set_tab_reorderable (notebook, GTK_WIDGET (view), TRUE);
  gtk_notebook_set_tab_detachable (notebook, GTK_WIDGET (view), TRUE);
  gtk_notebook_set_menu_label_text (notebook, GTK_WIDGET (view), _(pane->title));
  gtk_container_child_set (GTK_CONTAINER (notebook), GTK_WIDGET (view), "tab-fill", FALSE, NULL);
  astern_view_set_run (view, dock->run);
  return view;
}

static void
on_page_changed (AsternDock *dock)
{
  if (!gtk_widget_in_destruction (GTK_WIDGET (dock)))
    changed (dock);
}

/* ---- finding ---- */

gboolean
astern_dock_foreach (AsternDock *dock, gboolean (*visit) (AsternView *view, gpointer data), gpointer data)
{
  for (guint i = 0; i < ASTERN_N_PLACES; i++)
    {
      g_autoptr (GList) pages = gtk_container_get_children (GTK_CONTAINER (dock->places[i]));

      for (GList *page = pages; page != NULL; page = page->next)
        if (visit (page->data, data))
          return TRUE;
    }
  return FALSE;
}

typedef struct
{
  const char *name;
  AsternView *view;
} Search;

static gboolean
has_name (AsternView *view, gpointer data)
{
  Search *search = data;

  if (g_strcmp0 (gtk_widget_get_name (GTK_WIDGET (view)), search->name) != 0)
    return FALSE;
  search->view = view;
  return TRUE;
}

AsternView *
astern_dock_find (AsternDock *dock, const char *name)
{
  Search search = { name, NULL };

  astern_dock_foreach (dock, has_name, &search);
  return search.view;
}

gboolean
astern_dock_has (AsternDock *dock, const char *name)
{
  return astern_dock_find (dock, name) != NULL;
}

static void
bring_to_front (AsternDock *dock, AsternView *view)
{
  GtkWidget *notebook = gtk_widget_get_ancestor (GTK_WIDGET (view), GTK_TYPE_NOTEBOOK);

  gtk_notebook_set_current_page (GTK_NOTEBOOK (notebook), gtk_notebook_page_num (GTK_NOTEBOOK (notebook), GTK_WIDGET (view)));
}

AsternView *
astern_dock_show (AsternDock *dock, const char *name)
{
  AsternView *view = astern_dock_find (dock, name);

  if (view == NULL)
    view = astern_dock_add (dock, name);
  bring_to_front (dock, view);
  return view;
}

AsternView *
astern_dock_add (AsternDock *dock, const char *name)
{
  const AsternPaneInfo *pane = astern_pane_find (name);
  AsternView *view;

  g_return_val_if_fail (pane != NULL, NULL);
  view = insert (dock, pane, pane->place);
  changed (dock);
  bring_to_front (dock, view);
  return view;
}

void
astern_dock_hide (AsternDock *dock, AsternView *view)
{
  gtk_widget_destroy (GTK_WIDGET (view));
  changed (dock);
}

/* ---- the run ---- */

static gboolean
set_run (AsternView *view, gpointer data)
{
  astern_view_set_run (view, data);
  return FALSE;
}

void
astern_dock_set_run (AsternDock *dock, AsternRun *run)
{
  g_set_object (&dock->run, run);
  astern_dock_foreach (dock, set_run, run);
}

/* ---- the layout as text ---- */

char *
astern_dock_layout (AsternDock *dock)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < ASTERN_N_PLACES; i++)
    {
      GtkNotebook *notebook = GTK_NOTEBOOK (dock->places[i]);
      int current = gtk_notebook_get_current_page (notebook);
      g_autoptr (GList) pages = gtk_container_get_children (GTK_CONTAINER (notebook));
      int n = 0;

      g_string_append_printf (text, "%s%s:", i > 0 ? ";" : "", place_names[i]);
      for (GList *page = pages; page != NULL; page = page->next, n++)
        g_string_append_printf (text, "%s%s%s", n > 0 ? "," : "", gtk_widget_get_name (page->data), n == current ? "!" : "");
    }
  return g_string_free (text, FALSE);
}

static gint
find_place (const char *name)
{
  for (gint i = 0; i < ASTERN_N_PLACES; i++)
    if (g_str_equal (place_names[i], name))
      return i;
  return -1;
}

/* "registers!": the one in front. */
static void
place_panes (AsternDock *dock, AsternPlace place, const char *names)
{
  g_auto (GStrv) words = g_strsplit (names, ",", -1);
  AsternView *front = NULL;

  for (char **word = words; *word != NULL; word++)
    {
      gsize size = strlen (*word);
      gboolean in_front = size > 0 && (*word)[size - 1] == '!';
      const AsternPaneInfo *pane;

      if (in_front)
        (*word)[size - 1] = '\0';
      pane = astern_pane_find (*word);
      if (pane == NULL || (!pane->several && astern_dock_has (dock, pane->name)))
        continue;
      {
        AsternView *view = insert (dock, pane, place);

        front = in_front ? view : front;
      }
    }
  if (front != NULL)
    bring_to_front (dock, front);
}

static void
place_first (AsternDock *dock)
{
  for (const AsternPaneInfo *pane = astern_panes; pane->name != NULL; pane++)
    if (pane->shown)
      insert (dock, pane, pane->place);
  for (guint i = 0; i < ASTERN_N_PLACES; i++)
    gtk_notebook_set_current_page (GTK_NOTEBOOK (dock->places[i]), 0);
}

static void
remove_all (AsternDock *dock)
{
  for (guint i = 0; i < ASTERN_N_PLACES; i++)
    {
      g_autoptr (GList) pages = gtk_container_get_children (GTK_CONTAINER (dock->places[i]));

      for (GList *page = pages; page != NULL; page = page->next)
        gtk_widget_destroy (page->data);
    }
}

void
astern_dock_set_layout (AsternDock *dock, const char *layout)
{
  g_auto (GStrv) places = g_strsplit (layout, ";", -1);

  dock->changing = TRUE;
  remove_all (dock);
  if (layout[0] == '\0')
    place_first (dock);
  for (char **at = places; *at != NULL; at++)
    {
      char *colon = strchr (*at, ':');
      gint place;

      if (colon == NULL)
        continue;
      *colon = '\0';
      place = find_place (*at);
      if (place >= 0)
        place_panes (dock, (AsternPlace) place, colon + 1);
    }
  dock->changing = FALSE;
  changed (dock);
}

/* ---- the object ---- */

static GtkWidget *
new_place (AsternDock *dock, AsternPlace place)
{
  static const char *const titles[ASTERN_N_PLACES] = { N_("Left panes"), N_("Centre panes"), N_("Right panes"), N_("Bottom panes") };
  GtkWidget *notebook = gtk_notebook_new ();

  astern_notebook_guard_removal (GTK_NOTEBOOK (notebook));
  gtk_notebook_set_scrollable (GTK_NOTEBOOK (notebook), TRUE);
  gtk_notebook_popup_enable (GTK_NOTEBOOK (notebook));
  gtk_notebook_set_group_name (GTK_NOTEBOOK (notebook), GROUP);
  gtk_widget_set_name (notebook, place_names[place]);
  atk_object_set_name (gtk_widget_get_accessible (notebook), _(titles[place]));
  g_signal_connect_object (notebook, "page-added", G_CALLBACK (on_page_changed), dock, G_CONNECT_SWAPPED);
  g_signal_connect_object (notebook, "page-removed", G_CALLBACK (on_page_changed), dock, G_CONNECT_SWAPPED);
  g_signal_connect_object (notebook, "page-reordered", G_CALLBACK (on_page_changed), dock, G_CONNECT_SWAPPED);
  gtk_widget_set_no_show_all (notebook, TRUE);
  return notebook;
}

static void
dispose (GObject *object)
{
  AsternDock *dock = ASTERN_DOCK (object);

  dock->changing = TRUE;
  g_clear_object (&dock->run);
  G_OBJECT_CLASS (astern_dock_parent_class)->dispose (object);
}

static void
astern_dock_class_init (AsternDockClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = dispose;
  signals[LAYOUT_CHANGED] = g_signal_new ("layout-changed", ASTERN_TYPE_DOCK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 0);
  signals[SHOW_ADDRESS] = g_signal_new ("show-address", ASTERN_TYPE_DOCK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT64);
}

static void
astern_dock_init (AsternDock *dock)
{
  GtkWidget *outer = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);
  GtkWidget *column = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  GtkWidget *inner = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);

  for (guint i = 0; i < ASTERN_N_PLACES; i++)
    dock->places[i] = new_place (dock, (AsternPlace) i);
  gtk_paned_pack1 (GTK_PANED (inner), dock->places[ASTERN_PLACE_CENTRE], TRUE, FALSE);
  gtk_paned_pack2 (GTK_PANED (inner), dock->places[ASTERN_PLACE_RIGHT], FALSE, FALSE);
  gtk_paned_pack1 (GTK_PANED (column), inner, TRUE, FALSE);
  gtk_paned_pack2 (GTK_PANED (column), dock->places[ASTERN_PLACE_BOTTOM], FALSE, FALSE);
  gtk_paned_pack1 (GTK_PANED (outer), dock->places[ASTERN_PLACE_LEFT], FALSE, FALSE);
  gtk_paned_pack2 (GTK_PANED (outer), column, TRUE, FALSE);
  gtk_paned_set_position (GTK_PANED (outer), 300);
  gtk_paned_set_position (GTK_PANED (inner), 640);
  gtk_paned_set_position (GTK_PANED (column), 440);
  dock->paned[0] = outer;
  dock->paned[1] = column;
  dock->paned[2] = inner;
  gtk_container_add (GTK_CONTAINER (dock), outer);
  gtk_widget_show_all (outer);
}

GtkWidget *
astern_dock_border (AsternDock *dock, guint index)
{
  return dock->paned[index];
}

GtkWidget *
astern_dock_new (void)
{
  return g_object_new (ASTERN_TYPE_DOCK, NULL);
}
