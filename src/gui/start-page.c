/* start-page.c - see start-page.h. */
#include "config.h"

#include "gui/start-page.h"

#include <glib/gi18n.h>

struct _AsternStartPage
{
  GtkBox parent_instance;
};

G_DEFINE_FINAL_TYPE (AsternStartPage, astern_start_page, GTK_TYPE_BOX)

static void
astern_start_page_class_init (AsternStartPageClass *klass)
{
}

static void
astern_start_page_init (AsternStartPage *self)
{
  GtkWidget *demo = gtk_button_new_with_mnemonic (_("Run the _Demo"));

  gtk_actionable_set_action_name (GTK_ACTIONABLE (demo), "win.demo");
  gtk_box_set_center_widget (GTK_BOX (self), demo);
  gtk_widget_show_all (GTK_WIDGET (self));
}

GtkWidget *
astern_start_page_new (void)
{
  return g_object_new (ASTERN_TYPE_START_PAGE, NULL);
}
