/* start-page.c - see start-page.h. */
#include "config.h"

#include "gui/start-page.h"

#include "gui/command-line.h"
#include "gui/recent.h"

#include <glib/gi18n.h>

struct _AsternStartPage
{
  GtkBox parent_instance;

  /* Template children. */
  GtkWidget *machines, *recordings;               /* GtkListBox */
  GtkWidget *machines_box, *recordings_box;       /* with their headings */
  GtkWidget *nothing;                             /* when there is neither */
};

G_DEFINE_FINAL_TYPE (AsternStartPage, astern_start_page, GTK_TYPE_BOX)

/* ---- a row ---- */

static GtkWidget *
new_label (const char *text, PangoEllipsizeMode ellipsize, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), ellipsize);
  gtk_label_set_width_chars (GTK_LABEL (label), 30);
  gtk_style_context_add_class (gtk_widget_get_style_context (label), style);
  return label;
}

/* "3 November 2026, 14:05" as the user's language writes it. */
static char *
when_text (const AsternRecent *recent)
{
  g_autoptr (GDateTime) when = g_date_time_new_from_unix_local (recent->when_s);

  return when != NULL ? g_date_time_format (when, "%c") : g_strdup ("");
}

static GtkWidget *
new_row (const AsternRecent *recent)
{
  g_autofree char *line = astern_command_line_text ((const char *const *) recent->words);
  g_autofree char *when = when_text (recent);
  g_autofree char *tip = g_strdup_printf ("%s\n%s", line, when);
  g_autofree char *name = g_strdup_printf ("%s: %s", recent->title, line);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  gtk_container_add (GTK_CONTAINER (box), new_label (recent->title, PANGO_ELLIPSIZE_END, "astern-recent-title"));
  gtk_container_add (GTK_CONTAINER (box), new_label (line, PANGO_ELLIPSIZE_MIDDLE, "astern-recent-line"));
  gtk_container_set_border_width (GTK_CONTAINER (box), 8);
  gtk_container_add (GTK_CONTAINER (row), box);
  gtk_widget_set_tooltip_text (row, tip);
  atk_object_set_name (gtk_widget_get_accessible (row), name);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "win.start");
  gtk_actionable_set_action_target_value (GTK_ACTIONABLE (row),
                                          g_variant_new_strv ((const char *const *) recent->words, -1));
  gtk_widget_show_all (row);
  return row;
}

/* ---- the lists ---- */

static void
clear (GtkWidget *list)
{
  g_autoptr (GList) rows = gtk_container_get_children (GTK_CONTAINER (list));

  for (GList *row = rows; row != NULL; row = row->next)
    gtk_widget_destroy (row->data);
}

void
astern_start_page_refresh (AsternStartPage *page)
{
  g_autofree char *file = astern_recent_file ();
  g_autoptr (GPtrArray) list = astern_recent_load (file);
  guint n_recordings = 0;

  clear (page->machines);
  clear (page->recordings);
  for (guint i = 0; i < list->len; i++)
    {
      const AsternRecent *recent = g_ptr_array_index (list, i);
      gboolean recording = astern_command_line_recording ((const char *const *) recent->words) != NULL;

      gtk_container_add (GTK_CONTAINER (recording ? page->recordings : page->machines), new_row (recent));
      n_recordings += recording;
    }
  gtk_widget_set_visible (page->recordings_box, n_recordings > 0);
  gtk_widget_set_visible (page->machines_box, list->len > n_recordings);
  gtk_widget_set_visible (page->nothing, list->len == 0);
}

/* ---- the object ---- */

static void
astern_start_page_class_init (AsternStartPageClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/start-page.ui");
  gtk_widget_class_bind_template_child (widget, AsternStartPage, machines);
  gtk_widget_class_bind_template_child (widget, AsternStartPage, recordings);
  gtk_widget_class_bind_template_child (widget, AsternStartPage, machines_box);
  gtk_widget_class_bind_template_child (widget, AsternStartPage, recordings_box);
  gtk_widget_class_bind_template_child (widget, AsternStartPage, nothing);
}

/* A list takes no focus by itself; its rows do. */
static gboolean
on_mnemonic (GtkWidget *list)
{
  return gtk_widget_child_focus (list, GTK_DIR_TAB_FORWARD);
}

static void
astern_start_page_init (AsternStartPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
  g_signal_connect (page->machines, "mnemonic-activate", G_CALLBACK (on_mnemonic), NULL);
  g_signal_connect (page->recordings, "mnemonic-activate", G_CALLBACK (on_mnemonic), NULL);
  astern_start_page_refresh (page);
}

GtkWidget *
astern_start_page_new (void)
{
  return g_object_new (ASTERN_TYPE_START_PAGE, NULL);
}
