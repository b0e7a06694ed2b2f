/* dwarf-values.c - variables of a frame, and one of them by a path; see debug-info.h.
 * Source: DWARF 5, section 4.1 (data objects). */
#include "config.h"

#include "launch/dwarf-private.h"

#include <string.h>

enum { MOST_ROWS = 4096, MOST_UNITS_SEARCHED = 256 };

void
astern_variable_free (AsternVariable *variable)
{
  if (variable == NULL)
    return;
  g_free (variable->path);
  g_free (variable->name);
  g_free (variable->type);
  g_free (variable->value);
  g_free (variable);
}

/* ---- rows ---- */

typedef struct
{
  const char *path;
  guint       depth;
} Parent;

static void add_row (DwarfReader *reader, const char *path, const char *name, DwarfValue *value, guint depth, gboolean parameter);

static gboolean
add_part (DwarfReader *reader, const char *name, const char *separator, DwarfValue *part, gpointer data)
{
  const Parent *parent = data;
  g_autofree char *path = name[0] == '*' ? g_strconcat ("*", parent->path, NULL)
                                         : g_strconcat (parent->path, separator, name, NULL);

  if (reader->rows->len < MOST_ROWS)
    add_row (reader, path, name[0] == '*' ? path : name, part, parent->depth + 1, FALSE);
  return reader->rows->len < MOST_ROWS;
}

static void
add_row (DwarfReader *reader, const char *path, const char *name, DwarfValue *value, guint depth, gboolean parameter)
{
  AsternVariable *row = astern_dwarf_describe (reader, path, name, value, depth);
  Parent parent = { path, depth };

  row->parameter = parameter;
  g_ptr_array_add (reader->rows, row);
  if (!row->has_children || depth >= ASTERN_DWARF_DEEPEST || reader->expanded == NULL || !reader->expanded (path, reader->data))
    return;
  row->expanded = TRUE;
  astern_dwarf_each_part (reader, value, add_part, &parent);
}

/* ---- scopes ---- */

static gboolean
begin (DwarfReader *reader, AsternDebugInfo *info, const AsternFrameRegisters *frame, const AsternFrameMemory *memory)
{
  guint64 address = frame->registers[ASTERN_FRAME_PC] - (frame->exact ? 0 : 1);
  DwarfFile *file = astern_dwarf_find_unit (info, address, &reader->context.pc, &reader->unit);

  if (file == NULL)
    return FALSE;
  reader->context.file = file;
  reader->context.frame = frame;
  reader->context.memory = memory;
  reader->n_scopes = astern_dwarf_scopes (file, &reader->unit, reader->context.pc, reader->scopes);
  if (reader->n_scopes > 0 && dwarf_attr_integrate (&reader->scopes[0], DW_AT_frame_base, &reader->frame_base) != NULL)
    reader->context.frame_base = &reader->frame_base;
  return TRUE;
}

/* The scopes of one function of those inlined into each other: [*first, *end), and inner ones have higher numbers. */
static void
scopes_of_level (const DwarfReader *reader, guint level, guint *first, guint *end)
{
  *end = reader->n_scopes;
  for (*first = *end; *first > 0;)
    {
      --*first;
      if (dwarf_tag ((Dwarf_Die *) &reader->scopes[*first]) == DW_TAG_lexical_block)
        continue;
      if (level-- == 0)
        return;
      if (*first == 0)
        break;
      *end = *first;
    }
}

/* Where a variable is; its type too.  FALSE: only declared. */
static gboolean
locate (DwarfReader *reader, Dwarf_Die *die, DwarfValue *value)
{
  Dwarf_Attribute attribute;
  Dwarf_Die specification;
  guint64 address;
  const char *name = dwarf_diename (die);

  *value = (DwarfValue) { 0 };
  value->has_type = astern_dwarf_type_of (die, &value->type);
  if (dwarf_attr_integrate (die, DW_AT_const_value, &attribute) != NULL ||
      dwarf_attr_integrate (die, DW_AT_location, &attribute) != NULL)
    {
      astern_dwarf_locate (&reader->context, &attribute, &value->location);
      return TRUE;
    }
  if (dwarf_formref_die (dwarf_attr (die, DW_AT_specification, &attribute), &specification) == NULL &&
      !dwarf_hasattr_integrate (die, DW_AT_external))
    return TRUE;
  if (name == NULL || !astern_dwarf_find_symbol (reader->context.file, name, &address))
    return FALSE;
  value->location.kind = DWARF_IN_MEMORY;
  value->location.address = address + reader->context.file->slide;
  return TRUE;
}

static void
add_variables (DwarfReader *reader, Dwarf_Die *scope, guint tag, GHashTable *seen)
{
  Dwarf_Die die;
  DwarfValue value;

  if (dwarf_child (scope, &die) != 0)
    return;
  do
    {
      const char *name = (guint) dwarf_tag (&die) == tag ? dwarf_diename (&die) : NULL;

      if (name != NULL && !g_hash_table_contains (seen, name) && locate (reader, &die, &value))
        {
          g_hash_table_add (seen, (gpointer) name);
          add_row (reader, name, name, &value, 0, tag == DW_TAG_formal_parameter);
        }
    }
  while (dwarf_siblingof (&die, &die) == 0 && reader->rows->len < MOST_ROWS);
}

GPtrArray *
astern_debug_info_variables (AsternDebugInfo *info, const AsternFrameRegisters *frame, const AsternFrameMemory *memory,
                             guint inline_level, gboolean (*expanded) (const char *path, gpointer data), gpointer data)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  DwarfReader reader = { .rows = g_ptr_array_new_with_free_func ((GDestroyNotify) astern_variable_free),
                    .expanded = expanded, .data = data };
  guint first, end;

  g_mutex_lock (&info->mutex);
  if (begin (&reader, info, frame, memory))
    {
      scopes_of_level (&reader, inline_level, &first, &end);
      if (first < end)
        add_variables (&reader, &reader.scopes[first], DW_TAG_formal_parameter, seen);
      for (guint i = end; i-- > first;)
        add_variables (&reader, &reader.scopes[i], DW_TAG_variable, seen);
    }
  g_mutex_unlock (&info->mutex);
  return reader.rows;
}

/* ---- one, by its path ---- */

static gboolean
find_in (DwarfReader *reader, Dwarf_Die *scope, const char *name, gsize length, DwarfValue *value)
{
  Dwarf_Die die;

  if (dwarf_child (scope, &die) != 0)
    return FALSE;
  do
    {
      guint tag = dwarf_tag (&die);
      const char *named = tag == DW_TAG_variable || tag == DW_TAG_formal_parameter ? dwarf_diename (&die) : NULL;

      if (named != NULL && strlen (named) == length && memcmp (named, name, length) == 0 && locate (reader, &die, value))
        return TRUE;
    }
  while (dwarf_siblingof (&die, &die) == 0);
  return FALSE;
}

typedef struct
{
  DwarfReader     *reader;
  const char *name;
  gsize       length;
  DwarfValue *value;
  gboolean    found;
  guint       n;
} Search;

static void
find_in_unit (DwarfFile *file, Dwarf_Die *unit, gpointer data)
{
  Search *search = data;

  if (!search->found && file == search->reader->context.file && search->n++ < MOST_UNITS_SEARCHED)
    search->found = find_in (search->reader, unit, search->name, search->length, search->value);
}

static gboolean
find_name (DwarfReader *reader, AsternDebugInfo *info, guint level, const char *name, gsize length, DwarfValue *value)
{
  Search search = { reader, name, length, value, FALSE, 0 };
  guint first = 0, end = 0;

  scopes_of_level (reader, level, &first, &end);
  for (guint i = end; i-- > first;)
    if (find_in (reader, &reader->scopes[i], name, length, value))
      return TRUE;
  if (find_in (reader, &reader->unit, name, length, value))
    return TRUE;
  astern_dwarf_each_unit (info, find_in_unit, &search);
  return search.found;
}

typedef struct
{
  const char *name;
  gsize       length;
  DwarfValue *value;
  gboolean    found;
} Member;

static gboolean
match_member (DwarfReader *reader, const char *name, const char *separator, DwarfValue *part, gpointer data)
{
  Member *member = data;

  member->found = strlen (name) == member->length && memcmp (name, member->name, member->length) == 0;
  if (member->found)
    *member->value = *part;
  return !member->found;
}

static gsize
identifier_length (const char *text)
{
  gsize n = 0;

  while (g_ascii_isalnum (text[n]) || text[n] == '_' || text[n] == '$' || (guchar) text[n] >= 0x80)
    n++;
  return n;
}

static gboolean
step_to_member (DwarfReader *reader, DwarfValue *value, const char **path)
{
  DwarfValue from = *value;
  Member member = { .value = value };

  *path += **path == '.' ? 1 : 2;
  member.name = *path;
  member.length = identifier_length (*path);
  *path += member.length;
  astern_dwarf_each_part (reader, &from, match_member, &member);
  return member.found;
}

static gboolean
step_to_element (DwarfReader *reader, DwarfValue *value, const char **path)
{
  DwarfValue from = *value;
  char *end;
  gint64 index = g_ascii_strtoll (*path + 1, &end, 0);
  Dwarf_Die real;

  if (*end != ']' || !from.has_type || !astern_dwarf_real_type (&from.type, &real))
    return FALSE;
  *path = end + 1;
  if (astern_dwarf_is_pointer (&real))
    return astern_dwarf_target (reader, &from, &real, index, value);
  return dwarf_tag (&real) == DW_TAG_array_type && index >= 0 && astern_dwarf_element (reader, &from, &real, (guint64) index, value);
}

static gboolean
follow (DwarfReader *reader, AsternDebugInfo *info, guint level, const char *path, DwarfValue *value)
{
  guint stars = strspn (path, "*");
  gsize length;
  Dwarf_Die real;

  path += stars;
  length = identifier_length (path);
  if (length == 0 || !find_name (reader, info, level, path, length, value))
    return FALSE;
  for (path += length; *path != '\0';)
    {
      if (*path == '.' || g_str_has_prefix (path, "->"))
        {
          if (!step_to_member (reader, value, &path))
            return FALSE;
        }
      else if (*path != '[' || !step_to_element (reader, value, &path))
        return FALSE;
    }
  for (; stars > 0; stars--)
    {
      DwarfValue from = *value;

      if (!from.has_type || !astern_dwarf_real_type (&from.type, &real) || !astern_dwarf_is_pointer (&real) ||
          !astern_dwarf_target (reader, &from, &real, 0, value))
        return FALSE;
    }
  return TRUE;
}

AsternVariable *
astern_debug_info_evaluate (AsternDebugInfo *info, const AsternFrameRegisters *frame, const AsternFrameMemory *memory,
                            guint inline_level, const char *path)
{
  AsternVariable *row = NULL;
  DwarfReader reader = { 0 };
  DwarfValue value;

  g_mutex_lock (&info->mutex);
  if (begin (&reader, info, frame, memory) && follow (&reader, info, inline_level, path, &value))
    row = astern_dwarf_describe (&reader, path, path, &value, 0);
  g_mutex_unlock (&info->mutex);
  return row;
}
