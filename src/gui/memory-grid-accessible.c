/* memory-grid-accessible.c - see memory-grid-accessible.h. */
#include "config.h"

#include "gui/memory-grid-accessible.h"

#include <string.h>

typedef struct
{
  GtkWidgetAccessible parent_instance;
} AsternMemoryGridAccessible;

typedef GtkWidgetAccessibleClass AsternMemoryGridAccessibleClass;

static void add_text_interface (AtkTextIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AsternMemoryGridAccessible, astern_memory_grid_accessible, GTK_TYPE_WIDGET_ACCESSIBLE,
                               G_IMPLEMENT_INTERFACE (ATK_TYPE_TEXT, add_text_interface))

/* NULL: the widget is gone. */
static AsternMemoryGrid *
grid_of (gpointer accessible)
{
  return (AsternMemoryGrid *) gtk_accessible_get_widget (GTK_ACCESSIBLE (accessible));
}

/* All of it; ASCII, so that characters are bytes. */
static char *
whole (gpointer accessible)
{
  AsternMemoryGrid *grid = grid_of (accessible);

  return grid != NULL ? astern_memory_grid_text (grid) : g_strdup ("");
}

static char *
piece (const char *text, gint start, gint end)
{
  gint size = (gint) strlen (text);

  start = CLAMP (start, 0, size);
  end = end < 0 ? size : CLAMP (end, start, size);
  return g_strndup (text + start, (gsize) (end - start));
}

static char *
get_text (AtkText *text, gint start, gint end)
{
  g_autofree char *all = whole (text);

  return piece (all, start, end);
}

static gint
get_character_count (AtkText *text)
{
  g_autofree char *all = whole (text);

  return (gint) strlen (all);
}

static gunichar
get_character_at_offset (AtkText *text, gint offset)
{
  g_autofree char *all = whole (text);

  return offset >= 0 && (gsize) offset < strlen (all) ? (guchar) all[offset] : 0;
}

static gint
get_caret_offset (AtkText *text)
{
  AsternMemoryGrid *grid = grid_of (text);

  return grid != NULL ? astern_memory_grid_caret (grid) : -1;
}

static gboolean
set_caret_offset (AtkText *text, gint offset)
{
  AsternMemoryGrid *grid = grid_of (text);

  if (grid == NULL)
    return FALSE;
  astern_memory_grid_place_caret (grid, offset);
  return TRUE;
}

/* From @offset to both sides, up to what @ends. */
static char *
around (const char *all, gint offset, const char *ends, gint *start, gint *end)
{
  gint size = (gint) strlen (all), from, to;

  from = to = CLAMP (offset, 0, size);
  while (from > 0 && strchr (ends, all[from - 1]) == NULL)
    from--;
  while (to < size && strchr (ends, all[to]) == NULL)
    to++;
  *start = from;
  *end = to;
  return piece (all, from, to);
}

static char *
get_string_at_offset (AtkText *text, gint offset, AtkTextGranularity granularity, gint *start, gint *end)
{
  g_autofree char *all = whole (text);

  if (granularity == ATK_TEXT_GRANULARITY_CHAR)
    {
      *start = CLAMP (offset, 0, (gint) strlen (all));
      *end = MIN (*start + 1, (gint) strlen (all));
      return piece (all, *start, *end);
    }
  return around (all, offset, granularity == ATK_TEXT_GRANULARITY_WORD ? " \n" : "\n", start, end);
}

static char *
get_text_at_offset (AtkText *text, gint offset, AtkTextBoundary boundary, gint *start, gint *end)
{
  AtkTextGranularity granularity = boundary == ATK_TEXT_BOUNDARY_CHAR ? ATK_TEXT_GRANULARITY_CHAR
                                   : boundary == ATK_TEXT_BOUNDARY_WORD_START || boundary == ATK_TEXT_BOUNDARY_WORD_END
                                   ? ATK_TEXT_GRANULARITY_WORD : ATK_TEXT_GRANULARITY_LINE;

  return get_string_at_offset (text, offset, granularity, start, end);
}

static void
get_character_extents (AtkText *text, gint offset, gint *x, gint *y, gint *width, gint *height, AtkCoordType type)
{
  AsternMemoryGrid *grid = grid_of (text);
  gint left = 0, top = 0, w, h;
  GdkRectangle box = { 0 };

  if (grid != NULL)
    {
      atk_component_get_extents (ATK_COMPONENT (text), &left, &top, &w, &h, type);
      astern_memory_grid_extents (grid, offset, &box);
    }
  *x = left + box.x;
  *y = top + box.y;
  *width = box.width;
  *height = box.height;
}

/* The address that is selected, for who asks what is selected: the caret's cell, or all of it. */
static gint
get_n_selections (AtkText *text)
{
  return grid_of (text) != NULL && get_caret_offset (text) >= 0 ? 1 : 0;
}

static char *
get_selection (AtkText *text, gint selection, gint *start, gint *end)
{
  g_autofree char *all = whole (text);
  gint caret = get_caret_offset (text);

  *start = *end = 0;
  return selection == 0 && caret >= 0 ? around (all, caret, " \n", start, end) : NULL;
}

static void
add_text_interface (AtkTextIface *iface)
{
  iface->get_text = get_text;
  iface->get_character_count = get_character_count;
  iface->get_character_at_offset = get_character_at_offset;
  iface->get_caret_offset = get_caret_offset;
  iface->set_caret_offset = set_caret_offset;
  iface->get_string_at_offset = get_string_at_offset;
  iface->get_text_at_offset = get_text_at_offset;
  iface->get_character_extents = get_character_extents;
  iface->get_n_selections = get_n_selections;
  iface->get_selection = get_selection;
}

/* Made when somebody asked for it: until then nobody listens. */
static AtkObject *
listener (AsternMemoryGrid *grid)
{
  return gtk_widget_get_mapped (GTK_WIDGET (grid)) ? gtk_widget_get_accessible (GTK_WIDGET (grid)) : NULL;
}

void
astern_memory_grid_accessible_changed (AsternMemoryGrid *grid)
{
  AtkObject *accessible = listener (grid);

  if (accessible != NULL)
    g_signal_emit_by_name (accessible, "visible-data-changed");
}

void
astern_memory_grid_accessible_moved (AsternMemoryGrid *grid)
{
  AtkObject *accessible = listener (grid);
  gint caret = astern_memory_grid_caret (grid);

  if (accessible != NULL && ATK_IS_TEXT (accessible) && caret >= 0)
    g_signal_emit_by_name (accessible, "text-caret-moved", caret);
}

static AtkStateSet *
ref_state_set (AtkObject *object)
{
  AtkStateSet *set = ATK_OBJECT_CLASS (astern_memory_grid_accessible_parent_class)->ref_state_set (object);

  if (grid_of (object) != NULL)
    {
      atk_state_set_add_state (set, ATK_STATE_MULTI_LINE);
      atk_state_set_add_state (set, ATK_STATE_EDITABLE);
    }
  return set;
}

static void
initialize (AtkObject *object, gpointer data)
{
  ATK_OBJECT_CLASS (astern_memory_grid_accessible_parent_class)->initialize (object, data);
  atk_object_set_role (object, ATK_ROLE_TEXT);
}

static void
astern_memory_grid_accessible_class_init (AsternMemoryGridAccessibleClass *klass)
{
  ATK_OBJECT_CLASS (klass)->initialize = initialize;
  ATK_OBJECT_CLASS (klass)->ref_state_set = ref_state_set;
}

static void
astern_memory_grid_accessible_init (AsternMemoryGridAccessible *accessible)
{
}
