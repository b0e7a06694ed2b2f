/* screen-area.c - see screen-area.h. */
#include "config.h"

#include "gui/screen-area.h"

#include "gui/screen-text.h"

#include <math.h>
#include <string.h>

struct _AsternScreenArea
{
  GtkDrawingArea   parent_instance;
  cairo_surface_t *surface;      /* (nullable) CAIRO_FORMAT_RGB24: a picture's pixels as they are */
  char            *text;         /* (nullable) */
  AsternScale      scale;
  gboolean         smooth;
};

G_DEFINE_FINAL_TYPE (AsternScreenArea, astern_screen_area, GTK_TYPE_DRAWING_AREA)

#define LEAST_WIDTH  160      /* of the widget, whatever it is to show */
#define LEAST_HEIGHT 100

AsternFit
astern_screen_fit (AsternScale scale, int width, int height, int room_width, int room_height)
{
  AsternFit fit = { 0, 0, 1 };

  if (width <= 0 || height <= 0)
    return fit;
  if (scale >= ASTERN_SCALE_1)
    fit.scale = scale - ASTERN_SCALE_1 + 1;
  else
    fit.scale = MIN ((double) room_width / width, (double) room_height / height);
  if (scale == ASTERN_SCALE_STEPS && fit.scale >= 1)
    fit.scale = (int) fit.scale;
  fit.x = MAX (0, (int) ((room_width - width * fit.scale) / 2));
  fit.y = MAX (0, (int) ((room_height - height * fit.scale) / 2));
  return fit;
}

static AsternFit
fit_now (AsternScreenArea *area)
{
  GtkWidget *widget = GTK_WIDGET (area);

  return astern_screen_fit (area->scale, cairo_image_surface_get_width (area->surface),
                            cairo_image_surface_get_height (area->surface), gtk_widget_get_allocated_width (widget),
                            gtk_widget_get_allocated_height (widget));
}

static guint
part_of (double at, double size, guint most)
{
  return size > 1 ? (guint) (CLAMP (at / (size - 1), 0, 1) * most + 0.5) : 0;
}

gboolean
astern_screen_area_place (AsternScreenArea *area, double x, double y, guint most, guint *place_x, guint *place_y)
{
  AsternFit fit;

  if (area->surface == NULL)
    return FALSE;
  fit = fit_now (area);
  *place_x = part_of (floor ((x - fit.x) / fit.scale), cairo_image_surface_get_width (area->surface), most);
  *place_y = part_of (floor ((y - fit.y) / fit.scale), cairo_image_surface_get_height (area->surface), most);
  return TRUE;
}

static void
update_size (AsternScreenArea *area)
{
  int times = (int) area->scale - ASTERN_SCALE_1 + 1;

  if (area->surface == NULL || times <= 0)
    gtk_widget_set_size_request (GTK_WIDGET (area), LEAST_WIDTH, LEAST_HEIGHT);
  else
    gtk_widget_set_size_request (GTK_WIDGET (area), cairo_image_surface_get_width (area->surface) * times,
                                 cairo_image_surface_get_height (area->surface) * times);
  gtk_widget_queue_draw (GTK_WIDGET (area));
}

static gboolean
draw (GtkWidget *widget, cairo_t *cr)
{
  AsternScreenArea *area = ASTERN_SCREEN_AREA (widget);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  int width = gtk_widget_get_allocated_width (widget), height = gtk_widget_get_allocated_height (widget);
  AsternFit fit;

  gtk_render_background (style, cr, 0, 0, width, height);
  if (area->surface != NULL)
    {
      fit = fit_now (area);
      cairo_save (cr);
      cairo_translate (cr, fit.x, fit.y);
      cairo_scale (cr, fit.scale, fit.scale);
      cairo_set_source_surface (cr, area->surface, 0, 0);
      cairo_pattern_set_filter (cairo_get_source (cr), area->smooth && fit.scale != (int) fit.scale ? CAIRO_FILTER_BILINEAR
                                                                                                   : CAIRO_FILTER_NEAREST);
      cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
      cairo_rectangle (cr, 0, 0, cairo_image_surface_get_width (area->surface), cairo_image_surface_get_height (area->surface));
      cairo_fill (cr);
      cairo_restore (cr);
    }
  if (gtk_widget_has_visible_focus (widget))
    gtk_render_focus (style, cr, 0, 0, width, height);
  return FALSE;
}

/* The rows of the window that rows [first, end) of the picture are in, and a neighbour that is mixed with them. */
static void
queue_rows (AsternScreenArea *area, guint first, guint end)
{
  AsternFit fit = fit_now (area);
  int top = (int) (fit.y + (first - 1.0) * fit.scale) - 1;
  int bottom = (int) (fit.y + (end + 1.0) * fit.scale) + 2;

  gtk_widget_queue_draw_area (GTK_WIDGET (area), 0, MAX (0, top), gtk_widget_get_allocated_width (GTK_WIDGET (area)),
                              bottom - MAX (0, top));
}

void
astern_screen_area_set_picture (AsternScreenArea *area, const AsternPicture *picture, guint first, guint end)
{
  gboolean same = area->surface != NULL && cairo_image_surface_get_width (area->surface) == (int) picture->width &&
                  cairo_image_surface_get_height (area->surface) == (int) picture->height;
  guint8 *data;
  int stride;

  if (picture->width == 0 || picture->height == 0)
    {
      astern_screen_area_clear (area);
      return;
    }
  if (!same)
    {
      g_clear_pointer (&area->surface, cairo_surface_destroy);
      area->surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) picture->width, (int) picture->height);
      first = 0;
      end = picture->height;
    }
  cairo_surface_flush (area->surface);
  data = cairo_image_surface_get_data (area->surface);
  stride = cairo_image_surface_get_stride (area->surface);
  for (guint y = first; y < MIN (end, picture->height); y++)
    memcpy (data + (gsize) y * (gsize) stride, astern_picture_row (picture, y), picture->width * sizeof (guint32));
  cairo_surface_mark_dirty (area->surface);
  if (same)
    queue_rows (area, first, end);
  else
    update_size (area);
}

void
astern_screen_area_clear (AsternScreenArea *area)
{
  g_clear_pointer (&area->surface, cairo_surface_destroy);
  astern_screen_area_set_text (area, NULL);
  update_size (area);
}

void
astern_screen_area_set_text (AsternScreenArea *area, const char *text)
{
  g_autofree char *before = NULL;

  if (g_strcmp0 (text, area->text) == 0)
    return;
  before = g_steal_pointer (&area->text);
  area->text = g_strdup (text);
  astern_screen_text_changed (gtk_widget_get_accessible (GTK_WIDGET (area)), before, text);
}

void
astern_screen_area_set_scale (AsternScreenArea *area, AsternScale scale)
{
  area->scale = scale;
  update_size (area);
}

void
astern_screen_area_set_smooth (AsternScreenArea *area, gboolean smooth)
{
  area->smooth = smooth;
  gtk_widget_queue_draw (GTK_WIDGET (area));
}

cairo_surface_t *
astern_screen_area_surface (AsternScreenArea *area)
{
  return area->surface;
}

const char *
astern_screen_area_text (AsternScreenArea *area)
{
  return area->text != NULL ? area->text : "";
}

static void
finalize (GObject *object)
{
  AsternScreenArea *area = ASTERN_SCREEN_AREA (object);

  g_clear_pointer (&area->surface, cairo_surface_destroy);
  g_free (area->text);
  G_OBJECT_CLASS (astern_screen_area_parent_class)->finalize (object);
}

static void
astern_screen_area_class_init (AsternScreenAreaClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  widget->draw = draw;
  gtk_widget_class_set_accessible_type (widget, ASTERN_TYPE_SCREEN_TEXT);
  gtk_widget_class_set_css_name (widget, "astern-screen");
}

static void
astern_screen_area_init (AsternScreenArea *area)
{
  gtk_widget_set_can_focus (GTK_WIDGET (area), TRUE);
  gtk_widget_set_size_request (GTK_WIDGET (area), LEAST_WIDTH, LEAST_HEIGHT);
  area->smooth = TRUE;
}
