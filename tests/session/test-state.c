/* A machine's whole state in a file: what goes on from it does so as the run that was not interrupted. */
#include "config.h"

#include "core/disk.h"
#include "launch/drives.h"
#include "hw/drive.h"
#include "launch/saved.h"
#include "session/demo.h"
#include "session/monitor.h"
#include "session/replay.h"
#include "session/save.h"
#include "trace/recording.h"

#include <string.h>

#include <glib/gstdio.h>

#define HALF       10000000u
#define WHOLE      (2 * HALF)
#define DISK_BYTES (64 * ASTERN_PAGE_SIZE + 512)     /* the last page is not a whole one */

typedef struct
{
  char *dir, *state, *recording, *disk, *other;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *content = g_malloc (DISK_BYTES);

  f->dir = g_dir_make_tmp ("astern-XXXXXX", NULL);
  f->state = g_build_filename (f->dir, "saved.state", NULL);
  f->recording = g_build_filename (f->dir, "run.astern", NULL);
  f->disk = g_build_filename (f->dir, "disk.img", NULL);
  f->other = g_build_filename (f->dir, "other.img", NULL);
  for (guint i = 0; i < DISK_BYTES; i++)
    content[i] = (char) (i / ASTERN_PAGE_SIZE + i);
  g_assert_true (g_file_set_contents (f->disk, content, DISK_BYTES, NULL));
  g_assert_true (g_file_set_contents (f->other, content, DISK_BYTES, NULL));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_unlink (f->state);
  g_unlink (f->recording);
  g_unlink (f->disk);
  g_unlink (f->other);
  g_assert_cmpint (g_rmdir (f->dir), ==, 0);      /* nothing is left beside them */
  g_free (f->state);
  g_free (f->recording);
  g_free (f->disk);
  g_free (f->other);
  g_free (f->dir);
}

/* ---- a session that does one job ---- */

typedef struct
{
  AsternSessionFunc job;
  Fixture          *f;
  guint64           saved_hash, hash;         /* of the state where it was saved, or loaded, and at the end */
  AsternMoment      start, end;               /* of history */
  char             *error, *said;
  gboolean          present;                  /* a device is plugged in */
} Job;

static void
clear_job (Job *job)
{
  g_free (job->error);
  g_free (job->said);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Job, clear_job)

static gboolean
serving (gpointer user, AsternSession *session, GError **error)
{
  Job *job = user;

  job->saved_hash = astern_machine_hash (session->launch->machine);
  astern_session_request (session, job->job, job, NULL);
  return TRUE;
}

static void
on_said (gpointer user, AsternSaid kind, const char *text)
{
  Job *job = user;

  g_test_message ("%s", text);
  g_free (job->said);
  job->said = g_strdup (text);
}

static int
run (AsternLaunchOptions *options, Job *job)
{
  const AsternSessionCompanion companion = { NULL, serving, NULL, job };
  AsternSessionHow how = { .said = on_said, .user = job };

  how.companions[0] = &companion;
  return astern_session_run (options, &how);
}

static void
run_demo (Job *job, const char *const *more)
{
  static const char *const first[] = { "-serial", "null", "-monitor", "none", "-display", "none", "-icount", "sleep=off", NULL };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autoptr (GError) error = NULL;

  astern_demo_options (options, first, more, &error);
  g_assert_no_error (error);
  g_assert_cmpint (run (options, job), ==, 0);
  g_assert_cmpstr (job->error, ==, NULL);
}

#define WORDS(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* NULL: the options are good. */
static char *
read_options (AsternLaunchOptions *options, const char *state, const char *const *more)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  static const char *const first[] = { "-serial", "null", "-monitor", "none", "-display", "none", "-icount", "sleep=off" };

  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    g_ptr_array_add (words, (gpointer) first[i]);
  g_ptr_array_add (words, (gpointer) "-load-state");
  g_ptr_array_add (words, (gpointer) state);
  for (; more != NULL && *more != NULL; more++)
    g_ptr_array_add (words, (gpointer) *more);
  g_ptr_array_add (words, NULL);
  if (astern_launch_options_read (options, (const char *const *) words->pdata, &error))
    return NULL;
  g_assert_nonnull (error);
  return g_strdup (error->message);
}

static int
load (Job *job, const char *const *more)
{
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autofree char *refused = read_options (options, job->f->state, more);

  g_assert_cmpstr (refused, ==, NULL);
  return run (options, job);
}

/* ---- on the machine's thread ---- */

static void
run_to (AsternSession *session, guint64 icount)
{
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);

  while (astern_timeline_present (timeline).icount < icount)
    astern_timeline_run (timeline, (AsternMoment) { icount, 0 });
}

/* A key is typed in the second half. */
static void
finish (AsternSession *session, Job *job)
{
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);

  run_to (session, HALF + HALF / 2);
  g_assert_true (astern_launch_send_keys (session->launch, "shift-b", NULL));
  run_to (session, WHOLE);
  job->start = astern_timeline_start (timeline);
  job->end = astern_timeline_present (timeline);
  job->hash = astern_machine_hash (session->launch->machine);
  astern_session_quit (session);
}

static void
save (AsternSession *session, Job *job)
{
  g_autoptr (GError) error = NULL;

  if (!astern_session_save_state (session, job->f->state, &error))
    job->error = g_strdup (error->message);
  job->saved_hash = astern_machine_hash (session->launch->machine);
}

static void
save_on_the_way (AsternSession *session, gpointer data)
{
  g_assert_true (astern_launch_send_keys (session->launch, "a", NULL));
  run_to (session, HALF);
  save (session, data);
  finish (session, data);
}

static void
save_again (AsternSession *session, gpointer data)
{
  run_to (session, HALF + HALF / 4);
  save (session, data);
  finish (session, data);
}

static void
go_on (AsternSession *session, gpointer data)
{
  finish (session, data);
}

static void
go_on_and_back (AsternSession *session, gpointer data)
{
  Job *job = data;
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);

  finish (session, job);
  g_assert_false (astern_timeline_seek (timeline, (AsternMoment) { HALF - 1, 0 }, NULL, NULL, NULL));
  g_assert_true (astern_timeline_seek (timeline, job->start, NULL, NULL, NULL));
  g_assert_cmphex (astern_machine_hash (session->launch->machine), ==, job->saved_hash);
}

static void
only_quit (AsternSession *session, gpointer data)
{
  astern_session_quit (session);
}

/* ---- running on ---- */

static void
goes_on_as_it_did (Fixture *f, const char *const *more)
{
  g_auto (Job) job = { .job = save_on_the_way, .f = f }, again = { .job = go_on_and_back, .f = f };

  run_demo (&job, more);
  g_assert_cmpint (load (&again, NULL), ==, 0);
  g_assert_cmphex (again.saved_hash, ==, job.saved_hash);
  g_assert_cmphex (again.hash, ==, job.hash);
  g_assert_cmpuint (again.start.icount, ==, HALF);
  g_assert_cmpint (astern_moment_compare (again.end, job.end), ==, 0);
}

static void
a_loaded_machine_goes_on_as_the_run_did (Fixture *f, gconstpointer data)
{
  goes_on_as_it_did (f, WORDS ("-vga", "std"));
}

static void
several_cpus_go_on_in_their_turns (Fixture *f, gconstpointer data)
{
  goes_on_as_it_did (f, WORDS ("-smp", "3", "-machine", "q35"));
}

static void
a_state_is_saved_again_from_where_it_was_loaded (Fixture *f, gconstpointer data)
{
  g_auto (Job) job = { .job = save_on_the_way, .f = f }, again = { .job = save_again, .f = f }, third = { .job = go_on, .f = f };

  run_demo (&job, WORDS ("-vga", "none"));
  g_assert_cmpint (load (&again, NULL), ==, 0);
  g_assert_cmpstr (again.error, ==, NULL);
  g_assert_cmpint (load (&third, NULL), ==, 0);
  g_assert_cmpuint (third.start.icount, ==, HALF + HALF / 4);
  g_assert_cmphex (third.hash, ==, again.hash);
  g_assert_cmphex (third.hash, ==, job.hash);
}

/* ---- disks ---- */

static AsternDisk *
disk_of (AsternSession *session, guint n)
{
  return g_ptr_array_index (session->launch->machine->disks, n);
}

/* As a controller would: a page of it is read, one written, a part of another zeroed. */
static void
use_disk (AsternSession *session)
{
  AsternDisk *disk = disk_of (session, 0);
  char text[ASTERN_PAGE_SIZE];

  g_assert_true (astern_disk_read (disk, 7 * ASTERN_PAGE_SIZE + 5, text, 100));
  memset (text, 'w', sizeof text);
  g_assert_true (astern_disk_write (disk, 20 * ASTERN_PAGE_SIZE - 8, text, 16));
  g_assert_true (astern_disk_zero (disk, 30 * ASTERN_PAGE_SIZE, ASTERN_PAGE_SIZE));
  g_assert_true (astern_disk_write (disk, 64 * ASTERN_PAGE_SIZE, text, 512));
}

static void
look_at_disk (AsternSession *session)
{
  AsternDisk *disk = disk_of (session, 0);
  char text[16], zeros[ASTERN_PAGE_SIZE];
  static const char nothing[ASTERN_PAGE_SIZE];

  g_assert_true (astern_disk_read (disk, 20 * ASTERN_PAGE_SIZE - 8, text, sizeof text));
  g_assert_cmpmem (text, sizeof text, "wwwwwwwwwwwwwwww", 16);
  g_assert_true (astern_disk_read (disk, 30 * ASTERN_PAGE_SIZE, zeros, sizeof zeros));
  g_assert_cmpmem (zeros, sizeof zeros, nothing, sizeof nothing);
  g_assert_true (astern_disk_read (disk, 64 * ASTERN_PAGE_SIZE + 500, text, 12));
  g_assert_cmpmem (text, 12, "wwwwwwwwwwwwwwww", 12);
}

/* The rest of the run is the loaded machine's: the image is as it was when the state was saved. */
static void
write_and_save (AsternSession *session, gpointer data)
{
  run_to (session, HALF);
  use_disk (session);
  save (session, data);
  astern_session_quit (session);
}

static void
write_more (AsternSession *session, gpointer data)
{
  Job *job = data;

  look_at_disk (session);
  g_assert_true (astern_disk_write (disk_of (session, 0), 40 * ASTERN_PAGE_SIZE, "more", 4));
  g_assert_true (astern_disk_write (disk_of (session, 0), 20 * ASTERN_PAGE_SIZE, "more", 4));
  job->hash = astern_machine_hash (session->launch->machine);
  astern_session_quit (session);
}

static void
write_save_and_write_more (AsternSession *session, gpointer data)
{
  run_to (session, HALF);
  use_disk (session);
  save (session, data);
  write_more (session, data);
}

static char *
disk_word (const char *path, const char *more)
{
  return g_strdup_printf ("file=%s,format=raw,if=none,id=d%s", path, more);
}

static char
byte_of (const char *path, gsize at)
{
  g_autofree char *content = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  g_assert_cmpuint (at, <, size);
  return content[at];
}

static void
what_was_written_is_in_the_image_and_the_hash_goes_on (Fixture *f, gconstpointer data)
{
  g_autofree char *word = disk_word (f->disk, ""), *kept = disk_word (f->other, ",snapshot=on");
  g_auto (Job) whole = { .job = write_save_and_write_more, .f = f }, job = { .job = write_and_save, .f = f };
  g_auto (Job) looking = { .job = write_more, .f = f }, again = { .job = write_more, .f = f };

  run_demo (&whole, WORDS ("-drive", kept));
  run_demo (&job, WORDS ("-drive", word));
  g_assert_cmpint (byte_of (f->disk, 20 * ASTERN_PAGE_SIZE), ==, 'w');
  g_assert_cmpint (load (&looking, WORDS ("-snapshot")), ==, 0);
  g_assert_cmpint (byte_of (f->disk, 20 * ASTERN_PAGE_SIZE), ==, 'w');
  g_assert_cmpint (load (&again, NULL), ==, 0);
  g_assert_cmpint (byte_of (f->disk, 20 * ASTERN_PAGE_SIZE), ==, 'm');
  g_assert_cmphex (again.saved_hash, ==, job.saved_hash);
  g_assert_cmphex (again.hash, ==, whole.hash);
  g_assert_cmphex (looking.hash, ==, whole.hash);
}

static void
what_was_written_and_is_in_no_image_is_in_the_state (Fixture *f, gconstpointer data)
{
  g_autofree char *word = disk_word (f->disk, ",snapshot=on");
  g_auto (Job) job = { .job = write_save_and_write_more, .f = f }, again = { .job = write_more, .f = f };

  run_demo (&job, WORDS ("-drive", word));
  g_assert_cmpint (byte_of (f->disk, 20 * ASTERN_PAGE_SIZE), !=, 'w');
  g_assert_cmpint (load (&again, NULL), ==, 0);
  g_assert_cmpint (byte_of (f->disk, 20 * ASTERN_PAGE_SIZE), !=, 'w');
  g_assert_cmphex (again.saved_hash, ==, job.saved_hash);
  g_assert_cmphex (again.hash, ==, job.hash);
}

static void
change_byte (const char *path, gsize at)
{
  g_autofree char *content = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  content[at] ^= 1;
  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
}

static void
an_image_that_has_changed_since_is_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *word = disk_word (f->disk, "");
  g_auto (Job) job = { .job = write_and_save, .f = f }, again = { .job = only_quit, .f = f }, third = { .job = only_quit, .f = f };

  run_demo (&job, WORDS ("-drive", word));
  change_byte (f->disk, 50 * ASTERN_PAGE_SIZE);       /* the machine has never looked there */
  g_assert_cmpint (load (&again, NULL), ==, 0);
  change_byte (f->disk, 7 * ASTERN_PAGE_SIZE);
  g_assert_cmpint (load (&third, NULL), ==, 1);
  g_assert_nonnull (strstr (third.said, "The image of the disk “d” is not as it was when the state was saved"));
}

static void
an_image_of_another_size_is_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *word = disk_word (f->disk, "");
  g_auto (Job) job = { .job = write_and_save, .f = f }, again = { .job = only_quit, .f = f };

  run_demo (&job, WORDS ("-drive", word));
  g_assert_true (g_file_set_contents (f->disk, "short", 5, NULL));
  g_assert_cmpint (load (&again, NULL), ==, 1);
  g_assert_nonnull (strstr (again.said, "has 512 bytes, and had 262656"));
}

static void
an_image_that_was_moved_is_found_by_its_drive (Fixture *f, gconstpointer data)
{
  g_autofree char *word = disk_word (f->disk, ""), *moved = disk_word (f->other, ""), *unknown = g_strdup_printf ("file=%s,if=none,id=x", f->other);
  g_auto (Job) job = { .job = write_and_save, .f = f }, again = { .job = save_again, .f = f }, third = { .job = write_more, .f = f };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  g_autofree char *refused = NULL;

  run_demo (&job, WORDS ("-drive", word));
  g_assert_cmpint (g_rename (f->disk, f->other), ==, 0);
  refused = read_options (options, f->state, WORDS ("-drive", unknown));
  g_assert_nonnull (strstr (refused, "no image where"));
  g_assert_cmpint (load (&again, WORDS ("-drive", moved)), ==, 0);
  g_assert_cmpint (load (&third, NULL), ==, 0);       /* it was saved again, with where its image is */
  g_assert_cmpint (byte_of (f->other, 20 * ASTERN_PAGE_SIZE), ==, 'm');
}

static void
save_behind_the_head (AsternSession *session, gpointer data)
{
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);

  run_to (session, HALF);
  use_disk (session);
  run_to (session, WHOLE);
  g_assert_true (astern_timeline_seek (timeline, (AsternMoment) { HALF + 1000, 0 }, NULL, NULL, NULL));
  save (session, data);
  astern_session_quit (session);
}

static void
the_past_is_saved_where_no_image_is_ahead_of_it (Fixture *f, gconstpointer data)
{
  g_autofree char *word = disk_word (f->disk, ""), *kept = disk_word (f->other, ",snapshot=on");
  g_auto (Job) ahead = { .job = save_behind_the_head, .f = f }, job = { .job = save_behind_the_head, .f = f };
  g_auto (Job) again = { .job = go_on, .f = f };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  static const char *const first[] = { "-serial", "null", "-monitor", "none", "-display", "none", "-icount", "sleep=off", NULL };

  g_assert_true (astern_demo_options (options, first, WORDS ("-drive", word), NULL));
  g_assert_cmpint (run (options, &ahead), ==, 0);
  g_assert_nonnull (strstr (ahead.error, "“branch” first"));
  run_demo (&job, WORDS ("-drive", kept));
  g_assert_cmpint (load (&again, NULL), ==, 0);
  g_assert_cmphex (again.saved_hash, ==, job.saved_hash);
  g_assert_cmpuint (again.start.icount, ==, HALF + 1000);
}

/* ---- what came later ---- */

static void
put_in_and_save (AsternSession *session, gpointer data)
{
  Job *job = data;

  g_assert_true (astern_drives_change (session->launch->drives, "ide1-cd0", job->f->other, "raw", TRUE, FALSE, NULL));
  g_assert_true (astern_launch_device_add (session->launch, "usb-kbd,id=later", NULL));
  run_to (session, HALF);
  save (session, data);
  finish (session, data);
}

static void
look_and_go_on (AsternSession *session, gpointer data)
{
  Job *job = data;
  AsternDevice *drive = astern_drives_find (session->launch->drives, "ide1-cd0"), *keyboard;

  g_assert_nonnull (drive);
  g_assert_nonnull (drive_disk (drive));
  g_assert_cmpuint (astern_disk_size (drive_disk (drive)), ==, DISK_BYTES);
  keyboard = astern_machine_find_device (session->launch->machine, "later");
  job->present = keyboard != NULL && !astern_device_is_unborn (keyboard);
  finish (session, data);
}

static void
media_and_devices_that_came_later_are_there (Fixture *f, gconstpointer data)
{
  g_auto (Job) job = { .job = put_in_and_save, .f = f }, again = { .job = look_and_go_on, .f = f };

  run_demo (&job, WORDS ("-device", "qemu-xhci,id=xhci"));
  g_assert_cmpint (load (&again, NULL), ==, 0);
  g_assert_true (again.present);
  g_assert_cmphex (again.saved_hash, ==, job.saved_hash);
  g_assert_cmphex (again.hash, ==, job.hash);
}

/* ---- what is refused ---- */

static void
record_it (AsternSession *session, gpointer data)
{
  Job *job = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *from = NULL;

  if (!astern_session_save (session, job->f->recording, &from, &error))
    job->error = g_strdup (error->message);
  astern_session_quit (session);
}

/* As a shift does it: what another engine did is in no journal. */
static void
restart_and_record_it (AsternSession *session, gpointer data)
{
  astern_timeline_restart (astern_debugger_timeline (session->debugger));
  record_it (session, data);
}

static void
a_run_whose_start_is_no_power_on_is_no_recording (Fixture *f, gconstpointer data)
{
  g_auto (Job) job = { .job = save_on_the_way, .f = f }, loaded = { .job = record_it, .f = f }, shifted = { .job = restart_and_record_it, .f = f };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  static const char *const first[] = { "-serial", "null", "-monitor", "none", "-display", "none", NULL };

  run_demo (&job, WORDS ("-vga", "none"));
  g_assert_cmpint (load (&loaded, NULL), ==, 0);
  g_assert_nonnull (strstr (loaded.error, "“save-state FILE”"));
  g_assert_true (astern_demo_options (options, first, WORDS ("-vga", "none"), NULL));
  g_assert_cmpint (run (options, &shifted), ==, 0);
  g_assert_nonnull (strstr (shifted.error, "“save-state FILE”"));
  g_assert_false (g_file_test (f->recording, G_FILE_TEST_EXISTS));
}

static void
options_of_the_machine_are_refused (Fixture *f, gconstpointer data)
{
  static const struct { const char *const words[4]; const char *says; } lines[] = {
    { { "-m", "64" }, "“-m” is no option beside “-load-state”" },
    { { "-device", "usb-kbd" }, "“-device” is no option beside" },
    { { "-record", "x.astern" }, "cannot be recorded" },
    { { "-cdrom", "x.iso" }, "has no image where “x.iso” should be" },
    { { "-serial", "null", "-serial", "null" }, "give no more -serial than that" },
    { { "-nonsense" }, "“-nonsense” is no option beside" },
  };
  g_auto (Job) job = { .job = save_on_the_way, .f = f };

  run_demo (&job, WORDS ("-vga", "none"));
  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
      const char *const words[] = { lines[i].words[0], lines[i].words[1], lines[i].words[2], lines[i].words[3], NULL };
      g_autofree char *refused = read_options (options, f->state, words);

      g_assert_nonnull (refused);
      g_assert_nonnull (strstr (refused, lines[i].says));
    }
}

static void
states_and_recordings_are_told_apart (Fixture *f, gconstpointer data)
{
  g_auto (Job) job = { .job = save_on_the_way, .f = f }, recorded = { .job = only_quit, .f = f };
  g_autoptr (AsternLaunchOptions) replayed = astern_launch_options_new (), loaded = astern_launch_options_new ();
  g_autoptr (AsternRecording) state = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *refused = NULL;

  run_demo (&job, WORDS ("-vga", "none"));
  run_demo (&recorded, WORDS ("-record", f->recording));
  refused = read_options (loaded, f->recording, NULL);
  g_assert_nonnull (strstr (refused, "is a recording and not a saved state"));
  state = astern_recording_open (f->state, &error);
  g_assert_no_error (error);
  g_assert_null (astern_replay_new (replayed, state, WORDS ("-display", "none"), &error));
  g_assert_nonnull (strstr (error->message, "“astern run -load-state FILE”"));
}

static void
a_file_that_was_cut_off_is_refused (Fixture *f, gconstpointer data)
{
  g_auto (Job) job = { .job = save_on_the_way, .f = f };
  g_autofree char *content = NULL, *refused = NULL;
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  gsize size;

  run_demo (&job, WORDS ("-vga", "none"));
  g_assert_true (g_file_get_contents (f->state, &content, &size, NULL));
  g_assert_true (g_file_set_contents (f->state, content, (gssize) size / 2, NULL));
  refused = read_options (options, f->state, NULL);
  g_test_message ("%s", refused);
  g_assert_nonnull (refused);
}

static void
other_files_are_not_overwritten (Fixture *f, gconstpointer data)
{
  g_auto (Job) job = { .job = save_on_the_way, .f = f };
  g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
  static const char *const first[] = { "-serial", "null", "-monitor", "none", "-display", "none", "-icount", "sleep=off", NULL };

  g_assert_true (g_file_set_contents (f->state, "a letter", 8, NULL));
  g_assert_true (astern_demo_options (options, first, WORDS ("-vga", "none"), NULL));
  g_assert_cmpint (run (options, &job), ==, 0);
  g_assert_nonnull (strstr (job.error, "is there already"));
  g_assert_cmpint (byte_of (f->state, 0), ==, 'a');
}

#define ADD(name) g_test_add ("/session/state/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_loaded_machine_goes_on_as_the_run_did);
  ADD (several_cpus_go_on_in_their_turns);
  ADD (a_state_is_saved_again_from_where_it_was_loaded);
  ADD (what_was_written_is_in_the_image_and_the_hash_goes_on);
  ADD (what_was_written_and_is_in_no_image_is_in_the_state);
  ADD (an_image_that_has_changed_since_is_refused);
  ADD (an_image_of_another_size_is_refused);
  ADD (an_image_that_was_moved_is_found_by_its_drive);
  ADD (the_past_is_saved_where_no_image_is_ahead_of_it);
  ADD (media_and_devices_that_came_later_are_there);
  ADD (a_run_whose_start_is_no_power_on_is_no_recording);
  ADD (options_of_the_machine_are_refused);
  ADD (states_and_recordings_are_told_apart);
  ADD (a_file_that_was_cut_off_is_refused);
  ADD (other_files_are_not_overwritten);
  return g_test_run ();
}
