/* option-gdb.c - -gdb and -s: where gdb finds the machine, and what it is told.
 * Source: QEMU's manual, "GDB usage".
 *
 * Whoever can connect owns the machine; so without an address a port listens to this host alone. */
#include "config.h"

#include "launch/option-parsers.h"

#include <string.h>

#include "launch/suboptions.h"

#include <glib/gi18n.h>

#define LOOPBACK "127.0.0.1"

static gboolean
fail (GError **error, const char *name, const char *message)
{
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, "%s: %s", name, message);
  return FALSE;
}

static gboolean
set_arch (AsternGdbOptions *gdb, const char *name, const char *value, GError **error)
{
  static const char *const names[] = {
#define X(id, text) [ASTERN_GDB_ARCH_##id] = text,
    ASTERN_GDB_ARCHS (X)
#undef X
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i], value))
      {
        gdb->arch = i;
        return TRUE;
      }
  return fail (error, name, _("“arch” is one of auto, x86-64, i386 and i8086."));
}

static gboolean
set_linear_pc (AsternGdbOptions *gdb, const char *name, const char *value, GError **error)
{
  AsternSuboption item = { (char *) "linear-pc", (char *) value };

  return astern_suboption_switch (&item, name, &gdb->linear_pc, error);
}

/* Takes what is the stub's out of the list; the rest is the place. */
static gboolean
take_stub_options (AsternGdbOptions *gdb, const char *name, const char *argument, GString *place, GError **error)
{
  g_auto (GStrv) words = g_strsplit (argument, ",", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (i > 0 && g_str_has_prefix (words[i], "arch="))
        {
          if (!set_arch (gdb, name, words[i] + strlen ("arch="), error))
            return FALSE;
        }
      else if (i > 0 && g_str_has_prefix (words[i], "linear-pc="))
        {
          if (!set_linear_pc (gdb, name, words[i] + strlen ("linear-pc="), error))
            return FALSE;
        }
      else
        g_string_append_printf (place, "%s%s", i > 0 ? "," : "", words[i]);
    }
  return TRUE;
}

static gboolean
parse_place (const char *name, const char *place, AsternChardevSpec *spec, GError **error)
{
  g_autoptr (GError) failed = NULL;
  gboolean usable;

  astern_chardev_spec_clear (spec);
  if (!astern_chardev_spec_parse (place, spec, &failed))
    return fail (error, name, failed->message);
  usable = !spec->monitor && spec->kind != ASTERN_CHARDEV_FILE;
  if (!usable)
    return fail (error, name, _("gdb can be at tcp:ADDRESS:PORT, tcp::PORT, unix:PATH, pty or stdio."));
  if (spec->kind != ASTERN_CHARDEV_SOCKET)
    return TRUE;
  spec->server = spec->nowait = TRUE;
  if (!spec->is_unix && spec->host[0] == '\0')
    {
      g_free (spec->host);
      spec->host = g_strdup (LOOPBACK);
    }
  return TRUE;
}

gboolean
astern_option_gdb (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GString) place = g_string_new (NULL);

  if (!take_stub_options (&options->gdb_options, name, argument, place, error) ||
      !parse_place (name, place->str, &options->gdb, error))
    return FALSE;
  options->gdb_given = options->gdb.kind != ASTERN_CHARDEV_NULL;
  return TRUE;
}

/* -s: QEMU's short form. */
gboolean
astern_option_gdb_default (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  return astern_option_gdb (options, name, "tcp::1234", error);
}
