#!/bin/sh
# The tutorial: from the demo's crash to the write that caused it, in three commands.  Speaks TAP.

build=${top_builddir:-.}
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
n=0

check ()  # NAME COMMAND...
{
  name=$1
  shift
  n=$((n + 1))
  if "$@"; then
    echo "ok $n - $name"
  else
    echo "not ok $n - $name"
    sed 's/^/# /' "$folder/out" "$folder/err"
  fi
}

# Leaves what the monitor answered in out.
demo ()  # COMMAND...
{
  printf '%s\n' "$@" |
    timeout 300 "$build/astern" demo -serial none -monitor stdio -icount sleep=off >"$folder/out" 2>"$folder/err"
  status=$?
}

says () { grep -q -- "$1" "$folder/out"; }

# The order in which they are said.
says_in_order ()  # PATTERN...
{
  from=1
  for pattern; do
    line=$(tail -n "+$from" "$folder/out" | grep -n -- "$pattern" | head -n 1 | cut -d: -f1)
    [ -n "$line" ] || return 1
    from=$((from + line))
  done
}

echo 1..6
demo wait 'step back' 'who-wrote u64[kernel + 0x320]' 'print/d $rdi'
check 'the machine stops at the fault, before the guest hears of it' says 'exception 0xe.*'
check 'in switch_to(), and says what can be done' says_in_order '=> .*<switch_to+.*pop' 'who-wrote'
check 'one step back the stack pointer is loaded' says_in_order 'exception 0xe' '=> .*<switch_to+.*%rsi, %rsp'
check 'its last write was by sys_chart()' says_in_order '%rsi, %rsp' '8 bytes written at .* -> 0x1b8' '=> .*<sys_chart+'
check 'with a column that is not there' says '^(astern) 64$'
demo wait 'goto 6.4s' 'break sys_chart if $rdi > 63' 'continue back' 'end' 'continue back' 'print/d $rdi'
check 'the same is found by a breakpoint, backwards' says '^(astern) 64$'
