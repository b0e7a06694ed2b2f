/* The program as users meet it: bad command lines, exit statuses, the monitor.
 * The guests are a few instructions each, in a multiboot file made here. */
#include "config.h"

#include <string.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

typedef struct
{
  char *dir;
  char *guest;          /* path of the last guest made */
} Fixture;

typedef struct
{
  int   status;
  char *out, *err;
} Result;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->dir = g_dir_make_tmp ("astern-XXXXXX", NULL);
  f->guest = g_build_filename (f->dir, "guest", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_unlink (f->guest);
  g_rmdir (f->dir);
  g_free (f->guest);
  g_free (f->dir);
}

static void
clear_result (Result *result)
{
  g_free (result->out);
  g_free (result->err);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, clear_result)

/* @typed: (nullable) standard input. */
static void
run_with_input (Result *result, const char *const *args, const char *typed)
{
  const char *builddir = g_getenv ("top_builddir");
  g_autofree char *program = g_build_filename (builddir != NULL ? builddir : ".", "astern", NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GSubprocess) child = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (argv, program);
  for (; *args != NULL; args++)
    g_ptr_array_add (argv, (gpointer) *args);
  g_ptr_array_add (argv, NULL);
  child = g_subprocess_newv ((const char *const *) argv->pdata,
                             G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                             &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (child, typed, NULL, &result->out, &result->err, &error));
  g_assert_true (g_subprocess_get_if_exited (child));
  result->status = g_subprocess_get_exit_status (child);
}

static void
run (Result *result, const char *const *args)
{
  run_with_input (result, args, NULL);
}

#define ARGS(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* Multiboot by addresses: the code follows the header, at 1 MiB + 32. */
static void
make_guest (Fixture *f, const char *code, gsize size)
{
  guint32 header[8] = { 0x1badb002, 0x10000, -(0x1badb002u + 0x10000), 0x100000, 0x100000, 0, 0, 0x100020 };
  g_autoptr (GByteArray) file = g_byte_array_new ();

  for (guint i = 0; i < 8; i++)
    header[i] = GUINT32_TO_LE (header[i]);
  g_byte_array_append (file, (const guint8 *) header, sizeof header);
  g_byte_array_append (file, (const guint8 *) code, (guint) size);
  g_assert_true (g_file_set_contents (f->guest, (const char *) file->data, file->len, NULL));
}

#define GUEST(f, code) make_guest (f, code, sizeof code - 1)

#define POWER_OFF "\x66\xba\x04\x06\x66\xb8\x00\x20\x66\xef\xeb\xfe"   /* mov $0x604,%dx; mov $0x2000,%ax; out; jmp . */
#define RESET     "\xb0\xfe\xe6\x64\xeb\xfe"                           /* mov $0xfe,%al; out %al,$0x64; jmp . */
#define SAY_A     "\x66\xba\xf8\x03\xb0\x41\xee"                       /* mov $0x3f8,%dx; mov $'A',%al; out %al,%dx */

/* What the window's own program says comes back: it was found. */
static void
gui_is_the_window_with_the_same_arguments (Fixture *f, gconstpointer data)
{
  g_auto (Result) nographic = { 0 }, blind = { 0 };

  run (&nographic, ARGS ("gui", "-m", "64", "-nographic"));
  g_assert_cmpint (nographic.status, ==, 1);
  g_assert_nonnull (strstr (nographic.err, "“-nographic” is for a terminal"));
  g_unsetenv ("DISPLAY");
  g_unsetenv ("WAYLAND_DISPLAY");
  run (&blind, ARGS ("gui", "demo"));
  g_assert_cmpint (blind.status, ==, 1);
  g_assert_nonnull (strstr (blind.err, "There is no display"));
  g_assert_cmpuint (strlen (blind.err), <, 200);     /* one sentence, not GTK's */
}

static void
a_bad_command_line_is_one_sentence_and_status_1 (Fixture *f, gconstpointer data)
{
  static const char *const lines[][5] = {
    { NULL },
    { "walk" },
    { "-m", "64" },
    { "run", "-nosuch" },
    { "run", "-m", "lots" },
    { "run", "-hda", "disk.img" },
    { "run", "-kernel", "/nowhere/vmlinuz" },
    { "run", "-kernel", "/" },
    { "run", "-kernel", "/dev/null" },
    { "run", "-bios", "/nowhere/bios" },
    { "run", "-m", "1000G" },
    { "run", "-cpu", "abacus" },
    { "run", "-serial", "unix:/nowhere/at/all" },
    { "run", "-D", "/nowhere/log" },
    { "demo", "-smp", "100" },
    { "demo", "-load-state", "file" },
    { "run", "-load-state" },
    { "run", "-load-state", "/nowhere/state" },
    { "run", "-incoming", "tcp:0:4444" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_auto (Result) result = { 0 };

      run (&result, lines[i]);
      g_test_message ("%s", result.err);
      g_assert_cmpint (result.status, ==, 1);
      g_assert_cmpstr (result.out, ==, "");
      g_assert_true (g_str_has_prefix (result.err, "astern: "));
      g_assert_true (g_str_has_suffix (result.err, ".\n"));
      g_assert_true (strchr (result.err, '\n') == result.err + strlen (result.err) - 1);
    }
}

static void
an_initrd_that_cannot_be_read_is_an_error (Fixture *f, gconstpointer data)
{
  g_auto (Result) result = { 0 };

  GUEST (f, POWER_OFF);
  run (&result, ARGS ("run", "-kernel", f->guest, "-initrd", "/nowhere/initrd"));
  g_assert_cmpint (result.status, ==, 1);
  g_assert_nonnull (strstr (result.err, "/nowhere/initrd"));
}

static void
powering_off_is_status_0 (Fixture *f, gconstpointer data)
{
  g_auto (Result) result = { 0 };

  GUEST (f, SAY_A POWER_OFF);
  run (&result, ARGS ("run", "-kernel", f->guest, "-nographic"));
  g_assert_cmpstr (result.err, ==, "");
  g_assert_cmpstr (result.out, ==, "A");
  g_assert_cmpint (result.status, ==, 0);
}

static void
a_reset_with_no_reboot_is_status_0 (Fixture *f, gconstpointer data)
{
  g_auto (Result) result = { 0 };

  GUEST (f, RESET);
  run (&result, ARGS ("run", "-kernel", f->guest, "-nographic", "-no-reboot"));
  g_assert_cmpint (result.status, ==, 0);
}

/* Says A each time it starts; CMOS byte 0x40 outlives the reset and counts. */
#define RESETS_ONCE \
  SAY_A \
  "\xb0\x40\xe6\x70\xe4\x71"      /* mov $0x40,%al; out %al,$0x70; in $0x71,%al */ \
  "\x3c\x5a\x74\x0a"              /* cmp $0x5a,%al; je 1f */ \
  "\xb0\x5a\xe6\x71"              /* mov $0x5a,%al; out %al,$0x71 */ \
  RESET \
  POWER_OFF                         /* 1: */

static void
a_reset_starts_the_kernel_again (Fixture *f, gconstpointer data)
{
  g_auto (Result) result = { 0 };

  GUEST (f, RESETS_ONCE);
  run (&result, ARGS ("run", "-kernel", f->guest, "-nographic"));
  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpstr (result.out, ==, "AA");
}

static void
a_reset_is_replayed (Fixture *f, gconstpointer data)
{
  g_autofree char *file = g_build_filename (f->dir, "run.astern", NULL);
  g_auto (Result) result = { 0 };
  g_auto (Result) replayed = { 0 };

  GUEST (f, RESETS_ONCE);
  run (&result, ARGS ("run", "-kernel", f->guest, "-nographic", "-state-hash", "-record", file));
  g_assert_cmpint (result.status, ==, 0);
  run (&replayed, ARGS ("replay", file, "-nographic", "-state-hash"));
  g_unlink (file);
  g_assert_cmpint (replayed.status, ==, 0);
  g_assert_cmpstr (replayed.out, ==, result.out);
}

/* Three instructions behind the reset: there by running, by going there through the past, and by running through the past. */
static void
history_passes_a_reset_as_it_was (Fixture *f, gconstpointer data)
{
  g_auto (Result) result = { 0 };
  g_auto (GStrv) parts = NULL;

  GUEST (f, RESETS_ONCE);
  run_with_input (&result, ARGS ("run", "-kernel", f->guest, "-display", "none", "-serial", "null", "-monitor", "stdio", "-S"),
                  "step 12\nstep 3\ninfo hash\nstep 2\n"
                  "goto @1\ngoto @15\ninfo hash\n"
                  "goto @1\nbreak 0x100027 if $icount == 15\ncontinue\nwait\ninfo hash\nquit\n");
  parts = g_strsplit (result.out, "state-hash @15 ", -1);
  g_assert_cmpuint (g_strv_length (parts), ==, 4);
  for (guint i = 2; i < 4; i++)
    g_assert_cmpmem (parts[i], 16, parts[1], 16);
}

static void
debug_exit_is_twice_the_value_plus_1 (Fixture *f, gconstpointer data)
{
  g_auto (Result) result = { 0 };

  GUEST (f, "\x66\xba\xf4\x00\xb0\x10\xee\xeb\xfe");   /* mov $0xf4,%dx; mov $0x10,%al; out; jmp . */
  run (&result, ARGS ("run", "-kernel", f->guest, "-nographic", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"));
  g_assert_cmpint (result.status, ==, 33);
}

static void
a_triple_fault_says_why_and_is_status_4 (Fixture *f, gconstpointer data)
{
  g_auto (Result) result = { 0 };
  g_auto (Result) expected = { 0 };

  GUEST (f, "\xcc");   /* int3, and there is no IDT */
  run (&result, ARGS ("run", "-kernel", f->guest, "-nographic"));
  g_assert_cmpint (result.status, ==, 4);
  g_assert_nonnull (strstr (result.err, "triple fault"));
  g_assert_nonnull (strstr (result.err, "EIP=00100020"));
  run (&expected, ARGS ("run", "-kernel", f->guest, "-nographic", "-no-reboot"));
  g_assert_cmpint (expected.status, ==, 0);
  g_assert_nonnull (strstr (expected.err, "triple fault"));
}

static void
halting_for_good_is_status_4 (Fixture *f, gconstpointer data)
{
  g_auto (Result) result = { 0 };

  GUEST (f, "\xfa\xf4");
  run (&result, ARGS ("run", "-kernel", f->guest, "-nographic"));
  g_assert_cmpint (result.status, ==, 4);
  g_assert_nonnull (strstr (result.err, "halted for good"));
}

static void
two_runs_print_the_same_hash_at_the_moment_asked_for (Fixture *f, gconstpointer data)
{
  g_autofree char *first = NULL;

  GUEST (f, "\x90\xeb\xfd");   /* nop, for ever */
  for (guint i = 0; i < 2; i++)
    {
      g_auto (Result) result = { 0 };

      run (&result, ARGS ("run", "-kernel", f->guest, "-nographic", "-seed", "1", "-rtc", "base=2026-01-01",
                          "-stop-at", "10007", "-state-hash"));
      g_assert_cmpint (result.status, ==, 0);
      g_assert_true (g_str_has_prefix (result.out, "state-hash @10007 "));
      g_assert_cmpuint (strlen (result.out), ==, strlen ("state-hash @10007 0123456789abcdef\n"));
      if (i == 0)
        first = g_steal_pointer (&result.out);
      else
        g_assert_cmpstr (result.out, ==, first);
    }
}

static void
typed_bytes_reach_the_guest (Fixture *f, gconstpointer data)
{
  g_auto (Result) result = { 0 };

  GUEST (f, "\x66\xba\xfd\x03\xec\xa8\x01\x74\xfb"   /* 1: mov $0x3fd,%dx; 2: in (%dx),%al; test $1,%al; je 2b */
         "\xb2\xf8\xec\x40\xee"                      /* mov $0xf8,%dl; in (%dx),%al; inc %eax; out %al,(%dx) */
         "\x3c\x2f\x75\xee"                          /* cmp $0x2f,%al; jne 1b */
         POWER_OFF);
  run_with_input (&result, ARGS ("run", "-kernel", f->guest, "-nographic"), "HAL.");
  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpstr (result.out, ==, "IBM/");
}

static void
the_monitor_answers_and_quits (Fixture *f, gconstpointer data)
{
  g_auto (Result) result = { 0 };

  GUEST (f, "\xeb\xfe");
  run_with_input (&result, ARGS ("run", "-kernel", f->guest, "-display", "none", "-monitor", "stdio"),
                  "info status\nstop\ninfo registers\ncont\nnonsense\nquit\n");
  g_assert_cmpint (result.status, ==, 0);
  g_assert_nonnull (strstr (result.out, "VM status: running at @"));
  g_assert_nonnull (strstr (result.out, "EIP=00100020"));
  g_assert_nonnull (strstr (result.out, "“nonsense”"));
}

/* The guest counts for three million instructions before it says something. */
static void
a_saved_state_goes_on (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->dir, "saved.state", NULL);
  g_autofree char *place = g_strconcat ("file:", path, NULL);
  g_autofree char *line = g_strdup_printf ("migrate %s\ninfo status\nquit\n", place);
  g_auto (Result) whole = { 0 }, saved = { 0 }, loaded = { 0 }, refused = { 0 }, info = { 0 };

  GUEST (f, "\x43\x81\xfb\x00\x00\x10\x00\x75\xf7"     /* 1: inc %ebx; cmp $0x100000,%ebx; jne 1b */
         SAY_A POWER_OFF);
  run (&whole, ARGS ("run", "-kernel", f->guest, "-seed", "1", "-rtc", "base=2026-01-01T00:00:00", "-display", "none", "-serial", "null", "-stop-at", "3000000", "-state-hash"));
  run_with_input (&saved, ARGS ("run", "-kernel", f->guest, "-seed", "1", "-rtc", "base=2026-01-01T00:00:00", "-display", "none", "-serial", "null", "-monitor", "stdio", "-S"), line);
  g_assert_cmpint (saved.status, ==, 0);
  g_assert_nonnull (strstr (saved.out, "The state at @0, 0.000000 s of guest time, is saved"));
  g_assert_nonnull (strstr (saved.out, "VM status: paused"));
  run (&loaded, ARGS ("run", "-load-state", path, "-display", "none", "-serial", "null", "-stop-at", "3000000", "-state-hash"));
  g_assert_cmpint (loaded.status, ==, 0);
  g_assert_cmpstr (loaded.out, ==, whole.out);
  clear_result (&loaded);
  run (&loaded, ARGS ("run", "-incoming", place, "-nographic"));
  g_assert_cmpint (loaded.status, ==, 0);
  g_assert_cmpstr (loaded.out, ==, "A");
  run (&refused, ARGS ("replay", path));
  g_assert_cmpint (refused.status, ==, 1);
  g_assert_nonnull (strstr (refused.err, "“astern run -load-state FILE”"));
  run (&info, ARGS ("info", path));
  g_assert_true (g_str_has_prefix (info.out, "Saved state "));
  g_unlink (path);
}

static void
control_a_x_quits (Fixture *f, gconstpointer data)
{
  g_auto (Result) result = { 0 };

  GUEST (f, "\xeb\xfe");
  run_with_input (&result, ARGS ("run", "-kernel", f->guest, "-nographic"), "a\001x");
  g_assert_cmpint (result.status, ==, 0);
}

static void
the_screen_is_written_as_png_at_exit (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->dir, "screen.png", NULL);
  g_autofree char *png = NULL;
  g_auto (Result) result = { 0 };
  gsize size;

  GUEST (f, POWER_OFF);
  run (&result, ARGS ("run", "-kernel", f->guest, "-nographic", "-screendump", path));
  g_assert_cmpint (result.status, ==, 0);
  g_assert_true (g_file_get_contents (path, &png, &size, NULL));
  g_assert_cmpuint (size, >, 60);
  g_assert_cmpmem (png, 8, "\x89PNG\r\n\x1a\n", 8);
  g_assert_cmpmem (png + 16, 8, "\0\0\x02\xd0\0\0\x01\x90", 8);   /* 720 x 400 */
  g_unlink (path);
}

static void
help_is_asked_for_in_every_way (Fixture *f, gconstpointer data)
{
  static const struct { const char *const args[4]; const char *says; } questions[] = {
    { { "help" }, "demo" },
    { { "--help" }, "demo" },
    { { "version" }, PACKAGE_VERSION },
    { { "--version" }, PACKAGE_VERSION },
    { { "run", "-help" }, "-kernel FILE" },
    { { "run", "--help" }, "-kernel FILE" },
    { { "run", "-version" }, PACKAGE_VERSION },
    { { "run", "-cpu", "help" }, "x86-64-v3" },
    { { "run", "-d", "help" }, "cpu_reset" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (questions); i++)
    {
      g_auto (Result) result = { 0 };

      run (&result, questions[i].args);
      g_assert_cmpint (result.status, ==, 0);
      g_assert_nonnull (strstr (result.out, questions[i].says));
    }
}

#define ADD(name) g_test_add ("/cli/astern/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_bad_command_line_is_one_sentence_and_status_1);
  ADD (gui_is_the_window_with_the_same_arguments);
  ADD (an_initrd_that_cannot_be_read_is_an_error);
  ADD (powering_off_is_status_0);
  ADD (a_reset_with_no_reboot_is_status_0);
  ADD (a_reset_starts_the_kernel_again);
  ADD (a_reset_is_replayed);
  ADD (history_passes_a_reset_as_it_was);
  ADD (debug_exit_is_twice_the_value_plus_1);
  ADD (a_triple_fault_says_why_and_is_status_4);
  ADD (halting_for_good_is_status_4);
  ADD (two_runs_print_the_same_hash_at_the_moment_asked_for);
  ADD (typed_bytes_reach_the_guest);
  ADD (the_monitor_answers_and_quits);
  ADD (a_saved_state_goes_on);
  ADD (control_a_x_quits);
  ADD (the_screen_is_written_as_png_at_exit);
  ADD (help_is_asked_for_in_every_way);
  return g_test_run ();
}
