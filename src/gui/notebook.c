/* notebook.c - see notebook.h. */
#include "config.h"

#include "gui/notebook.h"

static void
before_gtk (GtkNotebook *notebook)
{
  gtk_notebook_set_show_tabs (notebook, FALSE);
}

static void
after_gtk (GtkNotebook *notebook)
{
  gtk_notebook_set_show_tabs (notebook, TRUE);
}

/* GTK's own handler is connected when the accessible object is made. */
void
astern_notebook_guard_removal (GtkNotebook *notebook)
{
  g_signal_connect (notebook, "page-removed", G_CALLBACK (before_gtk), NULL);
  gtk_widget_get_accessible (GTK_WIDGET (notebook));
  g_signal_connect_after (notebook, "page-removed", G_CALLBACK (after_gtk), NULL);
}
