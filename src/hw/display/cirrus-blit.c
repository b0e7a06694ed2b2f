/* cirrus-blit.c - the GD5446's blitter.
 * Source: Cirrus Logic CL-GD5446 Technical Reference Manual, "BitBLT Engine", GR20 .. GR39.
 * Left out: blits to system memory; the time that a blit takes: it is done when it is started.
 *
 * A row is made as a whole and then stored, so that what overlaps within it is copied as it was. */
#include "config.h"

#include "hw/display/cirrus-state.h"

#include <string.h>

/* What the registers say. */
typedef struct
{
  guint   width, height;        /* bytes, rows */
  gint64  dst_pitch, src_pitch;
  guint32 dst, src;             /* of the first byte of the first row */
  guint   bytes;                /* a pixel */
  guint   skip;                 /* pixels at the left that stay as they are */
  guint8  mode, extensions, rop;
  guint8  fg[4], bg[4];
  guint32 key, key_mask;
} Blit;

static guint
word (const guint8 *gr, guint at)
{
  return gr[at] | gr[at + 1] << 8;
}

static guint32
address (const guint8 *gr, guint at)
{
  return (guint32) (word (gr, at) | (gr[at + 2] & 0x3f) << 16);
}

static void
get_blit (const Cirrus *cirrus, Blit *b)
{
  const guint8 *gr = cirrus->s.gr;

  b->width = (word (gr, GR_WIDTH) & 0x1fff) + 1;
  b->height = (word (gr, GR_HEIGHT) & 0x07ff) + 1;
  b->dst_pitch = word (gr, GR_DST_PITCH) & 0x1fff;
  b->src_pitch = word (gr, GR_SRC_PITCH) & 0x1fff;
  b->dst = address (gr, GR_DST);
  b->src = address (gr, GR_SRC);
  b->mode = gr[GR_BLT_MODE];
  b->extensions = gr[GR_BLT_EXTENSIONS];
  b->rop = gr[GR_ROP];
  b->bytes = (b->mode >> 4 & 3) + 1u;
  b->skip = b->bytes == 3 ? (gr[GR_SKIP] & 0x1fu) / 3 : gr[GR_SKIP] & 7u;
  for (guint i = 0; i < 4; i++)
    {
      b->bg[i] = i == 0 ? gr[0] : gr[0x0e + 2 * i];
      b->fg[i] = i == 0 ? gr[1] : gr[0x0f + 2 * i];
    }
  b->key = word (gr, GR_KEY);
  b->key_mask = ~word (gr, GR_KEY_MASK) & 0xffff;
  if (b->mode & BLT_BACKWARDS)
    {
      /* The addresses are those of the last bytes. */
      b->dst -= b->width - 1;
      b->src -= b->width - 1;
      b->dst_pitch = -b->dst_pitch;
      b->src_pitch = -b->src_pitch;
    }
}

static guint8
combine (guint8 rop, guint8 s, guint8 d)
{
  switch (rop)
    {
    case 0x00: return 0;
    case 0x05: return s & d;
    case 0x06: return d;
    case 0x09: return (guint8) (s & ~d);
    case 0x0b: return (guint8) ~d;
    case 0x0d: return s;
    case 0x0e: return 0xff;
    case 0x50: return (guint8) (~s & d);
    case 0x59: return s ^ d;
    case 0x6d: return s | d;
    case 0x90: return (guint8) (~s | ~d);
    case 0x95: return (guint8) ~(s ^ d);
    case 0xad: return (guint8) (s | ~d);
    case 0xd0: return (guint8) ~s;
    case 0xd6: return (guint8) (~s | d);
    case 0xda: return (guint8) (~s & ~d);
    default:   return d;
    }
}

/* ---- video memory, which wraps ---- */

static void
load (const Cirrus *cirrus, gint64 at, guint8 *bytes, guint size)
{
  const Vga *vga = &cirrus->vga;
  guint64 mask = vga->vram->size - 1;

  for (guint done = 0; done < size; )
    {
      guint64 offset = (guint64) (at + done) & mask;
      guint n = (guint) MIN (size - done, vga->vram->size - offset);

      memcpy (bytes + done, vga_vram (vga) + offset, n);
      done += n;
    }
}

static void
store (Cirrus *cirrus, gint64 at, const guint8 *bytes, guint size)
{
  Vga *vga = &cirrus->vga;
  guint64 mask = vga->vram->size - 1;

  for (guint done = 0; done < size; )
    {
      guint64 offset = (guint64) (at + done) & mask;
      guint n = (guint) MIN (size - done, vga->vram->size - offset);

      astern_memory_write (vga->memory, vga->vram->start + offset, bytes + done, n);
      done += n;
    }
}

/* ---- a row ---- */

/* The pixel of the source at @x; NULL: this one of the destination stays. */
static const guint8 *
source_pixel (const Blit *b, const guint8 *source, guint x)
{
  gboolean bit;

  if (b->extensions & BLT_EXT_SOLID)
    return b->fg;
  if (b->mode & BLT_EXPAND)
    {
      guint column = b->mode & BLT_PATTERN ? x & 7 : x;

      bit = (source[column / 8] >> (7 - (column & 7)) & 1) != ((b->extensions & BLT_EXT_INVERT) != 0);
      if (!bit && (b->mode & BLT_TRANSPARENT))
        return NULL;
      return bit ? b->fg : b->bg;
    }
  return source + (b->mode & BLT_PATTERN ? x & 7 : x) * b->bytes;
}

static gboolean
is_key (const Blit *b, const guint8 *pixel)
{
  guint32 value = b->bytes == 1 ? pixel[0] | pixel[0] << 8 : pixel[0] | pixel[1] << 8;

  return ((value ^ b->key) & b->key_mask) == 0;
}

/* @source: bits, a row of the pattern, or pixels. */
static void
blit_row (Cirrus *cirrus, const Blit *b, gint64 dst, const guint8 *source)
{
  guint8 row[CIRRUS_ROW_MAX];
  gboolean keyed = (b->mode & BLT_TRANSPARENT) && !(b->mode & BLT_EXPAND) && b->bytes <= 2;

  load (cirrus, dst, row, b->width);
  for (guint x = b->skip, at = x * b->bytes; at < b->width; x++, at += b->bytes)
    {
      const guint8 *pixel = source_pixel (b, source, x);

      if (pixel == NULL || (keyed && is_key (b, pixel)))
        continue;
      for (guint i = 0; i < b->bytes && at + i < b->width; i++)
        row[at + i] = combine (b->rop, pixel[i], row[at + i]);
    }
  store (cirrus, dst, row, b->width);
}

static guint
expanded_bytes (const Blit *b)
{
  guint pixels = (b->width + b->bytes - 1) / b->bytes;

  return b->extensions & BLT_EXT_DWORDS ? (pixels + 31) / 32 * 4 : (pixels + 7) / 8;
}

/* ---- with a pattern ---- */

static guint
pattern_pitch (const Blit *b)
{
  return b->mode & BLT_EXPAND ? 1 : b->bytes == 3 ? 32 : 8 * b->bytes;
}

static void
blit_pattern (Cirrus *cirrus, const Blit *b, const guint8 *pattern)
{
  guint first = b->src & 7;

  for (guint y = 0; y < b->height; y++)
    blit_row (cirrus, b, b->dst + y * b->dst_pitch, pattern + (first + y) % 8 * pattern_pitch (b));
}

static void
blit_stored_pattern (Cirrus *cirrus, const Blit *b)
{
  guint8 pattern[8 * 32];

  load (cirrus, b->src & ~7u, pattern, 8 * pattern_pitch (b));
  blit_pattern (cirrus, b, pattern);
}

/* ---- the whole ---- */

static void
blit_stored (Cirrus *cirrus, const Blit *b)
{
  guint8 source[CIRRUS_ROW_MAX + 4];
  guint expanded = expanded_bytes (b);

  for (guint y = 0; y < b->height; y++)
    {
      if (b->mode & BLT_EXPAND)
        load (cirrus, (gint64) b->src + (gint64) y * expanded, source, MIN (expanded, CIRRUS_ROW_MAX));
      else
        load (cirrus, b->src + y * b->src_pitch, source, b->width);
      memset (source + CIRRUS_ROW_MAX, 0, 4);
      blit_row (cirrus, b, b->dst + y * b->dst_pitch, source);
    }
}

/* What of a blit from system memory makes one step: a row, or the pattern. */
static guint
step_bytes (const Blit *b)
{
  if (b->mode & BLT_PATTERN)
    return 8 * pattern_pitch (b);
  return b->mode & BLT_EXPAND ? expanded_bytes (b) : (b->width + 3) & ~3u;
}

static void
wait_for_system (Cirrus *cirrus, const Blit *b)
{
  guint steps = b->mode & BLT_PATTERN ? 1 : b->height;

  cirrus->s.row = cirrus->s.filled = 0;
  cirrus->s.left = (step_bytes (b) * steps + 3) & ~3u;
}

void
cirrus_blit (Cirrus *cirrus)
{
  Blit b;

  cirrus->s.left = 0;
  if (cirrus->vga.vram == NULL)
    return;
  get_blit (cirrus, &b);
  if ((b.mode & BLT_FROM_SYSTEM) && !(b.extensions & BLT_EXT_SOLID))
    wait_for_system (cirrus, &b);
  else if ((b.mode & BLT_PATTERN) && !(b.extensions & BLT_EXT_SOLID))
    blit_stored_pattern (cirrus, &b);
  else if (!(b.mode & BLT_TO_SYSTEM))
    blit_stored (cirrus, &b);
}

void
cirrus_blit_feed (Cirrus *cirrus, guint8 byte)
{
  CirrusState *s = &cirrus->s;
  Blit b;
  guint step;

  get_blit (cirrus, &b);
  s->left--;
  step = MIN (step_bytes (&b), CIRRUS_ROW_MAX);
  if (s->row < b.height && s->filled < step)
    s->buffer[s->filled++] = byte;
  if (s->filled < step || s->row >= b.height)
    return;
  s->filled = 0;
  if (b.mode & BLT_PATTERN)
    {
      s->row = b.height;
      blit_pattern (cirrus, &b, s->buffer);
    }
  else
    blit_row (cirrus, &b, b.dst + (gint64) s->row++ * b.dst_pitch, s->buffer);
}

void
cirrus_blit_fix_up (Cirrus *cirrus)
{
  cirrus->s.filled = MIN (cirrus->s.filled, CIRRUS_ROW_MAX - 1);
  if (cirrus->vga.vram == NULL)
    cirrus->s.left = 0;
}
