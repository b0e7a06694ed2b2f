/* screen-text - the guest's text screen for assistive technology: the accessible of an AsternScreenArea.
 *
 * Threads: the main thread. */
#pragma once

#include <gtk/gtk-a11y.h>
#include <gtk/gtk.h>

#define ASTERN_TYPE_SCREEN_TEXT (astern_screen_text_get_type ())
G_DECLARE_FINAL_TYPE (AsternScreenText, astern_screen_text, ASTERN, SCREEN_TEXT, GtkWidgetAccessible)

/* What stands between the longest beginning and end that both have.  Lines of ASCII; nullable: empty. */
typedef struct
{
  int start, removed, inserted;
} AsternTextChange;

AsternTextChange astern_text_change (const char *before, const char *after);

/* Tells who listens. */
void astern_screen_text_changed (AtkObject *object, const char *before, const char *after);
