/* machine-form.c - see machine-form.h. */
#include "config.h"

#include "gui/machine-form.h"

#include "arch/x86/features.h"
#include "gui/start.h"

#include <glib/gi18n.h>

static gboolean
given (const char *text)
{
  return text != NULL && text[0] != '\0';
}

static void
add (GPtrArray *words, const char *option, const char *value)
{
  g_ptr_array_add (words, g_strdup (option));
  if (value != NULL)
    g_ptr_array_add (words, g_strdup (value));
}

static void
add_given (GPtrArray *words, const char *option, const char *value)
{
  if (given (value))
    add (words, option, value);
}

static void
add_number (GPtrArray *words, const char *option, guint value, guint without)
{
  g_autofree char *text = g_strdup_printf ("%u", value);

  if (value != without)
    add (words, option, text);
}

static void
add_boot (GPtrArray *words, const AsternMachineForm *form)
{
  if (form->firmware)
    {
      add_given (words, "-bios", form->bios);
      return;
    }
  add_given (words, "-kernel", form->kernel);
  add_given (words, "-initrd", form->initrd);
  add_given (words, "-append", form->append);
}

static void
add_devices (GPtrArray *words, const AsternMachineForm *form)
{
  add_given (words, "-hda", form->disk);
  add_given (words, "-cdrom", form->cdrom);
  add_given (words, "-nic", form->network);
  add_given (words, "-vga", form->vga);
}

/* A window gives a machine one port, which is a console, unless it is told otherwise. */
static void
add_serials (GPtrArray *words, const AsternMachineForm *form)
{
  guint n = ASTERN_MAX_SERIALS;

  while (n > 0 && !given (form->serials[n - 1]))
    n--;
  if (n == 1 && g_str_equal (form->serials[0], "vc"))
    return;
  if (n == 0)
    add (words, "-serial", "none");
  for (guint i = 0; i < n; i++)
    add (words, "-serial", given (form->serials[i]) ? form->serials[i] : "none");
}

static gboolean
add_extra (GPtrArray *words, const char *extra, GError **error)
{
  g_auto (GStrv) more = NULL;

  if (extra == NULL || extra[strspn (extra, " \t\n")] == '\0')
    return TRUE;
  if (!g_shell_parse_argv (extra, NULL, &more, NULL))
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
                   _("A quote in the further options is not closed; write them as for a shell."));
      return FALSE;
    }
  for (char **word = more; *word != NULL; word++)
    add (words, *word, NULL);
  return TRUE;
}

char **
astern_machine_form_words (const AsternMachineForm *form, GError **error)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *base = given (form->rtc) ? g_strdup_printf ("base=%s", form->rtc) : NULL;

  add_given (words, "-name", form->name);
  add_given (words, "-cpu", form->cpu);
  add_number (words, "-smp", form->n_cpus, 1);
  add_number (words, "-m", form->memory_mib, 128);
  if (given (form->engine) && !g_str_equal (form->engine, "translate"))
    add (words, "-accel", form->engine);
  add_boot (words, form);
  add_devices (words, form);
  add_serials (words, form);
  add_given (words, "-record", form->record);
  add_given (words, "-history", form->history);
  add_given (words, "-gdb", form->gdb);
  if (form->start_stopped)
    add (words, "-S", NULL);
  add_given (words, "-seed", form->seed);
  add_given (words, "-rtc", base);
  if (!add_extra (words, form->extra, error))
    {
      g_ptr_array_unref (words);
      return NULL;
    }
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_free (words, FALSE);
}

gboolean
astern_machine_form_check (const char *const *words, GError **error)
{
  g_auto (AsternStart) start = { .options = NULL };
  X86Features features;

  if (!astern_start_options (&start, words, error))
    return FALSE;
  if (start.options->record != NULL && start.options->accel != ASTERN_ACCEL_TRANSLATE)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
                   _("-record needs the engine “translate”: what KVM runs cannot be replayed."));
      return FALSE;
    }
  return start.options->cpu == NULL || x86_features_parse (&features, start.options->cpu, start.options->n_cpus, error);
}
