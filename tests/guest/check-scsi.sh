# check-scsi.sh - guests on NVMe and SCSI disks; part of check-guests.sh, which gives check, why, says, $astern ...

boot_sector=${top_builddir:-.}/tests/guest/disk/boot.img

# SeaBIOS starts a boot sector from the disk, which reads its second sector by the BIOS.
boots_from ()  # DEVICE...
{
  cp "$boot_sector" "$scratch/boot.img" && truncate -s 8M "$scratch/boot.img"
  timeout 120 "$astern" run -m 64 -nographic -no-reboot -device isa-debug-exit,iobase=0xf4 \
    -drive "file=$scratch/boot.img,format=raw,if=none,id=d" "$@" >"$scratch/out" 2>"$scratch/err"
  [ $? -eq 3 ] || why "status was not that of the boot sector"
  says 'the second sector was read'
}

# Linux does random operations on the disk and compares; what it has left is what the image has then.
operates ()  # IMAGE-FORMAT DEVICE OPERATIONS DEVICE...
{
  format=$1 device=$2 operations=$3
  shift 3
  rm -f "$scratch/disk"
  qemu-img create -q -f "$format" "$scratch/disk" 64M || return 1
  for run in "$operations" 0; do
    timeout 1200 "$astern" run -m 512 -kernel "$folder/amd64" -initrd "$folder/disks.cpio.gz" -nographic -no-reboot \
      -append "console=ttyS0 quiet panic=-1 disk=$device operations=$run" -icount sleep=off \
      -drive "file=$scratch/disk,format=$format,if=none,id=d" "$@" >"$scratch/out.$run" 2>"$scratch/err"
    cp "$scratch/out.$run" "$scratch/out"
    says "disk-check: $run operations, 0 differences" || return 1
  done
  sum=$(sed -n 's/.*SUM \([0-9]*\).*/\1/p' "$scratch/out.$operations")
  [ -n "$sum" ] && [ "$sum" = "$(sed -n 's/.*SUM \([0-9]*\).*/\1/p' "$scratch/out.0")" ] || why 'another content after a restart'
  [ "$format" != qcow2 ] || qemu-img check -q "$scratch/disk" || why 'qemu-img finds the image wrong'
}

# A recording of a run that is busy with its disk is the same when it is run again.
replays ()  # DEVICE DEVICE...
{
  device=$1
  shift
  rm -f "$scratch/disk" "$scratch/recording"
  qemu-img create -q -f raw "$scratch/disk" 64M
  timeout 600 "$astern" run -m 256 -kernel "$folder/amd64" -initrd "$folder/disks.cpio.gz" -nographic -no-reboot \
    -append "console=ttyS0 quiet panic=-1 disk=$device operations=300" -icount sleep=off -record "$scratch/recording" \
    -drive "file=$scratch/disk,format=raw,if=none,id=d" "$@" >"$scratch/out" 2>"$scratch/err"
  says 'disk-check: 300 operations, 0 differences' || return 1
  timeout 600 "$astern" replay "$scratch/recording" -nographic >"$scratch/out" 2>"$scratch/err" || why 'the replay failed'
  grep -q 'the replay was the same at [0-9]* checkpoints' "$scratch/err" || why 'the replay was another run'
}

nvme='-device nvme,drive=d,serial=N1'
lsi='-device lsi53c895a -device scsi-hd,drive=d'

if [ -f "$boot_sector" ]; then rm -f "$folder/boot.absent"; else echo 'there is no boot sector' >"$folder/boot.absent"; fi
check 'SeaBIOS boots from NVMe' boot boots_from $nvme
check 'SeaBIOS boots from LSI 53C895A' boot boots_from $lsi
check '100,000 random operations on NVMe' 'amd64 disks.cpio.gz' operates raw nvme0n1 100000 $nvme
check '100,000 random operations on NVMe with blocks of 4096 bytes' 'amd64 disks.cpio.gz' \
  operates qcow2 nvme0n1 100000 $nvme,logical_block_size=4096
check '100,000 random operations on LSI 53C895A' 'amd64 disks.cpio.gz' operates qcow2 sda 100000 $lsi
check 'a run busy with NVMe is replayed' 'amd64 disks.cpio.gz' replays nvme0n1 $nvme
check 'a run busy with LSI 53C895A is replayed' 'amd64 disks.cpio.gz' replays sda $lsi
