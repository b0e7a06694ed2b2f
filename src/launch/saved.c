/* saved.c - see saved.h.
 * Source: QEMU's manual, -incoming and “migrate file:FILE”, for the words that mean the same.
 *
 * Left out: what the host's side of a network, a shared folder or a client remembers; it begins anew. */
#include "config.h"

#include "launch/saved.h"

#include "launch/drives.h"
#include "launch/recorded.h"
#include "trace/saved.h"

#include <string.h>

#include <glib/gi18n.h>

/* ---- saving ---- */

static void
add_pair (GPtrArray *meta, const char *key, char *value)
{
  g_ptr_array_add (meta, g_strdup (key));
  g_ptr_array_add (meta, value);
}

/* Where the images are now, and which media came later: options say what there was at power-on. */
static void
add_media (const AsternDrives *drives, GPtrArray *meta)
{
  g_autoptr (GPtrArray) later = astern_drives_later (drives);
  char key[32];

  for (guint i = 0; i < astern_drives_count (drives); i++)
    {
      char *file = astern_drives_first (drives, i);

      g_snprintf (key, sizeof key, "drive%u", i);
      if (file != NULL)
        add_pair (meta, key, file);
    }
  for (guint i = 0; i < later->len; i++)
    {
      g_snprintf (key, sizeof key, "medium%u", i);
      add_pair (meta, key, g_strdup (g_ptr_array_index (later, i)));
    }
}

/* Devices that came later are among those of the start, absent: the state says which are plugged in.  Behind all others, before
 * the NULL. */
static void
add_later_devices (AsternLaunch *launch, AsternLaunchStart *start)
{
  const GPtrArray *later = astern_launch_later_devices (launch);

  g_ptr_array_set_size (start->words, (gint) start->words->len - 1);
  for (guint i = 0; i < later->len; i++)
    add_pair (start->words, "-device", g_strdup (g_ptr_array_index (later, i)));
  g_ptr_array_add (start->words, NULL);
  start->start.arguments = (const char *const *) start->words->pdata;
}

gboolean
astern_launch_save_state (AsternLaunch *launch, const char *path, GError **error)
{
  g_autoptr (GPtrArray) meta = g_ptr_array_new_with_free_func (g_free);
  AsternLaunchStart start;
  gboolean saved;

  add_pair (meta, "kind", g_strdup (ASTERN_SAVED_KIND));
  add_pair (meta, "engine", g_strdup (launch->machine->engine->klass->name));
  add_media (launch->drives, meta);
  g_ptr_array_add (meta, NULL);
  astern_launch_start_begin (&start, launch, (const char *const *) meta->pdata);
  add_later_devices (launch, &start);
  saved = astern_saved_write (launch->machine, path, &start.start, error);
  astern_launch_start_clear (&start);
  return saved;
}

/* ---- options ---- */

/* What is not the machine's, besides drives, whose images may lie elsewhere now. */
static const char *const outside[] = {
  "serial", "debugcon", "monitor", "nographic", "display", "vnc", "spice", "gdb", "s", "S", "stop-at", "shift-at", "state-hash",
  "screendump", "history", "disk-cache", "symbols", "d", "D", "perf-map", "accel", "enable-kvm", "icount", "snapshot", "no-reboot",
  "no-shutdown", "help", "h", NULL
};
static const char *const drive_options[] = { "drive", "hda", "hdb", "hdc", "hdd", "cdrom", "fda", "fdb", "pflash", NULL };

/* The command line, taken apart. */
typedef struct
{
  const char *file;           /* (nullable) the state's */
  GPtrArray  *others, *drives;
} Words;

static gboolean
take_file (Words *words, const char *name, const char *argument, GError **error)
{
  words->file = argument;
  if (argument == NULL)
    return astern_launch_usage (error, _("The option “-%s” needs an argument: %s."), name, _("FILE"));
  if (g_str_equal (name, "load-state"))
    return TRUE;
  if (!g_str_has_prefix (argument, "file:"))
    return astern_launch_unavailable (error, _("“-incoming %s” is not there: a state comes from a file only, as in “-incoming file:FILE”."), argument);
  words->file += strlen ("file:");
  return TRUE;
}

static gboolean
take_apart (Words *words, const char *const *args, GError **error)
{
  words->others = g_ptr_array_new ();
  words->drives = g_ptr_array_new ();
  for (; *args != NULL; args++)
    {
      const char *name = *args + strspn (*args, "-");
      gboolean takes = name != *args && astern_launch_option_takes_argument (name);
      GPtrArray *into = name == *args || g_strv_contains (drive_options, name) ? words->drives : words->others;

      if (name != *args && (g_str_equal (name, "load-state") || g_str_equal (name, "incoming")))
        {
          if (!take_file (words, name, *++args, error))
            return FALSE;
          continue;
        }
      g_ptr_array_add (into, (gpointer) *args);
      if (takes && args[1] != NULL)
        g_ptr_array_add (into, (gpointer) *++args);
    }
  return TRUE;
}

static gboolean
check_others (const GPtrArray *others, GError **error)
{
  for (guint i = 0; i < others->len; i++)
    {
      const char *word = g_ptr_array_index (others, i), *name = word + strspn (word, "-");

      if (g_str_has_prefix (name, "record"))
        return astern_launch_unavailable (error, _("A run that goes on from a saved state cannot be recorded: a recording begins at power-on."));
      if (!g_strv_contains (outside, name))
        return astern_launch_usage (error, _("“%s” is no option beside “-load-state”: the machine is in the file. Give only what connects it "
                                             "with the outside, as -serial, -monitor, -gdb, -S, -accel, and -drive for an image that lies elsewhere now."), word);
      i += astern_launch_option_takes_argument (name);
    }
  return TRUE;
}

/* As the state has them: they may have been moved since power-on. */
static void
place_images (AsternLaunchOptions *options)
{
  for (guint i = 0; i < options->drives->len; i++)
    {
      AsternDriveItem *drive = &g_array_index (options->drives, AsternDriveItem, i);
      char key[32];
      const char *file;

      g_snprintf (key, sizeof key, "drive%u", i);
      file = astern_recording_meta (options->state, key);
      if (file == NULL || drive->file == NULL)
        continue;
      g_free (drive->file);
      drive->file = g_strdup (file);
    }
}

static gboolean
is_same_place (const AsternDriveItem *a, const AsternDriveItem *b)
{
  AsternDriveInterface one = a->interface == ASTERN_IF_DEFAULT ? ASTERN_IF_IDE : a->interface;
  AsternDriveInterface other = b->interface == ASTERN_IF_DEFAULT ? ASTERN_IF_IDE : b->interface;

  if (a->id != NULL)
    return g_strcmp0 (a->id, b->id) == 0;
  return one == other && MAX (a->bus, 0) == MAX (b->bus, 0) && MAX (a->unit, 0) == MAX (b->unit, 0);
}

static gboolean
move_image (AsternLaunchOptions *options, const AsternDriveItem *moved, GError **error)
{
  for (guint i = 0; i < options->drives->len; i++)
    {
      AsternDriveItem *drive = &g_array_index (options->drives, AsternDriveItem, i);

      if (!is_same_place (moved, drive) || drive->file == NULL || drive->file[0] == '\0')
        continue;
      g_free (drive->file);
      g_free (drive->format);
      drive->file = g_strdup (moved->file);
      drive->format = g_strdup (moved->format);
      drive->snapshot |= moved->snapshot;
      return TRUE;
    }
  return astern_launch_usage (error, _("The saved machine has no image where “%s” should be; give its drives the places, or the id=, that they had, "
                                       "and what is to be new afterwards, by “change”."), moved->file);
}

/* Images that are named on the command line take the places of those in the file. */
static gboolean
move_images (AsternLaunchOptions *options, const GPtrArray *words, GError **error)
{
  g_autoptr (AsternLaunchOptions) moved = astern_launch_options_new ();
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  static const char *const first[] = { "-display", "none", "-machine" };

  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    g_ptr_array_add (all, (gpointer) first[i]);
  g_ptr_array_add (all, options->q35 ? "q35" : "pc");
  for (guint i = 0; i < words->len; i++)
    g_ptr_array_add (all, g_ptr_array_index (words, i));
  g_ptr_array_add (all, NULL);
  moved->told = TRUE;
  if (!astern_launch_options_parse (moved, (const char *const *) all->pdata, error))
    return FALSE;
  for (guint i = 0; i < moved->drives->len; i++)
    if (!move_image (options, &g_array_index (moved->drives, AsternDriveItem, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
read_machine (AsternLaunchOptions *options, const Words *words, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (const char *const *word = astern_recording_arguments (options->state); *word != NULL; word++)
    g_ptr_array_add (all, (gpointer) *word);
  for (guint i = 0; i < words->others->len; i++)
    g_ptr_array_add (all, g_ptr_array_index (words->others, i));
  g_ptr_array_add (all, NULL);
  options->told = TRUE;
  if (!astern_launch_options_parse (options, (const char *const *) all->pdata, error))
    return FALSE;
  if (options->help)
    return TRUE;
  place_images (options);
  if (!move_images (options, words->drives, error) || !astern_launch_options_set_serials (options, options->state, error))
    return FALSE;
  options->source = astern_launch_recorded_source;
  options->source_user = options->state;
  return TRUE;
}

static void
free_recording (gpointer recording)
{
  astern_recording_free (recording);
}

static gboolean
read_state (AsternLaunchOptions *options, const Words *words, GError **error)
{
  if (!check_others (words->others, error))
    return FALSE;
  options->state = astern_recording_open (words->file, error);
  if (options->state == NULL)
    return FALSE;
  options->free_state = free_recording;
  if (!astern_saved_is (options->state))
    return astern_launch_usage (error, _("“%s” is a recording and not a saved state; “astern replay FILE” runs it again, and the monitor's "
                                         "“save-state FILE” saves a state."), words->file);
  return read_machine (options, words, error);
}

gboolean
astern_launch_options_read (AsternLaunchOptions *options, const char *const *args, GError **error)
{
  Words words = { NULL, NULL, NULL };
  gboolean good = take_apart (&words, args, error);

  if (good)
    good = words.file != NULL ? read_state (options, &words, error) : astern_launch_options_parse (options, args, error);
  g_ptr_array_unref (words.others);
  g_ptr_array_unref (words.drives);
  return good;
}

/* ---- loading ---- */

static gboolean
restore_media (AsternLaunch *launch, AsternRecording *recording, GError **error)
{
  for (guint i = 0;; i++)
    {
      const char *words;
      char key[32];

      g_snprintf (key, sizeof key, "medium%u", i);
      words = astern_recording_meta (recording, key);
      if (words == NULL)
        return TRUE;
      if (!astern_drives_restore (launch->drives, words, error))
        return FALSE;
    }
}

/* The engine that goes on takes the machine over from the one that ran it, as in a shift. */
static gboolean
take_over (AsternMachine *machine, const char *before, GError **error)
{
  AsternEngine *engine = machine->engine;

  if (g_strcmp0 (before, engine->klass->name) == 0)
    return TRUE;
  if (engine->klass->can_take != NULL && !engine->klass->can_take (engine, error))
    return FALSE;
  if (engine->klass->enter != NULL)
    engine->klass->enter (engine);
  return TRUE;
}

gboolean
astern_launch_load_state (AsternLaunch *launch, GError **error)
{
  AsternRecording *recording = launch->options->state;

  return recording == NULL ||
         (restore_media (launch, recording, error) && astern_saved_load (launch->machine, recording, error) &&
          take_over (launch->machine, astern_recording_meta (recording, "engine"), error));
}
