/* dwarf-types.c - types named, measured, and their values as text; see debug-info.h.
 * Source: DWARF 5, chapter 5. */
#include "config.h"

#include "launch/dwarf-private.h"

#include <math.h>
#include <string.h>

enum { STRING_BYTES = 64 };

gboolean
astern_dwarf_type_of (Dwarf_Die *die, Dwarf_Die *type)
{
  Dwarf_Attribute attribute;

  return dwarf_formref_die (dwarf_attr_integrate (die, DW_AT_type, &attribute), type) != NULL;
}

static gboolean
is_qualifier (guint tag)
{
  switch (tag)
    {
    case DW_TAG_typedef: case DW_TAG_const_type: case DW_TAG_volatile_type: case DW_TAG_restrict_type: case DW_TAG_atomic_type:
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
astern_dwarf_real_type (Dwarf_Die *type, Dwarf_Die *real)
{
  *real = *type;
  for (guint i = 0; is_qualifier (dwarf_tag (real)); i++)
    {
      Dwarf_Die next;

      if (i == ASTERN_DWARF_DEEPEST || !astern_dwarf_type_of (real, &next))
        return FALSE;
      *real = next;
    }
  return TRUE;
}

/* ---- names ---- */

static void append_name (Dwarf_Die *type, GString *text, guint depth);

static void
append_target (Dwarf_Die *type, GString *text, guint depth)
{
  Dwarf_Die target;

  if (astern_dwarf_type_of (type, &target))
    append_name (&target, text, depth + 1);
  else
    g_string_append (text, "void");
}

static void
append_array (Dwarf_Die *type, GString *text, guint depth)
{
  Dwarf_Die range;

  append_target (type, text, depth);
  g_string_append_c (text, ' ');
  if (dwarf_child (type, &range) != 0)
    return;
  do
    if (dwarf_tag (&range) == DW_TAG_subrange_type)
      {
        Dwarf_Attribute attribute;
        Dwarf_Word n;

        if (dwarf_formudata (dwarf_attr (&range, DW_AT_upper_bound, &attribute), &n) == 0)
          n++;
        else if (dwarf_formudata (dwarf_attr (&range, DW_AT_count, &attribute), &n) != 0)
          n = 0;
        if (n != 0)
          g_string_append_printf (text, "[%" G_GUINT64_FORMAT "]", (guint64) n);
        else
          g_string_append (text, "[]");
      }
  while (dwarf_siblingof (&range, &range) == 0);
}

static void
append_function (Dwarf_Die *type, GString *text, guint depth)
{
  Dwarf_Die parameter;
  gboolean first = TRUE;

  append_target (type, text, depth);
  g_string_append (text, " (*) (");
  if (dwarf_child (type, &parameter) == 0)
    do
      {
        if (!first)
          g_string_append (text, ", ");
        first = FALSE;
        if (dwarf_tag (&parameter) == DW_TAG_unspecified_parameters)
          g_string_append (text, "...");
        else
          append_target (&parameter, text, depth);
      }
    while (dwarf_siblingof (&parameter, &parameter) == 0 && text->len < 256);
  else
    g_string_append (text, "void");
  g_string_append_c (text, ')');
}

static void
append_pointer (Dwarf_Die *type, GString *text, guint depth)
{
  Dwarf_Die target;

  if (astern_dwarf_type_of (type, &target) && dwarf_tag (&target) == DW_TAG_subroutine_type)
    {
      append_function (&target, text, depth + 1);
      return;
    }
  append_target (type, text, depth);
  g_string_append (text, text->len > 0 && text->str[text->len - 1] == '*' ? "*" : " *");
}

static void
append_name (Dwarf_Die *type, GString *text, guint depth)
{
  const char *name = dwarf_diename (type);
  const char *prefix = "";

  if (depth > 16 || text->len > 512)
    return;
  switch (dwarf_tag (type))
    {
    case DW_TAG_const_type:
      g_string_append (text, "const ");
      append_target (type, text, depth);
      return;
    case DW_TAG_volatile_type:
      g_string_append (text, "volatile ");
      append_target (type, text, depth);
      return;
    case DW_TAG_restrict_type: case DW_TAG_atomic_type:
      append_target (type, text, depth);
      return;
    case DW_TAG_pointer_type:
      append_pointer (type, text, depth);
      return;
    case DW_TAG_reference_type: case DW_TAG_rvalue_reference_type:
      append_target (type, text, depth);
      g_string_append (text, " &");
      return;
    case DW_TAG_array_type:
      append_array (type, text, depth);
      return;
    case DW_TAG_structure_type: prefix = "struct "; break;
    case DW_TAG_union_type:     prefix = "union "; break;
    case DW_TAG_enumeration_type: prefix = "enum "; break;
    default: break;
    }
  g_string_append_printf (text, "%s%s", prefix, name != NULL ? name : "{…}");
}

void
astern_dwarf_type_name (Dwarf_Die *type, GString *text)
{
  if (type == NULL)
    g_string_append (text, "void");
  else
    append_name (type, text, 0);
}

/* ---- sizes ---- */

guint64
astern_dwarf_type_size (Dwarf_Die *type)
{
  Dwarf_Die real;
  Dwarf_Word size;

  if (!astern_dwarf_real_type (type, &real) || dwarf_aggregate_size (&real, &size) != 0)
    return 0;
  return size;
}

/* ---- values ---- */

static guint64
as_unsigned (const guint8 *bytes, gsize n)
{
  guint64 value = 0;

  for (gsize i = MIN (n, 8); i-- > 0;)
    value = value << 8 | bytes[i];
  return value;
}

static gint64
as_signed (const guint8 *bytes, gsize n)
{
  guint64 value = as_unsigned (bytes, n);
  guint unused = n < 8 ? 64 - 8 * (guint) n : 0;

  return (gint64) (value << unused) >> unused;
}

/* Numbers in which nobody would look for bits are shown without them. */
static void
append_number (GString *text, guint64 value, gboolean is_signed)
{
  gint64 number = (gint64) value;

  if (is_signed)
    g_string_append_printf (text, "%" G_GINT64_FORMAT, number);
  else
    g_string_append_printf (text, "%" G_GUINT64_FORMAT, value);
  if (is_signed ? number > 9 : value > 9)
    g_string_append_printf (text, " (0x%" G_GINT64_MODIFIER "x)", value);
}

static void
format_float (const guint8 *bytes, gsize n, GString *text)
{
  char number[64];
  float f;
  double d;
  long double x = 0;

  if (n == sizeof f)
    {
      memcpy (&f, bytes, sizeof f);
      d = f;
    }
  else if (n == sizeof d)
    memcpy (&d, bytes, sizeof d);
  else
    {
      memcpy (&x, bytes, MIN (n, 10));
      d = (double) x;
    }
  g_string_append (text, g_ascii_formatd (number, sizeof number, n == sizeof f ? "%.9g" : "%.17g", d));
}

static void
format_base (Dwarf_Die *type, const guint8 *bytes, gsize n, GString *text)
{
  Dwarf_Attribute attribute;
  Dwarf_Word encoding = DW_ATE_unsigned;
  guint64 value = as_unsigned (bytes, n);

  dwarf_formudata (dwarf_attr (type, DW_AT_encoding, &attribute), &encoding);
  switch (encoding)
    {
    case DW_ATE_boolean:
      g_string_append (text, value == 0 ? "false" : value == 1 ? "true" : "");
      if (value > 1)
        g_string_append_printf (text, "%" G_GUINT64_FORMAT, value);
      break;
    case DW_ATE_float:
      format_float (bytes, n, text);
      break;
    case DW_ATE_signed_char: case DW_ATE_unsigned_char: case DW_ATE_UTF:
      if (value >= 0x20 && value < 0x7f)
        g_string_append_printf (text, "%u '%c'", (guint) value, (char) value);
      else
        append_number (text, encoding == DW_ATE_signed_char ? (guint64) as_signed (bytes, n) : value,
                       encoding == DW_ATE_signed_char);
      break;
    case DW_ATE_signed:
      append_number (text, (guint64) as_signed (bytes, n), TRUE);
      break;
    default:
      append_number (text, value, FALSE);
    }
}

static void
format_enumeration (Dwarf_Die *type, const guint8 *bytes, gsize n, GString *text)
{
  gint64 value = as_signed (bytes, n);
  Dwarf_Die constant;
  Dwarf_Attribute attribute;
  Dwarf_Sword known;

  if (dwarf_child (type, &constant) == 0)
    do
      if (dwarf_tag (&constant) == DW_TAG_enumerator &&
          dwarf_formsdata (dwarf_attr (&constant, DW_AT_const_value, &attribute), &known) == 0 &&
          ((guint64) known ^ (guint64) value) << (n < 8 ? 64 - 8 * n : 0) == 0)
        {
          g_string_append_printf (text, "%s (%" G_GINT64_FORMAT ")", dwarf_diename (&constant), value);
          return;
        }
    while (dwarf_siblingof (&constant, &constant) == 0);
  g_string_append_printf (text, "%" G_GINT64_FORMAT, value);
}

static gboolean
is_character (Dwarf_Die *type)
{
  Dwarf_Die real;
  Dwarf_Attribute attribute;
  Dwarf_Word encoding;

  return astern_dwarf_real_type (type, &real) && dwarf_tag (&real) == DW_TAG_base_type &&
         astern_dwarf_type_size (&real) == 1 && dwarf_formudata (dwarf_attr (&real, DW_AT_encoding, &attribute), &encoding) == 0 &&
         (encoding == DW_ATE_signed_char || encoding == DW_ATE_unsigned_char);
}

/* Text up to its end, in quotes.  FALSE: it is not one. */
static gboolean
append_string (const guint8 *bytes, gsize n, GString *text)
{
  gsize length = strnlen ((const char *) bytes, n);
  gsize start = text->len;

  g_string_append_c (text, '"');
  for (gsize i = 0; i < length; i++)
    {
      if (bytes[i] == '\n')
        g_string_append (text, "\\n");
      else if (bytes[i] >= 0x20 && bytes[i] < 0x7f)
        g_string_append_printf (text, bytes[i] == '"' || bytes[i] == '\\' ? "\\%c" : "%c", bytes[i]);
      else if (length > 1 && i > 0)
        g_string_append_printf (text, "\\%03o", bytes[i]);
      else
        {
          g_string_truncate (text, start);
          return FALSE;
        }
    }
  g_string_append (text, length == n ? "…\"" : "\"");
  return TRUE;
}

static void
format_pointer (DwarfContext *context, Dwarf_Die *type, const guint8 *bytes, gsize n, GString *text)
{
  guint64 value = as_unsigned (bytes, n);
  guint8 there[STRING_BYTES];
  Dwarf_Die target, unit, function;
  Dwarf_Addr pc = value - context->file->slide;
  gsize size;

  g_string_append_printf (text, "0x%" G_GINT64_MODIFIER "x", value);
  if (value == 0 || !astern_dwarf_type_of (type, &target))
    return;
  if (is_character (&target) && (size = context->memory->read (context->memory->user, value, there, sizeof there)) > 0)
    {
      g_string_append_c (text, ' ');
      append_string (there, size, text);
    }
  else if (dwarf_tag (&target) == DW_TAG_subroutine_type && dwarf_addrdie (context->file->dwarf, pc, &unit) != NULL &&
           astern_dwarf_find_function (context->file, &unit, pc, &function) && dwarf_diename (&function) != NULL)
    g_string_append_printf (text, " <%s>", dwarf_diename (&function));
}

void
astern_dwarf_format (DwarfContext *context, Dwarf_Die *type, const guint8 *bytes, gsize n, GString *text)
{
  Dwarf_Die real, element;

  if (!astern_dwarf_real_type (type, &real))
    {
      g_string_append (text, "void");
      return;
    }
  switch (dwarf_tag (&real))
    {
    case DW_TAG_base_type:
      format_base (&real, bytes, n, text);
      break;
    case DW_TAG_enumeration_type:
      format_enumeration (&real, bytes, n, text);
      break;
    case DW_TAG_pointer_type: case DW_TAG_reference_type: case DW_TAG_rvalue_reference_type:
      format_pointer (context, &real, bytes, n, text);
      break;
    case DW_TAG_array_type:
      if (!astern_dwarf_type_of (&real, &element) || !is_character (&element) || !append_string (bytes, n, text))
        g_string_append (text, "{…}");
      break;
    default:
      g_string_append (text, "{…}");
    }
}
