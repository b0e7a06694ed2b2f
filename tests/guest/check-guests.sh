#!/bin/sh
# Real guests, each to a known line.  Speaks TAP; the last line counts.
#   check-guests.sh FOLDER PROGRAM64 [PATTERN]     only tests whose names match
# FOLDER is what fetch-guests.sh left.

folder=$1 native=$2 only=${3-}
here=$(dirname "$0")
astern=${top_builddir:-.}/astern
walk=${top_builddir:-.}/tests/launch/test-walk
scratch=$(mktemp -d) || exit 99
loops=
trap 'stop_loops; rm -rf "$scratch"' EXIT
n=0 passed=0 failed=0 skipped=0

# --- counting -----------------------------------------------------------------------

wanted () { printf '%s\n' "$1" | grep -qE -e "$only"; }

# Runs a test, or skips it when one of the files that it needs is not there.
check ()  # NAME 'FILE...' COMMAND...
{
  name=$1 needs=$2
  shift 2
  wanted "$name" || return 0
  n=$((n + 1))
  for file in $needs; do
    if [ -f "$folder/$file.absent" ]; then
      skipped=$((skipped + 1))
      echo "ok $n - $name # SKIP $(cat "$folder/$file.absent")"
      return
    fi
  done
  rm -f "$scratch"/out "$scratch"/err "$scratch"/why
  begun=$(date +%s)
  if "$@"; then
    passed=$((passed + 1))
    echo "ok $n - $name ($(($(date +%s) - begun)) s)"
  else
    failed=$((failed + 1))
    echo "not ok $n - $name"
    cat "$scratch/why" "$scratch/err" 2>/dev/null | tail -n 12 | sed 's/^/# /'
    tail -n 12 "$scratch/out" 2>/dev/null | tr -d '\r' | sed 's/^/# /'
  fi
}

why () { echo "$*" >>"$scratch/why"; return 1; }

# --- running ------------------------------------------------------------------------

linux ()  # SECONDS KERNEL ARCHITECTURE 'MORE WORDS FOR THE KERNEL' OPTION...
{
  limit=$1 kernel=$2 initrd=$3.cpio.gz words=$4
  shift 4
  timeout "$limit" "$astern" run -m 512 -kernel "$folder/$kernel" -initrd "$folder/$initrd" \
    -append "console=ttyS0 quiet panic=-1 $words" -nographic -no-reboot "$@" >"$scratch/out" 2>"$scratch/err"
}

says () { tr -d '\r' <"$scratch/out" | grep -q -e "$1" || why "never said: $1"; }

# The guest's checks are the host's, and it is the machine that was asked for.
boots ()  # KERNEL ARCHITECTURE CPUS LEVEL OPTION...
{
  kernel=$1 arch=$2 cpus=$3 level=$4
  shift 4
  linux 180 "$kernel" "$arch" '' -smp "$cpus" "$@" </dev/null
  status=$?
  [ $status -eq 0 ] || { why "status $status"; return 1; }
  says '^BOOTED$' && says '^EXIT STATUS 0$' && says "^INFO cpus $cpus\$" || return 1
  [ -z "$level" ] || says "^INFO level $level\$" || return 1
  # A CPU of level 0 has no SSE2, and the self-check leaves it out.
  tr -d '\r' <"$scratch/out" | grep '^CHECK' >"$scratch/checks"
  grep -v "$([ "$level" = 0 ] && echo '^CHECK sse2 ' || echo '^$')" "$scratch/native" | diff - "$scratch/checks" >"$scratch/diff" || { why "differs from the host: $(cat "$scratch/diff")"; return 1; }
}

# Without ACPI the CPUs are found by the MP tables; it halts at the end, for it cannot power off.
boots_without_acpi ()  # KERNEL ARCHITECTURE CPUS
{
  linux 180 "$1" "$2" '' -smp "$3" -no-acpi </dev/null
  status=$?
  says "^INFO cpus $3\$" && says '^EXIT STATUS 0$' && { [ $status -eq 4 ] || why "status $status"; }
}

# Waits until a file has a line, and says so if the process ends first or after a minute.
wait_for ()  # PATTERN FILE PID
{
  tries=0
  until cat "$2" 2>/dev/null | tr -d '\r' | grep -q -e "$1"; do
    kill -0 "$3" 2>/dev/null || { why "ended before it said: $1"; return 1; }
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { why "did not say within a minute: $1"; return 1; }
    sleep 0.2
  done
}

shell_answers ()
{
  mkfifo "$scratch/keys"
  linux 120 cloud amd64 'guest=shell' <"$scratch/keys" &
  pid=$!
  exec 3>"$scratch/keys"
  wait_for '^BOOTED$' "$scratch/out" $pid && wait_for '^/ # ' "$scratch/out" $pid &&
    printf 'echo $((6 * 7))-typed\r' >&3 && wait_for '^42-typed$' "$scratch/out" $pid &&
    printf 'cat /proc/version\r' >&3 && wait_for '^Linux version ' "$scratch/out" $pid &&
    printf 'poweroff -f\r' >&3
  asked=$?
  exec 3>&-
  [ $asked -eq 0 ] || kill $pid
  wait $pid
  status=$?
  rm -f "$scratch/keys"
  [ $asked -eq 0 ] && { [ $status -eq 0 ] || why "status $status"; }
}

# Debian's kernel in the window, with a keyboard and a mouse.
window_answers ()
{
  ASTERN_GUESTS=$folder sh "$top_srcdir/tests/gui/test-window.sh" >"$scratch/out" 2>"$scratch/err" || return
  ! grep -q SKIP "$scratch/out" || why "$(grep SKIP "$scratch/out")"
}

# A machine with its monitor on a pipe, asked for its screen until there is a line on it.
ask ()  # PID 'MONITOR COMMAND' PATTERN
{
  tries=0
  until tr -d '\r' <"$scratch/out" | grep -q -e "$3"; do
    kill -0 "$1" 2>/dev/null || { why "ended before the screen said: $3"; return 1; }
    tries=$((tries + 1))
    [ $tries -lt 120 ] || { why "the screen did not say within a minute: $3"; return 1; }
    printf '%s\n' "$2" >&3
    sleep 0.5
  done
}

on_screen ()  # 'OPTION...' COMMAND...: the command asks
{
  options=$1
  shift
  mkfifo "$scratch/keys"
  timeout 180 "$astern" run -m 128 $options -display none -serial none -monitor stdio \
    <"$scratch/keys" >"$scratch/out" 2>"$scratch/err" &
  pid=$!
  exec 3>"$scratch/keys"
  "$@" $pid
  asked=$?
  printf 'quit\n' >&3
  exec 3>&-
  wait $pid
  rm -f "$scratch/keys"
  return $asked
}

# A pass has begun when a test has its number and counts errors: none.
memtest_tests ()  # PID
{
  ask "$1" 'info screen' '<Enter> to start testing' || return 1
  printf 'sendkey ret\n' >&3
  ask "$1" 'info screen' 'Status: Testing' && says 'Errors: 0'
}

bios_gives_up ()  # PID
{
  ask "$1" 'info screen' 'No bootable device'
}

triple_fault_stops ()
{
  timeout 120 "$astern" run -m 512 -kernel "$folder/cloud" -initrd "$folder/amd64.cpio.gz" \
    -append 'console=ttyS0 quiet panic=-1 guest=reboot reboot=triple' -nographic >"$scratch/out" 2>"$scratch/err" </dev/null
  status=$?
  [ $status -eq 4 ] || { why "status $status"; return 1; }
  grep -qi 'triple fault' "$scratch/err" || why 'standard error does not name a triple fault'
}

# --- determinism --------------------------------------------------------------------

start_loops ()
{
  loops=
  for i in 1 2; do
    sh -c 'while :; do :; done' &
    loops="$loops $!"
  done
}

stop_loops ()
{
  [ -z "$loops" ] || kill $loops 2>/dev/null
  [ -z "$loops" ] || wait $loops 2>/dev/null
  loops=
}

hash ()  # KERNEL ARCHITECTURE CPUS ICOUNT|end OPTION...
{
  kernel=$1 arch=$2 cpus=$3 stop=$4
  shift 4
  [ "$stop" = end ] || set -- "$@" -stop-at "$stop"
  linux 400 "$kernel" "$arch" '' -smp "$cpus" -rtc base=2026-01-01T00:00:00 -seed 7 -state-hash "$@" </dev/null
  [ "$stop" != end ] || stop='[0-9]*'
  tr -d '\r' <"$scratch/out" | grep -o "state-hash @$stop .*"
}

same_hash ()  # KERNEL ARCHITECTURE CPUS ICOUNT|end...
{
  kernel=$1 arch=$2 cpus=$3
  shift 3
  for stop in "$@"; do
    first=$(hash "$kernel" "$arch" "$cpus" "$stop")
    start_loops
    second=$(hash "$kernel" "$arch" "$cpus" "$stop")
    stop_loops
    [ -n "$first" ] && [ "$first" = "$second" ] || { why "at $stop: “$first” and on a loaded host “$second”"; return 1; }
  done
}

interpreter_agrees ()  # KERNEL ARCHITECTURE CPUS ICOUNT|end
{
  fast=$(hash "$1" "$2" "$3" "$4")
  slow=$(hash "$1" "$2" "$3" "$4" -accel translate,tier=interp)
  [ -n "$fast" ] && [ "$fast" = "$slow" ] || why "“$fast” and in the interpreter “$slow”"
}

# --- gdb ------------------------------------------------------------------------------

# Runs a script of gdb's.
debug ()  # SCRIPT FILE 'OPTION...' [EXPRESSION OF sed]
{
  sed "s|@ASTERN@|$astern run $3 -nographic -serial null -no-reboot -seed 7 -rtc base=2026-01-01T00:00:00 \
-icount sleep=off -S -gdb stdio 2>$scratch/err|; ${4-}" "$here/$1" >"$scratch/script"
  HOME=$scratch timeout 300 gdb -nx -batch -x "$scratch/script" ${2:+"$2"} >"$scratch/out" 2>&1
}

said_yes ()  # NAME...
{
  for each in "$@"; do
    grep -qx "yes \"$each\"" "$scratch/out" || { why "not so: $each"; return 1; }
  done
}

# The state hash that followed a mark.
state () { grep -A 2 -x "mark \"$1\"" "$scratch/out" | grep '^state-hash'; }

# Pairs of marks, each made in one state.
same ()  # MARK MARK...
{
  while [ $# -gt 1 ]; do
    case $(state "$1") in
      *state-hash*) [ "$(state "$1")" = "$(state "$2")" ] || { why "other states: $1, $2"; return 1; } ;;
      *) why "never there: $1"; return 1 ;;
    esac
    shift 2
  done
}

gdb_in_bios ()
{
  debug bios.gdb '' '-m 64' 's/-gdb stdio/&,arch=i8086,linear-pc=on/'
  said_yes 'a break at f000:e05b' && says '=> 0xfffffff0:.*jmp *\$0xf000,\$0xe05b' &&
    same entry 'entry, back' later 'later, again' entry 'entry, back by the breakpoint' \
      written 'written, again' reset 'reset, back'
}

# The kernel itself says where its functions are; then it is started anew.
gdb_in_linux ()  # OPTION...
{
  options="-m 512 -kernel $folder/cloud -initrd $folder/amd64.cpio.gz -append \"console=ttyS0 quiet panic=-1 nokaslr\" $*"
  debug linux-names.gdb "$native" "$options"
  start=$(sed -n 's/^\(0x[0-9a-f]*\) <start_kernel>.*/\1/p' "$scratch/out")
  execve=$(sed -n 's/^\(0x[0-9a-f]*\) <__x64_sys_execve>.*/\1/p' "$scratch/out")
  [ -n "$start" ] && [ -n "$execve" ] || { why 'the kernel has no symbols'; return 1; }
  debug linux.gdb "$native" "$options" "s/@START@/$start/g; s/@EXECVE@/$execve/g"
  said_yes 'a function of the kernel, set before it was there' 'a process, in ring 3' \
      'the kernel, before its first instruction' 'the call that began it' &&
    says 'Section .text.*: matched' &&
    same start 'start, back' started 'started, again' process 'process, back' process 'process, again' \
      'process, later' 'process, later again' 'last execve' 'last execve, back' reset 'reset, back'
}

# Random moves, compared with a machine that never went back.
walks ()  # CPUS MOVES
{
  timeout 1200 "$walk" --moves "$2" --head 1600000000 -- -m 512 -kernel "$folder/cloud" -initrd "$folder/amd64.cpio.gz" \
    -append 'console=ttyS0 quiet panic=-1 guest=shell' -smp "$1" -nographic -serial null -monitor none -seed 7 -rtc base=2026-01-01T00:00:00 \
    -icount sleep=off >"$scratch/out" 2>"$scratch/err"
}

# --- all of them --------------------------------------------------------------------

"$native" >"$scratch/native.all" || { echo "Bail out! The self-check fails on the host itself."; exit 1; }
grep '^CHECK' "$scratch/native.all" >"$scratch/native"

for cpus in 1 2 4; do
  check "Debian's cloud kernel boots, CPUs: $cpus" 'cloud amd64.cpio.gz' boots cloud amd64 $cpus ''
done
for model in x86-64-v1:1 x86-64-v2:2 x86-64-v3:3 max:3; do
  check "Debian's cloud kernel boots on ${model%:*}" 'cloud amd64.cpio.gz' boots cloud amd64 1 "${model#*:}" -cpu "${model%:*}"
done
for guest in amd64:amd64 686:i386 686-pae:i386; do
  for cpus in 1 2 4; do
    check "Debian's ${guest%:*} kernel boots, CPUs: $cpus" "${guest%:*} ${guest#*:}.cpio.gz" \
      boots "${guest%:*}" "${guest#*:}" $cpus ''
  done
done
check 'the amd64 kernel finds its CPUs without ACPI' 'amd64 amd64.cpio.gz' boots_without_acpi amd64 amd64 4
for model in pentium2 pentium3; do
  check "the 686 kernel boots on a $model" '686 i386.cpio.gz' boots 686 i386 1 0 -cpu $model
done
check 'the 686-pae kernel boots on x86-64-v1' '686-pae i386.cpio.gz' boots 686-pae i386 1 1 -cpu x86-64-v1
check 'a shell on the serial port takes typed commands' 'cloud amd64.cpio.gz' shell_answers
check 'the same in the window, and its console as it was' 'cloud amd64.cpio.gz' window_answers
check 'memtest86+ starts its tests, with text on the screen' memtest.bin \
  on_screen "-kernel $folder/memtest.bin" memtest_tests
check 'SeaBIOS without a disk says that there is nothing to boot from' '' on_screen '' bios_gives_up
check 'a triple fault stops the machine and says so' 'cloud amd64.cpio.gz' triple_fault_stops
for cpus in 1 2 4; do
  check "two runs are the same, on a loaded host too, CPUs: $cpus" 'cloud amd64.cpio.gz' \
    same_hash cloud amd64 $cpus 100000007 800000011 end
  check "the interpreter runs the same run, CPUs: $cpus" 'cloud amd64.cpio.gz' \
    interpreter_agrees cloud amd64 $cpus end
done
check 'two runs of the 686-pae kernel are the same' '686-pae i386.cpio.gz' same_hash 686-pae i386 2 100000007 end
check 'the interpreter runs the 686-pae kernel the same' '686-pae i386.cpio.gz' interpreter_agrees 686-pae i386 2 300000001

. "$here/check-boards.sh"

if command -v gdb >/dev/null; then rm -f "$folder/gdb.absent"; else echo 'there is no gdb' >"$folder/gdb.absent"; fi
check 'gdb in SeaBIOS, in real mode, forward and back' gdb gdb_in_bios
check "gdb in Debian's kernel before it is loaded, and in a process, forward and back" 'gdb cloud amd64.cpio.gz' gdb_in_linux
check "gdb there, CPUs: 2" 'gdb cloud amd64.cpio.gz' gdb_in_linux -smp 2
for cpus in 1 3; do
  check "random moves come to where straight ones come, CPUs: $cpus" 'cloud amd64.cpio.gz' walks $cpus 300
done

. "$here/check-display.sh"
. "$here/check-xorg.sh"
. "$here/check-scsi.sh"
. "$here/check-virtio.sh"

echo "1..$n"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
