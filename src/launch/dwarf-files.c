/* dwarf-files.c - the ELF files with DWARF, and finding units, functions and scopes in them; see debug-info.h.
 * Source: DWARF Debugging Information Format, version 5, sections 2.17 (code addresses), 3.1, 3.3, 3.5. */
#include "config.h"

#include "launch/dwarf-private.h"

#include <string.h>

/* A program of 30 million lines has some ten thousand units. */
#define MOST_UNITS  (1 << 20)
#define MOST_RANGES (1 << 22)

static void
free_file (gpointer data)
{
  DwarfFile *file = data;

  /* That of .debug_frame is the Dwarf's own. */
  g_clear_pointer (&file->cfi[1], dwarf_cfi_end);
  g_clear_pointer (&file->dwarf, dwarf_end);
  g_clear_pointer (&file->elf, elf_end);
  g_clear_pointer (&file->units, g_array_unref);
  g_hash_table_unref (file->functions);
  g_clear_pointer (&file->symbols, g_hash_table_unref);
  g_clear_pointer (&file->bytes, g_bytes_unref);
  g_free (file->source);
  g_free (file);
}

AsternDebugInfo *
astern_debug_info_new (void)
{
  AsternDebugInfo *info = g_new0 (AsternDebugInfo, 1);

  g_mutex_init (&info->mutex);
  info->files = g_ptr_array_new_with_free_func (free_file);
  info->strings = g_string_chunk_new (4096);
  info->units_of = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_array_unref);
  return info;
}

void
astern_debug_info_free (AsternDebugInfo *info)
{
  if (info == NULL)
    return;
  g_hash_table_unref (info->units_of);
  g_clear_pointer (&info->sources, g_ptr_array_unref);
  g_ptr_array_unref (info->files);
  g_string_chunk_free (info->strings);
  g_mutex_clear (&info->mutex);
  g_free (info);
}

const char *
astern_dwarf_keep (AsternDebugInfo *info, const char *text)
{
  return text != NULL ? g_string_chunk_insert_const (info->strings, text) : NULL;
}

/* ---- files ---- */

static guint64
first_segment (Elf *elf)
{
  size_t n = 0;

  if (elf_getphdrnum (elf, &n) != 0)
    return 0;
  for (size_t i = 0; i < MIN (n, 65536); i++)
    {
      GElf_Phdr header;

      if (gelf_getphdr (elf, (int) i, &header) != NULL && header.p_type == PT_LOAD)
        return header.p_vaddr;
    }
  return 0;
}

static Elf *
open_elf (GBytes *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  elf_version (EV_CURRENT);
  return elf_memory ((char *) data, size);
}

static gboolean
is_compressed (Elf *elf)
{
  Elf_Scn *section = NULL;
  GElf_Shdr header;

  while ((section = elf_nextscn (elf, section)) != NULL)
    if (gelf_getshdr (section, &header) != NULL && (header.sh_flags & SHF_COMPRESSED) != 0)
      return TRUE;
  return FALSE;
}

static gboolean
open_file (DwarfFile *file, const guint64 *base)
{
  GElf_Ehdr header;

  file->elf = open_elf (file->bytes);
  /* What is compressed is changed in place, headers and all; else libelf copies what it has to convert. */
  if (file->elf != NULL && is_compressed (file->elf))
    {
      gsize size;
      gconstpointer data = g_bytes_get_data (file->bytes, &size);
      GBytes *copy = g_bytes_new (data, size);

      elf_end (file->elf);
      g_bytes_unref (file->bytes);
      file->bytes = copy;
      file->elf = open_elf (copy);
    }
  if (file->elf == NULL || elf_kind (file->elf) != ELF_K_ELF || gelf_getehdr (file->elf, &header) == NULL ||
      header.e_type == ET_REL || (header.e_machine != EM_386 && header.e_machine != EM_X86_64))
    return FALSE;
  file->machine = header.e_machine;
  file->dwarf = dwarf_begin_elf (file->elf, DWARF_C_READ, NULL);
  if (file->dwarf == NULL)
    return FALSE;
  file->has_base = base != NULL;
  file->slide = base != NULL ? *base - first_segment (file->elf) : 0;
  return TRUE;
}

gboolean
astern_debug_info_add_elf (AsternDebugInfo *info, GBytes *bytes, const char *source, const guint64 *base)
{
  DwarfFile *file = g_new0 (DwarfFile, 1);

  file->bytes = g_bytes_ref (bytes);
  file->source = g_strdup (source);
  file->functions = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) g_array_unref);
  if (!open_file (file, base))
    {
      free_file (file);
      return FALSE;
    }
  g_mutex_lock (&info->mutex);
  for (guint i = info->files->len; i-- > 0;)
    if (g_str_equal (((DwarfFile *) g_ptr_array_index (info->files, i))->source, source))
      g_ptr_array_remove_index (info->files, i);
  g_ptr_array_add (info->files, file);
  g_hash_table_remove_all (info->units_of);
  g_clear_pointer (&info->sources, g_ptr_array_unref);
  info->serial++;
  g_mutex_unlock (&info->mutex);
  return TRUE;
}

void
astern_debug_info_set_slide (AsternDebugInfo *info, const char *source, guint64 slide)
{
  g_mutex_lock (&info->mutex);
  for (guint i = 0; i < info->files->len; i++)
    {
      DwarfFile *file = g_ptr_array_index (info->files, i);

      if (g_str_equal (file->source, source) && file->slide != slide)
        {
          file->slide = slide;
          info->serial++;
        }
    }
  g_mutex_unlock (&info->mutex);
}

void
astern_debug_info_follow_symbols (AsternDebugInfo *info, AsternSymbols *symbols)
{
  AsternSymbol text;
  guint64 there;

  if (!astern_symbols_lookup (symbols, "_text", &text))
    return;
  g_mutex_lock (&info->mutex);
  for (guint i = 0; i < info->files->len; i++)
    {
      DwarfFile *file = g_ptr_array_index (info->files, i);

      if (file->has_base || !astern_dwarf_find_symbol (file, "_text", &there) || file->slide == text.address - there)
        continue;
      file->slide = text.address - there;
      info->serial++;
    }
  g_mutex_unlock (&info->mutex);
}

gboolean
astern_debug_info_is_empty (AsternDebugInfo *info)
{
  gboolean empty;

  g_mutex_lock (&info->mutex);
  empty = info->files->len == 0;
  g_mutex_unlock (&info->mutex);
  return empty;
}

guint
astern_debug_info_serial (AsternDebugInfo *info)
{
  guint serial;

  g_mutex_lock (&info->mutex);
  serial = info->serial;
  g_mutex_unlock (&info->mutex);
  return serial;
}

/* ---- symbols ---- */

static void
read_symbols (DwarfFile *file)
{
  Elf_Scn *section = NULL;
  GElf_Shdr header;

  file->symbols = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  while ((section = elf_nextscn (file->elf, section)) != NULL)
    {
      Elf_Data *data;

      if (gelf_getshdr (section, &header) == NULL || header.sh_type != SHT_SYMTAB || header.sh_entsize == 0 ||
          (data = elf_getdata (section, NULL)) == NULL)
        continue;
      for (guint64 i = 1; i < MIN (header.sh_size / header.sh_entsize, G_MAXINT); i++)
        {
          GElf_Sym symbol;
          const char *name;

          if (gelf_getsym (data, (int) i, &symbol) == NULL)
            break;
          name = symbol.st_shndx != SHN_UNDEF ? elf_strptr (file->elf, header.sh_link, symbol.st_name) : NULL;
          if (name != NULL && *name != '\0')
            g_hash_table_replace (file->symbols, (gpointer) name, g_memdup2 (&symbol.st_value, sizeof (guint64)));
        }
    }
}

gboolean
astern_dwarf_find_symbol (DwarfFile *file, const char *name, guint64 *value)
{
  const guint64 *found;

  if (file->symbols == NULL)
    read_symbols (file);
  found = g_hash_table_lookup (file->symbols, name);
  if (found != NULL)
    *value = *found;
  return found != NULL;
}

/* ---- ranges ---- */

static int
compare_ranges (gconstpointer a, gconstpointer b)
{
  const DwarfRange *x = a, *y = b;

  return x->start != y->start ? (x->start < y->start ? -1 : 1) : x->end < y->end ? -1 : x->end > y->end;
}

static void
add_ranges (GArray *ranges, Dwarf_Die *die)
{
  Dwarf_Addr base, start, end;
  ptrdiff_t at = 0;

  while (ranges->len < MOST_RANGES && (at = dwarf_ranges (die, at, &base, &start, &end)) > 0)
    {
      DwarfRange range = { start, end, dwarf_dieoffset (die) };

      /* Linkers put code that they left out at 0. */
      if (start < end && start != 0)
        g_array_append_val (ranges, range);
    }
}

/* The range that has @pc; they do not overlap, or it is the one that starts last. */
static const DwarfRange *
find_range (GArray *ranges, Dwarf_Addr pc)
{
  guint low = 0, high = ranges->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (g_array_index (ranges, DwarfRange, middle).start <= pc)
        low = middle + 1;
      else
        high = middle;
    }
  for (guint tries = 0; low > 0 && tries < 8; low--, tries++)
    if (pc < g_array_index (ranges, DwarfRange, low - 1).end)
      return &g_array_index (ranges, DwarfRange, low - 1);
  return NULL;
}

static void
read_units (DwarfFile *file)
{
  Dwarf_CU *unit = NULL, *next;
  Dwarf_Die die, skeleton;
  uint8_t type;
  guint n = 0;

  file->units = g_array_new (FALSE, FALSE, sizeof (DwarfRange));
  while (n++ < MOST_UNITS && dwarf_get_units (file->dwarf, unit, &next, NULL, &type, &die, &skeleton) == 0)
    {
      unit = next;
      if (type == DW_UT_compile || type == DW_UT_partial || type == DW_UT_skeleton)
        add_ranges (file->units, &die);
    }
  g_array_sort (file->units, compare_ranges);
}

DwarfFile *
astern_dwarf_find_unit (AsternDebugInfo *info, guint64 address, Dwarf_Addr *pc, Dwarf_Die *unit)
{
  for (guint i = info->files->len; i-- > 0;)
    {
      DwarfFile *file = g_ptr_array_index (info->files, i);
      const DwarfRange *range;

      if (file->units == NULL)
        read_units (file);
      *pc = address - file->slide;
      if (file->machine == EM_386)
        *pc = (guint32) *pc;
      range = find_range (file->units, *pc);
      if (range != NULL && dwarf_offdie (file->dwarf, range->die, unit) != NULL)
        return file;
    }
  return NULL;
}

static int
compare_offsets (gconstpointer a, gconstpointer b)
{
  const DwarfRange *x = a, *y = b;

  return x->die < y->die ? -1 : x->die > y->die;
}

void
astern_dwarf_each_unit (AsternDebugInfo *info, void (*visit) (DwarfFile *file, Dwarf_Die *unit, gpointer data), gpointer data)
{
  for (guint i = 0; i < info->files->len; i++)
    {
      DwarfFile *file = g_ptr_array_index (info->files, i);
      g_autoptr (GArray) units = NULL;
      Dwarf_Die unit;

      if (file->units == NULL)
        read_units (file);
      units = g_array_copy (file->units);
      g_array_sort (units, compare_offsets);
      for (guint j = 0; j < units->len; j++)
        {
          Dwarf_Off offset = g_array_index (units, DwarfRange, j).die;

          if ((j == 0 || offset != g_array_index (units, DwarfRange, j - 1).die) &&
              dwarf_offdie (file->dwarf, offset, &unit) != NULL)
            visit (file, &unit, data);
        }
    }
}

/* ---- functions and scopes ---- */

/* Functions stand in the unit itself or in namespaces, modules and types of it. */
static void
collect_functions (GArray *ranges, Dwarf_Die *parent, guint depth)
{
  Dwarf_Die die;

  if (depth > 8 || dwarf_child (parent, &die) != 0)
    return;
  do
    switch (dwarf_tag (&die))
      {
      case DW_TAG_subprogram:
        add_ranges (ranges, &die);
        break;
      case DW_TAG_namespace:
      case DW_TAG_module:
      case DW_TAG_class_type:
      case DW_TAG_structure_type:
        collect_functions (ranges, &die, depth + 1);
        break;
      default:
        break;
      }
  while (dwarf_siblingof (&die, &die) == 0);
}

gboolean
astern_dwarf_find_function (DwarfFile *file, Dwarf_Die *unit, Dwarf_Addr pc, Dwarf_Die *function)
{
  gint64 offset = (gint64) dwarf_dieoffset (unit);
  GArray *ranges = g_hash_table_lookup (file->functions, &offset);
  const DwarfRange *range;

  if (ranges == NULL)
    {
      ranges = g_array_new (FALSE, FALSE, sizeof (DwarfRange));
      collect_functions (ranges, unit, 0);
      g_array_sort (ranges, compare_ranges);
      g_hash_table_insert (file->functions, g_memdup2 (&offset, sizeof offset), ranges);
    }
  range = find_range (ranges, pc);
  return range != NULL && dwarf_offdie (file->dwarf, range->die, function) != NULL;
}

static gboolean
find_scope (Dwarf_Die *parent, Dwarf_Addr pc, Dwarf_Die *found)
{
  Dwarf_Die die;

  if (dwarf_child (parent, &die) != 0)
    return FALSE;
  do
    if ((dwarf_tag (&die) == DW_TAG_lexical_block || dwarf_tag (&die) == DW_TAG_inlined_subroutine) && dwarf_haspc (&die, pc) > 0)
      {
        *found = die;
        return TRUE;
      }
  while (dwarf_siblingof (&die, &die) == 0);
  return FALSE;
}

guint
astern_dwarf_scopes (DwarfFile *file, Dwarf_Die *unit, Dwarf_Addr pc, Dwarf_Die *scopes)
{
  guint n = 0;

  if (!astern_dwarf_find_function (file, unit, pc, &scopes[0]))
    return 0;
  for (n = 1; n < ASTERN_DWARF_DEEPEST && find_scope (&scopes[n - 1], pc, &scopes[n]);)
    n++;
  return n;
}
