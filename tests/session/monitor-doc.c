/* monitor-doc - prints doc/monitor.md: what is said here, and the commands from their table.
 *
 * `make update-monitor-doc` writes the page; test-monitor-doc.sh tells when it is old. */
#include "config.h"

#include "session/monitor.h"

#include <stdio.h>

static const char intro[] =
  "# The monitor\n"
  "\n"
  "Made by `make update-monitor-doc` from the table of commands; do not edit it by hand.\n"
  "\n"
  "The monitor is where commands are typed: on the terminal that the guest has (`-nographic`, or nothing said about a\n"
  "display), after Ctrl-A c; or at a place of its own: `-monitor stdio`, `-monitor tcp:127.0.0.1:4444,server,nowait`,\n"
  "`-monitor unix:PATH,server,nowait`, `-monitor pty`. In the window it is a console of its own (`vc`). What is typed is\n"
  "executed between two instructions; looking does not change the run.\n"
  "\n"
  "Lines are edited as in a shell (GNU Readline, with your `~/.inputrc`): arrow keys, Ctrl-R to search what was typed before,\n"
  "which is kept in `astern/monitor-history` under `$XDG_STATE_HOME` (`~/.local/state`); Tab completes commands, registers,\n"
  "symbols, devices, keys and file names. Ctrl-C drops the line; on an empty one it stops the machine. (`-monitor stdio` leaves\n"
  "Ctrl-C to the program, which ends.) From a pipe, commands are read without echo, one a line; `#` begins a remark.\n"
  "\n"
  "Words may be shortened as long as they are clear: `inf reg`. Names are QEMU's where QEMU has the command.\n"
  "\n"
  "## Addresses and values\n"
  "\n"
  "Where a command takes an address or a number it takes an expression: C's operators on 64-bit numbers, registers (`$rax`,\n"
  "`$cs_base`, `$eflags.zf`), symbols, and memory (`u32[$rsp + 8]`, `phys.u8[0x1000]`). Numbers are decimal unless they begin\n"
  "with `0x`. Where several arguments follow one another, an expression with spaces goes into parentheses.\n"
  "`$pc` and `$sp` are the linear addresses of the next instruction and of the stack's top, whatever the segments' bases are;\n"
  "`$rip` and `$rsp` are the offsets.\n"
  "\n"
  "A format is `/`, a count, a letter and a size, as in gdb: `x` hexadecimal, `d` signed, `u` unsigned, `o` octal, `c` character,\n"
  "`i` instruction, `s` text; `b` 1 byte, `h` 2, `w` 4, `g` 8. Instructions are decoded in the size of code that the CPU is in;\n"
  "in 16-bit code its segment and offset stand before the linear address, and `=>` marks the next one.\n"
  "\n"
  "## Commands\n"
  "\n";

int
main (void)
{
  g_autofree char *commands = astern_monitor_manual ();

  printf ("%s%s", intro, commands);
  return 0;
}
