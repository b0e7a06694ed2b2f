/* memory-grid.c - see memory-grid.h: where things are, and drawing. */
#include "config.h"

#include "gui/memory-grid.h"

#include "gui/memory-grid-accessible.h"
#include "gui/memory-grid-private.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (AsternMemoryGrid, astern_memory_grid, GTK_TYPE_DRAWING_AREA)

enum { SCROLLED, SELECTED, TYPED, EDIT, N_SIGNALS };
static guint signals[N_SIGNALS];

/* Left of the first column, and above the first row. */
#define MARGIN 4

/* ---- scrolling ---- */

const AsternMemoryLayout *
astern_memory_grid_layout (AsternMemoryGrid *grid)
{
  return &grid->layout;
}

guint64
astern_memory_grid_top (AsternMemoryGrid *grid)
{
  return grid->top;
}

guint
astern_memory_grid_n_rows (AsternMemoryGrid *grid)
{
  return grid->n_rows;
}

/* So that the last row is the last one there is. */
static guint64
highest_top (AsternMemoryGrid *grid)
{
  guint64 shown = (guint64) grid->n_rows * grid->layout.bytes_a_row;

  return shown - 1 >= grid->highest ? 0 : grid->highest - (shown - 1);
}

guint64
astern_memory_grid_aligned (AsternMemoryGrid *grid, guint64 address)
{
  return MIN (address - address % grid->layout.bytes_a_row, highest_top (grid));
}

void
astern_memory_grid_scroll_to (AsternMemoryGrid *grid, guint64 address)
{
  guint64 top = astern_memory_grid_aligned (grid, address);

  if (top == grid->top)
    return;
  grid->top = top;
  gtk_widget_queue_draw (GTK_WIDGET (grid));
  g_signal_emit (grid, signals[SCROLLED], 0);
}

void
astern_memory_grid_scroll (AsternMemoryGrid *grid, gint64 rows)
{
  guint64 by = (guint64) ABS (rows) * grid->layout.bytes_a_row;

  if (rows < 0)
    astern_memory_grid_scroll_to (grid, grid->top < by ? 0 : grid->top - by);
  else
    astern_memory_grid_scroll_to (grid, G_MAXUINT64 - grid->top < by ? G_MAXUINT64 : grid->top + by);
}

void
astern_memory_grid_reveal (AsternMemoryGrid *grid, guint64 address)
{
  guint a_row = grid->layout.bytes_a_row;
  guint64 shown = (guint64) grid->n_rows * a_row;

  if (address < grid->top)
    astern_memory_grid_scroll_to (grid, address);
  else if (address - grid->top >= shown)
    astern_memory_grid_scroll_to (grid, address - address % a_row - (shown - a_row));
}

/* ---- cursor and selection ---- */

void
astern_memory_grid_selected (AsternMemoryGrid *grid)
{
  gtk_widget_queue_draw (GTK_WIDGET (grid));
  g_signal_emit (grid, signals[SELECTED], 0);
  astern_memory_grid_accessible_moved (grid);
}

void
astern_memory_grid_go (AsternMemoryGrid *grid, guint64 address)
{
  grid->cursor = grid->anchor = MIN (address, grid->highest);
  grid->digit = 0;
  astern_memory_grid_scroll_to (grid, grid->cursor);
  astern_memory_grid_selected (grid);
}

void
astern_memory_grid_select (AsternMemoryGrid *grid, guint64 start, guint64 size)
{
  grid->anchor = MIN (start, grid->highest);
  grid->cursor = grid->highest - grid->anchor < size - 1 ? grid->highest : grid->anchor + (size - 1);
  grid->digit = 0;
  if (grid->anchor < grid->top || grid->cursor - grid->top >= (guint64) grid->n_rows * grid->layout.bytes_a_row)
    astern_memory_grid_scroll_to (grid, start);
  astern_memory_grid_selected (grid);
}

/* Among cells, whole cells are selected. */
void
astern_memory_grid_selection (AsternMemoryGrid *grid, guint64 *start, guint64 *size)
{
  guint unit = grid->in_text ? 1 : grid->layout.unit;
  guint64 low = MIN (grid->cursor, grid->anchor), high = MAX (grid->cursor, grid->anchor);

  low -= low % unit;
  high += unit - 1 - high % unit;
  *start = low;
  *size = high - low + 1;
}

void
astern_memory_grid_emit_typed (AsternMemoryGrid *grid, guint64 address, guint8 mask, guint8 value)
{
  g_signal_emit (grid, signals[TYPED], 0, address, (guint) mask, (guint) value);
}

void
astern_memory_grid_emit_edit (AsternMemoryGrid *grid)
{
  g_signal_emit (grid, signals[EDIT], 0);
}

/* ---- bytes ---- */

void
astern_memory_grid_wanted (AsternMemoryGrid *grid, guint64 *start, gsize *size)
{
  guint64 shown = (guint64) grid->n_rows * grid->layout.bytes_a_row, before = MIN (grid->top, shown);

  *start = grid->top - before;
  *size = (gsize) (before + 2 * shown);
  if (grid->highest - *start < *size - 1)
    *size = (gsize) (grid->highest - *start) + 1;
}

void
astern_memory_grid_set_bytes (AsternMemoryGrid *grid, guint64 start, gsize size, const guint8 *bytes, const guint8 *known,
                              const guint8 *changed)
{
  gboolean same = grid->start == start && grid->bytes->len == size && memcmp (grid->bytes->data, bytes, size) == 0 &&
                  memcmp (grid->known->data, known, size) == 0 && memcmp (grid->changed->data, changed, size) == 0;

  if (same)
    return;
  astern_memory_grid_forget (grid);
  grid->start = start;
  g_byte_array_append (grid->bytes, bytes, (guint) size);
  g_byte_array_append (grid->known, known, (guint) size);
  g_byte_array_append (grid->changed, changed, (guint) size);
  gtk_widget_queue_draw (GTK_WIDGET (grid));
  astern_memory_grid_accessible_changed (grid);
}

gboolean
astern_memory_grid_get_bytes (AsternMemoryGrid *grid, guint64 start, gsize size, guint8 *bytes)
{
  for (gsize i = 0; i < size; i++)
    {
      guint64 at = start + i - grid->start;

      if (at >= grid->bytes->len || grid->known->data[at] != ASTERN_MEMORY_THERE)
        return FALSE;
      bytes[i] = grid->bytes->data[at];
    }
  return TRUE;
}

void
astern_memory_grid_forget (AsternMemoryGrid *grid)
{
  g_byte_array_set_size (grid->bytes, 0);
  g_byte_array_set_size (grid->known, 0);
  g_byte_array_set_size (grid->changed, 0);
  gtk_widget_queue_draw (GTK_WIDGET (grid));
}

/* One row's, as far as they are known. */
static void
row_bytes (AsternMemoryGrid *grid, guint64 address, guint8 *bytes, guint8 *known, guint8 *changed)
{
  for (guint i = 0; i < grid->layout.bytes_a_row; i++)
    {
      guint64 at = address + i - grid->start;
      gboolean there = at < grid->bytes->len;

      bytes[i] = there ? grid->bytes->data[at] : 0;
      known[i] = there ? grid->known->data[at] : ASTERN_MEMORY_UNASKED;
      changed[i] = there && grid->changed->data[at];
    }
}

/* ---- layout ---- */

static void
measure (AsternMemoryGrid *grid)
{
  g_autoptr (PangoLayout) layout =
    gtk_widget_create_pango_layout (GTK_WIDGET (grid), "0000000000000000000000000000000000000000000000000000000000000000");
  PangoRectangle extents;

  pango_layout_get_extents (layout, NULL, &extents);
  grid->char_width = MAX (1.0, (double) extents.width / 64 / PANGO_SCALE);
  grid->row_height = MAX (1, (int) ceil ((double) extents.height / PANGO_SCALE) + 2);
}

static void
fit (AsternMemoryGrid *grid)
{
  int width = gtk_widget_get_allocated_width (GTK_WIDGET (grid)), height = gtk_widget_get_allocated_height (GTK_WIDGET (grid));
  guint columns = (guint) (MAX (0, width - 2 * MARGIN) / grid->char_width);
  guint rows = (guint) MAX (1, (height - MARGIN) / grid->row_height);
  guint a_row = MAX (grid->fixed_bytes_a_row, grid->layout.unit);

  if (grid->fixed_bytes_a_row == 0)
    a_row = astern_memory_fit (&grid->layout, columns);
  if (a_row == grid->layout.bytes_a_row && rows == grid->n_rows)
    return;
  grid->layout.bytes_a_row = a_row;
  grid->n_rows = rows;
  grid->top = astern_memory_grid_aligned (grid, grid->top);
  g_signal_emit (grid, signals[SCROLLED], 0);
  astern_memory_grid_accessible_changed (grid);
}

void
astern_memory_grid_set_format (AsternMemoryGrid *grid, AsternMemoryKind kind, guint unit, guint bytes_a_row)
{
  grid->layout.kind = kind;
  grid->layout.unit = astern_memory_unit (kind, unit);
  grid->fixed_bytes_a_row = bytes_a_row;
  grid->digit = 0;
  fit (grid);
  gtk_widget_queue_draw (GTK_WIDGET (grid));
  astern_memory_grid_accessible_changed (grid);
  astern_memory_grid_selected (grid);
}

void
astern_memory_grid_set_highest (AsternMemoryGrid *grid, guint64 highest)
{
  guint digits = highest > G_MAXUINT32 ? 16 : 8;

  if (grid->highest == highest)
    return;
  grid->highest = highest;
  grid->cursor = MIN (grid->cursor, highest);
  grid->anchor = MIN (grid->anchor, highest);
  grid->top = astern_memory_grid_aligned (grid, grid->top);
  if (digits != grid->layout.address_digits)
    {
      grid->layout.address_digits = digits;
      fit (grid);
    }
  gtk_widget_queue_draw (GTK_WIDGET (grid));
}

void
astern_memory_grid_place_at (AsternMemoryGrid *grid, double x, double y, guint64 *row, AsternMemoryPlace *place)
{
  int n = (int) floor ((y - MARGIN / 2) / grid->row_height);

  *row = grid->top + (guint64) CLAMP (n, 0, (int) grid->n_rows - 1) * grid->layout.bytes_a_row;
  astern_memory_hit (&grid->layout, (guint) MAX (0, (x - MARGIN) / grid->char_width), place);
}

/* ---- text for those who do not see ---- */

char *
astern_memory_grid_text (AsternMemoryGrid *grid)
{
  GString *text = g_string_new (NULL);
  guint8 bytes[256], known[256], changed[256];

  for (guint i = 0; i < grid->n_rows; i++)
    {
      guint64 row = grid->top + (guint64) i * grid->layout.bytes_a_row;

      row_bytes (grid, row, bytes, known, changed);
      if (i > 0)
        g_string_append_c (text, '\n');
      astern_memory_format_row (&grid->layout, row, bytes, known, text);
    }
  return g_string_free (text, FALSE);
}

/* A row with its line end. */
static guint
text_columns (AsternMemoryGrid *grid)
{
  return astern_memory_row_columns (&grid->layout) + 1;
}

gint
astern_memory_grid_caret (AsternMemoryGrid *grid)
{
  guint a_row = grid->layout.bytes_a_row, column, columns;

  if (grid->cursor < grid->top || grid->cursor - grid->top >= (guint64) grid->n_rows * a_row)
    return -1;
  astern_memory_span (&grid->layout, (guint) (grid->cursor % a_row), grid->in_text, &column, &columns);
  return (gint) ((guint) ((grid->cursor - grid->top) / a_row) * text_columns (grid) + column + grid->digit);
}

void
astern_memory_grid_place_caret (AsternMemoryGrid *grid, gint offset)
{
  guint row = (guint) MAX (0, offset) / text_columns (grid);
  AsternMemoryPlace place;

  astern_memory_hit (&grid->layout, (guint) MAX (0, offset) % text_columns (grid), &place);
  grid->in_text = place.in_text;
  astern_memory_grid_move_cursor (grid, grid->top + (guint64) MIN (row, grid->n_rows - 1) * grid->layout.bytes_a_row + place.offset,
                                  FALSE);
}

void
astern_memory_grid_extents (AsternMemoryGrid *grid, gint offset, GdkRectangle *rectangle)
{
  guint row = (guint) MAX (0, offset) / text_columns (grid), column = (guint) MAX (0, offset) % text_columns (grid);

  *rectangle = (GdkRectangle) { MARGIN + (int) (column * grid->char_width), MARGIN / 2 + (int) row * grid->row_height,
                                (int) ceil (grid->char_width), grid->row_height };
}

/* ---- drawing ---- */

typedef struct
{
  AsternMemoryGrid *grid;
  cairo_t          *cr;
  PangoLayout      *layout;
  GString          *text;
  GdkRGBA           colour, selected, changed;
} Drawing;

static void
add (PangoAttrList *list, PangoAttribute *attribute, guint column, guint columns)
{
  attribute->start_index = column;
  attribute->end_index = column + columns;
  pango_attr_list_insert (list, attribute);
}

static void
add_changed (Drawing *drawing, PangoAttrList *list, guint offset, gboolean in_text)
{
  const GdkRGBA *c = &drawing->changed;
  guint column, columns;

  astern_memory_span (&drawing->grid->layout, offset, in_text, &column, &columns);
  add (list, pango_attr_foreground_new ((guint16) (c->red * 65535), (guint16) (c->green * 65535), (guint16) (c->blue * 65535)),
       column, columns);
  add (list, pango_attr_weight_new (PANGO_WEIGHT_BOLD), column, columns);
}

static PangoAttrList *
attributes_of (Drawing *drawing, const guint8 *known, const guint8 *changed)
{
  const AsternMemoryLayout *layout = &drawing->grid->layout;
  PangoAttrList *list = pango_attr_list_new ();
  guint column, columns;

  add (list, pango_attr_foreground_alpha_new (0xa000), 0, layout->address_digits);
  for (guint i = 0; i < layout->bytes_a_row; i++)
    {
      if (changed[i] && layout->kind != ASTERN_MEMORY_TEXT)
        add_changed (drawing, list, i, FALSE);
      if (changed[i])
        add_changed (drawing, list, i, TRUE);
      if (known[i] == ASTERN_MEMORY_UNMAPPED && i % layout->unit == 0 && layout->kind != ASTERN_MEMORY_TEXT)
        {
          astern_memory_span (layout, i, FALSE, &column, &columns);
          add (list, pango_attr_foreground_alpha_new (0x7000), column, columns);
        }
    }
  return list;
}

static void
fill (Drawing *drawing, guint column, guint columns, guint row, double alpha)
{
  double x = MARGIN + column * drawing->grid->char_width, y = MARGIN / 2 + (double) row * drawing->grid->row_height;
  const GdkRGBA *c = &drawing->selected;

  cairo_set_source_rgba (drawing->cr, c->red, c->green, c->blue, alpha);
  cairo_rectangle (drawing->cr, x, y, columns * drawing->grid->char_width, drawing->grid->row_height);
  cairo_fill (drawing->cr);
}

/* What is selected of a row, from the byte at @from to that at @to, with the blanks between. */
static void
draw_selection (Drawing *drawing, guint row, guint from, guint to)
{
  AsternMemoryGrid *grid = drawing->grid;
  guint first, last, columns;

  for (int in_text = grid->layout.kind == ASTERN_MEMORY_TEXT; in_text < 2; in_text++)
    {
      astern_memory_span (&grid->layout, from, in_text, &first, &columns);
      astern_memory_span (&grid->layout, to, in_text, &last, &columns);
      fill (drawing, first, last + columns - first, row, in_text == grid->in_text ? 0.4 : 0.18);
    }
}

static void
draw_cursor (Drawing *drawing)
{
  AsternMemoryGrid *grid = drawing->grid;
  gint caret = astern_memory_grid_caret (grid);
  GdkRectangle box;

  if (caret < 0)
    return;
  astern_memory_grid_extents (grid, caret, &box);
  cairo_set_source_rgba (drawing->cr, drawing->colour.red, drawing->colour.green, drawing->colour.blue,
                         gtk_widget_has_focus (GTK_WIDGET (grid)) ? 0.9 : 0.35);
  cairo_set_line_width (drawing->cr, 1);
  cairo_rectangle (drawing->cr, box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1);
  cairo_stroke (drawing->cr);
}

static void
draw_row (Drawing *drawing, guint row)
{
  AsternMemoryGrid *grid = drawing->grid;
  guint a_row = grid->layout.bytes_a_row;
  guint64 address = grid->top + (guint64) row * a_row, start, size;
  guint8 bytes[256], known[256], changed[256];
  PangoAttrList *list;

  row_bytes (grid, address, bytes, known, changed);
  astern_memory_grid_selection (grid, &start, &size);
  if (start <= address + (a_row - 1) && start + (size - 1) >= address)
    draw_selection (drawing, row, start > address ? (guint) (start - address) : 0,
                    (guint) MIN (start + (size - 1) - address, (guint64) a_row - 1));
  g_string_truncate (drawing->text, 0);
  astern_memory_format_row (&grid->layout, address, bytes, known, drawing->text);
  list = attributes_of (drawing, known, changed);
  pango_layout_set_text (drawing->layout, drawing->text->str, (int) drawing->text->len);
  pango_layout_set_attributes (drawing->layout, list);
  pango_attr_list_unref (list);
  cairo_set_source_rgba (drawing->cr, drawing->colour.red, drawing->colour.green, drawing->colour.blue, drawing->colour.alpha);
  cairo_move_to (drawing->cr, MARGIN, MARGIN / 2 + (double) row * grid->row_height + 1);
  pango_cairo_show_layout (drawing->cr, drawing->layout);
}

static gboolean
draw (GtkWidget *widget, cairo_t *cr)
{
  AsternMemoryGrid *grid = ASTERN_MEMORY_GRID (widget);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  Drawing drawing = { grid, cr, layout, text, { 0, 0, 0, 1 }, { 0.2, 0.5, 0.9, 1 }, { 0.8, 0, 0, 1 } };

  gtk_render_background (style, cr, 0, 0, gtk_widget_get_allocated_width (widget), gtk_widget_get_allocated_height (widget));
  gtk_style_context_get_color (style, gtk_style_context_get_state (style), &drawing.colour);
  gtk_style_context_lookup_color (style, "theme_selected_bg_color", &drawing.selected);
  gtk_style_context_lookup_color (style, "astern_changed", &drawing.changed);
  for (guint i = 0; i < grid->n_rows; i++)
    draw_row (&drawing, i);
  draw_cursor (&drawing);
  return FALSE;
}

/* ---- the object ---- */

static void
size_allocate (GtkWidget *widget, GtkAllocation *allocation)
{
  GTK_WIDGET_CLASS (astern_memory_grid_parent_class)->size_allocate (widget, allocation);
  fit (ASTERN_MEMORY_GRID (widget));
}

static void
style_updated (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (astern_memory_grid_parent_class)->style_updated (widget);
  measure (ASTERN_MEMORY_GRID (widget));
  fit (ASTERN_MEMORY_GRID (widget));
}

static void
finalize (GObject *object)
{
  AsternMemoryGrid *grid = ASTERN_MEMORY_GRID (object);

  g_byte_array_unref (grid->bytes);
  g_byte_array_unref (grid->known);
  g_byte_array_unref (grid->changed);
  G_OBJECT_CLASS (astern_memory_grid_parent_class)->finalize (object);
}

static void
astern_memory_grid_class_init (AsternMemoryGridClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  widget->draw = draw;
  widget->size_allocate = size_allocate;
  widget->style_updated = style_updated;
  gtk_widget_class_set_css_name (widget, "astern-memory");
  gtk_widget_class_set_accessible_type (widget, ASTERN_TYPE_MEMORY_GRID_ACCESSIBLE);
  astern_memory_grid_add_input (widget);
#define SIGNAL(name, ...) g_signal_new (name, ASTERN_TYPE_MEMORY_GRID, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, __VA_ARGS__)
  signals[SCROLLED] = SIGNAL ("scrolled", 0);
  signals[SELECTED] = SIGNAL ("selected", 0);
  signals[TYPED] = SIGNAL ("typed", 3, G_TYPE_UINT64, G_TYPE_UINT, G_TYPE_UINT);
  signals[EDIT] = SIGNAL ("edit", 0);
#undef SIGNAL
}

static void
astern_memory_grid_init (AsternMemoryGrid *grid)
{
  grid->layout = (AsternMemoryLayout) { 1, ASTERN_MEMORY_HEX, 16, 16 };
  grid->highest = G_MAXUINT64;
  grid->n_rows = 1;
  grid->char_width = 8;
  grid->row_height = 16;
  grid->bytes = g_byte_array_new ();
  grid->known = g_byte_array_new ();
  grid->changed = g_byte_array_new ();
  gtk_widget_set_can_focus (GTK_WIDGET (grid), TRUE);
  gtk_widget_add_events (GTK_WIDGET (grid), GDK_SCROLL_MASK | GDK_SMOOTH_SCROLL_MASK | GDK_BUTTON_PRESS_MASK |
                         GDK_BUTTON_RELEASE_MASK | GDK_BUTTON1_MOTION_MASK | GDK_KEY_PRESS_MASK);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (grid)), "view");
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (grid)), "astern-code");
  measure (grid);
}
