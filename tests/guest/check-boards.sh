# Firmware and boards with real guests; sourced by check-guests.sh, whose functions and folder it uses.
# Needs what the packages ovmf, grub-efi-amd64-bin, mtools and cpio bring; without them its tests are skipped.

ovmf=/usr/share/OVMF

# An initramfs that says what it finds and does what its command line says.
boards_initrd ()
{
  [ -f "$folder/boards.cpio.gz" ] && return 0
  root=$scratch/boards-root
  mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/sys"
  gzip -dc "$folder/amd64.cpio.gz" | (cd "$root" && cpio -id --quiet 2>/dev/null)
  busybox=$(find "$folder/deb" -path '*busybox-static*/bin/busybox' -type f | head -n 1)
  [ -n "$busybox" ] || return 1
  cp "$busybox" "$root/bin/busybox"
  rm -f "$root/init"
  cat >"$root/init" <<'END'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys
echo BOOTED
[ -d /sys/firmware/efi ] && echo 'FIRMWARE efi'
for d in /sys/bus/pci/devices/*; do echo "PCI ${d##*/} $($b cat $d/vendor):$($b cat $d/device)"; done
case $($b cat /proc/cmdline) in *do=reboot*) $b reboot -f;; esac
$b poweroff -f
END
  chmod +x "$root/init"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 2>/dev/null | gzip -n9) >"$folder/boards.cpio.gz"
}

# A FAT disk whose GRUB starts that.
boards_disk ()
{
  [ -f "$folder/boards-efi.img" ] && return 0
  boards_initrd || return 1
  cat >"$scratch/grub.cfg" <<'END'
serial --unit=0 --speed=115200
terminal_output serial
search --file --set=root /vmlinuz
echo GRUB STARTS LINUX
linux /vmlinuz console=ttyS0 quiet panic=-1
initrd /init.gz
boot
END
  grub-mkstandalone -O x86_64-efi -o "$scratch/BOOTX64.EFI" --modules='part_gpt part_msdos fat serial search linux echo normal' \
    --locales= --fonts= --themes= "boot/grub/grub.cfg=$scratch/grub.cfg" 2>/dev/null || return 1
  truncate -s 64M "$scratch/efi.img" && mformat -i "$scratch/efi.img" -F :: && mmd -i "$scratch/efi.img" ::/EFI ::/EFI/BOOT &&
    mcopy -i "$scratch/efi.img" "$scratch/BOOTX64.EFI" ::/EFI/BOOT/ && mcopy -i "$scratch/efi.img" "$folder/cloud" ::/vmlinuz &&
    mcopy -i "$scratch/efi.img" "$folder/boards.cpio.gz" ::/init.gz && mv "$scratch/efi.img" "$folder/boards-efi.img"
}

boards_missing ()
{
  for file in "$ovmf/OVMF_CODE_4M.fd" "$ovmf/OVMF_CODE_4M.secboot.fd" "$ovmf/OVMF_VARS_4M.fd"; do
    [ -f "$file" ] || { echo 'there is no package ovmf'; return; }
  done
  for program in grub-mkstandalone mformat mcopy cpio; do
    command -v $program >/dev/null || { echo "there is no $program"; return; }
  done
  [ -d /usr/lib/grub/x86_64-efi ] || echo 'there is no package grub-efi-amd64-bin'
}

# OVMF finds GRUB, which starts Linux; the variables that OVMF wrote are in their file; the replay is the same.
ovmf_boots ()  # CODE OPTION...
{
  code=$1
  shift
  boards_disk || { why 'the disk could not be made'; return 1; }
  cp "$ovmf/OVMF_VARS_4M.fd" "$scratch/vars.fd"
  rm -f "$scratch/run.astern"
  timeout 300 "$astern" run -m 512 -display none -monitor none -serial stdio -no-reboot -state-hash -record "$scratch/run.astern" \
    -drive "if=pflash,format=raw,readonly=on,file=$ovmf/$code" -drive "if=pflash,format=raw,file=$scratch/vars.fd" \
    "$@" </dev/null >"$scratch/out" 2>"$scratch/err"
  status=$?
  [ $status -eq 0 ] || { why "status $status"; return 1; }
  says 'GRUB STARTS LINUX' && says '^BOOTED' && says '^FIRMWARE efi' || return 1
  ! cmp -s "$ovmf/OVMF_VARS_4M.fd" "$scratch/vars.fd" || { why 'no variable was kept'; return 1; }
  ran=$(cat "$scratch/out" "$scratch/err" | tr -d '\r' | grep -a -o 'state-hash @.*' | tail -n 1)
  timeout 300 "$astern" replay "$scratch/run.astern" -state-hash </dev/null >"$scratch/out" 2>"$scratch/err" || { why 'the replay failed'; return 1; }
  [ -n "$ran" ] && tr -d '\r' <"$scratch/out" | grep -a -q "$ran" || why "the replay is not the run: $ran"
}

# The kernel alone, on the board itself: it sees the bridge's devices, and comes back after a reset.
q35_boots ()
{
  boards_initrd || { why 'the initramfs could not be made'; return 1; }
  timeout 180 "$astern" run -M q35 -m 512 -kernel "$folder/cloud" -initrd "$folder/boards.cpio.gz" \
    -append 'console=ttyS0 quiet panic=-1' -display none -monitor none -serial stdio -no-reboot \
    -device pcie-root-port,id=port -device pci-bridge,id=bridge -device pvpanic-pci,bus=port -device i6300esb,bus=bridge,addr=3 \
    </dev/null >"$scratch/out" 2>"$scratch/err"
  status=$?
  [ $status -eq 0 ] || { why "status $status"; return 1; }
  says '^PCI 0000:00:1f.2 0x8086:0x2922' && says '^PCI 0000:01:00.0 0x1b36:0x0011' && says '^PCI 0000:02:03.0 0x8086:0x25ab'
}

# Reset after reset, until it has come up three times.
reboots ()  # BOARD
{
  boards_initrd || { why 'the initramfs could not be made'; return 1; }
  timeout 120 "$astern" run -M "$1" -m 256 -kernel "$folder/cloud" -initrd "$folder/boards.cpio.gz" \
    -append 'console=ttyS0 quiet panic=-1 do=reboot' -display none -monitor none -serial stdio </dev/null >"$scratch/out" 2>"$scratch/err" &
  pid=$!
  tries=0
  while [ "$(tr -d '\r' <"$scratch/out" | grep -c '^BOOTED')" -lt 3 ] && kill -0 $pid 2>/dev/null && [ $tries -lt 120 ]; do
    sleep 1
    tries=$((tries + 1))
  done
  booted=$(tr -d '\r' <"$scratch/out" | grep -c '^BOOTED')
  kill $pid 2>/dev/null
  wait $pid
  [ "$booted" -ge 3 ] || why "it came up $booted times"
}

missing=$(boards_missing)
if [ -n "$missing" ]; then echo "$missing" >"$folder/ovmf.absent"; else rm -f "$folder/ovmf.absent"; fi
check "Debian's cloud kernel on q35, with devices behind bridges" 'cloud amd64.cpio.gz' q35_boots
for board in pc q35; do
  check "$board comes up again and again" 'cloud amd64.cpio.gz' reboots $board
  check "OVMF, GRUB and Linux on $board, and the replay is the same" 'cloud amd64.cpio.gz ovmf' \
    ovmf_boots OVMF_CODE_4M.fd -M $board -drive "format=raw,snapshot=on,file=$folder/boards-efi.img"
done
check 'OVMF with system management mode, and the replay is the same' 'cloud amd64.cpio.gz ovmf' \
  ovmf_boots OVMF_CODE_4M.secboot.fd -M q35,smm=on -drive "format=raw,snapshot=on,file=$folder/boards-efi.img"
