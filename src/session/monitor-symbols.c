/* monitor-symbols.c - names of addresses: which there are, and more of them. */
#include "config.h"

#include "session/monitor-private.h"

#include "host/file.h"
#include "launch/symbols-elf.h"
#include "launch/symbols-kallsyms.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)
#define MOST_FILE_BYTES ((gsize) 2 << 30)

COMMAND (info_symbols)
{
  AsternSymbols *symbols = monitor->session->launch->symbols;

  for (guint i = 0; i < astern_symbols_sources (symbols); i++)
    {
      const char *source;
      guint64 slide;
      guint n;

      astern_symbols_source (symbols, i, &source, &slide, &n);
      g_string_append_printf (answer, ngettext ("  %s: %u symbol", "  %s: %u symbols", n), source, n);
      if (slide != 0)
        g_string_append_printf (answer, _(", moved by 0x%" PRIx64), slide);
      g_string_append_c (answer, '\n');
    }
  if (astern_symbols_sources (symbols) == 0)
    g_string_append (answer, _("There are no symbols; “symbols FILE” reads those of an ELF file.\n"));
  return TRUE;
}

static void
say_how_many (AsternMonitor *monitor, guint before, const char *source, GString *answer)
{
  guint n = astern_symbols_count (monitor->session->launch->symbols) - before;

  g_string_append_printf (answer, ngettext ("%u symbol from %s\n", "%u symbols from %s\n", n), n, source);
}

/* "FILE" or "FILE@BASE". */
COMMAND (symbols_of_file)
{
  AsternSymbols *symbols = monitor->session->launch->symbols;
  const char *rest = argument;
  g_autofree char *path = astern_monitor_word (&rest);
  char *at = strrchr (path, '@');
  g_autoptr (GBytes) file = NULL;
  guint64 base;
  guint before;

  if (rest[0] != '\0')
    return astern_monitor_fail (error, _("One file at a time; a name with spaces goes into quotes."));
  if (at != NULL && !g_file_test (path, G_FILE_TEST_EXISTS))
    {
      *at = '\0';
      if (!astern_monitor_evaluate (monitor, at + 1, &base, error))
        return FALSE;
    }
  else
    at = NULL;
  file = astern_file_read (path, _("symbols"), MOST_FILE_BYTES, error);
  if (file == NULL)
    return FALSE;
  astern_symbols_drop (symbols, path);     /* read again */
  before = astern_symbols_count (symbols);
  if (!astern_symbols_load_elf (symbols, file, path, at != NULL ? &base : NULL, error))
    return FALSE;
  astern_debug_info_add_elf (monitor->session->launch->debug_info, file, path, at != NULL ? &base : NULL);
  say_how_many (monitor, before, path, answer);
  return TRUE;
}

COMMAND (kallsyms)
{
  AsternSymbols *symbols = monitor->session->launch->symbols;
  guint before;

  astern_monitor_cpu (monitor);
  astern_symbols_drop (symbols, "kallsyms");
  before = astern_symbols_count (symbols);
  if (!astern_symbols_find_kallsyms (monitor->machine, symbols, error))
    return FALSE;
  astern_debug_info_follow_symbols (monitor->session->launch->debug_info, symbols);
  say_how_many (monitor, before, "kallsyms", answer);
  return TRUE;
}

const AsternMonitorCommand astern_monitor_symbol_commands[] = {
  { "symbols",      NULL, N_("FILE[@BASE]"), N_("read the symbols of an ELF file, whose first segment is at BASE"), ASTERN_COMPLETES_FILE, symbols_of_file },
  { "kallsyms",     NULL, NULL,              N_("find the symbols of the Linux kernel that runs, wherever it lies"), ASTERN_COMPLETES_NOTHING, kallsyms },
  { "info symbols", NULL, NULL,              N_("where names come from"), ASTERN_COMPLETES_NOTHING, info_symbols },
  { .words = NULL },
};
