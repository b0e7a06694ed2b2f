/* memory-rows.c - see memory-rows.h. */
#include "config.h"

#include "gui/memory-rows.h"

#include <errno.h>
#include <string.h>

#include <glib/gi18n.h>

G_DEFINE_QUARK (astern-memory-error-quark, astern_memory_error)

/* Blanks between the address and the cells, and between those and the characters. */
#define GAP 2
/* Cells of so many bytes stand together. */
#define TOGETHER 8

/* ---- where things are ---- */

guint
astern_memory_unit (AsternMemoryKind kind, guint unit)
{
  return kind == ASTERN_MEMORY_FLOATING ? MAX (unit, 4) : kind == ASTERN_MEMORY_TEXT ? 1 : unit;
}

guint
astern_memory_cell_columns (const AsternMemoryLayout *layout)
{
  static const guint8 digits[9] = { [1] = 3, [2] = 5, [4] = 10, [8] = 20 };

  switch (layout->kind)
    {
    case ASTERN_MEMORY_HEX:      return 2 * layout->unit;
    case ASTERN_MEMORY_UNSIGNED: return digits[layout->unit];
    case ASTERN_MEMORY_SIGNED:   return digits[layout->unit] + (layout->unit < 8);
    case ASTERN_MEMORY_FLOATING: return layout->unit == 4 ? 15 : 24;
    case ASTERN_MEMORY_TEXT: case ASTERN_N_MEMORY_KINDS: break;
    }
  return 0;
}

/* Columns before the cell at @offset, counted from the first cell's. */
static guint
cell_column (const AsternMemoryLayout *layout, guint offset)
{
  return offset / layout->unit * (astern_memory_cell_columns (layout) + 1) + (layout->unit < TOGETHER ? offset / TOGETHER : 0);
}

static guint
first_cell (const AsternMemoryLayout *layout)
{
  return layout->address_digits + GAP;
}

static guint
first_character (const AsternMemoryLayout *layout)
{
  if (layout->kind == ASTERN_MEMORY_TEXT)
    return first_cell (layout);
  return first_cell (layout) + cell_column (layout, layout->bytes_a_row - layout->unit) + astern_memory_cell_columns (layout) + GAP;
}

guint
astern_memory_row_columns (const AsternMemoryLayout *layout)
{
  return first_character (layout) + layout->bytes_a_row;
}

guint
astern_memory_fit (const AsternMemoryLayout *layout, guint columns)
{
  AsternMemoryLayout wider = *layout;
  guint least = MAX (layout->unit, layout->kind == ASTERN_MEMORY_TEXT ? 16 : 4);

  for (wider.bytes_a_row = 128; wider.bytes_a_row > least && astern_memory_row_columns (&wider) > columns;)
    wider.bytes_a_row /= 2;
  return wider.bytes_a_row;
}

void
astern_memory_span (const AsternMemoryLayout *layout, guint offset, gboolean in_text, guint *column, guint *columns)
{
  if (in_text || layout->kind == ASTERN_MEMORY_TEXT)
    {
      *column = first_character (layout) + offset;
      *columns = 1;
      return;
    }
  *column = first_cell (layout) + cell_column (layout, offset - offset % layout->unit);
  *columns = astern_memory_cell_columns (layout);
}

void
astern_memory_hit (const AsternMemoryLayout *layout, guint column, AsternMemoryPlace *place)
{
  guint text = first_character (layout), cell = 0, at, columns;

  *place = (AsternMemoryPlace) { 0, 0, layout->kind == ASTERN_MEMORY_TEXT || column + 1 >= text };
  if (place->in_text)
    {
      place->offset = MIN (column > text ? column - text : 0, layout->bytes_a_row - 1);
      return;
    }
  for (guint offset = layout->unit; offset < layout->bytes_a_row; offset += layout->unit)
    {
      astern_memory_span (layout, offset, FALSE, &at, &columns);
      if (column >= at)
        cell = offset;
    }
  astern_memory_span (layout, cell, FALSE, &at, &columns);
  place->offset = cell;
  place->digit = MIN (column > at ? column - at : 0, columns - 1);
}

guint
astern_memory_digit_byte (const AsternMemoryLayout *layout, guint offset, guint digit, gboolean *upper)
{
  *upper = digit % 2 == 0;
  return offset - offset % layout->unit + layout->unit - 1 - digit / 2;
}

/* ---- text ---- */

static guint64
load (const guint8 *bytes, guint size)
{
  guint64 value = 0;

  memcpy (&value, bytes, size);
  return GUINT64_FROM_LE (value);
}

static void
format_floating (const guint8 *bytes, guint unit, GString *text)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  guint64 bits = load (bytes, unit);
  guint32 narrow = (guint32) bits;
  float single;
  double value;

  memcpy (&single, &narrow, sizeof single);
  memcpy (&value, &bits, sizeof value);
  g_string_append (text, g_ascii_formatd (digits, sizeof digits, unit == 4 ? "%.8g" : "%.16g", unit == 4 ? (double) single : value));
}

void
astern_memory_format_cell (AsternMemoryKind kind, guint unit, const guint8 *bytes, GString *text)
{
  guint64 value = load (bytes, unit);
  guint above = 64 - 8 * unit;

  switch (kind)
    {
    case ASTERN_MEMORY_HEX:
      g_string_append_printf (text, "%0*" G_GINT64_MODIFIER "x", (int) (2 * unit), value);
      break;
    case ASTERN_MEMORY_UNSIGNED:
      g_string_append_printf (text, "%" G_GUINT64_FORMAT, value);
      break;
    case ASTERN_MEMORY_SIGNED:
      g_string_append_printf (text, "%" G_GINT64_FORMAT, (gint64) (value << above) >> above);
      break;
    case ASTERN_MEMORY_FLOATING:
      format_floating (bytes, unit, text);
      break;
    case ASTERN_MEMORY_TEXT: case ASTERN_N_MEMORY_KINDS:
      break;
    }
}

/* Of a cell: the least that is known of any of its bytes. */
static guint8
known_of (const guint8 *known, guint unit)
{
  guint8 result = ASTERN_MEMORY_THERE;

  for (guint i = 0; i < unit; i++)
    if (known[i] != ASTERN_MEMORY_THERE && result != ASTERN_MEMORY_UNASKED)
      result = known[i];
  return result;
}

static void
append_cells (const AsternMemoryLayout *layout, const guint8 *bytes, const guint8 *known, gsize begin, GString *row)
{
  guint columns = astern_memory_cell_columns (layout);

  for (guint offset = 0; offset < layout->bytes_a_row; offset += layout->unit)
    {
      g_autoptr (GString) cell = g_string_new (NULL);
      guint8 how = known_of (known + offset, layout->unit);
      guint column, width;

      if (how == ASTERN_MEMORY_THERE)
        astern_memory_format_cell (layout->kind, layout->unit, bytes + offset, cell);
      else if (how == ASTERN_MEMORY_UNMAPPED)
        for (guint i = 0; i < (layout->kind == ASTERN_MEMORY_HEX ? columns : 2); i++)
          g_string_append_c (cell, '?');
      astern_memory_span (layout, offset, FALSE, &column, &width);
      g_string_append_printf (row, "%*s", (int) (begin + column + width - row->len), cell->str);
    }
}

void
astern_memory_format_row (const AsternMemoryLayout *layout, guint64 address, const guint8 *bytes, const guint8 *known, GString *row)
{
  gsize begin = row->len;

  g_string_append_printf (row, "%0*" G_GINT64_MODIFIER "x", (int) layout->address_digits, address);
  if (layout->kind != ASTERN_MEMORY_TEXT)
    append_cells (layout, bytes, known, begin, row);
  g_string_append_printf (row, "%*s", (int) (begin + first_character (layout) - row->len), "");
  for (guint i = 0; i < layout->bytes_a_row; i++)
    g_string_append_c (row, known[i] != ASTERN_MEMORY_THERE ? ' ' : g_ascii_isprint (bytes[i]) ? (char) bytes[i] : '.');
}

/* ---- searching ---- */

static gboolean
fail (GError **error, const char *format, const char *text)
{
  g_set_error (error, ASTERN_MEMORY_ERROR, 0, format, text);
  return FALSE;
}

static gboolean
add_byte (AsternMemoryPattern *pattern, guint8 byte, guint8 mask)
{
  if (pattern->size == ASTERN_MEMORY_PATTERN_BYTES)
    return FALSE;
  pattern->bytes[pattern->size] = byte & mask;
  pattern->mask[pattern->size++] = mask;
  pattern->exact &= mask == 0xff;
  return TRUE;
}

static gboolean
parse_bytes (const char *text, AsternMemoryPattern *pattern, GError **error)
{
  for (const char *at = text; *at != '\0';)
    if (g_ascii_isspace (*at) || *at == ',')
      at++;
    else if (g_ascii_strncasecmp (at, "0x", 2) == 0)
      at += 2;
    else if ((at[0] != '?' && !g_ascii_isxdigit (at[0])) || (at[1] != '?' && !g_ascii_isxdigit (at[1])))
      return fail (error, _("“%s” is not bytes: each has two hexadecimal digits, or “??”."), text);
    else
      {
        guint8 mask = (guint8) ((at[0] == '?' ? 0 : 0xf0) | (at[1] == '?' ? 0 : 0x0f));
        guint upper = at[0] == '?' ? 0 : (guint) g_ascii_xdigit_value (at[0]);
        guint lower = at[1] == '?' ? 0 : (guint) g_ascii_xdigit_value (at[1]);

        if (!add_byte (pattern, (guint8) (upper << 4 | lower), mask))
          return fail (error, _("“%s” is too long to search for."), text);
        at += 2;
      }
  return TRUE;
}

static gboolean
parse_utf16 (const char *text, AsternMemoryPattern *pattern, GError **error)
{
  glong n = 0;
  g_autofree gunichar2 *units = g_utf8_to_utf16 (text, -1, NULL, &n, error);

  if (units == NULL)
    return FALSE;
  for (glong i = 0; i < n; i++)
    if (!add_byte (pattern, (guint8) units[i], 0xff) || !add_byte (pattern, (guint8) (units[i] >> 8), 0xff))
      return fail (error, _("“%s” is too long to search for."), text);
  return TRUE;
}

static gboolean
parse_number (const char *text, guint unit, AsternMemoryPattern *pattern, GError **error)
{
  g_autofree char *word = g_strstrip (g_strdup (text));
  gboolean hex = g_ascii_strncasecmp (word, "0x", 2) == 0, negative = word[0] == '-';
  guint64 value;
  char *end;

  if (!hex && strpbrk (word, ".eE") != NULL && unit >= 4)
    {
      double number = g_ascii_strtod (word, &end);
      float single = (float) number;
      guint32 bits;

      memcpy (&value, &number, sizeof value);
      memcpy (&bits, &single, sizeof bits);
      value = unit == 4 ? bits : value;
    }
  else
    {
      errno = 0;
      value = g_ascii_strtoull (word + negative, &end, hex ? 16 : 10);
      if (errno == ERANGE || (unit < 8 && value >> (8 * unit) != 0) ||
          (negative && value > G_GUINT64_CONSTANT (1) << (8 * unit - 1)))
        return fail (error, _("“%s” is too large for the unit."), word);
      value = negative ? -value : value;
    }
  if (end == word || *end != '\0')
    return fail (error, _("“%s” is not a number."), word);
  for (guint i = 0; i < unit; i++)
    add_byte (pattern, (guint8) (value >> 8 * i), 0xff);
  return TRUE;
}

gboolean
astern_memory_pattern_parse (AsternPatternKind kind, const char *text, guint unit, AsternMemoryPattern *pattern, GError **error)
{
  gboolean good = TRUE;

  memset (pattern, 0, sizeof *pattern);
  pattern->exact = TRUE;
  switch (kind)
    {
    case ASTERN_PATTERN_BYTES:
      good = parse_bytes (text, pattern, error);
      break;
    case ASTERN_PATTERN_TEXT:
      for (const char *at = text; *at != '\0' && good; at++)
        good = add_byte (pattern, (guint8) *at, 0xff) || fail (error, _("“%s” is too long to search for."), text);
      break;
    case ASTERN_PATTERN_UTF16:
      good = parse_utf16 (text, pattern, error);
      break;
    case ASTERN_PATTERN_NUMBER: case ASTERN_N_PATTERNS:
      good = parse_number (text, unit, pattern, error);
      break;
    }
  if (good && pattern->size == 0)
    return fail (error, "%s", _("There is nothing to search for."));
  return good;
}

static gboolean
matches (const AsternMemoryPattern *pattern, const guint8 *data)
{
  for (guint i = 0; i < pattern->size; i++)
    if ((data[i] & pattern->mask[i]) != pattern->bytes[i])
      return FALSE;
  return TRUE;
}

gssize
astern_memory_pattern_find (const AsternMemoryPattern *pattern, const guint8 *data, gsize size, gboolean last)
{
  const guint8 *found;

  if (size < pattern->size)
    return -1;
  if (pattern->exact && !last)
    {
      found = memmem (data, size, pattern->bytes, pattern->size);
      return found != NULL ? found - data : -1;
    }
  for (gsize i = 0; i <= size - pattern->size; i++)
    {
      gsize at = last ? size - pattern->size - i : i;

      if (matches (pattern, data + at))
        return (gssize) at;
    }
  return -1;
}

/* ---- copying ---- */

char *
astern_memory_copy_text (AsternMemoryCopy how, const guint8 *bytes, gsize size)
{
  GString *text = g_string_new (how == ASTERN_COPY_C ? "{\n" : NULL);

  for (gsize i = 0; i < size; i++)
    if (how == ASTERN_COPY_TEXT)
      g_string_append_c (text, g_ascii_isprint (bytes[i]) || bytes[i] == '\n' || bytes[i] == '\t' ? (char) bytes[i] : '.');
    else if (how == ASTERN_COPY_HEX)
      g_string_append_printf (text, "%02x%s", bytes[i], i + 1 == size ? "" : i % 16 == 15 ? "\n" : " ");
    else
      g_string_append_printf (text, "%s0x%02x,%s", i % 16 == 0 ? "  " : "", bytes[i], i + 1 == size || i % 16 == 15 ? "\n" : " ");
  if (how == ASTERN_COPY_C)
    g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}
