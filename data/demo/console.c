/* console.c - the VGA text screen and the first serial port. */

#include "tern.h"

typedef __builtin_va_list va_list;

enum { COLUMNS = 80, ROWS = 25, COM1 = 0x3f8, CRTC = 0x3d4 };
enum { LOG_ROW = 13, LOG_ROWS = 10, LOG_COLUMNS = 78 };
enum { PANIC_ROW = 5, PANIC_COLUMN = 3, PANIC_ROWS = 15, PANIC_COLUMNS = 74 };

/* Code page 437. */
enum { BLOCK = 0xdb, LOWER_HALF = 0xdc, LINE = 0xc4, BAR = 0xb3,
       TOP_LEFT = 0xda, TOP_RIGHT = 0xbf, BOTTOM_LEFT = 0xc0, BOTTOM_RIGHT = 0xd9 };

static volatile u16 *const screen = (volatile u16 *) 0xb8000;
static int                 log_row, panic_row;

void
screen_put (int row, int column, u8 colour, u8 character)
{
  if (row >= 0 && row < ROWS && column >= 0 && column < COLUMNS)
    screen[row * COLUMNS + column] = (u16) (colour << 8 | character);
}

void
screen_text (int row, int column, u8 colour, const char *text)
{
  while (*text)
    screen_put (row, column++, colour, (u8) *text++);
}

static void
fill (int row, int column, int rows, int columns, u8 colour)
{
  for (int r = row; r < row + rows; r++)
    for (int c = column; c < column + columns; c++)
      screen_put (r, c, colour, ' ');
}

void
screen_box (int row, int column, int rows, int columns, u8 colour, const char *title)
{
  int bottom = row + rows - 1, right = column + columns - 1;

  fill (row, column, rows, columns, colour);
  for (int c = column + 1; c < right; c++)
    {
      screen_put (row, c, colour, LINE);
      screen_put (bottom, c, colour, LINE);
    }
  for (int r = row + 1; r < bottom; r++)
    {
      screen_put (r, column, colour, BAR);
      screen_put (r, right, colour, BAR);
    }
  screen_put (row, column, colour, TOP_LEFT);
  screen_put (row, right, colour, TOP_RIGHT);
  screen_put (bottom, column, colour, BOTTOM_LEFT);
  screen_put (bottom, right, colour, BOTTOM_RIGHT);
  screen_text (row, column + 2, (u8) (colour | 0x07), title);
}

/* Clipped to the window. */
void
window_text (const struct window *window, int row, int column, const char *text, u64 length)
{
  for (u64 i = 0; i < length && column + (int) i < window->columns && row < window->rows; i++)
    screen_put (window->row + row, window->column + column + (int) i, window->colour, (u8) text[i]);
}

/* Half a block for each 250 mm, and a gap after the newest column.  Clipped to the window. */
void
chart_column (const struct window *window, u64 column, u64 height_mm)
{
  int halves = (int) (height_mm / 250);

  if (column >= window->columns)
    return;
  for (int r = 0; r < window->rows; r++, halves -= 2)
    {
      int row = window->row + window->rows - 1 - r;
      u8 character = halves >= 2 ? BLOCK : halves == 1 ? LOWER_HALF : ' ';

      screen_put (row, window->column + (int) column, (u8) (r < 3 ? 0x01 : r < 6 ? 0x09 : 0x0b), character);
      if (column + 1 < window->columns)
        screen_put (row, window->column + (int) column + 1, window->colour, ' ');
    }
}

/* ---- Text with numbers in it. ---- */

struct buffer
{
  char     text[160];
  unsigned length;
};

static void
add (struct buffer *b, char c)
{
  if (b->length + 1 < sizeof b->text)
    b->text[b->length++] = c;
}

static void
add_text (struct buffer *b, const char *text)
{
  while (*text)
    add (b, *text++);
}

static void
add_number (struct buffer *b, u64 value, unsigned base, int width, char pad)
{
  char digits[20];
  int n = 0;

  do
    digits[n++] = "0123456789abcdef"[value % base];
  while ((value /= base) != 0);
  while (width-- > n)
    add (b, pad);
  while (n > 0)
    add (b, digits[--n]);
}

static void
add_time (struct buffer *b, u64 ticks)
{
  add_number (b, ticks / TICKS_PER_SECOND, 10, 1, ' ');
  add (b, '.');
  add_number (b, ticks % TICKS_PER_SECOND, 10, 2, '0');
}

static void
add_format (struct buffer *b, const char *format, va_list args)
{
  for (; *format; format++)
    {
      char pad = ' ';
      int width = 0, is_long = 0;

      if (*format != '%')
        {
          add (b, *format);
          continue;
        }
      if (*++format == '0')
        pad = *format++;
      while (*format >= '0' && *format <= '9')
        width = width * 10 + *format++ - '0';
      if (*format == 'l')
        is_long = 1, format++;

      if (*format == 's')
        add_text (b, __builtin_va_arg (args, const char *));
      else if (*format == 't')
        add_time (b, __builtin_va_arg (args, u64));
      else if (is_long)
        add_number (b, __builtin_va_arg (args, u64), *format == 'x' ? 16 : 10, width, pad);
      else
        add_number (b, __builtin_va_arg (args, u32), *format == 'x' ? 16 : 10, width, pad);
    }
  b->text[b->length] = 0;
}

/* ---- The serial port and the log. ---- */

static void
serial_put (char c)
{
  while ((inb (COM1 + 5) & 0x20) == 0)
    ;
  outb (COM1, (u8) c);
}

static void
serial_line (const char *text)
{
  while (*text)
    serial_put (*text++);
  serial_put ('\r');
  serial_put ('\n');
}

static void
scroll_log (void)
{
  for (int r = LOG_ROW; r < LOG_ROW + LOG_ROWS - 1; r++)
    for (int c = 1; c <= LOG_COLUMNS; c++)
      screen[r * COLUMNS + c] = screen[(r + 1) * COLUMNS + c];
  fill (LOG_ROW + LOG_ROWS - 1, 1, 1, LOG_COLUMNS, COLOUR_LOG);
}

void
log_line (const char *format, ...)
{
  struct buffer b;
  va_list args;

  b.length = 0;
  add_text (&b, kernel.ticks < 10 * TICKS_PER_SECOND ? "[  " : "[ ");
  add_time (&b, kernel.ticks);
  add_text (&b, "] ");
  __builtin_va_start (args, format);
  add_format (&b, format, args);
  __builtin_va_end (args);

  serial_line (b.text);
  if (log_row == LOG_ROWS)
    {
      scroll_log ();
      log_row--;
    }
  b.text[LOG_COLUMNS] = 0;
  screen_text (LOG_ROW + log_row++, 1, COLOUR_LOG, b.text);
}

void
panic_screen (void)
{
  screen_box (PANIC_ROW, PANIC_COLUMN, PANIC_ROWS, PANIC_COLUMNS, COLOUR_PANIC, " Tern ");
  serial_line ("");
}

void
panic_line (const char *format, ...)
{
  struct buffer b;
  va_list args;

  b.length = 0;
  __builtin_va_start (args, format);
  add_format (&b, format, args);
  __builtin_va_end (args);

  serial_line (b.text);
  b.text[PANIC_COLUMNS - 4] = 0;
  screen_text (PANIC_ROW + 1 + panic_row++, PANIC_COLUMN + 2, COLOUR_PANIC, b.text);
}

void
console_init (void)
{
  static const u8 setup[][2] = {
    { 1, 0x00 },                 /* no interrupts */
    { 3, 0x80 }, { 0, 0x01 }, { 1, 0x00 },   /* 115200 baud */
    { 3, 0x03 },                 /* 8 bits, no parity, 1 stop bit */
    { 2, 0x07 }, { 4, 0x03 },
  };

  for (unsigned i = 0; i < sizeof setup / sizeof setup[0]; i++)
    outb ((u16) (COM1 + setup[i][0]), setup[i][1]);

  outb (CRTC, 0x0a);             /* no cursor */
  outb (CRTC + 1, 0x20);
  fill (0, 0, ROWS, COLUMNS, 0x07);
  fill (0, 0, 1, COLUMNS, COLOUR_TITLE);
  fill (24, 0, 1, COLUMNS, COLOUR_TITLE);
  screen_text (0, 1, COLOUR_TITLE, "Tern 1.0");
  screen_box (1, 0, 11, 66, COLOUR_FRAME, " tide ");
  screen_box (1, 66, 11, 14, COLOUR_FRAME, " beacon ");
  screen_box (12, 0, 12, 80, COLOUR_FRAME, " log ");
}
