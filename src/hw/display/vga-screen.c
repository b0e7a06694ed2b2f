/* vga-screen.c - the screen for somebody who looks at it many times a second.
 *
 * What was drawn is kept: the registers that matter and the memory that was shown.  Comparing them costs a tenth of drawing.
 * A linear mode's rows are drawn one by one; other modes are drawn whole, and the rows that came out the same are found then. */
#include "config.h"

#include "hw/display/vga-state.h"

#include <string.h>

#define PLANES_BYTES (4u * 65536)

/* What the picture depends on: not what a driver keeps in motion while it looks for a place to write to. */
static VgaState
shown_state (const Vga *vga)
{
  VgaState state = *vga->s;

  memset (&state.pci, 0, sizeof state.pci);
  state.latch = 0;
  state.dispi_index = 0;
  state.misc = state.feature = 0;
  state.seq_index = state.gfx_index = state.crtc_index = state.attr_is_data = 0;
  state.attr_index &= ATTR_INDEX_ON;
  state.dac_read = state.dac_write = state.dac_part = state.dac_reading = 0;
  memset (state.dac_written, 0, sizeof state.dac_written);
  return state;
}

/* TRUE: nothing of what was seen holds any more. */
static gboolean
renew (const Vga *vga, AsternScreen *screen)
{
  VgaState state = shown_state (vga);

  if (screen->seen != NULL && screen->seen->len == sizeof state + PLANES_BYTES &&
      memcmp (screen->seen->data, &state, sizeof state) == 0)
    return FALSE;
  if (screen->seen == NULL)
    screen->seen = g_byte_array_new ();
  g_byte_array_set_size (screen->seen, (guint) sizeof state + PLANES_BYTES);
  memcpy (screen->seen->data, &state, sizeof state);
  return TRUE;
}

static void
update_planar (AsternDevice *device, AsternScreen *screen)
{
  const Vga *vga = (const Vga *) device;
  gboolean all = renew (vga, screen);
  guint8 *seen = screen->seen->data + sizeof (VgaState);
  g_auto (AsternPicture) before = { 0 };

  if (!all && memcmp (seen, vga_vram (vga), PLANES_BYTES) == 0)
    return;
  memcpy (seen, vga_vram (vga), PLANES_BYTES);
  before = screen->picture;
  screen->picture = (AsternPicture) { 0 };
  vga_draw (device, 0, &screen->picture);
  if (before.width != screen->picture.width || before.height != screen->picture.height)
    screen->end_row = screen->picture.height;
  else
    astern_screen_compare (screen, &before);
}

void
vga_update (AsternDevice *device, guint head, AsternScreen *screen)
{
  const Vga *vga = (const Vga *) device;
  const AsternRamBlock *block;
  AsternLinear linear;

  if (vga->vram == NULL)
    return;
  if (vga_linear (vga, &linear, &block))
    astern_linear_update (&linear, astern_memory_host (vga->memory, block->start), block->size, screen);
  else if (vga_is_absent (vga))
    astern_screen_clear (screen);
  else
    update_planar (device, screen);
}

const AsternDisplayClass vga_display = { .klass = &vga_class, .draw = vga_draw, .update = vga_update, .text = vga_text };
