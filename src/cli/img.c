/* img.c - `astern img`: making disk images, looking into them, changing them.  The words are those of qemu-img. */
#include "config.h"

#include "cli/commands.h"
#include "cli/img.h"
#include "cli/json.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

typedef struct
{
  const char *name;
  const char *help;
  int       (*run) (const char *const *args);
} Command;

static const Command img_commands[] = {
  { "create",   N_("make an image, empty or based on another one"),              img_create },
  { "info",     N_("say what is known about an image"),                          img_info },
  { "check",    N_("look for errors in an image, and repair them"),              img_check },
  { "convert",  N_("copy an image into another format, or compress it"),         img_convert },
  { "commit",   N_("write what an image has into the one it is based on"),       img_commit },
  { "compare",  N_("tell whether the disks in two images are the same"),         img_compare },
  { "map",      N_("list which parts of the disk lie where"),                    img_map },
  { "rebase",   N_("base an image on another one"),                              img_rebase },
  { "resize",   N_("make the disk in an image larger or smaller"),               img_resize },
  { "snapshot", N_("list, take, apply or delete snapshots inside an image"),     img_snapshot },
};

static void
show_help (void)
{
  g_print (_("Usage: astern img COMMAND [OPTION…] FILE…\n\n"));
  for (gsize i = 0; i < G_N_ELEMENTS (img_commands); i++)
    g_print ("  %-10s%s\n", img_commands[i].name, _(img_commands[i].help));
  g_print (_("\n“astern img COMMAND --help” lists the options of a command.\n"));
}

int
astern_command_img (const char *const *args)
{
  g_autofree char *message = NULL;

  if (args[0] == NULL || g_str_equal (args[0], "--help") || g_str_equal (args[0], "-h") || g_str_equal (args[0], "help"))
    {
      show_help ();
      return args[0] == NULL ? ASTERN_EXIT_USAGE : ASTERN_EXIT_OK;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (img_commands); i++)
    if (g_str_equal (img_commands[i].name, args[0]))
      return img_commands[i].run (args + 1);
  message = g_strdup_printf (_("There is no “img %s”; “astern img help” lists what there is."), args[0]);
  astern_complain (message);
  return ASTERN_EXIT_USAGE;
}

int
img_fail (GError *error, int status)
{
  astern_complain (error->message);
  return status;
}

static char *
program_name (const ImgCommand *command)
{
  return g_strdup_printf ("astern img %s", command->name);
}

char **
img_parse (const ImgCommand *command, const char *const *args, int *status)
{
  g_autoptr (GOptionContext) context = g_option_context_new (command->arguments);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_autofree char *name = program_name (command);
  g_auto (GStrv) all = NULL;
  g_autoptr (GError) error = NULL;
  gboolean help = FALSE;
  guint n;

  *status = IMG_FAILED;
  g_strv_builder_add (words, name);
  for (; *args != NULL; args++)
    {
      help |= g_str_equal (*args, "--help") || g_str_equal (*args, "-h");
      g_strv_builder_add (words, *args);
    }
  all = g_strv_builder_end (words);
  g_option_context_add_main_entries (context, command->entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, command->summary);
  g_option_context_set_help_enabled (context, FALSE);
  g_set_prgname (name);
  if (help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);

      g_print ("%s", text);
      *status = IMG_OK;
      g_set_prgname ("astern");
      return NULL;
    }
  g_option_context_parse_strv (context, &all, &error);
  g_set_prgname ("astern");
  n = error == NULL ? g_strv_length (all) - 1 : 0;
  if (error == NULL && n >= command->min && n <= command->max)
    return g_strdupv (all + 1);
  {
    g_autofree char *message = error != NULL
      ? g_strdup_printf (_("%s.  “%s --help” lists the options."), error->message, name)
      : g_strdup_printf (_("Usage: %s [OPTION…] %s"), name, command->arguments);

    astern_complain (message);
  }
  return NULL;
}

gboolean
img_is_json (const char *output, gboolean *json, GError **error)
{
  *json = g_strcmp0 (output, "json") == 0;
  if (output == NULL || *json || g_str_equal (output, "human"))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The output is “human” or “json”, not “%s”."), output);
  return FALSE;
}

void
img_print_json (GVariant *value)
{
  g_autoptr (GString) text = g_string_new (NULL);

  astern_json_append (text, value, 0);
  g_print ("%s\n", text->str);
}

char *
img_size (guint64 bytes)
{
  static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
  guint unit = 0;
  double value = (double) bytes;

  while (value >= 999.5 && unit + 1 < G_N_ELEMENTS (units))
    {
      value /= 1024;
      unit++;
    }
  return g_strdup_printf ("%0.3g %s", value, units[unit]);
}

gboolean
img_parse_size (const char *text, guint64 *size, GError **error)
{
  static const char units[] = "bkmgtpe";
  char *end = NULL;
  double number = g_ascii_isdigit (text[0]) ? g_ascii_strtod (text, &end) : -1;
  guint64 whole = number >= 0 ? g_ascii_strtoull (text, NULL, 10) : 0;
  const char *unit = end != NULL && *end != '\0' ? strchr (units, g_ascii_tolower (*end)) : units;
  guint shift = unit != NULL ? 10 * (guint) (unit - units) : 0;

  if (number < 0 || unit == NULL || (end != NULL && *end != '\0' && end[1] != '\0') || ldexp (number, (int) shift) > 9.2e18)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("“%s” is not a size; write a number with k, M, G, T, P or E, as in “20G”."), text);
      return FALSE;
    }
  /* Exact without a fraction. */
  *size = number == floor (number) && (double) whole == number ? whole << shift : (guint64) ldexp (number, (int) shift);
  return TRUE;
}

void
img_progress (gboolean wanted, guint64 done, guint64 total)
{
  if (wanted)
    g_print ("    (%.2f/100%%)\r", total > 0 ? 100.0 * (double) done / (double) total : 100.0);
  if (wanted && done >= total)
    g_print ("\n");
}

static gboolean
parse_switch (const char *key, const char *value, gboolean *result, GError **error)
{
  *result = g_str_equal (value, "on") || g_str_equal (value, "yes") || g_str_equal (value, "true");
  if (*result || g_str_equal (value, "off") || g_str_equal (value, "no") || g_str_equal (value, "false"))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“%s” is on or off, not “%s”."), key, value);
  return FALSE;
}

static gboolean
parse_choice (const char *key, const char *value, const char *const *choices, guint *result, GError **error)
{
  g_autofree char *list = g_strjoinv (", ", (char **) choices);

  for (*result = 0; choices[*result] != NULL; ++*result)
    if (g_str_equal (choices[*result], value))
      return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“%s” is one of %s, not “%s”."), key, list, value);
  return FALSE;
}

static gboolean
take_option (const char *key, const char *value, AsternDiskFileOptions *options, GHashTable *strings, GError **error)
{
  static const char *const versions[] = { "0.10", "v2", "1.1", "v3", NULL }, *const compressions[] = { "zlib", "zstd", NULL };
  static const char *const preallocations[] = { "off", "metadata", "falloc", "full", NULL };
  guint choice;
  guint64 number = 0;

  if (g_str_equal (key, "size"))
    return img_parse_size (value, &options->size, error);
  if (g_str_equal (key, "cluster_size"))
    return img_parse_size (value, &options->cluster_size, error);
  if (g_str_equal (key, "lazy_refcounts"))
    return parse_switch (key, value, &options->lazy_refcounts, error);
  if (g_str_equal (key, "backing_file") || g_str_equal (key, "backing_fmt"))
    {
      g_hash_table_replace (strings, g_strdup (key), g_strdup (value));
      return TRUE;
    }
  if (g_str_equal (key, "compat"))
    {
      if (!parse_choice (key, value, versions, &choice, error))
        return FALSE;
      options->version = choice < 2 ? 2 : 3;
      return TRUE;
    }
  if (g_str_equal (key, "compression_type"))
    {
      if (!parse_choice (key, value, compressions, &choice, error))
        return FALSE;
      options->zstd = choice == 1;
      return TRUE;
    }
  if (g_str_equal (key, "preallocation"))
    {
      if (!parse_choice (key, value, preallocations, &choice, error))
        return FALSE;
      options->preallocate = choice;
      return TRUE;
    }
  if (g_str_equal (key, "refcount_bits"))
    {
      if (!img_parse_size (value, &number, error))
        return FALSE;
      options->refcount_bits = (guint) MIN (number, 65);
      return TRUE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               _("There is no option “%s”; there are size, backing_file, backing_fmt, cluster_size, compat, refcount_bits, "
                 "lazy_refcounts, compression_type and preallocation."), key);
  return FALSE;
}

static gboolean
take_list (const char *list, AsternDiskFileOptions *options, GHashTable *strings, GError **error)
{
  while (*list != '\0')
    {
      g_autoptr (GString) item = g_string_new (NULL);
      char *equals;

      for (; *list != '\0' && (*list != ',' || list[1] == ','); list++)
        {
          list += *list == ',';
          g_string_append_c (item, *list);
        }
      list += *list == ',';
      equals = strchr (item->str, '=');
      if (equals != NULL)
        *equals = '\0';
      if (!take_option (item->str, equals != NULL ? equals + 1 : "on", options, strings, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
img_parse_options (char **lists, AsternDiskFileOptions *options, GHashTable *strings, GError **error)
{
  for (; lists != NULL && *lists != NULL; lists++)
    if (!take_list (*lists, options, strings, error))
      return FALSE;
  return TRUE;
}
