#!/bin/sh
# The real gdb on the demo guest: stops, steps, watches, and goes back to where it was.  Speaks TAP.
#
# gdb itself compares: a line “yes NAME” or “no NAME: WHAT” for each point.

build=${top_builddir:-.}
here=${top_srcdir:-$(dirname "$0")/../..}/tests/gdbstub
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT

if ! command -v gdb >/dev/null; then
  echo '1..0 # SKIP there is no gdb'
  exit 0
fi
HOME=$folder
export HOME

# Runs a script of gdb's; what it says goes to $folder/out.
debug ()  # SCRIPT
{
  sed "s|@ASTERN@|$build/astern run -kernel $build/data/demo/tern.img -m 64 -seed 1 -rtc base=2026-01-01T00:00:00 \
-nographic -serial null -no-reboot -icount sleep=off -S -gdb stdio 2>$folder/err|" "$here/$1" >"$folder/script"
  timeout 280 "$gdb" -nx -batch -x "$folder/script" "$build/data/demo/tern.elf" >"$folder/out" 2>&1
}

n=0
point ()  # NAME COMMAND...
{
  name=$1
  shift
  n=$((n + 1))
  if "$@"; then
    echo "ok $n - $title$name"
  else
    echo "not ok $n - $title$name"
    sed 's/^/# /' "$folder/out" "$folder/err"
  fi
}

said_yes () { grep -qx "yes \"$1\"" "$folder/out" && ! grep -q "^no \"$1\"" "$folder/out"; }

# Each name in turn must have been answered with yes.
expect ()  # NAME...
{
  for each in "$@"; do
    point "$each" said_yes "$each"
  done
}

# What followed a mark: the program counter and the state hash.
state () { grep -A 2 -x "mark \"$1\"" "$folder/out" | sed 1d; }

are_equal ()  # MARK MARK
{
  a=$(state "$1") b=$(state "$2")
  case $a in
    *state-hash*) [ "$a" = "$b" ] ;;
    *) false ;;
  esac
}

# Two marks must have been made in the same state.
same ()  # NAME MARK MARK
{
  point "$1" are_equal "$2" "$3"
}

all_states ()
{
  debug demo-states.gdb
  same 'reverse-stepi comes to the state that was' 'entered' 'entered, back'
  same 'reverse-stepi COUNT, too' 'one' 'one, back'
  same 'stepi after it, too' 'forty-one' 'forty-one, again'
  same 'reverse-next and reverse-step come to the same line' 'line, back from next' 'line, back from step'
  same 'next after them is where it was' 'next line' 'next line, again'
  same 'reverse-finish comes to the call' 'call' 'call, again'
  same 'from the call a step is into the function' 'function' 'function, again'
  expect 'the watched value is the old one going back'
  same 'reverse-continue to a watchpoint stands before the write' 'before tick 4' 'before tick 4, again'
  same 'and a step from there behind it' 'tick 4' 'tick 4, again'
  same 'reverse-continue comes to the breakpoint before' 'second' 'second, back'
  same 'and to the one before that' 'first' 'first, back'
  same 'and forward to where it was' 'third' 'third, again'
  expect 'a CPU that is stepped after HLT goes on' 'a step back from after HLT is to the HLT'
  same 'and goes on again' 'woken' 'woken, again'
  expect 'a break in a user process, reached backward' "before a process' first instruction is the kernel"
  same 'steps back in a process' 'user' 'user, back'
  same 'and into it again' 'user' 'user, again'
  same 'reverse-continue ends where history begins' 'reset' 'reset, back'
  same 'and a step back stays there' 'reset' 'reset, still'
  # gdb up to 15, and 16
  point 'there gdb says so' grep -q -e 'No more reverse-execution history' -e 'Backward execution from here not possible' "$folder/out"
}

title= gdb=gdb
debug demo-forward.gdb
grep -q 'RIP=' "$folder/out" && echo 'yes "monitor"' >>"$folder/out"
expect 'attached at reset' 'hardware breakpoint' 'software breakpoint' 'step into a call' 'next over a call' finish \
  'conditional breakpoint' watchpoint 'physical memory' 'registers of the system' monitor
debug demo-back.gdb
expect 'reverse-stepi' 'reverse-next' 'reverse-step' 'reverse-finish' 'reverse-continue to a breakpoint' \
  'reverse-continue to a watchpoint' 'the start of history' 'back to the latest moment' 'the crash' 'the guilty write'
all_states
if command -v gdb-multiarch >/dev/null; then
  title='gdb-multiarch: ' gdb=gdb-multiarch
  all_states
else
  n=$((n + 1))
  echo "ok $n - the states with gdb-multiarch # SKIP there is no gdb-multiarch"
fi
echo "1..$n"
