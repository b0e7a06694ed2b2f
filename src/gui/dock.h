/* dock - where the panes are: four places with tabs, which the user drags between them.
 *
 * Which panes there are, and where, is kept as text: "left:memory,registers;centre:…".
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_DOCK (astern_dock_get_type ())
G_DECLARE_FINAL_TYPE (AsternDock, astern_dock, ASTERN, DOCK, GtkBin)

GtkWidget  *astern_dock_new      (void);

/* The panes' run; NULL: none. */
void        astern_dock_set_run  (AsternDock *dock, AsternRun *run);

/* The view of that name, the first of several; NULL: it is hidden. */
AsternView *astern_dock_find     (AsternDock *dock, const char *name);
/* Makes it if need be, and brings it to the front. */
AsternView *astern_dock_show     (AsternDock *dock, const char *name);
/* One more of those that there may be several of. */
AsternView *astern_dock_add      (AsternDock *dock, const char *name);
void        astern_dock_hide     (AsternDock *dock, AsternView *view);
/* Calls @visit for each view, until it returns TRUE. */
gboolean    astern_dock_foreach  (AsternDock *dock, gboolean (*visit) (AsternView *view, gpointer data), gpointer data);
/* Whether there is one of that name. */
gboolean    astern_dock_has      (AsternDock *dock, const char *name);

/* Free it. */
char       *astern_dock_layout   (AsternDock *dock);
/* What of @layout is not understood is left out; an empty one is the layout at first. */
void        astern_dock_set_layout (AsternDock *dock, const char *layout);

/* GtkPaned, from the outer one to the inner ones. */
#define ASTERN_DOCK_BORDERS 3
GtkWidget  *astern_dock_border   (AsternDock *dock, guint index);

const AsternPaneInfo *astern_pane_find (const char *name);

/* Signal "layout-changed".  Signal "show-address" (what, address): of one of its views. */
