/* vga-screen.c - the screen for somebody who looks at it many times a second.
 *
 * What was drawn is kept: the registers that matter and the memory that was shown.  Comparing them costs a tenth of drawing.
 * A linear mode's rows are drawn one by one; other modes are drawn whole, and the rows that came out the same are found then. */
#include "config.h"

#include "hw/vga-state.h"

#include <string.h>

#define PLANES_BYTES (4u * 65536)

/* What the picture depends on: not what a driver keeps in motion while it looks for a place to write to. */
static VgaState
shown_state (const Vga *vga)
{
  VgaState state = vga->s;

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

/* The memory that is shown. */
static void
shown_memory (const Vga *vga, guint64 *start, guint64 *size)
{
  guint64 pitch = vga_dispi_pitch (vga);

  *start = 0;
  *size = PLANES_BYTES;
  if (!vga_is_linear (vga))
    return;
  *start = MIN (vga->s.dispi[DISPI_Y_OFFSET] * pitch, vga->vram->size);
  *size = MIN (vga->s.dispi[DISPI_YRES] * pitch, vga->vram->size - *start);
}

/* TRUE: nothing of what was seen holds any more. */
static gboolean
renew (const Vga *vga, VgaScreen *screen, guint64 size)
{
  VgaState state = shown_state (vga);

  if (screen->seen != NULL && screen->seen->len == sizeof state + size &&
      memcmp (screen->seen->data, &state, sizeof state) == 0)
    return FALSE;
  if (screen->seen == NULL)
    screen->seen = g_byte_array_new ();
  g_byte_array_set_size (screen->seen, (guint) (sizeof state + size));
  memcpy (screen->seen->data, &state, sizeof state);
  return TRUE;
}

static void
changed_row (VgaScreen *screen, guint y)
{
  if (screen->first_row == screen->end_row)
    screen->first_row = y;
  screen->end_row = y + 1;
}

static void
update_linear (const Vga *vga, VgaScreen *screen, gboolean all, guint64 start, guint64 size)
{
  guint8 *seen = screen->seen->data + sizeof (VgaState);
  const guint8 *now = vga_vram (vga) + start;
  guint64 pitch = vga_dispi_pitch (vga);

  if (all)
    {
      memcpy (seen, now, size);
      vga_draw ((AsternDevice *) vga, &screen->picture);
      screen->end_row = screen->picture.height;
      return;
    }
  for (guint y = 0; (y + 1) * pitch <= size; y++)
    if (memcmp (seen + y * pitch, now + y * pitch, pitch) != 0)
      {
        memcpy (seen + y * pitch, now + y * pitch, pitch);
        vga_draw_linear_row (vga, &screen->picture, y);
        changed_row (screen, y);
      }
}

static void
update_planar (const Vga *vga, VgaScreen *screen, gboolean all, guint64 size)
{
  guint8 *seen = screen->seen->data + sizeof (VgaState);
  g_auto (AsternPicture) before = screen->picture;

  if (!all && memcmp (seen, vga_vram (vga), size) == 0)
    {
      before.pixels = NULL;
      return;
    }
  memcpy (seen, vga_vram (vga), size);
  screen->picture = (AsternPicture) { 0 };
  vga_draw ((AsternDevice *) vga, &screen->picture);
  if (before.width != screen->picture.width || before.height != screen->picture.height)
    screen->end_row = screen->picture.height;
  else
    for (guint y = 0; y < before.height; y++)
      if (memcmp (astern_picture_row (&before, y), astern_picture_row (&screen->picture, y), before.width * sizeof (guint32)) != 0)
        changed_row (screen, y);
}

gboolean
vga_screen_update (AsternDevice *device, VgaScreen *screen)
{
  const Vga *vga = (const Vga *) device;
  guint64 start, size;
  gboolean all;

  screen->first_row = screen->end_row = 0;
  if (vga->vram == NULL)
    return FALSE;
  shown_memory (vga, &start, &size);
  all = renew (vga, screen, size);
  if (vga_is_linear (vga))
    update_linear (vga, screen, all, start, size);
  else
    update_planar (vga, screen, all, size);
  return all || screen->first_row < screen->end_row;
}

void
vga_screen_clear (VgaScreen *screen)
{
  astern_picture_clear (&screen->picture);
  g_clear_pointer (&screen->seen, g_byte_array_unref);
}
