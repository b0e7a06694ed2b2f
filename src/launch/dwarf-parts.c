/* dwarf-parts.c - what values are made of, and values as text; see debug-info.h.
 * Source: DWARF 5, sections 5.5 (arrays), 5.7 (structures, bit fields). */
#include "config.h"

#include "launch/dwarf-private.h"

#include <string.h>

#include <glib/gi18n.h>

enum
{
  MOST_ELEMENTS = 256,         /* shown of an array */
  SUMMARY_PARTS = 6, SUMMARY_BYTES = 100,
};

/* ---- arrays ---- */

/* The elements of the dimension that is next, and how many dimensions there are. */
static guint64
array_length (const DwarfValue *value, Dwarf_Die *array, guint *dimensions, guint64 *inner)
{
  guint64 length = 0;
  Dwarf_Die range;
  Dwarf_Attribute attribute;
  Dwarf_Word n;

  *dimensions = 0;
  *inner = 1;
  if (dwarf_child (array, &range) != 0)
    return 0;
  do
    if (dwarf_tag (&range) == DW_TAG_subrange_type)
      {
        if (dwarf_formudata (dwarf_attr (&range, DW_AT_upper_bound, &attribute), &n) == 0)
          n = n < G_MAXINT ? n + 1 : 0;
        else if (dwarf_formudata (dwarf_attr (&range, DW_AT_count, &attribute), &n) != 0 || n > G_MAXINT)
          n = 0;
        if (*dimensions == value->dimension)
          length = n;
        else if (*dimensions > value->dimension && *inner <= G_MAXINT)
          *inner *= n;
        ++*dimensions;
      }
  while (dwarf_siblingof (&range, &range) == 0);
  return length;
}

/* ---- bytes ---- */

static guint64
size_of (DwarfValue *value)
{
  Dwarf_Die real, element;
  guint dimensions;
  guint64 inner, length;

  if (!value->has_type || !astern_dwarf_real_type (&value->type, &real))
    return 0;
  if (dwarf_tag (&real) != DW_TAG_array_type || value->dimension == 0)
    return astern_dwarf_type_size (&value->type);
  length = array_length (value, &real, &dimensions, &inner);
  return astern_dwarf_type_of (&real, &element) ? length * inner * astern_dwarf_type_size (&element) : 0;
}

/* The first bytes of a value, at most @most; returns how many there are. */
static gsize
fetch (DwarfReader *reader, const DwarfValue *value, guint64 offset, guint8 *bytes, gsize most)
{
  const DwarfLocation *at = &value->location;

  switch (at->kind)
    {
    case DWARF_IN_MEMORY:
      return reader->context.memory->read (reader->context.memory->user, at->address + offset, bytes, most);
    case DWARF_BYTES:
      if (offset >= at->size)
        return 0;
      most = MIN (most, at->size - offset);
      memcpy (bytes, at->bytes + offset, most);
      return most;
    default:
      return 0;
    }
}

/* Moves the bits of a field to the bottom, its sign extended when it has one. */
static void
extract_bits (DwarfValue *value, guint8 *bytes, gsize n)
{
  Dwarf_Die real;
  Dwarf_Attribute attribute;
  Dwarf_Word encoding = DW_ATE_unsigned;
  guint64 word = 0;
  guint shift = value->bit_offset % 8, unused = 64 - value->bit_size;

  memcpy (&word, bytes, MIN (n, sizeof word));
  word >>= shift;
  if (astern_dwarf_real_type (&value->type, &real))
    dwarf_formudata (dwarf_attr (&real, DW_AT_encoding, &attribute), &encoding);
  word <<= unused;
  word = encoding == DW_ATE_signed ? (guint64) ((gint64) word >> unused) : word >> unused;
  memcpy (bytes, &word, sizeof word);
}

/* ---- parts ---- */

static DwarfLocation
moved (const DwarfLocation *from, guint64 offset, guint64 size)
{
  DwarfLocation to = *from;

  if (from->kind == DWARF_IN_MEMORY)
    to.address += offset;
  else if (from->kind == DWARF_BYTES)
    {
      to.size = offset < from->size ? MIN (size, from->size - offset) : 0;
      memmove (to.bytes, from->bytes + MIN (offset, from->size), to.size);
      if (to.size == 0)
        to.kind = DWARF_NOWHERE;
    }
  return to;
}

static guint64
member_offset (Dwarf_Die *member)
{
  Dwarf_Attribute attribute;
  Dwarf_Word offset;
  Dwarf_Op *ops;
  size_t n;

  if (dwarf_attr (member, DW_AT_data_member_location, &attribute) == NULL)
    return 0;
  if (dwarf_formudata (&attribute, &offset) == 0)
    return offset;
  return dwarf_getlocation (&attribute, &ops, &n) == 0 && n == 1 && ops[0].atom == DW_OP_plus_uconst ? ops[0].number : 0;
}

static void
find_bits (Dwarf_Die *member, DwarfValue *part, guint64 *offset)
{
  Dwarf_Attribute attribute;
  Dwarf_Word size, at;

  if (dwarf_formudata (dwarf_attr (member, DW_AT_bit_size, &attribute), &size) != 0 || size == 0 || size > 57)
    return;
  if (dwarf_formudata (dwarf_attr (member, DW_AT_data_bit_offset, &attribute), &at) == 0)
    *offset = at / 8;
  else if (dwarf_formudata (dwarf_attr (member, DW_AT_bit_offset, &attribute), &at) == 0)
    {
      /* DWARF 3 counts from the other end of the storage unit. */
      at = 8 * astern_dwarf_type_size (&part->type) - at - size;
      *offset += at / 8;
    }
  else
    at = 0;
  part->bit_offset = at % 8;
  part->bit_size = size;
}

static gboolean
each_member (DwarfReader *reader, DwarfValue *value, Dwarf_Die *structure, const char *separator, DwarfPartFunc func, gpointer data, guint depth)
{
  Dwarf_Die member;

  if (depth > 16 || dwarf_child (structure, &member) != 0)
    return TRUE;
  do
    {
      guint tag = dwarf_tag (&member);
      guint64 offset = member_offset (&member);
      DwarfValue part = { 0 };
      Dwarf_Die real;
      const char *name = dwarf_diename (&member);

      if (tag != DW_TAG_member && tag != DW_TAG_inheritance)
        continue;
      part.has_type = astern_dwarf_type_of (&member, &part.type);
      if (part.has_type)
        find_bits (&member, &part, &offset);
      part.location = moved (&value->location, offset, size_of (&part));
      /* What has no name of its own has its members named as if they stood here. */
      if (name == NULL && part.has_type && astern_dwarf_real_type (&part.type, &real))
        {
          if (!each_member (reader, &part, &real, separator, func, data, depth + 1))
            return FALSE;
        }
      else if (name != NULL && !func (reader, name, separator, &part, data))
        return FALSE;
    }
  while (dwarf_siblingof (&member, &member) == 0);
  return TRUE;
}

gboolean
astern_dwarf_element (DwarfReader *reader, DwarfValue *value, Dwarf_Die *array, guint64 index, DwarfValue *part)
{
  guint dimensions;
  guint64 inner, size;

  array_length (value, array, &dimensions, &inner);
  *part = (DwarfValue) { 0 };
  if (!astern_dwarf_type_of (array, &part->type))
    return FALSE;
  part->has_type = TRUE;
  size = inner * astern_dwarf_type_size (&part->type);
  if (value->dimension + 1 < dimensions)
    {
      part->type = *array;
      part->dimension = value->dimension + 1;
    }
  part->location = moved (&value->location, index * size, size);
  return TRUE;
}

static gboolean
each_element (DwarfReader *reader, DwarfValue *value, Dwarf_Die *array, DwarfPartFunc func, gpointer data)
{
  guint dimensions;
  guint64 inner, n = array_length (value, array, &dimensions, &inner);

  for (guint64 i = 0; i < MIN (n, MOST_ELEMENTS); i++)
    {
      char name[32];
      DwarfValue part;

      g_snprintf (name, sizeof name, "[%" G_GUINT64_FORMAT "]", i);
      if (!astern_dwarf_element (reader, value, array, i, &part) || !func (reader, name, "", &part, data))
        return FALSE;
    }
  return TRUE;
}

gboolean
astern_dwarf_target (DwarfReader *reader, DwarfValue *value, Dwarf_Die *pointer, gint64 index, DwarfValue *target)
{
  guint size = reader->context.file->machine == EM_386 ? 4 : 8;
  guint64 address = 0;

  *target = (DwarfValue) { .has_type = TRUE };
  if (!astern_dwarf_type_of (pointer, &target->type) || fetch (reader, value, 0, (guint8 *) &address, size) < size)
    return FALSE;
  target->location.kind = DWARF_IN_MEMORY;
  target->location.address = address + (guint64) index * astern_dwarf_type_size (&target->type);
  return TRUE;
}

gboolean
astern_dwarf_is_pointer (Dwarf_Die *real)
{
  guint tag = dwarf_tag (real);

  return tag == DW_TAG_pointer_type || tag == DW_TAG_reference_type || tag == DW_TAG_rvalue_reference_type;
}

static gboolean
is_structure (Dwarf_Die *real)
{
  guint tag = dwarf_tag (real);

  return tag == DW_TAG_structure_type || tag == DW_TAG_union_type || tag == DW_TAG_class_type;
}

/* Whether there is something to be shown below it. */
static gboolean
has_parts (DwarfValue *value)
{
  Dwarf_Die real, target, pointed;

  if (!value->has_type || value->location.kind == DWARF_NOWHERE || !astern_dwarf_real_type (&value->type, &real))
    return FALSE;
  if (astern_dwarf_is_pointer (&real))
    return astern_dwarf_type_of (&real, &target) && astern_dwarf_real_type (&target, &pointed) &&
           dwarf_tag (&pointed) != DW_TAG_subroutine_type;
  return is_structure (&real) || dwarf_tag (&real) == DW_TAG_array_type;
}

gboolean
astern_dwarf_each_part (DwarfReader *reader, DwarfValue *value, DwarfPartFunc func, gpointer data)
{
  Dwarf_Die real, pointed;
  DwarfValue target;

  if (!has_parts (value) || !astern_dwarf_real_type (&value->type, &real))
    return TRUE;
  if (is_structure (&real))
    return each_member (reader, value, &real, ".", func, data, 0);
  if (dwarf_tag (&real) == DW_TAG_array_type)
    return each_element (reader, value, &real, func, data);
  if (!astern_dwarf_target (reader, value, &real, 0, &target) || !astern_dwarf_real_type (&target.type, &pointed))
    return TRUE;
  if (is_structure (&pointed))
    return each_member (reader, &target, &pointed, "->", func, data, 0);
  return func (reader, dwarf_tag (&pointed) == DW_TAG_array_type ? "[0]" : "*", "", &target, data);
}

/* ---- text ---- */

static void format_value (DwarfReader *reader, DwarfValue *value, GString *text, gboolean summary);

static gboolean
add_to_summary (DwarfReader *reader, const char *name, const char *separator, DwarfValue *part, gpointer data)
{
  GString *text = data;
  guint n = 0;

  for (const char *at = text->str; (at = strstr (at, ", ")) != NULL; at += 2)
    n++;
  if (text->len > 1)
    g_string_append (text, ", ");
  if (n + 1 >= SUMMARY_PARTS || text->len > SUMMARY_BYTES)
    {
      g_string_append (text, "…");
      return FALSE;
    }
  if (name[0] != '[')
    g_string_append_printf (text, "%s = ", name);
  format_value (reader, part, text, FALSE);
  return TRUE;
}

static void
format_parts (DwarfReader *reader, DwarfValue *value, GString *text)
{
  g_autoptr (GString) inner = g_string_new ("{");

  astern_dwarf_each_part (reader, value, add_to_summary, inner);
  g_string_append_printf (text, "%s}", inner->str);
}

static void
format_value (DwarfReader *reader, DwarfValue *value, GString *text, gboolean summary)
{
  guint8 bytes[ASTERN_DWARF_VALUE_BYTES + 8] = { 0 };
  guint64 size = size_of (value);
  gsize n = MIN (size, ASTERN_DWARF_VALUE_BYTES), got;
  gsize start = text->len;
  Dwarf_Die real;

  if (value->location.kind == DWARF_NOWHERE)
    {
      g_string_append (text, _("<optimised out>"));
      return;
    }
  if (value->bit_size != 0)
    n = MIN (8, (value->bit_offset + value->bit_size + 7) / 8);
  got = fetch (reader, value, 0, bytes, n);
  if (got < n || n == 0)
    {
      g_string_append (text, n == 0 ? "{…}" : _("<cannot be read>"));
      return;
    }
  if (value->bit_size != 0)
    {
      extract_bits (value, bytes, n);
      n = 8;
    }
  astern_dwarf_format (&reader->context, &value->type, bytes, n, text);
  if (summary && strcmp (text->str + start, "{…}") == 0 && astern_dwarf_real_type (&value->type, &real))
    {
      g_string_truncate (text, start);
      format_parts (reader, value, text);
    }
}

AsternVariable *
astern_dwarf_describe (DwarfReader *reader, const char *path, const char *name, DwarfValue *value, guint depth)
{
  AsternVariable *row = g_new0 (AsternVariable, 1);
  g_autoptr (GString) type = g_string_new (NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  if (value->has_type)
    astern_dwarf_type_name (&value->type, type);
  for (guint i = 0; i < value->dimension; i++)      /* of "int [2][3]" the first is gone */
    {
      const char *open = strchr (type->str, '['), *close = open != NULL ? strchr (open, ']') : NULL;

      if (close != NULL)
        g_string_erase (type, open - type->str, close + 1 - open);
    }
  format_value (reader, value, text, TRUE);
  row->path = g_strdup (path);
  row->name = g_strdup (name);
  row->type = g_utf8_make_valid (type->str, -1);
  row->value = g_utf8_make_valid (text->str, -1);
  row->depth = depth;
  row->has_children = has_parts (value);
  row->has_address = value->location.kind == DWARF_IN_MEMORY;
  row->address = value->location.address;
  row->size = size_of (value);
  return row;
}
