/* dwarf-lines.c - from addresses to lines and back; see debug-info.h.
 * Source: DWARF 5, sections 3.3.8 (inlined subroutines) and 6.2 (line numbers). */
#include "config.h"

#include "launch/dwarf-private.h"

#include <string.h>

/* The name without “.”, “..” and doubled slashes. */
static const char *
keep_path (AsternDebugInfo *info, const char *path)
{
  g_autofree char *whole = path != NULL ? g_canonicalize_filename (path, "/") : NULL;

  return whole == NULL ? NULL : astern_dwarf_keep (info, g_path_is_absolute (path) ? whole : whole + 1);
}

/* ---- where an address is ---- */

static void
place_of_line (AsternDebugInfo *info, Dwarf_Die *unit, Dwarf_Addr pc, AsternSourcePlace *place)
{
  Dwarf_Line *line = dwarf_getsrc_die (unit, pc);
  int number;

  if (line == NULL)
    return;
  place->file = keep_path (info, dwarf_linesrc (line, NULL, NULL));
  place->line = dwarf_lineno (line, &number) == 0 && number > 0 ? number : 0;
  place->column = dwarf_linecol (line, &number) == 0 && number > 0 ? number : 0;
}

static guint
unsigned_attribute (Dwarf_Die *die, guint name)
{
  Dwarf_Attribute attribute;
  Dwarf_Word value;

  return dwarf_formudata (dwarf_attr (die, name, &attribute), &value) == 0 && value <= G_MAXINT ? value : 0;
}

/* Where an inlined function was called. */
static void
place_of_call (AsternDebugInfo *info, Dwarf_Die *unit, Dwarf_Die *inlined, AsternSourcePlace *place)
{
  Dwarf_Files *files;
  size_t n;
  guint file = unsigned_attribute (inlined, DW_AT_call_file);

  if (dwarf_getsrcfiles (unit, &files, &n) == 0 && file < n)
    place->file = keep_path (info, dwarf_filesrc (files, file, NULL, NULL));
  place->line = unsigned_attribute (inlined, DW_AT_call_line);
  place->column = unsigned_attribute (inlined, DW_AT_call_column);
}

static guint
find_places (AsternDebugInfo *info, guint64 address, AsternSourcePlace *places, guint most)
{
  Dwarf_Die scopes[ASTERN_DWARF_DEEPEST], unit;
  Dwarf_Addr pc;
  DwarfFile *file = astern_dwarf_find_unit (info, address, &pc, &unit);
  guint n = 0, n_scopes;

  if (file == NULL || most == 0)
    return 0;
  places[0] = (AsternSourcePlace) { 0 };
  place_of_line (info, &unit, pc, &places[0]);
  n_scopes = astern_dwarf_scopes (file, &unit, pc, scopes);
  for (guint i = n_scopes; i-- > 0;)
    {
      if (dwarf_tag (&scopes[i]) == DW_TAG_lexical_block)
        continue;
      places[n].function = astern_dwarf_keep (info, dwarf_diename (&scopes[i]));
      if (dwarf_tag (&scopes[i]) != DW_TAG_inlined_subroutine || n + 1 >= most)
        break;
      places[n++].inlined = TRUE;
      places[n] = (AsternSourcePlace) { 0 };
      place_of_call (info, &unit, &scopes[i], &places[n]);
    }
  return places[0].file == NULL && places[0].function == NULL && n == 0 ? 0 : n + 1;
}

guint
astern_debug_info_places (AsternDebugInfo *info, guint64 address, AsternSourcePlace *places, guint most)
{
  guint n;

  g_mutex_lock (&info->mutex);
  n = find_places (info, address, places, most);
  g_mutex_unlock (&info->mutex);
  return n;
}

/* ---- files ---- */

static void
add_unit_of (AsternDebugInfo *info, const char *name, DwarfFile *file, Dwarf_Off unit)
{
  GArray *units = g_hash_table_lookup (info->units_of, name);
  DwarfUnitOf added = { file, unit };
  const DwarfUnitOf *last = units != NULL ? &g_array_index (units, DwarfUnitOf, units->len - 1) : NULL;

  if (units == NULL)
    {
      units = g_array_new (FALSE, FALSE, sizeof (DwarfUnitOf));
      g_hash_table_insert (info->units_of, (gpointer) name, units);
      g_ptr_array_add (info->sources, (gpointer) name);
    }
  if (last == NULL || last->file != file || last->unit != unit)
    g_array_append_val (units, added);
}

static void
add_files_of_unit (DwarfFile *file, Dwarf_Die *unit, gpointer data)
{
  AsternDebugInfo *info = data;
  Dwarf_Files *files;
  size_t n;

  if (dwarf_getsrcfiles (unit, &files, &n) != 0)
    return;
  for (size_t i = 0; i < n; i++)
    {
      const char *name = dwarf_filesrc (files, i, NULL, NULL);

      /* libdw's word for none */
      if (name != NULL && strcmp (name, "???") != 0 && !g_str_has_suffix (name, "<built-in>"))
        add_unit_of (info, keep_path (info, name), file, dwarf_dieoffset (unit));
    }
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
read_files (AsternDebugInfo *info)
{
  if (info->sources != NULL)
    return;
  info->sources = g_ptr_array_new ();
  astern_dwarf_each_unit (info, add_files_of_unit, info);
  g_ptr_array_sort (info->sources, compare_names);
}

GPtrArray *
astern_debug_info_files (AsternDebugInfo *info)
{
  GPtrArray *files;

  g_mutex_lock (&info->mutex);
  read_files (info);
  files = g_ptr_array_copy (info->sources, NULL, NULL);
  g_mutex_unlock (&info->mutex);
  return files;
}

/* ---- from lines to addresses ---- */

typedef void (*RowFunc) (DwarfFile *file, Dwarf_Die *unit, Dwarf_Addr pc, guint line, gpointer data);

static void
each_row_of_unit (AsternDebugInfo *info, DwarfFile *file, Dwarf_Die *unit, const char *name, RowFunc visit, gpointer data)
{
  const char *last_source = NULL;
  gboolean matches = FALSE;
  Dwarf_Lines *lines;
  size_t n;

  if (dwarf_getsrclines (unit, &lines, &n) != 0)
    return;
  for (size_t i = 0; i < n; i++)
    {
      Dwarf_Line *row = dwarf_onesrcline (lines, i);
      const char *source = row != NULL ? dwarf_linesrc (row, NULL, NULL) : NULL;
      Dwarf_Addr pc;
      bool flag;
      int line;

      if (source == NULL || dwarf_lineaddr (row, &pc) != 0 || pc == 0 || dwarf_lineno (row, &line) != 0 || line <= 0 ||
          (dwarf_lineendsequence (row, &flag) == 0 && flag) || (dwarf_linebeginstatement (row, &flag) == 0 && !flag))
        continue;
      if (source != last_source)
        matches = g_strcmp0 (keep_path (info, source), name) == 0;
      last_source = source;
      if (matches)
        visit (file, unit, pc, line, data);
    }
}

static void
each_row (AsternDebugInfo *info, const char *name, RowFunc visit, gpointer data)
{
  GArray *units;

  read_files (info);
  units = g_hash_table_lookup (info->units_of, name);
  for (guint i = 0; units != NULL && i < units->len; i++)
    {
      const DwarfUnitOf *of = &g_array_index (units, DwarfUnitOf, i);
      Dwarf_Die unit;

      if (dwarf_offdie (of->file->dwarf, of->unit, &unit) != NULL)
        each_row_of_unit (info, of->file, &unit, name, visit, data);
    }
}

typedef struct
{
  guint       wanted, best;
  GHashTable *lowest;       /* offset of a function, or of a place where one was inlined -> its first address on that line */
} Search;

static void
find_best (DwarfFile *file, Dwarf_Die *unit, Dwarf_Addr pc, guint line, gpointer data)
{
  Search *search = data;

  if (line >= search->wanted && (search->best == 0 || line < search->best))
    search->best = line;
}

static void
collect (DwarfFile *file, Dwarf_Die *unit, Dwarf_Addr pc, guint line, gpointer data)
{
  Search *search = data;
  Dwarf_Die scopes[ASTERN_DWARF_DEEPEST];
  guint n;
  gint64 key;
  guint64 address = pc + file->slide;
  const guint64 *known;

  if (line != search->best)
    return;
  n = astern_dwarf_scopes (file, unit, pc, scopes);
  while (n > 0 && dwarf_tag (&scopes[n - 1]) == DW_TAG_lexical_block)
    n--;
  key = n > 0 ? (gint64) dwarf_dieoffset (&scopes[n - 1]) : -(gint64) pc;
  known = g_hash_table_lookup (search->lowest, &key);
  if (known == NULL || address < *known)
    g_hash_table_replace (search->lowest, g_memdup2 (&key, sizeof key), g_memdup2 (&address, sizeof address));
}

static int
compare_addresses (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return x < y ? -1 : x > y;
}

guint
astern_debug_info_addresses (AsternDebugInfo *info, const char *name, guint line, GArray *addresses)
{
  Search search = { .wanted = line, .lowest = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free) };
  GHashTableIter iter;
  gpointer value;

  g_mutex_lock (&info->mutex);
  each_row (info, name, find_best, &search);
  if (search.best != 0)
    each_row (info, name, collect, &search);
  g_mutex_unlock (&info->mutex);
  g_hash_table_iter_init (&iter, search.lowest);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_array_append_vals (addresses, value, 1);
  g_array_sort (addresses, compare_addresses);
  g_hash_table_unref (search.lowest);
  return search.best;
}

typedef struct
{
  void   (*visit) (guint line, guint64 address, gpointer data);
  gpointer data;
} Visit;

static void
visit_line (DwarfFile *file, Dwarf_Die *unit, Dwarf_Addr pc, guint line, gpointer data)
{
  Visit *visit = data;

  visit->visit (line, pc + file->slide, visit->data);
}

void
astern_debug_info_each_line (AsternDebugInfo *info, const char *name,
                             void (*visit) (guint line, guint64 address, gpointer data), gpointer data)
{
  Visit each = { visit, data };

  g_mutex_lock (&info->mutex);
  each_row (info, name, visit_line, &each);
  g_mutex_unlock (&info->mutex);
}
