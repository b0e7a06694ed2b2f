/* view - a pane of the window: something of the machine, shown.
 *
 * A view says what it wants to know (ask), on the main thread; all views' questions go to the machine's thread
 * together, where each is answered (look); then each is told (show), on the main thread.  Between ask and show a question
 * is plain data of nobody's: look touches nothing of GTK's, and the machine never waits.
 *
 * Threads: the main thread, but for look. */
#pragma once

#include <gtk/gtk.h>

#include "gui/run.h"

#define ASTERN_TYPE_VIEW (astern_view_get_type ())
G_DECLARE_DERIVABLE_TYPE (AsternView, astern_view, ASTERN, VIEW, GtkBox)

/* What views ask of each other: "go to this address".  Bubbles up to the window, which finds who shows it. */
typedef enum
{
  ASTERN_SHOW_CODE,        /* disassembly, at a linear address */
  ASTERN_SHOW_MEMORY,      /* at a linear address */
  ASTERN_SHOW_PHYSICAL,    /* memory, at a physical address */
  ASTERN_SHOW_TABLES,      /* the page walk of a linear address */
  ASTERN_N_SHOWS
} AsternShow;

struct _AsternViewClass
{
  GtkBoxClass parent_class;

  /* (nullable) What is to be known; NULL: nothing. */
  gpointer (*ask)  (AsternView *view);
  /* The machine's thread: answers. */
  void     (*look) (AsternSession *session, gpointer question);
  /* Shows the answer; @question stays the caller's. */
  void     (*show) (AsternView *view, gpointer question);
  void     (*free_question) (gpointer question);
  /* The run is another one, or NULL: forget what was shown. */
  void     (*run_changed) (AsternView *view);
  /* (nullable) Another view, or the user, wants to see this here; FALSE: it is not for this view. */
  gboolean (*show_address) (AsternView *view, AsternShow what, guint64 address);
  /* (nullable) A linear address of code that the user has pointed at; FALSE: none. */
  gboolean (*code_cursor) (AsternView *view, guint64 *address);
  /* (nullable) Whether its widget that has the focus gets this key before the window's shortcuts do. */
  gboolean (*takes_key) (AsternView *view, const GdkEventKey *event);
  /* Also while the guest runs; others are shown greyed then, with what was there at the last stop. */
  gboolean  while_running;
};

/* (nullable) */
AsternRun *astern_view_run     (AsternView *view);
void       astern_view_set_run (AsternView *view, AsternRun *run);
/* What it wants to know has changed. */
void       astern_view_refresh (AsternView *view);


/* Signal "show-address" (what, address): the window asks the view that shows such things to. */
void       astern_view_request (AsternView *view, AsternShow what, guint64 address);

/* ---- the table of panes ---- */

typedef enum
{
  ASTERN_PLACE_LEFT,
  ASTERN_PLACE_CENTRE,
  ASTERN_PLACE_RIGHT,
  ASTERN_PLACE_BOTTOM,
  ASTERN_N_PLACES
} AsternPlace;

typedef struct
{
  const char *name;          /* "registers"; in the settings and in the name of its action */
  const char *title;         /* untranslated */
  AsternPlace place;         /* where it is at first */
  gboolean    shown;         /* at first */
  gboolean    several;       /* there may be more than one */
  GType     (*type) (void);
} AsternPaneInfo;

/* Up to one without a name. */
extern const AsternPaneInfo astern_panes[];
