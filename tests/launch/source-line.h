/* source-line.h - where something stands in a file of the source tree, so that tests need not be told when it moves. */
#pragma once

#include <glib.h>
#include <string.h>

/* The first line of @file with @text, from 1 on. */
static inline guint
source_line (const char *file, const char *text)
{
  const char *top = g_getenv ("top_srcdir");
  g_autofree char *path = g_build_filename (top != NULL ? top : "..", file, NULL);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  guint line = 1;

  g_file_get_contents (path, &content, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (content, text));
  for (const char *at = content; at < strstr (content, text); at++)
    line += *at == '\n';
  return line;
}
