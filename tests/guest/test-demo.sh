#!/bin/sh
# The demo guest, from power-on to its end.  Speaks TAP.

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

# Leaves the output in out, and the status in status.
demo ()  # OPTION...
{
  timeout 300 "$build/astern" demo -icount sleep=off -state-hash "$@" >"$folder/out" 2>"$folder/err" </dev/null
  status=$?
  tr -d '\r' <"$folder/out" >"$folder/text"
}

says () { grep -q "$1" "$folder/text"; }
hash () { sed -n 's/^state-hash //p' "$folder/text"; }

# A register of the panic message.
register () { sed -nE "s/.*\\b$1 +([0-9a-f]+).*/\\1/p" "$folder/text" | head -n 1; }

# The last symbol at or before an address.
symbol_at ()  # ADDRESS, 16 hexadecimal digits
{
  nm "$build/data/demo/tern.elf" | LC_ALL=C sort |
    awk -v at="$1" '$1 <= at && $2 ~ /[Tt]/ { name = $3 } END { print name }'
}

died_where_the_plot_says ()
{
  says '^PANIC at 10\.0[0-9]*: page fault in the kernel' && [ "$(symbol_at "$(register rip)")" = switch_to ]
}

# The stack pointer is a height of the tide, 0 to 4,000 mm, and not an address.
stack_is_a_tide ()
{
  rsp=$(printf '%d' "0x$(register rsp)") && [ "$rsp" -gt 0 ] && [ "$rsp" -lt 4000 ] && says '^task beacon'
}

echo 1..7
demo
first=$(hash)
check 'the demo ends by itself, without an error' [ "$status" -eq 0 ]
check 'its tasks run before it dies' says '^\[  [0-9.]*\] beacon: flash 2'
check 'it dies in switch_to(), of a page fault, after ten seconds' died_where_the_plot_says
check 'its stack pointer is a height of the tide' stack_is_a_tide
check 'there is a state hash' [ -n "$first" ]
demo
check 'the second run is the first' [ "$(hash)" = "$first" ]
demo -accel translate,tier=interp
check 'the interpreter runs the same run' [ "$(hash)" = "$first" ]
