/* display.c - see display.h. */
#include "config.h"

#include "hw/display/display.h"

#include "hw/display/bochs.h"
#include "hw/display/cirrus.h"
#include "hw/display/qxl.h"
#include "hw/display/svga.h"
#include "hw/display/vga.h"
#include "hw/display/virtio-vga.h"
#include "hw/virtio/virtio-gpu.h"

#include <string.h>

/* Every card with a screen, by name. */
static const AsternDisplayClass *const displays[] = {
  &bochs_display_display,
  &cirrus_display,
  &qxl_display,
  &qxl_second_display,
  &secondary_vga_display,
  &svga_display,
  &vga_display,
  &virtio_gpu_display,
  &virtio_vga_display,
};

static const AsternDisplayClass *
class_of (const AsternDevice *device)
{
  for (guint i = 0; i < G_N_ELEMENTS (displays); i++)
    if (displays[i]->klass == device->klass)
      return displays[i];
  return NULL;
}

gboolean
astern_is_display (const AsternDevice *device)
{
  return class_of (device) != NULL;
}

/* It is in another one, which shows it. */
static gboolean
is_part (AsternMachine *machine, AsternDevice *device)
{
  for (guint i = 0; i < machine->devices->len; i++)
    {
      AsternDevice *other = g_ptr_array_index (machine->devices, i);
      const AsternDisplayClass *display = class_of (other);

      if (display != NULL && display->owns != NULL && display->owns (other, device))
        return TRUE;
    }
  return FALSE;
}

AsternDevice *
astern_display_find (AsternMachine *machine, guint n)
{
  for (guint i = 0; i < machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (machine->devices, i);

      if (astern_is_display (device) && !is_part (machine, device) && n-- == 0)
        return device;
    }
  return NULL;
}

guint
astern_display_heads (AsternDevice *device)
{
  const AsternDisplayClass *display = class_of (device);

  return display->heads != NULL ? display->heads (device) : 1;
}

char *
astern_display_text (AsternDevice *device)
{
  const AsternDisplayClass *display = class_of (device);

  return display->text != NULL ? display->text (device) : NULL;
}

/* ---- the cursor ---- */

/* The part of the cursor that is in the picture: columns and rows of the cursor. */
typedef struct
{
  gint left, top;               /* of the cursor's first pixel in the picture */
  gint x0, x1, y0, y1;          /* [x0, x1) x [y0, y1) in the cursor */
} Covered;

static gboolean
covered (const AsternCursor *cursor, const AsternPicture *picture, Covered *c)
{
  if (!cursor->shown || ABS ((gint64) cursor->x) > 1 << 20 || ABS ((gint64) cursor->y) > 1 << 20)
    return FALSE;
  c->left = cursor->x - (gint) cursor->hot_x;
  c->top = cursor->y - (gint) cursor->hot_y;
  c->x0 = MAX (0, -c->left);
  c->y0 = MAX (0, -c->top);
  c->x1 = MIN ((gint) cursor->width, (gint) picture->width - c->left);
  c->y1 = MIN ((gint) cursor->height, (gint) picture->height - c->top);
  return c->x0 < c->x1 && c->y0 < c->y1;
}

static void
lay_cursor (const AsternCursor *cursor, AsternPicture *picture)
{
  Covered c;

  if (!covered (cursor, picture, &c))
    return;
  for (gint y = c.y0; y < c.y1; y++)
    {
      guint32 *row = astern_picture_row (picture, (guint) (c.top + y)) + c.left;

      for (gint x = c.x0; x < c.x1; x++)
        row[x] = astern_cursor_mix (row[x], cursor->pixels[(guint) y * cursor->width + (guint) x]);
    }
}

static void
get_cursor (AsternDevice *device, guint head, AsternCursor *cursor)
{
  const AsternDisplayClass *display = class_of (device);

  cursor->shown = display->cursor != NULL && display->cursor (device, head, cursor);
}

void
astern_display_draw (AsternDevice *device, guint head, AsternPicture *picture)
{
  g_auto (AsternCursor) cursor = { 0 };

  class_of (device)->draw (device, head, picture);
  get_cursor (device, head, &cursor);
  lay_cursor (&cursor, picture);
}

/* ---- a screen that is kept ---- */

void
astern_screen_clear (AsternScreen *screen)
{
  astern_picture_clear (&screen->picture);
  astern_picture_clear (&screen->below);
  astern_cursor_clear (&screen->cursor);
  g_clear_pointer (&screen->seen, g_byte_array_unref);
}

static void
changed_rows (AsternScreen *screen, guint first, guint end)
{
  if (first >= end)
    return;
  if (screen->first_row == screen->end_row)
    {
      screen->first_row = first;
      screen->end_row = end;
    }
  screen->first_row = MIN (screen->first_row, first);
  screen->end_row = MAX (screen->end_row, end);
}

/* Takes the cursor off the picture again. */
static void
lift_cursor (AsternScreen *screen)
{
  for (guint y = 0; y < screen->below.height; y++)
    memcpy (astern_picture_row (&screen->picture, (guint) screen->below_y + y) + screen->below_x,
            astern_picture_row (&screen->below, y), screen->below.width * sizeof (guint32));
}

static void
put_cursor (AsternScreen *screen)
{
  Covered c;

  astern_picture_clear (&screen->below);
  if (screen->apart || !covered (&screen->cursor, &screen->picture, &c))
    return;
  astern_picture_resize (&screen->below, (guint) (c.x1 - c.x0), (guint) (c.y1 - c.y0));
  screen->below_x = c.left + c.x0;
  screen->below_y = c.top + c.y0;
  for (guint y = 0; y < screen->below.height; y++)
    memcpy (astern_picture_row (&screen->below, y),
            astern_picture_row (&screen->picture, (guint) screen->below_y + y) + screen->below_x,
            screen->below.width * sizeof (guint32));
  lay_cursor (&screen->cursor, &screen->picture);
}

void
astern_screen_redraw (AsternScreen *screen, AsternDevice *device, guint head,
                      void (*draw) (AsternDevice *device, guint head, AsternPicture *picture))
{
  g_auto (AsternPicture) before = screen->picture;

  screen->picture = (AsternPicture) { 0 };
  draw (device, head, &screen->picture);
  if (before.width != screen->picture.width || before.height != screen->picture.height || before.pixels == NULL)
    screen->end_row = screen->picture.height;
  else
    astern_screen_compare (screen, &before);
}

void
astern_screen_compare (AsternScreen *screen, const AsternPicture *before)
{
  for (guint y = 0; y < before->height; y++)
    if (memcmp (astern_picture_row (before, y), astern_picture_row (&screen->picture, y), before->width * sizeof (guint32)) != 0)
      changed_rows (screen, y, y + 1);
}

gboolean
astern_display_update (AsternDevice *device, guint head, AsternScreen *screen)
{
  const AsternDisplayClass *display = class_of (device);
  g_auto (AsternCursor) before = screen->cursor;
  guint width = screen->picture.width, height = screen->picture.height;
  guint old_first = (guint) screen->below_y, old_end = old_first + screen->below.height;

  lift_cursor (screen);
  screen->first_row = screen->end_row = 0;
  if (display->update != NULL)
    display->update (device, head, screen);
  else
    astern_screen_redraw (screen, device, head, display->draw);
  screen->cursor = (AsternCursor) { 0 };
  get_cursor (device, head, &screen->cursor);
  screen->cursor_changed = !astern_cursor_equal (&before, &screen->cursor);
  put_cursor (screen);
  if (width != screen->picture.width || height != screen->picture.height)
    screen->first_row = 0, screen->end_row = screen->picture.height;
  else if (screen->cursor_changed || screen->below.height != old_end - old_first)
    {
      changed_rows (screen, old_first, old_end);
      changed_rows (screen, (guint) screen->below_y, (guint) screen->below_y + screen->below.height);
    }
  return screen->first_row < screen->end_row || screen->cursor_changed ||
         width != screen->picture.width || height != screen->picture.height;
}
