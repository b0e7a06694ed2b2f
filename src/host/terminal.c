/* terminal.c - raw terminal mode.
 * Source: POSIX.1-2017, General Terminal Interface (termios); signal-safety
 * rules of section 2.4.3: tcsetattr, sigaction and raise may be called there.
 *
 * The saved mode is the one piece of file-scope state in this room: a signal
 * handler has no other way to it. */
#include "config.h"

#include "host/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct
{
  volatile sig_atomic_t raw;
  int            fd;
  struct termios found, wanted;
  gboolean       exit_hooked;
} terminal = { .fd = -1 };

/* Those that end a process without running exit handlers.  SIGINT, SIGTERM and
 * SIGHUP are here for the time before the program has its own way to stop. */
static const int fatal_signals[] = {
  SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL,
};

static void
on_fatal (int number)
{
  astern_terminal_restore ();
  raise (number);   /* SA_RESETHAND: this time the default action */
}

/* After fg: the shell has set its own mode meanwhile. */
static void
on_continue (int number)
{
  int saved_errno = errno;

  if (terminal.raw)
    tcsetattr (terminal.fd, TCSANOW, &terminal.wanted);
  errno = saved_errno;
}

static void
hook_signals (void)
{
  struct sigaction action = { .sa_handler = on_fatal, .sa_flags = SA_RESETHAND | SA_NODEFER };
  struct sigaction present;

  for (gsize i = 0; i < G_N_ELEMENTS (fatal_signals); i++)
    if (sigaction (fatal_signals[i], NULL, &present) == 0 && present.sa_handler == SIG_DFL)
      sigaction (fatal_signals[i], &action, NULL);
  action.sa_handler = on_continue;
  action.sa_flags = SA_RESTART;
  sigaction (SIGCONT, &action, NULL);
}

/* The output side stays as it is: "\n" still begins a new line. */
static void
make_keys_raw (struct termios *mode)
{
  mode->c_iflag &= ~(tcflag_t) (IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
  mode->c_lflag &= ~(tcflag_t) (ECHO | ECHONL | ICANON | IEXTEN);
  mode->c_cflag = (mode->c_cflag & ~(tcflag_t) (CSIZE | PARENB)) | CS8;
  mode->c_cc[VMIN] = 1;
  mode->c_cc[VTIME] = 0;
}

void
astern_terminal_make_raw (int fd)
{
  struct termios mode;

  if (tcgetattr (fd, &mode) != 0)
    return;
  make_keys_raw (&mode);
  mode.c_lflag &= ~(tcflag_t) ISIG;
  mode.c_oflag &= ~(tcflag_t) OPOST;
  tcsetattr (fd, TCSANOW, &mode);
}

void
astern_terminal_set_raw (int fd, gboolean keep_signals)
{
  struct termios mode;

  if (terminal.raw || !isatty (fd) || tcgetattr (fd, &mode) != 0)
    return;
  terminal.fd = fd;
  terminal.found = mode;
  make_keys_raw (&mode);
  if (!keep_signals)
    mode.c_lflag &= ~(tcflag_t) ISIG;
  terminal.wanted = mode;
  hook_signals ();
  if (!terminal.exit_hooked)
    terminal.exit_hooked = atexit (astern_terminal_restore) == 0;
  terminal.raw = 1;
  tcsetattr (fd, TCSANOW, &mode);
}

void
astern_terminal_restore (void)
{
  int saved_errno = errno;

  if (terminal.raw)
    {
      terminal.raw = 0;
      tcsetattr (terminal.fd, TCSANOW, &terminal.found);
    }
  errno = saved_errno;
}
