/* memory-rows - memory as rows of text: an address, cells, characters; where on a row a byte is; what is searched for.
 *
 *   ffffffff81000000  de ad be ef 00 01 02 03  04 05 06 07 08 09 0a 0b  ................
 *
 * All of a row is ASCII, a character a column, and rows of one layout are of one length.
 *
 * Threads: any.
 * Units:   bytes; columns of characters. */
#pragma once

#include <glib.h>

typedef enum
{
  ASTERN_MEMORY_HEX,
  ASTERN_MEMORY_UNSIGNED,
  ASTERN_MEMORY_SIGNED,
  ASTERN_MEMORY_FLOATING,      /* of 4 or 8 bytes */
  ASTERN_MEMORY_TEXT,          /* no cells, characters alone */
  ASTERN_N_MEMORY_KINDS
} AsternMemoryKind;

typedef struct
{
  guint            unit;            /* bytes of a cell: 1, 2, 4, 8 */
  AsternMemoryKind kind;
  guint            bytes_a_row;     /* a power of two, not less than unit */
  guint            address_digits;
} AsternMemoryLayout;

/* What is known of a byte. */
enum
{
  ASTERN_MEMORY_UNASKED,
  ASTERN_MEMORY_THERE,
  ASTERN_MEMORY_UNMAPPED,
};

/* A place in a row. */
typedef struct
{
  guint    offset;      /* of the byte in the row; of a cell's first one */
  guint    digit;       /* in a cell: from its left */
  gboolean in_text;
} AsternMemoryPlace;

/* The smallest unit that can be shown so. */
guint    astern_memory_unit         (AsternMemoryKind kind, guint unit);
guint    astern_memory_cell_columns (const AsternMemoryLayout *layout);
guint    astern_memory_row_columns  (const AsternMemoryLayout *layout);
/* Most bytes a row for so many columns; at least one cell. */
guint    astern_memory_fit          (const AsternMemoryLayout *layout, guint columns);

/* Appends the row at @address; @known: a byte each. */
void     astern_memory_format_row   (const AsternMemoryLayout *layout, guint64 address, const guint8 *bytes, const guint8 *known,
                                     GString *row);
/* One cell's bytes as it shows them, without blanks. */
void     astern_memory_format_cell  (AsternMemoryKind kind, guint unit, const guint8 *bytes, GString *text);

/* The columns of the cell or character that shows the byte at @offset. */
void     astern_memory_span         (const AsternMemoryLayout *layout, guint offset, gboolean in_text, guint *column, guint *columns);
/* The place nearest to @column. */
void     astern_memory_hit          (const AsternMemoryLayout *layout, guint column, AsternMemoryPlace *place);
/* Of the cell at @offset: which byte of the row its hexadecimal digit @digit is in, and whether it is the upper half of it. */
guint    astern_memory_digit_byte   (const AsternMemoryLayout *layout, guint offset, guint digit, gboolean *upper);

/* ---- searching ---- */

#define ASTERN_MEMORY_PATTERN_BYTES 256

typedef enum
{
  ASTERN_PATTERN_BYTES,       /* "de ad ?? ef", spaces may be left out */
  ASTERN_PATTERN_TEXT,
  ASTERN_PATTERN_UTF16,       /* little-endian */
  ASTERN_PATTERN_NUMBER,      /* of the unit's size: 0x…, decimal, or with a point when floating */
  ASTERN_N_PATTERNS
} AsternPatternKind;

typedef struct
{
  guint8   bytes[ASTERN_MEMORY_PATTERN_BYTES];
  guint8   mask[ASTERN_MEMORY_PATTERN_BYTES];
  guint    size;
  gboolean exact;             /* the mask is all ones */
} AsternMemoryPattern;

#define ASTERN_MEMORY_ERROR (astern_memory_error_quark ())
GQuark   astern_memory_error_quark  (void);

gboolean astern_memory_pattern_parse (AsternPatternKind kind, const char *text, guint unit, AsternMemoryPattern *pattern,
                                      GError **error);
/* Offset of the first match, or of the last one; -1: none. */
gssize   astern_memory_pattern_find  (const AsternMemoryPattern *pattern, const guint8 *data, gsize size, gboolean last);

/* ---- copying ---- */

typedef enum
{
  ASTERN_COPY_HEX,            /* "de ad be ef", 16 bytes a line */
  ASTERN_COPY_C,              /* "0xde, 0xad," in braces */
  ASTERN_COPY_TEXT,           /* what is not printable is a point, but for line ends and tabs */
} AsternMemoryCopy;

/* Free it. */
char    *astern_memory_copy_text     (AsternMemoryCopy how, const guint8 *bytes, gsize size);
