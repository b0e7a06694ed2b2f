/* recorded.c - see recorded.h. */
#include "config.h"

#include "launch/recorded.h"

#include "hw/usb/usb.h"
#include "launch/hot-plug.h"
#include "launch/suboptions.h"
#include "trace/saved.h"

#include <string.h>

#include <glib/gi18n.h>

#define KEEP_EVERY_US (10 * G_USEC_PER_SEC)

/* ---- the machine as words ---- */

static void
add (GPtrArray *words, const char *option, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
add (GPtrArray *words, const char *option, const char *format, ...)
{
  va_list args;

  g_ptr_array_add (words, g_strdup (option));
  if (format == NULL)
    return;
  va_start (args, format);
  g_ptr_array_add (words, g_strdup_vprintf (format, args));
  va_end (args);
}

static void
add_start (AsternLaunch *launch, GPtrArray *words)
{
  AsternInputs *inputs = launch->machine->inputs;
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc ((gint64) astern_inputs_wall_clock_s (inputs));
  g_autofree char *text = g_date_time_format (date, "%Y-%m-%dT%H:%M:%S");

  add (words, "-rtc", "base=%s", text);
  add (words, "-seed", "%" G_GUINT64_FORMAT, astern_inputs_random_state (inputs)[0]);
}

static void
add_boot (AsternLaunch *launch, GPtrArray *words)
{
  const AsternLaunchOptions *options = launch->options;
  const AsternSources *sources = astern_launch_sources (launch);

  if (sources->kernel != NULL)
    add (words, "-kernel", "%s", sources->kernel_name);
  if (options->initrd != NULL)
    add (words, "-initrd", "%s", options->initrd);
  if (options->append != NULL)
    add (words, "-append", "%s", options->append);
  if (options->bios != NULL)
    add (words, "-bios", "%s", options->bios);
  for (guint i = 0; i < options->fw_cfg->len; i++)
    {
      const AsternFwCfgItem *item = &g_array_index (options->fw_cfg, AsternFwCfgItem, i);
      g_autofree char *name = astern_suboption_quoted (item->name);
      g_autofree char *value = astern_suboption_quoted (item->file != NULL ? item->file : item->string);

      add (words, "-fw_cfg", "name=%s,%s=%s", name, item->file != NULL ? "file" : "string", value);
    }
}

GPtrArray *
astern_launch_machine_arguments (AsternLaunch *launch)
{
  const AsternLaunchOptions *options = launch->options;
  g_autofree char *cpu = x86_features_format (astern_launch_features (launch));
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);

  add (words, "-machine", "%s,smm=%s,hpet=%s,acpi=%s", options->q35 ? "q35" : "pc", launch->smm ? "on" : "off", options->hpet ? "on" : "off", options->acpi ? "on" : "off");
  if (options->pcspk_audiodev != NULL)
    {
      g_autofree char *id = astern_suboption_quoted (options->pcspk_audiodev);

      add (words, "-machine", "pcspk-audiodev=%s", id);
    }
  add (words, "-cpu", "%s", cpu);
  add (words, "-smp", "%u", options->n_cpus);
  add (words, "-m", "%" G_GUINT64_FORMAT "M", options->memory_bytes >> 20);
  add (words, "-vga", "%s", options->vga != NULL ? options->vga->name : "none");
  if (options->name != NULL)
    add (words, "-name", "%s", options->name);
  if (options->debugcon_given)
    add (words, "-debugcon", "null");
  if (options->debug_exit)
    add (words, "-device", "isa-debug-exit,iobase=0x%x,iosize=%u", options->debug_exit_iobase, options->debug_exit_iosize);
  for (guint i = 0; i < options->device_words->len; i++)
    g_ptr_array_add (words, g_strdup (g_ptr_array_index (options->device_words, i)));
  if (options->snapshot)
    add (words, "-snapshot", NULL);
  if (options->no_reboot)
    add (words, "-no-reboot", NULL);
  if (options->no_shutdown)
    add (words, "-no-shutdown", NULL);
  add_boot (launch, words);
  add_start (launch, words);
  g_ptr_array_add (words, NULL);
  return words;
}

/* ---- recording ---- */

static void
add_source (gpointer user, const char *name, GBytes *bytes)
{
  AsternRecordingSource source = { g_intern_string (name), bytes };

  g_array_append_val ((GArray *) user, source);
}

void
astern_launch_start_begin (AsternLaunchStart *self, AsternLaunch *launch, const char *const *more)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *created = g_date_time_format_iso8601 (now);

  self->words = astern_launch_machine_arguments (launch);
  self->sources = g_array_new (FALSE, FALSE, sizeof (AsternRecordingSource));
  self->meta = g_ptr_array_new_with_free_func (g_free);
  add (self->meta, "program-version", "%s", PACKAGE_VERSION);
  add (self->meta, "created", "%s", created);
  add (self->meta, "serial-ports", "%u", launch->options->n_serials);
  for (; more != NULL && *more != NULL; more++)
    g_ptr_array_add (self->meta, g_strdup (*more));
  g_ptr_array_add (self->meta, NULL);
  astern_sources_each (astern_launch_sources (launch), add_source, self->sources);
  self->start = (AsternRecordingStart) { (const char *const *) self->words->pdata, (const char *const *) self->meta->pdata,
                                         (const AsternRecordingSource *) self->sources->data, self->sources->len };
}

void
astern_launch_start_clear (AsternLaunchStart *self)
{
  g_ptr_array_unref (self->words);
  g_ptr_array_unref (self->meta);
  g_array_unref (self->sources);
}

AsternRecorder *
astern_launch_record (AsternLaunch *launch, void (*failed) (gpointer user, const char *message), gpointer user, GError **error)
{
  const AsternLaunchOptions *options = launch->options;
  AsternRecorderOptions how = { .keep_every_us = KEEP_EVERY_US, .events = options->record_events, .failed = failed, .user = user };
  AsternRecorder *recorder;
  AsternLaunchStart start;

  astern_launch_start_begin (&start, launch, NULL);
  recorder = astern_recorder_new (launch->machine, options->record, &start.start, &how, error);
  astern_launch_start_clear (&start);
  return recorder;
}

/* ---- afterwards ---- */

/* What the journal has behind the head is a future that is not saved. */
static void
save_journal (AsternLaunch *launch, AsternWriter *writer, AsternMoment head, guint64 guest_ns)
{
  AsternInputs *inputs = launch->machine->inputs;
  AsternJournal *journal = astern_inputs_journal (inputs);
  AsternJournalPlace at = { 0, 0 };
  const AsternInputEvent *event;

  for (; (event = astern_journal_at (journal, &at)) != NULL && astern_moment_compare (event->moment, head) < 0; at.line++)
    astern_writer_input (writer, event->moment, guest_ns, astern_inputs_port_name (inputs, event->port), event->data);
}

typedef struct
{
  AsternWriter *writer;
  guint64       id;
} DiskSaving;

static void
save_disk_page (gpointer user, AsternDisk *disk, guint64 page, gconstpointer content)
{
  const DiskSaving *saving = user;

  astern_writer_disk_page (saving->writer, saving->id, page, content);
}

static gboolean
save_disks (AsternLaunch *launch, AsternWriter *writer, GError **error)
{
  const GPtrArray *disks = launch->machine->disks;

  for (guint i = 0; i < disks->len; i++)
    {
      AsternDisk *disk = g_ptr_array_index (disks, i);
      DiskSaving saving = { writer, i + 1 };

      astern_writer_disk (writer, saving.id, astern_disk_name (disk), astern_disk_size (disk), astern_disk_readonly (disk));
      if (!astern_disk_origins (disk, save_disk_page, &saving))
        {
          g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE, _("The image of the disk “%s” cannot be read any more."),
                       astern_disk_name (disk));
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
astern_launch_save (AsternLaunch *launch, const char *path, AsternMoment head, GError **error)
{
  AsternMachine *machine = launch->machine;
  gboolean at_head = astern_moment_compare (astern_clock_moment (&machine->clock), head) == 0;
  guint64 guest_ns = astern_clock_now_ns (&machine->clock);
  AsternWriter *writer;
  gboolean whole;
  AsternLaunchStart start;

  astern_launch_start_begin (&start, launch, NULL);
  writer = astern_writer_new (path, &start.start, &(AsternWriterFuncs) { .failed = NULL }, error);
  astern_launch_start_clear (&start);
  if (writer == NULL)
    return FALSE;
  whole = save_disks (launch, writer, error);
  save_journal (launch, writer, head, guest_ns);
  if (at_head)
    astern_writer_checkpoint (writer, head, guest_ns, TRUE, astern_recorder_hash (machine, TRUE));
  return astern_writer_finish (writer, head, guest_ns, at_head ? astern_launch_ending (&machine->stop) : "quit", whole ? error : NULL)
         && whole;
}

/* ---- replaying ---- */

/* What is the replay's own.  All others are the machine's. */
static const char *const outside[] = {
  "serial", "debugcon", "monitor", "audiodev", "nographic", "display", "vnc", "spice", "gdb", "s", "S", "stop-at", "state-hash", "screendump", "history",
  "symbols", "d", "D", "perf-map", "accel", "help", "h", NULL
};

static gboolean
check_outside (const char *const *args, GError **error)
{
  for (; *args != NULL; args++)
    {
      const char *name = *args + strspn (*args, "-");

      if (name == *args)   /* an argument of the option before */
        continue;
      if (!g_strv_contains (outside, name))
        {
          g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
                       _("“%s” is no option of a replay: the machine is in the recording. Give only what connects it with "
                         "the outside, as -serial, -monitor, -gdb, -S, -stop-at."), *args);
          return FALSE;
        }
      if (astern_launch_option_takes_argument (name) && args[1] != NULL)
        args++;
    }
  return TRUE;
}

gboolean
astern_launch_options_set_serials (AsternLaunchOptions *options, AsternRecording *recording, GError **error)
{
  const char *text = astern_recording_meta (recording, "serial-ports");
  guint64 n;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, ASTERN_MAX_SERIALS, &n, NULL))
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE,
                   _("The recording does not say how many serial ports the machine has; it is damaged."));
      return FALSE;
    }
  if (options->serial_given && options->n_serials > n)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
                   _("The recorded machine has %u serial ports; give no more -serial than that."), (guint) n);
      return FALSE;
    }
  for (guint i = (guint) n; i < options->n_serials; i++)
    {
      astern_chardev_spec_clear (&options->serials[i]);
      memset (&options->serials[i], 0, sizeof options->serials[i]);
    }
  for (guint i = options->n_serials; i < n; i++)
    options->serials[i].kind = ASTERN_CHARDEV_NULL;
  options->n_serials = (guint) n;
  return TRUE;
}

GBytes *
astern_launch_recorded_source (gpointer user, const char *name, GError **error)
{
  return astern_recording_source (user, name, error);
}

/* A disk out of the recording. */
typedef struct
{
  AsternRecording    *recording;
  AsternRecordingDisk disk;
} RecordedDisk;

static gboolean
read_recorded (gpointer user, guint64 offset, gpointer data, gsize size, GError **error)
{
  RecordedDisk *self = user;
  guint8 page[ASTERN_PAGE_SIZE], *to = data;

  while (size > 0)
    {
      gsize from = offset & ASTERN_PAGE_MASK, chunk = MIN (size, ASTERN_PAGE_SIZE - from);

      if (!astern_recording_disk_page (self->recording, &self->disk, offset >> ASTERN_PAGE_BITS, page, error))
        return FALSE;
      memcpy (to, page + from, chunk);
      to += chunk;
      offset += chunk;
      size -= chunk;
    }
  return TRUE;
}

static gboolean
recorded_disk (gpointer user, const char *id, guint number, AsternDiskImage *image, GError **error)
{
  g_autofree char *name = number == 1 ? g_strdup (id) : g_strdup_printf ("%s#%u", id, number);
  RecordedDisk self = { .recording = user };
  GError *failed = NULL;

  if (!astern_recording_disk (user, name, &self.disk, &failed))
    {
      if (failed == NULL)
        g_set_error (&failed, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE, _("The recording lacks the disk “%s”."), name);
      g_propagate_error (error, failed);
      return FALSE;
    }
  *image = (AsternDiskImage) { .size = self.disk.size, .readonly = self.disk.readonly, .read = read_recorded, .free = g_free,
                               .user = g_memdup2 (&self, sizeof self) };
  return TRUE;
}

/* Devices that came later are there from the start, absent; each once. */
static gboolean
add_later_device (gpointer user, AsternMoment moment, const char *port, GBytes *data, GError **error)
{
  GPtrArray *words = user;
  gsize size;
  const void *bytes = g_bytes_get_data (data, &size);
  char *argument = g_str_equal (port, USB_HOT_PORT) ? astern_hot_plug_argument (bytes, size) : NULL;

  if (argument == NULL)
    return TRUE;
  g_ptr_array_add (words, g_strdup ("-device"));
  g_ptr_array_add (words, argument);
  return TRUE;
}

gboolean
astern_launch_options_replay (AsternLaunchOptions *options, AsternRecording *recording, const char *const *args, GError **error)
{
  const char *const *recorded = astern_recording_arguments (recording);
  g_autoptr (GPtrArray) all = g_ptr_array_new (), later = g_ptr_array_new_with_free_func (g_free);

  if (astern_saved_is (recording))
    return astern_launch_usage (error, _("The file is a saved state and not a recording; “astern run -load-state FILE” goes on from it."));
  if (!check_outside (args, error))
    return FALSE;
  for (; *recorded != NULL; recorded++)
    g_ptr_array_add (all, (gpointer) *recorded);
  if (!astern_recording_journal (recording, add_later_device, later, error))
    return FALSE;
  for (guint i = 0; i < later->len; i++)
    g_ptr_array_add (all, g_ptr_array_index (later, i));
  for (; *args != NULL; args++)
    g_ptr_array_add (all, (gpointer) *args);
  g_ptr_array_add (all, NULL);
  options->told = options->replay = TRUE;
  if (!astern_launch_options_parse (options, (const char *const *) all->pdata, error) ||
      !astern_launch_options_set_serials (options, recording, error))
    return FALSE;
  options->source = astern_launch_recorded_source;
  options->source_user = recording;
  options->disk = recorded_disk;
  options->disk_user = recording;
  options->idle_sleep = FALSE;   /* nobody types: idle time passes at once */
  return TRUE;
}

/* ---- endings ---- */

static const struct { AsternStopReason reason; const char *name; gboolean by_guest; } endings[] = {
  { ASTERN_STOP_NONE,         "quit",         FALSE },
  { ASTERN_STOP_REQUESTED,    "quit",         FALSE },
  { ASTERN_STOP_ICOUNT,       "stop-at",      FALSE },
  { ASTERN_STOP_POWER_OFF,    "power-off",    TRUE },
  { ASTERN_STOP_RESET,        "reset",        TRUE },
  { ASTERN_STOP_DEBUG_EXIT,   "debug-exit",   TRUE },
  { ASTERN_STOP_TRIPLE_FAULT, "triple-fault", TRUE },
  { ASTERN_STOP_PANIC,        "panic",        TRUE },
  { ASTERN_STOP_DEADLOCK,     "halted",       TRUE },
};

const char *
astern_launch_ending (const AsternStop *stop)
{
  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    if (endings[i].reason == stop->reason)
      return endings[i].name;
  return "quit";
}

gboolean
astern_launch_ended_by_guest (const char *ending)
{
  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_strcmp0 (endings[i].name, ending) == 0)
      return endings[i].by_guest;
  return FALSE;
}
