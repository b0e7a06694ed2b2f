#!/bin/sh
# SeaBIOS boots from the second of two disks where bootindex= or -boot says so, on every kind of controller.  Speaks TAP.
# Needs the boot sector tests/guest/disk/boot.img, which says what is in the disk's second sector.

astern=${top_builddir:-.}/astern
sector=${top_builddir:-.}/tests/guest/disk/boot.img
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
n=0

if ! [ -f "$sector" ]; then echo '1..0 # SKIP there is no boot sector'; exit 0; fi

disk ()  # NAME
{
  truncate -s 1474560 "$dir/$1.img"
  dd if="$sector" of="$dir/$1.img" bs=512 count=1 conv=notrunc 2>/dev/null
  printf 'DISK %s\n\0' "$1" | dd of="$dir/$1.img" bs=512 seek=1 conv=notrunc 2>/dev/null
}

boots ()  # WORDS NAME OPTION...
{
  wanted=$1 name=$2
  shift 2
  n=$((n + 1))
  timeout 300 "$astern" run -m 32 -nic none -display none -monitor none -serial stdio -vga none -icount sleep=off -stop-at 20000000000 \
    -device isa-debug-exit,iobase=0xf4,iosize=4 "$@" </dev/null >"$dir/out" 2>"$dir/err"
  if grep -qa "$wanted" "$dir/out"; then echo "ok $n - $name"; else
    echo "not ok $n - $name"
    cat "$dir/out" "$dir/err" | tr -d '\r' | tail -n 5 | sed 's/^/# /'
  fi
}

disk a
disk b
drives="-drive if=none,id=a,format=raw,file=$dir/a.img -drive if=none,id=b,format=raw,file=$dir/b.img"

pair ()  # NAME DEVICE OPTION...
{
  name=$1 device=$2
  shift 2
  boots 'DISK b' "$name: the second of two disks" "$@" $drives -device "$device,drive=a,bootindex=2" -device "$device,drive=b,bootindex=1"
}

floppy="-drive format=raw,file=$dir/a.img -drive if=floppy,format=raw,file=$dir/b.img"

echo 1..13
pair IDE ide-hd
boots 'DISK b' 'SATA: the second of two disks' -M q35 $drives -device ide-hd,drive=a,bus=ide.0,bootindex=2 -device ide-hd,drive=b,bus=ide.1,bootindex=1
pair virtio-blk virtio-blk-pci
pair NVMe nvme,serial=1
pair virtio-scsi scsi-hd -device virtio-scsi-pci
pair 53C895A scsi-hd -device lsi53c895a
pair 'USB (xHCI)' usb-storage -device qemu-xhci
pair 'USB (EHCI)' usb-storage -device usb-ehci
pair 'USB (UHCI)' usb-storage -usb
boots 'DISK b' 'a disk of another kind' $drives -device ide-hd,drive=a -device virtio-blk-pci,drive=b,bootindex=0
boots 'DISK b' 'a disk behind a USB hub' $drives -device ide-hd,drive=a -device qemu-xhci,id=x -device usb-hub,bus=x.0,id=h -device usb-storage,bus=h.0,drive=b,bootindex=0
boots 'Booting from Floppy' '-boot a: the floppy' -boot a $floppy
boots 'Booting from Floppy' '-boot order=c,once=a: the floppy, once' -boot order=c,once=a $floppy
