/* test-monitor-line - the program at a terminal: editing, history and completion as a user types them. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#define PATIENCE_MS 60000      /* a loaded host is slow */
#define UP    "\033[A"
#define LEFT  "\033[D"

typedef struct
{
  char        *state_dir;
  int          terminal;        /* our end */
  GSubprocess *program;
  GString     *seen;            /* all output */
  gsize        looked_at;       /* of it */
} Fixture;

static void
start (Fixture *f, const char *const *args)
{
  const char *builddir = g_getenv ("top_builddir");
  g_autofree char *path = g_build_filename (builddir != NULL ? builddir : ".", "astern", NULL);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  struct winsize size = { 24, 100, 0, 0 };
  int end;

  f->terminal = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_cmpint (f->terminal, >=, 0);
  g_assert_cmpint (grantpt (f->terminal), ==, 0);
  g_assert_cmpint (unlockpt (f->terminal), ==, 0);
  g_assert_cmpint (ioctl (f->terminal, TIOCSWINSZ, &size), ==, 0);
  end = open (ptsname (f->terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_cmpint (end, >=, 0);
  g_subprocess_launcher_take_stdin_fd (launcher, dup (end));
  g_subprocess_launcher_take_stdout_fd (launcher, dup (end));
  g_subprocess_launcher_take_stderr_fd (launcher, end);
  g_subprocess_launcher_setenv (launcher, "TERM", "xterm", TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", f->state_dir, TRUE);
  g_subprocess_launcher_setenv (launcher, "INPUTRC", "/dev/null", TRUE);
  g_ptr_array_add (argv, path);
  for (; *args != NULL; args++)
    g_ptr_array_add (argv, (gpointer) *args);
  g_ptr_array_add (argv, NULL);
  f->program = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);
}

static void
start_demo (Fixture *f)
{
  static const char *const args[] = { "demo", "-serial", "none", "-monitor", "stdio", NULL };

  start (f, args);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->state_dir = g_dir_make_tmp ("astern-XXXXXX", NULL);
  f->seen = g_string_new (NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (f->state_dir, "astern", NULL);
  g_autofree char *history = g_build_filename (folder, "monitor-history", NULL);

  g_unlink (history);
  g_rmdir (folder);
  g_rmdir (f->state_dir);
  close (f->terminal);
  g_clear_object (&f->program);
  g_string_free (f->seen, TRUE);
  g_free (f->state_dir);
}

static void
type (Fixture *f, const char *keys)
{
  gsize size = strlen (keys);

  g_assert_cmpint (write (f->terminal, keys, size), ==, (gssize) size);
}

/* Reads until @text has appeared behind what was looked at before. */
static void
see (Fixture *f, const char *text)
{
  const char *found;

  while ((found = strstr (f->seen->str + f->looked_at, text)) == NULL)
    {
      struct pollfd wait = { f->terminal, POLLIN, 0 };
      char data[4096];
      gssize n = -1;

      if (poll (&wait, 1, PATIENCE_MS) == 1)
        n = read (f->terminal, data, sizeof data);
      if (n <= 0)
        g_error ("waited for “%s”, saw “%s”", text, f->seen->str + f->looked_at);
      g_string_append_len (f->seen, data, n);
    }
  f->looked_at = (gsize) (found - f->seen->str) + strlen (text);
}

static void
quit (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  type (f, "quit\r");
  g_assert_true (g_subprocess_wait (f->program, NULL, &error));
  g_assert_true (g_subprocess_get_if_exited (f->program));
  g_assert_cmpint (g_subprocess_get_exit_status (f->program), ==, 0);
}

static void
the_prompt_is_there_without_a_key (Fixture *f, gconstpointer data)
{
  start_demo (f);
  see (f, "(astern) ");
  quit (f);
}

static void
a_line_can_be_edited (Fixture *f, gconstpointer data)
{
  start_demo (f);
  see (f, "(astern) ");
  type (f, "inf status" LEFT LEFT LEFT LEFT LEFT LEFT LEFT "o" "\r");
  see (f, "VM status: running");
  type (f, "nonsense\025cpu\r");                /* Ctrl-U */
  see (f, "CPU 0\r\n");
  type (f, "x y z\001\013cpu\r");               /* Ctrl-A, Ctrl-K */
  see (f, "CPU 0\r\n");
  quit (f);
}

static void
tab_completes_commands_and_arguments (Fixture *f, gconstpointer data)
{
  start_demo (f);
  see (f, "(astern) ");
  type (f, "inf\tstat\t\r");
  see (f, "VM status: ");
  type (f, "info devices ser\t\r");
  see (f, "serial0: 16550A serial port");
  type (f, "system_\t\t");
  see (f, "system_powerdown");
  see (f, "system_reset");
  see (f, "(astern) system_");
  type (f, "\025");
  quit (f);
}

static void
history_goes_back_and_outlives_the_program (Fixture *f, gconstpointer data)
{
  start_demo (f);
  see (f, "(astern) ");
  type (f, "info screen\r");
  see (f, "(astern) ");
  type (f, "cpu\r");
  see (f, "CPU 0\r\n");
  type (f, UP UP "\r");
  see (f, "info screen");
  quit (f);
  g_clear_object (&f->program);
  close (f->terminal);

  start_demo (f);
  see (f, "(astern) ");
  type (f, UP UP);
  see (f, "info screen");
  type (f, "\022cp");                           /* Ctrl-R */
  see (f, "cpu");
  type (f, "\r");
  see (f, "CPU 0\r\n");
  quit (f);
}

static void
what_is_typed_ahead_waits (Fixture *f, gconstpointer data)
{
  start_demo (f);
  type (f, "cpu\rinfo status\rcpu\r");
  see (f, "CPU 0");
  see (f, "VM status: ");
  see (f, "CPU 0");
  quit (f);
}

static void
control_c_drops_the_line_on_a_shared_terminal (Fixture *f, gconstpointer data)
{
  static const char *const args[] = { "demo", NULL };

  start (f, args);
  see (f, "Tern 1.0");
  type (f, "\001c");
  see (f, "(astern) ");
  type (f, "nonsense\003");
  see (f, "^C");
  type (f, "cpu\r");
  see (f, "CPU 0\r\n");
  type (f, "\001x");
  see (f, "terminated");
}

static void
a_state_folder_that_cannot_be_written_is_no_error (Fixture *f, gconstpointer data)
{
  g_autofree char *dir = g_steal_pointer (&f->state_dir);

  f->state_dir = g_strdup ("/proc/nowhere");
  start_demo (f);
  see (f, "(astern) ");
  type (f, "cpu\r");
  see (f, "CPU 0\r\n");
  quit (f);
  g_rmdir (dir);
}

static int
connect_to (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  gint64 until = g_get_monotonic_time () + PATIENCE_MS * 1000;
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpuint (g_strlcpy (address.sun_path, path, sizeof address.sun_path), <, sizeof address.sun_path);
  while (connect (fd, (const struct sockaddr *) &address, sizeof address) != 0)    /* it is being started */
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (10000);
    }
  return fd;
}

static void
the_next_client_of_a_socket_begins_anew (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->state_dir, "monitor", NULL);
  g_autofree char *place = g_strdup_printf ("unix:%s,server,nowait", path);
  const char *const args[] = { "demo", "-serial", "none", "-monitor", place, NULL };
  int terminal;

  start (f, args);
  terminal = f->terminal;
  f->terminal = connect_to (path);
  see (f, "(astern) ");
  type (f, "cpu\r\n");
  see (f, "CPU 0\r\n(astern) ");
  type (f, "half a lin");
  see (f, "half a lin");
  close (f->terminal);

  f->terminal = connect_to (path);
  see (f, "(astern) ");
  type (f, "cpu\r\n");
  see (f, "cpu\r\nCPU 0\r\n(astern) ");
  quit (f);
  close (terminal);
}

#define ADD(name) g_test_add ("/session/monitor-line/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (the_prompt_is_there_without_a_key);
  ADD (a_line_can_be_edited);
  ADD (tab_completes_commands_and_arguments);
  ADD (history_goes_back_and_outlives_the_program);
  ADD (what_is_typed_ahead_waits);
  ADD (control_c_drops_the_line_on_a_shared_terminal);
  ADD (the_next_client_of_a_socket_begins_anew);
  ADD (a_state_folder_that_cannot_be_written_is_no_error);
  return g_test_run ();
}
