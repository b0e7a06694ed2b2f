/* screen-input.c - see screen-input.h.
 * Left out: touch. */
#include "config.h"

#include "gui/screen-input.h"

#include "gui/evdev-keys.h"
#include "gui/screen-area.h"
#include "hw/human.h"
#include "hw/ps2-keyboard.h"
#include "hw/ps2-mouse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gi18n.h>

#define KEY_LEFT_ALT  0x38
#define KEY_RIGHT_ALT 0xe038
#define KEY_SYSRQ     0x54
#define MARGIN        32       /* so near to the monitor's edge the pointer is sent back to the middle */
#define MAX_STALE     8        /* movements that were under way when it was */

struct _AsternScreenInput
{
  GObject    parent_instance;
  GtkWidget *area;
  AsternRun *run;              /* owned, (nullable) */
  guint16    down[256];        /* by the host's key code: the number it was sent as; 0: it is up */
  guint16    late[256];        /* let go of in the past, but pressed at the head: to be told there */
  guint8     buttons;          /* Ps2MouseButtons */
  gboolean   grabbed;
  double     x, y;             /* the pointer, on the root window */
  guint      stale;            /* movements to leave out, at most, until it is there */
  gboolean   refused;          /* that a replay takes no keys was said */
};

G_DEFINE_FINAL_TYPE (AsternScreenInput, astern_screen_input, G_TYPE_OBJECT)

enum { GRABBED, FULL_SCREEN, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- to the machine ---- */

typedef struct
{
  gboolean is_key, tap;        /* tap: pressed and let go of */
  guint16  number;
  gboolean down;
  gint     dx, dy, dz;
  gboolean absolute;           /* the pointer is at x, y */
  guint    x, y;
  guint8   buttons;
} Input;

/* The machine's thread.  In the past it would wait for the head: the user did not mean it for then. */
static void
do_input (AsternSession *session, gpointer data)
{
  const Input *what = data;
  AsternLaunch *launch = session->launch;

  if (astern_timeline_in_past (astern_debugger_timeline (session->debugger)))
    return;
  if (what->absolute)
    astern_launch_pointer (launch, what->x, what->y, what->dz, what->buttons);
  else if (!what->is_key)
    astern_launch_mouse (launch, what->dx, what->dy, what->dz, what->buttons);
  else
    astern_launch_key (launch, what->number, what->down);
  if (what->tap && what->is_key)
    astern_launch_key (launch, what->number, FALSE);
  else if (what->tap)
    astern_launch_mouse (launch, 0, 0, 0, 0);
}

/* TRUE: what is done now reaches the guest; else it has been said, or asked for, why it does not. */
static gboolean
is_heard (AsternScreenInput *input)
{
  const AsternRunStatus *status = input->run != NULL ? astern_run_status (input->run) : NULL;

  if (status == NULL || status->state == ASTERN_RUN_STARTING || status->state == ASTERN_RUN_ENDED)
    return FALSE;
  if (!status->replay)
    return TRUE;
  if (!input->refused)
    astern_run_say (input->run, _("This is a replay: the guest gets the keys that were recorded, and no others."));
  input->refused = TRUE;
  return FALSE;
}

static gboolean
in_past (AsternScreenInput *input)
{
  return input->run != NULL && astern_run_status (input->run)->in_past;
}

static void
send (AsternScreenInput *input, const Input *what)
{
  if (in_past (input))
    astern_run_change (input->run, do_input, g_memdup2 (what, sizeof *what), g_free);
  else
    astern_run_call (input->run, do_input, g_memdup2 (what, sizeof *what), g_free);
}

static void
do_chord (AsternSession *session, gpointer data)
{
  if (!astern_timeline_in_past (astern_debugger_timeline (session->debugger)))
    astern_launch_send_keys (session->launch, data, NULL);
}

void
astern_screen_input_chord (AsternScreenInput *input, const char *chord)
{
  if (is_heard (input))
    astern_run_change (input->run, do_chord, g_strdup (chord), g_free);
}

/* ---- keys ---- */

static gboolean
is_modifier (guint16 number)
{
  static const guint16 modifiers[] = { 0x1d, 0x2a, 0x36, KEY_LEFT_ALT, 0x3a, 0x45, 0x46, 0xe01d, KEY_RIGHT_ALT, 0xe05b, 0xe05c };

  for (gsize i = 0; i < G_N_ELEMENTS (modifiers); i++)
    if (modifiers[i] == number)
      return TRUE;
  return FALSE;
}

static gboolean
is_down (AsternScreenInput *input, guint16 number)
{
  for (gsize i = 0; i < G_N_ELEMENTS (input->down); i++)
    if (input->down[i] == number)
      return TRUE;
  return FALSE;
}

static void
press (AsternScreenInput *input, guint code)
{
  guint16 number = astern_evdev_key (code);
  gboolean repeated = input->down[code] != 0;

  if (number == PS2_KEY_PRINT_SCREEN && (is_down (input, KEY_LEFT_ALT) || is_down (input, KEY_RIGHT_ALT)))
    number = KEY_SYSRQ;
  if (number == 0 || !is_heard (input))
    return;
  if (in_past (input))
    {
      if (!is_modifier (number) && !repeated)
        send (input, &(Input) { .is_key = TRUE, .number = number, .down = TRUE, .tap = TRUE });
      return;
    }
  /* A guest that stands still would get a hundred of them at once. */
  if (repeated && (is_modifier (number) || astern_run_status (input->run)->state != ASTERN_RUN_RUNNING))
    return;
  input->down[code] = number;
  send (input, &(Input) { .is_key = TRUE, .number = number, .down = TRUE });
}

static void
release (AsternScreenInput *input, guint code)
{
  guint16 number = input->down[code];

  input->down[code] = 0;
  if (number != 0 && in_past (input))
    input->late[code] = number;
  else if (number != 0 && input->run != NULL)
    send (input, &(Input) { .is_key = TRUE, .number = number });
}

static void
release_all (AsternScreenInput *input)
{
  for (guint i = 0; i < G_N_ELEMENTS (input->down); i++)
    release (input, i);
  if (input->buttons != 0 && input->run != NULL && !in_past (input))
    send (input, &(Input) { .buttons = 0 });
  input->buttons = 0;
}

/* The way out for who has no mouse. */
static gboolean
leave (AsternScreenInput *input, const GdkEventKey *event)
{
  if (input->grabbed || (event->keyval != GDK_KEY_Tab && event->keyval != GDK_KEY_ISO_Left_Tab) ||
      (event->state & (GDK_CONTROL_MASK | GDK_MOD1_MASK)) != GDK_CONTROL_MASK)
    return FALSE;
  release_all (input);
  gtk_widget_child_focus (gtk_widget_get_toplevel (input->area),
                          event->state & GDK_SHIFT_MASK ? GTK_DIR_TAB_BACKWARD : GTK_DIR_TAB_FORWARD);
  return TRUE;
}

/* The window's own; Ctrl+Alt+G and Ctrl+Alt+F whatever has grabbed. */
static gboolean
own_shortcut (AsternScreenInput *input, const GdkEventKey *event)
{
  const GdkModifierType both = GDK_CONTROL_MASK | GDK_MOD1_MASK;
  guint key = gdk_keyval_to_lower (event->keyval);

  if (leave (input, event))
    return TRUE;
  if ((event->state & both) != both || (key != GDK_KEY_g && key != GDK_KEY_f))
    return FALSE;
  release_all (input);
  if (key == GDK_KEY_f)
    g_signal_emit (input, signals[FULL_SCREEN], 0);
  else if (input->grabbed)
    astern_screen_input_let_go (input);
  else
    astern_screen_input_grab (input);
  return TRUE;
}

static gboolean
on_key (AsternScreenInput *input, GdkEventKey *event)
{
  guint code = event->hardware_keycode - ASTERN_EVDEV_OFFSET;

  if (event->hardware_keycode < ASTERN_EVDEV_OFFSET || code >= G_N_ELEMENTS (input->down))
    return GDK_EVENT_PROPAGATE;
  if (event->type == GDK_KEY_RELEASE)
    release (input, code);
  else if (!own_shortcut (input, event))
    press (input, code);
  return GDK_EVENT_STOP;
}

/* ---- grabbing ---- */

static void
middle_of (GtkWidget *widget, int *x, int *y)
{
  gdk_window_get_root_coords (gtk_widget_get_window (widget), gtk_widget_get_allocated_width (widget) / 2,
                              gtk_widget_get_allocated_height (widget) / 2, x, y);
}

static void
set_grabbed (AsternScreenInput *input, gboolean grabbed)
{
  input->grabbed = grabbed;
  input->stale = 0;
  g_signal_emit (input, signals[GRABBED], 0);
}

void
astern_screen_input_grab (AsternScreenInput *input)
{
  GdkWindow *window = gtk_widget_get_window (input->area);
  GdkSeat *seat = gdk_display_get_default_seat (gtk_widget_get_display (input->area));
  g_autoptr (GdkCursor) none = NULL;
  GdkDevice *pointer = gdk_seat_get_pointer (seat);

  if (input->grabbed || window == NULL || input->run == NULL)
    return;
  gtk_widget_grab_focus (input->area);
  none = gdk_cursor_new_for_display (gdk_window_get_display (window), GDK_BLANK_CURSOR);
  if (gdk_seat_grab (seat, window, GDK_SEAT_CAPABILITY_ALL_POINTING | GDK_SEAT_CAPABILITY_KEYBOARD, FALSE, none, NULL, NULL, NULL)
      != GDK_GRAB_SUCCESS)
    {
      astern_run_say (input->run, _("Another program has the pointer; try again."));
      return;
    }
  if (pointer != NULL)
    gdk_device_get_position_double (pointer, NULL, &input->x, &input->y);
  set_grabbed (input, TRUE);
}

void
astern_screen_input_let_go (AsternScreenInput *input)
{
  release_all (input);
  if (!input->grabbed)
    return;
  gdk_seat_ungrab (gdk_display_get_default_seat (gtk_widget_get_display (input->area)));
  set_grabbed (input, FALSE);
}

gboolean
astern_screen_input_grabbed (AsternScreenInput *input)
{
  return input->grabbed;
}

static gboolean
on_focus_out (AsternScreenInput *input)
{
  astern_screen_input_let_go (input);
  return GDK_EVENT_PROPAGATE;
}

static gboolean
on_grab_broken (AsternScreenInput *input)
{
  if (input->grabbed)
    {
      release_all (input);
      set_grabbed (input, FALSE);
    }
  return GDK_EVENT_PROPAGATE;
}

/* ---- the pointer ---- */

static gboolean
near_edge (GtkWidget *widget, double x, double y)
{
  GdkMonitor *monitor = gdk_display_get_monitor_at_point (gtk_widget_get_display (widget), (int) x, (int) y);
  GdkRectangle all;

  gdk_monitor_get_geometry (monitor, &all);
  return x < all.x + MARGIN || y < all.y + MARGIN || x >= all.x + all.width - MARGIN || y >= all.y + all.height - MARGIN;
}

static void
back_to_middle (AsternScreenInput *input)
{
  GdkDevice *pointer = gdk_seat_get_pointer (gdk_display_get_default_seat (gtk_widget_get_display (input->area)));
  int x, y;

  if (pointer == NULL)
    return;
  middle_of (input->area, &x, &y);
  gdk_device_warp (pointer, gtk_widget_get_screen (input->area), x, y);
  input->x = x;
  input->y = y;
  input->stale = MAX_STALE;
}

/* A guest with a tablet takes the pointer where it is, without a grab. */
static gboolean
points (AsternScreenInput *input)
{
  const AsternRunStatus *status = input->run != NULL ? astern_run_status (input->run) : NULL;

  return !input->grabbed && status != NULL && status->state == ASTERN_RUN_RUNNING && status->points && !status->replay && !status->in_past;
}

static void
point (AsternScreenInput *input, double x, double y, gint dz)
{
  Input what = { .absolute = TRUE, .dz = dz, .buttons = input->buttons };

  if (astern_screen_area_place (ASTERN_SCREEN_AREA (input->area), x, y, HUMAN_POINTER_MAX, &what.x, &what.y))
    send (input, &what);
}

static gboolean
on_motion (AsternScreenInput *input, GdkEventMotion *event)
{
  int dx = (int) lround (event->x_root - input->x), dy = (int) lround (event->y_root - input->y);

  if (points (input))
    point (input, event->x, event->y, 0);
  if (!input->grabbed)
    return GDK_EVENT_PROPAGATE;
  if (input->stale > 0 && (abs (dx) > 2 * MARGIN || abs (dy) > 2 * MARGIN))
    {
      input->stale--;           /* from before it was sent back */
      return GDK_EVENT_STOP;
    }
  input->stale = 0;
  input->x += dx;
  input->y += dy;
  if ((dx != 0 || dy != 0) && is_heard (input) && !in_past (input))
    send (input, &(Input) { .dx = dx, .dy = dy, .buttons = input->buttons });
  if (near_edge (input->area, input->x, input->y))
    back_to_middle (input);
  return GDK_EVENT_STOP;
}

static guint8
button_bit (guint button)
{
  switch (button)
    {
    case GDK_BUTTON_PRIMARY:
      return PS2_MOUSE_LEFT;
    case GDK_BUTTON_SECONDARY:
      return PS2_MOUSE_RIGHT;
    case GDK_BUTTON_MIDDLE:
      return PS2_MOUSE_MIDDLE;
    case 8:
      return PS2_MOUSE_BACK;
    case 9:
      return PS2_MOUSE_FORTH;
    default:
      return 0;
    }
}

static gboolean
on_button (AsternScreenInput *input, GdkEventButton *event)
{
  guint8 bit = button_bit (event->button);

  if (points (input))
    {
      if (event->type == GDK_BUTTON_PRESS)
        {
          gtk_widget_grab_focus (input->area);
          input->buttons |= bit;
        }
      else if (event->type == GDK_BUTTON_RELEASE)
        input->buttons &= (guint8) ~bit;
      point (input, event->x, event->y, 0);
      return GDK_EVENT_STOP;
    }
  if (!input->grabbed && event->type == GDK_BUTTON_PRESS && event->button == GDK_BUTTON_PRIMARY)
    {
      gtk_widget_grab_focus (input->area);
      if (input->run != NULL && astern_run_status (input->run)->state == ASTERN_RUN_RUNNING)
        astern_screen_input_grab (input);
      return GDK_EVENT_STOP;
    }
  if (!input->grabbed)
    return GDK_EVENT_PROPAGATE;
  if (event->type == GDK_BUTTON_PRESS)
    input->buttons |= bit;
  else if (event->type == GDK_BUTTON_RELEASE && (input->buttons & bit) != 0)
    input->buttons &= (guint8) ~bit;
  else
    return GDK_EVENT_STOP;      /* double clicks; the click that grabbed */
  if (is_heard (input) && !in_past (input))
    send (input, &(Input) { .buttons = input->buttons });
  return GDK_EVENT_STOP;
}

static gboolean
on_scroll (AsternScreenInput *input, GdkEventScroll *event)
{
  gint steps = event->direction == GDK_SCROLL_UP ? -1 : event->direction == GDK_SCROLL_DOWN ? 1 : 0;

  if (steps != 0 && points (input))
    {
      point (input, event->x, event->y, steps);
      return GDK_EVENT_STOP;
    }
  if (!input->grabbed)
    return GDK_EVENT_PROPAGATE;
  if (steps != 0 && is_heard (input) && !in_past (input))
    send (input, &(Input) { .dz = steps, .buttons = input->buttons });
  return GDK_EVENT_STOP;
}

/* ---- the object ---- */

static void
release_late (AsternScreenInput *input)
{
  for (guint i = 0; i < G_N_ELEMENTS (input->late); i++)
    if (input->late[i] != 0)
      {
        send (input, &(Input) { .is_key = TRUE, .number = input->late[i] });
        input->late[i] = 0;
      }
}

/* At a breakpoint the user wants the pointer. */
static void
on_run_changed (AsternScreenInput *input)
{
  if (!in_past (input))
    release_late (input);
  if (input->grabbed && astern_run_status (input->run)->state != ASTERN_RUN_RUNNING)
    astern_screen_input_let_go (input);
}

void
astern_screen_input_set_run (AsternScreenInput *input, AsternRun *run)
{
  if (input->run == run)
    return;
  memset (input->down, 0, sizeof input->down);
  memset (input->late, 0, sizeof input->late);
  input->buttons = 0;
  input->refused = FALSE;
  astern_screen_input_let_go (input);
  if (input->run != NULL)
    g_signal_handlers_disconnect_by_data (input->run, input);
  g_set_object (&input->run, run);
  if (run != NULL)
    g_signal_connect_object (run, "changed", G_CALLBACK (on_run_changed), input, G_CONNECT_SWAPPED);
}

static void
dispose (GObject *object)
{
  g_clear_object (&ASTERN_SCREEN_INPUT (object)->run);
  G_OBJECT_CLASS (astern_screen_input_parent_class)->dispose (object);
}

static void
astern_screen_input_class_init (AsternScreenInputClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = dispose;
  signals[GRABBED] = g_signal_new ("grabbed", ASTERN_TYPE_SCREEN_INPUT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FULL_SCREEN] = g_signal_new ("full-screen", ASTERN_TYPE_SCREEN_INPUT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 0);
}

static void
astern_screen_input_init (AsternScreenInput *input)
{
}

AsternScreenInput *
astern_screen_input_new (GtkWidget *area)
{
  AsternScreenInput *input = g_object_new (ASTERN_TYPE_SCREEN_INPUT, NULL);

#define LISTEN(signal, func) g_signal_connect_object (area, signal, G_CALLBACK (func), input, G_CONNECT_SWAPPED)
  input->area = area;
  gtk_widget_add_events (area, GDK_KEY_PRESS_MASK | GDK_KEY_RELEASE_MASK | GDK_FOCUS_CHANGE_MASK | GDK_BUTTON_PRESS_MASK |
                                 GDK_BUTTON_RELEASE_MASK | GDK_POINTER_MOTION_MASK | GDK_SCROLL_MASK);
  LISTEN ("key-press-event", on_key);
  LISTEN ("key-release-event", on_key);
  LISTEN ("focus-out-event", on_focus_out);
  LISTEN ("grab-broken-event", on_grab_broken);
  LISTEN ("button-press-event", on_button);
  LISTEN ("button-release-event", on_button);
  LISTEN ("motion-notify-event", on_motion);
  LISTEN ("scroll-event", on_scroll);
#undef LISTEN
  return input;
}
