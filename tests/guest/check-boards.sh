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

# In the order in which they need one another.
boards_modules='i2c-smbus i2c-i801 i2c-piix4 i2c-dev at24 parport parport_pc lp pvpanic pvpanic-mmio pvpanic-pci watchdog i6300esb'

# An initramfs that tries one small device of the board, the one that its command line says.
devices_initrd ()
{
  [ -f "$scratch/devices.cpio.gz" ] && return 0
  root=$scratch/devices-root
  mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/sys" "$root/modules"
  busybox=$(find "$folder/deb" -path '*busybox-static:amd64*/bin/busybox' -type f | head -n 1)
  [ -n "$busybox" ] && [ -d "$folder/deb/modules" ] || return 1
  cp "$busybox" "$root/bin/busybox" && cp "${top_builddir:-.}/tests/guest/boards/backdoor" "$root/bin/" || return 1
  for module in $boards_modules; do
    find "$folder/deb/modules" -name "$module.ko" -exec cp {} "$root/modules/" \;
  done
  cat >"$root/init" <<'END'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
use () { for m in $*; do $b insmod /modules/$m.ko || echo "NO MODULE $m"; done; }
smbus ()
{
  use i2c-smbus i2c-i801 i2c-piix4 i2c-dev at24
  for i in /sys/class/i2c-dev/*; do
    case $($b cat $i/name) in *SMBus*) bus=${i##*-}; break;; esac
  done
  echo "ADAPTER $($b cat /sys/class/i2c-dev/i2c-$bus/name)"
  bytes= a=0
  while [ $a -lt 64 ]; do bytes="$bytes $($b i2cget -y $bus 0x50 $($b printf 0x%02x $a))"; a=$((a + 1)); done
  echo "BYTES$bytes"
  echo spd 0x50 >/sys/bus/i2c/devices/i2c-$bus/new_device
  echo "AT24 $($b hexdump -v -n 64 -e '1/1 "0x%02x "' /sys/bus/i2c/devices/$bus-0050/eeprom)"
  $b i2cget -y $bus 0x57 0 || echo 'NOBODY AT 57'
}
parallel () { use parport parport_pc lp; echo 'PRINTED BY LINUX' >/dev/lp0 && echo SENT; }
panics () { use pvpanic pvpanic-mmio pvpanic-pci; echo PANICS; echo c >/proc/sysrq-trigger; }
backdoor () { /bin/backdoor; }
watchdog () { use watchdog i6300esb; exec 3>/dev/watchdog && echo x >&3 && echo WATCHED; $b sleep 120; echo SURVIVED; }
for word in $($b cat /proc/cmdline); do case $word in do=*) ${word#do=};; esac; done
$b poweroff -f
END
  chmod +x "$root/init"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 2>/dev/null | gzip -n9) >"$scratch/devices.cpio.gz"
}

device_guest ()  # DO OPTION...
{
  task=$1
  shift
  devices_initrd || { why 'the initramfs could not be made'; return 1; }
  timeout 300 "$astern" run -m 256 -kernel "$folder/amd64" -initrd "$scratch/devices.cpio.gz" \
    -append "console=ttyS0 quiet do=$task" -display none -monitor none -serial stdio -no-reboot -nic none "$@" \
    </dev/null >"$scratch/out" 2>"$scratch/err"
  status=$?
}

# Byte by byte, and by blocks as the EEPROM's driver reads, it is the same module: DDR2, its checksum right.
smbus_is_read ()  # ADAPTER OPTION...
{
  adapter=$1
  shift
  device_guest smbus "$@"
  [ $status -eq 0 ] || { why "status $status"; return 1; }
  says "^ADAPTER $adapter" && says '^BYTES 0x80 0x08 0x08' && says '^NOBODY AT 57' || return 1
  bytes=$(tr -d '\r' <"$scratch/out" | sed -n 's/^BYTES *//p')
  blocks=$(tr -d '\r' <"$scratch/out" | sed -n 's/^AT24 *//p' | sed 's/ *$//')
  [ "$bytes" = "$blocks" ] || { why "the driver read $blocks"; return 1; }
  sum=0 last=0
  for byte in $bytes; do
    sum=$((sum + last))
    last=$((byte))
  done
  [ $((sum & 255)) -eq $last ] || why "checksum $last of $sum"
}

prints ()
{
  rm -f "$scratch/paper"
  device_guest parallel -parallel "file:$scratch/paper"
  [ $status -eq 0 ] && says '^SENT' || return 1
  tr -d '\r' <"$scratch/paper" | grep -q '^PRINTED BY LINUX$' || why "on paper: $(cat "$scratch/paper")"
}

guest_panics ()  # CARD
{
  device_guest panics -device "$1"
  says '^PANICS' && { [ $status -eq 4 ] || why "status $status"; }
}

# Nobody feeds it: the machine is off before the guest's sleep is over.
is_watched ()
{
  device_guest watchdog -device i6300esb -watchdog-action poweroff -icount sleep=off
  [ $status -eq 0 ] || { why "status $status"; return 1; }
  says '^WATCHED' && { ! grep -q SURVIVED "$scratch/out" || why 'the watchdog did not act'; }
}

has_backdoor ()
{
  device_guest backdoor -M vmport=on
  says '^BACKDOOR version 6' && says '^POINTER words 1 identity 3442554a'
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

# A FAT disk whose GRUB does not: it says so and powers off.
boards_decoy ()
{
  [ -f "$scratch/decoy.img" ] && return 0
  printf '%s\n' 'serial --unit=0 --speed=115200' 'terminal_output serial' 'echo THE WRONG DISK' halt >"$scratch/decoy.cfg"
  grub-mkstandalone -O x86_64-efi -o "$scratch/decoy.EFI" --modules='serial echo halt normal' \
    --locales= --fonts= --themes= "boot/grub/grub.cfg=$scratch/decoy.cfg" 2>/dev/null || return 1
  truncate -s 64M "$scratch/decoy.img" && mformat -i "$scratch/decoy.img" -F :: && mmd -i "$scratch/decoy.img" ::/EFI ::/EFI/BOOT &&
    mcopy -i "$scratch/decoy.img" "$scratch/decoy.EFI" ::/EFI/BOOT/BOOTX64.EFI
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
  boards_disk && boards_decoy || { why 'the disk could not be made'; return 1; }
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
check 'OVMF starts the second of two disks, as bootindex says' 'cloud amd64.cpio.gz ovmf' \
  ovmf_boots OVMF_CODE_4M.fd -M q35 -drive "if=none,id=a,format=raw,file=$scratch/decoy.img" \
  -drive "if=none,id=b,format=raw,snapshot=on,file=$folder/boards-efi.img" -device ide-hd,drive=a,bus=ide.0,bootindex=2 \
  -device ide-hd,drive=b,bus=ide.1,bootindex=1
check 'the SMBus of q35: i2c-i801 finds the memory module' 'amd64 disks.cpio.gz' smbus_is_read 'SMBus I801' -M q35
check 'the SMBus of pc: i2c-piix4 finds the memory module' 'amd64 disks.cpio.gz' smbus_is_read 'SMBus PIIX4' -M pc
check "Linux's lp prints into a file" 'amd64 disks.cpio.gz' prints
for card in pvpanic pvpanic-pci; do
  check "Linux panics and tells $card" 'amd64 disks.cpio.gz' guest_panics $card
done
check 'i6300esb turns off the machine of a Linux that does not feed it' 'amd64 disks.cpio.gz' is_watched
check "a program in Linux finds VMware's backdoor" 'amd64 disks.cpio.gz' has_backdoor
