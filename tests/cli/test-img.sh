#!/bin/sh
# `astern img` beside qemu-img: what one makes, the other finds good.  Speaks TAP.

build=$(cd "${top_builddir:-.}" && pwd)
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 99
n=0

if ! command -v qemu-img >/dev/null || ! command -v qemu-io >/dev/null; then
  echo "1..0 # SKIP qemu-img is not installed"
  exit 0
fi

check ()  # NAME COMMAND...
{
  name=$1
  shift
  n=$((n + 1))
  if "$@" >out 2>&1; then
    echo "ok $n - $name"
  else
    echo "not ok $n - $name"
    sed 's/^/# /' out
  fi
}

img () { timeout 60 "$build/astern" img "$@"; }
same () { qemu-img compare "$1" "$2"; }
good () { qemu-img check "$1"; }
fails () { ! "$@"; }
exits ()  # STATUS COMMAND...
{
  wanted=$1
  shift
  "$@"
  [ $? -eq "$wanted" ]
}
says ()  # TEXT COMMAND...
{
  text=$1
  shift
  "$@" >said 2>&1
  cat said
  grep -qF -- "$text" said
}
# The same fields, whatever their order.
field () { qemu-img info --output=json "$1" | grep -o "\"$2\": [^,]*"; }
same_field () { [ "$(field "$1" "$2")" = "$(img info --output=json "$1" | grep -o "\"$2\": [^,]*")" ]; }
# The map that qemu-img shows, byte by byte of its extents: start, depth, zero, data of each.
map_of () { grep -o '"start": [0-9]*\|"depth": [0-9]*\|"zero": [a-z]*\|"data": [a-z]*'; }
same_map ()
{
  [ "$(qemu-img map --output=json "$1" | map_of)" = "$(img map --output=json "$1" | map_of)" ]
}

check "create makes a qcow2 image" img create -f qcow2 a.qcow2 64M
qemu-io -c 'write -P 1 0 1M' -c 'write -P 2 10M 3M' -c 'write -z 11M 1M' -c 'write -P 3 63M 1M' a.qcow2 >/dev/null
check "check finds it good" img check a.qcow2
for key in virtual-size actual-size cluster-size format refcount-bits compat; do
  check "info says the same as qemu-img: $key" same_field a.qcow2 $key
done
check "map says the same as qemu-img" same_map a.qcow2
check "create makes an image that is based on it" img create -f qcow2 -b a.qcow2 -F qcow2 b.qcow2
check "the format of what it is based on is found" img create -f qcow2 -b a.qcow2 c.qcow2
qemu-io -c 'write -P 4 20M 1M' -c 'write -P 5 500k 128k' b.qcow2 >/dev/null
check "map shows both" same_map b.qcow2
check "compare sees that they are different" exits 1 img compare a.qcow2 b.qcow2
check "convert makes a raw image" img convert -O raw b.qcow2 b.raw
check "it has the same content" same b.raw b.qcow2
check "compare says so, too" img compare b.raw b.qcow2
check "compare says when it cannot read" exits 2 img compare b.raw nothing
for options in cluster_size=4k compat=0.10 refcount_bits=64 compression_type=zstd lazy_refcounts=on; do
  check "convert makes a qcow2 image with $options" img convert -O qcow2 -o $options b.raw d.qcow2
  check "it is good" good d.qcow2
  check "it has the same content" same b.raw d.qcow2
done
for options in compat=1.1 compression_type=zstd cluster_size=2M; do
  check "convert compresses, with $options" img convert -c -O qcow2 -o $options b.qcow2 e.qcow2
  check "it is good" good e.qcow2
  check "it has the same content" same b.raw e.qcow2
done
check "convert writes only what is different" img convert -O qcow2 -B a.qcow2 -F qcow2 b.raw f.qcow2
check "it is good" good f.qcow2
check "it has the same content" same b.raw f.qcow2
check "it is small" [ "$(stat -c %s f.qcow2)" -lt 4000000 ]
for format in vmdk vdi vpc vhdx; do
  qemu-img convert -O $format b.qcow2 x.$format
  check "convert reads $format" img convert -O qcow2 x.$format from.qcow2
  check "it has the same content" same x.$format from.qcow2
done
qemu-img create -q -f raw whole.raw 64M
qemu-io -f raw -c 'write -P 9 0 64M' whole.raw >/dev/null
check "convert writes into an image that is there" img convert -n -O raw b.qcow2 whole.raw
check "it has the same content" same b.raw whole.raw
check "images are put behind each other" img convert -O raw b.raw b.raw twice.raw
cat b.raw b.raw >twice
check "they have the same content" cmp twice twice.raw
check "snapshot takes one" img snapshot -c first a.qcow2
check "two of a name are refused" fails img snapshot -c first a.qcow2
check "snapshot lists it" says first img snapshot -l a.qcow2
cp --sparse=always b.raw before.raw
check "commit writes into what it is based on" img commit b.qcow2
check "it has the content now" same a.qcow2 before.raw
check "what was committed is empty" good b.qcow2
check "and shows the same" same b.qcow2 before.raw
check "convert reads a snapshot" img convert -l first -O raw a.qcow2 first.raw
qemu-img convert -l first -O raw a.qcow2 first2.raw
check "it has the same content" cmp first.raw first2.raw
check "snapshot goes back to it" img snapshot -a first a.qcow2
check "it has the content of then" same a.qcow2 first.raw
check "snapshot deletes it" img snapshot -d first a.qcow2
check "the image is good" good a.qcow2
check "rebase frees an image from what it is based on" img rebase -b '' f.qcow2
check "it is good" good f.qcow2
check "it has the same content" same b.raw f.qcow2
check "rebase bases it on another one" img rebase -b first.raw -F raw f.qcow2
check "it has the same content" same b.raw f.qcow2
check "resize makes a disk larger" img resize f.qcow2 +1M
check "and not smaller unless it is told so" fails img resize f.qcow2 -1M
check "resize makes a disk smaller" img resize --shrink f.qcow2 -1M
check "it has the same content" same b.raw f.qcow2
dd if=/dev/zero of=f.qcow2 bs=1 seek=131072 count=64 conv=notrunc 2>/dev/null
check "check finds an error" exits 2 img check f.qcow2
check "check repairs it" img check -r all f.qcow2
check "it is good" good f.qcow2
check "there is nothing to check in raw images" exits 63 img check b.raw
check "an unknown command is an error" exits 1 img frobnicate
check "an unknown option is an error" exits 1 img info --frobnicate a.qcow2
check "an unknown option of a format is an error that lists the others" says refcount_bits img create -f qcow2 -o colour=red g.qcow2 1M
check "help is there" says "Usage:" img create --help
echo "1..$n"
