/* screen-text.c - see screen-text.h.
 * Source: ATK's reference manual, AtkText.
 * Left out: places of characters in pixels, sentences and paragraphs, the cursor. */
#include "config.h"

#include "gui/screen-text.h"

#include "gui/screen-area.h"

#include <string.h>

struct _AsternScreenText
{
  GtkWidgetAccessible parent_instance;
};

static void init_text (AtkTextIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AsternScreenText, astern_screen_text, GTK_TYPE_WIDGET_ACCESSIBLE,
                               G_IMPLEMENT_INTERFACE (ATK_TYPE_TEXT, init_text))

AsternTextChange
astern_text_change (const char *before, const char *after)
{
  const char *old = before != NULL ? before : "", *new = after != NULL ? after : "";
  gsize n_old = strlen (old), n_new = strlen (new), start = 0, same = 0;

  while (start < n_old && old[start] == new[start])
    start++;
  while (same < MIN (n_old, n_new) - start && old[n_old - 1 - same] == new[n_new - 1 - same])
    same++;
  return (AsternTextChange) { (int) start, (int) (n_old - same - start), (int) (n_new - same - start) };
}

void
astern_screen_text_changed (AtkObject *object, const char *before, const char *after)
{
  AsternTextChange change = astern_text_change (before, after);

  if (!ASTERN_IS_SCREEN_TEXT (object))     /* there is no bridge */
    return;
  if (change.removed > 0)
    g_signal_emit_by_name (object, "text-changed::delete", change.start, change.removed);
  if (change.inserted > 0)
    g_signal_emit_by_name (object, "text-changed::insert", change.start, change.inserted);
}

static const char *
text_of (AtkText *text)
{
  GtkWidget *widget = gtk_accessible_get_widget (GTK_ACCESSIBLE (text));

  return widget != NULL ? astern_screen_area_text (ASTERN_SCREEN_AREA (widget)) : "";
}

static char *
get_text (AtkText *text, int start, int end)
{
  const char *all = text_of (text);
  int size = (int) strlen (all);

  start = CLAMP (start, 0, size);
  end = end < 0 ? size : CLAMP (end, start, size);
  return g_strndup (all + start, (gsize) (end - start));
}

static gunichar
get_character (AtkText *text, int offset)
{
  const char *all = text_of (text);

  return offset >= 0 && offset < (int) strlen (all) ? (guchar) all[offset] : 0;
}

static int
get_count (AtkText *text)
{
  return (int) strlen (text_of (text));
}

static gboolean
ends_unit (AtkTextGranularity unit, const char *all, int at)
{
  if (unit == ATK_TEXT_GRANULARITY_LINE || all[at - 1] == '\n')
    return all[at - 1] == '\n';
  return unit != ATK_TEXT_GRANULARITY_WORD || (g_ascii_isspace (all[at - 1]) && !g_ascii_isspace (all[at]));
}

static char *
get_string (AtkText *text, int offset, AtkTextGranularity unit, int *start, int *end)
{
  const char *all = text_of (text);
  int size = (int) strlen (all);

  offset = CLAMP (offset, 0, size);
  *start = *end = offset;
  if (unit != ATK_TEXT_GRANULARITY_CHAR)
    while (*start > 0 && !ends_unit (unit, all, *start))
      --*start;
  if (*end < size)
    ++*end;
  if (unit != ATK_TEXT_GRANULARITY_CHAR)
    while (*end < size && !ends_unit (unit, all, *end))
      ++*end;
  return g_strndup (all + *start, (gsize) (*end - *start));
}

static int
get_no_caret (AtkText *text)
{
  return -1;
}

static int
get_no_selections (AtkText *text)
{
  return 0;
}

static void
init_text (AtkTextIface *iface)
{
  iface->get_text = get_text;
  iface->get_character_at_offset = get_character;
  iface->get_character_count = get_count;
  iface->get_string_at_offset = get_string;
  iface->get_caret_offset = get_no_caret;
  iface->get_n_selections = get_no_selections;
}

static void
initialize (AtkObject *object, gpointer data)
{
  ATK_OBJECT_CLASS (astern_screen_text_parent_class)->initialize (object, data);
  atk_object_set_role (object, ATK_ROLE_DRAWING_AREA);
}

static void
astern_screen_text_class_init (AsternScreenTextClass *klass)
{
  ATK_OBJECT_CLASS (klass)->initialize = initialize;
}

static void
astern_screen_text_init (AsternScreenText *text)
{
}
