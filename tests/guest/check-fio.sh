#!/bin/sh
# fio in a guest on every disk controller and every format of images: random operations, all of them verified in the same machine
# and in another one afterwards, and the whole disk compared with what qemu-img reads of the image.  Speaks TAP.
#   check-fio.sh FOLDER      FOLDER keeps the guest
#
#   CONTROLLERS='nvme lsi'   only those; all of them otherwise (see controller())
#   FORMATS='raw qcow2'      only those; otherwise every controller with raw and qcow2, and every format with virtio-blk
#   OPS=100000               how many operations of 4 KiB
#   SPEED=yes                no verification: sequential and random reads and writes, and how long each takes
#   QEMU=1                   QEMU runs the same, and what it took is shown beside: wall clock and CPU, seconds, and ratios
#
# Needs what fio/make-guest.sh needs, and qemu-img and qemu-nbd.

folder=$1
astern=${ASTERN:-${top_builddir:-.}/astern} qemu=${QEMU_PROGRAM:-qemu-system-x86_64}
sh "$(dirname "$0")/fio/make-guest.sh" "$folder" || exit 99
folder=$(cd "$folder" && pwd)
scratch=$(mktemp -d "$folder/run.XXXXXX") || exit 99
server=
clean () { [ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$scratch"; }
trap clean EXIT
trap 'exit 99' INT TERM
n=0 passed=0 failed=0 return=$(printf '\r')
all_controllers='ide ahci nvme lsi virtio-blk virtio-scsi uhci ohci ehci xhci floppy'
all_formats='raw qcow2 qcow2-v2 qcow2-lazy qcow2-backed qcow2-packed vmdk vdi vhd vhdx nbd'
OPS=${OPS:-100000}

why () { echo "$*" >>"$scratch/why"; return 1; }

# --- what there is ------------------------------------------------------------------

# Sets disk (its name in the guest), devices, and how many operations there are to be.
controller ()  # NAME
{
  drive='if=none,id=d' ops=$OPS machine=
  case $1 in
    ide)         disk=sda     devices='-device ide-hd,drive=d,bus=ide.0' ;;
    ahci)        disk=sda     devices='-device ide-hd,drive=d,bus=ide.0' machine='-M q35' ;;
    nvme)        disk=nvme0n1 devices='-device nvme,drive=d,serial=1' ;;
    lsi)         disk=sda     devices='-device lsi53c895a -device scsi-hd,drive=d' ;;
    virtio-blk)  disk=vda     devices='-device virtio-blk-pci,drive=d' ;;
    virtio-scsi) disk=sda     devices='-device virtio-scsi-pci -device scsi-hd,drive=d' ;;
    uhci)        disk=sda     devices='-device piix3-usb-uhci,id=u -device usb-storage,drive=d,bus=u.0' ;;
    ohci)        disk=sda     devices='-device pci-ohci,id=u -device usb-storage,drive=d,bus=u.0' ;;
    ehci)        disk=sda     devices='-device usb-ehci,id=u -device usb-storage,drive=d,bus=u.0' ;;
    xhci)        disk=sda     devices='-device qemu-xhci,id=u -device usb-storage,drive=d,bus=u.0' ;;
    floppy)      disk=fd0     devices= drive='if=floppy' ops=$((OPS < 2000 ? OPS : 2000)) ;;
    *)           echo "check-fio: there is no controller “$1”" >&2; exit 99 ;;
  esac
}

# A disk's content that compresses by half.
base ()  # MIB
{
  [ -f "$folder/base.$1" ] || {
    for i in $(seq "$1"); do head -c 512k /dev/urandom; head -c 512k /dev/zero; done >"$folder/base.new" && mv "$folder/base.new" "$folder/base.$1"
  }
  echo "$folder/base.$1"
}

# What is only read lies under what is written.
overlay ()  # FORMAT FILE
{
  qemu-img create -q -f qcow2 -b "$2" -F "$1" "$scratch/image"
}

# Makes the image, and sets file (what the machine is given) and kind (its format).
format ()  # NAME MIB
{
  rm -f "$scratch"/image "$scratch"/below
  file=$scratch/image kind=qcow2
  case $1 in
    raw)          kind=raw; truncate -s "$2M" "$scratch/image" ;;
    qcow2)        qemu-img create -q -f qcow2 "$scratch/image" "$2M" ;;
    qcow2-v2)     qemu-img create -q -f qcow2 -o compat=0.10 "$scratch/image" "$2M" ;;
    qcow2-lazy)   qemu-img create -q -f qcow2 -o lazy_refcounts=on "$scratch/image" "$2M" ;;
    qcow2-backed) overlay raw "$(base "$2")" ;;
    qcow2-packed) qemu-img convert -q -c -O qcow2 -f raw "$(base "$2")" "$scratch/below" && overlay qcow2 "$scratch/below" ;;
    vmdk|vdi|vhdx) qemu-img convert -q -O "$1" -f raw "$(base "$2")" "$scratch/below" && overlay "$1" "$scratch/below" ;;
    vhd)          qemu-img convert -q -O vpc -o force_size=on -f raw "$(base "$2")" "$scratch/below" && overlay vpc "$scratch/below" ;;
    nbd)          kind=raw file=nbd:unix:$scratch/nbd
                  truncate -s "$2M" "$scratch/image"
                  qemu-nbd -f raw -k "$scratch/nbd" -t -e 4 --cache=writeback "$scratch/image" >"$scratch/nbd.log" 2>&1 & server=$!
                  for i in 1 2 3 4 5 6 7 8 9 10; do [ -S "$scratch/nbd" ] && break; sleep 1; done ;;
    *)            echo "check-fio: there is no format “$1”" >&2; exit 99 ;;
  esac
}

end_server ()
{
  [ -z "$server" ] || { kill "$server"; wait "$server" 2>/dev/null; server=; }
}

# --- running ------------------------------------------------------------------------

# The lines of a machine's console, each with the wall clock and the process's CPU time, in milliseconds.
stamp ()
{
  while IFS= read -r line; do
    line=${line%"$return"}
    case $line in
      *BEGIN*|*END*) set -- $(cut -d ' ' -f 14,15 "/proc/$(cat "$scratch/pid")/stat" 2>/dev/null)
                     echo "$(date +%s%3N) $(((${1:-0} + ${2:-0}) * 10)) $line" ;;
      *)             echo "0 0 $line" ;;
    esac
  done
}

# Leaves the console in out.
machine ()  # PROGRAM... -- JOBS
{
  program=
  while [ "$1" != -- ]; do program="$program $1"; shift; done
  rm -f "$scratch/console"
  mkfifo "$scratch/console"
  timeout "${LIMIT:-3600}" sh -c 'echo $$ >"$0"; exec "$@"' "$scratch/pid" $program $machine -m 512 -display none -serial stdio -no-reboot -kernel "$folder/vmlinuz" -initrd "$folder/fio.cpio" \
    -append "console=ttyS0 quiet panic=-1 no_timer_check disk=$disk jobs=$2 $3" -drive "file=$file,format=$kind,cache=writeback,$drive" $devices \
    </dev/null >"$scratch/console" 2>"$scratch/err" &
  pid=$!
  stamp <"$scratch/console" >"$scratch/out"
  wait $pid || why "the machine's status was $?"
}

says () { grep -q -e "$1" "$scratch/out" || why "never said: $1"; }

job ()  # NAME OPTION...
{
  job=$1
  shift
  echo "$job,--eta=never,--ioengine=libaio,--iodepth=16,--size=${size}k$(printf ',%s' "$@")"
}

# How many seconds the machine was in a job: wall clock, CPU.
seconds ()  # FILE JOB
{
  awk -v job="$2" '$3 == "BEGIN" && $4 == job { wall = $1; cpu = $2 }
    $3 == "END" && $4 == job { printf "%.2f %.2f\n", ($1 - wall) / 1000, ($2 - cpu) / 1000 }' "$1"
}

# The same in QEMU, and both beside each other.
beside ()  # FORMAT JOBS NAME...
{
  formatted=$1 jobs=$2
  shift 2
  cp "$scratch/out" "$scratch/ours"
  if [ -n "${QEMU-}" ]; then
    prepare "$formatted"
    machine "$qemu" -accel tcg -- "$jobs"
    end_server
    cp "$scratch/out" "$folder/last-qemu"
    rm -f "$scratch/why"
  fi
  for timed in "$@"; do
    echo "$(seconds "$scratch/ours" "$timed") $([ -z "${QEMU-}" ] || seconds "$scratch/out" "$timed")" |
      awk -v job="$timed" '{ printf "# %-9s %7.2f s wall, %7.2f s CPU", job, $1, $2
        if (NF == 4) printf "; QEMU %7.2f, %7.2f; QEMU / Astern %.2f, %.2f", $3, $4, $3 / ($1 + .001), $4 / ($2 + .001)
        printf "\n" }'
  done
}

prepare ()  # FORMAT
{
  mib=$(((size + 1023) / 1024))
  format "$1" $mib
  [ "$controller" != floppy ] || qemu-img resize -q -f "$kind" --shrink "$scratch/image" 1440k
}

image_is_what_was_read ()
{
  sum=$(sed -n 's/.* SUM //p' "$scratch/out")
  [ "$kind" != qcow2 ] || qemu-img check -q "$scratch/image" || { why 'qemu-img finds the image wrong'; return 1; }
  qemu-img convert -f $kind -O raw "$scratch/image" "$scratch/flat" || { why 'qemu-img does not read the image'; return 1; }
  read_sum=$(md5sum <"$scratch/flat" | cut -c 1-32)
  rm -f "$scratch/flat"
  [ -n "$sum" ] && [ "$sum" = "$read_sum" ] || why "the guest read $sum, qemu-img $read_sum"
}

# All of OPS operations are verified, in this machine and in another, and the image holds what the guest reads.  What is too small for
# them is gone over several times.
verifies ()  # FORMAT
{
  size=$((ops * 4)) rounds=1
  [ "$controller" != floppy ] || size=1440 rounds=$((ops / 360 + 1))
  prepare "$1" || { why "no image of $1"; return 1; }
  jobs=
  for round in $(seq $rounds); do
    jobs=$jobs$(job verify --rw=randrw --bs=4k --verify=crc32c --verify_fatal=1 --randseed=$round)
    [ "$round" -eq $rounds ] || jobs=$jobs+
  done
  again=$(job again --rw=randrw --bs=4k --verify=crc32c --verify_fatal=1 --verify_only --randseed=$rounds)
  machine "$astern" run -icount sleep=off -- "$jobs" && says ' DONE$' || return 1
  [ "$(grep -c ' END verify 0$' "$scratch/out")" -eq $rounds ] || { why 'what was read is not what was written'; return 1; }
  mv "$scratch/out" "$scratch/first"
  machine "$astern" run -icount sleep=off -- "$again" sum=yes && says ' END again 0$' && says ' DONE$' || return 1
  end_server
  image_is_what_was_read || return 1
  mv "$scratch/first" "$scratch/out"
  beside "$1" "$jobs" verify
}

works ()  # FORMAT
{
  size=262144 count=$((ops * 4))
  [ "$controller" != floppy ] || size=1440
  [ $count -le $size ] || count=$size
  prepare "$1" || { why "no image of $1"; return 1; }
  jobs=$(job write --rw=write --bs=64k)+$(job read --rw=read --bs=64k)
  jobs=$jobs+$(job randwrite --rw=randwrite --bs=4k --io_size=${count}k)+$(job randread --rw=randread --bs=4k --io_size=${count}k)
  machine "$astern" run ${OPTIONS-} -- "$jobs" && says ' END randread 0$' && says ' DONE$' || return 1
  end_server
  beside "$1" "$jobs" write read randwrite randread
}

check ()  # CONTROLLER FORMAT
{
  controller=$1
  controller "$1"
  n=$((n + 1))
  rm -f "$scratch"/out "$scratch"/err "$scratch"/why
  title="$ops operations on $1 with $2"
  if if [ -n "${SPEED-}" ]; then works "$2"; else verifies "$2"; fi; then
    passed=$((passed + 1))
    echo "ok $n - $title"
  else
    failed=$((failed + 1))
    echo "not ok $n - $title"
    cat "$scratch/why" "$scratch/err" 2>/dev/null | tail -n 12 | sed 's/^/# /'
    tail -n 12 "$scratch/out" 2>/dev/null | sed 's/^/# /'
  fi
  end_server
}

# --- the tests ----------------------------------------------------------------------

for c in ${CONTROLLERS:-$all_controllers}; do
  for f in ${FORMATS:-raw qcow2}; do check "$c" "$f"; done
done
if [ -z "${CONTROLLERS-}${FORMATS-}" ]; then
  for f in $all_formats; do
    case $f in raw|qcow2) ;; *) check virtio-blk "$f" ;; esac
  done
fi

echo "1..$n"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
