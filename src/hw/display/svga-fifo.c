/* svga-fifo.c - the FIFO and its commands.
 * Source: VMware SVGA Device Developer Kit, svga_reg.h.
 * Left out: 3D, video overlays, copies between screens' annotations, backing stores that are not in the video memory,
 * bitmaps and pixmaps of the first generation.
 *
 * The FIFO is executed when the guest asks for it (SYNC), at once, but no more than MAX_WORK of it: the rest follows in
 * guest time, so that a guest cannot hold up the machine. */
#include "config.h"

#include "hw/display/svga-state.h"

#include <string.h>

#define MAX_WORK     (32u << 20)        /* bytes moved at once */
#define COMMAND_COST 64                 /* ... and each command counts for so many */
#define PAUSE_NS     1000000

enum
{
  CMD_UPDATE = 1, CMD_RECT_FILL = 2, CMD_RECT_COPY = 3, CMD_DEFINE_CURSOR = 19, CMD_DEFINE_ALPHA_CURSOR = 22,
  CMD_UPDATE_VERBOSE = 25, CMD_FRONT_ROP_FILL = 29, CMD_FENCE = 30, CMD_ESCAPE = 33, CMD_DEFINE_SCREEN = 34,
  CMD_DESTROY_SCREEN = 35, CMD_DEFINE_GMRFB = 36, CMD_BLIT_GMRFB_TO_SCREEN = 37, CMD_BLIT_SCREEN_TO_GMRFB = 38,
  CMD_ANNOTATION_FILL = 39, CMD_ANNOTATION_COPY = 40, CMD_DEFINE_GMR2 = 41, CMD_REMAP_GMR2 = 42,
  CMD_3D_FIRST = 1040, CMD_3D_END = 2048,
};
#define ALL_SCREENS 0xffffffffu         /* where rectangles are in the place that all share */
enum { REMAP_VIA_GMR = 1 << 0, REMAP_PPN64 = 1 << 1, REMAP_SINGLE = 1 << 2 };

/* A command that is being executed: words of the ring from @at on. */
typedef struct
{
  Svga   *svga;
  guint32 min, max;             /* bytes */
  guint32 at;                   /* of the first word after the command's number */
  guint32 words;                /* that the guest has written, from there */
  guint32 done;                 /* work */
} Run;

/* ---- words ---- */

guint32
svga_fifo_get (const Svga *svga, guint word)
{
  guint32 value = 0;

  if (svga->fifo != NULL && word < SVGA_FIFO_SIZE / 4)
    memcpy (&value, astern_memory_host (svga->vga.memory, svga->fifo->start) + word * 4, 4);
  return GUINT32_FROM_LE (value);
}

void
svga_fifo_put (Svga *svga, guint word, guint32 value)
{
  value = GUINT32_TO_LE (value);
  if (svga->fifo != NULL)
    astern_memory_write (svga->vga.memory, svga->fifo->start + word * 4, &value, 4);
}

/* Word @n of the command's. */
static guint32
word (const Run *run, guint32 n)
{
  guint64 at = run->at + (guint64) n * 4;

  if (at >= run->max)
    at -= run->max - run->min;
  return svga_fifo_get (run->svga, (guint) (at / 4));
}

static void
guest_error (Svga *svga, const char *what, guint32 value)
{
  AsternMachine *machine = svga->vga.parent.parent.machine;

  if (machine != NULL)
    astern_events_log (&machine->events, ASTERN_EVENT_GUEST_ERRORS, "vmware-svga: %s (%u)", what, value);
}

/* ---- the frame buffer of the one mode ---- */

typedef struct
{
  guint32 x, y, width, height;
} Rect;

/* Cut to the mode's size; FALSE: nothing is left. */
static gboolean
clip (const Svga *svga, Rect *r)
{
  const SvgaState *s = &svga->s;

  if (svga->vga.vram == NULL || r->x >= s->width || r->y >= s->height)
    return FALSE;
  r->width = MIN (r->width, s->width - r->x);
  r->height = MIN (r->height, s->height - r->y);
  return r->width > 0 && r->height > 0;
}

static void
fill (Run *run, guint32 color, Rect r)
{
  Svga *svga = run->svga;
  guint bytes = (svga->s.bits + 7) / 8;
  guint8 row[SVGA_MAX_WIDTH * 4];

  if (!clip (svga, &r))
    return;
  for (guint32 i = 0; i < r.width * bytes; i++)
    row[i] = (guint8) (color >> (8 * (i % bytes)));
  for (guint32 y = 0; y < r.height; y++)
    svga_memory_write (svga, SVGA_FRAMEBUFFER, (guint64) (r.y + y) * svga_pitch (svga) + r.x * bytes, row, r.width * bytes);
  run->done += r.width * r.height * bytes;
}

static void
copy (Run *run, guint32 x, guint32 y, Rect to)
{
  Svga *svga = run->svga;
  guint bytes = (svga->s.bits + 7) / 8;
  guint64 pitch = svga_pitch (svga);
  Rect from;
  guint8 row[SVGA_MAX_WIDTH * 4];

  if (!clip (svga, &to))
    return;
  from = (Rect) { x, y, to.width, to.height };
  if (!clip (svga, &from))
    return;
  for (guint32 i = 0; i < from.height; i++)
    {
      /* Downwards onto itself from the bottom. */
      guint32 line = to.y > from.y ? from.height - 1 - i : i;

      svga_memory_read (svga, SVGA_FRAMEBUFFER, (from.y + line) * pitch + from.x * bytes, row, from.width * bytes);
      svga_memory_write (svga, SVGA_FRAMEBUFFER, (to.y + line) * pitch + to.x * bytes, row, from.width * bytes);
    }
  run->done += from.width * from.height * bytes;
}

/* ---- screens and the guest's frame buffers ---- */

static void
define_screen (Run *run)
{
  enum { SIZE = 0, ID, FLAGS, WIDTH, HEIGHT, ROOT_X, ROOT_Y, BACKING, OFFSET, PITCH, WITH_BACKING = 40 };
  SvgaState *s = &run->svga->s;
  guint32 id = word (run, ID), width = word (run, WIDTH), height = word (run, HEIGHT), pitch;

  if (id >= SVGA_N_SCREENS || word (run, SIZE) < WITH_BACKING || word (run, BACKING) != SVGA_FRAMEBUFFER ||
      width == 0 || width > SVGA_MAX_WIDTH || height == 0 || height > SVGA_MAX_HEIGHT)
    {
      guest_error (run->svga, "a screen that cannot be shown", word (run, ID));
      return;
    }
  pitch = word (run, PITCH) != 0 ? word (run, PITCH) : width * 4;
  if (pitch < width * 4 || word (run, OFFSET) + (guint64) pitch * height > svga_vram_size (run->svga))
    {
      guest_error (run->svga, "a screen outside of the video memory", word (run, OFFSET));
      return;
    }
  s->screens[id] = (SvgaScreen) { .on = 1, .width = width, .height = height, .offset = word (run, OFFSET), .pitch = pitch,
                                  .x = (gint32) word (run, ROOT_X), .y = (gint32) word (run, ROOT_Y) };
}

/* The part of a rectangle of the screen's that is on it.  Corners are signed. */
typedef struct
{
  gint64 left, top, right, bottom;
  gint64 x, y;                  /* of its corner in the frame buffer */
} Copy;

static gboolean
clip_copy (const SvgaScreen *screen, Copy *c)
{
  gint64 left = MAX (c->left, 0), top = MAX (c->top, 0);

  c->x += left - c->left;
  c->y += top - c->top;
  c->left = left;
  c->top = top;
  c->right = MIN (c->right, (gint64) screen->width);
  c->bottom = MIN (c->bottom, (gint64) screen->height);
  return screen->on && c->left < c->right && c->top < c->bottom && c->x >= 0 && c->y >= 0;
}

static void
get_copy (const Run *run, guint32 at, guint32 rect, Copy *c)
{
  c->x = (gint32) word (run, at);
  c->y = (gint32) word (run, at + 1);
  c->left = (gint32) word (run, rect);
  c->top = (gint32) word (run, rect + 1);
  c->right = (gint32) word (run, rect + 2);
  c->bottom = (gint32) word (run, rect + 3);
}

/* The bytes of a pixel in the guest's frame buffer; 0: not one that is understood. */
static guint
gmrfb_bytes (const SvgaState *s)
{
  switch (s->gmrfb_format & 0xff)
    {
    case 32: return 4;
    case 16: return 2;
    default: return 0;
    }
}

/* 16 bits into 32. */
static void
widen (const SvgaState *s, guint8 *row, guint width)
{
  gboolean fifteen = (s->gmrfb_format >> 8 & 0xff) == 15;

  for (guint x = width; x-- > 0; )
    {
      guint value = row[2 * x] | row[2 * x + 1] << 8;
      guint32 pixel = GUINT32_TO_LE (fifteen ? astern_rgb555 (value) : astern_rgb565 (value));

      memcpy (row + 4 * x, &pixel, 4);
    }
}

/* A command's rectangle, on @screen; FALSE: nothing of it is. */
static gboolean
copy_for (const Run *run, const SvgaScreen *screen, Copy *c)
{
  get_copy (run, 0, 2, c);
  if (word (run, 6) == ALL_SCREENS)
    {
      c->left -= screen->x;
      c->right -= screen->x;
      c->top -= screen->y;
      c->bottom -= screen->y;
    }
  else if (word (run, 6) >= SVGA_N_SCREENS || screen != &run->svga->s.screens[word (run, 6)])
    return FALSE;
  return clip_copy (screen, c);
}

static void
blit_to_screen (Run *run, const SvgaScreen *screen)
{
  Svga *svga = run->svga;
  const SvgaState *s = &svga->s;
  guint bytes = gmrfb_bytes (s);
  guint8 row[SVGA_MAX_WIDTH * 4];
  Copy c;

  if (bytes == 0 || !copy_for (run, screen, &c))
    return;
  for (gint64 y = 0; y < c.bottom - c.top; y++)
    {
      guint width = (guint) (c.right - c.left);
      guint64 from = s->gmrfb_offset + (guint64) (c.y + y) * s->gmrfb_pitch + (guint64) c.x * bytes;

      if (!svga_memory_read (svga, s->gmrfb_id, from, row, width * bytes))
        {
          guest_error (svga, "a frame buffer outside of its memory", s->gmrfb_id);
          return;
        }
      if (bytes == 2)
        widen (s, row, width);
      svga_memory_write (svga, SVGA_FRAMEBUFFER, screen->offset + (guint64) (c.top + y) * screen->pitch + (guint64) c.left * 4,
                         row, width * 4);
    }
  run->done += (guint32) ((c.right - c.left) * (c.bottom - c.top) * 4);
}

static void
blit_from_screen (Run *run, const SvgaScreen *screen)
{
  Svga *svga = run->svga;
  const SvgaState *s = &svga->s;
  guint8 row[SVGA_MAX_WIDTH * 4];
  Copy c;

  if (gmrfb_bytes (s) != 4 || !copy_for (run, screen, &c))
    return;
  for (gint64 y = 0; y < c.bottom - c.top; y++)
    {
      gsize size = (gsize) (c.right - c.left) * 4;

      svga_memory_read (svga, SVGA_FRAMEBUFFER, screen->offset + (guint64) (c.top + y) * screen->pitch + (guint64) c.left * 4,
                        row, size);
      if (!svga_memory_write (svga, s->gmrfb_id, s->gmrfb_offset + (guint64) (c.y + y) * s->gmrfb_pitch + (guint64) c.x * 4, row, size))
        return;
    }
  run->done += (guint32) ((c.right - c.left) * (c.bottom - c.top) * 4);
}

/* ---- memory regions ---- */

static guint32
remap_words (const Run *run)
{
  guint32 flags = word (run, 1), pages = word (run, 3);
  guint32 each = flags & REMAP_PPN64 ? 2 : 1;

  if (flags & REMAP_VIA_GMR)
    return 4 + 2;
  if (flags & REMAP_SINGLE)
    return 4 + each;
  return pages > SVGA_GMR_PAGES ? G_MAXUINT32 : 4 + pages * each;
}

static void
remap (Run *run)
{
  Svga *svga = run->svga;
  guint32 id = word (run, 0), flags = word (run, 1), first = word (run, 2), pages = MIN (word (run, 3), SVGA_GMR_PAGES);
  guint each = flags & REMAP_PPN64 ? 8 : 4;

  for (guint32 i = 0; i < pages; i++)
    {
      guint32 n = flags & REMAP_SINGLE ? 0 : i, ppn;

      if (flags & REMAP_VIA_GMR)
        {
          if (!svga_memory_read (svga, word (run, 4), word (run, 5) + (guint64) n * each, &ppn, 4))
            return;
          ppn = GUINT32_FROM_LE (ppn);
        }
      else
        ppn = word (run, 4 + n * each / 4);
      if (first + (guint64) i <= G_MAXUINT32)
        svga_gmr_set_page (svga, id, first + i, ppn);
    }
  run->done += pages * 16;
}

/* ---- cursors ---- */

static void
put_cursor_pixel (Svga *svga, guint32 x, guint32 y, guint32 pixel)
{
  pixel = GUINT32_TO_LE (pixel);
  if (svga->private != NULL && x < SVGA_CURSOR_MAX && y < SVGA_CURSOR_MAX)
    astern_memory_write (svga->vga.memory, svga->private->start + (y * SVGA_CURSOR_MAX + x) * 4, &pixel, 4);
}

static void
set_cursor (Run *run)
{
  SvgaState *s = &run->svga->s;

  s->cursor_id = word (run, 0);
  s->cursor_hot_x = MIN (word (run, 1), SVGA_CURSOR_MAX - 1);
  s->cursor_hot_y = MIN (word (run, 2), SVGA_CURSOR_MAX - 1);
  s->cursor_width = MIN (word (run, 3), SVGA_CURSOR_MAX);
  s->cursor_height = MIN (word (run, 4), SVGA_CURSOR_MAX);
  run->done += s->cursor_width * s->cursor_height * 4;
}

/* Its rows are whole words. */
static guint64
mask_words (guint32 width, guint32 height, guint32 depth)
{
  return (guint64) (((guint64) width * depth + 31) / 32) * height;
}

static guint32
mask_bits (const Run *run, guint32 at, guint32 width, guint32 depth, guint32 x, guint32 y)
{
  guint32 row = at + (guint32) mask_words (width, y, depth), bit = x * depth;
  guint32 value = word (run, row + bit / 32);

  if (depth == 1)               /* in bytes, the leftmost in the highest bit */
    return value >> ((bit & 24) + 7 - (bit & 7)) & 1;
  if (depth == 24 && (bit & 31) > 8)
    return (guint32) ((value | (guint64) word (run, row + bit / 32 + 1) << 32) >> (bit & 31)) & 0xffffff;
  return depth == 32 ? value & 0xffffff : value >> (bit & 31) & ((1u << depth) - 1);
}

static guint32
mask_color (guint32 value, guint32 depth)
{
  switch (depth)
    {
    case 1:  return value ? 0xffffff : 0;
    case 15: return astern_rgb555 (value);
    case 16: return astern_rgb565 (value);
    case 8:  return value * 0x010101;
    default: return value;
    }
}

static gboolean
is_depth (guint32 depth)
{
  return depth == 1 || depth == 8 || depth == 15 || depth == 16 || depth == 24 || depth == 32;
}

static guint32
bits_of (guint32 depth)
{
  return depth == 15 ? 16 : depth;
}

static guint32
cursor_words (const Run *run)
{
  guint32 width = word (run, 3), height = word (run, 4);
  guint64 words;

  if (width > 1024 || height > 1024 || !is_depth (word (run, 5)) || !is_depth (word (run, 6)))
    return G_MAXUINT32;
  words = 7 + mask_words (width, height, bits_of (word (run, 5))) + mask_words (width, height, bits_of (word (run, 6)));
  return words > SVGA_FIFO_SIZE / 4 ? G_MAXUINT32 : (guint32) words;
}

static void
define_cursor (Run *run)
{
  guint32 width = word (run, 3), height = word (run, 4), and_depth = word (run, 5), xor_depth = word (run, 6);
  guint32 xor_at = 7 + (guint32) mask_words (width, height, bits_of (and_depth));

  set_cursor (run);
  for (guint32 y = 0; y < MIN (height, SVGA_CURSOR_MAX); y++)
    for (guint32 x = 0; x < MIN (width, SVGA_CURSOR_MAX); x++)
      {
        gboolean keeps = mask_bits (run, 7, width, bits_of (and_depth), x, y) != 0;
        guint32 color = mask_color (mask_bits (run, xor_at, width, bits_of (xor_depth), x, y), xor_depth);

        put_cursor_pixel (run->svga, x, y, (keeps ? 0 : 0xff000000) | color);
      }
}

static guint32
alpha_cursor_words (const Run *run)
{
  guint32 width = word (run, 3), height = word (run, 4);

  return width > 1024 || height > 1024 || width * height > SVGA_FIFO_SIZE / 4 - 5 ? G_MAXUINT32 : 5 + width * height;
}

static void
define_alpha_cursor (Run *run)
{
  guint32 width = word (run, 3), height = word (run, 4);

  set_cursor (run);
  for (guint32 y = 0; y < MIN (height, SVGA_CURSOR_MAX); y++)
    for (guint32 x = 0; x < MIN (width, SVGA_CURSOR_MAX); x++)
      put_cursor_pixel (run->svga, x, y, astern_pixel_divided (word (run, 5 + y * width + x)));
}

/* ---- one command ---- */

/* How many words follow the command's number, as far as can be said from @run->words of them; G_MAXUINT32: it makes no sense. */
static guint32
words_of (const Run *run, guint32 command)
{
  static const guint8 fixed[] = {
    [CMD_UPDATE] = 4, [CMD_RECT_FILL] = 5, [CMD_RECT_COPY] = 6, [CMD_UPDATE_VERBOSE] = 5, [CMD_FRONT_ROP_FILL] = 6,
    [CMD_FENCE] = 1, [CMD_DESTROY_SCREEN] = 1, [CMD_DEFINE_GMRFB] = 4, [CMD_BLIT_GMRFB_TO_SCREEN] = 7,
    [CMD_BLIT_SCREEN_TO_GMRFB] = 7, [CMD_ANNOTATION_FILL] = 1, [CMD_ANNOTATION_COPY] = 3, [CMD_DEFINE_GMR2] = 2,
    [CMD_REMAP_GMR2] = 4, [CMD_DEFINE_CURSOR] = 7, [CMD_DEFINE_ALPHA_CURSOR] = 5, [CMD_ESCAPE] = 2, [CMD_DEFINE_SCREEN] = 2,
  };
  guint32 least = command < G_N_ELEMENTS (fixed) ? fixed[command] : 0;

  if (command >= CMD_3D_FIRST && command < CMD_3D_END)
    least = 1;
  if (least == 0)
    return G_MAXUINT32;
  if (run->words < least)
    return least;
  switch (command)
    {
    case CMD_DEFINE_CURSOR:       return cursor_words (run);
    case CMD_DEFINE_ALPHA_CURSOR: return alpha_cursor_words (run);
    case CMD_REMAP_GMR2:          return remap_words (run);
    case CMD_ESCAPE:              return word (run, 1) > SVGA_FIFO_SIZE ? G_MAXUINT32 : 2 + (word (run, 1) + 3) / 4;
    case CMD_DEFINE_SCREEN:       return word (run, 0) < 28 || word (run, 0) > 4096 ? G_MAXUINT32 : (word (run, 0) + 3) / 4;
    }
  if (command >= CMD_3D_FIRST)
    return word (run, 0) > SVGA_FIFO_SIZE ? G_MAXUINT32 : 1 + (word (run, 0) + 3) / 4;
  return least;
}

static void
pass_fence (Run *run, guint32 fence)
{
  Svga *svga = run->svga;
  guint32 goal = run->min > FIFO_FENCE_GOAL * 4 ? svga_fifo_get (svga, FIFO_FENCE_GOAL) : 0;

  if (run->min > FIFO_FENCE * 4)
    svga_fifo_put (svga, FIFO_FENCE, fence);
  svga->s.irq_status |= SVGA_IRQ_ANY_FENCE;
  if (fence == goal)
    svga->s.irq_status |= SVGA_IRQ_FENCE_GOAL;
}

static void
execute (Run *run, guint32 command)
{
  SvgaState *s = &run->svga->s;

  switch (command)
    {
    case CMD_RECT_FILL:
    case CMD_FRONT_ROP_FILL:
      fill (run, word (run, 0), (Rect) { word (run, 1), word (run, 2), word (run, 3), word (run, 4) });
      break;
    case CMD_RECT_COPY:
      copy (run, word (run, 0), word (run, 1), (Rect) { word (run, 2), word (run, 3), word (run, 4), word (run, 5) });
      break;
    case CMD_DEFINE_CURSOR:        define_cursor (run); break;
    case CMD_DEFINE_ALPHA_CURSOR:  define_alpha_cursor (run); break;
    case CMD_FENCE:                pass_fence (run, word (run, 0)); break;
    case CMD_DEFINE_SCREEN:        define_screen (run); break;
    case CMD_DESTROY_SCREEN:
      if (word (run, 0) < SVGA_N_SCREENS)
        s->screens[word (run, 0)] = (SvgaScreen) { 0 };
      break;
    case CMD_DEFINE_GMRFB:
      s->gmrfb_id = word (run, 0);
      s->gmrfb_offset = word (run, 1);
      s->gmrfb_pitch = word (run, 2);
      s->gmrfb_format = word (run, 3);
      break;
    case CMD_BLIT_GMRFB_TO_SCREEN:
      for (guint i = 0; i < SVGA_N_SCREENS; i++)
        blit_to_screen (run, &s->screens[i]);
      break;
    case CMD_BLIT_SCREEN_TO_GMRFB:
      for (guint i = 0; i < SVGA_N_SCREENS; i++)
        blit_from_screen (run, &s->screens[i]);
      break;
    case CMD_DEFINE_GMR2:          svga_gmr_define (run->svga, word (run, 0), MIN (word (run, 1), SVGA_GMR_PAGES)); break;
    case CMD_REMAP_GMR2:           remap (run); break;
    }
}

/* ---- the ring ---- */

static gboolean
get_ring (Run *run, guint32 *next, guint32 *stop)
{
  Svga *svga = run->svga;

  run->min = svga_fifo_get (svga, FIFO_MIN);
  run->max = svga_fifo_get (svga, FIFO_MAX);
  *next = svga_fifo_get (svga, FIFO_NEXT);
  *stop = svga_fifo_get (svga, FIFO_STOP);
  return ((run->min | run->max | *next | *stop) & 3) == 0 && run->min >= 16 && run->min < run->max && run->max <= SVGA_FIFO_SIZE
         && *next >= run->min && *next < run->max && *stop >= run->min && *stop < run->max;
}

/* A new place after @words words. */
static guint32
advance (const Run *run, guint32 at, guint32 words)
{
  guint64 to = at + (guint64) words * 4;

  return (guint32) (to >= run->max ? to - (run->max - run->min) : to);
}

static void
go_on_later (Svga *svga)
{
  if (svga->s.continue_ns == ASTERN_CLOCK_NEVER)
    astern_timer_set (&svga->timer, astern_clock_now_ns (svga->vga.parent.parent.clock) + PAUSE_NS);
}

void
svga_fifo_run (Svga *svga)
{
  Run run = { .svga = svga };
  guint32 next, stop;

  if (!svga->s.config_done || !svga->s.enable || svga->fifo == NULL)
    return;
  if (!get_ring (&run, &next, &stop))
    {
      guest_error (svga, "a FIFO that is none", stop);
      return;
    }
  while (stop != next && run.done < MAX_WORK)
    {
      guint32 command = svga_fifo_get (svga, stop / 4), words;

      run.at = advance (&run, stop, 1);
      run.words = ((next >= stop ? next - stop : next - stop + run.max - run.min) >> 2) - 1;
      words = words_of (&run, command);
      if (words == G_MAXUINT32)
        {
          guest_error (svga, "an unknown command; the FIFO is emptied", command);
          stop = next;
          break;
        }
      if (words > run.words)
        break;                  /* not all of it is there */
      execute (&run, command);
      run.done += COMMAND_COST;
      stop = advance (&run, run.at, words);
    }
  svga_fifo_put (svga, FIFO_STOP, stop);
  svga->s.irq_status |= SVGA_IRQ_PROGRESS;
  if (run.done >= MAX_WORK && stop != next)
    go_on_later (svga);
  else if (run.min > FIFO_BUSY * 4)
    svga_fifo_put (svga, FIFO_BUSY, 0);
  svga_update_irq (svga);
}
