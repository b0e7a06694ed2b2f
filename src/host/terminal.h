/* terminal - the user's terminal in raw mode, and back again on every way out.
 *
 * Raw as QEMU's -nographic has it: every key goes to the guest, Ctrl-C too; the
 * output side keeps its newline translation.  The mode that was found is put
 * back by astern_terminal_restore(), at exit(), when a fatal signal kills the
 * process, and while the process is stopped.
 *
 * Threads: set and restore from the main thread. */
#pragma once

#include <glib.h>

/* Puts @fd into raw mode when it is a terminal; a no-op otherwise.  With
 * @keep_signals, Ctrl-C and Ctrl-\ still make signals. */
void astern_terminal_set_raw (int fd, gboolean keep_signals);

/* Back to the mode that was found; may be called at any time, any number of times. */
void astern_terminal_restore (void);

/* Raw mode on any terminal, for good: a pseudo-terminal that we made. */
void astern_terminal_make_raw (int fd);
