/* json.c - writing JSON.
 * Source: RFC 8259. */
#include "config.h"

#include "cli/json.h"

#include <string.h>

#define STEP 4

void
astern_json_append_string (GString *text, const char *string)
{
  /* Names of files need not be UTF-8. */
  g_autofree char *valid = g_utf8_make_valid (string, -1);

  g_string_append_c (text, '"');
  for (const char *c = valid; *c != '\0'; c++)
    if (*c == '"' || *c == '\\')
      g_string_append_printf (text, "\\%c", *c);
    else if ((guchar) *c < ' ')
      g_string_append_printf (text, "\\u%04x", (guchar) *c);
    else
      g_string_append_c (text, *c);
  g_string_append_c (text, '"');
}

static void
new_line (GString *text, guint indent)
{
  g_string_append_printf (text, "\n%*s", (int) indent, "");
}

static const char *
key_of (GVariant *entry)
{
  const char *key;

  g_variant_get_child (entry, 0, "&s", &key);
  return key;
}

static gint
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (key_of (*(GVariant *const *) a), key_of (*(GVariant *const *) b));
}

GPtrArray *
astern_json_entries (GVariant *object)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);

  for (gsize i = 0; i < g_variant_n_children (object); i++)
    g_ptr_array_add (entries, g_variant_get_child_value (object, i));
  g_ptr_array_sort (entries, compare_keys);
  return entries;
}

static void
append_object (GString *text, GVariant *object, guint indent)
{
  g_autoptr (GPtrArray) entries = astern_json_entries (object);

  g_string_append_c (text, '{');
  for (guint i = 0; i < entries->len; i++)
    {
      GVariant *entry = g_ptr_array_index (entries, i);
      g_autoptr (GVariant) value = g_variant_get_child_value (entry, 1);

      new_line (text, indent + STEP);
      astern_json_append_string (text, key_of (entry));
      g_string_append (text, ": ");
      astern_json_append (text, value, indent + STEP);
      if (i + 1 < entries->len)
        g_string_append_c (text, ',');
    }
  if (entries->len > 0)
    new_line (text, indent);
  g_string_append_c (text, '}');
}

static void
append_array (GString *text, GVariant *array, guint indent)
{
  gsize n = g_variant_n_children (array);

  g_string_append_c (text, '[');
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) value = g_variant_get_child_value (array, i);

      new_line (text, indent + STEP);
      astern_json_append (text, value, indent + STEP);
      if (i + 1 < n)
        g_string_append_c (text, ',');
    }
  if (n > 0)
    new_line (text, indent);
  g_string_append_c (text, ']');
}

void
astern_json_append (GString *text, GVariant *value, guint indent)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT))
    {
      g_autoptr (GVariant) inner = g_variant_get_variant (value);

      astern_json_append (text, inner, indent);
    }
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_DICTIONARY))
    append_object (text, value, indent);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_ARRAY))
    append_array (text, value, indent);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    g_string_append (text, g_variant_get_boolean (value) ? "true" : "false");
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    g_string_append_printf (text, "%" G_GUINT64_FORMAT, g_variant_get_uint64 (value));
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    astern_json_append_string (text, g_variant_get_string (value, NULL));
}
