#!/bin/sh
# Debian from a disk, by every controller and both kinds of firmware, each run recorded and replayed to the same
# state hash.  Speaks TAP; the last line counts.
#   check-debian.sh FOLDER [PATTERN]     only tests whose names match
# FOLDER is what make-disk.sh left.  QEMU=1: the same run in QEMU, too, for its time.  LIMIT=SECONDS of each run.

folder=$1 only=${2-} limit=${LIMIT:-1200}
astern=${top_builddir:-.}/astern
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
n=0 passed=0 failed=0
code=/usr/share/OVMF/OVMF_CODE_4M.fd vars=/usr/share/OVMF/OVMF_VARS_4M.fd

why () { echo "$*" >>"$scratch/why"; return 1; }
said () { tr -d '\r' <"$scratch/serial" | grep -a -q -e "$1" || why "never said: $1"; }
seconds () { date +%s.%N; }
between () { echo "$1 $2" | awk '{ printf "%.1f", $2 - $1 }'; }

# Options that both programs take; @DISK is the disk's own -drive without its interface.
run ()  # PROGRAM OPTION...
{
  program=$1
  shift
  rm -f "$scratch/serial"
  timeout "$limit" $program -m 512 -display none -monitor none -serial "file:$scratch/serial" -no-reboot "$@" \
    >"$scratch/out" 2>"$scratch/err" </dev/null
}

starts ()  # ROOT OPTION...
{
  root=$1
  shift
  rm -f "$scratch/run.astern"
  cp "$vars" "$scratch/vars.fd" 2>/dev/null
  before=$(seconds)
  run "$astern run" -icount sleep=off -state-hash -record "$scratch/run.astern" -nic none "$@"
  status=$?
  took=$(between "$before" "$(seconds)")
  [ $status -eq 0 ] || { why "status $status"; return 1; }
  said '^ASTERN-READY ' && said "^SUM $(cat "$folder/sum")\$" && said "^ROOT $root" || return 1
  grep -o 'state-hash.*' "$scratch/out" "$scratch/err" -h >"$scratch/hash"
  before=$(seconds)
  timeout "$limit" "$astern" replay "$scratch/run.astern" -display none -monitor none -serial null -state-hash \
    >"$scratch/replay" 2>&1 </dev/null || { why "the replay: $(tail -n 2 "$scratch/replay")"; return 1; }
  again=$(between "$before" "$(seconds)")
  grep -o 'state-hash.*' "$scratch/replay" | diff - "$scratch/hash" >"$scratch/diff" || { why "another hash: $(cat "$scratch/diff")"; return 1; }
  figures="$took s, replayed in $again s, $(wc -c <"$scratch/run.astern" | awk '{ printf "%.0f", $1 / 1048576 }') MiB recorded"
  [ -z "${QEMU-}" ] && return
  cp "$vars" "$scratch/vars.fd" 2>/dev/null
  before=$(seconds)
  run "qemu-system-x86_64 -accel tcg -nic none" "$@"
  figures="$figures; QEMU $(between "$before" "$(seconds)") s$(said '^ASTERN-READY ' || echo ', which did not get there')"
}

# A hundred thousand random writes, read back and compared by fio.
verifies ()  # OPTION...
{
  set -- -kernel "$folder/vmlinuz" -initrd "$folder/initrd.img" \
         -append 'root=LABEL=root console=ttyS0 net.ifnames=0 quiet astern.fio=400M' "$@"
  before=$(seconds)
  run "$astern run" -icount sleep=off -nic none "$@"
  status=$?
  figures="$(between "$before" "$(seconds)") s"
  [ $status -eq 0 ] || { why "status $status"; return 1; }
  said '^FIO 0$' && said "^SUM $(cat "$folder/sum")\$" && said '^ASTERN-READY ' || return 1
  [ -z "${QEMU-}" ] && return
  before=$(seconds)
  run "qemu-system-x86_64 -accel tcg -nic none" "$@"
  figures="$figures; QEMU $(between "$before" "$(seconds)") s$(said '^FIO 0$' || echo ', which did not get there')"
}

check ()  # NAME COMMAND...
{
  name=$1
  shift
  printf '%s\n' "$name" | grep -qE -e "$only" || return 0
  n=$((n + 1))
  figures=
  rm -f "$scratch"/why
  if "$@"; then
    passed=$((passed + 1))
    echo "ok $n - $name ($figures)"
  else
    failed=$((failed + 1))
    echo "not ok $n - $name"
    cat "$scratch/why" "$scratch/err" 2>/dev/null | tail -n 12 | sed 's/^/# /'
    tail -n 12 "$scratch/serial" 2>/dev/null | tr -cd '[:print:]\n' | sed 's/^/# /'
  fi
}

disk="file=$folder/disk.qcow2,format=qcow2,snapshot=on"
raw="file=$folder/disk.raw,format=raw,snapshot=on"

for board in pc q35; do
  if [ $board = q35 ]; then
    set -- -machine q35 -drive "if=pflash,unit=0,format=raw,readonly=on,file=$code" \
           -drive "if=pflash,unit=1,format=raw,file=$scratch/vars.fd"
    firmware='OVMF on q35'
  else
    set --
    firmware='SeaBIOS on pc'
  fi
  [ $board = q35 ] || check "Debian by $firmware from IDE" starts /dev/sda "$@" -drive "$disk"
  check "Debian by $firmware from IDE, a raw image" starts /dev/sda "$@" -drive "$raw"
  check "Debian by $firmware from AHCI" starts /dev/sda "$@" -drive "$disk,if=none,id=d" -device ahci,id=a -device ide-hd,drive=d,bus=a.0
  check "Debian by $firmware from NVMe" starts /dev/nvme0n1 "$@" -drive "$disk,if=none,id=d" -device nvme,drive=d,serial=astern
  check "Debian by $firmware from virtio-blk" starts /dev/vda "$@" -drive "$disk,if=virtio"
  check "Debian by $firmware from virtio-scsi" starts /dev/sda "$@" -drive "$disk,if=none,id=d" -device virtio-scsi-pci -device scsi-hd,drive=d
  # Debian's OVMF has no driver for it.
  [ $board = q35 ] || check "Debian by $firmware from LSI 53C895A" starts /dev/sda "$@" -drive "$disk,if=none,id=d" -device lsi53c895a -device scsi-hd,drive=d
  check "Debian by $firmware from a USB stick" starts /dev/sda "$@" -drive "$disk,if=none,id=d" -device qemu-xhci -device usb-storage,drive=d
done

check "100,000 random writes on IDE" verifies -drive "$disk"
check "100,000 random writes on IDE, a raw image" verifies -drive "$raw"
check "100,000 random writes on AHCI" verifies -drive "$disk,if=none,id=d" -device ahci,id=a -device ide-hd,drive=d,bus=a.0
check "100,000 random writes on NVMe" verifies -drive "$disk,if=none,id=d" -device nvme,drive=d,serial=astern
check "100,000 random writes on virtio-blk" verifies -drive "$disk,if=virtio"
check "100,000 random writes on virtio-scsi" verifies -drive "$disk,if=none,id=d" -device virtio-scsi-pci -device scsi-hd,drive=d
check "100,000 random writes on LSI 53C895A" verifies -drive "$disk,if=none,id=d" -device lsi53c895a -device scsi-hd,drive=d
check "100,000 random writes on USB" verifies -drive "$disk,if=none,id=d" -device qemu-xhci -device usb-storage,drive=d

echo "1..$n"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
