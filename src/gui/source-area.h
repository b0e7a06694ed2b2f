/* source-area - the text of a source with what is known of its lines: a GtkSourceView.
 *
 * Threads: the main thread. */
#pragma once

#include <gtksourceview/gtksource.h>

#define ASTERN_TYPE_SOURCE_AREA (astern_source_area_get_type ())
G_DECLARE_FINAL_TYPE (AsternSourceArea, astern_source_area, ASTERN, SOURCE_AREA, GtkSourceView)

/* @name: of the file, for its language. */
void     astern_source_area_set_text    (AsternSourceArea *area, const char *name, const char *text);
/* Lines from 1 on; @line 0: none. */
void     astern_source_area_set_present (AsternSourceArea *area, guint line, gboolean scroll);
void     astern_source_area_clear_marks (AsternSourceArea *area);
void     astern_source_area_add_mark    (AsternSourceArea *area, guint line, gboolean enabled);
/* Where the cursor is. */
guint    astern_source_area_line        (AsternSourceArea *area);
/* The variable at a point of the widget; NULL: none, or in a comment or a string.  Free it. */
char    *astern_source_area_path_at     (AsternSourceArea *area, int x, int y);

/* Signals: "toggle" (guint line): the margin was clicked. */
