#!/bin/sh
# Fails when a folder of src/ includes another that it may not.  The arrows are
# those of the design: core <- arch <- engines; hw and host never see each other;
# launch sees all of them, session launch; cli and gui see session.  Speaks TAP.

cd "${top_srcdir:-$(dirname "$0")/..}/src" || exit 99

n=0
check ()  # folder, then the folders and outside headers that it may include besides itself
{
  folder=$1
  n=$((n + 1))
  [ -d "$folder" ] || { echo "ok $n - $folder # SKIP there is no such folder yet"; return; }
  allowed=$(echo "$@" | tr ' ' '|')
  bad=$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]+(<(gtk/|vte/|gtksourceview/|sqlite3\.h|libnbd\.h|zlib\.h|zstd\.h|linux/kvm\.h|capstone/|rfb/|spice\.h|png\.h|readline/|slirp/)|"([a-z0-9]+/|\.\./))' \
          --include='*.[chS]' "$folder" |
        grep -vE "include[[:space:]]+[<\"]($allowed)[/.]")
  if [ -z "$bad" ]; then
    echo "ok $n - $folder includes only what it may"
  else
    echo "not ok $n - $folder includes only what it may"
    echo "$bad" | sed 's/^/# /'
  fi
}

# hw and arch never read the host: no clock, descriptor, random number or thread.
pure ()  # folder
{
  folder=$1
  n=$((n + 1))
  [ -d "$folder" ] || { echo "ok $n - $folder is pure # SKIP there is no such folder yet"; return; }
  bad=$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]+<(time|sys/[a-z]+|fcntl|unistd|pthread|threads|poll|signal|gio/[a-z]+|glib/gstdio|stdio)\.h>|\<(g_get_real_time|g_get_monotonic_time|g_date_time_new_now[a-z_]*|g_thread_new|g_random_[a-z_]+|g_file_(get|set)_contents[a-z_]*|clock_gettime|gettimeofday|getrandom|rand|random)[[:space:]]*\(' \
          --include='*.[ch]' "$folder")
  if [ -z "$bad" ]; then
    echo "ok $n - $folder never reads the host"
  else
    echo "not ok $n - $folder never reads the host"
    echo "$bad" | sed 's/^/# /'
  fi
}

echo 1..15
check core zstd
check arch core
check translate arch core capstone
check kvm arch core linux
check direct arch core
check hw core
check host core libnbd png rfb spice slirp zlib zstd
check gdbstub arch core
check trace arch core sqlite3 zstd
check launch core arch translate kvm direct hw host gdbstub trace capstone
check session core arch translate kvm direct hw host gdbstub trace launch readline png
check cli core arch translate kvm direct hw host gdbstub trace launch session
check gui core arch translate kvm direct hw host gdbstub trace launch session gtk vte gtksourceview
pure arch
pure hw
