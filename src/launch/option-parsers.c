/* option-parsers.c - what the arguments of single options mean.
 * Source: QEMU's manual, "Invocation".
 * Left out: what names devices that are not there yet; each
 * such value is an error that says so. */
#include "config.h"

#include "launch/option-parsers.h"

#include <errno.h>
#include <string.h>

#include "core/events.h"
#include "core/machine.h"
#include "core/moment.h"
#include "launch/suboptions.h"

#include <glib/gi18n.h>

#define MIB (G_GUINT64_CONSTANT (1) << 20)
#define MAX_MEMORY_BYTES (G_GUINT64_CONSTANT (1) << 40)
#define MIN_HISTORY_BYTES (16 * MIB)
#define MIN_DISK_CACHE_BYTES MIB

/* ---- lists of key=value: a row a key ---- */

typedef struct
{
  const char *key;
  gboolean  (*set) (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error);
} Key;

static char *
known_keys (const Key *keys)
{
  GString *text = g_string_new (NULL);

  for (; keys->key != NULL; keys++)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", keys->key);
  return g_string_free (text, FALSE);
}

static gboolean
set_key (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, const Key *keys, GError **error)
{
  g_autofree char *known = known_keys (keys);

  for (const Key *key = keys; key->key != NULL; key++)
    if (g_str_equal (key->key, item->key))
      return key->set (options, option, item, error);
  astern_suboption_unknown (item, option, known, error);
  return FALSE;
}

static gboolean
set_keys (AsternLaunchOptions *options, const char *option, const char *argument, const char *implied_key,
          const Key *keys, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, implied_key);

  if (items->len == 0)
    return astern_launch_usage (error, _("%s needs a value."), option);
  for (guint i = 0; i < items->len; i++)
    if (!set_key (options, option, &g_array_index (items, AsternSuboption, i), keys, error))
      return FALSE;
  return TRUE;
}

/* ---- -machine, -accel ---- */

static gboolean
set_accel (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  static const struct { const char *name; AsternAccel accel; } accels[] = {
    { "translate", ASTERN_ACCEL_TRANSLATE }, { "tcg", ASTERN_ACCEL_TRANSLATE }, { "kvm", ASTERN_ACCEL_KVM },
    { "kvm:translate", ASTERN_ACCEL_KVM_OR_TRANSLATE }, { "kvm:tcg", ASTERN_ACCEL_KVM_OR_TRANSLATE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    if (g_str_equal (item->value, accels[i].name))
      {
        options->accel = accels[i].accel;
        return TRUE;
      }
  if (g_str_equal (item->value, "direct"))
    return astern_launch_unavailable (error, _("%s: the engine “%s” is not there yet; use “translate”."), option, item->value);
  return astern_launch_usage (error, _("%s: “%s” is not an engine; there are “translate” and “kvm”."), option, item->value);
}

static gboolean
set_tier (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  static const char *const tiers[] = { "auto", "interp", "one", NULL };

  if (!g_strv_contains (tiers, item->value))
    return astern_launch_usage (error, _("%s: “%s” is not a tier; there are auto, interp and one."), option, item->value);
  g_free (options->tier);
  options->tier = g_strdup (item->value);
  return TRUE;
}

/* -accel tcg,thread=single is what we do; QEMU's other settings of tcg mean nothing here. */
static gboolean
set_thread (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  if (g_str_equal (item->value, "single"))
    return TRUE;
  return astern_launch_unavailable (error, _("%s: “thread=%s” is not there; the CPUs take turns on one thread (thread=single)."),
                                    option, item->value);
}

static gboolean
set_kernel_irqchip (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  gboolean on;

  if (g_str_equal (item->value, "split"))
    {
      options->kernel_irqchip = ASTERN_KVM_IRQCHIP_SPLIT;
      return TRUE;
    }
  if (!g_str_equal (item->value, "on") && !g_str_equal (item->value, "off"))
    return astern_launch_usage (error, _("%s: “%s=%s” says nobody's interrupt controllers; there are on, off and split."),
                                option, item->key, item->value);
  if (!astern_suboption_switch (item, option, &on, error))
    return FALSE;
  options->kernel_irqchip = on ? ASTERN_KVM_IRQCHIP_ON : ASTERN_KVM_IRQCHIP_OFF;
  return TRUE;
}

gboolean
astern_option_accel (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  static const Key keys[] = {
    { "accel", set_accel }, { "tier", set_tier }, { "thread", set_thread }, { "kernel_irqchip", set_kernel_irqchip },
    { "kernel-irqchip", set_kernel_irqchip }, { NULL, NULL },
  };

  return set_keys (options, name, argument, "accel", keys, error);
}

static gboolean
set_machine_type (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  options->q35 = g_str_equal (item->value, "q35") || g_str_has_prefix (item->value, "pc-q35");
  if (options->q35 || g_str_equal (item->value, "pc") || g_str_has_prefix (item->value, "pc-i440fx"))
    return TRUE;
  if (g_str_equal (item->value, "microvm") || g_str_equal (item->value, "isapc"))
    return astern_launch_unavailable (error, _("%s: the board “%s” is not there yet; use “pc” or “q35”."), option, item->value);
  return astern_launch_usage (error, _("%s: “%s” is not a board; use “pc” or “q35”."), option, item->value);
}

static gboolean
set_smm (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  options->smm = TRUE;
  return g_str_equal (item->value, "auto") || astern_suboption_switch (item, option, &options->smm, error);
}

static gboolean
set_hpet (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  return astern_suboption_switch (item, option, &options->hpet, error);
}

static gboolean
set_acpi (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  return astern_suboption_switch (item, option, &options->acpi, error);
}

/* What stands for a -device. */
static gboolean
set_vmport (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  gboolean on = FALSE;

  if (g_str_equal (item->value, "auto"))
    return TRUE;
  return astern_suboption_switch (item, option, &on, error) && (!on || astern_option_device (options, "-device", "vmport", error));
}

static gboolean
set_pcspk (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  g_free (options->pcspk_audiodev);
  options->pcspk_audiodev = g_strdup (item->value);
  return TRUE;
}

static gboolean
set_usb (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  gboolean on = FALSE;

  return astern_suboption_switch (item, option, &on, error) && (!on || astern_option_usb (options, "-usb", NULL, error));
}

/* The id of a -drive that is flash memory. */
static gboolean
set_flash (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  guint unit = g_str_equal (item->key, "pflash0") ? 0 : 1;
  g_autofree char *kept = g_strdup_printf ("%s=%s", item->key, item->value);

  g_free (options->flash[unit]);
  options->flash[unit] = g_strdup (item->value);
  astern_option_keep (options, "-machine", kept);
  return TRUE;
}

/* -machine graphics=off is said by -vga here. */
static gboolean
set_graphics (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  gboolean on;

  if (!astern_suboption_switch (item, option, &on, error))
    return FALSE;
  return on || astern_option_vga (options, option, "none", error);
}

/* What only tunes the host's side. */
static gboolean
accept_key (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  return TRUE;
}

gboolean
astern_option_machine (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  static const Key keys[] = {
    { "type", set_machine_type }, { "accel", set_accel }, { "hpet", set_hpet }, { "acpi", set_acpi }, { "smm", set_smm }, { "vmport", set_vmport },
    { "usb", set_usb }, { "pflash0", set_flash }, { "pflash1", set_flash }, { "graphics", set_graphics },
    { "dump-guest-core", accept_key }, { "mem-merge", accept_key }, { "kernel-irqchip", set_kernel_irqchip },
    { "kernel_irqchip", set_kernel_irqchip },
    { "suppress-vmdesc", accept_key },
    { "pcspk-audiodev", set_pcspk },
    { NULL, NULL },
  };

  return set_keys (options, name, argument, "type", keys, error);
}

/* ---- -smp ---- */

gboolean
astern_option_smp (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  static const char *const names[] = { "cpus", "sockets", "cores", "threads", "dies", "maxcpus" };
  guint64 given[G_N_ELEMENTS (names)] = { 0 };
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "cpus");
  guint64 product = 1;

  for (guint i = 0; i < items->len; i++)
    {
      const AsternSuboption *item = &g_array_index (items, AsternSuboption, i);
      guint at = 0;

      while (at < G_N_ELEMENTS (names) && !g_str_equal (names[at], item->key))
        at++;
      if (at == G_N_ELEMENTS (names))
        {
          astern_suboption_unknown (item, name, "cpus, sockets, dies, cores, threads, maxcpus", error);
          return FALSE;
        }
      if (!astern_suboption_number (item, name, 1, ASTERN_MAX_CPUS, &given[at], error))
        return FALSE;
    }
  for (guint at = 1; at <= 4; at++)
    product *= MAX (given[at], 1);
  if (given[0] == 0)
    given[0] = product;
  if ((product > 1 && product != given[0]) || (given[5] != 0 && given[5] != given[0]) || given[0] > ASTERN_MAX_CPUS)
    return astern_launch_usage (error, _("%s: “%s” does not fit together: sockets × dies × cores × threads must be the number of "
                                "CPUs, which is 1 to %d and cannot grow."), name, argument, ASTERN_MAX_CPUS);
  options->n_cpus = (guint) given[0];
  return TRUE;
}

/* ---- -m ---- */

static gboolean
set_memory_size (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  guint64 bytes;

  if (!astern_parse_size (item->value, option, MIB, &bytes, error))
    return FALSE;
  bytes = (bytes + MIB - 1) & ~(MIB - 1);
  if (bytes == 0)
    return astern_launch_usage (error, _("%s: a machine needs at least 1 MiB of memory."), option);
  if (bytes > MAX_MEMORY_BYTES)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_MEMORY,
                   _("%s: “%s” is more memory than a board takes, which is 1 TiB."), option, item->value);
      return FALSE;
    }
  options->memory_bytes = bytes;
  return TRUE;
}

gboolean
astern_option_memory (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  static const Key keys[] = { { "size", set_memory_size }, { NULL, NULL } };

  return set_keys (options, name, argument, "size", keys, error);
}

/* ---- characters ---- */

static gboolean
parse_place (const char *name, const char *argument, AsternChardevSpec *spec, GError **error)
{
  GError *failed = NULL;

  if (astern_chardev_spec_parse (argument, spec, &failed))
    return TRUE;
  astern_launch_usage (error, "%s: %s", name, failed->message);
  g_error_free (failed);
  return FALSE;
}

gboolean
astern_option_serial (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  if (options->n_serials == ASTERN_MAX_SERIALS)
    return astern_launch_usage (error, _("%s: the board has %d serial ports."), name, ASTERN_MAX_SERIALS);
  if (!parse_place (name, argument, &options->serials[options->n_serials], error))
    return FALSE;
  options->n_serials++;
  options->serial_given = TRUE;
  return TRUE;
}

gboolean
astern_option_monitor (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  astern_chardev_spec_clear (&options->monitor);
  options->monitor_given = TRUE;
  return parse_place (name, argument, &options->monitor, error);
}

gboolean
astern_option_debugcon (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  astern_chardev_spec_clear (&options->debugcon);
  options->debugcon_given = TRUE;
  return parse_place (name, argument, &options->debugcon, error);
}

/* ---- display ---- */

gboolean
astern_option_display (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  gboolean window = g_str_has_prefix (argument, "gtk") || g_str_has_prefix (argument, "sdl") || g_str_equal (argument, "default");

  if (window && options->window)
    return TRUE;
  if (window)
    return astern_launch_unavailable (error, _("%s: for a window, start with “astern gui” in place of “astern run”; “-display none” is without one."), name);
  if (g_str_has_prefix (argument, "vnc="))
    {
      options->display_given = TRUE;
      return astern_option_vnc (options, name, argument + strlen ("vnc="), error);
    }
  if (!g_str_equal (argument, "none"))
    return astern_launch_unavailable (error, _("%s: the display “%s” is not there; use “-display none” or “-vnc :N”, and -screendump FILE for a "
                                      "picture of the screen."), name, argument);
  options->display_given = TRUE;
  return TRUE;
}

gboolean
astern_option_vga (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GString) known = NULL;

  options->vga = astern_vga_card_find (argument);
  options->vga_given = TRUE;
  if (options->vga != NULL || g_str_equal (argument, "none"))
    return TRUE;
  known = g_string_new (NULL);
  for (const AsternVgaCard *card = astern_vga_cards; card->name != NULL; card++)
    g_string_append_printf (known, "%s, ", card->name);
  g_string_append (known, "none");
  return astern_launch_unavailable (error, _("%s: the card “%s” is not there; there are %s."), name, argument, known->str);
}

/* ---- devices ---- */

static void
clear_fw_cfg (AsternFwCfgItem *item)
{
  g_free (item->name);
  g_free (item->file);
  g_free (item->string);
}

gboolean
astern_option_fw_cfg (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, "name");
  AsternFwCfgItem entry = { NULL, NULL, NULL };

  for (guint i = 0; i < items->len; i++)
    {
      const AsternSuboption *item = &g_array_index (items, AsternSuboption, i);
      char **slot = g_str_equal (item->key, "name") ? &entry.name
                    : g_str_equal (item->key, "file") ? &entry.file
                    : g_str_equal (item->key, "string") ? &entry.string : NULL;

      if (slot == NULL)
        {
          astern_suboption_unknown (item, name, "name, file, string", error);
          clear_fw_cfg (&entry);
          return FALSE;
        }
      g_free (*slot);
      *slot = g_strdup (item->value);
    }
  if (entry.name == NULL || entry.name[0] == '\0' || strlen (entry.name) > 55 ||
      (entry.file == NULL) == (entry.string == NULL))
    {
      clear_fw_cfg (&entry);
      return astern_launch_usage (error, _("%s needs a name of at most 55 bytes and one of file and string, as in "
                                  "“name=opt/org.example/key,string=value”."), name);
    }
  g_array_append_val (options->fw_cfg, entry);
  return TRUE;
}

/* What stands behind the last @ is a base if it is a number; else it belongs to the file's name. */
gboolean
astern_option_symbols (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  const char *at = strrchr (argument, '@');
  AsternSymbolsItem item = { NULL, FALSE, 0 };
  char *end = NULL;

  if (at != NULL && g_ascii_isdigit (at[1]))
    {
      errno = 0;
      item.base = g_ascii_strtoull (at + 1, &end, 0);
      item.has_base = *end == '\0';
      if (item.has_base && errno != 0)
        return astern_launch_usage (error, _("%s: “%s” is not an address of 64 bits."), name, at + 1);
    }
  item.file = item.has_base ? g_strndup (argument, (gsize) (at - argument)) : g_strdup (argument);
  if (*item.file == '\0')
    {
      g_free (item.file);
      return astern_launch_usage (error, _("%s needs the name of a file, as in “vmlinux” or “program@0x400000”."), name);
    }
  g_array_append_val (options->symbols, item);
  return TRUE;
}

/* ---- time, randomness, engine ---- */

static gboolean
set_rtc_base (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) date = NULL;
  g_autofree char *midnight = NULL;

  if (g_str_equal (item->value, "utc"))
    options->rtc_base = ASTERN_RTC_UTC;
  else if (g_str_equal (item->value, "localtime"))
    options->rtc_base = ASTERN_RTC_LOCALTIME;
  else
    {
      if (strchr (item->value, 'T') == NULL)
        midnight = g_strconcat (item->value, "T00:00:00", NULL);
      date = g_date_time_new_from_iso8601 (midnight != NULL ? midnight : item->value, utc);
      if (date == NULL || g_date_time_to_unix (date) < 0)
        return astern_launch_usage (error, _("%s: “%s” is not a time; use utc, localtime, or a date since 1970 as in "
                                    "“2026-01-01T00:00:00”."), option, item->value);
      options->rtc_base = ASTERN_RTC_DATE;
      options->rtc_date_s = (guint64) g_date_time_to_unix (date);
    }
  return TRUE;
}

static gboolean
set_rtc_clock (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  if (g_str_equal (item->value, "vm"))
    return TRUE;
  return astern_launch_unavailable (error, _("%s: “clock=%s” is not there; the guest's clock always runs in its own time (clock=vm)."),
                                    option, item->value);
}

static gboolean
set_rtc_driftfix (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  if (g_str_equal (item->value, "none"))
    return TRUE;
  return astern_launch_unavailable (error, _("%s: “driftfix=%s” is not there, and not needed: no tick is ever lost (driftfix=none)."),
                                    option, item->value);
}

gboolean
astern_option_rtc (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  static const Key keys[] = {
    { "base", set_rtc_base }, { "clock", set_rtc_clock }, { "driftfix", set_rtc_driftfix }, { NULL, NULL },
  };

  return set_keys (options, name, argument, NULL, keys, error);
}

gboolean
astern_option_seed (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  options->seed_given = TRUE;
  return astern_parse_number (argument, name, 0, G_MAXUINT64, &options->seed, error);
}

static gboolean
set_icount_sleep (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  return astern_suboption_switch (item, option, &options->idle_sleep, error);
}

static gboolean
set_icount_shift (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  if (g_str_equal (item->value, "0"))
    return TRUE;
  return astern_launch_unavailable (error, _("%s: “shift=%s” is not there; an instruction always takes 1 ns (shift=0)."), option,
                                    item->value);
}

static gboolean
set_icount_align (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  if (g_str_equal (item->value, "off"))
    return TRUE;
  return astern_launch_unavailable (error, _("%s: “align=%s” is not there; only idle time is paced (align=off)."), option, item->value);
}

static gboolean
set_icount_rr (AsternLaunchOptions *options, const char *option, const AsternSuboption *item, GError **error)
{
  return astern_launch_unavailable (error, _("%s: “%s” is not there yet; recording comes later, and -seed with -rtc base= makes two "
                                    "runs the same."), option, item->key);
}

gboolean
astern_option_icount (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  static const Key keys[] = {
    { "shift", set_icount_shift }, { "sleep", set_icount_sleep }, { "align", set_icount_align },
    { "rr", set_icount_rr }, { "rrfile", set_icount_rr }, { "rrsnapshot", set_icount_rr }, { NULL, NULL },
  };

  return set_keys (options, name, argument, "shift", keys, error);
}

gboolean
astern_option_log (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  GError *failed = NULL;

  if (g_str_equal (argument, "help") || g_str_equal (argument, "?"))
    {
      options->log_help = TRUE;
      return TRUE;
    }
  if (astern_events_parse (argument, &options->log_mask, &failed))
    return TRUE;
  astern_launch_usage (error, "%s: %s", name, failed->message);
  g_error_free (failed);
  return FALSE;
}

gboolean
astern_option_record_events (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  GError *failed = NULL;

  if (astern_events_parse (argument, &options->record_events, &failed))
    return TRUE;
  astern_launch_usage (error, "%s: %s", name, failed->message);
  g_error_free (failed);
  return FALSE;
}

gboolean
astern_option_stop_at (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  AsternMoment moment;

  if (!astern_moment_parse (argument, &moment) || moment.step != 0)
    return astern_launch_usage (error, _("%s: “%s” is not a number of instructions."), name, argument);
  options->stop_at = moment.icount;
  return TRUE;
}

/* "2s", "1.5s", "300ms", "20us", "1000": ns of guest time. */
static gboolean
parse_time (const char *text, guint64 *ns)
{
  static const struct { const char *name; double ns; } units[] = { { "", 1 }, { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
  char *end;
  double number = g_ascii_strtod (text, &end);

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (end != text && g_str_equal (end, units[i].name) && number >= 0 && number * units[i].ns < 1e18)
      {
        *ns = (guint64) (number * units[i].ns);
        return TRUE;
      }
  return FALSE;
}

gboolean
astern_option_shift_at (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  if (argument[0] == '@' && !parse_time (argument + 1, &options->shift_ns))
    return astern_launch_usage (error, _("%s: “%s” is no time; write it as “@2s”, “@300ms” or “@20us” of guest time."), name, argument);
  if (argument[0] == '@')
    return TRUE;
  g_free (options->shift_at);
  options->shift_at = g_strdup (argument);
  return TRUE;
}

/* An amount, or “off”: 0. */
static gboolean
parse_most (const char *argument, const char *name, guint64 *bytes, GError **error)
{
  *bytes = 0;
  return g_str_equal (argument, "off") || astern_parse_size (argument, name, MIB, bytes, error);
}

gboolean
astern_option_history (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  if (!parse_most (argument, name, &options->history_bytes, error))
    return FALSE;
  if (options->history_bytes < MIN_HISTORY_BYTES && !g_str_equal (argument, "off"))
    return astern_launch_usage (error, _("%s: “%s” is too little to go back with; give 16M or more, or “off”."), name, argument);
  return TRUE;
}

gboolean
astern_option_disk_cache (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  if (!parse_most (argument, name, &options->disk_cache_bytes, error))
    return FALSE;
  if (options->disk_cache_bytes < MIN_DISK_CACHE_BYTES && !g_str_equal (argument, "off"))
    return astern_launch_usage (error, _("%s: “%s” is too little for what is written to disks; give 1M or more, or “off” for no limit."),
                                name, argument);
  return TRUE;
}
