/* symbols.c - names of addresses.
 *
 * Each table is sorted twice when it is complete: by address, and by name.  A table is not changed after that, so
 * names stay where they are until it is dropped. */

#include "config.h"

#include "core/symbols.h"

#include <string.h>

/* As far behind the end of a symbol its name still says something about an address. */
#define NEAR_BYTES 0x10000
/* As much as a symbol without a size may hold. */
#define MOST_BYTES 0x100000

typedef struct
{
  const char *name;      /* in `names` */
  guint64     address;   /* without the slide */
  guint64     size;
  guint64     reach;     /* highest end of this one and all before it; sorted tables only */
  guint32     order;     /* in which it was added */
  gboolean    code;
} Entry;

typedef struct
{
  char         *source;
  guint64       slide;
  GStringChunk *names;
  GArray       *entries;    /* Entry, by address */
  guint32      *by_name;    /* places in `entries`; NULL: not sorted yet */
} Table;

struct _AsternSymbols
{
  GPtrArray *tables;        /* Table, in the order of their coming */
};

static void
table_free (gpointer data)
{
  Table *table = data;

  g_free (table->source);
  g_string_chunk_free (table->names);
  g_array_unref (table->entries);
  g_free (table->by_name);
  g_free (table);
}

AsternSymbols *
astern_symbols_new (void)
{
  AsternSymbols *symbols = g_new0 (AsternSymbols, 1);

  symbols->tables = g_ptr_array_new_with_free_func (table_free);
  return symbols;
}

void
astern_symbols_free (AsternSymbols *symbols)
{
  if (symbols == NULL)
    return;
  g_ptr_array_unref (symbols->tables);
  g_free (symbols);
}

static Table *
table_at (const AsternSymbols *symbols, guint index)
{
  return g_ptr_array_index (symbols->tables, index);
}

static Entry *
entry_at (const Table *table, guint index)
{
  return &g_array_index (table->entries, Entry, index);
}

/* ---- making tables ---- */

void
astern_symbols_begin (AsternSymbols *symbols, const char *source, guint64 slide)
{
  Table *table = g_new0 (Table, 1);

  table->source = g_strdup (source);
  table->slide = slide;
  table->names = g_string_chunk_new (4096);
  table->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_ptr_array_add (symbols->tables, table);
}

void
astern_symbols_add (AsternSymbols *symbols, const char *name, guint64 address, guint64 size, gboolean code)
{
  Table *table;

  g_return_if_fail (symbols->tables->len > 0);
  table = table_at (symbols, symbols->tables->len - 1);
  g_return_if_fail (table->by_name == NULL);
  if (*name == '\0')
    return;
  size = MIN (size, G_MAXUINT64 - address);
  g_array_append_vals (table->entries, &(Entry) { .name = g_string_chunk_insert (table->names, name), .address = address,
                                                  .size = size, .order = table->entries->len, .code = code }, 1);
}

/* Of several at one address the last is what nearest() finds: one with a size; code; the one added first. */
static gint
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  if (x->address != y->address)
    return x->address < y->address ? -1 : 1;
  if ((x->size != 0) != (y->size != 0))
    return x->size != 0 ? 1 : -1;
  if (x->code != y->code)
    return x->code ? 1 : -1;
  return x->order > y->order ? -1 : 1;
}

static gint
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  const Table *table = data;
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;
  gint order = strcmp (entry_at (table, x)->name, entry_at (table, y)->name);

  return order != 0 ? order : x < y ? -1 : 1;
}

void
astern_symbols_sort (AsternSymbols *symbols)
{
  Table *table;
  guint64 reach = 0;

  g_return_if_fail (symbols->tables->len > 0);
  table = table_at (symbols, symbols->tables->len - 1);
  g_return_if_fail (table->by_name == NULL);
  g_array_sort (table->entries, compare_entries);
  table->by_name = g_new (guint32, table->entries->len + 1);
  for (guint i = 0; i < table->entries->len; i++)
    {
      Entry *entry = entry_at (table, i);

      reach = MAX (reach, entry->address + entry->size);
      entry->reach = reach;
      table->by_name[i] = i;
    }
  g_qsort_with_data (table->by_name, (gint) table->entries->len, sizeof (guint32), compare_names, table);
}

void
astern_symbols_drop (AsternSymbols *symbols, const char *source)
{
  for (guint i = symbols->tables->len; i-- > 0;)
    if (strcmp (table_at (symbols, i)->source, source) == 0)
      g_ptr_array_remove_index (symbols->tables, i);
}

void
astern_symbols_drop_last (AsternSymbols *symbols)
{
  g_return_if_fail (symbols->tables->len > 0);
  g_ptr_array_set_size (symbols->tables, (gint) symbols->tables->len - 1);
}

guint
astern_symbols_count (AsternSymbols *symbols)
{
  guint n = 0;

  for (guint i = 0; i < symbols->tables->len; i++)
    n += table_at (symbols, i)->entries->len;
  return n;
}

guint
astern_symbols_sources (AsternSymbols *symbols)
{
  return symbols->tables->len;
}

void
astern_symbols_source (AsternSymbols *symbols, guint index, const char **source, guint64 *slide, guint *n)
{
  const Table *table = table_at (symbols, index);

  *source = table->source;
  *slide = table->slide;
  *n = table->entries->len;
}

/* ---- by name ---- */

static void
give (const Table *table, const Entry *entry, AsternSymbol *found)
{
  *found = (AsternSymbol) { entry->name, entry->address + table->slide, entry->size, entry->code };
}

/* Of the names in order the first that is not less than @name. */
static guint
first_from (const Table *table, const char *name)
{
  guint low = 0, high = table->by_name != NULL ? table->entries->len : 0;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (strcmp (entry_at (table, table->by_name[middle])->name, name) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* NULL: there are no more. */
static const Entry *
named_at (const Table *table, guint place)
{
  if (table->by_name == NULL || place >= table->entries->len)
    return NULL;
  return entry_at (table, table->by_name[place]);
}

gboolean
astern_symbols_lookup (AsternSymbols *symbols, const char *name, AsternSymbol *found)
{
  for (guint i = symbols->tables->len; i-- > 0;)
    {
      const Table *table = table_at (symbols, i);
      const Entry *entry = named_at (table, first_from (table, name));

      if (entry != NULL && strcmp (entry->name, name) == 0)
        {
          give (table, entry, found);
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
astern_symbols_lookup_value (gpointer symbols, const char *name, guint64 *value)
{
  AsternSymbol found;

  if (!astern_symbols_lookup (symbols, name, &found))
    return FALSE;
  *value = found.address;
  return TRUE;
}

/* The table whose name at its place is the least of those that begin with @prefix; of equal ones the last table's.
 * -1: there is none. */
static gint
least_table (const AsternSymbols *symbols, const guint *places, const char *prefix)
{
  const Entry *least = NULL;
  gint at = -1;

  for (guint i = symbols->tables->len; i-- > 0;)
    {
      const Entry *entry = named_at (table_at (symbols, i), places[i]);

      if (entry != NULL && g_str_has_prefix (entry->name, prefix) && (least == NULL || strcmp (entry->name, least->name) < 0))
        {
          least = entry;
          at = (gint) i;
        }
    }
  return at;
}

void
astern_symbols_complete (AsternSymbols *symbols, const char *prefix,
                         gboolean (*visit) (const AsternSymbol *symbol, gpointer data), gpointer data)
{
  g_autofree guint *places = g_new (guint, symbols->tables->len + 1);
  const char *before = NULL;
  gint at;

  for (guint i = 0; i < symbols->tables->len; i++)
    places[i] = first_from (table_at (symbols, i), prefix);
  while ((at = least_table (symbols, places, prefix)) >= 0)
    {
      const Table *table = table_at (symbols, (guint) at);
      const Entry *entry = named_at (table, places[at]++);
      AsternSymbol symbol;

      if (before != NULL && strcmp (before, entry->name) == 0)
        continue;
      before = entry->name;
      give (table, entry, &symbol);
      if (!visit (&symbol, data))
        return;
    }
}

/* ---- by address ---- */

/* How many start at @address or before. */
static guint
count_up_to (const Table *table, guint64 address)
{
  guint low = 0, high = table->by_name != NULL ? table->entries->len : 0;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (entry_at (table, middle)->address <= address)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* One without a size holds what is before the next one in the table, unless that is far. */
static gboolean
holds (const Table *table, guint index, guint64 address)
{
  const Entry *entry = entry_at (table, index);

  if (entry->size != 0)
    return address - entry->address < entry->size;
  return index + 1 < table->entries->len ? address - entry->address < MOST_BYTES : address == entry->address;
}

/* The innermost symbol of a table that holds @address, or the last before it; NULL: they are all behind it. */
static const Entry *
nearest_in (const Table *table, guint64 address, gboolean *held)
{
  guint n = count_up_to (table, address);

  *held = n > 0 && holds (table, n - 1, address);
  if (n == 0 || *held)
    return n == 0 ? NULL : entry_at (table, n - 1);
  for (guint i = n - 1; i-- > 0 && entry_at (table, i)->reach > address;)
    if (entry_at (table, i)->size != 0 && holds (table, i, address))
      {
        *held = TRUE;
        return entry_at (table, i);
      }
  return entry_at (table, n - 1);
}

static gboolean
find_nearest (AsternSymbols *symbols, guint64 address, AsternSymbol *found, gboolean *held)
{
  gboolean any = FALSE;

  *held = FALSE;
  for (guint i = symbols->tables->len; i-- > 0;)
    {
      const Table *table = table_at (symbols, i);
      gboolean here;
      const Entry *entry = nearest_in (table, address - table->slide, &here);

      if (entry == NULL || entry->address + table->slide > address)
        continue;
      if (!any || here > *held || (here == *held && entry->address + table->slide > found->address))
        {
          give (table, entry, found);
          *held = here;
          any = TRUE;
        }
    }
  return any;
}

gboolean
astern_symbols_nearest (AsternSymbols *symbols, guint64 address, AsternSymbol *found, guint64 *offset)
{
  gboolean held;

  if (!find_nearest (symbols, address, found, &held))
    return FALSE;
  *offset = address - found->address;
  return TRUE;
}

char *
astern_symbols_describe (AsternSymbols *symbols, guint64 address)
{
  AsternSymbol found;
  gboolean held;
  guint64 offset;

  if (!find_nearest (symbols, address, &found, &held))
    return NULL;
  offset = address - found.address;
  if (!held && offset - found.size >= NEAR_BYTES)
    return NULL;
  if (offset == 0)
    return g_strdup (found.name);
  return g_strdup_printf ("%s+0x%" G_GINT64_MODIFIER "x", found.name, offset);
}
