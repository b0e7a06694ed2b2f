/* xpicture.c - in a guest: asks an X server for a picture that has some of all that the protocol draws, and waits until it is there.
 *
 * Speaks the protocol itself, over the server's socket, so that nothing is needed but a kernel: the core requests and those of
 * the RENDER extension.  Prints "drawn WIDTH HEIGHT", or what went wrong.
 * Source: X Window System Protocol, X version 11, release 6.8; The X Rendering Extension 0.11. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum
{
  CREATE_WINDOW = 1, MAP_WINDOW = 8, INPUT_FOCUS = 43, OPEN_FONT = 45, CREATE_PIXMAP = 53, CREATE_GC = 55, CHANGE_GC = 56,
  SET_DASHES = 58, COPY_AREA = 62, COPY_PLANE = 63, POLY_LINE = 65, POLY_SEGMENT = 66, POLY_ARC = 68,
  FILL_POLY = 69, POLY_FILL_RECTANGLE = 70, POLY_FILL_ARC = 71, PUT_IMAGE = 72, POLY_TEXT = 74, IMAGE_TEXT = 76, QUERY_EXTENSION = 98,
};
enum { GC_FUNCTION = 1 << 0, GC_FOREGROUND = 1 << 2, GC_BACKGROUND = 1 << 3, GC_LINE_WIDTH = 1 << 4, GC_LINE_STYLE = 1 << 5,
       GC_FILL_STYLE = 1 << 8, GC_TILE = 1 << 10, GC_STIPPLE = 1 << 11, GC_FONT = 1 << 14, GC_NO_EXPOSURES = 1 << 16 };
enum { RENDER_FORMATS = 1, RENDER_CREATE_PICTURE = 4, RENDER_COMPOSITE = 8, RENDER_FILL = 26, RENDER_TRANSFORM = 28 };
enum { OP_SRC = 1, OP_OVER = 3, OP_ADD = 12 };

static int server;
static uint32_t base, next_id, root, visual;
static unsigned width, height, depth;
static uint8_t request[65536 + 64];
static size_t used;

static void
fail (const char *what)
{
  printf ("failed: %s\n", what);
  exit (1);
}

static void
take (void *bytes, size_t n)
{
  for (size_t done = 0; done < n; )
    {
      ssize_t got = read (server, (char *) bytes + done, n - done);

      if (got <= 0)
        fail ("the server is gone");
      done += (size_t) got;
    }
}

/* ---- a request, made of parts ---- */

static void
begin (unsigned opcode, unsigned detail)
{
  memset (request, 0, 4);
  request[0] = (uint8_t) opcode;
  request[1] = (uint8_t) detail;
  used = 4;
}

static void put32 (uint32_t value) { memcpy (request + used, &value, 4); used += 4; }
static void put16 (unsigned value) { uint16_t v = (uint16_t) value; memcpy (request + used, &v, 2); used += 2; }
static void pair (int x, int y) { put16 ((unsigned) x); put16 ((unsigned) y); }
static void box (int x, int y, int w, int h) { pair (x, y); pair (w, h); }

static void
put_bytes (const void *bytes, size_t n)
{
  memcpy (request + used, bytes, n);
  used += n;
}

static void
send_request (void)
{
  uint16_t words;

  while (used % 4 != 0)
    request[used++] = 0;
  words = (uint16_t) (used / 4);
  memcpy (request + 2, &words, 2);
  for (size_t done = 0; done < used; )
    {
      ssize_t sent = write (server, request + done, used - done);

      if (sent <= 0)
        fail ("the server does not listen");
      done += (size_t) sent;
    }
}

/* The answer's first 32 bytes; what follows is returned in @rest, to be freed. */
static uint8_t *
answer (uint8_t head[32])
{
  uint32_t more;
  uint8_t *rest;

  for (;;)
    {
      take (head, 32);
      if (head[0] == 0)
        {
          printf ("failed: error %u of request %u.%u\n", head[1], head[10], head[8]);
          exit (1);
        }
      if (head[0] != 1)
        continue;               /* an event */
      memcpy (&more, head + 4, 4);
      rest = malloc (4 * more + 4);
      take (rest, 4 * more);
      return rest;
    }
}

static void
wait_until_done (void)
{
  uint8_t head[32];

  begin (INPUT_FOCUS, 0);
  send_request ();
  free (answer (head));
}

/* ---- resources ---- */

static uint32_t new_id (void) { return base + next_id++; }

static uint32_t
new_gc (uint32_t drawable, uint32_t mask, uint32_t value)
{
  uint32_t id = new_id ();

  begin (CREATE_GC, 0);
  put32 (id);
  put32 (drawable);
  put32 (mask | GC_NO_EXPOSURES);
  if (mask != 0)
    put32 (value);
  put32 (0);
  send_request ();
  return id;
}

static void
set (uint32_t gc, uint32_t mask, uint32_t value)
{
  begin (CHANGE_GC, 0);
  put32 (gc);
  put32 (mask);
  put32 (value);
  send_request ();
}

static void
on (unsigned opcode, unsigned detail, uint32_t drawable, uint32_t gc)
{
  begin (opcode, detail);
  put32 (drawable);
  put32 (gc);
}

static void
fill (uint32_t drawable, uint32_t gc, uint32_t color, int x, int y, int w, int h)
{
  set (gc, GC_FOREGROUND, color);
  on (POLY_FILL_RECTANGLE, 0, drawable, gc);
  box (x, y, w, h);
  send_request ();
}

static uint32_t
new_pixmap (unsigned bits, unsigned w, unsigned h)
{
  uint32_t id = new_id ();

  begin (CREATE_PIXMAP, bits);
  put32 (id);
  put32 (root);
  put16 (w);
  put16 (h);
  send_request ();
  return id;
}

static void
copy (uint32_t from, uint32_t to, uint32_t gc, int x, int y, int to_x, int to_y, int w, int h)
{
  begin (COPY_AREA, 0);
  put32 (from);
  put32 (to);
  put32 (gc);
  pair (x, y);
  pair (to_x, to_y);
  pair (w, h);
  send_request ();
}

/* ---- the connection ---- */

static void
open_display (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/tmp/.X11-unix/X0" };
  static const uint8_t hello[12] = { 'l', 0, 11, 0, 0, 0 };
  uint8_t head[8], *setup;
  uint16_t words, vendor;
  size_t screen;
  int tries = 0;

  while ((server = socket (AF_UNIX, SOCK_STREAM, 0)) >= 0 && connect (server, (struct sockaddr *) &address, sizeof address) != 0)
    {
      close (server);
      if (++tries > 600)
        fail ("no server");
      usleep (100000);
    }
  if (write (server, hello, sizeof hello) != sizeof hello)
    fail ("hello");
  take (head, 8);
  memcpy (&words, head + 6, 2);
  setup = malloc (4u * words);
  take (setup, 4u * words);
  if (head[0] != 1)
    fail ("refused");
  memcpy (&base, setup + 4, 4);
  memcpy (&vendor, setup + 16, 2);
  screen = 32 + (size_t) (vendor + 3) / 4 * 4 + setup[21] * 8u;
  memcpy (&root, setup + screen, 4);
  width = setup[screen + 20] | setup[screen + 21] << 8;
  height = setup[screen + 22] | setup[screen + 23] << 8;
  memcpy (&visual, setup + screen + 32, 4);
  depth = setup[screen + 38];
  free (setup);
}

static uint32_t
open_window (void)
{
  uint32_t window = new_id ();

  begin (CREATE_WINDOW, 0);
  put32 (window);
  put32 (root);
  box (0, 0, (int) width, (int) height);
  pair (0, 1);                          /* no border; it has pixels */
  put32 (0);
  put32 (1 << 1 | 1 << 9);              /* its background, and no manager */
  put32 (0x203040);
  put32 (1);
  send_request ();
  begin (MAP_WINDOW, 0);
  put32 (window);
  send_request ();
  return window;
}

/* ---- what is drawn ---- */

static void
draw_lines (uint32_t window, uint32_t gc)
{
  static const uint8_t dashes[4] = { 7, 3, 2, 5 };

  for (int i = 0; i < 24; i++)
    {
      set (gc, GC_FOREGROUND, 0x10f0a0u + (uint32_t) i * 0x090100);
      on (POLY_SEGMENT, 0, window, gc);
      pair (20, 20);
      pair (20 + 8 * i, 140 - 5 * i);
      pair (40 + i, 150);
      pair (200 - 3 * i, 21 + 7 * i);
      send_request ();
    }
  set (gc, GC_LINE_WIDTH, 5);
  on (POLY_LINE, 0, window, gc);
  pair (220, 30);
  pair (300, 90);
  pair (230, 130);
  pair (340, 40);
  send_request ();
  on (POLY_ARC, 0, window, gc);
  box (360, 20, 90, 60);
  pair (30 * 64, 250 * 64);
  send_request ();
  set (gc, GC_LINE_WIDTH, 0);
  begin (SET_DASHES, 0);
  put32 (gc);
  pair (1, 4);
  put_bytes (dashes, 4);
  send_request ();
  for (unsigned style = 1; style <= 2; style++)
    {
      set (gc, GC_LINE_STYLE, style);
      set (gc, GC_BACKGROUND, 0x0000ff);
      on (POLY_LINE, 0, window, gc);
      pair (220, 140 + 20 * (int) style);
      pair (330, 150 + 25 * (int) style);
      pair (440, 100);
      send_request ();
    }
  set (gc, GC_LINE_STYLE, 0);
}

static void
draw_areas (uint32_t window, uint32_t gc)
{
  set (gc, GC_FOREGROUND, 0xffcc00);
  on (FILL_POLY, 0, window, gc);
  put32 (0);
  pair (480, 20);
  pair (600, 60);
  pair (500, 110);
  pair (560, 10);
  pair (490, 90);
  send_request ();
  on (POLY_FILL_ARC, 0, window, gc);
  box (620, 20, 100, 80);
  pair (0, 300 * 64);
  send_request ();
  for (int function = 0; function < 16; function++)
    {
      fill (window, gc, 0x6633cc, 20 + 44 * function, 200, 30, 40);
      set (gc, GC_FUNCTION, (uint32_t) function);
      fill (window, gc, 0x55aa0f, 30 + 44 * function, 210, 30, 40);
      set (gc, GC_FUNCTION, 3);
    }
}

static void
draw_patterns (uint32_t window, uint32_t gc)
{
  uint32_t tile = new_pixmap (depth, 13, 11), bits = new_pixmap (1, 16, 16);
  uint32_t bit_gc = new_gc (bits, 0, 0);

  fill (tile, gc, 0x994411, 0, 0, 13, 11);
  fill (tile, gc, 0x11ee44, 3, 2, 6, 5);
  fill (bits, bit_gc, 0, 0, 0, 16, 16);
  fill (bits, bit_gc, 1, 2, 3, 7, 9);
  fill (bits, bit_gc, 1, 11, 0, 2, 16);
  set (gc, GC_TILE, tile);
  set (gc, GC_FILL_STYLE, 1);
  fill (window, gc, 0, 20, 270, 150, 70);
  set (gc, GC_STIPPLE, bits);
  set (gc, GC_FILL_STYLE, 2);
  fill (window, gc, 0xff00ff, 180, 270, 150, 70);
  set (gc, GC_FILL_STYLE, 3);
  fill (window, gc, 0x00ffff, 340, 270, 150, 70);
  set (gc, GC_FILL_STYLE, 0);
  begin (COPY_PLANE, 0);
  put32 (bits);
  put32 (window);
  put32 (gc);
  pair (0, 0);
  pair (500, 280);
  pair (16, 16);
  put32 (1);
  send_request ();
}

static void
draw_image (uint32_t window, uint32_t gc)
{
  enum { W = 128, H = 96 };

  on (PUT_IMAGE, 2, window, gc);
  pair (W, H);
  pair (540, 260);
  put32 (depth << 8);
  for (unsigned y = 0; y < H; y++)
    for (unsigned x = 0; x < W; x++)
      put32 ((x * 2) << 16 | (y * 2) << 8 | ((x ^ y) & 255));
  send_request ();
  copy (window, window, gc, 540, 260, 560, 275, W - 30, H - 30);
  copy (window, window, gc, 20, 20, 30, 380, 200, 100);
  copy (window, window, gc, 30, 380, 24, 372, 200, 100);
}

static void
draw_text (uint32_t window, uint32_t gc)
{
  static const char text[] = "Backwards, sphinx of black quartz: 0123456789";
  uint32_t font = new_id ();

  begin (OPEN_FONT, 0);
  put32 (font);
  pair (5, 0);
  put_bytes ("fixed", 5);
  send_request ();
  set (gc, GC_FONT, font);
  set (gc, GC_FOREGROUND, 0xffffff);
  set (gc, GC_BACKGROUND, 0x800000);
  on (IMAGE_TEXT, sizeof text - 1, window, gc);
  pair (260, 400);
  put_bytes (text, sizeof text - 1);
  send_request ();
  on (POLY_TEXT, 0, window, gc);
  pair (260, 430);
  put_bytes ((const uint8_t[]) { sizeof text - 1, 0 }, 2);
  put_bytes (text, sizeof text - 1);
  send_request ();
}

/* ---- RENDER ---- */

/* The format of @bits with @alpha of them; of those without a colour when @color is 0. */
static uint32_t
find_format (const uint8_t *formats, uint32_t n, unsigned bits, unsigned alpha, unsigned color)
{
  for (uint32_t i = 0; i < n; i++, formats += 28)
    {
      unsigned red_mask = formats[10] | formats[11] << 8, alpha_mask = formats[22] | formats[23] << 8;
      uint32_t id;

      memcpy (&id, formats, 4);
      if (formats[4] == 1 && formats[5] == bits && (alpha_mask != 0) == (alpha != 0) && (red_mask != 0) == (color != 0)
          && (color == 0 || (formats[8] | formats[9] << 8) == 16))
        return id;
    }
  fail ("a format");
  return 0;
}

static uint32_t
new_picture (unsigned render, uint32_t drawable, uint32_t format, uint32_t repeat)
{
  uint32_t id = new_id ();

  begin (render, RENDER_CREATE_PICTURE);
  put32 (id);
  put32 (drawable);
  put32 (format);
  put32 (1);
  put32 (repeat);
  send_request ();
  return id;
}

static void
composite (unsigned render, unsigned op, uint32_t source, uint32_t mask, uint32_t to, int x, int y, int w, int h)
{
  begin (render, RENDER_COMPOSITE);
  put32 (op);
  put32 (source);
  put32 (mask);
  put32 (to);
  pair (0, 0);
  pair (0, 0);
  pair (x, y);
  pair (w, h);
  send_request ();
}

static void
fill_alpha (unsigned render, unsigned op, uint32_t to, const uint16_t color[4], int x, int y, int w, int h)
{
  begin (render, RENDER_FILL);
  put32 (op);
  put32 (to);
  put_bytes (color, 8);
  box (x, y, w, h);
  send_request ();
}

static void
draw_blends (uint32_t window)
{
  static const uint16_t half_red[4] = { 0x8000, 0, 0, 0x8000 }, blue[4] = { 0, 0x2000, 0xc000, 0xc000 };
  static const uint16_t thin[4] = { 0, 0, 0, 0x4000 }, clear[4] = { 0 };
  uint8_t head[32], *formats;
  uint32_t n, argb, picture, small, mask;
  unsigned render;

  begin (QUERY_EXTENSION, 0);
  pair (6, 0);
  put_bytes ("RENDER", 6);
  send_request ();
  free (answer (head));
  render = head[9];
  begin (render, 0);
  put32 (0);
  put32 (11);
  send_request ();
  free (answer (head));
  begin (render, RENDER_FORMATS);
  send_request ();
  formats = answer (head);
  memcpy (&n, head + 8, 4);
  argb = find_format (formats, n, 32, 1, 1);
  picture = new_picture (render, window, find_format (formats, n, depth, 0, 1), 0);
  small = new_picture (render, new_pixmap (32, 40, 30), argb, 1);
  mask = new_picture (render, new_pixmap (8, 64, 64), find_format (formats, n, 8, 1, 0), 0);
  free (formats);
  fill_alpha (render, OP_OVER, picture, half_red, 300, 450, 200, 80);
  fill_alpha (render, OP_SRC, small, blue, 0, 0, 40, 30);
  fill_alpha (render, OP_SRC, small, half_red, 10, 5, 15, 15);
  fill_alpha (render, OP_SRC, mask, clear, 0, 0, 64, 64);
  fill_alpha (render, OP_SRC, mask, thin, 8, 8, 48, 48);
  fill_alpha (render, OP_SRC, mask, (const uint16_t[]) { 0, 0, 0, 0xffff }, 20, 20, 20, 20);
  composite (render, OP_OVER, small, 0, picture, 350, 470, 180, 90);
  composite (render, OP_OVER, small, mask, picture, 560, 440, 64, 64);
  composite (render, OP_ADD, small, mask, picture, 640, 440, 64, 64);
  begin (render, RENDER_TRANSFORM);
  put32 (small);
  for (unsigned i = 0; i < 9; i++)      /* twice as large */
    put32 (i == 8 ? 0x10000 : i % 4 == 0 ? 0x10000 / 2 : 0);
  send_request ();
  composite (render, OP_OVER, small, 0, picture, 560, 520, 90, 60);
}

int
main (void)
{
  uint32_t window, gc;

  setvbuf (stdout, NULL, _IONBF, 0);
  open_display ();
  window = open_window ();
  gc = new_gc (window, GC_FUNCTION, 3);
  wait_until_done ();
  fill (window, gc, 0x203040, 0, 0, (int) width, (int) height);
  draw_lines (window, gc);
  draw_areas (window, gc);
  draw_patterns (window, gc);
  draw_image (window, gc);
  draw_text (window, gc);
  draw_blends (window);
  wait_until_done ();
  printf ("drawn %u %u\n", width, height);
  for (;;)
    pause ();
}
