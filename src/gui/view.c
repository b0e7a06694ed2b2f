/* view.c - the base of all panes; see view.h. */
#include "config.h"

#include "gui/view.h"

typedef struct
{
  AsternRun *run;       /* owned, (nullable) */
} AsternViewPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (AsternView, astern_view, GTK_TYPE_BOX)

enum { SHOW_ADDRESS, N_SIGNALS };
static guint signals[N_SIGNALS];

AsternRun *
astern_view_run (AsternView *view)
{
  return ((AsternViewPrivate *) astern_view_get_instance_private (view))->run;
}

void
astern_view_set_run (AsternView *view, AsternRun *run)
{
  AsternViewPrivate *priv = astern_view_get_instance_private (view);

  if (priv->run == run)
    return;
  if (priv->run != NULL)
    astern_run_remove_view (priv->run, view);
  g_set_object (&priv->run, run);
  if (run != NULL)
    astern_run_add_view (run, view);
  if (ASTERN_VIEW_GET_CLASS (view)->run_changed != NULL)
    ASTERN_VIEW_GET_CLASS (view)->run_changed (view);
}

void
astern_view_refresh (AsternView *view)
{
  AsternRun *run = astern_view_run (view);

  if (run != NULL)
    astern_run_refresh (run);
}

void
astern_view_request (AsternView *view, AsternShow what, guint64 address)
{
  g_signal_emit (view, signals[SHOW_ADDRESS], 0, (guint) what, address);
}

static void
map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (astern_view_parent_class)->map (widget);
  astern_view_refresh (ASTERN_VIEW (widget));
}

static void
dispose (GObject *object)
{
  astern_view_set_run (ASTERN_VIEW (object), NULL);
  G_OBJECT_CLASS (astern_view_parent_class)->dispose (object);
}

static void
astern_view_class_init (AsternViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = dispose;
  GTK_WIDGET_CLASS (klass)->map = map;
  signals[SHOW_ADDRESS] = g_signal_new ("show-address", ASTERN_TYPE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT64);
}

static void
astern_view_init (AsternView *view)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (view), GTK_ORIENTATION_VERTICAL);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (view)), "astern-view");
}
