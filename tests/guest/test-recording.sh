#!/bin/sh
# The demo guest recorded and replayed; runs that are killed; files that are changed.  Speaks TAP.
# KILLS=100 kills as many runs, at moments drawn by the shell; `make check` kills a few.  KILL_RUN="run -smp 4 -kernel …"
# are the arguments of another run to be killed, without spaces in them, and KILL_WITHIN=20 the seconds in which it is.

build=$(cd "${top_builddir:-.}" && pwd) || exit 99
kills=${KILLS:-3}
kill_run=${KILL_RUN:-demo}
kill_within=${KILL_WITHIN:-2}
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 99
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
    cat out err 2>/dev/null | tr -d '\r' | tail -n 40 | sed 's/^/# /'
  fi
}

astern ()  # ARGUMENT...
{
  timeout 300 "$build/astern" "$@" >out 2>err
  status=$?
}

hash () { tr -d '\r' <out | sed -n 's/^state-hash //p'; }

# A paced run, typed to meanwhile.
replays_alike ()  # OPTION...
{
  rm -f typed
  mkfifo typed || return 1
  { for word in one two three four; do sleep 0.2; echo "$word"; done; } >typed &
  astern demo -state-hash -record run.astern -stop-at 8000000 "$@" <typed
  wait
  [ $status -eq 0 ] || return 1
  ran=$(hash)
  astern replay run.astern -state-hash </dev/null
  echo "# ran until ${ran:-nowhere}"
  [ $status -eq 0 ] && [ -n "$ran" ] && [ "$(hash)" = "$ran" ] && grep -q 'the replay was the same at' err || return 1
  typed=$("$build/astern" query -tsv run.astern "SELECT total (length (data)) > 0 FROM journal WHERE port = 'serial0'" | tail -n 1)
  [ "$typed" = 1 ]
}

# The user quits in the middle of something: the replay ends at the same step.
ends_where_the_user_quit ()
{
  for delay in 0.3 0.77 1.4; do
    rm -f run.astern
    timeout -s TERM $delay "$build/astern" demo -smp 2 -state-hash -record run.astern </dev/null >out 2>err
    ran=$(hash)
    [ -n "$ran" ] || continue      # not even started on this host
    astern replay run.astern -state-hash </dev/null
    [ $status -eq 0 ] && [ "$(hash)" = "$ran" ] || return 1
  done
}

# The run goes back, is changed, goes on another way, and then on the first one again.
another_future_and_back ()
{
  {
    sleep 0.5
    printf '%s\n' stop 'goto @2000000' branch 'set $rax = 0x1234' c
    sleep 0.3
    printf '%s\n' stop 'info futures' "$1" c
    sleep 0.2
    printf '%s\n' stop quit
  } | astern run -kernel "$build/data/demo/tern.img" -m 64 -nographic -serial null -monitor stdio -state-hash -record run.astern
  ran=$(sed 's/^(astern) //' <out | tr -d '\r' | sed -n 's/^state-hash //p' | tail -n 1)
  grep -q 'future 1 parts from the run at @2000000' out || return 1
  astern replay run.astern -state-hash -serial null -display none </dev/null
  echo "# ran until ${ran:-nowhere}"
  [ $status -eq 0 ] && [ -n "$ran" ] && [ "$(hash)" = "$ran" ]
}

# The outside has nothing to say in a replay, and the screen comes out again.
says_the_same ()
{
  astern demo -record run.astern -icount sleep=off </dev/null
  tr -d '\r' <out >ran
  echo "echo typed" | astern replay run.astern
  tr -d '\r' <out | cmp -s - ran && grep -q 'The ship is lost' ran
}

needs_nothing_else ()
{
  cp "$build/data/demo/tern.img" kernel
  printf 'a file' >given
  astern run -kernel kernel -append 'x=1,2' -initrd 'kernel one,kernel two' -fw_cfg name=opt/a,file=given \
    -m 64 -smp 2 -state-hash -record run.astern -icount sleep=off -rtc base=2001-02-03 -debugcon null -serial null -serial null </dev/null
  ran=$(hash)
  rm kernel given
  mkdir elsewhere && mv run.astern elsewhere && chmod a-w elsewhere/run.astern
  astern replay elsewhere/run.astern -state-hash </dev/null
  rm -rf elsewhere
  [ -n "$ran" ] && [ "$(hash)" = "$ran" ]
}

stops_on_the_way ()
{
  astern demo -state-hash -stop-at 20000000 -icount sleep=off </dev/null
  ran=$(hash)
  astern demo -record run.astern -icount sleep=off </dev/null
  astern replay run.astern -stop-at 20000000 -state-hash </dev/null
  [ $status -eq 0 ] && [ "${ran%% *}" = "@20000000" ] && [ "$(hash)" = "$ran" ]
}

# Ahead of what was replayed, to its end, and back: at each place the state of the run.
goes_anywhere ()
{
  astern demo -state-hash -stop-at 20000000 -icount sleep=off </dev/null
  there=$(hash)
  astern demo -record run.astern -state-hash -icount sleep=off </dev/null
  end=$(hash)
  printf '%s\n' 'goto @20000000' 'info hash' end 'info hash' c 'step back 100' 'step back' 'goto @20000000' 'info hash' \
    start end 'info hash' 'goto @99999999999' quit |
    astern replay run.astern -S -serial null -display none -monitor stdio
  [ $status -eq 0 ] && [ "$(grep -c "hash $there" out)" = 2 ] && [ "$(grep -c "hash $end" out)" = 2 ] &&
    grep -q 'it can only go back' out && grep -q 'there is nothing beyond' out
}

# A hash in the file that is not what the run had, in its middle and at its end.
tells_a_divergence ()
{
  for which in 'SELECT max (id) FROM checkpoint' 'SELECT id FROM checkpoint LIMIT 1 OFFSET 3'; do
    astern demo -record run.astern -stop-at 8000000 </dev/null
    sqlite3 run.astern "UPDATE checkpoint_part SET hash = '0123456789abcdef' WHERE part = 'cpu0' AND checkpoint = ($which)" || return 1
    astern replay run.astern -state-hash </dev/null
    [ $status -eq 6 ] && grep -q 'went another way than the run: at @[0-9+]* these parts differ: cpu0; at @[0-9+]* all was the same' err ||
      return 1
  done
  stood=$(hash | sed 's/^@\([0-9]*\).*/\1/')      # where it was found, and not at the end
  [ "$stood" -lt 8000000 ]
}

tells_another_machine ()
{
  astern demo -record run.astern -icount sleep=off </dev/null
  sqlite3 run.astern "UPDATE argument SET word = '65M' WHERE word = '64M'" || return 1
  astern replay run.astern </dev/null
  [ $status -eq 6 ] && grep -q 'is not the one that was recorded: at @0 these parts differ: .*ram' err
}

lacks_a_feature ()
{
  astern demo -record run.astern -icount sleep=off </dev/null
  sqlite3 run.astern "UPDATE argument SET word = replace (word, '+sse2', '+hypersse') WHERE word LIKE '%+sse2%'" || return 1
  astern replay run.astern </dev/null
  [ $status -eq 1 ] && grep -q 'no CPU feature .hypersse' err
}

refuses_the_machines_options ()
{
  astern demo -record run.astern -stop-at 1000 </dev/null
  astern replay run.astern -m 128 </dev/null
  [ $status -eq 1 ] && grep -q 'the machine is in the recording' err
}

# The log's own words say when it was, too.
events_have_their_moments ()
{
  astern demo -record run.astern -record-events int -icount sleep=off </dev/null
  "$build/astern" query -tsv run.astern "SELECT count(*) > 100, total (CAST (substr (text, 2) AS INTEGER) <> icount)
                                           FROM event WHERE kind = 'int' AND text LIKE '@%'" >out 2>err
  [ "$(tail -n 1 out)" = "$(printf '1\t0.0')" ]
}

# The shell's limit of file sizes stands for a full disk; it counts blocks of 512 bytes, but Bash 1,024.
# Code memory counts as a file, hence the interpreter.
survives_a_full_disk ()
{
  (
    trap '' XFSZ
    ulimit -f "$(if [ -n "${BASH_VERSION:-}" ]; then echo 560; else echo 1120; fi)" || exit 99
    exec timeout 300 "$build/astern" demo -accel translate,tier=interp -record run.astern -record-events int -state-hash -stop-at 20000000 \
      </dev/null >out 2>err
  )
  [ $? -eq 1 ] && grep -q 'The run goes on and is not recorded any more' err && [ -n "$(hash)" ] || return 1
  astern replay run.astern </dev/null
  [ $status -eq 0 ] && grep -q 'the replay was the same at' err
}

now_ms () { date +%s%3N; }

# A paced run is killed 0.2 to 2.2 s after its first words.  What was recorded must replay; and the log beside the file, which each commit
# writes to, must have been written to within the last second.
survives_a_kill ()
{
  delay=$(awk -v r="$(od -An -N2 -tu2 /dev/urandom)" -v n="$kill_within" 'BEGIN { printf "%.3f", 0.2 + r / 65536 * n }')
  rm -f out run.astern*
  "$build/astern" $kill_run -record run.astern </dev/null >out 2>err &
  pid=$!
  while [ ! -s out ] && kill -0 $pid 2>/dev/null; do sleep 0.02; done
  began=$(now_ms)
  sleep "$delay"
  kill -9 $pid
  killed=$(now_ms)
  wait $pid 2>/dev/null
  written=$(date -r run.astern-wal +%s%3N) || return 1
  astern replay run.astern </dev/null
  [ $status -eq 0 ] && grep -q 'The recording ends here.*the replay was the same at' err || return 1
  reached=$("$build/astern" query -tsv run.astern 'SELECT guest_ns / 1000000 FROM head' | tail -n 1)
  echo "# killed after $((killed - began)) ms, written $((killed - written)) ms before, guest time recorded until $reached ms"
  [ $((killed - written)) -le 1000 ]
}

survives_kills ()
{
  for i in $(seq "$kills"); do
    survives_a_kill || return 1
  done
}

have_sqlite=$(command -v sqlite3 || true)
check_with_sqlite ()  # NAME COMMAND...
{
  if [ -n "$have_sqlite" ]; then
    check "$@"
  else
    n=$((n + 1))
    echo "ok $n - $1 # SKIP the program sqlite3 is not there"
  fi
}

check "a replay of a run that was typed to ends in the same state" replays_alike
check "so does one of four CPUs" replays_alike -smp 4
check "a replay ends where the user quit" ends_where_the_user_quit
check 'a run that was changed in its past replays as it went then' another_future_and_back 'info hash'
check 'a future that was taken up again replays' another_future_and_back 'take up 1'
check "a replay writes what the run wrote, and hears nothing" says_the_same
check "a recording needs no other file" needs_nothing_else
check "a replay can stop on the way, where the run was" stops_on_the_way
check "a replay goes anywhere in the recording" goes_anywhere
check_with_sqlite "a divergence is told by part and place" tells_a_divergence
check_with_sqlite "a machine that is not the recorded one is refused" tells_another_machine
check_with_sqlite "a CPU feature that is not to be had is named" lacks_a_feature
check "events have their moments" events_have_their_moments
check "a full disk ends the recording, and neither the run nor what was recorded" survives_a_full_disk
check "a replay takes no options of the machine" refuses_the_machines_options
check "runs killed at any moment replay to within their last second ($kills)" survives_kills
echo "1..$n"
