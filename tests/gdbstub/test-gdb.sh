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
  timeout 280 gdb -nx -batch -x "$folder/script" "$build/data/demo/tern.elf" >"$folder/out" 2>&1
}

n=0
# Each name in turn must have been answered with yes.
expect ()  # NAME...
{
  for name in "$@"; do
    n=$((n + 1))
    if grep -qx "yes \"$name\"" "$folder/out" && ! grep -q "^no \"$name\"" "$folder/out"; then
      echo "ok $n - $name"
    else
      echo "not ok $n - $name"
      sed 's/^/# /' "$folder/out" "$folder/err"
    fi
  done
}

echo 1..21
debug demo-forward.gdb
grep -q 'RIP=' "$folder/out" && echo 'yes "monitor"' >>"$folder/out"
expect 'attached at reset' 'hardware breakpoint' 'software breakpoint' 'step into a call' 'next over a call' finish \
  'conditional breakpoint' watchpoint 'physical memory' 'registers of the system' monitor
debug demo-back.gdb
expect 'reverse-stepi' 'reverse-next' 'reverse-step' 'reverse-finish' 'reverse-continue to a breakpoint' \
  'reverse-continue to a watchpoint' 'the start of history' 'back to the latest moment' 'the crash' 'the guilty write'
