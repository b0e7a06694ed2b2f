/* spice-inputs.c - keys and pointer of SPICE clients.
 * Source: spice-server's spice-input.h. */
#include "config.h"

#include "host/remote/spice-private.h"

/* The library takes keyboard and mouse never back, and what it has for them it does not free with the server (0.15.1): so they are
 * for as long as the program, as it seems to think. */
static struct
{
  SpiceKbdInstance   keyboard;
  SpiceMouseInstance mouse;
  AsternSpice       *spice;
} the_devices;

static void
push_scan_code (SpiceKbdInstance *instance, uint8_t code)
{
  AsternSpice *spice = the_devices.spice;
  guint16 prefix = spice->prefix;

  spice->prefix = 0;
  if (code == 0xe0 || code == 0xe1)
    spice->prefix = (guint16) (code << 8);
  else if (prefix == 0xe100)        /* Pause: e1 1d 45 */
    {
      if ((code & 0x7f) == 0x1d)
        spice->funcs.key (spice->funcs.user, 0xe11d, !(code & 0x80));
    }
  else
    spice->funcs.key (spice->funcs.user, (guint16) (prefix | (code & 0x7f)), !(code & 0x80));
}

static uint8_t
get_leds (SpiceKbdInstance *instance)
{
  return 0;
}

static guint8
our_buttons (guint32 state)
{
  return (guint8) ((state & SPICE_MOUSE_BUTTON_MASK_LEFT ? ASTERN_REMOTE_LEFT : 0)
                   | (state & SPICE_MOUSE_BUTTON_MASK_MIDDLE ? ASTERN_REMOTE_MIDDLE : 0)
                   | (state & SPICE_MOUSE_BUTTON_MASK_RIGHT ? ASTERN_REMOTE_RIGHT : 0));
}

static void
mouse_motion (SpiceMouseInstance *instance, int dx, int dy, int dz, uint32_t buttons)
{
  AsternSpice *spice = the_devices.spice;

  spice->funcs.motion (spice->funcs.user, dx, dy, dz, our_buttons (buttons));
}

static void
mouse_buttons (SpiceMouseInstance *instance, uint32_t buttons)
{
  mouse_motion (instance, 0, 0, 0, buttons);
}

static void
tablet_size (SpiceTabletInstance *instance, int width, int height)
{
  AsternSpice *spice = SPICE_CONTAINEROF (instance, AsternSpice, tablet);

  spice->width = (guint) MAX (width, 1);
  spice->height = (guint) MAX (height, 1);
}

static void
tablet_position (SpiceTabletInstance *instance, int x, int y, uint32_t buttons)
{
  AsternSpice *spice = SPICE_CONTAINEROF (instance, AsternSpice, tablet);

  spice->funcs.pointer (spice->funcs.user, (guint) MAX (x, 0), (guint) MAX (y, 0), spice->width, spice->height, 0, our_buttons (buttons));
}

static void
tablet_wheel (SpiceTabletInstance *instance, int dz, uint32_t buttons)
{
  AsternSpice *spice = SPICE_CONTAINEROF (instance, AsternSpice, tablet);

  spice->funcs.motion (spice->funcs.user, 0, 0, dz, our_buttons (buttons));
}

static void
tablet_buttons (SpiceTabletInstance *instance, uint32_t buttons)
{
  tablet_wheel (instance, 0, buttons);
}

static const SpiceKbdInterface keyboard = { SPICE_INTERFACE_OF (KEYBOARD, "keys"), .push_scan_freg = push_scan_code, .get_leds = get_leds };
static const SpiceMouseInterface mouse = { SPICE_INTERFACE_OF (MOUSE, "mouse"), .motion = mouse_motion, .buttons = mouse_buttons };
static const SpiceTabletInterface tablet = {
  SPICE_INTERFACE_OF (TABLET, "tablet"), .set_logical_size = tablet_size, .position = tablet_position, .wheel = tablet_wheel,
  .buttons = tablet_buttons,
};

void
spice_inputs_add (AsternSpice *spice)
{
  the_devices.spice = spice;
  the_devices.keyboard.base.sif = &keyboard.base;
  the_devices.mouse.base.sif = &mouse.base;
  spice->tablet.base.sif = &tablet.base;
  spice_server_add_interface (spice->server, &the_devices.keyboard.base);
  spice_server_add_interface (spice->server, &the_devices.mouse.base);
}

void
spice_inputs_set_absolute (AsternSpice *spice, gboolean absolute)
{
  if (absolute == spice->has_tablet)
    return;
  spice->has_tablet = absolute;
  if (absolute)
    spice_server_add_interface (spice->server, &spice->tablet.base);
  else
    spice_server_remove_interface (&spice->tablet.base);
}
