/* qxl-rings.c - the rings: commands, cursors, and what the guest may free.
 * Source: spice-protocol, spice/qxl_dev.h and spice/ipc_ring.h; Linux's qxl driver for what it waits for.
 *
 * A ring is emptied when the guest tells of a command, at once, but no more than MAX_WORK of it: the rest follows in guest
 * time.  What was executed is free at once: it is linked into a list whose head goes into the ring of releases. */
#include "config.h"

#include "hw/display/qxl-draw.h"

#include <string.h>

#define MAX_WORK     (32u << 20)
#define COMMAND_COST 256
#define PAUSE_NS     1000000

enum { CMD_NOP, CMD_DRAW, CMD_UPDATE, CMD_CURSOR, CMD_MESSAGE, CMD_SURFACE };
enum { SURFACE_ID = 8, SURFACE_TYPE = 12, SURFACE_FORMAT = 17, SURFACE_DATA = 33, SURFACE_SIZE = 41 };
enum { CURSOR_TYPE = 8, CURSOR_X = 9, CURSOR_Y = 11, CURSOR_VISIBLE = 13, CURSOR_SHAPE = 14, CURSOR_SIZE = 22 };
enum { CURSOR_SET, CURSOR_MOVE, CURSOR_HIDE };
enum { SHAPE_TYPE = 8, SHAPE_WIDTH = 10, SHAPE_HEIGHT = 12, SHAPE_HOT_X = 14, SHAPE_HOT_Y = 16, SHAPE_CHUNK = 22, SHAPE_DATA = 42 };
enum { SHAPE_ALPHA = 0, SHAPE_MONO = 1, SHAPE_COLOR16 = 4, SHAPE_COLOR24 = 5, SHAPE_COLOR32 = 6 };

/* ---- what may be freed ---- */

void
qxl_push_releases (Qxl *qxl)
{
  QxlState *s = &qxl->s;
  guint32 prod = qxl_header_get (qxl, RAM_RELEASES + RING_PROD), cons = qxl_header_get (qxl, RAM_RELEASES + RING_CONS);
  guint64 nothing = 0;

  if (s->n_released == 0 || prod - cons >= QXL_N_RELEASES - 1)
    return;
  prod++;
  qxl_header_put (qxl, RAM_RELEASES + RING_PROD, prod);
  qxl_store (qxl, 0, qxl_header (qxl) + RAM_RELEASES + RING_ITEMS + prod % QXL_N_RELEASES * 8, &nothing, 8);
  s->n_released = 0;
  s->last_released = 0;
  if (prod == qxl_header_get (qxl, RAM_RELEASES + RING_NOTIFY_ON_PROD))
    qxl_interrupt (qxl, QXL_INT_DISPLAY);
}

/* @address: of a command, which begins with its number and will have the next one's in its place. */
static void
release (Qxl *qxl, guint64 address)
{
  QxlState *s = &qxl->s;
  guint32 prod = qxl_header_get (qxl, RAM_RELEASES + RING_PROD);
  guint64 id, end = 0;
  QxlPlace place;

  if (!qxl_find (qxl, address, 8, &place))
    return;
  memcpy (&id, qxl_bytes (qxl, &place), 8);
  qxl_store (qxl, place.block, place.start, &end, 8);
  if (s->n_released == 0)
    qxl_store (qxl, 0, qxl_header (qxl) + RAM_RELEASES + RING_ITEMS + prod % QXL_N_RELEASES * 8, &id, 8);
  else if (qxl_find (qxl, s->last_released, 8, &place))
    qxl_store (qxl, place.block, place.start, &id, 8);
  s->last_released = address;
  s->n_released++;
}

/* ---- surfaces and cursors ---- */

static void
surface_command (Qxl *qxl, guint64 address)
{
  guint8 command[SURFACE_SIZE];
  guint32 id;
  QxlSurface surface;

  if (!qxl_read (qxl, address, command, sizeof command))
    return;
  id = qxl_get32 (command + SURFACE_ID);
  if (id == 0 || id >= QXL_N_SURFACES)
    {
      qxl_error (qxl, "a surface's number", id);
      return;
    }
  if (command[SURFACE_TYPE] != 0)
    {
      qxl->s.surfaces[id] = (QxlSurface) { 0 };
      return;
    }
  surface = (QxlSurface) {
    .format = qxl_get32 (command + SURFACE_FORMAT), .width = qxl_get32 (command + SURFACE_FORMAT + 4),
    .height = qxl_get32 (command + SURFACE_FORMAT + 8), .stride = (gint32) qxl_get32 (command + SURFACE_FORMAT + 12),
  };
  qxl_surface_make (qxl, &surface, qxl_get64 (command + SURFACE_DATA));
  qxl->s.surfaces[id] = surface;
}

static void
put_cursor_pixel (Qxl *qxl, guint x, guint y, guint32 pixel)
{
  pixel = GUINT32_TO_LE (pixel);
  if (qxl->private != NULL)
    astern_memory_write (qxl->vga.memory, qxl->private->start + (y * QXL_CURSOR_MAX + x) * 4, &pixel, 4);
}

static gboolean
mask_bit (const guint8 *bits, guint width, guint x, guint y)
{
  return bits[(width + 7) / 8 * y + x / 8] >> (7 - (x & 7)) & 1;
}

/* Of two, three or four bytes. */
static guint32
shape_color (const guint8 *at, guint type)
{
  if (type == SHAPE_COLOR16)
    return astern_rgb555 (at[0] | at[1] << 8);
  return at[0] | (guint32) at[1] << 8 | (guint32) at[2] << 16;
}

static gboolean
is_shape (guint type)
{
  return type == SHAPE_ALPHA || type == SHAPE_MONO || (type >= SHAPE_COLOR16 && type <= SHAPE_COLOR32);
}

static guint32
shape_pixel (const guint8 *data, guint type, guint width, guint height, guint x, guint y)
{
  gsize mask = (gsize) (width + 7) / 8 * height;
  guint32 color;

  switch (type)
    {
    case SHAPE_MONO:
      return mask_bit (data, width, x, y) ? (mask_bit (data + mask, width, x, y) ? 0xffffff : 0)
                                          : mask_bit (data + mask, width, x, y) ? 0xffffffff : 0xff000000;
    case SHAPE_COLOR16: case SHAPE_COLOR24: case SHAPE_COLOR32:
      color = shape_color (data + (gsize) (y * width + x) * (type - SHAPE_COLOR16 + 2), type);
      return mask_bit (data + (gsize) width * height * (type - SHAPE_COLOR16 + 2), width, x, y) ? color : 0xff000000 | color;
    default:
      return astern_pixel_divided (qxl_get32 (data + (y * width + x) * 4));
    }
}

static void
set_shape (Qxl *qxl, guint64 address)
{
  QxlState *s = &qxl->s;
  guint8 head[SHAPE_DATA], data[QXL_CURSOR_MAX * QXL_CURSOR_MAX * 4 + QXL_CURSOR_MAX * QXL_CURSOR_MAX / 8] = { 0 };
  guint type, width, height;

  if (!qxl_read (qxl, address, head, sizeof head))
    return;
  type = head[SHAPE_TYPE] | head[SHAPE_TYPE + 1] << 8;
  width = head[SHAPE_WIDTH] | head[SHAPE_WIDTH + 1] << 8;
  height = head[SHAPE_HEIGHT] | head[SHAPE_HEIGHT + 1] << 8;
  if (width > QXL_CURSOR_MAX || height > QXL_CURSOR_MAX || !is_shape (type))
    {
      qxl_error (qxl, "a cursor that is not understood", type);
      return;
    }
  qxl_gather (qxl, address + SHAPE_CHUNK, data, sizeof data);
  s->cursor_width = width;
  s->cursor_height = height;
  s->cursor_hot_x = MIN ((guint) (head[SHAPE_HOT_X] | head[SHAPE_HOT_X + 1] << 8), QXL_CURSOR_MAX - 1);
  s->cursor_hot_y = MIN ((guint) (head[SHAPE_HOT_Y] | head[SHAPE_HOT_Y + 1] << 8), QXL_CURSOR_MAX - 1);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      put_cursor_pixel (qxl, x, y, shape_pixel (data, type, width, height, x, y));
}

static void
cursor_command (Qxl *qxl, guint64 address)
{
  QxlState *s = &qxl->s;
  guint8 command[CURSOR_SIZE];

  if (!qxl_read (qxl, address, command, sizeof command))
    return;
  if (command[CURSOR_TYPE] == CURSOR_HIDE)
    s->cursor_shown = 0;
  if (command[CURSOR_TYPE] > CURSOR_MOVE)
    return;
  s->cursor_x = (guint32) (gint16) (command[CURSOR_X] | command[CURSOR_X + 1] << 8);
  s->cursor_y = (guint32) (gint16) (command[CURSOR_Y] | command[CURSOR_Y + 1] << 8);
  if (command[CURSOR_TYPE] == CURSOR_MOVE)
    return;
  s->cursor_shown = command[CURSOR_VISIBLE] != 0;
  if (qxl_get64 (command + CURSOR_SHAPE) != 0)
    set_shape (qxl, qxl_get64 (command + CURSOR_SHAPE));
}

/* ---- the rings ---- */

/* Of the command that comes next; FALSE: there is none, and the guest is to tell of the next one. */
static gboolean
pop (Qxl *qxl, guint ring, guint64 *data, guint32 *type, guint32 event)
{
  guint32 prod = qxl_header_get (qxl, ring + RING_PROD), cons = qxl_header_get (qxl, ring + RING_CONS);
  guint item = ring + RING_ITEMS + cons % QXL_N_COMMANDS * 16;

  if (prod == cons || qxl->vga.vram == NULL)
    {
      qxl_header_put (qxl, ring + RING_NOTIFY_ON_PROD, cons + 1);
      return FALSE;
    }
  *data = qxl_header_get (qxl, item) | (guint64) qxl_header_get (qxl, item + 4) << 32;
  *type = qxl_header_get (qxl, item + 8);
  qxl_header_put (qxl, ring + RING_CONS, ++cons);
  if (cons == qxl_header_get (qxl, ring + RING_NOTIFY_ON_CONS))
    qxl_interrupt (qxl, event);
  return TRUE;
}

static guint64
execute (Qxl *qxl, guint64 data, guint32 type)
{
  guint64 work = 0;

  switch (type)
    {
    case CMD_DRAW:    work = qxl_draw (qxl, data); break;
    case CMD_SURFACE: surface_command (qxl, data); break;
    case CMD_CURSOR:  cursor_command (qxl, data); break;
    case CMD_UPDATE:  qxl_interrupt (qxl, QXL_INT_DISPLAY); break;
    case CMD_MESSAGE: break;
    default:
      qxl_error (qxl, "a command that is none", type);
      return 0;
    }
  release (qxl, data);
  return work;
}

/* A ring whose ends are further apart than it is long would never be empty. */
static gboolean
run_ring (Qxl *qxl, guint ring, guint32 event)
{
  guint64 data, work = 0;
  guint32 type;
  guint n;

  for (n = 0; n < 4 * QXL_N_COMMANDS && work < MAX_WORK && pop (qxl, ring, &data, &type, event); n++)
    work += execute (qxl, data, type) + COMMAND_COST;
  qxl_push_releases (qxl);
  return n < 4 * QXL_N_COMMANDS && work < MAX_WORK;
}

static void
go_on_later (Qxl *qxl)
{
  if (qxl->s.continue_ns == ASTERN_CLOCK_NEVER)
    astern_timer_set (&qxl->timer, astern_clock_now_ns (qxl->vga.parent.parent.clock) + PAUSE_NS);
}

void
qxl_run_commands (Qxl *qxl)
{
  if (qxl->vga.vram != NULL && !run_ring (qxl, RAM_COMMANDS, QXL_INT_DISPLAY))
    go_on_later (qxl);
}

void
qxl_run_cursors (Qxl *qxl)
{
  if (qxl->vga.vram != NULL && !run_ring (qxl, RAM_CURSORS, QXL_INT_CURSOR))
    go_on_later (qxl);
}

void
qxl_init_rings (Qxl *qxl)
{
  static const struct { guint16 at, n; } rings[] = {
    { RAM_COMMANDS, QXL_N_COMMANDS }, { RAM_CURSORS, QXL_N_COMMANDS }, { RAM_RELEASES, QXL_N_RELEASES },
  };
  guint64 nothing = 0;

  for (guint i = 0; i < G_N_ELEMENTS (rings); i++)
    {
      qxl_header_put (qxl, rings[i].at + RING_N, rings[i].n);
      qxl_header_put (qxl, rings[i].at + RING_PROD, 0);
      qxl_header_put (qxl, rings[i].at + RING_NOTIFY_ON_PROD, 1);
      qxl_header_put (qxl, rings[i].at + RING_CONS, 0);
      qxl_header_put (qxl, rings[i].at + RING_NOTIFY_ON_CONS, 0);
    }
  qxl_store (qxl, 0, qxl_header (qxl) + RAM_RELEASES + RING_ITEMS, &nothing, 8);
}
