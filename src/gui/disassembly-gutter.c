/* disassembly-gutter.c - see disassembly-gutter.h. */
#include "config.h"

#include "gui/disassembly-gutter.h"

#include <math.h>

#include <glib/gi18n.h>

#define DOTS   16.0      /* width of the strip of breakpoints, and of the one of the present instruction */
#define LANE   6.0
#define HEAD   4.0       /* of an arrow */
#define MARGIN 4.0

struct _AsternGutterCell
{
  GtkCellRendererText  parent_instance;
  const AsternGutter  *gutter;
  guint                row;
};

G_DEFINE_FINAL_TYPE (AsternGutterCell, astern_gutter_cell, GTK_TYPE_CELL_RENDERER_TEXT)

void
astern_gutter_cell_set_gutter (AsternGutterCell *cell, const AsternGutter *gutter)
{
  cell->gutter = gutter;
}

void
astern_gutter_cell_set_row (AsternGutterCell *cell, guint row)
{
  cell->row = row;
}

int
astern_gutter_width (guint lanes)
{
  return (int) (2 * DOTS + MAX (lanes, 2) * LANE + HEAD + 2 * MARGIN);
}

/* ---- in words ---- */

static void
append (GString *text, const char *word)
{
  if (text->len > 0)
    g_string_append (text, ", ");
  g_string_append (text, word);
}

char *
astern_gutter_text (const AsternGutter *gutter, guint row)
{
  const AsternCodeLine *line = &g_array_index (gutter->lines, AsternCodeLine, row);
  GString *text = g_string_new (NULL);

  if ((gint) row == gutter->present)
    append (text, gutter->in_past ? _("present instruction, in the past") : _("present instruction"));
  if (line->points & ASTERN_CODE_POINT)
    append (text, _("breakpoint"));
  if (line->points & ASTERN_CODE_OTHERS)
    append (text, _("breakpoint of another client"));
  if (line->points & ASTERN_CODE_DISABLED)
    append (text, _("disabled"));
  if (line->points & ASTERN_CODE_CONDITIONAL)
    append (text, _("conditional"));
  if (line->points & ASTERN_CODE_TEMPORARY)
    append (text, _("temporary"));
  return g_string_free (text, FALSE);
}

/* ---- as a picture ---- */

static void
set_colour (cairo_t *cr, const AsternGutter *gutter, AsternCodeColour colour)
{
  gdk_cairo_set_source_rgba (cr, &gutter->colours[colour]);
}

/* A dot; hollow: disabled; a bar across: conditional; a smaller one: temporary. */
static void
draw_points (cairo_t *cr, const AsternGutter *gutter, guint points, double x, double y)
{
  double radius = points & ASTERN_CODE_TEMPORARY ? 3.5 : 5;

  set_colour (cr, gutter, points & ASTERN_CODE_POINT ? ASTERN_CODE_COLOUR_POINT : ASTERN_CODE_COLOUR_OTHERS);
  cairo_set_line_width (cr, 1.5);
  cairo_new_path (cr);
  cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
  if (points & ASTERN_CODE_DISABLED)
    cairo_stroke (cr);
  else
    cairo_fill (cr);
  if (points & ASTERN_CODE_CONDITIONAL)
    {
      if (!(points & ASTERN_CODE_DISABLED))
        cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_move_to (cr, x - 3, y);
      cairo_line_to (cr, x + 3, y);
      cairo_move_to (cr, x, y - 3);
      cairo_line_to (cr, x, y + 3);
      cairo_stroke (cr);
    }
  if ((points & ASTERN_CODE_POINT) && (points & ASTERN_CODE_OTHERS))
    {
      set_colour (cr, gutter, ASTERN_CODE_COLOUR_OTHERS);
      cairo_arc (cr, x, y, 6.5, 0, 2 * G_PI);
      cairo_stroke (cr);
    }
}

static void
draw_present (cairo_t *cr, const AsternGutter *gutter, double x, double y)
{
  GdkRGBA colour = gutter->colours[gutter->in_past ? ASTERN_CODE_COLOUR_PAST : ASTERN_CODE_COLOUR_PRESENT];

  colour.alpha = 1;
  gdk_cairo_set_source_rgba (cr, &colour);
  cairo_move_to (cr, x - 5, y - 5);
  cairo_line_to (cr, x + 5, y);
  cairo_line_to (cr, x - 5, y + 5);
  cairo_close_path (cr);
  cairo_fill (cr);
}

/* The piece of @arrow that lies in @row. */
static void
draw_arrow (cairo_t *cr, const AsternArrow *arrow, guint row, const GdkRectangle *area)
{
  double right = area->x + area->width - MARGIN, x = floor (right - HEAD - 3 - arrow->lane * LANE) + 0.5;
  double middle = area->y + area->height / 2 + 0.5, top = area->y, bottom = area->y + area->height;
  gboolean down = arrow->to > arrow->from, end = row == arrow->from || row == arrow->to;
  static const double dashes[] = { 3, 2 };

  cairo_set_dash (cr, dashes, arrow->conditional ? 2 : 0, 0);
  if (!end)
    {
      cairo_move_to (cr, x, top);
      cairo_line_to (cr, x, bottom);
      cairo_stroke (cr);
      return;
    }
  cairo_move_to (cr, right, middle);
  cairo_line_to (cr, x, middle);
  if (arrow->from != arrow->to)
    cairo_line_to (cr, x, (row == arrow->from) == down ? bottom : top);
  cairo_stroke (cr);
  if (row != arrow->to)
    return;
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_move_to (cr, right + 1, middle);
  cairo_line_to (cr, right - HEAD, middle - HEAD + 0.5);
  cairo_line_to (cr, right - HEAD, middle + HEAD - 0.5);
  cairo_close_path (cr);
  cairo_fill (cr);
}

static gboolean
is_now (const AsternGutter *gutter, const AsternArrow *arrow)
{
  return (gint) arrow->from == gutter->cursor || (gint) arrow->to == gutter->cursor || (gint) arrow->from == gutter->present;
}

/* Those of the instruction pointed at come last, over the others. */
static void
draw_arrows (cairo_t *cr, const AsternGutter *gutter, guint row, const GdkRectangle *area)
{
  for (guint now = 0; now < 2; now++)
    for (guint i = 0; i < gutter->arrows->len; i++)
      {
        const AsternArrow *arrow = &g_array_index (gutter->arrows, AsternArrow, i);

        if (row < MIN (arrow->from, arrow->to) || row > MAX (arrow->from, arrow->to) || is_now (gutter, arrow) != (now == 1))
          continue;
        set_colour (cr, gutter, now ? ASTERN_CODE_COLOUR_ARROW_NOW : ASTERN_CODE_COLOUR_ARROW);
        cairo_set_line_width (cr, now ? 2 : 1);
        draw_arrow (cr, arrow, row, area);
      }
}

static void
render (GtkCellRenderer *renderer, cairo_t *cr, GtkWidget *widget, const GdkRectangle *background, const GdkRectangle *area,
        GtkCellRendererState flags)
{
  AsternGutterCell *cell = ASTERN_GUTTER_CELL (renderer);
  double middle = background->y + background->height / 2.0;
  guint points;

  if (cell->gutter == NULL || cell->row >= cell->gutter->lines->len)
    return;
  points = g_array_index (cell->gutter->lines, AsternCodeLine, cell->row).points;
  cairo_save (cr);
  gdk_cairo_rectangle (cr, background);
  cairo_clip (cr);
  if (points != 0)
    draw_points (cr, cell->gutter, points, background->x + DOTS / 2, middle);
  if ((gint) cell->row == cell->gutter->present)
    draw_present (cr, cell->gutter, background->x + DOTS * 1.5, middle);
  draw_arrows (cr, cell->gutter, cell->row, background);
  cairo_restore (cr);
}

static void
get_preferred_width (GtkCellRenderer *cell, GtkWidget *widget, int *minimum, int *natural)
{
  if (minimum != NULL)
    *minimum = astern_gutter_width (0);
  if (natural != NULL)
    *natural = astern_gutter_width (0);
}

/* The words are not drawn: rows are as high as the other cells want them. */
static void
get_preferred_height (GtkCellRenderer *cell, GtkWidget *widget, int *minimum, int *natural)
{
  if (minimum != NULL)
    *minimum = 1;
  if (natural != NULL)
    *natural = 1;
}

static void
get_preferred_height_for_width (GtkCellRenderer *cell, GtkWidget *widget, int width, int *minimum, int *natural)
{
  get_preferred_height (cell, widget, minimum, natural);
}

static void
astern_gutter_cell_class_init (AsternGutterCellClass *klass)
{
  GTK_CELL_RENDERER_CLASS (klass)->render = render;
  GTK_CELL_RENDERER_CLASS (klass)->get_preferred_width = get_preferred_width;
  GTK_CELL_RENDERER_CLASS (klass)->get_preferred_height = get_preferred_height;
  GTK_CELL_RENDERER_CLASS (klass)->get_preferred_height_for_width = get_preferred_height_for_width;
}

static void
astern_gutter_cell_init (AsternGutterCell *cell)
{
}
