/* The terminal's mode comes back however the program ends: tried in a child
 * with a terminal of its own. */
#include "config.h"

#include "host/terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <glib.h>

typedef void (*Ending) (void);

static gboolean
is_raw (int fd)
{
  struct termios mode;

  g_assert_cmpint (tcgetattr (fd, &mode), ==, 0);
  return (mode.c_lflag & ICANON) == 0;
}

/* Runs @ending in a child whose standard input is a new terminal in raw mode. */
static void
assert_restored_after (Ending ending, gboolean by_signal)
{
  int controller = posix_openpt (O_RDWR | O_NOCTTY), terminal, status;
  int ready[2];
  char byte;
  pid_t pid;

  g_assert_cmpint (controller, >=, 0);
  g_assert_cmpint (grantpt (controller), ==, 0);
  g_assert_cmpint (unlockpt (controller), ==, 0);
  terminal = open (ptsname (controller), O_RDWR | O_NOCTTY);
  g_assert_cmpint (terminal, >=, 0);
  g_assert_cmpint (pipe (ready), ==, 0);
  g_assert_false (is_raw (terminal));

  pid = fork ();
  if (pid == 0)
    {
      struct rlimit none = { 0, 0 };

      setrlimit (RLIMIT_CORE, &none);
      for (int number = 1; number < 32; number++)
        signal (number, SIG_DFL);
      dup2 (terminal, STDIN_FILENO);
      astern_terminal_set_raw (STDIN_FILENO, FALSE);
      if (write (ready[1], is_raw (STDIN_FILENO) ? "r" : "c", 1) == 1)
        ending ();
      _exit (9);
    }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  g_assert_cmpint (byte, ==, 'r');
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (by_signal ? WIFSIGNALED (status) : WIFEXITED (status));
  g_assert_false (is_raw (terminal));
  close (ready[0]);
  close (ready[1]);
  close (terminal);
  close (controller);
}

static void
end_by_exit (void)
{
  exit (0);
}

static void
end_by_abort (void)
{
  abort ();
}

static void
end_by_segv (void)
{
  raise (SIGSEGV);
}

static void
end_by_term (void)
{
  raise (SIGTERM);
}

static void
end_by_pipe (void)
{
  raise (SIGPIPE);
}

static void
end_by_hup (void)
{
  raise (SIGHUP);
}

static void
exit_restores_the_terminal (void)
{
  assert_restored_after (end_by_exit, FALSE);
}

static void
a_failed_assertion_restores_the_terminal (void)
{
  assert_restored_after (end_by_abort, TRUE);
}

static void
a_crash_restores_the_terminal (void)
{
  assert_restored_after (end_by_segv, TRUE);
}

static void
being_killed_restores_the_terminal (void)
{
  assert_restored_after (end_by_term, TRUE);
  assert_restored_after (end_by_hup, TRUE);
  assert_restored_after (end_by_pipe, TRUE);
}

#define ADD(name) g_test_add_func ("/host/terminal/" #name, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (exit_restores_the_terminal);
  ADD (a_failed_assertion_restores_the_terminal);
  ADD (a_crash_restores_the_terminal);
  ADD (being_killed_restores_the_terminal);
  return g_test_run ();
}
