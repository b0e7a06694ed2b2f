/* memory-grid-input.c - keys, mouse and wheel of a grid: see memory-grid.h.
 *
 *   arrows, Page Up, Page Down, Home, End    move; with Shift they select
 *   Ctrl+Home, Ctrl+End                      the lowest and the highest address
 *   Tab, Shift+Tab                           from the cells to the characters, and back
 *   0-9 a-f among hexadecimal cells, any character among characters: changes the byte there
 *   Return, a digit among other cells        asks for a value */
#include "config.h"

#include "gui/memory-grid-private.h"

#define ROWS_A_NOTCH 3

void
astern_memory_grid_move_cursor (AsternMemoryGrid *grid, guint64 address, gboolean extend)
{
  grid->cursor = address;
  if (!extend)
    grid->anchor = address;
  grid->digit = 0;
  astern_memory_grid_reveal (grid, address);
  astern_memory_grid_selected (grid);
}

/* ---- keys ---- */

/* Towards lower addresses, and no further than to the first. */
static guint64
back (AsternMemoryGrid *grid, guint64 by)
{
  guint a_row = grid->layout.bytes_a_row;

  return grid->cursor >= by ? grid->cursor - by : by < a_row ? 0 : grid->cursor % a_row;
}

static guint64
on (AsternMemoryGrid *grid, guint64 by)
{
  return grid->highest - grid->cursor < by ? grid->cursor : grid->cursor + by;
}

static gboolean
destination (AsternMemoryGrid *grid, guint key, gboolean control, guint64 *address)
{
  guint unit = grid->in_text ? 1 : grid->layout.unit, a_row = grid->layout.bytes_a_row;
  guint64 page = (guint64) MAX (1, grid->n_rows - 1) * a_row;

  switch (key)
    {
    case GDK_KEY_Left: case GDK_KEY_KP_Left:
      *address = back (grid, unit);
      return TRUE;
    case GDK_KEY_Right: case GDK_KEY_KP_Right:
      *address = on (grid, unit);
      return TRUE;
    case GDK_KEY_Up: case GDK_KEY_KP_Up:
      *address = back (grid, a_row);
      return TRUE;
    case GDK_KEY_Down: case GDK_KEY_KP_Down:
      *address = on (grid, a_row);
      return TRUE;
    case GDK_KEY_Page_Up: case GDK_KEY_KP_Page_Up:
      *address = back (grid, page);
      return TRUE;
    case GDK_KEY_Page_Down: case GDK_KEY_KP_Page_Down:
      *address = on (grid, page);
      return TRUE;
    case GDK_KEY_Home: case GDK_KEY_KP_Home:
      *address = control ? 0 : grid->cursor - grid->cursor % a_row;
      return TRUE;
    case GDK_KEY_End: case GDK_KEY_KP_End:
      *address = control ? grid->highest : grid->cursor - grid->cursor % a_row + a_row - 1;
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
type_digit (AsternMemoryGrid *grid, gunichar c)
{
  guint a_row = grid->layout.bytes_a_row, byte;
  guint64 row = grid->cursor - grid->cursor % a_row;
  gboolean upper;
  guint digit;

  if (c > 0x7f || !g_ascii_isxdigit ((char) c))
    return FALSE;
  digit = (guint) g_ascii_xdigit_value ((char) c);
  byte = astern_memory_digit_byte (&grid->layout, (guint) (grid->cursor % a_row), grid->digit, &upper);
  astern_memory_grid_emit_typed (grid, row + byte, upper ? 0xf0 : 0x0f, (guint8) (upper ? digit << 4 : digit));
  if (grid->digit + 1 < 2 * grid->layout.unit)
    {
      grid->digit++;
      grid->anchor = grid->cursor;
      astern_memory_grid_selected (grid);
    }
  else
    astern_memory_grid_move_cursor (grid, on (grid, grid->layout.unit), FALSE);
  return TRUE;
}

static gboolean
type (AsternMemoryGrid *grid, gunichar c)
{
  if (c < 0x20 || c == 0x7f)
    return FALSE;
  if (!grid->in_text && grid->layout.kind == ASTERN_MEMORY_HEX)
    return type_digit (grid, c);
  if (!grid->in_text && c < 0x7f && (g_ascii_isdigit ((char) c) || c == '-'))
    {
      astern_memory_grid_emit_edit (grid);
      return TRUE;
    }
  if (!grid->in_text || c > 0x7e)
    return FALSE;
  astern_memory_grid_emit_typed (grid, grid->cursor, 0xff, (guint8) c);
  astern_memory_grid_move_cursor (grid, on (grid, 1), FALSE);
  return TRUE;
}

static gboolean
key_press_event (GtkWidget *widget, GdkEventKey *event)
{
  AsternMemoryGrid *grid = ASTERN_MEMORY_GRID (widget);
  guint modifiers = event->state & gtk_accelerator_get_default_mod_mask ();
  guint64 address;

  if (!(modifiers & ~(GDK_SHIFT_MASK | GDK_CONTROL_MASK)) &&
      destination (grid, event->keyval, (modifiers & GDK_CONTROL_MASK) != 0, &address))
    {
      astern_memory_grid_move_cursor (grid, address, (modifiers & GDK_SHIFT_MASK) != 0);
      return TRUE;
    }
  if (modifiers == 0 && (event->keyval == GDK_KEY_Return || event->keyval == GDK_KEY_KP_Enter))
    {
      astern_memory_grid_emit_edit (grid);
      return TRUE;
    }
  if (!(modifiers & ~GDK_SHIFT_MASK) && type (grid, gdk_keyval_to_unicode (event->keyval)))
    return TRUE;
  return gtk_bindings_activate_event (G_OBJECT (widget), event);     /* the menu's key */
}

/* Tab goes from the cells to the characters first. */
static gboolean
focus (GtkWidget *widget, GtkDirectionType direction)
{
  AsternMemoryGrid *grid = ASTERN_MEMORY_GRID (widget);
  gboolean forward = direction == GTK_DIR_TAB_FORWARD;

  if (gtk_widget_has_focus (widget) && grid->layout.kind != ASTERN_MEMORY_TEXT &&
      (forward ? !grid->in_text : direction == GTK_DIR_TAB_BACKWARD && grid->in_text))
    {
      grid->in_text = forward;
      grid->digit = 0;
      astern_memory_grid_selected (grid);
      return TRUE;
    }
  if (gtk_widget_has_focus (widget))
    return FALSE;
  gtk_widget_grab_focus (widget);
  return TRUE;
}

/* ---- mouse ---- */

static void
point_at (AsternMemoryGrid *grid, double x, double y, gboolean extend)
{
  AsternMemoryPlace place;
  guint64 row;

  astern_memory_grid_place_at (grid, x, y, &row, &place);
  if (!extend)
    grid->in_text = place.in_text;
  astern_memory_grid_move_cursor (grid, row + place.offset, extend);
  if (!extend && !place.in_text && grid->layout.kind == ASTERN_MEMORY_HEX)
    {
      grid->digit = MIN (place.digit, 2 * grid->layout.unit - 1);
      astern_memory_grid_selected (grid);
    }
}

/* With the other button the selection stays when the pointer is in it. */
static gboolean
is_selected (AsternMemoryGrid *grid, double x, double y)
{
  AsternMemoryPlace place;
  guint64 row, start, size;

  astern_memory_grid_place_at (grid, x, y, &row, &place);
  astern_memory_grid_selection (grid, &start, &size);
  return row + place.offset - start < size;
}

static gboolean
button_press_event (GtkWidget *widget, GdkEventButton *event)
{
  AsternMemoryGrid *grid = ASTERN_MEMORY_GRID (widget);

  gtk_widget_grab_focus (widget);
  if (event->type != GDK_BUTTON_PRESS)
    return FALSE;
  if (event->button == GDK_BUTTON_PRIMARY)
    {
      point_at (grid, event->x, event->y, (event->state & GDK_SHIFT_MASK) != 0);
      grid->dragging = TRUE;
      return TRUE;
    }
  if (gdk_event_triggers_context_menu ((GdkEvent *) event) && !is_selected (grid, event->x, event->y))
    point_at (grid, event->x, event->y, FALSE);
  return FALSE;
}

static gboolean
button_release_event (GtkWidget *widget, GdkEventButton *event)
{
  ASTERN_MEMORY_GRID (widget)->dragging = FALSE;
  return FALSE;
}

static gboolean
motion_notify_event (GtkWidget *widget, GdkEventMotion *event)
{
  AsternMemoryGrid *grid = ASTERN_MEMORY_GRID (widget);
  int height = gtk_widget_get_allocated_height (widget);

  if (!grid->dragging)
    return FALSE;
  if (event->y < 0 || event->y >= height)
    astern_memory_grid_scroll (grid, event->y < 0 ? -1 : 1);
  point_at (grid, event->x, event->y, TRUE);
  return TRUE;
}

static gboolean
scroll_event (GtkWidget *widget, GdkEventScroll *event)
{
  AsternMemoryGrid *grid = ASTERN_MEMORY_GRID (widget);
  double x, y;
  int rows;

  if (event->direction == GDK_SCROLL_UP || event->direction == GDK_SCROLL_DOWN)
    astern_memory_grid_scroll (grid, event->direction == GDK_SCROLL_UP ? -ROWS_A_NOTCH : ROWS_A_NOTCH);
  else if (gdk_event_get_scroll_deltas ((GdkEvent *) event, &x, &y))
    {
      grid->scrolled += y * ROWS_A_NOTCH;
      rows = (int) grid->scrolled;
      grid->scrolled -= rows;
      astern_memory_grid_scroll (grid, rows);
    }
  return TRUE;
}

static gboolean
focus_change (GtkWidget *widget, GdkEventFocus *event)
{
  gtk_widget_queue_draw (widget);
  return FALSE;
}

void
astern_memory_grid_add_input (GtkWidgetClass *klass)
{
  klass->key_press_event = key_press_event;
  klass->focus = focus;
  klass->button_press_event = button_press_event;
  klass->button_release_event = button_release_event;
  klass->motion_notify_event = motion_notify_event;
  klass->scroll_event = scroll_event;
  klass->focus_in_event = focus_change;
  klass->focus_out_event = focus_change;
}
