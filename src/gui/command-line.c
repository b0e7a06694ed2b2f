/* command-line.c - see command-line.h. */
#include "config.h"

#include "gui/command-line.h"

#include "launch/options.h"

#include <string.h>

/* Without dashes; NULL: it is no option. */
static const char *
option_name (const char *word)
{
  gsize dashes = strspn (word, "-");

  return dashes > 0 && word[dashes] != '\0' ? word + dashes : NULL;
}

const char *
astern_command_line_recording (const char *const *words)
{
  return words[0] != NULL && words[0][0] != '-' && !g_str_equal (words[0], "demo") ? words[0] : NULL;
}

/* Calls for each option with the index of its argument, or 0 when it has none. */
typedef void (*Visit) (gpointer data, guint option, guint argument);

static void
each_option (const char *const *words, Visit visit, gpointer data)
{
  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *name = option_name (words[i]);
      gboolean takes = name != NULL && astern_launch_option_takes_argument (name) && words[i + 1] != NULL;

      if (name == NULL)
        continue;
      visit (data, i, takes ? i + 1 : 0);
      i += takes;
    }
}

/* ---- finding ---- */

typedef struct
{
  const char *const *words;
  const char        *option, *found;
} Search;

static void
look (gpointer data, guint option, guint argument)
{
  Search *search = data;

  if (argument != 0 && g_str_equal (option_name (search->words[option]), search->option))
    search->found = search->words[argument];
}

const char *
astern_command_line_find (const char *const *words, const char *option)
{
  Search search = { words, option, NULL };

  each_option (words, look, &search);
  return search.found;
}

/* ---- absolute names ---- */

static void
replace (char **word, char *text)
{
  g_free (*word);
  *word = text;
}

/* What is read must be there under that name; else it is a name with more to it (“FILE ARGUMENTS”), and is left. */
static void
make_absolute (gpointer data, guint option, guint argument)
{
  static const char *const read[] = { "kernel", "initrd", "load-state", "bios", "L", "symbols", "hda", "hdb", "hdc", "hdd", "cdrom", "fda", "fdb", "pflash", NULL };
  static const char *const written[] = { "record", "screendump", "D", NULL };
  char **words = data;
  const char *name = option_name (words[option]);
  char **word = &words[argument];

  if (argument == 0)
    return;
  if (g_strv_contains (written, name) || (g_strv_contains (read, name) && g_file_test (*word, G_FILE_TEST_EXISTS)))
    replace (word, g_canonicalize_filename (*word, NULL));
  else if (g_str_has_prefix (*word, "file:") && (*word)[5] != '\0')      /* a place */
    {
      g_autofree char *path = g_canonicalize_filename (*word + 5, NULL);

      replace (word, g_strconcat ("file:", path, NULL));
    }
}

char **
astern_command_line_absolute (const char *const *words)
{
  char **absolute = g_strdupv ((char **) words);

  each_option ((const char *const *) absolute, make_absolute, absolute);
  if (astern_command_line_recording (words) != NULL)
    replace (&absolute[0], g_canonicalize_filename (words[0], NULL));
  return absolute;
}

/* ---- as text ---- */

static gboolean
is_plain (const char *word)
{
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";

  return word[0] != '\0' && word[strspn (word, plain)] == '\0';
}

static gboolean
is_console (const char *place)
{
  return g_strcmp0 (place, "vc") == 0 || (place != NULL && g_str_has_prefix (place, "vc:"));
}

static void
look_for_console (gpointer data, guint option, guint argument)
{
  Search *search = data;
  static const char *const places[] = { "serial", "monitor", "debugcon", NULL };

  if (argument != 0 && g_strv_contains (places, option_name (search->words[option])) && is_console (search->words[argument]))
    search->found = search->words[argument];
}

/* Consoles of the window's are only there with one. */
static const char *
command (const char *const *words)
{
  Search search = { words, NULL, NULL };

  each_option (words, look_for_console, &search);
  if (search.found != NULL)
    return "astern gui";
  if (astern_command_line_recording (words) != NULL)
    return "astern replay";
  return g_strcmp0 (words[0], "demo") == 0 ? "astern" : "astern run";
}

char *
astern_command_line_text (const char *const *words)
{
  GString *text = g_string_new (command (words));

  for (; *words != NULL; words++)
    {
      g_autofree char *quoted = is_plain (*words) ? g_strdup (*words) : g_shell_quote (*words);

      g_string_append_printf (text, " %s", quoted);
    }
  return g_string_free (text, FALSE);
}
