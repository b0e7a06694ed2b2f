/* disassembly-lines - a stretch of code as lines: symbols, instructions, and what is not mapped; forwards and backwards.
 *
 * Where the code comes from is told by functions, so that no machine is needed to try it.
 *
 * Threads: reading, wherever the source can be read; one at a time.  Lines are plain data.
 * Units:   linear addresses, bytes. */
#pragma once

#include <glib.h>

#include "core/points.h"
#include "gui/disassembly-arrows.h"
#include "launch/disassemble.h"

#define ASTERN_CODE_NOWHERE G_MAXUINT64      /* a physical address that there is not */

typedef struct
{
  guint    bits;            /* 16, 32, 64 */
  guint64  base;            /* of CS */
  guint16  selector;
  guint64  pc;              /* linear: an instruction begins there */
  AsternDisassembler *disassembler;
  /* How many bytes could be read from the first on. */
  gsize    (*read)      (gpointer data, guint64 linear, guint8 *bytes, gsize n);
  gboolean (*translate) (gpointer data, guint64 linear, guint64 *physical);
  /* The symbol that begins at @linear or last before it: where; FALSE: there is none near. */
  gboolean (*symbol)    (gpointer data, guint64 linear, guint64 *start, const char **name);
  gpointer data;
} AsternCodeSource;

typedef enum
{
  ASTERN_CODE_SYMBOL,       /* a name, above the instruction that it is the address of */
  ASTERN_CODE_INSTRUCTION,
  ASTERN_CODE_DATA,         /* a byte that begins no instruction */
  ASTERN_CODE_ABSENT,       /* not mapped, up to the end of the page */
} AsternCodeLineKind;

enum
{
  ASTERN_CODE_POINT       = 1 << 0,   /* an execution breakpoint of the window's */
  ASTERN_CODE_OTHERS      = 1 << 1,   /* one of another client's */
  ASTERN_CODE_DISABLED    = 1 << 2,   /* all of them are disabled */
  ASTERN_CODE_CONDITIONAL = 1 << 3,   /* one has a condition, ignores hits, or only logs */
  ASTERN_CODE_TEMPORARY   = 1 << 4,
};

typedef struct
{
  AsternCodeLineKind kind;
  guint64    linear, physical;        /* physical: or ASTERN_CODE_NOWHERE */
  guint32    size;                    /* 0 of a symbol */
  guint8     bytes[ASTERN_INSTRUCTION_BYTES], n_bytes;
  AsternFlow flow;
  gint8      condition;
  gboolean   has_target;
  guint64    target;
  guint      points;                  /* ASTERN_CODE_POINT | ... */
  char       text[192];
} AsternCodeLine;

/* An execution breakpoint as far as lines show it. */
typedef struct
{
  guint       id;
  AsternSpace space;
  guint64     start, size;
  guint       flags;                  /* ASTERN_CODE_POINT | ... */
} AsternCodePoint;

/* Where the nth instruction before @from begins; what is not mapped counts as one a page.  Stops at the ends of memory. */
guint64 astern_code_back     (const AsternCodeSource *source, guint64 from, guint n);
guint64 astern_code_forward  (const AsternCodeSource *source, guint64 from, guint n);
/* Where the instruction begins that holds @address. */
guint64 astern_code_align    (const AsternCodeSource *source, guint64 address);
/* Fills @lines (AsternCodeLine) with @rows lines from @top on; fewer at the end of memory.  Where @top is not in step with
 * the program counter, and that is among the lines, it begins before; so @top is where it begins. */
void    astern_code_read     (const AsternCodeSource *source, guint64 *top, guint rows, GArray *lines);

/* The row of the instruction at @linear, or the one that holds it when there is none; -1: none. */
gint    astern_code_row_of   (const GArray *lines, guint64 linear);
/* Of each line, which of @points (AsternCodePoint) are there. */
void    astern_code_mark     (GArray *lines, const GArray *points, guint64 base);
/* Jumps from line to line.  Fills @arrows (AsternArrow) and returns how many lanes they have. */
guint   astern_code_arrows   (const GArray *lines, GArray *arrows);

/* "f000:fff0", "0010:ffffffff80001000"; empty where no offset leads to the address.  Free it. */
char   *astern_code_place_text (guint bits, guint16 selector, guint64 base, guint64 linear);
/* "48 89 e5".  Free it. */
char   *astern_code_bytes_text (const AsternCodeLine *line);
/* Whether a jump with this condition (as in its opcode, 0 to 15) would be made. */
gboolean astern_code_condition_holds (guint condition, guint64 rflags);
