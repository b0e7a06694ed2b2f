/* source-area.c - see source-area.h. */
#include "config.h"

#include "gui/source-area.h"

#include "gui/source-text.h"

#include <string.h>

#define PRESENT    "astern-present"
#define BREAKPOINT "astern-breakpoint"
#define DISABLED   "astern-disabled"
enum { ICON_SIZE = 16 };

struct _AsternSourceArea
{
  GtkSourceView parent_instance;
  guint         present;         /* the line; 0: none */
  guint         scrolling;       /* the idle source that shows the cursor, or 0 */
};

G_DEFINE_FINAL_TYPE (AsternSourceArea, astern_source_area, GTK_SOURCE_TYPE_VIEW)

enum { TOGGLE, N_SIGNALS };
static guint signals[N_SIGNALS];

static GtkSourceBuffer *
buffer_of (AsternSourceArea *area)
{
  return GTK_SOURCE_BUFFER (gtk_text_view_get_buffer (GTK_TEXT_VIEW (area)));
}

/* ---- style ---- */

/* Whether what is written here is lighter than what it is written on. */
static gboolean
is_dark (GtkWidget *widget)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  GdkRGBA colour;

  gtk_style_context_get_color (context, gtk_style_context_get_state (context), &colour);
  return colour.red + colour.green + colour.blue > 1.5;
}

static void
update_scheme (AsternSourceArea *area)
{
  GtkSourceStyleSchemeManager *manager = gtk_source_style_scheme_manager_get_default ();
  GtkSourceStyleScheme *scheme = gtk_source_style_scheme_manager_get_scheme (manager, is_dark (gtk_widget_get_toplevel (GTK_WIDGET (area)))
                                                                                       ? "oblivion" : "classic");

  if (scheme != gtk_source_buffer_get_style_scheme (buffer_of (area)))
    gtk_source_buffer_set_style_scheme (buffer_of (area), scheme);
}

static void
style_updated (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (astern_source_area_parent_class)->style_updated (widget);
  update_scheme (ASTERN_SOURCE_AREA (widget));
}

/* A disc for a breakpoint, a ring for one that is off, an arrow for where the program is. */
static GdkPixbuf *
draw_icon (const char *category)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, ICON_SIZE, ICON_SIZE);
  cairo_t *cr = cairo_create (surface);
  GdkPixbuf *icon;

  if (strcmp (category, PRESENT) == 0)
    {
      cairo_set_source_rgb (cr, 0.88, 0.62, 0.05);
      cairo_move_to (cr, 3, 3);
      cairo_line_to (cr, 14, 8);
      cairo_line_to (cr, 3, 13);
      cairo_close_path (cr);
      cairo_fill (cr);
    }
  else
    {
      cairo_set_source_rgb (cr, 0.86, 0.16, 0.16);
      cairo_set_line_width (cr, 2);
      cairo_arc (cr, 8, 8, 5, 0, 2 * G_PI);
      if (strcmp (category, BREAKPOINT) == 0)
        cairo_fill (cr);
      else
        cairo_stroke (cr);
    }
  cairo_destroy (cr);
  icon = gdk_pixbuf_get_from_surface (surface, 0, 0, ICON_SIZE, ICON_SIZE);
  cairo_surface_destroy (surface);
  return icon;
}

static void
add_category (AsternSourceArea *area, const char *category, int priority, const GdkRGBA *background)
{
  GtkSourceMarkAttributes *attributes = gtk_source_mark_attributes_new ();
  g_autoptr (GdkPixbuf) icon = draw_icon (category);

  gtk_source_mark_attributes_set_pixbuf (attributes, icon);
  if (background != NULL)
    gtk_source_mark_attributes_set_background (attributes, background);
  gtk_source_view_set_mark_attributes (GTK_SOURCE_VIEW (area), category, attributes, priority);
  g_object_unref (attributes);
}

/* ---- text ---- */

static GtkSourceLanguage *
language_of (const char *name)
{
  GtkSourceLanguageManager *manager = gtk_source_language_manager_get_default ();
  GtkSourceLanguage *language = gtk_source_language_manager_guess_language (manager, name, NULL);

  /* There may be no language for assembler; what goes through the C preprocessor has its comments and directives. */
  if (language == NULL && (g_str_has_suffix (name, ".S") || g_str_has_suffix (name, ".s")))
    language = gtk_source_language_manager_get_language (manager, "c");
  return language;
}

void
astern_source_area_set_text (AsternSourceArea *area, const char *name, const char *text)
{
  GtkSourceBuffer *buffer = buffer_of (area);

  astern_source_area_clear_marks (area);
  astern_source_area_set_present (area, 0, FALSE);
  gtk_source_buffer_set_language (buffer, language_of (name));
  gtk_text_buffer_set_text (GTK_TEXT_BUFFER (buffer), text, -1);
}

/* ---- marks ---- */

static void
add_mark (AsternSourceArea *area, guint line, const char *category)
{
  GtkTextIter iter;

  if (line == 0 || line > (guint) gtk_text_buffer_get_line_count (GTK_TEXT_BUFFER (buffer_of (area))))
    return;
  gtk_text_buffer_get_iter_at_line (GTK_TEXT_BUFFER (buffer_of (area)), &iter, (int) line - 1);
  gtk_source_buffer_create_source_mark (buffer_of (area), NULL, category, &iter);
}

static void
remove_marks (AsternSourceArea *area, const char *category)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (GTK_TEXT_BUFFER (buffer_of (area)), &start, &end);
  gtk_source_buffer_remove_source_marks (buffer_of (area), &start, &end, category);
}

static void
scroll_to_cursor (AsternSourceArea *area)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (buffer_of (area));

  gtk_text_view_scroll_to_mark (GTK_TEXT_VIEW (area), gtk_text_buffer_get_insert (buffer), 0.2, FALSE, 0, 0);
}

static gboolean
scroll_later (gpointer data)
{
  AsternSourceArea *area = data;

  area->scrolling = 0;
  scroll_to_cursor (area);
  return G_SOURCE_REMOVE;
}

void
astern_source_area_set_present (AsternSourceArea *area, guint line, gboolean scroll)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (buffer_of (area));
  GtkTextIter iter;

  if (line != area->present)
    {
      remove_marks (area, PRESENT);
      add_mark (area, line, PRESENT);
      area->present = line;
    }
  if (line == 0 || !scroll)
    return;
  gtk_text_buffer_get_iter_at_line (buffer, &iter, (int) line - 1);
  gtk_text_buffer_place_cursor (buffer, &iter);
  scroll_to_cursor (area);
  /* A text that is new has no height yet: again when it has. */
  if (area->scrolling == 0)
    area->scrolling = g_idle_add_full (G_PRIORITY_LOW, scroll_later, area, NULL);
}

void
astern_source_area_clear_marks (AsternSourceArea *area)
{
  remove_marks (area, BREAKPOINT);
  remove_marks (area, DISABLED);
}

void
astern_source_area_add_mark (AsternSourceArea *area, guint line, gboolean enabled)
{
  add_mark (area, line, enabled ? BREAKPOINT : DISABLED);
}

guint
astern_source_area_line (AsternSourceArea *area)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (buffer_of (area));
  GtkTextIter iter;

  gtk_text_buffer_get_iter_at_mark (buffer, &iter, gtk_text_buffer_get_insert (buffer));
  return (guint) gtk_text_iter_get_line (&iter) + 1;
}

char *
astern_source_area_path_at (AsternSourceArea *area, int x, int y)
{
  GtkSourceBuffer *buffer = buffer_of (area);
  GtkTextIter at, start, end;
  g_autofree char *line = NULL;
  int buffer_x, buffer_y;

  gtk_text_view_window_to_buffer_coords (GTK_TEXT_VIEW (area), GTK_TEXT_WINDOW_WIDGET, x, y, &buffer_x, &buffer_y);
  if (!gtk_text_view_get_iter_at_location (GTK_TEXT_VIEW (area), &at, buffer_x, buffer_y) ||
      gtk_source_buffer_iter_has_context_class (buffer, &at, "comment") ||
      gtk_source_buffer_iter_has_context_class (buffer, &at, "string"))
    return NULL;
  start = end = at;
  gtk_text_iter_set_line_offset (&start, 0);
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);
  line = gtk_text_iter_get_slice (&start, &end);
  return astern_source_path_at (line, (gsize) gtk_text_iter_get_line_index (&at));
}

/* ---- the object ---- */

static void
line_mark_activated (GtkSourceView *view, GtkTextIter *iter, GdkEvent *event)
{
  if (event->type == GDK_BUTTON_PRESS && event->button.button == GDK_BUTTON_PRIMARY)
    g_signal_emit (view, signals[TOGGLE], 0, (guint) gtk_text_iter_get_line (iter) + 1);
}

static void
dispose (GObject *object)
{
  g_clear_handle_id (&ASTERN_SOURCE_AREA (object)->scrolling, g_source_remove);
  G_OBJECT_CLASS (astern_source_area_parent_class)->dispose (object);
}

static void
astern_source_area_class_init (AsternSourceAreaClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = dispose;
  GTK_WIDGET_CLASS (klass)->style_updated = style_updated;
  GTK_SOURCE_VIEW_CLASS (klass)->line_mark_activated = line_mark_activated;
  signals[TOGGLE] = g_signal_new ("toggle", ASTERN_TYPE_SOURCE_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_UINT);
}

static void
astern_source_area_init (AsternSourceArea *area)
{
  static const GdkRGBA present = { 0.93, 0.72, 0.05, 0.28 };
  g_autoptr (GtkSourceBuffer) buffer = gtk_source_buffer_new (NULL);

  gtk_text_view_set_buffer (GTK_TEXT_VIEW (area), GTK_TEXT_BUFFER (buffer));
  gtk_source_buffer_set_highlight_matching_brackets (buffer, FALSE);
  gtk_source_view_set_show_line_numbers (GTK_SOURCE_VIEW (area), TRUE);
  gtk_source_view_set_show_line_marks (GTK_SOURCE_VIEW (area), TRUE);
  gtk_source_view_set_tab_width (GTK_SOURCE_VIEW (area), 8);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (area), FALSE);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (area)), "astern-code");
  add_category (area, PRESENT, 1, &present);
  add_category (area, DISABLED, 2, NULL);
  add_category (area, BREAKPOINT, 3, NULL);
  update_scheme (area);
}
