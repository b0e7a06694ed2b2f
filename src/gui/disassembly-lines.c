/* disassembly-lines.c - see disassembly-lines.h. */
#include "config.h"

#include "gui/disassembly-lines.h"

#include "arch/x86/state.h"
#include "core/address.h"
#include "gui/disassembly-sync.h"

#include <string.h>

#include <glib/gi18n.h>

#define WINDOW 256      /* bytes that are looked through at once on the way back */

static guint64
last_address (const AsternCodeSource *source)
{
  return source->bits == 64 ? G_MAXUINT64 : G_MAXUINT32;
}

static guint64
page_start (guint64 address)
{
  return address & ~(guint64) ASTERN_PAGE_MASK;
}

/* ---- backwards ---- */

static guint
length_of (gpointer data, const guint8 *bytes, gsize n)
{
  const AsternCodeSource *source = data;

  return astern_disassemble_length (source->disassembler, source->bits, bytes, n);
}

/* Marks which of the @n bytes from @start on begin an instruction for certain: the program counter's and symbols'. */
static void
find_known (const AsternCodeSource *source, guint64 start, gsize n, guint8 *known)
{
  guint64 at = start + n - 1, symbol;
  const char *name;

  memset (known, 0, n);
  if (source->pc - start < n)
    known[source->pc - start] = TRUE;
  while (source->symbol != NULL && source->symbol (source->data, at, &symbol, &name) && symbol >= start && symbol <= at)
    {
      known[symbol - start] = TRUE;
      if (symbol == start)
        break;
      at = symbol - 1;
    }
}

/* Up to @max instructions before @from, the nearest first, in one window; at least one. */
static guint
back_in_window (const AsternCodeSource *source, guint64 from, guint64 *starts, guint max)
{
  guint8 bytes[WINDOW + ASTERN_SYNC_INSTRUCTION], known[WINDOW + 1];
  guint offsets[WINDOW];
  gsize n = (gsize) MIN (from, WINDOW), got;
  gboolean whole = from <= WINDOW;      /* what is before is no code */
  guint count, taken = 0;

  got = source->read (source->data, from - n, bytes, n);
  if (got < n)
    {
      gsize in_page = (gsize) (from - page_start (from - 1));

      whole = TRUE;
      n = MIN (n, in_page);
      if (source->read (source->data, from - n, bytes, n) < n)
        {
          starts[0] = page_start (from - 1);
          return 1;
        }
    }
  got = source->read (source->data, from, bytes + n, ASTERN_SYNC_INSTRUCTION);
  find_known (source, from - n, n + 1, known);
  count = astern_sync_back (length_of, (gpointer) source, bytes, n, got, known, offsets, WINDOW);
  while (taken < count && taken < max && (whole || taken == 0 || offsets[taken] >= ASTERN_SYNC_WARM_UP))
    {
      starts[taken] = from - n + offsets[taken];
      taken++;
    }
  return taken;
}

guint64
astern_code_back (const AsternCodeSource *source, guint64 from, guint n)
{
  while (n > 0 && from > 0)
    {
      guint64 starts[WINDOW];
      guint found = back_in_window (source, from, starts, MIN (n, WINDOW));

      from = starts[found - 1];
      n -= found;
    }
  return from;
}

/* ---- forwards ---- */

/* How many of the @n bytes at @at there are before the next certain beginning: no instruction reaches over it. */
static gsize
uncut (const AsternCodeSource *source, guint64 at, gsize n)
{
  guint8 known[ASTERN_INSTRUCTION_BYTES];

  if (n < 2)
    return n;
  find_known (source, at + 1, n - 1, known);
  for (gsize i = 0; i < n - 1; i++)
    if (known[i])
      return i + 1;
  return n;
}

/* The line of code, or of none, that begins at @at. */
static void
read_line (const AsternCodeSource *source, guint64 at, AsternCodeLine *line)
{
  AsternInstruction insn;
  guint64 left = last_address (source) - at;
  gsize n = source->read (source->data, at, line->bytes, (gsize) MIN (left, sizeof line->bytes - 1) + 1);

  line->linear = at;
  line->points = 0;
  line->physical = ASTERN_CODE_NOWHERE;
  if (n == 0)
    {
      *line = (AsternCodeLine) { .kind = ASTERN_CODE_ABSENT, .linear = at, .physical = ASTERN_CODE_NOWHERE,
                                 .size = (guint32) (page_start (at) + ASTERN_PAGE_SIZE - at) };
      g_strlcpy (line->text, _("(not mapped)"), sizeof line->text);
      return;
    }
  astern_disassemble (source->disassembler, source->bits, source->base, at - source->base, line->bytes, uncut (source, at, n),
                      &insn);
  line->kind = insn.valid ? ASTERN_CODE_INSTRUCTION : ASTERN_CODE_DATA;
  line->size = insn.size;
  line->n_bytes = (guint8) insn.size;
  line->flow = insn.flow;
  line->condition = insn.condition;
  line->has_target = insn.has_target;
  line->target = insn.target;
  g_strlcpy (line->text, insn.text, sizeof line->text);
  if (source->translate == NULL || !source->translate (source->data, at, &line->physical))
    line->physical = ASTERN_CODE_NOWHERE;
}

/* Where the next line begins; FALSE: it was the last of memory. */
static gboolean
step (const AsternCodeSource *source, guint64 *at, guint32 size)
{
  if (last_address (source) - *at < size)
    return FALSE;
  *at += size;
  return TRUE;
}

static guint32
size_at (const AsternCodeSource *source, guint64 at)
{
  guint8 bytes[ASTERN_INSTRUCTION_BYTES];
  gsize n = source->read (source->data, at, bytes, sizeof bytes);

  if (n == 0)
    return (guint32) (page_start (at) + ASTERN_PAGE_SIZE - at);
  return MAX (1, astern_disassemble_length (source->disassembler, source->bits, bytes, uncut (source, at, n)));
}

guint64
astern_code_forward (const AsternCodeSource *source, guint64 from, guint n)
{
  while (n-- > 0 && step (source, &from, size_at (source, from)))
    ;
  return from;
}

guint64
astern_code_align (const AsternCodeSource *source, guint64 address)
{
  guint64 at = address, next;

  /* Some instructions before it, all are in step. */
  for (guint back = 0; back < 8 && at > 0 && address - at < 64; back++)
    at = astern_code_back (source, at, 1);
  for (next = at; next <= address; )
    {
      at = next;
      if (!step (source, &next, size_at (source, at)))
        break;
    }
  return at;
}

static void
read_lines (const AsternCodeSource *source, guint64 top, guint rows, GArray *lines)
{
  guint64 at = top, start;
  const char *name;

  g_array_set_size (lines, 0);
  while (lines->len < rows)
    {
      AsternCodeLine line = { 0 };

      read_line (source, at, &line);
      if (line.kind != ASTERN_CODE_ABSENT && source->symbol != NULL && source->symbol (source->data, at, &start, &name) &&
          start == at)
        {
          AsternCodeLine symbol = { .kind = ASTERN_CODE_SYMBOL, .linear = at, .physical = ASTERN_CODE_NOWHERE };

          g_snprintf (symbol.text, sizeof symbol.text, "%s:", name);
          g_array_append_val (lines, symbol);
        }
      if (lines->len < rows)
        g_array_append_val (lines, line);
      if (!step (source, &at, line.size))
        break;
    }
}

void
astern_code_read (const AsternCodeSource *source, guint64 *top, guint rows, GArray *lines)
{
  gint row;

  *top = MIN (*top, last_address (source));
  read_lines (source, *top, rows, lines);
  row = astern_code_row_of (lines, source->pc);
  if (row < 0 || g_array_index (lines, AsternCodeLine, row).linear == source->pc)
    return;
  for (guint64 at = source->pc, end = *top; at > end; )
    *top = at = astern_code_back (source, at, 1);
  read_lines (source, *top, rows, lines);
}

/* ---- lines ---- */

gint
astern_code_row_of (const GArray *lines, guint64 linear)
{
  for (guint i = 0; i < lines->len; i++)
    {
      const AsternCodeLine *line = &g_array_index (lines, AsternCodeLine, i);

      if (line->kind != ASTERN_CODE_SYMBOL && linear - line->linear < line->size)
        return (gint) i;
    }
  return -1;
}

static gboolean
point_is_at (const AsternCodePoint *point, const AsternCodeLine *line, guint64 base)
{
  guint64 address = point->space == ASTERN_SPACE_LINEAR ? line->linear
                    : point->space == ASTERN_SPACE_VIRTUAL ? line->linear - base : line->physical;

  if (point->space == ASTERN_SPACE_PHYSICAL && line->physical == ASTERN_CODE_NOWHERE)
    return FALSE;
  return address - point->start < MAX (point->size, 1);
}

void
astern_code_mark (GArray *lines, const GArray *points, guint64 base)
{
  for (guint i = 0; i < lines->len; i++)
    {
      AsternCodeLine *line = &g_array_index (lines, AsternCodeLine, i);
      gboolean enabled = FALSE;

      line->points = 0;
      if (line->kind == ASTERN_CODE_SYMBOL || line->kind == ASTERN_CODE_ABSENT)
        continue;
      for (guint j = 0; j < points->len; j++)
        {
          const AsternCodePoint *point = &g_array_index (points, AsternCodePoint, j);

          if (!point_is_at (point, line, base))
            continue;
          line->points |= point->flags & ~(guint) ASTERN_CODE_DISABLED;
          enabled |= !(point->flags & ASTERN_CODE_DISABLED);
        }
      if (line->points != 0 && !enabled)
        line->points |= ASTERN_CODE_DISABLED;
    }
}

guint
astern_code_arrows (const GArray *lines, GArray *arrows)
{
  g_array_set_size (arrows, 0);
  for (guint i = 0; i < lines->len; i++)
    {
      const AsternCodeLine *line = &g_array_index (lines, AsternCodeLine, i);
      AsternArrow arrow = { .from = i, .conditional = line->flow == ASTERN_FLOW_BRANCH };
      gint to;

      if (line->kind != ASTERN_CODE_INSTRUCTION || !line->has_target ||
          (line->flow != ASTERN_FLOW_JUMP && line->flow != ASTERN_FLOW_BRANCH))
        continue;
      to = astern_code_row_of (lines, line->target);
      if (to < 0 || g_array_index (lines, AsternCodeLine, to).linear != line->target)
        continue;
      arrow.to = (guint) to;
      g_array_append_val (arrows, arrow);
    }
  return astern_arrows_layout (arrows);
}

/* ---- texts ---- */

char *
astern_code_place_text (guint bits, guint16 selector, guint64 base, guint64 linear)
{
  guint64 offset = bits == 64 ? linear - base : (guint32) (linear - base);

  if (bits == 16 && offset > 0xffff)
    return g_strdup ("");
  return g_strdup_printf ("%04x:%0*" G_GINT64_MODIFIER "x", selector, (int) bits / 4, offset);
}

char *
astern_code_bytes_text (const AsternCodeLine *line)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < line->n_bytes; i++)
    g_string_append_printf (text, i > 0 ? " %02x" : "%02x", line->bytes[i]);
  return g_string_free (text, FALSE);
}

/* Intel SDM vol. 1, appendix B: odd conditions are the negations of even ones. */
gboolean
astern_code_condition_holds (guint condition, guint64 rflags)
{
  gboolean cf = (rflags & X86_CF) != 0, zf = (rflags & X86_ZF) != 0, sf = (rflags & X86_SF) != 0, of = (rflags & X86_OF) != 0;
  gboolean pf = (rflags & X86_PF) != 0;
  const gboolean even[8] = { of, cf, zf, cf || zf, sf, pf, sf != of, zf || sf != of };

  return even[condition >> 1 & 7] != (gboolean) (condition & 1);
}
