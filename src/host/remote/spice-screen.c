/* spice-screen.c - the picture and the cursor, shown to libspice-server as commands of a QXL card.
 * Source: spice-server's spice-qxl.h, spice-protocol's qxl_dev.h.
 *
 * A change of the picture is one command that copies a rectangle; no more than MAX_WAITING of them wait for the library,
 * what comes meanwhile becomes one.  The library asks for them on threads of its own: they are behind the mutex. */
#include "config.h"

#include "host/remote/spice-private.h"

#include <string.h>

#define MAX_WAITING  16

#define BLANK_WIDTH  640    /* until there is a picture */
#define BLANK_HEIGHT 400

/* One command, with all that it leads to. */
typedef struct
{
  QXLCommandExt command;
  QXLDrawable   drawable;
  QXLImage      image;
  QXLCursorCmd  cursor;
  gpointer      data;           /* pixels, or QXLCursor */
} SpiceCommand;

static void
free_command (gpointer data)
{
  SpiceCommand *command = data;

  g_free (command->data);
  g_free (command);
}

/* ---- called from the library's threads ---- */

static void
attached (QXLInstance *instance)
{
}

static void
set_compression_level (QXLInstance *instance, int level)
{
}

static void
get_init_info (QXLInstance *instance, QXLDevInitInfo *info)
{
  *info = (QXLDevInitInfo) { .num_memslots_groups = 1, .num_memslots = 1, .memslot_gen_bits = 8, .memslot_id_bits = 8,
                             .qxl_ram_size = G_MAXUINT32, .n_surfaces = 1 };
}

static int
pop_command (AsternSpice *spice, GQueue *queue, struct QXLCommandExt *result)
{
  SpiceCommand *command;

  g_mutex_lock (&spice->mutex);
  command = g_queue_pop_head (queue);
  g_mutex_unlock (&spice->mutex);
  if (command != NULL)
    *result = command->command;
  return command != NULL;
}

static int
is_empty (AsternSpice *spice, GQueue *queue)
{
  gboolean empty;

  g_mutex_lock (&spice->mutex);
  empty = g_queue_is_empty (queue);
  g_mutex_unlock (&spice->mutex);
  return empty;
}

static int
get_command (QXLInstance *instance, struct QXLCommandExt *command)
{
  AsternSpice *spice = SPICE_CONTAINEROF (instance, AsternSpice, screen);

  return pop_command (spice, &spice->waiting, command);
}

static int
want_commands (QXLInstance *instance)
{
  AsternSpice *spice = SPICE_CONTAINEROF (instance, AsternSpice, screen);

  return is_empty (spice, &spice->waiting);
}

static int
get_cursor (QXLInstance *instance, struct QXLCommandExt *command)
{
  AsternSpice *spice = SPICE_CONTAINEROF (instance, AsternSpice, screen);

  return pop_command (spice, &spice->cursors, command);
}

static int
want_cursors (QXLInstance *instance)
{
  AsternSpice *spice = SPICE_CONTAINEROF (instance, AsternSpice, screen);

  return is_empty (spice, &spice->cursors);
}

static void
release_resource (QXLInstance *instance, struct QXLReleaseInfoExt release)
{
  if (release.info != NULL)
    free_command (GSIZE_TO_POINTER (release.info->id));
}

static void
notify_update (QXLInstance *instance, uint32_t id)
{
}

static int
flush_resources (QXLInstance *instance)
{
  return 0;
}

static void
async_complete (QXLInstance *instance, uint64_t cookie)
{
}

static void
update_area_complete (QXLInstance *instance, uint32_t surface, struct QXLRect *rectangles, uint32_t n)
{
}

static void
set_client_capabilities (QXLInstance *instance, uint8_t present, uint8_t caps[SPICE_CAPABILITIES_SIZE])
{
}

static const QXLInterface screen = {
  SPICE_INTERFACE_OF (QXL, "screen"),
  .attached_worker = attached, .set_compression_level = set_compression_level, .get_init_info = get_init_info,
  .get_command = get_command, .req_cmd_notification = want_commands, .release_resource = release_resource,
  .get_cursor_command = get_cursor, .req_cursor_notification = want_cursors, .notify_update = notify_update,
  .flush_resources = flush_resources, .async_complete = async_complete, .update_area_complete = update_area_complete,
  .set_client_capabilities = set_client_capabilities,
};

/* ---- the picture, on the server's thread ---- */

static void
create_surface (AsternSpice *spice)
{
  guint width = spice->picture.width, height = spice->picture.height;
  QXLDevSurfaceCreate create = {
    .width = width, .height = height, .stride = (gint32) width * 4, .format = SPICE_SURFACE_FMT_32_xRGB, .mouse_mode = TRUE,
  };

  g_free (spice->surface);
  spice->surface = g_new0 (guint32, (gsize) width * height);
  create.mem = GPOINTER_TO_SIZE (spice->surface);
  spice_qxl_create_primary_surface (&spice->screen, 0, &create);
  spice->width = width;
  spice->height = height;
}

static void
push (AsternSpice *spice, GQueue *queue, SpiceCommand *command)
{
  g_mutex_lock (&spice->mutex);
  g_queue_push_tail (queue, command);
  g_mutex_unlock (&spice->mutex);
}

/* Pixels [x0, x1) of rows [y0, y1) are another one's. */
static void
queue_update (AsternSpice *spice, guint x0, guint x1, guint y0, guint y1)
{
  SpiceCommand *update = g_new0 (SpiceCommand, 1);
  guint width = x1 - x0, height = y1 - y0;
  guint32 *pixels = g_new (guint32, (gsize) width * height);

  update->data = pixels;
  for (guint y = 0; y < height; y++)
    memcpy (pixels + (gsize) y * width, astern_picture_row (&spice->picture, y0 + y) + x0, width * sizeof (guint32));
  update->drawable.release_info.id = GPOINTER_TO_SIZE (update);
  update->drawable.type = QXL_DRAW_COPY;
  update->drawable.effect = QXL_EFFECT_OPAQUE;
  update->drawable.clip.type = SPICE_CLIP_TYPE_NONE;
  update->drawable.bbox = (QXLRect) { .top = (gint32) y0, .left = (gint32) x0, .bottom = (gint32) y1, .right = (gint32) x1 };
  for (guint i = 0; i < 3; i++)
    update->drawable.surfaces_dest[i] = -1;
  update->drawable.u.copy.rop_descriptor = SPICE_ROPD_OP_PUT;
  update->drawable.u.copy.src_bitmap = GPOINTER_TO_SIZE (&update->image);
  update->drawable.u.copy.src_area = (QXLRect) { .bottom = (gint32) height, .right = (gint32) width };
  QXL_SET_IMAGE_ID (&update->image, QXL_IMAGE_GROUP_DEVICE, ++spice->next_id);
  update->image.descriptor.type = SPICE_IMAGE_TYPE_BITMAP;
  update->image.descriptor.width = update->image.bitmap.x = width;
  update->image.descriptor.height = update->image.bitmap.y = height;
  update->image.bitmap.flags = QXL_BITMAP_DIRECT | QXL_BITMAP_TOP_DOWN;
  update->image.bitmap.stride = width * 4;
  update->image.bitmap.format = SPICE_BITMAP_FMT_32BIT;
  update->image.bitmap.data = GPOINTER_TO_SIZE (pixels);
  update->command.cmd.type = QXL_CMD_DRAW;
  update->command.cmd.data = GPOINTER_TO_SIZE (&update->drawable);
  push (spice, &spice->waiting, update);
}

/* The columns in which a row of what is shown differs from the library's; takes them over. */
static void
take_row (AsternSpice *spice, guint y, guint *x0, guint *x1)
{
  const guint32 *from = astern_picture_row (&spice->shown, y);
  guint32 *to = astern_picture_row (&spice->picture, y);
  guint left = 0, right = spice->picture.width;

  while (left < right && from[left] == to[left])
    left++;
  while (right > left && from[right - 1] == to[right - 1])
    right--;
  if (left == right)
    return;
  memcpy (to + left, from + left, (right - left) * sizeof (guint32));
  *x0 = MIN (*x0, left);
  *x1 = MAX (*x1, right);
}

static gboolean
same_size (const AsternSpice *spice)
{
  return spice->shown.width == spice->picture.width && spice->shown.height == spice->picture.height;
}

/* Another size; the mutex is held, but not while the library is called. */
static void
take_size (AsternSpice *spice)
{
  guint width = spice->shown.width, height = spice->shown.height;

  g_mutex_unlock (&spice->mutex);
  spice_qxl_destroy_primary_surface (&spice->screen, 0);
  astern_picture_clear (&spice->picture);
  astern_picture_resize (&spice->picture, width, height);
  create_surface (spice);
  g_mutex_lock (&spice->mutex);
  spice->first_row = 0;
  spice->end_row = spice->shown.height;
  spice->cursor_changed = TRUE;         /* the library has forgotten it */
  spice->cursor.shown = FALSE;
}

static gboolean
take_picture (AsternSpice *spice)
{
  guint first = 0, end = 0, x0 = G_MAXUINT, x1 = 0;

  g_mutex_lock (&spice->mutex);
  if (spice->first_row < spice->end_row && g_queue_get_length (&spice->waiting) < MAX_WAITING)
    {
      if (!same_size (spice))
        take_size (spice);
      if (same_size (spice))
        {
          first = spice->first_row;
          end = spice->end_row;
          spice->first_row = spice->end_row = 0;
          for (guint y = first; y < end; y++)
            take_row (spice, y, &x0, &x1);
        }
    }
  g_mutex_unlock (&spice->mutex);
  if (x0 >= x1)
    return FALSE;
  queue_update (spice, x0, x1, first, end);
  return TRUE;
}

/* ---- the cursor ---- */

/* As the protocol wants it: colours multiplied with their alpha. */
static guint32
multiplied (guint32 pixel)
{
  guint alpha = pixel >> 24;
  guint32 result = alpha << 24;

  for (guint shift = 0; shift < 24; shift += 8)
    result |= (((pixel >> shift & 0xff) * alpha + 127) / 255) << shift;
  return result;
}

static QXLCursor *
new_shape (AsternSpice *spice, const AsternCursor *cursor)
{
  guint32 size = cursor->width * cursor->height * 4;
  QXLCursor *shape = g_malloc0 (sizeof *shape + size);
  guint32 *pixels = g_new (guint32, MAX (size / 4, 1));

  shape->header.unique = ++spice->next_id;
  shape->header.type = SPICE_CURSOR_TYPE_ALPHA;
  shape->header.width = (guint16) cursor->width;
  shape->header.height = (guint16) cursor->height;
  shape->header.hot_spot_x = (guint16) cursor->hot_x;
  shape->header.hot_spot_y = (guint16) cursor->hot_y;
  shape->data_size = shape->chunk.data_size = size;
  for (guint i = 0; i < size / 4; i++)
    pixels[i] = GUINT32_TO_LE (multiplied (cursor->pixels[i]));
  memcpy (shape->chunk.data, pixels, size);
  g_free (pixels);
  return shape;
}

static gboolean
same_shape (const AsternCursor *a, const AsternCursor *b)
{
  return a->shown && b->shown && a->hot_x == b->hot_x && a->hot_y == b->hot_y && a->width == b->width && a->height == b->height &&
         memcmp (a->pixels, b->pixels, (gsize) a->width * a->height * sizeof (guint32)) == 0;
}

static void
queue_cursor (AsternSpice *spice, const AsternCursor *before, const AsternCursor *cursor)
{
  SpiceCommand *command = g_new0 (SpiceCommand, 1);
  const QXLPoint16 place = { (gint16) CLAMP (cursor->x, -32768, 32767), (gint16) CLAMP (cursor->y, -32768, 32767) };

  command->cursor.release_info.id = GPOINTER_TO_SIZE (command);
  command->command.cmd.type = QXL_CMD_CURSOR;
  command->command.cmd.data = GPOINTER_TO_SIZE (&command->cursor);
  if (!cursor->shown || cursor->width == 0 || cursor->height == 0)
    command->cursor.type = QXL_CURSOR_HIDE;
  else if (same_shape (before, cursor))
    {
      command->cursor.type = QXL_CURSOR_MOVE;
      command->cursor.u.position = place;
    }
  else
    {
      command->data = new_shape (spice, cursor);
      command->cursor.type = QXL_CURSOR_SET;
      command->cursor.u.set.position = place;
      command->cursor.u.set.visible = TRUE;
      command->cursor.u.set.shape = GPOINTER_TO_SIZE (command->data);
    }
  push (spice, &spice->cursors, command);
}

static gboolean
take_cursor (AsternSpice *spice)
{
  AsternCursor before = spice->cursor;
  gboolean any;

  g_mutex_lock (&spice->mutex);
  any = spice->cursor_changed && (before.shown || spice->wanted.shown) && g_queue_get_length (&spice->cursors) < MAX_WAITING;
  if (any)
    {
      spice->cursor_changed = FALSE;
      spice->cursor = (AsternCursor) { 0 };
      astern_cursor_copy (&spice->cursor, &spice->wanted);
    }
  g_mutex_unlock (&spice->mutex);
  if (!any)
    return FALSE;
  queue_cursor (spice, &before, &spice->cursor);
  astern_cursor_clear (&before);
  return TRUE;
}

/* ---- the interface ---- */

void
spice_screen_add (AsternSpice *spice)
{
  QXLDevMemSlot everything = { .virt_end = ~(uintptr_t) 0, .qxl_ram_size = G_MAXUINT32 };

  spice->screen.base.sif = &screen.base;
  spice_server_add_interface (spice->server, &spice->screen.base);
  spice_qxl_add_memslot (&spice->screen, &everything);
  astern_picture_resize (&spice->picture, BLANK_WIDTH, BLANK_HEIGHT);
  create_surface (spice);
}

void
spice_screen_take (AsternSpice *spice)
{
  gboolean picture = take_picture (spice), cursor = take_cursor (spice);

  if (picture || cursor)
    spice_qxl_wakeup (&spice->screen);
}

void
spice_screen_clear (AsternSpice *spice)
{
  g_queue_clear_full (&spice->waiting, free_command);
  g_queue_clear_full (&spice->cursors, free_command);
  astern_picture_clear (&spice->shown);
  astern_picture_clear (&spice->picture);
  astern_cursor_clear (&spice->cursor);
  astern_cursor_clear (&spice->wanted);
  g_free (spice->surface);
}

void
astern_spice_show (AsternSpice *spice, const AsternPicture *picture, guint first_row, guint end_row)
{
  g_mutex_lock (&spice->mutex);
  if (astern_remote_keep (&spice->shown, picture, first_row, end_row, &spice->first_row, &spice->end_row))
    spice_kick (spice);
  g_mutex_unlock (&spice->mutex);
}

void
astern_spice_show_cursor (AsternSpice *spice, const AsternCursor *cursor)
{
  g_mutex_lock (&spice->mutex);
  astern_cursor_copy (&spice->wanted, cursor);
  spice->cursor_changed = TRUE;
  spice_kick (spice);
  g_mutex_unlock (&spice->mutex);
}
