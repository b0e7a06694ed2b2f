/* source-text.c - see source-text.h. */
#include "config.h"

#include "gui/source-text.h"

#include <string.h>

#include <gio/gio.h>

#define MOST_BYTES (16 << 20)

/* Sources of the demo guest are in the program. */
#define RESOURCES "/org/astern/Astern/source/"

/* ---- finding ---- */

static char *
read_file (const char *path, GPtrArray *looked)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info = NULL;
  char *text = NULL;

  if (looked != NULL)
    g_ptr_array_add (looked, g_strdup (path));
  info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE, 0, NULL, NULL);
  if (info == NULL || g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR || g_file_info_get_size (info) > MOST_BYTES ||
      !g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return text;
}

static char *
read_resource (const char *name, GPtrArray *looked)
{
  g_autofree char *path = g_strconcat (RESOURCES, name, NULL);
  g_autoptr (GBytes) bytes = g_resources_lookup_data (path, 0, NULL);
  gsize size;
  const char *data;

  if (bytes == NULL)
    return NULL;
  if (looked != NULL)
    g_ptr_array_add (looked, g_strdup (name));
  data = g_bytes_get_data (bytes, &size);
  return g_strndup (data, size);
}

/* What follows @from in @name, whole parts of the path; NULL: it does not begin so. */
static const char *
rest_behind (const char *name, const char *from)
{
  gsize length = strlen (from);

  if (length == 0)
    return g_path_is_absolute (name) ? NULL : name;
  if (strncmp (name, from, length) != 0)
    return NULL;
  if (from[length - 1] == '/' || name[length] == '\0')
    return name + length;
  return name[length] == '/' ? name + length + 1 : NULL;
}

static char *
find (const char *name, GVariant *map, GPtrArray *looked)
{
  GVariantIter iter;
  const char *from, *to;
  char *text = NULL;

  if (map != NULL)
    {
      g_variant_iter_init (&iter, map);
      while (text == NULL && g_variant_iter_next (&iter, "(&s&s)", &from, &to))
        {
          const char *rest = rest_behind (name, from);
          g_autofree char *path = rest != NULL ? g_build_filename (to, rest, NULL) : NULL;

          if (path != NULL)
            text = read_file (path, looked);
        }
    }
  if (text == NULL && g_path_is_absolute (name))
    text = read_file (name, looked);
  return text != NULL ? text : read_resource (name, looked);
}

/* Sources are UTF-8, or ISO 8859-1, of which every text is one. */
static char *
as_utf8 (char *text)
{
  char *converted, *to;

  if (!g_utf8_validate (text, -1, NULL))
    {
      converted = g_convert (text, -1, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
      g_free (text);
      text = converted != NULL ? converted : g_strdup ("");
    }
  to = text;
  for (const char *from = text; *from != '\0'; from++)
    if (from[0] != '\r' || from[1] != '\n')
      *to++ = *from;
  *to = '\0';
  return text;
}

char *
astern_source_read (const char *name, GVariant *map, GPtrArray *looked)
{
  char *text = find (name, map, looked);

  return text != NULL ? as_utf8 (text) : NULL;
}

GVariant *
astern_source_map_add (GVariant *map, const char *name, const char *folder)
{
  /* The longest end of the name that is there, so that files beside it are found too. */
  for (const char *rest = name; rest != NULL; rest = strchr (rest, '/'))
    {
      g_autofree char *path = NULL;
      g_autofree char *from = NULL;
      GVariantBuilder builder;

      rest += strspn (rest, "/");
      path = g_build_filename (folder, rest, NULL);
      if (*rest == '\0' || !g_file_test (path, G_FILE_TEST_IS_REGULAR))
        continue;
      from = g_strndup (name, rest - name);
      g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ss)"));
      g_variant_builder_add (&builder, "(ss)", from, folder);
      for (gsize i = 0; map != NULL && i < g_variant_n_children (map); i++)
        g_variant_builder_add_value (&builder, g_variant_get_child_value (map, i));
      return g_variant_ref_sink (g_variant_builder_end (&builder));
    }
  return NULL;
}

/* ---- reading ---- */

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

/* Whether what begins at @start is a part of what stands before it; *@start moves to the end of that. */
static gboolean
is_member_of (const char *line, gsize *start)
{
  if (*start >= 1 && line[*start - 1] == '.')
    *start -= 1;
  else if (*start >= 2 && line[*start - 2] == '-' && line[*start - 1] == '>')
    *start -= 2;
  else
    return FALSE;
  return TRUE;
}

/* Back over “[…]” with a number in it; other indices would have to be known. */
static gboolean
skip_index (const char *line, gsize *start)
{
  gsize at = *start;

  if (at == 0 || line[at - 1] != ']')
    return TRUE;
  for (at--; at > 0 && g_ascii_isxdigit (line[at - 1]); at--)
    ;
  if (at == 0 || line[at - 1] != '[' || at == *start - 1)
    return FALSE;
  *start = at - 1;
  return TRUE;
}

char *
astern_source_path_at (const char *line, gsize at)
{
  gsize start = at, end = at;

  if (at >= strlen (line) || !is_word (line[at]))
    return NULL;
  while (is_word (line[end]))
    end++;
  for (;;)
    {
      while (start > 0 && is_word (line[start - 1]))
        start--;
      if (g_ascii_isdigit (line[start]))
        return NULL;
      {
        gsize before = start;

        if (!is_member_of (line, &before))
          break;
        if (!skip_index (line, &before) || before == 0 || !is_word (line[before - 1]))
          return NULL;
        start = before;
      }
    }
  return g_strndup (line + start, end - start);
}
