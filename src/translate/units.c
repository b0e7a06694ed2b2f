/* units.c - see units.h.  A page of code has a bitmap of its 64-byte lines that units
 * were made from: a store beside them costs one test.  Once there was a store into such a line and beside
 * its code, as of programs that keep their variables between their functions, the page has a bitmap of bytes, too. */
#include "config.h"

#include "translate/units.h"

#include "translate/emit.h"

#include <string.h>

typedef struct _XlateCodePage
{
  guint64    lines;     /* bit a 64-byte line */
  guint64   *bytes;     /* bit a byte, BYTE_WORDS of them; NULL: not made, look through the units */
  XlateUnit *units;
} XlateCodePage;

#define BYTE_WORDS (ASTERN_PAGE_SIZE / 64)

#define HASH_BITS 16

static inline guint
hash_of (const XlateUnits *units, guint64 ram, guint64 rip, guint32 mode, gboolean single)
{
  guint64 h = (ram ^ rip << 17 ^ (guint64) mode << 40 ^ (guint64) single << 63) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return h >> (64 - units->hash_bits);
}

static void code_written (gpointer listener, guint64 ram, guint32 size, guint8 flags);

XlateUnits *
units_new (AsternEngine *engine)
{
  AsternMachine *machine = engine->machine;
  XlateUnits *units = g_new0 (XlateUnits, 1);
  XlateBinding none = { 0, 0 };

  units->engine = engine;
  units->machine = machine;
  units->hash_bits = HASH_BITS;
  units->hash = g_new0 (XlateUnit *, 1u << HASH_BITS);
  /* So large that the host gives memory only to what is used of it. */
  units->pages = g_new0 (XlateCodePage *, machine->memory->capacity >> ASTERN_PAGE_BITS);
  units->dead = g_ptr_array_new ();
  units->bindings = g_array_new (FALSE, FALSE, sizeof (XlateBinding));
  g_array_append_val (units->bindings, none);
  units->binding_numbers = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  astern_memory_add_write_listener (machine->memory, ASTERN_PAGE_CODE, code_written, units);
  return units;
}

static void
free_unit (XlateUnit *unit)
{
  ir_block_free (unit->ir);
  g_free (unit->links);
  g_free (unit);
}

void
units_free (XlateUnits *units)
{
  units_flush (units);
  units_sweep (units);
  g_free (units->pages);
  g_ptr_array_unref (units->dead);
  g_array_unref (units->bindings);
  g_hash_table_unref (units->binding_numbers);
  g_free (units->hash);
  g_free (units);
}

XlateUnit *
units_find (XlateUnits *units, guint64 ram, guint64 rip, guint32 mode, gboolean single)
{
  XlateUnit *unit = units->hash[hash_of (units, ram, rip, mode, single)];

  while (unit != NULL && (unit->ram != ram || unit->rip != rip || unit->mode != mode || unit->single != single))
    unit = unit->hash_next;
  return unit;
}

/* Bits @start to @end - 1. */
static inline guint64
bits (guint start, guint end)
{
  return (end == 64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << end) - 1) & ~((G_GUINT64_CONSTANT (1) << start) - 1);
}

/* The part of the unit's bytes that is on its first or second page, as offsets in the page. */
static void
part_of (const XlateUnit *unit, guint which, guint *start, guint *end)
{
  guint offset = unit->ram & ASTERN_PAGE_MASK;

  *start = which == 0 ? offset : 0;
  *end = which == 0 ? MIN (offset + unit->n_bytes, ASTERN_PAGE_SIZE) : offset + unit->n_bytes - ASTERN_PAGE_SIZE;
}

static guint64
lines_of (const XlateUnit *unit, guint which)
{
  guint start, end;

  part_of (unit, which, &start, &end);
  return bits (start / 64, (end + 63) / 64);
}

static guint
which_page (const XlateUnit *unit, guint64 ram)
{
  return (unit->ram & ~ASTERN_PAGE_MASK) == (ram & ~ASTERN_PAGE_MASK) ? 0 : 1;
}

static void
note_bytes (guint64 *bytes, const XlateUnit *unit, guint which)
{
  guint start, end;

  part_of (unit, which, &start, &end);
  for (guint word = start / 64; word * 64 < end; word++)
    bytes[word] |= bits (word * 64 < start ? start % 64 : 0, MIN (end - word * 64, 64));
}

static gboolean
have_bytes (const guint64 *bytes, guint start, guint end)
{
  for (guint word = start / 64; word * 64 < end; word++)
    if (bytes[word] & bits (word * 64 < start ? start % 64 : 0, MIN (end - word * 64, 64)))
      return TRUE;
  return FALSE;
}

static void
make_bytes (XlateCodePage *page, guint64 ram)
{
  page->bytes = g_new0 (guint64, BYTE_WORDS);
  for (XlateUnit *unit = page->units; unit != NULL; unit = unit->page_next[which_page (unit, ram)])
    note_bytes (page->bytes, unit, which_page (unit, ram));
}

static void
put_on_page (XlateUnits *units, XlateUnit *unit, guint which, guint64 ram)
{
  XlateCodePage **page = &units->pages[ram >> ASTERN_PAGE_BITS];

  units->end_page = MAX (units->end_page, (ram >> ASTERN_PAGE_BITS) + 1);
  guint8 *flags = astern_memory_flags (units->machine->memory, ram);

  if (*page == NULL)
    *page = g_new0 (XlateCodePage, 1);
  unit->page_next[which] = (*page)->units;
  (*page)->units = unit;
  (*page)->lines |= lines_of (unit, which);
  if ((*page)->bytes != NULL)
    note_bytes ((*page)->bytes, unit, which);
  if (!(*flags & ASTERN_PAGE_CODE))
    {
      *flags |= ASTERN_PAGE_CODE;
      x86_mmu_protect_page (units->engine, ram);
    }
}

void
units_add (XlateUnits *units, XlateUnit *unit)
{
  guint h = hash_of (units, unit->ram, unit->rip, unit->mode, unit->single);

  unit->hash_next = units->hash[h];
  units->hash[h] = unit;
  put_on_page (units, unit, 0, unit->ram);
  if (unit->ram2 != XLATE_NO_PAGE)
    put_on_page (units, unit, 1, unit->ram2);
  units->n_units++;
  units->n_made++;
}

static void
take_off_page (XlateUnits *units, XlateUnit *unit, guint64 ram)
{
  XlateCodePage *page = units->pages[ram >> ASTERN_PAGE_BITS];
  XlateUnit **at = &page->units;
  guint64 lines = 0;

  while (*at != NULL)
    {
      guint which = which_page (*at, ram);

      if (*at == unit)
        {
          *at = unit->page_next[which];
          continue;
        }
      lines |= lines_of (*at, which);
      at = &(*at)->page_next[which];
    }
  page->lines = lines;
  g_clear_pointer (&page->bytes, g_free);
}

void
units_drop (XlateUnits *units, XlateUnit *unit)
{
  XlateUnit **at = &units->hash[hash_of (units, unit->ram, unit->rip, unit->mode, unit->single)];

  while (*at != unit)
    at = &(*at)->hash_next;
  *at = unit->hash_next;
  take_off_page (units, unit, unit->ram);
  if (unit->ram2 != XLATE_NO_PAGE)
    take_off_page (units, unit, unit->ram2);
  unit->dead = 1;
  emit_unlink (unit);
  units->unlinked (units->owner, unit);
  g_ptr_array_add (units->dead, unit);
  units->n_units--;
}

gboolean
units_overlap (const XlateUnit *unit, guint64 ram, guint size)
{
  guint64 offset = unit->ram & ASTERN_PAGE_MASK;
  guint64 first = MIN (unit->n_bytes, ASTERN_PAGE_SIZE - offset);

  if (ram < unit->ram + first && unit->ram < ram + size)
    return TRUE;
  return unit->ram2 != XLATE_NO_PAGE && ram < unit->ram2 + (unit->n_bytes - first) && unit->ram2 < ram + size;
}

/* A write listener. */
static void
code_written (gpointer listener, guint64 ram, guint32 size, guint8 flags)
{
  XlateUnits *units = listener;
  XlateCodePage *page = units->pages[ram >> ASTERN_PAGE_BITS];
  guint start = ram & ASTERN_PAGE_MASK, end = start + MAX (size, 1);
  gboolean beside = TRUE;
  XlateUnit *unit, *next;

  if (page == NULL || !(page->lines & bits (start / 64, (end + 63) / 64))
      || (page->bytes != NULL && !have_bytes (page->bytes, start, end)))
    return;
  for (unit = page->units; unit != NULL; unit = next)
    {
      next = unit->page_next[which_page (unit, ram)];
      if (units_overlap (unit, ram, size))
        {
          units->n_invalidated++;
          units_drop (units, unit);
          beside = FALSE;
        }
    }
  if (beside && page->bytes == NULL)
    make_bytes (page, ram);
  if (page->units == NULL)
    *astern_memory_flags (units->machine->memory, ram) &= ~ASTERN_PAGE_CODE;
}

void
units_flush (XlateUnits *units)
{
  for (guint h = 0; h < 1u << units->hash_bits; h++)
    while (units->hash[h] != NULL)
      {
        XlateUnit *unit = units->hash[h];

        units->hash[h] = unit->hash_next;
        unit->dead = 1;
        g_ptr_array_add (units->dead, unit);
      }
  for (guint64 page = 0; page < units->end_page; page++)
    if (units->pages[page] != NULL)
      {
        g_free (units->pages[page]->bytes);
        g_free (units->pages[page]);
        units->pages[page] = NULL;
        units->machine->memory->flags[page] &= ~ASTERN_PAGE_CODE;
      }
  units->n_units = 0;
}

void
units_sweep (XlateUnits *units)
{
  for (guint i = 0; i < units->dead->len; i++)
    free_unit (g_ptr_array_index (units->dead, i));
  g_ptr_array_set_size (units->dead, 0);
}

guint32
units_binding (XlateUnits *units, guint64 linear, guint64 ram)
{
  XlateBinding binding = { linear & ~ASTERN_PAGE_MASK, ram & ~ASTERN_PAGE_MASK };
  /* A ram page has fewer than 40 bits, a linear page number 36 (48-bit addresses): they
   * fit a word without loss as long as memory is below 2^40 bytes. */
  gint64 key = (gint64) ((binding.linear >> ASTERN_PAGE_BITS) << 28 ^ binding.ram >> ASTERN_PAGE_BITS);
  gpointer number;

  if (g_hash_table_lookup_extended (units->binding_numbers, &key, NULL, &number))
    return GPOINTER_TO_UINT (number);
  g_array_append_val (units->bindings, binding);
  g_hash_table_insert (units->binding_numbers, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (units->bindings->len - 1));
  return units->bindings->len - 1;
}
