#!/bin/sh
# Runs a part of GDB's own test suite against the gdb stub, and compares the counts with those expected.
#   check-gdbsuite.sh FOLDER [TEST...]
# GDB's sources come from Debian's archive (apt-get source, nothing is installed) and are kept in FOLDER.  Needs gdb,
# dejagnu, and a C compiler.

set -u

here=$(cd "$(dirname "$0")" && pwd)
build=${top_builddir:-$PWD}
folder=${1?usage: check-gdbsuite.sh FOLDER [TEST...]}
shift
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit 1
tests=$*
default_tests='gdb.base/step-test.exp gdb.base/break.exp gdb.base/condbreak.exp gdb.base/watchpoint.exp
  gdb.base/hbreak.exp gdb.base/return.exp gdb.base/display.exp gdb.base/recurse.exp gdb.base/setvar.exp
  gdb.base/funcargs.exp gdb.reverse/step-reverse.exp gdb.reverse/watch-reverse.exp gdb.reverse/until-reverse.exp'

say ()  { printf 'check-gdbsuite: %s\n' "$*"; }
fail () { say "$*" >&2; exit 1; }

for program in gdb runtest apt-get; do
  command -v $program >/dev/null || fail "“$program” is missing; the packages gdb, dejagnu and apt have what is needed."
done

# The sources of the gdb that is installed, or the nearest that the archive has.
fetch ()
{
  set -- "$folder"/gdb-*/gdb/testsuite
  [ -d "$1" ] && return
  release=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
  [ -n "$release" ] || fail "This is not a Debian release, so there is no archive to take GDB's sources from."
  mkdir -p "$folder/lists/partial"
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null |
           grep -v security | grep -m 1 debian)
  [ -n "$mirror" ] || fail "apt has no source of Debian's; see sources.list(5)."
  echo "deb-src $mirror $release main" >"$folder/sources.list"
  options="-o Dir::Etc::sourcelist=$folder/sources.list -o Dir::Etc::sourceparts=/dev/null
           -o Dir::State::lists=$folder/lists"
  say "Fetching GDB's sources from $mirror"
  apt-get -q $options update >"$folder/apt.log" 2>&1 || fail "apt-get could not fetch lists; see $folder/apt.log."
  (cd "$folder" && apt-get -q $options --download-only source gdb >>apt.log 2>&1 &&
   tar xf gdb_*.orig.tar.*z) || fail "apt-get could not fetch GDB's sources; see $folder/apt.log."
}

prepare ()
{
  set -- "$folder"/gdb-*/gdb/testsuite
  suite=$1
  [ -f "$suite/configure" ] || fail "There is no test suite in $folder; remove the folder and try again."
  mkdir -p "$folder/run"
  cp "$here/astern.exp" "$suite/boards/astern.exp" || exit 1
  cc -c -o "$folder/start.o" "$here/start.S" || exit 1
  [ -f "$folder/run/site.exp" ] && return
  (cd "$folder/run" && "$suite/configure" >configure.log 2>&1 && make site.exp >>configure.log 2>&1) ||
    fail "The test suite cannot be configured; see $folder/run/configure.log."
}

run ()
{
  cd "$folder/run" || exit 1
  ASTERN=$build/astern
  ASTERN_START=$folder/start.o
  ASTERN_LOG=$folder/run/astern.log
  export ASTERN ASTERN_START ASTERN_LOG
  : >"$ASTERN_LOG"
  timeout "${GDBSUITE_TIMEOUT-1800}" runtest --tool gdb --target_board=astern GDB="$(command -v gdb)" \
    ${tests:-$default_tests} >runtest.log 2>&1
}

# Passes, failures and others of each test, from gdb.sum.  KPASS is a pass that gdb does not expect of a stub.
count ()
{
  awk '
    /^Running / { split ($2, part, "/testsuite/"); name = part[2] }
    /^(PASS|XPASS|FAIL|XFAIL|KFAIL|KPASS|UNTESTED|UNRESOLVED|UNSUPPORTED|ERROR|PATH|DUPLICATE):/ {
      kind = $1; sub (":", "", kind); n[name, kind]++; seen[name] = 1 }
    END { for (name in seen) printf "%s %d %d %d\n", name, n[name, "PASS"] + n[name, "KPASS"], n[name, "FAIL"] + n[name, "UNRESOLVED"],
            n[name, "UNTESTED"] + n[name, "UNSUPPORTED"] + n[name, "KFAIL"] + n[name, "XFAIL"] + n[name, "ERROR"] }
  ' gdb.sum | LC_ALL=C sort
}

# expected.txt: TEST PASSES FAILURES, # begins a comment.
verdict ()
{
  bad=0
  echo "test passes failures others"
  while read -r name passes failures others; do
    wanted=$(sed 's/#.*//' "$here/expected.txt" | awk -v name="$name" '$1 == name { print $2, $3 }')
    note=
    if [ -n "$wanted" ] && [ "$wanted" != "$passes $failures" ]; then
      note="expected $wanted"
      bad=1
    fi
    echo "$name $passes $failures $others $note"
  done <<COUNTS
$(count)
COUNTS
  [ $bad -eq 0 ] || fail "Some counts are not those expected; the log is $folder/run/gdb.log."
}

fetch
prepare
run
verdict
